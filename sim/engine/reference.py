"""The reference engine: SimPy's clock and event heap, one callback an event, written to be read (§16).

SimPy takes events in order of time, then priority, then insertion. The priority given here is (class, id), so the
order is that of §15 and insertion never decides. There is no process per call: a call is a record that events act on.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import simpy

from sim.demand.draws import NEVER_MS, ROUTING, SLOT_SHIFT, draw_slot, number_at
from sim.engine import rules, structures, tally
from sim.engine.rules import Centre, Run, Stuck
from sim.engine.structures import Ints
from sim.engine.tally import Tally
from sim.terms import DAY_MS, SHORT_ABANDON_MS, SLOT_MS, Kind, Outcome

_ROW_OPENS = -1
"""A class before all others: drawing a row's arrivals changes nothing in the centre."""


@dataclass(eq=False)
class Call:
    """One attempt, from its arrival on; -1 where a time is not known or never comes."""

    contact: int
    kind: int
    key: np.uint64
    attempt: int
    arrived: int
    order: Kind
    queued: int = -1
    answered: int = -1
    talk_end: int = -1
    free: int = -1
    left: int = -1
    group: int = -1
    outcome: Outcome = Outcome.ANSWERED
    done: rules.Handling | None = None


@dataclass
class Group:
    """A group of agents: its roster, how many are busy, and since when each idle one has been idle (§14)."""

    roster: int = 0
    busy: int = 0
    idle_since: deque[int] = field(default_factory=deque)
    counted_until: int = 0

    @property
    def idle(self) -> int:
        """How many agents are on duty and idle."""
        return max(0, self.roster - self.busy)


class Records(NamedTuple):
    """What a run leaves: attempts in order of arrival, contacts' ends as (contact, column), duty (rows + 1, G, D)."""

    calls: list[Call]
    ends: list[tuple[int, int]]
    duty: Ints


