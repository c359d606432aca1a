"""The figure of the heads through the year: on the floor, in training, at full strength, and what the plan needs."""

from __future__ import annotations

import datetime as dt

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from sim.experiment.heads import Heads
from sim.report.figures import GREEN, GREY, ORANGE, RED, THOUSANDS, chinese_font, note, style
from sim.report.heads_words import heads_word
from sim.report.tables import own_name
from sim.report.words import Lang


def draw(found: Heads, lang: Lang) -> Figure:
    """Return the figure, trainees below on an axis of their own; labels are English where no Chinese font is."""
    lang = lang if chinese_font() else "en"
    weeks = found.by_week()
    edges = [*weeks["from"].to_list(), weeks["to"][-1] + dt.timedelta(days=1)]
    with mpl.rc_context(style()):
        figure = Figure(figsize=(9.0, 5.6), layout="constrained")
        above, below = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
        low, high = (
            np.append(weeks[f"full_strength_{end}"], weeks[f"full_strength_{end}"][-1]) for end in ("low", "high")
        )
        above.fill_between(edges, low, high, step="post", color=GREEN, alpha=0.2, linewidth=0)
        for column, colour, width in (("heads", GREY, 1.2), ("full_strength", GREEN, 1.8), ("needed", RED, 1.4)):
            values = weeks[column].to_numpy()
            label = heads_word(column, lang)
            above.stairs(values, edges, baseline=None, color=colour, linewidth=width, label=label)
        below.stairs(weeks["trainees"].to_numpy(), edges, fill=True, color=ORANGE)
        below.set_title(heads_word("trainees", lang))
        name = own_name(found.scenario.title, found.scenario.name, lang)
        above.set_title(f"{name}\n{heads_word('figure', lang)}", pad=18)
        note(above, heads_word("figure_note", lang).format(len(found.paths)))
        above.legend(loc="lower right", ncols=3)
        below.set_ylim(bottom=0)
        above.margins(y=0.15)
        for axes in (above, below):
            axes.yaxis.set_major_formatter(THOUSANDS)
        below.set_xlim(edges[0], edges[-1])
    return figure
