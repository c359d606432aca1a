"""What the engines are given: the centre, which stays the same for a run, and what a replication adds (MODEL.md)."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.demand import draws
from sim.demand.draws import Distributions
from sim.terms import SLOTS_PER_DAY

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

NO_TRIGGER: Final = -1
MOST_LOGIT: Final = 40.0
"""Beyond it a probability is 0 or 1 for all that a uniform can tell (§18)."""


class Quality(NamedTuple):
    """How well the work is done (§18); T types, G groups, W weeks.

    ``returned`` (T, G, W) is the chance that a work order of a group and week comes back; ``satisfied`` (T, 2) that of
    satisfaction on the spot and after a work order, ``logits`` its log-odds, to which ``per_wait_minute`` and
    ``per_order_day`` (T,) add for a minute of waiting and a day of the work order's time. With ``haste_waiting`` calls
    waiting (0: never) the wrap-up takes ``haste_permille`` and a return is ``haste_returns`` times as likely.
    """

    returned: Floats
    satisfied: Floats
    logits: Floats
    per_wait_minute: Floats
    per_order_day: Floats
    haste_waiting: int
    haste_permille: int
    haste_returns: float


class Tasks(NamedTuple):
    """Work that can wait (§12); K kinds, the first ``n_written`` with arrivals of their own; L links, G groups.

    ``order`` (K, G) lists each kind's groups by preference, ``served`` (G, K) each group's kinds, -1 where there are no
    more. ``due_ms`` (K,) is from release, -1 where working days count (:class:`Run`). ``written`` (K, 3) is a written
    contact's chance of a work order, of its return, and of satisfaction. ``reached`` (K,) is the chance to reach the
    citizen, negative where nobody is asked. Link ``l`` leads from the event ``link_event`` to the kind ``link_kind``
    with the probability ``link_chance`` (L,), for contacts of the ``link_sources`` (L, T + n_written): types of calls,
    then kinds with arrivals of their own. ``dists`` has a row of handling time for each kind, then one of delay for
    each link.
    """

    n_written: int
    order: Ints
    served: Ints
    due_ms: Ints
    written: Floats
    reached: Floats
    link_event: Ints
    link_kind: Ints
    link_chance: Floats
    link_sources: NDArray[np.bool_]
    dists: Distributions


class Callback(NamedTuple):
    """The offer to call back (§13); T types.

    It is made beyond ``over_ms`` of expected wait (-1: never) and accepted with the chance ``accept`` (T,). ``job_ms``
    (T,) is a type's mean job; ``before`` (T, T) says whether waiting calls of the second type stand before the first.
    """

    over_ms: int
    accept: Floats
    job_ms: Ints
    before: NDArray[np.bool_]


class Activation(NamedTuple):
    """What switches groups on (§14), shape (G,) each.

    ``trigger`` is what is looked at (-1: the group is always on) and ``over`` from where on it holds; times are in
    slots; ``source`` is the group the agents are taken from, or -1.
    """

    trigger: Ints
    over: Ints
    notice: Ints
    minimum: Ints
    maximum: Ints
    rest: Ints
    source: Ints


class Centre(NamedTuple):
    """The centre, as the engines see it; T types, G groups, W weeks.

    ``order`` (T, G) lists each type's groups by preference and ``served`` (G, T) each group's types by priority,
    -1 where there are no more. ``need`` and ``join_ms`` (T, G) are the idle agents and the wait a group asks
    before it takes a type (§7). ``on_the_spot`` (T, G, W) is the chance of an answer on the spot (§9).
    ``redial`` (T, 64) is the probability after each attempt number (§10): column 0 is not used, and it is 0 from
    ``max_attempts`` on. ``repeat`` (T, 2) is that of a repeat on
    the spot and after a work order, below ``max_episodes`` (T,) (§11). ``bump_ms`` and ``bump_share`` (T,) are the
    announcement's moment and who hangs up at it (§8). ``transfer`` (T, 2) is the chance of a transfer and of an answer
    on the spot then, ``leaves_ms`` (T,) when the agent leaves (§9). ``within_ms`` (3,) are the answer
    thresholds as queue waits. ``speed`` (G, W) is in permille (§9). ``lines`` is 0 where there is no limit. What has
    weeks has those of ``speed``, past the longest drain; a head-count gives each replication its own (§19).
    """

    priority: Ints
    order: Ints
    routing: Ints
    need: Ints
    join_ms: Ints
    served: Ints
    on_the_spot: Floats
    redial: Floats
    repeat: Floats
    max_episodes: Ints
    bump_ms: Ints
    bump_share: Floats
    transfer: Floats
    leaves_ms: Ints
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
    quality: Quality
    tasks: Tasks
    callback: Callback
    activation: Activation


class Run(NamedTuple):
    """One replication: R rows of 15 minutes, of which the first ``warm_rows`` are not measured.

    ``means`` and ``slopes`` (R, T) are the realised expected contacts and the half-slopes of §2; ``roster``
    (R, G) the agents on duty after absence and seats (§14); ``first_slot`` the absolute slot of row 0, which
    begins at ``start_ms``. First attempts come at multiples of ``grain_ms``: 1, but
    for tests that want many events in one millisecond. Kinds of task with arrivals of their own follow the types in
    keys, means and slopes. ``task_open`` (R, K) says where a kind may be started, ``task_reserve`` (R, G) how many idle
    agents a group keeps back, ``due_by_day`` (R // 96, K) when a task released on a day is due, if working days count
    (§12).
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
    task_open: NDArray[np.bool_]
    task_reserve: Ints
    due_by_day: Ints


def satisfaction(chances: Floats) -> dict[str, Any]:
    """Return the fields of :class:`Quality` that say how likely satisfaction is of itself, from its chances (T, 2)."""
    with np.errstate(divide="ignore"):
        logits = np.log(chances) - np.log1p(-chances)
    return {"satisfied": chances, "logits": np.clip(logits, -MOST_LOGIT, MOST_LOGIT)}


def switched_off(types: int, groups: int, weeks: int) -> dict[str, Any]:
    """Return the fields of a :class:`Centre` that switch every rule off which a plain queue does without."""
    none = np.zeros(groups, np.int64)
    return {
        "repeat": np.zeros((types, 2)),
        "max_episodes": np.ones(types, np.int64),
        "bump_ms": np.zeros(types, np.int64),
        "bump_share": np.zeros(types),
        "transfer": np.zeros((types, 2)),
        "leaves_ms": np.full(types, draws.NEVER_MS),
        "quality": Quality(
            returned=np.zeros((types, groups, weeks)),
            **satisfaction(np.ones((types, 2))),
            per_wait_minute=np.zeros(types),
            per_order_day=np.zeros(types),
            haste_waiting=0,
            haste_permille=1000,
            haste_returns=1.0,
        ),
        "tasks": Tasks(
            n_written=0,
            order=np.full((0, groups), -1, np.int64),
            served=np.full((groups, 0), -1, np.int64),
            due_ms=np.zeros(0, np.int64),
            written=np.zeros((0, 3)),
            reached=np.zeros(0),
            link_event=np.zeros(0, np.int64),
            link_kind=np.zeros(0, np.int64),
            link_chance=np.zeros(0),
            link_sources=np.zeros((0, types), np.bool_),
            dists=draws.pack([]),
        ),
        "callback": Callback(-1, np.zeros(types), np.ones(types, np.int64), np.zeros((types, types), np.bool_)),
        "activation": Activation(np.full(groups, NO_TRIGGER), none, none, none, none, none, np.full(groups, -1)),
    }


def no_tasks(rows: int, groups: int) -> dict[str, Any]:
    """Return the fields of a :class:`Run` without work that can wait."""
    return {
        "task_open": np.zeros((rows, 0), np.bool_),
        "task_reserve": np.zeros((rows, groups), np.int64),
        "due_by_day": np.zeros((rows // SLOTS_PER_DAY, 0), np.int64),
    }
