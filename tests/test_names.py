"""What things are called: a planner may write any name that stands on a screen."""

import json

import pytest

from sim.cli.main import main
from sim.cli.options import Options
from sim.experiment.quantities import names
from sim.experiment.ranking import rankable
from sim.measures import NAMES
from sim.report.names import MEASURES, any_name, key_called, line_name, measure_label, parted, quantity_name
from sim.scenario import load

KNOWN = names(load("shanghai-2020"))


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_name_on_screen_means_its_key(lang):
    for key in KNOWN:
        called = quantity_name(key, lang)
        for said in (key, called, called.upper(), f" {called} "):
            assert key_called(said, KNOWN) == key
    for key in rankable({"a": load("shanghai-2020")}):
        assert key_called(any_name(key, lang).title(), rankable({"a": load("shanghai-2020")})) == key
    for key in MEASURES:
        assert key_called(measure_label(key, ("queue", "ring"), lang), KNOWN) == key


@pytest.mark.parametrize(
    ("said", "key"),
    [
        ("total", "total_wan"),
        ("personnel", "personnel_wan"),
        (line_name("personnel", "zh"), "personnel_wan"),
        ("connection_rate", "connection_rate"),
        ("connection_rate_probability", "connection_rate_probability"),
        ("工单量（仅来电）", "work_orders"),
        ("工单量(仅来电)", "work_orders"),
        # Its measure and its chance are two things.
        ("asa", None),
        ("", None),
        ("nope", None),
    ],
)
def test_what_else_means_a_key(said, key):
    assert key_called(said, KNOWN) == key


def test_a_comma_within_a_name_parts_nothing():
    said = "wait of 95 of 100, at most,asa_s， Chance, mean answer time,nope, total"
    assert parted(said, KNOWN) == [
        "wait of 95 of 100, at most", "asa_s", "Chance, mean answer time", "nope", "total",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("0.2%", {"connection_rate": 0.002}),
        ("0.002,asa_s=5%", {"connection_rate": 0.002, "asa_s": 0.05}),
        ("Mean answer time = 5%，接通率=0.2%", {"asa_s": 0.05, "connection_rate": 0.002}),
        ("wait of 95 of 100, at most=5%,0.2%", {"wait_p95_s": 0.05, "connection_rate": 0.002}),
        ("95%的等待不超过=5%", {"wait_p95_s": 0.05}),
    ],
)
def test_a_precision_takes_names(said, asked):
    options = Options()
    assert options.precision(said) == asked
    options.finish()
    assert set(asked) <= set(NAMES)


@pytest.mark.parametrize("said", ["=5%", "asa_s=5%,", "asa_s,5%", "asa_s", "asa_s=5%,asa_s=5%", "asa=5%", ",0.2%", ""])
def test_what_is_no_precision(said):
    options = Options()
    assert options.precision(said) is None
    assert options.faults


def test_a_ranking_takes_a_name(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    words = ["compare", "one-day", "--with", "demand.growth=0.1", "--no-causes", "--replications", "2", "--jobs", "1"]
    for said in ("平均接电时长", "Mean Answer Time"):
        assert main([*words, "--rank", said, "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["ranking"]["by"] == "asa_s"
