"""The rules both engines follow, each written once and cited from MODEL.md.

What stays the same for a run is in :class:`Centre`, what a replication adds in :class:`Run`. Every function is
compiled; the reference engine calls the same ones.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.compiled import bare_kernel, inlined
from sim.demand import draws
from sim.demand.draws import NUMBER_MASK, SLOT_SHIFT, TYPE_MASK, TYPE_SHIFT, Distributions, duration_ms, number_at
from sim.terms import DAY_MS, SLOTS_PER_DAY, WEEK_MS
from sim.uniforms import fold

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

# Classes of events, in the order in which those of one millisecond are taken (§15). The end of talk (1) frees a line,
# which both engines work out when a call asks for one; tasks and callbacks (6, 7) are for later versions.
ABANDON: Final = 0
RING_OR_GREETING_END: Final = 2
JOB_END: Final = 3
ROSTER: Final = 4
JOIN: Final = 5
REDIAL: Final = 8
FIRST: Final = 9

CLASS_BITS: Final = 4

LONGEST_DRAIN_MS: Final = 400 * DAY_MS
"""How long after the window calls may go on, before it is said that nobody comes for them (§1)."""

# Routing between the groups of a type (§7).
PREFERENCE: Final = 0
LONGEST_IDLE: Final = 1
RANDOM: Final = 2

LOST: Final = -(1 << 62)
OPEN: Final = LOST + 1
"""What :func:`redial_ms` says when there is no redial: below any time, warm-up included."""

# Rows of ``Centre.dists``: one a type of each, in this order.
TALK: Final = 0
WRAP: Final = 1
WRAP_WORK_ORDER: Final = 2
PATIENCE: Final = 3
REDIAL_DELAY: Final = 4


class Stuck(Exception):  # noqa: N818 (a state, not a mistake)
    """Calls wait for agents who never come (§1)."""


class Centre(NamedTuple):
    """The centre, as the engines see it; T types, G groups, W weeks.

    ``order`` (T, G) lists each type's groups by preference and ``served`` (G, T) each group's types by priority,
    -1 where there are no more. ``need`` and ``join_ms`` (T, G) are the idle agents and the wait a group asks
    before it takes a type (§7). ``quality`` (T, 3) is the chance of a return, of satisfaction when answered on the
    spot, and of satisfaction after a work order (§11). ``redial`` (T, 64) is the probability after each attempt
    number (§10): column 0 is not used, and it is 0 from ``max_attempts`` on. ``within_ms`` (3,) are the answer
    thresholds as queue waits. ``speed`` (G, W) is in permille (§9). ``lines`` is 0 where there is no limit.
    """

    priority: Ints
    order: Ints
    routing: Ints
    need: Ints
    join_ms: Ints
    served: Ints
    on_the_spot: Floats
    quality: Floats
    redial: Floats
    same_patience: NDArray[np.bool_]
    new_handling: NDArray[np.bool_]
    dists: Distributions
    speed: Ints
    within_ms: Ints
    announcement_ms: int
    ring_ms: int
    contained: float
    lines: int
    keeps_idle_times: bool


class Run(NamedTuple):
    """One replication: R rows of 15 minutes, of which the first ``warm_rows`` are not measured.

    ``means`` and ``slopes`` (R, T) are the realised expected contacts and the half-slopes of §2; ``roster``
    (R, G) the agents on duty after absence and seats (§14); ``first_slot`` the absolute slot of row 0, which
    begins at ``start_ms``. First attempts come at multiples of ``grain_ms``: 1, but
    for tests that want many events in one millisecond.
    """

    contact_keys: NDArray[np.uint64]
    count_keys: NDArray[np.uint64]
    means: Floats
    slopes: Floats
    roster: Ints
    first_slot: int
    start_ms: int
    end_ms: int
    warm_rows: int
    grain_ms: int


class HandlingDraws(NamedTuple):
    """What is drawn for an answer: times in ms at speed 1, and uniforms."""

    talk_ms: int
    wrap_ms: int
    wrap_work_order_ms: int
    resolution: float
    returned: float
    satisfied: float


class Handling(NamedTuple):
    """What an answer brings: times in ms, and how it ended."""

    talk_ms: int
    wrap_ms: int
    on_the_spot: bool
    returned: bool
    satisfied: bool


@inlined
def moment(time_ms: int, event_class: int) -> int:
    """Return time and class as one number, the first half of an event's key (§15)."""
    return (time_ms << CLASS_BITS) | event_class


