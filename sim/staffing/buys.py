"""What the next and the last 10 万元 of each contract line buy, beside the plan that was found (§19, §20).

Personnel money moves along the frontier. Seats cost in operation and platform: more of them than the peak uses buy
nothing, and with fewer the weeks that use them are bought anew at the prices tried, which makes another frontier; the
two are compared where personnel costs the same. All are theory's changes, as the search's years correct it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np
from joblib import Parallel, cpu_count, delayed, parallel_config

from sim.scenario.money import LINES
from sim.staffing.chance import Correction, chances, corrected
from sim.staffing.frontier import Service, between, fractions, service
from sim.staffing.plan import Buy, What
from sim.staffing.pools import Floats
from sim.staffing.year import shared_seats
from sim.staffing.year_tours import GroupTours, Ints

if TYPE_CHECKING:
    from sim.staffing.search import Search

STEP_WAN: Final = 10.0
_WIDER: Final = 6.0
"""Times that prices are widened by, once, to find where more or less personnel money leads."""


@dataclass(frozen=True)
class _Frontier:
    """Years at the prices tried, the cheapest first: what personnel costs, and what comes with it."""

    personnel_wan: Floats
    total_wan: Floats
    hours: Floats
    seats: Floats
    services: list[Service]

    def number(self, column: Floats, personnel_wan: float) -> float:
        """Return what goes with some personnel money."""
        return float(np.interp(personnel_wan, self.personnel_wan, column))

    def service(self, personnel_wan: float) -> Service:
        """Return what calls find for some personnel money."""
        return between(self.services, self.personnel_wan, personnel_wan)


def buys(search: Search, chosen: Mapping[str, GroupTours], known: Correction) -> tuple[Buy, ...]:
    """Return what 10 万元 more, and 10 万元 less, change in each line.

    Parameters
    ----------
    search
        The search that found the plan.
    chosen
        Its tours, by chosen group.
    known
        How simulated years of it differ from theory's.
    """
    beside = _Beside(search, chosen, known)
    return tuple(beside.buy(line, wan) for wan in (STEP_WAN, -STEP_WAN) for line in LINES)


class _Beside:
    """A plan, and what others beside it are like."""

    def __init__(
        self, search: Search, chosen: Mapping[str, GroupTours], known: Correction
    ) -> None:  # fmt: skip
        self.search, self.known = search, known
        self.on_duty: dict[str, Ints] = {name: own.on_duty for name, own in chosen.items()}
        # What the plan itself pays, trimmed as it is, and not what fractions at its price do.
        self.wan = search.bills.lines({name: own.astype(np.float64) for name, own in self.on_duty.items()})["personnel"]
        self.plan = search.found(self.on_duty)
        self.was = self._told(self.plan)
        lines = search.billed[0]
        self.tax_rate = lines["tax"] / (sum(lines.values()) - lines["tax"])
        groups = search.scenario.groups
        used = {site: self._at_site(site).max() for site in search.bills.paid_sites}
        own = [site for site in used if any(groups[name].site == site for name in chosen)]
        self.site = max(own, key=lambda site: used[site], default=None)
        """Where seats are bought or given up: of the sites of chosen groups the one that uses most."""
        self.used = float(used[self.site]) if self.site is not None else 0.0
        self.own = self._frontier([point.coverage for point in search.points])

    def buy(self, line: str, wan: float) -> Buy:
        """Return what some money more or less in a line changes."""
        if line == "tax":
            return self._nothing(line, wan, "follows", wan)
        return self._agents(wan) if line == "personnel" else self._seats(line, wan)

    def _agents(self, wan: float) -> Buy:
        if self.search.expected is not None:
            return self._nothing("personnel", wan, "heads", wan * (1.0 + self.tax_rate))
        own = self._reaching(self.wan + wan)
        if own is None:
            return _impossible("personnel", wan, "floor" if wan < 0.0 else "most")
        dearer, hours, seats = (
            own.number(column, self.wan + wan) - own.number(column, self.wan)
            for column in (own.total_wan, own.hours, own.seats)
        )
        after = own.service(self.wan + wan)
        return self._changed("personnel", wan, "agents", own.service(self.wan), after, dearer, hours, seats)

    def _seats(self, line: str, wan: float) -> Buy:
        bills = self.search.bills
        if self.site is None or bills.seat_wan[line] <= 0.0:
            return self._nothing(line, wan, "nothing", wan * (1.0 + self.tax_rate))
        seats = wan / bills.seat_wan[line]
        dearer = seats * sum(bills.seat_wan.values())
        if wan > 0.0 and self.used < self.search.scenario.sites[self.site].seats:
            return self._nothing(line, wan, "spare", dearer, seats)
        if self.used + seats < 0.0:
            return _impossible(line, wan, "all", seats)
        anew = self._anew(self.used + seats)
        if anew is not None and anew.personnel_wan[-1] < self.wan:
            # Who has no seat at the peak is paid for at other hours, at a dearer price.
            self._widen(dearer=True)
            anew = self._anew(self.used + seats)
        if anew is None or anew.personnel_wan[0] > self.wan:
            return _impossible(line, wan, "floor", seats)
        own = self._own()
        hours = anew.number(anew.hours, self.wan) - own.number(own.hours, self.wan)
        before, after = own.service(self.wan), anew.service(self.wan)
        return self._changed(line, wan, "seats", before, after, dearer, hours, seats)

    def _reaching(self, personnel_wan: float) -> _Frontier | None:
        """Return the frontier, widened once if it must be; None if no year on it costs so much."""
        for widened in (False, True):
            if widened:
                self._widen(dearer=personnel_wan > self.wan)
            own = self._own()
            if own.personnel_wan[0] <= personnel_wan <= own.personnel_wan[-1]:
                return own
        return None

    def _widen(self, *, dearer: bool) -> None:
        points = self.search.points
        self.search.add([points[-1].price_cny * _WIDER if dearer else points[0].price_cny / _WIDER])

    def _own(self) -> _Frontier:
        """Return the frontier of the prices tried so far, reckoned once."""
        points = self.search.points
        if len(self.own.services) != len(points):
            self.own = self._frontier([point.coverage for point in points])
        return self.own

    def _anew(self, limit: float) -> _Frontier | None:
        """Return the frontier with other seats; None if the floors cannot hold."""
        search, year, site = self.search, self.search.year, self.site
        assert site is not None
        there = self._at_site(site).max(axis=1)
        # With fewer seats the weeks that use more than are left, with more those that take all there are.
        weeks = np.flatnonzero(there > limit if limit < self.used else there >= self.used)
        chosen = [name for name in self.on_duty if search.scenario.groups[name].site == site]
        orders = [(name, int(week)) for name in chosen for week in weeks]
        # Prices below the plan's matter no more than the nearest two.
        below = int(np.searchsorted(self._own().personnel_wan, self.wan, side="right")) - 2
        points = search.points[max(below, 0) :]
        theirs = {name: self.on_duty[name].astype(np.float64) for name in chosen}
        least = {name: search.lists.least[name].astype(np.float64) for name in chosen}
        rooms = shared_seats(np.maximum(limit - self._at_site(site) + sum(theirs.values()), 0.0), least, theirs)
        tasks = []
        for name, week in orders:
            most = rooms[name][week]
            worths = [replace(search.lists.of(name, week, one.price_cny), most=most) for one in points]
            choice = year.choices[name]
            columns = points[0].columns[name, week]
            tasks.append(delayed(fractions)(choice.tours, choice.cost_cny[week], worths, columns))
        coverage = [{name: own.copy() for name, own in point.coverage.items()} for point in points]
        with parallel_config("loky", inner_max_num_threads=1):
            found = Parallel(min(cpu_count(), max(len(tasks), 1)))(tasks)
        for (name, week), bought in zip(orders, found, strict=True):
            if bought is None:
                return None
            for own, one in zip(coverage, bought, strict=True):
                own[name][week] = one.coverage
        return self._frontier(coverage)

    def _frontier(self, years: Sequence[Mapping[str, Floats]]) -> _Frontier:
        """Return years at the prices tried, agents on duty by chosen group, shape ``(weeks, 336)`` each."""
        search, counts = self.search, self.search.year.counts
        billed = [search.bills.lines(own) for own in years]
        hours = [sum(float(own.sum(axis=1) @ counts) for own in year.values()) / 2.0 for year in years]
        return _Frontier(
            personnel_wan=np.maximum.accumulate([bill["personnel"] for bill in billed]),
            total_wan=np.array([sum(bill.values()) for bill in billed]),
            hours=np.array(hours) / float(counts.sum()),
            seats=np.array([search.bills.seats(own) for own in years]),
            services=[service(search.year, own) for own in years],
        )

    def _changed(
        self, line: str, wan: float, what: What, before: Service, after: Service,
        contract_wan: float, hours: float, seats: float,
    ) -> Buy:  # fmt: skip
        """Return the change from the plan, whose whole agents lie beside the frontier, by as much as that changes."""
        waited = self.plan.waited_s * after.waited_s / before.waited_s
        lost = np.minimum(self.plan.lost * after.lost / before.lost, 1.0)
        now = self._told(Service(self.plan.factors, waited, lost))
        asa_s, connection, probability = (new - old for new, old in zip(now, self.was, strict=True))
        return Buy(line, wan, what, contract_wan, asa_s, connection, probability, hours, seats)

    def _nothing(self, line: str, wan: float, what: What, contract_wan: float, seats: float = 0.0) -> Buy:
        return Buy(line, wan, what, contract_wan, 0.0, 0.0, 0.0, 0.0, seats)

    def _told(self, found: Service) -> tuple[float, float, float]:
        """Return answer time, connection and the probability of a year, means of the years to come."""
        asa, connection = corrected(found, self.known, self.search.year.factors, self.search.ring_s)
        told = chances(self.search.limits, found, self.known, self.search.year.factors)
        return float(np.mean(asa)), float(np.mean(connection)), told["all"]

    def _at_site(self, site: str) -> Ints:
        """Return all agents on duty at a site, shape ``(weeks, 336)``."""
        groups, year = self.search.scenario.groups, self.search.year
        everyone = {**{name: own.on_duty for name, own in year.given.items()}, **self.on_duty}
        there: Ints = np.sum([own for name, own in everyone.items() if groups[name].site == site], axis=0)
        return there


def _impossible(line: str, wan: float, what: What, seats: float = 0.0) -> Buy:
    return Buy(line, wan, what, None, None, None, None, 0.0, seats)
