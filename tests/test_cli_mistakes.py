"""What a planner types wrong, through the command line: every slip is found, told in its place, and can be mended."""

import datetime as dt
import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from sim import verbs
from sim.cli.main import main
from sim.scenario import load

HOTLINE = [sys.executable, "-c", "import sys; from sim.cli.main import main; sys.exit(main())"]
ONE_DAY = 'extends = "one-day"\n'


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "160")


def faults(text, capsys, *options):
    """Return the messages of ``check`` on a file, each with its three lines as one."""
    Path("mine.toml").write_text(text, "utf-8")
    assert main(["check", "mine.toml", *options]) == 2
    streams = capsys.readouterr()
    assert streams.out == ""
    assert "Traceback" not in streams.err
    assert "\\u0000" not in streams.err
    head, *rest = streams.err.splitlines()
    assert head.startswith("The scenario has ")
    assert len(rest) % 3 == 0
    return ["\n".join(rest[at : at + 3]) for at in range(0, len(rest), 3)]


# (the third line of the file, where, what is shown, a part of the remedy)
SLIPS = [
    ("growth =", "column 9", "demand.growth =", "write a value"),
    ("growth = 8%", "column 11", "demand.growth = 8%", "write 0.08"),
    ("growth = 8 ％", "column 12", "demand.growth = 8 ％", "write 0.08"),
    ("growth = .08", "column 10", "demand.growth = .08", "both sides of the decimal point"),
    ("growth = 008", "column 11", "demand.growth = 008", "zeros in front"),
    ("growth: 0.08", "column 7", "demand.growth = 0.08", "growth = 0.08"),
    ("growth = “0.08”", "column 10", "demand.growth = “0.08”", "not “ ”"),
    ("growth＝0.08", "column 7", "demand.growth = 0.08", "equals sign"),
    ("within_slot = linear", "column 15", "demand.within_slot = linear", 'within_slot = "linear"'),
    ('within_slot = "linear', "column 22", 'demand.within_slot = "linear', "close the quotes"),
    ('within_slot = "C:\\dir"', "column 20", "demand.within_slot", "single quotes"),
    ("增长 = 0.08", "column 1", "增长 = 0.08", "in quotes"),
    ("so it is", "column 4", "", "equals sign"),
]


@pytest.mark.parametrize(("line", "column", "shown", "remedy"), SLIPS)
def test_a_line_that_is_no_toml_is_told_with_its_place_and_the_rest_is_checked(line, column, shown, remedy, capsys):
    found = faults(f"{ONE_DAY}[demand]\n{line}\n[lines]\ncount = 0\n", capsys)
    (slip,) = [fault for fault in found if "line 3" in fault]
    assert f"mine.toml, line 3, {column}: {shown}" in slip
    assert remedy in slip.partition("to mend: ")[2]
    assert any(fault.startswith("mine.toml: lines.count = 0") for fault in found)


DAYS = [
    ("end = 2020-02-30", "horizon.end = 2020-02-30", "2020-02 has 29 days: write 2020-02-29"),
    ("end = 2019-02-29", "horizon.end = 2019-02-29", "2019-02 has 28 days"),
    ("end = 2020-13-01", "horizon.end = 2020-13-01", "a month from 01 to 12"),
    ("end = 2020/3/16", "horizon.end = 2020/3/16", "write the date as 2020-03-16"),
    ("end = 2020年3月16日", "horizon.end = 2020年3月16日", "write the date as 2020-03-16"),
    ("end = 2020-03-16T25:00:00", "horizon.end = 2020-03-16T25:00:00", "hours run from 00 to 23"),
]


@pytest.mark.parametrize(("line", "shown", "remedy"), DAYS)
def test_a_date_that_is_none_is_named_with_its_remedy(line, shown, remedy, capsys):
    found = faults(f"{ONE_DAY}[horizon]\n{line}\n[lines]\ncount = 0\n", capsys)
    assert len(found) == 2
    assert "line 3" in found[0]
    assert shown in found[0]
    assert "allowed: a date such as 2020-01-31" in found[0]
    assert remedy in found[0]
    assert main(["check", "one-day", "--set", f"horizon.{line.replace(' ', '')}"]) == 2
    if "T" not in line:
        assert remedy in capsys.readouterr().err


