"""``hotline track``: the year so far, and whether it will hold."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli import screen
from sim.cli.options import Changes, Json, Language, Options, Quiet, ScenarioName, plan_in_files

if TYPE_CHECKING:
    from sim.experiment.cases import Outcomes
    from sim.experiment.run import Settings
    from sim.report.words import Lang
    from sim.scenario import Scenario

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
    replications: Annotated[str, typer.Option(metavar="N", help="How often the year is simulated.")] = "20",
    seed: Annotated[str, typer.Option(metavar="N", help="Which random numbers.")] = "1",
    engine: Annotated[str, typer.Option(metavar="fast|reference", help="The same result, at another speed.")] = "fast",
    jobs: Annotated[str, typer.Option(metavar="N", help="Processes side by side; 0 for all cores.")] = "0",
    out: Annotated[
        str | None, typer.Option(metavar="DIR", help="The result folder; results/track-NAME if left out.")
    ] = None,
    lang: Language = "en",
    json: Json = False,
    quiet: Quiet = False,
    figures: Annotated[bool, typer.Option("--figures", help="Also draw the figure.")] = False,
) -> None:
    """Hold the months passed against the plan and the targets, and simulate the rest of the year."""
    options = Options()
    chosen = options.lang(lang)
    number, runs = options.seed(seed), options.replications(replications)
    processes, kind = options.jobs(jobs), options.engine(engine)
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

    from sim.experiment.run import Settings
    from sim.experiment.track import track as follow
    from sim.report.folder import claim
    from sim.report.summary import SOFTWARE, command_of
    from sim.report.track_files import track_summary, write

    settings = Settings(replications=runs, seed=number, engine=kind, jobs=processes)
    drawn = chosen if figures else None
    command = command_of(scenario, set_, settings, figures=drawn, verb=("track", "--actuals", actuals))
    folder = Path(out or Path("results", f"track-{loaded.name}"))
    full = claim(folder, SOFTWARE)
    if drawn == "zh":
        _tell_no_font(chosen)
    began = dt.datetime.now(dt.UTC)
    silent = quiet or json
    found = follow(loaded, told, partial(_simulated, settings=settings, folder=full, quiet=silent, lang=chosen))
    write(found, settings, full, command=command, actuals=file, began=began, figures=drawn)
    if json:
        screen.show_json(track_summary(found, settings))
    elif not quiet:
        from sim.report.track_tables import track_tables
        from sim.report.words import word

        screen.show(*track_tables(found, settings, chosen))
        screen.show(f"{word('results', chosen)} {folder}")


def _simulated(
    cases: Mapping[str, Scenario], settings: Settings, folder: Path, quiet: bool, lang: Lang
) -> dict[str, Outcomes]:  # fmt: skip
    """Simulate scenarios, and show how far it is."""
    from sim.experiment import cases as experiment
    from sim.report.words import told

    names = ", ".join(scenario.name for scenario in cases.values())
    screen.announce_compiling(lang, quiet=quiet)
    with screen.progress(told("simulating", lang).format(names), quiet=quiet) as progress:
        return experiment.simulate_cases(cases, settings, progress=progress)


def _tell_no_font(lang: Lang) -> None:
    from sim.report.figures import chinese_font
    from sim.report.words import told

    if chinese_font() is None:
        screen.say(told("no_font", lang))
