"""Which hours are for which work: those on duty for the telephone and for tasks, and those of the calls (§19, §20)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.scenario import Scenario
from sim.workforce.handling import first_choice, handling_s

Days = NDArray[np.float64]
_SECONDS_PER_HOUR = 3_600.0


def by_kind(scenario: Scenario, duty_h: dict[str, Days], task_busy_h: dict[str, Days]) -> tuple[Days, dict[str, Days]]:
    """Return the hours on duty that are for the telephone, and those that are for each kind of task.

    A kind's are of the group that does it first. A group that takes calls gives each kind the hours of its tasks, as
    many as it has, and the telephone the rest; one that takes none divides its hours in proportion to its kinds' over
    the whole plan, so that its waiting time is theirs too.
    """
    nothing = np.zeros(len(next(iter(task_busy_h.values()), next(iter(duty_h.values())))))
    phone_h, task_h = nothing, dict.fromkeys(scenario.kinds, nothing)
    for group, hours in duty_h.items():
        own = [name for name, kind in scenario.kinds.items() if kind.groups[0] == group]
        own = own or [name for name, kind in scenario.kinds.items() if group in kind.groups]
        busy = np.array([task_busy_h[name].sum() for name in own])
        takes_calls = any(group in kind.groups for kind in scenario.types.values())
        total = max(busy.sum(), hours.sum()) if takes_calls else busy.sum()
        shares = busy / total if total > 0.0 else np.full(len(own), 0.0 if takes_calls else 1.0 / len(own))
        for name, share in zip(own, shares, strict=True):
            task_h[name] = task_h[name] + share * hours
        phone_h = phone_h + (1.0 - shares.sum()) * hours if takes_calls else phone_h
    return phone_h, task_h


def phone_busy_h(scenario: Scenario, phone: dict[str, Days], speeds: dict[str, Days]) -> Days:
    """Return the hours of ring, talk and wrap-up of the calls expected, in the groups that look for them first."""
    busy_s = np.zeros_like(next(iter(phone.values())))
    for name, kind in scenario.types.items():
        for group in kind.groups:
            each_s = scenario.greeting.ring_s + speeds[group] * handling_s(scenario, kind, group)
            busy_s += phone[name] * first_choice(kind, group) * each_s
    busy_h: Days = busy_s / _SECONDS_PER_HOUR
    return busy_h
