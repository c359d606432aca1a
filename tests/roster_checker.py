"""A roster checked against the rules of labour, half-hour by half-hour, without the package's own tours.

A roster is a list of weeks with agents: of each day the time at which the shift starts and ends and its breaks, as
``(family, start_h, end_h, [(break_start_h, break_end_h), …])``, hours from midnight of the day, or None for a day off.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
Shift = tuple[str, float, float, list[tuple[float, float]]]
_WEEK_H = 168.0


@dataclass
class Row:
    kind: str
    week: list[Shift | None]
    agents: int


def at_work(row: Row) -> list[float]:
    """Return the half-hours of the week at work, hours from Monday 00:00."""
    found = []
    for day, shift in enumerate(row.week):
        if shift is None:
            continue
        _, start, end, breaks = shift
        hour = start
        while hour < end:
            if not any(a <= hour < b for a, b in breaks):
                found.append((24.0 * day + hour) % _WEEK_H)
            hour += 0.5
    return found


def on_duty(rows: list[Row]) -> dict[float, int]:
    """Return the agents at work by half-hour."""
    there = {step / 2.0: 0 for step in range(336)}
    for row in rows:
        for hour in at_work(row):
            there[hour] += row.agents
    return there


def paid_h(row: Row, shifts: dict[str, Any]) -> float:
    total = 0.0
    for shift in row.week:
        if shift is not None:
            family, start, end, breaks = shift
            unpaid = [
                b - a
                for (a, b), told in zip(breaks, shifts[family].get("breaks", []), strict=False)
                if not told.get("paid")
            ]
            total += end - start - sum(unpaid)
    return total


def night_hours(start: float, end: float, night: tuple[float, float]) -> float:
    first, last = night
    steps = [start + n / 2.0 for n in range(round(2 * (end - start)))]
    if first < last:
        return sum(0.5 for step in steps if first <= step % 24 < last)
    return sum(0.5 for step in steps if step % 24 >= first or step % 24 < last)


def violations(
    rows: list[Row],
    shifts: dict[str, Any],
    tours: dict[str, Any],
    labour: dict[str, float],
    night: tuple[float, float] = (22, 8),
) -> set[str]:
    """Return the keys of the rules that some week with agents breaks, with all keys of ``labour`` given."""
    wrong: set[str] = set()
    for row in rows:
        if row.agents:
            wrong |= _of_week(row, shifts, labour, night) | _of_kind(row, tours[row.kind])
    everybody = sum(row.agents for row in rows)
    for kind, told in tours.items():
        there = sum(row.agents for row in rows if row.kind == kind)
        if there > told.get("max_share", 1.0) * everybody + 1e-9:
            wrong.add("max_share")
    return wrong


def _of_week(row: Row, shifts: dict[str, Any], labour: dict[str, float], night: tuple[float, float]) -> set[str]:
    wrong = set()
    days = [(24.0 * day, shift) for day, shift in enumerate(row.week) if shift is not None]
    for at, (day, shift) in enumerate(days):
        family, _, end, _ = shift
        if not _is_of(shift, shifts[family]):
            wrong.add("shift")
        # The next shift, after the last that of the next week.
        later_day, later = days[at + 1] if at + 1 < len(days) else (days[0][0] + _WEEK_H, days[0][1])
        if later_day + later[1] - (day + end) < labour["rest_h"]:
            wrong.add("rest_h")
    if paid_h(row, shifts) > labour["most_hours_week"]:
        wrong.add("most_hours_week")
    nights = [1 for _, shift in days if night_hours(shift[1], shift[2], night) >= labour["night_shift_h"]]
    if len(nights) > labour["nights_week"]:
        wrong.add("nights_week")
    row_of_days = most = 0
    for day in range(14):
        row_of_days = row_of_days + 1 if row.week[day % 7] is not None else 0
        most = max(most, row_of_days)
    if min(most, 7) > labour["days_in_a_row"]:
        wrong.add("days_in_a_row")
    return wrong


def _is_of(shift: Shift, family: dict[str, Any]) -> bool:
    """Return whether a shift is one of its family's: start, length, breaks in their windows and their order."""
    _, start, end, breaks = shift
    told = family.get("breaks", [])
    after_first = (start - family["from_h"]) % 24.0
    starts = after_first <= (family["to_h"] - family["from_h"]) % 24.0
    starts = starts and after_first * 60.0 % family.get("every_minutes", 30) == 0.0
    if not starts or not 0.0 <= start < 24.0 or end - start not in family["length_h"] or len(breaks) != len(told):
        return False
    last = start
    for (begin, stop), one in zip(breaks, told, strict=True):
        if begin <= last or stop - begin != one["minutes"] / 60.0 or stop >= end:
            return False
        if not one["earliest_h"] <= begin - start <= one["latest_h"]:
            return False
        last = stop
    return True


