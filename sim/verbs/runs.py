"""One scenario: its days simulated, one replication of them whole, its contract priced."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace

import polars as pl

from sim.cost.bill import Bill
from sim.cost.drivers import Planned
from sim.cost.lines import price as price_plan
from sim.engine.inputs import prepare
from sim.experiment import run as experiment
from sim.experiment.gather import Progress, Settings
from sim.experiment.logs import Log
from sim.experiment.measured_plan import Pricing, extras_by_period
from sim.experiment.replicate import By, Engine, cut, replicate
from sim.experiment.run import Result
from sim.experiment.store import opened
from sim.measures import NAMES
from sim.scenario import Scenario
from sim.verbs.plans import AnyScenario, loaded, sound_plan
from sim.workforce.headcount import expected_headcount


def run(
    scenario: AnyScenario, replications: int = 20, *, seed: int = 1, first: dt.date | None = None,
    last: dt.date | None = None, by: By | None = None, precision: float | Mapping[str, float] | None = None,
    engine: Engine = "fast", jobs: int = 0, cluster: str | None = None,
    store: str | os.PathLike[str] | None = None, progress: Progress | None = None,
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
        Go on until the connection rate's interval, or that of each measure named, is this narrow (relative half-width)
        instead.
    engine
        ``fast`` or ``reference``: the same result, at another speed.
    jobs
        Processes; 0 for all cores.
    cluster
        The address of a Dask scheduler whose workers simulate instead, such as ``tcp://10.0.0.5:8786``.
    store
        Where finished replications are kept and those of earlier calls taken from: a file that ends in ``.sqlite``,
        or a folder, such as ``results``, whose ``replications.sqlite`` the commands use too. Left out, none are kept.
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
    OSError
        If the store cannot be written to.
    ClusterError
        If the cluster cannot be reached or is lost; what was finished is in the store.

    Examples
    --------
    >>> import sim
    >>> result = sim.run("one-day", replications=2, jobs=1)
    >>> result.measures["connection_rate"].mean > 0.9
    True
    """
    settings = Settings(first, last, by, replications, asked(precision), seed, engine, jobs, cluster)
    own = loaded(scenario)
    sound_plan(own)
    with opened(store) as kept:
        return experiment.run(own, settings, store=kept, progress=progress)


def asked(precision: float | Mapping[str, float] | None) -> Mapping[str, float] | None:
    """Return a precision by measure; a number alone is the connection rate's."""
    return {"connection_rate": precision} if isinstance(precision, float) else precision


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
    own = loaded(scenario)
    sound_plan(own)
    plan = prepare(own, first, last)
    pieces = cut(plan, None)
    drivers = Pricing(own, seed, first, last).in_days(replication) if own.cost is not None else None
    extras = extras_by_period(plan, pieces, drivers)
    parts: dict[Log, list[pl.DataFrame]] = {"attempts": [], "tasks": []}

    def keep(log: Log, _: int, frame: pl.DataFrame) -> None:
        parts[log].append(frame)

    found = replicate(plan, pieces, extras, seed, replication, engine, keep)
    pairs = zip(NAMES, found.year, strict=True)
    measures = {name: float(top / bottom) if bottom > 0 else None for name, (top, bottom) in pairs}
    return Simulation(own, seed, replication, measures, pl.concat(parts["attempts"]), pl.concat(parts["tasks"]))


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
    own = loaded(scenario)
    planned = Planned.of(own)
    bill = price_plan(own, planned.drivers(), first, last)
    if own.headcount is None:
        return bill
    return replace(price_plan(own, planned.drivers(expected_headcount(own)), first, last), without=bill)
