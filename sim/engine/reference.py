"""The reference engine: SimPy's clock and event heap, one callback an event, written to be read (§16).

SimPy takes events in order of time, then priority, then insertion. The priority given here is class and id in one
number, so the order is that of §15 and insertion never decides. There is no process per call. What happens for sure
and changes nothing when it does (a phone that stops ringing, the end of talk, which only frees a line) is worked out
when it is asked for. What the year's tables need is counted afterwards, from the calls (``recount.py``).
"""

from __future__ import annotations

import gc
from collections import deque
from collections.abc import Callable
from heapq import heappop, heappush
from typing import Any

import numpy as np
import simpy

from sim.compiled import as_written
from sim.demand.draws import NEVER_MS, ROUTING, SLOT_SHIFT, draw_slot, number_at, slot_buffers
from sim.engine import ahead, recount, rules, tally
from sim.engine.rules import Centre, Run, Stuck
from sim.engine.structures import Ints
from sim.engine.tally import Tally
from sim.terms import SLOT_MS, Outcome

_ROW_OPENS = -1
"""A class before all others: drawing a row's arrivals changes nothing in the centre."""
_CLASS_SHIFT = 58
_CONTACT_MASK = (1 << SLOT_SHIFT) - 1
_FIRST, _REDIAL, _JOB_END, _GREETING_END = (
    event_class << _CLASS_SHIFT
    for event_class in (rules.FIRST, rules.REDIAL, rules.JOB_END, rules.RING_OR_GREETING_END)
)

at_speed = as_written(rules.at_speed)
type_of: Any = as_written(rules.type_of)  # of a number, or of a column of them


class Call(simpy.Event):
    """One attempt, from its arrival on; -1 where a time is not known or never comes.

    It is itself the event of what is sure to happen to it next: its arrival, its greeting's end, its job's end.
    """

    _ok = True
    _value = None
    arrived = queued = found = left = group = -1
    outcome = int(Outcome.ANSWERED)
    waiting = False
    talk_ms = wrap_ms = marks = 0
    end = -1
    """The column of the tally in which its contact ends, if it ends without an answer."""

    def __init__(self, contact: int, kind: int, attempt: int, drawn: list[int]) -> None:
        self.contact = contact
        self.kind = kind
        self.attempt = attempt
        self.drawn = drawn


class Group:
    """A group of agents: its roster, how many are busy, and since when each idle one has been idle (§14)."""

    def __init__(self, index: int, speed: list[int]) -> None:
        self.index = index
        self.speed = speed
        self.permille = 1000  # this week's
        self.roster = 0
        self.busy = 0
        self.idle_since: deque[int] = deque()


class Due(simpy.Event):
    """Any other event, and what it is about."""

    _ok = True
    _value = None

    def __init__(self, action: Callable[[Due], None], subject: Any) -> None:
        self.callbacks = [action]
        self.subject = subject


