"""Heads through the year: as expected, how far chance can take them from that, and what the plan needs (§19)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from sim.engine.inputs import prepare
from sim.scenario import Scenario
from sim.uniforms import stream_key
from sim.workforce.filling import Needed
from sim.workforce.headcount import Headcount, Weeks, expected_headcount, headcount

RANGE: Final = (5.0, 95.0)
"""Percentiles of the replications: of 100 years, 90 lie between."""
SIMULATED: Final = ("heads", "trainees", "filled_share", "handling_factor", "on_the_spot_loss", "novices_share")
"""What a simulation has of heads, week by week."""


@dataclass(frozen=True)
class Heads:
    """The agents of a scenario week by week; posts, ratios and office are not among them."""

    scenario: Scenario
    seed: int
    expected: Headcount
    paths: tuple[Headcount, ...]
    """Those of each replication."""
    needed: Needed

    @property
    def gap(self) -> Weeks:
        """Full-strength heads expected less those needed: below 0 there are too few."""
        return self.expected.full_strength - self.needed.heads

    @property
    def worst_week(self) -> int:
        """The week, from 0, that lacks most or has least to spare.

        A last week cut short is left out where there are others: without its Sunday it is no week's work.
        """
        whole = sum(len(days) == len(self.expected.weeks[0]) for days in self.expected.weeks)
        return int(np.argmin(self.gap[:whole]))

    def by_week(self) -> pl.DataFrame:
        """Return a row a week of the horizon, as expected; ``low`` and ``high`` are the range of the replications.

        ``filled_share``, ``handling_factor`` and ``on_the_spot_loss`` are what a simulation takes from here, each
        replication from its own heads: the share of the roster with somebody in it, how long they take, and what they
        cannot answer. A week may be short of heads (``gap``) whose roster is filled: its hours come from other weeks.
        """
        found = self.expected
        low, high = np.percentile([path.full_strength for path in self.paths], RANGE, axis=0)
        return pl.DataFrame(
            {
                "week": np.arange(1, len(found.weeks) + 1),
                "from": [days[0] for days in found.weeks],
                "to": [days[-1] for days in found.weeks],
                "heads": found.heads,
                "trainees": found.trainees,
                "started": found.started,
                "joined": found.joined,
                "left": found.left,
                "left_training": found.left_training,
                "full_strength": found.full_strength,
                "full_strength_low": low,
                "full_strength_high": high,
                "needed": self.needed.heads,
                "gap": self.gap,
                "filled_share": self.needed.filled_share(found),
                "handling_factor": found.handling_factor,
                "on_the_spot_loss": found.on_the_spot_loss,
                "novices_share": found.novices_share,
                "shrinkage": found.shrinkage_total,
                **{f"shrinkage_{cause}": share for cause, share in found.shrinkage.items()},
                "paid_h": found.paid_h,
                "productive_h": found.productive_h,
                "needed_h": self.needed.hours,
            }
        )

    def simulated(self, first: dt.date, last: dt.date) -> pl.DataFrame:
        """Return a row a week that has days from ``first`` to ``last``: what the replications had, on average."""
        weeks = self.expected.weeks
        every = [{**vars(path), "filled_share": self.needed.filled_share(path)} for path in self.paths]
        table = pl.DataFrame(
            {
                "week": np.arange(1, len(weeks) + 1),
                "from": [days[0] for days in weeks],
                "to": [days[-1] for days in weeks],
                "days": [sum(first <= day <= last for day in days) for days in weeks],
                **{name: np.mean([found[name] for found in every], axis=0) for name in SIMULATED},
            }
        )
        return table.filter(pl.col("days") > 0)

    def means(self, first: dt.date, last: dt.date) -> dict[str, float]:
        """Return the means of :data:`SIMULATED` over the days from ``first`` to ``last`` and the replications."""
        weeks = self.simulated(first, last)
        days = weeks["days"].to_numpy()
        return {name: float(np.average(weeks[name].to_numpy(), weights=days)) for name in SIMULATED}

    def by_month(self) -> pl.DataFrame:
        """Return a row a month, as expected.

        Heads are the mean of the month's days; who starts or joins counts on the first day of that week, who leaves on
        the last.
        """
        return self._by(lambda day: f"{day:%Y-%m}").rename({"period": "month"})

    def whole(self) -> pl.DataFrame:
        """Return the one row of the whole horizon, with the columns of :meth:`by_month` but for the month."""
        return self._by(lambda _: "").drop("period")

    def _by(self, period_of: Callable[[dt.date], str]) -> pl.DataFrame:
        """Return a row for each period that some days make together."""
        found, weeks = self.expected, self.expected.weeks
        periods = list(dict.fromkeys(period_of(day) for days in weeks for day in days))
        share, first, last = np.zeros((3, len(periods), len(weeks)))
        for week, days in enumerate(weeks):
            for day in days:
                share[periods.index(period_of(day)), week] += 1.0
            first[periods.index(period_of(days[0])), week] = 1.0
            last[periods.index(period_of(days[-1])), week] = 1.0
        share /= share.sum(axis=1, keepdims=True)
        low, high = np.percentile([share @ path.full_strength for path in self.paths], RANGE, axis=0)
        return pl.DataFrame(
            {
                "period": periods,
                "heads": share @ found.heads,
                "trainees": share @ found.trainees,
                "started": first @ found.started,
                "joined": first @ found.joined,
                "left": last @ found.left,
                "left_training": last @ found.left_training,
                "full_strength": share @ found.full_strength,
                "full_strength_low": low,
                "full_strength_high": high,
                "needed": share @ self.needed.heads,
                "gap": share @ self.gap,
            }
        )


def heads(scenario: Scenario, replications: int, seed: int) -> Heads:
    """Return a scenario's heads through its horizon.

    Parameters
    ----------
    scenario
        With ``[workforce.headcount]``.
    replications
        Years in which other heads leave.
    seed
        Which random numbers.

    Raises
    ------
    ScenarioError
        If the table is missing.
    """
    found = expected_headcount(scenario)
    needed = prepare(scenario).needed
    assert needed is not None
    paths = tuple(headcount(scenario, stream_key(seed, number)) for number in range(replications))
    return Heads(scenario, seed, found, paths, needed)
