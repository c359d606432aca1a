"""From a scenario to the arrays the engines read."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pytest

from sim.demand import draws
from sim.engine import rules
from sim.engine.inputs import prepare
from sim.engine.rules import Centre
from sim.scenario import load, to_dict
from sim.scenario.load import from_dict


def centre(**changes: dict[str, Any]) -> Centre:
    """Return the one-day centre, with keys of its type ``help`` or of whole tables changed."""
    tables = to_dict(load("one-day"))
    for path, change in changes.items():
        table = (
            tables["types"]["help"]
            if path == "help"
            else tables["groups"]["general"]
            if path == "general"
            else tables[path]
        )
        table |= change
    tables["sources"] = {}
    return prepare(from_dict(tables)).centre


def test_redials_end_with_the_last_attempt() -> None:
    redial = {
        "probability": [0.9, 0.6],
        "delay": {"fixed": {"s": 60.0}},
        "max_attempts": 5,
        "patience": "new",
        "handling": "same",
    }
    chances = centre(help={"redial": redial}).redial[1]
    # After attempts 1 to 4 there may be another; the list's last number repeats; after the fifth nobody calls again.
    assert chances[:7].tolist() == [0.0, 0.9, 0.6, 0.6, 0.6, 0.0, 0.0]


def test_need_is_the_types_else_the_groups_and_one_at_least() -> None:
    need = centre(help={"reserve": {"specialist": 2}}, general={"reserve": 3}).need
    assert need[1].tolist() == [3, 2]  # groups: general, specialist
    assert need[0, 0] == 3
    assert centre().need[1].tolist() == [1, 1]


def test_groups_in_order_of_preference_and_types_in_order_of_priority() -> None:
    found = centre(help={"priority": 1}, types={})
    assert found.order.tolist() == [[0, -1], [1, 0]]
    assert centre(help={"priority": 2}).served.tolist() == [[0, 1], [1, -1]]


def test_thresholds_are_waits_in_the_queue() -> None:
    # The one-day centre rings for 3 s and its answer time counts the ring: 8 s leave 5 s for the queue.
    assert centre().within_ms.tolist() == [5_000, 12_000, 17_000]
    only_queue = centre(targets={"asa": {"at_most_s": 8.0, "counts": ["queue"]}})
    assert only_queue.within_ms.tolist() == [8_000, 15_000, 20_000]


def test_speed_is_by_week_from_the_horizons_start() -> None:
    start = dt.date(2020, 3, 16)
    dated = [{"value": 1.2, "from": start}, {"value": 1.05, "from": start + dt.timedelta(days=7)}]
    speed = centre(general={"speed": dated}).speed
    assert speed[0, :3].tolist() == [1200, 1050, 1050]
    assert speed[1, :2].tolist() == [1000, 1000]


def test_more_contacts_in_a_slot_than_can_be_numbered_are_refused() -> None:
    tables = to_dict(load("one-day"))
    tables["types"]["help"]["per_hour"] = [100_000.0] * 24
    tables["demand"]["growth"] = 10.0  # 275,000 a slot: can be simulated
    tables["sources"] = {}
    prepare(from_dict(tables))
    day = tables["horizon"]["start"]
    surge = {"name": "flood", "from": dt.datetime(day.year, day.month, day.day, 9), "multiplier": 5.0}
    tables["demand"]["surge"] = [surge | {"to": dt.datetime(day.year, day.month, day.day, 10)}]
    with pytest.raises(ValueError, match=r"1,375,000 contacts in one 15 minutes; up to 1,000,000"):
        prepare(from_dict(tables))


@pytest.mark.parametrize(
    "law",
    [
        {"exponential": {"mean_s": 100.0}},
        {"lognormal": {"mean_s": 100.0, "cv": 0.9}},
        {"gamma": {"mean_s": 100.0, "cv": 0.7}},
        {"weibull": {"shape": 0.8, "scale_s": 90.0}},
        {"uniform": {"low_s": 50.0, "high_s": 150.0}},
        {"fixed": {"s": 100.0}},
        {"quantiles": [0.0, 50.0, 90.0, 400.0]},
    ],
)
def test_a_distribution_has_the_mean_it_says(law: dict[str, Any]) -> None:
    tables = to_dict(load("one-day"))
    tables["types"]["help"]["talk"] = law
    tables["sources"] = {}
    scenario = from_dict(tables)
    params, table = prepare(scenario).centre.dists
    row = rules.TALK * 2 + 1
    u = (np.arange(200_000) + 0.5) / 200_000
    drawn = np.mean([draws.duration_ms(params, table, row, x) for x in u[::10]]) / 1000
    assert drawn == pytest.approx(scenario.types["help"].talk.mean_s, rel=5e-3)
