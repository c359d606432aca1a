"""The expected first attempts of each 15-minute slot (§3), before the random factors."""

from __future__ import annotations

import datetime as dt

import numpy as np
from numpy.typing import NDArray

from sim.calendar import SHAPE_KINDS, day_kinds, shape_kind
from sim.demand.window import Window
from sim.scenario import Scenario
from sim.scenario.contact_types import ContactType
from sim.scenario.demand import Surge
from sim.scenario.tables import ShapeTable, by_slot
from sim.scenario.tasks import TaskKind
from sim.terms import SLOTS_PER_DAY, SLOTS_PER_HOUR

_DAY = dt.timedelta(days=1)


def expected_rates(
    scenario: Scenario, window: Window, *, known_only: bool = False, written: bool = False
) -> NDArray[np.float64]:
    """Return the expected first attempts of each slot and type, surges included.

    Parameters
    ----------
    scenario
        The scenario; volumes are a calendar year's, whatever the window.
    window
        The slots.
    known_only
        Leave out surges that are not known: what a planner staffs for.
    written
        Also the written contacts, a column for each kind of task with arrivals of its own, after the types.

    Returns
    -------
    numpy.ndarray
        Contacts per 15-minute slot, shape ``(rows, types)``, the types in declared order.

    Raises
    ------
    ValueError
        If every day of a year has weight 0; the message is a planner's.
    """
    base = _base(scenario, window, _sources(scenario, written=written))
    surges = [surge for surge in scenario.demand.surge if surge.known or not known_only]
    return (base + _extra(scenario, window, base, surges))[window.slots_into_days()]


def surge_extra(scenario: Scenario, window: Window, *, known_only: bool = False) -> NDArray[np.float64]:
    """Return the part of :func:`expected_rates` that surges add (or, below a multiplier of 1, take away).

    Parameters
    ----------
    scenario, window, known_only
        As in :func:`expected_rates`.

    Returns
    -------
    numpy.ndarray
        Contacts per 15-minute slot, shape ``(rows, types)``. A surge adds ``multiplier - 1`` times what its
        slots would have had; several at once add up, and never take away more than there is. With a shape of
        its own a surge spreads each day's extra contacts over that day's slots by it (by the day's own
        pattern where it gives none of them any weight).

    Raises
    ------
    ValueError
        As in :func:`expected_rates`.
    """
    surges = [surge for surge in scenario.demand.surge if surge.known or not known_only]
    base = _base(scenario, window, _sources(scenario, written=False))
    return _extra(scenario, window, base, surges)[window.slots_into_days()]


def _sources(scenario: Scenario, *, written: bool) -> list[ContactType | TaskKind]:
    """Return what contacts come from: the types of calls, then the kinds of written contact."""
    return [*scenario.types.values(), *(scenario.written.values() if written else ())]


def _base(scenario: Scenario, window: Window, sources: list[ContactType | TaskKind]) -> NDArray[np.float64]:
    """Return the rates without surges of the window's whole days, shape ``(days * 96, sources)``."""
    days = len(window.days(scenario))
    common = None
    columns = []
    for source in sources:
        if source.per_hour is not None:
            column = np.tile(np.array(by_slot(source.per_hour)) / SLOTS_PER_HOUR, days)
        elif isinstance(source, TaskKind) and source.shape is not None:
            column = _year_shares(scenario, window, source.shape) * (source.annual_contacts or 0.0)
        else:
            if common is None:
                common = _year_shares(scenario, window, scenario.demand.shape)
            column = common * (source.annual_contacts or 0.0)
        columns.append(column * (1.0 + scenario.demand.growth))
    return np.column_stack(columns)


def _year_shares(scenario: Scenario, window: Window, shape: ShapeTable) -> NDArray[np.float64]:
    """Return each slot's share of its year's volume, for the window's whole days, shape ``(days * 96,)``."""
    demand = scenario.demand
    shares: dict[str, NDArray[np.float64]] = {}
    for shape_of in SHAPE_KINDS:
        relative = np.array(shape.slots(shape_of))
        shares[shape_of] = relative / (relative.sum() or 1.0)
    days = window.days(scenario)
    parts = []
    for year in range(days[0].year, days[-1].year + 1):
        first, last = dt.date(year, 1, 1), dt.date(year, 12, 31)
        weights = np.array(
            [
                demand.month[(first + n * _DAY).month - 1] * getattr(demand.day, kind) * shares[shape_kind(kind)]
                for n, kind in enumerate(day_kinds(first, last, scenario.calendar))
            ]
        )
        total = weights.sum()
        if total == 0.0:
            raise ValueError(
                f"demand.month, demand.day and the shape give every day of {year} the weight 0: no "
                "contacts can be placed in it; give at least one month, kind of day and time of day in that "
                "year a number above 0"
            )
        inside = slice(max(0, (days[0] - first).days), (days[-1] - first).days + 1)
        parts.append(weights[inside].ravel() / total)
    return np.concatenate(parts)


def _extra(scenario: Scenario, window: Window, base: NDArray[np.float64], surges: list[Surge]) -> NDArray[np.float64]:
    """Return what ``surges`` add to ``base``, which is the window's whole days', in the same shape."""
    extra = np.zeros_like(base)
    midnight = dt.datetime.combine(window.days(scenario)[0], dt.time())
    for surge in surges:
        first, end = (
            min(max(0, (moment - midnight) // dt.timedelta(minutes=15)), base.shape[0])
            for moment in (surge.from_, surge.to)
        )
        names = [*scenario.types, *scenario.written][: base.shape[1]]
        columns = [i for i, name in enumerate(names) if surge.types is None or name in surge.types]
        added = np.zeros_like(base)
        added[first:end, columns] = (surge.multiplier - 1.0) * base[first:end, columns]
        if surge.shape is not None:
            struck = np.zeros(base.shape[0])
            struck[first:end] = 1.0
            weights = struck.reshape(-1, SLOTS_PER_DAY) * np.array(by_slot(surge.shape))
            sums = weights.sum(axis=1, keepdims=True)
            by_day = added.reshape(-1, SLOTS_PER_DAY, base.shape[1])
            spread = by_day.sum(axis=1, keepdims=True) * (weights / np.where(sums > 0.0, sums, 1.0))[:, :, None]
            added = np.where((sums > 0.0)[:, :, None], spread, by_day).reshape(base.shape)
        extra += added
    return np.maximum(extra, -base)
