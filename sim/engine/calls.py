"""What happens to a call in the fast engine, step by step: arrival, queue, answer, hang-up (§5–§11).

Lines are freed lazily, when they seem to be all held.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from sim.compiled import called, part
from sim.demand.draws import NEVER_MS, NUMBER_MASK, ROUTING, SLOT_SHIFT, number_at
from sim.engine import rules, structures, tally, wheel
from sim.engine.routing import next_type, open_group, set_idle
from sim.engine.rules import Centre, HandlingDraws, Run, moment
from sim.engine.structures import (
    ATTEMPT,
    CONTACT,
    HANG_UP,
    QUEUED,
    RECORD,
    ROW,
    Memory,
    enter,
    held_lines,
    leave,
    line_up,
    step_out,
)  # fmt: skip
from sim.engine.tally import Tally, add_busy, duty_row
from sim.terms import SHORT_ABANDON_MS, SLOT_MS, Outcome

GROUP_BITS: Final = 8
"""A join's id is the contact's, then the group's place in so many bits (§15)."""

_ANSWERED: Final = int(Outcome.ANSWERED)
_ABANDONED: Final = int(Outcome.ABANDONED)
_BLOCKED: Final = int(Outcome.BLOCKED)
_CONTAINED: Final = int(Outcome.CONTAINED)


@part
def is_full(memory: Memory) -> bool:
    """Say whether the next event might find too little memory."""
    state, marks = memory.state, memory.marks
    return bool(
        (marks[wheel.IN_WHEEL] > memory.nodes.shape[0] - state[structures.RESERVE])
        | (marks[wheel.IN_HEAP] > memory.heap.shape[0] - state[structures.RESERVE])
        | (state[structures.N_POOL] == memory.pool.shape[0])
        | (state[structures.N_WAITS] + state[structures.N_WAITING] + 1 > memory.kept_waits.size)
        | ((memory.log.shape[0] > 0) & (state[structures.N_LOG] == memory.log.shape[0]))
    )


@part
def _schedule(memory: Memory, when: int, id: int, load: int) -> None:
    wheel.schedule(memory.nodes, memory.heads, memory.used, memory.marks, memory.heap, when, id, load)


@part
def _is_kept(run: Run, memory: Memory, contact: int) -> bool:
    """Say whether what was drawn for a contact's first attempt is still there: its slot is this one or the last."""
    return bool((contact >> SLOT_SHIFT) + 1 >= run.first_slot + memory.state[structures.CURRENT_ROW])


@part
def arrive(
    centre: Centre,
    run: Run,
    counts: Tally,
    memory: Memory,
    kind: int,
    contact: int,
    attempt: int,
    came_as: int,
    now: int,
) -> int:
    """Let a call reach the number (§5, §6); return its record if it starts to queue at once, else -1."""
    state, log = memory.state, memory.log
    row = state[structures.CURRENT_ROW]
    counts.counts[row, kind, tally.OFFERED] += 1
    record = 0
    if log.shape[0] > 0:
        record = state[structures.N_LOG]
        state[structures.N_LOG] += 1
        for i in range(structures.LOG):
            log[record, i] = -1
        log[record, structures.LOG_CONTACT] = contact
        log[record, structures.LOG_EPISODE] = 1
        log[record, structures.LOG_ATTEMPT] = attempt
        log[record, structures.LOG_ARRIVED] = now
        log[record, structures.LOG_KIND] = came_as
    lines = centre.lines
    if lines > 0 and state[structures.N_POOL] + state[structures.N_TALKS] >= lines:
        state[structures.N_TALKS] = held_lines(memory.line_ends, state[structures.N_TALKS], now)
        if state[structures.N_POOL] + state[structures.N_TALKS] >= lines:
            counts.counts[row, kind, tally.BLOCKED] += 1
            _fail(centre, run, counts, memory, kind, contact, attempt, record, _BLOCKED, now)
            return -1
    if centre.announcement_ms > 0:
        at = enter(memory, contact, attempt, row, record)
        memory.pool[at, HANG_UP] = -1
        _schedule(memory, moment(now + centre.announcement_ms, rules.RING_OR_GREETING_END), contact, at)
        return -1
    return record


