"""Scenarios beside each other on common random numbers: differences, chances, and what each cause does.

Replication ``n`` has the same citizens in every case, so that differences are taken replication by replication: what
both have in common, a busy year above all, is not in them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from sim.experiment.cases import Outcomes
from sim.experiment.causes import Split, changed_keys
from sim.experiment.gather import Settings
from sim.experiment.paired import Difference, differ
from sim.experiment.ranking import MONEY, WAN, Place, better, rank
from sim.experiment.replicate import Floats
from sim.experiment.shapley import shares
from sim.measures import NAMES, UNITS
from sim.scenario import Fault, Scenario, ScenarioError
from sim.targets import TargetRow


@dataclass(frozen=True)
class TargetChange:
    """How likely a target is met in the base and in another case, and in how many replications that changed.

    ``gained`` replications meet it in the other case alone, ``lost`` ones in the base alone. All are None where the
    target is not judged in both.
    """

    key: str
    name_zh: str
    name_en: str
    base: float | None
    probability: float | None
    gained: int | None
    lost: int | None


@dataclass(frozen=True)
class Case:
    """One case against the base; ``causes`` has for each measure and line what each cause of ``split`` does to it."""

    name: str
    measures: dict[str, Difference]
    lines: dict[str, Difference]
    targets: list[TargetChange]
    split: Split | None
    causes: dict[str, list[float]]


@dataclass(frozen=True)
class Comparison:
    """Cases against the first of them, and all of them ranked by one measure or line, the best first."""

    base: str
    scenarios: dict[str, Scenario]
    settings: Settings
    numbers: tuple[int, ...]
    cases: list[Case]
    rank_by: str
    ranking: list[Place]


def check_comparable(scenarios: Sequence[Scenario]) -> None:
    """Make sure that each of the scenarios can be compared with the first.

    Raises
    ------
    ScenarioError
        If one has other days, or if no key differs.
    """
    base, *others = scenarios
    faults = []
    for other in others:
        days, wanted = _days(other), _days(base)
        if days != wanted:
            remedy = f"give {other.name} the [horizon] of {base.name}, or compare it with a scenario of its own days"
            faults.append(Fault(other.name, "horizon", days, f"the days of {base.name}, {wanted}", remedy))
        elif not changed_keys(base, other):
            allowed = f"a scenario that differs from {base.name}; no key differs, names and sources apart"
            faults.append(Fault(other.name, "", "", allowed, "change a key of it, such as demand.growth"))
    if faults:
        raise ScenarioError(faults)


def _days(scenario: Scenario) -> str:
    return f"{scenario.horizon.start} to {scenario.horizon.end}"


def with_between(scenarios: Mapping[str, Scenario], splits: Mapping[str, Split]) -> dict[str, Scenario]:
    """Return all that is to be simulated: the cases, and what lies between the base and each case that is split."""
    between = {
        _between(name, split, chosen): scenario
        for name, split in splits.items()
        for chosen, scenario in split.between.items()
    }
    return {**scenarios, **between}


def _between(name: str, split: Split, chosen: frozenset[int]) -> str:
    return f"{name}: {split.label(chosen)}"


def compare(
    outcomes: Mapping[str, Outcomes], settings: Settings, splits: Mapping[str, Split], rank_by: str
) -> Comparison:
    """Compare what was simulated.

    Parameters
    ----------
    outcomes
        Of :func:`with_between`'s scenarios, all simulated with ``settings``; the first is the base.
    settings
        How they were.
    splits
        By case, those whose difference is parted into causes.
    rank_by
        One of :func:`rankable`.
    """
    # With a precision some may have stopped earlier than others.
    runs = min(len(outcome.numbers) for outcome in outcomes.values())
    pairs = {name: _pairs(outcome, runs) for name, outcome in outcomes.items()}
    between = {_between(name, split, chosen) for name, split in splits.items() for chosen in split.between}
    base, *others = [name for name in outcomes if name not in between]
    cases = []
    for name in others:
        found = {
            key: differ(pairs[base][key], pairs[name][key], _unit(key)) for key in pairs[base] & pairs[name].keys()
        }
        split = splits.get(name)
        cases.append(
            Case(
                name,
                {key: found[key] for key in NAMES},
                {key: found[key] for key in MONEY if key in found},
                _target_changes(outcomes[base].targets, outcomes[name].targets, runs),
                split,
                _causes(base, name, split, pairs) if split is not None else {},
            )
        )
    scenarios = {name: outcomes[name].scenario for name in (base, *others)}
    ranking = rank({name: pairs[name][rank_by] for name in scenarios}, better(rank_by) == "higher")
    return Comparison(base, scenarios, settings, outcomes[base].numbers[:runs], cases, rank_by, ranking)


def _pairs(outcome: Outcomes, runs: int) -> dict[str, Floats]:
    """Return numerators and denominators of every measure and, where there is money, of every line."""
    lines = {key: np.column_stack([wan, np.ones_like(wan)]) for key, wan in outcome.lines_wan.items()}
    return {name: pairs[:runs] for name, pairs in {**outcome.pairs, **lines}.items()}


def _unit(name: str) -> str:
    return UNITS.get(name, WAN)


def _target_changes(base: Sequence[TargetRow], other: Sequence[TargetRow], runs: int) -> list[TargetChange]:
    """Return each target that one of the two has; the names are the base's where it has it."""
    old, new = ({row.key: row for row in rows} for rows in (base, other))
    found = []
    for key, row in {**new, **old}.items():
        before, after = _chance(old.get(key), runs), _chance(new.get(key), runs)
        change = TargetChange(key, row.name_zh, row.name_en, before, after, None, None)
        if before is not None and after is not None:
            both = list(zip(old[key].met[:runs], new[key].met[:runs], strict=True))
            change = replace(change, gained=both.count((False, True)), lost=both.count((True, False)))
        found.append(change)
    return found


def _chance(row: TargetRow | None, runs: int) -> float | None:
    """Return the share of replications that meet a target; None where there is none or it is not judged."""
    if row is None or row.probability is None:
        return None
    known = [met for met in row.met[:runs] if met is not None]
    return known.count(True) / len(known) if known else None


def _causes(base: str, name: str, split: Split, pairs: Mapping[str, Mapping[str, Floats]]) -> dict[str, list[float]]:
    """Return for each measure and line what each cause does to it; those not known in every mixture are left out."""
    if not split.causes:
        return {}
    places = {frozenset[int](): base, **{chosen: _between(name, split, chosen) for chosen in split.between}}
    places[frozenset(range(len(split.causes)))] = name
    known = [key for key in (*NAMES, *MONEY) if all(_has(pairs[place], key) for place in places.values())]
    values = {
        chosen: np.array([pairs[place][key][:, 0].sum() / pairs[place][key][:, 1].sum() for key in known])
        for chosen, place in places.items()
    }
    return dict(zip(known, shares(values).T.tolist(), strict=True))


def _has(pairs: Mapping[str, Floats], key: str) -> bool:
    return key in pairs and bool(pairs[key][:, 1].sum() > 0)
