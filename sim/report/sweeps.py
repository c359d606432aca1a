"""A sweep and a sensitivity on screen and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, cast

import polars as pl
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from sim.experiment.definitions import Definition, definitions_table
from sim.experiment.quantities import IN_WAN, PROBABILITY
from sim.experiment.sensitivity import Index, Sensitivity, Swing, by_swing, sobol_table, tornado_table
from sim.measures import UNITS
from sim.report import formats
from sim.report.names import COUNTED, VERDICT_COLOURS, quantity_name, verdict_word
from sim.report.phrases import said
from sim.report.tables import new_table
from sim.report.words import Lang, figure_word, word
from sim.scenario.targets import Population
from sim.targets import POPULATIONS


def column(name: str) -> str:
    """Return the column of a sweep's table that has a quantity's mean."""
    return f"{name}_mean" if name in UNITS else name


def unit_of(name: str) -> str:
    """Return the unit of a quantity."""
    return "万元" if name.endswith(IN_WAN) else "share" if name.endswith(PROBABILITY) else UNITS[name]


def sweep(
    frame: pl.DataFrame, keys: Sequence[str], names: Sequence[str], title: str, lang: Lang, *, named: bool = False
) -> Table:  # fmt: skip
    """Return a row a case: what was varied, and some quantities with their intervals.

    Parameters
    ----------
    frame
        From :func:`sim.experiment.sweep.table`.
    keys
        The columns that were varied.
    names
        The quantities shown.
    title
        What was varied.
    lang
        The language.
    named
        Whether the planner gave the cases names, which then stand before what was varied.
    """
    heads = [quantity_name(name, lang) for name in names]
    before = [word("case_name", lang)] if named else []
    table = new_table(word("sweep", lang).format(title, frame.height), *before, *keys, *heads)
    for place in range(len(before) + len(keys), len(table.columns)):
        table.columns[place].justify = "right"
    for row in frame.iter_rows(named=True):
        told = (
            formats.with_interval(row[column(name)], row.get(f"{name}_low"), row.get(f"{name}_high"), unit_of(name))
            for name in names
        )
        table.add_row(*(_given(row[key]) for key in (*["case"] * named, *keys)), *told)
    return table


def _given(value: Any) -> Text:
    if isinstance(value, float):
        return Text(f"{value:,.10g}")
    return Text(formats.NOTHING if value is None else str(value))


def tornado(swings: Sequence[Swing], lang: Lang) -> RenderableType:
    """Return a row a parameter of one quantity, the widest swing first; ``swings`` are in that order."""
    first = swings[0]
    base = formats.number(first.base, first.unit)
    title = word("tornado", lang).format(quantity_name(first.quantity, lang), base)
    table = new_table(title, *(word(key, lang) for key in ("parameter", "bounds", "at_low", "at_high", "swing")))
    table.columns[0].overflow = "fold"
    for place in range(1, len(table.columns)):
        table.columns[place].justify = "right"
        table.columns[place].no_wrap = True
    for one in swings:
        low, high, own = one.at_low, one.at_high, one.parameter
        table.add_row(
            Text(own.key),
            f"{own.base:.10g}, {own.low:.10g} – {own.high:.10g}",
            formats.change(low.mean, low.low, low.high, one.unit),
            formats.change(high.mean, high.low, high.high, one.unit),
            formats.bare(one.swing, one.unit),
        )
    return table


def sobol(indices: Iterable[Index], quantity: str, lang: Lang) -> RenderableType:
    """Return a row a parameter of one quantity: its share of the variance, the greatest first."""
    own = [one for one in indices if one.quantity == quantity]
    title = word("sobol", lang).format(quantity_name(quantity, lang))
    if not any(one.total.mean is not None for one in own):
        return Text(f"{title}: {word('nothing_varies', lang)}")
    table = new_table(title, *(word(key, lang) for key in ("parameter", "first_order", "total_order")), right=1)
    for one in sorted(own, key=lambda one: one.total.mean or 0.0, reverse=True):
        pair = (
            f"{index.mean:.2f}" + (f" ({index.low:.2f} … {index.high:.2f})" if index.low is not None else "")
            for index in (one.first, one.total)
            if index.mean is not None
        )
        table.add_row(Text(one.parameter), *pair)
    return table


def definitions(found: Sequence[Definition], lang: Lang) -> Table:
    """Return a row a target and definition, the scenario's own marked."""
    keys = ("target", "counts", "average", "wanted", "measured", "verdict", "probability")
    table = new_table(word("definitions", lang), *(word(key, lang) for key in keys), "")
    for each in table.columns[2:]:
        each.no_wrap = True
    before = ""
    for one in found:
        row = one.row
        name = row.name_zh if lang == "zh" else row.name_en
        if one.target == "satisfaction":
            name = word("satisfaction", lang)
        table.add_row(
            "" if one.target == before else name,
            _counts(one, lang),
            word(f"of_{one.average}", lang),
            f"{row.op} {formats.limit(row.target, row.unit)}",
            formats.with_interval(row.measured, row.low, row.high, row.unit),
            Text(verdict_word(row.verdict, lang), VERDICT_COLOURS[row.verdict]) if row.measured is not None else "",
            formats.probability(row.probability, row.probability_low, row.probability_high),
            Text(word("own_definition", lang), "bold") if one.chosen else "",
        )
        before = one.target
    return table


def _counts(one: Definition, lang: Lang) -> str:
    if one.target == "connection_rate":
        return figure_word(one.counts, lang)
    if one.target == "asa":
        return " + ".join(COUNTED[part][lang == "zh"] for part in one.counts.split("+"))
    return said(POPULATIONS[cast("Population", one.counts)], lang)


def sweep_data(frame: pl.DataFrame, keys: Sequence[str]) -> dict[str, Any]:
    """Return what ``hotline sweep --json`` prints: what was varied, and a row a case."""
    return {"varied": list(keys), "cases": frame.to_dicts()}


def sensitivity(found: Sensitivity, names: Sequence[str], lang: Lang) -> Iterator[RenderableType]:
    """Yield a table a quantity, and the targets as they may be meant where they were judged."""
    if found.indices:
        yield from (sobol(found.indices, name, lang) for name in names)
        return
    swings = (by_swing(found.swings, name) for name in names)
    yield from (tornado(own, lang) for own in swings if own)
    yield Text(word("tornado_note", lang), "dim")
    if found.definitions:
        yield definitions(found.definitions, lang)


def sensitivity_frames(found: Sensitivity) -> dict[str, pl.DataFrame]:
    """Return the tables of the result folder, by name."""
    if found.indices:
        return {"sobol": sobol_table(found.indices)}
    return {"tornado": tornado_table(found.swings), "definitions": definitions_table(found.definitions)}


def sensitivity_data(found: Sensitivity) -> dict[str, Any]:
    """Return what ``hotline sensitivity --json`` prints: the tables of the folder, a list of rows each."""
    return {name: frame.to_dicts() for name, frame in sensitivity_frames(found).items()}
