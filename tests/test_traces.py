"""Small days worked out by hand from ``sim/engine/MODEL.md``, against the oracle and both engines.

Every table below was worked out by hand from MODEL.md; nothing in it comes from a program. Times are
seconds after 09:00 (the start of row 36) unless a test says otherwise. First attempts come at whole
minutes; which draws fall where is arranged by :func:`small_centres.planned_run`. A contact is named by
its type and place in the list.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import oracle
import pytest
from numpy.typing import NDArray
from small_centres import Interval, Link, TaskKind, Trigger, planned_ids, planned_run, small_centre

from sim.demand import draws
from sim.engine import fast, reference, tally
from sim.engine.given import Centre, Run
from sim.engine.rules import Stuck
from sim.terms import DAY_MS, SLOTS_PER_DAY, Kind, Outcome

NINE = 9 * 3_600
FOREVER = None
Who = tuple[int, int]


class Row(NamedTuple):
    """One expected attempt, in seconds."""

    who: Who
    attempt: int
    arrived: float
    outcome: Outcome
    queued: float | None = None
    answered: float | None = None
    talk_end: float | None = None
    free: float | None = None
    left: float | None = None
    group: int | None = None
    episode: int = 1
    callback: int = 0
    call_end: float | None = None


def answered(
    who: Who,
    attempt: int,
    arrived: float,
    queued: float,
    at: float,
    talk_end: float,
    free: float,
    group: int = 0,
    *,
    episode: int = 1,
    callback: int = 0,
    call_end: float | None = None,
) -> Row:
    """Return a row whose citizen's call ends with the agent's talk unless ``call_end`` says otherwise."""
    end = talk_end if call_end is None else call_end
    return Row(who, attempt, arrived, Outcome.ANSWERED, queued, at, talk_end, free, None, group, episode, callback, end)


def abandoned(who: Who, attempt: int, arrived: float, queued: float, left: float, *, episode: int = 1) -> Row:
    return Row(who, attempt, arrived, Outcome.ABANDONED, queued, left=left, episode=episode)


def blocked(who: Who, attempt: int, at: float) -> Row:
    return Row(who, attempt, at, Outcome.BLOCKED, left=at)


class TaskRow(NamedTuple):
    """One expected task, in seconds; ``who`` brought it, a written contact or the caller."""

    who: Who
    kind: int
    released: float
    started: float | None
    ended: float | None
    due: float
    group: int | None = 0
    episode: int = 1


def contained(who: Who, attempt: int, arrived: float, left: float) -> Row:
    return Row(who, attempt, arrived, Outcome.CONTAINED, left=left)


class Played(NamedTuple):
    """What one of the three made of a run."""

    attempts: list[dict[str, Any]]
    ends: dict[tuple[int, str], int]
    """How many measured contacts of a type came to an end."""
    duty: dict[tuple[int, int], list[int]]
    """Rostered, busy, overrun and task ms by row and group."""
    tasks: list[dict[str, Any]]
    totals: Mapping[str, int]
    by_kind: Mapping[tuple[str, int], int]
    tally: tally.Tally | None


ENDS = ("resolved", "handed_over", "lost", "contained", "open")
DUTY = [tally.ROSTERED_MS, tally.BUSY_MS, tally.OVERRUN_MS, tally.TASK_MS, tally.IDLE_MS]
Player = Callable[[Centre, Run], Played]


def _by_oracle(centre: Centre, run: Run) -> Played:
    result = oracle.simulate(centre, run)
    ends: dict[tuple[int, str], int] = {}
    for contact, end in result.contacts.items():
        if (contact >> 28) - run.first_slot >= run.warm_rows:
            name = ((contact >> 20) & 255, end)
            ends[name] = ends.get(name, 0) + 1
    return Played(result.attempts, ends, result.duty, result.tasks, result.totals, result.totals_by_kind, None)


def _records(keys: Sequence[str], table: NDArray[np.int64]) -> list[dict[str, Any]]:
    return [
        {
            name: None if value == -1 and name not in ("arrived_ms", "released_ms") else int(value)
            for name, value in zip(keys, row, strict=True)
        }
        for row in table
    ]


def _by_engine(centre: Centre, run: Run, result: tuple[tally.Tally, *tuple[NDArray[np.int64], ...]]) -> Played:
    """Read an engine's tally, waits (not looked at), table of attempts and table of tasks."""
    counts, _, log, tasks = result
    started = counts.contacts[run.warm_rows :].sum(axis=0)
    ends = {
        (t, end): int(started[t, tally.RESOLVED + i])
        for t in range(centre.order.shape[0])
        for i, end in enumerate(ENDS)
        if started[t, tally.RESOLVED + i]
    }
    rows, groups = run.roster.shape
    duty = {(r, g): counts.duty[r, g, DUTY].tolist() for r in range(run.warm_rows, rows) for g in range(groups)}
    totals = {name: int(counts.counts[..., getattr(tally, name.upper())].sum()) for name in oracle.COUNTED}
    by_kind = {
        (name, kind): int(counts.tasks[:, kind, getattr(tally, name.upper())].sum())
        for name in oracle.TASKS_COUNTED
        for kind in range(counts.tasks.shape[1])
    }
    attempts, done = _records(oracle.KEYS, log), _records(oracle.TASK_KEYS, tasks)
    return Played(attempts, ends, duty, done, totals, by_kind, counts)


PLAYERS: dict[str, Player] = {
    "oracle": _by_oracle,
    "fast": lambda centre, run: _by_engine(centre, run, fast.simulate(centre, run, logging=True)),
    "reference": lambda centre, run: _by_engine(centre, run, reference.simulate(centre, run, logging=True)),
}


@pytest.fixture(params=PLAYERS)
def play(request: pytest.FixtureRequest) -> Player:
    return PLAYERS[request.param]


def check(
    play: Player,
    centre: Centre,
    arrivals: Mapping[int, Sequence[float]],
    expected: Sequence[Row],
    ends: Mapping[Who, str],
    *,
    duty: Mapping[tuple[int, int], tuple[float, ...]] | None = None,
    tasks: Sequence[TaskRow] = (),
    totals: Mapping[str, int] | None = None,
    by_kind: Mapping[tuple[str, int], int] | None = None,
    wanted: Mapping[tuple[int, int, int, int], Interval] | None = None,
    base: int = NINE,
    **run_options: Any,
) -> Played:
    """Play a day and compare it with the table: attempts in order, ends of contacts, tasks, duty in seconds.

    Duty is rostered, busy, overrun and, if not 0, task time. ``totals`` and ``by_kind`` are some of the tally's.
    """

    def ms(seconds: float | None) -> int | None:
        return None if seconds is None else round((base + seconds) * 1000)

    times = {t: [round((base + second) * 1000) for second in seconds] for t, seconds in arrivals.items()}
    run = planned_run(centre, times, wanted=wanted, **run_options)
    ids = planned_ids(run, times)
    played = play(centre, run)
    table = [
        {
            "contact": ids[row.who], "episode": row.episode, "attempt": row.attempt, "arrived_ms": ms(row.arrived),
            "queued_ms": ms(row.queued), "answered_ms": ms(row.answered), "talk_end_ms": ms(row.talk_end),
            "free_ms": ms(row.free), "left_ms": ms(row.left), "group": row.group, "outcome": row.outcome,
            "kind": Kind.REDIAL if row.attempt > 1 else Kind.REPEAT if row.episode > 1 else Kind.FIRST,
            "callback": row.callback, "call_end_ms": ms(row.call_end),
        }
        for row in expected
    ]  # fmt: skip
    assert len(played.attempts) == len(table)
    for got, want in zip(played.attempts, table, strict=True):
        assert got == want
    assert [task["task"] for task in played.tasks] == [
        ids[task.who] * 2**12 + task.kind * 2**6 + task.episode for task in tasks
    ]
    for done, task in zip(played.tasks, tasks, strict=True):
        assert (done["released_ms"], done["started_ms"], done["ended_ms"], done["due_ms"], done["group"]) == (
            ms(task.released), ms(task.started), ms(task.ended), ms(task.due), task.group,
        )  # fmt: skip
    assert played.ends == Counter((t, end) for (t, _), end in ends.items())
    for place, seconds in (duty or {}).items():
        rostered, busy, overrun, task = (round(1000 * second) for second in (*seconds, 0)[:4])
        assert played.duty[place] == [rostered, busy, overrun, task, rostered + overrun - busy]
    for name, n in (totals or {}).items():
        assert played.totals[name] == n, name
    for key, n in (by_kind or {}).items():
        assert played.by_kind[key] == n, key
    return played


def roster(**rows: int | Sequence[int]) -> list[list[int]]:
    """Return a day's roster: ``all`` for every row, ``r37`` for row 37; a number, or one a group."""
    usual = rows["all"]
    groups = [usual] if isinstance(usual, int) else list(usual)
    table = [list(groups) for _ in range(SLOTS_PER_DAY)]
    for name, value in rows.items():
        if name != "all":
            table[int(name[1:])] = [value] if isinstance(value, int) else list(value)
    return table


A, B, C, D = (0, 0), (0, 1), (0, 2), (0, 3)  # the contacts of type 0
E, F, G = (1, 0), (1, 1), (1, 2)  # of type 1
H, K = (2, 0), (2, 1)  # of type 2


