"""What a planner likely meant by a wrong input: the message names the key, the value or the file that was wanted."""

from pathlib import Path

import pytest

from sim.cli.main import main


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "1000")


# (what is set, a part of what is allowed, the whole remedy)
MEANT = [
    (
        "tasks.follow_up.share=0.2",
        "days, asks",
        "write tasks.follow_up.after.0.probability (share of those events that bring one) or "
        "tasks.follow_up.asks.reached (share of citizens reached)",
    ),
    (
        "tasks.quality.probability=0.2",
        "",
        "write tasks.quality.after.0.probability (share of those events that bring one)",
    ),
    # A task that comes after something has no share of its own.
    ("tasks.review.share=0.1", "", "write tasks.review.after.0.probability (share of those events that bring one)"),
    ("groups.general.agents=5", "on_duty", "remove it"),
    ("groups.desk.minimum=5", "", "write groups.desk.on_duty.minimum (never fewer than this"),
    ("types.enquiry.share=0.2", "transfer", "write types.enquiry.transfer.share (share of answered calls"),
    ("tasks.written.annual=600000", "days, asks", "write annual_contacts instead of annual"),
    ("types.enquiry.resolution.satisfied=1", "", "write satisfied_on_the_spot or satisfied_work_order instead of"),
    (
        "types.enquiry.callback.after_s=60",
        "resolution, transfer",
        "callback is for the whole hotline, not a part of types.enquiry: "
        "write callback = { threshold_s = 60, accept = 0.5 }",
    ),
    ("types.enquiry.on_duty.all=3", "", "write groups.NAME.on_duty"),
]


@pytest.mark.parametrize(("change", "allowed", "remedy"), MEANT)
def test_a_key_that_a_table_has_not_is_looked_for_in_the_same_table_first(change, allowed, remedy, capsys):
    assert main(["check", "shanghai-2020", "--set", change]) == 2
    head, _, said, mend = capsys.readouterr().err.splitlines()
    assert head == "The scenario has a fault:"
    assert "more" not in said
    assert allowed in said
    assert mend.partition("to mend: ")[2].startswith(remedy)


def test_the_callback_that_is_offered_as_an_example_can_be_used(capsys):
    assert main(["check", "shanghai-2020", "--set", "callback={ threshold_s = 60, accept = 0.5 }"]) == 0


def test_a_misspelt_table_with_a_key_it_has_not_is_one_fault(capsys):
    assert main(["check", "shanghai-2020", "--set", "tasks.followup.share=0.2"]) == 2
    err = capsys.readouterr().err
    assert err.startswith("The scenario has a fault:\n")
    assert "did you mean [tasks.follow_up]?" in err


# (what is set, the remedy)
VALUES = [
    ("demand.growth=15", "a share is a fraction: write 0.15 for 15 %"),
    ("demand.growth=-20", "a share is a fraction: write -0.2 for -20 %"),
    ("demand.growth=1001", "give a value inside these bounds"),  # 10.01 is above the bound too
    ("types.enquiry.priority=-5", "give a value inside these bounds"),
    ("types.enquiry.groups=[]", "it is empty: at least one is needed"),
    ("demand.growth＝8%", "＝ is a full-width equals sign: write demand.growth=8%, with the keyboard set to English"),
    (
        "types.*.priority=1",
        "there are no wildcards: set each of enquiry, help, complaint, suggestion, enterprise, portal, sign by itself, "
        "such as --set types.enquiry.priority=1",
    ),
    ("*.priority=1", "there are no wildcards: set each key by itself"),
    ("demand.growth", "write key, equals sign, value"),
    ("demand.month=[1]", "it has 1; give at least 12"),
]


@pytest.mark.parametrize(("change", "remedy"), VALUES)
def test_a_value_that_cannot_be_is_told_what_was_likely_meant(change, remedy, capsys):
    assert main(["check", "shanghai-2020", "--set", change]) == 2
    assert capsys.readouterr().err.endswith(f"to mend: {remedy}\n")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("README.md", b"# A title\n\nIt is for planners.\n\n```sh\nhotline run x --set demand.growth=1\n```\n"),
        ("summary.json", b'{\n "schema": 1,\n "targets": [\n  1\n ]\n}\n'),
        ("plan.xlsx", b"PK\x03\x04\x14\x00\x06\x00\xff\xfe\n"),
        ("calls.csv", "月份,来电\n1,300000\n".encode("gb18030")),
        ("setup.py", b'name = "hotline"\n'),
    ],
)
def test_what_is_no_scenario_file_is_told_so_in_one_fault(name, content, capsys):
    Path(name).write_bytes(content)
    assert main(["check", name]) == 2
    head, place, _, remedy = capsys.readouterr().err.splitlines()
    assert head == "The scenario has a fault:"
    assert place == name
    assert remedy == "    to mend: this is not a scenario file: name a .toml file, or begin one with `hotline new NAME`"


