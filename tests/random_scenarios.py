"""Small random scenarios that switch every rule on and off, with many events in one millisecond."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.engine.inputs import Plan, prepare
from sim.engine.rules import Run
from sim.scenario import Scenario

_BUSY_SLOTS = 10


def random_scenario(number: int) -> tuple[Plan, Run, int]:
    """Return scenario ``number``: its plan, its one replication, and in how many slots its seats were too few."""
    rng = np.random.default_rng([20200101, number])
    scenario = Scenario.model_validate(_tables(rng), strict=False)
    plan = prepare(scenario)
    run, capped = plan.run(number, 0)
    run = run._replace(grain_ms=int(rng.choice([1, 1_000, 30_000, 60_000])))
    return plan, run, int(capped[plan.window.warm_slots :].sum())


def _tables(rng: np.random.Generator) -> dict[str, Any]:
    def sometimes(share: float) -> bool:
        return bool(rng.random() < share)

    groups = [f"g{i}" for i in range(rng.integers(1, 4))]
    types = [f"t{i}" for i in range(rng.integers(1, 5))]
    start = int(rng.integers(0, 96 - _BUSY_SLOTS))
    site = sometimes(0.4)
    return {
        "schema": 1,
        "name": "random",
        "horizon": {"start": "2020-03-02", "end": "2020-03-02"},
        "calendar": {"country": "none"},
        "demand": {
            "within_slot": str(rng.choice(["uniform", "linear"])),
            "variation": {"day_cv": 0.3, "slot_cv": 0.3} if sometimes(0.3) else {},
        },
        "types": {name: _type(rng, groups, start) for name in types},
        "groups": {
            name: {
                "on_duty": {"all": _roster(rng, start)},
                "speed": float(rng.choice([0.83, 1.0, 1.0, 1.25])),
                "reserve": int(rng.choice([0, 0, 1, 2])),
                "absence": {"rate": 0.1, "cv": 0.5} if sometimes(0.3) else {},
                **({"site": "main"} if site else {}),
            }
            for name in groups
        },
        "sites": {"main": {"seats": int(rng.integers(1, 4))}} if site else {},
        **({"lines": {"count": int(rng.integers(1, 9))}} if sometimes(0.5) else {}),
        "greeting": {
            "announcement_s": float(rng.choice([0, 0, 10, 60])),
            "ring_s": float(rng.choice([0, 0, 3, 30])),
            "contained_share": float(rng.choice([0, 0, 0.2])),
        },
    }


def _roster(rng: np.random.Generator, start: int) -> list[int]:
    """Return agents by slot: they come and go while the calls come, and a few stay so that all is done at last."""
    roster = np.full(96, int(rng.integers(0, 2)))
    roster[start : start + _BUSY_SLOTS] = rng.integers(0, 5, _BUSY_SLOTS)
    roster[95] = 3
    return [int(n) for n in roster]


def _type(rng: np.random.Generator, groups: list[str], start: int) -> dict[str, Any]:
    chosen = [str(name) for name in rng.permutation(groups)[: rng.integers(1, len(groups) + 1)]]
    per_hour = np.zeros(96)
    per_hour[start : start + _BUSY_SLOTS] = rng.choice([0.0, 4.0, 12.0, 24.0], _BUSY_SLOTS)
    if rng.random() < 0.1:
        per_hour[90:] = 20.0  # still busy when the day ends
    out: dict[str, Any] = {
        "per_hour": [float(x) for x in per_hour],
        "priority": int(rng.integers(1, 4)),
        "groups": chosen,
        "routing": str(rng.choice(["preference", "preference", "longest_idle", "random"])),
        "reserve": {name: int(rng.integers(1, 3)) for name in chosen if rng.random() < 0.2},
        "join_after_s": {name: float(rng.choice([0, 30, 60])) for name in chosen[1:] if rng.random() < 0.5},
        "talk": _duration(rng, 600),
        "wrap": _duration(rng, 120),
        "patience": _patience(rng),
        "resolution": {"on_the_spot": 0.6, "responsible_return": 0.3, "satisfied_work_order": 0.5},
    }
    if rng.random() < 0.5:
        out["wrap_work_order"] = _duration(rng, 300)
    if rng.random() < 0.8:
        out["redial"] = {
            "probability": [0.9, 0.6] if rng.random() < 0.5 else 0.7,
            "delay": _duration(rng, 240),
            "max_attempts": int(rng.integers(2, 6)),
            "patience": str(rng.choice(["new", "same"])),
            "handling": str(rng.choice(["same", "new"])),
        }
    return out


def _duration(rng: np.random.Generator, mean_s: int) -> dict[str, Any]:
    laws: list[dict[str, Any]] = [
        {"fixed": {"s": float(60 * rng.integers(0, max(2, mean_s // 40)))}},
        {"fixed": {"s": float(mean_s)}},
        {"exponential": {"mean_s": float(mean_s)}},
        {"lognormal": {"mean_s": float(mean_s), "cv": 0.9}},
        {"gamma": {"mean_s": float(mean_s), "cv": 1.2}},
        {"weibull": {"shape": 0.8, "scale_s": float(mean_s)}},
        {"uniform": {"low_s": 0.0, "high_s": float(2 * mean_s)}},
        {"quantiles": [0.0, float(mean_s), float(mean_s), float(3 * mean_s)]},
    ]
    return laws[int(rng.choice([0, 0, 0, 1, 1, 2, 3, 4, 5, 6, 7]))]


def _patience(rng: np.random.Generator) -> dict[str, Any]:
    if rng.random() < 0.1:
        return {"never": True}
    return {**_duration(rng, int(rng.choice([30, 120, 600]))), "immediate_share": float(rng.choice([0, 0.1]))}
