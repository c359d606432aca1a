"""The year so far: each formula by hand, its ends (no month passed, all passed), and whether its chances are true."""

import csv
import io
import json
import math
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from joblib import Parallel, delayed
from rich.console import Console
from scipy import stats
from small_year import small_year

import sim
from sim.cli.main import main
from sim.experiment import cases
from sim.experiment.account import calls_that_may_fail
from sim.experiment.actuals import COLUMNS, Actuals, expected_by_month, months_of
from sim.experiment.cases import Outcomes
from sim.experiment.gather import Settings
from sim.experiment.track import track
from sim.experiment.variance import of_calls, of_cost, total
from sim.measures import NAMES
from sim.report.phrases import said
from sim.report.track_tables import track_tables
from sim.scenario import load
from sim.scenario.money import LINES
from sim.targets import Spending, evaluate

SURE = small_year("demand.variation.year_cv=0")
COUNTS = ("offered", "answered", "accepted", "written_contacts", "first_attempts")


def actuals(scenario, calls, **more):
    """Return months passed: offered, answered and mean answer time of each, and other columns."""
    columns = dict(zip(("offered", "answered", "mean_wait_s"), zip(*calls, strict=True), strict=True)) | more
    nothing = (None,) * len(calls)
    return Actuals(months_of(scenario)[: len(calls)], {name: tuple(columns.get(name, nothing)) for name in COLUMNS})


def none_passed(scenario):
    return Actuals((), dict.fromkeys(COLUMNS, ()))


def outcomes(scenario, calls, bill=None, lines=None, **more):
    """Return a simulation: ``calls`` are offered, answered and mean answer time, (replications, months, 3).

    Further measures are numerators, and denominators where they have one, by month.
    """
    calls = np.asarray(calls, float)
    runs, number, _ = calls.shape
    months = np.zeros((runs, number, len(NAMES), 2))
    offered, answered, wait = np.moveaxis(calls, -1, 0)
    found = {
        "offered": (offered, 1),
        "first_attempts": (offered, 1),
        "answered": (answered, 1),
        "accepted": (answered, 1),
        "connection_rate": (answered, offered),
        "asa_s": (answered * wait, answered),
        **more,
    }
    for name, (top, bottom) in found.items():
        months[:, :, NAMES.index(name), 0] = top
        months[:, :, NAMES.index(name), 1] = bottom
    sums = months.sum(axis=1)
    pairs = {name: sums[:, i].copy() for i, name in enumerate(NAMES)}
    for name in COUNTS:
        pairs[name][:, 1] = 1.0
    return Outcomes(
        scenario=scenario,
        numbers=tuple(range(runs)),
        pairs=pairs,
        months=months,
        month_labels=months_of(scenario),
        lines_wan=lines if lines is not None else {},
        targets=evaluate(scenario, pairs, Spending(None, None), whole=True),
        bill=bill,
    )


def quarter(*changes):
    """Return a scenario of three months without a forecast error: its simulation is used as it is given."""
    return small_year(
        "horizon.end=2021-03-31", "demand.variation.year_cv=0", "targets.connection_rate.at_least=0.9", *changes
    )


def follow(scenario, told, calls, **given):
    found = outcomes(scenario, calls, **given)
    return track(scenario, told, lambda asked: dict.fromkeys(asked, found))


# Two replications of three months.
CALLS = [
    [(1_000, 900, 8.0), (1_000, 950, 8.0), (1_000, 980, 8.0)],
    [(1_200, 1_000, 9.0), (1_200, 900, 12.0), (1_200, 1_000, 10.0)],
]


def test_the_account_of_the_connection_rate_by_hand():
    found = follow(quarter(), actuals(SURE, [(1_100, 1_050, 7.0)]), CALLS).losses
    # Left are 2,000 and 2,400 calls: 1,050 + 2,000 - 0.9 x 3,100 = 260; 1,050 + 2,400 - 0.9 x 3,500 = 300.
    assert found.left.mean == 2_200.0
    assert found.may_fail == 280
    assert found.may_fail_range.mean == 280.0
    assert found.may_fail_range.low == pytest.approx(260 + 0.05 * 40)
    assert found.may_fail_range.high == pytest.approx(260 + 0.95 * 40)
    # They fail 70 times, and 500.
    assert found.will_fail.mean == 285.0
    assert found.needed_rate == pytest.approx((0.9 * 3_300 - 1_050) / 2_200)
    assert found.reach == "open"


