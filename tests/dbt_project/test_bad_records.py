"""Records nobody should publish: the build still completes and shows each of them, so that the gate can name them."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal as D

import duckdb
import pytest

from tests.dbt_project import micro, straight, warehouse

TWICE = {"source_key": "l2", "order_key": "o2", "net_amount": D("50.00")}
SHORT_SPLIT = {"source_key": "s9", "order_key": "o4", "employee_key": "E1", "credit_share": D("0.9")}


def unit(key: str, parent: str) -> dict:
    return {
        "source_key": key,
        "unit_code": key,
        "unit_name": key,
        "parent_unit_key": parent,
        "valid_from": micro.START,
        "valid_to": micro.OPEN,
    }


BAD = {
    **micro.MAPPED,
    "org_unit": [*micro.MAPPED["org_unit"], unit("LOST", "NOWHERE"), unit("ROUND", "ABOUT"), unit("ABOUT", "ROUND")],
    "sales_order": [
        {**order, "currency": {"o1": None, "o5": "XXX"}.get(order["source_key"], order["currency"])}
        for order in micro.MAPPED["sales_order"]
    ],
    "sales_order_line": [*micro.MAPPED["sales_order_line"], TWICE],
    "credit_split": [*micro.MAPPED["credit_split"], SHORT_SPLIT],
}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    work = tmp_path_factory.mktemp("bad")
    file = work / "warehouse.duckdb"
    warehouse.prepare(file, BAD, micro.CONFIG)
    findings = straight.build(file)
    assert any(name.startswith("unique_together_fct_sales_credit") for name in findings)
    with duckdb.connect(str(file), read_only=True) as connection:
        yield connection


def test_a_line_that_came_twice_stays_twice(built: duckdb.DuckDBPyConnection) -> None:
    assert built.execute("select count(*) from canonical.sales_order_line where source_key = 'l2'").fetchone() == (2,)
    assert built.execute("select count(*) from core.fct_sales_credit where source_key = 'l2'").fetchone() == (2,)


def test_shares_that_miss_one_are_not_made_up(built: duckdb.DuckDBPyConnection) -> None:
    found = built.execute(
        "select credit_share, credited_amount from core.fct_sales_credit where source_key = 'l4'"
    ).fetchall()
    lost = built.execute(
        """
        select difference_sum from marts.reconciliation
        where stage = 'canonical_to_credit' and entity = 'sales_order_line'
        """
    ).fetchone()

    assert found == [(D("0.9"), D("90"))]
    assert lost is not None and lost[0] != 0


def test_an_orphan_unit_keeps_the_name_of_its_missing_parent(built: duckdb.DuckDBPyConnection) -> None:
    parent = built.execute("select parent_org_unit_id from core.dim_org_unit where org_unit_id = 'LOST'").fetchone()
    listed = built.execute(
        "select source_key, reference from core.unresolved_reference where entity = 'org_unit'"
    ).fetchall()

    assert parent == ("book:NOWHERE",)
    assert listed == [("LOST", "NOWHERE")]


def test_units_in_a_circle_end_the_line_instead_of_the_build(built: duckdb.DuckDBPyConnection) -> None:
    found = built.execute(
        "select ancestor_id from core.int_unit_ancestor where org_unit_id = 'ROUND' order by depth"
    ).fetchall()

    assert found == [("ROUND",), ("ABOUT",)]


def test_amounts_without_a_rate_are_unknown_and_listed(built: duckdb.DuckDBPyConnection) -> None:
    listed = built.execute(
        "select fact, currency, event_date, document_amount from core.missing_rate order by event_date"
    ).fetchall()
    amount = built.execute(
        "select document_amount, credited_amount from core.fct_sales_credit where source_key = 'l5'"
    ).fetchone()

    assert listed == [
        ("fct_sales_credit", None, date(2025, 4, 10), D("100")),
        ("fct_sales_credit", "XXX", date(2025, 7, 1), D("30")),
    ]
    assert amount == (D("30"), None)
