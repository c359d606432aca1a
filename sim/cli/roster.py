"""``hotline roster``: the shifts that cover what a plan needs."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer

from sim.cli import screen
from sim.cli.options import Changes, Json, Language, Options, Quiet, ScenarioName, Typed

_ROSTER = """\b
Examples:
  hotline roster shanghai-2020 --group expert
  hotline roster shanghai-2020 --seconds 10 --figures
A year takes some minutes. The folder has the shifts, a roster by date, and a scenario.toml that hotline run takes."""


def add_to(app: typer.Typer) -> None:
    """Add this group's commands."""
    app.command("roster", short_help="The shifts that cover what the plan needs.", epilog=_ROSTER)(roster)


def roster(
    scenario: ScenarioName,
    set_: Changes = [],  # noqa: B006 (typer needs the empty list itself)
    group: Annotated[str | None, typer.Option(metavar="NAME", help="Only this group of agents.")] = None,
    gap: Annotated[
        str, typer.Option(metavar="1%", help="Leave a week as it is once none can be cheaper by more.")
    ] = "1%",
    seconds: Annotated[str, typer.Option(metavar="N", help="Time limit for a week; hard ones take longer.")] = "3",
    out: Annotated[
        str | None, typer.Option(metavar="DIR", help="The result folder; results/roster-NAME if left out.")
    ] = None,
    lang: Language = "en",
    json: Json = False,
    quiet: Quiet = False,
    figures: Annotated[bool, typer.Option("--figures", help="Also draw the figures.")] = False,
) -> None:
    """Choose the weeks of shifts that cover each group's plan at the least cost, for the year as typical weeks."""
    options = Options()
    chosen = options.lang(lang)
    share, limit = options.gap(gap), options.seconds(seconds)
    options.finish()
    from sim.scenario import load

    loaded = load(scenario, set_)
    screen.warn(loaded, chosen)
    from sim import verbs
    from sim.report import roster_files
    from sim.report.folder import claim
    from sim.report.roster_words import roster_word
    from sim.report.summary import SOFTWARE, command_of

    began = dt.datetime.now(dt.UTC)
    folder = Path(out or Path("results", f"roster-{loaded.name}"))
    full = claim(folder, SOFTWARE)
    with screen.progress(roster_word("progress", chosen), quiet=quiet or json) as told:
        found = verbs.roster(loaded, group, gap=share, seconds=limit, told=told)
    if figures:
        screen.announce_no_font(chosen)
    drawn = chosen if figures else None
    typed: list[Typed] = [("--set", set_), ("--group", [group]), ("--gap", [gap]), ("--seconds", [seconds])]
    command = command_of("roster", [scenario], typed, None, figures=drawn)
    roster_files.write(
        found, full, source=scenario, changed=bool(set_), command=command, began=began, figures=drawn
    )  # fmt: skip
    if not roster_files.has_excel():
        screen.say(roster_word("no_excel", chosen))
    if json:
        screen.show_json(roster_files.roster_summary(found))
    elif not quiet:
        from sim.report.roster_tables import roster_tables
        from sim.report.words import word

        screen.show(*roster_tables(found, chosen))
        screen.show(f"{word('results', chosen)} {folder}")
        screen.show(roster_word("run", chosen).format(folder / roster_files.SCENARIO))
