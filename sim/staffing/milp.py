"""Least cost in whole numbers, by HiGHS: a bound from the linear problem, dives to a good start, then the search.

The linear bound of covering with large numbers is tight, but HiGHS finds good whole numbers late, so dives look
for them first: they round the largest fractions up and solve again, until all are whole.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from sim.staffing.highs import (
    NEVER,
    OPTIMAL,
    WHOLE,
    Failure,
    Problem,
    Solver,
    Values,
    has_solution,
    load,
    of_columns,
    run,
)

_A_ROUND: Final = 0.1
"""Share of the fractions rounded up before the linear problem is solved again."""
_DEAR: Final = (0.1, 0.05)
"""Share of the gap asked for that a step of a dive may cost: every other dive is more careful."""
_DIVES: Final = 40
_UNLIKE: Final = 3e-4
"""Share by which costs differ from one dive to the next, at most."""
_SEED: Final = 1
_TRIED: Final = 4
"""Fractions tried one by one where all steps cost more."""
_DIVED: Final = 1_200
"""Columns among which a dive looks."""
_SEARCHED: Final = 800
"""Columns that HiGHS searches among, beside those of the start."""
_PASSES: Final = 2
"""Times that sums are rounded up: those of the first time may say more of others."""
_AT_ONCE, _NO_LIMIT = 20, 2**31 - 1
"""Steps of the simplex method in which it shows that a sum cannot be rounded down, if it cannot; and HiGHS's own."""
_FOR_BOUND: Final = 40.0
"""So many times the time limit may pass until there is a bound: without one, nobody knows how good a solution is."""


@dataclass(frozen=True)
class Solution:
    """The best that was found.

    Attributes
    ----------
    x
        Shape ``(columns,)``.
    bound
        No solution costs less.
    basis
        Of the linear problem: where that of another with the same columns and rows may begin.
    """

    x: Values
    objective: float
    bound: float
    basis: Any


def relative_gap(objective: float, bound: float) -> float:
    """Return how far a solution may be from the best, as a share of it."""
    return max(objective - bound, 0.0) / max(abs(objective), 1e-9)


Guess = Callable[[Values, Values | None, float, float], Values]
"""Returns whole numbers near the linear problem's solution; it is told the reduced costs, if there is one, which
cost is enough, and the seconds left."""


def solve(
    problem: Problem,
    gap: float,
    seconds: float,
    guess: Guess | None = None,
    basis: Any = None,
    sums: NDArray[np.bool_] | None = None,
) -> Solution | Failure:
    """Return a solution in whole numbers, or why there is none.

    Parameters
    ----------
    problem
        The problem.
    gap
        Relative gap at which to stop.
    seconds
        Time limit; the bound may take up to 40 times as long, and half of it is then left for whole numbers. A search
        that it ends may find more on a quicker machine.
    guess
        Makes whole numbers beside the dives, before them where only few are asked for; they count if the problem allows
        them.
    basis
        That of the solution of a problem much like this one: it shortens the way to the bound.
    sums
        Columns whose sum is a whole number, as each of them is, shape ``(sums, columns)``: if it cannot be rounded down
        it is rounded up, which raises the bound and leads to whole numbers.
    """
    begun = time.monotonic()
    end = begun + seconds
    relaxed = load(problem, whole=False)
    if basis is not None:
        relaxed.setBasis(basis)
    status = run(relaxed, begun + _FOR_BOUND * seconds)
    if status in NEVER:
        return "infeasible"
    if status != OPTIMAL:
        # Time was up before there was a bound: what can be guessed without one is better than nothing.
        guessed = _allowed(guess(problem.lower, None, -np.inf, seconds), problem) if guess is not None else None
        bound = float(problem.cost @ np.where(problem.cost >= 0.0, problem.lower, problem.upper))
        return "time" if guessed is None else Solution(guessed, float(problem.cost @ guessed), bound, None)
    basis = relaxed.getBasis()
    raised = problem if sums is None else _rounded_up(relaxed, problem, sums)
    if raised is None:
        return "infeasible"
    problem = raised
    end = max(end, time.monotonic() + seconds / 2.0)
    bound = float(relaxed.getInfo().objective_function_value)
    enough = bound / (1.0 - np.sign(bound) * gap)
    reduced = np.array(relaxed.getSolution().col_dual)
    start: Values | None = None
    objective = np.inf
    for found in _near(relaxed, problem, gap, enough, guess, end):
        if float(problem.cost @ found) < objective:
            start, objective = found, float(problem.cost @ found)
        if relative_gap(objective, bound) <= gap:
            return Solution(found, objective, bound, basis)
    # Cutting planes among many columns take HiGHS longer than the limit: of many, it is given the cheapest.
    kept = _cheapest(problem, reduced, start, _SEARCHED)
    search = load(replace(problem, upper=np.where(kept, problem.upper, problem.lower)), whole=True)
    search.setOptionValue("mip_rel_gap", gap if kept.all() else 0.0)
    search.setOptionValue("objective_target", enough)
    if start is not None:
        search.setSolution(len(start), np.arange(len(start), dtype=np.int32), start)
    status = run(search, end)
    if status in NEVER and start is None and kept.all():
        return "infeasible"
    info = search.getInfo()
    if kept.all() and info.valid and np.isfinite(info.mip_dual_bound):
        bound = max(bound, float(info.mip_dual_bound))
    if has_solution(search):
        last = _allowed(_rounded(np.array(search.getSolution().col_value), problem), problem)
        if last is not None and float(problem.cost @ last) < objective:
            start, objective = last, float(problem.cost @ last)
    return "time" if start is None else Solution(start, objective, min(bound, objective), basis)


