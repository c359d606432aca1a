"""A scenario on screen: every number with its unit and source; and what ``check`` has to say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from sim.report import formats
from sim.report.phrases import said, unit
from sim.report.tables import new_table
from sim.report.words import Lang, word
from sim.scenario import Scenario, numbers
from sim.scenario.faults import Path, parse_path

_COLOURS = {"document": "green", "calibrated": "magenta", "assumed": "yellow", "changed": "cyan"}
_LISTED = 4
_KEY_WIDTH = 40


def scenario_numbers(scenario: Scenario, lang: Lang, within: Path = ()) -> Table:
    """Return key, value, unit and source of every number, or of those at a place and below it."""
    table = new_table(scenario.name, *(word(key, lang) for key in ("key", "value", "unit", "source")))
    table.columns[1].justify = "right"
    for column in table.columns:
        column.overflow = "fold"  # a key or a link is never cut
    table.columns[0].no_wrap = True
    for column, width in zip(table.columns[1:3], (14, 16), strict=True):
        column.width = width
    place = tuple(str(key) for key in within)
    for path, value, source in numbers(scenario):
        if (parse_path(path) or ())[: len(place)] != place:
            continue
        kind = source.partition(":")[0]
        told = Text(said(source, lang), _COLOURS.get(kind, ""))
        table.add_row(Text(key_lines(path)), _value(value), unit(formats.unit_of(path), lang), told)
    return table


def key_lines(path: str) -> str:
    """Return a key on one line, or one too long for a column on several, that end at its dots."""
    lines = [""]
    for place, part in enumerate(path.split(".")):
        piece = f".{part}" if place else part
        if lines[-1] and len(lines[-1]) + len(piece) > _KEY_WIDTH:
            lines[-1] += "."
            piece = f"  {part}"
            lines.append(piece)
        else:
            lines[-1] += piece
    return "\n".join(lines)


def _value(value: float | tuple[float, ...]) -> str:
    if isinstance(value, tuple):
        more = f", … ({len(value)})" if len(value) > _LISTED else ""
        return ", ".join(f"{item:,.10g}" for item in value[:_LISTED]) + more
    return f"{value:,.10g}"


def good(
    name: str, *, days: int, contacts: float, agents_at_peak: int, seats: int | None, replications: int,
    jobs: int, run_s: float, lang: Lang = "en",
) -> str:  # fmt: skip
    """Return the line that says a scenario can be used, and how big it is.

    Parameters
    ----------
    name
        The scenario's.
    days, contacts, agents_at_peak, seats
        Its size: days of the horizon, expected calls, agents planned at the peak, seats (None: no limit).
    replications, jobs, run_s
        A run: how many replications, how many at a time, and the seconds it takes, about.
    lang
        Which language.
    """
    if lang == "zh":
        places = "座席不限" if seats is None else f"座席 {seats:,} 个"
        about = f"{run_s:.0f} 秒" if run_s < 90 else f"{run_s / 60:.0f} 分钟"
        return (
            f"可用：{name}，{days:,} 天，重拨前约 {contacts:,.0f} 个来电，高峰在岗 {agents_at_peak:,} 人，{places}；"
            f"{replications} 次重复约需 {about}，{jobs} 个进程并行"
        )
    places = "no limit of seats" if seats is None else formats.counted(seats, "seat")
    about = f"{run_s:.0f} s" if run_s < 90 else f"{run_s / 60:.0f} minutes"
    return (
        f"ok: {name}, {formats.counted(days, 'day')}, about {contacts:,.0f} calls before redials, "
        f"{formats.counted(agents_at_peak, 'agent')} on duty at the peak, {places}; "
        f"{replications} replications take about {about}, {jobs} at a time"
    )


def remarks(notes: Iterable[str], lang: Lang) -> Iterator[RenderableType]:
    """Yield what a planner should know, a paragraph each."""
    for note in notes:
        yield Text.assemble((word("note", lang), "bold yellow"), said(note, lang))
