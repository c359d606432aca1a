"""The tasks a planner expects, worked out by hand, and the agents that do them."""

import datetime as dt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.demand.rates import expected_rates
from sim.demand.window import Window
from sim.scenario import Scenario
from sim.workforce.on_duty import planned
from sim.workforce.workload import expected_tasks, with_repeats

D = dt.date
MONDAY = D(2020, 6, 1)
TASK = {"handling": {"fixed": {"s": 360.0}}, "due": {"hours": 24.0}, "groups": ("desk",)}
CALL = {
    "per_hour": (100.0 / 24,) * 24,  # 100 a day
    "groups": ("general",),
    "talk": {"fixed": {"s": 60.0}},
    "patience": {"exponential": {"mean_s": 60.0}},
}


def scenario(tasks, types=None, days=1, on_duty=None, **more):
    return Scenario.model_validate(
        {
            "schema": 1,
            "name": "test",
            "horizon": {"start": MONDAY, "end": MONDAY + dt.timedelta(days=days - 1)},
            "calendar": {"country": "none"},
            "types": {name: {**CALL, **kind} for name, kind in (types or {"help": {}}).items()},
            "groups": {"general": {"on_duty": {"all": 5}}, "desk": {"on_duty": on_duty or {"all": 5}}},
            "tasks": {name: {**TASK, **kind} for name, kind in tasks.items()},
            **more,
        }
    )


def expected(s):
    window = Window.of(s)
    return expected_tasks(s, expected_rates(s, window, written=True))


def roster(s):
    window = Window.of(s)
    return planned(s, window, expected_rates(s, window, known_only=True, written=True))[:, 1].reshape(-1, 96)


def after(event, **more):
    return {"after": ({"event": event, **more},)}


def test_tasks_follow_calls_written_contacts_and_tasks():
    s = scenario(
        {
            "review": after("work_order", probability=0.5),
            "letter": {"per_hour": (2.0,) * 24, "work_order_share": 0.25, "responsible_return": 0.5},
            "returned": after("return"),
            "ask": after("tasks.review", probability=0.1),
            "thanks": after("answer", types=("other",)),
            "copy": after("tasks.letter"),
        },
        types={
            "help": {"resolution": {"on_the_spot": 0.6, "responsible_return": 0.1}},
            "other": {"resolution": {"on_the_spot": 1.0}},
        },
        greeting={"contained_share": 0.2},
    )
    assert list(s.kinds) == ["letter", "review", "returned", "ask", "thanks", "copy"]
    # Answered: 80 of each type; 32 work orders of help and 12 of letters; 3.2 and 6 of them come back.
    # A link that names types is for theirs alone: thanks come after the 80 of the other type, not after letters.
    assert expected(s)[0] == pytest.approx([48.0, 22.0, 9.2, 2.2, 80.0, 48.0])


def test_novices_and_transfers_count():
    transfer = {"share": 0.5, "consult": {"fixed": {"s": 1.0}}, "on_the_spot": 1.0}
    s = scenario(
        {"review": after("work_order"), "returned": after("return")},
        types={"help": {"resolution": {"on_the_spot": 0.5, "responsible_return": 0.1}, "transfer": transfer}},
        quality={"novice_on_the_spot_loss": 0.4, "novice_returns": 1.0},
        groups={"general": {"on_duty": {"all": 5}, "novice_share": 0.5}, "desk": {"on_duty": {"all": 5}}},
    )
    # On the spot 0.5 x 0.8 = 0.4 of those not transferred: 30 work orders of the 50; 0.15 of them come back.
    assert expected(s)[0] == pytest.approx([30.0, 4.5])


def test_calls_go_to_their_first_choice():
    shares = {"on_the_spot": {"general": 0.8, "desk": 0.2}}
    for routing, orders in (("preference", 20.0), ("random", 50.0)):
        kind = {"groups": ("general", "desk"), "routing": routing, "resolution": shares}
        s = scenario({"review": after("work_order")}, types={"help": kind})
        assert expected(s)[0] == pytest.approx([orders])


