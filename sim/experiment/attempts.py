"""The table of attempts as a Parquet file (optional: every attempt of every replication)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

from sim.engine import rules, structures
from sim.engine.inputs import Plan
from sim.engine.structures import Ints
from sim.terms import SLOT_MS, Kind, Outcome

_TIMES = {
    "arrived_ms": structures.LOG_ARRIVED,
    "queued_ms": structures.LOG_QUEUED,
    "answered_ms": structures.LOG_ANSWERED,
    "talk_end_ms": structures.LOG_TALK_END,
    "free_ms": structures.LOG_FREE,
    "left_ms": structures.LOG_LEFT,
}


def write_attempts(log: Ints, plan: Plan, replication: int, file: Path) -> None:
    """Write one replication's measured attempts, in order of arrival, to a Parquet file."""
    measured_from = (plan.window.first_slot + plan.window.warm_slots) * SLOT_MS
    log = log[log[:, structures.LOG_ARRIVED] >= measured_from]
    contact = log[:, structures.LOG_CONTACT]
    types = np.array([rules.type_of(0)] if contact.size == 0 else (contact >> 20) & 255)
    names = pl.Enum(plan.scenario.type_names)
    groups = pl.Enum(plan.scenario.group_names)
    outcomes = pl.Enum([outcome.name.lower() for outcome in Outcome])
    kinds = pl.Enum([kind.name.lower() for kind in Kind])
    pl.DataFrame(
        {
            "replication": pl.Series(np.full(len(log), replication, np.int64)),
            "contact": contact,
            "attempt": log[:, structures.LOG_ATTEMPT],
            "type": _named(types[: len(log)], names),
            "episode": log[:, structures.LOG_EPISODE],
            **{name: pl.Series(log[:, column]).replace(-1, None) for name, column in _TIMES.items()},
            "group": _named(log[:, structures.LOG_GROUP], groups),
            "outcome": _named(log[:, structures.LOG_OUTCOME], outcomes),
            "kind": _named(log[:, structures.LOG_KIND], kinds),
            "callback": pl.Series(np.zeros(len(log), bool)),
        }
    ).write_parquet(file)


def _named(codes: Ints, names: pl.Enum) -> pl.Series:
    """Return codes as their names; -1 is null."""
    labels = pl.Series([*names.categories, None], dtype=names)
    return labels.gather(pl.Series(np.where(codes < 0, len(names.categories), codes)))
