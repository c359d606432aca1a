"""The performance targets, one table a target (§17)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from sim.scenario.base import Seconds, Share, Table
from sim.scenario.distributions import Many
from sim.scenario.faults import mistake

Cny = Annotated[float, Field(ge=0.0, le=1e6)]
Contacts = Annotated[float, Field(ge=0.0, le=1e9)]
Kwh = Annotated[float, Field(ge=0.0, le=1e6)]

Indicator = Literal["connection_rate", "fcr", "responsible_return", "asa", "satisfaction"]
"""Targets whose measured value can be compared with another city's."""
Population = Literal["follow_up", "all", "on_the_spot", "work_orders"]
"""Whose satisfaction is meant (§18)."""


class Accepted(Table):
    """Accepted contacts in the year (受理量)."""

    about: Contacts = Field(description="accepted contacts, about")
    tolerance: Share = Field(0.03, description="'about' means within this share of the number")


class ConnectionRate(Table):
    """Share of calls answered (热线接通率)."""

    at_least: Share = Field(description="answered over offered, at least")
    basis: Literal["attempts", "queued", "excluding_short", "contacts"] = Field(
        "attempts",
        description="what is counted: every attempt, those that queued, without short ones, contacts",
    )


class AtLeast(Table):
    """A share that must be reached."""

    at_least: Share = Field(description="the share, at least")


class Satisfaction(AtLeast):
    """Satisfaction with the hotline (人工回访满意度)."""

    population: Population | None = Field(
        None,
        description="who is counted: citizens reached by follow-up calls, all who were answered, those answered on the "
        "spot, those with work orders; left out: follow_up if a kind of task asks, else all",
    )


class LessThan(Table):
    """A share that must not be reached."""

    less_than: Share = Field(description="the share, less than")


class AnswerTime(Table):
    """Mean answer time (平均接电时长)."""

    at_most_s: Seconds = Field(description="mean over answered calls, seconds, at most")
    counts: Annotated[Many[Literal["greeting", "queue", "ring"]], Field(min_length=1, max_length=3, strict=False)] = (
        Field(("queue", "ring"), description="which parts of the time count; queue is always one")
    )

    @field_validator("counts")
    @classmethod
    def _queue(cls, counts: tuple[str, ...]) -> tuple[str, ...]:
        if "queue" not in counts:
            raise mistake(
                'a list with "queue" in it: the wait in the queue always counts',
                'add "queue" to the list',
            )
        return counts

    @model_validator(mode="after")
    def _unique(self) -> AnswerTime:
        if len(set(self.counts)) < len(self.counts):
            raise mistake("each of greeting, queue and ring once", "leave out what is written twice")
        return self


class Economic(Table):
    """Least input (经济效益): cost per accepted contact."""

    at_most_cny: Cny = Field(description="yuan per accepted contact, at most")


class Social(Table):
    """Serve all citizens (社会效益): share of contacts lost."""

    at_most: Share = Field(description="share of contacts lost, at most")


class Environmental(Table):
    """Less energy (环境效益): energy per accepted contact."""

    at_most_kwh: Kwh = Field(description="kWh per accepted contact, at most")
    kwh_per_seat_hour: Kwh = Field(description="kWh a manned seat uses in an hour")
    fixed_kw: Kwh = Field(description="constant load of platform and building, kW")


class Sustainable(Table):
    """Keep developing (可持续): cost per contact against the year before."""

    at_most_cny: Cny = Field(description="yuan per accepted contact the year before")


class Rank(Table):
    """National rank: pass the first (满意度目标: 全国排名)."""

    name_zh: str = Field("北京", min_length=1, description="the rival's name, in Chinese")
    name_en: str = Field("Beijing", min_length=1, description="the rival's name, in English")
    rivals: Annotated[dict[Indicator, Annotated[float, Field(ge=0.0, le=604_800.0)]], Field(min_length=1)] = Field(
        description="the rival's measured values, shares (asa in seconds)"
    )


class TargetTable(Table):
    """The targets; those left out are not judged."""

    accepted: Accepted | None = Field(None, description="accepted contacts 受理量")
    connection_rate: ConnectionRate | None = Field(None, description="connection rate 接通率")
    fcr: AtLeast | None = Field(None, description="one-off answers 一次性解答率")
    responsible_return: LessThan | None = Field(None, description="responsible returns 有责退单率")
    asa: AnswerTime | None = Field(None, description="mean answer time 平均接电时长")
    economic: Economic | None = Field(None, description="cost per accepted contact 经济效益")
    social: Social | None = Field(None, description="share of contacts lost 社会效益")
    environmental: Environmental | None = Field(None, description="energy per accepted contact 环境效益")
    sustainable: Sustainable | None = Field(None, description="cost against the year before 可持续")
    satisfaction: Satisfaction | None = Field(None, description="satisfaction in follow-up calls 人工回访满意度")
    rank: Rank | None = Field(None, description="rank among government hotlines 全国排名")

    @property
    def answer_time_counts(self) -> tuple[str, ...]:
        """Which parts of a call the answer time counts, with or without a target."""
        return self.asa.counts if self.asa else ("queue", "ring")
