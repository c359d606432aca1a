"""The result folder: its keys, its bytes, and that it is there whole or not at all."""

import datetime as dt
import errno
import io
import json
import shutil
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from rich.console import Console
from waiting_work import waiting_work

from sim import verbs
from sim.cli import screen
from sim.cli.main import main
from sim.demand.rates import expected_rates
from sim.demand.window import Window
from sim.experiment import frames
from sim.measures import GROUP_UNITS, TASK_UNITS
from sim.report import files, folder, formats, tables
from sim.report.phrases import said
from sim.report.summary import summary, text
from sim.scenario import load, to_toml
from sim.scenario.targets import Accepted, TargetTable

MEASURES = {
    "offered", "answered", "abandoned", "blocked", "contacts", "lost_contacts", "accepted",
    "connection_rate", "connection_rate_queued", "connection_rate_excluding_short",
    "connection_rate_contacts", "asa_s", "wait_p50_s", "wait_p90_s", "wait_p95_s", "wait_p99_s",
    "wait_max_s", "answered_within_8s_share", "answered_within_15s_share", "answered_within_20s_share",
    "worst_24h_connection_rate", "connection_rate_mean_of_months", "asa_s_mean_of_months", "contained",
    "occupancy", "utilisation", "redial_share", "repeat_share", "fcr_share", "responsible_return_share",
    "satisfaction_share", "work_orders", "backlog_max", "overdue_share", "on_duty_h", "busy_h",
    "paid_h",
}  # fmt: skip
TARGET_KEYS = {
    "key", "name_zh", "name_en", "op", "target", "measured", "low", "high", "probability", "verdict",
}  # fmt: skip
LINES = ("operation", "platform", "personnel", "tax")


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def result():
    return verbs.run("one-day", 3, jobs=1)


@pytest.fixture(scope="module")
def january():
    """Two days of the baseline: a scenario with money, on a part of its year."""
    from sim.scenario import load

    scenario = load("shanghai-2020")
    return verbs.run(scenario, 2, first=scenario.horizon.start, last=scenario.horizon.start, jobs=1)


def run(out, *options):
    """Simulate anew: what an earlier run kept is forgotten."""
    for file in Path().glob("replications.sqlite*"):
        file.unlink()
    assert main(["run", "one-day", "--replications", "4", "--quiet", "--out", out, *options]) == 0
    return Path(out)


def content(result_folder):
    """Return every file's bytes, without what may differ: performance and the manifest's times."""
    found = {}
    for path in sorted(result_folder.rglob("*")):
        if path.is_file():
            data = path.read_bytes()
            if path.suffix == ".json":
                tables = json.loads(data)
                tables.pop("performance", None)
                tables.pop("times", None)
                data = json.dumps(tables).encode()
            found[str(path.relative_to(result_folder))] = data
    return found


def test_the_summary_has_every_key_of_the_contract(january):
    found = json.loads(text(summary(january)))
    assert set(found) >= {"scenario", "seed", "engine", "replications", "from", "to", "measures", "targets"}
    assert set(found["scenario"]) == {"name", "sha256"}
    assert found["schema"] == 1
    assert set(found["measures"]) >= set(MEASURES)
    for measure in found["measures"].values():
        assert set(measure) == {"mean", "low", "high", "unit", "values"}
        assert len(measure["values"]) == found["replications"] == 2
    assert len(found["targets"]) == 11
    for target in found["targets"]:
        assert set(target) >= TARGET_KEYS
        assert target["verdict"] in ("met", "missed", "undecided")
    cost = found["cost"]
    assert [line["key"] for line in cost["lines"]] == list(LINES)
    for line in cost["lines"]:
        assert set(line) == {"key", "name_zh", "wan", "published_wan", "difference_wan", "parts"}
        for part in line["parts"]:
            assert set(part) == {"key", "driver", "quantity", "unit", "rate_cny", "wan", "source", "sources"}
    assert set(cost) == {"lines", "total_wan", "published_total_wan", "per_accepted_cny"}
    assert [month["month"] for month in found["months"]] == ["2020-01"]
    wanted = {"month", "heads", "paid_h", *MEASURES, *(f"{line}_wan" for line in LINES)}
    assert set(found["months"][0]) >= wanted
    assert set(found["performance"]) == {"wall_s", "attempts_per_s", "peak_mb"}


