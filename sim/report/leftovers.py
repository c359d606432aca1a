"""What stopped runs have left beside the results: no results, and of use to nobody but the same run once more."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from sim.experiment.log_folder import PARTIAL, holds_a_run
from sim.experiment.store import FILE
from sim.report.folder import remove

_DAMAGED: Final = re.compile(rf"{re.escape(FILE)}\.damaged-[0-9]+")
_MB: Final = 1_000_000


@dataclass(frozen=True)
class Leftover:
    """A folder of a run's attempts, or a store of replications that was set aside since it could not be read."""

    path: Path
    kind: Literal["attempts", "damaged"]
    megabytes: float

    def remove(self) -> None:
        """Remove it.

        Raises
        ------
        OSError
            If the system does not allow it.
        """
        if self.kind == "attempts":
            remove(self.path)
        else:
            self.path.unlink()


def leftovers(place: Path) -> list[Leftover]:
    """Return what is left in a folder, by name; nothing where there is no such folder."""
    if not place.exists():
        return []
    return [found for path in sorted(place.iterdir()) if (found := leftover(path)) is not None]


def leftover(path: Path) -> Leftover | None:
    """Return what is left at a path; None where that is something else, or holds a file that is not a run's."""
    if path.is_symlink():
        return None
    if path.is_dir() and path.name.endswith(PARTIAL) and holds_a_run(path):
        return Leftover(path, "attempts", sum(file.lstat().st_size for file in path.iterdir()) / _MB)
    if path.is_file() and _DAMAGED.fullmatch(path.name):
        return Leftover(path, "damaged", path.stat().st_size / _MB)
    return None
