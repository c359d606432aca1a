"""The horizon, the calendar and the volume: when citizens call (§1, §3)."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, NaiveDatetime

from sim.scenario.base import Factor, Table
from sim.scenario.distributions import Many
from sim.scenario.faults import mistake
from sim.scenario.tables import DayFactors, ShapeTable

Name = Annotated[str, Field(pattern=r"^\w[\w-]*$", max_length=80)]
"""A name that can stand in a path and name a folder: letters, digits, - and _."""

Day = Annotated[dt.date, Field(ge=dt.date(2001, 1, 1), le=dt.date(2100, 12, 31))]


def _day_key(value: Any) -> Any:
    try:
        return dt.date.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        raise mistake('a date in quotes as key, such as "2020-02-01"', "write year-month-day") from None


DayKey = Annotated[Day, BeforeValidator(_day_key, json_schema_input_type=str)]

SpecialDay = Literal["workday", "weekend", "holiday", "spring_festival", "make_up_workday"]


class Horizon(Table):
    """The days that are simulated, and how they are reported."""

    start: Day = Field(description="first day, as 2020-01-01")
    end: Day = Field(description="last day, included")
    interval_minutes: Literal[15, 30, 60] = Field(30, description="length of a reporting interval, minutes")
    warm_up_days: int = Field(0, ge=0, le=31, description="days simulated before the first and not measured")

    @property
    def span(self) -> tuple[dt.date, dt.date]:
        """The first and the last day that are simulated, warm-up included."""
        return self.start - dt.timedelta(days=self.warm_up_days), self.end


class Calendar(Table):
    """Which days are workdays, weekends and holidays."""

    country: Literal["CN", "none"] = Field("CN", description="CN: China's statutory days; none: no holidays")
    days: dict[DayKey, SpecialDay] = Field(
        default_factory=dict, description='days that differ: { "2020-02-01" = "make_up_workday" }'
    )


class DayWeights(Table):
    """Relative volume of each kind of day; an average workday is about 1."""

    monday: Factor = Field(1.0, description="Mondays")
    tuesday: Factor = Field(1.0, description="Tuesdays")
    wednesday: Factor = Field(1.0, description="Wednesdays")
    thursday: Factor = Field(1.0, description="Thursdays")
    friday: Factor = Field(1.0, description="Fridays")
    saturday: Factor = Field(1.0, description="Saturdays")
    sunday: Factor = Field(1.0, description="Sundays")
    holiday: Factor = Field(1.0, description="statutory holidays outside Spring Festival")
    spring_festival: Factor = Field(1.0, description="the statutory days of Spring Festival")
    make_up_workday: Factor = Field(1.0, description="weekend days worked in exchange for a holiday")


Cv = Annotated[float, Field(ge=0.0, le=2.0)]


class DemandVariation(Table):
    """Random factors on the volume, each with mean 1; coefficients of variation."""

    year_cv: Cv = Field(0.0, description="error of the year's forecast")
    day_cv: Cv = Field(0.0, description="busy and quiet days")
    day_autocorrelation: float = Field(0.0, ge=0.0, le=0.99, description="correlation of a day with the next")
    slot_cv: Cv = Field(0.0, description="one 15-minute slot against its neighbours")
    distribution: Literal["lognormal", "gamma"] = Field("lognormal", description="law of all three factors")


class Surge(Table):
    """A stretch of time with more (or less) volume than the year's pattern gives."""

    name: Name = Field(description="a name for reports")
    from_: NaiveDatetime = Field(alias="from", description="first moment, local time, on a quarter of an hour")
    to: NaiveDatetime = Field(description="end, not included, local time, on a quarter of an hour")
    multiplier: float = Field(ge=0.0, le=50.0, description="volume against what it would have been")
    types: Annotated[Many[str], Field(min_length=1, strict=False)] | None = Field(
        None, description="the types it strikes; left out: all"
    )
    known: bool = Field(False, description="true: planned and staffed for; false: a surprise")
    shape: DayFactors | None = Field(
        None, description="own shape by time of day of the extra volume; left out: the day's own"
    )


class Demand(Table):
    """The volume's growth, pattern over the year, and randomness."""

    growth: float = Field(0.0, ge=-0.9, le=10.0, description="added to every annual volume: 0.08 is 8 % more")
    month: Annotated[Many[Factor], Field(min_length=12, max_length=12, strict=False)] = Field(
        (1.0,) * 12, description="relative volume of an average day, January to December"
    )
    day: DayWeights = Field(DayWeights(), description="relative volume of each kind of day")
    shape: ShapeTable = Field(
        ShapeTable.model_validate({"all": (1.0,) * 24}), description="relative volume by time of day"
    )
    within_slot: Literal["uniform", "linear"] = Field(
        "uniform", description="arrivals inside 15 minutes: even, or along a line through the neighbours"
    )
    variation: DemandVariation = Field(DemandVariation(), description="random factors on the volume")
    surge: Many[Surge] = Field((), description="surges, each [[demand.surge]]")