def test_all_slips_of_a_file_are_told_at_once_with_its_other_faults(capsys):
    text = """\
[horizon]
start = 2020-02-30
[demand]
growth = 8%
[greeting
ring_s: 3
[sites.main]
seats =
[groups.general]
site = main
[lines]
count = -4
cuont = 08
"""
    found = faults(ONE_DAY + text, capsys)
    places = [match[1] for fault in found if (match := re.search(r"line (\d+), column", fault))]
    assert places == ["3", "5", "6", "7", "9", "11", "14"]
    assert "greeting.ring_s" in "".join(found)
    assert any("mine.toml: lines.count = -4" in fault for fault in found)
    assert any("write count instead of cuont" in fault for fault in found)
    assert len(found) == 9


@pytest.mark.parametrize(
    ("text", "where", "remedy"),
    [
        ("[demand]\nmonth = [1, 2,\n 3\n[lines]\ncount = 0\n", "line 3", "with ]"),
        ("[types.help]\nper_hour = [\n 1, 2, x,\n]\n", "line 4", 'put the text in quotes: "x"'),
        ("[demand]\nmonth = [\n 1, 2 3,\n 4]\n[lines]\ncount = 0\n", "line 4", "comma between the items: 2, 3"),
        ("[demand]\nmonth = [1 2,\n 4]\n[lines]\ncount = 0\n", "line 3, column 12", "comma between the items: 1, 2"),
        ("[demand]\nmonth = [1, 2,\n[lines]\ncount = 0\n", "line 4", "begins in line 3 with ]"),
        ("lines = { count = 1\n}\n", "line 2", "with }"),
        ("[lines]\ncount = 1\n[lines]\ncount = 2\n", "line 4", "twice"),
        ("[lines]\ncount = 1\ncount = 2\n", "line 4", "twice"),
        ('name = """mine\n[lines]\ncount = 0\n', "line 2", "close the quotes"),
        ("[lines]\ncount = { a = 1\n", "line 3", "}"),
    ],
)
def test_what_makes_the_rest_unreadable_is_told_alone(text, where, remedy, capsys):
    (fault,) = faults(ONE_DAY + text, capsys)
    assert where in fault
    assert remedy in fault


# (line 2 of the file, column, what is shown, a part of the remedy)
ITEMS = [
    ("demand.month = [5%, 3]", 18, "demand.month = [5%, 3]", "a share is a fraction: write 0.05"),
    ("demand.month = [1 2]", 19, "demand.month = [1 2]", "put a comma between the items: 1, 2"),
    ("demand.month = [1，2]", 18, "demand.month = [1，2]", "keyboard set to English, not ，"),
    ("demand = { growth = 0.05，x = 1 }", 25, "demand = { growth = 0.05，x = 1 }", "keyboard set to English, not ，"),
    ('types.help.groups = ["main"，"b"]', 28, 'types.help.groups = ["main"，"b"]', "keyboard set to English, not ，"),
    ('types.help.groups = ["a" "b"]', 26, "types.help.groups", 'put a comma between the items: "a", "b"'),
    ("types.help.groups = [general]", 22, "types.help.groups", 'put the text in quotes: "general"'),
    ("demand = { growth = 5% }", 22, "demand", "write 0.05"),
    ("demand = { growth = 1 x = 1 }", 23, "demand", "put a comma between the items: 1, x = 1"),
    ("demand.month = [08, 3]", 18, "demand.month", "leave out the zeros"),
    ("demand.month = [1, True]", 20, "demand.month", "write true"),
    ("demand.month = [2020-01-31 2020-02-01]", 28, "demand.month", "a comma between the items: 2020-01-31, 2020-02-01"),
    ("demand.month = [1; 2]", 18, "demand.month", "a comma between two items"),
    ("demand.month = [1, 2]]", 22, "demand.month", "behind the list or table: ]"),
]


