"""A scenario's replications, put together: measures, targets, months and money."""

from __future__ import annotations

import datetime as dt
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.cost.bill import Bill
from sim.demand.rates import surge_extra
from sim.engine.inputs import Plan, prepare
from sim.engine.structures import Ints
from sim.experiment.gather import Gathered, Progress, Settings, gather
from sim.experiment.heads import Heads
from sim.experiment.log_folder import LogFolder
from sim.experiment.measured_plan import Pricing, spending
from sim.experiment.replicate import Floats, cut
from sim.experiment.store import Store
from sim.measures import GROUP_UNITS, NAMES, TASK_UNITS, Estimate, estimate, estimate_pairs
from sim.scenario import Scenario
from sim.targets import TargetRow, evaluate
from sim.uniforms import stream_key
from sim.workforce.headcount import expected_headcount, headcount


@dataclass(frozen=True)
class PeriodTable:
    """A month, quarter or week, and each measure's estimate."""

    label: str
    measures: dict[str, Estimate]


@dataclass(frozen=True)
class Result:
    """What a run found.

    ``kinds`` are the measures of each kind of task, ``groups`` those of each group. ``intervals`` is shaped
    ``(intervals, types, columns)``, ``duty`` ``(intervals, groups, DUTY + 1)`` and ``tasks`` ``(intervals, kinds,
    columns + 1)``: sums over replications, in the columns of :mod:`sim.experiment.replicate` and of the tally.
    ``heads`` are those of the replications, where the scenario has a head-count. ``surge_contacts`` are the telephone
    contacts that surges are expected to bring in these days (§3).
    """

    scenario: Scenario
    settings: Settings
    first: dt.date
    last: dt.date
    numbers: tuple[int, ...]
    pairs: dict[str, Floats]
    measures: dict[str, Estimate]
    months: tuple[PeriodTable, ...]
    others: tuple[PeriodTable, ...]
    kinds: dict[str, dict[str, Estimate]]
    groups: dict[str, dict[str, Estimate]]
    targets: list[TargetRow]
    bill: Bill | None
    heads: Heads | None
    surge_contacts: float
    intervals: Ints
    duty: Ints
    tasks: Ints
    wall_s: float
    attempts_per_s: float
    peak_mb: float | None


def run(
    scenario: Scenario, settings: Settings, *, store: Store | None = None, logs: LogFolder | None = None,
    progress: Progress | None = None,
) -> Result:  # fmt: skip
    """Simulate a scenario.

    Parameters
    ----------
    scenario, settings
        What, and how.
    store
        Where finished replications are kept; those already there are not simulated again.
    logs
        Where every attempt and task is written, if they are wanted.
    progress
        Told how far it is.

    Raises
    ------
    ValueError
        If the settings' days are not in the horizon.
    """
    begin = time.perf_counter()
    plan = prepare(scenario, settings.first, settings.last)
    found = gather(
        {"": settings.of(scenario)}, settings, tables=True, store=store, logs=logs, progress=progress
    )[""]  # fmt: skip
    wall_s = time.perf_counter() - begin
    bill = None
    if scenario.cost is not None:
        bill = Pricing(scenario, settings.seed, settings.first, settings.last).mean_bill(found.in_order())
    return _assemble(plan, settings, bill, found, wall_s)


def _heads(plan: Plan, seed: int, numbers: Sequence[int]) -> Heads | None:
    """Return the heads that the replications had."""
    if plan.needed is None:
        return None
    paths = tuple(headcount(plan.scenario, stream_key(seed, number)) for number in numbers)
    return Heads(plan.scenario, seed, expected_headcount(plan.scenario), paths, plan.needed)


def _assemble(plan: Plan, settings: Settings, bill: Bill | None, done: Gathered, wall_s: float) -> Result:
    parts = done.in_order()
    pieces = cut(plan, settings.by)
    year = np.array([part.year for part in parts])
    months = np.array([part.months for part in parts])
    others = np.array([part.others for part in parts])
    pairs = {name: year[:, i] for i, name in enumerate(NAMES)}
    scenario = plan.scenario

    def table(label: str, values: Floats) -> PeriodTable:
        return PeriodTable(label, {name: estimate(name, values[:, i]) for i, name in enumerate(NAMES)})

    def own(names: tuple[str, ...], units: dict[str, str], values: Floats) -> dict[str, dict[str, Estimate]]:
        """Return the measures of each kind or group; ``values`` is (replications, names, measures, 2)."""
        return {
            name: {key: estimate_pairs(values[:, i, j], unit) for j, (key, unit) in enumerate(units.items())}
            for i, name in enumerate(names)
        }

    horizon = scenario.horizon
    first, last = settings.first or horizon.start, settings.last or horizon.end
    seconds = sum(part.seconds for part in parts)
    return Result(
        scenario=scenario,
        settings=settings,
        first=first,
        last=last,
        numbers=tuple(part.number for part in parts),
        pairs=pairs,
        measures={name: estimate(name, pairs[name]) for name in NAMES},
        months=tuple(table(month.label, months[:, i]) for i, month in enumerate(pieces.months)),
        others=tuple(table(other.label, others[:, i]) for i, other in enumerate(pieces.others)) if settings.by else (),
        kinds=own(tuple(scenario.kinds), TASK_UNITS, np.array([part.kinds for part in parts])),
        groups=own(scenario.group_names, GROUP_UNITS, np.array([part.groups for part in parts])),
        targets=evaluate(scenario, pairs, spending(bill), whole=(first, last) == (horizon.start, horizon.end)),
        bill=bill,
        heads=_heads(plan, settings.seed, [part.number for part in parts]),
        surge_contacts=float(surge_extra(scenario, plan.window)[plan.window.warm_slots :].sum()),
        intervals=done.intervals,
        duty=done.duty,
        tasks=done.tasks,
        wall_s=wall_s,
        attempts_per_s=float(pairs["offered"][:, 0].sum() / seconds),
        peak_mb=max((part.peak_mb for part in parts if not math.isnan(part.peak_mb)), default=None),
    )
