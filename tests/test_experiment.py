"""Runs: what is kept of a stopped or killed one, when it stops by itself, and what it adds up."""

import dataclasses
import json
import math
import os
import subprocess
import sys
from functools import partial
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from random_scenarios import random_scenario
from waiting_work import waiting_work

from sim import verbs
from sim.cli.main import main
from sim.engine import fast, rules
from sim.engine import structures as s
from sim.engine.inputs import prepare
from sim.experiment import logs, replicate
from sim.experiment import run as experiment
from sim.experiment.gather import Settings
from sim.experiment.log_folder import LogFolder, NotARunError, OtherRunError
from sim.experiment.measured_plan import extras_by_period
from sim.experiment.store import FILE, Store
from sim.measures import NAMES
from sim.report import folder
from sim.report.summary import SOFTWARE
from sim.scenario import load
from sim.terms import Kind, Outcome

KEY = {"seed": "1"}
COLUMNS = [
    "replication", "contact", "attempt", "type", "arrived_ms", "episode", "queued_ms", "answered_ms",
    "talk_end_ms", "free_ms", "left_ms", "group", "outcome", "kind", "callback", "call_end_ms",
]  # fmt: skip
TASK_COLUMNS = [
    "replication", "task", "contact", "kind", "episode", "released_ms", "started_ms", "ended_ms", "due_ms", "group",
]  # fmt: skip


@pytest.fixture(scope="module")
def day():
    return load("one-day")


@pytest.fixture(scope="module")
def alone(day):
    """Four replications of a day, one process, nothing kept."""
    return experiment.run(day, Settings(replications=4, jobs=1))


def same(one, other):
    """Say whether two results hold the same numbers."""
    return (
        one.numbers == other.numbers
        and one.measures == other.measures
        and np.array_equal(one.intervals, other.intervals)
        and np.array_equal(one.duty, other.duty)
        and np.array_equal(one.tasks, other.tasks)
        and (one.kinds, one.groups) == (other.kinds, other.groups)
    )


def one_replication(plan, number, keep=None):
    pieces = replicate.cut(plan, None)
    extras = extras_by_period(plan, pieces, None)
    return replicate.replicate(plan, pieces, extras, 1, number, "fast", keep)


# Where attempts and tasks are kept while a run goes on.


def test_tables_count_once_they_are_marked_as_whole(tmp_path):
    there = LogFolder(tmp_path / "r.partial", KEY, resume=False)
    one_replication(prepare(load("one-day")), 3, partial(there.save_log, 3))
    assert there.log_files(3, "attempts")
    assert not there.has(3)
    there.finish(3)
    assert LogFolder(tmp_path / "r.partial", KEY, resume=True).has(3)
    assert not LogFolder(tmp_path / "r.partial", KEY, resume=False).has(3)


@pytest.mark.parametrize("resume", [True, False])
@pytest.mark.parametrize(
    "content", [b"", b'{"what": ', b"[]", b"7", b'{"what": "mine"}', b"\xff\xfe", b'{"version": "0.1.0"}']
)
def test_a_half_written_or_foreign_key_is_refused_and_left(content, resume, tmp_path):
    there = tmp_path / "r.partial"
    there.mkdir()
    (there / "run.json").write_bytes(content)
    (there / "00000.done").write_bytes(b"mine")
    with pytest.raises(OtherRunError):
        LogFolder(there, KEY, resume=resume)
    assert (there / "run.json").read_bytes() == content
    assert (there / "00000.done").read_bytes() == b"mine"


@pytest.mark.parametrize("options", [[], ["--resume"]])
@pytest.mark.parametrize("file", ["notes.txt", "below/notes.txt", "run.json/notes.txt", "00000.done"])
def test_a_folder_that_is_no_runs_is_never_removed(file, options, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    mine = Path("r.partial", file)
    mine.parent.mkdir(parents=True)
    mine.write_text("mine", "utf-8")
    assert main(["run", "one-day", "--replications", "1", "--attempts", "--out", "r", *options]) == 2
    streams = capsys.readouterr()
    assert streams.out == ""
    assert "r.partial" in streams.err
    assert "to mend: move it away" in streams.err
    assert mine.read_text("utf-8") == "mine"
    assert [path.name for path in tmp_path.iterdir()] == ["r.partial"]


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path):
    (tmp_path / "r.partial").write_text("mine", "utf-8")
    with pytest.raises(NotARunError):
        LogFolder(tmp_path / "r.partial", KEY, resume=False)
    assert (tmp_path / "r.partial").read_text("utf-8") == "mine"