def test_wait_then_answer(play: Player) -> None:
    """§6, §7, §9: a job is talk and wrap-up; who arrives as it ends finds an idle agent (§15, 3 before 9)."""
    check(
        play,
        small_centre(talk_s=60.0, wrap_s=30.0),
        {0: [0, 60, 180]},
        [
            answered(A, 1, 0, 0, 0, 60, 90),
            answered(B, 1, 60, 60, 90, 150, 180),  # waits out the wrap-up of A: 30 s
            answered(C, 1, 180, 180, 180, 240, 270),  # the job of B ends at 180, class 3, before C arrives, class 9
        ],
        {A: "resolved", B: "resolved", C: "resolved"},
        duty={(36, 0): (900, 270, 0), (37, 0): (900, 0, 0)},
    )


def test_abandonment_comes_before_the_agent(play: Player) -> None:
    """§15: patience that ends in the very ms in which an agent frees (class 0 before 3)."""
    check(
        play,
        small_centre(2, talk_s=60.0, wrap_s=30.0, patience_s=[30.0, 30.001]),
        {0: [0, 60], 1: [60]},
        [
            answered(A, 1, 0, 0, 0, 60, 90),
            abandoned(B, 1, 60, 60, 90),  # 60 + 30 = 90, when A's job ends
            answered(E, 1, 60, 60, 90, 150, 180),  # one ms more of patience is enough
        ],
        {A: "resolved", B: "lost", E: "resolved"},
    )


def test_redial_until_max_attempts(play: Player) -> None:
    """§10: again after 45 s, three attempts at most; with probability 0.5 only if the uniform is below."""
    check(
        play,
        small_centre(
            3,
            talk_s=[600.0, 60.0, 60.0],
            patience_s=30.0,
            redial_delay_s=[45.0, 45.0, 525.0],
            redial=[[1.0, 1.0], [0.5, 0.5], [0.5, 0.5]],
        ),
        {0: [0, 60], 1: [120], 2: [120]},
        [
            answered(A, 1, 0, 0, 0, 600, 600),
            abandoned(B, 1, 60, 60, 90),
            abandoned(E, 1, 120, 120, 150),  # its redial uniform is above 0.5: lost
            abandoned(H, 1, 120, 120, 150),  # below: again at 150 + 525
            abandoned(B, 2, 135, 135, 165),
            abandoned(B, 3, 210, 210, 240),  # a < max_attempts no longer holds
            answered(H, 2, 675, 675, 675, 735, 735),
        ],
        {A: "resolved", B: "lost", E: "lost", H: "resolved"},
        wanted={(1, 0, 1, draws.REDIAL): (0.5, 1.0), (2, 0, 1, draws.REDIAL): (0.0, 0.5)},
    )


def test_redial_arrives_before_a_first_attempt(play: Player) -> None:
    """§15: in one ms a redial (class 8) precedes a first attempt (class 9) of a lower contact id."""
    check(
        play,
        small_centre(2, talk_s=240.0, patience_s=[FOREVER, 60.0], redial_delay_s=180.0, redial=[1.0]),
        {0: [0, 300], 1: [60]},
        [
            answered(A, 1, 0, 0, 0, 240, 240),
            abandoned(E, 1, 60, 60, 120),
            answered(E, 2, 300, 300, 300, 540, 540),  # 120 + 180
            answered(B, 1, 300, 300, 540, 780, 780),
        ],
        {A: "resolved", B: "resolved", E: "resolved"},
    )


def test_calls_that_queue_in_one_ms_stand_in_order_of_id(play: Player) -> None:
    """§7: B's redial queues at 300 before A's first call does, in the same ms; A has the lower id and goes first."""
    check(
        play,
        small_centre(talk_s=310.0, patience_s=60.0, redial_delay_s=180.0, redial=[1.0]),
        {0: [300, 60, 0]},
        [
            answered(C, 1, 0, 0, 0, 310, 310),
            abandoned(B, 1, 60, 60, 120),
            abandoned(B, 2, 300, 300, 360),
            answered(A, 1, 300, 300, 310, 620, 620),
        ],
        {A: "resolved", B: "lost", C: "resolved"},
    )


def test_same_patience_and_new_handling(play: Player) -> None:
    """§2: patience of attempt 1 stands for all if so stated; resolution is drawn afresh only with "new"."""
    at_once_half = (draws.FIXED, 60.0, 0.0, 0.5)  # half hang up at once, half after 60 s
    check(
        play,
        small_centre(
            3,
            talk_s=[300.0, 30.0, 30.0],
            wrap_s=10.0,
            wrap_work_order_s=20.0,
            patience_s=[FOREVER, at_once_half, at_once_half],
            redial_delay_s=[1.0, 60.0, 60.0],
            redial=[[0.0] * 5, [1.0] * 5, [1.0] * 5],
            on_the_spot=[[1.0], [0.5], [0.5]],
            same_patience=[False, True, False],
            new_handling=[False, False, True],
        ),
        {0: [0], 1: [60], 2: [60]},
        [
            answered(A, 1, 0, 0, 0, 300, 310),
            abandoned(E, 1, 60, 60, 60),  # patience 0: below the share
            abandoned(H, 1, 60, 60, 60),
            abandoned(E, 2, 120, 120, 120),  # the same patience again
            abandoned(H, 2, 120, 120, 180),  # a new one: above the share, 60 s
            abandoned(E, 3, 180, 180, 180),
            abandoned(E, 4, 240, 240, 240),
            abandoned(H, 3, 240, 240, 240),
            abandoned(E, 5, 300, 300, 300),  # A's agent wraps up until 310
            abandoned(H, 4, 300, 300, 300),
            # E is found at the moment it queues, whatever its patience, and is a work order
            answered(E, 6, 360, 360, 360, 390, 410),
            answered(H, 5, 360, 360, 410, 440, 450),  # attempt 5's own resolution: on the spot
        ],
        {A: "resolved", E: "handed_over", H: "resolved"},
        wanted={
            (1, 0, 1, draws.PATIENCE): (0.0, 0.5),
            (1, 0, 1, draws.RESOLUTION): (0.5, 1.0),
            (2, 0, 1, draws.RESOLUTION): (0.5, 1.0),
            (2, 0, 5, draws.RESOLUTION): (0.0, 0.5),
            (2, 0, 1, draws.PATIENCE): (0.0, 0.5),
            (2, 0, 2, draws.PATIENCE): (0.5, 1.0),
            (2, 0, 3, draws.PATIENCE): (0.0, 0.5),
            (2, 0, 4, draws.PATIENCE): (0.0, 0.5),
            (2, 0, 5, draws.PATIENCE): (0.5, 1.0),
        },
    )


def test_a_line_is_free_at_the_end_of_talk(play: Player) -> None:
    """§5: one line; blocked attempts redial after 60 s, twice at most; wrap-up holds no line."""
    check(
        play,
        small_centre(talk_s=60.0, wrap_s=60.0, lines=1, redial=[1.0], redial_delay_s=60.0),
        {0: [0, 0, 60]},
        [
            answered(A, 1, 0, 0, 0, 60, 120),  # holds the line until 60, the agent until 120
            blocked(B, 1, 0),
            answered(B, 2, 60, 60, 120, 180, 240),  # talk end is class 1: the line is free, the agent is not
            blocked(C, 1, 60),  # class 9, after B's redial, class 8
            blocked(C, 2, 120),  # B holds the line until 180; attempt 2 was the last
        ],
        {A: "resolved", B: "resolved", C: "lost"},
        duty={(36, 0): (900, 240, 0)},
    )


def test_an_abandonment_frees_its_line(play: Player) -> None:
    """§5, §15: two lines; that of a caller who hangs up (class 0) serves who arrives in that ms (class 9)."""
    check(
        play,
        small_centre(talk_s=300.0, lines=2, patience_s=60.0),
        {0: [0, 60, 120, 120]},
        [
            answered(A, 1, 0, 0, 0, 300, 300),
            abandoned(B, 1, 60, 60, 120),
            abandoned(C, 1, 120, 120, 180),
            blocked(D, 1, 120),
        ],
        {A: "resolved", B: "lost", C: "lost", D: "lost"},
    )


def test_roster_fall_overrun_and_rise(play: Player) -> None:
    """§14: two on duty, one from 900, two from 1800; the first to finish leaves although a call waits."""
    check(
        play,
        small_centre(talk_s=1200.0),
        {0: [540, 660, 840, 1860]},
        [
            answered(A, 1, 540, 540, 540, 1740, 1740),
            answered(B, 1, 660, 660, 660, 1860, 1860),
            # at 1740 the freed agent has no room (B busy, roster 1) and leaves; at 1800 the new one takes C
            answered(C, 1, 840, 840, 1800, 3000, 3000),
            # at 1860 the agent of B stays: C is busy, roster 2
            answered(D, 1, 1860, 1860, 1860, 3060, 3060),
        ],
        {A: "resolved", B: "resolved", C: "resolved", D: "resolved"},
        duty={
            (36, 0): (1800, 360 + 240, 0),
            (37, 0): (900, 840 + 900, 840),  # two busy until 1740
            (38, 0): (1800, 60 + 900 + 840, 0),
            (39, 0): (1800, 300 + 360, 0),
        },
        roster=roster(all=2, r37=1),
    )


def test_a_rise_cancels_departures(play: Player) -> None:
    """§14: as before, but both are still busy at 1800: nobody leaves, and nobody new is idle for the call."""
    check(
        play,
        small_centre(talk_s=1260.0),
        {0: [600, 660, 840]},
        [
            answered(A, 1, 600, 600, 600, 1860, 1860),
            answered(B, 1, 660, 660, 660, 1920, 1920),
            answered(C, 1, 840, 840, 1860, 3120, 3120),
        ],
        {A: "resolved", B: "resolved", C: "resolved"},
        duty={(37, 0): (900, 1800, 900), (38, 0): (1800, 60 + 120 + 840, 0), (39, 0): (1800, 420, 0)},
        roster=roster(all=2, r37=1),
    )


