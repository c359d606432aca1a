# ruff: noqa: E501  (one case a line)
"""Faults of repeats, transfers, tasks, callbacks, activations and quality are said like all others."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_scenario_faults import faults, only

from sim.scenario import load

DESK = "[groups.desk]\non_duty = { all = 3 }\n"
REVIEW = "[tasks.review]\nhandling = { fixed = { s = 600 } }\ndue = { hours = 8 }\ngroups = ['desk']\nafter = [{ event = 'work_order' }]\n"
LETTER = REVIEW.replace("review", "letter").replace("after = [{ event = 'work_order' }]", "annual_contacts = 36_600")
NIGHT = "on_duty = { all = 4 }\n[types.help]\ngroups = ['specialist', 'general', 'night']\n"
"""The rest of a group called night, after its heading and activation."""


DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "holiday", "make_up_workday")
"""All kinds of day but Spring Festival's."""


def surge(name: str, multiplier: float) -> str:
    return f"\n[[demand.surge]]\nname = '{name}'\nfrom = 2020-03-16T06:00:00\nto = 2020-03-16T07:00:00\nmultiplier = {multiplier}\n"


def task(name: str, after: str, more: str = "") -> str:
    return f"[tasks.{name}]\nhandling = {{ fixed = {{ s = 60 }} }}\ndue = {{ hours = 8 }}\ngroups = ['desk']\nafter = [{after}]\n{more}"


def night(activation: str) -> str:
    return f"[groups.night]\nactivation = {{ {activation} }}\n{NIGHT}"


