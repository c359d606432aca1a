"""Both engines and the oracle give the same attempts, tallies and duty, whatever the scenario (§16)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
import oracle
import pytest
import simpy
from joblib import Parallel, delayed
from random_scenarios import random_scenario

from sim import identities
from sim.engine import fast, hotline, reference, rules, structures, tally
from sim.engine.drawn import new_drawn
from sim.engine.entities import FIRST, Call, Clock
from sim.engine.given import Centre, Run
from sim.engine.inputs import Plan
from sim.engine.structures import Ints
from sim.terms import WEEK_MS, Kind, Outcome

FEW, MANY = 30, 2_080
"""Scenarios in the quick test and in the full one; some hold calls that nobody can ever take, and do not count."""
AT_LEAST = 500
TASK_KEYS = ("task", "released_ms", "started_ms", "ended_ms", "due_ms", "group")
DUTY = [tally.ROSTERED_MS, tally.BUSY_MS, tally.OVERRUN_MS, tally.TASK_MS, tally.IDLE_MS]


def compare(number: int) -> Counter[str]:
    """Run scenario ``number`` three times, assert equality, and say what the scenario held."""
    plan, run, capped = random_scenario(number)
    try:
        counts, longer, log, tasks = fast.simulate(plan.centre, run, logging=True)
    except rules.Stuck:
        with pytest.raises(rules.Stuck):
            reference.simulate(plan.centre, run)
        return Counter(stuck=1)
    counts_2, longer_2, log_2, tasks_2 = reference.simulate(plan.centre, run, logging=True)
    label = f"scenario {number}"
    np.testing.assert_array_equal(log, log_2, err_msg=f"{label}: attempts")
    np.testing.assert_array_equal(tasks, tasks_2, err_msg=f"{label}: tasks")
    for name, one, other in zip(tally.Tally._fields, counts, counts_2, strict=True):
        np.testing.assert_array_equal(one, other, err_msg=f"{label}: {name}")
    np.testing.assert_array_equal(np.sort(longer), np.sort(longer_2), err_msg=f"{label}: long waits")
    identities.check(counts)

    told = oracle.simulate(plan.centre, run)
    told_log = table(told.attempts, oracle.KEYS)
    np.testing.assert_array_equal(log, told_log.reshape(-1, structures.LOG), err_msg=f"{label}: oracle's attempts")
    told_tasks = table(told.tasks, TASK_KEYS)
    np.testing.assert_array_equal(
        tasks, told_tasks.reshape(-1, structures.TASK_LOG), err_msg=f"{label}: oracle's tasks"
    )
    duty = np.zeros_like(counts.duty[..., DUTY])
    for place, times in told.duty.items():
        duty[place] = times
    np.testing.assert_array_equal(duty[:-1], counts.duty[:-1][..., DUTY], err_msg=f"{label}: oracle's duty")
    compare_counts(counts.counts, told.counts, label)
    compare_counts(counts.tasks, told.task_counts, label)
    ends = Counter(told.contacts.values())
    summed = counts.contacts.sum(axis=(0, 1))
    columns = {
        "resolved": tally.RESOLVED,
        "handed_over": tally.HANDED_OVER,
        "lost": tally.LOST,
        "contained": tally.HELPED_BY_MACHINE,
        "open": tally.OPEN,
    }
    assert {name: int(summed[column]) for name, column in columns.items()} == {name: ends[name] for name in columns}
    return held(plan, log, counts, tasks, capped)


def table(rows: list[dict[str, Any]], keys: tuple[str, ...]) -> Ints:
    """Return what the oracle tells as the engines' table, -1 for none."""
    return np.array([[-1 if row[key] is None else int(row[key]) for key in keys] for row in rows], np.int64)


def compare_counts(counted: Ints, told: Counter[tuple[str, int, int]], label: str) -> None:
    """Assert that the engines' columns are what the oracle counts by name, row, and type or kind."""
    expected: dict[str, Ints] = {}
    for (name, row, place), number in told.items():
        expected.setdefault(name, np.zeros_like(counted[..., 0]))[row, place] += number
    for name, numbers in expected.items():
        column = counted[..., getattr(tally, name.upper())]
        np.testing.assert_array_equal(column, numbers, err_msg=f"{label}: oracle's {name}")


