"""What a year's agents are chosen from: its typical weeks, the pools, their curves, tours and prices (§19)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from sim.demand.factors import mean_one
from sim.scenario import Scenario
from sim.scenario.groups import Roster, Site
from sim.scenario.shifts import STEPS_PER_DAY
from sim.staffing.curves import Curves, curves
from sim.staffing.pools import Floats, Pool, pools
from sim.staffing.rosters import Told, covered, needs_of, rostered_groups, weekly_costs
from sim.staffing.weeks import TypicalWeek, by_date, typical_weeks
from sim.staffing.year_tours import GroupTours, Ints, Need, YearTours
from sim.workforce.on_duty import peaks
from sim.workforce.tours import WEEK_STEPS, Tours, weekly_tours

_RARE: Final = 0.001
"""A year with more calls than all but this share is beyond the curves."""
_QUANTILES: Final = 400
_GAP: Final = 0.02
_SOME: Final = 1e-6
"""Agents: as good as none."""
_FOR_A_WEEK: Final = 5.0
"""Seconds for a week of a group that only covers its plan."""
_FOR_A_FEW: Final = 0.3
"""The same of one whose work can wait."""


@dataclass(frozen=True)
class Choice:
    """One pool's choice: its curves, and the tours and prices of the group whose agents are chosen.

    Attributes
    ----------
    curves
        The pool's.
    tours
        The group's.
    cost_cny
        What an agent costs in each tour in a typical week, shape ``(weeks, tours)``.
    beside
        Agents of the pool's other groups on duty, shape ``(weeks, 336)``.
    most
        Agents that seats leave room for, shape ``(weeks, 336)``, infinite without sites; only
        :func:`with_shared_sites` takes account of other chosen groups.
    minimum
        Agents that the group's rule keeps on duty at all hours with calls.
    """

    curves: Curves
    tours: Tours
    cost_cny: Floats
    beside: Floats
    most: Floats
    minimum: int

    @property
    def pool(self) -> Pool:
        """The pool."""
        return self.curves.pool


@dataclass(frozen=True)
class Year:
    """A scenario's year made ready for choosing agents.

    Attributes
    ----------
    scenario, weeks
        The scenario and its typical weeks.
    choices
        By the group whose agents are chosen.
    given
        The tours of all other groups, which cover what the scenario plans for them.
    factors
        The year's factor on demand at equally likely quantiles, rising, shape ``(400,)``.
    """

    scenario: Scenario
    weeks: list[TypicalWeek]
    choices: dict[str, Choice]
    given: dict[str, GroupTours]
    factors: Floats

    @property
    def counts(self) -> Floats:
        """How often each typical week is paid: its days simulated, in weeks, shape ``(weeks,)``."""
        return YearTours(self.scenario, self.weeks, {}).shares

    def tours(self, chosen: Mapping[str, GroupTours]) -> YearTours:
        """Return all groups' tours, in the scenario's order."""
        both = {**self.given, **chosen}
        return YearTours(self.scenario, self.weeks, {name: both[name] for name in self.scenario.groups if name in both})


def ready(scenario: Scenario, told: Told | None = None) -> Year:
    """Return a scenario's year, the groups whose agents are not chosen already with tours.

    Raises
    ------
    ScenarioError
        If there are no shifts, nothing to choose, or a plan that no tours cover.
    """
    names = rostered_groups(scenario, None)
    weeks = typical_weeks(scenario)
    own = [pool for pool in pools(scenario, weeks) if pool.chosen in names]
    chosen = [pool.chosen for pool in own]
    needs = {name: need for name, need in needs_of(scenario, weeks).items() if name in names}
    given = _given(scenario, weeks, needs, chosen, told)
    seated = {name: _there(tours) for name, tours in given.items()}
    variation = scenario.demand.variation
    places = (np.arange(_QUANTILES) + 0.5) / _QUANTILES
    factors = np.ones(_QUANTILES)
    top = 1.0
    if variation.year_cv > 0.0:
        factors = mean_one(places, variation.year_cv, variation.distribution)
        top = float(mean_one(np.array([1.0 - _RARE]), variation.year_cv, variation.distribution)[0])
    choices = {}
    for pool in own:
        tours = weekly_tours(scenario, pool.chosen)
        nobody = np.zeros((len(weeks), WEEK_STEPS))
        beside: Floats = sum((seated[name] for name in pool.groups if name in given), nobody)
        choices[pool.chosen] = Choice(
            curves=curves(pool, variation, top),
            tours=tours,
            cost_cny=weekly_costs(scenario, weeks, tours),
            beside=beside,
            most=_room(scenario, pool.chosen, seated, nobody),
            minimum=pool.minimum,
        )
    return Year(scenario, weeks, choices, given, factors)


def _given(
    scenario: Scenario, weeks: list[TypicalWeek], needs: Mapping[str, Need], chosen: list[str], told: Told | None
) -> dict[str, GroupTours]:  # fmt: skip
    """Return the tours of the groups that are not chosen; work that can wait leaves seats to all others."""
    others = {name: need for name, need in needs.items() if name not in chosen}
    at_once = {name: need for name, need in others.items() if not need.work.any()}
    given = covered(scenario, weeks, at_once, gap=_GAP, seconds=_FOR_A_WEEK, quickly=True, told=told)
    seated = {name: _there(own) for name, own in given.items()}
    seated |= {name: needs[name].required.astype(np.float64) for name in chosen}
    for name, need in others.items():
        if name in given:
            continue
        seats = _room(scenario, name, seated, np.zeros((len(weeks), WEEK_STEPS)))
        given |= covered(scenario, weeks, {name: need}, gap=_GAP, seconds=_FOR_A_FEW, seats=seats, told=told)
        seated[name] = _there(given[name])
    return given


def _room(scenario: Scenario, group: str, seated: Mapping[str, Floats], nobody: Floats) -> Floats:
    """Return the seats that other groups' agents leave at a group's site, shape ``(weeks, 336)``."""
    site = scenario.groups[group].site
    if site is None:
        return np.full_like(nobody, np.inf)
    others = [there for name, there in seated.items() if scenario.groups[name].site == site]
    room: Floats = np.maximum(scenario.sites[site].seats - sum(others, nobody), 0.0)
    return room


def with_shared_sites(year: Year, least: Mapping[str, Floats], needed: Mapping[str, Floats]) -> Year:
    """Return the year with what is left of a site's seats shared by the chosen groups at it.

    ``least`` and ``needed`` are as in :func:`shared_seats`, by chosen group.
    """
    groups = year.scenario.groups
    choices = dict(year.choices)
    for site in {groups[name].site for name in choices if groups[name].site is not None}:
        names = [name for name in choices if groups[name].site == site]
        free = choices[names[0]].most
        shares = shared_seats(free, {name: least[name] for name in names}, {name: needed[name] for name in names})
        choices |= {name: replace(choices[name], most=shares[name]) for name in names}
    return replace(year, choices=choices)


def shared_seats(free: Floats, least: Mapping[str, Floats], needed: Mapping[str, Floats]) -> dict[str, Floats]:
    """Return each group's part of some seats, shape ``(weeks, 336)``; all but the last group's are whole.

    First each has the agents who must be there, then those it needs, in proportion where seats are too few for all.
    What is left is shared as the groups' peaks are: shifts reach beyond the hours in which a group needs anybody.
    """
    parts, left = {}, free
    for name in needed:
        parts[name] = np.minimum(least[name], left)
        left = left - parts[name]
    more = np.array([np.maximum(needed[name] - least[name], 0.0) for name in needed])
    fits = np.minimum(left / np.maximum(more.sum(axis=0), _SOME), 1.0)
    peaks = np.array([max(float(own.max()), _SOME) for own in needed.values()])
    spare = (left - fits * more.sum(axis=0)) * (peaks / peaks.sum()).reshape(-1, *[1] * free.ndim)
    upto = np.cumsum(fits * more + spare, axis=0)
    upto[:-1] = np.rint(upto[:-1])
    upto[-1] = left
    return {name: parts[name] + own for name, own in zip(needed, np.diff(upto, axis=0, prepend=0.0), strict=True)}


def with_agents(year: Year, on_duty: Mapping[str, Ints]) -> Scenario:
    """Return the scenario with some agents on duty, shape ``(weeks, 336)``, and the seats that all use at the peak.

    Seats beyond a site's own are not added: who has none cannot sit down. A site keeps its seats where a group may be
    called in.
    """
    scenario = year.scenario
    first, last = scenario.horizon.span
    days = [first + dt.timedelta(days=n) for n in range((last - first).days + 1)]
    groups = dict(scenario.groups)
    planned = np.zeros((len(days) * STEPS_PER_DAY, len(groups)), np.int64)
    everyone = {**{name: own.on_duty for name, own in year.given.items()}, **on_duty}
    for name, there in everyone.items():
        numbers = by_date(there, days, year.weeks)
        planned[:, list(groups).index(name)] = numbers.ravel()
        roster = {str(day): row for day, row in zip(days, numbers.tolist(), strict=True)}
        groups[name] = groups[name].model_copy(update={"on_duty": Roster.model_validate({"roster": roster})})
    at_peak = peaks(scenario, planned)
    # Seats of a group that may be called in are kept for it, called or not: its site stays as it is.
    shared = {group.site for name, group in scenario.groups.items() if name not in everyone}
    sites: dict[str, Site] = {
        name: site if name in shared else site.model_copy(update={"seats": min(site.seats, max(at_peak[name], 1))})
        for name, site in scenario.sites.items()
    }
    told = f"derived: the shifts that hotline staff found for {scenario.name}"
    sources = {
        **scenario.sources,
        **{f"groups.{name}.on_duty": told for name in everyone},
        **{
            f"sites.{name}.seats": f"derived: the most on duty at once, in {told[9:]}"
            for name in sites
            if name not in shared
        },
    }
    changed = {"name": f"staff-{scenario.name}", "groups": groups, "sites": sites, "sources": sources}
    return scenario.model_copy(update=changed)


def _there(own: GroupTours) -> Floats:
    return own.on_duty.astype(np.float64)
