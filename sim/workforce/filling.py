"""The heads that a plan takes, and how much of it those fill that there are (§19)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.scenario import Scenario
from sim.terms import SLOTS_PER_DAY, SLOTS_PER_HOUR
from sim.workforce.headcount import Headcount, Weeks
from sim.workforce.slots import Slots

Days = NDArray[np.float64]
_DAYS_PER_WEEK = 7
_HALF = 0.5
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Needed:
    """What the plan asks of the agents' own paid hours, by week of the horizon."""

    hours: Weeks
    """The agents' hours on duty less those done in overtime, as the bill counts its agents."""
    heads: Weeks
    """Heads that work these hours if each works as many paid hours as in any other week, its shrinkage taken off."""
    balanced: float
    """Heads that work them if their paid hours follow the plan's through the horizon: the bill's agents, but for
    seasons."""

    def filled_share(self, found: Headcount) -> Weeks:
        """Return the share of the roster that the heads on the floor fill, 1 at the most.

        Novices fill a place as others do; that they are slower is in their handling factor.
        """
        return np.minimum(found.heads / self.balanced, 1.0) if self.balanced > 0.0 else np.ones_like(found.heads)


def needed(by_day: Days, found: Headcount) -> Needed:
    """Return what a plan needs.

    Parameters
    ----------
    by_day
        The agents' hours on duty on each day of the horizon, overtime taken off.
    found
        The same horizon's weeks and shrinkage.
    """
    starts = np.cumsum([0, *(len(days) for days in found.weeks[:-1])])
    hours: Weeks = np.add.reduceat(by_day, starts)
    paid = hours / (1.0 - found.shrinkage_total)
    return Needed(hours, hours / found.productive_h_head, float(paid.sum() / found.hours_head.sum()))


def hours_on_duty(scenario: Scenario, planned: NDArray[np.int64]) -> dict[str, NDArray[np.float64]]:
    """Return each group's hours on duty by day and slot, planned absence taken off, shape ``(days, 96)``.

    Parameters
    ----------
    scenario
        The scenario.
    planned
        Agents rostered, shape ``(days * 96, groups)``.
    """
    roster = planned.reshape(-1, SLOTS_PER_DAY, len(scenario.groups)) / SLOTS_PER_HOUR
    there = np.array([1.0 - group.absence.rate for group in scenario.groups.values()])
    return dict(zip(scenario.groups, (roster * there).transpose(2, 0, 1), strict=True))


def agent_hours(scenario: Scenario, planned: NDArray[np.int64]) -> Days:
    """Return the employed agents' hours on duty by day, overtime taken off, shape ``(days,)``; as the bill counts."""
    assert scenario.workforce is not None
    hours = hours_on_duty(scenario, planned)
    own = [hours[name].sum(axis=1) for name, group in scenario.groups.items() if group.is_employed]
    total: Days = sum(own, start=np.zeros(len(planned) // SLOTS_PER_DAY))
    return total - total * scenario.workforce.overtime_share


def filled(planned: NDArray[np.int64], scenario: Scenario, window: Slots, share: Weeks) -> NDArray[np.int64]:
    """Return the roster with somebody in each of its places: employees' is cut to the week's share, rounded.

    Parameters
    ----------
    planned
        The plan, shape ``(rows, groups)``.
    scenario, window
        The scenario, and the slots of the plan.
    share
        By week of the horizon; days before it are as its first.
    """
    begin = scenario.horizon.start
    weeks = np.array([max(0, (day - begin).days // _DAYS_PER_WEEK) for day in window.days(scenario)])
    rows = share[weeks][window.slots_into_days() // SLOTS_PER_DAY]
    own = [group.is_employed for group in scenario.groups.values()]
    there = planned.copy()
    there[:, own] = np.floor(planned[:, own] * rows[:, None] + _HALF + _ROUNDING)
    return there
