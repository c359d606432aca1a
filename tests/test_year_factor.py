"""What the months passed say of the year's forecast error: by hand, and against brute force."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_year import small_year

from sim import uniforms
from sim.demand.factors import mean_one, rate_factors
from sim.demand.rates import expected_rates
from sim.demand.window import Window
from sim.engine.inputs import prepare
from sim.experiment.actuals import COLUMNS, Actuals
from sim.experiment.year_factor import YearFactor, conditioned, first_attempts, noise_cv, updated, year_factor
from sim.measures import NAMES
from sim.scenario.demand import DemandVariation


def cv_of(variance):
    """Return the coefficient of variation of a lognormal whose logarithm has a variance."""
    return math.sqrt(math.expm1(variance))


def test_the_update_by_hand():
    # Precisions 100 and 400 make 500; (100 * -0.005 + 400 * (0.05 + 0.00125)) / 500 = 20 / 500.
    mean, cv = updated(cv_of(0.01), math.exp(0.05), cv_of(0.0025))
    assert math.log(mean) - 0.002 / 2 == pytest.approx(0.04)
    assert cv == pytest.approx(cv_of(0.002))


def test_without_a_forecast_error_nothing_is_learnt():
    assert updated(0.0, 1.3, 0.01) == (1.0, 0.0)


@given(st.floats(0.01, 0.5), st.floats(0.001, 0.2), st.floats(0.5, 2.0))
def test_what_is_thought_lies_between_before_and_seen_and_is_surer(prior, noise, seen):
    mean, cv = updated(prior, seen, noise)
    assert cv < min(prior, noise) * (1 + 1e-9)
    # Up to half the variances, which the means of lognormals have.
    slack = math.exp(prior**2 + noise**2)
    assert min(1.0, seen) / slack <= mean <= max(1.0, seen) * slack


@pytest.mark.parametrize(("seen", "noise"), [(1.08, 0.02), (0.93, 0.05), (1.2, 0.1)])
def test_the_update_against_weighting_many_years_by_their_likelihood(seen, noise):
    rng = np.random.default_rng(4)
    years = mean_one(rng.random(400_000), 0.1, "lognormal")
    # The likelihood of what was seen, written from the density of a lognormal of mean 1.
    spread = math.log1p(noise**2)
    weights = np.exp(-((np.log(seen / years) + spread / 2) ** 2) / (2 * spread))
    mean = np.average(years, weights=weights)
    cv = math.sqrt(np.average((years - mean) ** 2, weights=weights)) / mean
    error = cv / math.sqrt(weights.sum() ** 2 / (weights**2).sum())
    found = updated(0.1, seen, noise)
    assert found[0] == pytest.approx(mean, rel=5 * error)
    assert found[1] == pytest.approx(cv, rel=0.05)


def test_noise_by_hand():
    # Two like days, 200 calls: 0.1² (1/4 + 1/4 + 2/4 * 0.5) + 1/200.
    variation = DemandVariation(day_cv=0.1, day_autocorrelation=0.5)
    assert noise_cv(np.array([100.0, 100.0]), variation) ** 2 == pytest.approx(0.01 * 0.75 + 0.005)
    # One day of 96 like slots: 0.2² * 1.01 / 96 + 0.1² + 1/50.
    variation = DemandVariation(day_cv=0.1, slot_cv=0.2)
    assert noise_cv(np.array([50.0]), variation) ** 2 == pytest.approx(0.04 * 1.01 / 96 + 0.01 + 0.02)


def test_noise_against_many_simulated_months():
    scenario = small_year("demand.variation.year_cv=0", "demand.variation.day_cv=0.2")
    window = Window(0, 31 * 96)
    rates = expected_rates(scenario, window).sum(axis=1)
    keys = [uniforms.stream_key(9, number) for number in range(1_500)]
    means = np.array([rates @ rate_factors(scenario, window, key) for key in keys])
    totals = np.random.default_rng(1).poisson(means)
    expected = noise_cv(rates.reshape(31, 96).sum(axis=1), scenario.demand.variation)
    # A standard deviation of n totals is known to 1 / sqrt(2 n).
    assert totals.std() / totals.mean() == pytest.approx(expected, rel=4 / math.sqrt(2 * len(keys)))


def test_redials_and_repeats_are_not_taken_for_demand():
    simulated = np.zeros(len(NAMES))
    for name, value in {"offered": 1_100, "answered": 1_000, "redials": 40, "repeats": 20}.items():
        simulated[NAMES.index(name)] = value
    # A failed call brings 0.4 redials, an answered one 0.02 repeats.
    assert first_attempts(simulated, 2_000.0, 1_500.0) == pytest.approx(2_000 - 0.4 * 500 - 0.02 * 1_500)
    assert first_attempts(np.zeros(len(NAMES)), 2_000.0, 1_500.0) == 2_000.0


SURGES = (
    'demand.surge=[{name = "a", from = 2021-03-01T00:00:00, to = 2021-03-20T00:00:00, multiplier = 2.0, known = true},'
    ' {name = "b", from = 2021-03-10T00:00:00, to = 2021-04-01T00:00:00, multiplier = 3.0},'
    ' {name = "c", from = 2021-05-01T00:00:00, to = 2021-05-02T00:00:00, multiplier = 0.0},'
    ' {name = "d", from = 2021-06-01T00:00:00, to = 2021-06-09T00:00:00, multiplier = 1.5, '
    "shape = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0]}]",
)


@pytest.mark.parametrize("mean", [0.8, 1.0, 1.3])
@pytest.mark.parametrize("changes", [(), SURGES, ("horizon.warm_up_days=3",)])
def test_a_year_that_turned_out_otherwise_has_that_much_more_of_all_and_the_same_plan(mean, changes):
    scenario = small_year(*changes)
    other = conditioned(scenario, YearFactor(0.1, mean, 0.01, mean, 0.02))
    before, after = prepare(scenario), prepare(other)
    np.testing.assert_allclose(after.rates, mean * before.rates, rtol=1e-12, atol=1e-12)
    np.testing.assert_array_equal(after.known, before.known)
    np.testing.assert_array_equal(after.rostered, before.rostered)
    assert other.demand.variation.year_cv == 0.02
    assert other.demand.growth == scenario.demand.growth


class Plan:
    """A simulation of one replication without redials or repeats."""

    months = np.zeros((1, 12, len(NAMES), 2))


def actuals(*offered):
    months = tuple(f"2021-{month:02d}" for month in range(1, len(offered) + 1))
    values = tuple(float(calls) for calls in offered)
    known = dict.fromkeys(("offered", "answered", "mean_wait_s"), values)
    return Actuals(months, {name: known.get(name, (None,) * len(values)) for name in COLUMNS})


def test_the_year_factor_of_two_months():
    scenario = small_year("demand.variation.day_cv=0", "demand.variation.slot_cv=0")
    found = year_factor(scenario, actuals(6_500, 5_890), Plan())
    # 200 a day: 6,200 and 5,600 expected; Poisson noise alone.
    assert found.seen == pytest.approx(12_390 / 11_800)
    assert found.noise_cv == pytest.approx(1 / math.sqrt(11_800))
    assert (found.mean, found.cv) == updated(0.1, found.seen, found.noise_cv)
    assert found.low < found.mean < found.high


def test_before_the_first_month_the_year_factor_is_the_scenarios():
    found = year_factor(small_year(), actuals(), Plan())
    assert (found.seen, found.mean, found.cv) == (None, 1.0, 0.1)


def test_no_call_at_all_is_taken_for_very_few():
    found = year_factor(small_year(), actuals(0), Plan())
    assert 0.0 < found.mean < 0.5
