"""``[workforce.headcount]``: who is there when the horizon starts, who comes, who leaves, what they are worth (§19).

All of it is counted in the horizon's weeks, seven days each from its first day, as the engines' weeks are (§9).
"""

from __future__ import annotations

import calendar as gregorian
import datetime as dt
import math
from collections.abc import Mapping
from functools import cache
from itertools import pairwise
from typing import Annotated, TypeVar

from pydantic import AfterValidator, Field

from sim.scenario.base import Factor, Share, Table
from sim.scenario.demand import Day
from sim.scenario.distributions import Many
from sim.scenario.faults import mistake

T = TypeVar("T", bound=Table)

Heads = Annotated[int, Field(ge=0, le=20_000)]
"""A number of people."""
Weeks = Annotated[int, Field(ge=0, le=2_600)]
"""Whole weeks, fifty years at most."""
LastWeek = Annotated[int, Field(ge=1, le=2_600)]
LEAVE, SICKNESS = "leave", "sickness"
"""The causes of ``workforce.shrinkage`` that have seasons."""


def _rising(key: str) -> AfterValidator:
    """Return the check that a list's tables rise in one of their keys, none of them twice."""

    def check(bands: tuple[T, ...]) -> tuple[T, ...]:
        values = [getattr(band, key) for band in bands]
        if any(later <= earlier for earlier, later in pairwise(values)):
            raise mistake(f"{key} that rises from item to item", f"sort the list by {key}, and join what is twice")
        return bands

    return AfterValidator(check)


class OpeningBand(Table):
    """Agents on the floor when the horizon starts, who have been there equally long."""

    weeks_on_floor: Weeks = Field(description="weeks since they took their first call")
    heads: Heads = Field(description="agents")


class InTraining(Table):
    """People in training when the horizon starts."""

    weeks_done: Weeks = Field(description="weeks of training behind them, fewer than workforce.training_weeks")
    heads: Heads = Field(description="people in training")


class HiringClass(Table):
    """People who begin their training together."""

    start: Day = Field(description="first day of training; it counts from the first week that begins on it or later")
    heads: Heads = Field(description="people hired")
    decided: dt.date | None = Field(
        None, description="the day the hiring was decided, for a class too early to be decided in the horizon"
    )


class TenureAttrition(Table):
    """How many leave among those who have not been on the floor for long."""

    until_weeks: LastWeek = Field(description="holds for those with fewer weeks on the floor than this")
    a_year: float = Field(ge=0.0, le=20.0, description="leavers a year as a share of them")


class LearningBand(Table):
    """What those are worth who have not been on the floor for long."""

    until_weeks: LastWeek = Field(description="holds for those with fewer weeks on the floor than this")
    handling_factor: float = Field(ge=0.5, le=10.0, description="multiplies handling times: 1.35 is 35 % longer")
    on_the_spot_loss: Share = Field(0.0, description="share of answers on the spot that become work orders")


class SicknessSeason(Table):
    """A stretch with more sickness, or less, such as the weeks of influenza."""

    from_: Day = Field(alias="from", description="first day")
    to: Day = Field(description="last day, included")
    factor: float = Field(ge=0.0, le=30.0, description="multiplies workforce.shrinkage.sickness")


def _in_order(seasons: tuple[SicknessSeason, ...]) -> tuple[SicknessSeason, ...]:
    if any(later.from_ <= earlier.to for earlier, later in pairwise(seasons)):
        raise mistake("stretches in order that do not overlap", "sort the list by from, and part what overlaps")
    return seasons


MonthFactors = Annotated[Many[Factor], Field(min_length=12, max_length=12, strict=False)]


class HeadcountTable(Table):
    """How many agents there are through the horizon."""

    opening: Annotated[Many[OpeningBand], Field(min_length=1, strict=False), _rising("weeks_on_floor")] = Field(
        description="agents on the floor when the horizon starts, by weeks on the floor"
    )
    in_training: Annotated[Many[InTraining], _rising("weeks_done")] = Field(
        (), description="people in training when the horizon starts, by weeks done"
    )
    classes: Annotated[Many[HiringClass], _rising("start")] = Field(
        (), description="classes of hires that begin their training in the horizon"
    )
    lead_weeks: Weeks = Field(description="weeks from the decision to hire to a class's first day")
    training_dropout_share: float = Field(
        0.0,
        ge=0.0,
        lt=1.0,
        description="share of a class that leaves in training; none where there are no training weeks",
    )
    attrition_by_tenure: Annotated[Many[TenureAttrition], _rising("until_weeks")] = Field(
        (), description="attrition of those not long on the floor; workforce.attrition is that of the others"
    )
    learning: Annotated[Many[LearningBand], _rising("until_weeks")] = Field(
        (), description="handling times and answers on the spot of those not long on the floor; the others lose nothing"
    )
    leave_by_month: MonthFactors | None = Field(
        None,
        description="relative leave, January to December; multiplies workforce.shrinkage.leave, mean of the days 1",
    )
    sickness: Annotated[Many[SicknessSeason], AfterValidator(_in_order)] = Field(
        (), description="stretches that multiply workforce.shrinkage.sickness, on top of the year's"
    )

    def shrinkage_on(self, shrinkage: Mapping[str, float], day: dt.date) -> dict[str, float]:
        """Return the share of paid hours lost to each cause on a day.

        Parameters
        ----------
        shrinkage
            The year's, by cause.
        day
            Which day. The mean over the days of a calendar year is the year's leave; sickness has no such mean.
        """
        found = dict(shrinkage)
        if self.leave_by_month is not None:
            found[LEAVE] *= self.leave_by_month[day.month - 1] / _mean_of_days(self.leave_by_month, day.year)
        for season in self.sickness:
            if season.from_ <= day <= season.to:
                found[SICKNESS] *= season.factor
        return found


@cache
def _mean_of_days(by_month: tuple[float, ...], year: int) -> float:
    days = [gregorian.monthrange(year, month)[1] for month in range(1, 13)]
    return math.fsum(value * count for value, count in zip(by_month, days, strict=True)) / sum(days)
