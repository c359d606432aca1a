"""The strict, frozen base of every table of a scenario, and the number types with their bounds."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class Table(BaseModel):
    """A table of the scenario file: unknown keys refused, no coercion, immutable."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


Share = Annotated[float, Field(ge=0.0, le=1.0)]
"""A fraction between 0 and 1."""
Seconds = Annotated[float, Field(ge=0.0, le=604_800.0)]
"""A duration in seconds, a week at most."""
Factor = Annotated[float, Field(ge=0.0, le=1_000.0)]
"""A relative number, compared with others of its table."""


class Title(Table):
    """A name for people, in both languages."""

    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)
