"""The plan that a scenario makes: whether it is sound, how big it is, and what is worth saying of it."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator
from dataclasses import dataclass

from sim.calendar import SHAPE_KINDS, calendar_warnings
from sim.cost.calibrate import implausible
from sim.demand.rates import expected_rates
from sim.demand.window import Window
from sim.engine.inputs import Plan, prepare
from sim.engine.plan_checks import kept_back_h, plan_faults
from sim.scenario import PlanError, Scenario, load, to_dict, unsourced
from sim.scenario.moments import span
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


def loaded(scenario: AnyScenario) -> Scenario:
    """Return a scenario that may be named."""
    return scenario if isinstance(scenario, Scenario) else load(scenario)


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


def warnings(scenario: Scenario, first: dt.date | None = None, last: dt.date | None = None) -> Iterator[str]:
    """Yield what is allowed in a scenario, simulated from ``first`` to ``last``, and hardly meant."""
    growth = scenario.demand.growth
    if growth > _DOUBLE:
        yield (
            f"demand.growth = {growth:g} multiplies all contacts by {1.0 + growth:g} ({growth * 100:+,.10g} %); "
            f"if {growth:g} % is meant, write {growth / 100:g}"
        )
    yield from implausible(scenario)
    warm = dt.timedelta(days=scenario.horizon.warm_up_days)
    first, last = (first or scenario.horizon.start) - warm, last or scenario.horizon.end
    for surge in scenario.demand.surge:
        if surge.from_.date() > last or surge.to <= dt.datetime.combine(first, dt.time()):
            yield (
                f"the surge {surge.name}, {surge.from_} to {surge.to}, is not inside the days simulated, {first} to "
                f"{last}: nothing of it is in the result"
            )


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
