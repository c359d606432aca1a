"""Agents of whom a plan can do without one: sent home, one by one, while its targets hold as surely as asked (§19).

Whole agents lie beside fractions, so that a plan is a little surer than it must be. What that buys back are single
agents, those first whose work is worth the least for what they cost.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

import numpy as np

from sim.staffing.frontier import Found, PriceLists, Service
from sim.staffing.weekly import Search
from sim.staffing.year_tours import GroupTours

_SOME: Final = 1e-9


def trimmed(
    lists: PriceLists,
    price_cny: float,
    chosen: Mapping[str, GroupTours],
    chance: Callable[[Service], float],
    wanted: float,
) -> dict[str, GroupTours]:
    """Return the tours with as many agents fewer as can be: without any one more the chance would be too low.

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
    found = Found(lists.year, {name: own.on_duty.astype(np.float64) for name, own in chosen.items()})
    counts = {name: own.agents.copy() for name, own in chosen.items()}
    for _, name, week, tour in sorted(_by_worth(lists, chosen)):
        while counts[name][week, tour]:
            fewer = counts[name][week].copy()
            fewer[tour] -= 1
            there = fewer @ chosen[name].tours.coverage.astype(np.int64)
            if not lists.floors_hold(name, week, there) or not chosen[name].tours.shares_kept(fewer):
                break
            changed = found.week(name, week, there.astype(np.float64))
            if chance(found.service((name, week, changed))) < wanted:
                break
            found.change(name, week, changed)
            counts[name][week] = fewer
    return {name: _with_agents(lists, price_cny, name, own, counts[name]) for name, own in chosen.items()}


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


def _with_agents(lists: PriceLists, price_cny: float, name: str, own: GroupTours, agents: np.ndarray) -> GroupTours:
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
