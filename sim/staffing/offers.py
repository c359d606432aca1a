"""Cost against service between the prices tried: what the search offers (§19)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from sim.staffing.plan import Offer

if TYPE_CHECKING:
    from sim.staffing.search import Search

_OFFERS: Final = 25


def offers(search: Search, log_price: float, total_wan: float) -> tuple[Offer, ...]:
    """Return cost against service, as corrected by what was simulated.

    ``total_wan`` is the bill of the plan of whole agents that was bought at ``log_price``.
    """
    beside_wan = total_wan - search.total_wan(log_price)
    found = []
    for one in np.linspace(float(search.fine()[0]), float(search.fine()[-1]), _OFFERS):
        waited, lost = search.between(float(one)).at(search.year.factors)
        asa = search.ring_s + waited * math.exp(search.known.mean.get("asa", 0.0))
        connection = 1.0 - lost * math.exp(search.known.mean.get("connection_rate", 0.0))
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
