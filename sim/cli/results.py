"""``hotline results``: what earlier commands have left, listed, compared and removed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli import screen
from sim.cli.options import Json, Language, OptionError, Options, refusal

if TYPE_CHECKING:
    from sim.report.side_by_side import Run
    from sim.report.words import Lang

_RESULTS = """\b
Examples:
  hotline results
  hotline results compare shanghai-2020 more-calls
  hotline results remove more-calls
  hotline results remove --kept"""


def add_to(app: typer.Typer) -> None:
    """Add this group's commands."""
    app.command("results", short_help="Earlier results: listed, compared, removed.", epilog=_RESULTS)(results)


def results(
    action: Annotated[str, typer.Argument(metavar="list|compare|remove", help="What to do.")] = "list",
    names: Annotated[
        list[str],
        typer.Argument(
            metavar="NAME",
            help="Result folders, by name or path; remove: also keys of kept ones, and what is left over.",
        ),
    ] = [],  # noqa: B006 (typer needs the empty list itself)
    place: Annotated[str, typer.Option("--in", metavar="DIR", help="Where the results are.")] = "results",
    others: Annotated[
        bool, typer.Option("--kept", help="remove: replications kept by other versions of this program.")
    ] = False,
    all_kept: Annotated[bool, typer.Option("--all-kept", help="remove: all kept replications.")] = False,
    lang: Language = "en",
    json: Json = False,
) -> None:
    """List result folders and kept replications, compare two results, or remove what is not needed any more."""
    options = Options()
    chosen = options.lang(lang)
    action = options.action(action, ("list", "compare", "remove"))
    options.finish()
    if (others or all_kept) and action != "remove":
        raise refusal("--kept, --all-kept", "", "beside remove only", f"leave it out, or write remove for {action}")
    if action == "compare":
        _compare(Path(place), names, chosen, json)
    elif action == "remove":
        _remove(Path(place), names, others, all_kept, chosen, json)
    else:
        _list(Path(place), names, chosen, json)


def _list(place: Path, names: list[str], lang: Lang, json: bool) -> None:
    from sim.experiment.store import FILE, NotAStoreError, kept_in
    from sim.report import result_folders, results_tables
    from sim.report.leftovers import leftovers
    from sim.report.results_words import results_word

    if names:
        raise refusal(" ".join(names), "", "no name: all results are listed", "leave it out, or choose compare")
    try:
        kept = kept_in(place / FILE)
    except NotAStoreError as error:
        screen.say(results_word("unreadable_store", lang).format(error))
        kept = []
    found = result_folders.Chosen(result_folders.result_folders(place), kept, leftovers(place))
    if json:
        screen.show_json(result_folders.as_data(place, found))
        return
    if found.folders:
        screen.show(results_tables.folders(found.folders, lang))
    if found.kept:
        screen.show(results_tables.kept(found.kept, lang))
    if found.left:
        screen.show(results_tables.left_over(found.left, lang))
    if not found.folders and not found.kept and not found.left:
        screen.show(results_tables.nothing(place, lang))


def _compare(place: Path, names: list[str], lang: Lang, json: bool) -> None:
    from dataclasses import asdict

    from sim.report import results_tables
    from sim.report.side_by_side import side_by_side

    if len(names) != 2:
        raise refusal("hotline results compare", " ".join(names), "two results", "name two: hotline results lists them")
    found = side_by_side(*_runs(place, names))
    if json:
        screen.show_json(asdict(found))
    else:
        screen.show(*results_tables.comparison(found, lang))


def _runs(place: Path, names: list[str]) -> list[Run]:
    """Return the results of runs.

    Raises
    ------
    OptionError
        If a name is none of a run's result.
    """
    from sim.report.result_folders import not_there, pairs_of, place_of, read, scenario_of, summary_of
    from sim.report.side_by_side import Run
    from sim.scenario.faults import Fault

    found, faults = [], []
    for name in names:
        path = place_of(place, name)
        folder, summary = read(path), summary_of(path)
        if folder is None:
            faults.append(not_there(place, name))
        elif summary is None:
            allowed = f"a result of hotline run; this is one of hotline {folder.kind}"
            faults.append(Fault(name, "", "", allowed, "name a result of that kind"))
        else:
            found.append(Run(path.name, summary, pairs_of(path), scenario_of(path)))
    if faults:
        raise OptionError(faults)
    return found


def _remove(place: Path, names: list[str], others: bool, all_kept: bool, lang: Lang, json: bool) -> None:
    from sim.experiment.store import FILE, NotAStoreError, kept_in
    from sim.report import result_folders, results_tables
    from sim.report.results_words import results_word

    if not names and not others and not all_kept:
        raise refusal(
            "hotline results remove", "", "names of results, keys of kept replications, --kept or --all-kept",
            "hotline results lists what is there",
        )  # fmt: skip
    try:
        chosen, faults = result_folders.named(place, names)
        everything = kept_in(place / FILE) if others or all_kept else []
    except NotAStoreError as error:
        raise refusal(str(error), "", "a store of replications", "move that file away; a run begins another") from None
    if faults:
        raise OptionError(faults)
    chosen.kept.extend(
        one for one in everything if one not in chosen.kept and (all_kept or result_folders.of_another_program(one))
    )
    # Named ones there are none of are faults, so that only --kept may have nothing to remove.
    megabytes = result_folders.remove_all(place, chosen)
    if json:
        screen.show_json({"removed": result_folders.as_data(place, chosen), "megabytes": megabytes})
    elif names or chosen.kept:
        for line in results_tables.removed(chosen, megabytes, lang):
            screen.show(line)
    else:
        screen.show(results_word("nothing_to_remove", lang))