def held(plan: Plan, log: Ints, counts: tally.Tally, tasks: Ints, capped: int) -> Counter[str]:
    """Count what makes a scenario hard: see the keys."""
    duty = counts.duty
    attempts, work = counts.counts.sum(axis=(0, 1)), counts.tasks.sum(axis=(0, 1))
    out: Counter[str] = Counter(
        scenarios=1,
        attempts=len(log),
        seat_capped_slots=capped,
        repeats=int(attempts[tally.REPEATS]),
        transfers=int(attempts[tally.TRANSFERS]),
        promised_callbacks=int(attempts[tally.CALLBACKS]),
        hasty_wrap_ups=int(attempts[tally.HASTY]),
        tasks=len(tasks),
        tasks_that_waited=int((tasks[:, structures.TASK_STARTED] > tasks[:, structures.TASK_RELEASED]).sum()),
        late_tasks=int(work[tally.LATE]),
        citizens_asked=int(work[tally.ASKED]),
        activated_slots=activated(plan, duty),
        answers_after_a_week_turned=after_the_turn(plan, log),
        waits_into_another_week=into_another_week(plan, log),
    )
    moments = [
        (int(moment), int(contact))
        for column in (structures.LOG_ARRIVED, structures.LOG_TALK_END, structures.LOG_FREE, structures.LOG_LEFT)
        for contact, moment in zip(log[:, structures.LOG_CONTACT], log[:, column], strict=True)
        if moment >= 0
    ]
    out["ties"] = sum(one[0] == other[0] and one[1] != other[1] for one, other in pairwise(sorted(moments)))
    out["overruns"] = int((duty[..., tally.OVERRUN_MS] > 0).sum())
    blocked = {
        (int(row[structures.LOG_CONTACT]), int(row[structures.LOG_ATTEMPT]))
        for row in log
        if row[structures.LOG_OUTCOME] == Outcome.BLOCKED
    }
    for row in log:
        if row[structures.LOG_KIND] != Kind.REDIAL:
            continue
        contact, attempt = int(row[structures.LOG_CONTACT]), int(row[structures.LOG_ATTEMPT])
        out["blocked_redials"] += (contact, attempt) in blocked
        out["redials_after_blocking"] += (contact, attempt - 1) in blocked
    types = (log[:, structures.LOG_CONTACT] >> 20) & 255
    found = log[:, structures.LOG_ANSWERED] - plan.centre.ring_ms
    queued = log[:, structures.LOG_QUEUED]
    left = np.where(log[:, structures.LOG_ANSWERED] >= 0, found, log[:, structures.LOG_LEFT])
    for i in np.flatnonzero((log[:, structures.LOG_ANSWERED] >= 0) & (found > queued)):
        serves = (plan.centre.order == log[i, structures.LOG_GROUP]).any(axis=1)
        waiting = (queued >= 0) & (queued < found[i]) & (left > found[i]) & (types != types[i]) & serves[types]
        out["cross_type_picks"] += bool(waiting.any())
    return out


def activated(plan: Plan, duty: Ints) -> int:
    """Return how many slots groups with a trigger were on in."""
    triggered = plan.centre.activation.trigger >= 0
    return int((duty[:, triggered, tally.ROSTERED_MS] > 0).sum())


def after_the_turn(plan: Plan, log: Ints) -> int:
    """Return how many calls found an agent after a week turned and its chances with it."""
    chances = plan.centre.on_the_spot
    changes = (chances[..., 1] != chances[..., 0]).any()
    return int((log[:, structures.LOG_ANSWERED] - plan.centre.ring_ms >= WEEK_MS).sum()) * int(changes)


def into_another_week(plan: Plan, log: Ints) -> int:
    """Return how many calls arrived before the week turned and found an agent after."""
    found = log[:, structures.LOG_ANSWERED] - plan.centre.ring_ms >= WEEK_MS
    return int((found & (log[:, structures.LOG_ARRIVED] < WEEK_MS)).sum())


