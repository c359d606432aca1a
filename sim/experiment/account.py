"""The running account of an annual target: what is fixed, what may still be lost, what it asks of the months left."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

import numpy as np

from sim.engine.inputs import answer_time_offset_ms
from sim.experiment.actuals import Actuals, expected_by_month
from sim.experiment.cases import Outcomes
from sim.experiment.replicate import Floats
from sim.measures import NAMES
from sim.scenario import Scenario
from sim.terms import SECOND_MS

Reach = Literal["open", "safe", "out_of_reach"]

OFFERED, ANSWERED, WAITED_S, WAITED = range(4)
"""Columns of a table of calls: the last two are the answer time's numerator and denominator."""
_LOW, _HIGH = 5.0, 95.0


@dataclass(frozen=True)
class Range:
    """A quantity over the replications: its mean, and what 5 and 95 of 100 are below."""

    mean: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Floats) -> Range:
        """Return the range of each replication's value."""
        low, high = np.percentile(values, (_LOW, _HIGH))
        return cls(float(values.mean()), float(low), float(high))


@dataclass(frozen=True)
class Losses:
    """What may still be lost of the connection rate's target, and what it asks of the months left."""

    at_least: float
    left: Range
    """Calls offered in the months left."""
    may_fail: int
    """So many of them may fail, at their mean; below 0 none may, and it is not enough."""
    may_fail_range: Range
    will_fail: Range
    """So many do, in the simulation."""
    needed_rate: float | None
    """Connection rate that the months left need; None if none is left."""
    reach: Reach


@dataclass(frozen=True)
class Waits:
    """What the target of the mean answer time asks of the months left."""

    at_most_s: float
    needed_s: float | None
    """Mean answer time that the months left may have; None if none is left."""
    expected_s: float | None
    """What they have, in the simulation."""
    least_s: float
    """The ring and what else counts of a call that finds an idle agent."""
    reach: Reach


def simulated_calls(outcomes: Outcomes) -> Floats:
    """Return every month's calls in each replication, shape ``(replications, months, 4)``."""
    place = [NAMES.index(name) for name in ("offered", "answered", "asa_s")]
    pairs = outcomes.months[:, :, place]
    return np.concatenate([pairs[..., 0], pairs[:, :, 2:, 1]], axis=-1)


def planned_calls(plan: Outcomes) -> Floats:
    """Return the calls of each month as planned, shape ``(months, 4)``.

    They are the simulated ones, each month's scaled to the first attempts that the scenario expects: the forecast
    errors of a few replications do not average out.
    """
    first = plan.months[:, :, NAMES.index("first_attempts"), 0].mean(axis=0)
    scale = np.divide(expected_by_month(plan.scenario), first, out=np.ones(len(first)), where=first > 0.0)
    planned: Floats = simulated_calls(plan).mean(axis=0) * scale[:, None]
    return planned


def calls_by_month(actuals: Actuals, outcomes: Outcomes) -> Floats:
    """Return every month's calls: those of months passed as they were, the same in every replication."""
    calls = simulated_calls(outcomes)
    for month, (offered, answered, wait_s) in enumerate(actuals.calls):
        calls[:, month] = offered, answered, answered * wait_s, answered
    return calls


def ratio(top: Floats, bottom: Floats) -> Floats:
    """Return a ratio, NaN where there is nothing to divide by."""
    found: Floats = np.divide(top, bottom, out=np.full(top.shape, np.nan), where=bottom > 0.0)
    return found


def calls_that_may_fail(offered: float, answered: float, left: float, at_least: float) -> int:
    """Return how many of ``left`` more calls may fail so that the rate holds; below 0 it cannot hold.

    Parameters
    ----------
    offered, answered
        Calls so far.
    left
        Calls still to come.
    at_least
        The connection rate asked for, taken as the decimal number that was written.
    """
    rate = Fraction(repr(at_least))
    return math.floor(Fraction(answered) + Fraction(left) - rate * (Fraction(offered) + Fraction(left)))


def losses(scenario: Scenario, actuals: Actuals, calls: Floats) -> Losses | None:
    """Return what may still be lost; None without a target for the connection rate, or one with another basis.

    Parameters
    ----------
    scenario, actuals
        The scenario, and the months passed.
    calls
        From :func:`calls_by_month`.
    """
    target = scenario.targets.connection_rate
    if target is None or target.basis != "attempts":
        return None
    at_least = target.at_least
    sums = calls[:, actuals.passed :].sum(axis=1)
    offered, answered = actuals.total("offered"), actuals.total("answered")
    each = [calls_that_may_fail(offered, answered, left, at_least) for left in sums[:, OFFERED]]
    left = float(sums[:, OFFERED].mean())
    may_fail = calls_that_may_fail(offered, answered, left, at_least)
    return Losses(
        at_least=at_least,
        left=Range.of(sums[:, OFFERED]),
        may_fail=may_fail,
        may_fail_range=Range.of(np.array(each, float)),
        will_fail=Range.of(sums[:, OFFERED] - sums[:, ANSWERED]),
        needed_rate=(at_least * (offered + left) - answered) / left if left > 0.0 else None,
        reach="out_of_reach" if may_fail < 0 else "safe" if may_fail >= left else "open",
    )


def waits(scenario: Scenario, actuals: Actuals, calls: Floats) -> Waits | None:
    """Return what the answer time may still be; None without a target for it. Parameters as in :func:`losses`."""
    target = scenario.targets.asa
    if target is None:
        return None
    least_s = answer_time_offset_ms(scenario, target.counts) / SECOND_MS
    waited_s, waited = calls[:, actuals.passed :].mean(axis=0).sum(axis=0)[[WAITED_S, WAITED]]
    fixed_s, fixed = calls[0, : actuals.passed].sum(axis=0)[[WAITED_S, WAITED]]
    room_s = target.at_most_s * (fixed + waited) - fixed_s
    if waited == 0.0:
        return Waits(target.at_most_s, None, None, least_s, "safe" if room_s >= 0.0 else "out_of_reach")
    needed_s = float(room_s / waited)
    reach: Reach = "out_of_reach" if needed_s < least_s else "open"
    return Waits(target.at_most_s, needed_s, float(waited_s / waited), least_s, reach)