def test_a_target_may_be_out_of_reach_or_safe():
    lost = follow(quarter(), actuals(SURE, [(1_000, 500, 7.0), (1_000, 500, 7.0)]), CALLS).losses
    assert lost.reach == "out_of_reach"
    assert lost.needed_rate > 1.0
    # 20,000 answered of 20,000: 20,000 + 1,100 - 0.9 x 21,100 = 2,110, and 1,100 are left.
    safe = follow(quarter(), actuals(SURE, [(10_000, 10_000, 7.0), (10_000, 10_000, 7.0)]), CALLS).losses
    assert (safe.may_fail, safe.reach) == (2_110, "safe")
    assert safe.needed_rate < 0.0


@given(
    st.integers(0, 5_000), st.integers(0, 5_000), st.integers(1, 5_000), st.sampled_from([0.9, 0.95, 0.85, 0.999, 0.5])
)  # fmt: skip
def test_so_many_may_fail_and_not_one_more(answered, failed, left, at_least):
    offered = answered + failed
    found = calls_that_may_fail(offered, answered, left, at_least)

    def holds(fail):
        return (answered + left - fail) / (offered + left) >= at_least

    if found >= 0:
        assert holds(found)
    assert not holds(found + 1)


def test_the_account_of_the_answer_time_by_hand():
    found = follow(quarter(), actuals(SURE, [(1_100, 1_000, 7.0)]), CALLS).waits
    # Left are 1,930 and 1,900 answered, 1,915 on average; 10 s x 2,915 less 7,000 s is 22,150 s.
    assert found.needed_s == pytest.approx(22_150 / 1_915)
    waited = 8.0 * 1_930 + 12.0 * 900 + 10.0 * 1_000
    assert found.expected_s == pytest.approx(waited / 3_830)
    assert (found.least_s, found.reach) == (3.0, "open")
    # 10 x (1,000 + 1,915) - 23,500 s is 5,650 s, under the 3 s that it rings.
    assert follow(quarter(), actuals(SURE, [(1_100, 1_000, 23.5)]), CALLS).waits.reach == "out_of_reach"


def test_both_readings_of_the_year_by_hand():
    found = follow(quarter(), actuals(SURE, [(1_100, 1_000, 7.0)]), CALLS)
    rate, asa = (row for row in found.targets if row.key in ("connection_rate", "asa"))
    # (1,000 + 1,930) / 3,100 = 0.945 and (1,000 + 1,900) / 3,500 = 0.829 of the year's calls.
    assert rate.met == (True, False)
    assert rate.measured == pytest.approx((2_930 + 2_900) / 6_600)
    assert rate.probability == 0.5
    low, high = stats.beta.ppf(0.025, 1, 2), stats.beta.ppf(0.975, 2, 1)
    assert (rate.probability_low, rate.probability_high) == pytest.approx((low, high))
    # 22,440 s / 2,930 = 7.7 s and 27,800 s / 2,900 = 9.6 s.
    assert asa.met == (True, True)
    months = {row.key: row for row in found.readings}
    first = (1_000 / 1_100 + 0.95 + 0.98) / 3
    second = (1_000 / 1_100 + 900 / 1_200 + 1_000 / 1_200) / 3
    assert months["connection_rate"].measured == pytest.approx((first + second) / 2)
    assert months["connection_rate"].met == (True, False)
    assert months["asa"].measured == pytest.approx(((7 + 8 + 8) / 3 + (7 + 12 + 10) / 3) / 2)


def test_the_readings_can_differ():
    # 900 of 1,000, and 100 of 120: 0.893 of all calls, a mean of 0.867.
    told = actuals(SURE, [(1_000, 900, 9.0), (120, 100, 12.0), (1_000, 1_000, 9.0)])
    found = follow(quarter("targets.connection_rate.at_least=0.92"), told, CALLS)
    rate = next(row for row in found.targets if row.key == "connection_rate")
    assert rate.measured == pytest.approx(2_000 / 2_120)
    assert (rate.probability, rate.verdict) == (1.0, "met")
    assert found.readings[0].measured == pytest.approx((0.9 + 100 / 120 + 1.0) / 3)
    assert (found.readings[0].probability, found.readings[0].verdict) == (0.0, "missed")


