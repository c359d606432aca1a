"""``hotline results``: listed without a trace, two results subtracted by hand, removal that is careful."""

import json
import math
import shutil
import statistics
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import sim
from sim.cli.main import main
from sim.experiment import store as store_module
from sim.experiment.log_folder import LogFolder
from sim.experiment.store import FILE, NotAStoreError, Store, kept_in
from sim.report.side_by_side import Run, side_by_side

T_3 = 3.182446
"""Student's t, two-sided 95 %, three degrees of freedom, from a table."""


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "160")


def run(name, *options, replications=2):
    out = ["--out", f"results/{name}", "--quiet", "--jobs", "1"]
    assert main(["run", "one-day", "--replications", str(replications), *out, *options]) == 0


def listed(capsys, *options):
    capsys.readouterr()
    assert main(["results", "--json", *options]) == 0
    return json.loads(capsys.readouterr().out)


def result(values, *, mean=None, unit="attempts", seed=1, days=("2020-01-01", "2020-01-07"), wan=None):
    """Return a summary with one measure; a mean of its own makes it a ratio."""
    mean = statistics.fmean(values) if mean is None else mean
    measure = {"mean": mean, "low": None, "high": None, "unit": unit, "values": values}
    lines = [{"key": key, "wan": wan} for key in ("operation", "platform", "personnel", "tax")]
    return {
        "scenario": {"name": "made"}, "seed": seed, "replications": len(values), "from": days[0], "to": days[1],
        "measures": {"x": measure}, "cost": None if wan is None else {"lines": lines, "total_wan": 4 * wan},
    }  # fmt: skip


def both(a, b, of=None, scenario=""):
    """Return two summaries side by side; ``of`` is what their ratios are divided by, by replication."""

    def run(name, summary):
        values = summary["measures"]["x"]["values"]
        bottoms = of or [float(value is not None) for value in values]
        pairs = np.array([((value or 0.0) * bottom, bottom) for value, bottom in zip(values, bottoms, strict=True)])
        return Run(name, summary, {"x": pairs}, scenario)

    return side_by_side(run("a", a), run("b", b))


def difference(a, b, of=None):
    return both(a, b, of).measures["x"]


# Listing


def test_listing_nothing_is_kind_and_makes_nothing(capsys):
    assert main(["results"]) == 0
    assert "results: no results yet" in capsys.readouterr().out
    assert listed(capsys) == {"place": "results", "folders": [], "kept": [], "left": []}
    assert list(Path().iterdir()) == []


def test_what_is_there_is_listed_and_nothing_is_written(capsys):
    run("mine", "--seed", "7", replications=3)
    Path("results/notes").mkdir()
    Path("results/notes/manifest.json").write_text('{"software": "another"}')
    Path("results/.mine.1.old").mkdir()
    before = {path: path.stat().st_mtime_ns for path in [Path("results"), *Path("results").rglob("*")]}
    found = listed(capsys)
    (folder,), (kept,) = found["folders"], found["kept"]
    assert (folder["name"], folder["kind"], folder["scenario"]) == ("mine", "run", "one-day")
    assert (folder["from"], folder["to"], folder["replications"], folder["seed"]) == ("2020-03-16", "2020-03-16", 3, 7)
    sizes = [path.stat().st_size for path in Path("results/mine").rglob("*")]
    assert folder["megabytes"] == pytest.approx(sum(sizes) / 1e6)
    assert (kept["scenario"], kept["replications"], kept["seed"], kept["this_program"]) == ("one-day", 3, 7, True)
    assert kept["key"].startswith(kept["short_key"])
    assert len(kept["short_key"]) == 8
    assert main(["results"]) == 0
    assert kept["short_key"] in capsys.readouterr().out
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert {Path("results"), *Path("results").rglob("*")} == set(before)


