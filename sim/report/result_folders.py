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
from sim.report.leftovers import Leftover, leftover, leftovers
from sim.report.summary import SOFTWARE
from sim.scenario import ScenarioError
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
class Chosen:
    """What a planner names: result folders, kept experiments, and what stopped runs have left."""

    folders: list[ResultFolder]
    kept: list[Kept]
    left: list[Leftover]


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


def scenario_of(path: Path) -> str:
    """Return the TOML of the scenario of a run's result folder; empty where it is not there."""
    text = (_json(path / MANIFEST).get("scenario") or {}).get("text")
    return text if isinstance(text, str) else ""


def summary_of(path: Path) -> dict[str, Any] | None:
    """Return the ``summary.json`` of a run's result folder, or None if it is no run's."""
    found = _json(path / SUMMARY)
    return found if "measures" in found else None


def pairs_of(path: Path) -> dict[str, Floats]:
    """Return each measure's numerators and denominators in a run's result folder, of each replication.

    Raises
    ------
    ScenarioError
        If the table is not there, or is damaged; the message is a planner's.
    """
    try:
        return frames.pairs(pl.read_parquet(path / REPLICATIONS))
    except (OSError, pl.exceptions.PolarsError):
        remedy = "run it again, with the command in its manifest.json"
        allowed = f"a result folder with the table {REPLICATIONS} as a run writes it"
        raise ScenarioError([Fault(str(path), "", REPLICATIONS, allowed, remedy)]) from None


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


def named(place: Path, names: Sequence[str]) -> tuple[Chosen, list[Fault]]:
    """Return what names mean, and what is wrong with the others.

    A name is that of a result folder or of what a stopped run has left in ``place``, a path, or the short key of an
    experiment.

    Raises
    ------
    NotAStoreError
        If the kept replications cannot be read.
    """
    chosen = Chosen([], [], [])
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
            chosen.kept.extend(keys)
        elif path.exists():
            left = leftover(path)
            folder = read(path) if path.is_dir() and not path.is_symlink() else None
            strange = "" if left else not_ours(path, SOFTWARE)
            if folder is None and left is None:
                strange = strange or "it holds no result of this program"
            if Path.cwd().is_relative_to(path.resolve()):
                strange = "you are in it"
            if strange:
                allowed = "a result folder of this program with nothing else in it"
                faults.append(Fault(str(path), "", "", allowed, f"{strange}; look at it and remove it yourself"))
            elif left is not None:
                chosen.left.append(left)
            elif folder is not None:
                chosen.folders.append(folder)
        else:
            faults.append(_unknown(place, name, everything))
    return chosen, faults


def _unknown(place: Path, name: str, everything: Sequence[Kept]) -> Fault:
    keys = [one.key[:SHORT] for one in everything]
    there = [*(folder.path for folder in result_folders(place)), *(left.path for left in leftovers(place))]
    near = nearest(name, [*(path.name for path in there), *keys])
    remedy = f"write {near}" if near else f"hotline results --in {place} lists what is there"
    return Fault(name, "", "", f"a result folder in {place}, a path, or the short key of kept replications", remedy)


def remove_all(place: Path, chosen: Chosen) -> float:
    """Remove what is chosen, and return how much room that gave back, in MB.

    Raises
    ------
    OSError
        If the system does not allow it.
    """
    room: float = sum(_bytes(folder.path) for folder in chosen.folders)
    for folder in chosen.folders:
        remove(folder.path)
    for left in chosen.left:
        left.remove()
        room += left.megabytes * _MB
    if chosen.kept:
        before = _store_bytes(place)
        store = Store(place / FILE)
        try:
            store.remove([one.key for one in chosen.kept])
        finally:
            store.close()
        # Another process that has it open gives the room back when it ends.
        room += max(0, before - _store_bytes(place))
    return room / _MB


def as_data(place: Path, found: Chosen) -> dict[str, Any]:
    """Return what is there as plain data."""
    return {
        "place": str(place),
        "folders": [folder_data(folder) for folder in found.folders],
        "kept": [kept_data(one) for one in found.kept],
        "left": [{"name": left.path.name, **asdict(left), "path": str(left.path)} for left in found.left],
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
