"""Which weeks of shifts the rules of labour allow.

All rules go round the week, so that a tour and the same tour begun on another weekday keep or break the same. Places
of breaks do not matter to them either: a rule sees when a shift starts and ends.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, product
from math import prod
from typing import Final, NamedTuple

from sim.scenario.money import Night
from sim.scenario.shifts import (
    DAYS,
    OFF,
    STEPS_PER_DAY,
    STEPS_PER_HOUR,
    Labour,
    ShiftFamily,
    TourKind,
)

Week = tuple[str | None, ...]
"""The family of each day's shift, Monday to Sunday; None is a day off."""

MOST_TOURS: Final = 100_000
"""Tours of one kind, at most: more take minutes to choose from."""


class Span(NamedTuple):
    """When a shift starts and ends, half-hours from midnight of its day, what is paid of it, and if it is a night's."""

    start: int
    end: int
    paid_h: float
    is_night: bool


def is_night(night: Night, step: int) -> bool:
    """Return whether a half-hour, counted from midnight of any day, is night."""
    hour = step // STEPS_PER_HOUR % (STEPS_PER_DAY // STEPS_PER_HOUR)
    first, end = night.from_h, night.to_h
    return first <= hour < end if first < end else hour >= first or hour < end


def spans(family: ShiftFamily, labour: Labour, night: Night) -> list[Span]:
    """Return every start and length of a family."""
    found = []
    for start, length in product(family.starts, family.lengths):
        dark = sum(is_night(night, step) for step in range(start, start + length))
        paid_h = (length - family.unpaid) / STEPS_PER_HOUR
        found.append(Span(start, start + length, paid_h, dark >= labour.night_shift_h * STEPS_PER_HOUR))
    return found


def weeks(kind: TourKind) -> list[Week]:
    """Return the weeks of a kind of tour; of those that differ in the weekday they begin on, one."""
    if kind.pattern is not None:
        return [tuple(None if name == OFF else name for name in kind.pattern)]
    found: dict[tuple[bool, ...], None] = {}
    for days in combinations(range(DAYS), kind.days_on or 0):
        on = tuple(day in days for day in range(DAYS))
        if longest_run([not there for there in on]) >= min(kind.days_off_together, DAYS - sum(on)):
            found[min(on[day:] + on[:day] for day in range(DAYS))] = None
    return [tuple(family if there else None for there in on) for family in kind.shifts or () for on in found]


def rotations(kind: TourKind, week: Week) -> int:
    """Return on how many weekdays a week may begin so that no two are the same."""
    return DAYS if kind.rotates and len(set(week)) > 1 else 1


def families(week: Week) -> list[str]:
    """Return the families of a week, each once."""
    return list(dict.fromkeys(name for name in week if name is not None))


def count(kind: TourKind, shifts: Mapping[str, ShiftFamily]) -> int:
    """Return how many tours of a kind there are before any rule."""
    size = {name: len(family.starts) * len(family.lengths) * len(family.places) for name, family in shifts.items()}
    return sum(prod(size[name] for name in families(week)) * rotations(kind, week) for week in weeks(kind))


def spread(week: Week, choices: Mapping[str, Sequence[Span]]) -> Iterator[tuple[dict[str, Span], list[Span | None]]]:
    """Yield a week with every choice of a span for each of its families: the choice, and the week's seven days."""
    names = families(week)
    for chosen in product(*(choices[name] for name in names)):
        choice = dict(zip(names, chosen, strict=True))
        yield choice, [None if name is None else choice[name] for name in week]


def broken(days: Sequence[Span | None], labour: Labour) -> dict[str, float]:
    """Return the rules that a week breaks, by key of ``[labour]``, with what the week has instead."""
    on = [(day * STEPS_PER_DAY, span) for day, span in enumerate(days) if span is not None]
    after = [*on[1:], (on[0][0] + DAYS * STEPS_PER_DAY, on[0][1])]
    rest = min(
        (to + later.start) - (at + span.end) for (at, span), (to, later) in zip(on, after, strict=True)
    )  # fmt: skip
    paid_h = sum(span.paid_h for _, span in on)
    has: dict[str, float] = {
        "rest_h": rest / STEPS_PER_HOUR,
        "most_hours_week": paid_h,
        "nights_week": sum(span.is_night for _, span in on),
        "days_in_a_row": longest_run([span is not None for span in days]),
    }
    return {key: value for key, value in has.items() if _breaks(key, value, getattr(labour, key))}


def _breaks(key: str, value: float, limit: float) -> bool:
    return value < limit if key == "rest_h" else value > limit


def longest_run(days: Sequence[bool]) -> int:
    """Return the most days one after the other that are true, Sunday before Monday."""
    if all(days):
        return len(days)
    longest = run = 0
    for day in (*days, *days):
        run = run + 1 if day else 0
        longest = max(longest, run)
    return longest
