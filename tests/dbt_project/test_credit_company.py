"""The micro company with territories and an overlay, through the whole dbt project."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from tests.dbt_project import micro, straight, warehouse

ALWAYS = {"valid_from": date(1900, 1, 1), "valid_to": date(9999, 12, 31)}
RULES = ("territory", "explicit_split", "order_owner", "opportunity_owner", "account_owner")
CONFIG = {
    **micro.CONFIG,
    "credit_rule": [{"position": position, "rule": rule} for position, rule in enumerate(RULES, 1)],
    "territory": [
        {"kind": kind, "position": position, "territory_id": name, "name_en": name, "employee_ref": employee}
        | {"unit_ref": unit, "credit_share": share}
        | ALWAYS
        | since
        for kind, position, name, employee, unit, share, since in (
            ("territory", 1, "robots", None, "N", Decimal(1), {}),
            ("territory", 2, "acme", "E4", None, Decimal(1), {"valid_from": date(2025, 6, 1)}),
            ("overlay", 1, "expert", "E2", None, Decimal("0.1"), {}),
        )
    ],
    "territory_condition": [
        {"kind": kind, "territory_id": name, "field": field, "value": value}
        for kind, name, field, value in (
            ("territory", "robots", "product_category", "robots"),
            ("territory", "acme", "account", "ACME GMBH"),
            ("overlay", "expert", "territory", "robots"),
        )
    ],
}


def mapped() -> dict[str, list[dict[str, Any]]]:
    """The micro company selling two kinds of products; order o1 has a line of either."""
    rows = {entity: [dict(row) for row in some] for entity, some in micro.MAPPED.items()}
    rows["product"] = [
        {"source_key": key, "product_name": key, "category": category}
        for key, category in (("p1", "Robots"), ("p2", "Sensors"))
    ]
    lines = {line["source_key"]: line for line in rows["sales_order_line"]}
    for key in ("l1", "l6"):
        lines[key]["product_key"] = "p1"
    rows["sales_order_line"].append(
        {"source_key": "l9", "order_key": "o1", "product_key": "p2", "net_amount": Decimal("50.00")}
    )
    return rows


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    work = tmp_path_factory.mktemp("credit")
    file = work / "warehouse.duckdb"
    warehouse.prepare(file, mapped(), CONFIG)
    assert straight.build(file) == []
    with duckdb.connect(str(file), read_only=True) as connection:
        yield connection


def test_territories_decide_line_by_line_and_returns_follow(built: duckdb.DuckDBPyConnection) -> None:
    facts = built.execute(
        "select source_key, employee_id, org_unit_id, credited_amount, credit_rule from core.fct_sales_credit "
        "where source_key in ('l1', 'l4', 'l6', 'l9') order by all"
    ).fetchall()
    assert facts == [
        ("l1", "E3", "N", Decimal("100.000000"), "territory:robots"),  # the head of N, whoever shares the order
        ("l4", "E4", "T2", Decimal("100.000000"), "territory:acme"),
        ("l6", "E3", "N", Decimal("-40.000000"), "return"),  # after acme began, and still its original's
        ("l9", "E1", "T1", Decimal("16.666667"), "explicit_split"),
        ("l9", "E2", "T2", Decimal("16.666667"), "explicit_split"),
        ("l9", "E3", "N", Decimal("16.666666"), "explicit_split"),
    ]


def test_invoices_and_payments_follow_the_lines_they_bill(built: duckdb.DuckDBPyConnection) -> None:
    billed = built.execute(
        "select source_key, employee_id, credited_amount, credit_rule from core.fct_billing_credit "
        "where invoice_key in ('i1', 'i2') order by all"
    ).fetchall()
    assert billed == [
        ("il1", "E3", Decimal("100.000000"), "territory:robots"),
        ("il2", "E3", Decimal("-40.000000"), "reversal"),
    ]
    paid = "select employee_id, credited_amount from core.fct_collection_credit where invoice_key = 'i1'"
    assert built.execute(paid).fetchall() == [("E3", Decimal("60.000000"))]


def test_an_order_counts_by_the_amounts_of_its_lines(built: duckdb.DuckDBPyConnection) -> None:
    shares = built.execute(
        "select employee_id, credit_share, credit_rule from core.int_order_credit where order_key = 'o1' order by all"
    ).fetchall()
    assert shares == [
        ("E1", Decimal("0.111111111"), "explicit_split"),
        ("E2", Decimal("0.111111111"), "explicit_split"),
        ("E3", Decimal("0.777777778"), "explicit_split"),
    ]


def test_an_overlay_is_kept_apart_and_given_back(built: duckdb.DuckDBPyConnection) -> None:
    facts = built.execute(
        "select source_key, overlay_id, employee_id, org_unit_id, credited_amount, credit_rule "
        "from core.fct_overlay_credit order by all"
    ).fetchall()
    assert facts == [
        ("l1", "expert", "E2", "T2", Decimal("10.000000"), "overlay:expert"),
        ("l6", "expert", "E2", "T1", Decimal("-4.000000"), "return"),
    ]


def test_both_sides_of_a_deal_across_regions_are_shown(built: duckdb.DuckDBPyConnection) -> None:
    sides = built.execute(
        "select order_key, employee_id, org_unit_id, credit_share, amount, other_employee_id, other_org_unit_id, "
        "other_credit_share, other_amount from marts.credit_conflict where conflict_type = 'cross_region'"
    ).fetchall()
    north = ("o1", "E3", "N", Decimal("0.888888889"), Decimal("133.333333"))
    assert sides == [(*north, "E2", "S", Decimal("0.111111111"), Decimal("16.666667"))]


def test_nothing_is_lost_on_the_way_to_the_kpis(built: duckdb.DuckDBPyConnection) -> None:
    assert (
        built.execute(
            "select stage, entity from marts.reconciliation where difference_count <> 0 or difference_sum <> 0"
        ).fetchall()
        == []
    )
    booked = built.execute(
        "select value from marts.kpi_value where subject_type = 'company' and metric = 'bookings' "
        "and period_type = 'year' and org_view = 'as_was'"
    ).fetchall()
    # 100 + 50 + 50 + 10 USD at 7.25 + 100 + 30 - 40 + 7 + 80; overlays are no part of it
    assert booked == [(Decimal("449.500000000"),)]