def test_the_idle_leave_first(play: Player) -> None:
    """§14, §15: at 900 the idle one of two leaves (class 4) before B arrives (class 9)."""
    check(
        play,
        small_centre(talk_s=1200.0),
        {0: [840, 900]},
        [answered(A, 1, 840, 840, 840, 2040, 2040), answered(B, 1, 900, 900, 2040, 3240, 3240)],
        {A: "resolved", B: "resolved"},
        duty={(36, 0): (1800, 60, 0), (37, 0): (900, 900, 0)},
        roster=roster(all=1, r36=2),
    )


def test_second_group_joins(play: Player) -> None:
    """§7: group 1 takes a call only once it has queued for 30 s; one agent a group."""
    check(
        play,
        small_centre(2, 2, order=[[0, 1], [0]], talk_s=120.0, join_s=[[0, 30], [0, 0]]),
        {0: [0, 60, 60, 120], 1: [240]},
        [
            answered(A, 1, 0, 0, 0, 120, 120, group=0),
            answered(B, 1, 60, 60, 90, 210, 210, group=1),  # both join times are 90: B, lower id, is first
            answered(C, 1, 60, 60, 120, 240, 240, group=0),
            answered(D, 1, 120, 120, 210, 330, 330, group=1),  # at its join time, 150, both groups are busy
            answered(E, 1, 240, 240, 240, 360, 360, group=0),
        ],
        {A: "resolved", B: "resolved", C: "resolved", D: "resolved", E: "resolved"},
        duty={(36, 0): (900, 360, 0), (36, 1): (900, 240, 0)},
        roster=[1, 1],
    )


def test_a_freed_agent_waits_for_the_join_time(play: Player) -> None:
    """§7: group 1 frees at 90, when B has queued for 30 s of its 45; it takes B at 105."""
    check(
        play,
        small_centre(2, 2, order=[[0, 1], [1]], talk_s=[300.0, 90.0], join_s=[[0, 45], [0, 0]]),
        {0: [0, 60], 1: [0]},
        [
            answered(A, 1, 0, 0, 0, 300, 300, group=0),
            answered(E, 1, 0, 0, 0, 90, 90, group=1),
            answered(B, 1, 60, 60, 105, 405, 405, group=1),
        ],
        {A: "resolved", B: "resolved", E: "resolved"},
        roster=[1, 1],
    )


def test_a_join_lets_the_group_take_the_leading_call(play: Player) -> None:
    """§7, §15: A and E queue in one ms; A's join (lower id) comes first, and E, of priority 1, is taken at it."""
    check(
        play,
        small_centre(2, talk_s=120.0, join_s=30, priority=[2, 1]),
        {0: [0], 1: [0]},
        [answered(A, 1, 0, 0, 150, 270, 270), answered(E, 1, 0, 0, 30, 150, 150)],
        {A: "resolved", E: "resolved"},
    )


def test_a_roster_that_stays_brings_no_event(play: Player) -> None:
    """§7, §15: at 900 A has queued for the 60 s of group 0, whose join is class 5; group 1 rises, class 4.

    Group 0's roster stays, so it has no event of class 4: group 1 is the first that may.
    """
    check(
        play,
        small_centre(1, 2, talk_s=120.0, join_s=[[60, 30]]),
        {0: [840]},
        [answered(A, 1, 840, 840, 900, 1020, 1020, group=1)],
        {A: "resolved"},
        roster=roster(all=[1, 1], r36=[1, 0]),
    )


def test_priority_then_longest_wait_across_types(play: Player) -> None:
    """§7: lowest priority number, then who began to queue first, then the lowest id; one agent."""
    check(
        play,
        small_centre(3, talk_s=240.0, priority=[2, 1, 1]),
        {0: [0, 60], 1: [180, 120], 2: [120]},
        [
            answered(A, 1, 0, 0, 0, 240, 240),
            answered(B, 1, 60, 60, 960, 1200, 1200),  # waited longest, but priority 2: last
            answered(F, 1, 120, 120, 240, 480, 480),  # type 1, number 1: ties with type 2 at 120, lower id
            answered(H, 1, 120, 120, 480, 720, 720),  # 120 before 180, of another type of the same priority
            answered(E, 1, 180, 180, 720, 960, 960),
        ],
        {A: "resolved", B: "resolved", E: "resolved", F: "resolved", H: "resolved"},
    )


def test_greeting_ring_and_what_counts_as_wait(play: Player) -> None:
    """§6, §8: greeting 60 s, ring 10 s, patience 35 s from the greeting's end; the wait ends when found."""
    played = check(
        play,
        small_centre(talk_s=120.0, wrap_s=20.0, announcement_s=60.0, ring_s=10.0, patience_s=35.0),
        {0: [0, 60, 120]},
        [
            answered(A, 1, 0, 60, 70, 190, 210),  # busy from 60
            abandoned(B, 1, 60, 120, 155),
            answered(C, 1, 120, 180, 220, 340, 360),  # found at 210; patience would end at 215, during the ring
        ],
        {A: "resolved", B: "lost", C: "resolved"},
        duty={(36, 0): (900, 300, 0)},
    )
    if played.tally is not None:
        waits = played.tally.waits.sum(axis=0)  # over pieces of the year
        assert np.argwhere(waits).tolist() == [[0, 0], [0, 30_000], [1, 35_000]]
        assert waits.sum() == 3


def test_containment_at_the_end_of_the_greeting(play: Player) -> None:
    """§5, §6: one line, greeting 60 s; who is contained frees the line at its end (class 2 before 9)."""
    check(
        play,
        small_centre(talk_s=60.0, announcement_s=60.0, contained=0.3, lines=1),
        {0: [0, 60, 120]},
        [
            contained(A, 1, 0, 60),
            answered(B, 1, 60, 120, 120, 180, 180),
            blocked(C, 1, 120),  # the line is B's from its arrival, greeting included
        ],
        {A: "contained", B: "resolved", C: "lost"},
        wanted={(0, 0, 1, draws.CONTAINMENT): (0.0, 0.3), (0, 1, 1, draws.CONTAINMENT): (0.3, 1.0)},
        duty={(36, 0): (900, 60, 0)},
    )


def test_reserve_holds_a_call_back(play: Player) -> None:
    """§7: type 1 needs two idle, the taker included; two agents."""
    check(
        play,
        small_centre(2, talk_s=[180.0, 60.0], need=[[1], [2]]),
        {0: [0, 120], 1: [60, 180]},
        [
            answered(A, 1, 0, 0, 0, 180, 180),
            answered(E, 1, 60, 60, 300, 360, 360),  # one idle at 60, at 180 one, at 300 two
            answered(B, 1, 120, 120, 120, 300, 300),  # passes E, who waits: one idle is enough
            answered(F, 1, 180, 180, 360, 420, 420),  # at 300 E leaves one idle; at 360 two
        ],
        {A: "resolved", B: "resolved", E: "resolved", F: "resolved"},
        roster=2,
    )


def test_the_end_of_the_window(play: Player) -> None:
    """§1, §10: redials due at midnight or later are open; who waits is served by the last day's roster again.

    Times are seconds after 23:45; midnight is 900. At 900 row 0 has nobody: the agent of A leaves when done,
    at 1500, and E waits until row 1 begins, at 1800.
    """
    check(
        play,
        small_centre(
            3,
            talk_s=1200.0,
            patience_s=[300.0, FOREVER, 300.0],
            redial=[1.0, 1.0, 1.0],
            redial_delay_s=[240.0, 240.0, 239.999],
        ),
        {0: [300, 360, 600], 1: [780], 2: [360]},
        [
            answered(A, 1, 300, 300, 300, 1500, 1500),
            abandoned(B, 1, 360, 360, 660),  # again at 900, which is the end: open
            abandoned(H, 1, 360, 360, 660),  # again at 899.999
            abandoned(C, 1, 600, 600, 900),  # again at 1140: open
            answered(E, 1, 780, 780, 1800, 3000, 3000),
            abandoned(H, 2, 899.999, 899.999, 1199.999),  # again at 1439.998: open
        ],
        {A: "resolved", B: "open", C: "open", E: "resolved", H: "open"},
        base=23 * 3_600 + 2_700,
        duty={(95, 0): (900, 600, 0)},
        roster=roster(all=1, r0=0),
    )


def test_after_the_window_the_last_days_roster_is_repeated(play: Player) -> None:
    """§1: the one agent is there from 9:00 to 9:15; A comes at 9:16 and is answered at 9:00 of the day after."""
    check(
        play,
        small_centre(talk_s=60.0),
        {0: [960]},
        [answered(A, 1, 960, 960, 86_400, 86_460, 86_460)],
        {A: "resolved"},
        roster=roster(all=0, r36=1),
    )


@pytest.mark.parametrize("engine", [fast.simulate, reference.simulate])
def test_a_call_that_nobody_may_ever_take_is_said_to_be_stuck(engine: Callable[..., object]) -> None:
    """§1, §7: one agent is there, the group asks for two idle; A waits without end, whatever day comes."""
    centre = small_centre(need=2, speed=np.full((1, 60), 1000))  # weeks enough for the longest drain
    run = planned_run(centre, {0: [round(NINE * 1000)]}, roster=1)
    with pytest.raises(Stuck):
        engine(centre, run)


