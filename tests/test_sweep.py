"""Cases of one scenario: what a planner writes, what is refused before anything runs, and the table."""

import datetime as dt
import json
from pathlib import Path

import numpy as np
import openpyxl
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sim
from sim.cli.main import main
from sim.experiment.sweep import grid, hypercube, varied
from sim.experiment.vary import cases_of_file, ranges_by_key, values_by_key
from sim.scenario import load
from sim.scenario.ranges import Parameter

ONE = ("--replications", "2", "--jobs", "1")


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")


# --- what is written ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("demand.growth=0,0.05, 0.1", ["0", "0.05", "0.1"]),
        ("demand.growth=0..0.2/0.05", ["0.00", "0.05", "0.10", "0.15", "0.20"]),
        ("demand.growth=-0.1..0.1/0.15", ["-0.10", "0.05"]),
        ("lines.count=20..40/10", ["20", "30", "40"]),
        ("demand.growth=0,0.1..0.3/0.1", ["0", "0.1", "0.2", "0.3"]),
        ("demand.month=[1, 2],[2, 1]", ["[1, 2]", "[2, 1]"]),
        ('a.b={ c = "x,y", d = 1 },2', ['{ c = "x,y", d = 1 }', "2"]),
        ('name="a,b",c', ['"a,b"', "c"]),
    ],
)
def test_values_are_parted_at_the_commas_that_are_no_part_of_them(text, values):
    found, faults = values_by_key([text])
    assert faults == []
    assert list(found.values()) == [values]


@given(
    st.integers(-1000, 1000), st.integers(1, 500), st.integers(1, 400), st.integers(0, 4)
)  # fmt: skip
def test_steps_are_exact_decimals_from_low_to_no_more_than_high(low, step, reach, digits):
    def written(x):
        sign, number = "-" * (x < 0), f"{abs(x):0{digits + 1}d}"
        return sign + (f"{number[:-digits]}.{number[-digits:]}" if digits else number)

    high = low + reach
    text = f"k={written(low)}..{written(high)}/{written(step)}"
    (values,) = values_by_key([text])[0].values()
    assert [round(float(value) * 10**digits) for value in values] == list(range(low, high + 1, step))
    assert all(float(value) == float(written(x)) for value, x in zip(values, range(low, high + 1, step), strict=True))


@pytest.mark.parametrize(
    ("written", "part"),
    [
        (["demand.growth"], "key=v1,v2"),
        (["demand.growth="], "key=v1,v2"),
        (["demand.growth=0,,1"], "key=v1,v2"),
        (["demand.growth=0,0"], "each value once"),
        (["types.*.redial.probability=0.1,0.2"], "the key of each name"),
        (["a=1", "a=2"], "each key once"),
        (["a.b=1", 'a."b"=2'], "each key once"),
        (["a=0..1"], "low..high/step"),
        (["a=1..0/0.1"], "low..high/step"),
        (["a=0..1/0"], "low..high/step"),
        (["a=0..1/0.0001"], "1,000 steps"),
        (["a=0..500/1", "b=0..500/1"], "10,000 cases"),
    ],
)
def test_values_that_cannot_be_are_refused(written, part):
    assert any(part in str(fault) for fault in values_by_key(written)[1])


def test_bounds_are_read_as_numbers_with_the_lower_first():
    assert ranges_by_key("--range", ["a=0.1..0.3", "types.*.b=-1..2e3"])[0] == {
        "a": (0.1, 0.3),
        "types.*.b": (-1.0, 2000.0),
    }
    for wrong in ("a", "a=1", "a=1..x", "a=3..1", "a=1..1", "a=1..2/1", "=1..2"):
        assert ranges_by_key("--range", [wrong])[1], wrong


def test_a_file_of_cases_may_leave_cells_empty_and_names_its_rows():
    # As Excel writes it: a byte-order mark, and quotes around what has a comma.
    text = '\ufeffcase,demand.growth,demand.month\nmore,0.1,\n,,"[1,1,1,1,1,1,1,1,1,1,1,2]"\n\n'
    Path("cases.csv").write_text(text, "utf-8")
    cases, faults = cases_of_file("cases.csv")
    assert faults == []
    assert [case.name for case in cases] == ["more", "line 3"]
    assert cases[0].changes == {"demand.growth": "0.1"}
    assert cases[1].changes == {"demand.month": "[1,1,1,1,1,1,1,1,1,1,1,2]"}


