"""A slow, obvious third reading of ``sim/engine/MODEL.md``: ``simulate(centre, run)``.

Two engines that share a misreading agree with one another. This file was written from MODEL.md alone, without
looking at either engine or at their shared rules, and shares with them only the primitive draws. Pending
events are a plain list, scanned for its least key at each step; queues are lists, scanned whole.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

from sim.demand import draws
from sim.engine.rules import Centre, Run
from sim.terms import DAY_MS, SLOT_MS, SLOTS_PER_DAY, WEEK_MS, Kind, Outcome
from sim.uniforms import sub_key, uniform

# §15, in MODEL.md's order; written out again so that a wrong constant elsewhere is seen.
ABANDON, TALK_END, RING_OR_GREETING_END, JOB_END, ROSTER, JOIN, REDIAL, FIRST = 0, 1, 2, 3, 4, 5, 8, 9
PREFERENCE, LONGEST_IDLE, RANDOM = 0, 1, 2
TALK, WRAP, WRAP_WORK_ORDER, PATIENCE, REDIAL_DELAY = 0, 1, 2, 3, 4
EPISODE = 1  # repeats are not simulated yet

KEYS = (
    "contact", "episode", "attempt", "arrived_ms", "queued_ms", "answered_ms", "talk_end_ms", "free_ms",
    "left_ms", "group", "outcome", "kind",
)  # fmt: skip


@dataclass(eq=False)
class Attempt:
    """One call of one contact; times are None where there is no such time."""

    contact: int
    type: int
    key: np.uint64
    attempt: int
    arrived_ms: int
    episode: int = EPISODE
    queued_ms: int | None = None
    found_ms: int | None = None
    answered_ms: int | None = None
    talk_end_ms: int | None = None
    free_ms: int | None = None
    left_ms: int | None = None
    group: int | None = None
    outcome: Outcome | None = None

    @property
    def kind(self) -> Kind:
        return Kind.FIRST if self.attempt == 1 else Kind.REDIAL


@dataclass
class Event:
    """Something that will happen; the least key is taken first (§15)."""

    key: tuple[int, int, int, int]  # time, class, id, and the group's place where the id needs it
    happen: Callable[[], None]


@dataclass
class Result:
    """What happened: attempts in order of arrival, the end of every contact, and duty by (row, group)."""

    attempts: list[dict[str, Any]] = field(default_factory=list)
    contacts: dict[int, str] = field(default_factory=dict)
    duty: dict[tuple[int, int], list[int]] = field(default_factory=dict)


class _Oracle:
    def __init__(self, centre: Centre, run: Run) -> None:
        self.centre, self.run = centre, run
        self.types, self.groups = centre.order.shape
        self.now = run.start_ms
        self.events: list[Event] = []
        self.attempts: list[Attempt] = []
        self.contacts: dict[int, str] = {}
        self.waiting: list[Attempt] = []
        self.lines_held = 0
        self.rostered = [0] * self.groups
        self.busy = [0] * self.groups
        self.idle_since: list[list[int]] = [[] for _ in range(self.groups)]  # one entry an idle agent

    # --- draws (§2)

    def number(self, a: Attempt, purpose: int, attempt: int) -> float:
        return float(draws.number_at(a.key, EPISODE, attempt, purpose))

    def duration(self, a: Attempt, block: int, u: float) -> int:
        return int(draws.duration_ms(*self.centre.dists, block * self.types + a.type, u))

    def first_attempts(self) -> list[Attempt]:
        run, found = self.run, []
        for row in range(run.means.shape[0]):
            slot = run.first_slot + row
            for t in range(self.types):
                u = uniform(np.uint64(run.count_keys[t]), slot)
                for number in range(draws.poisson_quantile(run.means[row, t], u)):
                    key = sub_key(np.uint64(run.contact_keys[t]), slot, number)
                    u = draws.number_at(key, EPISODE, 1, draws.ARRIVAL)
                    place = int(draws.place_in_slot(u, run.slopes[row, t]))
                    place = place // run.grain_ms * run.grain_ms
                    contact = slot * 2**28 + t * 2**20 + number
                    found.append(Attempt(contact, t, key, 1, run.start_ms + row * SLOT_MS + place))
        return found

    # --- the clock (§15)

    def at(self, ms: int, class_: int, id_: int, happen: Callable[[], None], place: int = 0) -> None:
        self.events.append(Event((ms, class_, id_, place), happen))

    def play(self) -> Result:
        for a in self.first_attempts():
            self.at(a.arrived_ms, FIRST, a.contact, partial(self.arrive, a))
        for g in range(self.groups):
            self.at(self.run.start_ms, ROSTER, g, partial(self.slot_start, g))
        while self.waiting or any(event.key[1] != ROSTER for event in self.events):
            event = min(self.events, key=lambda e: e.key)
            if event.key[0] > self.now:
                self.check_nobody_was_forgotten()
            self.events.remove(event)
            self.now = event.key[0]
            if self.now > self.run.end_ms + 60 * DAY_MS:
                raise RuntimeError("calls wait for agents who never come")
            event.happen()
        rows = [{name: getattr(a, name) for name in KEYS} for a in self.attempts]
        return Result(rows, self.contacts, self.duty())

    def check_nobody_was_forgotten(self) -> None:
        """When a ms is over, the idle are roster minus busy, and no group could still take a call (§7)."""
        for g in range(self.groups):
            assert len(self.idle_since[g]) == max(0, self.rostered[g] - self.busy[g])
            assert self.next_call(g) is None

    # --- arrival, greeting, queue (§5, §6, §7, §8)

    def arrive(self, a: Attempt) -> None:
        self.attempts.append(a)
        if self.centre.lines and self.lines_held >= self.centre.lines:
            a.outcome, a.left_ms = Outcome.BLOCKED, self.now
            self.gave_up(a)
            return
        self.lines_held += 1
        if self.centre.announcement_ms > 0:
            end = self.now + self.centre.announcement_ms
            self.at(end, RING_OR_GREETING_END, a.contact, partial(self.greeting_end, a))
        else:
            self.greeting_end(a)

    def greeting_end(self, a: Attempt) -> None:
        if self.number(a, draws.CONTAINMENT, 1) < self.centre.contained:
            a.outcome, a.left_ms = Outcome.CONTAINED, self.now
            self.contacts[a.contact] = "contained"
            self.lines_held -= 1
            return
        a.queued_ms = self.now
        group = self.open_group(a)
        if group is not None:
            self.answer(a, group)
            return
        self.waiting.append(a)
        n = 1 if self.centre.same_patience[a.type] else a.attempt
        patience = self.duration(a, PATIENCE, self.number(a, draws.PATIENCE, n))
        if patience != draws.NEVER_MS:
            self.at(self.now + patience, ABANDON, a.contact, partial(self.patience_ends, a))
        for g in self.groups_of(a.type):
            join_ms = int(self.centre.join_ms[a.type, g])
            if join_ms > 0:
                self.at(self.now + join_ms, JOIN, a.contact, partial(self.join, a, g), place=g)

    def groups_of(self, t: int) -> list[int]:
        return [int(g) for g in self.centre.order[t] if g >= 0]

    def need_met(self, t: int, g: int) -> bool:
        return len(self.idle_since[g]) >= max(1, int(self.centre.need[t, g]))

    def open_group(self, a: Attempt) -> int | None:
        t = a.type
        open_ = [g for g in self.groups_of(t) if self.centre.join_ms[t, g] == 0 and self.need_met(t, g)]
        if not open_:
            return None
        if self.centre.routing[t] == RANDOM:
            return open_[int(len(open_) * self.number(a, draws.ROUTING, a.attempt))]
        if self.centre.routing[t] == LONGEST_IDLE:
            return min(open_, key=lambda g: (min(self.idle_since[g]), open_.index(g)))
        return open_[0]

    def patience_ends(self, a: Attempt) -> None:
        if a not in self.waiting:
            return
        self.waiting.remove(a)
        a.outcome, a.left_ms = Outcome.ABANDONED, self.now
        self.lines_held -= 1
        self.gave_up(a)

    def gave_up(self, a: Attempt) -> None:
        """After abandonment or blocking: again, open or lost (§10)."""
        if not self.number(a, draws.REDIAL, a.attempt) < self.centre.redial[a.type, a.attempt]:
            self.contacts[a.contact] = "lost"
            return
        due = self.now + self.duration(a, REDIAL_DELAY, self.number(a, draws.REDIAL_DELAY, a.attempt))
        if due >= self.run.end_ms:
            self.contacts[a.contact] = "open"
            return
        again = Attempt(a.contact, a.type, a.key, a.attempt + 1, due)
        self.at(due, REDIAL, a.contact, partial(self.arrive, again))

    # --- agents (§7, §9, §14)

    def first_waiting(self, t: int) -> Attempt | None:
        calls = [a for a in self.waiting if a.type == t]
        return min(calls, key=lambda a: (a.queued_ms, a.contact), default=None)

    def next_call(self, g: int) -> Attempt | None:
        """Return the call that group ``g`` would take now, if any."""
        candidates = []
        for t in range(self.types):
            first = self.first_waiting(t)
            if first is None or g not in self.groups_of(t) or not self.need_met(t, g):
                continue
            assert first.queued_ms is not None
            if self.now - first.queued_ms >= self.centre.join_ms[t, g]:
                candidates.append(first)
        return min(candidates, key=lambda a: (self.centre.priority[a.type], a.queued_ms, a.contact), default=None)

    def take_calls(self, g: int) -> None:
        while (a := self.next_call(g)) is not None:
            self.waiting.remove(a)
            self.answer(a, g)

    def join(self, a: Attempt, g: int) -> None:
        if a in self.waiting:
            self.take_calls(g)

    def answer(self, a: Attempt, g: int) -> None:
        self.idle_since[g].remove(min(self.idle_since[g]))
        self.busy[g] += 1
        n = a.attempt if self.centre.new_handling[a.type] else 1
        on_the_spot = self.number(a, draws.RESOLUTION, n) < self.centre.on_the_spot[a.type, g]
        weeks = self.centre.speed.shape[1]
        permille = int(self.centre.speed[g, min(max(self.now // WEEK_MS, 0), weeks - 1)])
        talk = self.duration(a, TALK, self.number(a, draws.TALK, n))
        wrap = self.duration(a, WRAP if on_the_spot else WRAP_WORK_ORDER, self.number(a, draws.WRAP, n))
        a.group, a.outcome, a.found_ms = g, Outcome.ANSWERED, self.now
        a.answered_ms = self.now + self.centre.ring_ms
        a.talk_end_ms = a.answered_ms + (talk * permille + 500) // 1000
        a.free_ms = a.talk_end_ms + (wrap * permille + 500) // 1000
        self.contacts[a.contact] = "resolved" if on_the_spot else "handed_over"
        self.at(a.talk_end_ms, TALK_END, a.contact, self.talk_ends)
        self.at(a.free_ms, JOB_END, a.contact, partial(self.job_ends, g))

    def talk_ends(self) -> None:
        self.lines_held -= 1

    def job_ends(self, g: int) -> None:
        self.busy[g] -= 1
        if self.busy[g] + len(self.idle_since[g]) < self.rostered[g]:
            self.idle_since[g].append(self.now)
            self.take_calls(g)

    def roster_of(self, row: int, g: int) -> int:
        """Return the roster of a row; after the window the last day's, day after day (§1)."""
        rows = self.run.roster.shape[0]
        while row >= rows:
            row -= SLOTS_PER_DAY
        return int(self.run.roster[row, g])

    def slot_start(self, g: int) -> None:
        self.at(self.now + SLOT_MS, ROSTER, g, partial(self.slot_start, g))
        old, new = self.rostered[g], self.roster_of((self.now - self.run.start_ms) // SLOT_MS, g)
        self.rostered[g] = new
        idle = max(0, new - self.busy[g])
        while len(self.idle_since[g]) > idle:
            self.idle_since[g].remove(min(self.idle_since[g]))
        while len(self.idle_since[g]) < idle:
            self.idle_since[g].append(self.now)
        if new != old:
            self.take_calls(g)

    # --- duty (§14)

    def duty(self) -> dict[tuple[int, int], list[int]]:
        found = {}
        for row in range(self.run.warm_rows, self.run.roster.shape[0]):
            start = self.run.start_ms + row * SLOT_MS
            end = start + SLOT_MS
            for g in range(self.groups):
                jobs = [
                    (max(a.found_ms, start), min(a.free_ms, end))
                    for a in self.attempts
                    if a.group == g and a.found_ms is not None and a.free_ms is not None
                ]
                jobs = [(found_ms, free_ms) for found_ms, free_ms in jobs if found_ms < free_ms]
                points = sorted({start, end, *(ms for job in jobs for ms in job)})
                roster, busy_ms, overrun_ms = self.roster_of(row, g), 0, 0
                for left, right in itertools.pairwise(points):
                    busy = sum(found_ms <= left and right <= free_ms for found_ms, free_ms in jobs)
                    busy_ms += busy * (right - left)
                    overrun_ms += max(0, busy - roster) * (right - left)
                found[row, g] = [roster * SLOT_MS, busy_ms, overrun_ms]
        return found


def simulate(centre: Centre, run: Run) -> Result:
    """Simulate one replication by the letter of MODEL.md; attempts and contacts include the warm-up's."""
    return _Oracle(centre, run).play()


__all__ = ["Result", "simulate"]
