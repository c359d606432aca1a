"""``hotline sweep`` and ``sensitivity``: many cases of one scenario, beside each other."""

from __future__ import annotations

import datetime as dt
import shlex
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli import keeping, screen
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
    WhichEngine,
    plan_in_files,
    refusal,
)

if TYPE_CHECKING:
    from sim.experiment.cases import Outcomes
    from sim.experiment.gather import Settings
    from sim.experiment.sweep import Case
    from sim.report.words import Lang
    from sim.scenario import Scenario
    from sim.scenario.ranges import Parameter

_SWEEP = """\b
Examples:
  hotline sweep one-day --vary demand.growth=0,0.1,0.2 --vary lines.count=20,40
  hotline sweep one-day --vary demand.growth=0..0.2/0.05 --figures
  hotline sweep one-day --vary demand.growth=0..0.3 --vary lines.count=10..40 --sample 20
  hotline sweep one-day --cases cases.csv

\b
A file of cases is CSV or Excel (.xlsx): a column a key, a row a case; a column "case" or 方案
names it; an empty cell leaves the scenario's own value."""
_SENSITIVITY = """\b
Examples:
  hotline sensitivity one-day
  hotline sensitivity one-day --range demand.growth=0..0.1 --of asa_s --of connection_rate
  hotline sensitivity one-day --sobol 64 --replications 4
  hotline sensitivity shanghai-2020 --definitions

\b
The numbers varied are those of the scenario's table [ranges]:
  "types.*.redial.probability" = [0.36, 0.62]"""

Figures = Annotated[bool, typer.Option("--figures", help="Also draw the figures.")]
_Typed = tuple[str, Sequence[str | None]]
_SHOWN = ("connection_rate", "asa_s", "total")
"""What is shown where nothing is said, of what the scenario has."""


def add_to(app: typer.Typer) -> None:
    """Add this group's commands."""
    app.command("sweep", short_help="A grid or list of cases, a row each.", epilog=_SWEEP)(sweep)
    app.command("sensitivity", short_help="Which assumption to measure first.", epilog=_SENSITIVITY)(sensitivity)


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
    base, settings = _base(scenario, set_, options, given, chosen)
    listed = _listed(options, base, vary, cases, count, settings.seed)
    shown = _quantities(options, base, "--measures", measures or ())
    options.finish()
    loaded = _checked(scenario, set_, listed, settings)
    folder = Path(out or Path("results", f"sweep-{base.name}"))
    typed: list[_Typed] = [("--vary", vary), ("--cases", [cases]), ("--sample", [sample]), ("--measures", [measures])]
    command = _command("sweep", scenario, set_, typed, settings, chosen if figures else None)
    began = dt.datetime.now(dt.UTC)
    full = _claimed(folder)
    if figures:
        screen.announce_no_font(chosen)
    outcomes = _simulated(
        loaded, settings, full, _again(command, folder), resume=resume, quiet=quiet or json, lang=chosen
    )
    from sim.experiment.sweep import table, varied
    from sim.report import sweeps as tables
    from sim.report.files import write_tables

    keys, frame = varied(listed), table(listed, outcomes)
    shown = [name for name in shown if tables.column(name) in frame.columns]

    def draw(new: Path) -> None:
        from sim.report import sweep_figures

        sweep_figures.save(partial(sweep_figures.sweep, frame, keys, shown, named=cases is not None), new, chosen)

    write_tables(
        {"sweep": frame}, full, base, settings, _most(outcomes), command=command, began=began,
        draw=draw if figures else None,
    )  # fmt: skip
    if json:
        screen.show_json(tables.sweep_data(frame, keys))
    elif not quiet:
        table_shown = tables.sweep(frame, keys, shown, base.name, chosen, named=cases is not None)
        screen.show(table_shown, _where(folder, chosen))


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
    base, settings = _base(scenario, set_, options, given, chosen)
    if definitions:
        command = _command("sensitivity", scenario, set_, [], settings, None)
        folder = Path(out or Path("results", f"sensitivity-{base.name}"))
        alone = _simulated(
            {base.name: base}, settings, folder.absolute(), f"{command} --definitions", resume=resume,
            quiet=quiet or json, lang=chosen,
        )  # fmt: skip
        _show_definitions(alone[base.name], json=json, quiet=quiet, lang=chosen)
        return
    parameters = _parameters(options, base, range_, only, at_least=1 if count is None else 2)
    shown = _quantities(options, base, "--of", of)
    options.finish()
    from sim.experiment import sensitivity as experiment

    if count is None:
        listed = experiment.tornado_cases(parameters)
    else:
        listed = experiment.sobol_cases(parameters, count, settings.seed)
    loaded = _checked(scenario, set_, listed, settings)
    folder = Path(out or Path("results", f"sensitivity-{base.name}"))
    typed: list[_Typed] = [("--range", range_), ("--only", only), ("--of", of), ("--sobol", [sobol])]
    command = _command("sensitivity", scenario, set_, typed, settings, chosen if figures else None)
    began = dt.datetime.now(dt.UTC)
    full = _claimed(folder)
    if figures:
        screen.announce_no_font(chosen)
    outcomes = _simulated(
        loaded, settings, full, _again(command, folder), resume=resume, quiet=quiet or json, lang=chosen
    )
    found = experiment.found(parameters, listed, outcomes, count, settings.seed)
    from sim.report import sweeps as tables
    from sim.report.files import write_tables

    def draw(new: Path) -> None:
        from sim.report import sweep_figures

        sweep_figures.save(partial(sweep_figures.sensitivity, found, shown), new, chosen)

    write_tables(
        tables.sensitivity_frames(found), full, base, settings, _most(outcomes), command=command, began=began,
        draw=draw if figures else None,
    )  # fmt: skip
    if json:
        screen.show_json(tables.sensitivity_data(found))
    elif not quiet:
        screen.show(*tables.sensitivity(found, shown, chosen), _where(folder, chosen))


