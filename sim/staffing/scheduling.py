"""How many agents work each tour: least cost for a requirement, or most value for a budget (§19)."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from sim.scenario.shifts import DAYS, STEPS_PER_DAY
from sim.staffing.greedy import Greedy
from sim.staffing.milp import Problem, Solution, Values, solve
from sim.workforce.tours import WEEK_STEPS, Tours

Counts = NDArray[np.int64]
_SOME: Final = 0.5
"""More than this of an agent is one."""
_SAME: Final = 1e-6
_GUESSED: Final = 0.2
"""Share of the time that the greedy search may take each time."""
_AROUND: Final = 2
"""Pieces to either side of the agents on duty whose lines are drawn with theirs."""

Why = Literal["no tour", "seats", "max_share", "seats and max_share", "budget", "time"]
"""What leaves no schedule: half-hours that no tour covers; seats below the requirement; limits that cannot be kept
together with it, whichever were given; a budget below the least cost; or none was found in the time."""


@dataclass(frozen=True)
class Schedule:
    """Agents by tour.

    Attributes
    ----------
    counts
        Agents that work each tour, shape ``(tours,)``.
    coverage
        Agents on duty, half-hours from Monday 00:00, shape ``(336,)``.
    cost_cny
        What all tours cost.
    objective
        What was made small or large: the cost, or the value of who is on duty.
    bound
        No schedule costs less, or is of more value.
    gap
        How far the schedule may be from the best, as a share of ``objective``.
    seconds
        Time it took.
    basis
        Where the search for a week much like this one may begin.
    """

    counts: Counts
    coverage: Counts
    cost_cny: float
    objective: float
    bound: float
    gap: float
    seconds: float
    basis: Any


@dataclass(frozen=True)
class DayWork:
    """Work that can wait, which needs hours of a day and no number of agents at any time of it.

    Attributes
    ----------
    is_open
        When it may be done, half-hours from Monday 00:00, shape ``(336,)``.
    half_hours
        Half-hours of an agent that each day needs while it is open, shape ``(7,)``.
    """

    is_open: NDArray[np.bool_]
    half_hours: Counts


@dataclass(frozen=True)
class NoSchedule:
    """Why there is no schedule.

    Attributes
    ----------
    why
        The limit.
    half_hours
        Half-hours of the week that cannot be covered as asked, rising.
    least_cny
        The least that the floors cost, where the budget is below it.
    """

    why: Why
    half_hours: Counts
    least_cny: float | None = None


def cover(
    tours: Tours,
    requirement: Counts,
    cost_cny: Values,
    seats: Counts | None = None,
    gap: float = 0.01,
    seconds: float = 15.0,
    work: DayWork | None = None,
    basis: Any = None,
) -> Schedule | NoSchedule:
    """Return the cheapest agents by tour with at least ``requirement`` of them on duty.

    Parameters
    ----------
    tours
        The tours.
    requirement
        Agents on duty, at least, half-hours from Monday 00:00, shape ``(336,)``.
    cost_cny
        What an agent costs in each tour, above 0, shape ``(tours,)``.
    seats
        Agents on duty, at most, shape ``(336,)``; left out: no limit.
    gap
        Relative gap at which to stop.
    seconds
        Time limit.
    work
        What is to be done beside it, by the day; left out: nothing.
    basis
        That of a schedule of the same tours for a week much like this one: it saves time.
    """
    begun = time.monotonic()
    need = _Need(tours, requirement, seats, work)
    never = (need.least > 0) & ~need.brings.any(axis=0)
    if never.any():
        return NoSchedule("no tour", need.half_hours(never))
    if seats is not None and (seats < requirement).any():
        return NoSchedule("seats", np.flatnonzero(seats < requirement))
    shares = _shares(tours)
    agents, limited = len(tours), shares.shape[0]
    problem = Problem(
        cost=cost_cny,
        lower=np.zeros(agents),
        upper=np.full(agents, np.inf),
        whole=np.ones(agents, bool),
        matrix=sparse.vstack([need.rows, shares], format="csc"),
        row_lower=np.concatenate([need.least, np.full(limited, -np.inf)]),
        row_upper=np.concatenate([need.most, np.zeros(limited)]),
    )

    def guess(x: Values) -> Values:
        greedy = Greedy(need.brings, need.least, need.most, cost_cny, tours.kind, np.array(tours.max_shares))
        # The solver's 0 may lie a little below it.
        found = greedy.found(np.maximum(np.floor(x + _SAME), 0.0).astype(np.int64), _GUESSED * seconds)
        return x if found is None else found.astype(np.float64)

    found = solve(problem, gap, seconds, guess=guess, basis=basis)
    if isinstance(found, Solution):
        return _schedule(tours, found, cost_cny, found.objective, found.bound, begun)
    if found == "time":
        return NoSchedule("time", need.half_hours(need.least > 0))
    return _against_limits(tours, need, seats, seconds)


class _Need:
    """What a week needs: agents in its half-hours and, where there is work that can wait, half-hours of its days.

    Attributes
    ----------
    brings
        What an agent in each tour brings to each row, shape ``(tours, rows)``; the days' rows come last.
    rows
        The same, shape ``(rows, tours)``.
    least, most
        What must be brought, and may be, shape ``(rows,)``.
    """

    def __init__(self, tours: Tours, requirement: Counts, seats: Counts | None, work: DayWork | None) -> None:
        self.is_open = np.zeros(WEEK_STEPS, np.bool_) if work is None else work.is_open
        days: list[Counts] = [] if work is None else [work.half_hours]
        self.brings = tours.coverage.astype(np.float32)
        if work is not None:
            open_h = (self.brings * self.is_open).reshape(-1, DAYS, STEPS_PER_DAY).sum(axis=2)
            self.brings = np.concatenate([self.brings, open_h], axis=1)
        self.rows = sparse.csc_array(self.brings.T.astype(np.float64))
        self.least = np.concatenate([requirement, *days]).astype(np.float64)
        seated = np.full(WEEK_STEPS, np.inf) if seats is None else seats
        self.most = np.concatenate([seated, *(np.full(len(day), np.inf) for day in days)]).astype(np.float64)

    def half_hours(self, rows: NDArray[np.bool_]) -> Counts:
        """Return the half-hours of some rows: of a day, those in which its work is open."""
        of_days = np.zeros(DAYS, np.bool_)
        of_days[: len(rows) - WEEK_STEPS] = rows[WEEK_STEPS:]
        return np.flatnonzero(rows[:WEEK_STEPS] | np.repeat(of_days, STEPS_PER_DAY) & self.is_open)


def most_value(
    tours: Tours,
    pieces: Values,
    cost_cny: Values,
    budget_cny: float,
    floors: Counts | None = None,
    seats: Counts | None = None,
    gap: float = 0.01,
    seconds: float = 15.0,
) -> Schedule | NoSchedule:
    """Return the agents by tour whose presence is worth most among those that a budget buys.

    Parameters
    ----------
    tours
        The tours.
    pieces
        What the 1st, 2nd, … agent on duty is worth in each half-hour, shape ``(336, most)``, never more than the one
        before; agents beyond the last are worth nothing.
    cost_cny
        What an agent costs in each tour, above 0, shape ``(tours,)``.
    budget_cny
        What all agents may cost together.
    floors
        Agents on duty, at least, shape ``(336,)``; left out: none.
    seats, gap, seconds
        As in :func:`cover`.

    Raises
    ------
    ValueError
        If an agent is worth more than the one before, or less than nothing.
    """
    begun = time.monotonic()
    if (np.diff(pieces, axis=1) > 0.0).any() or (pieces < 0.0).any():
        raise ValueError("pieces must not rise along the agents, nor be below 0")
    least = np.zeros(WEEK_STEPS, np.int64) if floors is None else floors
    most = np.full(WEEK_STEPS, np.inf) if seats is None else seats.astype(np.float64)
    worth = _Worth(pieces, len(tours))
    on_duty, shares = _on_duty(tours), _shares(tours)
    agents, limited = len(tours), shares.shape[0]
    # Columns: agents by tour, agents on duty by half-hour, and what these are worth.
    each = sparse.eye_array(WEEK_STEPS, format="csc")
    none = sparse.csc_array((WEEK_STEPS, WEEK_STEPS))
    spent = sparse.csc_array(cost_cny[None, :])
    matrix = sparse.block_array([[on_duty, -each, none], [spent, None, None], [shares, None, None]], format="csc")
    problem = Problem(
        cost=np.concatenate([np.zeros(agents + WEEK_STEPS), np.full(WEEK_STEPS, -1.0)]),
        lower=np.concatenate([np.zeros(agents), least, np.full(WEEK_STEPS, -np.inf)]),
        upper=np.concatenate([np.full(agents, np.inf), most, worth.summed.max(axis=1)]),
        whole=np.arange(agents + 2 * WEEK_STEPS) < agents,
        matrix=matrix,
        row_lower=np.concatenate([np.zeros(WEEK_STEPS), np.full(1 + limited, -np.inf)]),
        row_upper=np.concatenate([np.zeros(WEEK_STEPS), [budget_cny], np.zeros(limited)]),
    )

    def guess(x: Values) -> Values:
        counts = _bought(tours, np.floor(x[:agents] + _SAME), worth, cost_cny, budget_cny, least, most)
        there = counts @ tours.coverage
        return np.concatenate([counts, there, worth.of(there)])

    found = solve(problem, gap, seconds, worth.cut, guess)
    if isinstance(found, Solution):
        on_duty_then = np.round(found.x[agents : agents + WEEK_STEPS])
        return _schedule(tours, found, cost_cny, float(worth.of(on_duty_then).sum()), -found.bound, begun)
    if found == "time":
        return NoSchedule("time", np.flatnonzero(least))
    cheapest = cover(tours, least, cost_cny, seats, gap, seconds)
    if isinstance(cheapest, NoSchedule):
        return cheapest
    return NoSchedule("budget", np.flatnonzero(least), cheapest.bound)


def _on_duty(tours: Tours) -> sparse.csc_array:
    """Return who is at work when, shape ``(336, tours)``."""
    return sparse.csc_array(tours.coverage.T.astype(np.float64))


def _shares(tours: Tours) -> sparse.csc_array:
    """Return, of each kind with a limit, its agents less its share of all: 0 at most, shape ``(kinds, tours)``."""
    rows = [(tours.kind == kind) - share for kind, share in enumerate(tours.max_shares) if share < 1.0]
    return sparse.csc_array(np.array(rows).reshape(-1, len(tours)))


def _schedule(
    tours: Tours, found: Solution, cost_cny: Values, objective: float, bound: float, begun: float
) -> Schedule:
    counts = found.x[: len(tours)].astype(np.int64)
    return Schedule(
        counts=counts,
        coverage=counts @ tours.coverage.astype(np.int64),
        cost_cny=float(cost_cny @ counts),
        objective=objective,
        bound=bound,
        gap=abs(objective - bound) / max(abs(objective), 1e-9),
        seconds=time.monotonic() - begun,
        basis=found.basis,
    )


def _against_limits(tours: Tours, need: _Need, seats: Counts | None, seconds: float) -> NoSchedule:
    """Return the half-hours that stay short where as few agents as can be are missing within the limits."""
    shares = _shares(tours)
    agents, limited, rows = len(tours), shares.shape[0], len(need.least)
    missing = sparse.eye_array(rows, format="csc")
    problem = Problem(
        cost=np.concatenate([np.zeros(agents), np.ones(rows)]),
        lower=np.zeros(agents + rows),
        upper=np.full(agents + rows, np.inf),
        whole=np.arange(agents + rows) < agents,
        matrix=sparse.block_array([[need.rows, missing], [need.rows, None], [shares, None]], format="csc"),
        row_lower=np.concatenate([need.least, np.full(rows + limited, -np.inf)]),
        row_upper=np.concatenate([np.full(rows, np.inf), need.most, np.zeros(limited)]),
    )
    found = solve(problem, 0.0, seconds)
    short = found.x[agents:] > _SOME if isinstance(found, Solution) else need.least > 0
    why: Why = "max_share" if seats is None else "seats and max_share" if limited else "seats"
    return NoSchedule(why, need.half_hours(short))


def _bought(
    tours: Tours, counts: Values, worth: _Worth, cost_cny: Values, budget_cny: float, least: Counts, seats: Values
) -> Values:
    """Return agents by tour with others added while there is money: those worth most for it, the floors before all."""
    coverage = tours.coverage.astype(np.float32)
    share = np.array(tours.max_shares)
    counts, there, left = counts.copy(), counts @ coverage, budget_cny - float(cost_cny @ counts)
    while True:
        kinds = np.bincount(tours.kind, counts, len(share))
        full = kinds + 1.0 > share * (kinds.sum() + 1.0)
        may = (cost_cny <= left) & ~(full & (share < 1.0))[tours.kind] & (coverage @ (there >= seats) == 0.0)
        short = there < least
        gain = np.where(may, coverage @ (short if short.any() else worth.next(there)) / cost_cny, 0.0)
        best = int(np.argmax(gain))
        if gain[best] <= 0.0:
            return counts
        counts[best] += 1.0
        there += coverage[best]
        left -= float(cost_cny[best])


class _Worth:
    """What agents on duty are worth: concave, so the least of the straight lines through its pieces.

    Parameters
    ----------
    pieces
        As in :func:`most_value`.
    agents
        Columns before those of the agents on duty.
    """

    def __init__(self, pieces: Values, agents: int) -> None:
        nothing: Values = np.zeros((WEEK_STEPS, 1))
        self.slopes = np.concatenate([pieces, nothing], axis=1)
        self.summed = np.concatenate([nothing, np.cumsum(pieces, axis=1)], axis=1)
        self.agents = agents
        self.drawn = np.zeros(self.slopes.shape, bool)

    def of(self, on_duty: Values) -> Values:
        """Return the worth in each half-hour of a number on duty, whole or not, shape ``(336,)``."""
        last = self.slopes.shape[1] - 1
        piece = np.minimum(np.floor(on_duty + _SAME), last).astype(np.int64)
        rows = np.arange(WEEK_STEPS)
        worth: Values = self.summed[rows, piece] + self.slopes[rows, piece] * (on_duty - piece)
        return worth

    def next(self, on_duty: Values) -> Values:
        """Return what one more agent is worth in each half-hour, shape ``(336,)``."""
        piece = np.minimum(on_duty, self.slopes.shape[1] - 1).astype(np.int64)
        worth: Values = self.slopes[np.arange(WEEK_STEPS), piece]
        return worth

    def cut(self, x: Values) -> tuple[sparse.csr_array, Values]:
        """Return the lines of the pieces around the agents on duty, where these are taken for more than their worth."""
        on_duty, taken = x[self.agents : self.agents + WEEK_STEPS], x[self.agents + WEEK_STEPS :]
        worth = self.of(on_duty)
        over = np.flatnonzero(taken > worth + _SAME * np.maximum(1.0, np.abs(worth)))
        wanted: NDArray[np.bool_] = np.zeros(self.drawn.shape, bool)
        for beside in range(-_AROUND, _AROUND + 1):
            there = np.floor(on_duty[over] + _SAME).astype(np.int64) + beside
            wanted[over, np.clip(there, 0, wanted.shape[1] - 1)] = True
        places = np.argwhere(wanted & ~self.drawn)
        half_hour, piece = places[:, 0], places[:, 1]
        self.drawn |= wanted
        slope = self.slopes[half_hour, piece]
        rows = np.arange(len(slope))
        lines = sparse.csr_array(
            (
                np.concatenate([-slope, np.ones(len(slope))]),
                (np.tile(rows, 2), np.concatenate([self.agents + half_hour, self.agents + WEEK_STEPS + half_hour])),
            ),
            (len(slope), len(x)),
        )
        level: Values = self.summed[half_hour, piece] - slope * piece
        return lines, level
