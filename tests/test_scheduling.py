"""Agents by tour at least cost: against brute force, and every roster against the rules of labour."""

from __future__ import annotations

import itertools
from typing import Any

import highspy
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from roster_checker import Row, on_duty, paid_h, violations
from scipy import sparse

from sim.scenario import ScenarioError, from_dict, load, to_dict
from sim.staffing import highs, milp, scheduling
from sim.staffing.greedy import Greedy
from sim.staffing.prices import Prices, prices_on, tour_cny
from sim.staffing.rosters import needs_of, weekly_costs
from sim.staffing.scheduling import DayWork, NoSchedule, Schedule, cover
from sim.staffing.weeks import typical_weeks
from sim.workforce.tours import WEEK_STEPS, Tours, weekly_tours

LABOUR = {
    "rest_h": 11.0,
    "hours_week": 40.0,
    "most_hours_week": 48.0,
    "nights_week": 4,
    "night_shift_h": 3.0,
    "days_in_a_row": 6,
}
MEAL = {"minutes": 30, "paid": False, "earliest_h": 3.0, "latest_h": 4.0}
SHIFTS: dict[str, Any] = {
    "day": {"from_h": 8.0, "to_h": 9.0, "every_minutes": 60, "length_h": [8.5], "breaks": [MEAL]},
    "late": {"from_h": 15.0, "to_h": 16.0, "every_minutes": 60, "length_h": [8.0, 9.0]},
    "night": {"from_h": 23.0, "to_h": 0.0, "every_minutes": 60, "length_h": [9.0, 10.0], "breaks": [MEAL]},
}
TOURS: dict[str, Any] = {
    "full": {"shifts": ["day", "late"], "days_on": 5},
    "nights": {"shifts": ["night"], "days_on": 4, "days_off_together": 2},
    "mixed": {"pattern": ["day", "day", "night", "night", "off", "off", "off"]},
}


def scenario(shifts=SHIFTS, tours=TOURS, labour=LABOUR):
    return from_dict({**to_dict(load("one-day")), "shifts": shifts, "tours": tours, "labour": labour})


def rows(tours: Tours, counts) -> list[Row]:
    """Return the tours with agents as the checker reads them."""
    found = []
    for tour in np.flatnonzero(counts):
        week = []
        for place in tours.week[tour]:
            shift = tours.shifts[place] if place >= 0 else None
            week.append(
                shift
                and (
                    shift.family,
                    shift.span.start / 2.0,
                    shift.span.end / 2.0,
                    [(begin / 2.0, end / 2.0) for begin, end in shift.breaks],
                )
            )
        found.append(Row(tours.kinds[tours.kind[tour]], week, int(counts[tour])))
    return found


def plain(coverage, kind=None, max_shares=(1.0,)) -> Tours:
    """Return tours that are at work in some half-hours of the week, each its own."""
    coverage = np.asarray(coverage, np.uint8)
    number = len(coverage)
    padded = np.zeros((number, WEEK_STEPS), np.uint8)
    padded[:, : coverage.shape[1]] = coverage
    zeros = np.zeros(number)
    return Tours(
        kinds=tuple(f"k{n}" for n in range(len(max_shares))),
        max_shares=max_shares,
        shifts=(),
        kind=np.zeros(number, np.int64) if kind is None else np.asarray(kind),
        week=np.full((number, 7), -1),
        coverage=padded,
        paid_h=zeros,
        overtime_h=zeros,
        night_h=zeros,
    )


def asked(values) -> Any:
    found = np.zeros(WEEK_STEPS, np.int64)
    found[: len(values)] = values
    return found


def everybody(tours, most=5):
    """Yield all numbers of agents by tour, up to ``most`` of each."""
    return (np.array(counts) for counts in itertools.product(range(most + 1), repeat=len(tours)))


INSTANCES = st.integers(1, 4).flatmap(
    lambda number: st.tuples(
        st.lists(st.lists(st.integers(0, 1), min_size=5, max_size=5), min_size=number, max_size=number),
        st.lists(st.integers(0, 4), min_size=5, max_size=5),
        st.lists(st.integers(1, 9), min_size=number, max_size=number),
        st.one_of(st.none(), st.lists(st.integers(2, 7), min_size=5, max_size=5)),
        st.sampled_from([1.0, 0.5, 0.25]),
    )
)


