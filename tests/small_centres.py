"""Centres and runs made by hand, for tests that go below the scenario file.

:func:`small_centre` fills a :class:`~sim.engine.rules.Centre` from a few keywords, :func:`small_run` a
:class:`~sim.engine.rules.Run` with given expected contacts, and :func:`planned_run` a run whose contacts
arrive at listed moments: arrivals come from keyed draws, so it looks for keys whose draws fall there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import count

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.demand import draws
from sim.engine import rules
from sim.engine.rules import Centre, Run
from sim.terms import DAY_MS, SLOT_MS, SLOTS_PER_DAY
from sim.uniforms import CONTACTS, COUNT, name_word, stream_key, sub_key, uniform

Distribution = float | tuple[int, float, float, float] | None
"""Fixed seconds, a row (family, a, b, share at once) of :class:`sim.demand.draws.Distributions`, or never."""
Interval = tuple[float, float]

FIRST_SLOT = 9132 * SLOTS_PER_DAY
"""2025-01-01 00:00, a day like another."""
ROUTINGS = {"preference": rules.PREFERENCE, "longest_idle": rules.LONGEST_IDLE, "random": rules.RANDOM}


def small_centre(
    types: int = 1,
    groups: int = 1,
    *,
    order: Sequence[Sequence[int]] | None = None,
    priority: ArrayLike = 1,
    routing: str | Sequence[str] = "preference",
    need: ArrayLike = 1,
    join_s: ArrayLike = 0,
    talk_s: Distribution | list[Distribution] = 60.0,
    wrap_s: Distribution | list[Distribution] = 0.0,
    wrap_work_order_s: Distribution | list[Distribution] = 0.0,
    patience_s: Distribution | list[Distribution] = None,
    redial_delay_s: Distribution | list[Distribution] = 60.0,
    redial: ArrayLike = (),
    on_the_spot: ArrayLike = 1.0,
    same_patience: ArrayLike = False,
    new_handling: ArrayLike = False,
    speed: ArrayLike = 1000,
    announcement_s: float = 0.0,
    ring_s: float = 0.0,
    contained: float = 0.0,
    lines: int = 0,
) -> Centre:
    """Return a centre; by default one type, one group, talks of one minute, endless patience and no redials.

    Parameters
    ----------
    types, groups
        How many.
    order
        Each type's groups by preference; by default all groups in the file's order.
    priority, same_patience, new_handling
        One value, or one a type.
    routing
        ``preference``, ``longest_idle`` or ``random``, for all or for each type.
    need, join_s, on_the_spot
        One value, or an array (or something that broadcasts to) ``(types, groups)``.
    talk_s, wrap_s, wrap_work_order_s, patience_s, redial_delay_s
        Fixed seconds, a packed row, or None for never; a list gives one a type.
    redial
        Probability after attempt 1, 2, …; 0 beyond. An ``(types, n)`` array gives one row a type.
    speed
        Permille, one value, one a group, or ``(groups, weeks)``.
    announcement_s, ring_s, contained, lines
        Of the centre as a whole; ``lines = 0`` is without limit.
    """
    orders = [list(range(groups))] * types if order is None else [list(row) for row in order]
    priorities = np.broadcast_to(np.asarray(priority, np.int64), (types,)).copy()
    routings = [routing] * types if isinstance(routing, str) else list(routing)
    order_table = np.full((types, groups), -1, np.int64)
    for t, listed in enumerate(orders):
        order_table[t, : len(listed)] = listed
    served = np.full((groups, types), -1, np.int64)
    for g in range(groups):
        listing = sorted((t for t in range(types) if g in orders[t]), key=lambda t: (priorities[t], t))
        served[g, : len(listing)] = listing
    again = np.atleast_2d(np.asarray(redial, np.float64))
    redials = np.zeros((types, 64))
    redials[:, 1 : 1 + again.shape[1]] = again  # the column is the attempt number
    rows = []
    for block in (talk_s, wrap_s, wrap_work_order_s, patience_s, redial_delay_s):
        rows += [_row(one) for one in (block if isinstance(block, list) else [block] * types)]
    rows += [_row(0.0)] * (3 * types)
    speeds = np.asarray(speed, np.int64)
    if speeds.ndim < 2:
        speeds = np.tile(np.broadcast_to(speeds, (groups,)).reshape(-1, 1), (1, 9))
    return Centre(
        priority=priorities,
        order=order_table,
        routing=np.array([ROUTINGS[name] for name in routings], np.int64),
        need=_table(need, types, groups, np.int64),
        join_ms=_table(np.asarray(join_s) * 1000, types, groups, np.int64),
        served=served,
        on_the_spot=_table(on_the_spot, types, groups, np.float64),
        redial=redials,
        same_patience=np.broadcast_to(np.asarray(same_patience, np.bool_), (types,)).copy(),
        new_handling=np.broadcast_to(np.asarray(new_handling, np.bool_), (types,)).copy(),
        dists=draws.pack(rows),
        speed=np.ascontiguousarray(speeds),
        within_ms=np.array([8_000, 15_000, 20_000], np.int64),
        announcement_ms=int(announcement_s * 1000 + 0.5),
        ring_ms=int(ring_s * 1000 + 0.5),
        contained=contained,
        lines=lines,
        keeps_idle_times="longest_idle" in routings,
        **rules.switched_off(types, groups),
    )


def small_run(
    centre: Centre,
    *,
    means: ArrayLike = 1.0,
    slopes: ArrayLike = 0.0,
    roster: ArrayLike = 1,
    days: int = 1,
    warm_rows: int = 0,
    start_ms: int = 0,
    seed: int = 1,
    grain_ms: int = 1,
) -> Run:
    """Return a run of ``days`` days (any warm-up included) that begins at ``start_ms``.

    Parameters
    ----------
    centre
        The centre the run is for.
    means, slopes
        Expected contacts and half-slopes, broadcast to ``(96 × days, types)``.
    roster
        Agents on duty, broadcast to ``(96 × days, groups)``.
    days, warm_rows, start_ms, seed, grain_ms
        As in :class:`~sim.engine.rules.Run`.
    """
    types, groups = centre.order.shape
    rows = days * SLOTS_PER_DAY
    stream = stream_key(seed, 0)
    words = [name_word(f"type {t}") for t in range(types)]
    return Run(
        contact_keys=np.array([sub_key(stream, CONTACTS, word) for word in words], np.uint64),
        count_keys=np.array([sub_key(stream, COUNT, word) for word in words], np.uint64),
        means=_table(means, rows, types, np.float64),
        slopes=_table(slopes, rows, types, np.float64),
        roster=_table(roster, rows, groups, np.int64),
        first_slot=FIRST_SLOT + start_ms // SLOT_MS,
        start_ms=start_ms,
        end_ms=start_ms + days * DAY_MS,
        warm_rows=warm_rows,
        grain_ms=grain_ms,
        **rules.no_tasks(rows, groups),
    )


def planned_run(
    centre: Centre,
    arrivals: Mapping[int, Sequence[int]],
    *,
    roster: ArrayLike = 1,
    days: int = 1,
    warm_rows: int = 0,
    start_ms: int = 0,
    grain_ms: int = 60_000,
    wanted: Mapping[tuple[int, int, int, int], Interval] | None = None,
) -> Run:
    """Return a run in which exactly the listed contacts arrive, each at its listed ms.

    Parameters
    ----------
    centre, roster, days, warm_rows, start_ms
        As for :func:`small_run`.
    arrivals
        For each type the ms of its first attempts, multiples of ``grain_ms``. Within a slot the contacts are
        numbered in the order of the list, whatever their times. Four a type are found quickly with the usual
        grain.
    grain_ms
        A divisor of the slot.
    wanted
        Other uniforms of these contacts: (type, place in its list, attempt, purpose) → an open interval.
    """
    run = small_run(
        centre, means=0.0, roster=roster, days=days, warm_rows=warm_rows, start_ms=start_ms, grain_ms=grain_ms
    )
    for t, times in arrivals.items():
        contacts = []
        for i, ms in enumerate(times):
            row, place = divmod(ms - start_ms, SLOT_MS)
            assert place % grain_ms == 0
            number = sum((earlier - start_ms) // SLOT_MS == row for earlier in times[:i])
            needs = [(1, draws.ARRIVAL, place / SLOT_MS, (place + grain_ms) / SLOT_MS)]
            needs += [(n, p, lo, hi) for (k, j, n, p), (lo, hi) in (wanted or {}).items() if (k, j) == (t, i)]
            contacts.append((run.first_slot + row, number, needs))
            run.means[row, t] = _mean_for(number + 1, uniform(np.uint64(run.count_keys[t]), run.first_slot + row))
        run.contact_keys[t] = next(key for key in map(np.uint64, count(1 + t)) if _suits(key, contacts))
    return run


def planned_ids(run: Run, arrivals: Mapping[int, Sequence[int]]) -> dict[tuple[int, int], int]:
    """Return the id (§2) of each contact of :func:`planned_run`, by type and place in the type's list."""
    ids = {}
    for t, times in arrivals.items():
        for i, ms in enumerate(times):
            row = (ms - run.start_ms) // SLOT_MS
            number = sum((earlier - run.start_ms) // SLOT_MS == row for earlier in times[:i])
            ids[t, i] = (run.first_slot + row) * 2**28 + t * 2**20 + number
    return ids


def _suits(type_key: np.uint64, contacts: list[tuple[int, int, list[tuple[int, int, float, float]]]]) -> bool:
    for slot, number, needs in contacts:
        key = sub_key(type_key, slot, number)
        if not all(low < draws.number_at(key, 1, attempt, p) < high for attempt, p, low, high in needs):
            return False
    return True


def _mean_for(contacts: int, u: float) -> float:
    """Return a mean whose Poisson count at the uniform ``u`` is ``contacts``."""
    low, high = 0.0, 1e4
    while (n := draws.poisson_quantile((low + high) / 2, u)) != contacts:
        low, high = (low, (low + high) / 2) if n > contacts else ((low + high) / 2, high)
    return (low + high) / 2


def _row(one: Distribution) -> tuple[int, float, float, float, NDArray[np.float64] | None]:
    if one is None:
        return (draws.NEVER, 0.0, 0.0, 0.0, None)
    if isinstance(one, tuple):
        return (*one, None)
    return (draws.FIXED, float(one), 0.0, 0.0, None)


def _table(value: ArrayLike, rows: int, columns: int, dtype: type) -> NDArray:  # type: ignore[type-arg]
    return np.broadcast_to(np.asarray(value), (rows, columns)).astype(dtype)