@part
def begin_to_queue(
    centre: Centre,
    run: Run,
    counts: Tally,
    memory: Memory,
    key: np.uint64,
    kind: int,
    contact: int,
    attempt: int,
    row: int,
    record: int,
    now: int,
) -> None:
    """Serve a call that arrived in ``row`` by machine, find it a group, or let it wait (§6, §7, §8)."""
    log = memory.log
    if rules.is_contained(centre.contained, key):
        counts.counts[row, kind, tally.CONTAINED] += 1
        counts.contacts[(contact >> SLOT_SHIFT) - run.first_slot, kind, tally.HELPED_BY_MACHINE] += 1
        if log.shape[0] > 0:
            log[record, structures.LOG_LEFT] = now
            log[record, structures.LOG_OUTCOME] = _CONTAINED
        return
    if log.shape[0] > 0:
        log[record, structures.LOG_QUEUED] = now
    routing = centre.routing[kind]
    u = number_at(key, 1, attempt, ROUTING) if routing == rules.RANDOM else 0.0
    idle = memory.groups[structures.IDLE]
    group = open_group(centre.order, centre.join_ms, centre.need, routing, idle, memory.idle_since, kind, u)
    if group >= 0:
        _serve(centre, run, counts, memory, group, kind, contact, attempt, row, record, now, now)
        return
    at = enter(memory, contact, attempt, row, record)
    line_up(memory.pool, memory.ends, at, kind, now)
    memory.state[structures.N_WAITING] += 1
    drawn, side = memory.drawn, (contact >> SLOT_SHIFT) & 1
    if _is_kept(run, memory, contact) and (attempt == 1 or centre.same_patience[kind]):
        patience = drawn.patience_ms[side, drawn.firsts[side, kind] + (contact & NUMBER_MASK)]
    else:
        dists = centre.dists
        patience = rules.patience_ms(dists.params, dists.table, centre.same_patience, kind, key, attempt)
    memory.pool[at, HANG_UP] = now + patience
    if patience < NEVER_MS:
        _schedule(memory, moment(now + patience, rules.ABANDON), contact, at)
    for i in range(centre.order.shape[1]):
        later = centre.order[kind, i]
        if later >= 0 and centre.join_ms[kind, later] > 0:
            joins = moment(now + centre.join_ms[kind, later], rules.JOIN)
            _schedule(memory, joins, contact << GROUP_BITS | later, at << GROUP_BITS | later)


@part
def take_waiting(centre: Centre, run: Run, counts: Tally, memory: Memory, group: int, now: int) -> None:
    """Let a group take waiting calls while it can (§7)."""
    pool, ends, state = memory.pool, memory.ends, memory.state
    idle = memory.groups[structures.IDLE]
    while state[structures.N_WAITING] > 0:
        kind = next_type(
            centre.served, centre.priority, centre.need, centre.join_ms, pool, ends, group, idle[group], now
        )
        if kind < 0:
            return
        at = ends[kind, 0]
        step_out(pool, ends, at, kind)
        state[structures.N_WAITING] -= 1
        contact, attempt, row, record = pool[at, CONTACT], pool[at, ATTEMPT], pool[at, ROW], pool[at, RECORD]
        leave(memory, at)
        wheel.cancel(
            memory.nodes, memory.heads, memory.used, memory.marks, moment(pool[at, HANG_UP], rules.ABANDON), contact
        )
        _serve(centre, run, counts, memory, group, kind, contact, attempt, row, record, pool[at, QUEUED], now)