def test_a_target_that_the_file_does_not_tell_of_is_not_judged():
    scenario = quarter(
        "targets.social.at_most=0.05",
        "targets.responsible_return.less_than=0.07",
        "targets.rank={rivals = {connection_rate = 0.5, fcr = 0.5}}",
    )
    told = actuals(SURE, [(1_100, 1_000, 7.0)], work_orders=(10,))
    rows = {row.key: row for row in follow(scenario, told, CALLS).targets}
    for key, missing in {
        "fcr": "on_the_spot",
        "social": "contacts, lost_contacts",
        "responsible_return": "responsible_returns",
        "rank": "on_the_spot",
    }.items():
        assert rows[key].verdict == "undecided"
        assert rows[key].measured is None
        assert rows[key].probability is None
        assert rows[key].note == f"not judged: not every month passed has {missing}"
    assert rows["connection_rate"].note == ""


def test_what_the_file_tells_beside_is_joined_with_the_months_left():
    told = actuals(SURE, [(1_100, 1_000, 7.0)], on_the_spot=(400,))
    spot = (np.array([[1, 800, 700], [1, 300, 400]]), np.array([[2, 950, 980], [2, 900, 1_000]]))
    found = follow(quarter(), told, CALLS, fcr_share=spot)
    fcr = next(row for row in found.targets if row.key == "fcr")
    # (400 + 1,500) / (1,000 + 1,930) and (400 + 700) / (1,000 + 1,900).
    assert fcr.met == (True, False)
    assert fcr.measured == pytest.approx((1_900 + 1_100) / (2_930 + 2_900))


def test_another_basis_of_the_connection_rate_is_not_in_the_file():
    found = follow(quarter("targets.connection_rate.basis=contacts"), actuals(SURE, [(1_100, 1_000, 7.0)]), CALLS)
    rate = next(row for row in found.targets if row.key == "connection_rate")
    assert (rate.probability, found.losses) == (None, None)
    assert "basis = contacts" in rate.note
    assert [row.key for row in found.readings] == ["asa"]


def test_planned_calls_are_those_that_the_forecast_expects():
    # Simulated 1,100 first attempts a month on average: the forecast of 6,200 and 5,600 takes their place.
    found = follow(quarter(), actuals(SURE, [(1_100, 1_000, 7.0)]), CALLS)
    assert [row.planned_offered for row in found.months] == pytest.approx([6_200, 5_600, 6_200])
    assert found.months[1].planned_connection_rate == pytest.approx(1_850 / 2_200)
    assert [row.actual for row in found.months] == [True, False, False]
    assert (found.months[0].offered, found.months[1].offered) == (1_100, 1_100)


def test_calls_by_cause_by_hand():
    row = of_calls("2021-01", (1_100, 990, 9.0), (1_000, 950, 9_500, 950))
    assert row.volume == pytest.approx(100 * 0.95)
    assert row.connection == pytest.approx(1_100 * (0.90 - 0.95))
    assert row.planned_wait_s == 10.0
    other = of_calls("2021-02", (500, 400, 6.0), (500, 500, 5_000, 500))
    both = total([row, other])
    assert (both.offered, both.volume, both.connection) == pytest.approx((1_600, 95.0, -55.0 - 100.0))
    assert both.wait_s == pytest.approx((990 * 9 + 400 * 6) / 1_390)


@given(*[st.integers(1, 10**6)] * 4)
def test_effects_on_calls_sum_to_the_difference(offered, answered, planned, plan_answered):
    row = of_calls("", (offered, answered, 1.0), (planned, plan_answered, 1.0, 1.0))
    assert row.volume + row.connection == pytest.approx(answered - plan_answered, abs=1e-3)
    assert row.connection == pytest.approx(offered * (answered / offered - plan_answered / planned), abs=1e-3)


def month(personnel, paid_h, other=0.0):
    return {
        "personnel_wan": personnel,
        "paid_h": paid_h,
        **{f"{line}_wan": other for line in LINES if line != "personnel"},
    }


