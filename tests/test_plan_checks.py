"""What only the plan shows: a task reserve that is never exceeded, a task that nobody is there to start (§12)."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

import sim
from sim.cli.main import main
from sim.scenario import Fault, PlanError, Scenario, from_dict
from sim.verbs import size, sound_plan

START = dt.date(2020, 3, 13)  # a Friday
ERLANG = {"rule": "erlang-a", "target": {"asa_s": 8.0}}


def scenario(groups: dict[str, Any], tasks: dict[str, Any], **more: Any) -> Scenario:
    """Return a centre of three days whose first group takes a call a minute, from 8 h to 20 h."""
    return from_dict(
        {
            "schema": 1,
            "name": "test",
            "horizon": {"start": START, "end": START + dt.timedelta(days=2)},
            "calendar": {"country": "none"},
            "types": {
                "help": {
                    "per_hour": [0.0] * 8 + [60.0] * 12 + [0.0] * 4,
                    "groups": [next(iter(groups))],
                    "talk": {"fixed": {"s": 240.0}},
                    "patience": {"exponential": {"mean_s": 60.0}},
                }
            },
            "groups": groups,
            "tasks": {
                name: {"handling": {"fixed": {"s": 360.0}}, "due": {"hours": 72.0}, **kind}
                for name, kind in tasks.items()
            },
            **more,
        }
    )


def faults(scenario: Scenario) -> list[Fault]:
    with pytest.raises(PlanError) as caught:
        sound_plan(scenario)
    return caught.value.faults


def letters(group: str, **more: Any) -> dict[str, Any]:
    return {"per_hour": [10.0] * 24, "groups": [group], "hours": {"from_h": 9, "to_h": 17}, **more}


def desk(task_reserve: int, **more: Any) -> Scenario:
    """Return a centre whose desk the rule gives 4: 240 letters of 6 minutes in 8 hours, at 75 %."""
    rule = {"rule": "workload", "utilisation": 0.75, **more}
    groups = {"calls": {"on_duty": ERLANG}, "desk": {"on_duty": rule, "task_reserve": task_reserve}}
    return scenario(groups, {"letter": letters("desk")})


def test_a_reserve_of_all_that_a_rule_rosters_is_refused() -> None:
    (fault,) = faults(desk(4))
    assert (fault.file, fault.key, fault.value) == ("test", "groups.desk.task_reserve", "4")
    assert "the plan has at most 4 then, so it would start none" in fault.allowed
    assert "lower task_reserve below 4" in fault.remedy
    sound_plan(desk(3))
    # The rule's own maximum is far above.
    assert "at most 4 then" in faults(desk(400, maximum=1_000))[0].allowed


def test_it_is_refused_for_groups_that_take_calls_first() -> None:
    def blended(task_reserve: object) -> Scenario:
        kind = {"groups": ["calls"], "after": [{"event": "work_order"}]}
        return scenario({"calls": {"on_duty": ERLANG | {"minimum": 2}, "task_reserve": task_reserve}}, {"review": kind})

    most = int(sound_plan(blended(0)).rostered.max())
    assert faults(blended(most))[0].key == "groups.calls.task_reserve"
    sound_plan(blended(most - 1))
    # Kept back by day alone, the two at night are enough.
    sound_plan(blended([0] * 8 + [most] * 12 + [0] * 4))


def test_only_the_hours_in_which_its_tasks_are_open_count() -> None:
    def night(task_reserve: object) -> Scenario:
        groups = {
            "calls": {"on_duty": {"all": [2] * 8 + [10] * 16}, "task_reserve": task_reserve},
            "desk": {"on_duty": {"all": 1}},
        }
        kind = letters("desk", groups=["desk", "calls"], hours={"to_h": 8})
        return scenario(groups, {"letter": kind})

    (fault,) = faults(night(5))
    assert "the plan has at most 2 then" in fault.allowed
    sound_plan(night([0] * 8 + [5] * 16))
    sound_plan(night(1))


def test_a_group_called_in_has_no_more_than_it_is_lent() -> None:
    def lent(task_reserve: int) -> Scenario:
        help_in = {"on_duty": {"all": 5}, "activation": {"waiting": 3, "agents_from": "calls"}}
        groups = {"calls": {"on_duty": {"all": 3}}, "helpers": help_in | {"task_reserve": task_reserve}}
        return scenario(groups, {"letter": letters("helpers")})

    assert "the plan has at most 3 then" in faults(lent(3))[0].allowed
    sound_plan(lent(2))


def test_a_reserve_that_keeps_a_group_from_all_calls_is_refused() -> None:
    def reserved(keep: int, **kind: Any) -> Scenario:
        tables = sim.scenario.to_dict(desk(0))
        tables["groups"]["calls"]["reserve"] = keep
        tables["types"]["more"] = tables["types"]["help"] | kind
        return from_dict(tables)

    most = int(sound_plan(desk(0)).rostered.max())
    doubled = int(sound_plan(reserved(0)).rostered.max())
    assert doubled > most
    # Once, though two types meet it.
    (fault,) = faults(reserved(doubled + 1))
    assert (fault.key, fault.value) == ("groups.calls.reserve", str(doubled + 1))
    assert f"the plan of calls has at most {doubled}, so it would take no call of help" in fault.allowed
    assert f"lower groups.calls.reserve to {doubled} or less" in fault.remedy
    sound_plan(reserved(doubled))
    (fault,) = faults(reserved(0, reserve={"calls": 10_000}))
    assert fault.key == "types.more.reserve.calls"


def test_no_more_are_there_than_the_site_has_seats() -> None:
    groups = {"calls": {"on_duty": ERLANG}, "desk": {"on_duty": {"all": 5}, "site": "hall", "task_reserve": 3}}
    groups["desk"]["activation"] = {"waiting": 3}  # what is called in is not refused for its seats
    found = faults(scenario(groups, {"letter": letters("desk")}, sites={"hall": {"seats": 3}}))
    assert "the plan has at most 3 then" in found[0].allowed


def test_a_task_that_is_open_while_the_rule_rosters_nobody_is_refused() -> None:
    def centre(to_h: int, **more: Any) -> Scenario:
        groups = {"calls": {"on_duty": ERLANG}}
        return scenario(groups, {"letter": letters("calls", hours={"to_h": to_h}, **more)})

    (fault,) = faults(centre(8))  # calls begin at 8 h
    assert fault.key == "tasks.letter.groups"
    assert "while the task is open (0:00 to 8:00); in the plan there is none" in fault.allowed
    assert "put agents of calls on duty then" in fault.remedy
    sound_plan(centre(9))


def test_where_nobody_is_ever_on_duty_the_reserve_is_not_to_blame() -> None:
    tables = sim.scenario.to_dict(desk(4))
    tables["tasks"]["letter"]["per_hour"] = [0.0] * 24
    sound_plan(from_dict(tables))


def test_a_part_of_the_horizon_is_judged_by_the_whole() -> None:
    groups = {"calls": {"on_duty": {"workday": 5, "weekend": 1, "holiday": 1}, "task_reserve": 3}}
    found = scenario(groups, {"letter": letters("calls")})
    weekend = START + dt.timedelta(days=1)
    tasks = sim.simulate(found, first=weekend).tasks
    assert tasks.height == tasks["started_ms"].null_count() > 0


def test_a_reserve_above_the_group_in_some_hours_is_allowed_and_counted() -> None:
    assert size(desk(3)).kept_back_h == {}
    groups = {"calls": {"on_duty": {"workday": [2] * 12 + [8] * 12, "weekend": 2, "holiday": 2}, "task_reserve": 2}}
    # Of eight hours a day, three before noon on the Friday, and all on the two days after it.
    assert size(scenario(groups, {"letter": letters("calls")})).kept_back_h == {"calls": (19.0, 24.0)}


MINE = """\
extends = "one-day"
sites.main.seats = 1000
[groups.general]
on_duty = { rule = "erlang-a", target = { asa_s = 8 } }
task_reserve = RESERVE
[tasks.review]
handling = { fixed = { s = 120 } }
due = { hours = 8 }
groups = ["general"]
after = [{ event = "work_order" }]
"""


@pytest.mark.parametrize("command", [["check"], ["check", "--json"], ["run", "--replications", "1", "--jobs", "1"]])
def test_check_and_run_name_the_file_and_leave_nothing(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("mine.toml").write_text(MINE.replace("RESERVE", "400"), "utf-8")
    name, *options = command
    assert main([name, "mine.toml", *options]) == 2
    streams = capsys.readouterr()
    assert streams.out == ""
    assert streams.err.splitlines()[1] == "mine.toml: groups.general.task_reserve = 400"
    assert main([name, "mine.toml", *options, "--set", "groups.general.task_reserve=300"]) == 2
    assert "--set: groups.general.task_reserve = 300" in capsys.readouterr().err
    assert [file.name for file in tmp_path.iterdir()] == ["mine.toml"]


def test_check_notes_hours_in_which_all_are_kept_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "400")
    Path("mine.toml").write_text(MINE.replace("RESERVE", f"{[0] * 12 + [400] * 12}"), "utf-8")
    assert main(["check", "mine.toml"]) == 0
    assert "in 12 of the 24 hours in which general is on duty and one of its tasks is open" in capsys.readouterr().out
    assert main(["check", "mine.toml", "--lang", "zh"]) == 0
    assert "班组 general 在岗且有案头任务可办的 24 小时中，有 12 小时" in capsys.readouterr().out
