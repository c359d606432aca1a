"""The figures of a plan: a workday's agents beside other ways to plan, three ways side by side, and the frontier."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.report import staff_rows
from sim.report.figures import BLUE, GREEN, GREY, ORANGE, RED, THOUSANDS, chinese_font, note, style
from sim.report.staff_rows import Frontiers
from sim.report.staff_tables import labels
from sim.report.staff_words import staff_word
from sim.report.tables import own_name
from sim.report.words import Lang, figure_word
from sim.scenario.shifts import DAYS, STEPS_PER_DAY, STEPS_PER_HOUR
from sim.staffing.plan import Plan

_COLOURS: Final = {"plan": BLUE, "interval_erlang": RED, "flat": ORANGE}
_WORKDAYS: Final = 5
_ROOM: Final = 0.04
"""Of the frontier's costs, left free at either end."""
_TOP: Final = 4.0
"""Times the target, at which longer answer times are cut off."""

_CURVES: Final = (BLUE, ORANGE, GREEN, RED, "#CC79A7", "#56B4E9", "black")
_LINES: Final = ("-", "-.", ":")
_MARKERS: Final = "osD^vP*"
"""Of scenarios, one after the other: colours the colour-blind tell apart; shapes for who prints without colour."""
_TARGET: Final = "0.35"
_CURVE_PANELS: Final = (("asa_s", 1.0), ("connection", 100.0), ("probability", 100.0))


def draw(found: Plan, lang: Lang) -> dict[str, Figure]:
    """Return the figures by name; labels are English where no Chinese font is."""
    lang = lang if chinese_font() else "en"
    days = {f"day-{name}": _day(found, name, lang) for name in found.year.choices}
    return {**days, "ways": _ways(found, lang), "frontier": draw_frontier(found, lang)}


def _title(found: Plan, what: str, lang: Lang) -> str:
    name = own_name(found.year.scenario.title, found.year.scenario.name, lang)
    return f"{name}{'：' if lang == 'zh' else ': '}{what}"


def _contract(lang: Lang) -> str:
    """Return what the axis of costs is called: 万元 needs a Chinese font in English too."""
    named = staff_word("contract", lang)
    return named if chinese_font() else named.replace("万元", "10,000 yuan")


def _day(found: Plan, name: str, lang: Lang) -> Figure:
    """Draw the workday with most calls: the group's agents and what other ways ask for, above the calls."""
    year = found.year
    calls = year.choices[name].pool.calls.reshape(-1, DAYS, STEPS_PER_DAY)
    week, day = np.unravel_index(int(calls[:, :_WORKDAYS].sum(axis=2).argmax()), (len(calls), _WORKDAYS))
    own = slice(int(day) * STEPS_PER_DAY, (int(day) + 1) * STEPS_PER_DAY)
    edges = np.arange(STEPS_PER_DAY + 1) / STEPS_PER_HOUR
    with mpl.rc_context(style()):
        figure = Figure(figsize=(8.4, 5.6), layout="constrained")
        above, below = figure.subplots(2, 1, sharex=True, height_ratios=(2, 1))
        there = found.tours.groups[name].on_duty[week, own]
        above.stairs(there, edges, fill=True, color=BLUE, alpha=0.25)
        above.stairs(there, edges, baseline=None, color=BLUE, linewidth=1.6, label=staff_word("on_duty", lang))
        for way, rival in found.rivals.items():
            label = staff_word("needs", lang).format(staff_word(way, lang))
            needed = rival.needs[name].required[week, own]
            above.stairs(needed, edges, baseline=None, color=_COLOURS[way], linewidth=1.4, label=label)
        below.stairs(calls[week, day], edges, fill=True, color=GREY)
        weekday = figure_word("weekdays", lang).split()[int(day)]
        what = staff_word("day", lang).format(weekday, year.weeks[week].label)
        title = own_name(year.scenario.groups[name].title, name, lang)
        above.set_title(f"{_title(found, title, lang)}\n{what}", pad=18)
        note(above, staff_word("day_note", lang))
        above.set_ylabel(staff_word("agents", lang))
        above.legend(loc="upper left", fontsize=9)
        below.set_ylabel(staff_word("calls", lang))
        below.set_xlabel(staff_word("hour", lang))
        below.set_xlim(0, 24)
        below.set_xticks(range(0, 25, 2))
        for axes in (above, below):
            axes.set_ylim(bottom=0)
            axes.yaxis.set_major_formatter(THOUSANDS)
    return figure


