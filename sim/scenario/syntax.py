"""Reading TOML that a planner wrote: every slip with its line, and the rest of the file read all the same."""

from __future__ import annotations

import calendar
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

_MOST: Final = 20
_STRINGS: Final = re.compile(r'"(?:[^"\\]|\\.)*"' r"|'[^']*'")
_ENTRY: Final = re.compile(r"""\s*((?:[A-Za-z0-9_.\s-]|"[^"]*"|'[^']*')+?)\s*=\s*(.*?)\s*$""")
_OTHER_SIGN: Final = re.compile(r"\s*([A-Za-z0-9_.-]+)\s*(?:[:：＝]|\s)\s*([^\s=].*?)\s*$")
_HEADER: Final = re.compile(r"""\s*(\[\[?)\s*([A-Za-z0-9_."' -]+?)\s*\]*\s*(?:#.*)?$""")
_TWICE: Final = ("Cannot overwrite", "Cannot declare", "Cannot mutate", "Duplicate")
_ODD_SIGNS: Final = "“”‘’，＝：；【】（）｛｝"
_DAY: Final = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})")


@dataclass(frozen=True)
class Slip:
    """A line that is not TOML.

    Attributes
    ----------
    line, column
        Where, both from 1.
    text
        The line.
    value
        What stands after the equals sign, or the line where there is none.
    remedy
        How to mend it, likely.
    mark
        What stands for the value in the tables that were read; empty if nothing does.
    """

    line: int
    column: int
    text: str
    value: str
    remedy: str
    mark: str = ""

    @property
    def where(self) -> str:
        """The place in words."""
        return f"line {self.line}, column {self.column}"


def read(text: str) -> tuple[dict[str, Any] | None, list[Slip]]:
    """Read TOML; a line that is wrong is told and replaced, and the rest is read.

    Parameters
    ----------
    text
        The file's text.

    Returns
    -------
    tables
        With a slip's ``mark`` where its value should be; None where the rest cannot be understood.
    slips
        In the order in which they were met; empty if the text is TOML.

    Raises
    ------
    ValueError
        What is wrong has no place, such as a number of thousands of digits.
    RecursionError
        Too many levels.
    """
    lines = text.replace("\r\n", "\n").split("\n")
    slips: list[Slip] = []
    while len(slips) < _MOST:
        try:
            return tomllib.loads("\n".join(lines)), slips
        except tomllib.TOMLDecodeError as error:
            place = _place(str(error), lines)
            if place is None:
                raise
            number, column = place
            if any(slip.line == number for slip in slips):
                break
            slip, mended = _slip(str(error), lines, number, column, f"\0{len(slips)}")
            slips.append(slip)
            if mended is None:
                break
            lines[number - 1] = mended
    return None, slips


def _place(message: str, lines: Sequence[str]) -> tuple[int, int] | None:
    found = re.search(r"\(at line (\d+), column (\d+)\)", message)
    if found and (not message.startswith("Unclosed") or _open(message, lines, int(found[1])) is None):
        return int(found[1]), int(found[2])
    if not found and "(at end of document)" not in message:
        return None
    begun = _open(message, lines, int(found[1])) if found else _begun(lines, len(lines))
    if begun is None and '"' in message + "".join(lines):
        # A text of several lines that does not end.
        begun = next((n for n in range(len(lines), 0, -1) if '"""' in lines[n - 1] or "'''" in lines[n - 1]), None)
    number = begun or next((n for n in range(len(lines), 0, -1) if lines[n - 1].strip()), 1)
    return number, len(lines[number - 1].rstrip()) + 1


def _begun(lines: Sequence[str], before: int) -> int | None:
    """Return the line in which a list or table begins that is not closed before line ``before`` ends."""
    depth, begun = 0, None
    for number, line in enumerate(lines[:before], 1):
        if depth <= 0 and _HEADER.fullmatch(line):
            continue
        bare = _bare(line)
        was, depth = depth, depth + sum(bare.count(x) for x in "[{") - sum(bare.count(x) for x in "]}")
        if was <= 0 < depth:
            begun = number
    return begun if depth > 0 else None


