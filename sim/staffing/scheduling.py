"""How many agents work each tour: least cost for a requirement, or most value for a budget (§19)."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from sim.staffing.milp import Problem, Solution, Values, solve
from sim.workforce.tours import WEEK_STEPS, Tours

Counts = NDArray[np.int64]
_SOME: Final = 0.5
"""More than this of an agent is one."""

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
    """

    counts: Counts
    coverage: Counts
    cost_cny: float
    objective: float
    bound: float
    gap: float
    seconds: float


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
    """
    begun = time.monotonic()
    asked = requirement > 0
    never = asked & ~tours.coverage.any(axis=0)
    if never.any():
        return NoSchedule("no tour", np.flatnonzero(never))
    if seats is not None and (seats < requirement).any():
        return NoSchedule("seats", np.flatnonzero(seats < requirement))
    on_duty, shares = _on_duty(tours), _shares(tours)
    agents, limited = len(tours), shares.shape[0]
    problem = Problem(
        cost=cost_cny,
        lower=np.zeros(agents),
        upper=np.full(agents, np.inf),
        whole=np.ones(agents, bool),
        matrix=sparse.vstack([on_duty, shares], format="csc"),
        row_lower=np.concatenate([requirement, np.full(limited, -np.inf)]),
        row_upper=np.concatenate([np.full(WEEK_STEPS, np.inf) if seats is None else seats, np.zeros(limited)]),
    )
    found = solve(problem, gap, seconds)
    if isinstance(found, Solution):
        return _schedule(tours, found, cost_cny, found.objective, found.bound, begun)
    if found == "time":
        return NoSchedule("time", np.flatnonzero(asked))
    return _against_limits(tours, requirement, seats, seconds)


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
        If an agent is worth more than the one before.
    """
    begun = time.monotonic()
    if (np.diff(pieces, axis=1) > 0.0).any():
        raise ValueError("pieces must not rise along the agents: an agent would be worth more than the one before")
    least = np.zeros(WEEK_STEPS, np.int64) if floors is None else floors
    half_hour, worth, width = _merged(pieces, least)
    bought, agents = len(worth), len(tours)
    # The agents of the floors are there whatever is chosen: their value is a constant, left out of the problem.
    taken = np.minimum(least, pieces.shape[1])
    given = float(np.take_along_axis(_summed(pieces), taken[:, None], axis=1).sum())
    on_duty, shares = _on_duty(tours), _shares(tours)
    valued = sparse.csc_array((np.full(bought, -1.0), (half_hour, np.arange(bought))), (WEEK_STEPS, bought))
    seated = [] if seats is None else [[on_duty, None]]
    spent = sparse.csc_array(cost_cny[None, :])
    matrix = sparse.block_array([[on_duty, valued], [spent, None], [shares, None], *seated], format="csc")
    most = [[budget_cny], np.zeros(shares.shape[0]), *([] if seats is None else [seats])]
    row_upper = np.concatenate([np.full(WEEK_STEPS, np.inf), *most])
    problem = Problem(
        cost=np.concatenate([np.zeros(agents), -worth]),
        lower=np.zeros(agents + bought),
        upper=np.concatenate([np.full(agents, np.inf), width]),
        whole=np.arange(agents + bought) < agents,
        matrix=matrix,
        row_lower=np.concatenate([least, np.full(len(row_upper) - WEEK_STEPS, -np.inf)]),
        row_upper=row_upper,
    )
    found = solve(problem, gap, seconds)
    if isinstance(found, Solution):
        return _schedule(tours, found, cost_cny, given - found.objective, given - found.bound, begun)
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
    )


def _against_limits(tours: Tours, requirement: Counts, seats: Counts | None, seconds: float) -> NoSchedule:
    """Return the half-hours that stay short where as few agents as can be are missing within the limits."""
    on_duty, shares = _on_duty(tours), _shares(tours)
    agents, limited = len(tours), shares.shape[0]
    missing = sparse.eye_array(WEEK_STEPS, format="csc")
    seated = np.full(WEEK_STEPS, np.inf) if seats is None else seats
    problem = Problem(
        cost=np.concatenate([np.zeros(agents), np.ones(WEEK_STEPS)]),
        lower=np.zeros(agents + WEEK_STEPS),
        upper=np.full(agents + WEEK_STEPS, np.inf),
        whole=np.arange(agents + WEEK_STEPS) < agents,
        matrix=sparse.block_array([[on_duty, missing], [on_duty, None], [shares, None]], format="csc"),
        row_lower=np.concatenate([requirement, np.full(WEEK_STEPS + limited, -np.inf)]),
        row_upper=np.concatenate([np.full(WEEK_STEPS, np.inf), seated, np.zeros(limited)]),
    )
    found = solve(problem, 0.0, seconds)
    short = found.x[agents:] > _SOME if isinstance(found, Solution) else requirement > 0
    why: Why = "max_share" if seats is None else "seats and max_share" if limited else "seats"
    return NoSchedule(why, np.flatnonzero(short))


def _summed(pieces: Values) -> Values:
    """Return what the first 0, 1, 2, … agents are worth together, shape ``(336, most + 1)``."""
    return np.concatenate([np.zeros((len(pieces), 1)), np.cumsum(pieces, axis=1)], axis=1)


def _merged(pieces: Values, least: Counts) -> tuple[NDArray[np.int64], Values, Values]:
    """Return the agents beyond the floors that are worth something: half-hour, worth of each, and how many alike."""
    some = (pieces > 0.0) & (np.arange(pieces.shape[1]) >= least[:, None])
    half_hour, agent = np.nonzero(some)
    worth = pieces[half_hour, agent]
    first = np.ones(len(worth), bool)
    first[1:] = (np.diff(half_hour) > 0) | (np.diff(worth) != 0.0)
    begins = np.flatnonzero(first)
    width = np.diff(np.append(begins, len(worth))).astype(np.float64)
    return half_hour[begins], worth[begins], width
