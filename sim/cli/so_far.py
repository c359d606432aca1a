"""``hotline track``: the year so far, and whether it will hold."""

from __future__ import annotations

import datetime as dt
import shlex
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from sim.cli import screen
from sim.cli.keeping import kept
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

    from sim.experiment.cases import simulate_cases
    from sim.experiment.gather import Settings
    from sim.experiment.track import track as follow
    from sim.report.folder import claim
    from sim.report.summary import SOFTWARE, command_of
    from sim.report.track_files import track_summary, write
    from sim.report.words import told as words

    settings = Settings(**given)
    drawn = chosen if figures else None
    command = command_of(scenario, set_, settings, figures=drawn, verb=("track", "--actuals", actuals))
    folder = Path(out or Path("results", f"track-{loaded.name}"))
    full = claim(folder, SOFTWARE)
    if figures:
        screen.announce_no_font(chosen)
    began = dt.datetime.now(dt.UTC)
    silent = quiet or json
    again = f"{command} --out {shlex.quote(str(folder))}"
    title = words("simulating", chosen).format(loaded.name)
    with kept(full, again, title, resume=resume, quiet=silent, lang=chosen) as (store, progress):
        found = follow(loaded, told, partial(simulate_cases, settings=settings, store=store, progress=progress))
    write(found, settings, full, command=command, actuals=file, began=began, figures=drawn)
    if json:
        screen.show_json(track_summary(found, settings))
    elif not quiet:
        from sim.report.track_tables import track_tables
        from sim.report.words import word

        screen.show(*track_tables(found, settings, chosen))
        screen.show(f"{word('results', chosen)} {folder}")
