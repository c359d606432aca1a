"""The people of one scenario: heads through the year, their shifts, and the cheapest plan that does."""

from __future__ import annotations

from sim.experiment import heads as experiment
from sim.experiment.heads import Heads
from sim.staffing import best
from sim.staffing.plan import Asked, Plan
from sim.staffing.plan import Told as StageTold
from sim.staffing.rosters import Told, rosters
from sim.staffing.year_tours import YearTours
from sim.verbs.plans import AnyScenario, loaded, sound_plan


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
        Time limit for a typical week of a group; if the bound on its cost takes longer, up to 40 times as long, half of
        it is left then. What it ends depends on the machine.
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


def staff(
    scenario: AnyScenario, probability: float = 0.9, *, budget_wan: float | None = None, floor: float = 0.9,
    floor_day: float = 0.0, years: int = 100, buys: bool = True, seed: int = 1, jobs: int = 0,
    told: StageTold | None = None,
) -> Plan:  # fmt: skip
    """Return the cheapest plan found whose targets hold as surely as asked, or the surest for a budget.

    The targets are those that agents on duty can reach (:data:`sim.staffing.chance.SERVICE`); chosen are the agents of
    groups with the rule ``erlang-a``.

    Parameters
    ----------
    scenario
        A scenario, the path of its file, or the name of a shipped one; with ``[shifts]``, ``[tours]`` and ``[cost]``.
    probability
        Share of the years in which all those targets are to hold.
    budget_wan
        What the contract may cost, 万元; then the surest plan for it is sought instead.
    floor
        Share of its calls that every half-hour answers at least, in the year planned for.
    floor_day
        Share of the calls of any 24 hours in a row that are answered at least in that year, those of each pool of
        groups that share calls apart; 0 asks for none.
    years
        Simulated years of the proof, none of which the search has seen.
    buys
        Whether to say what the next and the last 10 万元 of each contract line buy; that takes some time.
    seed
        Which random numbers the search has; the proof has those of the next seed.
    jobs
        Processes; 0 for all cores.
    told
        Told what is being done (a stage of :data:`sim.staffing.plan.Stage`), how much is done and how much there is.

    Returns
    -------
    Plan
        The shifts, a scenario that has them, the bill, the proof, what other plans cost and give.

    Raises
    ------
    ScenarioError
        If the scenario lacks something, or no plan does what is asked.
    ValueError
        If a number is not one that can be asked for.

    Examples
    --------
    >>> import sim
    >>> june = sim.load("shanghai-2020", ["horizon.start=2020-06-08", "horizon.end=2020-06-14"])
    >>> plan = sim.staff(june, 0.9, years=20)  # doctest: +SKIP
    >>> plan.bill.total_wan, plan.chance  # doctest: +SKIP
    """
    if not (
        0.0 < probability < 1.0
        and all(0.0 <= least < 1.0 for least in (floor, floor_day))
        and years >= 1
        and (budget_wan is None or budget_wan > 0.0)
    ):
        raise ValueError("probability is between 0 and 1, a floor from 0 up to 1, years 1 or more, budget_wan above 0")
    own = loaded(scenario)
    sound_plan(own)
    return best.staff(own, Asked(probability, budget_wan, floor, floor_day, years, seed, jobs, buys), told)
