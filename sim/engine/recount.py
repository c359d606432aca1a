"""The tally counted from finished calls and tasks: the reference engine's, independent of the fast one's.

The fast engine counts as things happen, row by row. Here each number is a sum over a table of finished calls, or of
tasks (``recount_tasks.py``), and duty follows from the jobs' beginnings and ends and the roster. The calls come some
thousands at a time and are then forgotten, so that a year of them takes no more memory than a day.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.compiled import as_written
from sim.demand.draws import SLOT_SHIFT
from sim.engine import ahead, recount_tasks, rules
from sim.engine import structures as s
from sim.engine import tally as t
from sim.engine.entities import NO_WAIT
from sim.engine.given import Centre, Run
from sim.engine.structures import Ints
from sim.engine.tally import Tally
from sim.terms import SHORT_ABANDON_MS, SLOT_MS, Kind, Outcome

if TYPE_CHECKING:
    from sim.engine.entities import Call, Task

Keep = Callable[[Ints, Ints], None]
"""Takes finished rows of the tables of attempts and of tasks."""

type_of: Any = as_written(rules.type_of)  # of a column of contacts


def columns_of(calls: Sequence[Call], centre: Centre) -> dict[str, Ints]:
    """Return what is known of the calls as columns, shape ``(calls,)``."""
    column = partial(np.fromiter, dtype=np.int64, count=len(calls))
    call = {
        "contact": column([call.contact for call in calls]),
        "episode": column([call.episode for call in calls]),
        "attempt": column([call.attempt for call in calls]),
        "arrived": column([call.arrived for call in calls]),
        "settled": column([call.settled for call in calls]),
        "outcome": column([call.outcome for call in calls]),
        "group": column([call.group for call in calls]),
        "talk_ms": column([call.talk_ms for call in calls]),
        "free": column([call.free for call in calls]),
        "marks": column([call.marks for call in calls]),
    }
    if centre.transfer[:, 0].any():
        transferred = call["marks"] & ahead.TRANSFERRED > 0
        call["consult_ms"] = transferred * column([call.drawn[ahead.CONSULT_MS] for call in calls])
        call["agent_consult_ms"] = transferred * column([call.drawn[ahead.AGENT_CONSULT_MS] for call in calls])
    else:
        call["consult_ms"] = call["agent_consult_ms"] = np.zeros_like(call["talk_ms"])
    if centre.callback.over_ms >= 0:
        call["expected_ms"] = column([call.expected_ms for call in calls])
        call["promised"] = column([call.promised for call in calls])
    else:
        call["expected_ms"] = call["promised"] = np.zeros_like(call["talk_ms"])
    return call


def log_of(call: dict[str, Ints], centre: Centre) -> Ints:
    """Return the table of attempts, shape ``(calls, LOG)``."""
    outcome = call["outcome"]
    answered = outcome == Outcome.ANSWERED
    queued = answered | (outcome == Outcome.ABANDONED)
    talked = call["settled"] + centre.ring_ms + call["talk_ms"]
    log = np.empty((outcome.size, s.LOG), np.int64)
    log[:, s.LOG_CONTACT] = call["contact"]
    log[:, s.LOG_EPISODE] = call["episode"]
    log[:, s.LOG_ATTEMPT] = call["attempt"]
    log[:, s.LOG_ARRIVED] = call["arrived"]
    log[:, s.LOG_QUEUED] = np.where(queued, call["arrived"] + centre.announcement_ms, -1)
    log[:, s.LOG_ANSWERED] = np.where(answered, call["settled"] + centre.ring_ms, -1)
    log[:, s.LOG_TALK_END] = np.where(answered, talked + call["agent_consult_ms"], -1)
    log[:, s.LOG_FREE] = np.where(answered, call["free"], -1)
    log[:, s.LOG_LEFT] = np.where(answered, -1, call["settled"])
    log[:, s.LOG_GROUP] = call["group"]
    log[:, s.LOG_OUTCOME] = outcome
    came_first = np.where(call["episode"] == 1, Kind.FIRST, Kind.REPEAT)
    log[:, s.LOG_KIND] = np.where(call["attempt"] == 1, came_first, Kind.REDIAL)
    log[:, s.LOG_CALLBACK] = call["promised"]
    log[:, s.LOG_CALL_END] = np.where(answered, talked + call["consult_ms"], -1)
    return log


def adder(table: Ints, row: Ints, kind: Ints) -> Callable[..., None]:
    """Return a function that adds calls or tasks to a table's rows, and within it to types, groups or kinds."""
    types = table.shape[1]
    first = int(row.min())
    here = table[first : int(row.max()) + 1]
    cell = (row - first) * types + kind

    def add(column: int, chosen: NDArray[np.bool_], values: Ints | None = None) -> None:
        """Add 1, or ``values``, for each of the chosen (below 2**53, so the sums are exact)."""
        sums = np.bincount(cell, chosen if values is None else chosen * values, len(here) * types)
        here[:, :, column] += sums.reshape(-1, types).astype(np.int64)

    return add


