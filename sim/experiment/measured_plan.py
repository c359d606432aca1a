"""The plan's part of what is measured, and what a replication adds to the plan's bill (§17, §20)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.cost.bill import Bill
from sim.cost.drivers import Drivers, Planned
from sim.cost.lines import price
from sim.engine import tally as t
from sim.engine.inputs import Plan
from sim.engine.structures import Ints
from sim.experiment.replicate import CALLED_IN, Floats, Pieces, Replication
from sim.measures import Extras
from sim.scenario import Scenario
from sim.targets import Spending
from sim.terms import HOUR_MS, MINUTE_MS, SLOTS_PER_DAY, WAN_CNY
from sim.uniforms import stream_key
from sim.workforce.headcount import headcount


def extras_by_period(plan: Plan, pieces: Pieces, drivers: Drivers | None) -> dict[str, Extras]:
    """Return the plan's part of the measures of the whole window (``""``) and of each period.

    ``drivers`` are those of the window's days, None where the scenario has no money.
    """

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


@dataclass(frozen=True)
class Pricing:
    """What the days from ``first`` to ``last`` of a scenario with money cost, replication by replication."""

    scenario: Scenario
    seed: int
    first: dt.date | None
    last: dt.date | None

    @cached_property
    def planned(self) -> Planned:
        """The plan of the whole horizon."""
        return Planned.of(self.scenario)

    @cached_property
    def plan(self) -> Drivers:
        """What the plan needs, whoever there is."""
        return self.planned.drivers()

    @property
    def differs(self) -> bool:
        """Whether replications may cost different amounts: by what they buy as it is used, or by their heads."""
        return bool(self.plan.levers) or self.scenario.headcount is not None

    def drivers(self, number: int) -> Drivers:
        """Return what a replication needs in the whole horizon: the plan's, with the heads it has if it has any."""
        if self.scenario.headcount is None:
            return self.plan
        found = self.planned.drivers(headcount(self.scenario, stream_key(self.seed, number)))
        return replace(found, counted="simulated")

    def in_days(self, number: int) -> Drivers:
        """Return what a replication needs in the days that are simulated."""
        drivers = self.drivers(number)
        return drivers.within(drivers.rows(self.first, self.last))

    def bill(self, part: Replication) -> Bill:
        """Return the bill of one replication, what was bought as it was used priced as simulated."""
        return self._priced(self.drivers(part.number), part.days)

    def mean_bill(self, parts: Sequence[Replication]) -> Bill:
        """Return the bill of the replications' mean; with a head-count, the plan's bill beside it."""
        used = np.mean([part.days for part in parts], axis=0)
        if self.scenario.headcount is None:
            return self._priced(self.plan, used)
        counted = averaged([self.drivers(part.number) for part in parts])
        return replace(self._priced(counted, used), without=self._priced(self.plan, used))

    def _priced(self, drivers: Drivers, duty: Ints | Floats) -> Bill:
        if drivers.levers:
            drivers = with_levers(self.scenario, drivers, drivers.rows(self.first, self.last), duty)
        return price(self.scenario, drivers, self.first, self.last)


def averaged(every: Sequence[Drivers]) -> Drivers:
    """Return the mean of what replications need by day; what is the same in all is the first one's.

    The bill is linear in it, so that its bill is the mean of theirs.
    """

    def mean(values: list[Any]) -> Any:
        if isinstance(values[0], dict):
            return {name: mean([value[name] for value in values]) for name in values[0]}
        return np.mean(values, axis=0) if isinstance(values[0], np.ndarray) else values[0]

    return Drivers(**{field.name: mean([getattr(one, field.name) for one in every]) for field in fields(Drivers)})


def spending(bill: Bill | None) -> Spending:
    """Return what the bill says the days take."""
    if bill is None:
        return Spending(None, None)
    return Spending(bill.total_wan * WAN_CNY, float(sum(kwh.sum() for kwh in bill.drivers.energy_kwh.values())))
