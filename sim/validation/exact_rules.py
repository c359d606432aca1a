"""The rules beyond one queue, each in a case whose outcome is known exactly; judged by :mod:`sim.validation.exact`.

A case has one group of agents and constant arrivals. Its numbers come from :mod:`sim.theory` and are printed here, so
that a formula that changes is seen too; ``tests/test_theory.py`` has the same formulas by hand.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from sim import identities
from sim.demand import draws
from sim.engine import fast, given, rules, structures
from sim.engine import tally as t
from sim.engine.given import Centre, Run, Tasks
from sim.terms import SLOTS_PER_HOUR
from sim.uniforms import stream_key
from sim.validation import formulas
from sim.validation.station import MINUTE_MS, WEEKS, Ints, Law, constant_run, exponential, plain_centre

_MINUTE_S: Final = 60.0
_COOL_HOURS: Final = 2
"""Hours before the end that are not measured: a task that waits then is not done any more."""


class Found(NamedTuple):
    """One batch's counts in its measured time, in the columns of the tally: by type, by kind, and of the agents.

    ``log`` is the table of attempts of the whole batch, empty unless the rule asks for it.
    """

    calls: Ints
    tasks: Ints
    duty: Ints
    log: Ints


Measure = Callable[[Found], tuple[float, float]]


@dataclass(frozen=True)
class Rule:
    """A case of one group at constant rates.

    ``per_minute`` are the arrivals of each type of calls, then of written contacts; they come for ``arrival_hours``
    (all if None) of the batch's ``hours``. ``expected`` holds printed numbers by the names of ``measures``, each a
    numerator and a denominator, and ``formula`` gives them anew.
    """

    name: str
    source: str
    centre: Centre
    per_minute: tuple[float, ...]
    agents: int
    hours: int
    expected: Mapping[str, str]
    formula: Callable[[], Mapping[str, float]]
    measures: Mapping[str, Measure]
    warm_hours: int = 12
    arrival_hours: int | None = None
    logging: bool = False

    def run(self, batch: int, seed: int) -> Run:
        """Return the demand and roster of one batch; tasks may be done at any time by any idle agent."""
        run = constant_run(self.per_minute, self.agents, self.hours, self.warm_hours, stream_key(seed, batch))
        if self.arrival_hours is not None:
            run.means[self.arrival_hours * SLOTS_PER_HOUR :] = 0.0
        return run._replace(task_open=np.ones((self.hours * SLOTS_PER_HOUR, self.centre.tasks.n_written), np.bool_))

    def measured(self, batch: int, seed: int) -> dict[str, tuple[float, float]]:
        """Simulate one batch and return each measure's numerator and denominator."""
        counts, _, log, _ = fast.simulate(self.centre, self.run(batch, seed), logging=self.logging)
        identities.check(counts)
        rows = slice(self.warm_hours * SLOTS_PER_HOUR, -_COOL_HOURS * SLOTS_PER_HOUR)
        tables = (counts.counts, counts.tasks, counts.duty.sum(axis=1))
        calls, tasks, duty = (table[rows].sum(axis=0) for table in tables)
        found = Found(calls, tasks, duty, log)
        return {name: measure(found) for name, measure in self.measures.items()}


def _uniform(low_s: float, high_s: float) -> Law:
    return draws.UNIFORM, low_s, high_s - low_s, 0.0, None


def _fixed(seconds: float) -> Law:
    return draws.FIXED, seconds, 0.0, 0.0, None


def _square_of_uniform(low: float, high: float) -> float:
    """Return the mean square of a uniform number."""
    return (low * low + low * high + high * high) / 3.0


def _call_wait(kind: int) -> Measure:
    return lambda found: (found.calls[kind, t.WAIT_MS] / MINUTE_MS, float(found.calls[kind, t.ANSWERED]))


def _task_wait(found: Found) -> tuple[float, float]:
    return found.tasks[0, t.TASK_WAIT_MS] / MINUTE_MS, float(found.tasks[0, t.DONE])


def _time_on_tasks(found: Found) -> tuple[float, float]:
    return float(found.duty[t.TASK_MS]), float(found.duty[t.ROSTERED_MS])


# Two classes of calls for four agents.

_CLASSES: Final = (1.0, 2.0)
_FOUR: Final = 4


def _waits_of_classes() -> dict[str, float]:
    first, second = formulas.priority_waits([rate / _MINUTE_S for rate in _CLASSES], _MINUTE_S, _FOUR)
    return {"mean wait of the first class, min": first / _MINUTE_S, "mean wait of the second, min": second / _MINUTE_S}


_TWO_CLASSES: Final = Rule(
    "two classes of calls", "Davis 1966; Kella and Yechiali 1985",
    plain_centre(2, {rules.TALK: exponential(_MINUTE_S)}), _CLASSES, _FOUR, 360,
    {"mean wait of the first class, min": ".169811", "mean wait of the second, min": ".679245"},
    _waits_of_classes,
    {"mean wait of the first class, min": _call_wait(0), "mean wait of the second, min": _call_wait(1)},
)  # fmt: skip

