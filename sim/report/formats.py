"""Numbers as a planner reads them: shares in per cent, times in seconds, money without false digits."""

from __future__ import annotations

import re
from typing import Final

NOTHING: Final = "–"
_HOUR_S: Final = 3_600
_WAN: Final = 10_000
_DECIMALS: Final = {"万": 2, "s": 1, "hours": 1, "yuan": 2, "kWh": 3, "indicators": 1, "万元": 2, "wan": 2}
_IN_FULL: Final = 100_000
"""Volumes below this are told in full."""
_SUFFIXES: Final = {"s": " s", "h": " h", "hours": " h", "yuan": " 元", "kWh": " kWh", "万": " 万", "万元": " 万元"}
"""Hours of many people, ``h``, are told whole; waits of hours, ``hours``, to a tenth."""

_UNIT_WORDS: Final = {
    "s": "s",
    "ms": "ms",
    "h": "h",
    "hours": "h",
    "minutes": "min",
    "kwh": "kWh",
    "kw": "kW",
    "wan": "万元",
    "fte": "full-time heads",
    "share": "share, 0 to 1",
    "cv": "of the mean",
    "m2": "m²",
    "weeks": "weeks",
    "days": "days",
    "months": "months",
}


def counted(count: int, noun: str) -> str:
    """Return so many of what an English noun says in the singular."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def number(value: float | None, unit: str) -> str:
    """Return a value with its unit; a dash where there is none.

    Parameters
    ----------
    value
        In the unit of :data:`sim.measures.UNITS`; a share from 0 to 1.
    unit
        The unit, or that of :func:`unit_of_volume`.
    """
    if value is None:
        return NOTHING
    suffix = " %" if unit.startswith("share") else _SUFFIXES.get(unit, "")
    return f"{bare(value, unit)}{suffix}"


def unit_of_volume(contacts: float) -> str:
    """Return the unit for such a volume and what is compared with it: 万 (ten thousand), as the document tells it."""
    return "万" if contacts >= _IN_FULL else "contacts"


def hours(seconds: float | None) -> str:
    """Return a time that may be long in hours; a dash where there is none."""
    return number(None if seconds is None else seconds / _HOUR_S, "hours")


def bare(value: float | None, unit: str) -> str:
    """Return a value without its unit; shares still times a hundred, and never 0 where there is something."""
    if value is None:
        return NOTHING
    if unit.startswith("share"):
        told = f"{value * 100:.2f}"
        return "<0.01" if told == "0.00" and value > 0.0 else told
    if unit == "万":
        value /= _WAN
    return f"{value + 0.0:,.{_DECIMALS.get(unit, 0)}f}"


def difference(value: float | None, unit: str) -> str:
    """Return a difference with its sign, without the unit; shares in points of 100."""
    scale, decimals = (100.0, 2) if unit.startswith("share") else (1.0, _DECIMALS.get(unit, 0))
    return signed(None if value is None else value * scale, decimals)


def change(value: float | None, low: float | None, high: float | None, unit: str) -> str:
    """Return a difference with its sign and, in brackets, its interval, without the unit; shares in points of 100."""
    told = difference(value, unit)
    ends = [difference(end, unit) for end in (low, high) if end is not None]
    # What the plan alone decides is known without an interval.
    return f"{told} ({' … '.join(ends)})" if any(end != told for end in ends) else told


def limit(value: float, unit: str) -> str:
    """Return a target's number as it was given: no decimals that were not."""
    if unit.startswith("share"):
        return f"{value * 100:.10g} %"
    if unit == "万":
        value /= _WAN
    return f"{value:,.10g}{_SUFFIXES.get(unit, '')}"


def between(low: float | None, high: float | None, unit: str) -> str:
    """Return an interval, cut where values end: no time is below 0, no share above 1; empty without one."""
    if low is None or high is None:
        return ""
    high = min(high, 1.0) if unit.startswith("share") else high
    return f"{bare(max(low, 0.0), unit)}–{bare(high, unit)}"


def with_interval(value: float | None, low: float | None, high: float | None, unit: str) -> str:
    """Return a value and, in brackets, its interval."""
    inside = between(low, high, unit)
    return f"{number(value, unit)} ({inside})" if inside else number(value, unit)


def probability(value: float | None, low: float | None, high: float | None) -> str:
    """Return a probability and its interval in per cent."""
    if value is None or low is None or high is None:
        return NOTHING
    return f"{value * 100:.0f} ({low * 100:.0f}–{high * 100:.0f})"


def wan(value: float | None, decimals: int = 2) -> str:
    """Return a sum of money in 万元."""
    return NOTHING if value is None else f"{value:,.{decimals}f}"


def signed(value: float | None, decimals: int = 2) -> str:
    """Return a difference with its sign; one that rounds to nothing has none."""
    if value is None:
        return NOTHING
    rounded = round(value, decimals)
    return f"{rounded:+,.{decimals}f}" if rounded else f"{0:.{decimals}f}"


def rate(value: float) -> str:
    """Return a rate: as many digits as tell it from its neighbours."""
    if value >= 1_000:
        return f"{value:,.0f}" if value == round(value) else f"{value:,.2f}"
    return f"{value:.4g}"


def quantity(value: float) -> str:
    """Return a quantity: whole when it is big."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.4g}"


def unit_of(path: str) -> str:
    """Return the unit that a key's name gives, such as ``元/m²·day`` for ``rent_cny_per_m2_day``."""
    if re.fullmatch(r"groups\..+\.speed(\.\d+)?", path):
        return "factor on handling times; below 1 is faster"
    own, *above = [key.strip('"').split("_") for key in reversed(path.split(".")) if not key.isdecimal()]
    # Costs that a scenario names itself, fixed_cny_year.internet, have their unit in the table's name.
    for words in (own, *above[:1]):
        if "wan" in words:
            return _UNIT_WORDS["wan"]
        if "cny" in words:
            per = [word for word in words[words.index("cny") + 1 :] if word != "per"]
            return "元" + ("/" + "·".join(_UNIT_WORDS.get(word, word) for word in per) if per else "")
    return _UNIT_WORDS.get(own[-1], "")
