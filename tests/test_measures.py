"""Each measure by hand on a few calls, and how replications are put together (§17)."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from sim import measures
from sim.engine import fast
from sim.engine import tally as t
from sim.engine.inputs import prepare
from sim.experiment.replicate import cut
from sim.experiment.run import Settings, run
from sim.measures import Extras
from sim.scenario import load, to_dict
from sim.scenario.load import from_dict
from sim.terms import HOUR_MS

SLOTS = 96 * 2


def by_hand() -> dict[str, float | None]:
    """Two days. Day 1: ten calls, all answered. Day 2: eight answered, four abandoned, two blocked, two contained."""
    attempts = np.zeros((SLOTS, t.COUNTS), np.int64)
    contacts = np.zeros((SLOTS, t.CONTACTS), np.int64)
    duty = np.zeros((SLOTS, t.DUTY), np.int64)
    one, two = attempts[10], attempts[150]
    one[[t.OFFERED, t.ANSWERED, t.FIRST]] = 10
    one[t.ANSWERED_WAIT_MS] = one[t.WAIT_MS] = 10_000
    two[[t.OFFERED, t.ANSWERED, t.ABANDONED, t.BLOCKED, t.CONTAINED]] = 16, 8, 4, 2, 2
    two[[t.FIRST, t.REDIALS, t.SHORT]] = 13, 3, 1
    two[t.ANSWERED_WAIT_MS], two[t.WAIT_MS] = 80_000, 140_000
    two[[t.WITHIN, t.WITHIN + 1, t.WITHIN + 2]] = 2, 5, 6
    one[[t.WITHIN, t.WITHIN + 1, t.WITHIN + 2]] = 10
    one[[t.TALK_MS, t.WRAP_MS, t.RING_MS]] = 2_000_000, 500_000, 30_000
    one[[t.ON_THE_SPOT, t.WORK_ORDERS, t.RETURNS, t.SATISFIED]] = 6, 4, 1, 9
    two[[t.ON_THE_SPOT, t.WORK_ORDERS, t.RETURNS, t.SATISFIED]] = 4, 4, 1, 6
    contacts[10, [t.STARTED, t.RESOLVED, t.HANDED_OVER]] = 10, 6, 4
    contacts[150, [t.STARTED, t.RESOLVED, t.HANDED_OVER, t.LOST, t.HELPED_BY_MACHINE, t.OPEN]] = 13, 4, 4, 2, 2, 1
    duty[:, t.ROSTERED_MS] = HOUR_MS
    duty[:, t.BUSY_MS] = HOUR_MS // 2
    duty[0, t.OVERRUN_MS] = 8 * HOUR_MS
    waits = np.zeros((2, t.WAIT_BINS), np.int32)
    waits[0, 0], waits[0, 1_000], waits[0, 9_000], waits[1, 4_000] = 8, 8, 1, 3
    longer = np.array([200_000 << 1, 300_000 << 1 | 1])
    extras = Extras(written=5.0, paid_h=400.0, capped_slots=3.0, offset_ms=3_000)
    found = measures.measure(attempts, contacts, duty, waits, longer, extras)
    return {name: top / bottom if bottom else None for name, (top, bottom) in found.items()}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("offered", 26), ("answered", 18), ("abandoned", 4), ("blocked", 2), ("contained", 2), ("contacts", 23),
        ("lost_contacts", 2), ("open_contacts", 1), ("accepted", 23), ("work_orders", 8),
        ("connection_rate", 18 / 26),
        ("connection_rate_queued", 18 / 22),
        ("connection_rate_excluding_short", 18 / 25),
        ("connection_rate_contacts", 18 / 22),  # 10 + 8 answered at last, of 23 - 1 not open
        ("worst_24h_connection_rate", 8 / 16),  # the 24 hours that hold the second day's calls alone
        ("asa_queue_s", 90 / 18),
        ("asa_s", 90 / 18 + 3),  # the ring counts
        ("wait_s", 150 / 22),
        ("wait_p50_s", 1.0),  # 22 waits: rank 11 of 8 x 0, 8 x 1, 3 x 4, 9, 200, 300
        ("wait_p90_s", 9.0),  # rank 20
        ("wait_p95_s", 200.0),  # rank 21
        ("wait_p99_s", 300.0),  # rank 22
        ("wait_max_s", 300.0),
        ("answered_wait_p50_s", 1.0),  # 18 waits: rank 9
        ("answered_wait_p99_s", 200.0),  # rank 18
        ("answered_within_8s_share", 12 / 18), ("offered_within_20s_share", 16 / 26),
        ("occupancy", 96 / 200),  # 192 slots of an hour on duty and 8 h of overrun
        ("utilisation", 96 / 400),
        ("redial_share", 3 / 26), ("repeat_share", 0.0), ("lost_share", 2 / 23),
        ("fcr_share", 10 / 18), ("responsible_return_share", 2 / 8), ("satisfaction_share", 15 / 18),
        ("aht_s", 2_500 / 18), ("on_duty_h", 200), ("busy_h", 96), ("overrun_h", 8), ("paid_h", 400),
        ("seat_capped_slots", 3),
    ],
)  # fmt: skip
def test_a_measure_by_hand(name: str, value: float) -> None:
    assert by_hand()[name] == pytest.approx(value, rel=1e-12)


def test_what_is_not_simulated_is_not_measured() -> None:
    assert by_hand()["backlog_max"] is None
    assert by_hand()["overdue_share"] is None


def test_the_two_ways_to_average_a_year() -> None:
    months = [
        {"connection_rate": (90.0, 100.0), "asa_s": (90.0, 90.0)},
        {"connection_rate": (10.0, 20.0), "asa_s": (30.0, 10.0)},
    ]
    found = measures.with_means_of_months({}, months)
    assert found["connection_rate_mean_of_months"] == pytest.approx((0.9 + 0.5, 2))
    assert found["asa_s_mean_of_months"] == pytest.approx((1.0 + 3.0, 2))


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=1, max_size=150))
def test_worst_24_hours_is_the_worst_window(slots: list[tuple[int, int]]) -> None:
    offered = np.array([a + b for a, b in slots])
    answered = np.array([a for a, _ in slots])
    width = min(96, len(slots))
    rates = [
        answered[i : i + width].sum() / offered[i : i + width].sum()
        for i in range(len(slots) - width + 1)
        if offered[i : i + width].sum()
    ]
    top, bottom = measures.worst_24h(offered, answered)
    if rates:
        assert top / bottom == pytest.approx(min(rates))
    else:
        assert bottom == 0


@given(st.lists(st.integers(0, 200_000), min_size=1, max_size=60), st.integers(1, 100))
def test_nearest_rank_is_the_textbooks(waits: list[int], percent: int) -> None:
    bins = np.bincount([w for w in waits if w < t.WAIT_BINS], minlength=t.WAIT_BINS)
    longer = np.array(sorted(w for w in waits if w >= t.WAIT_BINS), np.int64)
    rank = math.ceil(percent * len(waits) / 100)
    assert measures.nearest_rank(bins, longer, percent) == sorted(waits)[rank - 1]


def test_a_ratio_over_replications_is_a_ratio_of_sums_with_the_delta_methods_interval() -> None:
    pairs = np.array([[8.0, 10.0], [9.0, 12.0], [4.0, 8.0]])
    found = measures.estimate_pairs(pairs, "share")
    ratio = 21 / 30
    residuals = [8 - ratio * 10, 9 - ratio * 12, 4 - ratio * 8]
    half = stats.t.ppf(0.975, 2) * math.sqrt(sum(r * r for r in residuals) / 2 / 3) / 10
    assert found.mean == pytest.approx(ratio)
    assert found.low == pytest.approx(ratio - half)
    assert found.high == pytest.approx(ratio + half)
    assert found.values == pytest.approx((0.8, 0.75, 0.5))


def test_one_replication_has_no_interval_and_no_calls_have_no_ratio() -> None:
    one = measures.estimate_pairs(np.array([[8.0, 10.0]]), "share")
    assert (one.mean, one.low, one.high) == (0.8, None, None)
    none = measures.estimate_pairs(np.array([[0.0, 0.0], [0.0, 0.0]]), "share")
    assert none.mean is None
    assert none.values == (None, None)


@pytest.mark.parametrize(("hits", "n"), [(0, 10), (3, 10), (10, 10), (17, 20)])
def test_clopper_pearson_is_scipys_exact_interval(hits: int, n: int) -> None:
    exact = stats.binomtest(hits, n).proportion_ci(method="exact")
    assert measures.clopper_pearson(hits, n) == pytest.approx((exact.low, exact.high))


@pytest.mark.parametrize("column", [t.ANSWERED, t.BLOCKED])
def test_attempts_that_do_not_add_up_stop_the_run(column: int) -> None:
    plan = prepare(load("one-day"))
    counts, _, _ = fast.simulate(plan.centre, plan.run(1, 0)[0])
    measures.check_identities(counts)
    counts.counts[40, 0, column] += 1
    with pytest.raises(AssertionError, match="offered"):
        measures.check_identities(counts)


def test_contacts_and_hours_that_do_not_add_up_stop_the_run() -> None:
    plan = prepare(load("one-day"))
    counts, _, _ = fast.simulate(plan.centre, plan.run(1, 0)[0])
    counts.contacts[40, 0, t.LOST] += 1
    with pytest.raises(AssertionError, match="contacts"):
        measures.check_identities(counts)
    counts.contacts[40, 0, t.LOST] -= 1
    counts.duty[40, 0, t.BUSY_MS] += 1
    with pytest.raises(AssertionError, match="busy"):
        measures.check_identities(counts)


def test_months_and_weeks_add_up_to_the_year() -> None:
    tables = to_dict(load("one-day"))
    tables["horizon"] |= {
        "start": tables["horizon"]["start"].replace(day=27),
        "end": tables["horizon"]["end"].replace(month=4, day=2),
    }
    scenario = from_dict(tables)
    plan = prepare(scenario)
    # Friday 27 March to Thursday 2 April 2020: two months and two weeks, in three pieces.
    pieces = cut(plan, "week")
    assert [month.label for month in pieces.months] == ["2020-03", "2020-04"]
    assert [week.label for week in pieces.others] == ["2020-W13", "2020-W14"]
    assert [week.pieces for week in pieces.others] == [(0,), (1, 2)]
    found = run(scenario, Settings(replications=2, by="week", jobs=1))
    for name in ("offered", "answered", "contacts", "busy_h"):
        year = found.measures[name].mean
        assert year is not None
        assert sum(month.measures[name].mean or 0 for month in found.months) == pytest.approx(year)
        assert sum(week.measures[name].mean or 0 for week in found.others) == pytest.approx(year)
