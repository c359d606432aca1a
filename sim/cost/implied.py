"""What a reading of the budget implies, and what it would say of years it was not fitted to.

The budget gives the sum of a line, not how many people it pays: several readings close. Each implies heads
and pay to hold against what is known from elsewhere; 2012 and 2022 are known and used in no fitting.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib import resources

import numpy as np

from sim.cost.bill import Bill
from sim.cost.drivers import Drivers, drivers
from sim.cost.tables import tables
from sim.demand.rates import expected_rates
from sim.demand.window import Window
from sim.scenario import Scenario, numbers
from sim.scenario.tables import ShapeTable
from sim.terms import SLOTS_PER_DAY, SLOTS_PER_HOUR
from sim.workforce.on_duty import planned

_DAYS_PER_YEAR = 365.0


@dataclass(frozen=True)
class Implied:
    """What a plan and its bill say about people and seats; None where there is nothing to divide by."""

    handling_s: float | None
    """Mean talk and wrap-up of a telephone contact."""
    heads: float
    agents: float
    pay_per_head_wan: float | None
    """The personnel line a head and year, 万元: pay, what the law adds, and the contractor's part."""
    base_wage_cny_month: float
    seats: int | None
    """None where the scenario has no sites."""
    seats_needed: int
    """Agents' seats: the busiest quarter of an hour at each site."""
    seats_never_used: int | None
    """Seats of all sites beyond those needed at the plan's peak."""
    heads_per_seat: float | None
    shrinkage_share: float
    phone_share_of_hours: float | None
    """Of agents' hours."""
    phone_share_of_paid: float | None
    """Ring, talk and wrap-up as a share of all heads' productive hours: what the calls alone explain."""


def implied(scenario: Scenario, drivers: Drivers, bill: Bill) -> Implied:
    """Return what a plan and its bill imply.

    Parameters
    ----------
    scenario, drivers, bill
        A scenario, its drivers and its bill, of the same days; those of the whole plan if people and seats are
        to be explained.
    """
    given = tables(scenario)
    calls = {name: float(volume.sum()) for name, volume in drivers.phone.items()}
    total = sum(calls.values())
    busy_h = float(drivers.phone_busy_h.sum())
    handled_s = busy_h * 3_600.0 - total * scenario.greeting.ring_s
    years = float(drivers.year_share.sum())
    wages = next(part for part in bill.line("personnel").parts if part.key.startswith("wages."))
    factor = next(iter(given.cost.personnel.grades.values())).wage_factor
    return Implied(
        handling_s=_ratio(handled_s, total),
        heads=drivers.heads,
        agents=drivers.agents_on_payroll,
        pay_per_head_wan=_ratio(bill.line("personnel").wan, drivers.heads * years),
        base_wage_cny_month=wages.rate_cny / factor,
        seats=drivers.seats if scenario.sites else None,
        seats_needed=drivers.seats_needed,
        seats_never_used=max(0, drivers.seats - drivers.seats_needed) if scenario.sites else None,
        heads_per_seat=_ratio(drivers.heads, drivers.seats),
        shrinkage_share=given.workforce.shrinkage_total,
        phone_share_of_hours=drivers.phone_share,
        phone_share_of_paid=_ratio(busy_h, drivers.heads * drivers.productive_h_per_head),
    )


def _ratio(top: float, bottom: float) -> float | None:
    return float(top / bottom) if bottom > 0.0 else None


@dataclass(frozen=True)
class PlannedVolume:
    """The contacts that a plan expects to accept, beside the target for them; None where there is none."""

    telephone: float
    written: float
    accepted: float
    about: float | None
    tolerance: float | None
    """Share of the number within which "about" holds."""
    within: bool | None
    source: str | None
    """Of the tolerance."""


