"""The figures of what-ifs: a surge hour by hour, its levers, and the loop from staffing to load and back."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from sim.experiment.run import Result
from sim.report import what_ifs
from sim.report.figures import BLUE, GREEN, GREY, ORANGE, RED, THOUSANDS, style

_COLOURS = ("black", ORANGE, "#CC79A7", GREEN, BLUE, "#56B4E9", RED)
_FEW = 100
"""With fewer calls in an hour its connection rate says little."""
_WIDE = 0.1
"""Over so wide an axis whole per cents will do."""
_PER_CENT = PercentFormatter(1.0, decimals=0)


def _style() -> Any:
    return {**style(), "date.converter": "concise"}


def save(figures: Mapping[str, Figure], folder: Path) -> None:
    """Write figures as PNG into a folder, by name; the folder may be there."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, figure in figures.items():
        figure.savefig(folder / f"{name}.png", dpi=110, metadata={"Software": None})


def surge(results: Mapping[str, Result], base: str, lever: str) -> dict[str, Figure]:
    """Return the figures of a surge: hour by hour, and its levers beside each other.

    Parameters
    ----------
    results
        By name, as in :func:`sim.report.what_ifs.levers`.
    base, lever
        The one without a lever, and the one whose connection is drawn beside it.
    """
    with mpl.rc_context(_style()):
        return {
            "hours": _hours(results, base, lever),
            "levers": _levers(what_ifs.levers(results, base)),
            "backlog": _backlog(results),
        }


def _hours(results: Mapping[str, Result], base: str, lever: str) -> Figure:
    """Draw the attempts of each hour, first ones, redials and repeats apart, above the connection rate."""
    figure = Figure(figsize=(12.0, 7.4), layout="constrained")
    above, middle, below = figure.subplots(3, 1)
    found = what_ifs.hours(results[base])
    for axes, table in ((above, found), (below, _worst_days(found))):
        _stacked(axes, table)
    above.set_title(f"Calls in an hour: {base}")
    above.legend(loc="upper right", ncols=3)
    for name, colour in ((lever, GREEN), (base, RED)):
        table = what_ifs.hours(results[name])
        rate = np.where(table["offered"] >= _FEW, table["answered"] / table["offered"].clip(1), np.nan)
        middle.plot(table["start"].to_list(), rate, color=colour, linewidth=1.1, label=name)
    middle.set_title(f"Connection rate of each hour with {_FEW} calls or more", pad=8)
    middle.axhspan(0.60, 0.85, color="0.93", zorder=0, label="real hotlines in such weeks: 60–85 %")
    middle.set_ylim(0.0, 1.02)
    middle.yaxis.set_major_formatter(_PER_CENT)
    middle.legend(loc="lower right", ncols=3)
    below.set_title("The worst three days", pad=8)
    for axes in (above, middle):
        axes.set_xlim(found["start"][0], found["start"][-1])
    return figure


def _stacked(axes: Axes, table: pl.DataFrame) -> None:
    times = table["start"].to_list()
    edges = [*times, times[-1] + (times[1] - times[0])]
    base = np.zeros(len(times))
    for column, label, colour in (
        ("first_attempts", "first attempts", BLUE),
        ("redials", "redials", ORANGE),
        ("repeats", "repeats", "black"),
    ):
        top = base + table[column].to_numpy()
        axes.stairs(top, edges, baseline=base, fill=True, color=colour, label=label)
        base = top
    axes.stairs(table["answered"].to_numpy(), edges, baseline=None, color="white", linewidth=2.4)
    axes.stairs(table["answered"].to_numpy(), edges, baseline=None, color=RED, linewidth=1.1, label="answered")
    axes.set_ylim(bottom=0)
    axes.yaxis.set_major_formatter(THOUSANDS)


def _worst_days(table: pl.DataFrame) -> pl.DataFrame:
    """Return the hours of the day with most calls and of the days beside it."""
    by_day = table.group_by(pl.col("start").dt.date().alias("date")).agg(pl.col("offered").sum())
    worst = by_day.sort("offered")["date"][-1]
    return table.filter((pl.col("start").dt.date() - worst).dt.total_days().abs() <= 1)


