"""What a slot's first attempts bring, drawn at once: the fast engine's draws, in loops for the vector unit (§2).

Numbers are functions of their keys, so drawing early changes none. A slot's draws are kept until the slot after
the next: who is answered later, or draws anew, is drawn alone.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.compiled import part
from sim.demand import draws
from sim.demand.draws import (
    any_normal,
    draw_slot,
    durations_ms,
    normal_quantiles,
    patiences_ms,
    slot_buffers,
)
from sim.engine import rules
from sim.engine.given import Centre, Run
from sim.uniforms import uniform

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


class Drawn(NamedTuple):
    """The draws of an even and an odd slot, by type and number; shapes ``(2, room)``.

    ``firsts`` (2, types + 1) says where each type's begin. ``arrivals``, ``counts``, ``u`` and ``z`` are used on the
    way: :func:`sim.demand.draws.draw_slot`'s, and uniforms and their normal quantiles.
    """

    keys: NDArray[np.uint64]
    patience_ms: Ints
    talk_ms: Ints
    wrap_ms: Ints
    wrap_work_order_ms: Ints
    resolution: Floats
    returned: Floats
    satisfied: Floats
    order_adds: Floats
    order_chance: Floats
    firsts: Ints
    counts: Ints
    arrivals: Ints
    order_time_ms: Ints
    u: Floats
    z: Floats


def new_drawn(types: int, room: int) -> Drawn:
    """Return empty draws for ``types``, with room for ``room`` first attempts in a slot."""
    arrivals, keys, firsts, counts = slot_buffers(types, room)
    return Drawn(
        keys=np.stack([keys, keys]),
        patience_ms=np.empty((2, room), np.int64),
        talk_ms=np.empty((2, room), np.int64),
        wrap_ms=np.empty((2, room), np.int64),
        wrap_work_order_ms=np.empty((2, room), np.int64),
        resolution=np.empty((2, room)),
        returned=np.empty((2, room)),
        satisfied=np.empty((2, room)),
        order_adds=np.empty((2, room)),
        order_chance=np.empty((2, room)),
        firsts=np.stack([firsts, firsts]),
        counts=counts,
        arrivals=arrivals,
        order_time_ms=np.empty(room, np.int64),
        u=np.empty(room),
        z=np.empty(room),
    )


def doubled(drawn: Drawn) -> Drawn:
    """Return ``drawn`` with twice the room."""
    longer: Any = {name: np.concatenate([array, array], axis=-1) for name, array in drawn._asdict().items()}
    return Drawn(**longer)._replace(firsts=drawn.firsts, counts=drawn.counts)


@part
def _uniforms(keys: NDArray[np.uint64], purpose: int, out: Floats) -> None:
    for i in range(keys.size):
        out[i] = uniform(keys[i], purpose)


@part
def _draw_order_times(centre: Centre, drawn: Drawn, side: int, n: int) -> None:
    """Draw each work order's time, should there be one, and how likely it makes satisfaction (§18)."""
    params, table, quality = centre.dists.params, centre.dists.table, centre.quality
    types = centre.priority.size
    keys, firsts = drawn.keys[side], drawn.firsts[side]
    adds, chance = drawn.order_adds[side], drawn.order_chance[side]
    u, z, times_ms = drawn.u[:n], drawn.z[:n], drawn.order_time_ms
    matters = False
    for kind in range(types):
        matters |= quality.per_order_day[kind] != 0.0
    if not matters:
        adds[:n] = 0.0
        for kind in range(types):
            chance[firsts[kind] : firsts[kind + 1]] = quality.satisfied[kind, 1]
        return
    for i in range(n):
        u[i] = rules.order_uniform(keys[i], 1)
    if any_normal(params, rules.ORDER_TIME * types, (rules.ORDER_TIME + 1) * types):
        normal_quantiles(u, z)
    for kind in range(types):
        a, b = firsts[kind], firsts[kind + 1]
        durations_ms(params, table, rules.ORDER_TIME * types + kind, u[a:b], z[a:b], times_ms[a:b])
        for i in range(a, b):
            adds[i] = rules.timed_adds(quality, kind, times_ms[i])
            chance[i] = rules.satisfied_chance(quality, kind, False, adds[i])


@part
def draw_first_attempts(centre: Centre, run: Run, drawn: Drawn, row: int) -> int:
    """Draw a row's first attempts, their patience and what answers bring; return how many, or -1 for lack of room.

    Written contacts are among them, but after the types of calls, and nothing more is drawn for those.
    """
    params, table = centre.dists.params, centre.dists.table
    types = centre.priority.size
    slot = run.first_slot + row
    side = slot & 1
    keys, firsts, counts = drawn.keys[side], drawn.firsts[side], drawn.counts
    n = draw_slot(
        run.contact_keys, run.means, run.slopes, row, slot, run.count_keys, run.grain_ms,
        drawn.arrivals, keys, firsts, counts,
    )  # fmt: skip
    if n < 0:
        return n
    keys = keys[: firsts[types]]
    _uniforms(keys, draws.RESOLUTION, drawn.resolution[side])
    _uniforms(keys, draws.RETURN, drawn.returned[side])
    _uniforms(keys, draws.SATISFACTION, drawn.satisfied[side])
    _draw_order_times(centre, drawn, side, keys.size)
    talk_ms, wrap_ms, order_ms = drawn.talk_ms[side], drawn.wrap_ms[side], drawn.wrap_work_order_ms[side]
    u, z = drawn.u[: keys.size], drawn.z[: keys.size]
    _uniforms(keys, draws.PATIENCE, u)
    for kind in range(types):
        a, b = firsts[kind], firsts[kind + 1]
        patiences_ms(params, table, rules.PATIENCE * types + kind, u[a:b], drawn.patience_ms[side, a:b])
    _uniforms(keys, draws.TALK, u)
    if any_normal(params, rules.TALK * types, rules.WRAP * types):
        normal_quantiles(u, z)
    for kind in range(types):
        a, b = firsts[kind], firsts[kind + 1]
        durations_ms(params, table, rules.TALK * types + kind, u[a:b], z[a:b], talk_ms[a:b])
    _uniforms(keys, draws.WRAP, u)
    if any_normal(params, rules.WRAP * types, rules.PATIENCE * types):
        normal_quantiles(u, z)
    for kind in range(types):
        a, b = firsts[kind], firsts[kind + 1]
        durations_ms(params, table, rules.WRAP * types + kind, u[a:b], z[a:b], wrap_ms[a:b])
        durations_ms(params, table, rules.WRAP_WORK_ORDER * types + kind, u[a:b], z[a:b], order_ms[a:b])
    return n
