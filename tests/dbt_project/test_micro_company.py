"""The micro company of `micro.py` through the whole dbt project, compared with rows worked out by hand."""

import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal as D
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.dbt_project import micro, straight, warehouse

Q2, Q3 = date(2025, 4, 1), date(2025, 7, 1)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    file = tmp_path_factory.mktemp("micro") / "warehouse.duckdb"
    warehouse.prepare(file, micro.MAPPED, micro.CONFIG)
    assert straight.build(file) == []
    with duckdb.connect(str(file), read_only=True) as connection:
        yield connection


@pytest.mark.slow
def test_dbt_makes_what_the_same_sql_makes_straight_in_duckdb(built: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    """What is tested here and elsewhere without dbt is what dbt builds; its unit tests and data tests pass."""
    file = tmp_path / "warehouse.duckdb"
    warehouse.prepare(file, micro.MAPPED, micro.CONFIG)
    done = warehouse.build(file, tmp_path)
    assert done.returncode == 0 and " WARN=0 " in done.stdout, done.stdout[-3000:] + done.stderr[-3000:]

    differing = []
    with duckdb.connect(str(file), read_only=True) as con:
        for node in straight.upstream():
            relation = node.relation.replace('"', "").removeprefix("warehouse.")
            types = [sorted(row[:2] for row in one.execute(f"describe {relation}").fetchall()) for one in (built, con)]
            content = [one.execute(f"from {relation} order by all").fetchall() for one in (built, con)]
            differing += [] if types[0] == types[1] and content[0] == content[1] else [relation]
    assert differing == []


def rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    return connection.execute(query).fetchall()


def kpi(
    connection: duckdb.DuckDBPyConnection, subject: str, metric: str, start: date, org_view: str
) -> tuple[Any, ...]:
    found = connection.execute(
        """
        select value, value_status, attainment, attainment_status from marts.kpi_value
        where subject_id = ? and metric = ? and period_type = 'quarter' and period_start = ? and org_view = ?
        """,
        [subject, metric, start, org_view],
    ).fetchall()
    assert len(found) == 1, found
    return found[0]


def test_sales_are_credited_by_rule_in_the_unit_of_the_day(built: duckdb.DuckDBPyConnection) -> None:
    found = rows(
        built,
        """
        select source_key, employee_id, org_unit_id, credited_amount, credit_share, credit_rule
        from core.fct_sales_credit order by 1, 2
        """,
    )

    assert found == [
        ("l1", "E1", "T1", D("33.333333"), D("0.333333333"), "explicit_split"),
        ("l1", "E2", "T2", D("33.333333"), D("0.333333333"), "explicit_split"),
        ("l1", "E3", "N", D("33.333334"), D("0.333333334"), "explicit_split"),
        ("l2", "E2", "T2", D("50"), D(1), "order_owner"),
        ("l3", "E2", "T1", D("72.5"), D(1), "order_owner"),
        ("l4", "E1", "T1", D("100"), D(1), "order_owner"),
        ("l5", "E4", "T2", D("30"), D(1), "account_owner"),
        ("l6", "E1", "T1", D("-13.333333"), D("0.333333333"), "return"),
        ("l6", "E2", "T1", D("-13.333333"), D("0.333333333"), "return"),
        ("l6", "E3", "N", D("-13.333334"), D("0.333333334"), "return"),
        ("l7", "unassigned", "unassigned", D("7"), D(1), "unassigned"),
        # an order known by its total only; its owner had left the month before
        ("order:o9", "E4", "unassigned", D("80"), D(1), "order_owner"),
    ]


def test_a_foreign_amount_takes_the_latest_rate_on_or_before_its_day(built: duckdb.DuckDBPyConnection) -> None:
    found = rows(
        built,
        "select document_amount, exchange_rate, credited_amount from core.fct_sales_credit where currency = 'USD'",
    )

    assert found == [(D("10"), D("7.25"), D("72.5"))]


def test_invoices_follow_their_order_and_credit_notes_their_invoice(built: duckdb.DuckDBPyConnection) -> None:
    found = rows(
        built, "select source_key, employee_id, credited_amount, credit_rule from core.fct_billing_credit order by 1, 2"
    )

    assert found == [
        ("il1", "E1", D("33.333333"), "explicit_split"),
        ("il1", "E2", D("33.333333"), "explicit_split"),
        ("il1", "E3", D("33.333334"), "explicit_split"),
        ("il2", "E1", D("-13.333333"), "reversal"),
        ("il2", "E2", D("-13.333333"), "reversal"),
        ("il2", "E3", D("-13.333334"), "reversal"),
        ("il3", "E2", D("20"), "invoice_owner"),
    ]


def test_payments_follow_their_invoice_else_the_account_owner(built: duckdb.DuckDBPyConnection) -> None:
    found = rows(
        built,
        "select source_key, employee_id, credited_amount, credit_rule from core.fct_collection_credit order by 1, 2",
    )

    assert found == [
        ("y1", "E1", D("20"), "invoice"),
        ("y1", "E2", D("20"), "invoice"),
        ("y1", "E3", D("20"), "invoice"),
        ("y2", "E4", D("5"), "account_owner"),
        ("y3", "unassigned", D("4"), "unassigned"),
    ]


def test_records_join_by_tax_id_or_by_domain_and_name_and_never_by_free_mail_and_placeholders(
    built: duckdb.DuckDBPyConnection,
) -> None:
    found = rows(
        built,
        """
        select source_key, match_reason, count(*) over (partition by customer_key)
        from core.customer_source order by source_key
        """,
    )

    assert found == [
        ("c1", "tax_id", 3),
        ("c2", "tax_id", 3),
        ("c3", "model", 3),
        ("c4", "single", 1),
        ("c5", "single", 1),
    ]


def test_postings_resolve_people_units_and_titles(built: duckdb.DuckDBPyConnection) -> None:
    found = rows(
        built,
        "select employee_id, org_unit_id, role, manager_employee_id from core.dim_assignment where source_key = 'a1'",
    )

    assert found == [("E1", "T1", "sales_rep", "E3")]


def test_history_stays_with_the_old_region_and_as_is_reads_it_on_the_new_tree(built: duckdb.DuckDBPyConnection) -> None:
    # N as was: E1 33.333333 + 100 and E2's USD order in T1, E3's own 33.333334; as is only E3 is left in N
    assert kpi(built, "N", "bookings", Q2, "as_was")[0] == D("239.166667")
    assert kpi(built, "N", "bookings", Q2, "as_is")[0] == D("33.333334")
    assert kpi(built, "S", "bookings", Q2, "as_was")[0] == D("83.333333")
    assert kpi(built, "S", "bookings", Q2, "as_is")[0] == D("289.166666")


def test_order_count_and_new_customers_go_by_share(built: duckdb.DuckDBPyConnection) -> None:
    assert kpi(built, "E1", "order_count", Q2, "as_was")[0] == D("1.333333333")
    assert kpi(built, "E1", "new_customers", Q2, "as_was")[0] == D("0.333333333")
    assert kpi(built, "company", "new_customers", Q2, "as_was")[0] == D("1")
    assert kpi(built, "company", "order_count", Q3, "as_was")[0] == D("2")  # the return counts for none


def test_ratios_have_a_value_only_where_they_have_a_denominator(built: duckdb.DuckDBPyConnection) -> None:
    assert kpi(built, "E1", "win_rate", Q2, "as_was")[:2] == (D("0.666666667"), "ok")
    assert kpi(built, "E1", "sales_cycle_days", Q2, "as_was")[:2] == (D("30"), "ok")
    assert kpi(built, "E1", "win_rate", Q3, "as_was")[:2] == (None, "no_data")
    assert kpi(built, "E1", "visits", Q3, "as_was")[:2] == (D("0"), "ok")


def test_attainment_takes_the_highest_version_and_says_why_it_is_missing(built: duckdb.DuckDBPyConnection) -> None:
    assert kpi(built, "E1", "bookings", Q2, "as_was")[2:] == (D("0.5"), "ok")
    assert kpi(built, "N", "bookings", Q2, "as_was")[2:] == (None, "not_applicable")
    assert kpi(built, "company", "win_rate", Q2, "as_was")[2:] == (D("1.333333333"), "ok")
    assert kpi(built, "E2", "bookings", Q2, "as_was")[2:] == (None, "no_target")


def test_the_unassigned_have_rows_only_where_something_happened(built: duckdb.DuckDBPyConnection) -> None:
    found = rows(
        built,
        """
        select subject_type, metric, period_start, org_view, value from marts.kpi_value
        where subject_id = 'unassigned' and period_type = 'quarter' and metric = 'bookings' order by all
        """,
    )

    assert found == [
        ("employee", "bookings", date(2025, 7, 1), "as_is", D("7")),
        ("employee", "bookings", date(2025, 7, 1), "as_was", D("7")),
        ("org_unit", "bookings", date(2025, 7, 1), "as_is", D("7")),
        ("org_unit", "bookings", date(2025, 7, 1), "as_was", D("7")),
        ("org_unit", "bookings", date(2025, 10, 1), "as_was", D("80")),
    ]


def test_a_score_opens_down_to_components_that_add_up_to_it(built: duckdb.DuckDBPyConnection) -> None:
    score = rows(
        built,
        f"""
        select score, grade, standard_version, status from marts.appraisal_score
        where employee_id = 'E1' and period_start = '{Q2}'
        """,
    )
    components = rows(
        built,
        f"""
        select metric, target, target_origin, points, weighted_points from marts.appraisal_component
        where employee_id = 'E1' and period_start = '{Q2}' order by metric
        """,
    )

    # (60 x 50 + 15 x 120 + 25 x 83.33...) / 100 = 68.8333...
    assert score == [(D("68.83"), "C", 1, "scored")]
    assert components == [
        ("bookings", D("266.666666"), "target", D("50"), D("30.00")),
        ("sales_cycle_days", D("60"), "reference_value", D("120"), D("18.00")),
        ("win_rate", D("0.8"), "reference_value", D("83.333333333"), D("20.83")),
    ]


def test_a_component_without_data_or_target_drops_out(built: duckdb.DuckDBPyConnection) -> None:
    score = rows(
        built,
        f"select score, grade, status from marts.appraisal_score where employee_id = 'E2' and period_start = '{Q2}'",
    )
    components = rows(
        built,
        f"""
        select metric, points, weighted_points, is_applicable, component_status from marts.appraisal_component
        where employee_id = 'E2' and period_start = '{Q2}' order by metric
        """,
    )

    assert score == [(None, None, "no_data")]
    assert components == [
        ("bookings", None, None, False, "no_target"),
        ("sales_cycle_days", None, None, False, "no_data"),
        ("win_rate", None, None, False, "no_data"),
    ]


def test_the_version_in_force_at_the_start_of_the_period_judges_it(built: duckdb.DuckDBPyConnection) -> None:
    found = rows(
        built, "select period_start, standard_version from marts.appraisal_score where employee_id = 'E1' order by 1"
    )

    assert found == [(Q2, 1), (Q3, 2), (date(2025, 10, 1), 2)]


def test_every_stage_of_the_road_reconciles(built: duckdb.DuckDBPyConnection) -> None:
    found = rows(built, "select stage, entity, difference_count, difference_sum from marts.reconciliation")

    assert ("canonical_to_credit", "sales_order_line", 0, D("0")) in found
    assert [row for row in found if row[2] not in (0, None) or row[3] not in (0, None)] == []


def test_a_profile_sums_up_what_a_customer_is_worth(built: duckdb.DuckDBPyConnection) -> None:
    found = rows(
        built,
        """
        select source_key, order_count, net_amount, returned_amount, first_purchase_date, recency_days,
            average_gap_days, rfm, lifecycle_state, is_repeat, owner_employee_id, owner_org_unit_id
        from marts.customer_profile join core.customer_source using (customer_key)
        where source_key in ('c1', 'c4', 'c5') order by 1
        """,
    )

    assert found == [
        ("c1", 4, D("282.5"), D("-40"), date(2025, 4, 10), 184, D("27"), "144", "at_risk", True, None, None),
        ("c4", 2, D("87"), D("0"), date(2025, 8, 1), 91, D("61"), "422", "active", True, None, None),
        ("c5", 1, D("30"), D("0"), date(2025, 7, 1), 183, None, "211", "at_risk", False, "E4", "T2"),
    ]


def test_a_customers_states_follow_its_purchases_day_by_day(built: duckdb.DuckDBPyConnection) -> None:
    found = rows(
        built,
        """
        select state, valid_from, valid_to
        from marts.customer_lifecycle join core.customer_source using (customer_key)
        where source_key = 'c1' order by 2
        """,
    )

    # 90 days new from the first order; at risk 180 days after the order of 30 June, a return keeps nobody
    assert found == [
        ("new", date(2025, 4, 10), date(2025, 7, 9)),
        ("active", date(2025, 7, 9), date(2025, 12, 27)),
        ("at_risk", date(2025, 12, 27), date(9999, 12, 31)),
    ]


def test_a_golden_record_names_the_records_its_fields_come_from(built: duckdb.DuckDBPyConnection) -> None:
    found = rows(
        built,
        """
        select field.field, field.value, field.source_key, field.survivorship_rule
        from core.dim_customer_field as field join core.customer_source as record using (customer_key)
        where record.source_key = 'c1' and field.field in ('tax_id', 'email_domain', 'other_names') order by 1
        """,
    )

    assert found == [
        ("email_domain", "acme.de", "c1", "only_value"),
        ("other_names", "ACME; ACME Ltd.", "c2", "all_values"),
        ("tax_id", "DE123456", "c1", "only_value"),
    ]


def test_repeat_orders_are_a_rate_of_all_and_churn_one_of_those_who_were_there(
    built: duckdb.DuckDBPyConnection,
) -> None:
    assert kpi(built, "company", "repeat_rate", Q2, "as_was")[0] == D("0.75")
    assert kpi(built, "company", "churn_rate", Q2, "as_was")[:2] == (None, "no_data")
    assert kpi(built, "company", "churn_rate", Q3, "as_was")[:2] == (D("0"), "ok")
    assert kpi(built, "company", "churned_customers", Q3, "as_was")[0] == D("0")


def test_billings_and_collections_count_on_the_day_of_the_document(built: duckdb.DuckDBPyConnection) -> None:
    assert kpi(built, "company", "billings", Q2, "as_was")[0] == D("120")
    assert kpi(built, "company", "billings", Q3, "as_was")[0] == D("-40")
    assert kpi(built, "company", "collections", Q2, "as_was")[0] == D("69")


def test_orders_have_an_average_value_and_returns_a_rate(built: duckdb.DuckDBPyConnection) -> None:
    assert kpi(built, "company", "average_order_value", Q2, "as_was")[0] == D("80.625")
    # 40 came back while 37 were sold; in the quarter before nothing did
    assert kpi(built, "company", "returns_rate", Q3, "as_was")[0] == D("1.081081081")
    assert kpi(built, "company", "returns_rate", Q2, "as_was")[:2] == (D("0"), "ok")


def test_what_no_source_states_has_no_value(built: duckdb.DuckDBPyConnection) -> None:
    unknown = ("overdue_receivables", "gross_margin", "gross_margin_rate", "units_sold", "discount_rate", "csat", "nps")
    for metric in unknown:
        assert kpi(built, "company", metric, Q2, "as_was")[:2] == (None, "no_data"), metric
    assert kpi(built, "company", "cost_coverage", Q2, "as_was")[:2] == (D("0"), "ok")


def test_a_customer_is_active_once_a_period_where_it_bought_last_and_kept_while_its_days_run(
    built: duckdb.DuckDBPyConnection,
) -> None:
    assert kpi(built, "company", "active_customers", Q2, "as_was")[0] == D("1")
    assert kpi(built, "E1", "active_customers", Q2, "as_was")[0] == D("1")
    assert kpi(built, "E2", "active_customers", Q2, "as_was")[0] == D("0")
    assert kpi(built, "company", "active_customers", Q3, "as_was")[0] == D("2")
    assert kpi(built, "company", "customer_retention_rate", Q3, "as_was")[:2] == (D("1"), "ok")
    assert kpi(built, "company", "won_back_customers", Q3, "as_was")[:2] == (D("0"), "ok")


@pytest.fixture(scope="module")
def workbench(
    built: duckdb.DuckDBPyConnection, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A copy of the built warehouse to change, make again and take back; dbt's SQL names the database after the file.

    `before.<table>` are marts as they were.
    """
    (path,) = built.execute("select path from duckdb_databases() where not internal").fetchall()[0]
    copy = Path(shutil.copy(path, tmp_path_factory.mktemp("workbench") / Path(path).name))
    with duckdb.connect(str(copy)) as connection:
        connection.execute("create schema before; create table before.kpi_value as from marts.kpi_value")
        connection.execute(f"create temp view kpi_value_again as {straight.sql_of('kpi_value')}")
        yield connection


UNUSED = st.fixed_dictionaries(
    {
        "aggregation": st.sampled_from(["additive", "stock", "ratio", "subject"]),
        "roles": st.sampled_from([None, "sales_rep", "regional_manager|sales_rep", "hr"]),
        "known_by": st.sampled_from([None, "bookings", "visits"]),
        "uncertainty": st.sampled_from([None, "identity"]),
    }
)


@settings(max_examples=12, deadline=None)
@given(UNUSED)
def test_adding_an_unused_metric_changes_no_other(
    workbench: duckdb.DuckDBPyConnection, metric: dict[str, str | None]
) -> None:
    workbench.execute("begin")
    workbench.execute(
        "insert into marts.metric_registry by name "
        "select 'unused' as metric, ? as aggregation, ? as roles, ? as known_by, ? as uncertainty",
        list(metric.values()),
    )
    others = "select * from kpi_value_again where metric <> 'unused'"
    changed = workbench.execute(
        f"(({others}) except all (from marts.kpi_value)) union all ((from marts.kpi_value) except all ({others}))"
    ).fetchall()
    added = workbench.execute("select count(*) from kpi_value_again where metric = 'unused'").fetchall()
    workbench.execute("rollback")

    assert changed == []
    assert added[0][0] > 0


def differing(con: duckdb.DuckDBPyConnection, condition: str) -> list[tuple[Any, ...]]:
    """Rows of `kpi_value` under a condition that were there before or are there now, but not both."""
    before, now = (f"(select * from {schema}.kpi_value where {condition})" for schema in ("before", "marts"))
    return rows(con, f"({before} except all {now}) union all ({now} except all {before})")


EVENTS_END = date(2025, 10, 1)
"""The last day of the micro company on which anything happens."""
ADDED_UP = "metric in (select metric from marts.metric_registry where aggregation = 'additive')"
POSTINGS = {"E1": ("a1", "T1"), "E2": ("a3", "T1"), "E3": ("a4", "N")}


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    employee=st.sampled_from(sorted(POSTINGS)),
    unit=st.sampled_from(["T1", "T2", "N"]),
    day=st.dates(EVENTS_END + timedelta(days=1), date(2025, 12, 31)),
)
def test_moving_a_person_changes_as_is_and_leaves_as_was_alone(
    workbench: duckdb.DuckDBPyConnection, employee: str, unit: str, day: date
) -> None:
    posting, left = POSTINGS[employee]
    year = "period_type = 'year' and metric = 'bookings' and org_view = 'as_is'"
    values = f"select subject_id, value from marts.kpi_value where {year} and subject_type in ('employee', 'org_unit')"
    sold_before = dict(rows(workbench, values))
    workbench.execute("begin")
    moved = workbench.execute("select * from landing.mapped__assignment where source_key = ?", [posting])
    names = [column[0] for column in moved.description or ()]
    row = dict(zip(names, moved.fetchall()[0], strict=True))
    workbench.execute("update landing.mapped__assignment set valid_to = ? where source_key = ?", [day, posting])
    after = row | {"source_key": "moved", "unit_key": unit, "valid_from": day}
    warehouse.fill(workbench, "landing.mapped__assignment", [after])
    straight.run(workbench, straight.downstream("assignment", "kpi_value"))
    as_was = differing(workbench, f"org_view = 'as_was' and (period_end < date '{day}' or {ADDED_UP})")
    company = differing(workbench, f"subject_type <> 'org_unit' and {ADDED_UP}")
    sold = dict(rows(workbench, values))
    workbench.execute("rollback")

    assert as_was == []
    assert company == [], "what people and the company did stays what it was"
    gained = {one: sold[one] - sold_before[one] for one in ("T1", "T2", "N")}
    moved_amount = sold[employee] if unit != left else 0
    assert gained == {one: moved_amount * ((one == unit) - (one == left)) for one in gained}
    assert unit == left or moved_amount > 0


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    amounts=st.lists(st.decimals("-999", "99999", places=2), min_size=1, max_size=4),
    owner=st.sampled_from(["E1", "E2", "E3", "E4", None]),
    split=st.booleans(),
    days=st.tuples(st.integers(1, 31), st.integers(1, 31)).map(sorted),
)
def test_a_whole_order_taken_back_in_its_month_leaves_bookings_as_they_were_for_everybody(
    workbench: duckdb.DuckDBPyConnection, amounts: list[D], owner: str | None, split: bool, days: list[int]
) -> None:
    workbench.execute("begin")
    lineage = {"source_system": warehouse.SOURCE, "load_id": "load-2", "is_deleted": False}
    common = lineage | {"customer_record_key": "c1", "owner_employee_key": owner, "status": "confirmed"}
    for key, day, sign in (("sold", days[0], 1), ("back", days[1], -1)):
        order = common | {"source_key": key, "order_number": key, "order_date": date(2025, 8, day), "currency": "CNY"}
        warehouse.fill(workbench, "landing.mapped__sales_order", [order])
        lines = [
            lineage
            | {"source_key": f"{key}{n}", "order_key": key, "net_amount": sign * amount}
            | {"returned_line_key": f"sold{n}" if sign < 0 else None}
            for n, amount in enumerate(amounts)
        ]
        warehouse.fill(workbench, "landing.mapped__sales_order_line", lines)
    shares = [("E1", "0.333333333"), ("E2", "0.333333333"), ("E4", "0.333333334")] if split else []
    parts = [{"employee_key": who, "credit_share": D(share), "order_key": "sold"} for who, share in shares]
    splits = [lineage | part | {"source_key": f"new{n}"} for n, part in enumerate(parts)]
    warehouse.fill(workbench, "landing.mapped__credit_split", splits)
    again = {node.id: node for changed in CHANGED for node in straight.downstream(changed, "kpi_value")}
    straight.run(workbench, [node for node in straight.upstream("kpi_value") if node.id in again])
    bookings = differing(workbench, "metric = 'bookings' and value <> 0")
    credited = rows(
        workbench, "select sum(credited_amount) from core.fct_sales_credit where order_key in ('sold', 'back')"
    )
    workbench.execute("rollback")

    assert bookings == []
    assert credited == [(D(0),)]


CHANGED = ("sales_order", "sales_order_line", "credit_split")


@settings(max_examples=2, deadline=None, phases=[Phase.generate])  # a build each: nothing to gain from shrinking
@given(seed=st.integers(0, 10**6))
def test_the_order_of_the_rows_that_came_in_changes_nothing_in_any_mart(
    built: duckdb.DuckDBPyConnection, tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    # a record that names no key of its own has its place in the list for one, so that is given before shuffling
    versions = {entity: warehouse.first_versions(found) for entity, found in micro.MAPPED.items()}
    shuffled, shuffled_versions = (
        {entity: Random(f"{seed}{entity}").sample(found, len(found)) for entity, found in some.items()}
        for some in (micro.MAPPED, versions)
    )
    file = tmp_path_factory.mktemp("shuffled") / "warehouse.duckdb"
    warehouse.prepare(file, shuffled, micro.CONFIG, shuffled_versions)
    straight.build(file)
    published = "schema_name = 'marts' or table_name like 'dim_%' or table_name like 'fct_%'"
    tables = rows(built, f"select schema_name || '.' || table_name from duckdb_tables() where {published}")

    with duckdb.connect(str(file), read_only=True) as con:
        pairs = {name: [rows(one, f"from {name} order by all") for one in (built, con)] for (name,) in tables}
    assert len(pairs) > 30
    assert [name for name, (one, other) in pairs.items() if one != other] == []


def test_commission_climbs_the_rates_and_a_return_takes_back_what_its_sale_was_paid(
    built: duckdb.DuckDBPyConnection,
) -> None:
    found = rows(
        built,
        """
        select employee_id, period_start, line_kind, line_status, source_key, paid_source_key, counted_amount, amount
        from marts.incentive_line where line_kind not in ('bonus') order by employee_id, period_start, line_number
        """,
    )

    # E1 reaches half of the target of 266.666666 exactly, so nothing is paid twice; the tier begins at 100
    third, back = D("33.333333"), D("-13.333333")
    assert found == [
        ("E1", Q2, "sale", "ok", "l1", None, third, D("3.33")),
        ("E1", Q2, "sale", "ok", "l4", None, D("100"), D("13.34")),
        ("E1", Q3, "return", "ok", "l6", "l1", back, D("-1.33")),
        ("E1", Q3, "carried", "ok", None, None, None, D("1.33")),
        ("E2", Q2, "sale", "ok", "l1", None, third, D("3.33")),
        ("E2", Q2, "sale", "ok", "l2", None, D("50"), D("5.00")),
        ("E2", Q2, "sale", "ok", "l3", None, D("72.5"), D("12.84")),
        ("E2", Q3, "return", "ok", "l6", "l1", back, D("-1.33")),
        ("E2", Q3, "carried", "ok", None, None, None, D("1.33")),
        ("E4", Q3, "sale", "ok", "l5", None, D("30"), D("3.00")),
        ("E4", date(2025, 10, 1), "sale", "after_leaving", "order:o9", None, D("0"), D("0")),
    ]


def test_a_negative_period_pays_nothing_and_is_owed(built: duckdb.DuckDBPyConnection) -> None:
    found = rows(
        built,
        """
        select period_start, earned_amount, clawback_amount, carried_amount, payable_amount - coalesce(bonus_amount, 0),
            owed_before, owed_after
        from marts.incentive_statement where employee_id = 'E1' order by period_start
        """,
    )

    nothing, owed = D("0"), D("1.33")
    assert found == [
        (Q2, D("16.67"), nothing, nothing, D("16.67"), nothing, nothing),
        (Q3, nothing, -owed, owed, nothing, nothing, owed),
        (date(2025, 10, 1), nothing, nothing, nothing, nothing, owed, owed),
    ]


def test_a_grade_earns_its_bonus_and_says_why(built: duckdb.DuckDBPyConnection) -> None:
    found = rows(
        built,
        """
        select employee_id, item, eligibility, amount, reason_en, reason_zh
        from marts.incentive_eligibility where period_start = '2025-04-01' order by all
        """,
    )

    assert found == [
        ("E1", "C", "eligible", D("55.50"), "grade C: 55.50", "等级 C：55.50"),
        ("E2", "-", "not_eligible", D("0"), "no grade: no_data", "没有等级：no_data"),
        ("E4", "-", "not_eligible", D("0"), "no grade: no_data", "没有等级：no_data"),
    ]
