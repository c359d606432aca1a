"""The random scenarios switch every rule on and off, and are ones that a planner could write."""

from __future__ import annotations

from collections import Counter

from random_scenarios import random_scenario

from sim.scenario import Scenario
from sim.scenario.checks import cross_check

HARMLESS = (
    "lists in its groups",
    "no more on duty than",
    "never hold",
    "there is no workday",
    "on duty at some time",
    "more agents on duty than its task_reserve",
    "types only with",
)
"""What is said to a planner and the engines do not mind: groups, tasks and thresholds without effect, seats too few."""
SCENARIOS = 150
AT_LEAST = 8


def rules_of(scenario: Scenario) -> set[str]:
    """Return the rules that a scenario switches on."""
    types, groups, tasks = scenario.types.values(), scenario.groups.values(), scenario.tasks.values()
    calls = [group.activation for group in groups if group.activation is not None]
    links = [link for kind in tasks for link in kind.after]
    found = {
        "repeats": any(kind.resolution.repeat != 0.0 for kind in types),
        "transfers": any(kind.transfer is not None for kind in types),
        "agent leaves": any(kind.transfer is not None and kind.transfer.leaves_after_s is not None for kind in types),
        "announcement in the queue": any(kind.patience.announcement is not None for kind in types),
        "satisfaction by wait": any(kind.resolution.satisfaction_per_wait_minute for kind in types),
        "satisfaction by days": any(kind.resolution.satisfaction_per_order_day for kind in types),
        "novices": bool(scenario.quality.novice_returns) and any(group.novice_share for group in groups),
        "heads": scenario.workforce is not None,
        "haste": scenario.quality.haste is not None,
        "callback": scenario.callback is not None,
        "written contacts": bool(scenario.written),
        "three kinds": len(scenario.tasks) > 2,
        "follow-up": any(kind.asks is not None for kind in tasks),
        "chains": any(link.parent for link in links),
        "by type": any(link.types for link in links),
        "delays": any(isinstance(link.delay_h, tuple) for link in links),
        "working days": any(kind.due.working_days for kind in tasks),
        "hours": any(kind.hours.from_h for kind in tasks),
        "workdays": any(kind.days == "workday" for kind in tasks),
        "task reserve": bool(scenario.tasks) and any(group.task_reserve for group in groups),
        "warm-up": scenario.horizon.warm_up_days > 0,
        "offered": any(call.offered_last_hour is not None for call in calls),
        "waiting": any(call.waiting is not None for call in calls),
        "longest wait": any(call.longest_wait_s is not None for call in calls),
        "dates": any(call.is_dated for call in calls),
        "agents from": any(call.agents_from is not None for call in calls),
        "no notice": any(not call.is_dated and call.notice_h == 0.0 for call in calls),
        "tasks and activations": bool(calls) and bool(scenario.tasks),
        "tasks and callbacks": scenario.callback is not None and bool(scenario.tasks),
    }
    return {name for name, on in found.items() if on}


def test_every_rule_is_on_in_some_and_off_in_others() -> None:
    scenarios = [random_scenario(number)[0].scenario for number in range(SCENARIOS)]
    on = Counter(rule for scenario in scenarios for rule in rules_of(scenario))
    assert all(AT_LEAST <= count <= SCENARIOS - AT_LEAST for count in on.values()), on
    assert sum(not rules_of(scenario) for scenario in scenarios) >= AT_LEAST
    wrong = {wrong.allowed for scenario in scenarios for wrong in cross_check(scenario)}
    assert not {text for text in wrong if not any(harmless in text for harmless in HARMLESS)}
