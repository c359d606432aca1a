"""Finished replications: kept whole, once, and simulated again only when they are missing or damaged."""

import dataclasses
import errno
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from joblib.externals.loky.process_executor import TerminatedWorkerError

from sim.experiment import gather, places, replicate, workers
from sim.experiment import run as experiment
from sim.experiment.cases import simulate_cases
from sim.experiment.gather import Settings
from sim.experiment.store import FILE, NotAStoreError, Store, kept_in
from sim.experiment.workers import Order, pack, program, simulated, unpack
from sim.scenario import load

FOUR = Settings(replications=4, jobs=1)


@pytest.fixture(scope="module")
def day():
    return load("one-day")


@pytest.fixture(scope="module")
def alone(day):
    """Four replications of a day, one process, nothing kept."""
    return experiment.run(day, FOUR)


@pytest.fixture
def store(tmp_path):
    with_store = Store(tmp_path / FILE)
    yield with_store
    with_store.close()


def order(scenario, number, *, tables=True):
    asked = FOUR.of(scenario)
    return Order(asked, asked.key, program(), number, tables, None)


def same(one, other):
    return one.measures == other.measures and all(
        np.array_equal(getattr(one, table), getattr(other, table)) for table in replicate.TABLES
    )


def test_a_replication_comes_back_as_it_was(day, store):
    asked = FOUR.of(day)
    packed = simulated(order(day, 3))
    store.save(asked, packed)
    assert store.numbers(asked.key, tables=True) == [3]
    found, back = unpack(packed), unpack(store.load(asked.key, 3, tables=True))
    again = pack(asked.key, back, tables=True)
    assert (again.measures, again.tables) == (packed.measures, packed.tables)
    for field in dataclasses.fields(replicate.Replication):
        one, other = getattr(found, field.name), getattr(back, field.name)
        assert type(one) is type(other), field.name
        np.testing.assert_array_equal(one, other, err_msg=field.name)


def test_numbers_beyond_32_bits_come_back(day):
    found = unpack(simulated(order(day, 0)))
    large = dataclasses.replace(found, duty=found.duty + (1 << 40))
    np.testing.assert_array_equal(unpack(pack("k", large, tables=True)).duty, large.duty)


def test_who_needs_tables_is_not_given_a_replication_without(day, store):
    asked = FOUR.of(day)
    store.save(asked, simulated(order(day, 0, tables=False)))
    assert store.numbers(asked.key, tables=False) == [0]
    assert store.numbers(asked.key, tables=True) == []
    store.save(asked, simulated(order(day, 0)))
    assert store.numbers(asked.key, tables=True) == [0]
    assert unpack(store.load(asked.key, 0, tables=False)).intervals.size == 0


def test_what_is_kept_is_not_simulated_again(day, alone, store, monkeypatch):
    asked = []
    monkeypatch.setattr(gather, "finished", lambda orders, *place: asked.append(len(orders)) or map(simulated, orders))
    for _ in range(2):
        assert same(experiment.run(day, FOUR, store=store), alone)
    experiment.run(day, dataclasses.replace(FOUR, replications=6), store=store)
    assert asked == [4, 0, 2]
    simulate_cases({"same": day, "again": day, "more": load("one-day", ["demand.growth=0.1"])}, FOUR, store=store)
    assert asked == [4, 0, 2, 4]  # of the one that is new


@pytest.mark.parametrize(
    "change", [{"seed": 2}, {"engine": "reference"}, {"by": "week"}], ids=["seed", "engine", "periods"]
)
def test_another_experiment_has_another_key(day, change):
    assert dataclasses.replace(FOUR, **change).of(day).key != FOUR.of(day).key
    assert dataclasses.replace(FOUR, replications=9, jobs=2, precision={"asa_s": 0.1}).of(day).key == FOUR.of(day).key


def test_another_version_of_the_program_takes_nothing_over(day, store, monkeypatch):
    experiment.run(day, FOUR, store=store)
    monkeypatch.setattr(workers, "program", lambda: "0.0.9+something")
    assert store.numbers(FOUR.of(load("one-day")).key, tables=True) == []
    with pytest.raises(workers.OtherProgramError, match="asked for, a worker has"):
        simulated(order(day, 0))


