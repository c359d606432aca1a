"""Each target under every definition that §17 knows, side by side, from one simulation.

What "connection rate" or "mean answer time" counts is open in the document; which reading is meant may decide whether
a target is met.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Final

import numpy as np
import polars as pl

from sim.engine.inputs import answer_time_offset_ms
from sim.experiment.cases import Outcomes
from sim.experiment.replicate import Floats
from sim.measures import NAMES
from sim.scenario import Scenario
from sim.scenario.targets import AnswerTime, ConnectionRate, Satisfaction, TargetTable
from sim.targets import BASES, POPULATIONS, Spending, TargetRow, evaluate
from sim.terms import SECOND_MS

COUNTINGS: Final = (("queue",), ("queue", "ring"), ("greeting", "queue", "ring"))
"""Which parts of a call an answer time may count."""

_TOLD: Final = (
    "op", "target", "unit", "measured", "low", "high", "probability", "probability_low", "probability_high", "verdict",
)  # fmt: skip


@dataclass(frozen=True)
class Definition:
    """A target as it may be meant, and what becomes of it.

    ``counts`` is the basis, the parts of a call joined by ``+``, or the population; ``average`` is ``year`` for the
    ratio of the year's totals and ``months`` for the mean of its months. ``chosen`` marks the scenario's own.
    """

    target: str
    counts: str
    average: str
    chosen: bool
    row: TargetRow


def definitions(outcomes: Outcomes) -> list[Definition]:
    """Return a row a target and definition, of connection rate, answer time and satisfaction where they are targets."""
    return [*_connection(outcomes), *_answer_time(outcomes), *_satisfaction(outcomes)]


def definitions_table(found: Sequence[Definition]) -> pl.DataFrame:
    """Return a row a target and definition.

    Returns
    -------
    polars.DataFrame
        ``key`` of the target, ``counts`` and ``average`` as in :class:`Definition`, ``chosen``, then of the target so
        meant ``op``, ``target``, ``unit``, ``measured`` with its interval, ``probability`` with its, and ``verdict``.
    """
    rows = [
        {
            "key": one.target,
            "counts": one.counts,
            "average": one.average,
            "chosen": one.chosen,
            **{key: value for key, value in asdict(one.row).items() if key in _TOLD},
        }
        for one in found
    ]
    return pl.DataFrame(rows, infer_schema_length=None)


def _connection(outcomes: Outcomes) -> Iterator[Definition]:
    target = outcomes.scenario.targets.connection_rate
    if target is None:
        return
    for basis, measure in BASES.items():
        meant = TargetTable(connection_rate=ConnectionRate(at_least=target.at_least))
        for average, pairs in _averages(outcomes, measure):
            row = _judged(outcomes.scenario, meant, {"connection_rate": pairs}, outcomes)
            yield Definition("connection_rate", basis, average, (basis, average) == (target.basis, "year"), row)


def _answer_time(outcomes: Outcomes) -> Iterator[Definition]:
    scenario, target = outcomes.scenario, outcomes.scenario.targets.asa
    if target is None:
        return
    meant = TargetTable(asa=AnswerTime(at_most_s=target.at_most_s))
    for counts in COUNTINGS:
        if "greeting" in counts and scenario.greeting.announcement_s == 0.0:
            continue
        offset_s = answer_time_offset_ms(scenario, counts) / SECOND_MS
        for average, pairs in _averages(outcomes, "asa_queue_s"):
            # What is added has one length for all who are answered, so it is added to any mean of theirs.
            both = np.column_stack([pairs[:, 0] + offset_s * pairs[:, 1], pairs[:, 1]])
            chosen = average == "year" and set(counts) == set(target.counts)
            row = _judged(scenario, meant, {"asa_s": both}, outcomes)
            yield Definition("asa", "+".join(counts), average, chosen, row)


def _satisfaction(outcomes: Outcomes) -> Iterator[Definition]:
    scenario, target = outcomes.scenario, outcomes.scenario.targets.satisfaction
    if target is None:
        return
    for population in POPULATIONS:
        meant = TargetTable(satisfaction=Satisfaction(at_least=target.at_least, population=population))
        pairs = {"satisfaction_share": outcomes.pairs[f"satisfaction_{population}_share"]}
        row = _judged(scenario, meant, pairs, outcomes)
        yield Definition("satisfaction", population, "year", population == scenario.satisfaction_population, row)


def _judged(scenario: Scenario, meant: TargetTable, counted: dict[str, Floats], outcomes: Outcomes) -> TargetRow:
    """Return the row of the one target in ``meant``, with its measure counted in another way."""
    other = scenario.model_copy(update={"targets": meant})
    (row,) = evaluate(other, {**outcomes.pairs, **counted}, Spending(None, None), whole=True)
    return row


def _averages(outcomes: Outcomes, measure: str) -> Iterator[tuple[str, Floats]]:
    """Yield a measure as the ratio of the year's totals and, with months to average, as the mean of their ratios."""
    yield "year", outcomes.pairs[measure]
    if len(outcomes.month_labels) < 2:
        return
    top, bottom = np.moveaxis(outcomes.months[:, :, NAMES.index(measure)], -1, 0)
    known = bottom > 0
    if not known.any():
        return
    ratios = np.where(known, top / np.where(known, bottom, 1.0), 0.0)
    yield "months", np.column_stack([ratios.sum(axis=1), known.sum(axis=1)])
