import datetime as dt

import numpy as np
import pytest

from sim.calendar import day_kinds
from sim.demand.rates import expected_rates, surge_extra
from sim.demand.window import Window
from sim.scenario import Scenario
from sim.terms import DAY_KINDS

D = dt.date
YEAR = (D(2020, 1, 1), D(2020, 12, 31))
TALK = {"fixed": {"s": 60.0}}
HOUR_SHAPE = [0.0] * 7 + [1.0, 3.0, 8.0, 9.0, 7.0, 4.0, 5.0, 7.0, 7.0, 6.0, 5.0, 3.0, 2.0, 2.0, 2.0, 1.0, 0.0]
DAY = {
    "monday": 1.13,
    "saturday": 0.8,
    "sunday": 0.75,
    "holiday": 0.55,
    "spring_festival": 0.25,
    "make_up_workday": 0.95,
}
MONTH = [0.9, 0.8, 1.0, 1.1, 1.0, 1.05, 1.2, 1.15, 1.0, 0.9, 0.95, 1.0]


def scenario(horizon=YEAR, warm_up_days=0, types=None, calendar=None, **demand):
    kind = {"groups": ["all"], "talk": TALK, "patience": {"never": True}}
    types = types or {"enquiry": {"annual_contacts": 1_640_000.0}, "help": {"annual_contacts": 1_000_000.0}}
    return Scenario.model_validate(
        {
            "schema": 1,
            "name": "test",
            "horizon": {"start": horizon[0], "end": horizon[1], "warm_up_days": warm_up_days},
            "calendar": calendar or {},
            "demand": demand,
            "types": {name: {**kind, **own} for name, own in types.items()},
            "groups": {"all": {"on_duty": {"all": 5}}},
        }
    )


def patterned(**more):
    return scenario(month=MONTH, day=DAY, shape={"all": HOUR_SHAPE, "weekend": [1.0] * 48}, **more)


def surge(first, last, multiplier, **more):
    return {"name": "storm", "from": first, "to": last, "multiplier": multiplier, **more}


def test_the_year_adds_up_to_the_stated_volume():
    rates = expected_rates(s := patterned(growth=0.08), Window.of(s))
    assert rates.shape == (366 * 96, 2)
    assert rates.sum(axis=0) == pytest.approx([1_640_000 * 1.08, 1_000_000 * 1.08], rel=1e-9)


def test_each_calendar_year_has_the_volume():
    s = patterned(horizon=(D(2019, 7, 1), D(2021, 6, 30)))
    first, second = (
        expected_rates(s, Window.of(s)),
        expected_rates(s, Window.of(s, D(2020, 1, 1), D(2020, 12, 31))),
    )
    assert second[:, 0].sum() == pytest.approx(1_640_000, rel=1e-9)
    assert np.array_equal(first[184 * 96 : (184 + 366) * 96], second)


def test_a_slot_has_the_same_rate_whatever_the_window():
    s = patterned(warm_up_days=3, surge=[surge(dt.datetime(2020, 8, 4, 6), dt.datetime(2020, 8, 5, 18), 2.0)])
    whole = expected_rates(s, Window.of(s))
    part = Window.of(s, D(2020, 8, 2), D(2020, 8, 4))
    start = (D(2020, 7, 30) - D(2019, 12, 29)).days * 96
    assert part.rows == 6 * 96
    assert np.array_equal(expected_rates(s, part), whole[start : start + part.rows])
    # A window may even begin within a day.
    odd = Window(part.first_slot + 41, 100, 7)
    assert np.array_equal(expected_rates(s, odd), whole[start + 41 : start + 148])


def test_a_few_days_by_hand():
    # 2021: January and the days' weights only, the shape flat but on weekends: 4 hours from 08 to 12.
    morning = [0.0] * 8 + [1.0] * 4 + [0.0] * 12
    s = scenario(
        horizon=(D(2021, 1, 1), D(2021, 1, 31)),
        types={"a": {"annual_contacts": 1000.0}},
        month=[1.0] + [0.0] * 11,
        day={"monday": 2.0, "saturday": 0.5, "sunday": 0.5, "holiday": 0.0},
        shape={"workday": [1.0] * 24, "weekend": morning, "holiday": [1.0] * 24},
    )
    # 1-3 January are the holiday; then four whole weeks.
    total = 4 * (2.0 + 4 * 1.0 + 2 * 0.5)
    rates = expected_rates(s, Window.of(s))[:, 0].reshape(31, 96)
    assert np.all(rates[:3] == 0.0)
    assert rates[3] == pytest.approx(np.full(96, 1000 * 2.0 / total / 96))
    assert rates[4] == pytest.approx(np.full(96, 1000 * 1.0 / total / 96))
    saturday = np.zeros(96)
    saturday[32:48] = 1000 * 0.5 / total / 16
    assert rates[8] == pytest.approx(saturday)


