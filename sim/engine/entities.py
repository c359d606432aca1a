"""What the reference engine moves: SimPy's clock, events, calls and tasks, groups of agents and their skills."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from heapq import heappop, heappush
from typing import Any

import simpy

from sim.engine import rules

AS_DRAWN = 1000
"""The permille of a group that works at the speed at which times are drawn."""
NO_WAIT = -1
"""The expected wait of a call that did not start to wait."""
NOBODY = -1
"""The group of a call that was not answered and of a task that was not taken; then its times mean nothing."""

CLASS_SHIFT = 64
"""Where the class begins in an event's key, above any id (§15)."""
FIRST = rules.FIRST << CLASS_SHIFT
"""The last class: below the key of any first attempt, above all others."""

Callbacks = list[Callable[[Any], None]]


class Clock(simpy.Environment):
    """SimPy's environment and its heap, for whole milliseconds, the keys of §15 and events that cannot fail.

    First attempts, which are half of all events and known in order, stand in a line of their own beside the heap.
    """

    # SimPy's annotations know floats and an enumeration.
    _now: Any
    _queue: Any

    def __init__(self, start_ms: int) -> None:
        super().__init__(start_ms)
        self.first_attempts: deque[Call] = deque()
        """In the order of §15; an event on the heap must come after them."""

    def at(self, time_ms: int, key: int, event: Event) -> None:
        """Schedule an event for a time, where SimPy's ``schedule`` wants the delay until then."""
        heappush(self._queue, (time_ms, key, next(self._eid), event))

    def run_out(self) -> None:
        """Take event after event, as SimPy's ``run`` does, without a call of ``step`` for each and its precautions."""
        queue, first_attempts = self._queue, self.first_attempts
        event: Event
        while queue:
            # Written contacts are of the same class, but all their types come after those of calls.
            if first_attempts and (first_attempts[0].arrived, FIRST) < queue[0]:
                event = call = first_attempts.popleft()
                self._now = call.arrived
            else:
                self._now, _, _, event = heappop(queue)
            [callback] = event.callbacks
            callback(event)


class Event:
    """All that SimPy's environment asks of an event; each of its own also carries a dictionary and a value."""

    __slots__ = ("callbacks",)
    callbacks: Callbacks
    _ok = True  # SimPy's own ``step``, which could take these events too, asks it: none fails


class Call(Event):
    """One attempt. It is itself the event of what is sure to happen to it next: arrival, greeting's end, job's end.

    What is known from the start is set here; the rest when the call is served or leaves unanswered.
    """

    __slots__ = (
        "arrived", "attempt", "contact", "drawn", "episode", "expected_ms", "free", "group", "kind", "marks", "outcome",
        "promised", "settled", "talk_ms", "waits",
    )  # fmt: skip

    arrived: int
    drawn: list[int]
    """What it will do, as :mod:`sim.engine.ahead` says; empty until that is asked."""
    settled: int
    """When an agent was found, or when it left without one."""
    outcome: int
    group: int
    talk_ms: int
    free: int
    """When its agent's job ends."""
    marks: int
    """How it went, as :mod:`sim.engine.ahead` says."""
    waits: bool
    """Once it is in line: whether it still is."""
    expected_ms: int
    """Where callbacks are offered: how long it was expected to wait, or ``NO_WAIT``."""
    promised: bool
    """Where callbacks are offered: whether it was promised one."""

    def __init__(
        self,
        callbacks: Callbacks,
        arrived: int,
        contact: int,
        kind: int,
        drawn: list[int],
        episode: int = 1,
        attempt: int = 1,
    ) -> None:
        self.callbacks = callbacks
        self.arrived = arrived
        self.contact = contact
        self.kind = kind
        self.episode = episode
        self.attempt = attempt
        self.drawn = drawn


class Task(Event):
    """One piece of work that can wait (§12). It is itself the event of its release, then of its job's end.

    ``origin`` is the call that it goes back to, None where that is a written contact.
    """

    __slots__ = ("drawn", "due", "free", "group", "id", "kind", "origin", "released", "started")

    drawn: list[int]
    """What it will do, as :mod:`sim.engine.ahead` says; empty until that is asked."""
    due: int
    group: int
    started: int
    """When an agent took it, and when that job ends, once there is a group; else -1."""
    free: int

    def __init__(self, callbacks: Callbacks, id: int, kind: int, released: int, origin: Call | None) -> None:
        self.callbacks = callbacks
        self.id = id
        self.kind = kind
        self.released = released
        self.origin = origin
        self.drawn = []
        self.group = NOBODY
        self.started = self.free = -1

    def rank(self) -> tuple[int, int, int]:
        """Return what decides between the first waiting tasks of several kinds (§12)."""
        return self.due, self.released, self.id


class Due(Event):
    """Any other event, and what it is about."""

    __slots__ = ("subject",)

    def __init__(self, callbacks: Callbacks, subject: Any) -> None:
        self.callbacks = callbacks
        self.subject = subject


class Lines:
    """The hotline's lines (§5): how many there are, 0 without limit, and how many are taken.

    ``taken`` holds those that have become free since they were last looked through: when they might run out.
    """

    __slots__ = ("call_ends", "consults", "number", "taken")

    def __init__(self, number: int) -> None:
        self.number = number
        self.taken = 0
        self.call_ends: list[int] = []
        self.consults: list[tuple[int, int]] = []  # second lines, from when to when

    def all_held(self, now: int) -> bool:
        """Say whether all are held: from arrival to each call's end, and to consult."""
        taken = len(self.call_ends) + len(self.consults)
        self.call_ends = [end for end in self.call_ends if end > now]
        self.consults = [times for times in self.consults if times[1] > now]
        self.taken -= taken - len(self.call_ends) - len(self.consults)
        not_yet = sum(begin > now for begin, _ in self.consults)
        return self.taken - not_yet >= self.number


class Group:
    """A group of agents (§14).

    ``idle`` is its roster less its busy agents, below zero while some overrun; ``idle_since`` says since when each
    idle one has been idle, where a routing asks for it. ``kinds`` are those of the tasks it does, and
    ``task_reserve`` how many idle agents it keeps back from them in this slot (§12).
    """

    def __init__(self, index: int, speed: list[int]) -> None:
        self.index = index
        self.speed = speed
        self.permille = AS_DRAWN  # this week's
        self.roster = 0
        self.idle = 0
        self.idle_since: deque[int] = deque()
        self.skills: list[Skill] = []
        self.kinds: list[int] = []
        self.task_reserve = 0

    def set_roster(self, on_duty: int, now: int) -> None:
        """Have so many on duty: those who come are idle from now, the longest idle go first."""
        self.idle += on_duty - self.roster
        self.roster = on_duty
        idle = max(0, self.idle)
        while len(self.idle_since) > idle:
            self.idle_since.popleft()
        while len(self.idle_since) < idle:
            self.idle_since.append(now)


class Skill:
    """That a group takes a type's calls from its line: how many idle agents and how long a wait it asks (§7).

    ``column`` is where its talk, wrap-up and marks stand in what is drawn for a call.
    """

    def __init__(self, line: deque[Call], priority: int, group: Group, need: int, join_ms: int, column: int) -> None:
        self.line = line
        self.priority = priority
        self.group = group
        self.need = need
        self.join_ms = join_ms
        self.column = column

    def rank(self) -> tuple[int, int, int]:
        """Return what decides between waiting calls: priority, then who queued first, then the id (§7)."""
        first = self.line[0]
        return self.priority, first.arrived, first.contact
