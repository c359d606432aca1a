"""Distributions of durations in seconds, and patience (§8, §9)."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Annotated, ClassVar, Literal, TypeVar

from pydantic import AfterValidator, Field, Strict, model_validator

from sim.scenario.base import Seconds, Share, Table
from sim.scenario.faults import listed, mistake

T = TypeVar("T")
Many = Annotated[tuple[T, ...], Strict(False)]
"""A list in the file, a tuple once read."""

Positive = Annotated[float, Field(gt=0.0, le=604_800.0)]
"""A mean or a scale in seconds, above 0 and a week at most."""
Variation = Annotated[float, Field(ge=0.01, le=10.0, description="coefficient of variation: sd over mean")]

LAWS = ("exponential", "lognormal", "gamma", "weibull", "uniform", "fixed", "quantiles")
"""The kinds of distribution: each is a key, and a distribution has exactly one of them."""


class Exponential(Table):
    """Exponential, by its mean."""

    mean_s: Positive = Field(description="mean, seconds")


class Lognormal(Table):
    """Lognormal, by its own mean and coefficient of variation (not those of the logarithm)."""

    mean_s: Positive = Field(description="mean, seconds")
    cv: Variation


class Gamma(Table):
    """Gamma, by its mean and coefficient of variation."""

    mean_s: Positive = Field(description="mean, seconds")
    cv: Variation


class Weibull(Table):
    """Weibull: the share above t is exp(-(t / scale)^shape)."""

    shape: float = Field(ge=0.1, le=20.0, description="below 1: the hazard falls with time; 1: exponential")
    scale_s: Positive = Field(description="scale, seconds")


class Uniform(Table):
    """Uniform between two bounds."""

    low_s: Seconds = Field(description="lower bound, seconds")
    high_s: Seconds = Field(description="upper bound, seconds")

    @model_validator(mode="after")
    def _ordered(self) -> Uniform:
        if self.low_s > self.high_s:
            raise mistake("low_s no greater than high_s", "exchange the two")
        return self


class Fixed(Table):
    """Always the same."""

    s: Seconds = Field(description="the duration, seconds")


def nondecreasing(values: tuple[float, ...]) -> tuple[float, ...]:
    """Return quantiles as they are.

    Raises
    ------
    PydanticCustomError
        If they fall somewhere.
    """
    if any(later < earlier for earlier, later in pairwise(values)):
        raise mistake(
            "numbers that never fall, at equally spaced probabilities from 0 to 1",
            "sort the list: first the smallest, last the largest",
        )
    return values


Quantiles = Annotated[
    Many[Seconds], Field(min_length=2, max_length=10_001, strict=False), AfterValidator(nondecreasing)
]


class Distribution(Table):
    """A distribution of seconds: exactly one of its keys."""

    displaces: ClassVar[dict[str, frozenset[str]]] = {law: frozenset({*LAWS, "never"} - {law}) for law in LAWS}

    exponential: Exponential | None = Field(None, description="exponential = { mean_s = 120 }")
    lognormal: Lognormal | None = Field(None, description="lognormal = { mean_s = 200, cv = 0.9 }")
    gamma: Gamma | None = Field(None, description="gamma = { mean_s = 60, cv = 1.0 }")
    weibull: Weibull | None = Field(None, description="weibull = { shape = 0.8, scale_s = 504 }")
    uniform: Uniform | None = Field(None, description="uniform = { low_s = 60, high_s = 120 }")
    fixed: Fixed | None = Field(None, description="fixed = { s = 60 }")
    quantiles: Quantiles | None = Field(
        None, description="seconds at equally spaced probabilities from 0 to 1, joined by straight lines"
    )

    @model_validator(mode="after")
    def _exactly_one(self) -> Distribution:
        choices = [key for key in (*LAWS, "never") if key in type(self).model_fields]
        given = [key for key in choices if getattr(self, key) is not None]
        if len(given) != 1:
            what = f"keep one of {listed(given)}" if given else "write one, such as fixed = { s = 60 }"
            raise mistake(f"exactly one of {listed(choices)}", what)
        return self

    @property
    def kind(self) -> str:
        """The key that is given: one of :data:`LAWS`, or ``never``."""
        return next(key for key in (*LAWS, "never") if getattr(self, key, None) is not None)

    @property
    def mean_s(self) -> float:
        """Mean in seconds; infinite for patience without end."""
        if self.weibull is not None:
            return self.weibull.scale_s * math.gamma(1.0 + 1.0 / self.weibull.shape)
        if self.uniform is not None:
            return (self.uniform.low_s + self.uniform.high_s) / 2.0
        if self.fixed is not None:
            return self.fixed.s
        if self.quantiles is not None:
            steps = len(self.quantiles) - 1
            return (sum(self.quantiles) - (self.quantiles[0] + self.quantiles[-1]) / 2.0) / steps
        law = self.exponential or self.lognormal or self.gamma
        return math.inf if law is None else law.mean_s


class QueueAnnouncement(Table):
    """An announcement while waiting, at which some hang up (§8)."""

    at_s: float = Field(ge=1.0, le=604_800.0, description="seconds of waiting after which it is heard")
    hang_up_share: float = Field(ge=0.0, lt=1.0, description="share of those still there that hang up at it")


class Patience(Distribution):
    """How long a caller waits before hanging up (§8): ``never = true``, or a distribution.

    ``mean_s`` is the mean of those who do not hang up at once.
    """

    displaces: ClassVar[dict[str, frozenset[str]]] = {
        **Distribution.displaces,
        "never": frozenset({*LAWS, "immediate_share"}),
    }

    never: Literal[True] | None = Field(None, description="true: the caller never hangs up")
    immediate_share: Share = Field(0.0, description="share that hangs up at once when nobody is free")
    announcement: QueueAnnouncement | None = Field(
        None, description="an announcement at which some hang up; left out: none"
    )

    @model_validator(mode="after")
    def _never_alone(self) -> Patience:
        if self.never and self.immediate_share > 0.0:
            raise mistake(
                "never = true alone, or a distribution with immediate_share",
                "leave out immediate_share, or write a distribution instead of never",
            )
        return self
