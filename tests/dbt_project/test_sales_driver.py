"""Whatever is sold: the parts of a change are the whole change, to the last decimal, and each is what its name says."""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.dbt_project import straight

BEFORE, NOW = date(2025, 1, 1), date(2025, 2, 1)
PARTS = ("price", "volume", "mix", "currency", "customers_won", "customers_lost", "returns", "other")
Sale = tuple[date, str, str, str, str, Decimal | None, Decimal | None, Decimal]


@pytest.fixture(scope="module")
def driver() -> Iterator[tuple[duckdb.DuckDBPyConnection, str]]:
    """An empty database with the model's inputs, and the model's own SQL."""
    sql = straight.sql_of("sales_driver")
    with duckdb.connect() as con:
        con.execute("""
            create schema core;
            create table core.int_period as select 'month' as period_type, start as period_start,
                cast(start + interval 1 month - interval 1 day as date) as period_end,
                cast(start + interval 1 month as date) as next_period_start, true as is_complete
                from (values (date '2025-01-01'), (date '2025-02-01')) as month(start);
            create table core.fct_sales_credit as select date '2025-01-01' as booked_date;
            create table core.int_unit_ancestor(
                org_unit_id varchar, ancestor_id varchar, valid_from date, valid_to date);
            create table core.rebuilt_period(period_type varchar, period_start date);
            create table core.int_driver_sale(org_unit_id varchar, line_from date,
                month_start date, kind varchar, customer_key varchar, product varchar, currency varchar,
                quantity decimal(28, 9), document_amount decimal(28, 6), amount decimal(28, 6));
        """)
        yield con, re.sub(r'"\w+"\."core"\.', "core.", sql)


amounts = st.decimals("0.01", "9999999.99", places=2)
quantities = st.decimals("0.000000001", "9999", places=9)
bought = st.builds(
    lambda start, customer, product, currency, quantity, amount, rate: (
        *(start, "customer", customer, product, currency, quantity, amount),
        (amount * rate).quantize(Decimal("0.000001")),
    ),
    st.sampled_from([BEFORE, NOW]),
    st.sampled_from("ABC"),
    st.sampled_from("PQR"),
    st.sampled_from(["CNY", "USD"]),
    quantities,
    amounts,
    st.decimals("0.1", "9.9", places=4),
)
rest = st.builds(
    lambda start, kind, amount: (start, kind, "*", "*", "*", None, None, -amount),
    st.sampled_from([BEFORE, NOW]),
    st.sampled_from(["return", "other"]),
    amounts,
)
THIRDS: list[Sale] = [
    (BEFORE, "customer", "A", "P", "CNY", Decimal(3), Decimal(10), Decimal(10)),
    (NOW, "customer", "A", "P", "CNY", Decimal(7), Decimal(10), Decimal(10)),
]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(bought | rest, min_size=1, max_size=14, unique_by=lambda sale: sale[:5]))
@example(THIRDS)
def test_parts_add_up_to_the_change(driver: tuple[duckdb.DuckDBPyConnection, str], sales: list[Sale]) -> None:
    (row,) = explained(driver, sales)

    total = {start: sum((sale[7] for sale in sales if sale[0] == start), Decimal(0)) for start in (BEFORE, NOW)}
    assert (row["bookings"], row["reference_bookings"]) == (total[NOW], total[BEFORE])
    assert row["change"] == total[NOW] - total[BEFORE]
    assert sum(row[part] for part in PARTS) == row["change"]


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(bought.map(lambda sale: (BEFORE, *sale[1:])), min_size=1, max_size=8, unique_by=lambda sale: sale[:5]))
def test_the_same_again_moves_nothing_and_double_prices_are_price_alone(
    driver: tuple[duckdb.DuckDBPyConnection, str], sales: list[Sale]
) -> None:
    (same,) = explained(driver, sales + [(NOW, *sale[1:]) for sale in sales])
    dearer = [(NOW, *sale[1:6], 2 * (sale[6] or 0), 2 * sale[7]) for sale in sales]
    (double,) = explained(driver, sales + dearer)

    # only what rounding of unit prices and rates (9 decimals) leaves
    slack = Decimal("0.3")
    assert same["change"] == 0
    assert all(abs(same[part]) < slack for part in PARTS)
    assert abs(double["price"] - double["change"]) < slack
    assert all(abs(double[part]) < slack for part in PARTS if part not in ("price",))


def test_a_period_that_still_runs_is_compared_with_nothing(driver: tuple[duckdb.DuckDBPyConnection, str]) -> None:
    con, _ = driver
    con.execute("update core.int_period set is_complete = false where period_start = ?", [NOW])
    try:
        assert explained(driver, THIRDS) == []
    finally:
        con.execute("update core.int_period set is_complete = true")
    assert len(explained(driver, THIRDS)) == 1


def explained(driver: tuple[duckdb.DuckDBPyConnection, str], sales: list[Sale]) -> list[dict[str, Any]]:
    con, sql = driver
    con.execute("delete from core.int_driver_sale")
    con.executemany(
        "insert into core.int_driver_sale values ('U', '2020-01-01', ?, ?, ?, ?, ?, ?, ?, ?)",
        [list(sale) for sale in sales],
    )
    answer = con.execute(sql)
    names = [column[0] for column in answer.description or ()]
    return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]
