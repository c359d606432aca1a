"""Heads week by week: who is on the floor and in training, who leaves, and what they are worth (§19).

Heads are kept in cohorts that came together: the bands of the start, those in training then, and each class. A cohort
works a week whole and who leaves does so at its end. Everybody's leaving in a week has a uniform number of its own,
keyed by replication, cohort and week; a cohort is named by when it came, never by its place in a list. So a class
more, or one that is changed, leaves the leavers of all others as they were.
"""

from __future__ import annotations

import calendar as gregorian
import datetime as dt
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sim.scenario import Fault, Scenario, ScenarioError
from sim.scenario.headcount import HeadcountTable
from sim.scenario.money import Workforce
from sim.uniforms import HEADS, name_word, sub_key, uniforms

Weeks = NDArray[np.float64]
"""One number a week of the horizon, shape ``(weeks,)``."""
_DAYS_PER_WEEK = 7
_DAYS_PER_YEAR = 365.25
"""Of the year that attrition is told for: 52.18 weeks."""

_Leavers = Callable[["Cohort", int, float, float], float]
"""How many of a cohort leave in a week, of so many that are there, each with a probability."""


@dataclass(frozen=True)
class Cohort:
    """Heads that came together, named by when they came."""

    origin: Literal["floor", "training", "class"]
    """Where they are at first: on the floor or in training when the horizon starts, or in a class to come."""
    since: str
    """Weeks on the floor, weeks of training done, or the class's first day."""
    heads: int
    comes: int
    """The first week in which they are there, 0 for the horizon's first."""
    on_floor: int
    """The week in which they take their first calls; for those who took them before the horizon, below 0."""

    @property
    def name(self) -> str:
        """What it is told by, and drawn by."""
        return f"{self.origin} {self.since}"


@dataclass(frozen=True)
class Headcount:
    """Agents by week of the horizon, of one replication or as expected; posts, ratios and office are not in it."""

    weeks: tuple[tuple[dt.date, ...], ...]
    """The days of each week: seven, in the last one perhaps fewer."""
    opening: float
    """Heads on the floor when the horizon starts, before its first week."""
    opening_trainees: float
    heads: Weeks
    """Heads on the floor, those who join in the week included, before the week's leavers."""
    trainees: Weeks
    """Heads in training, before the week's leavers."""
    started: Weeks
    """Heads that begin their training."""
    joined: Weeks
    """Heads that come to the floor out of training, at the week's start."""
    left: Weeks
    """Heads that leave the floor, at the week's end."""
    left_training: Weeks
    """Heads that leave in training, at the week's end."""
    left_of: dict[str, Weeks]
    """Who leaves, floor and training, by :attr:`Cohort.name`."""
    full_strength: Weeks
    """Full-strength equivalents: each head on the floor weighs 1 ÷ the handling factor of its weeks there."""
    novices_share: Weeks
    """Share of the heads on the floor below the last learning band; 0 where there are none."""
    handling_factor: Weeks
    """Factor on handling times, mean of the contacts that the hours worked can handle: heads ÷ equivalents."""
    on_the_spot_loss: Weeks
    """Share of answers on the spot lost, mean of the same contacts."""
    shrinkage: dict[str, Weeks]
    """Share of paid hours lost to each cause, seasons included."""
    hours_head: Weeks
    """Paid hours of one head."""

    @property
    def shrinkage_total(self) -> Weeks:
        """Share of paid hours lost to all causes together."""
        return np.sum(list(self.shrinkage.values()), axis=0) if self.shrinkage else np.zeros_like(self.heads)

    @property
    def productive_h_head(self) -> Weeks:
        """Hours that one head on the floor is at the work itself: paid hours less shrinkage."""
        return self.hours_head * (1.0 - self.shrinkage_total)

    @property
    def paid_h(self) -> Weeks:
        """Paid hours of heads on the floor and in training."""
        return (self.heads + self.trainees) * self.hours_head

    @property
    def productive_h(self) -> Weeks:
        """Hours at the work itself; those in training have none."""
        return self.heads * self.productive_h_head

    def by_day(self, weekly: Weeks) -> NDArray[np.float64]:
        """Return a number of each week on each of its days, shape ``(days,)``."""
        return np.repeat(weekly, [len(days) for days in self.weeks])

    def on_first_days(self, weekly: Weeks) -> NDArray[np.float64]:
        """Return a number of each week on its first day, and 0 on the others, shape ``(days,)``."""
        first = [place == 0 for days in self.weeks for place in range(len(days))]
        return np.where(first, self.by_day(weekly), 0.0)


def table_of(scenario: Scenario) -> tuple[Workforce, HeadcountTable]:
    """Return the tables that heads by week need.

    Raises
    ------
    ScenarioError
        If the scenario does not have them; the message shows what to add.
    """
    workforce = scenario.workforce
    if workforce is None or workforce.headcount is None:
        day = scenario.horizon.start + dt.timedelta(weeks=8)
        remedy = (
            "add [workforce.headcount] with opening = [{ weeks_on_floor = 52, heads = 600 }], lead_weeks = 6, "
            f"classes = [{{ start = {day}, heads = 20 }}] and your own numbers; shanghai-2020-heads has one"
        )
        allowed = "a table of the agents there are at the start, and of the classes that come"
        raise ScenarioError([Fault(scenario.name, "workforce.headcount", "", allowed, remedy)])
    return workforce, workforce.headcount


def headcount(scenario: Scenario, key: np.uint64) -> Headcount:
    """Return the heads of one replication.

    Parameters
    ----------
    scenario
        A scenario with ``[workforce.headcount]``.
    key
        The replication's (:func:`sim.uniforms.stream_key`).

    Raises
    ------
    ScenarioError
        As in :func:`table_of`.
    """
    return _path(scenario, partial(_drawn, sub_key(key, HEADS)))


