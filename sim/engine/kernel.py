"""The fast engine's event loop: one compiled function over a replication (§15, §16).

Only calls that wait have events of their own beside the end of the job: a call answered at once never had
patience to run out. First attempts come slot by slot, drawn and sorted into reused buffers. Lines are freed
lazily, when they seem to be all held.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.compiled import bare_kernel
from sim.demand.draws import NEVER_MS, NUMBER_MASK, ROUTING, SLOT_SHIFT, number_at
from sim.engine import rules, structures, tally, wheel
from sim.engine.drawn import draw_first_attempts
from sim.engine.routing import next_type, open_group, set_idle
from sim.engine.rules import Centre, HandlingDraws, Run, moment
from sim.engine.structures import (
    ATTEMPT,
    CONTACT,
    HANG_UP,
    NEXT,
    QUEUED,
    RECORD,
    ROW,
    Memory,
    held_lines,
    line_up,
    step_out,
)  # fmt: skip
from sim.engine.tally import Tally, add_busy, count_waits, settle_overrun
from sim.engine.wheel import bring_near, schedule, take_first
from sim.terms import SHORT_ABANDON_MS, SLOT_MS, Kind, Outcome

Ints = NDArray[np.int64]

DONE: Final = 0
STUCK: Final = 1
GROW: Final = 2
PAUSED: Final = 3
_CONTACT_MASK: Final = (1 << SLOT_SHIFT) - 1
_CLASS_MASK: Final = (1 << rules.CLASS_BITS) - 1
_GROUP_BITS: Final = 8
_GROUP_MASK: Final = (1 << _GROUP_BITS) - 1

_ANSWERED: Final = int(Outcome.ANSWERED)
_ABANDONED: Final = int(Outcome.ABANDONED)
_BLOCKED: Final = int(Outcome.BLOCKED)
_CONTAINED: Final = int(Outcome.CONTAINED)
_FIRST: Final = int(Kind.FIRST)
_REDIAL: Final = int(Kind.REDIAL)


@bare_kernel
def advance(centre: Centre, run: Run, counts: Tally, memory: Memory, logging: bool, until_row: int) -> int:
    """Go on with a replication until row ``until_row`` begins, or memory is short, or all is done.

    Parameters
    ----------
    centre, run
        The centre and the replication's demand and roster.
    counts
        The tally; empty at first, added to.
    memory
        New memory at first, then the same again, grown if asked for.
    logging
        Whether to write the table of attempts.
    until_row
        Where to pause.

    Returns
    -------
    int
        ``DONE``, ``PAUSED``, ``GROW``, or ``STUCK`` when calls wait for agents who never come.
    """
    # Arrays are taken out of their tuples once: numba looks into a tuple each time.
    params, table = centre.dists.params, centre.dists.table
    order, served, need, join_ms = centre.order, centre.served, centre.need, centre.join_ms
    priority, routing, redial = centre.priority, centre.routing, centre.redial
    same_patience, new_handling = centre.same_patience, centre.new_handling
    on_the_spot, quality, speed, within_ms = centre.on_the_spot, centre.quality, centre.speed, centre.within_ms
    lines, announcement_ms, ring_ms = centre.lines, centre.announcement_ms, centre.ring_ms
    contained, keeps_idle_times = centre.contained, centre.keeps_idle_times
    contact_keys = run.contact_keys
    rosters, first_slot, end_ms, warm_rows = run.roster, run.first_slot, run.end_ms, run.warm_rows
    attempts, contacts, duty = counts.counts, counts.contacts, counts.duty
    waits, piece = counts.waits, counts.piece

    rows, groups = rosters.shape
    nodes, heads, used, marks, heap = memory.nodes, memory.heads, memory.used, memory.marks, memory.heap
    drawn = memory.drawn
    firsts, arrivals = drawn.firsts, drawn.arrivals
    pool, ends, line_ends = memory.pool, memory.ends, memory.line_ends
    idle_since, kept_waits, log = memory.idle_since, memory.kept_waits, memory.log
    roster, idle, since = memory.groups[0], memory.groups[1], memory.groups[2]
    state = memory.state
    n_pool, free_place, n_waiting = state[structures.N_POOL], state[structures.FREE_PLACE], state[structures.N_WAITING]
    n_long, n_waits = state[structures.N_LONG], state[structures.N_WAITS]
    n_log, n_talks = state[structures.N_LOG], state[structures.N_TALKS]
    in_service, n_arrivals = state[structures.IN_SERVICE], state[structures.N_ARRIVALS]
    i_arrival, turn, row = state[structures.I_ARRIVAL], state[structures.TURN], state[structures.CURRENT_ROW]
    most_in_wheel = nodes.shape[0] - state[structures.RESERVE]
    most_in_heap = heap.shape[0] - state[structures.RESERVE]
    row_start = run.start_ms + row * SLOT_MS
    row_end = row_start + SLOT_MS
    clock_row = min(max(row, 0), rows)
    week = rules.week_of(row_start)

    while True:
        if (
            (marks[wheel.IN_WHEEL] > most_in_wheel)
            | (marks[wheel.IN_HEAP] > most_in_heap)
            | (n_pool == pool.shape[0])
            | (n_waits + n_waiting + 1 > kept_waits.size)
            | (logging & (n_log == log.shape[0]))
        ):
            status = GROW
            break

        # The next event: the first to come, the next first attempt, or what a row begins with or ends with.
        when = marks[wheel.FIRST_WHEN]
        boundary = moment(row_end, 0) if turn == groups else moment(row_start, rules.ROSTER)
        arrival = wheel.NONE
        if (turn == groups) & (i_arrival < n_arrivals):
            arrival = moment(row_start + (arrivals[0, i_arrival] >> SLOT_SHIFT), rules.FIRST)

        # What happens: it leaves a group that may take waiting calls, or a call that arrives or starts to queue.
        contact = -1
        if (arrival < when) & (arrival < boundary):
            now = arrival >> rules.CLASS_BITS
            contact = ((first_slot + row) << SLOT_SHIFT) | (arrivals[0, i_arrival] & _CONTACT_MASK)
            i_arrival += 1
            kind = rules.type_of(contact)
            contacts[row, kind, tally.STARTED] += 1
            attempts[row, kind, tally.FIRST] += 1
            attempt = 1
            event = rules.FIRST
        elif when < boundary:
            now = when >> rules.CLASS_BITS
            event = when & _CLASS_MASK
            id = nodes[marks[wheel.FIRST], wheel.ID]
            at = nodes[marks[wheel.FIRST], wheel.LOAD]
            take_first(nodes, heads, used, marks)
            if event == rules.JOB_END:
                group = at
                if idle[group] < 0:
                    settle_overrun(duty, since, -idle[group], group, clock_row, now)
                idle[group] += 1
                in_service -= 1
                if keeps_idle_times:
                    set_idle(idle_since, group, max(0, idle[group]), now)
                if n_waiting == 0:
                    continue
            elif event == rules.ABANDON:
                if pool[at, CONTACT] != id or pool[at, HANG_UP] != now:
                    continue  # the call was answered
                kind = rules.type_of(id)
                step_out(pool, ends, at, kind)
                n_waiting -= 1
                wait = now - pool[at, QUEUED]
                arrival_row = pool[at, ROW]
                attempts[arrival_row, kind, tally.ABANDONED] += 1
                attempts[arrival_row, kind, tally.WAIT_MS] += wait
                attempts[arrival_row, kind, tally.SHORT] += wait < SHORT_ABANDON_MS
                kept_waits[n_waits] = (wait << tally.PIECE_BITS | piece[arrival_row]) << 1 | 1
                n_waits += arrival_row >= warm_rows
                if logging:
                    log[pool[at, RECORD], structures.LOG_LEFT] = now
                    log[pool[at, RECORD], structures.LOG_OUTCOME] = _ABANDONED
                attempt = pool[at, ATTEMPT]
                pool[at, CONTACT] = -1
                pool[at, NEXT] = free_place
                free_place = at
                n_pool -= 1
                due = rules.redial_ms(params, table, redial, kind, rules.key_of(contact_keys, id), attempt, now, end_ms)
                if due > rules.OPEN:
                    schedule(nodes, heads, used, marks, heap, moment(due, rules.REDIAL), id, attempt + 1)
                else:
                    ended = tally.LOST if due == rules.LOST else tally.OPEN
                    contacts[(id >> SLOT_SHIFT) - first_slot, kind, ended] += 1
                continue
            elif event == rules.REDIAL:
                contact = id
                kind = rules.type_of(contact)
                attempt = at
                attempts[row, kind, tally.REDIALS] += 1
            elif event == rules.JOIN:
                group = at & _GROUP_MASK
                at >>= _GROUP_BITS
                kind = rules.type_of(id >> _GROUP_BITS)
                if pool[at, CONTACT] != id >> _GROUP_BITS or now - pool[at, QUEUED] != join_ms[kind, group]:
                    continue  # the call has gone
            else:  # the end of the greeting
                contact = id
                kind = rules.type_of(contact)
                attempt = pool[at, ATTEMPT]
                arrival_row = pool[at, ROW]
                record = pool[at, RECORD]
                pool[at, CONTACT] = -1
                pool[at, NEXT] = free_place
                free_place = at
                n_pool -= 1
        elif turn < groups:
            now = row_start
            event = rules.ROSTER
            group = turn
            turn += 1
            settle_overrun(duty, since, -idle[group], group, clock_row, now)
            on_duty = rosters[rules.row_of_roster(row, rows), group]
            change = on_duty - roster[group]
            idle[group] += change
            roster[group] = on_duty
            if row < rows:
                duty[row, group, tally.ROSTERED_MS] += on_duty * SLOT_MS
            if keeps_idle_times:
                set_idle(idle_since, group, max(0, idle[group]), now)
            if change == 0 or n_waiting == 0:
                continue
        else:
            n_long = n_waits = count_waits(waits, kept_waits, n_long, n_waits)
            if row >= rows - 1 and in_service == 0 and n_pool == 0:
                status = DONE
                break
            if row + 1 == until_row:
                status = PAUSED
                break
            if row_end - end_ms > rules.LONGEST_DRAIN_MS:
                status = STUCK
                break
            n_arrivals = 0
            if row + 1 < rows:
                n_arrivals = draw_first_attempts(centre.dists, run, drawn, row + 1)
            near = bring_near(nodes, heads, used, marks, heap, most_in_wheel, row_end + 2 * SLOT_MS)
            if n_arrivals < 0 or not near:
                n_arrivals = i_arrival  # none is left of this row; the next is drawn again
                status = GROW
                break
            for group in range(groups):
                settle_overrun(duty, since, -idle[group], group, clock_row, row_end)
            row += 1
            clock_row = min(row, rows)
            row_start = row_end
            row_end += SLOT_MS
            week = rules.week_of(row_start)
            turn = 0
            i_arrival = 0
            continue

        if (event == rules.FIRST) | (event == rules.REDIAL):
            arrival_row = row
            record = n_log
            attempts[row, kind, tally.OFFERED] += 1
            if logging:
                n_log += 1
                for i in range(structures.LOG):
                    log[record, i] = -1
                log[record, structures.LOG_CONTACT] = contact
                log[record, structures.LOG_EPISODE] = 1
                log[record, structures.LOG_ATTEMPT] = attempt
                log[record, structures.LOG_ARRIVED] = now
                log[record, structures.LOG_KIND] = _FIRST if event == rules.FIRST else _REDIAL
            if lines > 0 and n_pool + n_talks >= lines:
                n_talks = held_lines(line_ends, n_talks, now)
                if n_pool + n_talks >= lines:
                    attempts[row, kind, tally.BLOCKED] += 1
                    if logging:
                        log[record, structures.LOG_LEFT] = now
                        log[record, structures.LOG_OUTCOME] = _BLOCKED
                    due = rules.redial_ms(
                        params, table, redial, kind, rules.key_of(contact_keys, contact), attempt, now, end_ms
                    )
                    if due > rules.OPEN:
                        schedule(nodes, heads, used, marks, heap, moment(due, rules.REDIAL), contact, attempt + 1)
                    else:
                        ended = tally.LOST if due == rules.LOST else tally.OPEN
                        contacts[(contact >> SLOT_SHIFT) - first_slot, kind, ended] += 1
                    continue
            if announcement_ms > 0:
                at = free_place
                free_place = pool[at, NEXT]
                n_pool += 1
                pool[at, CONTACT] = contact
                pool[at, ATTEMPT] = attempt
                pool[at, ROW] = row
                pool[at, RECORD] = record
                pool[at, HANG_UP] = -1
                greeted = moment(now + announcement_ms, rules.RING_OR_GREETING_END)
                schedule(nodes, heads, used, marks, heap, greeted, contact, at)
                continue

        if contact >= 0:  # a call that starts to queue
            if event == rules.FIRST:
                side = contact >> SLOT_SHIFT & 1
                key = drawn.keys[side, firsts[side, kind] + (contact & NUMBER_MASK)]
            else:
                key = rules.key_of(contact_keys, contact)
            if rules.is_contained(contained, key):
                attempts[arrival_row, kind, tally.CONTAINED] += 1
                contacts[(contact >> SLOT_SHIFT) - first_slot, kind, tally.HELPED_BY_MACHINE] += 1
                if logging:
                    log[record, structures.LOG_LEFT] = now
                    log[record, structures.LOG_OUTCOME] = _CONTAINED
                continue
            if logging:
                log[record, structures.LOG_QUEUED] = now
            u = number_at(key, 1, attempt, ROUTING) if routing[kind] == rules.RANDOM else 0.0
            group = open_group(order, join_ms, need, routing[kind], idle, idle_since, kind, u)
            if group < 0:
                at = free_place
                free_place = pool[at, NEXT]
                n_pool += 1
                pool[at, CONTACT] = contact
                pool[at, ATTEMPT] = attempt
                pool[at, ROW] = arrival_row
                pool[at, RECORD] = record
                line_up(pool, ends, at, kind, now)
                n_waiting += 1
                patience = rules.patience_ms(params, table, same_patience, kind, key, attempt)
                pool[at, HANG_UP] = now + patience
                if patience < NEVER_MS:
                    schedule(nodes, heads, used, marks, heap, moment(now + patience, rules.ABANDON), contact, at)
                for i in range(groups):
                    later = order[kind, i]
                    if later >= 0 and join_ms[kind, later] > 0:
                        joins = moment(now + join_ms[kind, later], rules.JOIN)
                        id = contact << _GROUP_BITS | later
                        schedule(nodes, heads, used, marks, heap, joins, id, at << _GROUP_BITS | later)
                continue

        # Hand out work: to the one call that just found a group, or to a group while it can take waiting calls.
        while True:
            queued = now
            taken = contact
            if contact < 0:
                kind = -1
                if n_waiting > 0:
                    kind = next_type(served, priority, need, join_ms, pool, ends, group, idle[group], now)
                if kind < 0:
                    break
                at = ends[kind, 0]
                step_out(pool, ends, at, kind)
                n_waiting -= 1
                taken = pool[at, CONTACT]
                attempt = pool[at, ATTEMPT]
                arrival_row = pool[at, ROW]
                record = pool[at, RECORD]
                queued = pool[at, QUEUED]
                pool[at, CONTACT] = -1
                pool[at, NEXT] = free_place
                free_place = at
                n_pool -= 1
            idle[group] -= 1
            in_service += 1
            if keeps_idle_times:
                set_idle(idle_since, group, idle[group], now)
            slot = taken >> SLOT_SHIFT
            if slot + 1 >= first_slot + row and (attempt == 1 or not new_handling[kind]):
                side = slot & 1
                i = firsts[side, kind] + (taken & NUMBER_MASK)
                brings = HandlingDraws(
                    drawn.talk_ms[side, i],
                    drawn.wrap_ms[side, i],
                    drawn.wrap_work_order_ms[side, i],
                    drawn.resolution[side, i],
                    drawn.returned[side, i],
                    drawn.satisfied[side, i],
                )
            else:
                brings = rules.drawn_handling(
                    params, table, new_handling, rules.key_of(contact_keys, taken), kind, attempt
                )
            done = rules.handling(on_the_spot, quality, brings, kind, group)
            talk_ms = rules.at_speed(done.talk_ms, speed[group, week])
            wrap_ms = rules.at_speed(done.wrap_ms, speed[group, week])
            talk_end = now + ring_ms + talk_ms
            free = talk_end + wrap_ms
            schedule(nodes, heads, used, marks, heap, moment(free, rules.JOB_END), taken, group)
            if lines > 0:
                if n_talks == line_ends.size:
                    n_talks = held_lines(line_ends, n_talks, now)
                line_ends[n_talks] = talk_end
                n_talks += 1
            add_busy(duty, group, now, free, clock_row, row_end)
            wait = now - queued
            attempts[arrival_row, kind, tally.ANSWERED] += 1
            attempts[arrival_row, kind, tally.ANSWERED_WAIT_MS] += wait
            attempts[arrival_row, kind, tally.WAIT_MS] += wait
            for i in range(3):
                attempts[arrival_row, kind, tally.WITHIN + i] += wait <= within_ms[i]
            attempts[arrival_row, kind, tally.RING_MS] += ring_ms
            attempts[arrival_row, kind, tally.TALK_MS] += talk_ms
            attempts[arrival_row, kind, tally.WRAP_MS] += wrap_ms
            attempts[arrival_row, kind, tally.ON_THE_SPOT if done.on_the_spot else tally.WORK_ORDERS] += 1
            attempts[arrival_row, kind, tally.RETURNS] += done.returned
            attempts[arrival_row, kind, tally.SATISFIED] += done.satisfied
            kept_waits[n_waits] = (wait << tally.PIECE_BITS | piece[arrival_row]) << 1
            n_waits += arrival_row >= warm_rows
            ended = tally.RESOLVED if done.on_the_spot else tally.HANDED_OVER
            contacts[(taken >> SLOT_SHIFT) - first_slot, kind, ended] += 1
            if logging:
                log[record, structures.LOG_ANSWERED] = now + ring_ms
                log[record, structures.LOG_TALK_END] = talk_end
                log[record, structures.LOG_FREE] = free
                log[record, structures.LOG_GROUP] = group
                log[record, structures.LOG_OUTCOME] = _ANSWERED
            if contact >= 0:
                break

    state[structures.N_POOL], state[structures.FREE_PLACE], state[structures.N_WAITING] = n_pool, free_place, n_waiting
    state[structures.N_LONG], state[structures.N_WAITS] = n_long, n_waits
    state[structures.N_LOG], state[structures.N_TALKS] = n_log, n_talks
    state[structures.IN_SERVICE], state[structures.N_ARRIVALS] = in_service, n_arrivals
    state[structures.I_ARRIVAL], state[structures.TURN], state[structures.CURRENT_ROW] = i_arrival, turn, row
    return status
