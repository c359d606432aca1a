"""Centres and runs made by hand, for tests that go below the scenario file.

:func:`small_centre` fills a :class:`~sim.engine.given.Centre` from a few keywords, :func:`small_run` a
:class:`~sim.engine.given.Run` with given expected contacts, and :func:`planned_run` a run whose contacts
arrive at listed moments: arrivals come from keyed draws, so it looks for keys whose draws fall there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import count

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.demand import draws
from sim.engine import given, rules
from sim.engine.given import Activation, Callback, Centre, Quality, Run, Tasks
from sim.terms import DAY_MS, SLOT_MS, SLOTS_PER_DAY
from sim.uniforms import CONTACTS, COUNT, TASKS, name_word, stream_key, sub_key, uniform

Distribution = float | tuple[int, float, float, float] | tuple[int, float, float, float, NDArray[np.float64]] | None
"""Fixed seconds, a row of :class:`sim.demand.draws.Distributions` (family, a, b, share, any table), or never."""
Interval = tuple[float, float]
Need = tuple[tuple[int, ...], int, float, float]
"""Words folded after the contact's key, the number's index, and the interval it must lie in."""

FIRST_SLOT = 9132 * SLOTS_PER_DAY
"""2025-01-01 00:00, a day like another."""
ROUTINGS = {"preference": rules.PREFERENCE, "longest_idle": rules.LONGEST_IDLE, "random": rules.RANDOM}
EVENTS = {"on_the_spot": rules.ON_THE_SPOT, "work_order": rules.WORK_ORDER, "return": rules.RETURN}
TRIGGERS = {"offered": rules.OFFERED, "waiting": rules.WAITING, "longest_wait": rules.LONGEST_WAIT}
NO_LIMIT = 1 << 40


@dataclass(frozen=True)
class TaskKind:
    """A kind of work that can wait (§12); those with arrivals of their own come first."""

    handling_s: Distribution = 60.0
    groups: Sequence[int] = (0,)
    due_s: float | None = 86_400.0
    """From release; None where :func:`small_run` is given ``due_by_day``."""
    written: tuple[float, float, float] | None = None
    """A written contact's chance of a work order, of its return, and of satisfaction; None without arrivals."""
    reached: float = -1.0
    """The chance to reach the citizen who is asked; below 0 nobody is asked."""


@dataclass(frozen=True)
class Link:
    """An event (one of ``EVENTS``, or the number of a kind that is done) that brings a task of a kind (§12)."""

    event: str | int
    kind: int
    chance: float = 1.0
    delay_s: Distribution = 0.0
    sources: Sequence[int] | None = None
    """The types whose calls count, and after them the kinds whose written contacts do; all if None."""


