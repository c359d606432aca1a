"""``hotline cost``: the contract in money, no simulation needed."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli import screen
from sim.cli.options import Changes, FirstDay, Json, Language, LastDay, Options, ScenarioName

if TYPE_CHECKING:
    from sim.report.words import Lang


_COST = """\b
Examples:
  hotline cost shanghai-2020 --by month
  hotline cost shanghai-2020 --calibrate
  hotline cost --budget --lang zh"""


def add_to(app: typer.Typer) -> None:
    """Add this group's commands."""
    app.command("cost", short_help="The contract by line and part, not simulated.", epilog=_COST)(cost)


def cost(
    scenario: ScenarioName = "shanghai-2020",
    set_: Changes = [],  # noqa: B006 (typer needs the empty list itself)
    first: FirstDay = None,
    last: LastDay = None,
    by: Annotated[str | None, typer.Option(metavar="month", help="Also the bill by month.")] = None,
    calibrate: Annotated[
        bool, typer.Option("--calibrate", help="Solve the calibrated rates; print them, change nothing.")
    ] = False,
    budget: Annotated[
        bool, typer.Option("--budget", help="The department's budget of 2020, and the hotline's share of it.")
    ] = False,
    lang: Language = "en",
    json: Json = False,
) -> None:
    """Price the contract by line, part and driver, from the plan alone."""
    options = Options()
    chosen = options.lang(lang)
    days = options.day("--from", first), options.day("--to", last)
    monthly = options.monthly(by)
    if calibrate and days != (None, None):
        options.whole_only("--calibrate", first, last)
    options.finish()
    if budget:
        _budget(chosen, json)
        return
    from sim.scenario import load

    loaded = load(scenario, set_)
    options.window(loaded, *days)
    options.finish()
    screen.warn(loaded, chosen)
    from sim.cost.calibrate import calibrate as solve
    from sim.cost.heads import steps
    from sim.cost.implied import implied, other_years, planned_volume
    from sim.report import bill_tables
    from sim.report.summary import cost_summary
    from sim.verbs import price

    bill = price(loaded, *days)
    if calibrate:
        solved = solve(loaded, bill.drivers)
        if json:
            screen.show_json([asdict(one) for one in solved])
        else:
            screen.show(bill_tables.calibration(solved, chosen))
        return
    whole = bill if bill.whole else price(loaded)  # people and seats follow from the whole plan
    reading, years = implied(loaded, whole.drivers, whole), other_years(loaded)
    volume = planned_volume(loaded, bill.drivers)
    plan, billed = (whole, None) if whole.without is None else (whole.without, whole.drivers)
    way = steps(loaded, plan.drivers, billed)
    if json:
        screen.show_json(cost_summary(bill, volume, way, reading, years))
        return
    screen.show(bill_tables.contract(bill, chosen))
    if bill.without is not None:
        screen.show(bill_tables.head_changes(bill, bill.without, chosen))
    screen.show(bill_tables.planned_volume(volume, chosen))
    screen.show(bill_tables.parts(bill, chosen))
    if monthly:
        screen.show(bill_tables.by_month(bill, chosen))
    screen.show(bill_tables.from_work_to_heads(way, chosen, part=not bill.whole), bill_tables.implied(reading, chosen))
    if years:
        screen.show(bill_tables.other_years(years, chosen))


def _budget(lang: Lang, json: bool) -> None:
    from sim.cost.budget import load_budget
    from sim.report import bill_tables
    from sim.report.summary import budget_summary

    found = load_budget()
    if json:
        screen.show_json(budget_summary(found))
    else:
        screen.show(*bill_tables.budget(found, lang))
