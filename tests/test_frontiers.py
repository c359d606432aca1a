"""``hotline frontier`` of several scenarios: a plan and a curve each, side by side; what has none says why."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from small_staffing import small_partner, small_staffing

from sim import verbs
from sim.cli.main import main
from sim.report.phrases import said
from sim.scenario import Fault, Scenario, ScenarioError, from_dict, to_dict, to_toml
from sim.staffing.plan import Plan

YEARS = 6
FAST = ("--years", str(YEARS), "--jobs", "1", "--floor", "70%")
FILES = ("small.toml", "partner.toml", "few.toml")
FOLDER = Path("results", "frontier-small-staffing-small-partner-few-seats")
Search = Callable[..., Plan]


@pytest.fixture(scope="module")
def searched(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Plan], dict[str, ScenarioError]]:
    """Return a folder with three scenarios and the command's result, the plans it found, and why one has none."""
    folder = tmp_path_factory.mktemp("frontiers")
    plans: dict[str, Plan] = {}
    errors: dict[str, ScenarioError] = {}
    search: Search = verbs.staff

    def kept(scenario: Scenario, *given: Any, **named: Any) -> Plan:
        try:
            plans[scenario.name] = search(scenario, *given, **named)
        except ScenarioError as error:
            errors[scenario.name] = error
            raise
        return plans[scenario.name]

    scenarios = (
        small_staffing('title={ zh = "小热线", en = "A small hotline" }'),
        small_partner('title={ zh = "有外协", en = "With a partner" }'),
        small_staffing('title={ zh = "座席少", en = "Few seats" }', "name=few-seats", "sites.main.seats=5"),
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr(verbs, "staff", kept)
        for file, scenario in zip(FILES, scenarios, strict=True):
            Path(file).write_text(to_toml(scenario), "utf-8")
        assert main(["frontier", *FILES, *FAST, "--quiet"]) == 0
    return folder, plans, errors


@pytest.fixture
def plans(searched, monkeypatch: pytest.MonkeyPatch) -> dict[str, Plan]:
    """Return the plans by name, in their folder; the command finds each, or why there is none, at once."""
    folder, plans, errors = searched
    monkeypatch.chdir(folder)
    monkeypatch.setenv("COLUMNS", "200")

    def found(scenario: Scenario, *given: Any, **named: Any) -> Plan:
        if scenario.name in errors:
            raise errors[scenario.name]
        return plans[scenario.name]

    monkeypatch.setattr(verbs, "staff", found)
    return plans


def row_of(out: str, label: str) -> list[str]:
    """Return the cells of the side-by-side table's row that begins with a label."""
    rows = (line.strip() for line in out.splitlines())
    (row,) = (line for line in rows if line.startswith(label) and re.search(r"\(|\[", line))
    return re.split(r"\s{2,}", row)


# --- JSON and files ----------------------------------------------------------------------------------------------


def test_the_json_has_each_as_for_one_or_why_there_is_none(plans, capsys) -> None:
    told = json.loads((FOLDER / "summary.json").read_text("utf-8"))
    assert {*told} == {"schema", "scenarios"}
    assert [*told["scenarios"]] == ["small-staffing", "small-partner", "few-seats"]
    for file, name in zip(FILES[:2], plans, strict=True):
        assert main(["frontier", file, *FAST, "--json", "--out", f"alone/{name}"]) == 0
        alone = json.loads(capsys.readouterr().out)
        assert alone == told["scenarios"][name]
        assert "scenarios" not in alone
    fault = told["scenarios"]["few-seats"]["fault"]
    assert {*told["scenarios"]["few-seats"]} == {"fault"}
    assert (fault["file"], fault["key"], fault["value"]) == ("few-seats", "sites.main.seats", "5")
    assert main(["frontier", *FILES, *FAST, "--json", "--out", "again"]) == 0
    streams = capsys.readouterr()
    assert json.loads(streams.out) == told
    assert "few-seats: sites.main.seats = 5" in streams.err


def test_the_tables_have_a_column_with_the_scenario_first(plans, capsys) -> None:
    told = json.loads((FOLDER / "summary.json").read_text("utf-8"))["scenarios"]
    offers = pl.read_csv(FOLDER / "frontier.csv")
    assert offers.columns[0] == "scenario"
    assert offers["scenario"].unique(maintain_order=True).to_list() == [*plans]
    for name in plans:
        own = offers.filter(pl.col("scenario") == name).drop("scenario")
        assert own.to_dicts() == told[name]["offers"]
    first, partner, none = pl.read_csv(FOLDER / "plans.csv").to_dicts()
    assert {key for key, value in none.items() if value is not None} == {"scenario"}
    for row in (first, partner):
        plan = plans[row["scenario"]]
        assert row["total_wan"] == plan.bill.total_wan
        assert (row["probability"], row["low"], row["high"]) == plan.chance
        targets = {target.key: target.measured for target in plan.outcomes.targets}
        assert row["asa_s"] == pytest.approx(targets["asa"])
        assert row["connection"] == pytest.approx(targets["connection_rate"])
    assert first["more_wan"] == 0.0
    assert partner["more_wan"] == pytest.approx(partner["total_wan"] - first["total_wan"])
    assert first["called_in_wan"] is None
    # Eight yuan for each call that the partner takes, a mean year of those simulated.
    parts = {part.key: part for part in plans["small-partner"].bill.line("personnel").parts}
    calls = parts["levers.partner.calls"].quantity
    assert calls > 0.0
    assert partner["called_in_wan"] == pytest.approx(8.0 * calls / 10_000.0, abs=1e-5)


def test_the_manifest_gives_all_of_them_again(plans) -> None:
    manifest = json.loads((FOLDER / "manifest.json").read_text("utf-8"))
    assert [one["name"] for one in manifest["scenarios"]] == ["small-staffing", "small-partner", "few-seats"]
    assert shlex.split(manifest["command"])[:5] == ["hotline", "frontier", *FILES]
    assert {*manifest["files"]} == {path.name for path in FOLDER.iterdir()}
    assert {path.name for path in FOLDER.iterdir()} == {"summary.json", "frontier.csv", "plans.csv", "manifest.json"}
    assert main(["results"]) == 0


# --- the screen --------------------------------------------------------------------------------------------------


def test_plans_stand_side_by_side_and_what_has_none_says_why(plans, capsys) -> None:
    assert main(["frontier", *FILES, *FAST, "--out", "shown"]) == 0
    streams = capsys.readouterr()
    first, partner = plans.values()
    own, other = row_of(streams.out, "A small hotline  "), row_of(streams.out, "With a partner  ")
    assert own[1:3] == [f"{first.bill.total_wan:,.2f}", f"{first.bill.line('personnel').wan:,.2f}"]
    assert len(other) == len(own) + 1 == 8
    paid = partner.bill.lever_wan("partner")
    assert paid is not None
    more = partner.bill.total_wan - first.bill.total_wan
    assert (own[-1], *other[-2:]) == ("–", f"{paid:,.2f}", f"{more:+,.2f}")
    assert row_of(streams.out, "Few seats  ") == ["Few seats", "no plan [1]", *"––––––"]
    (why,) = (line for line in streams.out.splitlines() if line.startswith("[1]"))
    assert why.startswith("[1] Few seats, sites.main.seats: 5; needed: seats for ")
    assert "called in when their trigger holds" in streams.out
    assert "to mend: write" in streams.err


def test_without_anybody_called_in_there_is_no_such_column(plans, capsys) -> None:
    assert main(["frontier", "small.toml", "few.toml", *FAST, "--out", "shown"]) == 0
    out = capsys.readouterr().out
    assert "called in" not in out
    assert row_of(out, "Few seats  ") == ["Few seats", "no plan [1]", *"–––––"]


def test_the_first_that_has_a_plan_is_what_others_are_told_beside(plans, capsys) -> None:
    assert main(["frontier", "few.toml", "partner.toml", "small.toml", *FAST, "--out", "shown"]) == 0
    less = plans["small-staffing"].bill.total_wan - plans["small-partner"].bill.total_wan
    assert row_of(capsys.readouterr().out, "A small hotline  ")[-1] == f"{less:+,.2f}"


def test_in_chinese_nothing_is_left_in_english(plans, capsys) -> None:
    assert main(["frontier", *FILES, *FAST, "--out", "zh", "--lang", "zh"]) == 0
    out = capsys.readouterr().out
    assert re.findall(r"[A-Za-z]{2,}", re.sub(r"sites\.main\.seats|组|all|目录 zh|结果.*zh", "", out)) == []
    assert row_of(out, "座席少  ")[1] == "无可行排班 [1]"


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        (
            "holds with probability 0.89 even with 34 agents of all at the peak, 2 agents of b at the peak",
            "即使高峰时all 组有 34 人、b 组有 2 人，达标概率也只有 0.89",
        ),
        (
            "holds with probability 0.89 in the surest plan tried, with 34 agents of all at the peak",
            "所试最稳妥的方案中，高峰时all 组有 34 人，达标概率为 0.89",
        ),
        ("a target that agents can reach with probability 0.9", "话务员能以概率 0.9 达到的目标"),
        ("a target that agents can reach", "话务员所能达到的目标"),
        ("80 heads on the floor, mean of the weeks", "在岗 80 人（各周平均）"),
        (
            "the 95 heads or so that it takes for targets that hold with probability 0.90",
            "达标概率 0.90 约需 95 人",
        ),
        ("the 95 heads or so that it takes for even the fewest agents tried", "即使所试最少人数也约需 95 人"),
        (
            "seats for 16 agents of all beside the other groups, in the typical week 2021-03, Mon 08:00–Sun 20:00",
            "除其他各组外，典型周 2021-03 的周一 08:00–周日 20:00，all 组 16 人的座席",
        ),
        (
            "tours that cover all in the typical week 2021-03 (03-01) within the seats and max_share",
            "在座席与 max_share 之内、覆盖典型周 2021-03 (03-01) 中 all 组所需的班次",
        ),
    ],
)
def test_why_there_is_no_plan_is_said_in_chinese_too(english: str, chinese: str) -> None:
    assert said(english, "zh") == chinese
    assert said(english, "en") == english


