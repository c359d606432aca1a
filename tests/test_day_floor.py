"""A floor over any 24 hours: windows by hand, weeks against brute force, plans of a small centre against a twin."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace

import numpy as np
import pytest
from small_staffing import small_staffing

from sim.demand.factors import mean_one
from sim.scenario import ScenarioError
from sim.staffing.best import staff
from sim.staffing.day_floor import DayFloor, day_sums, sums_around
from sim.staffing.frontier import Aim, PriceLists, points, whole
from sim.staffing.plan import Asked
from sim.staffing.weekly import Bought, Week
from sim.staffing.whole_week import Worth
from sim.staffing.year import ready
from sim.theory import queue_measures
from sim.workforce.tours import WEEK_STEPS, weekly_tours

# Without chance the curves are Erlang A itself; the price list alone lets evenings wait.
CERTAIN = ("demand.variation={year_cv=0}", "groups.all.absence.rate=0", "groups.all.on_duty.minimum=0")
EVENINGS = "demand.shape.all=[0,0,0,0,0,0,0,0,4,4,4,4,4,4,4,4,4,1,1,1,0,0,0,0]"
PRICE_CNY = 0.4
"""Of a call lost: an hour of an agent costs some hundred times as much."""


def test_24_hours_go_round_the_week() -> None:
    calls = np.zeros(WEEK_STEPS)
    calls[0], calls[40] = 3.0, 5.0
    sums = day_sums(calls)
    assert sums[0] == 8.0  # Monday 00:00 and 20:00
    assert sums[1] == 5.0
    assert sums[WEEK_STEPS - 7] == 8.0  # from Sunday 20:30 to Monday 20:30
    assert sums[WEEK_STEPS - 8] == 3.0  # to Monday 20:00, which is not in it any more
    assert sums.sum() == pytest.approx(48 * 8.0)
    # The other way round: the days that contain a half-hour.
    for step in (0, 20, 47, 300):
        one = np.zeros(WEEK_STEPS)
        one[step] = 1.0
        weights = np.random.default_rng(step).random(WEEK_STEPS)
        assert sums_around(weights)[step] == pytest.approx(float(weights @ day_sums(one)))


def in_24_hours(answered: np.ndarray, calls: np.ndarray) -> list[float]:
    """Return the share answered in each 24 hours with calls, one after the other."""
    found = []
    for first in range(WEEK_STEPS):
        steps = [(first + n) % WEEK_STEPS for n in range(48)]
        came = sum(calls[step] for step in steps)
        if came > 0.0:
            found.append(sum(answered[step] for step in steps) / came)
    return found


def some(seed: int):
    """Return six tours, their costs, and what agents save and answer in each half-hour."""
    draw = np.random.default_rng(seed)
    every = weekly_tours(small_staffing())
    tours = every.some(np.sort(draw.choice(len(every), 6, replace=False)))
    gain = draw.uniform(5.0, 60.0, WEEK_STEPS)[:, None] * 0.5 ** np.arange(12)
    calls = np.where(tours.coverage.any(axis=0), draw.uniform(20.0, 90.0, WEEK_STEPS), 0.0)
    share = 1.0 - draw.uniform(0.3, 0.7, WEEK_STEPS)[:, None] ** np.arange(13)
    return tours, draw.uniform(800.0, 1_200.0, 6), gain, calls, share


@pytest.mark.parametrize("seed", range(6))
def test_whole_agents_equal_brute_force(seed: int) -> None:
    """Six tours, at most four agents in each: every week of them is tried that holds the floor."""
    tours, cost, gain, calls, share = some(seed)
    steps, nobody = np.arange(WEEK_STEPS), np.zeros(WEEK_STEPS, np.int64)
    most = 3 * tours.coverage.sum(axis=0).astype(np.int64)
    reach = min(in_24_hours(calls * share[steps, np.minimum(most, 12)], calls))
    floor = 0.85 * reach
    worth = Worth(nobody, np.full(WEEK_STEPS, np.inf), gain)
    held = replace(worth, day_floor=DayFloor.of(calls, share, floor))
    saves = np.concatenate([np.zeros((WEEK_STEPS, 1)), np.cumsum(gain, axis=1)], axis=1)
    every = np.array([*itertools.product(range(5), repeat=6)])
    there = np.minimum(every @ tours.coverage.astype(np.int64), 12)
    values = every @ cost - saves[steps, there].sum(axis=1)
    # A column for each 24 hours, with a one for each half-hour that is in it.
    days = np.array([[(step - first) % WEEK_STEPS < 48 for first in range(WEEK_STEPS)] for step in steps], float)
    hold = ((calls * share[steps, there]) @ days >= floor * (calls @ days) - 1e-9).all(axis=1)
    best, without = float(values[hold].min()), float(values.min())
    found = Week(tours, cost, held).whole(0.0, 2.0)
    assert found is not None
    assert found.objective_cny == pytest.approx(best, abs=1e-6)
    assert found.bound_cny <= best + 1e-6
    assert min(in_24_hours(calls * share[steps, np.minimum(found.coverage.astype(int), 12)], calls)) >= floor - 1e-9
    # The floor binds: without it a week is cheaper.
    assert best > without


def bought(floor_day: float, most: float = np.inf) -> tuple[Bought, PriceLists]:
    year = ready(small_staffing(*CERTAIN, EVENINGS))
    lists = PriceLists(year, Aim(None, 1.0, 1.1, 0.0, floor_day))
    choice = year.choices["all"]
    worth = replace(lists.of("all", 0, PRICE_CNY), most=np.full(WEEK_STEPS, most))
    found = Week(choice.tours, choice.cost_cny[0], worth).whole(0.003, 3.0)
    assert found is not None
    return found, lists


def erlang(lists: PriceLists, agents: np.ndarray) -> np.ndarray:
    """Return the share answered in each half-hour, from Erlang A itself."""
    pool = lists.year.choices["all"].pool
    answered = np.zeros(WEEK_STEPS)
    for step in np.flatnonzero((pool.load[0] > 0.0) & (agents > 0)):
        rate = 1.1 * pool.load[0, step] / pool.aht_s
        told = queue_measures(rate, pool.aht_s, int(agents[step]), patience_s=pool.patience_s)
        answered[step] = told.answered_share
    return answered


def worst(found: Bought, lists: PriceLists) -> float:
    calls = lists.year.choices["all"].pool.calls[0]
    return min(in_24_hours(calls * erlang(lists, np.rint(found.coverage)), calls))


def test_any_24_hours_answer_what_is_asked_and_higher_floors_are_never_cheaper() -> None:
    plain, lists = bought(0.0)
    assert worst(plain, lists) < 0.7
    weeks = []
    for floor in (0.7, 0.8, 0.9, 0.97):
        found, lists = bought(floor)
        # Curves are interpolated between loads that are 5 % apart.
        assert worst(found, lists) >= floor - 1e-3
        weeks.append(found)
    assert plain.objective_cny <= weeks[0].bound_cny + 1e-6
    for lower, higher in itertools.pairwise(weeks):
        assert lower.bound_cny <= higher.bound_cny + 1e-6
        assert lower.bound_cny <= higher.objective_cny
        assert lower.cost_cny <= higher.cost_cny


def test_fractions_hold_it_too_and_bound_whole_agents() -> None:
    _, lists = bought(0.9)
    (point,) = points(lists, [PRICE_CNY])
    day_floor = lists.day_floors["all"][0]
    assert day_floor is not None
    calls = lists.calls["all"][0]
    assert min(in_24_hours(day_floor.at(point.coverage["all"][0]), calls)) >= 0.9 - 1e-6
    group = whole(lists, PRICE_CNY, point, gap=0.003, seconds=2.0)["all"]
    assert group.week_cny is not None
    assert float(point.week_cny["all"][0]) <= float(group.week_cny[0]) + 1e-6
    assert min(in_24_hours(day_floor.at(group.on_duty[0]), calls)) >= 0.9 - 1e-9


def test_within_seats_it_is_held_or_refused_with_what_seats_allow() -> None:
    # As many seats as the week without limit fills on its busiest days leave no room for a wrong step.
    peak = int(bought(0.8)[0].coverage.max())
    seated, lists = bought(0.8, most=peak)
    assert seated.coverage.max() <= peak
    assert worst(seated, lists) >= 0.8 - 1e-3
    year = ready(small_staffing(*CERTAIN, EVENINGS, "sites.main.seats=12"))
    lists = PriceLists(year, Aim(None, 1.0, 1.1, 0.0, 0.97))
    with pytest.raises(ScenarioError, match=r"--floor-day = 0\.97") as told:
        points(lists, [PRICE_CNY])
    (most,) = re.findall(r"at most ([\d.]+) here", str(told.value))
    # Twelve agents whenever there are calls answer so much of the 24 hours, and no more.
    there = np.where(year.choices["all"].tours.coverage.any(axis=0), 12, 0)
    calls = year.choices["all"].pool.calls[0]
    assert float(most) == pytest.approx(min(in_24_hours(calls * erlang(lists, there), calls)), abs=2e-3)
    assert "to mend: lower it, add seats" in str(told.value)


def test_a_plan_holds_it_in_the_year_planned_for() -> None:
    changes = ("targets.connection_rate.at_least=0.8", "targets.asa.at_most_s=60", EVENINGS)
    asked = Asked(probability=0.5, floor=0.0, years=10, seed=3)
    worsts, costs = [], []
    for floor_day in (0.0, 0.95):
        plan = staff(small_staffing(*changes), replace(asked, floor_day=floor_day))
        variation = plan.year.scenario.demand.variation
        factor = float(mean_one(np.array([0.5]), variation.year_cv, variation.distribution)[0])
        choice = plan.year.choices["all"]
        share, _ = choice.curves.at(plan.tours.groups["all"].on_duty.astype(float), factor)
        worsts.append(min(in_24_hours(choice.pool.calls[0] * share[0], choice.pool.calls[0])))
        costs.append(plan.bill.total_wan)
    assert worsts[0] < 0.93
    assert worsts[1] >= 0.95 - 1e-6
    assert costs[1] > costs[0]
