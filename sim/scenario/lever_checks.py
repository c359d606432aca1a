"""What must hold of callbacks, quality and the groups that are called in (§13, §14, §18)."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator

from sim import calendar
from sim.scenario.activation import Activation
from sim.scenario.distributions import Patience
from sim.scenario.faults import Path, Wrong, format_path, listed, nearest
from sim.scenario.groups import Group
from sim.scenario.moments import span, stretch
from sim.scenario.naming import mend
from sim.scenario.scenario import Scenario
from sim.terms import SLOTS_PER_HOUR

_HOURS_PER_DAY = 24
_SHORTEST_S = 0.001
_BEYOND = 10.0
"""Times the busiest expected hour, surges included: redials and chance do not bring more."""


def callback(scenario: Scenario) -> Iterator[Wrong]:
    """Yield types of the callback's table that there are not."""
    accept = scenario.callback.accept if scenario.callback else None
    for name in accept if isinstance(accept, dict) else ():
        if name not in scenario.types:
            known = scenario.types
            yield Wrong(
                ("callback", "accept", name), f"a type of this scenario: {listed(known)}", mend(name, known, "type")
            )


def returns(scenario: Scenario) -> Iterator[Wrong]:
    """Yield factors that make a probability of a return greater than 1."""
    quality = scenario.quality
    haste = max(1.0, quality.haste.returns_factor) if quality.haste else 1.0
    worst, of = 0.0, ""
    for name, kind in scenario.types.items():
        novices = max(
            (_most_novices(scenario, group) for group in kind.groups if group in scenario.groups), default=0.0
        )
        share = kind.resolution.responsible_return * (1.0 + quality.novice_returns * novices)
        worst, of = max((worst, of), (share, name))
    if worst * haste <= 1.0:
        return
    own: Path = ("types", of, "resolution", "responsible_return")
    factors: list[Path] = [("quality", "haste", "returns_factor")] if haste > 1.0 else []
    if worst > scenario.types[of].resolution.responsible_return:
        factors.append(("quality", "novice_returns"))
    yield Wrong(
        factors[-1] if worst > 1.0 else factors[0],
        f"factors that leave the share of returns at 1 or below; for {of} it is {worst * haste:.4g}",
        f"lower {', '.join(map(format_path, factors))} or {format_path(own)}",
        with_=(*factors, own),
    )


def _most_novices(scenario: Scenario, group: str) -> float:
    """Return the share of novices in a group; with a head-count each of them counts alone."""
    table = scenario.headcount
    if table is None or not scenario.has_heads(group):
        return scenario.groups[group].novice_share
    return 1.0 if table.learning else 0.0


def activation(scenario: Scenario, name: str, group: Group) -> Iterator[Wrong]:
    """Yield what is wrong with when a group is called in."""
    calls, path = group.activation, ("groups", name, "activation")
    if calls is None:
        return
    if calls.from_ is not None and calls.to is not None:
        yield from stretch(scenario, path, calls.from_, calls.to, "activation")
    if calls.maximum_h is not None and calls.maximum_h < calls.minimum_h:
        yield Wrong(
            (*path, "maximum_h"), f"at least minimum_h ({calls.minimum_h:g})", "raise maximum_h or lower minimum_h"
        )
    first, last = span(scenario)
    hours = ((last - first).days + 1) * _HOURS_PER_DAY
    if first <= last and calls.notice_h >= hours:
        yield Wrong(
            (*path, "notice_h"),
            f"less than the {hours:,} hours that are simulated: the group would never come",
            "lower notice_h, or lengthen [horizon]",
        )
    price = calls.price
    tasks = [task for task, kind in scenario.tasks.items() if name in kind.groups]
    if tasks and (price.per_call_cny or price.per_minute_cny) and not price.per_hour_cny:
        yield Wrong(
            (*path, "price"),
            f"a price per hour, for the group does tasks too ({listed(tasks)}): by the call or minute of calls nothing "
            "pays for them",
            f"give per_hour_cny, or leave {name} out of these tasks' groups",
        )
    yield from _source(scenario, name, calls)
    yield from _trigger(scenario, path, calls)


