"""The shipped scenarios; a scenario as text, digest and schema; the start of a new one."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path

import pytest
from pydantic import ValidationError

import sim.scenario.money
from sim.scenario import (
    ScenarioError,
    digest,
    from_dict,
    json_schema,
    load,
    new_text,
    numbers,
    shipped,
    to_dict,
    to_toml,
    unsourced,
)

PUBLISHED = (
    "published-mmc",
    "published-mmcab",
    "published-mmcblocked",
    "published-callcc",
    "published-bilingual",
)


def test_the_published_cases_and_the_one_day_centre_are_shipped() -> None:
    assert set(shipped()) >= {"one-day", *PUBLISHED}


@pytest.mark.parametrize("name", sorted(shipped()))
def test_a_shipped_scenario_loads_and_each_of_its_numbers_has_a_source(name: str) -> None:
    scenario = load(name)
    assert scenario.name == name
    assert scenario.title is not None
    assert unsourced(scenario) == []


@pytest.mark.parametrize("name", sorted(shipped()))
def test_the_resolved_text_loads_back_to_the_same_scenario(name: str, tmp_path: Path) -> None:
    scenario = load(name)
    file = tmp_path / "resolved.toml"
    file.write_text(to_toml(scenario), encoding="utf-8")
    again = load(file)
    assert again == scenario
    assert digest(again) == digest(scenario)
    assert numbers(again) == numbers(scenario)
    assert from_dict(to_dict(scenario)) == scenario


def test_the_text_keeps_difficult_words(tmp_path: Path) -> None:
    title = 'types.help.title={ zh = "引\\"号\\\\ \\u007f", en = "tab\\t" }'
    scenario = load("one-day", [title, "calendar.days.2020-03-16=holiday", "demand.growth=1e-7"])
    file = tmp_path / "resolved.toml"
    file.write_text(to_toml(scenario), encoding="utf-8")
    assert load(file) == scenario


def test_mmc_says_what_was_published() -> None:
    scenario = load("published-mmc")
    call = scenario.types["call"]
    assert call.per_hour is not None
    assert sum(call.per_hour) == pytest.approx(4.2 * 60 * 8)
    assert 60 / call.talk.mean_s == pytest.approx(0.5)  # services a minute
    assert call.wrap.mean_s == 0.0
    assert call.patience.kind == "never"
    assert scenario.groups["agents"].on_duty.slots("workday") == (12,) * 96  # type: ignore[union-attr]
    assert load("published-mmcab").types["call"].patience.mean_s == 60.0
    lines = load("published-mmcblocked").lines
    assert lines is not None
    assert lines.count == 12 + 5


def test_callcc_says_what_was_published() -> None:
    scenario = load("published-callcc")
    call = scenario.types["call"]
    assert call.per_hour is not None
    assert sum(call.per_hour) == 1_660
    assert call.per_hour[8:21] == (100, 150, 150, 180, 200, 150, 150, 150, 120, 100, 80, 70, 60)
    agents = scenario.groups["agents"].on_duty.slots("workday")[::4]  # type: ignore[union-attr]
    assert agents[8:21] == (4, 6, 8, 8, 8, 7, 8, 8, 6, 6, 4, 4, 4)
    variation = scenario.demand.variation
    # Gamma(shape 10, rate 10) has mean 1 and variance 1 / 10.
    assert variation.distribution == "gamma"
    assert variation.day_cv**2 == pytest.approx(0.1, rel=1e-12)
    assert (variation.year_cv, variation.slot_cv, variation.day_autocorrelation) == (0.0, 0.0, 0.0)
    assert (call.patience.immediate_share, call.patience.mean_s, call.talk.mean_s) == (0.1, 1_000.0, 100.0)


def test_bilingual_says_what_was_published() -> None:
    scenario = load("published-bilingual")
    assert (scenario.horizon.end - scenario.horizon.start).days + 1 == 5
    for name, (low, high) in {"french": (180.0, 420.0), "english": (240.0, 360.0)}.items():
        kind = scenario.types[name]
        assert kind.per_hour is not None
        assert kind.per_hour[8:17] == (100, 50, 50, 50, 50, 50, 50, 50, 50)
        assert sum(kind.per_hour) == 500
        assert kind.talk.uniform is not None
        assert (kind.talk.uniform.low_s, kind.talk.uniform.high_s) == (low, high)
        # Any idle agent who knows the language, each with the same chance: a group for each agent.
        assert kind.groups == (*(f"{name}-{i}" for i in range(1, 8)), *(f"both-{i}" for i in range(1, 5)))
        assert kind.routing == "random"
        assert kind.patience.mean_s == 120.0
        assert kind.redial is not None
        assert (kind.redial.probability, kind.redial.delay.mean_s, kind.redial.max_attempts) == (
            0.75,
            1_200.0,
            60,
        )
        assert (kind.redial.patience, kind.redial.handling) == ("same", "same")
    agents = Counter(name.split("-")[0] for name in scenario.groups)
    assert agents == {"french": 7, "english": 7, "both": 4}
    assert {g.on_duty.slots("workday")[40] for g in scenario.groups.values()} == {1}  # type: ignore[union-attr]
    assert scenario.lines is not None
    assert scenario.lines.count == 40


def test_a_digest_stands_for_the_meaning_not_the_wording(tmp_path: Path) -> None:
    scenario = load("one-day")
    assert re.fullmatch(r"[0-9a-f]{64}", digest(scenario))
    assert digest(load("one-day", ["demand.growth=0.0"])) == digest(scenario)  # a default written out
    assert digest(load("one-day", ["greeting.ring_s=3.0"])) == digest(scenario)
    assert digest(load("one-day", ["demand.growth=0.01"])) != digest(scenario)
    # The order of the groups decides who is looked at first (§7), so it is part of the meaning.
    tables = to_dict(scenario)
    tables["groups"] = dict(reversed(tables["groups"].items()))
    assert digest(from_dict(tables)) != digest(scenario)


def test_a_scenario_is_frozen() -> None:
    with pytest.raises(ValidationError):
        load("one-day").demand.growth = 0.5  # type: ignore[misc]


def test_numbers_are_all_there_with_their_values() -> None:
    found = {path: value for path, value, _ in numbers(load("one-day"))}
    assert found["types.help.talk.lognormal.mean_s"] == 200.0
    assert found["groups.general.on_duty.all"][10] == 11  # type: ignore[index]
    assert found["targets.asa.at_most_s"] == 8.0
    assert found["demand.day.monday"] == 1.0
    assert not {"schema", "name", "horizon.start"} & set(found)


def test_the_json_schema_helps_an_editor() -> None:
    schema = json.loads(json.dumps(json_schema()))
    assert schema["properties"]["extends"]["type"] == "string"
    assert "required" not in schema  # a file that extends another may leave out any key
    money = {name for name, thing in vars(sim.scenario.money).items() if isinstance(thing, type)}
    tables = {"": schema, **{name: node for name, node in schema["$defs"].items() if name not in money}}
    for name, node in tables.items():
        assert node["additionalProperties"] is False, name  # an editor marks unknown keys
        for key, field in node["properties"].items():
            assert "description" in field or name == "Title", f"{name}.{key}"
    assert schema["$defs"]["Demand"]["properties"]["growth"]["maximum"] == 10.0


def test_a_new_scenario_loads_as_it_is_and_with_its_examples(tmp_path: Path) -> None:
    file = tmp_path / "more-calls.toml"
    text = new_text("more-calls", "one-day")
    file.write_text(text, encoding="utf-8")
    scenario = load(file)
    assert scenario.name == "more-calls"
    assert scenario.types == load("one-day").types
    head, body = text.split("lists replace.\n")
    file.write_text(head + body.replace("\n# ", "\n"), encoding="utf-8")
    tables = tomllib.loads(file.read_text(encoding="utf-8"))
    changed = load(file)
    assert changed.demand.growth == tables["demand"]["growth"] == 0.08
    assert len(changed.demand.surge) == 1
    assert "types.enquiry.talk.lognormal.mean_s" in unsourced(changed)  # "why" says nothing
    file.write_text(file.read_text(encoding="utf-8").replace("assumed: why", "assumed: a guess"), encoding="utf-8")
    assert unsourced(load(file)) == []


@pytest.mark.parametrize("name", ["", "a/b", "..", "-x", 'a"b', "x" * 81, "a\nb"])
def test_a_new_scenario_needs_a_name_that_can_be_one(name: str) -> None:
    with pytest.raises(ScenarioError, match="letters, digits"):
        new_text(name, "one-day")


def test_a_new_scenario_extends_something_that_exists() -> None:
    with pytest.raises(ScenarioError, match="one-day"):
        new_text("mine", "one-dya")


def test_importing_the_room_brings_no_heavy_library() -> None:
    heavy = ("numba", "scipy", "polars", "matplotlib", "holidays", "numpy")
    code = f"import sys, sim.scenario; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
