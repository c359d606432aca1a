"""One queue at constant rates, in batches of the fast engine, and what is measured of it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim import identities
from sim.demand import draws
from sim.engine import fast, given, rules
from sim.engine import tally as t
from sim.engine.given import Centre, Run
from sim.terms import SECOND_MS, SLOT_MS, SLOTS_PER_HOUR
from sim.uniforms import CONTACTS, COUNT, name_word, stream_key, sub_key

Ints = NDArray[np.int64]
Law = tuple[int, float, float, float, None]
"""A row for :func:`sim.demand.draws.pack`."""

MINUTE_MS: Final = 60_000
_MINUTE_S: Final = MINUTE_MS // SECOND_MS
_SLOT_MINUTES: Final = SLOT_MS // MINUTE_MS
_WITHIN_MS: Final = (0, 15_000, 20_000)
_NOTHING: Final[Law] = (draws.FIXED, 0.0, 0.0, 0.0, None)
_BLOCKS: Final = rules.ORDER_TIME + 1
WEEKS: Final = 60
"""More than any batch has."""
_NO_WAIT: Final = t.WITHIN
_WITHIN_20: Final = t.WITHIN + 2


@dataclass(frozen=True)
class Station:
    """One queue: rates a minute (``hangup`` 0: nobody abandons), agents, how many may wait (None: any).

    ``expected`` holds printed numbers by the names of :data:`MEASURES`. Each batch is measured for ``hours``
    after ``warm_hours``; together they are a day or more.
    """

    name: str
    arrival: float
    service: float
    hangup: float
    agents: int
    room: int | None
    hours: int
    source: str
    expected: dict[str, str]
    warm_hours: int = 12

    @property
    def calls(self) -> float:
        """Expected calls of a batch, those of the warm-up included."""
        return self.arrival * 60.0 * (self.warm_hours + self.hours)

    @property
    def arrivals_per_s(self) -> float:
        """Calls a second."""
        return self.arrival / _MINUTE_S

    @property
    def aht_s(self) -> float:
        """Mean handling time in seconds."""
        return _MINUTE_S / self.service

    @property
    def patience_s(self) -> float:
        """Mean patience in seconds, infinite where nobody abandons."""
        return _MINUTE_S / self.hangup if self.hangup > 0.0 else math.inf


@dataclass(frozen=True)
class Batch:
    """One batch's counts in its measured time, in the columns of the tally, and that time in minutes."""

    attempts: Ints
    duty: Ints
    minutes: float

    @property
    def calls(self) -> float:
        """Attempts that found a line."""
        return float(self.attempts[t.ANSWERED] + self.attempts[t.ABANDONED])

    @property
    def waited_min(self) -> float:
        """All time spent waiting."""
        return float(self.attempts[t.WAIT_MS]) / MINUTE_MS


def _share_of_offered(column: int) -> Callable[[Batch], tuple[float, float]]:
    return lambda batch: (float(batch.attempts[column]), float(batch.attempts[t.OFFERED]))


MEASURES: Final[dict[str, Callable[[Batch], tuple[float, float]]]] = {
    "P(wait)": lambda batch: (batch.calls - float(batch.attempts[_NO_WAIT]), batch.calls),
    "P(abandon)": _share_of_offered(t.ABANDONED),
    "P(blocked)": _share_of_offered(t.BLOCKED),
    "mean wait of all, min": lambda batch: (batch.waited_min, batch.calls),
    "occupancy": lambda batch: (float(batch.duty[t.BUSY_MS]), float(batch.duty[t.ROSTERED_MS])),
    "mean queue": lambda batch: (batch.waited_min, batch.minutes),
    "answered within 20 s": _share_of_offered(_WITHIN_20),
    "mean number in system": lambda batch: (
        batch.waited_min + float(batch.duty[t.BUSY_MS]) / MINUTE_MS,
        batch.minutes,
    ),
}
"""Numerator and denominator of each measure. A wait of less than half a millisecond counts as none."""


def exponential(mean_s: float) -> Law:
    """Return the law of an exponential time; of one without end if the mean has none."""
    return (draws.EXPONENTIAL if mean_s < math.inf else draws.NEVER), mean_s, 0.0, 0.0, None


