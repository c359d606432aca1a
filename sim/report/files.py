"""The files of a result folder; JSON and Parquet whose bytes repeat for the same seed."""

from __future__ import annotations

import datetime as dt
import errno
import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from sim.experiment import frames
from sim.experiment.gather import Settings
from sim.experiment.log_folder import LogFolder
from sim.experiment.logs import Log
from sim.experiment.run import Result
from sim.report.folder import MANIFEST, replace
from sim.report.summary import manifest, summary, text
from sim.report.words import Lang
from sim.scenario import Scenario

SUMMARY = "summary.json"
REPLICATIONS = "replications.parquet"
_ROW_GROUP = 262_144


def write(
    result: Result, folder: Path, *, command: str, began: dt.datetime, attempts: LogFolder | None = None,
    figures: Lang | None = None,
) -> None:  # fmt: skip
    """Write a result folder, whole or not at all.

    ``intervals.parquet`` has three kinds of rows, those of a type, of a group and of a kind of task
    (:func:`sim.experiment.frames.intervals`), and means over replications.

    Parameters
    ----------
    result
        What to write.
    folder
        Where (:func:`sim.report.folder.claim`); an older result there is replaced.
    command
        The command that gives it again.
    began
        When the run began.
    attempts
        The folder that has every replication's attempts and tasks, to write them too.
    figures
        The language to draw ``figures/`` in; None draws none.

    Raises
    ------
    OSError
        If the disk is full or the place cannot be written to; what was there before is still there.
    """

    def fill(new: Path) -> None:
        (new / SUMMARY).write_text(text(summary(result)), "utf-8")
        _parquet(frames.intervals(result), new / "intervals.parquet")
        _parquet(frames.replications(result), new / REPLICATIONS)
        if attempts is not None:
            logs: tuple[Log, ...] = ("attempts", "tasks") if result.kinds else ("attempts",)
            for log in logs:
                parts = [file for number in result.numbers for file in attempts.log_files(number, log)]
                pl.scan_parquet(parts).sink_parquet(
                    new / f"{log}.parquet", row_group_size=_ROW_GROUP, maintain_order=True
                )
        if figures is not None:
            from sim.report.figures import save

            save(result, new / "figures", figures)

    write_whole(folder, fill, partial(manifest, result.scenario, result.settings, len(result.numbers), command, began))


def write_tables(
    tables: Mapping[str, pl.DataFrame], folder: Path, scenario: Scenario, settings: Settings, replications: int, *,
    command: str, began: dt.datetime, draw: Callable[[Path], None] | None = None,
) -> None:  # fmt: skip
    """Write a folder of tables, each as Parquet and as CSV, with a manifest: whole or not at all.

    Parameters
    ----------
    tables
        By the names of their files.
    folder
        Where (:func:`sim.report.folder.claim`); an older result there is replaced.
    scenario, settings, replications
        What the tables' cases start from, and how, and how often at most, they were simulated.
    command, began
        As in :func:`write`.
    draw
        Draws figures into the folder it is given.

    Raises
    ------
    OSError
        As in :func:`write`.
    """

    def fill(new: Path) -> None:
        for name, frame in tables.items():
            _parquet(frame, new / f"{name}.parquet")
            frame.write_csv(new / f"{name}.csv", include_bom=True)  # for Excel, which else misreads Chinese
        if draw is not None:
            draw(new / "figures")

    write_whole(folder, fill, partial(manifest, scenario, settings, replications, command, began))


def write_whole(
    folder: Path, fill: Callable[[Path], None], record: Callable[[dt.datetime, list[str]], Mapping[str, Any]]
) -> None:
    """Write a result folder and its manifest, whole or not at all.

    Parameters
    ----------
    folder
        Where (:func:`sim.report.folder.claim`); an older result there is replaced.
    fill
        Writes all files but the manifest into the folder it is given.
    record
        Returns what the manifest says, given when the result was finished and the files of the folder.

    Raises
    ------
    OSError
        As in :func:`write`.
    """

    def whole(new: Path) -> None:
        fill(new)
        files = [str(path.relative_to(new)) for path in new.rglob("*") if path.is_file()]
        told = record(dt.datetime.now(dt.UTC), [*files, MANIFEST])
        (new / MANIFEST).write_text(text(told), "utf-8")

    with system_errors():
        replace(folder, whole)


@contextmanager
def system_errors() -> Iterator[None]:
    """Raise as ``OSError`` what polars tells of the system, such as a full disk, as an error of its own.

    Raises
    ------
    OSError
        With the system's number.
    """
    try:
        yield
    except pl.exceptions.PolarsError as error:
        found = re.search(r"\(os error ([0-9]+)\)", str(error))
        # Of a footer that could not be written polars loses the number; a full disk is the likely cause.
        lost = "transport error" in str(error)
        if found is None and not lost:
            raise
        number = int(found[1]) if found else errno.ENOSPC
        raise OSError(number, os.strerror(number)) from error


def _parquet(frame: pl.DataFrame, file: Path) -> None:
    frame.write_parquet(file, compression="zstd", compression_level=9, row_group_size=_ROW_GROUP)
