"""Disputes on rows made by hand: people, states, and what the score would be if a claim is right."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from expectations.catalog import load
from tests.dbt_project import warehouse
from tests.dbt_project.test_explain_models import PART, RULE, component, fill, judged, made, relations, standard

D = Decimal
MODELS = ("int_dispute", "int_dispute_claim", "dispute_register")


def dispute(key: str, kind: str, **more: Any) -> dict[str, Any]:
    period = {"period_type": "quarter", "period_start": date(2025, 1, 1)}
    people = {"employee_key": "e1", "owner_key": "e2"}
    named = {"source_system": "hr", "source_key": key, "dispute_kind": kind, "claim": "words"}
    return named | period | people | {"raised_date": date(2025, 4, 10)} | more


def credit(key: str, employee: str, share: str, amount: str) -> dict[str, Any]:
    line = {"source_system": "erp", "source_key": key, "booked_date": date(2025, 2, 3)}
    return line | {"employee_id": employee, "credit_share": D(share), "credited_amount": D(amount)}


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    """One score of 80.00: bookings 80 of 100 x 60, win rate 1 of 2, asked 0.5, x 20, rating 60 of 100 x 20."""
    made_here = {f"core.{name}" for name in MODELS}
    with duckdb.connect() as opened:
        needed = {name for model in MODELS for name in relations(model)} - made_here
        for schema in sorted({name.split(".")[0] for name in needed}):
            opened.execute(f"create schema {schema}")
        for name in sorted(needed):
            warehouse.create_declared(opened, [name])
        fill(opened, standard() | judged(RULE, "80.00"))
        opened.execute("update marts.appraisal_score set part_count = 1")
        fill(
            opened,
            {
                "config.company": [warehouse.COMPANY | {"as_of_date": date(2025, 5, 1)}],
                "core.int_employee_alias": [
                    {"source_system": "*", "alias": f"e{n}", "employee_id": f"E{n}"} for n in (1, 2, 3)
                ],
                "marts.appraisal_part": [PART | {"days_from": date(2025, 1, 1), "days_to": date(2025, 4, 1)}],
                "marts.appraisal_part_component": [
                    component("bookings", 60, "80", "80", target=D(100), is_divided=True),
                    component("win_rate", 20, "1", "100", target=D("0.5"), denominator=D(2)),
                    component("rating", 20, "60", "60", target=D(100), denominator=D(1)),
                ],
                "core.fct_sales_credit": [
                    credit("L1", "E1", "0.25", "10"),
                    credit("L1", "E2", "0.75", "30"),
                    credit("L2", "unassigned", "1", "25"),
                ],
            },
        )
        yield opened


def register(con: duckdb.DuckDBPyConnection, columns: str, *rows: dict[str, Any]) -> list[tuple]:
    fill(con, {"canonical.dispute": rows})
    for name in MODELS[:2]:
        con.execute(f"create or replace table core.{name} as {made(con, name)}")
    return con.execute(f"select source_key, {columns} from ({made(con, MODELS[2])}) order by 1").fetchall()


def test_a_dispute_is_open_overdue_or_decided_and_so_many_days_old(con: duckdb.DuckDBPyConnection) -> None:
    decided = {"decided_by_key": "e3", "outcome": "partly", "decision": "half of it"}
    found = register(
        con,
        "employee_id, owner_employee_id, state, days_open, decided_date, decided_by_employee_id, outcome",
        dispute("a", "score", due_date=date(2025, 5, 1)),
        dispute("b", "score", due_date=date(2025, 4, 30)),
        dispute("c", "score", due_date=date(2025, 4, 12), decided_date=date(2025, 4, 20), **decided),
        # decided after the day the build describes: still open
        dispute("d", "score", decided_date=date(2025, 5, 2), **decided),
    )
    assert found == [
        ("a", "E1", "E2", "open", 21, None, None, None),
        ("b", "E1", "E2", "overdue", 21, None, None, None),
        ("c", "E1", "E2", "decided", 10, date(2025, 4, 20), "E3", "partly"),
        ("d", "E1", "E2", "open", 21, None, None, None),
    ]


def test_a_claim_that_is_right_goes_the_whole_way_to_the_grade(con: duckdb.DuckDBPyConnection) -> None:
    line = {"about_entity": "sales_order_line", "about_system": "erp"}
    found = register(
        con,
        "metric, claimed_addition, claim_status, score_computed, score_if_right, grade_if_right, score_change",
        # 100 of 100 bookings: 60 + 20 + 12
        dispute("a", "missing_sale", metric="bookings", claimed_amount=D(20), claimed_date=date(2025, 3, 31)),
        # half of a line of 40, of which 10 are credited already: 90 points x 60 %
        dispute("b", "credit", about_key="L1", claimed_share=D("0.5"), **line),
        # all of a line nobody has: 105 points
        dispute("c", "credit", about_key="L2", claimed_share=D(1), **line),
        dispute("d", "score", metric="bookings", claimed_amount=D(-30)),
    )
    assert found == [
        ("a", "bookings", D(20), "computed", D("80.00"), D("92.00"), "B", D("12.00")),
        ("b", "bookings", D(10), "computed", D("80.00"), D("86.00"), "B", D("6.00")),
        ("c", "bookings", D(25), "computed", D("80.00"), D("95.00"), "B", D("15.00")),
        ("d", "bookings", D(-30), "computed", D("80.00"), D("62.00"), "C", D("-18.00")),
    ]


def test_where_nothing_can_be_computed_the_reason_is_said(con: duckdb.DuckDBPyConnection) -> None:
    line = {"about_entity": "sales_order_line", "about_system": "erp"}
    found = register(
        con,
        "claim_status, score_if_right, about_key",
        dispute("a", "rating", about_entity="review_rating", about_key="F7", metric="rating", claimed_amount=D(5)),
        dispute("b", "score"),
        dispute("c", "credit", about_key="L1", metric="gross_margin", claimed_share=D(1), **line),
        dispute("d", "credit", about_key="L9", claimed_share=D(1), **line),
        dispute("e", "missing_sale", metric="win_rate", claimed_amount=D(1)),
        dispute("f", "missing_sale", metric="visits", claimed_amount=D(1)),
        dispute("g", "missing_sale", metric="bookings", claimed_amount=D(1), claimed_date=date(2025, 4, 1)),
        dispute("h", "missing_sale", metric="bookings", claimed_amount=D(1), employee_key="e2"),
    )
    assert found == [
        ("a", "rating", None, None),
        ("b", "nothing_claimed", None, None),
        ("c", "share_of_no_booking", None, "L1"),
        ("d", "line_unknown", None, "L9"),
        ("e", "ratio", None, None),
        ("f", "no_component", None, None),
        ("g", "day_unknown", None, None),
        ("h", "not_scored", None, None),
    ]


def test_the_score_of_a_unit_hears_no_personal_claim(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("update marts.appraisal_part_component set subject = 'unit' where metric = 'bookings'")
    claim = dispute("a", "missing_sale", metric="bookings", claimed_amount=D(20))
    assert register(con, "claim_status, score_if_right", claim) == [("a", "unit_component", None)]


def test_the_register_has_the_columns_and_types_its_contract_states(con: duckdb.DuckDBPyConnection) -> None:
    register(con, "state", dispute("a", "score"))
    described = con.execute(f"describe ({made(con, 'dispute_register')})").fetchall()
    declared = [
        (column.name, column.data_type.upper().replace(" ", "")) for column in load()["dispute_register"].columns
    ]
    assert [(row[0], row[1].replace(" ", "")) for row in described] == declared
