# ruff: noqa: E501  (one case a line)
"""Files over files and overrides over files: tables merge, lists replace, alternatives replace each other."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from sim.scenario import Scenario, ScenarioError, load, numbers, unsourced
from sim.scenario.merge import merge


def child(folder: Path, text: str, *overrides: str, extends: str = "one-day") -> Scenario:
    file = folder / "child.toml"
    file.write_text(f'extends = "{extends}"\n{text}', encoding="utf-8")
    return load(file, overrides)


def test_tables_merge_key_by_key_and_lists_replace(tmp_path: Path) -> None:
    base = load("one-day")
    scenario = child(
        tmp_path,
        '[types.help]\npriority = 2\ngroups = ["general"]\n[types.enquiry]\ngroups = ["specialist"]\n'
        "[types.help.talk.lognormal]\nmean_s = 240",
    )
    talk = scenario.types["help"].talk.lognormal
    assert talk is not None
    assert (talk.mean_s, talk.cv) == (240.0, 0.9)  # cv is the parent's
    assert scenario.types["help"].groups == ("general",)  # a list is replaced whole
    assert scenario.types["help"].priority == 2
    assert scenario.types["help"].patience == base.types["help"].patience
    assert scenario.groups == base.groups
    assert scenario.type_names == ("enquiry", "help")  # the parent's order


def test_a_chain_of_files_by_relative_path_and_by_name(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "middle.toml").write_text('extends = "one-day"\n[lines]\ncount = 50\n[greeting]\nring_s = 4\n')
    file = tmp_path / "deep" / "last.toml"
    file.write_text('extends = "../middle.toml"\n[greeting]\nring_s = 5\n')
    scenario = load(file)
    assert scenario.lines is not None
    assert (scenario.lines.count, scenario.greeting.ring_s, scenario.sites["main"].seats) == (50, 5.0, 20)


def test_a_file_does_not_inherit_the_name_of_what_it_extends(tmp_path: Path) -> None:
    (tmp_path / "台风 week.toml").write_text('extends = "one-day"')
    scenario = load(tmp_path / "台风 week.toml")
    assert (scenario.name, scenario.title) == ("台风-week", None)
    assert load("one-day").title is not None


# (parent's text, child's text, path of what must be gone, path and value of what must be there)
ALTERNATIVES = [
    ("talk = { lognormal = { mean_s = 9, cv = 1 } }", "talk = { fixed = { s = 60 } }", "talk.lognormal", "talk.fixed.s", 60.0),
    ("talk = { fixed = { s = 9 } }", "talk = { quantiles = [1, 2] }", "talk.fixed", "talk.quantiles", (1.0, 2.0)),
    ("patience = { never = true }", "patience = { fixed = { s = 60 } }", "patience.never", "patience.fixed.s", 60.0),
    ("patience = { fixed = { s = 9 }, immediate_share = 0.2 }", "patience = { never = true }", "patience.fixed", "patience.immediate_share", 0.0),
    ("patience = { fixed = { s = 9 }, immediate_share = 0.2 }", "patience = { exponential = { mean_s = 9 } }", "patience.fixed", "patience.immediate_share", 0.2),
    ("annual_contacts = 5", f"per_hour = {[1] * 24}", "annual_contacts", "per_hour", (1.0,) * 24),
    (f"per_hour = {[1] * 24}", "annual_contacts = 5", "per_hour", "annual_contacts", 5.0),
    ("resolution = { on_the_spot = { general = 0.1 } }", "resolution = { on_the_spot = 0.5 }", None, "resolution.on_the_spot", 0.5),
    ("resolution = { on_the_spot = 0.5 }", "resolution = { on_the_spot = { general = 0.1 } }", None, "resolution.on_the_spot.general", 0.1),
    ("redial = { probability = [0.5, 0.4], delay = { fixed = { s = 9 } } }", "redial = { probability = 0.3 }", None, "redial.probability", 0.3),
]  # fmt: skip


def value_at(value: object, path: str) -> object:
    for key in path.split("."):
        value = value[key] if isinstance(value, dict) else getattr(value, key)
    return value


@pytest.mark.parametrize(("parent", "text", "gone", "there", "value"), ALTERNATIVES)
def test_an_alternative_takes_the_place_of_the_parents(
    tmp_path: Path, parent: str, text: str, gone: str | None, there: str, value: object
) -> None:
    base = ["talk = { fixed = { s = 1 } }", "patience = { never = true }", "annual_contacts = 1"]
    own = parent.split(" = ")[0]
    kept = [line for line in base if not line.startswith(own) and not (own == "per_hour" and "annual" in line)]
    (tmp_path / "parent.toml").write_text(
        'extends = "one-day"\n[types.fax]\ngroups = ["general"]\n' + "\n".join([*kept, parent])
    )
    # In a file and on the command line alike.
    of_file = child(tmp_path, f"[types.fax]\n{text}", extends="parent.toml")
    of_override = load(tmp_path / "parent.toml", [f"types.fax.{text}"])
    for scenario in (of_file, of_override):
        assert gone is None or value_at(scenario.types["fax"], gone) is None
        assert value_at(scenario.types["fax"], there) == value


def test_on_duty_and_shape_alternatives(tmp_path: Path) -> None:
    rule = "on_duty = { rule = 'erlang-a', target = { asa_s = 8 }, margin = 0.05, minimum = 2 }"
    scenario = child(tmp_path, f"[groups.general]\n{rule}")
    assert scenario.groups["general"].on_duty.rule == "erlang-a"  # type: ignore[union-attr]
    again = load(tmp_path / "child.toml", ["groups.general.on_duty.all=5"])
    assert again.groups["general"].on_duty.slots("holiday") == (5,) * 96  # type: ignore[union-attr]
    other = load(tmp_path / "child.toml", ["groups.general.on_duty.target.abandoned_share=0.05"])
    assert other.groups["general"].on_duty.target.asa_s is None  # type: ignore[union-attr]
    assert other.groups["general"].on_duty.margin == 0.05  # type: ignore[union-attr]
    # One kind of day beside the parent's `all`: the others keep it. `all` over kinds: they are all alike.
    mixed = load("one-day", ["groups.general.on_duty.holiday=2"])
    assert mixed.groups["general"].on_duty.slots("holiday") == (2,) * 96  # type: ignore[union-attr]
    assert mixed.groups["general"].on_duty.slots("weekend")[40] == 11  # type: ignore[union-attr]
    flat = load("one-day", ["groups.general.on_duty.holiday=2", "groups.general.on_duty.all=3"])
    assert flat.groups["general"].on_duty.slots("holiday") == (3,) * 96  # type: ignore[union-attr]
    kinds = ",".join(f"{kind}={[n + 1] * 24}" for n, kind in enumerate(("workday", "weekend", "holiday")))
    shaped = load("one-day", [f"demand.shape={{ {kinds} }}"])
    assert shaped.demand.shape.slots("weekend") == (2.0,) * 96
    assert (
        load("one-day", [f"demand.shape={{ {kinds} }}", f"demand.shape.all={[1] * 48}"]).demand.shape.slots("weekend")
        == (1.0,) * 96
    )


def test_merging_changes_neither_table() -> None:
    base, over = {"lines": {"count": 1}}, {"lines": {"count": 2}, "name": "x"}
    assert merge(base, over) == {"lines": {"count": 2}, "name": "x"}
    assert base == {"lines": {"count": 1}}
    assert over == {"lines": {"count": 2}, "name": "x"}


def test_overrides_take_toml_values_and_bare_text() -> None:
    scenario = load(
        "one-day",
        [
            "demand.growth=0.08",
            "lines.count = 41",
            "types.help.routing=random",
            'types.enquiry.routing="longest_idle"',
            "name=2020",  # text is wanted: no quotes needed, whatever it looks like
            'calendar.days."2020-03-16"=holiday',
            "demand.month=[1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]",
            "demand.month.2=1.5",
            "horizon.end=2020-03-17",
            "targets.connection_rate.at_least=1",  # a whole number where a fraction is wanted
            "lines.count=42",  # the later one holds
            'types.help.title={ zh = "a=b", en = "x" }',
        ],
    )
    assert scenario.demand.growth == 0.08
    assert scenario.lines is not None
    assert scenario.lines.count == 42
    assert (scenario.types["help"].routing, scenario.types["enquiry"].routing) == ("random", "longest_idle")
    assert scenario.name == "2020"
    assert scenario.calendar.days == {dt.date(2020, 3, 16): "holiday"}
    assert scenario.demand.month == (1.0, 1.0, 1.5, *(1.0,) * 9)
    assert scenario.horizon.end == dt.date(2020, 3, 17)
    assert scenario.targets.connection_rate is not None
    assert scenario.targets.connection_rate.at_least == 1.0
    assert scenario.types["help"].title is not None
    assert scenario.types["help"].title.zh == "a=b"


SURGE = "[[demand.surge]]\nname = 's'\nfrom = 2020-03-16T06:00:00\nto = 2020-03-16T08:00:00\nmultiplier = 2\n"


def test_an_override_reaches_an_item_of_a_list(tmp_path: Path) -> None:
    child(tmp_path, SURGE)
    scenario = load(tmp_path / "child.toml", ["demand.surge.0.multiplier=3", "types.help.per_hour.0=99"])
    assert scenario.demand.surge[0].multiplier == 3.0
    assert scenario.demand.surge[0].name == "s"
    assert scenario.types["help"].per_hour is not None
    assert scenario.types["help"].per_hour[:2] == (99.0, 4.0)


def test_days_of_the_parents_year_do_not_follow_a_horizon_moved_to_another(tmp_path: Path) -> None:
    (tmp_path / "parent.toml").write_text(
        'extends = "one-day"\n[calendar.days]\n"2020-02-01" = "make_up_workday"\n'
        '[sources]\n"calendar.days.2020-02-01" = "document: the notice"'
    )
    # The next year in two steps, the end first out of order.
    moved = load(tmp_path / "parent.toml", ["horizon.start=2021-03-15", "horizon.end=2021-03-15"])
    assert moved.calendar.days == {}
    assert "calendar.days.2020-02-01" not in moved.sources
    same = load(tmp_path / "parent.toml", ["horizon.start=2020-03-17", "horizon.end=2020-03-17"])
    assert list(same.calendar.days) == [dt.date(2020, 2, 1)]
    text = "[horizon]\nstart = 2021-01-05\nend = 2021-01-05\n"
    assert child(tmp_path, text, extends="parent.toml").calendar.days == {}
    # Five days of warm-up begin on the last day of 2020: that year's days still matter.
    warm = child(tmp_path, text + "warm_up_days = 5", extends="parent.toml")
    assert list(warm.calendar.days) == [dt.date(2020, 2, 1)]
    with pytest.raises(ScenarioError, match="2020-02-02"):  # its own day is its own fault
        child(tmp_path, text + '[calendar.days]\n"2020-02-02" = "workday"', extends="parent.toml")


# --- sources ----------------------------------------------------------------------------------------------


def sources(scenario: Scenario) -> dict[str, str]:
    return {path: source for path, _, source in numbers(scenario)}


def test_the_longest_path_speaks_for_a_number(tmp_path: Path) -> None:
    scenario = child(
        tmp_path,
        "[demand]\ngrowth = 0.1\nmonth = [1,1,1,1,1,1,1,1,1,1,1,2]\n[demand.variation]\nday_cv = 0.1\n"
        '[sources]\n"demand" = "assumed: all"\n"demand.variation" = "assumed: days"',
    )
    found = sources(scenario)
    assert found["demand.growth"] == found["demand.month"] == "assumed: all"
    assert found["demand.variation.day_cv"] == "assumed: days"
    assert found["groups.general.reserve"] == "default of the format"
    assert unsourced(scenario) == []


def test_an_inherited_source_does_not_speak_for_a_changed_number(tmp_path: Path) -> None:
    base = sources(load("one-day"))
    scenario = child(
        tmp_path,
        "[sites.main]\nseats = 25\n[lines]\ncount = 40\n[types.help]\npatience = { fixed = { s = 60 } }\n"
        "[types.enquiry.talk.lognormal]\nmean_s = 220\n"
        '[sources]\n"types.enquiry" = "assumed: slower"',
        "types.help.per_hour.0=7",
    )
    found = sources(scenario)
    assert found["sites.main.seats"] == "changed: in child.toml, no source given"
    assert found["lines.count"] == base["lines.count"]  # the same value: the source still holds
    assert found["types.help.patience.fixed.s"] == "changed: in child.toml, no source given"
    assert found["types.help.patience.immediate_share"] == base["types.help.patience.immediate_share"]
    assert found["types.enquiry.talk.lognormal.mean_s"] == "assumed: slower"
    assert found["types.enquiry.talk.lognormal.cv"] == base["types.enquiry.talk.lognormal.cv"]
    assert found["types.help.per_hour"] == "changed: on the command line, no source given"
    assert unsourced(scenario) == [
        "types.help.per_hour",
        "types.help.patience.fixed.s",
        "sites.main.seats",
    ]


def test_a_source_of_what_is_replaced_goes_with_it(tmp_path: Path) -> None:
    (tmp_path / "parent.toml").write_text(
        'extends = "one-day"\n[sources]\n"types.help.talk.lognormal.mean_s" = "assumed: long"\n'
    )
    scenario = child(tmp_path, "[types.help]\ntalk = { fixed = { s = 60 } }", extends="parent.toml")
    assert "types.help.talk.lognormal.mean_s" not in scenario.sources
    assert sources(scenario)["types.help.talk.fixed.s"].startswith("changed: in child.toml")


def test_a_number_that_no_source_speaks_for_is_reported(tmp_path: Path) -> None:
    scenario = child(tmp_path, "[demand]\ngrowth = 0.1\n[types.help]\njoin_after_s = { general = 20 }")
    assert unsourced(scenario) == ["demand.growth", "types.help.join_after_s.general"]
    assert sources(scenario)["demand.growth"] == "no source given"


def test_of_a_list_of_tables_only_the_number_that_is_changed_loses_its_source(tmp_path: Path) -> None:
    def bare(*overrides: str) -> list[str]:
        return unsourced(load("shanghai-2020", overrides))

    place = "tasks.follow_up.after.0"
    assert bare(f"{place}.probability=0.5") == [f"{place}.probability"]
    assert bare(f"{place}.delay_h.0=12") == [f"{place}.delay_h"]  # a list of numbers is one number
    assert bare(f"{place}.delay_h=12") == [f"{place}.delay_h"]
    assert bare(f"{place}.probability=0.12") == []  # the same value: the source still holds
    # Whatever else is said of the same share is said of another thing.
    assert bare(f"{place}.event=tasks.review") == [f"{place}.probability", f"{place}.delay_h"]
    assert bare("tasks.quality.after.0.delay_h=1") == ["tasks.quality.after.0.delay_h"]
    # A list that is longer or shorter is another list.
    two = "[{ event = 'on_the_spot', probability = 0.02 }, { event = 'work_order', probability = 0.5 }]"
    assert bare(f"tasks.quality.after={two}") == [f"tasks.quality.after.{n}.probability" for n in (0, 1)]
    scenario = child(
        tmp_path,
        "[tasks.follow_up]\nafter = [{ event = 'tasks.closing', probability = 0.2, delay_h = [24, 48, 96] }]\n"
        "[sources]\n'tasks.follow_up.after.0.probability' = 'assumed: more'",
        extends="shanghai-2020",
    )
    assert unsourced(scenario) == []
    assert sources(scenario)["tasks.follow_up.after.0.probability"] == "assumed: more"
