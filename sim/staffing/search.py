"""The cheapest plan whose targets hold as surely as asked, or the surest for a budget, and its certificate (§19)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from sim.cost.bill import Bill
from sim.demand.factors import mean_one
from sim.engine.inputs import answer_time_offset_ms
from sim.experiment.cases import Outcomes, simulate_cases
from sim.experiment.gather import Settings
from sim.measures import clopper_pearson
from sim.scenario import Fault, Scenario, ScenarioError
from sim.scenario.money import LINES
from sim.staffing.bills import Bills
from sim.staffing.buys import buys
from sim.staffing.chance import Correction, Limits, chances, correction, held, year_factor
from sim.staffing.frontier import Aim, Point, PriceLists, Service, between, points, service, whole
from sim.staffing.heads import Heads, expected_heads, heads_of
from sim.staffing.offers import offers
from sim.staffing.plan import Asked, Buy, Plan, Round, Stage, Told
from sim.staffing.pools import Floats
from sim.staffing.rivals import RIVALS, Rival, requirement
from sim.staffing.rosters import covered
from sim.staffing.staff_faults import (
    never_holds,
    no_cost,
    no_target,
    not_by_agents,
    too_few_heads,
    too_low,
    unreachable,
)
from sim.staffing.trim import trimmed
from sim.staffing.year import Year, ready, with_agents
from sim.staffing.year_tours import GroupTours, Need, YearTours
from sim.terms import SECOND_MS

_STEPS: Final = (0.3, 0.75, 1.9)
"""Prices tried first, times the one that would do without shifts."""
_CHEAPEST: Final = 1e-3
_DEAREST: Final = 1e2
"""Yuan for a second, or a call: beyond, no search begins."""
_WIDER: Final = 2.5
_WIDEST: Final = 3
"""Times that dearer seconds are tried before no plan is said to do."""
_SPARE: Final = 0.005
"""Aimed at beyond the probability asked for: a plan of whole agents lies a little beside."""
_SUREST: Final = 0.995
"""Aimed at, at most, unless more is asked for."""
_ROUNDS: Final = 4
_CLOSE: Final = 0.03
"""A plan that is surer than asked by no more than this is left."""
_LOOKED_YEARS: Final = 8
"""Simulated years of the first look, which only says how far theory is off."""
_TRIED_YEARS: Final = 24
_GAP: Final = 0.003
_SECONDS: Final = 5.0
_RIVALS_GAP: Final = 0.01
_FOR_RIVALS: Final = 1.0
"""Seconds for a week of another way to plan."""
_BUDGET_SHARE: Final = 0.001
_FINE: Final = 200


class Search:
    """The search for a plan: what is known of cost and service so far."""

    def __init__(self, scenario: Scenario, asked: Asked, told: Told | None = None) -> None:
        self.asked, self.told = asked, told or (lambda stage, done, wanted: None)
        if scenario.cost is None:
            raise ScenarioError([no_cost(scenario)])
        counted = scenario.targets.asa.counts if scenario.targets.asa else ()
        self.ring_s = answer_time_offset_ms(scenario, counted) / SECOND_MS
        self.limits = Limits.of(scenario, self.ring_s)
        if not self.limits.measures:
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
        self.known = Correction()
        self.expected = expected_heads(scenario)
        self.bills = Bills(self.year, self.expected)
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
        return replace(self.heads[0], taken=float(np.interp(log_price, logs, [heads.taken for heads in self.heads])))

    def between(self, log_price: float) -> Service:
        """Return theory's year at a price between those tried."""
        return between(self.services, np.log([point.price_cny for point in self.points]), log_price)

    def total_wan(self, log_price: float) -> float:
        """Return what the contract costs at a price between those tried, 万元."""
        return self.line_wan(log_price, *LINES)

    def line_wan(self, log_price: float, *lines: str) -> float:
        """Return what some of its lines cost."""
        logs = np.log([point.price_cny for point in self.points])
        return float(np.interp(log_price, logs, [sum(bill[line] for line in lines) for bill in self.billed]))

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
                self.add([self.points[-1].price_cny * _WIDER])
        raise ScenarioError([_unreachable(self)])

    def buy(self, log_price: float) -> dict[str, GroupTours]:
        """Return the tours of whole agents at a price."""
        return whole(
            self.lists, math.exp(log_price), self.near(log_price), gap=_GAP, seconds=_SECONDS,
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
        near = self.between(log_price)
        apart = {
            target: float(
                np.mean(np.log(found.waited_s / near.waited_s if target == "asa" else found.lost / near.lost))
            )
            for target in own.mean
        }
        self.known = Correction({key: own.mean[key] + apart[key] for key in own.mean}, own.sd, own.others)
        return own


def staff(scenario: Scenario, asked: Asked, told: Told | None = None) -> Plan:
    """Return the cheapest plan whose targets hold as surely as asked, or the surest that a budget allows.

    Parameters
    ----------
    scenario
        With ``[shifts]``, ``[tours]``, ``[cost]``, a group with the rule ``erlang-a`` and targets.
    asked
        What is asked for.
    told
        Told how far it is.

    Raises
    ------
    ScenarioError
        If no plan can meet the targets, tours do not cover the hours, or the budget is below what any plan costs.
    """
    search = Search(scenario, asked, told)
    search.explore()
    bought = (_by_chance if asked.budget_wan is None else _by_budget)(search)
    tours = search.year.tours(bought.chosen)
    scenario = with_agents(search.year, _on_duty(bought.chosen))
    proof = search.simulated({"plan": scenario}, "proof", asked.years, asked.seed + 1)["plan"]
    years = held(proof.targets)
    hits = sum(years)
    return Plan(
        asked=asked,
        year=search.year,
        tours=tours,
        scenario=scenario,
        bill=billed(proof),
        outcomes=proof,
        chance=(hits / len(years), *clopper_pearson(hits, len(years))),
        theory=bought.told,
        correction=bought.known,
        rounds=tuple(search.rounds),
        offers=offers(search, bought.log_price, bought.bill.total_wan),
        rivals=_rivals(search, proof),
        buys=_buys(search, bought) if asked.buys else (),
        gap=_gap(search.year, tours),
        heads=None if search.expected is None else heads_of(scenario, search.expected),
    )


def _unreachable(search: Search) -> Fault:
    """Return which target no plan meets as surely as asked."""
    told = chances(search.limits, search.between(float(search.grid()[-1])), search.known, search.year.factors)
    agents = {name: int(own.max()) for name, own in search.points[-1].coverage.items()}
    return unreachable(search.scenario, search.asked.probability, told, agents)


@dataclass(frozen=True)
class _Bought:
    """One plan tried."""

    log_price: float
    chosen: dict[str, GroupTours]
    bill: Bill
    known: Correction
    told: dict[str, float]


def billed(outcomes: Outcomes) -> Bill:
    """Return what simulated years cost on average: the plan, and what heads and levers made of it."""
    assert outcomes.bill is not None
    return outcomes.bill


def _on_duty(chosen: Mapping[str, GroupTours]) -> dict[str, np.ndarray]:
    return {name: own.on_duty for name, own in chosen.items()}


def _tried(search: Search, log_price: float) -> _Bought:
    """Buy at a price, and simulate what was bought."""
    chosen = search.buy(log_price)
    scenario = with_agents(search.year, _on_duty(chosen))
    outcomes = search.simulated({"plan": scenario}, "years", _TRIED_YEARS, search.asked.seed)["plan"]
    bill = billed(outcomes)
    found = search.found(_on_duty(chosen))
    known = search.learn(outcomes, found, log_price)
    told = chances(search.limits, found, known, search.year.factors)
    search.rounds.append(Round(math.exp(log_price), bill.total_wan, told["all"]))
    return _Bought(log_price, chosen, bill, known, told)


def _trimmed(search: Search, bought: _Bought) -> _Bought:
    """Return a plan without the agents of whom it can do without one."""

    def told(found: Service) -> dict[str, float]:
        return chances(search.limits, found, bought.known, search.year.factors)

    price_cny = math.exp(bought.log_price)
    chosen = trimmed(search.lists, price_cny, bought.chosen, lambda found: told(found)["all"], search.asked.probability)
    return replace(bought, chosen=chosen, told=told(search.found(_on_duty(chosen))))


def _by_chance(search: Search) -> _Bought:
    """Return the cheapest plan found that is sure enough."""
    best: _Bought | None = None
    wanted = search.asked.probability
    aimed = min(wanted + _SPARE, max(wanted, _SUREST))
    for _ in range(_ROUNDS):
        try:
            log_price = search.sure_enough(aimed)
        except ScenarioError:
            # What can just be reached needs no more than was asked for.
            log_price = search.sure_enough(wanted)
        bought = _tried(search, log_price)
        again = any(one.total_wan == bought.bill.total_wan for one in search.rounds[:-1])
        if bought.told["all"] >= wanted and (best is None or bought.bill.total_wan < best.bill.total_wan):
            best = bought
        if wanted <= bought.told["all"] <= wanted + _CLOSE or (again and best is not None):
            break
        # What was learned is of a price too low or too high, so that its correction falls short by a part of the miss.
        aimed = min(max(aimed + wanted - bought.told["all"], wanted), max(wanted, _SUREST))
    if best is None:
        raise ScenarioError([_unreachable(search)])
    return _trimmed(search, best)


def _by_budget(search: Search) -> _Bought:
    """Return the dearest plan found that the budget allows."""
    budget = float(search.asked.budget_wan or 0.0)
    best: _Bought | None = None
    likely = search.first(search.asked.probability)
    log_price = float(search.fine()[-1]) if likely is None else likely
    for _ in range(_ROUNDS):
        bought = _tried(search, log_price)
        if bought.bill.total_wan <= budget and (best is None or bought.told["all"] > best.told["all"]):
            best = bought
        left = budget - bought.bill.total_wan
        if 0.0 <= left <= _BUDGET_SHARE * budget:
            break
        wanted = search.total_wan(bought.log_price) + left - _BUDGET_SHARE * budget / 2.0
        fine = search.fine()
        if wanted < search.total_wan(float(fine[0])):
            search.add([search.points[0].price_cny / _WIDER**2])
        elif wanted > search.total_wan(float(fine[-1])):
            search.add([search.points[-1].price_cny * _WIDER**2])
        fine = search.fine()
        costs = np.array([search.total_wan(float(one)) for one in fine])
        log_price = float(fine[int(np.argmin(np.abs(costs - wanted)))])
        if abs(log_price - bought.log_price) < 1e-9:
            break
    if best is None:
        raise ScenarioError([too_low(budget, min(one.total_wan for one in search.rounds))])
    return best


def _buys(search: Search, bought: _Bought) -> tuple[Buy, ...]:
    search.told("buys", 0, 1)
    found = buys(search, bought.log_price, bought.chosen, bought.known)
    search.told("buys", 1, 1)
    return found


def _rivals(search: Search, proof: Outcomes) -> dict[str, Rival]:
    """Return what other ways to plan cost, simulated with the proof's citizens."""
    year = search.year
    found: dict[str, Rival] = {}
    for done, name in enumerate(RIVALS):
        search.told("rivals", done, len(RIVALS))
        needs = {group: Need(*_no_work(own)) for group, own in requirement(name, search.lists, search.limits).items()}
        chosen = covered(search.scenario, year.weeks, needs, gap=_RIVALS_GAP, seconds=_FOR_RIVALS)
        scenario = with_agents(year, _on_duty(chosen))
        years = min(len(proof.numbers), _TRIED_YEARS)
        outcomes = search.simulated({name: scenario}, "rivals", years, search.asked.seed + 1)[name]
        hits, bill = held(outcomes.targets), billed(outcomes)
        found[name] = Rival(
            bill.total_wan, bill.line("personnel").wan, sum(hits) / len(hits), clopper_pearson(sum(hits), len(hits)),
            outcomes.scenario, needs,
        )  # fmt: skip
    return found


def _no_work(required: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return required, np.zeros((len(required), 7), np.int64), np.zeros(required.shape, np.bool_)


def _gap(year: Year, tours: YearTours) -> float:
    """Return how much cheaper tours may be, all groups together, as a share of their cost."""
    costs = {name: own.week_cny @ year.counts for name, own in tours.groups.items() if own.week_cny is not None}
    may_save = sum(
        float((own.week_cny * own.gap) @ year.counts) for own in tours.groups.values() if own.week_cny is not None
    )
    return may_save / max(float(sum(costs.values())), 1e-9)
