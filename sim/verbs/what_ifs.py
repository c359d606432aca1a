"""Several scenarios, or one in several forms, with the same citizens: comparisons, sweeps, and the year so far."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import polars as pl

from sim.experiment import compare as comparing
from sim.experiment import sweep as sweeps
from sim.experiment.actuals import read_actuals
from sim.experiment.cases import simulate_cases
from sim.experiment.causes import split
from sim.experiment.compare import Comparison
from sim.experiment.gather import Progress, Settings
from sim.experiment.ranking import rankable
from sim.experiment.replicate import Engine
from sim.experiment.sensitivity import tornado, tornado_cases, tornado_table
from sim.experiment.track import Track
from sim.experiment.track import track as follow
from sim.scenario.ranges import parameters
from sim.verbs.plans import AnyScenario, loaded, sound_plan
from sim.verbs.runs import asked


def compare(
    *scenarios: AnyScenario, replications: int = 20, seed: int = 1, first: dt.date | None = None,
    last: dt.date | None = None, precision: float | Mapping[str, float] | None = None, engine: Engine = "fast",
    jobs: int = 0, causes: bool | None = None, rank: str | None = None, progress: Progress | None = None,
) -> Comparison:  # fmt: skip
    """Simulate scenarios with the same citizens and compare each with the first.

    Parameters
    ----------
    scenarios
        Two or more, as in :func:`run`, of the same days; each with a name of its own.
    replications, seed, first, last, precision, engine, jobs, progress
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
    comparing.check_comparable(every)
    allowed = rankable(cases)
    if rank is not None and rank not in allowed:
        raise ValueError(f"rank must be one of {', '.join(allowed)}")
    settings = Settings(first, last, None, replications, asked(precision), seed, engine, jobs)
    base, *others = every
    parted = len(cases) == 2 if causes is None else causes
    splits = {other.name: split(base, other) for other in others if parted}
    outcomes = simulate_cases(comparing.with_between(cases, splits), settings, progress=progress)
    return comparing.compare(outcomes, settings, splits, rank or allowed[0])


def sweep(
    scenario: AnyScenario, vary: Mapping[str, Sequence[str | float]], replications: int = 20, *, seed: int = 1,
    first: dt.date | None = None, last: dt.date | None = None, engine: Engine = "fast", jobs: int = 0,
) -> pl.DataFrame:  # fmt: skip
    """Simulate every combination of some values, all with the same citizens.

    Parameters
    ----------
    scenario, replications, seed, first, last, engine, jobs
        As in :func:`run`.
    vary
        The values of each key, such as ``{"demand.growth": [0.0, 0.1]}``.

    Returns
    -------
    polars.DataFrame
        A row a case, as :func:`sim.experiment.sweep.table` says.

    Raises
    ------
    ScenarioError
        With every fault of every case, before any is simulated.
    ValueError
        As in :func:`run`.

    Examples
    --------
    >>> import sim
    >>> table = sim.sweep("one-day", {"demand.growth": [0.0, 0.2]}, replications=2, jobs=1)
    >>> table["asa_s_mean"].is_sorted()
    True
    """
    cases = sweeps.grid({key: [str(value) for value in values] for key, values in vary.items()})
    every = sweeps.load_cases(scenario, [], cases, sound_plan)
    return sweeps.table(
        cases, simulate_cases(every, Settings(first, last, None, replications, None, seed, engine, jobs))
    )


def sensitivity(
    scenario: AnyScenario, replications: int = 20, *, seed: int = 1, first: dt.date | None = None,
    last: dt.date | None = None, engine: Engine = "fast", jobs: int = 0,
) -> pl.DataFrame:  # fmt: skip
    """Simulate each number with a range at either end of it, the others as they are.

    Parameters
    ----------
    scenario, replications, seed, first, last, engine, jobs
        As in :func:`run`; the scenario has ``[ranges]``.

    Returns
    -------
    polars.DataFrame
        A row a number and quantity, as :func:`sim.experiment.sensitivity.tornado_table` says.

    Raises
    ------
    ScenarioError, ValueError
        As in :func:`sweep`.

    Examples
    --------
    >>> import sim
    >>> table = sim.sensitivity("one-day", replications=2, jobs=1)
    >>> "types.*.redial.probability" in table["parameter"]
    True
    """
    varied = parameters(loaded(scenario))
    cases = tornado_cases(varied)
    every = sweeps.load_cases(scenario, [], cases, sound_plan)
    outcomes = simulate_cases(every, Settings(first, last, None, replications, None, seed, engine, jobs))
    return tornado_table(tornado(varied, outcomes))


def track(
    scenario: AnyScenario, actuals: str | os.PathLike[str], replications: int = 20, *, seed: int = 1,
    engine: Engine = "fast", jobs: int = 0, progress: Progress | None = None,
) -> Track:  # fmt: skip
    """Hold the months passed against the plan and the annual targets, and simulate the rest of the year.

    Parameters
    ----------
    scenario, replications, seed, engine, jobs, progress
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
    settings = Settings(replications=replications, seed=seed, engine=engine, jobs=jobs)
    own = loaded(scenario)
    told = read_actuals(Path(actuals), own)
    sound_plan(own)
    return follow(own, told, partial(simulate_cases, settings=settings, progress=progress))