FILES = [
    ("", "a line of keys"),
    ("demand.growth\n", "a line of keys"),
    ("demand.growth,lines.count\n0.1\n", "2 cells"),
    ("demand.growth\n0.1,3\n", "1 cells"),
    ("case\na\n", "at least one key"),
    ('demand.growth,demand."growth"\n0,1\n', "each key once"),
    ("case,demand.growth\na,0\na,1\n", "each name once"),
    ("demand growth\n0\n", "key paths"),
]


@pytest.mark.parametrize(("text", "part"), FILES)
def test_a_file_that_is_no_table_of_cases_is_refused(text, part):
    Path("cases.csv").write_text(text, "utf-8")
    cases, faults = cases_of_file("cases.csv")
    assert cases == [] or part == "each name once"
    assert any(part in str(fault) for fault in faults)
    assert all(str(fault).startswith("cases.csv") for fault in faults)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("heading", ["方案", "case", "case 方案", "Case（方案名称）"])
def test_a_file_of_cases_as_spreadsheets_write_it(heading, delimiter, encoding):
    rows = ((heading, "demand.growth", "demand.within_slot"), ("多", "0.1", ""), ("少", "", "linear"))
    Path("c.csv").write_bytes("\r\n".join(map(delimiter.join, rows)).encode(encoding))
    cases, faults = cases_of_file("c.csv")
    assert faults == []
    assert [(case.name, dict(case.changes)) for case in cases] == [
        ("多", {"demand.growth": "0.1"}), ("少", {"demand.within_slot": "linear"}),
    ]  # fmt: skip


def test_a_file_of_cases_may_be_excel():
    book = openpyxl.Workbook()
    day, night = dt.datetime(2020, 1, 2), dt.datetime(2020, 1, 2, 6, 30)
    for row in (
        ["方案", "demand.growth", "lines.count", "a.day", "a.moment", "a.switch", None],
        ["多", 0.1 + 0.2, 40, day, night, True, None],
        [None, None, None, None, None, None, None],
        ["少", "0.1", None],
    ):
        book.active.append(row)
    book.save("c.xlsx")
    cases, faults = cases_of_file("c.xlsx")
    assert faults == []
    assert [case.name for case in cases] == ["多", "少"]
    assert cases[0].changes == {
        "demand.growth": "0.3", "lines.count": "40", "a.day": "2020-01-02", "a.moment": "2020-01-02T06:30:00",
        "a.switch": "true",
    }  # fmt: skip
    assert cases[1].changes == {"demand.growth": "0.1"}
    assert cases[1].place == "c.xlsx, line 4"


def test_cells_without_a_heading_and_other_commas_are_told():
    Path("c.csv").write_text("demand.growth,\n0.1,5\n", "utf-8")
    assert "cells under a heading" in str(cases_of_file("c.csv")[1][0])
    for mark in ("，", "；"):
        Path("c.csv").write_text(f"方案{mark}demand.growth\n多{mark}0.1\n", "utf-8")
        assert "part the columns with commas" in str(cases_of_file("c.csv")[1][0])


def test_a_file_that_is_not_there_or_no_table_is_refused():
    (fault,) = cases_of_file("none.csv")[1]
    assert '--cases = "none.csv"' in str(fault)
    assert "correct the name" in str(fault)
    Path("old.xls").write_bytes(b"\xd0\xcf\x11\xe0" + b"\0" * 600)
    (fault,) = cases_of_file("old.xls")[1]
    assert "a table of cases, as CSV or Excel (.xlsx)" in str(fault)
    Path("many.csv").write_text("demand.growth\n" + "0\n" * 10_001)
    assert "10,001 cases" in str(cases_of_file("many.csv")[1][-1])


def test_a_grid_has_every_combination_once():
    cases = grid({"a": ["1", "2"], "b": ["x", "y", "z"]})
    assert [tuple(case.changes.values()) for case in cases] == [(a, b) for a in "12" for b in "xyz"]
    assert len({case.name for case in cases}) == 6


@settings(max_examples=25, deadline=None)
@given(st.integers(2, 40), st.integers(0, 2**31))
def test_a_latin_hypercube_meets_every_part_of_every_range_once(count, seed):
    of = [Parameter("a", (("a",),), 0.0, -1.0, 3.0, False), Parameter("b", (("b",), ("c",)), 0.0, 10.0, 20.0, False)]
    cases = hypercube(of, count, seed)
    assert cases == hypercube(of, count, seed)
    assert varied(cases) == ["a", "b"]
    for one in of:
        parts = [int((case.drawn[one.key] - one.low) / (one.high - one.low) * count) for case in cases]
        # Values are rounded to six digits, which may put one on the edge of the next part.
        edge = [abs(part - want) for part, want in zip(sorted(parts), range(count), strict=True)]
        assert max(edge) <= 1
        assert sum(edge) <= 1
    assert all(case.changes["b"] == case.changes["c"] == repr(case.drawn["b"]) for case in cases)


