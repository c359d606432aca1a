"""Which assumption matters: paired differences, tornado, shares of variance, and targets as they may be meant."""

import itertools
import json
import math
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

import sim
from sim.cli.main import main
from sim.experiment import sensitivity
from sim.experiment.cases import Outcomes, simulate_cases
from sim.experiment.definitions import definitions
from sim.experiment.gather import Settings
from sim.experiment.quantities import Quantity, names, paired_difference, quantities
from sim.measures import NAMES
from sim.scenario import load
from sim.scenario.ranges import Parameter
from sim.targets import TargetRow

ONE = ("--replications", "2", "--jobs", "1")


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")


def quantity(values, weights=None, kind="measure"):
    top = np.asarray(values, float)
    bottom = np.ones_like(top) if weights is None else np.asarray(weights, float)
    return Quantity("x", kind, "s", np.column_stack([top, bottom]))


# --- paired differences ---------------------------------------------------------------------------------


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(-1e3, 1e3), st.floats(-1e3, 1e3)), min_size=2, max_size=20))
def test_a_difference_of_means_has_students_paired_interval(pairs):
    base, other = np.array(pairs).T
    found = paired_difference(quantity(base), quantity(other))
    assert found.mean == pytest.approx((other - base).mean(), abs=1e-9)
    if np.ptp(other - base) > 1e-6:
        known = stats.ttest_rel(other, base).confidence_interval(0.95)
        assert (found.low, found.high) == pytest.approx((known.low, known.high), rel=1e-6, abs=1e-6)


def test_a_difference_of_ratios_has_the_interval_of_the_jackknife():
    rng = np.random.default_rng(7)
    calls = rng.integers(800, 1200, (2, 400)).astype(float)
    # The same day is bad in both: what they share cancels.
    bad = rng.normal(0.0, 0.02, 400)
    base, other = (
        quantity(n * (rate + bad + rng.normal(0.0, 0.005, 400)), n) for n, rate in zip(calls, (0.9, 0.93), strict=True)
    )
    found = paired_difference(base, other)

    def ratio(one, keep):
        return one.pairs[keep, 0].sum() / one.pairs[keep, 1].sum()

    runs = 400
    left_out = np.array([ratio(other, k) - ratio(base, k) for k in (np.arange(runs) != i for i in range(runs))])
    error = math.sqrt((runs - 1) / runs * ((left_out - left_out.mean()) ** 2).sum())
    assert found.mean == pytest.approx(ratio(other, slice(None)) - ratio(base, slice(None)))
    assert found.high - found.mean == pytest.approx(stats.t.ppf(0.975, runs - 1) * error, rel=0.01)
    # Unpaired it would be several times as wide.
    alone = [np.std(one.pairs[:, 0] / one.pairs[:, 1]) for one in (base, other)]
    assert error < 0.5 * math.hypot(*alone) / math.sqrt(runs)


@pytest.mark.parametrize("runs", [2, 5, 8])
def test_a_difference_of_chances_is_covered_whatever_the_truth(runs):
    # Each replication is won, lost or the same: every outcome is counted, so the coverage is exact.
    grid = [(won, lost) for won in (0.0, 0.1, 0.3, 0.6) for lost in (0.0, 0.1, 0.3) if won + lost <= 1.0]
    cover = dict.fromkeys(grid, 0.0)
    for won, lost in itertools.product(range(runs + 1), repeat=2):
        if won + lost > runs:
            continue
        base = [0.0] * won + [1.0] * lost + [1.0] * (runs - won - lost)
        other = [1.0] * won + [0.0] * lost + [1.0] * (runs - won - lost)
        found = paired_difference(quantity(base, kind="probability"), quantity(other, kind="probability"))
        assert found.mean == pytest.approx((won - lost) / runs)
        for p, q in grid:
            chance = stats.multinomial.pmf([won, lost, runs - won - lost], runs, [p, q, 1.0 - p - q])
            cover[p, q] += chance * (found.low - 1e-12 <= p - q <= found.high + 1e-12)
    assert min(cover.values()) >= 0.95