def test_cost_by_cause_by_hand():
    told = dict.fromkeys(LINES, (None, None)) | {"personnel": (110.0, 100.0), "tax": (1.5, None)}
    # 400,000 yuan an hour of 2.5 h more: 100 万元; the rest is the rate's.
    rows = {
        row.line: row for row in of_cost(told, (2_750.0, 2_500.0), [month(100.0, 2_500.0, 1.0), month(90.0, 2_250.0)])
    }
    assert set(rows) == {"personnel", "tax"}
    assert rows["personnel"].difference_fen == 20_000_000
    assert rows["personnel"].hours_fen == 10_000_000 + 10_000_000
    assert rows["personnel"].rate_fen == 0
    assert (rows["tax"].months, rows["tax"].difference_fen, rows["tax"].hours_fen) == (1, 500_000, None)


@given(st.floats(0, 2_000), st.floats(0, 1e6), st.floats(0.01, 2_000), st.floats(1, 1e6))
def test_effects_on_cost_sum_to_the_fen(actual, hours, planned, plan_hours):
    told = dict.fromkeys(LINES, (None,)) | {"personnel": (actual,)}
    (row,) = of_cost(told, (hours,), [month(planned, plan_hours)])
    assert row.hours_fen + row.rate_fen == row.difference_fen == round(actual * 10**6) - round(planned * 10**6)
    # The plan's fen are whole, and so are each part's.
    expected = (actual - hours * planned / plan_hours) * 10**6
    assert row.rate_fen == pytest.approx(expected, abs=2 + hours / plan_hours)


@pytest.fixture(scope="module")
def bill():
    return sim.price("shanghai-2020")


def shanghai(months):
    """Return two replications of the year's calls as expected, and the first months as told."""
    scenario = load("shanghai-2020", ["demand.variation.year_cv=0"])
    offered = expected_by_month(scenario)
    calls = np.array([[(x, 0.98 * x, 7.0) for x in offered]] * 2)
    return scenario, calls, [(float(round(x)), float(round(0.97 * x)), 7.5) for x in offered[:months]]


def on_screen(found, lang):
    kept = io.StringIO()
    Console(file=kept, width=200).print(*track_tables(found, Settings(replications=2), lang))
    return kept.getvalue()


def test_the_contract_at_the_years_end_by_hand(bill):
    scenario, calls, told = shanghai(2)
    plan = bill.by_month()
    lines = {line: np.full(2, bill.line(line).wan) for line in LINES}
    lines["personnel"] = bill.line("personnel").wan + np.array([-12.0, 12.0])
    told = actuals(scenario, told, personnel_wan=(800.0, None), tax_wan=(70.0, 71.5))
    found = follow(scenario, told, calls, bill=bill, lines=lines)
    rows = {line.key: line for line in found.lines}
    left = sum(month["personnel_wan"] for month in plan[2:])
    personnel = rows["personnel"]
    assert personnel.told_months == 1
    assert personnel.passed_wan == pytest.approx(800.0 + plan[1]["personnel_wan"], abs=1e-6)
    assert personnel.left.mean == pytest.approx(left, abs=1e-6)
    assert personnel.year.mean == pytest.approx(800.0 + plan[1]["personnel_wan"] + left, abs=1e-6)
    # 12 万元 more or less in a year's simulation, the months' share of it; 5 of 100 of two values.
    reach = 0.9 * 12.0 * left / bill.line("personnel").wan
    assert personnel.year.high - personnel.year.mean == pytest.approx(reach, rel=1e-6)
    assert rows["tax"].passed_wan == pytest.approx(141.5)
    assert rows["operation"].year.mean == pytest.approx(bill.line("operation").wan, abs=1e-6)
    assert rows["operation"].year.high == rows["operation"].year.low
    assert found.months[0].wan == pytest.approx(870.0 + plan[0]["operation_wan"] + plan[0]["platform_wan"], abs=1e-6)
    # Nothing but personnel varies, so the whole contract does as it does.
    assert found.total_wan.mean == pytest.approx(sum(line.year.mean for line in found.lines), abs=1e-6)
    assert found.total_wan.high - found.total_wan.mean == pytest.approx(reach, rel=1e-6)
    for lang, why in (("en", "the plan alone decides the line"), ("zh", "该项只取决于计划")):
        shown = on_screen(found, lang)
        low, high = (f"{wan:,.2f}" for wan in (found.total_wan.low, found.total_wan.high))
        assert f"{low}–{high}" in shown
        assert why in shown