def test_kinds_of_day_of_2020_by_hand():
    s = patterned()
    rates = expected_rates(s, Window.of(s))[:, 0].reshape(366, 96)
    day = {d: rates[(d - D(2020, 1, 1)).days] for d in (D(2020, 1, 13), D(2020, 1, 19), D(2020, 1, 26), D(2020, 7, 5))}
    kinds = day_kinds(D(2020, 1, 13), D(2020, 1, 26), s.calendar)
    assert [kinds[0], kinds[6], kinds[13]] == ["monday", "make_up_workday", "spring_festival"]
    monday = day[D(2020, 1, 13)].sum()
    assert day[D(2020, 1, 19)].sum() / monday == pytest.approx(0.95 / 1.13)  # a Sunday worked for the festival
    assert day[D(2020, 1, 26)].sum() / monday == pytest.approx(0.25 / 1.13)
    assert day[D(2020, 7, 5)].sum() / monday == pytest.approx(0.75 * 1.2 / (1.13 * 0.9))
    # The weekend is flat; a workday's hour 10 has 9 of 73, each quarter a quarter of that.
    assert day[D(2020, 7, 5)] == pytest.approx(np.full(96, day[D(2020, 7, 5)].sum() / 96))
    assert day[D(2020, 1, 13)][40:44] == pytest.approx(np.full(4, monday * 9 / sum(HOUR_SHAPE) / 4))


def test_plain_rates_are_contacts_an_hour_every_day():
    per_hour = [float(h) for h in range(48)]
    s = patterned(types={"plain": {"per_hour": per_hour}, "year": {"annual_contacts": 366.0}})
    rates = expected_rates(s, Window.of(s))[:, 0].reshape(366, 96)
    assert np.array_equal(rates, np.tile(np.repeat(per_hour, 2) / 4.0, (366, 1)))
    grown = patterned(types={"plain": {"per_hour": per_hour}}, growth=0.5)
    assert expected_rates(grown, Window.of(grown))[:96, 0] == pytest.approx(1.5 * rates[0])


FROM, TO = dt.datetime(2020, 8, 4, 6), dt.datetime(2020, 8, 5, 18, 15)
START = (D(2020, 8, 4) - D(2020, 1, 1)).days * 96


def test_a_surge_adds_its_multiplier_less_one():
    calm = patterned()
    s = patterned(surge=[surge(FROM, TO, 2.5, types=["help"])])
    base, rates = expected_rates(calm, Window.of(calm)), expected_rates(s, Window.of(s))
    inside = slice(START + 24, START + 96 + 73)
    expected = np.zeros_like(base)
    expected[inside, 1] = 1.5 * base[inside, 1]
    assert rates == pytest.approx(base + expected, rel=1e-12)
    assert surge_extra(s, Window.of(s)) == pytest.approx(expected, rel=1e-12)


def test_unknown_surges_are_not_planned_for():
    unknown = surge(FROM, TO, 2.0)
    known = surge(dt.datetime(2020, 3, 2), dt.datetime(2020, 3, 3), 3.0, known=True) | {"name": "campaign"}
    s, only_known, calm = patterned(surge=[unknown, known]), patterned(surge=[known]), patterned()
    window = Window.of(s)
    assert np.array_equal(expected_rates(s, window, known_only=True), expected_rates(only_known, Window.of(only_known)))
    assert surge_extra(s, window, known_only=True).sum() == pytest.approx(
        2.0 * expected_rates(calm, window)[61 * 96 : 62 * 96].sum()
    )


def test_a_surge_with_its_own_shape():
    night = [4.0] * 6 + [0.0] * 17 + [1.0]
    calm, s = patterned(), patterned(surge=[surge(FROM, TO, 3.0, shape=night)])
    base = expected_rates(calm, Window.of(calm))
    extra = surge_extra(s, Window.of(s))
    first, second = slice(START + 24, START + 96), slice(START + 96, START + 96 + 73)
    assert extra[first].sum(axis=0) == pytest.approx(2.0 * base[first].sum(axis=0))
    assert extra[second].sum(axis=0) == pytest.approx(2.0 * base[second].sum(axis=0))
    assert extra.sum() == pytest.approx(2.0 * (base[first].sum() + base[second].sum()))
    # 4 August from 6 on: only hour 23 has weight; 5 August until 18:15: hours 0 to 5, evenly.
    assert extra[START + 92 : START + 96, 0] == pytest.approx(np.full(4, 2.0 * base[first, 0].sum() / 4))
    assert extra[START + 96 : START + 120, 0] == pytest.approx(np.full(24, 2.0 * base[second, 0].sum() / 24))


