# ruff: noqa: E501  (one case a line)
"""Every fault of a head-count says file, key, value, what is allowed and how to mend it; all faults at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_scenario_faults import faults, only

from sim.scenario import json_schema, load

PEOPLE = """\
[horizon]
start = 2020-03-02
end = 2020-05-31
[workforce]
shrinkage = { leave = 0.1, sickness = 0.04 }
attrition = 0.3
training_weeks = 4.5
"""
TABLE = "[workforce.headcount]\nopening = [{ weeks_on_floor = 3, heads = 5 }, { weeks_on_floor = 80, heads = 50 }]\nlead_weeks = 6\n"

# (what the table says besides, key below the table, value shown, a part of what is allowed, a part of the remedy)
CASES = {
    "before its lead": (
        "classes = [{ start = 2020-04-12, heads = 5 }]",
        "classes.0.start",
        "2020-04-12",
        "hired after its lead: 2020-04-13 or later, 6 weeks after horizon.start",
        "add decided = 2020-03-01 or earlier",
    ),
    "decided too late": (
        "classes = [{ start = 2020-04-06, heads = 5, decided = 2020-02-25 }]",
        "classes.0.decided",
        "2020-02-25",
        "no later than 2020-02-24, 6 weeks before",
        "move the class to 2020-04-07",
    ),
    "decided after its start": (
        "classes = [{ start = 2020-05-04, heads = 5, decided = 2020-05-05 }]",
        "classes.0.decided",
        "2020-05-05",
        "no later than 2020-03-23",
        "correct the date",
    ),
    "before the horizon": (
        "classes = [{ start = 2020-03-01, heads = 5, decided = 2020-01-01 }]",
        "classes.0.start",
        "2020-03-01",
        "from 2020-03-02 (horizon.start) to 2020-05-25",
        "belongs into in_training",
    ),
    "in the last week": (
        "classes = [{ start = 2020-05-26, heads = 5 }]",
        "classes.0.start",
        "2020-05-26",
        "to 2020-05-25, when the horizon's last week begins",
        "leave the class out",
    ),
    "classes out of order": (
        "classes = [{ start = 2020-05-04, heads = 5 }, { start = 2020-05-04, heads = 6 }]",
        "classes",
        None,
        "start that rises from item to item",
        "sort the list by start, and join what is twice",
    ),
    "negative heads": (
        "classes = [{ start = 2020-05-04, heads = -5 }]",
        "classes.0.heads",
        "-5",
        "a whole number from 0 to 20,000",
        "inside these bounds",
    ),
    "half a head": (
        "classes = [{ start = 2020-05-04, heads = 2.5 }]",
        "classes.0.heads",
        "2.5",
        "a whole number",
        "such as 2 or 3",
    ),
    "training is over": (
        "in_training = [{ weeks_done = 5, heads = 5 }]",
        "in_training.0.weeks_done",
        "5",
        "fewer weeks than training takes, 5",
        "opening, with weeks_on_floor = 0",
    ),
    "weeks done out of order": (
        "in_training = [{ weeks_done = 2, heads = 5 }, { weeks_done = 1, heads = 5 }]",
        "in_training",
        None,
        "weeks_done that rises",
        "sort the list",
    ),
    "everybody drops out": (
        "training_dropout_share = 1.0",
        "training_dropout_share",
        "1.0",
        "below 1",
        "inside these bounds",
    ),
    "dropout in per cent": (
        "training_dropout_share = 15",
        "training_dropout_share",
        "15",
        "below 1",
        "write 0.15 for 15 %",
    ),
    "attrition in per cent": (
        "attrition_by_tenure = [{ until_weeks = 4, a_year = 60 }]",
        "attrition_by_tenure.0.a_year",
        "60",
        "from 0 to 20",
        "write 0.6 for 60 %",
    ),
    "attrition out of order": (
        "attrition_by_tenure = [{ until_weeks = 26, a_year = 0.6 }, { until_weeks = 4, a_year = 0.9 }]",
        "attrition_by_tenure",
        None,
        "until_weeks that rises",
        "sort the list",
    ),
    "learning out of order": (
        "learning = [{ until_weeks = 9, handling_factor = 1.1 }, { until_weeks = 4, handling_factor = 1.4 }]",
        "learning",
        None,
        "until_weeks that rises",
        "sort the list",
    ),
    "no handling time": (
        "learning = [{ until_weeks = 9, handling_factor = 0.0 }]",
        "learning.0.handling_factor",
        "0.0",
        "from 0.5 to 10",
        "inside these bounds",
    ),
    "band of no weeks": (
        "learning = [{ until_weeks = 0, handling_factor = 1.2 }]",
        "learning.0.until_weeks",
        "0",
        "from 1",
        "inside these bounds",
    ),
    "eleven months": (
        "leave_by_month = [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]",
        "leave_by_month",
        None,
        "12 items",
        "it has 11",
    ),
    "no leave in any month": (
        "leave_by_month = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]",
        "leave_by_month",
        None,
        "not all zero",
        "above 0",
    ),
    "sickness backwards": (
        "sickness = [{ from = 2020-04-10, to = 2020-04-09, factor = 2 }]",
        "sickness.0.to",
        "2020-04-09",
        "from 2020-04-10 (from) on",
        "exchange from and to",
    ),
    "sickness elsewhere": (
        "sickness = [{ from = 2020-01-10, to = 2020-04-09, factor = 2 }]",
        "sickness.0.from",
        "2020-01-10",
        "inside the horizon, 2020-03-02 to 2020-05-31",
        "correct the date",
    ),
    "sickness twice": (
        "sickness = [{ from = 2020-03-10, to = 2020-04-09, factor = 2 }, { from = 2020-04-09, to = 2020-04-20, factor = 3 }]",
        "sickness",
        None,
        "do not overlap",
        "part what overlaps",
    ),
    "no time to work": (
        "sickness = [{ from = 2020-03-10, to = 2020-04-09, factor = 23 }]",
        "sickness",
        None,
        "below 1 in sum; on 2020-03-10 it is 1.02",
        "lower the factors",
    ),
    "unknown key": ("leed_weeks = 6", "leed_weeks", "6", "opening, in_training", "lead_weeks instead of leed_weeks"),
}


@pytest.mark.parametrize("name", CASES)
def test_a_fault_is_told_to_a_planner(tmp_path: Path, name: str) -> None:
    says, key, value, allowed, remedy = CASES[name]
    found = only(tmp_path, f"{PEOPLE}{TABLE}{says}\n")
    assert found.key == f"workforce.headcount.{key}"
    assert value is None or found.value == value
    assert allowed in found.allowed
    assert remedy in found.remedy


@pytest.mark.parametrize(
    ("key", "cause"),
    [
        ("leave_by_month = [1,1,1,1,1,1,1,1,1,1,1,2]", "leave"),
        ("sickness = [{ from = 2020-03-10, to = 2020-04-09, factor = 2 }]", "sickness"),
    ],
)
def test_seasons_are_of_a_cause_that_is_there(tmp_path: Path, key: str, cause: str) -> None:
    other = {"leave": "sickness", "sickness": "leave"}[cause]
    people = PEOPLE.replace("{ leave = 0.1, sickness = 0.04 }", f"{{ {other} = 0.1, holiday = 0.05 }}")
    found = only(tmp_path, f"{people}{TABLE}{key}\n")
    assert found.key == f"workforce.headcount.{key.partition(' ')[0]}"
    assert f"{cause} is not among its causes" in found.allowed
    assert f"add {cause} to workforce.shrinkage" in found.remedy


def test_nobody_at_the_start_and_no_lead_are_asked_for(tmp_path: Path) -> None:
    found = faults(tmp_path, f"{PEOPLE}[workforce.headcount]\nopening = []\n")
    assert {fault.key for fault in found} == {"workforce.headcount.opening", "workforce.headcount.lead_weeks"}


@pytest.mark.parametrize("where", ["opening.0", "in_training.0", "classes.0"])
def test_heads_below_zero_are_refused_wherever_they_stand(tmp_path: Path, where: str) -> None:
    says = "in_training = [{ weeks_done = 2, heads = 5 }]\nclasses = [{ start = 2020-05-04, heads = 5 }]\n"
    (found,) = faults(tmp_path, f"{PEOPLE}{TABLE}{says}", f"workforce.headcount.{where}.heads=-1")
    assert (found.file, found.key, found.value) == ("--set", f"workforce.headcount.{where}.heads", "-1")
    assert found.allowed == "a whole number from 0 to 20,000"


def test_repeats_explode_in_a_week_of_novices(tmp_path: Path) -> None:
    """As planned half come again; of novices, who answer nothing on the spot, all do."""
    again = "[types.help.resolution]\non_the_spot = 0.5\nrepeat = { work_order = 1 }\n"
    learning = "learning = [{ until_weeks = 9, handling_factor = 1.2, on_the_spot_loss = LOSS }]\n"
    found = only(tmp_path, f"{again}{PEOPLE}{TABLE}{learning.replace('LOSS', '1.0')}")
    assert found.key == "types.help.resolution.repeat"
    assert "here 1: with 0 answered on the spot" in found.allowed
    (tmp_path / "mine.toml").write_text(
        f'extends = "one-day"\n{again}{PEOPLE}{TABLE}{learning.replace("LOSS", "0.9")}', "utf-8"
    )
    assert load(tmp_path / "mine.toml").headcount is not None


def test_a_novices_order_returns_no_more_than_surely(tmp_path: Path) -> None:
    learning = "learning = [{ until_weeks = 9, handling_factor = 1.2 }]\n"
    found = only(tmp_path, f"[quality]\nnovice_returns = 30\n{PEOPLE}{TABLE}{learning}")
    assert (found.key, found.value) == ("quality.novice_returns", "30")
    assert "for help it is 1.55" in found.allowed


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    says = """
classes = [{ start = 2020-03-09, heads = 5 }, { start = 2020-05-30, heads = 5 }]
in_training = [{ weeks_done = 9, heads = 5 }]
training_dropout_share = 2
leave_by_month = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
sickness = [{ from = 2020-04-10, to = 2020-04-09, factor = 2 }]
"""
    found = faults(tmp_path, f"{PEOPLE}{TABLE}{says}")
    assert sorted(fault.key.removeprefix("workforce.headcount.") for fault in found) == [
        *("classes.0.start", "classes.1.start", "in_training.0.weeks_done", "leave_by_month", "sickness.0.to"),
        "training_dropout_share",
    ]


def test_what_was_set_last_is_told(tmp_path: Path) -> None:
    (found,) = faults(
        tmp_path,
        f"{PEOPLE}{TABLE}classes = [{{ start = 2020-05-04, heads = 5 }}]\n",
        "workforce.headcount.lead_weeks=10",
    )
    assert (found.file, found.key, found.value) == ("--set", "workforce.headcount.lead_weeks", "10")


def test_a_class_in_time_or_decided_in_time_is_accepted(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    classes = "classes = [{ start = 2020-03-02, heads = 5, decided = 2020-01-20 }, { start = 2020-04-13, heads = 5 }, { start = 2020-05-25, heads = 0 }]"
    file.write_text(f'extends = "one-day"\n{PEOPLE}{TABLE}{classes}\n', "utf-8")
    loaded = load(file)
    assert loaded.workforce is not None
    assert loaded.workforce.headcount is not None
    assert [each.heads for each in loaded.workforce.headcount.classes] == [5, 5, 0]


def test_the_schema_describes_every_key() -> None:
    found = json_schema()["$defs"]
    for table in (
        "HeadcountTable",
        "OpeningBand",
        "InTraining",
        "HiringClass",
        "TenureAttrition",
        "LearningBand",
        "SicknessSeason",
    ):
        assert all(key.get("description") for key in found[table]["properties"].values()), table
