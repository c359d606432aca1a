"""The memory of the fast engine: event heaps, calls in the centre, the table of attempts, as arrays of columns."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.compiled import part

Ints = NDArray[np.int64]

# Columns of an event heap: (``when``, ``id``) is the key of §15, ``when`` being ``time << 4 | class``.
WHEN: Final = 0
ID: Final = 1
LOAD: Final = 2
HEAP: Final = 3
_LATE: Final = (1 << 63) - 1

# Columns of the pool of calls in greeting or waiting. Waiting calls of a type are linked, first to queue first.
CONTACT: Final = 0
ATTEMPT: Final = 1
ROW: Final = 2
QUEUED: Final = 3
HANG_UP: Final = 4
RECORD: Final = 5
NEXT: Final = 6
PREV: Final = 7
POOL: Final = 8

# Columns of the table of attempts; -1 means none.
LOG_CONTACT: Final = 0
LOG_EPISODE: Final = 1
LOG_ATTEMPT: Final = 2
LOG_ARRIVED: Final = 3
LOG_QUEUED: Final = 4
LOG_ANSWERED: Final = 5
LOG_TALK_END: Final = 6
LOG_FREE: Final = 7
LOG_LEFT: Final = 8
LOG_GROUP: Final = 9
LOG_OUTCOME: Final = 10
LOG_KIND: Final = 11
LOG: Final = 12


@part
def push(when_of: Ints, id_of: Ints, load_of: Ints, n: int, when: int, id: int, load: int) -> int:
    """Add an event to the ``n`` of a heap, which must have room; return how many there are now."""
    i = n
    while i > 0:
        up = (i - 1) >> 1
        if when_of[up] < when or (when_of[up] == when and id_of[up] <= id):
            break
        when_of[i] = when_of[up]
        id_of[i] = id_of[up]
        load_of[i] = load_of[up]
        i = up
    when_of[i] = when
    id_of[i] = id
    load_of[i] = load
    return n + 1


@part
def drop(when_of: Ints, id_of: Ints, load_of: Ints, n: int) -> int:
    """Remove the first event of the ``n`` of a heap; return how many there are now.

    The gap goes down to a leaf along the earlier children, and the last event up from there: it belongs near the
    bottom. The place it left is made late, so that a missing second child needs no test.
    """
    n -= 1
    when = when_of[n]
    id = id_of[n]
    load = load_of[n]
    when_of[n] = _LATE
    i = 0
    child = 1
    while child < n:
        child += (when_of[child + 1] < when_of[child]) | (
            (when_of[child + 1] == when_of[child]) & (id_of[child + 1] < id_of[child])
        )
        when_of[i] = when_of[child]
        id_of[i] = id_of[child]
        load_of[i] = load_of[child]
        i = child
        child = 2 * i + 1
    while i > 0:
        up = (i - 1) >> 1
        if when_of[up] < when or (when_of[up] == when and id_of[up] <= id):
            break
        when_of[i] = when_of[up]
        id_of[i] = id_of[up]
        load_of[i] = load_of[up]
        i = up
    when_of[i] = when
    id_of[i] = id
    load_of[i] = load
    return n


@part
def line_up(pool: Ints, ends: Ints, at: int, kind: int, now: int) -> None:
    """Put a call at the end of its type's list, ``ends[kind]`` being first and last.

    Those that queued in the same millisecond stay in order of id (§7).
    """
    pool[at, QUEUED] = now
    before = ends[kind, 1]
    after = -1
    while before >= 0 and pool[before, QUEUED] == now and pool[before, CONTACT] > pool[at, CONTACT]:
        after = before
        before = pool[before, PREV]
    pool[at, PREV] = before
    pool[at, NEXT] = after
    if before >= 0:
        pool[before, NEXT] = at
    else:
        ends[kind, 0] = at
    if after >= 0:
        pool[after, PREV] = at
    else:
        ends[kind, 1] = at


@part
def step_out(pool: Ints, ends: Ints, at: int, kind: int) -> None:
    """Take a call out of its type's list."""
    before = pool[at, PREV]
    after = pool[at, NEXT]
    if before >= 0:
        pool[before, NEXT] = after
    else:
        ends[kind, 0] = after
    if after >= 0:
        pool[after, PREV] = before
    else:
        ends[kind, 1] = before


class Memory(NamedTuple):
    """What the event loop works in.

    ``state`` holds the loop's own numbers between two calls; ``groups`` each group's roster, idle agents (below
    zero while busy ones overrun) and when its overrun was last settled; ``ends`` each type's first and last
    waiting call; ``line_ends`` the ends of talks that hold a line; ``long_waits`` the waits beyond the tally's
    bins.
    """

    state: Ints
    jobs: Ints
    timers: Ints
    pool: Ints
    ends: Ints
    line_ends: Ints
    groups: Ints
    idle_since: Ints
    long_waits: Ints
    arrivals: Ints
    log: Ints
    slot_keys: NDArray[np.uint64]


# Places in ``state``.
N_JOBS: Final = 0
N_TIMERS: Final = 1
N_POOL: Final = 2
FREE_PLACE: Final = 3
N_WAITING: Final = 4
N_LONG: Final = 5
N_LOG: Final = 6
N_TALKS: Final = 7
IN_SERVICE: Final = 8
N_ARRIVALS: Final = 9
I_ARRIVAL: Final = 10
TURN: Final = 11
CURRENT_ROW: Final = 12
STATE: Final = 13


def new_memory(types: int, groups: int, most: int, lines: int, keeps_idle_times: bool, logging: bool) -> Memory:
    """Return empty memory for ``types``, ``groups``, ``most`` agents at once and ``lines`` (0: no limit)."""
    idle_since = np.zeros((groups, most + 3 if keeps_idle_times else 3), np.int64)
    idle_since[:, 0] = 2
    memory = Memory(
        state=np.zeros(STATE, np.int64),
        jobs=np.empty((HEAP, most + 1), np.int64),
        timers=np.empty((HEAP, 256 + 2 * groups), np.int64),
        pool=_linked(np.full((256, POOL), -1, np.int64), 0),
        ends=np.full((types, 2), -1, np.int64),
        line_ends=np.empty(lines + 1, np.int64),
        groups=np.zeros((3, groups), np.int64),
        idle_since=idle_since,
        long_waits=np.empty(512, np.int64),
        arrivals=np.empty((1024, 3), np.int64),
        log=np.empty((4096 if logging else 0, LOG), np.int64),
        slot_keys=np.empty(types, np.uint64),
    )
    memory.state[CURRENT_ROW] = -1
    memory.state[TURN] = groups
    return memory


def _linked(pool: Ints, start: int) -> Ints:
    """Make every place of ``pool`` from ``start`` lead to the next as free."""
    pool[start:, CONTACT] = -1
    pool[start:, NEXT] = np.arange(start + 1, pool.shape[0] + 1)
    return pool


def grown(memory: Memory) -> Memory:
    """Return ``memory`` with twice the room for all that can fill up."""

    def doubled(array: Ints) -> Ints:
        return np.concatenate([array, np.empty_like(array)])

    return memory._replace(
        timers=np.concatenate([memory.timers, np.empty_like(memory.timers)], axis=1),
        pool=_linked(doubled(memory.pool), memory.pool.shape[0]),
        long_waits=doubled(memory.long_waits),
        arrivals=doubled(memory.arrivals),
        log=doubled(memory.log),
    )
