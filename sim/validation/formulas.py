"""Formulas of what one queue does not have: a second class, work that can wait, repeats, consulting, satisfaction."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from sim.theory import erlang_c

_LAGUERRE, _LAGUERRE_WEIGHTS = np.polynomial.laguerre.laggauss(64)


def priority_waits(arrivals_per_s: Sequence[float], aht_s: float, agents: int) -> tuple[float, ...]:
    """Return the mean wait of each class where the first goes first and none is interrupted (M/M/n).

    Davis (1966), *Waiting-time distribution of a multi-server, priority queuing system*; Kella and Yechiali (1985),
    *Waiting times in the non-preemptive priority M/M/c queue*.

    Parameters
    ----------
    arrivals_per_s
        Calls a second of each class, the first served first; together less than the agents can do.
    aht_s
        Mean handling time in seconds, the same for all.
    agents
        Agents, 1 or more.
    """
    loads = [rate * aht_s / agents for rate in arrivals_per_s]
    unhindered = erlang_c(agents, sum(loads) * agents) * aht_s / agents
    return _by_class(unhindered, loads)


def priority_waits_one_agent(
    arrivals_per_s: Sequence[float], means_s: Sequence[float], squares_s2: Sequence[float]
) -> tuple[float, ...]:
    """Return the mean wait of each class at one agent, whatever the handling times (M/G/1, none interrupted).

    Cobham (1954), *Priority assignment in waiting line problems*; with one class the formula of Pollaczek and
    Khinchine.

    Parameters
    ----------
    arrivals_per_s
        Arrivals a second of each class, the first served first.
    means_s, squares_s2
        Mean and mean square of each class's handling time; the loads add up to less than 1.
    """
    residual = sum(rate * square for rate, square in zip(arrivals_per_s, squares_s2, strict=True)) / 2.0
    return _by_class(residual, [rate * mean for rate, mean in zip(arrivals_per_s, means_s, strict=True)])


def _by_class(unhindered: float, loads: Sequence[float]) -> tuple[float, ...]:
    """Return each class's mean wait from that of a class alone at an instant, with each class's share of the agents."""
    before = 0.0
    waits = []
    for load in loads:
        waits.append(unhindered / (1.0 - before) / (1.0 - before - load))
        before += load
    return tuple(waits)


def vacation_wait(
    arrivals_per_s: float, mean_s: float, square_s2: float, vacation_s: float, vacation_square_s2: float
) -> float:
    """Return the mean wait at one agent who takes up other work whenever nobody waits (M/G/1, multiple vacations).

    Levy and Yechiali (1975), *Utilization of idle time in an M/G/1 queueing system*; Fuhrmann and Cooper (1985).

    Parameters
    ----------
    arrivals_per_s, mean_s, square_s2
        Calls a second, mean and mean square of their handling time.
    vacation_s, vacation_square_s2
        Mean and mean square of a piece of the other work, which never runs out and is not interrupted.
    """
    (alone,) = priority_waits_one_agent([arrivals_per_s], [mean_s], [square_s2])
    return alone + vacation_square_s2 / (2.0 * vacation_s)


def episodes_beyond(chance: float, most: int, episode: int) -> float:
    """Return the share of contacts that have at least so many episodes, each followed by another with ``chance``."""
    return chance ** (episode - 1) if episode <= most else 0.0


def mean_episodes(chance: float, most: int) -> float:
    """Return the mean number of episodes: geometric, cut at ``most``."""
    return sum(episodes_beyond(chance, most, episode) for episode in range(1, most + 1))


def mean_of_shorter(mean_s: float, limit_s: float) -> float:
    """Return the mean of the shorter of an exponential time and a fixed one."""
    return -mean_s * math.expm1(-limit_s / mean_s)


def satisfied_share(probability: float, per_wait_s: float, arrivals_per_s: float, aht_s: float, agents: int) -> float:
    """Return the share satisfied where each second of waiting adds to the log-odds (M/M/n, nobody abandons).

    Who waits does so for an exponential time, at the rate at which the agents could do more; by Gauss-Laguerre.

    Parameters
    ----------
    probability
        Satisfied without a wait.
    per_wait_s
        What a second adds to the log-odds.
    arrivals_per_s, aht_s, agents
        As in :func:`queue_measures`; the load is below ``agents``.
    """
    waits = erlang_c(agents, arrivals_per_s * aht_s)
    rate = agents / aht_s - arrivals_per_s
    logit = math.log(probability / (1.0 - probability))
    after = 1.0 / (1.0 + np.exp(-(logit + per_wait_s * _LAGUERRE / rate)))
    return (1.0 - waits) * probability + waits * float(_LAGUERRE_WEIGHTS @ after)