@settings(max_examples=40, deadline=None)
@given(INSTANCES)
def test_the_least_cost_is_that_of_brute_force(instance: Any) -> None:
    coverage, wanted, cost, seats, share = instance
    kind = [n % 2 for n in range(len(coverage))]
    tours, requirement = plain(coverage, kind, (share, 1.0)), asked(wanted)
    most = None if seats is None else np.concatenate([seats, np.full(WEEK_STEPS - 5, 99)])
    best = min(
        (
            float(np.dot(cost, counts))
            for counts in everybody(tours, 8 if len(tours) < 4 else 5)
            if (counts @ tours.coverage >= requirement).all()
            and (most is None or (counts @ tours.coverage <= most).all())
            and counts[::2].sum() <= share * counts.sum() + 1e-9
        ),
        default=None,
    )
    found = cover(tours, requirement, np.array(cost, float), most, gap=0.0, seconds=20.0)
    if best is None:
        # More agents than are counted here may help only where the share of the first kind binds.
        assert isinstance(found, NoSchedule) or share < 1.0
        return
    assert isinstance(found, Schedule)
    assert found.cost_cny <= best + 1e-6
    if share == 1.0:
        assert found.cost_cny == pytest.approx(best)
    assert found.bound <= found.cost_cny + 1e-6
    assert found.gap == pytest.approx(0.0, abs=1e-6)
    assert (found.coverage >= requirement).all()
    assert (most is None) or (found.coverage <= most).all()
    assert found.counts[::2].sum() <= share * found.counts.sum() + 1e-6


def test_a_days_work_is_done_while_it_is_open_and_needs_no_number_at_any_time() -> None:
    # Both tours work three half-hours of Monday; the first has two of them while the work is open, the second one.
    tours = plain([[1, 1, 1, 0, 0], [0, 0, 1, 1, 1]])
    is_open = np.zeros(WEEK_STEPS, np.bool_)
    is_open[1:3] = True
    work = DayWork(is_open, np.array([5, 0, 0, 0, 0, 0, 0]))
    found = cover(tours, asked([]), np.array([2.0, 1.5]), gap=0.0, work=work)
    assert isinstance(found, Schedule)
    # Five half-hours: 3 of the first cost 6, 2 and 1 of the second 5.5, 5 of the second 7.5.
    assert found.counts.tolist() == [2, 1]
    # Two must be there at the fourth half-hour beside: 1 and 3 cost 6.5, 2 and 2 cost 7.
    beside = cover(tours, asked([0, 0, 0, 2]), np.array([2.0, 1.5]), gap=0.0, work=work)
    assert isinstance(beside, Schedule)
    assert beside.counts.tolist() == [1, 3]


def test_a_days_work_that_no_tour_meets_is_told() -> None:
    is_open = np.zeros(WEEK_STEPS, np.bool_)
    is_open[3:5] = True
    found = cover(plain([[1, 1]]), asked([1]), np.ones(1), work=DayWork(is_open, np.array([2, 0, 0, 0, 0, 0, 0])))
    assert isinstance(found, NoSchedule)
    assert (found.why, found.half_hours.tolist()) == ("no tour", [3, 4])


@pytest.mark.parametrize("seconds", [0.0005, 0.005, 0.02, 0.1, 0.3])
def test_there_is_a_schedule_however_short_the_time_and_its_gap_is_no_less_than_it_is(seconds: float) -> None:
    tours = weekly_tours(scenario())
    cost = tour_cny(tours, Prices(50.0, 75.0, 4.0, 100.0))
    requirement = np.where(tours.coverage.any(axis=0), 1, 0)
    hasty = cover(tours, requirement, cost, seconds=seconds)
    assert isinstance(hasty, Schedule)
    assert (hasty.coverage >= requirement).all()
    longer = cover(tours, requirement, cost, seconds=2.0)
    assert isinstance(longer, Schedule)
    assert hasty.bound <= longer.cost_cny
    assert hasty.gap >= (hasty.cost_cny - longer.cost_cny) / hasty.cost_cny - 1e-9


def test_the_greedy_start_keeps_shares_where_only_the_limited_kind_covers() -> None:
    # The first half-hour is the limited kind's alone: three others must be there for each of its agents.
    tours = plain([[1, 0], [0, 1]], [0, 1], (0.25, 1.0))
    brings, no_limit = tours.coverage.astype(np.float32), np.full(WEEK_STEPS, np.inf)
    greedy = Greedy(brings, asked([2]).astype(float), no_limit, np.ones(2), tours.kind, np.array(tours.max_shares))
    found = greedy.found(np.zeros(2, np.int64), 0.0, 1.0)
    assert found is not None
    assert found.tolist() == [2, 6]


