"""``hotline staff`` and ``hotline frontier``: what they say, write and refuse; the plan written is the plan found."""

from __future__ import annotations

import json
import pickle
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from small_staffing import small_staffing

import sim
from sim import verbs
from sim.cli.main import main
from sim.report import staff_rows
from sim.report.staff_files import staff_summary
from sim.report.staff_tables import staff_tables
from sim.scenario import load, to_dict, to_toml, unsourced
from sim.scenario.money import LINES
from sim.staffing.plan import Buy, Offer, Plan, What
from sim.staffing.trim import Fewer
from sim.targets import NAMES

YEARS = 6
FOLDER = Path("results", "staff-small-staffing")
FAST = ("--years", str(YEARS), "--jobs", "1")
FILES = {
    "summary.json",
    "tours.csv",
    "coverage.csv",
    "roster.csv",
    "frontier.csv",
    "buys.csv",
    "scenario.toml",
    "manifest.json",
}


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "300")


@pytest.fixture(scope="module")
def searched(tmp_path_factory) -> tuple[Path, Plan]:
    """Return a folder with a small scenario and the result of the command, and the plan that it found."""
    folder = tmp_path_factory.mktemp("staff")
    found = []
    search = verbs.staff

    def kept(*given, **named):
        found.append(search(*given, **named))
        return found[0]

    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr(verbs, "staff", kept)
        titles = {
            "title": ("小热线", "A small hotline"),
            "groups.all.title": ("话务组", "Telephone"),
            "tours.full.title": ("五天班", "Five days"),
        }
        named = small_staffing(*(f'{key}={{ zh = "{zh}", en = "{en}" }}' for key, (zh, en) in titles.items()))
        Path("small.toml").write_text(to_toml(named), "utf-8")
        assert main(["staff", "small.toml", *FAST, "--quiet"]) == 0
    return folder, found[0]


@pytest.fixture
def plan(searched, monkeypatch) -> Plan:
    """Return the plan, in its folder; the commands find it at once."""
    folder, found = searched
    monkeypatch.chdir(folder)
    monkeypatch.setattr(verbs, "staff", lambda *given, **named: found)
    return found


@pytest.fixture
def summary(plan) -> dict:
    return json.loads((FOLDER / "summary.json").read_text("utf-8"))


# --- the JSON ----------------------------------------------------------------------------------------------------


def test_the_json_has_what_others_rely_on(plan, summary, capsys):
    assert main(["staff", "small.toml", *FAST, "--json", "--out", "again"]) == 0
    assert json.loads(capsys.readouterr().out) == summary
    assert summary["probability"]["asked"] == 0.9
    assert summary["probability"]["seeds"] == YEARS
    assert summary["total_wan"] == pytest.approx(sum(line["wan"] for line in summary["cost"]["lines"]))
    (personnel,) = (line["wan"] for line in summary["cost"]["lines"] if line["key"] == "personnel")
    assert summary["personnel_wan"] == personnel
    assert set(summary["binding"]) <= {"connection_rate", "asa"}
    assert {*summary["theory"]} == {"connection_rate", "asa", "all"}
    assert summary["budget_wan"] is None
    for row in summary["targets"]:
        assert {"key", "name_zh", "name_en", "op", "target", "measured", "low", "high", "probability", "verdict"} <= {
            *row
        }
    for tour in summary["tours"]:
        assert {"shift", "days", "agents", "group", "typical_week", "start", "end"} <= {*tour}
        assert tour["group"] == "all"


def test_the_chance_is_the_share_of_years_in_which_all_service_targets_hold(summary):
    service = [row["met"] for row in summary["targets"] if row["key"] in ("connection_rate", "asa", "fcr")]
    assert len(service) == 3
    years = [all(year) for year in zip(*service, strict=True)]
    assert summary["probability"]["estimate"] == sum(years) / YEARS
    # Power by contact is far off here, and no part of it.
    (energy,) = (row for row in summary["targets"] if row["key"] == "environmental")
    assert energy["probability"] == 0.0


def test_seats_and_heads_are_those_of_the_roster(summary):
    roster = pl.read_csv(FOLDER / "roster.csv").select(pl.exclude("date", "group")).to_numpy()
    assert summary["seats"] == roster.max()
    # 3 % are absent; 2 % of the hours are overtime; a head works 2,000 h a year less 32 %, and of that 28 days of 365.
    hours = roster.sum() / 2.0 * (1.0 - 0.03) * (1.0 - 0.02)
    assert summary["agents"] == pytest.approx(hours / (2000.0 * (1.0 - 0.32) * 28.0 / 365.0))
    assert summary["heads"] > summary["agents"]


