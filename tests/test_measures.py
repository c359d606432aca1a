"""Each measure by hand on a few calls, and how replications are put together (§17)."""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import replace
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from random_scenarios import random_scenario
from scipy import stats

from sim import identities, measures
from sim.engine import fast, reference, rules
from sim.engine import tally as t
from sim.engine.inputs import prepare
from sim.engine.tally import Tally
from sim.experiment.gather import Settings
from sim.experiment.replicate import cut
from sim.experiment.run import run
from sim.measures import Counting, Extras, Stretch
from sim.scenario import load, to_dict
from sim.scenario.load import from_dict
from sim.terms import HOUR_MS

SLOTS = 96 * 2


def two_days() -> Stretch:
    """Two days of calls and two kinds of task, the first of them written contacts.

    Day 1: ten calls, all answered. Day 2: eight answered, one of them by a callback, four abandoned, two blocked, two
    contained. Tasks: in slot 20 five written contacts, two of them done at once; in slot 100 one more and four of the
    other kind; all but one written contact are started in slot 160.
    """
    attempts = np.zeros((SLOTS, t.COUNTS), np.int64)
    contacts = np.zeros((SLOTS, t.CONTACTS), np.int64)
    duty = np.zeros((SLOTS, t.DUTY), np.int64)
    tasks = np.zeros((SLOTS, 2, t.TASKS), np.int64)
    one, two = attempts[10], attempts[150]
    one[[t.OFFERED, t.ANSWERED, t.FIRST]] = 10
    one[t.ANSWERED_WAIT_MS] = one[t.WAIT_MS] = 10_000
    two[[t.OFFERED, t.ANSWERED, t.ABANDONED, t.BLOCKED, t.CONTAINED]] = 16, 8, 4, 2, 2
    two[[t.FIRST, t.REDIALS, t.REPEATS, t.SHORT]] = 12, 3, 1, 1
    two[t.ANSWERED_WAIT_MS], two[t.WAIT_MS] = 80_000, 140_000
    two[[t.WITHIN, t.WITHIN + 1, t.WITHIN + 2]] = 2, 5, 6
    one[[t.WITHIN, t.WITHIN + 1, t.WITHIN + 2]] = 10
    one[[t.TALK_MS, t.WRAP_MS, t.RING_MS]] = 2_000_000, 500_000, 30_000
    one[[t.ON_THE_SPOT, t.WORK_ORDERS, t.RETURNS, t.SATISFIED, t.SATISFIED_ORDERS]] = 6, 4, 1, 9, 3
    two[[t.ON_THE_SPOT, t.WORK_ORDERS, t.RETURNS, t.SATISFIED, t.SATISFIED_ORDERS]] = 4, 4, 1, 6, 3
    two[[t.TRANSFERS, t.CONSULT_MS, t.HASTY]] = 3, 80_000, 2
    two[[t.CALLBACKS, t.CALLED_BACK, t.CALLBACK_WAIT_MS]] = 1, 1, 170_000
    two[[t.ESTIMATES, t.ESTIMATE_MS, t.ESTIMATE_OFF_MS]] = 4, 360_000, 50_000
    contacts[10, [t.STARTED, t.RESOLVED, t.HANDED_OVER, t.FIRST_ANSWERED]] = 10, 6, 4, 10
    contacts[150, [t.STARTED, t.RESOLVED, t.HANDED_OVER, t.LOST, t.HELPED_BY_MACHINE, t.OPEN]] = 12, 3, 4, 2, 2, 1
    contacts[150, [t.FIRST_ANSWERED, t.FIRST_OPEN]] = 7, 2
    duty[:, t.ROSTERED_MS] = HOUR_MS
    duty[:, t.BUSY_MS] = HOUR_MS // 2
    duty[:, t.TASK_MS] = HOUR_MS // 8
    duty[0, t.OVERRUN_MS] = 8 * HOUR_MS
    tasks[20, 0, [t.RELEASED, t.DONE, t.LATE, t.STARTED_NOW, t.OLDEST_MS]] = 5, 5, 1, 2, HOUR_MS
    tasks[20, 0, [t.TASK_WAIT_MS, t.TASK_HANDLING_MS, t.TASK_WORK_ORDERS, t.TASK_RETURNS]] = 900_000, HOUR_MS, 4, 1
    tasks[100, 0, [t.RELEASED, t.LATE]] = 1, 1
    tasks[100, 1, [t.RELEASED, t.DONE, t.ASKED, t.ASKED_SATISFIED]] = 4, 4, 3, 2
    tasks[100, 1, [t.TASK_WAIT_MS, t.TASK_HANDLING_MS]] = 1_800_000, 2 * HOUR_MS
    tasks[159, 0, t.OLDEST_MS] = 36 * HOUR_MS
    tasks[160, :, t.STARTED_NOW] = 3, 4
    waits = np.zeros((2, t.WAIT_BINS), np.int64)
    waits[0, 0], waits[0, 1_000], waits[0, 9_000], waits[1, 4_000] = 8, 7, 1, 3
    longer = np.array([200_000 << 1, 300_000 << 1 | 1])
    return Stretch(attempts, contacts, duty, tasks, measures.backlog(tasks), waits, longer)


