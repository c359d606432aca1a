"""Cost against service: the best weeks in fractions of agents for a range of prices of waiting (§19).

Targets are means of the year. So one price of a second of waiting, the same in every half-hour of the year, is what an
agent's work is worth, and weeks can be chosen one by one: of all plans with as little waiting none is cheaper
(Everett 1963). The price is then raised until the targets hold as surely as asked.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from joblib import Parallel, cpu_count, delayed, parallel_config

from sim.scenario import Fault, ScenarioError
from sim.scenario.shifts import STEPS_PER_DAY
from sim.staffing.day_floor import DayFloor
from sim.staffing.pools import Floats
from sim.staffing.rosters import Told
from sim.staffing.weekly import Bought, Counts, Week
from sim.staffing.whole_week import Worth
from sim.staffing.year import Year
from sim.staffing.year_tours import GroupTours, Need
from sim.workforce.tours import Tours, moment, stretches

GRID: Final = 25
"""Factors of the year at which theory is asked; between them it is interpolated."""
_CHEAP: Final = 1e-6
_DEAR: Final = 1e4
_NEAR: Final = 1.01
_NAMED: Final = 7
"""Stretches of half-hours that a message names."""


@dataclass(frozen=True)
class Aim:
    """What the price is paid for.

    Attributes
    ----------
    limit_s
        The mean wait in the queue that is allowed: a call that waits longer is paid for, one that waits less pays; None
        where no target is about waiting.
    lost_s
        How many seconds of waiting a call not answered counts for.
    factor
        The year's factor on demand for which agents are bought.
    floor
        The share of calls that every half-hour answers in such a year, at least.
    floor_day
        That of any 24 hours.
    """

    limit_s: float | None
    lost_s: float
    factor: float
    floor: float
    floor_day: float

    def burden(self, answered: Floats, waited: Floats) -> Floats:
        """Return what a call costs the year's means, in seconds, by its share answered and its wait if answered."""
        lost: Floats = self.lost_s * (1.0 - answered)
        return lost if self.limit_s is None else lost + waited - self.limit_s * answered


@dataclass(frozen=True)
class Service:
    """What a year's calls find, by theory, at several factors of the year, shape ``(GRID,)`` each.

    Attributes
    ----------
    factors
        The factors, rising.
    waited_s
        Mean wait in the queue of the answered.
    lost
        Share of calls not answered.
    """

    factors: Floats
    waited_s: Floats
    lost: Floats

    def at(self, factors: Floats) -> tuple[Floats, Floats]:
        """Return mean wait and share lost at other factors."""
        waited, lost = (np.exp(np.interp(factors, self.factors, np.log(own))) for own in (self.waited_s, self.lost))
        return waited, lost


def between(services: Sequence[Service], places: Floats, place: float) -> Service:
    """Return the year at a place between those of others, ``places`` rising: logarithms in a straight line."""
    waited, lost = (
        np.exp([np.interp(place, places, column) for column in np.log(np.array(table)).T])
        for table in ([own.waited_s for own in services], [own.lost for own in services])
    )
    return Service(services[0].factors, waited, lost)


