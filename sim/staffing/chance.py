"""How surely the targets hold: theory's year, corrected by simulated years (§17, §19).

Theory says how the wait grows with the calls of a year; simulation says by how much it is wrong in years with few and
with many calls, and how far equal years differ. With both, two dozen simulated years tell a probability that counting
would need hundreds for.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from scipy import special

from sim import uniforms
from sim.demand.factors import mean_one
from sim.demand.window import Window
from sim.experiment.cases import Outcomes
from sim.scenario import Scenario
from sim.staffing.frontier import Service
from sim.staffing.pools import Floats
from sim.targets import BASES, TargetRow
from sim.terms import SLOTS_PER_DAY

SERVICE: Final = ("connection_rate", "fcr", "responsible_return", "asa", "social", "satisfaction")
"""Targets that agents on duty can reach: volume is the citizens', money and energy follow, a rank is another city's."""
_BY_WAITING: Final = ("connection_rate", "asa", "social")
_UNTRIED_SD: Final = 0.05
"""Of the logarithm of simulated over theory's, before any year is simulated."""
_LEAST_SD: Final = 1e-6


@dataclass(frozen=True)
class Limits:
    """What targets allow: seconds in the queue on average, shares not answered; by target, those that waiting decides.

    Attributes
    ----------
    measures
        The measure of each, a key of :data:`sim.measures.UNITS`; those of answer time and connection rate are there
        without a target too, for offers tell of them.
    at_most
        The most of it, or of what is missing from 1.
    """

    measures: dict[str, str]
    at_most: dict[str, float]

    @classmethod
    def of(cls, scenario: Scenario, ring_s: float) -> Limits:
        """Return a scenario's; ``ring_s`` is what the answer time counts beside the wait in the queue."""
        targets = scenario.targets
        measures, at_most = {"connection_rate": BASES["attempts"], "asa": "asa_s"}, {}
        if targets.connection_rate is not None:
            measures["connection_rate"] = BASES[targets.connection_rate.basis]
            at_most["connection_rate"] = 1.0 - targets.connection_rate.at_least
        if targets.asa is not None:
            at_most["asa"] = targets.asa.at_most_s - ring_s
        if targets.social is not None:
            measures["social"], at_most["social"] = "lost_share", targets.social.at_most
        return cls(measures, at_most)


@dataclass(frozen=True)
class Line:
    """How simulated years differ from theory's in one measure: a line of the logarithm of one over the other.

    It is a line of the logarithm of the year's factor on demand. What theory leaves out (redials, priorities, agents
    apart) weighs most where few wait: it says too little waiting, and the less so the more calls a year has.

    Attributes
    ----------
    mean
        In a year whose factor is 1.
    growth
        By how much it grows with the logarithm of the factor.
    sd
        By what equal years differ.
    years
        Simulated years that tell it.
    centre, width
        Mean of the logarithms of their factors, and the sum of squares about it.
    """

    mean: float = 0.0
    growth: float = 0.0
    sd: float = _UNTRIED_SD
    years: float = math.inf
    centre: float = 0.0
    width: float = 0.0

    @classmethod
    def through(cls, places: Floats, logs: Floats) -> Line:
        """Return the line nearest to points; a level one where places do not differ."""
        level = not np.ptp(places)
        growth, mean = (0.0, float(logs.mean())) if level else np.polyfit(places, logs, 1)
        left, centre = logs - mean - growth * places, float(places.mean())
        sd = math.sqrt(float(left @ left) / (len(logs) - (1 if level else 2)))
        return cls(float(mean), float(growth), sd, len(logs), centre, float(np.sum((places - centre) ** 2)))

    def at(self, factors: Floats) -> Floats:
        """Return it in years with some factors."""
        return self.mean + self.growth * np.log(factors)

    def error(self, factors: Floats) -> Floats:
        """Return its standard error there."""
        away = np.log(factors) - self.centre
        far = away**2 / self.width if self.width else np.zeros(len(factors))
        error: Floats = self.sd * np.sqrt(1.0 / self.years + far)
        return error


