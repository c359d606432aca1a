"""Erlang's formulas: exact stationary measures of one queue, and the agents a target needs.

The model is M/M/n+M: Poisson arrivals, exponential handling and patience, ``n`` like agents, first come first
served, with an optional limit on how many may wait. Without patience it is Erlang C, without waiting room
Erlang B. Everything follows from the birth-death chain of the number in the system (Mandelbaum and Zeltyn
2007, *Service engineering in action: the Palm/Erlang-A queue*).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.compiled import kernel

UNLIMITED: Final = -1
_ASA: Final = 0
_ANSWERED_WITHIN: Final = 1
_ABANDONED: Final = 2

_TINY: Final = 1e-16
_LARGE: Final = 1e200
_LOG_LARGE: Final = math.log(_LARGE)
_NODES, _NODE_WEIGHTS = np.polynomial.legendre.leggauss(16)


@dataclass(frozen=True)
class QueueMeasures:
    """Stationary measures of one queue; shares are of all arrivals unless said otherwise."""

    wait_probability: float
    """Share that has to wait, of those not blocked."""
    abandoned_share: float
    blocked_share: float
    """Share that finds the waiting room full."""
    answered_share: float
    asa_s: float
    """Mean wait of the answered; infinite where the queue grows for ever."""
    wait_s: float
    """Mean wait of all that are not blocked, those who abandon included."""
    occupancy: float
    mean_queue: float


@kernel
def erlang_b(agents: int, load_erlang: float) -> float:
    """Return the share blocked when nobody can wait (M/M/n/n).

    Parameters
    ----------
    agents
        Servers, 0 or more.
    load_erlang
        Arrival rate times mean handling time, 0 or more.

    Returns
    -------
    float
        Probability that all servers are busy.
    """
    blocked = 1.0
    for k in range(1, agents + 1):
        blocked = load_erlang * blocked / (k + load_erlang * blocked)
    return blocked


def erlang_c(agents: int, load_erlang: float) -> float:
    """Return the probability of waiting when nobody abandons (M/M/n).

    Parameters
    ----------
    agents
        Servers, 1 or more.
    load_erlang
        Arrival rate times mean handling time, 0 or more. A load of ``agents`` or more makes everybody wait.

    Returns
    -------
    float
        Probability that an arrival finds all servers busy.
    """
    if load_erlang >= agents:
        return 1.0
    blocked = erlang_b(agents, load_erlang)
    return blocked / (1.0 - load_erlang / agents * (1.0 - blocked))


@kernel
def chain(
    arrival: float, service: float, hangup: float, agents: int, room: int
) -> tuple[float, float, float, float, float, float, float]:
    """Return the parts of the stationary chain every measure is made of; rates are per second.

    Returns
    -------
    tuple
        Share of arrivals that find an idle agent; share that waits; share that finds the room full; mean
        number of busy agents; mean queue; mean over all arrivals of the wait if answered, else 0 (seconds);
        logarithm of the probability of exactly ``agents`` in the system.

    Notes
    -----
    States are weighed relative to "at most ``agents`` in the system", whose last state weighs Erlang's B: so
    nothing overflows however many agents there are. In the queue the weights may grow (overload with long
    patience), and are scaled down as they do.
    """
    load = arrival / service
    capacity = agents * service
    blocked = erlang_b(agents, load)
    log_blocked = math.log(blocked) if blocked > 0.0 else -math.inf
    idle = 1.0 - blocked
    if hangup == 0.0 and room < 0:  # Erlang C: a geometric queue
        if arrival >= capacity:
            return 0.0, 1.0, 0.0, float(agents), math.inf, math.inf, -math.inf
        ratio = arrival / capacity
        busy_weight = blocked / (1.0 - ratio)
        total = idle + busy_weight
        wait = busy_weight / total
        queue = wait * ratio / (1.0 - ratio)
        return (
            idle / total,
            wait,
            0.0,
            load,
            queue,
            wait / (capacity - arrival),
            log_blocked - math.log(total),
        )
    weight = blocked  # of the state with all agents busy and j waiting
    total = 1.0
    waiting = blocked
    queue = 0.0
    answered_wait = 0.0
    stages = 0.0  # mean time for j + 1 departures, each at its own rate
    log_scale = 0.0
    j = 0
    while weight > 0.0 and j != room:
        leaving = capacity + (j + 1) * hangup
        stages += 1.0 / leaving
        answered_wait += weight * capacity / leaving * stages
        weight *= arrival / leaving
        j += 1
        total += weight
        waiting += weight
        queue += j * weight
        ratio = arrival / (capacity + (j + 1) * hangup)
        if ratio < 1.0 and weight * (j + 1.0 / (1.0 - ratio)) < _TINY * queue * (1.0 - ratio):
            break
        if total > _LARGE:
            weight /= _LARGE
            total /= _LARGE
            waiting /= _LARGE
            queue /= _LARGE
            answered_wait /= _LARGE
            blocked /= _LARGE
            idle /= _LARGE
            log_scale += _LOG_LARGE
    full = weight / total if j == room else 0.0
    busy = (load * idle + agents * (waiting - blocked)) / total
    log_full = log_blocked - log_scale - math.log(total)
    return idle / total, waiting / total - full, full, busy, queue / total, answered_wait / total, log_full


@kernel
def _poisson_below(limit: int, mean: float) -> float:
    """Return the probability that a Poisson number is below ``limit``."""
    if mean == 0.0:
        return 1.0 if limit > 0 else 0.0
    top = min(limit - 1, int(mean))  # the largest term
    if top < 0:
        return 0.0
    peak = math.exp(top * math.log(mean) - mean - math.lgamma(top + 1.0))
    total = peak
    term = peak
    k = top
    while k > 0 and term > _TINY * total:
        term *= k / mean
        total += term
        k -= 1
    term = peak
    k = top + 1
    while k < limit and term > _TINY * total:
        term *= mean / k
        total += term
        k += 1
    return min(total, 1.0)


@kernel
def _answered_within(
    arrival: float,
    service: float,
    hangup: float,
    agents: int,
    room: int,
    idle: float,
    log_full: float,
    within_s: float,
) -> float:
    """Return the share of arrivals answered within ``within_s`` seconds.

    ``idle`` and ``log_full`` are the chain's. The wait an endlessly patient arrival would have has, from 0
    on, the density ``capacity * P(full) * exp(x(t) - capacity * t)``, ``x(t)`` the expected arrivals in ``t``
    that are still patient at its end, cut to fewer of them than ``room``. It is integrated, times the
    caller's own patience, by Gauss-Legendre.
    """
    capacity = agents * service
    if log_full == -math.inf or within_s <= 0.0 or room == 0:
        return idle
    panels = 1 + int(within_s * (capacity + arrival + hangup) / 8.0)
    half = within_s / panels / 2.0
    total = 0.0
    for panel in range(panels):
        middle = (2 * panel + 1) * half
        for i in range(_NODES.size):
            t = middle + half * _NODES[i]
            patient = -arrival * math.expm1(-hangup * t) / hangup if hangup > 0.0 else arrival * t
            density = math.exp(log_full + patient - (capacity + hangup) * t)
            if room > 0:
                density *= _poisson_below(room, patient)
            total += half * _NODE_WEIGHTS[i] * density
        falling = capacity + hangup - arrival * math.exp(-hangup * (middle + half))
        if falling > 0.0 and capacity * density < _TINY * falling:  # from here on it falls at least so fast
            break
    return min(1.0, idle + capacity * total)


@kernel
def _met(
    arrival: float, service: float, hangup: float, agents: int, measure: int, goal: float, within_s: float
) -> bool:
    """Return whether ``agents`` meet the goal."""
    if hangup == 0.0 and arrival >= agents * service:
        return False
    idle, _, _, busy, queue, answered_wait, log_full = chain(arrival, service, hangup, agents, UNLIMITED)
    if measure == _ASA:
        return answered_wait <= goal * busy * service / arrival
    if measure == _ABANDONED:
        return hangup * queue / arrival <= goal
    return _answered_within(arrival, service, hangup, agents, UNLIMITED, idle, log_full, within_s) >= goal


@kernel
def _required(
    arrivals: NDArray[np.float64],
    services: NDArray[np.float64],
    hangups: NDArray[np.float64],
    measure: int,
    goal: float,
    within_s: float,
) -> NDArray[np.int64]:
    """Return the fewest agents of each row.

    Each search starts from the last row's answer: quick when the loads ascend.
    """
    needed = np.zeros(arrivals.size, np.int64)
    n = 0
    for i in range(arrivals.size):
        if arrivals[i] == 0.0:
            continue
        if n == 0:
            n = max(1, int(arrivals[i] / services[i]))
        if _met(arrivals[i], services[i], hangups[i], n, measure, goal, within_s):
            while n > 1 and _met(arrivals[i], services[i], hangups[i], n - 1, measure, goal, within_s):
                n -= 1
        else:
            n += 1
            while not _met(arrivals[i], services[i], hangups[i], n, measure, goal, within_s):
                n += 1
        needed[i] = n
    return needed


def _rates(
    arrivals_per_s: float, aht_s: float, patience_s: float, agents: int, waiting_room: int | None
) -> tuple[float, float, float, int, int]:
    """Return the arguments of the kernels, or say what is wrong with the caller's."""
    if not (0.0 < arrivals_per_s < math.inf and 0.0 < aht_s < math.inf and patience_s > 0.0):
        raise ValueError("arrivals_per_s and aht_s must be positive and finite, patience_s positive (inf: never)")
    if agents < 1 or (waiting_room is not None and waiting_room < 0):
        raise ValueError("agents must be at least 1 and waiting_room None or at least 0")
    room = UNLIMITED if waiting_room is None else waiting_room
    return arrivals_per_s, 1.0 / aht_s, 1.0 / patience_s, agents, room


