"""What a grade hangs on and the fate of every landed record: the models on rows made by hand, with what is expected."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from tests.dbt_project import straight, warehouse

D = Decimal
RULE = {"standard_id": "rep", "standard_version": 1}
SHARED = {"standard_id": "forced", "standard_version": 1}
KEY = {"employee_id": "E1", "period_type": "quarter", "period_start": date(2025, 1, 1)}
PART = KEY | {"part_number": 1}
FACT = {"fact_kind": "record", "source_system": "erp"}
LANDED = {"source_system": "erp", "version_seq": 1, "load_id": "l1", "is_deleted": False, "is_latest": True} | {
    "is_read": True,
    "is_shared": False,
    "records": 1,
}
OPEN = date(9999, 12, 31)
DRAWN = ("int_appraisal_left_out", "appraisal_flip")


def relations(model: str) -> set[str]:
    """Every relation a model reads, `schema.name`."""
    return {f"{schema}.{name}" for schema, name in re.findall(r'"warehouse"\."(\w+)"\."(\w+)"', straight.sql_of(model))}


def made(con: duckdb.DuckDBPyConnection, model: str) -> str:
    """A model's own SQL, over the tables of this connection."""
    return re.sub(r'"warehouse"\.', "", straight.sql_of(model))


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    """All that the models read, empty."""
    needed = {
        name for model in (*DRAWN, "int_record_fate", "record_fate", "record_fate_total") for name in relations(model)
    }
    with duckdb.connect() as opened:
        for schema in sorted({name.split(".")[0] for name in needed}):
            opened.execute(f"create schema {schema}")
        mapped = warehouse._mapped_tables()
        for name in sorted(needed):
            if name.startswith("staging."):
                opened.execute(f"create table {name} (source_system varchar, source_key varchar, is_deleted boolean)")
            elif name.startswith("landing.mapped__"):
                columns = ", ".join(f"{column} {kind}" for column, kind in mapped[name.split("__")[1]].items())
                opened.execute(f"create table {name} ({columns})")
            else:
                warehouse.create_declared(opened, [name])
        yield opened


