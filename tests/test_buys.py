"""What money buys: bills against the simulation's own, what seats cost by hand, and what the next 10 万元 change."""

from __future__ import annotations

import numpy as np
import pytest
from small_staffing import small_staffing

import sim
from sim.staffing.bills import Bills
from sim.staffing.plan import Plan
from sim.staffing.search import Asked, staff
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
