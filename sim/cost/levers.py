"""Groups that are called in (§14): what is bought of them."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.scenario import Scenario
from sim.terms import SLOTS_PER_DAY

Floats = NDArray[np.float64]

LEVER_UNITS: Final = {"calls": "call", "minutes": "min", "hours": "h", "activations": "activation"}
"""What can be bought of a group that is called in, and its unit."""


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