def test_a_day_is_billed_its_share_of_the_year(january):
    """1 January: 1/366 of the year's paid hours but for overtime, the seats' rent of a day, the year's heads."""
    found = summary(january)
    year = verbs.price("shanghai-2020")
    day = verbs.price("shanghai-2020", january.first, january.first)
    assert found["cost"]["total_wan"] == day.total_wan
    assert found["months"][0]["heads"] == year.drivers.heads
    overtime_h = float(day.drivers.overtime_h.sum())
    assert found["measures"]["paid_h"]["mean"] == pytest.approx(year.drivers.heads * 2000 / 366 + overtime_h)
    economic = next(row for row in january.targets if row.key == "economic")
    assert economic.measured == pytest.approx(day.total_wan * 1e4 / found["measures"]["accepted"]["mean"])


def test_without_money_the_cost_is_null(result):
    found = json.loads(text(summary(result)))
    assert found["cost"] is None
    assert found["months"][0]["personnel_wan"] is None


def test_json_has_no_numbers_that_json_does_not_know():
    with pytest.raises(ValueError, match="JSON"):
        text({"x": float("nan")})


def test_columns_of_intervals_sum_to_the_measures(result):
    table = frames.intervals(result)
    means = {name: found.mean for name, found in result.measures.items()}
    for column in (
        "offered",
        "answered",
        "abandoned",
        "blocked",
        "work_orders",
        "on_duty_h",
        "busy_h",
        "overrun_h",
    ):
        assert table[column].sum() == pytest.approx(means[column])
    assert table["answered_wait_s"].sum() == pytest.approx(means["asa_queue_s"] * means["answered"])
    within = means["answered_within_8s_share"] * means["answered"]
    assert table["answered_within_8s"].sum() == pytest.approx(within)
    # A row belongs to a type or to a group, never to both.
    assert (table["type"].is_null() != table["group"].is_null()).all()
    assert table.height == 48 * (2 + 2)


def test_replications_have_a_row_each(result):
    table = frames.replications(result)
    assert table["replication"].to_list() == [0, 1, 2]
    assert table["offered"].mean() == pytest.approx(result.measures["offered"].mean)


def test_replications_give_back_every_numerator_and_denominator(result, work):
    for run in (result, work):
        again = frames.pairs(frames.replications(run))
        assert set(again) == set(run.pairs)
        for name, pairs in run.pairs.items():
            measured = pairs * (pairs[:, 1:] > 0)
            np.testing.assert_allclose(again[name], measured, rtol=1e-14, err_msg=name)


def test_a_planner_can_check_what_became_of_every_contact(work):
    ends = ("resolved", "handed_over", "lost", "contained", "open")
    table = frames.replications(work)
    found = table.select(pl.sum_horizontal(f"{end}_contacts" for end in ends)).to_series()
    assert found.to_list() == table["contacts"].to_list()
    assert all(work.measures[f"{end}_contacts"].mean > 0 for end in ("resolved", "handed_over", "lost", "open"))


def test_the_same_bytes_serial_and_parallel_and_again():
    options = ("--attempts", "--figures")
    serial = content(run("serial", "--jobs", "1", *options))
    assert set(serial) == {
        "summary.json", "intervals.parquet", "replications.parquet", "manifest.json", "attempts.parquet",
        *(f"figures/{name}.{form}" for name in ("day", "answer-time", "months") for form in ("svg", "png")),
    }  # fmt: skip
    assert content(run("parallel", "--jobs", "2", *options)) == serial
    assert content(run("serial", "--jobs", "1", *options)) == serial
    assert content(run("other", "--jobs", "1", "--seed", "2", *options)) != serial


