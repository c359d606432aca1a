"""What must hold of work that can wait, and of repeats: it can be done, and does not explode (§11, §12)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from functools import cache

from sim.calendar import SHAPE_KINDS, ShapeKind
from sim.scenario.contact_types import ContactType
from sim.scenario.faults import Wrong, listed, nearest
from sim.scenario.groups import Group, OnDutyRule, Roster, WorkloadRule
from sim.scenario.moments import days, shapes
from sim.scenario.naming import mend, names
from sim.scenario.outcomes import on_the_spot, worst_loss
from sim.scenario.scenario import Scenario
from sim.scenario.tasks import EVENTS, TASK_EVENT, TaskKind
from sim.terms import SLOTS_PER_DAY, SLOTS_PER_HOUR

_SECONDS_PER_HOUR = 3_600.0
_ROUNDING = 1e-9
_MOST_ATTEMPTS = 100.0
"""Attempts that one contact may bring on average, at worst."""
_WRITTEN_ONLY = ("work_order_share", "responsible_return", "satisfied", "counts_as_accepted")


def task(scenario: Scenario, name: str, kind: TaskKind) -> Iterator[Wrong]:
    """Yield what is wrong with one kind of task."""
    path = ("tasks", name)
    if name in scenario.types:
        yield Wrong(path, "a name that no type has", f"rename one of [types.{name}] and [tasks.{name}]")
    given = [key for key in ("annual_contacts", "per_hour") if getattr(kind, key) is not None]
    given += ["after"] if kind.after else []
    if len(given) != 1:
        remedy = (
            f"keep one of {listed(given)}" if given else 'add annual_contacts, or after = [{ event = "work_order" }]'
        )
        yield Wrong(path, "exactly one of annual_contacts, per_hour and after", remedy)
    elif kind.after:
        for key in _WRITTEN_ONLY:
            if getattr(kind, key) != TaskKind.model_fields[key].default:
                yield Wrong(
                    (*path, key), "left out where after is given: it is a written contact's", f"leave {key} out"
                )
    if kind.shape is not None:
        if kind.annual_contacts is None:
            yield Wrong((*path, "shape"), "a shape together with annual_contacts", "leave it out")
        elif not any(any(kind.shape.slots(of)) for of in shapes(scenario)):
            yield Wrong((*path, "shape"), "relative numbers, not all zero", "give at least one number above 0")
    yield from names((*path, "groups"), kind.groups, scenario.groups, "group")
    speeds = [speed for group in kind.groups if group in scenario.groups for speed in scenario.groups[group].speeds]
    handling_h = kind.handling.mean_s * min(speeds, default=1.0) / _SECONDS_PER_HOUR
    if kind.due.hours is not None and kind.due.hours < handling_h:
        yield Wrong(
            (*path, "due", "hours"),
            f"at least the mean handling time at its quickest group's speed, {handling_h:.4g} h; due are "
            f"{kind.due.hours:g} h",
            "raise due.hours, or shorten handling",
            with_=((*path, "handling"),),
        )


def links(scenario: Scenario, name: str, kind: TaskKind) -> Iterator[Wrong]:
    """Yield what is wrong with what brings a kind of task."""
    for place, link in enumerate(kind.after):
        path = ("tasks", name, "after", place)
        known = [*EVENTS, *(f"{TASK_EVENT}{other}" for other in scenario.tasks if other != name)]
        if link.event not in known:
            near = nearest(link.event, known)
            yield Wrong(
                (*path, "event"),
                f"one of {listed(known)}",
                f"write {near} instead of {link.event}"
                if near
                else mend(link.parent, scenario.tasks, "task")
                if link.parent and link.parent != name
                else "write one of these",
            )
        if link.types is not None and link.parent is not None:
            yield Wrong(
                (*path, "types"),
                "types only with on_the_spot, work_order, answer or return: what a contact ends with",
                "leave types out here, and give them where the other task comes from",
            )
        else:
            sources = [*scenario.types, *scenario.written]
            yield from names((*path, "types"), link.types or (), sources, "type or kind of written contact")


def startable(scenario: Scenario, name: str, kind: TaskKind) -> Iterator[Wrong]:
    """Yield a kind of task that is never open, or that no group may ever start."""
    path = ("tasks", name)
    open_on = {of for of in shapes(scenario) if kind.days == "all" or of == "workday"}
    if not open_on:
        yield Wrong(
            (*path, "days"),
            "days on which it may be started, in the horizon; there is no workday",
            'write days = "all"',
        )
        return
    known = [group for group in kind.groups if group in scenario.groups]
    if not known or any(_reserve_of_all(scenario, scenario.groups[group]) for group in known):
        return
    hours = range(kind.hours.from_h * SLOTS_PER_HOUR, kind.hours.to_h * SLOTS_PER_HOUR)
    for group in (scenario.groups[group] for group in known):
        for of in open_on:
            kept = group.task_reserve_slots(of)
            if any(agents > kept[slot] for slot, agents in enumerate(on_duty(scenario, group, of)) if slot in hours):
                return
    yield Wrong(
        (*path, "groups"),
        f"a group with more agents on duty than its task_reserve while the task is open "
        f"({kind.hours.from_h}:00 to {kind.hours.to_h}:00{', workdays' if kind.days == 'workday' else ''})",
        f"change hours or days, put agents of {listed(known)} on duty then, or name another group",
        with_=tuple(("groups", group, "on_duty") for group in known),
    )


def reserve(scenario: Scenario, name: str, group: Group) -> Iterator[Wrong]:
    """Yield a reserve that keeps a group from all work that can wait."""
    if any(name in kind.groups for kind in scenario.tasks.values()) and _reserve_of_all(scenario, group):
        most = max(max(on_duty(scenario, group, of)) for of in SHAPE_KINDS)
        yield Wrong(
            ("groups", name, "task_reserve"),
            f"less than the agents on duty at some time; at most {most:,.0f} are",
            "lower task_reserve, or put more agents on duty",
            with_=(("groups", name, "on_duty"),),
        )


def _reserve_of_all(scenario: Scenario, group: Group) -> bool:
    """Return whether a group that is on duty at some time never has an agent beyond its task reserve."""
    some = False
    for of in SHAPE_KINDS:
        agents, kept = on_duty(scenario, group, of), group.task_reserve_slots(of)
        some |= any(agents)
        if any(one > other for one, other in zip(agents, kept, strict=True)):
            return False
    return some


def on_duty(scenario: Scenario, group: Group, of: ShapeKind) -> tuple[float, ...]:
    """Return the most agents of a group there may be, by slot; a rule's are known to its maximum and its seats only."""
    rule = group.on_duty
    if isinstance(rule, (OnDutyRule, WorkloadRule)):
        site = scenario.sites.get(group.site or "")
        limits = [limit for limit in (rule.maximum, site.seats if site else None) if limit is not None]
        return (min(limits, default=float("inf")),) * SLOTS_PER_DAY
    if isinstance(rule, Roster):
        own = [rule.slots(day) for day, kind in days(scenario) if kind == of]
        return tuple(map(max, zip(*own, strict=True))) if own else (0,) * SLOTS_PER_DAY
    return rule.slots(of)


