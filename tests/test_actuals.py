"""The file of the months passed: every way people and spreadsheets write it, and every slip told in its place."""

import datetime as dt
import io

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_year import small_year

from sim.cli.main import main
from sim.experiment import sheets
from sim.experiment.actuals import COLUMNS, expected_by_day, expected_by_month, months_of, read_actuals, template
from sim.experiment.sheets import SheetError
from sim.scenario import load

YEAR = small_year()
HEAD = "month,offered,answered,mean_wait_s"


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def read(tmp_path, text, encoding="utf-8"):
    file = tmp_path / "so-far.csv"
    file.write_bytes(text.encode(encoding))
    return read_actuals(file, YEAR)


def faults(tmp_path, text):
    with pytest.raises(SheetError) as caught:
        read(tmp_path, text)
    for fault in caught.value.faults:
        assert fault.allowed
        assert fault.remedy
    return caught.value.faults


def excel(tmp_path, rows):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    file = tmp_path / "so-far.xlsx"
    book.save(file)
    return file


def test_months_and_numbers_are_read(tmp_path):
    found = read(tmp_path, f"{HEAD},personnel_wan\n2021-01,6000,5700,9.5,12.25\n2021-02,5500,5400,8,\n")
    assert found.months == ("2021-01", "2021-02")
    assert found.calls == [(6000.0, 5700.0, 9.5), (5500.0, 5400.0, 8.0)]
    assert found.columns["personnel_wan"] == (12.25, None)
    assert not found.known("personnel_wan")
    assert found.total("offered") == 11_500.0
    assert set(found.columns) == set(COLUMNS)


def test_months_may_stand_in_any_order_and_empty_rows_between(tmp_path):
    found = read(tmp_path, f"{HEAD}\n2021-02,5500,5400,8\n,,,\n2021-01,6000,5700,9.5\n2021-03,,,\n")
    assert found.calls == [(6000.0, 5700.0, 9.5), (5500.0, 5400.0, 8.0)]


@pytest.mark.parametrize(
    "month",
    [
        "2021-01", "2021/1", "2021/01", "2021.1", "202101", "2021年1月", "2021年01月", "1月", "2021-01-01", "2021/1/1",
        "2021年1月1日", "Jan-21", "January 2021", "2021-01-01 00:00:00", "２０２１-０１",
    ],
)  # fmt: skip
def test_a_month_is_known_however_it_is_written(month, tmp_path):
    assert read(tmp_path, f"{HEAD}\n{month},6000,5700,9.5\n").months == ("2021-01",)


@pytest.mark.parametrize("month", ["2021-13", "2021-00", "soon", "21-1", "Foo-21", "2021"])
def test_what_is_no_month_is_told(month, tmp_path):
    (fault,) = faults(tmp_path, f"{HEAD}\n{month},6000,5700,9.5\n")
    assert fault.where == "row 2, column A"
    assert fault.key == "month"
    assert "2021-01" in fault.allowed


