"""The fast engine's event loop: one compiled function over a replication (§15, §16).

A call answered at once has no event but its job's end: it never had patience to run out. First attempts come slot
by slot, drawn and sorted into reused buffers.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.compiled import bare_kernel, called, part
from sim.demand.draws import NUMBER_MASK, SLOT_SHIFT
from sim.engine import given, rules, structures, tally, wheel
from sim.engine.backlog import GROUP_BITS, GROUP_MASK, bring_tasks, release, satisfied_writer, take_tasks
from sim.engine.calls import arrive, begin_to_queue, give_up, take_waiting
from sim.engine.drawn import draw_first_attempts
from sim.engine.given import Centre, Run
from sim.engine.routing import set_idle
from sim.engine.rules import moment
from sim.engine.structures import CONTACT, FREE_PLACE, HANG_UP, NTH, QUEUED, RECORD, ROW, Memory, leave
from sim.engine.tally import Tally, count_waits, duty_row, settle
from sim.terms import SLOT_MS, Kind

Ints = NDArray[np.int64]

DONE: Final = 0
STUCK: Final = 1
GROW: Final = 2
PAUSED: Final = 3
_GO_ON: Final = 4
_CONTACT_MASK: Final = (1 << SLOT_SHIFT) - 1
_CLASS_MASK: Final = (1 << rules.CLASS_BITS) - 1

_FIRST: Final = int(Kind.FIRST)
_REDIAL: Final = int(Kind.REDIAL)
_REPEAT: Final = int(Kind.REPEAT)
_FIRST_CALL: Final = (1 << rules.EPISODE_BITS) | 1


@called
def _queue_later(
    centre: Centre, run: Run, counts: Tally, memory: Memory, contact: int, nth: int, row: int, record: int, now: int
) -> None:
    """Let a call begin to queue that is not a first attempt on its arrival."""
    key, kind = rules.key_of(run.contact_keys, contact), rules.type_of(contact)
    begin_to_queue(centre, run, counts, memory, key, kind, contact, nth, row, record, now)


@called
def _look_again(centre: Centre, run: Run, counts: Tally, memory: Memory, group: int, now: int) -> None:
    """Let a group take waiting calls for another reason than a job's end."""
    take_waiting(centre, run, counts, memory, group, now)


@called
def _change_roster(centre: Centre, run: Run, counts: Tally, memory: Memory) -> None:
    """Set the next group's roster at the beginning of a row; let it take calls if it has changed, and tasks (§14)."""
    state = memory.state
    roster, idle = memory.groups[structures.ROSTER], memory.groups[structures.IDLE]
    rows = run.roster.shape[0]
    group, row, now = state[structures.TURN], state[structures.CURRENT_ROW], state[structures.ROW_START_MS]
    state[structures.TURN] += 1
    on_duty = memory.groups[structures.ROW_ROSTER, group]
    change = on_duty - roster[group]
    idle[group] += change
    roster[group] = on_duty
    if row < rows:
        counts.duty[row, group, tally.ROSTERED_MS] += on_duty * SLOT_MS
    if centre.keeps_idle_times:
        set_idle(memory.idle_since, group, max(0, idle[group]), now)
    if change != 0 and state[structures.N_WAITING] > 0:
        _look_again(centre, run, counts, memory, group, now)
    if state[structures.N_BACKLOG] > 0:
        take_tasks(centre, run, counts, memory, group, now)


@part
def _trigger_holds(centre: Centre, counts: Tally, memory: Memory, group: int, row: int, now: int) -> bool:
    """Say whether the trigger of a group holds when ``row`` begins (§14)."""
    trigger = centre.activation.trigger[group]
    seen = 0
    if trigger == rules.OFFERED:
        for earlier in range(max(0, row - rules.TRIGGER_SLOTS), min(row, counts.piece.size)):
            for kind in range(counts.counts.shape[1]):
                seen += counts.counts[earlier, kind, tally.OFFERED]
    elif trigger == rules.WAITING:
        seen = memory.state[structures.N_WAITING]
    else:
        for kind in range(memory.ends.shape[0]):
            first = memory.ends[kind, 0]
            if first >= 0:
                seen = max(seen, now - memory.pool[first, QUEUED])
    return bool(seen >= centre.activation.over[group])


