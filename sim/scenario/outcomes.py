"""Which share of calls is answered on the spot, novices and transfers counted (§9, §18)."""

from __future__ import annotations

from sim.scenario.contact_types import ContactType
from sim.scenario.scenario import Scenario


def without_novices(kind: ContactType, group: str) -> float:
    """Return the share of a type's calls without transfer that a group's experienced agents answer on the spot."""
    shares = kind.resolution.on_the_spot
    return shares[group] if isinstance(shares, dict) else shares


def planned_loss(scenario: Scenario, group: str) -> float:
    """Return the share of answers on the spot that a group's novices lose, as planned (§18)."""
    return scenario.quality.novice_on_the_spot_loss * scenario.groups[group].novice_share


def worst_loss(scenario: Scenario, group: str) -> float:
    """Return the share of answers on the spot that a group may lose in a week: with a head-count, of novices alone."""
    table = scenario.headcount
    if table is None or not scenario.has_heads(group):
        return planned_loss(scenario, group)
    return max((band.on_the_spot_loss for band in table.learning), default=0.0)


def on_the_spot(scenario: Scenario, kind: ContactType, group: str, loss: float | None = None) -> float:
    """Return the share of a type that one of its groups answers without a work order; by default as planned.

    ``loss`` is the share of answers on the spot that novices lose.
    """
    own = without_novices(kind, group) * (1.0 - (planned_loss(scenario, group) if loss is None else loss))
    if kind.transfer is None:
        return own
    return own + kind.transfer.share * (kind.transfer.on_the_spot - own)