def _ways(found: Plan, lang: Lang) -> Figure:
    """Draw what the plan and other ways cost, beside how surely the targets hold with each."""
    own = {"total_wan": found.bill.total_wan, "personnel_wan": found.bill.line("personnel").wan}
    rows = {"plan": {**own, **staff_rows.probability(found)}, **staff_rows.against(found)}
    rows["plan"]["probability"] = rows["plan"]["estimate"]
    places = np.arange(len(rows))[::-1]
    with mpl.rc_context({**style(), "axes.grid.axis": "x"}):
        figure = Figure(figsize=(8.4, 3.2), layout="constrained")
        left, right = figure.subplots(1, 2, sharey=True, width_ratios=(3, 2))
        people = np.array([row["personnel_wan"] for row in rows.values()])
        total = np.array([row["total_wan"] for row in rows.values()])
        left.barh(places, people, 0.55, color=BLUE, label=staff_word("personnel", lang))
        left.barh(places, total - people, 0.55, people, color=GREY, label=staff_word("others_wan", lang))
        for place, cost in zip(places, total, strict=True):
            left.text(cost, place, f" {cost:,.0f}", va="center")
        left.set_xlim(0, total.max() * 1.15)
        left.set_yticks(places, [staff_word(way, lang) for way in rows])
        left.set_xlabel(_contract(lang))
        left.locator_params(axis="x", nbins=5)
        left.xaxis.set_major_formatter(THOUSANDS)
        left.legend(loc="upper center", bbox_to_anchor=(0.5, 1.16), ncols=2, fontsize=9)
        for place, row in zip(places, rows.values(), strict=True):
            right.plot([100.0 * row["low"], 100.0 * row["high"]], [place, place], color="0.3", linewidth=1.2)
            right.plot(100.0 * row["probability"], place, "o", color="0.1")
        _asked(found, right, lang, across=False)
        right.set_xlim(0, 103)
        right.set_xlabel(f"{staff_word('probability', lang)}\n({staff_word('bars', lang)})")
        figure.suptitle(_title(found, staff_word("ways", lang), lang), x=0.01, ha="left", fontsize=11)
    return figure


def _asked(found: Plan, axes: Axes, lang: Lang, *, across: bool) -> None:
    """Mark the probability asked for."""
    if found.asked.budget_wan is None:
        asked = 100.0 * found.asked.probability
        line = axes.axhline if across else axes.axvline
        line(asked, color=GREEN, linestyle="--", linewidth=1.2, label=staff_word("asked_line", lang).format(asked))
        axes.legend(loc="lower right" if across else "upper left", fontsize=9)


def draw_frontier(found: Plan, lang: Lang) -> Figure:
    """Return the figure of cost against answer time, connection rate and probability, the plan and others marked."""
    lang = lang if chinese_font() else "en"
    offers = staff_rows.frontier(found)
    cost = offers["total_wan"].to_numpy()
    targets = {row.key: row for row in found.outcomes.targets}
    costs = [*cost, found.bill.total_wan]
    room = _ROOM * (max(costs) - min(costs))
    with mpl.rc_context(style()):
        figure = Figure(figsize=(8.4, 8.0), layout="constrained")
        panels = figure.subplots(3, 1, sharex=True)
        for axes, (columns, key, scale) in zip(panels, _PANELS, strict=False):
            middle, end = (offers[column].to_numpy() * scale for column in columns)
            axes.fill_between(cost, middle, end, color=BLUE, alpha=0.2, linewidth=0)
            axes.plot(cost, middle, color=BLUE, linewidth=1.6)
            axes.set_title(staff_word(columns[0], lang))
            if key in targets:
                row = targets[key]
                axes.axhline(row.target * scale, color=GREEN, linestyle="--", linewidth=1.2,
                             label=f"{staff_word('target', lang)} {row.op} {row.target * scale:.10g}")  # fmt: skip
                if row.measured is not None:
                    axes.plot(found.bill.total_wan, row.measured * scale, "o", color=BLUE, markersize=8,
                              markeredgecolor="black", label=staff_word("plan", lang))  # fmt: skip
        panels[2].plot(cost, offers["probability"].to_numpy() * 100.0, color=BLUE, linewidth=1.6)
        panels[2].set_title(staff_word("probability", lang))
        panels[0].set_xlim(min(costs) - room, max(costs) + room)
        _mark_ways(found, panels[2], max(costs), lang)
        for way, rival in found.rivals.items():
            for axes in panels[:2]:
                if rival.total_wan <= max(costs) + room:
                    axes.axvline(rival.total_wan, color=_COLOURS[way], linewidth=1.2, label=staff_word(way, lang))
        for axes in panels[:2]:
            axes.legend(loc="best", fontsize=9)
        _asked(found, panels[2], lang, across=True)
        panels[2].set_ylim(-3, 103)
        panels[2].set_xlabel(_contract(lang))
        panels[2].xaxis.set_major_formatter(THOUSANDS)
        top = panels[0].get_ylim()[1]
        panels[0].set_ylim(0, min(top, _TOP * targets["asa"].target) if "asa" in targets else top)
        figure.suptitle(_title(found, staff_word("frontier_figure", lang), lang), x=0.01, ha="left", fontsize=12)
        figure.supxlabel(staff_word("band", lang), fontsize=8.5, color="0.3")
    return figure