def test_repeats_come_days_later_and_bring_tasks_again():
    repeat = {"on_the_spot": 0.5, "repeat": {"on_the_spot": 0.2, "work_order": 0.6}}
    resolution = {**repeat, "repeat_delay_days": 2.0, "max_episodes": 3}
    s = scenario({"review": after("work_order")}, types={"help": {"resolution": resolution}}, days=6)
    # Each answer brings 0.4 answers two days on, twice at most: 100, 100, 140, 140, 156, 156 answers.
    assert expected(s)[:, 0] == pytest.approx([50.0, 50.0, 70.0, 70.0, 78.0, 78.0])


def test_a_delay_moves_tasks_to_later_days():
    s = scenario(
        {
            "same": after("work_order"),
            "next": after("work_order", delay_h=24.0),
            "half": after("work_order", delay_h=12.0),
            "spread": after("work_order", delay_h=(0.0, 48.0)),
        },
        types={"help": {"resolution": {"on_the_spot": 0.0}}},
        days=4,
    )
    found = expected(s)
    assert found[:, 0] == pytest.approx([100.0] * 4)
    assert found[:, 1] == pytest.approx([0.0, 100.0, 100.0, 100.0])
    assert found[:, 2] == pytest.approx([50.0, 100.0, 100.0, 100.0])
    # Evenly between none and two days: the same day if moment + delay < 1 day, 1/4; two days on 1/4; the next 1/2.
    assert found[:, 3] == pytest.approx([25.0, 75.0, 100.0, 100.0])


@settings(max_examples=50, deadline=None)
@given(
    share=st.floats(0.0, 1.0),
    repeat=st.floats(0.0, 0.9),
    delay=st.lists(st.floats(0.0, 3.0), min_size=2, max_size=5).map(sorted),
    most=st.integers(1, 6),
)
def test_in_the_long_run_the_answers_are_a_geometric_series(share, repeat, delay, most):
    resolution = {"on_the_spot": share, "repeat": repeat, "repeat_delay_days": tuple(delay), "max_episodes": most}
    s = scenario({"thanks": after("answer")}, types={"help": {"resolution": resolution}}, days=30)
    found = expected(s)[:, 0]
    assert found[-1] == pytest.approx(100.0 * sum(repeat**n for n in range(most)))
    assert np.all(np.diff(found) >= -1e-9)


RULE = {"rule": "workload", "utilisation": 0.8}


def test_agents_are_the_days_hours_over_open_hours_and_utilisation():
    open_ = {"hours": {"from_h": 8, "to_h": 18}}
    s = scenario({"review": {**after("answer"), **open_}}, on_duty=RULE)
    # 100 tasks of 0.1 h in 10 open hours, 0.8 of an agent's time: 1.25, so 2.
    assert roster(s)[0].tolist() == [0] * 32 + [2] * 40 + [0] * 24
    slow = scenario(
        {"review": {**after("answer"), **open_}},
        groups={
            "general": {"on_duty": {"all": 5}},
            "desk": {"on_duty": RULE, "speed": 2.0, "absence": {"rate": 0.3}},
        },
    )
    # Twice as slow, 2.5, so 3 there; and 3 / 0.7 = 4.3 on the roster.
    assert roster(slow)[0, 32] == 5


def test_exactly_enough_is_not_one_more():
    for n in range(1, 40):
        # 100 letters that take n agents 24 hours, 0.85 of their time.
        work = {"per_hour": (100.0 / 24,) * 24, "handling": {"fixed": {"s": n * 864.0 * 0.85}}}
        assert np.all(roster(scenario({"letter": work}, on_duty={"rule": "workload"})) == n)


