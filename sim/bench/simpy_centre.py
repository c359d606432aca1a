"""The whole centre as a SimPy user writes it: a process per citizen, an event per waiting call.

The rules are those of ``sim/engine/MODEL.md``. A call that finds no agent puts an event on its type's waiting
list and waits for it or for its patience; an agent who becomes free succeeds the event. (A ``FilterStore`` of
agents would be searched from end to end for every call.) Draws are numpy's own, in batches. Times are
milliseconds, not rounded, so ties hardly occur; they come in SimPy's order, not in that of §15. It knows the telephone
alone: of a centre with repeats, transfers, tasks, calls back, activations or a quality that depends on what happens it
does less than the engines.

It is written with some care for speed: a call that finds an agent at once asks for no event and no time-out, and random
numbers are drawn by the thousand. What remains is SimPy's own: the process of each citizen, and a time-out for the talk
and one for the wrap-up, since a line is free in between.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np
import simpy
from numpy.typing import NDArray

from sim.demand import draws
from sim.demand.draws import GAMMA_REACH, GAMMA_STEP, Distributions
from sim.engine import rules
from sim.engine.given import Centre, Run
from sim.engine.rules import Stuck, row_of_roster
from sim.terms import SLOT_MS, WEEK_MS

Process = Generator[simpy.Event, Any, None]
Sampler = Callable[[], float]
Floats = NDArray[np.float64]
_BATCH = 4096


@dataclass
class CentreTally:
    """What happened to the attempts that arrived after the warm-up; the waits are those of §6."""

    offered: int = 0
    redials: int = 0
    answered: int = 0
    abandoned: int = 0
    blocked: int = 0
    contained: int = 0
    answered_wait_ms: float = 0.0
    within: list[int] = field(default_factory=lambda: [0, 0, 0])
    talk_ms: float = 0.0
    wrap_ms: float = 0.0
    on_the_spot: int = 0
    returns: int = 0
    satisfied: int = 0
    lost: int = 0
    open: int = 0


@dataclass
class Group:
    """A group of agents; ``idle_since`` is kept only where a routing asks for it."""

    roster: int = 0
    busy: int = 0
    busy_ms: float = 0.0
    idle_since: deque[float] = field(default_factory=deque)

    @property
    def idle(self) -> int:
        """How many agents are on duty and idle."""
        return max(0, self.roster - self.busy)


def batched(sample: Callable[[int], Floats]) -> Sampler:
    """Return a function that gives one number at a time from batches of ``sample``."""

    def numbers() -> Generator[float, None, None]:
        while True:
            yield from sample(_BATCH).tolist()

    return numbers().__next__


def family(dists: Distributions, row: int, rng: np.random.Generator) -> Callable[[int], Floats]:
    """Return a function that draws seconds of distribution ``row``, leaving its share of zeros aside."""
    kind, a, b, _, start, size = dists.params[row].tolist()
    table = dists.table[int(start) : int(start + size)]
    if kind == draws.FIXED:
        return lambda n: np.full(n, a)
    if kind == draws.EXPONENTIAL:
        return lambda n: rng.exponential(a, n)
    if kind == draws.LOGNORMAL:
        return lambda n: rng.lognormal(a, b, n)
    if kind == draws.WEIBULL:
        return lambda n: a * rng.weibull(1.0 / b, n)
    if kind == draws.UNIFORM:
        return lambda n: rng.uniform(a, a + b, n)
    if kind == draws.QUANTILES:
        return lambda n: np.interp(rng.random(n) * (size - 1), np.arange(size), table)
    if kind == draws.NEVER:
        return lambda n: np.full(n, np.inf)
    # Gamma: the centre keeps its quantile on a grid of normal quantiles, which gives its moments back.
    z = np.arange(-GAMMA_REACH, GAMMA_REACH + GAMMA_STEP / 2, GAMMA_STEP)
    weights = np.exp(-z * z / 2.0)
    weights /= weights.sum()
    mean = float(weights @ table[::2])
    variance = float(weights @ (table[::2] - mean) ** 2)
    return lambda n: rng.gamma(mean**2 / variance, variance / mean, n)


def sampler(dists: Distributions, row: int, rng: np.random.Generator) -> Sampler:
    """Return a function that draws one duration in ms of distribution ``row`` at a time."""
    at_once = float(dists.params[row, 3])
    seconds = family(dists, row, rng)
    if at_once == 0.0:
        return batched(lambda n: 1000.0 * seconds(n))
    return batched(lambda n: np.where(rng.random(n) < at_once, 0.0, 1000.0 * seconds(n)))


class CentreModel:
    """The centre in motion."""

    def __init__(self, centre: Centre, run: Run, seed: int) -> None:
        rng = np.random.default_rng(seed)
        types = range(centre.priority.size)
        self.run = run
        self.rng = rng
        self.env = simpy.Environment(initial_time=run.start_ms)
        self.groups = [Group() for _ in range(run.roster.shape[1])]
        self.waiting: list[deque[tuple[float, simpy.Event]]] = [deque() for _ in types]
        self.lines_held = 0
        self.in_centre = 0
        self.tally = CentreTally()
        self.warm_up = CentreTally()
        self.measured_from = run.start_ms + run.warm_rows * SLOT_MS

        self.lines, self.announcement, self.ring = centre.lines, centre.announcement_ms, centre.ring_ms
        self.contained = centre.contained
        self.within = centre.within_ms.tolist()
        self.priority, self.routing = centre.priority.tolist(), centre.routing.tolist()
        self.order: list[list[int]] = [[group for group in row if group >= 0] for row in centre.order.tolist()]
        self.served: list[list[int]] = [[kind for kind in row if kind >= 0] for row in centre.served.tolist()]
        self.need, self.join_ms = centre.need.tolist(), centre.join_ms.tolist()
        self.later = [[group for group in self.order[t] if self.join_ms[t][group] > 0] for t in types]
        self.spot, self.returned = centre.on_the_spot.tolist(), centre.quality.returned.tolist()
        self.satisfied = centre.quality.satisfied.tolist()
        self.redial, self.same_patience = centre.redial.tolist(), centre.same_patience.tolist()
        self.speed = (centre.speed / 1000.0).tolist()
        self.keeps_idle_times = centre.keeps_idle_times

        self.uniform = batched(rng.random)
        of = centre.dists
        size = len(types)
        self.talk, self.wrap, self.wrap_work_order, self.patience, self.redial_delay = (
            [sampler(of, block * size + kind, rng) for kind in types]
            for block in (rules.TALK, rules.WRAP, rules.WRAP_WORK_ORDER, rules.PATIENCE, rules.REDIAL_DELAY)
        )

    def simulate(self) -> CentreTally:
        """Run until every call has left."""
        self.env.process(self.rosters())
        for kind in range(len(self.waiting)):
            self.env.process(self.arrivals(kind))
        self.env.run()
        return self.tally

    def arrivals(self, kind: int) -> Process:
        """Let the citizens of a type begin to call, slot by slot (§2)."""
        env = self.env
        for row in range(self.run.means.shape[0]):
            for at in self.places(row, kind):
                yield env.timeout(at - env.now)
                env.process(self.citizen(kind))

    def places(self, row: int, kind: int) -> list[float]:
        """Draw when a slot's first attempts of a type arrive, in order (§2)."""
        u = np.sort(self.rng.random(self.rng.poisson(self.run.means[row, kind])))
        slope = float(self.run.slopes[row, kind])
        if slope != 0.0:
            u = (np.sqrt((1.0 - slope) ** 2 + 4.0 * slope * u) - (1.0 - slope)) / (2.0 * slope)
        times: list[float] = (self.run.start_ms + SLOT_MS * (row + u)).tolist()
        return times

    def citizen(self, kind: int) -> Process:
        """Call until helped, or until the citizen gives up (§10)."""
        env = self.env
        machine_helps = self.contained > 0.0 and self.uniform() < self.contained
        tally = self.warm_up if env.now < self.measured_from else self.tally
        patience: float | None = None
        attempt = 0
        while True:
            attempt += 1
            if patience is None or not self.same_patience[kind]:
                patience = self.patience[kind]()
            if (yield from self.call(kind, attempt, patience, machine_helps)):
                return
            if self.uniform() >= self.redial[kind][attempt]:
                tally.lost += 1
                return
            due = env.now + self.redial_delay[kind]()
            if due >= self.run.end_ms:
                tally.open += 1
                return
            yield env.timeout(due - env.now)

    def call(self, kind: int, attempt: int, patience: float, machine_helps: bool) -> Generator[simpy.Event, Any, bool]:
        """Make one attempt; say whether the citizen was helped. An agent found as patience ends answers."""
        env = self.env
        tally = self.warm_up if env.now < self.measured_from else self.tally
        tally.offered += 1
        tally.redials += attempt > 1
        if 0 < self.lines <= self.lines_held:
            tally.blocked += 1
            return False
        self.lines_held += 1
        self.in_centre += 1
        if self.announcement:
            yield env.timeout(self.announcement)
        if machine_helps:
            tally.contained += 1
            self.lines_held -= 1
            self.in_centre -= 1
            return True
        queued = env.now
        index = self.open_group(kind)
        if index is not None:
            self.take_agent(index)
        else:
            found = env.event()
            entry = (queued, found)
            self.waiting[kind].append(entry)
            for later in self.later[kind]:
                env.process(self.join(kind, entry, later))
            yield found if patience == np.inf else found | env.timeout(patience)
            if not found.triggered:
                self.waiting[kind].remove(entry)
                tally.abandoned += 1
                self.lines_held -= 1
                self.in_centre -= 1
                return False
            index = cast(int, found.value)
        wait = env.now - queued
        week = max(0, int(env.now)) // WEEK_MS
        speed = self.speed[index][week]
        spot = self.uniform() < self.spot[kind][index][week]
        talk_ms = self.talk[kind]() * speed
        wrap_ms = (self.wrap if spot else self.wrap_work_order)[kind]() * speed
        tally.answered += 1
        tally.answered_wait_ms += wait
        for place, within in enumerate(self.within):
            tally.within[place] += wait <= within
        tally.talk_ms += talk_ms
        tally.wrap_ms += wrap_ms
        tally.on_the_spot += spot
        tally.returns += not spot and self.uniform() < self.returned[kind][index][week]
        tally.satisfied += self.uniform() < self.satisfied[kind][0 if spot else 1]
        group = self.groups[index]
        group.busy_ms += self.ring + talk_ms + wrap_ms
        yield env.timeout(self.ring + talk_ms)
        self.lines_held -= 1
        if wrap_ms > 0.0:
            yield env.timeout(wrap_ms)
        group.busy -= 1
        self.in_centre -= 1
        if self.keeps_idle_times and len(group.idle_since) < group.idle:
            group.idle_since.append(env.now)
        self.take_waiting(index)
        return True

    def open_group(self, kind: int) -> int | None:
        """Return the group that takes a call which starts to queue, if any (§7)."""
        need, join_ms = self.need[kind], self.join_ms[kind]
        routing = self.routing[kind]
        open_groups = []
        for index in self.order[kind]:
            if join_ms[index] == 0 and self.groups[index].idle >= need[index]:
                if routing == rules.PREFERENCE:
                    return index
                open_groups.append(index)
        if not open_groups:
            return None
        if routing == rules.RANDOM:
            return open_groups[int(len(open_groups) * self.uniform())]
        return min(open_groups, key=lambda index: self.groups[index].idle_since[0])

    def take_agent(self, index: int) -> None:
        """Make the longest-idle agent of a group busy."""
        group = self.groups[index]
        group.busy += 1
        if self.keeps_idle_times:
            group.idle_since.popleft()

    def take_waiting(self, index: int) -> None:
        """Let a group take waiting calls while it can (§7)."""
        group = self.groups[index]
        now = self.env.now
        while True:
            idle = group.idle
            best: tuple[int, float, int] | None = None
            for kind in self.served[index]:
                waiting = self.waiting[kind]
                if waiting and idle >= self.need[kind][index]:
                    rank = (self.priority[kind], waiting[0][0], kind)
                    if now - rank[1] >= self.join_ms[kind][index] and (best is None or rank < best):
                        best = rank
            if best is None:
                return
            _, found = self.waiting[best[2]].popleft()
            self.take_agent(index)
            found.succeed(index)

    def join(self, kind: int, entry: tuple[float, simpy.Event], index: int) -> Process:
        """Let a second group look at the waiting calls once this one has waited long enough (§7)."""
        yield self.env.timeout(self.join_ms[kind][index])
        if entry in self.waiting[kind]:
            self.take_waiting(index)

    def rosters(self) -> Process:
        """Change every group's roster each quarter of an hour, while anyone may call or is there (§14)."""
        env = self.env
        rows = self.run.means.shape[0]
        rosters = self.run.roster.tolist()
        row = 0
        while row < rows or self.in_centre > 0:
            if env.now - self.run.end_ms > rules.LONGEST_DRAIN_MS:
                raise Stuck
            for index, group in enumerate(self.groups):
                on_duty = rosters[row_of_roster(row, rows)][index]
                if on_duty == group.roster:
                    continue
                group.roster = on_duty
                if self.keeps_idle_times:
                    while len(group.idle_since) > group.idle:
                        group.idle_since.popleft()
                    while len(group.idle_since) < group.idle:
                        group.idle_since.append(env.now)
                self.take_waiting(index)
            yield env.timeout(SLOT_MS)
            row += 1


def simulate(centre: Centre, run: Run, seed: int) -> CentreTally:
    """Simulate one replication with this model's own draws."""
    return CentreModel(centre, run, seed).simulate()


def draw_only(centre: Centre, run: Run, seed: int) -> None:
    """Draw the first attempts and what answering them needs, and nothing else."""
    model = CentreModel(centre, run, seed)
    for kind, order in enumerate(model.order):
        for row in range(run.means.shape[0]):
            for at in model.places(row, kind):
                model.patience[kind]()
                spot = model.uniform() < model.spot[kind][order[0]][max(0, int(at)) // WEEK_MS]
                model.talk[kind]()
                (model.wrap if spot else model.wrap_work_order)[kind]()
                model.uniform()
                model.uniform()
