"""Heads through the year on screen: a row a month, the worst week, and who is not among them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any, Final

from rich.console import RenderableType
from rich.text import Text

from sim.experiment.heads import Heads
from sim.report import formats
from sim.report.heads_words import heads_word
from sim.report.tables import new_table, own_name
from sim.report.words import Lang

_COLUMNS: Final = (
    *("month", "heads", "trainees", "joined", "left", "left_training"),
    *("full_strength", "range", "needed", "gap"),
)
_SHORT: Final = 0.99
"""Below this share of filled places the line on screen is marked."""


def heads_tables(found: Heads, lang: Lang) -> Iterator[RenderableType]:
    """Yield the scenario's name, the table by month, and what it says."""
    yield Text(own_name(found.scenario.title, found.scenario.name, lang), "bold")
    table = new_table(heads_word("title", lang), *(heads_word(key, lang) for key in _COLUMNS), right=1)
    for row in found.by_month().iter_rows(named=True):
        table.add_row(row["month"], *_cells(row))
    table.add_row(heads_word("whole", lang), *_cells(found.whole().row(0, named=True)), style="bold")
    yield table
    yield Text(worst(found, lang), "bold yellow" if found.gap[found.worst_week] < 0.0 else "bold")
    yield Text(heads_word("agents_only", lang))
    yield Text(heads_word("basis", lang).format(len(found.paths), found.needed.balanced), "dim")


def simulated(found: Heads, first: dt.date, last: dt.date, lang: Lang) -> Text:
    """Return the line that says what heads the replications of a run had, on average, and what novices took."""
    means = found.means(first, last)
    told = heads_word("simulated", lang).format(
        means["heads"],
        found.needed.balanced,
        formats.number(means["filled_share"], "share"),
        formats.number(means["handling_factor"] - 1.0, "share"),
        formats.number(means["on_the_spot_loss"], "share"),
    )
    return Text(told, "bold yellow" if means["filled_share"] < _SHORT else "bold")


def _cells(row: dict[str, Any]) -> Iterator[str]:
    yield from (f"{row[key]:,.1f}" for key in ("heads", "trainees", "joined", "left", "left_training", "full_strength"))
    yield f"{row['full_strength_low']:,.1f}–{row['full_strength_high']:,.1f}"
    yield f"{row['needed']:,.1f}"
    yield formats.signed(row["gap"], 1)


def worst(found: Heads, lang: Lang) -> str:
    """Return the sentence that names the worst week."""
    week, gap = found.worst_week, found.gap[found.worst_week]
    days = found.expected.weeks[week]
    told = heads_word("worst_short" if gap < 0.0 else "worst_spare", lang)
    return told.format(days[0], days[-1], found.needed.heads[week], found.expected.full_strength[week], abs(gap))
