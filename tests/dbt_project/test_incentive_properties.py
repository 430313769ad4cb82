"""What holds for commission whatever is sold and given back: the project's own SQL on lines made by hypothesis.

A build costs a second, so one pays for many worlds at once: a world's people sell to nobody else's.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_DOWN, Decimal
from functools import cache
from typing import Any

import duckdb
import pytest
import yaml
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from expectations.catalog import load
from tests.dbt_project import straight, warehouse
from tests.dbt_project.benchmark_plans import plan_tables

MODELS = ("reversal", "counted", "rate", "earning", "clawback", "bad_debt", "member", "judged", "bonus", "pay")
PLAN = """
id: pay
name: {en: Pay}
period_type: quarter
versions:
  - version: 1
    valid_from: 2025-01-01
    approved_by: CEO
    roles: [rep]
    commission:
      pays_on: billings
      tiers:
        method: METHOD
        steps: [{at_least: 0, rate_pct: 1.1111}, {at_least: 500, rate_pct: 2.5}, {at_least: 1500.5, rate_pct: 0.3}]
      accelerators: {steps: [{at_least: 50, factor: 1.3}]}
      cap: 19.99
      draw: {amount: 5, recoverable: true}
"""
NEXT = """
  - version: 2
    valid_from: 2025-07-01
    approved_by: CEO
    roles: [rep]
    commission: {pays_on: billings, tiers: {steps: [{at_least: 0, rate_pct: 99}]}}
"""
MICRO = Decimal("0.000001")
FIRST, LAST = date(2025, 1, 1), date(2025, 12, 31)
Row = dict[str, Any]
Lines = Sequence[tuple["Sale", str | None]]
"""What a world sells and gives back: an invoice line, or a credit note's with the line it gives back."""


@dataclass(frozen=True)
class Sale:
    """An invoice line of one or two people; rate: reporting currency for one of the document's."""

    key: str
    day: date
    amount: Decimal
    rate: Decimal
    shares: tuple[Decimal, ...]


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    """What the models read, as tables in one schema; 2025 and its quarters are over."""
    with duckdb.connect() as connection:
        for name, columns in inputs().items():
            connection.execute(f"create table {name} ({columns})")
        connection.execute("insert into company(as_of_date, reporting_currency) values ('2025-12-31', 'CNY')")
        connection.execute(
            "insert into int_period by name select 'quarter' as period_type, day::date as period_start, true as "
            "is_complete, (day + interval 3 month)::date as next_period_start, next_period_start - 1 as period_end "
            "from generate_series(date '2025-01-01', date '2025-10-01', interval 3 month) as d(day)"
        )
        connection.execute(
            "insert into int_working_day by name select day::date as date_day, row_number() over (order by day) as "
            "working_days_before from generate_series(date '2024-12-31', date '2026-01-02', interval 1 day) as d(day)"
        )
        yield connection


def inputs() -> dict[str, str]:
    """Columns of the tables the models read, as their YAML declares them."""
    tables = {table.name: table for table in load().values()}
    wanted = ("int_incentive_credit", "int_posting", "int_period", "kpi_value", "int_receivable_balance", "int_invoice")
    wanted += ("appraisal_score", "int_employment", "int_working_day")
    found = {name: ", ".join(f"{column.name} {column.data_type}" for column in tables[name].columns) for name in wanted}
    plan = plan_tables()
    declared = yaml.safe_load((warehouse.PROJECT / "models/core/_config__sources.yml").read_text(encoding="utf-8"))
    for table in declared["sources"][0]["tables"]:
        if table["name"] in plan or table["name"] == "company":
            found[table["name"]] = ", ".join(f"{column['name']} {column['data_type']}" for column in table["columns"])
    return found


@cache
def plain(model: str) -> str:
    """The SQL of a model with relations called by their bare names."""
    return re.sub(r'"warehouse"\."\w+"\."(\w+)"', r"\1", straight.sql_of(model))


