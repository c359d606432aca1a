"""How many tasks a planner expects each day, and the agents that do them in their open hours (§12, §19).

Every call is taken to be answered, at once, and every task to be done on the day on which it is released.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.calendar import day_kinds, shape_kind
from sim.scenario import Scenario
from sim.scenario.contact_types import ContactType
from sim.scenario.groups import WorkloadRule
from sim.scenario.outcomes import on_the_spot
from sim.scenario.spread import at_shares
from sim.scenario.tasks import TaskKind
from sim.terms import SLOTS_PER_DAY, SLOTS_PER_HOUR
from sim.workforce.handling import first_choice, returned
from sim.workforce.slots import Slots

Floats = NDArray[np.float64]

_SHARES = tuple((n + 0.5) / 400 for n in range(400))
_HOURS_PER_DAY = 24.0
_SECONDS_PER_HOUR = 3_600.0
_ROUNDING = 1e-9


def with_repeats(scenario: Scenario, rates: Floats) -> Floats:
    """Return the calls a planner expects once those are counted who come again after an answer (§11).

    Parameters
    ----------
    scenario
        The scenario.
    rates
        Expected first attempts a slot of whole days; columns after the types' are left as they are.

    Returns
    -------
    numpy.ndarray
        First attempts and repeats, in the shape of ``rates``. Repeats come at the time of day of the first call, whole
        days later; those after the last day are left out, and so are those of days before the first.
    """
    calls = rates.copy()
    for column, kind in enumerate(scenario.types.values()):
        ratio = _repeat_ratio(scenario, kind) * (1.0 - scenario.greeting.contained_share)
        if ratio == 0.0:
            continue
        offsets = _repeat_offsets(kind.resolution.repeat_delay_days)
        episode = rates[:, column].reshape(-1, SLOTS_PER_DAY)
        for _ in range(1, kind.resolution.max_episodes):
            episode = ratio * _delayed(episode, offsets)
            if not episode.any():
                break
            calls[:, column] += episode.ravel()
    return calls


def _repeat_ratio(scenario: Scenario, kind: ContactType) -> float:
    """Return how many repeats an answer of a type brings on average."""
    spot = sum(first_choice(kind, name) * on_the_spot(scenario, kind, name) for name in kind.groups)
    after_spot, after_order = (kind.resolution.repeat_share(on_the_spot=answered) for answered in (True, False))
    return spot * after_spot + (1.0 - spot) * after_order


def expected_outcomes(scenario: Scenario, rates: Floats) -> dict[str, dict[str, Floats]]:
    """Return what the contacts of each type and written kind become: ``on_the_spot``, ``work_order``, ``return``.

    Parameters
    ----------
    scenario, rates
        As in :func:`expected_tasks`.

    Returns
    -------
    dict
        By source and event, expected numbers by day, shape ``(days,)``. ``return`` is a part of ``work_order``; the
        other two sum to the answered calls, those of repeats included, and to the written contacts.
    """
    calls = with_repeats(scenario, rates).reshape(-1, SLOTS_PER_DAY, rates.shape[1]).sum(axis=1)
    answered = 1.0 - scenario.greeting.contained_share
    columns = iter(calls.T)
    return {
        **{name: _call_outcomes(scenario, kind, answered * next(columns)) for name, kind in scenario.types.items()},
        **{name: _written_outcomes(kind, next(columns)) for name, kind in scenario.written.items()},
    }


def expected_tasks(scenario: Scenario, rates: Floats) -> Floats:
    """Return the tasks released each day.

    Parameters
    ----------
    scenario
        The scenario.
    rates
        Expected first attempts and written contacts a slot of whole days, shape
        ``(rows, types + kinds with arrivals of their own)``.

    Returns
    -------
    numpy.ndarray
        Shape ``(days, kinds)``, the kinds in the order of :attr:`~sim.scenario.scenario.Scenario.kinds`. Repeats are
        counted, with the tasks they bring; what would be released after the last day is not. An event is taken to fall
        anywhere in its day, so that a delay of an hour moves 1/24 of the tasks to the next.
    """
    return tasks_after(scenario, expected_outcomes(scenario, rates))


def tasks_after(scenario: Scenario, outcomes: dict[str, dict[str, Floats]]) -> Floats:
    """Return the tasks released each day, as :func:`expected_tasks`, after what contacts become."""
    days = len(next(iter(outcomes.values()))["work_order"])
    own = {name: outcomes[name]["on_the_spot"] + outcomes[name]["work_order"] for name in scenario.written}
    found: dict[str, Floats] = {}

    def released(name: str) -> Floats:
        if name not in found:
            tasks = own.get(name, np.zeros(days))
            for link in scenario.tasks[name].after:
                if link.parent is not None:
                    events = released(link.parent)
                else:
                    sources = link.types or (*scenario.types, *scenario.written)
                    events = sum((outcomes[of][event] for of in sources for event in link.events), np.zeros(days))
                tasks = tasks + link.probability * _delayed(events, _day_offsets(link.delay_h))
            found[name] = tasks
        return found[name]

    return np.column_stack([released(name) for name in scenario.kinds]) if scenario.tasks else np.zeros((days, 0))


def _call_outcomes(scenario: Scenario, kind: ContactType, answered: Floats) -> dict[str, Floats]:
    """Return what the answered calls of a type become."""
    shares = {name: first_choice(kind, name) for name in kind.groups}
    spot = sum(share * on_the_spot(scenario, kind, name) for name, share in shares.items())
    returns = sum(
        share * (1.0 - on_the_spot(scenario, kind, name)) * returned(scenario, kind, scenario.groups[name].novice_share)
        for name, share in shares.items()
    )
    return {"on_the_spot": spot * answered, "work_order": (1.0 - spot) * answered, "return": returns * answered}


def _written_outcomes(kind: TaskKind, contacts: Floats) -> dict[str, Floats]:
    orders = kind.work_order_share * contacts
    return {"on_the_spot": contacts - orders, "work_order": orders, "return": kind.responsible_return * orders}


def _day_offsets(delay_h: float | tuple[float, ...]) -> Floats:
    """Return how likely it is that a task is released 0, 1, 2, … days after the day of its event."""
    days = np.array(at_shares(delay_h, _SHARES)) / _HOURS_PER_DAY
    whole = np.floor(days).astype(np.int64)
    beyond = days - whole
    offsets = np.zeros(int(whole.max()) + 2)
    np.add.at(offsets, whole, (1.0 - beyond) / days.size)
    np.add.at(offsets, whole + 1, beyond / days.size)
    return offsets


def _repeat_offsets(delay_days: float | tuple[float, ...]) -> Floats:
    """Return how likely it is that a citizen comes again 0, 1, 2, … days later (§11)."""
    whole = np.maximum(1, np.floor(np.array(at_shares(delay_days, _SHARES)) + 0.5).astype(np.int64))
    return np.bincount(whole) / whole.size


def _delayed(by_day: Floats, offsets: Floats) -> Floats:
    """Return what happens each day if each day's numbers are spread over the days from it on."""
    later = np.zeros_like(by_day)
    for days, share in enumerate(offsets[: len(by_day)]):
        if share > 0.0:
            later[days:] += share * by_day[: len(by_day) - days]
    return later


