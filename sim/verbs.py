"""The verbs of the command line for Python: :func:`run`, :func:`simulate`, :func:`price`; and a check."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from sim.calendar import calendar_warnings
from sim.cost.bill import Bill
from sim.cost.calibrate import implausible
from sim.cost.drivers import plan as plan_drivers
from sim.cost.lines import price as price_plan
from sim.demand.rates import expected_rates
from sim.demand.window import Window
from sim.engine.inputs import prepare
from sim.experiment import run as experiment
from sim.experiment.logs import Log
from sim.experiment.replicate import By, Engine, cut, replicate
from sim.experiment.run import Progress, Result, Settings
from sim.measures import NAMES
from sim.scenario import Scenario, load, unsourced
from sim.scenario.moments import span
from sim.scenario.sources import PLACEHOLDER, placeholders
from sim.workforce.on_duty import peaks, planned
from sim.workforce.workload import expected_tasks

AnyScenario = Scenario | str | os.PathLike[str]
"""A scenario, the path of its file, or the name of a shipped one."""

_CALLS_A_SECOND = 2_500_000
_TASKS_A_SECOND = 2_000_000
"""Calls, and tasks besides, that one core draws and simulates in a second, prudently: for the expected time only."""
_DAY_S = 0.0015
"""Seconds to measure and keep a day of a replication, once it is simulated."""
_DOUBLE = 1.0
"""Growth above this is more than anybody plans for."""
_START_S = 3.0
"""Seconds to read, plan, load the compiled simulation and write the result."""


def run(
    scenario: AnyScenario, replications: int = 20, *, seed: int = 1, first: dt.date | None = None,
    last: dt.date | None = None, by: By | None = None, precision: float | None = None,
    engine: Engine = "fast", jobs: int = 0, progress: Progress | None = None,
) -> Result:  # fmt: skip
    """Simulate a scenario's horizon, or the days from ``first`` to ``last``, and judge it.

    Parameters
    ----------
    scenario
        A scenario, the path of its file, or the name of a shipped one.
    replications
        How many years are simulated.
    seed
        Which random numbers; the same seed gives the same result, on one process or many.
    first, last
        The first and the last day, the horizon's own where left out.
    by
        Also report each month, quarter or week (``result.others``).
    precision
        Go on until the connection rate's interval is this narrow (relative half-width) instead.
    engine
        ``fast`` or ``reference``: the same result, at another speed.
    jobs
        Processes; 0 for all cores.
    progress
        Told the replications done and wanted.

    Returns
    -------
    Result
        Measures, targets, months and the bill; :mod:`sim.experiment.frames` makes polars frames of them.

    Raises
    ------
    ScenarioError
        If the scenario cannot be used.
    ValueError
        If the days are not in the horizon.

    Examples
    --------
    >>> import sim
    >>> result = sim.run("one-day", replications=2, jobs=1)
    >>> result.measures["connection_rate"].mean > 0.9
    True
    """
    settings = Settings(first, last, by, replications, precision, seed, engine, jobs)
    return experiment.run(_loaded(scenario), settings, progress=progress)


@dataclass(frozen=True)
class Simulation:
    """One replication: its measures, and every attempt and task as a frame.

    The columns are those of ``attempts.parquet`` and ``tasks.parquet``; without work that can wait ``tasks`` is empty.
    """

    scenario: Scenario
    seed: int
    replication: int
    measures: dict[str, float | None]
    attempts: pl.DataFrame
    tasks: pl.DataFrame


def simulate(
    scenario: AnyScenario, seed: int = 1, replication: int = 0, engine: Engine = "fast", *,
    first: dt.date | None = None, last: dt.date | None = None,
) -> Simulation:  # fmt: skip
    """Simulate one replication and keep every attempt and task.

    Parameters
    ----------
    scenario, seed, engine, first, last
        As in :func:`run`.
    replication
        Which one; ``run`` with as many replications holds the same.

    Returns
    -------
    Simulation
        With ``attempts``, a row an attempt in order of arrival, and ``tasks``, a row a task in order of release.

    Raises
    ------
    ScenarioError, ValueError
        As in :func:`run`.

    Examples
    --------
    >>> import sim
    >>> attempts = sim.simulate("one-day").attempts
    >>> attempts["outcome"].value_counts().height > 0
    True
    """
    loaded = _loaded(scenario)
    plan = prepare(loaded, first, last)
    pieces = cut(plan, None)
    bill = price(loaded, first, last) if loaded.cost is not None else None
    extras = experiment.extras_by_period(plan, pieces, bill)
    parts: dict[Log, list[pl.DataFrame]] = {"attempts": [], "tasks": []}

    def keep(log: Log, _: int, frame: pl.DataFrame) -> None:
        parts[log].append(frame)

    found = replicate(plan, pieces, extras, seed, replication, engine, keep)
    pairs = zip(NAMES, found.year, strict=True)
    measures = {name: float(top / bottom) if bottom > 0 else None for name, (top, bottom) in pairs}
    return Simulation(loaded, seed, replication, measures, pl.concat(parts["attempts"]), pl.concat(parts["tasks"]))


def price(scenario: AnyScenario, first: dt.date | None = None, last: dt.date | None = None) -> Bill:
    """Return the contract's bill for the plan, without simulating.

    Parameters
    ----------
    scenario, first, last
        As in :func:`run`.

        Days that are a part of the horizon are billed their share of the plan for the whole of it.

    Returns
    -------
    Bill
        The four lines with their parts; ``bill.drivers`` is what the plan needs on these days.

    Raises
    ------
    ScenarioError
        If the scenario cannot be used or has no money.
    ValueError
        If the days are not in the horizon.
    LookupError
        If a dated rate has no value yet on one of the days.

    Examples
    --------
    >>> import sim
    >>> bill = sim.price("shanghai-2020")
    >>> round(bill.total_wan)
    13334
    """
    loaded = _loaded(scenario)
    return price_plan(loaded, plan_drivers(loaded), first, last)


@dataclass(frozen=True)
class Size:
    """How big a scenario is, before it is simulated."""

    days: int
    contacts: float
    """Expected first attempts in the horizon, every surge included."""
    agents_at_peak: int
    """Most agents planned on duty in one quarter of an hour, all groups."""
    seats: int | None
    """Seats of all sites; None where the scenario has no sites."""
    peaks: dict[str, int]
    """Most agents planned on duty at each site; under no name, at none."""
    replications: int
    jobs: int
    run_s: float
    """Seconds that ``hotline run`` will take, about."""


def size(scenario: Scenario, replications: int = 20) -> Size:
    """Return how big a scenario is and how long a run of ``replications`` will take on this machine."""
    window = Window.of(scenario)
    measured = slice(window.warm_slots, None)
    rates = expected_rates(scenario, window, written=True)
    calls, tasks = rates[:, : len(scenario.types)], expected_tasks(scenario, rates)
    days = len(window.days(scenario))
    one_s = calls.sum() / _CALLS_A_SECOND + tasks.sum() / _TASKS_A_SECOND + days * _DAY_S
    roster = planned(scenario, window, expected_rates(scenario, window, known_only=True, written=True))
    jobs = min(replications, os.cpu_count() or 1)
    return Size(
        days=days - scenario.horizon.warm_up_days,
        contacts=float(calls[measured].sum()),
        agents_at_peak=int(roster[measured].sum(axis=1).max()),
        peaks=peaks(scenario, roster[measured]),
        seats=sum(site.seats for site in scenario.sites.values()) if scenario.sites else None,
        replications=replications,
        jobs=jobs,
        run_s=_START_S + float(one_s) * replications / jobs,
    )


def warnings(scenario: Scenario) -> Iterator[str]:
    """Yield what is allowed in a scenario and hardly meant."""
    growth = scenario.demand.growth
    if growth > _DOUBLE:
        yield (
            f"demand.growth = {growth:g} multiplies all contacts by {1.0 + growth:g} ({growth * 100:+,.10g} %); "
            f"if {growth:g} % is meant, write {growth / 100:g}"
        )
    yield from implausible(scenario)


def notes(scenario: Scenario, found: Size) -> Iterator[str]:
    """Yield what a planner should know about a scenario that is not wrong."""
    yield from calendar_warnings(*span(scenario), scenario.calendar)
    for name, site in scenario.sites.items():
        if found.peaks[name] > site.seats:
            yield (
                f"at the peak {found.peaks[name]} agents are planned at {name} and there are {site.seats} seats: "
                "the run seats as many as it can and counts the quarters of an hour without enough; tasks could be "
                f"done at other hours (tasks.NAME.hours), or seats added (sites.{name}.seats)"
            )
    for key in placeholders(scenario):
        yield f'the source of {key} still reads "{PLACEHOLDER}", which is none: write why, or which document'
    bare = unsourced(scenario)
    if bare:
        listed = ", ".join(bare[:8]) + (f" and {len(bare) - 8} more" if len(bare) > 8 else "")
        yield f"{len(bare)} numbers have no source of their own: {listed}; give them under [sources]"


def _loaded(scenario: AnyScenario) -> Scenario:
    return scenario if isinstance(scenario, Scenario) else load(scenario)
