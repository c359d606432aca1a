"""The stretch that is simulated, and what is wrong with moments that should lie in it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from sim import calendar
from sim.calendar import ShapeKind
from sim.scenario.faults import Path, Wrong
from sim.scenario.scenario import Scenario


def span(scenario: Scenario) -> tuple[dt.date, dt.date]:
    """Return the first and the last day that are simulated, warm-up included."""
    return scenario.horizon.span


def shapes(scenario: Scenario) -> set[ShapeKind]:
    """Return the kinds of day that are simulated, by shape."""
    return {kind for _, kind in days(scenario)}


def days(scenario: Scenario) -> list[tuple[dt.date, ShapeKind]]:
    """Return the days that are simulated, each with its kind by shape."""
    first, last = span(scenario)
    kinds = calendar.day_kinds(first, last, scenario.calendar)
    return [(first + dt.timedelta(days=n), calendar.shape_kind(kind)) for n, kind in enumerate(kinds)]


def stretch(scenario: Scenario, path: Path, from_: dt.datetime, to: dt.datetime, what: str) -> Iterator[Wrong]:
    """Yield what is wrong with a stretch of local time."""
    first, last = span(scenario)
    begin = dt.datetime.combine(first, dt.time())
    end = dt.datetime.combine(last, dt.time()) + dt.timedelta(days=1)
    for key, moment in (("from", from_), ("to", to)):
        if moment.minute % 15 or moment.second or moment.microsecond:
            yield Wrong((*path, key), "a time on a quarter of an hour", "round it to :00, :15, :30 or :45")
        if begin < end and not begin <= moment <= end:
            yield Wrong(
                (*path, key),
                f"a time inside the horizon, {begin:%Y-%m-%dT%H:%M:%S} to {end:%Y-%m-%dT%H:%M:%S}",
                f"correct the date, or leave the {what} out",
                with_=(("horizon", "start"), ("horizon", "end")),
            )
    if to <= from_:
        yield Wrong((*path, "to"), f"a time after from ({from_.isoformat()})", "exchange from and to")
