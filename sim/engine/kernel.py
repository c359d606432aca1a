"""The fast engine's event loop: one compiled function over a replication (§15, §16).

Only calls that wait have events of their own beside the end of the job: a call answered at once never had
patience to run out. First attempts come slot by slot, drawn and sorted into a reused buffer. Lines are freed
lazily, when they seem to be all held.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.compiled import bare_kernel, part
from sim.demand.draws import NEVER_MS, NUMBER_MASK, ROUTING, SLOT_SHIFT, draw_slot, number_at
from sim.engine import rules, structures, tally
from sim.engine.rules import Centre, Run, moment
from sim.engine.structures import (
    ATTEMPT,
    CONTACT,
    HANG_UP,
    ID,
    LOAD,
    NEXT,
    QUEUED,
    RECORD,
    ROW,
    WHEN,
    Memory,
    drop,
    line_up,
    push,
    step_out,
)  # fmt: skip
from sim.engine.tally import WAIT_BINS, Tally
from sim.terms import SHORT_ABANDON_MS, SLOT_MS, Kind, Outcome
from sim.uniforms import fold

Ints = NDArray[np.int64]

_ROW_END: Final = 0
_JOB: Final = 1
_TIMER: Final = 2
_ROSTER: Final = 3
_ARRIVAL: Final = 4

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


@part
def held_lines(line_ends: Ints, n: int, now: int) -> int:
    """Forget the talks that have ended; return how many go on (§5)."""
    kept = 0
    for i in range(n):
        if line_ends[i] > now:
            line_ends[kept] = line_ends[i]
            kept += 1
    return kept


@part
def settle_overrun(duty: Ints, since: Ints, over: int, group: int, row: int, now: int) -> None:
    """Add the overrun of a group that has had ``over`` more busy than rostered since it was last settled (§14)."""
    if over > 0:
        duty[row, group, tally.OVERRUN_MS] += over * (now - since[group])
    since[group] = now


@part
def add_busy(duty: Ints, group: int, start: int, end: int, row: int, row_end: int) -> None:
    """Add a job's time to the clock rows it covers; the last row takes the rest (§14)."""
    last = duty.shape[0] - 1
    while row < last and end > row_end:
        duty[row, group, tally.BUSY_MS] += row_end - start
        start = row_end
        row_end += SLOT_MS
        row += 1
    duty[row, group, tally.BUSY_MS] += end - start


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
    # Arrays are taken out of their tuples once: numba counts references on every look into a tuple.
    params, table = centre.dists.params, centre.dists.table
    order, served, need, join_ms = centre.order, centre.served, centre.need, centre.join_ms
    priority, routing, redial = centre.priority, centre.routing, centre.redial
    same_patience, new_handling = centre.same_patience, centre.new_handling
    on_the_spot, quality, speed, within_ms = centre.on_the_spot, centre.quality, centre.speed, centre.within_ms
    lines, announcement_ms, ring_ms = centre.lines, centre.announcement_ms, centre.ring_ms
    contained, keeps_idle_times = centre.contained, centre.keeps_idle_times
    contact_keys, count_keys, means, slopes = run.contact_keys, run.count_keys, run.means, run.slopes
    rosters, first_slot, end_ms, warm_rows = run.roster, run.first_slot, run.end_ms, run.warm_rows
    attempts, contacts, duty = counts.counts, counts.contacts, counts.duty
    waits, piece = counts.waits, counts.piece

    groups = rosters.shape[1]
    rows = means.shape[0]
    pool, ends, line_ends = memory.pool, memory.ends, memory.line_ends
    job_when, job_id, job_group = memory.jobs[WHEN], memory.jobs[ID], memory.jobs[LOAD]
    timer_when, timer_id, timer_load = memory.timers[WHEN], memory.timers[ID], memory.timers[LOAD]
    idle_since, long_waits, arrivals, log = memory.idle_since, memory.long_waits, memory.arrivals, memory.log
    roster, idle, since = memory.groups[0], memory.groups[1], memory.groups[2]
    state, slot_keys = memory.state, memory.slot_keys
    n_jobs, n_timers, n_pool = state[structures.N_JOBS], state[structures.N_TIMERS], state[structures.N_POOL]
    free_place, n_waiting = state[structures.FREE_PLACE], state[structures.N_WAITING]
    n_long, n_log, n_talks = state[structures.N_LONG], state[structures.N_LOG], state[structures.N_TALKS]
    in_service, n_arrivals = state[structures.IN_SERVICE], state[structures.N_ARRIVALS]
    i_arrival, turn, row = state[structures.I_ARRIVAL], state[structures.TURN], state[structures.CURRENT_ROW]
    row_start = run.start_ms + row * SLOT_MS
    row_end = row_start + SLOT_MS

    while True:
        if (
            n_timers + groups + 1 > timer_when.size
            or n_pool == pool.shape[0]
            or n_long + n_waiting + 1 > long_waits.size
            or (logging and n_log == log.shape[0])
        ):
            status = GROW
            break

        # The next event: the least of the job ends, the timers, the rosters of this row and the first attempts.
        when = moment(row_end, 0)
        source = _ROW_END
        if n_jobs > 0 and job_when[0] < when:
            when = job_when[0]
            source = _JOB
        if n_timers > 0 and timer_when[0] < when:
            when = timer_when[0]
            source = _TIMER
        if turn < groups:
            if moment(row_start, rules.ROSTER) < when:
                when = moment(row_start, rules.ROSTER)
                source = _ROSTER
        elif i_arrival < n_arrivals:
            arrival = moment(row_start + (arrivals[i_arrival, 0] >> SLOT_SHIFT), rules.FIRST)
            if arrival < when:
                when = arrival
                source = _ARRIVAL
        now = when >> rules.CLASS_BITS
        clock_row = min(row, rows)

        # What happened: it leaves a group that may take waiting calls, or a call that arrives or starts to queue.
        group = -1
        contact = -1
        attempt = 1
        arrival_row = row
        record = -1
        arriving = False
        if source == _ARRIVAL:
            contact = ((first_slot + row) << SLOT_SHIFT) | (arrivals[i_arrival, 0] & _CONTACT_MASK)
            i_arrival += 1
            arriving = True
            contacts[row, rules.type_of(contact), tally.STARTED] += 1
        elif source == _JOB:
            group = job_group[0]
            n_jobs = drop(job_when, job_id, job_group, n_jobs)
            settle_overrun(duty, since, -idle[group], group, clock_row, now)
            idle[group] += 1
            in_service -= 1
            if keeps_idle_times:
                set_idle(idle_since, group, max(0, idle[group]), now)
            if n_waiting == 0:
                continue
        elif source == _ROSTER:
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
        elif source == _TIMER:
            event = when & _CLASS_MASK
            id = timer_id[0]
            at = timer_load[0]
            n_timers = drop(timer_when, timer_id, timer_load, n_timers)
            if event == rules.REDIAL:
                contact = id
                attempt = at
                arriving = True
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
                if wait >= WAIT_BINS:
                    long_waits[n_long] = (wait << tally.PIECE_BITS | piece[arrival_row]) << 1 | 1
                    n_long += arrival_row >= warm_rows
                elif arrival_row >= warm_rows:
                    waits[piece[arrival_row], 1, wait] += 1
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
                    n_timers = push(
                        timer_when, timer_id, timer_load, n_timers, moment(due, rules.REDIAL), id, attempt + 1
                    )
                else:
                    contacts[
                        (id >> SLOT_SHIFT) - first_slot, kind, tally.LOST if due == rules.LOST else tally.OPEN
                    ] += 1
                continue
            elif event == rules.JOIN:
                group = at & _GROUP_MASK
                at >>= _GROUP_BITS
                kind = rules.type_of(id >> _GROUP_BITS)
                if pool[at, CONTACT] != id >> _GROUP_BITS or now - pool[at, QUEUED] != join_ms[kind, group]:
                    continue  # the call has gone
            else:  # the end of the greeting
                contact = id
                attempt = pool[at, ATTEMPT]
                arrival_row = pool[at, ROW]
                record = pool[at, RECORD]
                pool[at, CONTACT] = -1
                pool[at, NEXT] = free_place
                free_place = at
                n_pool -= 1
        else:
            if row >= rows - 1 and in_service == 0 and n_pool == 0:
                status = DONE
                break
            if row + 1 == until_row:
                status = PAUSED
                break
            if now - end_ms > rules.LONGEST_DRAIN_MS:
                status = STUCK
                break
            drawn = 0
            if row + 1 < rows:
                slot = first_slot + row + 1
                drawn = draw_slot(contact_keys, means, slopes, row + 1, slot, count_keys, run.grain_ms, arrivals)
                if drawn < 0:
                    status = GROW
                    break
            for group in range(groups):
                settle_overrun(duty, since, -idle[group], group, max(clock_row, 0), now)
            row += 1
            for kind in range(slot_keys.size):
                slot_keys[kind] = fold(contact_keys[kind], first_slot + row)
            row_start = row_end
            row_end += SLOT_MS
            turn = 0
            i_arrival = 0
            n_arrivals = drawn
            continue

        if arriving:
            kind = rules.type_of(contact)
            attempts[row, kind, tally.OFFERED] += 1
            attempts[row, kind, tally.FIRST if source == _ARRIVAL else tally.REDIALS] += 1
            if logging:
                record = n_log
                n_log += 1
                for i in range(structures.LOG):
                    log[record, i] = -1
                log[record, structures.LOG_CONTACT] = contact
                log[record, structures.LOG_EPISODE] = 1
                log[record, structures.LOG_ATTEMPT] = attempt
                log[record, structures.LOG_ARRIVED] = now
                log[record, structures.LOG_KIND] = _FIRST if source == _ARRIVAL else _REDIAL
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
                        n_timers = push(
                            timer_when, timer_id, timer_load, n_timers, moment(due, rules.REDIAL), contact, attempt + 1
                        )
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
                n_timers = push(timer_when, timer_id, timer_load, n_timers, greeted, contact, at)
                continue

        queued = now
        key = np.uint64(0)
        if contact >= 0:  # a call that starts to queue
            kind = rules.type_of(contact)
            if arriving and source == _ARRIVAL:
                key = fold(slot_keys[kind], contact & NUMBER_MASK)
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
                    n_timers = push(
                        timer_when, timer_id, timer_load, n_timers, moment(now + patience, rules.ABANDON), contact, at
                    )
                for i in range(groups):
                    later = order[kind, i]
                    if later >= 0 and join_ms[kind, later] > 0:
                        joins = moment(now + join_ms[kind, later], rules.JOIN)
                        id = contact << _GROUP_BITS | later
                        n_timers = push(
                            timer_when, timer_id, timer_load, n_timers, joins, id, at << _GROUP_BITS | later
                        )
                continue

        # Hand out work: to the one call that just found a group, or to a group while it can take waiting calls.
        while True:
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
                key = rules.key_of(contact_keys, taken)
            else:
                taken = contact
            idle[group] -= 1
            in_service += 1
            if keeps_idle_times:
                set_idle(idle_since, group, idle[group], now)
            done = rules.drawn_handling(params, table, on_the_spot, quality, new_handling, key, kind, attempt, group)
            permille = speed[group, rules.week_of(now)]
            talk_ms = rules.at_speed(done.talk_ms, permille)
            wrap_ms = rules.at_speed(done.wrap_ms, permille)
            talk_end = now + ring_ms + talk_ms
            free = talk_end + wrap_ms
            n_jobs = push(job_when, job_id, job_group, n_jobs, moment(free, rules.JOB_END), taken, group)
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
            if wait >= WAIT_BINS:
                long_waits[n_long] = (wait << tally.PIECE_BITS | piece[arrival_row]) << 1
                n_long += arrival_row >= warm_rows
            elif arrival_row >= warm_rows:
                waits[piece[arrival_row], 0, wait] += 1
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

    state[structures.N_JOBS], state[structures.N_TIMERS], state[structures.N_POOL] = n_jobs, n_timers, n_pool
    state[structures.FREE_PLACE], state[structures.N_WAITING] = free_place, n_waiting
    state[structures.N_LONG], state[structures.N_LOG], state[structures.N_TALKS] = n_long, n_log, n_talks
    state[structures.IN_SERVICE], state[structures.N_ARRIVALS] = in_service, n_arrivals
    state[structures.I_ARRIVAL], state[structures.TURN], state[structures.CURRENT_ROW] = i_arrival, turn, row
    return status
