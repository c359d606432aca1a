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
COUNTS: Final = 20

OUTCOME_COLUMNS: Final = (ANSWERED, ABANDONED, BLOCKED, CONTAINED)
"""The column of each :class:`~sim.terms.Outcome`."""

# Columns of ``contacts``.
STARTED: Final = 0
RESOLVED: Final = 1
HANDED_OVER: Final = 2
LOST: Final = 3
HELPED_BY_MACHINE: Final = 4
OPEN: Final = 5
CONTACTS: Final = 6

# Columns of ``duty``.
ROSTERED_MS: Final = 0
BUSY_MS: Final = 1
OVERRUN_MS: Final = 2
DUTY: Final = 3

WAIT_BINS: Final = 1 << 17
"""Waits below 2**17 ms (131 s) are counted by the millisecond; longer ones are kept one by one."""
PIECE_BITS: Final = 12
"""A long wait is kept as ``(wait_ms << PIECE_BITS | piece) << 1 | abandoned``."""
_PIECE_MASK: Final = (1 << PIECE_BITS) - 1


class Tally(NamedTuple):
    """One replication's counts.

    ``counts`` is shaped ``(rows + 1, types, COUNTS)``, ``contacts`` ``(rows + 1, types, CONTACTS)``, ``duty``
    ``(rows + 1, groups, DUTY)``. ``waits`` counts measured queue waits by the millisecond, shape
    ``(pieces, 2, WAIT_BINS)``: of answered attempts, and of abandoned ones, by the piece of the year the attempt
    arrived in; ``piece`` gives each row's, shape ``(rows,)``.
    """

    counts: Ints
    contacts: Ints
    duty: Ints
    waits: NDArray[np.int32]
    piece: Ints


def new_tally(piece: Ints, types: int, groups: int) -> Tally:
    """Return an empty tally for rows that lie in the pieces ``piece``, shape ``(rows,)``, numbered from 0."""
    rows = piece.size
    return Tally(
        np.zeros((rows + 1, types, COUNTS), np.int64),
        np.zeros((rows + 1, types, CONTACTS), np.int64),
        np.zeros((rows + 1, groups, DUTY), np.int64),
        np.zeros((int(piece.max()) + 1, 2, WAIT_BINS), np.int32),
        piece,
    )


@part
def duty_row(duty: Ints, row: int) -> int:
    """Return the row of ``duty`` for a row of the clock: the last takes all time after the window."""
    return min(row, int(duty.shape[0]) - 1)


@part
def settle_overrun(duty: Ints, since: Ints, over: int, group: int, row: int, now: int) -> None:
    """Add the overrun of a group that has had ``over`` more busy than rostered since it was last settled (§14)."""
    if over > 0:
        duty[row, group, OVERRUN_MS] += over * (now - since[group])
    since[group] = now


@part
def add_busy(duty: Ints, group: int, start: int, end: int, row: int, row_end: int) -> None:
    """Add a job's time to the clock rows it covers; the last row takes the rest (§14)."""
    last = duty.shape[0] - 1
    while row < last and end > row_end:
        duty[row, group, BUSY_MS] += row_end - start
        start = row_end
        row_end += SLOT_MS
        row += 1
    duty[row, group, BUSY_MS] += end - start


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
