"""The year so far on screen: the targets' chances, what may still be lost, money, variances, month by month."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from sim.cost.bill import FEN_PER_WAN
from sim.experiment.account import Range
from sim.experiment.gather import Settings
from sim.experiment.precision import FEWEST
from sim.experiment.track import Track
from sim.report import formats, tables
from sim.report.names import line_name, measure_basis
from sim.report.tables import new_table
from sim.report.track_words import track_word
from sim.report.words import Lang, word
from sim.scenario import Scenario
from sim.targets import TargetRow


def track_tables(found: Track, settings: Settings, lang: Lang) -> Iterator[RenderableType]:
    """Yield everything of the year so far, in the order of a meeting's questions."""
    yield _heading(found, settings, lang)
    if found.targets:
        yield tables.targets(_Shown(found.scenario, _with_readings(found, lang)), lang, "year_end")
    if found.losses is not None or found.waits is not None:
        yield _account(found, lang)
    if found.lines:
        yield _lines(found, lang)
    if found.call_variances:
        yield _calls(found, lang)
    if found.cost_variances:
        yield _costs(found, lang)
    yield _months(found, lang)


@dataclass(frozen=True)
class _Shown:
    scenario: Scenario
    targets: list[TargetRow]


def _with_readings(found: Track, lang: Lang) -> list[TargetRow]:
    """Return the targets, each followed by its reading as the mean of the months."""
    read = {row.key: row for row in found.readings}
    rows = []
    for row in found.targets:
        rows.append(row)
        if row.key in read:
            name_zh, name_en = (track_word("mean_of_months", of).format(name) for of, name in _names(row))
            rows.append(replace(read[row.key], name_zh=name_zh, name_en=name_en, note=""))
    return rows


def _names(row: TargetRow) -> tuple[tuple[Lang, str], tuple[Lang, str]]:
    return ("zh", row.name_zh), ("en", row.name_en)


def _heading(found: Track, settings: Settings, lang: Lang) -> Text:
    title, months = found.scenario.title, found.months
    name = (title.zh if lang == "zh" else title.en) if title else found.scenario.name
    passed, factor = found.actuals.passed, found.factor
    over = passed == len(months)
    if passed == 0:
        what = track_word("none_passed", lang)
    else:
        key = "all_passed" if over else "passed"
        span = (months[0].month, months[passed - 1].month)
        what = track_word(key, lang).format(*(() if over else (passed, len(months))), *span)
    runs = len(found.calls)
    how = f"{runs} {word('replications', lang)} · {word('seed', lang)} {settings.seed}"
    lines = [f"{what} · {how} · {word(f'engine_{settings.engine}', lang)}"]
    if factor.seen is not None:
        key = "seen_all" if over else "seen" if factor.prior_cv > 0.0 else "no_error"
        shares = (factor.seen, factor.mean, factor.low, factor.high)
        lines.append(track_word(key, lang).format(*((share - 1.0) * 100.0 for share in shares)))
    if runs < FEWEST and not over:
        lines.append(track_word("few", lang).format(runs, FEWEST))
    return Text.assemble((name, "bold"), "\n", "\n".join(lines))


def _range(found: Range, unit: str) -> str:
    return formats.between(found.low, found.high, unit)


def _wan_range(found: Range) -> str:
    """Return a range of money; nothing where all the simulated years have the same."""
    low, high = formats.wan(found.low), formats.wan(found.high)
    return f"{low}–{high}" if low != high else ""


def _answer_time(scenario: Scenario, lang: Lang) -> Text:
    """Return whose time the column of mean answer times tells, and which part of it."""
    return Text(
        track_word("wait_of", lang).format(measure_basis("asa_s", scenario.targets.answer_time_counts, lang)), "dim"
    )


def _account(found: Track, lang: Lang) -> Table:
    """Return what is fixed, what may still be lost, and what the months left must bring."""
    table = new_table(
        track_word("account", lang),
        track_word("item", lang),
        track_word("value", lang),
        track_word("range", lang),
        right=1,
    )

    def add(key: str, value: str, between: str = "", *given: float) -> None:
        table.add_row(track_word(key, lang).format(*given), value, between)

    left = found.actuals.passed < len(found.months)
    so_far = found.call_variances[-1] if found.call_variances else None
    losses, waits = found.losses, found.waits
    if losses is not None:
        if so_far is not None and so_far.offered > 0.0:
            add("rate_so_far", formats.number(so_far.answered / so_far.offered, "share"))
        if left:
            add("calls_left", formats.number(losses.left.mean, "attempts"), _range(losses.left, "attempts"))
            add(
                "may_fail",
                track_word("out_of_reach", lang) if losses.reach == "out_of_reach" else f"{losses.may_fail:,}",
                "" if losses.reach == "out_of_reach" else _range(losses.may_fail_range, "attempts"),
                losses.at_least * 100.0,
            )
            add("will_fail", formats.number(losses.will_fail.mean, "attempts"), _range(losses.will_fail, "attempts"))
            needed = formats.number(losses.needed_rate, "share")
            add("needed_rate", needed if losses.reach == "open" else track_word(losses.reach, lang))
            expected = 1.0 - losses.will_fail.mean / losses.left.mean if losses.left.mean > 0.0 else None
            add("expected_rate", formats.number(expected, "share"))
    if waits is not None:
        if so_far is not None:
            add("asa_so_far", formats.number(so_far.wait_s, "s"))
        if left:
            needed = formats.number(waits.needed_s, "s")
            add("needed_asa", needed if waits.reach == "open" else track_word(waits.reach, lang), "", waits.at_most_s)
            add("expected_asa", formats.number(waits.expected_s, "s"))
    return table


