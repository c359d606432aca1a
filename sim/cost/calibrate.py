"""Solving a rate so that its line meets the published figure: once, never in a what-if (§20).

``hotline cost --calibrate`` prints what this returns; the planner writes the numbers into the scenario file,
where they stay. The rates solved are those of ``cost.calibrated``, one a line.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from sim.cost.drivers import Drivers
from sim.cost.lines import price
from sim.cost.tables import tables
from sim.scenario import Fault, Scenario, ScenarioError
from sim.scenario.base import Table
from sim.scenario.money import LINES, Cost, line_of

_DIGITS = 6
_BEYOND = 8.0
T = TypeVar("T", bound=Table)


@dataclass(frozen=True)
class Calibration:
    """One solved rate."""

    path: str
    line: str
    published_wan: float
    stored: float
    """The number the scenario holds."""
    stored_wan: float
    """The line at that number."""
    solved: float
    """The number that meets the published figure, to six digits: what the scenario file should hold."""
    solved_wan: float
    """The line at the solved number."""
    low: float
    high: float

    @property
    def plausible(self) -> bool:
        """Whether the solved number lies in its plausible range."""
        return self.low <= self.solved <= self.high


def calibrate(scenario: Scenario, drivers: Drivers) -> list[Calibration]:
    """Solve the calibrated rates so that each line meets its published figure.

    Parameters
    ----------
    scenario
        A scenario with ``cost.calibrated`` and ``cost.published_wan``.
    drivers
        What its plan needs in the whole year.

    Returns
    -------
    list of Calibration
        In the order of the lines: the tax is solved on the other lines as solved. A rate outside its
        plausible range is returned all the same, and says so.

    Raises
    ------
    ScenarioError
        If nothing is to be calibrated, or no rate from 0 to far above the range meets the figure.
    """
    cost = tables(scenario).cost
    if cost.published_wan is None or not cost.calibrated:
        raise ScenarioError(
            [
                Fault(
                    scenario.name,
                    "cost.calibrated",
                    "",
                    "the paths of the rates to solve, and cost.published_wan to solve them for",
                    'add both, for example calibrated = ["cost.operation.rent_cny_per_m2_day"]',
                )
            ]
        )
    found: list[Calibration] = []
    for path in sorted(cost.calibrated, key=lambda path: LINES.index(line_of(path))):
        found.append(_solve(scenario, drivers, path, getattr(cost.published_wan, line_of(path))))
        scenario = with_rate(scenario, path, found[-1].solved)
    return found


def _solve(scenario: Scenario, drivers: Drivers, path: str, published_wan: float) -> Calibration:
    from scipy.optimize import brentq  # a tenth of a second: only when asked

    line, cost = line_of(path), tables(scenario).cost
    stored, limits = rate_at(cost, path), cost.plausible[path]

    def line_wan(rate: float) -> float:
        return price(with_rate(scenario, path, rate), drivers).line(line).wan

    highest = limits.high * _BEYOND
    least, most = line_wan(0.0), line_wan(highest)
    if not least <= published_wan <= most:
        raise ScenarioError(
            [
                Fault(
                    scenario.name,
                    path,
                    f"{stored:g}",
                    f"a rate with which the {line} line makes {published_wan:g} 万元; "
                    f"at 0 it makes {least:.0f}, at {highest:g} {most:.0f}",
                    "correct the other rates or the drivers of this line first",
                )
            ]
        )
    exact = brentq(lambda rate: line_wan(rate) - published_wan, 0.0, highest, xtol=1e-12, rtol=1e-12)
    solved = float(f"{exact:.{_DIGITS}g}")
    return Calibration(
        path,
        line,
        published_wan,
        stored,
        line_wan(stored),
        solved,
        line_wan(solved),
        limits.low,
        limits.high,
    )


def implausible(scenario: Scenario) -> list[str]:
    """Return a sentence for each calibrated rate whose stored number lies outside its plausible range."""
    cost = scenario.cost
    if cost is None:
        return []
    return [
        f"{path} = {rate_at(cost, path):g} is calibrated outside its plausible range, "
        f"{cost.plausible[path].low:g} to {cost.plausible[path].high:g}: the drivers of the "
        f"{line_of(path)} line do not explain its published figure"
        for path in cost.calibrated
        if not cost.plausible[path].low <= rate_at(cost, path) <= cost.plausible[path].high
    ]


def rate_at(cost: Cost, path: str) -> float:
    """Return the calibrated rate at a key path."""
    value: object = cost
    for word in path.split(".")[1:]:
        value = value[word] if isinstance(value, dict) else getattr(value, word)
    if not isinstance(value, int | float):
        raise TypeError(f"{path} is no number")
    return float(value)


def with_rate(scenario: Scenario, path: str, rate: float) -> Scenario:
    """Return the scenario with another number at the key path of a rate."""
    return _replaced(scenario, path.split("."), rate)


def _replaced(table: T, words: list[str], rate: float) -> T:
    word, rest = words[0], words[1:]
    inner = getattr(table, word)
    if not rest:
        new: object = rate
    elif isinstance(inner, dict):
        below = inner[rest[0]]
        new = {**inner, rest[0]: _replaced(below, rest[1:], rate) if len(rest) > 1 else rate}
    else:
        new = _replaced(inner, rest, rate)
    return table.model_copy(update={word: new})
