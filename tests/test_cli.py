"""The command line: exit codes, what goes to which stream, and messages that a planner can use."""

import contextlib
import datetime as dt
import json
import os
import re
import shlex
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sim import compiled
from sim.cli.main import main

HOTLINE = [sys.executable, "-c", "import sys; from sim.cli.main import main; sys.exit(main())"]
COMMANDS = (
    "run",
    "compare",
    "sweep",
    "sensitivity",
    "track",
    "staff",
    "frontier",
    "roster",
    "heads",
    "results",
    "check",
    "show",
    "new",
    "cost",
    "validate",
    "bench",
)


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "160")


def one_day(*options):
    return main(["run", "one-day", "--replications", "2", "--jobs", "1", *options])


def test_alone_it_lists_each_command_on_one_line(capsys):
    assert main([]) == 0
    out = capsys.readouterr().out
    for command in COMMANDS:
        assert re.search(rf"^  {command} +\S.*[^.]\.$", out, re.MULTILINE), command


def test_help_loads_nothing_heavy():
    code = (
        "import sys; from sim.cli.main import main; main(['run', '--help']); main([]);"
        "heavy = {'numba', 'numpy', 'scipy', 'polars', 'matplotlib', 'sim.scenario'} & set(sys.modules);"
        "sys.exit(f'loaded {heavy}' if heavy else 0)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)


@pytest.mark.parametrize("command", COMMANDS)
def test_help_shows_an_example_that_is_read_without_a_mistake(command, capsys):
    assert main([command, "--help"]) == 0
    out = capsys.readouterr().out
    examples = re.findall(r"^ *hotline (.*)$", out.partition("Example")[2], re.MULTILINE)
    assert examples
    for example in examples:
        words = shlex.split(example.partition(">")[0])
        # With --help in front the words are parsed and nothing is done.
        assert words[0] == command
        assert main([*words, "--help"]) == 0


def test_version(capsys):
    assert main(["--version"]) == 0
    assert re.fullmatch(r"hotline \d+\.\d+\.\d+\n", capsys.readouterr().out)


def test_run_shows_targets_and_writes_a_folder(capsys):
    assert one_day() == 0
    streams = capsys.readouterr()
    assert "connection rate" in streams.out
    assert "Results in results/one-day" in streams.out
    assert streams.err == ""
    assert {path.name for path in Path("results/one-day").iterdir()} == {
        "summary.json", "intervals.parquet", "replications.parquet", "manifest.json",
    }  # fmt: skip
    assert {path.name for path in Path("results").iterdir()} == {"one-day", "replications.sqlite"}


def test_run_in_chinese(capsys):
    assert one_day("--lang", "zh") == 0
    out = capsys.readouterr().out
    assert "热线接通率" in out
    assert "≥ 90 %" in out


def test_json_is_the_summary_and_nothing_else(capsys):
    assert one_day("--json") == 0
    streams = capsys.readouterr()
    assert json.loads(streams.out) == json.loads(Path("results/one-day/summary.json").read_text("utf-8"))
    assert streams.err == ""


def test_quiet_says_nothing(capsys):
    assert one_day("--quiet") == 0
    assert capsys.readouterr() == ("", "")


def test_without_a_number_there_are_twenty_replications(capsys):
    assert main(["run", "one-day", "--jobs", "1", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["replications"] == 20
    assert main(["run", "--help"]) == 0
    assert "20 if left out" in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_first_run_says_that_it_compiles_unless_it_is_to_be_quiet(lang, monkeypatch, capsys):
    monkeypatch.setattr("sim.compiled.compiled_before", lambda: False)
    said = {"en": "compiling the simulation once, about a minute", "zh": "首次运行需编译仿真程序，约一分钟"}[lang]
    assert one_day("--lang", lang) == 0
    err = capsys.readouterr().err
    assert err.startswith(said)
    assert err.count("\n") == 1
    for silent in ("--quiet", "--json"):
        assert one_day("--lang", lang, silent) == 0
        assert capsys.readouterr().err == ""


def test_what_was_compiled_before_is_known_by_its_file(tmp_path, monkeypatch):
    monkeypatch.undo()
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    assert not compiled.compiled_before()
    (tmp_path / "engine_1").mkdir()
    (tmp_path / "engine_1" / "kernel.simulate-1.py311.nbi").touch()
    assert compiled.compiled_before()


def test_enforce_exits_with_3_when_a_target_is_missed():
    hard = ("--set", "targets.asa.at_most_s=1", "--quiet")
    assert one_day(*hard) == 0
    assert one_day(*hard, "--enforce") == 3
    assert one_day("--enforce", "--quiet") == 0


BAD_OPTIONS = [
    (["--from", "2020-02-30"], "--from", "2020-02-30"),
    (["--to", "tomorrow"], "--to", "tomorrow"),
    (["--from", "2020-03-17"], "--from", "2020-03-16"),
    (["--from", "2020-03-16", "--to", "2020-03-15"], "--to", "2020-03-15"),
    (["--replications", "0"], "--replications", "1 to 1,000"),
    (["--replications", "1e9"], "--replications", "1e9"),
    (["--replications", "9" * 5000], "--replications", "1 to 1,000"),
    (["--precision", "nan"], "--precision", "nan"),
    (["--precision", "0%"], "--precision", "0.2%"),
    (["--precision", "200%"], "--precision", "200%"),
    (["--seed", "-1"], "--seed", "from 0"),
    (["--jobs", "many"], "--jobs", "many"),
    (["--engine", "quick"], "--engine", "fast or reference"),
    (["--lang", "fr"], "--lang", "en or zh"),
    (["--by", "day"], "--by", "month or quarter or week"),
    (["--out", "."], "--out", "of its own"),
    (["--set", "demand.grwth=0.1"], "demand.grwth", "write growth"),
    (["--set", "nothing"], "--set", "key.path=value"),
    (["--sett", "a=b"], "--sett", "hotline run --help"),
    (["--resume=yes"], "--resume", "--help"),
    (["--replications", "20", "--precision", "1%"], "--replications --precision", "one of them"),
]


@pytest.mark.parametrize(("options", "key", "hint"), BAD_OPTIONS)
def test_wrong_options_say_what_is_wrong_and_how_to_mend_it(options, key, hint, capsys):
    assert one_day(*options) == 2
    streams = capsys.readouterr()
    assert streams.out == ""
    assert key in streams.err
    assert hint in streams.err
    assert "to mend:" in streams.err
    assert "Traceback" not in streams.err
    assert not Path("results").exists()


def test_all_wrong_options_are_said_at_once(capsys):
    assert one_day("--lang", "fr", "--engine", "quick", "--from", "x") == 2
    assert capsys.readouterr().err.count("to mend:") == 3


@pytest.mark.parametrize("command", ["run", "check", "show", "cost"])
def test_a_scenario_that_is_not_there(command, capsys):
    assert main([command, "shanghia-2020"]) == 2
    streams = capsys.readouterr()
    assert "write shanghai-2020" in streams.err
    assert streams.out == ""


def test_a_scenario_without_money_has_no_bill_but_a_message(capsys):
    assert main(["cost", "one-day"]) == 2
    assert "the bill needs it" in capsys.readouterr().err


def test_unknown_command_and_missing_argument(capsys):
    assert main(["rnu"]) == 2
    assert main(["run"]) == 2
    assert capsys.readouterr().err.count("to mend:") == 2


def test_check_says_how_big_a_scenario_is(capsys):
    assert main(["check", "one-day"]) == 0
    out = capsys.readouterr().out
    # 983 enquiries and 614 requests, as the file's rates sum up; 11 + 7 agents at 10 h; 20 seats.
    assert out.startswith("ok: one-day, 1 day, about 1,597 calls")
    assert "18 agents" in out
    assert "20 seats" in out


def test_check_notes_numbers_without_a_source_and_too_few_seats(capsys):
    assert main(["check", "one-day", "--set", "lines.count=50"]) == 0
    assert "note: 1 number has no source of its own: lines.count" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "one_s"),
    [
        # 3.72 million calls, 4.11 million tasks, 366 days; then a day's calls alone.
        ("shanghai-2020", 3.72e6 / 2.5e6 + 4.11e6 / 2e6 + 366 * 0.0015),
        ("one-day", 1_600 / 2.5e6 + 0.0015),
    ],
)
def test_the_time_of_a_run_counts_calls_tasks_and_days(monkeypatch, name, one_s):
    from sim import verbs
    from sim.scenario import load

    monkeypatch.setattr("os.cpu_count", lambda: 2)
    found = verbs.size(load(name), 20)
    assert found.jobs == 2
    assert found.run_s == pytest.approx(3.0 + 10 * one_s, rel=0.02)


def test_check_lists_every_fault(capsys):
    assert main(["check", "one-day", "--set", "greeting.ring_s=-1", "--set", "lines.count=0"]) == 2
    assert "2 faults" in capsys.readouterr().err


def test_show_as_table_toml_and_json(capsys, tmp_path):
    assert main(["show", "one-day"]) == 0
    row = next(line for line in capsys.readouterr().out.splitlines() if "targets.asa.at_most_s" in line)
    assert re.search(r"\b8 +s +document: 平均接电时长", row)
    assert main(["show", "one-day", "--toml"]) == 0
    (tmp_path / "copy.toml").write_text(capsys.readouterr().out, "utf-8")
    assert main(["check", "copy.toml"]) == 0
    capsys.readouterr()
    assert main(["show", "one-day", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["horizon"]["start"] == "2020-03-16"
    assert main(["show", "--schema"]) == 0
    assert "horizon" in json.loads(capsys.readouterr().out)["properties"]
    assert main(["show"]) == 2


@pytest.mark.parametrize(
    ("key", "shown"),
    [
        ("targets.asa", {"targets.asa.at_most_s"}),
        ("targets.asa.at_most_s", {"targets.asa.at_most_s"}),
        ("lines", {"lines.count"}),
        ("types.help.patience.weibull", {"types.help.patience.weibull.shape", "types.help.patience.weibull.scale_s"}),
    ],
)
def test_show_takes_a_table_or_a_key(key, shown, capsys):
    assert main(["show", "one-day", key]) == 0
    rows = [line.split()[0] for line in capsys.readouterr().out.splitlines() if line.startswith(f" {key}")]
    assert set(rows) == shown
    assert len(rows) == len(shown)


def test_show_of_a_part_as_json(capsys):
    assert main(["show", "one-day", "targets.asa", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"at_most_s": 8.0, "counts": ["queue", "ring"]}
    assert main(["show", "one-day", "name", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == "one-day"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["targets.asa.at_most"], "write one such as targets.asa.at_most_s"),
        (["targets.as"], "write one such as targets.asa"),
        (["at_most_s"], "write one such as targets.asa.at_most_s"),
        (["zzzzzz"], "hotline show one-day lists them all"),
        (["targets..asa"], "targets.asa"),
        (["name"], "add --json, which shows texts too"),
        (["lines", "--toml"], "leave one out"),
    ],
)
def test_a_key_that_cannot_be_shown_is_refused(arguments, told, capsys):
    assert main(["show", "one-day", *arguments]) == 2
    streams = capsys.readouterr()
    assert streams.out == ""
    assert told in streams.err
    assert "to mend:" in streams.err


def test_new_writes_a_scenario_once(capsys):
    assert main(["new", "busier", "--extends", "one-day"]) == 0
    assert main(["check", "busier.toml"]) == 0
    before = Path("busier.toml").read_text("utf-8")
    assert main(["new", "busier", "--extends", "one-day"]) == 2
    assert "no file has yet" in capsys.readouterr().err
    assert Path("busier.toml").read_text("utf-8") == before
    assert main(["new", "../above"]) == 2


def test_cost_prints_lines_parts_and_sources(capsys):
    assert main(["cost", "shanghai-2020", "--by", "month"]) == 0
    out = capsys.readouterr().out
    assert re.search(r"personnel \*? +9,589 +9,589\.\d\d", out)
    assert "rent_cny_per_m2_day" in out
    assert re.search(r"^ *\[1\] ", out, re.MULTILINE)
    wage = re.search(r"wages: agent .* (\d+)\* (\d+) *$", out, re.MULTILINE)
    assert f"[{wage[1]}] calibrated: to the personnel line" in out
    assert f"[{wage[2]}] assumed: a quarter junior, three in ten senior or expert" in out
    assert "2020-12" in out


def test_cost_shows_written_contacts_and_what_about_means(capsys):
    assert main(["cost", "shanghai-2020"]) == 0
    out = capsys.readouterr().out
    assert re.search(r"telephone contacts, as planned +372\.35 万 *\n written contacts, as planned +30\.00 万", out)
    assert "within the target, about 400 万 ± 3 % (assumed: 约 is within 3 %)" in out
    assert main(["cost", "shanghai-2020", "--set", "demand.growth=0.1", "--lang", "zh"]) == 0
    assert "计划受理量超出目标范围：约 400 万 ± 3 %" in capsys.readouterr().out


def test_cost_shows_the_way_from_work_to_heads(capsys):
    """300,000 letters of 15 min, 2,000 h less 32 %; a part of the year has the whole plan's way."""
    assert main(["cost", "shanghai-2020"]) == 0
    out = capsys.readouterr().out
    assert re.search(r"of them for: written contacts +300,000 × 15\.00 min ÷ 89\.1 % +84,163 +60\.6 ", out)
    assert re.search(r"of them for: telephone +3,723,465 × 4\.84 min ÷ 74\.8 % +401,199 +289\.1 ", out)
    assert re.search(r"hours a head is at work +2,000 h × \(1 − 32 %\) +1,360 ", out)
    assert re.search(r"team leader +603 ÷ 15 +40\.2 ", out)
    assert main(["cost", "shanghai-2020", "--from", "2020-08-01", "--to", "2020-08-31", "--lang", "zh"]) == 0
    out = capsys.readouterr().out
    assert re.search(r"其中：人工回访 +203,047 × 10\.00 min ÷ 80\.1 % +42,275 +30\.5 ", out)
    assert re.search(r"总人数 +734\.2", out)
    assert main(["cost", "shanghai-2020", "--from", "2020-08-01", "--to", "2020-08-31", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["from"], found["to"]) == ("2020-08-01", "2020-08-31")
    written = next(step for step in found["from_work_to_heads"] if (step["kind"], step["key"]) == ("work", "written"))
    assert written["hours"] * written["factors"]["busy_share"] == pytest.approx(75_000)
    assert written["title"]["zh"] == "网站、手机APP等书面受理"
    assert "tasks.written.handling.gamma.mean_s" in written["sources"]


def test_cost_as_json_sums_up(capsys):
    assert main(["cost", "shanghai-2020", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    cost = found["cost"]
    assert [line["key"] for line in cost["lines"]] == ["operation", "platform", "personnel", "tax"]
    for line in cost["lines"]:
        assert sum(part["wan"] for part in line["parts"]) == pytest.approx(line["wan"], abs=1e-9)
        by_month = sum(month[f"{line['key']}_wan"] for month in found["months"])
        assert by_month == pytest.approx(line["wan"], abs=1e-9)
    assert cost["total_wan"] == pytest.approx(13_334, rel=1e-3)


def test_cost_calibrate_prints_the_stored_numbers_again(capsys):
    assert main(["cost", "shanghai-2020", "--calibrate", "--json"]) == 0
    for rate in json.loads(capsys.readouterr().out):
        assert rate["solved_wan"] == pytest.approx(rate["published_wan"], rel=1e-4)


def test_budget_shows_the_hotline_as_a_share(capsys):
    assert main(["cost", "--budget"]) == 0
    out = capsys.readouterr().out
    assert "201-03-02: 133,340,000 元 / 173,840,331 元 = 76.70 %" in out
    assert "≠" not in out
    assert main(["cost", "--budget", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["hotline_share"] == pytest.approx(0.767, abs=5e-4)


def test_validate_exits_with_1_if_a_case_fails(capsys, monkeypatch):
    from sim import validation

    def row(verdict):
        return validation.Row("case", "mean wait", 1.0, 1.0, 1.0, "a book", 2.0, 1.9, float("nan"), verdict)

    monkeypatch.setattr(validation, "validate", lambda progress, slow: [row("pass"), row("fail"), row("info")])
    assert main(["validate"]) == 1
    assert "1 of 2 pass" in capsys.readouterr().out
    assert main(["validate", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)[0]["high"] is None
    monkeypatch.setattr(validation, "validate", lambda progress, slow: [row("pass")])
    assert main(["validate", "--quiet"]) == 0


def test_calls_that_nobody_ever_answers_are_said_not_raised(monkeypatch, capsys):
    from sim.engine.rules import Stuck
    from sim.experiment import run as experiment

    def stuck(*args, **kwargs):
        raise Stuck

    monkeypatch.setattr(experiment, "run", stuck)
    assert one_day() == 2
    err = capsys.readouterr().err
    assert "agents who never come" in err
    assert "to mend:" in err


def test_a_reader_that_stops_early_is_no_mistake():
    command = " ".join(map(shlex.quote, [*HOTLINE, "show", "shanghai-2020"]))
    done = subprocess.run(
        ["bash", "-c", f"{command} | head -n 1; exit ${{PIPESTATUS[0]}}"], capture_output=True, text=True
    )
    assert "Traceback" not in done.stderr
    assert "BrokenPipe" not in done.stderr
    assert done.stdout.count("\n") == 1


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_stopped_by_the_user_it_keeps_what_is_finished():
    options = ["run", "one-day", "--replications", "900", "--jobs", "1", "--out", "stopped"]
    running = subprocess.Popen([*HOTLINE, *options], stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def kept():
        if not Path("replications.sqlite").exists():
            return 0
        with contextlib.suppress(sqlite3.OperationalError):
            return sqlite3.connect("replications.sqlite").execute("SELECT count(*) FROM replications").fetchone()[0]
        return 0

    until = time.monotonic() + 120
    while kept() < 2 and time.monotonic() < until:
        time.sleep(0.05)
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=60)
    assert running.returncode == 130
    assert out == ""
    assert "are kept in" in err
    assert "--resume" in err
    assert "Traceback" not in err
    assert not Path("stopped").exists()
    assert kept() >= 2


def test_resume_of_another_run_is_refused(capsys):
    from sim.experiment.gather import Settings
    from sim.experiment.log_folder import LogFolder
    from sim.scenario import load

    LogFolder(Path("results/one-day.partial"), Settings(seed=7).of(load("one-day")).identity, resume=False)
    assert one_day("--attempts", "--resume") == 2
    assert "the run kept in results/one-day.partial" in capsys.readouterr().err.replace(str(Path.cwd()) + "/", "")
    assert one_day("--attempts", "--quiet") == 0


def test_days_are_part_of_the_year(capsys):
    """One day of a long horizon has that day's calls: §2 draws them by absolute slot, whatever ``--from``."""
    week = ["--set", "horizon.end=2020-03-18", "--replications", "2", "--jobs", "1", "--json"]
    assert main(["run", "one-day", *week, "--by", "week"]) == 0
    all_days = json.loads(capsys.readouterr().out)
    offered = []
    for day in (16, 17, 18):
        date = dt.date(2020, 3, day).isoformat()
        assert main(["run", "one-day", *week, "--from", date, "--to", date, "--out", f"day{day}"]) == 0
        found = json.loads(capsys.readouterr().out)
        assert (found["from"], found["to"]) == (date, date)
        offered.append(found["measures"]["contacts"]["values"])
    together = [sum(values) for values in zip(*offered, strict=True)]
    assert together == all_days["measures"]["contacts"]["values"]
    assert [period["period"] for period in all_days["periods"]] == ["2020-W12"]


def test_a_mark_that_the_terminal_has_not_is_no_mistake():
    ascii_only = {**os.environ, "PYTHONIOENCODING": "ascii"}
    for options in (["show", "one-day"], ["run", "one-day", "--replications", "1", "--jobs", "1", "--lang", "zh"]):
        done = subprocess.run([*HOTLINE, *options], env=ascii_only, capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, "")
        assert "?" in done.stdout
    done = subprocess.run([*HOTLINE, "show", "one-day", "--json"], env=ascii_only, capture_output=True, text=True)
    assert json.loads(done.stdout)["title"]["zh"] == "一个工作日"


def test_a_planners_value_error_is_a_message(monkeypatch, capsys):
    from sim.engine import inputs

    monkeypatch.setattr(inputs, "_MOST_IN_A_SLOT", 1)
    assert one_day() == 2
    err = capsys.readouterr().err
    assert "contacts in one 15 minutes" in err
    assert "to mend:" in err


def test_any_other_value_error_is_a_defect(monkeypatch):
    from sim.engine import inputs

    def broken(*args):
        raise ValueError("operands could not be broadcast")

    monkeypatch.setattr(inputs, "_countable", broken)
    with pytest.raises(ValueError, match="operands"):
        one_day()


def test_workers_lost_again_and_again_are_a_message(monkeypatch, capsys):
    from joblib.externals.loky.process_executor import TerminatedWorkerError

    from sim.experiment import run as experiment

    def lost(*args, **kwargs):
        raise TerminatedWorkerError("A worker process managed by the executor was unexpectedly terminated.")

    monkeypatch.setattr(experiment, "run", lost)
    assert one_day() == 2
    err = capsys.readouterr().err
    assert "--jobs 1" in err
    assert "--resume" in err


def test_a_dated_rate_without_a_value_is_a_message(monkeypatch, capsys):
    from sim import verbs

    def late(*args):
        raise LookupError("no value on 2020-01-01: the first begins on 2020-02-01")

    monkeypatch.setattr(verbs, "price", late)
    assert main(["cost"]) == 2
    assert "no value on 2020-01-01" in capsys.readouterr().err


@pytest.mark.parametrize("shape", [[0] * 20 + [1] * 4, [1] * 24])
def test_cost_is_shown_whatever_the_hours_of_calls(shape, capsys):
    assert main(["cost", "--set", f"demand.shape={{ all = {shape} }}"]) == 0
    assert ("2012: left out" in capsys.readouterr().out) == (shape[0] == 0)


def without_sites(name):
    """Write the baseline with its groups at no site."""
    from sim.scenario import load, to_toml

    base = load("shanghai-2020")
    groups = {key: group.model_copy(update={"site": None}) for key, group in base.groups.items()}
    sources = {key: text for key, text in base.sources.items() if not key.startswith("sites")}
    Path(name).write_text(to_toml(base.model_copy(update={"sites": {}, "groups": groups, "sources": sources})), "utf-8")


def test_cost_without_sites_shows_a_dash(capsys):
    without_sites("homeless.toml")
    assert main(["cost", "homeless.toml"]) == 0
    assert re.search(r"heads per seat +–", capsys.readouterr().out)


def test_cost_without_volumes_is_shown(capsys):
    from sim.scenario import load

    changes = [word for name in load("shanghai-2020").types for word in ("--set", f"types.{name}.annual_contacts=0")]
    assert main(["cost", *changes]) == 0
    out = capsys.readouterr().out
    assert re.search(r"mean handling time, talk and wrap-up +–", out)
    assert "2012" not in out.partition("What this reading")[2]
    assert main(["cost", "--json", *changes]) == 0
    assert json.loads(capsys.readouterr().out)["implied"]["handling_s"] is None


def test_what_a_part_of_the_year_implies_is_not_shown(capsys):
    """Nor quarters of an hour without enough seats, where there is none; written contacts always are."""
    days = ["--from", "2020-01-01", "--to", "2020-01-02", "--replications", "1", "--jobs", "1"]
    assert main(["run", "shanghai-2020", *days]) == 0
    out = capsys.readouterr().out
    assert re.search(r"answered +[\d,]+ *\n written contacts, done .*\n accepted contacts ", out)
    assert "too few seats" not in out
    assert main(["run", "shanghai-2020", *days, "--set", "sites.main.seats=20", "--out", "few"]) == 0
    few = re.search(r"quarters of an hour with too few seats +(\d+)", capsys.readouterr().out)
    measured = json.loads(Path("few/summary.json").read_text("utf-8"))["measures"]["seat_capped_slots"]["mean"]
    assert int(few[1]) == measured > 0
    assert "Results in" in out
    assert "What this reading of the budget implies" not in out


@pytest.mark.parametrize("days", [["--from", "2020-01-01"], ["--to", "2020-01-31"]])
def test_rates_are_not_solved_on_a_part_of_the_year(days, capsys):
    assert main(["cost", "--calibrate", *days]) == 2
    streams = capsys.readouterr()
    assert streams.out == ""
    assert "the whole year" in streams.err
    assert "leave out --from and --to" in streams.err


@pytest.mark.parametrize(("name", "needed"), [("shanghai-2020", 252), ("shanghai-2020-long-wrap", 265)])
def test_seats_that_the_plan_lacks_at_its_peak_are_noted(name, needed, capsys):
    few = ["--set", "sites.main.seats=240"]
    assert main(["check", name, *few]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert f"at the peak {needed} agents are planned at main and there are 240 seats" in out
    assert "tasks could be done at other hours" in out
    assert main(["cost", name, *few]) == 0
    out = capsys.readouterr().out
    assert re.search(rf"{needed} ◀ more than there are", out)
    assert "never used" not in out
    assert main(["check", name]) == 0
    assert "at the peak" not in capsys.readouterr().out.split("seats")[1]
    assert main(["cost", name]) == 0
    out = capsys.readouterr().out
    assert "◀" not in out
    assert f"{290 - needed} of the 290 seats are never used, even at the plan's peak" in out


def test_json_and_toml_at_once_are_refused(capsys):
    assert main(["show", "one-day", "--json", "--toml"]) == 2
    streams = capsys.readouterr()
    assert streams.out == ""
    assert "one of the two" in streams.err


def test_help_of_show_and_validate_says_what_must_be_known(capsys):
    assert main(["show", "--help"]) == 0
    assert "--set name=mine --toml > mine.toml" in capsys.readouterr().out
    assert main(["validate", "--help"]) == 0
    assert "1 a case fails" in capsys.readouterr().out


@pytest.mark.parametrize("width", [90, 110, 120])
def test_show_cuts_no_key_and_no_source(width, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(width))
    assert main(["show", "shanghai-2020"]) == 0
    out = capsys.readouterr().out
    lines = [line.rstrip() for line in out.splitlines() if line.strip()]
    assert not [line for line in lines if "…" in line and "… (" not in line and "…   " not in line]
    told = {line.split()[0] for line in lines}
    folded = "".join(re.split(r" {3,}", line)[-1] for line in lines).replace(" ", "")
    from sim.scenario import load, numbers

    for path, _, source in numbers(load("shanghai-2020")):
        if len(path) <= 40:
            assert path in told
        if "http" in source:
            assert "".join(source.split()) in folded
    assert 'cost.plausible."cost.operation.' in told  # too long for one line, and ended at a dot


def test_what_a_speed_means_is_beside_it():
    from sim.report.formats import unit_of

    assert unit_of("groups.general.speed") == "factor on handling times; below 1 is faster"
    assert unit_of("groups.general.speed.0") == unit_of("groups.general.speed")


def test_seats_short_are_said_under_the_contract(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "160")
    few = ["--set", "sites.main.seats=240"]
    assert main(["cost", "volume-plus-15", *few]) == 0
    out = capsys.readouterr().out
    said = "48 seats short of the plan's peak (288 of 240); the bill counts 240"
    assert out.index(" total ") < out.index(said) < out.index("per accepted contact") < out.index("What each part")
    assert "+1,110.02" in out
    assert main(["cost", "volume-plus-15", *few, "--lang", "zh"]) == 0
    assert "比计划高峰所需少 48 个座席（需 288，现有 240）" in capsys.readouterr().out
    assert main(["cost", "volume-plus-15"]) == 0
    assert "seats short" not in capsys.readouterr().out
    day = ["--from", "2020-01-01", "--to", "2020-01-01", "--replications", "1", "--jobs", "1", "--out", "r"]
    assert main(["run", "shanghai-2020", *few, *day]) == 0
    out = capsys.readouterr().out
    assert "12 seats short of the plan's peak (252 of 240)" in out
    assert "2020-01-01 – 2020-01-01 in figures" in out
    assert "The year in figures" not in out


def test_the_way_to_heads_says_it_is_of_the_whole_plan(capsys):
    assert main(["cost", "shanghai-2020", "--from", "2020-08-01", "--to", "2020-08-31"]) == 0
    assert "From work to heads, of the whole plan" in capsys.readouterr().out
    assert main(["cost", "shanghai-2020"]) == 0
    assert "of the whole plan" not in capsys.readouterr().out
