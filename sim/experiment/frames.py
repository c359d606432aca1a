"""A result's tables as polars frames: intervals, replications, months and other periods."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import polars as pl

from sim.engine import tally as t
from sim.experiment.replicate import INTERVAL_COLUMNS, TASK_COLUMNS, Floats
from sim.experiment.run import PeriodTable, Result
from sim.measures import NAMES, UNITS
from sim.scenario.money import LINES
from sim.terms import HOUR_MS, SECOND_MS

_IN_MS = ("answered_wait_s", "callback_wait_s")
_RATIOS: Final = tuple(name for name, unit in UNITS.items() if unit == "s" or unit.startswith("share"))
"""Measures that may be divided by another number than 1."""
_OF: Final = "_of"


def intervals(result: Result) -> pl.DataFrame:
    """Return what happened in each reporting interval, on average over the replications.

    Returns
    -------
    polars.DataFrame
        ``start``, ``type``, ``group``, ``task``, then numbers. A row is a type's, with the calls that arrived in
        the interval, or a group's, with its hours by the clock, or a kind of task's, with the tasks that were released
        in it and those that were started; its other names and numbers are null. So nothing stands there twice: any
        column summed over any rows is right, but for ``backlog``, the tasks that wait when the interval ends, which
        may be summed over kinds. ``work_orders`` are those of the type's calls alone; the measure of that name counts
        those of written contacts too. ``on_duty_h`` holds the overrun, ``busy_h`` the hours of tasks, ``task_h``.
    """
    runs = len(result.numbers)
    steps, types, _ = result.intervals.shape
    groups, kinds = result.duty.shape[1], result.tasks.shape[1]
    step = dt.timedelta(minutes=result.scenario.horizon.interval_minutes)
    midnight = dt.datetime.combine(result.first, dt.time())
    starts = pl.Series([midnight + i * step for i in range(steps)], dtype=pl.Datetime("ms"))
    number = pl.int_range(steps, eager=True)
    means = {
        name: result.intervals[:, :, place] / (runs * SECOND_MS if name in _IN_MS else runs)
        for place, name in enumerate(INTERVAL_COLUMNS)
    }
    hours = result.duty / (runs * HOUR_MS)
    duty = {
        "on_duty_h": hours[..., t.ROSTERED_MS] + hours[..., t.OVERRUN_MS],
        "busy_h": hours[..., t.BUSY_MS],
        "overrun_h": hours[..., t.OVERRUN_MS],
        "task_h": hours[..., t.TASK_MS],
    }
    tasks = dict(zip((*TASK_COLUMNS, "backlog"), np.moveaxis(result.tasks / runs, -1, 0), strict=True))
    calls = pl.DataFrame(
        {
            "start": starts.gather(number.repeat_by(types).explode()),
            "type": list(result.scenario.type_names) * steps,
            "group": pl.Series([None] * (steps * types), dtype=pl.String),
            "task": pl.Series([None] * (steps * types), dtype=pl.String),
            **{name: mean.ravel() for name, mean in means.items()},
        }
    )
    agents = pl.DataFrame(
        {
            "start": starts.gather(number.repeat_by(groups).explode()),
            "group": list(result.scenario.group_names) * steps,
            **{name: column.ravel() for name, column in duty.items()},
        }
    )
    waiting = pl.DataFrame(
        {
            "start": starts.gather(number.repeat_by(kinds).explode()),
            "task": list(result.scenario.kinds) * steps,
            **{name: column.ravel() for name, column in tasks.items()},
        }
    )
    return pl.concat([calls, agents, waiting], how="diagonal").sort("start", maintain_order=True)


def replications(result: Result) -> pl.DataFrame:
    """Return a row a replication and a column a measure; null where there was nothing to measure.

    Last, of times and shares, ``<measure>_of``: what they are divided by, such as calls; :func:`pairs` takes it.
    """
    columns = {name: pl.Series(result.measures[name].values, dtype=pl.Float64) for name in NAMES}
    parts = {f"{name}{_OF}": pl.Series(result.pairs[name][:, 1], dtype=pl.Float64) for name in _RATIOS}
    return pl.DataFrame({"replication": pl.Series(result.numbers, dtype=pl.Int64), **columns, **parts})


def pairs(table: pl.DataFrame) -> dict[str, Floats]:
    """Return each measure's numerators and denominators, ``(replications, 2)``, from :func:`replications`.

    Of a table of another version measures that it does not have are left out, and times and shares if it does not say
    what they are divided by.
    """
    found = {}
    for name in NAMES:
        if name not in table.columns:
            continue
        values = table[name]
        if name not in _RATIOS:
            bottom = values.is_not_null().cast(pl.Float64).to_numpy()
        elif f"{name}{_OF}" in table.columns:
            bottom = table[f"{name}{_OF}"].to_numpy()
        else:
            continue
        found[name] = np.column_stack([values.fill_null(0.0).to_numpy() * bottom, bottom])
    return found


def months(result: Result) -> pl.DataFrame:
    """Return a row a month: every measure's mean, heads, paid hours and each contract line in 万元.

    Heads, paid hours and lines are null where the scenario has no money.
    """
    money: dict[str, dict[str, Any]] = {}
    if result.bill is not None:
        money = {row["month"]: row for row in result.bill.by_month()}
    keys = ("heads", "paid_h", *(f"{line}_wan" for line in LINES))
    frame = _means("month", result.months)
    given = {key: [money.get(label, {}).get(key) for label in frame["month"]] for key in keys}
    return frame.with_columns(pl.Series(key, column, dtype=pl.Float64) for key, column in given.items())


def periods(result: Result) -> pl.DataFrame:
    """Return a row for each quarter or week the run was asked to report: every measure's mean."""
    return _means("period", result.others)


def _means(label: str, tables: Sequence[PeriodTable]) -> pl.DataFrame:
    columns = {name: [table.measures[name].mean for table in tables] for name in NAMES}
    return pl.DataFrame(
        {
            label: pl.Series([table.label for table in tables], dtype=pl.String),
            **{name: pl.Series(column, dtype=pl.Float64) for name, column in columns.items()},
        }
    )