def fill(con: duckdb.DuckDBPyConnection, rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    for name, some in rows.items():
        warehouse.fill(con, name, some)


def component(metric: str, weight: int, numerator: str, points: str, **more: Any) -> dict[str, Any]:
    return (
        PART
        | RULE
        | {"metric": metric, "subject": "person", "weight": D(weight), "curve": "linear", "cap": D(120)}
        | {
            "numerator": D(numerator),
            "raw_value": D(numerator) / more.get("denominator", 1),
            "points": D(points),
            "is_applicable": True,
            **more,
        }
    )


def judged(standard: Mapping[str, Any], score: str, employee: str = "E1") -> dict[str, list[dict[str, Any]]]:
    """The published score of one person, with one part of 60 days."""
    own = KEY | standard | {"employee_id": employee}
    return {
        "core.int_appraisal_total": [own | {"score": D(score), "uncapped_score": D(score)}],
        "core.int_appraisal_part_score": [own | {"part_number": 1, "elapsed_working_days": 60, "part_status": "ok"}],
        "marts.appraisal_score": [own | {"score": D(score), "grade": "B" if D(score) >= 70 else "C"}],
    }


def standard(**more: Any) -> dict[str, list[dict[str, Any]]]:
    minimum = {"minimum_weight_pct": D(0), "minimum_components": 1, "minimum_working_days": 1, "ties": "better", **more}
    grades = (("A", 100), ("B", 70), ("C", 0))
    return {
        "config.appraisal_standard": [RULE | minimum],
        "config.appraisal_weight": [RULE | {"metric": metric} for metric in ("bookings", "win_rate", "rating")],
        "config.grade_band": [
            RULE | {"position": n, "grade": grade, "min_score": D(least)} for n, (grade, least) in enumerate(grades, 1)
        ],
        "marts.metric_registry": [
            {"metric": metric, "direction": "higher_is_better"} for metric in ("bookings", "win_rate")
        ],
    }


def flips(con: duckdb.DuckDBPyConnection) -> list[tuple]:
    con.execute(f"create or replace table core.int_appraisal_left_out as {made(con, 'int_appraisal_left_out')}")
    return con.execute(
        "select left_out_kind, left_out_system, left_out_key, score_without, grade_without, score_change, "
        f"changes_grade from ({made(con, 'appraisal_flip')}) order by all"
    ).fetchall()


def test_customers_raters_and_matches_left_out(con: duckdb.DuckDBPyConnection) -> None:
    # bookings 80 of 100 -> 80 points x 60; win rate 1 of 2, asked 0.5 -> 100 x 20; rating 60 of 100 -> 60 x 20: 80.00
    facts = [("o1", "C1", "50"), ("o2", "C2", "20"), ("o3", "C2", "10")]
    fill(con, standard() | judged(RULE, "80.00"))
    fill(
        con,
        {
            "marts.appraisal_part_component": [
                component("bookings", 60, "80", "80", target=D(100)),
                component("win_rate", 20, "1", "100", denominator=D(2), target=D("0.5")),
                component("rating", 20, "6000", "60", denominator=D(100), target=D(100)),
            ],
            "marts.appraisal_contribution": [
                PART
                | FACT
                | {"metric": "bookings", "source_entity": "sales_order", "numerator": D(value)}
                | {"source_key": key, "customer_key": customer}
                for key, customer, value in facts
            ]
            + [
                PART
                | FACT
                | {"metric": "win_rate", "source_entity": "opportunity", "denominator": D(1)}
                | {"source_key": key, "customer_key": customer, "numerator": D(value)}
                for key, customer, value in (("d1", "C1", "1"), ("d2", "C2", "0"))
            ],
            # C2 is two records: p2 for sure, p3 by the model alone
            "core.customer_source": [
                {"source_system": "erp", "source_key": key, "customer_key": customer, "match_probability": D(sure)}
                for key, customer, sure in (("p1", "C1", "1"), ("p2", "C2", "1"), ("p3", "C2", "0.87"))
            ],
            "canonical.sales_order": [
                {"source_system": "erp", "source_key": key, "customer_record_key": record}
                for key, record in (("o1", "p1"), ("o2", "p2"), ("o3", "p3"))
            ],
            "core.int_appraisal_rating": [
                KEY
                | RULE
                | {"rater_kind": kind, "weight": D(50), "is_anonymous": hidden, "raters": raters}
                | {"average_points": D(average), "rating_status": "ok", "min_raters_in_all": 1}
                for kind, hidden, raters, average in (("manager", False, 1, "40"), ("peer", True, 2, "80"))
            ],
            "config.appraisal_rating_kind": [
                RULE | {"rater_kind": kind, "min_raters": 1} for kind in ("manager", "peer")
            ],
            "core.int_rating": [
                KEY | {"rater_kind": kind, "source_system": "hr", "source_key": key, "points": D(points)}
                for kind, key, points in (("manager", "m1", "40"), ("peer", "q1", "70"), ("peer", "q2", "90"))
            ],
        },
    )

    assert flips(con) == [
        # 30 x 60 + (0 of 1) 0 x 20 + 60 x 20, by 100
        ("customer", "", "C1", D("30.00"), "C", D("-50.00"), True),
        # 50 x 60 + (1 of 1) 120 x 20 + 60 x 20, by 100
        ("customer", "", "C2", D("66.00"), "C", D("-14.00"), True),
        # without the manager only peers are left: 80 points
        ("match", "erp", "p3", D("74.00"), "B", D("-6.00"), False),
        ("nothing", "", "", D("80.00"), "B", D("0.00"), False),
        ("rater", "hr", "m1", D("84.00"), "B", D("4.00"), False),
        # never one anonymous rater, only all of them
        ("rater_kind", "", "peer", D("76.00"), "B", D("-4.00"), False),
    ]


def test_what_leaves_too_little_leaves_no_score(con: duckdb.DuckDBPyConnection) -> None:
    fill(con, standard(minimum_components=1) | judged(RULE, "100.00"))
    fill(
        con,
        {
            "marts.appraisal_part_component": [component("win_rate", 100, "1", "100", denominator=D(1), target=D(1))],
            "marts.appraisal_contribution": [
                PART
                | FACT
                | {"metric": "win_rate", "source_entity": "opportunity", "source_key": "d1"}
                | {"customer_key": "C1", "numerator": D(1), "denominator": D(1)}
            ],
        },
    )

    assert flips(con)[0] == ("customer", "", "C1", None, None, None, True)


def test_a_place_is_found_among_everybody_else(con: duckdb.DuckDBPyConnection) -> None:
    """Half of four people get a B: without the customer E1 falls from place 2 to place 3 of 4."""
    fill(con, standard())
    con.execute("update config.grade_band set min_score = null, share_pct = case position when 1 then 0 else 50 end")
    for employee, score in (("E1", "80.00"), ("E2", "90.00"), ("E3", "70.00"), ("E4", "60.00")):
        fill(con, judged(RULE, score, employee))
    con.execute("update marts.appraisal_score set grade = 'B' where employee_id = 'E1'")
    fill(
        con,
        {
            "marts.appraisal_part_component": [component("bookings", 100, "80", "80", target=D(100))],
            "marts.appraisal_contribution": [
                PART
                | FACT
                | {"metric": "bookings", "source_entity": "payment", "source_key": key}
                | {"customer_key": customer, "numerator": D(value)}
                for key, customer, value in (("y1", "C1", "15"), ("y2", "C2", "5"), ("y3", "C3", "60"))
            ],
        },
    )

    assert flips(con) == [
        ("customer", "", "C1", D("65.00"), "C", D("-15.00"), True),
        ("customer", "", "C3", D("20.00"), "C", D("-60.00"), True),
        ("nothing", "", "", D("80.00"), "B", D("0.00"), False),
    ]


def record(stream: str, key: str, entity: str | None, **more: Any) -> dict[str, Any]:
    return (
        LANDED | {"stream": stream, "record_key": key, "entity": entity, "source_key": key if entity else None} | more
    )


def test_every_record_meets_one_fate(con: duckdb.DuckDBPyConnection) -> None:
    erp = {"source_system": "erp"}
    lines = {"l1": "o1", "l2": "o2", "l3": "o1", "l4": "o1", "l5": "o3", "l6": "o9", "l8": "o1"}
    fill(
        con,
        {
            "config.company": [{"as_of_date": date(2025, 12, 31)}],
            "core.int_period": [{"period_start": date(2025, 1, 1)}],
            "canonical.sales_order": [
                erp | {"source_key": key, "status": status, "order_date": day}
                for key, status, day in (
                    ("o1", "confirmed", date(2025, 3, 1)),
                    ("o2", "draft", date(2025, 3, 1)),
                    ("o3", "confirmed", date(2024, 12, 31)),
                )
            ],
            "canonical.sales_order_line": [
                erp | {"source_key": key, "order_key": order, "returned_line_key": "l3" if key == "l4" else None}
                for key, order in lines.items()
            ],
            "core.fct_sales_credit": [
                erp | {"source_key": key, "employee_id": who, "credit_share": share}
                for key, who, share in (
                    ("l1", "E1", "0.4"),
                    ("l1", "E2", "0.6"),
                    ("l3", "E1", "1"),
                    ("l4", "E1", "1"),
                    ("l4", "E2", "0"),
                    ("l5", "E1", "1"),
                    ("l8", "unassigned", "1"),
                )
            ],
            "core.customer_source": [erp | {"source_key": "p1", "customer_key": "C1"}],
            "canonical.contact": [erp | {"source_key": "p2"}],
            "landing.mapped__quarantine": [
                erp
                | {"stream": "cases", "entity": "service_case", "source_key": "k1", "column_name": "opened_at"}
                | {"raw_value": "soon", "expected": "a date"}
            ],
            "landing.record": [
                *(record("line", key, "sales_order_line") for key in lines),
                record("line", "l1", "sales_order_line", version_seq=0, load_id="l0", is_latest=False),
                record("line", "l7", "sales_order_line", is_deleted=True),
                record("line", "note", "sales_order_line", left_out_en="a note", left_out_zh="备注"),
                record("line", "l10", "sales_order_line"),
                # one record makes a customer or a contact, never both
                *(
                    record(
                        "partner", key, entity, is_shared=True, records=n, left_out_en="neither", left_out_zh="都不是"
                    )
                    for key in ("p1", "p2", "p3")
                    for n, entity in ((1, "customer_record"), (0, "contact"))
                ),
                record("cases", "k1", "service_case", mapping_fate="quarantined"),
                record("cases", "k2", "service_case", mapping_fate="outside"),
                record("currency", "1", None),
                record("log", "1", None, is_read=False),
            ],
        },
    )
    con.execute(f"create table fates as {made(con, 'int_record_fate')}")

    found = con.execute("select stream, record_key, fate, entity, detail, records from fates order by all").fetchall()
    assert found == [
        ("cases", "k1", "quarantined", "service_case", "opened_at: soon, a date expected", 1),
        ("cases", "k2", "outside_mapping", "service_case", None, 1),
        ("currency", "1", "reference", None, None, 1),
        ("line", "l1", "credited", "sales_order_line", None, 1),
        ("line", "l1", "superseded", "sales_order_line", None, 1),
        ("line", "l10", "lost", "sales_order_line", None, 1),
        ("line", "l2", "not_counted", "sales_order_line", "sales_order draft", 1),
        ("line", "l3", "refunded", "sales_order_line", "l4", 1),
        ("line", "l4", "credited", "sales_order_line", None, 1),
        ("line", "l5", "outside_period", "sales_order_line", "2024-12-31", 1),
        ("line", "l6", "not_counted", "sales_order_line", "no sales_order", 1),
        ("line", "l7", "deleted", "sales_order_line", None, 1),
        ("line", "l8", "unassigned", "sales_order_line", None, 1),
        ("line", "note", "left_out", "sales_order_line", "a note / 备注", 1),
        ("log", "1", "not_read", None, None, 1),
        ("partner", "p1", "matched", "customer_record", "C1", 1),
        ("partner", "p2", "used", "contact", None, 1),
        ("partner", "p3", "left_out", "contact", "neither / 都不是", 1),
    ]

    con.execute("delete from core.int_record_fate; insert into core.int_record_fate by name from fates")
    con.execute(f"insert into marts.record_fate_total by name {made(con, 'record_fate_total')}")
    listed = con.execute(f"select stream, record_key, fate from ({made(con, 'record_fate')}) where stream = 'line'")
    # credited is what most lines are: it is not written out
    assert sorted(key for _, key, _ in listed.fetchall()) == ["l10", "l2", "l3", "l5", "l6", "l7", "l8", "note"]
    assert con.execute("select sum(records) from marts.record_fate_total").fetchall() == [(18,)]
