"""Comparisons: paired differences against theory, chances and ranks by hand, causes that lose no key, the command."""

import itertools
import json
import re
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

import sim
from sim.cli.main import main
from sim.experiment import causes
from sim.experiment.cases import Outcomes
from sim.experiment.compare import check_comparable, compare
from sim.experiment.gather import Settings
from sim.experiment.paired import differ
from sim.experiment.ranking import MONEY, better, rank, rankable
from sim.measures import NAMES, estimate_pairs
from sim.scenario import ScenarioError, load, shipped, to_dict
from sim.targets import TargetRow

ONE = ("compare", "one-day", "--replications", "3", "--jobs", "1")

EXTRA = ("groups.extra={on_duty={all=2}}", 'types.help.groups=["extra", "specialist", "general"]')
"""A group more, and a type that goes to it."""


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "300")


def day(name, *changes):
    return load("one-day", [f"name={name}", *changes])


def column(*values):
    """Numbers that are no ratios: each replication's own, over 1."""
    return np.column_stack([np.array(values, float), np.ones(len(values))])


# --- differences ----------------------------------------------------------------------------------------


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(-1e3, 1e3), st.floats(-1e3, 1e3)), min_size=2, max_size=30))
def test_numbers_have_the_paired_t_interval(drawn):
    base, other = (np.array(values).round(3) for values in zip(*drawn, strict=True))
    if np.ptp(other - base) < 1e-6:
        return
    found = differ(column(*base), column(*other), "h")
    expected = stats.ttest_rel(other, base).confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), rel=1e-6, abs=1e-6)
    ratio = (base.var(ddof=1) + other.var(ddof=1)) / (other - base).var(ddof=1)
    assert found.variance_ratio == pytest.approx(ratio, rel=1e-6, abs=1e-9)


PAIRS = st.lists(st.tuples(st.floats(0, 1e4), st.floats(1, 1e4)), min_size=2, max_size=12).map(np.array)


@settings(deadline=None)
@given(PAIRS)
def test_against_a_number_that_never_varies_a_ratio_keeps_its_own_interval(pairs):
    alone = estimate_pairs(pairs, "share")
    if alone.high - alone.low < 1e-6:
        return
    found = differ(np.tile([3.0, 2.0], (len(pairs), 1)), pairs, "share")
    assert (found.low, found.high) == pytest.approx((alone.low - 1.5, alone.high - 1.5), abs=1e-6)
    assert found.variance_ratio == pytest.approx(1.0)


@settings(deadline=None)
@given(PAIRS, st.randoms(use_true_random=False))
def test_the_difference_is_that_of_the_means_and_turns_round_with_the_cases(pairs, random):
    other = np.array(random.sample(pairs.tolist(), len(pairs)))
    there, back = differ(pairs, other, "share"), differ(other, pairs, "share")
    assert there.difference == there.mean - there.base
    assert (there.low, there.high) == pytest.approx((-back.high, -back.low), abs=1e-9)
    assert there.low <= there.difference <= there.high


def test_a_ratio_s_interval_covers_as_often_as_it_says():
    # Calls differ from year to year, and with them what is answered: 95 % of intervals hold the true difference.
    random = np.random.default_rng(7)
    hits, trials, n = 0, 2_000, 20
    for _ in range(trials):
        calls = random.gamma(25.0, 40.0, n)
        noise = random.normal(0.0, 0.02, (3, n))
        base = np.column_stack([calls * (0.9 + noise[0] + noise[1]), calls])
        other = np.column_stack([1.1 * calls * (0.85 + noise[0] + noise[2]), 1.1 * calls])
        found = differ(base, other, "share")
        hits += found.low <= -0.05 <= found.high
    assert stats.binomtest(hits, trials, 0.95).pvalue > 0.001


def test_what_never_differs_has_no_variance_to_compare():
    same = np.array([[3.0, 7.0], [5.0, 9.0], [1.0, 4.0]])
    found = differ(same, same, "share")
    assert (found.difference, found.low, found.high, found.variance_ratio) == (0.0, 0.0, 0.0, None)
    money = differ(column(0.1, 0.1, 0.1), column(13_334.07, 13_334.07, 13_334.07), "wan")
    assert money.low == money.high == money.difference == pytest.approx(13_333.97)
    assert money.variance_ratio is None


