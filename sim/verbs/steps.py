"""What a comparison, a sweep, a sensitivity and the year so far do once it is known what is wanted.

The verbs and the commands both call it; they differ in what they simulate with, and what they do with what is found.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial

import polars as pl

from sim.demand.window import Window
from sim.experiment import compare as comparing
from sim.experiment import sensitivity as assumptions
from sim.experiment import sweep as sweeps
from sim.experiment.actuals import Actuals
from sim.experiment.cases import Simulate, simulate_cases
from sim.experiment.causes import Split
from sim.experiment.compare import Comparison
from sim.experiment.definitions import Definition, definitions
from sim.experiment.gather import Progress, Settings
from sim.experiment.sensitivity import Sensitivity
from sim.experiment.store import opened
from sim.experiment.sweep import Case
from sim.experiment.track import Track
from sim.experiment.track import track as follow
from sim.scenario import Scenario
from sim.scenario.ranges import Parameter
from sim.verbs.plans import AnyScenario, sound_plan

Simulating = AbstractContextManager[Simulate]
"""Entered once nothing is found wrong with anything, and left when all is simulated."""


@contextmanager
def simulating(
    settings: Settings, store: str | os.PathLike[str] | None, progress: Progress | None
) -> Iterator[Simulate]:  # fmt: skip
    """Simulate with what is kept in a file, or in that of a folder (:func:`sim.experiment.store.opened`)."""
    with opened(store) as kept:
        yield partial(simulate_cases, settings=settings, store=kept, progress=progress)


def compared(
    cases: Mapping[str, Scenario], splits: Mapping[str, Split], settings: Settings, rank_by: str, own: Simulating
) -> Comparison:
    """Compare sound scenarios with the first: :func:`sim.experiment.compare.compare`."""
    with own as simulate:
        outcomes = simulate(comparing.with_between(cases, splits))
    return comparing.compare(outcomes, settings, splits, rank_by)


def swept(
    scenario: AnyScenario, changes: Sequence[str], cases: Sequence[Case], settings: Settings, own: Simulating
) -> pl.DataFrame:
    """Return the table of some cases of a scenario, once all are found sound: :func:`sim.experiment.sweep.table`."""
    every = _sound_cases(scenario, changes, cases, settings)
    with own as simulate:
        return sweeps.table(cases, simulate(every))


def varied(
    scenario: AnyScenario, changes: Sequence[str], parameters: Sequence[Parameter], count: int | None,
    settings: Settings, own: Simulating,
) -> Sensitivity:  # fmt: skip
    """Return what parameters do to a scenario: :func:`sim.experiment.sensitivity.found`."""
    cases = assumptions.cases_of(parameters, count, settings.seed)
    every = _sound_cases(scenario, changes, cases, settings)
    with own as simulate:
        return assumptions.found(parameters, cases, simulate(every), count, settings.seed)


def defined(scenario: Scenario, own: Simulating) -> list[Definition]:
    """Return a sound scenario's targets as they may be meant: :func:`sim.experiment.definitions.definitions`."""
    with own as simulate:
        return definitions(simulate({scenario.name: scenario})[scenario.name])


def followed(scenario: Scenario, actuals: Actuals, own: Simulating) -> Track:
    """Return where the year of a sound scenario stands: :func:`sim.experiment.track.track`."""
    with own as simulate:
        return follow(scenario, actuals, simulate)


def _sound_cases(
    scenario: AnyScenario, changes: Sequence[str], cases: Sequence[Case], settings: Settings
) -> dict[str, Scenario]:
    """Return every case's scenario, once nothing is found wrong with any, its days included."""

    def check(case: Scenario) -> None:
        sound_plan(case)
        Window.of(case, settings.first, settings.last)

    return sweeps.load_cases(scenario, changes, cases, check)
