"""The tally counted from finished calls: the reference engine's, independent of the fast one's.

The fast engine counts as things happen, row by row. Here each number is a sum over a table of finished calls, and duty
follows from the jobs' beginnings and ends and the roster. The calls come some thousands at a time and are then
forgotten, so that a year of them takes no more memory than a day.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.compiled import as_written
from sim.demand.draws import SLOT_SHIFT
from sim.engine import ahead, rules
from sim.engine import structures as s
from sim.engine import tally as t
from sim.engine.rules import Centre, Run
from sim.engine.structures import Ints
from sim.engine.tally import Tally
from sim.terms import SHORT_ABANDON_MS, SLOT_MS, Kind, Outcome

if TYPE_CHECKING:
    from sim.engine.entities import Call

type_of: Any = as_written(rules.type_of)  # of a column of contacts
row_of_roster = as_written(rules.row_of_roster)


def columns_of(calls: Sequence[Call]) -> dict[str, Ints]:
    """Return what is known of the calls as columns, shape ``(calls,)``."""
    column = partial(np.fromiter, dtype=np.int64, count=len(calls))
    return {
        "contact": column([call.contact for call in calls]),
        "attempt": column([call.attempt for call in calls]),
        "arrived": column([call.arrived for call in calls]),
        "settled": column([call.settled for call in calls]),
        "outcome": column([call.outcome for call in calls]),
        "group": column([call.group for call in calls]),
        "talk_ms": column([call.talk_ms for call in calls]),
        "free": column([call.free for call in calls]),
        "marks": column([call.marks for call in calls]),
    }


def log_of(call: dict[str, Ints], centre: Centre) -> Ints:
    """Return the table of attempts, shape ``(calls, LOG)``."""
    outcome = call["outcome"]
    answered = outcome == Outcome.ANSWERED
    queued = answered | (outcome == Outcome.ABANDONED)
    log = np.empty((outcome.size, s.LOG), np.int64)
    log[:, s.LOG_CONTACT] = call["contact"]
    log[:, s.LOG_EPISODE] = 1
    log[:, s.LOG_ATTEMPT] = call["attempt"]
    log[:, s.LOG_ARRIVED] = call["arrived"]
    log[:, s.LOG_QUEUED] = np.where(queued, call["arrived"] + centre.announcement_ms, -1)
    log[:, s.LOG_ANSWERED] = np.where(answered, call["settled"] + centre.ring_ms, -1)
    log[:, s.LOG_TALK_END] = np.where(answered, call["settled"] + centre.ring_ms + call["talk_ms"], -1)
    log[:, s.LOG_FREE] = np.where(answered, call["free"], -1)
    log[:, s.LOG_LEFT] = np.where(answered, -1, call["settled"])
    log[:, s.LOG_GROUP] = call["group"]
    log[:, s.LOG_OUTCOME] = outcome
    log[:, s.LOG_KIND] = np.where(call["attempt"] == 1, Kind.FIRST, Kind.REDIAL)
    return log


def adder(table: Ints, row: Ints, kind: Ints) -> Callable[..., None]:
    """Return a function that adds calls to a table's rows and types, which are theirs."""
    types = table.shape[1]
    first = int(row.min())
    here = table[first : int(row.max()) + 1]
    cell = (row - first) * types + kind

    def add(column: int, chosen: NDArray[np.bool_], values: Ints | None = None) -> None:
        """Add 1, or ``values``, for each of the chosen calls (below 2**53, so the sums are exact)."""
        sums = np.bincount(cell, chosen if values is None else chosen * values, len(here) * types)
        here[:, :, column] += sums.reshape(-1, types).astype(np.int64)

    return add