def test_one_replication_has_no_interval_and_nothing_measured_no_difference():
    found = differ(column(3), column(5), "h")
    assert (found.difference, found.low, found.high, found.variance_ratio) == (2.0, None, None, None)
    nothing = differ(np.zeros((2, 2)), column(1, 2), "s")
    assert (nothing.base, nothing.mean, nothing.difference, nothing.low) == (None, 1.5, None, None)


# --- ranks ----------------------------------------------------------------------------------------------


def test_ranking_by_hand():
    # The lower the better: the first year is b's, the second a's and b's, the third counts for none, the fourth c's.
    cases = {
        "a": np.array([[3, 1], [2, 1], [1, 1], [9, 1]], float),
        "b": np.array([[1, 1], [2, 1], [0, 0], [5, 1]], float),
        "c": np.array([[4, 1], [9, 1], [1, 1], [1, 1]], float),
    }
    found = rank(cases, higher=False)
    assert [(place.name, place.mean) for place in found] == [("b", 8 / 3), ("a", 15 / 4), ("c", 15 / 4)]
    assert [place.best_share for place in found] == pytest.approx([1.5 / 3, 0.5 / 3, 1 / 3])
    assert [place.rank for place in found] == [1, 2, 2]  # 15/4 twice
    highest = rank(cases, higher=True)
    assert [place.rank for place in highest] == [1, 1, 3]
    assert [place.name for place in highest] == ["a", "c", "b"]
    assert [place.best_share for place in highest] == pytest.approx([1 / 3, 2 / 3, 0.0])


def test_what_nobody_measured_ranks_nobody():
    found = rank({"a": np.zeros((2, 2)), "b": column(1, 2)}, higher=True)
    assert [(place.name, place.best_share) for place in found] == [("b", None), ("a", None)]
    assert [place.rank for place in found] == [1, None]


def test_which_way_is_better():
    assert better("connection_rate") == "higher"
    assert better("asa_s") == better("total") == better("personnel") == "lower"
    assert better("offered") is None
    assert all(better(name) for name in rankable({"a": load("shanghai-2020")}))
    assert rankable({"a": load("shanghai-2020"), "b": load("one-day")})[0] == "connection_rate"
    assert rankable({"a": load("shanghai-2020")})[0] == "total"


def test_scenarios_that_are_equally_good_share_a_rank_and_the_years(capsys):
    # More lines than are ever busy change nothing.
    words = (*ONE, "--with", "lines.count=500", "--rank", "connection_rate")
    ranking = json.loads(told(capsys, *words, "--json").out)["ranking"]["cases"]
    assert [(place["rank"], place["probability_best"]) for place in ranking] == [(1, 0.5), (1, 0.5)]
    for lang, said in (("en", "share a rank"), ("zh", "名次并列")):
        out = told(capsys, *words, "--lang", lang).out
        assert said in out
        assert len(re.findall(r"^ *1  +one-day", out, re.MULTILINE)) == 2


# --- put together ---------------------------------------------------------------------------------------


def outcome(scenario, random, runs, met=(), money=True):
    pairs = {name: random.uniform(1.0, 9.0, (runs, 2)) for name in NAMES}
    lines = {line: random.uniform(1.0, 9.0, runs) for line in MONEY} if money else {}
    row = TargetRow("asa", "时长", "time", "≤", 8.0, "s", 1.0, 1.0, 1.0, 0.5, 0.0, 1.0, "met", met=met)
    return Outcomes(scenario, tuple(range(runs)), pairs, np.zeros(0), (), lines, [row] if met else [], None)


