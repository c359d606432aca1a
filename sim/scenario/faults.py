"""What is wrong with a scenario, said to a planner: file, key, value, what is allowed, how to mend it."""

from __future__ import annotations

import difflib
import json
import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic_core import PydanticCustomError

Path = tuple[str | int, ...]
"""A place in the scenario: keys, and numbers for the items of a list (the first is 0)."""

_BARE = re.compile(r"[\w-]+")
_SHOWN = 60
_LISTED = 14
_FEW = 6
"""So many names more than that are listed too: the one wanted may be among them."""


@dataclass(frozen=True)
class Fault:
    """One thing wrong with a scenario.

    Attributes
    ----------
    file
        The file that set the value, ``--set`` for an override on the command line.
    key
        The key's path in that file, empty when the fault is the whole file's.
    value
        The value given, as text; empty when nothing was given.
    allowed
        What may stand there.
    remedy
        How to mend it.
    where
        The line and column, where the file could not be read there; else empty.
    """

    file: str
    key: str
    value: str
    allowed: str
    remedy: str
    where: str = ""

    def __str__(self) -> str:
        """Return the planner's message, three lines."""
        place = f"{self.file}, {self.where}" if self.where else self.file
        if self.key:
            place = f"{place}: {self.key}"
        # A line that could not be read has no key, but what stands there.
        given = f" = {self.value}" if self.key or not self.where else f": {self.value}"
        given = given if self.value else " =" if self.where and self.key else ""
        return f"{place}{given}\n    allowed: {self.allowed}\n    to mend: {self.remedy}"


class ScenarioError(Exception):
    """A scenario that cannot be used, with every fault found in it."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(faults)
        self.faults = list(faults)

    def __str__(self) -> str:
        """Return all faults as one message."""
        count = len(self.faults)
        head = "The scenario has a fault:" if count == 1 else f"The scenario has {count} faults:"
        return "\n".join([head, *(str(fault) for fault in self.faults)])


def mistake(allowed: str, remedy: str) -> PydanticCustomError:
    """Return the error that a table's own validator raises, in the language of faults."""
    return PydanticCustomError("mistake", "{allowed}: {remedy}", {"allowed": allowed, "remedy": remedy})


def shown(value: Any) -> str:
    """Return a value as a planner would write it, shortened."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        # What could not be read is marked so (sim.scenario.syntax).
        text = "…" if value.startswith("\0") else quoted(value)
    elif isinstance(value, list):
        text = "[" + ", ".join(shown(item) for item in value[:_LISTED]) + "]"
    elif isinstance(value, dict):
        parts = (f"{format_path((key,))} = {shown(item)}" for key, item in list(value.items())[:_LISTED])
        text = "{ " + ", ".join(parts) + " }"
    elif isinstance(value, int) and value.bit_length() > 200:
        text = "a whole number of more than 60 digits"
    else:
        text = str(value)
    return cut(text)


def cut(text: str) -> str:
    """Return a text, shortened."""
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def listed(names: Iterable[str]) -> str:
    """Return names as a phrase, not more of them than a planner wants to read."""
    ordered = list(names)
    if len(ordered) > _LISTED + _FEW:
        return ", ".join(ordered[:_LISTED]) + f" and {len(ordered) - _LISTED} more"
    return ", ".join(ordered) or "(none)"


def nearest(word: str, names: Iterable[str], alike: float = 0.6) -> str | None:
    """Return the name most like ``word``, or None if none is like it; ``alike`` is 1 for the same word alone."""
    found = difflib.get_close_matches(word, list(names), n=1, cutoff=alike)
    return found[0] if found else None


def quoted(text: str) -> str:
    """Return text in quotes, as TOML writes it."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def format_path(path: Iterable[str | int]) -> str:
    """Return a path as it is written in a file and on the command line, with quotes where needed."""
    return ".".join(str(key) if isinstance(key, int) or _BARE.fullmatch(key) else quoted(key) for key in path)


def parse_path(text: str) -> tuple[str, ...] | None:
    """Return the keys of a dotted path, or None if it is not one.

    Examples
    --------
    >>> parse_path('calendar.days."2020-02-01"')
    ('calendar', 'days', '2020-02-01')
    """
    keys: list[str] = []
    rest = text.strip()
    while True:
        found = re.match(r"""\s*(?:([\w-]+)|("(?:[^"\\]|\\.)*")|'([^']*)')\s*(\.|$)""", rest)
        if found is None:
            return None
        bare, quoted, literal, end = found.groups()
        if quoted is not None:
            try:
                keys.append(tomllib.loads(f"key = {quoted}")["key"])
            except ValueError:
                return None
        else:
            keys.append(bare if bare is not None else literal)
        rest = rest[found.end() :]
        if not end:
            return tuple(keys)


@dataclass(frozen=True)
class Wrong:
    """A fault that does not yet know its file and value.

    Attributes
    ----------
    path
        The key's path.
    allowed, remedy
        As in :class:`Fault`.
    with_
        Other paths that together with ``path`` make the fault: the one set last is the one reported.
    on_set
        The remedy where ``--set`` gave the value, if it is another there.
    """

    path: Path
    allowed: str
    remedy: str
    with_: tuple[Path, ...] = ()
    on_set: str = ""
