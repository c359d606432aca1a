"""The cheapest plan: theory by hand, whole agents against brute force, plans of a small centre against each other."""

from __future__ import annotations

import itertools
import math
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest
from small_staffing import small_staffing

from sim.experiment.cases import Outcomes, simulate_cases
from sim.experiment.gather import Settings
from sim.scenario import ScenarioError, from_dict, to_dict
from sim.staffing import best
from sim.staffing.best import billed, staff
from sim.staffing.chance import SERVICE, Correction, Limits, Line, chances, corrected, correction, held
from sim.staffing.curves import answered_and_waited, curves
from sim.staffing.frontier import Service, service
from sim.staffing.offers import offers
from sim.staffing.plan import Asked, Plan
from sim.staffing.pools import pools
from sim.staffing.search import Search
from sim.staffing.weekly import Week
from sim.staffing.weeks import typical_weeks
from sim.staffing.whole_week import Worth
from sim.staffing.year import ready, shared_seats, with_agents
from sim.theory import queue_measures
from sim.workforce.tours import WEEK_STEPS, weekly_tours

ASKED = Asked(years=100, seed=3)
CERTAIN = ("demand.variation.day_cv=0", "demand.variation.slot_cv=0", "groups.all.absence.rate=0")


def small_plan(*changes: str, asked: Asked = ASKED) -> Plan:
    return staff(small_staffing(*changes), asked)


@pytest.fixture(scope="module")
def plan() -> Plan:
    return small_plan()


def test_every_load_and_number_of_agents_is_erlang_a() -> None:
    loads = np.array([0.5, 7.0, 20.0])
    answered, waited = answered_and_waited(loads, 240.0, 300.0, 25)
    for row, load in enumerate(loads):
        for agents in (1, 7, 25):
            told = queue_measures(load / 240.0, 240.0, agents, patience_s=300.0)
            assert answered[row, agents] == pytest.approx(told.answered_share, rel=1e-9)
            assert waited[row, agents] == pytest.approx(told.asa_s * told.answered_share, rel=1e-9, abs=1e-12)
    assert (answered[:, 0] == 0.0).all()


def test_a_pool_is_offered_its_calls_and_its_load_follows_them() -> None:
    scenario = small_staffing("demand.variation.year_cv=0")
    weeks = typical_weeks(scenario)
    (pool,) = pools(scenario, weeks)
    # 730,000 a year by the day over twelve equal hours; talk 240 s, wrap-up 30 s, ring 3 s.
    assert pool.calls.reshape(7, 48)[0, 16:40] == pytest.approx(np.full(24, 730_000 / 365 / 24))
    assert pool.of_year.sum() == pytest.approx(730_000 / 365 * 28)
    assert pool.aht_s == pytest.approx(273.0)
    assert pool.patience_s == pytest.approx(200.0)
    steady = 730_000 / 365 / 12 / 3600 * 273.0
    assert pool.load.reshape(7, 48)[0, 30] == pytest.approx(steady, rel=1e-6)
    # Without calls it falls by exp(-900 / 273) a quarter, of which this is the mean of two; no work is lost or made.
    assert pool.load.sum() * 1800.0 == pytest.approx(pool.calls.sum() * 273.0, rel=1e-3)
    left = math.exp(-900.0 / 273.0)
    falling = steady * 273.0 / 900.0 * (1.0 - left)
    assert pool.load.reshape(7, 48)[0, 40] == pytest.approx(falling * (1.0 + left) / 2.0, rel=1e-6)


def test_without_chance_the_curves_are_erlang_a_itself() -> None:
    scenario = small_staffing(*CERTAIN)
    (pool,) = pools(scenario, typical_weeks(scenario))
    answered, waited = curves(pool, scenario.demand.variation, 1.3).at(np.full((1, WEEK_STEPS), 14.0), 1.0)
    load = pool.load[0, 30]
    told = queue_measures(load / pool.aht_s, pool.aht_s, 14, patience_s=pool.patience_s)
    assert answered[0, 30] == pytest.approx(told.answered_share, rel=2e-3)
    assert waited[0, 30] == pytest.approx(told.asa_s * told.answered_share, rel=2e-2)