def test_a_roster_is_counted_to_the_end_of_the_window(play: Player) -> None:
    """§14: rostered time belongs to the clock, whether or not anything happens any more."""
    check(
        play,
        small_centre(talk_s=60.0),
        {0: [0]},
        [answered(A, 1, 0, 0, 0, 60, 60)],
        {A: "resolved"},
        duty={(0, 0): (2700, 0, 0), (36, 0): (2700, 60, 0), (94, 0): (2700, 0, 0), (95, 0): (2700, 0, 0)},
        roster=3,
    )


def test_speed_of_the_week_and_rounding(play: Player) -> None:
    """§9: (drawn × permille + 500) // 1000, permille of the week in which the agent was found; ring 60 s.

    Times are seconds after 23:45 of day 6; week 1 begins at 900. Talk is drawn as 333 ms, wrap-up as 10 ms.
    """
    only_later = np.ones((8 * SLOTS_PER_DAY, 2), np.int64)
    only_later[7 * SLOTS_PER_DAY - 1, 0] = 0
    check(
        play,
        small_centre(2, 2, order=[[0], [1]], talk_s=0.333, wrap_s=0.01, ring_s=60.0, speed=[[1000, 950], [1105, 900]]),
        {0: [840], 1: [840]},
        [
            # found at 900, week 1: 333 × 0.950 = 316.35 → 316; 10 × 0.950 = 9.5 → 10
            answered(A, 1, 840, 840, 960, 960.316, 960.326, group=0),
            # found at 840, week 0, answered in week 1: 333 × 1.105 = 367.965 → 368; 10 × 1.105 = 11.05 → 11
            answered(E, 1, 840, 840, 900, 900.368, 900.379, group=1),
        ],
        {A: "resolved", E: "resolved"},
        base=7 * 86_400 - 900,
        days=8,
        roster=only_later,
    )


def test_the_chances_of_the_week(play: Player) -> None:
    """§9, §18: the chances of an answer on the spot and of a return are those of the week in which the agent was found.

    Times are seconds after 23:45 of day 6; week 1 begins at 900. All resolutions lie between 0.3 and 0.6, so that in
    week 0, at 0.9, a call is answered on the spot, and in week 1, at 0.1, it is not; all returns between 0.2 and 0.5,
    so that in week 1, at 0.5, the order comes back, and in group 1, at 0.2, it does not.
    """
    only_later = np.ones((8 * SLOTS_PER_DAY, 2), np.int64)
    only_later[7 * SLOTS_PER_DAY - 1, 0] = 0
    calls = [(0, 0), (0, 1), (1, 0), (1, 1)]
    check(
        play,
        small_centre(
            2, 2, order=[[0], [1]], talk_s=30.0, wrap_s=10.0, wrap_work_order_s=40.0, speed=[[1000, 1000]] * 2,
            on_the_spot=[[[0.9, 0.1]] * 2] * 2, returned=[[[0.0, 0.5], [0.0, 0.2]]] * 2,
        ),
        {0: [840, 960], 1: [840, 960]},
        [
            answered(A, 1, 840, 840, 900, 930, 970, group=0),  # waits into week 1, group 0 has nobody before
            answered(E, 1, 840, 840, 840, 870, 880, group=1),
            answered(B, 1, 960, 960, 970, 1000, 1040, group=0),
            answered(F, 1, 960, 960, 960, 990, 1030, group=1),
        ],
        {A: "handed_over", B: "handed_over", E: "resolved", F: "handed_over"},
        totals={"on_the_spot": 1, "work_orders": 3, "returns": 2},
        base=7 * 86_400 - 900,
        days=8,
        roster=only_later,
        wanted={(*call, 1, draws.RESOLUTION): (0.3, 0.6) for call in calls}
        | {(*call, 1, draws.RETURN): (0.2, 0.5) for call in calls},
    )  # fmt: skip


def test_drawn_seconds_are_rounded_to_ms(play: Player) -> None:
    """§1: 0.0005 s is floor(0.5 + 0.5) = 1 ms, 0.0004 s none."""
    check(
        play,
        small_centre(talk_s=0.0005, wrap_s=0.0004),
        {0: [0]},
        [answered(A, 1, 0, 0, 0, 0.001, 0.001)],
        {A: "resolved"},
    )


def test_work_orders_have_their_own_wrap_up(play: Player) -> None:
    """§9: on the spot if the uniform is below 0.5 in group 0; in group 1 the chance is 0."""
    check(
        play,
        small_centre(1, 2, talk_s=60.0, wrap_s=10.0, wrap_work_order_s=40.0, on_the_spot=[[0.5, 0.0]]),
        {0: [0, 0, 120]},
        [
            answered(A, 1, 0, 0, 0, 60, 70, group=0),
            answered(B, 1, 0, 0, 0, 60, 100, group=1),
            answered(C, 1, 120, 120, 120, 180, 220, group=0),
        ],
        {A: "resolved", B: "handed_over", C: "handed_over"},
        wanted={
            (0, 0, 1, draws.RESOLUTION): (0.0, 0.5),
            (0, 1, 1, draws.RESOLUTION): (0.0, 0.5),
            (0, 2, 1, draws.RESOLUTION): (0.5, 1.0),
        },
        roster=[1, 1],
    )


def test_longest_idle(play: Player) -> None:
    """§7: the group idle longest, ties to the type's order (group 1 first); all idle since midnight."""
    check(
        play,
        small_centre(3, 2, order=[[1, 0]] * 3, routing="longest_idle", talk_s=60.0),
        {0: [0, 60, 120], 1: [180, 180], 2: [300, 360]},
        [
            answered(A, 1, 0, 0, 0, 60, 60, group=1),  # a tie at midnight
            answered(B, 1, 60, 60, 60, 120, 120, group=0),  # midnight against 60
            answered(C, 1, 120, 120, 120, 180, 180, group=1),  # 120 against 60
            answered(E, 1, 180, 180, 180, 240, 240, group=0),  # 120 against 180
            answered(F, 1, 180, 180, 180, 240, 240, group=1),
            answered(H, 1, 300, 300, 300, 360, 360, group=1),  # a tie at 240
            answered(K, 1, 360, 360, 360, 420, 420, group=0),  # 240 against 360
        ],
        dict.fromkeys((A, B, C, E, F, H, K), "resolved"),
        roster=[1, 1],
    )


def test_longest_idle_agent_is_taken_first(play: Player) -> None:
    """§7, §14: within a group too, and it is the longest idle who leaves when the roster falls.

    At 240 group 0 has two agents, idle since 60 (p) and 180 (q); group 1 one, idle since 120 (r).
    """
    last = (2, 1)
    check(
        play,
        small_centre(
            4,
            2,
            order=[[0], [1], [0, 1], [0, 1]],
            routing="longest_idle",
            talk_s=[60.0, 120.0, 300.0, 120.0],
        ),
        {0: [0, 120], 1: [0], 2: [240, 960], 3: [300]},
        [
            answered(A, 1, 0, 0, 0, 60, 60, group=0),  # p, free at 60; q is idle since midnight
            answered(E, 1, 0, 0, 0, 120, 120, group=1),  # r, free at 120
            answered(B, 1, 120, 120, 120, 180, 180, group=0),  # q, idle longest, free at 180
            answered(H, 1, 240, 240, 240, 540, 540, group=0),  # p (60) before r (120)
            answered((3, 0), 1, 300, 300, 300, 420, 420, group=1),  # r (120) before q (180)
            # p is idle since 540, q since 180, r since 420; at 900 group 0 falls to one: q leaves, p stays
            answered(last, 1, 960, 960, 960, 1260, 1260, group=1),
        ],
        dict.fromkeys((A, B, E, H, (3, 0), last), "resolved"),
        roster=roster(all=[2, 1], r37=[1, 1]),
    )


def test_random_routing(play: Player) -> None:
    """§7: of n open groups in the type's order, number floor(n × u)."""
    check(
        play,
        small_centre(1, 3, order=[[2, 0, 1]], routing="random", talk_s=120.0),
        {0: [0, 60, 60]},
        [
            answered(A, 1, 0, 0, 0, 120, 120, group=0),  # of 2, 0, 1 the middle third
            answered(B, 1, 60, 60, 60, 180, 180, group=1),  # of 2, 1 the upper half
            answered(C, 1, 60, 60, 60, 180, 180, group=2),  # the only one left
        ],
        dict.fromkeys((A, B, C), "resolved"),
        wanted={(0, 0, 1, draws.ROUTING): (1 / 3, 2 / 3), (0, 1, 1, draws.ROUTING): (0.5, 1.0)},
        roster=[1, 1, 1],
    )


def test_warm_up_before_the_horizon(play: Player) -> None:
    """§1: a warm-up before the first midnight, at negative times; a redial into the window counts there.

    Times are seconds after 23:45 of the day before; midnight is 900.
    """
    played = check(
        play,
        small_centre(talk_s=600.0, patience_s=60.0, redial_delay_s=300.0, redial=[1.0, 1.0]),
        {0: [0, 60, 540]},
        [
            answered(A, 1, 0, 0, 0, 600, 600),
            abandoned(B, 1, 60, 60, 120),
            abandoned(B, 2, 420, 420, 480),
            abandoned(C, 1, 540, 540, 600),  # as A's job ends: the abandonment first
            answered(B, 3, 780, 780, 780, 1380, 1380),  # still in the warm-up
            abandoned(C, 2, 900, 900, 960),  # measured
            abandoned(C, 3, 1260, 1260, 1320),
        ],
        {},  # both contacts began in the warm-up
        base=-900,
        start_ms=-DAY_MS,
        days=2,
        warm_rows=SLOTS_PER_DAY,
        duty={(SLOTS_PER_DAY, 0): (900, 480, 0)},
    )
    if played.tally is not None:
        offered = played.tally.counts[:, 0, tally.OFFERED]
        assert offered[SLOTS_PER_DAY:].sum() == offered[SLOTS_PER_DAY] == 2


