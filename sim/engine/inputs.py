"""From a scenario to what the engines read: the centre as arrays, and each replication's demand and roster."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sim import uniforms
from sim.demand import draws
from sim.demand.draws import Distributions
from sim.demand.factors import rate_factors
from sim.demand.rates import expected_rates
from sim.demand.window import Window
from sim.engine import rules
from sim.engine.rules import Centre, Quality, Run
from sim.scenario import Scenario
from sim.scenario.contact_types import ContactType
from sim.scenario.distributions import Distribution
from sim.scenario.groups import Group
from sim.terms import ANSWER_THRESHOLDS_S, SECOND_MS, SLOT_MS, SLOTS_PER_DAY, WEEK_MS
from sim.workforce.on_duty import planned, present

_ROUTINGS = {"preference": rules.PREFERENCE, "longest_idle": rules.LONGEST_IDLE, "random": rules.RANDOM}
_ATTEMPTS = 64
_MOST_IN_A_SLOT = 1_000_000
"""Contacts of a type; with forty deviations more their numbers still stay below 2**20."""


def to_ms(seconds: float) -> int:
    """Return seconds as whole milliseconds (§1)."""
    return int(seconds * SECOND_MS + 0.5)


@dataclass(frozen=True)
class Plan:
    """A scenario made ready for a window: everything that does not depend on the replication.

    ``rates`` are the expected first attempts (rows, types) with every surge, ``known`` those the planner expects,
    ``rostered`` the agents planned (rows, groups), before absence and seats.
    """

    scenario: Scenario
    window: Window
    centre: Centre
    rates: NDArray[np.float64]
    known: NDArray[np.float64]
    rostered: NDArray[np.int64]
    slopes: NDArray[np.float64]

    @cached_property
    def months(self) -> NDArray[np.int64]:
        """Return ``year * 12 + month - 1`` of each row, shape ``(rows,)``."""
        days = np.array([day.year * 12 + day.month - 1 for day in self.window.days(self.scenario)])
        return days[self.window.slots_into_days() // SLOTS_PER_DAY]

    def run(self, seed: int, replication: int) -> tuple[Run, NDArray[np.bool_]]:
        """Return one replication's inputs, and in which rows the seats of a site were too few."""
        key = uniforms.stream_key(seed, replication)
        roster, capped = present(self.rostered, self.scenario, self.window, key)
        words = [uniforms.name_word(name) for name in self.scenario.type_names]
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
            **rules.no_tasks(self.window.rows, roster.shape[1]),
        )
        return run, capped


def prepare(scenario: Scenario, first: dt.date | None = None, last: dt.date | None = None) -> Plan:
    """Make a scenario ready to simulate from ``first`` to ``last`` (the horizon's own where left out).

    Raises
    ------
    ValueError
        If the days are not in the horizon, or a slot has more contacts than can be told apart; the message is a
        planner's.
    """
    window = Window.of(scenario, first, last)
    known = expected_rates(scenario, window, known_only=True)
    rates = _countable(expected_rates(scenario, window))
    return Plan(
        scenario=scenario,
        window=window,
        centre=centre_of(scenario, (window.first_slot + window.rows) * SLOT_MS),
        rates=rates,
        known=known,
        rostered=planned(scenario, window, known),
        slopes=_slopes(scenario, window) if scenario.demand.within_slot == "linear" else np.zeros_like(rates),
    )


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
    rates = expected_rates(scenario, around)
    with np.errstate(invalid="ignore", divide="ignore"):
        slopes = (rates[2:] - rates[:-2]) / (4.0 * rates[1:-1])
    return np.clip(np.nan_to_num(slopes, posinf=0.0, neginf=0.0), -1.0, 1.0)


def centre_of(scenario: Scenario, end_ms: int) -> Centre:
    """Return the centre as arrays; ``end_ms`` is the end of what will be simulated."""
    types = list(scenario.types.values())
    groups = list(scenario.groups.values())
    place = {name: index for index, name in enumerate(scenario.groups)}
    T, G = len(types), len(groups)
    order = np.full((T, G), -1, np.int64)
    need = np.ones((T, G), np.int64)
    join_ms = np.zeros((T, G), np.int64)
    on_the_spot = np.zeros((T, G))
    redial = np.zeros((T, _ATTEMPTS))
    for t, kind in enumerate(types):
        order[t, : len(kind.groups)] = [place[name] for name in kind.groups]
        for name in kind.groups:
            g = place[name]
            need[t, g] = max(1, kind.reserve.get(name, groups[g].reserve))
            join_ms[t, g] = to_ms(kind.join_after_s.get(name, 0.0))
            share = kind.resolution.on_the_spot
            on_the_spot[t, g] = share[name] if isinstance(share, dict) else share
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
    counted = scenario.targets.asa.counts if scenario.targets.asa else ("queue", "ring")
    fixed_ms = answer_time_offset_ms(scenario, counted)
    return Centre(
        priority=priority,
        order=order,
        routing=np.array([_ROUTINGS[kind.routing] for kind in types], np.int64),
        need=need,
        join_ms=join_ms,
        served=served,
        on_the_spot=on_the_spot,
        redial=redial,
        same_patience=np.array([k.redial is not None and k.redial.patience == "same" for k in types]),
        new_handling=np.array([k.redial is not None and k.redial.handling == "new" for k in types]),
        dists=_distributions(types),
        speed=np.array([_speed_by_week(scenario, group, end_ms) for group in groups], np.int64),
        within_ms=np.array([threshold * SECOND_MS - fixed_ms for threshold in ANSWER_THRESHOLDS_S], np.int64),
        announcement_ms=to_ms(scenario.greeting.announcement_s),
        ring_ms=to_ms(scenario.greeting.ring_s),
        contained=scenario.greeting.contained_share,
        lines=scenario.lines.count if scenario.lines else 0,
        keeps_idle_times=any(kind.routing == "longest_idle" for kind in types),
        **{**rules.switched_off(T, G), "quality": _quality(types, G)},
    )


