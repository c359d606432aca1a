"""The rules both engines follow, each written once and cited from MODEL.md.

Every function is compiled; the reference engine calls the same ones.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.compiled import bare_kernel, inlined
from sim.demand import draws
from sim.demand.draws import NUMBER_MASK, SLOT_SHIFT, TYPE_MASK, TYPE_SHIFT, duration_ms, number_at
from sim.elementary import exp
from sim.engine.given import MOST_LOGIT, Activation, Callback, Centre, Quality, Run
from sim.terms import DAY_MS, MINUTE_MS, SLOTS_PER_DAY, WEEK_MS
from sim.uniforms import ORDER, TASKS, fold, uniform

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

# Classes of events, in the order in which those of one millisecond are taken (§15). The end of talk (1) frees a line,
# which both engines work out when a call asks for one.
ABANDON: Final = 0
RING_OR_GREETING_END: Final = 2
JOB_END: Final = 3
ROSTER: Final = 4
JOIN: Final = 5
RELEASE: Final = 6
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
CONSULT: Final = 5
REPEAT_DELAY: Final = 6
ORDER_TIME: Final = 7

# Events of a contact's episode that may bring tasks (§12); then TASK_DONE + kind.
ON_THE_SPOT: Final = 0
WORK_ORDER: Final = 1
RETURN: Final = 2
TASK_DONE: Final = 3

# A task's id is its contact's, its kind and its episode (§2); an attempt's number within a contact is of the same form.
EPISODE_BITS: Final = 6
_EPISODE_MASK: Final = (1 << EPISODE_BITS) - 1

# What a trigger looks at (§14), and what state an activated group is in.
OFFERED: Final = 0
WAITING: Final = 1
LONGEST_WAIT: Final = 2
TRIGGER_SLOTS: Final = 4
"""Slots in which the attempts offered are counted."""
OFF: Final = 0
CALLED: Final = 1
ON: Final = 2


class Stuck(Exception):  # noqa: N818 (a state, not a mistake)
    """Calls wait for agents who never come (§1)."""


class HandlingDraws(NamedTuple):
    """What is drawn for an answer: times in ms at speed 1, and uniforms.

    ``order_adds`` is what a work order's time adds to the log-odds of satisfaction, ``order_chance`` the probability
    that a citizen is satisfied after a work order who did not wait (§18).
    """

    talk_ms: int
    wrap_ms: int
    wrap_work_order_ms: int
    resolution: float
    returned: float
    satisfied: float
    order_adds: float
    order_chance: float


class Handling(NamedTuple):
    """What an answer brings: times in ms at the group's speed, and how it ended.

    ``consult_ms`` is how long the three consult, ``agent_consult_ms`` how long the agent stays for it.
    """

    talk_ms: int
    wrap_ms: int
    consult_ms: int
    agent_consult_ms: int
    transferred: bool
    hasty: bool
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
def nth(episode: int, attempt: int) -> int:
    """Return episode and attempt as one number, as events and places carry it."""
    return (episode << EPISODE_BITS) | attempt


@inlined
def episode_of(nth: int) -> int:
    """Return the episode of a number of :func:`nth`."""
    return nth >> EPISODE_BITS


@inlined
def attempt_of(nth: int) -> int:
    """Return the attempt of a number of :func:`nth`."""
    return nth & _EPISODE_MASK


@inlined
def task_id(contact: int, kind: int, episode: int) -> int:
    """Return the id of a task (§2)."""
    return (contact << 2 * EPISODE_BITS) | (kind << EPISODE_BITS) | episode


@inlined
def contact_of(task: int) -> int:
    """Return the contact of a task."""
    return task >> 2 * EPISODE_BITS


@inlined
def kind_of(task: int) -> int:
    """Return the kind of a task."""
    return (task >> EPISODE_BITS) & _EPISODE_MASK


@inlined
def episode_of_task(task: int) -> int:
    """Return the episode of a task."""
    return task & _EPISODE_MASK


@inlined
def task_key(contact_key: np.uint64, kind: int, episode: int) -> np.uint64:
    """Return the random key of a task (§2)."""
    return fold(fold(contact_key, TASKS), (kind << EPISODE_BITS) | episode)


@inlined
def is_contained(share: float, key: np.uint64, episode: int) -> bool:
    """Say whether the self-service step serves this episode (§6)."""
    return share > 0.0 and number_at(key, episode, 1, draws.CONTAINMENT) < share


@inlined
def patience_ms(centre: Centre, kind: int, key: np.uint64, episode: int, attempt: int) -> int:
    """Return how long this attempt will wait (§8)."""
    params, table = centre.dists.params, centre.dists.table
    row = PATIENCE * centre.priority.size + kind
    u = number_at(key, episode, 1 if centre.same_patience[kind] else attempt, draws.PATIENCE)
    patience = duration_ms(params, table, row, u)
    share = centre.bump_share[kind]
    at_ms = centre.bump_ms[kind]
    if share == 0.0 or patience < at_ms:
        return patience
    at_once = params[row, 3]
    w = ((u - at_once) / (1.0 - at_once) - share) / (1.0 - share)
    if w <= 0.0:
        return int(at_ms)
    return int(max(at_ms, duration_ms(params, table, row, at_once + (1.0 - at_once) * w)))


@inlined
def redial_ms(centre: Centre, kind: int, key: np.uint64, episode: int, attempt: int, now_ms: int, end_ms: int) -> int:
    """Return when the citizen calls again after a failed attempt, or ``LOST`` or ``OPEN`` (§10)."""
    chance = centre.redial[kind, attempt]
    if chance == 0.0 or number_at(key, episode, attempt, draws.REDIAL) >= chance:
        return LOST
    u = number_at(key, episode, attempt, draws.REDIAL_DELAY)
    row = REDIAL_DELAY * centre.priority.size + kind
    due = now_ms + duration_ms(centre.dists.params, centre.dists.table, row, u)
    return due if due < end_ms else OPEN


@inlined
def repeat_ms(
    centre: Centre, kind: int, key: np.uint64, episode: int, on_the_spot: bool, call_end_ms: int, end_ms: int
) -> int:
    """Return when the citizen comes again after an answered episode, or ``LOST`` (never) or ``OPEN`` (§11)."""
    chance = centre.repeat[kind, 0 if on_the_spot else 1]
    if chance == 0.0 or episode >= centre.max_episodes[kind] or number_at(key, episode, 1, draws.REPEAT) >= chance:
        return LOST
    u = number_at(key, episode, 1, draws.REPEAT_DELAY)
    delay = duration_ms(centre.dists.params, centre.dists.table, REPEAT_DELAY * centre.priority.size + kind, u)
    due = call_end_ms + max(1, (delay + DAY_MS // 2) // DAY_MS) * DAY_MS
    return due if due < end_ms else OPEN


@inlined
def at_speed(drawn_ms: int, permille: int) -> int:
    """Return a drawn duration at a group's speed (§9)."""
    if permille == 1000:  # the usual one, and a division is slow
        return drawn_ms
    return (drawn_ms * permille + 500) // 1000