def test_what_is_saved_is_the_difference_of_the_contracts(plan, summary):
    assert {*summary["against"]} == {"interval_erlang", "flat"}
    for name, row in summary["against"].items():
        rival = sim.price(plan.rivals[name].scenario)
        assert row["total_wan"] == rival.total_wan
        assert row["saving_wan"] == pytest.approx(rival.total_wan - summary["total_wan"])
        assert row["saving"] == pytest.approx(row["saving_wan"] / rival.total_wan)
        assert row["low"] <= row["probability"] <= row["high"]


def test_the_gap_in_money_is_its_share_of_what_the_shifts_cost(plan, summary):
    own = plan.tours.groups["all"]
    # One typical week, by which all four are planned.
    assert summary["gap_wan"] == pytest.approx(summary["gap"] * 4.0 * float(own.week_cny[0]) / 10_000.0)


# --- the folder --------------------------------------------------------------------------------------------------


def test_the_scenario_written_is_the_plan_and_costs_the_same_to_the_fen(plan):
    written = load(FOLDER / "scenario.toml")
    named = {key: to_dict(plan.scenario)[key] for key in ("name", "title")}
    assert {**to_dict(written), **named} == to_dict(plan.scenario)
    assert written.title.zh == "小热线（hotline staff 的排班）"
    assert not {"groups.all.on_duty", "sites.main.seats"} & {*unsourced(written)}
    bill = sim.price(written)
    assert [[part.fen for part in line.parts] for line in bill.lines] == [
        [part.fen for part in line.parts] for line in plan.bill.lines
    ]
    assert bill.total_wan == plan.bill.total_wan
    # A run of it does not take the place of the shifts.
    assert written.name != FOLDER.name


def test_the_proof_can_be_repeated_with_the_command_shown(plan, summary, capsys):
    assert main(["staff", "small.toml", *FAST, "--out", "shown"]) == 0
    (command,) = re.findall(r"^To repeat the proof: hotline (.+)$", capsys.readouterr().out, re.MULTILINE)
    assert main([*shlex.split(command), "--jobs", "1", "--out", "proof", "--quiet"]) == 0
    run = json.loads(Path("proof", "summary.json").read_text("utf-8"))
    assert run["targets"] == summary["targets"]
    assert run["cost"]["lines"] == summary["cost"]["lines"]


