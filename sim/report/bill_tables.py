"""Money on screen: the contract by line and part, by month, what it implies, the department's budget."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Final

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from sim.cost.bill import FEN_PER_WAN, Bill, Line
from sim.cost.budget import HOTLINE, Budget, checks
from sim.cost.calibrate import Calibration
from sim.cost.heads import TELEPHONE, Step
from sim.cost.implied import Implied, OtherYear, PlannedVolume
from sim.report import formats
from sim.report.heads_words import heads_word
from sim.report.names import column_name, line_name, part_name
from sim.report.phrases import said, unit
from sim.report.tables import new_table
from sim.report.words import Lang, figure_word, word
from sim.scenario.sources import DEFAULT

_PARTS_SHOWN: Final = 12
"""Parts of a line in the bill's figure; the rest is one more."""


def contract(bill: Bill, lang: Lang, accepted: float | None = None) -> RenderableType:
    """Return the contract by line, beside the published figures.

    Parameters
    ----------
    bill
        The bill.
    lang
        Which language.
    accepted
        Accepted contacts to divide the total by; by default those the plan expects.
    """
    columns = ("line", "published", "priced", "difference", "share")
    table = new_table(word("contract", lang), *(word(column, lang) for column in columns), right=1)
    table.columns[0].overflow = "fold"
    found = bill.to_dict(accepted)
    solved = {path.split(".")[1] for path in bill.calibrated}
    total = bill.total_wan

    def add(name: str, published: float | None, priced: float, style: str = "") -> None:
        difference = None if published is None else priced - published
        share = formats.number(priced / total if total else None, "share")
        table.add_row(
            name,
            _amount(published) if published is not None else formats.NOTHING,
            formats.wan(priced),
            formats.signed(difference),
            share,
            style=style,
        )

    for line in bill.lines:
        mark = " *" if line.key in solved else ""
        add(line_name(line.key, lang) + mark, line.published_wan, line.wan)
    add(word("total", lang), bill.published_total_wan, total, "bold")
    each = formats.bare(found["per_accepted_cny"], "yuan")
    basis = "per_planned" if accepted is None else "per_accepted"
    told = Text(f"{word(basis, lang)}: {each}")
    return Group(table, *_short(bill, lang), *_days(bill, lang), *_levers(bill, lang), told, *_calibrated(bill, lang))


def _short(bill: Bill, lang: Lang) -> Iterator[Text]:
    needed, seats = bill.drivers.seats_needed, bill.drivers.seats
    if needed > seats > 0:
        yield Text(word("seats_short", lang).format(needed - seats, needed, seats), "bold yellow")


def _levers(bill: Bill, lang: Lang) -> Iterator[Text]:
    drivers = [part.driver for part in bill.line("personnel").parts if part.key.startswith("levers.")]
    for ending, note in (("as simulated", "levers_simulated"), ("0 until simulated", "levers_unknown")):
        if any(driver.endswith(ending) for driver in drivers):
            yield Text(word(note, lang))


def head_changes(bill: Bill, plan: Bill, lang: Lang) -> RenderableType:
    """Return what a head-count does to the bill, by line and part that it changes: the plan's amount, and its own."""
    title = heads_word(f"head_changes_{bill.drivers.counted}", lang)
    columns = (word("part", lang), word("driver", lang), heads_word("plan", lang), heads_word("counted", lang))
    table = new_table(title, *columns, word("difference", lang))
    for column in table.columns[2:]:
        column.justify = "right"
    changes = bill.head_changes()

    def add(name: str, driver: str, planned: float, counted: float, style: str = "") -> None:
        difference = formats.signed(counted - planned)
        table.add_row(Text(name), driver, formats.wan(planned), formats.wan(counted), difference, style=style)

    for line, before in zip(bill.lines, plan.lines, strict=True):
        own = [change for change in changes if change.line == line.key]
        if own:
            add(line_name(line.key, lang), "", before.wan, line.wan, "bold")
        for change in own:
            both = change.planned_fen / FEN_PER_WAN, change.counted_fen / FEN_PER_WAN
            add(f"  {part_name(change.key, lang)}", said(change.driver, lang), *both)
    add(word("total", lang), "", plan.total_wan, bill.total_wan, "bold")
    drivers = bill.drivers
    told = heads_word("agents_paid", lang).format(
        drivers.agents_on_payroll, drivers.agents, drivers.trainees_on_payroll, drivers.trainees
    )
    return Group(table, Text(told))


