"""The memory of the fast engine: events to come, calls and tasks in the centre, and their tables, as arrays."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.compiled import part
from sim.demand.draws import WHOLE
from sim.engine import wheel
from sim.engine.drawn import Drawn, doubled, new_drawn
from sim.engine.given import Centre, Run
from sim.engine.rules import LONGEST_DRAIN_MS
from sim.terms import SLOT_MS

Ints = NDArray[np.int64]

# Columns of the pool of calls in greeting or waiting. Waiting calls of a type are linked, first to queue first.
CONTACT: Final = 0
NTH: Final = 1
"""Episode and attempt, as :func:`sim.engine.rules.nth` makes them one."""
ROW: Final = 2
QUEUED: Final = 3
HANG_UP: Final = 4
RECORD: Final = 5
NEXT: Final = 6
PREV: Final = 7
EXPECTED: Final = 8
"""The expected wait in ms, -1 where nobody asks (§13)."""
PROMISED: Final = 9
POOL: Final = 10

# The backlog of tasks is such a pool too. Its ``CONTACT`` is the task, ``ROW`` and ``QUEUED`` are of its release.
SATISFIED: Final = NTH
DUE: Final = HANG_UP

# Rows of ``Memory.groups``.
ROSTER: Final = 0
IDLE: Final = 1
SINCE: Final = 2
ROW_ROSTER: Final = 3
"""This row's roster, activation included; ``ROSTER`` follows at the group's own event."""
PHASE: Final = 4
PHASE_SINCE: Final = 5
"""See :func:`sim.engine.rules.activated`."""
GROUPS: Final = 6

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
    """Put a call or task at the end of its type's or kind's list, ``ends[kind]`` being first and last.

    Those that queued in the same millisecond stay in order of id (§7, §12).
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
    """Take a call or task out of its list."""
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
def enter(pool: Ints, state: Ints, free: int, contact: int, nth: int, row: int, record: int) -> int:
    """Give a call or task a place in a pool, which must have one; return it.

    ``state[free]`` is the pool's first free place, ``state[free + 1]`` how many are taken.
    """
    at = state[free]
    state[free] = pool[at, NEXT]
    state[free + 1] += 1
    state[SHORT] |= state[free + 1] == pool.shape[0]
    pool[at, CONTACT] = contact
    pool[at, NTH] = nth
    pool[at, ROW] = row
    pool[at, RECORD] = record
    return int(at)


@part
def leave(pool: Ints, state: Ints, free: int, at: int) -> None:
    """Free a place in a pool; it keeps what it said, but whose it was, until it is taken again."""
    pool[at, CONTACT] = -1
    pool[at, NEXT] = state[free]
    state[free] = at
    state[free + 1] -= 1


@part
def new_record(log: Ints, state: Ints, n: int) -> int:
    """Begin a row of a table, of which ``state[n]`` are in use, with -1 in each column; return it."""
    record = state[n]
    state[n] = record + 1
    state[SHORT] |= record + 1 == log.shape[0]
    for i in range(log.shape[1]):
        log[record, i] = -1
    return int(record)


@part
def hold_line(lines: Ints, state: Ints, begin: int, end: int) -> None:
    """Let a talk hold a line, or a department that is called when the talk is over (§5)."""
    n = state[N_LINES]
    lines[n, 0] = begin
    lines[n, 1] = end
    state[N_LINES] = n + 1
    state[SHORT] |= n + 1 > lines.shape[0] - state[RESERVE]


@part
def lines_held(lines: Ints, state: Ints, now: int) -> int:
    """Forget the lines that are free again; return how many talks and departments hold now (§5)."""
    kept = 0
    held = 0
    for i in range(state[N_LINES]):
        if lines[i, 1] > now:
            lines[kept, 0] = lines[i, 0]
            lines[kept, 1] = lines[i, 1]
            held += lines[i, 0] <= now
            kept += 1
    state[N_LINES] = kept
    return held


class Memory(NamedTuple):
    """What the event loop works in.

    ``state`` holds the loop's own numbers between two calls; ``nodes`` to ``rows`` are the events to come
    (:mod:`sim.engine.wheel`); ``pool`` the calls in greeting or waiting, ``ends`` each type's first and last waiting
    one and ``waiting`` how many; ``backlog`` and ``backlog_ends`` the same of tasks; ``lines`` from when until when
    talks and departments hold one; ``groups`` what each group is at (``idle`` is below zero while busy ones overrun,
    ``since`` is when that was last settled); ``kept_waits`` the waits beyond the tally's bins, then those of this row.
    """

    state: Ints
    nodes: Ints
    heads: NDArray[np.int32]
    used: NDArray[np.uint64]
    marks: Ints
    rows: NDArray[np.int32]
    drawn: Drawn
    pool: Ints
    ends: Ints
    waiting: Ints
    backlog: Ints
    backlog_ends: Ints
    lines: Ints
    groups: Ints
    idle_since: Ints
    kept_waits: Ints
    log: Ints
    task_log: Ints


