"""Scenarios beside each other on common random numbers: differences, chances, and what each cause does.

Replication ``n`` has the same citizens in every case, so that differences are taken replication by replication: what
both have in common, a busy year above all, is not in them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from sim.experiment.cases import Outcomes
from sim.experiment.causes import Split, changed_keys, split
from sim.experiment.gather import Settings
from sim.experiment.paired import Difference, differ, half_width, moves
from sim.experiment.quantities import PROBABILITY, Interval, Quantity, paired_difference, quantities
from sim.experiment.ranking import MONEY, WAN, Place, better, rank
from sim.experiment.replicate import Floats
from sim.experiment.shapley import shares
from sim.measures import NAMES, UNITS
from sim.scenario import Fault, Scenario, ScenarioError


@dataclass(frozen=True)
class TargetChange:
    """How likely a target is met in the base and in another case, and in how many replications that changed.

    ``gained`` replications meet it in the other case alone, ``lost`` ones in the base alone. Their difference over the
    replications that judge it in both is ``difference``, and its 95 % interval that of
    :func:`sim.experiment.quantities.paired_difference`: exact, of paired replications, by the two shares of those that
    changed. All are None where the target is not judged in both, and the interval with one replication. ``base`` and
    ``probability`` are each over all replications that judge it there, so that they need not subtract to it.
    """

    key: str
    name_zh: str
    name_en: str
    base: float | None
    probability: float | None
    gained: int | None
    lost: int | None
    difference: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Case:
    """One case against the base; ``causes`` has for each measure and line what each cause of ``split`` does to it."""

    name: str
    measures: dict[str, Difference]
    lines: dict[str, Difference]
    targets: list[TargetChange]
    split: Split | None
    causes: dict[str, list[Interval]]


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
        if (fault := _other_days(base, other)) is not None:
            faults.append(fault)
        elif not changed_keys(base, other):
            allowed = (
                f"a scenario that differs from {base.name} in a key that a simulation or a bill reads; names, sources, "
                "ranges, shifts, tours, labour and lead_weeks are not read"
            )
            faults.append(Fault(other.name, "", "", allowed, "change a key of it, such as demand.growth"))
    if faults:
        raise ScenarioError(faults)


def check_days(scenarios: Sequence[Scenario]) -> None:
    """Make sure that each of the scenarios has the first one's days.

    Raises
    ------
    ScenarioError
        If one has others.
    """
    base, *others = scenarios
    faults = [fault for other in others if (fault := _other_days(base, other)) is not None]
    if faults:
        raise ScenarioError(faults)


def _other_days(base: Scenario, other: Scenario) -> Fault | None:
    """Return that a scenario has other days than the first, None if it has the same."""
    days, wanted = _days(other), _days(base)
    if days == wanted:
        return None
    remedy = f"give {other.name} the [horizon] of {base.name}, or compare it with a scenario of its own days"
    return Fault(other.name, "horizon", days, f"the days of {base.name}, {wanted}", remedy)


def _days(scenario: Scenario) -> str:
    return f"{scenario.horizon.start} to {scenario.horizon.end}"


def splits(scenarios: Mapping[str, Scenario], causes: bool | None) -> dict[str, Split]:
    """Return by case what parts its difference from the first; where ``causes`` is None, of two scenarios alone."""
    (_, base), *others = scenarios.items()
    wanted = len(others) == 1 if causes is None else causes
    return {name: split(base, other) for name, other in others} if wanted else {}


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
        parted = splits.get(name)
        cases.append(
            Case(
                name,
                {key: found[key] for key in NAMES},
                {key: found[key] for key in MONEY if key in found},
                _target_changes(outcomes[base], outcomes[name], runs),
                parted,
                _causes(base, name, parted, pairs) if parted is not None else {},
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


def _target_changes(base: Outcomes, other: Outcomes, runs: int) -> list[TargetChange]:
    """Return each target that one of the two has; the names are the base's where it has it."""
    old, new = _chances(base, runs), _chances(other, runs)
    found = []
    for key, row in {row.key: row for row in (*other.targets, *base.targets)}.items():
        before, after = old.get(key), new.get(key)
        mean, chance = (None if one is None else one.mean for one in (before, after))
        if before is None or after is None or mean is None or chance is None:
            found.append(TargetChange(key, row.name_zh, row.name_en, mean, chance, *[None] * 5))
            continue
        judged = (before.pairs[:, 1] > 0) & (after.pairs[:, 1] > 0)
        turned = (after.pairs - before.pairs)[judged, 0]
        gained, lost = (int((turned == sign).sum()) for sign in (1, -1))
        change = paired_difference(before, after)
        found.append(
            TargetChange(
                key, row.name_zh, row.name_en, mean, chance, gained, lost, change.mean, change.low, change.high
            )
        )
    return found


def _chances(outcome: Outcomes, runs: int) -> dict[str, Quantity]:
    """Return the chance of each target that is judged, of so many replications."""
    return {
        name.removesuffix(PROBABILITY): replace(quantity, pairs=quantity.pairs[:runs])
        for name, quantity in quantities(outcome).items()
        if quantity.kind == "probability"
    }


def _causes(base: str, name: str, split: Split, pairs: Mapping[str, Mapping[str, Floats]]) -> dict[str, list[Interval]]:
    """Return for each measure and line what each cause does to it; those not known in every mixture are left out.

    What a cause does is a sum of the mixtures' means with fixed weights. So is what a replication moves it by, of what
    it moves the means by (:func:`sim.experiment.paired.differ`), and of that is the interval.
    """
    if not split.causes:
        return {}
    places = {frozenset[int](): base, **{chosen: _between(name, split, chosen) for chosen in split.between}}
    places[frozenset(range(len(split.causes)))] = name
    found = {}
    for key in (*NAMES, *MONEY):
        if all(_has(pairs[place], key) for place in places.values()):
            own = {chosen: pairs[place][key] for chosen, place in places.items()}
            means = {chosen: each[:, 0].sum() / each[:, 1].sum() for chosen, each in own.items()}
            moved = shares({chosen: moves(each, means[chosen]) for chosen, each in own.items()})
            size = max(map(abs, means.values()))
            found[key] = [_share(*both, size) for both in zip(shares(means), moved, strict=True)]
    return found


def _share(mean: float, moved: Floats, size: float) -> Interval:
    """Return what one cause does, with its interval if there are two replications."""
    if len(moved) < 2:
        return Interval(float(mean), None, None)
    half = half_width(moved, size)
    return Interval(float(mean), float(mean) - half, float(mean) + half)


def _has(pairs: Mapping[str, Floats], key: str) -> bool:
    return key in pairs and bool(pairs[key][:, 1].sum() > 0)