def _days(bill: Bill, lang: Lang) -> Iterator[Text]:
    if not bill.whole:
        days = bill.drivers.days
        yield Text(f"{days[0]} – {days[-1]}: {word('share_of_plan', lang)}")


def _calibrated(bill: Bill, lang: Lang) -> Iterator[Text]:
    if bill.calibrated:
        yield Text(f"{word('calibrated', lang)} {', '.join(bill.calibrated)}", "dim")


def parts(bill: Bill, lang: Lang) -> RenderableType:
    """Return every part of every line, driver × quantity × rate; below, where its numbers come from, the rate first."""
    columns = ("part", "driver", "quantity", "unit", "rate", "wan", "source")
    table = new_table(word("parts", lang), *(word(column, lang) for column in columns))
    for column in (0, 1, 3):
        table.columns[column].overflow = "fold"
    for column in (2, 4, 5):
        table.columns[column].justify = "right"
        table.columns[column].no_wrap = True
    notes = _Sources(lang, bill.calibrated)
    for line in bill.lines:
        table.add_row(Text(line_name(line.key, lang)), "", "", "", "", formats.wan(line.wan), style="bold")
        for part in line.parts:
            table.add_row(
                f"  {part_name(part.key, lang)}",
                said(part.driver, lang),
                formats.quantity(part.quantity),
                unit(part.unit, lang),
                formats.rate(part.rate_cny),
                formats.wan(part.wan),
                notes.cite(part.sources),
            )
    return Group(table, *notes.listed())


class _Sources:
    """Numbers the sources that a table cites, and lists them below it."""

    def __init__(self, lang: Lang, calibrated: Collection[str] = ()) -> None:
        self.lang = lang
        self.calibrated = calibrated
        self.numbers: dict[str, int] = {}

    def cite(self, sources: Mapping[str, str]) -> str:
        """Return the numbers of sources by key path, each source once; a calibrated number has a star.

        Numbers that no file sets are left out.
        """
        given = {path: source for path, source in sources.items() if source != DEFAULT}
        marks = {source: "*" if path in self.calibrated else "" for path, source in given.items()}
        return " ".join(
            f"{self.numbers.setdefault(source, len(self.numbers) + 1)}{mark}" for source, mark in marks.items()
        )

    def listed(self) -> Iterator[Text]:
        """Yield each source with its number."""
        return (Text(f"[{number}] {said(source, self.lang)}", "dim") for source, number in self.numbers.items())


def from_work_to_heads(found: Sequence[Step], lang: Lang, *, part: bool = False) -> RenderableType:
    """Return the way from work to heads, a row a step; below, where its numbers come from.

    The way is that of the whole plan; ``part`` says so in its heading, beside a bill of some of the days.
    """
    columns = ("step", "how", "hours", "heads", "source")
    table = new_table(
        word("way_of_whole" if part else "from_work_to_heads", lang), *(word(column, lang) for column in columns)
    )
    table.columns[0].overflow = "fold"
    table.columns[1].no_wrap = True
    for column in (1, 2, 3):
        table.columns[column].justify = "right"
    notes = _Sources(lang)
    for step in found:
        table.add_row(
            _step_name(step, lang),
            _how(step, lang),
            "" if step.hours is None else f"{step.hours:,.0f}",
            "" if step.heads is None else f"{step.heads:,.1f}",
            notes.cite(step.sources),
            style="bold" if step.kind in ("agent_hours", "agents", "heads") else "",
        )
    return Group(table, *notes.listed())


def _step_name(step: Step, lang: Lang) -> str:
    if step.title is not None:
        name = step.title[lang]
    elif step.key == TELEPHONE:
        name = word("step_telephone", lang)
    elif step.kind in ("duty", "work", "post", "ratio", "office"):
        name = part_name(step.key, lang)
    else:
        name = word(f"step_{step.key}", lang)
    mark = {"duty": "on_duty", "work": "of_them"}.get(step.kind)
    return f"{word(mark, lang)}{name}" if mark else name


