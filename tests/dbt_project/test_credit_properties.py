"""What holds of credit whatever the rules, orders and territories are: the models' own SQL over generated companies."""

import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.dbt_project import straight, warehouse

MODELS = (
    "int_return_origin",
    "int_sales_order_line",
    "int_order_rule_credit",
    "int_territory_match",
    "int_line_territory",
    "int_order_credit",
    "fct_sales_credit",
    "fct_overlay_credit",
)
"""In the order they are built."""
LONG_AGO, NEVER = date(1900, 1, 1), date(9999, 12, 31)
FIXED: Mapping[str, Sequence[Mapping[str, Any]]] = {
    "core.dim_customer": [
        {"customer_key": "C1", "customer_name": "上海好运", "country": "CN", "province": "上海", "industry": "Auto"},
        {"customer_key": "C2", "customer_name": "Acme", "country": "DE", "province": "Bayern", "industry": "Auto"},
    ],
    "canonical.product": [
        {"source_system": "a", "source_key": "p1", "category": "Robots"},
        {"source_system": "a", "source_key": "p2", "category": "Sensors"},
    ],
    "core.int_employee_alias": [
        {"source_system": "*", "alias": f"e{number}", "employee_id": f"E{number}"} for number in range(1, 5)
    ],
    "core.int_unit_alias": [
        {"source_system": "*", "alias": unit.lower(), "org_unit_id": unit} for unit in ("T1", "T2", "T3")
    ],
    "core.int_posting": [
        {"employee_id": employee, "org_unit_id": unit, "manager_employee_id": manager}
        | {"valid_from": date(2020, 1, 1), "valid_to": valid_to}
        for employee, unit, manager, valid_to in (
            ("E1", "T1", "E3", NEVER),
            ("E2", "T1", "E3", date(2025, 6, 1)),
            ("E3", "T1", None, NEVER),
            ("E4", "T2", "E3", NEVER),
        )
    ],
    "core.int_exchange_rate": [
        {"currency": currency, "rate": rate, "valid_from": LONG_AGO, "valid_to": NEVER}
        for currency, rate in (("CNY", Decimal(1)), ("USD", Decimal("7.123456789")))
    ],
}
GENERATED = (
    "canonical.sales_order",
    "canonical.sales_order_line",
    "core.int_sales_order",
    "core.int_order_split",
    "config.credit_rule",
    "config.territory",
    "config.territory_condition",
)
Rows = dict[str, list[dict[str, Any]]]

maybe_employee = st.sampled_from([None, "E1", "E2", "E3", "E4"])
shares = st.decimals(min_value="0.1", max_value=1, places=9)
amounts = st.decimals(min_value=-1000, max_value=1000, places=2)
fields = {
    "province": ["上海", "Bayern"],
    "industry": ["auto"],
    "customer_key": ["C1", "C2"],
    "account": ["acme", "nobody"],
    "product_category": ["Robots", "Sensors"],
}