@inlined
def drawn_handling(centre: Centre, key: np.uint64, kind: int, episode: int, attempt: int) -> HandlingDraws:
    """Return what is drawn for an answer to this attempt, whoever gives it (§9, §11)."""
    params, table = centre.dists.params, centre.dists.table
    drawn = attempt if centre.new_handling[kind] else 1
    types = centre.priority.size
    talk_u = number_at(key, episode, drawn, draws.TALK)
    wrap_u = number_at(key, episode, drawn, draws.WRAP)
    adds = order_adds(centre, key, kind, episode)
    return HandlingDraws(
        duration_ms(params, table, TALK * types + kind, talk_u),
        duration_ms(params, table, WRAP * types + kind, wrap_u),
        duration_ms(params, table, WRAP_WORK_ORDER * types + kind, wrap_u),
        number_at(key, episode, drawn, draws.RESOLUTION),
        number_at(key, episode, drawn, draws.RETURN),
        number_at(key, episode, drawn, draws.SATISFACTION),
        adds,
        satisfied_chance(centre.quality, kind, False, adds),
    )


@inlined
def handling(
    centre: Centre,
    brings: HandlingDraws,
    key: np.uint64,
    kind: int,
    episode: int,
    attempt: int,
    group: int,
    week: int,
    permille: int,
    wait_ms: int,
    waiting: int,
) -> Handling:
    """Return what it takes and brings if ``group`` answers (§9, §11, §18).

    ``permille`` is the group's speed in this ``week``, ``wait_ms`` how long the call has waited in the queue,
    ``waiting`` how many calls wait now, this one no longer.
    """
    quality = centre.quality
    drawn = attempt if centre.new_handling[kind] else 1
    share = centre.transfer[kind, 0]
    transferred = share > 0.0 and number_at(key, episode, drawn, draws.TRANSFER) < share
    consult_ms = 0
    spot = brings.resolution < centre.on_the_spot[kind, group, week]
    if transferred:
        u = number_at(key, episode, drawn, draws.CONSULT)
        row = CONSULT * centre.priority.size + kind
        consult_ms = duration_ms(centre.dists.params, centre.dists.table, row, u)
        spot = brings.resolution < centre.transfer[kind, 1]
    haste = (quality.haste_waiting > 0) & (waiting >= quality.haste_waiting)
    wrap_ms = at_speed(brings.wrap_ms if spot else brings.wrap_work_order_ms, permille)
    returns = quality.returned[kind, group, week]
    if haste:
        wrap_ms = at_speed(wrap_ms, quality.haste_permille)
        returns *= quality.haste_returns
    returned = (not spot) & (brings.returned < returns)
    wait_adds = waited_adds(quality, kind, wait_ms)
    chance = quality.satisfied[kind, 0] if spot else brings.order_chance
    if wait_adds != 0.0:
        chance = satisfied_chance(quality, kind, spot, wait_adds + (0.0 if spot else brings.order_adds))
    return Handling(
        at_speed(brings.talk_ms, permille),
        wrap_ms,
        consult_ms,
        min(consult_ms, centre.leaves_ms[kind]),
        transferred,
        haste,
        spot,
        returned,
        brings.satisfied < chance,
    )


