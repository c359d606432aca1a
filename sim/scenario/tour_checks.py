"""What must hold between ``[shifts]``, ``[tours]`` and ``[labour]``."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from sim.scenario.faults import Path, Wrong, listed
from sim.scenario.money import Night
from sim.scenario.naming import mend, names
from sim.scenario.scenario import Scenario
from sim.scenario.shifts import OFF, Labour, ShiftFamily, TourKind
from sim.scenario.tour_rules import MOST_TOURS, broken, count, spans, spread, weeks


def shifts(scenario: Scenario, name: str, kind: TourKind) -> Iterator[Wrong]:
    """Yield families that there are not, and a family named as a day off."""
    known = scenario.shifts or {}
    if kind.shifts is not None:
        yield from names(("tours", name, "shifts"), kind.shifts, known, "shift")
    for place, family in enumerate(kind.pattern or ()):
        if family != OFF and family not in known:
            yield Wrong(
                ("tours", name, "pattern", place),
                f"off, or a family of [shifts]: {listed(known)}",
                mend(family, [*known, OFF], "shift"),
            )


def groups(scenario: Scenario, name: str, kind: TourKind) -> Iterator[Wrong]:
    """Yield groups that there are not."""
    if kind.groups is not None:
        yield from names(("tours", name, "groups"), kind.groups, scenario.groups, "group")


def off(scenario: Scenario) -> Iterator[Wrong]:
    """Yield a family that has the name of a day off."""
    if OFF in (scenario.shifts or {}):
        yield Wrong(("shifts", OFF), "a name other than off, which is a day without a shift", "rename the family")


def allowed(scenario: Scenario, name: str, kind: TourKind) -> Iterator[Wrong]:
    """Yield a kind with too many tours, or with none that the rules of labour allow."""
    families = scenario.shifts or {}
    if not _known({family for week in weeks(kind) for family in week if family is not None}, families):
        return
    path: Path = ("tours", name)
    number = count(kind, families)
    if number > MOST_TOURS:
        yield Wrong(
            path,
            f"at most {MOST_TOURS:,} tours of a kind; these shifts make {number:,}",
            "raise every_minutes, give the breaks fewer places, or lengthen days_off_together",
        )
        return
    labour, night = scenario.labour or Labour(), scenario.workforce.night if scenario.workforce else Night()
    choices = {family: spans(table, labour, night) for family, table in families.items()}
    best: dict[str, float] = {}
    always: set[str] | None = None
    for week in weeks(kind):
        for _, days in spread(week, choices):
            against = broken(days, labour)
            if not against:
                return
            always = set(against) if always is None else always & set(against)
            for key, value in against.items():
                best[key] = (max if key == "rest_h" else min)(best.get(key, value), value)
    if always is None:
        return
    keys = [key for key in best if key in always] or list(best)
    told = listed(f"{key} = {getattr(labour, key):g} (the nearest tour has {best[key]:g})" for key in keys)
    each = "" if always else ", each a part of them"
    yield Wrong(
        path,
        f"a tour that the rules of labour allow; all are against {told}{each}",
        f"change its {'pattern' if kind.pattern else 'days_on'}, or {listed(f'labour.{key}' for key in keys)}",
        with_=tuple(("labour", key) for key in keys),
    )


def _known(wanted: Collection[str], families: dict[str, ShiftFamily]) -> bool:
    return all(family in families for family in wanted)
