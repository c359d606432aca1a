"""Every number is a pure function of its key (§2); the quantiles are those of scipy."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from sim.demand import draws
from sim.engine import fast, structures
from sim.engine.inputs import Plan, prepare
from sim.engine.structures import Ints
from sim.scenario import Scenario, load
from sim.terms import absolute_slot
from sim.uniforms import fold, name_word, stream_key, sub_key, uniform, uniforms


def test_splitmix64_gives_its_known_answers() -> None:
    # Published with many implementations of Steele, Lea and Flood's generator, for the seed 1234567.
    known = [
        6457827717110365317,
        3203168211198807973,
        9817491932198370423,
        4593380528125082431,
        16408922859458223821,
    ]
    assert [fold(np.uint64(1234567), index) for index in range(5)] == known


def test_uniforms_are_uniform_and_uncorrelated() -> None:
    x = uniforms(stream_key(7, 3), 2, np.arange(1_000_000))
    assert stats.kstest(x, "uniform").pvalue > 1e-4
    assert abs(np.corrcoef(x[:-1], x[1:])[0, 1]) < 5e-3
    neighbours = np.array([uniform(sub_key(stream_key(7, 3), word), 0) for word in range(20_000)])
    assert stats.kstest(neighbours, "uniform").pvalue > 1e-4
    assert abs(np.corrcoef(neighbours[:-1], neighbours[1:])[0, 1]) < 4 / np.sqrt(20_000)


def test_a_name_always_has_the_same_word() -> None:
    # sha256("enquiry") begins with these 16 hexadecimal digits; the word is the first 63 bits.
    import hashlib

    assert name_word("enquiry") == int(hashlib.sha256(b"enquiry").hexdigest()[:16], 16) >> 1


@given(st.floats(1e-15, 1 - 1e-15))
@settings(deadline=None)  # the first example compiles
def test_normal_quantile_is_scipys(u: float) -> None:
    assert draws.normal_quantile(u) == pytest.approx(stats.norm.ppf(u), rel=1e-11, abs=1e-13)


LAWS = {
    "exponential": ((draws.EXPONENTIAL, 200.0, 0.0, 0.0, None), stats.expon(scale=200.0)),
    "lognormal": ((draws.LOGNORMAL, 5.0, 0.8, 0.0, None), stats.lognorm(0.8, scale=np.exp(5.0))),
    "weibull": ((draws.WEIBULL, 504.0, 1 / 0.8, 0.0, None), stats.weibull_min(0.8, scale=504.0)),
    "uniform": ((draws.UNIFORM, 10.0, 30.0, 0.0, None), stats.uniform(10.0, 30.0)),
    "gamma, cv 1": ((draws.GAMMA, 0, 0, 0.0, draws.gamma_table(45.0, 1.0)), stats.gamma(1.0, scale=45.0)),
    "gamma, cv 0.3": ((draws.GAMMA, 0, 0, 0.0, draws.gamma_table(45.0, 0.3)), stats.gamma(1 / 0.09, scale=45.0 * 0.09)),
    "gamma, cv 2": ((draws.GAMMA, 0, 0, 0.0, draws.gamma_table(45.0, 2.0)), stats.gamma(0.25, scale=180.0)),
}


@pytest.mark.parametrize("name", LAWS)
def test_quantiles_are_scipys(name: str) -> None:
    row, law = LAWS[name]
    params, table = draws.pack([row])
    for u in (1e-9, 1e-4, 0.03, 0.2, 0.5, 0.777, 0.98, 0.9999, 1 - 1e-9):
        # A millionth of the value, or of a millisecond where the value is smaller than one.
        assert draws.quantile_s(params, table, 0, u) == pytest.approx(law.ppf(u), rel=1e-6, abs=1e-9)


def test_a_table_of_quantiles_is_joined_by_straight_lines() -> None:
    params, table = draws.pack([(draws.QUANTILES, 0, 0, 0.0, np.array([0.0, 10.0, 20.0, 100.0]))])
    assert draws.quantile_s(params, table, 0, 1 / 3) == pytest.approx(10.0)
    assert draws.quantile_s(params, table, 0, 0.5) == pytest.approx(15.0)
    assert draws.quantile_s(params, table, 0, 5 / 6) == pytest.approx(60.0)


def test_durations_are_rounded_to_whole_milliseconds_and_a_share_is_zero() -> None:
    params, table = draws.pack([(draws.FIXED, 1.2345, 0, 0.25, None), (draws.NEVER, 0, 0, 0.0, None)])
    assert draws.duration_ms(params, table, 0, 0.249) == 0
    assert draws.duration_ms(params, table, 0, 0.251) == 1235
    assert draws.duration_ms(params, table, 1, 0.5) == draws.NEVER_MS


def test_a_share_at_once_leaves_the_rest_its_law() -> None:
    params, table = draws.pack([(draws.EXPONENTIAL, 100.0, 0.0, 0.2, None)])
    # Of the 80 % that wait, half wait for less than 100 s x ln 2.
    assert draws.duration_ms(params, table, 0, 0.2 + 0.8 / 2) == round(100_000 * np.log(2))


@pytest.mark.parametrize("share", [0.0, 0.1])
@pytest.mark.parametrize("kind", [draws.EXPONENTIAL, draws.WEIBULL, draws.LOGNORMAL, draws.NEVER])
def test_patience_drawn_with_a_slot_is_that_drawn_alone(kind: int, share: float) -> None:
    params, table = draws.pack([(kind, 5.0, 1.25, share, None)])
    u = (np.arange(1_003) + 0.5) / 1_003
    together = np.empty(u.size, np.int64)
    draws.patiences_ms(params, table, 0, u, together)
    assert together.tolist() == [draws.duration_ms(params, table, 0, x) for x in u]


@given(st.floats(0.001, 5_000.0), st.floats(1e-12, 1 - 1e-12))
@settings(max_examples=300, deadline=None)
def test_poisson_counts_are_scipys(mean: float, u: float) -> None:
    # Where u falls within rounding of a step of the distribution function, either side of the step is right.
    least, most = (stats.poisson.ppf(x, mean) for x in (u * (1 - 1e-9), min(1.0, u * (1 + 1e-9))))
    assert least <= draws.poisson_quantile(mean, u) <= most


@given(st.floats(1e-16, 1 - 1e-16), st.floats(-1.0, 1.0))
@settings(deadline=None)
def test_arrivals_within_a_slot_follow_the_straight_line(u: float, slope: float) -> None:
    x = draws.place_in_slot(u, slope) / 900_000
    # The distribution function of a density 1 - d + 2 d x is (1 - d) x + d x²; x is rounded down to a millisecond.
    below, above = (((1 - slope) * y + slope * y * y) for y in (x, x + 1 / 900_000))
    assert below - 1e-9 <= u <= above + 1e-9


def attempts(plan: Plan, seed: int = 1) -> Ints:
    centre, run, _ = plan.replication(seed, 0)
    return fast.simulate(centre, run, logging=True)[2]


def first_attempts(log: Ints) -> dict[int, int]:
    first = log[log[:, structures.LOG_ATTEMPT] == 1]
    return dict(first[:, [structures.LOG_CONTACT, structures.LOG_ARRIVED]].tolist())


def with_volume(scenario: Scenario, name: str, slot: int, factor: float) -> Scenario:
    tables = scenario.model_dump(by_alias=True)
    rates = np.repeat(tables["types"][name]["per_hour"], 96 // len(tables["types"][name]["per_hour"])).astype(float)
    rates[slot] *= factor
    tables["types"][name]["per_hour"] = rates.tolist()
    return Scenario.model_validate(tables)


def test_adding_volume_to_one_slot_leaves_every_other_contact_as_it_was() -> None:
    scenario = load("one-day")
    before = first_attempts(attempts(prepare(scenario)))
    after = first_attempts(attempts(prepare(with_volume(scenario, "help", 40, 3.0))))
    added = after.keys() - before.keys()
    assert len(added) > 5
    assert {contact >> 28 for contact in added} == {absolute_slot(scenario.horizon.start) + 40}
    assert {(contact >> 20) & 255 for contact in added} == {1}
    assert before.items() <= after.items()


def test_a_new_type_leaves_the_others_contacts_as_they_were() -> None:
    scenario = load("one-day")
    tables = scenario.model_dump(by_alias=True)
    tables["types"]["video"] = tables["types"]["help"]
    before = first_attempts(attempts(prepare(scenario)))
    after = first_attempts(attempts(prepare(Scenario.model_validate(tables))))
    assert before.items() < after.items()


def three_days(**demand: object) -> Scenario:
    tables = load("one-day").model_dump(by_alias=True)
    tables["horizon"] |= {
        "start": tables["horizon"]["start"].replace(day=16),
        "end": tables["horizon"]["end"].replace(day=18),
    }
    tables["demand"] |= demand
    return Scenario.model_validate(tables)


def test_a_window_sees_the_same_citizens_as_the_whole() -> None:
    variation = {"year_cv": 0.1, "day_cv": 0.2, "day_autocorrelation": 0.5, "slot_cv": 0.1}
    scenario = three_days(variation=variation, within_slot="linear")
    second = scenario.horizon.start.replace(day=17)
    whole = first_attempts(attempts(prepare(scenario)))
    part = first_attempts(attempts(prepare(scenario, second, second)))
    day = 86_400_000
    assert part == {contact: at for contact, at in whole.items() if day <= at < 2 * day}


def test_pausing_between_blocks_of_rows_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = prepare(three_days())
    whole = attempts(plan)
    monkeypatch.setattr(fast, "_ROWS_AT_ONCE", 7)
    np.testing.assert_array_equal(attempts(plan), whole)


def test_without_compilation_the_bits_are_the_same() -> None:
    code = (
        "import hashlib, numpy as np; np.seterr(over='ignore')\n"
        "from sim.engine import fast; from sim.engine.inputs import prepare; from sim.scenario import load\n"
        "plan = prepare(load('one-day')); _, run, _ = plan.replication(1, 0)\n"
        "print(hashlib.sha256(fast.simulate(plan.centre, run, logging=True)[2].tobytes()).hexdigest())"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code],
            env=os.environ | {"NUMBA_DISABLE_JIT": off},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for off in ("0", "1")
    }
    assert len(outputs) == 1
