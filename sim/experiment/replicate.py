"""One replication: simulated, checked, and reduced to what the year's tables need."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from sim import identities, measures
from sim.engine import tally as t
from sim.engine.inputs import Plan, answer_time_offset_ms
from sim.engine.structures import Ints
from sim.engine.tally import Tally
from sim.experiment.logs import Keep, Logs
from sim.machine import peak_mb
from sim.measures import Counting, Extras, Pairs, Stretch
from sim.scenario import Scenario
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
    "repeats": t.REPEATS,
    "short_abandoned": t.SHORT,
    "answered_within_8s": t.WITHIN,
    "answered_within_15s": t.WITHIN + 1,
    "answered_within_20s": t.WITHIN + 2,
    "work_orders": t.WORK_ORDERS,
    "transfers": t.TRANSFERS,
    "hasty": t.HASTY,
    "callbacks": t.CALLBACKS,
    "answered_wait_s": t.ANSWERED_WAIT_MS,
    "callback_wait_s": t.CALLBACK_WAIT_MS,
}
"""Columns of ``intervals.parquet`` by type; the waits are kept in ms until they are written.

``work_orders`` are those of calls; the measure of that name has those of written contacts too.
"""

TASK_COLUMNS: Final = {
    "tasks_released": t.RELEASED,
    "tasks_done": t.DONE,
    "tasks_late": t.LATE,
    "tasks_started": t.STARTED_NOW,
}
"""Columns of ``intervals.parquet`` by kind of task; then ``backlog``, how many wait when the interval ends."""

TABLES: Final = ("intervals", "duty", "tasks")
"""The large parts of a replication."""

CALLED_IN: Final = t.DUTY
"""Column of a replication's duty after those of the tally: how often the group's roster rose from nothing."""


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
    ``(periods, measures, 2)``: numerators and denominators in the order of :data:`sim.measures.NAMES`; ``kinds``
    ``(kinds, measures, 2)`` and ``groups`` ``(groups, measures, 2)``, those of the whole window in the order of
    :data:`sim.measures.TASK_UNITS` and :data:`sim.measures.GROUP_UNITS`. ``intervals`` is ``(intervals, types,
    columns)``, ``duty`` ``(intervals, groups, DUTY + 1)``, in ms, the last how often a group's roster rose from
    nothing, and ``tasks`` ``(intervals, kinds, columns + 1)``; these three are :data:`TABLES` and empty where nobody
    asked for them. ``days`` is ``duty`` by day.
    ``seconds`` went to drawing and simulating, loading or compiling the simulation not counted; ``peak_mb`` is the
    most memory its process had held by then, NaN where the system does not say.
    """

    number: int
    year: Floats
    months: Floats
    others: Floats
    kinds: Floats
    groups: Floats
    days: Ints
    intervals: Ints
    duty: Ints
    tasks: Ints
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
        Given the tables of attempts and tasks part by part, or None.
    """
    if engine == "fast":
        _load_compiled(plan)
    begin = time.perf_counter()
    centre, run, seats_short = plan.replication(seed, number)
    logs = Logs(plan, number, keep) if keep is not None else None
    add = logs.add if logs is not None else None
    if engine == "fast":
        from sim.engine import fast

        counts, longer, _, _ = fast.simulate(centre, run, piece=pieces.of_row, keep=add)
    else:
        from sim.engine import reference

        counts, longer, _, _ = reference.simulate(centre, run, piece=pieces.of_row, keep=add)
    seconds = time.perf_counter() - begin
    if logs is not None:
        seconds -= logs.seconds
        logs.close()
    identities.check(counts)
    measured = slice(plan.window.warm_slots, -1)
    attempts, duty, tasks = (table[measured] for table in (counts.counts, counts.duty, counts.tasks))
    backlog = measures.backlog(counts.tasks)[measured]
    stretch = _stretches(plan, pieces, counts, longer, backlog)
    counting = counting_of(plan.scenario)
    short = seats_short[plan.window.warm_slots :]
    piece = pieces.of_row[plan.window.warm_slots :]

    # Months are asked for as what a period averages and for themselves, and are often the periods wanted too.
    @cache
    def of(label: str, chosen: tuple[int, ...]) -> Pairs:
        capped = int(short[np.isin(piece, chosen)].sum())
        return measures.measure(stretch(chosen), replace(extras[label], capped_slots=capped), counting)

    months = [of(month.label, month.pieces) for month in pieces.months]
    month_of = {piece: i for i, month in enumerate(pieces.months) for piece in month.pieces}

    def whole(label: str, chosen: tuple[int, ...]) -> Floats:
        own = sorted({month_of[piece] for piece in chosen})
        found = measures.with_means_of_months(of(label, chosen), [months[i] for i in own])
        return np.array([found[name] for name in measures.NAMES], np.float64)

    peak = peak_mb()
    per_interval = plan.scenario.horizon.interval_minutes * 60_000 // SLOT_MS
    columns, task_columns = list(INTERVAL_COLUMNS.values()), list(TASK_COLUMNS.values())

    def by_interval(table: Ints) -> Ints:
        out: Ints = table.reshape(len(table) // per_interval, per_interval, *table.shape[1:]).sum(axis=1)
        return out

    kinds = [list(measures.measure_kind(tasks[:, k], backlog[:, k]).values()) for k in range(tasks.shape[1])]
    groups = [list(measures.measure_group(duty[:, g]).values()) for g in range(duty.shape[1])]
    at_end = backlog[per_interval - 1 :: per_interval, :, None]
    by_slot = np.concatenate([duty, _called_in(counts.duty)[measured, :, None]], axis=-1)
    return Replication(
        number=number,
        year=whole("", tuple(month_of)),
        months=np.array([whole(month.label, month.pieces) for month in pieces.months]),
        others=np.array([whole(other.label, other.pieces) for other in pieces.others]),
        kinds=np.array(kinds, np.float64).reshape(len(kinds), len(measures.TASK_UNITS), 2),
        groups=np.array(groups, np.float64),
        days=by_slot.reshape(-1, SLOTS_PER_DAY, *by_slot.shape[1:]).sum(axis=1),
        intervals=by_interval(attempts[..., columns]),
        duty=by_interval(by_slot),
        tasks=np.concatenate([by_interval(tasks[..., task_columns]), at_end], axis=-1),
        seconds=seconds,
        peak_mb=math.nan if peak is None else peak,
    )


def _called_in(duty: Ints) -> Ints:
    """Return by row and group whether the roster rose from nothing there, from all rows of a tally's duty."""
    there = duty[..., t.ROSTERED_MS] > 0
    rises: Ints = np.diff(there.astype(np.int64), axis=0, prepend=0).clip(min=0)
    return rises


