"""The random factors on the expected rates: year, day and slot, each with mean 1 (§3)."""

from __future__ import annotations

import datetime as dt
import math

import numpy as np
from numpy.typing import NDArray

from sim.demand.window import Window
from sim.scenario import Scenario
from sim.terms import SLOTS_PER_DAY, absolute_slot
from sim.uniforms import DAY, SLOT, YEAR, uniforms


def rate_factors(scenario: Scenario, window: Window, key: np.uint64) -> NDArray[np.float64]:
    """Return the factor on every type's expected rate, year x day x slot.

    Parameters
    ----------
    scenario
        The scenario, for ``demand.variation``.
    window
        The slots.
    key
        The replication's key, from :func:`sim.uniforms.stream_key`.

    Returns
    -------
    numpy.ndarray
        Shape ``(rows,)``. A slot's factor is the same whatever window it is seen through. There is a year
        factor for each calendar year. The days' chain starts on 1 January of the horizon's first year,
        already stationary; a warm-up before that day has the year's and the first day's factor.
    """
    variation = scenario.demand.variation
    slots = window.absolute_slots(scenario)
    origin = dt.date(scenario.horizon.start.year, 1, 1)
    factors = np.ones(window.rows)
    if variation.year_cv > 0.0:
        years = np.array([max(day, origin).year for day in window.days(scenario)])
        by_year = mean_one(uniforms(key, YEAR, years), variation.year_cv, variation.distribution)
        factors *= by_year[window.slots_into_days() // SLOTS_PER_DAY]
    if variation.day_cv > 0.0:
        first = absolute_slot(origin) // SLOTS_PER_DAY
        days = np.maximum(slots // SLOTS_PER_DAY - first, 0)
        chain = _chain(
            uniforms(key, DAY, first + np.arange(days.max() + 1)),
            _gaussian_correlation(variation.day_autocorrelation, variation.day_cv, variation.distribution),
        )
        factors *= mean_one(chain, variation.day_cv, variation.distribution)[days]
    if variation.slot_cv > 0.0:
        factors *= mean_one(uniforms(key, SLOT, slots), variation.slot_cv, variation.distribution)
    return factors


def mean_one(u: NDArray[np.float64], cv: float, distribution: str) -> NDArray[np.float64]:
    """Return the quantiles at ``u`` of the lognormal or gamma law with mean 1.

    Parameters
    ----------
    u
        Numbers in (0, 1), any shape.
    cv
        Coefficient of variation, above 0.
    distribution
        ``lognormal`` or ``gamma``.

    Returns
    -------
    numpy.ndarray
        Factors, of the shape of ``u``.
    """
    from scipy import special

    if distribution == "gamma":
        shape = cv**-2.0
        quantiles: NDArray[np.float64] = special.gammaincinv(shape, u) / shape
        return quantiles
    variance = math.log1p(cv**2)
    factors: NDArray[np.float64] = np.exp(math.sqrt(variance) * special.ndtri(u) - variance / 2.0)
    return factors


def _gaussian_correlation(autocorrelation: float, cv: float, distribution: str) -> float:
    """Return the correlation of the Gaussian chain that gives the factors theirs.

    For lognormal factors it is known exactly; for gamma factors the stated one serves for the chain, and
    theirs is lower by a little (0.48 for 0.5 at a coefficient of variation of 0.6).
    """
    if distribution == "gamma":
        return autocorrelation
    return math.log1p(autocorrelation * cv**2) / math.log1p(cv**2)


def _chain(u: NDArray[np.float64], correlation: float) -> NDArray[np.float64]:
    """Return the uniforms of a stationary Gaussian AR(1) whose shocks have the uniforms ``u``."""
    from scipy import special

    z: NDArray[np.float64] = special.ndtri(u)
    fresh = math.sqrt(1.0 - correlation**2)
    for day in range(1, z.size):
        z[day] = correlation * z[day - 1] + fresh * z[day]
    uniform: NDArray[np.float64] = special.ndtr(z)
    return uniform
