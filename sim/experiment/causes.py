"""What two scenarios differ in, key by key, grouped into causes, and the scenarios between the two.

A scenario between has some of the causes as in the new one and the others as in the old one. Not every such mixture
can stand: a type whose new group is not there yet cannot. Causes that cannot be parted are joined to one.
"""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sim.engine.inputs import prepare
from sim.engine.plan_checks import plan_faults
from sim.experiment.shapley import Coalition, coalitions
from sim.scenario import Scenario, ScenarioError, from_dict, to_dict, to_toml
from sim.scenario.faults import format_path
from sim.scenario.groups import is_roster
from sim.scenario.merge import look_up

Path = tuple[str, ...]

_KEYS: Final[dict[str, tuple[str, ...]]] = {
    "volume": ("calendar", "demand", "types.*.annual_contacts", "types.*.per_hour"),
    "handling": ("types.*.talk", "types.*.wrap", "types.*.wrap_work_order", "types.*.transfer.consult",
                 "types.*.transfer.leaves_after_s", "groups.*.speed", "tasks.*.handling"),
    "staffing": ("groups", "sites", "posts", "workforce.ratios", "workforce.office"),
    "shrinkage": ("workforce", "groups.*.absence"),
    "headcount": ("workforce.headcount",),
    "patience": ("types.*.patience", "types.*.redial"),
    "resolution": ("types.*.resolution", "types.*.transfer"),
    "routing": ("types.*.groups", "types.*.routing", "types.*.reserve", "types.*.join_after_s", "types.*.priority"),
    "tasks": ("tasks",),
    "callback": ("callback",),
    "quality": ("quality", "groups.*.novice_share"),
    "rates": ("cost", "sites.*.paid_by", "groups.*.activation.price", "workforce.*.*.wage_factor",
              "posts.*.wage_factor"),
    "energy": ("targets.environmental",),
    "counting": ("targets.asa", "targets.satisfaction"),
    "targets": ("targets", "targets.environmental.at_most_kwh", "targets.asa.at_most_s",
                "targets.satisfaction.at_least"),
    "names": ("schema", "name", "title", "sources", "ranges", "*.*.title", "workforce.*.*.title",
              "shifts", "tours", "labour", "workforce.headcount.lead_weeks"),
}  # fmt: skip
"""Each cause and the keys it holds, ``*`` for any name; the longest that leads to a key speaks for it."""

TARGETS: Final = "targets"
"""Moves no measure and no money: what is asked for, not what is done."""
_NAMES: Final = "names"


def cause_of(path: Path) -> str:
    """Return the cause that a key belongs to; one that no cause holds is its own, named as its first table."""
    if len(path) == 2 and path[0] == "types":
        return "volume"  # a type that only one of the two has
    found = {len(pattern): cause for cause, patterns in _KEYS.items() for pattern in _leading(patterns, path)}
    return found[max(found)] if found else path[0]


def _leading(patterns: Iterable[str], path: Path) -> Iterator[Path]:
    for text in patterns:
        pattern = tuple(text.split("."))
        if len(pattern) <= len(path) and all(a in ("*", b) for a, b in zip(pattern, path, strict=False)):
            yield pattern


def changed_keys(base: Scenario, other: Scenario) -> dict[str, tuple[Path, ...]]:
    """Return the keys in which two scenarios differ, by cause, names, sources, ranges and shifts left out.

    A key with a table that only one of the two has, such as ``tasks.letters``, stands for all that is in it; a list
    or a roster is a value. Keys that one writes and the other has by default do not differ.
    """
    found: dict[str, list[Path]] = {}
    for path in _differing(to_dict(base), to_dict(other)):
        found.setdefault(cause_of(path), []).append(path)
    found.pop(_NAMES, None)
    order = [cause for cause in _KEYS if cause in found]
    return {cause: tuple(found[cause]) for cause in dict.fromkeys([*order, *found])}


def _differing(one: Any, other: Any, path: Path = ()) -> Iterator[Path]:
    if isinstance(one, dict) and isinstance(other, dict) and not is_roster(path):
        for key in dict.fromkeys([*one, *other]):
            yield from _differing(one.get(key), other.get(key), (*path, key))
    elif one != other:
        yield path


@dataclass(frozen=True)
class Cause:
    """A group of keys that changed together: its name, of joined ones with ``+`` between, and its key paths."""

    key: str
    paths: tuple[str, ...]


