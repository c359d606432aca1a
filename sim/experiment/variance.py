"""Where the months passed differ from the plan, and why: effects that sum to the difference, exactly.

The usual split of a variance in management accounts: what more or fewer units make at the plan's price, and what the
price makes at the units there were.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sim.cost.bill import FEN_PER_WAN
from sim.scenario.money import LINES


@dataclass(frozen=True)
class CallVariance:
    """Calls of a month or several: actual less planned, with what caused it."""

    month: str
    offered: float
    answered: float
    planned_offered: float
    planned_answered: float
    volume: float
    """Answered calls more for the volume, at the planned connection rate."""
    connection: float
    """Answered calls more for the connection rate, at the actual volume."""
    wait_s: float | None
    planned_wait_s: float | None


@dataclass(frozen=True)
class CostVariance:
    """A contract line in the months passed that are told: actual less planned, in fen; hours' part and price's part.

    The parts are known of the personnel line, where paid hours are told too; else they are None.
    """

    line: str
    months: int
    """Of how many months the line is told."""
    actual_fen: int
    planned_fen: int
    hours_fen: int | None
    """For hours paid more, at the plan's yuan an hour."""
    rate_fen: int | None
    """For the hours paid being dearer: all the rest."""

    @property
    def difference_fen(self) -> int:
        """Actual less planned."""
        return self.actual_fen - self.planned_fen


def of_calls(
    month: str, actual: tuple[float, float, float], planned: tuple[float, float, float, float]
) -> CallVariance:  # fmt: skip
    """Return a month's variance.

    Parameters
    ----------
    month
        Its name.
    actual
        Calls offered and answered, and the mean answer time.
    planned
        Calls offered and answered, seconds waited until they were, and of how many that was.
    """
    offered, answered, wait_s = actual
    plan_offered, plan_answered, waited_s, waited = planned
    rate = plan_answered / plan_offered if plan_offered > 0.0 else 0.0
    volume = (offered - plan_offered) * rate
    return CallVariance(
        month=month,
        offered=offered,
        answered=answered,
        planned_offered=plan_offered,
        planned_answered=plan_answered,
        volume=volume,
        # Actual volume x (actual rate - planned rate): what is left of the difference.
        connection=answered - plan_answered - volume,
        wait_s=wait_s if answered > 0.0 else None,
        planned_wait_s=waited_s / waited if waited > 0.0 else None,
    )


def total(rows: list[CallVariance]) -> CallVariance:
    """Return the months' sum; answer times are weighted by the calls answered."""

    def mean(pairs: list[tuple[float | None, float]]) -> float | None:
        known = [(value, weight) for value, weight in pairs if value is not None]
        weights = sum(weight for _, weight in known)
        return sum(value * weight for value, weight in known) / weights if weights > 0.0 else None

    return CallVariance(
        month="",
        offered=sum(row.offered for row in rows),
        answered=sum(row.answered for row in rows),
        planned_offered=sum(row.planned_offered for row in rows),
        planned_answered=sum(row.planned_answered for row in rows),
        volume=sum(row.volume for row in rows),
        connection=sum(row.connection for row in rows),
        wait_s=mean([(row.wait_s, row.answered) for row in rows]),
        planned_wait_s=mean([(row.planned_wait_s, row.planned_answered) for row in rows]),
    )


def of_cost(
    actual_wan: dict[str, tuple[float | None, ...]], paid_h: tuple[float | None, ...], plan: list[dict[str, Any]]
) -> list[CostVariance]:  # fmt: skip
    """Return the variance of each line of which at least a month is told.

    Parameters
    ----------
    actual_wan
        What each line took in each month passed, 万元; None where it is not told.
    paid_h
        Hours paid in each of them.
    plan
        The bill by month (:meth:`sim.cost.bill.Bill.by_month`).
    """
    rows = []
    for line in LINES:
        told = [i for i, wan in enumerate(actual_wan[line]) if wan is not None]
        if not told:
            continue
        actual = {i: fen(actual_wan[line][i]) for i in told}
        planned = {i: fen(plan[i][f"{line}_wan"]) for i in told}
        hours: int | None = None
        if line == "personnel" and all(paid_h[i] is not None and plan[i]["paid_h"] > 0.0 for i in told):
            hours = sum(round(((paid_h[i] or 0.0) - plan[i]["paid_h"]) * planned[i] / plan[i]["paid_h"]) for i in told)
        actual_fen, planned_fen = sum(actual.values()), sum(planned.values())
        rate = None if hours is None else actual_fen - planned_fen - hours
        rows.append(CostVariance(line, len(told), actual_fen, planned_fen, hours, rate))
    return rows


def fen(wan: float | None) -> int:
    """Return a sum of 万元 in whole fen; nothing is 0."""
    return round((wan or 0.0) * FEN_PER_WAN)