class Found:
    """What each typical week's calls find with some agents on duty, by theory; weeks may be changed one by one."""

    def __init__(self, year: Year, agents: Mapping[str, Floats]) -> None:
        self.year = year
        self.factors = (
            np.linspace(year.factors[0], year.factors[-1], GRID) if np.ptp(year.factors) else year.factors[:1]
        )
        self.calls = sum(float(choice.pool.of_year.sum()) for choice in year.choices.values())
        self.weeks = {
            (name, week): self.week(name, week, there) for name, own in agents.items() for week, there in enumerate(own)
        }
        self.sum: Floats = sum(self.weeks.values(), np.zeros((2, len(self.factors))))

    def week(self, name: str, week: int, there: Floats) -> Floats:
        """Return calls answered and seconds they waited at each factor of the year, as many calls as in a mean one.

        ``there`` are the chosen group's agents, shape ``(336,)``; the result has shape ``(2, factors)``.
        """
        choice = self.year.choices[name]
        calls, agents = choice.pool.of_year[week], there + choice.beside[week]
        of_call = choice.curves.at(agents, self.factors[:, None], week)
        found: Floats = np.array(of_call) @ calls
        return found

    def service(self, changed: tuple[str, int, Floats] | None = None) -> Service:
        """Return the year, with another week of one group in its place if there is one (as :meth:`week` gives it)."""
        total = self.sum
        if changed is not None:
            name, week, found = changed
            total = total + found - self.weeks[name, week]
        answered, waited = total
        return Service(self.factors, np.maximum(waited / answered, 1e-6), np.maximum(1.0 - answered / self.calls, 1e-9))

    def change(self, name: str, week: int, found: Floats) -> None:
        """Put another week in its place."""
        self.sum = self.sum + found - self.weeks[name, week]
        self.weeks[name, week] = found


def service(year: Year, agents: Mapping[str, Floats]) -> Service:
    """Return what calls find with some agents of each chosen group on duty, shape ``(weeks, 336)`` each."""
    return Found(year, agents).service()


@dataclass(frozen=True)
class Point:
    """The best year in fractions of agents at one price.

    Attributes
    ----------
    price_cny
        Of a second of waiting.
    week_cny
        What each typical week costs, by chosen group, shape ``(weeks,)``.
    coverage
        Agents on duty by chosen group, shape ``(weeks, 336)``.
    columns
        Tours that were of use, by chosen group and typical week.
    """

    price_cny: float
    week_cny: dict[str, Floats]
    coverage: dict[str, Floats]
    columns: dict[tuple[str, int], Counts]

    @property
    def rounded(self) -> dict[str, Counts]:
        """Whole agents on duty, as near as can be; no tours give just these."""
        return {name: np.rint(own).astype(np.int64) for name, own in self.coverage.items()}


class PriceLists:
    """What agents are worth in each week, at any price: what theory says of the pools, asked once."""

    def __init__(self, year: Year, aim: Aim) -> None:
        self.year, self.aim = year, aim
        self.calls = {name: choice.pool.calls * aim.factor for name, choice in year.choices.items()}
        self.burden: dict[str, Floats] = {}
        self.least: dict[str, Counts] = {}
        self.day_floors: dict[str, list[DayFloor | None]] = {}
        for name, choice in year.choices.items():
            answered, waited = choice.curves.by_agents(aim.factor)
            burden = self.calls[name][..., None] * aim.burden(answered, waited)
            # By the group's own agents, beside those of the others.
            numbers = np.arange(answered.shape[2])
            own = np.minimum(numbers + choice.beside.astype(np.int64)[..., None], numbers[-1])
            self.burden[name] = np.take_along_axis(burden, own, axis=2)
            share = np.take_along_axis(answered, own, axis=2)
            short = (share < aim.floor).sum(axis=2)
            self.least[name] = np.where(self.calls[name] > 0.0, np.maximum(short, choice.minimum), 0)
            self.day_floors[name] = [
                DayFloor.of(calls, by_agents, aim.floor_day) if aim.floor_day > 0.0 else None
                for calls, by_agents in zip(self.calls[name], share, strict=True)
            ]

    def of(self, name: str, week: int, price_cny: float) -> Worth:
        """Return what agents of a group save in a typical week at a price of a second."""
        burden = self.burden[name][week]
        gain = np.maximum(price_cny * (burden[:, :-1] - burden[:, 1:]), 0.0)
        return Worth(self.least[name][week], self.year.choices[name].most[week], gain, self.day_floors[name][week])

    def floors_hold(self, name: str, week: int, there: Counts) -> bool:
        """Say whether a typical week has the agents who must be there, in each half-hour and over any 24 hours."""
        day_floor = self.day_floors[name][week]
        enough = bool((there >= self.least[name][week]).all())
        return enough and (day_floor is None or not day_floor.short(there).any())

    def without_shifts(self, meets: Callable[[Service], bool]) -> tuple[float, float]:
        """Return the least price at which agents bought by the half-hour do, and what they cost in the year, in yuan.

        Both are infinite where no price is enough; ``meets`` says of a year whether it does.
        """
        low, high = _CHEAP, _DEAR
        if not meets(service(self.year, self.by_half_hour(high))):
            return np.inf, np.inf
        while high / low > _NEAR:
            price = float(np.sqrt(low * high))
            low, high = (low, price) if meets(service(self.year, self.by_half_hour(price))) else (price, high)
        agents = self.by_half_hour(high)
        days = {name: np.repeat(choice.pool.days, STEPS_PER_DAY, axis=1) for name, choice in self.year.choices.items()}
        return high, sum(float((own * days[name]).sum()) * self._half_hour_cny(name) for name, own in agents.items())

    def by_half_hour(self, price_cny: float) -> dict[str, Floats]:
        """Return agents of each chosen group where every half-hour is bought alone."""
        found = {}
        for name in self.year.choices:
            gain = price_cny * (self.burden[name][..., :-1] - self.burden[name][..., 1:])
            worth_it = gain > self._half_hour_cny(name)
            # The last agent that is worth it: below the load the next may save less than the one after.
            last = gain.shape[2] - np.argmax(worth_it[..., ::-1], axis=2)
            found[name] = np.maximum(np.where(worth_it.any(axis=2), last, 0), self.least[name]).astype(np.float64)
        return found

    def _half_hour_cny(self, name: str) -> float:
        choice = self.year.choices[name]
        return float((choice.cost_cny / np.maximum(choice.tours.paid_h, 0.5)).min()) / 2.0


