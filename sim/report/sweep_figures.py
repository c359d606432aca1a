"""The figures of a sweep, a tornado and Sobol indices."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl
import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from sim.experiment.sensitivity import Index, Sensitivity, Swing, by_swing
from sim.report import formats
from sim.report.figures import BLUE, GREEN, GREY, ORANGE, RED, chinese_font, keep, style
from sim.report.names import quantity_name
from sim.report.sweeps import column, unit_of
from sim.report.words import Lang, figure_word, word

_COLOURS: Final = (BLUE, ORANGE, GREEN, "#CC79A7", "#56B4E9", RED, "black", "#F0E442")
_NAMED: Final = 40
"""So many cases or fewer have a line each, with their names."""
_PER_ROW: Final = 0.34


def save(figures: Callable[[Lang], Mapping[str, Figure]], folder: Path, lang: Lang) -> None:
    """Draw figures into a folder (:func:`sim.report.figures.keep`).

    Parameters
    ----------
    figures
        Draws them, by name, in a language.
    folder
        Where; it is made.
    lang
        The language; English where no Chinese font is installed.
    """
    with mpl.rc_context(style()):
        drawn = figures("en" if chinese_font() is None else lang)
    keep(drawn, folder)


def sweep(
    frame: pl.DataFrame, keys: Sequence[str], names: Sequence[str], lang: Lang, *, named: bool = False
) -> dict[str, Figure]:  # fmt: skip
    """Return a figure a quantity, by its name: lines over one or two varied numbers, else a dot a case.

    Parameters
    ----------
    frame
        From :func:`sim.experiment.sweep.table`.
    keys
        The columns that were varied.
    names
        The quantities.
    lang
        The language.
    named
        Whether the planner gave the cases names, which then stand beside their dots.
    """
    return {name: _sweep(frame, keys, name, lang, named=named) for name in names}


def _sweep(frame: pl.DataFrame, keys: Sequence[str], name: str, lang: Lang, *, named: bool) -> Figure:
    labelled = frame.height <= _NAMED
    is_grid = frame.height == np.prod([frame[key].n_unique() for key in keys])
    few = len(keys) == 1 or (len(keys) == 2 and is_grid and frame[keys[1]].n_unique() <= len(_COLOURS))
    along = few and frame[keys[0]].dtype.is_numeric() and not (named and labelled)
    if along:
        figure = Figure(figsize=(7.2, 4.4), layout="constrained")
        axes = figure.subplots()
        _lines(axes, frame, keys, name)
    elif labelled:
        figure = Figure(figsize=(8.4, 1.4 + _PER_ROW * frame.height), layout="constrained")
        axes = figure.subplots()
        _named(axes, frame, name)
    else:
        figure = Figure(figsize=(3.4 * len(keys), 3.8), layout="constrained")
        panels = figure.subplots(1, len(keys), sharey=True, squeeze=False)[0]
        for axes, key in zip(panels, keys, strict=True):
            axes.plot(_category(frame[key]), _shown(frame, column(name), name), "o", color=BLUE, markersize=3)
            axes.set_xlabel(key)
            _unit_axis(axes.yaxis, name)
        axes = panels[0]
    has_bars = f"{name}_low" in frame.columns and frame[f"{name}_low"].null_count() < frame.height
    note = f" · {figure_word('bars_cases', lang)}" if has_bars and (along or labelled) else ""
    figure.suptitle(f"{quantity_name(name, lang)}{_unit_words(name)}{note}", x=0.01, ha="left", fontsize=11)
    return figure


def _lines(axes: Axes, frame: pl.DataFrame, keys: Sequence[str], name: str) -> None:
    groups = frame.partition_by(keys[1], maintain_order=True) if len(keys) == 2 else [frame]
    for group, colour in zip(groups, _COLOURS, strict=False):
        own = group.sort(keys[0])
        label = f"{keys[1]} = {own[keys[1]][0]}" if len(keys) == 2 else None
        values = _shown(own, column(name), name)
        axes.errorbar(
            own[keys[0]].to_numpy(), values, _bars(own, name, values), color=colour, marker="o", markersize=4,
            capsize=2, linewidth=1.4, label=label,
        )  # fmt: skip
    axes.set_xlabel(keys[0])
    _unit_axis(axes.yaxis, name)
    if len(keys) == 2:
        axes.legend(fontsize=9)


def _named(axes: Axes, frame: pl.DataFrame, name: str) -> None:
    values = _shown(frame, column(name), name)
    places = np.arange(frame.height)[::-1]
    axes.errorbar(values, places, xerr=_bars(frame, name, values), fmt="o", color=BLUE, markersize=5, capsize=2)
    axes.set_yticks(places, frame["case"].to_list(), fontsize=9)
    axes.grid(True, axis="x")
    axes.grid(False, axis="y")
    _unit_axis(axes.xaxis, name)


def _category(values: pl.Series) -> Any:
    return values.to_numpy() if values.dtype.is_numeric() else [str(value) for value in values]


def _shown(frame: pl.DataFrame, name: str, quantity: str) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return a column as drawn: shares in per cent, nothing where nothing was measured."""
    values = frame[name].cast(pl.Float64).to_numpy().astype(float)
    return values * (100.0 if unit_of(quantity).startswith("share") else 1.0)


