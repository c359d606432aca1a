"""What the plan needs day by day, before any price: volumes, hours, heads, seats (§19, §20).

Everything here follows from the plan alone: expected volumes (known surges included), agents rostered by
15 minutes, and the scenario's ``[workforce]`` and ``[posts]``. No random number enters, so ``hotline cost``
and ``hotline run`` show the same bill. Only a head-count changes that: then the agents that are paid are those there
are, and hours are worked where somebody fills the place.

People are counted for the whole horizon: working hours are balanced over the year (the comprehensive
working-hours system), so days and months differ in hours and volumes, not in heads. A part of the year is days
of that plan (:meth:`Drivers.within`); it is never staffed anew.
"""

from __future__ import annotations

import calendar as gregorian
import datetime as dt
from dataclasses import dataclass, fields
from itertools import pairwise
from typing import Any, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from sim.calendar import day_kinds, shape_kind, statutory_pay_days
from sim.cost import levers
from sim.cost.tables import tables
from sim.cost.work import by_kind, phone_busy_h
from sim.demand.rates import expected_rates
from sim.demand.window import Window
from sim.scenario import Scenario
from sim.scenario.money import Workforce
from sim.terms import SLOTS_PER_DAY, SLOTS_PER_HOUR
from sim.workforce.filling import agent_hours, filled, hours_on_duty, needed
from sim.workforce.headcount import Headcount
from sim.workforce.on_duty import peaks, planned, speeds_by_day
from sim.workforce.workload import expected_outcomes, tasks_after

Days = NDArray[np.float64]
"""One number a day, shape ``(days,)``."""
Number = TypeVar("Number", np.float64, np.int64)
_WEEKS_PER_YEAR = 52.0
_SECONDS_PER_HOUR = 3_600.0


@dataclass(frozen=True)
class Role:
    """Staff that are not agents: a post, a ratio to agents, or an office."""

    key: str
    heads: float
    wage_factor: float
    paths: tuple[str, ...]
    """Key paths of the numbers, or tables of them, that decide how many there are and what they are paid."""


