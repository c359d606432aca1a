"""The scenario's tables that money needs."""

from __future__ import annotations

from dataclasses import dataclass

from sim.scenario import Fault, Scenario, ScenarioError
from sim.scenario.groups import Group, Site
from sim.scenario.money import Cost, Posts, Workforce
from sim.scenario.targets import Environmental


@dataclass(frozen=True)
class Tables:
    """The tables that money needs, none of them missing."""

    workforce: Workforce
    posts: Posts
    cost: Cost
    energy: Environmental
    groups: dict[str, Group]
    sites: dict[str, Site]
    """Sites whose seats are paid by the year."""


def tables(scenario: Scenario) -> Tables:
    """Return the tables that money needs.

    Raises
    ------
    ScenarioError
        If one of them is missing.
    """
    found = {
        "workforce": scenario.workforce,
        "posts": scenario.posts,
        "cost": scenario.cost,
        "targets.environmental": scenario.targets.environmental,
    }
    faults = [
        Fault(
            scenario.name,
            path,
            "",
            f"a table [{path}]: the bill needs it",
            'add it, or begin with extends = "shanghai-2020"',
        )
        for path, table in found.items()
        if table is None
    ]
    workforce, posts, cost, energy = (
        scenario.workforce,
        scenario.posts,
        scenario.cost,
        scenario.targets.environmental,
    )
    if workforce is None or posts is None or cost is None or energy is None:
        raise ScenarioError(faults)
    rented = {name: site for name, site in scenario.sites.items() if site.paid_by == "year"}
    return Tables(workforce, posts, cost, energy, scenario.groups, rented)
