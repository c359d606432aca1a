"""``hotline check``, ``show`` and ``new``: scenarios looked at and begun."""

from __future__ import annotations

import datetime as dt
import json as json_format
from pathlib import Path
from typing import Any

import typer

from sim.cli import screen
from sim.cli.options import OptionError, Options


def add_to(app: typer.Typer) -> None:
    """Add this group's commands."""
    app.command("check")(check)
    app.command("show")(show)
    app.command("new")(new)


def check(
    scenario: str = typer.Argument(help="A scenario file, or the name of a shipped scenario."),
    set_: list[str] = typer.Option([], "--set", metavar="KEY=VALUE", help="Change one key; repeatable."),
    json: bool = typer.Option(False, "--json", help="Print JSON, and nothing else."),
) -> None:
    """Say all that is wrong with a scenario, or that it is good, and how big it is.

    \b
    Example:
      hotline check shanghai-2020 --set demand.growth=0.08
    """
    from dataclasses import asdict

    from sim.scenario import load

    loaded = load(scenario, set_)
    from sim import verbs
    from sim.report import scenario_tables

    found = verbs.size(loaded)
    notes = list(verbs.notes(loaded, found))
    if json:
        screen.show_json({"scenario": loaded.name, **asdict(found), "notes": notes})
        return
    screen.show(scenario_tables.good(loaded.name, **asdict(found)), *scenario_tables.remarks(notes))


def show(
    scenario: str = typer.Argument("", help="A scenario file, or the name of a shipped scenario."),
    set_: list[str] = typer.Option([], "--set", metavar="KEY=VALUE", help="Change one key; repeatable."),
    json: bool = typer.Option(False, "--json", help="Print the whole scenario as JSON."),
    toml: bool = typer.Option(False, "--toml", help="Print it as one TOML file that stands alone."),
    schema: bool = typer.Option(False, "--schema", help="Print the JSON schema of scenario files, for editors."),
    lang: str = typer.Option("en", metavar="en|zh", help="Language of the headings."),
) -> None:
    """Show a scenario with all it extends: every number with its unit and source.

    \b
    Examples:
      hotline show one-day
      hotline show shanghai-2020 --toml > mine.toml
    """
    from sim.scenario import json_schema, load, to_dict, to_toml

    if schema:
        screen.show_json(json_schema())
        return
    if not scenario:
        from sim.scenario import shipped

        raise OptionError.of(
            "hotline show", "", "a scenario file or a shipped scenario", f"name one: {', '.join(shipped())}"
        )
    options = Options()
    chosen = options.lang(lang)
    options.finish()
    loaded = load(scenario, set_)
    if json:
        screen.show_json(_plain(to_dict(loaded)))
    elif toml:
        typer.echo(to_toml(loaded), nl=False)
    else:
        from sim.report.scenario_tables import scenario_numbers

        screen.show(scenario_numbers(loaded, chosen))


def _plain(tables: dict[str, Any]) -> Any:
    """Return tables with dates as text."""
    return json_format.loads(json_format.dumps(tables, default=dt.date.isoformat))


def new(
    name: str = typer.Argument(help="Name of the new scenario; the file is NAME.toml."),
    extends: str = typer.Option("shanghai-2020", metavar="SCENARIO", help="What it starts from."),
) -> None:
    """Begin a scenario of your own: a commented file that extends a shipped one.

    \b
    Example:
      hotline new more-calls --extends shanghai-2020
    """
    from sim.scenario import new_text

    stem = name.removesuffix(".toml")
    text = new_text(stem, extends)
    file = Path(f"{stem}.toml")
    try:
        with file.open("x", encoding="utf-8") as out:
            out.write(text)
    except FileExistsError:
        raise OptionError.of(
            "hotline new", str(file), "a name that no file has yet", "choose another name, or remove that file"
        ) from None
    except OSError:
        file.unlink(missing_ok=True)
        raise
    typer.echo(f"{file} extends {extends}; edit it, then: hotline check {file}")
