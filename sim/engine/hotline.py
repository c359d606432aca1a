"""The reference engine's calls: SimPy's clock and event heap, one callback an event (§16).

SimPy takes events in order of time, then priority, then insertion. The priority given here is class and id in one
number, so the order is that of §15 and insertion never decides. There is no process per call. What happens for sure
and changes nothing when it does (a phone that stops ringing, the end of talk, which only frees a line) is worked out
when it is asked for. What the year's tables need is counted apart, from finished calls and tasks (``recount.py``).
This module is the calls; tasks are in ``reference_tasks.py``, groups that are called up in ``reference_duty.py``.
"""

from __future__ import annotations

import gc
from bisect import bisect_left
from collections import deque
from itertools import repeat
from operator import attrgetter
from typing import Any

import numpy as np

from sim.compiled import as_written
from sim.demand.draws import NEVER_MS, ROUTING, SLOT_SHIFT, draw_slot, number_at, slot_buffers
from sim.engine import ahead, rules
from sim.engine.entities import (
    AS_DRAWN,
    CLASS_SHIFT,
    NO_WAIT,
    NOBODY,
    Call,
    Callbacks,
    Clock,
    Due,
    Group,
    Lines,
    Skill,
    Task,
)
from sim.engine.given import Centre, Run
from sim.engine.recount import Recount
from sim.engine.reference_duty import Standby, skills
from sim.engine.reference_tasks import Desk
from sim.engine.rules import Stuck
from sim.engine.structures import Ints
from sim.engine.tally import Tally
from sim.terms import SLOT_MS, WEEK_MS, Outcome

_BEFORE_ALL = -1
"""A class before all others: drawing a row's arrivals changes nothing in the centre."""
_CONTACT_MASK = (1 << SLOT_SHIFT) - 1
_ROW_OPENS, _ABANDON, _GREETING_END, _JOB_END, _ROSTER, _JOIN, _REDIAL = (
    event_class << CLASS_SHIFT
    for event_class in (
        _BEFORE_ALL, rules.ABANDON, rules.RING_OR_GREETING_END, rules.JOB_END, rules.ROSTER, rules.JOIN, rules.REDIAL,
    )
)  # fmt: skip
_ROWS_AT_ONCE = 16
"""Rows whose first attempts are drawn together: a call into compiled code takes as long as drawing some fifty."""
_CALLS_AT_ONCE = 8192
"""Counted together: enough for numpy to be quick, few enough to stay in the processor's cache."""

_ANSWERED = int(Outcome.ANSWERED)

at_speed = as_written(rules.at_speed)
expected_wait_ms = as_written(rules.expected_wait_ms)
row_of_roster = as_written(rules.row_of_roster)
type_of: Any = as_written(rules.type_of)  # of a number, or of a column of them