def _rounded_up(relaxed: Solver, problem: Problem, sums: NDArray[np.bool_]) -> Problem | None:
    """Return the problem with a row for each sum that cannot be rounded down; ``relaxed`` is solved with them too.

    None if there is nothing in whole numbers.
    """
    for _ in range(_PASSES):
        totals = sums @ np.array(relaxed.getSolution().col_value)
        part = totals - np.floor(totals + WHOLE)
        raised = [
            (columns, float(np.ceil(total)))
            for columns, total in zip(sums[part > WHOLE], totals[part > WHOLE], strict=True)
            if not _may_sum_to(relaxed, columns, float(np.floor(total)))
        ]
        for columns, least in raised:
            _add_row(relaxed, columns, least, np.inf)
        if run(relaxed, np.inf) in NEVER:
            return None
        if not raised:
            break
        rows, least_of = np.array([columns for columns, _ in raised], np.float64), [least for _, least in raised]
        problem = replace(
            problem,
            matrix=sparse.vstack([problem.matrix, sparse.csc_array(rows)], format="csc"),
            row_lower=np.append(problem.row_lower, least_of),
            row_upper=np.append(problem.row_upper, np.full(len(raised), np.inf)),
        )
    return problem


def _may_sum_to(relaxed: Solver, columns: NDArray[np.bool_], most: float) -> bool:
    """Say whether some columns may sum to no more than this, or so it seems: that they may not shows at once."""
    basis = relaxed.getBasis()
    _add_row(relaxed, columns, -np.inf, most)
    relaxed.setOptionValue("simplex_iteration_limit", _AT_ONCE)
    never = run(relaxed, np.inf) in NEVER
    relaxed.setOptionValue("simplex_iteration_limit", _NO_LIMIT)
    last = relaxed.getNumRow() - 1
    relaxed.deleteRows(1, np.array([last], np.int32))
    relaxed.setBasis(basis)
    return not never


def _add_row(relaxed: Solver, columns: NDArray[np.bool_], least: float, most: float) -> None:
    places = np.flatnonzero(columns).astype(np.int32)
    relaxed.addRow(least, most, len(places), places, np.ones(len(places)))


def _near(
    relaxed: Solver, problem: Problem, gap: float, enough: float, guess: Guess | None, end: float
) -> Iterator[Values]:
    """Yield whole numbers near the linear problem's solution: by a guess, and by dives."""
    linear = relaxed.getSolution()
    near, reduced = np.array(linear.col_value), np.array(linear.col_dual)
    # Where the gap is less than one of all, dives find little; where it is more, they find more than a guess.
    few = gap * float(near[problem.whole].sum()) < 1.0

    def guessed(x: Values) -> Iterator[Values]:
        if guess is None:
            return
        found = _allowed(guess(x, reduced, enough, end - time.monotonic()), problem)
        if found is not None:
            yield found

    if few:
        yield from guessed(near)
    kept = _cheapest(problem, reduced, None, _DIVED)
    among, basis = _columns(problem, kept), of_columns(relaxed.getBasis(), kept)
    dives, draw = load(among, whole=False), np.random.default_rng(_SEED)
    columns, best = np.arange(len(among.cost), dtype=np.int32), None
    for number in range(_DIVES):
        # Of many solutions that cost the same, each dive begins at another.
        dives.changeColsCost(
            columns.size, columns, among.cost * draw.uniform(1.0 - _UNLIKE, 1.0 + _UNLIKE, columns.size)
        )
        dives.setBasis(basis)
        dived = _Dive(dives, among, _DEAR[number % len(_DEAR)] * gap * abs(enough), end).go()
        if dived is None:
            continue
        found = _embedded(dived, kept, problem)
        yield found
        if few:
            yield from guessed(found)
        best = _cheaper(found, best, problem)
    if not few:
        yield from guessed(near if best is None else best)