def test_the_folder_is_whole_and_its_manifest_gives_it_again(plan):
    files = {str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*")}
    manifest = json.loads((FOLDER / "manifest.json").read_text("utf-8"))
    assert files == {*manifest["files"]}
    assert files - {"roster.xlsx"} == FILES
    words = ["hotline", "staff", "small.toml", "--probability", "0.9", "--floor", "90%", "--years", str(YEARS)]
    assert shlex.split(manifest["command"]) == [*words, "--seed", "1"]
    assert manifest["scenario"]["name"] == "small-staffing"


def test_excel_has_the_tables(plan):
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.load_workbook(FOLDER / "roster.xlsx", read_only=True)
    assert book.sheetnames == ["tours", "coverage", "roster", "frontier", "buys"]


def test_keys_set_beside_the_scenario_are_in_the_folder(plan):
    assert main(["staff", "small.toml", "--set", "sites.main.seats=50", *FAST, "--out", "set", "--quiet"]) == 0
    assert "base.toml" in {path.name for path in Path("set").iterdir()}


def test_a_kill_while_it_writes_leaves_the_older_result_whole(plan, tmp_path):
    shutil.copytree(Path(), tmp_path / "here")
    (tmp_path / "plan.pickle").write_bytes(pickle.dumps(plan))
    code = (
        "import os, pickle, sys; from sim import verbs; from sim.report import files;"
        "verbs.staff = lambda *given, **named: pickle.load(open('../plan.pickle', 'rb'));"
        # All other files are there when the manifest is to be written.
        "files.text = lambda told: os._exit(9);"
        "from sim.cli.main import main; sys.exit(main(['staff', 'small.toml', '--years', '3', '--quiet']))"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=tmp_path / "here", check=False).returncode == 9
    for path in FOLDER.iterdir():
        assert (tmp_path / "here" / path).read_bytes() == path.read_bytes()
    assert {path.name for path in (tmp_path / "here" / FOLDER).iterdir()} == {path.name for path in FOLDER.iterdir()}


def test_stopped_while_it_writes_it_leaves_nothing(plan, monkeypatch):
    def stopped(told):
        raise KeyboardInterrupt

    monkeypatch.setattr("sim.report.files.text", stopped)
    for command in ("staff", "frontier"):
        assert main([command, "small.toml", *FAST, "--out", f"stopped/{command}"]) == 130
    assert [*Path("stopped").iterdir()] == []


# --- the screen --------------------------------------------------------------------------------------------------


def test_the_certificate_says_what_is_asked_found_and_what_binds(plan, capsys):
    assert main(["staff", "small.toml", *FAST, "--out", "shown"]) == 0
    out = capsys.readouterr().out
    (binding,) = plan.binding
    held = round(plan.chance[0] * YEARS)
    for words in (
        "Asked: in 90 % of the years at least",
        "every half-hour answers 90 % of its calls at least",
        f"held in {held} of {YEARS} simulated years",
        "The search used none of these years",
        f"{plan.bill.total_wan:,.2f}",
        f"{plan.bill.drivers.heads:,.0f} heads",
        f"{plan.bill.drivers.seats} seats, the most that are used at once (the scenario has 60)",
        f"What binds: {NAMES[binding][1]}",
        "no other choice of shifts is cheaper",
        "Who works",
        "Erlang in every half-hour",
        "the same agents all day",
        "Results in shown",
    ):
        assert words in out
    assert re.search(r"Telephone +Five days +\d", out)
    above, below = out.split("The other targets")
    assert "connection rate" in above
    assert "energy per contact" not in above
    assert "energy per contact" in below
    assert "Not in the chance above: energy follows from seats and hours" in out


@pytest.mark.parametrize(
    ("chance", "said"),
    [((0.99, 0.95, 1.0), ""), ((0.85, 0.7, 0.95), "is inside the interval"), ((0.5, 0.4, 0.6), "less than was asked")],
)
def test_a_proof_that_falls_short_is_told_as_that(plan, chance, said):
    shown = " ".join(map(str, staff_tables(replace(plan, chance=chance), "en")))
    for words in ("is inside the interval", "less than was asked"):
        assert (words in shown) == (words == said)


def test_who_works_is_told_by_kind_of_tours_as_the_tours_have_it(plan):
    told = {(row["group"], row["kind"]): row for row in staff_rows.people(plan).to_dicts()}
    # The same from the rows of tours.csv: a tour has a row a shift, and each typical week so many days of the horizon.
    days = {week.label: 7.0 * share for week, share in zip(plan.tours.weeks, plan.tours.shares, strict=True)}
    agents: dict[tuple[str, str], dict[str, int]] = {}
    for week, group, kind, _, number in set(
        plan.tours.tour_rows().select("typical_week", "group", "kind", "tour", "agents").rows()
    ):
        of_week = agents.setdefault((group, kind), dict.fromkeys(days, 0))
        of_week[week] += number
    assert told.keys() == agents.keys()
    for place, of_week in agents.items():
        measured = {week: number for week, number in of_week.items() if days[week]}
        ends = min(measured.values()), max(measured.values())
        assert (told[place]["agents_least"], told[place]["agents_most"]) == ends
        mean = sum(days[week] * number for week, number in measured.items()) / sum(days.values())
        assert told[place]["agents"] == pytest.approx(mean)
    for name, own in plan.tours.groups.items():
        paid_h = sum(row["paid_h"] for place, row in told.items() if place[0] == name)
        assert paid_h == pytest.approx(float(plan.tours.shares @ own.paid_h) / sum(plan.tours.shares))
    assert staff_summary(plan)["people"] == list(told.values())


def test_what_one_agent_fewer_would_do_is_said_and_not_as_more_than_it_is(plan):
    def shown(fewer: Fewer | None, lang="en") -> str:
        return " ".join(map(str, staff_tables(replace(plan, fewer=fewer), lang)))

    # 0.89999 is below what is asked for, so that it must not read as 90.00 %.
    some = shown(Fewer(1_200, 300, 0.89999))
    assert "any one of the 1,200 tours" in some
    assert "in 300 it is forbidden" in some
    assert "89.99 % at most" in some
    none = shown(Fewer(300, 300, None))
    assert "in 300 it is forbidden" in none
    assert "these targets would all hold" in some
    assert "these targets would all hold" not in none
    assert "One agent fewer" not in shown(None)
    assert "任减一人" in shown(Fewer(1_200, 300, 0.89999), "zh")
    assert "至多 89.99%" in shown(Fewer(1_200, 300, 0.89999), "zh")
    assert staff_summary(replace(plan, fewer=None))["one_fewer"] is None
    assert staff_summary(plan)["one_fewer"] == {
        "tours": plan.fewer.tours, "barred": plan.fewer.barred, "surest": plan.fewer.surest,
    }  # fmt: skip


def test_for_a_budget_the_surest_plan_is_asked_for(plan):
    rich = replace(plan, asked=replace(plan.asked, budget_wan=400.0))
    shown = " ".join(map(str, staff_tables(rich, "en")))
    assert "Asked: for 400 万元 at most" in shown
    assert "is inside the interval" not in shown
    assert staff_rows.probability(rich)["asked"] is None


@pytest.mark.parametrize("command", ["staff", "frontier"])
def test_in_chinese_nothing_is_left_in_english(plan, capsys, command):
    assert main([command, "small.toml", *FAST, "--out", "zh", "--lang", "zh"]) == 0
    out = capsys.readouterr().out
    names = (
        r"hotline run \S+ --seed \d+ --replications \d+|hotline (run|staff) \S+|cost\.\S+|--years|kWh|Erlang|目录 zh"
        r"|minimum|--floor|max_share"
    )
    assert re.findall(r"[A-Za-z]{2,}", re.sub(names, "", out)) == []
    assert "小热线" in out


def test_every_option_reaches_the_search(plan, monkeypatch):
    given = {}
    monkeypatch.setattr(
        verbs, "staff", lambda scenario, probability, **named: given.update(named, p=probability) or plan
    )
    words = ["--probability", "95%", "--budget-wan", "321.5", "--floor", "0.8", "--years", "7", "--seed", "3"]
    words += ["--floor-day", "96%"]
    assert main(["staff", "small.toml", *words, "--jobs", "1", "--out", "x", "--quiet"]) == 0
    told = given.pop("told")
    assert callable(told)
    assert given == {
        "p": 0.95, "budget_wan": 321.5, "floor": 0.8, "floor_day": 0.96, "years": 7, "seed": 3, "jobs": 1, "buys": True
    }  # fmt: skip
    assert "--floor-day 96%" in json.loads(Path("x", "manifest.json").read_text("utf-8"))["command"]


def test_a_floor_over_any_24_hours_is_said_where_it_is_asked_for(plan):
    asked = replace(plan, asked=replace(plan.asked, floor_day=0.95))
    said = "of the calls of any 24 hours in a row 95 % are answered at least"
    assert said in " ".join(map(str, staff_tables(asked, "en")))
    assert "连续 24 小时的来电至少接通 95%" in " ".join(map(str, staff_tables(asked, "zh")))
    assert "24 hours" not in " ".join(map(str, staff_tables(plan, "en")))
    assert staff_summary(asked)["floor_day"] == 0.95


# --- what money buys ----------------------------------------------------------------------------------------------


def buy(line: str, wan: float, what: What, probability: float | None) -> Buy:
    changes = (None, None) if probability is None else (-20.0 * probability, probability / 2.0)
    return Buy(line, wan, what, None if probability is None else wan * 1.1, *changes, probability, 12.5, -3.0)


BUYS = (
    buy("operation", 10.0, "spare", 0.0),
    buy("platform", 10.0, "nothing", 0.0),
    buy("personnel", 10.0, "agents", 0.04),
    buy("tax", 10.0, "follows", 0.0),
    buy("operation", -10.0, "seats", -0.01),
    buy("platform", -10.0, "all", None),
    buy("personnel", -10.0, "agents", -0.07),
    buy("tax", -10.0, "follows", 0.0),
)


def test_lines_are_ranked_by_what_their_money_buys(plan):
    rows = staff_rows.buys(replace(plan, buys=BUYS))
    assert rows.select("rank", "line", "wan").rows() == [
        (1, "personnel", 10.0),
        (2, "operation", 10.0),
        (2, "platform", 10.0),
        (2, "tax", 10.0),
        (1, "personnel", -10.0),
        (2, "operation", -10.0),
        (3, "tax", -10.0),
        (None, "platform", -10.0),
    ]


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("en", ("+12.5 agent hours a week on duty", "-3.0 seats; weeks at the peak", "all seats together cost less")),
        ("zh", ("每周在岗 +12.5 人时", "座席 -3.0 个；触及上限的各周", "全部座席的费用不足此数")),
    ],
)  # fmt: skip
def test_what_money_buys_is_told_in_words(plan, monkeypatch, capsys, lang, words):
    monkeypatch.setattr(verbs, "staff", lambda *given, **named: replace(plan, buys=BUYS))
    assert main(["staff", "small.toml", *FAST, "--out", "bought", "--lang", lang]) == 0
    out = capsys.readouterr().out
    for one in words:
        assert one in out
    rows = json.loads(Path("bought", "summary.json").read_text("utf-8"))["buys"]
    assert pl.read_csv(Path("bought", "buys.csv")).to_dicts() == rows
    # Seconds, points of connection and of the chance, and the contract of the first row.
    name = "personnel" if lang == "en" else "人员聘用"
    first = next(line for line in out.splitlines() if line.strip().startswith("+10") and name in line)
    assert first.split()[-4:] == ["-0.8", "+2.00", "+4.00", "+11.0"]


