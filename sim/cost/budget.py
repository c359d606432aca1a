"""The department's whole budget for 2020 as data, and the sums that hold in it.

The hotline's contract is one project of one department: functional code 201-03-02. The tables stand in
``shanghai_2020_budget.toml`` as the document prints them; :func:`checks` adds up rows and compares tables.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import resources
from typing import Final

HOTLINE: Final = "201-03-02"
"""一般行政管理事务: in this department's budget, the hotline's contract and nothing else."""
_FUNCTIONS: Final = ("201", "208", "210", "221")
_WAN: Final = 10_000
Amount = int | float


@dataclass(frozen=True)
class Row:
    """A row of a budget table."""

    code: str
    name: str
    amounts: tuple[Amount, ...]


@dataclass(frozen=True)
class BudgetTable:
    """A table of the document; codes are 类-款-项, or a word where the document has none."""

    key: str
    title: str
    unit: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]

    def amount(self, code: str, column: str) -> Amount:
        """Return one cell.

        Raises
        ------
        KeyError
            If there is no such row or column.
        """
        for row in self.rows:
            if row.code == code and column in self.columns:
                return row.amounts[self.columns.index(column)]
        raise KeyError(f"{self.key} has no {code} {column}")


@dataclass(frozen=True)
class Budget:
    """The department's budget of one year."""

    department: str
    year: int
    tables: dict[str, BudgetTable]
    targets: tuple[tuple[str, ...], ...]
    """The performance targets: level 1, level 2, indicator, target."""
    notes: tuple[dict[str, str], ...]
    """What does not fit, by language."""

    @property
    def total_cny(self) -> Amount:
        """The department's whole expenditure, yuan."""
        return self.tables["expenditure_by_function"].amount("total", "total")

    @property
    def hotline_cny(self) -> Amount:
        """The hotline's contract, yuan."""
        return self.tables["expenditure_by_function"].amount(HOTLINE, "total")

    @property
    def hotline_share(self) -> float:
        """The hotline's share of the department's budget."""
        return self.hotline_cny / self.total_cny


@dataclass(frozen=True)
class Check:
    """Two figures that belong together."""

    name: str
    left: Amount
    right: Amount
    ok: bool


def load_budget() -> Budget:
    """Return the department's budget for 2020."""
    text = (resources.files("sim.cost") / "shanghai_2020_budget.toml").read_text(encoding="utf-8")
    data = tomllib.loads(text)
    tables = {
        key: BudgetTable(
            key,
            table["title"],
            table["unit"],
            tuple(table["columns"]),
            tuple(Row(row[0], row[1], tuple(row[2:])) for row in table["rows"]),
        )
        for key, table in data.items()
        if isinstance(table, dict) and key != "performance_targets"
    }
    targets = tuple(tuple(row) for row in data["performance_targets"]["rows"])
    return Budget(data["department"], data["year"], tables, targets, tuple(data["note"]))


def checks(budget: Budget) -> list[Check]:
    """Return every sum and every figure printed twice, compared.

    Returns
    -------
    list of Check
        Rows against their parents, columns against totals, tables against each other, the text against the
        tables, the contract's lines against 201-03-02.
    """
    found: list[Check] = []
    for table in budget.tables.values():
        found.extend(_row_sums(table))
        found.extend(_column_sums(table))
    found.extend(_between_tables(budget))
    found.extend(_text_and_tables(budget))
    return found


def _equal(name: str, left: Amount, right: Amount) -> Check:
    return Check(name, left, right, left == right)


def _row_sums(table: BudgetTable) -> Iterator[Check]:
    """Rows against the row they belong to: 208-05-01 … to 208-05, 208 … to the total."""
    if not any(row.code[:1].isdigit() for row in table.rows) or table.key == "statement":
        return
    for parent in table.rows:
        level = 0 if parent.code == "total" else parent.code.count("-") + 1
        children = [
            row
            for row in table.rows
            if row.code != "total"
            and row.code.count("-") == level
            and (level == 0 or row.code.startswith(f"{parent.code}-"))
        ]
        if children:
            for place, column in enumerate(table.columns):
                yield _equal(
                    f"{table.key}: rows below {parent.code}, {column}",
                    sum(row.amounts[place] for row in children),
                    parent.amounts[place],
                )


def _column_sums(table: BudgetTable) -> Iterator[Check]:
    """Columns against the table's own total column."""
    if "total" in table.columns:
        for row in table.rows:
            yield _equal(
                f"{table.key}: {row.code}, {' + '.join(table.columns[1:])}",
                sum(row.amounts[1:]),
                row.amounts[0],
            )


