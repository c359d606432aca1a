"""``hotline bench --scaling``: its rows are complete, with Dask and without; how fast it is, is not asserted."""

import json
import math
from pathlib import Path

import pytest

from sim.bench import scaling
from sim.bench.scaling import Load, measure, worker_counts
from sim.cli.main import main
from sim.experiment.gather import Settings
from sim.scenario import load


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def a_day(per_worker=3):
    scenario = load("one-day")
    return Load("a day", Settings().of(scenario), per_worker)


@pytest.mark.parametrize(
    ("cores", "counts"), [(1, [1, 2]), (2, [1, 2]), (3, [1, 2, 3]), (8, [1, 2, 4, 8]), (12, [1, 2, 4, 8, 12])]
)
def test_workers_are_doubled_up_to_the_cores(cores, counts):
    assert worker_counts(cores) == counts


def test_no_round_repeats_a_replication():
    numbers = [order.number for round_ in range(3) for order in a_day().orders(round_, 2)]
    assert numbers == list(range(18))


def test_rows_of_this_machine_are_complete_and_dask_that_is_not_there_is_said(monkeypatch):
    monkeypatch.setattr(scaling, "find_spec", lambda name: None)
    steps = []
    report = measure([a_day()], [1, 2], 1, lambda done, of, text: steps.append((done, of)))
    assert steps == [(done, 6) for done in range(6)]
    assert [(row.place, row.workers) for row in report.rows] == [
        ("this machine", 1), ("this machine", 2), ("Dask", 1), ("Dask", 2),
    ]  # fmt: skip
    here = report.rows[:2]
    for row in here:
        assert row.replications == 3 * row.workers
        assert row.calls == pytest.approx(1_580 * row.replications, rel=0.2)
        assert row.calls_per_s > 0
        assert row.busy_share > 0
    assert here[0].ideal_share == 1.0
    assert here[1].ideal_share == pytest.approx(here[1].calls_per_s / here[0].calls_per_s / 2)
    assert all(row.calls_per_s is None and row.busy_share is None for row in report.rows[2:])
    (store,) = report.store
    assert min(store.with_s, store.without_s, store.ratio, store.kb_per_replication) > 0
    assert list(Path().iterdir()) == []  # the store that was measured is gone
    json.dumps(report.to_dict(), allow_nan=False)
    text = report.render()
    assert text.count("Dask is not installed") == 2
    assert "the store of replications" in text


@pytest.mark.slow
def test_dask_has_rows_too():
    pytest.importorskip("distributed")
    report = measure([a_day()], [1, 2], 1)
    for row in report.rows:
        assert row.calls > 0
        assert math.isfinite(row.calls_per_s * row.busy_share * row.ideal_share)
        assert row.calls_per_s > 0
    calls = {(row.place, row.workers): row.calls for row in report.rows}
    for workers in (1, 2):  # the same replications, wherever they are simulated
        assert calls["this machine", workers] == calls["Dask", workers]


@pytest.mark.slow
def test_the_command(capsys):
    assert main(["bench", "--scaling", "--quick", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert {row["case"] for row in report["rows"]} == {"one-day", "shanghai-2020, 14 days"}
    assert {row["workers"] for row in report["rows"]} >= {1, 2}
    assert len(report["store"]) == 2