def test_another_runs_tables_are_refused_or_begun_anew(tmp_path):
    there = tmp_path / "r.partial"
    LogFolder(there, KEY, resume=False).finish(0)
    with pytest.raises(OtherRunError) as refused:
        LogFolder(there, {"seed": "2"}, resume=True)
    assert not isinstance(refused.value, NotARunError)
    assert LogFolder(there, KEY, resume=True).has(0)
    assert not LogFolder(there, {"seed": "2"}, resume=False).has(0)


@pytest.mark.parametrize("resume", [True, False])
def test_killed_before_the_key_was_in_place_it_begins_anew(tmp_path, monkeypatch, resume):
    there = tmp_path / "r.partial"

    def killed(source, target):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        LogFolder(there, KEY, resume=resume)
    monkeypatch.undo()
    assert [path.name for path in there.iterdir()] == ["run.json.part"]
    LogFolder(there, KEY, resume=resume)
    assert json.loads((there / "run.json").read_text("utf-8"))["run"] == KEY
    assert [path.name for path in there.iterdir()] == ["run.json"]


@pytest.mark.parametrize("removed", range(4))
def test_killed_while_it_is_removed_it_is_still_ours(day, tmp_path, monkeypatch, removed):
    there = tmp_path / "r.partial"
    logged = LogFolder(there, KEY, resume=False)
    one_replication(prepare(day), 0, partial(logged.save_log, 0))
    logged.finish(0)
    unlink = Path.unlink
    calls = []

    def killed(path, missing_ok=False):
        calls.append(path)
        if len(calls) > removed:
            raise KeyboardInterrupt
        unlink(path, missing_ok=missing_ok)

    monkeypatch.setattr(Path, "unlink", killed)
    with pytest.raises(KeyboardInterrupt):
        logged.remove()
    monkeypatch.undo()
    LogFolder(there, KEY, resume=False).remove()
    assert not there.exists()


def test_removing_a_run_leaves_what_is_not_its_own(tmp_path):
    logged = LogFolder(tmp_path / "r.partial", KEY, resume=False)
    for name in ("notes.txt", "123.done", "mine.part"):
        (logged.folder / name).touch()
    logged.remove()
    assert sorted(path.name for path in logged.folder.iterdir()) == ["123.done", "mine.part", "notes.txt"]


# What a run adds up, and when it stops.


def test_sums_are_those_of_each_replication_however_many_processes(day, alone, tmp_path):
    plan = prepare(day)
    each = [one_replication(plan, number) for number in range(4)]
    assert np.array_equal(alone.intervals, sum(r.intervals for r in each))
    assert np.array_equal(alone.duty, sum(r.duty for r in each))
    offered = alone.intervals[:, :, list(replicate.INTERVAL_COLUMNS).index("offered")].sum()
    assert offered == sum(alone.measures["offered"].values)
    assert same(experiment.run(day, Settings(replications=4, jobs=2)), alone)
    # Half of them from disk.
    store = Store(tmp_path / FILE)
    for wanted in (2, 4):
        found = experiment.run(day, Settings(replications=wanted, jobs=1), store=store)
    assert store.found == 2
    assert same(found, alone)


def test_kinds_groups_and_intervals_of_work_that_can_wait_agree_with_the_measures():
    found = experiment.run(waiting_work(), Settings(replications=2, jobs=1))
    assert list(found.kinds) == ["website", "review", "follow_up"]
    assert list(found.groups) == ["general", "specialist"]

    def summed(tables, name):
        return np.sum([table[name].values for table in tables.values()], axis=0)

    for own, name in (("released", "tasks_released"), ("done", "tasks_done"), ("asked", "asked")):
        assert summed(found.kinds, own) == pytest.approx(found.measures[name].values)
    for name in ("on_duty_h", "busy_h", "task_h", "overrun_h", "answered"):
        assert summed(found.groups, name) == pytest.approx(found.measures[name].values)
    # All that is started ends: also what is in hand at the window's end, whose last minutes are in no interval.
    assert summed(found.groups, "task_h") == pytest.approx(summed(found.kinds, "handling_h"), rel=0.01)
    sums = found.tasks.sum(axis=0)
    for k, own in enumerate(found.kinds.values()):
        released, done, late, started, _ = sums[k]
        assert (released, done, late) == tuple(sum(own[name].values) for name in ("released", "done", "late"))
        assert started == done
        assert found.tasks[-1, k, -1] == released - done
        assert own["backlog_max"].values[0] >= own["left"].values[0]
        assert 0 <= own["overdue_share"].mean < 1
    assert found.kinds["follow_up"]["asked"].mean > 30
    assert found.measures["satisfaction_share"] == replaced(found.measures["satisfaction_follow_up_share"], "share")
    written = found.kinds["website"]["done"].values
    assert np.subtract(found.measures["accepted"].values, found.measures["answered"].values) == pytest.approx(written)
    assert found.measures["repeats"].mean > 0
    assert found.measures["callbacks"].mean > 0


