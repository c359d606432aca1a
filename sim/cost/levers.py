"""Groups that are called in (§14): whether their hours make heads, and what is bought of them."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.scenario import Scenario
from sim.scenario.groups import Group
from sim.terms import SLOTS_PER_DAY

Floats = NDArray[np.float64]

LEVER_UNITS: Final = {"calls": "call", "minutes": "min", "hours": "h", "activations": "activation"}
"""What can be bought of a group that is called in, and its unit."""


def is_employed(group: Group) -> bool:
    """Return whether a group's hours on duty are among those that make heads.

    Not if it is bought: called in at a price and from no other group. Nor if a threshold calls it in from another
    group, in whose hours its own are; by dates, the plan moves them from one to the other.
    """
    calls = group.activation
    if calls is None:
        return True
    return calls.is_dated if calls.agents_from is not None else not calls.price.is_given


def bought(
    scenario: Scenario, planned: NDArray[np.int64], hours: dict[str, NDArray[np.float64]]
) -> dict[str, NDArray[np.float64]]:
    """Return what is bought of groups with an activation price, as far as the plan knows it."""
    found: dict[str, Floats] = {}
    for column, (name, group) in enumerate(scenario.groups.items()):
        if group.activation is None or not group.activation.price.is_given:
            continue
        nothing = np.zeros(len(planned) // SLOTS_PER_DAY)
        found |= {f"{name}.{what}": nothing for what in LEVER_UNITS}
        if group.activation.is_dated:
            there = planned[:, column] > 0
            begins = there & ~np.concatenate(([False], there[:-1]))
            found[f"{name}.hours"] = hours[name].sum(axis=1)
            found[f"{name}.activations"] = begins.reshape(-1, SLOTS_PER_DAY).sum(axis=1).astype(np.float64)
    return found
