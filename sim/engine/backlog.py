"""What happens to a task in the fast engine: an event brings it, it is released, waits, is done (§12)."""

from __future__ import annotations

import numpy as np

from sim.compiled import called, part
from sim.demand.draws import RESOLUTION, RETURN, SATISFACTION, number_at
from sim.engine import rules, structures, tally
from sim.engine.routing import next_task, open_desk, set_idle
from sim.engine.rules import Centre, Run, moment
from sim.engine.structures import (
    CONTACT,
    DUE,
    QUEUED,
    RECORD,
    ROW,
    SATISFIED,
    Memory,
    enter,
    leave,
    line_up,
    schedule,
    step_out,
)
from sim.engine.tally import Tally, add_busy, duty_row
from sim.terms import SLOT_MS


@part
def _bring(
    centre: Centre,
    run: Run,
    counts: Tally,
    memory: Memory,
    event: int,
    kind: int,
    key: np.uint64,
    contact: int,
    episode: int,
    satisfied: int,
    event_ms: int,
) -> None:
    """Schedule the release of the tasks that an event brings; ``kind`` is the call's type, -1 if it is no call's."""
    tasks = centre.tasks
    row = duty_row(counts.duty, memory.state[structures.CURRENT_ROW])
    for link in range(tasks.link_event.size):
        if tasks.link_event[link] != event or (kind >= 0 and not tasks.link_types[link, kind]):
            continue
        due = rules.link_release_ms(centre, link, key, episode, event_ms)
        child = tasks.link_kind[link]
        if due >= run.end_ms:
            counts.tasks[row, child, tally.NOT_RELEASED] += 1
        elif due != rules.LOST:
            schedule(memory, moment(due, rules.RELEASE), rules.task_id(contact, child, episode), satisfied)


@called
def bring_after_resolution(
    centre: Centre,
    run: Run,
    counts: Tally,
    memory: Memory,
    kind: int,
    key: np.uint64,
    contact: int,
    episode: int,
    on_the_spot: bool,
    returned: bool,
    satisfied: int,
    event_ms: int,
) -> None:
    """Bring what follows when a call's job ends or a written contact is done; ``kind`` as for :func:`_bring`."""
    event = rules.ON_THE_SPOT if on_the_spot else rules.WORK_ORDER
    _bring(centre, run, counts, memory, event, kind, key, contact, episode, satisfied, event_ms)
    if returned:
        _bring(centre, run, counts, memory, rules.RETURN, kind, key, contact, episode, satisfied, event_ms)


@called
def release_written(centre: Centre, run: Run, counts: Tally, memory: Memory, contact: int, now: int) -> None:
    """Release a written contact, whose kind follows the types of calls in its id."""
    kind = rules.type_of(contact) - centre.priority.size
    key = rules.key_of(run.contact_keys, contact)
    satisfied = int(number_at(key, 1, 1, SATISFACTION) < centre.tasks.written[kind, 2])
    release(centre, run, counts, memory, rules.task_id(contact, kind, 1), satisfied, now)


@called
def release(centre: Centre, run: Run, counts: Tally, memory: Memory, task: int, satisfied: int, now: int) -> None:
    """Let a group take a task that is released now, or let it wait."""
    state, log = memory.state, memory.task_log
    row = state[structures.CURRENT_ROW]
    kind = rules.kind_of(task)
    due = rules.due_ms(centre, run, kind, now)
    counts.tasks[row, kind, tally.RELEASED] += 1
    record = 0
    if log.shape[0] > 0:
        record = state[structures.N_TASK_LOG]
        state[structures.N_TASK_LOG] += 1
        for i in range(structures.TASK_LOG):
            log[record, i] = -1
        log[record, structures.TASK_ID] = task
        log[record, structures.TASK_RELEASED] = now
        log[record, structures.TASK_DUE] = due
    idle = memory.groups[structures.IDLE]
    group = open_desk(centre.tasks.order, run.task_open, run.task_reserve, idle, kind, row)
    if group >= 0:
        _start(centre, run, counts, memory, group, task, satisfied, row, now, due, record, now)
        return
    at = enter(memory.backlog, state, structures.FREE_TASK, task, satisfied, row, record)
    memory.backlog[at, DUE] = due
    line_up(memory.backlog, memory.backlog_ends, at, kind, now)