def test_more_chance_is_more_waiting() -> None:
    plain, spread = (small_staffing(*changes) for changes in (CERTAIN, ()))
    waits = []
    for scenario in (plain, spread):
        (pool,) = pools(scenario, typical_weeks(scenario))
        waits.append(curves(pool, scenario.demand.variation, 1.3).at(np.full((1, WEEK_STEPS), 15.0), 1.0)[1][0, 30])
    assert waits[1] > 1.1 * waits[0]


def _worth(tours, least, gain) -> Worth:
    return Worth(np.full(WEEK_STEPS, 0) + least, np.full(WEEK_STEPS, np.inf), gain)


@pytest.mark.parametrize("seed", range(6))
def test_whole_agents_equal_brute_force(seed: int) -> None:
    """Six tours, at most three agents in each: every week of them is tried."""
    draw = np.random.default_rng(seed)
    every = weekly_tours(small_staffing())
    places = np.sort(draw.choice(len(every), 6, replace=False))
    tours = every.some(places)
    cost = draw.uniform(800.0, 1_200.0, 6)
    first = draw.uniform(5.0, 60.0, WEEK_STEPS)
    gain = first[:, None] * 0.5 ** np.arange(12)
    least = np.where(tours.coverage.any(axis=0) & (np.arange(WEEK_STEPS) % 11 == 0), 1, 0)
    worth = _worth(tours, least, gain)
    best, steps = math.inf, np.arange(WEEK_STEPS)
    beyond = np.where(np.arange(12) >= least[:, None], gain, 0.0)
    saves = np.concatenate([np.zeros((WEEK_STEPS, 1)), np.cumsum(beyond, axis=1)], axis=1)
    for counts in itertools.product(range(4), repeat=6):
        there = np.array(counts) @ tours.coverage.astype(np.int64)
        if (there >= least).all():
            best = min(best, float(cost @ counts) - float(saves[steps, np.minimum(there, 12)].sum()))
    found = Week(tours, cost, worth).whole(0.0, 1.0)
    assert found is not None
    assert found.objective_cny == pytest.approx(best, abs=1e-6)
    assert found.bound_cny <= best + 1e-6
    assert (found.coverage >= least).all()


LIMITS = Limits({"asa": "asa_s", "connection_rate": "connection_rate"}, {"asa": 5.0, "connection_rate": 0.1})


def test_the_chance_is_the_normal_law_of_the_logarithm() -> None:
    found = Service(np.ones(1), np.array([4.0]), np.array([0.02]))
    told = chances(LIMITS, found, Correction({"asa": Line(0.1, sd=0.2)}, others=0.9), np.ones(3))
    # ln 5/4 is 0.2231; less 0.1, over 0.2: 0.6157 deviations, of which the normal law has 0.7310.
    assert told["asa"] == pytest.approx(0.7310, abs=1e-4)
    assert told["connection_rate"] == pytest.approx(1.0)
    assert told["all"] == pytest.approx(0.9 * 0.7310, abs=1e-4)


def test_a_correction_grows_with_the_logarithm_of_the_years_factor() -> None:
    factors = np.array([math.exp(-0.1), 1.0, math.exp(0.1)])
    found = Service(factors, np.array([2.0, 4.0, 8.0]), np.full(3, 0.01))
    known = Correction({"asa": Line(0.1, -3.0, 0.2, 16, 0.0, 0.04)})
    asa, _ = corrected(found, known, factors, 3.0)
    # Theory's 2, 4 and 8 s times e^0.4, e^0.1 and e^-0.2.
    assert asa == pytest.approx([3.0 + 2.9836, 3.0 + 4.4207, 3.0 + 6.5498], abs=1e-4)
    # ln 5 over these is 0.5163, 0.1231 and -0.2700; less the errors 0.2 √(1/16 + 0.01/0.04), 0.2/4 and the first again,
    # over 0.2: 2.0223, 0.3655 and -1.9090 deviations.
    assert chances(LIMITS, found, known, factors)["asa"] == pytest.approx((0.9784 + 0.6426 + 0.0281) / 3.0, abs=1e-4)


def _simulated(waited_s: np.ndarray, lost: np.ndarray) -> Outcomes:
    """Return simulated years of a thousand calls, some seconds of waiting each and 3 of ringing, some of them lost."""
    calls = np.full(len(waited_s), 1_000.0)
    pairs = {
        "asa_s": np.column_stack([(waited_s + 3.0) * calls, calls]),
        "connection_rate": np.column_stack([calls - lost, calls]),
    }
    return cast("Outcomes", SimpleNamespace(pairs=pairs, targets=[]))