def _bars(frame: pl.DataFrame, name: str, values: Any) -> Any:
    """Return the lengths of the bars below and above; None where the quantity has no interval."""
    if f"{name}_low" not in frame.columns or frame[f"{name}_low"].null_count() == frame.height:
        return None
    low, high = (_shown(frame, f"{name}_{end}", name) for end in ("low", "high"))
    return np.maximum(np.nan_to_num(np.array([values - low, high - values])), 0.0)


def _unit_words(name: str) -> str:
    unit = unit_of(name)
    return ", %" if unit.startswith("share") else f", {unit}" if unit in ("s", "h", "万元") else ""


def _unit_axis(axis: Any, name: str) -> None:
    if unit_of(name).startswith("share"):
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.10g} %"))
    else:
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.10g}"))


def sensitivity(found: Sensitivity, names: Sequence[str], lang: Lang) -> dict[str, Figure]:
    """Return a figure a quantity: what each parameter does to it at either end, or its share of the variance.

    Parameters
    ----------
    found
        What to draw.
    names
        The quantities.
    lang
        The language.
    """
    figures = {}
    for name in names:
        swings = by_swing(found.swings, name)
        indices = [one for one in found.indices if one.quantity == name and one.total.mean is not None]
        if swings:
            figures[f"tornado-{name}"] = _tornado(swings, lang)
        if indices:
            figures[f"sobol-{name}"] = _sobol(sorted(indices, key=lambda one: one.total.mean or 0.0), name, lang)
    return figures


def _tornado(swings: Sequence[Swing], lang: Lang) -> Figure:
    first = swings[0]
    figure = Figure(figsize=(9.6, 1.8 + _PER_ROW * len(swings)), layout="constrained")
    axes = figure.subplots()
    scale = 100.0 if first.unit.startswith("share") else 1.0
    places = np.arange(len(swings))[::-1]
    for place, one in zip(places, swings, strict=True):
        for end, colour, fill in ((one.at_low, ORANGE, "white"), (one.at_high, BLUE, BLUE)):
            if end.mean is None:
                continue
            axes.barh(place, end.mean * scale, color=colour, height=0.62, alpha=0.55)
            bars = None
            if end.low is not None and end.high is not None:
                bars = np.array([[end.mean - end.low], [end.high - end.mean]]) * scale
            axes.errorbar(
                end.mean * scale, place, xerr=bars, fmt="o", color=colour if fill == "white" else BLUE,
                markerfacecolor=fill, markersize=5, capsize=2, linewidth=1.0,
            )  # fmt: skip
    labels = [f"{one.parameter.key}  [{one.parameter.low:.10g}, {one.parameter.high:.10g}]" for one in swings]
    axes.set_yticks(places, labels, fontsize=9)
    axes.axvline(0.0, color="black", linewidth=0.9)
    axes.grid(True, axis="x")
    axes.grid(False, axis="y")
    unit = figure_word("points", lang) if scale > 1.0 else first.unit
    axes.set_xlabel(figure_word("from_base", lang).format(unit))
    base = formats.number(first.base, first.unit)
    title = word("tornado", lang).format(quantity_name(first.quantity, lang), base)
    figure.suptitle(title, x=0.01, ha="left", fontsize=11)
    axes.set_title(figure_word("at_ends", lang), fontsize=8.5, color="0.3")
    return figure


def _sobol(own: Sequence[Index], name: str, lang: Lang) -> Figure:
    figure = Figure(figsize=(9.0, 1.8 + 1.3 * _PER_ROW * len(own)), layout="constrained")
    axes = figure.subplots()
    places = np.arange(len(own))
    for shift, order, colour in ((0.17, "first", BLUE), (-0.17, "total", GREY)):
        for place, one in zip(places, own, strict=True):
            index = one.first if order == "first" else one.total
            label = figure_word(f"{order}_order", lang) if place == 0 else None
            mean = index.mean or 0.0
            bars = None
            if index.low is not None and index.high is not None:
                bars = np.maximum([[mean - index.low], [index.high - mean]], 0.0)
            axes.barh(place + shift, mean, height=0.32, color=colour, xerr=bars, capsize=2, label=label)
    axes.set_yticks(places, [one.parameter for one in own], fontsize=9)
    axes.set_xlim(min(0.0, axes.get_xlim()[0]), max(1.0, axes.get_xlim()[1]))
    axes.grid(True, axis="x")
    axes.grid(False, axis="y")
    axes.set_xlabel(figure_word("variance", lang))
    axes.legend(loc="lower right")
    figure.suptitle(quantity_name(name, lang), x=0.01, ha="left", fontsize=11)
    return figure
