"""The engines' draws without the engines: what share of their time is spent drawing (§2)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.compiled import bare_kernel
from sim.demand import draws
from sim.demand.draws import SLOT_SHIFT, draw_slot, duration_ms, number_at
from sim.engine import rules
from sim.engine.rules import Centre, Run

_MASK = (1 << SLOT_SHIFT) - 1


@bare_kernel
def draw_all(centre: Centre, run: Run, buffer: NDArray[np.int64]) -> int:
    """Draw every first attempt and its handling by its type's first group; return talk and wrap-up, summed.

    ``buffer`` is shaped as :func:`sim.demand.draws.draw_slot` wants it, with room for a slot's attempts.
    """
    params, table, order = centre.dists.params, centre.dists.table, centre.order
    on_the_spot, quality = centre.on_the_spot, centre.quality
    contact_keys, count_keys = run.contact_keys, run.count_keys
    means, slopes = run.means, run.slopes
    types = means.shape[1]
    drawn_ms = 0
    for row in range(means.shape[0]):
        slot = run.first_slot + row
        n = draw_slot(contact_keys, means, slopes, row, slot, count_keys, run.grain_ms, buffer)
        for i in range(n):
            contact = (slot << SLOT_SHIFT) | (buffer[i, 0] & _MASK)
            kind = rules.type_of(contact)
            key = rules.key_of(contact_keys, contact)
            spot = number_at(key, 1, 1, draws.RESOLUTION) < on_the_spot[kind, order[kind, 0]]
            wrap = rules.WRAP if spot else rules.WRAP_WORK_ORDER
            drawn_ms += duration_ms(params, table, rules.TALK * types + kind, number_at(key, 1, 1, draws.TALK))
            drawn_ms += duration_ms(params, table, wrap * types + kind, number_at(key, 1, 1, draws.WRAP))
            drawn_ms += number_at(key, 1, 1, draws.RETURN) < quality[kind, 0]
            drawn_ms += number_at(key, 1, 1, draws.SATISFACTION) < quality[kind, 1]
    return drawn_ms