def test_simulated_years_say_how_theorys_error_grows() -> None:
    found = Service(np.array([0.8, 1.2]), np.full(2, 2.0), np.full(2, 0.01))
    places = np.array([-0.1, -0.05, 0.05, 0.1])
    # A line of slope -3 through 0.3, off it by 0.1 each way so that neither height nor slope changes.
    waited_s = 2.0 * np.exp(np.array([0.7, 0.35, 0.05, 0.1]))
    told = correction(LIMITS, found, np.exp(places), _simulated(waited_s, np.full(4, 10.0)), 3.0)
    line = told.line("asa")
    assert (line.mean, line.growth) == pytest.approx((0.3, -3.0))
    # Squares of 0.04 over two degrees of freedom. The error of a line at x is sd √(1/4 + x²/0.025).
    assert line.sd == pytest.approx(math.sqrt(0.02))
    assert line.error(np.exp([0.0, 0.1])) == pytest.approx([math.sqrt(0.005), math.sqrt(0.02 * 0.65)])
    assert told.line("connection_rate").at(np.exp(places)) == pytest.approx(np.zeros(4), abs=1e-9)


def test_years_all_alike_have_a_level_line() -> None:
    found = Service(np.ones(1), np.full(1, 2.0), np.full(1, 0.01))
    waited_s = 2.0 * np.exp(np.array([0.4, 0.2, 0.2, 0.4]))
    line = correction(LIMITS, found, np.ones(4), _simulated(waited_s, np.full(4, 10.0)), 3.0).line("asa")
    assert (line.mean, line.growth) == pytest.approx((0.3, 0.0))
    assert line.sd == pytest.approx(math.sqrt(0.04 / 3.0))
    assert line.error(np.ones(2)) == pytest.approx(math.sqrt(0.01 / 3.0) * np.ones(2))


def test_a_year_without_a_lost_call_tells_that_fewer_than_half_of_one_are() -> None:
    found = Service(np.array([0.8, 1.2]), np.full(2, 2.0), np.full(2, 0.001))
    places = np.array([-0.1, -0.05, 0.05, 0.1])
    told = correction(LIMITS, found, np.exp(places), _simulated(np.full(4, 2.0), np.array([0.0, 1.0, 1.0, 1.0])), 3.0)
    # Half a call of a thousand, half of what theory says, and what it says: at -0.1 the logarithm is -0.6931.
    assert told.line("connection_rate").mean == pytest.approx(-0.6931 / 4.0, abs=1e-4)


def test_no_more_calls_are_lost_than_come_however_far_theory_is_corrected() -> None:
    found = Service(np.array([0.9, 1.1]), np.array([2.0, 4.0]), np.array([0.02, 0.2]))
    known = Correction({"asa": Line(0.1), "connection_rate": Line(2.0)})
    asa, connection = corrected(found, known, found.factors, 3.0)
    assert asa == pytest.approx([3.0 + 2.0 * math.exp(0.1), 3.0 + 4.0 * math.exp(0.1)])
    # e^2 is 7.389: of the second year's calls 1.478 times as many as come would be lost.
    assert connection == pytest.approx([1.0 - 0.02 * math.exp(2.0), 0.0])


def test_what_whole_agents_differ_from_fractions_by_is_corrected_at_the_next_price() -> None:
    """Plans of one agent more at all hours than was bought: the price is as sure as they are."""
    search = Search(small_staffing(), Asked(years=20, seed=3))
    search.explore()
    log_price = search.sure_enough(0.5)
    more = {name: own.on_duty + (own.on_duty > 0) for name, own in search.buy(log_price).items()}
    outcomes = search.simulated({"plan": with_agents(search.year, more)}, "years", 24, seed=3)["plan"]
    found = search.found(more)
    own = search.learn(outcomes, found, log_price)
    told = chances(search.limits, found, own, search.year.factors)["all"]
    assert told > 0.9
    assert search.chance(log_price) == pytest.approx(told, abs=0.01)


