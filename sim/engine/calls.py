"""What happens to a call in the fast engine, step by step: arrival, queue, answer, hang-up (§5–§11, §13).

Lines are freed lazily, when they seem to be all held.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from sim.compiled import called, part
from sim.demand.draws import NEVER_MS, NUMBER_MASK, ROUTING, SLOT_SHIFT, number_at
from sim.engine import rules, structures, tally, wheel
from sim.engine.backlog import GROUP_BITS, job_end_load
from sim.engine.given import Centre, Run
from sim.engine.routing import expected_wait, next_type, open_group, set_idle
from sim.engine.rules import HandlingDraws, moment
from sim.engine.structures import (
    CONTACT,
    EXPECTED,
    FREE_PLACE,
    HANG_UP,
    NTH,
    PROMISED,
    QUEUED,
    RECORD,
    ROW,
    Memory,
    enter,
    hold_line,
    leave,
    line_up,
    lines_held,
    new_record,
    schedule,
    step_out,
)
from sim.engine.tally import Tally, add_busy, duty_row, settle
from sim.terms import SHORT_ABANDON_MS, SLOT_MS, Outcome

_ANSWERED: Final = int(Outcome.ANSWERED)
_ABANDONED: Final = int(Outcome.ABANDONED)
_BLOCKED: Final = int(Outcome.BLOCKED)
_CONTAINED: Final = int(Outcome.CONTAINED)


@part
def _is_kept(run: Run, memory: Memory, contact: int) -> bool:
    """Say whether what was drawn for a contact's first attempt is still there: its slot is this one or the last.

    It is then in its first episode, for a repeat comes after days.
    """
    return bool((contact >> SLOT_SHIFT) + 1 >= run.first_slot + memory.state[structures.CURRENT_ROW])


@part
def arrive(
    centre: Centre,
    run: Run,
    counts: Tally,
    memory: Memory,
    kind: int,
    contact: int,
    nth: int,
    came_as: int,
    now: int,
) -> int:
    """Let a call reach the number (§5, §6); return its record if it starts to queue at once, else -1."""
    state, log = memory.state, memory.log
    row = state[structures.CURRENT_ROW]
    counts.counts[row, kind, tally.OFFERED] += 1
    record = 0
    if log.shape[0] > 0:
        record = new_record(log, state, structures.N_LOG)
        log[record, structures.LOG_CONTACT] = contact
        log[record, structures.LOG_EPISODE] = rules.episode_of(nth)
        log[record, structures.LOG_ATTEMPT] = rules.attempt_of(nth)
        log[record, structures.LOG_ARRIVED] = now
        log[record, structures.LOG_KIND] = came_as
        log[record, structures.LOG_CALLBACK] = 0
    if centre.lines > 0:
        calling = state[structures.N_POOL] - state[structures.N_PROMISED]
        at_most = calling + state[structures.N_LINES]
        if at_most >= centre.lines and calling + lines_held(memory.lines, state, now) >= centre.lines:
            counts.counts[row, kind, tally.BLOCKED] += 1
            _fail(centre, run, counts, memory, kind, contact, nth, record, _BLOCKED, now)
            return -1
    if centre.announcement_ms > 0:
        at = enter(memory.pool, state, FREE_PLACE, contact, nth, row, record)
        memory.pool[at, HANG_UP] = -1
        schedule(memory, moment(now + centre.announcement_ms, rules.RING_OR_GREETING_END), contact, at)
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
    nth: int,
    row: int,
    record: int,
    now: int,
) -> None:
    """Serve a call that arrived in ``row`` by machine, find it a group, or let it wait (§6, §7, §8)."""
    log = memory.log
    episode, attempt = rules.episode_of(nth), rules.attempt_of(nth)
    if rules.is_contained(centre.contained, key, episode):
        counts.counts[row, kind, tally.CONTAINED] += 1
        counts.contacts[(contact >> SLOT_SHIFT) - run.first_slot, kind, tally.HELPED_BY_MACHINE] += 1
        if log.shape[0] > 0:
            log[record, structures.LOG_LEFT] = now
            log[record, structures.LOG_OUTCOME] = _CONTAINED
        return
    if log.shape[0] > 0:
        log[record, structures.LOG_QUEUED] = now
    routing = centre.routing[kind]
    u = number_at(key, episode, attempt, ROUTING) if routing == rules.RANDOM else 0.0
    idle = memory.groups[structures.IDLE]
    group = open_group(centre.order, centre.join_ms, centre.need, routing, idle, memory.idle_since, kind, u)
    if group >= 0:
        _serve(centre, run, counts, memory, group, kind, key, contact, nth, row, record, now, -1, 0, now)
        return
    pool = memory.pool
    at = enter(pool, memory.state, FREE_PLACE, contact, nth, row, record)
    pool[at, EXPECTED] = -1
    pool[at, PROMISED] = 0
    if centre.callback.over_ms >= 0:
        _offer_callback(centre, counts, memory, key, kind, nth, at)
    line_up(pool, memory.ends, at, kind, now)
    memory.state[structures.N_WAITING] += 1
    memory.waiting[kind] += 1
    drawn, side = memory.drawn, (contact >> SLOT_SHIFT) & 1
    first = _is_kept(run, memory, contact) and (attempt == 1 or centre.same_patience[kind])
    if pool[at, PROMISED] > 0:
        patience = NEVER_MS
    elif first and centre.bump_share[kind] == 0.0:
        patience = drawn.patience_ms[side, drawn.firsts[side, kind] + (contact & NUMBER_MASK)]
    else:
        patience = rules.patience_ms(centre, kind, key, episode, attempt)
    pool[at, HANG_UP] = now + patience
    if patience < NEVER_MS:
        schedule(memory, moment(now + patience, rules.ABANDON), contact, at)
    for i in range(centre.order.shape[1]):
        later = centre.order[kind, i]
        if later >= 0 and centre.join_ms[kind, later] > 0:
            joins = moment(now + centre.join_ms[kind, later], rules.JOIN)
            schedule(memory, joins, contact << GROUP_BITS | later, at << GROUP_BITS | later)


@called
def _offer_callback(
    centre: Centre, counts: Tally, memory: Memory, key: np.uint64, kind: int, nth: int, at: int
) -> None:
    """Estimate the wait of the call in place ``at`` and perhaps promise to call back (§13)."""
    pool = memory.pool
    expected = expected_wait(centre, memory.waiting, memory.groups[structures.ROSTER], kind)
    pool[at, EXPECTED] = expected
    if rules.is_offered(centre.callback, expected, kind, key, rules.episode_of(nth), rules.attempt_of(nth)):
        pool[at, PROMISED] = 1
        memory.state[structures.N_PROMISED] += 1
        counts.counts[pool[at, ROW], kind, tally.CALLBACKS] += 1
        if memory.log.shape[0] > 0:
            memory.log[pool[at, RECORD], structures.LOG_CALLBACK] = 1


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
        memory.waiting[kind] -= 1
        state[structures.N_PROMISED] -= pool[at, PROMISED]
        contact = pool[at, CONTACT]
        leave(pool, state, FREE_PLACE, at)
        wheel.cancel(
            memory.nodes, memory.heads, memory.used, memory.marks, moment(pool[at, HANG_UP], rules.ABANDON), contact
        )
        key = rules.key_of(run.contact_keys, contact)
        _serve(
            centre, run, counts, memory, group, kind, key, contact, pool[at, NTH], pool[at, ROW], pool[at, RECORD],
            pool[at, QUEUED], pool[at, EXPECTED], pool[at, PROMISED], now,
        )  # fmt: skip


@part
def _serve(
    centre: Centre,
    run: Run,
    counts: Tally,
    memory: Memory,
    group: int,
    kind: int,
    key: np.uint64,
    contact: int,
    nth: int,
    row: int,
    record: int,
    queued: int,
    expected: int,
    promised: int,
    now: int,
) -> None:
    """Give a call that arrived in ``row`` to a group: it rings, they talk, the agent wraps up (§6, §9, §11)."""
    state, drawn = memory.state, memory.drawn
    clock_row = state[structures.CURRENT_ROW]
    episode, attempt = rules.episode_of(nth), rules.attempt_of(nth)
    idle = memory.groups[structures.IDLE]
    duty, duty_at = counts.duty, duty_row(counts.duty, clock_row)
    settle(duty, memory.groups[structures.SINCE], idle[group], group, duty_at, now)
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
            drawn.order_adds[side, i],
            drawn.order_chance[side, i],
        )
    else:
        brings = rules.drawn_handling(centre, key, kind, episode, attempt)
    wait = now - queued
    week = state[structures.WEEK]
    permille = centre.speed[group, week]
    done = rules.handling(
        centre, brings, key, kind, episode, attempt, group, week, permille, wait, state[structures.N_WAITING]
    )
    talked = now + centre.ring_ms + done.talk_ms
    talk_end = talked + done.agent_consult_ms
    call_end = talked + done.consult_ms
    free = talk_end + done.wrap_ms
    load = job_end_load(group, nth, True, done.on_the_spot, done.returned, done.satisfied, False)
    schedule(memory, moment(free, rules.JOB_END), contact, load)
    if centre.lines > 0:
        hold_line(memory.lines, state, now, call_end)
        if done.transferred:
            hold_line(memory.lines, state, talked, call_end)
    add_busy(duty, tally.BUSY_MS, group, now, free, duty_at, state[structures.ROW_START_MS] + SLOT_MS)
    duty[duty_at, group, tally.CALLS] += 1
    duty[duty_at, group, tally.CALL_TALK_MS] += talk_end - now
    duty[duty_at, group, tally.CALL_WRAP_MS] += done.wrap_ms
    of_type = counts.counts[row, kind]
    of_type[tally.ANSWERED] += 1
    if promised:
        of_type[tally.CALLED_BACK] += 1
        of_type[tally.CALLBACK_WAIT_MS] += wait
    else:
        _keep_wait(run, counts, memory, row, wait, 0)
        of_type[tally.ANSWERED_WAIT_MS] += wait
        of_type[tally.WAIT_MS] += wait
        for i in range(3):
            of_type[tally.WITHIN + i] += wait <= centre.within_ms[i]
    if expected >= 0:
        of_type[tally.ESTIMATES] += 1
        of_type[tally.ESTIMATE_MS] += expected
        of_type[tally.ESTIMATE_OFF_MS] += abs(expected - wait)
    of_type[tally.RING_MS] += centre.ring_ms
    of_type[tally.TALK_MS] += done.talk_ms
    of_type[tally.WRAP_MS] += done.wrap_ms
    if done.transferred:
        of_type[tally.TRANSFERS] += 1
        of_type[tally.CONSULT_MS] += done.agent_consult_ms
    of_type[tally.HASTY] += done.hasty
    of_type[tally.ON_THE_SPOT if done.on_the_spot else tally.WORK_ORDERS] += 1
    of_type[tally.RETURNS] += done.returned
    of_type[tally.SATISFIED] += done.satisfied
    of_type[tally.SATISFIED_ORDERS] += done.satisfied & (not done.on_the_spot)
    of_contact = counts.contacts[slot - run.first_slot, kind]
    of_contact[tally.FIRST_ANSWERED] += episode == 1
    again = rules.repeat_ms(centre, kind, key, episode, done.on_the_spot, call_end, run.end_ms)
    if again > rules.OPEN:
        schedule(memory, moment(again, rules.REDIAL), contact, rules.nth(episode + 1, 1))
    elif again == rules.OPEN:
        of_contact[tally.OPEN] += 1
    else:
        of_contact[tally.RESOLVED if done.on_the_spot else tally.HANDED_OVER] += 1
    log = memory.log
    if log.shape[0] > 0:
        log[record, structures.LOG_ANSWERED] = now + centre.ring_ms
        log[record, structures.LOG_TALK_END] = talk_end
        log[record, structures.LOG_FREE] = free
        log[record, structures.LOG_GROUP] = group
        log[record, structures.LOG_OUTCOME] = _ANSWERED
        log[record, structures.LOG_CALL_END] = call_end


@part
def give_up(centre: Centre, run: Run, counts: Tally, memory: Memory, at: int, now: int) -> None:
    """End the wait of the call in place ``at``, whose patience is over (§8)."""
    pool = memory.pool
    contact, row = pool[at, CONTACT], pool[at, ROW]
    kind = rules.type_of(contact)
    step_out(pool, memory.ends, at, kind)
    memory.state[structures.N_WAITING] -= 1
    memory.waiting[kind] -= 1
    leave(pool, memory.state, FREE_PLACE, at)
    wait = now - pool[at, QUEUED]
    _keep_wait(run, counts, memory, row, wait, 1)
    counts.counts[row, kind, tally.ABANDONED] += 1
    counts.counts[row, kind, tally.WAIT_MS] += wait
    counts.counts[row, kind, tally.SHORT] += wait < SHORT_ABANDON_MS
    _fail(centre, run, counts, memory, kind, contact, pool[at, NTH], pool[at, RECORD], _ABANDONED, now)


@part
def _keep_wait(run: Run, counts: Tally, memory: Memory, row: int, wait: int, abandoned: int) -> None:
    """Keep a wait until the row ends, if it is measured (§17)."""
    n = memory.state[structures.N_WAITS]
    memory.kept_waits[n] = (wait << tally.PIECE_BITS | counts.piece[row]) << 1 | abandoned
    n += row >= run.warm_rows
    memory.state[structures.N_WAITS] = n
    memory.state[structures.SHORT] |= n > memory.kept_waits.size - memory.state[structures.RESERVE]


@called
def _fail(
    centre: Centre,
    run: Run,
    counts: Tally,
    memory: Memory,
    kind: int,
    contact: int,
    nth: int,
    record: int,
    outcome: int,
    now: int,
) -> None:
    """Record a failed attempt; the citizen calls again, or gives up (§10)."""
    if memory.log.shape[0] > 0:
        memory.log[record, structures.LOG_LEFT] = now
        memory.log[record, structures.LOG_OUTCOME] = outcome
    key, episode, attempt = rules.key_of(run.contact_keys, contact), rules.episode_of(nth), rules.attempt_of(nth)
    due = rules.redial_ms(centre, kind, key, episode, attempt, now, run.end_ms)
    if due > rules.OPEN:
        schedule(memory, moment(due, rules.REDIAL), contact, rules.nth(episode, attempt + 1))
        return
    of_contact = counts.contacts[(contact >> SLOT_SHIFT) - run.first_slot, kind]
    if due == rules.LOST:
        of_contact[tally.LOST] += 1
    else:
        of_contact[tally.OPEN] += 1
        of_contact[tally.FIRST_OPEN] += episode == 1