def _lines(found: Track, lang: Lang) -> RenderableType:
    """Return the contract's lines at the year's end; a range where the simulated years differ."""
    keys = ("passed_wan", "left_wan", "year_wan", "range", "as_planned", "difference")
    table = new_table(track_word("lines", lang), word("line", lang), *(track_word(key, lang) for key in keys), right=1)
    passed = found.actuals.passed
    for line in found.lines:
        mark = " *" if line.told_months < passed else ""
        table.add_row(
            line_name(line.key, lang) + mark,
            formats.wan(line.passed_wan),
            formats.wan(line.left.mean),
            formats.wan(line.year.mean),
            _wan_range(line.year),
            formats.wan(line.planned_wan),
            formats.signed(line.year.mean - line.planned_wan),
        )
    sums = [
        sum(values)
        for values in zip(
            *((line.passed_wan, line.left.mean, line.year.mean, line.planned_wan) for line in found.lines), strict=True
        )
    ]
    table.add_section()
    table.add_row(
        word("total", lang), *(formats.wan(value) for value in sums[:3]),
        _wan_range(found.total_wan) if found.total_wan is not None else "", formats.wan(sums[3]),
        formats.signed(sums[2] - sums[3]),
    )  # fmt: skip
    notes = []
    if not all(_wan_range(line.year) for line in found.lines):
        notes.append("fixed_over" if passed == len(found.months) else "fixed")
    if any(line.told_months < passed for line in found.lines):
        notes.append("told")
    return Group(table, *(Text(track_word(note, lang), "dim") for note in notes))


def _calls(found: Track, lang: Lang) -> RenderableType:
    """Return the calls of the months passed against the plan, by cause."""
    keys = (
        "offered", "planned", "difference", "answered", "by_volume", "by_connection", "wait", "planned", "difference",
    )  # fmt: skip
    title = track_word("calls_variance", lang)
    table = new_table(title, track_word("month", lang), *(track_word(key, lang) for key in keys), right=1)
    for row in found.call_variances:
        if row is found.call_variances[-1]:
            table.add_section()
        later = None if row.wait_s is None or row.planned_wait_s is None else row.wait_s - row.planned_wait_s
        table.add_row(
            row.month or word("total", lang),
            formats.number(row.offered, "attempts"),
            formats.number(row.planned_offered, "attempts"),
            formats.signed(row.offered - row.planned_offered, 0),
            formats.signed(row.answered - row.planned_answered, 0),
            formats.signed(row.volume, 0),
            formats.signed(row.connection, 0),
            formats.number(row.wait_s, "s"),
            formats.number(row.planned_wait_s, "s"),
            formats.signed(later, 1),
        )
    return Group(table, Text(track_word("calls_effects", lang), "dim"), _answer_time(found.scenario, lang))


def _costs(found: Track, lang: Lang) -> RenderableType:
    """Return the cost of the months passed that are told against the plan, by line and cause."""
    keys = ("months_told", "actual", "as_planned", "difference", "by_hours", "by_rate")
    title = track_word("cost_variance", lang)
    table = new_table(title, word("line", lang), *(track_word(key, lang) for key in keys), right=1)
    for row in found.cost_variances:
        effects = (row.hours_fen, row.rate_fen)
        table.add_row(
            line_name(row.line, lang),
            str(row.months),
            formats.wan(row.actual_fen / FEN_PER_WAN),
            formats.wan(row.planned_fen / FEN_PER_WAN),
            formats.signed(row.difference_fen / FEN_PER_WAN),
            *("" if fen is None else formats.signed(fen / FEN_PER_WAN) for fen in effects),
        )
    split = any(row.hours_fen is not None for row in found.cost_variances)
    return Group(table, Text(track_word("cost_effects", lang), "dim")) if split else table


def _months(found: Track, lang: Lang) -> RenderableType:
    """Return a row a month, as it was or as it is expected, beside the plan."""
    money = [track_word("wan", lang)] if found.lines else []
    columns = ("offered", "rate", "wait")
    names = [track_word(key, lang) for key in columns]
    planned = [f"{name}, {track_word('planned', lang)}" for name in names]
    heads = (track_word("month", lang), track_word("state", lang), *names, *money, *planned)
    table = new_table(track_word("months", lang), *heads, right=2)
    for row in found.months:
        table.add_row(
            row.month,
            track_word("is_actual" if row.actual else "is_simulated", lang),
            formats.number(row.offered, "attempts"),
            formats.number(row.connection_rate, "share"),
            formats.number(row.asa_s, "s"),
            *([formats.wan(row.wan)] if found.lines else []),
            formats.number(row.planned_offered, "attempts"),
            formats.number(row.planned_connection_rate, "share"),
            formats.number(row.planned_asa_s, "s"),
            style="" if row.actual else "dim",
        )
    return Group(table, _answer_time(found.scenario, lang))
