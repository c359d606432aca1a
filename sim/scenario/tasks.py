"""Work that can wait: written contacts, work orders' review, follow-up calls, returned orders (§12)."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from sim.scenario.base import Share, Table, Title
from sim.scenario.distributions import Distribution, Many
from sim.scenario.faults import mistake
from sim.scenario.spread import Hours, Spread
from sim.scenario.tables import DayList, ShapeTable

EVENTS = ("on_the_spot", "work_order", "answer", "return")
"""What may bring a task, beside a task that is done, ``tasks.NAME``."""
TASK_EVENT = "tasks."


class Link(Table):
    """What brings a task."""

    event: str = Field(
        max_length=90,
        description="on_the_spot, work_order, answer (either of the two), return, or tasks.NAME: one of these is done",
    )
    types: Annotated[Many[str], Field(min_length=1, strict=False)] | None = Field(
        None, description="types of calls and kinds of written contacts it comes from; left out: all"
    )
    probability: Share = Field(1.0, description="share of those events that bring one")
    delay_h: Spread[Hours] = Field(0.0, description="hours until it can be started: one number, or quantiles")

    @property
    def parent(self) -> str | None:
        """The kind of task whose end is the event; None for an event of the contact."""
        return self.event.removeprefix(TASK_EVENT) if self.event.startswith(TASK_EVENT) else None

    @property
    def events(self) -> tuple[str, ...]:
        """The events, ``answer`` told as the two it stands for."""
        return ("on_the_spot", "work_order") if self.event == "answer" else (self.event,)


class Due(Table):
    """When a task must be done: one of its keys."""

    displaces: ClassVar[dict[str, frozenset[str]]] = {
        "hours": frozenset({"working_days"}),
        "working_days": frozenset({"hours"}),
    }

    hours: Annotated[float, Field(gt=0.0, le=9_600.0)] | None = Field(None, description="hours after it is released")
    working_days: Annotated[int, Field(ge=1, le=60)] | None = Field(
        None, description="by the end of the n-th working day after the day it is released"
    )

    @model_validator(mode="after")
    def _exactly_one(self) -> Due:
        if (self.hours is None) == (self.working_days is None):
            raise mistake("exactly one of hours and working_days", "write one, such as due = { hours = 24 }")
        return self


class OpenHours(Table):
    """When a task may be started."""

    from_h: int = Field(0, ge=0, le=23, description="first hour of the day")
    to_h: int = Field(24, ge=1, le=24, description="hour from which none is started")

    @model_validator(mode="after")
    def _opens_before_it_closes(self) -> OpenHours:
        if self.from_h >= self.to_h:
            raise mistake("from_h below to_h", "exchange the two; work over midnight has hours of its own in two kinds")
        return self


class Asks(Table):
    """A call back to the citizen to ask whether they are satisfied (回访)."""

    reached: Share = Field(description="share of citizens reached")


class TaskKind(Table):
    """One kind of work that can wait; it has arrivals of its own, or comes after something."""

    displaces: ClassVar[dict[str, frozenset[str]]] = {
        "annual_contacts": frozenset({"per_hour", "after"}),
        "per_hour": frozenset({"annual_contacts", "after"}),
        "after": frozenset({"annual_contacts", "per_hour"}),
    }

    title: Title | None = Field(None, description="name for reports, in both languages")
    annual_contacts: Annotated[float, Field(ge=0.0, le=1e8)] | None = Field(
        None, description="written contacts of its own, expected a calendar year, before growth; or per_hour, or after"
    )
    per_hour: DayList[Annotated[float, Field(ge=0.0, le=1e5)]] | None = Field(
        None, description="written contacts an hour by time of day, the same every day; instead of annual_contacts"
    )
    shape: ShapeTable | None = Field(
        None, description="its own relative volume by time of day, with annual_contacts; left out: demand.shape"
    )
    work_order_share: Share = Field(0.0, description="share of written contacts that become work orders")
    responsible_return: Share = Field(0.0, description="share of those work orders returned by our fault")
    satisfied: Share = Field(1.0, description="share of written contacts whose citizen is satisfied")
    counts_as_accepted: bool = Field(True, description="whether written contacts count as accepted (受理量)")
    after: Many[Link] = Field((), description="what brings one: a list of tables, each with an event")
    handling: Distribution = Field(description="an agent's time for one, seconds")
    due: Due = Field(description="{ hours = 24 } or { working_days = 5 }")
    groups: Annotated[Many[str], Field(min_length=1, strict=False)] = Field(
        description="groups that do it, in order of preference"
    )
    hours: OpenHours = Field(OpenHours(), description="hours in which it may be started; left out: all day")
    days: Literal["all", "workday"] = Field("all", description="days on which it may be started")
    asks: Asks | None = Field(None, description="asks the citizen; left out: it does not")

    @property
    def is_written(self) -> bool:
        """Whether it has arrivals of its own."""
        return self.annual_contacts is not None or self.per_hour is not None
