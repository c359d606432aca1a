"""Heads week by week against hand calculations, chance against its theory, and who must not touch whose leaving."""

from __future__ import annotations

import datetime as dt
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.cost.drivers import Drivers, plan
from sim.experiment.heads import Heads, heads
from sim.scenario import Scenario, load
from sim.scenario.headcount import HeadcountTable
from sim.uniforms import stream_key
from sim.workforce.filling import Needed, needed
from sim.workforce.headcount import expected_headcount, headcount

START = dt.date(2021, 1, 4)
WEEK = dt.timedelta(weeks=1)
Z = 4.9
"""A normal number is further from 0 once in a million: the false-alarm rate of each comparison with chance in it."""


@pytest.fixture(scope="module")
def small() -> Scenario:
    """Return a centre of eight weeks, without a head-count yet."""
    people = "{ shrinkage = { leave = 0.1, sickness = 0.04 }, attrition = 0.5, training_weeks = 2 }"
    end = START + 8 * WEEK - dt.timedelta(days=1)
    return load("one-day", [f"horizon.start={START}", f"horizon.end={end}", f"workforce={people}"])


def having(base: Scenario, *, workforce: dict[str, object] | None = None, end: dt.date | None = None, **table: object):
    """Return a scenario with a head-count, and other keys of its workforce or another last day."""
    count = HeadcountTable.model_validate(
        {"opening": [{"weeks_on_floor": 100, "heads": 100}], "lead_weeks": 0, **table}
    )
    assert base.workforce is not None
    people = base.workforce.model_copy(update={**(workforce or {}), "headcount": count})
    horizon = base.horizon.model_copy(update={"end": end or base.horizon.end})
    return base.model_copy(update={"workforce": people, "horizon": horizon})


def class_(week: int, count: int, days: int = 0) -> dict[str, object]:
    return {"start": START + week * WEEK + dt.timedelta(days=days), "heads": count}


STAYS = math.exp(-0.5 * 7 / 365.25)
"""Of an attrition of 0.5, through a week."""


# --- expectations by hand -------------------------------------------------------------------------------


def test_a_class_is_trained_and_joins_and_all_of_it_is_as_by_hand(small):
    """Of 20 in training a tenth leaves each of two weeks, for 19 % leave in all."""
    found = expected_headcount(having(small, classes=[class_(1, 20)], training_dropout_share=0.19))
    floor = [100 * STAYS**week for week in range(8)]
    joined = [0, 0, 0, 16.2, 0, 0, 0, 0]
    of_class = [0, 0, 0, *(16.2 * STAYS**week for week in range(5))]
    assert found.trainees == pytest.approx([0, 20, 18, 0, 0, 0, 0, 0])
    assert found.started == pytest.approx([0, 20, 0, 0, 0, 0, 0, 0])
    assert found.left_training == pytest.approx([0, 2, 1.8, 0, 0, 0, 0, 0])
    assert found.joined == pytest.approx(joined)
    assert found.heads == pytest.approx(np.add(floor, of_class))
    assert found.left == pytest.approx(np.add(floor, of_class) * (1 - STAYS))


def test_a_class_counts_from_the_first_week_that_begins_on_its_day_or_later(small):
    for days, week in ((0, 1), (1, 2), (6, 2), (7, 2)):
        found = expected_headcount(having(small, classes=[class_(1, 20, days)]))
        assert found.started.nonzero()[0].tolist() == [week]
        assert found.joined.nonzero()[0].tolist() == [week + 2]


def test_those_in_training_at_the_start_have_the_rest_of_it_before_them(small):
    found = expected_headcount(having(small, in_training=[{"weeks_done": 1, "heads": 10}], training_dropout_share=0.19))
    assert found.opening_trainees == 10
    assert found.trainees == pytest.approx([10, *[0] * 7])
    assert found.joined == pytest.approx([0, 9, *[0] * 6])
    assert found.started.sum() == 0