def test_bounds_hold_while_the_work_is_open():
    few = {"review": {**after("answer", probability=0.0), "hours": {"from_h": 8, "to_h": 18}}}
    assert roster(scenario(few, on_duty={**RULE, "minimum": 3}))[0].tolist() == [0] * 32 + [3] * 40 + [0] * 24
    many = {"review": {**after("answer"), "handling": {"fixed": {"s": 36_000.0}}}}
    assert np.all(roster(scenario(many, on_duty={**RULE, "maximum": 7})) == 7)


def test_work_of_closed_days_is_done_on_the_next_open_one():
    s = scenario({"review": {**after("answer"), "days": "workday"}}, days=8, on_duty={**RULE, "utilisation": 0.01})
    agents = roster(s)
    # 10 hours a day over 24 at 0.01: 41.7, so 42; on the second Monday three days' work.
    assert agents[:, 0].tolist() == [42] * 5 + [0, 0] + [125]


def test_work_goes_to_the_first_group_of_its_kind():
    kinds = {"review": after("answer"), "ask": {**after("answer"), "groups": ("general", "desk")}}
    alone = scenario({"review": after("answer")}, on_duty=RULE)
    assert np.array_equal(roster(scenario(kinds, on_duty=RULE)), roster(alone))


def test_unknown_surges_are_not_staffed_for():
    surge = {"name": "a", "from": dt.datetime(2020, 6, 1), "to": dt.datetime(2020, 6, 2), "multiplier": 9.0}
    kinds = {"letter": {"per_hour": (10.0,) * 24}}
    calm, known = (
        scenario(kinds, on_duty=RULE),
        scenario(kinds, on_duty=RULE, demand={"surge": ({**surge, "known": True},)}),
    )
    unknown = scenario(kinds, on_duty=RULE, demand={"surge": (surge,)})
    assert np.array_equal(roster(unknown), roster(calm))
    assert roster(known).max() == np.ceil(9 * 24 / (24 * 0.8))


def test_calls_that_come_again_are_staffed_for_at_their_time_of_day():
    """100 calls at 8:00 to 8:15 on each of four days; of each answer 0.4 come again two days on, twice at most."""
    resolution = {"on_the_spot": 0.5, "repeat": {"on_the_spot": 0.2, "work_order": 0.6}}
    resolution |= {"repeat_delay_days": 2.0, "max_episodes": 3}
    s = scenario({}, types={"help": {"resolution": resolution}}, days=5)
    rates = np.zeros((5 * 96, 1))
    rates[32::96] = 100.0
    found = with_repeats(s, rates)[:, 0].reshape(5, 96)
    assert found[:, 32] == pytest.approx([100.0, 100.0, 140.0, 140.0, 156.0])
    assert found.sum() == pytest.approx(found[:, 32].sum())
    # A fifth is content with the machine, each time: 0.8 of the first and 0.8 of the second are answered.
    content = s.model_copy(update={"greeting": s.greeting.model_copy(update={"contained_share": 0.2})})
    expected_calls = [100.0, 100.0, 132.0, 132.0, 142.24]
    assert with_repeats(content, rates)[32::96, 0] == pytest.approx(expected_calls)


def test_the_rule_for_calls_counts_those_who_come_again():
    """One more call for each answer, the next day: from the second day on as many agents as for twice the calls."""
    again = {"resolution": {"repeat": 1.0, "repeat_delay_days": 1.0, "max_episodes": 2}}
    rule = {"rule": "erlang-a", "target": {"asa_s": 10}}
    groups = {"general": {"on_duty": rule}, "desk": {"on_duty": {"all": 0}}}
    rosters = {}
    for name, kind in (("once", {}), ("again", again), ("double", {"per_hour": (400.0,) * 24})):
        s = scenario(
            {"thanks": after("answer")}, types={"help": {"per_hour": (200.0,) * 24} | kind}, days=2, groups=groups
        )
        window = Window.of(s)
        rosters[name] = planned(s, window, expected_rates(s, window))[:, 0].reshape(2, 96)
    assert (rosters["again"][0] == rosters["once"][0]).all()
    assert (rosters["again"][1] == rosters["double"][1]).all()
    assert (rosters["double"] > rosters["once"]).all()
