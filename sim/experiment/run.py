"""A scenario's replications, put together: measures, targets, months and money."""

from __future__ import annotations

import datetime as dt
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sim.cost.bill import Bill
from sim.cost.drivers import Drivers
from sim.cost.drivers import plan as plan_drivers
from sim.cost.lines import price
from sim.demand.rates import surge_extra
from sim.engine import tally as t
from sim.engine.inputs import Plan, prepare
from sim.engine.structures import Ints
from sim.experiment.replicate import CALLED_IN, By, Engine, Floats, Pieces, Replication, cut, replicate
from sim.experiment.store import Store
from sim.measures import GROUP_UNITS, NAMES, TASK_UNITS, Estimate, Extras, estimate, estimate_pairs
from sim.scenario import Scenario, digest
from sim.targets import Spending, TargetRow, evaluate
from sim.terms import HOUR_MS, MINUTE_MS, SLOTS_PER_DAY, WAN_CNY

Progress = Callable[[int, int], None]
"""Called with the replications done and wanted."""

_BATCH = 10
_MOST = 1_000
_TRIES = 3
_NOTHING = np.empty(0, np.int64)


@dataclass(frozen=True)
class Settings:
    """How a run is made: a fixed number of replications, or as many as ``precision`` asks for.

    ``precision`` is the relative half-width of the connection rate's 95 % interval at which to stop, looked
    at after every ten replications (1,000 at most).
    """

    first: dt.date | None = None
    last: dt.date | None = None
    by: By | None = None
    replications: int = 20
    precision: float | None = None
    seed: int = 1
    engine: Engine = "fast"
    jobs: int = 0
    """Processes; 0 means all cores."""


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
    ``surge_contacts`` are the telephone contacts that surges are expected to bring in these days (§3).
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
    surge_contacts: float
    intervals: Ints
    duty: Ints
    tasks: Ints
    wall_s: float
    attempts_per_s: float
    peak_mb: float | None


def run(
    scenario: Scenario, settings: Settings, *, store: Store | None = None, attempts: bool = False,
    progress: Progress | None = None,
) -> Result:  # fmt: skip
    """Simulate a scenario.

    Parameters
    ----------
    scenario, settings
        What, and how.
    store
        Where finished replications are kept until the end; those already there are not simulated again.
    attempts
        Also write every attempt and task into the store.
    progress
        Told how far it is.

    Raises
    ------
    ValueError
        If the settings' days are not in the horizon.
    """
    begin = time.perf_counter()
    plan = prepare(scenario, settings.first, settings.last)
    pieces = cut(plan, settings.by)
    drivers = bill = None
    if scenario.cost is not None:
        drivers = plan_drivers(scenario)
        bill = price(scenario, drivers, settings.first, settings.last)
    extras = extras_by_period(plan, pieces, bill)
    done = _Done()
    for wanted in _stages(settings, done):
        if store:
            for number in store.numbers():
                finished = store.load(number) if number < wanted and number not in done.parts else None
                if finished is not None:
                    done.add(finished)
        missing = [number for number in range(wanted) if number not in done.parts]

        def kept(replication: Replication, wanted: int = wanted) -> None:
            if store:
                store.save(replication)
            done.add(replication)
            if progress:
                progress(len(done.parts), wanted)

        _simulate(plan, pieces, extras, settings, missing, store if attempts else None, kept)
    wall_s = time.perf_counter() - begin
    if drivers is not None and drivers.levers:
        used = _with_levers(plan, drivers, done.duty / len(done.parts))
        bill = price(scenario, used, settings.first, settings.last)
    return _assemble(plan, pieces, settings, bill, done, wall_s)


@dataclass
class _Done:
    """The finished replications: their measures one by one, their intervals only as sums."""

    parts: dict[int, Replication] = field(default_factory=dict)
    intervals: Ints = field(default_factory=lambda: np.zeros(1, np.int64))
    duty: Ints = field(default_factory=lambda: np.zeros(1, np.int64))
    tasks: Ints = field(default_factory=lambda: np.zeros(1, np.int64))

    def add(self, replication: Replication) -> None:
        """Take in a replication."""
        self.intervals = self.intervals + replication.intervals
        self.duty = self.duty + replication.duty
        self.tasks = self.tasks + replication.tasks
        self.parts[replication.number] = replace(replication, intervals=_NOTHING, duty=_NOTHING, tasks=_NOTHING)


def _stages(settings: Settings, done: _Done) -> Iterator[int]:
    """Yield how many replications are wanted next; with a precision, go on until it is reached."""
    if settings.precision is None:
        yield settings.replications
        return
    for wanted in range(_BATCH, _MOST + 1, _BATCH):
        yield wanted
        place = NAMES.index("connection_rate")
        pairs = np.array([done.parts[number].year[place] for number in range(wanted)])
        found = estimate("connection_rate", pairs)
        if found.mean is None or found.low is None:
            return
        if found.mean - found.low <= settings.precision * found.mean:
            return