class Recount:
    """Counts calls that are finished, part by part.

    Parameters
    ----------
    centre, run
        What is simulated.
    piece
        The piece of the year each row lies in, shape ``(rows,)``; one piece if None.
    keep
        Given the table of attempts part by part, in order of arrival; None if nobody wants it.
    """

    def __init__(self, centre: Centre, run: Run, piece: Ints | None, keep: Callable[[Ints], None] | None) -> None:
        self.centre = centre
        self.run = run
        self.keep = keep
        self.rows, self.types = run.means.shape
        groups = run.roster.shape[1]
        self.tally = t.new_tally(np.zeros(self.rows, np.int64) if piece is None else piece, self.types, groups)
        self.tally.duty[: self.rows, :, t.ROSTERED_MS] = run.roster * SLOT_MS
        self.longer: list[Ints] = []
        # What duty is still to be counted from: the first row, and group, beginning and end of the jobs.
        self.row = 0
        self.jobs = np.empty((3, 0), np.int64)

    def add(self, calls: Sequence[Call], next_ms: int) -> None:
        """Count finished calls, in order of arrival; all others arrive at ``next_ms`` or later."""
        call = columns_of(calls)
        self.count(call)
        jobs = np.stack([call["group"], call["settled"], call["free"]])
        self.jobs = np.concatenate([self.jobs, jobs[:, call["outcome"] == Outcome.ANSWERED]], axis=1)
        self.count_duty((next_ms - self.run.start_ms) // SLOT_MS)
        if self.keep is not None:
            self.keep(log_of(call, self.centre))

    def finish(self, calls: Sequence[Call]) -> tuple[Tally, Ints]:
        """Count the last calls; return the tally of all, and the waits beyond its bins."""
        last = max([self.run.end_ms, *self.jobs[2].tolist(), *(call.free for call in calls)])
        self.add(calls, last + SLOT_MS)
        counts = self.tally.counts
        counts[..., t.RING_MS] = counts[..., t.ANSWERED] * self.centre.ring_ms
        return self.tally, np.concatenate([np.empty(0, np.int64), *self.longer])

    def count(self, call: dict[str, Ints]) -> None:
        """Add finished calls to all of the tally but duty."""
        if not call["contact"].size:
            return
        run, tally = self.run, self.tally
        kind = type_of(call["contact"])
        row = (call["arrived"] - run.start_ms) // SLOT_MS
        outcome = call["outcome"]
        answered = outcome == Outcome.ANSWERED
        abandoned = outcome == Outcome.ABANDONED
        wait = call["settled"] - call["arrived"] - self.centre.announcement_ms
        wrap_ms = call["free"] - call["settled"] - self.centre.ring_ms - call["talk_ms"]
        spot = call["marks"] & ahead.ON_THE_SPOT > 0
        add = adder(tally.counts, row, kind)
        first = call["attempt"] == 1
        add(t.OFFERED, np.ones_like(first))
        add(t.FIRST, first)
        add(t.REDIALS, ~first)
        for value, column in enumerate(t.OUTCOME_COLUMNS):
            add(column, outcome == value)
        add(t.SHORT, abandoned & (wait < SHORT_ABANDON_MS))
        add(t.WAIT_MS, answered | abandoned, wait)
        add(t.ANSWERED_WAIT_MS, answered, wait)
        for place, within_ms in enumerate(self.centre.within_ms):
            add(t.WITHIN + place, answered & (wait <= within_ms))
        add(t.TALK_MS, answered, call["talk_ms"])
        add(t.WRAP_MS, answered, wrap_ms)
        add(t.ON_THE_SPOT, answered & spot)
        add(t.WORK_ORDERS, answered & ~spot)
        add(t.RETURNS, call["marks"] & ahead.RETURNED > 0)
        add(t.SATISFIED, call["marks"] & ahead.SATISFIED > 0)

        add = adder(tally.contacts, (call["contact"] >> SLOT_SHIFT) - run.first_slot, kind)
        add(t.STARTED, first)
        add(t.RESOLVED, answered & spot)
        add(t.HANDED_OVER, answered & ~spot)
        add(t.LOST, call["marks"] & ahead.LOST > 0)
        add(t.HELPED_BY_MACHINE, outcome == Outcome.CONTAINED)
        add(t.OPEN, call["marks"] & ahead.OPEN > 0)

        measured = (row >= run.warm_rows) & (answered | abandoned)
        short = measured & (wait < t.WAIT_BINS)
        np.add.at(tally.waits, (tally.piece[row[short]], abandoned[short].astype(int), wait[short]), np.int32(1))
        long = measured & ~short
        self.longer.append((wait[long] << t.PIECE_BITS | tally.piece[row[long]]) << 1 | abandoned[long])

    def count_duty(self, end_row: int) -> None:
        """Add every group's busy and overrun time in the rows from ``self.row`` to ``end_row`` (§14)."""
        if end_row <= self.row:
            return
        group, begun, ended = self.jobs
        place = np.minimum(np.arange(self.row, end_row), self.rows)
        for index in range(self.run.roster.shape[1]):
            own = group == index
            duty = duty_of(self.run, index, self.row, end_row, begun[own], ended[own])
            np.add.at(self.tally.duty[:, index, t.BUSY_MS :], place, duty)
        self.row = end_row
        self.jobs = self.jobs[:, ended > self.run.start_ms + end_row * SLOT_MS]


def duty_of(run: Run, group: int, first: int, end: int, begun: Ints, ended: Ints) -> Ints:
    """Return a group's busy and overrun time by row (§14), shape ``(end - first, 2)``.

    Parameters
    ----------
    run, group
        The roster, and the group's place.
    first, end
        The rows from ``first`` and before ``end``; those after the window have numbers too.
    begun, ended
        When its jobs began and ended, in ms.
    """
    edges = run.start_ms + np.arange(first, end + 1) * SLOT_MS
    moments = np.clip(np.concatenate([edges, begun, ended]), edges[0], edges[-1])
    change = np.concatenate([np.zeros_like(edges), np.ones_like(begun), np.full_like(ended, -1)])
    order = np.argsort(moments, kind="stable")  # quick: the parts are all but in order
    moments = moments[order]
    busy = np.cumsum(change[order])[:-1]
    span = np.diff(moments)
    row = np.minimum((moments[:-1] - edges[0]) // SLOT_MS, end - first - 1)  # what is at the end lasts no time
    roster = run.roster[[row_of_roster(r, len(run.roster)) for r in range(first, end)], group]
    over = np.maximum(0, busy - roster[row])
    return np.stack([np.bincount(row, span * time, end - first) for time in (busy, over)], axis=1).astype(np.int64)
