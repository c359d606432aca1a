"""What happens to a task in the fast engine: an event brings it, it is released, waits, is done (§12)."""

from __future__ import annotations

from typing import Final

from sim.compiled import inlined, part
from sim.engine import rules, structures, tally
from sim.engine.given import Centre, Run
from sim.engine.routing import next_task, open_desk, set_idle
from sim.engine.rules import moment
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
    new_record,
    schedule,
    step_out,
)
from sim.engine.tally import Tally, add_busy, duty_row, settle
from sim.terms import SLOT_MS

# The load of a job's end: the group, then what it was and how it ended, then the call's episode and attempt.
GROUP_BITS: Final = 8
GROUP_MASK: Final = (1 << GROUP_BITS) - 1
ON_THE_SPOT: Final = 1 << GROUP_BITS
WORK_ORDER: Final = 1 << GROUP_BITS + 1
RETURNED: Final = 1 << GROUP_BITS + 2
SATISFIED_CITIZEN: Final = 1 << GROUP_BITS + 3
TASK: Final = 1 << GROUP_BITS + 4
NTH_SHIFT: Final = GROUP_BITS + 5


@inlined
def job_end_load(
    group: int, nth: int, resolved: bool, on_the_spot: bool, returned: bool, satisfied: bool, is_task: bool
) -> int:
    """Return the load of a job's end; a job that is ``resolved`` was a call or a written contact."""
    load = group | nth << NTH_SHIFT
    load |= ON_THE_SPOT * (resolved and on_the_spot) | WORK_ORDER * (resolved and not on_the_spot)
    return load | RETURNED * returned | SATISFIED_CITIZEN * satisfied | TASK * is_task


@part
def bring_tasks(centre: Centre, run: Run, counts: Tally, memory: Memory, id: int, load: int, now: int) -> None:
    """Schedule the release of the tasks that the end of a job brings (§12)."""
    tasks = centre.tasks
    is_task = (load & TASK) > 0
    contact = rules.contact_of(id) if is_task else id
    episode = rules.episode_of_task(id) if is_task else rules.episode_of(load >> NTH_SHIFT)
    done = rules.TASK_DONE + rules.kind_of(id) if is_task else -1
    key = rules.key_of(run.contact_keys, contact)
    row = duty_row(counts.duty, memory.state[structures.CURRENT_ROW])
    for link in range(tasks.link_event.size):
        event = tasks.link_event[link]
        happens = (
            (event == done)
            | ((event == rules.ON_THE_SPOT) & ((load & ON_THE_SPOT) > 0))
            | ((event == rules.WORK_ORDER) & ((load & WORK_ORDER) > 0))
            | ((event == rules.RETURN) & ((load & RETURNED) > 0))
        )
        if not happens or not tasks.link_sources[link, rules.type_of(contact)]:
            continue
        due = rules.link_release_ms(centre, link, key, episode, now)
        child = tasks.link_kind[link]
        if due >= run.end_ms:
            counts.tasks[row, child, tally.NOT_RELEASED] += 1
        elif due != rules.LOST:
            satisfied = int((load & SATISFIED_CITIZEN) > 0)
            schedule(memory, moment(due, rules.RELEASE), rules.task_id(contact, child, episode), satisfied)


@part
def satisfied_writer(centre: Centre, run: Run, contact: int) -> int:
    """Say whether the citizen of a written contact, whose kind follows the types of calls, is satisfied: 0 or 1."""
    kind = rules.type_of(contact) - centre.priority.size
    return int(rules.is_writer_satisfied(centre, kind, rules.key_of(run.contact_keys, contact)))


@part
def release(centre: Centre, run: Run, counts: Tally, memory: Memory, task: int, satisfied: int, now: int) -> None:
    """Let a group take a task that is released now, or let it wait."""
    state, log = memory.state, memory.task_log
    row = state[structures.CURRENT_ROW]
    kind = rules.kind_of(task)
    due = rules.due_ms(centre, run, kind, now)
    counts.tasks[row, kind, tally.RELEASED] += 1
    record = 0
    if log.shape[0] > 0:
        record = new_record(log, state, structures.N_TASK_LOG)
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


@part
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
    """Let a group do a task that was released in ``row``."""
    state = memory.state
    tasks = centre.tasks
    kind, contact, episode = rules.kind_of(task), rules.contact_of(task), rules.episode_of_task(task)
    key = rules.key_of(run.contact_keys, contact)
    idle = memory.groups[structures.IDLE]
    clock_row = state[structures.CURRENT_ROW]
    settle(counts.duty, memory.groups[structures.SINCE], idle[group], group, clock_row, now)
    idle[group] -= 1
    state[structures.IN_SERVICE] += 1
    if centre.keeps_idle_times:
        set_idle(memory.idle_since, group, idle[group], now)
    handling_ms = rules.task_handling_ms(centre, kind, key, episode, centre.speed[group, state[structures.WEEK]])
    ended = now + handling_ms
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
    written = kind < tasks.n_written
    work_order = returned = False
    if written:
        work_order, returned = rules.written_ends(centre, kind, key)
        counts.tasks[row, kind, tally.TASK_WORK_ORDERS] += work_order
        counts.tasks[row, kind, tally.TASK_RETURNS] += returned
    load = job_end_load(group, 0, written, not work_order, returned, satisfied > 0, True)
    schedule(memory, moment(ended, rules.JOB_END), task, load)
    log = memory.task_log
    if log.shape[0] > 0:
        log[record, structures.TASK_STARTED] = now
        log[record, structures.TASK_ENDED] = ended
        log[record, structures.TASK_GROUP] = group
