"""The wheel of events against Python's own heap: the same events in the same order, whatever comes and goes."""

from __future__ import annotations

import heapq

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from sim.compiled import bare_kernel
from sim.engine import wheel
from sim.engine.rules import CLASS_BITS
from sim.engine.structures import linked
from sim.terms import SLOT_MS

Ints = NDArray[np.int64]
Heads = NDArray[np.int32]
Rows = NDArray[np.int32]
Used = NDArray[np.uint64]


@bare_kernel
def add(nodes: Ints, heads: Heads, used: Used, marks: Ints, rows: Rows, when: int, id: int, load: int) -> None:
    wheel.schedule(nodes, heads, used, marks, rows, when, id, load)


@bare_kernel
def take(nodes: Ints, heads: Heads, used: Used, marks: Ints) -> None:
    wheel.take_first(nodes, heads, used, marks)


@bare_kernel
def cancel(nodes: Ints, heads: Heads, used: Used, marks: Ints, when: int, id: int) -> None:
    wheel.cancel(nodes, heads, used, marks, when, id)


@bare_kernel
def near(nodes: Ints, heads: Heads, used: Used, marks: Ints, rows: Rows) -> None:
    wheel.bring_near(nodes, heads, used, marks, rows)


_ROWS = 200
"""More than the steps take."""

# A step: so many ms go by, and an event is added so many ms later, with a class and an id; then the event of that
# number in the order to come, if there are so many, is called off.
STEPS = st.lists(
    st.tuples(
        st.one_of(st.integers(0, 3), st.integers(0, 400_000)),
        st.one_of(st.integers(0, 600), st.integers(0, 3 * SLOT_MS), st.integers(0, 50 * SLOT_MS)),
        st.integers(0, 9),
        st.integers(0, 5),
        st.integers(0, 40),
    ),
    max_size=150,
)


@given(STEPS, st.integers(-(10**9), 10**9))
@settings(max_examples=200, deadline=None)
def test_events_come_in_order(steps: list[tuple[int, int, int, int, int]], start_ms: int) -> None:
    room = 200
    nodes = linked(np.empty((room, wheel.EVENT), np.int64), wheel.LINK, 0)
    heads, used = np.full(wheel.BUCKETS, -1, np.int32), np.zeros(wheel.WORDS, np.uint64)
    marks, rows = wheel.new_marks(start_ms), np.full(_ROWS, -1, np.int32)
    row_end = start_ms + SLOT_MS
    near(nodes, heads, used, marks, rows)
    expected: list[tuple[int, int, int]] = []
    off: set[tuple[int, int]] = set()
    now = start_ms

    def go_to(time_ms: int) -> None:
        """Take what comes before ``time_ms``, a row at a time."""
        nonlocal row_end
        while True:
            until = min(time_ms, row_end) << CLASS_BITS
            while marks[wheel.FIRST_WHEN] < until:
                first = tuple(nodes[marks[wheel.FIRST], : wheel.LINK].tolist())
                if first[:2] not in off:
                    assert first == heapq.heappop(expected)
                off.discard(first[:2])
                take(nodes, heads, used, marks)
            assert not expected or expected[0][0] >= until
            if row_end > time_ms:
                return
            row_end += SLOT_MS
            near(nodes, heads, used, marks, rows)

    for load, (pause, delay, event_class, id, called_off) in enumerate(steps):
        now += pause
        go_to(now)
        event = ((now + delay) << CLASS_BITS | event_class, id)
        if event in {(when, other) for when, other, _ in expected} | off:
            continue  # no two events have one key
        heapq.heappush(expected, (*event, load))
        add(nodes, heads, used, marks, rows, *event, load)
        if called_off < len(expected):
            when, other, _ = sorted(expected)[called_off]
            expected = [entry for entry in expected if entry[:2] != (when, other)]
            heapq.heapify(expected)
            left = marks[wheel.IN_WHEEL]
            cancel(nodes, heads, used, marks, when, other)
            if marks[wheel.IN_WHEEL] == left:  # only the first and those in lists may stay
                assert marks[wheel.FIRST_WHEN] == when or when >> CLASS_BITS >= marks[wheel.HORIZON_MS]
                off.add((when, other))
    go_to(now + 60 * SLOT_MS)
    assert not expected
    assert not off
    assert marks[wheel.FIRST] == -1
    assert marks[wheel.IN_WHEEL] == marks[wheel.TAKEN] == 0


def test_what_comes_after_the_last_row_waits_in_its_list() -> None:
    nodes = linked(np.empty((4, wheel.EVENT), np.int64), wheel.LINK, 0)
    heads, used = np.full(wheel.BUCKETS, -1, np.int32), np.zeros(wheel.WORDS, np.uint64)
    marks, rows = wheel.new_marks(0), np.full(3, -1, np.int32)
    for id, row in enumerate((1, 2, 1000, 1_000_000)):
        add(nodes, heads, used, marks, rows, row * SLOT_MS << CLASS_BITS, id, 0)
    near(nodes, heads, used, marks, rows)
    assert marks[wheel.IN_WHEEL] == 1
    assert nodes[marks[wheel.FIRST], wheel.ID] == 0
    take(nodes, heads, used, marks)
    assert (marks[wheel.IN_WHEEL], marks[wheel.TAKEN]) == (0, 3)
    left, at = [], int(rows[-1])
    while at >= 0:
        left.append(int(nodes[at, wheel.ID]))
        at = int(nodes[at, wheel.LINK])
    assert sorted(left) == [1, 2, 3]