DAY = 86_400
LATER = 65
"""Attempt 1 of the second episode, for the uniforms that are wanted."""


def test_a_repeat_comes_days_later_at_the_time_of_day_when_the_call_ended(play: Player) -> None:
    """§11: max(1, floor(d + 1/2)) days after the end of the citizen's call, not of the agent's part of it."""
    check(
        play,
        small_centre(
            3,
            talk_s=60.0,
            wrap_s=30.0,
            repeat=1.0,
            repeat_delay_days=[1.4, 1.5, 0.2],
            max_episodes=2,
            transfer=[1.0, 0.0, 0.0],
            consult_s=30.0,
            leaves_s=10.0,
        ),
        {0: [0], 1: [60], 2: [120]},
        [
            answered(A, 1, 0, 0, 0, 70, 100, call_end=90),  # the agent leaves at 60 + 10, the call ends at 60 + 30
            answered(E, 1, 60, 60, 60, 120, 150),
            answered(H, 1, 120, 120, 120, 180, 210),
            # floor(1.9) = 1 day after 90
            answered(A, 1, DAY + 90, DAY + 90, DAY + 90, DAY + 160, DAY + 190, call_end=DAY + 180, episode=2),
            # floor(0.7) = 0, but at least 1
            answered(H, 1, DAY + 180, DAY + 180, DAY + 180, DAY + 240, DAY + 270, episode=2),
            # floor(2.0) = 2
            answered(E, 1, 2 * DAY + 120, 2 * DAY + 120, 2 * DAY + 120, 2 * DAY + 180, 2 * DAY + 210, episode=2),
        ],
        {A: "resolved", E: "resolved", H: "resolved"},
        totals={"offered": 6, "first": 3, "redials": 0, "repeats": 3},
        days=3,
        roster=3,
    )


def test_a_repeat_depends_on_how_the_episode_ended(play: Player) -> None:
    """§2, §11: on the spot nobody comes again, after a work order half do; episode 2 draws its own resolution."""
    check(
        play,
        small_centre(talk_s=60.0, on_the_spot=0.5, repeat=[[0.0, 0.5]], max_episodes=9),
        {0: [0, 120, 240]},
        [
            answered(A, 1, 0, 0, 0, 60, 60),  # on the spot
            answered(B, 1, 120, 120, 120, 180, 180),  # a work order, and again
            answered(C, 1, 240, 240, 240, 300, 300),  # a work order, and not again
            answered(B, 1, DAY + 180, DAY + 180, DAY + 180, DAY + 240, DAY + 240, episode=2),
        ],
        {A: "resolved", B: "resolved", C: "handed_over"},
        wanted={
            (0, 0, 1, draws.RESOLUTION): (0.0, 0.5),
            (0, 1, 1, draws.RESOLUTION): (0.5, 1.0),
            (0, 1, 1, draws.REPEAT): (0.0, 0.5),
            (0, 1, LATER, draws.RESOLUTION): (0.0, 0.5),
            (0, 2, 1, draws.RESOLUTION): (0.5, 1.0),
            (0, 2, 1, draws.REPEAT): (0.5, 1.0),
        },
        totals={"on_the_spot": 2, "work_orders": 2},
        days=2,
    )


def test_no_repeat_beyond_max_episodes(play: Player) -> None:
    """§11: everybody comes again, but the third episode is the last; the contact ends as it does."""
    check(
        play,
        small_centre(talk_s=60.0, repeat=1.0, max_episodes=3, on_the_spot=0.0),
        {0: [0]},
        [
            answered(A, 1, 0, 0, 0, 60, 60),
            answered(A, 1, DAY + 60, DAY + 60, DAY + 60, DAY + 120, DAY + 120, episode=2),
            answered(A, 1, 2 * DAY + 120, 2 * DAY + 120, 2 * DAY + 120, 2 * DAY + 180, 2 * DAY + 180, episode=3),
        ],
        {A: "handed_over"},
        totals={"repeats": 2},
        days=5,
    )


def test_a_repeat_after_the_window_leaves_the_contact_open(play: Player) -> None:
    """§1, §11: times are seconds after 23:59; the window ends at 24:00 of the second day, 86 460."""
    check(
        play,
        small_centre(2, talk_s=[60.0, 59.999], repeat=1.0, max_episodes=2),
        {0: [0], 1: [0]},
        [
            answered(A, 1, 0, 0, 0, 60, 60),  # again at 60 + 86 400, which is the end: open
            answered(E, 1, 0, 0, 0, 59.999, 59.999),  # again a millisecond before
            answered(E, 1, DAY + 59.999, DAY + 59.999, DAY + 59.999, DAY + 119.998, DAY + 119.998, episode=2),
        ],
        {A: "open", E: "resolved"},
        base=24 * 3_600 - 60,
        days=2,
        roster=2,
    )


def test_lost_in_the_second_episode(play: Player) -> None:
    """§10, §11: nobody is there on the second day; attempts are counted from 1 again, and A gives up after two."""
    there = np.ones((2 * SLOTS_PER_DAY, 1), np.int64)
    there[SLOTS_PER_DAY:-1] = 0
    check(
        play,
        small_centre(talk_s=60.0, patience_s=30.0, redial=[1.0], redial_delay_s=60.0, repeat=1.0, max_episodes=2),
        {0: [0]},
        [
            answered(A, 1, 0, 0, 0, 60, 60),
            abandoned(A, 1, DAY + 60, DAY + 60, DAY + 90, episode=2),  # a repeat
            abandoned(A, 2, DAY + 150, DAY + 150, DAY + 180, episode=2),  # a redial
        ],
        {A: "lost"},
        totals={"first": 1, "repeats": 1, "redials": 1},
        days=2,
        roster=there,
    )


def test_a_transfer_where_the_agent_stays_holds_two_lines(play: Player) -> None:
    """§5, §9: two lines. A's second is taken at 120 though none is free, and held until 240."""
    check(
        play,
        small_centre(
            2,
            talk_s=120.0,
            wrap_s=30.0,
            wrap_work_order_s=40.0,
            lines=2,
            transfer=[1.0, 0.0],
            transfer_on_the_spot=0.0,
            consult_s=120.0,
        ),
        {0: [0], 1: [60, 120, 240]},
        [
            # 120 talk, 120 consulting; a transferred call is never answered on the spot here, so 40 wrap-up
            answered(A, 1, 0, 0, 0, 240, 280),
            answered(E, 1, 60, 60, 280, 400, 430),  # holds the second of two lines
            blocked(F, 1, 120),  # A's two and E's: three are held
            answered(G, 1, 240, 240, 430, 550, 580),  # A's two are free: one is held
        ],
        {A: "handed_over", E: "resolved", F: "lost", G: "resolved"},
        duty={(36, 0): (900, 280 + 150 + 150, 0)},
        totals={"transfers": 1, "consult_ms": 120_000, "talk_ms": 360_000, "wrap_ms": 100_000},
    )


def test_a_transfer_where_the_agent_leaves(play: Player) -> None:
    """§5, §9: the agent leaves after 20 s of consulting, or at its end; the second line is held while it lasts.

    Speed halves talk (120 s) and wrap-up (60 s), and not consulting. Two agents, two lines.
    """
    check(
        play,
        small_centre(
            3,
            talk_s=120.0,
            wrap_s=60.0,
            speed=500,
            lines=2,
            transfer=[0.5, 0.0, 1.0],
            consult_s=[120.0, 0.0, 10.0],
            leaves_s=20.0,
        ),
        {0: [0, 360], 1: [60, 180], 2: [240]},
        [
            answered(A, 1, 0, 0, 0, 80, 110, call_end=180),  # 60 + 20, then 30 of wrap-up; 60 + 120
            blocked(E, 1, 60),  # an agent is idle, but from this moment A's call holds two lines
            answered(F, 1, 180, 180, 180, 240, 270),
            answered(H, 1, 240, 240, 240, 310, 340),  # 60 + 10: the shorter of 10 and 20
            answered(B, 1, 360, 360, 360, 420, 450),  # not transferred
        ],
        {A: "resolved", B: "resolved", E: "lost", F: "resolved", H: "resolved"},
        wanted={(0, 0, 1, draws.TRANSFER): (0.0, 0.5), (0, 1, 1, draws.TRANSFER): (0.5, 1.0)},
        duty={(36, 0): (1800, 110 + 90 + 100 + 90, 0)},
        totals={"transfers": 2, "consult_ms": 30_000, "talk_ms": 240_000},
        roster=2,
    )


