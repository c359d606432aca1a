"""The fast engine: the compiled event loop with its memory around it (§16)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from sim.engine import kernel, structures, tally
from sim.engine.rules import Centre, Run, Stuck
from sim.engine.structures import Ints, Memory
from sim.engine.tally import Tally
from sim.terms import SLOTS_PER_DAY

_ROWS_AT_ONCE = 30 * SLOTS_PER_DAY


def simulate(
    centre: Centre,
    run: Run,
    *,
    piece: Ints | None = None,
    logging: bool = False,
    keep: Callable[[Ints], None] | None = None,
) -> tuple[Tally, Ints, Ints]:
    """Run one replication on the fast engine.

    Parameters
    ----------
    centre, run
        The centre and the replication's demand and roster.
    piece
        The piece of the year each row lies in, shape ``(rows,)``, for percentiles by piece; one piece if left
        out.
    logging
        Whether to return the table of attempts.
    keep
        Given the finished rows of the table of attempts now and then, in order, so that it takes little
        memory; it is then not returned.

    Returns
    -------
    tuple
        The tally; the waits beyond its bins, packed as :mod:`sim.engine.tally` says; and the table of
        attempts, shape ``(attempts, LOG)``, empty unless ``logging``.

    Raises
    ------
    Stuck
        If calls wait for agents who never come.
    """
    rows, types = run.means.shape
    groups = run.roster.shape[1]
    counts = tally.new_tally(np.zeros(rows, np.int64) if piece is None else piece, types, groups)
    logging = logging or keep is not None
    memory = structures.new_memory(centre, run, logging)
    until = _ROWS_AT_ONCE
    while True:
        status = kernel.advance(centre, run, counts, memory, until)
        if status == kernel.DONE:
            break
        if status == kernel.STUCK:
            raise Stuck
        if status == kernel.GROW:
            memory = structures.grown(memory)
        else:
            if keep is not None:
                keep(_take_finished(memory))
            until += _ROWS_AT_ONCE
    if keep is not None:
        keep(_take_finished(memory))
    n_long = memory.state[structures.N_LONG]
    return counts, memory.kept_waits[:n_long].copy(), memory.log[: memory.state[structures.N_LOG]].copy()


def _take_finished(memory: Memory) -> Ints:
    """Take the rows before the first call still in greeting or waiting out of the table of attempts."""
    pool, log, state = memory.pool, memory.log, memory.state
    rows = int(state[structures.N_LOG])
    here = pool[:, structures.CONTACT] >= 0
    done = int(pool[here, structures.RECORD].min(initial=rows))
    finished = log[:done].copy()
    log[: rows - done] = log[done:rows]
    pool[here, structures.RECORD] -= done
    state[structures.N_LOG] = rows - done
    return finished
