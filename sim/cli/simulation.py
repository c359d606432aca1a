"""``hotline run``: the year simulated, judged and priced."""

from __future__ import annotations

import datetime as dt
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli import screen
from sim.cli.options import (
    Changes,
    FirstDay,
    Json,
    Language,
    LastDay,
    Options,
    Quiet,
    ScenarioName,
    plan_in_files,
    refusal,
)

if TYPE_CHECKING:
    from sim.experiment.run import Result, Settings
    from sim.experiment.store import Store
    from sim.report.words import Lang
    from sim.scenario import Scenario


_RUN = """\b
Examples:
  hotline run one-day
  hotline run shanghai-2020 --set demand.growth=0.08 --by month --out results/more-calls"""


def add_to(app: typer.Typer) -> None:
    """Add this group's commands."""
    app.command("run", short_help="The year simulated, its targets and its bill.", epilog=_RUN)(run)


def run(
    scenario: ScenarioName,
    set_: Changes = [],  # noqa: B006 (typer needs the empty list itself)
    first: FirstDay = None,
    last: LastDay = None,
    by: Annotated[
        str | None, typer.Option(metavar="month|quarter|week", help="Also a row a period, the worst marked.")
    ] = None,
    replications: Annotated[str, typer.Option(metavar="N", help="How often the days are simulated.")] = "20",
    precision: Annotated[
        str | None,
        typer.Option(metavar="0.2%", help="Instead: go on until the connection rate is known this closely."),
    ] = None,
    seed: Annotated[str, typer.Option(metavar="N", help="Which random numbers.")] = "1",
    engine: Annotated[str, typer.Option(metavar="fast|reference", help="The same result, at another speed.")] = "fast",
    jobs: Annotated[str, typer.Option(metavar="N", help="Processes side by side; 0 for all cores.")] = "0",
    out: Annotated[str | None, typer.Option(metavar="DIR", help="The result folder; results/NAME if left out.")] = None,
    lang: Language = "en",
    json: Json = False,
    quiet: Quiet = False,
    attempts: Annotated[bool, typer.Option("--attempts", help="Also write every attempt and task.")] = False,
    figures: Annotated[bool, typer.Option("--figures", help="Also draw the figures.")] = False,
    enforce: Annotated[bool, typer.Option("--enforce", help="Exit with 3 if a target is missed.")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with a run that was stopped.")] = False,
) -> None:
    """Simulate a scenario: targets and cost on screen, a result folder."""
    from sim.scenario import load

    options = Options()
    chosen = options.lang(lang)
    given: dict[str, Any] = {
        "first": options.day("--from", first),
        "last": options.day("--to", last),
        "by": options.by(by),
        "replications": options.replications(replications),
        "precision": options.precision(precision),
        "seed": options.seed(seed),
        "engine": options.engine(engine),
        "jobs": options.jobs(jobs),
    }
    options.finish()
    loaded = load(scenario, set_)
    options.window(loaded, given["first"], given["last"])
    options.finish()
    screen.warn(loaded, chosen)
    from sim.verbs import sound_plan

    with plan_in_files(scenario, set_):
        sound_plan(loaded)  # before a folder is made for the result

    from sim.experiment.run import Settings
    from sim.report.summary import command_of

    settings = Settings(**given)
    drawn = chosen if figures else None
    command = command_of(scenario, set_, settings, attempts=attempts, figures=drawn)
    folder = Path(out or Path("results", loaded.name))
    result = _simulated(loaded, settings, folder, command, attempts, drawn, resume, quiet or json, chosen)
    if json:
        from sim.report.summary import summary

        screen.show_json(summary(result))
    elif not quiet:
        _show(result, folder, chosen)
    if enforce and any(row.verdict == "missed" for row in result.targets):
        raise typer.Exit(3)


def _simulated(
    scenario: Scenario, settings: Settings, folder: Path, command: str, attempts: bool, figures: Lang | None,
    resume: bool, quiet: bool, lang: Lang,
) -> Result:  # fmt: skip
    """Simulate, write the result folder, and say what is kept when the user stops it."""
    from sim.engine.rules import Stuck
    from sim.experiment.run import run as simulate
    from sim.report.files import system_errors, write
    from sim.report.folder import claim
    from sim.report.formats import counted
    from sim.report.summary import SOFTWARE
    from sim.report.words import told as words

    if figures is not None:
        screen.announce_no_font(figures)
    began = dt.datetime.now(dt.UTC)
    full = claim(folder, SOFTWARE)
    store = _store(full, scenario, settings, attempts, resume, lang)
    screen.announce_compiling(lang, quiet=quiet)
    try:
        with screen.progress(words("simulating", lang).format(scenario.name), quiet=quiet) as told, system_errors():
            result = simulate(scenario, settings, store=store, attempts=attempts, progress=told)
        kept = store if attempts else None
        write(result, full, command=command, began=began, attempts=kept, figures=figures)
    except KeyboardInterrupt:
        place = f" --out {shlex.quote(str(folder))}"
        runs = len(store.numbers())
        finished = f"{counted(runs, 'finished replication')} {'is' if runs == 1 else 'are'}"
        screen.say(f"stopped: {finished} kept in {store.folder}\n    to go on: {command}{place} --resume")
        raise typer.Exit(130) from None
    except Stuck:
        raise refusal(
            scenario.name,
            "calls wait for agents who never come, so the simulation cannot end",
            "agents on duty, some time of the day, in a group that every type may reach",
            "give groups.NAME.on_duty agents at some time, or the callers a patience that ends",
        ) from None
    store.remove()
    return result


def _store(folder: Path, scenario: Scenario, settings: Settings, attempts: bool, resume: bool, lang: Lang) -> Store:
    from sim.experiment.run import store_for
    from sim.experiment.store import NotARunError, OtherRunError

    try:
        store = store_for(folder, scenario, settings, attempts, resume=resume)
    except NotARunError as error:
        raise refusal(
            str(error),
            "",
            "a folder that is not there yet, is empty, or holds the finished replications of a stopped run",
            "move it away, or choose another result folder with --out",
        ) from None
    except OtherRunError as error:
        raise refusal(
            "--resume",
            "",
            f"the scenario, days, seed, engine and version of the run kept in {error}",
            "repeat that run's options, or leave --resume out to begin anew",
        ) from None
    if resume and not store.numbers():
        from sim.report.words import told

        screen.say(told("nothing_kept", lang).format(store.folder))
    return store


def _show(result: Result, folder: Path, lang: Lang) -> None:
    from sim.report import bill_tables, tables
    from sim.report.words import word

    screen.show(tables.heading(result, lang))
    if result.targets:
        screen.show(tables.targets(result, lang))
    bill = result.bill
    if bill is not None:
        screen.show(bill_tables.contract(bill, lang, result.measures["accepted"].mean))
    screen.show(tables.measures(result, lang))
    if result.kinds:
        screen.show(tables.tasks(result, lang))
    if any(group.activation for group in result.scenario.groups.values()):
        screen.show(tables.levers(result, lang))
    if result.settings.by is not None:
        screen.show(tables.periods(result, lang))
    if bill is not None and bill.drivers.whole_year:
        from sim.cost.implied import implied

        screen.show(bill_tables.implied(implied(result.scenario, bill.drivers, bill), lang))
    screen.show(f"{word('results', lang)} {folder}")
