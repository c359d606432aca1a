"""What a planner types after the options, read and checked; everything wrong is said at once."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeVar, cast

import typer

from sim.terms import WAN_CNY

if TYPE_CHECKING:
    from sim.demand.window import Window
    from sim.experiment.replicate import By, Engine
    from sim.report.words import Lang
    from sim.scenario import Fault, Scenario

T = TypeVar("T")

ScenarioName = Annotated[str, typer.Argument(help="A scenario file, or the name of a shipped scenario.")]
Changes = Annotated[
    list[str], typer.Option("--set", metavar="KEY=VALUE", help="Change one key of the scenario; repeatable.")
]
FirstDay = Annotated[
    str | None, typer.Option("--from", metavar="DATE", help="First day; the horizon's own if left out.")
]
LastDay = Annotated[str | None, typer.Option("--to", metavar="DATE", help="Last day, included.")]
Language = Annotated[str, typer.Option("--lang", metavar="en|zh", help="Language of the tables.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, and nothing else.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Print no tables and no progress.")]
Replications = Annotated[
    str | None, typer.Option(metavar="N", help="How often the days are simulated; 20 if left out.")
]
Precise = Annotated[
    str | None,
    typer.Option(
        metavar="0.2%|MEASURE=SHARE,…",
        help="Instead: go on until the connection rate, or each measure named, is known this closely.",
    ),
]
Seed = Annotated[str, typer.Option(metavar="N", help="Which random numbers.")]
WhichEngine = Annotated[str, typer.Option(metavar="fast|reference", help="The same result, at another speed.")]
Jobs = Annotated[str, typer.Option(metavar="N", help="Processes side by side; 0 for all cores.")]
Cluster = Annotated[
    str | None, typer.Option(metavar="ADDRESS", help="A Dask scheduler whose workers simulate instead.")
]
Resume = Annotated[bool, typer.Option("--resume", help="Go on with what was stopped.")]

Typed = tuple[str, Sequence[str | None] | bool]
"""An option with what was typed after it, each time it was; of a switch, whether it was."""

MOST_REPLICATIONS: Final = 1_000
MOST_CASES: Final = 10_000
_LONGEST_S: Final = 3_600
_MOST_JOBS: Final = 1_024
_NEARLY_ALL: Final = 0.999
_DEAREST_WAN: Final = 1_000_000.0
_LARGEST_SEED: Final = 9_007_199_254_740_991
"""The largest whole number that every reader of JSON keeps exactly."""


class Options:
    """Reads options one after the other and collects what is wrong with them."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def finish(self) -> None:
        """Say what is wrong, if anything is.

        Raises
        ------
        OptionError
            With every fault found.
        """
        if self.faults:
            raise OptionError(self.faults)

    def day(self, option: str, written: str | None) -> dt.date | None:
        """Read a date."""
        return self._read(option, written, dt.date.fromisoformat, "a date such as 2020-03-16", "correct the date")

    def days(self, first: str | None, last: str | None) -> dict[str, dt.date | None]:
        """Read the first and the last day, as fields of :class:`sim.experiment.gather.Settings`."""
        return {"first": self.day("--from", first), "last": self.day("--to", last)}

    def replications(self, written: str) -> int:
        """Read a number of replications."""
        return self._whole("--replications", written, 1, MOST_REPLICATIONS, "20 is usual")

    def seed(self, written: str) -> int:
        """Read a seed."""
        return self._whole("--seed", written, 0, _LARGEST_SEED, "any such number will do")

    def sample(self, written: str | None) -> int | None:
        """Read how many cases are drawn."""
        return None if written is None else self._whole("--sample", written, 2, MOST_CASES, "20 is a beginning")

    def sobol(self, written: str | None) -> int | None:
        """Read the size of a sample of Sobol's sequence."""
        sizes = {str(1 << power): 1 << power for power in range(2, 13)}

        def read(text: str) -> int:
            if text not in sizes:
                raise ValueError
            return sizes[text]

        allowed = "a power of two from 4 to 4,096"
        return self._read("--sobol", written, read, allowed, "write 64; more give narrower intervals")

    def one_of(self, *given: tuple[str, bool]) -> None:
        """Refuse more than one of some options."""
        both = [option for option, is_given in given if is_given]
        if len(both) > 1:
            self._wrong(" ".join(both), "", "one of them", f"leave {' or '.join(both)} out")

    def jobs(self, written: str) -> int:
        """Read a number of processes."""
        return self._whole("--jobs", written, 0, _MOST_JOBS, "leave it out to use every core")

    def simulation(
        self, replications: str | None, precision: str | None, seed: str, engine: str, jobs: str, cluster: str | None
    ) -> dict[str, Any]:
        """Read how scenarios are simulated, as fields of :class:`sim.experiment.gather.Settings`."""
        self.one_of(("--replications", replications is not None), ("--precision", precision is not None))
        return {
            "replications": self.replications("20" if replications is None else replications),
            "precision": self.precision(precision),
            "seed": self.seed(seed),
            "engine": self.engine(engine),
            "jobs": self.jobs(jobs),
            "cluster": self.cluster(cluster),
        }

    def precision(self, written: str | None) -> dict[str, float] | None:
        """Read a precision: a share of the connection rate, or of each measure named."""

        def read(text: str) -> dict[str, float]:
            from sim.measures import NAMES
            from sim.report.names import key_called

            asked: dict[str, float] = {}
            begun = ""
            for part in re.split("[,，]", text):
                name, equals, share = (begun + part).rpartition("=")
                if not equals and not re.fullmatch(r"\s*[0-9.]+%?\s*", part):
                    begun += f"{part},"  # a name on screen may have a comma in it
                    continue
                measure = key_called(name, NAMES) if equals else "connection_rate"
                if measure is None or measure in asked:
                    raise ValueError
                asked[measure] = _share(share.strip())
                begun = ""
            if begun:
                raise ValueError
            return asked

        allowed = "a share from 0.01% to 10% of the connection rate, such as 0.2%, or of measures, such as asa_s=5%"
        remedy = "write a measure as replications.parquet does (asa_s, not asa), and a share with a per cent sign"
        return self._read("--precision", written, read, allowed, remedy)

    def probability(self, written: str) -> float:
        """Read how surely targets are to hold."""
        allowed = "a probability from 0.01 to 0.999, such as 0.9, or per cent with their sign, such as 90%"
        return self._part("--probability", written, allowed, 0.01)

    def floor(self, written: str) -> float:
        """Read the share of calls that every half-hour answers at least."""
        allowed = "a share from 0 to 0.999, such as 0.9, or per cent with their sign, such as 90%"
        return self._part("--floor", written, allowed, 0.0)

    def floor_day(self, written: str | None) -> float:
        """Read the share of the calls of any 24 hours that are answered at least; 0 where none is asked for."""
        allowed = "a share from 0 to 0.999, such as 0.95, or per cent with their sign, such as 95%"
        return 0.0 if written is None else self._part("--floor-day", written, allowed, 0.0)

    def _part(self, option: str, written: str, allowed: str, least: float) -> float:
        def read(text: str) -> float:
            value = _number(text)
            if not least <= value <= _NEARLY_ALL:
                raise ValueError
            return value

        # Who writes 90 hardly means 90 times.
        meant = f"{written}%" if re.fullmatch("[1-9][0-9]", written) else "0.9 or 90%"
        value = self._read(option, written, read, allowed, f"write {option} {meant}")
        return least if value is None else value

    def years(self, written: str) -> int:
        """Read how many years prove a plan."""
        return self._whole("--years", written, 1, MOST_REPLICATIONS, "100 is usual; more narrow the interval")

    def budget(self, written: str | None) -> float | None:
        """Read what a contract may cost, 万元."""

        def read(text: str) -> float:
            if re.fullmatch(r"[0-9]{1,7}(\.[0-9]+)?", text) is None or not 0.0 < float(text) <= _DEAREST_WAN:
                raise ValueError
            return float(text)

        allowed = "a number of 万元 above 0 and up to 1,000,000, in digits alone, for the whole contract, such as 13334"
        digits = re.sub(r"[,，\s]|万?元|万", "", written or "")
        in_yuan = re.fullmatch(r"[1-9][0-9]{6,}", digits) is not None
        told = f"{int(digits) / WAN_CNY:.10g}" if in_yuan else digits
        remedy = f"write --budget-wan {told if re.fullmatch(r'[0-9.]+', told) and told != written else '13334'}"
        return self._read("--budget-wan", written, read, allowed, remedy)

    def gap(self, written: str) -> float:
        """Read how far from the cheapest a roster may be."""
        found = self._read("--gap", written, _share, "a share from 0.01% to 10%, such as 1%", "write --gap 1%")
        return 0.0 if found is None else found

    def seconds(self, written: str) -> int:
        """Read a time limit."""
        return self._whole("--seconds", written, 1, _LONGEST_S, "10 often finds a little more than 3")

    def quantity(self, option: str, said: str, known: Sequence[str]) -> str | None:
        """Read what is to be shown: a measure, a chance or a contract line, by its key or its name on screen."""
        from sim.experiment.quantities import PROBABILITY
        from sim.report.names import key_called
        from sim.scenario.faults import nearest

        found = key_called(said, known)
        if found is None and (chance := f"{said.strip()}{PROBABILITY}") in known:
            both = [name for name in known if name.startswith(f"{said.strip()}_")]
            allowed = f"a measure, or the chance to meet the target {said.strip()}: {', '.join(both)}"
            self._wrong(option, said.strip(), allowed, f"write {both[0]}, or {chance} if the chance is meant")
        elif found is None:
            near = nearest(said.strip(), known)
            allowed = "a measure, a chance or a line of the contract, such as connection_rate, asa_probability, total"
            remedy = f"write {near}" if near else "hotline run SCENARIO --json lists the measures"
            self._wrong(option, said.strip(), allowed, remedy)
        return found

    def cluster(self, written: str | None) -> str | None:
        """Read a scheduler's address; that it answers is seen when it is asked."""

        def read(text: str) -> str:
            if re.fullmatch(r"(tcp|tls|ws|wss)://[^\s/:]+:[0-9]{1,5}|[^\s/:]+:[0-9]{1,5}", text) is None:
                raise ValueError
            return text

        address = self._read(
            "--cluster", written, read, "an address such as tcp://10.0.0.5:8786", "copy what dask scheduler prints"
        )
        if address is not None and find_spec("distributed") is None:
            self._wrong("--cluster", address, "a machine with Dask", "pip install 'hotline-sim[cluster]'")
        return address

    def by(self, written: str | None) -> By | None:
        """Read the periods to report."""
        return cast("By | None", self._choice("--by", written, ("month", "quarter", "week")))

    def engine(self, written: str) -> Engine:
        """Read the engine."""
        return cast("Engine", self._choice("--engine", written, ("fast", "reference")))

    def lang(self, written: str) -> Lang:
        """Read the language."""
        return cast("Lang", self._choice("--lang", written, ("en", "zh")))

    def action(self, written: str, actions: tuple[str, ...]) -> str:
        """Read what a command of several actions is to do."""
        return self._choice("what to do", written, actions) or actions[0]

    def monthly(self, written: str | None) -> bool:
        """Read ``--by`` where months are all there is."""
        return self._choice("--by", written, ("month",)) is not None

    def window(self, scenario: Scenario, first: dt.date | None, last: dt.date | None) -> Window | None:
        """Check days against the scenario's horizon."""
        from sim.demand.window import Window

        try:
            return Window.of(scenario, first, last)
        except ValueError:
            horizon = scenario.horizon
            written = " ".join(
                f"{option} {day}" for option, day in (("--from", first), ("--to", last)) if day is not None
            )
            allowed = f"days of the horizon, {horizon.start} to {horizon.end}, the first no later than the last"
            self._wrong(written, "", allowed, "correct the days, or change [horizon] of the scenario")
            return None

    def whole_only(self, option: str, first: str | None, last: str | None) -> None:
        """Refuse days beside an option that is for the whole horizon."""
        days = " ".join(f"{name} {day}" for name, day in (("--from", first), ("--to", last)) if day is not None)
        self._wrong(
            f"{option} {days}",
            "",
            "the whole year: the published figures that the rates are solved for are a year's",
            "leave out --from and --to",
        )

    def _choice(self, option: str, written: str | None, values: tuple[str, ...]) -> str | None:
        if written is not None and written not in values:
            from sim.scenario.faults import nearest

            near = nearest(written, values)
            self._wrong(option, written, " or ".join(values), f"write {near or values[0]}")
        return written

    def _whole(self, option: str, written: str, low: int, high: int, remedy: str) -> int:
        def read(text: str) -> int:
            # Digits only: int() would also take 1_000 and Arabic numerals, and long texts take it long.
            if re.fullmatch(r"[0-9]{1,16}", text) is None or not low <= int(text) <= high:
                raise ValueError
            return int(text)

        value = self._read(option, written, read, f"a whole number from {low} to {high:,}", remedy)
        return low if value is None else value

    def _read(self, option: str, written: str | None, read: Callable[[str], T], allowed: str, remedy: str) -> T | None:
        if written is None:
            return None
        try:
            return read(written)
        except ValueError:
            self._wrong(option, written, allowed, remedy)
            return None

    def _wrong(self, option: str, written: str, allowed: str, remedy: str) -> None:
        from sim.scenario.faults import Fault, shown

        self.faults.append(Fault(option, "", shown(written) if written else "", allowed, remedy))


