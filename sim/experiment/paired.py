"""The difference of two ratios from replications of the same citizens, and its interval (§2)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from sim.experiment.replicate import Floats
from sim.measures import estimate_pairs, t_quantile

_ROUNDING: Final = 1e-13
"""Of a mean: what differs by less, differs by rounding alone."""


@dataclass(frozen=True)
class Difference:
    """A measure, or a line in 万元, in the base and in another case, and the difference with its 95 % interval.

    What could not be measured is None; with one replication there is no interval. ``variance_ratio`` is the variance
    that the difference would have with other citizens in each case, over the one it has with the same.
    """

    base: float | None
    mean: float | None
    difference: float | None
    low: float | None
    high: float | None
    variance_ratio: float | None
    unit: str


def differ(base: Floats, other: Floats, unit: str) -> Difference:
    """Return the difference of two ratios from the same replications.

    Each case's mean is the ratio of sums, top over bottom, and the difference is that of the two means. Its interval
    is by linearisation (delta method): replication ``i`` of a case moves its mean by ``(top_i - mean * bottom_i) /
    mean(bottom)``; these are subtracted replication by replication, and Student's t with ``n - 1`` degrees is taken
    of what is left.

    Parameters
    ----------
    base, other
        Numerator and denominator of each replication, shape ``(replications, 2)``.
    unit
        What the ratio is in.
    """
    old, new = estimate_pairs(base, unit), estimate_pairs(other, unit)
    if old.mean is None or new.mean is None:
        return Difference(old.mean, new.mean, None, None, None, None, unit)
    difference, n = new.mean - old.mean, len(base)
    if n < 2:
        return Difference(old.mean, new.mean, difference, None, None, None, unit)
    own, moved = moves(base, old.mean), moves(other, new.mean)
    paired = moved - own
    half = half_width(paired, max(abs(old.mean), abs(new.mean)))
    if half == 0.0:
        return Difference(old.mean, new.mean, difference, difference, difference, None, unit)
    ratio = float((own**2).sum() + (moved**2).sum()) / float((paired**2).sum())
    return Difference(old.mean, new.mean, difference, difference - half, difference + half, ratio, unit)


def half_width(paired: Floats, size: float) -> float:
    """Return half the 95 % interval of what each replication moves so much, by Student's t.

    Parameters
    ----------
    paired
        The moves, two or more, which sum to 0.
    size
        Of the means whose difference it is, in which there may be rounding.
    """
    squares, n = float((paired**2).sum()), len(paired)
    if squares <= (_ROUNDING * size) ** 2:
        return 0.0
    return t_quantile(n - 1) * math.sqrt(squares / (n - 1) / n)


def moves(pairs: Floats, mean: float) -> Floats:
    """Return by how much each replication moves a ratio's mean, shape ``(replications,)``; they sum to 0."""
    top, bottom = pairs.T
    found: Floats = (top - mean * bottom) / bottom.mean()
    return found
