"""Replications of one or several experiments: those that are kept are taken up, the others simulated and kept (§2)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from sim.engine.structures import Ints
from sim.experiment import precision
from sim.experiment.log_folder import LogFolder
from sim.experiment.places import finished
from sim.experiment.precision import Precision
from sim.experiment.replicate import By, Engine, Replication
from sim.experiment.store import Store
from sim.experiment.workers import Experiment, Order, Packed, program, unpack
from sim.scenario import Scenario

Progress = Callable[[int, int], None]
"""Called with the replications done and wanted."""

_NOTHING = np.empty(0, np.int64)


@dataclass(frozen=True)
class Settings:
    """How scenarios are simulated: a fixed number of replications, or as many as ``precision`` asks for.

    The rule by which a run then stops is :mod:`sim.experiment.precision`'s.
    """

    first: dt.date | None = None
    last: dt.date | None = None
    by: By | None = None
    replications: int = 20
    precision: Precision | None = None
    seed: int = 1
    engine: Engine = "fast"
    jobs: int = 0
    """Processes; 0 means all cores."""
    cluster: str | None = None
    """The address of a Dask scheduler to use instead of this machine."""

    def of(self, scenario: Scenario) -> Experiment:
        """Return the experiment that these settings make of a scenario."""
        return Experiment(scenario, self.first, self.last, self.by, self.seed, self.engine)


@dataclass
class Gathered:
    """The finished replications of one experiment: their measures one by one, their tables only as sums."""

    tables: bool
    """Whether sums of the tables are wanted."""
    parts: dict[int, Replication] = field(default_factory=dict)
    intervals: Ints = field(default_factory=lambda: np.zeros(1, np.int64))
    duty: Ints = field(default_factory=lambda: np.zeros(1, np.int64))
    tasks: Ints = field(default_factory=lambda: np.zeros(1, np.int64))

    def add(self, replication: Replication) -> None:
        """Take in a replication."""
        if self.tables:
            self.intervals = self.intervals + replication.intervals
            self.duty = self.duty + replication.duty
            self.tasks = self.tasks + replication.tasks
        self.parts[replication.number] = replace(replication, intervals=_NOTHING, duty=_NOTHING, tasks=_NOTHING)

    def in_order(self) -> list[Replication]:
        """Return the replications by number."""
        return [self.parts[number] for number in sorted(self.parts)]


def gather(
    experiments: Mapping[str, Experiment],
    settings: Settings,
    *,
    tables: bool,
    store: Store | None = None,
    logs: LogFolder | None = None,
    progress: Progress | None = None,
) -> dict[str, Gathered]:
    """Simulate experiments, each with the same numbers of replications, side by side.

    Parameters
    ----------
    experiments
        By a name of one's own.
    settings
        How many replications, and where.
    tables
        Whether the sums of the large tables are wanted.
    store
        Where each finished replication is kept at once; those already there are not simulated again.
    logs
        Where every attempt and task is written, of one experiment alone.
    progress
        Told the replications done and wanted so far, of all experiments.
    """
    found = {name: Gathered(tables) for name in experiments}
    named = {experiment.key: name for name, experiment in experiments.items()}

    def took(packed: Packed) -> None:
        for name, experiment in experiments.items():
            if experiment.key == packed.key:  # one experiment may have two names
                found[name].add(unpack(packed))
        if progress:
            progress(sum(len(gathered.parts) for gathered in found.values()), wanted)

    for target in _targets(settings, found):
        wanted = sum(max(number, len(found[name].parts)) for name, number in target.items())
        orders = []
        for key, name in named.items():
            missing = [number for number in range(target[name]) if number not in found[name].parts]
            kept = set(store.numbers(key, tables=tables)) if store and missing else set()
            for number in missing:
                known = None
                if store and number in kept and (logs is None or logs.has(number)):
                    known = store.load(key, number, tables=tables)
                if known is not None:
                    took(known)
                else:
                    orders.append(Order(experiments[name], key, program(), number, tables, logs))
        for packed in finished(orders, settings.jobs, settings.cluster):
            if store:
                store.save(experiments[named[packed.key]], packed)
            took(packed)
    return found


def _targets(settings: Settings, found: Mapping[str, Gathered]) -> Iterator[dict[str, int]]:
    """Yield how many replications of each experiment are wanted next; who is known closely enough has no more."""
    if settings.precision is None:
        yield dict.fromkeys(found, settings.replications)
        return
    done: dict[str, int] = {}
    for number in precision.looks():
        yield {name: done.get(name, number) for name in found}
        for name, gathered in found.items():
            if name not in done:
                years = [gathered.parts[n].year for n in range(number)]
                if precision.enough(settings.precision, years):
                    done[name] = number
        if len(done) == len(found):
            return
