"""How fast the groups' agents are, and how often their answers end on the spot or return, by week (§9, §18, §19)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.engine.given import Centre, Floats, Ints
from sim.scenario import Scenario
from sim.scenario.outcomes import without_novices
from sim.workforce.handling import returned
from sim.workforce.headcount import Headcount
from sim.workforce.novices import worth


class ByWeek(NamedTuple):
    """What :class:`~sim.engine.given.Centre` has by week: ``speed`` (G, W), the two chances (T, G, W)."""

    speed: Ints
    on_the_spot: Floats
    returned: Floats


def by_week(scenario: Scenario, weeks: int, found: Headcount | None) -> ByWeek:
    """Return what the agents do in each of so many weeks, from the horizon's first, with the heads found or as planned.

    Chances of types that a group does not answer are 0.
    """
    agents = worth(scenario, weeks, found)
    shape = len(scenario.types), len(scenario.groups), weeks
    on_the_spot, returns = np.zeros(shape), np.zeros(shape)
    for t, kind in enumerate(scenario.types.values()):
        for g, name in enumerate(scenario.groups):
            if name in kind.groups:
                on_the_spot[t, g] = without_novices(kind, name) * (1.0 - agents.loss[g])
                returns[t, g] = returned(scenario, kind, agents.novices[g])
    return ByWeek(np.rint(agents.speed * 1000.0).astype(np.int64), on_the_spot, returns)


def with_heads(centre: Centre, scenario: Scenario, found: Headcount) -> Centre:
    """Return the plan's centre with the agents that a replication has (§19)."""
    own = by_week(scenario, centre.speed.shape[1], found)
    quality = centre.quality._replace(returned=own.returned)
    return centre._replace(speed=own.speed, on_the_spot=own.on_the_spot, quality=quality)
