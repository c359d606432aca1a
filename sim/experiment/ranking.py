"""Which of several cases is the best: which way a measure is better, and in how many replications each one wins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from sim.experiment.replicate import Floats
from sim.measures import NAMES, estimate_pairs
from sim.scenario import Scenario
from sim.scenario.money import LINES

TOTAL: Final = "total"
MONEY: Final = (*LINES, TOTAL)
WAN: Final = "wan"
"""The unit of a contract line."""

_HIGHER: Final = (
    "answered", "accepted", "resolved_contacts", "connection_rate", "connection_rate_queued",
    "connection_rate_excluding_short", "connection_rate_contacts", "worst_24h_connection_rate",
    "connection_rate_mean_of_months", "answered_within_8s_share", "answered_within_15s_share",
    "answered_within_20s_share", "offered_within_8s_share", "offered_within_15s_share", "offered_within_20s_share",
    "fcr_share", "satisfaction_share", "satisfaction_follow_up_share", "satisfaction_all_share",
    "satisfaction_on_the_spot_share", "satisfaction_work_orders_share",
)  # fmt: skip
_LOWER: Final = (
    "abandoned", "blocked", "redials", "repeats", "lost_contacts", "lost_share", "asa_s", "asa_queue_s",
    "asa_s_mean_of_months", "wait_s", "wait_p50_s", "wait_p90_s", "wait_p95_s", "wait_p99_s", "wait_max_s",
    "answered_wait_p50_s", "answered_wait_p90_s", "answered_wait_p95_s", "answered_wait_p99_s", "redial_share",
    "repeat_share", "responsible_return_share", "hasty_share", "callback_wait_s", "estimate_error_s",
    "overrun_h", "seat_capped_slots", "tasks_waiting_s", "backlog_max", "oldest_task_h", "overdue_share",
)  # fmt: skip


def better(name: str) -> Literal["higher", "lower"] | None:
    """Return which way a measure or a contract line is better; None where that is no question, as with calls."""
    if name in _HIGHER:
        return "higher"
    return "lower" if name in _LOWER or name in MONEY else None


@dataclass(frozen=True)
class Place:
    """A case's place in the ranking.

    ``best_share`` is the share of replications in which it is the best. Equal means share a ``rank``, and the next has
    as many ranks more (1, 1, 3); what has no mean has no rank.
    """

    name: str
    mean: float | None
    best_share: float | None
    rank: int | None


def rankable(scenarios: Mapping[str, Scenario]) -> tuple[str, ...]:
    """Return what these may be ranked by; the usual one first."""
    measures = ("connection_rate", *(name for name in NAMES if better(name) and name != "connection_rate"))
    priced = all(scenario.cost is not None for scenario in scenarios.values())
    return (TOTAL, *LINES, *measures) if priced else measures


def rank(pairs: Mapping[str, Floats], higher: bool) -> list[Place]:
    """Return cases ranked by their means, each with the share of replications in which it is the best of all.

    Several that are equally good share a replication: of two, each has a half. A replication in which one of the cases
    has no value counts for none of them.

    Parameters
    ----------
    pairs
        By case, numerator and denominator of each replication, shape ``(replications, 2)``.
    higher
        Whether more is better.
    """
    sign = 1.0 if higher else -1.0
    ratios = [estimate_pairs(own, "") for own in pairs.values()]
    values = sign * np.array([ratio.values for ratio in ratios], float)
    values = values[:, ~np.isnan(values).any(axis=0)]
    best = values == values.max(axis=0, initial=-np.inf)
    wins = (best / best.sum(axis=0)).mean(axis=1) if values.shape[1] else [None] * len(ratios)
    means = [sign * ratio.mean for ratio in ratios if ratio.mean is not None]
    found = [
        Place(
            name,
            ratio.mean,
            None if win is None else float(win),
            None if ratio.mean is None else 1 + sum(mean > sign * ratio.mean for mean in means),
        )
        for name, ratio, win in zip(pairs, ratios, wins, strict=True)
    ]
    return sorted(found, key=lambda place: len(found) if place.rank is None else place.rank)
