"""What is measured: one queue with abandonment, and a whole centre's telephone."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass, replace
from typing import Final

from sim.engine import given
from sim.engine.given import Centre, Run
from sim.engine.inputs import prepare
from sim.scenario import Scenario
from sim.terms import SLOT_MS, SLOTS_PER_DAY

HALF_HOURS: Final = 48

_DAY: Final = (
    0.9, 0.6, 0.5, 0.4, 0.4, 0.5, 1.0, 2.4, 5.6, 7.8, 8.0, 6.6,
    5.5, 6.2, 7.2, 7.2, 7.0, 6.1, 5.4, 5.5, 5.3, 4.7, 3.2, 2.0,
)  # fmt: skip
"""Calls by hour of a workday, in parts of their sum."""


@dataclass(frozen=True)
class Queue:
    """One queue with abandonment (Mt/M/nt + M): every day the same.

    ``calls_per_hour`` and ``agents`` are by half-hour of the day; service and patience are exponential.
    """

    calls_per_hour: tuple[float, ...]
    agents: tuple[int, ...]
    service_s: float
    patience_s: float


@dataclass(frozen=True)
class Case:
    """A centre and a run of it that every simulator can do.

    ``queue`` is the same centre as one queue, where it is one: then the plain SimPy model is the simpler one.
    """

    name: str
    centre: Centre
    run: Run
    queue: Queue | None = None


def one_queue(calls_a_day: float = 11_000.0, service_s: float = 200.0, patience_s: float = 300.0) -> Queue:
    """Return a queue busy enough that some 4 % hang up: 51 agents at the peak for 11,000 calls a day."""
    hourly = [calls_a_day * part / sum(_DAY) for part in _DAY]
    loads = [rate * service_s / 3600.0 for rate in hourly]
    staff = [math.ceil(load + 0.3 * math.sqrt(load)) for load in loads]
    return Queue(
        calls_per_hour=tuple(rate for rate in hourly for _ in range(2)),
        agents=tuple(number for number in staff for _ in range(2)),
        service_s=service_s,
        patience_s=patience_s,
    )


def queue_case(queue: Queue, days: int) -> Case:
    """Return a queue as a case of so many days: a centre with one type and one group."""
    first = dt.date(2020, 1, 1)
    scenario = Scenario.model_validate(
        {
            "schema": 1,
            "name": "one-queue",
            "horizon": {"start": first, "end": first + dt.timedelta(days=days - 1)},
            "calendar": {"country": "none"},
            "types": {
                "call": {
                    "per_hour": list(queue.calls_per_hour),
                    "groups": ["agents"],
                    "talk": {"exponential": {"mean_s": queue.service_s}},
                    "patience": {"exponential": {"mean_s": queue.patience_s}},
                }
            },
            "groups": {"agents": {"on_duty": {"all": list(queue.agents)}}},
        }
    )
    return scenario_case("one queue with abandonment", scenario, queue=queue)


def scenario_case(
    name: str,
    scenario: Scenario,
    seed: int = 1,
    queue: Queue | None = None,
    first: dt.date | None = None,
    last: dt.date | None = None,
) -> Case:
    """Return a scenario as a case, from ``first`` to ``last`` (the horizon's own where left out)."""
    plan = prepare(scenario, first, last)
    centre, run, _ = plan.replication(seed, 0)
    return Case(name, centre, run, queue)


def shortened(case: Case, calls: int) -> Case:
    """Return whole days from the middle of a case, as few as should bring ``calls`` first attempts."""
    run = case.run
    rows = run.means.shape[0]
    days = rows // SLOTS_PER_DAY
    wanted = min(days, max(1, math.ceil(calls * days / max(1.0, float(run.means.sum())))))
    first = (days - wanted) // 2 * SLOTS_PER_DAY
    last = first + wanted * SLOTS_PER_DAY
    start_ms = run.start_ms + first * SLOT_MS
    return Case(
        case.name,
        case.centre,
        run._replace(
            means=run.means[first:last],
            slopes=run.slopes[first:last],
            roster=run.roster[first:last],
            first_slot=run.first_slot + first,
            start_ms=start_ms,
            end_ms=start_ms + wanted * SLOTS_PER_DAY * SLOT_MS,
            warm_rows=0,
            task_open=run.task_open[first:last],
            task_reserve=run.task_reserve[first:last],
            due_by_day=run.due_by_day[first // SLOTS_PER_DAY : last // SLOTS_PER_DAY],
        ),
        case.queue,
    )


def without_tasks(case: Case) -> Case:
    """Return a case without work that can wait; its agents stay."""
    types, groups = case.centre.order.shape
    run = case.run
    rows = run.means.shape[0]
    return replace(
        case,
        centre=case.centre._replace(tasks=given.switched_off(types, groups, 1)["tasks"]),
        run=run._replace(
            contact_keys=run.contact_keys[:types],
            count_keys=run.count_keys[:types],
            means=run.means[:, :types].copy(),
            slopes=run.slopes[:, :types].copy(),
            **given.no_tasks(rows, groups),
        ),
    )


def telephone_alone(case: Case) -> Case:
    """Return a case with no rule but those that the plain SimPy model has too: the telephone's, and redials."""
    off = given.switched_off(*case.centre.on_the_spot.shape)
    own = case.centre.quality
    off["quality"] = off["quality"]._replace(returned=own.returned, satisfied=own.satisfied, logits=own.logits)
    return without_tasks(replace(case, centre=case.centre._replace(**off)))