def test_agents_of_a_kind_are_whole_so_that_their_sum_rounds_up_the_bound() -> None:
    # Each tour works two of three half-hours, one agent in each of them is asked for: half an agent in each tour would
    # do, and two are the least.
    tours = plain([[1, 1, 0], [0, 1, 1], [1, 0, 1]])
    problem = highs.Problem(
        cost=np.ones(3),
        lower=np.zeros(3),
        upper=np.full(3, np.inf),
        whole=np.ones(3, bool),
        matrix=sparse.csc_array(tours.coverage[:, :3].T.astype(float)),
        row_lower=np.ones(3),
        row_upper=np.full(3, np.inf),
    )
    found = highs.linear(problem, 1.0)
    assert isinstance(found, highs.Linear)
    assert found.objective == pytest.approx(1.5)
    # Told that all three are whole together, the bound is two before whole numbers are searched at all.
    told: list[float] = []

    def guess(near: Any, reduced: Any, enough: float, left: float) -> Any:
        told.append(enough)
        return np.array([1.0, 1.0, 0.0])

    for sums, bound in ((None, 1.5), (np.ones((1, 3), np.bool_), 2.0), (np.eye(3, dtype=np.bool_), 1.5)):
        solved = milp.solve(problem, 0.0, 1.0, guess=guess, sums=sums)
        assert isinstance(solved, milp.Solution)
        assert told.pop() == pytest.approx(bound)
        assert (solved.objective, solved.bound) == (pytest.approx(2.0), pytest.approx(2.0))


def test_a_sum_that_is_whole_neither_way_leaves_nothing() -> None:
    one_and_a_half = highs.Problem(
        cost=np.ones(2),
        lower=np.zeros(2),
        upper=np.full(2, np.inf),
        whole=np.ones(2, bool),
        matrix=sparse.csc_array(np.ones((1, 2))),
        row_lower=np.full(1, 1.5),
        row_upper=np.full(1, 1.5),
    )
    assert milp.solve(one_and_a_half, 0.0, 1.0, sums=np.ones((1, 2), np.bool_)) == "infeasible"


def test_a_nights_agents_are_whole_which_raises_the_bound_to_what_a_schedule_costs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    night = {**SHIFTS["night"], "to_h": 23.0, "length_h": [9.0]}
    tours = weekly_tours(scenario({"night": night}, {"nights": TOURS["nights"]}))
    # Meals at three times of the night: one and a half would do for one agent at any time of it, and two must come.
    hours = np.arange(WEEK_STEPS) % 48 / 2.0
    requirement = np.where((hours >= 1.0) & (hours < 6.0), 1, 0)
    together, bounds = scheduling._sums(tours), {}
    for name, sums in (("with", together), ("without", together[:0])):
        monkeypatch.setattr(scheduling, "_sums", lambda _, sums=sums: sums)
        found = cover(tours, requirement, np.ones(len(tours)), gap=0.9, seconds=5.0)
        assert isinstance(found, Schedule)
        bounds[name] = found.bound
    # Seven nights, four nights each: seven times one and a half are 21 eighths, seven times two 14 quarters, so four.
    assert bounds["without"] == pytest.approx(21 / 8)
    assert bounds["with"] == pytest.approx(4.0)
    best = cover(tours, requirement, np.ones(len(tours)), gap=0.0, seconds=5.0)
    assert isinstance(best, Schedule)
    assert best.cost_cny == pytest.approx(4.0)


@pytest.mark.slow
@pytest.mark.parametrize("times", [1, 2])
def test_a_week_of_a_citys_size_with_five_hundred_shift_types_is_solved_to_one_per_cent(times: int) -> None:
    shanghai = to_dict(load("shanghai-2020"))
    lengths = [8.0, 8.5, 9.0, 9.5]
    shifts = {
        "day": {**shanghai["shifts"]["day"], "from_h": 4.0, "to_h": 12.0, "length_h": lengths},
        "late": {**shanghai["shifts"]["late"], "from_h": 12.5, "to_h": 19.0, "length_h": lengths},
        "night": shanghai["shifts"]["night"],
    }
    tours_told = {
        "full_time": {**shanghai["tours"]["full_time"], "shifts": ["day", "late"]},
        "nights": shanghai["tours"]["nights"],
    }
    # The sources name shifts that are not there any more.
    planned = from_dict({**shanghai, "shifts": shifts, "tours": tours_told, "sources": {}})
    weeks = typical_weeks(planned)
    tours = weekly_tours(planned, "general")
    assert len(tours.shifts) >= 500
    required = needs_of(planned, weeks)["general"].required
    week = int(np.argmax(required.sum(axis=1)))
    # It takes some seconds of the fifteen on a machine of its own; here others may run beside it.
    found = cover(tours, times * required[week], weekly_costs(planned, weeks, tours)[week], gap=0.01, seconds=45.0)
    assert isinstance(found, Schedule)
    assert found.gap <= 0.01
    assert (found.coverage >= times * required[week]).all()