def replaced(estimate, unit):
    return dataclasses.replace(estimate, unit=unit)


def relative_half_width(values):
    """Half of the 95 % interval over the mean of a ratio of sums, by the delta method."""
    from scipy.stats import t

    top, bottom = np.array(values).T
    n = len(top)
    mean = top.sum() / bottom.sum()
    deviation = np.std(top - mean * bottom, ddof=1) / bottom.mean()
    return t.ppf(0.975, n - 1) * deviation / math.sqrt(n) / mean


def test_it_stops_at_the_first_look_that_is_precise_enough():
    # Few lines, so that the rate is far from 1 and a relative width is not an absolute one.
    day = load("one-day", ["lines.count=10"])
    pairs = experiment.run(day, Settings(replications=40, jobs=1)).pairs["connection_rate"]
    widths = {n: relative_half_width(pairs[:n]) for n in (20, 30, 40)}
    stages = []
    for precision in (1.01 * widths[20], 0.99 * widths[20], 0.99 * min(widths[20], widths[30])):
        stages.append(next(n for n, width in widths.items() if width <= precision))
        asked = {"connection_rate": precision}
        found = [experiment.run(day, Settings(precision=asked, jobs=jobs)) for jobs in (1, 2)]
        assert found[0].numbers == tuple(range(stages[-1]))
        assert same(*found)
    assert len(set(stages)) == 3  # or the case shows nothing


def test_slots_without_seats_are_counted_in_their_period():
    """On duty together are more than 14 in nine hours of a workday: from 8 to 12 and from 13 to 18."""
    general = [3, 3, 3, 3, 3, 3, 4, 6, 9, 10, 11, 10, 8, 9, 10, 9, 9, 9, 8, 8, 7, 7, 5, 4]
    on_duty = f"{{workday = {general}, weekend = 3, holiday = 3}}"
    scenario = load(
        "one-day",
        ["horizon.end=2020-04-05", "horizon.warm_up_days=2", f"groups.general.on_duty={on_duty}"],
    )
    seats = scenario.sites["main"].model_copy(update={"seats": 14})
    scenario = scenario.model_copy(update={"sites": {"main": seats}})
    found = experiment.run(scenario, Settings(replications=2, by="week", jobs=1))

    def capped(table):
        return table.measures["seat_capped_slots"].values

    # From Monday 16 March to Sunday 5 April: three weeks, twelve workdays in March and three in April.
    a_day = 9 * 4
    assert capped(found) == (15 * a_day,) * 2
    assert [(month.label, capped(month)) for month in found.months] == [
        ("2020-03", (12 * a_day,) * 2),
        ("2020-04", (3 * a_day,) * 2),
    ]
    assert [capped(week) for week in found.others] == [(5 * a_day,) * 2] * 3


# The table of attempts.


def log_row(**given):
    row = np.full(s.LOG, -1, np.int64)
    for name, value in given.items():
        row[getattr(s, f"LOG_{name.upper()}")] = value
    return row


