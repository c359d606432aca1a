"""The plain SimPy models give the engines' statistics, and the comparison has the form that is promised."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Generator, Iterable
from typing import Any

import numpy as np
import pytest
from scipy import stats

from sim.bench import rule_costs, simulators
from sim.bench.bench import BenchReport, compare
from sim.bench.cases import Case, Queue, one_queue, queue_case, scenario_case, shortened, telephone_alone
from sim.bench.simpy_centre import family
from sim.bench.simpy_centre import simulate as simulate_centre
from sim.bench.simpy_queue import QueueModel
from sim.bench.simpy_queue import simulate as simulate_queue
from sim.demand import draws
from sim.engine import fast, tally
from sim.engine.given import Run
from sim.engine.inputs import prepare
from sim.scenario import Scenario, load

LEVEL = 1e-4
"""How often a test of two means may fail by chance, if seeds were not fixed."""


# One queue by hand


def trace(arrive_s: list[float], service_s: list[float], patience_s: list[float]) -> QueueModel:
    """Run calls at given times through one agent; services are used up in the order in which they begin."""
    model = QueueModel(1, iter(service_s).__next__, iter(patience_s).__next__)

    def arrivals() -> Generator[Any, Any, None]:
        for at in arrive_s:
            yield model.env.timeout(at - model.env.now)
            model.env.process(model.call())

    model.env.process(arrivals())
    model.env.run()
    return model


def test_queue_by_hand():
    # The first talks from 0 to 10; the second waits from 1 and is answered at 10; the third gives up at 7.
    model = trace([0.0, 1.0, 2.0], [10.0, 3.0], [100.0, 100.0, 5.0])
    assert (model.tally.answered, model.tally.abandoned) == (2, 1)
    assert model.tally.waited_s == 9.0


@pytest.mark.parametrize(
    ("arrive_s", "service_s", "patience_s", "answered", "waited_s"),
    [
        # At 10 the talk ends, begun at 0, and the patience of the second, who has waited since 5: answered.
        ([0.0, 5.0, 30.0], [10.0, 1.0, 1.0], [100.0, 5.0, 1.0], 3, 5.0),
        # The same, but the third has waited since 4 and the second's talk begins at 5: patience ends first.
        ([0.0, 1.0, 4.0, 30.0], [5.0, 5.0, 1.0], [100.0, 100.0, 6.0, 1.0], 3, 4.0),
    ],
    ids=["talk-ends-first", "patience-ends-first"],
)
def test_talk_and_patience_that_end_together_lose_no_agent(arrive_s, service_s, patience_s, answered, waited_s):
    model = trace(arrive_s, service_s, patience_s)
    assert model.tally.answered == answered
    assert model.tally.abandoned == len(arrive_s) - answered
    assert model.tally.waited_s == waited_s
    assert model.agents.count == 0
    assert not model.agents.queue


def test_agents_off_duty_leave_when_their_call_ends():
    # Two agents, then one from the second half-hour on. Both talk past 1800 s, so the call of 1700 s waits
    # until the second of them is free, at 2100 s.
    queue = Queue(calls_per_hour=(0.0,) * 48, agents=(2, *[1] * 47), service_s=1.0, patience_s=1.0)
    model = QueueModel(2, iter([2000.0, 2090.0, 10.0]).__next__, iter([1e6] * 3).__next__)

    def arrivals() -> Generator[Any, Any, None]:
        for at in (0.0, 10.0, 1700.0):
            yield model.env.timeout(at - model.env.now)
            model.env.process(model.call())

    model.env.process(model.roster(queue, 1))
    model.env.process(arrivals())
    model.env.run()
    assert model.tally.answered == 3
    assert model.tally.waited_s == 2100.0 - 1700.0


# Agreement with the engines


def agree(ours: list[float], theirs: list[float], within: float) -> None:
    """Compare two means over replications by Welch's test, after checking that it would see ``within``."""
    interval = stats.ttest_ind(ours, theirs, equal_var=False).confidence_interval(1.0 - LEVEL)
    assert (interval.high - interval.low) / 2.0 < within, "too few calls to say anything"
    assert interval.low < 0.0 < interval.high


