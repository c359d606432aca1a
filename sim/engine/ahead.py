"""What attempts will do if it comes to it, drawn ahead by the rules' own functions, many at a time.

The reference engine is Python; a call into compiled code costs it as much as ten lines. So it asks once for all first
attempts of a slot. Numbers are functions of their keys (§2): asking early changes none.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.compiled import bare_kernel
from sim.engine import rules
from sim.engine.rules import Centre
from sim.engine.structures import Ints

CONTAINED: Final = 0
PATIENCE_MS: Final = 1
HANDLING: Final = 2
"""The first of three columns for each group of the type, by preference: talk, wrap-up (ms at speed 1) and marks."""
PER_GROUP: Final = 3

# Marks of an answer.
ON_THE_SPOT: Final = 1
RETURNED: Final = 2
SATISFIED: Final = 4
# Marks of a failed attempt that was the contact's last (§10).
LOST: Final = 8
OPEN: Final = 16


@bare_kernel
def draw_ahead(
    centre: Centre, contact_keys: NDArray[np.uint64], contacts: Ints, n: int, attempt: int, drawn: Ints
) -> None:
    """Fill ``drawn`` for attempt number ``attempt`` of ``n`` contacts.

    Its shape is (n, HANDLING + PER_GROUP × the most groups that a type has).
    """
    params, table = centre.dists.params, centre.dists.table
    order = centre.order
    for i in range(n):
        kind = rules.type_of(contacts[i])
        key = rules.key_of(contact_keys, contacts[i])
        drawn[i, CONTAINED] = rules.is_contained(centre.contained, key)
        drawn[i, PATIENCE_MS] = rules.patience_ms(params, table, centre.same_patience, kind, key, attempt)
        brings = rules.drawn_handling(params, table, centre.new_handling, key, kind, attempt)
        for place in range((drawn.shape[1] - HANDLING) // PER_GROUP):
            group = order[kind, place]
            if group < 0:
                break
            done = rules.handling(centre.on_the_spot, centre.quality, brings, kind, group)
            at = HANDLING + PER_GROUP * place
            drawn[i, at] = done.talk_ms
            drawn[i, at + 1] = done.wrap_ms
            drawn[i, at + 2] = ON_THE_SPOT * done.on_the_spot + RETURNED * done.returned + SATISFIED * done.satisfied
