"""The figures of a result, as SVG whose bytes repeat and as PNG for slides; what every figure has in common.

Text stays text, so a browser shows it in the reader's own font. Colours are those of Okabe and Ito, which the
colour-blind tell apart; the heat map goes from their blue through white to their orange.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl
import numpy as np
import polars as pl
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, Normalize, to_rgba
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.ticker import FuncFormatter, MaxNLocator

from sim.calendar import day_kinds, shape_kind
from sim.cost.bill import Bill
from sim.engine.inputs import answer_time_offset_ms
from sim.experiment import frames
from sim.experiment.run import Result
from sim.measures import Estimate
from sim.report.bill_tables import families
from sim.report.names import line_name, measure_basis
from sim.report.tables import kind_name
from sim.report.words import Lang, figure_word
from sim.terms import SECOND_MS

_STYLE: Final[Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "hotline-sim",
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
_DPI: Final = 110
# A font without a bold face is used as it is; nobody need be told.
logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)

BLUE, ORANGE, GREEN, RED, GREY = "#0072B2", "#E69F00", "#009E73", "#D55E00", "0.55"
_LINE_COLOURS: Final = {"operation": BLUE, "platform": GREEN, "personnel": ORANGE, "tax": GREY}
_AROUND_AIM: Final = LinearSegmentedColormap.from_list("around the aim", [BLUE, "#F7F7F7", RED])
_UP_FROM_0: Final = LinearSegmentedColormap.from_list("up from nothing", ["#F7F7F7", RED])
_KIND_COLOURS: Final = (BLUE, ORANGE, GREEN, "#CC79A7", "#56B4E9", "#F0E442")
_HOURLY_DAYS: Final = 31
"""So many days or more are drawn day by day."""
_CHINESE: Final = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Microsoft YaHei",
    "PingFang SC",
    "Hiragino Sans GB",
    "SimHei",
    "Heiti SC",
    "Heiti TC",
    "STHeiti",
    "Arial Unicode MS",
    "SimSun",
    # A collection of fonts goes by its first one: this file has the Chinese letters too.
    "Noto Sans CJK JP",
    "Source Han Sans",
)
"""Fonts with Chinese letters on the usual systems, the better ones first."""
THOUSANDS = FuncFormatter(lambda value, _: f"{value:,.0f}")


def chinese_font() -> str | None:
    """Return the family of a Chinese font that is installed here, None where none is."""
    found = _listed_chinese()
    if found is None:
        # Matplotlib's list of fonts is kept from its first use: one installed since is not on it.
        known = {entry.fname for entry in font_manager.fontManager.ttflist}
        for file in sorted(set(font_manager.findSystemFonts()) - known):
            # A damaged font of the system is none of ours.
            with suppress(Exception):
                font_manager.fontManager.addfont(file)
        found = _listed_chinese()
    return found


def _listed_chinese() -> str | None:
    names = {entry.name for entry in font_manager.fontManager.ttflist}
    return next((name for name in _CHINESE if name in names), None)


def save(result: Result, folder: Path, lang: Lang = "en") -> None:
    """Draw every figure of a result into a folder.

    Parameters
    ----------
    result
        The result.
    folder
        Where; it is made.
    lang
        The language of the labels; English where no Chinese font is installed (:func:`chinese_font`).
    """
    keep(draw(result, lang), folder)


def keep(figures: Mapping[str, Figure], folder: Path) -> None:
    """Write figures into a folder of their own, by name, each as SVG and PNG; the folder is made."""
    folder.mkdir()
    with mpl.rc_context(style()), warnings.catch_warnings():
        # SVG keeps text as text: a scenario's Chinese title is for the reader's font.
        warnings.filterwarnings("ignore", "Glyph")
        for name, figure in figures.items():
            figure.savefig(folder / f"{name}.svg", metadata={"Date": None}, dpi=_DPI)
            _without_boxes(figure)
            figure.savefig(folder / f"{name}.png", dpi=_DPI)


def style() -> Any:
    """Return matplotlib's settings for every figure here, to draw and to save under."""
    font = chinese_font()
    return {**_STYLE, "font.family": ["DejaVu Sans", *([font] if font else []), "sans-serif"]}


