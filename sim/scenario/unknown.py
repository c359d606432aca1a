"""What was likely meant by a key that its table does not have: another key of it, one below it, or one elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import takewhile
from typing import Any, NamedTuple

from sim.scenario import schema
from sim.scenario.base import Table
from sim.scenario.faults import Path, Wrong, format_path, listed, nearest
from sim.scenario.merge import look_up
from sim.scenario.scenario import Scenario

_LOOSE, _ONE_LETTER = 0.6, 0.85
"""How alike two keys are, at least, for one to be a slip of the pen for the other."""
_SHORTEST = 3
"""Letters of a key, at least, for it to be the beginning of another."""
_OFFERED = 3


class _Place(NamedTuple):
    path: Path
    description: str
    stands: bool
    """Whether a file or an override writes it."""


def unknown(path: Path, data: dict[str, Any]) -> Wrong:
    """Return the fault of a key that its table does not have.

    Parameters
    ----------
    path
        The key's.
    data
        The resolved tables.
    """
    key, above = str(path[-1]), path[:-1]
    known = list(dict.fromkeys(name for table in schema.tables(schema.at(above)) for name in schema.keys(table)))
    allowed = f"the keys {listed(known)}"
    homes = [_named(home, path) for home in _homes(key, Scenario, ())]
    # A key of another table is hardly a slip of the pen, unless it is one letter off a key of this table.
    near = nearest(key, known, _ONE_LETTER if homes else _LOOSE)
    if near is not None:
        return Wrong(path, allowed, f"write {near} instead of {key}")
    # At the top everything is inside.
    inside = list(_places(schema.at(above), look_up(data, above), above)) if above else []
    if same := [place for place in inside if place.path[-1] == key]:
        return Wrong(path, allowed, f"write {_offered(same)}")
    if begun := [name for name in known if len(key) >= _SHORTEST and name.startswith(f"{key}_")]:
        return Wrong(path, allowed, f"write {' or '.join(begun)} instead of {key}")
    # The word may be what the key is said to be: a share is a probability, a share reached or satisfied.
    said = [place for place in inside if place.description.startswith(f"{key} ") and schema.numbers_at(place.path)]
    # What the table itself could have and has not is listed anyway, and may not go with what it has.
    if said := [place for place in said if place.stands or len(place.path) > len(path)]:
        return Wrong(path, allowed, f"write {_offered(said)}")
    if not homes:
        return Wrong(path, allowed, "remove it")
    return _elsewhere(path, allowed, max(homes, key=lambda home: _shared(home, path)))


def _elsewhere(path: Path, allowed: str, home: Path) -> Wrong:
    key, table = str(path[-1]), format_path(home[:-1])
    example = next((found.example for found in schema.tables(schema.at(home)) if hasattr(found, "example")), "")
    if not table and example:
        remedy = f"{key} is for the whole hotline, not a part of {format_path(path[:-1])}: write {key} = {example}"
        return Wrong(path, allowed, remedy)
    remedy = f"{key} belongs {f'in [{table}]' if table else 'at the top of the file'}; move it there"
    return Wrong(path, allowed, remedy, on_set=f"write {format_path(home)}")


def _offered(places: list[_Place]) -> str:
    """Return places as a choice with what each is, those that are written before those that are not."""
    chosen = [place for place in places if place.stands] or places
    # Two forms of a table may have the same key.
    told = {place.path: f"{format_path(place.path)} ({place.description})" for place in chosen}
    return " or ".join(list(told.values())[:_OFFERED])


def _places(annotations: list[Any], value: Any, path: Path) -> Iterator[_Place]:
    """Yield every key that a table has, and those of the tables that stand in it."""
    if isinstance(value, dict):
        for table in schema.tables(annotations):
            for key, name in schema.keys(table).items():
                yield _Place((*path, key), table.model_fields[name].description or "", key in value)
    items: Iterable[tuple[str | int, Any]] = ()
    if isinstance(value, (dict, list)):
        items = value.items() if isinstance(value, dict) else enumerate(value)
    for at, item in items:
        yield from _places(schema.below(annotations, at), item, (*path, at))


def _homes(key: str, table: type[Table], path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Yield every path in the schema that ends in ``key``, with NAME for a planner's own names."""
    for name in schema.keys(table):
        here = (*path, name)
        if name == key:
            yield here
        below = schema.below([table], name)
        for child in schema.tables(below):
            yield from _homes(key, child, here)
        for child in schema.tables(schema.below(below, "NAME")):
            if child not in schema.tables(below):
                yield from _homes(key, child, (*here, "NAME"))


def _named(home: tuple[str, ...], path: Path) -> Path:
    """Return a path of the schema with the names of ``path`` as far as the two go the same way."""
    found: list[str | int] = list(home)
    for at, (key, given) in enumerate(zip(home, path, strict=False)):
        if key not in (given, "NAME"):
            break
        found[at] = given
    return tuple(found)


def _shared(home: Path, path: Path) -> int:
    """Return how many keys two paths begin with that are the same."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(home, path, strict=False)))