def test_at_the_years_end_each_target_holds_or_does_not(bill):
    scenario, calls, told = shanghai(12)
    written = (25_000.0,) * 12
    told = actuals(scenario, told, written_contacts=written, on_the_spot=tuple(0.5 * a for _, a, _ in told))
    asked = []

    def simulate(wanted):
        asked.extend(wanted)
        lines = {line: np.full(2, bill.line(line).wan) for line in LINES}
        return dict.fromkeys(wanted, outcomes(scenario, calls, bill=bill, lines=lines))

    found = track(scenario, told, simulate)
    assert asked == ["plan"]
    judged = {row.key: row for row in found.targets if row.probability is not None}
    assert {"accepted", "connection_rate", "fcr", "asa", "economic", "sustainable"} <= set(judged)
    assert all(row.probability in (0.0, 1.0) for row in (*judged.values(), *found.readings))
    assert all(row.probability_low == row.probability == row.probability_high for row in found.targets + found.readings)
    assert all(row.verdict == ("met" if row.probability else "missed") for row in judged.values())
    answered = told.total("answered")
    assert judged["accepted"].measured == pytest.approx(answered + 300_000)
    cost = sum(bill.line(line).wan for line in LINES) * 1e4
    assert judged["economic"].measured == pytest.approx(cost / (answered + 300_000))
    assert found.losses.needed_rate is None
    assert found.waits.needed_s is None
    assert next(row for row in found.targets if row.key == "environmental").probability is None


def test_at_the_years_end_a_forecast_error_asks_for_no_second_year():
    scenario = small_year("horizon.end=2021-03-31")
    asked = []

    def simulate(wanted):
        asked.extend(wanted)
        return dict.fromkeys(wanted, outcomes(scenario, CALLS))

    found = track(scenario, actuals(scenario, [(6_000, 5_900, 8.0)] * 3), simulate)
    assert asked == ["plan"]
    assert found.cumulative(1, 0)[:, -1] == pytest.approx([5_900 / 6_000] * 2)
    asked.clear()
    track(scenario, actuals(scenario, [(6_000, 5_900, 8.0)] * 2), simulate)
    assert asked == ["plan", "so-far"]


SHORT = ("horizon.end=2021-03-31",)


def test_before_the_first_month_the_chances_are_those_of_a_run():
    scenario = small_year(*SHORT)
    settings = Settings(replications=4, jobs=1)
    found = track(scenario, none_passed(scenario), partial(cases.simulate_cases, settings=settings))
    result = sim.run(scenario, 4, jobs=1)
    assert found.targets == result.targets
    # Also what is put together anew from the months.
    months = {row.key: row for row in found.readings}
    for key, name in (("connection_rate", "connection_rate_mean_of_months"), ("asa", "asa_s_mean_of_months")):
        assert months[key].measured == pytest.approx(result.measures[name].mean, rel=1e-12)
    rate = found.cumulative(1, 0)[:, -1]
    assert rate == pytest.approx(result.measures["connection_rate"].values, rel=1e-12)


FILE = '月份,offered,接通量,mean_wait_s\n2021-01,6200,5900,9.9\n2021年2月,"5,600",5400,9.1\n2021-03,,,\n'


@pytest.fixture
def here(tmp_path, monkeypatch):
    from sim.scenario import to_toml

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "160")
    Path("small.toml").write_text(to_toml(small_year(*SHORT)), "utf-8")
    Path("so-far.csv").write_text(FILE, "utf-8")


def command(*options):
    return main(["track", "small.toml", "--actuals", "so-far.csv", "--replications", "3", "--jobs", "1", *options])


