"""What-ifs side by side: the levers of a surge, the loop from staffing to load and back, blended work.

Each takes results that somebody has run, the same days and seed in each, and gives a table.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from sim.experiment import frames
from sim.experiment.run import Result
from sim.terms import WAN_CNY

_LEVER = "levers."


def levers(results: Mapping[str, Result], base: str) -> pl.DataFrame:
    """Return a row a scenario: service, load, work left, what the levers did and what they cost.

    Parameters
    ----------
    results
        By a name for the table; all with the same days and seed.
    base
        The one without a lever.

    Returns
    -------
    polars.DataFrame
        ``repeats`` and ``redials`` are attempts; ``tasks_left`` wait on the last evening. ``lever_h`` and
        ``lever_calls`` are of groups with an activation, ``lever_wan`` is their price with tax, ``extra_cny`` yuan for
        each call answered that was not without the lever (null if no more were answered).
    """
    without = results[base].measures["answered"].mean or 0.0
    return pl.DataFrame([{"scenario": name, **_lever(result, without)} for name, result in results.items()])


def _lever(result: Result, answered_without: float) -> dict[str, float | None]:
    own = {key: result.measures[key].mean for key in _SHOWN}
    called = [name for name, group in result.scenario.groups.items() if group.activation is not None]
    wan = lever_wan(result)
    extra = (own["answered"] or 0.0) - answered_without
    return {
        **own,
        "tasks_left": sum(kind["left"].mean or 0.0 for kind in result.kinds.values()),
        "tasks_late": sum(kind["late"].mean or 0.0 for kind in result.kinds.values()),
        "lever_h": sum(result.groups[name]["on_duty_h"].mean or 0.0 for name in called),
        "lever_calls": sum(result.groups[name]["answered"].mean or 0.0 for name in called),
        "lever_wan": wan,
        "extra_answered": extra,
        "extra_cny": wan * WAN_CNY / extra if extra > 0.0 and wan > 0.0 else None,
    }


_SHOWN = (
    "connection_rate",
    "worst_24h_connection_rate",
    "connection_rate_contacts",
    "asa_s",
    "offered",
    "answered",
    "first_attempts",
    "redials",
    "repeats",
    "lost_contacts",
    "backlog_max",
    "overdue_share",
    "responsible_return_share",
)


def lever_wan(result: Result) -> float:
    """Return what the levers of a result cost with tax, 万元: the bill's parts for groups that were called in."""
    if result.bill is None:
        return 0.0
    parts = [part for line in result.bill.lines for part in line.parts]
    tax = sum(part.rate_cny for part in parts if part.key == "tax")
    return (1.0 + tax) * sum(part.wan for part in parts if part.key.startswith(_LEVER))


def hours(result: Result) -> pl.DataFrame:
    """Return a row an hour: ``offered``, ``first_attempts``, ``redials``, ``repeats``, ``answered`` of all types."""
    columns = ("offered", "first_attempts", "redials", "repeats", "answered")
    return (
        frames.intervals(result)
        .filter(pl.col("type").is_not_null())
        .group_by(pl.col("start").dt.truncate("1h"))
        .agg(pl.col(*columns).sum())
        .sort("start")
    )


def backlog(result: Result) -> pl.DataFrame:
    """Return a row a day: ``date`` and ``backlog``, the tasks of all kinds that wait when it ends."""
    return (
        frames.intervals(result)
        .filter(pl.col("task").is_not_null())
        .group_by("start")
        .agg(pl.col("backlog").sum())
        .sort("start")
        .group_by(pl.col("start").dt.date().alias("date"), maintain_order=True)
        .agg(pl.col("backlog").last())
    )


def lever_hours(result: Result) -> pl.DataFrame:
    """Return a row a day and group with an activation: ``date``, ``group``, ``on_duty_h``."""
    called = [name for name, group in result.scenario.groups.items() if group.activation is not None]
    return (
        frames.intervals(result)
        .filter(pl.col("group").is_in(called))
        .group_by(pl.col("start").dt.date().alias("date"), "group", maintain_order=True)
        .agg(pl.col("on_duty_h").sum())
    )


def loop(results: Mapping[float, Result], varied: str) -> pl.DataFrame:
    """Return a row a result: what was varied, and how load feeds on itself.

    Parameters
    ----------
    results
        By the number that was varied, in its order; the same days and seed in each.
    varied
        The name of its column.

    Returns
    -------
    polars.DataFrame
        ``phone_h`` is on duty in groups that take calls. ``load_factor`` is attempts offered for each first attempt: 1
        if nobody had to call twice. ``feedback`` is how many further attempts each attempt that failed brings, by the
        change from a row to the next: more attempts offered for more abandoned or blocked. At 1 load would feed
        itself without end; null where nothing changed.
    """
    rows = []
    for value, result in results.items():
        means = {key: result.measures[key].mean or 0.0 for key in _LOOP}
        takers = dict.fromkeys(group for kind in result.scenario.types.values() for group in kind.groups)
        phone_h = sum(result.groups[name]["on_duty_h"].mean or 0.0 for name in takers)
        factor = means["offered"] / means["first_attempts"]
        failed = means["offered"] - means["answered"]
        rows.append({varied: value, **means, "phone_h": phone_h, "failed": failed, "load_factor": factor})
    table = pl.DataFrame(rows)
    change = pl.col("failed").diff(-1)
    return table.with_columns(feedback=pl.when(change != 0.0).then(pl.col("offered").diff(-1) / change))


_LOOP = (
    "connection_rate",
    "asa_s",
    "offered",
    "answered",
    "first_attempts",
    "redials",
    "repeats",
    "lost_contacts",
    "fcr_share",
    "work_orders",
    "aht_s",
    "occupancy",
    "on_duty_h",
    "backlog_max",
)


def excess(shocked: Result, calm: Result) -> pl.DataFrame:
    """Return a row a day: how many times the attempts of ``calm`` are offered in ``shocked``, less 1."""

    def by_day(result: Result) -> pl.DataFrame:
        return (
            hours(result)
            .group_by(pl.col("start").dt.date().alias("date"), maintain_order=True)
            .agg(pl.col("offered").sum())
        )

    both = by_day(shocked).join(by_day(calm), on="date", suffix="_calm")
    return both.select("date", excess=pl.col("offered") / pl.col("offered_calm") - 1.0)


def blending(results: Mapping[str, Result]) -> pl.DataFrame:
    """Return a row a result: answer time, connection, work that waits, people and money."""
    rows = []
    for name, result in results.items():
        bill = result.bill
        rows.append(
            {
                "scenario": name,
                **{key: result.measures[key].mean for key in _BLENDING},
                "tasks_left": sum(kind["left"].mean or 0.0 for kind in result.kinds.values()),
                "heads": bill.drivers.heads if bill else None,
                "bill_wan": bill.total_wan if bill else None,
            }
        )
    return pl.DataFrame(rows)


_BLENDING = (
    "asa_s",
    "connection_rate",
    "answered_within_15s_share",
    "wait_p95_s",
    "occupancy",
    "on_duty_h",
    "task_h",
    "tasks_waiting_s",
    "backlog_max",
    "overdue_share",
)
