"""Around every command that simulates: progress, the store of finished replications, and what is said when it stops."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from sim.cli import screen
from sim.cli.options import refusal

if TYPE_CHECKING:
    from sim.experiment.cases import Outcomes
    from sim.experiment.gather import Settings
    from sim.experiment.store import Store
    from sim.report.words import Lang
    from sim.scenario import Scenario


Told = Callable[[int, int], None]
"""Told the replications done and wanted."""


@contextmanager
def kept(
    folder: Path, again: str, title: str, *, resume: bool, quiet: bool, lang: Lang
) -> Iterator[tuple[Store, Told]]:
    """Let a command simulate with the store beside its result folder.

    Parameters
    ----------
    folder
        The result folder, claimed.
    again
        The command that does the same again, with its result folder.
    title
        What the progress is headed by.
    resume
        Whether ``--resume`` was given.
    quiet
        Whether no progress is wanted.

    Yields
    ------
    tuple
        The store, and whom to tell the replications done and wanted.

    Raises
    ------
    typer.Exit
        With 130 when the user stops it, once it is said how to go on.
    OptionError
        If the simulation cannot go on; the message is a planner's.
    """
    from sim.engine.rules import Stuck
    from sim.experiment.places import ClusterError
    from sim.experiment.store import FILE, Store
    from sim.experiment.workers import OtherProgramError
    from sim.report.files import system_errors
    from sim.report.formats import counted
    from sim.report.words import told as words

    store = Store(folder.parent / FILE)
    try:
        screen.announce_compiling(lang, quiet=quiet)
        with screen.progress(title, quiet=quiet) as progress, system_errors(), _stopped_between(progress, lang) as told:
            yield store, told
    except KeyboardInterrupt:
        runs = store.saved + store.found
        finished = f"{counted(runs, 'finished replication')} {'is' if runs == 1 else 'are'}"
        screen.say(f"stopped: {finished} kept in {store.path}\n    to go on: {again} --resume")
        raise typer.Exit(130) from None
    except ClusterError as error:
        raise refusal(
            "--cluster",
            error.address,
            f"the address of a Dask scheduler that answers; {error.why}",
            "start one (dask scheduler) and its workers (dask worker ADDRESS), then "
            f"{again} --cluster ADDRESS --resume; {counted(store.saved + store.found, 'finished replication')} kept in "
            f"{store.path}",
        ) from None
    except OtherProgramError as error:
        raise refusal(
            "--cluster", "", f"workers with the same version of this program; {error}", "install the same there"
        ) from None
    except Stuck:
        raise refusal(
            "the scenario",
            "calls wait for agents who never come, so the simulation cannot end",
            "agents on duty, some time of the day, in a group that every type may reach",
            "give groups.NAME.on_duty agents at some time, or the callers a patience that ends",
        ) from None
    finally:
        store.close()
        if store.set_aside:
            screen.say(words("store_set_aside", lang).format(store.path, store.set_aside))
        if store.damaged:
            screen.say(words("store_damaged", lang).format(store.damaged, store.path))
    if store.found == 0 and resume:
        screen.say(words("nothing_kept", lang).format(store.path))


@contextmanager
def _stopped_between(progress: Told, lang: Lang) -> Iterator[Told]:
    """Let Ctrl-C stop between two replications, where nothing is half done; a second one stops at once.

    Wherever else it came, a library might take it for an error of its own, or raise it once more.
    """
    from sim.report.words import told as words

    stopping = False

    def stop(*_: object) -> None:
        nonlocal stopping
        if stopping:
            raise KeyboardInterrupt
        stopping = True
        screen.say(words("stopping", lang))

    def told(done: int, wanted: int) -> None:
        progress(done, wanted)
        if stopping:
            raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield told
    finally:
        signal.signal(signal.SIGINT, before)


def outcomes(
    cases: Mapping[str, Scenario], settings: Settings, folder: Path, again: str, title: str, *, resume: bool,
    quiet: bool, lang: Lang,
) -> dict[str, Outcomes]:  # fmt: skip
    """Simulate several scenarios with the store beside a command's result folder: see :func:`kept`."""
    from sim.experiment.cases import simulate_cases

    with kept(folder, again, title, resume=resume, quiet=quiet, lang=lang) as (store, progress):
        found = simulate_cases(cases, settings, store=store, progress=progress)
    warn_of_imprecision(settings, max(len(case.numbers) for case in found.values()), lang)
    return found


def warn_of_imprecision(settings: Settings, replications: int, lang: Lang) -> None:
    """Say that as many replications as there may be were not enough for the precision asked for, or hardly."""
    from sim.experiment.precision import MOST
    from sim.report.words import told as words

    if settings.precision is not None and replications == MOST:
        screen.say(words("imprecise", lang).format(MOST))
