"""``hotline validate`` and ``bench``: is it right, and how fast is it here."""

from __future__ import annotations

from typing import Annotated

import typer

from sim.cli import screen
from sim.cli.options import Json, Language, Options, Quiet, ScenarioName

_VALIDATE = """\b
Example:
  hotline validate --quick

\b
Exit codes: 0 all cases pass, 1 a case fails, 2 it could not be done."""
_BENCH = """\b
Examples:
  hotline bench --quick
  hotline bench --scaling"""


def add_to(app: typer.Typer) -> None:
    """Add this group's commands."""
    app.command("validate", short_help="The simulator against theory and literature.", epilog=_VALIDATE)(validate)
    app.command("bench", short_help="Calls per second here, against plain SimPy.", epilog=_BENCH)(bench)


def validate(
    quick: Annotated[bool, typer.Option("--quick", help="Leave out the cases that take long.")] = False,
    lang: Language = "en",
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Compare the simulator with theory and published results; exit with 1 if a case fails."""
    options = Options()
    chosen = options.lang(lang)
    options.finish()
    from sim.report.proof_tables import as_data, verdicts
    from sim.report.words import told as words
    from sim.validation import validate as compare

    screen.announce_compiling(chosen, quiet=quiet or json)
    with screen.progress(words("validating", chosen), quiet=quiet or json) as told:
        rows = compare(progress=told, slow=not quick)
    if json:
        screen.show_json(as_data(rows))
    elif not quiet:
        screen.show(verdicts(rows, chosen))
    if any(row.verdict == "fail" for row in rows):
        raise typer.Exit(1)


def bench(
    scenario: ScenarioName = "shanghai-2020",
    quick: Annotated[bool, typer.Option("--quick", help="Fewer calls and rounds: rougher, sooner.")] = False,
    scaling: Annotated[
        bool, typer.Option("--scaling", help="Instead: with 1, 2, … workers, here and on Dask; and the store's cost.")
    ] = False,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Measure calls per second here, against a plain SimPy model of the same centre, or with more workers."""
    from sim.bench.bench import bench as speeds
    from sim.bench.scaling import scaling as by_workers
    from sim.scenario import load

    loaded = load(scenario)
    measure = by_workers if scaling else speeds
    screen.announce_compiling("en", quiet=quiet or json)
    with screen.progress("measuring", quiet=quiet or json) as told:
        report = measure(loaded, quick=quick, progress=lambda done, wanted, _: told(done, wanted))
    if json:
        screen.show_json(report.to_dict())
    elif not quiet:
        typer.echo(report.render(), nl=False)
