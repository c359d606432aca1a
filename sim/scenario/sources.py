"""Where each number comes from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sim.scenario import schema
from sim.scenario.base import Table
from sim.scenario.faults import Path, Wrong, format_path, nearest, parse_path
from sim.scenario.groups import is_roster
from sim.scenario.merge import look_up, places
from sim.scenario.scenario import Scenario

CHANGED = "changed: "
"""Begins the source of a number that was changed without saying where the new one comes from."""
DEFAULT = "default of the format"
NONE = "no source given"
PLACEHOLDER = "assumed: why"
"""What the text of a new scenario has where the planner is to say why: no source."""

Number = float | tuple[float, ...]
_NOT_QUANTITIES = ("schema", "sources", "name", "title")


def numbers(scenario: Scenario) -> list[tuple[str, Number, str]]:
    """Return every number of a scenario with its source.

    Returns
    -------
    list of (path, value, source)
        A list of numbers is one entry. A number that no file sets has the source ``default of the format``;
        one without a source ``no source given``.
    """
    sources = _parsed(scenario.sources)
    found = []
    for path, value, given in _quantities(scenario, (), True):
        source = _longest(path, sources)
        text = sources[source] if source is not None else NONE if given else DEFAULT
        # A list that was changed may leave out some numbers of its tables.
        text = DEFAULT if text.startswith(CHANGED) and not given else text
        text = NONE if _is_placeholder(text) else text
        found.append((format_path(path), value, text))
    return found


def unsourced(scenario: Scenario) -> list[str]:
    """Return the paths of the numbers that a file or an override sets and no source speaks for."""
    return [path for path, _, source in numbers(scenario) if source == NONE or source.startswith(CHANGED)]


def placeholders(scenario: Scenario) -> list[str]:
    """Return the keys under ``[sources]`` whose text is still that of a new scenario."""
    return [key for key, text in scenario.sources.items() if _is_placeholder(text)]


def _is_placeholder(text: str) -> bool:
    return text.strip().rstrip(".").lower() == PLACEHOLDER


def check_sources(data: Mapping[str, Any]) -> Iterator[Wrong]:
    """Yield the source keys that lead to no key of the scenario.

    Parameters
    ----------
    data
        The resolved tables as the files give them, right or wrong.
    """
    for key in _texts(data):
        path = parse_path(key)
        if path is None or not (_stands(data, path) or _has_default(path)):
            known = [format_path(place) for place in places(dict(data)) if place and place[0] != "sources"]
            near = nearest(key, known)
            yield Wrong(
                ("sources", key),
                "the path of a key of this scenario, such as demand.growth",
                f"write {near} instead" if near else "correct the path, or leave the source out",
            )


def settle(before: Mapping[str, Any], after: dict[str, Any], over: Mapping[str, Any], label: str) -> None:
    """Keep sources true when a file or an override is laid over others; changes ``after["sources"]``.

    An inherited source does not speak for a number that ``over`` changes: the number takes a source that
    ``over`` gives, or else is marked as changed. Inherited sources of keys that are gone go too.

    Parameters
    ----------
    before, after
        The tables before and after.
    over
        What was laid over them.
    label
        Who did it, for the mark.
    """
    inherited, own = _texts(before), _texts(over)
    if not inherited:
        return
    kept = dict(inherited)
    for key in inherited:
        path = parse_path(key)
        if path is not None and _stands(before, path) and not _stands(after, path):
            del kept[key]
    kept.update(own)
    parsed_inherited, parsed_own = _parsed(inherited), _parsed(own)
    for path in _changed(before, over):
        for old in [old for old in parsed_inherited if len(old) > len(path) and old[: len(path)] == path]:
            if old not in parsed_own:
                kept.pop(_key(inherited, old), None)
        theirs, mine = _longest(path, parsed_inherited), _longest(path, parsed_own)
        if theirs is None:
            continue
        if mine is None:
            kept[format_path(path)] = f"{CHANGED}{label}, {NONE}"
        elif len(theirs) > len(mine):
            kept[format_path(path)] = parsed_own[mine]
    after["sources"] = kept


def _key(texts: Mapping[str, str], path: tuple[str, ...]) -> str:
    return next(key for key in texts if parse_path(key) == path)


def _texts(data: Mapping[str, Any]) -> dict[str, str]:
    table = data.get("sources")
    return table if isinstance(table, dict) else {}


def _parsed(sources: Mapping[str, str]) -> dict[tuple[str, ...], str]:
    paths = ((parse_path(key), text) for key, text in sources.items())
    return {path: text for path, text in paths if path is not None}


def _longest(path: Path, sources: Mapping[tuple[str, ...], str]) -> tuple[str, ...] | None:
    keys = tuple(str(key) for key in path)
    return next((keys[:n] for n in range(len(keys), 0, -1) if keys[:n] in sources), None)


def _changed(before: Any, over: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield the paths of the numbers and lists that ``over`` changes.

    A list changes whole, and so does a roster; but of a list whose tables are the same in all but numbers only those
    numbers do.
    """
    if is_roster(path):
        if over != before:
            yield path
    elif isinstance(over, dict):
        for key, value in over.items():
            if path or key not in _NOT_QUANTITIES:
                yield from _changed(before.get(key) if isinstance(before, dict) else None, value, (*path, key))
    elif over != before and _are_tables(over) and _are_tables(before) and _said(over) == _said(before):
        for index, (old, new) in enumerate(zip(before, over, strict=True)):
            yield from _changed(old, new, (*path, str(index)))
    elif over != before and (isinstance(over, list) or _is_number(over)):
        yield path


