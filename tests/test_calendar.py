import datetime as dt
from dataclasses import dataclass, field

import chinese_calendar
import pytest

from sim import calendar
from sim.calendar import calendar_warnings, day_kinds, shape_kind, statutory_pay_days
from sim.terms import DAY_KINDS

D = dt.date
AS_PLANNED = {D(2020, 1, 31): "workday", D(2020, 2, 1): "make_up_workday", D(2020, 2, 2): "weekend"}


@dataclass
class Table:
    country: str = "CN"
    days: dict = field(default_factory=dict)


def kinds(first, last, table):
    days = [first + dt.timedelta(days=n) for n in range((last - first).days + 1)]
    return dict(zip(days, day_kinds(first, last, table), strict=True))


def span(*ends):
    return {ends[0] + dt.timedelta(days=n) for n in range((ends[-1] - ends[0]).days + 1)}


# The notice of 21 November 2019 (国办发明电〔2019〕16号).
SPRING_2020 = span(D(2020, 1, 24), D(2020, 1, 30))
HOLIDAYS_2020 = (
    span(D(2020, 1, 1))
    | span(D(2020, 4, 4), D(2020, 4, 6))
    | span(D(2020, 5, 1), D(2020, 5, 5))
    | span(D(2020, 6, 25), D(2020, 6, 27))
    | span(D(2020, 10, 1), D(2020, 10, 8))
)
MAKE_UP_2020 = {
    D(2020, 1, 19),
    D(2020, 2, 1),
    D(2020, 4, 26),
    D(2020, 5, 9),
    D(2020, 6, 28),
    D(2020, 9, 27),
    D(2020, 10, 10),
}


def test_2020_as_planned_in_2019():
    year = kinds(D(2020, 1, 1), D(2020, 12, 31), Table(days=AS_PLANNED))
    assert {day for day, kind in year.items() if kind == "spring_festival"} == SPRING_2020
    assert {day for day, kind in year.items() if kind == "holiday"} == HOLIDAYS_2020
    assert {day for day, kind in year.items() if kind == "make_up_workday"} == MAKE_UP_2020
    assert year[D(2020, 1, 31)] == "friday"
    assert year[D(2020, 2, 2)] == "sunday"
    for day, kind in year.items():
        if day not in SPRING_2020 | HOLIDAYS_2020 | MAKE_UP_2020:
            assert kind == DAY_KINDS[day.weekday()]


def test_2020_as_it_became_has_the_extension():
    year = kinds(D(2020, 1, 20), D(2020, 2, 5), Table())
    assert {day for day, kind in year.items() if kind == "spring_festival"} == span(D(2020, 1, 24), D(2020, 2, 2))


def test_a_day_is_of_the_same_kind_whatever_span_is_asked_for():
    whole = kinds(D(2019, 1, 1), D(2021, 12, 31), Table())
    for day, kind in whole.items():
        assert day_kinds(day, day, Table()) == [kind], day


def test_new_year_of_2023_begins_in_the_old_year():
    assert day_kinds(D(2022, 12, 30), D(2023, 1, 3), Table()) == [
        "friday",
        "holiday",
        "holiday",
        "holiday",
        "tuesday",
    ]


# Worked in exchange for 3 January 2006, by the notice for 2006; chinesecalendar's 2005 does not have it.
KNOWN_DISAGREEMENT = {D(2005, 12, 31)}
# "放假, 与周末连休" (off, together with the weekend): these notices do not count the weekend as holiday,
# though other years' do with the same days off. Here a weekend that touches a holiday belongs to it.
BESIDE_A_MONDAY = span(D(2018, 6, 16), D(2018, 6, 17)) | span(D(2018, 9, 22), D(2018, 9, 23))
BESIDE_A_MONDAY |= span(D(2024, 6, 8), D(2024, 6, 9))


@pytest.mark.parametrize("year", range(2004, 2027))
def test_days_off_agree_with_chinesecalendar(year):
    off = {"saturday", "sunday", "holiday", "spring_festival"}
    differing = {
        day
        for day, kind in kinds(D(year, 1, 1), D(year, 12, 31), Table()).items()
        if (kind in off) != chinese_calendar.is_holiday(day)
    }
    assert differing == {day for day in KNOWN_DISAGREEMENT if day.year == year}