# Calls and work that can wait, at one agent: calls of 10 to 50 s, tasks of 20 to 100 s.

_TALK_S: Final = (10.0, 50.0)
_TASK_S: Final = (20.0, 100.0)
_CALL: Final = (1.0 / _MINUTE_S, sum(_TALK_S) / 2.0, _square_of_uniform(*_TALK_S))
_TASK_MEAN_S: Final = sum(_TASK_S) / 2.0
_FEW: Final = 0.25
_TOO_MANY: Final = 1.0


def _with_written() -> Centre:
    """Return the centre of one agent for calls and one kind of written contacts, which brings no other work."""
    tasks = Tasks(
        n_written=1,
        order=np.zeros((1, 1), np.int64),
        served=np.zeros((1, 1), np.int64),
        due_ms=np.zeros(1, np.int64),
        written=np.zeros((1, 3)),
        reached=np.full(1, -1.0),
        link_event=np.zeros(0, np.int64),
        link_kind=np.zeros(0, np.int64),
        link_chance=np.zeros(0),
        link_sources=np.zeros((0, 1), np.bool_),
        dists=draws.pack([_uniform(*_TASK_S)]),
    )
    return plain_centre(1, {rules.TALK: _uniform(*_TALK_S)})._replace(tasks=tasks)


def _wait_beside_endless_work() -> dict[str, float]:
    wait = formulas.vacation_wait(*_CALL, _TASK_MEAN_S, _square_of_uniform(*_TASK_S))
    return {"mean wait of calls, min": wait / _MINUTE_S, "time on tasks": 1.0 - _CALL[0] * _CALL[1]}


def _waits_of_calls_and_tasks() -> dict[str, float]:
    task = (_FEW / _MINUTE_S, _TASK_MEAN_S, _square_of_uniform(*_TASK_S))
    calls, tasks = formulas.priority_waits_one_agent(*zip(_CALL, task, strict=True))
    return {
        "mean wait of calls, min": calls / _MINUTE_S,
        "mean wait of tasks, min": tasks / _MINUTE_S,
        "time on tasks": task[0] * task[1],
    }


_ENDLESS_WORK: Final = Rule(
    "calls beside work that never runs out", "Levy and Yechiali 1975: multiple vacations",
    _with_written(), (1.0, _TOO_MANY), 1, 240,
    {"mean wait of calls, min": ".861111", "time on tasks": ".500000"},
    _wait_beside_endless_work,
    {"mean wait of calls, min": _call_wait(0), "time on tasks": _time_on_tasks},
)  # fmt: skip
_CALLS_BEFORE_TASKS: Final = Rule(
    "calls before work that can wait", "Cobham 1954",
    _with_written(), (1.0, _FEW), 1, 480,
    {"mean wait of calls, min": ".574074", "mean wait of tasks, min": "2.296296", "time on tasks": ".250000"},
    _waits_of_calls_and_tasks,
    {"mean wait of calls, min": _call_wait(0), "mean wait of tasks, min": _task_wait, "time on tasks": _time_on_tasks},
)  # fmt: skip

# Repeats: whoever calls does so on the first day, and comes again a day later.

_SPOT: Final = 0.6
_REPEAT: Final = (0.2, 0.35)
_MOST_EPISODES: Final = 4
_LONG_DAYS: Final = 7


def _episodes(least: int) -> Measure:
    return lambda found: (
        float((found.log[:, structures.LOG_EPISODE] == least).sum()),
        float((found.log[:, structures.LOG_EPISODE] == 1).sum()),
    )


def _episodes_of_contacts() -> dict[str, float]:
    chance = _SPOT * _REPEAT[0] + (1.0 - _SPOT) * _REPEAT[1]
    return {
        "contacts with 2 episodes or more": formulas.episodes_beyond(chance, _MOST_EPISODES, 2),
        "contacts with 3 episodes or more": formulas.episodes_beyond(chance, _MOST_EPISODES, 3),
        "contacts with 5 episodes or more": formulas.episodes_beyond(chance, _MOST_EPISODES, 5),
        "episodes a contact": formulas.mean_episodes(chance, _MOST_EPISODES),
    }


_REPEATS: Final = Rule(
    "repeats", "geometric, at most four",
    plain_centre(1, {rules.TALK: exponential(_MINUTE_S), rules.REPEAT_DELAY: _fixed(86_400.0)})._replace(
        on_the_spot=np.full((1, 1, WEEKS), _SPOT), repeat=np.array([_REPEAT]), max_episodes=np.array([_MOST_EPISODES])
    ),
    (5.0,), 100, _LONG_DAYS * 24,
    {
        "contacts with 2 episodes or more": ".260000",
        "contacts with 3 episodes or more": ".067600",
        "contacts with 5 episodes or more": "0",
        "episodes a contact": "1.345176",
    },
    _episodes_of_contacts,
    {
        **{f"contacts with {n} episodes or more": _episodes(n) for n in (2, 3, 5)},
        "episodes a contact": lambda found: (
            float(found.calls[0, t.OFFERED]),
            float(found.calls[0, t.FIRST]),
        ),
    },
    warm_hours=0, arrival_hours=24, logging=True,
)  # fmt: skip

