"""Real data, brought in by mapping alone: the mapped entities hold what a direct query of the data says."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pytest

from tests.postgres import Postgres, postgres  # noqa: F401 - the fixture
from tests.real import expected
from tests.real.mapped import mapped_warehouse, one
from tests.real.northwind_database import load_northwind

pytestmark = pytest.mark.real

SUBTREE = """
with recursive below as (
    select source_key as top, source_key as unit from landing.mapped__org_unit
    union all
    select below.top, child.source_key from landing.mapped__org_unit child
    join below on child.parent_unit_key = below.unit
)
"""


@pytest.fixture(scope="module")
def crm_folder(shared_dir: Path) -> Path:
    return shared_dir / "data" / "crm_opportunities"


@pytest.fixture(scope="module")
def crm(crm_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    return mapped_warehouse("crm_opportunities", {"CRM_OPPORTUNITIES": str(crm_folder)}, tmp_path_factory.mktemp("crm"))


def test_nothing_of_the_crm_export_is_lost(crm: duckdb.DuckDBPyConnection) -> None:
    assert crm.execute("select * from landing.mapped__quarantine").fetchall() == []
    fates = crm.execute(
        "select entity, fate, sum(records)::int from landing.mapped__fate group by all order by all"
    ).fetchall()
    assert fates == [
        ("assignment", "mapped", 41),
        ("customer_record", "mapped", 85),
        ("employee", "mapped", 41),
        ("opportunity", "mapped", 8800),
        ("org_unit", "mapped", 10),
        ("product", "mapped", 7),
        ("sales_order", "mapped", 4238),
        ("sales_order", "outside", 4562),
        ("sales_order_line", "mapped", 4238),
        ("sales_order_line", "outside", 4562),
    ]


@pytest.mark.parametrize(
    ("by", "unit"),
    [("sales_agent", None), ("manager", "team:"), ("regional_office", "region:")],
)
def test_won_amount_win_rate_and_cycle_equal_the_csvs(
    crm: duckdb.DuckDBPyConnection, crm_folder: Path, by: str, unit: str | None
) -> None:
    subject = "o.owner_employee_key" if unit is None else f"replace(below.top, '{unit}', '')"
    units = f"where starts_with(below.top, '{unit}')" if unit else "where below.top = 'company'"
    rows = crm.execute(f"""
        {SUBTREE}
        select {subject}, sum(o.amount) filter (o.status = 'won'), count(*) filter (o.status = 'won'),
            count(*) filter (o.status = 'lost'), sum(o.closed_date - o.created_date) filter (o.status = 'won')
        from landing.mapped__opportunity o
        join landing.mapped__assignment a on a.employee_key = o.owner_employee_key
        join below on below.unit = a.unit_key
        {units} and o.status <> 'open' group by 1
    """).fetchall()
    found = {name: expected.DealFigures(amount, won, lost, int(days)) for name, amount, won, lost, days in rows}
    assert found == expected.deal_figures(crm_folder, by)


def test_crm_totals_are_those_published_about_the_data(crm: duckdb.DuckDBPyConnection, crm_folder: Path) -> None:
    agents = expected.deal_figures(crm_folder, "sales_agent")
    assert len(agents) == 30
    assert sum(figures.won_amount for figures in agents.values()) == Decimal("10005534")
    assert agents["Darcel Schlecht"].won_amount == Decimal("1153214")
    assert agents["Darcel Schlecht"].win_rate == Fraction(349, 553)
    assert one(crm, "select sum(net_amount) from landing.mapped__sales_order_line") == Decimal("10005534.000000")


def test_product_written_two_ways_is_one(crm: duckdb.DuckDBPyConnection) -> None:
    unknown = """
        select count(*) from landing.mapped__sales_order_line
        where product_key not in (select source_key from landing.mapped__product)
    """
    assert one(crm, unknown) == 0


@pytest.fixture(scope="module")
def northwind_database(postgres: Postgres, shared_dir: Path) -> str:  # noqa: F811
    name = postgres.create_database()
    with postgres.connect(name) as connection:
        load_northwind(connection, shared_dir / "data" / "northwind")
    return name


@pytest.fixture(scope="module")
def direct(postgres: Postgres, northwind_database: str) -> Iterator[psycopg.Connection[Any]]:  # noqa: F811
    with postgres.connect(northwind_database) as connection:
        yield connection


@pytest.fixture(scope="module")
def northwind(
    postgres: Postgres,  # noqa: F811
    northwind_database: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> duckdb.DuckDBPyConnection:
    url = postgres.url(northwind_database)
    return mapped_warehouse("northwind", {"NORTHWIND_URL": url}, tmp_path_factory.mktemp("northwind"))


def test_nothing_of_northwind_is_lost(northwind: duckdb.DuckDBPyConnection) -> None:
    assert northwind.execute("select * from landing.mapped__quarantine").fetchall() == []
    fates = northwind.execute("select entity, fate, records from landing.mapped__fate order by all").fetchall()
    assert fates == [
        ("assignment", "mapped", 9),
        ("contact", "mapped", 91),
        ("customer_record", "mapped", 91),
        ("employee", "mapped", 9),
        ("org_unit", "mapped", 9),
        ("product", "mapped", 77),
        ("sales_order", "mapped", 830),
        ("sales_order_line", "mapped", 2155),
    ]


def test_northwind_revenue_per_employee_and_quarter_equals_the_database(
    northwind: duckdb.DuckDBPyConnection, direct: psycopg.Connection[Any]
) -> None:
    rows = northwind.execute("""
        select o.owner_employee_key::int, date_trunc('quarter', o.order_date)::date, sum(l.net_amount)
        from landing.mapped__sales_order_line l join landing.mapped__sales_order o on o.source_key = l.order_key
        group by all
    """).fetchall()
    assert {(employee, quarter): revenue for employee, quarter, revenue in rows} == (
        expected.revenue_per_employee_and_quarter(direct)
    )
    assert expected.revenue_per_employee(direct)[4] == Decimal("232890.8460")


def test_northwind_revenue_per_managers_subtree_and_quarter_equals_the_database(
    northwind: duckdb.DuckDBPyConnection, direct: psycopg.Connection[Any]
) -> None:
    rows = northwind.execute(f"""
        {SUBTREE}
        select replace(below.top, 'post:', '')::int, date_trunc('quarter', o.order_date)::date, sum(l.net_amount)
        from landing.mapped__sales_order_line l join landing.mapped__sales_order o on o.source_key = l.order_key
        join landing.mapped__assignment a on a.employee_key = o.owner_employee_key
            and o.order_date >= a.valid_from and o.order_date < a.valid_to
        join below on below.unit = a.unit_key
        group by all
    """).fetchall()
    found = {(manager, quarter): revenue for manager, quarter, revenue in rows}
    assert found == expected.revenue_per_subtree_and_quarter(direct)
    assert sum(revenue for (manager, _), revenue in found.items() if manager == 2) == Decimal("1265793.0395")
    assert (5, dt.date(1996, 7, 1)) in found


def test_northwind_order_totals_are_the_sums_of_their_lines(northwind: duckdb.DuckDBPyConnection) -> None:
    different = """
        select count(*) from landing.mapped__sales_order o
        where net_amount is distinct from (
            select sum(net_amount) from landing.mapped__sales_order_line l where l.order_key = o.source_key
        )
    """
    assert one(northwind, different) == 0
