"""Shift types: every start, length and place of breaks of the scenario's families of shifts (§19)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sim.scenario.money import Night
from sim.scenario.shifts import STEPS_PER_DAY, STEPS_PER_HOUR, Labour, ShiftFamily
from sim.scenario.tour_rules import Span, is_night, spans

Stretch = tuple[int, int]
"""First half-hour and the one after the last, from midnight of the day on which the shift starts; may pass 48."""


@dataclass(frozen=True)
class ShiftType:
    """One shift as it can be worked.

    Attributes
    ----------
    family
        Its name under ``[shifts]``.
    span
        Start and end, half-hours from midnight of the day on which it starts, and what is paid.
    breaks
        When each break is.
    night_h
        Hours at work in the night, breaks not counted.
    """

    family: str
    span: Span
    breaks: tuple[Stretch, ...]
    night_h: float

    @property
    def name(self) -> str:
        """The name for a planner, such as ``day 08:30 8.5h break 12:30``."""
        length_h = (self.span.end - self.span.start) / STEPS_PER_HOUR
        at = ", ".join(clock(begin) for begin, _ in self.breaks)
        return f"{self.family} {clock(self.span.start)} {length_h:g}h{f' break {at}' if at else ''}"

    @property
    def at_work(self) -> tuple[Stretch, ...]:
        """When it is worked: from start to end without the breaks."""
        edges = [self.span.start, *(edge for one in self.breaks for edge in one), self.span.end]
        return tuple(zip(edges[::2], edges[1::2], strict=True))


def clock(step: int) -> str:
    """Return the time of day of a half-hour from any midnight, such as ``08:30``."""
    hour, half = divmod(step % STEPS_PER_DAY, STEPS_PER_HOUR)
    return f"{hour:02d}:{half * 30:02d}"


def shift_types(name: str, family: ShiftFamily, labour: Labour, night: Night) -> dict[Span, list[ShiftType]]:
    """Return the shift types of a family by start and length: those of one differ in the places of their breaks."""
    return {span: list(_placed(name, family, span, night)) for span in spans(family, labour, night)}


def _placed(name: str, family: ShiftFamily, span: Span, night: Night) -> Iterator[ShiftType]:
    for places in family.places:
        begins = [span.start + place for place in places]
        breaks = tuple((begin, begin + one.steps) for begin, one in zip(begins, family.breaks, strict=True))
        away = {step for begin, end in breaks for step in range(begin, end)}
        dark = sum(is_night(night, step) for step in range(span.start, span.end) if step not in away)
        yield ShiftType(name, span, breaks, dark / STEPS_PER_HOUR)
