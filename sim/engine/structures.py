"""The memory of the fast engine: events to come, calls in the centre, the table of attempts, as arrays."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.compiled import part
from sim.demand.draws import WHOLE
from sim.engine import wheel
from sim.engine.drawn import Drawn, doubled, new_drawn
from sim.engine.rules import Centre, Run
from sim.terms import SLOT_MS

Ints = NDArray[np.int64]

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

# Rows of ``Memory.groups``.
ROSTER: Final = 0
IDLE: Final = 1
SINCE: Final = 2

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
LOG_CALLBACK: Final = 12
"""Whether a callback was promised: 0 or 1."""
LOG_CALL_END: Final = 13
"""When the citizen's call ends; ``LOG_TALK_END`` is when the agent leaves it."""
LOG: Final = 14

# Columns of the table of tasks, in order of release; -1 means none.
TASK_ID: Final = 0
TASK_RELEASED: Final = 1
TASK_STARTED: Final = 2
TASK_ENDED: Final = 3
TASK_DUE: Final = 4
TASK_GROUP: Final = 5
TASK_LOG: Final = 6


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


@part
def enter(memory: Memory, contact: int, attempt: int, row: int, record: int) -> int:
    """Give a call a place in the pool, which must have one; return it."""
    pool, state = memory.pool, memory.state
    at = state[FREE_PLACE]
    state[FREE_PLACE] = pool[at, NEXT]
    state[N_POOL] += 1
    pool[at, CONTACT] = contact
    pool[at, ATTEMPT] = attempt
    pool[at, ROW] = row
    pool[at, RECORD] = record
    return int(at)


@part
def leave(memory: Memory, at: int) -> None:
    """Free a place in the pool; it keeps what it said, but whose it was, until it is taken again."""
    memory.pool[at, CONTACT] = -1
    memory.pool[at, NEXT] = memory.state[FREE_PLACE]
    memory.state[FREE_PLACE] = at
    memory.state[N_POOL] -= 1


@part
def held_lines(line_ends: Ints, n: int, now: int) -> int:
    """Forget the talks that have ended; return how many go on (§5)."""
    kept = 0
    for i in range(n):
        if line_ends[i] > now:
            line_ends[kept] = line_ends[i]
            kept += 1
    return kept


class Memory(NamedTuple):
    """What the event loop works in.

    ``state`` holds the loop's own numbers between two calls; ``nodes`` to ``heap`` are the events to come
    (:mod:`sim.engine.wheel`); ``groups`` each group's roster, idle agents (below
    zero while busy ones overrun) and when its overrun was last settled; ``ends`` each type's first and last
    waiting call; ``line_ends`` the ends of talks that hold a line; ``kept_waits`` the waits
    beyond the tally's bins, then those of this row.
    """

    state: Ints
    nodes: Ints
    heads: NDArray[np.int32]
    used: NDArray[np.uint64]
    marks: Ints
    heap: Ints
    drawn: Drawn
    pool: Ints
    ends: Ints
    line_ends: Ints
    groups: Ints
    idle_since: Ints
    kept_waits: Ints
    log: Ints


# Places in ``state``.
N_POOL: Final = 0
FREE_PLACE: Final = 1
N_WAITING: Final = 2
N_LONG: Final = 3
N_WAITS: Final = 4
N_LOG: Final = 5
N_TALKS: Final = 6
IN_SERVICE: Final = 7
N_ARRIVALS: Final = 8
I_ARRIVAL: Final = 9
TURN: Final = 10
"""The group whose roster is set next; the number of groups when all are."""
CURRENT_ROW: Final = 11
ROW_START_MS: Final = 12
WEEK: Final = 13
RESERVE: Final = 14
"""The most events that one event can bring about."""
STATE: Final = 15


SPARE: Final = 1024
"""Places beyond what one event can fill, in memory that can fill up."""


def new_memory(centre: Centre, run: Run, logging: bool) -> Memory:
    """Return empty memory for a replication, with a table of attempts if ``logging``."""
    types, groups = run.means.shape[1], run.roster.shape[1]
    most = int(run.roster.max(axis=0).sum())
    busiest = float(run.means.sum(axis=1).max(initial=0.0))
    reserve = most + groups + 1
    idle_since = np.zeros((groups, most + 3 if centre.keeps_idle_times else 3), np.int64)
    idle_since[:, 0] = 2
    memory = Memory(
        state=np.zeros(STATE, np.int64),
        nodes=linked(np.empty((SPARE + reserve, wheel.EVENT), np.int64), wheel.LINK, 0),
        heads=np.full(wheel.BUCKETS, -1, np.int32),
        used=np.zeros(wheel.WORDS, np.uint64),
        marks=wheel.new_marks(),
        heap=np.empty((SPARE + reserve, wheel.EVENT), np.int64),
        drawn=new_drawn(types, int(busiest + 6.0 * busiest**0.5) + types * WHOLE),
        pool=linked(np.full((SPARE, POOL), -1, np.int64), NEXT, 0),
        ends=np.full((types, 2), -1, np.int64),
        line_ends=np.empty(centre.lines, np.int64),
        groups=np.zeros((3, groups), np.int64),
        idle_since=idle_since,
        kept_waits=np.empty(SPARE, np.int64),
        log=np.empty((SPARE if logging else 0, LOG), np.int64),
    )
    memory.state[CURRENT_ROW] = -1
    memory.state[ROW_START_MS] = run.start_ms - SLOT_MS
    memory.state[TURN] = groups
    memory.state[RESERVE] = reserve
    return memory


def linked(places: Ints, column: int, start: int) -> Ints:
    """Make every place from ``start`` lead to the next as free."""
    places[start:, column] = np.arange(start + 1, places.shape[0] + 1)
    return places


def grown(memory: Memory) -> Memory:
    """Return ``memory`` with twice the room for what is full: see :func:`sim.engine.calls.is_full`."""

    def twice(array: Ints) -> Ints:
        return np.concatenate([array, np.full_like(array, -1)])

    state, marks = memory.state, memory.marks
    if marks[wheel.IN_WHEEL] >= memory.nodes.shape[0] - state[RESERVE]:
        memory = memory._replace(nodes=linked(twice(memory.nodes), wheel.LINK, memory.nodes.shape[0]))
    if marks[wheel.IN_HEAP] > memory.heap.shape[0] - state[RESERVE]:
        memory = memory._replace(heap=twice(memory.heap))
    if state[N_ARRIVALS] < 0:
        memory = memory._replace(drawn=doubled(memory.drawn))
    if state[N_POOL] == memory.pool.shape[0]:
        memory = memory._replace(pool=linked(twice(memory.pool), NEXT, memory.pool.shape[0]))
    if state[N_WAITS] + state[N_WAITING] + 1 > memory.kept_waits.size:
        memory = memory._replace(kept_waits=twice(memory.kept_waits))
    if state[N_LOG] == memory.log.shape[0] > 0:
        memory = memory._replace(log=twice(memory.log))
    return memory
