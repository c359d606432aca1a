"""The result folder of a comparison, and the command that gives it again."""

from __future__ import annotations

import datetime as dt
import shlex
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path

import polars as pl

from sim.experiment.compare import Comparison
from sim.experiment.gather import Settings
from sim.report.comparison import SCHEMA, as_data
from sim.report.files import system_errors
from sim.report.folder import MANIFEST, replace
from sim.report.summary import SOFTWARE, figures_words, made, settings_words, text
from sim.report.words import Lang
from sim.scenario import digest, to_toml


def write(found: Comparison, folder: Path, *, command: str, began: dt.datetime, figures: Lang | None) -> None:
    """Write ``comparison.json``, ``differences.parquet`` and ``.csv``, the manifest and, if asked for, the figures.

    Parameters
    ----------
    found
        What to write.
    folder
        Where (:func:`sim.report.folder.claim`); an older result there is replaced.
    command
        The command that gives it again (:func:`command_of`).
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
        table = differences(found)
        table.write_parquet(new / "differences.parquet", compression="zstd")
        table.write_csv(new / "differences.csv", include_bom=True)
        if figures is not None:
            from sim.report.comparison_figures import waterfalls
            from sim.report.figures import keep

            keep(waterfalls(found, figures), new / "figures")
        files = [str(path.relative_to(new)) for path in new.rglob("*") if path.is_file()]
        record = _manifest(found, command, began, [*files, MANIFEST])
        (new / MANIFEST).write_text(text(record), "utf-8")

    with system_errors():
        replace(folder, fill)


def differences(found: Comparison) -> pl.DataFrame:
    """Return a row for each case and measure, and for each case and contract line in 万元.

    Returns
    -------
    polars.DataFrame
        ``case``, ``kind`` (``measure`` or ``line``), ``name``, then the fields of
        :class:`~sim.experiment.paired.Difference`; numbers that are not known are null.
    """
    numbers = ("base", "mean", "difference", "low", "high", "variance_ratio")
    rows = [
        {"case": case.name, "kind": kind, "name": name, **asdict(own)}
        for case in found.cases
        for kind, table in (("measure", case.measures), ("line", case.lines))
        for name, own in table.items()
    ]
    return pl.DataFrame(rows, schema_overrides=dict.fromkeys(numbers, pl.Float64))


def _manifest(found: Comparison, command: str, began: dt.datetime, files: Iterable[str]) -> dict[str, object]:
    return {
        "schema": SCHEMA,
        "software": SOFTWARE,
        "command": command,
        "scenarios": [
            {"name": name, "sha256": digest(scenario), "text": to_toml(scenario)}
            for name, scenario in found.scenarios.items()
        ],
        "seed": found.settings.seed,
        "engine": found.settings.engine,
        "replications": len(found.numbers),
        **made(began, dt.datetime.now(dt.UTC), files),
    }


def command_of(
    scenarios: Sequence[str], overrides: Iterable[str], with_: Iterable[str], settings: Settings, *,
    causes: bool | None, rank: str | None, figures: Lang | None,
) -> str:  # fmt: skip
    """Return the command that gives a comparison again: all that decides it, and nothing else."""
    words = ["hotline", "compare", *scenarios]
    for option, values in (("--set", overrides), ("--with", with_)):
        for value in values:
            words += [option, value]
    words += settings_words(settings)
    if causes is not None:
        words.append("--causes" if causes else "--no-causes")
    if rank is not None:
        words += ["--rank", rank]
    return shlex.join([*words, *figures_words(figures)])
