"""What is bought of groups that are called in (§14): in no head, priced by plan or by simulation, by hand."""

from __future__ import annotations

import dataclasses
import datetime as dt
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console
from test_cost import small_tables

import sim
from sim.cli.main import main
from sim.cost.bill import Bill
from sim.cost.drivers import Drivers, plan
from sim.cost.lines import price
from sim.engine import tally as t
from sim.experiment.replicate import CALLED_IN
from sim.report import bill_tables
from sim.report.phrases import said
from sim.report.words import Lang
from sim.scenario import Scenario, ScenarioError, from_dict, to_toml
from sim.verbs import notes, size

PRICE = {"per_call_cny": 5.0, "per_minute_cny": 0.5, "per_hour_cny": 40.0, "per_activation_cny": 300.0}


def lever_tables(activation: dict[str, Any], on_duty: object = 1) -> dict[str, Any]:
    """Return the tables of the small centre with a group that may be called in for its calls."""
    tables = small_tables()
    tables["groups"]["partner"] = {"on_duty": {"all": on_duty}, "absence": {"rate": 0.5}, "activation": activation}
    tables["types"]["call"]["groups"] = ["desk", "partner"]
    return tables


def lever(activation: dict[str, Any], on_duty: object = 1) -> Scenario:
    """Return the small centre with a group that may be called in for its calls."""
    return from_dict(lever_tables(activation, on_duty))


def levers(bill: Bill) -> dict[str, tuple[float, float]]:
    """Return quantity and yuan of each part that is bought."""
    parts = bill.line("personnel").parts
    return {part.key: (part.quantity, part.wan * 1e4) for part in parts if part.key.startswith("levers.")}


DATES = {"from": dt.datetime(2021, 3, 2, 6), "to": dt.datetime(2021, 3, 4, 6)}


def test_a_group_bought_by_dates_is_paid_by_the_plans_hours_and_makes_no_heads() -> None:
    """Two on duty from 8 to 20 h, half of them away; 2 March 6 h to 4 March 6 h: two days of twelve hours."""
    scenario = lever({**DATES, "price": PRICE}, [0] * 8 + [2] * 12 + [0] * 4)
    needs = plan(scenario)
    without = plan(from_dict(small_tables()))
    assert "partner" not in needs.duty_h
    assert needs.agents == pytest.approx(without.agents)
    bill = price(scenario, needs)
    found = levers(bill)
    assert found["levers.partner.hours"] == pytest.approx((24.0, 960.0))
    assert found["levers.partner.activations"] == pytest.approx((2.0, 600.0))
    assert found["levers.partner.calls"] == found["levers.partner.minutes"] == (0.0, 0.0)
    told = {part.key: part.driver for part in bill.line("personnel").parts}
    assert told["levers.partner.hours"] == "hours of partner, as planned"
    assert told["levers.partner.calls"] == "calls of partner, 0 until simulated"
    zh = {key: said(driver, "zh") for key, driver in told.items()}
    assert zh["levers.partner.hours"] == "增援组 partner 的小时（按计划）"
    assert zh["levers.partner.calls"] == "增援组 partner 的来电（仿真前按0计）"
    # The contractor adds nothing to what is bought; the tax is on it as on all.
    plain = price(from_dict(small_tables()), without)
    assert (bill.line("personnel").wan - plain.line("personnel").wan) * 1e4 == pytest.approx(1560.0, abs=0.02)
    assert (bill.total_wan - plain.total_wan) * 1e4 == pytest.approx(1716.0, abs=0.03)


def test_of_a_group_bought_by_dates_a_run_prices_the_plans_hours_and_its_own_calls() -> None:
    """One on duty from 8 to 20 h on 2 and 3 March, away two times in five: 24 × 0.6 h, and two activations.

    He takes every call he can; each is 3 s of ring, 100 of talk and 20 of wrap-up.
    """
    tables = lever_tables({**DATES, "price": PRICE}, [0] * 8 + [1] * 12 + [0] * 4)
    tables["groups"]["partner"]["absence"] = {"rate": 0.4}
    tables["groups"]["desk"]["absence"] = {"rate": 0.0}
    tables["types"]["call"] |= {"groups": ["partner", "desk"], "wrap": {"fixed": {"s": 20}}}
    tables["greeting"] = {"ring_s": 3}
    days = {"first": dt.date(2021, 3, 2), "last": dt.date(2021, 3, 3)}
    result = sim.run(from_dict(tables), 3, jobs=1, engine="reference", **days)
    assert result.bill is not None
    found = levers(result.bill)
    # Six days in three replications, on one of them at least he is away.
    assert 0 < result.duty[:, 2, CALLED_IN].sum() < 6
    assert found["levers.partner.hours"] == pytest.approx((14.4, 576.0))
    assert found["levers.partner.activations"] == pytest.approx((2.0, 600.0))
    calls = result.duty[:, 2, t.CALLS].sum() / 3
    assert calls > 0
    assert found["levers.partner.calls"] == pytest.approx((calls, 5.0 * calls), abs=0.01)
    assert found["levers.partner.minutes"] == pytest.approx((calls * 123 / 60, calls * 123 / 120), abs=0.01)
    told = {part.key: part.driver for part in result.bill.line("personnel").parts}
    assert told["levers.partner.hours"] == "hours of partner, as planned"
    assert told["levers.partner.minutes"] == "minutes of partner, as simulated"


