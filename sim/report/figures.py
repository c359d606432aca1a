"""The figures of a result, as SVG whose bytes repeat; the only module that knows matplotlib.

Text stays text, so a browser shows it in the reader's own font. Colours are those of Okabe and Ito, which the
colour-blind tell apart, and cividis for the heat map.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl
import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from sim.calendar import day_kinds, shape_kind
from sim.cost.bill import Bill
from sim.engine.inputs import answer_time_offset_ms
from sim.experiment import frames
from sim.experiment.run import Result
from sim.measures import Estimate
from sim.report.words import line_name, part_name
from sim.terms import SECOND_MS

_STYLE: Final[Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "hotline-sim",
    "font.family": "sans-serif",
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.titlelocation": "left",
    "axes.titlesize": 11,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "grid.color": "0.88",
    "legend.frameon": False,
}
_BLUE, _ORANGE, _GREEN, _RED, _GREY = "#0072B2", "#E69F00", "#009E73", "#D55E00", "0.55"
_LINE_COLOURS: Final = {"operation": _BLUE, "platform": _GREEN, "personnel": _ORANGE, "tax": _GREY}
_WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_PARTS_SHOWN: Final = 16
_THOUSANDS = FuncFormatter(lambda value, _: f"{value:,.0f}")


def save(result: Result, folder: Path, formats: tuple[str, ...] = ("svg",)) -> None:
    """Draw every figure of a result into a folder.

    Parameters
    ----------
    result
        The result.
    folder
        Where; it is made.
    formats
        File formats; SVG's bytes repeat.
    """
    folder.mkdir()
    with mpl.rc_context(_STYLE), warnings.catch_warnings():
        # A title in Chinese is for the reader's font, not for the one that measures text here.
        warnings.filterwarnings("ignore", "Glyph")
        for name, figure in draw(result).items():
            for form in formats:
                metadata = {"Date": None} if form == "svg" else None
                figure.savefig(folder / f"{name}.{form}", metadata=metadata, dpi=110)


def draw(result: Result) -> dict[str, Figure]:
    """Return the figures by name: ``day``, ``months``, ``answer-time``, and ``bill`` if there is money."""
    with mpl.rc_context(_STYLE):
        table = frames.intervals(result)
        figures = {"day": _day(result, table), "months": _months(result)}
        if table["answered"].sum() > 0:
            figures["answer-time"] = _answer_time(result, table)
        if result.bill is not None:
            figures["bill"] = _bill(result.bill)
        return figures


def _title(result: Result) -> str:
    return result.scenario.title.en if result.scenario.title else result.scenario.name


def _day(result: Result, table: pl.DataFrame) -> Figure:
    """Draw calls offered over an average workday, above the agents on duty and busy."""
    kinds = day_kinds(result.first, result.last, result.scenario.calendar)
    days = pl.date_range(result.first, result.last, eager=True)
    workday = pl.Series([shape_kind(kind) == "workday" for kind in kinds])
    chosen = days.filter(workday) if workday.any() else days
    minutes = result.scenario.horizon.interval_minutes
    step_h = minutes / 60.0
    mean = (
        table.filter(pl.col("start").dt.date().is_in(chosen.implode()))
        .group_by(pl.col("start").dt.time().alias("time"))
        .agg(pl.col("offered", "on_duty_h", "busy_h").sum() / len(chosen))
        .sort("time")
    )
    edges = np.arange(len(mean) + 1) * step_h
    figure = Figure(figsize=(8.4, 5.4), layout="constrained")
    above, below = figure.subplots(2, 1, sharex=True)
    above.stairs(mean["offered"].to_numpy(), edges, fill=True, color=_BLUE, alpha=0.85)
    above.set_ylabel(f"calls per {minutes} minutes")
    day = "workday" if workday.any() else "day"
    above.set_title(f"{_title(result)}: calls offered on an average {day}")
    on_duty, busy = (mean[name].to_numpy() / step_h for name in ("on_duty_h", "busy_h"))
    below.stairs(busy, edges, fill=True, color=_ORANGE, alpha=0.9, label="busy (ring, talk, wrap-up)")
    below.stairs(on_duty, edges, color="black", linewidth=1.6, baseline=None, label="on duty")
    below.set_ylabel("agents")
    below.set_xlabel("hour of the day")
    below.legend(loc="upper left", ncols=1)
    below.set_xlim(0, 24)
    below.set_xticks(range(0, 25, 2))
    for axes in (above, below):
        axes.set_ylim(bottom=0)
        axes.yaxis.set_major_formatter(_THOUSANDS)
    return figure


def _answer_time(result: Result, table: pl.DataFrame) -> Figure:
    """Draw the mean answer time by hour and weekday as a heat map, in the target's counting."""
    asa = result.scenario.targets.asa
    counted = asa.counts if asa else ("queue", "ring")
    offset_s = answer_time_offset_ms(result.scenario, counted) / SECOND_MS
    mean = (
        table.filter(pl.col("type").is_not_null())
        .group_by(pl.col("start").dt.weekday().alias("day"), pl.col("start").dt.hour().alias("hour"))
        .agg(pl.col("answered", "answered_wait_s").sum())
        .filter(pl.col("answered") > 0)
        .with_columns(asa=pl.col("answered_wait_s") / pl.col("answered") + offset_s)
    )
    grid = np.full((7, 24), np.nan)
    grid[mean["day"].to_numpy() - 1, mean["hour"].to_numpy()] = mean["asa"].to_numpy()
    days = [day for day in range(7) if not np.isnan(grid[day]).all()]
    grid = grid[days]
    figure = Figure(figsize=(9.6, 1.2 + 0.36 * len(days)), layout="constrained")
    axes = figure.subplots()
    axes.grid(False)
    low = max(float(np.nanmin(grid)), 0.1)
    high = max(float(np.nanmax(grid)), low * 1.5)
    image = axes.imshow(grid, cmap="cividis", norm=LogNorm(low, high), aspect="auto")
    for (day, hour), value in np.ndenumerate(grid):
        if not np.isnan(value):
            light = np.log(max(value, low) / low) / np.log(high / low) > 0.55
            label = f"{value:.1f}" if value < 9.95 else f"{value:.0f}"
            axes.text(hour, day, label, ha="center", va="center", fontsize=7, color="k" if light else "w")
    axes.set_yticks(range(len(days)), [_WEEKDAYS[day] for day in days])
    axes.set_xticks(range(24))
    axes.set_xlabel("hour of the day in which the call came")
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.tick_params(length=0)
    aim = f"; the year's target is {asa.at_most_s:g} s" if asa else ""
    axes.set_title(f"{_title(result)}: mean answer time, s ({' + '.join(counted)}{aim})")
    bar = figure.colorbar(image, ax=axes, pad=0.01)
    ticks = [tick for tick in (1, 2, 3, 5, 8, 15, 30, 60, 120, 300) if low <= tick <= high]
    bar.ax.minorticks_off()
    bar.set_ticks(ticks, labels=[f"{tick} s" for tick in ticks])
    bar.outline.set_visible(False)
    return figure


