"""The people of one scenario: heads through the year, and their shifts."""

from __future__ import annotations

from sim.experiment import heads as experiment
from sim.experiment.heads import Heads
from sim.staffing.rosters import Told, rosters
from sim.staffing.year_tours import YearTours
from sim.verbs.plans import AnyScenario, loaded


def heads(scenario: AnyScenario, replications: int = 200, *, seed: int = 1) -> Heads:
    """Return how many agents there are each week, what they are worth, and what the plan needs.

    Parameters
    ----------
    scenario
        A scenario, the path of its file, or the name of a shipped one; with ``[workforce.headcount]``.
    replications
        Years in which other heads leave, for the range; means are exact without them.
    seed
        Which random numbers.

    Returns
    -------
    Heads
        ``by_week()`` and ``by_month()`` are polars frames.

    Raises
    ------
    ScenarioError
        If the scenario cannot be used, or lacks the head-count.

    Examples
    --------
    >>> import sim
    >>> found = sim.heads("shanghai-2020-heads", replications=2)
    >>> found.by_month()["heads"][0] > 500
    True
    """
    return experiment.heads(loaded(scenario), replications, seed)


def roster(
    scenario: AnyScenario, group: str | None = None, *, gap: float = 0.01, seconds: float = 3.0,
    told: Told | None = None,
) -> YearTours:  # fmt: skip
    """Return the weeks of shifts that cover what each group's plan needs, the year planned as typical weeks.

    Parameters
    ----------
    scenario
        A scenario, the path of its file, or the name of a shipped one; with ``[shifts]`` and ``[tours]``.
    group
        The one group of agents; left out, all that are not called in.
    gap
        A week is left as it is once no other can be cheaper by more than this share.
    seconds
        Time limit for a typical week of a group; what it ends depends on the machine.
    told
        Told how many weeks are done and wanted.

    Returns
    -------
    YearTours
        ``tour_rows()``, ``coverage_rows()`` and ``roster_rows()`` are polars frames.

    Raises
    ------
    ScenarioError
        If there are no shifts or no such group, or if no choice of tours covers what is needed.

    Examples
    --------
    >>> import sim
    >>> june = sim.load("shanghai-2020", ["horizon.start=2020-06-08", "horizon.end=2020-06-14"])
    >>> found = sim.roster(june, "follow_up", gap=0.1)
    >>> bool((found.groups["follow_up"].on_duty >= found.groups["follow_up"].need.required).all())
    True
    """
    return rosters(loaded(scenario), group, gap=gap, seconds=seconds, told=told)
