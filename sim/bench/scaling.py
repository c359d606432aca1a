"""How throughput grows with workers, on this machine's cores and on a Dask cluster; and what the store takes.

Two cases: a day of a small centre, whose replications take hundredths of a second, so that what is done around each
shows; and weeks of a whole centre, whose replications take tenths of one. Workers do what they do for ``hotline run``:
simulate, measure, and send back all tables.
"""

from __future__ import annotations

import datetime as dt
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, Literal

from sim.bench.tables import machine, plain_table, rendered
from sim.experiment.gather import Settings, gather
from sim.experiment.places import finished
from sim.experiment.store import FILE, Store
from sim.experiment.workers import Experiment, Order, Packed, program, simulated, unpack
from sim.measures import NAMES
from sim.report.formats import counted
from sim.scenario import Scenario, load

Place = Literal["this machine", "Dask"]
PLACES: Final[tuple[Place, ...]] = ("this machine", "Dask")
_TO_BE_READY: Final = 4
"""Replications a worker before it is timed, so many that none is left out."""
_NOTES: Final = (
    "busy: of the workers' time, what goes to replications, from order to bytes, by each worker's own clock. The rest "
    "is waiting: for orders, or for this process to take in what is finished.",
    "of ideal: calls a second, over as many times those of one worker here. What cores take from each other, and what "
    "others do on this machine, is in it; busy is not of that kind: a slow core is busy.",
)


@dataclass(frozen=True)
class Load:
    """A case: an experiment, and how many replications of it each worker has in a round."""

    case: str
    experiment: Experiment
    per_worker: int

    def orders(self, number: int, workers: int) -> list[Order]:
        """Return the orders of a round, none of them those of another round."""
        many = self.per_worker * workers
        key = self.experiment.key
        return [Order(self.experiment, key, program(), number * many + n, True, None) for n in range(many)]


@dataclass(frozen=True)
class ScalingRow:
    """A case with so many workers in a place; all but ``case``, ``place`` and ``workers`` is None where Dask is not.

    ``calls`` are the attempts offered in a round, ``calls_per_s`` those over the wall clock's seconds, median over
    rounds.

    ``busy_share`` is the workers' time on replications over ``workers × wall``, clocked by the workers themselves: a
    core slowed by its neighbour counts as busy, which it is; a share made from one process's seconds alone would call
    it idle.
    ``ideal_share`` is ``calls_per_s`` over ``workers`` times those of one worker on this machine: what more workers
    bring, whatever the reason.
    """

    case: str
    place: Place
    workers: int
    replications: int | None = None
    calls: int | None = None
    calls_per_s: float | None = None
    busy_share: float | None = None
    ideal_share: float | None = None


@dataclass(frozen=True)
class StoreRow:
    """A case gathered with the store and without, in turns, with all cores.

    ``ratio`` is the median over rounds of the seconds with it over those without; ``kb_per_replication`` what the file
    takes, 1 kB being 1,000 bytes.
    """

    case: str
    replications: int
    with_s: float
    without_s: float
    ratio: float
    kb_per_replication: float


