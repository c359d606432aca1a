"""One row of the validation's table, and how a printed number is read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

SEED: Final = 20200101
"""The seed of every simulation of this room, chosen before the first run and never changed."""

Verdict = Literal["pass", "fail", "known", "info"]


@dataclass(frozen=True)
class Row:
    """One number of a case: what it must be, what the simulation gives, and whether they agree.

    ``expected_low`` and ``expected_high`` bound the expected value: its published 95 % interval or, of a
    number known exactly, what it may have been before it was rounded. ``low`` and ``high`` are the
    simulation's 95 % interval, NaN where nothing is left to chance. A row that only informs has the verdict
    ``info``; one that fails because the published number is itself off an exact value that the simulation
    meets has the verdict ``known``.
    """

    case: str
    measure: str
    expected: float
    expected_low: float
    expected_high: float
    source: str
    simulated: float
    low: float
    high: float
    verdict: Verdict
    note: str = ""


def half_unit(printed: str) -> float:
    """Return half a unit of the last digit of a printed number: how far off its exact value may be."""
    return 0.5 * 10.0 ** -len(printed.partition(".")[2])