def test_all_measures_and_lines_are_compared_and_parted_over_what_all_have_simulated():
    base = load("one-day")
    other = day("other", "demand.growth=0.1", "lines.count=50", "types.help.redial.probability=0.2")
    split = causes.split(base, other)
    random = np.random.default_rng(3)
    outcomes = {"one-day": outcome(base, random, 6), "other": outcome(other, random, 4)}
    between = sim.experiment.compare.with_between({"one-day": base, "other": other}, {"other": split})
    assert len(between) == 2**3
    for name, scenario in list(between.items())[2:]:
        outcomes[name] = outcome(scenario, random, 5)
    # One in which a measure is unknown: it is left out of the causes, and nothing else is.
    outcomes[next(reversed(outcomes))].pairs["asa_s"][:] = 0.0
    found = compare(outcomes, Settings(), {"other": split}, "total")
    (case,) = found.cases
    assert found.numbers == (0, 1, 2, 3)
    assert set(case.measures) == set(NAMES)
    assert set(case.lines) == set(MONEY)
    assert set(case.causes) == {*NAMES, *MONEY} - {"asa_s"}
    for name, parts in case.causes.items():
        own = {**case.measures, **case.lines}[name]
        assert len(parts) == 3
        assert sum(part.mean for part in parts) == pytest.approx(own.difference, rel=1e-9, abs=1e-12)
        first, second = (
            outcomes[which].pairs.get(name, np.zeros(0)) if name in NAMES else column(*outcomes[which].lines_wan[name])
            for which in ("one-day", "other")
        )
        means = [pairs[:4, 0].sum() / pairs[:4, 1].sum() for pairs in (first, second)]
        assert own.difference == pytest.approx(means[1] - means[0])


@pytest.mark.parametrize("changes", [2, 8], ids=["all orders", "two orders"])
def test_what_a_cause_does_has_the_interval_of_its_derivatives(changes):
    """An independent twin: shares by their orders, and by how much a little more weight of a year moves them."""
    keys = ("demand.growth=0.1", "lines.count=50", "types.help.redial.probability=0.2", "groups.general.speed=0.9",
            "groups.general.absence.rate=0.01", "types.help.resolution.on_the_spot=0.4", "greeting.ring_s=2",
            "callback={threshold_s=60, accept=0.5}")  # fmt: skip
    base, other = load("one-day"), day("other", *keys[:changes])
    split = causes.split(base, other)
    assert len(split.causes) == changes
    random, n = np.random.default_rng(8), 5
    scenarios = sim.experiment.compare.with_between({"one-day": base, "other": other}, {"other": split})
    outcomes = {name: outcome(scenario, random, n) for name, scenario in scenarios.items()}
    (case,) = compare(outcomes, Settings(), {"other": split}, "total").cases
    names = {frozenset(): "one-day", frozenset(range(changes)): "other"}
    names |= {chosen: f"other: {split.label(chosen)}" for chosen in split.between}
    everyone = tuple(range(changes))
    orders = list(itertools.permutations(everyone)) if changes < 7 else [everyone, everyone[::-1]]

    def done(name, cause, weights):
        def mean(chosen):
            top, bottom = weights @ outcomes[names[frozenset(chosen)]].pairs[name]
            return top / bottom

        before = [order[: order.index(cause)] for order in orders]
        return np.mean([mean((*come, cause)) - mean(come) for come in before])

    for name, cause in (("asa_s", 0), ("connection_rate", changes - 1)):
        part = case.causes[name][cause]
        assert part.mean == pytest.approx(done(name, cause, np.ones(n)))
        little = 1e-6
        moved = [
            (done(name, cause, np.ones(n) + little * np.eye(n)[i]) - done(name, cause, np.ones(n))) / little * n
            for i in range(n)
        ]
        half = stats.t.ppf(0.975, n - 1) * np.std(moved, ddof=1) / np.sqrt(n)
        assert (part.low, part.high) == pytest.approx((part.mean - half, part.mean + half), rel=1e-3)


def test_one_cause_alone_is_the_difference_with_its_interval():
    random = np.random.default_rng(9)
    base, other = load("one-day"), day("other", "lines.count=50")
    outcomes = {"one-day": outcome(base, random, 6), "other": outcome(other, random, 6)}
    (case,) = compare(outcomes, Settings(), {"other": causes.split(base, other)}, "total").cases
    for name, own in {**case.measures, **case.lines}.items():
        (part,) = case.causes[name]
        assert (part.mean, part.low, part.high) == pytest.approx((own.difference, own.low, own.high))


def test_without_money_in_one_there_are_no_lines():
    random = np.random.default_rng(4)
    base, other = load("one-day"), day("other", "lines.count=50")
    outcomes = {"one-day": outcome(base, random, 2), "other": outcome(other, random, 2, money=False)}
    (case,) = compare(outcomes, Settings(), {}, "asa_s").cases
    assert case.lines == {}


