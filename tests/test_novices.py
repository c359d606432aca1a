"""Heads in the simulation and in the bill: by hand, against theory, in the limits, and what must add up (§19, §20)."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import numpy as np
import pytest
from test_cost import small_tables

from sim.cost.drivers import Planned
from sim.cost.heads import steps
from sim.cost.lines import price
from sim.engine import fast, reference, structures, tally
from sim.engine.inputs import prepare
from sim.experiment.cases import simulate_cases
from sim.experiment.gather import Settings
from sim.experiment.measured_plan import Pricing
from sim.experiment.run import run
from sim.report.summary import summary
from sim.scenario import Scenario, from_dict
from sim.scenario.money import LINES
from sim.terms import SLOTS_PER_DAY, WEEK_MS
from sim.theory import queue_measures
from sim.uniforms import stream_key
from sim.workforce.headcount import expected_headcount, headcount

START = dt.date(2021, 3, 1)
Z = 4.9
"""A normal number is further from 0 once in a million."""


def centre(*, days: int = 14, groups: dict[str, Any] | None = None, **workforce: Any) -> Scenario:
    """Return a centre of ten agents round the clock; with ``headcount`` among ``workforce``, with heads."""
    groups = groups or {"desk": {"on_duty": {"all": 10}}}
    people = {"shrinkage": {"leave": 0.14}, "attrition": 0.0, "training_weeks": 0.0, **workforce}
    return from_dict(
        {
            "schema": 1,
            "name": "novices",
            "horizon": {"start": START, "end": START + dt.timedelta(days=days - 1)},
            "calendar": {"country": "none"},
            "types": {
                "call": {
                    "per_hour": [150] * 24,
                    "groups": list(groups),
                    "talk": {"exponential": {"mean_s": 150}},
                    "patience": {"exponential": {"mean_s": 300}},
                    "redial": {"probability": 0.5, "delay": {"fixed": {"s": 600}}, "max_attempts": 2},
                    "resolution": {"on_the_spot": 0.8, "responsible_return": 0.1},
                }
            },
            "groups": groups,
            "quality": {"novice_on_the_spot_loss": 0.5, "novice_returns": 1.0},
            "workforce": people,
        }
    )


def count(*opening: tuple[int, int], **table: Any) -> dict[str, Any]:
    """Return a head-count, its opening as weeks on the floor and heads."""
    return {"opening": [{"weeks_on_floor": weeks, "heads": n} for weeks, n in opening], "lead_weeks": 0, **table}


def attempts(scenario: Scenario, seed: int = 1, number: int = 0) -> structures.Ints:
    return fast.simulate(*prepare(scenario).replication(seed, number)[:2], logging=True)[2]


ONE_BAND = [{"until_weeks": 2, "handling_factor": 1.5, "on_the_spot_loss": 0.3}]


# --- by hand --------------------------------------------------------------------------------------------


def test_a_known_path_by_hand():
    """Forty heads, ten of them in their second week; ten agents round the clock take 50.93 heads.

    10 × 168 h a week ÷ (2,000 × 7 ÷ 365 × 0.86 h) = 50.93. At full strength 30 + 10 ÷ 1.5 = 36.67 in week 0, so the
    factor is 40 ÷ 36.67 = 1.0909 and the loss 6.667 × 0.3 ÷ 36.67 = 0.05455. Of ten places 40 ÷ 50.93 × 10 = 7.85 are
    filled, 8 in whole agents; ten more come in week 1, in their first week, and 9.82 are filled, 10.
    """
    heads = count((1, 10), (99, 30), learning=ONE_BAND, classes=[{"start": START + dt.timedelta(days=7), "heads": 10}])
    plan = prepare(centre(headcount=heads))
    assert plan.needed is not None
    assert plan.needed.balanced == pytest.approx(1680 / (14_000 / 365 * 0.86))
    found, run_of, _ = plan.replication(1, 0)
    assert found.speed[0, :3].tolist() == [1091, 1071, 1071]  # then 40 + 10 / 1.5 = 46.67: 50 / 46.67 = 1.0714
    loss = np.array([2 / (30 + 10 / 1.5), 2 / (40 + 10 / 1.5)])
    assert found.on_the_spot[0, 0, :2] == pytest.approx(0.8 * (1 - loss))
    assert found.quality.returned[0, 0, :2] == pytest.approx([0.1 * 1.25, 0.1 * 1.2])
    assert np.unique(run_of.roster[: 7 * SLOTS_PER_DAY]).tolist() == [8]
    assert np.unique(run_of.roster[7 * SLOTS_PER_DAY :]).tolist() == [10]
    # The plan knows none of it.
    assert np.unique(plan.rostered).tolist() == [10]
    assert (plan.centre.speed == 1000).all()
    assert plan.centre.on_the_spot[0, 0, 0] == 0.8


def test_weeks_after_the_last_are_as_the_last_and_a_warm_up_is_as_the_first():
    heads = count((1, 40), learning=ONE_BAND)
    found, _, _ = prepare(centre(headcount=heads)).replication(1, 0)
    assert np.unique(found.speed[0, 1:]).tolist() == [1000]
    warm = centre(headcount=heads)
    warm = warm.model_copy(update={"horizon": warm.horizon.model_copy(update={"warm_up_days": 2})})
    _, run_of, _ = prepare(warm).replication(1, 0)
    assert len(run_of.roster) == 16 * SLOTS_PER_DAY
    assert np.unique(run_of.roster).tolist() == [8]


def test_a_part_of_the_horizon_has_the_heads_of_the_whole():
    heads = count(
        (1, 40), (30, 200), learning=ONE_BAND, classes=[{"start": START + dt.timedelta(days=14), "heads": 30}]
    )
    busy = {"desk": {"on_duty": {"all": [0, 80] * 12}, "speed": 1.1}}
    plan = centre(headcount=heads, days=28, groups=busy, attrition=4.0)
    whole, of_whole, _ = prepare(plan).replication(3, 2)
    first, last = START + dt.timedelta(days=13), START + dt.timedelta(days=15)
    part, of_part, _ = prepare(plan, first, last).replication(3, 2)
    assert (of_part.roster == of_whole.roster[13 * SLOTS_PER_DAY : 16 * SLOTS_PER_DAY]).all()
    assert (part.speed == whole.speed[:, : part.speed.shape[1]]).all()
    assert (part.on_the_spot == whole.on_the_spot[..., : part.speed.shape[1]]).all()


def test_heads_are_of_employees_and_not_of_those_who_are_bought():
    """A partner at a price keeps its plan; agents that a trigger takes from the desk are the desk's."""
    price_of = {"price": {"per_hour_cny": 60.0}}
    groups = {
        "desk": {"on_duty": {"all": 10}, "novice_share": 0.4},
        "partner": {"on_duty": {"all": 10}, "novice_share": 0.4, "activation": {"waiting": 5, **price_of}},
        "lent": {"on_duty": {"all": 4}, "activation": {"waiting": 9, "agents_from": "desk"}},
    }
    scenario = centre(headcount=count((0, 25), learning=ONE_BAND), groups=groups)
    assert [scenario.has_heads(name) for name in groups] == [True, False, True]
    found, run_of, _ = prepare(scenario).replication(1, 0)
    assert found.speed[:, 0].tolist() == [1500, 1000, 1500]
    assert found.on_the_spot[0, :, 0] == pytest.approx([0.8 * 0.7, 0.8 * 0.8, 0.8 * 0.7])
    assert found.quality.returned[0, :, 0] == pytest.approx([0.2, 0.14, 0.2])
    assert run_of.roster[0].tolist() == [5, 10, 4]  # 25 of 50.93 heads: 4.91 of ten places


