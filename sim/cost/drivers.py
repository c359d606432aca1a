"""What the plan needs by month, before any price: volumes, hours, heads, seats (§19, §20).

Everything here follows from the plan alone: expected volumes (known surges included), agents rostered by
15 minutes, and the scenario's ``[workforce]`` and ``[posts]``. No random number enters, so ``hotline cost``
and ``hotline run`` show the same bill.

People are counted for the whole window: working hours are balanced over the year (the comprehensive
working-hours system), so the months differ in hours and volumes, not in heads.
"""

from __future__ import annotations

import calendar as gregorian
import datetime as dt
import math
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from sim.calendar import day_kinds, shape_kind, statutory_pay_days
from sim.demand.rates import expected_rates
from sim.demand.window import Window
from sim.scenario import Fault, Scenario, ScenarioError
from sim.scenario.money import Cost, Posts, Workforce
from sim.scenario.targets import Environmental
from sim.terms import SLOTS_PER_DAY, SLOTS_PER_HOUR
from sim.workforce.on_duty import on_the_spot, planned

Months = NDArray[np.float64]
"""One number a month, shape ``(months,)``."""
_Days = NDArray[np.float64]
_WEEKS_PER_YEAR = 52.0


@dataclass(frozen=True)
class Tables:
    """The tables that money needs, none of them missing."""

    workforce: Workforce
    posts: Posts
    cost: Cost
    energy: Environmental


@dataclass(frozen=True)
class Role:
    """Staff that are not agents: a post, a ratio to agents, or an office."""

    key: str
    heads: float
    wage_factor: float
    source: str
    """Path of what decides how many there are."""


@dataclass(frozen=True)
class Drivers:
    """What the plan needs in each month of the window; arrays have shape ``(months,)``."""

    months: tuple[str, ...]
    """The months as ``2020-01``."""
    days: tuple[tuple[dt.date, ...], ...]
    """Days of the window in each month."""
    month_share: Months
    """Share of the calendar month that lies in the window: the months that one head is paid."""
    year_share: Months
    """Share of the calendar year."""
    phone: dict[str, Months]
    """Planned telephone contacts (first attempts) by type."""
    volumes: dict[str, Months]
    """phone_contact, written_contact, work_order, returned_order."""
    duty_h: dict[str, Months]
    """Hours on duty by group, planned absence taken off."""
    work_h: dict[str, Months]
    """Hours of each kind of work beyond the telephone."""
    posts_h: dict[str, Months]
    """Hours manned of each post."""
    night_h: Months
    """Hours on duty and at posts in the night."""
    duty_holiday_h: Months
    """Hours on duty on statutory days."""
    posts_holiday_h: dict[str, Months]
    """Hours of each post on statutory days."""
    overtime_h: Months
    """Agents' hours done in overtime."""
    productive_h_per_head: float
    """Hours that one head is at work in the window, shrinkage taken off."""
    agents: float
    """Agents, full-time."""
    hires: Months
    """New agents, to replace leavers."""
    trainees: float
    """Agents in training before their first call, on average."""
    staff: tuple[Role, ...]
    """Everybody else."""
    paid_h: Months
    """Paid hours of all heads, overtime included."""
    seats: int
    """Seats of all sites."""
    lines: int
    """Telephone lines; 0 where the scenario sets no number."""
    seat_h: Months
    """Hours that somebody sits at a seat."""
    energy_kwh: dict[str, Months]
    """Electricity of manned seats (``seats``) and of platform and building (``base``)."""
    peak_on_duty: int
    """Most agents on the telephone in one slot, all groups, planned absence included."""

    @property
    def heads(self) -> float:
        """All people, full-time: agents, trainees and staff."""
        return self.agents + self.trainees + sum(role.heads for role in self.staff)

    @property
    def accepted(self) -> float:
        """Contacts the plan expects to accept: telephone and written."""
        return float(self.volumes["phone_contact"].sum() + self.volumes["written_contact"].sum())

    @property
    def phone_share(self) -> float | None:
        """Share of agents' hours that are on the telephone; None if they have none."""
        phone = sum(float(hours.sum()) for hours in self.duty_h.values())
        total = phone + sum(float(hours.sum()) for hours in self.work_h.values())
        return phone / total if total > 0.0 else None

    @property
    def whole_year(self) -> bool:
        """Whether the window is as long as one year."""
        return math.isclose(self.year_share.sum(), 1.0)


