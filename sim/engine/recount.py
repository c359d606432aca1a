"""The tally counted from the table of attempts, after the run: the reference engine's, independent of the fast one's.

The fast engine counts as it goes, row by row. Here each number is a sum over the finished table, and duty follows from
the jobs' beginnings and ends and the roster.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from operator import attrgetter
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from sim.demand.draws import SLOT_SHIFT
from sim.engine import ahead
from sim.engine import structures as s
from sim.engine import tally as t
from sim.engine.rules import Centre, Run, row_of_roster
from sim.engine.structures import Ints
from sim.engine.tally import Tally
from sim.terms import SHORT_ABANDON_MS, SLOT_MS, Kind, Outcome

if TYPE_CHECKING:
    from sim.engine.reference import Call

_COLUMNS: Final = (
    "contact", "attempt", "arrived", "queued", "found", "left", "group", "outcome", "kind", "talk_ms", "wrap_ms",
    "marks", "end",
)  # fmt: skip


def columns_of(calls: Sequence[Call]) -> dict[str, Ints]:
    """Return each attribute of the calls as a column, shape ``(calls,)``."""
    values = chain.from_iterable(map(attrgetter(*_COLUMNS), calls))
    table = np.fromiter(values, np.int64, len(calls) * len(_COLUMNS)).reshape(-1, len(_COLUMNS))
    return dict(zip(_COLUMNS, table.T, strict=True))


def log_of(call: dict[str, Ints], ring_ms: int) -> Ints:
    """Return the table of attempts, shape ``(calls, LOG)``."""
    answered = call["outcome"] == Outcome.ANSWERED
    talk_end = call["found"] + ring_ms + call["talk_ms"]
    log = np.empty((call["contact"].size, s.LOG), np.int64)
    log[:, s.LOG_CONTACT] = call["contact"]
    log[:, s.LOG_EPISODE] = 1
    log[:, s.LOG_ATTEMPT] = call["attempt"]
    log[:, s.LOG_ARRIVED] = call["arrived"]
    log[:, s.LOG_QUEUED] = call["queued"]
    log[:, s.LOG_ANSWERED] = np.where(answered, call["found"] + ring_ms, -1)
    log[:, s.LOG_TALK_END] = np.where(answered, talk_end, -1)
    log[:, s.LOG_FREE] = np.where(answered, talk_end + call["wrap_ms"], -1)
    log[:, s.LOG_LEFT] = call["left"]
    log[:, s.LOG_GROUP] = call["group"]
    log[:, s.LOG_OUTCOME] = call["outcome"]
    log[:, s.LOG_KIND] = np.where(call["attempt"] == 1, Kind.FIRST, Kind.REDIAL)
    return log


def recount(centre: Centre, run: Run, call: dict[str, Ints], piece: Ints | None) -> tuple[Tally, Ints, Ints]:
    """Return the tally of finished calls, the waits beyond its bins, and the table of attempts."""
    rows, types = run.means.shape
    counts = t.new_tally(np.zeros(rows, np.int64) if piece is None else piece, types, run.roster.shape[1])
    kinds = call["kind"]
    row = (call["arrived"] - run.start_ms) // SLOT_MS
    cell = row * types + kinds
    outcome = call["outcome"]
    answered = outcome == Outcome.ANSWERED
    abandoned = outcome == Outcome.ABANDONED
    found = call["found"]
    free = found + centre.ring_ms + call["talk_ms"] + call["wrap_ms"]
    wait = np.where(answered, found, call["left"]) - call["queued"]
    spot = call["marks"] & ahead.ON_THE_SPOT > 0

    def add(column: int, chosen: NDArray[np.bool_], values: Ints | None = None) -> None:
        """Add 1, or ``values``, to the cells of the chosen calls (below 2**53, so the sums are exact)."""
        weights = None if values is None else values[chosen]
        sums = np.bincount(cell[chosen], weights, minlength=rows * types)
        counts.counts[:-1, :, column] = sums.reshape(rows, types).astype(np.int64)

    first = call["attempt"] == 1
    add(t.OFFERED, np.ones(cell.size, bool))
    add(t.FIRST, first)
    add(t.REDIALS, ~first)
    for value, column in enumerate(t.OUTCOME_COLUMNS):
        add(column, outcome == value)
    add(t.SHORT, abandoned & (wait < SHORT_ABANDON_MS))
    add(t.WAIT_MS, answered | abandoned, wait)
    add(t.ANSWERED_WAIT_MS, answered, wait)
    for place, within_ms in enumerate(centre.within_ms):
        add(t.WITHIN + place, answered & (wait <= within_ms))
    counts.counts[..., t.RING_MS] = counts.counts[..., t.ANSWERED] * centre.ring_ms
    add(t.TALK_MS, answered, call["talk_ms"])
    add(t.WRAP_MS, answered, call["wrap_ms"])
    add(t.ON_THE_SPOT, answered & spot)
    add(t.WORK_ORDERS, answered & ~spot)
    add(t.RETURNS, call["marks"] & ahead.RETURNED > 0)
    add(t.SATISFIED, call["marks"] & ahead.SATISFIED > 0)

    first_row = (call["contact"] >> SLOT_SHIFT) - run.first_slot
    np.add.at(counts.contacts, (first_row[first], kinds[first], t.STARTED), 1)
    end = np.where(answered, np.where(spot, t.RESOLVED, t.HANDED_OVER), call["end"])
    ended = end >= 0
    np.add.at(counts.contacts, (first_row[ended], kinds[ended], end[ended]), 1)

    measured = (row >= run.warm_rows) & (answered | abandoned)
    short = measured & (wait < t.WAIT_BINS)
    np.add.at(counts.waits, (counts.piece[row[short]], abandoned[short].astype(int), wait[short]), 1)
    long = measured & ~short
    longer = (wait[long] << t.PIECE_BITS | counts.piece[row[long]]) << 1 | abandoned[long]
    for index in range(run.roster.shape[1]):
        own = answered & (call["group"] == index)
        counts.duty[:, index] = duty_of(run, index, found[own], free[own])
    return counts, longer.astype(np.int64), log_of(call, centre.ring_ms)


def duty_of(run: Run, group: int, begun: Ints, ended: Ints) -> Ints:
    """Return a group's rostered, busy and overrun time by row (§14), shape ``(rows + 1, DUTY)``.

    Parameters
    ----------
    run
        The roster.
    group
        The group's place.
    begun, ended
        When its jobs began and ended, in ms.
    """
    rows = run.roster.shape[0]
    last = max(run.end_ms, int(ended.max(initial=run.end_ms)))
    starts = np.arange(run.start_ms, last + SLOT_MS, SLOT_MS)
    moments = np.unique(np.concatenate([starts, begun, ended]))
    busy = np.searchsorted(np.sort(begun), moments, "right") - np.searchsorted(np.sort(ended), moments, "right")
    row = (moments - run.start_ms) // SLOT_MS
    roster = np.array([run.roster[row_of_roster(r, rows), group] for r in range(starts.size)])[row]
    span = np.diff(moments, append=moments[-1])
    duty = np.zeros((rows + 1, t.DUTY), np.int64)
    place = np.minimum(row, rows)
    np.add.at(duty[:, t.BUSY_MS], place, span * busy)
    np.add.at(duty[:, t.OVERRUN_MS], place, span * np.maximum(0, busy - roster))
    duty[:rows, t.ROSTERED_MS] = run.roster[:, group] * SLOT_MS
    return duty
