"""``hotline compare``: scenarios beside each other, and what makes them differ."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli import screen
from sim.cli.keeping import Work
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
    Seed,
    Typed,
    WhichEngine,
    by_name,
    plan_in_files,
    refusal,
)

if TYPE_CHECKING:
    from sim.experiment.causes import Split
    from sim.report.words import Lang
    from sim.scenario import Scenario

_COMPARE = """\b
Examples:
  hotline compare one-day --with demand.growth=0.1
  hotline compare shanghai-2020 volume-plus-15 --from 2020-03-01 --to 2020-03-31
  hotline compare shanghai-2020 volume-plus-15 shanghai-2020-long-wrap --rank asa_s"""


def add_to(app: typer.Typer) -> None:
    """Add this group's commands."""
    app.command("compare", short_help="Scenarios beside each other, and what makes them differ.", epilog=_COMPARE)(
        compare
    )


def compare(
    scenarios: Annotated[
        list[str], typer.Argument(metavar="SCENARIO", help="Scenario files or shipped scenarios, the base first.")
    ],
    with_: Annotated[
        list[str],
        typer.Option("--with", metavar="KEY=VALUE", help="Compare one scenario with itself so changed; repeatable."),
    ] = [],  # noqa: B006 (typer needs the empty list itself)
    set_: Changes = [],  # noqa: B006
    first: FirstDay = None,
    last: LastDay = None,
    replications: Replications = None,
    precision: Precise = None,
    seed: Seed = "1",
    engine: WhichEngine = "fast",
    jobs: Jobs = "0",
    cluster: Cluster = None,
    causes: Annotated[
        bool | None,
        typer.Option("--causes/--no-causes", help="Part each difference into its causes; done for two scenarios."),
    ] = None,
    rank: Annotated[
        str | None,
        typer.Option(metavar="MEASURE|LINE", help="What the scenarios are ranked by: the total cost if left out."),
    ] = None,
    out: Annotated[
        str | None, typer.Option(metavar="DIR", help="The result folder; results/compare-NAMES if left out.")
    ] = None,
    lang: Language = "en",
    json: Json = False,
    quiet: Quiet = False,
    figures: Annotated[bool, typer.Option("--figures", help="Also draw what each cause does.")] = False,
    resume: Resume = False,
) -> None:
    """Compare scenarios, each with the first: differences, what makes them, and a ranking.

    All are simulated with the same citizens, so that small differences show. --set changes every scenario, --with
    makes a second one of the first.
    """
    options = Options()
    chosen = options.lang(lang)
    given: dict[str, Any] = {
        **options.days(first, last),
        **options.simulation(replications, precision, seed, engine, jobs, cluster),
    }
    options.finish()
    cases = _cases(scenarios, set_, with_)
    options.window(next(iter(cases.values())), given["first"], given["last"])
    options.finish()
    for case in cases.values():
        screen.warn(case, chosen, given["first"], given["last"])
    from sim.experiment.compare import splits, with_between
    from sim.experiment.gather import Settings
    from sim.report import comparison
    from sim.report.comparison_files import write
    from sim.report.summary import command_of
    from sim.report.words import told as words
    from sim.verbs.steps import compared

    ranked_by = _ranked_by(rank, cases)
    settings = Settings(**given)
    parted = splits(cases, causes)
    if not quiet:
        _tell(parted, chosen)
    typed: list[Typed] = [
        ("--set", set_), ("--with", with_), ("--causes", causes is True), ("--no-causes", causes is False),
        ("--rank", [rank]),
    ]  # fmt: skip
    work = Work(
        command=command_of("compare", scenarios, typed, settings, figures=chosen if figures else None),
        folder=Path(out or Path("results", f"compare-{'-'.join(cases)}")),
        settings=settings,
        title=words("comparing", chosen).format(len(with_between(cases, parted))),
        lang=chosen, figures=figures, json=json, quiet=quiet, resume=resume,
    )  # fmt: skip
    found = compared(cases, parted, settings, ranked_by, work.simulating())
    write(found, work.full, command=work.command, began=work.began, figures=work.drawn)
    work.show(
        lambda: comparison.as_data(found),
        lambda: [comparison.heading(found, chosen), *comparison.tables(found, chosen)],
    )


def _cases(scenarios: list[str], set_: list[str], with_: list[str]) -> dict[str, Scenario]:
    """Return the scenarios by name, the base first, once each can be used and compared."""
    from sim.experiment.compare import check_comparable
    from sim.scenario import load
    from sim.verbs import sound_plan

    if len(scenarios) == 1 and not with_:
        raise refusal(
            f"hotline compare {scenarios[0]}",
            "",
            "two scenarios or more, or one and a change of it",
            "name another scenario, or a change such as --with demand.growth=0.08",
        )
    if len(scenarios) > 1 and with_:
        remedy = "leave out --with or all scenarios but the first; --set changes every scenario"
        raise refusal("--with", with_[0], "beside one scenario, of which it makes the second", remedy)
    asked = [(name, set_) for name in scenarios]
    if with_:
        base = load(scenarios[0], set_)
        asked.append((scenarios[0], [*set_, f"name={_name_of_change(base.name, with_)}", *with_]))
    loaded = [load(written, changes) for written, changes in asked]
    check_comparable(loaded)
    cases = by_name("hotline compare", [written for written, _ in asked], loaded)
    for (written, changes), scenario in zip(asked, loaded, strict=True):
        with plan_in_files(written, changes):
            sound_plan(scenario)
    return cases


def _name_of_change(base: str, with_: list[str]) -> str:
    """Return a name that says what is changed, such as one-day-growth-0-1: results of two changes stand apart."""
    changes = (change.partition("=") for change in with_)
    words = [word for key, _, value in changes for word in re.findall(r"\w+", f"{key.rpartition('.')[2]} {value}")]
    return f"{base}-{'-'.join(words)[:40]}"[:80].rstrip("-")


def _ranked_by(rank: str | None, cases: Mapping[str, Scenario]) -> str:
    """Return what the cases are ranked by: what was asked for, or what is usual."""
    from sim.experiment.ranking import rankable
    from sim.report.names import key_called
    from sim.scenario.faults import nearest

    known = rankable(cases)
    meant = known[0] if rank is None else key_called(rank, known)
    if rank is not None and meant is None:
        allowed = "a measure that is better high or low, or a line of the contract where all have money"
        near = nearest(rank, known, 0.75)
        raise refusal(
            "--rank", rank, f"{allowed}: {', '.join(known)}", f"write {near}" if near else "write one of these"
        )
    return meant or known[0]


def _tell(splits: Mapping[str, Split], lang: Lang) -> None:
    """Say how many scenarios it takes to tell causes apart."""
    from sim.experiment.shapley import MOST_EXACT
    from sim.report.names import cause_name
    from sim.report.words import told

    for name, split in splits.items():
        causes = [cause_name(cause.key, lang) for cause in split.causes]
        if split.between:
            way = "splitting" if len(causes) <= MOST_EXACT else "splitting_in_order"
            screen.say(told(way, lang).format(name, len(causes), ", ".join(causes), len(split.between)))
