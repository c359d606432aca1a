import datetime as dt
import itertools
import math

import numpy as np
import pytest

from sim.demand.rates import expected_rates
from sim.demand.window import Window
from sim.scenario import Scenario
from sim.scenario.outcomes import on_the_spot
from sim.theory import answered_within_share, queue_measures
from sim.uniforms import ABSENCE_RATE, ABSENT, fold, name_word, stream_key, uniform
from sim.workforce.handling import handling_s
from sim.workforce.on_duty import planned, present

D = dt.date
MONDAY, SUNDAY = D(2020, 6, 22), D(2020, 6, 28)
RULE = {"rule": "erlang-a", "target": {"asa_s": 8.0}}
KIND = {
    "annual_contacts": 1_000_000.0,
    "groups": ["general"],
    "talk": {"exponential": {"mean_s": 200.0}},
    "patience": {"exponential": {"mean_s": 400.0}},
}
HOUR_SHAPE = [1.0] * 7 + [2.0, 3.0, 8.0, 9.0, 7.0, 4.0, 5.0, 7.0, 7.0, 6.0, 5.0, 3.0, 2.0, 2.0, 2.0, 1.0, 1.0]


def scenario(groups, types=None, start=MONDAY, end=SUNDAY, **more):
    groups = {name: {"on_duty": RULE, **group} for name, group in groups.items()}
    return Scenario.model_validate(
        {
            "schema": 1,
            "name": "test",
            "horizon": {"start": start, "end": end},
            "demand": {"shape": {"all": HOUR_SHAPE}},
            "types": {name: {**KIND, **kind} for name, kind in (types or {"enquiry": {}}).items()},
            "groups": groups,
            **more,
        }
    )


def plan(s):
    window = Window.of(s)
    return planned(s, window, expected_rates(s, window, known_only=True))


