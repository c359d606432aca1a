"""The plan's part of what is measured, and what a replication adds to the plan's bill (§17, §20)."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sim.cost.bill import Bill
from sim.cost.drivers import Drivers
from sim.cost.lines import price
from sim.engine import tally as t
from sim.engine.inputs import Plan
from sim.engine.structures import Ints
from sim.experiment.replicate import CALLED_IN, Floats, Pieces
from sim.measures import Extras
from sim.scenario import Scenario
from sim.targets import Spending
from sim.terms import HOUR_MS, MINUTE_MS, SLOTS_PER_DAY, WAN_CNY


def extras_by_period(plan: Plan, pieces: Pieces, bill: Bill | None) -> dict[str, Extras]:
    """Return the plan's part of the measures of the whole window (``""``) and of each period."""
    drivers = bill.drivers if bill else None

    def of(days: slice | NDArray[np.bool_]) -> Extras:
        return Extras(float("nan") if drivers is None else float(drivers.paid_h[days].sum()))

    piece = pieces.of_row[plan.window.warm_slots :: SLOTS_PER_DAY]
    periods = (*pieces.months, *pieces.others)
    return {"": of(slice(None)), **{period.label: of(np.isin(piece, period.pieces)) for period in periods}}


def with_levers(scenario: Scenario, drivers: Drivers, rows: slice, duty: Ints | Floats) -> Drivers:
    """Return the drivers with what the simulation had of the groups that are bought (§20).

    Hours and activations of groups that go by dates stay the plan's.

    Parameters
    ----------
    scenario, drivers
        What is priced, and its plan.
    rows
        The drivers' days that were simulated.
    duty
        What they had, shape ``(days, groups, DUTY + 1)``: :attr:`sim.experiment.replicate.Replication.days`, or a mean.
    """
    levers = dict(drivers.levers)
    for column, (name, group) in enumerate(scenario.groups.items()):
        if f"{name}.calls" not in levers:
            continue
        own = duty[:, column]
        used = {
            "calls": own[:, t.CALLS],
            "minutes": own[:, [t.CALL_TALK_MS, t.CALL_WRAP_MS]].sum(axis=1) / MINUTE_MS,
            "hours": own[:, t.ROSTERED_MS] / HOUR_MS,
            "activations": own[:, CALLED_IN],
        }
        for what in ("calls", "minutes") if group.goes_by_dates else used:
            levers[f"{name}.{what}"] = np.zeros(len(drivers.days))
            levers[f"{name}.{what}"][rows] = used[what]
    return replace(drivers, levers=levers, simulated=True)


def price_simulated(
    scenario: Scenario, drivers: Drivers, duty: Ints | Floats, first: dt.date | None, last: dt.date | None
) -> Bill:
    """Return the bill of the days from ``first`` to ``last``, what was bought as it was used priced as simulated.

    ``duty`` is a replication's by day, or a mean, as :func:`with_levers` takes it.
    """
    if drivers.levers:
        drivers = with_levers(scenario, drivers, drivers.rows(first, last), duty)
    return price(scenario, drivers, first, last)


def spending(bill: Bill | None) -> Spending:
    """Return what the bill says the days take."""
    if bill is None:
        return Spending(None, None)
    return Spending(bill.total_wan * WAN_CNY, float(sum(kwh.sum() for kwh in bill.drivers.energy_kwh.values())))
