"""The results in the repository are of the scenarios in it."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl

from sim.experiment.frames import pairs
from sim.measures import NAMES
from sim.scenario import digest, load

RESULTS = Path(__file__).parents[1] / "results"


def manifest(name: str) -> dict:
    return json.loads((RESULTS / name / "manifest.json").read_text("utf-8"))


def test_the_baseline_is_the_shipped_scenarios() -> None:
    found = manifest("shanghai-2020")
    assert found["scenario"]["sha256"] == digest(load("shanghai-2020"))
    assert set(pairs(pl.read_parquet(RESULTS / "shanghai-2020" / "replications.parquet"))) == set(NAMES)
