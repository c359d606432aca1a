"""What a worker does: it is sent a scenario and a number, simulates that replication, and sends it back packed.

A worker is any process that has this program, on this machine or another. It makes the plan itself, once for the
replications of a scenario that follow each other, so that little is sent.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import json
import time
import zlib
from dataclasses import dataclass, fields
from functools import cache, cached_property, partial
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np

import sim
from sim.engine.inputs import Plan, prepare
from sim.engine.structures import Ints
from sim.experiment.log_folder import LogFolder
from sim.experiment.measured_plan import Pricing, extras_by_period
from sim.experiment.replicate import TABLES, By, Engine, Pieces, Replication, cut, replicate
from sim.scenario import Scenario, digest

_QUICK: Final = 1
"""zlib's quickest level: the others take a part of the time of the simulation."""
_PLANS_AT_ONCE: Final = 4


class OtherProgramError(Exception):
    """A worker has another version of this program than the one that asks."""


@cache
def program() -> str:
    """Return what decides results beside their input: the version, and a digest of the package's source."""
    root = Path(__file__).parents[1]
    text = hashlib.sha256()
    for file in sorted(root.rglob("*.py")):
        text.update(file.relative_to(root).as_posix().encode())
        text.update(file.read_bytes())
    return f"{sim.__version__}+{text.hexdigest()[:12]}"


@dataclass(frozen=True)
class Experiment:
    """All that decides a replication but its number.

    ``first`` and ``last`` are the days simulated, the horizon's own where None; ``by`` the periods reported beside
    months.
    """

    scenario: Scenario
    first: dt.date | None
    last: dt.date | None
    by: By | None
    seed: int
    engine: Engine

    @cached_property
    def identity(self) -> dict[str, Any]:
        """What makes it the same experiment as another."""
        return {
            "program": program(),
            "scenario": digest(self.scenario),
            "first": str(self.first or self.scenario.horizon.start),
            "last": str(self.last or self.scenario.horizon.end),
            "by": self.by,
            "seed": self.seed,
            "engine": self.engine,
        }

    @cached_property
    def key(self) -> str:
        """SHA-256 of what makes it the same experiment, in hexadecimal."""
        return hashlib.sha256(json.dumps(self.identity, sort_keys=True).encode()).hexdigest()


class Order(NamedTuple):
    """One replication that is to be simulated: of what, and what is wanted of it.

    ``tables`` asks for the large parts of :class:`Replication` too, ``logs`` for every attempt and task, into that
    folder. ``key`` is the experiment's, ``program`` that of the process that asks.
    """

    experiment: Experiment
    key: str
    program: str
    number: int
    tables: bool
    logs: LogFolder | None


class Packed(NamedTuple):
    """A finished replication as bytes: what it measured, and its large tables (empty if not asked for).

    ``worked_s`` is how long the worker had it in hand, its plan included; None if it was kept.
    """

    key: str
    number: int
    measures: bytes
    tables: bytes
    worked_s: float | None = None


class _Ready(NamedTuple):
    plan: Plan
    pieces: Pieces
    pricing: Pricing | None


_ready: dict[str, _Ready] = {}


def simulated(order: Order) -> Packed:
    """Simulate one replication.

    Raises
    ------
    OtherProgramError
        If this process would simulate something else than the one that asks.
    Stuck
        If calls wait for agents who never come.
    """
    begin = time.perf_counter()
    if order.program != program():
        raise OtherProgramError(f"{order.program} is asked for, a worker has {program()}")
    plan, pieces, pricing = _prepared(order)
    experiment = order.experiment
    extras = extras_by_period(plan, pieces, pricing.in_days(order.number) if pricing else None)
    keep = partial(order.logs.save_log, order.number) if order.logs else None
    found = replicate(plan, pieces, extras, experiment.seed, order.number, experiment.engine, keep)
    if order.logs:
        order.logs.finish(order.number)
    packed = pack(order.key, found, tables=order.tables)
    return packed._replace(worked_s=time.perf_counter() - begin)


def _prepared(order: Order) -> _Ready:
    """Return the plan of an order's experiment, made once for the orders that follow each other."""
    if order.key not in _ready:
        if len(_ready) == _PLANS_AT_ONCE:
            _ready.pop(next(iter(_ready)))
        experiment = order.experiment
        scenario = experiment.scenario
        plan = prepare(scenario, experiment.first, experiment.last)
        pieces = cut(plan, experiment.by)
        pricing = None
        if scenario.cost is not None:
            pricing = Pricing(scenario, experiment.seed, experiment.first, experiment.last)
        _ready[order.key] = _Ready(plan, pieces, pricing)
    return _ready[order.key]


def pack(key: str, replication: Replication, *, tables: bool) -> Packed:
    """Return a replication as bytes: the same for the same numbers."""
    parts = {field.name: getattr(replication, field.name) for field in fields(Replication)}
    large = {name: parts.pop(name) for name in TABLES}
    # Columns apart: most are counts that fit into a byte, so that there is little to compress.
    columns = {f"{name} {i}": _narrow(x[..., i]) for name, x in large.items() if tables for i in range(x.shape[-1])}
    return Packed(key, replication.number, _bytes(parts), _bytes(columns) if tables else b"")


def unpack(packed: Packed) -> Replication:
    """Return a replication from its bytes; tables that were not asked for are empty."""
    parts = {name: x if x.ndim else x.item() for name, x in _arrays(packed.measures).items()}
    tables = dict.fromkeys(TABLES, np.empty(0, np.int64))
    if packed.tables:
        columns = _arrays(packed.tables)
        for table in TABLES:
            own = [column.astype(np.int64) for name, column in columns.items() if name.split()[0] == table]
            tables[table] = np.stack(own, axis=-1)
    whole: dict[str, Any] = {**parts, **tables}
    return Replication(**whole)


def _narrow(column: Ints) -> np.ndarray[Any, Any]:
    """Return whole numbers in the smallest type that holds them all."""
    low, high = column.min(initial=0), column.max(initial=0)
    types = (np.uint8, np.uint16, np.int32, np.int64)
    return column.astype(next(kind for kind in types if np.iinfo(kind).min <= low and high <= np.iinfo(kind).max))


def _bytes(arrays: dict[str, Any]) -> bytes:
    plain = io.BytesIO()
    np.savez(plain, **arrays)
    return zlib.compress(plain.getvalue(), _QUICK)


def _arrays(packed: bytes) -> dict[str, np.ndarray[Any, Any]]:
    with np.load(io.BytesIO(zlib.decompress(packed))) as data:
        return {name: data[name] for name in data.files}
