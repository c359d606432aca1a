"""Rosters of a year: what the plan needs in typical weeks, and the cheapest tours that cover it (§19)."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from joblib import Parallel, cpu_count, delayed, parallel_config

from sim.calendar import statutory_pay_days
from sim.demand.rates import expected_rates
from sim.demand.window import Window
from sim.scenario import Fault, Scenario, ScenarioError
from sim.scenario.groups import WorkloadRule
from sim.scenario.shifts import STEPS_PER_DAY
from sim.staffing.prices import Prices, prices_on, tour_cny
from sim.staffing.scheduling import DayWork, NoSchedule, Schedule, cover
from sim.staffing.weekly import Week
from sim.staffing.weeks import TypicalWeek, most_of, typical_weeks
from sim.staffing.whole_week import Worth
from sim.staffing.year_tours import Floats, GroupTours, Ints, Need, YearTours
from sim.terms import SLOTS_PER_DAY
from sim.workforce.on_duty import planned
from sim.workforce.tours import Tours, half_hours, stretches, weekly_tours
from sim.workforce.workload import open_slots

_HOURS_ALONE: Final = Prices(1.0, 1.5, 0.0, 0.0)
"""Without a bill the least paid hours are sought, overtime half as dear again."""
_CHAIN: Final = 7
"""Weeks of a group that are solved one after the other, each from the one before."""
_NAMED: Final = 7
"""Stretches of half-hours that a message names."""

Told = Callable[[int, int], None]
"""Told the weeks done and all there are, those of each group counted apart."""


@dataclass(frozen=True)
class _Week:
    """A group's week to be planned; weeks that need the same for the same prices are one."""

    group: str
    weeks: tuple[int, ...]
    need: Need
    cost_cny: Floats
    seats: Floats | None


def rosters(
    scenario: Scenario, group: str | None = None, *, gap: float = 0.01, seconds: float = 3.0, told: Told | None = None
) -> YearTours:
    """Return the tours that cover what each group's plan needs, at the least cost found.

    Parameters
    ----------
    scenario
        With ``[shifts]`` and ``[tours]``.
    group
        The one group to be rostered; left out, all that are not called in.
    gap
        A week is left as it is once no other can be cheaper by more than this share.
    seconds
        Time limit for a week of a group.
    told
        Told how far it is.

    Raises
    ------
    ScenarioError
        If there are no shifts, no such group, or nothing that covers what is needed.
    """
    weeks = typical_weeks(scenario)
    needs = needs_of(scenario, weeks)
    wanted = {name: needs[name] for name in rostered_groups(scenario, group)}
    return YearTours(scenario, weeks, covered(scenario, weeks, wanted, gap=gap, seconds=seconds, told=told))


def covered(
    scenario: Scenario, weeks: list[TypicalWeek], needs: Mapping[str, Need], *, gap: float, seconds: float,
    seats: Floats | None = None, quickly: bool = False, told: Told | None = None,
) -> dict[str, GroupTours]:  # fmt: skip
    """Return the tours that cover what some groups need; the rest as in :func:`rosters`.

    ``seats`` are those that each group has, shape ``(weeks, 336)``; a week that they are too few for goes beyond.
    ``quickly``, for groups without work that can wait and without seats, takes a second or two a week for what takes
    dives some times as long, often for no more; but its bound says less of what a few agents cost.
    """
    names = list(needs)
    tours = {name: weekly_tours(scenario, name) for name in names}
    costs = {name: weekly_costs(scenario, weeks, own) for name, own in tours.items()}
    chains = [chain for name in names for chain in _chains(name, needs[name], costs[name], seats)]
    found: dict[tuple[str, int], Schedule] = {}
    done, wanted = 0, sum(map(len, chains))
    with parallel_config("loky", inner_max_num_threads=1):
        workers = Parallel(max(1, min(cpu_count(), len(chains))), return_as="generator_unordered", batch_size=1)
        solved = _found_quickly if quickly else _solved
        for chain in workers(delayed(solved)(tours[chain[0].group], chain, gap, seconds) for chain in chains):
            for week, schedule in chain:
                if isinstance(schedule, NoSchedule):
                    raise ScenarioError([_fault(scenario, week.group, schedule)])
                found.update({(week.group, n): schedule for n in week.weeks})
            done += len(chain)
            if told is not None:
                told(done, wanted)
    return {
        name: _group_tours(own, needs[name], costs[name], [found[name, n] for n in range(len(weeks))], scenario)
        for name, own in tours.items()
    }


