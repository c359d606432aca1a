"""When a simulated number that is known exactly passes: the rule of :mod:`sim.validation.exact`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.measures import CONFIDENCE, estimate_pairs, t_quantile
from sim.validation.row import Row, Verdict

Floats = NDArray[np.float64]

NARROW: Final = 0.01
"""The widest half of a 95 % interval, as a share of its value."""


@dataclass(frozen=True)
class Question:
    """A number to be found: the expected value, known to ``slack``, and what the formula says of it."""

    case: str
    source: str
    measure: str
    expected: float
    slack: float
    formula: float | None = None


def judged(question: Question, pairs: Floats, family: int) -> Row:
    """Return the row of a question, judged on its batches' pairs as one of ``family`` rows."""
    expected, slack, formula = question.expected, question.slack, question.formula
    found = estimate_pairs(pairs, "")
    if found.mean is None or found.low is None or found.high is None:
        raise ValueError(f"{question.case}: nothing was simulated")
    half = found.high - found.mean
    together = half * _bonferroni(len(pairs), family) / t_quantile(len(pairs) - 1)
    away = abs(found.mean - expected) - slack
    notes = [f"formula {formula:.6g}"] if formula is not None else []
    verdict: Verdict = "pass"
    if formula is not None and abs(formula - expected) > slack * (1.0 + 1e-9):
        verdict = "fail"
        notes.append("the formula does not give the expected number")
    if half > NARROW * abs(found.mean):
        verdict = "fail"
        notes.append(f"the interval is too wide: {half / abs(found.mean):.2%} to either side")
    if away > together:
        verdict = "fail"
        notes.append(f"outside the interval that holds for all {family} rows together")
    elif away > half:
        notes.append(f"outside its own 95 % interval, inside that of all {family} rows together")
    return Row(
        question.case, question.measure, expected, expected - slack, expected + slack, question.source,
        found.mean, found.low, found.high, verdict, "; ".join(notes),
    )  # fmt: skip


def _bonferroni(n: int, family: int) -> float:
    """Return the quantile of Student's t for one of ``family`` intervals of ``n`` batches."""
    from scipy import special

    return float(special.stdtrit(n - 1, 1.0 - (1.0 - CONFIDENCE) / family / 2.0))
