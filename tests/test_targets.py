"""Verdicts and probabilities of the targets (§17)."""

from __future__ import annotations

import numpy as np
import pytest

from sim.measures import clopper_pearson
from sim.report.phrases import said
from sim.scenario import Scenario, load, to_dict
from sim.scenario.load import from_dict
from sim.targets import Spending, TargetRow, evaluate


def with_targets(**targets: object) -> Scenario:
    tables = load("one-day").model_dump(by_alias=True, exclude_none=True)
    tables["targets"] = targets
    tables["sources"] = {}
    return from_dict(tables)


def judged(targets: dict[str, object], spending: Spending | None = None, **values: list[float]) -> TargetRow:
    """Evaluate one target on replications with these values (each over a denominator of 1)."""
    n = len(next(iter(values.values())))
    pairs = {name: np.column_stack([found, np.ones(n)]) for name, found in values.items()}
    pairs = {"offered": np.ones((n, 2)), "callback_wait_s": np.zeros((n, 2))} | pairs
    (row,) = evaluate(with_targets(**targets), pairs, spending or Spending(None, None), whole=True)
    return row


def test_met_missed_and_undecided_by_the_whole_interval() -> None:
    target = {"connection_rate": {"at_least": 0.9}}
    assert judged(target, connection_rate=[0.95, 0.96, 0.97]).verdict == "met"
    assert judged(target, connection_rate=[0.85, 0.86, 0.87]).verdict == "missed"
    assert judged(target, connection_rate=[0.85, 0.90, 0.95]).verdict == "undecided"
    assert judged(target, connection_rate=[0.95]).verdict == "undecided"


def test_probability_is_the_share_of_years_that_meet_it() -> None:
    row = judged({"asa": {"at_most_s": 8.0}}, asa_s=[7.0, 8.0, 9.0, 7.5])
    assert row.probability == 0.75
    assert (row.probability_low, row.probability_high) == clopper_pearson(3, 4)


def test_less_than_does_not_take_the_limit_itself() -> None:
    target = {"responsible_return": {"less_than": 0.07}}
    assert judged(target, responsible_return_share=[0.07, 0.07]).verdict == "missed"
    assert judged(target, responsible_return_share=[0.0699, 0.0699]).verdict == "met"


def test_about_four_million_is_three_per_cent_either_way() -> None:
    target = {"accepted": {"about": 4e6, "tolerance": 0.03}}
    assert judged(target, accepted=[3.99e6, 4.0e6, 4.01e6]).verdict == "met"
    assert judged(target, accepted=[4.2e6, 4.21e6, 4.22e6]).verdict == "missed"
    assert judged(target, accepted=[3.87e6, 4.13e6]).probability == 0.0


def test_the_years_volume_is_not_judged_on_a_part_of_the_year() -> None:
    scenario = with_targets(accepted={"about": 4e6})
    pairs = {"accepted": np.array([[4e6, 1.0], [4e6, 1.0]]), "offered": np.ones((2, 2))}
    (row,) = evaluate(scenario, pairs, Spending(None, None), whole=False)
    assert row.verdict == "undecided"
    assert row.probability is None
    assert "part of the year" in row.note


@pytest.mark.parametrize(
    ("target", "measured", "note"),
    [
        ({"economic": {"at_most_cny": 40.0}}, 50.0, "the year's cost per contact"),
        ({"sustainable": {"at_most_cny": 60.0}}, 50.0, "the year's cost per contact"),
        (
            {"environmental": {"at_most_kwh": 1.0, "kwh_per_seat_hour": 0.1, "fixed_kw": 1.0}},
            0.8,
            "the year's energy per contact",
        ),
    ],
)
def test_what_a_contact_takes_is_shown_and_not_judged_on_a_part_of_the_year(
    target: dict[str, object], measured: float, note: str
) -> None:
    """5 million yuan and 80,000 kWh for 100,000 contacts; in a year the first is missed, the others met."""
    spent = Spending(cny=5e6, kwh=8e4)
    pairs = {"accepted": np.array([[1e5, 1.0], [1e5, 1.0]]), "offered": np.ones((2, 2))}
    (row,) = evaluate(with_targets(**target), pairs, spent, whole=False)
    assert (row.measured, row.low, row.high) == (measured, measured, measured)
    assert (row.verdict, row.probability) == ("undecided", None)
    assert (row.probability_low, row.probability_high) == (None, None)
    assert row.note == f"{note} is not judged on a part of the year"
    (row,) = evaluate(with_targets(**target), pairs, spent, whole=True)
    assert row.verdict == ("missed" if "economic" in target else "met")
    assert row.note == ""


