"""The scenario's tables of people and money: ``[workforce]``, ``[posts]`` and ``[cost]`` (§19, §20).

Every money figure is a rate with its unit in its name; a rate may be dated, ``[{ value = …, from = … }, …]``.
A rate the document does not give is *assumed* or *calibrated*; a calibrated one is listed in
``cost.calibrated``, stored as a number, and has a plausible range in ``cost.plausible``.
"""

from __future__ import annotations

import datetime as dt
import math
from itertools import pairwise
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Discriminator, Field, Tag, field_validator, model_validator

from sim.scenario.base import Share, Table, Title
from sim.scenario.demand import Name
from sim.scenario.distributions import Many
from sim.scenario.faults import mistake
from sim.scenario.headcount import HeadcountTable
from sim.scenario.tables import form

LINES: Final = ("operation", "platform", "personnel", "tax")
"""The four lines of the contract, in the document's order."""

Money = Annotated[float, Field(ge=0.0, le=1e10)]
"""A sum or a price in yuan."""
WageFactor = Annotated[float, Field(gt=0.0, le=20.0)]
"""Pay as a multiple of the base wage."""


class Dated(Table):
    """One value of a dated rate, valid from a day until the next one's."""

    value: Money
    from_: dt.date = Field(alias="from")


def _in_order(values: tuple[Dated, ...]) -> tuple[Dated, ...]:
    days = [entry.from_ for entry in values]
    if any(later <= earlier for earlier, later in pairwise(days)):
        raise mistake("dates that rise from item to item", "sort the list by from")
    return values


Rate = Annotated[
    Annotated[Money, Tag("<one>")]
    | Annotated[Annotated[Many[Dated], Field(min_length=1, strict=False)], AfterValidator(_in_order), Tag("<list>")],
    Discriminator(form),
]
"""A rate in force all the time, or a list of dated values."""


def rate_on(rate: float | tuple[Dated, ...], day: dt.date) -> float:
    """Return the value of ``rate`` in force on ``day``.

    Raises
    ------
    LookupError
        If the rate is dated and its first value begins after ``day``; the message is a planner's.
    """
    if not isinstance(rate, tuple):
        return rate
    valid = [entry.value for entry in rate if entry.from_ <= day]
    if not valid:
        raise LookupError(f"no value on {day}: the first begins on {rate[0].from_}")
    return valid[-1]


# --- people ---------------------------------------------------------------------------------------------


class Ratio(Table):
    """Staff whose number follows the number of agents."""

    title: Title | None = None
    agents_per_head: float = Field(gt=0.0, le=10_000.0, description="agents that one of them looks after")
    wage_factor: WageFactor = Field(description="pay as a multiple of the base wage")


class Office(Table):
    """Staff whose number does not follow the volume."""

    title: Title | None = None
    heads: float = Field(ge=0.0, le=10_000.0, description="full-time people")
    wage_factor: WageFactor = Field(description="pay as a multiple of the base wage")


class Night(Table):
    """The hours of the day paid and counted as night."""

    from_h: int = Field(22, ge=0, le=23, description="first night hour")
    to_h: int = Field(8, ge=0, le=23, description="first hour that is no longer night")


class Workforce(Table):
    """From hours to people: what a head works in a year, and who there is beside the agents."""

    hours_per_year: float = Field(2_000.0, gt=0.0, le=8_784.0, description="paid hours of one head a year")
    shrinkage: dict[Name, Share] = Field(description="share of paid hours lost to each cause; summed")
    attrition: float = Field(ge=0.0, le=5.0, description="leavers a year as a share of the agents")
    training_weeks: float = Field(ge=0.0, le=52.0, description="paid weeks before the first call")
    overtime_share: float = Field(0.0, ge=0.0, le=0.5, description="share of agents' hours done in overtime")
    night: Night = Night()
    ratios: dict[Name, Ratio] = Field(default_factory=dict, description="staff by ratio to agents, by role")
    office: dict[Name, Office] = Field(default_factory=dict, description="staff of fixed number, by role")
    headcount: HeadcountTable | None = Field(
        None, description="agents week by week: who is there, who comes and leaves; left out: as many as the plan needs"
    )

    @field_validator("shrinkage")
    @classmethod
    def _some_time_is_left(cls, shrinkage: dict[Name, float]) -> dict[Name, float]:
        total = math.fsum(shrinkage.values())
        if total >= 1.0:
            raise mistake(
                f"causes that sum to less than 1, so that time to work is left (these sum to {total:g})",
                "lower the largest",
            )
        return shrinkage

    @property
    def shrinkage_total(self) -> float:
        """Share of paid hours lost to all causes together."""
        return math.fsum(self.shrinkage.values())

    @property
    def productive_hours(self) -> float:
        """Hours a year that one head is at the work itself: paid hours less shrinkage."""
        return self.hours_per_year * (1.0 - self.shrinkage_total)


class Post(Table):
    """A post that must be manned whatever the volume: hours, not a ratio (§19)."""

    title: Title | None = None
    manned: float = Field(1.0, ge=0.0, le=1_000.0, description="people at the post at the same time")
    from_h: int = Field(0, ge=0, le=23, description="first manned hour of the day")
    to_h: int = Field(24, ge=1, le=24, description="hour at which the post closes")
    days: Literal["all", "workday"] = Field("all", description="every day, or working days only")
    wage_factor: WageFactor = Field(description="pay as a multiple of the base wage")

    @model_validator(mode="after")
    def _opens_before_it_closes(self) -> Post:
        if self.from_h >= self.to_h:
            raise mistake("from_h below to_h", "exchange the two; a post over midnight is two posts")
        return self


Posts = dict[Name, Post]
"""``[posts]``: the posts by name."""


