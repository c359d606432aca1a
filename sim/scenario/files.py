"""Finding and reading scenario files, each with those it extends."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.scenario import schema
from sim.scenario.faults import Fault, cut, listed, nearest, shown
from sim.scenario.merge import look_up
from sim.scenario.rosters import roster_paths
from sim.scenario.scenario import Scenario
from sim.scenario.syntax import Slip, read

_DEEPEST = 24
_LARGEST_BYTES = 20_000_000
_KEY = rf"""(?:{"|".join(["extends", *(schema.keys(Scenario).keys() - {"name", "title"})])})\b[\w."' -]*"""
_OWN_LINE = re.compile(rf"^[ \t]*(?:\[+ *{_KEY}\]+[ \t]*(?:#.*)?|{_KEY}[=＝].*)$", re.MULTILINE)
"""A table or key at the top of a scenario; a name and a title may begin other files too."""


@dataclass(frozen=True)
class Layer:
    """One file's tables, and the name it has in messages."""

    file: str
    data: dict[str, Any]
    slips: tuple[Slip, ...] = ()
    """Lines that could not be read; ``data`` holds their marks."""


class UnreadableError(Exception):
    """A file that gives no tables; holds the faults."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__(*faults)
        self.faults = list(faults)


def shipped() -> dict[str, Path]:
    """Return the scenarios that come with the package, by name."""
    package = Path(__file__).resolve().parents[1]
    # An installed wheel holds them inside the package, a checkout beside it.
    folder = next((f for f in (package / "scenarios", package.parent / "scenarios") if f.is_dir()), None)
    return {} if folder is None else {file.stem: file for file in sorted(folder.glob("*.toml"))}


def locate(name: str | os.PathLike[str], folder: Path) -> Path:
    """Return the file that ``name`` means: a shipped scenario's name, or a path from ``folder``."""
    text = os.fspath(name)
    return shipped().get(text) or folder / text


def read_chain(name: str | os.PathLike[str]) -> tuple[list[Layer], list[Fault]]:
    """Read a file and all it extends, directly or not.

    Returns
    -------
    layers
        The tables, those of the file that extends nothing first; ``extends`` itself is taken out.
    faults
        Why the chain could not be followed to its end; if any, ``layers`` holds what could be read.
    """
    layers: list[Layer] = []
    file, source = locate(name, Path()), Fault("", "", "", "", "")
    seen: list[Path] = []
    while True:
        try:
            data, slips = _read(file, source)
        except UnreadableError as unreadable:
            return layers, unreadable.faults
        seen.append(file.resolve())
        extends = data.pop("extends", None)
        _root_rosters(data, file.parent)
        data.setdefault("name", re.sub(r"[^\w-]+", "-", file.stem).strip("-_") or "scenario")
        layers.insert(0, Layer(_label(file), data, slips))
        if extends is None:
            return layers, []
        unread = next((slip for slip in slips if slip.mark == extends), None)
        if unread is not None:
            allowed = "the name of a shipped scenario or a path, in quotes"
            return layers, [Fault(_label(file), "extends", cut(unread.value), allowed, unread.remedy, unread.where)]
        source = Fault(_label(file), "extends", shown(extends), "", "")
        if not isinstance(extends, str):
            allowed = "the name of a shipped scenario or a path, in quotes"
            return layers, [_because(source, allowed, f"write one of {listed(shipped())}")]
        file = locate(extends, file.parent)
        if file.resolve() in seen:
            names = [_label(path) for path in (*seen, file.resolve())]
            return layers, [
                _because(source, "a scenario that does not lead back here", f"break the loop {' → '.join(names)}")
            ]


def _root_rosters(data: dict[str, Any], folder: Path) -> None:
    """Let the rosters that a file names be found from the working folder; changes ``data``.

    A file that extends this one may lie elsewhere, so it is done before the two are laid one over the other.
    """
    for path in roster_paths(data):
        named = look_up(data, path)
        if isinstance(named, str) and not named.startswith("\0"):  # the mark of a line that could not be read
            look_up(data, path[:-1])[path[-1]] = _label(folder / named)


def _because(source: Fault, allowed: str, remedy: str) -> Fault:
    return Fault(source.file, source.key, source.value, allowed, remedy)


def _label(file: Path) -> str:
    """Return a file's path as a planner knows it: from the working folder, if it lies inside."""
    try:
        inside = file.resolve().relative_to(Path.cwd())
        return str(inside) if inside.parts else str(file)
    except (ValueError, OSError):
        return str(file)


def slip_fault(file: str, slip: Slip, key: str = "", allowed: str = "") -> Fault:
    """Return the fault of a line that could not be read, with its key and what it allows where they are known."""
    toml = "TOML: key = value, [table], texts in quotes"
    return Fault(file, key, cut(slip.value if key else slip.text), allowed or toml, slip.remedy, slip.where)


def _read(file: Path, source: Fault) -> tuple[dict[str, Any], tuple[Slip, ...]]:
    """Return the tables of a file and its slips; ``source`` is the ``extends`` that names it, if one does."""
    place = source if source.key else Fault(_label(file), "", "", "", "")
    here = _label(file)
    try:
        content = _bytes(file, place)
        if file.suffix.lower() != ".toml" and not _OWN_LINE.search(content.decode("utf-8", "replace")):
            remedy = "this is not a scenario file: name a .toml file, or begin one with `hotline new NAME`"
            raise UnreadableError(_because(place, "a scenario file, TOML as `hotline new` writes it", remedy))
        text = content.decode("utf-8-sig")
        data, slips = read(text)
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise UnreadableError(
            Fault(
                here,
                "",
                f"byte {error.object[error.start]:#04x} in line {line}",
                "text in UTF-8",
                "save the file with the encoding UTF-8",
            )
        ) from None
    except RecursionError:
        raise UnreadableError(
            Fault(here, "", "", f"at most {_DEEPEST} levels of tables and lists", "flatten it")
        ) from None
    except OSError as error:
        raise UnreadableError(
            _because(place, "a file that can be read", f"{file}: {error.strerror or error}")
        ) from None
    except ValueError as error:
        raise UnreadableError(
            Fault(
                here,
                "",
                f"{str(error)[:200]}",
                "TOML: key = value, [table], texts in quotes",
                "correct that line",
            )
        ) from None
    if data is None:
        raise UnreadableError(*(slip_fault(here, slip) for slip in sorted(slips, key=lambda slip: slip.line)))
    if not data:
        raise UnreadableError(
            Fault(
                here,
                "",
                "an empty file",
                "at least extends, or the tables of a scenario",
                'write extends = "a shipped scenario", or start from `hotline new`',
            )
        )
    if _depth(data) > _DEEPEST:
        raise UnreadableError(Fault(here, "", "", f"at most {_DEEPEST} levels of tables and lists", "flatten it"))
    return data, tuple(slips)


def _bytes(file: Path, place: Fault) -> bytes:
    known = listed(shipped())
    allowed = f"a scenario file, or a shipped scenario: {known}"
    if "\0" in str(file) or not file.exists():
        beside = [other.name for other in sorted(file.parent.glob("*.toml"))] if file.parent.is_dir() else []
        near = nearest(file.name, [*shipped(), *beside])
        remedy = f"write {near}" if near else "correct the name, or make one with `hotline new`"
        raise UnreadableError(_because(place, allowed, f"there is no such file; {remedy}"))
    if not file.is_file():
        what = "a folder" if file.is_dir() else "not a regular file"
        raise UnreadableError(_because(place, allowed, f"this is {what}; name a .toml file in it or elsewhere"))
    if file.stat().st_size > _LARGEST_BYTES:
        raise UnreadableError(_because(place, f"a file of at most {_LARGEST_BYTES:,} bytes", "this is no scenario"))
    return file.read_bytes()


def _depth(data: Any) -> int:
    level, depth = [data], 0
    while level:
        depth += 1
        level = [
            item
            for value in level
            if isinstance(value, (dict, list))
            for item in (value.values() if isinstance(value, dict) else value)
        ]
    return depth