def expected_headcount(scenario: Scenario) -> Headcount:
    """Return the heads as expected: exact means, but for the two shares and the factor, which are ratios of means.

    Raises
    ------
    ScenarioError
        As in :func:`table_of`.
    """
    return _path(scenario, lambda _cohort, _week, there, chance: there * chance)


def _drawn(key: np.uint64, cohort: Cohort, week: int, there: float, chance: float) -> float:
    numbers = uniforms(sub_key(key, name_word(cohort.name)), week, np.arange(round(there)))
    return float((numbers < chance).sum())


def cohorts(scenario: Scenario) -> Iterator[Cohort]:
    """Yield who is there when the horizon starts, and each class."""
    workforce, table = table_of(scenario)
    training = _training_weeks(workforce)
    for band in table.opening:
        yield Cohort("floor", str(band.weeks_on_floor), band.heads, 0, -band.weeks_on_floor)
    for begun in table.in_training:
        yield Cohort("training", str(begun.weeks_done), begun.heads, 0, training - begun.weeks_done)
    for hired in table.classes:
        # From the first week that begins on its first day or later.
        week = -(-(hired.start - scenario.horizon.start).days // _DAYS_PER_WEEK)
        yield Cohort("class", str(hired.start), hired.heads, week, week + training)


def _training_weeks(workforce: Workforce) -> int:
    """Return the weeks of training, begun ones whole."""
    return math.ceil(workforce.training_weeks)


def _path(scenario: Scenario, leavers: _Leavers) -> Headcount:
    """Return the heads by week, with ``leavers`` saying who leaves."""
    workforce, table = table_of(scenario)
    first, length = scenario.horizon.start, (scenario.horizon.end - scenario.horizon.start).days + 1
    every = [first + dt.timedelta(days=number) for number in range(length)]
    weeks = [tuple(every[at : at + _DAYS_PER_WEEK]) for at in range(0, length, _DAYS_PER_WEEK)]
    last_band = table.learning[-1].until_weeks if table.learning else 0
    heads, trainees, started, joined, left, left_training, full, novices, lost = np.zeros((9, len(weeks)))
    left_of = {}
    groups = list(cohorts(scenario))
    for cohort in groups:
        there = float(cohort.heads)
        left_of[cohort.name] = np.zeros(len(weeks))
        if cohort.origin == "class":
            started[cohort.comes] += there
        for week in range(cohort.comes, len(weeks)):
            tenure = week - cohort.on_floor
            gone = leavers(cohort, week, there, _chance(workforce, table, tenure, len(weeks[week])))
            left_of[cohort.name][week] = gone
            if tenure < 0:
                trainees[week] += there
                left_training[week] += gone
            else:
                factor, loss = _learning(table, tenure)
                heads[week] += there
                left[week] += gone
                full[week] += there / factor
                lost[week] += there / factor * loss
                novices[week] += there if tenure < last_band else 0.0
                joined[week] += there if tenure == 0 and cohort.origin != "floor" else 0.0
            there -= gone
    return Headcount(
        weeks=tuple(weeks),
        opening=float(sum(cohort.heads for cohort in groups if cohort.origin == "floor")),
        opening_trainees=float(sum(cohort.heads for cohort in groups if cohort.origin == "training")),
        heads=heads,
        trainees=trainees,
        started=started,
        joined=joined,
        left=left,
        left_training=left_training,
        left_of=left_of,
        full_strength=full,
        novices_share=_ratio(novices, heads, 0.0),
        handling_factor=_ratio(heads, full, 1.0),
        on_the_spot_loss=_ratio(lost, full, 0.0),
        shrinkage=_shrinkage(workforce, table, weeks),
        hours_head=workforce.hours_per_year
        * np.array([sum(1.0 / (365 + gregorian.isleap(day.year)) for day in days) for days in weeks]),
    )


def _chance(workforce: Workforce, table: HeadcountTable, tenure: int, days: int) -> float:
    """Return the probability to leave in a week of so many days; ``tenure`` below 0 is in training.

    A share of leavers a year is a rate: of so many heads, each replaced at once, as many times that share leave in a
    year. Leavers go at the week's end, so that a little fewer do.
    """
    if tenure < 0:
        stay = 1.0 - table.training_dropout_share
        return float(1.0 - stay ** (days / _DAYS_PER_WEEK / _training_weeks(workforce)))
    bands = (band.a_year for band in table.attrition_by_tenure if tenure < band.until_weeks)
    return -math.expm1(-next(bands, workforce.attrition) * days / _DAYS_PER_YEAR)


def _learning(table: HeadcountTable, tenure: int) -> tuple[float, float]:
    """Return the handling factor and the loss of answers on the spot of so many weeks on the floor."""
    bands = ((band.handling_factor, band.on_the_spot_loss) for band in table.learning if tenure < band.until_weeks)
    return next(bands, (1.0, 0.0))


def _shrinkage(
    workforce: Workforce, table: HeadcountTable, weeks: Sequence[Sequence[dt.date]]
) -> dict[str, Weeks]:  # fmt: skip
    """Return the share of each week's paid hours lost to each cause: the mean of its days'."""
    by_day = [[table.shrinkage_on(workforce.shrinkage, day) for day in days] for days in weeks]
    return {
        cause: np.array([math.fsum(lost[cause] for lost in days) / len(days) for days in by_day])
        for cause in workforce.shrinkage
    }


def _ratio(top: Weeks, bottom: Weeks, of_none: float) -> Weeks:
    return np.divide(top, bottom, out=np.full_like(top, of_none), where=bottom > 0.0)