def test_absence_and_seats_come_after_the_places_that_nobody_fills():
    groups = {"desk": {"on_duty": {"all": 100}, "absence": {"rate": 0.1}}}
    full = centre(headcount=count((99, 1_000)), groups=groups)
    half = centre(headcount=count((99, 230)), groups=groups)
    share = 230 / prepare(half).needed.balanced
    filled = math.floor(100 * share + 0.5)
    assert 45 < filled < 55
    _, of_full, _ = prepare(full).replication(1, 0)
    _, of_half, _ = prepare(half).replication(1, 0)
    assert of_half.roster.mean() == pytest.approx(filled * 0.9, rel=0.05)
    # Who is absent on a day is the same in both: of fewer places, no more are away.
    away = 100 - of_full.roster, filled - of_half.roster
    assert (away[1] <= away[0]).all()


# --- theory ---------------------------------------------------------------------------------------------


def test_slower_agents_are_a_queue_with_longer_service_and_fewer_answers_on_the_spot():
    """All are novices who take 1.2 times as long: Erlang A with 180 s instead of 150, and 0.8 × 0.7 on the spot.

    Each replication is a week after a day's warm-up; the mean over them is held against the exact stationary value.
    """
    bands = [{"until_weeks": 99, "handling_factor": 1.2, "on_the_spot_loss": 0.3}]
    base = centre(headcount=count((0, 60), learning=bands), days=7)
    call = base.types["call"].model_copy(update={"redial": None})
    horizon = base.horizon.model_copy(update={"warm_up_days": 1})
    plan = prepare(base.model_copy(update={"types": {"call": call}, "horizon": horizon}))
    exact = queue_measures(150 / 3600, 180.0, 10, patience_s=300.0)
    rows = []
    for number in range(40):
        found, run_of, _ = plan.replication(11, number)
        counts, *_ = fast.simulate(found, run_of)
        measured = slice(SLOTS_PER_DAY, -1)
        calls, duty = counts.counts[measured].sum(axis=(0, 1)), counts.duty[measured].sum(axis=(0, 1))
        rows.append(
            (
                calls[tally.ABANDONED] / calls[tally.OFFERED],
                duty[tally.BUSY_MS] / duty[tally.ROSTERED_MS],
                calls[tally.ON_THE_SPOT] / calls[tally.ANSWERED],
                calls[tally.RETURNS] / calls[tally.WORK_ORDERS],
            )
        )
    means, errors = np.mean(rows, axis=0), np.std(rows, axis=0, ddof=1) / math.sqrt(len(rows))
    for mean, error, value in zip(
        means, errors, (exact.abandoned_share, exact.occupancy, 0.8 * 0.7, 0.1 * 2.0), strict=True
    ):
        assert abs(mean - value) < Z * error
        assert error < 0.01 * value


