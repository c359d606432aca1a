"""The means of the distributions, against their definitions; tables by time of day."""

from __future__ import annotations

import math

import pytest
from scipy import integrate, stats

from sim.scenario.distributions import Distribution, Patience
from sim.scenario.tables import OnDutyTable, ShapeTable, by_slot


@pytest.mark.parametrize(
    ("table", "mean_s"),
    [
        ({"exponential": {"mean_s": 60}}, 60.0),
        ({"lognormal": {"mean_s": 200, "cv": 0.9}}, 200.0),
        ({"gamma": {"mean_s": 45, "cv": 1.5}}, 45.0),
        ({"weibull": {"shape": 1, "scale_s": 70}}, 70.0),  # shape 1 is the exponential
        ({"weibull": {"shape": 0.5, "scale_s": 70}}, 140.0),  # Γ(3) = 2
        ({"uniform": {"low_s": 180, "high_s": 420}}, 300.0),
        ({"fixed": {"s": 7}}, 7.0),
        ({"quantiles": [0, 10]}, 5.0),  # uniform from 0 to 10
        ({"quantiles": [0, 10, 40]}, 15.0),  # half uniform from 0 to 10, half from 10 to 40: (5 + 25) / 2
    ],
)
def test_mean(table: dict[str, object], mean_s: float) -> None:
    distribution = Distribution.model_validate(table)
    assert distribution.mean_s == pytest.approx(mean_s, rel=1e-12)
    assert distribution.kind == next(iter(table))


def test_weibull_mean_is_the_integral_of_its_survival() -> None:
    law = Distribution.model_validate({"weibull": {"shape": 0.804, "scale_s": 504}})
    assert law.mean_s == pytest.approx(float(stats.weibull_min(0.804, scale=504).mean()), rel=1e-9)


def test_quantiles_mean_is_the_integral_of_the_quantile_function() -> None:
    points = [0.0, 3.0, 3.0, 20.0, 90.0]
    law = Distribution.model_validate({"quantiles": points})

    def quantile(u: float) -> float:
        place = u * 4
        low = min(int(place), 3)
        return points[low] + (points[low + 1] - points[low]) * (place - low)

    exact = sum(integrate.quad(quantile, n / 4, (n + 1) / 4)[0] for n in range(4))
    assert law.mean_s == pytest.approx(exact, rel=1e-12)


def test_patience() -> None:
    never = Patience.model_validate({"never": True})
    assert (never.kind, never.mean_s) == ("never", math.inf)
    law = Patience.model_validate({"exponential": {"mean_s": 1000}, "immediate_share": 0.1})
    assert (law.kind, law.mean_s) == ("exponential", 1000.0)  # of those who do not hang up at once


def test_numbers_by_time_of_day_repeat_to_quarters() -> None:
    hours = tuple(range(24))
    assert by_slot(hours) == tuple(quarter // 4 for quarter in range(96))
    assert by_slot(tuple(range(48))) == tuple(quarter // 2 for quarter in range(96))
    assert by_slot(tuple(range(96))) == tuple(range(96))


def test_a_kind_of_day_left_out_takes_all() -> None:
    roster = OnDutyTable.model_validate({"all": 5, "weekend": [1] * 12 + [2] * 12})
    assert roster.slots("workday") == (5,) * 96
    assert roster.slots("weekend") == (1,) * 48 + (2,) * 48
    shape = ShapeTable.model_validate({"all": [1] * 24, "holiday": [0] * 24})
    assert shape.slots("holiday") == (0.0,) * 96
