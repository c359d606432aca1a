import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import expm
from scipy.stats import poisson

from sim.theory import answered_within_share, erlang_b, erlang_c, queue_measures, required_agents
from sim.validation.formulas import (
    episodes_beyond,
    mean_episodes,
    mean_of_shorter,
    priority_waits,
    priority_waits_one_agent,
    satisfied_share,
    vacation_wait,
)

# λ, μ, θ a minute, n, waiting room; P(wait), P(abandon), mean wait (min), occupancy, mean queue; blocked.
# The first is Mandelbaum and Zeltyn's opening example; the last pyworkforce's published row.
EXACT = [
    ((48, 1, 0.5, 50, None), (".467774", ".030912", ".061824", ".930324", "2.9676"), "0"),
    ((48, 1, 0, 50, None), (".694456", "0", ".347228", ".96", "16.667"), "0"),
    ((4.2, 0.5, 0, 12, None), (".183889", "0", ".102160", ".70", ".42907"), "0"),
    ((4.2, 0.5, 1, 12, None), (".127372", ".029679", ".029679", ".679225", ".12465"), "0"),
    ((4.2, 0.5, 0, 12, 5), (".157861", "0", ".061124", ".693366", ".25429"), ".009477"),
    ((100 / 30, 1 / 3, 1 / 5, 14, None), (".14526", ".013984", ".069919", ".704297", ".23306"), "0"),
]


def per_second(arrival, service, hangup, agents, room):
    patience_s = 60.0 / hangup if hangup else math.inf
    return {
        "arrivals_per_s": arrival / 60.0,
        "aht_s": 60.0 / service,
        "agents": agents,
        "patience_s": patience_s,
        "waiting_room": room,
    }


def printed(value, as_text):
    """Whether ``value``, rounded to the digits of ``as_text``, is what was printed."""
    digits = len(as_text.partition(".")[2])
    return abs(value - float(as_text)) <= 0.5000001 * 10.0**-digits


@pytest.mark.parametrize(("case", "columns", "blocked"), EXACT)
def test_published_exact_rows(case, columns, blocked):
    q = queue_measures(**per_second(*case))
    found = (q.wait_probability, q.abandoned_share, q.wait_s / 60.0, q.occupancy, q.mean_queue)
    for value, text in zip(found, columns, strict=True):
        assert printed(value, text), (case, value, text)
    assert printed(q.blocked_share, blocked)
    assert q.answered_share == pytest.approx(1.0 - q.abandoned_share - q.blocked_share, abs=1e-12)


def test_published_share_within_20_seconds():
    assert printed(answered_within_share(**per_second(*EXACT[-1][0]), within_s=20.0), ".916792")


def test_erlang_b_and_c_are_their_defining_sums():
    # Terms a^k/k! summed exactly, in rational arithmetic.
    from fractions import Fraction

    def sums(agents, load):
        term, total = Fraction(1), Fraction(1)
        for k in range(1, agents + 1):
            term = term * load / k
            total += term
        return term, total

    for agents, load in ((25, 20), (200, 180), (1, 1), (7, 3), (50, 48)):
        last, total = sums(agents, load)
        assert erlang_b(agents, float(load)) == pytest.approx(float(last / total), rel=1e-13)
        if load < agents:
            queue = last * Fraction(agents, agents - load)
            exact = float(queue / (total - last + queue))
            assert erlang_c(agents, float(load)) == pytest.approx(exact, rel=1e-12)
    assert erlang_c(20, 20.0) == 1.0


def test_m_m_1_by_hand():
    # ρ = 3/4: L_q = ρ²/(1-ρ) = 2.25; W_q = 2.25/λ; P(W ≤ t) = 1 - ρ exp(-(μ-λ) t).
    q = queue_measures(0.75, 1.0, 1)
    assert q.mean_queue == pytest.approx(2.25)
    assert q.asa_s == pytest.approx(3.0)
    assert answered_within_share(0.75, 1.0, 1, 2.0) == pytest.approx(1.0 - 0.75 * math.exp(-0.5), abs=1e-13)


def test_patience_without_end_is_the_limit_of_long_patience():
    c = queue_measures(0.8, 60.0, 50)
    a = queue_measures(0.8, 60.0, 50, patience_s=1e11)
    assert a.wait_probability == pytest.approx(c.wait_probability, rel=1e-6)
    assert a.mean_queue == pytest.approx(c.mean_queue, rel=1e-6)
    assert a.asa_s == pytest.approx(c.asa_s, rel=1e-6)
    assert c.wait_probability == pytest.approx(erlang_c(50, 48.0), rel=1e-12)
    assert answered_within_share(0.8, 60.0, 50, 20.0, patience_s=1e11) == pytest.approx(
        answered_within_share(0.8, 60.0, 50, 20.0), rel=1e-6
    )