# --- limits ---------------------------------------------------------------------------------------------


def test_without_leavers_and_novices_enough_heads_are_the_plan():
    """The year of the plan, attempt by attempt; the bill pays the heads there are and is else the plan's."""
    tables = small_tables()
    plain = from_dict(tables)
    tables["workforce"] |= {"attrition": 0.0, "headcount": count((99, 14), learning=ONE_BAND)}
    heads = from_dict(tables)
    for engine in (fast, reference):
        one, other = (
            engine.simulate(*prepare(scenario).replication(5, 1)[:2], logging=True) for scenario in (plain, heads)
        )
        for left, right in zip((*one[0], *one[1:]), (*other[0], *other[1:]), strict=True):
            np.testing.assert_array_equal(left, right)
    planned = Planned.of(heads)
    counted = planned.drivers(expected_headcount(heads))
    for name in ("duty_h", "night_h", "duty_holiday_h", "overtime_h", "seat_h", "energy_kwh", "volumes", "posts_h"):
        np.testing.assert_equal(getattr(counted, name), getattr(planned.drivers(), name), err_msg=name)
    assert counted.heads == pytest.approx(14 + planned.drivers().heads - planned.drivers().agents)


def test_heads_that_are_the_plans_agents_cost_what_the_plan_costs():
    """Two round the clock for a year are 2 × 8,760 h ÷ (2,000 × 0.73 h) = 12 heads: the same bill, whoever is told."""
    tables = small_tables()
    tables["horizon"] = {"start": dt.date(2021, 1, 1), "end": dt.date(2021, 12, 31)}
    tables["workforce"] |= {"attrition": 0.0, "shrinkage": {"leave": 0.27}}
    tables["groups"] = {"desk": {"on_duty": {"all": 2}, "site": "main"}}
    tables["tasks"]["letter"]["groups"] = ["desk"]
    tables["workforce"]["headcount"] = count((99, 12))
    planned = Planned.of(from_dict(tables))
    plan = planned.drivers()
    assert plan.agents == pytest.approx(12.0)
    plain = price(planned.scenario, plan)
    counted = price(planned.scenario, planned.drivers(expected_headcount(planned.scenario)))
    assert [line.fen for line in counted.lines] == [line.fen for line in plain.lines]