@st.composite
def claims(draw: st.DrawFn, kind: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Territories or overlays with their conditions."""
    rows, conditions = [], []
    for position in range(1, draw(st.integers(0, 3)) + 1):
        name = f"{kind}-{position}"
        employee = draw(st.sampled_from(["E1", "E4", "E9", None]))
        rows.append(
            {"kind": kind, "position": position, "territory_id": name, "name_en": name, "employee_ref": employee}
            | {"unit_ref": None if employee else draw(st.sampled_from(["T1", "T2", "T3", "T9"]))}
            | {"credit_share": Decimal(1) if kind == "territory" else draw(shares)}
            | {
                "valid_from": draw(st.sampled_from([LONG_AGO, date(2025, 5, 1)])),
                "valid_to": NEVER,
            }
        )
        for field in draw(st.lists(st.sampled_from(sorted(fields)), min_size=1, max_size=2, unique=True)):
            for value in draw(st.lists(st.sampled_from(fields[field]), min_size=1, unique=True)):
                conditions.append({"kind": kind, "territory_id": name, "field": field, "value": value})
    return rows, conditions


@st.composite
def companies(draw: st.DrawFn) -> Rows:
    """Orders, each taken back whole by a later one, under some rules."""
    rows: Rows = {name: [] for name in GENERATED}
    rules = draw(st.permutations(["explicit_split", "order_owner", "opportunity_owner", "account_owner", "territory"]))
    kept = rules[: draw(st.integers(0, 5))]
    rows["config.credit_rule"] = [{"position": place, "rule": rule} for place, rule in enumerate(kept, 1)]
    for kind in ("territory", "overlay"):
        territories, conditions = draw(claims(kind))
        rows["config.territory"] += territories
        rows["config.territory_condition"] += conditions
    for number in range(1, draw(st.integers(1, 3)) + 1):
        _order(draw, rows, f"o{number}")
    return rows


def _order(draw: st.DrawFn, rows: Rows, key: str) -> None:
    lines = draw(
        st.lists(st.tuples(st.sampled_from([None, "p1", "p2"]), amounts), min_size=1, max_size=3), label="lines"
    )
    currency, customer = draw(st.sampled_from(["CNY", "USD"])), draw(st.sampled_from([None, "C1", "C2"]))
    owners = {
        f"{owner}employee_id": draw(maybe_employee) for owner in ("owner_", "opportunity_owner_", "account_owner_")
    }
    for order, day, sign in (
        (key, date(2025, draw(st.integers(1, 12)), 1), 1),
        (f"{key}-back", date(2025, 12, 31), -1),
    ):
        known = {"source_system": "a", "source_key": order, "order_number": order, "status": "confirmed"}
        known |= {"order_date": day, "currency": currency}
        rows["canonical.sales_order"].append(known)
        someone_else = {"owner_employee_id": "E4"} if sign < 0 else owners
        rows["core.int_sales_order"].append(known | {"customer_key": customer} | someone_else)
        for number, (product, amount) in enumerate(lines, 1):
            rows["canonical.sales_order_line"].append(
                {"source_system": "a", "source_key": f"{order}/{number}", "order_key": order, "line_number": number}
                | {"product_key": product, "net_amount": sign * amount}
                | {"returned_line_key": f"{key}/{number}" if sign < 0 else None}
            )
    weights = draw(st.dictionaries(st.sampled_from(["E1", "E2", "E3"]), st.integers(1, 9), max_size=3))
    for employee, weight in weights.items():
        share = (Decimal(weight) / sum(weights.values())).quantize(Decimal("0.000000001"))
        rows["core.int_order_split"].append(
            {"source_system": "a", "order_key": key, "employee_id": employee, "credit_share": share}
        )


@pytest.fixture(scope="module")
def models() -> dict[str, str]:
    return {model: straight.sql_of(model) for model in MODELS}


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("attach ':memory:' as warehouse; use warehouse; set threads = 1")
        for schema in ("config", "canonical", "core"):
            connection.execute(f"create schema {schema}")
        warehouse.create_declared(connection, [*FIXED, *GENERATED])
        for name, rows in FIXED.items():
            warehouse.fill(connection, name, rows)
        yield connection


def credited(con: duckdb.DuckDBPyConnection, models: Mapping[str, str], company: Rows) -> dict[str, list[tuple]]:
    """What the last three models deliver for a company, in a fixed order."""
    for name in GENERATED:
        con.execute(f"delete from {name}")
        warehouse.fill(con, name, company[name])
    for model in MODELS:
        con.execute(f"create or replace table core.{model} as {models[model]}")
    return {name: con.execute(f"select * from core.{name} order by all").fetchall() for name in MODELS[-3:]}


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(company=companies(), seed=st.integers(0, 99))
def test_shares_sum_to_one_a_refund_nets_to_zero_and_order_does_not_matter(
    con: duckdb.DuckDBPyConnection, models: dict[str, str], company: Rows, seed: int
) -> None:
    first = credited(con, models, company)

    def rows(sql: str) -> list[tuple]:
        return con.execute(sql).fetchall()

    # every line is credited, whole: shares and both amounts
    assert not rows(
        "select line.source_key from canonical.sales_order_line as line join core.int_sales_order as o "
        "on line.order_key = o.source_key join core.int_exchange_rate as rate using (currency) "
        "left join core.fct_sales_credit as fact on line.source_key = fact.source_key "
        "group by line.source_key, line.net_amount, rate.rate having sum(fact.credit_share) is distinct from 1 "
        "or sum(fact.document_amount) <> line.net_amount "
        "or sum(fact.credited_amount) <> cast(line.net_amount * rate.rate as decimal(28, 6))"
    )
    assert not rows("select order_key from core.int_order_credit group by order_key having sum(credit_share) <> 1")
    # an order and its return leave nothing with anybody, overlays included
    for fact, who in (("fct_sales_credit", "employee_id"), ("fct_overlay_credit", "employee_id, overlay_id")):
        assert not rows(f"select {who} from core.{fact} group by {who} having sum(credited_amount) <> 0")
    # nor with any unit, as far as people stay where they are (E2 leaves)
    assert not rows(
        "select org_unit_id from core.fct_sales_credit where employee_id <> 'E2' group by org_unit_id "
        "having sum(credited_amount) <> 0"
    )
    # only who is named can be credited by an overlay, and it is never part of a sale
    assert not rows("select 1 from core.fct_sales_credit where credit_rule like 'overlay:%'")

    shuffled = {name: random.Random(seed).sample(some, len(some)) for name, some in company.items()}
    assert credited(con, models, shuffled) == first
