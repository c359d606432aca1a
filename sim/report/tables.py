"""A run on screen: what was simulated, the targets, the year in figures, month by month."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from sim.experiment.run import Result
from sim.measures import Estimate
from sim.report import formats
from sim.report.names import MEASURES, VERDICT_COLOURS, measure_basis, measure_label, measure_name, verdict_word
from sim.report.phrases import said
from sim.report.words import Lang, figure_word, word
from sim.scenario import Scenario
from sim.scenario.base import Title
from sim.scenario.money import LINES
from sim.targets import TargetRow

_PERIOD_COLUMNS: Final = (
    "offered",
    "connection_rate",
    "asa_s",
    "answered_within_15s_share",
    "lost_share",
    "occupancy",
)
_ONLY_IF_THERE: Final = (
    "repeat_share",
    "callbacks",
    "callback_wait_s",
    "estimate_error_s",
    "transfer_share",
    "hasty_share",
    "task_h",
    "seat_capped_slots",
)
"""Measures that are shown only if they are not 0."""


class Judged(Protocol):
    """What has targets that were judged: a run's result, or the year so far."""

    @property
    def scenario(self) -> Scenario:
        """The scenario."""

    @property
    def targets(self) -> list[TargetRow]:
        """Its targets and what became of them."""


def new_table(title: str, *columns: str, right: int = 0) -> Table:
    """Return an empty table in the house style; columns from ``right`` on, if given, are right-aligned."""
    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
    for place, column in enumerate(columns):
        table.add_column(column, justify="right" if right <= place and right else "left")
    return table


def heading(result: Result, lang: Lang) -> Text:
    """Return the line that says what was simulated."""
    title = result.scenario.title
    name = (title.zh if lang == "zh" else title.en) if title else result.scenario.name
    settings = result.settings
    runs = len(result.numbers)
    replications = figure_word("mean_of_one", lang) if runs == 1 else f"{runs} {word('replications', lang)}"
    what = (
        f"{result.first} – {result.last} · {replications} · "
        f"{word('seed', lang)} {settings.seed} · {word(f'engine_{settings.engine}', lang)}"
    )
    return Text.assemble((name, "bold"), "\n", what)


def targets(
    result: Judged, lang: Lang, measured: str = "measured", *, title: str | None = None,
    only: Callable[[TargetRow], bool] = lambda row: True,
) -> RenderableType:  # fmt: skip
    """Return the targets: what is wanted, what was simulated, how likely, and the verdict in words.

    Parameters
    ----------
    result
        What was judged.
    lang
        Which language.
    measured
        The word for what was simulated.
    title
        What stands above; left out, that these are the targets.
    only
        Which of them.
    """
    keys = ("target", "wanted", measured, "verdict", "probability")
    table = new_table(title or word("targets", lang), *(word(key, lang) for key in keys))
    table.columns[0].min_width = 16
    for column in table.columns[1:]:
        column.no_wrap = True
    for place in (1, 2, 4):
        table.columns[place].justify = "right"
    notes: dict[str, int] = {}
    for row in filter(only, result.targets):
        mark = ""
        if row.note:
            mark = f" [{notes.setdefault(said(row.note, lang), len(notes) + 1)}]"
        verdict = Text(verdict_word(row.verdict, lang), VERDICT_COLOURS[row.verdict])
        if row.probability is None:
            verdict = Text(verdict_word("not_judged", lang), "dim")
        name = row.name_zh if lang == "zh" else row.name_en
        if row.key == "asa":
            basis = measure_basis("asa_s", result.scenario.targets.answer_time_counts, lang)
            name = f"{name}（{basis}）" if lang == "zh" else f"{name} ({basis})"
        unit = formats.unit_of_volume(row.target) if row.unit == "contacts" else row.unit
        table.add_row(
            Text(name + mark),
            f"{row.op} {formats.limit(row.target, unit)}",
            formats.with_interval(row.measured, row.low, row.high, unit),
            verdict,
            formats.probability(row.probability, row.probability_low, row.probability_high),
        )
    return Group(table, *(Text(f"[{i}] {note}", "dim") for note, i in notes.items()))


