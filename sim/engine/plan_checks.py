"""What only the plan shows to be wrong: rosters made by rule leave nobody beyond a reserve (§7, §12)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from sim.engine.inputs import Plan
from sim.scenario.faults import Path, Wrong, format_path, listed
from sim.terms import SLOTS_PER_HOUR


def plan_faults(plan: Plan) -> list[Wrong]:
    """Return what is wrong with a plan of the whole horizon: reserves nobody is beyond, tasks nobody starts.

    A task reserve that is too high in some hours only is no fault: it may be meant (:func:`kept_back_h`).
    """
    there, beyond = _seated(plan), _beyond_reserve(plan)
    reserves = list(_reserves(plan, there, beyond))
    told = {wrong.path[1] for wrong in reserves}
    return [*_call_reserves(plan, there), *reserves, *_never_started(plan, there, beyond, told)]


def _call_reserves(plan: Plan, there: NDArray[np.int64]) -> Iterator[Wrong]:
    """Yield reserves that keep a group from all calls of a type."""
    told: set[Path] = set()
    for t, (of, kind) in enumerate(plan.scenario.types.items()):
        for column, name in enumerate(plan.scenario.groups):
            most, needed = there[:, column].max(initial=0), plan.centre.need[t, column]
            path: Path = ("types", of, "reserve", name) if name in kind.reserve else ("groups", name, "reserve")
            if name in kind.groups and 0 < most < needed and path not in told:
                told.add(path)
                yield Wrong(
                    path,
                    f"at most the agents on duty at some time; the plan of {name} has at most {most:,}, so it would "
                    f"take no call of {of}",
                    f"lower {format_path(path)} to {most:,} or less, put more agents on duty, or leave {name} out of "
                    "the type's groups",
                    with_=(("groups", name, "on_duty"),),
                )


def _reserves(plan: Plan, there: NDArray[np.int64], beyond: NDArray[np.bool_]) -> Iterator[Wrong]:
    """Yield reserves that keep a group from all its work that can wait."""
    for column, name in enumerate(plan.scenario.groups):
        is_open = _open_to(plan, name)
        most = there[is_open, column].max(initial=0)
        if most > 0 and not beyond[is_open, column].any():
            yield Wrong(
                ("groups", name, "task_reserve"),
                f"less than the agents on duty at some time when one of the tasks of {name} is open; the plan has "
                f"at most {most:,} then, so it would start none",
                f"lower task_reserve below {most:,}, put more agents on duty, or leave {name} out of the tasks' groups",
                with_=(("groups", name, "on_duty"),),
            )


def _never_started(
    plan: Plan, there: NDArray[np.int64], beyond: NDArray[np.bool_], told: set[str | int]
) -> Iterator[Wrong]:
    """Yield kinds of task that no group of theirs may ever start, though some are on duty at some time."""
    names = list(plan.scenario.groups)
    for k, (name, kind) in enumerate(plan.scenario.kinds.items()):
        columns = [names.index(group) for group in kind.groups]
        startable = beyond[plan.task_days["task_open"][:, k]][:, columns].any()
        if told.isdisjoint(kind.groups) and there[:, columns].any() and not startable:
            yield Wrong(
                ("tasks", name, "groups"),
                f"a group with more agents on duty than its task_reserve while the task is open "
                f"({kind.hours.from_h}:00 to {kind.hours.to_h}:00{', workdays' if kind.days == 'workday' else ''}); "
                "in the plan there is none",
                f"change hours or days, put agents of {listed(kind.groups)} on duty then, or name another group",
                with_=tuple(("groups", group, "on_duty") for group in kind.groups),
            )


def kept_back_h(plan: Plan) -> dict[str, tuple[float, float]]:
    """Return of each group whose reserve at times keeps all its agents: in how many hours, and of how many.

    Counted are the hours in which it has agents and one of its tasks is open.
    """
    there, beyond = _seated(plan), _beyond_reserve(plan)
    found = {}
    for column, name in enumerate(plan.scenario.groups):
        working = _open_to(plan, name) & (there[:, column] > 0)
        kept = working & ~beyond[:, column]
        if kept.any():
            found[name] = (float(kept.sum() / SLOTS_PER_HOUR), float(working.sum() / SLOTS_PER_HOUR))
    return found


def _open_to(plan: Plan, group: str) -> NDArray[np.bool_]:
    """Return in which rows a task that a group does may be started."""
    own = [group in kind.groups for kind in plan.scenario.kinds.values()]
    is_open: NDArray[np.bool_] = plan.task_days["task_open"][:, own].any(axis=1)
    return is_open


def _beyond_reserve(plan: Plan) -> NDArray[np.bool_]:
    """Return where a group, were all idle, would start a task, shape ``(rows, groups)``."""
    beyond: NDArray[np.bool_] = _seated(plan) > plan.task_days["task_reserve"]
    return beyond


def _seated(plan: Plan) -> NDArray[np.int64]:
    """Return the most agents of each group that can be there: as planned, and no more than its site has seats.

    A group called in from another has no more than that has (§14).
    """
    scenario, names = plan.scenario, list(plan.scenario.groups)
    most = plan.rostered.copy()
    for column, group in enumerate(scenario.groups.values()):
        if group.site is not None:
            most[:, column] = np.minimum(most[:, column], scenario.sites[group.site].seats)
        if group.lender is not None:
            most[:, column] = np.minimum(most[:, column], plan.rostered[:, names.index(group.lender)])
    return most
