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
        file = self.folder / f"{replication.number:05d}.npz"
        aside = file.with_suffix(".part")
        with aside.open("wb") as out:
            np.savez(out, **{f.name: getattr(replication, f.name) for f in fields(Replication)})
        os.replace(aside, file)

    def load(self) -> dict[int, Replication]:
        """Return the finished replications by number."""
        found = {}
        for file in sorted(self.folder.glob("*.npz")):
            with np.load(file) as data:
                values = {name: data[name] for name in data.files}
            values |= {"number": int(values["number"]), "seconds": float(values["seconds"])}
            found[values["number"]] = Replication(**values)
        return found

    def remove(self) -> None:
        """Forget the run: its results have been written."""
        shutil.rmtree(self.folder, ignore_errors=True)