def sums(case: Case, run: Run) -> np.ndarray:
    """Return the fast engine's counts of a run, measured rows and all types together."""
    counts, *_ = fast.simulate(case.centre, run)
    return counts.counts[run.warm_rows :].sum(axis=(0, 1))


def test_queue_agrees_with_the_fast_engine():
    queue = one_queue()
    case = queue_case(queue, 60)
    ours = [simulate_queue(queue, 2, seed) for seed in range(8)]
    theirs = [sums(case, part.run) for part in split(case, 8)]
    agree([t.answered / t.offered for t in ours], [s[tally.ANSWERED] / s[tally.OFFERED] for s in theirs], 0.02)
    agree(
        [t.waited_s / t.answered for t in ours],
        [s[tally.ANSWERED_WAIT_MS] / s[tally.ANSWERED] / 1000 for s in theirs],
        4.0,
    )


def split(case: Case, parts: int) -> Iterable[Case]:
    """Return two-day pieces of a case, apart from one another."""
    for part in range(parts):
        first, last = part * 4 * 96, (part * 4 + 2) * 96
        run = case.run
        yield Case(
            case.name,
            case.centre,
            run._replace(
                means=run.means[first:last], slopes=run.slopes[first:last], roster=run.roster[first:last],
                first_slot=run.first_slot + first, start_ms=run.start_ms + first * 900_000,
                end_ms=run.start_ms + last * 900_000,
            ),
        )  # fmt: skip


def busy_centre() -> Scenario:
    """Return three days of a small centre, too few agents, that has every rule; the first is warm-up."""
    day = [2.0] * 8 + [40.0, 60.0, 60.0, 50.0, 40.0, 50.0, 60.0, 60.0, 50.0, 40.0] + [20.0] * 4 + [5.0] * 2
    law = {
        "talk": {"lognormal": {"mean_s": 180.0, "cv": 0.9}},
        "wrap": {"gamma": {"mean_s": 40.0, "cv": 1.0}},
    }
    return Scenario.model_validate(
        {
            "schema": 1,
            "name": "busy",
            "horizon": {"start": dt.date(2020, 3, 2), "end": dt.date(2020, 3, 4), "warm_up_days": 1},
            "calendar": {"country": "none"},
            "demand": {"within_slot": "linear"},
            "types": {
                "urgent": {
                    "per_hour": [rate / 4 for rate in day],
                    "priority": 1,
                    "groups": ["general", "expert", "night"],
                    "routing": "longest_idle",
                    "patience": {"weibull": {"shape": 0.8, "scale_s": 300.0}, "immediate_share": 0.05},
                    "redial": {
                        "probability": [0.9, 0.4],
                        "delay": {"quantiles": [5.0, 60.0, 400.0, 3000.0]},
                        "max_attempts": 3,
                        "patience": "same",
                    },
                    **law,
                },
                "enquiry": {
                    "per_hour": day,
                    "priority": 2,
                    "groups": ["general", "night", "expert"],
                    "reserve": {"expert": 2},
                    "join_after_s": {"expert": 20.0},
                    "wrap_work_order": {"uniform": {"low_s": 20.0, "high_s": 200.0}},
                    "resolution": {
                        "on_the_spot": {"general": 0.5, "expert": 0.9, "night": 0.4},
                        "responsible_return": 0.2,
                        "satisfied_on_the_spot": 0.9,
                        "satisfied_work_order": 0.6,
                    },
                    "patience": {"exponential": {"mean_s": 200.0}},
                    "redial": {
                        "probability": 0.6,
                        "delay": {"exponential": {"mean_s": 600.0}},
                        "max_attempts": 5,
                        "handling": "new",
                    },
                    **law,
                },
                "company": {
                    "per_hour": [rate / 3 for rate in day],
                    "priority": 2,
                    "groups": ["expert", "general"],
                    "routing": "random",
                    "patience": {"never": True},
                    **law,
                },
            },
            "groups": {
                "general": {
                    "on_duty": {"all": [1] * 8 + [4, 5, 2, 5, 3, 4, 5, 4, 2, 3] + [2] * 6},
                    "speed": 1.1,
                },
                "expert": {"on_duty": {"all": [0] * 8 + [3] * 10 + [0] * 6}, "reserve": 1},
                "night": {"on_duty": {"all": [1] * 8 + [0] * 12 + [1] * 4}},
            },
            "lines": {"count": 14},
            "greeting": {"announcement_s": 8.0, "ring_s": 3.0, "contained_share": 0.05},
        }
    )


