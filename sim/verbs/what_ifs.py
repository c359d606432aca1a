"""Several scenarios, or one in several forms, with the same citizens: comparisons, sweeps, and the year so far."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl

from sim.experiment import sweep as sweeps
from sim.experiment.actuals import read_actuals
from sim.experiment.compare import Comparison, check_comparable, splits
from sim.experiment.definitions import definitions_table
from sim.experiment.gather import Progress, Settings
from sim.experiment.ranking import rankable
from sim.experiment.replicate import Engine
from sim.experiment.sensitivity import sobol_table, tornado_table
from sim.experiment.track import Track
from sim.experiment.vary import parameters_between
from sim.scenario import ScenarioError
from sim.scenario.ranges import parameters
from sim.verbs import steps
from sim.verbs.plans import AnyScenario, loaded, sound_plan
from sim.verbs.runs import asked


def compare(
    *scenarios: AnyScenario, replications: int = 20, seed: int = 1, first: dt.date | None = None,
    last: dt.date | None = None, precision: float | Mapping[str, float] | None = None, engine: Engine = "fast",
    jobs: int = 0, cluster: str | None = None, store: str | os.PathLike[str] | None = None,
    causes: bool | None = None, rank: str | None = None, progress: Progress | None = None,
) -> Comparison:  # fmt: skip
    """Simulate scenarios with the same citizens and compare each with the first.

    Parameters
    ----------
    scenarios
        Two or more, as in :func:`run`, of the same days; each with a name of its own.
    replications, seed, first, last, precision, engine, jobs, cluster, store, progress
        As in :func:`run`; with a precision, as many replications count as all the scenarios have.
    causes
        Whether to part each difference into its causes, which simulates scenarios between the two: up to 62. Left
        out, they are with two scenarios.
    rank
        The measure, or line of the contract, by which they are ranked; left out, the total cost, or the connection
        rate where one has no money.

    Returns
    -------
    Comparison
        Differences with intervals, targets' chances, causes and the ranking.

    Raises
    ------
    ScenarioError
        If a scenario cannot be used, or not be compared with the first.
    ValueError
        If there are fewer than two names, or they cannot be ranked by ``rank``; or as in :func:`run`.

    Examples
    --------
    >>> import sim
    >>> day = sim.load("one-day")
    >>> more = sim.load("one-day", ["name=more-calls", "demand.growth=0.1"])
    >>> found = sim.compare(day, more, replications=2, jobs=1)
    >>> found.cases[0].measures["offered"].difference > 0
    True
    """
    every = [loaded(scenario) for scenario in scenarios]
    cases = {scenario.name: scenario for scenario in every}
    if len(cases) < 2 or len(cases) < len(every):
        raise ValueError("two scenarios or more are needed, each with a name of its own")
    for scenario in every:
        sound_plan(scenario)
    check_comparable(every)
    allowed = rankable(cases)
    if rank is not None and rank not in allowed:
        raise ValueError(f"rank must be one of {', '.join(allowed)}")
    settings = Settings(first, last, None, replications, asked(precision), seed, engine, jobs, cluster)
    own = steps.simulating(settings, store, progress)
    return steps.compared(cases, splits(cases, causes), settings, rank or allowed[0], own)


def sweep(
    scenario: AnyScenario, vary: Mapping[str, Sequence[str | float]], replications: int = 20, *,
    sample: int | None = None, seed: int = 1, first: dt.date | None = None, last: dt.date | None = None,
    precision: float | Mapping[str, float] | None = None, engine: Engine = "fast", jobs: int = 0,
    cluster: str | None = None, store: str | os.PathLike[str] | None = None, progress: Progress | None = None,
) -> pl.DataFrame:  # fmt: skip
    """Simulate every combination of some values, or a sample between bounds, all with the same citizens.

    Parameters
    ----------
    scenario, replications, seed, first, last, precision, engine, jobs, cluster, store, progress
        As in :func:`run`.
    vary
        The values of each key, such as ``{"demand.growth": [0.0, 0.1]}``; with a ``sample``, the two bounds of each.
    sample
        Draw so many cases instead of all combinations, as a Latin hypercube: of each range every part is met once.

    Returns
    -------
    polars.DataFrame
        A row a case, as :func:`sim.experiment.sweep.table` says.

    Raises
    ------
    ScenarioError
        With every fault of every case, before any is simulated.
    ValueError
        If there is nothing to draw, or a key has no two bounds; or as in :func:`run`.

    Examples
    --------
    >>> import sim
    >>> table = sim.sweep("one-day", {"demand.growth": [0.0, 0.2]}, replications=2, jobs=1)
    >>> table["asa_s_mean"].is_sorted()
    True
    >>> drawn = sim.sweep("one-day", {"demand.growth": (0.0, 0.2)}, 2, sample=4, jobs=1)
    >>> sorted(int(growth / 0.05) for growth in drawn["demand.growth"])
    [0, 1, 2, 3]
    """
    settings = Settings(first, last, None, replications, asked(precision), seed, engine, jobs, cluster)
    if sample is None:
        cases = sweeps.grid({key: [str(value) for value in values] for key, values in vary.items()})
    else:
        if not vary or any(len(values) != 2 for values in vary.values()):
            raise ValueError("a sample is drawn between two bounds of each key, such as (0.0, 0.2)")
        written = [f"{key}={low}..{high}" for key, (low, high) in vary.items()]
        drawn, faults = parameters_between(loaded(scenario), "vary", written)
        if faults:
            raise ScenarioError(faults)
        cases = sweeps.hypercube(drawn, sample, seed)
    return steps.swept(scenario, [], cases, settings, steps.simulating(settings, store, progress))


def sensitivity(
    scenario: AnyScenario, replications: int = 20, *, sobol: int | None = None, definitions: bool = False,
    seed: int = 1, first: dt.date | None = None, last: dt.date | None = None,
    precision: float | Mapping[str, float] | None = None, engine: Engine = "fast", jobs: int = 0,
    cluster: str | None = None, store: str | os.PathLike[str] | None = None, progress: Progress | None = None,
) -> pl.DataFrame:  # fmt: skip
    """Simulate each number with a range at either end of it, the others as they are.

    Parameters
    ----------
    scenario, replications, seed, first, last, precision, engine, jobs, cluster, store, progress
        As in :func:`run`; the scenario has ``[ranges]``.
    sobol
        Instead, what share of the variance each number has, from samples of this size, a power of two: as many cases
        times the numbers and two more.
    definitions
        Instead, only each target as it may be meant; no number is varied.

    Returns
    -------
    polars.DataFrame
        A row a number and quantity, as :func:`sim.experiment.sensitivity.tornado_table` says, or with ``sobol``
        :func:`sim.experiment.sensitivity.sobol_table`; of definitions a row each, as
        :func:`sim.experiment.definitions.definitions_table` says.

    Raises
    ------
    ScenarioError
        As in :func:`sweep`.
    ValueError
        If both ``sobol`` and ``definitions`` are asked for, or ``sobol`` is no power of two, or fewer than two numbers
        have a range to share the variance; or as in :func:`run`.

    Examples
    --------
    >>> import sim
    >>> table = sim.sensitivity("one-day", replications=2, jobs=1)
    >>> "types.*.redial.probability" in table["parameter"]
    True
    >>> meant = sim.sensitivity("one-day", 2, definitions=True, jobs=1)
    >>> meant.filter(key="asa")["counts"].to_list()
    ['queue', 'queue+ring']
    """
    settings = Settings(first, last, None, replications, asked(precision), seed, engine, jobs, cluster)
    simulating = steps.simulating(settings, store, progress)
    own = loaded(scenario)
    if definitions:
        if sobol is not None:
            raise ValueError("either sobol or definitions, not both")
        sound_plan(own)
        return definitions_table(steps.defined(own, simulating))
    numbers = parameters(own)
    if sobol is not None and (len(numbers) < 2 or sobol < 4 or sobol & (sobol - 1)):
        raise ValueError("sobol must be a power of two from 4 on, and two numbers or more have a range")
    found = steps.varied(scenario, [], numbers, sobol, settings, simulating)
    return tornado_table(found.swings) if sobol is None else sobol_table(found.indices)


def track(
    scenario: AnyScenario, actuals: str | os.PathLike[str], replications: int = 20, *, seed: int = 1,
    precision: float | Mapping[str, float] | None = None, engine: Engine = "fast", jobs: int = 0,
    cluster: str | None = None, store: str | os.PathLike[str] | None = None, progress: Progress | None = None,
) -> Track:  # fmt: skip
    """Hold the months passed against the plan and the annual targets, and simulate the rest of the year.

    Parameters
    ----------
    scenario, replications, seed, precision, engine, jobs, cluster, store, progress
        As in :func:`run`.
    actuals
        The file of the months passed, CSV or Excel (:func:`sim.experiment.actuals.read_actuals`).

    Returns
    -------
    Track
        The targets' chances, what may still be lost, the contract at the year's end, and variances from the plan.

    Raises
    ------
    ScenarioError
        If the scenario or the file cannot be used.
    """
    settings = Settings(
        replications=replications, precision=asked(precision), seed=seed, engine=engine, jobs=jobs, cluster=cluster
    )
    own = loaded(scenario)
    told = read_actuals(Path(actuals), own)
    sound_plan(own)
    return steps.followed(own, told, steps.simulating(settings, store, progress))