def _open(message: str, lines: Sequence[str], number: int) -> int | None:
    """Return the line of what TOML calls unclosed at line ``number``; None if it is closed, and an item is wrong."""
    begun = _begun(lines, number)
    if "table" in message:
        # A table in braces must end in its line.
        bare = _bare(lines[number - 1])
        return number if begun is not None and bare.count("{") > bare.count("}") else None
    return begun if begun == _begun(lines, len(lines)) else None


def _bare(line: str) -> str:
    """Return a line with its texts emptied and without its comment."""
    return _STRINGS.sub('""', line).partition("#")[0]


def _slip(message: str, lines: Sequence[str], number: int, column: int, mark: str) -> tuple[Slip, str | None]:
    """Return a slip, and the line to read instead of it; None if what follows cannot be understood."""
    line = lines[number - 1]
    entry = _ENTRY.match(line)
    header = _HEADER.fullmatch(line)
    other = _OTHER_SIGN.match(line)

    def slip(value: str, remedy: str, mark: str = "") -> Slip:
        return Slip(number, column, line.strip(), value, remedy, mark)

    if message.startswith("Unclosed") and _open(message, lines, number) is not None:
        end = "]" if "array" in message else "}"
        return slip(entry[2] if entry else line.strip(), f"close what begins in this line with {end}"), None
    if (begun := _begun(lines, number - 1)) is not None:
        # Inside a list of several lines: what is left of it cannot be judged.
        endless = (header or entry) and begun == _begun(lines, len(lines))
        remedy = (
            f"close the list that begins in line {begun} with ]" if endless else _item_remedy(message, line, column)
        )
        return slip(line.strip(), remedy), None
    if message.startswith(_TWICE):
        what = "this table" if header else "this key"
        alone = entry and _begun([line], 1) is None
        return slip(line.strip(), f"{what} stands twice in the file: leave one out"), "" if alone else None
    if entry:
        inside = entry[2].startswith(("[", "{")) and column > entry.start(2) + 1
        remedy = _item_remedy(message, line, column) if inside else _remedy(entry[1], entry[2], message, line)
        if _begun([line], 1) is not None or entry[2].startswith(('"""', "'''")):
            return slip(entry[2], remedy), None
        return slip(entry[2], remedy, mark), f"{entry[1]} = {_written(mark)}"
    if header:
        close = "]" * len(header[1])
        return slip(line.strip(), f"write {header[1]}{header[2]}{close}"), f"{header[1]}{header[2]}{close}"
    if other and not line.lstrip().startswith("#"):
        remedy = f"write an equals sign between key and value: {other[1]} = {other[2]}"
        return slip(other[2], remedy, mark), f"{other[1]} = {_written(mark)}"
    return slip(line.strip(), _remedy("", line.strip(), message, line)), ""


def _written(mark: str) -> str:
    return '"' + mark.replace("\0", "\\u0000") + '"'


def _remedy(key: str, value: str, message: str, line: str) -> str:
    """Return how a line is mended, likely."""
    bare = _bare(line)
    given = value.partition("#")[0].strip()
    if odd := _odd_remedy(bare):
        return odd
    if day := day_remedy(bare):
        return day
    if key and not given:
        return "write a value after the equals sign, or take the line out"
    if plain := value_remedy(given):
        return plain
    if "Unescaped" in message:
        return "write \\\\ for each \\ of a text, or put it in single quotes"
    if bare.count('"') % 2 or "Unterminated" in message:
        return 'close the quotes: a text begins and ends with "'
    if key and re.fullmatch(r"[^\W\d][\w .-]*", given):
        return f'put the text in quotes: {key} = "{given}"'
    if re.match(r"\s*[^\x00-\x7f]", line):
        return 'put a key that is not of plain letters and digits in quotes: "key" = value'
    return "write the line as key = value or [table], with texts in quotes"


