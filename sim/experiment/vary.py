"""What a planner writes to vary a scenario: ``--vary``, ``--range`` and a file of cases; read and checked."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Final

from sim.experiment.sweep import MOST_CASES, VARY, Case
from sim.scenario import Fault, Scenario
from sim.scenario.faults import format_path, parse_path, shown
from sim.scenario.load import split_override
from sim.scenario.ranges import Parameter, parameter, range_fault, range_fault_around

_NUMBER: Final = r"[-+]?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?"
_SPAN: Final = re.compile(rf"({_NUMBER})\.\.({_NUMBER})(?:/({_NUMBER}))?")
_NAME: Final = "case"


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
    """Read a table of cases as CSV: a column a key, a row a case; ``case`` names it; an empty cell changes nothing."""
    try:
        text = Path(file).read_text("utf-8-sig")
    except UnicodeDecodeError:
        return [], [Fault(file, "", "", "a file in UTF-8", "save it as CSV UTF-8")]
    except OSError as error:
        return [], [Fault("--cases", "", file, "a CSV file", f"check the path ({error.strerror})")]
    lines = [row for row in enumerate(csv.reader(text.splitlines()), 1) if any(cell.strip() for cell in row[1])]
    if len(lines) < 2:
        return [], [Fault(file, "", "", "a line of keys, then a line a case", "write them, or use --vary")]
    header, rows = [cell.strip() for cell in lines[0][1]], lines[1:]
    faults = list(_header_faults(file, header))
    for number, row in rows:
        if len(row) != len(header):
            faults.append(
                Fault(
                    f"{file}, line {number}",
                    "",
                    f"{len(row)} cells",
                    f"{len(header)} cells, as many as the first line has",
                    "add or remove commas; put a value with commas in quotes",
                )
            )
    if faults:
        return [], faults
    cases = []
    for number, row in rows:
        cells = dict(zip(header, (cell.strip() for cell in row), strict=True))
        name = cells.pop(_NAME, "") or f"line {number}"
        cases.append(Case(name, {key: cell for key, cell in cells.items() if cell}, f"{file}, line {number}"))
    names = [case.name for case in cases]
    faults = [
        Fault(case.place, _NAME, shown(case.name), "each name once", "give each case a name of its own")
        for place, case in enumerate(cases)
        if case.name in names[:place]
    ]
    if len(cases) > MOST_CASES:
        faults.append(Fault(file, "", f"{len(cases):,} cases", f"at most {MOST_CASES:,}", "keep those that matter"))
    return cases, faults


def _header_faults(file: str, header: list[str]) -> Iterator[Fault]:
    known = set()
    keys = 0
    for cell in header:
        path = (_NAME,) if cell == _NAME else parse_path(cell)
        keys += path is not None and cell != _NAME
        if path is None:
            yield Fault(f"{file}, line 1", "", shown(cell), "key paths, such as demand.growth", "correct the heading")
        elif path in known:
            yield Fault(f"{file}, line 1", "", shown(cell), "each key once", "remove one of the two columns")
        known.add(path)
    if not keys:
        yield Fault(f"{file}, line 1", "", "", "at least one key beside case", "add a column such as demand.growth")


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
