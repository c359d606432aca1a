"""What is there of earlier work: result folders and kept replications, listed, named and removed."""

from __future__ import annotations

import datetime as dt
import json
import os
import shlex
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import polars as pl

from sim.experiment import frames
from sim.experiment.replicate import Floats
from sim.experiment.store import FILE, Kept, Store, kept_in
from sim.experiment.workers import program
from sim.report.files import REPLICATIONS, SUMMARY
from sim.report.folder import MANIFEST, not_ours, remove
from sim.report.summary import SOFTWARE
from sim.scenario.faults import Fault, listed, nearest

SHORT: Final = 8
"""Letters of an experiment's key that are shown, and enough to name it."""
_MB: Final = 1_000_000


@dataclass(frozen=True)
class ResultFolder:
    """A result folder: the verb of the command that made it, and what it says of itself, None where it does not.

    ``made`` is when it was finished, in ISO 8601; ``megabytes`` what its files take.
    """

    path: Path
    kind: str
    scenario: str | None
    first: str | None
    last: str | None
    replications: int | None
    seed: int | None
    made: str | None
    megabytes: float


@dataclass(frozen=True)
class Removed:
    """What was removed, and how much room that gave back."""

    folders: list[ResultFolder]
    kept: list[Kept]
    megabytes: float


def result_folders(place: Path) -> list[ResultFolder]:
    """Return the result folders in a folder, the latest first; none where there is no such folder."""
    if not place.exists():
        return []
    # Begun and replaced ones, of which a kill may leave some, begin with a dot.
    found = [read(path) for path in sorted(place.iterdir()) if path.is_dir() and not path.name.startswith(".")]
    folders = [folder for folder in found if folder is not None]
    return sorted(folders, key=lambda folder: folder.made or "", reverse=True)


def read(path: Path) -> ResultFolder | None:
    """Return what a result folder says of itself, or None where there is none."""
    manifest = _json(path / MANIFEST)
    if manifest.get("software") != SOFTWARE:
        return None
    found = _json(path / SUMMARY)
    words = shlex.split(manifest.get("command", ""))
    return ResultFolder(
        path=path,
        kind=words[1] if len(words) > 1 else "",
        scenario=(manifest.get("scenario") or {}).get("name"),
        first=found.get("from"),
        last=found.get("to"),
        replications=manifest.get("replications"),
        seed=manifest.get("seed"),
        made=(manifest.get("times") or {}).get("ended"),
        megabytes=_bytes(path) / _MB,
    )


def summary_of(path: Path) -> dict[str, Any] | None:
    """Return the ``summary.json`` of a run's result folder, or None if it is no run's."""
    found = _json(path / SUMMARY)
    return found if "measures" in found else None


def pairs_of(path: Path) -> dict[str, Floats]:
    """Return each measure's numerators and denominators in a run's result folder, of each replication."""
    return frames.pairs(pl.read_parquet(path / REPLICATIONS))


def place_of(place: Path, name: str) -> Path:
    """Return the folder that a planner names: one in ``place``, or anywhere by its path."""
    return Path(name) if "/" in name or os.sep in name else place / name


def of_another_program(kept: Kept) -> bool:
    """Say whether replications were made by another version of the program: they are never taken up again."""
    return kept.program != program()


def not_there(place: Path, name: str) -> Fault:
    """Return the fault of a name that no result folder has, with the one most like it."""
    names = [folder.path.name for folder in result_folders(place)]
    near = nearest(name, names)
    remedy = f"write {near}" if near else f"hotline results --in {place} lists them"
    return Fault(name, "", "", f"a result folder in {place} ({listed(names)}), or the path of one", remedy)