def test_the_basis_of_another_week_changes_no_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    # Of the linear problem, that is: which sums are rounded up depends on which of its solutions is found.
    monkeypatch.setattr(scheduling, "_sums", lambda tours: np.empty((0, len(tours)), np.bool_))
    tours = weekly_tours(scenario())
    cost = tour_cny(tours, Prices(50.0, 75.0, 4.0, 100.0))
    requirement = np.where(tours.coverage.any(axis=0), 4, 0)
    before = cover(tours, requirement, cost, gap=0.1, seconds=2.0)
    assert isinstance(before, Schedule)
    more = np.where(np.arange(WEEK_STEPS) % 48 > 20, requirement + 1, requirement) * tours.coverage.any(axis=0)
    alone, after = (cover(tours, more, cost, gap=0.1, seconds=2.0, basis=basis) for basis in (None, before.basis))
    assert isinstance(alone, Schedule)
    assert isinstance(after, Schedule)
    assert after.bound == pytest.approx(alone.bound, rel=1e-6)


@pytest.mark.parametrize("runs", range(1, 9))
def test_whenever_time_is_up_the_requirement_is_covered(runs: int, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = itertools.count()
    run = milp.run

    def until(solver: Any, end: float) -> Any:
        return run(solver, end) if next(calls) % (runs + 1) < runs else highspy.HighsModelStatus.kTimeLimit

    monkeypatch.setattr(milp, "run", until)
    rng = np.random.default_rng(runs)
    for _ in range(6):
        tours = plain((rng.random((9, 12)) < 0.5).astype(int).tolist())
        requirement = asked(rng.integers(0, 9, 12) * tours.coverage[:, :12].any(axis=0))
        found = cover(tours, requirement, rng.uniform(1.0, 3.0, 9), gap=0.0, seconds=1.0)
        if isinstance(found, Schedule):
            assert (found.coverage >= requirement).all()
            assert found.bound <= found.cost_cny + 1e-6
        else:
            assert found.why == "time"


def test_an_agent_that_the_solver_gives_a_hair_too_little_is_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    found = milp.Solution(np.array([2.999_999_9]), 3.0, 3.0, None)
    monkeypatch.setattr(scheduling, "solve", lambda *_, **__: found)
    schedule = cover(plain([[1]]), asked([3]), np.ones(1))
    assert isinstance(schedule, Schedule)
    assert (schedule.counts.tolist(), schedule.coverage[0], schedule.cost_cny) == ([3], 3, 3.0)


def test_half_hours_that_no_tour_covers_are_told() -> None:
    found = cover(plain([[1, 0, 1, 0]]), asked([1, 1, 1, 1]), np.ones(1))
    assert isinstance(found, NoSchedule)
    assert found.why == "no tour"
    assert found.half_hours.tolist() == [1, 3]


def test_seats_below_the_requirement_are_told() -> None:
    seats = np.full(WEEK_STEPS, 9)
    seats[1] = 1
    found = cover(plain([[1, 1]]), asked([2, 2]), np.ones(1), seats)
    assert isinstance(found, NoSchedule)
    assert (found.why, found.half_hours.tolist()) == ("seats", [1])


def test_seats_that_the_tours_cannot_keep_are_told() -> None:
    # Both ends take two agents each, all of whom sit in the middle: one seat short.
    seats = np.full(WEEK_STEPS, 9)
    seats[1] = 3
    found = cover(plain([[1, 1, 0], [0, 1, 1]]), asked([2, 0, 2]), np.ones(2), seats)
    assert isinstance(found, NoSchedule)
    assert found.why == "seats"
    assert len(found.half_hours) == 1
    assert found.half_hours[0] in (0, 2)


def test_a_share_that_cannot_be_kept_is_told() -> None:
    found = cover(plain([[1]], [0], (0.2,)), asked([2]), np.ones(1))
    assert isinstance(found, NoSchedule)
    assert (found.why, found.half_hours.tolist()) == ("max_share", [0])


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 10**6))
def test_every_roster_keeps_every_rule_of_labour(number: int) -> None:
    rng = np.random.default_rng(number)
    tours_told = {name: dict(kind) for name, kind in TOURS.items()}
    tours_told["full"]["days_on"] = int(rng.integers(4, 6))
    tours_told["nights"]["max_share"] = float(rng.choice([0.4, 1.0]))
    labour = {
        **LABOUR,
        "rest_h": float(rng.choice([10.0, 11.0, 12.0])),
        "most_hours_week": float(rng.choice([40.0, 44.0, 48.0])),
    }
    tours = weekly_tours(scenario(tours=tours_told, labour=labour))
    requirement = rng.integers(0, 6, WEEK_STEPS) * tours.coverage.any(axis=0)
    found = cover(tours, requirement, tour_cny(tours, Prices(50.0, 75.0, 4.0, 100.0)), gap=0.2, seconds=4.0)
    assert isinstance(found, Schedule)
    roster = rows(tours, found.counts)
    assert violations(roster, SHIFTS, tours_told, labour) == set()
    there = np.array([agents for _, agents in sorted(on_duty(roster).items())])
    np.testing.assert_array_equal(there, found.coverage)
    assert (there >= requirement).all()
    paid = sum(row.agents * paid_h(row, SHIFTS) for row in roster)
    assert paid == pytest.approx(float(tours.paid_h @ found.counts))