@pytest.mark.parametrize("year", range(2018, 2027))
def test_stretches_agree_with_chinesecalendar(year):
    for day, kind in kinds(D(year, 1, 1), D(year, 12, 31), Table()).items():
        if day in BESIDE_A_MONDAY:
            assert kind == "holiday"
            continue
        named = chinese_calendar.constants.holidays.get(day)
        assert (kind in ("holiday", "spring_festival")) == (named is not None), day
        assert (kind == "spring_festival") == (named == "Spring Festival"), day


def test_overrides():
    days = {
        D(2021, 3, 1): "weekend",  # a Monday
        D(2021, 3, 6): "weekend",  # a Saturday
        D(2021, 3, 7): "workday",  # a Sunday
        D(2021, 3, 9): "workday",  # a Tuesday
        D(2021, 3, 10): "holiday",
        D(2021, 3, 11): "spring_festival",
    }
    found = kinds(D(2021, 3, 1), D(2021, 3, 13), Table(days=days))
    assert found[D(2021, 3, 1)] == "sunday"
    assert found[D(2021, 3, 6)] == "saturday"
    assert found[D(2021, 3, 7)] == "make_up_workday"
    assert found[D(2021, 3, 9)] == "tuesday"
    assert found[D(2021, 3, 10)] == "holiday"
    assert found[D(2021, 3, 11)] == "spring_festival"
    assert found[D(2021, 3, 13)] == "saturday"  # an own holiday does not reach beyond its day


def test_an_own_workday_cuts_the_holiday_short():
    # Dragon Boat Festival 2020: Thursday to Saturday. If Friday is worked, Saturday is a Saturday.
    found = day_kinds(D(2020, 6, 25), D(2020, 6, 27), Table(days={D(2020, 6, 26): "workday"}))
    assert found == ["holiday", "friday", "saturday"]


def test_a_make_up_workday_cuts_the_holiday_short(monkeypatch):
    # A Friday off whose Saturday is worked: the Sunday beyond does not belong to it.
    year = calendar._National({D(2031, 5, 2): "劳动节"}, frozenset({D(2031, 5, 3)}))
    monkeypatch.setattr(calendar, "_national", lambda first, last: year)
    found = day_kinds(D(2031, 5, 1), D(2031, 5, 4), Table())
    assert found == ["thursday", "holiday", "make_up_workday", "sunday"]


def test_no_country_no_holidays():
    assert day_kinds(D(2020, 1, 1), D(2020, 12, 31), Table("none")) == [
        DAY_KINDS[(D(2020, 1, 1) + dt.timedelta(days=n)).weekday()] for n in range(366)
    ]
    assert statutory_pay_days(D(2020, 1, 1), D(2020, 12, 31), Table("none")) == []
    assert calendar_warnings(D(2090, 1, 1), D(2090, 12, 31), Table("none")) == []


def test_every_kind_has_a_shape():
    assert [shape_kind(kind) for kind in DAY_KINDS] == ["workday"] * 5 + ["weekend"] * 2 + ["holiday"] * 2 + ["workday"]


def test_statutory_pay_days():
    days = statutory_pay_days(D(2020, 1, 1), D(2020, 12, 31), Table(days=AS_PLANNED))
    assert [(day.month, day.day) for day in days] == [
        (1, 1),
        (1, 25),
        (1, 26),
        (1, 27),
        (4, 4),
        (5, 1),
        (6, 25),
        (10, 1),
        (10, 2),
        (10, 3),
        (10, 4),
    ]
    # 国务院令第644号: 11 days a year from 2014; 国务院令第795号: 13 from 2025.
    for year, count in ((2018, 11), (2019, 11), (2021, 11), (2022, 11), (2023, 11), (2025, 13), (2026, 13)):
        assert len(statutory_pay_days(D(year, 1, 1), D(year, 12, 31), Table())) == count, year
    assert statutory_pay_days(D(2020, 5, 1), D(2020, 5, 5), Table()) == [D(2020, 5, 1)]


def test_a_year_not_announced_is_warned_of():
    assert calendar_warnings(D(2020, 1, 1), D(2026, 12, 31), Table()) == []
    warnings = calendar_warnings(D(2088, 12, 1), D(2089, 1, 31), Table())
    assert len(warnings) == 2
    assert "2088" in warnings[0]
    assert "[calendar].days" in warnings[0]
    assert calendar_warnings(D(2088, 1, 1), D(2088, 12, 31), Table(days={D(2088, 5, 8): "make_up_workday"})) == []