@pytest.mark.parametrize("agents", [1, 5, 20, 40])
def test_equal_rates_make_the_number_in_system_poisson(agents):
    load = 20.0
    q = queue_measures(load / 60.0, 60.0, agents, patience_s=60.0)
    excess = sum((k - agents) * poisson.pmf(k, load) for k in range(agents, 200))
    assert q.wait_probability == pytest.approx(poisson.sf(agents - 1, load), rel=1e-10)
    assert q.mean_queue == pytest.approx(excess, rel=1e-10)
    assert q.occupancy * agents == pytest.approx(load - excess, rel=1e-10)


def test_no_waiting_room_is_erlang_b():
    q = queue_measures(3.0, 60.0, 200, waiting_room=0)
    assert q.blocked_share == pytest.approx(erlang_b(200, 180.0), rel=1e-12)
    assert (q.mean_queue, q.wait_probability, q.asa_s) == (0.0, 0.0, 0.0)


def twin(arrivals_per_s, aht_s, agents, patience_s, waiting_room, within_s):
    """The same from the generator matrix of the number in system, and from a tagged caller's own chain."""
    top = agents + (waiting_room if waiting_room is not None else 400)
    service, hangup = 1.0 / aht_s, 1.0 / patience_s
    q = np.zeros((top + 1, top + 1))
    for i in range(top):
        q[i, i + 1] = arrivals_per_s
        q[i + 1, i] = min(i + 1, agents) * service + max(0, i + 1 - agents) * hangup
    q -= np.diag(q.sum(axis=1))
    p = np.linalg.lstsq(np.vstack([q.T, np.ones(top + 1)]), np.r_[np.zeros(top + 1), 1.0], rcond=None)[0]
    states = np.arange(top + 1)
    queue = np.maximum(0, states - agents) @ p
    # A caller with j ahead: j falls by service or another's hanging up; he hangs up at rate ``hangup``.
    waiting = top - agents
    g = np.zeros((waiting + 1, waiting + 1))  # the last state: answered
    for j in range(waiting):
        g[j, j - 1 if j else waiting] = agents * service + j * hangup
        g[j, j] = -(agents * service + (j + 1) * hangup)
    joins = p[agents:top]
    answered_in_time = joins @ expm(g * within_s)[:waiting, waiting]
    transient = g[:waiting, :waiting]
    # E[W; answered] = ∫ t f(t) dt = T⁻² times the rates into "answered".
    served_wait = joins @ np.linalg.solve(transient, np.linalg.solve(transient, g[:waiting, waiting]))
    busy = np.minimum(states, agents) @ p
    idle = p[:agents].sum()
    return {
        "wait_probability": joins.sum() / (1.0 - p[top]),
        "abandoned_share": hangup * queue / arrivals_per_s,
        "blocked_share": p[top],
        "occupancy": busy / agents,
        "mean_queue": queue,
        "asa_s": served_wait / (busy * service / arrivals_per_s),
        "within": idle + answered_in_time,
    }


@pytest.mark.parametrize(
    "case",
    [
        (0.30, 60.0, 14, 120.0, None, 20.0),
        (0.30, 60.0, 20, 60.0, None, 8.0),
        (0.30, 60.0, 30, 500.0, 9, 45.0),
        (0.50, 60.0, 20, 90.0, 12, 120.0),
        (0.05, 300.0, 16, math.inf, 6, 20.0),
        (0.05, 300.0, 5, 40.0, None, 15.0),
        (0.05, 300.0, 1, 40.0, 3, 300.0),
    ],
)
def test_twin_of_the_generator_matrix(case):
    arrivals, aht, agents, patience, room, within = case
    slow = twin(*case)
    fast = queue_measures(arrivals, aht, agents, patience_s=patience, waiting_room=room)
    share = answered_within_share(arrivals, aht, agents, within, patience_s=patience, waiting_room=room)
    assert share == pytest.approx(slow.pop("within"), abs=1e-9)
    for name, value in slow.items():
        assert getattr(fast, name) == pytest.approx(value, rel=1e-7, abs=1e-9), name


RATES = st.tuples(st.floats(0.001, 7.0), st.floats(30.0, 900.0), st.integers(1, 2000), st.floats(5.0, 50_000.0))


