"""Rosters: agents on duty by date, from a CSV file with a row a date and group and a column a time of day.

A scenario file names it, ``roster = "roster.csv"``. When the scenario is loaded, the numbers of the days that are
simulated take the place of the path, and the path is gone: so a scenario needs no file beside it, on whatever machine;
the text that ``hotline show --toml`` and manifests give holds the numbers by date and loads anywhere, whatever becomes
of the file; and the digest is that of the numbers, wherever they were read. A path with a checksum would be shorter,
and a result could not be had again once somebody corrects the file.

Days that are not simulated are left alone: a file of the whole year serves a scenario of a part of it.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import os
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any, Final

from pydantic import ValidationError

from sim.scenario.demand import Horizon
from sim.scenario.faults import Fault, Path, Wrong, cut, listed, nearest
from sim.scenario.merge import look_up
from sim.scenario.tables import MOST_AGENTS

_ALLOWED: Final = "a CSV file in UTF-8 or GBK with the columns date, group, 00:00, 00:30, …, 23:30"
_MOST_BYTES: Final = 20_000_000
_MOST_FAULTS: Final = 10
_NAMED_DAYS: Final = 5
_MOST_DAYS: Final = 5_000
"""No horizon has as many; one that is far too long must not be laid out."""
_COUNTS: Final = (24, 48, 96)
_EMPTY: Final = "an empty cell"
_HEADINGS: Final = (("date", "日期"), ("group", "组"))
_MINUTES_PER_DAY: Final = 1_440
_DATE: Final = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_TIME: Final = re.compile(r"(\d{1,2})[:：](\d{2})(?:[:：]00)?")
_WHOLE: Final = re.compile(r"\d{1,9}")
_Rows = list[tuple[int, list[str]]]
"""Rows of cells that are not empty, with their numbers in the file."""


@dataclass
class Rosters:
    """The tables of a scenario with the rosters' numbers in place of their files' paths, and what is wrong with them.

    ``unread`` are the paths of which nothing can be said: what is wrong there is told here, or the horizon is at fault.
    """

    data: dict[str, Any]
    faults: list[Fault] = field(default_factory=list)
    wrongs: list[Wrong] = field(default_factory=list)
    unread: list[Path] = field(default_factory=list)

    def refuse(self, path: Path, allowed: str, remedy: str, *with_: Path) -> None:
        """Tell what is wrong with a roster as a whole."""
        self.wrongs.append(Wrong(path, allowed, remedy, with_=with_))
        self.unread.append(path)


class _UnusableError(Exception):
    """A file that is no roster; holds what is allowed and how to mend it."""


def roster_paths(data: dict[str, Any]) -> Iterator[Path]:
    """Yield the paths of the rosters in a file's tables, right or wrong."""
    groups = data.get("groups")
    for name in groups if isinstance(groups, dict) else ():
        path = ("groups", name, "on_duty", "roster")
        try:
            look_up(data, path)
        except KeyError:
            continue
        yield path


def read_rosters(data: dict[str, Any], skipped: Collection[Path]) -> Rosters:
    """Return the resolved tables with the numbers of the days simulated in place of the paths of roster files.

    Parameters
    ----------
    data
        The tables, right or wrong; paths are from the working folder.
    skipped
        Paths whose lines could not be read.
    """
    found, days = Rosters(data), _days(data)
    by_file: dict[str, list[Path]] = {}
    for path in roster_paths(data):
        given = look_up(data, path)
        if path in skipped:
            continue
        if isinstance(given, dict):
            _settle(found, path, given, days, "among its dates")
        elif isinstance(given, str):
            by_file.setdefault(given, []).append(path)
        else:
            found.refuse(path, f"the path of {_ALLOWED}", 'write it in quotes, such as "roster.csv"')
    for file, paths in by_file.items():
        try:
            rows = _rows(file)
            tables, faults = _tables(file, rows, [str(path[1]) for path in paths], days)
        except _UnusableError as error:
            for path in paths:
                found.refuse(path, *error.args)
            continue
        found.faults += faults
        found.unread += paths if faults else ()
        for path in () if faults else paths:
            name = str(path[1])
            if name in tables:
                _settle(found, path, tables[name], days, f"in {file}")
            else:
                _no_such_group(found, path, rows)
    return found


def _days(data: dict[str, Any]) -> list[str] | None:
    """Return the days that are simulated, None where the horizon is wrong: that is told elsewhere."""
    try:
        first, last = Horizon.model_validate(data.get("horizon")).span
    except ValidationError:
        return None
    count = (last - first).days + 1
    return [(first + dt.timedelta(days=n)).isoformat() for n in range(count)] if 0 < count <= _MOST_DAYS else None


def _settle(found: Rosters, path: Path, table: dict[str, Any], days: list[str] | None, where: str) -> None:
    """Put the numbers of the days simulated into the scenario, or tell which days lack theirs."""
    if days is None:
        found.unread.append(path)
        return
    missing = [day for day in days if day not in table]
    if missing:
        more = f" and {len(missing) - _NAMED_DAYS} more" if len(missing) > _NAMED_DAYS else ""
        found.refuse(
            path,
            f"numbers of {path[1]} {where} for each day simulated, {days[0]} to {days[-1]}",
            f"add {', '.join(missing[:_NAMED_DAYS])}{more}, or correct the horizon",
            *(("horizon", key) for key in ("start", "end", "warm_up_days")),
        )
        return
    # What is no date is left for the schema to refuse.
    wrong = {key: value for key, value in table.items() if not _is_day(key)}
    found.data = _with(found.data, path, {day: table[day] for day in days} | wrong)


def _is_day(key: str) -> bool:
    try:
        dt.date.fromisoformat(key)
    except ValueError:
        return False
    return True