def by_hand(**counting: object) -> dict[str, float | None]:
    extras = Extras(paid_h=400.0, capped_slots=3)
    counting = {"accepted_kinds": (0,)} | counting
    found = measures.measure(two_days(), extras, Counting(offset_ms=3_000, **counting))
    return {name: top / bottom if bottom else None for name, (top, bottom) in found.items()}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("offered", 26), ("answered", 18), ("abandoned", 4), ("blocked", 2), ("contained", 2), ("contacts", 22),
        ("first_attempts", 22), ("redials", 3), ("repeats", 1),
        ("resolved_contacts", 9), ("handed_over_contacts", 8), ("lost_contacts", 2), ("contained_contacts", 2),
        ("open_contacts", 1), ("accepted", 23), ("written_contacts", 5),
        ("work_orders", 12),  # eight by telephone, four written
        ("connection_rate", 18 / 26),
        ("connection_rate_queued", 18 / 22),
        ("connection_rate_excluding_short", 18 / 25),
        ("connection_rate_contacts", 17 / 20),  # first episodes: 10 + 7 answered, of 22 - 2 not open
        ("worst_24h_connection_rate", 8 / 16),  # the 24 hours that hold the second day's calls alone
        ("asa_queue_s", 90 / 17),  # without the one called back
        ("asa_s", 90 / 17 + 3),  # the ring counts
        ("wait_s", 150 / 21),
        ("wait_p50_s", 1.0),  # 21 waits: rank 11 of 8 x 0, 7 x 1, 3 x 4, 9, 200, 300
        ("wait_p90_s", 9.0),  # rank 19
        ("wait_p95_s", 200.0),  # rank 20
        ("wait_p99_s", 300.0),  # rank 21
        ("wait_max_s", 300.0),
        ("answered_wait_p50_s", 1.0),  # 17 waits: rank 9
        ("answered_wait_p99_s", 200.0),  # rank 17
        ("answered_within_8s_share", 12 / 17), ("offered_within_20s_share", 16 / 26),
        ("occupancy", 96 / 200),  # 192 slots of an hour on duty and 8 h of overrun
        ("utilisation", 96 / 400),
        ("redial_share", 3 / 26), ("repeat_share", 1 / 26), ("lost_share", 2 / 22),
        ("fcr_share", 10 / 18),
        ("responsible_return_share", 3 / 12),  # of both kinds of work orders
        ("satisfaction_share", 15 / 18), ("satisfaction_all_share", 15 / 18), ("satisfaction_follow_up_share", 2 / 3),
        ("satisfaction_on_the_spot_share", 9 / 10), ("satisfaction_work_orders_share", 6 / 8), ("asked", 3),
        ("transfer_share", 3 / 18), ("hasty_share", 2 / 18),
        ("callbacks", 1), ("callback_wait_s", 170), ("estimate_s", 90), ("estimate_error_s", 12.5),
        ("aht_s", 2_580 / 18), ("on_duty_h", 200), ("busy_h", 96), ("overrun_h", 8), ("paid_h", 400),
        ("seat_capped_slots", 3),
        ("tasks_released", 10), ("tasks_done", 9), ("tasks_waiting_s", 2_700 / 9), ("task_h", 24),
        ("backlog_max", 8),  # three left from the first day, five more
        ("oldest_task_h", 36), ("overdue_share", 2 / 10),
    ],
)  # fmt: skip
def test_a_measure_by_hand(name: str, value: float) -> None:
    assert by_hand()[name] == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize(
    ("population", "value"), [("follow_up", 2 / 3), ("all", 15 / 18), ("on_the_spot", 9 / 10), ("work_orders", 6 / 8)]
)
def test_satisfaction_is_that_of_the_population_meant(population: str, value: float) -> None:
    assert by_hand(population=population)["satisfaction_share"] == pytest.approx(value)


