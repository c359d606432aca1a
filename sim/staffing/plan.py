"""A plan of staffing: what was asked for, what was found, and what it is worth (§19)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from sim.cost.bill import Bill
from sim.experiment.cases import Outcomes
from sim.scenario import Scenario
from sim.staffing.chance import Correction
from sim.staffing.heads import Heads
from sim.staffing.rivals import Rival
from sim.staffing.trim import Fewer
from sim.staffing.year import Year
from sim.staffing.year_tours import YearTours

Stage = Literal["given", "prices", "agents", "years", "proof", "rivals", "buys"]
Told = Callable[[Stage, int, int], None]
"""Told what is being done, how much of it is done and how much there is."""


@dataclass(frozen=True)
class Asked:
    """What is asked for.

    Attributes
    ----------
    probability
        With which all targets are to hold; of no account where there is a budget.
    budget_wan
        What the contract may cost; None: as little as the probability allows.
    floor
        The share of calls that every half-hour answers, at least, in the year planned for.
    floor_day
        The share of the calls of any 24 hours in a row that are answered, at least, in that year; 0: none asked for.
    years
        Simulated years of the proof.
    seed
        Which random numbers; the proof has those of the next seed.
    jobs
        Processes; 0 for all cores.
    buys
        Whether to say what the next and the last 10 万元 buy.
    """

    probability: float = 0.9
    budget_wan: float | None = None
    floor: float = 0.9
    floor_day: float = 0.0
    years: int = 100
    seed: int = 1
    jobs: int = 0
    buys: bool = True


@dataclass(frozen=True)
class Offer:
    """What one price of waiting buys, by theory as simulation corrects it.

    Attributes
    ----------
    price_cny
        Of a second of waiting.
    total_wan
        The contract, about.
    asa_s, connection
        Answer time and connection rate in a mean year.
    asa_high_s, connection_low
        In the year of which only one in twenty is worse.
    probability
        That all targets hold.
    """

    price_cny: float
    total_wan: float
    asa_s: float
    asa_high_s: float
    connection: float
    connection_low: float
    probability: float


What = Literal["agents", "seats", "spare", "follows", "heads", "nothing", "all", "floor", "most"]
"""What money buys: agents' hours; seats, for which weeks are bought anew; seats beyond those used; nothing of its own
(taxes); heads, who are paid whatever the shifts; nothing that is simulated. Or why there is no such change: all seats
cost less; the floors would not hold; there is no room for more agents."""


@dataclass(frozen=True)
class Buy:
    """What some money more, or less, in one contract line changes.

    Attributes
    ----------
    line
        The line.
    wan
        The money, in that line, below 0 if less.
    what
        What it buys.
    contract_wan
        What the whole contract changes by: taxes, and what the change costs in other lines. None where it cannot be.
    asa_s, connection, probability
        Changes of answer time and connection rate in a mean year, and of the probability that all targets hold; None
        where it cannot be.
    hours
        Agent hours a week of the chosen groups, more or fewer.
    seats
        Seats, more or fewer.
    """

    line: str
    wan: float
    what: What
    contract_wan: float | None
    asa_s: float | None
    connection: float | None
    probability: float | None
    hours: float
    seats: float


@dataclass(frozen=True)
class Round:
    """One plan that was tried: its price of a second, its bill, and how surely its targets hold."""

    price_cny: float
    total_wan: float
    probability: float


@dataclass(frozen=True)
class Plan:
    """A plan found, and what it is worth.

    Attributes
    ----------
    asked
        What was asked for.
    year
        What it was chosen from.
    tours
        Who works when.
    scenario
        The scenario with these agents on duty and no more seats than they use.
    bill
        What it costs.
    outcomes
        The proof: years of random numbers that the search had not seen.
    chance
        Share of those years in which all targets hold, with its 95 % interval.
    theory
        Probability by target, and of all, as theory and the search's years say it, a standard error taken off.
    correction
        How the search's years differed from theory's.
    rounds
        The plans tried.
    offers
        Cost against service, by price.
    buys
        What 10 万元 more, and less, change in each contract line.
    rivals
        Other ways to plan, under the same rules and shifts.
    gap
        How much cheaper a plan with these prices of waiting may be, as a share of what its tours cost.
    fewer
        What one agent fewer would do; None where there is a budget.
    heads
        What it takes of the heads there are; None without ``[workforce.headcount]``.
    """

    asked: Asked
    year: Year
    tours: YearTours
    scenario: Scenario
    bill: Bill
    outcomes: Outcomes
    chance: tuple[float, float, float]
    theory: dict[str, float]
    correction: Correction
    rounds: tuple[Round, ...]
    offers: tuple[Offer, ...]
    buys: tuple[Buy, ...]
    rivals: dict[str, Rival]
    gap: float
    fewer: Fewer | None
    heads: Heads | None

    @property
    def binding(self) -> tuple[str, ...]:
        """The targets that are missed soonest: in the most of the years of the proof, or the likeliest to be."""
        hardest = min(value for key, value in self.theory.items() if key != "all")
        return tuple(key for key, value in self.theory.items() if key != "all" and value <= hardest + 1e-9)