# --- what must add up -----------------------------------------------------------------------------------


def test_citizens_and_leavers_are_the_same_in_every_case():
    """Common random numbers: heads change no contact, and what novices are worth changes no leaver."""
    plain, heads, slow = (
        centre(attrition=4.0, **more)
        for more in (
            {},
            {"headcount": count((1, 45), learning=ONE_BAND)},
            {"headcount": count((1, 45), learning=[{"until_weeks": 9, "handling_factor": 1.9}])},
        )
    )
    arrived = []
    for scenario in (plain, heads, slow):
        log = attempts(scenario)
        first = log[log[:, structures.LOG_ATTEMPT] == 1]
        arrived.append(first[:, [structures.LOG_CONTACT, structures.LOG_ARRIVED]].tolist())
    assert arrived[0] == arrived[1] == arrived[2]
    left = [headcount(scenario, stream_key(1, 0)).left.tolist() for scenario in (heads, slow)]
    assert left[0] == left[1]
    assert sum(left[0]) > 0


def money(**table: Any) -> Scenario:
    """Return a month with a bill and a head-count of which some leave."""
    tables = small_tables()
    tables["workforce"] |= {"attrition": 3.0, "training_weeks": 1.0}
    classes = [{"start": dt.date(2021, 3, 8), "heads": 6}]
    tables["workforce"]["headcount"] = count((1, 8), (99, 5), classes=classes, learning=ONE_BAND) | table
    return from_dict(tables)


def test_replications_have_heads_of_their_own_that_are_paid_and_measured():
    settings = Settings(replications=4, seed=3, jobs=1)
    found = run(money(), settings)
    paths = [headcount(found.scenario, stream_key(3, number)) for number in range(4)]
    assert len({tuple(path.heads) for path in paths}) > 1
    plan = Planned.of(found.scenario).drivers()
    staff = sum(role.heads for role in plan.staff)
    for number, path in enumerate(paths):
        paid = path.paid_h.sum() + staff * 2_000 * 31 / 365
        assert found.pairs["paid_h"][number, 0] == pytest.approx(paid)
    bill = found.bill
    wages = {part.key: part.quantity for part in bill.line("personnel").parts if part.key.startswith("wages.")}
    days = np.array([[len(week) for week in path.weeks] for path in paths])
    of_agents = np.mean([(path.heads * each).sum() for path, each in zip(paths, days, strict=True)]) / 31
    of_trainees = np.mean([(path.trainees * each).sum() for path, each in zip(paths, days, strict=True)]) / 31
    assert wages["wages.a"] + wages["wages.b"] == pytest.approx(of_agents)
    assert wages["wages.trainees"] == pytest.approx(of_trainees)
    assert bill.by_month()[0]["heads"] == pytest.approx(of_agents + of_trainees + staff)
    assert bill.drivers.counted == "simulated"