def test_whole_numbers_are_drawn_with_both_ends_and_alike():
    one = Parameter("n", (("n",),), 3.0, 2.0, 5.0, True)
    drawn = [one.at(share) for share in np.linspace(0.0, 1.0, 4_001)]
    assert set(drawn) == {2, 3, 4, 5}
    assert np.bincount(drawn)[2:].tolist() == [1000, 1000, 1000, 1001]
    assert one.changes(2) == {"n": "2"}


# --- the command ----------------------------------------------------------------------------------------


def test_a_sweep_is_a_row_a_case_and_each_is_the_run_of_that_case(capsys):
    vary = ("--vary", "demand.growth=0,0.2", "--vary", "lines.count=8,40")
    assert main(["sweep", "one-day", *vary, *ONE]) == 0
    assert "4 cases" in capsys.readouterr().out
    table = pl.read_parquet("results/sweep-one-day/sweep.parquet")
    assert table.columns[:3] == ["case", "demand.growth", "lines.count"]
    assert table.select("demand.growth", "lines.count").rows() == [(0.0, 8), (0.0, 40), (0.2, 8), (0.2, 40)]
    assert table["replications"].to_list() == [2] * 4
    for row in (1, 2):
        changed = [f"{key}={table[key][row]}" for key in ("demand.growth", "lines.count")]
        run = sim.run(load("one-day", changed), 2, jobs=1)
        for name, found in run.measures.items():
            told = (table[f"{name}_mean"][row], table[f"{name}_low"][row], table[f"{name}_high"][row])
            assert told == (found.mean, found.low, found.high), name
        for target in run.targets:
            assert table[f"{target.key}_probability"][row] == target.probability
    assert pl.read_csv("results/sweep-one-day/sweep.csv").columns == table.columns
    manifest = json.loads(Path("results/sweep-one-day/manifest.json").read_text("utf-8"))
    assert manifest["files"] == ["manifest.json", "sweep.csv", "sweep.parquet"]
    assert manifest["command"].startswith("hotline sweep one-day --vary demand.growth=0,0.2 --vary lines.count=8,40")


