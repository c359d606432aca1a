"""``hotline check``, ``show`` and ``new``: scenarios looked at and begun."""

from __future__ import annotations

import datetime as dt
import json as json_format
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli import screen
from sim.cli.options import Changes, Json, Language, Options, ScenarioName, plan_in_files, refusal

if TYPE_CHECKING:
    from sim.scenario.faults import Path as Place

_CHECK = """\b
Example:
  hotline check shanghai-2020 --set demand.growth=0.08"""
_SHOW = """\b
Examples:
  hotline show one-day
  hotline show shanghai-2020 targets.asa
  hotline show shanghai-2020 --set name=mine --toml > mine.toml"""
_NEW = """\b
Examples:
  hotline new more-calls --extends shanghai-2020
  hotline new --actuals so-far.xlsx --extends shanghai-2020"""


def add_to(app: typer.Typer) -> None:
    """Add this group's commands."""
    app.command("check", short_help="All that is wrong with a scenario, or its size.", epilog=_CHECK)(check)
    app.command("show", short_help="Every number of a scenario, with its source.", epilog=_SHOW)(show)
    app.command("new", short_help="Begin a scenario of your own.", epilog=_NEW)(new)


def check(
    scenario: ScenarioName,
    set_: Changes = [],  # noqa: B006 (typer needs the empty list itself)
    lang: Language = "en",
    json: Json = False,
) -> None:
    """Say all that is wrong with a scenario, or that it is good, and how big it is."""
    from dataclasses import asdict

    from sim.scenario import load

    options = Options()
    chosen = options.lang(lang)
    options.finish()
    loaded = load(scenario, set_)
    screen.warn(loaded, chosen)
    from sim import verbs
    from sim.report import scenario_tables

    with plan_in_files(scenario, set_):
        found = verbs.size(loaded)
    notes = list(verbs.notes(loaded, found))
    if json:
        warnings = list(verbs.warnings(loaded))
        screen.show_json({"scenario": loaded.name, **asdict(found), "warnings": warnings, "notes": notes})
        return
    remarked = ("peaks", "kept_back_h", "never_lent_whole")
    told = {key: value for key, value in asdict(found).items() if key not in remarked}
    size = scenario_tables.good(loaded.name, **told, lang=chosen)
    screen.show(size, *scenario_tables.remarks(notes, chosen))


def show(
    scenario: ScenarioName = "",
    key: Annotated[str, typer.Argument(help="A table or key of it, such as demand.growth; all if left out.")] = "",
    set_: Changes = [],  # noqa: B006 (typer needs the empty list itself)
    json: Json = False,
    toml: Annotated[bool, typer.Option("--toml", help="Print one TOML file that stands alone.")] = False,
    schema: Annotated[bool, typer.Option("--schema", help="Print the JSON schema of scenario files.")] = False,
    lang: Language = "en",
) -> None:
    """Show a scenario with all it extends, or a part of it: every number with its unit and source."""
    from sim.scenario import json_schema, load, to_dict, to_toml

    if schema:
        screen.show_json(json_schema())
        return
    if not scenario:
        from sim.scenario import shipped

        raise refusal("hotline show", "", "a scenario file or a shipped scenario", f"name one: {', '.join(shipped())}")
    if json and toml:
        raise refusal("--json --toml", "", "one of the two", "leave one out")
    if key and toml:
        raise refusal(f"{key} --toml", "", "a whole scenario: a part does not stand alone", "leave one out")
    options = Options()
    chosen = options.lang(lang)
    options.finish()
    loaded = load(scenario, set_)
    tables = _plain(to_dict(loaded))
    within = _place(tables, key, loaded.name) if key else ()
    if json:
        from sim.scenario.merge import look_up

        screen.show_json(look_up(tables, within))
    elif toml:
        screen.show_toml(to_toml(loaded))
    else:
        from sim.report.scenario_tables import scenario_numbers

        table = scenario_numbers(loaded, chosen, within)
        if not table.rows:
            raise refusal(key, "", "a table or key with a number in it", "add --json, which shows texts too")
        screen.show(table)


def _place(tables: dict[str, Any], key: str, name: str) -> Place:
    """Return the path of a key that a planner typed.

    Raises
    ------
    OptionError
        If nothing stands there: with the keys of that name, or else those most like it.
    """
    import difflib

    from sim.scenario.faults import format_path, listed, parse_path
    from sim.scenario.merge import places
    from sim.scenario.sources import numbered

    path = numbered(tables, parse_path(key) or ())
    known = {place: format_path(place) for place in places(tables) if place}
    if path not in known:
        own = [text for place, text in known.items() if place[-1] == key]
        near = own or difflib.get_close_matches(key, known.values(), n=3)
        remedy = f"write one such as {listed(near)}" if near else f"hotline show {name} lists them all"
        raise refusal(key, "", f"a table or key of {name}", remedy)
    return path


def _plain(tables: dict[str, Any]) -> Any:
    """Return tables with dates as text."""
    return json_format.loads(json_format.dumps(tables, default=dt.date.isoformat))


def new(
    name: Annotated[str | None, typer.Argument(help="Name of the new scenario; the file is NAME.toml.")] = None,
    extends: Annotated[str, typer.Option(metavar="SCENARIO", help="What it starts from.")] = "shanghai-2020",
    actuals: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Instead: an empty table of that scenario's months, for hotline track."),
    ] = None,
) -> None:
    """Begin a scenario of your own: a commented file that extends a shipped one; or a table of the year's months."""
    if (name is None) == (actuals is None):
        raise refusal("hotline new", "", "the name of a new scenario, or --actuals FILE", "give one of the two")
    if name is None:
        _new_actuals(Path(actuals or ""), extends)
        return
    from sim.scenario import new_text

    stem = name.removesuffix(".toml")
    text = new_text(stem, extends)
    file = Path(f"{stem}.toml")
    with _new_file("hotline new", file), file.open("x", encoding="utf-8") as out:
        out.write(text)
    typer.echo(f"{file} extends {extends}; edit it, then: hotline check {file}")


def _new_actuals(file: Path, scenario: str) -> None:
    """Write an empty table of a scenario's months."""
    from sim.experiment.actuals import template
    from sim.report.track_words import hints
    from sim.scenario import load

    if file.suffix.lower() not in (".csv", ".xlsx"):
        allowed = "a file whose name ends in .csv or .xlsx"
        raise refusal("--actuals", str(file), allowed, f"write --actuals {file.stem or 'so-far'}.xlsx")
    loaded = load(scenario)
    with _new_file("--actuals", file):
        template(file, loaded, hints(loaded))
    typer.echo(
        f"{file} has the months of {loaded.name}; fill those passed, then: hotline track {scenario} --actuals {file}"
    )


@contextmanager
def _new_file(option: str, file: Path) -> Iterator[None]:
    """Say so if the file is there; leave none that is written half."""
    try:
        yield
    except FileExistsError:
        raise refusal(
            option,
            str(file),
            "a name that no file has yet",
            "choose another name, or remove that file",
        ) from None
    except OSError:
        file.unlink(missing_ok=True)
        raise