def planned_volume(scenario: Scenario, drivers: Drivers) -> PlannedVolume:
    """Return what the plan expects to accept; the target is a year's, and stands beside a whole year only."""
    telephone, written = (float(drivers.volumes[key].sum()) for key in ("phone_contact", "written_contact"))
    target = scenario.targets.accepted if drivers.whole_year else None
    if target is None:
        return PlannedVolume(telephone, written, drivers.accepted, None, None, None, None)
    texts = {path: source for path, _, source in numbers(scenario)}
    within = abs(drivers.accepted - target.about) <= target.about * target.tolerance
    source = texts["targets.accepted.tolerance"]
    return PlannedVolume(telephone, written, drivers.accepted, target.about, target.tolerance, within, source)


@dataclass(frozen=True)
class OtherYear:
    """A year whose seats and agents are known, beside what the model says of it."""

    year: int
    calls_a_day: float
    seats: int
    seats_modelled: int | None
    agents: int
    agents_modelled: float | None
    source: str
    volume_source: str
    note: str | None = None
    """Why the model says nothing of this year, if it does not."""


def other_years(scenario: Scenario) -> list[OtherYear]:
    """Return what the model says of 2012 and 2022, from their volumes and hours alone.

    Nothing where no type has a volume a year to replace by theirs.

    Parameters
    ----------
    scenario
        A reading of 2020: its handling times, shares, staffing rule and shrinkage are taken as they are, on
        2020's calendar. Written contacts and work orders change as the calls do.

    Notes
    -----
    The misfit is large and stays: 2012 was staffed for a start whose volume nobody knew, and no one
    productivity serves both 2,500 calls a day and 22,800. Neither year constrains the readings of 2020.
    """
    if not _annual_contacts(scenario):
        return []
    text = (resources.files("sim.cost") / "observed_years.toml").read_text(encoding="utf-8")
    found = []
    for year in tomllib.loads(text)["year"]:
        from_h, to_h = year["from_h"], year["to_h"]
        seats = agents = note = None
        modelled = _as_in(scenario, year["calls_a_day"], from_h, to_h)
        if modelled is not None:
            seats, agents = modelled.seats_needed, modelled.agents
        else:
            note = f"left out: demand puts no calls between {from_h} h and {to_h} h, when the hotline was open then"
        found.append(
            OtherYear(
                year["year"],
                year["calls_a_day"],
                year["seats"],
                seats,
                year["agents"],
                agents,
                year["source"],
                year["volume_source"],
                note,
            )
        )
    return found


def _annual_contacts(scenario: Scenario) -> float:
    return sum(kind.annual_contacts or 0.0 for kind in scenario.types.values())


def _as_in(scenario: Scenario, calls_a_day: float, from_h: int, to_h: int) -> Drivers | None:
    """Return what the scenario needs with another volume and other opening hours.

    None if none of its calls come at these hours.
    """
    is_open = np.zeros(SLOTS_PER_DAY)
    is_open[from_h * SLOTS_PER_HOUR : to_h * SLOTS_PER_HOUR] = 1.0
    shape = scenario.demand.shape
    demand = scenario.demand.model_copy(
        update={
            "growth": calls_a_day * _DAYS_PER_YEAR / _annual_contacts(scenario) - 1.0,
            "surge": (),
            "shape": ShapeTable(
                all=None,
                workday=tuple(is_open * shape.slots("workday")),
                weekend=tuple(is_open * shape.slots("weekend")),
                holiday=tuple(is_open * shape.slots("holiday")),
            ),
        }
    )
    posts = {
        name: post.model_copy(update={"from_h": max(post.from_h, from_h), "to_h": min(post.to_h, to_h)})
        for name, post in tables(scenario).posts.items()
        if max(post.from_h, from_h) < min(post.to_h, to_h)
    }
    then = scenario.model_copy(update={"demand": demand, "posts": posts})
    window = Window.of(then)
    try:
        rates = expected_rates(then, window, known_only=True, written=True)
    except ValueError:  # Every day has weight 0.
        return None
    on_duty = planned(then, window, rates) * is_open.astype(np.int64)[window.slots_into_days() % SLOTS_PER_DAY, None]
    return drivers(then, rates, on_duty, window)
