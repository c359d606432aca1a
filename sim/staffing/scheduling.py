"""How many agents work each tour: those that cover a requirement at least cost (§19)."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from sim.scenario.shifts import DAYS, STEPS_PER_DAY
from sim.staffing.greedy import Greedy, cheapest
from sim.staffing.highs import Problem, Values
from sim.staffing.milp import Solution, relative_gap, solve
from sim.workforce.tours import WEEK_STEPS, Tours

Counts = NDArray[np.int64]
_SOME: Final = 0.5
"""More than this of an agent is one."""
_SAME: Final = 1e-6
_GUESSED: Final = 0.5
"""Share of the time that the greedy search may take each time, at most."""

Why = Literal["no tour", "seats", "max_share", "seats and max_share", "time"]
"""What leaves no schedule: half-hours that no tour covers; seats below the requirement; limits that cannot be kept
together with it, whichever were given; or none was found in the time, or among the tours searched."""


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
    bound
        No schedule costs less.
    gap
        How far the schedule may be from the cheapest, as a share of its cost.
    seconds
        Time it took.
    basis
        Where the search for a week much like this one may begin.
    """

    counts: Counts
    coverage: Counts
    cost_cny: float
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
    """

    why: Why
    half_hours: Counts


def cover(
    tours: Tours,
    requirement: Counts,
    cost_cny: Values,
    seats: Counts | Values | None = None,
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
        Time limit, as :func:`sim.staffing.milp.solve` has it; where there is no schedule, as much again to say why.
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

    def guess(x: Values, reduced: Values | None, enough: float, left: float) -> Values:
        # The solver's 0 may lie a little below it.
        start = np.maximum(np.floor(x + _SAME), 0.0).astype(np.int64)
        every = np.arange(agents)
        for among in (every,) if reduced is None else (cheapest(reduced, x), every):
            greedy = Greedy(
                need.brings[among],
                need.least,
                need.most,
                cost_cny[among],
                tours.kind[among],
                np.array(tours.max_shares),
            )
            found = greedy.found(start[among], enough, min(_GUESSED * seconds, left))
            if found is not None:
                whole = np.zeros(agents)
                whole[among] = found
                return whole
        return x

    found = solve(problem, gap, seconds, guess=guess, basis=basis, sums=_sums(tours))
    if isinstance(found, Solution):
        return _schedule(tours, found, cost_cny, begun)
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

    def __init__(self, tours: Tours, requirement: Counts, seats: Counts | Values | None, work: DayWork | None) -> None:
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


def _shares(tours: Tours) -> sparse.csc_array:
    """Return, of each kind with a limit, its agents less its share of all: 0 at most, shape ``(kinds, tours)``."""
    rows = [(tours.kind == kind) - share for kind, share in enumerate(tours.max_shares) if share < 1.0]
    return sparse.csc_array(np.array(rows).reshape(-1, len(tours)))


def _sums(tours: Tours) -> NDArray[np.bool_]:
    """Return tours whose agents are counted together: each kind's, and a night shift's on each day of the week.

    At night few are needed and few others are there, so that a part of an agent is most.
    """
    by_night = dict.fromkeys(shift.family for shift in tours.shifts if 2.0 * shift.night_h > shift.span.paid_h)
    families = np.array([shift.family for shift in tours.shifts] + [""])[tours.week]
    nights = [families[:, day] == name for name in by_night for day in range(DAYS)]
    return np.array([*nights, *(tours.kind == kind for kind in range(len(tours.kinds)))])


def _schedule(tours: Tours, found: Solution, cost_cny: Values, begun: float) -> Schedule:
    counts = np.rint(found.x).astype(np.int64)
    cost = float(cost_cny @ counts)
    return Schedule(
        counts=counts,
        coverage=tours.on_duty(counts),
        cost_cny=cost,
        bound=found.bound,
        gap=relative_gap(cost, found.bound),
        seconds=time.monotonic() - begun,
        basis=found.basis,
    )


def _against_limits(tours: Tours, need: _Need, seats: Counts | Values | None, seconds: float) -> NoSchedule:
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