def points(lists: PriceLists, prices: Sequence[float], told: Told | None = None) -> list[Point]:
    """Return the best year in fractions of agents at each price, rising.

    Raises
    ------
    ScenarioError
        If a week has none.
    """
    year, rising = lists.year, sorted(prices)

    def order(name: str, week: int) -> Any:
        worths = [lists.of(name, week, price) for price in rising]
        return delayed(fractions)(year.choices[name].tours, year.choices[name].cost_cny[week], worths)

    found: dict[tuple[str, int], list[Bought]] = _by_week(lists, order, told)
    weeks = range(len(year.weeks))
    return [
        Point(
            price_cny=price,
            week_cny={name: np.array([found[name, week][n].cost_cny for week in weeks]) for name in year.choices},
            coverage={name: np.array([found[name, week][n].coverage for week in weeks]) for name in year.choices},
            columns={place: own[n].columns for place, own in found.items()},
        )
        for n, price in enumerate(rising)
    ]


def whole(
    lists: PriceLists, price_cny: float, near: Point, *, gap: float, seconds: float, told: Told | None = None
) -> dict[str, GroupTours]:  # fmt: skip
    """Return the best year of whole agents at a price, by chosen group.

    Parameters
    ----------
    lists, price_cny
        What agents are worth.
    near
        A year at a price much like this one: where the search begins.
    gap, seconds
        When a week's search ends: a share of its cost, and a time.
    told
        Told how far it is.

    Raises
    ------
    ScenarioError
        If a week has none.
    """
    year = lists.year

    def order(name: str, week: int) -> Any:
        about = year.choices[name].tours, year.choices[name].cost_cny[week], lists.of(name, week, price_cny)
        return delayed(_whole)(*about, near.columns[name, week], gap, seconds)

    found: dict[tuple[str, int], Bought] = _by_week(lists, order, told)
    return {name: _group_tours(lists, name, [found[name, n] for n in range(len(year.weeks))]) for name in year.choices}


