"""A plan on screen: the certificate that goes to a meeting; and the frontier that it lies on."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from sim.report import formats, staff_rows
from sim.report.bill_tables import contract
from sim.report.names import line_name
from sim.report.phrases import said
from sim.report.staff_rows import Frontiers
from sim.report.staff_words import staff_word, why_not
from sim.report.tables import new_table, own_name, targets
from sim.report.words import Lang
from sim.scenario import Fault
from sim.staffing.plan import Plan
from sim.staffing.trim import Fewer

_PLAN: Final = ("total_wan", "personnel_wan", "chance", "saving_wan", "saving")
_PEOPLE: Final = ("group", "kind", "agents", "range", "paid_h")
_BUYS: Final = ("wan", "rank", "line", "what", "asa_s", "connection", "probability", "contract_wan")
_FRONTIER: Final = (
    *("total_wan", "asa_s", "asa_high_s", "connection", "connection_low", "probability"),
    *("next_second_wan", "next_point_wan"),
)


def staff_tables(found: Plan, lang: Lang) -> Iterator[RenderableType]:
    """Yield what is asked and found, the targets, the bill, what binds, the gap, and other ways to plan."""
    yield from _heading(found, lang)
    yield from _asked(found, lang)
    yield from _found(found, lang)
    yield targets(found.outcomes, lang, title=staff_word("service", lang), only=staff_rows.by_agents)
    others = [row.key for row in found.outcomes.targets if staff_rows.beyond_agents(row)]
    if others:
        yield targets(found.outcomes, lang, title=staff_word("others", lang), only=staff_rows.beyond_agents)
        yield Text(why_not(others, lang))
    yield contract(found.bill, lang)
    drivers = found.bill.drivers
    had = sum(site.seats for site in found.year.scenario.sites.values() if site.paid_by == "year")
    yield Text(staff_word("heads", lang).format(drivers.heads, drivers.agents, drivers.seats, had), "bold")
    if found.heads is not None:
        yield Text(staff_word("heads_there", lang).format(found.heads.taken, found.heads.there, found.heads.least))
    yield _people(found, lang)
    yield Text(_binding(found, lang), "bold")
    yield Text(staff_word("gap", lang).format(100.0 * found.gap, staff_rows.gap_wan(found)))
    if found.fewer is not None:
        yield Text(_one_fewer(found.fewer, found.theory["all"], lang))
    yield Text(staff_word("limits_note", lang), "dim")
    yield _against(found, lang)
    yield Text(staff_word("against_note", lang), "dim")
    yield _buys(found, lang)
    yield Text(staff_word("buys_note", lang), "dim")
    if found.year.scenario.lines is not None:
        blocked = float(found.outcomes.pairs["blocked"][:, 0].mean())
        yield Text(staff_word("buys_lines", lang).format(found.year.scenario.lines.count, blocked), "dim")


def _heading(found: Plan, lang: Lang) -> Iterator[Text]:
    scenario = found.year.scenario
    yield Text(own_name(scenario.title, scenario.name, lang), "bold")
    yield _days(found, lang)


def _days(found: Plan, lang: Lang) -> Text:
    horizon, seed = found.year.scenario.horizon, found.asked.seed
    return Text(staff_word("days", lang).format(horizon.start, horizon.end, seed, seed + 1))


def _asked(found: Plan, lang: Lang) -> Iterator[Text]:
    asked = found.asked
    if asked.budget_wan is None:
        yield Text(staff_word("asked", lang).format(100.0 * asked.probability), "bold")
    else:
        yield Text(staff_word("asked_budget", lang).format(asked.budget_wan), "bold")
    if asked.floor > 0.0:
        yield Text(staff_word("asked_floor", lang).format(100.0 * asked.floor))
    if asked.floor_day > 0.0:
        yield Text(staff_word("asked_floor_day", lang).format(100.0 * asked.floor_day))


def _found(found: Plan, lang: Lang) -> Iterator[Text]:
    estimate, low, high = found.chance
    years = len(found.outcomes.numbers)
    percent = (100.0 * estimate, 100.0 * low, 100.0 * high)
    yield Text(staff_word("found", lang).format(round(estimate * years), years, *percent), "bold")
    if found.asked.budget_wan is None:
        asked = found.asked.probability
        if high < asked:
            yield Text(staff_word("found_under", lang), "bold yellow")
        elif low < asked:
            yield Text(staff_word("found_within", lang).format(100.0 * asked))


def _people(found: Plan, lang: Lang) -> Table:
    """Return who works: agents by group and kind of tours."""
    scenario, heads = found.year.scenario, (staff_word(f"people_{key}", lang) for key in _PEOPLE)
    table = new_table(staff_word("people", lang), *heads, right=2)
    for row in staff_rows.people(found).iter_rows(named=True):
        group = own_name(scenario.groups[row["group"]].title, row["group"], lang)
        kind = own_name((scenario.tours or {})[row["kind"]].title, row["kind"], lang)
        range_ = f"{row['agents_least']:,}–{row['agents_most']:,}"
        table.add_row(group, kind, f"{row['agents']:,.1f}", range_, f"{row['paid_h']:,.0f}")
    return table


def _binding(found: Plan, lang: Lang) -> str:
    names = {row.key: row.name_zh if lang == "zh" else row.name_en for row in found.outcomes.targets}
    names["all"] = staff_word("binding_all", lang)
    one = staff_word("binding_one", lang)
    joint = "、" if lang == "zh" else ", "
    chances = joint.join(one.format(names[key], 100.0 * chance) for key, chance in found.theory.items())
    return staff_word("binding", lang).format(joint.join(names[key] for key in found.binding), chances)


def _one_fewer(fewer: Fewer, now: float, lang: Lang) -> str:
    told = staff_word("one_fewer", lang).format(fewer.tours, fewer.barred)
    if fewer.surest is None:
        return told
    # Rounded down: what is below the probability asked for must not be read as if it were not.
    return told + staff_word("one_fewer_surest", lang).format(math.floor(1e4 * fewer.surest) / 100.0, 100.0 * now)


def _against(found: Plan, lang: Lang) -> Table:
    table = new_table(staff_word("against", lang), *(staff_word(key, lang) for key in ("way", *_PLAN)), right=1)
    bill = found.bill
    own = {"total_wan": bill.total_wan, "personnel_wan": bill.line("personnel").wan, **staff_rows.probability(found)}
    table.add_row(staff_word("plan", lang), *_known({**own, "probability": own["estimate"]}), "", "", style="bold")
    for name, row in staff_rows.against(found).items():
        saving = (formats.signed(row["saving_wan"]), formats.signed(100.0 * row["saving"], 1))
        table.add_row(staff_word(name, lang), *_known(row), *saving)
    return table


def _buys(found: Plan, lang: Lang) -> Table:
    """Return the ranked list of what the next and the last 10 万元 buy."""
    table = new_table(staff_word("buys", lang), *(staff_word(f"buys_{key}", lang) for key in _BUYS))
    for column in table.columns[4:]:
        column.justify = "right"
    table.columns[3].overflow = "fold"
    for row in staff_rows.buys(found).iter_rows(named=True):
        changes = (
            formats.signed(row["asa_s"], 1),
            *(
                formats.signed(None if row[key] is None else 100.0 * row[key], 2)
                for key in ("connection", "probability")
            ),
            formats.signed(row["contract_wan"], 1),
        )
        rank = formats.NOTHING if row["rank"] is None else str(row["rank"])
        what = staff_word(f"buys_{row['what']}", lang).format(row["hours"], row["seats"])
        table.add_row(formats.signed(row["wan"], 0), rank, line_name(row["line"], lang), what, *changes)
    return table


def _known(row: dict[str, Any]) -> Iterator[str]:
    yield formats.wan(row["total_wan"])
    yield formats.wan(row["personnel_wan"])
    yield formats.probability(row["probability"], row["low"], row["high"])


def frontier_tables(found: Frontiers, lang: Lang) -> Iterator[RenderableType]:
    """Yield cost against service, a row an offer, and the plan that was asked for; of several, plans side by side."""
    first = found.first
    names = labels(found, lang)
    yield Text((", " if lang == "en" else "、").join(names.values()), "bold")
    yield _days(first, lang)
    yield from _asked(first, lang)
    if len(found.scenarios) == 1:
        yield _offers(first, staff_word("frontier", lang), lang)
        yield Text(staff_word("frontier_note", lang), "dim")
        estimate, low, high = (100.0 * each for each in first.chance)
        told = staff_word("frontier_plan", lang)
        years = len(first.outcomes.numbers)
        yield Text(told.format(first.bill.total_wan, estimate, low, high, years, first.year.scenario.name), "bold")
        yield _against(first, lang)
    else:
        for name, plan in found.plans.items():
            yield _offers(plan, names[name], lang)
        yield Text(staff_word("frontier_note", lang), "dim")
        yield from _side_by_side(found, names, lang)


def _offers(found: Plan, title: str, lang: Lang) -> Table:
    """Return the frontier, the first offer as sure as asked marked."""
    table = new_table(title, *(staff_word(key, lang) for key in _FRONTIER), "", right=0)
    for column in table.columns[:-1]:
        column.justify = "right"
    sure = False
    for row in staff_rows.frontier(found).iter_rows(named=True):
        first = not sure and row["probability"] >= found.asked.probability
        sure = sure or first
        table.add_row(*_cells(row), staff_word("first_sure", lang) if first else "", style="bold" if first else "")
    return table


def _cells(row: dict[str, Any]) -> Iterator[str]:
    yield formats.wan(row["total_wan"])
    yield from (formats.bare(row[key], "s") for key in ("asa_s", "asa_high_s"))
    yield from (formats.bare(row[key], "share") for key in ("connection", "connection_low"))
    yield f"{100.0 * row['probability']:.1f}"
    yield from (formats.wan(row[key], 1) for key in ("next_second_wan", "next_point_wan"))


def labels(found: Frontiers, lang: Lang) -> dict[str, str]:
    """Return what each scenario is called: its title, and its name too where another has the same title."""
    titles = {name: own_name(scenario.title, name, lang) for name, scenario in found.scenarios.items()}
    often = Counter(titles.values())
    both = "{}（{}）" if lang == "zh" else "{} ({})"
    return {name: title if often[title] == 1 else both.format(title, name) for name, title in titles.items()}


def _side_by_side(found: Frontiers, names: dict[str, str], lang: Lang) -> Iterator[RenderableType]:
    """Yield a row a scenario: what its plan costs and gives, or that it has none, and why under the table."""
    rows = staff_rows.plans(found)
    called_in = rows["called_in_wan"].is_not_null().any()
    keys = ("case", "total_wan", "personnel_wan", "chance", "asa_s", "connection")
    more = (*(["called_in_wan"] if called_in else []), "more_wan")
    table = new_table(staff_word("frontiers", lang), *(staff_word(key, lang) for key in (*keys, *more)), right=1)
    table.columns[0].min_width = 16
    why: list[str] = []
    for row in rows.iter_rows(named=True):
        name = row["scenario"]
        if name in found.faults:
            why.append(_why(len(why) + 1, names[name], found.faults[name], lang))
            told = f"{staff_word('no_plan', lang)} [{len(why)}]"
            table.add_row(names[name], told, *[formats.NOTHING] * (len(table.columns) - 2), style="yellow")
        else:
            amounts = [formats.wan(row["called_in_wan"])] if called_in else []
            service = (formats.bare(row["asa_s"], "s"), formats.bare(row["connection"], "share"))
            own = found.plans[name] is found.first
            amounts.append("" if own else formats.signed(row["more_wan"]))
            table.add_row(names[name], *_known(row), *service, *amounts)
    yield table
    yield from (Text(one, "yellow") for one in why)
    yield Text(staff_word("frontiers_note", lang).format(len(found.first.outcomes.numbers)), "dim")
    if called_in:
        yield Text(staff_word("called_in_note", lang), "dim")


def _why(number: int, name: str, fault: Fault, lang: Lang) -> str:
    """Return in a sentence why a scenario has no plan."""
    place, allowed = fault.key or fault.file, said(fault.allowed, lang)
    if not fault.value:
        return staff_word("no_plan_missing", lang).format(number, name, place, allowed)
    return staff_word("no_plan_why", lang).format(number, name, place, said(fault.value, lang), allowed)
