"""Where replications are simulated: in this process, in others on this machine, or on a Dask cluster.

Each place takes orders and yields what is finished, in any order; a lost worker's orders are done again. Results do not
depend on the place, for a replication is a function of its order.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Final

from sim.experiment.workers import Order, Packed, simulated

_TRIES: Final = 3
"""Times in a row that workers may be lost without one replication finished."""
_CONNECT_S: Final = 15
_LOOK_S: Final = 1.0
"""How often a process on this machine looks whether the one that began it is still there."""


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
    from concurrent.futures.process import BrokenProcessPool

    from joblib import Parallel, delayed

    missing = {(order.key, order.number): order for order in orders}
    lost = 0
    while missing:
        workers = Parallel(n_jobs=jobs or -1, return_as="generator_unordered", batch_size=1)
        try:
            with _hidden_from_ctrl_c():
                results = workers(delayed(_beside)(order, os.getpid()) for order in list(missing.values()))
            for packed in results:
                del missing[packed.key, packed.number]
                lost = 0
                yield packed
        except BrokenProcessPool:
            lost += 1
            if lost == _TRIES:
                raise


def _beside(order: Order, parent: int) -> Packed:
    """Simulate in a process that ``parent`` began, and that ends with it."""
    _end_with(parent)
    return simulated(order)


@cache
def _end_with(parent: int) -> None:
    """Let this process end soon after the one that began it, even if that is killed: idle ones would stay minutes.

    An orphan is given another parent. Windows gives it none, so that it stays there until it has been idle for long.
    """
    if os.getpid() != parent:
        threading.Thread(target=_watch, args=(parent,), daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_LOOK_S)
    os._exit(1)  # nobody is left to be told anything


@contextmanager
def _hidden_from_ctrl_c() -> Iterator[None]:
    """Let processes that are begun here ignore a terminal's Ctrl-C: it is for the one that was called."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # processes take it over
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _on_cluster(orders: Sequence[Order], address: str) -> Iterator[Packed]:
    """Simulate on the workers of a Dask scheduler, those that join late included."""
    from distributed import Client, as_completed
    from distributed.comm.core import CommClosedError
    from distributed.scheduler import KilledWorker

    try:
        client = Client(address, timeout=_CONNECT_S, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, ValueError, TimeoutError) as error:
        raise ClusterError(address, f"no scheduler answers there ({error or type(error).__name__})") from None
    try:
        with client:
            try:
                client.wait_for_workers(1, timeout=_CONNECT_S)
            except TimeoutError:
                raise ClusterError(address, "the scheduler has no worker") from None
            # Another command may ask the same cluster for the same replication without its tables.
            names = [f"hotline-{order.key[:16]}-{order.number}{'-tables' * order.tables}" for order in orders]
            futures = client.map(simulated, orders, key=names, retries=_TRIES)
            done = as_completed(futures, loop=client.loop, with_results=True)  # type: ignore[no-untyped-call]
            for future, packed in done:
                if future.status != "finished":  # a lost scheduler's futures are cancelled, not failed
                    raise ClusterError(address, "the scheduler is lost")
                yield packed
                future.release()
    except KilledWorker:
        why = "its workers were lost again and again on one replication, most often because memory ran out"
        raise ClusterError(address, why) from None
    except (CommClosedError, TimeoutError, ConnectionError) as error:
        raise ClusterError(address, f"the scheduler is lost ({type(error).__name__})") from None
