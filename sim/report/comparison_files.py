"""The result folder of a comparison, and the command that gives it again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import asdict
from functools import partial
from pathlib import Path

import polars as pl

from sim.experiment.compare import Comparison, TargetChange
from sim.report.comparison import SCHEMA, as_data, parts
from sim.report.files import write_whole
from sim.report.summary import SOFTWARE, in_full, made, text
from sim.report.words import Lang


def write(found: Comparison, folder: Path, *, command: str, began: dt.datetime, figures: Lang | None) -> None:
    """Write ``comparison.json``, the manifest, ``differences``, ``causes`` of the parted ones, the figures asked for.

    The tables are in Parquet and in CSV.

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
        (new / "comparison.json").write_text(text(as_data(found)), "utf-8")
        tables = {"differences": differences(found), "causes": causes(found)}
        for name, table in tables.items():
            if table.height:
                table.write_parquet(new / f"{name}.parquet", compression="zstd")
                table.write_csv(new / f"{name}.csv", include_bom=True)
        if figures is not None:
            from sim.report.comparison_figures import waterfalls
            from sim.report.figures import keep

            keep(waterfalls(found, figures), new / "figures")

    write_whole(folder, fill, partial(_manifest, found, command, began))


def differences(found: Comparison) -> pl.DataFrame:
    """Return a row for each case and measure, contract line in 万元, and target's chance.

    Returns
    -------
    polars.DataFrame
        ``case``, ``kind`` (``measure``, ``line`` or ``target``), ``name``, then the fields of
        :class:`~sim.experiment.paired.Difference`; numbers that are not known are null.
    """
    numbers = ("base", "mean", "difference", "low", "high", "variance_ratio")
    rows = [
        {"case": case.name, "kind": kind, "name": name, **own}
        for case in found.cases
        for kind, name, own in (
            *(("measure", name, asdict(own)) for name, own in case.measures.items()),
            *(("line", name, asdict(own)) for name, own in case.lines.items()),
            *(("target", row.key, _chance(row)) for row in case.targets),
        )
    ]
    return pl.DataFrame(rows, schema_overrides=dict.fromkeys(numbers, pl.Float64))


def _chance(row: TargetChange) -> dict[str, float | str | None]:
    return {
        "base": row.base, "mean": row.probability, "difference": row.difference, "low": row.low, "high": row.high,
        "variance_ratio": None, "unit": "share",
    }  # fmt: skip


def causes(found: Comparison) -> pl.DataFrame:
    """Return a row for each case whose difference is parted, measure or contract line in 万元, and cause.

    Returns
    -------
    polars.DataFrame
        ``case``, ``kind`` (``measure`` or ``line``), ``name``, ``cause``, ``difference`` and its interval, ``low`` and
        ``high``, null with one replication, and ``unit``.
    """
    rows = [
        {
            "case": case.name, "kind": "line" if name in case.lines else "measure", "name": name, "cause": cause.key,
            "difference": own.mean, "low": own.low, "high": own.high,
            "unit": {**case.measures, **case.lines}[name].unit,
        }
        for case in found.cases
        for name, cause, own in parts(case)
    ]  # fmt: skip
    numbers = ("difference", "low", "high")
    return pl.DataFrame(rows, schema_overrides=dict.fromkeys(numbers, pl.Float64))


def _manifest(
    found: Comparison, command: str, began: dt.datetime, ended: dt.datetime, files: Iterable[str]
) -> dict[str, object]:  # fmt: skip
    return {
        "schema": SCHEMA,
        "software": SOFTWARE,
        "command": command,
        "scenarios": [in_full(scenario) for scenario in found.scenarios.values()],
        "seed": found.settings.seed,
        "engine": found.settings.engine,
        "replications": len(found.numbers),
        **made(began, ended, files),
    }