@settings(deadline=None, max_examples=200)
@given(RATES)
def test_littles_law_and_conservation(rates):
    arrivals, aht, agents, patience = rates
    q = queue_measures(arrivals, aht, agents, patience_s=patience)
    assert 0.0 <= q.wait_probability <= 1.0 + 1e-12
    assert q.mean_queue == pytest.approx(arrivals * q.wait_s, rel=1e-9, abs=1e-12)
    assert q.abandoned_share == pytest.approx(q.wait_s / patience, rel=1e-9, abs=1e-12)
    assert q.answered_share + q.abandoned_share == pytest.approx(1.0, abs=1e-7)
    assert q.occupancy * agents == pytest.approx(arrivals * aht * q.answered_share, rel=1e-9)
    # At a time as long as one likes, all that are ever answered are answered.
    at_last = answered_within_share(arrivals, aht, agents, 60.0 * patience, patience_s=patience)
    if arrivals * patience < 1e4:
        assert at_last == pytest.approx(q.answered_share, abs=1e-7)


@settings(deadline=None, max_examples=200)
@given(RATES, st.floats(0.0, 120.0))
def test_more_agents_and_fewer_calls_are_never_worse(rates, within):
    arrivals, aht, agents, patience = rates
    q = queue_measures(arrivals, aht, agents, patience_s=patience)
    more = queue_measures(arrivals, aht, agents + 1, patience_s=patience)
    fewer = queue_measures(arrivals * 0.97, aht, agents, patience_s=patience)
    share = answered_within_share(arrivals, aht, agents, within, patience_s=patience)
    for better in (more, fewer):
        assert better.asa_s <= q.asa_s * (1.0 + 1e-9) + 1e-9
        assert better.abandoned_share <= q.abandoned_share + 1e-9
        assert better.wait_probability <= q.wait_probability + 1e-9
    better_share = answered_within_share(arrivals, aht, agents + 1, within, patience_s=patience)
    assert better_share >= share - 1e-9
    assert answered_within_share(arrivals, aht, agents, within + 1.0, patience_s=patience) >= share - 1e-9
    assert share >= 1.0 - q.wait_probability - 1e-9


def test_heavy_overload_with_long_patience_stays_finite():
    # Fluid limit: the queue settles where hanging up takes what the agents cannot, (λ - nμ) / θ.
    q = queue_measures(10.0, 300.0, 1000, patience_s=100_000.0)
    assert q.mean_queue == pytest.approx((10.0 - 1000 / 300.0) * 100_000.0, rel=1e-9)
    assert q.occupancy == pytest.approx(1.0, abs=1e-12)
    assert answered_within_share(10.0, 300.0, 1000, 20.0, patience_s=100_000.0) == pytest.approx(0.0, abs=1e-12)


def test_without_patience_an_overloaded_queue_is_infinite():
    q = queue_measures(1.0, 60.0, 50)
    assert (q.wait_probability, q.asa_s, q.mean_queue, q.occupancy) == (1.0, math.inf, math.inf, 1.0)
    assert answered_within_share(1.0, 60.0, 50, 20.0) == 0.0


TARGETS = [
    {"asa_s": 8.0},
    {"answered_within_s": 20.0, "answered_within_share": 0.8},
    {"abandoned_share": 0.03},
]


def meets(target, arrivals, aht, agents, patience):
    if math.isinf(patience) and arrivals * aht >= agents:
        return False
    q = queue_measures(arrivals, aht, agents, patience_s=patience)
    if "asa_s" in target:
        return q.asa_s <= target["asa_s"]
    if "abandoned_share" in target:
        return q.abandoned_share <= target["abandoned_share"]
    share = answered_within_share(arrivals, aht, agents, target["answered_within_s"], patience_s=patience)
    return share >= target["answered_within_share"]


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("patience", [60.0, 600.0, math.inf])
def test_required_agents_is_the_first_that_meets_the_target(target, patience):
    arrivals = np.array([0.5, 0.0, 0.001, 0.03, 0.5, 0.2, 2.0])
    aht = np.array([280.0, 280.0, 100.0, 390.0, 280.0, 280.0, 60.0])
    needed = required_agents(arrivals, aht, patience, **target)
    for a, h, n in zip(arrivals, aht, needed, strict=True):
        if a == 0.0:
            assert n == 0
            continue
        first = next(k for k in range(1, 1000) if meets(target, a, h, k, patience))
        assert n == first


def test_a_modest_target_needs_fewer_agents_than_the_load():
    # 3 erlangs, one agent, patience as long as the job: Poisson, so (3 - 1 + exp(-3)) / 3 = .6833 abandon.
    assert required_agents(0.05, 60.0, 60.0, abandoned_share=0.684).tolist() == [1]
    assert required_agents(0.05, 60.0, 60.0, abandoned_share=0.683).tolist() == [2]


@pytest.mark.parametrize("target", TARGETS)
def test_required_agents_rise_with_the_rate(target):
    needed = required_agents(np.linspace(0.0, 3.0, 400), 280.0, 400.0, **target)
    assert np.all(np.diff(needed) >= 0)