def _months(result: Result) -> Figure:
    """Draw offered calls, connection rate and answer time by month, with 95 % intervals and targets."""
    months = [month for month in result.months if month.measures["offered"].mean]
    labels = [month.label for month in months]
    place = np.arange(len(months))
    figure = Figure(figsize=(8.4, 6.6), layout="constrained")
    top, middle, bottom = figure.subplots(3, 1, sharex=True)
    offered = [month.measures["offered"] for month in months]
    top.bar(place, [estimate.mean or 0.0 for estimate in offered], color=_BLUE, alpha=0.85, width=0.7)
    _points(top, place, offered, 1.0, "black", marker="")
    top.set_title(f"{_title(result)}: calls offered in a month")
    top.yaxis.set_major_formatter(_THOUSANDS)
    targets = result.scenario.targets
    rate = targets.connection_rate
    _points(middle, place, [month.measures["connection_rate"] for month in months], 100.0, _GREEN)
    if rate is not None:
        _goal(middle, rate.at_least * 100.0, f"target ≥ {rate.at_least * 100.0:.10g} % of {rate.basis}")
    middle.set_title("connection rate, % of attempts")
    _points(bottom, place, [month.measures["asa_s"] for month in months], 1.0, _BLUE)
    asa = targets.asa
    if asa is not None:
        _goal(bottom, asa.at_most_s, f"target ≤ {asa.at_most_s:g} s for the year")
    bottom.set_title("mean answer time, s")
    bottom.set_ylim(bottom=0)
    bottom.set_xticks(place, labels, rotation=0 if len(labels) <= 12 else 60, fontsize=9)
    bottom.set_xlim(-0.6, len(months) - 0.4)
    return figure


