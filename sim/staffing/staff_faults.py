"""Why there is no plan, in a planner's words."""

from __future__ import annotations

import math
from collections.abc import Mapping

from sim.experiment.cases import Outcomes
from sim.scenario import Fault, Scenario
from sim.staffing.heads import Heads


def no_cost(scenario: Scenario) -> Fault:
    """Return that a plan is sought for its price and there is none."""
    remedy = "take the table from shanghai-2020, with your own prices"
    return Fault(scenario.name, "cost", "", "a table [cost]: a plan is sought for its price", remedy)


def no_target(scenario: Scenario) -> Fault:
    """Return that nothing is asked for that takes agents."""
    allowed = "one of the targets asa, connection_rate and social: without one nobody is needed"
    return Fault(scenario.name, "targets", "", allowed, "add [targets.asa] with at_most_s = 8")


def too_low(budget_wan: float, least_wan: float) -> Fault:
    """Return that a budget is below what any plan costs."""
    allowed = (
        f"at least what the cheapest plan found costs, {least_wan:,.2f} 万元: the floor holds in every half-hour, and "
        "seats, platform and the other groups are paid in any case"
    )
    remedy = f"write --budget-wan {math.ceil(least_wan):d} or more, or lower --floor"
    return Fault("--budget-wan", "", f"{budget_wan:g}", allowed, remedy)


def unreachable(
    scenario: Scenario, probability: float, told: Mapping[str, float], agents: Mapping[str, int], how: str = "even"
) -> Fault:
    """Return which target no plan meets as surely as asked, and what would.

    ``told`` are the targets' chances with the most agents tried, or in the plan that ``how`` names; ``agents`` by group
    are those at the peak.
    """
    hardest = min((key for key in told if key != "all"), key=lambda key: told[key])
    staffing = ", ".join(f"{most} agents of {name} at the peak" for name, most in agents.items())
    return Fault(
        scenario.name,
        f"targets.{hardest}",
        f"holds with probability {told[hardest]:.2f} {how} with {staffing}",
        f"a target that agents can reach with probability {probability:g}",
        f"ask for less (--probability {max(told['all'] - 0.01, 0.01):.2f}), loosen the target, or, where seats "
        "are short, add seats to the site",
    )


def too_few_heads(scenario: Scenario, probability: float | None, heads: Heads) -> Fault:
    """Return that a plan takes more heads than there are; ``probability`` is what it is for, None for the least."""
    short = math.ceil(heads.taken - heads.there)
    sure = (
        "even the fewest agents tried"
        if probability is None
        else f"targets that hold with probability {probability:.2f}"
    )
    return Fault(
        scenario.name,
        "workforce.headcount",
        f"{math.floor(heads.there)} heads on the floor, mean of the weeks",
        f"the {math.ceil(heads.taken)} heads or so that it takes for {sure}",
        f"add classes that bring {short} more (hotline heads shows the weeks that lack them), "
        "or ask for less with --probability",
    )


def never_holds(scenario: Scenario, target: str, ring_s: float) -> Fault:
    """Return that a target cannot hold whatever the staffing."""
    asa = scenario.targets.asa
    value = f"at_most_s = {asa.at_most_s:g}" if target == "asa" and asa is not None else ""
    remedy = f"write more than {ring_s:g} s, which pass before anybody can answer" if value else "ask for less than all"
    return Fault(scenario.name, f"targets.{target}", value, "a target that agents can reach", remedy)


def not_by_agents(scenario: Scenario, outcomes: Outcomes) -> Fault:
    """Return which target fails whoever is on duty."""
    rows = [row for row in outcomes.targets if row.key in ("fcr", "responsible_return", "satisfaction")]
    worst = min(rows, key=lambda row: sum(one is True for one in row.met))
    met = sum(one is True for one in worst.met)
    return Fault(
        scenario.name,
        f"targets.{worst.key}",
        f"{worst.op} {worst.target:g}: {met} of {len(worst.met)} simulated years meet it, with {worst.measured:.4g}",
        "a target that depends on agents on duty, or one that is met",
        "loosen it, or change what decides it: the types' resolution, training and quality ([types.*.resolution])",
    )
