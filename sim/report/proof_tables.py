"""What the validation found, a verdict a row."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Final

from rich.console import Group, RenderableType
from rich.text import Text

from sim.report.tables import new_table

_COLOURS: Final = {"pass": "green", "fail": "bold red", "known": "yellow"}


def verdicts(rows: Sequence[Any]) -> RenderableType:
    """Return the table of the rows of ``sim.validation``, and how many pass."""
    table = new_table(
        "The simulator against theory and published results",
        "case", "measure", "expected", "simulated (95 % interval)", "verdict", "source",
    )  # fmt: skip
    for column in (2, 3):
        table.columns[column].justify = "right"
        table.columns[column].no_wrap = True
    sources: dict[str, int] = {}
    for row in rows:
        interval = f" ({row.low:.5g} – {row.high:.5g})" if math.isfinite(row.low + row.high) else ""
        source = f"{row.source}; {row.note}" if row.note else row.source
        number = sources.setdefault(source, len(sources) + 1)
        table.add_row(
            row.case,
            row.measure,
            f"{row.expected:.5g}",
            f"{row.simulated:.5g}{interval}",
            Text(row.verdict, _COLOURS.get(row.verdict, "dim")),
            Text(f"[{number}]"),
        )
    judged = [row for row in rows if row.verdict in _COLOURS]
    passed, known, failed = (sum(row.verdict == verdict for row in judged) for verdict in ("pass", "known", "fail"))
    style = "bold red" if failed else "bold green"
    told = f"{passed} of {len(judged)} pass, {failed} fail"
    if known:
        told += f", {known} known: the published number is itself off the exact one, which the simulation meets"
    notes = (Text(f"[{number}] {source}", "dim") for source, number in sources.items())
    return Group(table, *notes, Text(told, style))


def as_data(rows: Sequence[Any]) -> list[dict[str, Any]]:
    """Return rows as plain data; a number that is not finite is null."""

    def plain(value: Any) -> Any:
        return None if isinstance(value, float) and not math.isfinite(value) else value

    return [{key: plain(value) for key, value in asdict(row).items()} for row in rows]
