"""What must hold between ``[workforce.headcount]`` and the other tables of a scenario."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator

from sim.scenario.faults import Path, Wrong
from sim.scenario.headcount import LEAVE, SICKNESS
from sim.scenario.scenario import Scenario

_HERE: Path = ("workforce", "headcount")
_LEAD: Path = (*_HERE, "lead_weeks")
_START: Path = ("horizon", "start")


def classes(scenario: Scenario) -> Iterator[Wrong]:
    """Yield the classes outside the horizon, and those hired before their lead."""
    table = scenario.headcount
    if table is None or scenario.horizon.end < scenario.horizon.start:
        return
    first = scenario.horizon.start
    last = first + dt.timedelta(weeks=(scenario.horizon.end - first).days // 7)
    lead = dt.timedelta(weeks=table.lead_weeks)
    for place, group in enumerate(table.classes):
        here = (*_HERE, "classes", place)
        due = group.start - lead
        if not first <= group.start <= last:
            yield Wrong(
                (*here, "start"),
                f"a date from {first} (horizon.start) to {last}, when the horizon's last week begins",
                "correct the date, or leave the class out; who is in training at the start belongs into in_training",
                with_=(_START, ("horizon", "end")),
            )
        elif group.decided is None and due < first:
            yield Wrong(
                (*here, "start"),
                f"a class hired after its lead: {first + lead} or later, {table.lead_weeks} weeks after horizon.start, "
                f"unless its hiring was decided by {due}",
                f"move the class to {first + lead}; or, if it was decided in time, add decided = {due} or earlier",
                with_=(_LEAD, _START),
            )
        elif group.decided is not None and group.decided > due:
            yield Wrong(
                (*here, "decided"),
                f"a date no later than {due}, {table.lead_weeks} weeks before the class's first day ({group.start})",
                f"correct the date, or move the class to {group.decided + lead}",
                with_=((*here, "start"), _LEAD),
            )


def in_training(scenario: Scenario) -> Iterator[Wrong]:
    """Yield those in training at the start whose training is over."""
    table = scenario.headcount
    if table is None or scenario.workforce is None:
        return
    weeks = math.ceil(scenario.workforce.training_weeks)
    for place, group in enumerate(table.in_training):
        if group.weeks_done >= weeks:
            yield Wrong(
                (*_HERE, "in_training", place, "weeks_done"),
                f"fewer weeks than training takes, {weeks} (workforce.training_weeks)",
                "count those who have finished in opening, with weeks_on_floor = 0",
                with_=(("workforce", "training_weeks"),),
            )


def leave(scenario: Scenario) -> Iterator[Wrong]:
    """Yield what is wrong with the seasons of leave."""
    table = scenario.headcount
    if table is None or table.leave_by_month is None:
        return
    here = (*_HERE, "leave_by_month")
    yield from _cause(scenario, here, LEAVE)
    if not any(table.leave_by_month):
        yield Wrong(here, "relative numbers, not all zero", "give at least one number above 0")


def sickness(scenario: Scenario) -> Iterator[Wrong]:
    """Yield what is wrong with the seasons of sickness."""
    table = scenario.headcount
    if table is None or not table.sickness:
        return
    first, last = scenario.horizon.start, scenario.horizon.end
    here = (*_HERE, "sickness")
    yield from _cause(scenario, here, SICKNESS)
    for place, season in enumerate(table.sickness):
        if season.to < season.from_:
            yield Wrong((*here, place, "to"), f"a date from {season.from_} (from) on", "exchange from and to")
        for key, day in (("from", season.from_), ("to", season.to)):
            if first <= last and not first <= day <= last:
                yield Wrong(
                    (*here, place, key),
                    f"a date inside the horizon, {first} to {last}",
                    "correct the date, or leave the stretch out",
                    with_=(_START, ("horizon", "end")),
                )


def _cause(scenario: Scenario, here: Path, cause: str) -> Iterator[Wrong]:
    if scenario.workforce is not None and cause not in scenario.workforce.shrinkage:
        yield Wrong(
            here,
            f"seasons of a cause that workforce.shrinkage has; {cause} is not among its causes",
            f"add {cause} to workforce.shrinkage, or leave {here[-1]} out",
            with_=(("workforce", "shrinkage"),),
        )


def shrinkage(scenario: Scenario) -> Iterator[Wrong]:
    """Yield the first day on which the seasons leave no time to work."""
    table, workforce = scenario.headcount, scenario.workforce
    if table is None or workforce is None or any((*leave(scenario), *sickness(scenario))):
        return
    for number in range((scenario.horizon.end - scenario.horizon.start).days + 1):
        day = scenario.horizon.start + dt.timedelta(days=number)
        total = math.fsum(table.shrinkage_on(workforce.shrinkage, day).values())
        if total >= 1.0:
            seasons = [key for key in ("leave_by_month", "sickness") if getattr(table, key)]
            yield Wrong(
                (*_HERE, seasons[-1]),
                f"seasons under which workforce.shrinkage stays below 1 in sum; on {day} it is {total:.3g}",
                "lower the factors of that time, or the causes in workforce.shrinkage",
                with_=(*((*_HERE, key) for key in seasons), ("workforce", "shrinkage")),
            )
            return
