"""Tours of a year: the agents in each tour of each typical week, by group, and what follows from them (§19)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from sim.scenario import Scenario
from sim.scenario.shifts import DAYS, STEPS_PER_DAY, STEPS_PER_HOUR
from sim.staffing.weeks import TypicalWeek, by_date
from sim.workforce.shifts import Stretch, clock
from sim.workforce.tours import DAY_NAMES, Tours

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Need:
    """What a group needs in typical weeks.

    Attributes
    ----------
    required
        Agents on duty, at least, half-hours from Monday 00:00, shape ``(weeks, 336)``.
    work
        Of work that can wait, half-hours of an agent that each day needs, shape ``(weeks, 7)``; 0 of other work.
    is_open
        When that work may be done, shape ``(weeks, 336)``.
    """

    required: Ints
    work: Ints
    is_open: NDArray[np.bool_]

    @classmethod
    def at_once(cls, required: Ints) -> Need:
        """Return that of a group without work that can wait."""
        return cls(required, np.zeros((len(required), DAYS), np.int64), np.zeros(required.shape, np.bool_))

    @property
    def hours(self) -> Floats:
        """Hours that a week needs, shape ``(weeks,)``: each day the agents or the work, whichever is more."""
        by_day = self.required.reshape(-1, DAYS, STEPS_PER_DAY).sum(axis=2)
        hours: Floats = np.maximum(by_day, self.work).sum(axis=1) / STEPS_PER_HOUR
        return hours


@dataclass(frozen=True)
class GroupTours:
    """A group's tours.

    Attributes
    ----------
    tours
        Those there are to choose from.
    need
        What they are to cover.
    agents
        How many work each, shape ``(weeks, tours)``.
    week_cny
        What they cost in one week planned so, on average, shape ``(weeks,)``; None where there are no prices.
    gap
        How much cheaper a week may be at most, as a share of its cost, shape ``(weeks,)``.
    """

    tours: Tours
    need: Need
    agents: Ints
    week_cny: Floats | None
    gap: Floats

    @cached_property
    def on_duty(self) -> Ints:
        """Agents on duty, half-hours from Monday 00:00, shape ``(weeks, 336)``."""
        return self.tours.on_duty(self.agents)

    @property
    def paid_h(self) -> Floats:
        """Paid hours of a week, shape ``(weeks,)``."""
        paid: Floats = self.agents @ self.tours.paid_h
        return paid

    @property
    def on_duty_h(self) -> Floats:
        """Hours on duty of a week, shape ``(weeks,)``."""
        hours: Floats = self.on_duty.sum(axis=1) / STEPS_PER_HOUR
        return hours

    @property
    def efficiency(self) -> Floats:
        """Hours needed over hours on duty by week, shape ``(weeks,)``; 1 where nobody is on duty."""
        efficiency: Floats = np.where(self.on_duty_h > 0.0, self.need.hours / np.maximum(self.on_duty_h, 0.5), 1.0)
        return efficiency


@dataclass(frozen=True)
class YearTours:
    """The tours of all groups in order; groups that are called in have none."""

    scenario: Scenario
    weeks: list[TypicalWeek]
    groups: dict[str, GroupTours]

    @property
    def shares(self) -> Floats:
        """How many weeks each typical week is of the horizon, warm-up left out, shape ``(weeks,)``."""
        horizon = self.scenario.horizon
        days = [sum(horizon.start <= day <= horizon.end for day in week.dates()) for week in self.weeks]
        return np.array(days, np.float64) / DAYS

    @property
    def called_in(self) -> list[str]:
        """The groups that are called in: their agents have no tours of their own."""
        return [name for name, group in self.scenario.groups.items() if group.activation is not None]

    @property
    def seats_exceeded(self) -> dict[str, Ints]:
        """Agents beyond each site's seats by half-hour, shape ``(weeks, 336)``, of sites where there are any."""
        found = {}
        for site, told in self.scenario.sites.items():
            there = [own.on_duty for name, own in self.groups.items() if self.scenario.groups[name].site == site]
            beyond = np.maximum(sum(there, np.zeros((len(self.weeks), 1), np.int64)) - told.seats, 0)
            if beyond.any():
                found[site] = beyond
        return found

    def tour_rows(self) -> pl.DataFrame:
        """Return the tours with agents: a row a shift of a tour; those of one tour have its number in common."""
        rows = [row for name, own in self.groups.items() for row in self._tours_of(name, own)]
        columns = ("typical_week", "mondays", "group", "tour", "kind", "days", "shift", "start", "end", "breaks")
        numbers = {"tour": pl.Int64, "agents": pl.Int64}
        return pl.DataFrame(rows, {name: numbers.get(name, pl.String) for name in (*columns, "agents")}, orient="row")

    def _tours_of(self, name: str, own: GroupTours) -> Iterator[tuple[Any, ...]]:
        for week, agents in zip(self.weeks, own.agents, strict=True):
            mondays = " ".join(map(str, week.mondays))
            for number, tour in enumerate(np.flatnonzero(agents), 1):
                kind = own.tours.kinds[own.tours.kind[tour]]
                for days, shift in own.tours.worked(int(tour)):
                    times = clock(shift.span.start), clock(shift.span.end), "; ".join(map(_between, shift.breaks))
                    yield week.label, mondays, name, number, kind, days, shift.family, *times, int(agents[tour])

    def coverage_rows(self) -> pl.DataFrame:
        """Return a row a typical week, group and half-hour: agents required and on duty.

        ``work_h`` are the hours of work that can wait of the whole day, to be done while it is ``open``; null where
        a group has no such work.
        """
        day = np.repeat(np.arange(DAYS), STEPS_PER_DAY)
        frames = []
        for name, own in self.groups.items():
            waits = bool(own.need.work.any())
            for n, week in enumerate(self.weeks):
                frames.append(
                    pl.DataFrame(
                        {
                            "typical_week": [week.label] * len(day),
                            "group": [name] * len(day),
                            "day": [DAY_NAMES[place] for place in day],
                            "time": [clock(step) for step in range(len(day))],
                            "required": own.need.required[n],
                            "on_duty": own.on_duty[n],
                            "work_h": own.need.work[n][day] / STEPS_PER_HOUR if waits else [None] * len(day),
                            "open": own.need.is_open[n] if waits else [None] * len(day),
                        },
                        schema_overrides={"work_h": pl.Float64, "open": pl.Boolean},
                    )
                )
        return pl.concat(frames)

    def roster_rows(self) -> pl.DataFrame:
        """Return agents on duty, a row a day that is simulated and group, a column a half-hour: a roster's file."""
        first, last = self.scenario.horizon.span
        days = [first + dt.timedelta(days=n) for n in range((last - first).days + 1)]
        times = [clock(step) for step in range(STEPS_PER_DAY)]
        by_group = {name: by_date(own.on_duty, days, self.weeks) for name, own in self.groups.items()}
        return pl.DataFrame(
            [(day, name, *by_group[name][n].tolist()) for n, day in enumerate(days) for name in by_group],
            {"date": pl.Date, "group": pl.String, **dict.fromkeys(times, pl.Int64)},
            orient="row",
        )


def _between(stretch: Stretch) -> str:
    return f"{clock(stretch[0])}–{clock(stretch[1])}"