def test_an_announcement_in_the_queue_makes_callers_hang_up(play: Player) -> None:
    """§8: at once with 0.2; else the quantile is 50 s up to 1/3, 100 s from 2/3, a straight line between.

    The announcement comes after 60 s, and 0.6 of those still there hang up. In v = (u - 0.2) / 0.8: Q(v) reaches
    60 s at v = 0.4.
    """
    steps = (draws.QUANTILES, 0.0, 0.0, 0.2, np.array([50.0, 50.0, 100.0, 100.0]))
    others = [(t, 0) for t in range(1, 6)]
    check(
        play,
        small_centre(6, talk_s=600.0, patience_s=[FOREVER] + [steps] * 5, bump=(60.0, 0.6)),
        {0: [0], **{t: [60] for t in range(1, 6)}},
        [
            answered(A, 1, 0, 0, 0, 600, 600),
            abandoned((1, 0), 1, 60, 60, 60),  # u below 0.2
            abandoned((2, 0), 1, 60, 60, 110),  # v below 1/3: Q(v) = 50, before the announcement
            abandoned((3, 0), 1, 60, 60, 120),  # v in (0.45, 0.55): w is below 0
            abandoned((4, 0), 1, 60, 60, 120),  # v in (0.65, 0.72): w in (0.125, 0.3), Q(w) = 50, below 60
            abandoned((5, 0), 1, 60, 60, 160),  # v above 0.88: w above 0.7, Q(w) = 100
        ],
        {A: "resolved", **dict.fromkeys(others, "lost")},
        wanted={
            (1, 0, 1, draws.PATIENCE): (0.0, 0.2),
            (2, 0, 1, draws.PATIENCE): (0.2, 0.46),
            (3, 0, 1, draws.PATIENCE): (0.56, 0.64),
            (4, 0, 1, draws.PATIENCE): (0.72, 0.776),
            (5, 0, 1, draws.PATIENCE): (0.904, 1.0),
        },
    )


def test_who_would_wait_for_ever_may_hang_up_at_the_announcement(play: Player) -> None:
    """§8: endless patience; half hang up after 60 s, the others never."""
    check(
        play,
        small_centre(talk_s=600.0, bump=(60.0, 0.5)),
        {0: [0, 60, 120]},
        [
            answered(A, 1, 0, 0, 0, 600, 600),
            abandoned(B, 1, 60, 60, 120),
            answered(C, 1, 120, 120, 600, 1200, 1200),
        ],
        {A: "resolved", B: "lost", C: "resolved"},
        wanted={(0, 1, 1, draws.PATIENCE): (0.0, 0.5), (0, 2, 1, draws.PATIENCE): (0.5, 1.0)},
    )


WRITTEN = (0.0, 0.0, 1.0)


def test_a_task_waits_for_the_reserve(play: Player) -> None:
    """§12: two agents, one of them held back until 900: a task needs two idle, then one."""
    check(
        play,
        small_centre(talk_s=120.0, tasks=[TaskKind(100.0, written=WRITTEN)]),
        {0: [0, 180, 840], 1: [60, 240, 840]},
        [
            answered(A, 1, 0, 0, 0, 120, 120),
            answered(B, 1, 180, 180, 180, 300, 300),  # the reserve is for calls
            answered(C, 1, 840, 840, 840, 960, 960),
        ],
        {A: "resolved", B: "resolved", C: "resolved"},
        tasks=[
            TaskRow(E, 0, 60, 120, 220, 60 + DAY),  # one idle at 60, two at 120
            TaskRow(F, 0, 240, 300, 400, 240 + DAY),
            TaskRow(G, 0, 840, 900, 1000, 840 + DAY),  # C is served until 960, but at 900 the reserve is 0
        ],
        duty={(36, 0): (1800, 120 + 120 + 60 + 200, 0, 200), (37, 0): (1800, 60 + 100, 0, 100)},
        by_kind={
            ("released", 0): 3,
            ("done", 0): 3,
            ("late", 0): 0,
            ("task_wait_ms", 0): 180_000,
            ("task_handling_ms", 0): 300_000,
        },
        roster=2,
        task_reserve=[[1]] * 37 + [[0]] * 59,
    )


def test_a_task_goes_to_the_first_group_that_may_take_it(play: Player) -> None:
    """§12: group 1 first; group 0 holds one of its two agents back; a freed agent takes what waits."""
    check(
        play,
        small_centre(1, 2, tasks=[TaskKind(600.0, groups=(1, 0), written=WRITTEN)]),
        {1: [0, 60, 120]},
        [],
        {},
        tasks=[
            TaskRow(E, 0, 0, 0, 600, DAY, group=1),
            TaskRow(F, 0, 60, 60, 660, 60 + DAY, group=0),  # two idle
            TaskRow(G, 0, 120, 600, 1200, 120 + DAY, group=1),  # one idle in group 0 is not more than one
        ],
        roster=[2, 1],
        task_reserve=[1, 0],
    )


def test_the_earliest_due_goes_first_across_kinds(play: Player) -> None:
    """§12: kind 0 is due after 3660 s, kind 1 after 3600; one agent, busy until 300."""
    check(
        play,
        small_centre(
            talk_s=300.0,
            tasks=[TaskKind(100.0, due_s=3660.0, written=WRITTEN), TaskKind(100.0, due_s=3600.0, written=WRITTEN)],
        ),
        {0: [0], 1: [60, 180], 2: [120, 180]},
        [answered(A, 1, 0, 0, 0, 300, 300)],
        {A: "resolved"},
        tasks=[
            TaskRow(E, 0, 60, 300, 400, 3720),  # due with H, released before
            TaskRow(H, 1, 120, 400, 500, 3720),
            TaskRow(F, 0, 180, 600, 700, 3840),
            TaskRow(K, 1, 180, 500, 600, 3780),  # released with F, due before
        ],
    )


def test_a_call_does_not_interrupt_a_task_and_goes_before_the_next(play: Player) -> None:
    """§12: one agent with a task of 300 s; when it is done the call that waits is taken, then the other task."""
    check(
        play,
        small_centre(talk_s=60.0, tasks=[TaskKind(300.0, written=WRITTEN)]),
        {0: [60, 420], 1: [0, 60]},
        [
            answered(A, 1, 60, 60, 300, 360, 360),
            answered(B, 1, 420, 420, 660, 720, 720),
        ],
        {A: "resolved", B: "resolved"},
        tasks=[TaskRow(E, 0, 0, 0, 300, DAY), TaskRow(F, 0, 60, 360, 660, 60 + DAY)],
    )


def test_a_kind_is_started_in_its_hours_only(play: Player) -> None:
    """§12: open from 900 to 1800; an idle agent waits for 900, and what comes at 1860 is never begun."""
    open_ = np.zeros((SLOTS_PER_DAY, 1), np.bool_)
    open_[37] = True
    check(
        play,
        small_centre(talk_s=60.0, tasks=[TaskKind(100.0, due_s=7200.0, written=WRITTEN)]),
        {0: [0, 900], 1: [60, 1740, 1860]},
        [
            answered(A, 1, 0, 0, 0, 60, 60),
            answered(B, 1, 900, 900, 1000, 1060, 1060),  # the slot's start, class 4, comes before B, class 9
        ],
        {A: "resolved", B: "resolved"},
        tasks=[
            TaskRow(E, 0, 60, 900, 1000, 7260),  # the roster stays, yet the slot's start hands out tasks
            TaskRow(F, 0, 1740, 1740, 1840, 8940),  # begun in time, and done after
            TaskRow(G, 0, 1860, None, None, 9060, group=None),  # due before the window's end: late
        ],
        by_kind={("released", 0): 3, ("done", 0): 2, ("late", 0): 1},
        task_open=open_,
    )


def test_due_by_working_day(play: Player) -> None:
    """§12: what is due depends on the day of release; kind 1 comes a day after kind 0 is done."""
    days = np.array([[2, 1], [3, 3], [4, 4]]) * DAY_MS  # from midnight of day 0
    check(
        play,
        small_centre(
            tasks=[TaskKind(60.0, due_s=None, written=WRITTEN), TaskKind(60.0, due_s=None)],
            links=[Link(0, 1, delay_s=float(DAY))],
        ),
        {1: [0]},
        [],
        {},
        tasks=[
            TaskRow(E, 0, 0, 0, 60, 2 * DAY - NINE),
            TaskRow(E, 1, DAY + 60, DAY + 60, DAY + 120, 3 * DAY - NINE),
        ],
        days=3,
        due_by_day=days,
    )


def test_a_task_is_late_if_it_ends_after_it_was_due(play: Player) -> None:
    """§12: due after 100 s, 100 s of work: who begins at once is in time to the millisecond."""
    check(
        play,
        small_centre(tasks=[TaskKind(100.0, due_s=100.0, written=WRITTEN)]),
        {1: [0, 60, 120]},
        [],
        {},
        tasks=[
            TaskRow(E, 0, 0, 0, 100, 100),
            TaskRow(F, 0, 60, 100, 200, 160),
            TaskRow(G, 0, 120, 200, 300, 220),
        ],
        by_kind={("late", 0): 2, ("task_wait_ms", 0): 40_000 + 80_000, ("started_now", 0): 3},
    )


def test_a_task_takes_the_speed_of_its_group_and_week(play: Player) -> None:
    """§9, §12: times are seconds after 23:45 of day 6; 333 ms × 0.95 = 316.35 → 316, × 0.9 = 299.7 → 300."""
    check(
        play,
        small_centre(speed=[[950, 900]], tasks=[TaskKind(0.333, written=WRITTEN)]),
        {1: [840, 960]},
        [],
        {},
        tasks=[
            TaskRow(E, 0, 840, 840, 840.316, 840 + DAY),
            TaskRow(F, 0, 960, 960, 960.300, 960 + DAY),  # week 1 began at 900
        ],
        base=7 * DAY - 900,
        days=8,
    )


