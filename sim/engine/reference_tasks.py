"""The reference engine's work that can wait (§12): tasks are released, wait, and are taken by idle agents."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Any

import numpy as np

from sim.compiled import as_written
from sim.engine import ahead, rules
from sim.engine.entities import CLASS_SHIFT, FIRST, NOBODY, Call, Callbacks, Group, Task
from sim.engine.given import Centre, Run
from sim.engine.structures import Ints
from sim.engine.tally import NOT_RELEASED, OLDEST_MS
from sim.terms import SLOT_MS

_JOB_END, _RELEASE = (event_class << CLASS_SHIFT for event_class in (rules.JOB_END, rules.RELEASE))

at_speed = as_written(rules.at_speed)
task_id = as_written(rules.task_id)
contact_of = as_written(rules.contact_of)
episode_of_task = as_written(rules.episode_of_task)


class Desk:
    """The tasks of a centre in motion.

    Parameters
    ----------
    centre, run
        What is simulated.
    groups
        Who does the tasks.
    clock, at_job_end
        Of the hotline: what happens when an agent becomes free is its matter.
    counts
        The tally's ``tasks``. What no finished task tells is counted here.
    """

    def __init__(
        self, centre: Centre, run: Run, groups: Sequence[Group], clock: Any, at_job_end: Callbacks, counts: Ints
    ) -> None:
        tasks = centre.tasks
        kinds, self.links = tasks.order.shape[0], tasks.link_kind.size
        self.centre, self.run, self.clock, self.counts = centre, run, clock, counts
        self.rows = len(run.means)
        self.order = [[groups[index] for index in order if index >= 0] for order in tasks.order.tolist()]
        for group, served in zip(groups, tasks.served.tolist(), strict=True):
            group.kinds = [kind for kind in served if kind >= 0]
        self.groups = groups
        self.after_answer, self.after_order, self.after_return = (
            self.links_of(event) for event in (rules.ON_THE_SPOT, rules.WORK_ORDER, rules.RETURN)
        )
        self.after_task = [self.links_of(rules.TASK_DONE + kind) for kind in range(kinds)]
        for kind in range(tasks.n_written):
            self.after_task[kind] += self.after_answer + self.after_order + self.after_return
        self.waiting: list[deque[Task]] = [deque() for _ in range(kinds)]
        self.n_waiting = 0
        self.is_open = [False] * kinds  # in this slot
        self.tasks: list[Task] = []  # in order of release, but for those that were handed over
        self.undrawn: list[Task] = []  # to be released
        self.taken: list[Task] = []  # in order of their start, since tasks were last handed over
        self.at_release: Callbacks = [self.release]
        self.at_job_end = at_job_end

    def links_of(self, event: int) -> list[tuple[int, int]]:
        """Return the links of an event: each one's column in what is drawn, counted from the end, and its kind."""
        tasks = self.centre.tasks
        return [
            (link - self.links, int(tasks.link_kind[link]))
            for link in np.flatnonzero(tasks.link_event == event).tolist()
        ]

    def open_row(self, row: int, now: int) -> None:
        """End a row and begin the next: its hours and reserves; from the window's end on no task starts."""
        if 0 < row <= self.rows:
            for kind, line in enumerate(self.waiting):
                if line:
                    self.counts[row - 1, kind, OLDEST_MS] = now - line[0].released
        if row < self.rows:
            self.is_open = self.run.task_open[row].tolist()
            for group, reserve in zip(self.groups, self.run.task_reserve[row].tolist(), strict=True):
                group.task_reserve = reserve
        else:
            self.is_open = [False] * len(self.waiting)

    # Release

    def expect_written(self, contacts: Sequence[int], kinds: Sequence[int], arrived: Sequence[int]) -> None:
        """Schedule written contacts that arrive at these moments: each is a task of the kind of its own."""
        for contact, kind, moment in zip(contacts, kinds, arrived, strict=True):
            self.expect(task_id(contact, kind, 1), kind, moment, None, FIRST | contact)

    def expect(self, id: int, kind: int, released: int, origin: Call | None, key: int) -> None:
        """Schedule a task's release."""
        task = Task(self.at_release, id, kind, released, origin)
        self.undrawn.append(task)
        self.clock.at(released, key, task)

    def follow_up(self, call: Call) -> None:
        """Schedule what the end of a call's job will bring."""
        links = self.after_answer if call.marks & ahead.ON_THE_SPOT else self.after_order
        if links:
            self.bring(call.contact, call.episode, call, call.free, call.drawn, links)
        if call.marks & ahead.RETURNED and self.after_return:
            self.bring(call.contact, call.episode, call, call.free, call.drawn, self.after_return)

    def bring(
        self,
        contact: int,
        episode: int,
        origin: Call | None,
        ended: int,
        drawn: list[int],
        links: list[tuple[int, int]],
    ) -> None:
        """Schedule the tasks that come by these links after a job's end."""
        for column, kind in links:
            delay = drawn[column]
            if delay == ahead.NEVER:
                continue
            released = ended + delay
            if released < self.run.end_ms:
                id = task_id(contact, kind, episode)
                self.expect(id, kind, released, origin, _RELEASE | id)
            else:
                row = min((ended - self.run.start_ms) // SLOT_MS, self.rows)
                self.counts[row, kind, NOT_RELEASED] += 1

    def draw(self) -> None:
        """Ask what all the tasks to come will do."""
        drawn = np.empty((len(self.undrawn), ahead.TASK_LINKS + self.links), np.int64)
        ids, released = np.array([(task.id, task.released) for task in self.undrawn]).T
        ahead.draw_tasks(self.centre, self.run, ids, released, drawn)
        for task, own in zip(self.undrawn, drawn.tolist(), strict=True):
            task.drawn = own
            task.due = own[ahead.DUE]
        self.undrawn.clear()

    def release(self, task: Task) -> None:
        """Give a task to the first of its groups that may take it, or let it wait."""
        if not task.drawn:
            self.draw()
        self.tasks.append(task)
        if self.is_open[task.kind]:
            for group in self.order[task.kind]:
                if group.idle > group.task_reserve:
                    self.start(task, group)
                    return
        line = self.waiting[task.kind]
        line.append(task)
        self.n_waiting += 1
        i = len(line) - 1
        while i > 0 and line[i - 1].released == task.released and line[i - 1].id > task.id:
            line[i - 1], line[i] = line[i], line[i - 1]
            i -= 1

    # Agents

    def take_waiting(self, group: Group) -> None:
        """Let a group take waiting tasks while it can."""
        while group.idle > group.task_reserve:
            best: deque[Task] | None = None
            for kind in group.kinds:
                line = self.waiting[kind]
                if line and self.is_open[kind] and (best is None or line[0].rank() < best[0].rank()):
                    best = line
            if best is None:
                return
            self.n_waiting -= 1
            self.start(best.popleft(), group)

    def start(self, task: Task, group: Group) -> None:
        """Give a task to a group; its end, and what that brings, are known."""
        group.idle -= 1
        if self.centre.keeps_idle_times:
            group.idle_since.popleft()
        task.group = group.index
        task.started = self.clock.now
        task.free = task.started + at_speed(task.drawn[ahead.TASK_MS], group.permille)
        task.callbacks = self.at_job_end
        self.clock.at(task.free, _JOB_END | task.id, task)
        self.taken.append(task)
        links = self.after_task[task.kind]
        if links:
            contact, episode = contact_of(task.id), episode_of_task(task.id)
            self.bring(contact, episode, task.origin, task.free, task.drawn, links)

    def hand_over(self) -> tuple[list[Task], list[Task]]:
        """Give up the tasks before the first in order of release that still waits, and those that were taken."""
        known = next((i for i, task in enumerate(self.tasks) if task.group == NOBODY), len(self.tasks))
        finished, taken = self.tasks[:known], self.taken
        self.tasks, self.taken = self.tasks[known:], []
        return finished, taken