def test_verdicts_that_changed_by_hand():
    random = np.random.default_rng(5)
    base, other = load("one-day"), day("other", "lines.count=50")
    outcomes = {
        "one-day": outcome(base, random, 5, met=(True, True, False, None, False)),
        "other": outcome(other, random, 5, met=(True, False, True, True, True)),
    }
    ((row,),) = (case.targets for case in compare(outcomes, Settings(), {}, "asa_s").cases)
    assert (row.base, row.probability, row.gained, row.lost) == (2 / 4, 4 / 5, 2, 1)
    # Of the four that judge it in both; each share of changed ones exactly, with half of the 5 % that may be missed.
    gained, lost = (stats.binomtest(k, 4).proportion_ci(0.975) for k in (2, 1))
    assert row.difference == (2 - 1) / 4
    assert (row.low, row.high) == pytest.approx((gained.low - lost.high, gained.high - lost.low))
    outcomes["other"] = outcome(other, random, 5)
    ((row,),) = (case.targets for case in compare(outcomes, Settings(), {}, "asa_s").cases)
    assert (row.base, row.probability, row.gained, row.lost) == (2 / 4, None, None, None)
    assert (row.difference, row.low, row.high) == (None, None, None)


# --- causes ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "cause"),
    [
        ("demand.growth", "volume"),
        ("demand.surge", "volume"),
        ("calendar.days.2020-02-01", "volume"),
        ("types.help.annual_contacts", "volume"),
        ("types.letters", "volume"),
        ("types.help.talk.lognormal.mean_s", "handling"),
        ("types.help.wrap", "handling"),
        ("types.help.transfer.consult.fixed.s", "handling"),
        ("groups.general.speed", "handling"),
        ("tasks.review.handling.gamma.mean_s", "handling"),
        ("groups.general.on_duty.margin", "staffing"),
        ("groups.partner", "staffing"),
        ("groups.partner.activation.waiting", "staffing"),
        ("sites.main.seats", "staffing"),
        ("workforce.ratios.team_leader.agents_per_head", "staffing"),
        ("workforce.shrinkage.leave", "shrinkage"),
        ("workforce.attrition", "shrinkage"),
        ("workforce.headcount", "headcount"),
        ("workforce.headcount.classes", "headcount"),
        ("workforce.headcount.lead_weeks", "names"),
        ("groups.general.absence.rate", "shrinkage"),
        ("types.help.patience.never", "patience"),
        ("types.help.redial", "patience"),
        ("types.help.resolution.repeat.work_order", "resolution"),
        ("types.help.transfer.share", "resolution"),
        ("types.help.groups", "routing"),
        ("tasks.review.due.hours", "tasks"),
        ("callback.threshold_s", "callback"),
        ("cost.tax.rate", "rates"),
        ("groups.partner.activation.price.per_call_cny", "rates"),
        ("posts.shift_leader.wage_factor", "rates"),
        ("workforce.office.training.wage_factor", "rates"),
        ("targets.asa.at_most_s", "targets"),
        ("targets.asa.counts", "counting"),
        ("targets.environmental.fixed_kw", "energy"),
        ("targets.environmental.at_most_kwh", "targets"),
        ("targets.rank.rivals.fcr", "targets"),
        ("types.help.title.zh", "names"),
        ("workforce.office.training.title.zh", "names"),
        ("lines.count", "lines"),
        ("greeting.ring_s", "greeting"),
        ("something.new", "something"),
        ("types.help.something", "types"),
    ],
)
def test_cause_of_a_key(key, cause):
    assert causes.cause_of(tuple(key.split("."))) == cause


def paths_of(tables, path=()):
    if isinstance(tables, dict) and tables:
        for key, value in tables.items():
            yield from paths_of(value, (*path, key))
    else:
        yield path


def test_every_key_of_the_shipped_scenarios_has_a_cause_with_a_name():
    from sim.report.names import cause_name

    found = {causes.cause_of(path) for name in shipped() for path in paths_of(to_dict(load(name)))}
    unnamed = {cause for cause in found if cause_name(cause, "zh") == cause}
    assert unnamed == {"names", "targets"}


YEAR = [name for name in shipped() if load(name).horizon == load("shanghai-2020").horizon]


