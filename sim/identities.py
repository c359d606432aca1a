"""What the model says adds up, asserted on every run (MODEL.md)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from sim.engine import tally as t
from sim.engine.tally import Tally
from sim.measures import backlog

Ints = NDArray[np.int64]


def check(counts: Tally) -> None:
    """Assert what the model says adds up, in every row, type, kind of task and group it says it of.

    Raises
    ------
    AssertionError
        If attempts, contacts, tasks or agents' time do not add up: a defect of the engine, never of the scenario.
    """
    for holds, broken in (*_of_attempts(counts), *_of_tasks(counts.tasks), *_of_duty(counts)):
        if not np.all(holds):
            raise AssertionError(broken)


_Identity = tuple[NDArray[np.bool_] | np.bool_, str]


def _of_attempts(counts: Tally) -> Iterator[_Identity]:
    """Yield the identities of attempts and contacts, by row and type, each with what its breach means."""
    a, c = counts.counts, counts.contacts
    offered = a[..., t.OFFERED]
    yield (
        offered == a[..., t.OUTCOME_COLUMNS].sum(axis=-1),
        "offered is not answered + abandoned + blocked + contained in some interval",
    )
    yield (
        offered == a[..., [t.FIRST, t.REDIALS, t.REPEATS]].sum(axis=-1),
        "offered is not first attempts + redials + repeats in some interval",
    )
    ends = [t.RESOLVED, t.HANDED_OVER, t.LOST, t.HELPED_BY_MACHINE, t.OPEN]
    yield (
        c[..., t.STARTED] == c[..., ends].sum(axis=-1),
        "contacts are not resolved + handed over + lost + contained + open in some interval",
    )
    yield (
        a[..., t.ANSWERED] == a[..., t.ON_THE_SPOT] + a[..., t.WORK_ORDERS],
        "answered is not on the spot + work orders in some interval",
    )
    yield a[..., t.CALLBACKS] == a[..., t.CALLED_BACK], "a promised callback was not kept"


def _of_tasks(tasks: Ints) -> Iterator[_Identity]:
    """Yield the identities of work that can wait, by row and kind or over the run by kind."""
    released, done = tasks[..., t.RELEASED], tasks[..., t.DONE]
    yield done <= released, "more tasks were done than released in some interval"
    yield tasks[..., t.LATE] <= released, "more tasks were late than released in some interval"
    waiting = backlog(tasks)
    yield waiting >= 0, "more tasks were started than released until some interval"
    left = (released - done).sum(axis=0)
    yield left == waiting[-1], "tasks released are not tasks done + tasks left at the end"


def _of_duty(counts: Tally) -> Iterator[_Identity]:
    """Yield the identities of the agents' time: by group over the run, or by row and group."""
    a, duty = counts.counts, counts.duty
    busy, of_tasks = duty[..., t.BUSY_MS], duty[..., t.TASK_MS]
    own = duty[..., [t.CALL_TALK_MS, t.CALL_WRAP_MS, t.TASK_MS]].sum(axis=-1)
    yield busy.sum(axis=0) == own.sum(axis=0), "busy is not talk + wrap-up + task in some group"
    talk = a[..., [t.RING_MS, t.TALK_MS, t.CONSULT_MS]].sum()
    yield talk == duty[..., t.CALL_TALK_MS].sum(), "ring + talk + consulting of the calls is not the agents' talk"
    yield a[..., t.WRAP_MS].sum() == duty[..., t.CALL_WRAP_MS].sum(), "wrap-up of the calls is not the agents'"
    yield a[..., t.ANSWERED].sum() == duty[..., t.CALLS].sum(), "calls answered are not the groups' calls"
    yield (
        counts.tasks[..., t.TASK_HANDLING_MS].sum() == of_tasks.sum(),
        "handling of tasks is not the agents' task time",
    )
    yield of_tasks <= busy, "agents were at tasks for longer than busy in some interval"
    on_duty = duty[..., t.ROSTERED_MS] + duty[..., t.OVERRUN_MS]
    # Roster and idle time after the window are in no row.
    yield (busy + duty[..., t.IDLE_MS])[:-1] == on_duty[:-1], "busy + idle is not rostered + overrun in some interval"
