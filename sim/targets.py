"""Each target of the scenario against what was measured: interval, probability, verdict (§17).

A target is met if the measure's whole 95 % interval is on its side, missed if it is wholly off it, else undecided;
with one replication it is always undecided. The probability is the share of replications whose own value meets it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from sim.measures import Estimate, clopper_pearson, estimate_pairs
from sim.scenario import Scenario
from sim.scenario.targets import TargetTable

Pairs = Mapping[str, NDArray[np.float64]]
"""Numerators and denominators of each measure, shape ``(replications, 2)`` each."""


@dataclass(frozen=True)
class Spending:
    """What the year takes: yuan and kilowatt-hours; None where the scenario has no money."""

    cny: float | None
    kwh: float | None


Verdict = Literal["met", "missed", "undecided"]

_BASES: Final = {
    "attempts": "connection_rate",
    "queued": "connection_rate_queued",
    "excluding_short": "connection_rate_excluding_short",
    "contacts": "connection_rate_contacts",
}
_INDICATORS: Final = {
    "connection_rate": "connection_rate",
    "fcr": "fcr_share",
    "responsible_return": "responsible_return_share",
    "asa": "asa_s",
    "satisfaction": "satisfaction_share",
}
_LOWER_IS_BETTER: Final = ("asa", "responsible_return")

NAMES: Final = {
    "accepted": ("全年12345热线平台受理量", "accepted contacts"),
    "connection_rate": ("热线接通率", "connection rate"),
    "fcr": ("话务员一次性解答率", "one-off answers"),
    "responsible_return": ("话务员有责退单率", "responsible returns"),
    "asa": ("平均接电时长", "mean answer time"),
    "economic": ("经济效益：以较少投入换取最大利益", "economic: cost per contact"),
    "social": ("社会效益：最大限度的服务好市民和企业", "social: contacts lost"),
    "environmental": ("环境效益：降低能耗，节约成本", "environmental: energy per contact"),
    "sustainable": ("可持续：减少成本投入，发挥最大优势", "sustainable: cost per contact"),
    "satisfaction": ("12345人工回访市民满意度", "satisfaction, follow-up calls"),
    "rank": ("全国政务类服务热线排名", "rank: indicators ahead of"),
}


@dataclass(frozen=True)
class TargetRow:
    """A target and what became of it."""

    key: str
    name_zh: str
    name_en: str
    op: str
    target: float
    unit: str
    measured: float | None
    low: float | None
    high: float | None
    probability: float | None
    probability_low: float | None
    probability_high: float | None
    verdict: Verdict
    note: str = ""


@dataclass(frozen=True)
class _Aim:
    """A target as numbers: the pairs that measure it and the range (low, high) it asks for."""

    op: str
    target: float
    unit: str
    pairs: NDArray[np.float64]
    low: float = -np.inf
    high: float = np.inf
    low_open: bool = False
    high_open: bool = False
    note: str = ""

    def holds(self, value: float) -> bool:
        """Say whether a value meets the target."""
        above = value > self.low if self.low_open else value >= self.low
        below = value < self.high if self.high_open else value <= self.high
        return bool(above and below)

    def judge(self, found: Estimate) -> Verdict:
        """Return the verdict on an estimate."""
        if found.low is None or found.high is None:
            return "undecided"
        if self.holds(found.low) and self.holds(found.high):
            return "met"
        if self.outside(found.low, found.high):
            return "missed"
        return "undecided"

    def outside(self, low: float, high: float) -> bool:
        """Say whether no value from ``low`` to ``high`` meets the target."""
        below = high <= self.low if self.low_open else high < self.low
        above = low >= self.high if self.high_open else low > self.high
        return bool(below or above)


def evaluate(scenario: Scenario, pairs: Pairs, spending: Spending, *, whole: bool) -> list[TargetRow]:
    """Return a row for each target of the scenario.

    Parameters
    ----------
    scenario
        The scenario.
    pairs
        Each measure's numerators and denominators.
    spending
        Cost and energy of the same days.
    whole
        Whether the whole horizon was simulated: the year's volume is not judged on a part of it.
    """
    rows = []
    for key, aim_of in _AIMS.items():
        table = getattr(scenario.targets, key)
        if table is None:
            continue
        aim = aim_of(scenario.targets, pairs, spending)
        found = estimate_pairs(aim.pairs, aim.unit)
        known = [value for value in found.values if value is not None]
        hits = sum(aim.holds(value) for value in known)
        probability = clopper_pearson(hits, len(known)) if known else (None, None)
        judged = whole or key != "accepted"
        name_zh, name_en = NAMES[key]
        if key == "rank":
            name_zh, name_en = f"{name_zh}：超过{table.name_zh}的指标", f"{name_en} {table.name_en}"
        rows.append(
            TargetRow(
                key=key,
                name_zh=name_zh,
                name_en=name_en,
                op=aim.op,
                target=aim.target,
                unit=aim.unit,
                measured=found.mean,
                low=found.low,
                high=found.high,
                probability=hits / len(known) if known and judged else None,
                probability_low=probability[0] if judged else None,
                probability_high=probability[1] if judged else None,
                verdict=aim.judge(found) if judged else "undecided",
                note=aim.note if judged else "the year's volume is not judged on a part of the year",
            )
        )
    return rows


def _accepted(targets: TargetTable, pairs: Pairs, spending: Spending) -> _Aim:
    table = targets.accepted
    assert table is not None
    reach = table.about * table.tolerance
    return _Aim("≈", table.about, "contacts", pairs["accepted"], table.about - reach, table.about + reach)


def _connection_rate(targets: TargetTable, pairs: Pairs, spending: Spending) -> _Aim:
    table = targets.connection_rate
    assert table is not None
    return _Aim("≥", table.at_least, "share", pairs[_BASES[table.basis]], low=table.at_least)


def _fcr(targets: TargetTable, pairs: Pairs, spending: Spending) -> _Aim:
    assert targets.fcr is not None
    return _Aim("≥", targets.fcr.at_least, "share", pairs["fcr_share"], low=targets.fcr.at_least)


def _responsible_return(targets: TargetTable, pairs: Pairs, spending: Spending) -> _Aim:
    assert targets.responsible_return is not None
    limit = targets.responsible_return.less_than
    return _Aim("<", limit, "share", pairs["responsible_return_share"], high=limit, high_open=True)


def _asa(targets: TargetTable, pairs: Pairs, spending: Spending) -> _Aim:
    assert targets.asa is not None
    return _Aim("≤", targets.asa.at_most_s, "s", pairs["asa_s"], high=targets.asa.at_most_s)


def _per_accepted(pairs: Pairs, amount: float | None) -> NDArray[np.float64]:
    """Return the pairs of an amount for each accepted contact; nothing where the amount is unknown."""
    accepted = pairs["accepted"][:, 0]
    return np.column_stack(
        [np.full(len(accepted), amount or 0.0), accepted if amount is not None else np.zeros(len(accepted))]
    )


def _economic(targets: TargetTable, pairs: Pairs, spending: Spending) -> _Aim:
    assert targets.economic is not None
    limit = targets.economic.at_most_cny
    return _Aim("≤", limit, "yuan", _per_accepted(pairs, spending.cny), high=limit)


def _social(targets: TargetTable, pairs: Pairs, spending: Spending) -> _Aim:
    assert targets.social is not None
    return _Aim("≤", targets.social.at_most, "share", pairs["lost_share"], high=targets.social.at_most)


def _environmental(targets: TargetTable, pairs: Pairs, spending: Spending) -> _Aim:
    assert targets.environmental is not None
    limit = targets.environmental.at_most_kwh
    return _Aim("≤", limit, "kWh", _per_accepted(pairs, spending.kwh), high=limit)


def _sustainable(targets: TargetTable, pairs: Pairs, spending: Spending) -> _Aim:
    assert targets.sustainable is not None
    limit = targets.sustainable.at_most_cny
    return _Aim("≤", limit, "yuan", _per_accepted(pairs, spending.cny), high=limit)


def _satisfaction(targets: TargetTable, pairs: Pairs, spending: Spending) -> _Aim:
    assert targets.satisfaction is not None
    limit = targets.satisfaction.at_least
    return _Aim("≥", limit, "share", pairs["satisfaction_share"], low=limit)


def _rank(targets: TargetTable, pairs: Pairs, spending: Spending) -> _Aim:
    assert targets.rank is not None
    rivals = targets.rank.rivals
    ahead = np.zeros(len(pairs["offered"]))
    for indicator, rival in rivals.items():
        top, bottom = pairs[_INDICATORS[indicator]].T
        value = np.where(bottom > 0, top / np.where(bottom > 0, bottom, 1.0), np.nan)
        ahead += value < rival if indicator in _LOWER_IS_BETTER else value > rival
    note = "the rival's values are the scenario's: " + ", ".join(f"{k} {v:g}" for k, v in rivals.items())
    return _Aim(
        "≥", float(len(rivals)), "indicators", np.column_stack([ahead, np.ones_like(ahead)]), low=len(rivals), note=note
    )


_AIMS: Final[dict[str, Callable[[TargetTable, Pairs, Spending], _Aim]]] = {
    "accepted": _accepted,
    "connection_rate": _connection_rate,
    "fcr": _fcr,
    "responsible_return": _responsible_return,
    "asa": _asa,
    "economic": _economic,
    "social": _social,
    "environmental": _environmental,
    "sustainable": _sustainable,
    "satisfaction": _satisfaction,
    "rank": _rank,
}
"""In the order of the document's table."""
