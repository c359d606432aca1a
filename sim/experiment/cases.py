"""Several scenarios simulated together, replication by replication: what comparisons and sweeps are made from (§2).

Every case has the same citizens: replication ``n`` of one seed draws the same numbers in each.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from sim.cost.bill import Bill
from sim.demand.window import Window
from sim.experiment.gather import Gathered, Progress, Settings, gather
from sim.experiment.measured_plan import Pricing, spending
from sim.experiment.replicate import Floats, Replication
from sim.experiment.store import Store
from sim.measures import NAMES
from sim.scenario import Scenario
from sim.scenario.money import LINES
from sim.targets import TargetRow, evaluate
from sim.terms import SLOTS_PER_DAY


@dataclass(frozen=True)
class Outcomes:
    """What one case's replications gave, one by one, in the order of ``numbers``.

    ``pairs`` has each measure's numerators and denominators, shape ``(replications, 2)``; ``months`` the same by month,
    ``(replications, months, measures, 2)``, measures in the order of :data:`sim.measures.NAMES` and months in that of
    ``month_labels``. ``lines_wan`` has each contract line and ``total``, 万元, shape ``(replications,)``; it is empty
    where the scenario has no money. ``bill`` is priced for the replications' mean.
    """

    scenario: Scenario
    numbers: tuple[int, ...]
    pairs: dict[str, Floats]
    months: Floats
    month_labels: tuple[str, ...]
    lines_wan: dict[str, Floats]
    targets: list[TargetRow]
    bill: Bill | None


Simulate = Callable[[Mapping[str, Scenario]], Mapping[str, Outcomes]]
"""Simulates scenarios by name, as :func:`simulate_cases` does."""


def simulate_cases(
    cases: Mapping[str, Scenario], settings: Settings, *, store: Store | None = None, progress: Progress | None = None
) -> dict[str, Outcomes]:
    """Simulate several scenarios with the same seed and replications.

    Parameters
    ----------
    cases
        The scenarios by name.
    settings
        How, the same for all.
    store
        Where finished replications are kept; those already there are not simulated again.
    progress
        Told the replications done and wanted, of all cases together.

    Raises
    ------
    ValueError
        If the settings' days are not in a case's horizon.
    """
    experiments = {name: settings.of(scenario) for name, scenario in cases.items()}
    found = gather(experiments, settings, tables=False, store=store, progress=progress)
    return {name: _outcomes(scenario, settings, found[name]) for name, scenario in cases.items()}


def _outcomes(scenario: Scenario, settings: Settings, found: Gathered) -> Outcomes:
    parts = found.in_order()
    years = np.array([part.year for part in parts])
    pairs = {name: years[:, i] for i, name in enumerate(NAMES)}
    bill, lines_wan = _money(scenario, settings, parts)
    horizon = scenario.horizon
    days = (settings.first or horizon.start, settings.last or horizon.end)
    return Outcomes(
        scenario=scenario,
        numbers=tuple(part.number for part in parts),
        pairs=pairs,
        months=np.array([part.months for part in parts]),
        month_labels=_months(scenario, settings),
        lines_wan=lines_wan,
        targets=evaluate(scenario, pairs, spending(bill), whole=days == (horizon.start, horizon.end)),
        bill=bill,
    )


def _money(
    scenario: Scenario, settings: Settings, parts: list[Replication]
) -> tuple[Bill | None, dict[str, Floats]]:  # fmt: skip
    """Return the bill of the replications' mean, and each line of every replication, 万元."""
    if scenario.cost is None:
        return None, {}
    pricing = Pricing(scenario, settings.seed, settings.first, settings.last)
    bill = pricing.mean_bill(parts)
    bills = [pricing.bill(part) for part in parts] if pricing.differs else [bill] * len(parts)
    lines = {line: np.array([one.line(line).wan for one in bills]) for line in LINES}
    return bill, {**lines, "total": np.array([one.total_wan for one in bills])}


def _months(scenario: Scenario, settings: Settings) -> tuple[str, ...]:
    """Return the labels of the months simulated, in order."""
    window = Window.of(scenario, settings.first, settings.last)
    measured = window.days(scenario)[window.warm_slots // SLOTS_PER_DAY :]
    return tuple(dict.fromkeys(f"{day:%Y-%m}" for day in measured))
