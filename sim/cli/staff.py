"""``hotline staff`` and ``hotline frontier``: the cheapest plan that meets the targets, and what others cost."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli import screen
from sim.cli.options import (
    Changes,
    Jobs,
    Json,
    Language,
    Options,
    Quiet,
    ScenarioName,
    Seed,
    Typed,
    by_name,
    plan_in_files,
)

if TYPE_CHECKING:
    from sim.report.staff_rows import Frontiers
    from sim.report.words import Lang
    from sim.scenario import Scenario
    from sim.staffing.plan import Plan

_STAFF = """\b
Examples:
  hotline staff shanghai-2020
  hotline staff shanghai-2020 --probability 95% --figures
  hotline staff shanghai-2020 --budget-wan 13000
A year takes some minutes. The folder has the shifts, a roster by date, and a scenario.toml that hotline run takes."""
_FRONTIER = """\b
Examples:
  hotline frontier shanghai-2020
  hotline frontier shanghai-2020 --floor 80% --figures
  hotline frontier winter-surge winter-surge-all --figures
A year takes some minutes, and each scenario its own."""

Probability = Annotated[
    str, typer.Option(metavar="0.9|90%", help="In how many of the years the targets are to hold, all together.")
]
Floor = Annotated[str, typer.Option(metavar="90%", help="So many of its calls each half-hour answers at least.")]
FloorDay = Annotated[
    str | None, typer.Option(metavar="95%", help="So many of the calls of any 24 hours in a row are answered at least.")
]
Years = Annotated[str, typer.Option(metavar="N", help="Simulated years that prove the plan.")]
Figures = Annotated[bool, typer.Option("--figures", help="Also draw the figures.")]


def add_to(app: typer.Typer) -> None:
    """Add this group's commands."""
    app.command("staff", short_help="The cheapest plan that meets the targets.", epilog=_STAFF)(staff)
    app.command("frontier", short_help="Cost against connection rate and answer time.", epilog=_FRONTIER)(frontier)


def staff(
    scenario: ScenarioName,
    set_: Changes = [],  # noqa: B006 (typer needs the empty list itself)
    probability: Probability = "0.9",
    budget_wan: Annotated[
        str | None, typer.Option(metavar="N", help="Instead: the surest plan whose contract costs no more, 万元.")
    ] = None,
    floor: Floor = "90%",
    floor_day: FloorDay = None,
    years: Years = "100",
    seed: Seed = "1",
    jobs: Jobs = "0",
    out: Annotated[
        str | None, typer.Option(metavar="DIR", help="The result folder; results/staff-NAME if left out.")
    ] = None,
    lang: Language = "en",
    json: Json = False,
    quiet: Quiet = False,
    figures: Figures = False,
) -> None:
    """Choose who works when, so that the year's targets hold as surely as asked, at the least cost; and prove it."""
    wanted = _Wanted(
        "staff", [scenario], set_, probability, budget_wan, floor, floor_day, years, seed, jobs, out, lang, figures
    )
    (name,) = wanted.scenarios
    found = wanted.plan(name, quiet=quiet or json)
    from sim.report import staff_files
    from sim.report.roster_files import SCENARIO, has_excel
    from sim.report.roster_words import roster_word

    staff_files.write(
        found, wanted.full, source=scenario, changed=bool(set_), command=wanted.command, began=wanted.began,
        figures=wanted.drawn,
    )  # fmt: skip
    if not has_excel():
        screen.say(roster_word("no_excel", wanted.lang))
    if json:
        screen.show_json(staff_files.staff_summary(found))
    elif not quiet:
        from sim.report.staff_tables import staff_tables
        from sim.report.staff_words import staff_word
        from sim.report.words import word

        screen.show(*staff_tables(found, wanted.lang))
        screen.show(f"{word('results', wanted.lang)} {wanted.folder}")
        plan = wanted.folder / SCENARIO
        screen.show(staff_word("run", wanted.lang).format(plan))
        screen.show(staff_word("again", wanted.lang).format(plan, wanted.seed + 1, wanted.years))