def test_the_command_shows_the_year_and_writes_a_folder(here, capsys):
    assert command("--figures") == 0
    streams = capsys.readouterr()
    assert streams.err == ""
    for words in (
        "2 of 3 months passed", "at the year's end", "What may still be lost", "by connection", "mean of the months",
        "Results in results/track-small-year",
    ):  # fmt: skip
        assert words in streams.out
    folder = Path("results/track-small-year")
    files = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    assert files == ["figures/track.png", "figures/track.svg", "manifest.json", "months.csv", "track.json"]
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    assert manifest["command"].startswith("hotline track small.toml --actuals so-far.csv --replications 3 --seed 1")
    assert len(manifest["actuals"]["sha256"]) == 64
    with (folder / "months.csv").open(encoding="utf-8-sig") as opened:
        rows = list(csv.DictReader(opened))
    assert [(row["month"], row["actual"]) for row in rows] == [
        ("2021-01", "true"),
        ("2021-02", "true"),
        ("2021-03", "false"),
    ]
    assert float(rows[0]["offered"]) == 6_200


def test_json_is_the_file_and_the_same_bytes_again(here, capsys):
    assert command("--json") == 0
    first = capsys.readouterr()
    assert first.err == ""
    assert first.out == Path("results/track-small-year/track.json").read_text("utf-8")
    found = json.loads(first.out)
    assert found["months_passed"] == 2
    assert found["actuals"]["offered"] == [6_200, 5_600]
    assert found["actuals"]["written_contacts"] == [None, None]
    assert command("--json") == 0
    assert capsys.readouterr().out == first.out


def test_in_chinese_and_quietly(here, capsys):
    assert command("--lang", "zh") == 0
    out = capsys.readouterr().out
    for words in (
        "还能承受多少损失",
        "已过2个月",
        "不作判定：已过月份的文件缺少一次性解答量",
        "平均接电时长：接通者；排队＋振铃",
        "仅3次重复",
        "因接通率",
    ):
        assert words in out
    assert command("--quiet") == 0
    assert capsys.readouterr() == ("", "")


def test_a_precision_that_is_not_reached_is_told(here, capsys, monkeypatch):
    monkeypatch.setattr("sim.experiment.precision.MOST", 20)
    words = ("--precision", "0.01%", "--jobs", "1", "--quiet")
    assert main(["track", "small.toml", "--actuals", "so-far.csv", *words]) == 0
    assert "stopped at 20 replications, the most there may be" in capsys.readouterr().err


def test_few_replications_are_said_while_something_is_left_to_chance(here, capsys):
    def shown(*options):
        assert main(["track", "small.toml", "--actuals", "so-far.csv", "--jobs", "1", *options]) == 0
        return " ".join(capsys.readouterr().out.split())

    assert "19 replications are few" in shown("--replications", "19")
    assert "are few" not in shown("--replications", "20")
    assert "Mean answer time: answered; queue + ring" in shown("--replications", "2")
    Path("so-far.csv").write_text(FILE.replace("2021-03,,,", "2021-03,6000,5800,9"), "utf-8")
    assert "are few" not in shown("--replications", "2")


def test_what_a_target_counts_and_the_file_does_not_has_its_chinese():
    for basis, zh in (("queued", "进入排队的呼入"), ("contacts", "诉求")):
        note = f"not judged: the file of months does not tell what the target counts (basis = {basis})"
        assert said(note, "zh") == f"不作判定：已过月份的文件不含该目标的统计口径（{zh}）"
    missing = said("not judged: not every month passed has work_orders, responsible_returns", "zh")
    assert missing == "不作判定：已过月份的文件缺少工单量、有责退单量"


def test_from_python(here):
    found = sim.track("small.toml", "so-far.csv", 2, jobs=1)
    assert found.actuals.passed == 2
    assert len(found.calls) == 2


def test_slips_stop_it_before_anything_is_written(here, capsys):
    Path("so-far.csv").write_text("month,offered,answered,mean_wait_s\n2021-01,1000,2000,-1\n2021-05,1,1,1\n", "utf-8")
    assert command() == 2
    error = capsys.readouterr().err
    assert error.count("to mend:") == 3
    assert "so-far.csv, row 2, column C: answered" in error
    assert "Traceback" not in error
    assert not Path("results").exists()
    assert main(["track", "small.toml"]) == 2
    assert main(["track", "small.toml", "--actuals", "none.csv", "--seed", "x"]) == 2
    assert "--seed" in capsys.readouterr().err


# Whether the chances are true

