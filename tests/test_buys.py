"""What money buys: bills against the simulation's own, what seats cost by hand, and what the next 10 万元 change."""

from __future__ import annotations

import numpy as np
import pytest
from small_staffing import small_staffing

import sim
from sim.experiment.cases import simulate_cases
from sim.experiment.gather import Settings
from sim.scenario.money import LINES
from sim.staffing.best import staff
from sim.staffing.bills import Bills
from sim.staffing.buys import buys
from sim.staffing.frontier import Service
from sim.staffing.plan import Asked, Buy, Plan
from sim.staffing.search import Search
from sim.staffing.year import ready, with_agents

ASKED = Asked(years=20, seed=3)


@pytest.fixture(scope="module")
def plan() -> Plan:
    return staff(small_staffing(), ASKED)


def test_bills_are_those_of_the_plans_simulated(plan: Plan) -> None:
    """Two plans that differ in agents and seats; each line, and what the contract rises by from one to the other."""
    bills = Bills(plan.year)
    first = plan.tours.groups["all"].on_duty
    second = first + 2 * (first > 0) + (np.arange(336) % 48 == 24) * 3
    totals = []
    for there in (first, second):
        told = bills.lines({"all": there.astype(np.float64)})
        simulated = sim.run(with_agents(plan.year, {"all": there}), replications=2, jobs=1)
        for line in simulated.bill.lines:
            assert told[line.key] == pytest.approx(line.wan, abs=1e-4)
        totals.append((sum(told.values()), simulated.bill.total_wan))
    assert totals[1][0] - totals[0][0] == pytest.approx(totals[1][1] - totals[0][1], rel=1e-4)
    # Between the two, half of the way is half of the difference.
    half = bills.lines({"all": (first + second) / 2.0})
    assert sum(half.values()) == pytest.approx((totals[0][0] + totals[1][0]) / 2.0, abs=1e-3)


def test_the_plan_lies_on_the_line_of_offers(plan: Plan) -> None:
    costs = [offer.total_wan for offer in plan.offers]
    assert costs == sorted(costs)
    assert costs[0] <= plan.bill.total_wan + 10.0
    assert costs[-1] >= plan.bill.total_wan - 10.0


def test_a_seat_costs_its_floor_and_its_licence() -> None:
    year = ready(small_staffing())
    cost, told = year.scenario.cost, Bills(year).seat_wan
    assert cost is not None
    operation = cost.operation
    # Four weeks of March: 28 days of rent, 28 of its 31 days of property management, 28 of the year's 365 of licences.
    rent = operation.area_m2_per_seat * operation.rent_cny_per_m2_day * 28
    area = operation.area_m2_per_seat * operation.property_cny_per_m2_month * 28 / 31
    licence = cost.platform.licence_cny_per_seat_year * 28 / 365
    assert told["operation"] == pytest.approx((rent + area) / 10_000.0, rel=1e-5)
    assert told["platform"] == pytest.approx(licence / 10_000.0, rel=1e-5)
    assert told["personnel"] == 0.0
    net = told["operation"] + told["platform"]
    assert told["tax"] == pytest.approx(net * cost.tax.rate, rel=1e-4)


# A seat costs about 10 万元 in each line, and half-hours may answer few calls: 10 万元 less is possible everywhere.
DEAR_SEATS = (
    "cost.operation.rent_cny_per_m2_day=200",
    "cost.platform.licence_cny_per_seat_year=800000",
    "cost.calibrated=[]",
)


@pytest.fixture(scope="module")
def dear() -> Plan:
    return staff(small_staffing(*DEAR_SEATS), Asked(years=20, seed=3, floor=0.5))


def by_line(plan: Plan, line: str) -> tuple[Buy, Buy]:
    """Return what 10 万元 more and 10 万元 less are in a line."""
    more, less = (buy for buy in plan.buys if buy.line == line)
    assert (more.wan, less.wan) == (10.0, -10.0)
    return more, less


def test_personnel_money_is_hours_at_what_an_hour_costs(dear: Plan) -> None:
    own = dear.tours.groups["all"].on_duty
    # No hour from 8 to 20 h in March is at night or a statutory one: all cost alike.
    bills = [
        sim.price(with_agents(dear.year, {"all": there})).line("personnel").wan for there in (own, own + (own > 0))
    ]
    hours_a_week = np.count_nonzero(own) / 2.0
    hour_wan = (bills[1] - bills[0]) / (4.0 * hours_a_week)
    for buy, sign in zip(by_line(dear, "personnel"), (1.0, -1.0), strict=True):
        assert buy.what == "agents"
        assert buy.hours == pytest.approx(sign * 10.0 / hour_wan / 4.0, rel=1e-3)
        assert buy.asa_s * sign < 0.0 < buy.connection * sign
        assert buy.probability * sign > 0.0


def test_what_personnel_money_changes_is_what_a_plan_for_that_money_simulates(dear: Plan) -> None:
    """The agents of the plan and as many hours more as 10 万元 buy, the same citizens: the change that is told."""
    more, _ = by_line(dear, "personnel")
    own = dear.tours.groups["all"].on_duty.astype(np.float64)
    share = more.hours / (own.sum() / 2.0)
    richer = np.rint(own * (1.0 + share)).astype(np.int64)
    cases = {"plan": dear.scenario, "richer": with_agents(dear.year, {"all": richer})}
    simulated = simulate_cases(cases, Settings(replications=40, seed=5))
    asa, lost = (
        {name: own.pairs[key].sum(axis=0) for name, own in simulated.items()} for key in ("asa_s", "connection_rate")
    )
    changed_s = asa["richer"][0] / asa["richer"][1] - asa["plan"][0] / asa["plan"][1]
    changed = lost["richer"][0] / lost["richer"][1] - lost["plan"][0] / lost["plan"][1]
    # Spread over all hours alike the money does a little less or more than spent where it does most.
    assert more.asa_s == pytest.approx(changed_s, rel=0.5)
    assert more.connection == pytest.approx(changed, rel=0.5)


