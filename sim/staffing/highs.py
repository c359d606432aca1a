"""Linear problems, and HiGHS, which solves them."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, Final, Literal

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Values = NDArray[np.float64]
Solver = highspy.Highs
WHOLE: Final = 1e-6
"""Nearer to a whole number than this is whole."""
OPTIMAL: Final = highspy.HighsModelStatus.kOptimal
NEVER: Final = (highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kUnboundedOrInfeasible)
_DUAL, _PRIMAL = 1, 4
"""The simplex methods, as HiGHS numbers them."""


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


Failure = Literal["infeasible", "time"]


class _Quiet(highspy.Highs):
    """HiGHS without callbacks: to set them up prints its name on standard output, where JSON may be."""

    def __init__(self) -> None:
        super(highspy.Highs, self).__init__()


def load(problem: Problem, whole: bool) -> Solver:
    """Return a solver with a problem; with ``whole``, numbers that are to be whole are whole."""
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


def run(solver: Solver, end: float) -> highspy.HighsModelStatus:
    """Solve until a time of :func:`time.monotonic`; return how it ended."""
    left = end - time.monotonic()
    if left <= 0.0:
        return highspy.HighsModelStatus.kTimeLimit
    # The limit is one on all runs of this solver together.
    solver.setOptionValue("time_limit", solver.getRunTime() + left)
    solver.run()
    return solver.getModelStatus()


def has_solution(solver: Solver) -> bool:
    """Say whether a search for whole numbers has found some, its time up or not."""
    info = solver.getInfo()
    return bool(info.valid and info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible)


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
    relaxed = load(problem, whole=False)
    relaxed.setOptionValue("presolve", "off")  # it takes longer than it saves
    if basis is not None:
        relaxed.setBasis(basis)
        # With columns added a basis still has a solution of the problem, though no longer the best.
        relaxed.setOptionValue("simplex_strategy", _PRIMAL)
    end = time.monotonic() + seconds
    status = run(relaxed, end)
    if status == OPTIMAL and relaxed.getInfo().max_primal_infeasibility > WHOLE:
        # From another basis it may end beside the bounds: then once more, from none.
        relaxed.clearSolver()
        relaxed.setOptionValue("simplex_strategy", _DUAL)
        status = run(relaxed, end)
    if status != OPTIMAL:
        return "infeasible" if status in NEVER else "time"
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


def of_columns(basis: Any, kept: NDArray[np.bool_]) -> Any:
    """Return a basis for some columns alone; those of the basis, whose reduced cost is 0, are the cheapest."""
    found = highspy.HighsBasis()
    found.col_status = [status for status, is_kept in zip(basis.col_status, kept, strict=True) if is_kept]
    found.row_status = basis.row_status
    return found
