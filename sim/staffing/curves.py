"""What agents on duty bring: calls answered and seconds waited in each half-hour, by theory (§19).

Erlang A for every load and number of agents, averaged over what a day and a slot may bring and over absence.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from sim.compiled import kernel
from sim.demand.factors import mean_one
from sim.scenario.demand import DemandVariation
from sim.staffing.pools import Floats, Pool
from sim.theory import UNLIMITED, chain

_LOADS: Final = 160
_LEAST_LOAD: Final = 0.02
_SURELY: Final = 1.6
"""More agents than this many times the load, and ten, leave nobody waiting."""
_SPARE: Final = 10
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(12)
_FEW_NODES, _FEW_WEIGHTS = np.polynomial.legendre.leggauss(4)


@dataclass(frozen=True)
class Curves:
    """What a call can expect, by load in Erlang and agents on the roster.

    Attributes
    ----------
    pool
        Whose.
    log_loads
        Logarithms of the loads, in equal steps, shape ``(loads,)``.
    answered
        Share of calls answered, shape ``(loads, agents + 1)``.
    waited_s
        Wait of a call if answered, else 0, in seconds; the same shape.
    """

    pool: Pool
    log_loads: Floats
    answered: Floats
    waited_s: Floats

    def at(self, agents: Floats, factor: float | Floats, week: int | None = None) -> tuple[Floats, Floats]:
        """Return share answered and seconds waited a call, where ``factor`` times the calls come.

        ``agents`` are those of the whole pool on the roster, shape ``(weeks, 336)``, or ``(336,)`` of one typical week,
        and may be fractions; both results have that shape, 1 and 0 where there are no calls. Factors of shape
        ``(factors, 1)`` make it ``(factors, 336)``.
        """
        of = slice(None) if week is None else week
        load = np.maximum(self.pool.load[of] * factor, _LEAST_LOAD)
        step = self.log_loads[1] - self.log_loads[0]
        place = np.clip((np.log(load) - self.log_loads[0]) / step, 0.0, len(self.log_loads) - 1.001)
        row = place.astype(np.int64)
        beyond = place - row
        number = np.clip(agents, 0.0, self.answered.shape[1] - 1.001)
        column = number.astype(np.int64)
        part = number - column

        def between(table: Floats) -> Floats:
            low = table[row, column] * (1.0 - part) + table[row, column + 1] * part
            high = table[row + 1, column] * (1.0 - part) + table[row + 1, column + 1] * part
            found: Floats = low * (1.0 - beyond) + high * beyond
            return found

        none = self.pool.calls[of] <= 0.0
        return np.where(none, 1.0, between(self.answered)), np.where(none, 0.0, between(self.waited_s))

    def by_agents(self, factor: float) -> tuple[Floats, Floats]:
        """Return share answered and seconds waited a call for every number of agents.

        Shape ``(weeks, 336, agents + 1)`` each.
        """
        load = np.maximum(self.pool.load * factor, _LEAST_LOAD)
        step = self.log_loads[1] - self.log_loads[0]
        place = np.clip((np.log(load) - self.log_loads[0]) / step, 0.0, len(self.log_loads) - 1.001)
        row = place.astype(np.int64)
        beyond = (place - row)[..., None]
        answered, waited = (
            table[row] * (1.0 - beyond) + table[row + 1] * beyond for table in (self.answered, self.waited_s)
        )
        return answered, waited


@kernel
def _answered_and_waited(loads: Floats, service: float, hangup: float, most: int) -> tuple[Floats, Floats]:
    answered = np.zeros((loads.size, most + 1))
    waited = np.zeros((loads.size, most + 1))
    for i in range(loads.size):
        arrival = loads[i] * service
        for n in range(1, most + 1):
            _, _, _, busy, _, answered_wait, _ = chain(arrival, service, hangup, n, UNLIMITED)
            answered[i, n] = busy * service / arrival
            waited[i, n] = answered_wait
    return answered, waited


def answered_and_waited(loads_erlang: Floats, aht_s: float, patience_s: float, most: int) -> tuple[Floats, Floats]:
    """Return, by Erlang A, what a call can expect for every load and number of agents.

    Parameters
    ----------
    loads_erlang
        Calls a second times ``aht_s``, above 0, shape ``(loads,)``.
    aht_s, patience_s
        As in :func:`sim.theory.queue_measures`; patience must be finite.
    most
        The most agents.

    Returns
    -------
    tuple
        The share of calls answered, and the wait of a call if answered, else 0, in seconds, the mean over all calls;
        shape ``(loads, most + 1)`` each. Without agents nobody is answered.

    Raises
    ------
    ValueError
        If an argument is out of range.
    """
    if not ((loads_erlang > 0.0).all() and 0.0 < aht_s < math.inf and 0.0 < patience_s < math.inf and most >= 0):
        raise ValueError("loads, aht_s and patience_s must be positive and finite, and most not negative")
    found: tuple[Floats, Floats] = _answered_and_waited(loads_erlang, 1.0 / aht_s, 1.0 / patience_s, most)
    return found


def curves(pool: Pool, variation: DemandVariation, most_factor: float) -> Curves:
    """Return a pool's curves for years of up to ``most_factor`` times the calls expected.

    Parameters
    ----------
    pool
        The pool.
    variation
        How day and slot vary (§3); the year's factor is not in the curves.
    most_factor
        The largest factor of a year that will be asked for.
    """
    factors, weights = _day_and_slot(variation)
    top = float(pool.load.max()) * most_factor
    loads = np.geomspace(_LEAST_LOAD, max(top * float(factors.max()), 1.0) * 1.01, _LOADS)
    most = math.ceil(top * _SURELY) + _SPARE
    answered, waited = answered_and_waited(loads, pool.aht_s, pool.patience_s, most)
    # Nobody on duty: who would be answered would have waited as long as patience lasts, which no plan may gain by.
    waited[:, 0] = pool.patience_s
    mean_answered, mean_waited = np.zeros_like(answered), np.zeros_like(waited)
    log_loads = np.log(loads)
    step = log_loads[1] - log_loads[0]
    numbers = np.arange(most + 1.0)
    for there, share_there in zip(*_present(*pool.absence), strict=True):
        column = np.minimum((numbers * there).astype(np.int64), most - 1)
        part = numbers * there - column
        thin_answered, thin_waited = (
            table[:, column] * (1.0 - part) + table[:, column + 1] * part for table in (answered, waited)
        )
        for factor, weight in zip(factors, weights, strict=True):
            place = np.clip((log_loads + math.log(factor) - log_loads[0]) / step, 0.0, len(loads) - 1.001)
            row = place.astype(np.int64)
            beyond = (place - row)[:, None]
            # More calls come in a busy slot than in a quiet one: each call counts, so slots are weighed by their calls.
            counted = share_there * weight * factor
            mean_answered += counted * (thin_answered[row] * (1.0 - beyond) + thin_answered[row + 1] * beyond)
            mean_waited += counted * (thin_waited[row] * (1.0 - beyond) + thin_waited[row + 1] * beyond)
    return Curves(pool, log_loads, mean_answered, mean_waited)


def _day_and_slot(variation: DemandVariation) -> tuple[Floats, Floats]:
    """Return what a day and a slot may bring together, factors with mean 1, and how likely each is."""
    cv = math.sqrt((1.0 + variation.day_cv**2) * (1.0 + variation.slot_cv**2) - 1.0)
    if cv == 0.0:
        return np.ones(1), np.ones(1)
    factors, weights = mean_one((_NODES + 1.0) / 2.0, cv, variation.distribution), _WEIGHTS / 2.0
    return factors / float(factors @ weights), weights


def _present(rate: float, cv: float) -> tuple[Floats, Floats]:
    """Return shares of the roster that may be present, and how likely each is."""
    if rate == 0.0:
        return np.ones(1), np.ones(1)
    if cv == 0.0:
        return np.full(1, 1.0 - rate), np.ones(1)
    rates = rate * mean_one((_FEW_NODES + 1.0) / 2.0, cv, "lognormal")
    return 1.0 - np.minimum(rates, 1.0), _FEW_WEIGHTS / 2.0