@pytest.mark.parametrize("column", ["measures", "tables"])
def test_a_damaged_replication_is_simulated_again_and_counted(day, alone, store, column):
    experiment.run(day, FOUR, store=store)
    with sqlite3.connect(store.path) as database:
        blob = bytearray(database.execute(f"SELECT {column} FROM replications WHERE number = 2").fetchone()[0])
        blob[len(blob) // 2] ^= 1
        database.execute(f"UPDATE replications SET {column} = ? WHERE number = 2", (bytes(blob),))
    told = []
    again = experiment.run(day, FOUR, store=store, progress=lambda done, _: told.append(done))
    assert same(again, alone)
    assert told == [1, 2, 3, 4]
    assert store.damaged == 1
    experiment.run(day, FOUR, store=store)
    assert store.damaged == 1


def test_a_replication_under_another_number_is_damaged(day, alone, store):
    experiment.run(day, FOUR, store=store)
    with sqlite3.connect(store.path) as database:
        database.execute("DELETE FROM replications WHERE number = 2")
        database.execute("UPDATE replications SET number = 2 WHERE number = 3")
    assert same(experiment.run(day, FOUR, store=store), alone)
    assert store.damaged == 1


def test_a_mistake_of_ours_sets_no_sound_file_aside(day, store):
    experiment.run(day, FOUR, store=store)
    store.close()
    with pytest.raises(sqlite3.ProgrammingError):
        store.numbers(FOUR.of(day).key, tables=True)
    assert len(list(store.path.parent.iterdir())) == 1
    assert kept_in(store.path)[0].replications == 4


def test_all_can_be_removed_where_nothing_can_be_written_any_more(day, store):
    experiment.run(day, FOUR, store=store)
    store._database.execute("PRAGMA query_only = on")  # as a full disk: every change fails
    store.remove([FOUR.of(day).key])
    assert list(store.path.parent.iterdir()) == []


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize("after_s", [0.5, 1.5, 4.0])
def test_ctrl_c_on_a_terminal_reaches_workers_too_and_is_told(after_s, tmp_path):
    from kills import COMMAND

    command = [word if word != "150" else "900" for word in COMMAND if word != "--quiet"]
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    running = subprocess.Popen([*command, "--out", "r"], cwd=tmp_path, start_new_session=True, **streams)
    while not (tmp_path / FILE).exists():
        time.sleep(0.02)
    time.sleep(after_s)
    os.killpg(running.pid, signal.SIGINT)
    out, err = running.communicate(timeout=120)
    assert (running.returncode, out) == (130, "")
    assert "Traceback" not in err
    assert "kept in" in err
    assert "--resume" in err


@pytest.mark.parametrize("kept", [16, 5_000, -4_000], ids=["its head", "a part", "all but its end"])
def test_a_truncated_file_is_set_aside_or_its_loss_is_simulated_again(day, alone, tmp_path, kept):
    path = tmp_path / FILE
    whole = Store(path)
    experiment.run(day, FOUR, store=whole)
    whole.close()
    path.write_bytes(path.read_bytes()[:kept])
    cut = Store(path)
    assert same(experiment.run(day, FOUR, store=cut), alone)
    assert cut.set_aside == tmp_path / f"{FILE}.damaged-1" or cut.damaged
    assert cut.numbers(FOUR.of(day).key, tables=True) == [0, 1, 2, 3]
    cut.close()


def test_a_file_that_is_no_database_is_set_aside_whole(tmp_path):
    path = tmp_path / FILE
    path.write_text("my notes, quite long enough to be taken for a header of something")
    opened = Store(path)
    assert opened.set_aside is not None
    assert opened.set_aside.read_text().startswith("my notes")
    opened.close()


def test_a_full_disk_is_told_as_such_and_what_was_kept_stays(day, alone, tmp_path):
    store = Store(tmp_path / FILE)
    experiment.run(day, dataclasses.replace(FOUR, replications=2), store=store)
    pages = store._database.execute("PRAGMA page_count").fetchone()[0]
    store._database.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(OSError, match="No space") as full:
        experiment.run(day, dataclasses.replace(FOUR, replications=40), store=store)
    assert full.value.errno == errno.ENOSPC
    store.close()
    again = Store(tmp_path / FILE)
    assert set(again.numbers(FOUR.of(day).key, tables=True)) >= {0, 1}
    assert same(experiment.run(day, FOUR, store=again), alone)
    again.close()


def test_two_processes_share_a_store(day, alone, tmp_path):
    code = (
        "import sys; from pathlib import Path; from sim.experiment.run import run; from sim.scenario import load;"
        "from sim.experiment.gather import Settings; from sim.experiment.store import Store;"
        "run(load('one-day'), Settings(replications=60, jobs=1), store=Store(Path(sys.argv[1])))"
    )
    both = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path / FILE)]) for _ in range(2)]
    assert [process.wait(timeout=120) for process in both] == [0, 0]
    store = Store(tmp_path / FILE)
    assert store.numbers(FOUR.of(day).key, tables=True) == list(range(60))
    assert same(experiment.run(day, FOUR, store=store), alone)
    assert (store.found, store.damaged) == (4, 0)
    store.close()


