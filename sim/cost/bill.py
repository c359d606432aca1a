"""The bill: four contract lines, each the exact sum of its parts, each part a driver × a rate (§20).

Money is exact: a part's running total is rounded to the fen (1/100 yuan) at the end of each month, and its
months are kept as integers; lines, months and the year are sums of those integers. Nothing is a plug.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final

import numpy as np

from sim.cost.drivers import Drivers, Months
from sim.scenario.money import LINES, Dated, rate_on

NAMES_ZH: Final = {
    "operation": "热线基本运行费",
    "platform": "话务平台、手语客服网络及大数据等专用软硬件设施",
    "personnel": "话务语音座席等人员聘用及管理经费",
    "tax": "应交税费",
}
"""The lines' names in the document (年度预算安排)."""
_FEN_PER_CNY: Final = 100
_FEN_PER_WAN: Final = 1_000_000


@dataclass(frozen=True)
class Part:
    """One driver × one rate."""

    key: str
    driver: str
    """What causes it, in words."""
    quantity: float
    unit: str
    rate_cny: float
    """Yuan for one unit; where the rate changes within the window, what the units cost on average."""
    rate_path: str
    """Key path of the rate in the scenario."""
    source: str
    fen: tuple[int, ...]
    """The amount of each month."""

    @property
    def wan(self) -> float:
        """The amount, 万元."""
        return sum(self.fen) / _FEN_PER_WAN


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
        return sum(self.fen) / _FEN_PER_WAN


@dataclass(frozen=True)
class Bill:
    """The contract's bill for the window of its drivers."""

    lines: tuple[Line, ...]
    drivers: Drivers
    calibrated: tuple[str, ...]
    """Key paths of the rates that were solved to meet the published figures."""

    @property
    def total_wan(self) -> float:
        """All lines, 万元."""
        return sum(sum(line.fen) for line in self.lines) / _FEN_PER_WAN

    @property
    def published_total_wan(self) -> float | None:
        """The published figures' sum, 万元."""
        published = [line.published_wan for line in self.lines if line.published_wan is not None]
        return math.fsum(published) if len(published) == len(self.lines) else None

    def line(self, key: str) -> Line:
        """Return the line called ``key``."""
        return self.lines[LINES.index(key)]

    def per_contact_cny(self, accepted: float) -> float | None:
        """Return the cost of each of ``accepted`` contacts, yuan; None if there are none."""
        return self.total_wan * 10_000.0 / accepted if accepted > 0.0 else None

    def to_dict(self, accepted: float | None = None) -> dict[str, Any]:
        """Return the bill as ``summary.json`` has it under ``cost``.

        Parameters
        ----------
        accepted
            Accepted contacts of the window; by default those the plan expects.
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
                        }
                        for part in line.parts
                    ],
                }
                for line in self.lines
            ],
            "total_wan": self.total_wan,
            "published_total_wan": self.published_total_wan,
            "per_accepted_cny": self.per_contact_cny(self.drivers.accepted if accepted is None else accepted),
        }

    def by_month(self) -> list[dict[str, Any]]:
        """Return month, heads, paid hours and each line in 万元 (``<line>_wan``), a row a month."""
        return [
            {
                "month": month,
                "heads": self.drivers.heads,
                "paid_h": float(self.drivers.paid_h[index]),
                **{f"{line.key}_wan": line.fen[index] / _FEN_PER_WAN for line in self.lines},
            }
            for index, month in enumerate(self.drivers.months)
        ]


@dataclass
class Sheet:
    """Collects the parts of one line."""

    drivers: Drivers
    sources: dict[str, str]
    parts: list[Part] = field(default_factory=list)

    def rate(self, rate: float | tuple[Dated, ...]) -> Months:
        """Return a rate of each month: the mean of its days."""
        return np.array([math.fsum(rate_on(rate, day) for day in days) / len(days) for days in self.drivers.days])

    def add(self, key: str, driver: str, quantity: Months, unit: str, rate: Months, rate_path: str) -> None:
        """Add a part: ``quantity`` × ``rate`` of each month, the running total rounded to the fen."""
        amounts = quantity * rate
        running = [round(float(amount) * _FEN_PER_CNY) for amount in np.cumsum(amounts)]
        total = float(quantity.sum())
        self.parts.append(
            Part(
                key=key,
                driver=driver,
                quantity=total,
                unit=unit,
                rate_cny=float(rate[0] if np.ptp(rate) == 0.0 or total == 0.0 else amounts.sum() / total),
                rate_path=rate_path,
                source=_source(rate_path, self.sources),
                fen=tuple(after - before for before, after in pairwise([0, *running])),
            )
        )

    def cny(self, prefix: str = "") -> Months:
        """Return the sum so far of the parts whose key begins with ``prefix``, yuan a month."""
        chosen = [part.fen for part in self.parts if part.key.startswith(prefix)]
        return np.array([sum(month) for month in zip(*chosen, strict=True)]) / _FEN_PER_CNY


def _source(path: str, sources: dict[str, str]) -> str:
    """Return the source of the number at a path, or of the first number below it."""
    below = (text for key, text in sources.items() if key == path or key.startswith(f"{path}."))
    return next(below)