def test_attempts_have_the_columns_in_order_and_null_where_there_is_nothing(day):
    plan = prepare(day)
    slot = 7_000 * 96
    log = np.array(
        [
            log_row(
                contact=slot << 28 | 1 << 20 | 2, episode=1, attempt=1, arrived=10, queued=20,
                answered=30, talk_end=40, free=50, group=1, outcome=Outcome.ANSWERED, kind=Kind.FIRST,
                callback=1, call_end=45,
            ),
            log_row(
                contact=slot << 28 | 0 << 20 | 2, episode=1, attempt=2, arrived=11, queued=11, left=11,
                outcome=Outcome.ABANDONED, kind=Kind.REDIAL,
            ),
            log_row(
                contact=slot << 28 | 0 << 20 | 3, episode=2, attempt=1, arrived=12, left=12,
                outcome=Outcome.BLOCKED, kind=Kind.REPEAT,
            ),
            log_row(
                contact=slot << 28 | 0 << 20 | 4, episode=1, attempt=1, arrived=0, left=13,
                outcome=Outcome.CONTAINED, kind=Kind.FIRST,
            ),
        ]
    )  # fmt: skip
    frame = logs.attempts_frame(log, plan, 5)
    ids = [(slot << 28) | (kind << 20) | number for kind, number in ((1, 2), (0, 2), (0, 3), (0, 4))]  # §2
    none = (None,) * 3
    assert frame.columns == COLUMNS
    assert frame.rows() == [
        (5, ids[0], 1, "help", 10, 1, 20, 30, 40, 50, None, "specialist", "answered", "first", True, 45),
        (5, ids[1], 2, "enquiry", 11, 1, 11, *none, 11, None, "abandoned", "redial", False, None),
        (5, ids[2], 1, "enquiry", 12, 2, None, *none, 12, None, "blocked", "repeat", False, None),
        (5, ids[3], 1, "enquiry", 0, 1, None, *none, None, None, "contained", "first", False, None),
    ]
    empty = logs.attempts_frame(log[:0], plan, 5)
    assert empty.schema == frame.schema
    assert empty.height == 0


def task_row(**given):
    row = np.full(s.TASK_LOG, -1, np.int64)
    for name, value in given.items():
        row[getattr(s, f"TASK_{name.upper()}")] = value
    return row


def test_tasks_have_the_columns_in_order_and_null_where_there_is_nothing():
    plan = prepare(waiting_work())
    contact = (7_000 * 96) << 28 | 1 << 20 | 2
    written = (7_000 * 96) << 28 | 2 << 20 | 3  # a kind with arrivals of its own counts as a type after those of calls
    ids = [contact << 12 | 1 << 6 | 2, contact << 12 | 2 << 6 | 1, written << 12 | 0 << 6 | 1]  # §2
    log = np.array(
        [
            task_row(id=ids[0], released=10, started=20, ended=30, due=25, group=1),
            task_row(id=ids[1], released=11, due=40),
            task_row(id=ids[2], released=12, started=12, ended=13, due=50, group=0),
        ]
    )
    frame = logs.tasks_frame(log, plan, 5)
    assert frame.columns == TASK_COLUMNS
    assert frame.rows() == [
        (5, ids[0], contact, "review", 2, 10, 20, 30, 25, "specialist"),
        (5, ids[1], contact, "follow_up", 1, 11, None, None, 40, None),
        (5, ids[2], written, "website", 1, 12, 12, 13, 50, "general"),
    ]
    empty = logs.tasks_frame(log[:0], plan, 5)
    assert empty.schema == frame.schema


@pytest.mark.parametrize("log", ["attempts", "tasks"])
def test_tables_come_in_parts_without_the_warm_up(log, monkeypatch):
    monkeypatch.setattr(logs, "PART_ROWS", 300)
    plan = prepare(waiting_work("horizon.warm_up_days=1"))
    parts = []
    found = one_replication(plan, 0, lambda *given: parts.append(given[1:]) if given[0] == log else None)
    assert [part for part, _ in parts] == list(range(len(parts)))
    assert [frame.height for _, frame in parts[:-1]] == [300] * (len(parts) - 1)
    together = pl.concat([frame for _, frame in parts])
    measure, when = {"attempts": ("offered", "arrived_ms"), "tasks": ("tasks_released", "released_ms")}[log]
    assert together.height == found.year[NAMES.index(measure), 0] > 900
    assert together[when].min() >= 0
    _, _, *tables = fast.simulate(*plan.replication(1, 0)[:2], logging=True)
    frames = [
        logs.attempts_frame(tables[0][tables[0][:, s.LOG_ARRIVED] >= 0], plan, 0),
        logs.tasks_frame(tables[1][tables[1][:, s.TASK_RELEASED] >= 0], plan, 0),
    ]
    assert together.equals(frames[log == "tasks"])


def test_a_replication_without_a_call_has_an_empty_table():
    nobody = [f"types.{name}.per_hour={[0.0] * 24}" for name in ("enquiry", "help")]
    parts = []
    one_replication(prepare(load("one-day", nobody)), 0, lambda log, part, frame: parts.append((log, part, frame)))
    assert [(log, part, frame.height) for log, part, frame in parts] == [("attempts", 0, 0), ("tasks", 0, 0)]
    assert [frame.columns for _, _, frame in parts] == [COLUMNS, TASK_COLUMNS]


