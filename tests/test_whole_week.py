"""Weeks of whole agents: nobody who is worth it is left out, nobody stays who is not, and needs are covered."""

from __future__ import annotations

import numpy as np
import pytest
from small_staffing import small_staffing

from sim.scenario import ScenarioError
from sim.staffing.rosters import covered
from sim.staffing.weeks import typical_weeks
from sim.staffing.whole_week import Search, Worth, joined, sent_home
from sim.staffing.year_tours import Need
from sim.workforce.tours import WEEK_STEPS, Tours, weekly_tours

AGENTS = 40
STEPS = np.arange(WEEK_STEPS)


def two_kinds() -> Tours:
    """Return tours of five days, and of three, in which one agent in five may be."""
    part = "part={shifts=['early'],days_on=3,max_share=0.2}"
    full = "full={shifts=['early','late'],days_on=5}"
    return weekly_tours(small_staffing(f"tours={{{part},{full}}}"), "all")


@pytest.mark.parametrize("seats", [np.inf, 9.0])
@pytest.mark.parametrize("seed", range(4))
def test_nobody_more_is_worth_the_cost_and_nobody_there_is_not(seed: int, seats: float) -> None:
    draw, tours = np.random.default_rng(seed), two_kinds()
    cost = draw.uniform(800.0, 1_200.0, len(tours)) * np.where(tours.days < 5, 0.4, 1.0)
    open_ = tours.coverage.any(axis=0)
    least = np.where(open_, draw.integers(0, 3, WEEK_STEPS), 0)
    gain = draw.uniform(20.0, 90.0, WEEK_STEPS)[:, None] * draw.uniform(0.7, 0.9) ** np.arange(AGENTS)
    lists = Search(tours, cost, Worth(least, np.full(WEEK_STEPS, seats), gain)).for_kernels()
    saves = np.where(np.arange(AGENTS) < least[:, None], 1e6, gain)
    counts = np.zeros(len(tours), np.int64)

    def checked(there: np.ndarray) -> None:
        assert there.tolist() == [counts[tours.coverage[:, step] > 0].sum() for step in STEPS]
        assert counts[tours.kind == tours.kinds.index("part")].sum() <= 0.2 * counts.sum()

    there = joined(lists, counts)
    checked(there)
    assert (there <= seats).all()
    for tour, works in enumerate(tours.coverage > 0):
        one_more = (counts[tours.kind == tours.kind[tour]].sum() + 1) / (counts.sum() + 1)
        may = (there[works] < seats).all() and one_more <= tours.max_shares[tours.kind[tour]]
        assert saves[STEPS, np.minimum(there, AGENTS - 1)][works].sum() <= cost[tour] + 1e-6 or not may
    # One more in every full-time tour: most of them are too many.
    counts += tours.kind == tours.kinds.index("full")
    there, before = tours.on_duty(counts), int(counts.sum())
    sent_home(lists, counts, there)
    checked(there)
    assert counts.sum() < before
    for tour in np.flatnonzero(counts):
        last = saves[STEPS, np.maximum(there - 1, 0)][tours.coverage[tour] > 0].sum()
        with_one_less = counts - (np.arange(len(tours)) == tour)
        assert last >= cost[tour] - 1e-6 or not tours.shares_kept(with_one_less)


@pytest.mark.parametrize("seed", range(3))
def test_found_quickly_a_need_is_covered_for_about_as_much(seed: int) -> None:
    scenario = small_staffing()
    weeks = typical_weeks(scenario)
    needed = np.random.default_rng(seed).integers(3, 12, (len(weeks), WEEK_STEPS))
    needs = {"all": Need.at_once(np.where(weekly_tours(scenario, "all").coverage.any(axis=0), needed, 0))}
    quick, slow = (
        covered(scenario, weeks, needs, gap=0.01, seconds=2.0, quickly=quickly)["all"] for quickly in (True, False)
    )
    assert (quick.on_duty >= needs["all"].required).all()
    assert quick.week_cny is not None
    assert slow.week_cny is not None
    # Each says how much cheaper there may be: the other is not cheaper than that.
    assert (quick.week_cny * (1.0 - quick.gap) <= slow.week_cny + 1e-6).all()
    assert (slow.week_cny * (1.0 - slow.gap) <= quick.week_cny + 1e-6).all()
    assert (quick.gap <= 0.1).all()


def test_found_quickly_or_not_what_no_tour_covers_is_refused() -> None:
    scenario = small_staffing()
    weeks = typical_weeks(scenario)
    at_night = {"all": Need.at_once(np.where(STEPS % 48 < 4, 1, 0)[None].repeat(len(weeks), axis=0))}
    for quickly in (True, False):
        with pytest.raises(ScenarioError, match="agents only while a tour of"):
            covered(scenario, weeks, at_night, gap=0.01, seconds=1.0, quickly=quickly)
