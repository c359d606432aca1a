"""Weekly tours: every week of shifts that the rules of labour allow, as arrays for choosing among them (§19)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.scenario import Scenario
from sim.scenario.money import Night
from sim.scenario.shifts import DAYS, STEPS_PER_DAY, STEPS_PER_HOUR, Labour, TourKind
from sim.scenario.tour_rules import Span, broken, rotations, spread, weeks
from sim.workforce.shifts import ShiftType, clock, shift_types

WEEK_STEPS: Final = DAYS * STEPS_PER_DAY
"""Half-hours of a week, from Monday 00:00."""
DAY_NAMES: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


class Worked(NamedTuple):
    """The days of a tour on which one shift is worked."""

    days: str
    """Such as ``Mon–Fri`` or ``Mon, Wed–Thu``; over Sunday ``Sat–Wed``."""
    shift: ShiftType


@dataclass(frozen=True)
class Tours:
    """Tours that agents may work, a row each; a tour is repeated every week.

    Attributes
    ----------
    kinds
        The kinds that there are, names under ``[tours]``.
    max_shares
        Of each kind, the share of the agents that may be in it, 1 without limit.
    shifts
        The shift types in use.
    kind
        Place of each tour's kind, shape ``(tours,)``.
    week
        Place of the shift type of each day, -1 for a day off, shape ``(tours, 7)``.
    coverage
        Whether a tour is at work, half-hours from Monday 00:00, shape ``(tours, 336)``; what a night shift of Sunday
        works after midnight is on Monday.
    paid_h, overtime_h, night_h
        Hours a week: paid, paid beyond ``labour.hours_week`` (part of ``paid_h``), at work in the night; shape
        ``(tours,)``.
    """

    kinds: tuple[str, ...]
    max_shares: tuple[float, ...]
    shifts: tuple[ShiftType, ...]
    kind: NDArray[np.int64]
    week: NDArray[np.int64]
    coverage: NDArray[np.uint8]
    paid_h: NDArray[np.float64]
    overtime_h: NDArray[np.float64]
    night_h: NDArray[np.float64]

    def __len__(self) -> int:
        """Return the number of tours."""
        return len(self.kind)

    @property
    def days(self) -> NDArray[np.int64]:
        """Days with a shift, shape ``(tours,)``."""
        days: NDArray[np.int64] = np.count_nonzero(self.week >= 0, axis=1)
        return days

    def worked(self, tour: int) -> tuple[Worked, ...]:
        """Return which shift a tour has on which days, the shift of the first weekday first."""
        week = [int(shift) for shift in self.week[tour]]
        return tuple(
            Worked(days_text([day for day in range(DAYS) if week[day] == shift]), self.shifts[shift])
            for shift in dict.fromkeys(week)
            if shift >= 0
        )

    def some(self, places: NDArray[np.int64]) -> Tours:
        """Return some of the tours."""
        rows = ("kind", "week", "coverage", "paid_h", "overtime_h", "night_h")
        return replace(self, **{name: getattr(self, name)[places] for name in rows})

    def shares_kept(self, agents: NDArray[np.int64]) -> bool:
        """Say whether no kind has more than its share of the agents by tour, shape ``(tours,)``."""
        kinds = np.bincount(self.kind, agents, len(self.max_shares))
        return bool((kinds <= np.array(self.max_shares) * kinds.sum() + 1e-9).all())

    def on_duty(self, agents: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return agents on duty in each half-hour, shape ``(…, 336)``, of agents by tour, shape ``(…, tours)``."""
        used = np.flatnonzero(agents.reshape(-1, len(self)).any(axis=0))  # few of the thousands that there are
        there: NDArray[np.int64] = agents[..., used] @ self.coverage[used].astype(np.int64)
        return there

    def uncovered(self) -> NDArray[np.int64]:
        """Return the half-hours of the week in which no tour is at work."""
        return np.flatnonzero(~self.coverage.any(axis=0))

    def holiday_h(self, days: list[int]) -> NDArray[np.float64]:
        """Return the hours at work on some days of the week, 0 for Monday, from midnight to midnight."""
        steps = self.coverage.reshape(len(self), DAYS, STEPS_PER_DAY)[:, days]
        hours: NDArray[np.float64] = steps.sum(axis=(1, 2), dtype=np.int64) / STEPS_PER_HOUR
        return hours


