"""The scenario: the file's tables, key for key."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from sim.scenario.base import Table, Title
from sim.scenario.contact_types import ContactType
from sim.scenario.demand import Calendar, Demand, Horizon, Name
from sim.scenario.distributions import Many
from sim.scenario.faults import mistake
from sim.scenario.groups import Callback, Greeting, Group, Lines, Site
from sim.scenario.headcount import HeadcountTable
from sim.scenario.money import Cost, Posts, Workforce
from sim.scenario.quality import Quality
from sim.scenario.shifts import Labour, Shifts, TourKinds
from sim.scenario.targets import Population, TargetTable
from sim.scenario.tasks import TaskKind


def _rising(bounds: tuple[float, ...]) -> tuple[float, ...]:
    if not bounds[0] < bounds[1]:
        raise mistake("two numbers, the lower one first", "exchange them, or leave the range out if nothing is open")
    return bounds


Range = Annotated[Annotated[Many[float], Field(min_length=2, max_length=2, strict=False)], AfterValidator(_rising)]
"""The lowest and the highest that a number may be."""
SourceText = Annotated[str, Field(min_length=3, max_length=2_000)]


class Scenario(Table):
    """A contact centre, its demand, its targets and its money; frozen."""

    schema_: Literal[1] = Field(alias="schema", description="version of this format")
    name: Name = Field(description="short name; also that of the result folder")
    title: Title | None = Field(None, description="name for reports, in both languages")
    horizon: Horizon = Field(description="the days that are simulated")
    calendar: Calendar = Field(Calendar(), description="which days are holidays")
    demand: Demand = Field(Demand(), description="the volume's pattern, growth, surges and randomness")
    types: Annotated[dict[Name, ContactType], Field(min_length=1, max_length=100)] = Field(
        description="contact types, each [types.NAME]"
    )
    groups: Annotated[dict[Name, Group], Field(min_length=1, max_length=100)] = Field(
        description="groups of agents, each [groups.NAME]"
    )
    lines: Lines | None = Field(None, description="telephone lines; left out: as many as it takes")
    sites: dict[Name, Site] = Field(default_factory=dict, description="places with seats, each [sites.NAME]")
    greeting: Greeting = Field(Greeting(), description="announcement, self-service and ring")
    tasks: Annotated[dict[Name, TaskKind], Field(max_length=63)] = Field(
        default_factory=dict, description="kinds of work that can wait, each [tasks.NAME]"
    )
    callback: Callback | None = Field(None, description="the offer to call back; left out: none is made")
    quality: Quality = Field(Quality(), description="how novices and haste change the work")
    targets: TargetTable = Field(TargetTable(), description="the performance targets")
    workforce: Workforce | None = Field(None, description="hours, shrinkage and head-count")
    posts: Posts | None = Field(None, description="posts that are always manned, and ratios")
    cost: Cost | None = Field(None, description="rates of the contract's lines")
    shifts: Shifts | None = Field(None, description="families of shifts that a roster may have, each [shifts.NAME]")
    tours: TourKinds | None = Field(None, description="weeks of shifts that a roster may have, each [tours.NAME]")
    labour: Labour | None = Field(None, description="what each week of shifts must keep; left out: the defaults")
    ranges: dict[str, Range] = Field(
        default_factory=dict,
        description="between which bounds an assumed number may lie, by key path; * is every name of a table",
    )
    sources: dict[str, SourceText] = Field(
        default_factory=dict,
        description="where each number comes from; the longest path that leads to a number speaks for it",
    )

    @property
    def type_names(self) -> tuple[str, ...]:
        """The types in declared order: a type's place is its integer code."""
        return tuple(self.types)

    @property
    def group_names(self) -> tuple[str, ...]:
        """The groups in declared order: a group's place is its integer code."""
        return tuple(self.groups)

    @property
    def written(self) -> dict[str, TaskKind]:
        """The kinds of task with arrivals of their own, in declared order."""
        return {name: kind for name, kind in self.tasks.items() if kind.is_written}

    @property
    def kinds(self) -> dict[str, TaskKind]:
        """The kinds of task by place (§2): those with arrivals of their own first, each part in declared order."""
        return self.written | self.tasks

    def accepts_callback(self, type_name: str) -> bool:
        """Return whether some calls of a type may be promised a callback (§13)."""
        return self.callback is not None and self.callback.accepted(type_name) > 0.0

    def has_heads(self, group: str) -> bool:
        """Return whether a group's agents are heads of the workforce: employed, or lent by a group of employees."""
        own = self.groups[group]
        lender = self.groups.get(own.lender or "")
        return own.is_employed or (lender is not None and lender.is_employed)

    @property
    def headcount(self) -> HeadcountTable | None:
        """Who there is week by week, where the scenario says."""
        return None if self.workforce is None else self.workforce.headcount

    @property
    def satisfaction_population(self) -> Population:
        """Whose satisfaction is meant where the target does not say."""
        target = self.targets.satisfaction
        asks = any(kind.asks is not None for kind in self.tasks.values())
        return (target and target.population) or ("follow_up" if asks else "all")
