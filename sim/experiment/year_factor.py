"""What the months passed say about the year's forecast error, and the scenario of a year that turned out so (§3).

The year factor is taken as lognormal with the scenario's mean 1 and ``year_cv``; what was seen is its logarithm plus
noise, normal too. So the logarithm's law stays normal, with precisions that add up (the conjugate update of a normal
mean with known noise; Gelman et al., Bayesian Data Analysis, 3rd ed., section 2.5).
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.experiment.actuals import Actuals, expected_by_day
from sim.experiment.cases import Outcomes
from sim.measures import NAMES
from sim.scenario import Scenario
from sim.scenario.demand import DemandVariation, Surge
from sim.terms import SLOTS_PER_DAY

_NAME: Final = "the-year-so-far"
_Floats = NDArray[np.float64]


@dataclass(frozen=True)
class YearFactor:
    """The year's volume against its forecast: what was thought of it, what was seen, what is thought now."""

    prior_cv: float
    seen: float | None
    """First attempts of the months passed, over those expected; None before the first of them."""
    noise_cv: float
    """How far days and chance alone move what is seen."""
    mean: float
    cv: float

    @property
    def low(self) -> float:
        """What 5 years of 100 are below."""
        return self._quantile(-1.6448536269514722)

    @property
    def high(self) -> float:
        """What 5 years of 100 are above."""
        return self._quantile(1.6448536269514722)

    def _quantile(self, z: float) -> float:
        variance = math.log1p(self.cv**2)
        return self.mean * math.exp(z * math.sqrt(variance) - variance / 2.0)


def year_factor(scenario: Scenario, actuals: Actuals, plan: Outcomes) -> YearFactor:
    """Return what is known of the year factor after the months passed.

    Parameters
    ----------
    scenario
        The scenario.
    actuals
        The months passed.
    plan
        The scenario's own simulation: it says how many redials a failed call brings, and repeats an answered one.
    """
    variation = scenario.demand.variation
    first = scenario.horizon.start
    days = expected_by_day(scenario)
    passed = days[[f"{first + dt.timedelta(days=n):%Y-%m}" in actuals.months for n in range(len(days))]]
    expected = float(passed.sum())
    if expected == 0.0:
        return YearFactor(variation.year_cv, None, 0.0, 1.0, variation.year_cv)
    offered, answered = actuals.total("offered"), actuals.total("answered")
    first_calls = first_attempts(plan.months[:, : actuals.passed].sum(axis=(0, 1))[:, 0], offered, answered)
    # No call at all is no proof that there are none.
    seen = max(first_calls, 0.5) / expected
    noise = noise_cv(passed, variation)
    mean, cv = updated(variation.year_cv, seen, noise)
    return YearFactor(variation.year_cv, seen, noise, mean, cv)


def first_attempts(simulated: _Floats, offered: float, answered: float) -> float:
    """Return how many of the calls offered were first attempts.

    A failed call brings redials and an answered one repeats, each in the simulation's proportion; so a bad month's
    redials are not taken for demand.

    Parameters
    ----------
    simulated
        Sums of the simulated counts, in the order of :data:`sim.measures.NAMES`.
    offered, answered
        The calls counted.
    """
    sums = dict(zip(NAMES, simulated, strict=True))
    failed = sums["offered"] - sums["answered"]
    redials = sums["redials"] / failed if failed > 0.0 else 0.0
    repeats = sums["repeats"] / sums["answered"] if sums["answered"] > 0.0 else 0.0
    return float(offered - redials * (offered - answered) - repeats * answered)


def noise_cv(expected: _Floats, variation: DemandVariation) -> float:
    r"""Return the coefficient of variation of the total of some days, the year factor being given.

    With :math:`\lambda_d` first attempts expected on day d, :math:`w_d` their share of the total :math:`\Lambda`,
    day factors of coefficient of variation :math:`c` and autocorrelation :math:`\rho`, and slot factors of
    :math:`s`, the total's squared coefficient of variation is

    .. math:: c^2 \sum_{d,e} w_d w_e \rho^{|d-e|} + s^2 (1 + c^2) \sum_d w_d^2 / 96 + 1 / \Lambda

    the last from Poisson counts. A day's slots are taken as alike in the middle term, by far the smallest.

    Parameters
    ----------
    expected
        First attempts expected by day, consecutive days, shape ``(days,)``.
    variation
        The scenario's.
    """
    total = float(expected.sum())
    weights = expected / total
    apart = np.abs(np.subtract.outer(np.arange(len(weights)), np.arange(len(weights))))
    days = variation.day_cv**2 * float(weights @ variation.day_autocorrelation**apart @ weights)
    slots = variation.slot_cv**2 * (1.0 + variation.day_cv**2) * float((weights**2).sum()) / SLOTS_PER_DAY
    return math.sqrt(days + slots + 1.0 / total)


def updated(prior_cv: float, seen: float, noise_cv: float) -> tuple[float, float]:
    """Return mean and coefficient of variation of the year factor, once ``seen`` was seen of it.

    Parameters
    ----------
    prior_cv
        The year factor's before; its mean is 1.
    seen
        The factor times noise of mean 1.
    noise_cv
        The noise's coefficient of variation, above 0.
    """
    if prior_cv == 0.0:
        return 1.0, 0.0
    prior, noise = math.log1p(prior_cv**2), math.log1p(noise_cv**2)
    variance = 1.0 / (1.0 / prior + 1.0 / noise)
    # The logarithm of a lognormal of mean 1 has the mean -variance / 2.
    centre = variance * (-0.5 + (math.log(seen) + noise / 2.0) / noise)
    return math.exp(centre + variance / 2.0), math.sqrt(math.expm1(variance))


def conditioned(scenario: Scenario, factor: YearFactor) -> Scenario:
    """Return a scenario whose year factor has another mean and spread, staffed and paid as before.

    All volumes, those of surges included, are multiplied by the mean, as a surprise: a surge of the whole horizon that
    nobody planned for. ``demand.growth`` would not do: rosters made by rule and the bill follow it.
    """
    demand, horizon = scenario.demand, scenario.horizon
    more = factor.mean - 1.0
    begin = dt.datetime.combine(horizon.start - dt.timedelta(days=horizon.warm_up_days), dt.time())
    end = dt.datetime.combine(horizon.end + dt.timedelta(days=1), dt.time())
    whole = Surge.model_validate({"name": _NAME, "from": begin, "to": end, "multiplier": factor.mean})
    # Extras of surges add up, so each surge's own is multiplied by a twin.
    twins = [
        surge.model_copy(
            update={
                "name": f"{_NAME}-{surge.name}",
                "multiplier": 1.0 + more * (surge.multiplier - 1.0),
                "known": False,
            }
        )
        for surge in demand.surge
    ]
    variation = demand.variation.model_copy(update={"year_cv": factor.cv})
    changed = demand.model_copy(update={"variation": variation, "surge": (*demand.surge, whole, *twins)})
    return scenario.model_copy(update={"demand": changed})