# --- the figure --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_curve_a_scenario_is_drawn(plans, lang: str) -> None:
    assert main(["frontier", *FILES, *FAST, "--out", "drawn", "--figures", "--quiet", "--lang", lang]) == 0
    assert {path.name for path in Path("drawn", "figures").iterdir()} == {"frontier.png", "frontier.svg"}


def test_curves_are_the_offers_and_marks_the_plans(plans, searched) -> None:
    pytest.importorskip("matplotlib")
    from sim.report.staff_figures import draw_frontiers
    from sim.report.staff_rows import Frontiers, frontier

    few = small_staffing("name=few-seats", "title={zh='小',en='With a partner'}")
    fault = searched[2]["few-seats"].faults[0]
    scenarios = {name: plan.year.scenario for name, plan in plans.items()} | {"few-seats": few}
    figure = draw_frontiers(Frontiers(scenarios, plans, {"few-seats": fault}), "en")
    above, middle, below = figure.axes
    for axes, column, scale in ((above, "asa_s", 1.0), (middle, "connection", 100.0), (below, "probability", 100.0)):
        drawn = {tuple(line.get_ydata()): line for line in axes.lines}
        colours = set()
        for plan in plans.values():
            offers = frontier(plan)
            assert len(offers) > 3
            curve = drawn[tuple(offers[column].to_numpy() * scale)]
            assert list(curve.get_xdata()) == offers["total_wan"].to_list()
            colours.add(curve.get_color())
        assert len(colours) == 2
    marks = [(line.get_xdata()[0], line.get_ydata()[0]) for line in below.lines if line.get_marker() in "os"]
    assert marks == [(plan.bill.total_wan, 100.0 * plan.chance[0]) for plan in plans.values()]
    (legend,) = figure.legends
    told = [text.get_text() for text in legend.get_texts()]
    # Two of the same title are told apart by their names.
    assert told[:3] == ["A small hotline", "With a partner (small-partner)", "With a partner (few-seats): no plan"]