def frontier(
    scenarios: Annotated[
        list[str], typer.Argument(metavar="SCENARIO", help="Scenario files or shipped scenarios, side by side.")
    ],
    set_: Changes = [],  # noqa: B006
    probability: Probability = "0.9",
    floor: Floor = "90%",
    floor_day: FloorDay = None,
    years: Years = "100",
    seed: Seed = "1",
    jobs: Jobs = "0",
    out: Annotated[
        str | None, typer.Option(metavar="DIR", help="The result folder; results/frontier-NAMES if left out.")
    ] = None,
    lang: Language = "en",
    json: Json = False,
    quiet: Quiet = False,
    figures: Figures = False,
) -> None:
    """Show what answer time and connection rate cost, and the price of a second less and of a point more.

    Of several scenarios each has its own cheapest plan, simulated with the same citizens; --set changes every one.
    """
    wanted = _Wanted(
        "frontier", scenarios, set_, probability, None, floor, floor_day, years, seed, jobs, out, lang, figures
    )
    found = wanted.frontiers(quiet=quiet or json)
    from sim.report import staff_files

    staff_files.write_frontier(found, wanted.full, command=wanted.command, began=wanted.began, figures=wanted.drawn)
    if json:
        screen.show_json(staff_files.frontier_summary(found))
    elif not quiet:
        from sim.report.staff_tables import frontier_tables
        from sim.report.words import word

        screen.show(*frontier_tables(found, wanted.lang))
        screen.show(f"{word('results', wanted.lang)} {wanted.folder}")


class _Wanted:
    """What either command is asked for, read and checked, and where its result goes."""

    def __init__(
        self, verb: str, given: list[str], set_: list[str], probability: str, budget_wan: str | None, floor: str,
        floor_day: str | None, years: str, seed: str, jobs: str, out: str | None, lang: str, figures: bool,
    ) -> None:  # fmt: skip
        options = Options()
        self.lang: Lang = options.lang(lang)
        self.probability = options.probability(probability)
        self.floor, self.floor_day = options.floor(floor), options.floor_day(floor_day)
        self.budget_wan = options.budget(budget_wan)
        self.years, self.seed, self.jobs = options.years(years), options.seed(seed), options.jobs(jobs)
        options.finish()
        from sim.experiment.compare import check_days
        from sim.report.folder import claim
        from sim.report.summary import SOFTWARE, command_of
        from sim.scenario import load

        loaded = [load(written, set_) for written in given]
        check_days(loaded)
        self.scenarios: dict[str, Scenario] = by_name(f"hotline {verb}", given, loaded)
        self.verb = verb
        self.given, self.set_ = dict(zip(self.scenarios, given, strict=True)), set_
        for scenario in loaded:
            screen.warn(scenario, self.lang)
        self.began = dt.datetime.now(dt.UTC)
        self.folder = Path(out or Path("results", f"{verb}-{'-'.join(self.scenarios)}"))
        self.full = claim(self.folder, SOFTWARE)
        self.drawn: Lang | None = self.lang if figures else None
        if figures:
            screen.announce_no_font(self.lang)
        typed: list[Typed] = [
            *(("--set", set_), ("--probability", [probability]), ("--budget-wan", [budget_wan]), ("--floor", [floor])),
            *(("--floor-day", [floor_day]), ("--years", [years]), ("--seed", [seed])),
        ]
        self.command = command_of(verb, given, typed, None, figures=self.drawn)

    def plan(self, name: str, *, quiet: bool) -> Plan:
        """Search for one scenario's plan, and show how far it is."""
        from sim import verbs
        from sim.report.staff_words import staff_word

        screen.announce_compiling(self.lang, quiet=quiet)
        whose = f"{name}: " if len(self.scenarios) > 1 else ""
        with (
            plan_in_files(self.given[name], self.set_),
            screen.stages(lambda stage: f"{whose}{staff_word(f'stage_{stage}', self.lang)}", quiet=quiet) as told,
        ):
            return verbs.staff(
                self.scenarios[name], self.probability, budget_wan=self.budget_wan, floor=self.floor,
                floor_day=self.floor_day, years=self.years, buys=self.verb == "staff", seed=self.seed,
                jobs=self.jobs, told=told,
            )  # fmt: skip

    def frontiers(self, *, quiet: bool) -> Frontiers:
        """Search for each scenario's plan, and say why one has none.

        Raises
        ------
        ScenarioError
            If none has one.
        """
        from sim import verbs
        from sim.report.staff_rows import Frontiers
        from sim.scenario import ScenarioError
        from sim.staffing.staff_faults import no_cost

        # A mistake in one is told before minutes are spent on another.
        unpriced = [no_cost(scenario) for scenario in self.scenarios.values() if scenario.cost is None]
        if unpriced:
            raise ScenarioError(unpriced)
        for name, scenario in self.scenarios.items():
            with plan_in_files(self.given[name], self.set_):
                verbs.sound_plan(scenario)
        plans: dict[str, Plan] = {}
        errors: dict[str, ScenarioError] = {}
        for name in self.scenarios:
            try:
                plans[name] = self.plan(name, quiet=quiet)
            except ScenarioError as none:
                errors[name] = none
        if not plans:
            raise ScenarioError([fault for error in errors.values() for fault in error.faults])
        for error in errors.values():
            screen.say(str(error))
        # A search ends at the first thing that it cannot do.
        return Frontiers(self.scenarios, plans, {name: error.faults[0] for name, error in errors.items()})
