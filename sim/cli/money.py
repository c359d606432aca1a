"""``hotline cost``: the contract in money, no simulation needed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from sim.cli import screen
from sim.cli.options import Options

if TYPE_CHECKING:
    from sim.report.words import Lang


def add_to(app: typer.Typer) -> None:
    """Add this group's commands."""
    app.command("cost")(cost)


def cost(
    scenario: str = typer.Argument(
        "shanghai-2020", help="A scenario file, or the name of a shipped scenario."
    ),
    set_: list[str] = typer.Option([], "--set", metavar="KEY=VALUE", help="Change one key; repeatable."),
    first: str = typer.Option(None, "--from", metavar="DATE", help="First day; the horizon's own if left out."),
    last: str = typer.Option(None, "--to", metavar="DATE", help="Last day, included."),
    by: str = typer.Option(None, "--by", metavar="month", help="Also the bill by month."),
    calibrate: bool = typer.Option(
        False, "--calibrate", help="Solve the calibrated rates for the published lines; nothing is changed."
    ),
    budget: bool = typer.Option(
        False, "--budget", help="The department's budget of 2020, and the hotline's share of it."
    ),
    lang: str = typer.Option("en", metavar="en|zh", help="Language of the tables."),
    json: bool = typer.Option(False, "--json", help="Print JSON, and nothing else."),
) -> None:
    """Price the contract by line, part and driver, from the plan alone.

    \b
    Examples:
      hotline cost shanghai-2020 --by month
      hotline cost shanghai-2020 --calibrate
      hotline cost --budget --lang zh
    """
    options = Options()
    chosen = options.lang(lang)
    days = options.day("--from", first), options.day("--to", last)
    monthly = options.only("--by", by, "month")
    options.finish()
    if budget:
        _budget(chosen, json)
        return
    from sim.scenario import load

    loaded = load(scenario, set_)
    options.window(loaded, *days)
    options.finish()
    from sim.cost.calibrate import calibrate as solve
    from sim.cost.implied import implied, other_years
    from sim.report import bill_tables
    from sim.report.summary import cost_summary
    from sim.verbs import price

    bill = price(loaded, *days)
    if calibrate:
        solved = solve(loaded, bill.drivers)
        if json:
            screen.show_json(cost_summary(calibrations=solved))
        else:
            screen.show(bill_tables.calibration(solved, chosen))
        return
    reading, years = implied(loaded, bill.drivers, bill), other_years(loaded)
    if json:
        screen.show_json(cost_summary(bill=bill, implied=reading, other_years=years))
        return
    screen.show(bill_tables.contract(bill, chosen), bill_tables.parts(bill, chosen))
    if monthly:
        screen.show(bill_tables.by_month(bill, chosen))
    screen.show(bill_tables.implied(reading, chosen), bill_tables.other_years(years, chosen))


def _budget(lang: Lang, json: bool) -> None:
    from sim.cost.budget import load_budget
    from sim.report import bill_tables
    from sim.report.summary import budget_summary

    found = load_budget()
    if json:
        screen.show_json(budget_summary(found))
    else:
        screen.show(*bill_tables.budget(found, lang))