def tables(scenario: Scenario) -> Tables:
    """Return the tables that money needs.

    Raises
    ------
    ScenarioError
        If one of them is missing.
    """
    found = {
        "workforce": scenario.workforce,
        "posts": scenario.posts,
        "cost": scenario.cost,
        "targets.environmental": scenario.targets.environmental,
    }
    faults = [
        Fault(
            scenario.name,
            path,
            "",
            f"a table [{path}]: the bill needs it",
            'add it, or begin with extends = "shanghai-2020"',
        )
        for path, table in found.items()
        if table is None
    ]
    workforce, posts, cost, energy = (
        scenario.workforce,
        scenario.posts,
        scenario.cost,
        scenario.targets.environmental,
    )
    if workforce is None or posts is None or cost is None or energy is None:
        raise ScenarioError(faults)
    return Tables(workforce, posts, cost, energy)


def plan(scenario: Scenario, first: dt.date | None = None, last: dt.date | None = None) -> Drivers:
    """Return the drivers of a scenario's plan from ``first`` to ``last``, by default the whole horizon.

    Raises
    ------
    ScenarioError
        If the scenario has no money.
    ValueError
        If the days do not lie in the horizon.
    """
    tables(scenario)
    window = Window.of(scenario, first, last)
    rates = expected_rates(scenario, window, known_only=True)
    return drivers(scenario, rates, planned(scenario, window, rates), window)


