"""Who takes which call or task (§7, §12, §13): the choices of the fast engine's event loop."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.compiled import part
from sim.engine import rules
from sim.engine.given import Centre
from sim.engine.structures import CONTACT, DUE, QUEUED

Ints = NDArray[np.int64]


@part
def open_group(
    order: Ints, join_ms: Ints, need: Ints, routing: int, idle: Ints, idle_since: Ints, kind: int, u: float
) -> int:
    """Return the group that takes a call which starts to queue, or -1 (§7); ``u`` serves random routing."""
    found = -1
    n = 0
    for i in range(order.shape[1]):
        group = order[kind, i]
        if group < 0:
            break
        if join_ms[kind, group] > 0 or idle[group] < need[kind, group]:
            continue
        if routing == rules.PREFERENCE:
            return group
        n += 1
        if routing == rules.LONGEST_IDLE and (
            found < 0 or first_idle(idle_since, group) < first_idle(idle_since, found)
        ):
            found = group
    if n > 0 and routing == rules.RANDOM:
        place = int(n * u)
        for i in range(order.shape[1]):
            group = order[kind, i]
            if join_ms[kind, group] == 0 and idle[group] >= need[kind, group]:
                if place == 0:
                    return group
                place -= 1
    return found


@part
def next_type(
    served: Ints, priority: Ints, need: Ints, join_ms: Ints, pool: Ints, ends: Ints, group: int, idle: int, now: int
) -> int:
    """Return the type whose first waiting call the group takes now, or -1 (§7)."""
    best = -1
    for i in range(served.shape[1]):
        kind = served[group, i]
        if kind < 0 or (best >= 0 and priority[kind] > priority[best]):
            break
        at = ends[kind, 0]
        if at < 0 or idle < need[kind, group] or now - pool[at, QUEUED] < join_ms[kind, group]:
            continue
        if best >= 0:
            first = ends[best, 0]
            if pool[first, QUEUED] < pool[at, QUEUED] or (
                pool[first, QUEUED] == pool[at, QUEUED] and pool[first, CONTACT] < pool[at, CONTACT]
            ):
                continue
        best = kind
    return best


@part
def open_desk(order: Ints, task_open: NDArray[np.bool_], task_reserve: Ints, idle: Ints, kind: int, row: int) -> int:
    """Return the group that takes a task released in ``row``, or -1 (§12)."""
    if not task_open[row, kind]:
        return -1
    for i in range(order.shape[1]):
        group = order[kind, i]
        if group < 0:
            break
        if idle[group] > task_reserve[row, group]:
            return int(group)
    return -1


@part
def next_task(served: Ints, task_open: NDArray[np.bool_], backlog: Ints, ends: Ints, group: int, row: int) -> int:
    """Return the kind whose first waiting task the group takes next in ``row``, or -1 (§12)."""
    best = -1
    for i in range(served.shape[1]):
        kind = served[group, i]
        if kind < 0:
            break
        at = ends[kind, 0]
        if at < 0 or not task_open[row, kind]:
            continue
        if best >= 0:
            first = ends[best, 0]
            if backlog[first, DUE] != backlog[at, DUE]:
                later = backlog[first, DUE] < backlog[at, DUE]
            elif backlog[first, QUEUED] != backlog[at, QUEUED]:
                later = backlog[first, QUEUED] < backlog[at, QUEUED]
            else:
                later = backlog[first, CONTACT] < backlog[at, CONTACT]
            if later:
                continue
        best = kind
    return best


@part
def expected_wait(centre: Centre, waiting: Ints, roster: Ints, kind: int) -> int:
    """Return the expected wait of a call that starts to wait, which ``waiting`` does not count yet (§13)."""
    stand_before = 0
    for other in range(waiting.size):
        stand_before += waiting[other] * centre.callback.before[kind, other]
    on_duty = 0
    for i in range(centre.order.shape[1]):
        group = centre.order[kind, i]
        if group >= 0:
            on_duty += roster[group]
    return rules.expected_wait_ms(centre.callback, kind, stand_before, on_duty)


# The idle agents of a group in the order in which they became idle: a ring in ``idle_since[group]``, whose first two
# places hold where it begins and how many there are. Kept only where a type's routing asks for it.
@part
def first_idle(idle_since: Ints, group: int) -> int:
    """Return when the longest-idle agent of a group became idle."""
    return idle_since[group, idle_since[group, 0]]


@part
def set_idle(idle_since: Ints, group: int, idle: int, now: int) -> None:
    """Let the longest idle go, or let others become idle now, until ``idle`` are left (§7, §14)."""
    room = idle_since.shape[1] - 2
    begin = idle_since[group, 0]
    n = idle_since[group, 1]
    while n > idle:
        begin = 2 + (begin - 1) % room
        n -= 1
    while n < idle:
        idle_since[group, 2 + (begin - 2 + n) % room] = now
        n += 1
    idle_since[group, 0] = begin
    idle_since[group, 1] = n
