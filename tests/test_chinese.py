"""With ``--lang zh`` the screens are Chinese; only keys, names, paths and a scenario's own texts stay as they are."""

import re

import pytest
from waiting_work import waiting_work

from sim.cli.main import main
from sim.report.phrases import said, unit
from sim.scenario import load, to_toml

NAMES = {
    "Erlang",
    "Little",
    "ContactCenters",
    "pyworkforce",
    "Mandelbaum",
    "Zeltyn",
    "Davis",
    "Kella",
    "Yechiali",
    "Levy",
    "Cobham",
}


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "1000")


def screen(capsys, *words):
    assert main([*words, "--lang", "zh"]) == 0
    return capsys.readouterr().out


def english(text, *allowed):
    """Return the words of a text with more than three letters, what is allowed left out."""
    for each in sorted(allowed, key=len, reverse=True):
        text = text.replace(each, "")
    return set(re.findall(r"[A-Za-z]{4,}", text))


def own_texts(scenario):
    """Return what a scenario's sources say of their own, without the fixed words."""
    fixed = r"(?:^|; )(?:assumed|document|calibrated): (?:to the \w+ line, )?|; "
    return {part for text in scenario.sources.values() for part in re.split(fixed, text) if part}


def test_run_of_one_day(capsys):
    run = ("run", "one-day", "--replications", "2", "--jobs", "1")
    assert english(screen(capsys, *run), "results/one-day") == set()
    reference = screen(capsys, *run, "--by", "month", "--engine", "reference")
    assert english(reference, "results/one-day") == set()


def test_run_of_work_that_can_wait(capsys, tmp_path):
    file = tmp_path / "work.toml"
    file.write_text(to_toml(waiting_work("targets.satisfaction={at_least = 0.9}")), "utf-8")
    out = screen(capsys, "run", str(file), "--replications", "2", "--jobs", "1")
    assert english(out, "results/one-day") == set()
    for word in ("可延后工作", "最大积压", "约定回拨量", "不计回拨者", "统计对象：人工回访接通的市民"):
        assert word in out


def test_a_sweep_and_a_sensitivity(capsys):
    run = ("--replications", "2", "--jobs", "1")
    keys = ("demand.growth", "results/sweep-one-day", "results/sensitivity-one-day", *load("one-day").ranges)
    vary = ("sweep", "one-day", "--vary", "demand.growth=0,0.1", "--measures", "asa_s,asa_probability,occupancy")
    out = screen(capsys, *vary, *run)
    assert english(out, "one-day", *keys) == set()
    assert "达标概率：平均接电时长" in out
    out = screen(capsys, "sensitivity", "one-day", "--of", "asa_s", "--of", "asa_probability", *run)
    assert english(out, *keys) == set()
    for word in ("与基准方案相比", "变动幅度", "目标的不同口径", "进入排队的呼入"):
        assert word in out
    only = [word for key in list(load("one-day").ranges)[:2] for word in ("--only", key)]
    out = screen(capsys, "sensitivity", "one-day", "--of", "asa_s", "--sobol", "4", *only, *run)
    assert english(out, *keys) == set()
    assert "方差占比" in out


def test_check_of_one_day(capsys):
    assert english(screen(capsys, "check", "one-day"), "one-day") == set()
    changed = screen(capsys, "check", "one-day", "--set", "lines.count=50", "--set", "horizon.start=2020-03-15")
    assert "1 个数值没有自己的来源" in changed
    assert english(changed, "one-day", "lines.count", "sources") == set()


def test_cost(capsys):
    scenario = load("shanghai-2020")
    allowed = own_texts(scenario) | set(scenario.cost.calibrated)
    out = screen(capsys, "cost", "shanghai-2020", "--by", "month")
    table, _, other_years = out.partition("未用于校准的年份")
    assert english(table, *allowed) == set()
    assert "假设：" in table
    assert "校准：按“热线基本运行费”" in table
    for word in ("assumed:", "calibrated:", "document:"):
        assert word not in out
    assert other_years


def test_cost_solved_and_the_budget(capsys):
    assert english(screen(capsys, "cost", "--calibrate"), *load("shanghai-2020").cost.calibrated) == set()
    assert english(screen(capsys, "cost", "--budget")) == set()