@pytest.mark.parametrize("line", ["[demand]\ngrowth = ", "demand.growth = ", 'extends = "one-day'])
def test_a_scenario_with_a_slip_is_told_as_one_whatever_the_file_is_called(line, capsys):
    Path("plan.txt").write_text(line)
    assert main(["check", "plan.txt"]) == 2
    err = capsys.readouterr().err
    assert "not a scenario file" not in err
    assert "plan.txt, line" in err


def test_a_folder_is_named_as_it_was_typed(tmp_path, capsys):
    for typed in (str(tmp_path), f"../{tmp_path.name}", "."):
        assert main(["check", typed]) == 2
        assert capsys.readouterr().err.splitlines()[1] == typed


def test_a_new_scenario_does_not_take_the_name_and_the_results_of_a_shipped_one(capsys):
    for name in ("shanghai-2020", "one-day.toml"):
        assert main(["new", name]) == 2
        assert f"write another name, such as my-{name.removesuffix('.toml')}" in capsys.readouterr().err
        assert list(Path().iterdir()) == []


def noted(capsys, *changes, scenario="winter-surge", lang="en"):
    """Return what ``check`` notes of a scenario with a few keys changed, each note on one line."""
    options = [word for change in changes for word in ("--set", change)]
    assert main(["check", scenario, *options, "--lang", lang]) == 0
    return capsys.readouterr().out.splitlines()[1:]


def test_one_is_told_in_the_singular(capsys):
    (note,) = noted(capsys, "lines.count=50", scenario="one-day")
    assert note == "note: 1 number has no source of its own: lines.count; give them under [sources]"
    assert noted(capsys, "lines.count=50", scenario="one-day", lang="zh")[0].startswith("提示：1 个数值没有自己的来源")
    (note,) = noted(capsys, "lines.count=50", "sites.main.seats=21", scenario="one-day")
    assert note.startswith("note: 2 numbers have no source of their own:")
    for runs, told in ((1, "one replication"), (2, "2 replications")):
        assert main(["run", "one-day", "--replications", str(runs), "--jobs", "1", "--out", told]) == 0
        assert f" · {told} · " in capsys.readouterr().out


def per_hour(*calls):
    """Return the change that has one type of the small centre call so often each hour, and the other never."""
    return f"types.enquiry.per_hour={list(calls)}", f"types.help.per_hour={[0] * 24}"


def test_a_trigger_that_most_planned_hours_reach_is_noted_with_their_share(capsys):
    night = "groups.night={ activation = { offered_last_hour = 30 }, on_duty = { all = 1 } }"
    serve = "types.enquiry.groups=['general', 'night']"
    # 18 of 24 hours expect 30 calls or more; the busiest expects 90.
    busy = per_hour(*[29] * 6, *[30] * 17, 90)
    told = "groups.night.activation.offered_last_hour = 30: 75 % of the planned hours expect as many calls, redials "
    note, _ = noted(capsys, *busy, night, serve, scenario="one-day")
    assert note == f"note: {told}apart, so night would be there most of the time; the busiest expects 90"
    note, _ = noted(capsys, *busy, night, serve, scenario="one-day", lang="zh")
    assert note.startswith("提示：groups.night.activation.offered_last_hour = 30：计划时段中有 75% 的小时")
    # 11 of 24 hours are fewer than half.
    (_,) = noted(capsys, *per_hour(*[29] * 13, *[30] * 11), night, serve, scenario="one-day")


def test_a_surge_that_nobody_plans_for_is_no_planned_hour(capsys):
    storm = "{ name = 'storm', from = 2020-03-16T00:00:00, to = 2020-03-17T00:00:00, multiplier = 5, known = %s }"
    changes = (
        *per_hour(*[29] * 24),
        "groups.night={ activation = { offered_last_hour = 100 }, on_duty = { all = 1 } }",
        "types.enquiry.groups=['general', 'night']",
    )
    (_,) = noted(capsys, *changes, f"demand.surge=[{storm % 'false'}]", scenario="one-day")
    assert (
        "100 % of the planned hours"
        in noted(capsys, *changes, f"demand.surge=[{storm % 'true'}]", scenario="one-day")[0]
    )


def test_tasks_of_a_group_that_answers_calls_and_keeps_nobody_back_are_noted(capsys):
    change = "tasks.written.groups=['desk', 'general']"
    (note,) = noted(capsys, change, scenario="shanghai-2020")
    assert note.startswith("note: general answers calls and does tasks (written) without a task_reserve: ")
    (note,) = noted(capsys, change, scenario="shanghai-2020", lang="zh")
    assert note.startswith("提示：general 既接听来电又处理可延后工作（written），但未设 task_reserve：")
    assert not any("task_reserve:" in note for note in noted(capsys, change, "groups.general.task_reserve=3"))
    assert noted(capsys, scenario="shanghai-2020") == []