def _levers(table: pl.DataFrame) -> Figure:
    """Draw connection, contacts lost, price and price of an extra answer, a bar a scenario."""
    figure = Figure(figsize=(12.0, 3.9), layout="constrained")
    panels = figure.subplots(1, 4, sharey=True)
    names = table["scenario"].to_list()
    places = np.arange(len(names))[::-1]
    columns = (
        ("connection_rate", "connection rate", "{:.1%}"),
        ("lost_contacts", "citizens who gave up", "{:,.0f}"),
        ("lever_wan", "price of the lever, 10,000 yuan", "{:,.1f}"),
        ("extra_cny", "yuan for an extra answer", "{:,.1f}"),
    )
    for axes, (column, title, form) in zip(panels, columns, strict=True):
        values = [value or 0.0 for value in table[column].to_list()]
        axes.barh(places, values, color=[GREY, *[BLUE] * (len(names) - 1)], height=0.65)
        for place, value, shown in zip(places, values, table[column].to_list(), strict=True):
            label = form.format(value) if shown is not None else "–"
            axes.annotate(label, (value, place), (4, 0), textcoords="offset points", va="center", fontsize=9)
        axes.set_title(title)
        axes.grid(False)
        axes.set_xlim(0.0, 1.25 * max(*values, 1e-9))
        axes.xaxis.set_major_formatter(_PER_CENT if column == "connection_rate" else THOUSANDS)
        axes.xaxis.set_major_locator(MaxNLocator(3))
    panels[0].set_yticks(places, names)
    return figure


def _backlog(results: Mapping[str, Result]) -> Figure:
    """Draw the tasks that wait each evening, a line a scenario."""
    figure = Figure(figsize=(9.0, 4.2), layout="constrained")
    axes = figure.subplots()
    for (name, result), colour in zip(results.items(), _COLOURS, strict=False):
        table = what_ifs.backlog(result)
        axes.plot(table["date"].to_list(), table["backlog"].to_numpy(), color=colour, label=name, linewidth=1.6)
    axes.set_title("Tasks that wait at midnight, all kinds")
    axes.set_ylim(bottom=0)
    axes.yaxis.set_major_formatter(THOUSANDS)
    axes.legend(loc="upper left")
    return figure


def loop(tables: Mapping[str, pl.DataFrame], varied: str, label: str) -> Figure:
    """Draw what one varied number does to the load, the connection and the citizens who call again.

    Parameters
    ----------
    tables
        From :func:`sim.report.what_ifs.loop`, by a name for the legend; the last panel shows the first one's.
    varied
        The column with the number, a share.
    label
        What it is called.
    """
    with mpl.rc_context(_style()):
        figure = Figure(figsize=(12.0, 3.9), layout="constrained")
        load, rate, again = figure.subplots(1, 3)
        for (name, table), colour in zip(tables.items(), (BLUE, RED, GREEN), strict=False):
            x = table[varied].to_numpy()
            load.plot(x, table["load_factor"].to_numpy(), "o-", color=colour, markersize=4, label=name)
            rate.plot(x, table["connection_rate"].to_numpy(), "o-", color=colour, markersize=4, label=name)
        load.set_title("calls offered for each first attempt")
        rate.set_title("connection rate")
        rates = np.concatenate([table["connection_rate"].to_numpy() for table in tables.values()])
        rate.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0 if np.ptp(rates) > _WIDE else 1))
        if len(tables) > 1:
            load.legend()
        table = next(iter(tables.values()))
        first = table["first_attempts"].to_numpy()
        for column, colour, what in (
            ("redials", ORANGE, "redials"),
            ("repeats", "black", "repeats"),
            ("lost_contacts", GREY, "citizens who gave up"),
        ):
            shares = table[column].to_numpy() / first
            again.plot(table[varied].to_numpy(), shares, "o-", color=colour, label=what, markersize=4)
        again.set_title("for each first attempt")
        again.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=1))
        again.set_ylim(bottom=0)
        again.legend()
        for axes in (load, rate, again):
            axes.set_xlabel(label)
            axes.xaxis.set_major_formatter(_PER_CENT)
        return figure


def recovery(tables: Mapping[str, pl.DataFrame]) -> Figure:
    """Draw by how much a day's shock raises the calls of the days after it, a line a staffing.

    Parameters
    ----------
    tables
        From :func:`sim.report.what_ifs.excess`, by name.
    """
    with mpl.rc_context(_style()):
        figure = Figure(figsize=(8.0, 3.8), layout="constrained")
        axes = figure.subplots()
        for (name, table), colour in zip(tables.items(), (BLUE, ORANGE, RED, GREEN), strict=False):
            axes.plot(table["date"].to_list(), table["excess"].to_numpy(), "o-", markersize=4, color=colour, label=name)
        axes.set_title("Calls offered, against the same days without the day of the shock")
        axes.yaxis.set_major_formatter(_PER_CENT)
        axes.legend()
        return figure
