"""The scenario: the typed, frozen description of a centre; TOML in, errors out, a source for each number."""

from sim.scenario.faults import Fault, ScenarioError
from sim.scenario.files import shipped
from sim.scenario.load import PlanError, from_dict, load, placed
from sim.scenario.scenario import Scenario
from sim.scenario.schema import json_schema
from sim.scenario.sources import numbers, unsourced
from sim.scenario.text import digest, new_text, to_dict, to_toml

__all__ = [
    "Fault",
    "PlanError",
    "Scenario",
    "ScenarioError",
    "digest",
    "from_dict",
    "json_schema",
    "load",
    "new_text",
    "numbers",
    "placed",
    "shipped",
    "to_dict",
    "to_toml",
    "unsourced",
]
