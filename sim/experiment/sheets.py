"""Small tables that planners keep: CSV as Excel and others write it, and .xlsx; read as cells, written as templates."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sim.scenario import Fault, ScenarioError
from sim.scenario.faults import shown

EXCEL: Final = ".xlsx"
_ZIP: Final = b"PK\x03\x04"
"""How every .xlsx begins."""
_OLD_EXCEL: Final = b"\xd0\xcf\x11\xe0"
_MOST_BYTES: Final = 5_000_000
_MOST_ROWS: Final = 2_000
_ALLOWED: Final = "a table of months, as CSV or Excel (.xlsx)"


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


def read(file: Path) -> list[list[Cell]]:
    """Return the rows of a table that are not empty.

    Excel's first sheet is read, with the values it last computed. CSV may be UTF-8 with or without its mark, or
    GBK as the Chinese Excel writes it, its cells parted by commas, semicolons or tabs.

    Raises
    ------
    SheetError
        If the file is not there or is no table.
    """
    try:
        with file.open("rb") as opened:
            data = opened.read(_MOST_BYTES + 1)
    except FileNotFoundError:
        raise _unusable(
            file, "a file that is there", "correct the name, or write one with hotline new --actuals FILE"
        ) from None
    except OSError as error:
        raise _unusable(file, _ALLOWED, f"it cannot be read ({error.strerror}): name a file that can") from None
    if len(data) > _MOST_BYTES:
        raise _unusable(file, f"{_ALLOWED}, of 5 MB at most", "name the table of months alone")
    if data.startswith(_OLD_EXCEL):
        raise _unusable(file, _ALLOWED, "this is Excel's old form (.xls): save it as .xlsx or as CSV")
    rows = _excel(file, data) if data.startswith(_ZIP) else _csv(file, data)
    return [row for row in rows if any(cell.value is not None for cell in row)]


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
        book = _openpyxl(file).Workbook()
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


def _csv(file: Path, data: bytes) -> list[list[Cell]]:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise _unusable(file, f"{_ALLOWED}; CSV in UTF-8 or GBK", "save it as CSV UTF-8")
    if "\0" in text:
        raise _unusable(file, f"{_ALLOWED}; CSV in UTF-8 or GBK", "save it as CSV UTF-8")
    head = text.lstrip().partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    try:
        return _cells(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise _unusable(file, _ALLOWED, f"it is no CSV ({error}): save it again from the spreadsheet") from None


def _excel(file: Path, data: bytes) -> list[list[Cell]]:
    reader = _openpyxl(file)
    try:
        book = reader.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        return _cells(book.worksheets[0].iter_rows(max_row=_MOST_ROWS, values_only=True))
    # What a damaged file raises depends on where it is damaged.
    except (zipfile.BadZipFile, KeyError, ValueError, IndexError, TypeError, SyntaxError, EOFError):
        raise _unusable(file, _ALLOWED, "it cannot be read as Excel: open it there and save it anew") from None


def _cells(rows: Any) -> list[list[Cell]]:
    return [
        [Cell(number, place, _stripped(value)) for place, value in enumerate(row)]
        for number, row in enumerate(rows, 1)
        if number <= _MOST_ROWS
    ]


def _stripped(value: Any) -> Any:
    """Return a cell's value; of a text without spaces around it, and None if nothing is left."""
    return (value.strip() or None) if isinstance(value, str) else value


def _openpyxl(file: Path) -> Any:
    try:
        import openpyxl
    except ImportError:
        remedy = "install what reads Excel, pip install 'hotline-sim[excel]', or use CSV"
        raise _unusable(file, "CSV, as openpyxl is not installed here", remedy) from None
    return openpyxl


def _unusable(file: Path, allowed: str, remedy: str) -> SheetError:
    return SheetError([Fault("--actuals", "", shown(str(file)), allowed, remedy)])
