"""The command ``hotline``: its sub-commands, and how everything that goes wrong is said."""

from __future__ import annotations

import dis
import errno
import io
import os
import sys
import warnings
from collections.abc import Sequence

import typer

from sim.cli import (
    comparison,
    heads,
    money,
    proof,
    results,
    roster,
    scenarios,
    sensitivity,
    simulation,
    so_far,
    staff,
    sweeps,
)
from sim.cli.options import OptionError

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None, no_args_is_help=False)
_GROUPS = (simulation, comparison, sweeps, sensitivity, so_far, staff, roster, heads, results, scenarios, money, proof)
for commands in _GROUPS:
    commands.add_to(app)

_PLANNERS = {"sim.demand.rates", "sim.demand.window", "sim.engine.inputs"}
"""Modules whose own ``ValueError`` is a planner's message, as they document."""

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
    # Processes that had nothing to do for a while end, and others are begun: no planner needs to know.
    warnings.filterwarnings("ignore", "A worker stopped while some jobs", UserWarning)
    # Who stops, or is told of a fault, knows that what is in hand is lost.
    warnings.filterwarnings("ignore", "[0-9]+ tasks (have been successfully executed|which were still being processed)")
    for stream in (sys.stdout, sys.stderr):
        # A terminal or locale without Chinese, dashes or frames gets ? for them, not a traceback.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
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
    if type(error) is ValueError and _said_by_planner_module(error):
        return f"the scenario or its days cannot be used: {error}\n    to mend: change that in the scenario"
    if type(error).__name__ in ("TerminatedWorkerError", "BrokenProcessPool"):
        # Joblib's own class, not imported for its name alone: nothing heavy is loaded here.
        return (
            "processes of the simulation were ended from outside again and again, most often because memory ran out; "
            "finished replications are kept\n"
            "    to mend: ask for fewer processes, such as --jobs 1, and add --resume"
        )
    return None


def _said_by_planner_module(error: ValueError) -> bool:
    """Return whether one of these modules raised the error itself; one from numpy below it is a defect."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None or trace.tb_frame.f_globals.get("__name__") not in _PLANNERS:
        return False
    return trace.tb_frame.f_code.co_code[trace.tb_lasti] == dis.opmap["RAISE_VARARGS"]


def _system_message(error: OSError) -> str:
    place = f"{error.filename}: " if error.filename else ""
    reason = error.strerror or str(error)
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return (
            f"{place}the disk is full; nothing was written half, an older result is still there\n"
            "    to mend: make room, then add --resume; or choose another place with --out"
        )
    return f"{place}{reason}\n    to mend: check that the place exists and may be written to"
