"""Quality, callback and activation of a scenario as the engines read them (§13, §14, §18)."""

from __future__ import annotations

import numpy as np

from sim.engine import given, rules
from sim.engine.given import Activation, Callback, Floats, Quality
from sim.engine.laws import to_ms
from sim.scenario import Scenario
from sim.terms import SLOTS_PER_HOUR
from sim.workforce.handling import handling_s

_NEVER_ENDS = 1 << 40
"""Slots: more than any run has."""


def quality_of(scenario: Scenario, returns: Floats) -> Quality:
    """Return how well the work is done (§18); ``returns`` are the chances of a return (T, G, W)."""
    resolutions = [kind.resolution for kind in scenario.types.values()]
    satisfied = np.array([(r.satisfied_on_the_spot, r.satisfied_work_order) for r in resolutions])
    haste = scenario.quality.haste
    return Quality(
        returned=returns,
        **given.satisfaction(satisfied),
        per_wait_minute=np.array([r.satisfaction_per_wait_minute for r in resolutions]),
        per_order_day=np.array([r.satisfaction_per_order_day for r in resolutions]),
        haste_waiting=haste.waiting if haste else 0,
        haste_permille=round(haste.wrap_factor * 1000) if haste else 1000,
        haste_returns=haste.returns_factor if haste else 1.0,
    )


def callback_of(scenario: Scenario) -> Callback:
    """Return the offer to call back (§13)."""
    kinds = list(scenario.types.values())
    offer = scenario.callback
    ring_s = scenario.greeting.ring_s
    return Callback(
        over_ms=to_ms(offer.threshold_s) if offer else -1,
        accept=np.array([offer.accepted(name) if offer else 0.0 for name in scenario.types]),
        job_ms=np.array([max(1, to_ms(ring_s + handling_s(scenario, kind, kind.groups[0]))) for kind in kinds]),
        before=np.array(
            [
                [other.priority <= own.priority and not set(other.groups).isdisjoint(own.groups) for other in kinds]
                for own in kinds
            ]
        ),
    )


def activation_of(scenario: Scenario) -> Activation:
    """Return what switches groups on (§14); what goes by dates is in the roster."""
    place = {name: index for index, name in enumerate(scenario.groups)}
    columns = []
    for group in scenario.groups.values():
        calls = group.activation
        if calls is None or calls.is_dated:
            columns.append((given.NO_TRIGGER, 0, 0, 0, 0, 0, -1))
            continue
        if calls.offered_last_hour is not None:
            trigger, over = rules.OFFERED, calls.offered_last_hour
        elif calls.waiting is not None:
            trigger, over = rules.WAITING, calls.waiting
        else:
            trigger, over = rules.LONGEST_WAIT, to_ms(calls.longest_wait_s or 0.0)
        maximum = _NEVER_ENDS if calls.maximum_h is None else _slots(calls.maximum_h)
        source = -1 if calls.agents_from is None else place[calls.agents_from]
        times = _slots(calls.notice_h), _slots(calls.minimum_h), maximum, _slots(calls.rest_h)
        columns.append((trigger, over, *times, source))
    return Activation(*np.array(columns, np.int64).T.copy())


def _slots(hours: float) -> int:
    return round(hours * SLOTS_PER_HOUR)
