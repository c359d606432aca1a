"""Whatever a file or an override says, a scenario or a ScenarioError comes of it."""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.scenario import Fault, Scenario, ScenarioError, digest, from_dict, load, to_dict, to_toml
from sim.scenario.faults import format_path, parse_path
from sim.scenario.merge import look_up, places

SPAN = "from = 2020-03-16T06:00:00, to = 2020-03-16T07:00:00"
BASE = to_dict(
    load(
        "one-day",
        [
            f"demand.surge=[{{ name = 's', {SPAN}, multiplier = 2 }}]",
            "groups.general.on_duty={ rule = 'erlang-a', target = { asa_s = 8 } }",
            "groups.specialist.speed=[{ value = 1, from = 2020-01-01 }]",
            f"groups.specialist.on_duty={{ roster = {{ 2020-03-16 = {[7] * 24} }} }}",
            "types.help.redial.probability=[0.5, 0.4]",
            "types.help.resolution.on_the_spot={ specialist = 0.5, general = 0.2 }",
            "calendar.days.2020-03-16=workday",
            "targets.rank={ rivals = { asa = 5 } }",
        ],
    )
)
PLACES = [path for path in places(BASE) if path]

SCALARS = st.one_of(
    st.booleans(),
    st.integers(),
    st.sampled_from([0, -1, 10**18, 10**400, 2**63]),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(["general", "nobody", "2020-01-01", "erlang-a"]),
    st.dates(),
    st.datetimes(),
    st.datetimes(timezones=st.just(dt.UTC)),
    st.times(),
)
WORDS = ["all", "fixed", "s", "rule", "value", "from", "never", "x"]
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(WORDS), inner, max_size=3)
        | st.dictionaries(st.text(max_size=5), inner, max_size=2)
    ),
    max_leaves=6,
)  # fmt: skip


def mutate(data: dict[str, Any], path: tuple[str | int, ...], value: Any, remove: bool, key: str) -> None:
    try:
        parent = look_up(data, path[:-1])
        if remove:
            del parent[path[-1]]
        elif key and isinstance(parent, dict):
            parent[key] = value
        else:
            parent[path[-1]] = value
    except (KeyError, IndexError, TypeError):
        return  # an earlier change took the place away


CHANGES = st.tuples(st.sampled_from(PLACES), VALUES, st.booleans(), st.sampled_from(["", "", "", "all", "x"]))


def sound(make: Callable[[], Scenario]) -> Scenario | list[Fault]:
    """Return the scenario, or its faults; any other error escapes."""
    try:
        return make()
    except ScenarioError as error:
        return error.faults


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(CHANGES, min_size=1, max_size=4))
def test_a_mutated_scenario_is_sound_or_a_scenario_error(changes: list[Any]) -> None:
    data = copy.deepcopy(BASE)
    for path, value, remove, key in changes:
        mutate(data, path, value, remove, key)
    found = sound(lambda: from_dict(data))
    if isinstance(found, Scenario):
        assert digest(from_dict(to_dict(found))) == digest(found)
        assert to_toml(found)
    else:
        assert found
        assert all(fault.file and fault.allowed and fault.remedy for fault in found)
        assert all(len(str(fault)) < 10_000 for fault in found)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(PLACES), st.text(max_size=20) | st.sampled_from(["[", "{ x = 1 }", "1e999", "nan"]))
def test_any_override_is_sound_or_a_scenario_error(path: tuple[str | int, ...], value: str) -> None:
    found = sound(lambda: load("one-day", [f"{format_path(path)}={value}"]))
    assert isinstance(found, Scenario) or "--set" in {fault.file for fault in found}


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=30))
def test_any_text_as_override(text: str) -> None:
    assert sound(lambda: load("one-day", [text]))


KEYS = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=6)


@given(st.lists(KEYS, min_size=1, max_size=4))
def test_a_path_reads_back(keys: list[str]) -> None:
    assert parse_path(format_path(keys)) == tuple(keys)
