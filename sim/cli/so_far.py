"""``hotline track``: the year so far, and whether it will hold."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sim.cli import screen
from sim.cli.keeping import Work
from sim.cli.options import (
    Changes,
    Cluster,
    Jobs,
    Json,
    Language,
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
)

_TRACK = """\b
Example:
  hotline track shanghai-2020 --actuals so-far.xlsx
The file has a row a month: calls offered and answered, mean answer time and, where known, written contacts, paid
hours and 万元 by line; months without numbers are those to come. An empty one: hotline new --actuals so-far.xlsx"""


def add_to(app: typer.Typer) -> None:
    """Add this group's commands."""
    app.command("track", short_help="The year so far: what may still be lost, will it hold.", epilog=_TRACK)(track)


def track(
    scenario: ScenarioName,
    actuals: Annotated[
        str, typer.Option("--actuals", metavar="FILE", help="The months that have passed, as CSV or Excel.")
    ],
    set_: Changes = [],  # noqa: B006 (typer needs the empty list itself)
    replications: Replications = None,
    precision: Precise = None,
    seed: Seed = "1",
    engine: WhichEngine = "fast",
    jobs: Jobs = "0",
    cluster: Cluster = None,
    out: Annotated[
        str | None, typer.Option(metavar="DIR", help="The result folder; results/track-NAME if left out.")
    ] = None,
    lang: Language = "en",
    json: Json = False,
    quiet: Quiet = False,
    figures: Annotated[bool, typer.Option("--figures", help="Also draw the figure.")] = False,
    resume: Resume = False,
) -> None:
    """Hold the months passed against the plan and the targets, and simulate the rest of the year."""
    options = Options()
    chosen = options.lang(lang)
    given = options.simulation(replications, precision, seed, engine, jobs, cluster)
    options.finish()
    from sim.scenario import load

    loaded = load(scenario, set_)
    from sim.experiment.actuals import read_actuals
    from sim.verbs import sound_plan

    file = Path(actuals)
    told = read_actuals(file, loaded)
    screen.warn(loaded, chosen)
    with plan_in_files(scenario, set_):
        sound_plan(loaded)  # before a folder is made for the result

    from sim.experiment.gather import Settings
    from sim.report.summary import command_of
    from sim.report.track_files import track_summary, write
    from sim.report.track_tables import track_tables
    from sim.report.words import told as words
    from sim.verbs.steps import followed

    settings = Settings(**given)
    typed: list[Typed] = [("--actuals", [actuals]), ("--set", set_)]
    work = Work(
        command=command_of("track", [scenario], typed, settings, figures=chosen if figures else None),
        folder=Path(out or Path("results", f"track-{loaded.name}")),
        settings=settings,
        title=words("simulating", chosen).format(loaded.name),
        lang=chosen, figures=figures, json=json, quiet=quiet, resume=resume,
    )  # fmt: skip
    found = followed(loaded, told, work.simulating())
    write(found, settings, work.full, command=work.command, actuals=file, began=work.began, figures=work.drawn)
    work.show(lambda: track_summary(found, settings), lambda: track_tables(found, settings, chosen))
