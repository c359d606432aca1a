"""Laying one file over another: tables merge key by key, lists replace, alternatives replace each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from sim.scenario.faults import Path
from sim.scenario.scenario import Scenario
from sim.scenario.schema import below, tables

_ROOT: list[Any] = [Scenario]


def merge(base: dict[str, Any], over: dict[str, Any], shapes: list[Any] = _ROOT) -> dict[str, Any]:
    """Return ``base`` with ``over`` laid on it; neither is changed.

    A key that is one of several alternatives (a distribution's law, ``per_hour``) removes the others that
    ``base`` has, as the tables' ``displaces`` say.

    Parameters
    ----------
    base, over
        Tables of a scenario file.
    shapes
        Annotations of what stands here in the schema.
    """
    out = _kept(base, over, shapes)
    for key, value in over.items():
        old = out.get(key)
        both = isinstance(old, dict) and isinstance(value, dict)
        out[key] = merge(old, value, below(shapes, key)) if both else value  # type: ignore[arg-type]
    return out


def assign(base: Any, path: tuple[str, ...], value: Any, shapes: list[Any] = _ROOT) -> Any:
    """Return ``base`` with ``value`` at ``path``, as if a file had said so; a number picks an item of a list.

    Raises
    ------
    IndexError
        The path leads to an item that a list does not have.
    """
    if not path:
        return merge(base, value, shapes) if isinstance(base, dict) and isinstance(value, dict) else value
    key, rest = path[0], path[1:]
    if isinstance(base, list):
        if not key.isdecimal() or int(key) >= len(base):
            raise IndexError(key)
        items = list(base)
        items[int(key)] = assign(items[int(key)], rest, value, below(shapes, int(key)))
        return items
    out = _kept(base, (key,), shapes) if isinstance(base, dict) else {}
    out[key] = assign(out.get(key), rest, value, below(shapes, key))
    return out


def _kept(base: dict[str, Any], over: Iterable[str], shapes: list[Any]) -> dict[str, Any]:
    gone: set[str] = set()
    for table in tables(shapes):
        displaces = getattr(table, "displaces", {})
        for key in over:
            gone |= displaces.get(key, frozenset())
    return {key: value for key, value in base.items() if key not in gone}


def places(value: Any, path: Path = ()) -> Iterator[Path]:
    """Yield the path of everything in ``value``, tables and lists before what they hold."""
    yield path
    if isinstance(value, dict):
        for key, item in value.items():
            yield from places(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from places(item, (*path, index))


def look_up(data: Any, path: Path) -> Any:
    """Return what stands at a path.

    Raises
    ------
    KeyError
        Nothing stands there.
    """
    for key in path:
        inside = isinstance(data, dict) and key in data
        if inside or (isinstance(data, list) and isinstance(key, int) and key < len(data)):
            data = data[key]
        else:
            raise KeyError(key)
    return data
