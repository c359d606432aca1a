"""The week that is worth most: agents by tour, bought where a half-hour's next agent saves more than it costs (§19).

Every half-hour has a price list: each further agent saves so many seconds of waiting, the next one fewer. The problem
buys agents by tour at their cost and is paid for what they save; the tours are far too many to lay before the solver,
so it begins with some and is given those that its prices say are missing (column generation), until there are none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from sim.scenario.shifts import STEPS_PER_DAY
from sim.staffing.day_floor import day_sums, sums_around
from sim.staffing.greedy import cheapest
from sim.staffing.highs import Linear, Problem, Values, linear, with_columns
from sim.staffing.scheduling import Schedule, cover
from sim.staffing.whole_week import Search, Worth
from sim.workforce.tours import WEEK_STEPS, Tours

Counts = NDArray[np.int64]

_FIRST: Final = 400
"""Tours to begin with."""
_A_ROUND: Final = 300
"""Tours added at once."""
_OF_USE: Final = 800
"""Tours with which another price begins."""
_ENOUGH: Final = 1e-3
"""Share of the cost that the tours still missing may save altogether: then they are left out."""
_FOR_LINEAR: Final = 60.0
_FOR_COVER: Final = 5.0
_PIECE: Final = 2.0
"""Agents whose worth differs by less than this factor are one piece of the price list."""
_CALL_PIECE: Final = 1.1
"""The same of the calls that they answer, where a floor asks for these: it must be held, not only be paid for."""
_MISSING: Final = 1e2
"""Dearest tours that an agent missing costs: beyond what tours pushed aside by seats may cost one."""
_CALL_MUST: Final = 1e2
"""Tours that no call is worth, even where a floor asks for it."""
_UNANSWERED: Final = 1e-3
"""Share of the calls needed in which those that stay unanswered are counted: prices are of one order then."""
_SAME: Final = 1e-6
_WORTHLESS: Final = 0.1
"""Share of the cheapest half-hour below which an agent's worth is none."""
_NO_CALL: Final = 1e-5
"""Share of a half-hour's calls below which an agent answers none of them."""


@dataclass(frozen=True)
class Bought:
    """A week's agents by tour.

    Attributes
    ----------
    counts
        Agents that work each tour, whole or in fractions, shape ``(tours,)``.
    coverage
        Agents on duty, half-hours from Monday 00:00, shape ``(336,)``.
    cost_cny
        What they cost.
    objective_cny
        Cost less what they save beyond ``least``.
    bound_cny
        No week has a lower objective.
    columns
        Tours that were of use: where another price may begin.
    """

    counts: Values
    coverage: Values
    cost_cny: float
    objective_cny: float
    bound_cny: float
    columns: Counts

    @property
    def gap(self) -> float:
        """How much better a week may be, as a share of its cost."""
        return max(self.objective_cny - self.bound_cny, 0.0) / max(self.cost_cny, 1e-9)


