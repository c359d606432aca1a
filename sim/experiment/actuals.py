"""The months of the year that have passed, as the planner's own file tells them: read, with all that is wrong in it."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import numpy as np

from sim.demand.rates import expected_rates
from sim.demand.window import Window
from sim.experiment import sheets
from sim.experiment.sheets import Cell, SheetError
from sim.scenario import Fault, Scenario
from sim.scenario.faults import listed, nearest, shown
from sim.terms import SLOTS_PER_DAY, WAN_CNY

MONTH: Final = "month"
_FAR: Final = 10.0
"""So many times the plan's calls, or that part of them, are a slip of the unit and no surprise."""
_MANY: Final = 100.0
"""With fewer expected calls in a month nothing is said of how many there were."""


@dataclass(frozen=True)
class Column:
    """A column of the file: its names in Chinese (the first is the template's), and what may stand in it."""

    zh: tuple[str, ...]
    unit: Literal["calls", "contacts", "s", "h", "万元", "kWh"]
    needed: bool = False
    within: str = ""
    """The column that it is a part of."""

    @property
    def whole(self) -> bool:
        """Whether it counts something."""
        return self.unit in ("calls", "contacts")


COLUMNS: Final = {
    "offered": Column(("来电量", "呼入量", "来电总量", "呼入总量"), "calls", needed=True),
    "answered": Column(("接通量", "接听量", "接通总量"), "calls", needed=True, within="offered"),
    "mean_wait_s": Column(
        ("平均等待秒数", "平均接电时长", "平均接电秒数", "平均等待时长", "平均等待"), "s", needed=True
    ),
    "written_contacts": Column(("书面受理量", "书面受理"), "contacts"),
    "paid_h": Column(("计薪小时", "计薪工时"), "h"),
    "operation_wan": Column(("基本运行费", "热线基本运行费"), "万元"),
    "platform_wan": Column(("平台费", "平台设施费"), "万元"),
    "personnel_wan": Column(("人员经费", "人员费"), "万元"),
    "tax_wan": Column(("税费", "应交税费"), "万元"),
    "on_the_spot": Column(("一次性解答量", "一次性解答"), "calls", within="answered"),
    "work_orders": Column(("工单量",), "contacts"),
    "responsible_returns": Column(("有责退单量", "有责退单"), "contacts", within="work_orders"),
    "contacts": Column(("诉求量",), "contacts"),
    "lost_contacts": Column(("流失诉求量", "流失诉求"), "contacts", within="contacts"),
    "asked": Column(("满意度调查量", "回访量"), "contacts"),
    "satisfied": Column(("满意量",), "contacts", within="asked"),
    "energy_kwh": Column(("用电量",), "kWh"),
}
"""The columns of the file after ``month``; ``mean_wait_s`` counts what the scenario's answer time counts (§6)."""

_MONTH_ZH: Final = ("月份", "月")
_WAN: Final = "万元"
_MOST_WAN: Final = 100_000
"""No hotline pays a line a billion yuan a month: who writes more has written yuan."""
_UNITS: Final = {
    "calls": ("个", "次", "通"),
    "contacts": ("件", "个", "人"),
    "s": ("s", "秒"),
    "h": ("h", "小时"),
    "万元": ("万元",),
    "kWh": ("kwh", "度"),
}
"""What may stand beside a column's name in its heading."""
_ENGLISH: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


@dataclass(frozen=True)
class Actuals:
    """What is known of the months that have passed, from the horizon's first on."""

    months: tuple[str, ...]
    """As ``2020-01``."""
    columns: dict[str, tuple[float | None, ...]]
    """Every column of :data:`COLUMNS`, a value a month; None where the file has none."""

    @property
    def passed(self) -> int:
        """How many months have passed."""
        return len(self.months)

    def known(self, column: str) -> bool:
        """Return whether every month passed has a value."""
        return None not in self.columns[column]

    def values(self, column: str) -> tuple[float, ...]:
        """Return a column whose every value is known."""
        return tuple(value for value in self.columns[column] if value is not None)

    @property
    def calls(self) -> list[tuple[float, float, float]]:
        """Calls offered and answered and their mean answer time, a row a month."""
        return list(zip(*(self.values(name) for name in ("offered", "answered", "mean_wait_s")), strict=True))

    def total(self, column: str) -> float:
        """Return the sum of a column whose every value is known."""
        return sum(self.values(column))


def months_of(scenario: Scenario) -> tuple[str, ...]:
    """Return the months of a scenario's horizon, as ``2020-01``."""
    horizon = scenario.horizon
    days = range((horizon.end - horizon.start).days + 1)
    return tuple(dict.fromkeys(f"{horizon.start + dt.timedelta(days=day):%Y-%m}" for day in days))


def expected_by_day(scenario: Scenario) -> np.ndarray:
    """Return the first attempts expected on each day of the horizon, every surge included, shape ``(days,)``."""
    window = Window.of(scenario)
    rates = expected_rates(scenario, window)[window.warm_slots :]
    by_day: np.ndarray = rates.sum(axis=1).reshape(-1, SLOTS_PER_DAY).sum(axis=1)
    return by_day


