"""A floor over any 24 hours: of the calls of 48 half-hours in a row so many are answered at least (§19)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.scenario.shifts import STEPS_PER_DAY
from sim.workforce.tours import WEEK_STEPS

Values = NDArray[np.float64]

NEARLY: Final = 1e-9
"""Share of what is needed that rounding may lack."""


def day_sums(by_step: Values) -> Values:
    """Return the sum of the 24 hours that begin with each half-hour, Sunday followed by Monday; shape ``(…, 336)``."""
    again = np.concatenate([np.zeros_like(by_step[..., :1]), by_step, by_step[..., : STEPS_PER_DAY - 1]], axis=-1)
    total = np.cumsum(again, axis=-1)
    sums: Values = total[..., STEPS_PER_DAY:] - total[..., :-STEPS_PER_DAY]
    return sums


def sums_around(by_day: Values) -> Values:
    """Return for each half-hour the sum over the 24 hours that contain it, which are named by their first half-hour."""
    around: Values = np.roll(day_sums(by_day), STEPS_PER_DAY - 1)
    return around


@dataclass(frozen=True)
class DayFloor:
    """What any 24 hours of a week must answer.

    Attributes
    ----------
    answered
        Calls answered in each half-hour by agents on duty, shape ``(336, agents + 1)``; each agent more adds less.
    needed
        Calls that the 24 hours from each half-hour on must answer, shape ``(336,)``.
    """

    answered: Values
    needed: Values

    @classmethod
    def of(cls, calls: Values, share: Values, floor: float) -> DayFloor:
        """Return that of a week in which ``floor`` of the calls are to be answered.

        ``calls`` has shape ``(336,)``, ``share``, what agents answer of them, ``(336, agents + 1)``.
        """
        first = calls * share[:, 0]
        more = np.minimum.accumulate(calls[:, None] * np.diff(share, axis=1), axis=1)
        answered = np.concatenate([first[:, None], first[:, None] + np.cumsum(more, axis=1)], axis=1)
        return cls(answered, floor * day_sums(calls))

    def at(self, there: Values | NDArray[np.int64]) -> Values:
        """Return calls answered in each half-hour by agents on duty, whole or not, shape ``(336,)``."""
        number = np.minimum(there, self.answered.shape[1] - 1.0)
        low = np.minimum(number.astype(np.int64), self.answered.shape[1] - 2)
        steps = np.arange(WEEK_STEPS)
        below, above = self.answered[steps, low], self.answered[steps, low + 1]
        found: Values = below + (above - below) * (number - low)
        return found

    def next_agent(self, there: NDArray[np.int64]) -> Values:
        """Return the calls that one agent more would answer in each half-hour, shape ``(336,)``."""
        most = self.answered.shape[1] - 1
        steps = np.arange(WEEK_STEPS)
        more: Values = self.answered[steps, np.minimum(there + 1, most)] - self.answered[steps, np.minimum(there, most)]
        return more

    def short(self, there: Values | NDArray[np.int64]) -> Values:
        """Return the share of what is needed that the 24 hours from each half-hour on lack; 0 where nothing."""
        lack = self.needed * (1.0 - NEARLY) - day_sums(self.at(there))
        short: Values = np.maximum(lack, 0.0) / np.maximum(self.needed, NEARLY)
        return short
