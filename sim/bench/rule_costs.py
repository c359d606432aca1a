"""What each rule that a plain telephone does without costs the fast engine, switched on alone.

All is switched off that the shipped baseline has of such rules; then one at a time is switched on, by settings such as
``hotline run --set`` takes, and work that can wait as the baseline has it. The last is the baseline as it stands.
"""

from __future__ import annotations

import datetime as dt
import statistics
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Final

from sim.bench import simulators
from sim.bench.cases import Case, scenario_case, without_tasks
from sim.bench.simulators import Timing
from sim.scenario import Scenario, load

BASELINE: Final = "shanghai-2020"
PLAIN: Final = "none of them"
TASKS: Final = "work that can wait"
WHOLE: Final = "all that the baseline has"

_OFF: Final = (
    "resolution.repeat = 0",
    "resolution.satisfaction_per_wait_minute = 0",
    "resolution.satisfaction_per_order_day = 0",
    "transfer.share = 0",
)
"""What is set of every type to switch off the rules that the baseline has."""

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
    TASKS: (),
    "callback": ("callback = { threshold_s = 20, accept = 0.3 }",),
    "activation by trigger": (
        "groups.flex = { on_duty = { all = 20 }, activation = { waiting = 5, notice_h = 0.25, minimum_h = 1 } }",
        'types.enquiry.groups = ["general", "flex"]',
    ),
    "haste": ("quality.haste = { waiting = 3, wrap_factor = 0.8, returns_factor = 1.5 }",),
}
"""By rule, what is set of the centre."""

RULES: Final = (*_SETS_OF_TYPES, *_SETS)
VARIANTS: Final = (PLAIN, *RULES, WHOLE)
_REMEMBERED: Final = (PLAIN, TASKS)
"""Those whose memory is looked at, each in a process of its own."""


@dataclass(frozen=True)
class RuleRow:
    """One of :data:`VARIANTS` on the fast engine.

    ``calls`` and ``tasks`` are those of a round, ``calls_per_s`` the median over rounds and ``ratio`` the median of the
    ratios to the one without rules in the same round. ``peak_mb`` and ``loaded_mb`` are as in
    :class:`~sim.bench.bench.BenchRow`, and known for that one and for work that can wait alone.
    """

    rule: str
    calls: int
    tasks: int
    calls_per_s: float
    ratio: float
    peak_mb: float | None
    loaded_mb: float | None


def with_rule(variant: str, baseline: Scenario) -> Scenario:
    """Return the baseline, as loaded, with one rule of calls and agents switched on; it still has its tasks.

    Parameters
    ----------
    variant
        One of :data:`VARIANTS`.
    baseline
        To be asked its types.
    """
    if variant == WHOLE:
        return baseline
    of_types = (*_OFF, *_SETS_OF_TYPES.get(variant, ()))
    sets = [f"types.{name}.{given}" for name in baseline.types for given in of_types]
    return load(BASELINE, [*sets, *_SETS.get(variant, ())])


def cases(days: int) -> dict[str, Case]:
    """Return each variant of the baseline, the days in the middle of its horizon."""
    baseline = load(BASELINE)
    length = (baseline.horizon.end - baseline.horizon.start).days + 1
    first = baseline.horizon.start + dt.timedelta(days=(length - days) // 2)
    last = first + dt.timedelta(days=days - 1)
    found = {}
    for variant in VARIANTS:
        case = scenario_case(variant, with_rule(variant, baseline), first=first, last=last)
        found[variant] = case if variant in (TASKS, WHOLE) else without_tasks(case)
    return found


def steps(rounds: int) -> int:
    """Return how often :func:`rule_costs` tells its progress."""
    return 1 + len(_REMEMBERED) + rounds * len(VARIANTS)


def rule_costs(days: int, rounds: int, tell: Callable[[str], None]) -> list[RuleRow]:
    """Run each variant in turn, ``rounds`` times, in one process; then those of the memory.

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
    for rule in _REMEMBERED:
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