def paid(con: duckdb.DuckDBPyConnection, plan: str, worlds: Sequence[Lines]) -> list[list[Row]]:
    """The lines of all statements of each world; who they pay is E1 and E2 in each."""
    people = [f"{number}:E{person}" for number in range(len(worlds)) for person in (1, 2)]
    posted = {"valid_from": date(2020, 1, 1), "valid_to": date(9999, 12, 31), "role": "rep"}
    target = {"subject_type": "employee", "org_view": "as_was", "period_type": "quarter", "metric": "billings"}
    quarters = [date(2025, month, 1) for month in (1, 4, 7, 10)]
    rows = {
        **plan_tables(yaml.safe_load(plan)),
        "int_posting": [posted | {"employee_id": one} for one in people],
        "kpi_value": [
            target | {"subject_id": one, "period_start": start, "target": Decimal(2000)}
            for one in people
            for start in quarters
        ],
        "int_incentive_credit": [
            row
            for number, lines in enumerate(worlds)
            for sale, origin in lines
            for row in _credited(number, sale, origin)
        ],
    }
    for name, content in rows.items():
        con.execute(f"delete from {name}")
        warehouse.fill(con, name, content)
    for model in (*(f"int_incentive_{name}" for name in MODELS), "incentive_line", "incentive_statement"):
        con.execute(f"create or replace table {model} as {plain(model)}")
    found: list[list[Row]] = [[] for _ in worlds]
    for row in read(con, "incentive_line"):
        world, person = row["employee_id"].split(":")
        found[int(world)].append(row | {"employee_id": person})
    return found


def read(con: duckdb.DuckDBPyConnection, table: str) -> list[Row]:
    """All rows of a table, in order."""
    rows = con.execute(f"from {table} order by all")
    names = [column[0] for column in rows.description]
    return [dict(zip(names, row, strict=True)) for row in rows.fetchall()]


def _credited(world: int, sale: Sale, origin: str | None) -> Iterator[Row]:
    """The parts of a sale; the last takes the rest, as the credit facts share out."""
    rest, worth = sale.amount, (sale.amount * sale.rate).quantize(MICRO)
    rest_worth = worth
    for position, share in enumerate(sale.shares, 1):
        is_last = position == len(sale.shares)
        part = rest if is_last else (sale.amount * share).quantize(MICRO)
        part_worth = rest_worth if is_last else (worth * share).quantize(MICRO)
        rest, rest_worth = rest - part, rest_worth - part_worth
        yield {
            "pays_on": "billings",
            "source_entity": "invoice_line",
            "source_system": "erp",
            "source_key": f"{world}:{sale.key}",
            "document_key": f"{world}:{sale.key}",
            "employee_id": f"{world}:E{position}",
            "event_date": sale.day,
            "currency": "USD",
            "document_amount": part,
            "credit_share": share,
            "credited_amount": part_worth,
            "origin_key": f"{world}:{origin or sale.key}",
            "is_reversal": origin is not None,
        }


DAYS = st.dates(FIRST, LAST)
AMOUNTS = st.decimals(Decimal("0.01"), Decimal(3000), places=2)
RATES = st.decimals(Decimal("0.5"), Decimal(9), places=4)
SHARES = st.sampled_from([(Decimal(1),), (Decimal("0.333333333"), Decimal("0.666666667"))])
SALES = st.lists(st.tuples(DAYS, AMOUNTS, RATES, SHARES), min_size=1, max_size=5).map(
    lambda drawn: [Sale(f"s{number}", *values) for number, values in enumerate(drawn)]
)
PLANS = st.sampled_from(["marginal", "retroactive"]).map(lambda method: PLAN.replace("METHOD", method))
FEW = settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
"""Examples of many worlds each; shrinking them would take minutes and the first world that fails says enough."""


def cents(rows: Sequence[Row], *kinds: str) -> dict[tuple[Any, ...], Decimal]:
    """Amounts by person, period and record (without its world) of these kinds of lines."""
    found: dict[tuple[Any, ...], Decimal] = defaultdict(Decimal)
    for row in rows:
        if row["line_kind"] in kinds:
            found[row["employee_id"], row["period_start"], row["source_key"].split(":")[1]] += row["amount"]
    return found


def quarter(sale: Sale) -> int:
    """0 for the first of the year."""
    return (sale.day.month - 1) // 3


