"""The engines' draws without the engines: what share of their time is spent drawing (§2)."""

from __future__ import annotations

from sim.compiled import bare_kernel
from sim.engine.drawn import Drawn, draw_first_attempts
from sim.engine.given import Centre, Run


@bare_kernel
def draw_all(centre: Centre, run: Run, drawn: Drawn) -> int:
    """Draw every first attempt and what answering it brings; return how many, ``drawn`` having room for a slot's."""
    n = 0
    for row in range(run.means.shape[0]):
        n += draw_first_attempts(centre, run, drawn, row)
    return n