def test_both_engines_give_the_same_files():
    fast = content(run("fast", "--jobs", "1", "--attempts"))
    reference = content(run("reference", "--jobs", "1", "--attempts", "--engine", "reference"))
    for name in ("intervals.parquet", "replications.parquet", "attempts.parquet"):
        assert fast[name] == reference[name]


def test_resumed_after_a_kill_it_gives_the_same_bytes(monkeypatch):
    whole = content(run("whole", "--jobs", "1", "--attempts"))
    from sim.experiment.store import Store

    save = Store.save
    Path("replications.sqlite").unlink()

    def killed(self, experiment, packed):
        if packed.number == 2:
            raise KeyboardInterrupt
        save(self, experiment, packed)

    monkeypatch.setattr(Store, "save", killed)
    options = ["run", "one-day", "--replications", "4", "--jobs", "1", "--attempts", "--out", "cut"]
    assert main([*options, "--quiet"]) == 130
    assert not Path("cut").exists()
    monkeypatch.setattr(Store, "save", save)
    simulated = []
    from sim.experiment import workers

    replicate = workers.replicate
    monkeypatch.setattr(workers, "replicate", lambda *args: simulated.append(args[4]) or replicate(*args))
    assert main([*options, "--quiet", "--resume"]) == 0
    assert simulated == [2, 3]
    assert content(Path("cut")) == whole
    assert not Path("cut.partial").exists()


def test_attempts_have_the_columns_of_the_contract():
    table = pl.read_parquet(run("a", "--jobs", "1", "--attempts") / "attempts.parquet")
    assert set(table.columns) == {
        "replication", "contact", "attempt", "type", "arrived_ms", "episode", "queued_ms", "answered_ms",
        "talk_end_ms", "free_ms", "left_ms", "group", "outcome", "kind", "callback", "call_end_ms",
    }  # fmt: skip
    assert table["replication"].unique().sort().to_list() == [0, 1, 2, 3]
    steps = table.select(pl.col("arrived_ms").diff().over("replication"))["arrived_ms"]
    assert steps.drop_nulls().min() >= 0


def test_the_manifest_says_how_to_have_it_again(tmp_path):
    first = run("first", "--jobs", "1", "--set", "greeting.ring_s=4")
    manifest = json.loads((first / "manifest.json").read_text("utf-8"))
    assert (
        manifest["scenario"]["sha256"] == json.loads((first / "summary.json").read_text("utf-8"))["scenario"]["sha256"]
    )
    assert set(manifest["versions"]) >= {"python", "numpy", "numba", "scipy", "simpy", "hotline-sim"}
    assert manifest["files"] == sorted(path.name for path in first.iterdir())
    words = manifest["command"].split()
    assert main([*words[1:], "--out", "again", "--quiet"]) == 0
    assert content(Path("again")) == content(first)
    (tmp_path / "text.toml").write_text(manifest["scenario"]["text"], "utf-8")
    from sim.scenario import digest, load

    assert digest(load("text.toml")) == manifest["scenario"]["sha256"]


def full_disk(*args, **kwargs):
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk_leaves_the_old_result_and_what_was_simulated(monkeypatch, capsys):
    before = content(run("r", "--jobs", "1"))
    monkeypatch.setattr(files, "_parquet", full_disk)
    command = ["run", "one-day", "--replications", "5", "--jobs", "1", "--out", "r"]
    assert main(command) == 2
    streams = capsys.readouterr()
    assert "the disk is full" in streams.err
    assert streams.out == ""
    assert content(Path("r")) == before
    assert sorted(path.name for path in Path().iterdir()) == ["r", "replications.sqlite"]
    monkeypatch.undo()