# Transfers: the agent leaves after a minute and a half, the citizen and the department stay.

_TALKED_MIN: Final = 3.0
_TRANSFERRED: Final = 0.3
_CONSULT_MIN: Final = 2.0
_LEAVES_MIN: Final = 1.5
_SPOT_TRANSFERRED: Final = 0.4
_WRAP_MIN: Final = (0.5, 1.5)
_MANY: Final = 80
_CALLS_A_MINUTE: Final = 10.0


def _transferred() -> Centre:
    laws = {
        rules.TALK: exponential(_TALKED_MIN * _MINUTE_S),
        rules.CONSULT: exponential(_CONSULT_MIN * _MINUTE_S),
        rules.WRAP: _fixed(_WRAP_MIN[0] * _MINUTE_S),
        rules.WRAP_WORK_ORDER: _fixed(_WRAP_MIN[1] * _MINUTE_S),
    }
    return plain_centre(1, laws)._replace(
        on_the_spot=np.full((1, 1, WEEKS), _SPOT),
        transfer=np.array([[_TRANSFERRED, _SPOT_TRANSFERRED]]),
        leaves_ms=np.array([int(_LEAVES_MIN * MINUTE_MS)]),
    )


def _times_of_transfers() -> dict[str, float]:
    spot = (1.0 - _TRANSFERRED) * _SPOT + _TRANSFERRED * _SPOT_TRANSFERRED
    stays = formulas.mean_of_shorter(_CONSULT_MIN, _LEAVES_MIN)
    agent = _TALKED_MIN + _TRANSFERRED * stays + spot * _WRAP_MIN[0] + (1.0 - spot) * _WRAP_MIN[1]
    return {
        "agent's time a call, min": agent,
        "citizen's call, min": _TALKED_MIN + _TRANSFERRED * _CONSULT_MIN,
        "answered on the spot": spot,
        "occupancy": _CALLS_A_MINUTE * agent / _MANY,
    }


def _agents_time(found: Found) -> tuple[float, float]:
    columns = [t.RING_MS, t.TALK_MS, t.CONSULT_MS, t.WRAP_MS]
    return float(found.calls[0, columns].sum()) / MINUTE_MS, float(found.calls[0, t.ANSWERED])


def _citizens_time(found: Found) -> tuple[float, float]:
    spent = found.log[:, structures.LOG_CALL_END] - found.log[:, structures.LOG_ANSWERED]
    return float(spent.sum()) / MINUTE_MS, float(len(found.log))


_TRANSFERS: Final = Rule(
    "transfers", "sums of means",
    _transferred(), (_CALLS_A_MINUTE,), _MANY, 40,
    {
        "agent's time a call, min": "4.276580",
        "citizen's call, min": "3.600000",
        "answered on the spot": ".540000",
        "occupancy": ".534573",
    },
    _times_of_transfers,
    {
        "agent's time a call, min": _agents_time,
        "citizen's call, min": _citizens_time,
        "answered on the spot": lambda found: (
            float(found.calls[0, t.ON_THE_SPOT]),
            float(found.calls[0, t.ANSWERED]),
        ),
        "occupancy": lambda found: (float(found.duty[t.BUSY_MS]), float(found.duty[t.ROSTERED_MS])),
    },
    logging=True,
)  # fmt: skip

# Satisfaction: odds of 9 without a wait, the log-odds falling by 2 a minute.

_SATISFIED: Final = 0.9
_PER_MINUTE: Final = -2.0
_THREE: Final = 3.0


def _weary() -> Centre:
    centre = plain_centre(1, {rules.TALK: exponential(_MINUTE_S)})
    satisfaction = given.satisfaction(np.full((1, 2), _SATISFIED))
    quality = centre.quality._replace(**satisfaction, per_wait_minute=np.array([_PER_MINUTE]))
    return centre._replace(quality=quality)


_SATISFACTION: Final = Rule(
    "satisfaction by wait", "Erlang C; its waits through the logistic",
    _weary(), (_THREE,), _FOUR, 100, {"satisfied": ".738841"},
    lambda: {
        "satisfied": formulas.satisfied_share(
            _SATISFIED, _PER_MINUTE / _MINUTE_S, _THREE / _MINUTE_S, _MINUTE_S, _FOUR
        )
    },
    {"satisfied": lambda found: (float(found.calls[0, t.SATISFIED]), float(found.calls[0, t.ANSWERED]))},
)  # fmt: skip

RULES: Final = (_TWO_CLASSES, _ENDLESS_WORK, _CALLS_BEFORE_TASKS, _REPEATS, _TRANSFERS, _SATISFACTION)