def test_replications_that_only_one_case_has_or_judges_do_not_count():
    base, other = quantity([1.0, 2.0, 3.0]), quantity([2.0, 3.0])
    assert paired_difference(base, other).mean == 1.0
    some = Quantity("x", "probability", "share", np.array([[1.0, 1.0], [0.0, 0.0], [0.0, 1.0]]))
    allof = Quantity("x", "probability", "share", np.array([[1.0, 1.0], [1.0, 1.0], [1.0, 1.0]]))
    assert paired_difference(some, allof).mean == 0.5
    nothing = quantity([0.0, 0.0], [0.0, 0.0])
    assert paired_difference(nothing, nothing).mean is None
    alone = paired_difference(quantity([1.0]), quantity([4.0]))
    assert (alone.mean, alone.low, alone.high) == (3.0, None, None)


# --- tornado --------------------------------------------------------------------------------------------


def outcomes(asa_s, wan=None, met=None):
    runs = len(asa_s)
    pairs = {"asa_s": np.column_stack([np.asarray(asa_s, float) * 100.0, np.full(runs, 100.0)])}
    lines = {} if wan is None else {"total": np.full(runs, wan)}
    rows = []
    if met is not None:
        rows = [TargetRow("asa", "", "", "≤", 8.0, "s", None, None, None, 0.5, None, None, "undecided", "", tuple(met))]
    return Outcomes(
        load("one-day"), tuple(range(runs)), pairs, np.zeros((runs, 0, len(NAMES), 2)), (), lines, rows, None
    )


def test_a_tornado_of_a_model_done_by_hand():
    # asa = 5 + 2 a - b² on both days, one day a second slower than the other; the bill is 10 a.
    a = Parameter("a", (("a",),), 0.0, -1.0, 2.0, False)
    b = Parameter("b", (("b",),), 0.0, -3.0, 1.0, False)

    def simulate(case):
        x, y = case.drawn.get("a", 0.0), case.drawn.get("b", 0.0)
        asa_s = 5.0 + 2.0 * x - y**2
        return outcomes([asa_s, asa_s + 1.0], 10.0 * x, [asa_s <= 5.0, asa_s + 1.0 <= 5.0])

    cases = sensitivity.tornado_cases([a, b])
    assert len(cases) == 5
    found = sensitivity.tornado([a, b], {case.name: simulate(case) for case in cases})
    by_b, by_a = sensitivity.by_swing(found, "asa_s")
    assert (by_b.parameter, by_a.parameter) == (b, a)
    assert (by_a.base, by_a.at_low.mean, by_a.at_high.mean, by_a.swing) == pytest.approx((5.5, -2.0, 4.0, 6.0))
    # Both ends of b lie on one side of the base: its swing is to the farther.
    assert (by_b.at_low.mean, by_b.at_high.mean, by_b.swing) == pytest.approx((-9.0, -1.0, 9.0))
    # The days differ alike in every case, so the differences are known exactly.
    assert (by_a.at_low.low, by_a.at_low.high) == pytest.approx((-2.0, -2.0))
    by_a, by_b = sensitivity.by_swing(found, "total_wan")
    assert (by_a.parameter, by_a.at_low.mean, by_a.at_high.mean, by_b.swing) == (a, -10.0, 20.0, 0.0)
    chance = {one.parameter.key: one for one in sensitivity.by_swing(found, "asa_probability")}
    # In the base one day of two meets 5 s; a low: both; a high: none; b low: both.
    assert chance["a"].base == 0.5
    assert (chance["a"].at_low.mean, chance["a"].at_high.mean, chance["b"].at_low.mean) == (0.5, -0.5, 0.5)
    table = sensitivity.tornado_table(found)
    assert table.height == 2 * 3
    row = table.filter(pl.col("parameter") == "a", pl.col("quantity") == "asa_s").to_dicts()[0]
    assert (row["value"], row["low"], row["high"], row["at_high"], row["swing"]) == pytest.approx((0, -1, 2, 4, 6))