def test_a_full_disk_that_polars_tells_is_said_to_the_planner(monkeypatch, capsys):
    monkeypatch.setattr(files, "_parquet", lambda frame, file: frame.write_parquet("/dev/full"))
    assert main(["run", "one-day", "--replications", "2", "--jobs", "1", "--out", "r"]) == 2
    assert "the disk is full" in capsys.readouterr().err
    assert [path.name for path in Path().iterdir()] == ["replications.sqlite"]


def test_a_disk_full_of_attempts_is_said_to_the_planner(monkeypatch, capsys):
    from sim.experiment.log_folder import LogFolder

    def fails(self, number, log, part, frame):
        frame.write_parquet("/dev/full")

    monkeypatch.setattr(LogFolder, "save_log", fails)
    assert main(["run", "one-day", "--replications", "1", "--jobs", "1", "--attempts", "--out", "r"]) == 2
    assert "the disk is full" in capsys.readouterr().err


def test_another_mishap_of_polars_is_no_full_disk():
    with pytest.raises(pl.exceptions.ComputeError), files.system_errors():
        raise pl.exceptions.ComputeError("a defect")


def test_a_full_disk_without_an_old_result_leaves_none(monkeypatch, tmp_path, result):
    monkeypatch.setattr(files, "_parquet", full_disk)
    import datetime as dt

    with pytest.raises(OSError, match="No space"):
        files.write(result, tmp_path / "r", command="", began=dt.datetime.now(dt.UTC))
    assert list(tmp_path.iterdir()) == []


def test_when_the_new_folder_cannot_be_put_in_place_the_old_one_is_back(monkeypatch, tmp_path):
    place = tmp_path / "r"
    folder.replace(place, lambda new: (new / "old").touch())
    rename = folder.os.rename

    def fails(source, target):
        if str(source).endswith(".new"):
            raise OSError(errno.EIO, "broken")
        rename(source, target)

    monkeypatch.setattr(folder.os, "rename", fails)
    with pytest.raises(OSError, match="broken"):
        folder.replace(place, lambda new: (new / "new").touch())
    assert [path.name for path in tmp_path.iterdir()] == ["r"]
    assert [path.name for path in place.iterdir()] == ["old"]


@pytest.mark.parametrize("inside", ["notes.txt", "figures/mine.png", "manifest.json"])
def test_a_folder_that_holds_something_else_is_refused(inside, capsys):
    file = Path("r", inside)
    file.parent.mkdir(parents=True)
    file.write_text("mine", "utf-8")
    assert main(["run", "one-day", "--replications", "1", "--out", "r"]) == 2
    assert inside in capsys.readouterr().err
    assert file.read_text("utf-8") == "mine"


def test_a_file_of_the_users_in_an_old_result_is_not_lost(capsys):
    old = run("r", "--jobs", "1")
    (old / "notes.txt").write_text("mine", "utf-8")
    assert main(["run", "one-day", "--replications", "1", "--out", "r"]) == 2
    assert "notes.txt" in capsys.readouterr().err
    shutil.move(old / "notes.txt", "notes.txt")
    run("r", "--jobs", "1", "--replications", "2")


def test_an_empty_folder_and_a_link_may_be_written_to(tmp_path):
    (tmp_path / "empty").mkdir()
    run("empty", "--jobs", "1")
    (tmp_path / "link").symlink_to(tmp_path / "empty")
    run("link", "--jobs", "1", "--seed", "3")
    assert (tmp_path / "link").is_symlink()
    assert json.loads((tmp_path / "empty" / "summary.json").read_text("utf-8"))["seed"] == 3


def test_a_file_where_a_folder_is_wanted(capsys):
    Path("r").write_text("mine", "utf-8")
    assert main(["run", "one-day", "--replications", "1", "--out", "r"]) == 2
    assert main(["run", "one-day", "--replications", "1", "--out", "r/below"]) == 2
    assert capsys.readouterr().err.count("to mend:") == 2
    assert Path("r").read_text("utf-8") == "mine"


