"""A change shared out over its causes: Shapley values of what each mixture of the old and the new gives."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from math import comb
from typing import Final

import numpy as np
from numpy.typing import NDArray

Coalition = frozenset[int]
"""The causes, by place, that are as in the new scenario; the others are as in the old one."""
Floats = NDArray[np.float64]

MOST_EXACT: Final = 6
"""With more causes than this not every mixture is looked at: there would be 128 and more."""


def coalitions(causes: int) -> list[Coalition]:
    """Return the mixtures that :func:`shares` needs, none of the causes first and all of them last.

    Up to :data:`MOST_EXACT` causes they are all ``2 ** causes``. Past that they are those that one meets on the way
    from the old to the new one cause at a time, in the order given and in its reverse: ``2 * causes``.
    """
    if causes <= MOST_EXACT:
        return [frozenset(chosen) for size in range(causes + 1) for chosen in combinations(range(causes), size)]
    forwards = [frozenset(range(size)) for size in range(causes + 1)]
    backwards = [frozenset(range(causes - size, causes)) for size in range(1, causes)]
    return sorted({*forwards, *backwards}, key=lambda chosen: (len(chosen), sorted(chosen)))


def shares(values: Mapping[Coalition, Floats]) -> Floats:
    """Return what each cause does to each value; they sum to the value of all causes less that of none.

    Up to :data:`MOST_EXACT` causes these are Shapley values: the mean, over all orders in which the causes may come
    one after the other, of what a cause changes when it comes (Shapley 1953, A value for n-person games). Past that
    they are the mean over two orders only, the one given and its reverse.

    Parameters
    ----------
    values
        What each mixture of :func:`coalitions` gives, arrays of one shape.

    Returns
    -------
    numpy.ndarray
        Shape ``(causes, …)``, then that of the values.
    """
    causes = max(map(len, values))
    found = np.zeros((causes, *values[frozenset()].shape))
    if causes <= MOST_EXACT:
        for cause in range(causes):
            for before, value in values.items():
                if cause not in before:
                    weight = 1.0 / (causes * comb(causes - 1, len(before)))
                    found[cause] += weight * (values[before | {cause}] - value)
        return found
    for order in (range(causes), range(causes - 1, -1, -1)):
        come: Coalition = frozenset()
        for cause in order:
            found[cause] += 0.5 * (values[come | {cause}] - values[come])
            come |= {cause}
    return found