def test_a_tornado_is_the_paired_difference_of_runs_with_the_same_citizens(capsys):
    assert main(["sensitivity", "one-day", *ONE, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    key = "types.*.redial.probability"
    rows = {row["quantity"]: row for row in told["tornado"] if row["parameter"] == key}
    ends = [
        load("one-day", [f"types.{kind}.redial.probability={p}" for kind in ("enquiry", "help")]) for p in (0.36, 0.62)
    ]
    base, low, high = (sim.run(one, 2, jobs=1).measures["asa_s"] for one in (load("one-day"), *ends))
    assert rows["asa_s"]["base"] == base.mean
    assert rows["asa_s"]["at_low"] == pytest.approx(low.mean - base.mean)
    assert rows["asa_s"]["at_high"] == pytest.approx(high.mean - base.mean)
    # Who calls for the first time, and when, does not depend on who calls again.
    assert (rows["first_attempts"]["at_low"], rows["first_attempts"]["swing"]) == (0.0, 0.0)
    folder = Path("results/sensitivity-one-day")
    written = {"manifest.json", "tornado.parquet", "tornado.csv", "definitions.parquet", "definitions.csv"}
    assert {file.name for file in folder.iterdir()} == written
    assert pl.read_parquet(folder / "tornado.parquet").height == len(told["tornado"])
    assert sim.sensitivity("one-day", 2, jobs=1).equals(pl.read_parquet(folder / "tornado.parquet"))


# --- variance -------------------------------------------------------------------------------------------


def spread(*bounds):
    return [
        Parameter(f"p{n}", ((f"p{n}",),), (low + high) / 2, low, high, False) for n, (low, high) in enumerate(bounds)
    ]


def indices_of(function, parameters, count):
    cases = sensitivity.sobol_cases(parameters, count, 5)
    assert len(cases) == count * (len(parameters) + 2)
    means = [{"y": function(*case.drawn.values())} for case in cases]
    found = sensitivity.sobol(parameters, means, count, 5)
    assert [one.parameter for one in found] == [one.key for one in parameters]
    return found


def test_the_indices_of_ishigamis_function_are_the_known_ones():
    # Ishigami and Homma 1990, a = 7, b = 0.1: V = a²/8 + bπ⁴/5 + b²π⁸/18 + 1/2.
    a, b, pi = 7.0, 0.1, math.pi
    variance = a**2 / 8 + b * pi**4 / 5 + b**2 * pi**8 / 18 + 0.5
    alone = (0.5 * (1 + b * pi**4 / 5) ** 2, a**2 / 8, 0.0)
    shared = 8 * b**2 * pi**8 / 225

    def ishigami(x, y, z):
        return math.sin(x) + a * math.sin(y) ** 2 + b * z**4 * math.sin(x)

    found = indices_of(ishigami, spread(*[(-pi, pi)] * 3), 1024)
    for one, own, more in zip(found, alone, (shared, 0.0, shared), strict=True):
        assert one.first.mean == pytest.approx(own / variance, abs=0.03)
        assert one.total.mean == pytest.approx((own + more) / variance, abs=0.03)
        assert one.first.low < own / variance < one.first.high
        assert one.total.low < (own + more) / variance < one.total.high


def test_the_indices_are_those_of_scipy_and_repeat_with_the_seed():
    rng = np.random.default_rng(2)
    values = rng.normal(3.0, 1.0, 5 * 64)
    means = [{"y": value} for value in values]
    parameters = spread((0, 1), (0, 1), (0, 1))
    found = sensitivity.sobol(parameters, means, 64, 1)
    a, b, *mixed = np.split(values, 5)
    known = stats.sobol_indices(func={"f_A": a[None], "f_B": b[None], "f_AB": np.array(mixed)[:, None]}, n=64)
    assert [one.first.mean for one in found] == pytest.approx(known.first_order.tolist())
    assert [one.total.mean for one in found] == pytest.approx(known.total_order.tolist())
    # Its intervals, of other resamples and corrected for bias, are about as wide.
    again = known.bootstrap().total_order.confidence_interval
    for one, low, high in zip(found, again.low, again.high, strict=True):
        assert one.total.high - one.total.low == pytest.approx(high - low, rel=0.3)
    assert sensitivity.sobol(parameters, means, 64, 1) == found
    assert sensitivity.sobol(parameters, means, 64, 2)[0].first.low != found[0].first.low


def test_the_indices_of_a_linear_model_are_the_squares_of_its_slopes_times_ranges():
    found = indices_of(lambda x, y, z: 3.0 * x + y + 0.0 * z, spread((0, 1), (-2, 2), (0, 5)), 512)
    # 3 × 1 and 1 × 4: the variances are as 9 and 16, and nothing is shared.
    for one, share in zip(found, (9 / 25, 16 / 25, 0.0), strict=True):
        assert one.first.mean == pytest.approx(share, abs=0.02)
        assert one.total.mean == pytest.approx(share, abs=0.02)


def test_what_does_not_vary_or_is_not_always_measured_has_no_index():
    assert all(
        one.first.mean is None and one.total.mean is None
        for one in indices_of(lambda x, y: 4.0, spread((0, 1), (0, 1)), 8)
    )
    found = indices_of(lambda x, y: x + y if x > 0.3 else None, spread((0, 1), (0, 1)), 16)
    assert all(one.total.mean is None for one in found)


def test_the_cases_are_two_samples_and_each_column_of_one_in_the_other():
    cases = sensitivity.sobol_cases(spread((0, 1), (10, 20), (5, 6)), 8, 3)
    points = np.array([list(case.drawn.values()) for case in cases]).reshape(5, 8, 3)
    first, second = points[:2]
    for column, mixed in enumerate(points[2:]):
        assert (mixed[:, column] == second[:, column]).all()
        assert (np.delete(mixed, column, axis=1) == np.delete(first, column, axis=1)).all()
    assert not (first == second).any()


def test_the_command_says_how_many_cases_and_writes_the_indices(capsys):
    only = ("--only", "types.*.talk.lognormal.mean_s", "--only", "types.*.redial.probability")
    assert main(["sensitivity", "one-day", "--sobol", "4", *only, "--replications", "1", "--jobs", "1"]) == 0
    streams = capsys.readouterr()
    assert "16 cases, replications of each: 1" in streams.err  # 4 × (2 + 2)
    assert "share of the variance" in streams.out
    table = pl.read_csv("results/sensitivity-one-day/sobol.csv", infer_schema_length=None)
    assert set(table["parameter"]) == {"types.*.talk.lognormal.mean_s", "types.*.redial.probability"}
    # Talk's length brings nobody to call; nothing else varies here that does, and lines never run out.
    assert table.filter(pl.col("quantity") == "first_attempts")["total_order"].null_count() == 2


# --- targets as they may be meant -----------------------------------------------------------------------


def by_hand(scenario, rates, months):
    """Return outcomes with these connection rates of each basis, the same in two replications, and months."""
    runs = 2
    pairs = {name: np.tile([0.0, 0.0], (runs, 1)) for name in NAMES}
    for name, value in rates.items():
        pairs[name] = np.array([[value * 1000.0, 1000.0], [value * 2000.0, 2000.0]])
    table = np.zeros((runs, len(months), len(NAMES), 2))
    for place, found in enumerate(months):
        for name, pair in found.items():
            table[:, place, NAMES.index(name)] = pair
    labels = tuple(f"2020-{number:02d}" for number in range(1, len(months) + 1))
    return Outcomes(scenario, (0, 1), pairs, table, labels, {}, [], None)


def test_which_reading_is_meant_decides_the_verdict():
    scenario = load("shanghai-2020")
    rates = {
        "connection_rate": 0.89,
        "connection_rate_queued": 0.91,
        "connection_rate_excluding_short": 0.905,
        "connection_rate_contacts": 0.95,
        "asa_queue_s": 6.0,
        "satisfaction_follow_up_share": 0.92,
        "satisfaction_all_share": 0.95,
        "satisfaction_on_the_spot_share": 0.96,
        "satisfaction_work_orders_share": 0.85,
    }
    # A busy month with few answered and a quiet one: totals 1780 of 2000, the mean of months (0.82 + 0.99) / 2 = 0.905.
    months = [
        {"connection_rate": (1169.0, 1425.61), "asa_queue_s": (9.0 * 1169, 1169.0)},
        {"connection_rate": (611.0, 617.17), "asa_queue_s": (1.0 * 611, 611.0)},
    ]
    found = {(one.target, one.counts, one.average): one for one in definitions(by_hand(scenario, rates, months))}
    verdicts = {key[1:]: one.row.verdict for key, one in found.items() if key[0] == "connection_rate"}
    assert verdicts == {
        ("attempts", "year"): "missed",
        ("attempts", "months"): "met",
        ("queued", "year"): "met",
        ("excluding_short", "year"): "met",
        ("contacts", "year"): "met",
    }
    assert found["connection_rate", "attempts", "months"].row.measured == pytest.approx(0.905, abs=1e-4)
    # Three seconds of ring on top of 6 in the queue; of the months' 9 and 1 the mean is 5.
    told = {key[1:]: one.row for key, one in found.items() if key[0] == "asa"}
    assert {key: row.measured for key, row in told.items()} == pytest.approx(
        {("queue", "year"): 6.0, ("queue", "months"): 5.0, ("queue+ring", "year"): 9.0, ("queue+ring", "months"): 8.0}
    )
    assert (told["queue", "year"].verdict, told["queue+ring", "year"].verdict) == ("met", "missed")
    people = {key[1]: one.row for key, one in found.items() if key[0] == "satisfaction"}
    assert {key: row.verdict for key, row in people.items()} == {
        "follow_up": "met", "all": "met", "on_the_spot": "met", "work_orders": "missed",
    }  # fmt: skip
    chosen = [key for key, one in found.items() if one.chosen]
    assert chosen == [
        ("connection_rate", "attempts", "year"), ("asa", "queue+ring", "year"), ("satisfaction", "follow_up", "year"),
    ]  # fmt: skip


def test_an_announcement_counts_in_one_more_reading():
    scenario = load("one-day", ["greeting.announcement_s=10"])
    found = definitions(by_hand(scenario, {"asa_queue_s": 2.0}, []))
    told = {one.counts: one.row.measured for one in found if one.target == "asa"}
    assert told == pytest.approx({"queue": 2.0, "queue+ring": 5.0, "greeting+queue+ring": 15.0})


@pytest.mark.parametrize(
    "change",
    [
        'targets.connection_rate.basis="contacts"',
        'targets.connection_rate.basis="queued"',
        'targets.asa.counts=["queue"]',
        'targets.satisfaction={ at_least = 0.9, population = "work_orders" }',
    ],
)
def test_the_scenarios_own_reading_is_the_row_of_its_run(change):
    (case,) = simulate_cases({"x": load("one-day", [change])}, Settings(replications=2, jobs=1)).values()
    rows = {row.key: row for row in case.targets}
    chosen = {one.target: one.row for one in definitions(case) if one.chosen}
    assert set(chosen) == set(rows)
    for key, row in chosen.items():
        assert (row.measured, row.low, row.high) == pytest.approx((rows[key].measured, rows[key].low, rows[key].high))
        assert (row.probability, row.verdict, row.target) == (
            rows[key].probability,
            rows[key].verdict,
            rows[key].target,
        )


def test_definitions_alone_simulate_one_case_and_write_no_result(capsys):
    assert main(["sensitivity", "one-day", "--definitions", *ONE, "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [(row["key"], row["counts"]) for row in rows if row["chosen"]] == [
        ("connection_rate", "attempts"),
        ("asa", "queue+ring"),
    ]
    assert [path.name for path in Path("results").iterdir()] == ["replications.sqlite"]
    # Without a range there are definitions all the same.
    assert main(["sensitivity", "one-day", "--definitions", *ONE, "--lang", "zh"]) == 0
    assert "排队＋振铃" in capsys.readouterr().out.replace(" + ", "＋")


# --- what is refused ------------------------------------------------------------------------------------

REFUSED = [
    (["published-mmc"], "add --range KEY=LOW..HIGH, or a table [ranges]"),
    (["one-day", "--sobol", "6"], "a power of two"),
    (["one-day", "--sobol", "2"], "a power of two"),
    (["one-day", "--sobol", "8", "--definitions"], "one of them"),
    (["one-day", "--sobol", "8", "--only", "types.*.redial.probability"], "two numbers with a range"),
    (["one-day", "--range", "demand.growth=0.1..0.2"], "the scenario's own number, 0,"),
    (["one-day", "--range", "demand.growth=0.2..0.1"], "the lower number first"),
    (["one-day", "--range", "demand.grwth=0..1"], "write demand.growth"),
    (["one-day", "--range", "greeting=0..1"], "the path of one number"),
    (["one-day", "--range", "demand.growth"], "key=low..high"),
    (["one-day", "--only", "demand.growth"], "add --range demand.growth=LOW..HIGH"),
    (["one-day", "--of", "asa_s", "--of", "cost"], "a measure, a chance or a line"),
    (["one-day", "--of", "asa"], "the target asa: asa_s, asa_queue_s, asa_s_mean_of_months, asa_probability"),
    (["one-day", "--range", "sites.main.seats=10..30"], "no more on duty"),
]


@pytest.mark.parametrize(("words", "part"), REFUSED)
def test_what_cannot_be_is_told_before_anything_runs(words, part, capsys):
    assert main(["sensitivity", *words]) == 2
    streams = capsys.readouterr()
    assert streams.out == ""
    assert part in streams.err
    assert "Traceback" not in streams.err
    assert not Path("results").exists()


def test_quantities_go_by_their_keys():
    (case,) = simulate_cases({"x": load("one-day")}, Settings(replications=1, jobs=1)).values()
    assert list(quantities(case)) == names(load("one-day"))