def test_no_name_is_cut_where_the_terminal_is_narrow(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    name = "one-day-with-a-tenth-more-calls-and-forty-lines"
    run("what-the-council-asked-about-on-thursday", "--set", f"name={name}")
    capsys.readouterr()
    assert main(["results"]) == 0
    out = capsys.readouterr().out
    assert "…" not in out
    assert listed(capsys)["kept"][0]["short_key"] in out
    assert max(map(len, out.splitlines())) <= 80


def test_listing_reads_beside_a_run_that_writes(capsys):
    run("mine")
    store = Store(Path("results", FILE))  # a second process, as it were: there is a log beside the file
    store._ask("UPDATE experiments SET seed = 99", ())
    assert [kept.seed for kept in kept_in(Path("results", FILE))] == [99]
    store.close()


def test_a_file_that_is_no_store_is_said_and_left(capsys):
    run("mine")
    file = Path("results", FILE)
    file.write_bytes(b"these are not replications " * 400)
    with pytest.raises(NotAStoreError):
        kept_in(file)
    assert main(["results"]) == 0
    streams = capsys.readouterr()
    assert "mine" in streams.out
    assert "no store of replications" in streams.err
    assert file.read_bytes().startswith(b"these are not")


def test_tables_in_chinese(capsys):
    run("mine")
    run("more", "--set", "demand.growth=0.2")
    assert main(["results", "--lang", "zh"]) == 0
    assert "结果目录" in capsys.readouterr().out
    assert main(["results", "compare", "mine", "more", "--lang", "zh"]) == 0
    assert "接通率" in capsys.readouterr().out


# Side by side


def test_pairs_of_a_count_by_hand():
    a, b = result([100.0, 110.0, 90.0, 104.0]), result([103.0, 112.0, 95.0, 106.0])
    found = difference(a, b)  # differences 3, 2, 5, 2: mean 3, variance 6/3
    half = T_3 * math.sqrt(2.0) / 2.0
    assert found.difference == pytest.approx(3.0)
    assert (found.low, found.high) == pytest.approx((3.0 - half, 3.0 + half), rel=1e-6)


def test_only_replications_that_both_have_are_pairs():
    a, b = result([100.0, 110.0, 90.0, 104.0]), result([103.0, 112.0, 95.0, 106.0, 900.0])
    found = both(a, b)
    assert found.pairs == 4
    assert found.measures["x"].difference == pytest.approx(3.0)


def test_a_ratio_of_the_same_replications_is_that_of_its_sums():
    # 90 of 100 and 180 of 300 calls answered; then 95 and 210 of the same: 270/400 and 305/400. Each year moves the
    # difference by what is answered more, less 0.0875 of its calls, over the 200 calls of a mean year.
    a = result([0.9, 0.6], mean=0.675, unit="share")
    b = result([0.95, 0.7], mean=0.7625, unit="share")
    found = difference(a, b, of=[100.0, 300.0])
    assert found.difference == pytest.approx(0.0875)
    moves = [(5 - 0.0875 * 100) / 200, (30 - 0.0875 * 300) / 200]
    half = 12.706205 * math.sqrt(sum(move**2 for move in moves) / 1 / 2)
    assert (found.low, found.high) == pytest.approx((0.0875 - half, 0.0875 + half), rel=1e-6)


def test_other_seeds_have_a_difference_and_no_interval():
    found = both(result([1.0, 2.0]), result([5.0, 9.0, 7.0], seed=2))
    row = found.measures["x"]
    assert (found.pairs, row.difference, row.low, row.high) == (0, 5.5, None, None)


def test_on_other_days_only_shares_and_times_are_subtracted():
    other = ("2020-01-01", "2020-01-14")
    found = both(result([10.0, 12.0], wan=1.5), result([20.0, 24.0], days=other, wan=3.0))
    assert not found.same_days
    assert found.measures["x"].difference is None
    assert found.lines["total"].difference_wan is None
    for unit in ("s", "share of answered"):
        a, b = result([0.5, 0.7], unit=unit), result([0.25, 0.35], unit=unit, days=other)
        assert difference(a, b).difference == pytest.approx(-0.3)


def test_money_is_exact_to_the_fen_and_absent_without_money():
    found = both(result([1.0, 2.0], wan=0.1), result([1.0, 2.0], wan=0.3))
    assert found.lines["operation"].difference_wan == 0.2
    assert found.lines["total"].difference_wan == 0.8
    one = both(result([1.0]), result([1.0], wan=2.0)).lines["total"]
    assert (one.a_wan, one.b_wan, one.difference_wan) == (None, 8.0, None)
    assert both(result([1.0]), result([1.0])).lines == {}


@given(st.lists(st.tuples(st.floats(0, 1e6), st.floats(0, 1e6)), min_size=2, max_size=8))
def test_the_other_way_round_is_the_opposite(pairs):
    a, b = (result([pair[i] for pair in pairs], unit="s") for i in (0, 1))
    there, back = difference(a, b), difference(b, a)
    assert there.difference == pytest.approx(-back.difference, abs=1e-6)
    assert there.low == pytest.approx(-back.high, abs=1e-6)
    assert difference(a, a).difference == difference(a, a).low == 0.0


def test_what_cannot_be_measured_is_left_out_of_the_pairs():
    a, b = result([1.0, None, 3.0], mean=2.0), result([2.0, 5.0, 5.0], mean=4.0)
    found = difference(a, b)
    assert found.difference == pytest.approx(4.0 - 2.0)  # each the mean of those that could be measured
    nothing = {**result([0.0, 0.0]), "measures": {"x": {**a["measures"]["x"], "mean": None, "values": [None, None]}}}
    assert difference(nothing, result([1.0, 2.0])).difference is None


def test_comparing_two_runs(capsys):
    run("mine", replications=4)
    run("more", "--set", "demand.growth=0.5", replications=3)
    capsys.readouterr()
    assert main(["results", "compare", "mine", str(Path("results/more").absolute()), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    values = [
        json.loads(Path("results", name, "summary.json").read_text())["measures"]["offered"]["values"][:3]
        for name in ("mine", "more")
    ]
    assert found["pairs"] == 3
    by_hand = statistics.fmean(y - x for x, y in zip(*values, strict=True))
    assert found["measures"]["offered"]["difference"] == pytest.approx(by_hand)
    assert found["measures"]["offered"]["low"] > 0
    assert main(["results", "compare", "mine", "more"]) == 0
    out = capsys.readouterr().out
    assert "of the 3 replications that both have" in out
    assert "of these alone" in out


def test_two_results_differ_as_hotline_compare_says(capsys):
    """The same replications, compared while they are simulated or afterwards from the files."""
    changes = ("demand.growth=0.3", "groups.general.speed=0.9")
    run("mine", replications=4)
    run("more", *(word for change in changes for word in ("--set", change)), replications=4)
    capsys.readouterr()
    words = [word for change in changes for word in ("--with", change)]
    assert main(["compare", "one-day", *words, "--replications", "4", "--jobs", "1", "--no-causes", "--json"]) == 0
    compared = json.loads(capsys.readouterr().out)["cases"][0]["measures"]
    assert main(["results", "compare", "mine", "more", "--json"]) == 0
    beside = json.loads(capsys.readouterr().out)["measures"]
    assert set(beside) == set(compared)
    known = 0
    for name, row in beside.items():
        for key in ("difference", "low", "high"):
            wanted = compared[name][key]
            assert row[key] == (wanted if wanted is None else pytest.approx(wanted, rel=1e-9, abs=1e-12)), name
        known += row["low"] is not None and row["low"] < row["high"]
    assert known > 30


def test_a_result_of_an_earlier_version_has_counts_and_says_what_it_lacks(capsys):
    run("mine", replications=3)
    run("more", "--set", "demand.growth=0.5", replications=3)
    file = Path("results/mine/replications.parquet")
    table = pl.read_parquet(file)
    table.select(name for name in table.columns if not name.endswith("_of")).write_parquet(file)
    capsys.readouterr()
    assert main(["results", "compare", "mine", "more", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert not found["sums"]
    offered, rate = (found["measures"][name] for name in ("offered", "connection_rate"))
    assert offered["low"] < offered["difference"] < offered["high"]
    assert rate["difference"] == rate["b"] - rate["a"]
    assert (rate["low"], rate["high"]) == (None, None)
    assert main(["results", "compare", "mine", "more"]) == 0
    assert "made by an earlier version" in capsys.readouterr().out


def test_keys_that_differ_are_told(capsys):
    run("mine")
    run("again", "--seed", "2")
    run("more", "--set", "demand.growth=0.5", "--set", "lines.count=30", "--set", "name=other")
    capsys.readouterr()
    assert main(["results", "compare", "mine", "more", "--json"]) == 0
    changed = json.loads(capsys.readouterr().out)["changed"]
    assert {one["key"]: one["b"] for one in changed} == {"demand.growth": "0.5", "lines.count": "30"}
    base = sim.load("one-day")
    assert {one["key"]: one["a"] for one in changed} == {
        "demand.growth": str(base.demand.growth), "lines.count": str(base.lines.count),
    }  # fmt: skip
    assert main(["results", "compare", "mine", "more"]) == 0
    out = capsys.readouterr().out
    assert "Keys that differ" in out
    assert "may not subtract" in out
    assert main(["results", "compare", "mine", "again", "--lang", "zh"]) == 0
    assert "方案相同" in capsys.readouterr().out


def test_what_another_version_wrote_has_no_keys():
    a = result([1.0, 2.0])
    assert all(both(a, a, scenario=text).changed is None for text in ("", "nothing = 1", "no toml"))


def test_a_table_that_is_damaged_or_lacks_a_measure_is_told(capsys):
    run("mine", replications=2)
    run("more", "--set", "demand.growth=0.5", replications=2)
    file = Path("results/mine/replications.parquet")
    table = pl.read_parquet(file)
    table.drop("hasty_share").write_parquet(file)
    assert main(["results", "compare", "mine", "more"]) == 0
    for content in (b"no table", None):
        file.unlink()
        if content is not None:
            file.write_bytes(content)
        capsys.readouterr()
        assert main(["results", "compare", "mine", "more"]) == 2
        assert "a result folder with the table replications.parquet" in capsys.readouterr().err


# What stopped runs leave


def test_what_stopped_runs_leave_is_listed_and_removed(capsys):
    run("mine")
    LogFolder(Path("results/next.partial"), {"a": 1}, resume=False).finish(0)
    Path("results", f"{FILE}.damaged-1").write_bytes(b"x" * 20_000)
    Path("results/notes.partial").mkdir()
    Path("results/notes.partial/mine.txt").write_text("mine")
    assert [(one["name"], one["kind"]) for one in listed(capsys)["left"]] == [
        ("next.partial", "attempts"), (f"{FILE}.damaged-1", "damaged"),
    ]  # fmt: skip
    for lang, told in (("en", ("a run that was stopped", "set aside")), ("zh", ("逐通记录", "移开的重复结果库"))):
        assert main(["results", "--lang", lang]) == 0
        out = capsys.readouterr().out
        assert all(part in out for part in told)
        assert "notes.partial" not in out
    assert main(["results", "remove", "notes.partial"]) == 2
    assert "it holds mine.txt" in capsys.readouterr().err
    assert main(["results", "remove", "next.partal"]) == 2
    assert "write next.partial" in capsys.readouterr().err
    assert main(["results", "remove", "next.partial", f"{FILE}.damaged-1"]) == 0
    out = capsys.readouterr().out
    assert "removed results/next.partial" in out
    assert "0.02 MB" in out
    assert {path.name for path in Path("results").iterdir()} == {"mine", "notes.partial", FILE}


def test_a_file_of_mine_among_a_runs_attempts_stays(capsys):
    LogFolder(Path("results/next.partial"), {"a": 1}, resume=False)
    Path("results/next.partial/mine.txt").write_text("mine")
    assert listed(capsys)["left"] == []
    assert main(["results", "remove", "next.partial"]) == 2
    assert Path("results/next.partial/mine.txt").exists()


@pytest.mark.parametrize(("command", "kind"), [("track x --actuals a.csv", "年内跟踪"), ("heads x", "全年人数")])
def test_every_command_has_a_kind_in_chinese(command, kind, capsys):
    folder = Path("results/mine")
    folder.mkdir(parents=True)
    manifest = {"software": "hotline-sim", "command": f"hotline {command}", "files": ["manifest.json"]}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    assert main(["results", "--lang", "zh"]) == 0
    assert kind in capsys.readouterr().out


# Removing


def test_a_result_and_its_replications_are_removed(capsys):
    run("mine")
    run("more", "--seed", "2")
    keys = {kept["seed"]: kept["short_key"] for kept in listed(capsys)["kept"]}
    taken = sum(path.stat().st_size for path in Path("results/mine").rglob("*"))
    assert main(["results", "remove", "mine", keys[2], "--json"]) == 0
    done = json.loads(capsys.readouterr().out)
    assert [folder["name"] for folder in done["removed"]["folders"]] == ["mine"]
    assert [kept["seed"] for kept in done["removed"]["kept"]] == [2]
    assert done["megabytes"] >= taken / 1e6
    left = listed(capsys)
    assert [folder["name"] for folder in left["folders"]] == ["more"]
    assert [kept["seed"] for kept in left["kept"]] == [1]
    assert {path.name for path in Path("results").iterdir()} == {"more", FILE}


def test_room_comes_back_to_the_disk(capsys):
    run("mine", replications=40)
    before = Path("results", FILE).stat().st_size
    capsys.readouterr()
    assert main(["results", "remove", "--all-kept", "--json"]) == 0
    done = json.loads(capsys.readouterr().out)
    assert done["megabytes"] == pytest.approx(before / 1e6)
    assert not Path("results", FILE).exists()
    assert done["megabytes"] > 0.1
    assert listed(capsys)["kept"] == []


def test_kept_removes_what_other_versions_made_and_no_more(capsys):
    run("mine")
    run("more", "--seed", "2")
    store = Store(Path("results", FILE))
    store._ask("UPDATE experiments SET program = '0.0.1+old' WHERE seed = 2", ())
    store.close()
    assert main(["results"]) == 0
    assert "hotline results remove --kept" in capsys.readouterr().out
    assert main(["results", "remove", "--kept"]) == 0
    assert "2 of them" in capsys.readouterr().out
    assert [kept["seed"] for kept in listed(capsys)["kept"]] == [1]
    assert main(["results", "remove", "--kept"]) == 0
    assert capsys.readouterr().out == "nothing to remove\n"


@pytest.mark.parametrize("strange", ["a file of mine", "no manifest", "a link"])
def test_what_is_not_ours_stays_and_so_does_all_else(strange, capsys):
    run("mine")
    run("more")
    folder = Path("results/more")
    if strange == "a file of mine":
        (folder / "notes.txt").write_text("mine")
    elif strange == "no manifest":
        shutil.rmtree(folder)
        folder.mkdir()
    else:
        folder.rename("elsewhere")
        folder.symlink_to(Path("elsewhere").absolute())
    assert main(["results", "remove", "mine", "more"]) == 2
    err = capsys.readouterr().err
    assert "allowed: a result folder of this program with nothing else in it" in err
    assert "Traceback" not in err
    assert Path("results/mine/summary.json").exists()
    assert folder.exists()


def test_the_folder_one_is_in_stays(monkeypatch, capsys):
    run("mine")
    place = Path("results").absolute()
    monkeypatch.chdir("results/mine")
    assert main(["results", "remove", "mine", "--in", str(place)]) == 2
    assert "you are in it" in capsys.readouterr().err


def test_ambiguous_names_are_refused(capsys):
    run("mine")
    (kept,) = listed(capsys)["kept"]
    Path("results/mine").rename(Path("results", kept["short_key"]))
    assert main(["results", "remove", kept["short_key"]]) == 2
    assert "a name that means one thing" in capsys.readouterr().err
    assert len(listed(capsys)["folders"]) == len(listed(capsys)["kept"]) == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["remove", "mime"], "write mine"),
        (["remove"], "--kept or --all-kept"),
        (["compare", "mine", "mime"], "write mine"),
        (["compare", "mine"], "two results"),
        (["comprae", "mine", "mine"], "write compare"),
        (["mine"], "list or compare or remove"),
        (["list", "mine"], "no name"),
        (["list", "--kept"], "beside remove only"),
    ],
)
def test_mistakes_are_said_with_what_to_write(words, said, capsys):
    run("mine")
    capsys.readouterr()
    assert main(["results", *words]) == 2
    streams = capsys.readouterr()
    assert said in streams.err
    assert "to mend:" in streams.err
    assert streams.out == ""
    assert Path("results/mine/summary.json").exists()


def test_two_unknown_names_are_both_said(capsys):
    assert main(["results", "remove", "one", "other"]) == 2
    assert capsys.readouterr().err.count("to mend:") == 2
    assert not Path("results").exists()


def test_a_name_like_no_other_points_to_the_list(capsys):
    assert main(["results", "compare", "one", "other"]) == 2
    assert capsys.readouterr().err.count("hotline results --in results lists") == 2


def test_only_whole_short_keys_name_kept_replications(capsys):
    run("mine")
    (kept,) = listed(capsys)["kept"]
    assert main(["results", "remove", kept["short_key"][:5]]) == 2
    assert f"write {kept['short_key']}" in capsys.readouterr().err
    assert store_module.kept_in(Path("results", FILE))
