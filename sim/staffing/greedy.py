"""A good start for a schedule of least cost: agents added one by one, then some sent home and others called instead.

The linear problem says little about one or two agents round the clock, so the search starts from whole numbers: the
tour that brings most of what is missing for its price is added until nothing is. Then a few agents are taken out at
random and added anew in the same way (large neighbourhood search: Shaw 1998), which is kept if it costs no more, or
little more while the search is young (annealing: Schrimpf and others 2000).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.workforce.tours import WEEK_STEPS

Counts = NDArray[np.int64]
Values = NDArray[np.float64]
Settled = tuple[Counts, float]
"""Agents by tour, and what they cost."""

_SEED: Final = 1
_AT_ONCE: Final = (2, 7)
"""Agents taken out at once, the fewest and the most."""
_STEPS: Final = 1_500
"""Steps of a search: a number of them, not a time, so that every machine finds the same where time suffices."""
_WORSE: Final = 0.1
"""Share of a mean tour's cost by which a step may be for the worse, on average, when the search begins."""
_AMONG: Final = 1_000
"""Tours that are searched: with many more each step takes so long that less is found."""


def cheapest(reduced: Values, near: Values | Counts) -> Counts:
    """Return the tours to search among: those of the least reduced cost and those of a solution, rising."""
    return np.union1d(np.argsort(reduced, kind="stable")[:_AMONG], np.flatnonzero(near))


def annealed(
    begin: Settled, settle: Callable[[Counts], Settled | None], tour_cny: float, enough: float, seconds: float
) -> Counts:
    """Return the cheapest agents by tour that a search finds.

    Parameters
    ----------
    begin
        Where it begins.
    settle
        Makes agents of whom some were taken out whole again, if it can.
    tour_cny
        What a tour costs on average.
    enough
        The search ends early with a schedule that costs no more.
    seconds
        Time limit.
    """
    end = time.monotonic() + seconds
    draw = np.random.default_rng(_SEED)
    best, least = now, cost = begin
    for left in np.linspace(1.0, 0.0, _STEPS):
        if least <= enough or time.monotonic() > end:
            break
        working = np.repeat(np.flatnonzero(now), now[now > 0])
        gone = draw.choice(working, min(int(draw.integers(*_AT_ONCE)), working.size), replace=False)
        tried = settle(now - np.bincount(gone, minlength=now.size))
        if tried is None:
            continue
        if tried[1] <= cost + left * _WORSE * tour_cny * float(draw.exponential()):
            now, cost = tried
        if tried[1] < least - 1e-9:
            best, least = tried
    return best


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

    def found(self, start: Counts, enough: float, seconds: float) -> Counts | None:
        """Return agents by tour, those of ``start`` and others, bettered for some time; None if none were found.

        The search ends early with a schedule that costs no more than ``enough``.
        """
        begin = self._settled(start)
        return None if begin is None else annealed(begin, self._settled, float(self.cost_cny.mean()), enough, seconds)

    def _settled(self, counts: Counts) -> Settled | None:
        filled = self._filled(counts)
        return None if filled is None else (filled, float(self.cost_cny @ filled))

    def _filled(self, counts: Counts) -> Counts | None:
        """Return agents by tour with others added until all is covered, and those nobody needs taken out again."""
        counts, there = counts.copy(), (counts @ self.brings).astype(np.float64)
        while (lack := np.maximum(self.need - there, 0.0)).any():
            seated = self._seated(there)
            may = seated & ~self._full(counts)
            gain = np.where(seated, self._brought(lack) / self.cost_cny, 0.0)
            tour = int(np.argmax(np.where(may, gain, 0.0)))
            if gain[tour] <= 0.0 or not may[tour]:
                # One more of another kind makes room for a kind that is full, if that one brings what is missing.
                if not may.any() or not gain.any():
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

    def _full(self, counts: Counts) -> NDArray[np.bool_]:
        """Say which tours are of a kind with no room for one more."""
        kinds = np.bincount(self.kind, counts, len(self.shares))
        full = (kinds + 1.0 > self.shares * (kinds.sum() + 1.0) + 1e-9) & (self.shares < 1.0)
        of_full: NDArray[np.bool_] = full[self.kind]
        return of_full

    def _seated(self, there: Values) -> NDArray[np.bool_]:
        """Say which tours have a seat for one more."""
        if not self.limited:
            return np.ones(len(self.kind), np.bool_)
        seated: NDArray[np.bool_] = (self.brings[:, there >= self.most] == 0.0).all(axis=1)
        return seated

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
