"""A week of whole agents near one in fractions: each joins who is worth the cost, a few change places at a time (§19).

The same price list as the problem's of :mod:`sim.staffing.weekly`, agent by agent; the search is the one of
:mod:`sim.staffing.greedy`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.compiled import kernel
from sim.scenario.shifts import STEPS_PER_DAY
from sim.staffing.day_floor import NEARLY, DayFloor, sums_around
from sim.staffing.greedy import Settled, annealed
from sim.staffing.highs import Values
from sim.workforce.tours import WEEK_STEPS, Tours

Counts = NDArray[np.int64]

_MUST: Final = 1e3
_SEED: Final = 1
_MISJUDGED: Final = 0.3
"""What a tour answers for its cost counts by a share of it, from here to 1 at random: agents change places by that."""
_SAME: Final = 1e-6


@dataclass(frozen=True)
class Worth:
    """What agents on duty save in the half-hours of a week.

    Attributes
    ----------
    least
        Agents that must be there, shape ``(336,)``.
    most
        Agents that may be there, as seats allow, shape ``(336,)``; infinite without limit.
    gain_cny
        What one agent more than ``n`` saves, shape ``(336, agents)``; it falls with ``n`` from ``least`` on.
    day_floor
        What any 24 hours must answer; None: nothing.
    """

    least: Counts
    most: Values
    gain_cny: Values
    day_floor: DayFloor | None = None

    @classmethod
    def of_need(cls, required: Counts) -> Worth:
        """Return that of a week that needs so many agents, shape ``(336,)``, and no more."""
        return cls(required, np.full(WEEK_STEPS, np.inf), np.zeros((WEEK_STEPS, int(required.max()) + 1)))


class _Lists(NamedTuple):
    """A week's tours and price list as the kernels have them.

    Attributes
    ----------
    begin, steps
        The half-hours of a tour are ``steps[begin[tour] : begin[tour + 1]]``.
    brings
        Whether a tour is at work, half-hours first, shape ``(336, tours)``.
    cost_cny, kind
        Of each tour.
    shares
        Of each kind, the share of all agents that may be in it.
    gain
        What one agent more than ``n`` saves, those who must be there included, shape ``(336, agents)``.
    most
        Agents that may be there, shape ``(336,)``.
    answered, needed
        Those of the floor over any 24 hours; empty without one.
    """

    begin: Counts
    steps: Counts
    brings: NDArray[np.uint8]
    cost_cny: Values
    kind: Counts
    shares: Values
    gain: Values
    most: Values
    answered: Values
    needed: Values


@kernel
def _kinds(lists: _Lists, counts: Counts) -> Values:
    """Return the agents of each kind."""
    kinds = np.zeros(lists.shares.size)
    for tour in range(counts.size):
        kinds[lists.kind[tour]] += counts[tour]
    return kinds


@kernel
def _shares_kept(lists: _Lists, kinds: Values) -> bool:
    return bool((kinds <= lists.shares * kinds.sum() + 1e-9).all())


@kernel
def _is_full(lists: _Lists, kinds: Values, kind: int) -> bool:
    """Say whether a kind has no room for one more."""
    room = lists.shares[kind] * (kinds.sum() + 1.0) + 1e-9
    return bool(lists.shares[kind] < 1.0 and kinds[kind] + 1.0 > room)


@kernel
def _is_seated(lists: _Lists, there: Counts, tour: int) -> bool:
    """Say whether there is a seat for one more in a tour."""
    for n in range(lists.begin[tour], lists.begin[tour + 1]):
        if there[lists.steps[n]] >= lists.most[lists.steps[n]]:
            return False
    return True


@kernel
def _move(lists: _Lists, counts: Counts, kinds: Values, there: Counts, tour: int, by: int) -> None:
    """Let an agent join a tour, or send one home."""
    counts[tour] += by
    kinds[lists.kind[tour]] += by
    for n in range(lists.begin[tour], lists.begin[tour + 1]):
        there[lists.steps[n]] += by


@kernel
def _worth(lists: _Lists, there: Counts, tour: int, ahead: int) -> float:
    """Return what one more in a tour saves (``ahead`` 0), or the last one does (1), cost taken off."""
    total: float = -lists.cost_cny[tour]
    for n in range(lists.begin[tour], lists.begin[tour + 1]):
        step = lists.steps[n]
        total += lists.gain[step, min(max(there[step] - ahead, 0), lists.gain.shape[1] - 1)]
    return total


@kernel
def _can_spare(lists: _Lists, there: Counts, tour: int) -> bool:
    """Say whether any 24 hours answer enough without one agent of a tour."""
    top = lists.answered.shape[1] - 1
    own = np.empty(WEEK_STEPS)
    for step in range(WEEK_STEPS):
        own[step] = lists.answered[step, min(there[step], top)]
    for n in range(lists.begin[tour], lists.begin[tour + 1]):
        own[lists.steps[n]] = lists.answered[lists.steps[n], min(max(there[lists.steps[n]] - 1, 0), top)]
    total = own[:STEPS_PER_DAY].sum()
    for step in range(WEEK_STEPS):
        if total < lists.needed[step] * (1.0 - NEARLY):
            return False
        total += own[(step + STEPS_PER_DAY) % WEEK_STEPS] - own[step]
    return True


@kernel
def joined(lists: _Lists, counts: Counts) -> Counts:
    """Let agents join while the next is worth the cost, the best first; before that, send home who are too many.

    Return who is on duty then, shape ``(336,)``.
    """
    there, kinds = np.zeros(WEEK_STEPS, np.int64), _kinds(lists, counts)
    for tour in range(counts.size):
        if counts[tour]:
            for n in range(lists.begin[tour], lists.begin[tour + 1]):
                there[lists.steps[n]] += counts[tour]
    tours, most = counts.size, lists.gain.shape[1] - 1
    while not _shares_kept(lists, kinds):
        # Too many of a kind that is limited: the one of least use goes.
        worst, least = -1, np.inf
        for tour in range(tours):
            if counts[tour] and lists.shares[lists.kind[tour]] < 1.0:
                worth = _worth(lists, there, tour, 1)
                if worth < least:
                    worst, least = tour, worth
        _move(lists, counts, kinds, there, worst, -1)
    profit = np.empty(tours)
    for tour in range(tours):
        profit[tour] = _worth(lists, there, tour, 0)
    seated = np.ones(tours, np.bool_)  # a seat that is taken stays taken
    while True:
        best, highest = -1, _SAME
        for tour in range(tours):
            if profit[tour] > highest and seated[tour] and not _is_full(lists, kinds, lists.kind[tour]):
                if _is_seated(lists, there, tour):
                    best, highest = tour, profit[tour]
                else:
                    seated[tour] = False
        if best < 0:
            return there
        for n in range(lists.begin[best], lists.begin[best + 1]):
            step = lists.steps[n]
            number = there[step]
            less = lists.gain[step, min(number + 1, most)] - lists.gain[step, min(number, most)]
            if less != 0.0:
                for tour in range(tours):
                    profit[tour] += less * lists.brings[step, tour]
        _move(lists, counts, kinds, there, best, 1)


@kernel
def sent_home(lists: _Lists, counts: Counts, there: Counts) -> None:
    """Send agents home who are not worth their cost, the least first, while nothing that must hold is hurt."""
    kinds = _kinds(lists, counts)
    kept = np.zeros(counts.size, np.bool_)  # who cannot be spared now cannot be later, when others have gone
    while True:
        worst, least = -1, -_SAME
        for tour in range(counts.size):
            if counts[tour] and not kept[tour]:
                worth = _worth(lists, there, tour, 1)
                if worth < least:
                    worst, least = tour, worth
        if worst < 0:
            return
        if lists.needed.size and not _can_spare(lists, there, worst):
            kept[worst] = True
            continue
        _move(lists, counts, kinds, there, worst, -1)
        if not _shares_kept(lists, kinds):
            _move(lists, counts, kinds, there, worst, 1)
            kept[worst] = True


class Search:
    """Whole agents by tour, the best that are found for a price list."""

    def __init__(self, tours: Tours, cost_cny: Values, worth: Worth) -> None:
        self.tours, self.cost_cny, self.worth = tours, cost_cny, worth
        self.draw = np.random.default_rng(_SEED)
        own = np.arange(worth.gain_cny.shape[1])
        gain = np.where(own >= worth.least[:, None], worth.gain_cny, np.inf)
        gain = np.minimum.accumulate(gain, axis=1)
        # Who must be there is worth more than any tour costs.
        must = own < worth.least[:, None]
        self.gain = np.where(must, _MUST * float(cost_cny.max()), gain)
        self.sum = np.concatenate([np.zeros((WEEK_STEPS, 1)), np.cumsum(np.where(must, 0.0, gain), axis=1)], axis=1)

    def saved(self, coverage: Values | Counts) -> float:
        """Return what agents on duty, whole or not, save beyond those that must be there, in yuan."""
        there = np.minimum(coverage, self.sum.shape[1] - 1.0)
        low = np.minimum(there.astype(np.int64), self.sum.shape[1] - 2)
        steps = np.arange(WEEK_STEPS)
        at, above = self.sum[steps, low], self.sum[steps, low + 1]
        return float((at + (above - at) * (there - low)).sum())

    def found(self, start: Counts, bound: float, gap: float, seconds: float) -> Counts | None:
        """Return agents by tour, the best found in the time; None if those that must be there are not."""
        self.brings = self.tours.coverage.astype(np.float32)
        self.lists = self.for_kernels()
        begin = self._whole_week(start)
        if begin is None:
            return None
        enough = bound + gap * float(self.cost_cny @ begin[0])
        counts = annealed(begin, self._whole_week, float(self.cost_cny.mean()), enough, seconds)
        return None if self._short(self.tours.on_duty(counts)) > 0.0 else counts

    def for_kernels(self) -> _Lists:
        """Return the tours and their price list as :func:`joined` and :func:`sent_home` have them."""
        tours, steps = np.nonzero(self.tours.coverage)
        day_floor, nothing = self.worth.day_floor, np.empty(0)
        return _Lists(
            begin=np.searchsorted(tours, np.arange(len(self.tours) + 1)),
            steps=steps,
            brings=np.ascontiguousarray(self.tours.coverage.T),
            cost_cny=self.cost_cny,
            kind=self.tours.kind,
            shares=np.array(self.tours.max_shares),
            gain=self.gain,
            most=self.worth.most,
            answered=nothing[:, None] if day_floor is None else day_floor.answered,
            needed=nothing if day_floor is None else day_floor.needed,
        )

    def _whole_week(self, counts: Counts) -> Settled | None:
        """Return agents made the best of, and cost less what they save; None if some that must be there are not.

        What any 24 hours lack is as dear as those who must be there.
        """
        counts = counts.copy()
        there = joined(self.lists, counts)
        if self.worth.day_floor is not None:
            self._fill(counts, there, self.worth.day_floor)
        sent_home(self.lists, counts, there)
        if (there < self.worth.least).any() or not self.tours.shares_kept(counts):
            return None
        # Where seats are short, agents must first change places before all that any 24 hours lack can be added.
        lacking = _MUST * float(self.cost_cny.max()) * self._short(there)
        return counts, float(self.cost_cny @ counts) - self.saved(there) + lacking

    def _short(self, there: Counts) -> float:
        """Return the shares of what they need that any 24 hours lack, all together."""
        return 0.0 if self.worth.day_floor is None else float(self.worth.day_floor.short(there).sum())

    def _fill(self, counts: Counts, there: Counts, day_floor: DayFloor) -> None:
        """Let those join whom any 24 hours lack, first who answers most of it for his cost; changes both arrays."""
        steps, most = np.arange(WEEK_STEPS), self.gain.shape[1] - 1
        while (short := day_floor.short(there)).any():
            answers = day_floor.next_agent(there) * sums_around((short > 0.0).astype(np.float64))
            saved = self.brings @ self.gain[steps, np.minimum(there, most)].astype(np.float32)
            per_cny = self.brings @ answers.astype(np.float32) / np.maximum(self.cost_cny - saved, _SAME)
            per_cny *= self.draw.uniform(_MISJUDGED, 1.0, per_cny.size)
            per_cny[~self._allowed(counts, there)] = 0.0
            tour = int(np.argmax(per_cny))
            if per_cny[tour] <= 0.0:
                break
            counts[tour] += 1
            there += self.tours.coverage[tour]

    def _allowed(self, counts: Counts, there: Counts) -> NDArray[np.bool_]:
        """Say in which tours one more may join."""
        kinds = _kinds(self.lists, counts)
        full = np.array([_is_full(self.lists, kinds, kind) for kind in range(kinds.size)])
        may: NDArray[np.bool_] = ~full[self.tours.kind]
        seated = there >= self.worth.most
        if seated.any():
            may &= (self.brings[:, seated] == 0.0).all(axis=1)
        return may
