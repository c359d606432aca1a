"""Cases of one scenario, a grid or a sample: each checked before any is simulated, and their table."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from os import PathLike
from typing import Any, Final

import numpy as np
import polars as pl

from sim.experiment.cases import Outcomes
from sim.experiment.quantities import quantities
from sim.measures import estimate_pairs
from sim.scenario import Fault, PlanError, Scenario, ScenarioError, from_dict, load, placed, to_dict
from sim.scenario.faults import cut, parse_path
from sim.scenario.groups import is_roster
from sim.scenario.load import SET
from sim.scenario.merge import look_up
from sim.scenario.ranges import Parameter
from sim.scenario.sources import numbered

VARY: Final = "--vary"
MOST_CASES: Final = 10_000
"""More than anybody waits for."""


@dataclass(frozen=True)
class Case:
    """A case: its name, what it changes (texts as after ``--set``, by key), and where the planner wrote it.

    ``drawn`` are the values of parameters, each of which may stand for several keys.
    """

    name: str
    changes: Mapping[str, str]
    place: str
    drawn: Mapping[str, float] = field(default_factory=dict)


def grid(vary: Mapping[str, Sequence[str]]) -> list[Case]:
    """Return a case for every combination of values, the last key changing fastest.

    Parameters
    ----------
    vary
        The values of each key, as after ``--set``.
    """
    cases = []
    for values in itertools.product(*vary.values()):
        change = dict(zip(vary, values, strict=True))
        cases.append(Case(", ".join(f"{key}={text}" for key, text in change.items()), change, VARY))
    return cases


def hypercube(parameters: Sequence[Parameter], count: int, seed: int) -> list[Case]:
    """Return a Latin hypercube: of each parameter's range every ``count``-th part is met once.

    Parameters
    ----------
    parameters
        What is varied, each between its bounds.
    count
        How many cases.
    seed
        Which ones.
    """
    from scipy.stats import qmc

    points = qmc.LatinHypercube(d=len(parameters), rng=np.random.default_rng(seed)).random(count)
    width = len(str(count))
    return [drawn_case(f"{place:0{width}d}", parameters, point, VARY) for place, point in enumerate(points, 1)]


def drawn_case(name: str, parameters: Sequence[Parameter], shares: Iterable[float], place: str) -> Case:
    """Return the case in which each parameter lies so far, from 0 to 1, from its lower bound."""
    drawn = {one.key: one.at(share) for one, share in zip(parameters, shares, strict=True)}
    change = {key: text for one in parameters for key, text in one.changes(drawn[one.key]).items()}
    return Case(name, change, place, drawn)


def load_cases(
    scenario: str | PathLike[str] | Scenario,
    overrides: Sequence[str],
    cases: Sequence[Case],
    check: Callable[[Scenario], object],
) -> dict[str, Scenario]:
    """Return every case's scenario by the case's name, once nothing is found wrong with any.

    Parameters
    ----------
    scenario, overrides
        What all have in common, as in :func:`sim.scenario.load`.
    cases
        The cases, their names all different.
    check
        Called with each scenario; raises ``ScenarioError`` if its plan cannot be used.

    Raises
    ------
    ScenarioError
        With every fault of every case; one that several cases have is told once.
    """
    loaded, found = {}, dict[Fault, list[Case]]()
    for case in cases:
        both = [*overrides, *(f"{key}={text}" for key, text in case.changes.items())]
        try:
            one = from_dict(to_dict(scenario), both) if isinstance(scenario, Scenario) else load(scenario, both)
            check(one)
        except ScenarioError as error:
            if isinstance(error, PlanError) and not isinstance(scenario, Scenario):
                error = placed(error, scenario, both)
            for fault in error.faults:
                found.setdefault(fault, []).append(case)
        else:
            loaded[case.name] = one
    if found:
        raise ScenarioError([_of_cases(fault, those) for fault, those in found.items()])
    return loaded


def _of_cases(fault: Fault, cases: Sequence[Case]) -> Fault:
    """Return a fault with the cases that have it."""
    first, more = cases[0], len(cases) - 1
    which = f"case {cut(first.name)}" + (f" and {more} more" if more else "")
    given = first.place and (fault.file == SET)
    return replace(fault, file=f"{first.place if given else fault.file} ({which})")


def table(cases: Sequence[Case], outcomes: Mapping[str, Outcomes]) -> pl.DataFrame:
    """Return a row a case: what was varied, and what came of it.

    Returns
    -------
    polars.DataFrame
        ``case``, each varied key, ``<measure>_mean``, ``_low``, ``_high``, ``<line>_wan`` and ``total_wan`` on average,
        ``<target>_probability``, ``replications``. What could not be measured is null.
    """
    keys = varied(cases)
    rows = []
    for case in cases:
        found = outcomes[case.name]
        tables = to_dict(found.scenario)
        told: dict[str, Any] = {key: case.drawn.get(key, _value(tables, key, case)) for key in keys}
        rows.append({"case": case.name, **told, **_outcome(found), "replications": len(found.numbers)})
    given = {"case": pl.String, **{key: _dtype([row[key] for row in rows]) for key in keys}}
    return pl.DataFrame(
        {
            name: pl.Series([_as(row.get(name), given.get(name)) for row in rows], dtype=given.get(name, pl.Float64))
            for name in dict.fromkeys(name for row in rows for name in row)
        }
    ).with_columns(pl.col("replications").cast(pl.Int64))


def varied(cases: Sequence[Case]) -> list[str]:
    """Return the keys that cases differ in, in the order in which they were given."""
    return list(dict.fromkeys(key for case in cases for key in case.drawn or case.changes))


def _outcome(found: Outcomes) -> dict[str, float | None]:
    row: dict[str, float | None] = {}
    probabilities = {}
    for name, quantity in quantities(found).items():
        estimate = estimate_pairs(quantity.pairs, quantity.unit)
        if quantity.kind == "measure":
            row |= {f"{name}_mean": estimate.mean, f"{name}_low": estimate.low, f"{name}_high": estimate.high}
        elif quantity.kind == "line":
            row[name] = estimate.mean
        else:
            probabilities[name] = estimate.mean
    return row | probabilities


def _value(tables: dict[str, Any], key: str, case: Case) -> Any:
    """Return what a case has at a key: a number or text, of a table what it says, of a roster the file it names."""
    path = numbered(tables, parse_path(key) or ())
    if is_roster(path):
        return case.changes.get(key)
    try:
        return look_up(tables, path)
    except KeyError:
        return None


def _dtype(values: Sequence[Any]) -> Any:
    """Return the type of a column: numbers if all are, else text."""
    kinds = {type(value) for value in values if value is not None}
    if kinds <= {int}:
        return pl.Int64
    if kinds <= {int, float}:
        return pl.Float64
    return pl.Boolean if kinds == {bool} else pl.String


def _as(value: Any, dtype: Any) -> Any:
    return str(value) if dtype is pl.String and value is not None else value
