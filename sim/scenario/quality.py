"""What makes the work better or worse: novices and haste (§18)."""

from __future__ import annotations

from pydantic import Field

from sim.scenario.base import Share, Table


class Haste(Table):
    """Wrap-up cut short while many calls wait."""

    waiting: int = Field(ge=1, le=1_000_000, description="so many calls wait, or more, when an agent takes the next")
    wrap_factor: float = Field(1.0, ge=0.1, le=10.0, description="multiplies wrap-up then: 0.8 is 20 % shorter")
    returns_factor: float = Field(1.0, ge=0.0, le=100.0, description="multiplies the chance of a return then")


class Quality(Table):
    """How novices and haste change the work."""

    novice_on_the_spot_loss: Share = Field(
        0.0, description="how much lower a novice's share of answers on the spot is: 0.2 is 20 % lower"
    )
    novice_returns: float = Field(
        0.0, ge=0.0, le=100.0, description="added to 1, for a novice's returns: 1 is twice as many"
    )
    haste: Haste | None = Field(None, description="wrap-up cut short while many calls wait; left out: never")