@pytest.mark.parametrize(("one", "other"), list(zip(YEAR, [*YEAR[1:], YEAR[0]], strict=True)))
def test_no_key_is_lost_between_the_two(one, other):
    """All that differs, laid on the first, gives the second, names and targets apart."""
    base, wanted = load(one), load(other)
    changed = causes.changed_keys(base, wanted)
    paths = [path for found in changed.values() for path in found]
    mixed = sim.scenario.from_dict(causes._mixed(causes._given(base), causes._given(wanted), paths))
    left = list(causes._differing(to_dict(mixed), to_dict(wanted)))
    assert {causes.cause_of(path) for path in left} <= {"names"}


def test_a_key_written_at_its_default_is_no_change():
    written = day("written", "demand.growth=0.0", "groups.general.reserve=0", "types.help.routing=preference")
    assert causes.changed_keys(load("one-day"), written) == {}


def test_tables_that_only_one_has_stand_whole_and_mix():
    base = load("one-day")
    other = day(
        "other", "callback={threshold_s=60, accept=0.5}", "types.help.talk={gamma={mean_s=180, cv=1.0}}",
        "demand.shape.all=[1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2]",
    )  # fmt: skip
    for one, two in ((base, other), (other, base)):
        split = causes.split(one, two)
        assert [cause.key for cause in split.causes] == ["volume", "handling", "callback"]
        assert split.causes[2].paths == ("callback",)
        assert len(split.between) == 6
        only = split.between[frozenset({1})]
        assert only.types["help"].talk == two.types["help"].talk
        assert (only.callback, only.demand) == (one.callback, one.demand)


def test_causes_that_cannot_be_parted_are_joined():
    # A type that goes to a group that is new: without it there is no such scenario.
    other = day("other", *EXTRA, "demand.growth=0.1")
    split = causes.split(load("one-day"), other)
    assert [cause.key for cause in split.causes] == ["volume", "staffing+routing"]
    assert split.causes[1].paths == ("groups.extra", "types.help.groups")
    assert set(split.between) == {frozenset({0}), frozenset({1})}


def test_past_six_causes_those_that_cannot_be_parted_are_joined_too():
    other = day(
        "other", "demand.growth=0.1", "groups.general.speed=0.9", *EXTRA, "groups.general.absence.rate=0.01",
        "types.help.redial.probability=0.3", "types.help.resolution.on_the_spot=0.4", "lines.count=50",
        "greeting.ring_s=2", "callback={threshold_s=60, accept=0.5}",
    )  # fmt: skip
    split = causes.split(load("one-day"), other)
    assert [cause.key for cause in split.causes] == [
        "volume", "handling", "staffing+routing", "shrinkage", "patience", "resolution", "callback", "lines",
        "greeting",
    ]  # fmt: skip
    assert len(split.between) == 2 * 9 - 2


def test_targets_move_nothing_and_are_told():
    split = causes.split(load("one-day"), day("other", "targets.asa.at_most_s=9"))
    assert (split.causes, split.between, split.left_out) == ((), {}, ("targets.asa.at_most_s",))


def test_what_cannot_be_compared_is_told_at_once():
    later = ("horizon.start=2020-03-17", "horizon.end=2020-03-17")
    with pytest.raises(ScenarioError) as refused:
        check_comparable([load("one-day"), day("same"), day("later", *later), day("more", "demand.growth=0.1")])
    assert [(fault.file, fault.key) for fault in refused.value.faults] == [("same", ""), ("later", "horizon")]


# --- the command ----------------------------------------------------------------------------------------


def told(capsys, *words, code=0):
    assert main(list(words)) == code
    return capsys.readouterr()


def no_constant(text):
    raise AssertionError(text)