def expected_by_month(scenario: Scenario) -> np.ndarray:
    """Return the first attempts expected in each month of the horizon, shape ``(months,)``."""
    first, by_day = scenario.horizon.start, expected_by_day(scenario)
    labels = np.array([f"{first + dt.timedelta(days=day):%Y-%m}" for day in range(len(by_day))])
    return np.array([by_day[labels == month].sum() for month in months_of(scenario)])


def template(file: Path, scenario: Scenario, hints: Sequence[str] = ()) -> None:
    """Write an empty file of actuals: a heading in both languages, the scenario's months, and under them hints.

    Raises
    ------
    FileExistsError
        If the file is there.
    SheetError
        If it cannot be written as Excel here.
    """
    names = [f"{MONTH} {_MONTH_ZH[0]}", *(f"{name} {column.zh[0]}" for name, column in COLUMNS.items())]
    months = ([month] + [""] * len(COLUMNS) for month in months_of(scenario))
    sheets.write(file, [names, *months, *([f"{sheets.HINT} {hint}"] for hint in hints)])


def read_actuals(file: Path, scenario: Scenario) -> Actuals:
    """Read the months that have passed.

    A month without a number is one still to come; so a template that nobody filled is the year's beginning. A row that
    begins with ``#`` is a hint or a planner's note, and is passed over.

    Parameters
    ----------
    file
        CSV or Excel with a row a month and a heading, in the names of :data:`COLUMNS` or in Chinese.
    scenario
        Whose year it is.

    Raises
    ------
    SheetError
        With all that is wrong with the file, cell by cell.
    """
    if scenario.horizon.start.year != scenario.horizon.end.year:
        span = f"{scenario.horizon.start} to {scenario.horizon.end}"
        allowed = "a horizon within one calendar year, which has one forecast error"
        raise SheetError([Fault(scenario.name, "horizon", span, allowed, "set horizon.start and horizon.end so")])
    rows = [row for row in sheets.read(file) if not _is_hint(row)]
    table = _Table(str(file), scenario)
    if not rows:
        table.wrong(None, "", "a row of headings, then a row a month", "write one with hotline new --actuals FILE")
    else:
        table.headings(rows[0])
        for row in rows[1:]:
            table.month(row)
        table.in_turn()
    if table.faults:
        raise SheetError(table.faults)
    months = table.months[: len(table.found)]
    return Actuals(months, {name: tuple(table.found[month].get(name) for month in months) for name in COLUMNS})


