"""When a run may stop: as soon as the measures asked for are known closely enough.

The rule: after every :data:`BATCH` replications, from :data:`FEWEST` on, a run stops if half the width of each named
measure's 95 % interval is at most the asked share of its mean; at :data:`MOST` it stops anyway. A rule that looks often
stops a little too gladly where the values happen to lie close together: over normal values the intervals at the stop
hold the true mean in 94 to 95 of 100 runs (``tests/test_precision.py``), not in 95.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import numpy as np

from sim.measures import NAMES, estimate

BATCH: Final = 10
FEWEST: Final = 20
MOST: Final = 1_000

Precision = Mapping[str, float]
"""Measure → the relative half-width of its interval at which it is known closely enough."""


def enough(precision: Precision, years: Sequence[np.ndarray]) -> bool:
    """Say whether replications know the measures closely enough.

    Parameters
    ----------
    precision
        What is asked for.
    years
        Each replication's numerators and denominators, shape ``(measures, 2)``, in the order of
        :data:`sim.measures.NAMES`. What cannot be measured is not waited for.
    """
    if len(years) < FEWEST:
        return False
    for name, share in precision.items():
        place = NAMES.index(name)
        found = estimate(name, np.array([year[place] for year in years]))
        if found.mean is not None and found.low is not None and found.mean - found.low > share * abs(found.mean):
            return False
    return True


def looks() -> Iterator[int]:
    """Yield the numbers of replications after which is looked."""
    yield from range(FEWEST, MOST + 1, BATCH)