def test_rows_taken_out_as_they_finish_are_all_there(monkeypatch):
    """Whatever a scenario does, the tables taken out row after row of slots are the tables kept whole."""
    monkeypatch.setattr(fast, "_ROWS_AT_ONCE", 1)
    waiting = 0
    tasks = 0
    for number in range(60):
        plan, run, _ = random_scenario(number)
        try:
            counts, _, *whole = fast.simulate(plan.centre, run, logging=True)
        except rules.Stuck:
            continue
        taken = []
        counts_2, _, *left = fast.simulate(plan.centre, run, keep=lambda *both, taken=taken: taken.append(both))
        for table, parts, rest in zip(whole, zip(*taken, strict=True), left, strict=True):
            np.testing.assert_array_equal(np.concatenate(parts), table)
            assert len(rest) == 0
        np.testing.assert_array_equal(counts.counts, counts_2.counts)
        np.testing.assert_array_equal(counts.tasks, counts_2.tasks)
        log = whole[0]
        ends = log[:, [s.LOG_QUEUED, s.LOG_ANSWERED, s.LOG_LEFT]].max(axis=1, initial=-1)
        waiting += int((ends // 900_000 > log[:, s.LOG_ARRIVED] // 900_000).sum())
        tasks += len(whole[1])
    assert waiting > 100  # calls that were in the centre when rows were taken out
    assert tasks > 100


# A result folder that a kill left aside.


def a_result(place):
    (place / "manifest.json").write_text(json.dumps({"software": SOFTWARE, "files": ["manifest.json"]}))


def test_a_kill_between_the_two_renames_loses_no_result(tmp_path, monkeypatch):
    place = tmp_path / "r"
    folder.replace(place, a_result)
    before = (place / "manifest.json").stat().st_ino
    rename = os.rename

    def killed(source, target):
        if Path(source) != place:
            raise KeyboardInterrupt  # at the second rename; nothing is put back after a kill
        rename(source, target)

    monkeypatch.setattr(folder.os, "rename", killed)
    with pytest.raises(KeyboardInterrupt):
        folder.replace(place, a_result)
    monkeypatch.undo()
    assert not place.exists()
    assert folder.claim(place, SOFTWARE) == place
    assert (place / "manifest.json").stat().st_ino == before
    folder.replace(place, a_result)
    assert [path.name for path in tmp_path.iterdir()] == ["r"]


def test_an_older_result_still_aside_is_removed_once_the_new_one_is_there(tmp_path):
    for name in ("r", ".r.7.old", ".r.8.old", ".other.7.old", ".r.mine.old"):
        (tmp_path / name).mkdir()
        a_result(tmp_path / name)
    (tmp_path / ".r.8.old" / "notes.txt").write_text("mine")
    folder.claim(tmp_path / "r", SOFTWARE)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        ".other.7.old", ".r.8.old", ".r.mine.old", "r",
    ]  # fmt: skip


def test_loading_the_compiled_simulation_is_not_counted():
    code = (
        "from sim.scenario import load; from sim.engine.inputs import prepare;"
        "from sim.experiment.replicate import cut, replicate;"
        "from sim.experiment.measured_plan import extras_by_period;"
        "plan = prepare(load('one-day')); pieces = cut(plan, None); extras = extras_by_period(plan, pieces, None);"
        "print(*(replicate(plan, pieces, extras, 1, n, 'fast', None).seconds for n in range(3)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    first, *others = map(float, done.stdout.split())
    # Loading alone takes some 500 times as long as this day.
    assert first < 50 * min(others)


def test_a_run_is_told_its_own_memory_not_its_parents():
    code = (
        "import subprocess, sys; big = bytearray(400 << 20);"
        "child = 'from sim.machine import peak_mb; print(peak_mb())';"
        "print(subprocess.run([sys.executable, '-c', child], capture_output=True, text=True, check=True).stdout)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert 1 < float(done.stdout) < 200


def test_where_the_system_does_not_tell_memory_it_is_left_open(monkeypatch):
    from sim import machine
    from sim.report.summary import summary, text

    monkeypatch.setattr(machine, "Path", lambda name: Path("/nowhere"))
    monkeypatch.setitem(sys.modules, "resource", None)
    assert machine.peak_mb() is None
    monkeypatch.setattr(replicate, "peak_mb", machine.peak_mb)
    result = verbs.run("one-day", 2, jobs=1)
    assert result.peak_mb is None
    assert '"peak_mb": null' in text(summary(result))
