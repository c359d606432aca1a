"""From a scenario to what the engines read: the centre as arrays, and each replication's demand and roster."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim import uniforms
from sim.demand import draws
from sim.demand.draws import Distributions
from sim.demand.factors import rate_factors
from sim.demand.rates import expected_rates
from sim.demand.window import Window
from sim.engine import rules
from sim.engine.given import Centre, Run
from sim.engine.laws import law_row, spread_row, to_ms
from sim.engine.levers import activation_of, callback_of, quality_of
from sim.engine.work import task_days, tasks_of
from sim.engine.worth import by_week, with_heads
from sim.scenario import Scenario
from sim.scenario.contact_types import ContactType, Transfer
from sim.terms import ANSWER_THRESHOLDS_S, DAY_MS, SECOND_MS, SLOT_MS, SLOTS_PER_DAY, WEEK_MS
from sim.workforce.filling import Needed, agent_hours, filled, needed
from sim.workforce.headcount import expected_headcount, headcount
from sim.workforce.on_duty import planned, present

_ROUTINGS = {"preference": rules.PREFERENCE, "longest_idle": rules.LONGEST_IDLE, "random": rules.RANDOM}
_ATTEMPTS = 64
_DAY_S = DAY_MS / SECOND_MS
_MOST_IN_A_SLOT = 1_000_000
"""Contacts of a type; with forty deviations more their numbers still stay below 2**20."""


@dataclass(frozen=True)
class Plan:
    """A scenario made ready for a window: everything that does not depend on the replication.

    ``rates`` are the expected first attempts and written contacts (rows, types and kinds with arrivals of their own)
    with every surge, ``known`` those the planner expects, ``rostered`` the agents planned (rows, groups), before
    absence and seats. ``task_days`` are the fields of :class:`~sim.engine.given.Run` about work that can wait.
    ``needed`` are the heads that the plan takes, where there is a head-count to hold against them, else None.
    """

    scenario: Scenario
    window: Window
    centre: Centre
    rates: NDArray[np.float64]
    known: NDArray[np.float64]
    rostered: NDArray[np.int64]
    slopes: NDArray[np.float64]
    task_days: dict[str, Any]
    needed: Needed | None

    @cached_property
    def months(self) -> NDArray[np.int64]:
        """Return ``year * 12 + month - 1`` of each row, shape ``(rows,)``."""
        days = np.array([day.year * 12 + day.month - 1 for day in self.window.days(self.scenario)])
        return days[self.window.slots_into_days() // SLOTS_PER_DAY]

    def replication(self, seed: int, replication: int) -> tuple[Centre, Run, NDArray[np.bool_]]:
        """Return one replication's inputs, and in which rows the seats of a site were too few.

        The centre is the plan's own but where there is a head-count: then it is of the heads of this replication (§19).
        """
        key = uniforms.stream_key(seed, replication)
        centre, rostered = self.centre, self.rostered
        if self.needed is not None:
            found = headcount(self.scenario, key)
            centre = with_heads(centre, self.scenario, found)
            rostered = filled(rostered, self.scenario, self.window, self.needed.filled_share(found))
        roster, capped = present(rostered, self.scenario, self.window, key)
        words = [uniforms.name_word(name) for name in (*self.scenario.types, *self.scenario.written)]
        start_ms = self.window.first_slot * SLOT_MS
        run = Run(
            contact_keys=np.array([uniforms.sub_key(key, uniforms.CONTACTS, word) for word in words], np.uint64),
            count_keys=np.array([uniforms.sub_key(key, uniforms.COUNT, word) for word in words], np.uint64),
            means=_countable(self.rates * rate_factors(self.scenario, self.window, key)[:, None]),
            slopes=self.slopes,
            roster=roster,
            first_slot=int(self.window.absolute_slots(self.scenario)[0]),
            start_ms=start_ms,
            end_ms=start_ms + self.window.rows * SLOT_MS,
            warm_rows=self.window.warm_slots,
            grain_ms=1,
            **self.task_days,
        )
        return centre, run, capped


def prepare(scenario: Scenario, first: dt.date | None = None, last: dt.date | None = None) -> Plan:
    """Make a scenario ready to simulate from ``first`` to ``last`` (the horizon's own where left out).

    Raises
    ------
    ValueError
        If the days are not in the horizon, or a slot has more contacts than can be told apart; the message is a
        planner's.
    """
    window = Window.of(scenario, first, last)
    known = expected_rates(scenario, window, known_only=True, written=True)
    rates = _countable(expected_rates(scenario, window, written=True))
    rostered = planned(scenario, window, known)
    return Plan(
        scenario=scenario,
        window=window,
        centre=centre_of(scenario, (window.first_slot + window.rows) * SLOT_MS),
        rates=rates,
        known=known,
        rostered=rostered,
        slopes=_slopes(scenario, window) if scenario.demand.within_slot == "linear" else np.zeros_like(rates),
        task_days=task_days(scenario, window),
        needed=_needed(scenario, window, rostered) if scenario.headcount is not None else None,
    )


def _needed(scenario: Scenario, window: Window, rostered: NDArray[np.int64]) -> Needed:
    """Return the heads that the plan of the whole horizon takes, ``rostered`` being that of the window."""
    whole = Window.of(scenario)
    if window != whole:
        rostered = planned(scenario, whole, expected_rates(scenario, whole, known_only=True, written=True))
    return needed(agent_hours(scenario, rostered[whole.warm_slots :]), expected_headcount(scenario))


def _countable(means: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return expected contacts by slot and type, all within what a contact's id can number (§2).

    Raises
    ------
    ValueError
        If a slot has too many; the message is a planner's.
    """
    most = float(means.max(initial=0.0))
    if most > _MOST_IN_A_SLOT:
        raise ValueError(
            f"one type has {most:,.0f} contacts in one 15 minutes; up to {_MOST_IN_A_SLOT:,} can be simulated: lower "
            "its annual_contacts or per_hour, demand.growth, demand.variation or a surge's multiplier"
        )
    return means


def _slopes(scenario: Scenario, window: Window) -> NDArray[np.float64]:
    """Return the relative half-slopes of ``within_slot = "linear"`` (§2), shape ``(rows, types)``."""
    around = Window(window.first_slot - 1, window.rows + 2)
    rates = expected_rates(scenario, around, written=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        slopes = (rates[2:] - rates[:-2]) / (4.0 * rates[1:-1])
    return np.clip(np.nan_to_num(slopes, posinf=0.0, neginf=0.0), -1.0, 1.0)


def centre_of(scenario: Scenario, end_ms: int) -> Centre:
    """Return the centre as arrays; ``end_ms`` is the end of what will be simulated."""
    types = list(scenario.types.values())
    groups = list(scenario.groups.values())
    place = {name: index for index, name in enumerate(scenario.groups)}
    T, G = len(types), len(groups)
    agents = by_week(scenario, (end_ms + rules.LONGEST_DRAIN_MS) // WEEK_MS + 2, None)
    order = np.full((T, G), -1, np.int64)
    need = np.ones((T, G), np.int64)
    join_ms = np.zeros((T, G), np.int64)
    redial = np.zeros((T, _ATTEMPTS))
    for t, kind in enumerate(types):
        order[t, : len(kind.groups)] = [place[name] for name in kind.groups]
        for name in kind.groups:
            g = place[name]
            need[t, g] = max(1, kind.reserve.get(name, groups[g].reserve))
            join_ms[t, g] = to_ms(kind.join_after_s.get(name, 0.0))
        if kind.redial is not None:
            chances = kind.redial.probability
            listed = (chances,) if isinstance(chances, float) else chances
            for attempt in range(1, kind.redial.max_attempts):
                redial[t, attempt] = listed[min(attempt, len(listed)) - 1]
    priority = np.array([kind.priority for kind in types], np.int64)
    served = np.full((G, T), -1, np.int64)
    for g in range(G):
        own = sorted((t for t in range(T) if g in order[t]), key=lambda t: (priority[t], t))
        served[g, : len(own)] = own
    fixed_ms = answer_time_offset_ms(scenario, scenario.targets.answer_time_counts)
    bumps = [kind.patience.announcement for kind in types]
    transfers = [kind.transfer for kind in types]
    return Centre(
        priority=priority,
        order=order,
        routing=np.array([_ROUTINGS[kind.routing] for kind in types], np.int64),
        need=need,
        join_ms=join_ms,
        served=served,
        on_the_spot=agents.on_the_spot,
        redial=redial,
        same_patience=np.array([k.redial is not None and k.redial.patience == "same" for k in types]),
        new_handling=np.array([k.redial is not None and k.redial.handling == "new" for k in types]),
        dists=_distributions(types),
        speed=agents.speed,
        within_ms=np.array([threshold * SECOND_MS - fixed_ms for threshold in ANSWER_THRESHOLDS_S], np.int64),
        announcement_ms=to_ms(scenario.greeting.announcement_s),
        ring_ms=to_ms(scenario.greeting.ring_s),
        contained=scenario.greeting.contained_share,
        lines=scenario.lines.count if scenario.lines else 0,
        keeps_idle_times=any(kind.routing == "longest_idle" for kind in types),
        repeat=np.array([[k.resolution.repeat_share(on_the_spot=spot) for spot in (True, False)] for k in types]),
        max_episodes=np.array([kind.resolution.max_episodes for kind in types], np.int64),
        bump_ms=np.array([to_ms(bump.at_s) if bump else 0 for bump in bumps], np.int64),
        bump_share=np.array([bump.hang_up_share if bump else 0.0 for bump in bumps]),
        transfer=np.array([(kind.share, kind.on_the_spot) if kind else (0.0, 0.0) for kind in transfers]),
        leaves_ms=np.array([_leaves_ms(kind) for kind in transfers], np.int64),
        quality=quality_of(scenario, agents.returned),
        tasks=tasks_of(scenario),
        callback=callback_of(scenario),
        activation=activation_of(scenario),
    )


def _leaves_ms(transfer: Transfer | None) -> int:
    """Return when the agent leaves a consulting: never, if not said."""
    return draws.NEVER_MS if transfer is None or transfer.leaves_after_s is None else to_ms(transfer.leaves_after_s)


def answer_time_offset_ms(scenario: Scenario, counted: tuple[str, ...]) -> int:
    """Return what the answer time counts beside the wait in the queue: greeting and ring, each of fixed length (§6)."""
    greeting = scenario.greeting
    return to_ms(greeting.announcement_s) * ("greeting" in counted) + to_ms(greeting.ring_s) * ("ring" in counted)


def _distributions(types: list[ContactType]) -> Distributions:
    """Return the rows of ``Centre.dists`` in the order of :mod:`sim.engine.rules`."""
    blocks = [
        [law_row(kind.talk) for kind in types],
        [law_row(kind.wrap) for kind in types],
        [law_row(kind.wrap_work_order or kind.wrap) for kind in types],
        [law_row(kind.patience, kind.patience.immediate_share) for kind in types],
        [law_row(kind.redial.delay if kind.redial else None) for kind in types],
        [law_row(kind.transfer.consult if kind.transfer else None) for kind in types],
        [spread_row(kind.resolution.repeat_delay_days, _DAY_S) for kind in types],
        [spread_row(kind.resolution.order_days, _DAY_S) for kind in types],
    ]
    return draws.pack([row for block in blocks for row in block])
