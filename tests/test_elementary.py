"""The project's own logarithm and exponential against the machine's library, and the loops against single draws."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim import elementary
from sim.compiled import bare_kernel
from sim.demand import draws
from sim.engine import rules
from sim.engine.drawn import Drawn, doubled, draw_first_attempts, new_drawn
from sim.engine.given import Centre, Run
from sim.engine.inputs import prepare
from sim.scenario import load
from sim.uniforms import fold

TINY = 2.0**-53


@given(st.floats(TINY, 1e300))
@settings(deadline=None)
def test_log_is_the_librarys(x: float) -> None:
    assert elementary.log(x) == pytest.approx(math.log(x), rel=4e-16, abs=1e-300)


@given(st.floats(-700.0, 700.0))
@settings(deadline=None)
def test_exp_is_the_librarys(x: float) -> None:
    assert elementary.exp(x) == pytest.approx(math.exp(x), rel=5e-16)


def test_exp_stays_finite() -> None:
    assert elementary.exp(1e6) == elementary.exp(700.0)
    assert elementary.exp(-1e6) > 0.0


@bare_kernel
def draw_row(centre: Centre, run: Run, drawn: Drawn, row: int) -> int:
    return draw_first_attempts(centre, run, drawn, row)


LAWS = [
    (draws.FIXED, 3.0, 0.0, 0.0, None),
    (draws.EXPONENTIAL, 200.0, 0.0, 0.0, None),
    (draws.LOGNORMAL, 5.0, 0.8, 0.0, None),
    (draws.LOGNORMAL, 25.0, 9.0, 0.0, None),  # beyond the longest duration
    (draws.GAMMA, 0.0, 0.0, 0.0, draws.gamma_table(45.0, 1.0)),
    (draws.GAMMA, 0.0, 0.0, 0.0, draws.gamma_table(45.0, 2.0)),
    (draws.WEIBULL, 504.0, 1.0 / 0.804, 0.0, None),
    (draws.UNIFORM, 10.0, 5.0, 0.0, None),
    (draws.QUANTILES, 0.0, 0.0, 0.0, np.array([5.0, 60.0, 600.0])),
    (draws.NEVER, 0.0, 0.0, 0.0, None),
]


@pytest.mark.parametrize("row", range(len(LAWS)))
@pytest.mark.parametrize("n", [0, 1, 7, 8, 33])
def test_many_durations_are_the_single_ones(row: int, n: int) -> None:
    params, table = draws.pack(LAWS)
    u = np.random.default_rng(row).random(n) * 0.999 + 0.0005
    if n > 7:
        u[:4] = TINY, 1.0 - TINY, 1e-13, 1.0 - 1e-13
    z, out = np.empty(n), np.empty(n, np.int64)
    draws.normal_quantiles(u, z)
    draws.durations_ms(params, table, row, u, z, out)
    assert out.tolist() == [draws.duration_ms(params, table, row, x) for x in u]


def test_a_slots_draws_are_those_of_its_contacts_one_by_one() -> None:
    plan = prepare(load("shanghai-2020"))
    _, run, _ = plan.replication(3, 0)
    types = plan.centre.priority.size
    drawn = new_drawn(run.means.shape[1], 8)
    for row in (40, 41, 42):
        while draw_row(plan.centre, run, drawn, row) < 0:
            drawn = doubled(drawn)
        slot = run.first_slot + row
        side = slot & 1
        for kind in range(types):
            for number in range(drawn.counts[kind]):
                i = drawn.firsts[side, kind] + number
                key = np.uint64(fold(np.uint64(fold(run.contact_keys[kind], slot)), number))
                assert drawn.keys[side, i] == key
                single = rules.drawn_handling(plan.centre, key, kind, 1, 1)
                assert tuple(column[side, i] for column in drawn[2:10]) == tuple(single)
                assert drawn.patience_ms[side, i] == rules.patience_ms(plan.centre, kind, key, 1, 1)
    assert draw_row(plan.centre, run, new_drawn(run.means.shape[1], 8), 40) == -1
