"""A year of a very small hotline, quick to simulate."""

from __future__ import annotations

import datetime as dt

from sim.scenario import Scenario, from_dict


def small_year(*changes: str) -> Scenario:
    """Return a year with about 200 calls a day, for which three agents are hardly enough."""
    tables = {
        "schema": 1,
        "name": "small-year",
        "horizon": {"start": dt.date(2021, 1, 1), "end": dt.date(2021, 12, 31)},
        "demand": {
            "shape": {"all": [0] * 8 + [1] * 12 + [0] * 4},
            "variation": {"year_cv": 0.1, "day_cv": 0.08, "day_autocorrelation": 0.5, "slot_cv": 0.05},
        },
        "types": {
            "call": {
                "annual_contacts": 73_000,
                "priority": 1,
                "groups": ["all"],
                "talk": {"exponential": {"mean_s": 240}},
                "wrap": {"fixed": {"s": 30}},
                "patience": {"exponential": {"mean_s": 200}},
                "redial": {"probability": 0.4, "delay": {"exponential": {"mean_s": 600}}, "max_attempts": 3},
                "resolution": {"on_the_spot": 0.8},
            }
        },
        "groups": {"all": {"on_duty": {"all": 3}}},
        "greeting": {"ring_s": 3},
        "targets": {"connection_rate": {"at_least": 0.95}, "asa": {"at_most_s": 10}, "fcr": {"at_least": 0.5}},
    }
    return from_dict(tables, changes)
