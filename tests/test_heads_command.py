"""``hotline heads``: what a planner sees, what is written, and what is said where there is no head-count."""

from __future__ import annotations

import datetime as dt
import json
import re
import shlex
from pathlib import Path

import polars as pl
import pytest
from matplotlib.dates import num2date
from matplotlib.text import Text

import sim
from sim.cli.main import main
from sim.report import figures, heads_figures
from sim.scenario import unsourced
from sim.verbs import notes, size, warnings

NAME = "shanghai-2020-heads"
FOLDER = Path("results", f"heads-{NAME}")


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")


@pytest.fixture(scope="module")
def found():
    return sim.heads(NAME, 3)


def test_the_shipped_scenario_is_accepted_without_a_note_and_each_number_has_its_source():
    scenario = sim.load(NAME)
    assert unsourced(scenario) == []
    assert list(warnings(scenario)) == []
    assert list(notes(scenario, size(scenario))) == []
    assert main(["check", NAME]) == 0


def test_show_lists_the_table_with_its_sources(capsys):
    assert main(["show", NAME, "workforce.headcount"]) == 0
    out = capsys.readouterr().out
    for word in ("lead_weeks", "classes.11.heads", "handling_factor", "weeks", "derived: the bill's 603 agents"):
        assert word in out


def test_a_row_a_month_the_worst_week_and_who_is_not_among_them(found, capsys):
    assert main(["heads", NAME, "--replications", "3"]) == 0
    out = capsys.readouterr().out
    rows = [line.split() for line in out.splitlines() if re.match(r"\s*(2020-\d\d\s|whole)", line)]
    months = found.by_month()
    assert [row[0] for row in rows] == [*months["month"], "whole"]
    columns = ("heads", "trainees", "joined", "left", "left_training", "full_strength")
    for row, told in zip(rows, months.iter_rows(named=True), strict=False):
        assert row[1:7] == [f"{told[name]:,.1f}" for name in columns]
        assert row[7] == f"{told['full_strength_low']:.1f}–{told['full_strength_high']:.1f}"
        assert row[8:] == [f"{told['needed']:.1f}", f"{told['full_strength'] - told['needed']:+.1f}"]
    weeks = found.by_week()
    worst = weeks.head(52).sort("gap").row(0, named=True)
    assert f"The worst week, {worst['from']} – {worst['to']}: {worst['needed']:.1f} needed" in out
    assert f"{-worst['gap']:.1f} short" in out
    assert "These are agents only" in out
    assert str(FOLDER) in out


def test_where_no_week_is_short_the_tightest_is_named(capsys):
    more = ("--set", "workforce.headcount.opening.5.heads=900", "--set", "workforce.attrition=0")
    assert main(["heads", NAME, "--replications", "1", *more]) == 0
    assert "No week is short. The tightest, 2020-01-15 – 2020-01-21" in capsys.readouterr().out


def test_the_folder_has_the_weeks_the_months_and_the_command_that_gives_it_again(found):
    words = ["heads", NAME, "--replications", "3", "--quiet"]
    assert main([*words, "--figures", "--set", "workforce.attrition=0.25"]) == 0
    files = {str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*") if path.is_file()}
    assert files == {
        *("heads.csv", "heads.parquet", "months.csv", "manifest.json"),
        *("figures/heads.svg", "figures/heads.png"),
    }
    manifest = json.loads((FOLDER / "manifest.json").read_text("utf-8"))
    assert set(manifest["files"]) == files
    assert manifest["replications"] == 3
    weeks = pl.read_parquet(FOLDER / "heads.parquet")
    assert weeks.equals(found.by_week())
    assert pl.read_csv(FOLDER / "heads.csv", try_parse_dates=True)["gap"].to_list() == pytest.approx(found.gap.tolist())
    again = shlex.split(manifest["command"])
    assert again[0] == "hotline"
    before = (FOLDER / "heads.csv").read_bytes(), (FOLDER / "figures" / "heads.svg").read_bytes()
    assert main([*again[1:], "--quiet"]) == 0
    assert before == ((FOLDER / "heads.csv").read_bytes(), (FOLDER / "figures" / "heads.svg").read_bytes())


def test_json_has_what_a_simulation_would_take_from_here(found, capsys):
    assert main(["heads", NAME, "--replications", "3", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["replications"], told["seed"], told["opening"]) == (3, 1, {"heads": 603.0, "trainees": 14.0})
    assert len(told["weeks"]) == 53
    assert [week["from"] for week in told["weeks"]][:2] == ["2020-01-01", "2020-01-08"]
    for name in ("filled_share", "handling_factor", "on_the_spot_loss"):
        assert [week[name] for week in told["weeks"]] == pytest.approx(found.by_week()[name].to_list())
    assert told["worst_week"] == told["weeks"][found.worst_week]


@pytest.mark.parametrize("name", ["one-day", "shanghai-2020"])
def test_without_a_head_count_the_table_to_add_is_shown(name, capsys):
    assert main(["heads", name]) == 2
    streams = capsys.readouterr()
    assert streams.out == ""
    assert f"{name}: workforce.headcount" in streams.err
    assert "add [workforce.headcount] with opening = [{ weeks_on_floor" in streams.err
    assert not Path("results").exists()


def test_what_is_wrong_with_the_options_is_said_at_once(capsys):
    assert main(["heads", NAME, "--replications", "0", "--seed", "x", "--lang", "fr"]) == 2
    told = capsys.readouterr().err
    assert all(option in told for option in ("--replications", "--seed", "--lang"))


def test_in_chinese_nothing_is_left_in_english(capsys):
    assert main(["heads", NAME, "--replications", "2", "--lang", "zh"]) == 0
    out = capsys.readouterr().out.replace(str(FOLDER), "").replace("hotline cost", "")
    assert re.findall(r"[A-Za-z]{2,}", out) == []
    for word in ("在岗", "培训中", "折合熟练人数", "最紧的一周", "仅指话务员"):
        assert word in out


@pytest.mark.parametrize(
    ("lang", "words"), [("en", ("on the floor", "needed")), ("zh", ("在岗", "计划所需", "培训中"))]
)
def test_the_figure_speaks_both_languages(found, monkeypatch, lang, words):
    for module in (figures, heads_figures):
        monkeypatch.setattr(module, "chinese_font", lambda: "Noto Sans CJK SC")
    texts = {text.get_text() for text in heads_figures.draw(found, lang).findobj(Text)}
    assert set(words) <= texts


def test_the_figure_draws_every_week_to_its_end(found):
    above, below = heads_figures.draw(found, "en").axes
    weeks = found.by_week()
    drawn = {patch.get_label(): patch.get_data() for patch in above.patches}
    for label, column in (("on the floor", "heads"), ("at full strength", "full_strength"), ("needed", "needed")):
        assert drawn[label].values.tolist() == weeks[column].to_list()
    assert below.patches[0].get_data().values.tolist() == weeks["trainees"].to_list()
    edges = below.patches[0].get_data().edges
    ends = [num2date(edge).date() for edge in (edges[0], edges[-1])]
    assert (len(edges), ends) == (54, [dt.date(2020, 1, 1), dt.date(2021, 1, 1)])
