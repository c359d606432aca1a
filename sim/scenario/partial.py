"""What is sound of a faulty file, so that one fault does not hide the others.

The tables that hold a fault are built without checking, and what is at fault is left out of them: reading it
raises ``AttributeError`` or ``TypeError``, and the check that needed it is skipped.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, get_args, get_origin

from pydantic import TypeAdapter, ValidationError

from sim.scenario import schema
from sim.scenario.base import Table
from sim.scenario.faults import Path

HOLE: Any = object()
"""Stands for what is at fault."""


def salvage(annotation: Any, raw: Any, bad: Iterable[Path]) -> Any:
    """Return ``raw`` read as ``annotation``, without what stands at the paths in ``bad``.

    Parameters
    ----------
    annotation
        What should stand here.
    raw
        What the file says.
    bad
        Paths at fault, from here; an empty path is ``raw`` itself.
    """
    inside = set(bad)
    if () in inside:
        return HOLE
    if not inside:
        return TypeAdapter(annotation).validate_python(raw)
    parts = [part for part in schema.alternatives(annotation) if part is not type(None)]
    if len(parts) != 1:
        return HOLE
    part = parts[0]
    if isinstance(part, type) and issubclass(part, Table) and isinstance(raw, dict):
        return _table(part, raw, inside)
    arguments = get_args(part)
    if get_origin(part) is dict and isinstance(raw, dict):
        return _entries(arguments[0], arguments[1], raw, inside)
    if get_origin(part) is tuple and isinstance(raw, list) and schema.tables([arguments[0]]):
        return tuple(salvage(arguments[0], value, _below(inside, i)) for i, value in enumerate(raw))
    return HOLE


def _entries(key_annotation: Any, annotation: Any, raw: dict[str, Any], bad: set[Path]) -> dict[Any, Any]:
    read = TypeAdapter(key_annotation).validate_python
    found = {}
    for key, value in raw.items():
        try:
            name = read(key)
        except ValidationError:
            continue
        found[name] = salvage(annotation, value, _below(bad, key))
    return found


def _table(table: type[Table], raw: dict[str, Any], bad: set[Path]) -> Table:
    values: dict[str, Any] = {}
    holes = []
    for key, name in schema.keys(table).items():
        if key not in raw:
            continue
        field = table.model_fields[name]
        marks = [mark for mark in (*field.metadata, field.discriminator) if mark is not None]
        annotation = Annotated[(field.annotation, *marks)] if marks else field.annotation
        value = salvage(annotation, raw[key], _below(bad, key))
        if value is HOLE:
            holes.append(name)
        else:
            values[key] = value
    built = table.model_construct(**values)
    for name in holes:
        built.__dict__.pop(name, None)
    return built


def _below(paths: Iterable[Path], key: str | int) -> set[Path]:
    return {path[1:] for path in paths if path[:1] == (key,)}
