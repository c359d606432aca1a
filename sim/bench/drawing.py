"""The engines' draws without the engines: what share of their time is spent drawing (§2)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.compiled import bare_kernel
from sim.demand.draws import SLOT_SHIFT, draw_slot
from sim.engine import rules
from sim.engine.rules import Centre, Run
from sim.terms import SLOT_MS

_MASK = (1 << SLOT_SHIFT) - 1


@bare_kernel
def draw_all(centre: Centre, run: Run, buffer: NDArray[np.int64]) -> int:
    """Draw every first attempt and its handling by its type's first group, compiled; return the talk in all.

    ``buffer`` is shaped as :func:`sim.demand.draws.draw_slot` wants it, with room for a slot's attempts.
    """
    params, table, order = centre.dists.params, centre.dists.table, centre.order
    on_the_spot, quality, new_handling = centre.on_the_spot, centre.quality, centre.new_handling
    speed, contact_keys, count_keys = centre.speed, run.contact_keys, run.count_keys
    means, slopes = run.means, run.slopes
    talk_ms = 0
    for row in range(means.shape[0]):
        slot = run.first_slot + row
        start = run.start_ms + row * SLOT_MS
        n = draw_slot(contact_keys, means, slopes, row, slot, count_keys, run.grain_ms, buffer)
        for i in range(n):
            contact = (slot << SLOT_SHIFT) | (buffer[i, 0] & _MASK)
            kind = rules.type_of(contact)
            key = rules.key_of(contact_keys, contact)
            done = rules.handling(
                params, table, on_the_spot, quality, new_handling, speed, key, kind, 1, order[kind, 0], start
            )
            talk_ms += done.talk_ms
    return talk_ms


def draw_one_by_one(centre: Centre, run: Run, buffer: NDArray[np.int64]) -> int:
    """Do what :func:`draw_all` does as the reference engine does it: from Python, a call at a time."""
    dists, keys = centre.dists, run.contact_keys
    talk_ms = 0
    for row in range(run.means.shape[0]):
        slot = run.first_slot + row
        start = run.start_ms + row * SLOT_MS
        n = draw_slot(keys, run.means, run.slopes, row, slot, run.count_keys, run.grain_ms, buffer)
        for entry in buffer[:n, 0].tolist():
            contact = (slot << SLOT_SHIFT) | (entry & _MASK)
            kind = rules.type_of(contact)
            key = np.uint64(rules.key_of(keys, contact))
            done = rules.handling(
                dists.params, dists.table, centre.on_the_spot, centre.quality, centre.new_handling,
                centre.speed, key, kind, 1, int(centre.order[kind, 0]), start,
            )  # fmt: skip
            talk_ms += done.talk_ms
    return talk_ms
