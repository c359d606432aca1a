"""Two result folders side by side: each measure in both, the difference, and how sure it is."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from sim.experiment.causes import changed_keys
from sim.experiment.paired import differ
from sim.experiment.replicate import Floats
from sim.scenario import ScenarioError, from_dict, to_dict
from sim.scenario.faults import format_path, shown
from sim.scenario.merge import look_up
from sim.scenario.money import LINES

_FEN: Final = 6
"""Decimals of 万元 in which money is exact."""


class Run(NamedTuple):
    """A run's result: what it is called, its ``summary.json``, each measure's numerators and denominators.

    ``scenario`` is the TOML of its scenario, to say which keys differ; empty where it is not known.
    """

    name: str
    summary: Mapping[str, Any]
    pairs: Mapping[str, Floats]
    scenario: str


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

    What is not known is None: the difference where the two do not compare, its interval without two pairs
    or without ``sums``.
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

    ``sums`` says whether both tell what times and shares were divided by: an earlier version did not. ``changed`` is
    None where one of the scenarios is not known, as in a folder of another version of this program.
    """

    a: Side
    b: Side
    same_days: bool
    pairs: int
    sums: bool
    measures: dict[str, MeasureRow]
    lines: dict[str, LineRow]
    changed: list[KeyChange] | None


def side_by_side(a: Run, b: Run) -> SideBySide:
    """Compare two results.

    Replication ``n`` of one seed has the same citizens in every scenario, so that what differs between the two is the
    scenarios' doing, and the interval of the difference much narrower than either result's own. It is that of
    ``hotline compare``, of the replications that both have (:func:`sim.experiment.paired.differ`).

    Parameters
    ----------
    a, b
        The two. On other days counts, hours and money are not subtracted: more days have more of them.
    """
    one, other = _side(a), _side(b)
    same_days = (one.first, one.last) == (other.first, other.last)
    alike = same_days and one.seed == other.seed
    pairs = min(one.replications, other.replications) if alike else 0
    shared = [name for name in a.summary["measures"] if name in b.summary["measures"]]
    measures = {name: _measure(name, a, b, pairs, same_days) for name in shared}
    lines = _lines(a.summary.get("cost"), b.summary.get("cost"), same_days)
    sums = all(name in run.pairs for run in (a, b) for name in shared)
    return SideBySide(one, other, same_days, pairs, sums, measures, lines, _changed(a.scenario, b.scenario))


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


def _side(run: Run) -> Side:
    found = run.summary
    return Side(
        run.name, found["scenario"]["name"], found["from"], found["to"], found["seed"], found["replications"]
    )  # fmt: skip


def _measure(name: str, one: Run, other: Run, pairs: int, same_days: bool) -> MeasureRow:
    a, b = (run.summary["measures"][name] for run in (one, other))
    unit = a["unit"]
    compares = same_days or unit == "s" or unit.startswith("share")
    difference = low = high = None
    if compares and a["mean"] is not None and b["mean"] is not None:
        if pairs and name in one.pairs and name in other.pairs:
            found = differ(one.pairs[name][:pairs], other.pairs[name][:pairs], unit)
            difference, low, high = found.difference, found.low, found.high
        else:
            difference = b["mean"] - a["mean"]
    return MeasureRow(
        unit, a["mean"], a["low"], a["high"], b["mean"], b["low"], b["high"], difference, low, high
    )  # fmt: skip


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
