"""From the drivers to the bill: operation, platform and tax here, personnel in its own module (§20)."""

from __future__ import annotations

import datetime as dt

import numpy as np

from sim.cost.bill import Bill, Line, Sheet
from sim.cost.drivers import Days, Drivers
from sim.cost.personnel import add_personnel
from sim.cost.tables import Tables, tables
from sim.scenario import Scenario, numbers
from sim.scenario.money import LINES, Dated


def price(scenario: Scenario, drivers: Drivers, first: dt.date | None = None, last: dt.date | None = None) -> Bill:
    """Return the bill of a plan, or of its days from ``first`` to ``last``.

    Parameters
    ----------
    scenario
        A scenario with ``[workforce]``, ``[posts]``, ``[cost]`` and ``[targets.environmental]``.
    drivers
        What its plan needs (:func:`sim.cost.drivers.drivers`).
    first, last
        The first and the last day, the plan's own where left out. They are billed their share of the whole
        plan: a whole month costs what the bill of the whole plan has in its column.

    Returns
    -------
    Bill
        The four lines. The published figures are those of a whole year, and stand beside them only if the
        days are one.

    Raises
    ------
    ScenarioError
        If one of the tables is missing.
    LookupError
        If a dated rate has no value yet on a day of the plan.
    ValueError
        If the days are not in the plan.
    """
    given = tables(scenario)
    sources = {path: source for path, _, source in numbers(scenario)}
    rows = drivers.rows(first, last)
    here = drivers.within(rows)
    sheets = {key: Sheet(drivers, rows, here, sources) for key in LINES}
    _operation(sheets["operation"], given)
    _platform(sheets["platform"], given)
    add_personnel(sheets["personnel"], given)
    net = sum((sheet.cny() for key, sheet in sheets.items() if key != "tax"), start=np.zeros(len(drivers.days)))
    sheets["tax"].add(
        "tax",
        "sum of the other three lines",
        net,
        "元",
        sheets["tax"].rate(given.cost.tax.rate),
        "cost.tax.rate",
    )
    published = given.cost.published_wan if here.whole_year else None
    return Bill(
        tuple(
            Line(key, tuple(sheet.parts), getattr(published, key) if published else None)
            for key, sheet in sheets.items()
        ),
        here,
        len(here.days) == len(drivers.days),
        given.cost.calibrated,
    )


def _operation(sheet: Sheet, given: Tables) -> None:
    """Rent, property, water, electricity, network and line rental."""
    operation, drivers, path = given.cost.operation, sheet.plan, "cost.operation."
    area = drivers.seats * operation.area_m2_per_seat
    floor = f"{path}area_m2_per_seat", *_seats(given)
    rows: list[tuple[str, str, Days, str, str, tuple[str, ...]]] = [
        ("rent", "floor area of the seats", np.full(len(drivers.days), area), "m²·day", "rent_cny_per_m2_day", floor),
        (
            "property",
            "floor area of the seats",
            area * drivers.month_share,
            "m²·month",
            "property_cny_per_m2_month",
            floor,
        ),
        (
            "electricity.seats",
            "manned seat-hours",
            drivers.energy_kwh["seats"],
            "kWh",
            "electricity_cny_per_kwh",
            ("targets.environmental.kwh_per_seat_hour",),
        ),
        (
            "electricity.base",
            "platform and building",
            drivers.energy_kwh["base"],
            "kWh",
            "electricity_cny_per_kwh",
            ("targets.environmental.fixed_kw",),
        ),
        ("water", "heads", drivers.heads_paid * drivers.month_share, "head·month", "water_cny_per_head_month", ()),
        (
            "lines",
            "telephone lines",
            drivers.lines * drivers.month_share,
            "line·month",
            "line_cny_per_month",
            ("lines.count",),
        ),
        (
            "circuits",
            "leased circuits",
            operation.circuits * drivers.month_share,
            "circuit·month",
            "circuit_cny_per_month",
            (f"{path}circuits",),
        ),
    ]
    for key, driver, quantity, unit, rate, others in rows:
        sheet.add(key, driver, quantity, unit, sheet.rate(getattr(operation, rate)), path + rate, *others)
    _fixed(sheet, operation.fixed_cny_year, f"{path}fixed_cny_year")


def _platform(sheet: Sheet, given: Tables) -> None:
    """Licences a seat, and the fixed platforms."""
    platform, drivers = given.cost.platform, sheet.plan
    sheet.add(
        "licences",
        "seats",
        drivers.seats * drivers.year_share,
        "seat·year",
        sheet.rate(platform.licence_cny_per_seat_year),
        "cost.platform.licence_cny_per_seat_year",
        *_seats(given),
    )
    _fixed(sheet, platform.fixed_cny_year, "cost.platform.fixed_cny_year")


def _seats(given: Tables) -> tuple[str, ...]:
    """Return the key paths of the seats that are paid by the year."""
    return tuple(f"sites.{name}" for name in given.sites)


def _fixed(sheet: Sheet, costs: dict[str, float | tuple[Dated, ...]], path: str) -> None:
    for name, rate in costs.items():
        sheet.add(name, "fixed", sheet.plan.year_share, "year", sheet.rate(rate), f"{path}.{name}")