@inlined
def type_of(contact: int) -> int:
    """Return the type of a contact."""
    return (contact >> TYPE_SHIFT) & TYPE_MASK


@inlined
def key_of(contact_keys: NDArray[np.uint64], contact: int) -> np.uint64:
    """Return the random key of a contact (§2)."""
    return fold(fold(contact_keys[type_of(contact)], contact >> SLOT_SHIFT), contact & NUMBER_MASK)


@inlined
def is_contained(share: float, key: np.uint64) -> bool:
    """Say whether the self-service step serves this contact (§6)."""
    return share > 0.0 and number_at(key, 1, 1, draws.CONTAINMENT) < share


@inlined
def patience_ms(
    params: Floats, table: Floats, same_patience: NDArray[np.bool_], kind: int, key: np.uint64, attempt: int
) -> int:
    """Return how long this attempt will wait (§8)."""
    drawn = 1 if same_patience[kind] else attempt
    rows = same_patience.size
    return duration_ms(params, table, PATIENCE * rows + kind, number_at(key, 1, drawn, draws.PATIENCE))


@inlined
def redial_ms(
    params: Floats,
    table: Floats,
    redial: Floats,
    kind: int,
    key: np.uint64,
    attempt: int,
    now_ms: int,
    end_ms: int,
) -> int:
    """Return when the citizen calls again after a failed attempt, or ``LOST`` or ``OPEN`` (§10)."""
    chance = redial[kind, attempt]
    if chance == 0.0 or number_at(key, 1, attempt, draws.REDIAL) >= chance:
        return LOST
    u = number_at(key, 1, attempt, draws.REDIAL_DELAY)
    due = now_ms + duration_ms(params, table, REDIAL_DELAY * redial.shape[0] + kind, u)
    return due if due < end_ms else OPEN


@inlined
def at_speed(drawn_ms: int, permille: int) -> int:
    """Return a drawn duration at a group's speed (§9)."""
    if permille == 1000:  # the usual one, and a division is slow
        return drawn_ms
    return (drawn_ms * permille + 500) // 1000


@inlined
def drawn_handling(
    params: Floats,
    table: Floats,
    new_handling: NDArray[np.bool_],
    key: np.uint64,
    kind: int,
    attempt: int,
) -> HandlingDraws:
    """Return what is drawn for an answer to this attempt, whoever gives it (§9, §11)."""
    drawn = attempt if new_handling[kind] else 1
    types = new_handling.size
    talk_u = number_at(key, 1, drawn, draws.TALK)
    wrap_u = number_at(key, 1, drawn, draws.WRAP)
    return HandlingDraws(
        duration_ms(params, table, TALK * types + kind, talk_u),
        duration_ms(params, table, WRAP * types + kind, wrap_u),
        duration_ms(params, table, WRAP_WORK_ORDER * types + kind, wrap_u),
        number_at(key, 1, drawn, draws.RESOLUTION),
        number_at(key, 1, drawn, draws.RETURN),
        number_at(key, 1, drawn, draws.SATISFACTION),
    )


@inlined
def handling(on_the_spot: Floats, quality: Floats, drawn: HandlingDraws, kind: int, group: int) -> Handling:
    """Return what it takes and brings if ``group`` answers, the times at speed 1 (§9, §11)."""
    spot = drawn.resolution < on_the_spot[kind, group]
    wrap_ms = drawn.wrap_ms if spot else drawn.wrap_work_order_ms
    returned = (not spot) & (drawn.returned < quality[kind, 0])
    satisfied = drawn.satisfied < quality[kind, 1 if spot else 2]
    return Handling(drawn.talk_ms, wrap_ms, spot, returned, satisfied)


@inlined
def week_of(time_ms: int) -> int:
    """Return the week whose speed holds: from the horizon's start; a warm-up before it has the first week's (§9)."""
    return max(0, time_ms) // WEEK_MS


@bare_kernel
def row_of_roster(row: int, rows: int) -> int:
    """Return the row whose roster holds in ``row``: after the window, the last day's again and again (§1)."""
    return row if row < rows else rows - SLOTS_PER_DAY + (row - rows) % SLOTS_PER_DAY
