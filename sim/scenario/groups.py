"""Groups of agents, sites, lines and the greeting: what the contacts are served with (§5, §6, §14)."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, Discriminator, Field, Tag

from sim.calendar import ShapeKind
from sim.scenario.activation import Activation
from sim.scenario.base import Seconds, Share, Table, Title
from sim.scenario.demand import DayKey
from sim.scenario.distributions import Many
from sim.scenario.faults import Path
from sim.scenario.tables import Agents, AgentTable, DayList, OnDutyTable, by_slot, form
from sim.terms import SLOTS_PER_DAY

_RULE_KEYS = ("rule", "target", "margin", "utilisation", "minimum", "maximum")
_TABLE_KEYS = ("all", "workday", "weekend", "holiday")
_ROSTER_KEY = "roster"


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

    # A table's keys, or a roster, written over a rule take its place.
    displaces: ClassVar[dict[str, frozenset[str]]] = {
        **{key: frozenset(_RULE_KEYS) for key in (*_TABLE_KEYS, _ROSTER_KEY)},
        **{key: frozenset({"utilisation"}) for key in ("target", "margin")},
    }

    rule: Literal["erlang-a"] = Field(description="agents for calls, by Erlang A")
    target: RuleTarget = Field(description="asa_s, or answered_within_s and _share, or abandoned_share")
    margin: float = Field(
        0.0, ge=-0.9, le=2.0, description="added to the rule's number: 0.05 is 5 % more, -0.1 a tenth less"
    )
    minimum: Agents = Field(0, description="never fewer than this")
    maximum: Agents | None = Field(None, description="never more than this")


class WorkloadRule(Table):
    """Agents on duty by a rule for work that can wait: each day's work spread over the hours it is open (§19)."""

    displaces: ClassVar[dict[str, frozenset[str]]] = {
        **{key: frozenset(_RULE_KEYS) for key in (*_TABLE_KEYS, _ROSTER_KEY)},
        "utilisation": frozenset({"target", "margin"}),
    }

    rule: Literal["workload"] = Field(description="agents for work that can wait, by its hours")
    utilisation: float = Field(0.85, gt=0.0, le=1.0, description="share of an agent's time that the work takes")
    minimum: Agents = Field(0, description="never fewer than this while the work is open")
    maximum: Agents | None = Field(None, description="never more than this")


def _or_a_path(schema: dict[str, Any]) -> None:
    """Say in the JSON schema that a file may name a CSV file instead of the numbers."""
    table = {key: schema.pop(key) for key in ("type", "additionalProperties", "propertyNames") if key in schema}
    schema["anyOf"] = [{"type": "string"}, table]


class Roster(Table):
    """Agents on duty, after breaks, by date and time of day, from a file (§14)."""

    # The keys of a table or a rule written over a roster take its place.
    displaces: ClassVar[dict[str, frozenset[str]]] = {
        key: frozenset({_ROSTER_KEY}) for key in (*_RULE_KEYS, *_TABLE_KEYS)
    }

    roster: dict[DayKey, DayList[Agents]] = Field(
        description="a CSV file (date, group, 00:00, 00:30, …), by its path from this file; or the numbers by date",
        json_schema_extra=_or_a_path,
    )

    def slots(self, day: dt.date) -> tuple[int, ...]:
        """Return the agents on one day that is simulated, shape ``(96,)``."""
        return by_slot(self.roster[day])


def is_roster(path: Path) -> bool:
    """Return whether a roster stands at a path: many numbers by date that come, change and are told as one."""
    return path[:1] == ("groups",) and path[2:] == ("on_duty", _ROSTER_KEY)


def _on_duty_form(value: Any) -> str:
    if isinstance(value, BaseModel):
        forms = {OnDutyRule: "<rule>", WorkloadRule: _WORKLOAD, Roster: "<roster>"}
        return forms.get(type(value), "<table>")
    if isinstance(value, dict) and _ROSTER_KEY in value:
        return "<roster>"
    if not isinstance(value, dict) or not any(key in value for key in _RULE_KEYS):
        return "<table>"
    return _WORKLOAD if value.get("rule") == "workload" or "utilisation" in value else "<rule>"


