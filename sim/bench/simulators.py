"""The simulators that are compared, each run and timed in a process of its own."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Final, Literal

from sim import identities
from sim.bench.cases import Case, shortened
from sim.engine import tally
from sim.machine import peak_mb
from sim.terms import SLOTS_PER_DAY

Simulator = Literal["simpy", "reference", "fast"]
SIMULATORS: Final[tuple[Simulator, ...]] = ("simpy", "reference", "fast")


@dataclass(frozen=True)
class Timing:
    """One run: attempts offered, the answered ones and their waits, the process's peak memory, if known, tasks done."""

    offered: int
    answered: int
    answered_wait_s: float
    seconds: float
    peak_mb: float | None
    tasks: int = 0


def warm_up(simulator: Simulator, case: Case) -> float | None:
    """Import, compile and run one day; return the memory taken before the case is simulated."""
    day = _quiet_day(case)
    timed(simulator, day, 0)
    drawing_s(simulator, day, 0)
    return peak_mb()


def _quiet_day(case: Case) -> Case:
    """Return a day of a case with next to no calls."""
    day = shortened(case, 1)
    run = day.run._replace(means=day.run.means / 100.0)
    if day.queue is None:
        return replace(day, run=run)
    rates = tuple(rate / 100.0 for rate in day.queue.calls_per_hour)
    return replace(day, run=run, queue=replace(day.queue, calls_per_hour=rates))


def timed(simulator: Simulator, case: Case, seed: int) -> Timing:
    """Run a case once; the engines' draws are the case's own, SimPy's come from ``seed``."""
    days = case.run.means.shape[0] // SLOTS_PER_DAY
    if simulator == "simpy" and case.queue is not None:
        from sim.bench import simpy_queue

        begin = time.perf_counter()
        queue = simpy_queue.simulate(case.queue, days, seed)
        seconds = time.perf_counter() - begin
        return Timing(queue.offered, queue.answered, queue.waited_s, seconds, peak_mb())
    if simulator == "simpy":
        from sim.bench import simpy_centre

        begin = time.perf_counter()
        centre = simpy_centre.simulate(case.centre, case.run, seed)
        seconds = time.perf_counter() - begin
        return Timing(centre.offered, centre.answered, centre.answered_wait_ms / 1000.0, seconds, peak_mb())
    if simulator == "reference":
        from sim.engine.reference import simulate
    else:
        from sim.engine.fast import simulate
    begin = time.perf_counter()
    counts, _, _, _ = simulate(case.centre, case.run)
    seconds = time.perf_counter() - begin
    identities.check(counts)
    sums = counts.counts.sum(axis=(0, 1))
    wait_s = float(sums[tally.ANSWERED_WAIT_MS]) / 1000.0
    tasks = int(counts.tasks[..., tally.DONE].sum())
    return Timing(int(sums[tally.OFFERED]), int(sums[tally.ANSWERED]), wait_s, seconds, peak_mb(), tasks)


def drawing_s(simulator: Simulator, case: Case, seed: int) -> float:
    """Return the seconds it takes to draw a case's first attempts and their handling, and nothing else."""
    if simulator == "simpy" and case.queue is not None:
        from sim.bench import simpy_queue

        calls = int(case.run.means.sum())
        begin = time.perf_counter()
        simpy_queue.draw_only(case.queue, calls, seed)
        return time.perf_counter() - begin
    if simulator == "simpy":
        from sim.bench import simpy_centre

        begin = time.perf_counter()
        simpy_centre.draw_only(case.centre, case.run, seed)
        return time.perf_counter() - begin
    from sim.bench.drawing import draw_all
    from sim.engine.drawn import new_drawn

    drawn = new_drawn(case.run.means.shape[1], 1 << 16)
    begin = time.perf_counter()
    draw_all(case.centre, case.run, drawn)
    return time.perf_counter() - begin
