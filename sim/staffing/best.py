"""The cheapest plan whose targets hold as surely as asked, or the surest for a budget, and its certificate (§19)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from sim.cost.bill import Bill
from sim.experiment.cases import Outcomes
from sim.measures import clopper_pearson
from sim.scenario import Fault, Scenario, ScenarioError
from sim.staffing.buys import buys
from sim.staffing.chance import Correction, chances, held
from sim.staffing.frontier import Service
from sim.staffing.heads import Heads, heads_of
from sim.staffing.offers import offers
from sim.staffing.plan import Asked, Buy, Plan, Round, Told
from sim.staffing.rivals import RIVALS, Rival, requirement
from sim.staffing.rosters import covered
from sim.staffing.search import GAP, HEADS_SLACK, SECONDS, WIDER, Search
from sim.staffing.staff_faults import too_few_heads, too_low, unreachable
from sim.staffing.trim import Fewer, trimmed
from sim.staffing.year import Year, with_agents
from sim.staffing.year_tours import GroupTours, Need, YearTours

_SPARE: Final = 0.005
"""Aimed at beyond the probability asked for: a plan of whole agents lies a little beside."""
_SUREST: Final = 0.995
"""Aimed at, at most, unless more is asked for."""
_ROUNDS: Final = 4
_CLOSE: Final = 0.03
"""A plan that is surer than asked by no more than this is left."""
_TRIED_YEARS: Final = 24
_RIVALS_YEARS: Final = 12
"""Simulated years of another way to plan, at most: those of the proof, the first of them."""
_BUDGET_SHARE: Final = 0.001
"""A plan that costs as much as the budget but for this share of it needs no other beside it."""
_OVER: Final = 0.02
"""Share of the budget by which a plan may be dearer, to be trimmed until it is not."""
_LESS_SURE: Final = 0.2
"""So much of its probability may go with that."""


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
    search.heads_off = 1.0  # offers are of fractions
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
        offers=offers(search, bought.log_price, bought.total_wan),
        rivals=_rivals(search, proof),
        buys=_buys(search, bought) if asked.buys else (),
        gap=_gap(search.year, tours),
        fewer=bought.fewer,
        heads=None if search.expected is None else heads_of(scenario, search.expected),
    )


@dataclass(frozen=True)
class _Bought:
    """One plan tried."""

    log_price: float
    chosen: dict[str, GroupTours]
    total_wan: float
    known: Correction
    told: dict[str, float]
    heads: Heads | None
    fewer: Fewer | None = None

    @property
    def there_are_heads(self) -> bool:
        """Whether there are heads enough, where these are a limit, before anybody is sent home again."""
        return self.heads is None or self.heads.taken <= HEADS_SLACK * self.heads.there


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
    total_wan = billed(outcomes).total_wan
    found = search.found(_on_duty(chosen))
    known = search.learn(outcomes, found, log_price)
    told = chances(search.limits, found, known, search.year.factors)
    search.rounds.append(Round(math.exp(log_price), total_wan, told["all"]))
    return _Bought(log_price, chosen, total_wan, known, told, search.count_heads(scenario, log_price))


def _trimmed(search: Search, bought: _Bought, wanted: float) -> _Bought:
    """Return a plan without the agents of whom it can do without one, sure as it is to be."""

    def told(found: Service) -> dict[str, float]:
        return chances(search.limits, found, bought.known, search.year.factors)

    price_cny, before = math.exp(bought.log_price), _on_duty(bought.chosen)
    chosen, fewer = trimmed(search.lists, price_cny, bought.chosen, lambda found: told(found)["all"], wanted)
    after = _on_duty(chosen)
    saved_wan = search.bills.total_wan(before) - search.bills.total_wan(after)
    total_wan = bought.total_wan - saved_wan
    return replace(bought, chosen=chosen, total_wan=total_wan, told=told(search.found(after)), fewer=fewer)


def _by_chance(search: Search) -> _Bought:
    """Return the cheapest plan found that is sure enough."""
    tried: list[_Bought] = []
    does: list[_Bought] = []
    wanted = search.asked.probability
    aimed = min(wanted + _SPARE, max(wanted, _SUREST))
    while len(tried) < _ROUNDS:
        try:
            log_price = search.sure_enough(aimed)
        except ScenarioError:
            if does:
                break
            # What can just be reached needs no more than was asked for.
            log_price = search.sure_enough(wanted)
        bought = _tried(search, log_price)
        again = any(one.total_wan == bought.total_wan for one in tried)
        tried.append(bought)
        if bought.told["all"] >= wanted and bought.there_are_heads:
            does.append(bought)
            if bought.told["all"] <= wanted + _CLOSE:
                break
        if again and does:
            break
    if not does:
        raise ScenarioError([_none_does(search, tried)])
    return _trimmed(search, min(does, key=lambda one: one.total_wan), wanted)


def _none_does(search: Search, tried: list[_Bought]) -> Fault:
    """Return why none of the plans tried does."""
    wanted = search.asked.probability
    for one in tried:
        if one.heads is not None and one.told["all"] >= wanted:
            return too_few_heads(search.scenario, wanted, one.heads)
    surest = max(tried, key=lambda one: one.told["all"])
    agents = {name: int(own.max()) for name, own in _on_duty(surest.chosen).items()}
    return unreachable(search.scenario, wanted, surest.told, agents, "in the surest plan tried,")


def _by_budget(search: Search) -> _Bought:
    """Return the surest plan found that the budget allows."""
    budget = float(search.asked.budget_wan or 0.0)
    tried: list[_Bought] = []
    likely = search.first(search.asked.probability)
    log_price = float(search.fine()[-1]) if likely is None else likely
    while len(tried) < _ROUNDS:
        bought = _tried(search, log_price)
        tried.append(bought)
        left = budget - bought.total_wan
        if abs(left) <= _BUDGET_SHARE * budget and bought.there_are_heads:
            break
        wanted = search.total_wan(bought.log_price) + left
        fine = search.fine()
        if wanted < search.total_wan(float(fine[0])):
            search.add([search.points[0].price_cny / WIDER**2])
        elif wanted > search.total_wan(float(fine[-1])) and fine[-1] == search.grid()[-1]:  # else heads are the limit
            search.add([search.points[-1].price_cny * WIDER**2])
        fine = search.fine()
        costs = np.array([search.total_wan(float(one)) for one in fine])
        log_price = float(fine[int(np.argmin(np.abs(costs - wanted)))])
        if abs(log_price - bought.log_price) < 1e-9:
            break
    fits = [_within(search, one, budget) for one in tried]
    paid = [one for one in fits if one is not None]
    if not paid:
        raise ScenarioError([too_low(budget, min(one.total_wan for one in tried))])
    does = [one for one in paid if one.there_are_heads]
    if not does:
        fewest = min((one.heads for one in paid if one.heads is not None), key=lambda heads: heads.taken)
        raise ScenarioError([too_few_heads(search.scenario, None, fewest)])
    return max(does, key=lambda one: one.told["all"])


def _within(search: Search, bought: _Bought, budget: float) -> _Bought | None:
    """Return a plan within a budget, trimmed as little as that takes; None if it is much too dear."""
    if bought.total_wan <= budget:
        return bought
    if bought.total_wan > (1.0 + _OVER) * budget:
        return None
    found = None
    high = bought.told["all"]
    low = max(high - _LESS_SURE, 0.0)
    while high - low > _CLOSE / 10.0:
        wanted = (low + high) / 2.0 if found is not None else low
        trimmed_to = _trimmed(search, bought, wanted)
        if trimmed_to.total_wan <= budget:
            # What one agent fewer would do is told of plans for a probability alone.
            found, low = replace(trimmed_to, fewer=None), wanted
        elif found is None:
            break
        else:
            high = wanted
    return found


def _buys(search: Search, bought: _Bought) -> tuple[Buy, ...]:
    search.told("buys", 0, 1)
    found = buys(search, bought.chosen, bought.known)
    search.told("buys", 1, 1)
    return found


def _rivals(search: Search, proof: Outcomes) -> dict[str, Rival]:
    """Return what other ways to plan cost, simulated with the proof's citizens."""
    year = search.year
    found: dict[str, Rival] = {}
    for done, name in enumerate(RIVALS):
        search.told("rivals", done, len(RIVALS))
        needs = {group: Need.at_once(own) for group, own in requirement(name, search.lists, search.limits).items()}
        chosen = covered(search.scenario, year.weeks, needs, gap=GAP, seconds=SECONDS, quickly=True)
        scenario = with_agents(year, _on_duty(chosen))
        years = min(len(proof.numbers), _RIVALS_YEARS)
        outcomes = search.simulated({name: scenario}, "rivals", years, search.asked.seed + 1)[name]
        hits, bill = held(outcomes.targets), billed(outcomes)
        found[name] = Rival(
            bill.total_wan, bill.line("personnel").wan, sum(hits) / len(hits), clopper_pearson(sum(hits), len(hits)),
            outcomes.scenario, needs,
        )  # fmt: skip
    return found


def _gap(year: Year, tours: YearTours) -> float:
    """Return how much cheaper tours may be, all groups together, as a share of their cost."""
    costs = {name: own.week_cny @ year.counts for name, own in tours.groups.items() if own.week_cny is not None}
    may_save = sum(
        float((own.week_cny * own.gap) @ year.counts) for own in tours.groups.values() if own.week_cny is not None
    )
    return may_save / max(float(sum(costs.values())), 1e-9)