def test_what_the_head_count_does_to_the_bill_adds_up_to_the_fen():
    found = run(money(), Settings(replications=3, seed=1, jobs=1))
    bill, plan = found.bill, found.bill.without
    told = summary(found)["cost"]["headcount"]
    for key in LINES:
        own = [change for change in bill.head_changes() if change.line == key]
        assert sum(change.fen for change in own) == sum(bill.line(key).fen) - sum(plan.line(key).fen)
    assert told["difference_wan"] == pytest.approx(bill.total_wan - plan.total_wan, abs=1e-9)
    assert sum(part["difference_wan"] for part in told["parts"]) == pytest.approx(told["difference_wan"], abs=1e-9)
    for line in bill.lines:
        assert sum(sum(part.fen) for part in line.parts) == sum(line.fen)
    # Nothing in rent, licences, posts or volumes moves.
    moved = {change.key for change in bill.head_changes()}
    assert {"wages.a", "wages.trainees", "hiring", "training", "management", "tax", "water"} <= moved
    assert not moved & {"rent", "property", "lines", "licences", "wages.watch", "wages.leader", "holiday.posts"}


def test_the_bill_of_the_mean_is_the_mean_of_the_bills():
    scenario = money()
    found = run(scenario, Settings(replications=5, seed=2, jobs=1))
    lines = simulate_cases({"": scenario}, Settings(replications=5, seed=2, jobs=1))[""].lines_wan
    assert len(set(lines["personnel"])) > 1
    for key in LINES:
        assert found.bill.line(key).wan == pytest.approx(lines[key].mean(), abs=2e-5)  # 20 分 of rounding
    pricing = Pricing(scenario, 2, None, None)
    assert pricing.drivers(0).counted == "simulated"


def test_a_bill_of_heads_by_hand():
    """A month of 31 days: ten on the floor, four more from the 22nd, trained from the 8th; the plan takes 13.35.

    10 ÷ 13.35 of two places are 1.50, in whole agents 1 (1.498), of one place 1; from the 22nd all are filled.
    """
    tables = small_tables()
    tables["workforce"] |= {"attrition": 0.0, "training_weeks": 2.0}
    classes = [{"start": dt.date(2021, 3, 8), "heads": 4}]
    tables["workforce"]["headcount"] = count((99, 10), classes=classes)
    scenario = from_dict(tables)
    planned = Planned.of(scenario)
    plan, needs = planned.drivers(), planned.drivers(expected_headcount(scenario))
    share = 31 / 365
    per_head = 2000 * 0.7 * share
    agents = (31 * 24 * 2 * 0.9 + 31 * 8) / per_head
    assert plan.agents == pytest.approx(agents) == pytest.approx(13.35, abs=0.01)
    paid, trainees = (10 * 21 + 14 * 10) / 31, 4 * 14 / 31
    watch, leader = 31 * 24 / per_head, agents / 10
    heads = paid + trainees + watch + leader
    desk_h = (21 * 1 + 10 * 2) * 24 * 0.9
    assert needs.duty_h["desk"].sum() == pytest.approx(desk_h)
    assert needs.duty_h["office"].sum() == pytest.approx(31 * 8)
    assert needs.agents == plan.agents
    assert needs.heads == pytest.approx(heads)
    assert needs.paid_h.sum() == pytest.approx(heads * 2000 * share)
    night_h = (21 * 1 + 10 * 2) * 0.9 * 10 + 31 * 10
    wages = paid * 0.5 * (4000 + 6000) + trainees * 2500 + watch * 10_000 + leader * 7500
    insured = paid * 0.5 * (4500 + 6000) + trainees * 4500 + watch * 8000 + leader * 7500
    personnel = 1.1 * (wages + 0.16 * insured + 0.07 * wages + heads * 100 + night_h * 3 + 4 * 1500)
    bill = price(scenario, needs)
    assert bill.line("personnel").wan * 1e4 == pytest.approx(personnel, abs=0.2)
    seat_h = desk_h + 31 * 8 + 31 * 24 + leader * per_head
    operation = 50 * (16 * 4 + 15 * 5) + 50 * 20 + (seat_h * 0.5 + 31 * 24 * 2) * 1.0 + heads * 10 + 30 * 100
    assert bill.line("operation").wan * 1e4 == pytest.approx(operation, abs=0.2)
    # Eight days in March: the class was hired on the 8th, in the first of them.
    some = price(scenario, needs, dt.date(2021, 3, 8), dt.date(2021, 3, 15))
    parts = {part.key: part for part in some.line("personnel").parts}
    assert (parts["hiring"].quantity, parts["training"].wan * 1e4) == (4.0, pytest.approx(2000))
    assert parts["wages.trainees"].quantity == pytest.approx(4 * 8 / 31)
    rest = price(scenario, needs, dt.date(2021, 3, 16), dt.date(2021, 3, 31))
    assert {part.key: part.wan for part in rest.line("personnel").parts}["hiring"] == 0.0
    way = {step.key: step.heads for step in steps(scenario, plan, needs) if step.heads is not None}
    assert way["agents"] == pytest.approx(agents)
    assert (way["on_payroll"], way["in_training"], way["heads"]) == pytest.approx((paid, trainees, heads))
    listed = ("on_payroll", "in_training", "watch", "leader")
    assert sum(way[key] for key in listed) == pytest.approx(way["heads"])