def measures(result: Result, lang: Lang) -> Table:
    """Return the measures a meeting asks for; all of them are in the result folder."""
    year = (result.last - result.first).days + 1 in (365, 366)
    title = word("measures", lang) if year else word("measures_of", lang).format(result.first, result.last)
    table = new_table(title, word("measure", lang), word("mean", lang), word("interval", lang), right=1)
    simulated = any(kind.is_written for kind in result.scenario.kinds.values())

    def add(label: str, found: Estimate) -> None:
        interval = formats.between(found.low, found.high, found.unit)
        table.add_row(label, formats.number(found.mean, found.unit), interval)

    for name in MEASURES:
        found, written = result.measures[name], result.measures["written_contacts"]
        if name == "accepted" and simulated:
            add(word("written_done", lang), written)
        if found.mean is not None and (found.mean > 0.0 or name not in _ONLY_IF_THERE):
            if name == "work_orders" and simulated:
                add(word("work_orders_of_all", lang), found)
            else:
                add(measure_label(name, result.scenario.targets.answer_time_counts, lang), found)
        if name == "offered" and result.surge_contacts != 0.0:
            table.add_row(word("from_surges", lang), formats.number(result.surge_contacts, "attempts"), "")
    return table


def tasks(result: Result, lang: Lang) -> Table:
    """Return a row a kind of work that can wait (§12): how much, how long it waits, how late it is.

    A mean of many years may hide a bad one: where it matters the worst stands under it.
    """
    keys = ("kind", "released", "task_hours", "waited", "oldest", "overdue", "backlog_max", "left")
    table = new_table(word("tasks", lang), *(word(key, lang) for key in keys), right=1)
    if len(result.numbers) > 1:
        table.caption, table.caption_justify, table.caption_style = word("worst_of_all", lang), "left", "dim"
    for name, found in result.kinds.items():
        table.add_row(
            kind_name(result, name, lang),
            formats.number(found["released"].mean, "tasks"),
            formats.number(found["handling_h"].mean, "h"),
            formats.hours(found["wait_s"].mean),
            _and_worst(found["oldest_h"], "hours"),
            _and_worst(found["overdue_share"], "share"),
            _and_worst(found["backlog_max"], "tasks"),
            formats.number(found["left"].mean, "tasks"),
        )
    return table


def _and_worst(found: Estimate, unit: str) -> str:
    """Return a mean and, in brackets under it, the highest of the replications if there was any."""
    mean = formats.number(found.mean, unit)
    known = [value for value in found.values if value is not None]
    return f"{mean}\n({formats.bare(max(known), unit)})" if len(known) > 1 and max(known) > 0.0 else mean


def kind_name(result: Result, name: str, lang: Lang) -> str:
    """Return what a kind of task is called."""
    return own_name(result.scenario.kinds[name].title, name, lang)


def own_name(title: Title | None, name: str, lang: Lang) -> str:
    """Return a title in a language; where there is none, the name."""
    if title is None:
        return name
    return title.zh if lang == "zh" else title.en


def levers(result: Result, lang: Lang) -> RenderableType:
    """Return a row a group that is called in (§14): how long it was there, what it took, what the bill has for it."""
    keys = ("group", "on_duty_h", "taken", *(["wan"] if result.bill else []))
    table = new_table(word("levers", lang), *(word(key, lang) for key in keys), right=1)
    for name, group in result.scenario.groups.items():
        if group.activation is None:
            continue
        found = result.groups[name]
        wan = result.bill.lever_wan(name) if result.bill else None
        table.add_row(
            own_name(group.title, name, lang),
            formats.number(found["on_duty_h"].mean, "h"),
            formats.number(found["answered"].mean, "attempts"),
            *([formats.NOTHING if wan is None else formats.wan(wan)] if result.bill else []),
        )
    return Group(table, Text(word("lever_basis", lang))) if result.bill else table


def periods(result: Result, lang: Lang) -> Table:
    """Return a row a month, quarter or week of a run made with ``by``, the worst connection rate marked.

    A month also has what it costs where the scenario has money. Bases are those of the year's table.
    """
    by = result.settings.by or "month"
    costs: list[float] = []
    if by == "month" and result.bill is not None:
        costs = [sum(month[f"{line}_wan"] for line in LINES) for month in result.bill.by_month()]
    names = [measure_name(name, lang) for name in _PERIOD_COLUMNS]
    money = [f"{word('total', lang)}, 万元"] if costs else []
    table = new_table(word(f"by_{by}", lang), word(by, lang), *names, *money, "", right=1)
    table.columns[-1].justify = "left"
    rates = [period.measures["connection_rate"].mean for period in result.others]
    known = [rate for rate in rates if rate is not None]
    worst = rates.index(min(known)) if len(known) > 1 else None
    for place, period in enumerate(result.others):
        found = [period.measures[name] for name in _PERIOD_COLUMNS]
        table.add_row(
            period.label,
            *(formats.number(estimate.mean, estimate.unit) for estimate in found),
            *(formats.wan(cost) for cost in costs[place : place + 1]),
            word("worst", lang) if place == worst else "",
            style="bold yellow" if place == worst else "",
        )
    return table