def _without_boxes(figure: Figure) -> None:
    """Write ? for what no font here can draw, in every text of a figure that becomes a picture."""
    named = (font_manager.FontProperties(family=[name]) for name in mpl.rcParams["font.family"])
    fonts = [font_manager.get_font(font_manager.findfont(font)) for font in named]
    for text in figure.findobj(Text):
        shown = "".join(
            letter if letter == "\n" or any(font.get_char_index(ord(letter)) for font in fonts) else "?"
            for letter in text.get_text()
        )
        text.set_text(shown)


def draw(result: Result, lang: Lang = "en") -> dict[str, Figure]:
    """Return the figures by name: ``day``, ``months``; ``answer-time``, ``backlog``, ``bill`` where there is any.

    Parameters
    ----------
    result
        The result.
    lang
        As in :func:`save`.
    """
    if chinese_font() is None:
        lang = "en"
    with mpl.rc_context(style()):
        table = frames.intervals(result)
        figures = {"day": _day(result, table, lang), "months": _months(result, lang)}
        if result.kinds:
            figures["backlog"] = _backlog(result, table, lang)
        if table["answered"].sum() > 0:
            figures["answer-time"] = _answer_time(result, table, lang)
        if result.bill is not None:
            figures["bill"] = _bill(result, result.bill, lang)
        return figures


def _title(result: Result, lang: Lang, what: str) -> str:
    title = result.scenario.title
    name = (title.zh if lang == "zh" else title.en) if title else result.scenario.name
    return f"{name}{'：' if lang == 'zh' else ': '}{what}"


def _replications(result: Result, lang: Lang) -> str:
    runs = len(result.numbers)
    return figure_word("mean_of_one", lang) if runs == 1 else figure_word("mean_of", lang).format(runs)


def note(axes: Axes, text: str) -> None:
    """Write a small line under the title, at its left end."""
    axes.annotate(
        text, (0.0, 1.0), (0, 5), xycoords="axes fraction", textcoords="offset points", fontsize=8.5, color="0.3"
    )


def _workdays(result: Result) -> tuple[pl.Series, bool]:
    """Return the workdays, and whether there are any; if not, all days."""
    kinds = day_kinds(result.first, result.last, result.scenario.calendar)
    days = pl.date_range(result.first, result.last, eager=True)
    workday = pl.Series([shape_kind(kind) == "workday" for kind in kinds])
    return (days.filter(workday), True) if workday.any() else (days, False)


def _day(result: Result, table: pl.DataFrame, lang: Lang) -> Figure:
    """Draw calls offered over an average workday, above the agents on duty and busy."""
    chosen, any_workday = _workdays(result)
    minutes = result.scenario.horizon.interval_minutes
    step_h = minutes / 60.0
    mean = (
        table.filter(pl.col("start").dt.date().is_in(chosen.implode()))
        .group_by(pl.col("start").dt.time().alias("time"))
        .agg(pl.col("offered", "on_duty_h", "busy_h", "task_h").sum() / len(chosen))
        .sort("time")
    )
    edges = np.arange(len(mean) + 1) * step_h
    figure = Figure(figsize=(8.4, 5.6), layout="constrained")
    above, below = figure.subplots(2, 1, sharex=True)
    above.stairs(mean["offered"].to_numpy(), edges, fill=True, color=BLUE, alpha=0.85)
    above.set_ylabel(figure_word("calls_per", lang).format(minutes))
    what = figure_word("workday_calls" if any_workday else "day_calls", lang)
    above.set_title(_title(result, lang, what), pad=18)
    note(above, _replications(result, lang))
    on_duty, busy, tasks = (mean[name].to_numpy() / step_h for name in ("on_duty_h", "busy_h", "task_h"))
    calls = busy - tasks
    below.stairs(calls, edges, fill=True, color=ORANGE, alpha=0.9, label=figure_word("busy", lang))
    if tasks.any():
        label = figure_word("at_tasks", lang)
        below.stairs(busy, edges, baseline=calls, fill=True, color=GREEN, alpha=0.9, label=label)
    below.stairs(on_duty, edges, color="black", linewidth=1.6, baseline=None, label=figure_word("on_duty", lang))
    below.set_ylabel(figure_word("agents", lang))
    below.set_xlabel(figure_word("hour", lang))
    below.legend(loc="upper left", ncols=1)
    below.set_xlim(0, 24)
    below.set_xticks(range(0, 25, 2))
    for axes in (above, below):
        axes.set_ylim(bottom=0)
        axes.yaxis.set_major_formatter(THOUSANDS)
    return figure