class Hotline:
    """The centre in motion."""

    def __init__(self, centre: Centre, run: Run) -> None:
        self.centre = centre
        self.run = run
        self.rows, self.types = run.means.shape
        self.groups = [Group(counted_until=run.start_ms) for _ in range(run.roster.shape[1])]
        self.waiting: list[list[Call]] = [[] for _ in range(self.types)]
        self.lines_held = 0
        self.in_centre = 0
        self.env = simpy.Environment(initial_time=run.start_ms)
        self.buffer = np.empty((1024, 3), np.int64)
        self.records = Records([], [], np.zeros((self.rows + 1, len(self.groups), tally.DUTY), np.int64))

    def simulate(self) -> Records:
        """Run until every call has left."""
        self.at(self.run.start_ms, _ROW_OPENS, 0, lambda: self.open_row(0))
        self.env.run()
        for index in range(len(self.groups)):
            self.count_duty(index)
        return self.records

    def at(self, time_ms: int, event_class: int, id: int, action: Callable[[], None]) -> None:
        """Schedule an action under the key of §15."""
        event = simpy.Event(self.env)
        event._ok = True
        event._value = None
        event.callbacks.append(lambda _: action())
        self.env.schedule(event, priority=(event_class, id), delay=time_ms - self.env.now)

    # Arrivals and rosters

    def open_row(self, row: int) -> None:
        """Draw the first attempts of a row and schedule them and the roster changes at its start."""
        if row >= self.rows and self.in_centre == 0:
            return
        now = self.env.now
        if now - self.run.end_ms > 400 * DAY_MS:
            raise Stuck
        for index in range(len(self.groups)):
            self.at(now, rules.ROSTER, index, lambda index=index: self.change_roster(row, index))
        if row < self.rows:
            run = self.run
            slot = run.first_slot + row
            while True:
                n = draw_slot(
                    run.contact_keys, run.means, run.slopes, row, slot, run.count_keys, run.grain_ms, self.buffer
                )
                if n >= 0:
                    break
                self.buffer = np.empty((2 * len(self.buffer), 3), np.int64)
            for entry in self.buffer[:n, 0].tolist():
                contact = (slot << SLOT_SHIFT) | (entry & ((1 << SLOT_SHIFT) - 1))
                self.at(
                    now + (entry >> SLOT_SHIFT), rules.FIRST, contact, lambda contact=contact: self.first_attempt(contact)
                )
        self.at(now + SLOT_MS, _ROW_OPENS, 0, lambda: self.open_row(row + 1))

    def change_roster(self, row: int, index: int) -> None:
        """Set a group's roster; those who come are idle from now, the longest idle go first (§14)."""
        group = self.groups[index]
        on_duty = int(self.run.roster[rules.row_of_roster(row, self.rows), index])
        if on_duty == group.roster:
            return
        self.count_duty(index)
        group.roster = on_duty
        while len(group.idle_since) > group.idle:
            group.idle_since.popleft()
        while len(group.idle_since) < group.idle:
            group.idle_since.append(self.env.now)
        self.take_waiting(index)

    def first_attempt(self, contact: int) -> None:
        """Let a contact's first call reach the number."""
        self.records.ends.append((contact, tally.STARTED))
        self.arrive(contact, 1)

    def arrive(self, contact: int, attempt: int) -> None:
        """Let a call reach the number: blocked if every line is held (§5), else greeted (§6)."""
        key = np.uint64(rules.key_of(self.run.contact_keys, contact))
        order = Kind.FIRST if attempt == 1 else Kind.REDIAL
        call = Call(contact, rules.type_of(contact), key, attempt, self.env.now, order)
        self.records.calls.append(call)
        if 0 < self.centre.lines <= self.lines_held:
            self.fail(call, Outcome.BLOCKED)
            return
        self.lines_held += 1
        self.in_centre += 1
        if self.centre.announcement_ms == 0:
            self.begin_to_queue(call)
        else:
            heard = self.env.now + self.centre.announcement_ms
            self.at(heard, rules.RING_OR_GREETING_END, contact, lambda: self.begin_to_queue(call))

    # Queueing

    def begin_to_queue(self, call: Call) -> None:
        """Serve the call by machine, find it a group, or let it wait (§6, §7, §8)."""
        now = self.env.now
        if rules.is_contained(self.centre.contained, call.key):
            call.outcome = Outcome.CONTAINED
            call.left = now
            self.lines_held -= 1
            self.in_centre -= 1
            self.records.ends.append((call.contact, tally.HELPED_BY_MACHINE))
            return
        call.queued = now
        index = self.open_group(call)
        if index is not None:
            self.serve(call, index)
            return
        self.waiting[call.kind].append(call)
        self.waiting[call.kind].sort(key=lambda other: (other.queued, other.contact))
        centre = self.centre
        patience = rules.patience_ms(
            centre.dists.params, centre.dists.table, centre.same_patience, call.kind, call.key, call.attempt
        )
        if patience < NEVER_MS:
            self.at(now + patience, rules.ABANDON, call.contact, lambda: self.hang_up(call))
        for later in self.groups_of(call.kind):
            wait = int(centre.join_ms[call.kind, later])
            if wait > 0:
                self.at(now + wait, rules.JOIN, call.contact << 8 | later, lambda g=later: self.join(call, g))

    def groups_of(self, kind: int) -> list[int]:
        """Return a type's groups in order of preference."""
        return [int(index) for index in self.centre.order[kind] if index >= 0]

    def open_group(self, call: Call) -> int | None:
        """Return the group that takes a call which starts to queue, if any (§7)."""
        kind = call.kind
        open_groups = [
            index
            for index in self.groups_of(kind)
            if self.centre.join_ms[kind, index] == 0 and self.groups[index].idle >= self.centre.need[kind, index]
        ]
        if not open_groups:
            return None
        if self.centre.routing[kind] == rules.RANDOM:
            u = number_at(call.key, 1, call.attempt, ROUTING)
            return open_groups[int(len(open_groups) * u)]
        if self.centre.routing[kind] == rules.LONGEST_IDLE:
            return min(open_groups, key=lambda index: self.groups[index].idle_since[0])
        return open_groups[0]

    def hang_up(self, call: Call) -> None:
        """End a wait whose patience is over, if it still goes on (§8)."""
        if call not in self.waiting[call.kind]:
            return
        self.waiting[call.kind].remove(call)
        self.lines_held -= 1
        self.in_centre -= 1
        self.fail(call, Outcome.ABANDONED)

    def fail(self, call: Call, outcome: Outcome) -> None:
        """Record a failed attempt; the citizen calls again, or gives up (§10)."""
        call.outcome = outcome
        call.left = self.env.now
        centre = self.centre
        due = rules.redial_ms(
            centre.dists.params, centre.dists.table, centre.redial, call.kind, call.key, call.attempt, call.left,
            self.run.end_ms,
        )  # fmt: skip
        if due == rules.LOST:
            self.records.ends.append((call.contact, tally.LOST))
        elif due == rules.OPEN:
            self.records.ends.append((call.contact, tally.OPEN))
        else:
            self.at(due, rules.REDIAL, call.contact, lambda: self.arrive(call.contact, call.attempt + 1))

    # Agents

    def join(self, call: Call, index: int) -> None:
        """Let a second group look at the waiting calls once this one has waited long enough (§7)."""
        if call in self.waiting[call.kind]:
            self.take_waiting(index)

    def take_waiting(self, index: int) -> None:
        """Let a group take waiting calls while it can (§7)."""
        group = self.groups[index]
        while True:
            best: Call | None = None
            for kind in range(self.types):
                if index not in self.groups_of(kind) or group.idle < self.centre.need[kind, index]:
                    continue
                first = self.waiting[kind][0] if self.waiting[kind] else None
                if first is None or self.env.now - first.queued < self.centre.join_ms[kind, index]:
                    continue
                if best is None or self.rank(first) < self.rank(best):
                    best = first
            if best is None:
                return
            self.waiting[best.kind].remove(best)
            self.serve(best, index)

    def rank(self, call: Call) -> tuple[int, int, int]:
        """Return what decides between waiting calls: priority, then who queued first, then the id (§7)."""
        return int(self.centre.priority[call.kind]), call.queued, call.contact

    def serve(self, call: Call, index: int) -> None:
        """Give a call to a group: it rings, they talk, the agent wraps up (§6, §9)."""
        centre = self.centre
        group = self.groups[index]
        self.count_duty(index)
        group.busy += 1
        group.idle_since.popleft()
        call.group = index
        done = rules.handling(
            centre.dists.params, centre.dists.table, centre.on_the_spot, centre.quality, centre.new_handling,
            centre.speed, call.key, call.kind, call.attempt, index, self.env.now,
        )  # fmt: skip
        call.done = done
        call.answered = self.env.now + centre.ring_ms
        call.talk_end = call.answered + done.talk_ms
        call.free = call.talk_end + done.wrap_ms
        self.records.ends.append((call.contact, tally.RESOLVED if done.on_the_spot else tally.HANDED_OVER))
        self.at(call.talk_end, rules.TALK_END, call.contact, self.free_line)
        self.at(call.free, rules.JOB_END, call.contact, lambda: self.end_job(index))

    def free_line(self) -> None:
        """Free a line at the end of talk (§5)."""
        self.lines_held -= 1

    def end_job(self, index: int) -> None:
        """Free an agent, who stays only if the roster has room (§14)."""
        group = self.groups[index]
        self.count_duty(index)
        group.busy -= 1
        self.in_centre -= 1
        if len(group.idle_since) < group.idle:
            group.idle_since.append(self.env.now)
        self.take_waiting(index)

    def count_duty(self, index: int) -> None:
        """Add a group's rostered, busy and overrun time since it was last counted, row by row (§14)."""
        group = self.groups[index]
        while group.counted_until < self.env.now:
            row = min((group.counted_until - self.run.start_ms) // SLOT_MS, self.rows)
            row_end = self.run.start_ms + (row + 1) * SLOT_MS if row < self.rows else self.env.now
            until = min(self.env.now, row_end)
            span = until - group.counted_until
            cell = self.records.duty[row, index]
            cell[tally.BUSY_MS] += span * group.busy
            cell[tally.OVERRUN_MS] += span * max(0, group.busy - group.roster)
            if row < self.rows:
                cell[tally.ROSTERED_MS] += span * group.roster
            group.counted_until = until


def simulate(centre: Centre, run: Run, *, piece: Ints | None = None) -> tuple[Tally, Ints, Ints]:
    """Run one replication on the reference engine.

    Returns
    -------
    tuple
        The tally, the waits beyond its bins and the table of attempts, in the same form as the fast engine's.
    """
    records = Hotline(centre, run).simulate()
    log = np.full((len(records.calls), structures.LOG), -1, np.int64)
    counts = tally.new_tally(
        np.zeros(run.means.shape[0], np.int64) if piece is None else piece, run.means.shape[1], run.roster.shape[1]
    )
    counts.duty[:] = records.duty
    long_waits = []
    for i, call in enumerate(records.calls):
        log[i] = (
            call.contact, 1, call.attempt, call.arrived, call.queued, call.answered, call.talk_end, call.free,
            call.left, call.group, call.outcome, call.order,
        )  # fmt: skip
        row = (call.arrived - run.start_ms) // SLOT_MS
        cell = counts.counts[row, call.kind]
        cell[tally.OFFERED] += 1
        cell[tally.FIRST if call.order == Kind.FIRST else tally.REDIALS] += 1
        cell[tally.OUTCOME_COLUMNS[call.outcome]] += 1
        if call.outcome in (Outcome.BLOCKED, Outcome.CONTAINED):
            continue
        abandoned = call.outcome == Outcome.ABANDONED
        wait = (call.left if abandoned else call.answered - centre.ring_ms) - call.queued
        cell[tally.WAIT_MS] += wait
        if row >= run.warm_rows:
            if wait < tally.WAIT_BINS:
                counts.waits[counts.piece[row], int(abandoned), wait] += 1
            else:
                long_waits.append((wait << tally.PIECE_BITS | int(counts.piece[row])) << 1 | abandoned)
        if abandoned:
            cell[tally.SHORT] += wait < SHORT_ABANDON_MS
            continue
        assert call.done is not None
        cell[tally.ANSWERED_WAIT_MS] += wait
        for place, within in enumerate(centre.within_ms):
            cell[tally.WITHIN + place] += wait <= within
        cell[tally.RING_MS] += centre.ring_ms
        cell[tally.TALK_MS] += call.done.talk_ms
        cell[tally.WRAP_MS] += call.done.wrap_ms
        cell[tally.ON_THE_SPOT if call.done.on_the_spot else tally.WORK_ORDERS] += 1
        cell[tally.RETURNS] += call.done.returned
        cell[tally.SATISFIED] += call.done.satisfied
    for contact, column in records.ends:
        counts.contacts[(contact >> SLOT_SHIFT) - run.first_slot, rules.type_of(contact), column] += 1
    return counts, np.array(long_waits, np.int64), log