@dataclass(frozen=True)
class Trigger:
    """What switches a group on (§14); times are in slots."""

    what: str
    over: int
    notice: int = 0
    minimum: int = 1
    maximum: int = NO_LIMIT
    rest: int = 0
    source: int = -1


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
    repeat: ArrayLike = 0.0,
    repeat_delay_days: Distribution | list[Distribution] = 1.0,
    max_episodes: ArrayLike = 10,
    transfer: ArrayLike = 0.0,
    transfer_on_the_spot: ArrayLike = 1.0,
    consult_s: Distribution | list[Distribution] = 0.0,
    leaves_s: float | None = None,
    bump: tuple[float, float] | None = None,
    returned: ArrayLike = 0.0,
    satisfied: ArrayLike = 1.0,
    per_wait_minute: ArrayLike = 0.0,
    per_order_day: ArrayLike = 0.0,
    order_days: Distribution | list[Distribution] = 0.0,
    haste: tuple[int, int, float] | None = None,
    tasks: Sequence[TaskKind] = (),
    links: Sequence[Link] = (),
    callback_over_s: float | None = None,
    callback_accept: ArrayLike = 1.0,
    callback_job_s: ArrayLike = 60.0,
    activation: Mapping[int, Trigger] | None = None,
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
    need, join_s
        One value, or an array (or something that broadcasts to) ``(types, groups)``.
    on_the_spot, returned
        Chances of an answer on the spot and of a work order's return, as ``need``, or ``(types, groups, weeks)``.
    talk_s, wrap_s, wrap_work_order_s, patience_s, redial_delay_s
        Fixed seconds, a packed row, or None for never; a list gives one a type.
    redial
        Probability after attempt 1, 2, …; 0 beyond. An ``(types, n)`` array gives one row a type.
    speed
        Permille, one value, one a group, or ``(groups, weeks)``.
    announcement_s, ring_s, contained, lines
        Of the centre as a whole; ``lines = 0`` is without limit.
    repeat, max_episodes
        Chance of a repeat, broadcast to ``(types, 2)``: on the spot and after a work order; and one value, or one a
        type.
    repeat_delay_days, order_days
        Fixed days, a packed row in seconds, or None for never; a list gives one a type.
    transfer, transfer_on_the_spot
        Chances, one value or one a type.
    consult_s, leaves_s
        How long three consult, as other durations; when the agent leaves, or None if the agent stays.
    bump
        Seconds after queueing starts, and the share that hangs up then.
    satisfied, per_wait_minute, per_order_day
        Chance of satisfaction, broadcast to ``(types, 2)``, and what is added to its logit.
    haste
        Calls waiting, permille of the wrap-up, factor of returns.
    tasks, links
        Kinds of work that can wait and what brings them.
    callback_over_s, callback_accept, callback_job_s
        Expected wait beyond which a callback is offered (None: never); chance of acceptance and mean job, one value or
        one a type.
    activation
        Triggers of groups that have one.
    """
    orders = [list(range(groups))] * types if order is None else [list(row) for row in order]
    priorities = _column(priority, types, np.int64)
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
    for block, unit_s in ((consult_s, 1.0), (repeat_delay_days, 86_400.0), (order_days, 86_400.0)):
        rows += [_row(one, unit_s) for one in (block if isinstance(block, list) else [block] * types)]
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
        on_the_spot=_by_week(on_the_spot, types, *speeds.shape),
        redial=redials,
        same_patience=_column(same_patience, types, np.bool_),
        new_handling=_column(new_handling, types, np.bool_),
        dists=draws.pack(rows),
        speed=np.ascontiguousarray(speeds),
        within_ms=np.array([8_000, 15_000, 20_000], np.int64),
        announcement_ms=int(announcement_s * 1000 + 0.5),
        ring_ms=int(ring_s * 1000 + 0.5),
        contained=contained,
        lines=lines,
        keeps_idle_times="longest_idle" in routings,
        repeat=_table(repeat, types, 2, np.float64),
        max_episodes=_column(max_episodes, types, np.int64),
        bump_ms=_column(0 if bump is None else round(bump[0] * 1000), types, np.int64),
        bump_share=_column(0.0 if bump is None else bump[1], types, np.float64),
        transfer=np.column_stack([_column(one, types, np.float64) for one in (transfer, transfer_on_the_spot)]),
        leaves_ms=_column(draws.NEVER_MS if leaves_s is None else round(leaves_s * 1000), types, np.int64),
        quality=_quality(types, *speeds.shape, returned, satisfied, per_wait_minute, per_order_day, haste),
        tasks=_tasks(types, groups, tasks, links),
        callback=Callback(
            over_ms=-1 if callback_over_s is None else round(callback_over_s * 1000),
            accept=_column(callback_accept, types, np.float64),
            job_ms=_column(np.asarray(callback_job_s) * 1000, types, np.int64),
            before=np.array(
                [
                    [bool(priorities[u] <= priorities[t] and set(orders[t]) & set(orders[u])) for u in range(types)]
                    for t in range(types)
                ]
            ),
        ),
        activation=_activation(groups, activation or {}),
    )


def _quality(
    types: int,
    groups: int,
    weeks: int,
    returned: ArrayLike,
    satisfied: ArrayLike,
    per_wait_minute: ArrayLike,
    per_order_day: ArrayLike,
    haste: tuple[int, int, float] | None,
) -> Quality:
    waiting, permille, returns = haste or (0, 1000, 1.0)
    return Quality(
        returned=_by_week(returned, types, groups, weeks),
        **given.satisfaction(_table(satisfied, types, 2, np.float64)),
        per_wait_minute=_column(per_wait_minute, types, np.float64),
        per_order_day=_column(per_order_day, types, np.float64),
        haste_waiting=waiting,
        haste_permille=permille,
        haste_returns=returns,
    )


def _tasks(types: int, groups: int, kinds: Sequence[TaskKind], links: Sequence[Link]) -> Tasks:
    order = np.full((len(kinds), groups), -1, np.int64)
    served = np.full((groups, len(kinds)), -1, np.int64)
    for k, kind in enumerate(kinds):
        order[k, : len(kind.groups)] = kind.groups
    for g in range(groups):
        own = [k for k, kind in enumerate(kinds) if g in kind.groups]
        served[g, : len(own)] = own
    n_written = sum(kind.written is not None for kind in kinds)
    assert all(kind.written is not None for kind in kinds[:n_written])
    return Tasks(
        n_written=n_written,
        order=order,
        served=served,
        due_ms=np.array([-1 if kind.due_s is None else round(kind.due_s * 1000) for kind in kinds], np.int64),
        written=np.array([kind.written or (0.0, 0.0, 0.0) for kind in kinds], np.float64).reshape(-1, 3),
        reached=np.array([kind.reached for kind in kinds], np.float64),
        link_event=np.array(
            [EVENTS[one.event] if isinstance(one.event, str) else rules.TASK_DONE + one.event for one in links],
            np.int64,
        ),
        link_kind=np.array([one.kind for one in links], np.int64),
        link_chance=np.array([one.chance for one in links], np.float64),
        link_sources=np.array(
            [[one.sources is None or t in one.sources for t in range(types + n_written)] for one in links], np.bool_
        ).reshape(-1, types + n_written),
        dists=draws.pack([*(_row(kind.handling_s) for kind in kinds), *(_row(one.delay_s) for one in links)]),
    )


def _activation(groups: int, triggers: Mapping[int, Trigger]) -> Activation:
    usual = given.switched_off(1, groups, 1)["activation"]
    table = {name: column.copy() for name, column in usual._asdict().items()}
    for g, one in triggers.items():
        table["trigger"][g] = TRIGGERS[one.what]
        for name in ("over", "notice", "minimum", "maximum", "rest", "source"):
            table[name][g] = getattr(one, name)
    return Activation(**table)


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
    task_open: ArrayLike = True,
    task_reserve: ArrayLike = 0,
    due_by_day: ArrayLike = 0,
) -> Run:
    """Return a run of ``days`` days (any warm-up included) that begins at ``start_ms``.

    Parameters
    ----------
    centre
        The centre the run is for.
    means, slopes
        Expected contacts and half-slopes, broadcast to ``(96 × days, types and kinds of written contact)``.
    roster
        Agents on duty, broadcast to ``(96 × days, groups)``.
    days, warm_rows, start_ms, seed, grain_ms
        As in :class:`~sim.engine.given.Run`.
    task_open, task_reserve, due_by_day
        Broadcast to ``(96 × days, kinds)``, ``(96 × days, groups)`` and ``(days, kinds)``.
    """
    groups, kinds = centre.tasks.served.shape
    types = centre.order.shape[0] + centre.tasks.n_written
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
        task_open=_table(task_open, rows, kinds, np.bool_),
        task_reserve=_table(task_reserve, rows, groups, np.int64),
        due_by_day=_table(due_by_day, days, kinds, np.int64),
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
    wanted_tasks: Mapping[tuple[int, int, int, int, int], Interval] | None = None,
    task_open: ArrayLike = True,
    task_reserve: ArrayLike = 0,
    due_by_day: ArrayLike = 0,
) -> Run:
    """Return a run in which exactly the listed contacts arrive, each at its listed ms.

    Parameters
    ----------
    centre, roster, days, warm_rows, start_ms, task_open, task_reserve, due_by_day
        As for :func:`small_run`.
    arrivals
        For each type the ms of its first attempts, multiples of ``grain_ms``; kinds of written contact follow the
        types of calls. Within a slot the contacts are numbered in the order of the list, whatever their times. Four a
        type are found quickly with the usual grain.
    grain_ms
        A divisor of the slot.
    wanted
        Other uniforms of these contacts: (type, place in its list, attempt, purpose) → an open interval. Attempt
        ``64 + n`` is attempt ``n`` of the second episode.
    wanted_tasks
        Uniforms of their tasks: (type, place in its list, kind, episode, purpose) → an open interval.
    """
    run = small_run(
        centre,
        means=0.0,
        roster=roster,
        days=days,
        warm_rows=warm_rows,
        start_ms=start_ms,
        grain_ms=grain_ms,
        task_open=task_open,
        task_reserve=task_reserve,
        due_by_day=due_by_day,
    )
    for t, times in arrivals.items():
        contacts = []
        for i, ms in enumerate(times):
            row, place = divmod(ms - start_ms, SLOT_MS)
            assert place % grain_ms == 0
            number = sum((earlier - start_ms) // SLOT_MS == row for earlier in times[:i])
            needs: list[Need] = [((), draws.ARRIVAL, place / SLOT_MS, (place + grain_ms) / SLOT_MS)]
            for (k, j, n, p), interval in (wanted or {}).items():
                if (k, j) == (t, i):
                    needs.append(((), (n - 1) * 16 + p, *interval))
            for (k, j, kind, episode, p), interval in (wanted_tasks or {}).items():
                if (k, j) == (t, i):
                    needs.append(((TASKS, kind * 64 + episode), p, *interval))
            contacts.append((run.first_slot + row, number, tuple(needs)))
            run.means[row, t] = _mean_for(number + 1, uniform(np.uint64(run.count_keys[t]), run.first_slot + row))
        run.contact_keys[t] = _first_key(1 + t, tuple(contacts))
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


@cache
def _first_key(first: int, contacts: tuple[tuple[int, int, tuple[Need, ...]], ...]) -> np.uint64:
    """Return the first key from ``first`` on that suits; kept, since each reading of the rules plays the same run."""
    return next(key for key in map(np.uint64, count(first)) if _suits(key, contacts))


def _suits(type_key: np.uint64, contacts: tuple[tuple[int, int, tuple[Need, ...]], ...]) -> bool:
    for slot, number, needs in contacts:
        key = sub_key(type_key, slot, number)
        if not all(low < uniform(sub_key(key, *words), index) < high for words, index, low, high in needs):
            return False
    return True


def _mean_for(contacts: int, u: float) -> float:
    """Return a mean whose Poisson count at the uniform ``u`` is ``contacts``."""
    low, high = 0.0, 1e4
    while (n := draws.poisson_quantile((low + high) / 2, u)) != contacts:
        low, high = (low, (low + high) / 2) if n > contacts else ((low + high) / 2, high)
    return (low + high) / 2


def _row(one: Distribution, unit_s: float = 1.0) -> tuple[int, float, float, float, NDArray[np.float64] | None]:
    if one is None:
        return (draws.NEVER, 0.0, 0.0, 0.0, None)
    if isinstance(one, tuple):
        return one if len(one) == 5 else (*one, None)
    return (draws.FIXED, one * unit_s, 0.0, 0.0, None)


def _table(value: ArrayLike, rows: int, columns: int, dtype: type) -> NDArray:  # type: ignore[type-arg]
    return np.broadcast_to(np.asarray(value), (rows, columns)).astype(dtype, order="C")


def _by_week(value: ArrayLike, types: int, groups: int, weeks: int) -> NDArray[np.float64]:
    chances = np.asarray(value, np.float64)
    if chances.ndim < 3:
        chances = np.broadcast_to(chances, (types, groups))[..., None]
    return np.broadcast_to(chances, (types, groups, weeks)).copy()


def _column(value: ArrayLike, rows: int, dtype: type) -> NDArray:  # type: ignore[type-arg]
    return np.broadcast_to(np.asarray(value), (rows,)).astype(dtype)
