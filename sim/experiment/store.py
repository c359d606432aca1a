"""Finished replications on disk while a run goes on, so that a stopped or killed run can be taken up again.

The folder stands beside the result folder and is removed with the run's end. Each replication is written aside and
renamed, so it is there whole or not at all.
"""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import fields
from pathlib import Path

import numpy as np

from sim.experiment.replicate import Replication

_KEY = "run.json"


class OtherRunError(Exception):
    """The folder's replications belong to another run."""


class Store:
    """Replications of one run, in ``folder``; ``key`` says which run: a change of it makes another run."""

    def __init__(self, folder: Path, key: dict[str, object], *, resume: bool) -> None:
        self.folder = folder
        if folder.exists() and not resume:
            shutil.rmtree(folder)
        folder.mkdir(parents=True, exist_ok=True)
        known = folder / _KEY
        if known.exists():
            if json.loads(known.read_text("utf-8")) != key:
                raise OtherRunError(str(folder))
        else:
            known.write_text(json.dumps(key, indent=1), "utf-8")

    def attempts_file(self, number: int) -> Path:
        """Return where a replication's table of attempts is kept."""
        return self.folder / f"attempts-{number:05d}.parquet"

    def save(self, replication: Replication) -> None:
        """Keep a finished replication."""
        file = self._file(replication.number)
        aside = file.with_suffix(".part")
        with aside.open("wb") as out:
            np.savez(out, **{f.name: getattr(replication, f.name) for f in fields(Replication)})
        os.replace(aside, file)

    def numbers(self) -> list[int]:
        """Return the numbers of the finished replications."""
        return sorted(int(file.stem) for file in self.folder.glob("*.npz"))

    def load(self, number: int) -> Replication:
        """Return a finished replication."""
        with np.load(self._file(number)) as data:
            return Replication(**{name: data[name] if data[name].ndim else data[name].item() for name in data.files})

    def _file(self, number: int) -> Path:
        return self.folder / f"{number:05d}.npz"

    def remove(self) -> None:
        """Forget the run: its results have been written."""
        shutil.rmtree(self.folder, ignore_errors=True)
