# ruff: noqa: E501  (one case a line)
"""Shifts, tours and the rules of labour: what a scenario may say, what comes of it, and each rule broken on purpose."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest
from roster_checker import Row, violations
from test_scenario_faults import only
from test_scheduling import LABOUR, MEAL, SHIFTS, TOURS, rows, scenario

from sim.experiment.causes import changed_keys
from sim.scenario import ScenarioError, json_schema, load, numbers, unsourced
from sim.workforce.tours import days_text, half_hours, stretches, weekly_tours

DAY = "[shifts.day]\nfrom_h = 8\nto_h = 9\nlength_h = [8.5]\n"
FULL = "[tours.full]\nshifts = ['day']\ndays_on = 5\n"

# (what the file says, key, a part of what is allowed, a part of the remedy)
FAULTS = {
    "no such family": (DAY + FULL.replace("day'", "dya'"), "tours.full.shifts.0", "a shift of this scenario: day", "write day instead of dya"),
    "no such family in a pattern": (DAY + "[tours.x]\npattern = ['day', 'night', 'off', 'off', 'off', 'off', 'off']", "tours.x.pattern.1", "off, or a family of [shifts]: day", "add the shift [shifts.night]"),
    "no such group": (DAY + FULL + "groups = ['genral']", "tours.full.groups.0", "a group of this scenario", "write general"),
    "six days of a pattern": (DAY + "[tours.x]\npattern = ['day', 'day', 'day', 'day', 'day', 'off']", "tours.x.pattern", "7 items", "it has 6; give at least 7"),
    "neither shifts nor pattern": (DAY + "[tours.x]\ndays_on = 5", "tours.x", "shifts with days_on, or pattern", "keep one"),
    "a pattern with days": (DAY + "[tours.x]\npattern = ['day', 'off', 'off', 'off', 'off', 'off', 'off']\ndays_on = 1", "tours.x", "days_on only with shifts", "leave it out"),
    "more days than a week": (DAY + FULL.replace("5", "6") + "days_off_together = 2", "tours.full", "these sum to 8", "lower one"),
    "quarters of an hour": (DAY.replace("[8.5]", "[8.25]") + FULL, "shifts.day.length_h.0", "whole halves", "round it"),
    "a coffee break": (DAY + "breaks = [{ minutes = 10, earliest_h = 3, latest_h = 4 }]\n" + FULL, "shifts.day.breaks.0.minutes", "a whole number from 30 to 720", "inside these bounds"),
    "minutes that are no half-hours": (DAY + "breaks = [{ minutes = 45, earliest_h = 3, latest_h = 4 }]\n" + FULL, "shifts.day.breaks.0.minutes", "whole half-hours", "workforce.shrinkage"),
    "longer than a day": (DAY.replace("[8.5]", "[24.5]") + FULL, "shifts.day.length_h.0", "from 0.5 to 24", "inside these bounds"),
    "a break at the end": (DAY + "breaks = [{ minutes = 60, earliest_h = 3, latest_h = 7.5 }]\n" + FULL, "shifts.day", "break 1 may end 8.5 h into one of 8.5 h", "lower its latest_h"),
    "breaks out of order": (DAY + "breaks = [{ minutes = 60, earliest_h = 5, latest_h = 6 }, { minutes = 30, earliest_h = 2, latest_h = 3 }]\n" + FULL, "shifts.day", "one after the other", "sort the list"),
    "a family named off": (DAY.replace("day", "off"), "shifts.off", "other than off", "rename"),
    "no rest": (DAY.replace("[8.5]", "[14]") + FULL + "[labour]\nmost_hours_week = 168", "labour.rest_h", "rest_h = 11 (the nearest tour has 10)", "labour.rest_h"),
    "too many hours": (DAY.replace("[8.5]", "[10]") + FULL, "tours.full", "most_hours_week = 48 (the nearest tour has 50)", "days_on"),
    "too many nights": (DAY.replace("8\n", "22\n").replace("9\n", "23\n") + FULL, "tours.full", "nights_week = 4 (the nearest tour has 5)", "labour.nights_week"),
    "no day off": (DAY + FULL.replace("5", "7") + "[labour]\nmost_hours_week = 60", "tours.full", "days_in_a_row = 6 (the nearest tour has 7)", "labour.days_in_a_row"),
    "one rule or the other": (
        "[shifts.day]\nfrom_h = 8\nto_h = 8\nlength_h = [13.5]\n[shifts.night]\nfrom_h = 22\nto_h = 22\nlength_h = [9]\n[tours.full]\nshifts = ['day', 'night']\ndays_on = 5\n[labour]\nmost_hours_week = 168",
        None, "each a part of them", "labour.nights_week",
    ),
    "too many to choose from": (
        "[shifts.day]\nfrom_h = 0\nto_h = 23.5\nlength_h = [7, 8, 9]\nbreaks = [{ minutes = 30, earliest_h = 1, latest_h = 6 }]\n[shifts.night]\nfrom_h = 20\nto_h = 23\nlength_h = [8, 9]\n[tours.x]\npattern = ['day', 'night', 'off', 'off', 'off', 'off', 'off']",
        "tours.x", "at most 100,000 tours", "raise every_minutes",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", FAULTS)
def test_a_fault_is_told(tmp_path: Any, case: str) -> None:
    text, key, allowed, remedy = FAULTS[case]
    fault = only(tmp_path, text)
    assert key is None or fault.key == key or (fault.key == "tours.full" and key.startswith("labour."))
    assert allowed in fault.allowed
    assert remedy in fault.remedy


def test_the_tables_are_in_the_schema_and_have_sources() -> None:
    properties = json_schema()["properties"]
    assert {"shifts", "tours", "labour"} <= set(properties)
    shanghai = load("shanghai-2020")
    told = {path: text for path, _, text in numbers(shanghai) if path.split(".")[0] in ("shifts", "tours", "labour")}
    assert told["labour.rest_h"].startswith("assumed: eleven hours")
    assert "shifts.day.breaks.0.minutes" in told
    assert unsourced(shanghai) == []


def test_a_pattern_written_over_days_takes_their_place(tmp_path: Any) -> None:
    found = load("shanghai-2020", ['tours.full_time.pattern=["day","day","day","off","off","day","day"]'])
    assert found.tours is not None
    assert found.tours["full_time"].days_on is None


def test_what_only_a_roster_reads_is_no_cause_of_a_change() -> None:
    longer = load("shanghai-2020", ["labour.rest_h=12", "shifts.day.to_h=9.0", "tours.full_time.days_on=4"])
    assert changed_keys(load("shanghai-2020"), longer) == {}


def test_shift_types_are_starts_by_lengths_by_places_of_breaks() -> None:
    split = {"minutes": 240, "earliest_h": 5.0, "latest_h": 5.5}
    shifts = {"day": {"from_h": 8.5, "to_h": 9.5, "length_h": [12.0, 12.5], "breaks": [MEAL, split]}}
    tours = weekly_tours(scenario(shifts, {"full": {"shifts": ["day"], "days_on": 5}}))
    # Three starts, two lengths, three meals by two long breaks.
    assert len(tours.shifts) == 3 * 2 * 3 * 2
    first = tours.shifts[0]
    assert first.name == "day 08:30 12h break 11:30, 13:30"
    assert first.at_work == ((17, 23), (24, 27), (35, 41))
    # Any two days off of seven; 12 h less half an hour and four hours are 7.5 h.
    assert len(tours) == 36 * 21
    assert set(tours.paid_h) == {37.5, 40.0}


def test_starts_over_midnight_belong_to_their_own_day() -> None:
    shifts = {"night": {"from_h": 23.0, "to_h": 0.5, "every_minutes": 30, "length_h": [8.0]}}
    tours = weekly_tours(scenario(shifts, {"x": {"pattern": ["night"] + ["off"] * 6, "rotates": False}}))
    assert [shift.span.start for shift in tours.shifts] == [46, 47, 0, 1]
    assert [int(np.flatnonzero(row)[0]) for row in tours.coverage] == [46, 47, 0, 1]


def test_the_end_of_a_sunday_night_is_on_monday() -> None:
    shifts = {"night": {"from_h": 22.0, "to_h": 22.0, "length_h": [9.0], "breaks": [MEAL]}}
    tours = weekly_tours(scenario(shifts, {"x": {"pattern": ["off"] * 6 + ["night"], "rotates": False}}))
    earliest = tours.coverage[0]
    assert stretches(np.flatnonzero(earliest)) == ["Mon 00:00–Mon 01:00", "Mon 01:30–Mon 07:00", "Sun 22:00–Mon 00:00"]
    assert tours.night_h.tolist() == [8.5, 8.5, 8.5]
    assert tours.days.tolist() == [1, 1, 1]
    assert tours.holiday_h([0]).tolist() == [6.5, 6.5, 6.5]


def test_overtime_is_what_is_paid_beyond_the_week() -> None:
    tours = weekly_tours(
        scenario({"day": {"from_h": 8.0, "to_h": 8.0, "length_h": [9.0]}}, {"x": {"shifts": ["day"], "days_on": 5}})
    )
    assert set(tours.paid_h) == {45.0}
    assert set(tours.overtime_h) == {5.0}


def test_days_off_together_go_round_the_week() -> None:
    kinds = {"x": {"shifts": ["day"], "days_on": 5, "days_off_together": 2}}
    tours = weekly_tours(scenario({"day": {"from_h": 8.0, "to_h": 8.0, "length_h": [8.0]}}, kinds))
    told = {tours.worked(tour)[0].days for tour in range(len(tours))}
    assert told == {"Mon–Fri", "Tue–Sat", "Wed–Sun", "Thu–Mon", "Fri–Tue", "Sat–Wed", "Sun–Thu"}


def test_all_tours_that_keep_the_rules_are_there_and_no_others() -> None:
    """Every week of the pattern's shifts, by hand: the rule that binds is the rest between a day and a night."""
    shifts = {
        "late": {"from_h": 12.0, "to_h": 16.0, "every_minutes": 120, "length_h": [8.0]},
        "early": {"from_h": 6.0, "to_h": 10.0, "every_minutes": 120, "length_h": [8.0]},
    }
    kinds = {"x": {"pattern": ["late", "early", "off", "off", "off", "off", "off"]}}
    tours = weekly_tours(scenario(shifts, kinds))
    # A late start at h ends at h + 8; an early one at e the next day is 24 + e - (h + 8) later: 11 h or more.
    pairs = [(h, e) for h in (12, 14, 16) for e in (6, 8, 10) if 24 + e - h - 8 >= 11]
    assert len(tours) == 7 * len(pairs)
    assert {
        (tours.shifts[w[0]].span.start // 2, tours.shifts[w[1]].span.start // 2)
        for w in tours.week
        if w[0] >= 0 and w[1] >= 0
    } == set(pairs)


def test_rest_and_days_in_a_row_go_round_the_week() -> None:
    shifts = {
        "late": {"from_h": 12.0, "to_h": 16.0, "every_minutes": 120, "length_h": [8.0]},
        "early": {"from_h": 6.0, "to_h": 10.0, "every_minutes": 120, "length_h": [8.0]},
    }
    # As above, from Sunday to Monday.
    over_sunday = {"x": {"pattern": ["early", "off", "off", "off", "off", "off", "late"], "rotates": False}}
    tours = weekly_tours(scenario(shifts, over_sunday))
    pairs = [(h, e) for h in (12, 14, 16) for e in (6, 8, 10) if 24 + e - h - 8 >= 11]
    assert sorted((tours.shifts[w[6]].span.start // 2, tours.shifts[w[0]].span.start // 2) for w in tours.week) == pairs
    # Two days before the free Wednesday and four after it are six in a row.
    six = {"x": {"pattern": ["early", "early", "off", "early", "early", "early", "early"], "rotates": False}}
    with pytest.raises(ScenarioError, match=r"days_in_a_row = 5 \(the nearest tour has 6\)"):
        scenario(shifts, six, {**LABOUR, "days_in_a_row": 5})


def test_no_week_is_longer_than_allowed() -> None:
    shifts = {"day": {"from_h": 8.0, "to_h": 8.0, "length_h": [9.0, 9.5, 10.0]}}
    tours = weekly_tours(
        scenario(shifts, {"x": {"shifts": ["day"], "days_on": 5}}, {**LABOUR, "most_hours_week": 47.5})
    )
    assert set(tours.paid_h) == {45.0, 47.5}


def test_only_the_tours_of_a_group_are_its_own() -> None:
    kinds = copy.deepcopy(TOURS)
    kinds["nights"]["groups"] = ["specialist"]
    everybody, general = (weekly_tours(scenario(tours=kinds), group) for group in (None, "general"))
    assert everybody.kinds == ("full", "nights", "mixed")
    assert general.kinds == ("full", "mixed")
    assert len(general) == np.count_nonzero(everybody.kind != 1)


def test_half_hours_no_tour_covers() -> None:
    shifts = {"day": {"from_h": 0.0, "to_h": 14.0, "every_minutes": 840, "length_h": [10.0]}}
    tours = weekly_tours(scenario(shifts, {"x": {"shifts": ["day"], "days_on": 4}}, {**LABOUR, "nights_week": 7}))
    # From 0 to 10 and from 14 to 24 h.
    assert stretches(tours.uncovered())[0] == "Mon 10:00–Mon 14:00"
    assert len(tours.uncovered()) == 7 * 8


def test_a_scenario_without_shifts_has_no_tours() -> None:
    assert len(weekly_tours(load("one-day"))) == 0


def test_quarters_become_half_hours_by_the_greater() -> None:
    assert half_hours(np.array([1, 3, 2, 0])).tolist() == [3, 2]


@pytest.mark.parametrize(("days", "told"), [([0, 2, 3], "Mon, Wed–Thu"), ([6], "Sun"), (list(range(7)), "Mon–Sun")])
def test_days_in_words(days: list[int], told: str) -> None:
    assert days_text(days) == told


def test_more_than_five_hundred_shift_types_are_few_for_it() -> None:
    shifts = {"day": {"from_h": 0.0, "to_h": 23.5, "length_h": [8.0, 8.5, 9.0], "breaks": [MEAL | {"latest_h": 5.0}]}}
    kinds = {"x": {"shifts": ["day"], "days_on": 4, "days_off_together": 2}}
    tours = weekly_tours(scenario(shifts, kinds))
    assert len(tours.shifts) == 48 * 3 * 5
    # 35 weeks with three days off, less the seven whose days off are all apart.
    assert len(tours) == 48 * 3 * 5 * 28
    assert tours.coverage.max() == 1


# --- each rule broken on purpose -----------------------------------------------------------------------------


def week(*days: Any) -> Row:
    return Row("full", list(days), 1)


D = ("day", 8.0, 16.5, [(11.0, 11.5)])
L = ("late", 15.0, 24.0, [])
N = ("night", 23.0, 32.0, [(26.0, 26.5)])
BROKEN = {
    "rest_h": Row("mixed", [N, D, None, None, None, None, None], 1),
    "rest_h over Sunday": Row("mixed", [D, None, None, None, None, None, N], 1),
    "most_hours_week": week(L, L, L, L, L, L, None),
    "nights_week": Row("nights", [N, N, N, N, N, None, None], 1),
    "days_in_a_row": week(D, D, D, D, D, D, D),
    "shift": week(("day", 8.0, 16.5, [(13.0, 13.5)]), None, None, None, None, None, None),
    "shift without its break": week(("day", 8.0, 16.5, []), None, None, None, None, None, None),
    "shift at another time": week(("day", 8.5, 17.0, [(11.5, 12.0)]), None, None, None, None, None, None),
    "one shift": week(D, L, D, D, D, None, None),
    "days_on": week(D, D, D, None, None, None, None),
    "days_off_together": Row("nights", [N, None, N, None, N, None, N], 1),
    "pattern": Row("mixed", [D, D, None, N, N, None, None], 1),
}


@pytest.mark.parametrize("rule", BROKEN)
def test_the_checker_catches_each_rule_broken(rule: str) -> None:
    found = violations([BROKEN[rule]], SHIFTS, TOURS, LABOUR)
    assert any(rule.startswith(key) for key in found), found


def test_the_checker_catches_a_share_broken() -> None:
    kinds = {**TOURS, "full": {**TOURS["full"], "max_share": 0.5}}
    assert "max_share" in violations([week(D, D, D, D, D, None, None)], SHIFTS, kinds, LABOUR)


def test_a_broken_rule_is_in_no_tour() -> None:
    tours = weekly_tours(scenario())
    roster = rows(tours, np.ones(len(tours), np.int64))
    assert violations(roster, SHIFTS, TOURS, LABOUR) == set()
