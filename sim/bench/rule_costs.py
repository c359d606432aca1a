"""What each rule that a plain telephone does without costs the fast engine, switched on alone.

The shipped baseline uses most of them, so it is first stripped to its telephone. The rules are then settings, such as
``hotline run --set`` takes. Where they bring work, agents are planned for it, so that nothing piles up.
"""

from __future__ import annotations

import datetime as dt
import statistics
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any, Final

from sim.bench import simulators
from sim.bench.cases import Case, scenario_case
from sim.bench.simulators import Timing
from sim.scenario import Scenario, from_dict, load, to_dict

BASELINE: Final = "shanghai-2020"
PLAIN: Final = "none of them"
TASKS: Final = "work that can wait"

_PLAIN_RESOLUTION: Final = ("on_the_spot", "responsible_return", "satisfied_on_the_spot", "satisfied_work_order")
_SETS_OF_TYPES: Final[dict[str, tuple[str, ...]]] = {
    "repeats": (
        "resolution.repeat = { on_the_spot = 0.02, work_order = 0.05 }",
        "resolution.repeat_delay_days = 3",
    ),
    "transfers": ("transfer = { share = 0.05, consult = { exponential = { mean_s = 150 } }, leaves_after_s = 60 }",),
    "announcement while waiting": ("patience.announcement = { at_s = 30, hang_up_share = 0.2 }",),
    "satisfaction by wait": ("resolution.satisfaction_per_wait_minute = -0.2",),
}
"""By rule, what is set of every type of calls."""

_SETS: Final[dict[str, tuple[str, ...]]] = {
    TASKS: (
        'groups.desk.on_duty = { rule = "workload" }',
        "groups.general.task_reserve = 20",
        "tasks.letter.annual_contacts = 300_000",
        "tasks.letter.work_order_share = 0.43",
        "tasks.letter.handling = { gamma = { mean_s = 900, cv = 1 } }",
        "tasks.letter.due = { working_days = 1 }",
        'tasks.letter.groups = ["desk", "general"]',
        'tasks.review.after = [{ event = "work_order" }]',
        "tasks.review.handling = { gamma = { mean_s = 360, cv = 1 } }",
        "tasks.review.due = { hours = 24 }",
        'tasks.review.groups = ["desk", "general"]',
        'tasks.follow_up.after = [{ event = "tasks.review", probability = 0.12, delay_h = 120 }]',
        "tasks.follow_up.asks = { reached = 0.7 }",
        "tasks.follow_up.handling = { gamma = { mean_s = 600, cv = 1 } }",
        "tasks.follow_up.due = { working_days = 2 }",
        "tasks.follow_up.hours = { from_h = 9, to_h = 20 }",
        'tasks.follow_up.groups = ["desk", "general"]',
    ),
    "callback": ("callback = { threshold_s = 20, accept = 0.3 }",),
    "activation by trigger": (
        "groups.flex = { on_duty = { all = 20 }, activation = { waiting = 5, notice_h = 0.25, minimum_h = 1 } }",
        'types.enquiry.groups = ["general", "flex"]',
    ),
    "haste": ("quality.haste = { waiting = 3, wrap_factor = 0.8, returns_factor = 1.5 }",),
}
"""By rule, what is set of the centre."""

RULES: Final = (*_SETS_OF_TYPES, *_SETS)


@dataclass(frozen=True)
class RuleRow:
    """The baseline with one rule switched on, on the fast engine.

    ``calls`` and ``tasks`` are those of a round, ``calls_per_s`` the median over rounds and ``ratio`` the median of the
    ratios to the baseline without the rule in the same round. ``peak_mb`` and ``loaded_mb`` are as in
    :class:`~sim.bench.bench.BenchRow`, and known for the baseline and for work that can wait alone.
    """

    rule: str
    calls: int
    tasks: int
    calls_per_s: float
    ratio: float
    peak_mb: float | None
    loaded_mb: float | None


def telephone() -> dict[str, Any]:
    """Return the baseline's tables with none of the rules: its calls and those who take them, without money."""
    tables = to_dict(load(BASELINE))
    for name in ("tasks", "quality", "callback", "workforce", "posts", "cost", "sources"):
        tables.pop(name, None)
    taken = {group for kind in tables["types"].values() for group in kind["groups"]}
    tables["groups"] = {name: group for name, group in tables["groups"].items() if name in taken}
    for kind in tables["types"].values():
        kind.pop("transfer", None)
        kind["resolution"] = {key: kind["resolution"][key] for key in _PLAIN_RESOLUTION if key in kind["resolution"]}
    tables["targets"] = {"asa": tables["targets"]["asa"]}
    return tables


def with_rule(rule: str) -> Scenario:
    """Return the baseline's telephone with one of :data:`RULES` switched on, or :data:`PLAIN`."""
    tables = telephone()
    of_types = [f"types.{name}.{given}" for name in tables["types"] for given in _SETS_OF_TYPES.get(rule, ())]
    return from_dict(tables, [*of_types, *_SETS.get(rule, ())])


def cases(days: int) -> dict[str, Case]:
    """Return the baseline and each rule's variant of it, the days in the middle of the horizon."""
    scenarios = {rule: with_rule(rule) for rule in (PLAIN, *RULES)}
    horizon = scenarios[PLAIN].horizon
    first = horizon.start + dt.timedelta(days=((horizon.end - horizon.start).days + 1 - days) // 2)
    last = first + dt.timedelta(days=days - 1)
    return {rule: scenario_case(rule, scenario, first=first, last=last) for rule, scenario in scenarios.items()}


def steps(rounds: int) -> int:
    """Return how often :func:`rule_costs` tells its progress."""
    return 3 + rounds * (1 + len(RULES))


def rule_costs(days: int, rounds: int, tell: Callable[[str], None]) -> list[RuleRow]:
    """Run the baseline and each variant in turn, ``rounds`` times, in one process; then two for their memory.

    Parameters
    ----------
    days, rounds
        How long each run is, and how often.
    tell
        Called with what comes next.
    """
    tell("each rule alone: loading and compiling")
    variants = cases(days)
    timings: dict[str, list[Timing]] = {rule: [] for rule in variants}
    with _process() as pool:
        for case in variants.values():
            pool.submit(simulators.warm_up, "fast", case).result()
        for number in range(rounds):
            for rule, case in variants.items():
                tell(f"each rule alone: round {number + 1} of {rounds}, {rule}")
                timings[rule].append(pool.submit(simulators.timed, "fast", case, number).result())
    memory: dict[str, tuple[float | None, float | None]] = {}
    for rule in (PLAIN, TASKS):
        tell(f"memory: {rule}")
        with _process() as pool:
            loaded = pool.submit(simulators.warm_up, "fast", variants[rule]).result()
            memory[rule] = pool.submit(simulators.timed, "fast", variants[rule], 0).result().peak_mb, loaded
    plain = [_speed(timing) for timing in timings[PLAIN]]
    rows = []
    for rule, found in timings.items():
        speeds = [_speed(timing) for timing in found]
        ratio = statistics.median(own / other for own, other in zip(speeds, plain, strict=True))
        peak_mb, loaded_mb = memory.get(rule, (None, None))
        rows.append(
            RuleRow(rule, found[0].offered, found[0].tasks, statistics.median(speeds), ratio, peak_mb, loaded_mb)
        )
    return rows


def _process() -> ProcessPoolExecutor:
    return ProcessPoolExecutor(1, mp_context=get_context("spawn"))


def _speed(timing: Timing) -> float:
    return timing.offered / timing.seconds
