"""Two result folders side by side: each measure in both, the difference, and how sure it is."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from sim.experiment.causes import changed_keys
from sim.measures import t_quantile
from sim.scenario import ScenarioError, from_dict, to_dict
from sim.scenario.faults import format_path, shown
from sim.scenario.merge import look_up
from sim.scenario.money import LINES

_FEN: Final = 6
"""Decimals of 万元 in which money is exact."""


@dataclass(frozen=True)
class Side:
    """One of the two: its name, and what was simulated."""

    name: str
    scenario: str
    first: str
    last: str
    seed: int
    replications: int


@dataclass(frozen=True)
class MeasureRow:
    """A measure in both: mean and 95 % interval each, the difference (second less first) and its 95 % interval.

    What is not known is None: the difference where the two do not compare, its interval without two pairs.
    """

    unit: str
    a: float | None
    a_low: float | None
    a_high: float | None
    b: float | None
    b_low: float | None
    b_high: float | None
    difference: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class LineRow:
    """A contract line or ``total`` in both, 万元, as the replications' mean is priced; None where it is not there."""

    a_wan: float | None
    b_wan: float | None
    difference_wan: float | None


@dataclass(frozen=True)
class KeyChange:
    """A key in which the two scenarios differ, and what each has there, shortened; None where it has nothing."""

    key: str
    a: str | None
    b: str | None


@dataclass(frozen=True)
class SideBySide:
    """Two results; ``pairs`` is how many replications of one seed and the same days both have.

    ``changed`` is None where one of the scenarios is not known, as in a folder of another version of this program.
    """

    a: Side
    b: Side
    same_days: bool
    pairs: int
    measures: dict[str, MeasureRow]
    lines: dict[str, LineRow]
    changed: list[KeyChange] | None = None


def side_by_side(
    name_a: str, a: Mapping[str, Any], name_b: str, b: Mapping[str, Any], scenarios: tuple[str, str] = ("", "")
) -> SideBySide:  # fmt: skip
    """Compare two results.

    Replication ``n`` of one seed has the same citizens in every scenario, so that what differs between the two is the
    scenarios' doing, and the interval of the difference much narrower than either result's own.

    Parameters
    ----------
    name_a, name_b
        What the two are called.
    a, b
        Their ``summary.json``. On other days counts, hours and money are not subtracted: more days have more of them.
    scenarios
        The TOML of each, to say which keys differ; empty where it is not known.
    """
    one, other = _side(name_a, a), _side(name_b, b)
    same_days = (one.first, one.last) == (other.first, other.last)
    alike = same_days and one.seed == other.seed
    pairs = min(one.replications, other.replications) if alike else 0
    measures = {
        name: _measure(found, b["measures"][name], pairs, same_days)
        for name, found in a["measures"].items()
        if name in b["measures"]
    }
    lines = _lines(a.get("cost"), b.get("cost"), same_days)
    return SideBySide(one, other, same_days, pairs, measures, lines, _changed(*scenarios))


def _changed(text_a: str, text_b: str) -> list[KeyChange] | None:
    try:
        a, b = (from_dict(tomllib.loads(text)) for text in (text_a, text_b))
    except (ScenarioError, tomllib.TOMLDecodeError):
        return None
    tables = to_dict(a), to_dict(b)
    paths = [path for paths in changed_keys(a, b).values() for path in paths]
    return [KeyChange(format_path(path), *(_told(each, path) for each in tables)) for path in paths]


def _told(tables: dict[str, Any], path: tuple[str, ...]) -> str | None:
    """Return what stands at a key, shortened; None where nothing does."""
    try:
        return shown(look_up(tables, path))
    except KeyError:
        return None


def _side(name: str, found: Mapping[str, Any]) -> Side:
    return Side(
        name, found["scenario"]["name"], found["from"], found["to"], found["seed"], found["replications"]
    )  # fmt: skip


def _measure(a: Mapping[str, Any], b: Mapping[str, Any], pairs: int, same_days: bool) -> MeasureRow:
    compares = same_days or a["unit"] == "s" or a["unit"].startswith("share")
    difference = low = high = None
    if compares and a["mean"] is not None and b["mean"] is not None:
        difference, low, high = _difference(a, b, pairs)
    return MeasureRow(
        a["unit"], a["mean"], a["low"], a["high"], b["mean"], b["low"], b["high"], difference, low, high
    )  # fmt: skip


def _difference(
    a: Mapping[str, Any], b: Mapping[str, Any], pairs: int
) -> tuple[float, float | None, float | None]:  # fmt: skip
    """Return the second's mean less the first's, with the interval of pairs of replications if there are any.

    A pair's difference is that of the two values. A ratio's mean weighs each replication by its denominator, such as
    its calls, and the mean of values does not; what that makes is added, so that of two results with the same
    replications the difference is that of their means.
    """
    values = [(x, y) for x, y in zip(a["values"][:pairs], b["values"][:pairs], strict=True) if None not in (x, y)]
    if not values:
        return b["mean"] - a["mean"], None, None
    each = np.array([y - x for x, y in values])
    mean = float(each.mean()) + _weighting(b) - _weighting(a)
    if len(each) < 2:
        return mean, None, None
    half = t_quantile(len(each) - 1) * float(each.std(ddof=1)) / math.sqrt(len(each))
    return mean, mean - half, mean + half


def _weighting(found: Mapping[str, Any]) -> float:
    """Return by how much a measure's mean is more than that of its values."""
    known = [value for value in found["values"] if value is not None]
    return float(found["mean"] - np.mean(known))


def _lines(a: Mapping[str, Any] | None, b: Mapping[str, Any] | None, same_days: bool) -> dict[str, LineRow]:
    """Return the contract's lines and their total; none where neither has money."""
    if a is None and b is None:
        return {}

    def wan(cost: Mapping[str, Any] | None, key: str) -> float | None:
        if cost is None:
            return None
        found: float = cost["total_wan"] if key == "total" else {x["key"]: x["wan"] for x in cost["lines"]}[key]
        return found

    rows = {}
    for key in (*LINES, "total"):
        x, y = wan(a, key), wan(b, key)
        rows[key] = LineRow(x, y, round(y - x, _FEN) if same_days and x is not None and y is not None else None)
    return rows