def test_command_as_json_and_its_folder(capsys, tmp_path):
    words = (*ONE, "--with", "demand.growth=0.1", "--with", "groups.general.speed=0.9", "--json", "--figures")
    out = told(capsys, *words)
    data = json.loads(out.out, parse_constant=no_constant)
    assert "2 causes (volume, handling times)" in out.err
    assert data["base"] == "one-day"
    (case,) = data["cases"]
    assert case["name"] == "one-day-growth-0-1-speed-0-9"
    assert set(case["measures"]) == set(NAMES)
    assert case["cost"] == {}
    alone = {name: sim.run(scenario, 3, jobs=1) for name, scenario in (
        ("base", "one-day"), ("mean", day("x", "demand.growth=0.1", "groups.general.speed=0.9")),
    )}  # fmt: skip
    for name, own in case["measures"].items():
        assert [own["base"], own["mean"]] == [alone[key].measures[name].mean for key in ("base", "mean")]
        if own["difference"] is not None:
            assert own["difference"] == own["mean"] - own["base"]
            parts = case["causes"].get(name)
            assert parts is None or sum(part["difference"] for part in parts) == pytest.approx(own["difference"])
    assert [part["key"] for part in case["causes"]["offered"]] == ["volume", "handling"]
    folder = tmp_path / "results" / "compare-one-day-one-day-growth-0-1-speed-0-9"
    assert json.loads((folder / "comparison.json").read_text("utf-8")) == data
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    files = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert set(manifest["files"]) == files
    assert {"figures/waterfall-connection_rate.svg", "figures/waterfall-connection_rate.png"} <= files
    table = pl.read_parquet(folder / "differences.parquet")
    assert table.equals(pl.read_csv(folder / "differences.csv", schema=table.schema))
    row = table.row(by_predicate=pl.col("name") == "asa_s", named=True)
    assert {key: row[key] for key in ("difference", "low", "high", "variance_ratio")} == {
        key: case["measures"]["asa_s"][key] for key in ("difference", "low", "high", "variance_ratio")
    }
    assert set(table["kind"]) == {"measure", "target"}
    chances = {row["name"]: row for row in table.filter(pl.col("kind") == "target").to_dicts()}
    for target in case["targets"]:
        row = chances.pop(target["key"])
        assert (row["base"], row["mean"]) == (target["base"], target["probability"])
        assert [row[key] for key in ("difference", "low", "high")] == [
            target[key] for key in ("difference", "low", "high")
        ]
    assert not chances
    parts = pl.read_parquet(folder / "causes.parquet")
    assert parts.equals(pl.read_csv(folder / "causes.csv", schema=parts.schema))
    listed = {
        name: [
            {"key": row["cause"], **{key: row[key] for key in ("difference", "low", "high")}}
            for row in parts.filter(pl.col("name") == name).to_dicts()
        ]
        for name in parts["name"].unique()
    }
    assert listed == case["causes"]
    assert all(own["low"] <= own["difference"] <= own["high"] for told in listed.values() for own in told)
    before = {file: (folder / file).read_bytes() for file in files if file != "manifest.json"}
    told(capsys, *re.findall(r"'[^']*'|\S+", manifest["command"])[1:], "--quiet", "--jobs", "1")
    assert {file: (folder / file).read_bytes() for file in before} == before


def test_one_replication_has_nulls_for_its_intervals(capsys):
    out = told(capsys, "compare", "one-day", "--with", "demand.growth=0.1", "--replications", "1", "--json").out
    own = json.loads(out)["cases"][0]["measures"]["offered"]
    assert own["difference"] > 0
    assert (own["low"], own["high"], own["variance_ratio"]) == (None, None, None)


def test_three_scenarios_are_ranked(capsys, tmp_path):
    for name, growth in (("more", 0.3), ("fewer", -0.3)):
        text = f'schema = 1\nname = "{name}"\nextends = "one-day"\n[demand]\ngrowth = {growth}\n'
        (tmp_path / f"{name}.toml").write_text(text, "utf-8")
    out = told(capsys, *ONE, "more.toml", "fewer.toml", "--rank", "abandoned")
    order = re.findall(r"^ *([123])  +(\S+) ", out.out, re.MULTILINE)
    assert order == [("1", "fewer"), ("2", "one-day"), ("3", "more")]
    assert "What makes the difference" not in out.out
    assert out.err == ""
    parted = json.loads(told(capsys, *ONE, "more.toml", "fewer.toml", "--causes", "--json").out)
    assert [list(case["cause_keys"]) for case in parted["cases"]] == [["volume"], ["volume"]]
    assert sum(case["probability_best"] for case in parted["ranking"]["cases"]) == pytest.approx(1.0)


