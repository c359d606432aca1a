"""The simulator against theory and against what others published: ``hotline validate``."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from sim.validation.row import SEED, Row, Verdict

__all__ = ["SEED", "Progress", "Row", "Verdict", "validate"]

Progress = Callable[[int, int], None]
"""Called with the cases done and wanted."""

_SHORT_CALLS = 15_000_000


def validate(*, progress: Progress | None = None, slow: bool = True) -> list[Row]:
    """Simulate every case at the seed :data:`SEED` and return a row for each of its numbers.

    Parameters
    ----------
    progress
        Told how far it is.
    slow
        Also the exact cases whose runs are long, and the replays; without them it takes a tenth of the time.

    Returns
    -------
    list of Row
        The exact cases first, then the published ones, then those replayed.
    """
    from joblib import Parallel, delayed

    from sim.scenario import load
    from sim.validation import exact, exact_rules, published, replay

    steps: list[Callable[[], list[Row]]] = [
        partial(exact.compare, station)
        for station in (*exact.TABLE, *exact.LIMITS)
        if slow or station.calls * exact.BATCHES <= _SHORT_CALLS
    ]
    steps += [exact.little, exact.by_hand]
    steps += [partial(exact.compare_rule, rule) for rule in exact_rules.RULES]
    steps += [partial(published.compare, load(name), numbers) for name, numbers in published.CASES.items()]
    if slow:
        steps += [partial(replay.compare, load(name), published.CASES[name]) for name in replay.CASES]
    rows = []
    # Side by side in processes: much of the time goes in Python, and no case's numbers depend on another's.
    side_by_side = Parallel(n_jobs=-1, batch_size=1, return_as="generator")
    for done, found in enumerate(side_by_side(delayed(step)() for step in steps), 1):
        rows += found
        if progress:
            progress(done, len(steps))
    return rows
