"""What holds of contributions and grades whatever the numbers are, on the project's own SQL and on the reference."""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from random import Random

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.sandbox.reference import Standard
from connectors.sandbox.reference.appraisal import _position, completed_months
from tests.dbt_project import straight, warehouse

ENTITIES = (
    *("activity", "employee", "invoice", "invoice_line", "lead", "opportunity", "payment", "review_rating"),
    *("sales_order", "sales_order_line", "service_case", "stage_event", "survey_response", "training_record"),
)
KEY = {"employee_id": "E1", "period_type": "quarter", "period_start": date(2025, 1, 1), "part_number": 1}
NUMBERS = st.decimals(Decimal(-(10**12)), Decimal(10**12), places=9, allow_nan=False)
Row = tuple[str | None, Decimal | None, Decimal]


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        opened.execute("create schema canonical; create schema core; create schema marts; create schema config")
        names = [f"canonical.{entity}" for entity in ENTITIES]
        names += ["core.int_appraisal_fact", "core.int_appraisal_total", "marts.appraisal_part_component"]
        warehouse.create_declared(opened, names)
        yield opened


@pytest.fixture(scope="module")
def sql() -> str:
    return re.sub(r'"warehouse"\.', "", straight.sql_of("appraisal_contribution"))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    facts=st.lists(NUMBERS, min_size=0, max_size=8),
    weighted=st.decimals(Decimal("-0.05"), Decimal(120), places=2, allow_nan=False),
    shuffle=st.randoms(use_true_random=False),
)
def test_contributions_add_up_exactly_whatever_the_facts_and_their_order(
    con: duckdb.DuckDBPyConnection, sql: str, facts: list[Decimal], weighted: Decimal, shuffle: Random
) -> None:
    named = [(f"L{number}", numerator) for number, numerator in enumerate(facts)]
    rows = _contributions(con, sql, named, weighted)

    assert rows == _contributions(con, sql, shuffle.sample(named, len(named)), weighted)
    assert sum(points for _, _, points in rows) == weighted
    assert [(key, value) for key, value, _ in rows if key] == sorted(named, key=lambda one: one[0])
    total = sum(facts)
    for _, numerator, points in rows:
        if total and numerator is not None:
            assert abs(points - weighted * numerator / total) <= Decimal("0.000001") * (len(facts) + 1)


def _contributions(
    con: duckdb.DuckDBPyConnection, sql: str, facts: list[tuple[str, Decimal]], weighted: Decimal
) -> list[Row]:
    for table in ("canonical.sales_order_line", "core.int_appraisal_fact", "marts.appraisal_part_component"):
        con.execute(f"delete from {table}")
    record = {"source_system": "erp", "load_id": "l1"}
    fact = KEY | {"metric": "bookings", "fact_kind": "record", "source_entity": "sales_order_line"} | record
    fact.pop("load_id")
    warehouse.fill(con, "canonical.sales_order_line", [record | {"source_key": key} for key, _ in facts])
    listed = [fact | {"source_key": key, "numerator": numerator} for key, numerator in facts]
    warehouse.fill(con, "core.int_appraisal_fact", listed)
    component = {"metric": "bookings", "is_applicable": True, "weighted_points": weighted}
    warehouse.fill(
        con, "marts.appraisal_part_component", [KEY | component | {"numerator": sum((n for _, n in facts), Decimal(0))}]
    )
    return con.execute(f"select source_key, numerator, points from ({sql}) order by source_key nulls last").fetchall()


@given(
    scores=st.lists(st.integers(0, 12), min_size=1, max_size=30),
    shares=st.lists(st.integers(1, 60), min_size=1, max_size=4),
    ties=st.sampled_from(["better", "worse"]),
)
def test_places_never_turn_the_order_of_scores_round(scores: list[int], shares: list[int], ties: str) -> None:
    total = sum(shares)
    percents = [Decimal(share) * 100 / total for share in shares[:-1]]
    percents.append(100 - sum(percents, Decimal(0)))
    grades = tuple((str(place), share) for place, share in enumerate(percents))
    standard = Standard("s", 1, "rep", date(2025, 1, 1), (), grades, is_forced=True, ties=ties)
    given_to = {score: _position(standard, Decimal(score), [Decimal(one) for one in scores]) for score in scores}

    assert None not in given_to.values()
    ranked = [given_to[score] for score in sorted(given_to, reverse=True)]
    assert ranked == sorted(ranked)  # type: ignore[type-var]
    if ties == "worse":
        best = sum(given_to[score] == 0 for score in scores)
        assert 100 * best <= percents[0] * len(scores)


@given(first=st.dates(date(2000, 1, 1), date(2030, 1, 1)), days=st.integers(0, 4000))
def test_completed_months_never_fall(first: date, days: int) -> None:
    day = date.fromordinal(first.toordinal() + days)
    before, after = completed_months(first, day), completed_months(first, date.fromordinal(day.toordinal() + 1))

    assert before <= after <= before + 1
    assert 28 * before <= days
    assert days < 31 * (before + 1)