def _stretches(
    plan: Plan, pieces: Pieces, counts: Tally, longer: Ints, backlog: Ints
) -> Callable[[tuple[int, ...]], Stretch]:
    """Return a function that cuts pieces of the window out of a tally."""
    measured = slice(plan.window.warm_slots, -1)
    piece = pieces.of_row[plan.window.warm_slots :]
    # Summed over types and groups once.
    attempts, contacts, duty = (table[measured].sum(axis=1) for table in (counts.counts, counts.contacts, counts.duty))
    tasks = counts.tasks[measured]
    wait_piece = longer >> 1 & ((1 << t.PIECE_BITS) - 1)
    wait = (longer >> (t.PIECE_BITS + 1)) << 1 | longer & 1

    def of(chosen: tuple[int, ...]) -> Stretch:
        rows = np.isin(piece, chosen)
        return Stretch(
            attempts[rows],
            contacts[rows],
            duty[rows],
            tasks[rows],
            backlog[rows],
            counts.waits[list(chosen)].sum(axis=0, dtype=np.int64),
            wait[np.isin(wait_piece, chosen)],
        )

    return of


_loaded: set[str] = set()


def _load_compiled(plan: Plan) -> None:
    """Load the compiled simulation into this process, once, by a run without calls."""
    if "fast" in _loaded:
        return
    from sim.engine import fast

    centre, run, _ = plan.replication(0, 0)
    fast.simulate(centre, run._replace(means=np.zeros_like(run.means)))
    _loaded.add("fast")


def counting_of(scenario: Scenario) -> Counting:
    """Return how a scenario counts: answer times (§6, §13), satisfaction (§18) and accepted contacts."""
    callback = scenario.callback
    kinds = scenario.kinds.values()
    return Counting(
        offset_ms=answer_time_offset_ms(scenario, scenario.targets.answer_time_counts),
        population=scenario.satisfaction_population,
        accepted_kinds=tuple(k for k, kind in enumerate(kinds) if kind.is_written and kind.counts_as_accepted),
        callbacks_waited=callback is not None and callback.counts == "waited",
    )
