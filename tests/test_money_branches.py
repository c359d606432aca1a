"""What the plan needs in the small centre with one thing changed: second choices, overload, speed, homes, by hand.

The small centre has 31 days of 10 calls and 2 letters an hour; half of the calls and 40 % of the letters become work
orders, each reviewed by the desk: 4,315.2 of them. The desk has two on duty of whom a tenth is away, 1,339.2 h.
"""

from __future__ import annotations

from typing import Any

import pytest
from test_cost import small_tables

from sim.cost.drivers import Drivers, plan
from sim.cost.heads import steps
from sim.scenario import from_dict

LETTERS = 31 * 24 * 2
ORDERS = 0.5 * 31 * 24 * 10 + 0.4 * LETTERS
DESK_H = 31 * 24 * 2 * 0.9


def needs(tables: dict[str, Any]) -> Drivers:
    return plan(from_dict(tables))


def test_a_group_that_no_work_names_first_divides_its_hours_among_the_work_that_names_it_second() -> None:
    """Letters take 124 h, reviews 431.52: the spare one's 744 h go to them in this proportion."""
    tables = small_tables()
    tables["groups"]["spare"] = {"on_duty": {"all": 1}}
    tables["tasks"]["letter"]["groups"] = ["office", "spare"]
    tables["tasks"]["review"]["groups"] = ["desk", "spare"]
    found = needs(tables)
    letters_h, reviews_h = LETTERS / 12, ORDERS / 10
    of_letters = letters_h / (letters_h + reviews_h)
    assert found.task_h["letter"].sum() == pytest.approx(31 * 8 + 744 * of_letters)
    assert found.task_h["review"].sum() == pytest.approx(reviews_h + 744 * (1 - of_letters))
    assert found.phone_h.sum() == pytest.approx(DESK_H - reviews_h)


def test_more_work_than_a_group_has_hours_takes_them_all_and_no_more() -> None:
    """Reviews of half an hour are 2,157.6 h: the desk has 1,339.2, and none is left for the telephone."""
    tables = small_tables()
    tables["tasks"]["review"]["handling"] = {"fixed": {"s": 1800}}
    found = needs(tables)
    assert found.task_busy_h["review"].sum() == pytest.approx(ORDERS / 2)
    assert found.task_h["review"].sum() == pytest.approx(DESK_H)
    assert found.phone_h.sum() == pytest.approx(0.0, abs=1e-9)


def test_written_contacts_that_do_not_count_are_not_planned_as_accepted() -> None:
    """Of the letters none; one form an hour is 744."""
    tables = small_tables()
    tables["tasks"]["letter"]["counts_as_accepted"] = False
    tables["tasks"]["form"] = {**small_tables()["tasks"]["letter"], "per_hour": [1] * 24}
    found = needs(tables)
    assert found.volumes["written_contact"].sum() == pytest.approx(744)
    assert found.accepted == pytest.approx(7440 + 744)


def test_a_slow_group_is_longer_at_its_tasks() -> None:
    """Half as long again: letters take 124 × 1.5 h. The reviews of the desk stay."""
    tables = small_tables()
    tables["groups"]["office"]["speed"] = 1.5
    found = needs(tables)
    assert found.task_busy_h["letter"].sum() == pytest.approx(186.0)
    assert found.task_busy_h["review"].sum() == pytest.approx(ORDERS / 10)


def test_who_works_from_home_needs_no_seat() -> None:
    """Two at the desk and one at the letters; four at home. Without any site all seven count."""
    tables = small_tables()
    tables["groups"]["home"] = {"on_duty": {"all": 4}}
    tables["types"]["call"]["groups"] = ["desk", "home"]
    assert needs(tables).seats_needed == 3
    del tables["sites"], tables["groups"]["desk"]["site"], tables["groups"]["office"]["site"]
    assert needs(tables).seats_needed == 7


def test_work_orders_cite_the_novices_that_write_them_and_calls_do_not() -> None:
    tables = small_tables()
    tables["groups"]["desk"]["novice_share"] = 0.2
    tables["sources"] = {"groups.desk.novice_share": "assumed: one in five"}
    scenario = from_dict(tables)
    cites = {step.key: step.sources for step in steps(scenario, plan(scenario)) if step.kind == "volume"}
    for volume in ("work_order", "returned_order"):
        assert cites[volume]["groups.desk.novice_share"] == "assumed: one in five"
    for volume in ("phone_contact", "written_contact"):
        assert "groups.desk.novice_share" not in cites[volume]