@called
def take_tasks(centre: Centre, run: Run, counts: Tally, memory: Memory, group: int, now: int) -> None:
    """Let a group take waiting tasks while it can."""
    backlog, ends, state = memory.backlog, memory.backlog_ends, memory.state
    idle = memory.groups[structures.IDLE]
    row = state[structures.CURRENT_ROW]
    if row >= run.task_open.shape[0]:
        return
    while idle[group] > run.task_reserve[row, group]:
        kind = next_task(centre.tasks.served, run.task_open, backlog, ends, group, row)
        if kind < 0:
            return
        at = ends[kind, 0]
        step_out(backlog, ends, at, kind)
        task = backlog[at, CONTACT]
        leave(backlog, state, structures.FREE_TASK, at)
        _start(
            centre, run, counts, memory, group, task, backlog[at, SATISFIED], backlog[at, ROW], backlog[at, QUEUED],
            backlog[at, DUE], backlog[at, RECORD], now,
        )  # fmt: skip


@part
def _start(
    centre: Centre,
    run: Run,
    counts: Tally,
    memory: Memory,
    group: int,
    task: int,
    satisfied: int,
    row: int,
    released: int,
    due: int,
    record: int,
    now: int,
) -> None:
    """Let a group do a task that was released in ``row``; what it brings is known at once."""
    state = memory.state
    tasks = centre.tasks
    kind, contact, episode = rules.kind_of(task), rules.contact_of(task), rules.episode_of_task(task)
    key = rules.key_of(run.contact_keys, contact)
    idle = memory.groups[structures.IDLE]
    idle[group] -= 1
    state[structures.IN_SERVICE] += 1
    if centre.keeps_idle_times:
        set_idle(memory.idle_since, group, idle[group], now)
    handling_ms = rules.task_handling_ms(centre, kind, key, episode, centre.speed[group, state[structures.WEEK]])
    ended = now + handling_ms
    schedule(memory, moment(ended, rules.JOB_END), task, group)
    clock_row = state[structures.CURRENT_ROW]
    row_end = state[structures.ROW_START_MS] + SLOT_MS
    add_busy(counts.duty, tally.BUSY_MS, group, now, ended, clock_row, row_end)
    add_busy(counts.duty, tally.TASK_MS, group, now, ended, clock_row, row_end)
    counts.tasks[clock_row, kind, tally.STARTED_NOW] += 1
    counts.tasks[row, kind, tally.DONE] += 1
    counts.tasks[row, kind, tally.LATE] += ended > due
    counts.tasks[row, kind, tally.TASK_WAIT_MS] += now - released
    counts.tasks[row, kind, tally.TASK_HANDLING_MS] += handling_ms
    if rules.is_reached(centre, kind, key, episode):
        counts.tasks[row, kind, tally.ASKED] += 1
        counts.tasks[row, kind, tally.ASKED_SATISFIED] += satisfied
    if kind < tasks.n_written:
        work_order = number_at(key, 1, 1, RESOLUTION) < tasks.written[kind, 0]
        returned = work_order & (number_at(key, 1, 1, RETURN) < tasks.written[kind, 1])
        counts.tasks[row, kind, tally.TASK_WORK_ORDERS] += work_order
        counts.tasks[row, kind, tally.TASK_RETURNS] += returned
        bring_after_resolution(
            centre, run, counts, memory, -1, key, contact, episode, not work_order, returned, satisfied, ended
        )
    _bring(centre, run, counts, memory, rules.TASK_DONE + kind, -1, key, contact, episode, satisfied, ended)
    log = memory.task_log
    if log.shape[0] > 0:
        log[record, structures.TASK_STARTED] = now
        log[record, structures.TASK_ENDED] = ended
        log[record, structures.TASK_GROUP] = group
