"""A good start for a schedule of least cost: agents added one by one, then some sent home and others called instead.

The linear problem says little about one or two agents round the clock, so the search starts from whole numbers: the
tour that brings most of what is missing for its price is added until nothing is. Then a few agents are taken out at
random and added anew in the same way, which is kept if it costs no more (large neighbourhood search: Shaw 1998).
"""

from __future__ import annotations

import time
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.workforce.tours import WEEK_STEPS

Counts = NDArray[np.int64]
Values = NDArray[np.float64]

_SEED: Final = 1
_AT_ONCE: Final = (2, 8)
"""Agents taken out at once, the fewest and the most."""
_IN_VAIN: Final = 250
"""So often in a row without a cheaper schedule: then it ends."""


class Greedy:
    """Agents by tour that cover a need, good ones soon.

    Parameters
    ----------
    brings
        What an agent in each tour brings to each row, shape ``(tours, rows)``: half-hours, then days.
    need
        What must be brought, at least, shape ``(rows,)``.
    most
        What may be brought, at most, shape ``(rows,)``, infinite without limit.
    cost_cny
        What an agent costs in each tour, above 0, shape ``(tours,)``.
    kind
        Each tour's kind, shape ``(tours,)``.
    shares
        Of each kind, the share of all agents that may be in it.
    """

    def __init__(
        self, brings: NDArray[np.float32], need: Values, most: Values, cost_cny: Values, kind: Counts, shares: Values
    ) -> None:
        self.brings, self.need, self.most = brings, need, most
        self.cost_cny, self.kind, self.shares = cost_cny, kind, shares
        self.limited = bool(np.isfinite(most).any())

    def found(self, start: Counts, seconds: float) -> Counts | None:
        """Return agents by tour, those of ``start`` and others, bettered for some time; None if none were found."""
        end = time.monotonic() + seconds
        best = self._filled(start)
        if best is None:
            return None
        draw = np.random.default_rng(_SEED)
        cost, in_vain = float(self.cost_cny @ best), 0
        while in_vain < _IN_VAIN and time.monotonic() < end:
            in_vain += 1
            there = np.repeat(np.flatnonzero(best), best[best > 0])
            gone = draw.choice(there, min(int(draw.integers(*_AT_ONCE, endpoint=True)), there.size), replace=False)
            tried = self._filled(best - np.bincount(gone, minlength=best.size))
            if tried is None or (tried_cost := float(self.cost_cny @ tried)) > cost + 1e-9:
                continue
            if tried_cost < cost - 1e-9:
                in_vain = 0
            best, cost = tried, tried_cost
        return best

    def _filled(self, counts: Counts) -> Counts | None:
        """Return agents by tour with others added until all is covered, and those nobody needs taken out again."""
        counts, there = counts.copy(), (counts @ self.brings).astype(np.float64)
        while (lack := np.maximum(self.need - there, 0.0)).any():
            may = self._allowed(counts, there)
            gain = np.where(may, self._brought(lack) / self.cost_cny, 0.0)
            tour = int(np.argmax(gain))
            if gain[tour] <= 0.0:
                # One more of another kind makes room for the kind that is full.
                if not may.any() or not (self.shares < 1.0).any():
                    return None
                tour = int(np.argmin(np.where(may, self.cost_cny, np.inf)))
            counts[tour] += 1
            there = there + self.brings[tour]
        self._trim(counts, there)
        return counts if self._shares_kept(counts) else None

    def _brought(self, lack: Values) -> NDArray[np.floating]:
        """Return how much of what is missing an agent in each tour brings."""
        # To a half-hour an agent brings himself or nothing; to a day's work it may be more than is missing.
        brought = self.brings[:, :WEEK_STEPS] @ (lack[:WEEK_STEPS] > 0.0).astype(np.float32)
        if lack.size > WEEK_STEPS:
            brought = brought + np.minimum(self.brings[:, WEEK_STEPS:], lack[WEEK_STEPS:]).sum(axis=1)
        return brought

    def _allowed(self, counts: Counts, there: Values) -> NDArray[np.bool_]:
        kinds = np.bincount(self.kind, counts, len(self.shares))
        full = (kinds + 1.0 > self.shares * (kinds.sum() + 1.0) + 1e-9) & (self.shares < 1.0)
        may: NDArray[np.bool_] = ~full[self.kind]
        if self.limited:
            may &= (self.brings[:, there >= self.most] == 0.0).all(axis=1)
        return may

    def _trim(self, counts: Counts, there: Values) -> None:
        """Take out agents whom nobody needs, the dearest first; changes ``counts``."""
        own = np.flatnonzero(counts)
        for tour in own[np.argsort(-self.cost_cny[own], kind="stable")]:
            while counts[tour] and (there - self.brings[tour] >= self.need).all():
                counts[tour] -= 1
                if not self._shares_kept(counts):
                    counts[tour] += 1
                    break
                there = there - self.brings[tour]

    def _shares_kept(self, counts: Counts) -> bool:
        kinds = np.bincount(self.kind, counts, len(self.shares))
        return bool((kinds <= self.shares * kinds.sum() + 1e-9).all())
