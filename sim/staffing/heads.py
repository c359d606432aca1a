"""Heads as a limit of a plan: the hours that it takes, and those that the heads there are can work (§19)."""

from __future__ import annotations

from dataclasses import dataclass

from sim.engine.inputs import prepare
from sim.scenario import Scenario
from sim.workforce.headcount import Headcount, expected_headcount


@dataclass(frozen=True)
class Heads:
    """What a plan takes of the agents that ``[workforce.headcount]`` says there are.

    Attributes
    ----------
    taken
        Heads that fill its roster, if their paid hours follow the plan's through the horizon.
    there
        Heads on the floor, mean of the horizon's weeks, as expected.
    least
        Those of the week with the fewest.
    """

    taken: float
    there: float
    least: float


def heads_of(scenario: Scenario, expected: Headcount) -> Heads:
    """Return what a scenario's plan takes of the heads expected."""
    plan = prepare(scenario)
    assert plan.needed is not None
    return Heads(plan.needed.balanced, float(expected.heads.mean()), float(expected.heads.min()))


def expected_heads(scenario: Scenario) -> Headcount | None:
    """Return the heads expected week by week; None where the scenario has no head-count."""
    return expected_headcount(scenario) if scenario.headcount is not None else None