def test_offers_begin_where_half_of_a_mean_years_calls_are_answered() -> None:
    class Tried:
        """Twice as dear seconds lose half as many calls: all at the price 1, half at 2, a quarter at 4."""

        known, ring_s, year = Correction(), 3.0, SimpleNamespace(factors=np.ones(3))

        def __init__(self, dearest: float) -> None:
            self.dearest = dearest

        def fine(self) -> np.ndarray:
            return np.log(np.linspace(1.0, self.dearest, 200))

        def between(self, log_price: float) -> Service:
            return Service(np.ones(1), np.array([5.0]), np.array([math.exp(-log_price)]))

        def total_wan(self, log_price: float) -> float:
            return 100.0 * math.exp(log_price)

        def chance(self, log_price: float) -> float:
            return 0.5

    found = offers(Tried(4.0), math.log(3.0), 310.0)
    assert len(found) == 25
    assert found[0].connection == pytest.approx(0.5, abs=0.01)
    assert found[-1].connection == pytest.approx(0.75)
    # The plan bought at 3 costs 10 more than what lies between those tried.
    assert found[-1].total_wan == pytest.approx(410.0)
    assert found[0].asa_s == pytest.approx(8.0)
    # Where nothing does so well, all there is is offered.
    assert offers(Tried(1.5), 0.0, 100.0)[0].connection == 0.0


def test_the_plan_holds_as_often_as_it_says(plan: Plan) -> None:
    estimate, low, high = plan.chance
    assert low <= plan.theory["all"] <= high
    assert plan.theory["all"] >= 0.9
    assert estimate == np.mean(held(plan.outcomes.targets))
    assert high >= 0.9
    assert set(plan.binding) <= set(SERVICE)


def test_seats_are_those_at_the_peak_and_never_exceeded(plan: Plan) -> None:
    peak = int(plan.tours.groups["all"].on_duty.max())
    assert plan.scenario.sites["main"].seats == peak <= 60
    assert not plan.tours.seats_exceeded
    # Surer targets take more agents at the peak, for whom there are no seats.
    with pytest.raises(ScenarioError, match=f"even with {peak} agents of all at the peak"):
        small_plan(f"sites.main.seats={peak}", asked=Asked(years=20, seed=3, probability=0.97))


def test_two_chosen_groups_at_a_site_share_its_seats() -> None:
    def two_desks(seats: int) -> Plan:
        tables = to_dict(small_staffing())
        tables["types"]["desk"] = {**tables["types"]["call"], "annual_contacts": 250_000, "groups": ["desk"]}
        tables["groups"]["desk"] = tables["groups"]["all"]
        tables["sites"]["main"]["seats"] = seats
        return staff(from_dict(tables), Asked(years=10, seed=3, floor=0.6, buys=False))

    tight = two_desks(49)
    assert int(sum(own.on_duty for own in tight.tours.groups.values()).max()) == 49
    assert not tight.tours.seats_exceeded
    with pytest.raises(ScenarioError, match="even with 35 agents of all at the peak, 13 agents of desk at the peak"):
        two_desks(48)
    assert tight.theory["all"] >= 0.9
    assert from_dict(to_dict(tight.scenario)) == tight.scenario


def test_seats_are_shared_as_they_are_needed_and_none_is_left() -> None:
    free = np.array([12.0, 10.0, 3.0, 0.0, 20.5])
    least = {"a": np.array([2.0, 1.0, 2.0, 2.0, 0.0]), "b": np.array([1.0, 3.0, 2.0, 1.0, 0.0])}
    needed = {"a": np.array([8.0, 8.0, 8.0, 8.0, 0.0]), "b": np.array([4.0, 5.0, 2.0, 2.0, 0.0])}
    found = shared_seats(free, least, needed)
    assert np.allclose(found["a"] + found["b"], free)
    # All fit; 10 less the 4 who must be there, as 7 to 2; 2 must be there; no seat; as the peaks, 8 to 5.
    assert found["a"].tolist() == [8.0, 1.0 + 5.0, 2.0, 0.0, 13.0]
    assert np.allclose(shared_seats(free, {"a": least["a"]}, {"a": needed["a"]})["a"], free)


def test_a_desk_of_the_morning_has_seats_beyond_its_hours() -> None:
    """Shifts outlast its calls: half-hours in which only the other group needs agents must not bar them."""
    tables = to_dict(small_staffing())
    desk = {**tables["types"]["call"], "groups": ["desk"], "per_hour": [0.0] * 8 + [60.0] * 4 + [0.0] * 12}
    del desk["annual_contacts"]
    tables["types"]["desk"] = desk
    tables["groups"]["desk"] = tables["groups"]["all"]
    found = staff(from_dict(tables), Asked(years=10, seed=3, buys=False))
    assert found.tours.groups["desk"].on_duty.max() > 1
    assert not found.tours.seats_exceeded


