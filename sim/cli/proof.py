"""``hotline validate`` and ``bench``: is it right, and how fast is it here."""

from __future__ import annotations

import typer

from sim.cli import screen


def add_to(app: typer.Typer) -> None:
    """Add this group's commands."""
    app.command("validate")(validate)
    app.command("bench")(bench)


def validate(
    quick: bool = typer.Option(False, "--quick", help="Leave out the cases that take long."),
    json: bool = typer.Option(False, "--json", help="Print JSON, and nothing else."),
    quiet: bool = typer.Option(False, "--quiet", help="Print no table and no progress."),
) -> None:
    """Compare the simulator with theory and published results; exit with 1 if a case fails.

    \b
    Example:
      hotline validate --quick
    """
    from dataclasses import asdict

    from sim.validation import validate as compare

    screen.announce_compiling(quiet=quiet or json)
    with screen.progress("validating", quiet=quiet or json) as told:
        rows = compare(progress=told, slow=not quick)
    if json:
        screen.show_json([asdict(row) for row in rows])
    elif not quiet:
        from sim.report.proof_tables import verdicts

        screen.show(verdicts(rows))
    if any(row.verdict == "fail" for row in rows):
        raise typer.Exit(1)


def bench(
    scenario: str = typer.Argument("shanghai-2020", help="The centre with all rules to measure on."),
    quick: bool = typer.Option(False, "--quick", help="Fewer calls and rounds: a rough answer, sooner."),
    json: bool = typer.Option(False, "--json", help="Print JSON, and nothing else."),
    quiet: bool = typer.Option(False, "--quiet", help="Show no progress."),
) -> None:
    """Measure calls per second here, against a plain SimPy model of the same centre.

    \b
    Example:
      hotline bench --quick
    """
    from sim.bench.bench import bench as measure
    from sim.scenario import load

    loaded = load(scenario)
    screen.announce_compiling(quiet=quiet or json)
    with screen.progress("measuring", quiet=quiet or json) as told:
        report = measure(loaded, quick=quick, progress=lambda done, wanted, _: told(done, wanted))
    if json:
        screen.show_json(report.to_dict())
    else:
        typer.echo(report.render(), nl=False)
