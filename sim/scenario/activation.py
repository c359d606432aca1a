"""When a group of agents is called in that is not there every day: the surge's levers (§14)."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field, NaiveDatetime, model_validator

from sim.scenario.base import Table
from sim.scenario.faults import mistake

_DATES = frozenset({"from", "to"})
_TRIGGERS = ("offered_last_hour", "waiting", "longest_wait_s")
_TIMES = ("notice_h", "minimum_h", "maximum_h", "rest_h")


def _quarters(hours: float) -> float:
    if hours * 4.0 != round(hours * 4.0):
        raise mistake("hours in whole quarters, such as 0.25 or 1.5", "round it to a quarter of an hour")
    return hours


QuarterHours = Annotated[float, Field(ge=0.0, le=9_600.0), AfterValidator(_quarters)]
"""Hours, 400 days at most, in whole quarters."""
Cny = Annotated[float, Field(ge=0.0, le=1e7)]


class ActivationPrice(Table):
    """What it costs to have the group, beside or instead of its wages."""

    per_call_cny: Cny = Field(0.0, description="yuan for each call the group answers")
    per_minute_cny: Cny = Field(0.0, description="yuan for each minute of ring, talk and wrap-up")
    per_hour_cny: Cny = Field(0.0, description="yuan for each agent and hour rostered while it is called in")
    per_activation_cny: Cny = Field(
        0.0, description="yuan each time it comes on duty after a time without anybody on duty"
    )

    @property
    def is_given(self) -> bool:
        """Whether anything is paid for it."""
        return any((self.per_call_cny, self.per_minute_cny, self.per_hour_cny, self.per_activation_cny))


class Activation(Table):
    """When the group is on duty: between two dates, or while one of three thresholds is reached."""

    displaces: ClassVar[dict[str, frozenset[str]]] = {
        **{key: frozenset({*_TRIGGERS, *_TIMES}) for key in _DATES},
        **{key: _DATES | frozenset(_TRIGGERS) - {key} for key in _TRIGGERS},
    }

    from_: NaiveDatetime | None = Field(
        None,
        alias="from",
        description="first moment, local time, on a quarter of an hour; with to, instead of a threshold",
    )
    to: NaiveDatetime | None = Field(None, description="end, not included, local time, on a quarter of an hour")
    offered_last_hour: int | None = Field(
        None, ge=0, le=10_000_000, description="called in at so many attempts, of all types, in the last hour"
    )
    waiting: int | None = Field(None, ge=0, le=1_000_000, description="called in when so many calls wait")
    longest_wait_s: float | None = Field(
        None, ge=0.0, le=604_800.0, description="called in when a call has waited so long, seconds"
    )
    notice_h: QuarterHours = Field(0.0, description="hours from the call to the agents at work")
    minimum_h: QuarterHours = Field(1.0, description="hours the group stays at least")
    maximum_h: QuarterHours | None = Field(None, description="hours the group stays at most; left out: no limit")
    rest_h: QuarterHours = Field(0.0, description="hours after it went before it can be called again")
    agents_from: str | None = Field(
        None, description="the group whose agents these are, taken from its roster meanwhile; left out: others"
    )
    price: ActivationPrice = Field(ActivationPrice(), description="what it costs")

    @model_validator(mode="after")
    def _one_way(self) -> Activation:
        triggers = [key for key in _TRIGGERS if getattr(self, key) is not None]
        dates = [self.from_, self.to].count(None)
        if not (len(triggers) == 1 and dates == 2) and not (not triggers and dates == 0):
            raise mistake(
                "from with to, or exactly one of offered_last_hour, waiting, longest_wait_s",
                "keep one way to call the group in, such as waiting = 20",
            )
        given = [key for key in _TIMES if key in self.model_fields_set]
        if not triggers and given:
            raise mistake(
                f"{' and '.join(given)} only with a threshold: between dates the group is there all the time",
                f"leave out {' and '.join(given)}",
            )
        return self

    @property
    def is_dated(self) -> bool:
        """Whether it goes by dates."""
        return self.from_ is not None
