"""The scenario's schema: as JSON for editors, as types for the loader, as words for messages."""

from __future__ import annotations

import types
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from sim.scenario.base import Table
from sim.scenario.faults import Path, listed
from sim.scenario.scenario import Scenario


def json_schema() -> dict[str, Any]:
    """Return the JSON schema of a scenario file, for editors.

    It requires no key: a file that extends another may leave out any, and loading reports what is missing.
    """
    schema: dict[str, Any] = _without_required(_resolved_schema())
    extends = {
        "type": "string",
        "title": "Extends",
        "description": "the file or shipped scenario this one starts from",
    }
    schema["properties"] = {"extends": extends, **schema["properties"]}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _without_required(node: Any) -> Any:
    if isinstance(node, dict):
        # A property may have the name "required" too: only the list is the keyword.
        return {
            key: _without_required(value)
            for key, value in node.items()
            if key != "required" or not isinstance(value, list)
        }
    return [_without_required(item) for item in node] if isinstance(node, list) else node


@cache
def _resolved_schema() -> dict[str, Any]:
    return Scenario.model_json_schema(by_alias=True)


def alternatives(annotation: Any) -> Iterator[Any]:
    """Yield the plain types of an annotation, unions and metadata taken off."""
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from alternatives(get_args(annotation)[0])
    elif origin in (Union, types.UnionType):
        for part in get_args(annotation):
            yield from alternatives(part)
    else:
        yield annotation


def tables(annotations: Iterable[Any]) -> list[type[Table]]:
    """Return the tables among the alternatives of some annotations."""
    return [
        part
        for annotation in annotations
        for part in alternatives(annotation)
        if isinstance(part, type) and issubclass(part, Table)
    ]


def keys(table: type[Table]) -> dict[str, str]:
    """Return the keys of a table as the file writes them, each with its attribute's name."""
    return {field.alias or name: name for name, field in table.model_fields.items()}


def below(annotations: Iterable[Any], key: str | int) -> list[Any]:
    """Return what may stand at ``key`` of something that has one of the ``annotations``; empty if nothing."""
    found: list[Any] = []
    for annotation in annotations:
        for part in alternatives(annotation):
            origin, arguments = get_origin(part), get_args(part)
            if isinstance(part, type) and issubclass(part, Table):
                name = keys(part).get(str(key))
                if name is not None:
                    found.append(part.model_fields[name].annotation)
            elif origin is dict and isinstance(key, str):
                found.append(arguments[1])
            elif origin in (tuple, list) and isinstance(key, int):
                found.append(arguments[0])
    return found


def at(path: Path) -> list[Any]:
    """Return the annotations of what may stand at a path; empty if the path is unknown."""
    found: list[Any] = [Scenario]
    for key in path:
        found = below(found, key)
    return found


def wants_text(path: Path) -> bool:
    """Return whether only text may stand at a path, so that it needs no quotes on a command line."""
    parts = [part for found in at(path) for part in alternatives(found) if part is not type(None)]
    return bool(parts) and all(
        part is str or (get_origin(part) is Literal and all(isinstance(word, str) for word in get_args(part)))
        for part in parts
    )


def allowed(path: Path) -> str:
    """Return in words what may stand at a path."""
    root = _resolved_schema()
    nodes = [root]
    for key in path:
        nodes = [child for node in nodes for child in _children(node, key, root)]
    words = dict.fromkeys(_words(node, root) for node in nodes)
    return " or ".join(word for word in words if word) or "nothing"


def numbers_at(path: Path) -> list[dict[str, Any]]:
    """Return the nodes of the JSON schema of the numbers that may stand at a path; empty if none may."""
    root = _resolved_schema()
    nodes = [root]
    for key in path:
        nodes = [child for node in nodes for child in _children(node, key, root)]
    return [part for node in nodes for part in _expand(node, root) if part.get("type") in ("number", "integer")]


def _expand(node: dict[str, Any], root: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if "$ref" in node:
        yield from _expand(root["$defs"][node["$ref"].rsplit("/", 1)[1]], root)
    elif "anyOf" in node or "oneOf" in node:
        for part in [*node.get("anyOf", ()), *node.get("oneOf", ())]:
            yield from _expand(part, root)
    elif node.get("type") != "null":
        yield node


def _children(node: dict[str, Any], key: str | int, root: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for part in _expand(node, root):
        if isinstance(key, int):
            if isinstance(part.get("items"), dict):
                yield part["items"]
        elif key in part.get("properties", {}):
            yield part["properties"][key]
        elif isinstance(part.get("additionalProperties"), dict):
            yield part["additionalProperties"]
        else:
            yield from part.get("patternProperties", {}).values()


def _words(node: dict[str, Any], root: dict[str, Any]) -> str:
    parts = dict.fromkeys(_one(part, root) for part in _expand(node, root))
    return " or ".join(part for part in parts if part)


def _one(node: dict[str, Any], root: dict[str, Any]) -> str:
    if "enum" in node:
        return "one of " + ", ".join(str(word) for word in node["enum"])
    if "const" in node:
        return str(node["const"]).lower() if isinstance(node["const"], bool) else str(node["const"])
    kind = node.get("type")
    if kind in ("number", "integer"):
        return ("a whole number" if kind == "integer" else "a number") + _bounds(node)
    if kind == "string":
        return {
            "date": "a date such as 2020-01-31, without quotes",
            "date-time": "a local date and time such as 2020-08-04T06:00:00, without quotes",
        }.get(
            node.get("format", ""),
            "text in quotes" if "pattern" not in node else "a name: letters, digits, - and _",
        )
    if kind == "boolean":
        return "true or false"
    if kind == "array":
        low, high = node.get("minItems", 0), node.get("maxItems")
        count = "" if high is None and low <= 1 else f"{low} " if low == high else f"at least {low} "
        each = _words(node.get("items", {}), root)
        return f"a list of {count}items, each {each}" if count else f"a list, each item {each}"
    if kind == "object":
        if "properties" in node:
            return f"a table with the keys {listed(node['properties'])}"
        return "a table of named entries"
    return ""


def _bounds(node: dict[str, Any]) -> str:
    low, high = node.get("minimum"), node.get("maximum")
    above, under = node.get("exclusiveMinimum"), node.get("exclusiveMaximum")
    first = f"from {low:,.10g}" if low is not None else f"above {above:,.10g}" if above is not None else ""
    last = f"to {high:,.10g}" if high is not None else f"below {under:,.10g}" if under is not None else ""
    if high is not None and low is None:
        last = f"at most {high:,.10g}"
    words = " and ".join(part for part in (first, last) if part)
    if low is not None and high is not None:
        words = f"{first} {last}"
    return f" {words}" if words else ""
