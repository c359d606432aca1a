"""Every measure of §17, defined once: a numerator over a denominator, and how replications are put together.

A ratio's mean over replications is the sum of numerators over the sum of denominators, its interval by the
delta method; ``values`` are each replication's own ratio. Percentiles are nearest ranks of one replication's
waits; their mean averages replications. All intervals are 95 %, by Student's t.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.engine import tally as t
from sim.engine.tally import Tally
from sim.terms import ANSWER_THRESHOLDS_S, HOUR_MS, SECOND_MS, SLOTS_PER_DAY

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

PERCENTILES: Final = (50, 90, 95, 99)
CONFIDENCE: Final = 0.95

UNITS: Final[dict[str, str]] = {
    "offered": "attempts",
    "answered": "attempts",
    "abandoned": "attempts",
    "blocked": "attempts",
    "contained": "attempts",
    "contacts": "contacts",
    "lost_contacts": "contacts",
    "open_contacts": "contacts",
    "accepted": "contacts",
    "work_orders": "work orders",
    "connection_rate": "share",
    "connection_rate_queued": "share",
    "connection_rate_excluding_short": "share",
    "connection_rate_contacts": "share",
    "worst_24h_connection_rate": "share",
    "connection_rate_mean_of_months": "share",
    "asa_s": "s",
    "asa_queue_s": "s",
    "asa_s_mean_of_months": "s",
    "wait_s": "s",
    **{f"wait_p{p}_s": "s" for p in PERCENTILES},
    "wait_max_s": "s",
    **{f"answered_wait_p{p}_s": "s" for p in PERCENTILES},
    **{f"answered_within_{x}s_share": "share of answered" for x in ANSWER_THRESHOLDS_S},
    **{f"offered_within_{x}s_share": "share of offered" for x in ANSWER_THRESHOLDS_S},
    "occupancy": "share",
    "utilisation": "share",
    "redial_share": "share of offered",
    "repeat_share": "share of offered",
    "lost_share": "share of contacts",
    "fcr_share": "share of answered",
    "responsible_return_share": "share of work orders",
    "satisfaction_share": "share of answered",
    "aht_s": "s",
    "on_duty_h": "h",
    "busy_h": "h",
    "overrun_h": "h",
    "paid_h": "h",
    "seat_capped_slots": "slots of 15 minutes",
    "backlog_max": "tasks",
    "overdue_share": "share of tasks",
}
"""Each measure and its unit, in the order of reports."""

NAMES: Final = tuple(UNITS)


@dataclass(frozen=True)
class Extras:
    """What a period's measures need beside the tally: the plan's part of them.

    ``written`` contacts (website, app) accepted without a call, ``paid_h`` the hours paid (NaN where the
    scenario has no workforce), ``offset_ms`` what the answer time counts beside the wait in the queue, and
    ``capped_slots`` where seats were too few, which only a replication can tell.
    """

    written: float
    paid_h: float
    offset_ms: int
    capped_slots: int = 0


def check_identities(counts: Tally) -> None:
    """Assert both identities of the model for every row and type.

    Raises
    ------
    AssertionError
        If attempts or contacts do not add up: a defect of the engine, never of the scenario.
    """
    attempts, contacts, duty = counts.counts, counts.contacts, counts.duty
    ends = attempts[..., [t.ANSWERED, t.ABANDONED, t.BLOCKED, t.CONTAINED]].sum(axis=-1)
    if not np.array_equal(attempts[..., t.OFFERED], ends):
        raise AssertionError("offered is not answered + abandoned + blocked + contained in some interval")
    if not np.array_equal(contacts[..., t.STARTED], contacts[..., t.RESOLVED :].sum(axis=-1)):
        raise AssertionError("contacts are not resolved + handed over + lost + contained + open in some interval")
    jobs = attempts[..., [t.RING_MS, t.TALK_MS, t.WRAP_MS]].sum()
    if jobs != duty[..., t.BUSY_MS].sum():
        raise AssertionError("ring + talk + wrap-up is not the agents' busy time")
    if (duty[:-1, :, t.ROSTERED_MS] + duty[:-1, :, t.OVERRUN_MS] < duty[:-1, :, t.BUSY_MS]).any():
        raise AssertionError("agents were busy for longer than they were on duty")


def worst_24h(offered: Ints, answered: Ints) -> tuple[int, int]:
    """Return answered and offered of the 24 hours with the lowest connection rate, on 15-minute marks.

    Parameters
    ----------
    offered, answered
        Attempts by 15-minute slot, shape ``(slots,)``. Windows without a call do not count.
    """
    width = min(SLOTS_PER_DAY, offered.size)

    def windows(x: Ints) -> Ints:
        total = np.concatenate(([0], np.cumsum(x)))
        out: Ints = total[width:] - total[:-width]
        return out

    calls, got = windows(offered), windows(answered)
    rate = np.where(calls > 0, got / np.maximum(calls, 1), np.inf)
    worst = int(rate.argmin())
    return int(got[worst]), int(calls[worst])


def nearest_rank(bins: Ints, longer: Ints, percent: int) -> int:
    """Return the nearest-rank percentile in ms of waits counted by the millisecond and sorted longer ones."""
    below = int(bins.sum())
    total = below + longer.size
    if total == 0:
        return -1
    rank = max(1, -(-percent * total // 100))
    if rank > below:
        return int(longer[rank - below - 1])
    return int(np.searchsorted(np.cumsum(bins), rank))


def measure(
    attempts: Ints, contacts: Ints, duty: Ints, waits: Ints, longer: Ints, extras: Extras
) -> dict[str, tuple[float, float]]:
    """Return the measures of a stretch of time in one replication, each as numerator and denominator.

    Parameters
    ----------
    attempts, contacts
        Columns of the tally by 15-minute slot, summed over types, shape ``(slots, columns)``.
    duty
        Summed over groups, shape ``(slots, DUTY)``.
    waits, longer
        Waits of answered and of abandoned attempts by the millisecond, shape ``(2, WAIT_BINS)``, and the
        longer ones as ``wait_ms << 1 | abandoned``.
    extras
        The plan's part.
    """
    a = attempts.sum(axis=0)
    c = contacts.sum(axis=0)
    d = duty.sum(axis=0)
    offered, answered, abandoned = int(a[t.OFFERED]), int(a[t.ANSWERED]), int(a[t.ABANDONED])
    worst = worst_24h(attempts[:, t.OFFERED], attempts[:, t.ANSWERED])
    on_duty_ms = d[t.ROSTERED_MS] + d[t.OVERRUN_MS]
    answered_only = np.sort(longer[longer & 1 == 0] >> 1)
    everyone = np.sort(longer >> 1)
    both = waits.sum(axis=0)
    offset_s = extras.offset_ms / SECOND_MS

    def percentile(bins: Ints, rest: Ints, percent: int) -> tuple[float, float]:
        rank = nearest_rank(bins, rest, percent)
        return (rank / SECOND_MS, 1.0) if rank >= 0 else (0.0, 0.0)

    longest = everyone[-1] if everyone.size else np.flatnonzero(both)[-1] if both.any() else 0
    out: dict[str, tuple[float, float]] = {
        "offered": (offered, 1),
        "answered": (answered, 1),
        "abandoned": (abandoned, 1),
        "blocked": (a[t.BLOCKED], 1),
        "contained": (a[t.CONTAINED], 1),
        "contacts": (c[t.STARTED], 1),
        "lost_contacts": (c[t.LOST], 1),
        "open_contacts": (c[t.OPEN], 1),
        "accepted": (answered + extras.written, 1),
        "work_orders": (a[t.WORK_ORDERS], 1),
        "connection_rate": (answered, offered),
        "connection_rate_queued": (answered, answered + abandoned),
        "connection_rate_excluding_short": (answered, offered - a[t.SHORT]),
        "connection_rate_contacts": (c[t.RESOLVED] + c[t.HANDED_OVER], c[t.STARTED] - c[t.OPEN]),
        "worst_24h_connection_rate": worst,
        "asa_s": (a[t.ANSWERED_WAIT_MS] / SECOND_MS + answered * offset_s, answered),
        "asa_queue_s": (a[t.ANSWERED_WAIT_MS] / SECOND_MS, answered),
        "wait_s": (a[t.WAIT_MS] / SECOND_MS, answered + abandoned),
        **{f"wait_p{p}_s": percentile(both, everyone, p) for p in PERCENTILES},
        "wait_max_s": (longest / SECOND_MS, 1),
        **{f"answered_wait_p{p}_s": percentile(waits[0], answered_only, p) for p in PERCENTILES},
        **{f"answered_within_{x}s_share": (a[t.WITHIN + i], answered) for i, x in enumerate(ANSWER_THRESHOLDS_S)},
        **{f"offered_within_{x}s_share": (a[t.WITHIN + i], offered) for i, x in enumerate(ANSWER_THRESHOLDS_S)},
        "occupancy": (d[t.BUSY_MS] / HOUR_MS, on_duty_ms / HOUR_MS),
        "utilisation": (d[t.BUSY_MS] / HOUR_MS, extras.paid_h) if extras.paid_h > 0 else (0, 0),
        "redial_share": (a[t.REDIALS], offered),
        "repeat_share": (offered - a[t.FIRST] - a[t.REDIALS], offered),
        "lost_share": (c[t.LOST], c[t.STARTED]),
        "fcr_share": (a[t.ON_THE_SPOT], answered),
        "responsible_return_share": (a[t.RETURNS], a[t.WORK_ORDERS]),
        "satisfaction_share": (a[t.SATISFIED], answered),
        "aht_s": ((a[t.TALK_MS] + a[t.WRAP_MS]) / SECOND_MS, answered),
        "on_duty_h": (on_duty_ms / HOUR_MS, 1),
        "busy_h": (d[t.BUSY_MS] / HOUR_MS, 1),
        "overrun_h": (d[t.OVERRUN_MS] / HOUR_MS, 1),
        "paid_h": (extras.paid_h, 1) if extras.paid_h > 0 else (0, 0),
        "seat_capped_slots": (extras.capped_slots, 1),
        # No work that can wait is simulated yet (§12): there is nothing to measure.
        "backlog_max": (0, 0),
        "overdue_share": (0, 0),
    }
    return {name: (float(top), float(bottom)) for name, (top, bottom) in out.items()}


def with_means_of_months(
    year: Mapping[str, tuple[float, float]], months: Sequence[Mapping[str, tuple[float, float]]]
) -> dict[str, tuple[float, float]]:
    """Return a period's measures with the two that average its months' ratios ("全年平均" can be read so)."""
    out = dict(year)
    for name in ("connection_rate", "asa_s"):
        ratios = [top / bottom for top, bottom in (month[name] for month in months) if bottom > 0]
        out[f"{name}_mean_of_months"] = (sum(ratios), float(len(ratios)))
    return out


@dataclass(frozen=True)
class Estimate:
    """A measure over replications: mean, 95 % interval (None with one replication), and each one's value."""

    mean: float | None
    low: float | None
    high: float | None
    unit: str
    values: tuple[float | None, ...]