def test_more_requirement_never_costs_less() -> None:
    tours = weekly_tours(scenario())
    cost = tour_cny(tours, Prices(50.0, 75.0, 4.0, 100.0))
    requirement = np.where(tours.coverage.any(axis=0), 4, 0)
    less = cover(tours, requirement, cost, gap=0.05, seconds=2.0)
    more = cover(tours, requirement + (requirement > 0), cost, gap=0.05, seconds=2.0)
    assert isinstance(less, Schedule)
    assert isinstance(more, Schedule)
    assert more.cost_cny >= less.bound
    assert more.bound >= less.bound


def test_an_agents_hours_are_priced_by_hand() -> None:
    shanghai = load("shanghai-2020")
    assert shanghai.cost is not None
    assert shanghai.workforce is not None
    start = shanghai.horizon.start
    prices = prices_on(start, shanghai.cost.personnel, shanghai.workforce)
    # 5,586.52 x 1.032 (grades) x 13/12; 27.16 % insurance and 7 % fund on it; 500.
    mean = 0.25 * 0.9 + 0.45 + 0.22 * 1.15 + 0.08 * 1.3
    pay = 5586.52 * 13 / 12
    insured = 0.25 * max(0.9 * pay, 4927) + (0.45 + 0.22 * 1.15 + 0.08 * 1.3) * pay
    month = pay * mean + 0.2716 * insured + 0.07 * pay * mean + 500
    assert prices.hour_cny == pytest.approx(1.12 * 12 * month / (2000 * 0.68))
    assert prices.overtime_cny == pytest.approx(1.12 * 1.5 * 5586.52 / 174 * mean)
    assert prices.holiday_cny == pytest.approx(1.12 * 2 * 5586.52 / 174 * mean)
    assert prices.night_cny == pytest.approx(4.48)


def test_a_tour_costs_its_hours_overtime_night_and_statutory_days() -> None:
    shifts = {"night": {"from_h": 21.0, "to_h": 21.0, "length_h": [9.0]}}
    tours_told = {"nights": {"pattern": ["night"] * 5 + ["off", "off"], "rotates": False}}
    tours = weekly_tours(scenario(shifts, tours_told, {**LABOUR, "nights_week": 5}))
    # 45 paid hours, 5 of them overtime; 8 of each 9 in the night; on Tuesday the end of one and the start of the next.
    assert tour_cny(tours, Prices(10.0, 15.0, 1.0, 20.0), holidays=[1]).tolist() == [400 + 75 + 40 + 20 * (6 + 3)]


def test_the_shipped_shifts_cover_round_the_clock() -> None:
    tours = weekly_tours(load("shanghai-2020"), "general")
    assert tours.uncovered().size == 0


def test_a_scenario_error_is_not_hidden_by_tours() -> None:
    with pytest.raises(ScenarioError):
        scenario(tours={"full": {"shifts": ["nobody"], "days_on": 5}})


def test_a_half_hour_that_no_tour_searched_covers_ends_the_greedy_search() -> None:
    # The limited kind is full at once and the other brings nothing to the half-hour that nobody covers.
    tours = plain([[1, 0, 0], [0, 1, 0]], [0, 1], (0.25, 1.0))
    brings, no_limit = tours.coverage.astype(np.float32), np.full(WEEK_STEPS, np.inf)
    greedy = Greedy(
        brings, asked([1, 0, 1]).astype(float), no_limit, np.ones(2), tours.kind, np.array(tours.max_shares)
    )
    assert greedy.found(np.zeros(2, np.int64), 0.0, 1.0) is None