def test_python_gets_the_same_table_as_the_command(capsys):
    assert main(["sweep", "one-day", "--vary", "demand.growth=0.0,0.2", *ONE, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    table = sim.sweep("one-day", {"demand.growth": [0.0, 0.2]}, replications=2, jobs=1)
    assert told["varied"] == ["demand.growth"]
    assert told["cases"] == table.to_dicts()
    # A scenario that is loaded already gives the same.
    assert sim.sweep(load("one-day"), {"demand.growth": [0.0, 0.2]}, replications=2, jobs=1).equals(table)


def test_lines_of_the_contract_have_columns_and_add_up():
    days = ("--from", "2020-03-16", "--to", "2020-03-16", "--replications", "1", "--jobs", "1")
    assert main(["sweep", "shanghai-2020", "--vary", "workforce.attrition=0.25,0.4", *days, "--quiet"]) == 0
    table = pl.read_parquet("results/sweep-shanghai-2020/sweep.parquet")
    lines = [table[f"{line}_wan"] for line in ("operation", "platform", "personnel", "tax")]
    assert sum(lines).to_list() == pytest.approx(table["total_wan"].to_list(), abs=0.005)
    # More who leave are more to hire and train, and more heads to keep as many at work.
    assert table["personnel_wan"][1] > table["personnel_wan"][0]
    assert table["platform_wan"][1] == table["platform_wan"][0]
    # What is only judged on a whole year has no chance on a day.
    assert "accepted_probability" not in table.columns


def test_a_sample_is_seeded_and_a_key_with_a_star_is_one_column():
    drawn = ("--vary", "types.*.redial.probability=0.2..0.8", "--sample", "4", *ONE, "--quiet")
    tables = []
    for seed in ("3", "3", "4"):
        assert main(["sweep", "one-day", *drawn, "--seed", seed]) == 0
        tables.append(pl.read_parquet("results/sweep-one-day/sweep.parquet"))
    assert tables[0].equals(tables[1])
    key = "types.*.redial.probability"
    assert tables[0][key].to_list() != tables[2][key].to_list()
    assert tables[0][key].is_between(0.2, 0.8).all()


REFUSED = [
    (["--vary", "lines.cont=3"], "write count instead of cont"),
    (["--vary", "demand.growth=0,99"], "demand.growth = 99"),
    (["--vary", "sites.main.seats=1,20"], "no more on duty"),
    ([], "something to vary"),
    (["--sample", "4"], "something to vary"),
    (["--vary", "demand.growth=0..1"], "add --sample N"),
    (["--vary", "demand.growth=0,1", "--sample", "4"], "low..high"),
    (["--vary", "demand.nope=0..1", "--sample", "4"], "write demand.growth"),
    (["--vary", "types=0..1", "--sample", "4"], "the path of one number"),
    (["--vary", "demand.growth=0..99", "--sample", "4"], "a number from -0.9 to 10"),
    (["--vary", "demand.growth=0..1", "--sample", "1"], "a whole number from 2"),
    (["--vary", "demand.growth=0,1", "--cases", "c.csv"], "one of them"),
    (["--vary", "demand.growth=0,1", "--measures", "asa_s,nope"], "a measure, a chance or a line"),
    (["--vary", "demand.growth=0,1", "--measures", "total"], "a measure, a chance or a line"),
    (["--vary", "demand.growth=0,1", "--measures", "asa"], "write asa_s, or asa_probability"),
    (["--vary", "demand.growth=0,1", "--from", "2021-01-01"], "days of the horizon"),
]


@pytest.mark.parametrize(("words", "part"), REFUSED)
def test_what_cannot_be_is_told_before_anything_runs(words, part, capsys):
    assert main(["sweep", "one-day", *words]) == 2
    streams = capsys.readouterr()
    assert streams.out == ""
    assert part in streams.err
    assert "Traceback" not in streams.err
    assert not Path("results").exists()


def test_every_fault_of_every_case_is_told_once_with_its_case(capsys):
    Path("cases.csv").write_text("case,demand.growth,lines.count\na,0.1,x\nb,99,40\nc,0.1,x\n", "utf-8")
    assert main(["sweep", "one-day", "--cases", "cases.csv"]) == 2
    err = capsys.readouterr().err
    assert "has 2 faults" in err
    assert 'cases.csv, line 2 (case a and 1 more): lines.count = "x"' in err
    assert "cases.csv, line 3 (case b): demand.growth = 99" in err


def test_a_fault_that_only_the_plan_shows_is_told_with_its_case(capsys):
    vary = "groups.desk.task_reserve=0,400"
    assert main(["sweep", "shanghai-2020", "--vary", vary]) == 2
    err = capsys.readouterr().err
    assert "--vary (case groups.desk.task_reserve=400): groups.desk.task_reserve = 400" in err
    assert not Path("results").exists()


def test_figures_are_drawn_and_a_second_sweep_takes_the_place_of_the_first():
    files = {}
    for vary in (
        ["demand.growth=0,0.1"],
        ["demand.growth=0,0.1", "lines.count=9,40"],
        ["demand.within_slot=uniform,linear"],
    ):
        options = [word for each in vary for word in ("--vary", each)]
        assert (
            main(["sweep", "one-day", *options, *ONE, "--figures", "--quiet", "--measures", "asa_s,asa_probability"])
            == 0
        )
        folder = Path("results/sweep-one-day/figures")
        files[vary[-1]] = (folder / "asa_s.svg").read_text("utf-8")
        assert {file.name for file in folder.iterdir()} == {
            f"{name}.{form}" for name in ("asa_probability", "asa_s") for form in ("svg", "png")
        }
    assert "lines.count = 9" in files["lines.count=9,40"]
    assert "demand.within_slot=uniform" in files["demand.within_slot=uniform,linear"]


def test_the_names_of_cases_are_shown_and_drawn(capsys):
    Path("c.csv").write_text("方案,demand.growth\n照旧,0\n更忙,0.1\n", "utf-8")
    options = ["--cases", "c.csv", *ONE, "--figures", "--measures", "asa_s"]
    assert main(["sweep", "one-day", *options, "--lang", "zh"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert any(line.split()[:2] == ["方案", "demand.growth"] for line in lines)
    assert any(line.split()[:2] == ["更忙", "0.1"] for line in lines)
    drawn = Path("results/sweep-one-day/figures/asa_s.svg").read_text("utf-8")
    assert "照旧" in drawn
    assert "更忙" in drawn