def _with(data: Any, path: Path, value: Any) -> Any:
    return {**data, path[0]: _with(data[path[0]], path[1:], value)} if path else value


def _no_such_group(found: Rosters, path: Path, rows: _Rows) -> None:
    names = dict.fromkeys(cells[1] for _, cells in rows[1:] if len(cells) > 1)
    near = nearest(str(path[1]), names)
    remedy = (
        f"write {path[1]} instead of {near} in the file" if near else f"add rows of {path[1]}, or name another file"
    )
    found.refuse(path, f"a file with rows of the group {path[1]}; this one has {listed(names)}", remedy)


def _rows(file: str) -> _Rows:
    """Return the rows of a CSV file."""
    if not os.path.isfile(file):
        raise _UnusableError(_ALLOWED, f"there is no file {file}: correct the path")
    try:
        with open(file, "rb") as opened:
            data = opened.read(_MOST_BYTES + 1)
    except OSError as error:
        raise _UnusableError(_ALLOWED, f"it cannot be read ({error.strerror}): name a file that can") from None
    if len(data) > _MOST_BYTES:
        raise _UnusableError(f"{_ALLOWED}, of {_MOST_BYTES:,} bytes at most", "name the roster alone")
    text = _text(data)
    delimiter = max(",;\t", key=text.lstrip().partition("\n")[0].count)
    try:
        reader = enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), 1)
        return [(number, cells) for number, row in reader if (cells := _cells(row))]
    except csv.Error as error:
        raise _UnusableError(_ALLOWED, f"it is no CSV ({error}): save it again from the spreadsheet") from None


def _cells(row: list[str]) -> list[str]:
    """Return the cells of a row without the empty ones at its end, which spreadsheets write."""
    cells = [cell.strip() for cell in row]
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _text(data: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise _UnusableError(_ALLOWED, "it is neither UTF-8 nor GBK text: save it as CSV UTF-8")


def _times(rows: _Rows) -> list[str]:
    """Return the times of day that the heading gives, as ``09:30``."""
    heading = rows[0][1] if rows else []
    for column, names in enumerate(_HEADINGS):
        given = heading[column].lower() if column < len(heading) else "nothing"
        if given not in names:
            remedy = f"write {' or '.join(names)} over column {column + 1}, where {cut(given)} stands"
            raise _UnusableError(_ALLOWED, remedy)
    given_times = heading[len(_HEADINGS) :]
    count = len(given_times)
    if count not in _COUNTS:
        allowed = "24, 48 or 96 times of day in the heading, from 00:00 in equal steps"
        raise _UnusableError(allowed, f"it has {count}: give a column for each hour, half-hour or quarter")
    step = _MINUTES_PER_DAY // count
    times = [f"{step * n // 60:02d}:{step * n % 60:02d}" for n in range(count)]
    for time, text in zip(times, given_times, strict=True):
        found = _TIME.fullmatch(text)
        if found is None or f"{int(found[1]):02d}:{found[2]}" != time:
            allowed = f"{count} times of day in the heading, from 00:00 in steps of {step} minutes"
            raise _UnusableError(allowed, f"write {time} where {cut(text) or 'nothing'} stands")
    return times


def _tables(
    file: str, rows: _Rows, groups: Collection[str], days: Collection[str] | None
) -> tuple[dict[str, dict[str, list[int]]], list[Fault]]:
    """Return the numbers of some groups by date, and the faults of their rows, the first ten and how many more."""
    times, known = _times(rows), None if days is None else set(days)
    tables: dict[str, dict[str, list[int]]] = {}
    faults: list[Fault] = []
    first_row: dict[tuple[str, str], int] = {}
    for number, cells in rows[1:]:
        group = cells[1] if len(cells) > 1 else ""
        if group not in groups:
            continue
        table, row = tables.setdefault(group, {}), f"row {number}"
        day = _day(cells[0])
        if day is None:
            given = cut(cells[0]) or _EMPTY
            faults.append(Fault(file, "", given, "a date such as 2020-01-31", "write year-month-day", f"{row}, date"))
            continue
        if known is not None and day not in known:
            continue
        before = first_row.setdefault((group, day), number)
        if before != number:
            remedy = f"leave out one of the two: row {before} has it too"
            faults.append(Fault(file, "", f"{day}, {group}", "each date once a group", remedy, row))
            continue
        numbers = cells[len(_HEADINGS) :]
        if len(numbers) > len(times):
            remedy = f"leave out what is right of the column {times[-1]}"
            faults.append(Fault(file, "", f"{len(numbers)} numbers", f"{len(times)} numbers", remedy, row))
        for time, text in zip_longest(times, numbers[: len(times)], fillvalue=""):
            if not (_WHOLE.fullmatch(text) and int(text) <= MOST_AGENTS):
                allowed = f"a whole number of agents, 0 to {MOST_AGENTS:,}"
                remedy = "write a number inside these bounds, in digits" if text else "write the number, 0 for nobody"
                faults.append(Fault(file, "", cut(text) or _EMPTY, allowed, remedy, f"{row}, column {time}"))
        table[day] = [int(text) if _WHOLE.fullmatch(text) else 0 for text in numbers]
    if len(faults) > _MOST_FAULTS:
        more = Fault(file, "", "", "as above", "mend these, then check again", f"and {len(faults) - _MOST_FAULTS} more")
        faults[_MOST_FAULTS:] = [more]
    return tables, faults


def _day(text: str) -> str | None:
    """Return a date as 2020-01-31, None if it is none."""
    found = _DATE.fullmatch(text)
    try:
        return dt.date(*map(int, found.groups())).isoformat() if found else None
    except ValueError:
        return None