# (what the file says, key, value shown, a part of what is allowed, a part of the remedy)
CASES = {
    "repeat above 1": ("[types.help.resolution]\nrepeat = 1.5", "types.help.resolution.repeat", "1.5", "from 0 to 1", "a share is a fraction"),
    "repeat of an outcome above 1": ("[types.help.resolution]\nrepeat = { work_order = 15 }", "types.help.resolution.repeat.work_order", "15", "from 0 to 1", "write 0.15 for 15 %"),
    "tasks of who is paid by the call": (
        night("waiting = 5, price = { per_call_cny = 5 }") + task("review", "{ event = 'work_order' }").replace("['desk']", "['night']"),
        "groups.night.activation.price", None, "a price per hour, for the group does tasks too (review)", "give per_hour_cny, or leave night out",
    ),
    "repeats explode": ("[types.help.resolution]\nrepeat = 1", "types.help.resolution.repeat", "1", "less than 1 repeat from each answered contact; here 1: with 0.3 answered on the spot", "lower repeat"),
    "repeats explode after work orders": (
        "[types.help.resolution]\non_the_spot = { general = 0, specialist = 0.9 }\nrepeat = { work_order = 1 }",
        "types.help.resolution.repeat", None, "here 1: with 0 answered on the spot, 0 of those and 1 of the others", "lower repeat.work_order",
    ),
    "repeats explode since novices answer nothing": (
        "[groups.general]\nnovice_share = 1\n[quality]\nnovice_on_the_spot_loss = 1\n[types.help.resolution]\non_the_spot = 1\nrepeat = { work_order = 1 }",
        "types.help.resolution.repeat", None, "here 1: with 0 answered on the spot", "lower repeat.work_order",
    ),
    "repeats explode since all are transferred": (
        "[types.help]\ntransfer = { share = 1, on_the_spot = 1, consult = { fixed = { s = 60 } } }\nresolution = { on_the_spot = 0, repeat = { on_the_spot = 1 } }",
        "types.help.resolution.repeat", None, "here 1: with 1 answered on the spot, 1 of those and 0 of the others", "lower repeat.on_the_spot",
    ),
    "repeats and redials explode": (
        "[types.help]\nredial = { probability = 1, max_attempts = 60 }\nresolution = { repeat = 0.5 }",
        "types.help.resolution.repeat", "0.5", "60 with redials x 1.938 with repeats = 116.2", "redial.max_attempts",
    ),
    "quantiles of days fall": ("[types.help.resolution]\nrepeat_delay_days = [3, 1]", "types.help.resolution.repeat_delay_days", "[3, 1]", "never fall", "sort the list"),
    "episodes without end": ("[types.help.resolution]\nmax_episodes = 100", "types.help.resolution.max_episodes", "100", "from 1 to 60", "inside these bounds"),
    "transfer in per cent": ("[types.help]\ntransfer = { share = 3, consult = { fixed = { s = 60 } } }", "types.help.transfer.share", "3", "from 0 to 1", "write 0.03 for 3 %"),
    "everybody hangs up": ("[types.help]\npatience = { announcement = { at_s = 30, hang_up_share = 1 } }", "types.help.patience.announcement.hang_up_share", "1", "below 1", "inside these bounds"),
    "no source of tasks": (DESK + task("review", ""), "tasks.review", None, "exactly one of annual_contacts, per_hour and after", "add annual_contacts"),
    "two sources of tasks": (DESK + REVIEW + "annual_contacts = 5", "tasks.review", None, "exactly one of", "keep one of annual_contacts, after"),
    "a written contact's key": (DESK + REVIEW + "satisfied = 0.5", "tasks.review.satisfied", "0.5", "left out where after is given", "leave satisfied out"),
    "shape of nothing": (DESK + REVIEW + f"shape = {{ all = {[1] * 24} }}", "tasks.review.shape", None, "together with annual_contacts", "leave it out"),
    "shape all zero": (DESK + LETTER + f"shape = {{ all = {[0] * 24} }}", "tasks.letter.shape", None, "not all zero", "above 0"),
    "task of an unknown group": (REVIEW.replace("desk", "genral"), "tasks.review.groups.0", '"genral"', "specialist", "write general"),
    "task due too soon": (DESK + REVIEW.replace("hours = 8", "hours = 0.1"), "tasks.review.due.hours", "0.1", "the mean handling time at its quickest group's speed, 0.1667 h; due are 0.1 h", "shorten handling"),
    "handling longer than due": (DESK + REVIEW.replace("s = 600", "s = 36_000"), "tasks.review.due.hours", "8", "speed, 10 h; due are 8 h", "raise due.hours"),
    "task due too soon for a slow group": (DESK + "speed = 2\n" + REVIEW.replace("hours = 8", "hours = 0.3"), "tasks.review.due.hours", "0.3", "speed, 0.3333 h", "shorten handling"),
    "task of no group": (REVIEW.replace("['desk']", "[]"), "tasks.review.groups", "[]", "a list", "it is empty: at least one is needed"),
    "task never started": (DESK.replace("3", "0") + REVIEW, "tasks.review.groups", None, "more agents on duty than its task_reserve while the task is open (0:00 to 24:00)", "put agents of desk on duty"),
    "task open while nobody is there": (
        f"[groups.desk]\non_duty = {{ all = {[0] * 8 + [2] * 16} }}\n{REVIEW}hours = {{ to_h = 8 }}",
        "tasks.review.groups", None, "while the task is open (0:00 to 8:00)", "change hours or days",
    ),
    "hours over midnight": (DESK + REVIEW + "hours = { from_h = 20, to_h = 6 }", "tasks.review.hours", None, "from_h below to_h", "exchange"),
    "no workday": ("horizon = { start = 2020-03-14, end = 2020-03-15 }\n" + DESK + REVIEW + "days = 'workday'", "tasks.review.days", '"workday"', "there is no workday", 'write days = "all"'),
    "reserve of all": (DESK + "task_reserve = 3\n" + REVIEW, "groups.desk.task_reserve", "3", "less than the agents on duty at some time; at most 3 are", "lower task_reserve"),
    "reserve above the seats": (
        "[sites.hall]\nseats = 4\n[groups.desk]\nsite = 'hall'\non_duty = { rule = 'workload' }\ntask_reserve = 4\n" + REVIEW,
        "groups.desk.task_reserve", "4", "less than the agents on duty at some time; at most 4 are", "lower task_reserve",
    ),
    "task with the name of a type": (DESK + task("help", "{ event = 'work_order' }"), "tasks.help", None, "a name that no type has", "rename one of [types.help] and [tasks.help]"),
    "unknown event": (DESK + task("review", "{ event = 'workorder' }"), "tasks.review.after.0.event", '"workorder"', "on_the_spot, work_order, answer, return", "write work_order"),
    "event of an unknown task": (DESK + REVIEW + task("ask", "{ event = 'tasks.reviw' }"), "tasks.ask.after.0.event", '"tasks.reviw"', "tasks.review", "write tasks.review"),
    "event of itself": (DESK + task("ask", "{ event = 'tasks.ask' }"), "tasks.ask.after.0.event", '"tasks.ask"', "on_the_spot", "one of these"),
    "event of an unknown type": (DESK + task("ask", "{ event = 'return', types = ['hepl'] }"), "tasks.ask.after.0.types.0", '"hepl"', "enquiry, help", "write help"),
    "types of a task's end": (DESK + REVIEW + task("ask", "{ event = 'tasks.review', types = ['help'] }"), "tasks.ask.after.0.types", None, "types only with on_the_spot", "leave types out"),
    "circle": (
        DESK + task("a", "{ event = 'return' }, { event = 'tasks.c' }") + task("b", "{ event = 'tasks.a' }") + task("c", "{ event = 'tasks.b' }"),
        "tasks.a.after.1.event", '"tasks.c"', "here a after c after b after a", "leave out one",
    ),
    "two ways": (DESK + REVIEW + task("ask", "{ event = 'tasks.review' }, { event = 'return' }"), "tasks.ask.after", None, "a work order of enquiry leads to it in 2", "a kind of task of its own"),
    "a written contact's two ways": (
        DESK + LETTER + task("ask", "{ event = 'tasks.letter' }, { event = 'on_the_spot', types = ['letter'] }"),
        "tasks.ask.after", None, "an answer on the spot of letter leads to it in 2", "leave out one",
    ),
    "due twice": (DESK + REVIEW.replace("hours = 8", "hours = 8, working_days = 2"), "tasks.review.due", None, "exactly one of hours and working_days", "write one"),
    "callback to nobody": ("[callback]\nthreshold_s = 60\naccept = { hepl = 0.5 }", "callback.accept.hepl", "0.5", "enquiry, help", "write help"),
    "returns above 1": ("[groups.general]\nnovice_share = 1\n[quality]\nnovice_returns = 30", "quality.novice_returns", "30", "for help it is 1.55", "responsible_return"),
    "returns above 1 in haste": ("[quality]\nhaste = { waiting = 3, returns_factor = 50 }", "quality.haste.returns_factor", "50", "for help it is 2.5", "lower quality.haste.returns_factor or types.help"),
    "returns above 1 by novices in haste": (
        "[groups.general]\nnovice_share = 1\n[quality]\nnovice_returns = 15\nhaste = { waiting = 3, returns_factor = 1.5 }",
        "quality.haste.returns_factor", "1.5", "for help it is 1.2", "lower quality.haste.returns_factor, quality.novice_returns or types.help.resolution.responsible_return",
    ),
    "haste at nothing": ("[quality]\nhaste = { waiting = 0 }", "quality.haste.waiting", "0", "from 1 to", "inside these bounds"),
    "no way to call in": (night("notice_h = 1"), "groups.night.activation", None, "from with to, or exactly one of", "keep one way"),
    "two ways to call in": (night("waiting = 5, longest_wait_s = 60"), "groups.night.activation", None, "exactly one of offered_last_hour, waiting, longest_wait_s", "keep one way"),
    "dates with notice": (
        night("from = 2020-03-16T06:00:00, to = 2020-03-16T09:00:00, notice_h = 1"),
        "groups.night.activation", None, "notice_h only with a threshold", "leave out notice_h",
    ),
    "dates outside": (
        night("from = 2020-03-16T06:00:00, to = 2020-03-18T09:00:00"),
        "groups.night.activation.to", "2020-03-18 09:00:00", "2020-03-16T00:00:00 to 2020-03-17T00:00:00", "leave the activation out",
    ),
    "dates backwards": (
        night("from = 2020-03-16T09:00:00, to = 2020-03-16T06:00:00"),
        "groups.night.activation.to", "2020-03-16 06:00:00", "after from", "exchange",
    ),
    "always called in": (night("waiting = 0"), "groups.night.activation.waiting", "0", "at 0 it always holds", "leave activation out"),
    "always called in after rounding": (night("longest_wait_s = 0.0004"), "groups.night.activation.longest_wait_s", "0.0004", "so it would always hold", "give a longer wait"),
    "called in after the end": (night("waiting = 5, notice_h = 24"), "groups.night.activation.notice_h", "24", "less than the 24 hours that are simulated", "lower notice_h"),
    "never called in for lines, with callbacks to nobody": (
        night("waiting = 41") + "[callback]\nthreshold_s = 60\naccept = 0", "groups.night.activation.waiting", "41", "at most the 40 lines", "raise lines.count",
    ),
    "never called in, since all hang up at once": (
        night("longest_wait_s = 1") + "patience = { immediate_share = 1 }\n[types.enquiry]\npatience = { immediate_share = 1 }",
        "groups.night.activation.longest_wait_s", "1", "at most 0 s", "lower the threshold",
    ),
    "called back by nobody": (
        "[groups.specialist]\nreserve = 50\n[types.help]\ngroups = ['specialist']\n[callback]\nthreshold_s = 60\naccept = 0.5",
        "callback.accept", "0.5", "no callbacks for help, or enough agents of specialist", "leave help out of callback.accept",
    ),
    "nearly all hang up, in per cent": ("[types.help]\npatience = { announcement = { at_s = 30, hang_up_share = 80 } }", "types.help.patience.announcement.hang_up_share", "80", "below 1", "write 0.8 for 80 %"),
    "never called in for lines": (night("waiting = 41"), "groups.night.activation.waiting", "41", "at most the 40 lines", "raise lines.count"),
    # The busiest hour expects 82 + 49 calls.
    "never called in for volume": (night("offered_last_hour = 1321"), "groups.night.activation.offered_last_hour", "1321", "at most 1,320, 10 times the busiest hour", "lower the threshold"),
    "never called in for patience": (
        night("longest_wait_s = 61") + "patience = { fixed = { s = 60 }, immediate_share = 0 }\n[types.enquiry]\npatience = { quantiles = [1, 50], immediate_share = 0 }",
        "groups.night.activation.longest_wait_s", "61", "at most 60 s, the longest patience", "lower the threshold",
    ),
    # Twice as many in the surge; what makes the day quieter is no help.
    "never called in for volume, surges included": (
        night("offered_last_hour = 2631") + surge("a", 2) + surge("b", 0.5),
        "groups.night.activation.offered_last_hour", "2631", "at most 2,630, 10 times", "lower the threshold",
    ),
    "never called in for uniform patience": (
        night("longest_wait_s = 61") + "patience = { uniform = { low_s = 10, high_s = 60 }, immediate_share = 0 }\n[types.enquiry]\npatience = { fixed = { s = 50 }, immediate_share = 0 }",
        "groups.night.activation.longest_wait_s", "61", "at most 60 s, the longest patience", "lower the threshold",
    ),
    "half quarters of notice": (night("waiting = 5, notice_h = 0.1"), "groups.night.activation.notice_h", "0.1", "whole quarters", "round it"),
    "notice before the call": (night("waiting = 5, notice_h = -1"), "groups.night.activation.notice_h", "-1", "from 0", "inside these bounds"),
    "gone before it may go": (night("waiting = 5, maximum_h = 0.5"), "groups.night.activation.maximum_h", "0.5", "at least minimum_h (1)", "lower minimum_h"),
    "agents from nowhere": (night("waiting = 5, agents_from = 'genral'"), "groups.night.activation.agents_from", '"genral"', "general, specialist", "write general"),
    "agents from itself": (night("waiting = 5, agents_from = 'night'"), "groups.night.activation.agents_from", '"night"', "another group", "name another group"),
    "agents taken twice": (
        night("waiting = 5, agents_from = 'general'") + "[groups.specialist]\nactivation = { waiting = 3, agents_from = 'general' }",
        "groups.night.activation.agents_from", '"general"', "no other takes agents from; specialist does", "split general",
    ),
    "agents taken on": (
        night("waiting = 5, agents_from = 'specialist'") + "[groups.specialist]\nactivation = { waiting = 3, agents_from = 'general' }",
        "groups.night.activation.agents_from", '"specialist"', "those of specialist come from general", "write general",
    ),
    "workload of no work": ("[groups.general]\non_duty = { rule = 'workload' }", "groups.general.on_duty.rule", '"workload"', "a kind of task names first", "put general first"),
    "workload with a target": (
        "[groups.desk]\non_duty = { rule = 'workload', target = { asa_s = 8 } }\n" + REVIEW,
        "groups.desk.on_duty.target", None, "utilisation", "",
    ),
    "unknown rule": ("[groups.general]\non_duty = { rule = 'erlang', target = { asa_s = 8 } }", "groups.general.on_duty.rule", '"erlang"', "erlang-a", "write erlang-a"),
    "written contacts of a year without a day": (
        DESK + LETTER + f"[demand]\nmonth = {[0] * 5 + [1] + [0] * 6}\nday = {{ {', '.join(f'{day} = 0' for day in DAYS)} }}",
        "demand", None, "a day in 2020 whose month, day and shape are all above 0", "a day to fall on",
    ),
    "surge of no written contacts": (
        DESK + LETTER + "[[demand.surge]]\nname='a'\nfrom=2020-03-16T06:00:00\nto=2020-03-16T07:00:00\nmultiplier=2\ntypes=['leter']",
        "demand.surge.0.types.0", '"leter"', "enquiry, help, letter", "write letter",
    ),
    "population of nobody": ("[targets]\nsatisfaction = { at_least = 0.9, population = 'follow' }", "targets.satisfaction.population", '"follow"', "follow_up, all, on_the_spot, work_orders", "write follow_up"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_fault_says_key_value_allowed_and_remedy(tmp_path: Path, name: str) -> None:
    text, key, value, allowed, remedy = CASES[name]
    fault = only(tmp_path, text)
    assert fault.key == key
    if value is not None:
        assert fault.value == value
    assert allowed in fault.allowed
    assert remedy in fault.remedy


WELL = {
    "a type served by a group that does only tasks otherwise": DESK + REVIEW + "[types.help]\ngroups = ['desk', 'specialist', 'general']",
    "written contacts in a surge": DESK + LETTER + "[[demand.surge]]\nname='a'\nfrom=2020-03-16T06:00:00\nto=2020-03-16T07:00:00\nmultiplier=2\ntypes=['letter']",
    "an end of either kind": DESK + task("ask", "{ event = 'on_the_spot' }, { event = 'work_order' }"),
    "a work order by type": DESK + task("ask", "{ event = 'work_order', types = ['help'] }, { event = 'return', types = ['enquiry'] }"),
    "letters that are done, and calls": DESK + LETTER + task("ask", "{ event = 'tasks.letter' }, { event = 'on_the_spot', types = ['help'] }"),
    "a callback where all wait for ever": "[callback]\nthreshold_s = 60\naccept = 1\n[types.help]\npatience = { never = true }",
    "many waiting, with callbacks, beyond the lines": night("waiting = 41") + "[callback]\nthreshold_s = 60\naccept = 1",
    "many repeats, few redials": "[types.help]\nresolution = { repeat = 0.9 }",
    "a group called in sits apart from the plan's seats": night("waiting = 5").replace("all = 4", "all = 40").replace("[groups.night]", "[groups.night]\nsite = 'main'"),
    "few transfers that all come again": "[types.help]\ntransfer = { share = 0.1, consult = { fixed = { s = 60 } } }\nresolution = { on_the_spot = 0.1, repeat = { on_the_spot = 1, work_order = 0.2 } }",
    "a task due before a slow group is through, with a quick one beside it": "[groups.general]\nspeed = 0.5\n" + DESK + REVIEW.replace("hours = 8", "hours = 0.1").replace("['desk']", "['desk', 'general']"),
    "a reserve for half the day": f"{DESK}task_reserve = {[3] * 12 + [2] * 12}\n{REVIEW}",
}  # fmt: skip


@pytest.mark.parametrize("name", WELL)
def test_what_is_unusual_and_well(tmp_path: Path, name: str) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(f'extends = "one-day"\n{WELL[name]}', encoding="utf-8")
    load(file)


def test_callers_without_end_of_patience_are_not_left_to_a_group_that_may_never_come(tmp_path: Path) -> None:
    text = "patience = { never = true }\n[groups.specialist]\nactivation = { waiting = 5 }\n"
    fault = only(tmp_path, "[types.help]\ngroups = ['specialist']\n" + text)
    assert fault.key == "types.help.patience"
    assert "patience with an end" in fault.allowed
    (tmp_path / "mine.toml").write_text(f'extends = "one-day"\n[types.help]\n{text}', encoding="utf-8")
    load(tmp_path / "mine.toml")  # general agents are always there


def test_all_of_them_at_once(tmp_path: Path) -> None:
    found = faults(
        tmp_path,
        DESK
        + task("a", "{ event = 'tasks.b' }")
        + task("b", "{ event = 'tasks.a' }")
        + "[callback]\nthreshold_s = 60\naccept = { fax = 0.5 }\n"
        + night("waiting = 0"),
    )
    assert {fault.key for fault in found} == {
        "tasks.a.after.0.event",
        "callback.accept.fax",
        "groups.night.activation.waiting",
    }


def test_two_circles_that_touch_are_told_one_by_one(tmp_path: Path) -> None:
    b = task("b", "{ event = 'tasks.c' }, { event = 'tasks.a' }")
    found = faults(tmp_path, DESK + task("a", "{ event = 'tasks.b' }") + b + task("c", "{ event = 'tasks.b' }"))
    assert [fault.key for fault in found] == ["tasks.a.after.0.event", "tasks.c.after.0.event"]
    assert "here a after b after a" in found[0].allowed
    assert "here c after b after c" in found[1].allowed
