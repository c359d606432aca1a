"""Numbers that a planner typed as people write them, 15%, 165万 or 180s: what the key wants instead."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from typing import Any, Final

from sim.scenario import schema
from sim.scenario.faults import Path

_NUMBER: Final = r"[+-]?\d+(?:\.\d+)?"
_MYRIADS: Final = {"百": 2, "千": 3, "万": 4, "萬": 4, "亿": 8, "億": 8}
_TIMES: Final = {
    **dict.fromkeys(("s", "sec", "second", "seconds", "秒", "秒钟"), 1),
    **dict.fromkeys(("min", "minute", "minutes", "分", "分钟"), 60),
    **dict.fromkeys(("h", "hour", "hours", "小时", "时"), 3_600),
}
FRACTIONS: Final = frozenset({"growth", "margin", "attrition", "a_year", "cv"})
"""Keys of fractions that may be above 1."""


def number_remedy(path: Path, given: str) -> str | None:
    """Return how to mend what stands for a number; None if no number may stand there or no reason is seen.

    Parameters
    ----------
    path
        The key's.
    given
        What was typed, without quotes.
    """
    kinds = schema.numbers_at(path)
    if not kinds:
        return None
    text = unicodedata.normalize("NFKC", given).replace("。", ".").strip()
    key = next((str(part) for part in reversed(path) if isinstance(part, str) and not part.isdecimal()), "")
    if not text:
        return "a value is missing: write a number after the equals sign"
    if found := re.fullmatch(rf"({_NUMBER})\s*%", text):
        return _share(key, kinds, Decimal(found[1]))
    if found := re.fullmatch(rf"({_NUMBER})\s*([{''.join(_MYRIADS)}])", text.replace(",", "")):
        if found[2] in "万萬" and "wan" in key.split("_"):
            return f"write {found[1]}, the unit is in the key's name"
        return f"write {_plain(Decimal(found[1]).scaleb(_MYRIADS[found[2]]))}"
    if found := re.fullmatch(rf"({_NUMBER})\s*([^\W\d]+)", text):
        return _unit(key, Decimal(found[1]), found[2])
    if re.fullmatch(r"[+-]?(0,\d+|\d+,(\d{1,2}|\d{4,}))", text):
        return f"write {text.replace(',', '.')}"
    if re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?", text):
        return f"write the number without commas: {text.replace(',', '')}"
    if text != given.strip() and re.fullmatch(_NUMBER, text):
        return f"write {text}, with the keyboard set to English"
    return None


def added_remedy(written: str, given: float, now: Any) -> str:
    """Return how to mend a number with a plus sign, which could be one to add or the number itself."""
    bare = written.lstrip("+ ")
    if isinstance(now, bool) or not isinstance(now, (int, float)) or not now:
        return f"write {bare}, without the sign"
    return f"write {now + given:.12g} for {bare} more (it is {now:.12g} now), or {bare} without the sign"


def _share(key: str, kinds: list[dict[str, Any]], percent: Decimal) -> str:
    fraction = f"{_plain(percent / 100)}"
    if any(_is_fraction(key, kind) for kind in kinds):
        return f"a share is a fraction: write {fraction}"
    if key in ("annual_contacts", "per_hour"):
        each = "a year" if key == "annual_contacts" else "an hour"
        more = "less" if percent < 0 else "more"
        return (
            f"a number of contacts {each}; for {_plain(abs(percent))} % {more} of everything "
            f"write demand.growth={fraction}"
        )
    if all(kind["type"] == "integer" for kind in kinds):
        what = f" of {key}" if key == "seats" else ""
        return f"a whole number{what}, not a share of what is there: write how many in all"
    if key == "s" or key.endswith("_s"):
        return "a number of seconds, not a share of what is there: write it in digits"
    if "cny" in key.split("_"):
        return "an amount of money, not a share of what is there: write it in digits"
    return "a number without %: write it in digits"


def _is_fraction(key: str, kind: dict[str, Any]) -> bool:
    if kind["type"] != "number":
        return False
    most = kind.get("maximum", kind.get("exclusiveMaximum"))
    return key in FRACTIONS or key.endswith(("_share", "_cv")) or (most is not None and most <= 1)


def _unit(key: str, number: Decimal, unit: str) -> str:
    seconds = key == "s" or key.endswith("_s")
    if unit.lower() in _TIMES and seconds:
        return f"write {_plain(number * _TIMES[unit.lower()])}, the unit is in the key's name: seconds"
    if unit.lower() in _TIMES or seconds:
        return f"write a number alone, in the unit that the key has, without {unit}"
    return f"write {_plain(number)}, without {unit}"


def _plain(number: Decimal) -> str:
    """Return a number in digits, without exponent or zeros at its end."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