def _source(scenario: Scenario, name: str, calls: Activation) -> Iterator[Wrong]:
    source, path = calls.agents_from, ("groups", name, "activation", "agents_from")
    others = [other for other in scenario.groups if other != name]
    if source is None:
        return
    if source not in others:
        near = nearest(source, others)
        yield Wrong(
            path,
            f"another group of this scenario: {listed(others)}",
            f"write {near} instead of {source}" if near else "name another group, or leave agents_from out",
        )
        return
    above = scenario.groups[source].activation
    if above is not None and above.agents_from is not None:
        yield Wrong(
            path,
            f"a group whose agents are its own; those of {source} come from {above.agents_from}",
            f"write {above.agents_from} instead of {source}"
            if above.agents_from != name
            else "leave one of the two out",
        )
    takers = [
        other for other, one in scenario.groups.items() if one.activation and one.activation.agents_from == source
    ]
    if takers[0] != name:
        yield Wrong(
            path,
            f"a group that no other takes agents from; {takers[0]} does from {source}",
            f"split {source} into two groups, or leave one of the two activations out",
        )


def _trigger(scenario: Scenario, path: Path, calls: Activation) -> Iterator[Wrong]:
    for key in ("offered_last_hour", "waiting", "longest_wait_s"):
        if getattr(calls, key) == 0:
            yield Wrong(
                (*path, key), "a threshold above 0: at 0 it always holds", "give a threshold, or leave activation out"
            )
    if calls.longest_wait_s is not None and 0.0 < calls.longest_wait_s < _SHORTEST_S:
        yield Wrong(
            (*path, "longest_wait_s"),
            f"at least {_SHORTEST_S:g} s: times are whole milliseconds, so it would always hold",
            "give a longer wait",
        )
    lines = scenario.lines.count if scenario.lines else math.inf
    # A promised callback holds no line and has no patience that ends.
    promised = any(scenario.accepts_callback(name) for name in scenario.types)
    if calls.waiting is not None and calls.waiting > lines and not promised:
        yield Wrong(
            (*path, "waiting"),
            f"at most the {lines:,.0f} lines: no more calls can wait, so it would never hold",
            "lower the threshold, or raise lines.count",
            with_=(("lines", "count"),),
        )
    if calls.longest_wait_s is not None and not promised:
        longest = max(_longest_s(kind.patience) for kind in scenario.types.values())
        if calls.longest_wait_s > longest:
            yield Wrong(
                (*path, "longest_wait_s"),
                f"at most {longest:g} s, the longest patience of all types: it would never hold",
                "lower the threshold",
            )
    if calls.offered_last_hour is not None:
        most = math.ceil(_BEYOND * _busiest_hour(scenario)) + _BEYOND
        if calls.offered_last_hour > most:
            yield Wrong(
                (*path, "offered_last_hour"),
                f"at most {most:,.0f}, {_BEYOND:.0f} times the busiest hour that is expected: it would never hold",
                "lower the threshold; it counts the attempts of all types in the last hour",
            )


def _longest_s(patience: Patience) -> float:
    if patience.immediate_share == 1.0:
        return 0.0
    if patience.fixed is not None:
        return patience.fixed.s
    if patience.uniform is not None:
        return patience.uniform.high_s
    return patience.quantiles[-1] if patience.quantiles is not None else math.inf


def _busiest_hour(scenario: Scenario) -> float:
    """Return about the most first attempts that are expected in an hour, every surge at once."""
    demand = scenario.demand
    hour = {of: _hour_share(demand.shape.slots(of)) for of in calendar.SHAPE_KINDS}
    first, last = span(scenario)
    share = 0.0
    for year in range(first.year, last.year + 1):
        begin = dt.date(year, 1, 1)
        weights = [
            (
                demand.month[(begin + dt.timedelta(days=n)).month - 1] * getattr(demand.day, kind),
                calendar.shape_kind(kind),
            )
            for n, kind in enumerate(calendar.day_kinds(begin, dt.date(year, 12, 31), scenario.calendar))
        ]
        total = sum(weight for weight, _ in weights)
        share = max(share, max(weight * hour[of] for weight, of in weights) / (total or 1.0))
    surges = sum(max(0.0, surge.multiplier - 1.0) for surge in demand.surge)
    a_year = sum(kind.annual_contacts or 0.0 for kind in scenario.types.values())
    by_hour = sum(max(kind.per_hour) for kind in scenario.types.values() if kind.per_hour is not None)
    return (a_year * share + by_hour) * (1.0 + demand.growth) * (1.0 + surges)


def _hour_share(slots: tuple[float, ...]) -> float:
    """Return the busiest hour's share of a day."""
    hours = [sum(slots[n : n + SLOTS_PER_HOUR]) for n in range(0, len(slots), SLOTS_PER_HOUR)]
    return max(hours) / (sum(hours) or 1.0)