def test_both_engines_and_all_processes_give_the_same_result():
    tables = [
        summary(run(money(), Settings(replications=2, seed=4, jobs=jobs, engine=engine)))
        for jobs, engine in ((1, "fast"), (2, "fast"), (1, "reference"))
    ]
    for told in tables:
        for key in ("performance", "engine"):
            told.pop(key)
    assert tables[0] == tables[1] == tables[2]
    weeks = tables[0]["headcount"]["weeks"]
    assert [week["days"] for week in weeks] == [7, 7, 7, 7, 3]
    assert tables[0]["headcount"]["heads"] == pytest.approx(sum(week["heads"] * week["days"] for week in weeks) / 31)


def test_a_run_of_some_days_tells_the_weeks_of_these_days():
    first, last = dt.date(2021, 3, 10), dt.date(2021, 3, 15)
    found = run(money(), Settings(replications=2, first=first, last=last, jobs=1))
    told = summary(found)["headcount"]["weeks"]
    assert [(week["from"], week["days"]) for week in told] == [("2021-03-08", 5), ("2021-03-15", 1)]


def test_without_a_head_count_nothing_is_told_of_heads():
    found = run(from_dict(small_tables()), Settings(replications=1, jobs=1))
    told = summary(found)
    assert found.heads is None
    assert found.bill.without is None
    assert "headcount" not in told
    assert "headcount" not in told["cost"]
    assert found.bill.drivers.counted == "plan"


def test_a_call_that_waits_into_another_week_meets_its_agents():
    """All learn at the week's turn: who is found by an agent after it is answered on the spot as then."""
    heads = count((1, 30), learning=[{"until_weeks": 2, "handling_factor": 1.0, "on_the_spot_loss": 1.0}])
    scenario = centre(headcount=heads)
    plan = prepare(scenario)
    found, run_of, _ = plan.replication(1, 0)
    assert (found.on_the_spot[0, 0, 0], found.on_the_spot[0, 0, 1]) == (0.0, 0.8)
    for engine in (fast, reference):
        counts, _, log, _ = engine.simulate(found, run_of, logging=True)
        late = log[(log[:, structures.LOG_ARRIVED] < WEEK_MS) & (log[:, structures.LOG_ANSWERED] >= WEEK_MS)]
        assert len(late) >= 3
        before = counts.counts[: 7 * SLOTS_PER_DAY].sum(axis=(0, 1))
        # Nobody who was found before the turn has an answer on the spot.
        assert 0 < before[tally.ON_THE_SPOT] <= len(late)
