"""The command ``hotline``: its sub-commands, and how everything that goes wrong is said."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Sequence

import typer

from sim.cli import money, proof, scenarios, simulation
from sim.cli.options import OptionError

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None, no_args_is_help=False)
for commands in (simulation, scenarios, money, proof):
    commands.add_to(app)

# Typer carries its own copy of click or, in older versions, uses the installed one.
_UsageError = typer.BadParameter.__mro__[1]


_START = """\b
Start with:
  hotline run one-day           a small centre on one day, in a second
  hotline run shanghai-2020     the contract year 2020, about four million calls
  hotline COMMAND --help        what a command takes, with an example"""


@app.callback(invoke_without_command=True, epilog=_START)
def _hotline(
    context: typer.Context,
    version: bool = typer.Option(False, "--version", help="Print the version and stop."),
) -> None:
    """Simulate a citizens' hotline for a year: its calls, its targets, its contract."""
    if version:
        import sim

        typer.echo(f"hotline {sim.__version__}")
    elif context.invoked_subcommand is None:
        typer.echo(context.get_help())


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line and return its exit code.

    Parameters
    ----------
    arguments
        What follows ``hotline``; the process's own if left out.
    """
    try:
        code = app(arguments, prog_name="hotline", standalone_mode=False)
        sys.stdout.flush()
    except BrokenPipeError:
        return _reader_gone()
    except (typer.Abort, KeyboardInterrupt):
        return 130
    except Exception as error:
        message = _message(error)
        if message is None:
            raise
        print(message, file=sys.stderr)
        return 2
    return code if isinstance(code, int) else 0


def _reader_gone() -> int:
    """Be quiet when what we write to, such as ``head``, has read enough."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _message(error: Exception) -> str | None:
    """Return the planner's message for a mistake or a mishap, None for a defect of the program."""
    if isinstance(error, _UsageError):
        context = getattr(error, "ctx", None)
        command = context.command_path if context else "hotline"
        text = error.format_message()  # type: ignore[attr-defined]
        return f"{command}: {text}\n    to mend: {command} --help shows what it takes, with an example"
    if isinstance(error, OSError):
        return _system_message(error)
    from sim.report.folder import OutputError
    from sim.scenario.faults import ScenarioError

    if isinstance(error, (ScenarioError, OptionError, OutputError)):
        return str(error)
    if type(error) is LookupError:
        # A dated rate that has no value yet on some day (sim.scenario.money.rate_on).
        return f"a rate of the contract: {error}\n    to mend: give it a value from an earlier day"
    return None


def _system_message(error: OSError) -> str:
    place = f"{error.filename}: " if error.filename else ""
    reason = error.strerror or str(error)
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return (
            f"{place}the disk is full; nothing was written half, an older result is still there\n"
            "    to mend: make room, then add --resume; or choose another place with --out"
        )
    return f"{place}{reason}\n    to mend: check that the place exists and may be written to"