def _between_tables(budget: Budget) -> Iterator[Check]:
    tables = budget.tables
    spending, general = tables["expenditure_by_function"], tables["general_by_function"]
    income, economy = tables["income_by_function"], tables["basic_by_economy"]
    for row in spending.rows:
        for column in spending.columns:
            amount = spending.amount(row.code, column)
            yield _equal(
                f"expenditure = general budget: {row.code}, {column}",
                amount,
                general.amount(row.code, column),
            )
        yield _equal(
            f"income = expenditure: {row.code}",
            income.amount(row.code, "total"),
            spending.amount(row.code, "total"),
        )
    for code in (*_FUNCTIONS, "total"):
        amount = spending.amount(code, "total")
        yield _equal(f"finance table = functions: {code}", tables["finance_expenditure"].amount(code, "amount"), amount)
        yield _equal(
            f"appropriations = functions: {code}",
            tables["appropriation_expenditure"].amount(code, "total"),
            amount,
        )
    finance = tables["finance_income"]
    yield _equal(
        "finance_income: fiscal = general + fund",
        finance.amount("fiscal", "amount"),
        finance.amount("general", "amount") + finance.amount("fund", "amount"),
    )
    for key in ("finance_income", "appropriation_income"):
        table = tables[key]
        yield _equal(f"{key} = expenditure", table.amount("total", "amount"), budget.total_cny)
        parts = ("general", "fund", *(("operating", "business", "other") if key == "finance_income" else ()))
        yield _equal(
            f"{key}: {' + '.join(parts)}",
            sum(table.amount(part, "amount") for part in parts),
            table.amount("total", "amount"),
        )
    for key in ("expenditure_by_unit", "appropriation_by_unit"):
        table = tables[key]
        for column in table.columns:
            yield _equal(f"{key}: units, {column}", table.amount("unit", column), table.amount("total", column))
        basic = table.amount("total", "personnel") + table.amount("total", "public")
        yield _equal(f"{key} = functions: basic", basic, spending.amount("total", "basic"))
        yield _equal(
            f"{key} = functions: project",
            table.amount("total", "project"),
            spending.amount("total", "project"),
        )
        for column in ("personnel", "public"):
            yield _equal(
                f"{key} = economic classes: {column}",
                table.amount("total", column),
                economy.amount("total", column),
            )
    for name, codes, function in (
        ("pension", ("301-08",), "208-05-05"),
        ("occupational annuity", ("301-09",), "208-05-06"),
        ("medical", ("301-10", "301-11"), "210-11-01"),
        ("housing fund", ("301-13",), "221-02-01"),
        ("retired", ("303-02",), "208-05-01"),
    ):
        yield _equal(
            f"economic classes = functions: {name}",
            sum(economy.amount(code, "total") for code in codes),
            spending.amount(function, "basic"),
        )


def _text_and_tables(budget: Budget) -> Iterator[Check]:
    tables = budget.tables
    spending, economy = tables["expenditure_by_function"], tables["basic_by_economy"]

    def text(code: str) -> Amount:
        return tables["statement"].amount(code, "wan")

    def wan(cny: Amount) -> int:
        return round(cny / _WAN)

    for code in ("expenditure", "fiscal", "general"):
        yield _equal(f"text = tables, 万元: {code}", text(code), wan(budget.total_cny))
    for code in _FUNCTIONS:
        yield _equal(f"text = tables, 万元: {code}", text(code), wan(spending.amount(code, "total")))
    yield _equal("text: the functions sum to the total", sum(text(code) for code in _FUNCTIONS), text("expenditure"))
    yield _equal("2019's total is this year's and the decrease", text("expenditure") + text("decrease"), 17_415)

    yield from _publics(tables["three_publics"], economy, text)
    yield _equal(
        "text = tables, 万元: operating costs of the office",
        text("running"),
        wan(economy.amount("total", "public")),
    )
    goods, works, services = (text(f"procurement_{kind}") for kind in ("goods", "works", "services"))
    yield _equal("procurement: goods + works + services", goods + works + services, text("procurement"))

    contract = tables["contract_lines"]
    lines = [row.amounts[0] for row in contract.rows if row.code != "total"]
    hotline = contract.amount("total", "wan")
    yield _equal("contract lines sum to the contract", sum(lines), hotline)
    yield _equal("the contract = 201-03-02, yuan", hotline * _WAN, budget.hotline_cny)
    yield _equal("the contract = the one project with performance targets", hotline, text("performance"))
    yield _equal("the hotline's share of the budget", round(budget.hotline_share, 3), 0.767)
    tax = contract.amount("tax", "wan")
    yield _equal("tax on the other three lines", round(tax / (hotline - tax), 5), 0.07186)
    yield _equal("tax in the whole contract", round(tax / hotline, 5), 0.06705)
    yield Check(
        "the hotline lies outside procurement",
        text("procurement"),
        hotline,
        text("procurement") < hotline,
    )
    # The text calls the hotline basic spending; the tables have all of it as a project.
    yield _equal("tables: basic spending in 201-03-02", spending.amount(HOTLINE, "basic"), 0)
    yield _equal("tables: 201-03-02 is all project", spending.amount(HOTLINE, "project"), budget.hotline_cny)


def _publics(publics: BudgetTable, economy: BudgetTable, text: Callable[[str], Amount]) -> Iterator[Check]:
    """Compare “三公” (travel abroad, receptions, cars) with their sum, the text and the economic classes."""
    three = ("abroad", "reception", "cars")
    yield _equal(
        "三公: travel abroad + receptions + cars",
        sum(publics.amount(code, "wan") for code in three),
        publics.amount("total", "wan"),
    )
    yield _equal(
        "三公: cars bought + cars run",
        publics.amount("cars_purchase", "wan") + publics.amount("cars_running", "wan"),
        publics.amount("cars", "wan"),
    )
    yield _equal("三公: text = table", text("three_publics"), publics.amount("total", "wan"))
    yield _equal("operating costs: text = table", text("running"), publics.amount("running", "wan"))
    for code, economic in (("abroad", "302-12"), ("reception", "302-17"), ("cars", "302-31")):
        yield _equal(f"三公: text = table, {code}", text(code), publics.amount(code, "wan"))
        yield _equal(
            f"三公 = economic class {economic}, yuan",
            publics.amount(code, "wan") * _WAN,
            economy.amount(economic, "total"),
        )