def test_seats_are_bought_at_what_one_costs_and_more_than_are_used_buy_nothing(dear: Plan) -> None:
    operation = dear.year.scenario.cost.operation
    rent = operation.area_m2_per_seat * (200 * 28 + operation.property_cny_per_m2_month * 28 / 31) / 10_000.0
    licence = 800_000 * 28 / 365 / 10_000.0
    both = (rent + licence) * (1.0 + dear.year.scenario.cost.tax.rate)
    for line, seat_wan in (("operation", rent), ("platform", licence)):
        more, less = by_line(dear, line)
        assert more.what == "spare"
        assert (more.asa_s, more.connection, more.probability, more.hours) == (0.0, 0.0, 0.0, 0.0)
        assert less.what == "seats"
        for buy in (more, less):
            assert buy.seats == pytest.approx(buy.wan / seat_wan, rel=1e-4)
            assert buy.contract_wan == pytest.approx(buy.seats * both, rel=1e-4)
        # Every shift, of eight hours from 8, 9, 10, 11 or 12 h, is at work from 12 to 16 h: a seat is one agent a day.
        # The plan of whole agents uses up to one seat more in some week than fractions use in all of them, which then
        # give up so much less, or half a seat less.
        assert -0.5 <= less.hours / (7 * 8.0) - less.seats <= 1.0


def test_fewer_seats_at_the_peak_wait_longer_and_much_fewer_much_longer(dear: Plan) -> None:
    # At a fifth of the rent 10 万元 are five times as many seats.
    cheap = ("cost.operation.rent_cny_per_m2_day=40", *DEAR_SEATS[1:])
    _, many = by_line(staff(small_staffing(*cheap), Asked(years=20, seed=3, floor=0.5)), "operation")
    _, few = by_line(dear, "operation")
    assert many.seats < 4.0 * few.seats < 0.0
    assert many.asa_s > few.asa_s > 0.0
    assert many.connection < few.connection < 0.0
    assert many.probability < few.probability <= 0.0


def test_fewer_seats_are_the_frontier_of_a_scenario_that_has_so_few() -> None:
    """A rent at which 10 万元 are three seats, against a search of its own with three seats fewer."""
    operation = small_staffing().cost.operation
    area, by_month = operation.area_m2_per_seat, operation.property_cny_per_m2_month * 28 / 31
    rent = f"cost.operation.rent_cny_per_m2_day={(100_000.0 / 3.0 / area - by_month) / 28}"
    asked = Asked(years=20, seed=3, floor=0.5)
    search = Search(small_staffing(rent, *DEAR_SEATS[1:]), asked)
    search.explore()
    chosen = search.buy(search.sure_enough(0.9))
    pays = search.bills.lines({"all": chosen["all"].on_duty.astype(float)})["personnel"]
    (less,) = (buy for buy in buys(search, chosen, search.known) if (buy.line, buy.wan) == ("operation", -10))
    assert less.seats == pytest.approx(-3.0, rel=1e-4)
    used = int(chosen["all"].on_duty.max())
    other = Search(small_staffing(rent, *DEAR_SEATS[1:], f"sites.main.seats={used - 3}"), asked)
    other.add([point.price_cny for point in search.points])

    def lost(of: Search) -> np.ndarray:
        """Return the share lost by factor of the year, where personnel costs what the plan's does."""
        personnel = np.maximum.accumulate([of.bills.lines(point.coverage)["personnel"] for point in of.points])
        logs = np.log([found.lost for found in of.services])
        return np.exp([np.interp(pays, personnel, column) for column in logs.T])

    plan = search.found({"all": chosen["all"].on_duty})
    after = Service(plan.factors, plan.waited_s, plan.lost * lost(other) / lost(search))
    factors, known = search.year.factors, search.known
    beyond = np.exp(known.line("connection_rate").at(factors))
    means = [float(np.mean(one.at(factors)[1] * beyond)) for one in (plan, after)]
    assert less.connection == pytest.approx(-(means[1] - means[0]), rel=0.02)
    assert less.connection < 0.0


def test_taxes_follow_and_what_cannot_be_is_said(plan: Plan, dear: Plan) -> None:
    for one in (plan, dear):
        for buy in by_line(one, "tax"):
            assert (buy.what, buy.contract_wan, buy.probability) == ("follows", buy.wan, 0.0)
    # Four weeks of all seats cost less than 10 万元 of the shipped prices, and the floor by the half-hour is near.
    for line in ("operation", "platform"):
        _, less = by_line(plan, line)
        assert less.what == "all"
        assert less.probability is None
    assert {buy.line for buy in plan.buys} == set(LINES)


def test_seats_that_are_all_taken_are_bought_and_given_up() -> None:
    changes = (*DEAR_SEATS, "sites.main.seats=34")
    short = staff(small_staffing(*changes), Asked(probability=0.87, years=20, seed=3, floor=0.5))
    assert short.scenario.sites["main"].seats == 34
    more, less = by_line(short, "operation")
    assert (more.what, less.what) == ("seats", "seats")
    assert more.connection >= -1e-9
    assert less.connection < 0.0


def test_heads_there_are_are_paid_whatever_the_shifts() -> None:
    heads = "workforce.headcount={opening=[{weeks_on_floor=100,heads=90}],lead_weeks=2}"
    found = staff(small_staffing(heads, "workforce.attrition=0"), ASKED)
    for buy in by_line(found, "personnel"):
        assert (buy.what, buy.probability) == ("heads", 0.0)