@inlined
def waited_adds(quality: Quality, kind: int, wait_ms: int) -> float:
    """Return what a wait adds to the log-odds of satisfaction (§18)."""
    return float(quality.per_wait_minute[kind] * (wait_ms / MINUTE_MS))


@inlined
def order_adds(centre: Centre, key: np.uint64, kind: int, episode: int) -> float:
    """Return what the time of an episode's work order adds to the log-odds of satisfaction (§18)."""
    if centre.quality.per_order_day[kind] == 0.0:
        return 0.0
    row = ORDER_TIME * centre.priority.size + kind
    time_ms = duration_ms(centre.dists.params, centre.dists.table, row, order_uniform(key, episode))
    return timed_adds(centre.quality, kind, time_ms)


@inlined
def order_uniform(key: np.uint64, episode: int) -> float:
    """Return the uniform of the time of an episode's work order (§2)."""
    return uniform(fold(key, ORDER), episode)


@inlined
def timed_adds(quality: Quality, kind: int, time_ms: int) -> float:
    """Return what a work order's time adds to the log-odds of satisfaction (§18)."""
    return float(quality.per_order_day[kind] * (time_ms / DAY_MS))


@inlined
def satisfied_chance(quality: Quality, kind: int, on_the_spot: bool, adds: float) -> float:
    """Return the probability that an answered contact is satisfied, its log-odds being higher by ``adds`` (§18)."""
    how = 0 if on_the_spot else 1
    if adds == 0.0:
        return float(quality.satisfied[kind, how])
    x = quality.logits[kind, how] + adds
    return 1.0 / (1.0 + exp(-min(max(x, -MOST_LOGIT), MOST_LOGIT)))