class _Table:
    """Takes in the file row by row and collects what is wrong with it."""

    def __init__(self, file: str, scenario: Scenario) -> None:
        self.file = file
        self.months = months_of(scenario)
        self.faults: list[Fault] = []
        self.names: dict[int, str] = {}
        """The columns by place; ``month`` is one."""
        self.found: dict[str, dict[str, float]] = {}
        self._rows: dict[str, int] = {}
        self._bad: set[str] = set()
        """Months with a row whose numbers are not all good."""
        self._expected = dict(zip(self.months, expected_by_month(scenario).tolist(), strict=True))

    def wrong(self, cell: Cell | None, key: str, allowed: str, remedy: str) -> None:
        """Take note of a fault."""
        value = "" if cell is None or cell.value is None else shown(_text(cell.value))
        self.faults.append(Fault(self.file, key, value, allowed, remedy, cell.place if cell is not None else ""))

    def headings(self, cells: Sequence[Cell]) -> None:
        """Read the first row."""
        for cell in cells:
            if cell.value is None:
                continue
            name = _column(_text(cell.value))
            if name is None:
                near = nearest(_text(cell.value).lower(), (MONTH, *COLUMNS))
                remedy = f"write {near}" if near else "rename or remove the column; hotline new --actuals FILE has all"
                self.wrong(cell, "heading", f"a column among {', '.join((MONTH, *COLUMNS))}", remedy)
            elif name in self.names.values():
                self.wrong(cell, "heading", f"{name} once", "remove one of the two columns")
            else:
                self.names[cell.column] = name
        needed = (MONTH, *(name for name, column in COLUMNS.items() if column.needed))
        missing = [name for name in needed if name not in self.names.values()]
        if missing:
            allowed = f"the columns {', '.join(needed)}"
            self.wrong(None, "heading", allowed, f"add {listed(missing)}; hotline new --actuals FILE has them")

    def month(self, cells: Sequence[Cell]) -> None:
        """Read a row after the first."""
        row = {self.names[cell.column]: cell for cell in cells if cell.column in self.names}
        for cell in cells:
            if cell.column not in self.names and cell.value is not None and not self.faults:
                self.wrong(cell, "", "cells under a heading", "give the column a heading, or empty the cell")
        if MONTH not in row or all(cell.value is None for name, cell in row.items() if name != MONTH):
            return
        month = self._label(row[MONTH])
        numbers = dict(self._numbers(row))
        if month is None:
            return
        if month in self._rows:
            self.wrong(row[MONTH], MONTH, "each month once", f"remove this row, or that of row {self._rows[month]}")
            return
        self._rows[month] = row[MONTH].row
        self.found[month] = numbers
        expected, offered = self._expected[month], numbers.get("offered")
        if offered is not None and expected >= _MANY and not expected / _FAR <= offered <= expected * _FAR:
            self.wrong(
                row["offered"],
                "offered",
                f"calls, not 万, and about as many as the scenario expects in {month}: {expected:,.0f}",
                "correct the number, or track the scenario that it belongs to",
            )

    def in_turn(self) -> None:
        """Find months that are left out before one that is told."""
        if not self.found:
            return
        last = max(self.months.index(month) for month in self.found)
        for month in self.months[:last]:
            if month not in self.found:
                told = f"{self.months[last]} is told"
                remedy = f"add {month}, or empty the months after it"
                self.wrong(None, month, f"every month from {self.months[0]} on without a gap, as {told}", remedy)

    def _label(self, cell: Cell) -> str | None:
        month = None if cell.value is None else _month(cell.value, self.months[0][:4])
        if month is None:
            self.wrong(cell, MONTH, f"a month such as {self.months[0]}", "write year-month")
        elif month not in self.months:
            span = f"{self.months[0]} to {self.months[-1]}"
            self.wrong(cell, MONTH, f"a month of the scenario's horizon, {span}", "correct it, or remove the row")
            return None
        return month

    def _numbers(self, row: dict[str, Cell]) -> Iterator[tuple[str, float]]:
        found: dict[str, float] = {}
        for name, cell in row.items():
            if name == MONTH:
                continue
            column = COLUMNS[name]
            if cell.value is None:
                if column.needed:
                    remedy = "write the number; a month still to come has no number at all"
                    self.wrong(cell, name, f"a number of {column.unit} for each month passed", remedy)
                continue
            number = _number(cell.value)
            if number is None or number < 0.0 or (column.whole and number != int(number)):
                what = "a whole number" if column.whole else "a number"
                self.wrong(cell, name, f"{what} of {column.unit}, 0 or more", "write digits alone, such as 412345")
            elif column.unit == _WAN and number > _MOST_WAN:
                allowed = f"{_WAN}, at most {_MOST_WAN:,} a month"
                self.wrong(cell, name, allowed, f"if these are 元, write {number / WAN_CNY:.10g}")
            else:
                found[name] = number
        for name, number in found.items():
            whole = COLUMNS[name].within
            if number > found.get(whole, number):
                self.wrong(row[name], name, f"at most {whole}, {found[whole]:,.0f}", "correct one of the two")
        yield from found.items()


def _text(value: object) -> str:
    if isinstance(value, dt.datetime):
        value = value.date()
    return unicodedata.normalize("NFKC", str(value))


def _is_hint(row: Sequence[Cell]) -> bool:
    return next(_text(cell.value) for cell in row if cell.value is not None).startswith(sheets.HINT)


def _column(heading: str) -> str | None:
    """Return the column that a heading names, once or in both languages, with its unit or without; else None."""
    words = sheets.words_of(heading)
    names = {MONTH: _MONTH_ZH, **{name: column.zh for name, column in COLUMNS.items()}}
    for name, zh in names.items():
        units = _UNITS[COLUMNS[name].unit] if name in COLUMNS else ()
        if any(word == name or word in zh for word in words):
            return name if all(word == name or word in zh or word in units for word in words) else None
    return None


def _month(value: object, year: str) -> str | None:
    """Return a month as ``2020-01``, from any way that people and spreadsheets write it; None if it is none."""
    if isinstance(value, dt.date):
        return f"{value:%Y-%m}"
    text = _text(value).lower()
    found = re.fullmatch(r"(\d{4})\s*[-/.年]?\s*(\d{1,2})(?:月|月\d{1,2}日|[-/.]\d{1,2})?(?: 0+:00(?::00)?)?", text)
    if found:
        year, month = found[1], int(found[2])
    elif (alone := re.fullmatch(r"(\d{1,2})\s*月", text)) is not None:
        month = int(alone[1])
    elif (english := re.fullmatch(r"([a-z]{3})[a-z]*[- ](\d{2}|\d{4})", text)) is not None:
        # As Excel shows a month in English.
        month = _ENGLISH.index(english[1]) + 1 if english[1] in _ENGLISH else 0
        year = english[2] if len(english[2]) == 4 else f"20{english[2]}"
    else:
        return None
    return f"{year}-{month:02d}" if 1 <= month <= 12 else None


def _number(value: object) -> float | None:
    """Return a cell's number; a text may have commas between its thousands. None if it is no number."""
    if isinstance(value, bool | dt.date | dt.time):
        return None
    if isinstance(value, int | float):
        return float(value) if np.isfinite(value) else None
    text = _text(value).replace(" ", "")
    if re.fullmatch(r"[+-]?(\d{1,3}(,\d{3})+|\d{1,15})(\.\d+)?", text) is None:
        return None
    return float(text.replace(",", ""))