def rostered_groups(scenario: Scenario, group: str | None) -> list[str]:
    """Return the groups to be rostered."""
    if not scenario.shifts or not scenario.tours:
        missing = "tours" if scenario.shifts else "shifts"
        remedy = (
            "add [shifts.day] with from_h = 8.0, to_h = 10.0, length_h = [8.5] and [tours.full_time] with "
            'shifts = ["day"], days_on = 5 and your own numbers; shanghai-2020 has both'
        )
        raise ScenarioError([Fault(scenario.name, missing, "", f"a table [{missing}.NAME]: a roster needs it", remedy)])
    own = [name for name, one in scenario.groups.items() if one.activation is None]
    if group is None:
        return own
    if group not in own:
        called = "it is called in: its agents have no tours of their own; " if group in scenario.groups else ""
        allowed = f"a group with agents of its own: {', '.join(own)}"
        raise ScenarioError([Fault("--group", "", group, allowed, f"{called}write one of these")])
    return [group]


def needs_of(scenario: Scenario, weeks: list[TypicalWeek]) -> dict[str, Need]:
    """Return what each group needs; a group that lends agents between two dates needs those too."""
    window = Window.of(scenario)
    days = window.days(scenario)
    agents = planned(scenario, window, expected_rates(scenario, window, known_only=True, written=True))
    columns = dict(zip(scenario.groups, agents.T.copy(), strict=True))
    for name, group in scenario.groups.items():
        if group.goes_by_dates and group.activation is not None and group.activation.agents_from is not None:
            columns[group.activation.agents_from] += columns[name]
    is_open = open_slots(scenario, window)
    found = {}
    for name, group in scenario.groups.items():
        daily: Ints = half_hours(columns[name]).reshape(-1, STEPS_PER_DAY)
        least, opened, work = daily, np.zeros_like(daily), np.zeros_like(daily[:, :1])
        if isinstance(group.on_duty, WorkloadRule):
            own = np.array([kind.groups[0] == name for kind in scenario.kinds.values()], np.bool_)
            opened += (is_open[:, :: SLOTS_PER_DAY // STEPS_PER_DAY] & own).any(axis=2)
            work = daily.sum(axis=1, keepdims=True)
            least = np.minimum(daily, np.int64(group.on_duty.minimum))
        required, of_days, open_most = (most_of(each, days, weeks) for each in (least, work, opened))
        found[name] = Need(required, of_days, open_most > 0)
    return found


def weekly_costs(scenario: Scenario, weeks: list[TypicalWeek], tours: Tours) -> Floats:
    """Return what an agent costs in each tour in a week planned so, on average, shape ``(weeks, tours)``."""
    statutory = set(statutory_pay_days(weeks[0].mondays[0], weeks[-1].dates()[-1], scenario.calendar))
    costs = []
    for week in weeks:
        prices = _HOURS_ALONE
        if scenario.cost is not None and scenario.workforce is not None:
            day = max(week.mondays[0], scenario.horizon.start)
            prices = prices_on(day, scenario.cost.personnel, scenario.workforce)
        holidays = [day.weekday() for day in week.dates() if day in statutory]
        with_holidays = [tour_cny(tours, prices, [day]) for day in holidays]
        plain = tour_cny(tours, prices)
        costs.append(plain + sum((one - plain for one in with_holidays), np.zeros(len(tours))) / len(week.mondays))
    return np.array(costs)


def _chains(group: str, need: Need, costs: Floats, seats: Floats | None) -> Iterator[list[_Week]]:
    """Yield a group's different weeks, a few at a time."""
    alike: dict[tuple[bytes, ...], list[int]] = {}
    for n, cost in enumerate(costs):
        relative = (cost / cost.max()).round(9) if cost.size else cost
        room = b"" if seats is None else seats[n].tobytes()
        alike.setdefault((need.required[n].tobytes(), need.work[n].tobytes(), relative.tobytes(), room), []).append(n)
    weeks = [
        _Week(group, tuple(same), _of_week(need, n), costs[n], None if seats is None else seats[n])
        for same in alike.values()
        for n in same[:1]
    ]
    yield from (weeks[n : n + _CHAIN] for n in range(0, len(weeks), _CHAIN))


def _of_week(need: Need, week: int) -> Need:
    return Need(need.required[week], need.work[week], need.is_open[week])


def _solved(tours: Tours, chain: list[_Week], gap: float, seconds: float) -> list[tuple[_Week, Schedule | NoSchedule]]:
    """Return the weeks of a chain with their schedules; it ends with the first that has none."""
    found: list[tuple[_Week, Schedule | NoSchedule]] = []
    basis: Any = None
    for week in chain:
        work = DayWork(week.need.is_open, week.need.work)
        about = (tours, week.need.required, week.cost_cny)
        schedule = cover(*about, gap=gap, seconds=seconds, work=work, basis=basis)
        if isinstance(schedule, Schedule) and week.seats is not None and (schedule.coverage > week.seats).any():
            seated = cover(*about, seats=week.seats, gap=gap, seconds=seconds, work=work)
            schedule = replace(seated, basis=schedule.basis) if isinstance(seated, Schedule) else schedule
        if isinstance(schedule, NoSchedule):
            return [*found, (week, schedule)]
        # A basis is of the next week's use alone, and no other process can be sent it.
        basis, schedule = schedule.basis, replace(schedule, basis=None)
        found.append((week, schedule))
    return found


def _found_quickly(
    tours: Tours, chain: list[_Week], gap: float, seconds: float
) -> list[tuple[_Week, Schedule | NoSchedule]]:
    """Return the same for weeks without work that can wait and without seats, by the search for whole agents alone."""
    found: list[tuple[_Week, Schedule | NoSchedule]] = []
    for week in chain:
        begun = time.monotonic()
        bought = Week(tours, week.cost_cny, Worth.of_need(week.need.required)).whole(gap, seconds)
        if bought is None:
            # It does not say why: that is left to the other way, should that find none either.
            found += _solved(tours, [week], gap, seconds)
            continue
        counts = np.rint(bought.counts).astype(np.int64)
        about = (tours.on_duty(counts), bought.cost_cny, bought.bound_cny, bought.gap)
        found.append((week, Schedule(counts, *about, time.monotonic() - begun, None)))
    return found


def _group_tours(tours: Tours, need: Need, costs: Floats, schedules: list[Schedule], scenario: Scenario) -> GroupTours:
    agents = np.array([schedule.counts for schedule in schedules])
    priced = scenario.cost is not None and scenario.workforce is not None
    return GroupTours(
        tours=tours,
        need=need,
        agents=agents,
        week_cny=(agents * costs).sum(axis=1) if priced else None,
        gap=np.array([schedule.gap for schedule in schedules]),
    )


def _fault(scenario: Scenario, group: str, found: NoSchedule) -> Fault:
    """Return why a group has no roster, in a planner's words."""
    runs = stretches(found.half_hours)
    when = ", ".join(runs[:_NAMED]) + (f" and {len(runs) - _NAMED} more" if len(runs) > _NAMED else "")
    if found.why == "no tour":
        allowed = "agents only while a tour of [tours] is at work"
        remedy = "give [shifts] and [tours] one that covers these half-hours, or let the plan need nobody then"
        return Fault(scenario.name, f"groups.{group}.on_duty", f"agents at {when}", allowed, remedy)
    if found.why == "time":
        return Fault("--seconds", "", "", f"time enough for a first roster of {group}", "write --seconds 60")
    allowed = f"limits of max_share that leave enough agents for {group} at {when}"
    return Fault(scenario.name, "tours", "", allowed, "raise max_share, or add a kind of tour without it")