class Recount:
    """Counts calls and tasks that are finished, part by part.

    Parameters
    ----------
    centre, run
        What is simulated.
    piece
        The piece of the year each row lies in, shape ``(rows,)``; one piece if None.
    keep
        Given the tables of attempts and tasks part by part, in order of arrival and release; None if nobody wants them.
    """

    def __init__(self, centre: Centre, run: Run, piece: Ints | None, keep: Keep | None) -> None:
        self.centre = centre
        self.run = run
        self.keep = keep
        self.rows, groups = run.roster.shape
        types, kinds = centre.priority.size, centre.tasks.order.shape[0]
        self.tally = t.new_tally(np.zeros(self.rows, np.int64) if piece is None else piece, types, groups, kinds)
        self.rosters: list[list[int]] = []  # of each row as it opens; after the window rows go on
        self.longer: list[Ints] = []
        # What duty is still to be counted from: the first row, and group, beginning and end of jobs and of tasks alone.
        self.row = 0
        self.jobs = self.task_jobs = np.empty((3, 0), np.int64)

    def add(self, calls: Sequence[Call], tasks: Sequence[Task], taken: Sequence[Task], next_ms: int) -> None:
        """Count finished calls and tasks, in order of arrival and of release.

        All other calls arrive at ``next_ms`` or later. ``taken`` are the tasks that were started since the last time.
        """
        call = columns_of(calls, self.centre)
        self.count(call)
        recount_tasks.count(tasks, self.centre, self.run, self.tally.tasks)
        jobs = np.stack([call["group"], call["settled"], call["free"]])[:, call["outcome"] == Outcome.ANSWERED]
        task_jobs = np.array([(task.group, task.started, task.free) for task in taken], np.int64).reshape(-1, 3).T
        self.jobs = np.concatenate([self.jobs, jobs, task_jobs], axis=1)
        self.task_jobs = np.concatenate([self.task_jobs, task_jobs], axis=1)
        self.count_duty((next_ms - self.run.start_ms) // SLOT_MS)
        if self.keep is not None:
            self.keep(log_of(call, self.centre), recount_tasks.log_of(tasks))

    def finish(self, calls: Sequence[Call], tasks: Sequence[Task], taken: Sequence[Task]) -> tuple[Tally, Ints]:
        """Count the last calls and tasks; return the tally of all, and the waits beyond its bins."""
        frees = (job.free for jobs in (calls, taken) for job in jobs)
        last = max([self.run.end_ms, *self.jobs[2].tolist(), *frees])
        self.add(calls, tasks, taken, last + SLOT_MS)
        counts = self.tally.counts
        counts[..., t.RING_MS] = counts[..., t.ANSWERED] * self.centre.ring_ms
        self.tally.duty[: self.rows, :, t.ROSTERED_MS] = np.array(self.rosters[: self.rows]) * SLOT_MS
        return self.tally, np.concatenate([np.empty(0, np.int64), *self.longer])

    def count(self, call: dict[str, Ints]) -> None:
        """Add finished calls to all of the tally but duty."""
        if not call["contact"].size:
            return
        centre, run, tally = self.centre, self.run, self.tally
        kind = type_of(call["contact"])
        row = (call["arrived"] - run.start_ms) // SLOT_MS
        outcome, marks = call["outcome"], call["marks"]
        answered = outcome == Outcome.ANSWERED
        abandoned = outcome == Outcome.ABANDONED
        wait = call["settled"] - call["arrived"] - centre.announcement_ms
        wrap_ms = call["free"] - call["settled"] - centre.ring_ms - call["talk_ms"] - call["agent_consult_ms"]
        spot = marks & ahead.ON_THE_SPOT > 0
        satisfied = satisfied_of(centre, run, call, answered, wait)
        back = call["promised"] > 0
        in_line = answered & ~back
        add = adder(tally.counts, row, kind)
        first_attempt = call["attempt"] == 1
        first = first_attempt & (call["episode"] == 1)
        add(t.OFFERED, np.ones_like(first))
        add(t.FIRST, first)
        add(t.REDIALS, ~first_attempt)
        for value, column in enumerate(t.OUTCOME_COLUMNS):
            add(column, outcome == value)
        add(t.SHORT, abandoned & (wait < SHORT_ABANDON_MS))
        add(t.WAIT_MS, in_line | abandoned, wait)
        add(t.ANSWERED_WAIT_MS, in_line, wait)
        for place, within_ms in enumerate(centre.within_ms):
            add(t.WITHIN + place, in_line & (wait <= within_ms))
        add(t.TALK_MS, answered, call["talk_ms"])
        add(t.WRAP_MS, answered, wrap_ms)
        add(t.ON_THE_SPOT, answered & spot)
        add(t.WORK_ORDERS, answered & ~spot)
        add(t.RETURNS, marks & ahead.RETURNED > 0)
        add(t.SATISFIED, satisfied)
        add(t.SATISFIED_ORDERS, satisfied & ~spot)
        if centre.repeat.any():
            add(t.REPEATS, first_attempt & ~first)
        if centre.transfer[:, 0].any():
            add(t.TRANSFERS, marks & ahead.TRANSFERRED > 0)
            add(t.CONSULT_MS, answered, call["agent_consult_ms"])
        if centre.quality.haste_waiting > 0:
            add(t.HASTY, marks & ahead.HASTY > 0)
        if centre.callback.over_ms >= 0:
            estimated = answered & (call["expected_ms"] != NO_WAIT)
            add(t.CALLBACKS, back)
            add(t.CALLED_BACK, answered & back)
            add(t.CALLBACK_WAIT_MS, answered & back, wait)
            add(t.ESTIMATES, estimated)
            add(t.ESTIMATE_MS, estimated, call["expected_ms"])
            add(t.ESTIMATE_OFF_MS, estimated, np.abs(call["expected_ms"] - wait))

        add = adder(tally.contacts, (call["contact"] >> SLOT_SHIFT) - run.first_slot, kind)
        first_episode = call["episode"] == 1
        is_open = marks & ahead.OPEN > 0
        ends = marks & (ahead.OPEN | ahead.COMES_AGAIN) == 0
        add(t.STARTED, first)
        add(t.RESOLVED, answered & spot & ends)
        add(t.HANDED_OVER, answered & ~spot & ends)
        add(t.LOST, (abandoned | (outcome == Outcome.BLOCKED)) & ends)
        add(t.HELPED_BY_MACHINE, outcome == Outcome.CONTAINED)
        add(t.OPEN, is_open)
        add(t.FIRST_ANSWERED, answered & first_episode)
        add(t.FIRST_OPEN, ~answered & is_open & first_episode)

        taken = np.minimum((call["settled"] - run.start_ms) // SLOT_MS, self.rows)
        add = adder(tally.duty, taken, np.maximum(call["group"], 0))
        add(t.CALLS, answered)
        add(t.CALL_TALK_MS, answered, centre.ring_ms + call["talk_ms"] + call["agent_consult_ms"])
        add(t.CALL_WRAP_MS, answered, wrap_ms)

        measured = (row >= run.warm_rows) & (in_line | abandoned)
        short = measured & (wait < t.WAIT_BINS)
        np.add.at(tally.waits, (tally.piece[row[short]], abandoned[short].astype(int), wait[short]), np.int32(1))
        long = measured & ~short
        self.longer.append((wait[long] << t.PIECE_BITS | tally.piece[row[long]]) << 1 | abandoned[long])

    def count_duty(self, end_row: int) -> None:
        """Add every group's busy, overrun and idle time in the rows from ``self.row`` to ``end_row`` (§14)."""
        if end_row <= self.row:
            return
        place = np.minimum(np.arange(self.row, end_row), self.rows)
        edges = self.run.start_ms + np.arange(self.row, end_row + 1) * SLOT_MS
        rosters = self.rosters[self.row : end_row]
        rosters += rosters[-1:] * (end_row - self.row - len(rosters))  # none is busy after the last that opened
        for index, roster in enumerate(np.array(rosters).T):
            busy, over, idle = duty_of(self.jobs, index, edges, roster)
            np.add.at(self.tally.duty[:, index, t.BUSY_MS], place, busy)
            np.add.at(self.tally.duty[:, index, t.OVERRUN_MS], place, over)
            np.add.at(self.tally.duty[:, index, t.IDLE_MS], place, np.where(place < self.rows, idle, 0))
            if self.task_jobs.size:
                busy, _, _ = duty_of(self.task_jobs, index, edges, roster)
                np.add.at(self.tally.duty[:, index, t.TASK_MS], place, busy)
        self.row = end_row
        self.jobs = self.jobs[:, self.jobs[2] > edges[-1]]
        self.task_jobs = self.task_jobs[:, self.task_jobs[2] > edges[-1]]


def satisfied_of(
    centre: Centre, run: Run, call: dict[str, Ints], answered: NDArray[np.bool_], wait: Ints
) -> NDArray[np.bool_]:
    """Return which of the calls were answered and are satisfied (§18), shape ``(calls,)``."""
    satisfied = np.zeros_like(answered)
    contacts, episodes, attempts = call["contact"], call["episode"], call["attempt"]
    spot = call["marks"] & ahead.ON_THE_SPOT > 0
    ahead.find_satisfied(centre, run.contact_keys, contacts, episodes, attempts, spot, wait, satisfied)
    return satisfied & answered


def duty_of(jobs: Ints, group: int, edges: Ints, roster: Ints) -> tuple[Ints, Ints, Ints]:
    """Return a group's busy, overrun and idle time by row (§14), shape ``(rows,)`` each.

    Parameters
    ----------
    jobs
        Group, beginning and end of jobs, shape ``(3, jobs)``.
    group
        The group's place.
    edges
        Where the rows begin and the last one ends, in ms, shape ``(rows + 1,)``; they may be after the window.
    roster
        The group's agents on duty, shape ``(rows,)``.
    """
    own = jobs[:, jobs[0] == group]
    moments = np.clip(np.concatenate([edges, own[1], own[2]]), edges[0], edges[-1])
    change = np.concatenate([np.zeros_like(edges), np.ones_like(own[1]), np.full_like(own[2], -1)])
    order = np.argsort(moments, kind="stable")  # quick: the parts are all but in order
    moments = moments[order]
    busy = np.cumsum(change[order])[:-1]
    span = np.diff(moments)
    row = np.minimum((moments[:-1] - edges[0]) // SLOT_MS, roster.size - 1)  # what is at the end lasts no time
    over = busy - roster[row]
    return (
        np.bincount(row, span * busy, roster.size).astype(np.int64),
        np.bincount(row, span * np.maximum(0, over), roster.size).astype(np.int64),
        np.bincount(row, span * np.maximum(0, -over), roster.size).astype(np.int64),
    )
