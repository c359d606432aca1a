"""What ``hotline sweep`` and ``hotline sensitivity`` read alike: the scenario that is varied, and what is shown."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from sim.cli import screen
from sim.cli.options import Options, plan_in_files

if TYPE_CHECKING:
    from sim.experiment.gather import Settings
    from sim.report.words import Lang
    from sim.scenario import Scenario

Figures = Annotated[bool, typer.Option("--figures", help="Also draw the figures.")]
SHOWN: Final = ("connection_rate", "asa_s", "total")
"""What is shown where nothing is said, of what the scenario has."""


def sound_base(
    scenario: str, set_: list[str], options: Options, given: dict[str, Any], lang: Lang
) -> tuple[Scenario, Settings]:
    """Return the scenario as it is before anything is varied, found sound, and how it is simulated."""
    from sim.experiment.gather import Settings
    from sim.scenario import load
    from sim.verbs import sound_plan

    base = load(scenario, set_)
    options.window(base, given["first"], given["last"])
    options.finish()
    screen.warn(base, lang)
    with plan_in_files(scenario, set_):
        sound_plan(base)
    return base, Settings(**given)


def shown_quantities(options: Options, base: Scenario, option: str, words: Iterable[str]) -> list[str]:
    """Return the quantities that a planner names; of the usual ones those that there are."""
    from sim.experiment.quantities import meant, names
    from sim.scenario.faults import Fault, nearest, shown

    known = names(base)
    found = []
    for word in words:
        name = meant(word.strip(), known)
        if name is not None:
            found.append(name)
        elif words is not SHOWN:
            near = nearest(word.strip(), known)
            allowed = "a measure, a target or a line of the contract, such as connection_rate, asa_probability, total"
            remedy = f"write {near}" if near else "hotline run SCENARIO --json lists the measures"
            options.faults.append(Fault(option, "", shown(word.strip()), allowed, remedy))
    return list(dict.fromkeys(found))
