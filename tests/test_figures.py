"""The figures: what stands in them, in both languages, and never a box for a letter."""

import re
from pathlib import Path

import polars as pl
import pytest
from matplotlib import font_manager
from matplotlib.text import Text
from waiting_work import waiting_work

from sim import verbs
from sim.cli.main import main
from sim.experiment import frames
from sim.report import bill_tables, figures
from sim.scenario import load


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def january():
    scenario = load("shanghai-2020")
    return verbs.run(scenario, 2, first=scenario.horizon.start, last=scenario.horizon.start, jobs=1)


@pytest.fixture
def no_font(monkeypatch):
    monkeypatch.setattr(figures, "chinese_font", lambda: None)


@pytest.fixture
def font(monkeypatch):
    monkeypatch.setattr(figures, "chinese_font", lambda: "Noto Sans CJK SC")


def words(result, folder, lang="en"):
    """Return the texts of each figure, a line each."""
    figures.save(result, folder, lang)
    return {
        path.stem: "\n".join(re.findall(r"<text [^>]*>([^<]*)</text>", path.read_text("utf-8")))
        for path in folder.glob("*.svg")
    }


def test_the_bill_names_the_scenario_and_prints_every_amount(january, font, tmp_path):
    text = words(january, tmp_path / "f")["bill"]
    assert "Shanghai 12345 citizens' hotline, 2020" in text
    assert "万元 (10,000 yuan)" in text
    bill = january.bill
    assert f"{bill.total_wan:,.2f} in all" in text
    for line in bill.lines:
        assert f"{line.wan:,.2f}" in text
        kinds = {}
        for part in line.parts:
            kinds.setdefault(part.key.partition(".")[0], []).append(part.wan)
        assert len(kinds) <= 12
        for amounts in kinds.values():
            assert f"{sum(amounts):,.2f}" in text
    assert "wages (17 parts)" in text
    assert "smaller parts" not in text


def test_parts_beyond_a_dozen_of_a_line_are_named(font):
    from sim.cost.bill import Line, Part

    parts = tuple(Part(f"thing_{i:02d}", "fixed", 1.0, "year", 1.0, "p", "s", (10_000 * (20 - i),)) for i in range(15))
    found = bill_tables.families(Line("operation", parts, None), "en")
    assert len(found) == 13
    assert found[-1][0] == "3 others: thing 12, thing 13…"
    assert sum(wan for _, wan in found) == pytest.approx(sum(part.wan for part in parts))


def test_the_colours_of_answer_times_mean_the_target(january, no_font, tmp_path):
    text = words(january, tmp_path / "f")["answer-time"]
    assert "white at 8 s, the target for the year as a whole" in text
    assert "full at 0 and at 16 s and more" in text
    assert "answered; queue + ring" in text
    axes = figures.draw(january)["answer-time"].axes[0]
    image = axes.images[0]
    assert image.get_clim() == (0.0, 16.0)
    low, aim, high = (image.cmap(image.norm(value)) for value in (0.0, 8.0, 16.0))
    assert min(aim[:3]) > 0.95
    assert low != high


def test_the_months_say_what_their_bars_are(january, no_font, tmp_path):
    text = words(january, tmp_path / "f")["months"]
    assert "2 replications; bars are 95 % intervals of the mean" in text
    assert "one replication, so no intervals" in words(verbs.run("one-day", 1, jobs=1), tmp_path / "g")["months"]


@pytest.fixture(scope="module")
def work():
    return verbs.run(waiting_work(), 2, jobs=1)


def test_the_backlog_stacks_the_kinds_of_task(work, no_font, tmp_path):
    text = words(work, tmp_path / "f")["backlog"]
    for word in ("tasks that wait", "website", "follow-up calls", "at the end of each interval", "average workday"):
        assert word in text
    above, below = figures.draw(work)["backlog"].axes
    tasks = frames.intervals(work).filter(pl.col("task").is_not_null())
    total = tasks.group_by("start").agg(pl.col("backlog").sum()).sort("start")["backlog"].to_numpy()
    assert above.patches[-1].get_data().values == pytest.approx(total)
    assert below.patches[-1].get_data().values == pytest.approx(total.reshape(2, 48).mean(axis=0))
    assert len(above.patches) == len(work.kinds)
    assert "at work that can wait" in words(work, tmp_path / "g")["day"]


