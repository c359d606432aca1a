"""When a run may stop (§2 of the replications): the rule, and how often its intervals hold the true mean."""

import numpy as np
import pytest

from sim.experiment import precision
from sim.measures import NAMES

PLACE = NAMES.index("asa_s")
TRUE_MEAN = 7.0
RUNS = 1_500


def years(values):
    """Replications whose mean answer time is each of ``values``, of as many calls."""
    out = np.zeros((len(values), len(NAMES), 2))
    out[:, PLACE, 0] = values
    out[:, PLACE, 1] = 1.0
    return list(out)


def interval_at_stop(values, share):
    """The interval when the rule stops, by the textbook: mean and Student's t."""
    from scipy.stats import t

    given = years(values)
    for n in precision.looks():
        if precision.enough({"asa_s": share}, given[:n]):
            seen = values[:n]
            half = t.ppf(0.975, n - 1) * seen.std(ddof=1) / np.sqrt(n)
            return n, seen.mean() - half, seen.mean() + half
    raise AssertionError("never known closely enough")


@pytest.mark.parametrize("share", [0.01, 0.02, 0.03])
def test_intervals_at_the_stop_hold_the_true_mean_nearly_as_often_as_they_say(share):
    """A deviation of 5 %: some 97, 25 and 20 replications are needed."""
    chance = np.random.default_rng(20201)
    found = [interval_at_stop(chance.normal(TRUE_MEAN, 0.05 * TRUE_MEAN, 400), share) for _ in range(RUNS)]
    held = sum(low <= TRUE_MEAN <= high for _, low, high in found)
    assert 0.93 <= held / RUNS <= 0.965  # 2.6 deviations about what precision.py says
    assert all((high - low) / 2 <= share * (high + low) / 2 for _, low, high in found)


def test_it_stops_at_the_first_look_at_which_every_measure_is_known():
    values = TRUE_MEAN * (1.0 + 0.05 * np.tile([1.0, -1.0], 50))
    given = years(values)
    for year in given:
        year[NAMES.index("connection_rate")] = (98.0, 100.0)
    # Of n values one deviation either side of the mean the half-width is t · 0.05 · √(n / (n − 1)) / √n.
    assert not precision.enough({"asa_s": 0.0240}, given[:20])  # 2.093 · 0.05 / √19 = 2.401 %
    assert precision.enough({"asa_s": 0.0241}, given[:20])
    assert precision.enough({"asa_s": 0.0240, "connection_rate": 0.0001}, given[:30])
    assert not precision.enough({"asa_s": 0.0100, "connection_rate": 0.0001}, given[:30])
    assert not precision.enough({"connection_rate": 0.1}, given[:10])  # too few to tell


def test_what_cannot_be_measured_is_not_waited_for():
    assert precision.enough({"callback_wait_s": 0.01}, years(np.full(20, 7.0)))
