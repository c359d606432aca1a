"""The tables of attempts and of tasks: every one of a replication, a row each (optional)."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Final, Literal

import numpy as np
import polars as pl

from sim.demand.draws import TYPE_MASK, TYPE_SHIFT
from sim.engine import rules, structures
from sim.engine.inputs import Plan
from sim.engine.structures import Ints
from sim.terms import SLOT_MS, Kind, Outcome

Log = Literal["attempts", "tasks"]
Keep = Callable[[Log, int, pl.DataFrame], None]
"""Takes a part of one of a replication's tables, and the part's number from 0."""

PART_ROWS: Final = 262_144
"""Rows in a part: a year of them at once would take more memory than the simulation."""


class Logs:
    """Hands a replication's tables on in parts."""

    def __init__(self, plan: Plan, replication: int, keep: Keep) -> None:
        attempts = partial(attempts_frame, plan=plan, replication=replication)
        tasks = partial(tasks_frame, plan=plan, replication=replication)
        self._attempts = _Parts(structures.LOG, attempts, partial(keep, "attempts"))
        self._tasks = _Parts(structures.TASK_LOG, tasks, partial(keep, "tasks"))
        self._measured_from = (plan.window.first_slot + plan.window.warm_slots) * SLOT_MS
        self.seconds = 0.0
        """Spent here, and not on the simulation."""

    def add(self, attempts: Ints, tasks: Ints) -> None:
        """Take rows that are finished, in order of arrival and of release; those of the warm-up are left out."""
        begin = time.perf_counter()
        self._attempts.add(attempts[attempts[:, structures.LOG_ARRIVED] >= self._measured_from])
        self._tasks.add(tasks[tasks[:, structures.TASK_RELEASED] >= self._measured_from])
        self.seconds += time.perf_counter() - begin

    def close(self) -> None:
        """Hand on what is left."""
        self._attempts.close()
        self._tasks.close()


class _Parts:
    """Hands a table on in frames of :data:`PART_ROWS` rows, however the engine gives it."""

    def __init__(
        self, columns: int, to_frame: Callable[[Ints], pl.DataFrame], keep: Callable[[int, pl.DataFrame], None]
    ) -> None:
        self._rows = np.empty((0, columns), np.int64)
        self._to_frame = to_frame
        self._keep = keep
        self._next = 0

    def add(self, rows: Ints) -> None:
        """Take rows, and hand on those that fill a part."""
        self._rows = np.concatenate([self._rows, rows])
        while len(self._rows) >= PART_ROWS:
            self._hand_on()

    def close(self) -> None:
        """Hand on what is left; a table without a row has one empty part."""
        if len(self._rows) or self._next == 0:
            self._hand_on()

    def _hand_on(self) -> None:
        part, self._rows = self._rows[:PART_ROWS], self._rows[PART_ROWS:]
        self._keep(self._next, self._to_frame(part))
        self._next += 1


def attempts_frame(log: Ints, plan: Plan, replication: int) -> pl.DataFrame:
    """Return attempts as a frame, in the columns of ``attempts.parquet``.

    Parameters
    ----------
    log
        The engine's table of attempts, shape ``(attempts, LOG)``.
    plan, replication
        What was simulated.

    Returns
    -------
    polars.DataFrame
        Times are ms from the horizon's start. ``queued_ms`` is null if the attempt did not reach the queue,
        ``answered_ms``, ``talk_end_ms``, ``free_ms``, ``call_end_ms`` and ``group`` if it was not answered, and
        ``left_ms`` unless it was abandoned or blocked. The agent leaves the call at ``talk_end_ms``, the citizen at
        ``call_end_ms``.
    """
    types = log[:, structures.LOG_CONTACT] >> TYPE_SHIFT & TYPE_MASK
    outcome = log[:, structures.LOG_OUTCOME]
    left = np.where(outcome == Outcome.CONTAINED, -1, log[:, structures.LOG_LEFT])
    return pl.DataFrame(
        {
            "replication": pl.repeat(replication, len(log), dtype=pl.Int32, eager=True),
            "contact": log[:, structures.LOG_CONTACT],
            "attempt": log[:, structures.LOG_ATTEMPT].astype(np.int32),
            "type": _named(types, plan.scenario.type_names),
            "arrived_ms": log[:, structures.LOG_ARRIVED],
            "episode": log[:, structures.LOG_EPISODE].astype(np.int32),
            "queued_ms": _or_null(log[:, structures.LOG_QUEUED]),
            "answered_ms": _or_null(log[:, structures.LOG_ANSWERED]),
            "talk_end_ms": _or_null(log[:, structures.LOG_TALK_END]),
            "free_ms": _or_null(log[:, structures.LOG_FREE]),
            "left_ms": _or_null(left),
            "group": _named(log[:, structures.LOG_GROUP], plan.scenario.group_names),
            "outcome": _named(outcome, tuple(outcome.name.lower() for outcome in Outcome)),
            "kind": _named(log[:, structures.LOG_KIND], tuple(kind.name.lower() for kind in Kind)),
            "callback": log[:, structures.LOG_CALLBACK] > 0,
            "call_end_ms": _or_null(log[:, structures.LOG_CALL_END]),
        }
    )


def tasks_frame(log: Ints, plan: Plan, replication: int) -> pl.DataFrame:
    """Return tasks as a frame, in the columns of ``tasks.parquet``.

    Parameters
    ----------
    log
        The engine's table of tasks, shape ``(tasks, TASK_LOG)``.
    plan, replication
        What was simulated.

    Returns
    -------
    polars.DataFrame
        Times are ms from the horizon's start. ``contact`` and ``episode`` are those the task comes from, or, of a kind
        with arrivals of its own, the written contact itself; ``started_ms``, ``ended_ms`` and ``group`` are null if
        the task was not started before the window's end.
    """
    task = log[:, structures.TASK_ID]
    bits = rules.EPISODE_BITS  # of the episode, and of the kind before it (§2)
    last = (1 << bits) - 1
    return pl.DataFrame(
        {
            "replication": pl.repeat(replication, len(log), dtype=pl.Int32, eager=True),
            "task": task,
            "contact": task >> 2 * bits,
            "kind": _named(task >> bits & last, tuple(plan.scenario.kinds)),
            "episode": (task & last).astype(np.int32),
            "released_ms": log[:, structures.TASK_RELEASED],
            "started_ms": _or_null(log[:, structures.TASK_STARTED]),
            "ended_ms": _or_null(log[:, structures.TASK_ENDED]),
            "due_ms": _or_null(log[:, structures.TASK_DUE]),
            "group": _named(log[:, structures.TASK_GROUP], plan.scenario.group_names),
        }
    )


def _or_null(times_ms: Ints) -> pl.Series:
    """Return times; -1 is null."""
    times = pl.Series(times_ms)
    return times.set(times < 0, None)


def _named(codes: Ints, names: tuple[str, ...]) -> pl.Series:
    """Return codes as their names; -1 is null."""
    labels = pl.Series([*names, None], dtype=pl.Enum(names))
    return labels.gather(pl.Series(np.where(codes < 0, len(names), codes)))
