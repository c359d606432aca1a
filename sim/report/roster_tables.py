"""A roster on screen: a row a group, the busiest week and the one with least to spare, and what is to be known."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
from rich.console import RenderableType
from rich.text import Text

from sim.report import formats
from sim.report.roster_words import roster_word
from sim.report.tables import new_table, own_name
from sim.report.words import Lang, figure_word
from sim.scenario.shifts import STEPS_PER_DAY
from sim.staffing.year_tours import Floats, GroupTours, YearTours
from sim.workforce.shifts import clock

_COLUMNS: Final = ("agents", "paid_h", "on_duty_h", "required_h", "efficiency", "gap", "cost")
_WAN: Final = 10_000.0


def roster_tables(found: YearTours, lang: Lang) -> Iterator[RenderableType]:
    """Yield the scenario's name, the table by group, and what it says."""
    scenario, shares = found.scenario, found.shares
    yield Text(own_name(scenario.title, scenario.name, lang), "bold")
    priced = all(own.week_cny is not None for own in found.groups.values())
    columns = _COLUMNS if priced else _COLUMNS[:-1]
    title, *heads = (roster_word(key, lang) for key in ("title", "group", *columns))
    table = new_table(title, *heads, right=1)
    for name, own in found.groups.items():
        table.add_row(own_name(scenario.groups[name].title, name, lang), *_cells([own], shares))
    if len(found.groups) > 1:
        table.add_row(roster_word("all", lang), *_cells(list(found.groups.values()), shares), style="bold")
    yield table
    yield Text(_busiest(found, lang), "bold")
    yield Text(_least(found, lang), "bold")
    yield from (Text(text, "bold yellow") for text in _seats(found, lang))
    yield Text(roster_word("weeks", lang).format(len(found.weeks), sum(len(week.mondays) for week in found.weeks)))
    yield Text(roster_word("covered", lang), "dim")
    if not priced:
        yield Text(roster_word("no_prices", lang), "dim")
    if found.called_in:
        called = (own_name(scenario.groups[name].title, name, lang) for name in found.called_in)
        yield Text(roster_word("called_in", lang).format(", ".join(called)), "dim")


def _cells(groups: list[GroupTours], shares: Floats) -> Iterator[str]:
    agents = sum(own.agents.sum(axis=1) for own in groups)[shares > 0.0]
    required, on_duty = (sum(float(shares @ hours) for hours in each) for each in _hours(groups))
    yield f"{agents.min():,}–{agents.max():,}"
    yield f"{sum(float(shares @ own.paid_h) for own in groups) / shares.sum():,.0f}"
    yield f"{on_duty:,.0f}"
    yield f"{required:,.0f}"
    yield f"{100.0 * required / on_duty:.1f} %" if on_duty else formats.NOTHING
    yield f"{100.0 * groups[0].gap.max():.1f} %" if len(groups) == 1 else formats.NOTHING
    costs = [own.week_cny for own in groups if own.week_cny is not None]
    if costs:
        yield f"{sum(float(shares @ cost) for cost in costs) / _WAN:,.1f}"


def _hours(groups: list[GroupTours]) -> tuple[list[Floats], list[Floats]]:
    """Return the hours that the groups' weeks require, and those on duty."""
    return [own.need.hours for own in groups], [own.on_duty_h for own in groups]


def _totals(found: YearTours) -> tuple[Floats, Floats]:
    """Return the hours that the weeks of all groups require, and those on duty, shape ``(weeks,)``."""
    required, on_duty = (np.sum(hours, axis=0) for hours in _hours(list(found.groups.values())))
    return required, on_duty


def _busiest(found: YearTours, lang: Lang) -> str:
    required, on_duty = _totals(found)
    week = busiest(found)
    agents = sum(int(own.agents[week].sum()) for own in found.groups.values())
    told = roster_word("busiest", lang)
    return told.format(found.weeks[week].label, agents, on_duty[week], required[week])


def busiest(found: YearTours) -> int:
    """Return the typical week of the horizon with most hours on duty."""
    _, on_duty = _totals(found)
    return int(np.argmax(np.where(found.shares > 0.0, on_duty, -1.0)))


def _least(found: YearTours, lang: Lang) -> str:
    required, on_duty = _totals(found)
    there = (found.shares > 0.0) & (on_duty > 0.0)
    share = np.where(there, required / np.where(there, on_duty, 1.0), 0.0)
    week = int(np.argmax(share))
    return roster_word("least", lang).format(found.weeks[week].label, 100.0 * share[week])


def _seats(found: YearTours, lang: Lang) -> Iterator[str]:
    days = figure_word("weekdays", lang).split()
    for name, beyond in found.seats_exceeded.items():
        site = found.scenario.sites[name]
        week, step = np.unravel_index(int(np.argmax(beyond)), beyond.shape)
        when = f"{days[step // STEPS_PER_DAY]} {clock(int(step))}"
        half_hours = sum(
            len(own.mondays) * int(np.count_nonzero(row)) for own, row in zip(found.weeks, beyond, strict=True)
        )
        title = own_name(site.title, name, lang)
        told = roster_word("seats", lang)
        yield told.format(title, beyond.max(), site.seats, when, found.weeks[week].label, half_hours, name)