def _show_definitions(outcomes: Outcomes, *, json: bool, quiet: bool, lang: Lang) -> None:
    from sim.experiment.definitions import definitions
    from sim.report import sweeps as tables

    found = definitions(outcomes)
    if json:
        screen.show_json(tables.definitions_data(found))
    elif not quiet:
        screen.show(tables.definitions(found, lang))


def _simulated(
    cases: Mapping[str, Scenario], settings: Settings, folder: Path, again: str, *, resume: bool, quiet: bool,
    lang: Lang,
) -> dict[str, Outcomes]:  # fmt: skip
    """Simulate cases, having said how many they are."""
    from sim.report.words import told as words

    if not quiet and len(cases) > 1:
        count = "cases" if settings.precision is None else "cases_precise"
        screen.say(words(count, lang).format(f"{len(cases):,}", settings.replications))
    title = words("simulating", lang).format(folder.name)
    return keeping.outcomes(cases, settings, folder, again, title, resume=resume, quiet=quiet, lang=lang)


def _most(outcomes: Mapping[str, Outcomes]) -> int:
    """Return how many replications the case with most of them has."""
    return max(len(case.numbers) for case in outcomes.values())


def _again(command: str, folder: Path) -> str:
    return f"{command} --out {shlex.quote(str(folder))}"


def _base(
    scenario: str, set_: list[str], options: Options, given: dict[str, Any], lang: Lang
) -> tuple[Scenario, Settings]:
    """Return the scenario as it is before anything is varied, found sound, and how it is simulated."""
    from sim.experiment.gather import Settings
    from sim.scenario import load
    from sim.verbs import sound_plan

    base = load(scenario, set_)
    options.window(base, given["first"], given["last"])
    options.finish()
    screen.warn(base, lang, given["first"], given["last"])
    with plan_in_files(scenario, set_):
        sound_plan(base)
    return base, Settings(**given)


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


def _quantities(options: Options, base: Scenario, option: str, words: str | Sequence[str]) -> list[str]:
    """Return the quantities that a planner names; of the usual ones those that there are."""
    from sim.experiment.quantities import names
    from sim.report.names import key_called, parted

    known = names(base)
    if not words:
        found = [key_called(word, known) for word in _SHOWN]
    else:
        each = parted(words, known) if isinstance(words, str) else words
        found = [options.quantity(option, word, known) for word in each]
    return list(dict.fromkeys(name for name in found if name is not None))


def _checked(scenario: str, changes: list[str], cases: list[Case], settings: Settings) -> dict[str, Scenario]:
    """Return the scenario of every case, once nothing is found wrong with any."""
    from sim.demand.window import Window
    from sim.experiment.sweep import load_cases
    from sim.verbs import sound_plan

    def check(case: Scenario) -> None:
        sound_plan(case)
        Window.of(case, settings.first, settings.last)

    return load_cases(scenario, changes, cases, check)


def _claimed(folder: Path) -> Path:
    from sim.report.folder import claim
    from sim.report.summary import SOFTWARE

    return claim(folder, SOFTWARE)


def _command(
    verb: str, scenario: str, set_: list[str], typed: list[_Typed], settings: Settings,
    figures: Lang | None,
) -> str:  # fmt: skip
    """Return the command that gives a result again."""
    from sim.report.summary import figures_words, settings_words

    options: list[_Typed] = [("--set", set_), *typed]
    words = [word for option, values in options for value in values if value is not None for word in (option, value)]
    return shlex.join(["hotline", verb, scenario, *words, *settings_words(settings), *figures_words(figures)])


def _where(folder: Path, lang: Lang) -> str:
    from sim.report.words import word

    return f"{word('results', lang)} {folder}"