def _said(data: Any) -> Any:
    """Return what is said beside numbers: two that say the same differ in numbers alone."""
    if isinstance(data, dict):
        return {key: _said(value) for key, value in data.items() if not _are_numbers(value)}
    return [_said(item) for item in data] if _are_tables(data) else data


def _are_tables(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, dict) for item in value)


def _are_numbers(value: Any) -> bool:
    return all(map(_is_number, value)) if isinstance(value, list) else _is_number(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def numbered(data: Any, path: Iterable[str]) -> Path:
    """Return a path of keys with numbers where they pick an item of a list."""
    found: list[str | int] = []
    for key in path:
        index = int(key) if isinstance(data, list) and key.isdecimal() else key
        found.append(index)
        try:
            data = look_up(data, (index,))
        except KeyError:
            data = None
    return tuple(found)


def _stands(data: Any, path: tuple[str, ...]) -> bool:
    try:
        look_up(data, numbered(data, path))
    except KeyError:
        return False
    return True


def _has_default(path: tuple[str, ...]) -> bool:
    """Return whether a path leads through tables that stand there even when no file writes them."""
    here: Any = Scenario
    value: Any = None
    for key in path:
        table = here if isinstance(here, type) else type(here)
        if not issubclass(table, Table) or key not in schema.keys(table):
            return False
        name = schema.keys(table)[key]
        value = getattr(here, name) if isinstance(here, Table) else table.model_fields[name].get_default()
        if value is None:
            return False
        here = value
    return True


def _quantities(value: Any, path: Path, given: bool) -> Iterator[tuple[Path, Number, bool]]:
    """Yield path, value and whether a file sets it, of every number below ``value``."""
    if isinstance(value, Table):
        for key, name in schema.keys(type(value)).items():
            if path or key not in _NOT_QUANTITIES:
                here = given and name in value.model_fields_set
                yield from _quantities(getattr(value, name), (*path, key), here)
    elif isinstance(value, dict) and is_roster(path):
        yield path, tuple(number for day in value.values() for number in day), given
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _quantities(item, (*path, str(key)), given)
    elif isinstance(value, (tuple, list)):
        if value and all(map(_is_number, value)):
            yield path, tuple(value), given
        else:
            for index, item in enumerate(value):
                yield from _quantities(item, (*path, index), given)
    elif _is_number(value):
        yield path, value, given
