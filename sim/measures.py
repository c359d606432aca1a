"""Every measure of §17, defined once: a numerator over a denominator, and how replications are put together.

A ratio's mean over replications is the sum of numerators over the sum of denominators, its interval by the
delta method; ``values`` are each replication's own ratio. Percentiles are nearest ranks of one replication's
waits; their mean averages replications. All intervals are 95 %, by Student's t.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.engine import tally as t
from sim.scenario.targets import Population
from sim.terms import ANSWER_THRESHOLDS_S, HOUR_MS, SECOND_MS, SLOTS_PER_DAY

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Pairs = dict[str, tuple[float, float]]
"""Measures by name, each as numerator and denominator."""

PERCENTILES: Final = (50, 90, 95, 99)
CONFIDENCE: Final = 0.95

UNITS: Final[dict[str, str]] = {
    "offered": "attempts",
    "answered": "attempts",
    "abandoned": "attempts",
    "blocked": "attempts",
    "contained": "attempts",
    "first_attempts": "attempts",
    "redials": "attempts",
    "repeats": "attempts",
    "contacts": "contacts",
    "resolved_contacts": "contacts",
    "handed_over_contacts": "contacts",
    "lost_contacts": "contacts",
    "contained_contacts": "contacts",
    "open_contacts": "contacts",
    "accepted": "contacts",
    "written_contacts": "contacts",
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
    "satisfaction_share": "share",
    "satisfaction_follow_up_share": "share of citizens asked",
    "satisfaction_all_share": "share of answered",
    "satisfaction_on_the_spot_share": "share of answered on the spot",
    "satisfaction_work_orders_share": "share of work orders by telephone",
    "asked": "citizens",
    "transfer_share": "share of answered",
    "hasty_share": "share of answered",
    "callbacks": "attempts",
    "callback_wait_s": "s",
    "estimate_s": "s",
    "estimate_error_s": "s",
    "aht_s": "s",
    "on_duty_h": "h",
    "busy_h": "h",
    "overrun_h": "h",
    "paid_h": "h",
    "seat_capped_slots": "slots of 15 minutes",
    "tasks_released": "tasks",
    "tasks_done": "tasks",
    "tasks_waiting_s": "s",
    "task_h": "h",
    "backlog_max": "tasks",
    "oldest_task_h": "h",
    "overdue_share": "share of tasks",
}
"""Each measure and its unit, in the order of reports."""

NAMES: Final = tuple(UNITS)


TASK_UNITS: Final[dict[str, str]] = {
    "released": "tasks",
    "done": "tasks",
    "left": "tasks",
    "late": "tasks",
    "overdue_share": "share of tasks",
    "wait_s": "s",
    "handling_h": "h",
    "backlog_max": "tasks",
    "oldest_h": "h",
    "work_orders": "work orders",
    "asked": "citizens",
    "asked_satisfied": "citizens",
}
"""Each measure of a kind of task and its unit (§12)."""

GROUP_UNITS: Final[dict[str, str]] = {
    "on_duty_h": "h",
    "busy_h": "h",
    "task_h": "h",
    "overrun_h": "h",
    "answered": "attempts",
}
"""Each measure of a group and its unit, all by the clock (§14)."""


@dataclass(frozen=True)
class Counting:
    """How the scenario counts, the same in each of its periods.

    ``offset_ms`` is what the answer time counts beside the wait in the queue, ``population`` who is meant by
    satisfaction, ``accepted_kinds`` which kinds of task are written contacts that count as accepted, and
    ``callbacks_waited`` whether the answer time of a call back counts as any other (§13); otherwise it is apart.
    Percentiles and the shares answered within a time leave the waits for calls back out either way.
    """

    offset_ms: int
    population: Population = "all"
    accepted_kinds: tuple[int, ...] = ()
    callbacks_waited: bool = False


@dataclass(frozen=True)
class Extras:
    """What a period's measures need beside the tally: the plan's part of them.

    ``paid_h`` are the hours paid (NaN where the scenario has no workforce), ``capped_slots`` where seats were too few,
    which only a replication can tell.
    """

    paid_h: float
    capped_slots: int = 0


@dataclass(frozen=True)
class Stretch:
    """What was counted in a stretch of time of one replication, by 15-minute slot.

    ``attempts`` and ``contacts`` are summed over types, ``duty`` over groups, shape ``(slots, columns)``; ``tasks``
    is ``(slots, kinds, TASKS)`` and ``backlog`` ``(slots, kinds)``, from :func:`backlog`. ``waits`` counts the waits
    of answered and of abandoned attempts by the millisecond, shape ``(2, WAIT_BINS)``; ``longer`` are the longer
    ones as ``wait_ms << 1 | abandoned``.
    """

    attempts: Ints
    contacts: Ints
    duty: Ints
    tasks: Ints
    backlog: Ints
    waits: Ints
    longer: Ints


def backlog(tasks: Ints) -> Ints:
    """Return how many tasks wait when each row ends, by kind, from all rows of a tally's tasks."""
    return np.cumsum(tasks[..., t.RELEASED] - tasks[..., t.STARTED_NOW], axis=0)


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


