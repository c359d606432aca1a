"""Work that can wait, as the engines read it (§12)."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.calendar import day_kinds, shape_kind
from sim.demand import draws
from sim.demand.window import Window
from sim.engine import rules
from sim.engine.given import Tasks
from sim.engine.laws import law_row, spread_row
from sim.scenario import Scenario
from sim.terms import DAY_MS, HOUR_MS, SECOND_MS, SLOTS_PER_DAY
from sim.workforce.workload import open_slots

_EVENTS = {"on_the_spot": rules.ON_THE_SPOT, "work_order": rules.WORK_ORDER, "return": rules.RETURN}
_HOUR_S = HOUR_MS / SECOND_MS


def tasks_of(scenario: Scenario) -> Tasks:
    """Return the kinds of task and their links."""
    kinds = list(scenario.kinds.values())
    place_of_kind = {name: index for index, name in enumerate(scenario.kinds)}
    place_of_group = {name: index for index, name in enumerate(scenario.groups)}
    K, G = len(kinds), len(scenario.groups)
    order = np.full((K, G), -1, np.int64)
    for k, kind in enumerate(kinds):
        order[k, : len(kind.groups)] = [place_of_group[name] for name in kind.groups]
    served = np.full((G, K), -1, np.int64)
    for g in range(G):
        own = [k for k in range(K) if g in order[k]]
        served[g, : len(own)] = own
    links = [
        (rules.TASK_DONE + place_of_kind[link.parent] if link.parent else _EVENTS[event], k, link)
        for k, kind in enumerate(kinds)
        for link in kind.after
        for event in link.events
    ]
    sources = [*scenario.types, *scenario.written]
    counts = [[link.types is None or name in link.types for name in sources] for _, _, link in links]
    rows = [law_row(kind.handling) for kind in kinds] + [spread_row(link.delay_h, _HOUR_S) for _, _, link in links]
    return Tasks(
        n_written=len(scenario.written),
        order=order,
        served=served,
        due_ms=np.array([-1 if k.due.hours is None else round(k.due.hours * HOUR_MS) for k in kinds], np.int64),
        written=np.array([(k.work_order_share, k.responsible_return, k.satisfied) for k in kinds]).reshape(K, 3),
        reached=np.array([-1.0 if kind.asks is None else kind.asks.reached for kind in kinds]),
        link_event=np.array([event for event, _, _ in links], np.int64),
        link_kind=np.array([kind for _, kind, _ in links], np.int64),
        link_chance=np.array([link.probability for _, _, link in links]),
        link_sources=np.array(counts, np.bool_).reshape(len(links), len(sources)),
        dists=draws.pack(rows),
    )


def task_days(scenario: Scenario, window: Window) -> dict[str, Any]:
    """Return the fields of a :class:`~sim.engine.given.Run` about tasks: when they may be started, and are due."""
    days = window.days(scenario)
    place = window.slots_into_days()
    shapes = [shape_kind(kind) for kind in day_kinds(days[0], days[-1], scenario.calendar)]
    kinds = list(scenario.kinds.values())
    is_open = open_slots(scenario, window).reshape(len(days) * SLOTS_PER_DAY, len(kinds))[place]
    kept = [
        np.concatenate([group.task_reserve_slots(shape) for shape in shapes])[place]
        for group in scenario.groups.values()
    ]
    due = np.full((len(days), len(kinds)), -1, np.int64)
    for k, kind in enumerate(kinds):
        if kind.due.working_days is not None:
            due[:, k] = _due_by_day(scenario, days, kind.due.working_days)
    return {"task_open": is_open, "task_reserve": np.column_stack(kept).astype(np.int64), "due_by_day": due}


def _due_by_day(scenario: Scenario, days: list[dt.date], n: int) -> NDArray[np.int64]:
    """Return the end of the ``n``-th working day after each day, in ms from the horizon's first midnight."""
    later = n
    while True:
        # As many days beyond the last one as it takes.
        last = days[-1] + dt.timedelta(days=later)
        working = np.array([shape_kind(kind) == "workday" for kind in day_kinds(days[0], last, scenario.calendar)])
        so_far = np.cumsum(working)
        if so_far[-1] >= so_far[len(days) - 1] + n:
            break
        later += 7 + n
    wanted = so_far[: len(days)] + n
    into_horizon = (days[0] - scenario.horizon.start).days
    return (np.searchsorted(so_far, wanted) + 1 + into_horizon) * DAY_MS
