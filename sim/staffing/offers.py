"""Cost against service between the prices tried: what the search offers (§19)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from sim.staffing.chance import corrected
from sim.staffing.plan import Offer
from sim.staffing.pools import Floats

if TYPE_CHECKING:
    from sim.staffing.search import Search

_OFFERS: Final = 25
_LEAST: Final = 0.5
"""Connection rate of a mean year below which nothing is offered: theory is not made for losing most calls."""


def offers(search: Search, log_price: float, total_wan: float) -> tuple[Offer, ...]:
    """Return cost against service, as corrected by what was simulated.

    ``total_wan`` is the bill of the plan of whole agents that was bought at ``log_price``.
    """
    beside_wan = total_wan - search.total_wan(log_price)

    def service(one: float) -> tuple[Floats, Floats]:
        return corrected(search.between(one), search.known, search.year.factors, search.ring_s)

    prices = search.fine()
    usable = [one for one in prices if float(np.mean(service(float(one))[1])) >= _LEAST] or list(prices)
    found = []
    for one in np.linspace(usable[0], usable[-1], _OFFERS):
        asa, connection = service(float(one))
        found.append(
            Offer(
                price_cny=math.exp(one),
                total_wan=search.total_wan(float(one)) + beside_wan,
                asa_s=float(np.mean(asa)),
                asa_high_s=float(np.quantile(asa, 0.95)),
                connection=float(np.mean(connection)),
                connection_low=float(np.quantile(connection, 0.05)),
                probability=search.chance(float(one)),
            )
        )
    return tuple(found)