# --- what is refused ---------------------------------------------------------------------------------------------


def refused(capsys, *words: str) -> str:
    assert main(["frontier", *words, *FAST, "--out", "refused"]) == 2
    streams = capsys.readouterr()
    assert streams.out == ""
    assert "Traceback" not in streams.err
    assert not Path("refused").exists()
    return streams.err


def test_where_none_has_a_plan_all_say_why(plans, capsys) -> None:
    Path("fewer.toml").write_text(to_toml(small_staffing("name=fewer-seats", "sites.main.seats=4")), "utf-8")
    find = verbs.staff
    fault = Fault("fewer-seats", "sites.main.seats", "4", "more seats", "write 16 or more")

    def none(scenario: Scenario, *given: Any, **named: Any) -> Plan:
        if scenario.name == "fewer-seats":
            raise ScenarioError([fault])
        return find(scenario, *given, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(verbs, "staff", none)
        told = refused(capsys, "few.toml", "fewer.toml")
    assert "few-seats: sites.main.seats = 5" in told
    assert "fewer-seats: sites.main.seats = 4" in told


def test_scenarios_of_one_name_are_refused(plans, capsys) -> None:
    Path("copy.toml").write_text(to_toml(small_staffing("demand.growth=0.1")), "utf-8")
    for words in (("small.toml", "small.toml"), ("small.toml", "partner.toml", "copy.toml")):
        told = refused(capsys, *words)
        assert f"hotline frontier = {words[-1]}" in told
        assert "another here is called small-staffing too" in told


def test_scenarios_of_other_days_are_refused(plans, capsys) -> None:
    week = small_staffing("name=a-week", "horizon.end=2021-03-07")
    Path("week.toml").write_text(to_toml(week), "utf-8")
    assert "a-week: horizon = 2021-03-01 to 2021-03-07" in refused(capsys, "small.toml", "week.toml")


def test_a_mistake_in_one_is_told_before_any_is_searched(plans, capsys, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*given: Any, **named: Any) -> Plan:
        raise AssertionError

    monkeypatch.setattr(verbs, "staff", never)
    assert "write winter-surge" in refused(capsys, "small.toml", "winter-surg")
    unpriced = to_dict(small_staffing("name=unpriced"))
    del unpriced["cost"]
    Path("unpriced.toml").write_text(to_toml(from_dict(unpriced)), "utf-8")
    assert "a table [cost]" in refused(capsys, "small.toml", "unpriced.toml")
