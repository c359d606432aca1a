"""Least cost in whole numbers, by HiGHS: a bound from the linear problem, a dive to a good start, then the search.

The linear bound of covering with large numbers is tight, but HiGHS finds good whole numbers late, so a dive looks
for them first: it rounds the largest fractions up and solves again, until all are whole.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Values = NDArray[np.float64]
_WHOLE: Final = 1e-6
"""Nearer to a whole number than this is whole."""
_A_ROUND: Final = 0.1
"""Share of the fractions rounded up before the linear problem is solved again."""
_DEAR: Final = (0.1, 0.05)
"""Share of the gap asked for that a step of a dive may cost: the second dive is more careful."""
_TRIED: Final = 4
"""Fractions tried one by one where all steps cost more."""
_DIVED: Final = 2_000
"""Columns among which a dive looks, beside those of the start."""
_SEARCHED: Final = 800
"""Columns that HiGHS searches among, beside those of the start."""
_FOR_BOUND: Final = 40.0
"""So many times the time limit may pass until there is a bound: without one, nobody knows how good a solution is."""
_OPTIMAL: Final = highspy.HighsModelStatus.kOptimal
_DUAL, _PRIMAL = 1, 4
"""The simplex methods, as HiGHS numbers them."""
_NEVER: Final = (highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kUnboundedOrInfeasible)


@dataclass(frozen=True)
class Problem:
    """Minimise ``cost @ x`` with ``lower <= x <= upper`` and ``row_lower <= matrix @ x <= row_upper``.

    Attributes
    ----------
    cost, lower, upper
        Shape ``(columns,)``.
    whole
        Which columns are whole numbers, shape ``(columns,)``.
    matrix
        Shape ``(rows, columns)``.
    row_lower, row_upper
        Shape ``(rows,)``.
    """

    cost: Values
    lower: Values
    upper: Values
    whole: NDArray[np.bool_]
    matrix: sparse.csc_array
    row_lower: Values
    row_upper: Values


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


Failure = Literal["infeasible", "time"]


def relative_gap(objective: float, bound: float) -> float:
    """Return how far a solution may be from the best, as a share of it."""
    return max(objective - bound, 0.0) / max(abs(objective), 1e-9)


Guess = Callable[[Values, Values | None, float], Values]
"""Returns whole numbers near the linear problem's solution; it is told the reduced costs, if there is one, and
which cost is enough."""


def solve(
    problem: Problem, gap: float, seconds: float, guess: Guess | None = None, basis: Any = None
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
        Makes whole numbers before the dive; they count if the problem allows them.
    basis
        That of the solution of a problem much like this one: it shortens the way to the bound.
    """
    begun = time.monotonic()
    end = begun + seconds
    relaxed = _load(problem, whole=False)
    if basis is not None:
        relaxed.setBasis(basis)
    status = _run(relaxed, begun + _FOR_BOUND * seconds)
    end = max(end, time.monotonic() + seconds / 2.0)
    if status in _NEVER:
        return "infeasible"
    if status != _OPTIMAL:
        # Time was up before there was a bound: what can be guessed without one is better than nothing.
        start = _allowed(guess(problem.lower, None, -np.inf), problem) if guess is not None else None
        bound = float(problem.cost @ np.where(problem.cost >= 0.0, problem.lower, problem.upper))
        return "time" if start is None else Solution(start, float(problem.cost @ start), bound, None)
    bound = float(relaxed.getInfo().objective_function_value)
    basis, linear = relaxed.getBasis(), relaxed.getSolution()
    near, reduced = np.array(linear.col_value), np.array(linear.col_dual)
    enough = bound / (1.0 - np.sign(bound) * gap)
    start, objective = None, np.inf
    if guess is not None:
        start = _allowed(guess(near, reduced, enough), problem)
        objective = float(problem.cost @ start) if start is not None else np.inf
        if start is not None and relative_gap(objective, bound) <= gap:
            return Solution(start, objective, bound, basis)
    few = _cheapest(problem, reduced, start, _DIVED)
    among = _columns(problem, few)
    relaxed = _load(among, whole=False)
    for dear in _DEAR:
        if len(among.row_lower) == len(basis.row_status):
            relaxed.setBasis(_of_columns(basis, few))
        dived = _Dive(relaxed, among, dear * gap * abs(bound), end).go()
        found = None if dived is None else _embedded(dived, few, problem)
        if found is not None and guess is not None:
            found = _cheaper(found, _allowed(guess(found, reduced, enough), problem), problem)
        if found is not None and float(problem.cost @ found) < objective:
            start, objective = found, float(problem.cost @ found)
        if start is not None and relative_gap(objective, bound) <= gap:
            return Solution(start, objective, bound, basis)
    # Cutting planes among many columns take HiGHS longer than the limit: of many, it is given the cheapest.
    kept = _cheapest(problem, reduced, start, _SEARCHED)
    search = _load(replace(problem, upper=np.where(kept, problem.upper, problem.lower)), whole=True)
    search.setOptionValue("mip_rel_gap", gap if kept.all() else 0.0)
    search.setOptionValue("objective_target", enough)
    if start is not None:
        search.setSolution(len(start), np.arange(len(start), dtype=np.int32), start)
    status = _run(search, end)
    if status in _NEVER and start is None and kept.all():
        return "infeasible"
    info = search.getInfo()
    if kept.all() and info.valid and np.isfinite(info.mip_dual_bound):
        bound = max(bound, float(info.mip_dual_bound))
    if info.valid and info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible:
        found = _allowed(_rounded(np.array(search.getSolution().col_value), problem), problem)
        if found is not None and float(problem.cost @ found) < objective:
            start, objective = found, float(problem.cost @ found)
    return "time" if start is None else Solution(start, objective, min(bound, objective), basis)