def test_the_table_of_months_marks_the_worst(capsys):
    options = ["--set", "horizon.end=2020-04-03", "--replications", "2", "--jobs", "1"]
    assert main(["run", "one-day", *options, "--by", "week"]) == 0
    out = capsys.readouterr().out
    rows = [line for line in out.splitlines() if line.strip().startswith("2020-W")]
    rates = [float(row.split()[2]) for row in rows]
    assert len(rows) == 3
    assert ["worst" in row for row in rows] == [rate == min(rates) for rate in rates]


def test_one_replication_of_the_verbs_is_that_of_a_run(result):
    one = verbs.simulate("one-day", replication=1)
    assert one.measures["asa_s"] == result.measures["asa_s"].values[1]
    assert one.attempts.height == result.measures["offered"].values[1]


@pytest.mark.parametrize(
    ("lang", "verdict", "notes"),
    [
        ("en", "not judged", ["year's volume is", "year's cost per contact is", "year's energy per contact is"]),
        ("zh", "不作判定", ["不评判全年受理量", "不评判全年每件受理成本", "不评判全年每件受理能耗"]),
    ],
)
def test_what_is_a_years_is_not_judged_on_a_day_and_said_once(january, lang, verdict, notes):
    """Volume, cost against two limits, energy: four rows, three notes; the day's own numbers stand in them.

    A fifth row has nothing to judge: nobody is called about an order of the same day.
    """
    console = Console(width=160, record=True, file=io.StringIO())
    console.print(tables.targets(january, lang))
    out = console.export_text()
    assert len([line for line in out.splitlines() if verdict in line and not line.startswith("[")]) == 5
    assert [out.count(note) for note in notes] == [1, 1, 1]
    rows = {row.key: row for row in january.targets}
    for key in ("accepted", "economic", "environmental", "sustainable"):
        assert rows[key].measured is not None
        assert (rows[key].verdict, rows[key].probability) == ("undecided", None)
    assert rows["connection_rate"].probability is not None


def test_figures_are_pictures_with_words(result, january, tmp_path):
    from sim.report.figures import save

    save(january, tmp_path / "figures")
    drawn = list((tmp_path / "figures").iterdir())
    found = {path.name: path.read_text("utf-8") for path in drawn if path.suffix == ".svg"}
    # Slides take pictures: there is one of each.
    assert {path.stem for path in drawn if path.read_bytes().startswith(b"\x89PNG")} == {path[:-4] for path in found}
    assert set(found) == {"day.svg", "answer-time.svg", "backlog.svg", "months.svg", "bill.svg"}
    assert "calls per 30 minutes" in found["day.svg"]
    assert "personnel" in found["bill.svg"]
    assert "<dc:date>" not in found["bill.svg"]


def test_what_surges_bring_is_told_apart(capsys, tmp_path):
    day = ("--from", "2020-08-10", "--to", "2020-08-10", "--replications", "1", "--out", str(tmp_path / "day"))
    assert main(["run", "surge-week", *day]) == 0
    assert "contacts that surges bring, as expected" in capsys.readouterr().out
    # The surge takes 1.6 times a usual day's contacts: 0.6 of them are its own.
    baseline = load("shanghai-2020")
    usual = expected_rates(baseline, Window.of(baseline, dt.date(2020, 8, 10), dt.date(2020, 8, 10))).sum()
    summary = json.loads((tmp_path / "day" / "summary.json").read_text("utf-8"))
    assert summary["surge_contacts"] == pytest.approx(0.6 * usual, rel=1e-12)


def test_without_a_surge_nothing_is_said_of_one(capsys, tmp_path):
    assert main(["run", "one-day", "--replications", "1", "--out", str(tmp_path / "day")]) == 0
    assert "contacts that surges bring" not in capsys.readouterr().out


@pytest.fixture(scope="module")
def work():
    """Two days with work that can wait."""
    return verbs.run(waiting_work(), 3, jobs=1)


