"""``hotline sweep``: many cases of one scenario, beside each other."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

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
    from sim.experiment.sweep import Case
    from sim.scenario import Scenario

_SWEEP = """\b
Examples:
  hotline sweep one-day --vary demand.growth=0,0.1,0.2 --vary lines.count=20,40
  hotline sweep one-day --vary demand.growth=0..0.2/0.05 --figures
  hotline sweep one-day --vary demand.growth=0..0.3 --vary lines.count=10..40 --sample 20
  hotline sweep one-day --cases cases.csv

\b
A file of cases is CSV or Excel (.xlsx): a column a key, a row a case; a column "case" or 方案
names it; an empty cell leaves the scenario's own value."""


def add_to(app: typer.Typer) -> None:
    """Add this group's commands."""
    app.command("sweep", short_help="A grid or list of cases, a row each.", epilog=_SWEEP)(sweep)


def sweep(
    scenario: ScenarioName,
    vary: Annotated[
        list[str],
        typer.Option("--vary", metavar="KEY=V1,V2,…", help="Values of one key; repeatable: all combinations."),
    ] = [],  # noqa: B006 (typer needs the empty list itself)
    cases: Annotated[str | None, typer.Option(metavar="FILE", help="Instead: a row a case, as CSV or Excel.")] = None,
    sample: Annotated[
        str | None, typer.Option(metavar="N", help="Draw N cases between KEY=LOW..HIGH (Latin hypercube).")
    ] = None,
    measures: Annotated[
        str | None, typer.Option(metavar="A,B", help="What to show and draw; the files have everything.")
    ] = None,
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
        str | None, typer.Option(metavar="DIR", help="The result folder; results/sweep-NAME if left out.")
    ] = None,
    lang: Language = "en",
    json: Json = False,
    quiet: Quiet = False,
    figures: Figures = False,
    resume: Resume = False,
) -> None:
    """Simulate many cases of a scenario: a table with a row a case."""
    options = Options()
    chosen = options.lang(lang)
    given = {
        **options.days(first, last),
        **options.simulation(replications, precision, seed, engine, jobs, cluster),
    }
    count = options.sample(sample)
    options.one_of(("--vary", bool(vary)), ("--cases", cases is not None))
    options.one_of(("--sample", count is not None), ("--cases", cases is not None))
    options.finish()
    base, settings = sound_base(scenario, set_, options, given, chosen)
    listed = _listed(options, base, vary, cases, count, settings.seed)
    shown = shown_quantities(options, base, "--measures", measures or ())
    options.finish()
    from sim.experiment.sweep import varied
    from sim.report import sweeps as tables
    from sim.report.files import write_tables
    from sim.report.summary import command_of
    from sim.report.words import told as words
    from sim.verbs.steps import swept

    folder = Path(out or Path("results", f"sweep-{base.name}"))
    typed: list[Typed] = [
        ("--set", set_), ("--vary", vary), ("--cases", [cases]), ("--sample", [sample]), ("--measures", [measures])
    ]  # fmt: skip
    work = Work(
        command=command_of("sweep", [scenario], typed, settings, figures=chosen if figures else None),
        folder=folder,
        settings=settings,
        title=words("simulating", chosen).format(folder.name),
        lang=chosen, figures=figures, json=json, quiet=quiet, resume=resume, tells_count=True,
    )  # fmt: skip
    frame = swept(scenario, set_, listed, settings, work.simulating())
    keys = varied(listed)
    named = cases is not None or count is not None
    shown = [name for name in shown if tables.column(name) in frame.columns]

    def draw(new: Path) -> None:
        from sim.report import sweep_figures

        sweep_figures.save(partial(sweep_figures.sweep, frame, keys, shown, named=named), new, chosen)

    write_tables(
        {"sweep": frame}, work.full, base, settings, work.replications, command=work.command, began=work.began,
        draw=draw if figures else None,
    )  # fmt: skip
    work.show(
        lambda: tables.sweep_data(frame, keys),
        lambda: [tables.sweep(frame, keys, shown, base.name, chosen, named=named)],
    )


def _listed(
    options: Options, base: Scenario, vary: list[str], file: str | None, count: int | None, seed: int
) -> list[Case]:
    """Return the cases that a planner asks for."""
    from sim.experiment import vary as written
    from sim.experiment.sweep import grid, hypercube

    if file is not None:
        cases, faults = written.cases_of_file(file)
    elif not vary:
        option = "hotline sweep" if count is None else "--sample"
        raise refusal(option, "", "something to vary", "add --vary KEY=V1,V2 or --cases FILE; see --help")
    elif count is not None:
        parameters, faults = written.parameters_between(base, "--vary", vary)
        cases = [] if faults else hypercube(parameters, count, seed)
    else:
        values, faults = written.values_by_key(vary)
        cases = [] if faults else grid(values)
    options.faults += faults
    options.finish()
    return cases