def named(place: Path, names: Sequence[str]) -> tuple[list[ResultFolder], list[Kept], list[Fault]]:
    """Return the result folders and the kept experiments that names mean, and what is wrong with the others.

    A name is that of a result folder in ``place``, a path, or the short key of an experiment.

    Raises
    ------
    NotAStoreError
        If the kept replications cannot be read.
    """
    folders: list[ResultFolder] = []
    kept: list[Kept] = []
    faults: list[Fault] = []
    everything = kept_in(place / FILE)
    for name in dict.fromkeys(names):
        path = place_of(place, name)
        keys = [one for one in everything if len(name) >= SHORT and one.key.startswith(name)]
        if len(keys) + path.exists() > 1:
            meant = ([str(path)] if path.exists() else []) + [f"the experiment {one.key}" for one in keys]
            faults.append(
                Fault(name, "", "", "a name that means one thing", f"write more of it; it means {' and '.join(meant)}")
            )
        elif keys:
            kept += keys
        elif path.exists():
            folder = read(path) if path.is_dir() and not path.is_symlink() else None
            strange = not_ours(path, SOFTWARE) or ("" if folder else "it holds no result of this program")
            if Path.cwd().is_relative_to(path.resolve()):
                strange = "you are in it"
            if folder is None or strange:
                allowed = "a result folder of this program with nothing else in it"
                faults.append(Fault(str(path), "", "", allowed, f"{strange}; look at it and remove it yourself"))
            else:
                folders.append(folder)
        else:
            faults.append(_unknown(place, name, everything))
    return folders, kept, faults


def _unknown(place: Path, name: str, everything: Sequence[Kept]) -> Fault:
    keys = [one.key[:SHORT] for one in everything]
    near = nearest(name, [*(folder.path.name for folder in result_folders(place)), *keys])
    remedy = f"write {near}" if near else f"hotline results --in {place} lists what is there"
    return Fault(name, "", "", f"a result folder in {place}, a path, or the short key of kept replications", remedy)


def remove_all(place: Path, folders: Sequence[ResultFolder], kept: Sequence[Kept]) -> Removed:
    """Remove result folders and kept experiments.

    Raises
    ------
    OSError
        If the system does not allow it.
    """
    room = sum(_bytes(folder.path) for folder in folders)
    for folder in folders:
        remove(folder.path)
    if kept:
        before = _store_bytes(place)
        store = Store(place / FILE)
        try:
            store.remove([one.key for one in kept])
        finally:
            store.close()
        # Another process that has it open gives the room back when it ends.
        room += max(0, before - _store_bytes(place))
    return Removed(list(folders), list(kept), room / _MB)


def as_data(place: Path, folders: Sequence[ResultFolder], kept: Sequence[Kept]) -> dict[str, Any]:
    """Return what is there as plain data."""
    return {
        "place": str(place),
        "folders": [folder_data(folder) for folder in folders],
        "kept": [kept_data(one) for one in kept],
    }


def folder_data(folder: ResultFolder) -> dict[str, Any]:
    """Return a result folder as plain data; the days are ``from`` and ``to``, as in ``summary.json``."""
    data = asdict(folder)
    days = {"from": data.pop("first"), "to": data.pop("last")}
    return {"name": folder.path.name, **data, "path": str(folder.path), **days}


def kept_data(kept: Kept) -> dict[str, Any]:
    """Return an experiment's kept replications as plain data."""
    data = asdict(kept)
    days = {"from": data.pop("first"), "to": data.pop("last")}
    return {"short_key": kept.key[:SHORT], **data, **days, "this_program": not of_another_program(kept)}


def local_time(moment: str | None) -> str:
    """Return a moment in ISO 8601 by this machine's clock, to the minute."""
    return "" if moment is None else f"{dt.datetime.fromisoformat(moment).astimezone():%Y-%m-%d %H:%M}"


def _json(file: Path) -> dict[str, Any]:
    """Return a file's JSON table; an empty one if there is none."""
    try:
        found = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _bytes(folder: Path) -> int:
    return sum(file.lstat().st_size for file in folder.rglob("*") if not file.is_dir())


def _store_bytes(place: Path) -> int:
    return sum(file.stat().st_size for file in place.glob(f"{FILE}*") if ".damaged" not in file.name)
