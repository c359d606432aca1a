"""Two usual ways to plan, against which a plan is measured: every half-hour by Erlang, and the same agents all day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from sim.scenario import Scenario
from sim.staffing.chance import Limits
from sim.staffing.frontier import PriceLists, service
from sim.staffing.weekly import Counts
from sim.staffing.year_tours import Need

Way = Literal["interval_erlang", "flat"]
RIVALS: Final[tuple[Way, ...]] = ("interval_erlang", "flat")


@dataclass(frozen=True)
class Rival:
    """What another way to plan gives.

    Attributes
    ----------
    total_wan, personnel_wan
        What it costs.
    probability
        Share of simulated years in which all targets hold, and its 95 % interval.
    scenario
        The scenario with its agents on duty.
    needs
        What it asks for, by chosen group.
    """

    total_wan: float
    personnel_wan: float
    probability: float
    interval: tuple[float, float]
    scenario: Scenario
    needs: dict[str, Need]


def requirement(way: Way, lists: PriceLists, limits: Limits) -> dict[str, Counts]:
    """Return the agents that a way asks for by chosen group, shape ``(weeks, 336)``.

    Both plan for the year whose calls are exceeded as seldom as the targets may be missed, and for each half-hour's
    mean over what days and slots bring. ``interval_erlang`` is the usual rule: in every half-hour the fewest agents
    that meet the targets there. ``flat`` is the fewest agents, the same at all hours, whose year meets them.
    """
    year, factor = lists.year, lists.aim.factor
    found: dict[str, Counts] = {}
    if way == "interval_erlang":
        for name, choice in year.choices.items():
            answered, waited = choice.curves.by_agents(factor)
            meets = np.ones(answered.shape, bool)
            for target, at_most in limits.at_most.items():
                meets &= (waited <= at_most * answered) if target == "asa" else (1.0 - answered <= at_most)
            meets &= answered >= lists.aim.floor
            agents = np.where(meets.any(axis=2), np.argmax(meets, axis=2), answered.shape[2] - 1)
            own = np.maximum(agents - choice.beside.astype(np.int64), choice.minimum)
            found[name] = np.where(choice.pool.calls > 0.0, own, 0)
        return found
    # Each group has its part of the agents, as its calls have of the work.
    shares = {name: float(choice.pool.load.max()) for name, choice in year.choices.items()}
    for more in np.arange(0.5, 3.0, 0.01):
        found = {
            name: np.where(choice.pool.calls > 0.0, np.int64(np.ceil(more * shares[name])), 0)
            for name, choice in year.choices.items()
        }
        told = service(year, {name: own.astype(np.float64) for name, own in found.items()})
        waited_s, lost = told.at(np.array([factor]))
        values = {target: waited_s[0] if target == "asa" else lost[0] for target in limits.at_most}
        if all(values[target] <= at_most for target, at_most in limits.at_most.items()):
            break
    return found