def _quality(types: list[ContactType], groups: int) -> Quality:
    """Return how well the work is done (§18)."""
    resolutions = [kind.resolution for kind in types]
    satisfied = np.array([(r.satisfied_on_the_spot, r.satisfied_work_order) for r in resolutions])
    with np.errstate(divide="ignore"):
        logits = np.log(satisfied) - np.log1p(-satisfied)
    return Quality(
        returned=np.repeat([[r.responsible_return] for r in resolutions], groups, axis=1),
        logits=np.clip(logits, -rules.MOST_LOGIT, rules.MOST_LOGIT),
        per_wait_minute=np.zeros(len(types)),
        per_order_day=np.zeros(len(types)),
        haste_waiting=0,
        haste_permille=1000,
        haste_returns=1.0,
    )


def answer_time_offset_ms(scenario: Scenario, counted: tuple[str, ...]) -> int:
    """Return what the answer time counts beside the wait in the queue: greeting and ring, each of fixed length (§6)."""
    greeting = scenario.greeting
    return to_ms(greeting.announcement_s) * ("greeting" in counted) + to_ms(greeting.ring_s) * ("ring" in counted)


def _distributions(types: list[ContactType]) -> Distributions:
    """Return the rows of ``Centre.dists`` in the order of :mod:`sim.engine.rules`."""
    blocks: list[list[tuple[Distribution | None, float]]] = [
        [(kind.talk, 0.0) for kind in types],
        [(kind.wrap, 0.0) for kind in types],
        [(kind.wrap_work_order or kind.wrap, 0.0) for kind in types],
        [(kind.patience, kind.patience.immediate_share) for kind in types],
        [(kind.redial.delay if kind.redial else None, 0.0) for kind in types],
        *[[(None, 0.0)] * len(types)] * 3,
    ]
    return draws.pack([_row(law, at_once) for block in blocks for law, at_once in block])


def _row(law: Distribution | None, at_once: float) -> tuple[int, float, float, float, NDArray[np.float64] | None]:
    """Return a row for :func:`sim.demand.draws.pack`."""
    if law is None:
        return draws.FIXED, 0.0, 0.0, 0.0, None
    if law.exponential is not None:
        return draws.EXPONENTIAL, law.exponential.mean_s, 0.0, at_once, None
    if law.lognormal is not None:
        variance = math.log1p(law.lognormal.cv**2)
        mean = math.log(law.lognormal.mean_s) - variance / 2.0
        return draws.LOGNORMAL, mean, math.sqrt(variance), at_once, None
    if law.gamma is not None:
        return draws.GAMMA, 0.0, 0.0, at_once, draws.gamma_table(law.gamma.mean_s, law.gamma.cv)
    if law.weibull is not None:
        return draws.WEIBULL, law.weibull.scale_s, 1.0 / law.weibull.shape, at_once, None
    if law.uniform is not None:
        return draws.UNIFORM, law.uniform.low_s, law.uniform.high_s - law.uniform.low_s, at_once, None
    if law.fixed is not None:
        return draws.FIXED, law.fixed.s, 0.0, at_once, None
    if law.quantiles is not None:
        return draws.QUANTILES, 0.0, 0.0, at_once, np.array(law.quantiles)
    return draws.NEVER, 0.0, 0.0, at_once, None


def _speed_by_week(scenario: Scenario, group: Group, end_ms: int) -> list[int]:
    """Return a group's speed in permille, week by week from the horizon's start, past the longest drain (§9)."""
    weeks = (end_ms + rules.LONGEST_DRAIN_MS) // WEEK_MS + 2
    first = scenario.horizon.start
    return [round(group.speed_on(first + dt.timedelta(weeks=week)) * 1000) for week in range(weeks)]