@pytest.mark.parametrize("head", ["月份,来电量,接通量,平均等待秒数", "月份,呼入量,接听量,平均接电时长（秒）"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_chinese_headings_in_every_encoding_of_excel(head, encoding, tmp_path):
    found = read(tmp_path, f"{head}\n2021年1月,6000,5700,9.5\n", encoding)
    assert found.calls == [(6000.0, 5700.0, 9.5)]


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_cells_may_be_parted_by_semicolons_and_tabs(delimiter, tmp_path):
    text = f"{HEAD}\n2021-01,6000,5700,9.5\n".replace(",", delimiter)
    assert read(tmp_path, text).calls == [(6000.0, 5700.0, 9.5)]


@pytest.mark.parametrize("written", ['"6,000"', '"6，000"', "6000.0", " 6000 ", "６０００"])
def test_thousands_may_have_commas(written, tmp_path):
    assert read(tmp_path, f"{HEAD}\n2021-01,{written},5700,9.5\n").calls == [(6000.0, 5700.0, 9.5)]


@settings(max_examples=30, deadline=None)
@given(st.integers(1_000, 60_000))
def test_any_number_reads_back_with_and_without_commas(tmp_path_factory, offered):
    folder = tmp_path_factory.mktemp("numbers")
    for written in (str(offered), f'"{offered:,}"'):
        assert read(folder, f"{HEAD}\n2021-01,{written},0,0\n").calls == [(float(offered), 0.0, 0.0)]


def test_excel_dates_numbers_and_texts(tmp_path):
    rows = [
        ["月份", "offered 来电量", "answered", "平均等待秒数"],
        [dt.datetime(2021, 1, 1), 6000, "5,700", 9.5],
        [dt.date(2021, 2, 1), 5500.0, 5400, 8],
        [202103, None, None, None],
    ]
    found = read_actuals(excel(tmp_path, rows), YEAR)
    assert found.months == ("2021-01", "2021-02")
    assert found.calls == [(6000.0, 5700.0, 9.5), (5500.0, 5400.0, 8.0)]


# (rows after the heading, where the fault is, its key, what the message says)
SLIPS = [
    ("2021-01,6000,5700,9\n2021-03,6000,5700,9", "", "2021-02", "without a gap"),
    ("2021-02,6000,5700,9", "", "2021-01", "without a gap"),
    ("2021-01,6000,5700,9\n2021-01,6000,5700,9", "row 3, column A", "month", "row 2"),
    ("2020-01,6000,5700,9", "row 2, column A", "month", "2021-01 to 2021-12"),
    ("2021-01,6000,6001,9", "row 2, column C", "answered", "at most offered, 6,000"),
    ("2021-01,-6000,0,9", "row 2, column B", "offered", "0 or more"),
    ("2021-01,6000,5700,-9", "row 2, column D", "mean_wait_s", "0 or more"),
    ("2021-01,many,5700,9", "row 2, column B", "offered", "a whole number"),
    ("2021-01,6e3,5700,9", "row 2, column B", "offered", "a whole number"),
    ("2021-01,6000.5,5700,9", "row 2, column B", "offered", "a whole number"),
    ('2021-01,"60,00",5700,9', "row 2, column B", "offered", "a whole number"),
    ("2021-01,6000,nan,9", "row 2, column C", "answered", "a whole number"),
    ("2021-01,6000,,9", "row 2, column C", "answered", "for each month passed"),
    (",6000,5700,9", "row 2, column A", "month", "2021-01"),
    ("2021-01,0.6,0.57,9", "row 2, column B", "offered", "whole"),
    ("2021-01,61,57,9", "row 2, column B", "offered", "not 万"),
    ("2021-01,6000000,57,9", "row 2, column B", "offered", "not 万"),
]


@pytest.mark.parametrize(("rows", "where", "key", "said"), SLIPS)
def test_a_slip_is_told_in_its_place(rows, where, key, said, tmp_path):
    found = faults(tmp_path, f"{HEAD}\n{rows}\n")
    (fault,) = [fault for fault in found if fault.key == key]
    assert fault.where == where
    assert said in f"{fault.allowed} {fault.remedy}"
    assert fault.file.endswith("so-far.csv")


def test_all_slips_are_told_at_once(tmp_path):
    found = faults(tmp_path, f"{HEAD}\n2021-01,6000,7000,x\n2021-03,-1,,9\n1999-01,1,1,1\n")
    assert {(fault.where, fault.key) for fault in found} == {
        ("row 2, column C", "answered"),
        ("row 2, column D", "mean_wait_s"),
        ("row 3, column B", "offered"),
        ("row 3, column C", "answered"),
        ("", "2021-02"),
        ("row 4, column A", "month"),
    }


@pytest.mark.parametrize(
    ("head", "value", "said"),
    [
        (f"{HEAD},ofered", '"ofered"', "write offered"),
        (f"{HEAD},备注", '"备注"', "rename or remove"),
        (f"{HEAD},基本运行费（元）", '"基本运行费(元)"', "rename or remove"),
        (f"{HEAD},来电量", '"来电量"', "remove one of the two"),
        ("month,offered,answered", "", "add mean_wait_s"),
        ("offered,answered,mean_wait_s", "", "add month"),
    ],
)
def test_headings_are_checked(head, value, said, tmp_path):
    (fault,) = faults(tmp_path, head + "\n")
    assert fault.key == "heading"
    assert fault.value == value
    assert said in fault.remedy


def test_a_part_is_not_more_than_the_whole(tmp_path):
    found = faults(tmp_path, f"{HEAD},work_orders,responsible_returns\n2021-01,6000,5700,9,10,11\n")
    assert [fault.key for fault in found] == ["responsible_returns"]


def test_yuan_in_a_column_of_ten_thousands_is_told(tmp_path):
    (fault,) = faults(tmp_path, f"{HEAD},personnel_wan\n2021-01,6000,5700,9,7900000\n")
    assert fault.key == "personnel_wan"
    assert fault.remedy == "if these are 元, write 790"
    assert read(tmp_path, f"{HEAD},personnel_wan\n2021-01,6000,5700,9,790.5\n").columns["personnel_wan"] == (790.5,)


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("none.csv", None, "correct the name"),
        ("old.xls", b"\xd0\xcf\x11\xe0" + b"\0" * 600, "save it as .xlsx"),
        ("bad.xlsx", b"PK\x03\x04 and no more", "save it anew"),
        ("half.csv", b"month,\xff\xff\xff", "CSV UTF-8"),
        ("wide.csv", "month".encode("utf-16"), "CSV UTF-8"),
        ("big.csv", b"," * 5_000_001, "alone"),
        ("empty.csv", b"", "hotline new --actuals"),
    ],
)
def test_what_is_no_table_is_told(name, data, said, tmp_path):
    file = tmp_path / name
    if data is not None:
        file.write_bytes(data)
    with pytest.raises(SheetError) as caught:
        read_actuals(file, YEAR)
    (fault,) = caught.value.faults
    assert said in fault.remedy