class OptionError(Exception):
    """A command line that cannot be followed; the message is a planner's."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))


@contextmanager
def plan_in_files(scenario: str, changes: list[str]) -> Iterator[None]:
    """Tell what is found wrong with a plan with the file, or the option, that says it."""
    from sim.scenario import PlanError, placed

    try:
        yield
    except PlanError as error:
        raise placed(error, scenario, changes) from None


def by_name(command: str, given: Sequence[str], loaded: Sequence[Scenario]) -> dict[str, Scenario]:
    """Return scenarios by name, those of one name refused: their results could not be told apart."""
    named: dict[str, Scenario] = {}
    for written, scenario in zip(given, loaded, strict=True):
        if scenario.name in named:
            allowed = f"a scenario with a name of its own; another here is called {scenario.name} too"
            raise refusal(command, written, allowed, "name another file, or give it another name = … in it")
        named[scenario.name] = scenario
    return named


def refusal(what: str, value: str, allowed: str, remedy: str) -> OptionError:
    """Return the error for one thing that cannot be done."""
    from sim.scenario.faults import Fault

    return OptionError([Fault(what, "", value, allowed, remedy)])


def _share(written: str) -> float:
    value = _number(written)
    if not 0.0001 <= value <= 0.1:
        raise ValueError
    return value


def _number(written: str) -> float:
    # "0.2%" is 0.2e-2: the text says it, no sum is needed.
    number = f"{written[:-1].strip()}e-2" if written.endswith("%") else written
    if re.fullmatch(r"[0-9]*\.?[0-9]+(e-2)?", number) is None:
        raise ValueError
    return float(number)