def test_many_days_are_drawn_by_their_ends_and_many_kinds_as_one(work, no_font, monkeypatch):
    monkeypatch.setattr(figures, "_HOURLY_DAYS", 1)
    monkeypatch.setattr(figures, "_KIND_COLOURS", ("red",))
    figure = figures.draw(work)["backlog"]
    above, _ = figure.axes
    left = sum(kind["left"].mean for kind in work.kinds.values())
    assert above.patches[-1].get_data().values[-1] == pytest.approx(left)
    assert len(above.patches[-1].get_data().values) == 2
    assert [text.get_text() for text in figure.legends[0].get_texts()][1] == "2 other kinds"


def test_a_backlog_is_drawn_where_there_are_tasks(january):
    assert "backlog" in figures.draw(january)
    assert "backlog" not in figures.draw(verbs.run("one-day", 1, jobs=1))


def test_the_legend_of_the_backlog_is_not_cut_off(january, no_font):
    figure = figures.draw(january)["backlog"]
    figure.draw_without_rendering()
    legend = figure.legends[0].get_window_extent()
    assert len(figure.legends[0].get_texts()) == len(january.kinds)
    assert 0 <= legend.x0 < legend.x1 <= figure.bbox.width
    assert legend.y0 >= 0


def test_in_chinese_no_english_is_left(january, font, tmp_path):
    for text in words(january, tmp_path / "f", "zh").values():
        assert "上海12345市民服务热线2020年度" in text
        assert not re.search(r"[A-Za-z]{4,}", text), text


def test_without_a_chinese_font_the_labels_are_english_and_one_line_says_so(no_font, capsys):
    options = ["run", "one-day", "--replications", "1", "--jobs", "1", "--lang", "zh", "--figures"]
    assert main(options) == 0
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert "Noto Sans CJK SC" in err
    text = Path("results/one-day/figures/day.svg").read_text("utf-8")
    assert "calls offered on an average workday" in text
    assert "呼入量" not in text
    assert main(options[:-1]) == 0
    assert capsys.readouterr().err == ""


def test_the_manifest_names_the_language_of_the_figures(font):
    common = ["run", "one-day", "--replications", "1", "--jobs", "1", "--quiet", "--lang", "zh"]
    assert main([*common, "--out", "a"]) == 0
    assert "--lang" not in Path("a/manifest.json").read_text("utf-8")
    assert main([*common, "--out", "b", "--figures"]) == 0
    assert "--figures --lang zh" in Path("b/manifest.json").read_text("utf-8")


def test_a_picture_never_has_a_box_for_a_letter(no_font, tmp_path):
    scenario = load("one-day").model_copy(update={"title": None, "name": "我的方案"})
    result = verbs.run(scenario, 1, jobs=1)
    figures.save(result, tmp_path / "f", "zh")
    # Text stays text for the reader's own font; a picture has ? instead.
    assert "我的方案" in (tmp_path / "f" / "day.svg").read_text("utf-8")
    drawn = figures.draw(result, "zh")["day"]
    figures._without_boxes(drawn)
    glyphs = font_manager.get_font(font_manager.findfont("DejaVu Sans"))
    texts = [text.get_text() for text in drawn.findobj(Text)]
    assert any(text.startswith("????: ") for text in texts)
    assert all(glyphs.get_char_index(ord(letter)) for text in texts for letter in text if letter != "\n")


def test_a_font_installed_since_is_found(monkeypatch):
    entries = [entry for entry in font_manager.fontManager.ttflist if entry.name not in figures._CHINESE]
    monkeypatch.setattr(font_manager.fontManager, "ttflist", entries)
    monkeypatch.setattr(font_manager, "findSystemFonts", lambda: ["/fonts/broken.ttf", "/fonts/wqy-zenhei.ttc"])

    def add(file):
        if "wqy" not in file:
            raise RuntimeError("no font")
        entries.append(font_manager.FontEntry(fname=file, name="WenQuanYi Zen Hei"))

    monkeypatch.setattr(font_manager.fontManager, "addfont", add)
    assert figures.chinese_font() == "WenQuanYi Zen Hei"
