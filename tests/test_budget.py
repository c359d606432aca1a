"""The department's budget as data: the document's own figures and sums."""

from __future__ import annotations

import dataclasses

import pytest

from sim.cost.budget import Budget, Row, checks, load_budget


@pytest.fixture(scope="module")
def budget() -> Budget:
    return load_budget()


def test_the_documents_totals(budget: Budget) -> None:
    spending = budget.tables["expenditure_by_function"]
    assert budget.total_cny == 173_840_331
    assert spending.amount("total", "basic") == 39_519_531
    assert spending.amount("total", "project") == 134_320_800
    assert budget.hotline_cny == 133_340_000
    assert round(budget.hotline_share, 3) == 0.767
    lines = budget.tables["contract_lines"]
    assert [row.amounts[0] for row in lines.rows] == [1903, 948, 9589, 894, 13_334]
    assert [row.amounts[0] for row in budget.tables["three_publics"].rows] == [63, 30, 5, 28, 0, 28, 826]
    assert budget.tables["statement"].amount("procurement", "wan") == 237


def test_every_table_with_figures_is_there(budget: Budget) -> None:
    """Rows as counted in the document: 22 functional classes and 34 economic ones, each with a total."""
    rows = {key: len(table.rows) for key, table in budget.tables.items()}
    assert rows["income_by_function"] == rows["expenditure_by_function"] == rows["general_by_function"] == 23
    assert rows["basic_by_economy"] == 35
    assert rows["finance_expenditure"] == rows["appropriation_expenditure"] == 5
    assert rows["expenditure_by_unit"] == rows["appropriation_by_unit"] == 2
    assert len(budget.targets) == 11
    assert any("基本支出" in note["en"] and "项目支出" in note["en"] for note in budget.notes)


def test_every_sum_holds(budget: Budget) -> None:
    found = checks(budget)
    assert [check for check in found if not check.ok] == []
    names = [check.name for check in found]
    assert len(set(names)) == len(names)
    for part in (
        "rows below 201-03",
        "rows below total",
        "expenditure = general budget",
        "income = expenditure",
        "the contract = 201-03-02",
        "the hotline's share",
        "2019's total",
        "三公: travel",
        "operating costs",
        "procurement",
        "basic spending in 201-03-02",
    ):
        assert any(part in name for name in names), part


def test_a_wrong_figure_anywhere_is_found(budget: Budget) -> None:
    """Each figure of each table takes part in a check: add one to it and something no longer holds."""
    unchecked = []
    for key, table in budget.tables.items():
        for place, row in enumerate(table.rows):
            for column, amount in enumerate(row.amounts):
                amounts = (*row.amounts[:column], amount + 1, *row.amounts[column + 1 :])
                rows = (*table.rows[:place], Row(row.code, row.name, amounts), *table.rows[place + 1 :])
                changed = {**budget.tables, key: dataclasses.replace(table, rows=rows)}
                if all(check.ok for check in checks(dataclasses.replace(budget, tables=changed))):
                    unchecked.append((key, row.code, table.columns[column]))
    # Two figures stand alone in the document: nothing to compare them with.
    assert unchecked == [("statement", "sme", "wan"), ("statement", "sme_small", "wan")]
