"""The year as typical weeks: what has the same month and the same kinds of day is planned once (§19)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.calendar import day_kinds
from sim.scenario import Scenario
from sim.scenario.shifts import DAYS, STEPS_PER_DAY
from sim.terms import DAY_KINDS

Ints = NDArray[np.int64]

_DAY: Final = dt.timedelta(days=1)
_THURSDAY: Final = 3


@dataclass(frozen=True)
class TypicalWeek:
    """Weeks that are planned alike, Monday to Sunday.

    Attributes
    ----------
    label
        The month of their Thursdays; for weeks with other days than five workdays and a weekend, and for those that a
        known surge touches, the first Monday too.
    mondays
        Their Mondays, rising.
    """

    label: str
    mondays: tuple[dt.date, ...]

    def dates(self) -> list[dt.date]:
        """Return all their days, in order."""
        return [monday + n * _DAY for monday in self.mondays for n in range(DAYS)]


def typical_weeks(scenario: Scenario) -> list[TypicalWeek]:
    """Return the weeks of all days that are simulated, grouped, in order of their first Monday.

    Weeks are alike if their Thursdays are in the same month and their days are of the same kinds, and no known surge
    touches them; a week that one touches is alone.
    """
    first, last = scenario.horizon.span
    begin = first - first.weekday() * _DAY
    mondays = [begin + n * _DAY for n in range(0, (last - begin).days + 1, DAYS)]
    kinds = day_kinds(mondays[0], mondays[-1] + (DAYS - 1) * _DAY, scenario.calendar)
    alike: dict[tuple[str, tuple[str, ...], dt.date | None], list[dt.date]] = {}
    for n, monday in enumerate(mondays):
        surged = any(
            surge.known and surge.from_ < _midnight(monday + DAYS * _DAY) and surge.to > _midnight(monday)
            for surge in scenario.demand.surge
        )
        own = tuple(kinds[DAYS * n : DAYS * (n + 1)])
        month = f"{monday + _THURSDAY * _DAY:%Y-%m}"
        alike.setdefault((month, own, monday if surged else None), []).append(monday)
    found = []
    for (month, own, surged_monday), own_mondays in alike.items():
        is_plain = surged_monday is None and own == tuple(DAY_KINDS[:DAYS])
        label = month if is_plain else f"{month} ({own_mondays[0]:%m-%d})"
        found.append(TypicalWeek(label, tuple(own_mondays)))
    return sorted(found, key=lambda week: week.mondays[0])


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time())


def places(days: list[dt.date], weeks: list[TypicalWeek]) -> tuple[Ints, Ints]:
    """Return of each day its typical week and its weekday, shape ``(days,)`` each."""
    of = {monday: n for n, week in enumerate(weeks) for monday in week.mondays}
    week = [of[day - day.weekday() * _DAY] for day in days]
    return np.array(week, np.int64), np.array([day.weekday() for day in days], np.int64)


def by_date(weekly: Ints, days: list[dt.date], weeks: list[TypicalWeek]) -> Ints:
    """Return what typical weeks say by half-hour, shape ``(weeks, 336)``, for each day: shape ``(days, 48)``."""
    week, weekday = places(days, weeks)
    return weekly.reshape(len(weeks), DAYS, STEPS_PER_DAY)[week, weekday]


def most_of(daily: Ints, days: list[dt.date], weeks: list[TypicalWeek]) -> Ints:
    """Return the largest that days have in any of the weeks planned alike.

    ``daily`` is shape ``(days, n)``, and what is returned ``(weeks, 7 n)``, from Monday on.
    """
    week, weekday = places(days, weeks)
    most = np.zeros((len(weeks), DAYS, daily.shape[1]), np.int64)
    np.maximum.at(most, (week, weekday), daily)
    return most.reshape(len(weeks), -1)
