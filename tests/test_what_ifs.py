"""The shipped what-ifs: a winter surge and its levers, the loop from staffing to load, blended work."""

import datetime as dt

import polars as pl
import pytest
from test_scenario_text import shipped

import sim
from sim.report import what_if_figures, what_ifs
from sim.scenario import unsourced
from sim.verbs import notes, size, warnings

LEVERS = {
    "overtime": "overtime",
    "back-office": "back_office",
    "home": "home",
    "second-site": "second_site",
    "partner": "partner",
}
SURGE = dt.date(2020, 11, 23), dt.date(2020, 12, 27)


def without(scenario, groups):
    """Return a scenario's tables less its name and sources, and less who is on duty in some groups."""
    tables = scenario.model_dump(exclude={"name", "title", "sources"})
    for group in groups:
        del tables["groups"][group]["on_duty"]
    return tables


@pytest.mark.parametrize("name", sorted(name for name in shipped() if name.startswith(("winter-surge", "blended"))))
def test_a_what_if_has_no_warning_and_a_source_for_each_number(name):
    scenario = sim.load(name)
    assert unsourced(scenario) == []
    assert list(warnings(scenario)) == []
    assert list(notes(scenario, size(scenario))) == []


def test_each_lever_switches_on_one_group_and_all_switch_on_all():
    base, every = sim.load("winter-surge"), sim.load("winter-surge-all")
    for file, group in LEVERS.items():
        lever = sim.load(f"winter-surge-{file}")
        assert without(lever, [group]) == without(base, [group])
        assert lever.groups[group].on_duty == every.groups[group].on_duty != base.groups[group].on_duty
        assert base.groups[group].activation.price.is_given
    assert without(every, LEVERS.values()) == without(base, LEVERS.values())


def test_the_surge_is_no_part_of_the_plan():
    drivers = sim.price("winter-surge").drivers
    by_day = sum(drivers.phone.values())
    assert by_day[-39:-4].sum() == pytest.approx(by_day[-74:-39].sum(), rel=0.1)
    assert sum(drivers.phone.values()).sum() == pytest.approx(
        sum(sim.price("shanghai-2020").drivers.phone.values()).sum(), rel=0.005
    )


def test_in_the_surge_connection_falls_to_what_real_hotlines_reported():
    first, last = SURGE
    result = sim.run("winter-surge", 1, first=first, last=last, by="week", jobs=1)
    rates = [week.measures["connection_rate"].mean for week in result.others]
    assert min(rates) == rates[2]
    assert all(0.60 <= rate <= 0.88 for rate in rates)
    assert all(0.60 <= rate <= 0.85 for rate in rates[1:4])
    hours = what_ifs.hours(result)
    assert (hours["offered"] == hours["first_attempts"] + hours["redials"] + hours["repeats"]).all()
    assert len(hours) == 35 * 24


def test_levers_come_with_the_surge_each_at_its_notice():
    result = sim.run("winter-surge-all", 1, first=dt.date(2020, 11, 16), last=dt.date(2020, 11, 26), jobs=1)
    hours = {(row["date"], row["group"]): row["on_duty_h"] for row in what_ifs.lever_hours(result).to_dicts()}

    def day(number, group):
        return hours[dt.date(2020, 11, number), group]

    assert all(day(n, group) == 0.0 for n in range(16, 23) for group in LEVERS.values())
    # Three hours at most at a time, with two cohorts a day.
    assert 0.0 < day(23, "overtime") < 6.5 * 25
    assert day(23, "partner") == 0.0 < day(24, "partner")
    assert day(25, "second_site") == 0.0 < day(26, "second_site")


def test_the_tables_and_figures_of_a_short_surge():
    days = {"first": dt.date(2020, 12, 8), "last": dt.date(2020, 12, 10), "jobs": 1}
    results = {
        "none": sim.run("winter-surge", 1, **days),
        "desk": sim.run("winter-surge-back-office", 1, **days),
    }
    table = what_ifs.levers(results, "none")
    assert table["extra_cny"][0] is None
    assert table["lever_wan"][0] == 0.0
    assert table["connection_rate"][1] > table["connection_rate"][0]
    assert table["tasks_left"][1] > table["tasks_left"][0]
    # An allowance of 5 yuan an hour of the roster, and tax.
    hours = results["desk"].groups["back_office"]
    rostered_h = hours["on_duty_h"].mean - hours["overrun_h"].mean
    assert table["lever_wan"][1] == pytest.approx(rostered_h * 5.0 / 1e4 * 1.07186, rel=1e-3)
    assert set(what_if_figures.surge(results, "none", "desk")) == {"hours", "levers", "backlog"}


def test_fewer_agents_bring_more_calls_and_less_than_one_for_each_that_failed():
    def run(margin):
        change = f"groups.general.on_duty.margin={margin}"
        scenario = sim.load("shanghai-2020", [change])
        return sim.run(scenario, 1, first=dt.date(2020, 5, 11), last=dt.date(2020, 5, 13), jobs=1)

    table = what_ifs.loop({margin: run(margin) for margin in (-0.3, -0.15, 0.0)}, "margin")
    assert table["load_factor"].is_sorted(descending=True)
    assert table["connection_rate"].is_sorted()
    assert table["feedback"].drop_nulls().is_between(0.3, 0.51).all()
    assert what_if_figures.loop({"": table}, "margin", "agents").axes[1].get_title("left") == "connection rate"


def test_blended_work_is_done_by_the_general_agents_and_calls_wait_for_it():
    days = {"first": dt.date(2020, 5, 11), "last": dt.date(2020, 5, 15), "jobs": 1}
    results = {name: sim.run(name, 1, **days) for name in ("shanghai-2020", "blended")}
    apart, blended = (results[name] for name in results)
    assert apart.groups["general"]["task_h"].mean == 0.0 < blended.groups["general"]["task_h"].mean
    table = what_ifs.blending(results)
    assert table["asa_s"][1] > table["asa_s"][0]
    assert table["heads"][1] < table["heads"][0]


def test_excess_is_nothing_without_a_shock():
    result = sim.run("one-day", 1, jobs=1)
    assert what_ifs.excess(result, result)["excess"].to_list() == [0.0]
    assert what_if_figures.recovery({"no shock": pl.DataFrame({"date": [dt.date(2020, 1, 1)], "excess": [0.0]})}).axes
