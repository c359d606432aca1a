"""All that cases are compared by, in one form: measures, chances to meet the targets, contract lines (§17, §20).

Each is a numerator over a denominator a replication, so that means, intervals and paired differences are one formula.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from sim.experiment.cases import Outcomes
from sim.experiment.paired import differ
from sim.experiment.replicate import Floats
from sim.measures import NAMES, UNITS, clopper_pearson, estimate_pairs
from sim.scenario import Scenario
from sim.scenario.money import LINES

Kind = Literal["measure", "probability", "line"]

PROBABILITY: Final = "_probability"
IN_WAN: Final = "_wan"
"""How the names of a target's chance and of a contract line, in 万元, end."""
_BOTH: Final = 0.975
"""Confidence of each of two intervals that hold together with 95 %, whatever binds them (Bonferroni)."""


@dataclass(frozen=True)
class Quantity:
    """A quantity of one case; ``pairs`` has a numerator and a denominator a replication, ``(replications, 2)``."""

    name: str
    kind: Kind
    unit: str
    pairs: Floats

    @property
    def mean(self) -> float | None:
        """The sum of numerators over that of denominators; None where there was nothing to measure."""
        return estimate_pairs(self.pairs, self.unit).mean


def quantities(outcomes: Outcomes) -> dict[str, Quantity]:
    """Return every quantity of a case by name.

    Returns
    -------
    dict
        Measures by their name, then ``<target>_probability`` of each target that is judged, then ``<line>_wan`` of
        each contract line and ``total_wan``.
    """
    found = {name: Quantity(name, "measure", UNITS[name], pairs) for name, pairs in outcomes.pairs.items()}
    for row in outcomes.targets:
        if row.probability is not None:
            met = np.array([(held is True, held is not None) for held in row.met], float)
            name = f"{row.key}{PROBABILITY}"
            found[name] = Quantity(name, "probability", "share", met)
    for line, wan in outcomes.lines_wan.items():
        name = f"{line}{IN_WAN}"
        found[name] = Quantity(name, "line", "万元", np.column_stack([wan, np.ones_like(wan)]))
    return found


def names(scenario: Scenario) -> list[str]:
    """Return the names of a scenario's quantities, as :func:`quantities` has them when a whole year is simulated."""
    targets = [f"{key}{PROBABILITY}" for key, target in scenario.targets if target is not None]
    lines = [f"{line}{IN_WAN}" for line in (*LINES, "total")] if scenario.cost is not None else []
    return [*NAMES, *targets, *lines]


@dataclass(frozen=True)
class Interval:
    """A number with its 95 % interval; None where it is not known."""

    mean: float | None
    low: float | None
    high: float | None


def paired_difference(base: Quantity, other: Quantity) -> Interval:
    """Return ``other - base``, replication by replication of the same citizens.

    The interval of a measure or a line is :func:`sim.experiment.paired.differ`'s. That of a
    probability is exact: few replications may all agree, and the difference is still not known to be 0. It is made of
    the two shares of replications, those that the change makes meet the target and those that it makes miss it, each by
    Clopper and Pearson.

    Parameters
    ----------
    base, other
        The same quantity of two cases, replications numbered from the first; those that only one has do not count.
    """
    shared = min(len(base.pairs), len(other.pairs))
    pairs = base.pairs[:shared], other.pairs[:shared]
    if base.kind == "probability":
        judged = (pairs[0][:, 1] > 0) & (pairs[1][:, 1] > 0)
        pairs = pairs[0][judged], pairs[1][judged]
    runs = len(pairs[0])
    if base.kind != "probability" or runs < 2:
        found = differ(*pairs, base.unit)
        return Interval(found.difference, found.low, found.high)
    change = pairs[1][:, 0] - pairs[0][:, 0]
    won, lost = (clopper_pearson(int((change == sign).sum()), runs, _BOTH) for sign in (1, -1))
    return Interval(float(change.mean()), won[0] - lost[1], won[1] - lost[0])
