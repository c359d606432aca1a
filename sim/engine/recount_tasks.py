"""The reference engine's tasks, counted when what becomes of them is known (§12)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.engine import ahead
from sim.engine import structures as s
from sim.engine import tally as t
from sim.engine.given import Centre, Run
from sim.engine.structures import Ints
from sim.terms import SLOT_MS

if TYPE_CHECKING:
    from sim.engine.entities import Task


def log_of(tasks: Sequence[Task]) -> Ints:
    """Return the table of tasks, shape ``(tasks, TASK_LOG)``."""
    log = np.empty((len(tasks), s.TASK_LOG), np.int64)
    log[:, s.TASK_ID] = [task.id for task in tasks]
    log[:, s.TASK_RELEASED] = [task.released for task in tasks]
    log[:, s.TASK_STARTED] = [task.started for task in tasks]
    log[:, s.TASK_ENDED] = [task.free for task in tasks]
    log[:, s.TASK_DUE] = [task.due for task in tasks]
    log[:, s.TASK_GROUP] = [task.group for task in tasks]
    return log


def count(tasks: Sequence[Task], centre: Centre, run: Run, table: Ints) -> None:
    """Add tasks to the tally's ``tasks``: those that were done, or wait when all is over."""
    if not tasks:
        return
    log = log_of(tasks)
    kind = np.array([task.kind for task in tasks])
    row = (log[:, s.TASK_RELEASED] - run.start_ms) // SLOT_MS
    drawn = np.array([task.drawn[: ahead.TASK_LINKS] for task in tasks])
    done = log[:, s.TASK_GROUP] >= 0
    started, ended, due = log[:, s.TASK_STARTED], log[:, s.TASK_ENDED], log[:, s.TASK_DUE]
    asked = done & (drawn[:, ahead.REACHED] > 0)

    def add(column: int, chosen: NDArray[np.bool_], values: Ints | int = 1, rows: Ints = row) -> None:
        amounts = np.broadcast_to(values, chosen.shape)[chosen]
        np.add.at(table[:, :, column], (rows[chosen], kind[chosen]), amounts)

    add(t.RELEASED, np.ones_like(done))
    add(t.DONE, done)
    add(t.LATE, np.where(done, ended > due, due < run.end_ms))
    add(t.TASK_WAIT_MS, done, started - log[:, s.TASK_RELEASED])
    add(t.TASK_HANDLING_MS, done, ended - started)
    add(t.TASK_WORK_ORDERS, done & (drawn[:, ahead.WRITTEN_ORDER] > 0))
    add(t.TASK_RETURNS, done & (drawn[:, ahead.WRITTEN_RETURNED] > 0))
    add(t.ASKED, asked)
    add(t.ASKED_SATISFIED, asked & satisfied_of(tasks, drawn, centre, run))
    add(t.STARTED_NOW, done, rows=(started - run.start_ms) // SLOT_MS)


def satisfied_of(tasks: Sequence[Task], drawn: Ints, centre: Centre, run: Run) -> NDArray[np.bool_]:
    """Return whose contact is satisfied (§18), shape ``(tasks,)``: with a call's answer, or a written contact's."""
    satisfied = drawn[:, ahead.SATISFIED] > 0
    calls = [task.origin for task in tasks if task.origin is not None]
    answers = np.array(
        [
            (call.contact, call.episode, call.attempt, call.marks & ahead.ON_THE_SPOT, call.settled - call.arrived)
            for call in calls
        ],
        np.int64,
    ).reshape(-1, 5)
    contacts, episodes, attempts, spot, times = np.ascontiguousarray(answers.T)
    found = np.zeros(len(calls), np.bool_)
    waits = times - centre.announcement_ms
    ahead.find_satisfied(centre, run.contact_keys, contacts, episodes, attempts, spot > 0, waits, found)
    satisfied[[task.origin is not None for task in tasks]] = found
    return satisfied
