"""A slow, obvious third reading of ``sim/engine/MODEL.md``: ``simulate(centre, run)``.

Two engines that share a misreading agree with one another. This file was written from MODEL.md alone, without
looking at either engine or at their shared rules, and shares with them only the primitive draws. Pending
events are a plain list, scanned for its least key at each step; queues are lists, scanned whole.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from operator import attrgetter
from typing import Any

import numpy as np

from sim.demand import draws
from sim.elementary import exp
from sim.engine.given import Centre, Run
from sim.terms import DAY_MS, SLOT_MS, SLOTS_PER_DAY, WEEK_MS, Kind, Outcome
from sim.uniforms import sub_key, uniform

# §15, in MODEL.md's order; written out again so that a wrong constant elsewhere is seen.
ABANDON, CALL_END, RING_OR_GREETING_END, JOB_END, ROSTER, JOIN, RELEASE, AGAIN, FIRST = 0, 1, 2, 3, 4, 5, 6, 8, 9
PREFERENCE, LONGEST_IDLE, RANDOM = 0, 1, 2
TALK, WRAP, WRAP_WORK_ORDER, PATIENCE, REDIAL_DELAY, CONSULT, REPEAT_DELAY, ORDER_TIME = range(8)
ON_THE_SPOT, WORK_ORDER, RETURN, TASK_DONE = 0, 1, 2, 3  # the events of links; TASK_DONE + K when kind K is done
OFFERED, WAITING, LONGEST_WAIT = 0, 1, 2  # triggers of activation
OFF, CALLED, ON = "off", "called", "on"
TASKS_WORD, ORDER_WORD = 8, 9

KEYS = (
    "contact", "episode", "attempt", "arrived_ms", "queued_ms", "answered_ms", "talk_end_ms", "free_ms",
    "left_ms", "group", "outcome", "kind", "callback", "call_end_ms",
)  # fmt: skip
TASK_KEYS = ("task", "released_ms", "started_ms", "ended_ms", "due_ms", "group")
COUNTED = (
    "offered", "answered", "abandoned", "blocked", "contained", "first", "redials", "repeats", "ring_ms", "talk_ms",
    "wrap_ms", "on_the_spot", "work_orders", "returns", "satisfied", "satisfied_orders", "transfers", "consult_ms",
    "hasty", "callbacks", "called_back", "callback_wait_ms", "estimates", "estimate_ms", "estimate_off_ms",
)  # fmt: skip
TASKS_COUNTED = (
    "released", "done", "late", "task_wait_ms", "task_handling_ms", "task_work_orders", "task_returns", "asked",
    "asked_satisfied", "started_now", "oldest_ms", "not_released",
)  # fmt: skip
"""The columns of :mod:`sim.engine.tally` that are counted here too, in small letters."""


@dataclass(eq=False)
class Attempt:
    """One call of one contact; times are None where there is no such time."""

    contact: int
    type: int
    key: np.uint64
    attempt: int
    arrived_ms: int
    episode: int = 1
    queued_ms: int | None = None
    expected_ms: int | None = None
    callback: int = 0
    found_ms: int | None = None
    answered_ms: int | None = None
    consult_from_ms: int | None = None
    talk_end_ms: int | None = None
    call_end_ms: int | None = None
    free_ms: int | None = None
    left_ms: int | None = None
    group: int | None = None
    outcome: Outcome | None = None
    on_the_spot: bool = False
    returned: bool = False
    satisfied: bool = False

    @property
    def kind(self) -> Kind:
        if self.attempt > 1:
            return Kind.REDIAL
        return Kind.FIRST if self.episode == 1 else Kind.REPEAT


@dataclass(eq=False)
class Task:
    """One piece of work that can wait (§12); times are None where there is no such time."""

    task: int
    contact: int
    contact_key: np.uint64
    type: int
    episode: int
    kind: int
    released_ms: int
    due_ms: int
    satisfied: bool
    started_ms: int | None = None
    ended_ms: int | None = None
    group: int | None = None

    @property
    def age(self) -> tuple[int, int]:
        return self.released_ms, self.task


@dataclass
class Phase:
    """Where a group with a trigger stands (§14); ``since`` is the row in which this began or, if off, will end."""

    phase: str = OFF
    since: int = 0


@dataclass(eq=False)
class Event:
    """Something that will happen; the least key is taken first (§15)."""

    key: tuple[int, int, int, int]  # time, class, id, and the group's place where the id needs it
    happen: Callable[[], None]


@dataclass
class Result:
    """What happened: attempts in order of arrival, the end of every contact, and duty by (row, group).

    Duty is rostered, busy, overrun and task time. ``tasks`` are in order of release. ``counts`` are by name, row of the
    attempt's arrival and type, ``task_counts`` by name, row of the task's release and kind; but ``started_now``,
    ``oldest_ms`` and ``not_released`` by the clock, all after the window in one last row. The names are those of the
    columns of :mod:`sim.engine.tally` in small letters.
    """

    attempts: list[dict[str, Any]] = field(default_factory=list)
    contacts: dict[int, str] = field(default_factory=dict)
    duty: dict[tuple[int, int], list[int]] = field(default_factory=dict)
    tasks: list[dict[str, Any]] = field(default_factory=list)
    counts: Counter[tuple[str, int, int]] = field(default_factory=Counter)
    task_counts: Counter[tuple[str, int, int]] = field(default_factory=Counter)

    @property
    def totals(self) -> Counter[str]:
        """``counts`` over all rows and types."""
        out: Counter[str] = Counter()
        for (name, _, _), n in self.counts.items():
            out[name] += n
        return out

    @property
    def totals_by_kind(self) -> Counter[tuple[str, int]]:
        """``task_counts`` over all rows."""
        out: Counter[tuple[str, int]] = Counter()
        for (name, _, kind), n in self.task_counts.items():
            out[name, kind] += n
        return out


class _Oracle:
    def __init__(self, centre: Centre, run: Run) -> None:
        self.centre, self.run = centre, run
        self.types, self.groups = centre.order.shape
        self.groups_of = [[g for g in groups if g >= 0] for groups in centre.order.tolist()]
        self.join_ms, self.need, self.priority = centre.join_ms.tolist(), centre.need.tolist(), centre.priority.tolist()
        self.now = run.start_ms
        self.events: list[Event] = []
        self.attempts: list[Attempt] = []
        self.contacts: dict[int, str] = {}
        self.waiting: list[Attempt] = []
        self.lines_held = 0
        self.transferred: list[Attempt] = []
        self.kinds = centre.tasks.order.shape[0]
        self.groups_of_kind = [[g for g in groups if g >= 0] for groups in centre.tasks.order.tolist()]
        self.tasks: list[Task] = []
        self.tasks_waiting: list[Task] = []
        self.phases = [Phase() for _ in range(self.groups)]
        self.counts: Counter[tuple[str, int, int]] = Counter()
        self.not_released: Counter[tuple[int, int]] = Counter()
        self.row = -1
        self.rosters: list[list[int]] = []  # of each row so far, with who is activated
        self.rostered = [0] * self.groups
        self.busy = [0] * self.groups
        self.idle_since: list[list[int]] = [[] for _ in range(self.groups)]  # one entry an idle agent

    # --- draws (§2)

    def number(self, a: Attempt, purpose: int, attempt: int) -> float:
        return float(draws.number_at(a.key, a.episode, attempt, purpose))

    def duration(self, a: Attempt, block: int, u: float) -> int:
        return int(draws.duration_ms(*self.centre.dists, block * self.types + a.type, u))

    def task_number(self, contact_key: np.uint64, kind: int, episode: int, index: int) -> float:
        return float(uniform(sub_key(contact_key, TASKS_WORD, kind * 64 + episode), index))

    def task_duration(self, row: int, u: float) -> int:
        return int(draws.duration_ms(*self.centre.tasks.dists, row, u))

    def week(self) -> int:
        """Return the week since the horizon's start; a warm-up before it has the first one's agents (§9)."""
        return min(max(self.now // WEEK_MS, 0), self.centre.speed.shape[1] - 1)

    def permille(self, g: int) -> int:
        """Return the speed of a group in this week (§9)."""
        return int(self.centre.speed[g, self.week()])

    def first_attempts(self) -> list[Attempt]:
        """Return the first attempts and the written contacts, whose types come after those of calls."""
        run, found = self.run, []
        for row in range(run.means.shape[0]):
            slot = run.first_slot + row
            for t in range(self.types + self.centre.tasks.n_written):
                u = uniform(np.uint64(run.count_keys[t]), slot)
                for number in range(draws.poisson_quantile(run.means[row, t], u)):
                    key = sub_key(np.uint64(run.contact_keys[t]), slot, number)
                    u = draws.number_at(key, 1, 1, draws.ARRIVAL)
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
            arrives = self.arrive if a.type < self.types else self.write
            self.at(a.arrived_ms, FIRST, a.contact, partial(arrives, a))
        for g in range(self.groups):
            self.at(self.run.start_ms, ROSTER, g, partial(self.slot_start, g))
        while self.goes_on():
            event = min(self.events, key=attrgetter("key"))
            if event.key[0] > self.now:
                self.check_nobody_was_forgotten()
            self.events.remove(event)
            self.now = event.key[0]
            if self.row_of(self.now) > self.row:
                self.new_row()
            if self.now > self.run.end_ms + 60 * DAY_MS:
                raise RuntimeError("calls wait for agents who never come")
            event.happen()
        return Result(
            attempts=[{name: getattr(a, name) for name in KEYS} for a in self.attempts],
            contacts=self.contacts,
            duty=self.duty(),
            tasks=[{name: getattr(task, name) for name in TASK_KEYS} for task in self.tasks],
            counts=self.count_attempts(),
            task_counts=self.count_tasks(),
        )

    def goes_on(self) -> bool:
        """Say whether the window goes on, a call waits or is served, or a task is in hand (§1)."""
        if self.waiting or any(event.key[1] != ROSTER for event in self.events):
            return True
        return min(event.key for event in self.events)[0] < self.run.end_ms

    def row_of(self, ms: int) -> int:
        return (ms - self.run.start_ms) // SLOT_MS

    def check_nobody_was_forgotten(self) -> None:
        """When a ms is over, the idle are roster minus busy, and no group could still take a call or task (§7, §12)."""
        for g in range(self.groups):
            assert len(self.idle_since[g]) == max(0, self.rostered[g] - self.busy[g])
            assert self.next_call(g) is None
            assert self.next_task(g) is None

    # --- arrival, greeting, queue (§5, §6, §7, §8)

    def arrive(self, a: Attempt) -> None:
        self.attempts.append(a)
        second = sum(one.consult_from_ms <= self.now < one.call_end_ms for one in self.transferred)
        if self.centre.lines and self.lines_held + second >= self.centre.lines:
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
        if self.is_promised(a):
            a.callback = 1
            self.lines_held -= 1
        else:
            patience = self.patience(a)
            if patience != draws.NEVER_MS:
                self.at(self.now + patience, ABANDON, a.contact, partial(self.patience_ends, a))
        self.waiting.append(a)
        for g in self.groups_of[a.type]:
            join_ms = self.join_ms[a.type][g]
            if join_ms > 0:
                self.at(self.now + join_ms, JOIN, a.contact, partial(self.join, a, g), place=g)

    def patience(self, a: Attempt) -> int:
        """Return how long a call waits, an announcement in the queue heard (§8)."""
        u = self.number(a, draws.PATIENCE, 1 if self.centre.same_patience[a.type] else a.attempt)
        patience = self.duration(a, PATIENCE, u)
        s, b = int(self.centre.bump_ms[a.type]), float(self.centre.bump_share[a.type])
        share = float(self.centre.dists.params[PATIENCE * self.types + a.type, 3])
        if b <= 0.0 or patience < s:
            return patience
        v = (u - share) / (1.0 - share)
        if v <= b:
            return s
        w = (v - b) / (1.0 - b)
        return max(s, self.duration(a, PATIENCE, share + (1.0 - share) * w))

    def is_promised(self, a: Attempt) -> bool:
        """Reckon the expected wait of a call that starts to wait; say whether it is promised a callback (§13)."""
        if self.centre.callback.over_ms < 0:
            return False
        priority, own = self.priority, set(self.groups_of[a.type])
        before = [
            one
            for one in self.waiting
            if priority[one.type] <= priority[a.type] and own & set(self.groups_of[one.type])
        ]
        on_duty = sum(self.rostered[g] for g in own)
        a.expected_ms = (len(before) + 1) * int(self.centre.callback.job_ms[a.type]) // max(1, on_duty)
        if a.expected_ms <= self.centre.callback.over_ms:
            return False
        return self.number(a, draws.CALLBACK, a.attempt) < float(self.centre.callback.accept[a.type])

    def need_met(self, t: int, g: int) -> bool:
        return len(self.idle_since[g]) >= max(1, self.need[t][g])

    def open_group(self, a: Attempt) -> int | None:
        t = a.type
        open_ = [g for g in self.groups_of[t] if self.join_ms[t][g] == 0 and self.need_met(t, g)]
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
        again = Attempt(a.contact, a.type, a.key, a.attempt + 1, due, a.episode)
        self.at(due, AGAIN, a.contact, partial(self.arrive, again))

    def comes_again(self, a: Attempt) -> None:
        """After an answered episode: a repeat, open, or the contact's end (§11)."""
        t = a.type
        chance = self.centre.repeat[t, 0 if a.on_the_spot else 1]
        if not (a.episode < self.centre.max_episodes[t] and self.number(a, draws.REPEAT, 1) < chance):
            self.contacts[a.contact] = "resolved" if a.on_the_spot else "handed_over"
            return
        delay = self.duration(a, REPEAT_DELAY, self.number(a, draws.REPEAT_DELAY, 1))
        assert a.call_end_ms is not None
        due = a.call_end_ms + max(1, (2 * delay + DAY_MS) // (2 * DAY_MS)) * DAY_MS
        if due >= self.run.end_ms:
            self.contacts[a.contact] = "open"
            return
        again = Attempt(a.contact, t, a.key, 1, due, a.episode + 1)
        self.at(due, AGAIN, a.contact, partial(self.arrive, again))

    # --- agents (§7, §9, §14)

    def first_waiting(self, t: int) -> Attempt:
        return min((a for a in self.waiting if a.type == t), key=lambda a: (a.queued_ms, a.contact))

    def next_call(self, g: int) -> Attempt | None:
        """Return the call that group ``g`` would take now, if any."""
        candidates = []
        for t in {a.type for a in self.waiting}:
            if g not in self.groups_of[t] or not self.need_met(t, g):
                continue
            first = self.first_waiting(t)
            assert first.queued_ms is not None
            if self.now - first.queued_ms >= self.join_ms[t][g]:
                candidates.append(first)
        return min(candidates, key=lambda a: (self.priority[a.type], a.queued_ms, a.contact), default=None)

    def take_calls(self, g: int) -> None:
        while (a := self.next_call(g)) is not None:
            self.waiting.remove(a)
            self.answer(a, g)

    def join(self, a: Attempt, g: int) -> None:
        if a in self.waiting:
            self.take_calls(g)

    def engage(self, g: int) -> None:
        self.idle_since[g].remove(min(self.idle_since[g]))
        self.busy[g] += 1

    def answer(self, a: Attempt, g: int) -> None:
        self.engage(g)
        centre, t = self.centre, a.type
        n = a.attempt if centre.new_handling[t] else 1
        transferred = self.number(a, draws.TRANSFER, n) < centre.transfer[t, 0]
        chance = centre.transfer[t, 1] if transferred else centre.on_the_spot[t, g, self.week()]
        a.on_the_spot = bool(self.number(a, draws.RESOLUTION, n) < chance)
        permille = self.permille(g)
        talk = self.duration(a, TALK, self.number(a, draws.TALK, n))
        wrap = self.duration(a, WRAP if a.on_the_spot else WRAP_WORK_ORDER, self.number(a, draws.WRAP, n))
        wrap = (wrap * permille + 500) // 1000
        hasty = 0 < centre.quality.haste_waiting <= len(self.waiting)
        if hasty:
            wrap = (wrap * centre.quality.haste_permille + 500) // 1000
        consult = self.duration(a, CONSULT, self.number(a, draws.CONSULT, n)) if transferred else 0
        stays = min(consult, int(centre.leaves_ms[t]))
        a.group, a.outcome, a.found_ms = g, Outcome.ANSWERED, self.now
        a.answered_ms = self.now + centre.ring_ms
        a.consult_from_ms = a.answered_ms + (talk * permille + 500) // 1000
        a.talk_end_ms = a.consult_from_ms + stays
        a.call_end_ms = a.consult_from_ms + consult
        a.free_ms = a.talk_end_ms + wrap
        if transferred:
            self.transferred.append(a)
            self.count("transfers", a)
            self.count("consult_ms", a, stays)
        if hasty:
            self.count("hasty", a)
        self.answered_well(a, n, hasty)
        if a.callback:
            self.lines_held += 1
        self.at(a.call_end_ms, CALL_END, a.contact, self.call_ends)
        self.at(a.free_ms, JOB_END, a.contact, partial(self.job_ends, a))
        self.comes_again(a)

    def answered_well(self, a: Attempt, n: int, hasty: bool) -> None:
        """Draw whether the work order returns, and whether the citizen is satisfied (§18)."""
        quality, t = self.centre.quality, a.type
        assert a.found_ms is not None
        assert a.queued_ms is not None
        if not a.on_the_spot:
            chance = float(quality.returned[t, a.group, self.week()])
            if hasty:
                chance *= quality.haste_returns
            a.returned = self.number(a, draws.RETURN, n) < chance
        how = 0 if a.on_the_spot else 1
        by_wait = float(quality.per_wait_minute[t]) * ((a.found_ms - a.queued_ms) / 60_000)
        by_order = 0.0
        if not a.on_the_spot:
            time = self.duration(a, ORDER_TIME, float(uniform(sub_key(a.key, ORDER_WORD), a.episode)))
            by_order = float(quality.per_order_day[t]) * (time / DAY_MS)
        chance = float(quality.satisfied[t, how])
        if by_wait + by_order != 0.0:
            x = float(quality.logits[t, how]) + (by_wait + by_order)
            chance = 1.0 / (1.0 + exp(-min(max(x, -40.0), 40.0)))
        a.satisfied = self.number(a, draws.SATISFACTION, n) < chance

    def call_ends(self) -> None:
        self.lines_held -= 1

    def job_ends(self, a: Attempt) -> None:
        events = [ON_THE_SPOT if a.on_the_spot else WORK_ORDER]
        if a.returned:
            events.append(RETURN)
        assert a.group is not None
        assert a.found_ms is not None
        for event in events:
            self.bring_tasks(event, a.contact, a.key, a.type, a.episode, a.satisfied)
        self.agent_is_done(a.group)

    def agent_is_done(self, g: int) -> None:
        self.busy[g] -= 1
        if self.busy[g] + len(self.idle_since[g]) < self.rostered[g]:
            self.idle_since[g].append(self.now)
            self.take_calls(g)
            self.take_tasks(g)

    def roster_of(self, row: int, g: int) -> int:
        """Return the roster planned for a row; after the window the last day's, day after day (§1)."""
        rows = self.run.roster.shape[0]
        while row >= rows:
            row -= SLOTS_PER_DAY
        return int(self.run.roster[row, g])

    def slot_start(self, g: int) -> None:
        self.at(self.now + SLOT_MS, ROSTER, g, partial(self.slot_start, g))
        old, new = self.rostered[g], self.rosters[self.row][g]
        self.rostered[g] = new
        idle = max(0, new - self.busy[g])
        while len(self.idle_since[g]) > idle:
            self.idle_since[g].remove(min(self.idle_since[g]))
        while len(self.idle_since[g]) < idle:
            self.idle_since[g].append(self.now)
        if new != old:
            self.take_calls(g)
        self.take_tasks(g)

    # --- activation (§14)

    def new_row(self) -> None:
        """Before any event of a slot's first ms: who is called, comes and goes, and the slot's rosters."""
        self.row += 1
        assert self.now == self.run.start_ms + self.row * SLOT_MS
        rule = self.centre.activation
        for g in range(self.groups):
            if rule.trigger[g] >= 0:
                self.activate(g)
        roster = [
            self.roster_of(self.row, g) if rule.trigger[g] < 0 or self.phases[g].phase == ON else 0
            for g in range(self.groups)
        ]
        for g in range(self.groups):
            source = int(rule.source[g])
            if source >= 0:
                roster[g] = min(roster[g], roster[source])
                roster[source] -= roster[g]
        self.rosters.append(roster)

    def activate(self, g: int) -> None:
        rule, state = self.centre.activation, self.phases[g]
        holds = self.trigger(int(rule.trigger[g])) >= rule.over[g]
        if state.phase == OFF and self.row >= state.since and holds:
            state.phase, state.since = CALLED, self.row + int(rule.notice[g])
        if state.phase == CALLED and self.row >= state.since:
            state.phase = ON
        elif state.phase == ON:
            slots = self.row - state.since
            if (slots >= rule.minimum[g] and not holds) or slots >= rule.maximum[g]:
                state.phase, state.since = OFF, self.row + int(rule.rest[g])

    def trigger(self, what: int) -> int:
        if what == OFFERED:
            return sum(self.now - 4 * SLOT_MS <= a.arrived_ms < self.now for a in self.attempts)
        if what == WAITING:
            return len(self.waiting)
        assert what == LONGEST_WAIT
        return max((self.now - a.queued_ms for a in self.waiting if a.queued_ms is not None), default=0)

    # --- work that can wait (§12)

    def write(self, a: Attempt) -> None:
        """A written contact arrives: a task of its kind."""
        kind = a.type - self.types
        satisfied = self.number(a, draws.SATISFACTION, 1) < self.centre.tasks.written[kind, 2]
        self.release(self.new_task(a.contact, a.key, a.type, 1, kind, self.now, bool(satisfied)))

    def new_task(
        self, contact: int, key: np.uint64, type_: int, episode: int, kind: int, released_ms: int, satisfied: bool
    ) -> Task:
        due_ms = int(self.centre.tasks.due_ms[kind])
        if due_ms >= 0:
            due_ms += released_ms
        else:
            due_ms = int(self.run.due_by_day[(released_ms - self.run.start_ms) // DAY_MS, kind])
        id_ = contact * 2**12 + kind * 2**6 + episode
        return Task(id_, contact, key, type_, episode, kind, released_ms, due_ms, satisfied)

    def bring_tasks(
        self,
        event: int,
        contact: int,
        key: np.uint64,
        type_: int,
        episode: int,
        satisfied: bool,
    ) -> None:
        """Release what an event leads to, each link's task after its delay."""
        rule = self.centre.tasks
        for link in range(rule.link_event.size):
            if rule.link_event[link] != event or not rule.link_sources[link, type_]:
                continue
            kind = int(rule.link_kind[link])
            if not self.task_number(key, kind, episode, draws.COMES) < rule.link_chance[link]:
                continue
            delay = self.task_duration(self.kinds + link, self.task_number(key, kind, episode, draws.RELEASE))
            due = self.now + delay
            if due >= self.run.end_ms:
                self.not_released[self.counted_row(self.now), kind] += 1
                continue
            task = self.new_task(contact, key, type_, episode, kind, due, satisfied)
            self.at(due, RELEASE, task.task, partial(self.release, task))

    def release(self, task: Task) -> None:
        assert task.task not in [other.task for other in self.tasks], "a contact's episode brings one task of a kind"
        self.tasks.append(task)
        for g in self.groups_of_kind[task.kind]:
            if self.may_start(task.kind, g):
                self.start(task, g)
                return
        self.tasks_waiting.append(task)

    def may_start(self, kind: int, g: int) -> bool:
        if self.now >= self.run.end_ms:
            return False
        row = self.row_of(self.now)
        return bool(self.run.task_open[row, kind]) and len(self.idle_since[g]) > self.run.task_reserve[row, g]

    def next_task(self, g: int) -> Task | None:
        """Return the task that group ``g`` would take now, if any."""
        candidates = []
        for kind in {task.kind for task in self.tasks_waiting}:
            if g in self.groups_of_kind[kind] and self.may_start(kind, g):
                candidates.append(
                    min((task for task in self.tasks_waiting if task.kind == kind), key=lambda task: task.age)
                )
        return min(candidates, key=lambda task: (task.due_ms, task.age), default=None)

    def take_tasks(self, g: int) -> None:
        while (task := self.next_task(g)) is not None:
            self.tasks_waiting.remove(task)
            self.start(task, g)

    def start(self, task: Task, g: int) -> None:
        self.engage(g)
        u = self.task_number(task.contact_key, task.kind, task.episode, draws.TASK_HANDLING)
        task.group, task.started_ms = g, self.now
        task.ended_ms = self.now + (self.task_duration(task.kind, u) * self.permille(g) + 500) // 1000
        self.at(task.ended_ms, JOB_END, task.task, partial(self.task_ends, task))

    def task_ends(self, task: Task) -> None:
        events = [TASK_DONE + task.kind]
        if self.is_written(task):
            work_order, returned = self.written_ends(task)
            events.append(WORK_ORDER if work_order else ON_THE_SPOT)
            if returned:
                events.append(RETURN)
        assert task.group is not None
        assert task.started_ms is not None
        about = task.contact, task.contact_key, task.type, task.episode, task.satisfied
        for event in events:
            self.bring_tasks(event, *about)
        self.agent_is_done(task.group)

    def is_written(self, task: Task) -> bool:
        """Say whether a task is a written contact itself, and not one that a contact brings."""
        return task.type == self.types + task.kind

    def written_ends(self, task: Task) -> tuple[bool, bool]:
        """Say whether a written contact becomes a work order, and whether that returns."""
        order_share, return_share, _ = self.centre.tasks.written[task.kind]
        work_order = draws.number_at(task.contact_key, 1, 1, draws.RESOLUTION) < order_share
        returned = draws.number_at(task.contact_key, 1, 1, draws.RETURN) < return_share
        return bool(work_order), bool(work_order and returned)

    # --- counts (§17)

    def count(self, name: str, a: Attempt, n: int = 1) -> None:
        self.counts[name, self.row_of(a.arrived_ms), a.type] += n

    def counted_row(self, ms: int) -> int:
        return min(self.row_of(ms), self.run.roster.shape[0])

    def count_attempts(self) -> Counter[tuple[str, int, int]]:
        for a in self.attempts:
            self.count("offered", a)
            self.count({Kind.FIRST: "first", Kind.REDIAL: "redials", Kind.REPEAT: "repeats"}[a.kind], a)
            assert a.outcome is not None
            self.count(a.outcome.name.lower(), a)
            self.count("callbacks", a, a.callback)
            if a.outcome != Outcome.ANSWERED:
                continue
            assert a.found_ms is not None
            assert a.queued_ms is not None
            wait = a.found_ms - a.queued_ms
            self.count("called_back", a, a.callback)
            self.count("callback_wait_ms", a, wait if a.callback else 0)
            self.count("ring_ms", a, self.centre.ring_ms)
            self.count("talk_ms", a, a.consult_from_ms - a.answered_ms)
            self.count("wrap_ms", a, a.free_ms - a.talk_end_ms)
            self.count("on_the_spot" if a.on_the_spot else "work_orders", a)
            self.count("returns", a, a.returned)
            self.count("satisfied", a, a.satisfied)
            self.count("satisfied_orders", a, a.satisfied and not a.on_the_spot)
            if a.expected_ms is not None:
                self.count("estimates", a)
                self.count("estimate_ms", a, a.expected_ms)
                self.count("estimate_off_ms", a, abs(a.expected_ms - wait))
        return +self.counts

    def count_tasks(self) -> Counter[tuple[str, int, int]]:
        out: Counter[tuple[str, int, int]] = Counter()
        for (row, kind), n in self.not_released.items():
            out["not_released", row, kind] += n
        for task in self.tasks:
            row, kind = self.row_of(task.released_ms), task.kind
            out["released", row, kind] += 1
            out["late", row, kind] += task.due_ms < (self.run.end_ms if task.ended_ms is None else task.ended_ms)
            if task.started_ms is None or task.ended_ms is None:
                continue
            out["done", row, kind] += 1
            out["task_wait_ms", row, kind] += task.started_ms - task.released_ms
            out["task_handling_ms", row, kind] += task.ended_ms - task.started_ms
            out["started_now", self.row_of(task.started_ms), kind] += 1
            if self.is_written(task):
                work_order, returned = self.written_ends(task)
                out["task_work_orders", row, kind] += work_order
                out["task_returns", row, kind] += returned
            reached = self.task_number(task.contact_key, kind, task.episode, draws.REACHED)
            if reached < self.centre.tasks.reached[kind]:
                out["asked", row, kind] += 1
                out["asked_satisfied", row, kind] += task.satisfied
        for row in range(self.run.roster.shape[0]):
            end = self.run.start_ms + (row + 1) * SLOT_MS
            for task in self.tasks:
                if task.released_ms < end and (task.started_ms is None or task.started_ms >= end):
                    place = ("oldest_ms", row, task.kind)
                    out[place] = max(out[place], end - task.released_ms)
        return +out

    # --- duty (§14)

    def duty(self) -> dict[tuple[int, int], list[int]]:
        """Return rostered, busy, overrun, task and idle time by row and group."""
        jobs: list[list[tuple[int, int, bool]]] = [[] for _ in range(self.groups)]
        for group, began_ms, ended_ms, is_task in (
            *((a.group, a.found_ms, a.free_ms, False) for a in self.attempts),
            *((task.group, task.started_ms, task.ended_ms, True) for task in self.tasks),
        ):
            if group is not None and began_ms is not None and ended_ms is not None:
                jobs[group].append((began_ms, ended_ms, is_task))
        found = {}
        for row in range(self.run.roster.shape[0]):
            start = self.run.start_ms + row * SLOT_MS
            end = start + SLOT_MS
            for g in range(self.groups):
                here = [
                    (max(began, start), min(ended, end), is_task)
                    for began, ended, is_task in jobs[g]
                    if began < end and start < ended
                ]
                points = sorted({start, end, *(ms for began, ended, _ in here for ms in (began, ended))})
                roster, busy_ms, overrun_ms, task_ms, idle_ms = self.rosters[row][g], 0, 0, 0, 0
                for left, right in itertools.pairwise(points):
                    busy = [is_task for began, ended, is_task in here if began <= left and right <= ended]
                    busy_ms += len(busy) * (right - left)
                    overrun_ms += max(0, len(busy) - roster) * (right - left)
                    task_ms += sum(busy) * (right - left)
                    idle_ms += max(0, roster - len(busy)) * (right - left)
                found[row, g] = [roster * SLOT_MS, busy_ms, overrun_ms, task_ms, idle_ms]
        return found


def simulate(centre: Centre, run: Run) -> Result:
    """Simulate one replication by the letter of MODEL.md; attempts and contacts include the warm-up's."""
    return _Oracle(centre, run).play()


__all__ = ["Result", "simulate"]