@dataclass(frozen=True)
class Drivers:
    """What the plan needs on each of its days, or on some of them; arrays have shape ``(days,)``."""

    days: tuple[dt.date, ...]
    """Consecutive days."""
    month_share: Days
    """Share of its calendar month that a day is: the months that one head is paid."""
    year_share: Days
    """Share of its calendar year that a day is."""
    phone: dict[str, Days]
    """Calls the plan expects to answer, repeats included, by type."""
    tasks: dict[str, Days]
    """Tasks the plan expects, by kind."""
    volumes: dict[str, Days]
    """phone_contact, written_contact, work_order, returned_order."""
    duty_h: dict[str, Days]
    """Hours on duty of each group of employees, planned absence taken off."""
    phone_h: Days
    """The part of these hours that is for the telephone."""
    task_h: dict[str, Days]
    """The part of these hours that is for each kind of task."""
    phone_busy_h: Days
    """Ring, talk and wrap-up of the calls expected, whoever takes them."""
    task_busy_h: dict[str, Days]
    """Handling of the tasks expected of each kind, whoever does them."""
    levers: dict[str, Days]
    """What is bought of groups with an activation price (§14), ``GROUP.calls``, ``.minutes``, ``.hours`` and
    ``.activations``: as planned for hours and activations of groups that go by dates, 0 for what only a simulation
    knows until :attr:`simulated`."""
    simulated: bool
    """Whether ``levers`` holds what a simulation had."""
    posts_h: dict[str, Days]
    """Hours manned of each post."""
    night_h: Days
    """Hours on duty and at posts in the night."""
    duty_holiday_h: Days
    """Hours on duty on statutory days."""
    posts_holiday_h: dict[str, Days]
    """Hours of each post on statutory days."""
    overtime_h: Days
    """Agents' hours done in overtime."""
    productive_h_year: float
    """Hours that one head is at work in a year, shrinkage taken off."""
    agents: float
    """Agents, full-time, that the plan's hours make: as all people and seats, those of the whole plan."""
    hires: Days
    """New agents: to replace leavers, or those of the head-count's classes."""
    trainees: float
    """Agents in training before their first call, as the plan reckons, on average."""
    counted: Literal["plan", "expected", "simulated"]
    """Whose agents are paid: the plan's, or those of a head-count, as expected or of simulated years."""
    agents_paid: Days
    """Agents on the payroll, those in training apart."""
    trainees_paid: Days
    """Agents on the payroll who are in training."""
    staff: tuple[Role, ...]
    """Everybody else."""
    paid_h: Days
    """Paid hours of all heads, overtime included."""
    seats: int
    """Seats that are paid by the year, of all sites."""
    seats_needed: int
    """Those of them that the plan uses for agents: the most on duty in one slot at each site, summed over sites."""
    lines: int
    """Telephone lines; 0 where the scenario sets no number."""
    seat_h: Days
    """Hours that somebody sits at a seat."""
    energy_kwh: dict[str, Days]
    """Electricity of manned seats (``seats``) and of platform and building (``base``)."""

    @property
    def months(self) -> tuple[str, ...]:
        """The months as ``2020-01``."""
        return tuple(dict.fromkeys(f"{day:%Y-%m}" for day in self.days))

    def by_month(self, values: NDArray[Number]) -> NDArray[Number]:
        """Return the sum of a number a day over the days of each month, shape ``(months,)``."""
        starts = [0, *(place for place, (day, later) in enumerate(pairwise(self.days), 1) if day.month != later.month)]
        sums: NDArray[Number] = np.add.reduceat(values, starts)
        return sums

    def rows(self, first: dt.date | None = None, last: dt.date | None = None) -> slice:
        """Return which days are those from ``first`` to ``last``, both included; left out, the plan's own.

        Raises
        ------
        ValueError
            If they are not in order or not in the plan.
        """
        first, last = first or self.days[0], last or self.days[-1]
        if not self.days[0] <= first <= last <= self.days[-1]:
            raise ValueError(
                f"the days from {first} to {last} are not within the plan, {self.days[0]} to {self.days[-1]}"
            )
        return slice((first - self.days[0]).days, (last - self.days[0]).days + 1)

    def within(self, rows: slice) -> Drivers:
        """Return what the plan needs on some of its days: people and seats stay those of the whole plan."""

        def part(value: Any) -> Any:
            if isinstance(value, dict):
                return {name: by_day[rows] for name, by_day in value.items()}
            return value[rows] if isinstance(value, np.ndarray) else value

        cut = {field.name: part(getattr(self, field.name)) for field in fields(self)}
        return Drivers(**{**cut, "days": self.days[rows]})

    @property
    def productive_h_per_head(self) -> float:
        """Hours that one head is at work on these days, shrinkage taken off."""
        return float(self.productive_h_year * self.year_share.sum())

    @property
    def heads_paid(self) -> Days:
        """All people on the payroll: agents, trainees and staff."""
        return self.agents_paid + self.trainees_paid + sum(role.heads for role in self.staff)

    @property
    def heads(self) -> float:
        """All people on the payroll, on average."""
        return self._average(self.heads_paid)

    @property
    def agents_on_payroll(self) -> float:
        """Agents on the payroll, those in training apart, on average."""
        return self._average(self.agents_paid)

    @property
    def trainees_on_payroll(self) -> float:
        """Agents in training on the payroll, on average."""
        return self._average(self.trainees_paid)

    @property
    def heads_by_month(self) -> Days:
        """All people on the payroll, on average over each month's days, shape ``(months,)``."""
        if self.counted == "plan":
            return np.full(len(self.months), self.heads)
        return self.by_month(self.heads_paid) / self.by_month(np.ones(len(self.days)))

    def _average(self, by_day: Days) -> float:
        # The plan's are the same every day; a mean would be off by a last bit.
        return float(by_day[0] if self.counted == "plan" else by_day.mean())

    @property
    def accepted(self) -> float:
        """Contacts the plan expects to accept: telephone and written."""
        return float(self.volumes["phone_contact"].sum() + self.volumes["written_contact"].sum())

    @property
    def phone_share(self) -> float | None:
        """Share of agents' hours that are on the telephone; None if they have none."""
        total = sum(float(hours.sum()) for hours in self.duty_h.values())
        return float(self.phone_h.sum()) / total if total > 0.0 else None

    @property
    def whole_year(self) -> bool:
        """Whether the days are one year: the day after the last is the first day's date one year on.

        A year from 29 February ends on 28 February, the day before 1 March.
        """
        first = self.days[0]
        return len(self.days) == 365 + gregorian.isleap(first.year + (first.month > 2))