class Week:
    """A week of one group for one price list."""

    def __init__(self, tours: Tours, cost_cny: Values, worth: Worth, columns: Counts | None = None) -> None:
        self.tours, self.cost_cny, self.worth = tours, cost_cny, worth
        self.step, self.length, self.gain_cny, self.answers = _pieces(worth, float(cost_cny.min()))
        self.missing_cny = np.full(WEEK_STEPS, _MISSING * float(cost_cny.max()))
        if worth.day_floor is not None:
            call_cny = _CALL_MUST * float(cost_cny.max())
            self.missing_cny = np.append(self.missing_cny, call_cny * _UNANSWERED * float(worth.day_floor.needed.max()))
        self.others = len(self.step) + len(self.missing_cny)
        """Columns that are no tours: pieces of the price list, agents missing, and calls that stay unanswered."""
        # The 24 hours that would fall short without a row of their own, by their first half-hour: none to begin with.
        self.days = np.empty(0, np.int64)
        self.limited = [kind for kind, share in enumerate(tours.max_shares) if share < 1.0]
        self.brings = tours.coverage.astype(np.float64)
        self.search = Search(tours, cost_cny, worth)
        self.columns = self._first() if columns is None or not columns.size else columns
        self.reduced = cost_cny

    def fractions(self) -> Bought | None:
        """Return the best week in fractions of agents, which bounds all whole ones; None if there is none."""
        basis: Any = None
        while True:
            found = linear(self._problem(), _FOR_LINEAR, basis)
            if not isinstance(found, Linear):
                return None
            self.reduced = self.cost_cny - self._valued(found.row_dual)
            missing = self.reduced.copy()
            missing[self.columns] = 0.0
            cost = self._cost(found.x)
            # The agents of the best week cost about as much as these: a tour left out saves this share of it at most.
            share = max(float((-missing / self.cost_cny).max()), 0.0)
            missed = share * cost
            if share <= _ENOUGH:
                if (found.x[len(self.step) : self.others] > _SAME).any():
                    return None
                short = self._days_short(self._counts(found.x) @ self.brings)
                if np.isin(short, self.days).all():
                    return self._bought(found.x, self._bound(found.row_dual) - missed)
                self.days, basis = np.union1d(self.days, short), None
                continue
            new = np.argsort(missing, kind="stable")[:_A_ROUND]
            new = new[missing[new] < 0.0]
            self.columns = np.concatenate([self.columns, new])
            basis = with_columns(found.basis, len(new))

    def whole(self, gap: float, seconds: float) -> Bought | None:
        """Return a week of whole agents, the best found; None if there is none.

        ``gap`` is the share of its cost by which another may be better, ``seconds`` the time limit.
        """
        best = self.fractions()
        if best is None:
            return None
        start = np.floor(best.counts + _SAME).astype(np.int64)
        counts = self._searched(start, best, gap, seconds)
        if counts is None:
            # Where seats are short, agents cannot be added one by one: those who must be there come first.
            seats = self.worth.most if np.isfinite(self.worth.most).any() else None
            schedule = cover(self.tours, self.worth.least, self.cost_cny, seats=seats, seconds=_FOR_COVER)
            if isinstance(schedule, Schedule):
                counts = self._searched(schedule.counts, best, gap, seconds)
        return None if counts is None else self._whole(counts, best.bound_cny)

    def _searched(self, start: Counts, best: Bought, gap: float, seconds: float) -> Counts | None:
        """Return whole agents near a start: among the tours of least reduced cost, or, failing these, among all."""
        for among in (cheapest(self.reduced, start + best.counts), np.arange(len(self.tours))):
            search = Search(self.tours.some(among), self.cost_cny[among], self.worth)
            found = search.found(start[among], best.bound_cny, gap, seconds)
            if found is not None:
                counts = np.zeros(len(self.tours), np.int64)
                counts[among] = found
                return counts
        return None

    def _whole(self, counts: Counts, bound: float) -> Bought:
        coverage, cost = counts @ self.brings, float(self.cost_cny @ counts)
        return Bought(
            counts.astype(np.float64), coverage, cost, cost - self.search.saved(coverage), bound, self.columns
        )  # fmt: skip

    def _first(self) -> Counts:
        """Return tours to begin with: those that cover most for their cost, and some that cover each half-hour."""
        per_cost = self.tours.coverage.sum(axis=1) / self.cost_cny
        best = np.argsort(-per_cost, kind="stable")
        spread = best[:: max(1, len(best) // _FIRST)]
        each = [best[self.tours.coverage[best, step] > 0][:2] for step in range(0, WEEK_STEPS, 4)]
        return np.unique(np.concatenate([spread, *each]))

    def _problem(self) -> Problem:
        """Return the problem of the tours so far: pieces first, so that more tours come at the end."""
        pieces, tours = len(self.step), len(self.columns)
        there = self.brings[self.columns].T
        paid = sparse.csc_array((-np.ones(pieces), (self.step, np.arange(pieces))), (WEEK_STEPS, pieces))
        # Agents there, those paid for taken off and those missing added, are at least the least; all of them are at
        # most what seats allow. Tours that fit into these may be among those still to be added: until then some miss.
        missing = sparse.eye_array(WEEK_STEPS, len(self.missing_cny))
        paid = sparse.hstack([paid, missing], format="csc")
        parts = [[paid, sparse.csc_array(there)]]
        lower, upper = [self.worth.least.astype(np.float64)], [np.full(WEEK_STEPS, np.inf)]
        seated = np.flatnonzero(np.isfinite(self.worth.most))
        if seated.size:
            parts.append([sparse.csc_array((seated.size, self.others)), sparse.csc_array(there[seated])])
            lower.append(np.full(seated.size, -np.inf))
            upper.append(self.worth.most[seated])
        for kind in self.limited:
            own = (self.tours.kind[self.columns] == kind) - self.tours.max_shares[kind]
            parts.append([sparse.csc_array((1, self.others)), sparse.csc_array(own[None, :])])
            lower.append(np.full(1, -np.inf))
            upper.append(np.zeros(1))
        if self.days.size:
            answered, needed = self._day_rows()
            parts.append([answered, sparse.csc_array((self.days.size, tours))])
            lower.append(needed)
            upper.append(np.full(self.days.size, np.inf))
        return Problem(
            cost=np.concatenate([-self.gain_cny, self.missing_cny, self.cost_cny[self.columns]]),
            lower=np.zeros(self.others + tours),
            upper=np.concatenate([self.length, np.full(len(self.missing_cny) + tours, np.inf)]),
            whole=np.arange(self.others + tours) >= self.others,
            matrix=sparse.block_array(parts, format="csc"),
            row_lower=np.concatenate(lower),
            row_upper=np.concatenate(upper),
        )

    def _valued(self, dual: Values) -> Values:
        """Return what a problem's rows would pay for an agent in each tour, shape ``(tours,)``."""
        pays, by_kind = self._by_step(dual)
        valued: Values = self.brings @ pays
        for kind, own in zip(self.limited, by_kind, strict=True):
            valued += own * ((self.tours.kind == kind) - self.tours.max_shares[kind])
        return valued

    def _by_step(self, dual: Values) -> tuple[Values, Values]:
        """Return what the rows pay for an agent in each half-hour, and for one of each limited kind."""
        pays = dual[:WEEK_STEPS].copy()
        seated = np.flatnonzero(np.isfinite(self.worth.most))
        pays[seated] += dual[WEEK_STEPS : WEEK_STEPS + seated.size]
        return pays, dual[WEEK_STEPS + seated.size :][: len(self.limited)]

    def _day_rows(self) -> tuple[sparse.csc_array, Values]:
        """Return what pieces answer of the calls of the 24 hours that have rows, and what these need of them.

        Both as shares of what they need; what those answer who must be there is taken off, what nobody answers added.
        """
        day_floor = self.worth.day_floor
        assert day_floor is not None
        needed = day_floor.needed[self.days]
        inside = (self.step - self.days[:, None]) % WEEK_STEPS < STEPS_PER_DAY
        shares = np.zeros((self.days.size, self.others))
        shares[:, : len(self.step)] = np.where(inside, self.answers, 0.0) / needed[:, None]
        shares[:, -1] = _UNANSWERED
        must = day_sums(day_floor.at(self.worth.least))[self.days]
        return sparse.csc_array(shares), (needed - must) / needed

    def _counts(self, x: Values) -> Values:
        counts = np.zeros(len(self.tours))
        counts[self.columns] = x[self.others :]
        return counts

    def _days_short(self, coverage: Values) -> Counts:
        """Return the 24 hours that fall short, by their first half-hour."""
        day_floor = self.worth.day_floor
        return np.empty(0, np.int64) if day_floor is None else np.flatnonzero(day_floor.short(coverage) > _SAME)

    def _cost(self, x: Values) -> float:
        return float(self.cost_cny[self.columns] @ x[self.others :])

    def _bound(self, dual: Values) -> float:
        """Return what no week is better than: each half-hour's best number of agents, at what its row pays for one."""
        pays, _ = self._by_step(dual)
        numbers = np.arange(self.search.sum.shape[1])
        may = (numbers >= self.worth.least[:, None]) & (numbers <= self.worth.most[:, None])
        costs = pays[:, None] * numbers - self.search.sum
        needed_cny = 0.0
        if self.worth.day_floor is not None and self.days.size:
            # What any 24 hours must answer is paid by the call, and what must be answered is bought in any case.
            by_day, for_all = np.zeros(WEEK_STEPS), dual[-self.days.size :]
            by_day[self.days] = for_all / self.worth.day_floor.needed[self.days]
            costs = costs - sums_around(by_day)[:, None] * self.worth.day_floor.answered
            needed_cny = float(for_all.sum())
        return float(np.where(may, costs, np.inf).min(axis=1).sum()) + needed_cny

    def _bought(self, x: Values, bound: float) -> Bought:
        counts = self._counts(x)
        coverage, cost = counts @ self.brings, self._cost(x)
        of_use = self.columns[np.argsort(self.reduced[self.columns], kind="stable")[:_OF_USE]]
        return Bought(counts, coverage, cost, cost - self.search.saved(coverage), bound, np.sort(of_use))


def _pieces(worth: Worth, cheapest_cny: float) -> tuple[Counts, Values, Values, Values]:
    """Return the price list in pieces, shape ``(pieces,)`` each.

    They are half-hour, agents, what each of them saves, and how many calls each answers, 0 where no floor asks.
    """
    rows: list[tuple[int, float, float, float]] = []
    worthless = _WORTHLESS * cheapest_cny / WEEK_STEPS
    day_floor = worth.day_floor
    for step, least in enumerate(worth.least):
        # Beside what must be there, what agents save must fall, or the solver would take the second before the first.
        own = np.minimum.accumulate(worth.gain_cny[step, least:])
        answers, none = np.zeros(len(own)), 1.0
        if day_floor is not None:
            answers = np.diff(day_floor.answered[step, least:])
            none = max(_NO_CALL * day_floor.answered[step, -1], _NO_CALL)
        of_use = (own > worthless) | (answers > none)
        own, answers = own[of_use], answers[of_use]
        begin = 0
        while begin < len(own):
            alike = [
                np.maximum(falls[begin:], least_of_it) > max(falls[begin], least_of_it) / piece
                for falls, least_of_it, piece in ((own, worthless, _PIECE), (answers, none, _CALL_PIECE))
            ]
            end = begin + int(np.count_nonzero(alike[0] & alike[1]))
            rows.append((step, float(end - begin), float(own[begin:end].mean()), float(answers[begin:end].mean())))
            begin = end
    steps, lengths, gains, answered = np.array(rows).reshape(-1, 4).T
    return steps.astype(np.int64), lengths, gains, answered
