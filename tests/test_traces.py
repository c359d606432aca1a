"""Small days worked out by hand from ``sim/engine/MODEL.md``, against the oracle and both engines.

Every table below was worked out by hand from MODEL.md; nothing in it comes from a program. Times are
seconds after 09:00 (the start of row 36) unless a test says otherwise. First attempts come at whole
minutes; which draws fall where is arranged by :func:`small_centres.planned_run`. A contact is named by
its type and place in the list.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import oracle
import pytest
from numpy.typing import NDArray
from small_centres import Interval, planned_ids, planned_run, small_centre

from sim.demand import draws
from sim.engine import fast, reference, tally
from sim.engine.rules import Centre, Run, Stuck
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


def answered(
    who: Who,
    attempt: int,
    arrived: float,
    queued: float,
    at: float,
    talk_end: float,
    free: float,
    group: int = 0,
) -> Row:
    return Row(who, attempt, arrived, Outcome.ANSWERED, queued, at, talk_end, free, None, group)


def abandoned(who: Who, attempt: int, arrived: float, queued: float, left: float) -> Row:
    return Row(who, attempt, arrived, Outcome.ABANDONED, queued, left=left)


def blocked(who: Who, attempt: int, at: float) -> Row:
    return Row(who, attempt, at, Outcome.BLOCKED, left=at)


def contained(who: Who, attempt: int, arrived: float, left: float) -> Row:
    return Row(who, attempt, arrived, Outcome.CONTAINED, left=left)


class Played(NamedTuple):
    """What one of the three made of a run."""

    attempts: list[dict[str, Any]]
    ends: dict[tuple[int, str], int]
    """How many measured contacts of a type came to an end."""
    duty: dict[tuple[int, int], list[int]]
    """Rostered, busy, overrun and task ms by row and group."""
    tally: tally.Tally | None


ENDS = ("resolved", "handed_over", "lost", "contained", "open")
Player = Callable[[Centre, Run], Played]


def _by_oracle(centre: Centre, run: Run) -> Played:
    result = oracle.simulate(centre, run)
    ends: dict[tuple[int, str], int] = {}
    for contact, end in result.contacts.items():
        if (contact >> 28) - run.first_slot >= run.warm_rows:
            name = ((contact >> 20) & 255, end)
            ends[name] = ends.get(name, 0) + 1
    return Played(result.attempts, ends, result.duty, None)


def _by_engine(centre: Centre, run: Run, result: tuple[tally.Tally, NDArray[np.int64], NDArray[np.int64]]) -> Played:
    counts, _, log = result
    attempts = [
        {
            name: None if value == -1 and name != "arrived_ms" else int(value)
            for name, value in zip(oracle.KEYS, row, strict=True)
        }
        for row in log
    ]
    started = counts.contacts[run.warm_rows :].sum(axis=0)
    ends = {
        (t, end): int(started[t, tally.RESOLVED + i])
        for t in range(centre.order.shape[0])
        for i, end in enumerate(ENDS)
        if started[t, tally.RESOLVED + i]
    }
    rows, groups = run.roster.shape
    duty = {(r, g): counts.duty[r, g, :4].tolist() for r in range(run.warm_rows, rows) for g in range(groups)}
    return Played(attempts, ends, duty, counts)


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
    duty: Mapping[tuple[int, int], tuple[float, float, float]] | None = None,
    wanted: Mapping[tuple[int, int, int, int], Interval] | None = None,
    base: int = NINE,
    **run_options: Any,
) -> Played:
    """Play a day and compare it with the table: attempts in order, ends of contacts, duty in seconds."""

    def ms(seconds: float | None) -> int | None:
        return None if seconds is None else round((base + seconds) * 1000)

    times = {t: [round((base + second) * 1000) for second in seconds] for t, seconds in arrivals.items()}
    run = planned_run(centre, times, wanted=wanted, **run_options)
    ids = planned_ids(run, times)
    played = play(centre, run)
    table = [
        {
            "contact": ids[row.who], "episode": 1, "attempt": row.attempt, "arrived_ms": ms(row.arrived),
            "queued_ms": ms(row.queued), "answered_ms": ms(row.answered), "talk_end_ms": ms(row.talk_end),
            "free_ms": ms(row.free), "left_ms": ms(row.left), "group": row.group, "outcome": row.outcome,
            "kind": Kind.FIRST if row.attempt == 1 else Kind.REDIAL,
            "callback": 0, "call_end_ms": ms(row.talk_end),
        }
        for row in expected
    ]  # fmt: skip
    assert len(played.attempts) == len(table)
    for got, want in zip(played.attempts, table, strict=True):
        assert got == want
    totals: dict[tuple[int, str], int] = {}
    for (t, _), end in ends.items():
        totals[t, end] = totals.get((t, end), 0) + 1
    assert played.ends == totals
    for place, seconds in (duty or {}).items():
        assert played.duty[place] == [round(1000 * second) for second in (*seconds, 0)]
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