def workload(scenario: Scenario, name: str, group: Group) -> Iterator[Wrong]:
    """Yield a rule for work of which there is none."""
    if isinstance(group.on_duty, WorkloadRule) and all(kind.groups[0] != name for kind in scenario.tasks.values()):
        yield Wrong(
            ("groups", name, "on_duty", "rule"),
            "workload for a group that a kind of task names first in its groups",
            f"put {name} first in the groups of a task, or write on_duty = {{ all = 5 }}",
        )


def graph(scenario: Scenario) -> Iterator[Wrong]:
    """Yield kinds of task that bring one another in a circle, or come twice from one answer (§12)."""
    circles = list(_circles(scenario))
    yield from circles
    if not circles and all(link.parent != name for name, kind in scenario.tasks.items() for link in kind.after):
        yield from _twice(scenario)


def _circles(scenario: Scenario) -> Iterator[Wrong]:
    parents = {
        # A kind that names itself is told as an unknown event.
        name: [link.parent for link in kind.after if link.parent in scenario.tasks and link.parent != name]
        for name, kind in scenario.tasks.items()
    }
    told: set[str] = set()
    for name, kind in scenario.tasks.items():
        circle = _circle(parents, name)
        if circle and name not in told:
            told.update(circle)
            place = [link.parent for link in kind.after].index(circle[1])
            yield Wrong(
                ("tasks", name, "after", place, "event"),
                f"tasks that do not come from themselves; here {' after '.join(circle)}",
                "leave out one of these links",
            )


