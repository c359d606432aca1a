"""Pools: groups that answer the same types of calls, what they are offered, and whose agents are chosen (§19)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.demand.rates import expected_rates
from sim.demand.window import Window
from sim.scenario import Fault, Scenario, ScenarioError
from sim.scenario.groups import OnDutyRule
from sim.scenario.shifts import DAYS, STEPS_PER_DAY
from sim.staffing.weeks import TypicalWeek, places
from sim.terms import SECOND_MS, SLOT_MS, SLOTS_PER_DAY
from sim.workforce.on_duty import offered, speeds_by_day
from sim.workforce.tours import WEEK_STEPS
from sim.workforce.workload import with_repeats

Floats = NDArray[np.float64]

_SLOT_S: Final = SLOT_MS / SECOND_MS
_PER_STEP: Final = SLOTS_PER_DAY // STEPS_PER_DAY


@dataclass(frozen=True)
class Pool:
    """Groups whose calls overlap, taken as one: what a call finds is decided by the agents of all of them.

    Attributes
    ----------
    chosen
        The group whose agents are chosen: of those with the rule ``erlang-a`` the one with most work.
    groups
        All of them.
    calls
        Calls expected in half-hours from Monday 00:00, of a typical week's mean day, repeats included, shape
        ``(weeks, 336)``; 0 on days that are not simulated.
    load
        The work they find when they come, in Erlang, shape ``(weeks, 336)``: the modified offered load, which follows
        the rate by about a handling time.
    days
        How many of the days simulated are planned so, shape ``(weeks, 7)``.
    aht_s, patience_s
        Means over the year, in seconds.
    minimum
        Agents that the chosen group's rule keeps on duty.
    absence
        Share of the roster that is absent on a mean day, and its coefficient of variation.
    """

    chosen: str
    groups: tuple[str, ...]
    calls: Floats
    load: Floats
    days: Floats
    aht_s: float
    patience_s: float
    minimum: int
    absence: tuple[float, float]

    @property
    def of_year(self) -> Floats:
        """Calls of the year that come in each half-hour of a typical week, shape ``(weeks, 336)``."""
        calls: Floats = self.calls * np.repeat(self.days, STEPS_PER_DAY, axis=1)
        return calls


def pools(scenario: Scenario, weeks: list[TypicalWeek]) -> list[Pool]:
    """Return the pools in which there are agents to choose.

    Raises
    ------
    ScenarioError
        If no group has the rule ``erlang-a``.
    """
    window = Window.of(scenario)
    days = window.days(scenario)
    calls = with_repeats(scenario, expected_rates(scenario, window, known_only=True))
    week, weekday = places(days, weeks)
    number = np.zeros((len(weeks), DAYS))
    np.add.at(number, (week, weekday), 1.0)

    def mean(by_step: Floats) -> Floats:
        total = np.zeros((len(weeks), DAYS, STEPS_PER_DAY))
        np.add.at(total, (week, weekday), by_step.reshape(-1, STEPS_PER_DAY))
        total /= np.maximum(number, 1.0)[:, :, None]
        return total.reshape(len(weeks), WEEK_STEPS)

    found = []
    for names in _overlapping(scenario):
        parts = {name: _offered(scenario, name, calls, window) for name in names}
        by_rule = {name: rule for name in names if isinstance(rule := scenario.groups[name].on_duty, OnDutyRule)}
        if not by_rule:
            continue
        chosen = max(by_rule, key=lambda name: float(parts[name][1].sum()))
        arrivals, work, hangups = (sum(column) for column in zip(*parts.values(), strict=True))
        aht_s, patience_s = float(work.sum() / arrivals.sum()), float(arrivals.sum() / hangups.sum())
        absence = scenario.groups[chosen].absence
        found.append(
            Pool(
                chosen=chosen,
                groups=names,
                calls=mean((arrivals * _SLOT_S).reshape(-1, _PER_STEP).sum(axis=1)),
                load=mean(_followed(work, aht_s).reshape(-1, _PER_STEP).mean(axis=1)),
                days=number,
                aht_s=aht_s,
                patience_s=patience_s,
                minimum=by_rule[chosen].minimum,
                absence=(absence.rate, absence.cv),
            )
        )
    if not found:
        remedy = 'write on_duty = { rule = "erlang-a", target = { asa_s = 10 } } for the group whose agents are sought'
        allowed = "a group of agents for calls with the rule erlang-a: those of tables and rosters are left as they are"
        raise ScenarioError([Fault(scenario.name, "groups", "", allowed, remedy)])
    return found


def _overlapping(scenario: Scenario) -> list[tuple[str, ...]]:
    """Return the groups that answer calls, those that share a type together, in declared order."""
    sets: list[set[str]] = []
    for kind in scenario.types.values():
        own = set(kind.groups)
        apart = [one for one in sets if not one & own]
        sets = [*apart, own.union(*(one for one in sets if one & own))]
    order = list(scenario.groups)
    return sorted((tuple(sorted(one, key=order.index)) for one in sets), key=lambda one: order.index(one[0]))


def _offered(scenario: Scenario, name: str, calls: Floats, window: Window) -> tuple[Floats, Floats, Floats]:
    speed = speeds_by_day(scenario, scenario.groups[name], window.days(scenario))
    return offered(scenario, name, np.repeat(speed, SLOTS_PER_DAY), calls)


def _followed(work: Floats, aht_s: float) -> Floats:
    """Return the modified offered load of each slot's calls: its mean number in an endless pool of agents.

    With a rate that is constant in each slot it moves exponentially towards the slot's own load; what is returned is
    its mean over the slot (Jennings, Mandelbaum, Massey and Whitt 1996).
    """
    towards = np.exp(-_SLOT_S / aht_s)
    share = aht_s / _SLOT_S * (1.0 - towards)
    load = np.empty_like(work)
    at_start = work[0]
    for slot, own in enumerate(work):
        load[slot] = own + (at_start - own) * share
        at_start = own + (at_start - own) * towards
    return load