def given_back(sold: Sale, later: int, rate: Decimal, parts: int) -> list[Sale]:
    """Credit notes that together give a sale back whole, at another rate of exchange, a day after each other."""
    piece = (sold.amount / parts).quantize(Decimal("0.01"), ROUND_DOWN)
    amounts = [piece] * (parts - 1) + [sold.amount - piece * (parts - 1)]
    return [
        Sale(f"n{number}", min(sold.day + timedelta(days=later + number), LAST), -amount, rate, sold.shares)
        for number, amount in enumerate(amounts)
        if amount
    ]


@FEW
@given(
    plan=PLANS,
    worlds=st.lists(st.tuples(SALES, st.integers(0, 300), RATES, st.integers(1, 3)), min_size=20, max_size=30),
)
def test_a_sale_given_back_whole_nets_to_zero_on_both_sides(
    con: duckdb.DuckDBPyConnection, plan: str, worlds: list[tuple[list[Sale], int, Decimal, int]]
) -> None:
    notes = [given_back(sales[0], *how) for sales, *how in worlds]
    kept: list[Lines] = [[(sale, None) for sale in sales] for sales, *_ in worlds]
    without: list[Lines] = [lines[1:] for lines in kept]
    back: list[Lines] = [[*lines, *((note, "s0") for note in own)] for lines, own in zip(kept, notes, strict=True)]
    rows = paid(con, plan, [*kept, *without, *back])

    for number, ((sold, *_), *_how) in enumerate(worlds):
        earned, unsold, netted = (cents(rows[number + place * len(worlds)], "sale", "return") for place in range(3))
        own = {"s0", *(note.key for note in notes[number])}
        for person in {key[0] for key in earned if key[2] == "s0"}:
            assert sum(value for key, value in netted.items() if key[0] == person and key[2] in own) == 0
        others = {key: value for key, value in netted.items() if key[2] not in own}
        days = {quarter(note) for note in notes[number]}
        if days == {quarter(sold)}:
            assert others == unsold, "as if it had not been sold"
        elif min(days) > quarter(sold):
            assert others == {key: value for key, value in earned.items() if key[2] != "s0"}, "the others stay paid"


@FEW
@given(
    plan=PLANS, worlds=st.lists(st.tuples(SALES, st.lists(st.tuples(DAYS, AMOUNTS, RATES), max_size=3)), min_size=30)
)
def test_lines_add_up_and_nobody_is_asked_for_money_or_earns_above_the_cap(
    con: duckdb.DuckDBPyConnection, plan: str, worlds: list[tuple[list[Sale], list[tuple[date, Decimal, Decimal]]]]
) -> None:
    lines: list[Lines] = [
        [
            *((sale, None) for sale in sales),
            *(
                (Sale(f"n{number}", day, -amount, rate, sale.shares), sale.key)
                for number, (sale, (day, amount, rate)) in enumerate(zip(sales, drawn, strict=False))
            ),
        ]
        for sales, drawn in worlds
    ]
    paid(con, plan, lines)
    total: dict[tuple[Any, ...], Decimal] = defaultdict(Decimal)
    for row in read(con, "incentive_line"):
        total[row["employee_id"], row["period_start"]] += row["amount"]
    statements = {(row["employee_id"], row["period_start"]): row for row in read(con, "incentive_statement")}

    assert {key: row["payable_amount"] for key, row in statements.items()} == {key: total[key] for key in statements}
    assert total.keys() == statements.keys()
    assert all(row["payable_amount"] >= 0 and row["owed_after"] >= 0 for row in statements.values())
    assert all(row["earned_amount"] <= Decimal("19.99") for row in statements.values())


@FEW
@given(plan=PLANS, worlds=st.lists(SALES, min_size=20))
def test_a_new_version_changes_no_period_before_it(
    con: duckdb.DuckDBPyConnection, plan: str, worlds: list[list[Sale]]
) -> None:
    lines: list[Lines] = [[(sale, None) for sale in sales] for sales in worlds]
    before, after = (
        [row for world in paid(con, text, lines) for row in world if row["period_start"] < date(2025, 7, 1)]
        for text in (plan, plan + NEXT)
    )

    assert before == after and before
