"""Four weeks of a small hotline with shifts and prices, whose staff is found in seconds."""

from __future__ import annotations

import datetime as dt
from typing import Any

from small_year import small_year

from sim.scenario import Scenario, from_dict, load, to_dict

SHIFTS: dict[str, Any] = {
    "early": {"from_h": 8.0, "to_h": 10.0, "every_minutes": 60, "length_h": [8.0]},
    "late": {"from_h": 11.0, "to_h": 12.0, "every_minutes": 60, "length_h": [8.0]},
}
TOURS: dict[str, Any] = {"full": {"shifts": ["early", "late"], "days_on": 5}}


def small_staffing(*changes: str) -> Scenario:
    """Return four weeks with about 2,000 calls a day from 8 to 20 h; prices are those of the shipped baseline."""
    shanghai = to_dict(load("shanghai-2020"))
    small = to_dict(small_year())
    small["types"]["call"]["annual_contacts"] = 730_000
    targets = {**small["targets"], "environmental": shanghai["targets"]["environmental"], "asa": {"at_most_s": 20}}
    tables = {
        **small,
        "name": "small-staffing",
        "horizon": {"start": dt.date(2021, 3, 1), "end": dt.date(2021, 3, 28)},
        "groups": {
            "all": {
                "site": "main",
                "on_duty": {"rule": "erlang-a", "target": {"asa_s": 20}, "minimum": 1},
                "absence": {"rate": 0.03, "cv": 0.5},
            }
        },
        "sites": {"main": {"seats": 60}},
        "targets": targets,
        "shifts": SHIFTS,
        "tours": TOURS,
        "labour": {"hours_week": 40.0},
        **{key: shanghai[key] for key in ("workforce", "posts", "cost")},
    }
    return from_dict(tables, changes)


def small_partner(*changes: str) -> Scenario:
    """Return the same with six of a partner, 8 yuan a call, who are called in for an hour while three callers wait."""
    tables = to_dict(small_staffing())
    price = {"per_call_cny": 8.0}
    tables["groups"]["partner"] = {
        "on_duty": {"all": [0] * 8 + [6] * 12 + [0] * 4},
        "activation": {"waiting": 3, "minimum_h": 1, "price": price},
    }
    tables["types"]["call"]["groups"] = ["all", "partner"]
    return from_dict({**tables, "name": "small-partner"}, changes)
