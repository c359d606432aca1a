"""One replication: simulated, checked, and reduced to what the year's tables need."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from sim import measures
from sim.engine import tally as t
from sim.engine.inputs import Plan, answer_time_offset_ms
from sim.engine.structures import Ints
from sim.experiment.attempts import Keep, Parts
from sim.machine import peak_mb
from sim.measures import Extras
from sim.terms import SLOT_MS, SLOTS_PER_DAY

Engine = Literal["fast", "reference"]
By = Literal["month", "quarter", "week"]
Floats = NDArray[np.float64]

INTERVAL_COLUMNS: Final = {
    "offered": t.OFFERED,
    "answered": t.ANSWERED,
    "abandoned": t.ABANDONED,
    "blocked": t.BLOCKED,
    "contained": t.CONTAINED,
    "first_attempts": t.FIRST,
    "redials": t.REDIALS,
    "short_abandoned": t.SHORT,
    "answered_within_8s": t.WITHIN,
    "answered_within_15s": t.WITHIN + 1,
    "answered_within_20s": t.WITHIN + 2,
    "work_orders": t.WORK_ORDERS,
    "answered_wait_s": t.ANSWERED_WAIT_MS,
}
"""Columns of ``intervals.parquet`` by type; the last one is kept in ms until it is written."""


@dataclass(frozen=True)
class Period:
    """A stretch of the window with a name: a month, a quarter or a week; it is a set of pieces."""

    label: str
    pieces: tuple[int, ...]


@dataclass(frozen=True)
class Pieces:
    """How the window is cut: rows into pieces, pieces into months and, if asked for, other periods.

    ``of_row`` has shape ``(rows,)``; warm-up rows have the first piece.
    """

    of_row: Ints
    months: tuple[Period, ...]
    others: tuple[Period, ...]


@dataclass(frozen=True)
class Replication:
    """What one replication leaves.

    ``year`` is shaped ``(measures, 2)``, ``months`` ``(months, measures, 2)``, ``others``
    ``(periods, measures, 2)``: numerators and denominators in the order of :data:`sim.measures.NAMES`.
    ``intervals`` is ``(intervals, types, columns)`` and ``duty`` ``(intervals, groups, DUTY)``, in ms.
    ``seconds`` went to drawing and simulating, loading or compiling the simulation not counted; ``peak_mb`` is the
    most memory its process had held by then, NaN where the system does not say.
    """

    number: int
    year: Floats
    months: Floats
    others: Floats
    intervals: Ints
    duty: Ints
    seconds: float
    peak_mb: float


def cut(plan: Plan, by: By | None) -> Pieces:
    """Cut a window into months and, for ``by``, quarters or weeks (Monday to Sunday)."""
    days = plan.window.days(plan.scenario)
    day_of_row = plan.window.slots_into_days() // SLOTS_PER_DAY
    month = [f"{day:%Y-%m}" for day in days]
    weeks = [day.isocalendar() for day in days]
    other = {
        "quarter": [f"{day.year}-Q{(day.month + 2) // 3}" for day in days],
        "week": [f"{week.year}-W{week.week:02d}" for week in weeks],
    }.get(by or "", month)
    keys = list(zip(month, other, strict=True))
    measured = day_of_row[plan.window.warm_slots :]
    order = {key: i for i, key in enumerate(dict.fromkeys(keys[day] for day in measured))}
    of_row = np.array([order.get(keys[day], 0) for day in day_of_row], np.int64)

    def periods(which: int) -> tuple[Period, ...]:
        labels = dict.fromkeys(key[which] for key in order)
        return tuple(Period(label, tuple(i for key, i in order.items() if key[which] == label)) for label in labels)

    return Pieces(of_row, periods(0), periods(1))


def replicate(
    plan: Plan, pieces: Pieces, extras: dict[str, Extras], seed: int, number: int, engine: Engine,
    keep: Keep | None,
) -> Replication:  # fmt: skip
    """Simulate replication ``number`` of ``seed`` and reduce it.

    Parameters
    ----------
    plan, pieces
        The scenario made ready, and how its window is cut.
    extras
        The plan's part of the measures by period label, ``""`` for the whole window.
    engine
        Which engine.
    keep
        Given the table of attempts part by part, or None.
    """
    if engine == "fast":
        _load_compiled(plan)
    begin = time.perf_counter()
    run, seats_short = plan.run(seed, number)
    parts = Parts(plan, number, keep) if keep is not None else None
    add = parts.add if parts is not None else None
    if engine == "fast":
        from sim.engine import fast

        counts, longer, _ = fast.simulate(plan.centre, run, piece=pieces.of_row, keep=add)
    else:
        from sim.engine import reference

        counts, longer, _ = reference.simulate(plan.centre, run, piece=pieces.of_row, keep=add)
    seconds = time.perf_counter() - begin
    if parts is not None:
        seconds -= parts.seconds
        parts.close()
    measures.check_identities(counts)
    warm = plan.window.warm_slots
    attempts, contacts, duty = (table[warm:-1] for table in (counts.counts, counts.contacts, counts.duty))
    by_slot = attempts.sum(axis=1), contacts.sum(axis=1), duty.sum(axis=1)
    piece = pieces.of_row[warm:]
    seats_short = seats_short[warm:]
    wait_piece = longer >> 1 & ((1 << t.PIECE_BITS) - 1)
    wait = (longer >> (t.PIECE_BITS + 1)) << 1 | longer & 1

    def measured(label: str, chosen: tuple[int, ...] | None) -> dict[str, tuple[float, float]]:
        rows = slice(None) if chosen is None else np.isin(piece, chosen)
        waits = counts.waits if chosen is None else counts.waits[list(chosen)]
        long = wait if chosen is None else wait[np.isin(wait_piece, chosen)]
        a, c, d = (table[rows] for table in by_slot)
        extra = replace(extras[label], capped_slots=int(seats_short[rows].sum()))
        return measures.measure(a, c, d, waits.sum(axis=0, dtype=np.int64), long, extra)

    months = [measured(month.label, month.pieces) for month in pieces.months]
    month_of = {piece: i for i, month in enumerate(pieces.months) for piece in month.pieces}

    def whole(label: str, chosen: tuple[int, ...] | None) -> Floats:
        own = sorted({month_of[piece] for piece in (chosen if chosen is not None else month_of)})
        found = measures.with_means_of_months(measured(label, chosen), [months[i] for i in own])
        return np.array([found[name] for name in measures.NAMES])

    peak = peak_mb()
    per_interval = plan.scenario.horizon.interval_minutes * 60_000 // SLOT_MS
    columns = list(INTERVAL_COLUMNS.values())
    return Replication(
        number=number,
        year=whole("", None),
        months=np.array([whole(month.label, month.pieces) for month in pieces.months]),
        others=np.array([whole(other.label, other.pieces) for other in pieces.others]),
        intervals=attempts[..., columns].reshape(-1, per_interval, attempts.shape[1], len(columns)).sum(axis=1),
        duty=duty.reshape(-1, per_interval, duty.shape[1], t.DUTY).sum(axis=1),
        seconds=seconds,
        peak_mb=math.nan if peak is None else peak,
    )


_loaded: set[str] = set()


def _load_compiled(plan: Plan) -> None:
    """Load the compiled simulation into this process, once, by a run without calls."""
    if "fast" in _loaded:
        return
    from sim.engine import fast

    run, _ = plan.run(0, 0)
    fast.simulate(plan.centre, run._replace(means=np.zeros_like(run.means)))
    _loaded.add("fast")


def offset_ms(plan: Plan) -> int:
    """Return what the scenario's answer time counts beside the wait in the queue (§6)."""
    asa = plan.scenario.targets.asa
    return answer_time_offset_ms(plan.scenario, asa.counts if asa else ("queue", "ring"))