def test_what_is_no_target_is_corrected_too() -> None:
    """Offers tell of the connection rate where only the answer time is a target."""
    tables = to_dict(small_staffing())
    del tables["targets"]["connection_rate"]
    found = staff(from_dict(tables), Asked(years=100, seed=3, buys=False))
    assert set(found.theory) == {"asa", "all"}
    here = min(found.offers, key=lambda offer: abs(offer.total_wan - found.bill.total_wan))
    top, bottom = found.outcomes.pairs["connection_rate"].T
    simulated = float(np.mean(top / bottom))
    reach = 3.0 * float(np.std(top / bottom)) / math.sqrt(len(top))
    on_duty = {name: own.on_duty.astype(float) for name, own in found.tours.groups.items()}
    _, uncorrected = corrected(service(found.year, on_duty), Correction(), found.year.factors, 3.0)
    assert abs(here.connection - simulated) < reach < abs(float(np.mean(uncorrected)) - simulated)


def test_the_answer_time_is_told_where_it_is_no_target() -> None:
    """What it counts beside the wait, the 3 s of ringing, is no part of what theory is corrected by."""
    tables = to_dict(small_staffing())
    del tables["targets"]["asa"]
    found = staff(from_dict(tables), Asked(years=100, seed=3, buys=False))
    on_duty = {name: own.on_duty.astype(float) for name, own in found.tours.groups.items()}
    told, _ = corrected(service(found.year, on_duty), found.correction, found.year.factors, 3.0)
    top, bottom = found.outcomes.pairs["asa_s"].T
    reach = 3.0 * float(np.std(top / bottom)) / math.sqrt(len(top))
    assert float(np.mean(told)) == pytest.approx(float(np.mean(top / bottom)), abs=reach)
    assert min(offer.asa_s for offer in found.offers) > 3.0


def test_more_volume_and_tighter_targets_are_never_cheaper(plan: Plan) -> None:
    slack = 1.0 - plan.gap
    for change in ("demand.growth=0.1", "targets.connection_rate.at_least=0.97"):
        assert small_plan(change).bill.total_wan >= slack * plan.bill.total_wan
    dearer = small_plan(asked=Asked(years=100, seed=3, probability=0.97))
    assert dearer.bill.total_wan >= slack * plan.bill.total_wan


def test_a_plan_with_one_agent_fewer_in_any_tour_fails_or_breaks_a_rule(plan: Plan) -> None:
    own, limits = plan.tours.groups["all"], Limits.of(plan.year.scenario, 3.0)
    barred, surest = 0, []
    for week, tour in zip(*np.nonzero(own.agents), strict=True):
        fewer = own.agents.copy()
        fewer[week, tour] -= 1
        there = own.tours.on_duty(fewer)
        told = chances(limits, service(plan.year, {"all": there.astype(float)}), plan.correction, plan.year.factors)
        if (there < own.need.required).any():
            barred += 1
            continue
        assert told["all"] < ASKED.probability <= plan.theory["all"], (week, tour)
        surest.append(told["all"])
    assert plan.fewer is not None
    assert (plan.fewer.tours, plan.fewer.barred) == (barred + len(surest), barred)
    assert plan.fewer.surest == pytest.approx(max(surest))


@pytest.mark.slow
def test_with_one_agent_fewer_in_any_tour_no_simulated_year_is_better(plan: Plan) -> None:
    """The proof's years again: the same citizens, one agent fewer in all weeks."""
    own = plan.tours.groups["all"]
    fewer = {}
    for tour in np.flatnonzero(own.agents.any(axis=0)):
        agents = own.agents.copy()
        agents[:, tour] = np.maximum(agents[:, tour] - 1, 0)
        fewer[str(tour)] = with_agents(plan.year, {"all": own.tours.on_duty(agents)})
    assert len(fewer) > 5
    settings = Settings(replications=len(plan.outcomes.numbers), seed=ASKED.seed + 1)
    by_plan = np.array(held(plan.outcomes.targets))
    lost = 0
    for outcomes in simulate_cases(fewer, settings).values():
        holds = np.array(held(outcomes.targets))
        assert (holds <= by_plan).all()
        assert billed(outcomes).total_wan < plan.bill.total_wan
        lost += by_plan.sum() - holds.sum()
    assert lost > 0