def test_a_call_a_review_a_follow_up(play: Player) -> None:
    """§12: half of type 0's work orders are reviewed 60 s later; 600 s after a review the citizen is asked."""
    check(
        play,
        small_centre(
            2,
            talk_s=60.0,
            wrap_work_order_s=30.0,
            on_the_spot=0.0,
            tasks=[TaskKind(120.0), TaskKind(30.0, reached=0.5)],
            links=[Link("work_order", 0, chance=0.5, delay_s=60.0, sources=[0]), Link(0, 1, delay_s=600.0)],
        ),
        {0: [0, 60, 120], 1: [60]},
        [
            answered(A, 1, 0, 0, 0, 60, 90),
            answered(B, 1, 60, 60, 60, 120, 150),  # its task does not come
            answered(E, 1, 60, 60, 60, 120, 150),  # of a type without
            answered(C, 1, 120, 120, 120, 180, 210),
        ],
        {A: "handed_over", B: "handed_over", C: "handed_over", E: "handed_over"},
        tasks=[
            TaskRow(A, 0, 150, 150, 270, 150 + DAY),  # 60 after the job's end
            TaskRow(C, 0, 270, 270, 390, 270 + DAY),
            TaskRow(A, 1, 870, 870, 900, 870 + DAY),  # reached
            TaskRow(C, 1, 990, 990, 1020, 990 + DAY),  # not reached
        ],
        wanted_tasks={
            (0, 0, 0, 1, draws.COMES): (0.0, 0.5),
            (0, 1, 0, 1, draws.COMES): (0.5, 1.0),
            (0, 2, 0, 1, draws.COMES): (0.0, 0.5),
            (0, 0, 1, 1, draws.REACHED): (0.0, 0.5),
            (0, 2, 1, 1, draws.REACHED): (0.5, 1.0),
        },
        by_kind={("released", 0): 2, ("released", 1): 2, ("asked", 0): 0, ("asked", 1): 1, ("asked_satisfied", 1): 1},
        roster=3,
    )


def test_each_episode_brings_its_own_task(play: Player) -> None:
    """§2, §11, §12: a task has its episode in its id, and draws with it: after the second of three none comes."""
    check(
        play,
        small_centre(
            talk_s=60.0,
            repeat=1.0,
            max_episodes=3,
            tasks=[TaskKind(30.0)],
            links=[Link("on_the_spot", 0, chance=0.5, delay_s=40.0)],
        ),
        {0: [0]},
        [
            answered(A, 1, 0, 0, 0, 60, 60),
            answered(A, 1, DAY + 60, DAY + 60, DAY + 60, DAY + 120, DAY + 120, episode=2),
            answered(A, 1, 2 * DAY + 120, 2 * DAY + 120, 2 * DAY + 120, 2 * DAY + 180, 2 * DAY + 180, episode=3),
        ],
        {A: "resolved"},
        tasks=[
            TaskRow(A, 0, 100, 100, 130, 100 + DAY),
            TaskRow(A, 0, 2 * DAY + 220, 2 * DAY + 220, 2 * DAY + 250, 3 * DAY + 220, episode=3),
        ],
        wanted_tasks={
            (0, 0, 0, 1, draws.COMES): (0.0, 0.5),
            (0, 0, 0, 2, draws.COMES): (0.5, 1.0),
            (0, 0, 0, 3, draws.COMES): (0.0, 0.5),
        },
        days=3,
    )


def test_a_returned_order_waits_behind_the_calls(play: Player) -> None:
    """§12, §15: half of the orders return at the job's end; the freed agent (class 3) has taken B by then (class 6)."""
    check(
        play,
        small_centre(
            talk_s=60.0,
            wrap_work_order_s=30.0,
            on_the_spot=0.0,
            returned=0.5,
            tasks=[TaskKind(100.0)],
            links=[Link("return", 0)],
        ),
        {0: [0, 60]},
        [answered(A, 1, 0, 0, 0, 60, 90), answered(B, 1, 60, 60, 90, 150, 180)],
        {A: "handed_over", B: "handed_over"},
        tasks=[TaskRow(A, 0, 90, 180, 280, 90 + DAY)],
        wanted={(0, 0, 1, draws.RETURN): (0.0, 0.5), (0, 1, 1, draws.RETURN): (0.5, 1.0)},
        totals={"returns": 1, "work_orders": 2},
    )


def test_a_written_contact_becomes_a_work_order_and_returns(play: Player) -> None:
    """§12: E is a work order that returns, and not satisfied; F a work order that does not; G answered at once."""
    check(
        play,
        small_centre(
            tasks=[
                TaskKind(60.0, written=(0.5, 0.4, 0.3)),
                TaskKind(30.0, reached=1.0),
                TaskKind(20.0),
                TaskKind(10.0),
            ],
            links=[
                Link("work_order", 1, delay_s=100.0, sources=[1]),  # the letters alone
                Link("work_order", 3, delay_s=300.0, sources=[0]),  # calls alone
                Link("return", 2, delay_s=200.0),
                Link("on_the_spot", 3, delay_s=100.0),
            ],
        ),
        {1: [0, 900, 1800]},
        [],
        {},
        tasks=[
            TaskRow(E, 0, 0, 0, 60, DAY),
            TaskRow(E, 1, 160, 160, 190, 160 + DAY),
            TaskRow(E, 2, 260, 260, 280, 260 + DAY),
            TaskRow(F, 0, 900, 900, 960, 900 + DAY),
            TaskRow(F, 1, 1060, 1060, 1090, 1060 + DAY),
            TaskRow(G, 0, 1800, 1800, 1860, 1800 + DAY),
            TaskRow(G, 3, 1960, 1960, 1970, 1960 + DAY),
        ],
        grain_ms=900_000,
        wanted={
            (1, 0, 1, draws.RESOLUTION): (0.0, 0.5),
            (1, 0, 1, draws.RETURN): (0.0, 0.4),
            (1, 0, 1, draws.SATISFACTION): (0.3, 1.0),
            (1, 1, 1, draws.RESOLUTION): (0.0, 0.5),
            (1, 1, 1, draws.RETURN): (0.4, 1.0),
            (1, 1, 1, draws.SATISFACTION): (0.0, 0.3),
            (1, 2, 1, draws.RESOLUTION): (0.5, 1.0),
        },
        by_kind={
            ("task_work_orders", 0): 2,
            ("task_returns", 0): 1,
            ("task_work_orders", 1): 0,
            ("asked", 1): 2,
            ("asked_satisfied", 1): 1,
        },
    )


def test_tasks_at_the_end_of_the_window(play: Player) -> None:
    """§1, §12: no task starts or is released at midnight or later; one in hand is finished.

    Times are seconds after 23:45; midnight is 900. Group 1 takes the calls, group 0 the tasks.
    """
    check(
        play,
        small_centre(
            1,
            2,
            order=[[1]],
            talk_s=60.0,
            tasks=[
                TaskKind(400.0, due_s=240.0, written=WRITTEN),
                TaskKind(60.0, due_s=239.999, written=WRITTEN),
                TaskKind(60.0),
            ],
            links=[Link("on_the_spot", 2, delay_s=60.0)],
        ),
        {0: [720, 780], 1: [600, 660], 2: [660]},
        [answered(A, 1, 720, 720, 720, 780, 780, group=1), answered(B, 1, 780, 780, 780, 840, 840, group=1)],
        {A: "resolved", B: "resolved"},
        tasks=[
            TaskRow(E, 0, 600, 600, 1000, 840),  # in hand at midnight; late
            TaskRow(F, 0, 660, None, None, 900, group=None),  # waits, due at midnight: not before, so not late
            TaskRow(H, 1, 660, None, None, 899.999, group=None),  # late
            TaskRow(A, 2, 840, None, None, 840 + DAY, group=None),
            # B's would be released at 840 + 60, that of E at 1000 + 60
        ],
        base=24 * 3_600 - 900,
        duty={(95, 0): (900, 300, 0, 300), (95, 1): (900, 120, 0, 0)},
        by_kind={
            ("late", 0): 1,
            ("late", 1): 1,
            ("late", 2): 0,
            ("done", 0): 1,
            ("not_released", 2): 2,
            ("released", 2): 1,
        },
        roster=1,
    )


def test_a_promised_callback_frees_the_line_and_keeps_its_place(play: Player) -> None:
    """§5, §13: one agent, two lines, ring 10 s, mean job 120 s; a callback is offered beyond 119.999 s."""
    check(
        play,
        small_centre(
            3,
            talk_s=290.0,
            ring_s=10.0,
            lines=2,
            patience_s=[90.0, 290.0, FOREVER],
            callback_over_s=119.999,
            callback_accept=[0.5, 0.5, 0.0],
            callback_job_s=120.0,
        ),
        {0: [0, 60], 1: [120, 180], 2: [360, 420]},
        [
            answered(A, 1, 0, 0, 10, 300, 300),
            # (0 + 1) × 120 / 1 is beyond: promised, so patience does not end at 150; the line is free
            answered(B, 1, 60, 60, 310, 600, 600, callback=1),
            abandoned(E, 1, 120, 120, 410),  # (1 + 1) × 120, but declined; behind B at 300
            blocked(F, 1, 180),  # A and E
            blocked(H, 1, 360),  # E, and B since the agent called at 300
            answered(K, 1, 420, 420, 610, 900, 900),  # 120 again, never accepted; found at 600
        ],
        {A: "resolved", B: "resolved", E: "lost", F: "lost", H: "lost", K: "resolved"},
        wanted={(0, 1, 1, draws.CALLBACK): (0.0, 0.5), (1, 0, 1, draws.CALLBACK): (0.5, 1.0)},
        duty={(36, 0): (900, 900, 0)},
        totals={
            "callbacks": 1,
            "called_back": 1,
            "callback_wait_ms": 240_000,
            "estimates": 2,  # B and K: A did not wait, E was not answered
            "estimate_ms": 240_000,
            "estimate_off_ms": 120_000 + 60_000,  # they waited 240 and 180
        },
    )