def test_the_roster_rises_from_nothing_at_the_first_moment_too() -> None:
    """Two days: a desk always on duty comes once, at the start; the office from 9 to 17 h comes every day."""
    tables = small_tables()
    tables["groups"]["desk"]["absence"] = {"rate": 0.0}
    days = {"first": dt.date(2021, 3, 1), "last": dt.date(2021, 3, 2)}
    result = sim.run(from_dict(tables), 1, jobs=1, engine="reference", **days)
    assert result.duty[:, :, CALLED_IN].sum(axis=0).tolist() == [1, 2]
    assert result.duty[0, :, CALLED_IN].tolist() == [1, 0]


def test_who_is_bought_by_dates_sits_at_a_seat_if_the_group_has_a_site() -> None:
    """Two days round the clock, half of them away: 24 h more at seats, and the energy of these; none at home."""
    without = plan(from_dict(small_tables()))
    tables = lever_tables({**DATES, "price": PRICE})
    at_home = plan(from_dict(tables))
    assert at_home.seat_h.sum() == pytest.approx(without.seat_h.sum())
    tables["groups"]["partner"]["site"] = "main"
    seated = plan(from_dict(tables))
    assert seated.seat_h.sum() - without.seat_h.sum() == pytest.approx(24.0)
    assert seated.energy_kwh["seats"].sum() - without.energy_kwh["seats"].sum() == pytest.approx(24.0 * 0.5)


@pytest.mark.parametrize(
    ("lang", "unknown", "simulated"),
    [
        ("en", "known to a simulation only", "for what the simulation had"),
        ("zh", "只有仿真才知道", "按仿真中实际使用量"),
    ],
)
def test_the_contract_says_whether_what_is_bought_is_known(lang: Lang, unknown: str, simulated: str) -> None:
    def contract(scenario: Scenario, needs: Drivers) -> str:
        console = Console(file=io.StringIO(), width=200)
        console.print(bill_tables.contract(price(scenario, needs), lang))
        return console.file.getvalue()

    scenario = lever({"waiting": 1, "price": PRICE})
    needs = plan(scenario)
    before, after = (contract(scenario, dataclasses.replace(needs, simulated=known)) for known in (False, True))
    assert (unknown in before, simulated in before) == (True, False)
    assert (unknown in after, simulated in after) == (False, True)
    nothing_bought = contract(from_dict(small_tables()), plan(from_dict(small_tables())))
    by_plan = lever({**DATES, "price": {"per_hour_cny": 40.0}})  # all that is bought is planned
    for told in (nothing_bought, contract(by_plan, plan(by_plan))):
        assert unknown not in told
        assert simulated not in told


def test_agents_taken_from_another_group_stay_in_its_heads() -> None:
    """By dates the plan moves the hours; a threshold moves nobody in the plan, and what it costs is not known."""
    without = plan(from_dict(small_tables()))
    taken = {"agents_from": "desk", "price": {"per_hour_cny": 40.0}}
    moved = plan(lever({**DATES, **taken}))
    assert moved.duty_h["partner"].sum() == pytest.approx(48 * 0.5)
    assert moved.duty_h["desk"].sum() == pytest.approx(31 * 24 * 2 * 0.9 - 48 * 0.9)
    called = plan(lever({"waiting": 1, **taken}))
    assert "partner" not in called.duty_h
    assert called.agents == pytest.approx(without.agents)
    assert called.seats_needed == without.seats_needed
    assert called.levers["partner.hours"].sum() == 0.0


