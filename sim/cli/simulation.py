"""``hotline run``: the year simulated, judged and priced."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from sim.cli import screen
from sim.cli.options import OptionError, Options

if TYPE_CHECKING:
    from sim.experiment.run import Result, Settings
    from sim.experiment.store import Store
    from sim.report.words import Lang
    from sim.scenario import Scenario


def add_to(app: typer.Typer) -> None:
    """Add this group's commands."""
    app.command("run")(run)


def run(
    scenario: str = typer.Argument(help="A scenario file, or the name of a shipped scenario."),
    set_: list[str] = typer.Option([], "--set", metavar="KEY=VALUE", help="Change one key; repeatable."),
    first: str = typer.Option(None, "--from", metavar="DATE", help="First day; the horizon's own if left out."),
    last: str = typer.Option(None, "--to", metavar="DATE", help="Last day, included."),
    by: str = typer.Option(None, "--by", metavar="month|quarter|week", help="Also a row a period."),
    replications: str = typer.Option("20", metavar="N", help="How often the period is simulated."),
    precision: str = typer.Option(
        None, metavar="0.2%", help="Go on until the connection rate is known this closely instead."
    ),
    seed: str = typer.Option("1", metavar="N", help="Which random numbers."),
    engine: str = typer.Option("fast", metavar="fast|reference", help="The same result at another speed."),
    jobs: str = typer.Option("0", metavar="N", help="Processes side by side; 0 for all cores."),
    out: str = typer.Option(None, metavar="DIR", help="The result folder; results/NAME if left out."),
    lang: str = typer.Option("en", metavar="en|zh", help="Language of the tables."),
    json: bool = typer.Option(False, "--json", help="Print summary.json, and nothing else."),
    quiet: bool = typer.Option(False, "--quiet", help="Print no tables and no progress."),
    attempts: bool = typer.Option(False, "--attempts", help="Also write every attempt."),
    figures: bool = typer.Option(False, "--figures", help="Also draw the figures."),
    enforce: bool = typer.Option(False, "--enforce", help="Exit with 3 if a target is missed."),
    resume: bool = typer.Option(False, "--resume", help="Go on with a run that was stopped."),
) -> None:
    """Simulate a scenario: targets and cost on screen, a result folder.

    \b
    Examples:
      hotline run one-day
      hotline run shanghai-2020 --set demand.growth=0.08 --by month --out results/more-calls
    """
    from sim.scenario import load

    options = Options()
    chosen = options.lang(lang)
    days = options.day("--from", first), options.day("--to", last)
    wanted = (options.by(by), options.replications(replications), options.precision(precision))
    how = options.seed(seed), options.engine(engine), options.jobs(jobs)
    options.finish()
    loaded = load(scenario, set_)
    options.window(loaded, *days)
    options.finish()

    from sim.experiment.run import Settings
    from sim.report.summary import command_of

    settings = Settings(*days, *wanted, *how)
    command = command_of(scenario, set_, settings, attempts=attempts, figures=figures)
    folder = Path(out or Path("results", loaded.name))
    result = _simulated(loaded, settings, folder, command, attempts, figures, resume, quiet or json)
    if json:
        from sim.report.summary import summary

        screen.show_json(summary(result))
    elif not quiet:
        _show(result, folder, chosen)
    if enforce and any(row.verdict == "missed" for row in result.targets):
        raise typer.Exit(3)


def _simulated(
    scenario: Scenario, settings: Settings, folder: Path, command: str, attempts: bool, figures: bool,
    resume: bool, quiet: bool,
) -> Result:  # fmt: skip
    """Simulate, write the result folder, and say what is kept when the user stops it."""
    from sim.engine.rules import Stuck
    from sim.experiment.run import run as simulate
    from sim.report.files import write
    from sim.report.folder import claim
    from sim.report.summary import SOFTWARE

    began = dt.datetime.now(dt.UTC)
    full = claim(folder, SOFTWARE)
    store = _store(full, scenario, settings, attempts, resume)
    screen.announce_compiling(quiet=quiet)
    try:
        with screen.progress(f"simulating {scenario.name}", quiet=quiet) as told:
            result = simulate(scenario, settings, store=store, attempts=attempts, progress=told)
        kept = store if attempts else None
        write(result, full, command=command, began=began, attempts=kept, figures=figures)
    except KeyboardInterrupt:
        place = f" --out {folder}"
        screen.say(
            f"stopped: {len(store.load())} finished replications are kept in {store.folder}\n"
            f"    to go on: {command}{place} --resume"
        )
        raise typer.Exit(130) from None
    except Stuck:
        raise OptionError.of(
            scenario.name,
            "calls wait for agents who never come, so the simulation cannot end",
            "agents on duty, some time of the day, in a group that every type may reach",
            "give groups.NAME.on_duty agents at some time, or the callers a patience that ends",
        ) from None
    store.remove()
    return result


def _store(folder: Path, scenario: Scenario, settings: Settings, attempts: bool, resume: bool) -> Store:
    from sim.experiment.run import store_for
    from sim.experiment.store import OtherRunError

    try:
        return store_for(folder, scenario, settings, attempts, resume=resume)
    except OtherRunError as error:
        raise OptionError.of(
            "--resume",
            "",
            f"the scenario, days, seed, engine and version of the run kept in {error}",
            "repeat that run's options, or leave --resume out to begin anew",
        ) from None


def _show(result: Result, folder: Path, lang: Lang) -> None:
    from sim.report import bill_tables, tables
    from sim.report.words import word

    screen.show(tables.heading(result, lang))
    if result.targets:
        screen.show(tables.targets(result, lang))
    screen.show(tables.measures(result, lang))
    if result.settings.by is not None:
        screen.show(tables.periods(result, lang))
    if result.bill is not None:
        from sim.cost.implied import implied

        bill = result.bill
        screen.show(bill_tables.contract(bill, lang, result.measures["accepted"].mean))
        screen.show(bill_tables.implied(implied(result.scenario, bill.drivers, bill), lang))
    screen.show(f"{word('results', lang)} {folder}")