def test_the_expected_wait(play: Player) -> None:
    """§13: (Q + 1) × H // N; type 0 has group 0 and priority 1, type 1 both groups, type 2 group 1, priority 2.

    One agent in group 0, two in group 1; all busy until 600. The longest, 200 s, does not exceed the threshold.
    """
    check(
        play,
        small_centre(
            3,
            2,
            order=[[0], [0, 1], [1]],
            priority=[1, 2, 2],
            talk_s=600.0,
            callback_over_s=200.0,
            callback_job_s=[100.0, 100.0, 90.0],
        ),
        {0: [0, 60, 240], 1: [0, 120], 2: [0, 180]},
        [
            answered(A, 1, 0, 0, 0, 600, 600, group=0),
            answered(E, 1, 0, 0, 0, 600, 600, group=1),
            answered(H, 1, 0, 0, 0, 600, 600, group=1),
            answered(B, 1, 60, 60, 600, 1200, 1200, group=0),  # nobody before it: 100 s; waits 540
            answered(F, 1, 120, 120, 600, 1200, 1200, group=1),  # B before it: 200 000 // 3 = 66 666; waits 480
            answered(K, 1, 180, 180, 600, 1200, 1200, group=1),  # F, not B of another group: 180 / 2; waits 420
            answered(C, 1, 240, 240, 1200, 1800, 1800, group=0),  # B, not F of priority 2: 200 s; waits 960
        ],
        dict.fromkeys((A, B, C, E, F, H, K), "resolved"),
        totals={
            "callbacks": 0,
            "estimates": 4,
            "estimate_ms": 100_000 + 66_666 + 90_000 + 200_000,
            "estimate_off_ms": 440_000 + 413_334 + 330_000 + 760_000,
        },
        roster=[1, 2],
    )


def test_activation_notice_minimum_and_rest(play: Player) -> None:
    """§14: group 1 is called when two wait, comes a slot later, stays two at least, rests two. Row 36 begins at 0."""
    last = (1, 3)
    check(
        play,
        small_centre(
            2,
            2,
            talk_s=[5400.0, 600.0],
            activation={1: Trigger("waiting", 2, notice=1, minimum=2, maximum=9, rest=2)},
        ),
        {0: [0], 1: [60, 120, 3660, 3720]},
        [
            answered(A, 1, 0, 0, 0, 5400, 5400, group=0),
            answered(E, 1, 60, 60, 1800, 2400, 2400, group=1),  # called at 900, here at 1800
            answered(F, 1, 120, 120, 2400, 3000, 3000, group=1),
            # nobody waits at 2700, when it has been here for one slot, nor at 3600: off until 5400 at least
            answered(G, 1, 3660, 3660, 5400, 6000, 6000, group=0),
            # two wait at 4500, but it rests; at 5400 too, before A's job ends: called, here at 6300
            answered(last, 1, 3720, 3720, 6000, 6600, 6600, group=0),
        ],
        dict.fromkeys((A, E, F, G, last), "resolved"),
        duty={
            (36, 1): (0, 0, 0),
            (37, 1): (0, 0, 0),
            (38, 1): (900, 900, 0),
            (39, 1): (900, 300, 0),
            (40, 1): (0, 0, 0),
            (42, 1): (0, 0, 0),
            (43, 1): (900, 0, 0),
            (44, 1): (900, 0, 0),
            (45, 1): (0, 0, 0),
        },
        roster=1,
    )


def test_activation_maximum_and_agents_of_another_group(play: Player) -> None:
    """§14: group 1 takes one of group 0's two agents while it is on: from 900 for two slots, and again from 3600."""
    check(
        play,
        small_centre(
            2,
            2,
            order=[[0], [1]],
            talk_s=[1000.0, 1300.0],
            activation={1: Trigger("waiting", 1, minimum=1, maximum=2, rest=1, source=0)},
        ),
        {0: [0, 60], 1: [60, 120, 180]},
        [
            answered(A, 1, 0, 0, 0, 1000, 1000, group=0),
            answered(B, 1, 60, 60, 60, 1060, 1060, group=0),
            answered(E, 1, 60, 60, 900, 2200, 2200, group=1),  # no notice: on at once
            answered(F, 1, 120, 120, 2200, 3500, 3500, group=1),
            # at 2700 G waits, but two slots are the most; it rests until 3600
            answered(G, 1, 180, 180, 3600, 4900, 4900, group=1),
        ],
        dict.fromkeys((A, B, E, F, G), "resolved"),
        duty={
            (36, 0): (1800, 900 + 840, 0),
            (37, 0): (900, 100 + 160, 100),  # A's agent is over the roster until 1000, and leaves
            (37, 1): (900, 900, 0),
            (38, 0): (900, 0, 0),
            (38, 1): (900, 900, 0),
            (39, 0): (1800, 0, 0),
            (39, 1): (0, 800, 800),
            (40, 0): (900, 0, 0),
            (40, 1): (900, 900, 0),
            (41, 0): (1800, 0, 0),  # nobody waits at 4500
            (41, 1): (0, 400, 400),
        },
        roster=[2, 1],
    )


def test_activation_by_attempts_offered(play: Player) -> None:
    """§14: two attempts in four slots; group 1 would have three agents, and takes the two that group 0 has."""
    check(
        play,
        small_centre(1, 2, talk_s=60.0, activation={1: Trigger("offered", 2, source=0)}),
        {0: [0, 900]},
        [answered(A, 1, 0, 0, 0, 60, 60, group=0), answered(B, 1, 900, 900, 900, 960, 960, group=0)],
        {A: "resolved", B: "resolved"},
        duty={
            (37, 0): (1800, 60, 0),  # B, at 900, belongs to the slot that begins
            (37, 1): (0, 0, 0),
            (38, 0): (0, 0, 0),
            (38, 1): (1800, 0, 0),
            (40, 0): (0, 0, 0),
            (40, 1): (1800, 0, 0),
            (41, 0): (1800, 0, 0),  # A is five slots back
            (41, 1): (0, 0, 0),
        },
        roster=[2, 3],
    )


@pytest.mark.parametrize(("over_ms", "at"), [(300_000, 900), (300_001, 1800)])
def test_activation_by_the_longest_wait(play: Player, over_ms: int, at: float) -> None:
    """§14: at 900 A has waited for 300 s to the millisecond."""
    check(
        play,
        small_centre(talk_s=60.0, activation={0: Trigger("longest_wait", over_ms)}),
        {0: [600]},
        [answered(A, 1, 600, 600, at, at + 60, at + 60)],
        {A: "resolved"},
    )


def test_haste_shortens_the_wrap_up_and_brings_returns(play: Player) -> None:
    """§9, §18: with two waiting, wrap-up is half (60.001 × 0.5 → 30.001) and a return twice 0.3."""
    check(
        play,
        small_centre(2, talk_s=300.0, wrap_work_order_s=60.001, on_the_spot=0.0, returned=0.3, haste=(2, 500, 2.0)),
        {0: [0, 60, 120], 1: [180]},
        [
            answered(A, 1, 0, 0, 0, 300, 360.001),
            answered(B, 1, 60, 60, 360.001, 660.001, 690.002),  # C and E wait
            answered(C, 1, 120, 120, 690.002, 990.002, 1050.003),  # E alone
            answered(E, 1, 180, 180, 1050.003, 1350.003, 1410.004),
        ],
        dict.fromkeys((A, B, C, E), "handed_over"),
        wanted={
            (0, 0, 1, draws.RETURN): (0.3, 1.0),
            (0, 1, 1, draws.RETURN): (0.3, 0.6),
            (0, 2, 1, draws.RETURN): (0.3, 0.6),
            (1, 0, 1, draws.RETURN): (0.3, 0.6),
        },
        totals={"hasty": 1, "returns": 1},
    )


def test_waiting_and_the_orders_time_make_satisfaction_rarer(play: Player) -> None:
    """§18: half are satisfied, x = 0; two minutes of waiting, or two days, make it -2: 1 / (1 + e²) = 0.1192."""
    check(
        play,
        small_centre(
            2,
            talk_s=180.0,
            on_the_spot=[[1.0], [0.0]],
            satisfied=0.5,
            per_wait_minute=-1.0,
            per_order_day=-1.0,
            order_days=2.0,
        ),
        {0: [0, 60], 1: [360, 600]},
        [
            answered(A, 1, 0, 0, 0, 180, 180),  # satisfied
            answered(B, 1, 60, 60, 180, 360, 360),  # waits two minutes: not satisfied
            answered(E, 1, 360, 360, 360, 540, 540),  # not satisfied
            answered(F, 1, 600, 600, 600, 780, 780),  # satisfied
        ],
        {A: "resolved", B: "resolved", E: "handed_over", F: "handed_over"},
        wanted={
            (0, 0, 1, draws.SATISFACTION): (0.12, 0.5),
            (0, 1, 1, draws.SATISFACTION): (0.12, 0.5),
            (1, 0, 1, draws.SATISFACTION): (0.12, 0.5),
            (1, 1, 1, draws.SATISFACTION): (0.0, 0.119),
        },
        totals={"satisfied": 2, "satisfied_orders": 1},
    )
