"""What a planner writes to vary a scenario: ``--vary``, ``--range`` and a file of cases; read and checked."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Collection, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from sim.experiment import sheets
from sim.experiment.sweep import MOST_CASES, VARY, Case
from sim.scenario import Fault, Scenario
from sim.scenario.faults import format_path, parse_path, shown
from sim.scenario.load import split_override
from sim.scenario.ranges import Parameter, parameter, range_fault, range_fault_around

_NUMBER: Final = r"[-+]?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?"
_SPAN: Final = re.compile(rf"({_NUMBER})\.\.({_NUMBER})(?:/({_NUMBER}))?")
_NAME: Final = "case"
_NAMES: Final = (_NAME, "方案", "方案名称", "名称")
_CASES: Final = sheets.Wanted("--cases", "a table of cases", "use --vary")


def values_by_key(written: Sequence[str]) -> tuple[dict[str, list[str]], list[Fault]]:
    """Read ``key=v1,v2,…`` and ``key=low..high/step``: the values of each key, and what is wrong.

    Commas and dots inside quotes, brackets and braces belong to a value.
    """
    found: dict[str, list[str]] = {}
    faults = []
    for text in written:
        split = split_override(text)
        values = list(_values(split[1])) if split else []
        key = format_path(split[0]) if split else ""
        if not split or not all(values):
            allowed = "key=v1,v2,… or key=low..high/step, such as demand.growth=0,0.05,0.1"
            remedy = "write the key, =, and values with commas between"
            if "*" in text.partition("=")[0]:
                remedy = "* is for --sample and for ranges: write the key of each name by itself"
            faults.append(Fault(VARY, "", shown(text), allowed, remedy))
        elif key in found:
            faults.append(Fault(VARY, key, split[1], "each key once", "write all its values in one --vary"))
        elif any(_SPAN.fullmatch(value) for value in values):
            allowed = "values, or low..high/step with the lower first and at most 1,000 steps"
            faults.append(
                Fault(VARY, key, split[1], allowed, f"write {key}=LOW..HIGH/STEP, or add --sample N to draw between")
            )
        else:
            found[key] = values
        repeated = sorted({value for value in values if values.count(value) > 1})
        if repeated:
            faults.append(
                Fault(VARY, key, split[1] if split else "", "each value once", f"leave {repeated[0]} out once")
            )
    count = math.prod(map(len, found.values()))
    if count > MOST_CASES:
        allowed = f"at most {MOST_CASES:,} cases"
        faults.append(
            Fault(VARY, "", f"{count:,} cases", allowed, "give fewer values, or add --sample N to draw between")
        )
    return found, faults


def ranges_by_key(option: str, written: Sequence[str]) -> tuple[dict[str, tuple[float, float]], list[Fault]]:
    """Read ``key=low..high``: the bounds of each key, and what is wrong with how they are written."""
    found: dict[str, tuple[float, float]] = {}
    faults = []
    for text in written:
        key, sign, rest = (part.strip() for part in text.rpartition("="))
        span = _SPAN.fullmatch(rest)
        if not sign or not key or span is None or span[3] is not None:
            allowed = "key=low..high, such as types.*.redial.probability=0.3..0.6"
            faults.append(Fault(option, "", shown(text), allowed, "write two numbers with two dots between"))
        elif not float(span[1]) < float(span[2]):
            faults.append(Fault(option, key, rest, "the lower number first", "exchange the two numbers"))
        elif key in found:
            faults.append(Fault(option, key, rest, "each key once", "leave one of the two out"))
        else:
            found[key] = float(span[1]), float(span[2])
    return found, faults


def parameters_between(
    scenario: Scenario, option: str, written: Sequence[str], *, around: bool = False
) -> tuple[list[Parameter], list[Fault]]:
    """Read ``key=low..high``: the numbers of a scenario that vary between bounds, and what is wrong.

    Parameters
    ----------
    scenario
        Whose numbers.
    option, written
        Where the planner wrote what.
    around
        Whether the scenario's own number must lie between the bounds.
    """
    bounds, faults = ranges_by_key(option, written)
    found = []
    for key, both in bounds.items():
        wrong = range_fault(scenario, key, *both)
        if wrong is None and around:
            wrong = range_fault_around(scenario, key, *both)
        if wrong:
            faults.append(Fault(option, key, "{:.10g}..{:.10g}".format(*both), wrong.allowed, wrong.remedy))
        else:
            found.append(parameter(scenario, key, *both))
    return found, faults


def cases_of_file(file: str) -> tuple[list[Case], list[Fault]]:
    """Read a table of cases as CSV or Excel: a column a key, a row a case; an empty cell changes nothing.

    A column headed ``case`` or 方案 names the cases.
    """
    try:
        lines = sheets.read(Path(file), _CASES)
    except sheets.SheetError as error:
        return [], error.faults
    if len(lines) < 2:
        return [], [Fault(file, "", "", "a line of keys, then a line a case", "write them, or use --vary")]
    header = {cell.column: _text(cell.value) for cell in lines[0] if cell.value is not None}
    faults = [*_header_faults(file, header.values()), *_row_faults(file, lines)]
    if faults:
        return [], faults
    cases = []
    for row in lines[1:]:
        number = row[0].row
        cells = {header[cell.column]: _text(cell.value) for cell in row if cell.value is not None}
        names = [text for heading, text in cells.items() if _is_name(heading)]
        changes = {key: text for key, text in cells.items() if not _is_name(key)}
        cases.append(Case(names[0] if names else f"line {number}", changes, f"{file}, line {number}"))
    every = [case.name for case in cases]
    faults = [
        Fault(case.place, _NAME, shown(case.name), "each name once", "give each case a name of its own")
        for place, case in enumerate(cases)
        if case.name in every[:place]
    ]
    if len(cases) > MOST_CASES:
        faults.append(Fault(file, "", f"{len(cases):,} cases", f"at most {MOST_CASES:,}", "keep those that matter"))
    return cases, faults


def _is_name(heading: str) -> bool:
    words = sheets.words_of(heading)
    return bool(words) and all(word in _NAMES for word in words)


def _text(value: Any) -> str:
    """Return a cell as it would be typed after ``--set``."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dt.datetime):
        # A spreadsheet has no dates without a time.
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat()
    # As many digits as a spreadsheet knows: its 0.1 + 0.2 is 0.3.
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def _header_faults(file: str, header: Collection[str]) -> Iterator[Fault]:
    known = set()
    keys = 0
    for cell in header:
        path = (_NAME,) if _is_name(cell) else parse_path(cell)
        keys += path is not None and not _is_name(cell)
        if path is None:
            remedy = "part the columns with commas" if re.search("[;；，]", cell) else "correct the heading"
            yield Fault(f"{file}, line 1", "", shown(cell), "key paths, such as demand.growth", remedy)
        elif path in known:
            yield Fault(f"{file}, line 1", "", shown(cell), "each key once", "remove one of the two columns")
        known.add(path)
    if not keys:
        allowed = "at least one key beside case (方案)"
        yield Fault(f"{file}, line 1", "", "", allowed, "add a column such as demand.growth")


