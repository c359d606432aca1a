"""The fast engine: the compiled event loop with its memory around it (§16)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from sim.engine import kernel, rules, structures, tally
from sim.engine.given import Centre, Run
from sim.engine.rules import Stuck
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
    keep: Callable[[Ints, Ints], None] | None = None,
) -> tuple[Tally, Ints, Ints, Ints]:
    """Run one replication on the fast engine.

    Parameters
    ----------
    centre, run
        The centre and the replication's demand and roster.
    piece
        The piece of the year each row lies in, shape ``(rows,)``, for percentiles by piece; one piece if left
        out.
    logging
        Whether to return the tables of attempts and tasks.
    keep
        Given the finished rows of both tables now and then, in order, so that they take little memory; they are
        then not returned.

    Returns
    -------
    tuple
        The tally; the waits beyond its bins, packed as :mod:`sim.engine.tally` says; and the tables of
        attempts, shape ``(attempts, LOG)``, and of tasks, ``(tasks, TASK_LOG)``, empty unless ``logging``.

    Raises
    ------
    Stuck
        If calls wait for agents who never come.
    """
    types, groups = centre.order.shape
    if piece is None:
        piece = np.zeros(run.means.shape[0], np.int64)
    counts = tally.new_tally(piece, types, groups, centre.tasks.order.shape[0])
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
                keep(*_take_finished(memory))
            until += _ROWS_AT_ONCE
    counts.duty[-1, :, tally.IDLE_MS] = 0
    _count_left(counts, memory, run.end_ms)
    if keep is not None:
        keep(*_take_finished(memory, all_of_them=True))
    state = memory.state
    waits = memory.kept_waits[: state[structures.N_LONG]].copy()
    return (
        counts,
        waits,
        memory.log[: state[structures.N_LOG]].copy(),
        memory.task_log[: state[structures.N_TASK_LOG]].copy(),
    )


def _count_left(counts: Tally, memory: Memory, end_ms: int) -> None:
    """Count as late the tasks left at the end that were due before it (§12)."""
    left = memory.backlog[memory.backlog[:, structures.CONTACT] >= 0]
    late = left[left[:, structures.DUE] < end_ms]
    for row, task in late[:, [structures.ROW, structures.CONTACT]].tolist():
        counts.tasks[row, rules.kind_of(task), tally.LATE] += 1


def _take_finished(memory: Memory, *, all_of_them: bool = False) -> tuple[Ints, Ints]:
    """Take the rows before the first call or task that is not finished yet, or all, out of their tables."""
    state = memory.state
    taken = []
    for pool, log, n in (
        (memory.pool, memory.log, structures.N_LOG),
        (memory.backlog, memory.task_log, structures.N_TASK_LOG),
    ):
        rows = int(state[n])
        here = pool[:, structures.CONTACT] >= 0
        done = rows if all_of_them else int(pool[here, structures.RECORD].min(initial=rows))
        taken.append(log[:done].copy())
        log[: rows - done] = log[done:rows]
        pool[here, structures.RECORD] -= done
        state[n] = rows - done
    return taken[0], taken[1]