def _circle(parents: dict[str, list[str]], name: str) -> list[str]:
    """Return the shortest way from a kind back to itself, parent by parent; empty if there is none."""
    ways, seen = [[name]], set()
    for way in ways:
        for parent in parents[way[-1]]:
            if parent == name:
                return [*way, name]
            if parent not in seen:
                seen.add(parent)
                ways.append([*way, parent])
    return []


def _twice(scenario: Scenario) -> Iterator[Wrong]:
    endings = {"an answer on the spot": {"on_the_spot"}, "a work order": {"work_order", "return"}}
    told: set[str] = set()
    for source in (*scenario.types, *scenario.written):
        for ending, events in endings.items():
            ways = _ways(scenario, source, events)
            for name, kind in scenario.tasks.items():
                parents = {link.parent for link in kind.after if link.parent in scenario.tasks}
                if ways(name) > 1 and name not in told and all(ways(parent) <= 1 for parent in parents):
                    told.add(name)
                    yield Wrong(
                        ("tasks", name, "after"),
                        f"one way at most from an answer to a task of this kind; {ending} of {source} leads to it in "
                        f"{ways(name)}",
                        "leave out one of the links, or make a kind of task of its own for it",
                    )


def _ways(scenario: Scenario, source: str, events: Collection[str]) -> Callable[[str], int]:
    """Return a function that counts the ways from one ending of a source's contact to a kind of task."""

    @cache
    def ways(name: str) -> int:
        if name == source:
            return 1
        total = 0
        for link in scenario.tasks[name].after:
            if link.parent is not None:
                total += ways(link.parent) if link.parent in scenario.tasks else 0
            elif link.types is None or source in link.types:
                total += sum(event in events for event in link.events)
        return total

    return ways


def _spots(scenario: Scenario, kind: ContactType) -> list[float]:
    """Return which shares of a type its groups answer on the spot, as planned and at worst, of those that there are."""
    shares = kind.resolution.on_the_spot
    told = shares if isinstance(shares, dict) else scenario.groups
    known = [group for group in kind.groups if group in scenario.groups and group in told]
    worst = [on_the_spot(scenario, kind, group, worst_loss(scenario, group)) for group in known]
    return [*(on_the_spot(scenario, kind, group) for group in known), *worst]


def repeats(scenario: Scenario, name: str, kind: ContactType) -> Iterator[Wrong]:
    """Yield repeats that make the load explode, alone or together with redials."""
    resolution, path = kind.resolution, ("types", name, "resolution", "repeat")
    spots = _spots(scenario, kind)
    if not spots:  # groups that there are not, or a table without them: told elsewhere
        return
    on_spot, after_order = (resolution.repeat_share(on_the_spot=spot) for spot in (True, False))
    ratio, spot = max((on_spot * p + after_order * (1.0 - p), p) for p in spots)
    lower = "repeat" if on_spot == after_order else "repeat.on_the_spot" if spot >= 0.5 else "repeat.work_order"
    if ratio >= 1.0 - _ROUNDING:
        yield Wrong(
            path,
            f"less than 1 repeat from each answered contact; here {ratio:.4g}: with {spot:.4g} answered on the spot, "
            f"{on_spot:.4g} of those and {after_order:.4g} of the others come again",
            f"lower {lower}",
        )
        return
    if kind.redial is None or ratio == 0.0:
        return
    chances = kind.redial.probability
    listed_ = chances if isinstance(chances, tuple) else (chances,)
    attempts, reached = 1.0, 1.0
    for attempt in range(1, kind.redial.max_attempts):
        reached *= listed_[min(attempt, len(listed_)) - 1]
        attempts += reached
    episodes = sum(ratio**n for n in range(resolution.max_episodes))
    if attempts * episodes > _MOST_ATTEMPTS:
        yield Wrong(
            path,
            f"at most {_MOST_ATTEMPTS:.0f} attempts from one contact when most fail; here {attempts:.4g} with redials "
            f"x {episodes:.4g} with repeats = {attempts * episodes:.4g}",
            f"lower {lower}, redial.probability or redial.max_attempts",
            with_=(("types", name, "redial", "probability"), ("types", name, "redial", "max_attempts")),
        )
