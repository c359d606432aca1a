"""The bill: four contract lines, each the exact sum of its parts, each part a driver × a rate (§20).

Money is exact: a part's running total from the plan's first day is rounded to the fen (1/100 yuan) at the end of
each day, and its days are integers; parts of the year, months, lines and the year are sums of those integers, so
that however a plan is cut the pieces sum to the whole. Nothing is a plug.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sim.cost.drivers import Days, Drivers
from sim.scenario.money import LINES, Dated, rate_on

NAMES_ZH: Final = {
    "operation": "热线基本运行费",
    "platform": "话务平台、手语客服网络及大数据等专用软硬件设施",
    "personnel": "话务语音座席等人员聘用及管理经费",
    "tax": "应交税费",
}
"""The lines' names in the document (年度预算安排)."""
_FEN_PER_CNY: Final = 100
FEN_PER_WAN: Final = 1_000_000


@dataclass(frozen=True)
class Part:
    """One driver × one rate."""

    key: str
    driver: str
    """What causes it, in words."""
    quantity: float
    unit: str
    rate_cny: float
    """Yuan for one unit; where the rate changes within the days, what the units cost on average."""
    rate_path: str
    """Key path of the rate in the scenario."""
    sources: dict[str, str]
    """Source of each number of the scenario that enters directly, the rate's first, by key path.

    Heads and hours are explained by the way from work to heads (:mod:`sim.cost.heads`), amounts of other parts by
    those parts.
    """
    fen: tuple[int, ...]
    """The amount of each month."""

    @property
    def source(self) -> str:
        """Source of the rate."""
        return next(iter(self.sources.values()))

    @property
    def wan(self) -> float:
        """The amount, 万元."""
        return sum(self.fen) / FEN_PER_WAN


@dataclass(frozen=True)
class Line:
    """One contract line: the sum of its parts."""

    key: str
    parts: tuple[Part, ...]
    published_wan: float | None

    @property
    def fen(self) -> tuple[int, ...]:
        """The amount of each month."""
        return tuple(sum(month) for month in zip(*(part.fen for part in self.parts), strict=True))

    @property
    def wan(self) -> float:
        """The amount, 万元."""
        return sum(self.fen) / FEN_PER_WAN


@dataclass(frozen=True)
class HeadChange:
    """A part of the bill that a head-count changes."""

    line: str
    key: str
    driver: str
    planned_fen: int
    counted_fen: int

    @property
    def fen(self) -> int:
        """What it adds, or below 0 saves."""
        return self.counted_fen - self.planned_fen


