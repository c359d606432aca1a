"""Which assumption to measure first: each parameter at the ends of its range, and its share of the variance.

Rosters made by rule are made anew in every case, as a planner would who knew the number: what a parameter does to them
shows in the bill. All cases have the same citizens (§2), so that differences are paired.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from sim.experiment.cases import Outcomes
from sim.experiment.definitions import Definition, definitions
from sim.experiment.quantities import Interval, Kind, Quantity, paired_difference, quantities
from sim.experiment.sweep import Case, drawn_case
from sim.measures import CONFIDENCE
from sim.scenario.ranges import Parameter

BASE: Final = "base"
_ENDS: Final[tuple[tuple[Literal["low", "high"], float], ...]] = (("low", 0.0), ("high", 1.0))
_RESAMPLES: Final = 999
_RANGE: Final = "[ranges]"
_UNKNOWN: Final = Interval(None, None, None)


@dataclass(frozen=True)
class Swing:
    """What one parameter does to one quantity, from the low end of its range to the high one."""

    parameter: Parameter
    quantity: str
    kind: Kind
    unit: str
    base: float | None
    at_low: Interval
    """By how much it differs from the base at the low end."""
    at_high: Interval

    @property
    def swing(self) -> float | None:
        """From the least to the most of base, low end and high end."""
        if self.at_low.mean is None or self.at_high.mean is None:
            return None
        ends = (0.0, self.at_low.mean, self.at_high.mean)
        return max(ends) - min(ends)


@dataclass(frozen=True)
class Index:
    """A Sobol index of one parameter and quantity, with its bootstrap interval; None where nothing varies."""

    parameter: str
    quantity: str
    first: Interval
    """The share of the variance that the parameter alone explains."""
    total: Interval
    """The share that goes if the parameter is known: alone and with others."""


@dataclass(frozen=True)
class Sensitivity:
    """What was found: swings and definitions of the targets, or indices of variance."""

    swings: list[Swing]
    definitions: list[Definition]
    indices: list[Index]


def cases_of(parameters: Sequence[Parameter], count: int | None, seed: int) -> list[Case]:
    """Return the cases that are to be simulated: :func:`tornado_cases`, or :func:`sobol_cases` with a ``count``."""
    return tornado_cases(parameters) if count is None else sobol_cases(parameters, count, seed)


def found(
    parameters: Sequence[Parameter],
    cases: Sequence[Case],
    outcomes: Mapping[str, Outcomes],
    count: int | None,
    seed: int,
) -> Sensitivity:
    """Return what the cases of :func:`cases_of` show."""
    if count is None:
        return Sensitivity(tornado(parameters, outcomes), definitions(outcomes[BASE]), [])
    means = [{name: one.mean for name, one in quantities(outcomes[case.name]).items()} for case in cases]
    return Sensitivity([], [], sobol(parameters, means, count, seed))


def tornado_cases(parameters: Sequence[Parameter]) -> list[Case]:
    """Return the base and each parameter at either end, the others as they are."""
    ends = [drawn_case(f"{one.key} = {end}", [one], [share], _RANGE) for one in parameters for end, share in _ENDS]
    return [Case(BASE, {}, ""), *ends]


def tornado(parameters: Sequence[Parameter], outcomes: Mapping[str, Outcomes]) -> list[Swing]:
    """Return what each parameter does to every quantity (:func:`sim.experiment.quantities.quantities`).

    Parameters
    ----------
    parameters
        What was varied.
    outcomes
        The cases of :func:`tornado_cases`, by name.
    """
    base = quantities(outcomes[BASE])
    swings = []
    for one in parameters:
        low, high = (quantities(outcomes[f"{one.key} = {end}"]) for end, _ in _ENDS)
        for name, quantity in base.items():
            at_low, at_high = (_difference(quantity, ends.get(name)) for ends in (low, high))
            swings.append(Swing(one, name, quantity.kind, quantity.unit, quantity.mean, at_low, at_high))
    return swings


def _difference(base: Quantity, end: Quantity | None) -> Interval:
    return _UNKNOWN if end is None else paired_difference(base, end)


def by_swing(swings: Sequence[Swing], quantity: str) -> list[Swing]:
    """Return the swings of one quantity, the widest first."""
    own = [swing for swing in swings if swing.quantity == quantity]
    return sorted(own, key=lambda swing: -1.0 if swing.swing is None else swing.swing, reverse=True)


def tornado_table(swings: Sequence[Swing]) -> pl.DataFrame:
    """Return a row a parameter and quantity.

    Returns
    -------
    polars.DataFrame
        ``parameter``, its ``value``, ``low`` and ``high``; ``quantity``, ``unit``, ``base``; ``at_low``, ``at_high``,
        differences from the base, each with the ends of its paired 95 % interval; ``swing``.
    """
    ends = (f"at_{end}{part}" for end, _ in _ENDS for part in ("", "_interval_low", "_interval_high"))
    numbers = ("value", "low", "high", "base", "swing", *ends)
    rows = [
        {
            "parameter": one.parameter.key,
            "value": one.parameter.base,
            "low": one.parameter.low,
            "high": one.parameter.high,
            "quantity": one.quantity,
            "unit": one.unit,
            "base": one.base,
            **_told("at_low", one.at_low),
            **_told("at_high", one.at_high),
            "swing": one.swing,
        }
        for one in swings
    ]
    return pl.DataFrame(rows, schema_overrides=dict.fromkeys(numbers, pl.Float64), infer_schema_length=None)


def _told(name: str, difference: Interval) -> dict[str, float | None]:
    return {
        name: difference.mean,
        f"{name}_interval_low": difference.low,
        f"{name}_interval_high": difference.high,
    }


# --- variance -------------------------------------------------------------------------------------------


def sobol_cases(parameters: Sequence[Parameter], count: int, seed: int) -> list[Case]:
    """Return the ``count · (k + 2)`` cases that the indices of ``k`` parameters are estimated from.

    Two samples A and B of Sobol's sequence, scrambled by the seed, each parameter uniform over its range; then A with
    one column of B, for each parameter (Saltelli et al. 2010).

    Parameters
    ----------
    parameters
        What is varied: two or more, for one alone has all of the variance.
    count
        Size of a sample, a power of two.
    seed
        Which scrambling.
    """
    from scipy.stats import qmc

    k = len(parameters)
    points = qmc.Sobol(d=2 * k, rng=np.random.default_rng(seed), bits=64).random(count)
    a, b = points[:, :k], points[:, k:]
    mixed = [np.where(np.arange(k) == column, b, a) for column in range(k)]
    rows = np.concatenate([a, b, *mixed])
    width = len(str(len(rows)))
    return [drawn_case(f"{place:0{width}d}", parameters, row, _RANGE) for place, row in enumerate(rows, 1)]


def sobol(
    parameters: Sequence[Parameter], outcomes: Sequence[Mapping[str, float | None]], count: int, seed: int
) -> list[Index]:
    """Return first-order and total indices of every quantity, as Saltelli et al. (2010) estimate them.

    A quantity is the mean over a case's replications; what chance leaves in it is the same citizens' in all cases, and
    counts as the parameters' own where it differs.

    Parameters
    ----------
    parameters
        What was varied.
    outcomes
        Each case's quantities by name, in the order of :func:`sobol_cases`.
    count
        Size of a sample.
    seed
        Of the bootstrap.
    """
    rng = np.random.default_rng(seed)
    resamples = rng.multinomial(count, np.full(count, 1.0 / count), size=_RESAMPLES)
    weights = np.vstack([np.ones(count), resamples]) / count
    indices = []
    for name in outcomes[0]:
        means = [one.get(name) for one in outcomes]
        values = np.array([np.nan if mean is None else mean for mean in means])
        # The variance is that of the two samples; the mixed ones may move where they do not.
        if np.isnan(values).any() or np.ptp(values[: 2 * count]) == 0.0:
            indices += [Index(one.key, name, _UNKNOWN, _UNKNOWN) for one in parameters]
            continue
        for one, first, total in zip(parameters, *_first_and_total(values, weights), strict=True):
            indices.append(Index(one.key, name, first, total))
    return indices


def _first_and_total(
    values: NDArray[np.float64], weights: NDArray[np.float64]
) -> tuple[list[Interval], list[Interval]]:
    """Return the indices of one quantity, a pair of lists by parameter, with percentile intervals of the bootstrap.

    Parameters
    ----------
    values
        Of the quantity, in the order of :func:`sobol_cases`.
    weights
        Of each place of a sample, shape ``(1 + resamples, count)``: all alike, then how often a resample has it.
    """
    count = weights.shape[1]
    # Both samples have the same mean in truth: without it the estimates vary less.
    a, b, *others = np.split(values - values[: 2 * count].mean(), len(values) // count)
    mixed = np.array(others)
    variance = weights @ (a**2 + b**2) / 2.0 - (weights @ (a + b) / 2.0) ** 2
    # Of few cases a resample may not vary at all: it has no index.
    variance[variance <= 0.0] = np.nan
    first = (weights @ (b * (mixed - a)).T).T / variance
    total = (weights @ ((a - mixed) ** 2).T).T / variance / 2.0
    return _intervals(first), _intervals(total)


def _intervals(found: NDArray[np.float64]) -> list[Interval]:
    """Return estimates and intervals, an item a parameter, from the sample's own and the resamples' indices."""
    tail = (1.0 - CONFIDENCE) / 2.0
    low, high = np.nanquantile(found[:, 1:], [tail, 1.0 - tail], axis=1)
    return [Interval(*map(float, row)) for row in zip(found[:, 0], low, high, strict=True)]


def sobol_table(indices: Sequence[Index]) -> pl.DataFrame:
    """Return a row a parameter and quantity: ``first_order`` and ``total_order``, each with its interval's ends."""
    rows = [
        {
            "parameter": one.parameter,
            "quantity": one.quantity,
            **_told("first_order", one.first),
            **_told("total_order", one.total),
        }
        for one in indices
    ]
    numbers = [
        f"{order}_order{part}" for order in ("first", "total") for part in ("", "_interval_low", "_interval_high")
    ]
    return pl.DataFrame(rows, schema_overrides=dict.fromkeys(numbers, pl.Float64), infer_schema_length=None)
