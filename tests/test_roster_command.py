"""``hotline roster``: tours that keep the rules, files that agree with each other, a scenario that runs, faults."""

from __future__ import annotations

import datetime as dt
import json
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from roster_checker import DAYS, checked_rows, on_duty, violations

import sim
from sim.cli.main import main
from sim.demand.rates import expected_rates
from sim.demand.window import Window
from sim.report import roster_files
from sim.scenario import load, unsourced
from sim.staffing.weeks import typical_weeks
from sim.workforce.on_duty import planned

RULES = """
[shifts.day]
from_h = 6
to_h = 9
every_minutes = 60
length_h = [8.5]
breaks = [{ minutes = 30, earliest_h = 3, latest_h = 4 }]
[shifts.late]
from_h = 13
to_h = 15
every_minutes = 60
length_h = [8, 9]
[shifts.night]
from_h = 21
to_h = 23
every_minutes = 60
length_h = [9, 10]
breaks = [{ minutes = 30, earliest_h = 3, latest_h = 4 }]
[shifts.short]
from_h = 8
to_h = 18
every_minutes = 120
length_h = [4]
[tours.full]
shifts = ["day", "late"]
days_on = 5
[tours.nights]
shifts = ["night"]
days_on = 4
days_off_together = 2
[tours.mixed]
pattern = ["day", "day", "night", "night", "off", "off", "off"]
[tours.part]
shifts = ["short"]
days_on = 5
max_share = 0.1
[labour]
rest_h = 11
hours_week = 40
most_hours_week = 48
nights_week = 4
night_shift_h = 3
days_in_a_row = 6
"""
HEAD = """
extends = "one-day"
name = "small"
[horizon]
start = 2020-03-17
end = 2020-03-26
warm_up_days = 2
[sites.main]
seats = 60
[groups.desk]
on_duty = { rule = "workload", utilisation = 0.9, minimum = 1 }
[tasks.review]
after = [{ event = "work_order" }]
handling = { fixed = { s = 300 } }
due = { hours = 24 }
groups = ["desk"]
hours = { from_h = 9, to_h = 17 }
days = "workday"
"""
FOLDER = Path("results", "roster-small")
FAST = ("--seconds", "1", "--quiet")


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Return a folder with the small scenario and its roster."""
    folder = tmp_path_factory.mktemp("roster")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        Path("plans").mkdir()
        Path("plans", "small.toml").write_text(HEAD + RULES, "utf-8")
        assert main(["roster", "plans/small.toml", *FAST]) == 0
    return folder


@pytest.fixture
def roster(made, monkeypatch):
    """Return the three tables, from the folder of the roster."""
    monkeypatch.chdir(made)
    return {
        name: pl.read_csv(FOLDER / f"{name}.csv", infer_schema_length=None) for name in ("tours", "coverage", "roster")
    }


def test_the_tours_written_keep_every_rule_and_are_the_coverage(roster):
    rules = tomllib.loads(RULES)
    weeks = roster["coverage"].group_by("typical_week", "group", maintain_order=True)
    seen = 0
    for (week, group), covered in weeks:
        own = roster["tours"].filter(pl.col("typical_week") == week, pl.col("group") == group)
        rows = checked_rows(own)
        assert violations(rows, rules["shifts"], rules["tours"], rules["labour"]) == set()
        there = [agents for _, agents in sorted(on_duty(rows).items())]
        assert there == covered["on_duty"].to_list()
        assert (covered["on_duty"] >= covered["required"]).all()
        assert covered["day"].to_list() == [day for day in DAYS for _ in range(48)]
        seen += 1
    assert seen == 3 * len(typical_weeks(load("plans/small.toml")))


def test_the_roster_by_date_is_the_coverage_of_each_days_week(roster):
    mondays = {
        monday: week
        for week, told in roster["tours"].select("typical_week", "mondays").unique().iter_rows()
        for monday in told.split()
    }
    # Two days of warm-up before the ten of the horizon.
    days = sorted(set(roster["roster"]["date"]))
    assert days == [str(dt.date(2020, 3, 15) + dt.timedelta(days=n)) for n in range(12)]
    for row in roster["roster"].iter_rows(named=True):
        day = dt.date.fromisoformat(row["date"])
        week = mondays[str(day - dt.timedelta(days=day.weekday()))]
        covered = roster["coverage"].filter(
            pl.col("typical_week") == week, pl.col("group") == row["group"], pl.col("day") == DAYS[day.weekday()]
        )
        assert [row[time] for time in covered["time"]] == covered["on_duty"].to_list()


def test_every_quarter_of_the_plan_is_covered_and_each_days_work_while_it_is_open(roster):
    scenario = load("plans/small.toml")
    window = Window.of(scenario)
    plan = planned(scenario, window, expected_rates(scenario, window, known_only=True, written=True))
    times = roster["roster"].columns[2:]
    for column, name in enumerate(scenario.groups):
        there = roster["roster"].filter(pl.col("group") == name).select(times).to_numpy()
        wanted = plan[:, column].reshape(-1, 96)
        if name != "desk":
            assert (np.repeat(there, 2, axis=1) >= wanted).all()
            continue
        is_open = np.array(["09:00" <= time < "17:00" for time in times])
        # In quarters of an agent's hour; at weekends the desk has nothing to do.
        assert wanted.sum() > 0
        assert (2 * there[:, is_open].sum(axis=1) >= wanted.sum(axis=1)).all()
        assert (there[:, is_open][wanted.sum(axis=1) > 0] >= 1).all()
        # Fewer than the plan has at once in some half-hours: that is what work that can wait allows.
        assert (np.repeat(there, 2, axis=1) < wanted).any()
    desk = roster["coverage"].filter(pl.col("group") == "desk")
    done = desk.filter("open").group_by("typical_week", "day").agg(pl.col("on_duty").sum() / 2, pl.col("work_h").max())
    assert (done["on_duty"] >= done["work_h"]).all()


def test_the_scenario_written_runs_with_the_rosters_hours(roster, monkeypatch, tmp_path):
    # From another folder too: the path to the scenario extended is from the file.
    folder = Path.cwd() / FOLDER
    monkeypatch.chdir(tmp_path)
    scenario = load(folder / "scenario.toml")
    # A run of it does not take the place of the shifts.
    assert Path("results", scenario.name).name != FOLDER.name
    assert "groups.general.on_duty" not in unsourced(scenario)
    assert main(["run", str(folder / "scenario.toml"), "--replications", "1", "--out", "run", "--quiet"]) == 0
    measures = json.loads(Path("run", "summary.json").read_text("utf-8"))["measures"]
    agents = roster["roster"].select(pl.exclude("date", "group")).to_numpy().reshape(12, 3, 48).transpose(0, 2, 1)
    window = Window.of(scenario)
    plan = planned(scenario, window, expected_rates(scenario, window, known_only=True, written=True))
    assert (plan == np.repeat(agents.reshape(-1, 3), 2, axis=0)).all()
    # Who is at a call when a shift ends stays until its end: a few minutes more than the roster has.
    roster_h = agents[2:].sum() / 2.0
    assert roster_h <= measures["on_duty_h"]["mean"] < 1.005 * roster_h


def test_keys_set_beside_the_scenario_are_in_the_folder(made, monkeypatch):
    monkeypatch.chdir(made)
    on_duty_all = "groups.specialist.on_duty={ all = 1 }"
    assert main(["roster", "plans/small.toml", "--set", on_duty_all, "--group", "general", "--out", "set", *FAST]) == 0
    assert Path("set", "base.toml").exists()
    assert (
        load("set/scenario.toml").groups["specialist"] == load("plans/small.toml", [on_duty_all]).groups["specialist"]
    )
    assert set(pl.read_csv("set/tours.csv")["group"]) == {"general"}


def test_a_shipped_scenario_is_extended_by_its_name():
    assert roster_files._from("shanghai-2020", Path("results", "x")) == "shanghai-2020"
    assert roster_files._from("plans/my.toml", Path("results", "x")) == "../../plans/my.toml"


def test_the_manifest_has_the_files_and_the_command(roster, made):
    manifest = json.loads((FOLDER / "manifest.json").read_text("utf-8"))
    files = {str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*") if path.is_file()}
    assert files == set(manifest["files"])
    assert files >= {"tours.csv", "coverage.csv", "roster.csv", "scenario.toml", "manifest.json"}
    command = shlex.split(manifest["command"])
    assert command == ["hotline", "roster", "plans/small.toml", "--gap", "1%", "--seconds", "1"]


def test_excel_has_the_three_tables(roster):
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.load_workbook(FOLDER / "roster.xlsx", read_only=True)
    assert book.sheetnames == ["tours", "coverage", "roster"]
    cells = list(book["roster"].iter_rows(min_row=2, min_col=3, values_only=True))
    assert cells == roster["roster"].select(pl.exclude("date", "group")).rows()


ONE = ("--set", "horizon.warm_up_days=0", "--group", "general", "--seconds", "1")


def test_the_table_has_what_the_json_has(made, monkeypatch, capsys):
    monkeypatch.chdir(made)
    # In a process of its own: nothing else may stand on standard output, whatever the solver says as it begins.
    command = "import sys; from sim.cli.main import main; sys.exit(main())"
    words = [sys.executable, "-c", command, "roster", "plans/small.toml", *ONE, "--json", "--out", "one"]
    told = json.loads(subprocess.run(words, capture_output=True, check=True).stdout)
    own, week = told["groups"]["general"], told["weeks"][0]
    assert list(told["groups"]) == ["general"]
    # From Tuesday 17 to Thursday 26 March: 10 days of 7.
    assert sum(week["of_horizon"] for week in told["weeks"]) == pytest.approx(10 / 7)
    # One-day's table asks for 183 agent-hours a day, every day; one tour is one line of agents.
    day_h = sum([3, 3, 3, 3, 3, 3, 4, 6, 9, 10, 11, 10, 8, 9, 10, 9, 9, 9, 8, 8, 7, 7, 5, 4])
    assert own["required_h"] == [7 * day_h] * len(told["weeks"])
    agents = {row["tour"]: row["agents"] for row in told["tours"] if row["typical_week"] == week["typical_week"]}
    assert sum(agents.values()) == own["agents"][0]
    assert own["efficiency"][0] == pytest.approx(own["required_h"][0] / own["on_duty_h"][0])
    assert own["week_cny"] is None
    assert main(["roster", "plans/small.toml", *ONE, "--out", "one"]) == 0
    out = capsys.readouterr().out
    assert f"{10 / 7 * 7 * day_h:,.0f}" in out
    for words in ("The busiest week, 2020-03", "The week with least to spare, 2020-03", "has no [cost]", "hotline run"):
        assert words in out


def test_in_chinese_nothing_is_left_in_english(made, monkeypatch, capsys):
    monkeypatch.chdir(made)
    assert main(["roster", "plans/small.toml", *ONE, "--out", "zh", "--lang", "zh"]) == 0
    out = capsys.readouterr().out
    out = re.sub(r"hotline run \S+|目录 zh|\[cost\]|on_duty|small", "", out)
    assert re.findall(r"[A-Za-z]{2,}", out) == []
    for word in ("排班人数", "排班效率", "最忙的一周"):
        assert word in out


def test_figures_are_of_the_groups_that_take_calls(made, monkeypatch):
    monkeypatch.chdir(made)
    assert main(["roster", "plans/small.toml", *ONE, "--out", "drawn", "--figures", "--quiet"]) == 0
    assert {path.name for path in Path("drawn", "figures").iterdir()} == {"week-general.svg", "week-general.png"}


def test_seats_that_are_too_few_are_told_with_when_and_by_how_many(made, monkeypatch, capsys):
    monkeypatch.chdir(made)
    # The two groups there have 11 + 7 at once in the plan; whole shifts for both ends of that hour take more.
    seats = ("--set", "sites.main.seats=18", "--seconds", "1", "--out", "seats")
    assert main(["roster", "plans/small.toml", *seats]) == 0
    found = re.search(
        r"up to (\d+) beyond its 18 seats, (\w+) (\d\d:\d\d) in (.*?); (\d+) half-", capsys.readouterr().out
    )
    assert found is not None
    there = pl.read_csv("seats/coverage.csv", infer_schema_length=None).filter(pl.col("group") != "desk")
    there = there.group_by("typical_week", "day", "time").agg(pl.col("on_duty").sum() - 18)
    assert int(found[1]) == there["on_duty"].max() >= 1
    told = there.filter(pl.col("typical_week") == found[4], pl.col("day") == found[2], pl.col("time") == found[3])
    assert told["on_duty"].to_list() == [int(found[1])]
    mondays = {week.label: len(week.mondays) for week in typical_weeks(load("plans/small.toml"))}
    beyond = there.filter(pl.col("on_duty") > 0)["typical_week"]
    assert int(found[5].replace(",", "")) == sum(mondays[week] for week in beyond)


# --- what is refused ---------------------------------------------------------------------------------------------


def refused(capsys, *words: str) -> str:
    assert main(["roster", *words]) == 2
    streams = capsys.readouterr()
    assert streams.out == ""
    assert "Traceback" not in streams.err
    assert "to mend" in streams.err
    return streams.err


def test_without_shifts_the_tables_to_add_are_shown(capsys):
    told = refused(capsys, "one-day")
    assert "one-day: shifts" in told
    assert "add [shifts.day] with from_h" in told
    assert "[tours.full_time]" in told
    assert not Path("results", "roster-one-day").exists()


def test_half_hours_that_no_tour_covers_are_told(capsys):
    Path("x.toml").write_text(
        'extends = "one-day"\n[shifts.day]\nfrom_h = 7\nto_h = 15.5\nlength_h = [8.5]\n'
        "[tours.full]\nshifts = ['day']\ndays_on = 5\n",
        "utf-8",
    )
    told = refused(capsys, "x.toml", "--group", "general")
    assert "groups.general.on_duty" in told
    # One Monday, from 7 to 24 h.
    assert "agents at Mon 00:00–Mon 07:00" in told
    assert "covers these half-hours" in told


def test_a_share_that_cannot_be_kept_is_told(capsys):
    Path("x.toml").write_text(
        'extends = "one-day"\n[shifts.day]\nfrom_h = 0\nto_h = 23\nevery_minutes = 60\nlength_h = [8]\n'
        "[tours.full]\nshifts = ['day']\ndays_on = 5\nmax_share = 0.5\n[labour]\nnights_week = 7\n",
        "utf-8",
    )
    assert "raise max_share" in refused(capsys, "x.toml", "--group", "general", "--seconds", "2")


def test_options_that_cannot_be_are_told_at_once(capsys):
    told = refused(capsys, "shanghai-2020", "--gap", "50%", "--seconds", "0", "--lang", "fr")
    assert all(option in told for option in ("--gap", "--seconds", "--lang"))


@pytest.mark.parametrize(("name", "why"), [("genral", "write one of these"), ("partner", "it is called in")])
def test_a_group_without_tours_of_its_own_is_refused(capsys, name, why):
    told = refused(capsys, "winter-surge-partner", "--group", name)
    assert why in told
    assert "general" in told


# --- the year as typical weeks -----------------------------------------------------------------------------------


def test_weeks_are_alike_by_month_and_kinds_of_day_and_surged_ones_alone():
    surge = '{ name = "s", from = 2020-06-14T12:00:00, to = 2020-06-15T00:00:00, multiplier = 2, known = true }'
    scenario = load("shanghai-2020", [f"demand.surge=[{surge}]"])
    weeks = {week.label: [str(monday) for monday in week.mondays] for week in typical_weeks(scenario)}
    # 25 to 27 June 2020 was the dragon boat festival, 28 June a Sunday to work; the surge ends as Monday begins.
    assert weeks["2020-06"] == ["2020-06-01", "2020-06-15"]
    assert weeks["2020-06 (06-08)"] == ["2020-06-08"]
    assert weeks["2020-06 (06-22)"] == ["2020-06-22"]
    assert sum(map(len, weeks.values())) == 53


def test_agents_lent_between_two_dates_stay_in_their_groups_roster():
    lent = (
        "groups.helpers={ on_duty = { all = 2 }, "
        'activation = { from = 2020-03-18T08:00:00, to = 2020-03-20T08:00:00, agents_from = "general" } }'
    )
    Path("x.toml").write_text(HEAD + RULES, "utf-8")
    changes = ["types.enquiry.groups=['general', 'helpers']", lent]
    with_helpers, without = (
        sim.roster(load("x.toml", set_), "general", gap=0.1, seconds=1.0) for set_ in (changes, [])
    )
    needed = with_helpers.groups["general"].need.required
    np.testing.assert_array_equal(needed, without.groups["general"].need.required)
    assert with_helpers.called_in == ["helpers"]


@pytest.mark.slow
def test_two_weeks_of_shanghais_enterprise_desk():
    scenario = load("shanghai-2020", ["horizon.start=2020-06-08", "horizon.end=2020-06-21"])
    found = sim.roster(scenario, "expert", seconds=10.0)
    own = found.groups["expert"]
    assert (own.on_duty >= own.need.required).all()
    # The dive alone left 85 % open, or found nothing.
    assert own.gap.max() < 0.3