@pytest.mark.parametrize(("line", "column", "shown", "remedy"), ITEMS)
def test_a_wrong_item_of_a_closed_list_is_told_in_its_line_and_the_rest_is_checked(line, column, shown, remedy, capsys):
    rest = '[types.enquiry]\ngroups = ["genral"]\n[lines]\ncount = 0\nspeeed = 3\n'
    found = faults(f"{ONE_DAY}{line}\n{rest}", capsys)
    (slip,) = [fault for fault in found if "line" in fault.partition(":")[0]]
    assert slip.startswith(f"mine.toml, line 2, column {column}: {shown}")
    assert remedy in slip.partition("to mend: ")[2]
    others = [fault.splitlines()[0] for fault in found if fault != slip]
    assert sorted(others) == [
        "mine.toml: lines.count = 0",
        "mine.toml: lines.speeed = 3",
        'mine.toml: types.enquiry.groups.0 = "genral"',
    ]


@pytest.mark.parametrize(
    ("given", "remedy"),
    [
        ("end=2020-06-30", "write horizon.end"),
        ("lines.end=2020-06-30", "write horizon.end"),
        ("priority=2", "write types.NAME.priority"),
        ("lines.counts=3", "write count instead of counts"),
        ("sites.main.seat=3", "write seats instead of seat"),
        ("demnd.growth=1", "write demand instead of demnd"),
    ],
)
def test_a_key_set_without_its_table_is_told_where_it_belongs(given, remedy, capsys):
    assert main(["check", "one-day", "--set", given]) == 2
    assert capsys.readouterr().err.endswith(f"to mend: {remedy}\n")


def test_a_key_in_a_wrong_table_is_told_where_it_belongs(capsys):
    found = faults('extends = "one-day"\nend = 2020-06-30\n[lines]\ntitle = "x"\n', capsys)
    assert any("to mend: end belongs in [horizon]; move it there" in fault for fault in found)
    assert any("to mend: title belongs at the top of the file; move it there" in fault for fault in found)


def test_a_slip_in_what_is_extended_names_that_file(capsys):
    Path("parent.toml").write_text(f"{ONE_DAY}[demand]\ngrowth = 8%\n", "utf-8")
    (fault,) = faults('extends = "parent.toml"\n', capsys)
    assert fault.startswith("parent.toml, line 3, column 11: demand.growth = 8%")
    first, second = faults("extends = one-day\n[lines]\ncount = 0\n", capsys)
    assert "line 1, column 11: extends = one-day" in first
    assert 'extends = "one-day"' in first
    assert "lines.count = 0" in second


@pytest.mark.parametrize(
    ("text", "meant", "keys"),
    [
        ("[types.enquriy]\npriority = 2", "types.enquiry", "groups, talk, patience"),
        ("[groups.genral]\nspeed = 0.9", "groups.general", "on_duty"),
        ("[groups.generl]\non_duty = { all = 3 }", "groups.general", ""),
        ("[sites.mian]\ntitle = { zh = 'a', en = 'b' }", "sites.main", "seats"),
    ],
)
def test_a_misspelt_name_of_a_table_is_asked_after(text, meant, keys, capsys):
    (fault,) = faults(ONE_DAY + text, capsys)
    assert f"did you mean [{meant}]?" in fault
    assert keys in fault


def test_a_new_table_with_a_name_of_its_own_is_told_what_it_lacks(capsys):
    found = faults(f"{ONE_DAY}[types.fax]\npriority = 2\nfoo = 1\n", capsys)
    assert "did you mean" not in "".join(found)
    assert {fault.splitlines()[0] for fault in found} >= {"mine.toml: types.fax.talk", "mine.toml: types.fax.foo = 1"}
    # A fault inside a misspelt table is one whatever it is called.
    found = faults(f"{ONE_DAY}[types.enquriy]\npriority = 0\n", capsys)
    assert len(found) == 2


OTHER_FAULTS = [
    'extends = "nowhere"',
    f"{ONE_DAY}surprise = 1",
    f"{ONE_DAY}[lines]\ncount = 0",
    f"{ONE_DAY}[lines]\ncount =",
    f"{ONE_DAY}[calendar]\ncountry = 'X'",
    f"{ONE_DAY}[types.enquriy]\npriority = 2",
    f"{ONE_DAY}[demand]\nmonth = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]",
]


