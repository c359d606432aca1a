"""What the validation found, a verdict a row."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any, Final

from rich.console import Group, RenderableType
from rich.text import Text

from sim.report.phrases import said
from sim.report.tables import new_table
from sim.report.words import Lang, word

_COLOURS: Final = {"pass": "green", "fail": "bold red", "known": "yellow"}


def verdicts(rows: Sequence[Any], lang: Lang) -> RenderableType:
    """Return the table of the rows of ``sim.validation``, and how many pass, in a language."""
    headings = ("case", "measure", "expected", "simulated", "verdict", "source")
    table = new_table(word("validation", lang), *(word(heading, lang) for heading in headings))
    for column in (2, 3):
        table.columns[column].justify = "right"
        table.columns[column].no_wrap = True
    sources: dict[str, int] = {}
    for row in rows:
        interval = f" ({row.low:.5g} – {row.high:.5g})" if math.isfinite(row.low + row.high) else ""
        told = [said(part, lang) for part in (row.source, *row.note.split("; ")) if part]
        source = ("；" if lang == "zh" else "; ").join(told)
        number = sources.setdefault(source, len(sources) + 1)
        table.add_row(
            ": ".join(said(part, lang) for part in row.case.split(": ")),
            said(row.measure, lang),
            f"{row.expected:.5g}",
            f"{row.simulated:.5g}{interval}",
            Text(word(f"row_{row.verdict}", lang) + " †" * _beside(row), _COLOURS.get(row.verdict, "dim")),
            Text(f"[{number}]"),
        )
    judged = [row for row in rows if row.verdict in _COLOURS]
    passed, known, failed = (sum(row.verdict == verdict for row in judged) for verdict in ("pass", "known", "fail"))
    style = "bold red" if failed else "bold green"
    if lang == "zh":
        summed = f"{len(judged)} 项中 {passed} 项通过，{failed} 项未通过"
        if known:
            summed += f"，{known} 项为已知偏差"
    else:
        summed = f"{passed} of {len(judged)} pass, {failed} fail"
        if known:
            summed += f", {known} known"
    notes = (Text(f"[{number}] {source}", "dim") for source, number in sources.items())
    return Group(table, *(Text(told) for told in _legend(rows, lang)), *notes, Text(summed, style))


def _beside(row: Any) -> bool:
    """Say whether a row passes although the expected value lies outside the interval that is printed."""
    within = row.low <= row.expected <= row.high or not math.isfinite(row.low + row.high)
    return row.verdict == "pass" and not within


def _legend(rows: Sequence[Any], lang: Lang) -> Iterator[str]:
    """Yield what the words, marks and names of these rows mean."""
    for verdict in ("info", "known"):
        if any(row.verdict == verdict for row in rows):
            yield word(f"tells_{verdict}", lang)
    if any(_beside(row) for row in rows):
        yield word("tells_beside", lang)
    if any(re.match(r"[^,:]+(, [^,:]+){3}", row.case) for row in rows):
        yield word("tells_names", lang)


def as_data(rows: Sequence[Any]) -> list[dict[str, Any]]:
    """Return rows as plain data; a number that is not finite is null."""

    def plain(value: Any) -> Any:
        return None if isinstance(value, float) and not math.isfinite(value) else value

    return [{key: plain(value) for key, value in asdict(row).items()} for row in rows]
