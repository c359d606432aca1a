"""Three of the published cases once more, with the random numbers they were published with (reference engine).

The example programs of the ContactCenters library draw from MRG32k3a (L'Ecuyer 1999) at its package's default seed, six
times 12345: service times from the first stream, times between arrivals from the second, patience from the third. Each
arriving contact takes the next service time and patience, blocked ones too. A day ends with the first arrival that
would come after it, whose number is spent; the next day goes on from there, for 1,000 days. So the moments, service
times and patience of every published contact are known, and a printed value is no longer a sample but a result.

A row passes if the simulated value is within half a unit of the printed value's last digit, plus 1e-4 of the value:
times here are whole milliseconds, so that now and then one of two events a millisecond apart comes first that came
second. There is no interval, since nothing is left to chance.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim import identities
from sim.compiled import kernel
from sim.demand.draws import SLOT_SHIFT, durations_ms
from sim.engine import ahead, rules
from sim.engine.given import Centre, Run
from sim.engine.hotline import Hotline
from sim.engine.inputs import Plan, prepare
from sim.engine.recount import Recount
from sim.engine.structures import Ints
from sim.scenario import Scenario
from sim.terms import SLOT_MS
from sim.validation.published import REPLICATIONS, Day, Published
from sim.validation.row import SEED, Row, half_unit

Floats = NDArray[np.float64]

CASES: Final = ("published-mmc", "published-mmcab", "published-mmcblocked")
"""The cases of one queue, whose draws come in an order that the printed results confirm."""
SOURCE: Final = "ContactCenters library, its own random numbers"
ROUNDING: Final = 1e-4
"""What whole milliseconds may add to the difference, as a share of the value."""

_M1: Final = 4294967087
_M2: Final = 4294944443
_NORM: Final = 2.328306549295727688e-10
_NEXT_STREAM: Final = (
    ((2427906178, 3580155704, 949770784), (226153695, 1230515664, 3580155704), (1988835001, 986791581, 1230515664)),
    ((1464411153, 277697599, 1610723613), (32183930, 1464411153, 1022607788), (2824425944, 32183930, 2093834863)),
)
"""The matrices that take each half of the state 2**127 numbers on, to the next stream."""
_SPARE_DEVIATIONS: Final = 10.0
"""How far above its expectation a day's number of contacts is allowed for."""


@kernel
def _fill(state: Ints, out: Floats) -> None:
    """Fill ``out`` with the numbers that follow ``state``."""
    a0, a1, a2, b0, b1, b2 = state
    for i in range(out.size):
        a0, a1, a2 = a1, a2, (1403580 * a1 - 810728 * a0) % _M1
        b0, b1, b2 = b1, b2, (527612 * b2 - 1370589 * b0) % _M2
        out[i] = (a2 - b2 if a2 > b2 else a2 - b2 + _M1) * _NORM


def uniforms(stream: int, n: int) -> Floats:
    """Return the first ``n`` numbers of a stream of MRG32k3a, from 0, at the default seed of its package."""
    halves = [[12345] * 3, [12345] * 3]
    for _ in range(stream):
        halves = [
            [sum(a * b for a, b in zip(row, half, strict=True)) % modulus for row in matrix]
            for half, matrix, modulus in zip(halves, _NEXT_STREAM, (_M1, _M2), strict=True)
        ]
    out = np.empty(n)
    _fill(np.array(halves[0] + halves[1]), out)
    return out


class Contacts(NamedTuple):
    """A day's contacts: when they come, shape ``(n,)``, and what they bring, in the columns of ``ahead``."""

    arrived_ms: Ints
    drawn: Ints


def published_days(plan: Plan, days: int) -> Iterator[Contacts]:
    """Yield the contacts of the first published days, at the rates and laws of a scenario's ``plan``."""
    laws = plan.centre.dists
    (open_rows,) = np.nonzero(plan.rates[:, 0])
    begin_ms, length_ms = int(open_rows[0]) * SLOT_MS, open_rows.size * SLOT_MS
    expected = float(plan.rates.sum())
    most = math.ceil(expected + _SPARE_DEVIATIONS * math.sqrt(expected))  # contacts that a day may have
    service, between, patience = (uniforms(stream, days * most) for stream in range(3))
    gaps_ms = -np.log1p(-between) * (length_ms / expected)
    drawn = np.zeros((days * most, ahead.HANDLING + ahead.PER_GROUP), np.int64)
    drawn[:, [ahead.REDIAL_MS, ahead.REPEAT_MS, ahead.REPEAT_MS + 1]] = ahead.NEVER
    for u, law, column in ((service, rules.TALK, ahead.HANDLING), (patience, rules.PATIENCE, ahead.PATIENCE_MS)):
        durations_ms(laws.params, laws.table, law, u, u, drawn[:, column])
    gap = contact = 0
    for _ in range(days):
        moments = np.cumsum(gaps_ms[gap : gap + most])
        n = int(np.searchsorted(moments, length_ms))
        yield Contacts(begin_ms + moments[:n].astype(np.int64), drawn[contact : contact + n])
        gap += n + 1  # the one that came too late is spent
        contact += n


class Replay(Hotline):
    """A centre of one type and one group whose contacts are given, not drawn from the run's keys."""

    def __init__(self, centre: Centre, run: Run, recount: Recount, contacts: Contacts) -> None:
        super().__init__(centre, run, recount)
        self.contacts = contacts

    def schedule_first_attempts(self, rows: range) -> None:
        """Schedule those of the given contacts that come in some rows."""
        arrived_ms = self.contacts.arrived_ms
        edges_ms = self.run.start_ms + np.arange(rows.start, rows.stop + 1) * SLOT_MS
        for row, (first, end) in zip(rows, pairwise(np.searchsorted(arrived_ms, edges_ms).tolist()), strict=True):
            ids = ((self.run.first_slot + row) << SLOT_SHIFT) + np.arange(end - first)
            self.schedule_arrivals(arrived_ms[first:end], ids, self.contacts.drawn[first:end].tolist())


def replayed(plan: Plan, run: Run, days: int = REPLICATIONS) -> list[Day]:
    """Return the first published days as simulated; ``run`` gives the roster and the rows, none of its keys is read."""
    found = []
    for contacts in published_days(plan, days):
        recount = Recount(plan.centre, run, None, None)
        counts, _ = Replay(plan.centre, run, recount, contacts).simulate()
        identities.check(counts)
        found.append(Day(counts))
    return found


def compare(scenario: Scenario, published: tuple[Published, ...]) -> list[Row]:
    """Replay a published case and return its rows, in the order of ``published``."""
    plan = prepare(scenario)
    _, run, _ = plan.replication(SEED, 0)
    days = replayed(plan, run)
    rows = []
    for number in published:
        count, of = np.sum([number.count(day) for day in days], axis=0)
        simulated, expected = float(count / of), float(number.printed)
        slack = half_unit(number.printed) + ROUNDING * expected
        rows.append(
            Row(
                f"{scenario.name} (its own draws)", number.measure, expected, expected - slack, expected + slack,
                SOURCE, simulated, math.nan, math.nan, "pass" if abs(simulated - expected) <= slack else "fail",
            )
        )  # fmt: skip
    return rows
