"""What ``run`` and ``cost`` show of heads: one line of novices, and what they do to the bill, in both languages."""

from __future__ import annotations

import json
import re

import pytest
from test_chinese import english
from test_novices import money

from sim.cli.main import main
from sim.scenario import to_toml


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "220")
    (tmp_path / "mine.toml").write_text(to_toml(money()), "utf-8")


RUN = ("run", "mine.toml", "--replications", "2", "--jobs", "1")


def amounts(line: str) -> list[float]:
    return [float(number.replace(",", "")) for number in re.findall(r"[-+]?[\d,]+\.\d\d", line)]


def shown(out: str, title: str) -> dict[str, list[float]]:
    """Return the amounts of each row of the table under a title."""
    table = re.split(r"\n\s*\n", out[out.index("──", out.index(title)) :], maxsplit=1)[0]
    rows = (re.split(r"\s{2,}", line.strip(), maxsplit=1) for line in table.splitlines())
    return {row[0]: amounts(row[1]) for row in rows if len(row) == 2 and amounts(row[1])}


def test_run_says_what_novices_take_and_what_the_heads_cost(capsys):
    assert main([*RUN, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert main(list(RUN)) == 0
    out = capsys.readouterr().out
    heads = told["headcount"]
    (line,) = [line for line in out.splitlines() if line.startswith("Heads, mean of the replications")]
    assert f"{heads['heads']:.1f} on the floor where the plan takes {heads['needed']:.1f}" in line
    assert f"{heads['filled_share'] * 100:.2f} % of its places filled" in line
    assert f"handling takes {(heads['handling_factor'] - 1) * 100:.2f} % longer" in line
    assert f"{heads['on_the_spot_loss'] * 100:.2f} % of the answers on the spot are lost" in out.replace("\n", " ")
    table = shown(out, "What the head-count does to the bill, mean of the replications")
    cost = told["cost"]
    assert table["total"] == pytest.approx(
        [cost["headcount"]["planned_total_wan"], cost["total_wan"], cost["headcount"]["difference_wan"]], abs=0.0051
    )
    trainees = next(part for part in cost["headcount"]["parts"] if part["key"] == "wages.trainees")
    assert table["wages: trainees"][:2] == pytest.approx([trainees["planned_wan"], trainees["wan"]], abs=0.0051)
    assert f"Agents on the payroll {cost['headcount']['agents']:.1f}" in out


def test_cost_explains_the_bill_of_the_heads_expected(capsys):
    assert main(["cost", "mine.toml", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["cost"]["headcount"]["counted"] == "expected"
    assert main(["cost", "mine.toml"]) == 0
    out = capsys.readouterr().out
    table = shown(out, "What the head-count does to the bill, as expected")
    for line in told["cost"]["lines"]:
        name = {"operation": "basic operation", "personnel": "personnel", "tax": "taxes"}.get(line["key"])
        if name is not None:
            assert table[name][1] == pytest.approx(line["wan"], abs=0.0051)
    assert "agents on the payroll, by the head-count" in out
    assert "in training on the payroll, by the head-count" in out
    ways = {step["key"]: step["heads"] for step in told["from_work_to_heads"]}
    assert ways["on_payroll"] == pytest.approx(told["cost"]["headcount"]["agents"])
    # A part of the plan is billed its share of it, with the heads of its days.
    assert main(["cost", "mine.toml", "--from", "2021-03-08", "--to", "2021-03-14", "--json"]) == 0
    week = json.loads(capsys.readouterr().out)
    hired = [part for part in week["cost"]["lines"][2]["parts"] if part["key"] == "hiring"]
    assert hired[0]["quantity"] == 6.0


def test_in_chinese_nothing_of_it_is_left_in_english(capsys):
    for words in (RUN, ("cost", "mine.toml")):
        assert main([*words, "--lang", "zh"]) == 0
        out = capsys.readouterr().out
        assert english(out, "results/small", "watch", "leader", "desk", "office", "letter", "review", "small") == set()
        assert "实际人数对金额的影响" in out
        assert "计薪话务员" in out