def test_where_its_own_shape_has_no_weight_a_surge_follows_the_day():
    noon = [0.0] * 12 + [1.0] + [0.0] * 11
    calm, s = patterned(), patterned(surge=[surge(FROM, dt.datetime(2020, 8, 4, 9), 3.0, shape=noon)])
    base = expected_rates(calm, Window.of(calm))
    inside = slice(START + 24, START + 36)
    extra = surge_extra(s, Window.of(s))
    assert extra[inside] == pytest.approx(2.0 * base[inside])
    assert extra.sum() == pytest.approx(2.0 * base[inside].sum())


def test_surges_add_up_and_never_take_more_than_there_is():
    calm = patterned()
    low = [surge(FROM, TO, 0.2) | {"name": n} for n in "ab"]
    s = patterned(surge=low)
    rates = expected_rates(s, Window.of(s))
    assert rates.min() == 0.0
    assert np.all(rates[START + 24 : START + 169] == 0.0)
    high = [surge(FROM, TO, 2.0) | {"name": n} for n in "ab"]
    double = patterned(surge=high)
    base = expected_rates(calm, Window.of(calm))[START + 40]
    assert expected_rates(double, Window.of(double))[START + 40] == pytest.approx(3.0 * base)


def test_a_year_without_any_weight_is_refused():
    s = scenario(day=dict.fromkeys(set(DAY_KINDS) - {"spring_festival"}, 0.0), calendar={"country": "none"})
    with pytest.raises(ValueError, match=r"demand\.day"):
        expected_rates(s, Window.of(s))


def test_window():
    s = scenario(warm_up_days=2)
    whole = Window.of(s)
    assert (whole.first_slot, whole.slots, whole.warm_slots, whole.rows) == (-192, 366 * 96, 192, 368 * 96)
    part = Window.of(s, D(2020, 3, 1), D(2020, 3, 1))
    assert (part.first_slot, part.slots, part.warm_slots) == (58 * 96, 96, 192)
    assert part.days(s) == [D(2020, 2, 28), D(2020, 2, 29), D(2020, 3, 1)]
    assert part.absolute_slots(s)[0] == (D(2020, 2, 28) - D(2000, 1, 1)).days * 96
    with pytest.raises(ValueError, match="horizon"):
        Window.of(s, D(2020, 3, 2), D(2020, 3, 1))
    with pytest.raises(ValueError, match="horizon"):
        Window.of(s, D(2019, 12, 31))


def written(own_shape=None, **more):
    """Return a year with one type and two kinds of written contact, in the file's order around another task."""
    task = {"groups": ["all"], "handling": TALK, "due": {"hours": 24.0}}
    tables = {
        "letters": {"annual_contacts": 366_000.0, "shape": own_shape, **task},
        "review": {"after": ({"event": "work_order"},), **task},
        "app": {"per_hour": [8.0] * 24, **task},
    }
    plain = scenario(types={"enquiry": {"annual_contacts": 366_000.0}}, calendar={"country": "none"}, **more)
    return Scenario.model_validate({**plain.model_dump(by_alias=True), "tasks": tables})


def test_written_contacts_have_columns_after_the_types_only_where_asked_for():
    s = written(growth=0.1)
    window = Window.of(s)
    calls, both = expected_rates(s, window), expected_rates(s, window, written=True)
    assert calls.shape == (366 * 96, 1)
    assert np.array_equal(both[:, :1], calls)
    # Every day alike: 1,000 a day before growth, spread evenly; and 2 a quarter of an hour.
    assert both[:, 1] == pytest.approx(np.full(366 * 96, 1.1 * 1000 / 96))
    assert both[:, 2] == pytest.approx(np.full(366 * 96, 1.1 * 2.0))


def test_written_contacts_may_have_a_shape_of_their_own():
    s = written({"all": [0.0] * 23 + [1.0], "weekend": [1.0] * 24}, shape={"all": HOUR_SHAPE})
    rates = expected_rates(s, Window.of(s), written=True).reshape(366, 96, 3)
    wednesday, saturday = rates[0], rates[3]
    assert wednesday[:, 1] == pytest.approx(np.append(np.zeros(92), np.full(4, 250.0)))
    assert saturday[:, 1] == pytest.approx(np.full(96, 1000 / 96))
    assert wednesday[:, 0] == pytest.approx(np.repeat(HOUR_SHAPE, 4) * 1000 / 4 / sum(HOUR_SHAPE))


def test_a_surge_strikes_written_contacts_too_unless_it_names_others():
    calm, all_of_them = written(), written(surge=[surge(FROM, TO, 2.0)])
    window = Window.of(calm)
    base = expected_rates(calm, window, written=True)
    assert expected_rates(all_of_them, window, written=True)[START + 30] == pytest.approx(2.0 * base[START + 30])
    some = expected_rates(written(surge=[surge(FROM, TO, 2.0, types=["app"])]), window, written=True)
    assert some[START + 30] == pytest.approx(base[START + 30] * [1.0, 1.0, 2.0])
    # What surges add to calls says nothing of letters.
    assert surge_extra(all_of_them, window).shape == (366 * 96, 1)
