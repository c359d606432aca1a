"""Several scenarios simulated together, replication by replication: what comparisons and sweeps are made from (§2).

Every case has the same citizens: replication ``n`` of one seed draws the same numbers in each.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sim.cost.bill import Bill
from sim.experiment.replicate import Floats
from sim.experiment.run import Progress, Settings, run
from sim.measures import NAMES
from sim.scenario import Scenario
from sim.scenario.money import LINES
from sim.targets import TargetRow


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


def simulate_cases(
    cases: Mapping[str, Scenario], settings: Settings, *, progress: Progress | None = None
) -> dict[str, Outcomes]:
    """Simulate several scenarios with the same seed and replications.

    Parameters
    ----------
    cases
        The scenarios by name.
    settings
        How, the same for all.
    progress
        Told the replications done and wanted, of all cases together.
    """
    found = {}
    for name, scenario in cases.items():
        result = run(scenario, settings)
        runs = len(result.numbers)
        lines = {}
        if result.bill is not None:
            lines = {key: np.full(runs, result.bill.line(key).wan) for key in LINES}
            lines["total"] = np.full(runs, result.bill.total_wan)
        labels = tuple(table.label for table in result.months)
        months = np.zeros((runs, len(labels), len(NAMES), 2))
        found[name] = Outcomes(
            scenario, result.numbers, result.pairs, months, labels, lines, result.targets, result.bill
        )
    return found
