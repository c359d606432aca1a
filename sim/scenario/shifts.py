"""The scenario's tables of shift scheduling: ``[shifts]``, ``[tours]`` and ``[labour]`` (§19).

A roster has steps of half an hour. A shift belongs to the day on which it starts, also when it starts or ends after
midnight. Rostering alone reads these tables: no simulation and no bill does.
"""

from __future__ import annotations

from itertools import product
from typing import Annotated, ClassVar, Final

from pydantic import AfterValidator, Field, model_validator

from sim.scenario.base import Table, Title
from sim.scenario.demand import Name
from sim.scenario.distributions import Many
from sim.scenario.faults import mistake

STEP_MINUTES: Final = 30
STEPS_PER_HOUR: Final = 2
STEPS_PER_DAY: Final = 48
DAYS: Final = 7
OFF: Final = "off"
"""A day without a shift, in the pattern of a tour."""


def _half_hours(hours: float) -> float:
    if hours * STEPS_PER_HOUR != round(hours * STEPS_PER_HOUR):
        raise mistake("hours in whole halves, such as 8.0 or 8.5", "round it to half an hour")
    return hours


def _half_hour_minutes(minutes: int) -> int:
    if minutes % STEP_MINUTES:
        raise mistake(
            "minutes in whole half-hours, such as 30 or 60",
            "round it; breaks of a few minutes belong to workforce.shrinkage",
        )
    return minutes


StartHour = Annotated[float, Field(ge=0.0, le=23.5), AfterValidator(_half_hours)]
"""An hour of the day at which a shift may start."""
ShiftHours = Annotated[float, Field(ge=0.5, le=24.0), AfterValidator(_half_hours)]
"""Hours from the start of a shift, at most a day."""
Minutes = Annotated[int, Field(ge=STEP_MINUTES, le=720), AfterValidator(_half_hour_minutes)]


def steps(hours: float) -> int:
    """Return hours in steps of half an hour."""
    return round(hours * STEPS_PER_HOUR)


class Break(Table):
    """A break in every shift of a family: it starts at one of the half-hours between two."""

    minutes: Minutes = Field(description="length, whole half-hours; a long unpaid one makes a split shift")
    paid: bool = Field(False, description="whether it is paid")
    earliest_h: ShiftHours = Field(description="hours from the start of the shift to the first start of the break")
    latest_h: ShiftHours = Field(description="hours from the start of the shift to the last start of the break")

    @model_validator(mode="after")
    def _ordered(self) -> Break:
        if self.earliest_h > self.latest_h:
            raise mistake("earliest_h no later than latest_h", "exchange the two")
        return self

    @property
    def steps(self) -> int:
        """Its length in half-hours."""
        return self.minutes // STEP_MINUTES


class ShiftFamily(Table):
    """Shifts that are alike: the same breaks, starts and lengths out of a few. Each choice is a shift of its own."""

    title: Title | None = Field(None, description="name for reports, in both languages")
    from_h: StartHour = Field(description="first start of the day, hours, such as 7.0")
    to_h: StartHour = Field(description="last start, hours; below from_h: the starts run over midnight")
    every_minutes: Annotated[int, Field(ge=STEP_MINUTES, le=1_440), AfterValidator(_half_hour_minutes)] = Field(
        STEP_MINUTES, description="from one start to the next, minutes"
    )
    length_h: Annotated[Many[ShiftHours], Field(min_length=1, strict=False)] = Field(
        description="lengths to choose from, hours from start to end, breaks included"
    )
    breaks: Annotated[Many[Break], Field(max_length=3)] = Field(
        (), description="breaks in their order, a list of tables; short ones are part of workforce.shrinkage"
    )

    @model_validator(mode="after")
    def _breaks_fit(self) -> ShiftFamily:
        if len(set(self.length_h)) < len(self.length_h):
            raise mistake("each length_h once", "leave out the second")
        shortest = min(self.length_h)
        for number, one in enumerate(self.breaks, 1):
            if one.latest_h + one.minutes / 60.0 >= shortest:
                end = one.latest_h + one.minutes / 60.0
                raise mistake(
                    f"breaks inside the shift; break {number} may end {end:g} h into one of {shortest:g} h",
                    "lower its latest_h, or give the shorter shifts a family of their own",
                )
        if not self.places:
            raise mistake("breaks one after the other, with work between", "sort the list, or raise a latest_h")
        return self

    @property
    def starts(self) -> tuple[int, ...]:
        """The starts, half-hours of the day."""
        first, every = steps(self.from_h), self.every_minutes // STEP_MINUTES
        span = (steps(self.to_h) - first) % STEPS_PER_DAY
        return tuple((first + after) % STEPS_PER_DAY for after in range(0, span + 1, every))

    @property
    def lengths(self) -> tuple[int, ...]:
        """The lengths, half-hours."""
        return tuple(steps(hours) for hours in self.length_h)

    @property
    def places(self) -> tuple[tuple[int, ...], ...]:
        """The places of the breaks: for each choice, after how many half-hours of the shift each break starts."""
        windows = [range(steps(one.earliest_h), steps(one.latest_h) + 1) for one in self.breaks]
        lengths = [one.steps for one in self.breaks]
        return tuple(
            chosen
            for chosen in product(*windows)
            if all(a + length < b for a, length, b in zip(chosen, lengths, chosen[1:], strict=False))
        )

    @property
    def unpaid(self) -> int:
        """Half-hours of the breaks that are not paid."""
        return sum(one.steps for one in self.breaks if not one.paid)