@dataclass(frozen=True)
class ScalingReport:
    """What was measured here; only ratios carry over to another machine."""

    rounds: int
    machine: str
    rows: tuple[ScalingRow, ...]
    store: tuple[StoreRow, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain data."""
        return asdict(self)

    def render(self, width: int = 120) -> str:
        """Return the report as plain-text tables."""
        speeds = plain_table("case", "place", "workers", "replications", "calls/s", "busy", "of ideal", texts=2)
        for row in self.rows:
            found = ("Dask is not installed", "", "", "")
            if row.calls_per_s is not None:
                found = (
                    f"{row.replications}", f"{row.calls_per_s:,.0f}", f"{row.busy_share:.0%}", f"{row.ideal_share:.0%}"
                )  # fmt: skip
            speeds.add_row(row.case, row.place, str(row.workers), *found)
        costs = plain_table(
            "the store of replications", "replications", "s with", "s without", "× without", "kB each", texts=1
        )
        for cost in self.store:
            costs.add_row(
                cost.case, f"{cost.replications}", f"{cost.with_s:.2f}", f"{cost.without_s:.2f}", f"{cost.ratio:.3f}",
                f"{cost.kb_per_replication:,.0f}",
            )  # fmt: skip
        last = f"Median of {self.rounds} rounds; with and without the store in turns, on all cores; {self.machine}."
        return rendered(speeds, *_NOTES, "", costs, last, width=width)


def scaling(
    scenario: Scenario, *, quick: bool = False, progress: Callable[[int, int, str], None] | None = None
) -> ScalingReport:
    """Measure throughput with 1, 2, 4, … workers up to this machine's cores, two at least, and what the store takes.

    Parameters
    ----------
    scenario
        The whole centre, of which two weeks are simulated.
    quick
        Fewer replications and one round: a rougher answer.
    progress
        Called with the steps done, the steps altogether and what comes next.

    Raises
    ------
    OSError
        If the folder one is in cannot be written to: the store is measured on its disk.
    """
    return measure(_loads(scenario, quick), worker_counts(os.cpu_count() or 1), 1 if quick else 3, progress)


def worker_counts(cores: int) -> list[int]:
    """Return how many workers are tried: 1, 2, 4, … and as many as there are cores, two at least."""
    most = max(2, cores)
    doubled = (2**power for power in range(most.bit_length()))
    return sorted({*doubled, most})


def _loads(scenario: Scenario, quick: bool) -> list[Load]:
    """Return the cases: a round takes a second or two, with few workers as with many."""
    small = load("one-day")
    first = scenario.horizon.start
    last = min(scenario.horizon.end, first + dt.timedelta(days=13))
    weeks = f"{scenario.name}, {counted((last - first).days + 1, 'day')}"
    return [
        Load(small.name, Settings().of(small), 15 if quick else 40),
        Load(weeks, Settings(first, last).of(scenario), 3 if quick else 6),
    ]


def measure(
    loads: Sequence[Load], counts: Sequence[int], rounds: int, progress: Callable[[int, int, str], None] | None = None
) -> ScalingReport:
    """Measure cases with each number of workers in each place.

    Imports, compilation, the start of workers and their plans are not timed: each worker is first given work that is
    not counted.
    """
    steps = 1 + len(counts) * len(PLACES) + len(loads)
    done = 0

    def tell(text: str) -> None:
        nonlocal done
        if progress is not None:
            progress(done, steps, text)
        done += 1

    tell("loading and compiling")
    for one in loads:
        simulated(one.orders(0, 1)[0])  # loads what is compiled
    rows: list[ScalingRow] = []
    alone: dict[str, float] = {}
    for place in PLACES:
        for workers in counts:
            tell(f"{place}: {counted(workers, 'worker')}")
            if place == "Dask" and find_spec("distributed") is None:
                rows += [ScalingRow(one.case, place, workers) for one in loads]
                continue
            with _workers(place, workers) as address:
                for one in loads:
                    rows.append(_row(one, place, workers, address, rounds, alone))
    store = []
    for one in loads:
        tell(f"the store: {one.case}")
        store.append(_store_row(one, rounds))
    order = [one.case for one in loads]
    return ScalingReport(rounds, machine(), tuple(sorted(rows, key=lambda row: order.index(row.case))), tuple(store))


@contextmanager
def _workers(place: Place, workers: int) -> Iterator[str | None]:
    """Start so many workers on a Dask cluster of this machine, and yield its address; None on the machine itself."""
    if place == "this machine":
        yield None
        return
    import logging

    from distributed import LocalCluster

    with LocalCluster(  # type: ignore[no-untyped-call]
        n_workers=workers, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=logging.CRITICAL
    ) as cluster:
        yield cluster.scheduler_address


def _row(
    one: Load, place: Place, workers: int, address: str | None, rounds: int, alone: dict[str, float]
) -> ScalingRow:
    """Time the rounds of a case; the speed of one worker here is put down in ``alone``."""
    ready = one.orders(rounds, workers)[: _TO_BE_READY * workers]
    _round(ready, workers, address)  # not timed
    speeds, busy, calls = [], [], []
    for number in range(rounds):
        begin = time.perf_counter()
        found = _round(one.orders(number, workers), workers, address)
        wall_s = time.perf_counter() - begin
        offered = sum(float(unpack(packed).year[NAMES.index("offered"), 0]) for packed in found)
        calls.append(offered)
        speeds.append(offered / wall_s)
        busy.append(sum(packed.worked_s or 0.0 for packed in found) / (workers * wall_s))
    speed = statistics.median(speeds)
    return ScalingRow(
        case=one.case,
        place=place,
        workers=workers,
        replications=one.per_worker * workers,
        calls=round(statistics.median(calls)),
        calls_per_s=speed,
        busy_share=statistics.median(busy),
        ideal_share=speed / (workers * alone.setdefault(one.case, speed)),
    )


def _round(orders: Sequence[Order], workers: int, address: str | None) -> list[Packed]:
    return list(finished(orders, workers, address))


def _store_row(one: Load, rounds: int) -> StoreRow:
    """Gather a case with the store and without, in turns."""
    replications = one.per_worker * (os.cpu_count() or 1)
    with_s, without_s, sizes = [], [], []
    _gathered_s(one, replications, None)  # not timed
    for _ in range(rounds):
        without_s.append(_gathered_s(one, replications, None))
        with tempfile.TemporaryDirectory(prefix=".hotline-bench-", dir=Path.cwd()) as folder:
            file = Path(folder, FILE)
            with_s.append(_gathered_s(one, replications, file))
            sizes.append(file.stat().st_size)
    return StoreRow(
        one.case,
        replications,
        statistics.median(with_s),
        statistics.median(without_s),
        statistics.median(kept / not_kept for kept, not_kept in zip(with_s, without_s, strict=True)),
        statistics.median(sizes) / replications / 1000.0,
    )


def _gathered_s(one: Load, replications: int, file: Path | None) -> float:
    """Return the seconds of gathering a case's replications, and of keeping them in a file if there is one."""
    begin = time.perf_counter()
    store = Store(file) if file else None
    gather({"": one.experiment}, Settings(replications=replications), tables=True, store=store)
    if store:
        store.close()
    return time.perf_counter() - begin