def _backlog(result: Result, table: pl.DataFrame, lang: Lang) -> Figure:
    """Draw the tasks that wait, kind upon kind: through the days, and over an average workday."""
    chosen, any_workday = _workdays(result)
    waiting = table.filter(pl.col("task").is_not_null()).select("start", "task", "backlog")
    long = (result.last - result.first).days >= _HOURLY_DAYS
    through = waiting
    if long:
        through = waiting.group_by(pl.col("start").dt.date(), "task").agg(pl.col("backlog").last()).sort("start")
    days = waiting.filter(pl.col("start").dt.date().is_in(chosen.implode()))
    by_time = days.group_by(pl.col("start").dt.time(), "task").agg(pl.col("backlog").mean()).sort("start")
    # The fullest first, at the bottom; what is beyond the colours is one.
    peaks = {name: found["backlog_max"].mean or 0.0 for name, found in result.kinds.items()}
    order = sorted(peaks, key=lambda name: -peaks[name])
    shown, rest = order[: len(_KIND_COLOURS)], order[len(_KIND_COLOURS) :]
    figure = Figure(figsize=(8.4, 5.6), layout="constrained")
    above, below = figure.subplots(2, 1)
    steps_a_day = by_time["start"].n_unique()
    days_on = np.arange(through["start"].n_unique() + 1) / (1.0 if long else steps_a_day)
    hours = np.arange(steps_a_day + 1) * (24.0 / steps_a_day)
    for axes, found, edges in ((above, through, days_on), (below, by_time, hours)):
        layers = [(kind_name(result, name, lang), [name]) for name in shown]
        layers += [(figure_word("other_kinds", lang).format(len(rest)), rest)] if rest else []
        base = np.zeros(len(edges) - 1)
        for (label, names), colour in zip(layers, (*_KIND_COLOURS, GREY), strict=False):
            parts = [found.filter(pl.col("task") == name)["backlog"].to_numpy() for name in names]
            top = base + np.sum(parts, axis=0)
            axes.stairs(top, edges, baseline=base, fill=True, color=colour, label=label)
            base = top
        axes.set_ylabel(figure_word("tasks", lang))
        axes.set_ylim(bottom=0)
        axes.yaxis.set_major_formatter(THOUSANDS)
        axes.set_xlim(edges[0], edges[-1])
    above.set_title(_title(result, lang, figure_word("backlog", lang)), pad=18)
    note(above, figure_word("backlog_days" if long else "backlog_hours", lang).format(_replications(result, lang)))
    figure.legend(*above.get_legend_handles_labels(), loc="outside lower center", ncols=2)
    _name_days(above, result)
    below.set_title(figure_word("backlog_day" if any_workday else "backlog_any_day", lang))
    below.set_xlabel(figure_word("hour", lang))
    below.set_xticks(range(0, 25, 2))
    return figure