def test_kept_experiments_are_listed_and_removed(day, store):
    more = load("one-day", ["name=more", "demand.growth=0.1"])
    simulate_cases({"day": day, "more": more}, FOUR, store=store)
    assert {(kept.scenario, kept.replications, kept.first) for kept in kept_in(store.path)} == {
        ("one-day", 4, "2020-03-16"),
        ("more", 4, "2020-03-16"),
    }
    store.remove([FOUR.of(more).key])
    assert [kept.scenario for kept in kept_in(store.path)] == ["one-day"]


# Workers that are killed.


class Flaky:
    """Stands for ``joblib.Parallel``: loses its workers after ``good`` replications, ``lost`` times."""

    def __init__(self, good, lost):
        self.good, self.lost = good, lost
        self.asked = []

    def __call__(self, **options):
        return self._work

    def _work(self, tasks):
        tasks = list(tasks)
        self.asked.append([args[0].number for _, args, _ in tasks])
        for done, (function, args, _) in enumerate(tasks):
            if len(self.asked) <= self.lost and done == self.good:
                raise TerminatedWorkerError
            yield function(*args)


def test_replications_of_a_killed_worker_are_done_again_and_only_those(day, alone, monkeypatch):
    flaky = Flaky(good=3, lost=1)
    monkeypatch.setattr("joblib.Parallel", flaky)
    assert same(experiment.run(day, dataclasses.replace(FOUR, jobs=2)), alone)
    assert flaky.asked == [[0, 1, 2, 3], [3]]


def test_workers_that_are_always_killed_are_given_up(day, monkeypatch):
    flaky = Flaky(good=0, lost=100)
    monkeypatch.setattr("joblib.Parallel", flaky)
    with pytest.raises(TerminatedWorkerError):
        experiment.run(day, dataclasses.replace(FOUR, jobs=2))
    assert flaky.asked == [[0, 1, 2, 3]] * 3


def test_a_lost_worker_now_and_then_is_never_given_up(day, monkeypatch):
    flaky = Flaky(good=1, lost=100)
    monkeypatch.setattr("joblib.Parallel", flaky)
    assert len(experiment.run(day, dataclasses.replace(FOUR, replications=8, jobs=2)).numbers) == 8
    assert [len(asked) for asked in flaky.asked] == list(range(8, 0, -1))


def children(of):
    """Return the processes begun by a process, and by those in turn."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            pid, parent = int(stat.parent.name), int(stat.read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError):
            continue
        if parent == of:
            found += [pid, *children(pid)]
    return found


def workers_of(command):
    """Return the processes in which a command simulates."""
    return [pid for pid in children(command) if b"popen_loky" in Path(f"/proc/{pid}/cmdline").read_bytes()]


def alive(pid):
    """Say whether a process is there and has not ended: an orphan's end may be waiting to be read."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def how_many(store):
    """Return how many replications are kept in a store that may be just being made."""
    try:
        return sum(one.replications for one in kept_in(store))
    except NotAStoreError:
        return 0


