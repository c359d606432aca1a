"""The figures of a comparison: from the base to a case, cause by cause."""

from __future__ import annotations

import textwrap
from typing import Final

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from sim.experiment.causes import Split
from sim.experiment.compare import Case, Comparison
from sim.experiment.ranking import TOTAL, WAN, better
from sim.report import formats
from sim.report.comparison import change
from sim.report.figures import BLUE, GREEN, ORANGE, chinese_font, note, style
from sim.report.names import any_name, cause_name
from sim.report.words import Lang, figure_word

_MEASURE = "connection_rate"
_TITLE_WIDTH: Final = 64
"""Characters of a line of a title; names of changes are long."""


def waterfalls(found: Comparison, lang: Lang) -> dict[str, Figure]:
    """Return a waterfall of the connection rate, of the total cost and of what the cases are ranked by, a case each.

    Parameters
    ----------
    found
        The comparison; cases whose difference was not parted have no figure.
    lang
        The language of the labels; English where no Chinese font is installed.
    """
    if chinese_font() is None:
        lang = "en"
    with mpl.rc_context(style()):
        return {
            f"waterfall-{name}" + (f"-{case.name}" if len(found.cases) > 1 else ""): _waterfall(
                found.base, case, split, name, len(found.numbers), lang
            )
            for case in found.cases
            for name in dict.fromkeys((_MEASURE, TOTAL, found.rank_by))
            if (split := case.split) is not None and case.causes.get(name)
        }


def _waterfall(base: str, case: Case, split: Split, name: str, runs: int, lang: Lang) -> Figure:
    """Draw what each cause does to a measure or line as a bar that begins where the one before ended.

    The axis need not begin at 0: the two ends are marks, not bars, so that no length misleads.
    """
    own = {**case.measures, **case.lines}[name]
    scale = 100.0 if own.unit.startswith("share") else 1.0
    steps = np.array([part.mean for part in case.causes[name]], float) * scale
    ends = (own.base or 0.0) * scale + np.concatenate(([0.0], np.cumsum(steps)))
    way = {"higher": 1.0, "lower": -1.0, None: 0.0}[better(name)]
    colours = [{1.0: GREEN, -1.0: ORANGE}.get(float(np.sign(step) * way), BLUE) for step in steps]
    rows = np.arange(1, len(steps) + 1)
    figure = Figure(figsize=(8.4, 1.7 + 0.42 * (len(steps) + 2)), layout="constrained")
    axes = figure.subplots()
    axes.grid(axis="x")
    axes.grid(False, axis="y")
    axes.barh(rows, steps, left=ends[:-1], color=colours, height=0.62)
    for row, end in enumerate(ends):
        axes.vlines(end, row, row + 1, color="0.4", linewidth=0.9)
    axes.plot([ends[0], ends[-1]], [0, len(steps) + 1], "D", color="black", markersize=6)
    told = [_told(own.base, own.unit), *(change(s / scale, own.unit, lang) for s in steps), _told(own.mean, own.unit)]
    rights = [ends[0], *np.maximum(ends[:-1], ends[1:]), ends[-1]]
    for row, (right, label) in enumerate(zip(rights, told, strict=True)):
        axes.annotate(label, (right, row), (8, 0), textcoords="offset points", va="center", fontsize=9)
    labels = [base, *(cause_name(cause.key, lang) for cause in split.causes), case.name]
    axes.set_yticks(range(len(labels)), labels)
    axes.tick_params(axis="y", length=0)
    axes.invert_yaxis()
    axes.use_sticky_edges = False  # room for the labels beside the bars
    axes.margins(x=0.14)
    axes.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 2.5, 5, 10]))
    axes.ticklabel_format(axis="x", useOffset=False, style="plain")
    title = f"{any_name(name, lang)}, {'万元' if lang == 'zh' or chinese_font() else '10,000 yuan'}"
    shown = title if own.unit == WAN else any_name(name, lang) + (", %" if scale > 1.0 else "")
    whole = figure_word("waterfall", lang).format(shown, base, case.name)
    axes.set_title("\n".join(textwrap.wrap(whole, _TITLE_WIDTH)), pad=18)
    replications = figure_word("mean_of_one", lang) if runs == 1 else figure_word("mean_of", lang).format(runs)
    note(axes, figure_word("waterfall_basis", lang).format(replications) if way else replications)
    return figure


def _told(value: float | None, unit: str) -> str:
    return formats.wan(value) if unit == WAN else formats.number(value, unit)
