"""The ranges of numbers that are assumed, ``[ranges]``: what ``hotline sensitivity`` varies.

A key is the path of one number; ``*`` in it stands for every name of a table, so that one range speaks for what several
have, the same in each. Names whose number is the format's default are left out, if others have one of their own. No
simulation knows a range.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from operator import ge, gt, le, lt
from typing import Any

from sim.scenario import schema
from sim.scenario.faults import Path, Wrong, format_path, nearest, parse_path
from sim.scenario.merge import look_up, places
from sim.scenario.scenario import Scenario

_EVERY = "*"
_ANY_NAME = re.compile(r"(^|\.)\*(?=\.|$)")
_WITHOUT = ("schema", "ranges", "sources")
"""Tables whose numbers are none of the model's."""
_LIMITS = {"minimum": ge, "maximum": le, "exclusiveMinimum": gt, "exclusiveMaximum": lt}


@dataclass(frozen=True)
class Parameter:
    """A number with a range: its key, where it stands, what it is, and the bounds.

    ``whole`` says that only whole numbers may stand there.
    """

    key: str
    paths: tuple[Path, ...]
    base: float
    low: float
    high: float
    whole: bool

    def changes(self, value: float) -> dict[str, str]:
        """Return what ``--set`` would be given for the number to be ``value``: texts by key."""
        text = str(round(value)) if self.whole else repr(float(value))
        return {format_path(path): text for path in self.paths}

    def at(self, share: float) -> float:
        """Return the value this far, from 0 to 1, from the lower bound: six digits, or a whole number."""
        if self.whole:
            return min(int(self.low + share * (self.high - self.low + 1)), int(self.high))
        return float(f"{self.low + share * (self.high - self.low):.6g}")


def parameters(scenario: Scenario) -> list[Parameter]:
    """Return the numbers of a scenario that have a range, in the order of its table."""
    return [parameter(scenario, key, *bounds) for key, bounds in scenario.ranges.items()]


def parameter(scenario: Scenario, key: str, low: float, high: float) -> Parameter:
    """Return a number between two bounds; nothing is wrong with them (:func:`range_fault`)."""
    paths = _places_of(scenario, key)
    return Parameter(key, tuple(paths), look_up(_tables(scenario), paths[0]), low, high, _is_whole(paths[0]))


def is_of_range(source: str) -> bool:
    """Return whether a key of ``[sources]`` speaks for a range."""
    return (parse_path(source) or ("",))[0] == "ranges"


def check_ranges(scenario: Scenario) -> Iterator[Wrong]:
    """Yield what is wrong with the ranges of a scenario that is sound otherwise.

    A key must lead to a number, the number must lie in its range, and its bounds in what the schema allows. Whether
    each bound makes a scenario that can be used is seen before it is simulated.
    """
    for key, (low, high) in scenario.ranges.items():
        wrong = range_fault(scenario, key, low, high) or range_fault_around(scenario, key, low, high)
        if wrong:
            yield wrong


def range_fault_around(scenario: Scenario, key: str, low: float, high: float) -> Wrong | None:
    """Return the fault of sound bounds that do not have the scenario's own number between them, None if they do."""
    base = parameter(scenario, key, low, high).base
    if low <= base <= high:
        return None
    allowed = f"bounds with the scenario's own number, {base:,.10g}, between them"
    return Wrong(("ranges", key), allowed, "widen the range, or correct it")


def range_fault(scenario: Scenario, key: str, low: float, high: float) -> Wrong | None:
    """Return what is wrong with a key whose number is to lie between two bounds, None if nothing is."""
    place = ("ranges", key)
    tables, paths = _tables(scenario), _places_of(scenario, key)
    values = [look_up(tables, path) for path in paths]
    if not paths or not all(map(_is_number, values)):
        return _no_number(place, tables, key, paths)
    if len(set(values)) > 1:
        told = ", ".join(f"{value:,.10g}" for value in dict.fromkeys(values))
        return Wrong(place, f"one number in all that {key} stands for; they are {told}", "give each its own range")
    if not all(_allowed(paths[0], bound) for bound in (low, high)):
        return Wrong(place, f"two bounds, each {schema.allowed(paths[0])}", "narrow the range")
    return None


