"""What the agents of each group are worth week by week: how fast, how often on the spot, how many novices (§9, §19)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.scenario import Scenario
from sim.scenario.outcomes import planned_loss
from sim.workforce.headcount import Headcount

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Worth:
    """The agents of each group by week of the horizon, shape ``(groups, weeks)``."""

    speed: Floats
    """Factor on handling times."""
    loss: Floats
    """Share of answers on the spot that become work orders."""
    novices: Floats
    """Share of novices."""


def worth(scenario: Scenario, weeks: int, found: Headcount | None) -> Worth:
    """Return what the agents are worth.

    Parameters
    ----------
    scenario
        The scenario.
    weeks
        How many, from the horizon's first; those after it are as its last.
    found
        The heads of a replication. The groups that they belong to are slower by the week's handling factor, and the
        week's loss and share of novices take the place of those that the plan expects of them. None without a
        head-count.
    """
    first = scenario.horizon.start
    begin = [first + dt.timedelta(weeks=week) for week in range(weeks)]
    groups = scenario.groups.items()
    speed = np.array([[group.speed_on(day) for day in begin] for _, group in groups])
    loss = np.array([[planned_loss(scenario, name)] * weeks for name, _ in groups])
    novices = np.array([[group.novice_share] * weeks for _, group in groups])
    if found is not None:
        own = np.array([scenario.has_heads(name) for name in scenario.groups])
        week = np.minimum(np.arange(weeks), len(found.weeks) - 1)
        speed[own] *= found.handling_factor[week]
        loss[own] = found.on_the_spot_loss[week]
        novices[own] = found.novices_share[week]
    return Worth(speed, loss, novices)
