"""Around every command that simulates: its result folder, progress, what is kept, and what is said when it stops."""

from __future__ import annotations

import datetime as dt
import shlex
import signal
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from sim.cli import screen
from sim.cli.options import refusal

if TYPE_CHECKING:
    from rich.console import RenderableType

    from sim.experiment.cases import Outcomes, Simulate
    from sim.experiment.gather import Settings
    from sim.experiment.store import Store
    from sim.report.words import Lang
    from sim.scenario import Scenario


Told = Callable[[int, int], None]
"""Told the replications done and wanted."""


@dataclass
class Work:
    """A command that simulates, from its result folder to what is shown.

    ``command`` gives the result again, but for the folder. ``full`` is the folder's path, claimed, and ``began`` when
    that was. ``replications`` are those of the case with most of them.
    """

    command: str
    folder: Path
    settings: Settings
    title: str
    """What the progress is headed by."""
    lang: Lang
    figures: bool
    json: bool
    quiet: bool
    resume: bool
    tells_count: bool = False
    """Whether to say how many cases there are."""
    full: Path = field(init=False)
    began: dt.datetime = field(init=False)
    replications: int = field(init=False, default=0)

    @property
    def drawn(self) -> Lang | None:
        """The language of the figures; None where none are drawn."""
        return self.lang if self.figures else None

    def claim(self) -> None:
        """Make sure that the result can be written.

        Raises
        ------
        OutputError
            If it cannot.
        """
        from sim.report.folder import claim
        from sim.report.summary import SOFTWARE

        self.began = dt.datetime.now(dt.UTC)
        self.full = claim(self.folder, SOFTWARE)
        if self.figures:
            screen.announce_no_font(self.lang)

    @contextmanager
    def simulating(self) -> Iterator[Simulate]:
        """Claim the folder, and simulate cases with what is kept beside it: see :func:`kept`."""
        self.claim()
        with self.simulating_without_result() as simulate:
            yield simulate

    @contextmanager
    def simulating_without_result(self) -> Iterator[Simulate]:
        """Simulate cases with what is kept where the folder would be: see :func:`kept`."""
        from sim.experiment.cases import simulate_cases

        with kept(self) as (store, progress):

            def simulate(cases: Mapping[str, Scenario]) -> dict[str, Outcomes]:
                if self.tells_count and len(cases) > 1:
                    self._tell_count(len(cases))
                found = simulate_cases(cases, self.settings, store=store, progress=progress)
                self.replications = max(self.replications, *(len(case.numbers) for case in found.values()))
                return found

            yield simulate
        warn_of_imprecision(self.settings, self.replications, self.lang)

    def _tell_count(self, cases: int) -> None:
        from sim.report.words import told as words

        if not (self.quiet or self.json):
            count = "cases" if self.settings.precision is None else "cases_precise"
            screen.say(words(count, self.lang).format(f"{cases:,}", self.settings.replications))

    def show(self, data: Callable[[], Any], tables: Callable[[], Iterable[RenderableType]]) -> None:
        """Print what was found, as JSON or as tables and where the result is."""
        from sim.report.words import word

        if self.json:
            screen.show_json(data())
        elif not self.quiet:
            screen.show(*tables(), f"{word('results', self.lang)} {self.folder}")


@contextmanager
def kept(work: Work) -> Iterator[tuple[Store, Told]]:
    """Let a command simulate with the store beside its result folder.

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

    lang, quiet = work.lang, work.quiet or work.json
    again = f"{work.command} --out {shlex.quote(str(work.folder))}"
    # A link is followed, as where the result is written.
    store = Store(work.folder.resolve().parent / FILE)
    try:
        screen.announce_compiling(lang, quiet=quiet)
        with (
            screen.progress(work.title, quiet=quiet) as progress,
            system_errors(),
            _stopped_between(progress, lang) as told,
        ):
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
            "give groups.NAME.on_duty agents at some time (and workforce.headcount, where it is, heads to fill it), "
            "or the callers a patience that ends",
        ) from None
    finally:
        store.close()
        if store.set_aside:
            screen.say(words("store_set_aside", lang).format(store.path, store.set_aside))
        if store.damaged:
            screen.say(words("store_damaged", lang).format(store.damaged, store.path))
    if store.found == 0 and work.resume:
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


def warn_of_imprecision(settings: Settings, replications: int, lang: Lang) -> None:
    """Say that as many replications as there may be were not enough for the precision asked for, or hardly."""
    from sim.experiment.precision import MOST
    from sim.report.words import told as words

    if settings.precision is not None and replications == MOST:
        screen.say(words("imprecise", lang).format(MOST))