def _points(axes: Axes, place: np.ndarray, found: list[Estimate], scale: float, colour: str, marker: str = "o") -> None:
    """Draw estimates with their intervals, a share's within 0 and 1; those not known are left out."""
    known = [(x, e, e.mean) for x, e in zip(place, found, strict=True) if e.mean is not None]
    means = np.array([mean for _, _, mean in known])
    low = np.array([e.mean if e.low is None else e.low for _, e, _ in known], float)
    high = np.array([e.mean if e.high is None else e.high for _, e, _ in known], float)
    if any(e.unit == "share" for _, e, _ in known):
        high = np.minimum(high, 1.0)
    axes.errorbar(
        [x for x, _, _ in known],
        means * scale,
        yerr=np.clip([means - low, high - means], 0.0, None) * scale,
        color=colour,
        marker=marker,
        linestyle="-" if marker else "none",
        linewidth=1.4,
        capsize=3,
    )


def _goal(axes: Axes, value: float, label: str) -> None:
    axes.axhline(value, color=_RED, linestyle="--", linewidth=1.2, label=label)
    axes.legend(loc="lower right", bbox_to_anchor=(1.0, 0.98), borderaxespad=0.2)


def _bill(bill: Bill) -> Figure:
    """Draw the contract's lines against the published figures, and the largest parts."""
    figure = Figure(figsize=(9.6, 5.8), layout="constrained")
    left, right = figure.subplots(1, 2, width_ratios=[1, 1.15])
    names = [line_name(line.key, "en") for line in bill.lines]
    place = np.arange(len(names))
    amounts = [line.wan for line in bill.lines]
    colours = [_LINE_COLOURS[line.key] for line in bill.lines]
    left.bar(place, amounts, color=colours, width=0.65)
    for x, line in enumerate(bill.lines):
        if line.published_wan is not None:
            left.hlines(line.published_wan, x - 0.42, x + 0.42, color="black", linewidth=1.6)
    for x, amount in enumerate(amounts):
        left.annotate(f"{amount:,.0f}", (x, amount), (0, 4), textcoords="offset points", ha="center", fontsize=9)
    left.set_xticks(place, [name.replace(" ", "\n") for name in names])
    left.set_title(f"contract by line, 10,000 yuan: {bill.total_wan:,.0f} in all")
    left.yaxis.set_major_formatter(_THOUSANDS)
    left.margins(y=0.08)
    if bill.published_total_wan is not None:
        left.plot([], [], color="black", linewidth=1.6, label="published")
        left.legend(loc="upper left")
    rows = sorted(
        ((part.wan, part_name(part.key, "en"), line.key) for line in bill.lines for part in line.parts),
        key=lambda row: (-row[0], row[1]),
    )
    shown, rest = rows[:_PARTS_SHOWN], rows[_PARTS_SHOWN:]
    if rest:
        shown.append((sum(wan for wan, _, _ in rest), f"{len(rest)} smaller parts", ""))
    ys = np.arange(len(shown))
    colours = [_LINE_COLOURS.get(line, "0.85") for _, _, line in shown]
    right.barh(ys, [wan for wan, _, _ in shown], color=colours)
    for y, (wan, _, _) in zip(ys, shown, strict=True):
        right.annotate(f"{wan:,.0f}", (wan, y), (3, 0), textcoords="offset points", va="center", fontsize=8)
    right.set_yticks(ys, [name for _, name, _ in shown])
    right.invert_yaxis()
    right.grid(axis="x")
    right.grid(False, axis="y")
    right.xaxis.set_major_locator(MaxNLocator(5))
    right.xaxis.set_major_formatter(_THOUSANDS)
    right.margins(x=0.1)
    right.set_title("largest parts, coloured by line, 10,000 yuan")
    return figure