def _odd_remedy(bare: str) -> str | None:
    odd = [sign for sign in _ODD_SIGNS if sign in bare]
    if not odd:
        return None
    return f'write " , = : ; [ ] and the like with the keyboard set to English, not {" ".join(odd)}'


def _item_remedy(message: str, line: str, column: int) -> str:
    """Return how a list or a table in braces is mended, likely, that is wrong at a column of its line."""
    bare = _bare(line)
    if odd := _odd_remedy(bare):
        return odd
    if message.startswith("Expected newline"):
        return f"take out what stands behind the list or table: {line[column - 1 :].strip()}"
    # The item at the column, where texts keep their length but hold no sign.
    hidden = _STRINGS.sub(lambda text: '"' + "_" * (len(text[0]) - 2) + '"', line).partition("#")[0]
    at = column - 1
    begin = max(hidden.rfind(sign, 0, at) for sign in "[{,=") + 1
    end = min((place for sign in ",]}" if (place := hidden.find(sign, at)) >= 0), default=len(hidden))
    before, after, item = line[begin:at].strip(), line[at:end].strip(), line[begin:end].strip()
    apart = hidden[at - 1 : at] in (*" \t\"'])}",)
    if message.startswith("Unclosed") and apart and _reads(f"value = {before}"):
        inner = hidden.find("=", at, end) >= 0
        if inner or hidden[at : at + 1] in ("[", "{") or _reads(f"value = {after}"):
            return f"put a comma between the items: {before}, {after}"
    if plain := value_remedy(item):
        return plain
    if bare.count('"') % 2 or "Unterminated" in message:
        return 'close the quotes: a text begins and ends with "'
    if "Unescaped" in message:
        return "write \\\\ for each \\ of a text, or put it in single quotes"
    if re.fullmatch(r"[^\W\d][\w .-]*", item) and message.startswith("Invalid value"):
        return f'put the text in quotes: "{item}"'
    return 'write a list as [1, 2] or ["a", "b"] and a table as { key = value, key = value }, a comma between two items'


def _reads(text: str) -> bool:
    try:
        tomllib.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def value_remedy(given: str) -> str | None:
    """Return how to mend a number, a date or a yes or no that is not written as TOML does; None if it is none."""
    share = re.fullmatch(r"([+-]?\d+(?:\.\d+)?)\s*[%％]", given)
    if share:
        return f"a share is a fraction: write {float(share[1]) / 100:g}"
    if re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?", given):
        return f"write the number without commas: {given.replace(',', '')}"
    if given.lower() in ("true", "false", "yes", "no"):
        return f"write {'true' if given.lower() in ('true', 'yes') else 'false'}, in small letters"
    if re.fullmatch(r"[+-]?(\.\d+|\d+\.)", given):
        return "write a digit on both sides of the decimal point, such as 0.5"
    if re.fullmatch(r"[+-]?0\d+(\.\d+)?", given):
        return "leave out the zeros in front of the number"
    return day_remedy(given)


def day_remedy(text: str) -> str | None:
    """Return how to mend a date in a text that is none, or is not written as TOML does; None if none is seen."""
    found = _DAY.search(text)
    if found is None:
        return None
    year, month, day = int(found[1]), int(found[2]), int(found[3])
    if not 1 <= month <= 12:
        return f"write a month from 01 to 12, as in {year:04d}-12-31"
    last = calendar.monthrange(max(year, 1), month)[1]
    if not 1 <= day <= last:
        return f"{year:04d}-{month:02d} has {last} days: write {year:04d}-{month:02d}-{last} or another of them"
    written = f"{year:04d}-{month:02d}-{day:02d}"
    if found[0] != written:
        return f"write the date as {written}, without quotes"
    if re.match(r"[T ]\d", text[found.end() :]):
        return f"hours run from 00 to 23 and minutes from 00 to 59, as in {written}T06:00:00"
    return None