def test_begun_weeks_of_training_are_whole_and_none_at_all_joins_at_once(small):
    longer = having(small, workforce={"training_weeks": 2.5}, classes=[class_(1, 20)])
    assert expected_headcount(longer).joined.nonzero()[0].tolist() == [4]
    none = expected_headcount(having(small, workforce={"training_weeks": 0.0}, classes=[class_(1, 20)]))
    assert none.joined.nonzero()[0].tolist() == [1]
    assert none.trainees.sum() == 0


def test_a_last_week_cut_short_has_its_share_of_hours_and_leavers(small):
    last = small.horizon.end - dt.timedelta(days=5)
    found = expected_headcount(having(small, end=last))
    assert [len(days) for days in found.weeks] == [7] * 7 + [2]
    assert found.hours_head == pytest.approx([2_000 * 7 / 365] * 7 + [2_000 * 2 / 365])
    assert found.left[7] == pytest.approx(100 * STAYS**7 * (1 - math.exp(-0.5 * 2 / 365.25)))


def test_attrition_by_tenure_holds_below_its_weeks_and_the_yearly_one_beyond(small):
    bands = [{"until_weeks": 1, "a_year": 4.0}, {"until_weeks": 3, "a_year": 2.0}]
    found = expected_headcount(
        having(small, opening=[{"weeks_on_floor": 0, "heads": 1_000}], attrition_by_tenure=bands)
    )
    rates = [4.0, 2.0, 2.0, 0.5, 0.5, 0.5, 0.5]
    stays = np.cumprod([math.exp(-rate * 7 / 365.25) for rate in rates])
    assert found.heads == pytest.approx(1_000 * np.array([1.0, *stays]))


def test_a_year_of_attrition_takes_its_rate_from_a_staff_that_is_kept_up(small):
    """The bill's hires are agents × attrition: of 100 replaced at once, 50 leave in a year."""
    found = expected_headcount(having(small))
    assert found.left[0] * 365.25 / 7 == pytest.approx(100 * 0.5, rel=0.005)


def test_without_attrition_and_dropout_nobody_leaves_and_chance_has_nothing_to_say(small):
    still = having(small, workforce={"attrition": 0.0}, classes=[class_(1, 20)])
    expected, drawn = expected_headcount(still), headcount(still, stream_key(1, 0))
    assert expected.left.sum() == expected.left_training.sum() == 0
    assert drawn.heads.tolist() == expected.heads.tolist() == [100, 100, 100, 120, 120, 120, 120, 120]


# --- what they are worth --------------------------------------------------------------------------------


def test_novices_weigh_what_their_handling_factor_leaves_of_them(small):
    """Ten come in week 2; their first 2 weeks take half as long again, the next one a quarter more."""
    bands = [
        {"until_weeks": 2, "handling_factor": 1.5, "on_the_spot_loss": 0.3},
        {"until_weeks": 3, "handling_factor": 1.25, "on_the_spot_loss": 0.1},
    ]
    found = expected_headcount(having(small, workforce={"attrition": 0.0}, classes=[class_(0, 10)], learning=bands))
    weight = 10 * np.array([0, 0, 1 / 1.5, 1 / 1.5, 1 / 1.25, 1, 1, 1])
    lost = weight * np.array([0, 0, 0.3, 0.3, 0.1, 0, 0, 0])
    assert found.full_strength == pytest.approx(100 + weight)
    assert found.handling_factor == pytest.approx(np.array([100, 100, *[110] * 6]) / (100 + weight))
    assert found.on_the_spot_loss == pytest.approx(lost / (100 + weight))
    assert found.novices_share == pytest.approx([0, 0, *[10 / 110] * 3, 0, 0, 0])


def test_bands_of_the_start_learn_on_from_where_they_are(small):
    bands = [{"until_weeks": 4, "handling_factor": 2.0}]
    opening = [{"weeks_on_floor": 1, "heads": 10}, {"weeks_on_floor": 4, "heads": 10}]
    found = expected_headcount(having(small, workforce={"attrition": 0.0}, opening=opening, learning=bands))
    assert found.full_strength == pytest.approx([15, 15, 15, 20, 20, 20, 20, 20])