@called
def _plan_row(centre: Centre, run: Run, counts: Tally, memory: Memory, row: int, now: int) -> None:
    """Switch groups on and off and say how many each has on duty in ``row``, which begins now (§14)."""
    activation = centre.activation
    planned, phase, since = (
        memory.groups[structures.ROW_ROSTER],
        memory.groups[structures.PHASE],
        memory.groups[structures.PHASE_SINCE],
    )
    roster_row = rules.row_of_roster(row, run.roster.shape[0])
    for group in range(planned.size):
        planned[group] = run.roster[roster_row, group]
        if activation.trigger[group] != given.NO_TRIGGER:
            holds = _trigger_holds(centre, counts, memory, group, row, now)
            phase[group], since[group] = rules.activated(activation, group, phase[group], since[group], row, holds)
            if phase[group] != rules.ON:
                planned[group] = 0
    for group in range(planned.size):
        source = activation.source[group]
        if source >= 0 and planned[group] > 0:
            planned[group] = min(planned[group], planned[source])
            planned[source] -= planned[group]


@called
def _open_row(centre: Centre, run: Run, counts: Tally, memory: Memory, until_row: int) -> int:
    """End a row and draw the next one's first attempts; return why the loop ends here, or ``_GO_ON``."""
    state = memory.state
    rows, groups = run.roster.shape
    row = state[structures.CURRENT_ROW]
    row_end = state[structures.ROW_START_MS] + SLOT_MS
    idle, since = memory.groups[structures.IDLE], memory.groups[structures.SINCE]
    for group in range(groups):
        settle(counts.duty, since, idle[group], group, duty_row(counts.duty, row), row_end)
    n_long = count_waits(counts.waits, memory.kept_waits, state[structures.N_LONG], state[structures.N_WAITS])
    state[structures.N_LONG] = state[structures.N_WAITS] = n_long
    if 0 <= row < rows:
        for kind in range(memory.backlog_ends.shape[0]):
            first = memory.backlog_ends[kind, 0]
            if first >= 0:
                counts.tasks[row, kind, tally.OLDEST_MS] = row_end - memory.backlog[first, QUEUED]
    if row >= rows - 1 and state[structures.IN_SERVICE] == 0 and state[structures.N_POOL] == 0:
        return DONE
    if row + 1 == until_row:
        return PAUSED
    if row_end - run.end_ms > rules.LONGEST_DRAIN_MS:
        return STUCK
    drawn = 0
    if row + 1 < rows:
        drawn = draw_first_attempts(centre, run, memory.drawn, row + 1)
    if drawn < 0:
        state[structures.N_ARRIVALS] = drawn  # so that room is made for them
        return GROW
    wheel.bring_near(memory.nodes, memory.heads, memory.used, memory.marks, memory.rows)
    state[structures.N_ARRIVALS] = drawn
    state[structures.I_ARRIVAL] = state[structures.TURN] = 0
    state[structures.CURRENT_ROW] = row + 1
    state[structures.ROW_START_MS] = row_end
    state[structures.WEEK] = rules.week_of(row_end)
    _plan_row(centre, run, counts, memory, row + 1, row_end)
    return _GO_ON


