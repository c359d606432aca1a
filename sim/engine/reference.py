"""The reference engine: SimPy's clock and event heap, one callback an event, written to be read (§16).

SimPy takes events in order of time, then priority, then insertion. The priority given here is class and id in one
number, so the order is that of §15 and insertion never decides. There is no process per call. What happens for sure
and changes nothing when it does (a phone that stops ringing, the end of talk, which only frees a line) is worked out
when it is asked for. What the year's tables need is counted apart, from finished calls (``recount.py``).
"""

from __future__ import annotations

import gc
from bisect import bisect_left
from collections import deque
from collections.abc import Callable
from itertools import repeat
from operator import attrgetter
from typing import Any

import numpy as np

from sim.compiled import as_written
from sim.demand.draws import NEVER_MS, ROUTING, SLOT_SHIFT, draw_slot, number_at, slot_buffers
from sim.engine import ahead, rules
from sim.engine.entities import AS_DRAWN, Call, Callbacks, Clock, Due, Group, Skill
from sim.engine.recount import Recount
from sim.engine.rules import Centre, Run, Stuck
from sim.engine.structures import LOG, Ints
from sim.engine.tally import Tally
from sim.terms import SLOT_MS, Outcome

_BEFORE_ALL = -1
"""A class before all others: drawing a row's arrivals changes nothing in the centre."""
_CLASS_SHIFT = 58
_CONTACT_MASK = (1 << SLOT_SHIFT) - 1
_ROW_OPENS, _ABANDON, _GREETING_END, _JOB_END, _ROSTER, _JOIN, _REDIAL, _FIRST = (
    event_class << _CLASS_SHIFT
    for event_class in (
        _BEFORE_ALL, rules.ABANDON, rules.RING_OR_GREETING_END, rules.JOB_END, rules.ROSTER, rules.JOIN, rules.REDIAL,
        rules.FIRST,
    )
)  # fmt: skip
_CALLS_AT_ONCE = 8192
"""Counted together: enough for numpy to be quick, few enough to stay in the processor's cache."""

_ANSWERED = int(Outcome.ANSWERED)

at_speed = as_written(rules.at_speed)
type_of: Any = as_written(rules.type_of)  # of a number, or of a column of them


