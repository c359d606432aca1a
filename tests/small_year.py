"""A year of a very small hotline, quick to simulate, and its months replication by replication."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import numpy as np

from sim.cost.drivers import plan as plan_drivers
from sim.cost.lines import price
from sim.engine.inputs import prepare
from sim.experiment.cases import Outcomes
from sim.experiment.gather import Progress, Settings
from sim.experiment.measured_plan import extras_by_period
from sim.experiment.replicate import cut, replicate
from sim.measures import NAMES
from sim.scenario import Scenario, from_dict
from sim.scenario.money import LINES
from sim.targets import Spending, evaluate


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


def simulate_with_months(
    cases: Mapping[str, Scenario], settings: Settings, progress: Progress | None = None
) -> dict[str, Outcomes]:
    """Return what ``simulate_cases`` does, with the months of each replication."""
    return {name: _outcomes(scenario, settings) for name, scenario in cases.items()}


def _outcomes(scenario: Scenario, settings: Settings) -> Outcomes:
    plan = prepare(scenario)
    pieces = cut(plan, None)
    bill = price(scenario, plan_drivers(scenario)) if scenario.cost is not None else None
    extras = extras_by_period(plan, pieces, bill)
    numbers = tuple(range(settings.replications))
    parts = [replicate(plan, pieces, extras, settings.seed, number, settings.engine, None) for number in numbers]
    year = np.array([part.year for part in parts])
    pairs = {name: year[:, i] for i, name in enumerate(NAMES)}
    lines = {key: np.full(len(numbers), bill.line(key).wan) for key in LINES} if bill is not None else {}
    return Outcomes(
        scenario=scenario,
        numbers=numbers,
        pairs=pairs,
        months=np.array([part.months for part in parts]),
        month_labels=tuple(month.label for month in pieces.months),
        lines_wan=lines,
        targets=evaluate(scenario, pairs, Spending(None, None), whole=True),
        bill=bill,
    )