@pytest.mark.parametrize("other", OTHER_FAULTS)
def test_an_end_before_the_start_is_told_beside_any_other_fault(other, capsys):
    text = f"{other}\n[horizon]\nstart = 2020-03-16\nend = 2020-03-15\n"
    found = faults(text, capsys)
    assert len(found) >= 2
    (end,) = [fault for fault in found if "horizon.end" in fault]
    assert "from 2020-03-16 (horizon.start) on" in end


@pytest.mark.parametrize(
    ("value", "remedy"),
    [("1e18", "far too large"), ("inf", "far too large"), ("nan", "give a number"), ("12.5", "such as 12 or 13"),
     ("1e1", "10"), ("1000000000000000000", "inside these bounds"), ("1,000", "1000"), ('"20"', "without quotes")],
)  # fmt: skip
def test_seats_that_are_no_number_of_seats(value, remedy, capsys):
    assert main(["check", "one-day", "--set", f"sites.main.seats={value}"]) == 2
    err = capsys.readouterr().err
    assert "allowed: a whole number from 1 to 100,000" in err
    assert remedy in err


CONTACTS = "types.enquiry.annual_contacts"
# (key, what was typed, the remedy)
AS_PEOPLE_WRITE = [
    (CONTACTS, "15%", "a number of contacts a year; for 15 % more of everything write demand.growth=0.15"),
    (CONTACTS, "+15%", "a number of contacts a year; for 15 % more of everything write demand.growth=0.15"),
    (CONTACTS, "-15％", "for 15 % less of everything write demand.growth=-0.15"),
    ("sites.main.seats", "15%", "a whole number of seats"),
    ("greeting.ring_s", "15%", "a number of seconds"),
    ("cost.personnel.base_wage_cny_month", "15%", "an amount of money"),
    ("demand.growth", "+15%", "a share is a fraction: write 0.15"),
    ("greeting.contained_share", "5 %", "a share is a fraction: write 0.05"),
    (CONTACTS, "165万", "write 1650000"),
    (CONTACTS, "1.65 万", "write 16500"),
    (CONTACTS, "1，650，000", "without commas: 1650000"),
    ("greeting.ring_s", "180s", "write 180, the unit is in the key's name"),
    ("greeting.ring_s", "3min", "write 180, the unit is in the key's name"),
    ("sites.main.seats", "300 seats", "write 300, without seats"),
    ("demand.growth", "0,15", "write 0.15"),
    ("demand.growth", "", "a value "),
    ("demand.growth", "much", ""),
]


@pytest.mark.parametrize(("key", "typed", "remedy"), AS_PEOPLE_WRITE)
def test_a_number_as_people_write_it_is_told_with_what_the_key_wants(key, typed, remedy, capsys):
    assert main(["check", "shanghai-2020", "--set", f"{key}={typed}"]) == 2
    told = capsys.readouterr().err
    assert remedy in told.partition("to mend: ")[2]
    assert "without quotes" not in told
    table, _, name = key.rpartition(".")
    if typed:
        (fault,) = faults(f'extends = "shanghai-2020"\n[{table}]\n{name} = {typed} # why\n', capsys)
        assert "line 3" in fault
        assert remedy in fault.partition("to mend: ")[2]


@pytest.mark.parametrize(
    ("change", "remedy"),
    [
        ("sites.main.seats=+10", "write 300 for 10 more (it is 290 now), or 10 without the sign"),
        ("demand.growth=+0.1", "write 0.1, without the sign"),
        ("demand.month.0=+2", "write 2.97 for 2 more (it is 0.97 now)"),
    ],
)
def test_a_plus_sign_on_the_command_line_is_asked_after(change, remedy, capsys):
    assert main(["check", "shanghai-2020", "--set", change]) == 2
    assert remedy in capsys.readouterr().err


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="a place that takes no folders")
def test_a_place_that_takes_no_folder_is_told_as_it_was_asked_for(capsys):
    assert main(["run", "one-day", "--replications", "1", "--out", "/proc/x"]) == 2
    err = capsys.readouterr().err
    assert err.startswith("--out = /proc/x\n")
    assert ".partial" not in err
    assert "choose another place with --out" in err


