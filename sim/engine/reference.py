"""The reference engine: SimPy's clock and event heap, one callback an event, written to be read (§16).

The calls are in ``hotline.py``, tasks in ``reference_tasks.py``, groups in ``reference_duty.py``, what is counted in
``recount.py``.
"""

from __future__ import annotations

import numpy as np

from sim.engine.given import Centre, Run
from sim.engine.hotline import Hotline
from sim.engine.recount import Keep, Recount
from sim.engine.structures import LOG, TASK_LOG, Ints
from sim.engine.tally import Tally


def simulate(
    centre: Centre,
    run: Run,
    *,
    piece: Ints | None = None,
    logging: bool = False,
    keep: Keep | None = None,
) -> tuple[Tally, Ints, Ints, Ints]:
    """Run one replication on the reference engine.

    Parameters
    ----------
    centre, run, piece, logging, keep
        As the fast engine's.

    Returns
    -------
    tuple
        The tally, the waits beyond its bins and the tables of attempts and of tasks, in the same form as the fast
        engine's.

    Raises
    ------
    Stuck
        If calls wait for agents who never come.
    """
    log = [np.empty((0, LOG), np.int64)]
    tasks = [np.empty((0, TASK_LOG), np.int64)]

    def keep_here(attempts: Ints, of_tasks: Ints) -> None:
        log.append(attempts)
        tasks.append(of_tasks)

    recount = Recount(centre, run, piece, keep if keep is not None else keep_here if logging else None)
    counts, longer = Hotline(centre, run, recount).simulate()
    return counts, longer, np.concatenate(log), np.concatenate(tasks)
