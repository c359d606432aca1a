"""Agents of whom a plan can do without one: sent home, one by one, while its targets hold as surely as asked (§19).

Whole agents lie beside fractions, so that a plan is a little surer than it must be. What that buys back are single
agents, those first whose work is worth the least for what they cost.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

import numpy as np

from sim.staffing.frontier import Found, PriceLists, Service
from sim.staffing.pools import Floats
from sim.staffing.whole_week import Search
from sim.staffing.year_tours import GroupTours, Ints

_SOME: Final = 1e-9


@dataclass(frozen=True)
class Fewer:
    """What a plan would be with one agent fewer in any one tour of any one typical week.

    Attributes
    ----------
    tours
        How many such plans there are.
    barred
        In how many of them agents who must be there would be missing, or a kind of tours would have too large a share.
    surest
        The highest probability among the others, by theory as the search's years correct it; None if there are none.
    """

    tours: int
    barred: int
    surest: float | None


class _Without(NamedTuple):
    """A plan with one agent fewer: agents by tour and on duty in that week, what its calls find, and the year."""

    counts: Ints
    there: Ints
    found: Floats
    year: Service


class _Agents:
    """The agents of a plan, one of whom may go."""

    def __init__(self, lists: PriceLists, chosen: Mapping[str, GroupTours]) -> None:
        self.lists = lists
        self.tours = {name: own.tours for name, own in chosen.items()}
        self.counts = {name: own.agents.copy() for name, own in chosen.items()}
        self.on_duty = {name: own.on_duty.copy() for name, own in chosen.items()}
        self.found = Found(lists.year, {name: own.astype(np.float64) for name, own in self.on_duty.items()})

    def without(self, name: str, week: int, tour: int) -> _Without | None:
        """Return the plan with one agent fewer in a tour; None if he must be there."""
        counts = self.counts[name][week].copy()
        counts[tour] -= 1
        there = self.on_duty[name][week] - self.tours[name].coverage[tour]
        if not self.lists.floors_hold(name, week, there) or not self.tours[name].shares_kept(counts):
            return None
        found = self.found.week(name, week, there.astype(np.float64))
        return _Without(counts, there, found, self.found.service((name, week, found)))

    def send_home(self, name: str, week: int, without: _Without) -> None:
        """Do without an agent."""
        self.counts[name][week], self.on_duty[name][week] = without.counts, without.there
        self.found.change(name, week, without.found)


def trimmed(
    lists: PriceLists,
    price_cny: float,
    chosen: Mapping[str, GroupTours],
    chance: Callable[[Service], float],
    wanted: float,
) -> tuple[dict[str, GroupTours], Fewer]:
    """Return the tours without the agents who can be spared, and what one more fewer would do.

    Parameters
    ----------
    lists, price_cny
        What agents are worth, and at which price they were chosen.
    chosen
        The tours by group.
    chance
        The probability of a year, which no agent fewer raises.
    wanted
        The least probability allowed.
    """
    agents = _Agents(lists, chosen)
    order = [(name, week, tour) for _, name, week, tour in sorted(_by_worth(lists, chosen))]
    while True:
        sent, fewer = _sent_home(agents, order, chance, wanted)
        if not sent:
            break
    tours = {name: _with_agents(lists, price_cny, name, own, agents.counts[name]) for name, own in chosen.items()}
    return tours, fewer


def _sent_home(
    agents: _Agents, order: list[tuple[str, int, int]], chance: Callable[[Service], float], wanted: float
) -> tuple[int, Fewer]:  # fmt: skip
    """Send home who can be spared, once through all tours; return how many, and what one fewer did in each tour left.

    The last time nobody goes, so that what it tells is of the plan as it stays. A kind's share may forbid what it no
    longer does when others have gone.
    """
    sent = barred = 0
    surest: list[float] = []
    for name, week, tour in order:
        while agents.counts[name][week, tour]:
            without = agents.without(name, week, tour)
            if without is None:
                barred += 1
                break
            left = chance(without.year)
            if left < wanted:
                surest.append(left)
                break
            agents.send_home(name, week, without)
            sent += 1
    return sent, Fewer(barred + len(surest), barred, max(surest, default=None))


def _by_worth(lists: PriceLists, chosen: Mapping[str, GroupTours]) -> list[tuple[float, str, int, int]]:
    """Return the agents' work lost for each yuan saved, where one is sent home: group, typical week and tour."""
    ranked = []
    for name, own in chosen.items():
        cost_cny = lists.year.choices[name].cost_cny
        for week, there in enumerate(own.on_duty):
            last = lists.of(name, week, 1.0).gain_cny
            last = last[np.arange(len(there)), np.clip(there - 1, 0, last.shape[1] - 1)]
            tours = np.flatnonzero(own.agents[week])
            lost = own.tours.coverage[tours] @ last / cost_cny[week, tours]
            ranked += [(float(one), name, week, int(tour)) for one, tour in zip(lost, tours, strict=True)]
    return ranked


def _with_agents(lists: PriceLists, price_cny: float, name: str, own: GroupTours, agents: Ints) -> GroupTours:
    """Return the tours with other agents, and by how much the weeks may be bettered then."""
    cost_cny = lists.year.choices[name].cost_cny
    after = replace(own, agents=agents)
    week_cny, gap = (agents * cost_cny).sum(axis=1), own.gap.copy()
    assert own.week_cny is not None
    for week in np.flatnonzero((agents != own.agents).any(axis=1)):
        saved = Search(own.tours, cost_cny[week], lists.of(name, int(week), price_cny)).saved
        worse = saved(own.on_duty[week]) - saved(after.on_duty[week]) - (own.week_cny[week] - week_cny[week])
        gap[week] = max(own.gap[week] * own.week_cny[week] + worse, 0.0) / max(week_cny[week], _SOME)
    return replace(after, week_cny=week_cny, gap=gap)
