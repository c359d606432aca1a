"""How what was measured is told: plain-text tables, and on which machine."""

from __future__ import annotations

import io
import os
import platform

from rich.console import Console
from rich.table import Table


def plain_table(*headings: str, texts: int) -> Table:
    """Return an empty table without a frame; columns after the first ``texts`` are right-aligned."""
    table = Table(box=None, pad_edge=False, header_style="")
    for place, heading in enumerate(headings):
        table.add_column(heading, no_wrap=True, justify="left" if place < texts else "right")
    return table


def rendered(*parts: Table | str, width: int) -> str:
    """Return tables and paragraphs as plain text."""
    text = io.StringIO()
    console = Console(file=text, width=width, color_system=None, highlight=False)
    for part in parts:
        console.print(part)
    return text.getvalue()


def machine() -> str:
    """Return what the machine is, as a phrase."""
    system = f"{platform.system()} {platform.machine()}"
    return f"{os.cpu_count()} processors, Python {platform.python_version()}, {system}"
