"""A scenario as text: TOML that loads back, plain tables, a digest, and the start of a new file."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections.abc import Iterator
from typing import Any

from sim.scenario.distributions import Distribution
from sim.scenario.faults import Fault, ScenarioError, quoted, shown
from sim.scenario.files import shipped
from sim.scenario.load import load
from sim.scenario.ranges import is_of_range
from sim.scenario.scenario import Scenario
from sim.scenario.sources import PLACEHOLDER

_WIDTH = 100


def to_dict(scenario: Scenario) -> dict[str, Any]:
    """Return a scenario's tables with every default, as TOML types (dates are dates); nothing is None."""
    tables: dict[str, Any] = _plain(scenario.model_dump(by_alias=True, exclude_none=True))
    return tables


def to_toml(scenario: Scenario) -> str:
    """Return the resolved scenario as TOML, all that files and overrides set; it loads back to the same."""
    tables = _plain(scenario.model_dump(by_alias=True, exclude_none=True, exclude_unset=True))
    return "\n".join(_table(tables, ())) + "\n"


def digest(scenario: Scenario) -> str:
    """Return the SHA-256 of a scenario, defaults included, in hexadecimal: the same for the same meaning.

    Ranges and their sources are left out: no simulation knows them, so the results of a scenario stay its results when
    one is added.
    """
    tables = to_dict(scenario)
    del tables["ranges"]
    tables["sources"] = {key: text for key, text in scenario.sources.items() if not is_of_range(key)}
    text = json.dumps(tables, default=dt.date.isoformat, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, (list, tuple)) else value


def _table(table: dict[str, Any], path: tuple[str, ...]) -> Iterator[str]:
    """Yield the lines of a table: short entries first, then the tables that need a heading."""
    sections: list[tuple[str, Any]] = []
    for key, value in table.items():
        line = f"{_key(key)} = {_inline(value)}"
        # Once one table has a heading, those after it have one too: so their order stays.
        if isinstance(value, dict) and value and (not path or sections or len(line) > _WIDTH):
            sections.append((key, value))
        elif isinstance(value, list) and len(line) > _WIDTH:
            yield f"{_key(key)} = ["
            yield from _wrapped(value)
            yield "]"
        else:
            yield line
    for key, value in sections:
        place = (*path, key)
        lines = list(_table(value, place))
        if lines[0]:
            yield ""
            yield f"[{'.'.join(_key(name) for name in place)}]"
        yield from lines


def _wrapped(values: list[Any]) -> Iterator[str]:
    line = "   "
    for value in values:
        item = f" {_inline(value)},"
        if len(line) + len(item) > _WIDTH and line.strip():
            yield line
            line = "   "
        line += item
    yield line


def _inline(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, (dt.date, dt.datetime)):
        return value.isoformat()
    if isinstance(value, list):
        return "[" + ", ".join(_inline(item) for item in value) + "]"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_key(key)} = {_inline(item)}" for key, item in value.items()) + " }"
    return repr(value)


def _key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else quoted(key)


def _scaled(times: Distribution, factor: float) -> str:
    """Return a distribution of the same law and shape, each time in it multiplied, as TOML; 30 s instead of none."""
    if not times.mean_s:
        return _inline({"fixed": {"s": 30.0}})
    told = times.model_dump(by_alias=True, exclude_none=True, include={times.kind})[times.kind]
    if isinstance(told, dict):
        longer: Any = {
            key: round(value * factor, 1) if key == "s" or key.endswith("_s") else value for key, value in told.items()
        }
    else:
        longer = [round(value * factor, 1) for value in told]
    return _inline({times.kind: longer})


def new_text(name: str, extends: str) -> str:
    """Return the text of a new scenario that extends another and changes nothing yet.

    Its examples are comments: without their ``# `` they are valid too.

    Parameters
    ----------
    name
        The new scenario's name: letters, digits, - and _.
    extends
        A shipped scenario's name, or a path that ``load`` understands from here.

    Raises
    ------
    ScenarioError
        The name cannot be one, or what it extends cannot be used.
    """
    if re.fullmatch(r"\w[\w-]{0,79}", name) is None:
        allowed = "a name: letters, digits, - and _, 80 at most"
        raise ScenarioError([Fault("new", "name", shown(name), allowed, "write a name such as more-calls")])
    if name in shipped():
        # Its results would take the place of the shipped ones.
        allowed = "a name that no shipped scenario has"
        raise ScenarioError([Fault("new", "name", shown(name), allowed, f"write another name, such as my-{name}")])
    base = load(extends)
    kind, group = base.type_names[0], base.group_names[0]
    given = base.types[kind]
    speed, growth = base.groups[group].speed, 1.0 + base.demand.growth
    talk_s = given.talk.mean_s
    day = base.horizon.end
    volume, told = "annual_contacts", given.annual_contacts or 0.0
    if given.per_hour is None:
        volume_line = (
            f"# annual_contacts = {told * 1.1:_.0f}    # 10 % more of this type a year; {told:,.0f} in {extends}"
        )
    else:
        volume, told = "per_hour", sum(given.per_hour) * 24 / len(given.per_hour)
        hours = ", ".join(f"{value * 1.1:.3g}" for value in given.per_hour)
        volume_line = f"# per_hour = [{hours}]    # 10 % more a day; {told:,.0f} in {extends}"
    wraps = {"wrap": (given.wrap, "after the call")}
    if given.wrap_work_order is not None:
        wraps["wrap_work_order"] = given.wrap_work_order, "after the call when a work order is written"
    wrap_lines = "\n".join(
        f"# {key} = {_scaled(wrap, 0.9)}    # {what}; {wrap.mean_s:.1f} in {extends}"
        for key, (wrap, what) in wraps.items()
    )
    site = next(iter(base.sites), None)
    seats = ""
    if site is not None:
        count = base.sites[site].seats
        seats = f"""
[sites.{_key(site)}]
# seats = {count + 20}    # agents that can sit there at once; {count:,} in {extends}
"""
    sourced = ["demand", *([f"sites.{_key(site)}.seats"] if site is not None else [])]
    sourced += [f"types.{_key(kind)}.{key}" for key in (volume, "talk", *wraps)] + [f"groups.{_key(group)}.speed"]
    sources = "\n".join(f"# {quoted(key)} = {quoted(PLACEHOLDER)}" for key in sourced)
    return f"""\
# What differs from {extends}; everything else is as there.
# See it all, each number with its source:  hotline show {name}.toml
# Find what is wrong with it:                hotline check {name}.toml
# Agents by date, from columns date, group, 00:00, 00:30, …:  [groups.NAME] on_duty = {{ roster = "roster.csv" }}
schema = 1
name = {quoted(name)}
extends = {quoted(extends)}

# Take away the "# " before a line to change it; tables merge key by key, lists replace.

[demand]
# growth = {growth * 1.08 - 1.0:.4g}    # 8 % more contacts a year, all types; {base.demand.growth:g} in {extends}

# [[demand.surge]]    # a day of double volume that nobody planned for
# name = "storm"
# from = {day}T06:00:00
# to = {day}T18:00:00
# multiplier = 2.0
# known = false
{seats}
[types.{_key(kind)}]
{volume_line}
# talk = {_scaled(given.talk, 1.1)}    # {talk_s:.1f} in {extends}
{wrap_lines}

[groups.{_key(group)}]
# speed = {(speed if isinstance(speed, float) else 1.0) * 0.95:.4g}    # handling times 5 % shorter

[sources]    # where your numbers come from: "document: …" or "assumed: why"
{sources}
"""