_PANELS: Final = (
    (("asa_s", "asa_high_s"), "asa", 1.0),
    (("connection", "connection_low"), "connection_rate", 100.0),
)


def draw_frontiers(found: Frontiers, lang: Lang) -> Figure:
    """Return the same of several scenarios, a curve each, their plans marked; targets are dashed lines."""
    lang = lang if chinese_font() else "en"
    names = labels(found, lang)
    looks = [(line, colour) for line in _LINES for colour in _CURVES]
    rows = {row["scenario"]: row for row in staff_rows.plans(found).iter_rows(named=True)}
    with mpl.rc_context(style()):
        figure = Figure(figsize=(8.4, 8.4 + 0.22 * len(names)), layout="constrained")
        panels = figure.subplots(3, 1, sharex=True)
        for place, (name, label) in enumerate(names.items()):
            line, colour = looks[place % len(looks)]
            marker = _MARKERS[place % len(_MARKERS)]
            if name in found.faults:
                panels[0].plot([], [], " ", label=f"{label}: {staff_word('no_plan', lang)}")
                continue
            offers = staff_rows.frontier(found.plans[name])
            cost, row = offers["total_wan"].to_numpy(), rows[name]
            panels[2].plot([row["total_wan"]] * 2, [100.0 * row["low"], 100.0 * row["high"]], color=colour)
            for axes, (column, scale) in zip(panels, _CURVE_PANELS, strict=True):
                # With dots, so that a single offer is seen.
                axes.plot(cost, offers[column].to_numpy() * scale, f".{line}", color=colour, linewidth=1.6)
                if row[column] is not None:
                    axes.plot(row["total_wan"], row[column] * scale, marker, color=colour, markersize=8,
                              markeredgecolor="black")  # fmt: skip
            panels[0].plot([], [], line, color=colour, marker=marker, markeredgecolor="black", label=label)
        for axes, (column, _) in zip(panels, _CURVE_PANELS, strict=True):
            axes.set_title(staff_word(column, lang), pad=18 if axes is panels[0] else None)
        note(panels[0], staff_word("curves", lang))
        highest = _targets(found, panels)
        panels[0].plot([], [], "--", color=_TARGET, linewidth=1.2, label=staff_word("target_or_asked", lang))
        panels[2].axhline(100.0 * found.first.asked.probability, color=_TARGET, linestyle="--", linewidth=1.2)
        panels[2].set_ylim(-3, 103)
        panels[2].set_xlabel(_contract(lang))
        panels[2].xaxis.set_major_formatter(THOUSANDS)
        top = panels[0].get_ylim()[1]
        panels[0].set_ylim(0, top if highest is None else min(top, _TOP * highest))
        figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=2, fontsize=9)
        figure.suptitle(staff_word("frontiers_figure", lang), x=0.01, ha="left", fontsize=12)
    return figure


def _targets(found: Frontiers, panels: Sequence[Axes]) -> float | None:
    """Draw the plans' targets for answer time and connection, each once; return the longest answer time among them."""
    wanted: dict[str, set[float]] = {"asa": set(), "connection_rate": set()}
    for plan in found.plans.values():
        for row in plan.outcomes.targets:
            if row.key in wanted:
                wanted[row.key].add(row.target)
    for axes, (_, key, scale) in zip(panels, _PANELS, strict=False):
        for target in wanted[key]:
            axes.axhline(target * scale, color=_TARGET, linestyle="--", linewidth=1.2)
    return max(wanted["asa"], default=None)


def _points(found: Plan) -> Iterator[tuple[str, float, float, tuple[float, float]]]:
    """Yield each way to plan with its cost, its probability and that one's interval."""
    estimate, *interval = found.chance
    yield "plan", found.bill.total_wan, estimate, (interval[0], interval[1])
    for way, rival in found.rivals.items():
        yield way, rival.total_wan, rival.probability, rival.interval


def _mark_ways(found: Plan, axes: Axes, end: float, lang: Lang) -> None:
    """Mark the plan and the others by cost and probability; those that are dearer than is drawn, at the edge."""
    for way, cost, chance, (low, high) in _points(found):
        name = staff_word(way, lang)
        if cost <= end:
            axes.plot([cost, cost], [100.0 * low, 100.0 * high], color=_COLOURS[way], linewidth=1.2)
            axes.plot(cost, 100.0 * chance, "o", color=_COLOURS[way], markersize=8, markeredgecolor="black", label=name)
        else:
            told = staff_word("beyond", lang).format(name, cost)
            at_edge = axes.get_yaxis_transform()
            axes.plot(1.0, 100.0 * chance, ">", color=_COLOURS[way], markersize=8, markeredgecolor="black", label=told,
                      transform=at_edge, clip_on=False)  # fmt: skip
