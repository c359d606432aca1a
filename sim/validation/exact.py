"""Queues whose stationary measures are known exactly, simulated by the fast engine in long runs.

A row passes if the formula of :mod:`sim.theory`, where it has one, gives the expected number; if the
simulated 95 % interval is narrow, at most 1 % of its value to either side; and if the exact value lies in the
simulated interval. Of so many rows one in twenty would miss its own 95 % interval by chance, so the intervals
that judge hold together with 95 % (Bonferroni: each at ``1 - 0.05 / FAMILY``, about 1.7 times as wide),
``FAMILY`` being the rows of this module and of :mod:`sim.validation.exact_rules` that have an interval, whether or
not they are run. A row inside that but outside its plain 95 % interval passes and says so. The seed and this rule
were written before the first run with that seed; the lengths of the runs come from the chains' asymptotic variances
and from other seeds.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from sim import identities, theory
from sim.demand import draws
from sim.engine import fast, structures
from sim.engine import tally as t
from sim.terms import SLOT_MS
from sim.uniforms import uniform
from sim.validation import exact_rules
from sim.validation.exact_rules import Rule
from sim.validation.judge import Floats, Question, judged
from sim.validation.row import SEED, Row, half_unit
from sim.validation.station import MEASURES, MINUTE_MS, Station, batches, centre_of, run_of

BATCHES: Final = 200

_COLUMNS: Final = ("P(wait)", "P(abandon)", "mean wait of all, min", "occupancy", "mean queue")


def _row(*numbers: str) -> dict[str, str]:
    return dict(zip(_COLUMNS, numbers, strict=True))


TABLE: Final = (
    Station(
        "48, 1, 1/2, 50", 48.0, 1.0, 0.5, 50, None, 30, "Mandelbaum and Zeltyn, opening example",
        _row(".467774", ".030912", ".061824", ".930324", "2.9676"),
    ),
    Station(
        "48, 1, 0, 50", 48.0, 1.0, 0.0, 50, None, 400, "birth-death chain",
        _row(".694456", "0", ".347228", ".96", "16.667"),
    ),
    Station(
        "4.2, 1/2, 0, 12", 4.2, 0.5, 0.0, 12, None, 410, "birth-death chain",
        _row(".183889", "0", ".102160", ".70", ".42907"),
    ),
    Station(
        "4.2, 1/2, 1, 12", 4.2, 0.5, 1.0, 12, None, 132, "birth-death chain",
        _row(".127372", ".029679", ".029679", ".679225", ".12465"),
    ),
    Station(
        "4.2, 1/2, 0, 12, at most 5 waiting", 4.2, 0.5, 0.0, 12, 5, 510, "birth-death chain",
        _row(".157861", "0", ".061124", ".693366", ".25429") | {"P(blocked)": ".009477"},
    ),
    Station(
        "100/30, 1/3, 1/5, 14", 100.0 / 30.0, 1.0 / 3.0, 0.2, 14, None, 320, "pyworkforce's published row",
        _row(".14526", ".013984", ".069919", ".704297", ".23306") | {"answered within 20 s": ".916792"},
    ),
)  # fmt: skip
"""The published table; a row's name gives arrivals, services and hang-ups a minute, and agents."""


def _poisson(agents: int) -> Station:
    """Return a queue with one rate of patience and service: the number in it is Poisson for any staffing."""
    mean = 10
    below = sum(math.exp(-mean) * mean**k / math.factorial(k) for k in range(agents))
    return Station(
        f"10, 1, 1, {agents}: Poisson", mean, 1.0, 1.0, agents, None, 36, "Poisson whatever the staffing",
        {"P(wait)": f"{1.0 - below:.9f}", "mean number in system": f"{mean:.9f}"},
    )  # fmt: skip


# Of the first two .261 and .012 have been quoted; those come of Erlang's recursion stopped one agent early.
LIMITS: Final = (
    Station(
        "20, 1, 0, 25: Erlang C", 20.0, 1.0, 0.0, 25, None, 44, "Erlang's sums", {"P(wait)": ".209103"},
    ),
    Station(
        "180, 1, 0, 200, none waiting: Erlang B", 180.0, 1.0, 0.0, 200, 0, 36, "Erlang's sums",
        {"P(blocked)": ".010325"}, warm_hours=2,
    ),
    Station(
        "4.2, 1/2, 1/10^8, 12", 4.2, 0.5, 1e-8, 12, None, 76, "endless patience is Erlang C",
        {"P(wait)": ".183889"},
    ),
    _poisson(8),
    _poisson(12),
)  # fmt: skip
"""Erlang's two formulas through the engine, and the limits of Erlang A."""

_LITTLE: Final = Station("48, 1, 1/2, 50: Little", 48.0, 1.0, 0.5, 50, None, 24, "Little's law", {})
_LITTLE_BATCHES: Final = 50

FAMILY: Final = 2 + sum(
    number != "0" for case in (*TABLE, *LIMITS, *exact_rules.RULES) for number in case.expected.values()
)
"""Rows that have an interval, the two of Little's law included."""