_WORKLOAD = "<workload>"
OnDuty = Annotated[
    Annotated[OnDutyTable, Tag("<table>")]
    | Annotated[OnDutyRule, Tag("<rule>")]
    | Annotated[WorkloadRule, Tag(_WORKLOAD)]
    | Annotated[Roster, Tag("<roster>")],
    Discriminator(_on_duty_form),
]

TaskReserve = Annotated[
    Annotated[Agents, Tag("<one>")] | Annotated[DayList[Agents], Tag("<list>")] | Annotated[AgentTable, Tag("<table>")],
    Discriminator(form),
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
    on_duty: OnDuty = Field(
        description="a table (all, or workday, weekend and holiday), a rule, or a roster from a file"
    )
    absence: Absence = Field(Absence(), description="slots of the roster that stay empty")
    speed: Speed = Field(1.0, description="multiplies handling times: 1.1 is 10 % longer; may be dated")
    reserve: int = Field(
        0, ge=0, le=20_000, description="idle agents, the taker included, needed before it takes a call"
    )
    task_reserve: TaskReserve = Field(
        0, description="idle agents kept back from work that can wait: one number, by time of day, or by kind of day"
    )
    novice_share: Share = Field(0.0, description="share of its agents that are novices")
    activation: Activation | None = Field(
        None, description="it is on duty only between dates or when called in; left out: always"
    )

    def task_reserve_slots(self, kind: ShapeKind) -> tuple[int, ...]:
        """Return the agents kept back from work that can wait on one kind of day, shape ``(96,)``."""
        if isinstance(self.task_reserve, AgentTable):
            return self.task_reserve.slots(kind)
        if isinstance(self.task_reserve, tuple):
            return by_slot(self.task_reserve)
        return (self.task_reserve,) * SLOTS_PER_DAY

    @property
    def goes_by_dates(self) -> bool:
        """Whether it is called in between two dates."""
        return self.activation is not None and self.activation.is_dated

    @property
    def lender(self) -> str | None:
        """The group whose agents its own are when a threshold calls it in; by dates, the plan moves them (§14)."""
        return None if self.activation is None or self.activation.is_dated else self.activation.agents_from

    @property
    def is_employed(self) -> bool:
        """Whether its hours on duty are among those that make heads (§20).

        Not if it is bought: called in at a price and from no other group. Nor if a threshold calls it in from another
        group, in whose hours its own are; by dates, the plan moves them from one to the other.
        """
        calls = self.activation
        if calls is None:
            return True
        return calls.is_dated if calls.agents_from is not None else not calls.price.is_given

    @property
    def speeds(self) -> tuple[float, ...]:
        """The factors on handling times that it has at one time or another."""
        return (self.speed,) if isinstance(self.speed, float) else tuple(dated.value for dated in self.speed)

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
    paid_by: Literal["year", "hour"] = Field(
        "year",
        description="year: rent, property and a licence for each seat, used or not; hour: the prices of the groups "
        "called in there hold their seats",
    )


class Greeting(Table):
    """What a caller meets before and after the queue (§6)."""

    announcement_s: Seconds = Field(0.0, description="announcement before queueing, seconds")
    ring_s: Seconds = Field(0.0, description="ringing once an agent is found, seconds")
    contained_share: Share = Field(0.0, description="share content with the self-service step")


AcceptShares = Annotated[
    Annotated[Share, Tag("<one>")] | Annotated[dict[str, Share], Tag("<table>")], Discriminator(form)
]


class Callback(Table):
    """The offer to call back instead of waiting (§13)."""

    example: ClassVar[str] = "{ threshold_s = 60, accept = 0.5 }"

    threshold_s: Seconds = Field(
        description="offered to a call that is to wait longer than this, as estimated, seconds"
    )
    accept: AcceptShares = Field(
        description="share that accepts: one number, or a table by type (types left out are offered none)"
    )
    counts: Literal["apart", "waited"] = Field(
        "apart", description="answer time of those called back: counted apart, or as if they had waited in the line"
    )

    def accepted(self, type_name: str) -> float:
        """Return the share of a type that accepts."""
        return self.accept.get(type_name, 0.0) if isinstance(self.accept, dict) else self.accept
