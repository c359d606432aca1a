"""The comparison behind ``hotline bench``: plain SimPy, the reference engine and the fast one."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from multiprocessing import get_context
from typing import Any, Final

from rich.table import Table

from sim.bench import rule_costs, simulators
from sim.bench.cases import Case, one_queue, queue_case, scenario_case, shortened, telephone_alone
from sim.bench.rule_costs import BASELINE, RuleRow
from sim.bench.simulators import SIMULATORS, Simulator, Timing
from sim.bench.tables import machine, plain_table, rendered
from sim.scenario import Scenario, load

Progress = Callable[[int, int, str], None]

TITLES: Final[dict[Simulator, str]] = {
    "simpy": "SimPy, a process per call",
    "reference": "reference engine",
    "fast": "fast engine",
}


@dataclass(frozen=True)
class BenchRow:
    """One simulator on one case.

    ``calls`` are the attempts offered in a round, ``calls_per_s`` the median over rounds, ``ratio`` the
    median of the ratios to SimPy in the same round, ``peak_mb`` the process's peak memory, of which
    ``loaded_mb`` was there before the case was simulated (interpreter, libraries, compiled code); None where the
    system does not say.
    ``drawing_share`` is the time in which the same first attempts and their handling are drawn alone, over
    the time of the run.
    """

    case: str
    simulator: str
    calls: int
    calls_per_s: float
    ratio: float
    peak_mb: float | None
    loaded_mb: float | None
    drawing_share: float


@dataclass(frozen=True)
class BenchReport:
    """What was measured here, in one run; only ratios carry over to another machine.

    ``rules`` says what each rule costs the fast engine on the baseline.
    """

    rounds: int
    machine: str
    rows: tuple[BenchRow, ...]
    rules: tuple[RuleRow, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain data."""
        return asdict(self)

    def render(self, width: int = 120) -> str:
        """Return the report as a plain-text table."""
        speeds = plain_table(
            "case", "simulator", "calls", "calls/s", "× SimPy", "peak MB", "(loaded)", "drawing", texts=2
        )
        for row in self.rows:
            speeds.add_row(
                row.case, row.simulator, f"{row.calls:,}", f"{row.calls_per_s:,.0f}", f"{row.ratio:.2f}",
                _megabytes(row.peak_mb), _megabytes(row.loaded_mb), f"{row.drawing_share:.0%}",
            )  # fmt: skip
        parts: list[Table | str] = [speeds]
        if self.rules:
            costs = plain_table(
                f"{BASELINE} on the fast engine, with", "calls", "tasks", "calls/s", "× none", "peak MB", "(loaded)",
                texts=1,
            )  # fmt: skip
            for rule in self.rules:
                costs.add_row(
                    rule.rule, f"{rule.calls:,}", f"{rule.tasks:,}", f"{rule.calls_per_s:,.0f}", f"{rule.ratio:.2f}",
                    _megabytes(rule.peak_mb), _megabytes(rule.loaded_mb),
                )  # fmt: skip
            parts += ["", costs]
        return rendered(*parts, f"Median of {self.rounds} interleaved rounds; {self.machine}.", width=width)


def _megabytes(value: float | None) -> str:
    return "–" if value is None else f"{value:.0f}"


def bench(scenario: Scenario | None = None, *, quick: bool = False, progress: Progress | None = None) -> BenchReport:
    """Compare the simulators on one queue with abandonment and on a whole centre; then what each rule costs.

    Parameters
    ----------
    scenario
        The centre, of which the telephone alone is compared: the plain model knows no more. The shipped baseline if
        left out.
    quick
        Fewer calls and rounds: a rougher answer in well under a minute.
    progress
        Called with the steps done, the steps altogether and what comes next.
    """
    fast_days = 28 if quick else 365
    centre = telephone_alone(scenario_case("whole centre, telephone", load(BASELINE) if scenario is None else scenario))
    if quick:
        centre = shortened(centre, int(fast_days / 365 * 4_000_000))
    cases = [queue_case(one_queue(), fast_days), centre]
    rounds = 3 if quick else 5
    steps = len(cases) * steps_of_case(rounds) + rule_costs.steps(rounds)
    done = 0

    def tell(text: str) -> None:
        nonlocal done
        if progress is not None:
            progress(done, steps, text)
        done += 1

    report = compare(cases, rounds=rounds, slow_calls=20_000 if quick else 150_000, progress=lambda *at: tell(at[2]))
    return replace(report, rules=tuple(rule_costs.rule_costs(14 if quick else 60, rounds, tell)))


def steps_of_case(rounds: int) -> int:
    """Return how often :func:`compare` tells its progress for a case."""
    return len(SIMULATORS) * (rounds + 2)


def compare(cases: Sequence[Case], *, rounds: int, slow_calls: int, progress: Progress | None = None) -> BenchReport:
    """Run every simulator on every case, ``rounds`` times in turn, each simulator in a process of its own.

    The fast engine does the whole case, the others days from its middle with about ``slow_calls`` calls.
    Imports, compilation and a first run are not timed.
    """
    steps = len(cases) * steps_of_case(rounds)
    done = 0

    def tell(text: str) -> None:
        nonlocal done
        if progress is not None:
            progress(done, steps, text)
        done += 1

    rows = []
    for case in cases:
        given = {name: case if name == "fast" else shortened(case, slow_calls) for name in SIMULATORS}
        timings: dict[Simulator, list[Timing]] = {name: [] for name in SIMULATORS}
        loaded: dict[Simulator, float | None] = {}
        drawing: dict[Simulator, float] = {}
        with ExitStack() as stack:
            pools = {
                name: stack.enter_context(ProcessPoolExecutor(1, mp_context=get_context("spawn")))
                for name in SIMULATORS
            }
            for name, pool in pools.items():
                tell(f"{case.name}: loading and compiling, {TITLES[name]}")
                loaded[name] = pool.submit(simulators.warm_up, name, given[name]).result()
            for number in range(rounds):
                for name, pool in pools.items():
                    tell(f"{case.name}: round {number + 1} of {rounds}, {TITLES[name]}")
                    timings[name].append(pool.submit(simulators.timed, name, given[name], number).result())
            for name, pool in pools.items():
                tell(f"{case.name}: drawing alone, {TITLES[name]}")
                drawing[name] = pool.submit(simulators.drawing_s, name, given[name], 0).result()
        plain = [timing.offered / timing.seconds for timing in timings["simpy"]]
        for name in SIMULATORS:
            speeds = [timing.offered / timing.seconds for timing in timings[name]]
            rows.append(
                BenchRow(
                    case=case.name,
                    simulator=TITLES[name],
                    calls=round(statistics.median(timing.offered for timing in timings[name])),
                    calls_per_s=statistics.median(speeds),
                    ratio=statistics.median(own / other for own, other in zip(speeds, plain, strict=True)),
                    peak_mb=max((run.peak_mb for run in timings[name] if run.peak_mb is not None), default=None),
                    loaded_mb=loaded[name],
                    drawing_share=drawing[name] / statistics.median(run.seconds for run in timings[name]),
                )
            )
    return BenchReport(rounds, machine(), tuple(rows))