def test_with_nobody_on_the_floor_nobody_is_a_novice(small):
    found = expected_headcount(
        having(
            small, opening=[{"weeks_on_floor": 0, "heads": 0}], learning=[{"until_weeks": 2, "handling_factor": 2.0}]
        )
    )
    assert (found.novices_share == 0).all()
    assert (found.handling_factor == 1).all()
    assert (found.on_the_spot_loss == 0).all()


def test_hours_are_paid_to_all_and_worked_on_the_floor(small):
    found = expected_headcount(having(small, workforce={"attrition": 0.0}, classes=[class_(0, 10)]))
    each = 2_000 * 7 / 365
    assert found.paid_h == pytest.approx([110 * each] * 8)
    assert found.productive_h == pytest.approx(np.array([100, 100, *[110] * 6]) * each * (1 - 0.14))


# --- seasons --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("year", [2020, 2021])
def test_leave_by_month_leaves_the_years_leave_as_it_is(small, year):
    first, last = dt.date(year, 1, 1), dt.date(year, 12, 31)
    whole = small.model_copy(update={"horizon": small.horizon.model_copy(update={"start": first, "end": last})})
    season = [3, 1, 1, 1, 1, 1, 2, 2, 1, 0, 1, 1]
    found = expected_headcount(having(whole, leave_by_month=season))
    days = np.array([len(days) for days in found.weeks])
    assert (found.shrinkage["leave"] * days).sum() / days.sum() == pytest.approx(0.1, abs=1e-12)
    # In January three times what it is in February.
    assert found.shrinkage["leave"][1] == pytest.approx(3 * found.shrinkage["leave"][6])
    assert found.shrinkage["sickness"] == pytest.approx([0.04] * len(days))
    even = expected_headcount(having(whole, leave_by_month=[7] * 12))
    assert even.shrinkage["leave"] == pytest.approx([0.1] * len(days))
    assert found.hours_head.sum() == pytest.approx(2_000)


def test_a_stretch_of_sickness_counts_on_its_days_both_ends_included(small):
    stretch = {"from": START + dt.timedelta(days=4), "to": START + dt.timedelta(days=13), "factor": 2.0}
    found = expected_headcount(having(small, sickness=[stretch]))
    assert found.shrinkage["sickness"] == pytest.approx([0.04 * (1 + 3 / 7), 0.08, *[0.04] * 6])
    assert found.shrinkage_total == pytest.approx(found.shrinkage["sickness"] + 0.1)
    assert found.productive_h_head == pytest.approx(found.hours_head * (1 - found.shrinkage_total))


# --- chance ---------------------------------------------------------------------------------------------


def test_many_years_have_the_expected_mean_and_the_spread_of_independent_leavers(small):
    """Each head stays with a known probability of its own, so the sum's mean and variance are known."""
    scenario = having(small, classes=[class_(1, 60)], training_dropout_share=0.3, workforce={"attrition": 3.0})
    runs = 2_000
    paths = np.array([headcount(scenario, stream_key(7, number)).heads for number in range(runs)])
    expected = expected_headcount(scenario).heads
    stays = math.exp(-3.0 * 7 / 365.25)
    for week in range(1, 8):
        old, new = stays**week, 0.7 * stays ** (week - 3) if week >= 3 else 0.0
        mean, variance = 100 * old + 60 * new, 100 * old * (1 - old) + 60 * new * (1 - new)
        assert expected[week] == pytest.approx(mean)
        assert abs(paths[:, week].mean() - mean) < Z * math.sqrt(variance / runs)
        # The sum is nearly normal, so its sample variance has a relative error of sqrt(2 / runs).
        assert paths[:, week].var(ddof=1) / variance == pytest.approx(1.0, abs=Z * math.sqrt(2 / runs))