@dataclass(frozen=True)
class Correction:
    """How simulated years differ from theory's, by target; ``others``: the share of them whose other targets hold."""

    lines: Mapping[str, Line] = field(default_factory=dict)
    others: float = 1.0

    def line(self, target: str) -> Line:
        """Return a target's."""
        return self.lines.get(target, Line())


def correction(limits: Limits, found: Service, factors: Floats, outcomes: Outcomes, ring_s: float) -> Correction:
    """Return what simulated years of a plan say of theory.

    Parameters
    ----------
    limits
        What targets allow.
    found
        Theory's year of the same plan.
    factors
        The factor on demand of each simulated year, shape ``(replications,)``, three or more.
    outcomes
        The simulated years.
    ring_s
        What the answer time counts beside the wait in the queue.
    """
    waited, lost = found.at(factors)
    lines = {}
    for target, measure in limits.measures.items():
        top, bottom = outcomes.pairs[measure].T
        of = np.maximum(bottom, 1.0)
        value = top / of - ring_s if target == "asa" else top / of if target == "social" else 1.0 - top / of
        # A year without a lost call, or a second of waiting, tells no more than that there is less than half of one.
        logs = np.log(np.maximum(value, 0.5 / of)) - np.log(waited if target == "asa" else lost)
        lines[target] = Line.through(np.log(factors), logs)
    held = [row.met for row in outcomes.targets if row.key in SERVICE and row.key not in _BY_WAITING]
    others = float(np.mean([all(year) for year in zip(*held, strict=True)])) if held else 1.0
    return Correction(lines, others)


def corrected(found: Service, told: Correction, factors: Floats, ring_s: float) -> tuple[Floats, Floats]:
    """Return answer time and connection rate of years with some factors, as simulation corrects theory."""
    waited, lost = found.at(factors)
    asa: Floats = ring_s + waited * np.exp(told.line("asa").at(factors))
    return asa, 1.0 - np.minimum(lost * np.exp(told.line("connection_rate").at(factors)), 1.0)


def chances(limits: Limits, found: Service, told: Correction, factors: Floats) -> dict[str, float]:
    """Return the probability that each target that waiting decides holds, and of ``all`` together.

    Theory is taken to be wrong by a standard error more than simulated years say, so that what is told to be so sure
    mostly is. In a year with more calls all targets are missed sooner, so that together they hold as often as the
    hardest one.
    """
    waited, lost = found.at(factors)
    by_factor = {}
    for target, at_most in limits.at_most.items():
        if at_most <= 0.0:
            by_factor[target] = np.zeros(len(factors))
            continue
        line = told.line(target)
        logs = np.log(waited if target == "asa" else lost) + line.at(factors) + line.error(factors)
        by_factor[target] = special.ndtr((math.log(at_most) - logs) / max(line.sd, _LEAST_SD))
    every = np.min([*by_factor.values(), np.ones(len(factors))], axis=0) * told.others
    return {**{target: float(own.mean()) for target, own in by_factor.items()}, "all": float(every.mean())}


def held(targets: list[TargetRow]) -> list[bool]:
    """Return for each simulated year whether all targets hold that agents on duty can reach."""
    rows = [row.met for row in targets if row.key in SERVICE]
    return [all(one is not False for one in year) for year in zip(*rows, strict=True)]


def year_factor(scenario: Scenario, seed: int, replication: int) -> float:
    """Return the factor on demand of a simulated year; of a horizon in two years, the days' mean (§3)."""
    variation = scenario.demand.variation
    if variation.year_cv == 0.0:
        return 1.0
    window = Window.of(scenario)
    days = window.days(scenario)[window.warm_slots // SLOTS_PER_DAY :]
    years = np.array([day.year for day in days], np.int64)
    key = uniforms.stream_key(seed, replication)
    u = uniforms.uniforms(key, uniforms.YEAR, np.unique(years))
    by_year = dict(zip(np.unique(years).tolist(), mean_one(u, variation.year_cv, variation.distribution), strict=True))
    return float(np.mean([by_year[int(one)] for one in years]))
