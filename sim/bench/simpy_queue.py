"""One queue with abandonment as a SimPy user writes it: a process per call, which gets an agent or gives up.

The form is that of SimPy's own example "Bank Renege". Agents are a ``PriorityResource``: those off
duty are taken out of it by requests that go before every call, so one who talks leaves when the call ends.
Nothing here is the project's own: no keyed draws, no rules module. It is what the engines are compared with.

Two choices of that example's form cost time. Every call waits for ``request | timeout``, even one that gets its agent
at once: to ask ``request.triggered`` first would make this model about a fifth faster. And the time-out of a caller who
was answered stays in SimPy's heap until it is due.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any

import simpy

from sim.bench.cases import HALF_HOURS, Queue

Process = Generator[simpy.Event, Any, None]
HALF_HOUR_S = 1_800.0


@dataclass
class QueueTally:
    """What happened; ``waited_s`` is the answered callers' wait."""

    offered: int = 0
    answered: int = 0
    abandoned: int = 0
    waited_s: float = 0.0


class QueueModel:
    """The queue in motion.

    Parameters
    ----------
    most
        The most agents ever on duty.
    service_s, patience_s
        Each gives one drawn duration a call.
    """

    def __init__(self, most: int, service_s: Callable[[], float], patience_s: Callable[[], float]) -> None:
        self.env = simpy.Environment()
        self.agents = simpy.PriorityResource(self.env, most)
        self.service_s = service_s
        self.patience_s = patience_s
        self.tally = QueueTally()

    def call(self) -> Process:
        """Live one call. When an agent is found in the very instant patience ends, the agent answers."""
        env = self.env
        arrived = env.now
        self.tally.offered += 1
        with self.agents.request() as request:
            yield request | env.timeout(self.patience_s())
            if request.triggered:
                self.tally.answered += 1
                self.tally.waited_s += env.now - arrived
                yield env.timeout(self.service_s())
            else:
                self.tally.abandoned += 1

    def arrivals(self, queue: Queue, days: int, gap_s: Callable[[float], float]) -> Process:
        """Let calls come; ``gap_s`` draws the time to the next at a rate, afresh from every half-hour on."""
        env = self.env
        for half_hour in range(days * HALF_HOURS):
            rate = queue.calls_per_hour[half_hour % HALF_HOURS] / 3600.0
            end = (half_hour + 1) * HALF_HOUR_S
            while True:
                wait = gap_s(rate) if rate > 0.0 else end
                if env.now + wait >= end:
                    break
                yield env.timeout(wait)
                env.process(self.call())
            yield env.timeout(end - env.now)

    def roster(self, queue: Queue, days: int) -> Process:
        """Change the agents on duty every half-hour; the last number stays."""
        off_duty: list[Any] = []
        for half_hour in range(days * HALF_HOURS):
            off = self.agents.capacity - queue.agents[half_hour % HALF_HOURS]
            while len(off_duty) < off:
                off_duty.append(self.agents.request(priority=-1))
            while len(off_duty) > off:
                request = off_duty.pop()
                if request.triggered:
                    self.agents.release(request)
                else:
                    request.cancel()
            yield self.env.timeout(HALF_HOUR_S)


def simulate(queue: Queue, days: int, seed: int) -> QueueTally:
    """Simulate ``days`` days of a queue until every call has left."""
    draw = random.Random(seed).expovariate
    service_rate, patience_rate = 1.0 / queue.service_s, 1.0 / queue.patience_s
    model = QueueModel(max(queue.agents), lambda: draw(service_rate), lambda: draw(patience_rate))
    model.env.process(model.roster(queue, days))
    model.env.process(model.arrivals(queue, days, draw))
    model.env.run()
    return model.tally


def draw_only(queue: Queue, calls: int, seed: int) -> None:
    """Draw what ``calls`` calls need and nothing else."""
    draw = random.Random(seed).expovariate
    gap_rate, service_rate, patience_rate = 1.0, 1.0 / queue.service_s, 1.0 / queue.patience_s
    for _ in range(calls):
        draw(gap_rate)
        draw(patience_rate)
        draw(service_rate)