class Hotline:
    """The centre in motion."""

    def __init__(self, centre: Centre, run: Run) -> None:
        self.centre = centre
        self.run = run
        self.lines, self.ring_ms, self.announcement_ms = centre.lines, centre.ring_ms, centre.announcement_ms
        self.rows, types = run.means.shape
        self.groups = [Group(index, speed) for index, speed in enumerate(centre.speed.tolist())]
        self.waiting: list[deque[Call]] = [deque() for _ in range(types)]
        self.priority = centre.priority.tolist()
        self.routing = centre.routing.tolist()
        # Each type's groups, and each group's types: (group or type, need, join time, place by preference).
        self.groups_of: list[list[tuple[Group, int, int, int]]] = [[] for _ in range(types)]
        self.types_of: list[list[tuple[int, int, int, int]]] = [[] for _ in self.groups]
        for kind, order in enumerate(centre.order.tolist()):
            for place, index in enumerate(index for index in order if index >= 0):
                need, join_ms = int(centre.need[kind, index]), int(centre.join_ms[kind, index])
                self.groups_of[kind].append((self.groups[index], need, join_ms, place))
                self.types_of[index].append((kind, need, join_ms, place))
        self.talk_ends: list[int] = []  # a heap: when those who talk will free their lines
        self.in_greeting = self.n_waiting = self.in_service = 0
        self.calls: list[Call] = []
        # Its clock and priorities are whole numbers here; simpy's annotations know floats and an enumeration.
        self.env: Any = simpy.Environment(initial_time=run.start_ms)
        self.schedule: Any = self.env.schedule
        self.buffers = slot_buffers(types, 1024)
        # What a call's next event does. SimPy only reads these lists, so all calls share them.
        self.arrival: list[Callable[[Any], None]] = [self.arrive]
        self.greeting_end: list[Callable[[Any], None]] = [self.end_greeting]
        self.job_end: list[Callable[[Any], None]] = [self.end_job]

    def simulate(self) -> list[Call]:
        """Run until every call has left; return the attempts in order of arrival."""
        self.at(self.run.start_ms, _ROW_OPENS, 0, self.open_row, 0)
        self.env.run()
        return self.calls

    def at(self, time_ms: int, event_class: int, id: int, action: Callable[[Due], None], subject: Any) -> None:
        """Schedule an action under the key of §15."""
        self.schedule(Due(action, subject), (event_class << _CLASS_SHIFT) | id, time_ms - self.env.now)

    # Arrivals and rosters

    def open_row(self, event: Due) -> None:
        """Draw the first attempts of a row and schedule them and the roster changes at its start."""
        row: int = event.subject
        if row >= self.rows and self.in_greeting + self.n_waiting + self.in_service == 0:
            return
        now = self.env.now
        if now - self.run.end_ms > rules.LONGEST_DRAIN_MS:
            raise Stuck
        for group in self.groups:
            group.permille = group.speed[rules.week_of(now)]  # weeks begin with a row
            on_duty = int(self.run.roster[rules.row_of_roster(row, self.rows), group.index])
            if on_duty != group.roster:
                self.at(now, rules.ROSTER, group.index, self.change_roster, (group, on_duty))
        if row < self.rows:
            for time_ms, call in self.first_attempts(row):
                call.callbacks = self.arrival
                self.schedule(call, _FIRST | call.contact, time_ms)
        self.at(now + SLOT_MS, _ROW_OPENS, 0, self.open_row, row + 1)

    def first_attempts(self, row: int) -> list[tuple[int, Call]]:
        """Return the first attempts of a row with their times within it."""
        run = self.run
        slot = run.first_slot + row
        while True:
            n = draw_slot(
                run.contact_keys, run.means, run.slopes, row, slot, run.count_keys, run.grain_ms, *self.buffers
            )
            if n >= 0:
                break
            self.buffers = slot_buffers(len(self.waiting), 2 * self.buffers[1].size)
        entries = self.buffers[0][0, :n]
        contacts = (slot << SLOT_SHIFT) | (entries & _CONTACT_MASK)
        drawn = self.draw_ahead(contacts, 1)
        columns = (entries >> SLOT_SHIFT).tolist(), contacts.tolist(), type_of(contacts).tolist(), drawn
        return [(time_ms, Call(contact, kind, 1, row)) for time_ms, contact, kind, row in zip(*columns, strict=True)]

    def draw_ahead(self, contacts: Ints, attempt: int) -> list[list[int]]:
        """Return what each of these attempts will do, in the columns of :mod:`sim.engine.ahead`."""
        drawn = np.zeros((contacts.size, ahead.HANDLING + ahead.PER_GROUP * len(self.groups)), np.int64)
        ahead.draw_ahead(self.centre, self.run.contact_keys, contacts, contacts.size, attempt, drawn)
        out: list[list[int]] = drawn.tolist()
        return out

    def change_roster(self, event: Due) -> None:
        """Set a group's roster; those who come are idle from now, the longest idle go first (§14)."""
        group, group.roster = event.subject
        idle = max(0, group.roster - group.busy)
        while len(group.idle_since) > idle:
            group.idle_since.popleft()
        while len(group.idle_since) < idle:
            group.idle_since.append(self.env.now)
        self.take_waiting(group)

    def arrive(self, call: Call) -> None:
        """Let a call reach the number: blocked if every line is held (§5), else greeted (§6)."""
        call.arrived = now = self.env.now
        self.calls.append(call)
        if 0 < self.lines <= self.lines_held(now):
            self.fail(call, Outcome.BLOCKED)
        elif self.announcement_ms == 0:
            self.begin_to_queue(call, now)
        else:
            self.in_greeting += 1
            call.callbacks = self.greeting_end
            self.schedule(call, _GREETING_END | call.contact, self.announcement_ms)

    def lines_held(self, now: int) -> int:
        """Return how many lines are held: in greeting, while waiting, and until the end of each talk (§5)."""
        talk_ends = self.talk_ends
        while talk_ends and talk_ends[0] <= now:
            heappop(talk_ends)
        return self.in_greeting + self.n_waiting + len(talk_ends)

    def end_greeting(self, call: Call) -> None:
        """Let a call that has heard the announcement queue (§6)."""
        self.in_greeting -= 1
        self.begin_to_queue(call, self.env.now)

    # Queueing

    def begin_to_queue(self, call: Call, now: int) -> None:
        """Serve the call by machine, find it a group, or let it wait (§6, §7, §8)."""
        if call.drawn[ahead.CONTAINED]:
            call.outcome = Outcome.CONTAINED
            call.left = now
            call.end = tally.HELPED_BY_MACHINE
            return
        call.queued = now
        found = self.open_group(call)
        if found is not None:
            self.serve(call, *found, now)
            return
        self.line_up(call)
        patience_ms = call.drawn[ahead.PATIENCE_MS]
        if patience_ms < NEVER_MS:
            self.at(now + patience_ms, rules.ABANDON, call.contact, self.hang_up, call)
        for later, _, join_ms, _ in self.groups_of[call.kind]:
            if join_ms > 0:
                self.at(now + join_ms, rules.JOIN, call.contact << 8 | later.index, self.join, (call, later))

    def open_group(self, call: Call) -> tuple[Group, int] | None:
        """Return the group that takes a call which starts to queue, if any, and its place by preference (§7)."""
        routing = self.routing[call.kind]
        open_groups = []
        for group, need, join_ms, place in self.groups_of[call.kind]:
            if join_ms == 0 and group.roster - group.busy >= need:
                if routing == rules.PREFERENCE:
                    return group, place
                open_groups.append((group, place))
        if not open_groups:
            return None
        if routing == rules.RANDOM:
            key = np.uint64(rules.key_of(self.run.contact_keys, call.contact))
            return open_groups[int(len(open_groups) * number_at(key, 1, call.attempt, ROUTING))]
        return min(open_groups, key=lambda found: found[0].idle_since[0])

    def line_up(self, call: Call) -> None:
        """Put a call at the end of its type's line; of those that queued in one ms the lower id stands first (§7)."""
        line = self.waiting[call.kind]
        line.append(call)
        call.waiting = True
        self.n_waiting += 1
        i = len(line) - 1
        while i > 0 and line[i - 1].queued == call.queued and line[i - 1].contact > call.contact:
            line[i - 1], line[i] = line[i], line[i - 1]
            i -= 1

    def hang_up(self, event: Due) -> None:
        """End a wait whose patience is over, if it still goes on (§8)."""
        call: Call = event.subject
        if not call.waiting:
            return
        call.waiting = False
        self.waiting[call.kind].remove(call)
        self.n_waiting -= 1
        self.fail(call, Outcome.ABANDONED)

    def fail(self, call: Call, outcome: Outcome) -> None:
        """Record a failed attempt; the citizen calls again, or gives up (§10)."""
        call.outcome = outcome
        call.left = self.env.now
        params, table = self.centre.dists
        key = np.uint64(rules.key_of(self.run.contact_keys, call.contact))
        due = rules.redial_ms(
            params, table, self.centre.redial, call.kind, key, call.attempt, call.left, self.run.end_ms
        )
        if due <= rules.OPEN:
            call.end = tally.LOST if due == rules.LOST else tally.OPEN
            return
        (drawn,) = self.draw_ahead(np.array([call.contact]), call.attempt + 1)
        redial = Call(call.contact, call.kind, call.attempt + 1, drawn)
        redial.callbacks = self.arrival
        self.schedule(redial, _REDIAL | call.contact, due - call.left)

    # Agents

    def join(self, event: Due) -> None:
        """Let a second group look at the waiting calls once this one has waited long enough (§7)."""
        call, group = event.subject
        if call.waiting:
            self.take_waiting(group)

    def take_waiting(self, group: Group) -> None:
        """Let a group take waiting calls while it can (§7)."""
        while self.n_waiting:
            now = self.env.now
            best: Call | None = None
            best_place = 0
            for kind, need, join_ms, place in self.types_of[group.index]:
                line = self.waiting[kind]
                if not line or group.roster - group.busy < need or now - line[0].queued < join_ms:
                    continue
                if best is None or self.rank(line[0]) < self.rank(best):
                    best, best_place = line[0], place
            if best is None:
                return
            self.waiting[best.kind].popleft()
            self.n_waiting -= 1
            best.waiting = False
            self.serve(best, group, best_place, now)

    def rank(self, call: Call) -> tuple[int, int, int]:
        """Return what decides between waiting calls: priority, then who queued first, then the id (§7)."""
        return self.priority[call.kind], call.queued, call.contact

    def serve(self, call: Call, group: Group, place: int, now: int) -> None:
        """Give a call to a group: it rings, they talk, the agent wraps up (§6, §9)."""
        group.busy += 1
        group.idle_since.popleft()
        self.in_service += 1
        column = ahead.HANDLING + ahead.PER_GROUP * place
        talk_ms, wrap_ms, call.marks = call.drawn[column : column + ahead.PER_GROUP]
        call.talk_ms = talk_ms = at_speed(talk_ms, group.permille)
        call.wrap_ms = wrap_ms = at_speed(wrap_ms, group.permille)
        call.group = group.index
        call.found = now
        hold_ms = self.ring_ms + talk_ms
        if self.lines > 0:
            heappush(self.talk_ends, now + hold_ms)
        call.callbacks = self.job_end
        self.schedule(call, _JOB_END | call.contact, hold_ms + wrap_ms)

    def end_job(self, call: Call) -> None:
        """Free an agent, who stays only if the roster has room (§14)."""
        group = self.groups[call.group]
        group.busy -= 1
        self.in_service -= 1
        if group.busy < group.roster:
            group.idle_since.append(self.env.now)
            if self.n_waiting:
                self.take_waiting(group)


def simulate(centre: Centre, run: Run, *, piece: Ints | None = None) -> tuple[Tally, Ints, Ints]:
    """Run one replication on the reference engine.

    Returns
    -------
    tuple
        The tally, the waits beyond its bins and the table of attempts, in the same form as the fast engine's.

    Raises
    ------
    Stuck
        If calls wait for agents who never come.
    """
    # The calls stay until they are counted and form no cycles: looking for cycles would take a third of the time.
    collecting = gc.isenabled()
    gc.disable()
    try:
        calls = Hotline(centre, run).simulate()
        return recount.recount(centre, run, recount.columns_of(calls), piece)
    finally:
        if collecting:
            gc.enable()
