"""The verbs for Python have what the commands have, and say the same."""

import doctest
import json
from pathlib import Path

import pytest

import sim
from sim.cli.main import main
from sim.experiment import gather
from sim.experiment.store import FILE, kept_in
from sim.experiment.workers import simulated
from sim.scenario import ScenarioError, load
from sim.verbs import runs, what_ifs

MONTHS = "month,offered,answered,mean_wait_s\n2020-03,1000,990,5\n"


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("so-far.csv").write_text(MONTHS, "utf-8")


@pytest.fixture
def asked(monkeypatch):
    """What is simulated anew: how many replications, and on which cluster; done in this process."""
    found = []

    def finished(orders, jobs, cluster):
        found.append((len(orders), cluster))
        return map(simulated, orders)

    monkeypatch.setattr(gather, "finished", finished)
    return found


def more():
    return load("one-day", ["name=more", "demand.growth=0.1"])


VERBS = {
    "run": lambda **how: sim.run("one-day", 2, **how),
    "compare": lambda **how: sim.compare("one-day", more(), replications=2, **how),
    "sweep": lambda **how: sim.sweep("one-day", {"demand.growth": [0.0, 0.1]}, 2, **how),
    "sensitivity": lambda **how: sim.sensitivity("one-day", 2, **how),
    "track": lambda **how: sim.track("one-day", "so-far.csv", 2, **how),
}


@pytest.mark.parametrize("verb", VERBS)
def test_what_a_store_keeps_is_not_simulated_again(verb, asked):
    VERBS[verb](store="results")
    new = sum(count for count, _ in asked)
    assert new == sum(kept.replications for kept in kept_in(Path("results", FILE))) > 0
    asked.clear()
    VERBS[verb](store=Path("results", FILE))
    assert sum(count for count, _ in asked) == 0
    VERBS[verb]()
    assert sum(count for count, _ in asked) == new
    assert sorted(path.name for path in Path().iterdir()) == ["results", "so-far.csv"]


@pytest.mark.parametrize("verb", VERBS)
def test_the_cluster_simulates_where_one_is_named(verb, asked):
    VERBS[verb](cluster="tcp://10.0.0.5:8786")
    VERBS[verb]()
    assert {cluster for _, cluster in asked} == {"tcp://10.0.0.5:8786", None}


def test_a_command_takes_up_what_a_verb_kept(asked):
    sim.compare("one-day", more(), replications=2, store="results")
    asked.clear()
    words = ("--with", "name=more", "--with", "demand.growth=0.1", "--replications", "2", "--quiet")
    assert main(["compare", "one-day", *words]) == 0
    assert asked == [(0, None)]


def test_nothing_is_kept_of_what_cannot_be(asked):
    with pytest.raises(ScenarioError):
        sim.sweep("one-day", {"demand.growth": [0.0, -2.0]}, 2, store="results")
    assert asked == []
    assert not Path("results").exists()


def told(capsys, *words):
    capsys.readouterr()
    assert main([*words, "--jobs", "1", "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_a_sample_is_the_commands(capsys):
    varied = ("--vary", "demand.growth=0..0.2", "--vary", "lines.count=30..40", "--sample", "3")
    cases = told(capsys, "sweep", "one-day", *varied, "--replications", "2", "--seed", "5")["cases"]
    bounds = {"demand.growth": (0, 0.2), "lines.count": (30, 40)}
    assert sim.sweep("one-day", bounds, 2, sample=3, seed=5, jobs=1).to_dicts() == cases
    for bounds in ({"demand.growth": [0.0, 0.1, 0.2]}, {}):
        with pytest.raises(ValueError, match="two bounds"):
            sim.sweep("one-day", bounds, 2, sample=3)
    with pytest.raises(ScenarioError, match=r"write demand\.growth"):
        sim.sweep("one-day", {"demand.grwth": (0.0, 0.1)}, 2, sample=3)


def test_a_precision_is_the_commands(capsys):
    cases = told(capsys, "sweep", "one-day", "--vary", "demand.growth=0.0,0.1", "--precision", "offered=2%")["cases"]
    table = sim.sweep("one-day", {"demand.growth": [0.0, 0.1]}, precision={"offered": 0.02}, jobs=1)
    assert table.to_dicts() == cases
    half_width = (table["offered_high"] - table["offered_low"]) / 2 / table["offered_mean"]
    assert half_width.max() <= 0.02
    frame = sim.sensitivity("one-day", precision={"offered": 0.02}, jobs=1)
    assert frame.to_dicts() == told(capsys, "sensitivity", "one-day", "--precision", "offered=2%")["tornado"]


def test_shares_of_the_variance_are_the_commands(capsys):
    changed = load("one-day", ['ranges."demand.growth"=[0, 0.1]'])
    words = ("--range", "demand.growth=0..0.1", "--sobol", "4", "--replications", "2")
    shares = sim.sensitivity(changed, 2, sobol=4, jobs=1).to_dicts()
    listed = told(capsys, "sensitivity", "one-day", *words)["sobol"]
    assert shares == listed
    for size in (3, 6, 2):
        with pytest.raises(ValueError, match="a power of two"):
            sim.sensitivity(changed, 2, sobol=size)


def test_definitions_are_the_commands(capsys):
    table = sim.sensitivity("one-day", 2, definitions=True, jobs=1)
    assert table.to_dicts() == told(capsys, "sensitivity", "one-day", "--definitions", "--replications", "2")
    assert not Path("results", "sensitivity-one-day").exists()
    with pytest.raises(ValueError, match="not both"):
        sim.sensitivity("one-day", 2, definitions=True, sobol=4)


@pytest.mark.parametrize("module", [runs, what_ifs])
def test_examples_run(module):
    found = doctest.testmod(module)
    assert found.attempted > 3
    assert found.failed == 0
