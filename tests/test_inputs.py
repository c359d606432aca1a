"""From a scenario to the arrays the engines read."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pytest

from sim.demand import draws
from sim.engine import given, rules
from sim.engine.given import Centre
from sim.engine.inputs import Plan, prepare
from sim.scenario import load, to_dict
from sim.scenario.load import from_dict
from sim.terms import DAY_MS, HOUR_MS
from sim.uniforms import CONTACTS, COUNT, name_word, stream_key, sub_key


def centre(**changes: dict[str, Any]) -> Centre:
    """Return the one-day centre, with keys of its type ``help`` or of whole tables changed."""
    tables = to_dict(load("one-day"))
    for path, change in changes.items():
        table = (
            tables["types"]["help"]
            if path == "help"
            else tables["groups"]["general"]
            if path == "general"
            else tables[path]
        )
        table |= change
    tables["sources"] = tables["ranges"] = {}
    return prepare(from_dict(tables)).centre


def test_redials_end_with_the_last_attempt() -> None:
    redial = {
        "probability": [0.9, 0.6],
        "delay": {"fixed": {"s": 60.0}},
        "max_attempts": 5,
        "patience": "new",
        "handling": "same",
    }
    chances = centre(help={"redial": redial}).redial[1]
    # After attempts 1 to 4 there may be another; the list's last number repeats; after the fifth nobody calls again.
    assert chances[:7].tolist() == [0.0, 0.9, 0.6, 0.6, 0.6, 0.0, 0.0]


def test_need_is_the_types_else_the_groups_and_one_at_least() -> None:
    need = centre(help={"reserve": {"specialist": 2}}, general={"reserve": 3}).need
    assert need[1].tolist() == [3, 2]  # groups: general, specialist
    assert need[0, 0] == 3
    assert centre().need[1].tolist() == [1, 1]


def test_groups_in_order_of_preference_and_types_in_order_of_priority() -> None:
    found = centre(help={"priority": 1}, types={})
    assert found.order.tolist() == [[0, -1], [1, 0]]
    assert centre(help={"priority": 2}).served.tolist() == [[0, 1], [1, -1]]


def test_thresholds_are_waits_in_the_queue() -> None:
    # The one-day centre rings for 3 s and its answer time counts the ring: 8 s leave 5 s for the queue.
    assert centre().within_ms.tolist() == [5_000, 12_000, 17_000]
    only_queue = centre(targets={"asa": {"at_most_s": 8.0, "counts": ["queue"]}})
    assert only_queue.within_ms.tolist() == [8_000, 15_000, 20_000]


def test_speed_is_by_week_from_the_horizons_start() -> None:
    start = dt.date(2020, 3, 16)
    dated = [{"value": 1.2, "from": start}, {"value": 1.05, "from": start + dt.timedelta(days=7)}]
    speed = centre(general={"speed": dated}).speed
    assert speed[0, :3].tolist() == [1200, 1050, 1050]
    assert speed[1, :2].tolist() == [1000, 1000]


def test_more_contacts_in_a_slot_than_can_be_numbered_are_refused() -> None:
    tables = to_dict(load("one-day"))
    tables["types"]["help"]["per_hour"] = [100_000.0] * 24
    tables["demand"]["growth"] = 10.0  # 275,000 a slot: can be simulated
    tables["sources"] = tables["ranges"] = {}
    prepare(from_dict(tables))
    day = tables["horizon"]["start"]
    surge = {"name": "flood", "from": dt.datetime(day.year, day.month, day.day, 9), "multiplier": 5.0}
    tables["demand"]["surge"] = [surge | {"to": dt.datetime(day.year, day.month, day.day, 10)}]
    with pytest.raises(ValueError, match=r"1,375,000 contacts in one 15 minutes; up to 1,000,000"):
        prepare(from_dict(tables))


@pytest.mark.parametrize(
    "law",
    [
        {"exponential": {"mean_s": 100.0}},
        {"lognormal": {"mean_s": 100.0, "cv": 0.9}},
        {"gamma": {"mean_s": 100.0, "cv": 0.7}},
        {"weibull": {"shape": 0.8, "scale_s": 90.0}},
        {"uniform": {"low_s": 50.0, "high_s": 150.0}},
        {"fixed": {"s": 100.0}},
        {"quantiles": [0.0, 50.0, 90.0, 400.0]},
    ],
)
def test_a_distribution_has_the_mean_it_says(law: dict[str, Any]) -> None:
    tables = to_dict(load("one-day"))
    tables["types"]["help"]["talk"] = law
    tables["sources"] = tables["ranges"] = {}
    scenario = from_dict(tables)
    params, table = prepare(scenario).centre.dists
    row = rules.TALK * 2 + 1
    u = (np.arange(200_000) + 0.5) / 200_000
    drawn = np.mean([draws.duration_ms(params, table, row, x) for x in u[::10]]) / 1000
    assert drawn == pytest.approx(scenario.types["help"].talk.mean_s, rel=5e-3)


def whole(**more: Any) -> Plan:
    """Return the plan of a small centre of two groups and two types, Friday to Monday, with keys of tables added."""
    kind = {
        "per_hour": [10.0] * 24,
        "groups": ["front", "back"],
        "talk": {"fixed": {"s": 60.0}},
        "wrap": {"fixed": {"s": 30.0}},
        "wrap_work_order": {"fixed": {"s": 90.0}},
        "patience": {"exponential": {"mean_s": 60.0}},
    }
    tables: dict[str, Any] = {
        "schema": 1,
        "name": "test",
        "horizon": {"start": dt.date(2020, 6, 5), "end": dt.date(2020, 6, 8), "warm_up_days": 1},
        "calendar": {"country": "none"},
        "types": {"help": dict(kind), "ask": {**kind, "groups": ["back"], "priority": 2}},
        "groups": {"front": {"on_duty": {"all": 5}}, "back": {"on_duty": {"all": 5}}},
    }
    for path, change in more.items():
        table = (
            tables["types"] if path in ("help", "ask") else tables["groups"] if path in ("front", "back") else tables
        )
        table[path] = {**table.get(path, {}), **change}
    return prepare(from_dict(tables))


def task(**more: Any) -> dict[str, Any]:
    return {"handling": {"fixed": {"s": 60.0}}, "due": {"hours": 8.0}, "groups": ["back"], **more}


def test_repeats_bumps_and_transfers() -> None:
    resolution = {"repeat": {"on_the_spot": 0.1, "work_order": 0.3}, "max_episodes": 7}
    consult = {"share": 0.2, "consult": {"fixed": {"s": 120.0}}, "leaves_after_s": 1.5, "on_the_spot": 0.9}
    bump = {"exponential": {"mean_s": 60.0}, "announcement": {"at_s": 45.0, "hang_up_share": 0.25}}
    found = whole(
        help={"resolution": resolution, "transfer": consult, "patience": bump}, ask={"resolution": {"repeat": 0.4}}
    )
    centre = found.centre
    assert centre.repeat.tolist() == [[0.1, 0.3], [0.4, 0.4]]
    assert centre.max_episodes.tolist() == [7, 5]
    assert centre.transfer.tolist() == [[0.2, 0.9], [0.0, 0.0]]
    assert centre.leaves_ms.tolist() == [1_500, draws.NEVER_MS]
    assert (centre.bump_ms.tolist(), centre.bump_share.tolist()) == ([45_000, 0], [0.25, 0.0])
    assert drawn_ms(centre, rules.CONSULT, 0, 0.5) == 120_000


def drawn_ms(centre: Centre, block: int, kind: int, u: float) -> int:
    return draws.duration_ms(centre.dists.params, centre.dists.table, block * centre.priority.size + kind, u)


def test_days_are_numbers_or_quantiles() -> None:
    centre = whole(
        help={"resolution": {"repeat_delay_days": 3.5, "order_days": [1.0, 2.0, 10.0]}},
        ask={"resolution": {"repeat_delay_days": [0.0, 4.0]}},
    ).centre
    assert drawn_ms(centre, rules.REPEAT_DELAY, 0, 0.9) == 3.5 * DAY_MS
    assert drawn_ms(centre, rules.REPEAT_DELAY, 1, 0.25) == DAY_MS
    assert drawn_ms(centre, rules.ORDER_TIME, 0, 0.75) == 6 * DAY_MS
    assert drawn_ms(centre, rules.ORDER_TIME, 1, 0.75) == 0


def test_quality_is_the_scenarios_with_novices_and_haste() -> None:
    resolution = {
        "on_the_spot": {"front": 0.5, "back": 0.8},
        "responsible_return": 0.1,
        "satisfied_on_the_spot": 0.8,
        "satisfied_work_order": 0.0,
        "satisfaction_per_wait_minute": -0.1,
        "satisfaction_per_order_day": -0.2,
    }
    haste = {"waiting": 4, "wrap_factor": 0.75, "returns_factor": 1.5}
    quality = {"novice_on_the_spot_loss": 0.5, "novice_returns": 2.0, "haste": haste}
    centre = whole(help={"resolution": resolution}, back={"novice_share": 0.2}, quality=quality).centre
    # Back: a fifth novices, who lose half: 0.8 x 0.9; and 1 + 2 x 0.2 as many returns.
    assert centre.on_the_spot[0, :, 0] == pytest.approx([0.5, 0.72])
    assert centre.quality.returned[0, :, 0] == pytest.approx([0.1, 0.14])
    for chances in (centre.on_the_spot, centre.quality.returned):
        assert (chances == chances[..., :1]).all()
    assert centre.quality.logits[0] == pytest.approx([np.log(4.0), -given.MOST_LOGIT])
    assert centre.quality.logits[1].tolist() == [given.MOST_LOGIT] * 2
    assert centre.quality.satisfied.tolist() == [[0.8, 0.0], [1.0, 1.0]]
    assert centre.quality.per_wait_minute.tolist() == [-0.1, 0.0]
    assert centre.quality.per_order_day.tolist() == [-0.2, 0.0]
    assert (centre.quality.haste_waiting, centre.quality.haste_permille, centre.quality.haste_returns) == (4, 750, 1.5)
    calm = whole().centre.quality
    assert (calm.haste_waiting, calm.haste_permille, calm.haste_returns) == (0, 1000, 1.0)


def test_the_callback_knows_the_mean_job_and_who_stands_before() -> None:
    transfer = {"share": 0.5, "consult": {"fixed": {"s": 40.0}}, "on_the_spot": 1.0}
    found = whole(
        help={"resolution": {"on_the_spot": 0.5}, "transfer": transfer},
        greeting={"ring_s": 3.0},
        callback={"threshold_s": 90.0, "accept": {"ask": 0.6}},
    ).centre.callback
    assert (found.over_ms, found.accept.tolist()) == (90_000, [0.0, 0.6])
    # Help: ring 3, talk 60, consulting 20, wrap-up 30 on three calls of four, 90 on one; ask: all on the spot.
    assert found.job_ms.tolist() == [128_000, 93_000]
    # Both share the group back; help goes first.
    assert found.before.tolist() == [[True, False], [True, True]]
    assert whole().centre.callback.over_ms == -1
    alone = whole(ask={"groups": ["front"]}, help={"groups": ["back"]}).centre.callback
    assert alone.before.tolist() == [[True, False], [False, True]]


@pytest.mark.parametrize(
    ("trigger", "looked_at", "over"),
    [
        ({"offered_last_hour": 200}, rules.OFFERED, 200),
        ({"waiting": 20}, rules.WAITING, 20),
        ({"longest_wait_s": 30.5}, rules.LONGEST_WAIT, 30_500),
    ],
)
def test_activations_are_told_in_slots(trigger: dict[str, Any], looked_at: int, over: int) -> None:
    times = {"notice_h": 0.5, "minimum_h": 2.0, "maximum_h": 12.0, "rest_h": 0.25}
    found = whole(back={"activation": {**trigger, **times, "agents_from": "front"}}).centre.activation
    assert [int(field[1]) for field in found] == [looked_at, over, 2, 8, 48, 1, 0]
    assert int(found.trigger[0]) == given.NO_TRIGGER


def test_without_a_limit_a_group_stays_as_long_as_it_is_needed() -> None:
    found = whole(back={"activation": {"waiting": 2}}).centre.activation
    assert found.maximum[1] > 10_000_000
    assert found.source[1] == -1


def test_a_group_that_goes_by_dates_is_always_on_where_it_has_a_roster() -> None:
    dates = {"from": dt.datetime(2020, 6, 6, 8), "to": dt.datetime(2020, 6, 6, 9)}
    found = whole(back={"activation": dates})
    assert found.centre.activation.trigger.tolist() == [given.NO_TRIGGER] * 2
    rostered = found.replication(1, 0)[1].roster[:, 1]
    assert np.flatnonzero(rostered).tolist() == [2 * 96 + slot for slot in range(32, 36)]


TASKS = {
    "review": task(
        after=[
            {"event": "work_order", "delay_h": 2.0, "types": ["ask"]},
            {"event": "on_the_spot", "types": ["help", "letter"]},
        ]
    ),
    "letter": task(
        per_hour=[4.0] * 24,
        work_order_share=0.9,
        responsible_return=0.02,
        satisfied=0.7,
        groups=["back", "front"],
        due={"working_days": 2},
    ),
    "ask_again": task(
        after=[{"event": "tasks.review", "probability": 0.12, "delay_h": [0.0, 10.0]}],
        asks={"reached": 0.6},
        days="workday",
        hours={"from_h": 9, "to_h": 17},
    ),
    "returned": task(after=[{"event": "return"}], due={"hours": 24.0}),
    "thanks": task(after=[{"event": "answer", "probability": 0.5}]),
}


def test_kinds_of_task_and_their_links() -> None:
    tasks = whole(tasks=TASKS).centre.tasks
    # Letters have arrivals of their own: they are kind 0, then review, ask_again, returned, thanks.
    assert tasks.n_written == 1
    assert tasks.order.tolist() == [[1, 0]] + [[1, -1]] * 4
    assert tasks.served.tolist() == [[0, -1, -1, -1, -1], [0, 1, 2, 3, 4]]
    assert tasks.due_ms.tolist() == [-1, 8 * HOUR_MS, 8 * HOUR_MS, 24 * HOUR_MS, 8 * HOUR_MS]
    assert tasks.written[0].tolist() == [0.9, 0.02, 0.7]
    assert tasks.reached.tolist() == [-1.0, -1.0, 0.6, -1.0, -1.0]
    links = zip(tasks.link_event.tolist(), tasks.link_kind.tolist(), tasks.link_chance.tolist(), strict=True)
    assert list(links) == [
        (rules.WORK_ORDER, 1, 1.0),
        (rules.ON_THE_SPOT, 1, 1.0),
        (rules.TASK_DONE + 1, 2, 0.12),
        (rules.RETURN, 3, 1.0),
        (rules.ON_THE_SPOT, 4, 0.5),
        (rules.WORK_ORDER, 4, 0.5),
    ]
    assert tasks.link_sources.tolist() == [[False, True, False], [True, False, True]] + [[True, True, True]] * 4
    drawn = [draws.duration_ms(tasks.dists.params, tasks.dists.table, row, 0.25) for row in range(11)]
    assert drawn == [60_000] * 5 + [2 * HOUR_MS, 0, HOUR_MS * 5 // 2, 0, 0, 0]


def test_tasks_are_open_by_hour_and_day_and_agents_kept_back() -> None:
    kept = {"workday": [0] * 12 + [2] * 12, "weekend": 1, "holiday": 0}
    found = whole(tasks=TASKS, front={"task_reserve": kept}, back={"task_reserve": [3] * 48})
    _, run, _ = found.replication(1, 0)
    assert run.task_open.shape == (5 * 96, 5)
    # Thursday (the warm-up), Friday, Saturday, Sunday, Monday.
    assert run.task_open[:, 2].reshape(5, 96).sum(axis=1).tolist() == [32, 32, 0, 0, 32]
    assert np.flatnonzero(run.task_open[:96, 2]).tolist() == list(range(36, 68))
    assert np.all(run.task_open[:, [0, 1, 3, 4]])
    assert run.task_reserve[:, 0].reshape(5, 2, 48)[:, :, 0].tolist() == [[0, 2], [0, 2], [1, 1], [1, 1], [0, 2]]
    assert np.all(run.task_reserve[:, 1] == 3)


def test_written_contacts_have_keys_means_and_slopes() -> None:
    found = whole(tasks=TASKS, demand={"within_slot": "linear", "growth": 0.5})
    _, run, _ = found.replication(3, 1)
    assert run.means.shape == run.slopes.shape == (5 * 96, 3)
    assert np.all(run.means[:, 2] == 1.5)
    assert run.contact_keys[2] == sub_key(stream_key(3, 1), CONTACTS, name_word("letter"))
    assert run.count_keys[2] == sub_key(stream_key(3, 1), COUNT, name_word("letter"))


def test_working_days_are_the_calendars() -> None:
    def due(first: dt.date, length: int, working_days: int, **calendar: Any) -> list[dt.date]:
        """Return the day at whose end a task released on each day is due."""
        plan = whole(
            horizon={"start": first, "end": first + dt.timedelta(days=length - 1), "warm_up_days": 0},
            tasks={"letter": {**TASKS["letter"], "due": {"working_days": working_days}}},
            calendar=calendar,
        )
        ends = plan.replication(1, 0)[1].due_by_day[:, 0]
        assert np.all(ends % DAY_MS == 0)
        return [first + dt.timedelta(days=int(end) // DAY_MS - 1) for end in ends]

    d = dt.date
    # Thursday to Monday: the second working day after a Thursday is Monday, after Friday to Sunday it is Tuesday.
    found = due(d(2020, 6, 4), 5, 2)
    assert found == [d(2020, 6, 8), d(2020, 6, 9), d(2020, 6, 9), d(2020, 6, 9), d(2020, 6, 10)]
    # National Day and Mid-Autumn of 2020: 1 to 8 October off; Sunday 27 September and Saturday 10 October worked.
    assert due(d(2020, 9, 26), 1, 1, country="CN") == [d(2020, 9, 27)]
    assert due(d(2020, 9, 30), 1, 1, country="CN") == [d(2020, 10, 9)]
    assert due(d(2020, 10, 9), 1, 1, country="CN") == [d(2020, 10, 10)]
    # A whole year of holidays, of the planner's own: the year after.
    off = {str(d(2020, 1, 1) + dt.timedelta(days=n)): "holiday" for n in range(366)}
    assert due(d(2020, 6, 4), 1, 3, days=off) == [d(2021, 1, 5)]


def test_due_days_count_from_the_horizons_start_with_a_warm_up() -> None:
    _, run, _ = whole(tasks=TASKS).replication(1, 0)
    # Released on Thursday 4 June, the warm-up: due at the end of Monday 8 June, day 4 from Friday's midnight.
    assert run.due_by_day[:, 0].tolist() == [4 * DAY_MS, 5 * DAY_MS, 5 * DAY_MS, 5 * DAY_MS, 6 * DAY_MS]
    assert np.all(run.due_by_day[:, 1:] == -1)


def test_without_the_new_rules_they_are_all_switched_off() -> None:
    found = whole().centre
    off = given.switched_off(2, 2, found.speed.shape[1])
    for name in ("repeat", "bump_ms", "bump_share", "transfer", "leaves_ms"):
        np.testing.assert_array_equal(getattr(found, name), off[name], err_msg=name)
    for name in ("quality", "activation"):
        for field, one, other in zip(off[name]._fields, getattr(found, name), off[name], strict=True):
            np.testing.assert_array_equal(one, other, err_msg=f"{name}.{field}")
    assert found.tasks.n_written == found.tasks.order.shape[0] == found.tasks.link_event.size == 0
    assert found.tasks.served.shape == (2, 0)
    _, run, _ = whole().replication(1, 0)
    for name, value in given.no_tasks(5 * 96, 2).items():
        np.testing.assert_array_equal(getattr(run, name), value)
