"""What a planner expects of an answer: how it ends and how long it takes, on average (§9, §11, §18)."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from sim.scenario import Scenario
from sim.scenario.contact_types import ContactType
from sim.scenario.outcomes import on_the_spot

Share = TypeVar("Share", float, NDArray[np.float64])


def first_choice(kind: ContactType, group: str) -> float:
    """Return the share of a type's calls that look for ``group`` first."""
    if kind.routing == "preference":
        return float(kind.groups[0] == group)
    return float(group in kind.groups) / len(kind.groups)


def returned(scenario: Scenario, kind: ContactType, novice_share: Share) -> Share:
    """Return the share of work orders that come back by the agent's fault, not written in haste.

    ``novice_share`` is that of the group that writes them: one number, or an array of them.
    """
    return kind.resolution.responsible_return * (1.0 + scenario.quality.novice_returns * novice_share)


def handling_s(scenario: Scenario, kind: ContactType, group: str) -> float:
    """Return the mean talk, consulting and wrap-up time of a type in one of its groups, at speed 1, in seconds.

    An agent who leaves the consulting early is taken to stay for its mean, or until the moment to leave.
    """
    spot = on_the_spot(scenario, kind, group)
    work_order = kind.wrap if kind.wrap_work_order is None else kind.wrap_work_order
    consult_s = 0.0
    if kind.transfer is not None:
        consult_s = kind.transfer.consult.mean_s
        if kind.transfer.leaves_after_s is not None:
            consult_s = min(consult_s, kind.transfer.leaves_after_s)
        consult_s *= kind.transfer.share
    return kind.talk.mean_s + consult_s + spot * kind.wrap.mean_s + (1.0 - spot) * work_order.mean_s
