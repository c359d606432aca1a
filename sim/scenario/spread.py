"""A quantity that is one number, or spreads: quantiles at equally spaced probabilities."""

from __future__ import annotations

from typing import Annotated, TypeVar

from pydantic import AfterValidator, Discriminator, Field, Tag

from sim.scenario.distributions import Many, nondecreasing
from sim.scenario.tables import form

N = TypeVar("N", bound=float)


Spread = Annotated[
    Annotated[N, Tag("<one>")]
    | Annotated[
        Annotated[Many[N], Field(min_length=2, max_length=10_001, strict=False), AfterValidator(nondecreasing)],
        Tag("<list>"),
    ],
    Discriminator(form),
]
"""One number for all, or quantiles joined by straight lines."""

Days = Annotated[float, Field(ge=0.0, le=400.0)]
"""A stretch of days, a year and a little at most."""
Hours = Annotated[float, Field(ge=0.0, le=9_600.0)]
"""A stretch of hours, 400 days at most."""


def at_shares(spread: float | tuple[float, ...], shares: tuple[float, ...]) -> tuple[float, ...]:
    """Return the quantiles at some probabilities, each from 0 to below 1."""
    if isinstance(spread, float | int):
        return (float(spread),) * len(shares)
    found = []
    for share in shares:
        place = share * (len(spread) - 1)
        low = int(place)
        found.append(spread[low] + (place - low) * (spread[low + 1] - spread[low]))
    return tuple(found)