heads_ = st.integers(0, 60)
rates = st.sampled_from([0.0, 0.3, 2.0])
tables = st.fixed_dictionaries(
    {
        "opening": st.lists(st.tuples(st.integers(0, 30), heads_), min_size=1, max_size=3, unique_by=lambda at: at[0]),
        "in_training": st.lists(st.tuples(st.integers(0, 1), heads_), max_size=2, unique_by=lambda at: at[0]),
        "classes": st.lists(st.tuples(st.integers(0, 49), heads_), max_size=4, unique_by=lambda at: at[0]),
        "dropout": st.sampled_from([0.0, 0.1, 0.9]),
        "attrition": rates,
    }
)


@settings(max_examples=60, deadline=None)
@given(table=tables, seed=st.integers(0, 1_000))
def test_heads_are_conserved_every_week(small, table, seed):
    scenario = having(
        small,
        workforce={"attrition": table["attrition"]},
        opening=[{"weeks_on_floor": weeks, "heads": count} for weeks, count in sorted(table["opening"])],
        in_training=[{"weeks_done": weeks, "heads": count} for weeks, count in sorted(table["in_training"])],
        classes=[class_(0, count, days) for days, count in sorted(table["classes"])],
        training_dropout_share=table["dropout"],
        attrition_by_tenure=[{"until_weeks": 5, "a_year": 4.0}],
    )
    for found in (expected_headcount(scenario), headcount(scenario, stream_key(seed, 3))):
        floor, training = found.opening, found.opening_trainees
        for week in range(8):
            training += found.started[week] - found.joined[week]
            floor += found.joined[week]
            assert found.heads[week] == pytest.approx(floor, abs=1e-9)
            assert found.trainees[week] == pytest.approx(training, abs=1e-9)
            floor -= found.left[week]
            training -= found.left_training[week]
        left = sum(found.left_of.values(), start=np.zeros(8))
        assert left == pytest.approx(found.left + found.left_training, abs=1e-9)
    for column in (found.heads, found.trainees, found.joined, found.left, found.left_training):
        assert (column == column.round()).all()
        assert (column >= 0).all()


def test_a_class_that_changes_leaves_the_leavers_of_all_others_as_they_were(small):
    def left_of(*classes):
        scenario = having(
            small,
            workforce={"attrition": 6.0},
            opening=[{"weeks_on_floor": 3, "heads": 80}, {"weeks_on_floor": 90, "heads": 80}],
            in_training=[{"weeks_done": 1, "heads": 40}],
            classes=list(classes),
            training_dropout_share=0.5,
        )
        return {name: left.tolist() for name, left in headcount(scenario, stream_key(5, 2)).left_of.items()}

    first, second = class_(1, 50), class_(3, 50)
    before = left_of(first, second)
    others = ("floor 3", "floor 90", "training 1")
    assert all(sum(before[name]) > 0 for name in before)
    of_second = f"class {second['start']}"
    for classes in (
        [class_(1, 70), second],  # bigger
        [second],  # cancelled
        [class_(2, 50), second],  # later
        [class_(0, 30), first, second],  # one more before them
    ):
        after = left_of(*classes)
        for name in (*others, of_second):
            assert after[name] == before[name]


def test_replications_seeds_and_cohorts_have_leavers_of_their_own(small):
    opening = [{"weeks_on_floor": weeks, "heads": 200} for weeks in (90, 91)]
    scenario = having(small, workforce={"attrition": 5.0}, opening=opening)
    drawn = [headcount(scenario, stream_key(*key)) for key in ((1, 0), (1, 1), (2, 0))]
    leavers = {tuple(left) for found in drawn for left in found.left_of.values()}
    assert len(leavers) == 6
    assert headcount(scenario, stream_key(1, 0)).left.tolist() == drawn[0].left.tolist()


# --- what the plan needs --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def shanghai() -> Scenario:
    return load("shanghai-2020")