@dataclass(frozen=True)
class Bill:
    """The contract's bill for the days of its drivers."""

    lines: tuple[Line, ...]
    drivers: Drivers
    """What the plan needs on these days."""
    whole: bool
    """Whether these are all days of the plan."""
    calibrated: tuple[str, ...]
    """Key paths of the rates that were solved to meet the published figures."""
    without: Bill | None = None
    """With a head-count: the bill of the plan, whoever there is to fill it."""

    @property
    def total_wan(self) -> float:
        """All lines, 万元."""
        return sum(sum(line.fen) for line in self.lines) / FEN_PER_WAN

    @property
    def published_total_wan(self) -> float | None:
        """The published figures' sum, 万元."""
        published = [line.published_wan for line in self.lines if line.published_wan is not None]
        return math.fsum(published) if len(published) == len(self.lines) else None

    def line(self, key: str) -> Line:
        """Return the line called ``key``."""
        return self.lines[LINES.index(key)]

    def lever_wan(self, group: str) -> float | None:
        """Return what is bought of a group that is called in (§14), 万元 before tax; None if it has no price."""
        bought = [part.wan for part in self.line("personnel").parts if part.key.startswith(f"levers.{group}.")]
        return sum(bought) if bought else None

    def head_changes(self) -> list[HeadChange]:
        """Return the parts that the head-count changes: together they are all that it changes, to the fen."""
        if self.without is None:
            return []
        return [
            HeadChange(line.key, part.key, part.driver, sum(before.fen), sum(part.fen))
            for line, plan in zip(self.lines, self.without.lines, strict=True)
            for part, before in zip(line.parts, plan.parts, strict=True)
            if sum(part.fen) != sum(before.fen)
        ]

    def per_contact_cny(self, accepted: float) -> float | None:
        """Return the cost of each of ``accepted`` contacts, yuan; None if there are none."""
        return self.total_wan * 10_000.0 / accepted if accepted > 0.0 else None

    def to_dict(self, accepted: float | None = None) -> dict[str, Any]:
        """Return the bill as ``summary.json`` has it under ``cost``.

        Parameters
        ----------
        accepted
            Accepted contacts of the days; by default those the plan expects.
        """
        return {
            "lines": [
                {
                    "key": line.key,
                    "name_zh": NAMES_ZH[line.key],
                    "wan": line.wan,
                    "published_wan": line.published_wan,
                    "difference_wan": None if line.published_wan is None else line.wan - line.published_wan,
                    "parts": [
                        {
                            "key": part.key,
                            "driver": part.driver,
                            "quantity": part.quantity,
                            "unit": part.unit,
                            "rate_cny": part.rate_cny,
                            "wan": part.wan,
                            "source": part.source,
                            "sources": part.sources,
                        }
                        for part in line.parts
                    ],
                }
                for line in self.lines
            ],
            "total_wan": self.total_wan,
            "published_total_wan": self.published_total_wan,
            "per_accepted_cny": self.per_contact_cny(self.drivers.accepted if accepted is None else accepted),
            **({"headcount": self._headcount(self.without)} if self.without is not None else {}),
        }

    def _headcount(self, plan: Bill) -> dict[str, Any]:
        """Return what the head-count does to the bill, as ``summary.json`` has it."""
        return {
            "counted": self.drivers.counted,
            "agents_planned": self.drivers.agents,
            "agents": self.drivers.agents_on_payroll,
            "trainees_planned": self.drivers.trainees,
            "trainees": self.drivers.trainees_on_payroll,
            "planned_total_wan": plan.total_wan,
            "difference_wan": (sum(change.fen for change in self.head_changes())) / FEN_PER_WAN,
            "parts": [
                {
                    "line": change.line,
                    "key": change.key,
                    "planned_wan": change.planned_fen / FEN_PER_WAN,
                    "wan": change.counted_fen / FEN_PER_WAN,
                    "difference_wan": change.fen / FEN_PER_WAN,
                }
                for change in self.head_changes()
            ],
        }

    def by_month(self) -> list[dict[str, Any]]:
        """Return month, heads, paid hours and each line in 万元 (``<line>_wan``), a row a month."""
        paid_h, heads = self.drivers.by_month(self.drivers.paid_h), self.drivers.heads_by_month
        return [
            {
                "month": month,
                "heads": float(heads[index]),
                "paid_h": float(paid_h[index]),
                **{f"{line.key}_wan": line.fen[index] / FEN_PER_WAN for line in self.lines},
            }
            for index, month in enumerate(self.drivers.months)
        ]


@dataclass
class Sheet:
    """Collects the parts of one line: priced over the whole plan, shown for some of its days."""

    plan: Drivers
    rows: slice
    """The days shown."""
    here: Drivers
    """The plan on those days."""
    sources: dict[str, str]
    parts: list[Part] = field(default_factory=list)
    priced: list[tuple[str, NDArray[np.int64]]] = field(default_factory=list)
    """Key of each part and its fen on each day of the plan."""

    def rate(self, rate: float | tuple[Dated, ...]) -> Days:
        """Return a rate on each day of the plan."""
        if not isinstance(rate, tuple):
            return np.full(len(self.plan.days), rate)
        return np.array([rate_on(rate, day) for day in self.plan.days])

    def add(
        self, key: str, driver: str, quantity: Days, unit: str, rate: Days, rate_path: str, *others: str
    ) -> None:  # fmt: skip
        """Add a part: ``quantity`` × ``rate`` of each day of the plan, the running total rounded to the fen.

        ``others`` are the key paths of the other numbers, or tables of them, that enter here.
        """
        amounts = quantity * rate
        running = np.rint(np.cumsum(amounts) * _FEN_PER_CNY).astype(np.int64)
        fen = running - np.concatenate(([0], running[:-1]))
        self.priced.append((key, fen))
        rates = rate[self.rows]
        total = math.fsum(quantity[self.rows])
        constant = np.ptp(rates) == 0.0 or total == 0.0
        self.parts.append(
            Part(
                key=key,
                driver=driver,
                quantity=total,
                unit=unit,
                rate_cny=float(rates[0] if constant else math.fsum(amounts[self.rows]) / total),
                rate_path=rate_path,
                sources=sources_at((rate_path, *others), self.sources),
                fen=tuple(self.here.by_month(fen[self.rows]).tolist()),
            )
        )

    def cny(self, prefix: str = "") -> Days:
        """Return the sum so far of the parts whose key begins with ``prefix``, yuan on each day of the plan."""
        fen = sum((fen for key, fen in self.priced if key.startswith(prefix)), start=np.zeros(len(self.plan.days)))
        return fen / _FEN_PER_CNY


def sources_at(paths: Iterable[str], sources: dict[str, str]) -> dict[str, str]:
    """Return the sources of the numbers at and below key paths, by the numbers' own."""
    return {key: text for path in paths for key, text in sources.items() if key == path or key.startswith(f"{path}.")}