class TourKind(Table):
    """Weeks of shifts that are alike: days on and off, and which shifts."""

    displaces: ClassVar[dict[str, frozenset[str]]] = {
        "pattern": frozenset({"shifts", "days_on", "days_off_together"}),
        **{key: frozenset({"pattern", "rotates"}) for key in ("shifts", "days_on", "days_off_together")},
    }

    title: Title | None = Field(None, description="name for reports, in both languages")
    shifts: Annotated[Many[str], Field(min_length=1, strict=False)] | None = Field(
        None, description="families of [shifts]: one shift of one of them on all days on; with days_on, or else pattern"
    )
    days_on: Annotated[int, Field(ge=1, le=DAYS)] | None = Field(None, description="days with a shift in a week")
    days_off_together: int = Field(
        0, ge=0, le=6, description="so many of the days off come one after the other, at least; 0 or 1: any days"
    )
    pattern: Annotated[Many[str], Field(min_length=DAYS, max_length=DAYS, strict=False)] | None = Field(
        None,
        description="seven days, each a family of [shifts] or off; of a family the same shift on all its days; "
        "instead of shifts",
    )
    rotates: bool = Field(True, description="whether the pattern may begin on any weekday; false: on Monday")
    groups: Annotated[Many[str], Field(min_length=1, strict=False)] | None = Field(
        None, description="groups of agents who may work it; left out: all"
    )
    max_share: Annotated[float, Field(gt=0.0, le=1.0)] | None = Field(
        None, description="share of a group's agents in it, at most, such as of part-time agents; left out: no limit"
    )

    @model_validator(mode="after")
    def _one_way(self) -> TourKind:
        if (self.shifts is None) == (self.pattern is None):
            raise mistake(
                "shifts with days_on, or pattern",
                'keep one of the two, such as shifts = ["day"] and days_on = 5',
            )
        if self.pattern is None and self.days_on is None:
            raise mistake("shifts with days_on", "add days_on = 5")
        # A default that is written out is no choice.
        chosen = {
            "days_on": self.days_on is not None,
            "days_off_together": self.days_off_together > 0,
            "rotates": not self.rotates,
        }
        beside = ("days_on", "days_off_together") if self.pattern else ("rotates",)
        given = [key for key in beside if chosen[key]]
        if given:
            raise mistake(f"{' and '.join(given)} only with {'shifts' if self.pattern else 'pattern'}", "leave it out")
        if self.pattern and set(self.pattern) == {OFF}:
            raise mistake("a pattern with a day on", "write a family of [shifts] for at least one day")
        if self.days_on and self.days_off_together > max(DAYS - self.days_on, 1):
            raise mistake(
                f"days_on and days_off_together that sum to 7 at most (these sum to "
                f"{self.days_on + self.days_off_together})",
                "lower one of the two",
            )
        return self


class Labour(Table):
    """What a week of shifts must keep; a tour is repeated, so that its Monday follows its Sunday."""

    rest_h: float = Field(11.0, ge=0.0, le=48.0, description="hours between two shifts, at least")
    hours_week: float = Field(40.0, gt=0.0, le=168.0, description="paid hours of a week beyond which overtime is paid")
    most_hours_week: float = Field(
        48.0, gt=0.0, le=168.0, description="paid hours of a week, overtime with them, at most"
    )
    nights_week: int = Field(4, ge=0, le=DAYS, description="night shifts in a week, at most")
    night_shift_h: float = Field(
        3.0,
        gt=0.0,
        le=24.0,
        description="hours of a shift in workforce.night, breaks with them, that make it a night's",
    )
    days_in_a_row: int = Field(6, ge=1, le=DAYS, description="days with a shift in a row, at most; 7: no limit")

    @model_validator(mode="after")
    def _room_for_overtime(self) -> Labour:
        if self.most_hours_week < self.hours_week:
            raise mistake("most_hours_week no lower than hours_week", "make them equal for no overtime")
        return self


Shifts = Annotated[dict[Name, ShiftFamily], Field(max_length=100)]
"""``[shifts]``: the families by name."""
TourKinds = Annotated[dict[Name, TourKind], Field(max_length=100)]
"""``[tours]``: the kinds of tour by name."""
