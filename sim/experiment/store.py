"""Finished replications on disk while a run goes on, so that a stopped or killed run can be taken up again.

The folder stands beside the result folder and is removed with the run's end. Each file is written aside and
renamed, so it is there whole or not at all. Nothing in the folder that is not a run's is ever removed.
"""

from __future__ import annotations

import contextlib
import json
import os
import zipfile
from dataclasses import fields
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from sim.experiment.logs import Log
from sim.experiment.replicate import Replication

_KEY: Final = "run.json"
_MARK: Final = "hotline-sim: finished replications of a run"
_NUMBER: Final = "[0-9]" * 5
_OURS: Final = (
    f"{_NUMBER}.npz",
    f"{_NUMBER}.part",
    f"attempts-{_NUMBER}-{_NUMBER}.parquet",
    f"tasks-{_NUMBER}-{_NUMBER}.parquet",
    f"{_KEY}.part",
)


class OtherRunError(Exception):
    """The folder's replications belong to another run."""


class NotARunError(OtherRunError):
    """The folder holds something that is no run's replications."""


class Store:
    """Replications of one run, in ``folder``.

    Parameters
    ----------
    folder
        Where; it need not exist.
    key
        Says which run: a change of it makes another run.
    resume
        Keep the replications that are there. Otherwise they are removed.

    Raises
    ------
    NotARunError
        If something is there that is no run's; it is left as it is.
    OtherRunError
        If ``resume`` and the replications are another run's.
    """

    def __init__(self, folder: Path, key: dict[str, object], *, resume: bool) -> None:
        self.folder = folder
        content = {"what": _MARK, "run": key}
        known = _content(folder)
        if resume and known is not None and known != content:
            raise OtherRunError(str(folder))
        if not resume:
            self.remove()
        folder.mkdir(parents=True, exist_ok=True)
        aside = folder / f"{_KEY}.part"
        aside.write_text(json.dumps(content, indent=1), "utf-8")
        os.replace(aside, folder / _KEY)

    def save_log(self, number: int, log: Log, part: int, frame: pl.DataFrame) -> None:
        """Keep a part of one of a replication's tables; the replication itself must be saved after it."""
        # Read once and removed: speed matters more than size.
        frame.write_parquet(self.folder / f"{log}-{number:05d}-{part:05d}.parquet", compression="lz4")

    def log_files(self, number: int, log: Log) -> list[Path]:
        """Return the files of one of a finished replication's tables, in order."""
        return sorted(self.folder.glob(f"{log}-{number:05d}-{_NUMBER}.parquet"))

    def save(self, replication: Replication) -> None:
        """Keep a finished replication."""
        file = self._file(replication.number)
        aside = file.with_suffix(".part")
        with aside.open("wb") as out:
            np.savez(out, **{f.name: getattr(replication, f.name) for f in fields(Replication)})
        os.replace(aside, file)

    def numbers(self) -> list[int]:
        """Return the numbers of the finished replications."""
        return sorted(int(file.stem) for file in self.folder.glob(f"{_NUMBER}.npz"))

    def load(self, number: int) -> Replication | None:
        """Return a finished replication, or None if its file is damaged: it must be simulated again."""
        try:
            with np.load(self._file(number)) as data:
                values = {name: data[name] for name in data.files}
            return Replication(**{name: x if x.ndim else x.item() for name, x in values.items()})
        except (ValueError, TypeError, EOFError, zipfile.BadZipFile):
            return None

    def remove(self) -> None:
        """Forget the run; files that are not a run's stay."""
        for pattern in _OURS:
            for file in self.folder.glob(pattern):
                file.unlink()
        # Last, for without it the others would be nobody's.
        (self.folder / _KEY).unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            self.folder.rmdir()

    def _file(self, number: int) -> Path:
        return self.folder / f"{number:05d}.npz"


def _content(folder: Path) -> dict[str, object] | None:
    """Return what ``run.json`` says, or None where no run has been.

    Raises
    ------
    NotARunError
        If the folder is not empty, and no run's.
    """
    try:
        content = json.loads((folder / _KEY).read_text("utf-8"))
        if content["what"] == _MARK:
            return dict(content)
    except (OSError, ValueError, TypeError, KeyError):
        pass
    # A run that was killed at once leaves the file it was writing aside.
    begun = {f"{_KEY}.part"}
    if folder.exists() and (not folder.is_dir() or {file.name for file in folder.iterdir()} - begun):
        raise NotARunError(str(folder))
    return None