@dataclass(frozen=True)
class Split:
    """A change parted into causes, and the scenarios between.

    ``between`` has a scenario for each of :func:`~sim.experiment.shapley.coalitions` but the first and the last, which
    are the two that are compared. ``left_out`` are the targets' keys, which move nothing.
    """

    causes: tuple[Cause, ...]
    between: dict[Coalition, Scenario]
    left_out: tuple[str, ...]

    def label(self, chosen: Coalition) -> str:
        """Return the names of some of the causes."""
        return "+".join(self.causes[place].key for place in sorted(chosen))


def split(base: Scenario, other: Scenario) -> Split:
    """Part what differs between two sound scenarios into causes.

    Parameters
    ----------
    base, other
        The old and the new; both with the same horizon.
    """
    changed = changed_keys(base, other)
    left_out = changed.pop(TARGETS, ())
    old, new = _given(base), _given(other)
    parties: list[tuple[str, ...]] = [(cause,) for cause in changed]
    tried: dict[frozenset[str], Scenario | None] = {}

    def mixture(chosen: Coalition) -> Scenario | None:
        """Return the scenario between, or None where it cannot stand."""
        causes = frozenset(cause for place in chosen for cause in parties[place])
        if causes not in tried:
            tried[causes] = _sound(_mixed(old, new, (path for cause in causes for path in changed[cause])))
        return tried[causes]

    while True:
        needed = [chosen for chosen in coalitions(len(parties)) if 0 < len(chosen) < len(parties)]
        between = {chosen: scenario for chosen in needed if (scenario := mixture(chosen)) is not None}
        if len(between) == len(needed):
            break
        parties = _joined(parties, needed, mixture)
    causes = tuple(
        Cause("+".join(party), tuple(format_path(path) for cause in party for path in changed[cause]))
        for party in parties
    )
    return Split(causes, between, tuple(map(format_path, left_out)))


def _given(scenario: Scenario) -> dict[str, Any]:
    """Return the tables without defaults: some keys may not be written at all beside others."""
    tables = tomllib.loads(to_toml(scenario))
    tables.pop("sources", None)
    tables.pop("ranges", None)
    return tables


def _mixed(old: Mapping[str, Any], new: Mapping[str, Any], paths: Iterable[Path]) -> dict[str, Any]:
    """Return the old tables with some keys as in the new ones; what those do not write is at its default."""
    tables = copy.deepcopy(dict(old))
    for path in paths:
        *above, key = path
        table = tables
        for name in above:
            table = table.setdefault(name, {})
        if _stands(new, path):
            table[key] = copy.deepcopy(look_up(new, path))
        else:
            table.pop(key, None)
            _prune(tables, new, tuple(above))
    return tables


def _prune(tables: dict[str, Any], new: Mapping[str, Any], path: Path) -> None:
    """Take out a table that is empty and that the new tables do not write, and those above it."""
    if path and not look_up(tables, path) and not _stands(new, path):
        del look_up(tables, path[:-1])[path[-1]]
        _prune(tables, new, path[:-1])


def _stands(tables: Any, path: Path) -> bool:
    try:
        look_up(tables, path)
    except KeyError:
        return False
    return True


def _sound(tables: dict[str, Any]) -> Scenario | None:
    """Return the scenario of these tables, None if it or its plan cannot be used."""
    try:
        scenario = from_dict(tables)
    except ScenarioError:
        return None
    return None if plan_faults(prepare(scenario)) else scenario


def _joined(
    parties: list[tuple[str, ...]], needed: Iterable[Coalition], mixture: Callable[[Coalition], Scenario | None]
) -> list[tuple[str, ...]]:
    """Return the parties with those joined that a needed mixture parts, though it cannot stand.

    It is the smallest such mixture. What makes it fall beside the largest in it that stands is joined with what it
    takes to make it stand again.
    """
    standing: list[Coalition] = [frozenset(), frozenset(range(len(parties)))]
    broken: list[Coalition] = []
    for chosen in needed:
        (broken if mixture(chosen) is None else standing).append(chosen)
    wrong = min(broken, key=len)
    inside = max((chosen for chosen in standing if chosen < wrong), key=len)
    together = min((chosen for chosen in standing if chosen > wrong), key=len) - inside
    for place in sorted(together - wrong):
        if mixture(inside | together - {place}) is not None:
            together -= {place}
    first = min(together)
    one = tuple(cause for place in sorted(together) for cause in parties[place])
    return [
        one if place == first else party
        for place, party in enumerate(parties)
        if place == first or place not in together
    ]