def weekly_tours(scenario: Scenario, group: str | None = None) -> Tours:
    """Return all tours that the rules of labour allow.

    Parameters
    ----------
    scenario
        A scenario with ``[shifts]`` and ``[tours]``; without them there are no tours.
    group
        The group of agents who are to work them; left out, the tours of all groups.
    """
    families, labour = scenario.shifts or {}, scenario.labour or Labour()
    night = scenario.workforce.night if scenario.workforce else Night()
    kinds = {
        name: kind
        for name, kind in (scenario.tours or {}).items()
        if group is None or kind.groups is None or group in kind.groups
    }
    by_family = {name: shift_types(name, family, labour, night) for name, family in families.items()}
    shifts = [shift for types in by_family.values() for placed in types.values() for shift in placed]
    place = {shift: number for number, shift in enumerate(shifts)}
    places = {
        name: {span: np.array([place[shift] for shift in placed]) for span, placed in types.items()}
        for name, types in by_family.items()
    }
    found = [np.concatenate([np.empty((0, DAYS), np.int64), *_weeks(kind, places, labour)]) for kind in kinds.values()]
    week = np.concatenate([np.empty((0, DAYS), np.int64), *found])
    # A row of nothing at the end is the shift of a day off, place -1.
    per_shift = np.array([(shift.span.paid_h, shift.night_h) for shift in shifts] + [(0.0, 0.0)])
    paid_h, night_h = per_shift[week].sum(axis=1).T
    return Tours(
        kinds=tuple(kinds),
        max_shares=tuple(1.0 if kind.max_share is None else kind.max_share for kind in kinds.values()),
        shifts=tuple(shifts),
        kind=np.repeat(np.arange(len(found)), [len(rows) for rows in found]),
        week=week,
        coverage=_coverage(shifts, week),
        paid_h=paid_h,
        overtime_h=np.maximum(paid_h - labour.hours_week, 0.0),
        night_h=night_h,
    )


def _weeks(
    kind: TourKind, places: dict[str, dict[Span, NDArray[np.int64]]], labour: Labour
) -> Iterator[NDArray[np.int64]]:
    """Yield the weeks of a kind that the rules allow, shape ``(weeks, 7)``, -1 on a day off."""
    choices = {name: list(spans) for name, spans in places.items()}
    for week in weeks(kind):
        for choice, days in spread(week, choices):
            if broken(days, labour):
                continue
            # Every place of the breaks in one family with every place in the others.
            grid = np.meshgrid(*(places[name][span] for name, span in choice.items()), indexing="ij")
            chosen = dict(zip(choice, (axis.ravel() for axis in grid), strict=True))
            off = np.full(grid[0].size, -1)
            rows = np.stack([off if name is None else chosen[name] for name in week], axis=1)
            for days_later in range(rotations(kind, week)):
                yield np.roll(rows, days_later, axis=1)


def _coverage(shifts: list[ShiftType], week: NDArray[np.int64]) -> NDArray[np.uint8]:
    on_monday = np.zeros((len(shifts) + 1, WEEK_STEPS), np.uint8)
    for row, shift in zip(on_monday, shifts, strict=False):
        for begin, end in shift.at_work:
            row[begin:end] = 1
    coverage = np.zeros((len(week), WEEK_STEPS), np.uint8)
    for day in range(DAYS):
        coverage += np.roll(on_monday, day * STEPS_PER_DAY, axis=1)[week[:, day]]
    return coverage


def half_hours(agents: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the most of each two quarters of an hour: agents by 15 minutes as a requirement by half-hours."""
    most: NDArray[np.int64] = agents.reshape(-1, 2).max(axis=1)
    return most


def days_text(days: list[int]) -> str:
    """Return days of the week in words, 0 for Monday: ``Mon–Fri``, over Sunday ``Sat–Wed``."""
    if len(days) == DAYS:
        return f"{DAY_NAMES[0]}–{DAY_NAMES[-1]}"
    # Begun after a day off, no run of days is cut by the end of the week.
    first = next((day for day in range(DAYS) if day not in days), 0)
    order = [day % DAYS for day in range(first, first + DAYS)]
    runs = [list(run) for on, run in groupby(order, key=lambda day: day in days) if on]
    runs.sort(key=lambda run: run[0])
    return ", ".join(
        DAY_NAMES[run[0]] if len(run) == 1 else f"{DAY_NAMES[run[0]]}–{DAY_NAMES[run[-1]]}" for run in runs
    )


def stretches(steps: NDArray[np.int64]) -> list[str]:
    """Return half-hours of the week in words, those that follow each other as one: ``Mon 00:00–Mon 07:00``."""
    cuts = np.flatnonzero(np.diff(steps) > 1) + 1
    runs = [run for run in np.split(steps, cuts) if run.size]
    return [f"{moment(int(run[0]))}–{moment(int(run[-1]) + 1)}" for run in runs]


def moment(step: int) -> str:
    """Return a half-hour of the week in words, such as ``Mon 03:30``."""
    return f"{DAY_NAMES[step // STEPS_PER_DAY % DAYS]} {clock(step)}"