class Hotline:
    """The centre in motion; what has happened in it goes to ``recount``.

    It has slots, as calls have, since it has more attributes than Python finds quickly without.
    """

    __slots__ = (
        "announcement_ms", "at_arrival", "at_greeting_end", "at_job_end", "at_join", "at_once",
        "at_patience_end", "at_return", "at_roster", "at_row", "buffers", "calls", "centre", "clock", "desk",
        "groups", "has_callbacks", "has_sequels", "has_standby", "has_tasks", "hasty_from", "in_greeting",
        "keeps_idle_times", "later", "lines", "lines_before", "most_groups", "n_waiting", "offered_before",
        "own_groups", "recount", "ring_ms", "routing", "rows", "run", "standby", "undrawn", "waiting", "week_began",
    )  # fmt: skip

    def __init__(self, centre: Centre, run: Run, recount: Recount) -> None:
        self.centre = centre
        self.run = run
        self.recount = recount
        self.lines, self.ring_ms, self.announcement_ms = Lines(centre.lines), centre.ring_ms, centre.announcement_ms
        self.keeps_idle_times = centre.keeps_idle_times
        self.rows, types = len(run.means), centre.priority.size
        self.groups = [Group(index, speed) for index, speed in enumerate(centre.speed.tolist())]
        self.most_groups = int((centre.order >= 0).sum(axis=1).max())  # that a type has
        self.waiting: list[deque[Call]] = [deque() for _ in range(types)]
        self.routing = centre.routing.tolist()
        # Each type's skills by preference: of the groups that take its calls at once, and of those that join later.
        self.at_once, self.later = skills(centre, self.groups, self.waiting)
        self.in_greeting = self.n_waiting = 0
        self.offered_before = 0  # attempts that were handed over
        self.undrawn: list[Call] = []  # redials and repeats to come
        self.calls: list[Call] = []  # in order of arrival, but for those that were handed over
        self.clock: Any = Clock(run.start_ms)  # its time is a whole number; SimPy's may be a float
        self.buffers = slot_buffers(run.means.shape[1], 1024)
        # What happens at an event. SimPy only reads these lists, so all events of a class share one.
        self.at_row: Callbacks = [self.open_row]
        self.at_roster: Callbacks = [self.change_roster]
        self.at_arrival: Callbacks = [self.arrive]
        self.at_return: Callbacks = [self.arrive_again]
        self.at_greeting_end: Callbacks = [self.end_greeting]
        self.at_patience_end: Callbacks = [self.hang_up]
        self.at_join: Callbacks = [self.join]
        self.at_job_end: Callbacks = [self.end_job]
        self.desk = Desk(centre, run, self.groups, self.clock, self.at_job_end, recount.tally.tasks)
        self.standby = Standby(centre.activation)
        # Which rules are in use at all.
        self.has_tasks = centre.tasks.order.shape[0] > 0
        self.has_standby = bool(self.standby.triggered)
        self.has_callbacks = centre.callback.over_ms >= 0
        self.has_sequels = self.has_callbacks or self.desk.links > 0 or bool(centre.repeat.any())
        self.hasty_from = centre.quality.haste_waiting
        # For each type: all its groups, and the lines that stand before its own (§13).
        self.own_groups = [[self.groups[i] for i in order if i >= 0] for order in centre.order.tolist()]
        self.lines_before = [
            [line for line, stands in zip(self.waiting, before, strict=True) if stands]
            for before in centre.callback.before.tolist()
        ]

    def simulate(self) -> tuple[Tally, Ints]:
        """Run until every call has left; return the tally and the waits beyond its bins."""
        self.clock.at(self.run.start_ms, _ROW_OPENS, Due(self.at_row, 0))
        # Calls come and go by the thousand and form no cycles: looking for cycles would take a third of the time.
        collecting = gc.isenabled()
        gc.disable()
        try:
            self.clock.run_out()
            return self.recount.finish(self.calls, self.desk.tasks, self.desk.taken)
        finally:
            if collecting:
                gc.enable()

    # Arrivals and rosters

    def open_row(self, event: Due) -> None:
        """Schedule the roster changes at a row's start and, some rows at a time, the first attempts."""
        row: int = event.subject
        now = self.clock.now
        if self.has_tasks:
            self.desk.open_row(row, now)
        if row >= self.rows and self.is_empty():
            return
        if now - self.run.end_ms > rules.LONGEST_DRAIN_MS:
            raise Stuck
        if len(self.calls) >= _CALLS_AT_ONCE:
            self.hand_over(now)
        roster = self.run.roster[row_of_roster(row, self.rows)].tolist()
        if self.has_standby:
            offered = self.offered_before + len(self.calls)
            roster = self.standby.on_duty(roster, row, offered, self.n_waiting, self.longest_wait_ms(now))
        self.recount.rosters.append(roster)
        week = rules.week_of(now)  # weeks begin with a row
        self.week_began = week * WEEK_MS if week > 0 else self.run.start_ms
        for group, on_duty in zip(self.groups, roster, strict=True):
            group.permille = group.speed[week]
            if on_duty != group.roster or self.desk.n_waiting:
                self.clock.at(now, _ROSTER | group.index, Due(self.at_roster, (group, on_duty)))
        if row < self.rows and row % _ROWS_AT_ONCE == 0:
            self.schedule_first_attempts(range(row, min(row + _ROWS_AT_ONCE, self.rows)))
        self.clock.at(now + SLOT_MS, _ROW_OPENS, Due(self.at_row, row + 1))

    def is_empty(self) -> bool:
        """Say whether no call is in the centre."""
        return self.in_greeting + self.n_waiting == 0 and all(group.idle == group.roster for group in self.groups)

    def longest_wait_ms(self, now: int) -> int:
        """Return how long the first of the calls that wait has waited."""
        return max((now - self.announcement_ms - line[0].arrived for line in self.waiting if line), default=0)

    def schedule_first_attempts(self, rows: range) -> None:
        """Draw the first attempts of some rows."""
        moments, contacts = np.concatenate([self.draw_row(row) for row in rows], axis=1)
        if self.centre.tasks.n_written > 0:
            types = len(self.waiting)
            kinds = type_of(contacts)
            written, called = kinds >= types, kinds < types
            self.desk.expect_written(
                contacts[written].tolist(), (kinds[written] - types).tolist(), moments[written].tolist()
            )
            moments, contacts = moments[called], contacts[called]
        ones = np.ones_like(contacts)
        self.schedule_arrivals(moments, contacts, self.draw_ahead(contacts, ones, ones, moments))

    def draw_row(self, row: int) -> Ints:
        """Return when the first attempts of a row come, and of which contacts, in the order of §15."""
        run, slot = self.run, self.run.first_slot + row
        drawn = run.contact_keys, run.means, run.slopes, row, slot, run.count_keys, run.grain_ms
        while (n := draw_slot(*drawn, *self.buffers)) < 0:
            self.buffers = slot_buffers(run.means.shape[1], 2 * self.buffers[1].size)
        entries = self.buffers[0][0, :n]
        begin_ms = run.start_ms + row * SLOT_MS
        return np.stack([begin_ms + (entries >> SLOT_SHIFT), (slot << SLOT_SHIFT) | (entries & _CONTACT_MASK)])

    def schedule_arrivals(self, arrived_ms: Ints, contacts: Ints, drawn: list[list[int]]) -> None:
        """Schedule first attempts, ``drawn`` being in the columns of :mod:`sim.engine.ahead`."""
        arrived, ids = arrived_ms.tolist(), contacts.tolist()
        kinds = type_of(contacts).tolist()
        self.clock.first_attempts.extend(map(Call, repeat(self.at_arrival), arrived, ids, kinds, drawn))

    def draw_ahead(self, contacts: Ints, episodes: Ints, attempts: Ints, moments: Ints) -> list[list[int]]:
        """Return what each attempt will do if served in the week of its moment, as :mod:`sim.engine.ahead` tells it."""
        columns = ahead.HANDLING + ahead.PER_GROUP * self.most_groups + self.desk.links
        drawn = np.zeros((contacts.size, columns), np.int64)
        ahead.draw_ahead(self.centre, self.run.contact_keys, contacts, episodes, attempts, moments, drawn)
        out: list[list[int]] = drawn.tolist()
        return out

    def hand_over(self, now: int) -> None:
        """Give the calls to be counted that arrived before any that is still in greeting or waiting, and tasks."""
        first_waiting = [line[0].arrived for line in self.waiting if line]
        earliest_open = min([now - self.announcement_ms, *first_waiting])
        finished = bisect_left(self.calls, earliest_open, key=attrgetter("arrived"))
        self.recount.add(self.calls[:finished], *self.desk.hand_over(), earliest_open)
        self.offered_before += finished
        del self.calls[:finished]

    def change_roster(self, event: Due) -> None:
        """Set a group's roster and let it take what it can (§14).

        If it is what it was, the group has come for tasks, whose hours and reserves are those of the slot (§12).
        """
        group, on_duty = event.subject
        changes = on_duty != group.roster
        group.set_roster(on_duty, self.clock.now)
        if changes:
            self.take_waiting(group)
        if self.desk.n_waiting:
            self.desk.take_waiting(group)

    def arrive_again(self, call: Call) -> None:
        """Let a redial or a repeat reach the number."""
        if not call.drawn:
            numbers = np.array([(call.contact, call.episode, call.attempt, call.arrived) for call in self.undrawn]).T
            for one, drawn in zip(self.undrawn, self.draw_ahead(*numbers), strict=True):
                one.drawn = drawn
            self.undrawn.clear()
        self.arrive(call)

    def arrive(self, call: Call) -> None:
        """Let a call reach the number: blocked if every line is held (§5), else greeted (§6)."""
        self.calls.append(call)
        if self.has_callbacks:
            call.expected_ms, call.promised = NO_WAIT, False
        lines = self.lines
        if 0 < lines.number <= lines.taken and lines.all_held(call.arrived):
            self.fail(call, Outcome.BLOCKED)
            return
        lines.taken += 1
        if self.announcement_ms == 0:
            self.begin_to_queue(call, call.arrived)
        else:
            self.in_greeting += 1
            call.callbacks = self.at_greeting_end
            self.clock.at(call.arrived + self.announcement_ms, _GREETING_END | call.contact, call)

    def end_greeting(self, call: Call) -> None:
        """Let a call that has heard the announcement queue (§6)."""
        self.in_greeting -= 1
        self.begin_to_queue(call, self.clock.now)

    # Queueing

    def begin_to_queue(self, call: Call, now: int) -> None:
        """Serve the call by machine, find it a group, or let it wait (§6, §7, §8)."""
        if call.drawn[ahead.CONTAINED]:
            self.lines.taken -= 1
            self.leave(call, Outcome.CONTAINED)
            return
        skill = self.open_skill(call)
        if skill is not None:
            self.serve(call, skill, now)
            return
        if self.has_callbacks:
            self.offer_callback(call)
        self.line_up(call)
        patience_ms = call.drawn[ahead.PATIENCE_MS]
        if patience_ms < NEVER_MS and not (self.has_callbacks and call.promised):
            self.clock.at(now + patience_ms, _ABANDON | call.contact, Due(self.at_patience_end, call))
        for later in self.later[call.kind]:
            key = _JOIN | call.contact << 8 | later.group.index
            self.clock.at(now + later.join_ms, key, Due(self.at_join, (call, later.group)))

    def open_skill(self, call: Call) -> Skill | None:
        """Return the skill by which a group takes a call that starts to queue, if any does (§7)."""
        routing, skills = self.routing[call.kind], self.at_once[call.kind]
        if routing == rules.PREFERENCE:
            for skill in skills:
                if skill.group.idle >= skill.need:
                    return skill
            return None
        open_skills = [skill for skill in skills if skill.group.idle >= skill.need]
        if not open_skills:
            return None
        if routing == rules.RANDOM:
            key = np.uint64(rules.key_of(self.run.contact_keys, call.contact))
            return open_skills[int(len(open_skills) * number_at(key, call.episode, call.attempt, ROUTING))]
        return min(open_skills, key=lambda skill: skill.group.idle_since[0])

    def offer_callback(self, call: Call) -> None:
        """Say how long a call that starts to wait is expected to; beyond a threshold, offer to call back (§13)."""
        callback = self.centre.callback
        before = sum(map(len, self.lines_before[call.kind]))
        on_duty = sum(group.roster for group in self.own_groups[call.kind])
        call.expected_ms = int(expected_wait_ms(callback, call.kind, before, on_duty))
        call.promised = call.expected_ms > callback.over_ms and call.drawn[ahead.ACCEPTS] > 0
        self.lines.taken -= call.promised

    def line_up(self, call: Call) -> None:
        """Put a call at the end of its type's line; of those that queued in one ms the lower id stands first (§7).

        The announcement is as long for everyone, so calls queue in the order in which they arrived.
        """
        line = self.waiting[call.kind]
        line.append(call)
        call.waits = True
        self.n_waiting += 1
        i = len(line) - 1
        while i > 0 and line[i - 1].arrived == call.arrived and line[i - 1].contact > call.contact:
            line[i - 1], line[i] = line[i], line[i - 1]
            i -= 1

    def hang_up(self, event: Due) -> None:
        """End a wait whose patience is over, if it still goes on (§8)."""
        call: Call = event.subject
        if not call.waits:
            return
        call.waits = False
        self.waiting[call.kind].remove(call)
        self.n_waiting -= 1
        self.lines.taken -= 1
        self.fail(call, Outcome.ABANDONED)

    def fail(self, call: Call, outcome: Outcome) -> None:
        """Record a failed attempt; the citizen calls again, or gives up (§10)."""
        self.leave(call, outcome)
        delay_ms = call.drawn[ahead.REDIAL_MS]
        if delay_ms != ahead.NEVER:
            self.come_again(call, delay_ms, call.settled, call.episode, call.attempt + 1)

    def come_again(self, call: Call, delay_ms: int, since: int, episode: int, attempt: int) -> None:
        """Schedule a contact's next attempt so long after ``since``, if that falls into the window (§1)."""
        due = since + delay_ms
        if due >= self.run.end_ms:
            call.marks |= ahead.OPEN
            return
        call.marks |= ahead.COMES_AGAIN
        again = Call(self.at_return, due, call.contact, call.kind, [], episode, attempt)
        self.undrawn.append(again)
        self.clock.at(due, _REDIAL | call.contact, again)

    def leave(self, call: Call, outcome: Outcome) -> None:
        """Record that a call has left without an agent."""
        call.outcome = int(outcome)
        call.settled = self.clock.now
        call.group = NOBODY
        call.talk_ms = call.free = call.marks = 0

    # Agents

    def join(self, event: Due) -> None:
        """Let a second group look at the waiting calls once this one has waited long enough (§7)."""
        call, group = event.subject
        if call.waits:
            self.take_waiting(group)

    def take_waiting(self, group: Group) -> None:
        """Let a group take waiting calls while it can (§7)."""
        now = self.clock.now
        while self.n_waiting and group.idle > 0:
            best: Skill | None = None
            for skill in group.skills:
                if not skill.line or group.idle < skill.need:
                    continue
                if skill.join_ms > 0 and now - self.announcement_ms - skill.line[0].arrived < skill.join_ms:
                    continue
                if best is None or skill.rank() < best.rank():
                    best = skill
            if best is None:
                return
            call = best.line.popleft()
            call.waits = False
            self.n_waiting -= 1
            self.serve(call, best, now)

    def serve(self, call: Call, skill: Skill, now: int) -> None:
        """Give a call to a group: it rings, they talk, perhaps consult, the agent wraps up (§6, §9)."""
        group = skill.group
        if call.arrived < self.week_began:  # it has waited from one week into the next
            [call.drawn] = self.draw_ahead(*np.array([[call.contact], [call.episode], [call.attempt], [now]]))
        call.group = group.index
        group.idle -= 1
        if self.keeps_idle_times:
            group.idle_since.popleft()
        drawn, column = call.drawn, skill.column
        talk_ms, wrap_ms, marks = drawn[column], drawn[column + 1], drawn[column + 2]
        if group.permille != AS_DRAWN:
            talk_ms, wrap_ms = at_speed(talk_ms, group.permille), at_speed(wrap_ms, group.permille)
        if 0 < self.hasty_from <= self.n_waiting:  # (§9, §18)
            wrap_ms = at_speed(wrap_ms, self.centre.quality.haste_permille)
            returned = ahead.RETURNED if marks & ahead.RETURNED_IF_HASTY else 0
            marks = marks & ~ahead.RETURNED | returned | ahead.HASTY
        call.outcome = _ANSWERED
        call.settled = now
        call.talk_ms = talk_ms
        call.marks = marks
        agent_leaves = call_end = now + self.ring_ms + talk_ms
        if marks & ahead.TRANSFERRED:
            agent_leaves += drawn[ahead.AGENT_CONSULT_MS]
            call_end += drawn[ahead.CONSULT_MS]
            if self.lines.number:
                self.lines.taken += 1
                self.lines.consults.append((now + self.ring_ms + talk_ms, call_end))
        if self.lines.number:
            self.lines.call_ends.append(call_end)
        call.free = free = agent_leaves + wrap_ms
        call.callbacks = self.at_job_end
        self.clock.at(free, _JOB_END | call.contact, call)
        if self.has_sequels:
            self.go_on(call, call_end)

    def go_on(self, call: Call, call_end: int) -> None:
        """Let an answer have its sequels: a promise is kept, the citizen comes again, work follows (§11-§13)."""
        if self.has_callbacks:
            self.lines.taken += call.promised
        delay_ms = call.drawn[ahead.REPEAT_MS if call.marks & ahead.ON_THE_SPOT else ahead.REPEAT_MS + 1]
        if delay_ms != ahead.NEVER:
            self.come_again(call, delay_ms, call_end, call.episode + 1, 1)
        if self.desk.links:
            self.desk.follow_up(call)

    def end_job(self, job: Call | Task) -> None:
        """Free an agent, who stays only if the roster has room (§14)."""
        group = self.groups[job.group]
        group.idle += 1
        if group.idle > 0:
            if self.keeps_idle_times:
                group.idle_since.append(job.free)
            if self.n_waiting:
                self.take_waiting(group)
            if self.desk.n_waiting:
                self.desk.take_waiting(group)
