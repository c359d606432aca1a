"""The year so far: what is fixed, what may still be lost, and whether the year will hold.

An annual target is a running account. The months passed stand as they are; those left are simulated, of a year that
the months passed have told something about (:mod:`sim.experiment.year_factor`). Both years, the plan's and this one,
are simulated from their first day, so that orders and callers of the months passed are there in those left.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from sim.cost.bill import FEN_PER_WAN
from sim.experiment import variance
from sim.experiment.account import (
    ANSWERED,
    OFFERED,
    WAITED,
    WAITED_S,
    Losses,
    Range,
    Waits,
    calls_by_month,
    losses,
    planned_calls,
    ratio,
    waits,
)
from sim.experiment.actuals import Actuals
from sim.experiment.cases import Outcomes, Simulate
from sim.experiment.replicate import Floats
from sim.experiment.variance import CallVariance, CostVariance, fen
from sim.experiment.year_factor import YearFactor, conditioned, year_factor
from sim.experiment.year_targets import year_targets
from sim.scenario import Scenario
from sim.scenario.money import LINES
from sim.targets import TargetRow


@dataclass(frozen=True)
class LineForecast:
    """A contract line at the year's end, 万元."""

    key: str
    told_months: int
    """Of how many of the months passed the file tells it; the others are the plan's."""
    passed_wan: float
    left: Range
    year: Range
    planned_wan: float


@dataclass(frozen=True)
class MonthRow:
    """A month as it was, or as it is expected, beside the plan."""

    month: str
    actual: bool
    offered: float
    answered: float
    connection_rate: float | None
    asa_s: float | None
    wan: float | None
    planned_offered: float
    planned_connection_rate: float | None
    planned_asa_s: float | None
    planned_wan: float | None


@dataclass(frozen=True)
class Track:
    """The year so far and the year's end.

    ``calls`` are the months' calls in each replication, shape ``(replications, months, 4)``, the months passed as they
    were. ``readings`` are the targets that can be read as the mean of the months too, read so.
    """

    scenario: Scenario
    actuals: Actuals
    factor: YearFactor
    months: tuple[MonthRow, ...]
    calls: Floats
    targets: list[TargetRow]
    readings: list[TargetRow]
    losses: Losses | None
    waits: Waits | None
    lines: list[LineForecast]
    total_wan: Range | None
    """The whole contract at the year's end; None without money."""
    call_variances: list[CallVariance]
    """A row a month passed, and the last for all of them."""
    cost_variances: list[CostVariance]

    def cumulative(self, top: int, bottom: int) -> Floats:
        """Return a ratio of the year up to each month's end in each replication, shape ``(replications, months)``."""
        sums = self.calls.cumsum(axis=1)
        return ratio(sums[..., top], sums[..., bottom])


def track(scenario: Scenario, actuals: Actuals, simulate: Simulate) -> Track:
    """Return where the year stands.

    Parameters
    ----------
    scenario
        The year's plan.
    actuals
        The months passed.
    simulate
        Simulates the plan, and the year as it is known now; both with the same citizens.
    """
    plan = simulate({"plan": scenario})["plan"]
    factor = year_factor(scenario, actuals, plan)
    ahead = plan
    if 0 < actuals.passed < len(plan.month_labels) and factor.prior_cv > 0.0:
        ahead = simulate({"so-far": conditioned(scenario, factor)})["so-far"]
    calls = calls_by_month(actuals, ahead)
    planned = planned_calls(plan)
    lines, total_wan = _lines(actuals, plan, ahead)
    cost_wan = sum(line.year.mean for line in lines) if lines else None
    targets, readings = year_targets(scenario, actuals, plan, ahead, calls, cost_wan)
    found = [
        variance.of_calls(month, actual, tuple(planned[i]))
        for i, (month, actual) in enumerate(zip(actuals.months, actuals.calls, strict=True))
    ]
    by_month = plan.bill.by_month() if plan.bill is not None else []
    money = {line: actuals.columns[f"{line}_wan"] for line in LINES}
    return Track(
        scenario=scenario,
        actuals=actuals,
        factor=factor,
        months=_months(plan, actuals, calls, planned),
        calls=calls,
        targets=targets,
        readings=readings,
        losses=losses(scenario, actuals, calls),
        waits=waits(scenario, actuals, calls),
        lines=lines,
        total_wan=total_wan,
        call_variances=[*found, variance.total(found)] if found else [],
        cost_variances=variance.of_cost(money, actuals.columns["paid_h"], by_month) if by_month else [],
    )


def _or_none(value: float) -> float | None:
    return None if math.isnan(value) else float(value)


def _lines(actuals: Actuals, plan: Outcomes, ahead: Outcomes) -> tuple[list[LineForecast], Range | None]:
    """Return each line at the year's end, and all of them: months passed as told or planned, those left as simulated.

    What a line takes more or less in a replication is spread over its months as the bill is.
    """
    if plan.bill is None or ahead.bill is None:
        return [], None
    planned, expected = plan.bill.by_month(), ahead.bill.by_month()
    rows = []
    total = np.zeros(len(ahead.numbers))
    for key in LINES:
        told = actuals.columns[f"{key}_wan"]
        by_month = [fen(month[f"{key}_wan"]) for month in planned]
        passed = sum(by_month[i] if wan is None else fen(wan) for i, wan in enumerate(told))
        later = sum(fen(month[f"{key}_wan"]) for month in expected[actuals.passed :])
        whole = sum(fen(month[f"{key}_wan"]) for month in expected)
        drawn = ahead.lines_wan[key]
        left = later / FEN_PER_WAN + (drawn - drawn.mean()) * (later / whole if whole else 0.0)
        total += passed / FEN_PER_WAN + left
        rows.append(
            LineForecast(
                key=key,
                told_months=sum(wan is not None for wan in told),
                passed_wan=passed / FEN_PER_WAN,
                left=Range.of(left),
                year=Range.of(passed / FEN_PER_WAN + left),
                planned_wan=sum(by_month) / FEN_PER_WAN,
            )
        )
    return rows, Range.of(total)


def _months(plan: Outcomes, actuals: Actuals, calls: Floats, planned: Floats) -> tuple[MonthRow, ...]:
    bill = plan.bill.by_month() if plan.bill is not None else None
    means = calls.mean(axis=0)
    rates, times = ratio(means[:, ANSWERED], means[:, OFFERED]), ratio(means[:, WAITED_S], means[:, WAITED])
    plan_rates = ratio(planned[:, ANSWERED], planned[:, OFFERED])
    plan_waits = ratio(planned[:, WAITED_S], planned[:, WAITED])
    rows = []
    for i, month in enumerate(plan.month_labels):
        wan = None
        plan_wan = sum(fen(bill[i][f"{line}_wan"]) for line in LINES) / FEN_PER_WAN if bill else None
        if bill:
            told = {line: actuals.columns[f"{line}_wan"][i] if i < actuals.passed else None for line in LINES}
            amounts = (bill[i][f"{line}_wan"] if told[line] is None else told[line] for line in LINES)
            wan = sum(fen(amount) for amount in amounts) / FEN_PER_WAN
        rows.append(
            MonthRow(
                month=month,
                actual=i < actuals.passed,
                offered=float(means[i, OFFERED]),
                answered=float(means[i, ANSWERED]),
                connection_rate=_or_none(rates[i]),
                asa_s=_or_none(times[i]),
                wan=wan,
                planned_offered=float(planned[i, OFFERED]),
                planned_connection_rate=_or_none(plan_rates[i]),
                planned_asa_s=_or_none(plan_waits[i]),
                planned_wan=plan_wan,
            )
        )
    return tuple(rows)