def plain_centre(types: int, laws: Mapping[int, Law]) -> Centre:
    """Return a centre of one group that takes the calls of type 0 before those of type 1 and so on.

    Parameters
    ----------
    types
        How many.
    laws
        The law of all types for some of the blocks of ``Centre.dists``; the others are zero, patience without end.
    """
    without = {rules.PATIENCE: exponential(math.inf)}
    blocks = [laws.get(block, without.get(block, _NOTHING)) for block in range(_BLOCKS)]
    return Centre(
        priority=np.arange(1, types + 1),
        order=np.zeros((types, 1), np.int64),
        routing=np.full(types, rules.PREFERENCE),
        need=np.ones((types, 1), np.int64),
        join_ms=np.zeros((types, 1), np.int64),
        served=np.arange(types).reshape(1, types),
        on_the_spot=np.ones((types, 1, WEEKS)),
        redial=np.zeros((types, 64)),
        same_patience=np.zeros(types, np.bool_),
        new_handling=np.zeros(types, np.bool_),
        dists=draws.pack([law for law in blocks for _ in range(types)]),
        speed=np.full((1, WEEKS), 1000, np.int64),
        within_ms=np.array(_WITHIN_MS, np.int64),
        announcement_ms=0,
        ring_ms=0,
        contained=0.0,
        lines=0,
        keeps_idle_times=False,
        **given.switched_off(types, 1, WEEKS),
    )


def centre_of(station: Station) -> Centre:
    """Return the centre of a queue: one type, one group, and lines where few may wait."""
    laws = {rules.TALK: exponential(station.aht_s), rules.PATIENCE: exponential(station.patience_s)}
    return plain_centre(1, laws)._replace(lines=0 if station.room is None else station.agents + station.room)


def constant_run(per_minute: Sequence[float], agents: int, hours: int, warm_hours: int, stream: np.uint64) -> Run:
    """Return the demand and roster of one batch, both constant, without work that can wait.

    Parameters
    ----------
    per_minute
        Arrivals of each type (and of each kind of task with arrivals of its own).
    agents
        On duty in the one group.
    hours, warm_hours
        All, and the first of them, which are not measured.
    stream
        The key of the batch.
    """
    rows = hours * SLOTS_PER_HOUR
    words = [name_word(f"call {place}" if place else "call") for place in range(len(per_minute))]
    return Run(
        contact_keys=np.array([sub_key(stream, CONTACTS, word) for word in words], np.uint64),
        count_keys=np.array([sub_key(stream, COUNT, word) for word in words], np.uint64),
        means=np.tile(np.array(per_minute, np.float64) * _SLOT_MINUTES, (rows, 1)),
        slopes=np.zeros((rows, len(per_minute))),
        roster=np.full((rows, 1), agents, np.int64),
        first_slot=0,
        start_ms=0,
        end_ms=rows * SLOT_MS,
        warm_rows=warm_hours * SLOTS_PER_HOUR,
        grain_ms=1,
        **given.no_tasks(rows, 1),
    )


def run_of(station: Station, batch: int, seed: int) -> Run:
    """Return the demand and roster of one batch of a queue."""
    hours = station.warm_hours + station.hours
    return constant_run([station.arrival], station.agents, hours, station.warm_hours, stream_key(seed, batch))


def batches(station: Station, number: int, seed: int, *, logging: bool = False) -> Iterator[tuple[Batch, Ints]]:
    """Simulate a queue and yield each batch, with its table of attempts if ``logging``.

    Batches are independent replications, each empty at first.
    """
    centre = centre_of(station)
    measured = slice(station.warm_hours * SLOTS_PER_HOUR, -1)
    for batch in range(number):
        counts, _, log, _ = fast.simulate(centre, run_of(station, batch, seed), logging=logging)
        identities.check(counts)
        attempts, duty = (table[measured].sum(axis=(0, 1)) for table in (counts.counts, counts.duty))
        yield Batch(attempts, duty, station.hours * 60.0), log