def test_required_agents_refuses_none_or_two_targets():
    for target in (
        {},
        {"asa_s": 8.0, "abandoned_share": 0.1},
        {"answered_within_s": 20.0},
        {"abandoned_share": 1.5},
    ):
        with pytest.raises(ValueError, match="target"):
            required_agents(1.0, 60.0, 60.0, **target)
    with pytest.raises(ValueError, match="rates"):
        required_agents([-1.0], 60.0, 60.0, asa_s=8.0)


def test_arguments_out_of_range_are_refused():
    with pytest.raises(ValueError, match="agents"):
        queue_measures(1.0, 60.0, 0)
    with pytest.raises(ValueError, match="positive"):
        queue_measures(math.nan, 60.0, 5)


# Beyond one queue


def test_two_classes_by_hand():
    # C(4, 3) = (81/24 x 4) / (1 + 3 + 4.5 + 4.5 + 13.5) = 13.5 / 26.5 = 27/53; a minute's handling, four agents.
    first, second = priority_waits([1.0, 2.0], 1.0, 4)
    assert first == pytest.approx(27 / 53 / (4 * 3 / 4), rel=1e-12)
    assert second == pytest.approx(27 / 53 / (4 * 3 / 4 * 1 / 4), rel=1e-12)
    # Whoever goes first, the work that waits is the same: the mean over both is that of one class.
    assert (first + 2 * second) / 3 == pytest.approx(queue_measures(3.0, 1.0, 4).wait_s, rel=1e-12)


def test_one_class_is_erlang_c():
    assert priority_waits([0.8], 60.0, 50)[0] == pytest.approx(queue_measures(0.8, 60.0, 50).wait_s, rel=1e-12)


def test_one_agent_by_hand():
    # Uniform 10 to 50 and 20 to 100 s: mean 30 and 60, mean square 900 + 1600/12 and 3600 + 6400/12.
    squares = [900 + 1600 / 12, 3600 + 6400 / 12]
    # A call a minute, a task in four minutes: loads 1/2 and 1/4; half of 17.2222 s from either.
    first, second = priority_waits_one_agent([1 / 60, 1 / 240], [30.0, 60.0], squares)
    assert first == pytest.approx(17.22222222 / 0.5)
    assert second == pytest.approx(17.22222222 / 0.5 / 0.25)
    # Exponential handling: the classes of M/M/1.
    assert priority_waits_one_agent([0.3, 0.4], [1.0, 1.0], [2.0, 2.0]) == pytest.approx(
        priority_waits([0.3, 0.4], 1.0, 1)
    )
    # Pollaczek and Khinchine: exponential, and half of it where nothing varies.
    assert priority_waits_one_agent([0.75], [1.0], [2.0])[0] == pytest.approx(3.0)
    assert priority_waits_one_agent([0.75], [1.0], [1.0])[0] == pytest.approx(1.5)


def test_work_that_never_runs_out_by_hand():
    # 17.2222 s without it; what is left of a piece that has begun, 4133.33 / 120 = 34.4444 s, comes on top.
    wait = vacation_wait(1 / 60, 30.0, 900 + 1600 / 12, 60.0, 3600 + 6400 / 12)
    assert wait == pytest.approx(17.2222222 + 34.4444444)
    # Pieces of a moment are none.
    assert vacation_wait(0.75, 1.0, 2.0, 1e-9, 1e-18) == pytest.approx(3.0)


def test_episodes_by_hand():
    assert [episodes_beyond(0.26, 4, n) for n in range(1, 6)] == pytest.approx([1.0, 0.26, 0.0676, 0.017576, 0.0])
    assert mean_episodes(0.26, 4) == pytest.approx(1.345176)
    assert mean_episodes(0.0, 4) == 1.0
    assert mean_episodes(0.5, 60) == pytest.approx(2.0)


def test_the_shorter_time_by_hand():
    assert mean_of_shorter(2.0, 1.5) == pytest.approx(2.0 * (1.0 - 0.4723665527))  # exp(-3/4)
    assert mean_of_shorter(2.0, 1e9) == pytest.approx(2.0)
    assert mean_of_shorter(2.0, 1e-9) == pytest.approx(1e-9)


def test_satisfaction_by_hand():
    # λ 3, μ 1, four agents: who waits does so for an exponential time of mean 1, and 27/53 wait. With odds of 9 and
    # the log-odds falling by k a minute it is the integral of u^k / (u^k + 1/9) over (0, 1).
    one = 1 - math.log(10) / 9
    two = 1 - math.atan(3) / 3
    for per_minute, of_those_who_wait in ((-1.0, one), (-2.0, two), (0.0, 0.9)):
        right = 26 / 53 * 0.9 + 27 / 53 * of_those_who_wait
        assert satisfied_share(0.9, per_minute / 60, 3 / 60, 60.0, 4) == pytest.approx(right, rel=1e-6)
