"""From what pydantic says about a file to what a planner is told."""

from __future__ import annotations

import math
from typing import Any, get_origin

from pydantic import ValidationError

from sim.scenario import schema
from sim.scenario.faults import Path, Wrong, format_path, listed, nearest
from sim.scenario.merge import look_up
from sim.scenario.syntax import value_remedy
from sim.scenario.typed import FRACTIONS, number_remedy
from sim.scenario.unknown import unknown

_BOUNDS = ("greater_than", "greater_than_equal", "less_than", "less_than_equal")
_TABLE_TYPES = ("model_type", "model_attributes_type", "dict_type", "dataclass_type")
_PLAIN_TYPES = ("float_type", "int_type", "bool_type", "date_type", "datetime_type")
_LIST_TYPES = ("tuple_type", "list_type")
_HUGE = 1e9
"""No whole number of a scenario comes near it."""


def structural(error: ValidationError, data: dict[str, Any]) -> list[Wrong]:
    """Return what a validation error says about ``data``, one fault a place.

    Parameters
    ----------
    error
        From validating ``data`` as a :class:`~sim.scenario.scenario.Scenario`.
    data
        The resolved tables.
    """
    found: list[tuple[Path, bool, Any]] = []
    for detail in error.errors(include_url=False):
        path, branch = _place(detail["loc"], detail["type"], data)
        found.append((path, branch, detail))
    wrongs: dict[Path, Wrong] = {}
    for path, branch, detail in found:
        # Of the branches of a union, the one that understood most of the value speaks.
        deeper = any(len(other) > len(path) and other[: len(path)] == path for other, _, _ in found)
        # A list with a bad item counts as too short, which it is not.
        follows = branch or detail["type"] == "too_short"
        if not (follows and deeper) and path not in wrongs:
            wrongs[path] = _wrong(path, detail, data)
    return list(wrongs.values())


def misspelt(wrongs: list[Wrong], data: dict[str, Any]) -> list[Wrong]:
    """Return the faults, those of a table whose name is likely a slip of the pen told as that.

    It is one where a planner gives names (``[types.NAME]``), lacks keys that it must have, and has a name near that
    of a table that lacks none.
    """
    lacking: dict[Path, list[str]] = {}
    for wrong in wrongs:
        *above, key = wrong.path or ("",)
        if len(above) > 1 and not _stands(data, wrong.path) and _named(tuple(above[:-1])):
            lacking.setdefault(tuple(above), []).append(str(key))
    out = wrongs
    for path, keys in lacking.items():
        beside = [name for name in look_up(data, path[:-1]) if (*path[:-1], name) not in lacking]
        near = nearest(str(path[-1]), beside)
        if near is None:
            continue
        table, meant = format_path(path), format_path((*path[:-1], near))
        remedy = f"did you mean [{meant}]? Otherwise add {listed(keys)} to [{table}]"
        told = {path, *((*path, key) for key in keys)}
        # Of a key that no such table has, what was meant is better said when the table is known.
        told |= {wrong.path for wrong in out if wrong.path[:-1] == path and not schema.at(wrong.path)}
        out = [wrong for wrong in out if wrong.path not in told]
        out.append(Wrong(path, f"a name that is there, {listed(beside)}; or a new table with {listed(keys)}", remedy))
    return out


def _named(path: Path) -> bool:
    """Return whether a planner names the tables at a path."""
    return any(get_origin(part) is dict for found in schema.at(path) for part in schema.alternatives(found))


def _stands(data: dict[str, Any], path: Path) -> bool:
    try:
        look_up(data, path)
    except KeyError:
        return False
    return True


def _place(loc: tuple[str | int, ...], kind: str, data: dict[str, Any]) -> tuple[Path, bool]:
    """Return the path in the file of pydantic's location, and whether a union's branch was named last."""
    path: list[str | int] = []
    here: Any = data
    branch = False
    for index, key in enumerate(loc):
        branch = False
        if (isinstance(here, dict) and key in here) or (
            isinstance(here, list) and isinstance(key, int) and key < len(here)
        ):
            here = here[key]  # type: ignore[index]
            path.append(key)
        elif kind == "missing" and index == len(loc) - 1:
            path.append(key)
        else:
            branch = True
    return tuple(path), branch


