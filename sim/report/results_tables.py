"""Result folders and kept replications on screen: what is there, two of them side by side, what was removed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from rich.console import Group, RenderableType
from rich.text import Text

from sim.experiment.store import Kept
from sim.report import formats
from sim.report.leftovers import Leftover
from sim.report.names import MEASURES, line_name, measure_name
from sim.report.result_folders import SHORT, Chosen, ResultFolder, local_time, of_another_program
from sim.report.results_words import results_word
from sim.report.scenario_tables import key_lines
from sim.report.side_by_side import KeyChange, MeasureRow, SideBySide
from sim.report.tables import new_table
from sim.report.words import Lang, word

_KINDS: Final = ("run", "compare", "sweep", "sensitivity", "track", "heads", "roster", "staff", "frontier")
"""Verbs whose results have a name of their own."""
_MOST_KEYS: Final = 15


def folders(found: Sequence[ResultFolder], lang: Lang) -> RenderableType:
    """Return a row a result folder."""
    keys = ("name", "kind", "scenario", "days", "runs", "seed", "made", "room_mb")
    table = new_table(word("result_folders", lang), *(word(key, lang) for key in keys))
    for column in (4, 5, 7):
        table.columns[column].justify = "right"
    for each in table.columns:
        each.overflow = "fold"  # a name that is cut cannot be written after compare or remove
    for folder in found:
        table.add_row(
            folder.path.name, _kind(folder.kind, lang), folder.scenario or formats.NOTHING,
            _days(folder.first, folder.last), _whole(folder.replications), _whole(folder.seed, grouped=False),
            local_time(folder.made), f"{folder.megabytes:,.2f}",
        )  # fmt: skip
    return table


def kept(found: Sequence[Kept], lang: Lang) -> RenderableType:
    """Return a row an experiment whose replications are kept, and what is of no use any more."""
    keys = ("key", "scenario", "days", "seed", "engine", "runs", "room_mb", "saved", "program")
    table = new_table(word("kept", lang), *(word(key, lang) for key in keys))
    for column in (3, 5, 6):
        table.columns[column].justify = "right"
    for each in table.columns:
        each.overflow = "fold"
    table.columns[0].no_wrap = True  # a short key is copied whole
    others = 0
    for one in found:
        other = of_another_program(one)
        others += other
        table.add_row(
            one.key[:SHORT], one.scenario, _days(one.first, one.last), str(one.seed), one.engine,
            f"{one.replications:,}", f"{one.megabytes:,.2f}", local_time(one.saved),
            word("other_program" if other else "this_program", lang), style="dim" if other else "",
        )  # fmt: skip
    return Group(table, Text(results_word("others_kept", lang))) if others else table


def left_over(found: Sequence[Leftover], lang: Lang) -> RenderableType:
    """Return a row a thing that a stopped run has left, and how to be rid of it."""
    table = new_table(word("left_over", lang), *(word(key, lang) for key in ("name", "what", "room_mb")))
    table.columns[0].overflow = "fold"
    table.columns[2].justify = "right"
    for one in found:
        table.add_row(one.path.name, results_word(f"left_{one.kind}", lang), f"{one.megabytes:,.2f}")
    return Group(table, Text(results_word("left_remedy", lang)))


def comparison(found: SideBySide, lang: Lang) -> Iterator[RenderableType]:
    """Yield what the two are, their measures and their contracts side by side."""
    for letter, side in (("A", found.a), ("B", found.b)):
        runs = f"{side.replications} {word('replications', lang)}"
        yield Text(
            f"{letter}: {side.name} · {side.scenario} · {_days(side.first, side.last)} · {runs} · "
            f"{word('seed', lang)} {side.seed}"
        )
    if found.changed is not None:
        yield _changed(found.changed, lang)
    if not found.same_days:
        yield Text(results_word("other_days", lang), "bold yellow")
    if any(row.a_wan is not None or row.b_wan is not None for row in found.lines.values()):
        money = new_table(word("contract", lang), word("line", lang), "A", "B", word("b_less_a", lang), right=1)
        for key, row in found.lines.items():
            name = word("total", lang) if key == "total" else line_name(key, lang)
            money.add_row(name, formats.wan(row.a_wan), formats.wan(row.b_wan), formats.signed(row.difference_wan))
        yield money
    headings = (word("measure", lang), "A (95 %)", "B (95 %)", word("b_less_a", lang), word("interval", lang))
    table = new_table(word("side_by_side", lang), *headings, right=1)
    for column in table.columns[1:]:
        column.no_wrap = True
    shown = {name: found.measures[name] for name in MEASURES if name in found.measures}
    written = found.measures.get("written_contacts")
    for name, measure in shown.items():
        if measure.a or measure.b:
            by_all = name == "work_orders" and written is not None and (written.a or written.b)
            table.add_row(word("work_orders_of_all", lang) if by_all else measure_name(name, lang), *_in_both(measure))
    yield table
    yield Text(word("unrounded", lang))
    yield Text(results_word("of_pairs" if found.pairs > 1 else "no_pairs", lang).format(found.pairs))
    if found.pairs > 1 and not found.sums:
        yield Text(results_word("no_sums", lang))
    if found.pairs and found.a.replications != found.b.replications:
        yield Text(results_word("of_some", lang))


def _changed(found: Sequence[KeyChange], lang: Lang) -> RenderableType:
    """Return a row a key in which the two scenarios differ; of very many, the first."""
    if not found:
        return Text(results_word("same_scenario", lang))
    table = new_table(word("keys_differ", lang), word("key", lang), "A", "B")
    for one in found[:_MOST_KEYS]:
        table.add_row(key_lines(one.key), *(formats.NOTHING if told is None else told for told in (one.a, one.b)))
    more = len(found) - _MOST_KEYS
    return Group(table, Text(results_word("more_keys", lang).format(more))) if more > 0 else table


def removed(found: Chosen, megabytes: float, lang: Lang) -> Iterator[str]:
    """Yield a line a thing removed, and the room that gave back."""
    for path in (*(folder.path for folder in found.folders), *(left.path for left in found.left)):
        yield results_word("removed_folder", lang).format(path)
    for one in found.kept:
        yield results_word("removed_kept", lang).format(one.key[:SHORT], one.scenario, one.replications)
    yield results_word("room", lang).format(f"{megabytes:,.2f}")


def nothing(place: Path, lang: Lang) -> str:
    """Return what is said where there is nothing to list."""
    return results_word("nothing_there", lang).format(place)


def _in_both(row: MeasureRow) -> tuple[str, str, str, str]:
    interval = ""
    if row.low is not None and row.high is not None:
        interval = f"{formats.difference(row.low, row.unit)} … {formats.difference(row.high, row.unit)}"
    return (
        formats.with_interval(row.a, row.a_low, row.a_high, row.unit),
        formats.with_interval(row.b, row.b_low, row.b_high, row.unit),
        formats.difference(row.difference, row.unit),
        interval,
    )


def _kind(verb: str, lang: Lang) -> str:
    return word(f"kind_{verb}", lang) if verb in _KINDS else verb


def _days(first: str | None, last: str | None) -> str:
    return formats.NOTHING if first is None or last is None else f"{first} – {last}"


def _whole(value: int | None, *, grouped: bool = True) -> str:
    return formats.NOTHING if value is None else f"{value:,}" if grouped else str(value)