@part
def schedule(memory: Memory, when: int, id: int, load: int) -> None:
    """Add an event; there must be room for it."""
    wheel.schedule(memory.nodes, memory.heads, memory.used, memory.marks, memory.rows, when, id, load)


# Places in ``state``.
FREE_PLACE: Final = 0
N_POOL: Final = 1
FREE_TASK: Final = 2
N_BACKLOG: Final = 3
N_WAITING: Final = 4
N_PROMISED: Final = 5
"""Those of ``N_POOL`` that hold no line."""
N_LONG: Final = 6
N_WAITS: Final = 7
N_LOG: Final = 8
N_TASK_LOG: Final = 9
N_LINES: Final = 10
IN_SERVICE: Final = 11
N_ARRIVALS: Final = 12
I_ARRIVAL: Final = 13
TURN: Final = 14
"""The group whose roster is set next; the number of groups when all are."""
CURRENT_ROW: Final = 15
ROW_START_MS: Final = 16
WEEK: Final = 17
RESERVE: Final = 18
"""The most events that one event can bring about, and the most lines and waits."""
SHORT: Final = 19
"""Whether the next event might find too little memory: set by whoever takes the last place, or one of the reserve."""
STATE: Final = 20


SPARE: Final = 1024
"""Places beyond what one event can fill, in memory that can fill up."""
_DRAIN_ROWS: Final = LONGEST_DRAIN_MS // SLOT_MS + 3
"""Rows after the window in which there may be events; the last stands for all that come later."""


def new_memory(centre: Centre, run: Run, logging: bool) -> Memory:
    """Return empty memory for a replication, with tables of attempts and tasks if ``logging``."""
    types, groups = centre.order.shape
    kinds = centre.tasks.order.shape[0]
    most = int(run.roster.max(axis=0).sum())
    busiest = float(run.means.sum(axis=1).max(initial=0.0))
    # Each agent may find a call, whose job ends, which comes again and brings a task by each link.
    reserve = (2 + centre.tasks.link_event.size) * most + groups + 1
    idle_since = np.zeros((groups, most + 3 if centre.keeps_idle_times else 3), np.int64)
    idle_since[:, 0] = 2
    memory = Memory(
        state=np.zeros(STATE, np.int64),
        nodes=linked(np.empty((SPARE + reserve, wheel.EVENT), np.int64), wheel.LINK, 0),
        heads=np.full(wheel.BUCKETS, -1, np.int32),
        used=np.zeros(wheel.WORDS, np.uint64),
        marks=wheel.new_marks(run.start_ms),
        rows=np.full(run.means.shape[0] + _DRAIN_ROWS, -1, np.int32),
        drawn=new_drawn(run.means.shape[1], int(busiest + 6.0 * busiest**0.5) + run.means.shape[1] * WHOLE),
        pool=linked(np.full((SPARE, POOL), -1, np.int64), NEXT, 0),
        ends=np.full((types, 2), -1, np.int64),
        waiting=np.zeros(types, np.int64),
        backlog=linked(np.full((SPARE, POOL), -1, np.int64), NEXT, 0),
        backlog_ends=np.full((kinds, 2), -1, np.int64),
        lines=np.empty((centre.lines + reserve + SPARE if centre.lines > 0 else 0, 2), np.int64),
        groups=np.zeros((GROUPS, groups), np.int64),
        idle_since=idle_since,
        kept_waits=np.empty(SPARE + reserve, np.int64),
        log=np.empty((SPARE if logging else 0, LOG), np.int64),
        task_log=np.empty((SPARE if logging else 0, TASK_LOG), np.int64),
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
    """Return ``memory`` with twice the room for what is full: see ``SHORT``."""

    def twice(array: Ints) -> Ints:
        return np.concatenate([array, np.full_like(array, -1)])

    state, marks = memory.state, memory.marks
    state[SHORT] = 0
    if marks[wheel.TAKEN] > memory.nodes.shape[0] - state[RESERVE]:
        memory = memory._replace(nodes=linked(twice(memory.nodes), wheel.LINK, memory.nodes.shape[0]))
    if state[N_ARRIVALS] < 0:
        memory = memory._replace(drawn=doubled(memory.drawn))
    if state[N_POOL] == memory.pool.shape[0]:
        memory = memory._replace(pool=linked(twice(memory.pool), NEXT, memory.pool.shape[0]))
    if state[N_BACKLOG] == memory.backlog.shape[0]:
        memory = memory._replace(backlog=linked(twice(memory.backlog), NEXT, memory.backlog.shape[0]))
    if memory.lines.shape[0] > 0 and state[N_LINES] > memory.lines.shape[0] - state[RESERVE]:
        memory = memory._replace(lines=twice(memory.lines))
    if state[N_WAITS] > memory.kept_waits.size - state[RESERVE]:
        memory = memory._replace(kept_waits=twice(memory.kept_waits))
    if state[N_LOG] == memory.log.shape[0] > 0:
        memory = memory._replace(log=twice(memory.log))
    if state[N_TASK_LOG] == memory.task_log.shape[0] > 0:
        memory = memory._replace(task_log=twice(memory.task_log))
    return memory