def _wrong(path: Path, detail: Any, data: dict[str, Any]) -> Wrong:
    kind: str = detail["type"]
    context: dict[str, Any] = detail.get("ctx", {})
    if kind == "mistake":
        return Wrong(path, context["allowed"], context["remedy"])
    if kind in ("value_error", "assertion_error"):
        return Wrong(path, str(context.get("error", detail["msg"])), "change the values so that this holds")
    if detail["loc"][-1:] == ("[key]",):
        return _wrong_key(path, kind, context)
    if kind == "extra_forbidden":
        return unknown(path, data)
    if kind == "missing":
        table = format_path(path[:-1])
        where = f"to [{table}]" if table else "at the top of the file"
        return Wrong(path, schema.allowed(path), f"add {path[-1]} {where}")
    value = look_up(data, path)
    return Wrong(path, schema.allowed(path), _remedy(path, kind, context, value))


def _wrong_key(path: Path, kind: str, context: dict[str, Any]) -> Wrong:
    if kind == "literal_error":
        return Wrong(path, f"a key out of {context['expected']}", _instead(str(path[-1]), context["expected"]))
    if kind in _BOUNDS:
        return Wrong(path, "a date from 2001-01-01 to 2100-12-31 as key", "correct the year")
    return Wrong(path, "a name of letters, digits, - and _ as key, 80 at most", "rename it; a title may hold any text")


def _instead(given: str, expected: str) -> str:
    words = [word.strip(" '\"") for word in expected.replace(" or ", ",").split(",")]
    near = nearest(given, words)
    return f"write {near} instead of {given}" if near else "write one of these"


def _whole(value: Any) -> str:
    """Return how to mend what should be a whole number."""
    if not isinstance(value, float):
        return "write a whole number, without quotes or decimal point"
    if math.isnan(value):
        return "give a number"
    if abs(value) >= _HUGE:
        return "the number is far too large: give one inside these bounds, in digits"
    if value == round(value):
        return f"write it in digits, without decimal point or e: {value:.0f}, if that is inside these bounds"
    return f"write a whole number, such as {math.floor(value)} or {math.ceil(value)}"


def _reads_as_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _remedy(path: Path, kind: str, context: dict[str, Any], value: Any) -> str:
    if kind in _BOUNDS:
        most = 100.0 * abs(context.get("le", context.get("lt", context.get("ge", 0.0))))
        if "lt" in context:
            most = math.nextafter(most, 0.0)
        fraction = context.get("le", context.get("lt")) == 1.0 or path[-1] in FRACTIONS
        if fraction and isinstance(value, (int, float)) and 1 < abs(value) <= most:
            return f"a share is a fraction: write {value / 100:g} for {value:g} %"
        return "give a value inside these bounds"
    if kind == "finite_number":
        return "give a finite number"
    if kind in _PLAIN_TYPES and isinstance(value, str):
        if plain := number_remedy(path, value) or value_remedy(value):
            return plain
        if kind in ("float_type", "int_type") and not _reads_as_number(value):
            return f"this is text: write a {'whole ' if kind == 'int_type' else ''}number in digits"
    if kind == "float_type":
        if isinstance(value, int) and not isinstance(value, bool):
            return "give a value inside these bounds"
        return "write the number, without quotes" if isinstance(value, str) else "write a number"
    if kind in ("int_type", "int_from_float"):
        return _whole(value)
    if kind == "string_type":
        return "put the text in quotes"
    if kind == "bool_type":
        return "write true or false, without quotes"
    if kind in _LIST_TYPES:
        return "write a list in square brackets"
    if kind in _TABLE_TYPES:
        return "write a table: { key = value, … }"
    if kind == "literal_error":
        return _instead(str(value), str(context["expected"]))
    if kind == "too_short" and context["actual_length"] == 0:
        return "it is empty: at least one is needed"
    if kind in ("too_short", "too_long"):
        limit = f"at least {context['min_length']}" if kind == "too_short" else f"at most {context['max_length']}"
        return f"it has {context['actual_length']}; give {limit}"
    if kind == "timezone_naive":
        return "leave out the time zone: times are local"
    if kind == "date_type":
        return "write the date alone, without quotes and time of day"
    if kind == "datetime_type":
        return "write date and time, without quotes"
    if kind.startswith("string_"):
        return "write a text of the kind and length allowed"
    return "write what is allowed"
