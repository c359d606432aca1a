"""A result folder that is complete or absent: written aside, then renamed."""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

MANIFEST: Final = "manifest.json"


class OutputError(Exception):
    """The result cannot be written there; the message is a planner's."""

    def __init__(self, folder: Path, allowed: str, remedy: str) -> None:
        super().__init__(f"--out = {folder}\n    allowed: {allowed}\n    to mend: {remedy}")


def claim(folder: Path, software: str) -> Path:
    """Return the folder's full path, having made sure that a result may be written there.

    It may be new, empty, or a result of ours with nothing else in it. A result that a run killed while it
    replaced it has left aside is put back first.

    Raises
    ------
    OutputError
        If something is there that is not ours, or the place cannot be written to.
    """
    # A link is followed: the folder it leads to is replaced, not the link.
    full = Path(os.path.realpath(folder))
    allowed = "a folder that is new, empty, or holds a result of this program and nothing else"
    if Path.cwd().is_relative_to(full):
        raise OutputError(folder, allowed, "name a folder of its own, such as results/next-year")
    _recover(full, software)
    if full.exists():
        strange = not_ours(full, software)
        if strange:
            raise OutputError(folder, allowed, f"{strange}; choose another folder with --out, or move that away")
    try:
        full.parent.mkdir(parents=True, exist_ok=True)
        # Asking for permissions is not enough: /proc grants them and takes no folder.
        os.rmdir(tempfile.mkdtemp(prefix=f".{full.name}.", dir=full.parent))
    except OSError as error:
        place = full.parent if full.parent.is_dir() else error.filename
        raise OutputError(
            folder,
            "a folder in a place that can be written to",
            f"{place} takes no new folder ({error.strerror}); choose another place with --out",
        ) from None
    return full


def not_ours(folder: Path, software: str) -> str:
    """Return what is there and not ours, as a phrase; empty if all is a result of ``software``."""
    if not folder.is_dir():
        return "this is a file"
    try:
        manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
        ours = set(manifest["files"]) if manifest["software"] == software else set()
    except (OSError, ValueError, KeyError, TypeError):
        ours = set()
    files = (str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir())
    return next((f"it holds {file}" for file in files if file not in ours), "")


def _recover(folder: Path, software: str) -> None:
    """Put back what a run killed while it replaced a result left aside; remove it if the new one is there."""
    if not folder.parent.is_dir():
        return
    pattern = re.compile(rf"\.{re.escape(folder.name)}\.[0-9]+\.old")
    aside = [path for path in folder.parent.iterdir() if pattern.fullmatch(path.name)]
    for old in sorted(aside, key=lambda path: path.stat().st_mtime_ns, reverse=True):
        if not_ours(old, software):
            continue
        if folder.exists():
            shutil.rmtree(old, ignore_errors=True)
        else:
            os.rename(old, folder)


def replace(folder: Path, fill: Callable[[Path], None]) -> None:
    """Fill a folder aside and put it in the place of ``folder``, whole.

    Whatever goes wrong, a full disk or a kill, what was there before stays; after a kill between the two
    renames it is aside, and :func:`claim` puts it back.

    Parameters
    ----------
    folder
        Where; what is there is replaced.
    fill
        Writes the files into the folder it is given.
    """
    new, old = (folder.with_name(f".{folder.name}.{os.getpid()}.{state}") for state in ("new", "old"))
    shutil.rmtree(new, ignore_errors=True)
    try:
        new.mkdir()
        fill(new)
        for path in (*new.rglob("*"), new):
            _flush(path)
        _swap(folder, new, old)
    except BaseException:
        shutil.rmtree(new, ignore_errors=True)
        raise
    _flush(folder.parent)
    shutil.rmtree(old, ignore_errors=True)


def remove(folder: Path) -> None:
    """Remove a folder: it is gone at once, whatever happens while its files are removed."""
    aside = folder.with_name(f".{folder.name}.{os.getpid()}.removed")
    os.rename(folder, aside)
    shutil.rmtree(aside)


def _swap(folder: Path, new: Path, old: Path) -> None:
    replaced = folder.exists()
    if replaced:
        os.rename(folder, old)
    try:
        os.rename(new, folder)
    except BaseException:
        if replaced:
            os.rename(old, folder)
        raise


def _flush(path: Path) -> None:
    """Make sure that a file or folder is on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