@inlined
def due_ms(centre: Centre, run: Run, kind: int, released_ms: int) -> int:
    """Return when a task is due (§12)."""
    fixed = centre.tasks.due_ms[kind]
    if fixed >= 0:
        return int(released_ms + fixed)
    return int(run.due_by_day[(released_ms - run.start_ms) // DAY_MS, kind])


@inlined
def link_release_ms(centre: Centre, link: int, key: np.uint64, episode: int, event_ms: int) -> int:
    """Return when the task of a link is released after its event, or ``LOST`` if none comes (§12)."""
    tasks = centre.tasks
    kind = tasks.link_kind[link]
    chance = tasks.link_chance[link]
    own = task_key(key, kind, episode)
    if chance < 1.0 and uniform(own, draws.COMES) >= chance:
        return LOST
    delays = tasks.order.shape[0] + link
    return event_ms + duration_ms(tasks.dists.params, tasks.dists.table, delays, uniform(own, draws.RELEASE))


@inlined
def task_handling_ms(centre: Centre, kind: int, key: np.uint64, episode: int, permille: int) -> int:
    """Return how long a task takes (§12)."""
    u = uniform(task_key(key, kind, episode), draws.TASK_HANDLING)
    return at_speed(duration_ms(centre.tasks.dists.params, centre.tasks.dists.table, kind, u), permille)


@inlined
def written_ends(centre: Centre, kind: int, key: np.uint64) -> tuple[bool, bool]:
    """Say whether a written contact of a kind becomes a work order, and whether that returns (§12)."""
    order_share, return_share = centre.tasks.written[kind, 0], centre.tasks.written[kind, 1]
    work_order = number_at(key, 1, 1, draws.RESOLUTION) < order_share
    return work_order, work_order and number_at(key, 1, 1, draws.RETURN) < return_share


@inlined
def is_writer_satisfied(centre: Centre, kind: int, key: np.uint64) -> bool:
    """Say whether the citizen of a written contact of a kind is satisfied (§18)."""
    return bool(number_at(key, 1, 1, draws.SATISFACTION) < centre.tasks.written[kind, 2])


@inlined
def is_reached(centre: Centre, kind: int, key: np.uint64, episode: int) -> bool:
    """Say whether a task of this kind asks the citizen and reaches them (§12)."""
    reached = centre.tasks.reached[kind]
    return bool(reached >= 0.0 and uniform(task_key(key, kind, episode), draws.REACHED) < reached)


@inlined
def is_offered(callback: Callback, expected_ms: int, kind: int, key: np.uint64, episode: int, attempt: int) -> bool:
    """Say whether a callback is offered and accepted (§13)."""
    if expected_ms <= callback.over_ms or callback.accept[kind] == 0.0:
        return False
    return bool(number_at(key, episode, attempt, draws.CALLBACK) < callback.accept[kind])


@inlined
def expected_wait_ms(callback: Callback, kind: int, waiting: int, on_duty: int) -> int:
    """Return the expected wait when ``waiting`` calls stand before and ``on_duty`` agents are rostered (§13)."""
    return int((waiting + 1) * callback.job_ms[kind] // max(1, on_duty))


@inlined
def activated(activation: Activation, group: int, phase: int, since: int, row: int, holds: bool) -> tuple[int, int]:
    """Return a group's phase at the start of ``row``, and since when or until when (§14).

    ``since`` is the row in which the rest ends (``OFF``), the agents come (``CALLED``) or came (``ON``).
    """
    if phase == OFF and holds and row >= since:
        phase = CALLED
        since = row + activation.notice[group]
    if phase == CALLED:
        if row >= since:
            return ON, row
        return CALLED, since
    if phase == ON:
        been = row - since
        if been >= activation.maximum[group] or (been >= activation.minimum[group] and not holds):
            return OFF, row + activation.rest[group]
    return phase, since


@inlined
def week_of(time_ms: int) -> int:
    """Return the week whose agents are there: from the horizon's start; a warm-up has the first one's (§9)."""
    return max(0, time_ms) // WEEK_MS


@bare_kernel
def row_of_roster(row: int, rows: int) -> int:
    """Return the row whose roster holds in ``row``: after the window, the last day's again and again (§1)."""
    return row if row < rows else rows - SLOTS_PER_DAY + (row - rows) % SLOTS_PER_DAY