@pytest.mark.parametrize("when", [DATES, {"waiting": 1}])
def test_seats_paid_by_the_hour_cost_nothing_but_the_price_of_who_sits_there(when: dict[str, Any]) -> None:
    """Seven seats of 10 m² for March: rent of 4 yuan for 16 days and 5 for 15, property 20, licence 3,650 a year; by
    dates two days and nights of one agent half away, at half a kWh of 1 yuan.
    """
    plain = price(from_dict(small_tables()), plan(from_dict(small_tables())))

    def bill(paid: dict[str, str]) -> Bill:
        tables = lever_tables({**when, "price": {"per_hour_cny": 40.0}})
        tables["sites"] |= {"home": {"seats": 7, **paid}}
        tables["groups"]["partner"]["site"] = "home"
        return sim.price(from_dict(tables))

    by_hour, by_year = bill({"paid_by": "hour"}), bill({})
    for line in ("operation", "platform"):
        assert by_hour.line(line) == plain.line(line)
    assert (by_hour.drivers.seats, by_hour.drivers.seats_needed) == (5, 3)
    assert (by_year.drivers.seats, by_year.drivers.seats_needed) == (12, 4)
    power = 24 * 0.5 * 2 if when == DATES else 0.0
    more = {line: (by_year.line(line).wan - plain.line(line).wan) * 1e4 for line in ("operation", "platform")}
    assert more["operation"] == pytest.approx(70 * (16 * 4 + 15 * 5) + 70 * 20 + power * 0.5, abs=0.03)
    assert more["platform"] == pytest.approx(7 * 3650 * 31 / 365, abs=0.03)


def test_seats_paid_by_the_hour_are_for_groups_with_a_price() -> None:
    tables = lever_tables({"waiting": 1, "price": {"per_hour_cny": 40.0}})
    tables["sites"]["home"] = {"seats": 7, "paid_by": "hour"}
    tables["groups"]["partner"]["site"] = "home"
    from_dict(tables)
    tables["groups"]["desk"]["site"] = "home"
    del tables["groups"]["partner"]["activation"]["price"]
    with pytest.raises(ScenarioError) as refused:
        from_dict(tables)
    assert [fault.key for fault in refused.value.faults] == ["groups.desk.site", "groups.partner.site"]


def test_agents_that_another_group_lends_are_counted_once() -> None:
    """Two at the desk round the clock, one at the letters by day; three asked for of the two never come."""
    taken = {"waiting": 1, "agents_from": "desk"}
    two, three = lever(taken, 2), lever(taken, 3)
    assert size(two).agents_at_peak == size(three).agents_at_peak == 3
    assert size(lever({"waiting": 1}, 3)).agents_at_peak == 6
    assert not [note for note in notes(two, size(two)) if "asks for" in note]
    (told,) = (note for note in notes(three, size(three)) if "asks for" in note)
    assert told.startswith("groups.partner.on_duty asks for up to 3 agents and desk, whose agents they are, never")
    assert said(told, "zh").startswith("groups.partner.on_duty 要求至多 3 人，而人员来自 desk")
    # Too many at night alone is no mistake: as many come as there are.
    tables = lever_tables(taken, 2)
    tables["groups"]["desk"]["on_duty"] = {"all": [1] * 12 + [2] * 12}
    some = from_dict(tables)
    assert size(some).never_lent_whole == {}


def test_an_hour_of_overtime_in_the_surge_is_priced_by_the_stored_rates() -> None:
    """The mean agent's hour at 150 % and the contractor's overhead, as the bill has overtime in its plan; at home 8
    yuan more.
    """
    scenario = sim.load("winter-surge")
    assert scenario.cost is not None
    pay = scenario.cost.personnel
    mean = sum(grade.share * grade.wage_factor for grade in pay.grades.values())
    hour = pay.base_wage_cny_month * mean / pay.pay_hours_month * pay.overtime_multiple * (1 + pay.management_rate)
    prices = {name: group.activation.price for name, group in scenario.groups.items() if group.activation}
    assert prices["overtime"].per_hour_cny == round(hour, 2)
    assert prices["home"].per_hour_cny == pytest.approx(round(hour, 2) + 8.0)


def test_a_group_without_price_and_of_nobody_is_employed() -> None:
    """Nothing is free: who waits to be called in is paid by the hours of the table."""
    needs = plan(lever({"waiting": 3}))
    assert needs.duty_h["partner"].sum() == pytest.approx(31 * 24 * 0.5)
    assert needs.levers == {}