@pytest.fixture(scope="module")
def shipped() -> Heads:
    return heads(load("shanghai-2020-heads"), 5, 1)


def agents_h(drivers: Drivers):
    """Return the agents' hours on duty by day, those in overtime left out."""
    return sum(drivers.duty_h.values()) - drivers.overtime_h


def test_without_seasons_the_weeks_needs_are_on_average_the_agents_of_the_bill(shanghai):
    scenario = having(shanghai)
    drivers, found = plan(shanghai), expected_headcount(scenario)
    asked = needed(agents_h(drivers), found)
    days = np.array([len(days) for days in found.weeks])
    assert (asked.heads * days).sum() / 366 == pytest.approx(drivers.agents)
    first = sum(hours[:7].sum() for hours in drivers.duty_h.values())
    each = 2_000 * 7 / 366 * (1 - 0.32)
    assert asked.heads[0] == pytest.approx((first - drivers.overtime_h[:7].sum()) / each)


def test_seasons_are_in_what_is_needed_and_in_what_is_there(shanghai):
    sick = {"from": dt.date(2020, 1, 1), "to": dt.date(2020, 1, 7), "factor": 5.0}
    usual, flu = (expected_headcount(having(shanghai, sickness=seasons)) for seasons in ([], [sick]))
    drivers = plan(shanghai)
    ratio = needed(agents_h(drivers), flu).heads / needed(agents_h(drivers), usual).heads
    assert ratio == pytest.approx([(1 - 0.32) / (1 - 0.32 - 4 * 0.03), *[1.0] * 52])
    worked = flu.productive_h / usual.productive_h
    assert worked == pytest.approx(1 / ratio)


def test_the_roster_is_filled_by_heads_whose_hours_follow_the_plans_through_the_horizon(small):
    """Ten more join in week 2; a head's hours, 14 % of them lost, would do the work of 100 weeks' heads a week."""
    found = expected_headcount(having(small, workforce={"attrition": 0.0}, classes=[class_(0, 10)]))
    each = 7 * 2_000 / 365 * (1 - 0.14)
    busy = np.array([2.0, 1.5, 0.5, 0.0, 1.0, 1.0, 1.0, 1.0])
    for heads_needed, share in (
        (80.0, [1.0] * 8),
        (125.0, [0.8, 0.8, *[0.88] * 6]),
        (105.0, [100 / 105] * 2 + [1.0] * 6),
    ):
        asked = needed(np.repeat(busy * heads_needed * each / 7, 7), found)
        assert asked.balanced == pytest.approx(heads_needed)
        assert asked.heads == pytest.approx(busy * heads_needed)
        assert asked.filled_share(found) == pytest.approx(share)
    assert needed(np.zeros(56), found).filled_share(found).tolist() == [1.0] * 8


def test_a_season_asks_for_the_heads_that_its_lost_hours_take(small):
    """In two of eight weeks 40 % are sick instead of 4 %: 1 / 0.5 paid hours for an hour's work, not 1 / 0.86."""
    flu = {"from": START, "to": START + dt.timedelta(days=13), "factor": 10.0}
    even, sick = (expected_headcount(having(small, sickness=seasons)) for seasons in ([], [flu]))
    by_day = np.full(56, 100.0)
    each = 2_000 / 365
    assert needed(by_day, even).balanced == pytest.approx(100 / each / 0.86)
    assert needed(by_day, sick).balanced == pytest.approx(100 / each * (2 / 0.5 + 6 / 0.86) / 8)


def test_the_worst_week_lacks_most_and_is_a_whole_one(small):
    scenario = having(small, end=small.horizon.end - dt.timedelta(days=5), workforce={"attrition": 0.0})
    found = expected_headcount(scenario)
    asked = np.array([90.0, 130, 100, 100, 100, 100, 100, 500])
    assert Heads(scenario, 1, found, (found,), Needed(asked, asked, 100.0)).worst_week == 1