def test_calls_back_count_as_waits_where_the_scenario_says_so() -> None:
    found = by_hand(callbacks_waited=True)
    assert found["asa_queue_s"] == pytest.approx((90 + 170) / 18)
    assert found["asa_s"] == pytest.approx((90 + 170) / 18 + 3)
    assert found["wait_s"] == pytest.approx((150 + 170) / 22)
    assert found["answered_within_8s_share"] == pytest.approx(12 / 18)


def test_written_contacts_that_are_done_are_accepted_and_the_plans_are_not() -> None:
    found = by_hand(accepted_kinds=(0,))
    assert (found["written_contacts"], found["accepted"]) == (5, 18 + 5)
    found = by_hand(accepted_kinds=(0, 1))
    assert (found["written_contacts"], found["accepted"]) == (9, 18 + 9)


def test_without_a_kind_of_task_there_is_nothing_to_measure() -> None:
    two = two_days()
    none = replace(two, tasks=two.tasks[:, :0], backlog=two.backlog[:, :0])
    found = measures.measure(none, Extras(math.nan), Counting(0))
    for name in (
        "tasks_released", "tasks_done", "tasks_waiting_s", "backlog_max", "oldest_task_h", "overdue_share",
        "satisfaction_follow_up_share",
    ):  # fmt: skip
        assert found[name][1] == 0, name


def test_a_kind_of_task_and_a_group_by_hand() -> None:
    two = two_days()
    found = measures.measure_kind(two.tasks[:, 0], two.backlog[:, 0])
    assert list(found) == list(measures.TASK_UNITS)
    assert {name: top / bottom for name, (top, bottom) in found.items()} == pytest.approx(
        {
            "released": 6, "done": 5, "left": 1, "late": 2, "overdue_share": 2 / 6, "wait_s": 180, "handling_h": 1,
            "backlog_max": 4, "oldest_h": 36, "work_orders": 4, "asked": 0, "asked_satisfied": 0,
        }
    )  # fmt: skip
    duty = two.duty.copy()
    duty[5, t.CALLS] = 7
    group = measures.measure_group(duty)
    assert list(group) == list(measures.GROUP_UNITS)
    assert [top for top, _ in group.values()] == [200, 96, 24, 8, 7]


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
    assert measures.nearest_ranks(bins, longer, [percent, 100]) == [sorted(waits)[rank - 1], max(waits)]


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


def balanced() -> Tally:
    """One type, two groups, one kind of task: two slots and what comes after, in which everything adds up."""
    counts = t.new_tally(np.zeros(2, np.int64), types=1, groups=2, kinds=1)
    calls = counts.counts[0, 0]
    calls[[t.OFFERED, t.ANSWERED, t.ABANDONED, t.BLOCKED, t.CONTAINED]] = 10, 6, 2, 1, 1
    calls[[t.FIRST, t.REDIALS, t.REPEATS, t.ON_THE_SPOT, t.WORK_ORDERS]] = 6, 3, 1, 4, 2
    calls[[t.RING_MS, t.TALK_MS, t.CONSULT_MS, t.WRAP_MS, t.CALLBACKS, t.CALLED_BACK]] = 60, 500, 40, 300, 1, 1
    counts.contacts[0, 0, [t.STARTED, t.RESOLVED, t.HANDED_OVER, t.LOST, t.HELPED_BY_MACHINE, t.OPEN]] = (
        6,
        2,
        1,
        1,
        1,
        1,
    )
    counts.tasks[0, 0, [t.RELEASED, t.DONE, t.LATE, t.STARTED_NOW, t.TASK_HANDLING_MS]] = 4, 3, 1, 2, 250
    counts.tasks[1, 0, t.STARTED_NOW] = 1
    counts.duty[:2, :, t.ROSTERED_MS] = 1_000
    # The second group is busy into the time after the window, and stays beyond its roster in the second slot.
    counts.duty[0, :, [t.CALLS, t.CALL_TALK_MS, t.CALL_WRAP_MS]] = [[4, 2], [400, 200], [100, 200]]
    counts.duty[:, 0, t.BUSY_MS] = 400, 350, 0
    counts.duty[:, 0, t.TASK_MS] = 0, 250, 0
    counts.duty[:, 1, t.BUSY_MS] = 0, 150, 250
    counts.duty[1, 1, [t.ROSTERED_MS, t.OVERRUN_MS]] = 100, 50
    counts.duty[:2, :, t.IDLE_MS] = [[600, 1_000], [650, 0]]
    return counts