def nearest_ranks(bins: Ints, longer: Ints, percents: Sequence[int]) -> list[int]:
    """Return nearest-rank percentiles in ms of waits counted by the millisecond and sorted longer ones; -1 of none."""
    cumulative = np.cumsum(bins)
    below = int(cumulative[-1])
    total = below + longer.size
    if total == 0:
        return [-1] * len(percents)
    ranks = [max(1, -(-percent * total // 100)) for percent in percents]
    return [int(longer[r - below - 1] if r > below else np.searchsorted(cumulative, r)) for r in ranks]


def measure(found: Stretch, extras: Extras, counting: Counting) -> Pairs:
    """Return the measures of a stretch of time in one replication but those that average months."""
    return {
        **_calls(found, counting),
        **_answer_times(found, counting),
        **_quality(found, counting),
        **_hours(found.duty.sum(axis=0), extras),
        **_work_that_can_wait(found),
    }


def _calls(found: Stretch, counting: Counting) -> Pairs:
    """Return what became of calls and contacts."""
    a, c = found.attempts.sum(axis=0), found.contacts.sum(axis=0)
    offered, answered, abandoned = a[t.OFFERED], a[t.ANSWERED], a[t.ABANDONED]
    written = float(found.tasks[:, counting.accepted_kinds, t.DONE].sum())
    return {
        "offered": (offered, 1),
        "answered": (answered, 1),
        "abandoned": (abandoned, 1),
        "blocked": (a[t.BLOCKED], 1),
        "contained": (a[t.CONTAINED], 1),
        "first_attempts": (a[t.FIRST], 1),
        "redials": (a[t.REDIALS], 1),
        "repeats": (a[t.REPEATS], 1),
        "contacts": (c[t.STARTED], 1),
        "resolved_contacts": (c[t.RESOLVED], 1),
        "handed_over_contacts": (c[t.HANDED_OVER], 1),
        "lost_contacts": (c[t.LOST], 1),
        "contained_contacts": (c[t.HELPED_BY_MACHINE], 1),
        "open_contacts": (c[t.OPEN], 1),
        "accepted": (answered + written, 1),
        "written_contacts": (written, 1),
        "connection_rate": (answered, offered),
        "connection_rate_queued": (answered, answered + abandoned),
        "connection_rate_excluding_short": (answered, offered - a[t.SHORT]),
        "connection_rate_contacts": (c[t.FIRST_ANSWERED], c[t.STARTED] - c[t.FIRST_OPEN]),
        "worst_24h_connection_rate": worst_24h(found.attempts[:, t.OFFERED], found.attempts[:, t.ANSWERED]),
        "redial_share": (a[t.REDIALS], offered),
        "repeat_share": (a[t.REPEATS], offered),
        "lost_share": (c[t.LOST], c[t.STARTED]),
        "transfer_share": (a[t.TRANSFERS], answered),
        "hasty_share": (a[t.HASTY], answered),
        "callbacks": (a[t.CALLBACKS], 1),
        "aht_s": (a[[t.TALK_MS, t.CONSULT_MS, t.WRAP_MS]].sum() / SECOND_MS, answered),
    }


def _answer_times(found: Stretch, counting: Counting) -> Pairs:
    """Return how long callers waited, calls back counted as the scenario says."""
    a = found.attempts.sum(axis=0)
    apart = 0 if counting.callbacks_waited else a[t.CALLED_BACK]
    answered, queued = a[t.ANSWERED] - apart, a[t.ANSWERED] + a[t.ABANDONED] - apart
    called_back_s = a[t.CALLBACK_WAIT_MS] / SECOND_MS
    more_s = called_back_s if counting.callbacks_waited else 0.0
    queue_s = a[t.ANSWERED_WAIT_MS] / SECOND_MS + more_s
    answered_only = np.sort(found.longer[found.longer & 1 == 0] >> 1)
    everyone = np.sort(found.longer >> 1)
    both = found.waits.sum(axis=0)

    def percentiles(name: str, bins: Ints, rest: Ints) -> Pairs:
        ranks = zip(PERCENTILES, nearest_ranks(bins, rest, PERCENTILES), strict=True)
        return {f"{name}_p{p}_s": (rank / SECOND_MS, 1.0) if rank >= 0 else (0.0, 0.0) for p, rank in ranks}

    longest = everyone[-1] if everyone.size else np.flatnonzero(both)[-1] if both.any() else 0
    return {
        "asa_s": (queue_s + answered * counting.offset_ms / SECOND_MS, answered),
        "asa_queue_s": (queue_s, answered),
        "wait_s": (a[t.WAIT_MS] / SECOND_MS + more_s, queued),
        **percentiles("wait", both, everyone),
        "wait_max_s": (longest / SECOND_MS, 1),
        **percentiles("answered_wait", found.waits[0], answered_only),
        **{f"answered_within_{x}s_share": (a[t.WITHIN + i], answered) for i, x in enumerate(ANSWER_THRESHOLDS_S)},
        **{f"offered_within_{x}s_share": (a[t.WITHIN + i], a[t.OFFERED]) for i, x in enumerate(ANSWER_THRESHOLDS_S)},
        "callback_wait_s": (called_back_s, a[t.CALLED_BACK]),
        "estimate_s": (a[t.ESTIMATE_MS] / SECOND_MS, a[t.ESTIMATES]),
        "estimate_error_s": (a[t.ESTIMATE_OFF_MS] / SECOND_MS, a[t.ESTIMATES]),
    }


def _quality(found: Stretch, counting: Counting) -> Pairs:
    """Return how well the work was done (§18); satisfaction of the population the scenario means, and of each."""
    a, tasks = found.attempts.sum(axis=0), found.tasks.sum(axis=(0, 1))
    orders = a[t.WORK_ORDERS] + tasks[t.TASK_WORK_ORDERS]
    satisfied: dict[Population, tuple[float, float]] = {
        "follow_up": (tasks[t.ASKED_SATISFIED], tasks[t.ASKED]),
        "all": (a[t.SATISFIED], a[t.ANSWERED]),
        "on_the_spot": (a[t.SATISFIED] - a[t.SATISFIED_ORDERS], a[t.ON_THE_SPOT]),
        "work_orders": (a[t.SATISFIED_ORDERS], a[t.WORK_ORDERS]),
    }
    return {
        "work_orders": (orders, 1),
        "fcr_share": (a[t.ON_THE_SPOT], a[t.ANSWERED]),
        "responsible_return_share": (a[t.RETURNS] + tasks[t.TASK_RETURNS], orders),
        "satisfaction_share": satisfied[counting.population],
        **{f"satisfaction_{population}_share": pair for population, pair in satisfied.items()},
        "asked": (tasks[t.ASKED], 1),
    }


def _hours(d: Ints, extras: Extras) -> Pairs:
    """Return the agents' time from the sums of duty, shape ``(DUTY,)``."""
    busy_h, on_duty_h = d[t.BUSY_MS] / HOUR_MS, (d[t.ROSTERED_MS] + d[t.OVERRUN_MS]) / HOUR_MS
    paid = extras.paid_h > 0
    return {
        "occupancy": (busy_h, on_duty_h),
        "utilisation": (busy_h, extras.paid_h) if paid else (0, 0),
        "on_duty_h": (on_duty_h, 1),
        "busy_h": (busy_h, 1),
        "overrun_h": (d[t.OVERRUN_MS] / HOUR_MS, 1),
        "task_h": (d[t.TASK_MS] / HOUR_MS, 1),
        "paid_h": (extras.paid_h, 1) if paid else (0, 0),
        "seat_capped_slots": (extras.capped_slots, 1),
    }


def _work_that_can_wait(found: Stretch) -> Pairs:
    """Return the measures of all kinds of task together; without a kind there is nothing to measure (§12)."""
    known = int(found.tasks.shape[1] > 0)
    sums = found.tasks.sum(axis=(0, 1))
    return {
        "tasks_released": (sums[t.RELEASED], known),
        "tasks_done": (sums[t.DONE], known),
        "tasks_waiting_s": (sums[t.TASK_WAIT_MS] / SECOND_MS, sums[t.DONE]),
        "backlog_max": (found.backlog.sum(axis=1).max(), known),
        "oldest_task_h": (found.tasks[..., t.OLDEST_MS].max(initial=0) / HOUR_MS, known),
        "overdue_share": (sums[t.LATE], sums[t.RELEASED]),
    }


def measure_kind(tasks: Ints, backlog: Ints) -> Pairs:
    """Return the measures of one kind of task, in the order of :data:`TASK_UNITS`.

    Parameters
    ----------
    tasks
        Its columns of the tally by slot, shape ``(slots, TASKS)``.
    backlog
        How many wait when each slot ends, shape ``(slots,)``.
    """
    sums = tasks.sum(axis=0)
    return {
        "released": (sums[t.RELEASED], 1),
        "done": (sums[t.DONE], 1),
        "left": (sums[t.RELEASED] - sums[t.DONE], 1),
        "late": (sums[t.LATE], 1),
        "overdue_share": (sums[t.LATE], sums[t.RELEASED]),
        "wait_s": (sums[t.TASK_WAIT_MS] / SECOND_MS, sums[t.DONE]),
        "handling_h": (sums[t.TASK_HANDLING_MS] / HOUR_MS, 1),
        "backlog_max": (backlog.max(), 1),
        "oldest_h": (tasks[:, t.OLDEST_MS].max() / HOUR_MS, 1),
        "work_orders": (sums[t.TASK_WORK_ORDERS], 1),
        "asked": (sums[t.ASKED], 1),
        "asked_satisfied": (sums[t.ASKED_SATISFIED], 1),
    }


def measure_group(duty: Ints) -> Pairs:
    """Return the measures of one group, in the order of :data:`GROUP_UNITS`, from its duty ``(slots, DUTY)``."""
    d = duty.sum(axis=0)
    return {
        "on_duty_h": ((d[t.ROSTERED_MS] + d[t.OVERRUN_MS]) / HOUR_MS, 1),
        "busy_h": (d[t.BUSY_MS] / HOUR_MS, 1),
        "task_h": (d[t.TASK_MS] / HOUR_MS, 1),
        "overrun_h": (d[t.OVERRUN_MS] / HOUR_MS, 1),
        "answered": (d[t.CALLS], 1),
    }


def with_means_of_months(year: Pairs, months: Sequence[Pairs]) -> Pairs:
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


def clopper_pearson(successes: int, trials: int, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Return the exact interval of a probability seen ``successes`` times in ``trials``, of 95 % if nothing is said."""
    from scipy import special

    tail = (1.0 - confidence) / 2
    low = 0.0 if successes == 0 else float(special.betaincinv(successes, trials - successes + 1, tail))
    high = 1.0 if successes == trials else float(special.betaincinv(successes + 1, trials - successes, 1 - tail))
    return low, high