def test_resume_says_when_there_is_nothing_to_go_on_from(capsys):
    run = ["run", "one-day", "--replications", "1", "--jobs", "1", "--out", "r"]
    assert main([*run, "--resume", "--quiet"]) == 0
    err = capsys.readouterr().err
    assert "--resume: there was nothing to go on from" in err
    assert err.count("\n") == 1
    assert Path("r/summary.json").exists()
    assert main([*run, "--quiet"]) == 0
    assert capsys.readouterr().err == ""


ONE_DAY_OF_IT = ["--from", "2020-03-02", "--to", "2020-03-02"]
JUDGING = [["check"], ["cost"], ["run", "--replications", "1", "--jobs", "1", "--quiet", *ONE_DAY_OF_IT]]


@pytest.mark.parametrize("command", [*JUDGING, ["cost", "--json"], ["cost", "--calibrate"], ["check", "--json"]])
def test_every_command_that_judges_a_contract_gives_every_warning(command, capsys):
    name, *options = command
    changes = ["--set", "demand.growth=1.5", "--set", "cost.personnel.base_wage_cny_month=65000"]
    if "--calibrate" in options:
        changes[1] = "demand.growth=1.05"  # no wage meets the published figure with much more
    code = main([name, "shanghai-2020", *options, *changes])
    streams = capsys.readouterr()
    assert code in (0, 2)
    assert "warning: demand.growth = 1." in streams.err
    assert "warning: cost.personnel.base_wage_cny_month = 65000 is calibrated outside" in streams.err
    if command == ["check", "--json"]:
        told = json.loads(streams.out)
        assert len(told["warnings"]) == 2
        assert not any("plausible" in note for note in told["notes"])
    assert main([name, "shanghai-2020", *options]) == 0
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("command", [["check"], ["run", "--replications", "1", "--jobs", "1", "--quiet"]])
def test_growth_that_is_hardly_meant_is_warned_of(command, capsys):
    name, *options = command
    assert main([name, "one-day", *options, "--set", "demand.growth=10"]) == 0
    err = capsys.readouterr().err
    assert "warning: demand.growth = 10 multiplies all contacts by 11 (+1,000 %)" in err
    assert "write 0.1" in err
    assert main([name, "one-day", *options, "--set", "demand.growth=1"]) == 0
    assert capsys.readouterr().err == ""


SURGE = 'demand.surge=[{ name = "flood", from = 2020-08-10T00:00:00, to = 2020-08-17T00:00:00, multiplier = 1.6 }]'
FEW = ["--replications", "1", "--jobs", "1", "--quiet"]


@pytest.mark.parametrize(
    ("days", "inside"),
    [
        (("2020-08-09", "2020-08-09"), False),
        (("2020-08-10", "2020-08-10"), True),
        (("2020-08-16", "2020-08-17"), True),
        (("2020-08-17", "2020-08-17"), False),
        (("2020-08-01", "2020-08-31"), True),
    ],
)
def test_a_surge_of_other_days_is_warned_of(days, inside):
    scenario = load("shanghai-2020", [SURGE])
    found = list(verbs.warnings(scenario, *map(dt.date.fromisoformat, days)))
    assert not list(verbs.warnings(scenario))
    assert ([warning for warning in found if "the surge flood" in warning] == []) is inside


def test_days_of_the_warm_up_are_simulated_too():
    scenario = load("shanghai-2020", [SURGE, "horizon.warm_up_days=3"])
    assert list(verbs.warnings(scenario, dt.date(2020, 8, 19), dt.date(2020, 8, 20))) == []
    assert len(list(verbs.warnings(scenario, dt.date(2020, 8, 20), dt.date(2020, 8, 20)))) == 1