def _of_kind(row: Row, kind: dict[str, Any]) -> set[str]:
    wrong = set()
    families = ["off" if shift is None else shift[0] for shift in row.week]
    # Of a family, one shift all week; of a kind without pattern, one shift altogether.
    each: dict[str, set[str]] = {}
    for shift in row.week:
        if shift is not None:
            each.setdefault(shift[0], set()).add(repr(shift))
    if any(len(found) > 1 for found in each.values()):
        wrong.add("one shift")
    if "pattern" in kind:
        begins = range(7) if kind.get("rotates", True) else [0]
        if not any(
            families == kind["pattern"][-n:] + kind["pattern"][:-n] if n else families == kind["pattern"]
            for n in begins
        ):
            wrong.add("pattern")
        return wrong
    if len(each) > 1:
        wrong.add("one shift")
    if not set(each) <= set(kind["shifts"]):
        wrong.add("shifts")
    if 7 - families.count("off") != kind["days_on"]:
        wrong.add("days_on")
    together = max(
        n for n in range(8) for first in range(7) if all(families[(first + k) % 7] == "off" for k in range(n))
    )
    if together < min(kind.get("days_off_together", 0), 7 - kind["days_on"]):
        wrong.add("days_off_together")
    return wrong


# --- tours as the commands write them -------------------------------------------------------------------


def hours_of(told: str) -> float:
    hour, minute = told.split(":")
    return int(hour) + int(minute) / 60.0


def days_of(told: str) -> list[int]:
    """Read days such as ``Mon, Wed–Thu`` or, over Sunday, ``Sat–Wed``."""
    found = []
    for part in told.split(", "):
        first, last = (DAYS.index(day) for day in (part.split("–") * 2)[:2]) if "–" in part else [DAYS.index(part)] * 2
        found += [(first + n) % 7 for n in range((last - first) % 7 + 1)]
    return found


def shift_of(row: dict[str, Any]) -> tuple[str, float, float, list[tuple[float, float]]]:
    """Read a row's shift: what ends no later than it starts ends on the next day, breaks with it."""
    start, end = hours_of(row["start"]), hours_of(row["end"])
    breaks = []
    for told in (row["breaks"] or "").split("; "):
        if told:
            begin, stop = (hours_of(part) for part in told.split("–"))
            begin += 24.0 * (begin < start)
            breaks.append((begin, begin + (stop - begin) % 24.0))
    return row["shift"], start, end + 24.0 * (end <= start), breaks


def checked_rows(tours: pl.DataFrame) -> list[Row]:
    """Return the tours of one week and group as the independent checker reads them."""
    rows: dict[int, Row] = {}
    for told in tours.iter_rows(named=True):
        row = rows.setdefault(told["tour"], Row(told["kind"], [None] * 7, told["agents"]))
        assert row.agents == told["agents"]
        for day in days_of(told["days"]):
            assert row.week[day] is None
            row.week[day] = shift_of(told)
    return list(rows.values())
