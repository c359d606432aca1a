"""Groups of agents, sites, lines and the greeting: what the contacts are served with (§5, §6, §14)."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, Discriminator, Field, Tag

from sim.scenario.base import Seconds, Share, Table, Title
from sim.scenario.distributions import Many
from sim.scenario.tables import Agents, OnDutyTable, form

_RULE_KEYS = ("rule", "target", "margin", "minimum", "maximum")


class RuleTarget(Table):
    """What the rule staffs each 15 minutes for: one of three."""

    displaces: ClassVar[dict[str, frozenset[str]]] = {
        "asa_s": frozenset({"answered_within_s", "answered_within_share", "abandoned_share"}),
        "abandoned_share": frozenset({"answered_within_s", "answered_within_share", "asa_s"}),
        "answered_within_s": frozenset({"asa_s", "abandoned_share"}),
        "answered_within_share": frozenset({"asa_s", "abandoned_share"}),
    }

    asa_s: Annotated[float, Field(gt=0.0, le=3_600.0)] | None = Field(None, description="mean wait at most")
    answered_within_s: Annotated[float, Field(ge=0.0, le=3_600.0)] | None = Field(
        None, description="threshold of the share answered in time"
    )
    answered_within_share: Annotated[float, Field(gt=0.0, lt=1.0)] | None = Field(
        None, description="share answered within answered_within_s, at least"
    )
    abandoned_share: Annotated[float, Field(gt=0.0, lt=1.0)] | None = Field(
        None, description="share abandoned, at most"
    )


class OnDutyRule(Table):
    """Agents on duty by a rule: Erlang A for each 15 minutes against the expected rate (§14)."""

    # A table's keys written over a rule take its place.
    displaces: ClassVar[dict[str, frozenset[str]]] = {
        key: frozenset(_RULE_KEYS) for key in ("all", "workday", "weekend", "holiday")
    }

    rule: Literal["erlang-a"] = Field(description="the only rule")
    target: RuleTarget = Field(description="asa_s, or answered_within_s and _share, or abandoned_share")
    margin: float = Field(0.0, ge=0.0, le=2.0, description="added to the rule's number: 0.05 is 5 % more")
    minimum: Agents = Field(0, description="never fewer than this")
    maximum: Agents | None = Field(None, description="never more than this")


def _on_duty_form(value: Any) -> str:
    if isinstance(value, BaseModel):
        return "<rule>" if isinstance(value, OnDutyRule) else "<table>"
    return "<rule>" if isinstance(value, dict) and any(key in value for key in _RULE_KEYS) else "<table>"


OnDuty = Annotated[
    Annotated[OnDutyTable, Tag("<table>")] | Annotated[OnDutyRule, Tag("<rule>")],
    Discriminator(_on_duty_form),
]


class Absence(Table):
    """Slots of the roster that stay empty (§14)."""

    rate: Share = Field(0.0, description="share of slots absent on an average day")
    cv: float = Field(0.0, ge=0.0, le=3.0, description="how much a day's rate varies: sd over mean")


SpeedFactor = Annotated[float, Field(ge=0.1, le=10.0)]


class DatedSpeed(Table):
    """A speed from a day on."""

    value: SpeedFactor = Field(description="multiplies handling times")
    from_: dt.date = Field(alias="from", description="it holds from the first week that begins on this day or later")


Speed = Annotated[
    Annotated[SpeedFactor, Tag("<one>")]
    | Annotated[Annotated[Many[DatedSpeed], Field(min_length=1, strict=False)], Tag("<list>")],
    Discriminator(form),
]


class Group(Table):
    """One group of agents."""

    title: Title | None = Field(None, description="name for reports, in both languages")
    site: str | None = Field(None, description="the site whose seats it uses; left out: seats set no limit")
    on_duty: OnDuty = Field(description="a table (all, or workday, weekend and holiday) or a rule")
    absence: Absence = Field(Absence(), description="slots of the roster that stay empty")
    speed: Speed = Field(1.0, description="multiplies handling times: 1.1 is 10 % longer; may be dated")
    reserve: int = Field(
        0, ge=0, le=20_000, description="idle agents, the taker included, needed before it takes a call"
    )

    def speed_on(self, day: dt.date) -> float:
        """Return the factor on handling times of a week that begins on ``day`` (§9)."""
        if isinstance(self.speed, float):
            return self.speed
        return next((dated.value for dated in reversed(self.speed) if dated.from_ <= day), self.speed[0].value)


class Lines(Table):
    """Telephone lines."""

    count: int = Field(ge=1, le=1_000_000, description="calls that can be held at once, waiting or talking")


class Site(Table):
    """A place with seats."""

    title: Title | None = Field(None, description="name for reports, in both languages")
    seats: int = Field(ge=1, le=100_000, description="agents that can sit there at once")


class Greeting(Table):
    """What a caller meets before and after the queue (§6)."""

    announcement_s: Seconds = Field(0.0, description="announcement before queueing, seconds")
    ring_s: Seconds = Field(0.0, description="ringing once an agent is found, seconds")
    contained_share: Share = Field(0.0, description="share content with the self-service step")