def drivers(
    scenario: Scenario, rates_known: NDArray[np.float64], planned: NDArray[np.int64], window: Window
) -> Drivers:
    """Return what the plan needs by month.

    Parameters
    ----------
    scenario
        A scenario with ``[workforce]``, ``[posts]``, ``[cost]`` and ``[targets.environmental]``.
    rates_known
        Expected first attempts per 15 minutes, shape ``(rows, types)``.
    planned
        Agents rostered, shape ``(rows, groups)``.
    window
        The slots; those of the warm-up are left out.

    Raises
    ------
    ScenarioError
        If one of the tables is missing.
    """
    given = tables(scenario)
    workforce = given.workforce
    all_days = window.days(scenario)[window.warm_slots // SLOTS_PER_DAY :]
    months, days = _by_month(all_days)
    share = np.array([1.0 / (365 + gregorian.isleap(day.year)) for day in all_days])

    def sums(by_day: _Days) -> Months:
        return np.array([part.sum() for part in np.split(by_day, np.cumsum([len(part) for part in days])[:-1])])

    measured = slice(window.warm_slots, None)
    by_day = rates_known[measured].reshape(len(all_days), SLOTS_PER_DAY, -1).sum(axis=1)
    by_day = by_day * (1.0 - scenario.greeting.contained_share)
    phone = {name: sums(by_day[:, column]) for column, name in enumerate(scenario.types)}
    year_share = sums(share)
    volumes = _volumes(scenario, workforce, phone, year_share)

    roster = planned[measured].reshape(len(all_days), SLOTS_PER_DAY, -1) / SLOTS_PER_HOUR
    there = np.array([1.0 - group.absence.rate for group in scenario.groups.values()])
    hours = (roster * there).transpose(2, 0, 1)
    night = _night(workforce)
    pay_days = set(statutory_pay_days(all_days[0], all_days[-1], scenario.calendar))
    statutory = np.array([day in pay_days for day in all_days])
    duty_h = {name: sums(hours[column].sum(axis=1)) for column, name in enumerate(scenario.groups)}
    work_h = {name: volumes[work.per] * work.share * work.minutes / 60.0 for name, work in workforce.work.items()}

    kinds = [shape_kind(kind) for kind in day_kinds(all_days[0], all_days[-1], scenario.calendar)]
    workdays = np.array([kind == "workday" for kind in kinds])
    posts_h, posts_holiday_h, posts_night_h = {}, {}, np.zeros(len(months))
    for name, post in given.posts.items():
        open_days = workdays if post.days == "workday" else np.ones(len(all_days), bool)
        posts_h[name] = sums(open_days * post.manned * (post.to_h - post.from_h))
        posts_holiday_h[name] = sums((open_days & statutory) * post.manned * (post.to_h - post.from_h))
        night_hours = night[post.from_h * SLOTS_PER_HOUR : post.to_h * SLOTS_PER_HOUR].sum() / SLOTS_PER_HOUR
        posts_night_h += sums(open_days * post.manned * night_hours)

    agent_h = _total(duty_h, months) + _total(work_h, months)
    per_head = workforce.productive_hours * year_share.sum()
    overtime_h = agent_h * workforce.overtime_share
    agents = float((agent_h - overtime_h).sum() / per_head)
    trainees = agents * workforce.attrition * workforce.training_weeks / _WEEKS_PER_YEAR
    staff = (
        *(
            Role(name, float(hours_.sum() / per_head), given.posts[name].wage_factor, f"posts.{name}")
            for name, hours_ in posts_h.items()
        ),
        *(
            Role(name, agents / ratio.agents_per_head, ratio.wage_factor, f"workforce.ratios.{name}")
            for name, ratio in workforce.ratios.items()
        ),
        *(
            Role(name, office.heads, office.wage_factor, f"workforce.office.{name}")
            for name, office in workforce.office.items()
        ),
    )
    desk_heads = sum(role.heads for role in staff if role.key not in given.posts)
    seat_h = agent_h + _total(posts_h, months) + desk_heads * workforce.productive_hours * year_share
    heads = agents + trainees + sum(role.heads for role in staff)
    return Drivers(
        months=months,
        days=days,
        month_share=np.array([len(part) / gregorian.monthrange(part[0].year, part[0].month)[1] for part in days]),
        year_share=year_share,
        phone=phone,
        volumes=volumes,
        duty_h=duty_h,
        work_h=work_h,
        posts_h=posts_h,
        night_h=sums((hours * night).sum(axis=(0, 2))) + posts_night_h,
        duty_holiday_h=sums(hours.sum(axis=(0, 2)) * statutory),
        posts_holiday_h=posts_holiday_h,
        overtime_h=overtime_h,
        productive_h_per_head=per_head,
        agents=agents,
        hires=agents * workforce.attrition * year_share,
        trainees=trainees,
        staff=staff,
        paid_h=heads * workforce.hours_per_year * year_share + overtime_h,
        seats=sum(site.seats for site in scenario.sites.values()),
        lines=scenario.lines.count if scenario.lines else 0,
        seat_h=seat_h,
        energy_kwh={
            "seats": seat_h * given.energy.kwh_per_seat_hour,
            "base": np.array([24.0 * len(part) for part in days]) * given.energy.fixed_kw,
        },
        peak_on_duty=int(planned[measured].sum(axis=1).max()),
    )


def _by_month(days: list[dt.date]) -> tuple[tuple[str, ...], tuple[tuple[dt.date, ...], ...]]:
    parts = [(month, tuple(group)) for month, group in groupby(days, key=lambda day: f"{day:%Y-%m}")]
    return tuple(month for month, _ in parts), tuple(group for _, group in parts)


def _total(hours: dict[str, Months], months: tuple[str, ...]) -> Months:
    return sum(hours.values(), start=np.zeros(len(months)))


def _night(workforce: Workforce) -> NDArray[np.bool_]:
    """Return whether each slot of the day is night, shape ``(96,)``."""
    hour = np.arange(SLOTS_PER_DAY) // SLOTS_PER_HOUR
    first, end = workforce.night.from_h, workforce.night.to_h
    return (hour >= first) & (hour < end) if first < end else (hour >= first) | (hour < end)


def _volumes(
    scenario: Scenario, workforce: Workforce, phone: dict[str, Months], year_share: Months
) -> dict[str, Months]:
    """Return the volumes that work beyond the telephone follows."""
    written = workforce.written.annual_contacts * (1.0 + scenario.demand.growth) * year_share
    orders = written * workforce.written.work_order_share
    returned = orders * workforce.written.responsible_return
    for name, kind in scenario.types.items():
        by_phone = phone[name] * (1.0 - on_the_spot(kind, kind.groups[0]))
        orders = orders + by_phone
        returned = returned + by_phone * kind.resolution.responsible_return
    return {
        "phone_contact": np.sum(list(phone.values()), axis=0),
        "written_contact": written,
        "work_order": orders,
        "returned_order": returned,
    }
