"""Distributions of a scenario as the rows that the draws read (§2)."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from sim.demand import draws
from sim.scenario.distributions import Distribution
from sim.terms import SECOND_MS

Row = tuple[int, float, float, float, NDArray[np.float64] | None]
"""A row for :func:`sim.demand.draws.pack`."""

NOTHING: Row = (draws.FIXED, 0.0, 0.0, 0.0, None)


def to_ms(seconds: float) -> int:
    """Return seconds as whole milliseconds (§1)."""
    return int(seconds * SECOND_MS + 0.5)


def law_row(law: Distribution | None, at_once: float = 0.0) -> Row:
    """Return the row of a distribution, of which the share ``at_once`` is zero; nothing at all if there is none."""
    if law is None:
        return NOTHING
    if law.exponential is not None:
        return draws.EXPONENTIAL, law.exponential.mean_s, 0.0, at_once, None
    if law.lognormal is not None:
        variance = math.log1p(law.lognormal.cv**2)
        mean = math.log(law.lognormal.mean_s) - variance / 2.0
        return draws.LOGNORMAL, mean, math.sqrt(variance), at_once, None
    if law.gamma is not None:
        return draws.GAMMA, 0.0, 0.0, at_once, draws.gamma_table(law.gamma.mean_s, law.gamma.cv)
    if law.weibull is not None:
        return draws.WEIBULL, law.weibull.scale_s, 1.0 / law.weibull.shape, at_once, None
    if law.uniform is not None:
        return draws.UNIFORM, law.uniform.low_s, law.uniform.high_s - law.uniform.low_s, at_once, None
    if law.fixed is not None:
        return draws.FIXED, law.fixed.s, 0.0, at_once, None
    if law.quantiles is not None:
        return draws.QUANTILES, 0.0, 0.0, at_once, np.array(law.quantiles)
    return draws.NEVER, 0.0, 0.0, at_once, None


def spread_row(spread: float | tuple[float, ...], unit_s: float) -> Row:
    """Return the row of a number or of quantiles, in units of ``unit_s`` seconds."""
    if isinstance(spread, tuple):
        return draws.QUANTILES, 0.0, 0.0, 0.0, np.array(spread) * unit_s
    return draws.FIXED, spread * unit_s, 0.0, 0.0, None