def _simulate(
    plan: Plan, pieces: Pieces, extras: dict[str, Extras], settings: Settings, numbers: list[int],
    attempts_store: Store | None, kept: Callable[[Replication], None],
) -> None:  # fmt: skip
    """Simulate replications, side by side if there are processes to; a lost worker's are done again."""

    def arguments(number: int) -> tuple[object, ...]:
        keep = partial(attempts_store.save_log, number) if attempts_store else None
        return plan, pieces, extras, settings.seed, number, settings.engine, keep

    if settings.jobs == 1 or len(numbers) <= 1:
        for number in numbers:
            kept(replicate(*arguments(number)))  # type: ignore[arg-type]
        return
    from joblib import Parallel, delayed
    from joblib.externals.loky.process_executor import TerminatedWorkerError

    missing = set(numbers)
    for attempt in range(_TRIES):
        workers = Parallel(n_jobs=settings.jobs or -1, return_as="generator_unordered", batch_size=1)
        try:
            for replication in workers(delayed(replicate)(*arguments(number)) for number in sorted(missing)):
                missing.discard(replication.number)
                kept(replication)
            return
        except TerminatedWorkerError:
            if attempt == _TRIES - 1:
                raise


def extras_by_period(plan: Plan, pieces: Pieces, bill: Bill | None) -> dict[str, Extras]:
    """Return the plan's part of the measures of the whole window (``""``) and of each period."""
    drivers = bill.drivers if bill else None

    def of(days: slice | NDArray[np.bool_]) -> Extras:
        return Extras(float("nan") if drivers is None else float(drivers.paid_h[days].sum()))

    piece = pieces.of_row[plan.window.warm_slots :: SLOTS_PER_DAY]
    periods = (*pieces.months, *pieces.others)
    return {"": of(slice(None)), **{period.label: of(np.isin(piece, period.pieces)) for period in periods}}


def _with_levers(plan: Plan, drivers: Drivers, duty: Floats) -> Drivers:
    """Return the drivers with what the simulation had of the groups that are bought, on average (§20).

    ``duty`` is shaped ``(intervals, groups, DUTY + 1)``. Hours and activations of groups that go by dates stay the
    plan's.
    """
    days = plan.window.days(plan.scenario)[plan.window.warm_slots // SLOTS_PER_DAY :]
    rows = drivers.rows(days[0], days[-1])
    by_day = duty.reshape(len(days), -1, *duty.shape[1:]).sum(axis=1)
    levers = dict(drivers.levers)
    for column, (name, group) in enumerate(plan.scenario.groups.items()):
        if f"{name}.calls" not in levers:
            continue
        own = by_day[:, column]
        used = {
            "calls": own[:, t.CALLS],
            "minutes": own[:, [t.CALL_TALK_MS, t.CALL_WRAP_MS]].sum(axis=1) / MINUTE_MS,
            "hours": own[:, t.ROSTERED_MS] / HOUR_MS,
            "activations": own[:, CALLED_IN],
        }
        for what in ("calls", "minutes") if group.goes_by_dates else used:
            levers[f"{name}.{what}"] = np.zeros(len(drivers.days))
            levers[f"{name}.{what}"][rows] = used[what]
    return replace(drivers, levers=levers, simulated=True)


def _assemble(plan: Plan, pieces: Pieces, settings: Settings, bill: Bill | None, done: _Done, wall_s: float) -> Result:
    parts = [done.parts[number] for number in sorted(done.parts)]
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
        targets=evaluate(scenario, pairs, _spending(bill), whole=(first, last) == (horizon.start, horizon.end)),
        bill=bill,
        surge_contacts=float(surge_extra(scenario, plan.window)[plan.window.warm_slots :].sum()),
        intervals=done.intervals,
        duty=done.duty,
        tasks=done.tasks,
        wall_s=wall_s,
        attempts_per_s=float(pairs["offered"][:, 0].sum() / seconds),
        peak_mb=max((part.peak_mb for part in parts if not math.isnan(part.peak_mb)), default=None),
    )


def _spending(bill: Bill | None) -> Spending:
    """Return what the bill says the days take."""
    if bill is None:
        return Spending(None, None)
    return Spending(bill.total_wan * WAN_CNY, float(sum(kwh.sum() for kwh in bill.drivers.energy_kwh.values())))


def run_key(scenario: Scenario, settings: Settings, attempts: bool) -> dict[str, object]:
    """Return what makes a run the same run: all but its number of replications and processes."""
    import sim

    return {
        "version": sim.__version__,
        "scenario": digest(scenario),
        "first": str(settings.first),
        "last": str(settings.last),
        "by": settings.by,
        "seed": settings.seed,
        "engine": settings.engine,
        "attempts": attempts,
    }


def store_for(result_folder: Path, scenario: Scenario, settings: Settings, attempts: bool, *, resume: bool) -> Store:
    """Return the store of a run beside its result folder.

    Raises
    ------
    NotARunError, OtherRunError
        As :class:`~sim.experiment.store.Store` says.
    """
    folder = result_folder.with_name(result_folder.name + ".partial")
    return Store(folder, run_key(scenario, settings, attempts), resume=resume)