@part
def _serve(
    centre: Centre,
    run: Run,
    counts: Tally,
    memory: Memory,
    group: int,
    kind: int,
    contact: int,
    attempt: int,
    row: int,
    record: int,
    queued: int,
    now: int,
) -> None:
    """Give a call that arrived in ``row`` to a group: it rings, they talk, the agent wraps up (§6, §9, §11)."""
    state, drawn = memory.state, memory.drawn
    clock_row, week = state[structures.CURRENT_ROW], state[structures.WEEK]
    idle = memory.groups[structures.IDLE]
    idle[group] -= 1
    state[structures.IN_SERVICE] += 1
    if centre.keeps_idle_times:
        set_idle(memory.idle_since, group, idle[group], now)
    slot = contact >> SLOT_SHIFT
    if _is_kept(run, memory, contact) and (attempt == 1 or not centre.new_handling[kind]):
        side = slot & 1
        i = drawn.firsts[side, kind] + (contact & NUMBER_MASK)
        brings = HandlingDraws(
            drawn.talk_ms[side, i],
            drawn.wrap_ms[side, i],
            drawn.wrap_work_order_ms[side, i],
            drawn.resolution[side, i],
            drawn.returned[side, i],
            drawn.satisfied[side, i],
        )
    else:
        dists, key = centre.dists, rules.key_of(run.contact_keys, contact)
        brings = rules.drawn_handling(dists.params, dists.table, centre.new_handling, key, kind, attempt)
    done = rules.handling(centre.on_the_spot, centre.quality, brings, kind, group)
    talk_ms = rules.at_speed(done.talk_ms, centre.speed[group, week])
    wrap_ms = rules.at_speed(done.wrap_ms, centre.speed[group, week])
    talk_end = now + centre.ring_ms + talk_ms
    free = talk_end + wrap_ms
    _schedule(memory, moment(free, rules.JOB_END), contact, group)
    if centre.lines > 0:
        memory.line_ends[state[structures.N_TALKS]] = talk_end
        state[structures.N_TALKS] += 1
    row_end = state[structures.ROW_START_MS] + SLOT_MS
    add_busy(counts.duty, group, now, free, duty_row(counts.duty, clock_row), row_end)
    wait = now - queued
    _keep_wait(run, counts, memory, row, wait, 0)
    counts.counts[row, kind, tally.ANSWERED] += 1
    counts.counts[row, kind, tally.ANSWERED_WAIT_MS] += wait
    counts.counts[row, kind, tally.WAIT_MS] += wait
    for i in range(3):
        counts.counts[row, kind, tally.WITHIN + i] += wait <= centre.within_ms[i]
    counts.counts[row, kind, tally.RING_MS] += centre.ring_ms
    counts.counts[row, kind, tally.TALK_MS] += talk_ms
    counts.counts[row, kind, tally.WRAP_MS] += wrap_ms
    counts.counts[row, kind, tally.ON_THE_SPOT if done.on_the_spot else tally.WORK_ORDERS] += 1
    counts.counts[row, kind, tally.RETURNS] += done.returned
    counts.counts[row, kind, tally.SATISFIED] += done.satisfied
    ended = tally.RESOLVED if done.on_the_spot else tally.HANDED_OVER
    counts.contacts[slot - run.first_slot, kind, ended] += 1
    log = memory.log
    if log.shape[0] > 0:
        log[record, structures.LOG_ANSWERED] = now + centre.ring_ms
        log[record, structures.LOG_TALK_END] = talk_end
        log[record, structures.LOG_FREE] = free
        log[record, structures.LOG_GROUP] = group
        log[record, structures.LOG_OUTCOME] = _ANSWERED


@part
def give_up(centre: Centre, run: Run, counts: Tally, memory: Memory, at: int, now: int) -> None:
    """End the wait of the call in place ``at``, whose patience is over (§8)."""
    pool = memory.pool
    contact, row = pool[at, CONTACT], pool[at, ROW]
    kind = rules.type_of(contact)
    step_out(pool, memory.ends, at, kind)
    memory.state[structures.N_WAITING] -= 1
    leave(memory, at)
    wait = now - pool[at, QUEUED]
    _keep_wait(run, counts, memory, row, wait, 1)
    counts.counts[row, kind, tally.ABANDONED] += 1
    counts.counts[row, kind, tally.WAIT_MS] += wait
    counts.counts[row, kind, tally.SHORT] += wait < SHORT_ABANDON_MS
    _fail(centre, run, counts, memory, kind, contact, pool[at, ATTEMPT], pool[at, RECORD], _ABANDONED, now)


@part
def _keep_wait(run: Run, counts: Tally, memory: Memory, row: int, wait: int, abandoned: int) -> None:
    """Keep a wait until the row ends, if it is measured (§17)."""
    n = memory.state[structures.N_WAITS]
    memory.kept_waits[n] = (wait << tally.PIECE_BITS | counts.piece[row]) << 1 | abandoned
    memory.state[structures.N_WAITS] = n + (row >= run.warm_rows)


@called
def _fail(
    centre: Centre,
    run: Run,
    counts: Tally,
    memory: Memory,
    kind: int,
    contact: int,
    attempt: int,
    record: int,
    outcome: int,
    now: int,
) -> None:
    """Record a failed attempt; the citizen calls again, or gives up (§10)."""
    if memory.log.shape[0] > 0:
        memory.log[record, structures.LOG_LEFT] = now
        memory.log[record, structures.LOG_OUTCOME] = outcome
    dists, key = centre.dists, rules.key_of(run.contact_keys, contact)
    due = rules.redial_ms(dists.params, dists.table, centre.redial, kind, key, attempt, now, run.end_ms)
    if due > rules.OPEN:
        _schedule(memory, moment(due, rules.REDIAL), contact, attempt + 1)
    else:
        ended = tally.LOST if due == rules.LOST else tally.OPEN
        counts.contacts[(contact >> SLOT_SHIFT) - run.first_slot, kind, ended] += 1