def estimate(name: str, pairs: Floats) -> Estimate:
    """Put a measure's replications together: :func:`estimate_pairs` with the measure's unit."""
    return estimate_pairs(pairs, UNITS[name])


def estimate_pairs(pairs: Floats, unit: str) -> Estimate:
    """Put replications together.

    Parameters
    ----------
    pairs
        Numerator and denominator of each replication, shape ``(replications, 2)``.
    unit
        What the ratio is in.
    """
    top, bottom = pairs[:, 0], pairs[:, 1]
    values = tuple(float(x / y) if y > 0 else None for x, y in pairs)
    if bottom.sum() <= 0:
        return Estimate(None, None, None, unit, values)
    mean = float(top.sum() / bottom.sum())
    n = len(pairs)
    if n < 2:
        return Estimate(mean, None, None, unit, values)
    half = t_quantile(n - 1) * math.sqrt(float(((top - mean * bottom) ** 2).sum()) / (n - 1) / n) / float(bottom.mean())
    return Estimate(mean, mean - half, mean + half, unit, values)


def t_quantile(degrees: int) -> float:
    """Return the two-sided 95 % quantile of Student's t."""
    from scipy import special

    return float(special.stdtrit(degrees, 0.5 + CONFIDENCE / 2))


def clopper_pearson(successes: int, trials: int) -> tuple[float, float]:
    """Return the exact 95 % interval of a probability seen ``successes`` times in ``trials``."""
    from scipy import special

    tail = (1.0 - CONFIDENCE) / 2
    low = 0.0 if successes == 0 else float(special.betaincinv(successes, trials - successes + 1, tail))
    high = 1.0 if successes == trials else float(special.betaincinv(successes + 1, trials - successes, 1 - tail))
    return low, high