def queue_measures(
    arrivals_per_s: float,
    aht_s: float,
    agents: int,
    *,
    patience_s: float = math.inf,
    waiting_room: int | None = None,
) -> QueueMeasures:
    """Return the stationary measures of M/M/n+M, exactly.

    Parameters
    ----------
    arrivals_per_s
        Calls a second, positive.
    aht_s
        Mean handling time in seconds (ring, talk and wrap-up).
    agents
        Agents on duty, 1 or more.
    patience_s
        Mean patience in seconds; infinite for Erlang C.
    waiting_room
        How many may wait at most; ``None`` for any number, 0 for Erlang B.

    Returns
    -------
    QueueMeasures
        Without patience or limit, and with a load of ``agents`` or more, the queue and the waits are
        infinite.

    Raises
    ------
    ValueError
        If an argument is out of range.
    """
    arrival, service, hangup, n, room = _rates(arrivals_per_s, aht_s, patience_s, agents, waiting_room)
    _, waits, full, busy, queue, answered_wait, _ = chain(arrival, service, hangup, n, room)
    answered = busy * service / arrival
    return QueueMeasures(
        wait_probability=waits / (1.0 - full),
        abandoned_share=hangup * queue / arrival if hangup > 0.0 else 0.0,
        blocked_share=full,
        answered_share=answered,
        asa_s=answered_wait / answered,
        wait_s=queue / (arrival * (1.0 - full)),
        occupancy=busy / n,
        mean_queue=queue,
    )