def open_slots(scenario: Scenario, window: Slots) -> NDArray[np.bool_]:
    """Return in which slots each kind of task may be started, shape ``(days, 96, kinds)``."""
    days = window.days(scenario)
    workday = np.array(
        [shape_kind(kind) == "workday" for kind in day_kinds(days[0], days[-1], scenario.calendar)], np.bool_
    )
    is_open = np.zeros((len(days), SLOTS_PER_DAY, len(scenario.kinds)), np.bool_)
    for k, kind in enumerate(scenario.kinds.values()):
        hours = slice(kind.hours.from_h * SLOTS_PER_HOUR, kind.hours.to_h * SLOTS_PER_HOUR)
        is_open[:, hours, k] = (workday if kind.days == "workday" else np.ones_like(workday))[:, None]
    return is_open


def agents_for_work(
    scenario: Scenario, window: Slots, group: str, rule: WorkloadRule, speed: Floats, tasks: Floats
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return the agents that do a group's work in its open slots, before absence, and which slots these are.

    Parameters
    ----------
    scenario
        The scenario.
    window
        Its slots.
    group
        The group: it counts the work of the kinds it is the first to do.
    rule
        Its rule.
    speed
        Factor on its handling times by day, shape ``(days,)``.
    tasks
        From :func:`expected_tasks`.

    Returns
    -------
    tuple
        Both of shape ``(days * 96,)``. What is released on a day on which its kind is closed is done on the next open
        day. A day's hours are spread over the slots in which any of the kinds is open.
    """
    is_open = open_slots(scenario, window)
    hours = np.zeros(len(tasks))
    any_open = np.zeros(is_open.shape[:2], np.bool_)
    for k, kind in enumerate(scenario.kinds.values()):
        if kind.groups[0] != group:
            continue
        done = _on_open_days(tasks[:, k], is_open[:, kind.hours.from_h * SLOTS_PER_HOUR, k])
        hours += done * kind.handling.mean_s / _SECONDS_PER_HOUR
        any_open |= is_open[:, :, k]
    open_h = any_open.sum(axis=1) / SLOTS_PER_HOUR
    needed = np.ceil(hours * speed / (np.maximum(open_h, 1.0 / SLOTS_PER_HOUR) * rule.utilisation) - _ROUNDING)
    return np.where(any_open, needed[:, None], 0.0).astype(np.int64).ravel(), any_open.ravel()


def _on_open_days(tasks: Floats, is_open: NDArray[np.bool_]) -> Floats:
    """Return the tasks of each day, those of closed days moved to the next open one (the last days' are left over)."""
    moved = np.zeros_like(tasks)
    waiting = 0.0
    for day, released in enumerate(tasks):
        waiting += released
        if is_open[day]:
            moved[day], waiting = waiting, 0.0
    return moved
