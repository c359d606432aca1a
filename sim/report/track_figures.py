"""The figure of the year so far: connection rate and answer time up to each month's end, as a fan to the year's."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.experiment.account import ANSWERED, OFFERED, WAITED, WAITED_S
from sim.experiment.replicate import Floats
from sim.experiment.track import Track
from sim.report.figures import BLUE, GREEN, RED, chinese_font, keep, style
from sim.report.track_words import track_word
from sim.report.words import Lang


def save(found: Track, folder: Path, lang: Lang) -> None:
    """Draw the figure into a folder, which is made (:func:`sim.report.figures.keep`).

    Parameters
    ----------
    found
        The year so far.
    folder
        Where.
    lang
        The language of the labels.
    """
    with mpl.rc_context(style()):
        figure = draw(found, lang)
    keep({"track": figure}, folder)


def draw(found: Track, lang: Lang) -> Figure:
    """Return the figure; English where no Chinese font is installed."""
    lang = lang if chinese_font() else "en"
    figure = Figure(figsize=(8.4, 6.4), layout="constrained")
    above, below = figure.subplots(2, 1, sharex=True)
    title = found.scenario.title
    name = (title.zh if lang == "zh" else title.en) if title else found.scenario.name
    figure.suptitle(
        f"{name}{'：' if lang == 'zh' else ': '}{track_word('title', lang)}", x=0.01, ha="left", fontsize=12
    )
    targets = found.scenario.targets
    rate, asa = targets.connection_rate, targets.asa
    goal = rate.at_least * 100.0 if rate is not None and rate.basis == "attempts" else None
    _fan(above, found, found.cumulative(ANSWERED, OFFERED) * 100.0, GREEN, ("≥", goal, "%"), lang)
    above.set_title(track_word("cumulative_rate", lang))
    seconds = asa.at_most_s if asa is not None else None
    _fan(below, found, found.cumulative(WAITED_S, WAITED), BLUE, ("≤", seconds, "s"), lang)
    below.set_title(track_word("cumulative_asa", lang))
    months = [row.month for row in found.months]
    below.set_xticks(range(len(months)), months, rotation=0 if len(months) <= 8 else 30, fontsize=9)
    below.set_xlim(-0.4, max(len(months) - 0.6, 0.6))
    left = found.actuals.passed < len(months)
    note = track_word("fan" if left else "fan_none", lang).format(len(found.calls))
    figure.supxlabel(note, fontsize=8.5, color="0.3")
    return figure


def _fan(
    axes: Axes, found: Track, ratio: Floats, colour: str, goal: tuple[str, float | None, str], lang: Lang
) -> None:  # fmt: skip
    """Draw the months passed as a line, the years that may follow as bands around their median, and the target."""
    passed, months = found.actuals.passed, ratio.shape[1]
    place = np.arange(months)
    if passed:
        label = track_word("is_actual", lang)
        axes.plot(place[:passed], ratio[0, :passed], color=colour, marker="o", linewidth=1.8, label=label)
    if passed < months:
        begin = max(passed - 1, 0)
        # The fan opens from the last month that is known.
        low, lower, middle, upper, high = np.nanpercentile(ratio[:, begin:], (5, 25, 50, 75, 95), axis=0)
        axes.fill_between(place[begin:], low, high, color=colour, alpha=0.18, linewidth=0)
        axes.fill_between(place[begin:], lower, upper, color=colour, alpha=0.32, linewidth=0)
        label = track_word("median", lang)
        axes.plot(place[begin:], middle, color=colour, linestyle=":", linewidth=1.6, label=label)
    op, value, unit = goal
    if value is not None:
        label = track_word("target", lang).format(op, f"{value:.10g} {unit}")
        axes.axhline(value, color=RED, linestyle="--", linewidth=1.2, label=label)
    axes.margins(y=0.12)
    axes.legend(loc="best", fontsize=9)
