"""A change shared out over its causes: against hand calculation, the definition by orders, and what always holds."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.experiment.shapley import MOST_EXACT, coalitions, shares

NUMBERS = st.floats(-1e6, 1e6)


def values_of(function, causes):
    return {chosen: np.array([function(chosen)], float) for chosen in coalitions(causes)}


@st.composite
def set_functions(draw, most=9):
    causes = draw(st.integers(0, most))
    return causes, {chosen: np.array([draw(NUMBERS), draw(NUMBERS)]) for chosen in coalitions(causes)}


@settings(deadline=None)
@given(set_functions())
def test_shares_sum_to_the_difference(drawn):
    causes, values = drawn
    whole = values[frozenset(range(causes))] - values[frozenset()]
    largest = max(float(np.abs(value).max()) for value in values.values())
    assert shares(values).shape == (causes, 2)
    np.testing.assert_allclose(shares(values).sum(axis=0), whole, rtol=1e-9, atol=1e-9 * largest)


def test_two_causes_by_hand():
    # Alone 5 and 2, together 10: what is more than the sum, 3, is halved.
    game = {frozenset(): 1.0, frozenset({0}): 6.0, frozenset({1}): 3.0, frozenset({0, 1}): 11.0}
    assert shares(values_of(game.__getitem__, 2))[:, 0] == pytest.approx([6.5, 3.5])


def test_three_causes_by_hand():
    # Shapley's glove game: the holder of the left glove (0) and two of right ones (1, 2); a pair is worth 1.
    def pairs(chosen):
        return float(0 in chosen and len(chosen) > 1)

    assert shares(values_of(pairs, 3))[:, 0] == pytest.approx([4 / 6, 1 / 6, 1 / 6])


@settings(deadline=None)
@given(set_functions(most=4))
def test_up_to_six_causes_it_is_the_mean_over_all_orders(drawn):
    causes, values = drawn
    found = np.zeros((causes, 2))
    for order in itertools.permutations(range(causes)):
        for place, cause in enumerate(order):
            found[cause] += values[frozenset(order[: place + 1])] - values[frozenset(order[:place])]
    np.testing.assert_allclose(shares(values), found / math.factorial(causes), rtol=1e-9, atol=1e-3)


def test_past_six_causes_it_is_the_mean_of_two_orders_by_hand():
    # Each pair of neighbours (0, 1), (1, 2) … adds 1 once both are there: in either order the later one has it.
    def neighbours(chosen):
        return float(sum(cause + 1 in chosen for cause in chosen))

    # Forwards all but the first bring 1, backwards all but the last.
    assert shares(values_of(neighbours, 8))[:, 0] == pytest.approx([0.5, *[1.0] * 6, 0.5])


@pytest.mark.parametrize("causes", range(1, 10))
def test_causes_that_do_not_touch_each_other_have_what_they_do_alone(causes):
    alone = [2.0**cause for cause in range(causes)]
    found = shares(values_of(lambda chosen: sum(alone[cause] for cause in chosen), causes))
    assert found[:, 0] == pytest.approx(alone)


@pytest.mark.parametrize("causes", range(10))
def test_how_many_mixtures_are_needed(causes):
    sets = coalitions(causes)
    assert len(set(sets)) == len(sets) == (2**causes if causes <= MOST_EXACT else 2 * causes)
    assert sets[0] == frozenset()
    assert sets[-1] == frozenset(range(causes))
