"""Agents on duty from a file by date: what is read, where it is found, what is refused, and what becomes of it."""

from __future__ import annotations

import datetime as dt
import json
import pickle
import tomllib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.cli.main import main
from sim.demand.rates import expected_rates
from sim.demand.window import Window
from sim.engine.inputs import prepare
from sim.experiment.causes import changed_keys, split
from sim.scenario import (
    Fault,
    Scenario,
    ScenarioError,
    digest,
    from_dict,
    json_schema,
    load,
    numbers,
    to_dict,
    to_toml,
    unsourced,
)
from sim.verbs import price
from sim.workforce.on_duty import planned

D = dt.date
MONDAY = D(2020, 3, 16)
KEY = "groups.general.on_duty.roster"
HOURS = [n % 12 for n in range(24)]
QUARTERS = tuple(n // 4 % 12 for n in range(96))
KINDS = ("workday", "workday", "workday", "workday", "workday", "weekend", "weekend")


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "160")


def heading(count: int, first: str = "date", second: str = "group") -> str:
    minutes = [1_440 // count * n for n in range(count)]
    return ",".join([first, second, *(f"{at // 60:02d}:{at % 60:02d}" for at in minutes)])


def line(day: object, group: str, agents: Sequence[object]) -> str:
    return ",".join([str(day), group, *map(str, agents)])


def write(name: str, *lines: str, encoding: str = "utf-8") -> str:
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_text("\n".join(lines) + "\n", encoding=encoding)
    return name


def one_day(name: str = "roster.csv", agents: Sequence[object] = (5,) * 24, group: str = "general") -> str:
    return write(name, heading(len(agents)), line(MONDAY, group, agents))


def refused(*overrides: str, scenario: str = "one-day") -> list[Fault]:
    with pytest.raises(ScenarioError) as error:
        load(scenario, overrides)
    return error.value.faults


def slots(scenario: Scenario, day: D = MONDAY) -> tuple[int, ...]:
    return scenario.groups["general"].on_duty.slots(day)  # type: ignore[union-attr, arg-type, no-any-return]


# --- the same as a table --------------------------------------------------------------------------------


def by_date(table: Mapping[str, Sequence[int]], group: str, first: D, days: int) -> list[str]:
    dates = [first + dt.timedelta(days=n) for n in range(days)]
    return [line(day, group, table[KINDS[day.weekday()]]) for day in dates]


def tables(group: Mapping[str, Any], **horizon: Any) -> dict[str, Any]:
    data = to_dict(load("one-day"))
    data["calendar"] = {"country": "none"}
    data["horizon"] |= horizon
    data["sites"]["main"]["seats"] = 1_000
    data["groups"]["general"]["on_duty"] = dict(group)
    return data


@settings(max_examples=25, deadline=None)
@given(
    count=st.sampled_from((24, 48, 96)), days=st.integers(1, 9), warm_up=st.integers(0, 3), spare=st.integers(0, 4),
    first=st.dates(D(2015, 1, 1), D(2030, 1, 1)), data=st.data(),
)  # fmt: skip
def test_a_table_written_as_a_roster_is_the_same_plan(
    count: int, days: int, warm_up: int, spare: int, first: D, data: st.DataObject
) -> None:
    a_day = st.lists(st.integers(1, 400), min_size=count, max_size=count)
    table = {"workday": data.draw(a_day), "weekend": data.draw(a_day), "holiday": [9] * 24}
    begin = first - dt.timedelta(days=warm_up + spare)
    rows = by_date(table, "general", begin, days + warm_up + 2 * spare)
    rows = data.draw(st.permutations([*rows, *by_date(table, "others", begin, 3)]))
    file = write("roster.csv", heading(count), *rows)
    horizon = {"start": first, "end": first + dt.timedelta(days=days - 1), "warm_up_days": warm_up}

    def plan(on_duty: Mapping[str, Any]) -> np.ndarray[Any, Any]:
        scenario = from_dict(tables(on_duty, **horizon))
        window = Window.of(scenario)
        return planned(scenario, window, expected_rates(scenario, window, known_only=True))

    assert np.array_equal(plan(table), plan({"roster": file}))


@pytest.mark.parametrize("engine", ["fast", "reference"])
def test_a_table_written_as_a_roster_gives_the_same_bytes(engine: str) -> None:
    table = {
        "workday": [3] * 7 + [9, 11, 12] * 5 + [4] * 2,
        "weekend": [3] * 7 + [6] * 15 + [2] * 2,
        "holiday": [1] * 24,
    }
    horizon = {"start": D(2020, 3, 20), "end": D(2020, 3, 21), "warm_up_days": 1}  # Friday, Saturday; Thursday before
    file = write("roster.csv", heading(24), *by_date(table, "general", D(2020, 3, 18), 5))
    for name, on_duty in (("table", table), ("file", {"roster": file})):
        scenario = from_dict(tables(on_duty, **horizon))
        Path(f"{name}.toml").write_text(to_toml(scenario), encoding="utf-8")
        words = ("--replications", "2", "--jobs", "1", "--engine", engine, "--attempts", "--out", f"results/{name}")
        assert main(["run", f"{name}.toml", *words]) == 0
    found = {file.relative_to("results/file") for file in Path("results/file").rglob("*.parquet")}
    assert {str(of) for of in found} == {"attempts.parquet", "intervals.parquet", "replications.parquet"}
    for of in found:
        assert Path("results/file", of).read_bytes() == Path("results/table", of).read_bytes(), of
    one, other = (json.loads(Path(f"results/{name}/summary.json").read_text()) for name in ("table", "file"))
    assert one["measures"] == other["measures"]


def test_the_bill_is_that_of_the_table() -> None:
    base = load("shanghai-2020", ["horizon.end=2020-02-10"])
    window = Window.of(base)
    plan = planned(base, window, expected_rates(base, window, known_only=True, written=True)).reshape(41, 96, -1)
    files = []
    for column, group in enumerate(base.groups):
        rows = [line(D(2020, 1, 1) + dt.timedelta(days=n), group, day) for n, day in enumerate(plan[:, :, column])]
        files.append(f"groups.{group}.on_duty.roster={write(f'{group}.csv', heading(96), *rows)}")
    same = load("shanghai-2020", ["horizon.end=2020-02-10", *files])
    amounts = [
        [(part.key, part.quantity, part.wan) for line in price(one).lines for part in line.parts]
        for one in (same, base)
    ]
    assert amounts[0] == amounts[1]
    assert len(amounts[0]) > 10


# --- what is read ---------------------------------------------------------------------------------------

WORDS = heading(24, "日期", "组")
EXCEL = WORDS.replace(",0", ",")  # 0:00, 1:00, …


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk"])
@pytest.mark.parametrize("day", ["2020-03-16", "2020/3/16", "2020.03.16", "2020年3月16日"])
def test_as_spreadsheets_write_it(encoding: str, day: str) -> None:
    rows = [line(day, "general", HOURS) + ",,,", "", ",,,", line(day, "总值班", ["?"] * 24)]
    write("roster.csv", EXCEL + ",,", *rows, encoding=encoding)
    assert slots(load("one-day", [f"{KEY}=roster.csv"])) == QUARTERS


def test_a_date_that_cannot_be_read_is_one_fault_not_two() -> None:
    file = Path(one_day(agents=HOURS))
    file.write_text(file.read_text().replace("2020-03-16", "16.03.2020"))
    with pytest.raises(ScenarioError) as refused:
        load("one-day", [f"{KEY}=roster.csv"])
    assert [fault.value for fault in refused.value.faults] == ["16.03.2020"]


@pytest.mark.parametrize("mark", [";", "\t"])
def test_cells_may_be_parted_otherwise(mark: str) -> None:
    file = Path(one_day(agents=HOURS))
    file.write_text(file.read_text().replace(",", mark))
    assert slots(load("one-day", [f"{KEY}=roster.csv"])) == QUARTERS


@pytest.mark.parametrize("count", [24, 48, 96])
def test_hours_half_hours_and_quarters(count: int) -> None:
    one_day(agents=[n % 12 for n in range(count)])
    assert slots(load("one-day", [f"{KEY}=roster.csv"])) == tuple(n * count // 96 % 12 for n in range(96))


def test_each_group_takes_its_rows_of_one_file() -> None:
    write("r.csv", heading(24), line(MONDAY, "specialist", [4] * 24), line(MONDAY, "general", [5] * 24))
    both = load("one-day", [f"{KEY}=r.csv", "groups.specialist.on_duty.roster=r.csv"])
    assert [set(group.on_duty.slots(MONDAY)) for group in both.groups.values()] == [{5}, {4}]  # type: ignore[union-attr, arg-type]


def test_days_that_are_not_simulated_are_left_alone() -> None:
    others = [line("2020-03-17", "general", ["?"] * 24)] * 2
    write("roster.csv", heading(24), *others, line(MONDAY, "general", HOURS))
    assert slots(load("one-day", [f"{KEY}=roster.csv"])) == QUARTERS
    assert len(refused(f"{KEY}=roster.csv", "horizon.end=2020-03-17")) == 11


# --- where it is found ----------------------------------------------------------------------------------


def test_a_scenario_elsewhere_extends_the_one_with_the_roster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one_day("base/lists/roster.csv", [6] * 24)
    text = 'extends = "one-day"\n[groups.general]\non_duty = { roster = "lists/roster.csv" }\n'
    Path("base/base.toml").write_text(text)
    write("plans/child.toml", 'extends = "../base/base.toml"\n[demand]\ngrowth = 0.1')
    (tmp_path / "elsewhere").mkdir()
    for folder in (".", "base", "elsewhere"):
        monkeypatch.chdir(tmp_path / folder)
        for file in (
            tmp_path / "plans/child.toml",
            Path("../plans/child.toml" if folder != "." else "plans/child.toml"),
        ):
            assert set(slots(load(file))) == {6}
    # What is set on the command line is from where one is.
    one_day("mine.csv", [7] * 24)
    assert set(slots(load(tmp_path / "plans/child.toml", [f"{KEY}=mine.csv"]))) == {7}
    monkeypatch.chdir(tmp_path / "base")
    (fault,) = refused(f"{KEY}=mine.csv", scenario="../plans/child.toml")
    assert (fault.file, fault.key, fault.value) == ("--set", KEY, '"mine.csv"')


def test_tables_from_python_are_from_where_one_is() -> None:
    one_day("lists/roster.csv", [6] * 24)
    assert set(slots(from_dict(tables({"roster": "lists/roster.csv"})))) == {6}


def test_a_file_that_another_takes_the_place_of_need_not_be_there() -> None:
    write("base.toml", 'extends = "one-day"\n[groups.general]\non_duty = { roster = "gone.csv" }')
    one_day()
    write("child.toml", 'extends = "base.toml"\n[groups.general]\non_duty = { roster = "roster.csv" }')
    assert set(slots(load("child.toml"))) == {5}
    (fault,) = refused(scenario="base.toml")
    assert (fault.file, fault.key, fault.value) == ("base.toml", KEY, '"gone.csv"')
    assert "gone.csv" in fault.remedy


RULE = "{ rule = 'erlang-a', target = { asa_s = 8 }, margin = 0.1 }"


@pytest.mark.parametrize(
    "before", [RULE, "{ rule = 'workload' }", "{ all = 3 }", "{ workday = 3, weekend = 2, holiday = 2 }"]
)
def test_a_roster_takes_the_place_of_a_table_or_rule(before: str) -> None:
    one_day()
    write("base.toml", f'extends = "one-day"\n[groups.general]\non_duty = {before}')
    write("child.toml", 'extends = "base.toml"\n[groups.general]\non_duty = { roster = "roster.csv" }')
    for scenario in (load("child.toml"), load("base.toml", [f"{KEY}=roster.csv"])):
        assert to_dict(scenario)["groups"]["general"]["on_duty"] == {"roster": {"2020-03-16": [5] * 24}}


@pytest.mark.parametrize(
    ("over", "there"),
    [
        (RULE, {"rule": "erlang-a", "target": {"asa_s": 8.0}, "margin": 0.1}),
        ("{ all = 3 }", {"all": 3}),
        ("{ workday = 3, weekend = 2, holiday = 2 }", {"workday": 3, "weekend": 2, "holiday": 2}),
    ],
)
def test_a_table_or_rule_takes_the_place_of_a_roster(over: str, there: dict[str, Any]) -> None:
    one_day()
    write("base.toml", 'extends = "one-day"\n[groups.general]\non_duty = { roster = "roster.csv" }')
    write("child.toml", f'extends = "base.toml"\n[groups.general]\non_duty = {over}')
    for scenario in (load("child.toml"), load("base.toml", [f"groups.general.on_duty={over}"])):
        assert tomllib.loads(to_toml(scenario))["groups"]["general"]["on_duty"] == there


# --- what becomes of it ---------------------------------------------------------------------------------


def test_a_scenario_needs_its_file_no_more(tmp_path: Path) -> None:
    one_day(agents=HOURS)
    scenario = load("one-day", [f"{KEY}=roster.csv"])
    Path("roster.csv").unlink()
    sent = pickle.loads(pickle.dumps(scenario))
    assert sent == scenario
    assert prepare(sent).rostered[:, 0].tolist() == list(QUARTERS)
    Path("whole.toml").write_text(to_toml(scenario), encoding="utf-8")
    for again in (load("whole.toml"), from_dict(to_dict(scenario)), from_dict(tomllib.loads(to_toml(scenario)))):
        assert again == scenario
        assert digest(again) == digest(scenario)
    assert numbers(load("whole.toml")) == numbers(scenario)


def test_a_manifest_holds_the_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    one_day()
    words = ("--set", f"{KEY}=roster.csv", "--replications", "2", "--jobs", "1", "--out", "results/a")
    assert main(["run", "one-day", *words]) == 0
    Path("roster.csv").unlink()
    told = json.loads(Path("results/a/manifest.json").read_text(encoding="utf-8"))["scenario"]
    again = from_dict(tomllib.loads(told["text"]))
    assert set(slots(again)) == {5}
    assert digest(again) == told["sha256"]
    assert main(["show", "one-day", "--toml", "--set", f"{KEY}={one_day()}"]) == 0
    assert "2020-03-16 = [5, 5," in capsys.readouterr().out


def test_the_digest_is_that_of_the_numbers() -> None:
    def of(file: str, *more: str) -> str:
        return digest(load("one-day", [f"{KEY}={file}", *more]))

    one = of(one_day("a.csv"))
    assert of(one_day("lists/b.csv")) == one
    others = [line(D(2020, 3, 15), "general", [7] * 24), line(MONDAY, "x", [1] * 24), line(MONDAY, "general", [5] * 24)]
    assert of(write("c.csv", heading(24), *others)) == one
    assert of(one_day("d.csv", [5] * 23 + [6])) != one
    two = [line(MONDAY + dt.timedelta(days=n), "general", [5] * 24) for n in (1, 0)]
    longer = "horizon.end=2020-03-17"
    assert of(write("e.csv", heading(24), *two), longer) == of(write("f.csv", heading(24), *reversed(two)), longer)


def test_a_source_speaks_for_the_file_it_was_given_for() -> None:
    one_day("a.csv")
    one_day("b.csv", [6] * 24)
    said = f'[sources]\n"{KEY}" = "document: duty list"'
    write("base.toml", f'extends = "one-day"\n[groups.general]\non_duty = {{ roster = "a.csv" }}\n{said}')
    scenario = load("base.toml")
    assert (KEY, (5,) * 24, "document: duty list") in numbers(scenario)
    assert unsourced(scenario) == []
    assert unsourced(load("base.toml", [f"{KEY}=b.csv"])) == [KEY]


def test_what_differs_is_told_as_one_key_of_staffing() -> None:
    base = load("one-day")
    one, other = (load("one-day", [f"{KEY}={one_day(agents=[n] * 24)}"]) for n in (9, 10))
    path = ("groups", "general", "on_duty", "roster")
    assert changed_keys(one, other) == {"staffing": (path,)}
    assert changed_keys(base, one) == {"staffing": (("groups", "general", "on_duty", "all"), path)}
    more = load("one-day", [f"{KEY}={one_day(agents=[9] * 24)}", "demand.growth=0.1"])
    found = split(base, more)
    assert [cause.key for cause in found.causes] == ["volume", "staffing"]
    (with_roster,) = (scenario for chosen, scenario in found.between.items() if found.label(chosen) == "staffing")
    assert with_roster.groups == more.groups


def test_a_sweep_over_files_names_them() -> None:
    one_day("a.csv", [9] * 24)
    one_day("b.csv", [10] * 24)
    words = ("--replications", "2", "--jobs", "1", "--out", "results/swept")
    assert main(["sweep", "one-day", "--vary", f"{KEY}=a.csv,b.csv", *words]) == 0
    assert pl.read_parquet("results/swept/sweep.parquet")[KEY].to_list() == ["a.csv", "b.csv"]


def test_the_schema_takes_a_path_or_numbers() -> None:
    of = json_schema()["$defs"]["Roster"]["properties"]["roster"]
    assert [part["type"] for part in of["anyOf"]] == ["string", "object"]
    assert of["anyOf"][1]["additionalProperties"]["items"] == {"type": "integer", "minimum": 0, "maximum": 20_000}


# --- what is checked of a table is checked of a roster --------------------------------------------------


def test_more_on_duty_than_seats() -> None:
    one_day(agents=[3] * 10 + [14] + [3] * 13)  # and 7 specialists at ten
    (fault,) = refused(f"{KEY}=roster.csv")
    assert fault.allowed == "no more on duty than the 20 seats of main; on 2020-03-16 at 10:00 they are 21"


def test_callers_without_patience_need_somebody_on_the_last_day() -> None:
    days = [line(MONDAY + dt.timedelta(days=n), "general", [5 * (n == 0)] * 24) for n in range(2)]
    write("roster.csv", heading(24), *days)
    never = ("types.enquiry.patience={ never = true }", "horizon.end=2020-03-17")
    assert any("2020-03-17" in fault.allowed for fault in refused(f"{KEY}=roster.csv", *never))
    load("one-day", [f"{KEY}=roster.csv", never[0]])


def test_a_task_reserve_beyond_all_days() -> None:
    rows = [line(MONDAY + dt.timedelta(days=n), "general", [n + 3] * 24) for n in range(3)]
    write("roster.csv", heading(24), *rows)
    work = "annual_contacts = 100, handling = { fixed = { s = 60 } }, due = { hours = 24 }"
    task = f"tasks.letters={{ {work}, groups = ['general'] }}"
    common = (f"{KEY}=roster.csv", task, "horizon.end=2020-03-18")
    load("one-day", [*common, "groups.general.task_reserve=4"])
    assert any("at most 5 are" in fault.allowed for fault in refused(*common, "groups.general.task_reserve=5"))


# --- what is refused ------------------------------------------------------------------------------------


def test_a_value_that_is_no_whole_number_is_told_with_row_and_column() -> None:
    agents: list[object] = [5] * 24
    agents[2:7] = ["five", "1.5", "", "-1", "20001"]
    one_day(agents=agents)
    faults = refused(f"{KEY}=roster.csv")
    given = ["five", "1.5", "an empty cell", "-1", "20001"]
    assert [(fault.file, fault.where, fault.value) for fault in faults] == [
        ("roster.csv", f"row 2, column 0{n}:00", value) for n, value in enumerate(given, 2)
    ]
    assert {fault.allowed for fault in faults} == {"a whole number of agents, 0 to 20,000"}


def test_at_most_ten_faults_of_a_file_are_told() -> None:
    one_day(agents=["x"] * 24)
    *ten, last = refused(f"{KEY}=roster.csv")
    assert [fault.where for fault in ten] == [f"row 2, column {n:02d}:00" for n in range(10)]
    assert last.where == "and 14 more"
    one_day(agents=["x"] * 10 + [5] * 14)
    assert len(refused(f"{KEY}=roster.csv")) == 10


def test_faults_of_all_groups_and_other_keys_are_told_at_once() -> None:
    rows = [line(MONDAY, "general", ["x", *[5] * 23]), line(MONDAY, "specialist", [*[5] * 23, "y"])]
    write("r.csv", heading(24), *rows)
    faults = refused(f"{KEY}=r.csv", "groups.specialist.on_duty.roster=r.csv", "demand.growth=99")
    assert {fault.value for fault in faults} == {"x", "y", "99"}


def test_dates_that_lack() -> None:
    write("roster.csv", heading(24), *(line(MONDAY + dt.timedelta(days=n), "general", [5] * 24) for n in (0, 9)))
    (fault,) = refused(f"{KEY}=roster.csv", "horizon.end=2020-03-25", "horizon.warm_up_days=1")
    assert fault.allowed == "numbers of general in roster.csv for each day simulated, 2020-03-15 to 2020-03-25"
    assert fault.remedy.startswith("add 2020-03-15, 2020-03-17, 2020-03-18, 2020-03-19, 2020-03-20 and 4 more,")
    # What was set last is what is told.
    assert (fault.file, fault.key) == ("--set", "horizon.warm_up_days")
    (fault,) = refused("horizon.end=2020-03-17", f"{KEY}=roster.csv")
    assert (fault.key, fault.value) == (KEY, '"roster.csv"')
    assert fault.remedy.startswith("add 2020-03-17,")


def test_dates_that_lack_among_numbers_in_the_scenario() -> None:
    one_day()
    whole = to_dict(load("one-day", [f"{KEY}=roster.csv"]))
    with pytest.raises(ScenarioError, match="2020-03-17"):
        from_dict(whole, ["horizon.end=2020-03-17"])
    assert from_dict(whole, [f"{KEY}.2020-03-01={[1] * 24}"]) == from_dict(whole)
    for wrong, said in ((f"{KEY}.2020-03-16=[1, 2]", "24, 48 or 96"), (f"{KEY}.2020-03-16={[-1] * 24}", "0 to 20,000")):
        with pytest.raises(ScenarioError, match=said):
            from_dict(whole, [wrong])


NOT_LATER = heading(24).replace("05:00", "05:30")


@pytest.mark.parametrize(
    ("write_it", "said"),
    [
        (lambda: None, "there is no file roster.csv"),
        (lambda: Path("roster.csv").mkdir(), "there is no file roster.csv"),
        (lambda: write("roster.csv"), "write date or 日期 over column 1, where nothing stands"),
        (lambda: write("roster.csv", heading(24, "day")), "write date or 日期 over column 1, where day stands"),
        (lambda: write("roster.csv", "date,00:00"), "write group or 组 over column 2, where 00:00 stands"),
        (lambda: write("roster.csv", heading(48)[:-6]), "it has 47"),
        (lambda: write("roster.csv", NOT_LATER), "write 05:00 where 05:30 stands"),
        (lambda: one_day(group="generel"), "write general instead of generel in the file"),
        (lambda: one_day(group="x"), "add rows of general, or name another file"),
        (lambda: Path("roster.csv").write_bytes(b"date,group\n\xff\xff,\x81"), "neither UTF-8 nor GBK"),
        (lambda: Path("roster.csv").write_text(heading(24), encoding="utf-16"), "neither UTF-8 nor GBK"),
        (lambda: Path("roster.csv").write_bytes(b"PK\x03\x04\0\0\x08"), "neither UTF-8 nor GBK"),
        (lambda: write("roster.csv", '"' + "x" * 200_000), "it is no CSV"),
    ],
)  # fmt: skip
def test_what_is_no_roster_of_the_group(write_it: Callable[[], object], said: str) -> None:
    write_it()
    (fault,) = refused(f"{KEY}=roster.csv")
    assert (fault.file, fault.key, fault.value) == ("--set", KEY, '"roster.csv"')
    assert said in fault.remedy


@pytest.mark.parametrize(
    ("rows", "where", "value"),
    [
        ([line(MONDAY, "general", [5] * 24)] * 2, "row 3", "2020-03-16, general"),
        ([line("16 March", "general", [5] * 24), line(MONDAY, "general", [5] * 24)], "row 2, date", "16 March"),
        ([line("2020-02-30", "general", [5] * 24), line(MONDAY, "general", [5] * 24)], "row 2, date", "2020-02-30"),
        ([line(MONDAY, "general", [5] * 25)], "row 2", "25 numbers"),
        ([line(MONDAY, "general", [5] * 23)], "row 2, column 23:00", "an empty cell"),
    ],
)
def test_rows_that_cannot_be(rows: list[str], where: str, value: str) -> None:
    write("roster.csv", heading(24), *rows)
    (fault,) = refused(f"{KEY}=roster.csv")
    assert (fault.file, fault.where, fault.value) == ("roster.csv", where, value)


@pytest.mark.parametrize("wrong", ["5", "true", "[1, 2]"])
def test_a_roster_is_a_path_or_numbers(wrong: str) -> None:
    (fault,) = refused(f"{KEY}={wrong}")
    assert fault.key == KEY
    assert "in quotes" in fault.remedy


@pytest.mark.parametrize("horizon", ["horizon.end=2019-01-01", "horizon.end=x", "horizon.end=2099-01-01"])
def test_of_a_wrong_horizon_no_date_is_said_to_lack(horizon: str) -> None:
    one_day(agents=["x", *[5] * 23])
    faults = refused(f"{KEY}=roster.csv", horizon)
    assert sorted(fault.key or fault.value for fault in faults) == ["horizon.end", "x"]


def test_a_path_without_quotes_is_told_as_that() -> None:
    write("mine.toml", 'extends = "one-day"\n[groups.general]\non_duty.roster = roster.csv')
    (fault,) = refused(scenario="mine.toml")
    assert (fault.key, fault.where) == (KEY, "line 3, column 18")


def test_a_planner_reads_where_and_how_to_mend(capsys: pytest.CaptureFixture[str]) -> None:
    one_day(agents=["x", *[5] * 23])
    assert main(["check", "one-day", "--set", f"{KEY}=roster.csv"]) == 2
    told = capsys.readouterr().err
    assert "roster.csv, row 2, column 00:00: x\n    allowed: a whole number of agents, 0 to 20,000\n" in told
    assert "Traceback" not in told