def killed_at_random(command, store, seed, *, parent):
    """Run a command and kill it, or one of its workers, when a random number of replications is kept in ``store``.

    Returns how many were kept then.
    """
    wanted = int(np.random.default_rng(seed).integers(1, 100))
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while (kept := how_many(store)) < wanted:
        assert running.poll() is None, "it ended before it could be killed"
        time.sleep(0.01)
    workers = workers_of(running.pid)
    os.kill(running.pid if parent else workers[seed % len(workers)], signal.SIGKILL)
    code = running.wait(timeout=300)
    assert code == (-signal.SIGKILL if parent else 0)  # a lost worker's replications are done again
    return kept


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The table of a run that nobody kills."""
    from kills import undisturbed

    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("whole"))
        return undisturbed()


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks up processes in /proc")
@pytest.mark.parametrize("parent", [True, False], ids=["the command", "a worker"])
def test_a_kill_at_a_random_moment_changes_no_result(parent, whole, tmp_path, monkeypatch):
    """A few times here; ``tests/kills.py`` does it twenty times each."""
    from kills import COMMAND, table

    monkeypatch.chdir(tmp_path)
    for seed in range(2):
        folder = f"cut-{parent}-{seed}/r"
        assert (
            0 < killed_at_random([*COMMAND, "--out", folder], Path(folder).with_name(FILE), seed, parent=parent) < 150
        )
        if parent:
            assert not Path(folder).exists()
            assert subprocess.run([*COMMAND, "--out", folder, "--resume"], capture_output=True).returncode == 0
        assert table(folder) == whole


@pytest.mark.skipif(sys.platform == "win32", reason="an orphan is given no other parent there")
def test_workers_end_soon_after_a_command_that_is_killed(tmp_path):
    """In hand or idle: one waits for the next replication, which the killed command cannot give any more."""
    from kills import COMMAND

    place = tmp_path / "r"
    running = subprocess.Popen([*COMMAND, "--out", place], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while how_many(place.with_name(FILE)) < 20:
            assert running.poll() is None, "it ended before it could be killed"
            time.sleep(0.01)
        workers = workers_of(running.pid)
    finally:
        running.kill()
        running.wait()
    assert len(workers) == 2
    latest = time.monotonic() + 20.0  # on a busy machine; an idle worker would stay for 300 s
    while any(alive(pid) for pid in workers):
        assert time.monotonic() < latest
        time.sleep(0.1)


def test_workers_load_the_compiled_simulation_and_do_not_build_it(day, alone):
    """What a process builds, it adds to the cache of compiled code."""
    from sim.compiled import cache_folder

    def built():
        return {(file, file.stat().st_mtime_ns) for file in cache_folder().rglob("*.nb*")}

    before = built()
    assert before
    assert same(experiment.run(day, dataclasses.replace(FOUR, jobs=2)), alone)
    assert built() == before


# A Dask cluster on loopback.


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory):
    """A scheduler in a process of its own; yields its address and a function that starts a worker there."""
    with Cluster(tmp_path_factory.mktemp("dask")) as cluster:
        cluster.worker()
        yield cluster


class Cluster:
    """A Dask scheduler and its workers, each a process."""

    def __init__(self, folder):
        self.folder = folder
        self.processes = []

    def __enter__(self):
        file = self.folder / "scheduler.json"
        self.scheduler = self._start("scheduler", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(file))
        until = time.monotonic() + 60
        while not file.exists() and time.monotonic() < until:
            time.sleep(0.1)
        import json

        self.address = json.loads(file.read_text())["address"]
        return self

    def worker(self):
        return self._start("worker", self.address, "--nthreads", "1", "--no-nanny", "--host", "127.0.0.1")

    def _start(self, kind, *options):
        command = [sys.executable, "-m", f"distributed.cli.dask_{kind}", *options, "--no-dashboard"]
        process = subprocess.Popen(command, cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.processes.append(process)
        return process

    def __exit__(self, *_):
        for process in reversed(self.processes):
            process.kill()
            process.wait()


def test_a_cluster_gives_the_same_as_this_machine(day, alone, scheduler):
    assert same(experiment.run(day, dataclasses.replace(FOUR, cluster=scheduler.address)), alone)


def test_two_commands_on_one_cluster_each_get_what_they_ask_for(day, alone, scheduler):
    """One asks for the same replications without their tables."""
    settings = dataclasses.replace(FOUR, cluster=scheduler.address)
    other = threading.Thread(target=lambda: simulate_cases({"": day}, settings))
    other.start()
    found = experiment.run(day, settings)
    other.join()
    assert same(found, alone)


def test_a_cluster_without_a_worker_is_told(day, tmp_path, monkeypatch):
    monkeypatch.setattr(places, "_CONNECT_S", 3)
    with Cluster(tmp_path) as cluster, pytest.raises(places.ClusterError, match="no worker"):
        experiment.run(day, dataclasses.replace(FOUR, cluster=cluster.address))


def test_a_killed_workers_replications_go_to_one_that_joins_late(day, scheduler):
    """The only worker is killed half way, and another joins."""
    wanted = experiment.run(day, dataclasses.replace(FOUR, replications=30))
    first = scheduler.processes[-1]

    def told(done, _):
        if done == 10:
            first.kill()
            scheduler.worker()

    settings = dataclasses.replace(FOUR, replications=30, cluster=scheduler.address)
    assert same(experiment.run(day, settings, progress=told), wanted)


def test_a_scheduler_that_dies_is_told_and_the_work_is_kept(day, alone, store, tmp_path):
    with Cluster(tmp_path) as cluster:
        cluster.worker()
        settings = dataclasses.replace(FOUR, replications=500, cluster=cluster.address)
        with pytest.raises(places.ClusterError, match="lost"):
            experiment.run(day, settings, store=store, progress=lambda done, _: done == 5 and cluster.scheduler.kill())
    kept = len(store.numbers(FOUR.of(day).key, tables=True))
    assert 5 <= kept < 500
    assert same(experiment.run(day, FOUR, store=store), alone)
    assert store.found == 4


def test_an_address_where_nothing_answers_is_told(day, monkeypatch):
    monkeypatch.setattr(places, "_CONNECT_S", 1)
    with pytest.raises(places.ClusterError, match="no scheduler answers there"):
        experiment.run(day, dataclasses.replace(FOUR, cluster="tcp://127.0.0.1:9"))
    assert threading.active_count() < 50