def test_run_of_the_year(capsys):
    days = ("--from", "2020-01-01", "--to", "2020-01-02", "--replications", "2", "--jobs", "1", "--by", "month")
    out = screen(capsys, "run", "shanghai-2020", *days)
    assert "只仿真了部分日期" in out
    assert "对比城市的数值取自方案：热线接通率 0.95" in out
    assert english(out, "results/shanghai-2020", *load("shanghai-2020").cost.calibrated) == set()


def test_check_of_the_year(capsys):
    out = screen(capsys, "check", "shanghai-2020", "--set", "cost.tax.rate=0.5", "--set", "sites.main.seats=100")
    assert out.count("提示：") == 2  # that the rate is implausible is a warning, on standard error
    allowed = "shanghai-2020", "cost.tax.rate", "sites.main.seats", "main", "tasks.NAME.hours", "sources"
    assert english(out, *allowed) == set()
    out = screen(
        capsys, "check", "shanghai-2020", "--set", "horizon.start=2090-01-01", "--set", "horizon.end=2090-01-02"
    )
    assert "调休上班日" in out


@pytest.mark.parametrize("name", ["one-day", "shanghai-2020"])
def test_show(name, capsys):
    scenario = load(name)
    rows = screen(capsys, "show", name).splitlines()[3:]
    assert rows
    for row in rows:
        _, _, rest = row.strip().partition(" ")
        assert english(rest, *own_texts(scenario)) == set(), row
    out = screen(capsys, "show", name, "--set", "horizon.warm_up_days=1", "--set", "targets.asa.at_most_s=9")
    assert "已在命令行改动，未注明来源" in out
    assert "格式的默认值" in out


def test_what_validate_says():
    from sim.validation import exact, exact_rules, published, replay

    stations = (*exact.TABLE, *exact.LIMITS, exact._LITTLE, *exact_rules.RULES)
    told = {station.source for station in stations} | {measure for each in stations for measure in each.expected}
    told |= {part for station in stations for part in station.name.split(": ")}
    told |= {published._SOURCE, replay.SOURCE, "published-mmc (its own draws)"}
    for numbers in published.CASES.values():
        told |= {number.measure for number in numbers} | {part for n in numbers for part in n.note.split("; ") if part}
    for text in told:
        assert english(said(text, "zh"), *NAMES, *published.CASES) == set(), text


def test_validate(monkeypatch, capsys):
    from sim import validation

    def row(verdict):
        return validation.Row("case", "occupancy", 1, 1, 1, "by hand", 2.0, 1.9, 2.1, verdict, "formula 1.5")

    monkeypatch.setattr(validation, "validate", lambda progress, slow: [row(v) for v in ("pass", "known", "info")])
    out = screen(capsys, "validate")
    assert english(out, "case") == set()
    assert "2 项中 1 项通过，0 项未通过，1 项为已知偏差" in out
    assert "[1] 手算；公式 1.5" in out
    assert "通过 †" in out
    assert "† 应为值落在所列区间之外仍判通过" in out
    assert "仅供参考：只作对照，不作判定" in out


def test_a_scenarios_own_words_stay(capsys):
    assert said("assumed: half call again", "zh") == "假设：half call again"
    assert said("a book; assumed: two", "zh") == "a book；假设：two"
    assert said("staff: night_watch", "zh") == "night_watch"
    assert said("whatever", "zh") == "whatever"
    assert said("heads", "en") == "heads"
    assert unit("元/m²·day", "zh") == "元/m²·日"
    assert unit("元/m²·day", "en") == "元/m²·day"


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_labels_say_whose_time_they_tell_and_which_part_of_it(lang, capsys):
    run = ["run", "one-day", "--replications", "1", "--jobs", "1", "--lang", lang]
    assert main(run) == 0
    out = capsys.readouterr().out
    mean, percentile, queue = {
        "en": ("(answered; queue + ring)", "(all who queued; queue only)", "(answered; queue)"),
        "zh": ("（接通者；排队＋振铃）", "（全部排队者；仅排队）", "（接通者；排队）"),
    }[lang]
    assert out.count(mean) == 2  # the target's row and the measure's
    assert out.count(percentile) == 1
    # The share within 15 s counts as the mean does (sim.engine.inputs takes the fixed times off the threshold).
    assert ("(of answered; queue + ring)" if lang == "en" else "（占接通；排队＋振铃）") in out
    # What the answer time counts is the scenario's to say.
    assert main([*run, "--set", 'targets.asa.counts=["queue"]']) == 0
    assert capsys.readouterr().out.count(queue) == 2
