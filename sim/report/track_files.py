"""The result folder of the year so far: ``track.json``, ``months.csv``, the manifest and, if asked for, the figure."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import polars as pl

from sim.experiment.gather import Settings
from sim.experiment.track import Track
from sim.report.files import write_whole
from sim.report.summary import manifest, text
from sim.report.words import Lang
from sim.scenario import digest

SCHEMA: Final = 1
_RANGES = ("low", "high")


def track_summary(found: Track, settings: Settings) -> dict[str, Any]:
    """Return what ``track.json`` holds; what is not known is null.

    ``targets`` are as in ``summary.json``, of the year's end; ``readings`` are those of them that can be read as the
    mean of the months, read so.
    """
    factor = found.factor
    return {
        "schema": SCHEMA,
        "scenario": {"name": found.scenario.name, "sha256": digest(found.scenario)},
        "seed": settings.seed,
        "engine": settings.engine,
        "replications": len(found.calls),
        "months_passed": found.actuals.passed,
        "actuals": {"month": list(found.actuals.months)}
        | {name: list(values) for name, values in found.actuals.columns.items()},
        "year_factor": {**asdict(factor), **{key: getattr(factor, key) for key in _RANGES}},
        "targets": [asdict(row) for row in found.targets],
        "readings": [asdict(row) for row in found.readings],
        "connection_rate": None if found.losses is None else asdict(found.losses),
        "asa": None if found.waits is None else asdict(found.waits),
        "lines": [asdict(line) for line in found.lines],
        "total_wan": None if found.total_wan is None else asdict(found.total_wan),
        "call_variances": [asdict(row) for row in found.call_variances],
        "cost_variances": [{**asdict(row), "difference_fen": row.difference_fen} for row in found.cost_variances],
        "months": [asdict(row) for row in found.months],
    }


def months(found: Track) -> pl.DataFrame:
    """Return a row a month, as it was or as it is expected, beside the plan."""
    return pl.DataFrame([asdict(row) for row in found.months], infer_schema_length=None)


def write(
    found: Track, settings: Settings, folder: Path, *, command: str, actuals: Path, began: dt.datetime,
    figures: Lang | None,
) -> None:  # fmt: skip
    """Write the result folder, whole or not at all.

    Parameters
    ----------
    found, settings
        What to write, and how it was simulated.
    folder
        Where (:func:`sim.report.folder.claim`); an older result there is replaced.
    command
        The command that gives it again.
    actuals
        The file of the months passed: the manifest has its name and digest.
    began
        When the simulation began.
    figures
        The language to draw ``figures/`` in; None draws none.

    Raises
    ------
    OSError
        If the disk is full or the place cannot be written to; what was there before is still there.
    """

    def fill(new: Path) -> None:
        (new / "track.json").write_text(text(track_summary(found, settings)), "utf-8")
        # With the mark by which Excel knows UTF-8.
        months(found).write_csv(new / "months.csv", include_bom=True)
        if figures is not None:
            from sim.report.track_figures import save

            save(found, new / "figures", figures)

    def record(ended: dt.datetime, files: list[str]) -> dict[str, Any]:
        told = manifest(found.scenario, settings, len(found.calls), command, began, ended, files)
        sha256 = hashlib.sha256(actuals.read_bytes()).hexdigest()
        return {**told, "actuals": {"file": actuals.name, "sha256": sha256}}

    write_whole(folder, fill, record)
