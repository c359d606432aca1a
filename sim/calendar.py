"""Kinds of day: weekdays, statutory holidays, make-up workdays (调休), Spring Festival (§3).

China's days come from the ``holidays`` package, which holds the State Council's yearly notices; a scenario's
own days go before it. The notice names only the days that move. The holiday a citizen sees is the whole
stretch: a weekend that touches a holiday, and is not worked in exchange, belongs to it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import lru_cache
from itertools import groupby
from typing import Final, Literal, NamedTuple, Protocol

from sim.terms import DAY_KINDS

_DAY: Final = dt.timedelta(days=1)
_LONGEST_STRETCH: Final = 15 * _DAY
_SATURDAY: Final = 5
_SUNDAY: Final = 6

ShapeKind = Literal["workday", "weekend", "holiday"]
"""The kinds of day that have a shape and a roster of their own."""
SHAPE_KINDS: Final[tuple[ShapeKind, ...]] = ("workday", "weekend", "holiday")

# Names in the package's own language; a day off that only moves a weekend is named by its origin.
_FESTIVALS: Final = frozenset({"元旦", "春节", "农历除夕", "清明节", "劳动节", "端午节", "中秋节", "国庆节"})
_SPRING_FESTIVAL: Final = ("春节", "农历除夕")
_SWAPPED: Final = "休息日（由"


class CalendarTable(Protocol):
    """What the scenario's ``[calendar]`` offers."""

    @property
    def country(self) -> str:
        """``CN`` or ``none``."""

    @property
    def days(self) -> Mapping[dt.date, str]:
        """Days that differ: workday, weekend, holiday, spring_festival or make_up_workday."""


class _National(NamedTuple):
    names: Mapping[dt.date, str]
    make_up: frozenset[dt.date]


@lru_cache(maxsize=32)
def _national(first_year: int, last_year: int) -> _National:
    """Return China's named days off and its make-up workdays, the neighbouring years included."""
    import holidays  # a sixth of a second: only when asked

    days = holidays.country_holidays("CN", years=range(first_year - 1, last_year + 2), language="zh_CN")
    weekends = (
        day
        for day in _dates(dt.date(first_year - 1, 1, 1), dt.date(last_year + 1, 12, 31))
        if day.weekday() >= _SATURDAY
    )
    return _National(dict(days), frozenset(day for day in weekends if days.is_working_day(day)))


def _dates(first: dt.date, last: dt.date) -> list[dt.date]:
    return [first + n * _DAY for n in range((last - first).days + 1)]


def _holidays(first: dt.date, last: dt.date, calendar: CalendarTable) -> dict[dt.date, str]:
    """Return ``holiday`` or ``spring_festival`` for each day of a stretch, without overridden days."""
    names, make_up = _national(first.year, last.year)

    def off(day: dt.date) -> bool:
        return day not in calendar.days and (day in names or (day.weekday() >= _SATURDAY and day not in make_up))

    kinds: dict[dt.date, str] = {}
    for is_off, run in groupby(_dates(first - _LONGEST_STRETCH, last + _LONGEST_STRETCH), key=off):
        stretch = list(run)
        named = [names[day] for day in stretch if day in names]
        if is_off and named:
            spring = any(festival in name for name in named for festival in _SPRING_FESTIVAL)
            kinds.update(dict.fromkeys(stretch, "spring_festival" if spring else "holiday"))
    return kinds


def day_kinds(first: dt.date, last: dt.date, calendar: CalendarTable) -> list[str]:
    """Return the kind of each day.

    Parameters
    ----------
    first, last
        The days, both included.
    calendar
        The scenario's ``[calendar]``. Its days go before the country's. ``workday`` on a Saturday or Sunday
        means a make-up workday, and keeps the factor of its own weekday otherwise; ``weekend`` from Monday to
        Friday counts as a Sunday.

    Returns
    -------
    list of str
        One of :data:`sim.terms.DAY_KINDS` for each day, in order.
    """
    stretches = _holidays(first, last, calendar) if calendar.country == "CN" else {}
    make_up = _national(first.year, last.year).make_up if calendar.country == "CN" else frozenset[dt.date]()
    kinds = []
    for day in _dates(first, last):
        kind = calendar.days.get(day)
        weekday = day.weekday()
        if kind is None:
            kind = "make_up_workday" if day in make_up else stretches.get(day, DAY_KINDS[weekday])
        elif kind == "workday":
            kind = DAY_KINDS[weekday] if weekday < _SATURDAY else "make_up_workday"
        elif kind == "weekend":
            kind = DAY_KINDS[weekday if weekday >= _SATURDAY else _SUNDAY]
        kinds.append(kind)
    return kinds


def shape_kind(day_kind: str) -> ShapeKind:
    """Return which shape and roster a kind of day (one of :data:`sim.terms.DAY_KINDS`) has."""
    if day_kind in ("saturday", "sunday"):
        return "weekend"
    return "holiday" if day_kind in ("holiday", "spring_festival") else "workday"


def statutory_pay_days(first: dt.date, last: dt.date, calendar: CalendarTable) -> list[dt.date]:
    """Return the days whose work is paid at 300 % whatever the working-hours system (劳动法 §44).

    They are the festivals' own days (全国年节及纪念日放假办法), not the weekends moved beside them: 11
    a year, 13 from 2025. Where two festivals fall on one day (1 October 2020) the first day of the stretch
    that is neither's stands for the second: assumed, to keep the law's number of days.

    Parameters
    ----------
    first, last
        The days, both included.
    calendar
        The scenario's ``[calendar]``; a day it names itself is no statutory day any more.

    Returns
    -------
    list of datetime.date
        In order; empty where ``calendar.country`` is ``none``.
    """
    if calendar.country != "CN":
        return []
    names, _ = _national(first.year, last.year)
    stretches = _holidays(first, last, calendar)
    festivals = {day: len(_FESTIVALS.intersection(names.get(day, "").split("; "))) for day in stretches}
    days = {day for day, count in festivals.items() if count}
    for day in sorted(day for day, count in festivals.items() if count > 1):
        later = day + _DAY
        while later in days:
            later += _DAY
        if later in stretches:
            days.add(later)
    return sorted(day for day in days if first <= day <= last)


def calendar_warnings(first: dt.date, last: dt.date, calendar: CalendarTable) -> list[str]:
    """Return what a planner should know about the calendar, a sentence for each year not announced yet.

    Parameters
    ----------
    first, last
        The days, both included.
    calendar
        The scenario's ``[calendar]``; a year of which it names a day is taken as seen to.

    Returns
    -------
    list of str
        Empty when every year's make-up workdays are known.
    """
    if calendar.country != "CN":
        return []
    names, _ = _national(first.year, last.year)
    known = {day.year for day, name in names.items() if _SWAPPED in name} | {day.year for day in calendar.days}
    return [
        f"calendar: the make-up workdays (调休) of {year} are not known to this installation; only the "
        "festivals' own days are holidays. Give them under [calendar].days, such as "
        f'"{year}-10-10" = "make_up_workday", or update the holidays package once the State Council has '
        "published the year's notice."
        for year in range(first.year, last.year + 1)
        if year not in known
    ]