def answered_within_share(
    arrivals_per_s: float,
    aht_s: float,
    agents: int,
    within_s: float,
    *,
    patience_s: float = math.inf,
    waiting_room: int | None = None,
) -> float:
    """Return the share of all arrivals answered within ``within_s`` seconds, exactly.

    Parameters
    ----------
    arrivals_per_s, aht_s, agents, patience_s, waiting_room
        As in :func:`queue_measures`.
    within_s
        The threshold in seconds; at 0, the share that never waits.

    Returns
    -------
    float
        Between 0 and 1; divide by ``answered_share`` for the share of the answered.

    Raises
    ------
    ValueError
        If an argument is out of range.
    """
    arrival, service, hangup, n, room = _rates(arrivals_per_s, aht_s, patience_s, agents, waiting_room)
    idle, _, _, _, _, _, log_full = chain(arrival, service, hangup, n, room)
    return _answered_within(arrival, service, hangup, n, room, idle, log_full, within_s)


def required_agents(
    arrivals_per_s: ArrayLike,
    aht_s: ArrayLike,
    patience_s: ArrayLike,
    *,
    asa_s: float | None = None,
    answered_within_s: float | None = None,
    answered_within_share: float | None = None,
    abandoned_share: float | None = None,
) -> NDArray[np.int64]:
    """Return the fewest agents that meet one target, by Erlang A, for each of many rates.

    Parameters
    ----------
    arrivals_per_s, aht_s, patience_s
        As in :func:`queue_measures`, scalars or arrays of one shape ``(n,)``; a rate may be 0 (then 0
        agents).
    asa_s
        Mean wait of the answered, at most.
    answered_within_s, answered_within_share
        A threshold in seconds and the share of all arrivals answered within it, at least.
    abandoned_share
        Share of arrivals that abandons, at most.

    Returns
    -------
    numpy.ndarray
        Agents, shape ``(n,)``.

    Raises
    ------
    ValueError
        Unless exactly one target is given, within its range, and all rates are in theirs.
    """
    targets = [asa_s, answered_within_share, abandoned_share]
    if sum(t is not None for t in targets) != 1 or (answered_within_s is None) != (answered_within_share is None):
        raise ValueError("give one target: asa_s, or answered_within_s and answered_within_share, or abandoned_share")
    measure = next(i for i, t in enumerate(targets) if t is not None)
    goal = float(targets[measure] or 0.0)
    within_s = float(answered_within_s or 0.0)
    if not (0.0 <= goal < math.inf and 0.0 <= within_s < math.inf and (measure == _ASA or goal <= 1.0)):
        raise ValueError("a target's seconds must not be negative, and its share must lie between 0 and 1")
    cases = np.column_stack(
        [
            c.ravel()
            for c in np.broadcast_arrays(*(np.asarray(x, np.float64) for x in (arrivals_per_s, aht_s, patience_s)))
        ]
    )
    arrivals, aht, patience = cases.T
    if not (
        np.all(arrivals >= 0.0) and np.all(aht > 0.0) and np.all(patience > 0.0) and np.all(arrivals * aht < math.inf)
    ):
        raise ValueError("rates must be finite and not negative, handling times and patience positive")
    order = np.lexsort((patience, aht, arrivals, arrivals * aht))  # by load; equal cases stand together
    cases = cases[order]
    first = np.ones(order.size, np.bool_)
    first[1:] = (cases[1:] != cases[:-1]).any(axis=1)
    arrivals, aht, patience = cases[first].T.copy()
    found = _required(arrivals, 1.0 / aht, 1.0 / patience, measure, goal, within_s)
    needed = np.empty(order.size, np.int64)
    needed[order] = found[np.cumsum(first) - 1]
    return needed