def _row_faults(file: str, lines: Sequence[Sequence[sheets.Cell]]) -> Iterator[Fault]:
    headed = {cell.column for cell in lines[0] if cell.value is not None}
    for row in lines[1:]:
        place = f"{file}, line {row[0].row}"
        if len(row) != len(lines[0]):
            allowed = f"{len(lines[0])} cells, as many as the first line has"
            remedy = "add or remove commas; put a value with commas in quotes"
            yield Fault(place, "", f"{len(row)} cells", allowed, remedy)
            continue
        for cell in row:
            if cell.value is not None and cell.column not in headed:
                remedy = "give the column a heading, or empty the cell"
                yield Fault(place, "", shown(_text(cell.value)), "cells under a heading", remedy)


def _values(text: str) -> Iterator[str]:
    for part in _parts(text):
        span = _SPAN.fullmatch(part)
        yield from _steps(*(Decimal(x) for x in span.groups())) if span and span[3] else (part,)


def _steps(low: Decimal, high: Decimal, step: Decimal) -> Iterator[str]:
    if step <= 0 or high <= low or (high - low) / step > 1_000:
        yield f"{low}..{high}"
        return
    for number in range(int((high - low) / step) + 1):
        yield f"{low + number * step:f}"


def _parts(text: str) -> Iterator[str]:
    """Yield what stands between the commas that are in no quotes, brackets or braces."""
    depth, quote, part = 0, "", ""
    for letter in text:
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "\"'":
            quote = letter
        else:
            depth += (letter in "[{") - (letter in "]}")
        if letter == "," and not quote and depth == 0:
            yield part.strip()
            part = ""
        else:
            part += letter
    yield part.strip()
