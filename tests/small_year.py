"""A year of a very small hotline, quick to simulate, and its months replication by replication."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from sim.engine.inputs import prepare
from sim.experiment import cases
from sim.experiment.cases import Outcomes
from sim.experiment.replicate import cut, replicate
from sim.experiment.run import Settings, extras_by_period
from sim.scenario import Scenario, from_dict


def small_year(*changes: str) -> Scenario:
    """Return a year with about 200 calls a day, for which three agents are hardly enough at noon."""
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
        "targets": {"connection_rate": {"at_least": 0.9}, "asa": {"at_most_s": 20}, "fcr": {"at_least": 0.5}},
    }
    return from_dict(tables, changes)


_real = cases.simulate_cases


def simulate_with_months(cases: Mapping[str, Scenario], settings: Settings, **given: object) -> dict[str, Outcomes]:
    """Return what :func:`simulate_cases` does, with the months of each replication."""
    found = _real(cases, settings, **given)  # type: ignore[arg-type]
    for name, outcomes in found.items():
        plan = prepare(outcomes.scenario)
        pieces = cut(plan, None)
        extras = extras_by_period(plan, pieces, outcomes.bill)
        parts = [replicate(plan, pieces, extras, settings.seed, n, settings.engine, None) for n in outcomes.numbers]
        found[name] = replace(outcomes, months=np.array([part.months for part in parts]))
    return found