def test_a_folder_is_no_table(tmp_path):
    with pytest.raises(SheetError, match="cannot be read"):
        read_actuals(tmp_path, YEAR)


def test_a_zip_that_is_no_workbook_is_told(tmp_path):
    import zipfile

    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as archive:
        archive.writestr("a.txt", "b")
    (tmp_path / "a.xlsx").write_bytes(kept.getvalue())
    with pytest.raises(SheetError, match="save it anew"):
        read_actuals(tmp_path / "a.xlsx", YEAR)


def test_without_openpyxl_excel_is_refused_with_the_way_out(tmp_path, monkeypatch):
    file = excel(tmp_path, [["month"]])
    monkeypatch.setitem(__import__("sys").modules, "openpyxl", None)
    with pytest.raises(SheetError, match=r"hotline-sim\[excel\]"):
        read_actuals(file, YEAR)


def test_a_horizon_over_two_calendar_years_is_refused(tmp_path):
    scenario = load("one-day", ["horizon.start=2019-07-01", "horizon.end=2020-06-30"])
    with pytest.raises(SheetError, match="within one calendar year"):
        read_actuals(tmp_path / "so-far.csv", scenario)


@pytest.mark.parametrize("name", ["so-far.csv", "so-far.xlsx"])
def test_a_template_is_the_beginning_of_the_year(name, tmp_path):
    file = tmp_path / name
    template(file, YEAR)
    assert read_actuals(file, YEAR).passed == 0
    with pytest.raises(FileExistsError):
        template(file, YEAR)


@pytest.mark.parametrize("name", ["so-far.csv", "so-far.xlsx"])
def test_a_template_says_how_to_fill_it_and_what_the_wait_counts(name, tmp_path):
    assert main(["new", "--actuals", name, "--extends", "shanghai-2020"]) == 0
    scenario = load("shanghai-2020")
    hints = [row[0].value for row in sheets.read(tmp_path / name) if str(row[0].value).startswith("#")]
    assert len(hints) == 6
    assert scenario.targets.asa.counts == ("queue", "ring")
    assert any("of queue + ring" in hint for hint in hints)
    assert any("计入排队＋振铃" in hint for hint in hints)
    assert read_actuals(tmp_path / name, scenario).passed == 0


def test_rows_that_begin_with_a_hash_are_passed_over(tmp_path):
    told = "# mine; months\nmonth,offered,answered,mean_wait_s\n＃ 2021-01,1,1,1\n2021-01,6000,5700,9.5\n"
    assert read(tmp_path, told).calls == [(6000.0, 5700.0, 9.5)]


def test_a_filled_excel_template_is_read(tmp_path):
    file = tmp_path / "so-far.xlsx"
    template(file, YEAR)
    book = openpyxl.load_workbook(file)
    for column, value in enumerate([6000, 5700, 9.5], 2):
        book.active.cell(2, column).value = value
    book.save(file)
    assert read_actuals(file, YEAR).calls == [(6000.0, 5700.0, 9.5)]


def test_new_writes_a_template_and_never_over_a_file(tmp_path, capsys):
    assert main(["new", "--actuals", "so-far.csv", "--extends", "one-day"]) == 0
    assert read_actuals(tmp_path / "so-far.csv", load("one-day")).passed == 0
    before = (tmp_path / "so-far.csv").read_bytes()
    assert before.startswith(b"\xef\xbb\xbf")
    assert main(["new", "--actuals", "so-far.csv", "--extends", "one-day"]) == 2
    assert (tmp_path / "so-far.csv").read_bytes() == before
    assert "a name that no file has yet" in capsys.readouterr().err


@pytest.mark.parametrize("words", [[], ["mine", "--actuals", "a.csv"], ["--actuals", "a.txt"], ["--actuals", ".csv"]])
def test_new_wants_a_name_or_a_table(words, tmp_path, capsys):
    assert main(["new", *words]) == 2
    assert "to mend:" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_months_and_expected_calls_of_a_scenario():
    assert months_of(YEAR) == tuple(f"2021-{month:02d}" for month in range(1, 13))
    # 73,000 a year, the same each day.
    assert expected_by_day(YEAR) == pytest.approx([200.0] * 365)
    assert expected_by_month(YEAR)[:2] == pytest.approx([31 * 200.0, 28 * 200.0])
