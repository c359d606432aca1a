"""Contact types: who calls, how long they wait and talk, what becomes of the call (§4, §8-§11)."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Discriminator, Field, Tag

from sim.scenario.base import Seconds, Share, Table, Title
from sim.scenario.distributions import Distribution, Fixed, Many, Patience
from sim.scenario.spread import Days, Spread
from sim.scenario.tables import DayList, form

RedialProbability = Annotated[
    Annotated[Share, Tag("<one>")]
    | Annotated[Annotated[Many[Share], Field(min_length=1, max_length=60, strict=False)], Tag("<list>")],
    Discriminator(form),
]
ByGroup = Annotated[Annotated[Share, Tag("<one>")] | Annotated[dict[str, Share], Tag("<table>")], Discriminator(form)]


class Redial(Table):
    """What a citizen does after hanging up or finding no line (§10)."""

    probability: RedialProbability = Field(
        description="share that calls again: one number, or one an attempt (the last one repeats)"
    )
    delay: Distribution = Field(description="time until the next attempt")
    max_attempts: int = Field(4, ge=1, le=60, description="attempts at most, the first included")
    patience: Literal["new", "same"] = Field("new", description="drawn anew for each attempt, or the same")
    handling: Literal["same", "new"] = Field("same", description="the same need, or drawn anew")


class RepeatByOutcome(Table):
    """How likely it is that a citizen comes again, by what the answer was."""

    on_the_spot: Share = Field(0.0, description="share that comes again after an answer on the spot")
    work_order: Share = Field(0.0, description="share that comes again after a work order")


Repeat = Annotated[
    Annotated[Share, Tag("<one>")] | Annotated[RepeatByOutcome, Tag("<table>")],
    Discriminator(form),
]
Logits = Annotated[float, Field(ge=-10.0, le=10.0)]


class Resolution(Table):
    """What becomes of an answered contact (§11, §18)."""

    on_the_spot: ByGroup = Field(
        1.0, description="share answered without a work order: one number, or a table by group"
    )
    responsible_return: Share = Field(0.0, description="share of work orders returned by the agent's fault")
    satisfied_on_the_spot: Share = Field(1.0, description="share satisfied of those answered on the spot")
    satisfied_work_order: Share = Field(1.0, description="share satisfied of those with a work order")
    satisfaction_per_wait_minute: Logits = Field(
        0.0, description="added to the logit of both shares for each minute of waiting: -0.1 for 10 % lower odds"
    )
    satisfaction_per_order_day: Logits = Field(
        0.0, description="added to the logit for each day a work order spends in the departments"
    )
    order_days: Spread[Days] = Field(
        0.0, description="days a work order spends in the departments: one number, or quantiles"
    )
    repeat: Repeat = Field(
        0.0, description="share of answered citizens who come again; one number, or { on_the_spot, work_order }"
    )
    repeat_delay_days: Spread[Days] = Field(
        7.0, description="days until they do, rounded to whole days, 1 at least: one number, or quantiles"
    )
    max_episodes: int = Field(5, ge=1, le=60, description="times a citizen comes at most, the first included")

    def repeat_share(self, *, on_the_spot: bool) -> float:
        """Return how likely it is that the citizen comes again after an answer on the spot, or a work order."""
        if isinstance(self.repeat, RepeatByOutcome):
            return self.repeat.on_the_spot if on_the_spot else self.repeat.work_order
        return self.repeat


class Transfer(Table):
    """Calls in which the agent brings in a department, and the three consult (三方通话, §9)."""

    share: Share = Field(description="share of answered calls that are transferred")
    consult: Distribution = Field(description="time the three consult, seconds")
    leaves_after_s: Seconds | None = Field(
        None, description="the agent leaves the line after so many seconds; left out: stays to the end"
    )
    on_the_spot: Share = Field(1.0, description="share of them answered without a work order, whichever the group")


class ContactType(Table):
    """One type of contact."""

    displaces: ClassVar[dict[str, frozenset[str]]] = {
        "annual_contacts": frozenset({"per_hour"}),
        "per_hour": frozenset({"annual_contacts"}),
    }

    title: Title | None = Field(None, description="name for reports, in both languages")
    annual_contacts: Annotated[float, Field(ge=0.0, le=1e8)] | None = Field(
        None, description="expected first attempts a calendar year, before growth; or per_hour instead"
    )
    per_hour: DayList[Annotated[float, Field(ge=0.0, le=1e5)]] | None = Field(
        None, description="contacts an hour by time of day, the same every day; instead of annual_contacts"
    )
    priority: int = Field(1, ge=1, le=99, description="the lower number is served first")
    groups: Annotated[Many[str], Field(min_length=1, strict=False)] = Field(
        description="groups that serve it, in order of preference"
    )
    routing: Literal["preference", "longest_idle", "random"] = Field(
        "preference", description="which group takes a call when several could"
    )
    reserve: dict[str, Annotated[int, Field(ge=1, le=20_000)]] = Field(
        default_factory=dict,
        description="idle agents, the taker included, that a group needs to take it; before its own reserve",
    )
    join_after_s: dict[str, Seconds] = Field(
        default_factory=dict, description="a group may take it only after so many seconds of waiting"
    )
    talk: Distribution = Field(description="talk time, seconds")
    wrap: Distribution = Field(Distribution(fixed=Fixed(s=0.0)), description="work after the call, agent busy, seconds")
    wrap_work_order: Distribution | None = Field(
        None, description="wrap when a work order is written; left out: the same as wrap"
    )
    patience: Patience = Field(description="how long a caller waits: a distribution, or never = true")
    redial: Redial | None = Field(None, description="calling again; left out: nobody does")
    resolution: Resolution = Field(Resolution(), description="one-off answers, returns, satisfaction")
    transfer: Transfer | None = Field(None, description="bringing in a department; left out: never")
