"""The figures of a roster: agents required and on duty through the busiest typical week of each group for calls."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from sim.report.figures import BLUE, RED, THOUSANDS, chinese_font, style
from sim.report.roster_words import roster_word
from sim.report.tables import own_name
from sim.report.words import Lang, figure_word
from sim.scenario.shifts import DAYS, STEPS_PER_DAY
from sim.staffing.year_tours import YearTours


def draw(found: YearTours, lang: Lang) -> dict[str, Figure]:
    """Return a figure for each group that takes calls; labels are English where no Chinese font is."""
    lang = lang if chinese_font() else "en"
    takes_calls = {name for kind in found.scenario.types.values() for name in kind.groups}
    return {f"week-{name}": _week(found, name, lang) for name in found.groups if name in takes_calls}


def _week(found: YearTours, name: str, lang: Lang) -> Figure:
    own = found.groups[name]
    week = int(np.argmax(np.where(found.shares > 0.0, own.on_duty_h, -1.0)))
    edges = np.arange(DAYS * STEPS_PER_DAY + 1) / STEPS_PER_DAY
    with mpl.rc_context(style()):
        figure = Figure(figsize=(9.0, 3.8), layout="constrained")
        axes = figure.subplots()
        label = roster_word("required", lang)
        axes.stairs(own.need.required[week], edges, fill=True, color=RED, alpha=0.35, label=label)
        label = roster_word("on_duty", lang)
        axes.stairs(own.on_duty[week], edges, baseline=None, color=BLUE, linewidth=1.6, label=label)
        axes.set_xticks(np.arange(DAYS) + 0.5, figure_word("weekdays", lang).split())
        axes.tick_params(axis="x", length=0)
        for midnight in range(1, DAYS):
            axes.axvline(midnight, color="0.88", linewidth=0.8, zorder=0)
        axes.set_xlim(0, DAYS)
        axes.set_ylim(bottom=0)
        axes.set_ylabel(roster_word("axis", lang))
        axes.yaxis.set_major_formatter(THOUSANDS)
        title = own_name(found.scenario.groups[name].title, name, lang)
        axes.set_title(f"{title}: {roster_word('figure', lang).format(found.weeks[week].label)}")
        axes.legend(loc="upper right", ncols=2)
        axes.margins(y=0.2)
    return figure
