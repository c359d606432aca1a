"""The tables of attempts and tasks on disk while a run goes on, so that a stopped or killed run can be taken up again.

The folder stands beside the result folder and is removed with the run's end. A replication's tables count once they
are marked as whole. Nothing in the folder that is not a run's is ever removed.
"""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path
from typing import Final

import polars as pl

from sim.experiment.logs import Log

PARTIAL: Final = ".partial"
"""How the folder's name ends; what is before is that of the result folder."""
_KEY: Final = "run.json"
_MARK: Final = "hotline-sim: attempts and tasks of a run"
_NUMBER: Final = "[0-9]" * 5
_OURS: Final = (
    f"{_NUMBER}.done",
    f"attempts-{_NUMBER}-{_NUMBER}.parquet",
    f"tasks-{_NUMBER}-{_NUMBER}.parquet",
    f"{_KEY}.part",
)


class OtherRunError(Exception):
    """The folder's tables belong to another run."""


class NotARunError(OtherRunError):
    """The folder holds something that is no run's tables."""


class LogFolder:
    """The tables of one run's replications, in ``folder``.

    Parameters
    ----------
    folder
        Where; it need not exist.
    key
        Says which run: a change of it makes another run.
    resume
        Keep the tables that are there. Otherwise they are removed.

    Raises
    ------
    NotARunError
        If something is there that is no run's; it is left as it is.
    OtherRunError
        If ``resume`` and the tables are another run's.
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
        """Keep a part of one of a replication's tables; :meth:`finish` comes after the last."""
        # Read once and removed: speed matters more than size.
        frame.write_parquet(self.folder / f"{log}-{number:05d}-{part:05d}.parquet", compression="lz4")

    def log_files(self, number: int, log: Log) -> list[Path]:
        """Return the files of one of a finished replication's tables, in order."""
        return sorted(self.folder.glob(f"{log}-{number:05d}-{_NUMBER}.parquet"))

    def finish(self, number: int) -> None:
        """Note that a replication's tables are there, whole."""
        self._mark(number).touch()

    def has(self, number: int) -> bool:
        """Say whether a replication's tables are there, whole."""
        return self._mark(number).exists()

    def remove(self) -> None:
        """Forget the run; files that are not a run's stay."""
        for pattern in _OURS:
            for file in self.folder.glob(pattern):
                file.unlink()
        # Last, for without it the others would be nobody's.
        (self.folder / _KEY).unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            self.folder.rmdir()

    def _mark(self, number: int) -> Path:
        return self.folder / f"{number:05d}.done"


def holds_a_run(folder: Path) -> bool:
    """Say whether a folder holds what a run has left, and nothing else."""
    try:
        known = _content(folder)
    except NotARunError:
        return False
    ours = (_KEY, *_OURS)
    return known is not None and all(any(file.match(name) for name in ours) for file in folder.iterdir())


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
