"""Numbers by time of day and kind of day: 24, 48 or 96 of them, for the day or for each kind of day."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Final, TypeVar

from pydantic import AfterValidator, BaseModel, Discriminator, Field, Tag, model_validator

from sim.calendar import ShapeKind
from sim.scenario.base import Factor, Table
from sim.scenario.distributions import Many
from sim.scenario.faults import mistake
from sim.terms import SLOTS_PER_DAY

T = TypeVar("T", int, float)
N = TypeVar("N")


def form(value: Any) -> str:
    """Return the tag of the form a value has, for keys that take a number, a list or a table."""
    if isinstance(value, (list, tuple)):
        return "<list>"
    return "<table>" if isinstance(value, (dict, BaseModel)) else "<one>"


def by_slot(values: tuple[T, ...]) -> tuple[T, ...]:
    """Return 24, 48 or 96 numbers repeated to one for each 15-minute slot of the day, shape ``(96,)``."""
    repeat = SLOTS_PER_DAY // len(values)
    return tuple(value for value in values for _ in range(repeat))


def _a_day_long(values: tuple[N, ...]) -> tuple[N, ...]:
    if len(values) not in (24, 48, 96):
        raise mistake(
            "a list of 24, 48 or 96 numbers, from midnight to midnight",
            f"give one number an hour, half-hour or quarter; this list has {len(values)}",
        )
    return values


DayList = Annotated[Many[N], AfterValidator(_a_day_long)]
"""One number for each hour, half-hour or quarter of the day."""

DayFactors = DayList[Factor]
"""Relative numbers by time of day."""

MOST_AGENTS: Final = 20_000
Agents = Annotated[int, Field(ge=0, le=MOST_AGENTS)]
"""A number of agents."""

DayAgents = Annotated[Annotated[Agents, Tag("<one>")] | Annotated[DayList[Agents], Tag("<list>")], Discriminator(form)]
"""Agents all day long, or by time of day."""


class _ByKind(Table):
    """``all``, or one entry for each kind of day; a kind left out takes ``all``."""

    displaces: ClassVar[dict[str, frozenset[str]]] = {"all": frozenset({"workday", "weekend", "holiday"})}

    @model_validator(mode="after")
    def _every_kind(self) -> _ByKind:
        table = self.__dict__
        missing = [kind for kind in ("workday", "weekend", "holiday") if table.get(kind) is None]
        if missing and table.get("all") is None:
            raise mistake(
                "all, or each of workday, weekend and holiday",
                f"add all, or {' and '.join(missing)}",
            )
        return self

    def _of(self, kind: ShapeKind) -> Any:
        own = getattr(self, kind)
        return getattr(self, "all") if own is None else own  # noqa: B009  (the field is a subclass's)


class ShapeTable(_ByKind):
    """Relative volume by time of day."""

    all: DayFactors | None = Field(None, description="the shape of every kind of day not given apart")
    workday: DayFactors | None = Field(None, description="Monday to Friday and make-up workdays")
    weekend: DayFactors | None = Field(None, description="Saturday and Sunday")
    holiday: DayFactors | None = Field(None, description="statutory holidays and Spring Festival")

    def slots(self, kind: ShapeKind) -> tuple[float, ...]:
        """Return the shape of one kind of day, shape ``(96,)``, not normalised."""
        values: tuple[float, ...] = self._of(kind)
        return by_slot(values)


class AgentTable(_ByKind):
    """Agents by time of day and kind of day."""

    all: DayAgents | None = Field(None, description="on every kind of day not given apart")
    workday: DayAgents | None = Field(None, description="Monday to Friday and make-up workdays")
    weekend: DayAgents | None = Field(None, description="Saturday and Sunday")
    holiday: DayAgents | None = Field(None, description="statutory holidays and Spring Festival")

    def slots(self, kind: ShapeKind) -> tuple[int, ...]:
        """Return the agents on one kind of day, shape ``(96,)``."""
        values: int | tuple[int, ...] = self._of(kind)
        return (values,) * SLOTS_PER_DAY if isinstance(values, int) else by_slot(values)


class OnDutyTable(AgentTable):
    """Agents on duty, after breaks, by time of day and kind of day (§14)."""

    # A rule's keys, or a roster, written over a table take its place.
    displaces: ClassVar[dict[str, frozenset[str]]] = {
        **AgentTable.displaces,
        **{
            key: frozenset({"all", "workday", "weekend", "holiday"})
            for key in ("rule", "target", "margin", "utilisation", "minimum", "maximum", "roster")
        },
    }
