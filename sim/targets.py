"""Each target of the scenario against what was measured: interval, probability, verdict (§17).

A target is met if the measure's whole 95 % interval is on its side, missed if it is wholly off it, else undecided;
with one replication it is always undecided. The probability is the share of replications whose own value meets it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from sim.measures import Estimate, clopper_pearson, estimate_pairs
from sim.scenario import Scenario
from sim.scenario.targets import Indicator, Population

Pairs = Mapping[str, NDArray[np.float64]]
"""Numerators and denominators of each measure, shape ``(replications, 2)`` each."""


@dataclass(frozen=True)
class Spending:
    """What the year takes: yuan and kilowatt-hours; None where the scenario has no money."""

    cny: float | None
    kwh: float | None


Verdict = Literal["met", "missed", "undecided"]

BASES: Final = {
    "attempts": "connection_rate",
    "queued": "connection_rate_queued",
    "excluding_short": "connection_rate_excluding_short",
    "contacts": "connection_rate_contacts",
}
"""What a connection rate may be of, and its measure."""
POPULATIONS: Final[dict[Population, str]] = {
    "follow_up": "of the citizens reached by follow-up calls",
    "all": "of all whose call was answered",
    "on_the_spot": "of those answered on the spot",
    "work_orders": "of those whose call became a work order",
}
"""Whose satisfaction is meant, as the note of that target says it."""
_INDICATORS: Final = {
    "connection_rate": "connection_rate",
    "fcr": "fcr_share",
    "responsible_return": "responsible_return_share",
    "asa": "asa_s",
    "satisfaction": "satisfaction_share",
}
_LOWER_IS_BETTER: Final = ("asa", "responsible_return")
_OF_THE_YEAR: Final = {
    "accepted": "volume",
    "economic": "cost per contact",
    "environmental": "energy per contact",
    "sustainable": "cost per contact",
}
"""Targets whose limit is a year's: from month to month the volume differs and most of the cost does not."""

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
    "rank": ("全国政务类服务热线排名", "rank: indicators ahead of"),
}
"""What each target is called but satisfaction, whose name depends on whose it is."""
SATISFACTION: Final[dict[Population, tuple[str, str]]] = {
    "follow_up": ("12345人工回访市民满意度", "satisfaction, follow-up calls"),
    "all": ("全部来电接通者满意度", "satisfaction, all answered calls"),
    "on_the_spot": ("一次性解答来电者满意度", "satisfaction, answered on the spot"),
    "work_orders": ("来电形成工单市民满意度", "satisfaction, work orders by telephone"),
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
    met: tuple[bool | None, ...] = ()
    """Whether each replication's own value meets it; None where it has none."""


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
        Whether the whole horizon was simulated: the year's volume and what a contact takes, in money and energy,
        are not judged on a part of it.
    """
    rows = []
    for key, aim in _aims(scenario, pairs, spending):
        found = estimate_pairs(aim.pairs, aim.unit)
        known = [value for value in found.values if value is not None]
        met = tuple(None if value is None else aim.holds(value) for value in found.values)
        hits = sum(held is True for held in met)
        probability = clopper_pearson(hits, len(known)) if known else (None, None)
        judged = whole or key not in _OF_THE_YEAR
        name_zh, name_en = _names(scenario, key)
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
                note=aim.note if judged else f"the year's {_OF_THE_YEAR[key]} is not judged on a part of the year",
                met=met,
            )
        )
    return rows


def _names(scenario: Scenario, key: str) -> tuple[str, str]:
    """Return what a target is called, in Chinese and in English."""
    if key == "satisfaction":
        return SATISFACTION[scenario.satisfaction_population]
    name_zh, name_en = NAMES[key]
    if key == "rank" and (rank := scenario.targets.rank) is not None:
        return f"{name_zh}：超过{rank.name_zh}的指标", f"{name_en} {rank.name_en}"
    return name_zh, name_en


def _aims(scenario: Scenario, pairs: Pairs, spending: Spending) -> Iterator[tuple[str, _Aim]]:
    """Yield each target the scenario has, by key, in the order of the document's table."""
    targets = scenario.targets

    def at_least(limit: float, measure: str, note: str = "") -> _Aim:
        return _Aim("≥", limit, "share", pairs[measure], low=limit, note=note)

    def at_most(limit: float, unit: str, found: NDArray[np.float64], note: str = "") -> _Aim:
        return _Aim("≤", limit, unit, found, high=limit, note=note)

    def per_accepted(amount: float | None) -> NDArray[np.float64]:
        accepted = pairs["accepted"][:, 0]
        known = accepted if amount is not None else np.zeros(len(accepted))
        return np.column_stack([np.full(len(accepted), amount or 0.0), known])

    if (accepted := targets.accepted) is not None:
        about, reach = accepted.about, accepted.about * accepted.tolerance
        yield "accepted", _Aim("≈", about, "contacts", pairs["accepted"], about - reach, about + reach)
    if (connected := targets.connection_rate) is not None:
        yield "connection_rate", at_least(connected.at_least, BASES[connected.basis])
    if targets.fcr is not None:
        yield "fcr", at_least(targets.fcr.at_least, "fcr_share")
    if (returns := targets.responsible_return) is not None:
        found, limit = pairs["responsible_return_share"], returns.less_than
        yield "responsible_return", _Aim("<", limit, "share", found, high=limit, high_open=True)
    if targets.asa is not None:
        yield "asa", at_most(targets.asa.at_most_s, "s", pairs["asa_s"], _called_back(scenario, pairs))
    if targets.economic is not None:
        yield "economic", at_most(targets.economic.at_most_cny, "yuan", per_accepted(spending.cny))
    if targets.social is not None:
        yield "social", at_most(targets.social.at_most, "share", pairs["lost_share"])
    if targets.environmental is not None:
        yield "environmental", at_most(targets.environmental.at_most_kwh, "kWh", per_accepted(spending.kwh))
    if targets.sustainable is not None:
        yield "sustainable", at_most(targets.sustainable.at_most_cny, "yuan", per_accepted(spending.cny))
    if targets.satisfaction is not None:
        yield (
            "satisfaction",
            at_least(
                targets.satisfaction.at_least, "satisfaction_share", _counted(pairs, scenario.satisfaction_population)
            ),
        )
    if targets.rank is not None:
        yield "rank", _rank(targets.rank.rivals, pairs, scenario.satisfaction_population)


def _called_back(scenario: Scenario, pairs: Pairs) -> str:
    """Return the note that says how those called back count in the answer time, and how long they waited (§13)."""
    waited_s, number = pairs["callback_wait_s"].sum(axis=0)
    if scenario.callback is None or number == 0.0:
        return ""
    counted = "with" if scenario.callback.counts == "waited" else "without"
    a_run = number / len(pairs["callback_wait_s"])
    return f"{counted} those called back: {a_run:,.0f} a replication, after {waited_s / number:.1f} s on average"


def _counted(pairs: Pairs, population: Population) -> str:
    """Return the note that says whose satisfaction was measured, and of how many in a replication."""
    number = pairs["satisfaction_share"][:, 1].mean()
    return f"{POPULATIONS[population]}: {number:,.0f} a replication"


def _rank(rivals: Mapping[Indicator, float], pairs: Pairs, population: Population) -> _Aim:
    """Return the aim to be ahead of the rival in all of its indicators; the note says whose satisfaction is compared.

    The note names satisfaction as the measures do, such as ``satisfaction_follow_up``.
    """
    named = {key: f"{key}_{population}" if key == "satisfaction" else key for key in rivals}
    ahead = np.zeros(len(pairs["offered"]))
    for indicator, rival in rivals.items():
        top, bottom = pairs[_INDICATORS[indicator]].T
        value = np.where(bottom > 0, top / np.where(bottom > 0, bottom, 1.0), np.nan)
        ahead += value < rival if indicator in _LOWER_IS_BETTER else value > rival
    note = "the rival's values are the scenario's: " + ", ".join(f"{named[k]} {v:g}" for k, v in rivals.items())
    all_of_them = float(len(rivals))
    return _Aim(
        "≥", all_of_them, "indicators", np.column_stack([ahead, np.ones_like(ahead)]), low=all_of_them, note=note
    )