def _how(step: Step, lang: Lang) -> str:
    """Return what is multiplied or divided at a step."""
    given = {name: formats.quantity(value) for name, value in step.factors.items()}
    shares = {name: f"{value * 100:.4g} %" for name, value in step.factors.items()}
    if step.kind == "volume":
        return given["volume"]
    if step.kind == "duty":
        return f"{word('roster', lang)} × (1 − {shares['absence_share']})"
    if step.kind == "work":
        busy = f" ÷ {step.factors['busy_share'] * 100:.1f} %" if step.factors["busy_share"] else ""
        return f"{given['volume']} × {step.factors['minutes']:.2f} min{busy}"
    if step.kind == "overtime":
        return f"× {shares['share']}"
    if step.kind == "hours_per_head":
        years = "" if math.isclose(step.factors["years"], 1.0) else f" × {given['years']}"
        return f"{given['hours_per_year']} h × (1 − {shares['shrinkage_share']}){years}"
    if step.kind == "agents":
        return f"{given['agent_hours']} h ÷ {given['hours_per_head']} h"
    if step.kind == "trainees":
        return f"{given['agents']} × {shares['attrition']} × {given['weeks']} ÷ 52"
    if step.kind == "post":
        return f"{formats.quantity(step.hours or 0.0)} h ÷ {given['hours_per_head']} h"
    if step.kind == "ratio":
        return f"{given['agents']} ÷ {given['agents_per_head']}"
    return ""


def by_month(bill: Bill, lang: Lang) -> Table:
    """Return the bill by month."""
    rows = bill.by_month()
    names = [f"{line.key}_wan" for line in bill.lines]
    table = new_table(
        word("bill_by_month", lang),
        word("month", lang),
        word("heads", lang),
        word("paid_h", lang),
        *(line_name(line.key, lang) for line in bill.lines),
        word("total", lang),
        right=1,
    )
    for row in rows:
        amounts = [row[name] for name in names]
        table.add_row(
            row["month"],
            formats.quantity(row["heads"]),
            formats.quantity(row["paid_h"]),
            *(formats.wan(amount) for amount in amounts),
            formats.wan(sum(amounts)),
        )
    totals = [line.wan for line in bill.lines]
    table.add_row(
        word("total", lang),
        "",
        formats.quantity(sum(row["paid_h"] for row in rows)),
        *(formats.wan(amount) for amount in totals),
        formats.wan(bill.total_wan),
        style="bold",
    )
    return table


def planned_volume(found: PlannedVolume, lang: Lang) -> RenderableType:
    """Return the accepted contacts of the plan, by telephone and written; below, whether they are as many as wanted."""
    table = new_table("", "", "", right=1)
    table.show_header = False
    volume = formats.unit_of_volume(found.accepted)
    for key, value in (
        ("telephone_planned", found.telephone),
        ("written_planned", found.written),
        ("accepted_planned", found.accepted),
    ):
        table.add_row(word(key, lang), formats.number(value, volume))
    if found.about is None or found.tolerance is None:
        return table
    wanted = f"{formats.limit(found.about, volume)} ± {formats.limit(found.tolerance, 'share')}"
    verdict = word("within_target" if found.within else "beyond_target", lang)
    return Group(table, Text(f"{verdict} {wanted} ({said(found.source or '', lang)})"))


def implied(found: Implied, lang: Lang) -> RenderableType:
    """Return what a plan and its bill say about people and seats."""
    crowded = found.seats is not None and found.seats_needed > found.seats
    mark = f" {word('too_few_seats', lang)}" if crowded else ""
    rows = [
        ("handling_s", formats.number(found.handling_s, "s")),
        ("all_heads", f"{found.heads:,.0f}"),
        ("agents", f"{found.agents:,.0f}"),
        ("pay_per_head_wan", _or_dash(found.pay_per_head_wan, formats.wan)),
        ("base_wage", formats.rate(found.base_wage_cny_month)),
        ("seats", _or_dash(found.seats, "{:,}".format)),
        ("seats_needed", f"{found.seats_needed:,.0f}{mark}"),
        ("heads_per_seat", _or_dash(found.heads_per_seat, "{:.2f}".format)),
        ("shrinkage", formats.number(found.shrinkage_share, "share")),
        ("phone_share", formats.number(found.phone_share_of_hours, "share")),
        ("phone_paid", formats.number(found.phone_share_of_paid, "share")),
    ]
    table = new_table(word("implied", lang), "", "", right=1)
    table.show_header = False
    for key, value in rows:
        table.add_row(word(key, lang), value, style="bold yellow" if crowded and key == "seats_needed" else "")
    if not found.seats_never_used:
        return table
    return Group(table, Text(word("never_used", lang).format(found.seats_never_used, found.seats), "bold"))


