"""Where the command writes: tables on standard output, progress and messages on standard error."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import datetime as dt

    from rich.console import Console, RenderableType

    from sim.report.words import Lang
    from sim.scenario import Scenario

_WIDTH = 120
"""Of tables that go to a file or another program."""


def show(*tables: RenderableType) -> None:
    """Print tables on standard output."""
    console = _console(sys.stdout)
    for table in tables:
        console.print(table)


def show_json(data: Any) -> None:
    """Print strictly valid JSON on standard output."""
    from sim.report.summary import text

    written = text(data)
    try:
        written.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        import json

        written = json.dumps(data, indent=1) + "\n"
    sys.stdout.write(written)


def say(message: str) -> None:
    """Print a message on standard error."""
    print(message, file=sys.stderr, flush=True)


def warn(scenario: Scenario, lang: Lang, first: dt.date | None = None, last: dt.date | None = None) -> None:
    """Say on standard error what is allowed in a scenario, simulated on these days, and hardly meant."""
    from sim import verbs
    from sim.report.phrases import said
    from sim.report.words import told

    for warning in verbs.warnings(scenario, first, last):
        say(f"{told('warning', lang)}{said(warning, lang)}")


def show_toml(text: str) -> None:
    """Print TOML on standard output; what its encoding has not, as TOML's own escapes."""
    encoding = sys.stdout.encoding or "utf-8"

    def escaped(letter: re.Match[str]) -> str:
        code = ord(letter[0])
        try:
            letter[0].encode(encoding)
        except UnicodeEncodeError:
            return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
        return letter[0]

    # Such letters stand between double quotes only, keys and texts alike.
    sys.stdout.write(re.sub(r"[^\x00-\x7f]", escaped, text))


def _console(stream: Any) -> Console:
    import os

    from rich.console import Console

    wide = None if stream.isatty() or "COLUMNS" in os.environ else _WIDTH
    return Console(file=stream, width=wide, highlight=False, markup=False, emoji=False)


@contextmanager
def progress(title: str, *, quiet: bool) -> Iterator[Callable[[int, int], None]]:
    """Show how far a long command is, on standard error and only if that is a terminal.

    Yields
    ------
    callable
        To be told what is done and what is wanted.
    """
    with stages(lambda _: title, quiet=quiet) as told:
        yield lambda done, wanted: told("", done, wanted)


@contextmanager
def stages(title: Callable[[str], str], *, quiet: bool) -> Iterator[Callable[[str, int, int], None]]:
    """Show how far each stage of a long command is, one after the other, as :func:`progress` does.

    Parameters
    ----------
    title
        What a stage is called.
    quiet
        Whether to show nothing.

    Yields
    ------
    callable
        To be told the stage, what of it is done and what is wanted.
    """
    if quiet or not sys.stderr.isatty():
        yield lambda stage, done, wanted: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=_console(sys.stderr), transient=True) as bar:
        task = bar.add_task("", total=None)
        shown: str | None = None

        def told(stage: str, done: int, wanted: int) -> None:
            nonlocal shown
            if stage != shown:
                # Time left is that of this stage alone.
                bar.reset(task, description=title(stage), total=wanted)
                shown = stage
            bar.update(task, completed=done, total=wanted)

        yield told


def announce_compiling(lang: Lang, *, quiet: bool) -> None:
    """Say that the simulation will be compiled first, if it must be: else a minute passes in silence."""
    if quiet:
        return
    from sim.compiled import compiled_before

    if not compiled_before():
        from sim.report.words import told

        say(told("compiling", lang))


def announce_no_font(lang: Lang) -> None:
    """Say that figures asked for in Chinese will be in English, if no Chinese font is installed here."""
    from sim.report.figures import chinese_font
    from sim.report.words import told

    if lang == "zh" and chinese_font() is None:
        say(told("no_font", lang))