def _name_days(axes: Axes, result: Result) -> None:
    """Write dates under an axis in days: of every day, of a few, or of each month's first."""
    days = pl.date_range(result.first, result.last, eager=True).to_list()
    wanted = [i for i, day in enumerate(days) if len(days) <= 62 or day.day == 1]
    wanted = wanted[:: -(-len(wanted) // 12)]
    axes.set_xticks(wanted, [f"{days[i]:%Y-%m}" if len(days) > 62 else f"{days[i]:%m-%d}" for i in wanted], fontsize=9)


def _answer_time(result: Result, table: pl.DataFrame, lang: Lang) -> Figure:
    """Draw the mean answer time by hour and weekday as a heat map, in the target's counting."""
    asa = result.scenario.targets.asa
    parts = result.scenario.targets.answer_time_counts
    offset_s = answer_time_offset_ms(result.scenario, parts) / SECOND_MS
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
    aim = asa.at_most_s if asa and asa.at_most_s > 0.0 else None
    # The same colour is the same time in every result with this target.
    top = max(float(np.nanmax(grid)), 0.1) if aim is None else 2.0 * aim
    colours, norm = (_UP_FROM_0 if aim is None else _AROUND_AIM), Normalize(0.0, top)
    figure = Figure(figsize=(9.6, 1.6 + 0.36 * len(days)), layout="constrained")
    axes = figure.subplots()
    axes.grid(False)
    image = axes.imshow(grid, cmap=colours, norm=norm, aspect="auto")
    for (day, hour), value in np.ndenumerate(grid):
        if not np.isnan(value):
            dark = float(np.dot(colours(norm(value))[:3], (0.299, 0.587, 0.114))) < 0.5
            label = f"{value:.1f}" if value < 9.95 else f"{value:.0f}"
            axes.text(hour, day, label, ha="center", va="center", fontsize=7, color="w" if dark else "k")
    weekdays = figure_word("weekdays", lang).split()
    axes.set_yticks(range(len(days)), [weekdays[day] for day in days])
    axes.set_xticks(range(24))
    axes.set_xlabel(figure_word("hour_came", lang))
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.tick_params(length=0)
    basis = measure_basis("asa_s", parts, lang)
    axes.set_title(_title(result, lang, figure_word("asa", lang).format(basis)), pad=18)
    note(axes, figure_word("asa_scale_free" if aim is None else "asa_scale", lang).format(aim, round(top, 1)))
    bar = figure.colorbar(image, ax=axes, pad=0.01, extend="neither" if aim is None else "max")
    ticks = np.linspace(0.0, top, 5)
    bar.set_ticks(list(ticks), labels=[f"{tick:.10g} s" for tick in ticks.round(1)])
    bar.outline.set_visible(False)
    return figure


def _months(result: Result, lang: Lang) -> Figure:
    """Draw offered calls, connection rate and answer time by month, with 95 % intervals and targets."""
    months = [month for month in result.months if month.measures["offered"].mean]
    labels = [month.label for month in months]
    place = np.arange(len(months))
    figure = Figure(figsize=(8.4, 6.8), layout="constrained")
    top, middle, bottom = figure.subplots(3, 1, sharex=True)
    offered = [month.measures["offered"] for month in months]
    top.bar(place, [estimate.mean or 0.0 for estimate in offered], color=BLUE, alpha=0.85, width=0.7)
    _points(top, place, offered, 1.0, "black", marker="")
    top.set_title(_title(result, lang, figure_word("month_calls", lang)), pad=18)
    runs = len(result.numbers)
    note(top, figure_word("bars" if runs > 1 else "no_bars", lang).format(runs))
    top.yaxis.set_major_formatter(THOUSANDS)
    targets = result.scenario.targets
    rate = targets.connection_rate
    basis = rate.basis if rate is not None else "attempts"
    name = "connection_rate" if basis == "attempts" else f"connection_rate_{basis}"
    _points(middle, place, [month.measures[name] for month in months], 100.0, GREEN)
    if rate is not None:
        _goal(middle, rate.at_least * 100.0, figure_word("rate_goal", lang).format(rate.at_least * 100.0))
    middle.set_title(figure_word("rate", lang).format(figure_word(basis, lang)))
    _points(bottom, place, [month.measures["asa_s"] for month in months], 1.0, BLUE)
    asa = targets.asa
    if asa is not None:
        _goal(bottom, asa.at_most_s, figure_word("asa_goal", lang).format(asa.at_most_s))
    bottom.set_title(
        figure_word("asa", lang).format(measure_basis("asa_s", result.scenario.targets.answer_time_counts, lang))
    )
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
    if all(e.low is None for _, e, _ in known) and not marker:
        return
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
    axes.axhline(value, color=RED, linestyle="--", linewidth=1.2, label=label)
    axes.legend(loc="lower right", bbox_to_anchor=(1.0, 0.98), borderaxespad=0.2)


def _bill(result: Result, bill: Bill, lang: Lang) -> Figure:
    """Draw each line of the contract against the published figure, and under it its parts with their amounts."""
    rows: list[tuple[str, float, str, float | None, bool]] = []
    for line in bill.lines:
        rows.append((line_name(line.key, lang), line.wan, line.key, line.published_wan, True))
        parts = families(line, lang)
        rows += [(name, wan, line.key, None, False) for name, wan in parts if len(parts) > 1]
    figure = Figure(figsize=(9.6, 1.6 + 0.235 * len(rows)), layout="constrained")
    axes = figure.subplots()
    # A little room above each line of the contract.
    ys = np.arange(len(rows)) + 0.4 * np.cumsum([whole for *_, whole in rows])
    colours = [to_rgba(_LINE_COLOURS[line], 1.0 if whole else 0.55) for _, _, line, _, whole in rows]
    axes.barh(ys, [wan for _, wan, _, _, _ in rows], color=colours, height=0.78)
    for y, (_, wan, _, published, whole) in zip(ys, rows, strict=True):
        axes.annotate(
            f"{wan:,.2f}", (max(wan, published or 0.0), y), (5, 0), textcoords="offset points", va="center",
            fontsize=8.5, fontweight="bold" if whole else "normal",
        )  # fmt: skip
        if published is not None:
            axes.vlines(published, y - 0.48, y + 0.48, color="black", linewidth=1.8)
    axes.set_yticks(ys, [_halved(name) for name, *_ in rows], fontsize=9)
    for label, (_, _, _, _, whole) in zip(axes.get_yticklabels(), rows, strict=True):
        label.set_fontweight("bold" if whole else "normal")
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(ys[-1] + 0.6, ys[0] - 0.6)
    axes.grid(axis="x")
    axes.grid(False, axis="y")
    axes.xaxis.set_major_locator(MaxNLocator(6))
    axes.xaxis.set_major_formatter(THOUSANDS)
    axes.margins(x=0.09)
    money = figure_word("wan", lang) if lang == "zh" or chinese_font() else "10,000 yuan"
    axes.set_title(_title(result, lang, figure_word("bill", lang).format(money)), pad=18)
    total = f"{bill.total_wan:,.2f}"
    if bill.published_total_wan is None:
        note(axes, figure_word("in_all", lang).format(total))
    else:
        note(axes, figure_word("published_in_all", lang).format(total, f"{bill.published_total_wan:,.10g}"))
        axes.plot([], [], color="black", linewidth=1.8, label=figure_word("published", lang))
        axes.legend(loc="lower right")
    return figure


def _halved(name: str) -> str:
    """Return a long Chinese name on two lines, broken between words."""
    breaks = [i for i in range(1, len(name)) if name[i - 1] in "、等" or name[i] == "及"]
    if len(name) < 15 or not breaks:
        return name
    at = min(breaks, key=lambda i: abs(2 * i - len(name)))
    return f"{name[:at]}\n{name[at:]}"