# --- the frontier ------------------------------------------------------------------------------------------------


def offer(total_wan: float, asa_s: float, connection: float, probability: float) -> Offer:
    return Offer(1.0, total_wan, asa_s, asa_s + 5.0, connection, connection - 0.05, probability)


def test_the_next_second_and_the_next_point_are_priced_by_the_way_to_the_next_offer(plan):
    offers = (
        offer(100.0, 20.0, 0.90, 0.2),
        offer(100.0, 20.0, 0.90, 0.2),
        offer(110.0, 15.0, 0.92, 0.6),
        offer(118.0, 14.0, 0.925, 0.95),
    )
    rows = staff_rows.frontier(replace(plan, offers=offers))
    # 10 万元 for five seconds or two points, 8 for one second or half a point.
    assert rows["total_wan"].to_list() == [100.0, 110.0, 118.0]
    assert rows["next_second_wan"].to_list() == [pytest.approx(2.0), pytest.approx(8.0), None]
    assert rows["next_point_wan"].to_list() == [pytest.approx(5.0), pytest.approx(16.0), None]


def test_the_frontier_shows_and_writes_what_its_json_has(plan, monkeypatch, capsys):
    offers = (offer(100.0, 20.0, 0.90, 0.2), offer(110.0, 15.0, 0.92, 0.91), offer(118.0, 14.0, 0.925, 0.95))
    monkeypatch.setattr(verbs, "staff", lambda *given, **named: replace(plan, offers=offers))
    assert main(["frontier", "small.toml", *FAST, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    folder = Path("results", "frontier-small-staffing")
    assert told == json.loads((folder / "summary.json").read_text("utf-8"))
    assert pl.read_csv(folder / "frontier.csv").to_dicts() == told["offers"]
    assert told["plan"]["total_wan"] == plan.bill.total_wan
    assert {*told["against"]} == {"interval_erlang", "flat"}
    assert main(["frontier", "small.toml", *FAST]) == 0
    (marked,) = (line for line in capsys.readouterr().out.splitlines() if "◀" in line)
    assert re.findall(r"[\d.]+", marked) == ["110.00", "15.0", "20.0", "92.00", "87.00", "91.0", "8.0", "16.0"]


@pytest.mark.parametrize(
    ("command", "lang", "names"), [("staff", "zh", {"day-all", "ways", "frontier"}), ("frontier", "en", {"frontier"})]
)
def test_figures_are_drawn(plan, command, lang, names):
    assert main([command, "small.toml", *FAST, "--out", "drawn", "--figures", "--quiet", "--lang", lang]) == 0
    drawn = {path.name for path in Path("drawn", "figures").iterdir()}
    assert drawn == {f"{name}.{end}" for name in names for end in ("png", "svg")}


def test_a_workdays_figure_has_its_agents_and_what_others_ask_for(plan):
    pytest.importorskip("matplotlib")
    from sim.report.staff_figures import draw

    choice = plan.year.choices["all"]
    calls = choice.pool.calls.copy()
    # Most calls come on Saturday, and of the workdays on Thursday.
    calls[:, 48 * 3 : 48 * 4] *= 1.2
    calls[:, 48 * 5 : 48 * 6] *= 1.5
    busy = replace(choice, curves=replace(choice.curves, pool=replace(choice.pool, calls=calls)))
    above, below = draw(replace(plan, year=replace(plan.year, choices={"all": busy})), "en")["day-all"].axes
    drawn = [patch.get_data().values for patch in above.patches]
    thursday = slice(48 * 3, 48 * 4)
    np.testing.assert_array_equal(below.patches[0].get_data().values, calls[0, thursday])
    np.testing.assert_array_equal(drawn[1], plan.tours.groups["all"].on_duty[0, thursday])
    for steps, rival in zip(drawn[2:], plan.rivals.values(), strict=True):
        np.testing.assert_array_equal(steps, rival.needs["all"].required[0, thursday])
    assert "Thu" in above.get_title("left")


# --- what is refused ---------------------------------------------------------------------------------------------


def refused(capsys, *words: str) -> str:
    assert main([*words]) == 2
    streams = capsys.readouterr()
    assert streams.out == ""
    assert "Traceback" not in streams.err
    assert streams.err.count("to mend") == 1
    assert not Path("results").exists() or not [*Path("results").iterdir()]
    return streams.err


@pytest.mark.parametrize(
    ("words", "mend"),
    [
        (("--probability", "90"), "write --probability 90%"),
        (("--probability", "1.2"), "write --probability 0.9 or 90%"),
        (("--probability", "100%"), "write --probability 0.9 or 90%"),
        (("--probability", "often"), "write --probability 0.9 or 90%"),
        (("--floor", "90"), "write --floor 90%"),
        (("--floor-day", "95"), "write --floor-day 95%"),
        (("--floor-day", "100%"), "write --floor-day 0.9 or 90%"),
        (("--floor-day", "-1%"), "write --floor-day 0.9 or 90%"),
        (("--floor-day", "most"), "write --floor-day 0.9 or 90%"),
        (("--budget-wan", "9,589万"), "write --budget-wan 9589"),
        (("--budget-wan", "13,334"), "write --budget-wan 13334"),
        (("--budget-wan", "133340000"), "write --budget-wan 13334"),
        (("--budget-wan", "-5"), "write --budget-wan 13334"),
        (("--budget-wan", "0"), "write --budget-wan 13334"),
        (("--years", "0"), "100 is usual"),
        (("--years", "1001"), "100 is usual"),
    ],
)
def test_an_option_that_cannot_be_is_told_with_what_may_be_meant(capsys, words, mend):
    told = refused(capsys, "staff", "shanghai-2020", *words)
    assert told.startswith(words[0])
    assert re.search(rf"to mend: {re.escape(mend)}(?!\d)", told)


@pytest.mark.parametrize("command", ["staff", "frontier"])
def test_a_scenario_that_lacks_something_is_told_what(capsys, command):
    assert "a table [cost]" in refused(capsys, command, "one-day")
    assert "write shanghai-2020" in refused(capsys, command, "shanghia-2020")
    tables = small_staffing().model_copy(update={"shifts": {}, "tours": {}})
    Path("none.toml").write_text(to_toml(tables), "utf-8")
    assert "a table [shifts.NAME]" in refused(capsys, command, "none.toml")


def test_from_python_numbers_that_cannot_be_asked_for_are_refused():
    for wrong in ({"probability": 90}, {"floor": 1.0}, {"floor_day": 95}, {"years": 0}, {"budget_wan": -5.0}):
        with pytest.raises(ValueError, match="probability is between 0 and 1"):
            sim.staff("one-day", **wrong)


def test_every_line_of_the_contract_is_in_the_bill(summary):
    assert [line["key"] for line in summary["cost"]["lines"]] == list(LINES)


def test_a_fault_found_in_the_midst_of_the_weeks_is_all_that_is_said() -> None:
    half_a_year = ("horizon.start=2021-01-04", "horizon.end=2021-06-27", "sites.main.seats=12")
    Path("small.toml").write_text(to_toml(small_staffing(*half_a_year)), "utf-8")
    said = subprocess.run(
        [Path(sys.executable).with_name("hotline"), "staff", "small.toml", *FAST], capture_output=True, check=False
    )
    assert said.returncode == 2
    assert said.stderr.startswith(b"The scenario has a fault:")
    assert b"seats for 16 agents of all beside the other groups" in said.stderr