def test_a_run_prices_what_the_simulation_had() -> None:
    """Mean over two replications, from the measures of the group and the intervals; no absence, calls of 100 s."""
    tables = lever_tables({"waiting": 1, "minimum_h": 1, "price": PRICE})
    tables["groups"]["partner"]["absence"] = {"rate": 0.0}
    tables["groups"]["desk"]["on_duty"] = {"all": 1}
    scenario = from_dict(tables)
    result = sim.run(scenario, 2, jobs=1, engine="reference", first=dt.date(2021, 3, 2), last=dt.date(2021, 3, 5))
    assert result.bill is not None
    found = levers(result.bill)
    calls = result.groups["partner"]["answered"].mean
    assert calls is not None
    assert calls > 0
    assert found["levers.partner.calls"] == pytest.approx((calls, 5.0 * calls), abs=0.01)
    assert found["levers.partner.minutes"][0] == pytest.approx(calls * 100 / 60)
    rostered = result.duty[:, 2, 0] / 2 / 3_600_000
    assert found["levers.partner.hours"] == pytest.approx((rostered.sum(), 40.0 * rostered.sum()), abs=0.01)
    times = found["levers.partner.activations"][0]
    # On for an hour at least each time, and not always.
    assert 0 < times <= rostered.sum() < 4 * 24
    assert found["levers.partner.activations"][1] == pytest.approx(300.0 * times, abs=0.01)
    assert all(
        part.driver.endswith("as simulated")
        for part in result.bill.line("personnel").parts
        if part.key.startswith("levers.")
    )
    unsimulated = levers(sim.price(scenario))
    assert set(unsimulated) == set(found)
    assert all(quantity == cny == 0.0 for quantity, cny in unsimulated.values())


def test_the_work_of_levers_is_on_screen_beside_what_the_bill_has_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ten calls an hour of the plan, 5,000 yuan for each that the partner takes; a second group has no agents."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    tables = lever_tables({"waiting": 1, "minimum_h": 1, "price": {"per_call_cny": 5000.0}})
    tables["groups"]["partner"]["absence"] = {"rate": 0.0}
    tables["groups"]["desk"]["on_duty"] = {"all": 1}
    reserve = {"title": {"zh": "备用", "en": "the reserve"}, "on_duty": {"all": 0}, "activation": {"waiting": 9}}
    tables["groups"]["reserve"] = reserve
    tables["types"]["call"]["groups"].append("reserve")
    file = Path("called.toml")
    file.write_text(to_toml(from_dict(tables)), "utf-8")
    days = ["--from", "2021-03-02", "--to", "2021-03-03", "--replications", "1", "--engine", "reference"]
    assert main(["run", str(file), *days, "--out", "en"]) == 0
    summary = json.loads(Path("en/summary.json").read_text("utf-8"))
    partner = summary["groups"]["partner"]
    calls, hours = partner["answered"]["mean"], partner["on_duty_h"]["mean"]
    assert calls > 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["group", "hours", "on", "duty", "calls", "taken", "万元"] in rows
    assert ["partner", f"{hours:.0f}", "h", f"{calls:.0f}", f"{calls * 0.5:,.2f}"] in rows
    assert ["the", "reserve", "0", "h", "0", "–"] in rows
    assert not [row for row in rows if row[:1] == ["desk"]]
    assert main(["run", str(file), *days, "--out", "zh", "--lang", "zh"]) == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["组", "在岗小时", "接听量", "万元"] in rows
    assert ["备用", "0", "h", "0", "–"] in rows
    # Without money there is no amount, and no table without such groups.
    for table in ("cost", "workforce", "posts"):
        del tables[table]
    file.write_text(to_toml(from_dict(tables)), "utf-8")
    assert main(["run", str(file), *days, "--out", "free"]) == 0
    assert ["group", "hours", "on", "duty", "calls", "taken"] in [
        line.split() for line in capsys.readouterr().out.splitlines()
    ]
    assert main(["run", "one-day", "--replications", "1", "--engine", "reference"]) == 0
    assert "Groups that are called in" not in capsys.readouterr().out


@settings(max_examples=30, deadline=None)
@given(
    cut=st.integers(1, 30),
    used=st.lists(st.floats(0.0, 1e4), min_size=31, max_size=31),
)
def test_however_a_plan_is_cut_what_is_bought_sums_to_the_whole(cut: int, used: list[float]) -> None:
    scenario = lever({"waiting": 1, "price": PRICE})
    needs = plan(scenario)
    bought = {key: np.array(used) for key in needs.levers}
    needs = dataclasses.replace(needs, levers=bought, simulated=True)
    middle = dt.date(2021, 3, 1) + dt.timedelta(days=cut)
    halves = price(scenario, needs, last=middle - dt.timedelta(days=1)), price(scenario, needs, first=middle)
    for place, part in enumerate(price(scenario, needs).line("personnel").parts):
        assert sum(sum(half.line("personnel").parts[place].fen) for half in halves) == sum(part.fen)
