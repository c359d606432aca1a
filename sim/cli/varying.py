"""What ``hotline sweep`` and ``hotline sensitivity`` read alike: the scenario that is varied, and what is shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from sim.cli import screen
from sim.cli.options import Options, plan_in_files

if TYPE_CHECKING:
    from sim.experiment.gather import Settings
    from sim.report.words import Lang
    from sim.scenario import Scenario

Figures = Annotated[bool, typer.Option("--figures", help="Also draw the figures.")]
_SHOWN: Final = ("connection_rate", "asa_s", "total")
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
    screen.warn(base, lang, given["first"], given["last"])
    with plan_in_files(scenario, set_):
        sound_plan(base)
    return base, Settings(**given)


def shown_quantities(options: Options, base: Scenario, option: str, words: str | Sequence[str]) -> list[str]:
    """Return the quantities that a planner names, in one text or several; of the usual ones those that there are."""
    from sim.experiment.quantities import names
    from sim.report.names import key_called, parted

    known = names(base)
    if not words:
        found = [key_called(word, known) for word in _SHOWN]
    else:
        each = parted(words, known) if isinstance(words, str) else words
        found = [options.quantity(option, word, known) for word in each]
    return list(dict.fromkeys(name for name in found if name is not None))