def test_centre_agrees_with_the_fast_engine():
    plan = prepare(busy_centre())
    runs = [plan.replication(5, number)[1] for number in range(40)]
    ours = [simulate_centre(plan.centre, run, seed) for seed, run in enumerate(runs)]
    theirs = [sums(Case("busy", plan.centre, run), run) for run in runs]

    def share(column: int) -> list[float]:
        return [float(s[column] / s[tally.OFFERED]) for s in theirs]

    def mean(column: int) -> list[float]:
        return [float(s[column] / s[tally.ANSWERED]) for s in theirs]

    agree([t.answered / t.offered for t in ours], share(tally.ANSWERED), 0.02)
    agree([t.blocked / t.offered for t in ours], share(tally.BLOCKED), 0.02)
    agree([t.contained / t.offered for t in ours], share(tally.CONTAINED), 0.01)
    agree([t.redials / t.offered for t in ours], share(tally.REDIALS), 0.02)
    agree([t.answered_wait_ms / t.answered for t in ours], mean(tally.ANSWERED_WAIT_MS), 8_000)
    agree([t.within[2] / t.answered for t in ours], mean(tally.WITHIN + 2), 0.02)
    agree([t.talk_ms / t.answered for t in ours], mean(tally.TALK_MS), 6_000)
    agree([t.wrap_ms / t.answered for t in ours], mean(tally.WRAP_MS), 3_000)
    agree([t.on_the_spot / t.answered for t in ours], mean(tally.ON_THE_SPOT), 0.02)
    agree([t.returns / t.answered for t in ours], mean(tally.RETURNS), 0.02)
    agree([t.satisfied / t.answered for t in ours], mean(tally.SATISFIED), 0.02)


@pytest.mark.parametrize("cv", [0.5, 1.5])
def test_gamma_is_recovered_from_its_table(cv: float):
    dists = draws.pack([(draws.GAMMA, 0.0, 0.0, 0.0, draws.gamma_table(40.0, cv))])
    drawn = family(dists, 0, np.random.default_rng(1))(20_000)
    shape = cv**-2.0
    assert stats.kstest(drawn, stats.gamma(shape, scale=40.0 / shape).cdf).pvalue > LEVEL


# The comparison


def test_shortened_case_is_whole_days_from_the_middle():
    case = queue_case(one_queue(1_000.0), 9)
    part = shortened(case, 1_500)
    assert part.run.means.shape == (2 * 96, 1)
    assert part.run.start_ms == 3 * 86_400_000
    assert part.run.first_slot == case.run.first_slot + 3 * 96
    assert part.run.end_ms - part.run.start_ms == 2 * 86_400_000


def test_report():
    steps: list[tuple[int, int]] = []
    tell: Callable[[int, int, str], None] = lambda done, of, _: steps.append((done, of))  # noqa: E731
    report = compare([queue_case(one_queue(2_000.0), 4)], rounds=2, slow_calls=1_000, progress=tell)
    plain, reference, fast_row = report.rows
    assert plain.ratio == 1.0
    assert fast_row.calls == pytest.approx(8_000, rel=0.1)
    assert plain.calls == pytest.approx(2_000, rel=0.2)
    assert reference.calls < fast_row.calls
    for row in report.rows:
        assert row.calls_per_s > 0
        assert 10 < row.loaded_mb <= row.peak_mb < 1_000
        assert 0 < row.drawing_share < 1
    assert steps == [(i, 12) for i in range(12)]
    names = ["SimPy, a process per call", "reference engine", "fast engine"]
    assert [row["simulator"] for row in report.to_dict()["rows"]] == names
    table = report.render()
    assert len(table.splitlines()) == 5
    assert "× SimPy" in table.splitlines()[0]


