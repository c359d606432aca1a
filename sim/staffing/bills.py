"""What a year of agents costs by contract line, agents and seats whole or in fractions (§19, §20).

Beside what is paid in any case, each line is proportional to agents on duty and to seats. So a hundred times as many
agents, whole ones, are priced as any plan is, and what they add is divided by a hundred.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from sim.cost.bill import Bill
from sim.cost.drivers import Planned
from sim.cost.lines import price
from sim.scenario import Scenario
from sim.scenario.money import LINES
from sim.staffing.pools import Floats
from sim.staffing.year import Year, with_agents
from sim.staffing.year_tours import Ints
from sim.workforce.headcount import Headcount
from sim.workforce.tours import WEEK_STEPS

Lines = dict[str, float]
"""Amounts by contract line, 万元."""
_TIMES: Final = 100


class Bills:
    """A scenario's bills by the agents of its chosen groups.

    With ``expected`` heads these are paid whatever the shifts, so that whole agents near the fractions are priced.
    """

    def __init__(self, year: Year, expected: Headcount | None = None) -> None:
        self.year, self.expected = year, expected
        self.paid_sites = [name for name, site in year.scenario.sites.items() if site.paid_by == "year"]
        nobody = {name: np.zeros((len(year.weeks), WEEK_STEPS), np.int64) for name in year.choices}
        self._bare = self._priced(nobody, seats=0)
        with_seats = self._priced(nobody, seats=_TIMES)
        seats = _TIMES * max(len(self.paid_sites), 1)
        self.seat_wan: Lines = {key: (with_seats[key] - self._bare[key]) / seats for key in LINES}
        """What a seat costs in each line."""

    def seats(self, coverage: Mapping[str, Floats]) -> float:
        """Return the seats paid by the year that agents of the chosen groups, shape ``(weeks, 336)``, make used."""
        groups, nobody = self.year.scenario.groups, np.zeros((len(self.year.weeks), WEEK_STEPS))
        everyone = {**{name: own.on_duty.astype(np.float64) for name, own in self.year.given.items()}, **coverage}
        at_site = [[own for name, own in everyone.items() if groups[name].site == site] for site in self.paid_sites]
        return sum(float(sum(there, nobody).max()) for there in at_site)

    def lines(self, coverage: Mapping[str, Floats]) -> Lines:
        """Return what agents on duty cost, shape ``(weeks, 336)`` each, with as many seats as they use at once."""
        times = _TIMES if self.expected is None else 1
        agents = {name: np.rint(times * own).astype(np.int64) for name, own in coverage.items()}
        priced, seats = self._priced(agents, seats=0), self.seats(coverage)
        return {
            key: self._bare[key] + (priced[key] - self._bare[key]) / times + seats * self.seat_wan[key]
            for key in LINES
        }  # fmt: skip

    def total_wan(self, on_duty: Mapping[str, Ints]) -> float:
        """Return what the contract costs with whole agents on duty."""
        return self._bill(with_agents(self.year, on_duty)).total_wan

    def _priced(self, agents: Mapping[str, np.ndarray], seats: int) -> Lines:
        """Return what agents cost with some seats at each site."""
        given = self.year.scenario.sites
        sites = {name: site.model_copy(update={"seats": seats}) for name, site in given.items()}
        scenario = with_agents(self.year, agents).model_copy(update={"sites": sites})
        return {line.key: line.wan for line in self._bill(scenario).lines}

    def _bill(self, scenario: Scenario) -> Bill:
        return price(scenario, Planned.of(scenario).drivers(self.expected))
