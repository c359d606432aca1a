"""The heads that the plan needs week by week, beside those there are (§19)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.cost.drivers import Drivers
from sim.workforce.headcount import Headcount, Weeks


@dataclass(frozen=True)
class Needed:
    """What the plan asks of the agents' own paid hours, by week of the horizon."""

    hours: Weeks
    """The agents' hours on duty less those done in overtime, as the bill counts its agents."""
    heads: Weeks
    """Heads at full strength that work these hours in the week, its shrinkage taken off."""

    def filled_share(self, found: Headcount) -> Weeks:
        """Return the share of the roster that the heads on the floor can fill, 1 at the most.

        Novices fill a place as others do; that they are slower is in their handling factor.
        """
        asked = self.hours > 0.0
        share = np.divide(found.productive_h, self.hours, out=np.ones_like(self.hours), where=asked)
        return np.minimum(share, 1.0)


def needed(drivers: Drivers, found: Headcount) -> Needed:
    """Return what a plan needs.

    Parameters
    ----------
    drivers
        What the plan needs on each day of the horizon.
    found
        The same horizon's weeks and shrinkage.
    """
    by_day = sum(drivers.duty_h.values(), start=np.zeros(len(drivers.days))) - drivers.overtime_h
    starts = np.cumsum([0, *(len(days) for days in found.weeks[:-1])])
    hours: Weeks = np.add.reduceat(by_day, starts)
    return Needed(hours, hours / found.productive_h_head)