@bare_kernel
def advance(centre: Centre, run: Run, counts: Tally, memory: Memory, until_row: int) -> int:
    """Go on with a replication until row ``until_row`` begins, or memory is short, or all is done.

    Parameters
    ----------
    centre, run
        The centre and the replication's demand and roster.
    counts
        The tally; empty at first, added to.
    memory
        New memory at first, then the same again, grown if asked for.
    until_row
        Where to pause.

    Returns
    -------
    int
        ``DONE``, ``PAUSED``, ``GROW``, or ``STUCK`` when calls wait for agents who never come.
    """
    types, groups = centre.order.shape
    state, marks, pool, arrivals = memory.state, memory.marks, memory.pool, memory.drawn.arrivals
    idle, since = memory.groups[structures.IDLE], memory.groups[structures.SINCE]
    most_events = memory.nodes.shape[0] - state[structures.RESERVE]
    while not ((state[structures.SHORT] > 0) | (marks[wheel.TAKEN] > most_events)):
        # The next event: the first to come, the next first attempt, or what a row begins with or ends with.
        row, row_start = state[structures.CURRENT_ROW], state[structures.ROW_START_MS]
        under_way = state[structures.TURN] == groups
        when = marks[wheel.FIRST_WHEN]
        boundary = moment(row_start + SLOT_MS, 0) if under_way else moment(row_start, rules.ROSTER)
        arrival = wheel.NONE
        if under_way & (state[structures.I_ARRIVAL] < state[structures.N_ARRIVALS]):
            arrival = moment(row_start + (arrivals[0, state[structures.I_ARRIVAL]] >> SLOT_SHIFT), rules.FIRST)

        task = satisfied = -1  # the task that is released, if the event is that
        now = 0
        if (arrival < when) & (arrival < boundary):
            entry = arrivals[0, state[structures.I_ARRIVAL]] & _CONTACT_MASK
            state[structures.I_ARRIVAL] += 1
            contact = ((run.first_slot + row) << SLOT_SHIFT) | entry
            kind = rules.type_of(contact)
            now = arrival >> rules.CLASS_BITS
            if kind >= types:
                task, satisfied = rules.task_id(contact, kind - types, 1), satisfied_writer(centre, run, contact)
            else:
                counts.contacts[row, kind, tally.STARTED] += 1
                counts.counts[row, kind, tally.FIRST] += 1
                record = arrive(centre, run, counts, memory, kind, contact, _FIRST_CALL, _FIRST, now)
                if record >= 0:
                    slot = run.first_slot + row
                    key = memory.drawn.keys[slot & 1, memory.drawn.firsts[slot & 1, kind] + (contact & NUMBER_MASK)]
                    begin_to_queue(centre, run, counts, memory, key, kind, contact, _FIRST_CALL, row, record, now)
        elif when < boundary:
            now = when >> rules.CLASS_BITS
            event = when & _CLASS_MASK
            id = memory.nodes[marks[wheel.FIRST], wheel.ID]
            at = memory.nodes[marks[wheel.FIRST], wheel.LOAD]
            wheel.take_first(memory.nodes, memory.heads, memory.used, marks)
            if event == rules.JOB_END:
                group = at & GROUP_MASK
                settle(counts.duty, since, idle[group], group, duty_row(counts.duty, row), now)
                idle[group] += 1
                state[structures.IN_SERVICE] -= 1
                if centre.keeps_idle_times:
                    set_idle(memory.idle_since, group, max(0, idle[group]), now)
                if centre.tasks.link_event.size > 0:
                    bring_tasks(centre, run, counts, memory, id, at, now)
                if state[structures.N_WAITING] > 0:
                    take_waiting(centre, run, counts, memory, group, now)
                if state[structures.N_BACKLOG] > 0:
                    take_tasks(centre, run, counts, memory, group, now)
            elif event == rules.ABANDON:
                if pool[at, CONTACT] == id and pool[at, HANG_UP] == now:  # else the call was answered
                    give_up(centre, run, counts, memory, at, now)
            elif event == rules.REDIAL:
                kind = rules.type_of(id)
                first = rules.attempt_of(at) == 1
                counts.counts[row, kind, tally.REPEATS if first else tally.REDIALS] += 1
                record = arrive(centre, run, counts, memory, kind, id, at, _REPEAT if first else _REDIAL, now)
                if record >= 0:
                    _queue_later(centre, run, counts, memory, id, at, row, record, now)
            elif event == rules.JOIN:
                group = at & GROUP_MASK
                contact = id >> GROUP_BITS
                at >>= GROUP_BITS
                join_ms = centre.join_ms[rules.type_of(contact), group]
                if pool[at, CONTACT] == contact and now - pool[at, QUEUED] == join_ms:  # else the call has gone
                    _look_again(centre, run, counts, memory, group, now)
            elif event == rules.RELEASE:
                task, satisfied = id, at
            else:  # the end of the greeting
                nth, arrival_row, record = pool[at, NTH], pool[at, ROW], pool[at, RECORD]
                leave(pool, state, FREE_PLACE, at)
                _queue_later(centre, run, counts, memory, id, nth, arrival_row, record, now)
        elif not under_way:
            _change_roster(centre, run, counts, memory)
        else:
            status = _open_row(centre, run, counts, memory, until_row)
            if status != _GO_ON:
                return status
        if task >= 0:
            release(centre, run, counts, memory, task, satisfied, now)
    return GROW
