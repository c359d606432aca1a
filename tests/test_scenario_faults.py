# ruff: noqa: E501  (one case a line)
"""Every kind of fault says file, key, value, what is allowed and how to mend it; all faults at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.scenario import Fault, ScenarioError, from_dict, load, to_dict


def faults(folder: Path, text: str, *overrides: str, name: str = "mine.toml") -> list[Fault]:
    """Write a file that extends the shipped one-day centre, and return what is wrong with it."""
    file = folder / name
    file.write_text(f'extends = "one-day"\n{text}', encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        load(file, overrides)
    return caught.value.faults


def only(folder: Path, text: str) -> Fault:
    found = faults(folder, text)
    assert len(found) == 1, [str(fault) for fault in found]
    assert found[0].file.endswith("mine.toml")
    return found[0]


# (what the file says, key, value shown, a part of what is allowed, a part of the remedy)
CASES = {
    "unknown key": ("[demand]\ngrowht = 0.1", "demand.growht", "0.1", "growth, month, day", "growth instead of growht"),
    "key of another table": ("[lines]\ngrowth = 0.1", "lines.growth", "0.1", "count", "belongs in [demand]"),
    "type in quotes": ('[lines]\ncount = "40"', "lines.count", '"40"', "a whole number from 1 to 1,000,000", "without quotes"),
    "fraction of a line": ("[lines]\ncount = 40.5", "lines.count", "40.5", "a whole number", "whole number"),
    "text expected": ("name = 5", "name", "5", "letters, digits", "put the text in quotes"),
    "number for true": (
        "[[demand.surge]]\nname='a'\nfrom=2020-03-16T06:00:00\nto=2020-03-16T07:00:00\nmultiplier=2\nknown=1",
        "demand.surge.0.known", "1", "true or false", "without quotes",
    ),
    "table expected": ("lines = 40", "lines", "40", "a table with the keys count", "write a table"),
    "list expected": ("[types.help]\nper_hour = 7", "types.help.per_hour", "7", "a list", "square brackets"),
    "item of a list": ('[demand]\nmonth = [1,1,1,1,1,1,1,1,1,1,1,"x"]', "demand.month.11", '"x"', "a number from 0 to 1,000", "write a number in digits"),
    "too few months": ("[demand]\nmonth = [1, 2]", "demand.month", "[1, 2]", "12 items", "it has 2"),
    "hours missing": ("[types.help]\nper_hour = [1, 2]", "types.help.per_hour", "[1, 2]", "24, 48 or 96", "this list has 2"),
    "negative": ("[greeting]\nring_s = -3", "greeting.ring_s", "-3", "a number from 0 to 604,800", "inside these bounds"),
    "absurd": ("[demand]\ngrowth = 1e18", "demand.growth", "1e+18", "a number from -0.9 to 10", "inside these bounds"),
    "absurd whole number": (f"[lines]\ncount = {10**30}", "lines.count", str(10**30), "to 1,000,000", "inside these bounds"),
    "NaN": ("[demand]\ngrowth = nan", "demand.growth", "nan", "a number from -0.9 to 10", "finite number"),
    "infinite": ("[greeting]\nring_s = inf", "greeting.ring_s", "inf", "from 0", "finite"),
    "per cent": ("[targets]\nconnection_rate = { at_least = 90 }", "targets.connection_rate.at_least", "90", "from 0 to 1", "write 0.9 for 90 %"),
    "word": ('[types.help]\nrouting = "randm"', "types.help.routing", '"randm"', "preference, longest_idle, random", "write random"),
    "interval": ("[horizon]\ninterval_minutes = 20", "horizon.interval_minutes", "20", "one of 15, 30, 60", "one of these"),
    "date in quotes": ('[horizon]\nend = "2020-03-16"', "horizon.end", '"2020-03-16"', "a date such as", "without quotes"),
    "time zone": (
        "[[demand.surge]]\nname='a'\nfrom=2020-03-16T06:00:00Z\nto=2020-03-16T07:00:00\nmultiplier=2",
        "demand.surge.0.from", "2020-03-16 06:00:00+00:00", "a local date and time", "leave out the time zone",
    ),
    "missing key": ("[types.fax]\ngroups = ['general']\nper_hour = [1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]\npatience = { never = true }",
                    "types.fax.talk", "", "exponential", "add talk to [types.fax]"),
    "two laws": ("[types.help]\ntalk = { fixed = { s = 1 }, exponential = { mean_s = 2 } }", "types.help.talk",
                 "{ fixed = { s = 1 }, exponential = { mean_s = 2 } }", "exactly one of exponential", "keep one of exponential, fixed"),
    "no law": ("[types.fax]\ngroups = ['general']\nannual_contacts = 1\ntalk = {}\npatience = { never = true }", "types.fax.talk", "{  }", "exactly one of", "fixed = { s = 60 }"),
    "never but at once": ("[types.help]\npatience = { never = true, immediate_share = 0.1 }", "types.help.patience",
                          "{ never = true, immediate_share = 0.1 }", "never = true alone", "leave out immediate_share"),
    "never = false": ("[types.help]\npatience = { never = false }", "types.help.patience.never", "false", "true", "one of these"),
    "quantiles fall": ("[types.help]\ntalk = { quantiles = [5, 3] }", "types.help.talk.quantiles", "[5, 3]", "never fall", "sort the list"),
    "bounds exchanged": ("[types.help]\ntalk = { uniform = { low_s = 5, high_s = 3 } }", "types.help.talk.uniform", "{ low_s = 5, high_s = 3 }", "low_s no greater", "exchange"),
    "both volumes": ("[types.help]\nannual_contacts = 1\nper_hour = [0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,1]", "types.help",
                     None, "one of annual_contacts and per_hour", "leave out one"),
    "end before start": ("[horizon]\nend = 2020-03-15", "horizon.end", "2020-03-15", "from 2020-03-16 (horizon.start)", "exchange"),
    "horizon too long": ("[horizon]\nend = 2050-03-15", "horizon.end", "2050-03-15", "at most 3,660 days", "shorten"),
    "surge outside": (
        "[[demand.surge]]\nname='a'\nfrom=2020-03-16T06:00:00\nto=2020-03-18T07:00:00\nmultiplier=2",
        "demand.surge.0.to", "2020-03-18 07:00:00", "2020-03-16T00:00:00 to 2020-03-17T00:00:00", "leave the surge out",
    ),
    "surge backwards": (
        "[[demand.surge]]\nname='a'\nfrom=2020-03-16T06:00:00\nto=2020-03-16T05:00:00\nmultiplier=2",
        "demand.surge.0.to", "2020-03-16 05:00:00", "after from (2020-03-16T06:00:00)", "exchange from and to",
    ),
    "surge off the quarter": (
        "[[demand.surge]]\nname='a'\nfrom=2020-03-16T06:10:00\nto=2020-03-16T07:00:00\nmultiplier=2",
        "demand.surge.0.from", "2020-03-16 06:10:00", "quarter of an hour", ":00, :15",
    ),
    "surge of no type": (
        "[[demand.surge]]\nname='a'\nfrom=2020-03-16T06:00:00\nto=2020-03-16T07:00:00\nmultiplier=2\ntypes=['hepl']",
        "demand.surge.0.types.0", '"hepl"', "enquiry, help", "write help instead of hepl",
    ),
    "two surges of a name": (
        "\n".join(["[[demand.surge]]\nname='a'\nfrom=2020-03-16T06:00:00\nto=2020-03-16T07:00:00\nmultiplier=2"] * 2),
        "demand.surge.1.name", '"a"', "no other surge has", "its own name",
    ),
    "day of another year": ('[calendar.days]\n"2019-03-16" = "holiday"', "calendar.days.2019-03-16", '"holiday"', "horizon's years, 2020", "leave the day out"),
    "no such day": ('[calendar.days]\n"2020-02-30" = "holiday"', "calendar.days.2020-02-30", '"holiday"', "a date in quotes", "year-month-day"),
    "no such kind of day": ('[calendar.days]\n"2020-02-01" = "holyday"', "calendar.days.2020-02-01", '"holyday"', "make_up_workday", "write holiday"),
    "months all zero": ("[demand]\nmonth = [0,0,0,0,0,0,0,0,0,0,0,0]", "demand.month", "[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]", "not all zero", "above 0"),
    "shape all zero": (f"[demand]\nshape = {{ all = {[0] * 24} }}", "demand.shape", None, "not all zero", "above 0"),
    "group unknown": ('[types.help]\ngroups = ["specialist", "genral"]', "types.help.groups.1", '"genral"', "general, specialist", "general instead of genral"),
    "group twice": ('[types.help]\ngroups = ["specialist", "specialist"]', "types.help.groups.1", '"specialist"', "each group once", "second specialist"),
    "group unreached": ("[groups.night]\non_duty = { all = 1 }", "groups.night", "{ on_duty = { all = 1 } }", "at least one type or task lists", "to the groups of a type or task"),
    "reserve of a stranger": ("[types.enquiry]\nreserve = { specialist = 2 }", "types.enquiry.reserve.specialist", "2", "serves this type: general", "add it to the type's groups"),
    "share of one group only": ("[types.help.resolution]\non_the_spot = { general = 0.3 }", "types.help.resolution.on_the_spot", "{ general = 0.3 }", "each of specialist, general", "add specialist"),
    "share of no group": ("[types.help.resolution]\non_the_spot = {}", "types.help.resolution.on_the_spot", "{  }", "each of specialist, general", "add specialist"),
    "site unknown": ('[groups.general]\nsite = "mian"', "groups.general.site", '"mian"', "main", "write main"),
    "maximum below minimum": ("[groups.general]\non_duty = { rule = 'erlang-a', target = { asa_s = 8 }, minimum = 9, maximum = 5 }",
                              "groups.general.on_duty.maximum", "5", "at least minimum (9)", "raise maximum"),
    "two rule targets": ("[groups.general]\non_duty = { rule = 'erlang-a', target = { asa_s = 8, abandoned_share = 0.1 } }",
                         "groups.general.on_duty.target", "{ asa_s = 8, abandoned_share = 0.1 }", "asa_s, or answered_within_s", "keep one"),
    "half a rule target": ("[groups.general]\non_duty = { rule = 'erlang-a', target = { answered_within_s = 8 } }",
                           "groups.general.on_duty.target", "{ answered_within_s = 8 }", "with answered_within_share", "keep one"),
    "speeds unsorted": ("[groups.general]\nspeed = [{ value = 1, from = 2020-01-02 }, { value = 1, from = 2020-01-01 }]",
                        "groups.general.speed", None, "rise from item to item", "sort"),
    "speed begins late": ("[groups.general]\nspeed = [{ value = 1.2, from = 2020-03-17 }]", "groups.general.speed.0.from", "2020-03-17", "no later than horizon.start", "begin the list"),
    "source of nothing": ('[sources]\n"demand.growht" = "assumed: x"', "sources.\"demand.growht\"", '"assumed: x"', "the path of a key", "correct the path"),
    "source without text": ('[sources]\n"demand.growth" = ""', "sources.\"demand.growth\"", '""', "text", "kind and length"),
    "counted twice": ('[targets]\nasa = { at_most_s = 8, counts = ["queue", "queue"] }', "targets.asa", None, "once", "written twice"),
    "queue not counted": ('[targets]\nasa = { at_most_s = 8, counts = ["ring"] }', "targets.asa.counts", None, 'a list with "queue" in it', 'add "queue"'),
    "rival of no target": ("[targets]\nrank = { rivals = { conection_rate = 0.9 } }", "targets.rank.rivals.conection_rate", "0.9", "connection_rate", "write connection_rate"),
    "name with a slash": ('name = "a/b"', "name", '"a/b"', "letters, digits", "allowed"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_fault_says_file_key_value_allowed_and_remedy(tmp_path: Path, name: str) -> None:
    text, key, value, allowed, remedy = CASES[name]
    fault = only(tmp_path, text)
    assert fault.key == key
    if value is not None:
        assert fault.value == value
    assert allowed in fault.allowed
    assert remedy in fault.remedy
    message = str(fault)
    assert all(part in message for part in (fault.file, fault.key, fault.value, fault.allowed, fault.remedy))


def test_shape_or_roster_of_one_kind_of_day_needs_all_or_the_others() -> None:
    with pytest.raises(ScenarioError) as caught:
        load("published-mmc", ["groups.agents.on_duty={ rule = 'erlang-a', target = { asa_s = 8 } }",
                               "groups.agents.on_duty.workday=5"])  # fmt: skip
    (fault,) = caught.value.faults
    assert (fault.key, fault.value) == ("groups.agents.on_duty", "{ workday = 5 }")
    assert fault.allowed == "all, or each of workday, weekend and holiday"
    assert fault.remedy == "add all, or weekend and holiday"


def test_a_name_with_a_slash_cannot_be_a_group(tmp_path: Path) -> None:
    fault = faults(tmp_path, '[groups."a/b"]\non_duty = { all = 1 }')[0]
    assert fault.key == 'groups."a/b"'
    assert "letters, digits" in fault.allowed


def test_all_faults_of_a_file_at_once_whatever_their_kind(tmp_path: Path) -> None:
    found = faults(
        tmp_path,
        """
        surprise = 1
        [horizon]
        end = 2020-03-01
        [demand]
        growth = "0.08"
        month = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
        [types.help]
        groups = ["nobody"]
        talk = { lognormal = { mean_s = -1 } }
        [types.enquiry]
        priority = 0
        annual_contacts = 5
        per_hour = [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]
        [groups.general]
        site = "moon"
        on_duty = { all = 30 }
        [sources]
        "no.such.key" = "assumed: nothing"
        """,
        "lines.count=0",
    )
    keys = {fault.key for fault in found}
    assert keys >= {
        "surprise",
        "horizon.end",
        "demand.growth",
        "demand.month",
        "types.help.groups.0",
        "types.help.talk.lognormal.mean_s",
        "types.enquiry.priority",
        "types.enquiry",
        "groups.general.site",
        'sources."no.such.key"',
        "lines.count",
    }
    assert {fault.file for fault in found if fault.key == "lines.count"} == {"--set"}
    with pytest.raises(ScenarioError, match=r"has \d\d faults") as caught:
        load(tmp_path / "mine.toml")
    assert all(str(fault) in str(caught.value) for fault in caught.value.faults)


def test_a_fault_names_the_file_of_the_chain_that_set_the_value(tmp_path: Path) -> None:
    (tmp_path / "parent.toml").write_text('extends = "one-day"\n[lines]\ncount = 0\n')
    child = tmp_path / "child.toml"
    child.write_text('extends = "parent.toml"\n[greeting]\nring_s = -1\n')
    with pytest.raises(ScenarioError) as caught:
        load(child)
    places = {fault.key: Path(fault.file).name for fault in caught.value.faults}
    assert places == {"lines.count": "parent.toml", "greeting.ring_s": "child.toml"}


def test_shares_that_do_not_sum_to_one() -> None:
    with pytest.raises(ScenarioError) as caught:
        load("shanghai-2020", ["cost.personnel.grades.extra={ share = 0.25, wage_factor = 1 }"])
    (fault,) = caught.value.faults
    assert (fault.file, fault.key) == ("--set", "cost.personnel.grades")
    assert "share = 0.25" in fault.value
    assert "sum to 1 " in fault.allowed
    assert "1.25" in fault.allowed
    assert "share" in fault.remedy


@pytest.mark.parametrize("table", ["workforce", "posts", "targets.environmental"])
def test_money_needs_its_other_tables(table: str) -> None:
    tables = to_dict(load("shanghai-2020"))
    *above, last = table.split(".")
    holder = tables
    for key in above:
        holder = holder[key]
    del holder[last]
    tables.pop("sources")
    tables.pop("ranges")
    with pytest.raises(ScenarioError) as caught:
        from_dict(tables)
    (fault,) = caught.value.faults
    assert fault.key == "cost"
    assert fault.value
    assert f"together with [{table}]" in fault.allowed
    assert f"add [{table}]" in fault.remedy


@pytest.mark.parametrize(
    "path",
    ["cost.personnel.night_cny_h", "cost.personnel.insurance.rates.pension", "cost.operation.fixed_cny_year.extra"],
)
def test_a_dated_rate_begins_no_later_than_the_horizon(path: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        load("shanghai-2020", [f"{path}=[{{ value = 0.1, from = 2020-02-01 }}]"])
    (fault,) = caught.value.faults
    assert (fault.file, fault.key, fault.value) == ("--set", f"{path}.0.from", "2020-02-01")
    assert "no later than horizon.start (2020-01-01)" in fault.allowed
    assert "begin the list" in fault.remedy
    load("shanghai-2020", [f"{path}=[{{ value = 0.1, from = 2020-01-01 }}, {{ value = 0.2, from = 2020-02-01 }}]"])


def test_more_on_duty_than_seats_is_counted_over_the_groups_of_a_site(tmp_path: Path) -> None:
    fault = only(tmp_path, "[groups.general]\non_duty = { workday = 14, weekend = 1, holiday = 1 }")
    # one-day: specialists peak at 7, so 14 + 7 = 21 at 09:00, one above the 20 seats of the site
    assert fault.key == "groups.general.on_duty"
    assert "the 20 seats of main; on a workday at 09:00 they are 21" in fault.allowed
    assert fault.remedy == (
        "lower groups.general.on_duty and groups.specialist.on_duty, or raise sites.main.seats to 21"
    )
    assert load(tmp_path / "mine.toml", ["sites.main.seats=21"]).sites["main"].seats == 21


@pytest.mark.parametrize(
    "overrides",
    [
        ["groups.agents.on_duty.all=0"],
        ["groups.agents.reserve=13"],  # 12 are on duty, so 13 are never idle
        ["types.call.reserve={ agents = 13 }"],
        ["groups.agents.on_duty={ workday = 0, weekend = 5, holiday = 5 }"],  # 6 January 2020 is a Monday
        ["horizon.end=2020-01-11", "groups.agents.on_duty={ workday = 5, weekend = 0, holiday = 5 }"],
        [
            "calendar.days.2020-01-06=holiday",
            "groups.agents.on_duty={ workday = 5, weekend = 5, holiday = 0 }",
        ],
        ["groups.agents.on_duty={ rule = 'erlang-a', target = { asa_s = 8 }, maximum = 0 }"],
    ],
)
def test_patience_without_end_needs_somebody_on_duty_on_the_last_day(overrides: list[str]) -> None:
    with pytest.raises(ScenarioError) as caught:
        load("published-mmc", overrides)
    (fault,) = caught.value.faults
    assert "patience with an end" in fault.allowed
    assert "last day" in fault.allowed
    assert "patience distribution" in fault.remedy
    # With an end to patience the run ends, whoever is on duty.
    load("published-mmcab", overrides)


def test_patience_without_end_is_well_with_one_able_group_or_no_volume() -> None:
    load("published-mmc", ["groups.agents.reserve=12"])
    load("published-mmc", [f"types.call.per_hour={[0] * 24}", "groups.agents.on_duty.all=0"])
    load("published-mmc", ["groups.agents.on_duty={ all = 0, workday = 5 }"])


# --- files ------------------------------------------------------------------------------------------------


def file_fault(name: object) -> Fault:
    with pytest.raises(ScenarioError) as caught:
        load(name)  # type: ignore[arg-type]
    (fault,) = caught.value.faults
    assert fault.allowed
    assert fault.remedy
    return fault


def test_a_missing_file_offers_the_nearest_name(tmp_path: Path) -> None:
    fault = file_fault("one-dya")
    assert fault.file == "one-dya"
    assert "one-day" in fault.allowed
    assert "write one-day" in fault.remedy
    (tmp_path / "storm.toml").write_text('extends = "one-day"')
    assert "write storm.toml" in file_fault(tmp_path / "strom.toml").remedy


@pytest.mark.parametrize("name", ["a\0b", "x" * 5_000, "", "/dev/null", "."])
def test_a_name_that_is_no_file(name: str) -> None:
    file_fault(name)


def test_a_folder_an_empty_file_and_text_that_is_not_utf8(tmp_path: Path) -> None:
    assert "a folder" in file_fault(tmp_path).remedy
    file = tmp_path / "mine.toml"
    file.write_text("# nothing yet\n")
    assert file_fault(file).value == "an empty file"
    file.write_bytes('schema = 1\nname = "hotline"\ntitle = { zh = "热线", en = "x" }'.encode("gb18030"))
    fault = file_fault(file)
    assert "in line 3" in fault.value
    assert "UTF-8" in fault.allowed
    file.write_bytes(b"\xef\xbb\xbf" + b'extends = "one-day"')
    assert load(file).name == "mine"


def test_a_syntax_error_gives_the_line(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('extends = "one-day"\n[demand]\ngrowth = \n')
    fault = file_fault(file)
    assert fault.file.endswith("mine.toml")
    assert (fault.where, fault.key, fault.value) == ("line 3, column 10", "demand.growth", "")
    assert fault.allowed == "a number from -0.9 to 10"
    assert "write a value" in fault.remedy
    file.write_text('extends = "one-day"\n[lines]\ncount = 1\ncount = 2\n')
    fault = file_fault(file)
    assert (fault.where, fault.value) == ("line 4, column 10", "count = 2")
    assert "twice" in fault.remedy


@pytest.mark.parametrize("text", ["a = " + "[" * 5_000, "a." * 5_000 + "b = 1", "a = " + "9" * 5_000])
def test_a_monstrous_file(tmp_path: Path, text: str) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(text)
    file_fault(file)


def test_extends_a_missing_file_a_loop_or_no_text(tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    file.write_text('extends = "b.toml"\n[demand]\ngrowth = "much"\n')
    with pytest.raises(ScenarioError) as caught:
        load(file)
    missing, other = caught.value.faults
    assert (Path(missing.file).name, missing.key, missing.value) == ("a.toml", "extends", '"b.toml"')
    assert "no such file" in missing.remedy
    assert other.key == "demand.growth"  # the file's own faults are told as well
    (tmp_path / "b.toml").write_text('extends = "a.toml"\n')
    with pytest.raises(ScenarioError) as caught:
        load(file)
    loop = caught.value.faults[0]
    assert (Path(loop.file).name, loop.key, loop.value) == ("b.toml", "extends", '"a.toml"')
    assert "a.toml → " in loop.remedy
    file.write_text("extends = 5")
    assert (file_fault(file).key, file_fault(file).value) == ("extends", "5")


# --- overrides --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("override", "key", "value", "allowed", "remedy"),
    [
        ("demand.growht=0.1", "demand.growht", "0.1", "growth", "growth instead of growht"),
        ("demand.growth=lots", "demand.growth", '"lots"', "a number from -0.9 to 10", "this is text: write a number"),
        ("demand.growth=0.1\nname='x'", "demand.growth", None, "a number", "this is text: write a number"),
        ("demand.growth", "", '"demand.growth"', "key.path=value", "equals sign"),
        ("=3", "", '"=3"', "key.path=value", "equals sign"),
        ("types.help.per_hour.24=3", "types.help.per_hour.24", "3", "the number of an item", "whole list"),
        ("extends=one-day", "extends", '"one-day"', "schema, name", "remove it"),
        ("types.help.routing=randm", "types.help.routing", '"randm"', "preference", "write random"),
    ],
)
def test_a_bad_override_is_a_fault_of_the_command_line(
    override: str, key: str, value: str | None, allowed: str, remedy: str
) -> None:
    with pytest.raises(ScenarioError) as caught:
        load("one-day", [override])
    (fault,) = caught.value.faults
    assert (fault.file, fault.key) == ("--set", key)
    assert value is None or fault.value == value
    assert allowed in fault.allowed
    assert remedy in fault.remedy
