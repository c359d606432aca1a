"""The annual targets of a year of which some months have passed: both readings of the annual average (§17)."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from sim.experiment.account import ANSWERED, OFFERED, WAITED, WAITED_S, ratio
from sim.experiment.actuals import Actuals
from sim.experiment.cases import Outcomes
from sim.experiment.replicate import Floats, counting_of
from sim.measures import NAMES
from sim.scenario import Scenario
from sim.targets import Spending, TargetRow, evaluate
from sim.terms import WAN_CNY

_SUMS: Final = {
    "connection_rate": ("answered", "offered"),
    "fcr_share": ("on_the_spot", "answered"),
    "responsible_return_share": ("responsible_returns", "work_orders"),
    "lost_share": ("lost_contacts", "contacts"),
    "satisfaction_share": ("satisfied", "asked"),
}
"""Measures that are a sum of one column over a sum of another."""
_NEEDS: Final = {
    "accepted": ("written_contacts",),
    "fcr": ("on_the_spot",),
    "responsible_return": ("work_orders", "responsible_returns"),
    "economic": ("written_contacts",),
    "social": ("contacts", "lost_contacts"),
    "environmental": ("written_contacts", "energy_kwh"),
    "sustainable": ("written_contacts",),
    "satisfaction": ("asked", "satisfied"),
}
"""Columns of each target that not every file has."""


def year_targets(
    scenario: Scenario, actuals: Actuals, plan: Outcomes, ahead: Outcomes, calls: Floats, cost_wan: float | None
) -> tuple[list[TargetRow], list[TargetRow]]:  # fmt: skip
    """Return the targets as ratios of the year's sums, and those of them that can be read as the mean of the months.

    Before the first month they are those of ``hotline run``. Afterwards a target that counts what the file does not
    tell is not judged, and says so in its note.

    Parameters
    ----------
    scenario, actuals
        The scenario, and the months passed.
    plan, ahead
        The plan's simulation, and that of the year as it is known now.
    calls
        From :func:`sim.experiment.account.calls_by_month`.
    cost_wan
        What the year costs; None where the scenario has no money.
    """
    written = "written_contacts" if counting_of(scenario).accepted_kinds else ""
    pairs = dict(ahead.pairs)
    if actuals.passed:
        pairs.update(_year_pairs(actuals, ahead, calls, written))
    months = {
        "connection_rate": _mean_of_months(calls, ANSWERED, OFFERED),
        "asa_s": _mean_of_months(calls, WAITED_S, WAITED),
    }
    spending = _spending(actuals, plan, cost_wan)
    rows = evaluate(scenario, pairs, spending, whole=True) if actuals.passed else plan.targets
    read = evaluate(scenario, {**pairs, **months}, spending, whole=True)
    rate = scenario.targets.connection_rate
    both = {"asa"} | ({"connection_rate"} if rate is not None and rate.basis == "attempts" else set())
    rows = [_judged(row, _unknown(scenario, actuals, row.key, written)) for row in rows]
    read = [row for row in read if row.key in both]
    if actuals.passed == calls.shape[1]:
        # Nothing is left to chance: the interval of a share of replications would say that there is.
        rows, read = ([_certain(row) for row in found] for found in (rows, read))
    return rows, read


def _certain(row: TargetRow) -> TargetRow:
    return replace(row, probability_low=row.probability, probability_high=row.probability)


def _judged(row: TargetRow, unknown: str) -> TargetRow:
    """Return a target's row, or one without a verdict if something is unknown."""
    if not unknown:
        return row
    return replace(
        row,
        measured=None,
        low=None,
        high=None,
        probability=None,
        probability_low=None,
        probability_high=None,
        verdict="undecided",
        note=unknown,
        met=(),
    )


def _year_pairs(actuals: Actuals, ahead: Outcomes, calls: Floats, written: str) -> dict[str, Floats]:
    """Return the year's numerators and denominators; of what the file does not tell nothing is known."""
    runs = len(ahead.numbers)
    found = {name: np.zeros((runs, 2)) for name in NAMES if name != "callback_wait_s"}
    left = ahead.months[:, actuals.passed :].sum(axis=1)
    year = calls.sum(axis=1)

    def count(values: Floats) -> Floats:
        return np.column_stack([values, np.ones(runs)])

    found["offered"], found["answered"] = count(year[:, OFFERED]), count(year[:, ANSWERED])
    found["asa_s"] = year[:, [WAITED_S, WAITED]]
    if not written or actuals.known(written):
        more = actuals.total(written) if written else 0.0
        found["accepted"] = count(year[:, ANSWERED] + left[:, NAMES.index("written_contacts"), 0] + more)
    for name, columns in _SUMS.items():
        if all(actuals.known(column) for column in columns):
            found[name] = left[:, NAMES.index(name)] + [actuals.total(column) for column in columns]
    return found


def _mean_of_months(calls: Floats, top: int, bottom: int) -> Floats:
    """Return the sum and the number of the months' ratios in each replication."""
    ratios = ratio(calls[..., top], calls[..., bottom])
    return np.column_stack([np.nansum(ratios, axis=1), np.isfinite(ratios).sum(axis=1)])


def _unknown(scenario: Scenario, actuals: Actuals, key: str, written: str) -> str:
    """Return the note that says which columns a target misses; nothing if it misses none."""
    if not actuals.passed:
        return ""
    keys = [key]
    if key == "rank" and scenario.targets.rank is not None:
        keys = list(scenario.targets.rank.rivals)
    rate = scenario.targets.connection_rate
    if key == "connection_rate" and rate is not None and rate.basis != "attempts":
        return f"not judged: the file of months does not tell what the target counts (basis = {rate.basis})"
    needs = dict.fromkeys(column for one in keys for column in _NEEDS.get(one, ()))
    missing = [name for name in needs if not actuals.known(name) and (name != "written_contacts" or written)]
    return f"not judged: not every month passed has {', '.join(missing)}" if missing else ""


def _spending(actuals: Actuals, plan: Outcomes, cost_wan: float | None) -> Spending:
    """Return what the year takes, as far as it is known."""
    if plan.bill is None or cost_wan is None:
        return Spending(None, None)
    if not actuals.known("energy_kwh"):
        return Spending(cost_wan * WAN_CNY, None)
    drivers = plan.bill.drivers
    later = sum(float(drivers.by_month(kwh)[actuals.passed :].sum()) for kwh in drivers.energy_kwh.values())
    return Spending(cost_wan * WAN_CNY, actuals.total("energy_kwh") + later)