def test_shares_and_waits_are_judged_on_a_part_of_the_year() -> None:
    pairs = {"asa_s": np.array([[7.0, 1.0], [7.0, 1.0]]), "lost_share": np.array([[0.1, 1.0], [0.1, 1.0]])}
    pairs |= {"callback_wait_s": np.zeros((2, 2))}
    targets = with_targets(asa={"at_most_s": 8.0}, social={"at_most": 0.05})
    rows = evaluate(targets, pairs | {"accepted": np.ones((2, 2))}, Spending(None, None), whole=False)
    assert [(row.verdict, row.probability, row.note) for row in rows] == [("met", 1.0, ""), ("missed", 0.0, "")]


def test_the_basis_of_the_connection_rate_is_the_scenarios() -> None:
    values = {"connection_rate": [0.5, 0.5], "connection_rate_contacts": [0.99, 0.99]}
    assert judged({"connection_rate": {"at_least": 0.9, "basis": "contacts"}}, **values).verdict == "met"
    assert judged({"connection_rate": {"at_least": 0.9}}, **values).verdict == "missed"


def test_money_and_energy_are_for_each_accepted_contact() -> None:
    spent = Spending(cny=133_340_000.0, kwh=2_000_000.0)
    cost = judged({"economic": {"at_most_cny": 33.4}}, spent, accepted=[4e6, 4e6])
    assert cost.measured == pytest.approx(33.335)
    assert cost.verdict == "met"
    energy = judged(
        {"environmental": {"at_most_kwh": 0.4, "kwh_per_seat_hour": 0.1, "fixed_kw": 1.0}}, spent, accepted=[4e6, 4e6]
    )
    assert energy.measured == pytest.approx(0.5)
    assert energy.verdict == "missed"


def test_without_money_there_is_no_number_and_no_verdict() -> None:
    row = judged({"economic": {"at_most_cny": 33.4}}, accepted=[4e6, 4e6])
    assert (row.measured, row.probability, row.verdict) == (None, None, "undecided")


def test_rank_counts_the_indicators_on_which_the_rival_is_passed() -> None:
    target = {"rank": {"rivals": {"connection_rate": 0.9, "asa": 8.0, "fcr": 0.6}}}
    row = judged(target, connection_rate=[0.95, 0.89], asa_s=[7.0, 7.0], fcr_share=[0.7, 0.7])
    assert row.measured == pytest.approx(2.5)
    assert row.target == 3
    assert row.probability == 0.5


@pytest.mark.parametrize(
    ("population", "zh", "en", "whose"),
    [
        # For no kind of task asks.
        (None, "全部来电接通者", "all answered calls", "of all whose call was answered"),
        ("follow_up", "人工回访市民", "follow-up calls", "of the citizens reached by follow-up calls"),
        ("all", "全部来电接通者", "all answered calls", "of all whose call was answered"),
        ("on_the_spot", "一次性解答来电者", "answered on the spot", "of those answered on the spot"),
        ("work_orders", "工单市民", "work orders by telephone", "of those whose call became a work order"),
    ],
)
def test_satisfaction_says_whose_it_is_and_of_how_many(population: str | None, zh: str, en: str, whose: str) -> None:
    target = {"at_least": 0.9} | ({"population": population} if population else {})
    pairs = {"satisfaction_share": np.array([[950.0, 1000.0], [1900.0, 2000.0]]), "offered": np.ones((2, 2))}
    targets = with_targets(satisfaction=target, rank={"rivals": {"satisfaction": 0.92}})
    row, rank = evaluate(targets, pairs, Spending(None, None), whole=True)
    assert row.measured == pytest.approx(0.95)
    assert row.name_zh.endswith(f"{zh}满意度")
    assert row.name_en == f"satisfaction, {en}"
    assert row.note == f"{whose}: 1,500 a replication"
    # What is compared with the rival is the same satisfaction.
    assert said(rank.note, "zh") == f"对比城市的数值取自方案：{row.name_zh} 0.92"
    assert rank.note == f"the rival's values are the scenario's: satisfaction_{population or 'all'} 0.92"


@pytest.mark.parametrize(("counts", "word"), [("apart", "without"), ("waited", "with")])
def test_the_answer_time_says_who_was_called_back(counts: str, word: str) -> None:
    scenario = with_targets(asa={"at_most_s": 8.0})
    callback = {"threshold_s": 30.0, "accept": 0.5, "counts": counts}
    scenario = from_dict(to_dict(scenario) | {"callback": callback})
    pairs = {"asa_s": np.array([[7.0, 1.0], [7.0, 1.0]]), "callback_wait_s": np.array([[600.0, 10.0], [1800.0, 20.0]])}
    (row,) = evaluate(scenario, pairs, Spending(None, None), whole=True)
    assert row.note == f"{word} those called back: 15 a replication, after 80.0 s on average"