def test_the_two_modes_agree(plan: Plan) -> None:
    again = small_plan(asked=Asked(years=100, seed=3, budget_wan=plan.bill.total_wan))
    # An agent costs some half per cent: what is left of the budget is less.
    assert 0.995 * plan.bill.total_wan < again.bill.total_wan <= plan.bill.total_wan
    assert plan.chance[1] <= again.chance[0] <= plan.chance[2]


def test_rivals_cost_more_under_the_same_rules(plan: Plan) -> None:
    assert set(plan.rivals) == {"interval_erlang", "flat"}
    for rival in plan.rivals.values():
        assert rival.total_wan >= plan.bill.total_wan * (1.0 - plan.gap)


@pytest.mark.parametrize(
    ("changes", "asked", "words"),
    [
        (["targets.asa.at_most_s=3"], ASKED, "targets.asa"),
        (["types.call.resolution.on_the_spot=0.1"], ASKED, "targets.fcr"),
        (["sites.main.seats=5"], ASKED, "sites.main.seats"),
        (["tours.full.shifts=['late']"], ASKED, "no tour is at work at Mon 08:00"),
        (["groups.all.on_duty={all=20}"], ASKED, "erlang-a"),
        ([], Asked(years=20, budget_wan=100.0), "--budget-wan = 100"),
    ],
)
def test_what_cannot_be_says_why(changes: list[str], asked: Asked, words: str) -> None:
    with pytest.raises(ScenarioError, match=words) as told:
        small_plan(*changes, asked=asked)
    assert "to mend" in str(told.value)


def test_a_site_of_those_called_in_keeps_its_seats(plan: Plan) -> None:
    second = "sites.second={seats=12}"
    rule = "{waiting=20, notice_h=0.5, minimum_h=1, maximum_h=3, rest_h=4, price={per_hour_cny=60}}"
    partner = f'groups.partner={{site="second", on_duty={{all=10}}, activation={rule}}}'
    scenario = small_staffing(second, partner, "types.call.groups=['all', 'partner']")
    found = with_agents(ready(scenario), {"all": plan.tours.groups["all"].on_duty})
    assert found.sites["second"].seats == 12
    assert found.sites["main"].seats == int(plan.tours.groups["all"].on_duty.max())


def headcount(heads: int) -> str:
    return f"workforce.headcount={{opening=[{{weeks_on_floor=100,heads={heads}}}],lead_weeks=2}}"


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (Asked(years=10, seed=3), "it takes for targets that hold with probability 0.90"),
        (Asked(years=10, seed=3, budget_wan=1e4), "it takes for even the fewest agents tried"),
    ],
)
def test_whole_agents_beyond_the_heads_are_no_plan(asked: Asked, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(best, "HEADS_SLACK", 0.6)  # as if they took far more than their fractions
    with pytest.raises(ScenarioError, match=f"workforce.headcount = 90 heads on the floor[^=]*{words}"):
        small_plan(headcount(90), "workforce.attrition=0", asked=asked)


def test_heads_are_a_limit() -> None:
    asked = Asked(years=20, seed=3)
    steady = "workforce.attrition=0"
    enough = small_plan(headcount(90), steady, asked=asked)
    assert enough.heads is not None
    assert enough.heads.there == enough.heads.least == 90.0
    # 40 paid hours a week each, of which shrinkage leaves so many on duty; the bill's own count of its agents.
    assert enough.heads.taken == pytest.approx(enough.bill.drivers.agents, rel=0.1)
    too_few = math.floor(enough.heads.taken * 0.9)
    with pytest.raises(ScenarioError, match=f"workforce.headcount = {too_few} heads on the floor"):
        small_plan(headcount(too_few), steady, asked=asked)
    # A budget for more agents than there are heads buys no more than these.
    few = math.ceil(enough.heads.taken * 1.05)
    rich = Asked(years=20, seed=3, budget_wan=2.0 * enough.bill.total_wan)
    capped = small_plan(headcount(few), steady, asked=rich)
    assert capped.heads is not None
    assert capped.heads.taken <= few * 1.01