def compare(station: Station, seed: int = SEED, number: int = BATCHES) -> list[Row]:
    """Simulate a queue in ``number`` batches and return its rows."""
    found = [batch for batch, _ in batches(station, number, seed)]
    formula = _formula(station)
    rows = []
    for name, printed in station.expected.items():
        pairs = np.array([MEASURES[name](batch) for batch in found])
        rows.append(_answer(station, name, printed, formula[name], pairs))
    return rows


def compare_rule(rule: Rule, seed: int = SEED, number: int = BATCHES) -> list[Row]:
    """Simulate a rule's case in ``number`` batches and return its rows."""
    found = [rule.measured(batch, seed) for batch in range(number)]
    formula = rule.formula()
    return [
        _answer(rule, name, printed, formula[name], np.array([batch[name] for batch in found]))
        for name, printed in rule.expected.items()
    ]


def _answer(case: Station | Rule, measure: str, printed: str, formula: float, pairs: Floats) -> Row:
    """Return the row of a printed number, whose exact value the formula gives too."""
    slack = half_unit(printed) if printed != "0" else 0.0  # nobody abandons: nothing was rounded
    return judged(Question(case.name, case.source, measure, float(printed), slack, formula), pairs, FAMILY)


def little() -> list[Row]:
    """Return the rows of Little's law: time in the queue and with agents, by the clock over by the caller.

    By the clock is what lies in the measured time, whoever called when; by the caller is the whole time of
    those who called in it.
    """
    window = np.array([_LITTLE.warm_hours, _LITTLE.warm_hours + _LITTLE.hours]) * 60 * MINUTE_MS
    queue, agents = [], []
    for batch, log in batches(_LITTLE, _LITTLE_BATCHES, SEED, logging=True):
        answered = log[:, structures.LOG_ANSWERED]
        left = np.where(answered >= 0, answered, log[:, structures.LOG_LEFT])
        spent = np.clip(left, *window) - np.clip(log[:, structures.LOG_QUEUED], *window)
        queue.append((float(spent.sum()), float(batch.attempts[t.WAIT_MS])))
        agents.append((float(batch.duty[t.BUSY_MS]), float(batch.attempts[t.TALK_MS])))
    named = _LITTLE.name, _LITTLE.source
    return [
        judged(Question(*named, "mean queue / (arrivals x wait)", 1.0, 0.0), np.array(queue), FAMILY),
        judged(Question(*named, "mean busy / (answered x talk)", 1.0, 0.0), np.array(agents), FAMILY),
    ]


def by_hand() -> list[Row]:
    """Return the rows of a case without chance: a call every 15 min, 20 min of talk, one agent.

    Patience is 12 min. Calls wait 0, 5 and 10 min; the fourth would wait 15 and hangs up after 12; the fifth
    comes as the agent becomes free, and all begins again. So of eight calls 6 are answered and 2 abandon,
    with 54 min of waiting and 120 min of talk.
    """
    station = Station("a call every 15 min", 0.0, 1.0, 0.0, 1, None, 24, "by hand", {}, warm_hours=0)
    fixed = [(draws.FIXED, minutes * 60.0, 0.0, 0.0, None) for minutes in (20, 0, 0, 12, 0)]
    run = run_of(station, 0, SEED)._replace(grain_ms=SLOT_MS)
    for row in range(8):  # the mean at which the slot's own uniform gives one call
        run.means[row] = -math.log(uniform(np.uint64(run.count_keys[0]), row)) * (1.0 + 1e-9)
    counts, _, _, _ = fast.simulate(centre_of(station)._replace(dists=draws.pack(fixed)), run)
    identities.check(counts)
    attempts, duty = counts.counts.sum(axis=(0, 1)), counts.duty.sum(axis=(0, 1))
    found = {
        "answered": (6.0, float(attempts[t.ANSWERED])),
        "abandoned": (2.0, float(attempts[t.ABANDONED])),
        "waiting, min": (54.0, float(attempts[t.WAIT_MS]) / MINUTE_MS),
        "talk, min": (120.0, float(duty[t.BUSY_MS]) / MINUTE_MS),
    }
    return [
        Row(station.name, name, right, right, right, "by hand", x, x, x, "pass" if x == right else "fail")
        for name, (right, x) in found.items()
    ]


def _formula(station: Station) -> dict[str, float]:
    """Return what :mod:`sim.theory` says of a queue, by the names of the measures."""
    rates = station.arrivals_per_s, station.aht_s, station.agents
    patience_s, room = station.patience_s, station.room
    q = theory.queue_measures(*rates, patience_s=patience_s, waiting_room=room)
    within = theory.answered_within_share(*rates, 20.0, patience_s=patience_s, waiting_room=room)
    return {
        "P(wait)": q.wait_probability,
        "P(abandon)": q.abandoned_share,
        "P(blocked)": q.blocked_share,
        "mean wait of all, min": q.wait_s / 60.0,
        "occupancy": q.occupancy,
        "mean queue": q.mean_queue,
        "answered within 20 s": within,
        "mean number in system": q.mean_queue + q.occupancy * station.agents,
    }