def test_keys_that_differ_in_a_name_alone_are_told_once(capsys):
    changes = ("types.help.talk.lognormal.cv=1.0", "types.enquiry.talk.lognormal.cv=1.0", "demand.growth=0.1",
               "demand.within_slot=linear", "targets.asa.at_most_s=9")  # fmt: skip
    out = told(capsys, *ONE, *(word for change in changes for word in ("--with", change))).out
    keys = re.findall(r" ((?:types|demand)\.\S+) ", out)
    assert keys == ["demand.growth", "demand.within_slot", "types.*.talk.lognormal.cv"]
    assert "Targets differ too, which moves no measure: targets.asa.at_most_s" in out


def test_set_changes_every_scenario(capsys):
    words = (*ONE, "--set", "demand.growth=0.5", "--with", "lines.count=100", "--json", "--no-causes")
    data = json.loads(told(capsys, *words).out)
    alone = sim.run(load("one-day", ["demand.growth=0.5"]), 3, jobs=1)
    assert data["cases"][0]["measures"]["offered"]["base"] == alone.measures["offered"].mean
    assert data["cases"][0]["causes"] == {}
    assert not list(Path("results").glob("*/causes.*"))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["one-day"], ["two scenarios or more", "to mend: name another scenario, or a change such as --with"]),
        (["one-day", "one-day"], ["a simulation or a bill reads"]),
        (["one-day", "--with", "lines.count=40"], ["a simulation or a bill reads"]),
        (["one-day", "shanghai-2020"], ["shanghai-2020: horizon = 2020-01-01 to 2020-12-31", "the days of one-day"]),
        (["one-day", "blended", "--with", "lines.count=50"], ["--with", "beside one scenario"]),
        (["one-day", "--with", "lines.count=50", "--rank", "asa"], ["--rank = asa", "to mend: write asa_s"]),
        (["one-day", "--with", "lines.count=50", "--rank", "offered"], ["--rank = offered", "better high or low"]),
        (["one-day", "--with", "lines.count=50", "--rank", "total"], ["--rank = total", "where all have money"]),
        (["one-day", "--with", "lines.cuont=50"], ["lines.cuont", "write count instead of cuont"]),
        (["one-day", "--with", "name=one-day", "--with", "lines.count=50"], ["a name of its own"]),
        (["one-day", "--with", "lines.count=50", "--from", "2020-03-17"], ["--from 2020-03-17"]),
        (["one-day", "--with", "lines.count=50", "--replications", "0", "--seed", "x"], ["--replications", "--seed"]),
    ],
)  # fmt: skip
def test_mistakes(capsys, tmp_path, words, said):
    out = told(capsys, "compare", *words, code=2)
    assert out.out == ""
    for text in said:
        assert text in out.err
    assert "Traceback" not in out.err
    assert list(tmp_path.iterdir()) == []


def test_in_chinese(capsys):
    words = (
        "--with", "demand.growth=0.1", *(word for change in EXTRA for word in ("--with", change)),
        "--with", "targets.asa.at_most_s=9", "--lang", "zh",
    )  # fmt: skip
    out = told(capsys, *ONE, *words)
    text = re.sub(r"results/\S+|one-day[\w-]*|\S+\.\S+|--no-causes|Shapley", "", out.out + out.err)
    assert set(re.findall(r"[A-Za-z]{3,}", text)) == set()
    assert "人员配置＋来电分派 不能拆开" in out.out
    assert "绩效目标也不同" in out.out


def test_from_python():
    more = day("more", "demand.growth=0.1")
    found = sim.compare("one-day", more, replications=2, jobs=1)
    (part,) = found.cases[0].causes["offered"]
    assert part.mean == found.cases[0].measures["offered"].difference
    for wrong in ([load("one-day")], [load("one-day"), load("one-day")]):
        with pytest.raises(ValueError, match="two scenarios or more"):
            sim.compare(*wrong)
    with pytest.raises(ValueError, match="rank must be one of"):
        sim.compare("one-day", more, rank="offered")


@pytest.mark.parametrize("change", ["labour.rest_h=12", "workforce.headcount.lead_weeks=7"])
def test_what_no_simulation_reads_is_no_difference(change):
    base = sim.load("shanghai-2020-heads")
    with pytest.raises(ScenarioError, match="in a key that a simulation or a bill reads"):
        check_comparable([base, sim.load("shanghai-2020-heads", [change])])
