"""``hotline heads``: the agents through the year, beside what the plan needs."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer

from sim.cli import screen
from sim.cli.options import Changes, Json, Language, Options, Quiet, ScenarioName, Seed, Typed

_HEADS = """\b
Examples:
  hotline heads shanghai-2020-heads
  hotline heads shanghai-2020-heads --set workforce.attrition=0.35 --figures
Means are exact; the replications tell how far the leaving of one more or less can take a year from them."""


def add_to(app: typer.Typer) -> None:
    """Add this group's commands."""
    app.command("heads", short_help="Agents through the year: hired, trained, left, and needed.", epilog=_HEADS)(heads)


def heads(
    scenario: ScenarioName,
    set_: Changes = [],  # noqa: B006 (typer needs the empty list itself)
    replications: Annotated[str, typer.Option(metavar="N", help="Years in which other agents leave.")] = "200",
    seed: Seed = "1",
    out: Annotated[
        str | None, typer.Option(metavar="DIR", help="The result folder; results/heads-NAME if left out.")
    ] = None,
    lang: Language = "en",
    json: Json = False,
    quiet: Quiet = False,
    figures: Annotated[bool, typer.Option("--figures", help="Also draw the figure.")] = False,
) -> None:
    """Follow the agents week by week: classes, training, leavers, what novices are worth, what the plan needs."""
    options = Options()
    chosen = options.lang(lang)
    years, drawn_by = options.replications(replications), options.seed(seed)
    options.finish()
    from sim.scenario import load

    loaded = load(scenario, set_)
    screen.warn(loaded, chosen)
    from sim import verbs
    from sim.report.folder import claim
    from sim.report.heads_files import heads_summary, write
    from sim.report.summary import SOFTWARE, command_of

    began = dt.datetime.now(dt.UTC)
    found = verbs.heads(loaded, years, seed=drawn_by)
    folder = Path(out or Path("results", f"heads-{loaded.name}"))
    full = claim(folder, SOFTWARE)
    drawn = chosen if figures else None
    if figures:
        screen.announce_no_font(chosen)
    typed: list[Typed] = [("--set", set_), ("--replications", [str(years)]), ("--seed", [str(drawn_by)])]
    command = command_of("heads", [scenario], typed, None, figures=drawn)
    write(found, full, command=command, began=began, figures=drawn)
    if json:
        screen.show_json(heads_summary(found))
    elif not quiet:
        from sim.report.heads_tables import heads_tables
        from sim.report.words import word

        screen.show(*heads_tables(found, chosen))
        screen.show(f"{word('results', chosen)} {folder}")
