"""The search for a plan: what cost and service are known to be, theory's as simulated years correct it (§19)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import numpy as np

from sim.demand.factors import mean_one
from sim.engine.inputs import answer_time_offset_ms
from sim.experiment.cases import Outcomes, simulate_cases
from sim.experiment.gather import Settings
from sim.measures import clopper_pearson
from sim.scenario import Fault, Scenario, ScenarioError
from sim.staffing.bills import Bills
from sim.staffing.chance import Correction, Limits, chances, correction, year_factor
from sim.staffing.frontier import Aim, Point, PriceLists, Service, between, points, service, whole
from sim.staffing.heads import Heads, expected_heads, heads_of
from sim.staffing.plan import Asked, Round, Stage, Told
from sim.staffing.pools import Floats
from sim.staffing.staff_faults import (
    never_holds,
    no_cost,
    no_target,
    not_by_agents,
    too_few_heads,
    unreachable,
)
from sim.staffing.year import ready, with_agents, with_shared_sites
from sim.staffing.year_tours import GroupTours
from sim.terms import SECOND_MS

_STEPS: Final = (0.3, 0.75, 1.9)
"""Prices tried first, times the one that would do without shifts."""
_CHEAPEST: Final = 1e-3
_DEAREST: Final = 1e2
"""Yuan for a second, or a call: beyond, no search begins."""
WIDER: Final = 2.5
_WIDEST: Final = 3
"""Times that dearer seconds are tried before no plan is said to do."""
_LOOKED_YEARS: Final = 8
"""Simulated years of the first look, which only says how far theory is off."""
GAP: Final = 0.003
SECONDS: Final = 5.0
"""When the search for a week of whole agents ends: a share of its cost, and a time."""
HEADS_SLACK: Final = 1.01
"""Whole agents may take so much of the heads expected: those are no more exact than that."""
_FINE: Final = 200


class Search:
    """The search for a plan: what is known of cost and service so far."""

    def __init__(self, scenario: Scenario, asked: Asked, told: Told | None = None) -> None:
        self.asked, self.told = asked, told or (lambda stage, done, wanted: None)
        if scenario.cost is None:
            raise ScenarioError([no_cost(scenario)])
        self.ring_s = answer_time_offset_ms(scenario, scenario.targets.answer_time_counts) / SECOND_MS
        self.limits = Limits.of(scenario, self.ring_s)
        if not self.limits.at_most:
            raise ScenarioError([no_target(scenario)])
        for target, at_most in self.limits.at_most.items():
            if at_most <= 0.0:
                raise ScenarioError([never_holds(scenario, target, self.ring_s)])
        self.year = ready(scenario, lambda done, wanted: self.told("given", done, wanted))
        variation = scenario.demand.variation
        factor = 1.0
        if variation.year_cv > 0.0:
            factor = float(mean_one(np.array([asked.probability]), variation.year_cv, variation.distribution)[0])
        self.lists, self.begin_cny = self._best_aim(factor)
        least = {name: own.astype(np.float64) for name, own in self.lists.least.items()}
        self.year = with_shared_sites(self.year, least, self.lists.by_half_hour(self.begin_cny))
        self.lists.year = self.year
        self.known = Correction()
        self.expected = expected_heads(scenario)
        self.bills = Bills(self.year, self.expected)
        self.heads_off = 1.0
        """While plans are tried: what whole agents took of the heads, over what their fractions do and the slack."""
        self.points: list[Point] = []
        self.rounds: list[Round] = []

    @property
    def scenario(self) -> Scenario:
        """The scenario."""
        return self.year.scenario

    def _best_aim(self, factor: float) -> tuple[PriceLists, float]:
        """Return what the price is best paid for, and where to begin: what costs least without shifts.

        Waiting, where a target is about it; calls lost; or both, a lost one as long as callers are patient.
        """
        limit_s, floors = self.limits.at_most.get("asa"), (self.asked.floor, self.asked.floor_day)
        patience_s = max(choice.pool.patience_s for choice in self.year.choices.values())
        aims = (
            [] if limit_s is None else [Aim(limit_s, 0.0, factor, *floors), Aim(limit_s, patience_s, factor, *floors)]
        )
        if len(self.limits.at_most) > (limit_s is not None):
            aims.append(Aim(None, 1.0, factor, *floors))

        def meets(found: Service) -> bool:
            waited, lost = found.at(np.array([factor]))
            values = {target: waited[0] if target == "asa" else lost[0] for target in self.limits.at_most}
            return all(values[target] <= at_most for target, at_most in self.limits.at_most.items())

        lists = [PriceLists(self.year, aim) for aim in aims]
        tried = [one.without_shifts(meets) for one in lists]
        best = min(range(len(aims)), key=lambda n: tried[n][1])
        price_cny = tried[best][0]
        # Where no price is enough without shifts, or any is, the search begins somewhere and widens.
        return lists[best], min(max(price_cny, _CHEAPEST), _DEAREST)

    def explore(self) -> None:
        """Find out what waiting costs at some prices of a second, and how far theory is off near the one needed."""
        self.add([self.begin_cny * step for step in _STEPS])
        likely = self.first(self.asked.probability)
        near = self.near(float(self.fine()[-1]) if likely is None else likely)
        looked = self.simulated({"plan": with_agents(self.year, near.rounded)}, "years", _LOOKED_YEARS, self.asked.seed)
        self.learn(looked["plan"], self.found(near.rounded), math.log(near.price_cny))

    def add(self, prices: list[float]) -> None:
        """Try more prices."""
        found = points(self.lists, prices, lambda done, wanted: self.told("prices", done, wanted))
        self.points = sorted([*self.points, *found], key=lambda point: point.price_cny)
        self.services = [service(self.year, point.coverage) for point in self.points]
        self.billed = [self.bills.lines(point.coverage) for point in self.points]
        if self.expected is not None:
            self.heads = [heads_of(with_agents(self.year, point.rounded), self.expected) for point in self.points]

    def heads_at(self, log_price: float) -> Heads | None:
        """Return what a plan at a price between those tried takes of the heads there are; None without a head-count."""
        if self.expected is None:
            return None
        logs = np.log([point.price_cny for point in self.points])
        taken = float(np.interp(log_price, logs, [heads.taken for heads in self.heads]))
        return replace(self.heads[0], taken=self.heads_off * taken)

    def count_heads(self, scenario: Scenario, log_price: float) -> Heads | None:
        """Return what a plan of whole agents bought at a price takes of the heads there are; it tells of the next."""
        fractions = self.heads_at(log_price)
        if self.expected is None or fractions is None:
            return None
        heads = heads_of(scenario, self.expected)
        self.heads_off = max(self.heads_off * heads.taken / (HEADS_SLACK * fractions.taken), 1.0)
        return heads

    def between(self, log_price: float) -> Service:
        """Return theory's year at a price between those tried."""
        return between(self.services, np.log([point.price_cny for point in self.points]), log_price)

    def total_wan(self, log_price: float) -> float:
        """Return what the contract costs at a price between those tried, 万元."""
        logs = np.log([point.price_cny for point in self.points])
        return float(np.interp(log_price, logs, [sum(bill.values()) for bill in self.billed]))

    def grid(self) -> Floats:
        """Return logarithms of prices between those tried, rising."""
        return np.linspace(math.log(self.points[0].price_cny), math.log(self.points[-1].price_cny), _FINE)

    def fine(self) -> Floats:
        """Return those for which there are heads enough.

        Raises
        ------
        ScenarioError
            If there are too few for any.
        """
        logs = self.grid()
        heads = [self.heads_at(float(one)) for one in logs]
        enough: Floats = logs[[own is None or own.taken <= own.there for own in heads]]
        if not enough.size and heads[0] is not None:
            raise ScenarioError([too_few_heads(self.scenario, None, heads[0])])
        return enough

    def chance(self, log_price: float) -> float:
        """Return the probability that all targets hold at a price."""
        return chances(self.limits, self.between(log_price), self.known, self.year.factors)["all"]

    def near(self, log_price: float) -> Point:
        """Return the year of the price tried that is nearest."""
        return min(self.points, key=lambda point: abs(math.log(point.price_cny) - log_price))

    def found(self, agents: Mapping[str, np.ndarray]) -> Service:
        """Return theory's year with some agents of each chosen group on duty."""
        return service(self.year, {name: own.astype(np.float64) for name, own in agents.items()})

    def first(self, wanted: float) -> float | None:
        """Return the logarithm of the lowest price at which the targets hold as surely as wanted; None if none does."""
        return next((float(one) for one in self.fine() if self.chance(float(one)) >= wanted), None)

    def sure_enough(self, wanted: float) -> float:
        """Return the same, heads or not, dearer prices tried where none of these does.

        Raises
        ------
        ScenarioError
            If none does, or there are too few heads for it.
        """
        for tried in range(_WIDEST + 1):
            found = next((float(one) for one in self.grid() if self.chance(float(one)) >= wanted), None)
            if found is not None:
                heads = self.heads_at(found)
                if heads is not None and heads.taken > heads.there:
                    raise ScenarioError([too_few_heads(self.scenario, self.asked.probability, heads)])
                return found
            if tried < _WIDEST:
                self.add([self.points[-1].price_cny * WIDER])
        raise ScenarioError([self._unreachable()])

    def _unreachable(self) -> Fault:
        """Return which target no plan meets as surely as asked."""
        told = chances(self.limits, self.between(float(self.grid()[-1])), self.known, self.year.factors)
        agents = {name: int(own.max()) for name, own in self.points[-1].coverage.items()}
        return unreachable(self.scenario, self.asked.probability, told, agents)

    def buy(self, log_price: float) -> dict[str, GroupTours]:
        """Return the tours of whole agents at a price."""
        return whole(
            self.lists, math.exp(log_price), self.near(log_price), gap=GAP, seconds=SECONDS,
            told=lambda done, wanted: self.told("agents", done, wanted),
        )  # fmt: skip

    def simulated(self, cases: Mapping[str, Scenario], stage: Stage, years: int, seed: int) -> Mapping[str, Outcomes]:
        """Return simulated years of some plans."""
        settings = Settings(replications=years, seed=seed, jobs=self.asked.jobs)
        return simulate_cases(cases, settings, progress=lambda done, wanted: self.told(stage, done, wanted))

    def learn(self, outcomes: Outcomes, found: Service, log_price: float) -> Correction:
        """Take in simulated years of a plan; return what they say of theory."""
        factors = np.array([year_factor(self.scenario, self.asked.seed, number) for number in outcomes.numbers])
        own = correction(self.limits, found, factors, outcomes, self.ring_s)
        years = len(outcomes.numbers)
        if clopper_pearson(round(own.others * years), years)[1] < self.asked.probability:
            raise ScenarioError([not_by_agents(self.scenario, outcomes)])
        # What whole agents differ from fractions by is a part of what is corrected at the next price.
        self.known = correction(self.limits, self.between(log_price), factors, outcomes, self.ring_s)
        return own
