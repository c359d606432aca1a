"""The people of one scenario: heads through the year."""

from __future__ import annotations

from sim.experiment import heads as experiment
from sim.experiment.heads import Heads
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
        If the scenario cannot be used, or lacks the head-count or the bill.

    Examples
    --------
    >>> import sim
    >>> found = sim.heads("shanghai-2020-heads", replications=2)
    >>> found.by_month()["heads"][0] > 500
    True
    """
    return experiment.heads(loaded(scenario), replications, seed)