def test_three_readings_agree_on_a_few() -> None:
    found = sum((compare(number) for number in range(FEW)), Counter())
    assert found["scenarios"] >= 0.9 * FEW


def small_runs() -> Iterator[tuple[Centre, Run, tuple[tally.Tally, Ints, Ints, Ints]]]:
    """Give random centres with runs of them, and what the fast engine makes of each."""
    for number in range(FEW):
        plan, run, _ = random_scenario(number)
        with suppress(rules.Stuck):
            yield plan.centre, run, fast.simulate(plan.centre, run, logging=True)


def assert_same(one: tuple[tally.Tally, Ints, Ints, Ints], other: tuple[tally.Tally, Ints, Ints, Ints]) -> None:
    for left, right in zip(
        (*one[0], np.sort(one[1]), *one[2:]), (*other[0], np.sort(other[1]), *other[2:]), strict=True
    ):
        np.testing.assert_array_equal(left, right)


def test_the_fast_engine_grows_its_memory_without_a_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = list(small_runs())
    asked: Counter[str] = Counter()
    grown = structures.grown

    def counted(memory: structures.Memory) -> structures.Memory:
        larger = grown(memory)
        changed = [name for name in memory._fields if getattr(larger, name) is not getattr(memory, name)]
        assert changed, "asked for more memory, none was full"
        asked.update(changed)
        return larger

    monkeypatch.setattr(structures, "SPARE", 1)
    monkeypatch.setattr(structures, "new_drawn", lambda types, room: new_drawn(types, 1))
    monkeypatch.setattr(structures, "grown", counted)
    for centre, run, roomy in expected:
        assert_same(fast.simulate(centre, run, logging=True), roomy)
    assert set(asked) == {"nodes", "drawn", "pool", "backlog", "lines", "kept_waits", "log", "task_log"}


def keep_in(log_parts: list[Ints], task_parts: list[Ints], attempts: Ints, tasks: Ints) -> None:
    log_parts.append(attempts)
    task_parts.append(tasks)


@pytest.mark.parametrize("at_once", [1, 20])
def test_reference_counts_calls_part_by_part(monkeypatch: pytest.MonkeyPatch, at_once: int) -> None:
    monkeypatch.setattr(hotline, "_CALLS_AT_ONCE", at_once)
    most = 0
    for centre, run, expected in small_runs():
        log_parts: list[Ints] = []
        task_parts: list[Ints] = []
        keep = partial(keep_in, log_parts, task_parts)
        counts, longer, log, tasks = reference.simulate(centre, run, keep=keep)
        assert log.size == tasks.size == 0
        assert_same((counts, longer, np.concatenate(log_parts), np.concatenate(task_parts)), expected)
        most = max(most, len(log_parts))
    assert most > 5


class AsSimpyRuns(Clock):
    """A clock with all events on SimPy's heap, run by SimPy."""

    run_out = simpy.Environment.run

    def __init__(self, start_ms: int) -> None:
        super().__init__(start_ms)
        self.first_attempts: Any = self

    def extend(self, calls: Iterable[Call]) -> None:
        for call in calls:
            self.at(call.arrived, FIRST | call.contact, call)


def test_reference_runs_as_simpy_itself_would_run_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hotline, "Clock", AsSimpyRuns)
    for centre, run, expected in small_runs():
        assert_same(reference.simulate(centre, run, logging=True), expected)


@pytest.mark.slow
def test_three_readings_agree_on_two_thousand_random_scenarios() -> None:
    found = sum(Parallel(n_jobs=2)(delayed(compare)(number) for number in range(MANY)), Counter())
    print(f"{found.pop('scenarios')} random scenarios, all equal; they held: ", end="")
    print(", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in sorted(found.items())))
    assert MANY - found["stuck"] >= 2_000
    rare = found.keys() - {"stuck"}
    assert rare >= {"ties", "overruns", "cross_type_picks", "blocked_redials", "seat_capped_slots"}
    for name in rare:
        assert found[name] >= AT_LEAST, name