def test_the_summary_has_every_kind_and_group(work, result):
    found = json.loads(text(summary(work)))
    assert list(found["tasks"]) == ["website", "review", "follow_up"]
    for kind in found["tasks"].values():
        assert set(kind) == set(TASK_UNITS)
    for group in found["groups"].values():
        assert set(group) == set(GROUP_UNITS)
    for estimate in (*found["tasks"]["review"].values(), *found["groups"]["general"].values()):
        assert set(estimate) == {"mean", "low", "high", "unit", "values"}
    assert found["tasks"]["website"]["released"]["values"] == list(work.kinds["website"]["released"].values)
    assert summary(result)["tasks"] == {}


def test_intervals_hold_the_tasks_of_each_kind(work):
    table = frames.intervals(work)
    assert table.height == 96 * (2 + 2 + 3)
    tasks = table.filter(pl.col("task").is_not_null())
    assert tasks["type"].is_null().all()
    assert tasks["group"].is_null().all()
    means = {name: found.mean for name, found in work.measures.items()}
    assert table["tasks_released"].sum() == pytest.approx(means["tasks_released"])
    assert table["tasks_done"].sum() == table["tasks_started"].sum() == pytest.approx(means["tasks_done"])
    assert table["task_h"].sum() == pytest.approx(means["task_h"])
    assert table["callback_wait_s"].sum() == pytest.approx(means["callback_wait_s"] * means["callbacks"])
    assert table["repeats"].sum() == pytest.approx(means["repeats"])
    at_end = tasks.filter(pl.col("start") == pl.col("start").max())
    assert at_end["backlog"].to_list() == [kind["left"].mean for kind in work.kinds.values()]


def test_work_orders_of_intervals_are_those_of_calls(work):
    """The measure counts those of written contacts too, which the kinds of task tell."""
    of_calls = frames.intervals(work)["work_orders"].sum()
    of_written = sum(kind["work_orders"].mean for kind in work.kinds.values())
    assert of_written > 0
    assert of_calls + of_written == pytest.approx(work.measures["work_orders"].mean)


def test_tasks_are_written_with_the_attempts(tmp_path):
    file = tmp_path / "work.toml"
    file.write_text(to_toml(waiting_work()), "utf-8")
    options = ["--replications", "2", "--attempts", "--quiet", "--figures"]
    found = []
    for jobs, engine in (("1", "fast"), ("2", "fast"), ("1", "reference")):
        assert main(["run", str(file), *options, "--jobs", jobs, "--engine", engine, "--out", engine + jobs]) == 0
        found.append(content(Path(engine + jobs)))
    assert found[0] == found[1]
    for name in ("tasks.parquet", "attempts.parquet", "intervals.parquet", "replications.parquet"):
        assert found[0][name] == found[2][name]
    assert "figures/backlog.svg" in found[0]
    tasks = pl.read_parquet("fast1/tasks.parquet")
    released = json.loads(found[0]["summary.json"])["measures"]["tasks_released"]["values"]
    assert tasks["replication"].value_counts(sort=True).sort("replication")["count"].to_list() == released
    attempts = pl.read_parquet("fast1/attempts.parquet")
    assert attempts["callback"].sum() == sum(json.loads(found[0]["summary.json"])["measures"]["callbacks"]["values"])
    # A transferred call goes on after the agent has left it, or as long; no other does.
    assert (attempts["call_end_ms"] >= attempts["talk_end_ms"]).all()
    steps = tasks.select(pl.col("released_ms").diff().over("replication"))["released_ms"]
    assert steps.drop_nulls().min() >= 0


def test_one_replication_of_the_verbs_has_its_tasks(work):
    one = verbs.simulate(waiting_work(), replication=1)
    assert one.tasks.height == work.measures["tasks_released"].values[1]


def shown(table, width=160):
    console = Console(width=width, record=True, file=io.StringIO())
    console.print(table)
    return console.export_text()