def test_tables_by_kind_of_day():
    # Monday to Wednesday; Dragon Boat Festival Thursday to Saturday; Sunday 28 June is worked in exchange.
    s = scenario(
        {
            "general": {"on_duty": {"workday": list(range(24)), "weekend": 3, "holiday": list(range(48))}},
            "expert": {"on_duty": {"all": 4, "weekend": 2}},
        },
        end=D(2020, 7, 4),
    )
    agents = plan(s).reshape(13, 96, 2)
    for day in (0, 1, 2, 6, 7, 11):
        assert agents[day, :, 0].tolist() == [slot // 4 for slot in range(96)]
        assert np.all(agents[day, :, 1] == 4)
    for day in (3, 4, 5):
        assert agents[day, :, 0].tolist() == [slot // 2 for slot in range(96)]
        assert np.all(agents[day, :, 1] == 4)
    assert np.all(agents[12] == [3, 2])  # Saturday


def test_a_window_is_a_part_of_the_whole():
    s = scenario({"general": {"absence": {"rate": 0.1, "cv": 0.5}}})
    whole, part = Window.of(s), Window.of(s, D(2020, 6, 24), D(2020, 6, 25))
    key = stream_key(1, 1)
    everything, _ = present(plan(s), s, whole, key)
    agents = planned(s, part, expected_rates(s, part))
    assert np.array_equal(agents, plan(s)[192:384])
    assert np.array_equal(present(agents, s, part, key)[0], everything[192:384])


def first_that_meets(target, arrivals_per_s, aht_s, patience_s):
    for n in itertools.count(1):
        q = queue_measures(arrivals_per_s, aht_s, n, patience_s=patience_s)
        if "asa_s" in target and q.asa_s <= target["asa_s"]:
            return n
        if "abandoned_share" in target and q.abandoned_share <= target["abandoned_share"]:
            return n
        if "answered_within_s" in target:
            share = answered_within_share(arrivals_per_s, aht_s, n, target["answered_within_s"], patience_s=patience_s)
            if share >= target["answered_within_share"]:
                return n
    raise AssertionError


@pytest.mark.parametrize(
    "target",
    [{"asa_s": 8.0}, {"abandoned_share": 0.02}, {"answered_within_s": 15.0, "answered_within_share": 0.9}],
)
def test_the_rule_is_brute_force_by_theory(target):
    s = scenario(
        {"general": {"on_duty": {"rule": "erlang-a", "target": target}}},
        {
            "enquiry": {
                "wrap": {"fixed": {"s": 45.0}},
                "wrap_work_order": {"fixed": {"s": 150.0}},
                "resolution": {"on_the_spot": 0.6},
            }
        },
        greeting={"ring_s": 3.0, "contained_share": 0.25},
    )
    rates = expected_rates(s, Window.of(s))[:, 0]
    agents = plan(s)[:, 0]
    aht = 3.0 + 200.0 + 0.6 * 45.0 + 0.4 * 150.0
    for slot in (0, 30, 37, 41, 60, 95, 3 * 96 + 40, 6 * 96 + 52):
        assert agents[slot] == first_that_meets(target, rates[slot] * 0.75 / 900.0, aht, 400.0)


def test_types_go_to_their_first_group_or_are_shared():
    s = scenario(
        {"general": {}, "expert": {"speed": 1.2}, "video": {}},
        {
            "enquiry": {"groups": ["general", "expert"], "annual_contacts": 3e6},
            "help": {
                "groups": ["expert", "general"],
                "talk": {"fixed": {"s": 300.0}},
                "wrap": {"fixed": {"s": 100.0}},
                "wrap_work_order": {"fixed": {"s": 200.0}},
                "resolution": {"on_the_spot": {"general": 0.1, "expert": 0.5}},
                "patience": {"exponential": {"mean_s": 100.0}, "immediate_share": 0.1},
            },
            "either": {"groups": ["general", "expert"], "routing": "longest_idle", "annual_contacts": 2e6},
            "sign": {"groups": ["video"], "annual_contacts": 0.0},
        },
        greeting={"ring_s": 5.0},
    )
    rates = expected_rates(s, Window.of(s))
    agents = plan(s)
    slot = 41
    enquiry, help_, either = rates[slot, :3] / 900.0
    general = enquiry + either / 2.0
    assert agents[slot, 0] == first_that_meets({"asa_s": 8.0}, general, 205.0, 400.0)
    expert = help_ + either / 2.0
    aht = 5.0 + 1.2 * (help_ * (300.0 + 0.5 * 100.0 + 0.5 * 200.0) + either / 2.0 * 200.0) / expert
    hangup = (help_ / 90.0 + either / 2.0 / 400.0) / expert
    assert agents[slot, 1] == first_that_meets({"asa_s": 8.0}, expert, aht, 1.0 / hangup)
    assert np.all(agents[:, 2] == 0)


def test_speed_changes_with_the_horizons_weeks():
    # The horizon begins on Monday 22 June; 1.0 holds in its first week, 2.0 from the week that begins on the 29th.
    speeds = [{"value": 1.0, "from": D(2020, 1, 1)}, {"value": 2.0, "from": D(2020, 6, 24)}]
    end = D(2020, 7, 5)
    s = scenario({"general": {"speed": speeds}}, end=end)
    slow, fast = (scenario({"general": {"speed": x}}, end=end) for x in (2.0, 1.0))
    week = 7 * 96
    assert np.array_equal(plan(s)[:week], plan(fast)[:week])
    assert np.array_equal(plan(s)[week:], plan(slow)[week:])
    assert not np.array_equal(plan(fast)[week:], plan(slow)[week:])


def test_patience_without_end_is_staffed_above_the_load():
    s = scenario({"general": {}}, {"enquiry": {"patience": {"never": True}}})
    load = expected_rates(s, Window.of(s))[:, 0] / 900.0 * 200.0
    assert np.all(plan(s)[:, 0] > load)


def test_margin_absence_minimum_and_maximum():
    slope = {
        "types": {"enquiry": {"annual_contacts": 6_000_000.0}},
        "demand": {"shape": {"all": [float(n) for n in range(1, 97)]}},
    }
    needed = plan(scenario({"general": {}}, **slope))[:, 0].tolist()
    assert {10, 20, 50} < set(needed)
    bounded = {"on_duty": {**RULE, "margin": 0.1, "minimum": 6, "maximum": 45}, "absence": {"rate": 0.04}}
    agents = plan(scenario({"general": bounded}, **slope))[:, 0].tolist()
    # n x 1.1 / 0.96, upwards, in whole numbers: 10 per cent more than 50 is 55, not 55.00000000000001.
    assert agents == [min(45, max(6, -(-n * 110 // 96))) for n in needed]
    margin = plan(scenario({"general": {"on_duty": {**RULE, "margin": 0.1}}}, **slope))[:, 0].tolist()
    assert margin == [-(-n * 11 // 10) for n in needed]


def test_the_rule_rises_with_the_rate():
    s = scenario({"general": {}})
    rates, agents = expected_rates(s, Window.of(s))[:, 0], plan(s)[:, 0]
    order = np.argsort(rates, kind="stable")
    assert np.all(np.diff(agents[order]) >= 0)


def slow_present(agents, s, key):
    """Absence and seats, one agent and one slot at a time, from the keys of the rule."""
    there = agents.copy()
    capped = np.zeros(len(agents), bool)
    first = (s.horizon.start - D(2000, 1, 1)).days
    for row in range(agents.shape[0]):
        day = first + row // 96
        for g, (name, group) in enumerate(s.groups.items()):
            own = np.uint64(fold(key, name_word(name)))
            rate = group.absence.rate
            if group.absence.cv:
                from scipy.stats import lognorm

                sigma = math.sqrt(math.log(1 + group.absence.cv**2))
                u = uniform(np.uint64(fold(own, ABSENCE_RATE)), day)
                rate *= lognorm(sigma, scale=math.exp(-(sigma**2) / 2)).ppf(u)
            draws = np.uint64(fold(own, ABSENT))
            for k in range(agents[row, g]):
                there[row, g] -= uniform(draws, day * 2**20 + k) < rate
        free = {name: site.seats for name, site in s.sites.items()}
        short = False
        for g, group in enumerate(s.groups.values()):
            if group.site is not None:
                short |= there[row, g] > free[group.site]
                there[row, g] = min(there[row, g], free[group.site])
                free[group.site] -= there[row, g]
        capped[row] = short
    return there, capped


def test_twin_of_absence_and_seats():
    s = scenario(
        {
            "a": {"site": "main", "absence": {"rate": 0.2, "cv": 0.8}, "on_duty": {"all": [3, 5, 9, 12] * 6}},
            "b": {"site": "annex", "absence": {"rate": 0.1}, "on_duty": {"all": [4, 6] * 12}},
            "c": {"site": "main", "on_duty": {"all": [2, 3, 4] * 8}},
            "d": {"absence": {"rate": 0.5}, "on_duty": {"all": 7}},
        },
        {"enquiry": {"groups": ["a", "b", "c", "d"]}},
        end=D(2020, 6, 24),
        sites={"main": {"seats": 9}, "annex": {"seats": 5}},
    )
    agents = plan(s)
    there, capped = present(agents, s, Window.of(s), stream_key(9, 3))
    slow, slow_capped = slow_present(agents, s, stream_key(9, 3))
    assert np.array_equal(there, slow)
    assert np.array_equal(capped, slow_capped)
    assert 0 < capped.sum() < 3 * 96


def test_seats_are_taken_in_declared_order():
    s = scenario(
        {name: {"site": "main", "on_duty": {"all": n}} for name, n in (("z", 4), ("a", 5), ("m", 2))},
        {"enquiry": {"groups": ["a", "m", "z"]}},
        sites={"main": {"seats": 7}},
    )
    there, capped = present(plan(s), s, Window.of(s), stream_key(1, 1))
    assert np.all(there == [4, 3, 0])
    assert capped.shape == (7 * 96,)
    assert np.all(capped)


def absence_counts(rate, cv, agents=200):
    s = scenario(
        {"general": {"absence": {"rate": rate, "cv": cv}, "on_duty": {"all": agents}}},
        start=D(2020, 1, 1),
        end=D(2020, 12, 31),
    )
    window = Window.of(s)
    there = np.array([present(plan(s), s, window, stream_key(4, r))[0][:, 0] for r in range(20)])
    days = there.reshape(20, 366, 96)
    assert np.all(days == days[:, :, :1])  # absent for the whole day
    return agents - days[:, :, 0]


def test_absence_has_its_rate_and_variation():
    binomial = absence_counts(0.04, 0.0)
    assert abs(binomial.mean() / 200 - 0.04) < 4 * math.sqrt(0.04 * 0.96 / 200 / binomial.size)
    assert binomial.var() == pytest.approx(200 * 0.04 * 0.96, rel=0.07)
    flu = absence_counts(0.04, 0.5)
    # Var = E[np(1-p)] + n² Var(p), p with mean .04 and deviation .02.
    variance = 200 * (0.04 - 0.04**2 - 0.02**2) + 200**2 * 0.02**2
    assert abs(flu.mean() - 8.0) < 4 * math.sqrt(variance / flu.size)
    assert flu.var() == pytest.approx(variance, rel=0.12)


def test_all_or_nobody_absent():
    everybody = scenario({"general": {"absence": {"rate": 1.0}, "on_duty": {"all": 5}}})
    assert np.all(present(plan(everybody), everybody, Window.of(everybody), stream_key(1, 1))[0] == 0)
    nobody = scenario({"general": {"on_duty": {"all": 5}}})
    assert np.all(present(plan(nobody), nobody, Window.of(nobody), stream_key(1, 1))[0] == 5)


def test_one_groups_absence_does_not_depend_on_another():
    own = {"absence": {"rate": 0.3, "cv": 0.5}, "on_duty": {"all": 20}}
    key = stream_key(8, 8)
    alone = scenario({"b": own}, {"enquiry": {"groups": ["b"]}})
    beside = scenario({"a": own, "b": own}, {"enquiry": {"groups": ["a", "b"]}})
    one = present(plan(alone), alone, Window.of(alone), key)[0]
    two = present(plan(beside), beside, Window.of(beside), key)[0]
    assert np.array_equal(one[:, 0], two[:, 1])
    assert not np.array_equal(two[:, 0], two[:, 1])
    # More on the roster leaves the absences of the others as they were.
    more = scenario({"b": {**own, "on_duty": {"all": 21}}}, {"enquiry": {"groups": ["b"]}})
    extra = present(plan(more), more, Window.of(more), key)[0][:, 0] - one[:, 0]
    assert set(extra.tolist()) == {0, 1}


def test_a_group_that_goes_by_dates_is_there_only_between_them():
    dates = {"from": dt.datetime(2020, 6, 23, 22, 45), "to": dt.datetime(2020, 6, 24, 1)}
    s = scenario(
        {"general": {"on_duty": {"all": 3}}, "night": {"on_duty": {"all": 5}, "activation": dates}},
        {"enquiry": {"groups": ["general", "night"]}},
    )
    night = plan(s)[:, 1]
    assert night[96 + 91 : 192 + 4].tolist() == [5] * 9
    assert night.sum() == 9 * 5
    # The same through a part of the days.
    part = Window.of(s, D(2020, 6, 24), D(2020, 6, 24))
    assert planned(s, part, expected_rates(s, part))[:, 1].tolist() == [5] * 4 + [0] * 92


def test_agents_that_come_from_another_group_by_dates_are_missing_there():
    dates = {"from": dt.datetime(2020, 6, 22, 8), "to": dt.datetime(2020, 6, 22, 9), "agents_from": "desk"}
    s = scenario(
        {"helpers": {"on_duty": {"all": 5}, "activation": dates}, "desk": {"on_duty": {"all": [7, 4, 3] * 8}}},
        {"enquiry": {"groups": ["helpers", "desk"]}},
    )
    agents = plan(s)
    # At 8 o'clock 3 are at the desk: all of them go.
    assert agents[32:36].tolist() == [[3, 0]] * 4
    assert agents[36].tolist() == [0, 7]
    assert agents[:, 0].sum() == 12


def test_agents_called_from_a_group_of_the_site_keep_their_seats():
    call = {"waiting": 3, "agents_from": "desk"}
    s = scenario(
        {
            "desk": {"site": "main", "on_duty": {"all": 4}},
            "helpers": {"site": "main", "on_duty": {"all": 3}, "activation": call},
            "late": {"site": "main", "on_duty": {"all": 2}, "activation": {"waiting": 3}},
        },
        {"enquiry": {"groups": ["desk", "helpers", "late"]}},
        sites={"main": {"seats": 5}},
    )
    there, capped = present(plan(s), s, Window.of(s), stream_key(1, 1))
    assert np.all(there == [4, 3, 1])
    assert np.all(capped)


def test_the_rule_counts_novices_and_transfers():
    # Consulting: half of the calls, 60 s each; wrap-up of 200 s, only after work orders: none on the spot by novices.
    spot = {"resolution": {"on_the_spot": 1.0}, "wrap_work_order": {"fixed": {"s": 200.0}}}
    plain = scenario({"general": {}}, {"enquiry": spot})
    transfer = {"share": 0.5, "consult": {"fixed": {"s": 90.0}}, "leaves_after_s": 60.0, "on_the_spot": 0.2}
    more = scenario(
        {"general": {"novice_share": 0.4}},
        {"enquiry": {**spot, "transfer": transfer}},
        quality={"novice_on_the_spot_loss": 0.5},
    )
    assert handling_s(plain, plain.types["enquiry"], "general") == pytest.approx(200.0)
    assert on_the_spot(more, more.types["enquiry"], "general") == pytest.approx(0.5 * 0.8 + 0.5 * 0.2)
    assert handling_s(more, more.types["enquiry"], "general") == pytest.approx(200.0 + 30.0 + 0.5 * 200.0)
    assert plan(more).sum() > plan(plain).sum()