def _or_dash(value: float | None, written: Callable[[float], str]) -> str:
    return formats.NOTHING if value is None else written(value)


def other_years(found: Sequence[OtherYear], lang: Lang) -> RenderableType:
    """Return the years that are known and were used in no fitting, beside what the model says."""
    known, modelled = word("known", lang), word("modelled", lang)
    table = new_table(
        word("other_years", lang),
        word("year", lang),
        word("calls_a_day", lang),
        *(f"{word(key, lang)}, {which}" for key in ("seats", "agents_only") for which in (known, modelled)),
        right=1,
    )
    for year in found:
        table.add_row(
            str(year.year),
            f"{year.calls_a_day:,.0f}",
            f"{year.seats:,}",
            _or_dash(year.seats_modelled, "{:,.0f}".format),
            f"{year.agents:,}",
            _or_dash(year.agents_modelled, "{:,.0f}".format),
        )
    notes = (Text(f"{year.year}: {said(year.note, lang)}", "yellow") for year in found if year.note)
    told = (Text(f"{year.year}: {year.source}; {said(year.volume_source, lang)}", "dim") for year in found)
    return Group(table, *told, *notes)


def calibration(found: Sequence[Calibration], lang: Lang) -> RenderableType:
    """Return the solved rates beside the stored ones."""
    columns = ("key", "published", "stored", "wan", "solved", "wan", "range", "verdict")
    table = new_table(word("calibration", lang), *(word(column, lang) for column in columns), right=1)
    for one in found:
        table.add_row(
            one.path,
            _amount(one.published_wan),
            f"{one.stored:g}",
            formats.wan(one.stored_wan),
            f"{one.solved:g}",
            formats.wan(one.solved_wan),
            f"{one.low:g} – {one.high:g}",
            Text(word("inside", lang), "green") if one.plausible else Text(word("outside", lang), "bold red"),
        )
    return Group(table, Text(word("store_it", lang), "dim"))


def budget(found: Budget, lang: Lang) -> Iterator[RenderableType]:
    """Yield the tables of the department's budget, the hotline's row marked, then the sums checked."""
    for each in found.tables.values():
        table = new_table(
            f"{each.title}（{each.unit}）",
            word("code", lang),
            word("name", lang),
            *(column_name(column, lang) for column in each.columns),
            right=2,
        )
        for row in each.rows:
            style = "bold cyan" if row.code == HOTLINE else "bold" if row.code == "total" else ""
            code = row.code if lang == "en" or row.code[:1].isdecimal() else ""
            table.add_row(code, row.name, *(_amount(amount) for amount in row.amounts), style=style)
        yield table
    done = checks(found)
    wrong = [check for check in done if not check.ok]
    yield Text(f"{word('sums', lang)}: {len(done) - len(wrong)} / {len(done)}", "bold")
    yield from (Text(f"  {check.name}: {_amount(check.left)} ≠ {_amount(check.right)}", "bold red") for check in wrong)
    share = formats.number(found.hotline_share, "share")
    yield Text(
        f"{HOTLINE}: {_amount(found.hotline_cny)} 元 / {_amount(found.total_cny)} 元 = {share}, "
        f"{word('hotline_share', lang)}",
        "bold cyan",
    )
    yield from (Text(f"· {note[lang]}", "dim") for note in found.notes)


def _amount(amount: int | float) -> str:
    return f"{amount:,.10g}" if amount else formats.NOTHING


def families(line: Line, lang: Lang) -> list[tuple[str, float]]:
    """Return a line's parts, those of one kind (all wages, all insurance) together, the largest first."""
    amounts: dict[str, list[float]] = {}
    for part in line.parts:
        amounts.setdefault(part.key.partition(".")[0], []).append(part.wan)
    found = [
        (
            part_name(key, lang)
            if len(wans) == 1
            else figure_word("parts_of", lang).format(part_name(key, lang), len(wans)),
            sum(wans),
        )
        for key, wans in amounts.items()
    ]
    found.sort(key=lambda row: (-row[1], row[0]))
    shown, rest = found[:_PARTS_SHOWN], found[_PARTS_SHOWN:]
    if len(rest) < 2:
        return found
    named = ("、" if lang == "zh" else ", ").join(name for name, _ in rest[:2]) + ("…" if len(rest) > 2 else "")
    return [*shown, (figure_word("others", lang).format(len(rest), named), sum(wan for _, wan in rest))]
