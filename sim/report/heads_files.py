"""The result folder of the heads through the year: ``heads.csv`` and ``.parquet``, ``months.csv``, the manifest."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any, Final

from sim.experiment.heads import Heads
from sim.report.files import write_whole
from sim.report.summary import SOFTWARE, in_full, made
from sim.report.words import Lang
from sim.scenario import digest

SCHEMA: Final = 1


def heads_summary(found: Heads) -> dict[str, Any]:
    """Return what ``hotline heads --json`` prints: ``weeks`` are the rows of ``heads.csv``."""
    weeks = [
        {**row, "from": row["from"].isoformat(), "to": row["to"].isoformat()}
        for row in found.by_week().iter_rows(named=True)
    ]
    return {
        "schema": SCHEMA,
        "scenario": {"name": found.scenario.name, "sha256": digest(found.scenario)},
        "seed": found.seed,
        "replications": len(found.paths),
        "opening": {"heads": found.expected.opening, "trainees": found.expected.opening_trainees},
        "weeks": weeks,
        "months": found.by_month().to_dicts(),
        "whole": found.whole().row(0, named=True),
        "worst_week": weeks[found.worst_week],
    }


def write(found: Heads, folder: Path, *, command: str, began: dt.datetime, figures: Lang | None) -> None:
    """Write the result folder, whole or not at all.

    Parameters
    ----------
    found
        What to write.
    folder
        Where (:func:`sim.report.folder.claim`); an older result there is replaced.
    command
        The command that gives it again (:func:`sim.report.summary.command_of`).
    began
        When it began.
    figures
        The language to draw ``figures/`` in; None draws none.

    Raises
    ------
    OSError
        If the disk is full or the place cannot be written to; what was there before is still there.
    """

    def fill(new: Path) -> None:
        weeks = found.by_week()
        weeks.write_parquet(new / "heads.parquet", compression="zstd")
        # With the mark by which Excel knows UTF-8.
        weeks.write_csv(new / "heads.csv", include_bom=True)
        found.by_month().write_csv(new / "months.csv", include_bom=True)
        if figures is not None:
            from sim.report.figures import keep
            from sim.report.heads_figures import draw

            keep({"heads": draw(found, figures)}, new / "figures")

    def record(finished: dt.datetime, files: list[str]) -> dict[str, Any]:
        return {
            "schema": SCHEMA,
            "software": SOFTWARE,
            "command": command,
            "scenario": in_full(found.scenario),
            "seed": found.seed,
            "replications": len(found.paths),
            **made(began, finished, files),
        }

    write_whole(folder, fill, record)