def test_months_are_means_of_their_days_and_sums_of_their_events(small):
    """The week from 25 January is the month's last whole one; in the next, from 1 February, ten join."""
    scenario = having(small, workforce={"attrition": 0.0}, classes=[class_(2, 10)])
    found = expected_headcount(scenario)
    asked = np.arange(8.0)
    whole = Heads(scenario, 1, found, (found,), Needed(asked, asked, 100.0))
    months = whole.by_month()
    assert months["month"].to_list() == ["2021-01", "2021-02"]
    assert months["heads"].to_list() == pytest.approx([100.0, 110.0])
    assert months["joined"].to_list() == [0.0, 10.0]
    assert months["started"].to_list() == [10.0, 0.0]
    assert months["needed"].to_list() == pytest.approx([1.5, 5.5])
    assert months["gap"].to_list() == pytest.approx([98.5, 104.5])
    assert whole.whole()["heads"].item() == pytest.approx(105.0)
    # Moved by four days the week of the joining lies in both months.
    moved = small.model_copy(
        update={"horizon": small.horizon.model_copy(update={"start": START + dt.timedelta(days=4)})}
    )
    scenario = having(moved, workforce={"attrition": 0.0}, classes=[class_(0, 14, 11)])
    found = expected_headcount(scenario)
    assert found.weeks[3][0] == dt.date(2021, 1, 29)
    months = Heads(scenario, 1, found, (found,), Needed(found.heads, found.heads, 100.0)).by_month()
    assert months["heads"][0] == pytest.approx(100 + 14 * 3 / 24)
    assert months["joined"].to_list() == [14.0, 0.0]
    leaving = expected_headcount(having(moved))
    months = Heads(scenario, 1, leaving, (leaving,), Needed(leaving.heads, leaving.heads, 100.0)).by_month()
    # Who leaves in that week leaves at its end, in February.
    assert months["left"].to_list() == pytest.approx([leaving.left[:3].sum(), leaving.left[3:].sum()])


def test_the_range_is_that_of_the_replications(shipped):
    weeks = shipped.by_week()
    every = np.array([path.full_strength for path in shipped.paths])
    assert weeks["full_strength_low"].to_list() == pytest.approx(np.percentile(every, 5, axis=0))
    assert weeks["full_strength_high"].to_list() == pytest.approx(np.percentile(every, 95, axis=0))
    assert weeks["full_strength"].to_list() == pytest.approx(shipped.expected.full_strength)
    assert weeks["gap"].to_list() == pytest.approx(shipped.expected.full_strength - shipped.needed.heads)


# --- the shipped what-if --------------------------------------------------------------------------------


def test_the_shipped_year_begins_with_the_bills_agents_and_replaces_its_leavers(shipped, shanghai):
    drivers = plan(shanghai)
    assert shipped.expected.opening == round(drivers.agents)
    assert shipped.expected.opening_trainees == pytest.approx(drivers.trainees, abs=1.0)
    assert shipped.expected.left.sum() == pytest.approx(drivers.hires.sum(), rel=0.02)
    assert shipped.expected.joined.sum() == pytest.approx(shipped.expected.left.sum(), rel=0.02)
    # A staff of constant size of which a quarter leaves in a year: the share with fewer weeks is 1 - exp(-a t).
    table = shipped.scenario.workforce.headcount
    behind = np.cumsum([band.heads for band in table.opening])[:-1]
    weeks = np.array([4, 13, 26, 52, 104])
    assert behind == pytest.approx(drivers.agents * (1 - np.exp(-0.25 * weeks * 7 / 365.25)), abs=1.5)


def test_a_head_count_changes_nothing_that_is_there_already(shipped, shanghai):
    own = plan(shipped.scenario)
    assert own.agents == plan(shanghai).agents
    tables = shipped.scenario.model_dump(exclude={"name", "title", "sources"})
    del tables["workforce"]["headcount"]
    base = shanghai.model_dump(exclude={"name", "title", "sources"})
    del base["workforce"]["headcount"]
    assert tables == base