@dataclass(frozen=True)
class Planned:
    """What a scenario plans for its whole horizon, from which its drivers follow."""

    scenario: Scenario
    window: Window
    rates: NDArray[np.float64]
    """Expected first attempts and written contacts per 15 minutes."""
    rostered: NDArray[np.int64]

    @classmethod
    def of(cls, scenario: Scenario) -> Planned:
        """Return a scenario's plan.

        Raises
        ------
        ScenarioError
            If the scenario has no money.
        """
        tables(scenario)
        window = Window.of(scenario)
        rates = expected_rates(scenario, window, known_only=True, written=True)
        return cls(scenario, window, rates, planned(scenario, window, rates))

    def drivers(self, found: Headcount | None = None) -> Drivers:
        """Return the plan's drivers, or what it needs with the heads ``found``."""
        return drivers(self.scenario, self.rates, self.rostered, self.window, found)


def plan(scenario: Scenario) -> Drivers:
    """Return the drivers of a scenario's plan, its whole horizon, whoever there is to fill it.

    Raises
    ------
    ScenarioError
        If the scenario has no money.
    """
    return Planned.of(scenario).drivers()


def drivers(
    scenario: Scenario, rates_known: NDArray[np.float64], planned: NDArray[np.int64], window: Window,
    found: Headcount | None = None,
) -> Drivers:  # fmt: skip
    """Return what the plan needs day by day.

    Parameters
    ----------
    scenario
        A scenario with ``[workforce]``, ``[posts]``, ``[cost]`` and ``[targets.environmental]``.
    rates_known
        Expected first attempts and written contacts per 15 minutes, shape
        ``(rows, types + kinds with arrivals of their own)``.
    planned
        Agents rostered, shape ``(rows, groups)``.
    window
        The slots of the whole plan; those of the warm-up are left out.
    found
        The heads there are, of a scenario with a head-count; left out, the plan's. Agents and trainees are then paid
        as they are, each class is hired on the first day of its training, and hours are worked where the roster is
        filled (§19). Staff by ratio, posts and office stay the plan's.

    Raises
    ------
    ScenarioError
        If one of the tables is missing.
    """
    given = tables(scenario)
    workforce = given.workforce
    days = window.days(scenario)[window.warm_slots // SLOTS_PER_DAY :]
    nothing = np.zeros(len(days))
    year_share = np.array([1.0 / (365 + gregorian.isleap(day.year)) for day in days])

    measured = slice(window.warm_slots, None)
    measured_days = slice(window.warm_slots // SLOTS_PER_DAY, None)
    outcomes = expected_outcomes(scenario, rates_known)
    of = {name: {event: each[measured_days] for event, each in events.items()} for name, events in outcomes.items()}
    contacts = {name: events["on_the_spot"] + events["work_order"] for name, events in of.items()}
    phone = {name: contacts[name] for name in scenario.types}
    tasks = dict(zip(scenario.kinds, tasks_after(scenario, outcomes)[measured_days].T, strict=True))
    written = [contacts[name] for name, kind in scenario.written.items() if kind.counts_as_accepted]
    volumes = {
        "phone_contact": sum(phone.values(), start=nothing),
        "written_contact": sum(written, start=nothing),
        "work_order": sum((events["work_order"] for events in of.values()), start=nothing),
        "returned_order": sum((events["return"] for events in of.values()), start=nothing),
    }

    groups = scenario.groups
    own_h = agent_hours(scenario, planned[measured])
    roster = planned
    if found is not None:
        roster = filled(planned, scenario, window, needed(own_h, found).filled_share(found))
    all_hours = hours_on_duty(scenario, roster[measured])
    hours = {name: all_hours[name] for name, group in groups.items() if group.is_employed}
    speeds = {name: speeds_by_day(scenario, group, days) for name, group in groups.items()}
    night = _night(workforce)
    pay_days = set(statutory_pay_days(days[0], days[-1], scenario.calendar))
    statutory = np.array([day in pay_days for day in days])
    duty_h = {name: by_slot.sum(axis=1) for name, by_slot in hours.items()}
    task_busy_h = {
        name: tasks[name] * kind.handling.mean_s * speeds[kind.groups[0]] / _SECONDS_PER_HOUR
        for name, kind in scenario.kinds.items()
    }
    phone_h, task_h = by_kind(scenario, duty_h, task_busy_h)

    kinds = [shape_kind(kind) for kind in day_kinds(days[0], days[-1], scenario.calendar)]
    workdays = np.array([kind == "workday" for kind in kinds])
    posts_h, posts_holiday_h, posts_night_h = {}, {}, nothing
    for name, post in given.posts.items():
        manned = post.manned * (workdays if post.days == "workday" else np.ones(len(days)))
        posts_h[name] = manned * (post.to_h - post.from_h)
        posts_holiday_h[name] = posts_h[name] * statutory
        night_hours = night[post.from_h * SLOTS_PER_HOUR : post.to_h * SLOTS_PER_HOUR].sum() / SLOTS_PER_HOUR
        posts_night_h = posts_night_h + manned * night_hours

    agent_h = sum(duty_h.values(), start=nothing)
    overtime_h = agent_h * workforce.overtime_share
    per_head = workforce.productive_hours * year_share.sum()
    agents = float(own_h.sum() / per_head)
    trainees = agents * workforce.attrition * workforce.training_weeks / _WEEKS_PER_YEAR
    at_posts = tuple(
        Role(name, float(hours_.sum() / per_head), given.posts[name].wage_factor, (f"posts.{name}",))
        for name, hours_ in posts_h.items()
    )
    at_desks = (
        *(
            Role(name, agents / ratio.agents_per_head, ratio.wage_factor, (f"workforce.ratios.{name}",))
            for name, ratio in workforce.ratios.items()
        ),
        *(
            Role(name, office.heads, office.wage_factor, (f"workforce.office.{name}",))
            for name, office in workforce.office.items()
        ),
    )
    staff = (*at_posts, *at_desks)
    desk_h = sum(role.heads for role in at_desks) * workforce.productive_hours * year_share
    seated = [
        by_slot.sum(axis=1)
        for name, by_slot in all_hours.items()
        if (groups[name].site in given.sites or not scenario.sites) and (name in hours or groups[name].goes_by_dates)
    ]
    seat_h = sum(seated, start=nothing) + sum(posts_h.values(), start=nothing) + desk_h
    agents_paid, trainees_paid = np.full(len(days), agents), np.full(len(days), trainees)
    hires = agents * workforce.attrition * year_share
    if found is not None:
        agents_paid, trainees_paid = found.by_day(found.heads), found.by_day(found.trainees)
        hires = found.on_first_days(found.started)
    heads = agents_paid + trainees_paid + sum(role.heads for role in staff)
    at_peak = peaks(scenario, planned[measured])
    return Drivers(
        days=tuple(days),
        month_share=np.array([1.0 / gregorian.monthrange(day.year, day.month)[1] for day in days]),
        year_share=year_share,
        phone=phone,
        tasks=tasks,
        volumes=volumes,
        duty_h=duty_h,
        phone_h=phone_h,
        task_h=task_h,
        phone_busy_h=phone_busy_h(scenario, phone, speeds),
        task_busy_h=task_busy_h,
        levers=levers.bought(scenario, roster[measured], all_hours),
        simulated=False,
        posts_h=posts_h,
        night_h=sum(((by_slot * night).sum(axis=1) for by_slot in hours.values()), start=nothing) + posts_night_h,
        duty_holiday_h=agent_h * statutory,
        posts_holiday_h=posts_holiday_h,
        overtime_h=overtime_h,
        productive_h_year=workforce.productive_hours,
        agents=agents,
        hires=hires,
        trainees=trainees,
        counted="plan" if found is None else "expected",
        agents_paid=agents_paid,
        trainees_paid=trainees_paid,
        staff=staff,
        paid_h=heads * workforce.hours_per_year * year_share + overtime_h,
        seats=sum(site.seats for site in given.sites.values()),
        seats_needed=sum(most for site, most in at_peak.items() if site in given.sites or not scenario.sites),
        lines=scenario.lines.count if scenario.lines else 0,
        seat_h=seat_h,
        energy_kwh={
            "seats": seat_h * given.energy.kwh_per_seat_hour,
            "base": np.full(len(days), 24.0 * given.energy.fixed_kw),
        },
    )


def _night(workforce: Workforce) -> NDArray[np.bool_]:
    """Return whether each slot of the day is night, shape ``(96,)``."""
    hour = np.arange(SLOTS_PER_DAY) // SLOTS_PER_HOUR
    first, end = workforce.night.from_h, workforce.night.to_h
    return (hour >= first) & (hour < end) if first < end else (hour >= first) | (hour < end)
