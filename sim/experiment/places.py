"""Where replications are simulated: in this process, in others on this machine, or on a Dask cluster.

Each place takes orders and yields what is finished, in any order; a lost worker's orders are done again. Results do not
depend on the place, for a replication is a function of its order.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import Final

from sim.experiment.workers import Order, Packed, simulated

_TRIES: Final = 3
"""Times in a row that workers may be lost without one replication finished."""
_CONNECT_S: Final = 15
_AHEAD: Final = 4
"""Orders a cluster's worker has been sent beside the one it works on: none waits for the next, few are done twice."""


class ClusterError(Exception):
    """The cluster cannot be reached, or is lost; what was finished is kept."""

    def __init__(self, address: str, why: str) -> None:
        super().__init__(f"{address}: {why}")
        self.address, self.why = address, why


def finished(orders: Sequence[Order], jobs: int, cluster: str | None) -> Iterator[Packed]:
    """Simulate orders and yield each when it is finished.

    Parameters
    ----------
    orders
        Those of one experiment are best next to each other: a worker then makes its plan once.
    jobs
        Processes on this machine; 0 for one a core.
    cluster
        The address of a Dask scheduler to use instead, such as ``tcp://10.0.0.5:8786``.

    Raises
    ------
    ClusterError
        If the cluster cannot be reached or is lost.
    """
    if cluster is not None:
        yield from _on_cluster(orders, cluster)
    elif min(jobs or os.cpu_count() or 1, len(orders)) == 1:
        yield from map(simulated, orders)
    else:
        yield from _side_by_side(orders, jobs)


def _side_by_side(orders: Sequence[Order], jobs: int) -> Iterator[Packed]:
    """Simulate in processes of their own."""
    from joblib import Parallel, delayed
    from joblib.externals.loky.process_executor import TerminatedWorkerError

    missing = {(order.key, order.number): order for order in orders}
    lost = 0
    while missing:
        workers = Parallel(n_jobs=jobs or -1, return_as="generator_unordered", batch_size=1)
        try:
            for packed in workers(delayed(simulated)(order) for order in list(missing.values())):
                del missing[packed.key, packed.number]
                lost = 0
                yield packed
        except TerminatedWorkerError:
            lost += 1
            if lost == _TRIES:
                raise


def _on_cluster(orders: Sequence[Order], address: str) -> Iterator[Packed]:
    """Simulate on the workers of a Dask scheduler, those that join late included."""
    from distributed import Client, as_completed
    from distributed.comm.core import CommClosedError

    try:
        client = Client(address, timeout=_CONNECT_S, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, ValueError, TimeoutError) as error:
        raise ClusterError(address, f"no scheduler answers there ({error or type(error).__name__})") from None
    try:
        with client:
            names = [f"hotline-{order.key[:16]}-{order.number}" for order in orders]
            futures = client.map(simulated, orders, key=names, retries=_TRIES, batch_size=_AHEAD)
            done = as_completed(futures, loop=client.loop, with_results=True)  # type: ignore[no-untyped-call]
            for future, packed in done:
                if future.status != "finished":  # a lost scheduler's futures are cancelled, not failed
                    raise ClusterError(address, "the scheduler is lost")
                yield packed
                future.release()
    except (CommClosedError, TimeoutError, ConnectionError) as error:
        raise ClusterError(address, f"the scheduler is lost ({type(error).__name__})") from None
