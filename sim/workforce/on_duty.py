"""How many agents are on duty in each 15-minute slot: as planned, and after absence and seats (§14)."""

from __future__ import annotations

import datetime as dt
import math

import numpy as np
from numpy.typing import NDArray

from sim.calendar import day_kinds, shape_kind
from sim.scenario import Scenario
from sim.scenario.groups import Absence, Group, OnDutyRule, Roster, WorkloadRule
from sim.scenario.tables import OnDutyTable
from sim.terms import SECOND_MS, SLOT_MS, SLOTS_PER_DAY, absolute_slot
from sim.uniforms import ABSENCE_RATE, ABSENT, fold, name_word, uniforms
from sim.workforce.handling import first_choice, handling_s
from sim.workforce.slots import Slots
from sim.workforce.workload import agents_for_work, expected_tasks, with_repeats

_SLOT_S = SLOT_MS / SECOND_MS
_NUMBER_BITS = 20
_SHORTEST_S = 1.0


def planned(scenario: Scenario, window: Slots, rates_known: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the agents the plan puts on duty, before absence and seats.

    Parameters
    ----------
    scenario
        The scenario; each group has a table, a roster or a rule, ``erlang-a`` or ``workload``.
    window
        The slots.
    rates_known
        What the planner expects, contacts per slot and type, shape ``(rows, types)``; with the rule ``workload`` also
        written contacts, a column for each kind of task with arrivals of its own.

    Returns
    -------
    numpy.ndarray
        Agents, shape ``(rows, groups)``, the groups in declared order.

    Notes
    -----
    The rule ``erlang-a`` takes each slot as if its rate, repeats included, lasted for ever, with the types whose first
    group it is (a type whose groups are equal is shared equally between them), their mean handling time and mean
    patience. It finds the fewest agents that meet its target, the wait being that in the queue, adds the margin, and
    then as many as absence takes on average; minimum and maximum come last.
    """
    days = window.days(scenario)
    place = window.slots_into_days()
    kinds = [shape_kind(kind) for kind in day_kinds(days[0], days[-1], scenario.calendar)]
    calls = with_repeats(scenario, rates_known)
    by_work = any(isinstance(group.on_duty, WorkloadRule) for group in scenario.groups.values())
    tasks = expected_tasks(scenario, rates_known) if by_work else np.empty((0, 0))
    columns = []
    for name, group in scenario.groups.items():
        if isinstance(group.on_duty, OnDutyTable):
            roster = {kind: np.array(group.on_duty.slots(kind), np.int64) for kind in set(kinds)}
            columns.append(np.concatenate([roster[kind] for kind in kinds])[place])
            continue
        if isinstance(group.on_duty, Roster):
            columns.append(np.array([group.on_duty.slots(day) for day in days], np.int64).ravel()[place])
            continue
        speed = speeds_by_day(scenario, group, days)
        if isinstance(group.on_duty, WorkloadRule):
            needed, is_open = agents_for_work(scenario, window, name, group.on_duty, speed, tasks)
            columns.append((_rostered(needed, group.on_duty, group.absence) * is_open)[place])
        else:
            needed = _needed(scenario, name, group.on_duty, np.repeat(speed, SLOTS_PER_DAY)[place], calls)
            columns.append(_rostered(needed, group.on_duty, group.absence))
    agents = np.column_stack(columns)
    _keep_dates(agents, scenario, days[0], place)
    return agents


def _keep_dates(agents: NDArray[np.int64], scenario: Scenario, first: dt.date, place: NDArray[np.int64]) -> None:
    """Leave groups that go by dates on duty only between them, with the agents that another group gives (§14)."""
    midnight = dt.datetime.combine(first, dt.time())
    names = list(scenario.groups)
    for column, group in enumerate(scenario.groups.values()):
        calls = group.activation
        if calls is None or calls.from_ is None or calls.to is None:
            continue
        begin, end = ((moment - midnight) // dt.timedelta(minutes=15) for moment in (calls.from_, calls.to))
        agents[(place < begin) | (place >= end), column] = 0
        if calls.agents_from is not None:
            source = names.index(calls.agents_from)
            agents[:, column] = np.minimum(agents[:, column], agents[:, source])
            agents[:, source] -= agents[:, column]


def speeds_by_day(scenario: Scenario, group: Group, days: list[dt.date]) -> NDArray[np.float64]:
    """Return the factor on handling times each day, shape ``(days,)``: it changes by the horizon's weeks (§9)."""
    start = scenario.horizon.start
    return np.array([group.speed_on(start + dt.timedelta(weeks=max(0, (day - start).days // 7))) for day in days])


def peaks(scenario: Scenario, planned: NDArray[np.int64]) -> dict[str, int]:
    """Return the most agents planned in one slot at each site; under no name, of groups without one.

    Agents called in from another group are counted there (§14).
    """
    found = {}
    for site in (*scenario.sites, ""):
        own = [group.site == (site or None) and group.lender is None for group in scenario.groups.values()]
        found[site] = int(planned[:, own].sum(axis=1).max(initial=0))
    return found


def never_lent_whole(scenario: Scenario, planned: NDArray[np.int64]) -> dict[str, tuple[int, int]]:
    """Return the groups called in from another that has fewer than they ask for whenever they ask for any.

    By group: the most that it asks for, and the most that the other then has.
    """
    names = list(scenario.groups)
    found = {}
    for column, (name, group) in enumerate(scenario.groups.items()):
        if group.lender is None:
            continue
        wanted, there = planned[:, column], planned[:, names.index(group.lender)]
        asked = wanted > 0
        if asked.any() and (wanted > there)[asked].all():
            found[name] = int(wanted.max()), int(there[asked].max())
    return found


def offered(
    scenario: Scenario, name: str, speed: NDArray[np.float64], calls: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return what the calls bring that look for a group first.

    Parameters
    ----------
    scenario
        The scenario.
    name
        The group.
    speed
        Its factor on handling times, shape ``(rows,)``.
    calls
        Calls expected in each slot, repeats included, a column a type.

    Returns
    -------
    tuple
        Calls a second, agents' seconds of ring, talk and wrap-up a second (Erlang), and hang-ups a second of calls that
        wait; shape ``(rows,)`` each. A mixture of types hangs up at the mean of their rates.
    """
    greeting = scenario.greeting
    arrivals = np.zeros(speed.size)
    work = np.zeros(speed.size)
    hangups = np.zeros(speed.size)
    for column, kind in enumerate(scenario.types.values()):
        calls_per_s = calls[:, column] * first_choice(kind, name) * (1.0 - greeting.contained_share) / _SLOT_S
        arrivals += calls_per_s
        work += (
            calls_per_s * (greeting.ring_s + speed * handling_s(scenario, kind, name)) if name in kind.groups else 0.0
        )
        hangups += calls_per_s / max(_SHORTEST_S, kind.patience.mean_s * (1.0 - kind.patience.immediate_share))
    return arrivals, work, hangups


def _needed(
    scenario: Scenario,
    name: str,
    rule: OnDutyRule,
    speed: NDArray[np.float64],
    calls: NDArray[np.float64],
) -> NDArray[np.int64]:
    """Return the fewest agents of group ``name`` that meet the target in each slot, shape ``(rows,)``."""
    from sim.theory import required_agents  # compiles on first use: only for rosters made by rule

    arrivals, work, hangups = offered(scenario, name, speed, calls)
    some = arrivals > 0.0
    needed = np.zeros(speed.size, np.int64)
    with np.errstate(divide="ignore"):
        patience_s = arrivals[some] / hangups[some]
    needed[some] = required_agents(
        arrivals[some],
        np.maximum(work[some] / arrivals[some], 1.0 / SECOND_MS),
        patience_s,
        **rule.target.model_dump(exclude_none=True),
    )
    return needed


def _rostered(needed: NDArray[np.int64], rule: OnDutyRule | WorkloadRule, absence: Absence) -> NDArray[np.int64]:
    """Return the roster that leaves ``needed`` and the margin on an average day, within the rule's bounds."""
    there = 1.0 - absence.rate if absence.rate < 1.0 else 1.0  # if nobody ever comes, no roster mends it
    margin = rule.margin if isinstance(rule, OnDutyRule) else 0.0
    rostered = np.ceil(needed * (1.0 + margin) / there - 1e-9)  # 50 x 1.1 is 55, not 55.00000000000001
    bounded: NDArray[np.int64] = np.clip(rostered, rule.minimum, rule.maximum).astype(np.int64)
    return bounded


def present(
    planned: NDArray[np.int64], scenario: Scenario, window: Slots, key: np.uint64
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return the agents that are there: the plan less absence, within the seats of each site.

    Parameters
    ----------
    planned
        The plan, shape ``(rows, groups)``.
    scenario
        The scenario.
    window
        The slots of the plan.
    key
        The replication's key, from :func:`sim.uniforms.stream_key`.

    Returns
    -------
    tuple
        Agents, shape ``(rows, groups)``, and in which rows the seats of a site were too few, shape
        ``(rows,)``. The k-th of a group's roster is absent for a whole day if his uniform (group, day, k) is
        below that day's rate. Groups sit down in declared order; agents called from another group of the site keep
        their seats.
    """
    there = np.empty_like(planned)
    for column, (name, group) in enumerate(scenario.groups.items()):
        there[:, column] = _after_absence(planned[:, column], name, group.absence, scenario, window, key)
    short = np.zeros(window.rows, bool)
    for site_name, site in scenario.sites.items():
        free = np.full(window.rows, site.seats, np.int64)
        for column, group in enumerate(scenario.groups.values()):
            if group.site == site_name:
                if group.lender is not None and scenario.groups[group.lender].site == site_name:
                    continue
                seated = np.minimum(there[:, column], free)
                short |= seated < there[:, column]
                there[:, column] = seated
                free -= seated
    return there, short


def _after_absence(
    roster: NDArray[np.int64], name: str, absence: Absence, scenario: Scenario, window: Slots, key: np.uint64
) -> NDArray[np.int64]:
    """Return one group's roster less the absent, shape ``(rows,)``."""
    if absence.rate == 0.0:
        return roster
    group_key = np.uint64(fold(key, name_word(name)))
    calendar_days = window.days(scenario)
    days = absolute_slot(calendar_days[0]) // SLOTS_PER_DAY + np.arange(len(calendar_days))
    rates = np.full(days.size, absence.rate)
    if absence.cv > 0.0:
        from scipy import special

        variance = math.log1p(absence.cv**2)  # lognormal with mean 1
        z = special.ndtri(uniforms(group_key, ABSENCE_RATE, days))
        rates = rates * np.exp(math.sqrt(variance) * z - variance / 2.0)
    numbers = np.arange(roster.max())
    u = uniforms(group_key, ABSENT, ((days[:, None] << _NUMBER_BITS) | numbers).ravel())
    absent = u.reshape(days.size, numbers.size) < rates[:, None]
    before = np.zeros((days.size, numbers.size + 1), np.int64)  # absent among the first k of the roster
    np.cumsum(absent, axis=1, out=before[:, 1:])
    absentees: NDArray[np.int64] = before[window.slots_into_days() // SLOTS_PER_DAY, roster]
    return roster - absentees