def test_what_adds_up_passes() -> None:
    identities.check(balanced())


@pytest.mark.parametrize(
    ("table", "where", "by", "broken"),
    [
        *(("counts", (0, 0, outcome), 1, "offered is not answered") for outcome in t.OUTCOME_COLUMNS),
        *(("counts", (0, 0, kind), 1, "offered is not first attempts") for kind in (t.FIRST, t.REDIALS, t.REPEATS)),
        ("counts", (1, 0, t.OFFERED), 1, "offered"),
        *(
            ("contacts", (0, 0, end), -1, "contacts are not")
            for end in (t.STARTED, t.RESOLVED, t.HANDED_OVER, t.LOST, t.HELPED_BY_MACHINE, t.OPEN)
        ),
        ("counts", (0, 0, t.ON_THE_SPOT), 1, "answered is not on the spot"),
        ("counts", (0, 0, t.WORK_ORDERS), -1, "answered is not on the spot"),
        ("counts", (0, 0, t.CALLBACKS), 1, "a promised callback"),
        ("counts", (0, 0, t.CALLED_BACK), -1, "a promised callback"),
        ("tasks", (1, 0, t.DONE), 1, "more tasks were done than released"),
        ("tasks", (1, 0, t.LATE), 1, "more tasks were late than released"),
        ("tasks", (0, 0, t.STARTED_NOW), 3, "more tasks were started than released"),
        ("tasks", (0, 0, t.DONE), -1, "tasks released are not"),
        ("tasks", (1, 0, t.STARTED_NOW), -1, "tasks released are not"),
        ("tasks", (0, 0, t.TASK_HANDLING_MS), 1, "handling of tasks"),
        *(
            ("counts", (0, 0, part), 1, "ring . talk . consulting of the calls")
            for part in (t.RING_MS, t.TALK_MS, t.CONSULT_MS)
        ),
        ("counts", (0, 0, t.WRAP_MS), -1, "wrap-up of the calls"),
        *(
            ("duty", (0, group, part), 1, "busy is not talk")
            for group in (0, 1)
            for part in (t.BUSY_MS, t.CALL_TALK_MS, t.CALL_WRAP_MS, t.TASK_MS)
        ),
        ("duty", (2, 1, t.BUSY_MS), 1, "busy is not talk"),
        ("duty", (0, 1, t.CALLS), 1, "calls answered"),
        *(
            ("duty", (1, group, part), by, "busy . idle is not rostered . overrun")
            for group in (0, 1)
            for part in (t.ROSTERED_MS, t.OVERRUN_MS, t.IDLE_MS)
            for by in (-1, 1)
        ),
    ],
)  # fmt: skip
def test_what_does_not_add_up_stops_the_run(table: str, where: tuple[int, int, int], by: int, broken: str) -> None:
    counts = balanced()
    getattr(counts, table)[where] += by
    with pytest.raises(AssertionError, match=broken):
        identities.check(counts)


def test_time_given_to_another_group_or_slot_stops_the_run() -> None:
    counts = balanced()
    counts.duty[0, :, t.BUSY_MS] += 1, -1
    with pytest.raises(AssertionError, match="busy is not talk"):
        identities.check(counts)
    counts = balanced()
    counts.duty[:2, 0, t.TASK_MS] = 250, 0
    counts.duty[:2, 0, t.BUSY_MS] = 200, 550
    with pytest.raises(AssertionError, match="at tasks for longer than busy"):
        identities.check(counts)


@pytest.mark.parametrize("engine", [fast, reference])
def test_both_engines_add_up_with_every_rule(engine: ModuleType) -> None:
    done = 0
    for number in range(40):
        plan, run_of, _ = random_scenario(number)
        with suppress(rules.Stuck):
            counts, *_ = engine.simulate(plan.centre, run_of)
            identities.check(counts)
            done += int(counts.tasks[..., t.DONE].sum() > 0)
    assert done >= 10


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
