import datetime as dt

import numpy as np
import pytest
from scipy import stats

from sim.demand.factors import mean_one, rate_factors
from sim.demand.window import Window
from sim.scenario import Scenario
from sim.uniforms import stream_key

D = dt.date
FIRST, LAST = D(2020, 1, 1), D(2020, 12, 31)


def scenario(start=FIRST, end=LAST, warm_up_days=0, types=("a",), **variation):
    kind = {
        "annual_contacts": 1000.0,
        "groups": ["all"],
        "talk": {"fixed": {"s": 60.0}},
        "patience": {"never": True},
    }
    return Scenario.model_validate(
        {
            "schema": 1,
            "name": "test",
            "horizon": {"start": start, "end": end, "warm_up_days": warm_up_days},
            "demand": {"variation": variation},
            "types": dict.fromkeys(types, kind),
            "groups": {"all": {"on_duty": {"all": 5}}},
        }
    )


ALL = {"year_cv": 0.05, "day_cv": 0.2, "day_autocorrelation": 0.5, "slot_cv": 0.1}


def test_without_variation_the_factor_is_one():
    s = scenario(day_autocorrelation=0.9)
    assert np.array_equal(rate_factors(s, Window.of(s), stream_key(1, 1)), np.ones(366 * 96))


@pytest.mark.parametrize("distribution", ["lognormal", "gamma"])
@pytest.mark.parametrize("cv", [0.05, 0.4, 1.5])
def test_quantiles_are_those_of_the_law_with_mean_one(distribution, cv):
    u = (np.arange(40_000) + 0.5) / 40_000
    values = mean_one(u, cv, distribution)
    if distribution == "gamma":
        law = stats.gamma(cv**-2, scale=cv**2)
    else:
        law = stats.lognorm(np.sqrt(np.log1p(cv**2)), scale=(1 + cv**2) ** -0.5)
    assert law.mean() == pytest.approx(1.0)
    assert law.std() == pytest.approx(cv)
    np.testing.assert_allclose(values, law.ppf(u), rtol=1e-9)


@pytest.mark.parametrize("distribution", ["lognormal", "gamma"])
def test_day_factors_have_the_stated_moments(distribution):
    s = scenario(day_cv=0.3, day_autocorrelation=0.6, distribution=distribution)
    window = Window.of(s)
    days = np.array([rate_factors(s, window, stream_key(7, r)).reshape(366, 96) for r in range(400)])
    assert np.all(days == days[:, :, :1])  # a day has one factor
    f = days[:, :, 0]
    # A replication's mean has the variance of an autocorrelated chain: about cv² (1+φ)/(1-φ) / days.
    error = 0.3 * np.sqrt(4.0 / f.size)
    assert abs(f.mean() - 1.0) < 4.0 * error
    assert f.std() == pytest.approx(0.3, rel=0.03)
    lag = np.corrcoef(f[:, :-1].ravel(), f[:, 1:].ravel())[0, 1]
    assert lag == pytest.approx(0.6, abs=0.02)
    # Stationary from the first day on: the first day varies like the others.
    assert f[:, 0].std() == pytest.approx(0.3, rel=0.15)


def test_the_year_factor():
    s = scenario(end=D(2021, 6, 30), year_cv=0.1)
    window = Window.of(s)
    f = np.array([rate_factors(s, window, stream_key(3, r))[[0, 366 * 96 - 1, 366 * 96, -1]] for r in range(3000)])
    assert np.array_equal(f[:, 0], f[:, 1])  # one for each calendar year
    assert np.array_equal(f[:, 2], f[:, 3])
    for year in (0, 2):
        assert abs(f[:, year].mean() - 1.0) < 4.0 * 0.1 / np.sqrt(3000)
        assert f[:, year].std() == pytest.approx(0.1, rel=0.06)
    assert abs(np.corrcoef(f[:, 0], f[:, 2])[0, 1]) < 0.08


def test_slot_factors_are_independent():
    s = scenario(slot_cv=0.25)
    f = rate_factors(s, Window.of(s), stream_key(5, 0))
    assert abs(f.mean() - 1.0) < 4.0 * 0.25 / np.sqrt(f.size)
    assert f.std() == pytest.approx(0.25, rel=0.03)
    assert abs(np.corrcoef(f[:-1], f[1:])[0, 1]) < 4.0 / np.sqrt(f.size)


def test_the_three_multiply():
    key = stream_key(11, 2)
    alone = [
        rate_factors(s := scenario(**part), Window.of(s), key)
        for part in ({"year_cv": 0.05}, {"day_cv": 0.2, "day_autocorrelation": 0.5}, {"slot_cv": 0.1})
    ]
    s = scenario(**ALL)
    assert rate_factors(s, Window.of(s), key) == pytest.approx(alone[0] * alone[1] * alone[2], rel=1e-14)


def test_the_same_through_any_window():
    key = stream_key(11, 2)
    s = scenario(**ALL)
    whole = rate_factors(s, Window.of(s), key)
    part = rate_factors(s, Window.of(s, D(2020, 5, 1), D(2020, 5, 7)), key)
    assert np.array_equal(part, whole[121 * 96 : 128 * 96])
    odd = rate_factors(s, Window(1000, 50, 5), key)
    assert np.array_equal(odd, whole[1000:1055])
    # A horizon that starts later in the year looks at the same chain.
    later = scenario(start=D(2020, 5, 1), **ALL)
    assert np.array_equal(rate_factors(later, Window.of(later), key), whole[121 * 96 :])


def test_a_warm_up_before_the_chain_has_the_first_days_factor():
    key = stream_key(2, 1)
    s = scenario(warm_up_days=3, year_cv=0.1, day_cv=0.2)
    f = rate_factors(s, Window.of(s), key).reshape(369, 96)
    assert np.all(f[:3] == f[3, 0])
    assert f[4, 0] != f[3, 0]
    # Slots of the warm-up still have their own.
    slots = scenario(warm_up_days=3, slot_cv=0.2)
    assert np.unique(rate_factors(slots, Window.of(slots), key)).size == 369 * 96


def test_types_and_replications():
    one, two = scenario(**ALL), scenario(types=("b", "a", "c"), **ALL)
    window = Window.of(one)
    assert np.array_equal(rate_factors(one, window, stream_key(1, 4)), rate_factors(two, window, stream_key(1, 4)))
    assert not np.any(rate_factors(one, window, stream_key(1, 4)) == rate_factors(one, window, stream_key(1, 5)))
