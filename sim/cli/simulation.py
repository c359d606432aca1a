"""``hotline run``: the year simulated, judged and priced."""

from __future__ import annotations

import datetime as dt
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli import screen
from sim.cli.keeping import kept, warn_of_imprecision
from sim.cli.options import (
    Changes,
    Cluster,
    FirstDay,
    Jobs,
    Json,
    Language,
    LastDay,
    Options,
    Precise,
    Quiet,
    Replications,
    Resume,
    ScenarioName,
    Seed,
    WhichEngine,
    plan_in_files,
    refusal,
)

if TYPE_CHECKING:
    from sim.experiment.gather import Settings
    from sim.experiment.log_folder import LogFolder
    from sim.experiment.run import Result
    from sim.experiment.workers import Experiment
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
    replications: Replications = None,
    precision: Precise = None,
    seed: Seed = "1",
    engine: WhichEngine = "fast",
    jobs: Jobs = "0",
    cluster: Cluster = None,
    out: Annotated[str | None, typer.Option(metavar="DIR", help="The result folder; results/NAME if left out.")] = None,
    lang: Language = "en",
    json: Json = False,
    quiet: Quiet = False,
    attempts: Annotated[bool, typer.Option("--attempts", help="Also write every attempt and task.")] = False,
    figures: Annotated[bool, typer.Option("--figures", help="Also draw the figures.")] = False,
    enforce: Annotated[bool, typer.Option("--enforce", help="Exit with 3 if a target is missed.")] = False,
    resume: Resume = False,
) -> None:
    """Simulate a scenario: targets and cost on screen, a result folder."""
    from sim.scenario import load

    options = Options()
    chosen = options.lang(lang)
    given: dict[str, Any] = {
        **options.days(first, last),
        "by": options.by(by),
        **options.simulation(replications, precision, seed, engine, jobs, cluster),
    }
    options.one_of(("--attempts", attempts), ("--cluster", cluster is not None))  # whose workers have other disks
    options.finish()
    loaded = load(scenario, set_)
    options.window(loaded, given["first"], given["last"])
    options.finish()
    screen.warn(loaded, chosen, given["first"], given["last"])
    from sim.verbs import sound_plan

    with plan_in_files(scenario, set_):
        sound_plan(loaded)  # before a folder is made for the result

    from sim.experiment.gather import Settings
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
    """Simulate, and write the result folder."""
    from sim.experiment.run import run as simulate
    from sim.report.files import write
    from sim.report.folder import claim
    from sim.report.summary import SOFTWARE
    from sim.report.words import told as words

    if figures is not None:
        screen.announce_no_font(figures)
    began = dt.datetime.now(dt.UTC)
    full = claim(folder, SOFTWARE)
    logs = _logs(full, settings.of(scenario), resume) if attempts else None
    again = f"{command} --out {shlex.quote(str(folder))}"
    title = words("simulating", lang).format(scenario.name)
    with kept(full, again, title, resume=resume, quiet=quiet, lang=lang) as (store, progress):
        result = simulate(scenario, settings, store=store, logs=logs, progress=progress)
        write(result, full, command=command, began=began, attempts=logs, figures=figures)
    warn_of_imprecision(settings, len(result.numbers), lang)
    if logs:
        logs.remove()
    return result


def _logs(folder: Path, experiment: Experiment, resume: bool) -> LogFolder:
    """Return where the attempts and tasks of a run are kept while it goes on: beside its result folder."""
    from sim.experiment.log_folder import PARTIAL, LogFolder, NotARunError, OtherRunError

    beside = folder.with_name(folder.name + PARTIAL)
    try:
        return LogFolder(beside, experiment.identity, resume=resume)
    except NotARunError as error:
        raise refusal(
            str(error),
            "",
            "a folder that is not there yet, is empty, or holds the attempts of a stopped run",
            "move it away, or choose another result folder with --out",
        ) from None
    except OtherRunError as error:
        raise refusal(
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
