"""The fast engine: the compiled event loop with its memory around it (§16)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from sim.engine import kernel, structures, tally
from sim.engine.rules import Centre, Run, Stuck
from sim.engine.structures import Ints
from sim.engine.tally import Tally
from sim.terms import SLOTS_PER_DAY

_ROWS_AT_ONCE = 30 * SLOTS_PER_DAY


def simulate(
    centre: Centre,
    run: Run,
    *,
    piece: Ints | None = None,
    logging: bool = False,
    progress: Callable[[int], None] | None = None,
) -> tuple[Tally, Ints, Ints]:
    """Run one replication on the fast engine.

    Parameters
    ----------
    centre, run
        The centre and the replication's demand and roster.
    piece
        The piece of the year each row lies in, shape ``(rows,)``, for percentiles by piece; one piece if left out.
    logging
        Whether to keep the table of attempts.
    progress
        Called with the rows done, now and then.

    Returns
    -------
    tuple
        The tally; the waits beyond its bins, packed as :mod:`sim.engine.tally` says; and the table of attempts, shape
        ``(attempts, LOG)``, empty unless ``logging``.

    Raises
    ------
    Stuck
        If calls wait for agents who never come.
    """
    rows, types = run.means.shape
    groups = run.roster.shape[1]
    most = int(run.roster.max(axis=0).sum())
    counts = tally.new_tally(np.zeros(rows, np.int64) if piece is None else piece, types, groups)
    memory = structures.new_memory(types, groups, most, centre.lines, centre.keeps_idle_times, logging)
    until = _ROWS_AT_ONCE
    while True:
        status = kernel.advance(centre, run, counts, memory, logging, until)
        if status == kernel.DONE:
            break
        if status == kernel.STUCK:
            raise Stuck
        if status == kernel.GROW:
            memory = structures.grown(memory)
        else:
            if progress is not None:
                progress(min(until, rows))
            until += _ROWS_AT_ONCE
    n_long = memory.state[structures.N_LONG]
    return counts, memory.long_waits[:n_long].copy(), memory.log[: memory.state[structures.N_LOG]].copy()