class _Quiet(highspy.Highs):
    """HiGHS without callbacks: to set them up prints its name on standard output, where JSON may be."""

    def __init__(self) -> None:
        super(highspy.Highs, self).__init__()


def _load(problem: Problem, whole: bool) -> highspy.Highs:
    solver = _Quiet()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("threads", 1)
    rows, columns = problem.matrix.shape
    solver.passModel(
        columns,
        rows,
        problem.matrix.nnz,
        int(highspy.MatrixFormat.kColwise),
        int(highspy.ObjSense.kMinimize),
        0.0,
        problem.cost,
        problem.lower,
        problem.upper,
        problem.row_lower,
        problem.row_upper,
        problem.matrix.indptr.astype(np.int32),
        problem.matrix.indices.astype(np.int32),
        problem.matrix.data.astype(np.float64),
        (problem.whole & whole).astype(np.int32),
    )
    return solver


@dataclass(frozen=True)
class Linear:
    """The solution of a linear problem.

    Attributes
    ----------
    x
        Shape ``(columns,)``.
    objective
        What it costs.
    row_dual
        What one more of a row's bound would cost, shape ``(rows,)``.
    basis
        Where that of a problem with more columns may begin (:func:`with_columns`).
    """

    x: Values
    objective: float
    row_dual: Values
    basis: Any


def linear(problem: Problem, seconds: float, basis: Any = None) -> Linear | Failure:
    """Return the solution in fractions."""
    relaxed = _load(problem, whole=False)
    relaxed.setOptionValue("presolve", "off")  # it takes longer than it saves
    if basis is not None:
        relaxed.setBasis(basis)
        # With columns added a basis still has a solution of the problem, though no longer the best.
        relaxed.setOptionValue("simplex_strategy", _PRIMAL)
    end = time.monotonic() + seconds
    status = _run(relaxed, end)
    if status == _OPTIMAL and relaxed.getInfo().max_primal_infeasibility > _WHOLE:
        # From another basis it may end beside the bounds: then once more, from none.
        relaxed.clearSolver()
        relaxed.setOptionValue("simplex_strategy", _DUAL)
        status = _run(relaxed, end)
    if status != _OPTIMAL:
        return "infeasible" if status in _NEVER else "time"
    found = relaxed.getSolution()
    objective = float(relaxed.getInfo().objective_function_value)
    return Linear(np.array(found.col_value), objective, np.array(found.row_dual), relaxed.getBasis())


def with_columns(basis: Any, more: int) -> Any:
    """Return a basis for the same problem with some columns more at its end, all of them at their lower bound."""
    longer = highspy.HighsBasis()
    longer.col_status = [*basis.col_status, *[highspy.HighsBasisStatus.kLower] * more]
    longer.row_status = basis.row_status
    longer.valid = True
    return longer


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


def _of_columns(basis: Any, kept: NDArray[np.bool_]) -> Any:
    """Return a basis for some columns alone; those of the basis, whose reduced cost is 0, are the cheapest."""
    found = highspy.HighsBasis()
    found.col_status = [status for status, is_kept in zip(basis.col_status, kept, strict=True) if is_kept]
    found.row_status = basis.row_status
    return found


def _embedded(x: Values, kept: NDArray[np.bool_], problem: Problem) -> Values:
    found = problem.lower.copy()
    found[kept] = x
    return found


def _cheaper(one: Values, other: Values | None, problem: Problem) -> Values:
    return one if other is None or problem.cost @ one <= problem.cost @ other else other


def _run(solver: highspy.Highs, end: float) -> highspy.HighsModelStatus:
    left = end - time.monotonic()
    if left <= 0.0:
        return highspy.HighsModelStatus.kTimeLimit
    # The limit is one on all runs of this solver together.
    solver.setOptionValue("time_limit", solver.getRunTime() + left)
    solver.run()
    return solver.getModelStatus()


@dataclass
class _Dive:
    """From the linear problem's solution to whole numbers near it.

    What has been rounded up stays at least there. A step that costs much is taken back, and fewer fractions are
    rounded, at last one alone: the cheapest of a few. Where none can be rounded up (seats) all are rounded
    down, or the smallest where that is too few.
    """

    solver: highspy.Highs
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
            floor = np.floor(x + _WHOLE)
            part = np.where(whole, x - floor, 0.0)
            order = np.argsort(-part, kind="stable")[: np.count_nonzero(part > _WHOLE)]
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
                return _allowed(_rounded(np.where(part > _WHOLE, floor + 1.0, x), self.problem), self.problem)

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
        if _run(self.solver, self.end) != _OPTIMAL:
            return np.inf
        return float(self.solver.getInfo().objective_function_value)


def _allowed(x: Values, problem: Problem) -> Values | None:
    """Return ``x`` if the problem allows it, else None: the solver may end a little, or far, beside its bounds."""
    rows = problem.matrix @ x
    inside = ((x >= problem.lower - _WHOLE) & (x <= problem.upper + _WHOLE)).all()
    fits = ((rows >= problem.row_lower - _WHOLE) & (rows <= problem.row_upper + _WHOLE)).all()
    return x if inside and fits else None


def _rounded(x: Values, problem: Problem) -> Values:
    found: Values = np.where(problem.whole, np.round(x), x)
    return found
