"""Small tables that planners keep: CSV as Excel and others write it, and .xlsx; read as cells, written as templates."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sim.scenario import Fault, ScenarioError
from sim.scenario.faults import shown

EXCEL: Final = ".xlsx"
HINT: Final = "#"
"""How a row begins that is for the reader alone."""
_ZIP: Final = b"PK\x03\x04"
"""How every .xlsx begins."""
_OLD_EXCEL: Final = b"\xd0\xcf\x11\xe0"
_MOST_BYTES: Final = 5_000_000
_MOST_ROWS: Final = 20_000
"""More than any table here may have, so that one that is too long is told, not cut."""


class SheetError(ScenarioError):
    """A table of a planner's that cannot be used, with every fault found in it."""

    def __str__(self) -> str:
        """Return all faults as one message."""
        return "\n".join(str(fault) for fault in self.faults)


@dataclass(frozen=True)
class Cell:
    """What stands in a cell, and where: a text, or what Excel keeps (a number, a date); None if it is empty."""

    row: int
    """From 1."""
    column: int
    """From 0."""
    value: Any

    @property
    def place(self) -> str:
        """Row and column as a spreadsheet names them."""
        letters, number = "", self.column + 1
        while number:
            number, letter = divmod(number - 1, 26)
            letters = chr(ord("A") + letter) + letters
        return f"row {self.row}, column {letters}"


@dataclass(frozen=True)
class Wanted:
    """What a planner is asked for: the option that names the file, what is to stand in it, and where to get one."""

    option: str
    table: str
    begin: str

    def unusable(self, file: Path, allowed: str, remedy: str) -> SheetError:
        """Return the error of a file that cannot be used."""
        return SheetError([Fault(self.option, "", shown(str(file)), allowed, remedy)])


MONTHS: Final = Wanted("--actuals", "a table of months", "write one with hotline new --actuals FILE")


def read(file: Path, wanted: Wanted = MONTHS) -> list[list[Cell]]:
    """Return the rows of a table that are not empty.

    Excel's first sheet is read, with the values it last computed. CSV may be UTF-8 with or without its mark, or
    GBK as the Chinese Excel writes it, its cells parted by commas, semicolons or tabs.

    Raises
    ------
    SheetError
        If the file is not there or is no table.
    """
    allowed = f"{wanted.table}, as CSV or Excel (.xlsx)"
    try:
        with file.open("rb") as opened:
            data = opened.read(_MOST_BYTES + 1)
    except FileNotFoundError:
        raise wanted.unusable(file, "a file that is there", f"correct the name, or {wanted.begin}") from None
    except OSError as error:
        remedy = f"it cannot be read ({error.strerror}): name a file that can"
        raise wanted.unusable(file, allowed, remedy) from None
    if len(data) > _MOST_BYTES:
        raise wanted.unusable(file, f"{allowed}, of 5 MB at most", f"name {wanted.table} alone")
    if data.startswith(_OLD_EXCEL):
        raise wanted.unusable(file, allowed, "this is Excel's old form (.xls): save it as .xlsx or as CSV")
    try:
        rows = _excel(data) if data.startswith(_ZIP) else _csv(data)
    except _NoTableError as error:
        raise wanted.unusable(file, error.allowed or allowed, error.remedy) from None
    return [row for row in rows if any(cell.value is not None for cell in row)]


def words_of(heading: str) -> list[str]:
    """Return the words of a heading, in small letters: names in one language or both, and perhaps a unit."""
    return [word for word in re.split(r"[\s()\[\],、/]+", unicodedata.normalize("NFKC", heading).lower()) if word]


def write(file: Path, rows: Sequence[Sequence[str]]) -> None:
    """Write a table of texts: Excel where the file's name ends so, else CSV with the mark that Excel looks for.

    Raises
    ------
    FileExistsError
        If the file is there.
    SheetError
        If openpyxl, which writes Excel files, is not installed.
    """
    if file.suffix.lower() == EXCEL:
        try:
            book = _openpyxl().Workbook()
        except _NoTableError as error:
            raise MONTHS.unusable(file, error.allowed, error.remedy) from None
        sheet = book.active
        for row in rows:
            sheet.append(list(row))
        sheet.freeze_panes = "B2"
        for column in sheet.columns:
            sheet.column_dimensions[column[0].column_letter].width = max(12, 2 + len(str(column[0].value)))
        kept = io.BytesIO()
        book.save(kept)
        data = kept.getvalue()
    else:
        text = io.StringIO()
        csv.writer(text).writerows(rows)
        data = text.getvalue().encode("utf-8-sig")
    with file.open("xb") as out:
        out.write(data)


class _NoTableError(Exception):
    """A file that is no table, or none that can be read here; ``allowed`` is empty where any table is."""

    def __init__(self, remedy: str, allowed: str = "") -> None:
        self.remedy = remedy
        self.allowed = allowed


def _csv(data: bytes) -> list[list[Cell]]:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        text = "\0"
    if "\0" in text:
        raise _NoTableError("save it as CSV UTF-8", "a table as Excel (.xlsx), or as CSV in UTF-8 or GBK")
    lines = (line for line in io.StringIO(text) if line.strip() and not line.startswith((HINT, f'"{HINT}')))
    head = next(lines, "")
    delimiter = max(",;\t", key=head.count)
    try:
        return _cells(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise _NoTableError(f"it is no CSV ({error}): save it again from the spreadsheet") from None


def _excel(data: bytes) -> list[list[Cell]]:
    reader = _openpyxl()
    try:
        book = reader.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        rows = list(book.worksheets[0].iter_rows(max_row=_MOST_ROWS, values_only=True))
    # What a damaged file raises depends on where it is damaged.
    except (zipfile.BadZipFile, KeyError, ValueError, IndexError, TypeError, SyntaxError, EOFError):
        raise _NoTableError("it cannot be read as Excel: open it there and save it anew") from None
    width = max(map(len, rows), default=0)
    # A row ends at its last cell there; in a table all have as many.
    return _cells((*row, *[None] * (width - len(row))) for row in rows)


def _cells(rows: Iterable[Sequence[Any]]) -> list[list[Cell]]:
    return [
        [Cell(number, place, _stripped(value)) for place, value in enumerate(row)]
        for number, row in enumerate(rows, 1)
        if number <= _MOST_ROWS
    ]


def _stripped(value: Any) -> Any:
    """Return a cell's value; of a text without spaces around it, and None if nothing is left."""
    return (value.strip() or None) if isinstance(value, str) else value


def _openpyxl() -> Any:
    try:
        import openpyxl
    except ImportError:
        remedy = "install what reads Excel, pip install 'hotline-sim[excel]', or use CSV"
        raise _NoTableError(remedy, "CSV, as openpyxl is not installed here") from None
    return openpyxl