def _by_week(lists: PriceLists, order: Callable[[str, int], Any], told: Told | None) -> dict[tuple[str, int], Any]:
    """Return what is ordered for each chosen group and typical week, several at a time.

    Raises
    ------
    ScenarioError
        If one has none.
    """
    year = lists.year
    places = [(name, week) for name in year.choices for week in range(len(year.weeks))]
    found: dict[tuple[str, int], Any] = {}
    with parallel_config("loky", inner_max_num_threads=1):
        workers = Parallel(min(cpu_count(), len(places)), return_as="generator", batch_size=1)
        for (name, week), bought in zip(places, workers(order(*place) for place in places), strict=True):
            if bought is None:
                raise ScenarioError([_no_week(year, name, week, lists)])
            found[name, week] = bought
            if told is not None:
                told(len(found), len(places))
    return found


def fractions(
    tours: Tours, cost_cny: Floats, worths: list[Worth], columns: Counts | None = None
) -> list[Bought] | None:  # fmt: skip
    """Return a week in fractions for one price list after the other, each begun with the tours of the one before.

    The first begins with some ``columns``, if given.
    """
    found: list[Bought] = []
    for worth in worths:
        bought = Week(tours, cost_cny, worth, columns).fractions()
        if bought is None:
            return None
        found.append(bought)
        columns = bought.columns
    return found


def _whole(
    tours: Tours, cost_cny: Floats, worth: Worth, columns: Counts, gap: float, seconds: float
) -> Bought | None:  # fmt: skip
    return Week(tours, cost_cny, worth, columns).whole(gap, seconds)


def _group_tours(lists: PriceLists, name: str, weeks: list[Bought]) -> GroupTours:
    choice = lists.year.choices[name]
    return GroupTours(
        tours=choice.tours,
        need=Need.at_once(lists.least[name]),
        agents=np.rint([week.counts for week in weeks]).astype(np.int64),
        week_cny=np.array([week.cost_cny for week in weeks]),
        gap=np.array([week.gap for week in weeks]),
    )


def _no_week(year: Year, name: str, week: int, lists: PriceLists) -> Fault:
    """Return why a week has no agents, in a planner's words."""
    scenario, choice, least = year.scenario, year.choices[name], lists.least[name][week]
    where = f"in the typical week {year.weeks[week].label}"
    never = np.flatnonzero((least > 0) & ~choice.tours.coverage.any(axis=0))
    if never.size:
        remedy = "give [shifts] and [tours] one that covers these half-hours"
        when = ", ".join(stretches(never)[:_NAMED])
        return Fault(scenario.name, "tours", f"no tour is at work at {when}", "tours for all hours with calls", remedy)
    short = np.flatnonzero(least > choice.most[week])
    site = scenario.groups[name].site
    if short.size and site is not None:
        worst = int(short[np.argmax(least[short] - choice.most[week][short])])
        needed = int(least[worst] - choice.most[week][worst])
        return Fault(
            scenario.name,
            f"sites.{site}.seats",
            str(scenario.sites[site].seats),
            f"seats for {least[worst]} agents of {name} beside the other groups, {where}, {stretches(short)[0]}",
            f"write {scenario.sites[site].seats + needed} or more, or lower --floor",
        )
    allowed = f"tours that cover {name} {where} within the seats and max_share"
    remedy = "add kinds of tours, raise max_share, or add seats to the site"
    day_floor = lists.day_floors[name][week]
    if day_floor is None:
        return Fault(scenario.name, "tours", "", allowed, remedy)
    lacking = day_floor.short(np.where(choice.tours.coverage.any(axis=0), choice.most[week], 0.0))
    worst = int(np.argmax(lacking))
    if lacking[worst] == 0.0:
        return Fault("--floor-day", "", f"{lists.aim.floor_day:g}", allowed, f"{remedy}, or lower --floor-day")
    share = math.floor(1_000.0 * lists.aim.floor_day * (1.0 - lacking[worst])) / 1_000.0
    return Fault(
        "--floor-day",
        "",
        f"{lists.aim.floor_day:g}",
        f"at most {share:.3f} here: {where}, so much of the calls of the 24 hours from {moment(worst)} on is answered "
        f"with all seats taken that {name} may have, in every half-hour in which a tour is at work",
        "lower it, add seats to the site, or give [shifts] and [tours] some that are at work when calls come",
    )
