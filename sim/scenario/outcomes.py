"""Which share of calls is answered on the spot, novices and transfers counted (§9, §18)."""

from __future__ import annotations

from sim.scenario.contact_types import ContactType
from sim.scenario.scenario import Scenario


def untransferred_on_the_spot(scenario: Scenario, kind: ContactType, group: str) -> float:
    """Return the share of a type's calls without transfer that one of its groups answers without a work order."""
    shares = kind.resolution.on_the_spot
    share = shares[group] if isinstance(shares, dict) else shares
    return share * (1.0 - scenario.quality.novice_on_the_spot_loss * scenario.groups[group].novice_share)


def on_the_spot(scenario: Scenario, kind: ContactType, group: str) -> float:
    """Return the share of a type that one of its groups answers without a work order."""
    own = untransferred_on_the_spot(scenario, kind, group)
    if kind.transfer is None:
        return own
    return own + kind.transfer.share * (kind.transfer.on_the_spot - own)
