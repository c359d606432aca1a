"""The tally of one replication: what the measures of §17 are made from, in memory that does not grow with calls.

Attempts are counted in the 15-minute row of their own arrival, contacts in that of their first attempt, duty by
the clock. Rows are those of the window, warm-up first; one last row takes what happens after the window's end.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.compiled import part
from sim.terms import SLOT_MS

Ints = NDArray[np.int64]

# Columns of ``counts``.
OFFERED: Final = 0
ANSWERED: Final = 1
ABANDONED: Final = 2
BLOCKED: Final = 3
CONTAINED: Final = 4
SHORT: Final = 5
FIRST: Final = 6
REDIALS: Final = 7
ANSWERED_WAIT_MS: Final = 8
WAIT_MS: Final = 9
WITHIN: Final = 10
"""The first of three columns: answered within 8, 15 and 20 s."""
RING_MS: Final = 13
TALK_MS: Final = 14
WRAP_MS: Final = 15
ON_THE_SPOT: Final = 16
WORK_ORDERS: Final = 17
RETURNS: Final = 18
SATISFIED: Final = 19
SATISFIED_ORDERS: Final = 20
"""Those of ``SATISFIED`` with a work order."""
REPEATS: Final = 21
TRANSFERS: Final = 22
CONSULT_MS: Final = 23
"""The agents' part of consulting; not in ``TALK_MS``."""
HASTY: Final = 24
CALLBACKS: Final = 25
"""Promised."""
CALLED_BACK: Final = 26
"""Those of ``ANSWERED`` by a promised callback. Their waits are in ``CALLBACK_WAIT_MS`` and nowhere else: not in
``WAIT_MS``, ``ANSWERED_WAIT_MS``, ``WITHIN`` or the waits by the millisecond."""
CALLBACK_WAIT_MS: Final = 27
ESTIMATES: Final = 28
"""Of calls that waited and were answered, with an expected wait: how many, its sum, and the sum of its distance to
the wait it became (§13)."""
ESTIMATE_MS: Final = 29
ESTIMATE_OFF_MS: Final = 30
COUNTS: Final = 31

OUTCOME_COLUMNS: Final = (ANSWERED, ABANDONED, BLOCKED, CONTAINED)
"""The column of each :class:`~sim.terms.Outcome`."""

# Columns of ``contacts``.
STARTED: Final = 0
RESOLVED: Final = 1
HANDED_OVER: Final = 2
LOST: Final = 3
HELPED_BY_MACHINE: Final = 4
OPEN: Final = 5
FIRST_ANSWERED: Final = 6
"""Contacts whose first episode was answered, and those whose first episode is open; not ends of their own."""
FIRST_OPEN: Final = 7
CONTACTS: Final = 8

# Columns of ``duty``.
ROSTERED_MS: Final = 0
BUSY_MS: Final = 1
OVERRUN_MS: Final = 2
TASK_MS: Final = 3
"""The part of ``BUSY_MS`` that is tasks."""
CALLS: Final = 4
"""Answered in this row, by the clock; then their ring, talk and consulting, and wrap-up, whenever that is."""
CALL_TALK_MS: Final = 5
CALL_WRAP_MS: Final = 6
IDLE_MS: Final = 7
"""Of the agents rostered and not busy; nothing in the row after the window, whose roster nobody counts either."""
DUTY: Final = 8

# Columns of ``tasks``, by the row of release; the last three by the clock.
RELEASED: Final = 0
DONE: Final = 1
"""Started before the window's end, and so done."""
LATE: Final = 2
TASK_WAIT_MS: Final = 3
"""From release to start, of those done."""
TASK_HANDLING_MS: Final = 4
TASK_WORK_ORDERS: Final = 5
TASK_RETURNS: Final = 6
"""Of written contacts done."""
ASKED: Final = 7
"""Citizens reached by a task that asks, and those of them who are satisfied."""
ASKED_SATISFIED: Final = 8
STARTED_NOW: Final = 9
OLDEST_MS: Final = 10
"""The age of the longest waiting task when the row ends."""
NOT_RELEASED: Final = 11
"""Tasks that an event of this row would have had released at or after the window's end."""
TASKS: Final = 12

WAIT_BINS: Final = 1 << 17
"""Waits below 2**17 ms (131 s) are counted by the millisecond; longer ones are kept one by one."""
PIECE_BITS: Final = 12
"""A long wait is kept as ``(wait_ms << PIECE_BITS | piece) << 1 | abandoned``."""
_PIECE_MASK: Final = (1 << PIECE_BITS) - 1


class Tally(NamedTuple):
    """One replication's counts.

    ``counts`` is shaped ``(rows + 1, types, COUNTS)``, ``contacts`` ``(rows + 1, types, CONTACTS)``, ``duty``
    ``(rows + 1, groups, DUTY)``, ``tasks`` ``(rows + 1, kinds, TASKS)``. ``waits`` counts measured queue waits by the
    millisecond, shape ``(pieces, 2, WAIT_BINS)``: of answered attempts, and of abandoned ones, by the piece of the year
    the attempt arrived in; ``piece`` gives each row's, shape ``(rows,)``.
    """

    counts: Ints
    contacts: Ints
    duty: Ints
    tasks: Ints
    waits: NDArray[np.int32]
    piece: Ints


def new_tally(piece: Ints, types: int, groups: int, kinds: int) -> Tally:
    """Return an empty tally for rows that lie in the pieces ``piece``, shape ``(rows,)``, numbered from 0."""
    rows = piece.size
    return Tally(
        np.zeros((rows + 1, types, COUNTS), np.int64),
        np.zeros((rows + 1, types, CONTACTS), np.int64),
        np.zeros((rows + 1, groups, DUTY), np.int64),
        np.zeros((rows + 1, kinds, TASKS), np.int64),
        np.zeros((int(piece.max()) + 1, 2, WAIT_BINS), np.int32),
        piece,
    )


@part
def duty_row(duty: Ints, row: int) -> int:
    """Return the row of ``duty`` for a row of the clock: the last takes all time after the window."""
    return min(row, int(duty.shape[0]) - 1)


@part
def settle(duty: Ints, since: Ints, idle: int, group: int, row: int, now: int) -> None:
    """Add the time in which a group has had ``idle`` agents idle, or beyond its roster if below 0 (§14)."""
    span = now - since[group]
    if idle >= 0:
        duty[row, group, IDLE_MS] += idle * span
    else:
        duty[row, group, OVERRUN_MS] -= idle * span
    since[group] = now


@part
def add_busy(duty: Ints, column: int, group: int, start: int, end: int, row: int, row_end: int) -> None:
    """Add a job's time to the clock rows it covers; the last row takes the rest (§14)."""
    last = duty.shape[0] - 1
    while row < last and end > row_end:
        duty[row, group, column] += row_end - start
        start = row_end
        row_end += SLOT_MS
        row += 1
    duty[row, group, column] += end - start


@part
def count_waits(waits: NDArray[np.int32], kept: Ints, n_long: int, n: int) -> int:
    """Count the short ones among waits ``n_long`` to ``n`` in the bins; return how many long ones stay.

    All those of a row at once: the bins are far apart in memory, and here one need not wait for the other.
    """
    for i in range(n_long, n):
        wait = kept[i] >> (PIECE_BITS + 1)
        if wait < WAIT_BINS:
            waits[(kept[i] >> 1) & _PIECE_MASK, kept[i] & 1, wait] += 1
        else:
            kept[n_long] = kept[i]
            n_long += 1
    return n_long
