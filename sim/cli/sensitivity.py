"""``hotline sensitivity``: what is only assumed, varied: which number moves what."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

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
    ScenarioName,
    Seed,
    Typed,
    WhichEngine,
    refusal,
)
from sim.cli.varying import Figures, shown_quantities, sound_base

if TYPE_CHECKING:
    from sim.scenario import Scenario
    from sim.scenario.ranges import Parameter

_SENSITIVITY = """\b
Examples:
  hotline sensitivity one-day
  hotline sensitivity one-day --range demand.growth=0..0.1 --of asa_s --of connection_rate
  hotline sensitivity one-day --sobol 64 --replications 4
  hotline sensitivity shanghai-2020 --definitions

\b
The numbers varied are those of the scenario's table [ranges]:
  "types.*.redial.probability" = [0.36, 0.62]"""


def add_to(app: typer.Typer) -> None:
    """Add this group's commands."""
    app.command("sensitivity", short_help="Which assumption to measure first.", epilog=_SENSITIVITY)(sensitivity)


def sensitivity(
    scenario: ScenarioName,
    range_: Annotated[
        list[str], typer.Option("--range", metavar="KEY=LOW..HIGH", help="Add or replace a range; repeatable.")
    ] = [],  # noqa: B006
    only: Annotated[list[str], typer.Option(metavar="KEY", help="Vary these alone; repeatable.")] = [],  # noqa: B006
    of: Annotated[
        list[str], typer.Option(metavar="MEASURE|CHANCE|LINE", help="What to show; repeatable. The files have all.")
    ] = [],  # noqa: B006
    sobol: Annotated[
        str | None, typer.Option(metavar="N", help="Shares of the variance instead, from N × (ranges + 2) cases.")
    ] = None,
    definitions: Annotated[
        bool, typer.Option("--definitions", help="Only each target as it may be meant, side by side.")
    ] = False,
    set_: Changes = [],  # noqa: B006
    first: FirstDay = None,
    last: LastDay = None,
    replications: Replications = None,
    precision: Precise = None,
    seed: Seed = "1",
    engine: WhichEngine = "fast",
    jobs: Jobs = "0",
    cluster: Cluster = None,
    out: Annotated[
        str | None, typer.Option(metavar="DIR", help="The result folder; results/sensitivity-NAME if left out.")
    ] = None,
    lang: Language = "en",
    json: Json = False,
    quiet: Quiet = False,
    figures: Figures = False,
    resume: Resume = False,
) -> None:
    """Vary what is only assumed: which number moves which target and which line of the contract."""
    options = Options()
    chosen = options.lang(lang)
    given = {
        **options.days(first, last),
        **options.simulation(replications, precision, seed, engine, jobs, cluster),
    }
    count = options.sobol(sobol)
    asked = ("--sobol", count is not None), ("--range", range_), ("--only", only), ("--of", of), ("--figures", figures)
    for option, is_given in asked:
        options.one_of((option, bool(is_given)), ("--definitions", definitions))
    options.finish()
    base, settings = sound_base(scenario, set_, options, given, chosen)
    from sim.report.summary import command_of
    from sim.report.words import told as words

    folder = Path(out or Path("results", f"sensitivity-{base.name}"))
    typed: list[Typed] = [
        ("--set", set_), ("--range", range_), ("--only", only), ("--of", of), ("--sobol", [sobol]),
        ("--definitions", definitions),
    ]  # fmt: skip
    work = Work(
        command=command_of("sensitivity", [scenario], typed, settings, figures=chosen if figures else None),
        folder=folder,
        settings=settings,
        title=words("simulating", chosen).format(folder.name),
        lang=chosen, figures=figures, json=json, quiet=quiet, resume=resume, tells_count=True,
    )  # fmt: skip
    if definitions:
        _define(base, work)
        return
    parameters = _parameters(options, base, range_, only, at_least=1 if count is None else 2)
    shown = shown_quantities(options, base, "--of", of)
    options.finish()
    from sim.report import sweeps as tables
    from sim.report.files import write_tables
    from sim.verbs.steps import varied

    found = varied(scenario, set_, parameters, count, settings, work.simulating())

    def draw(new: Path) -> None:
        from sim.report import sweep_figures

        sweep_figures.save(partial(sweep_figures.sensitivity, found, shown), new, chosen)

    write_tables(
        tables.sensitivity_frames(found), work.full, base, settings, work.replications, command=work.command,
        began=work.began, draw=draw if figures else None,
    )  # fmt: skip
    work.show(lambda: tables.sensitivity_data(found), lambda: tables.sensitivity(found, shown, chosen))


def _define(base: Scenario, work: Work) -> None:
    """Show the targets as they may be meant; there is no result folder."""
    from sim.experiment.definitions import definitions_table
    from sim.report import sweeps as tables
    from sim.verbs.steps import defined

    found = defined(base, work.simulating_without_result())
    if work.json:
        screen.show_json(definitions_table(found).to_dicts())
    elif not work.quiet:
        screen.show(tables.definitions(found, work.lang))


def _parameters(
    options: Options, base: Scenario, added: list[str], only: list[str], *, at_least: int
) -> list[Parameter]:
    """Return the numbers with a range, of the scenario and of ``--range``, or those that are asked for."""
    from sim.experiment.vary import parameters_between
    from sim.scenario.faults import Fault, listed, nearest, shown
    from sim.scenario.ranges import parameters

    given, faults = parameters_between(base, "--range", added, around=True)
    options.faults += faults
    found = list({one.key: one for one in (*parameters(base), *given)}.values())
    if not found and not faults:
        raise refusal(
            f"{base.name}: ranges",
            "",
            "at least one number with a range",
            'add --range KEY=LOW..HIGH, or a table [ranges] with a line such as "demand.growth" = [0, 0.1]',
        )
    known = [one.key for one in found]
    for key in only:
        if key not in known:
            near = nearest(key, known)
            remedy = f"write {near}" if near else f"add --range {key}=LOW..HIGH"
            options.faults.append(Fault("--only", "", shown(key), f"a key with a range: {listed(known)}", remedy))
    chosen = [one for one in found if not only or one.key in only]
    if len(chosen) < at_least and not options.faults:
        raise refusal("--sobol", "", "two numbers with a range, or more: one alone has all of the variance", "add one")
    return chosen
