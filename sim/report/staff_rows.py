"""What a plan of staffing says in numbers, for its JSON, tables and figures alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
import polars as pl

from sim.scenario import Fault, Scenario
from sim.staffing.chance import SERVICE
from sim.staffing.plan import Offer, Plan
from sim.targets import TargetRow
from sim.terms import WAN_CNY

_POINT: Final = 0.01
"""A percentage point of the connection rate."""
_COLUMNS: Final = (
    *("price_cny", "total_wan", "asa_s", "asa_high_s", "connection", "connection_low", "probability"),
    *("next_second_wan", "next_point_wan"),
)


def frontier(found: Plan) -> pl.DataFrame:
    """Return cost against service, a row an offer, the cheapest first.

    ``next_second_wan`` and ``next_point_wan`` are what the way to the next row costs by second of answer time and by
    percentage point of connection, in a mean year; null in the last row. A price that buys nothing more than the one
    before has no row.
    """
    offers = list(_different(found.offers))
    rows = []
    for here, after in [*pairwise(offers), (offers[-1], None)]:
        prices: tuple[float | None, float | None] = (None, None)
        if after is not None:
            dearer = after.total_wan - here.total_wan
            prices = (dearer / (here.asa_s - after.asa_s), dearer * _POINT / (after.connection - here.connection))
        rows.append((*(getattr(here, name) for name in _COLUMNS[:-2]), *prices))
    return pl.DataFrame(rows, dict.fromkeys(_COLUMNS, pl.Float64), orient="row")


def buys(found: Plan) -> pl.DataFrame:
    """Return what 10 万元 more, and less, change in each contract line, a row a line and direction.

    Those more come first, ranked by the probability that all targets hold that the money buys, then those less, by what
    of it the money bought; those that cannot be have no rank.
    """
    rows = []
    for sign in (1.0, -1.0):
        gains = [
            (None if buy.probability is None else sign * buy.probability, buy)
            for buy in found.buys
            if buy.wan * sign > 0.0
        ]
        known = [gain for gain, _ in gains if gain is not None]
        for gain, buy in sorted(gains, key=lambda one: np.inf if one[0] is None else -one[0]):
            rank = None if gain is None else 1 + sum(other > gain for other in known)
            rows.append({"rank": rank, **asdict(buy)})
    changes = ("contract_wan", "asa_s", "connection", "probability", "hours", "seats")
    kinds = {"rank": pl.Int64, "line": pl.String, "wan": pl.Float64, "what": pl.String}
    return pl.DataFrame(rows, {**kinds, **dict.fromkeys(changes, pl.Float64)})


def people(found: Plan) -> pl.DataFrame:
    """Return who works: a row a group and kind of tours with agents; numbers of agents are those of a week.

    ``agents`` and ``paid_h`` are means of the weeks, the latter paid hours of all of them in one.
    """
    weeks = found.tours.shares
    rows = []
    for name, own in found.tours.groups.items():
        for place, kind in enumerate(own.tours.kinds):
            of_kind = own.tours.kind == place
            agents = own.agents[:, of_kind].sum(axis=1)
            paid_h = own.agents[:, of_kind] @ own.tours.paid_h[of_kind]
            there = agents[weeks > 0.0]
            if there.any():
                means = (float(weeks @ each) / float(weeks.sum()) for each in (agents, paid_h))
                rows.append((name, kind, *means, int(there.min()), int(there.max())))
    numbers = {"agents": pl.Float64, "paid_h": pl.Float64, "agents_least": pl.Int64, "agents_most": pl.Int64}
    return pl.DataFrame(rows, {"group": pl.String, "kind": pl.String, **numbers}, orient="row")


def _different(offers: tuple[Offer, ...]) -> Iterator[Offer]:
    """Yield the offers of which each costs and gives more than the one before."""
    last: Offer | None = None
    for offer in offers:
        if last is None or (
            offer.total_wan > last.total_wan and offer.asa_s < last.asa_s and offer.connection > last.connection
        ):
            yield offer
            last = offer


def probability(found: Plan) -> dict[str, Any]:
    """Return how surely the targets are to hold, and do in the proof; ``asked`` is null where there is a budget."""
    estimate, low, high = found.chance
    return {
        "asked": found.asked.probability if found.asked.budget_wan is None else None,
        "estimate": estimate,
        "low": low,
        "high": high,
        "seeds": len(found.outcomes.numbers),
    }


def against(found: Plan) -> dict[str, dict[str, Any]]:
    """Return what other ways to plan cost and give, and what the plan saves: less than 0 where it is dearer."""
    return {
        name: {
            "total_wan": rival.total_wan,
            "personnel_wan": rival.personnel_wan,
            "probability": rival.probability,
            "low": rival.interval[0],
            "high": rival.interval[1],
            "saving_wan": rival.total_wan - found.bill.total_wan,
            "saving": 1.0 - found.bill.total_wan / rival.total_wan,
        }
        for name, rival in found.rivals.items()
    }


def gap_wan(found: Plan) -> float:
    """Return how much cheaper the shifts may be at most, 万元."""
    counts = found.year.counts
    cost = sum(float(own.week_cny @ counts) for own in found.tours.groups.values() if own.week_cny is not None)
    return found.gap * cost / WAN_CNY


def by_agents(row: TargetRow) -> bool:
    """Say whether a target is one that agents on duty can reach."""
    return row.key in SERVICE


def beyond_agents(row: TargetRow) -> bool:
    """Say whether a target is one that agents on duty cannot reach."""
    return not by_agents(row)


@dataclass(frozen=True)
class Frontiers:
    """What was found for each of some scenarios that were asked the same.

    Attributes
    ----------
    scenarios
        By name, in the order they are shown.
    plans
        The cheapest plan of each that has one: of one at least.
    faults
        Why each of the others has none.
    """

    scenarios: Mapping[str, Scenario]
    plans: Mapping[str, Plan]
    faults: Mapping[str, Fault]

    @property
    def first(self) -> Plan:
        """The plan that the others are told beside: that of the first scenario that has one."""
        return next(iter(self.plans.values()))


def plans(found: Frontiers) -> pl.DataFrame:
    """Return a row a scenario: what its plan costs and gives in the years of the proof; null where it has none.

    ``called_in_wan`` is what of the personnel line is paid for groups that are called in, before tax, null where they
    have no price; ``more_wan`` by what the contract is dearer than that of the first plan.
    """
    columns = (
        *("total_wan", "personnel_wan", "probability", "low", "high", "asa_s", "connection"),
        *("called_in_wan", "more_wan"),
    )
    rows = [{"scenario": name, **(_plan(found, name) if name in found.plans else {})} for name in found.scenarios]
    return pl.DataFrame(rows, {"scenario": pl.String, **dict.fromkeys(columns, pl.Float64)})


def _plan(found: Frontiers, name: str) -> dict[str, float | None]:
    plan = found.plans[name]
    estimate, low, high = plan.chance
    rate = plan.scenario.targets.connection_rate
    basis = "" if rate is None or rate.basis == "attempts" else f"_{rate.basis}"
    called_in = [plan.bill.lever_wan(group) for group in plan.scenario.groups]
    prices = [wan for wan in called_in if wan is not None]
    return {
        "total_wan": plan.bill.total_wan,
        "personnel_wan": plan.bill.line("personnel").wan,
        "probability": estimate,
        "low": low,
        "high": high,
        "asa_s": _mean(plan, "asa_s"),
        "connection": _mean(plan, f"connection_rate{basis}"),
        "called_in_wan": sum(prices) if prices else None,
        "more_wan": plan.bill.total_wan - found.first.bill.total_wan,
    }


def _mean(plan: Plan, measure: str) -> float | None:
    """Return a measure's mean in the years of the proof, None where there was nothing to measure."""
    above, below = plan.outcomes.pairs[measure].sum(axis=0)
    return float(above / below) if below else None


def frontiers(found: Frontiers) -> pl.DataFrame:
    """Return cost against service of each scenario that has a plan, a row an offer, ``scenario`` first."""
    named = (frontier(plan).select(pl.lit(name).alias("scenario"), pl.all()) for name, plan in found.plans.items())
    return pl.concat(named)
