"""What must hold between the tables of a scenario, checked in one place."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from itertools import pairwise

from sim import calendar
from sim.calendar import SHAPE_KINDS, ShapeKind
from sim.scenario import headcount_checks, lever_checks, task_checks, tour_checks
from sim.scenario.base import Table
from sim.scenario.contact_types import ContactType
from sim.scenario.demand import Surge
from sim.scenario.faults import Path, Wrong, format_path, listed, nearest
from sim.scenario.groups import Group, Roster, WorkloadRule
from sim.scenario.moments import days, span, stretch
from sim.scenario.money import Dated
from sim.scenario.naming import mend, names
from sim.scenario.scenario import Scenario
from sim.scenario.tables import OnDutyTable

_LONGEST_DAYS = 3_660


def cross_check(scenario: Scenario, complete: bool = True) -> list[Wrong]:
    """Return what is wrong between the tables of a scenario.

    Parameters
    ----------
    scenario
        The scenario.
    complete
        False for what is sound of a faulty one (:mod:`sim.scenario.partial`): a check that needs what is left
        out is skipped.
    """
    skipped = () if complete else (AttributeError, TypeError)
    whole = (
        *(_horizon, _calendar_days, _weights, _surge_names, _unreached, _seats, _money, _late_rates),
        *(lever_checks.callback, lever_checks.returns, task_checks.graph, tour_checks.off),
        *(headcount_checks.classes, headcount_checks.in_training),
        *(headcount_checks.leave, headcount_checks.sickness, headcount_checks.shrinkage),
    )
    of_type = (_volume, _type_groups, _on_the_spot, _served, task_checks.repeats)
    of_group = (_site, _rule, _speed, task_checks.reserve, task_checks.workload, lever_checks.activation)
    of_task = (task_checks.task, task_checks.links, task_checks.startable)
    of_tour = (tour_checks.shifts, tour_checks.groups, tour_checks.allowed)
    surges = getattr(getattr(scenario, "demand", None), "surge", ())
    types, groups, tasks, tours = (
        getattr(scenario, table, None) or {} for table in ("types", "groups", "tasks", "tours")
    )
    checks: list[Iterator[Wrong]] = [
        *(check(scenario) for check in whole),
        *(check(scenario, *at) for at in enumerate(surges) for check in (_surge, _surge_types)),
        *(check(scenario, *at) for at in types.items() for check in of_type),
        *(check(scenario, *at) for at in groups.items() for check in of_group),
        *(check(scenario, *at) for at in tasks.items() for check in of_task),
        *(check(scenario, *at) for at in tours.items() for check in of_tour),
    ]
    found: list[Wrong] = []
    for check in checks:
        try:
            found.extend(check)
        except skipped:
            continue
    return found


def horizon_check(scenario: Scenario) -> list[Wrong]:
    """Return what is wrong with the horizon of what is sound of a faulty scenario."""
    try:
        return list(_horizon(scenario))
    except (AttributeError, TypeError):
        return []


def _horizon(scenario: Scenario) -> Iterator[Wrong]:
    first, last = scenario.horizon.start, scenario.horizon.end
    if last < first:
        yield Wrong(
            ("horizon", "end"),
            f"a date from {first} (horizon.start) on",
            "exchange start and end, or correct the year",
            with_=(("horizon", "start"),),
        )
    elif (last - first).days >= _LONGEST_DAYS:
        yield Wrong(("horizon", "end"), f"at most {_LONGEST_DAYS:,} days from horizon.start ({first})", "shorten it")


def _calendar_days(scenario: Scenario) -> Iterator[Wrong]:
    first, last = span(scenario)
    if last < first:
        return
    for day in scenario.calendar.days:
        if not first.year <= day.year <= last.year:
            years = str(first.year) if first.year == last.year else f"{first.year} to {last.year}"
            yield Wrong(
                ("calendar", "days", day.isoformat()),
                f"a day of the horizon's years, {years}",
                "correct the year, or leave the day out",
            )


def _weights(scenario: Scenario) -> Iterator[Wrong]:
    demand = scenario.demand
    remedy = "give at least one number above 0"
    if not any(demand.month):
        yield Wrong(("demand", "month"), "relative numbers, not all zero", remedy)
    if not any(value for _, value in demand.day):
        yield Wrong(("demand", "day"), "relative numbers, not all zero", remedy)
    if not any(any(demand.shape.slots(kind)) for kind in SHAPE_KINDS):
        yield Wrong(("demand", "shape"), "relative numbers, not all zero", remedy)
    elif any(demand.month) and any(value for _, value in demand.day):
        yield from _empty_years(scenario)
    for place, surge in enumerate(demand.surge):
        if surge.shape is not None and not any(surge.shape):
            yield Wrong(("demand", "surge", place, "shape"), "relative numbers, not all zero", remedy)


def _empty_years(scenario: Scenario) -> Iterator[Wrong]:
    """Yield the years whose volume would have no day to fall on (§3)."""
    demand = scenario.demand
    tables = (
        demand.month,
        [value for _, value in demand.day],
        *(demand.shape.slots(kind) for kind in SHAPE_KINDS),
    )
    first, last = span(scenario)
    volumes = [kind.annual_contacts for kind in scenario.types.values()]
    volumes += [kind.annual_contacts for kind in scenario.tasks.values()]
    if all(all(table) for table in tables) or all(volume is None for volume in volumes):
        return
    for year in range(first.year, last.year + 1):
        begin, end = dt.date(year, 1, 1), dt.date(year, 12, 31)
        kinds = calendar.day_kinds(begin, end, scenario.calendar)
        if not any(
            demand.month[(begin + dt.timedelta(days=n)).month - 1]
            and getattr(demand.day, kind)
            and any(demand.shape.slots(calendar.shape_kind(kind)))
            for n, kind in enumerate(kinds)
        ):
            yield Wrong(
                ("demand",),
                f"a day in {year} whose month, day and shape are all above 0",
                "give that year's volume a day to fall on",
            )


def _surge_names(scenario: Scenario) -> Iterator[Wrong]:
    seen: set[str] = set()
    for place, surge in enumerate(scenario.demand.surge):
        if surge.name in seen:
            yield Wrong(
                ("demand", "surge", place, "name"),
                "a name no other surge has",
                "give each surge its own name",
            )
        seen.add(surge.name)


def _surge(scenario: Scenario, place: int, surge: Surge) -> Iterator[Wrong]:
    yield from stretch(scenario, ("demand", "surge", place), surge.from_, surge.to, "surge")


def _surge_types(scenario: Scenario, place: int, surge: Surge) -> Iterator[Wrong]:
    known = [*scenario.types, *scenario.written]
    yield from names(("demand", "surge", place, "types"), surge.types or (), known, "type")


def _volume(scenario: Scenario, name: str, kind: ContactType) -> Iterator[Wrong]:
    if (kind.annual_contacts is None) == (kind.per_hour is None):
        none = kind.per_hour is None
        yield Wrong(
            ("types", name),
            "one of annual_contacts and per_hour",
            "add annual_contacts" if none else "leave out one of the two",
        )


def _type_groups(scenario: Scenario, name: str, kind: ContactType) -> Iterator[Wrong]:
    path = ("types", name)
    yield from names((*path, "groups"), kind.groups, scenario.groups, "group")
    for key, table in (("reserve", kind.reserve), ("join_after_s", kind.join_after_s)):
        yield from _of_type((*path, key), table, kind)


def _of_type(path: Path, table: Collection[str], kind: ContactType) -> Iterator[Wrong]:
    for group in table:
        if group not in kind.groups:
            near = nearest(group, kind.groups)
            yield Wrong(
                (*path, group),
                f"a group that serves this type: {listed(kind.groups)}",
                f"write {near} instead of {group}" if near else "add it to the type's groups, or leave it out",
            )


def _on_the_spot(scenario: Scenario, name: str, kind: ContactType) -> Iterator[Wrong]:
    path = ("types", name, "resolution", "on_the_spot")
    shares = kind.resolution.on_the_spot
    if isinstance(shares, dict):
        yield from _of_type(path, shares, kind)
        missing = [group for group in kind.groups if group not in shares]
        if missing:
            yield Wrong(path, f"a share for each of {listed(kind.groups)}", f"add {listed(missing)}")


def _unreached(scenario: Scenario) -> Iterator[Wrong]:
    reached = {group for kind in scenario.types.values() for group in kind.groups}
    reached |= {group for kind in scenario.tasks.values() for group in kind.groups}
    for name in scenario.groups:
        if name not in reached:
            yield Wrong(
                ("groups", name),
                "a group that at least one type or task lists in its groups",
                f"did you mean [groups.{near}]? Otherwise add {name} to the groups of a type or task, or leave it out"
                if (near := nearest(name, reached & set(scenario.groups)))
                else f"add {name} to the groups of a type or task, or leave the group out",
            )


def _site(scenario: Scenario, name: str, group: Group) -> Iterator[Wrong]:
    if group.site is not None and group.site not in scenario.sites:
        known = scenario.sites
        yield Wrong(
            ("groups", name, "site"),
            f"a site of this scenario: {listed(known)}",
            mend(group.site, known, "site"),
        )
        return
    has_price = group.activation is not None and group.activation.price.is_given
    if group.site is not None and scenario.sites[group.site].paid_by == "hour" and not has_price:
        yield Wrong(
            ("groups", name, "site"),
            f"a site whose seats are paid by the year, or a price of {name} that holds them; "
            f"those of {group.site} are paid by the hour",
            f'give groups.{name}.activation.price, or write paid_by = "year" in [sites.{group.site}]',
            with_=(("sites", group.site, "paid_by"),),
        )


def _rule(scenario: Scenario, name: str, group: Group) -> Iterator[Wrong]:
    rule = group.on_duty
    if isinstance(rule, (OnDutyTable, Roster)):
        return
    path = ("groups", name, "on_duty")
    if rule.maximum is not None and rule.maximum < rule.minimum:
        yield Wrong((*path, "maximum"), f"at least minimum ({rule.minimum})", "raise maximum or lower minimum")
    if isinstance(rule, WorkloadRule):
        return
    target = rule.target
    both = (target.answered_within_s is None) == (target.answered_within_share is None)
    kinds = [target.asa_s, target.answered_within_s or target.answered_within_share, target.abandoned_share]
    if not both or sum(kind is not None for kind in kinds) != 1:
        yield Wrong(
            (*path, "target"),
            "asa_s, or answered_within_s with answered_within_share, or abandoned_share",
            "keep one of the three, such as target = { asa_s = 8 }",
        )


def _speed(scenario: Scenario, name: str, group: Group) -> Iterator[Wrong]:
    if isinstance(group.speed, float):
        return
    path = ("groups", name, "speed")
    days = [dated.from_ for dated in group.speed]
    if any(later <= earlier for earlier, later in pairwise(days)):
        yield Wrong(path, "dates that rise from item to item", "sort the list by from")
    elif days[0] > scenario.horizon.start:
        yield Wrong(
            (*path, 0, "from"),
            f"a date no later than horizon.start ({scenario.horizon.start})",
            "begin the list with the speed at the start",
        )


def _seats(scenario: Scenario) -> Iterator[Wrong]:
    for site, place in scenario.sites.items():
        rosters = {
            name: group.on_duty
            for name, group in scenario.groups.items()
            if group.site == site and isinstance(group.on_duty, (OnDutyTable, Roster)) and group.activation is None
        }
        most, when = 0, ""
        for day, tables in _tabled(scenario, list(rosters.values())):
            for slot, column in enumerate(zip(*tables, strict=True)):
                if sum(column) > most:
                    most, when = sum(column), f"on {day} at {slot // 4:02d}:{slot % 4 * 15:02d}"
        if most > place.seats:
            keys: list[Path] = [("groups", name, "on_duty") for name in rosters]
            names = " and ".join(format_path(key) for key in keys)
            yield Wrong(
                keys[-1],
                f"no more on duty than the {place.seats:,} seats of {site}; {when} they are {most:,}",
                f"lower {names}, or raise sites.{site}.seats to {most:,}",
                with_=(*keys[:-1], ("sites", site, "seats")),
            )


def _tabled(scenario: Scenario, rosters: list[OnDutyTable | Roster]) -> Iterator[tuple[str, list[tuple[int, ...]]]]:
    """Yield days in words with the agents of each roster: the kinds of day or, where one goes by date, every day."""
    if any(isinstance(roster, Roster) for roster in rosters):
        for day, kind in days(scenario):
            yield (
                f"{day}",
                [roster.slots(day) if isinstance(roster, Roster) else roster.slots(kind) for roster in rosters],
            )
    else:
        for kind in SHAPE_KINDS:
            yield f"a {kind}", [roster.slots(kind) for roster in rosters if isinstance(roster, OnDutyTable)]


def _money(scenario: Scenario) -> Iterator[Wrong]:
    """Yield what the bill needs and has not."""
    if scenario.cost is None:
        return
    needed = {
        "workforce": scenario.workforce,
        "posts": scenario.posts,
        "targets.environmental": scenario.targets.environmental,
    }
    missing = [f"[{path}]" for path, table in needed.items() if table is None]
    if missing:
        yield Wrong(
            ("cost",),
            f"[cost] together with {listed(missing)}: the bill needs both",
            f'add {listed(missing)}, or begin with extends = "shanghai-2020"; without a bill, leave [cost] out',
        )


def _late_rates(scenario: Scenario) -> Iterator[Wrong]:
    if scenario.cost is None:
        return
    start = scenario.horizon.start
    for path, rate in _dated(scenario.cost, ("cost",)):
        if rate[0].from_ > start:
            yield Wrong(
                (*path, 0, "from"),
                f"a date no later than horizon.start ({start})",
                "begin the list with the rate at the start",
            )


def _dated(value: object, path: Path) -> Iterator[tuple[Path, tuple[Dated, ...]]]:
    """Yield the dated rates at and below a place, with their paths."""
    if isinstance(value, Table):
        # What is left out of a faulty table (sim.scenario.partial) is not in its __dict__.
        for name, below in value.__dict__.items():
            yield from _dated(below, (*path, type(value).model_fields[name].alias or name))
    elif isinstance(value, dict):
        for name, below in value.items():
            yield from _dated(below, (*path, name))
    elif isinstance(value, tuple) and value and all(isinstance(entry, Dated) for entry in value):
        yield path, value


def _served(scenario: Scenario, name: str, kind: ContactType) -> Iterator[Wrong]:
    """Yield callers without end of patience, or called back, whom nobody serves when the run drains (§1)."""
    volume = (kind.annual_contacts or 0.0) + sum(kind.per_hour or ())
    known = [group for group in kind.groups if group in scenario.groups]
    if not (kind.patience.never or scenario.accepts_callback(name)) or volume == 0.0 or not known:
        return
    last = _last_day_kind(scenario)
    keys: list[Path] = [("groups", group, "on_duty") for group in known]
    for group in known:
        needed = max(1, kind.reserve.get(group, scenario.groups[group].reserve))
        if needed > 1:
            keys.append(("types", name, "reserve", group) if group in kind.reserve else ("groups", group, "reserve"))
        always, roster = scenario.groups[group].activation is None, scenario.groups[group].on_duty
        there = (
            roster.slots(scenario.horizon.end)
            if isinstance(roster, Roster)
            else task_checks.on_duty(scenario, scenario.groups[group], last)
        )
        if always and max(there) >= needed:
            return
    never = kind.patience.never
    yield Wrong(
        ("types", name, "patience") if never else ("callback", "accept"),
        f"{'patience with an end' if never else f'no callbacks for {name}'}, or enough agents of {listed(known)} on "
        f"duty (and above their reserve) at some time of the horizon's last day ({scenario.horizon.end}, a {last})",
        f"{'give the type a patience distribution' if never else f'leave {name} out of callback.accept'}, put "
        "agents on duty on that kind of day, or lower their reserve",
        with_=tuple(keys),
    )


def _last_day_kind(scenario: Scenario) -> ShapeKind:
    kinds = calendar.day_kinds(scenario.horizon.end, scenario.horizon.end, scenario.calendar)
    return calendar.shape_kind(kinds[0])