def test_every_simulator_answers_the_same_share_of_one_case():
    case = queue_case(one_queue(2_000.0), 10)
    shares = {}
    for name in simulators.SIMULATORS:
        timing = simulators.timed(name, case, 1)
        shares[name] = timing.answered / timing.offered
    assert shares["reference"] == shares["fast"]
    assert shares["simpy"] == pytest.approx(shares["fast"], abs=0.02)


@pytest.mark.parametrize("name", simulators.SIMULATORS)
@pytest.mark.parametrize("shipped", ["one-day", "shanghai-2020-heads"])
def test_every_simulator_warms_up_and_draws_the_telephone_of_a_centre(name: simulators.Simulator, shipped: str):
    day = shortened(telephone_alone(scenario_case("telephone", load(shipped))), 1)
    simulators.warm_up(name, day)
    assert simulators.drawing_s(name, day, 0) > 0


def test_each_rule_is_on_in_its_variant_alone():
    variants = rule_costs.cases(8)
    assert tuple(variants) == rule_costs.VARIANTS
    counts = {rule: fast.simulate(case.centre, case.run)[0] for rule, case in variants.items()}
    calls = {rule: found.counts.sum(axis=(0, 1)) for rule, found in counts.items()}
    plain = calls[rule_costs.PLAIN]

    def those_with(column: int) -> set[str]:
        return {rule for rule, found in calls.items() if found[column] > 0} - {rule_costs.WHOLE}

    assert those_with(tally.REPEATS) == {"repeats"}
    assert those_with(tally.TRANSFERS) == {"transfers"}
    assert those_with(tally.CALLBACKS) == {"callback"}
    assert those_with(tally.HASTY) == {"haste"}
    with_tasks = {rule for rule, found in counts.items() if found.tasks.sum() > 0}
    assert with_tasks == {rule_costs.TASKS, rule_costs.WHOLE}
    assert (counts[rule_costs.TASKS].tasks[..., tally.DONE].sum(axis=0) > 0).all()
    assert (calls[rule_costs.TASKS] == plain).all()  # desks of their own
    alone = telephone_alone(variants[rule_costs.WHOLE])
    found = fast.simulate(alone.centre, alone.run)[0]
    assert found.tasks.size == 0
    of_rules = [tally.REPEATS, tally.TRANSFERS, tally.CALLBACKS, tally.HASTY]
    assert (found.counts[..., of_rules] == 0).all()
    assert found.counts[..., tally.RETURNS].sum() > 0
    flex = list(rule_costs.with_rule("activation by trigger", load(rule_costs.BASELINE)).groups).index("flex")
    assert counts["activation by trigger"].duty[:, flex, tally.BUSY_MS].sum() > 0
    weary = calls["satisfaction by wait"]
    assert weary[tally.SATISFIED] < plain[tally.SATISFIED]
    assert weary[tally.WAIT_MS] == plain[tally.WAIT_MS]
    assert calls["announcement while waiting"][tally.ABANDONED] > plain[tally.ABANDONED]
    # Where agents are planned for what comes, calls are answered as they are without it.
    for found in calls.values():
        assert abs(found[tally.ANSWERED] / found[tally.OFFERED] - plain[tally.ANSWERED] / plain[tally.OFFERED]) < 0.03


@pytest.mark.slow
def test_what_each_rule_costs():
    steps: list[str] = []
    rows = rule_costs.rule_costs(2, 1, steps.append)
    assert len(steps) == rule_costs.steps(1)
    assert tuple(row.rule for row in rows) == rule_costs.VARIANTS
    assert rows[0].ratio == 1.0
    for row in rows:
        assert row.calls > 10_000
        assert row.calls_per_s > 0
        assert (row.tasks > 0) == (row.rule in (rule_costs.TASKS, rule_costs.WHOLE))
        assert (row.peak_mb is not None) == (row.rule in (rule_costs.PLAIN, rule_costs.TASKS))
    lines = BenchReport(1, "here", (), tuple(rows)).render().splitlines()
    assert rule_costs.TASKS in " ".join(lines)
