"""The verbs of the command line for Python: run, simulate, price, sweep, sensitivity; and a check."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from sim.calendar import SHAPE_KINDS, calendar_warnings
from sim.cost.bill import Bill
from sim.cost.calibrate import implausible
from sim.cost.drivers import plan as plan_drivers
from sim.cost.lines import price as price_plan
from sim.demand.rates import expected_rates
from sim.demand.window import Window
from sim.engine.inputs import Plan, prepare
from sim.engine.plan_checks import kept_back_h, plan_faults
from sim.experiment import run as experiment
from sim.experiment import sweep as sweeps
from sim.experiment.cases import simulate_cases
from sim.experiment.logs import Log
from sim.experiment.replicate import By, Engine, cut, replicate
from sim.experiment.run import Progress, Result, Settings
from sim.experiment.sensitivity import tornado, tornado_cases, tornado_table
from sim.measures import NAMES
from sim.scenario import PlanError, Scenario, load, to_dict, unsourced
from sim.scenario.moments import span
from sim.scenario.ranges import parameters
from sim.scenario.sources import PLACEHOLDER, placeholders
from sim.terms import SLOTS_PER_HOUR
from sim.workforce.on_duty import never_lent_whole, peaks
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
_USUAL = 0.5
"""Share of the planned hours in which a trigger holds, from which on it is no trigger."""
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
    loaded = _loaded(scenario)
    sound_plan(loaded)
    return experiment.run(loaded, settings, progress=progress)


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
    sound_plan(loaded)
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


def sound_plan(scenario: Scenario) -> Plan:
    """Return the plan of the whole horizon, once nothing is found wrong with it.

    A part of the horizon is judged by the whole: on some days a group may well be too small for its reserve.

    Raises
    ------
    PlanError
        If the plan cannot be used.
    ValueError
        If a slot has more contacts than can be told apart; the message is a planner's.
    """
    plan = prepare(scenario)
    faults = plan_faults(plan)
    if faults:
        raise PlanError(scenario.name, to_dict(scenario), faults)
    return plan


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
    loaded = sweeps.load_cases(scenario, [], cases, sound_plan)
    return sweeps.table(
        cases, simulate_cases(loaded, Settings(first, last, None, replications, None, seed, engine, jobs))
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
    varied = parameters(_loaded(scenario))
    cases = tornado_cases(varied)
    loaded = sweeps.load_cases(scenario, [], cases, sound_plan)
    outcomes = simulate_cases(loaded, Settings(first, last, None, replications, None, seed, engine, jobs))
    return tornado_table(tornado(varied, outcomes))


@dataclass(frozen=True)
class Size:
    """How big a scenario is, before it is simulated."""

    days: int
    contacts: float
    """Expected first attempts in the horizon, every surge included."""
    agents_at_peak: int
    """Most agents planned on duty in one quarter of an hour, all groups; those taken from another are counted there."""
    seats: int | None
    """Seats of all sites; None where the scenario has no sites."""
    peaks: dict[str, int]
    """Most agents planned on duty at each site; under no name, at none."""
    kept_back_h: dict[str, tuple[float, float]]
    """Of groups that their reserve at times keeps from all work that can wait: in how many hours, and of how many."""
    never_lent_whole: dict[str, tuple[int, int]]
    """Groups called in from another that never has as many: how many they ask for, how many it has."""
    replications: int
    jobs: int
    run_s: float
    """Seconds that ``hotline run`` will take, about."""


def size(scenario: Scenario, replications: int = 20) -> Size:
    """Return how big a scenario is and how long a run of ``replications`` will take on this machine.

    Raises
    ------
    PlanError, ValueError
        As in :func:`sound_plan`.
    """
    plan = sound_plan(scenario)
    window = plan.window
    measured = slice(window.warm_slots, None)
    calls, tasks = plan.rates[:, : len(scenario.types)], expected_tasks(scenario, plan.rates)
    days = len(window.days(scenario))
    one_s = calls.sum() / _CALLS_A_SECOND + tasks.sum() / _TASKS_A_SECOND + days * _DAY_S
    roster = plan.rostered
    own = [group.lender is None for group in scenario.groups.values()]
    jobs = min(replications, os.cpu_count() or 1)
    return Size(
        days=days - scenario.horizon.warm_up_days,
        contacts=float(calls[measured].sum()),
        agents_at_peak=int(roster[measured][:, own].sum(axis=1).max(initial=0)),
        peaks=peaks(scenario, roster[measured]),
        kept_back_h=kept_back_h(plan),
        never_lent_whole=never_lent_whole(scenario, roster[measured]),
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
    for name, (kept, working) in found.kept_back_h.items():
        yield (
            f"in {kept:,g} of the {working:,g} hours in which {name} is on duty and one of its tasks is open, its "
            f"task_reserve keeps all the agents planned, so that it starts none; if that is not meant, lower "
            f"groups.{name}.task_reserve in these hours"
        )
    for name, (wanted, there) in found.never_lent_whole.items():
        lender = scenario.groups[name].lender
        yield (
            f"groups.{name}.on_duty asks for up to {wanted} agents and {lender}, whose agents they are, never "
            f"has as many: {there} at the most; as many come as it has"
        )
    yield from _usual_triggers(scenario)
    yield from _tasks_before_calls(scenario)
    for key in placeholders(scenario):
        yield f'the source of {key} still reads "{PLACEHOLDER}", which is none: write why, or which document'
    bare = unsourced(scenario)
    if bare:
        listed = ", ".join(bare[:8]) + (f" and {len(bare) - 8} more" if len(bare) > 8 else "")
        many = "1 number has no source of its" if len(bare) == 1 else f"{len(bare)} numbers have no source of their"
        yield f"{many} own: {listed}; give them under [sources]"


def _usual_triggers(scenario: Scenario) -> Iterator[str]:
    """Yield the triggers on calls offered that most hours of the plan reach."""
    calls = {name: group.activation.offered_last_hour for name, group in scenario.groups.items() if group.activation}
    if not any(calls.values()):
        return
    window = Window.of(scenario)
    # A surge that nobody plans for is what a trigger is there for.
    planned_calls = expected_rates(scenario, window, known_only=True)[window.warm_slots :].sum(axis=1)
    hours = planned_calls.reshape(-1, SLOTS_PER_HOUR).sum(axis=1)
    for name, threshold in calls.items():
        share = float((hours >= threshold).mean()) if threshold is not None else 0.0
        if share >= _USUAL:
            yield (
                f"groups.{name}.activation.offered_last_hour = {threshold}: {share * 100:.0f} % of the planned hours "
                f"expect as many calls, redials apart, so {name} would be there most of the time; the busiest expects "
                f"{hours.max():.0f}"
            )


def _tasks_before_calls(scenario: Scenario) -> Iterator[str]:
    """Yield the groups whose agents may all be at tasks when a call comes."""
    answering = {name for kind in scenario.types.values() for name in kind.groups}
    for name, group in scenario.groups.items():
        tasks = [task for task, kind in scenario.tasks.items() if name in kind.groups]
        kept = any(any(group.task_reserve_slots(kind)) for kind in SHAPE_KINDS)
        if tasks and name in answering and not kept:
            yield (
                f"{name} answers calls and does tasks ({', '.join(tasks)}) without a task_reserve: tasks take its "
                f"agents from calls, which wait longer; groups.{name}.task_reserve keeps some idle for calls"
            )


def _loaded(scenario: AnyScenario) -> Scenario:
    return scenario if isinstance(scenario, Scenario) else load(scenario)