@pytest.mark.parametrize(
    "command",
    [["run"], ["compare", "--with", "demand.growth=0.1", "--no-causes"], ["sweep", "--vary", "lines.count=400"]],
)
def test_every_command_with_days_warns_of_a_surge_of_others(command, capsys):
    name, *options = command
    assert main([name, "shanghai-2020", *options, "--set", SURGE, *ONE_DAY_OF_IT, *FEW]) == 0
    said = "warning: the surge flood, 2020-08-10 00:00:00 to 2020-08-17 00:00:00, is not inside the days simulated"
    assert said in capsys.readouterr().err
    assert main([name, "shanghai-2020", *options, "--set", SURGE, *ONE_DAY_OF_IT, *FEW, "--lang", "zh"]) == 0
    assert "警告：激增 flood（2020-08-10 00:00:00 至" in capsys.readouterr().err


def test_the_warning_is_in_the_language_asked_for(capsys):
    assert main(["check", "one-day", "--set", "demand.growth=1.5", "--lang", "zh"]) == 0
    assert "警告：demand.growth = 1.5 会把全部诉求量乘以 2.5（+150%）" in capsys.readouterr().err
    assert main(["cost", "shanghai-2020", "--set", "cost.tax.rate=0.5", "--lang", "zh"]) == 0
    err = capsys.readouterr().err
    assert err.startswith("警告：cost.tax.rate")
    assert "plausible" not in err


@pytest.mark.parametrize("base", ["one-day", "shanghai-2020", "published-mmc"])
def test_a_new_scenario_shows_what_a_planner_changes_first(base, capsys):
    from sim.scenario import load

    assert main(["new", "mine", "--extends", base]) == 0
    text = Path("mine.toml").read_text("utf-8")
    scenario = load(base)
    kind = scenario.types[scenario.type_names[0]]
    volume = "annual_contacts" if kind.annual_contacts is not None else "per_hour"
    wanted = [volume, "growth", "talk", "wrap"] + ["seats"] * bool(scenario.sites)
    wanted += ["wrap_work_order"] * (kind.wrap_work_order is not None)
    for key in wanted:
        assert re.search(rf"^# {key} = .*#.* in {base}$", text, re.MULTILINE), key
    # Each example is valid once its mark is taken away, and then differs from the base.
    head, body = text.split("lists replace.\n")
    Path("mine.toml").write_text(head + body.replace("\n# ", "\n"), "utf-8")
    capsys.readouterr()
    assert main(["check", "mine.toml"]) == 0
    told = capsys.readouterr().out
    for key in ("demand", f"types.{scenario.type_names[0]}.talk"):
        assert f'the source of {key} still reads "assumed: why"' in " ".join(told.split())
    assert "no source" in told
    assert main(["check", "mine.toml", "--lang", "zh"]) == 0
    assert "still reads" not in capsys.readouterr().out
    text = Path("mine.toml").read_text("utf-8")
    Path("mine.toml").write_text(text.replace("assumed: why", "assumed: as last year"), "utf-8")
    assert main(["check", "mine.toml"]) == 0
    told = capsys.readouterr().out
    assert "no source" not in told
    assert "still reads" not in told
    changed = load("mine.toml")
    new = changed.types[scenario.type_names[0]]
    assert (new.talk, new.wrap) != (kind.talk, kind.wrap)
    assert getattr(new, volume) != getattr(kind, volume)
    # What is not changed in an example is the base's own: the law, and how much it varies.
    was, now = getattr(kind.talk, kind.talk.kind), getattr(new.talk, kind.talk.kind)
    assert type(was) is type(now)
    assert getattr(was, "cv", None) == getattr(now, "cv", None)
    if scenario.sites:
        assert changed.sites != scenario.sites


def test_toml_on_a_terminal_without_chinese_loads_back():
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "LANG": "C", "LC_ALL": "C"}
    done = subprocess.run([*HOTLINE, "show", "shanghai-2020", "--toml"], env=environment, capture_output=True)
    assert done.returncode == 0
    text = done.stdout.decode("ascii")
    assert "?" not in re.sub(r"https?://\S+", "", text)
    plain = subprocess.run(
        [*HOTLINE, "show", "shanghai-2020", "--toml"],
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
    ).stdout.decode("utf-8")
    assert "市民" in plain
    assert tomllib.loads(text) == tomllib.loads(plain)
    assert json.dumps(tomllib.loads(text)["title"], ensure_ascii=False).count("市民") == 1