def settle_ranges(before: Mapping[str, Any], after: dict[str, Any], over: Mapping[str, Any]) -> None:
    """Drop the inherited ranges that no longer fit when a file or an override is laid over others.

    An inherited range was meant for the number as it was: it goes when ``over`` removes the number, moves it out of
    the range or makes numbers differ that were one, unless ``over`` gives a range itself. Changes ``after["ranges"]``.

    Parameters
    ----------
    before, after
        The tables before and after.
    over
        What was laid over them.
    """
    inherited, own = before.get("ranges"), over.get("ranges")
    if not isinstance(inherited, dict) or not isinstance(after.get("ranges"), dict):
        return
    given = own if isinstance(own, dict) else {}
    after["ranges"] = {
        key: bounds
        for key, bounds in after["ranges"].items()
        if key in given or key not in inherited or _still_fits(before, after, key, bounds)
    }


def _still_fits(before: Mapping[str, Any], after: Mapping[str, Any], key: str, bounds: Any) -> bool:
    old, new = ([look_up(data, path) for path in _paths(data, key)] for data in (before, after))
    if old == new:
        return True
    known = len(set(map(str, new))) == 1 and _is_number(new[0])
    sound = isinstance(bounds, list) and len(bounds) == 2 and all(map(_is_number, bounds))
    return known and sound and bool(bounds[0] <= new[0] <= bounds[1])


def _no_number(place: Path, tables: dict[str, Any], key: str, paths: list[Path]) -> Wrong:
    numbers = (path for path in places(tables) if path and path[0] not in _WITHOUT)
    known = [format_path(path) for path in numbers if _is_number(look_up(tables, path))]
    table = f"{format_path(paths[0])}." if paths else ""
    below = [path.removeprefix(table) for path in known if table and path.startswith(table)]
    near = f"{key}.{below[0]}" if below else nearest(key, known)
    allowed = "the path of one number of this scenario, such as demand.variation.year_cv or types.*.redial.probability"
    return Wrong(place, allowed, f"write {near} instead" if near else "correct the path, or leave the range out")


def _allowed(path: Path, bound: float) -> bool:
    """Return whether the schema has room for a number at a path."""
    return any(
        all(holds(bound, node[word]) for word, holds in _LIMITS.items() if word in node)
        and (node["type"] == "number" or bound == int(bound))
        for node in schema.numbers_at(path)
    )


def _places_of(scenario: Scenario, key: str) -> list[Path]:
    """Return where the numbers stand: those that are not the format's default, or else those that are."""
    own = scenario.model_dump(mode="json", by_alias=True, exclude_none=True, exclude_defaults=True)
    return list(_paths(own, key)) or list(_paths(_tables(scenario), key))


def _paths(data: Mapping[str, Any], key: str) -> Iterator[Path]:
    """Yield where the numbers stand that a key of ``[ranges]`` speaks for."""
    path = parse_path(_ANY_NAME.sub(r'\1"*"', key)) or ()
    yield from _below(data, path, ()) if path and path[0] not in _WITHOUT else ()


def _below(data: Any, path: tuple[str, ...], above: Path) -> Iterator[Path]:
    if not path:
        yield above
    elif isinstance(data, dict):
        for name in data if path[0] == _EVERY else (path[0],):
            if name in data:
                yield from _below(data[name], path[1:], (*above, name))
    elif isinstance(data, list) and path[0].isdecimal() and int(path[0]) < len(data):
        yield from _below(data[int(path[0])], path[1:], (*above, int(path[0])))


def _is_whole(path: Path) -> bool:
    """Return whether only whole numbers may stand at a path."""
    return all(node["type"] == "integer" for node in schema.numbers_at(path))


def _tables(scenario: Scenario) -> dict[str, Any]:
    """Return a scenario's tables with every default, as JSON has them."""
    return scenario.model_dump(mode="json", by_alias=True, exclude_none=True)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