class Hotline:
    """The centre in motion; what has happened in it goes to ``recount``."""

    def __init__(self, centre: Centre, run: Run, recount: Recount) -> None:
        self.centre = centre
        self.run = run
        self.recount = recount
        self.lines, self.ring_ms, self.announcement_ms = centre.lines, centre.ring_ms, centre.announcement_ms
        self.keeps_idle_times = centre.keeps_idle_times
        self.rows, types = run.means.shape
        self.groups = [Group(index, speed) for index, speed in enumerate(centre.speed.tolist())]
        self.most_groups = int((centre.order >= 0).sum(axis=1).max())  # that a type has
        self.waiting: list[deque[Call]] = [deque() for _ in range(types)]
        self.routing = centre.routing.tolist()
        # Each type's skills by preference: of the groups that take its calls at once, and of those that join later.
        self.at_once: list[list[Skill]] = [[] for _ in range(types)]
        self.later: list[list[Skill]] = [[] for _ in range(types)]
        priority = centre.priority.tolist()
        for kind, order in enumerate(centre.order.tolist()):
            for place, index in enumerate(index for index in order if index >= 0):
                group, join_ms = self.groups[index], int(centre.join_ms[kind, index])
                column = ahead.HANDLING + ahead.PER_GROUP * place
                need = int(centre.need[kind, index])
                skill = Skill(self.waiting[kind], priority[kind], group, need, join_ms, column)
                (self.later if join_ms > 0 else self.at_once)[kind].append(skill)
                group.skills.append(skill)
        self.talk_ends: list[int] = []  # those that are over are dropped when lines might run out
        self.in_greeting = self.n_waiting = 0
        self.calls: list[Call] = []  # in order of arrival, but for those that were handed over
        self.clock: Any = Clock(initial_time=run.start_ms)  # its time is a whole number; SimPy's may be a float
        self.at = self.clock.at
        self.buffers = slot_buffers(types, 1024)
        # What happens at an event. SimPy only reads these lists, so all events of a class share one.
        self.at_row: Callbacks = [self.open_row]
        self.at_roster: Callbacks = [self.change_roster]
        self.at_arrival: Callbacks = [self.arrive]
        self.at_greeting_end: Callbacks = [self.end_greeting]
        self.at_patience_end: Callbacks = [self.hang_up]
        self.at_join: Callbacks = [self.join]
        self.at_job_end: Callbacks = [self.end_job]

    def simulate(self) -> tuple[Tally, Ints]:
        """Run until every call has left; return the tally and the waits beyond its bins."""
        self.at(self.run.start_ms, _ROW_OPENS, Due(self.at_row, 0))
        # Calls come and go by the thousand and form no cycles: looking for cycles would take a third of the time.
        collecting = gc.isenabled()
        gc.disable()
        try:
            self.clock.run_out()
            return self.recount.finish(self.calls)
        finally:
            if collecting:
                gc.enable()

    # Arrivals and rosters

    def open_row(self, event: Due) -> None:
        """Draw the first attempts of a row and schedule them and the roster changes at its start."""
        row: int = event.subject
        if row >= self.rows and self.is_empty():
            return
        now = self.clock.now
        if now - self.run.end_ms > rules.LONGEST_DRAIN_MS:
            raise Stuck
        if len(self.calls) >= _CALLS_AT_ONCE:
            self.hand_over(now)
        for group in self.groups:
            group.permille = group.speed[rules.week_of(now)]  # weeks begin with a row
            on_duty = int(self.run.roster[rules.row_of_roster(row, self.rows), group.index])
            if on_duty != group.roster:
                self.at(now, _ROSTER | group.index, Due(self.at_roster, (group, on_duty)))
        if row < self.rows:
            self.schedule_first_attempts(row, now)
        self.at(now + SLOT_MS, _ROW_OPENS, Due(self.at_row, row + 1))

    def is_empty(self) -> bool:
        """Say whether no call is in the centre."""
        return self.in_greeting + self.n_waiting == 0 and all(group.idle == group.roster for group in self.groups)

    def schedule_first_attempts(self, row: int, begin_ms: int) -> None:
        """Draw the first attempts of a row, which begins at ``begin_ms``."""
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
        self.schedule_arrivals(begin_ms + (entries >> SLOT_SHIFT), contacts, self.draw_ahead(contacts, 1))

    def schedule_arrivals(self, arrived_ms: Ints, contacts: Ints, drawn: list[list[int]]) -> None:
        """Schedule first attempts, ``drawn`` being in the columns of :mod:`sim.engine.ahead`."""
        arrived = arrived_ms.tolist()
        columns = arrived, contacts.tolist(), type_of(contacts).tolist(), repeat(1), drawn
        calls = map(Call, repeat(self.at_arrival), *columns)
        self.clock.at_each(arrived, (_FIRST | contacts).tolist(), calls)

    def draw_ahead(self, contacts: Ints, attempt: int) -> list[list[int]]:
        """Return what each of these attempts will do, in the columns of :mod:`sim.engine.ahead`."""
        drawn = np.zeros((contacts.size, ahead.HANDLING + ahead.PER_GROUP * self.most_groups), np.int64)
        ahead.draw_ahead(self.centre, self.run.contact_keys, contacts, contacts.size, attempt, drawn)
        out: list[list[int]] = drawn.tolist()
        return out

    def hand_over(self, now: int) -> None:
        """Give the calls to be counted that arrived before any that is still in greeting or waiting."""
        first_waiting = [line[0].arrived for line in self.waiting if line]
        earliest_open = min([now - self.announcement_ms, *first_waiting])
        finished = bisect_left(self.calls, earliest_open, key=attrgetter("arrived"))
        self.recount.add(self.calls[:finished], earliest_open)
        del self.calls[:finished]

    def change_roster(self, event: Due) -> None:
        """Set a group's roster; those who come are idle from now, the longest idle go first (§14)."""
        group, on_duty = event.subject
        group.idle += on_duty - group.roster
        group.roster = on_duty
        idle = max(0, group.idle)
        while len(group.idle_since) > idle:
            group.idle_since.popleft()
        while len(group.idle_since) < idle:
            group.idle_since.append(self.clock.now)
        self.take_waiting(group)

    def arrive(self, call: Call) -> None:
        """Let a call reach the number: blocked if every line is held (§5), else greeted (§6)."""
        self.calls.append(call)
        at_most = self.in_greeting + self.n_waiting + len(self.talk_ends)
        if 0 < self.lines <= at_most and self.lines <= self.lines_held(call.arrived):
            self.fail(call, Outcome.BLOCKED)
        elif self.announcement_ms == 0:
            self.begin_to_queue(call, call.arrived)
        else:
            self.in_greeting += 1
            call.callbacks = self.at_greeting_end
            self.at(call.arrived + self.announcement_ms, _GREETING_END | call.contact, call)

    def lines_held(self, now: int) -> int:
        """Return how many lines are held: in greeting, while waiting, and until the end of each talk (§5)."""
        self.talk_ends = [end for end in self.talk_ends if end > now]
        return self.in_greeting + self.n_waiting + len(self.talk_ends)

    def end_greeting(self, call: Call) -> None:
        """Let a call that has heard the announcement queue (§6)."""
        self.in_greeting -= 1
        self.begin_to_queue(call, self.clock.now)

    # Queueing

    def begin_to_queue(self, call: Call, now: int) -> None:
        """Serve the call by machine, find it a group, or let it wait (§6, §7, §8)."""
        if call.drawn[ahead.CONTAINED]:
            self.leave(call, Outcome.CONTAINED)
            return
        skill = self.open_skill(call)
        if skill is not None:
            self.serve(call, skill, now)
            return
        self.line_up(call)
        patience_ms = call.drawn[ahead.PATIENCE_MS]
        if patience_ms < NEVER_MS:
            self.at(now + patience_ms, _ABANDON | call.contact, Due(self.at_patience_end, call))
        for later in self.later[call.kind]:
            key = _JOIN | call.contact << 8 | later.group.index
            self.at(now + later.join_ms, key, Due(self.at_join, (call, later.group)))

    def open_skill(self, call: Call) -> Skill | None:
        """Return the skill by which a group takes a call that starts to queue, if any does (§7)."""
        routing = self.routing[call.kind]
        open_skills = []
        for skill in self.at_once[call.kind]:
            if skill.group.idle >= skill.need:
                if routing == rules.PREFERENCE:
                    return skill
                open_skills.append(skill)
        if not open_skills:
            return None
        if routing == rules.RANDOM:
            key = np.uint64(rules.key_of(self.run.contact_keys, call.contact))
            return open_skills[int(len(open_skills) * number_at(key, 1, call.attempt, ROUTING))]
        return min(open_skills, key=lambda skill: skill.group.idle_since[0])

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
        self.fail(call, Outcome.ABANDONED)

    def fail(self, call: Call, outcome: Outcome) -> None:
        """Record a failed attempt; the citizen calls again, or gives up (§10)."""
        self.leave(call, outcome)
        params, table = self.centre.dists
        key = np.uint64(rules.key_of(self.run.contact_keys, call.contact))
        due = rules.redial_ms(
            params, table, self.centre.redial, call.kind, key, call.attempt, call.settled, self.run.end_ms
        )
        if due <= rules.OPEN:
            call.marks = ahead.LOST if due == rules.LOST else ahead.OPEN
            return
        (drawn,) = self.draw_ahead(np.array([call.contact]), call.attempt + 1)
        redial = Call(self.at_arrival, due, call.contact, call.kind, call.attempt + 1, drawn)
        self.at(due, _REDIAL | call.contact, redial)

    def leave(self, call: Call, outcome: Outcome) -> None:
        """Record that a call has left without an agent."""
        call.outcome = int(outcome)
        call.settled = self.clock.now
        call.group = -1
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
        """Give a call to a group: it rings, they talk, the agent wraps up (§6, §9)."""
        group = skill.group
        call.group = group.index
        group.idle -= 1
        if self.keeps_idle_times:
            group.idle_since.popleft()
        drawn, column = call.drawn, skill.column
        talk_ms, wrap_ms, call.marks = drawn[column], drawn[column + 1], drawn[column + 2]
        if group.permille != AS_DRAWN:
            talk_ms, wrap_ms = at_speed(talk_ms, group.permille), at_speed(wrap_ms, group.permille)
        call.outcome = _ANSWERED
        call.settled = now
        call.talk_ms = talk_ms
        talk_end = now + self.ring_ms + talk_ms
        if self.lines > 0:
            self.talk_ends.append(talk_end)
        call.free = free = talk_end + wrap_ms
        call.callbacks = self.at_job_end
        self.at(free, _JOB_END | call.contact, call)

    def end_job(self, call: Call) -> None:
        """Free an agent, who stays only if the roster has room (§14)."""
        group = self.groups[call.group]
        group.idle += 1
        if group.idle > 0:
            if self.keeps_idle_times:
                group.idle_since.append(call.free)
            if self.n_waiting:
                self.take_waiting(group)


def simulate(
    centre: Centre,
    run: Run,
    *,
    piece: Ints | None = None,
    logging: bool = False,
    keep: Callable[[Ints], None] | None = None,
) -> tuple[Tally, Ints, Ints]:
    """Run one replication on the reference engine.

    Parameters
    ----------
    centre, run, piece, logging, keep
        As the fast engine's.

    Returns
    -------
    tuple
        The tally, the waits beyond its bins and the table of attempts, in the same form as the fast engine's.

    Raises
    ------
    Stuck
        If calls wait for agents who never come.
    """
    log: list[Ints] = []
    recount = Recount(centre, run, piece, keep if keep is not None else log.append if logging else None)
    counts, longer = Hotline(centre, run, recount).simulate()
    return counts, longer, np.concatenate([np.empty((0, LOG), np.int64), *log])