def test_work_that_can_wait_has_a_table(work):
    lines = shown(tables.tasks(work, "en")).splitlines()
    (place,) = [i for i, line in enumerate(lines) if line.strip().startswith("follow-up calls")]
    row, worst = lines[place], lines[place + 1].split()
    found = work.kinds["follow_up"]
    assert f"{found['wait_s'].mean / 3600:.1f} h" in row
    oldest_h, overdue, most = (found[key] for key in ("oldest_h", "overdue_share", "backlog_max"))
    assert f"{oldest_h.mean:.1f} h " in row
    assert f"{overdue.mean * 100:.2f} % " in row
    assert f"{most.mean:.0f} " in row
    many = [f"({max(overdue.values) * 100:.2f})"] if max(overdue.values) > 0.0 else []
    assert worst == [f"({max(oldest_h.values):.1f})", *many, f"({max(most.values):.0f})"]
    assert lines[-1].startswith("mean of the replications; in brackets the worst one's")
    assert "人工回访" in shown(tables.tasks(work, "zh"))
    out = shown(tables.measures(work, "en"))
    for label in (
        "written contacts, done", "work orders, by telephone and written", "repeats among the calls",
        "callbacks promised", "transferred to a department", "hours at work that can wait",
    ):  # fmt: skip
        assert label in out


def test_one_replication_has_no_worst():
    out = shown(tables.tasks(verbs.run(waiting_work(), 1, jobs=1), "en"))
    assert "(" not in out
    assert "worst" not in out


def test_a_share_that_rounds_to_nothing_is_not_said_to_be_nothing():
    assert formats.number(4.9e-5, "share of tasks") == "<0.01 %"
    assert formats.number(0.0, "share of tasks") == "0.00 %"
    assert formats.number(6e-5, "share of tasks") == "0.01 %"


def test_a_table_tells_volumes_in_one_unit(result, january):
    """Calls and contacts stand side by side in full; beside a target of millions they are in 万."""
    written = january.measures["written_contacts"].mean
    assert f" {written:,.0f} " in shown(tables.measures(january, "en"))
    for found in (result, january):
        assert "万" not in shown(tables.measures(found, "en"))
    assert "≈ 400 万" in shown(tables.targets(january, "en"))
    small = load("one-day").model_copy(update={"targets": TargetTable(accepted=Accepted(about=1600))})
    assert "≈ 1,600 " in shown(tables.targets(verbs.run(small, 1, jobs=1), "en"))


def test_busy_of_paid_hours_says_whose(january):
    assert "agents busy, of all paid hours (everybody's, managers' too)" in shown(tables.measures(january, "en"))
    assert "忙碌时间占全部计薪工时（全体人员，含管理人员）" in shown(tables.measures(january, "zh"))


def test_what_no_rule_brings_has_no_line(result, january):
    for label in ("repeats", "callback", "transferred", "that can wait", "haste", "written"):
        assert label not in shown(tables.measures(result, "en")), label
    out = shown(tables.measures(january, "en"))
    assert "written contacts, done" in out
    assert "work orders, by telephone " in out


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_satisfaction_says_whose_and_how_many(work, january, lang, capsys):
    notes = {row.key: row.note for row in january.targets}
    assert (notes["fcr"], notes["responsible_return"]) == ("", "")
    assert notes["satisfaction"] == "of the citizens reached by follow-up calls: 0 a replication"
    screen.show(tables.targets(january, lang))
    told = {"en": notes["satisfaction"], "zh": "统计对象：人工回访接通的市民，平均每次仿真0人"}
    assert told[lang] in " ".join(capsys.readouterr().out.split())
    note = {row.key: row.note for row in work.targets}["asa"]
    called_back = work.measures["callbacks"].mean
    assert note.startswith(f"without those called back: {called_back:,.0f} a replication, after ")
    assert "不计回拨者" in said(note, "zh")
