"""``hotline run``: the year simulated, judged and priced."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli import screen
from sim.cli.keeping import Work, kept, warn_of_imprecision
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
    Typed,
    WhichEngine,
    plan_in_files,
    refusal,
)

if TYPE_CHECKING:
    from rich.console import RenderableType

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
    from sim.report.summary import command_of, summary
    from sim.report.words import told as words

    settings = Settings(**given)
    typed: list[Typed] = [("--set", set_), ("--attempts", attempts)]
    work = Work(
        command=command_of("run", [scenario], typed, settings, figures=chosen if figures else None),
        folder=Path(out or Path("results", loaded.name)),
        settings=settings,
        title=words("simulating", chosen).format(loaded.name),
        lang=chosen, figures=figures, json=json, quiet=quiet, resume=resume,
    )  # fmt: skip
    result = _simulated(loaded, work, attempts)
    work.show(lambda: summary(result), lambda: _tables(result, chosen))
    if enforce and any(row.verdict == "missed" for row in result.targets):
        raise typer.Exit(3)


def _simulated(scenario: Scenario, work: Work, attempts: bool) -> Result:
    """Simulate, and write the result folder."""
    from sim.experiment.run import run as simulate
    from sim.report.files import write

    work.claim()
    logs = _logs(work.full, work.settings.of(scenario), work.resume) if attempts else None
    with kept(work) as (store, progress):
        result = simulate(scenario, work.settings, store=store, logs=logs, progress=progress)
        write(result, work.full, command=work.command, began=work.began, attempts=logs, figures=work.drawn)
    warn_of_imprecision(work.settings, len(result.numbers), work.lang)
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


def _tables(result: Result, lang: Lang) -> Iterator[RenderableType]:
    from sim.report import bill_tables, heads_tables, tables

    yield tables.heading(result, lang)
    if result.targets:
        yield tables.targets(result, lang)
    bill = result.bill
    if bill is not None:
        yield bill_tables.contract(bill, lang, result.measures["accepted"].mean)
        if bill.without is not None:
            yield bill_tables.head_changes(bill, bill.without, lang)
    yield tables.measures(result, lang)
    if result.kinds:
        yield tables.tasks(result, lang)
    if result.heads is not None:
        yield heads_tables.simulated(result.heads, result.first, result.last, lang)
    if any(group.activation for group in result.scenario.groups.values()):
        yield tables.levers(result, lang)
    if result.settings.by is not None:
        yield tables.periods(result, lang)
    if bill is not None and bill.drivers.whole_year:
        from sim.cost.implied import implied

        yield bill_tables.implied(implied(result.scenario, bill.drivers, bill), lang)