# --- money ----------------------------------------------------------------------------------------------


class Grade(Table):
    """A grade of agents: their share of all agents and their pay."""

    share: Share
    wage_factor: WageFactor = Field(description="pay as a multiple of the base wage")


class Insurance(Table):
    """The employer's part of social insurance, by kind, on a base between a floor and a cap."""

    rates: dict[Name, Rate] = Field(description="employer's rate by kind (pension, medical, …)")
    floor_cny_month: Rate
    cap_cny_month: Rate


class HousingFund(Table):
    """The employer's part of the housing provident fund, on a base between a floor and a cap."""

    rate: Rate
    floor_cny_month: Rate
    cap_cny_month: Rate


class Personnel(Table):
    """Line 3: wages and all that follows from employing people."""

    base_wage_cny_month: Rate = Field(description="gross monthly pay of an agent of wage factor 1")
    bonus_months: float = Field(0.0, ge=0.0, le=12.0, description="extra monthly pays a year")
    grades: dict[Name, Grade] = Field(min_length=1, description="agents by grade; the shares sum to 1")
    trainee_wage_factor: WageFactor = Field(description="pay in training, a multiple of the base wage")
    pay_hours_month: float = Field(174.0, gt=0.0, le=744.0, description="hours a month's pay is divided by")
    insurance: Insurance
    housing_fund: HousingFund
    welfare_cny_head_month: Rate = Field(description="meals, health checks, union dues and the like")
    night_cny_h: Rate = Field(description="allowance for each hour worked at night")
    holiday_multiple: float = Field(3.0, ge=1.0, le=10.0, description="pay on statutory days, all included")
    overtime_multiple: float = Field(1.5, ge=1.0, le=10.0, description="pay of an overtime hour")
    hiring_cny_hire: Rate = Field(description="advertising, selection and enrolment of one hire")
    training_cny_hire: Rate = Field(description="teachers, rooms and material for one hire, without pay")
    management_rate: float = Field(ge=0.0, le=1.0, description="the contractor's addition to this line's costs")

    @field_validator("grades")
    @classmethod
    def _shares_sum_to_one(cls, grades: dict[Name, Grade]) -> dict[Name, Grade]:
        total = math.fsum(grade.share for grade in grades.values())
        if abs(total - 1.0) > 1e-9:
            raise mistake(f"shares that sum to 1 (these sum to {total:g})", "change the share of a grade")
        return grades


class Operation(Table):
    """Line 1: rent, property, water, electricity, network and line rental."""

    area_m2_per_seat: float = Field(gt=0.0, le=200.0, description="floor area a seat, common rooms included")
    rent_cny_per_m2_day: Rate
    property_cny_per_m2_month: Rate = Field(description="property management and cleaning")
    electricity_cny_per_kwh: Rate
    water_cny_per_head_month: Rate
    line_cny_per_month: Rate = Field(description="rental of one telephone line (trunk channel)")
    circuits: int = Field(0, ge=0, le=100_000, description="leased circuits to departments and districts")
    circuit_cny_per_month: Rate = 0.0
    fixed_cny_year: dict[Name, Rate] = Field(default_factory=dict, description="costs of fixed amount, by name")


class Platform(Table):
    """Line 2: the call platform, the sign-language network, big data and their hardware."""

    licence_cny_per_seat_year: Rate
    fixed_cny_year: dict[Name, Rate] = Field(default_factory=dict, description="costs of fixed amount, by name")


class Tax(Table):
    """Line 4: a rate on the sum of the other three, as quoted."""

    rate: float = Field(ge=0.0, le=1.0, description="share of lines 1 to 3")


class PublishedWan(Table):
    """The published figure of each line, 万元."""

    operation: Money
    platform: Money
    personnel: Money
    tax: Money


class Range(Table):
    """The range in which a calibrated rate is plausible."""

    low: float
    high: float

    @model_validator(mode="after")
    def _low_below_high(self) -> Range:
        if self.low > self.high:
            raise mistake("low no greater than high", "exchange the two")
        return self


class Cost(Table):
    """The contract in money: four lines of drivers × rates, the published figures, what was calibrated."""

    published_wan: PublishedWan | None = None
    calibrated: Many[str] = Field((), description="key paths of the calibrated rates")
    plausible: dict[str, Range] = Field(default_factory=dict, description="plausible range by key path")
    personnel: Personnel
    operation: Operation
    platform: Platform
    tax: Tax

    @model_validator(mode="after")
    def _calibrated_rates_exist(self) -> Cost:
        lines: list[str] = []
        for path in self.calibrated:
            value = _at(self, path)
            if isinstance(value, bool) or not isinstance(value, (int, float)):
                raise mistake(
                    f"calibrated paths that lead to one number each, cost.LINE.… ({path} does not)",
                    "correct the path; a dated rate cannot be calibrated",
                )
            if path not in self.plausible:
                raise mistake(
                    f"a plausible range for each calibrated rate ({path} has none)",
                    f'add cost.plausible."{path}" = {{ low = …, high = … }}',
                )
            lines.append(line_of(path))
        if len(set(lines)) < len(lines):
            raise mistake("one calibrated rate a line at most", "keep one of each line")
        return self


def line_of(path: str) -> str:
    """Return the contract line that the key path of a rate, ``cost.<line>.…``, belongs to."""
    return path.split(".")[1]


def _at(cost: Cost, path: str) -> object:
    """Return what stands in one of the four lines at a key path, or None."""
    words = path.split(".")
    if words[0] != "cost" or len(words) < 3 or words[1] not in LINES:
        return None
    value: object = cost
    for word in words[1:]:
        value = value.get(word) if isinstance(value, dict) else getattr(value, word, None)
    return value