def _cheapest(problem: Problem, reduced: Values, start: Values | None, number: int) -> NDArray[np.bool_]:
    """Return the columns with the least reduced cost, those of a solution and all that need not be whole."""
    kept = ~problem.whole if start is None else ~problem.whole | (start > problem.lower)
    kept[np.argsort(reduced, kind="stable")[:number]] = True
    return kept


def _columns(problem: Problem, kept: NDArray[np.bool_]) -> Problem:
    """Return the problem of some columns alone, the others at their lower bound, which is 0 for those to be whole."""
    return replace(
        problem,
        cost=problem.cost[kept],
        lower=problem.lower[kept],
        upper=problem.upper[kept],
        whole=problem.whole[kept],
        matrix=problem.matrix[:, np.flatnonzero(kept)],
    )


def _embedded(x: Values, kept: NDArray[np.bool_], problem: Problem) -> Values:
    found = problem.lower.copy()
    found[kept] = x
    return found


def _cheaper(one: Values, other: Values | None, problem: Problem) -> Values:
    return one if other is None or problem.cost @ one <= problem.cost @ other else other


@dataclass
class _Dive:
    """From the linear problem's solution to whole numbers near it.

    What has been rounded up stays at least there. A step that costs much is taken back, and fewer fractions are
    rounded, at last one alone: the cheapest of a few. Where none can be rounded up (seats) all are rounded
    down, or the smallest where that is too few.
    """

    solver: Solver
    problem: Problem
    dear: float
    """A step that raises the cost by more than this is taken back."""
    end: float

    def __post_init__(self) -> None:
        self.columns = np.arange(len(self.problem.cost), dtype=np.int32)
        self.lower, self.upper = self.problem.lower.copy(), self.problem.upper.copy()

    def go(self) -> Values | None:
        """Return whole numbers; None if the dive ends where there are none."""
        whole = self.problem.whole
        if self._cost(np.empty(0, np.int64)) == np.inf:
            return None
        while True:
            x = np.array(self.solver.getSolution().col_value)
            floor = np.floor(x + WHOLE)
            part = np.where(whole, x - floor, 0.0)
            order = np.argsort(-part, kind="stable")[: np.count_nonzero(part > WHOLE)]
            if order.size == 0:
                return _allowed(_rounded(x, self.problem), self.problem)
            self.lower = np.where(whole, np.maximum(self.lower, floor), self.lower)
            up = self._step(order, part)
            if up is not None:
                self.lower[up] += 1.0
                continue
            if self._solve(np.where(whole, floor, self.lower), np.where(whole, floor, self.upper)) < np.inf:
                return _allowed(_rounded(np.array(self.solver.getSolution().col_value), self.problem), self.problem)
            down = order[-max(1, int(_A_ROUND * order.size)) :]
            self.upper[down] = floor[down]
            if self._cost(order[:0]) == np.inf:
                # It may be that time is up.
                return _allowed(_rounded(np.where(part > WHOLE, floor + 1.0, x), self.problem), self.problem)

    def _step(self, order: NDArray[np.int64], part: Values) -> NDArray[np.int64] | None:
        """Return which of the fractions, the largest first, are rounded up, the problem solved with them; or None."""
        most = float(self.solver.getInfo().objective_function_value) + self.dear
        some = order[: max(1, int(_A_ROUND * order.size))]
        some = some[: max(1, np.count_nonzero(part[some] > 0.5))]
        while (cost := self._cost(some)) > most and len(some) > 1:
            some = some[: len(some) // 2]
        if cost <= most:
            return some
        if cost == np.inf:
            return None
        costs = [cost]
        while costs[-1] > most and len(costs) < min(_TRIED, order.size):
            costs.append(self._cost(order[len(costs) : len(costs) + 1]))
        best = int(np.argmin(costs))
        chosen = order[best : best + 1]
        if best < len(costs) - 1:
            self._cost(chosen)
        return chosen

    def _cost(self, up: NDArray[np.int64]) -> float:
        """Return the least cost with some columns one higher than ``lower``, infinite if there is none or no time."""
        lower = self.lower.copy()
        lower[up] += 1.0
        return self._solve(lower, self.upper)

    def _solve(self, lower: Values, upper: Values) -> float:
        self.solver.changeColsBounds(len(lower), self.columns, lower, upper)
        if run(self.solver, self.end) != OPTIMAL:
            return np.inf
        return float(self.solver.getInfo().objective_function_value)


def _allowed(x: Values, problem: Problem) -> Values | None:
    """Return ``x`` if the problem allows it, else None: the solver may end a little, or far, beside its bounds."""
    rows = problem.matrix @ x
    inside = ((x >= problem.lower - WHOLE) & (x <= problem.upper + WHOLE)).all()
    fits = ((rows >= problem.row_lower - WHOLE) & (rows <= problem.row_upper + WHOLE)).all()
    return x if inside and fits else None


def _rounded(x: Values, problem: Problem) -> Values:
    found: Values = np.where(problem.whole, np.round(x), x)
    return found
