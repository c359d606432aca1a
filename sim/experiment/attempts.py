"""The table of attempts: every attempt of a replication, a row each (optional)."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

import numpy as np
import polars as pl

from sim.demand.draws import TYPE_MASK, TYPE_SHIFT
from sim.engine import structures
from sim.engine.inputs import Plan
from sim.engine.structures import Ints
from sim.terms import SLOT_MS, Kind, Outcome

Keep = Callable[[int, pl.DataFrame], None]
"""Takes a part of a replication's table, and its number from 0."""

PART_ROWS: Final = 262_144
"""Attempts in a part: a year of them at once would take more memory than the simulation."""


class Parts:
    """Hands a replication's table on in frames of :data:`PART_ROWS` rows, however the engine gives it."""

    def __init__(self, plan: Plan, replication: int, keep: Keep) -> None:
        self._plan = plan
        self._replication = replication
        self._keep = keep
        self._rows = np.empty((0, structures.LOG), np.int64)
        self._next = 0
        self.seconds = 0.0
        """Spent here, and not on the simulation."""

    def add(self, log: Ints) -> None:
        """Take rows that are finished, in order of arrival; those of the warm-up are left out."""
        begin = time.perf_counter()
        window = self._plan.window
        measured_from = (window.first_slot + window.warm_slots) * SLOT_MS
        measured = log[log[:, structures.LOG_ARRIVED] >= measured_from]
        self._rows = np.concatenate([self._rows, measured])
        while len(self._rows) >= PART_ROWS:
            self._hand_on()
        self.seconds += time.perf_counter() - begin

    def close(self) -> None:
        """Hand on what is left; a replication without an attempt has one empty part."""
        if len(self._rows) or self._next == 0:
            self._hand_on()

    def _hand_on(self) -> None:
        part, self._rows = self._rows[:PART_ROWS], self._rows[PART_ROWS:]
        self._keep(self._next, attempts_frame(part, self._plan, self._replication))
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
        ``answered_ms``, ``talk_end_ms``, ``free_ms`` and ``group`` if it was not answered, and ``left_ms``
        unless it was abandoned or blocked.
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
            # No caller is called back yet (§12).
            "callback": pl.repeat(False, len(log), dtype=pl.Boolean, eager=True),
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
