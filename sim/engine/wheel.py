"""The events to come, in the order of §15: a wheel of buckets of half a second, and a list for each row far off.

A heap takes a step for every doubling of the events it holds, each step a guess the processor gets wrong half of the
time. Most events here are minutes away and few lie in one bucket, so a bitmap of the buckets in use finds the next
at once. What lies hours or days ahead is put in order only when its row is near. An event is ``when``
(``time << 4 | class``) and ``id``, its key in §15, and a ``load``.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.compiled import part
from sim.engine.rules import CLASS_BITS
from sim.terms import SLOT_MS

Ints = NDArray[np.int64]
Bits = NDArray[np.uint64]

WHEN: Final = 0
ID: Final = 1
LOAD: Final = 2
LINK: Final = 3
"""The next event of the same bucket, or the next free place."""
EVENT: Final = 4

# Places in ``marks``.
FIRST: Final = 0
FIRST_WHEN: Final = 1
FREE: Final = 2
IN_WHEEL: Final = 3
TAKEN: Final = 4
"""Events in the wheel and in the lists of rows."""
HORIZON_MS: Final = 5
"""Events before this time are in the wheel, the others in lists."""
START_MS: Final = 6
"""When the first list's row begins."""
MARKS: Final = 7

NONE: Final = (1 << 63) - 1
"""``FIRST_WHEN`` of an empty wheel: after every event."""

_WIDTH_BITS: Final = 9
BUCKETS: Final = 4096
_WORD_BITS: Final = 6
WORDS: Final = BUCKETS >> _WORD_BITS
_IN_WORD: Final = (1 << _WORD_BITS) - 1
_ONE: Final = np.uint64(1)
_FRACTION_BITS: Final = np.uint64(52)
_BIAS: Final = 1023

# What is in the wheel lies within two rows, and buckets must not come round again within that.
assert 2 * SLOT_MS < (BUCKETS - _IN_WORD - 1) << _WIDTH_BITS


@part
def _lowest(word: np.uint64) -> int:
    """Return the place of the lowest bit that is set in ``word``, of which there must be one."""
    lowest = np.float64(word & (~word + _ONE))  # a power of two: its place is the exponent
    return int(np.int64(lowest.view(np.uint64) >> _FRACTION_BITS)) - _BIAS


def new_marks(start_ms: int) -> Ints:
    """Return the ``marks`` of no events, the first place being free; the wheel takes in the row at ``start_ms``."""
    marks = np.zeros(MARKS, np.int64)
    marks[FIRST] = -1
    marks[FIRST_WHEN] = NONE
    marks[START_MS] = start_ms
    marks[HORIZON_MS] = start_ms + SLOT_MS
    return marks


@part
def _bucket(when: int) -> int:
    return (when >> (CLASS_BITS + _WIDTH_BITS)) & (BUCKETS - 1)


@part
def _put_in_order(nodes: Ints, heads: NDArray[np.int32], used: Bits, marks: Ints, at: int, when: int, id: int) -> None:
    """Put the event in place ``at`` into its bucket."""
    marks[IN_WHEEL] += 1
    bucket = _bucket(when)
    before = -1
    after = int(heads[bucket])
    while after >= 0 and (nodes[after, WHEN] < when or (nodes[after, WHEN] == when and nodes[after, ID] < id)):
        before = after
        after = nodes[after, LINK]
    nodes[at, LINK] = after
    if before >= 0:
        nodes[before, LINK] = at
        return
    heads[bucket] = at
    used[bucket >> _WORD_BITS] |= _ONE << np.uint64(bucket & _IN_WORD)
    if when < marks[FIRST_WHEN] or after == marks[FIRST]:
        marks[FIRST] = at
        marks[FIRST_WHEN] = when


@part
def schedule(
    nodes: Ints,
    heads: NDArray[np.int32],
    used: Bits,
    marks: Ints,
    rows: NDArray[np.int32],
    when: int,
    id: int,
    load: int,
) -> None:
    """Add an event; there must be room for it. The last of ``rows`` takes all that comes after it."""
    at = marks[FREE]
    marks[FREE] = nodes[at, LINK]
    marks[TAKEN] += 1
    nodes[at, WHEN] = when
    nodes[at, ID] = id
    nodes[at, LOAD] = load
    time_ms = when >> CLASS_BITS
    if time_ms < marks[HORIZON_MS]:
        _put_in_order(nodes, heads, used, marks, at, when, id)
        return
    row = min((time_ms - marks[START_MS]) // SLOT_MS, rows.size - 1)
    nodes[at, LINK] = rows[row]
    rows[row] = at


@part
def cancel(nodes: Ints, heads: NDArray[np.int32], used: Bits, marks: Ints, when: int, id: int) -> None:
    """Remove an event that will not happen, if that is quick: the first one and those in lists of rows stay.

    Whoever takes those must find out by itself.
    """
    if when >> CLASS_BITS >= marks[HORIZON_MS]:
        return
    bucket = _bucket(when)
    before = -1
    at = int(heads[bucket])
    while at >= 0 and (nodes[at, WHEN] != when or nodes[at, ID] != id):
        before = at
        at = nodes[at, LINK]
    if at < 0 or at == marks[FIRST]:
        return
    after = nodes[at, LINK]
    nodes[at, LINK] = marks[FREE]
    marks[FREE] = at
    marks[IN_WHEEL] -= 1
    marks[TAKEN] -= 1
    if before >= 0:
        nodes[before, LINK] = after
        return
    heads[bucket] = after
    if after < 0:
        used[bucket >> _WORD_BITS] &= ~(_ONE << np.uint64(bucket & _IN_WORD))


@part
def take_first(nodes: Ints, heads: NDArray[np.int32], used: Bits, marks: Ints) -> None:
    """Remove the first event; its place keeps what it said until the next event is added."""
    at = marks[FIRST]
    bucket = _bucket(marks[FIRST_WHEN])
    after = nodes[at, LINK]
    nodes[at, LINK] = marks[FREE]
    marks[FREE] = at
    marks[IN_WHEEL] -= 1
    marks[TAKEN] -= 1
    heads[bucket] = after
    word = bucket >> _WORD_BITS
    if after < 0:
        used[word] &= ~(_ONE << np.uint64(bucket & _IN_WORD))
        if marks[IN_WHEEL] == 0:
            marks[FIRST] = -1
            marks[FIRST_WHEN] = NONE
            return
        place = np.uint64(bucket & _IN_WORD)
        left = used[word] >> place << place  # those before it come round again: they are the last
        while left == 0:
            word = (word + 1) & (WORDS - 1)
            left = used[word]
        after = int(heads[(word << _WORD_BITS) + _lowest(left)])
    marks[FIRST] = after
    marks[FIRST_WHEN] = nodes[after, WHEN]


@part
def bring_near(nodes: Ints, heads: NDArray[np.int32], used: Bits, marks: Ints, rows: NDArray[np.int32]) -> None:
    """Let the wheel take in the next of ``rows``; there must be one."""
    row = (marks[HORIZON_MS] - marks[START_MS]) // SLOT_MS
    marks[HORIZON_MS] += SLOT_MS
    at = int(rows[row])
    while at >= 0:
        later = nodes[at, LINK]
        _put_in_order(nodes, heads, used, marks, at, nodes[at, WHEN], nodes[at, ID])
        at = later
