"""Small random scenarios that switch every rule on and off, with many events in one millisecond."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import numpy as np

from sim.engine.given import Run
from sim.engine.inputs import Plan, prepare
from sim.scenario import Scenario

_BUSY_SLOTS = 10


def random_scenario(number: int) -> tuple[Plan, Run, int]:
    """Return scenario ``number``: its plan, its one replication, and in how many slots its seats were too few.

    Where it has heads of its own, the plan's centre is that of the replication.
    """
    rng = np.random.default_rng([20200101, number])
    tables = _tables(rng)
    first, last = tables["horizon"]["start"], tables["horizon"]["end"]
    if rng.random() < 0.3 + 0.4 * ((last - first).days + tables["horizon"]["warm_up_days"] > 0):
        _add_heads(rng, tables, first, last)
    plan = prepare(Scenario.model_validate(tables, strict=False), first, last)
    centre, run, capped = plan.replication(number, 0)
    plan = replace(plan, centre=centre)
    run = run._replace(grain_ms=int(rng.choice([1, 1_000, 30_000, 60_000])))
    return plan, run, int(capped[plan.window.warm_slots :].sum())


def _tables(rng: np.random.Generator) -> dict[str, Any]:
    def sometimes(share: float) -> bool:
        return bool(rng.random() < share)

    plain = sometimes(0.25)  # only the rules of calls and redials
    called_in = not plain and sometimes(0.5)
    groups = [f"g{i}" for i in range(rng.integers(2 if called_in else 1, 4))]
    types = [f"t{i}" for i in range(rng.integers(1, 5))]
    start = int(rng.integers(0, 96 - _BUSY_SLOTS))
    site = sometimes(0.4)
    repeats = not plain and sometimes(0.4)
    days = int(rng.integers(2, 4)) if repeats else 1 + sometimes(0.1)
    warm_up = int(rng.integers(0, 2)) if days > 1 else 0
    first = dt.date(2020, 2, 28) + dt.timedelta(days=int(rng.integers(0, 4)))  # from Friday to Monday
    activations = _activations(rng, groups, first + dt.timedelta(days=warm_up)) if called_in else {}
    tables = {
        "schema": 1,
        "name": "random",
        "horizon": {
            "start": first + dt.timedelta(days=warm_up),
            "end": first + dt.timedelta(days=days - 1),
            "warm_up_days": warm_up,
        },
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
    if plain:
        return tables
    for kind in tables["types"].values():
        _whole(rng, kind, repeats=repeats)
        # Groups that are called in may never come: the first group is always there.
        if activations and groups[0] not in kind["groups"]:
            kind["groups"].insert(int(rng.integers(0, len(kind["groups"]) + 1)), groups[0])
    for name, group in tables["groups"].items():
        group["novice_share"] = float(rng.choice([0, 0.4]))
        group["task_reserve"] = int(rng.choice([0, 0, 1])) if sometimes(0.8) else [0] * 12 + [1] * 12
        if name in activations:
            group["activation"] = activations[name]
    if sometimes(0.5):
        tables["quality"] = {"novice_on_the_spot_loss": 0.3, "novice_returns": 1.0}
        if sometimes(0.6):
            haste = {"waiting": int(rng.integers(1, 4)), "wrap_factor": 0.7, "returns_factor": 1.5}
            tables["quality"]["haste"] = haste
    if sometimes(0.4):
        accept: Any = 0.7 if sometimes(0.5) else {name: 1.0 for name in types if sometimes(0.6)}
        tables["callback"] = {"threshold_s": float(rng.choice([0, 30, 120, 600])), "accept": accept}
    if sometimes(0.6):
        tables["tasks"] = _tasks(rng, types, groups, start)
    return tables


def _add_heads(rng: np.random.Generator, tables: dict[str, Any], first: dt.date, last: dt.date) -> None:
    """Add heads, about as many as the plan needs, and let a week of theirs end between two days that are simulated.

    In the next week novices have learnt, others have come and some have left.
    """
    tables["horizon"]["start"] = first - dt.timedelta(days=6 if first < last else 7)
    opening = [{"weeks_on_floor": 0, "heads": 0}, {"weeks_on_floor": 200, "heads": 0}]
    count = {
        "opening": opening,
        "lead_weeks": 0,
        "learning": [
            {
                "until_weeks": int(rng.integers(1, 3)),
                "handling_factor": float(rng.choice([1.0, 1.37, 2.0])),
                "on_the_spot_loss": float(rng.choice([0.0, 0.5, 1.0])),
            }
        ],
    }
    tables["workforce"] = {
        "shrinkage": {"leave": 0.1},
        "attrition": float(rng.choice([0.0, 5.0])),
        "training_weeks": 0.0,
        "headcount": count,
    }
    needed = prepare(Scenario.model_validate(tables, strict=False)).needed
    assert needed is not None
    for band in opening:
        band["heads"] = round(needed.balanced * rng.uniform(0.2, 0.7))
    if rng.random() < 0.5:
        joins = tables["horizon"]["start"] + dt.timedelta(weeks=1)
        count["classes"] = [{"start": joins, "heads": round(needed.balanced * rng.uniform(0.0, 0.5))}]


def _activations(rng: np.random.Generator, groups: list[str], day: dt.date) -> dict[str, Any]:
    """Return when groups are called in: one of the second and third, or both, never the first."""
    out: dict[str, Any] = {}
    for name in groups[1:]:
        lends = out.get(groups[1], {}).get("agents_from") == name
        if rng.random() < (0.6 if lends else 0.2):
            continue
        if rng.random() < 0.2:
            out[name] = {
                "from": dt.datetime.combine(day, dt.time(9)),
                "to": dt.datetime.combine(day, dt.time(23, 45)),
            }
            continue
        trigger = str(rng.choice(["offered_last_hour", "waiting", "longest_wait_s"]))
        threshold = {"offered_last_hour": int(rng.integers(3, 13)), "waiting": int(rng.integers(1, 4))}
        out[name] = {
            trigger: threshold.get(trigger, float(rng.choice([30, 300]))),
            "notice_h": float(rng.choice([0, 0, 0.25, 0.75])),
            "minimum_h": float(rng.choice([0, 0.25, 1.0])),
            "rest_h": float(rng.choice([0, 0.25, 0.5])),
        }
        if rng.random() < 0.5:
            out[name]["maximum_h"] = float(rng.choice([1.0, 1.5]))
        if name == groups[1] and len(groups) > 2 and rng.random() < 0.7:
            out[name]["agents_from"] = groups[2]
    return out


def _whole(rng: np.random.Generator, kind: dict[str, Any], *, repeats: bool) -> None:
    """Add to a type what becomes of its calls, beyond redials."""
    resolution = kind["resolution"]
    if repeats:
        share: Any = 0.4 if rng.random() < 0.5 else {"on_the_spot": 0.2, "work_order": 0.6}
        resolution["repeat"] = share
        resolution["repeat_delay_days"] = 1.0 if rng.random() < 0.5 else [0.0, 1.0, 2.6]
        resolution["max_episodes"] = int(rng.integers(2, 5))
    if rng.random() < 0.4:
        resolution["satisfaction_per_wait_minute"] = -0.3
        resolution["satisfied_on_the_spot"] = 0.8
    if rng.random() < 0.4:
        resolution["satisfaction_per_order_day"] = -0.2
        resolution["order_days"] = 5.0 if rng.random() < 0.3 else [1.0, 3.0, 9.0]
    if rng.random() < 0.4:
        kind["transfer"] = {"share": 0.5, "consult": _duration(rng, 240), "on_the_spot": 0.8}
        if rng.random() < 0.5:
            kind["transfer"]["leaves_after_s"] = float(rng.choice([0, 60]))
    if rng.random() < 0.4:
        kind["patience"]["announcement"] = {"at_s": float(rng.choice([30, 60, 120])), "hang_up_share": 0.4}


def _tasks(rng: np.random.Generator, types: list[str], groups: list[str], start: int) -> dict[str, Any]:
    """Return one to three kinds of task: the last with arrivals of its own, then what comes after calls and tasks."""
    kinds: dict[str, Any] = {}
    written = rng.random() < 0.6
    sources = [*types, *(["letter"] if written else [])]
    events = ["on_the_spot", "work_order", "answer", "return"]
    if rng.random() < 0.8 or not written:
        kinds["review"] = _task(rng, groups, start) | {"after": _links(rng, sources, str(rng.choice(events)))}
    if rng.random() < 0.6:
        chains = [*events, *(["tasks.review"] * 4 if "review" in kinds else []), *(["tasks.letter"] if written else [])]
        kinds["follow"] = _task(rng, groups, start) | {"after": _links(rng, sources, str(rng.choice(chains)))}
        kinds["follow"]["asks"] = {"reached": 0.7}
    if written:
        per_hour = np.zeros(96)
        per_hour[start : start + _BUSY_SLOTS] = rng.choice([0.0, 4.0, 16.0], _BUSY_SLOTS)
        kinds["letter"] = _task(rng, groups, start) | {
            "per_hour": [float(x) for x in per_hour],
            "work_order_share": float(rng.choice([0, 0.6])),
            "responsible_return": 0.4,
            "satisfied": 0.7,
        }
    return kinds


def _links(rng: np.random.Generator, sources: list[str], event: str) -> list[dict[str, Any]]:
    """Return the links from an event; sometimes, from either of two that exclude one another."""
    events = ["on_the_spot", "work_order"] if event == "answer" and rng.random() < 0.5 else [event]
    links = []
    for name in events:
        delays = [0.0, 0.0, 0.25, 1.0, [0.0, 0.5, 2.0]]
        link: dict[str, Any] = {"event": name, "delay_h": delays[int(rng.integers(0, len(delays)))]}
        link["probability"] = float(rng.choice([0.4, 1.0]))
        if rng.random() < 0.2:
            link["types"] = [str(rng.choice(sources))]
        links.append(link)
    return links


def _task(rng: np.random.Generator, groups: list[str], start: int) -> dict[str, Any]:
    """Return what every kind of task has."""
    out: dict[str, Any] = {
        "handling": _duration(rng, int(rng.choice([120, 600]))),
        "due": {"working_days": int(rng.integers(1, 3))}
        if rng.random() < 0.2
        else {"hours": float(rng.choice([1, 4]))},
        "groups": [str(name) for name in rng.permutation(groups)[: rng.integers(1, len(groups) + 1)]],
        "days": str(rng.choice(["all", "all", "workday"])),
    }
    if rng.random() < 0.3:
        out["hours"] = {"from_h": min(23, start // 4 + 1), "to_h": 24}
    return out


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