YEAR = small_year("demand.variation.slot_cv=0")
EXPECTED = expected_by_month(YEAR)
DAYS = np.repeat(np.arange(12), [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])


def invented_years(scenario, rng, runs):
    """Return the months of years like the scenario's, with calls alone: the busier the month, the fewer get through."""
    variation = scenario.demand.variation
    factor = math.prod(surge.multiplier for surge in scenario.demand.surge)

    def normal_chain():
        z = rng.standard_normal((runs, 365))
        rho = variation.day_autocorrelation
        for day in range(1, 365):
            z[:, day] = rho * z[:, day - 1] + math.sqrt(1 - rho**2) * z[:, day]
        return z

    def lognormal(z, cv):
        variance = math.log1p(cv**2)
        return np.exp(math.sqrt(variance) * z - variance / 2)

    years = factor * lognormal(rng.standard_normal((runs, 1)), variation.year_cv)
    calls = rng.poisson(200.0 * years * lognormal(normal_chain(), variation.day_cv))
    offered = np.stack([calls[:, month == DAYS].sum(axis=1) for month in range(12)], axis=1)
    load_of = offered / EXPECTED
    failing = np.clip(0.05 + 0.25 * (load_of - 1.0), 0.0, 1.0)
    answered = offered - rng.binomial(offered, failing)
    return np.stack([offered, answered, 4.0 + 60.0 * failing], axis=-1)


def test_chances_given_in_midyear_are_true_of_200_invented_years():
    rng = np.random.default_rng(11)
    truths = invented_years(YEAR, rng, 200)
    plan = outcomes(YEAR, invented_years(YEAR, rng, 100))
    chances, held = [], []
    for year in truths:

        def simulate(asked):
            return {
                name: plan if name == "plan" else outcomes(scenario, invented_years(scenario, rng, 100))
                for name, scenario in asked.items()
            }

        found = track(YEAR, actuals(YEAR, [tuple(month) for month in year[:6]]), simulate)
        chances.append(next(row.probability for row in found.targets if row.key == "connection_rate"))
        held.append(year[:, 1].sum() / year[:, 0].sum() >= 0.95)
    chances, held = np.array(chances), np.array(held, float)
    assert 0.3 < held.mean() < 0.7
    # On average, and where it was thought unlikely, open and likely.
    for low, high in ((0.0, 1.01), (0.0, 0.2), (0.2, 0.8), (0.8, 1.01)):
        chosen = (chances >= low) & (chances < high)
        count, hits, mean = int(chosen.sum()), held[chosen].sum(), chances[chosen].mean()
        assert stats.binomtest(int(hits), count, min(max(mean, 1e-6), 1 - 1e-6)).pvalue > 0.001, (
            low,
            high,
            count,
            hits,
            mean,
        )
    # Far better than the share of all years, which is all that is known without the months.
    assert ((chances - held) ** 2).mean() < 0.25 * held.var()


RUNS = 3


def rank_of(number, year, plan):
    """How many of the years foreseen after the sixth month are worse than the one that came."""

    def simulate(asked):
        if "plan" in asked:
            return {"plan": plan}
        return cases.simulate_cases(asked, Settings(replications=RUNS, seed=1_000 + number, jobs=1))

    told = [(month[0, 0], month[1, 0], month[2, 0] / month[2, 1]) for month in year[:6]]
    scenario = small_year()
    found = track(scenario, actuals(scenario, told), simulate)
    rate = year[:, 1, 0].sum() / year[:, 0, 0].sum()
    return int((found.cumulative(1, 0)[:, -1] < rate).sum())


@pytest.mark.slow
def test_in_200_simulated_years_the_year_falls_anywhere_among_those_foreseen_in_midyear():
    place = [NAMES.index(name) for name in ("offered", "answered", "asa_s")]
    true = cases.simulate_cases({"": small_year()}, Settings(replications=200, seed=2))[""].months[:, :, place]
    plan = cases.simulate_cases({"": small_year()}, Settings(replications=20, seed=3))[""]
    ranks = Parallel(n_jobs=2)(delayed(rank_of)(number, year, plan) for number, year in enumerate(true))
    counts = np.bincount(ranks, minlength=RUNS + 1)
    assert stats.chisquare(counts).pvalue > 0.001, counts
