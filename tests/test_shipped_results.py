"""The results in the repository are of the scenarios in it."""

from __future__ import annotations

import datetime as dt
import json
import tomllib
from pathlib import Path

import polars as pl
import pytest
from roster_checker import checked_rows, on_duty, violations

from sim.cost.drivers import plan
from sim.cost.lines import price
from sim.experiment.frames import pairs
from sim.measures import NAMES
from sim.scenario import digest, load

RESULTS = Path(__file__).parents[1] / "results"
SCENARIO = RESULTS.parent / "scenarios" / "shanghai-2020.toml"


def manifest(name: str) -> dict:
    return json.loads((RESULTS / name / "manifest.json").read_text("utf-8"))


def test_the_baseline_is_the_shipped_scenarios() -> None:
    found = manifest("shanghai-2020")
    assert found["scenario"]["sha256"] == digest(load("shanghai-2020"))
    assert set(pairs(pl.read_parquet(RESULTS / "shanghai-2020" / "replications.parquet"))) == set(NAMES)


def test_the_cheapest_plan_is_the_shipped_scenarios_and_holds_in_most_of_200_years() -> None:
    found = json.loads((RESULTS / "staff-shanghai-2020" / "summary.json").read_text("utf-8"))
    assert found["scenario"]["sha256"] == digest(load("shanghai-2020"))
    assert found["probability"]["seeds"] == 200
    assert found["probability"]["estimate"] * 200 >= 170
    for way in ("interval_erlang", "flat"):
        assert found["against"][way]["total_wan"] > found["total_wan"]


def test_the_cheapest_plan_without_one_agent_is_not_sure_enough_and_the_gap_is_more_than_an_agent() -> None:
    folder = RESULTS / "staff-shanghai-2020"
    found = json.loads((folder / "summary.json").read_text("utf-8"))
    tours = pl.read_csv(folder / "tours.csv", infer_schema_length=None).filter(pl.col("group") == "general")
    fewer = found["one_fewer"]
    assert fewer["tours"] == tours.select("typical_week", "tour").unique().height
    assert 0 < fewer["barred"] < fewer["tours"]
    assert 0.85 < fewer["surest"] < found["probability"]["asked"] == 0.9
    assert 2.0 * found["personnel_wan"] / found["heads"] < found["gap_wan"]


def test_the_plans_own_scenario_costs_what_the_plan_does() -> None:
    folder = RESULTS / "staff-shanghai-2020"
    found = json.loads((folder / "summary.json").read_text("utf-8"))
    planned = load(folder / "scenario.toml")
    # The simulation moves energy alone, by the hours that jobs run over the end of a shift.
    assert price(planned, plan(planned)).total_wan == pytest.approx(found["total_wan"], abs=0.5)


def test_the_plans_tours_keep_every_rule_of_labour_and_are_its_roster() -> None:
    folder = RESULTS / "staff-shanghai-2020"
    tours = pl.read_csv(folder / "tours.csv", infer_schema_length=None)
    roster = pl.read_csv(folder / "roster.csv", infer_schema_length=None)
    with SCENARIO.open("rb") as file:
        rules = tomllib.load(file)
    week_of = {
        monday: week for week, mondays in tours.select("typical_week", "mondays").rows() for monday in mondays.split()
    }
    there = {}
    for (week, group), own in tours.group_by("typical_week", "group"):
        rows = checked_rows(own)
        assert violations(rows, rules["shifts"], rules["tours"], rules["labour"]) == set(), (week, group)
        there[week, group] = [agents for _, agents in sorted(on_duty(rows).items())]
    for date, group, *agents in roster.rows():
        day = dt.date.fromisoformat(date)
        week = there[week_of[str(day - dt.timedelta(days=day.weekday()))], group]
        assert agents == week[48 * day.weekday() : 48 * (day.weekday() + 1)], (date, group)
