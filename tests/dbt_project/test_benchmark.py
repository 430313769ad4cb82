"""The benchmark company's rows through the whole dbt project: every number equals the reference, in both org views."""

import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from random import Random

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.sandbox import reference
from connectors.sandbox.company import BenchmarkCompany
from connectors.sandbox.generate import generate
from connectors.sandbox.reference.rating import Ratings
from connectors.sandbox.truth_calendar import is_working_day
from expectations import incentive
from expectations.rules import FailingRows
from tests.dbt_project import benchmark_rows, straight, warehouse
from tests.dbt_project.benchmark_cases import cases
from tests.dbt_project.benchmark_plans import DOCUMENTS, PLANS, differing_eligibility, differing_statements, plan_tables
from tests.dbt_project.benchmark_standards import STANDARDS, differing_ratings, differing_scores
from tests.dbt_project.kpi_truth import differing_kpis

LIFECYCLE = {"new_days": 20, "at_risk_days": 30, "churned_days": 60}
"""Short enough for customers to be lost and won back within the one year of orders."""


@pytest.fixture(scope="module")
def company() -> BenchmarkCompany:
    return generate("tiny")


@pytest.fixture(scope="module")
def truth(company: BenchmarkCompany) -> reference.Reference:
    return reference.Reference(company, churned_days=LIFECYCLE["churned_days"])


@pytest.fixture(scope="module")
def built(company: BenchmarkCompany, tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    work = tmp_path_factory.mktemp("benchmark")
    file = work / "warehouse.duckdb"
    config = benchmark_rows.config(company, *STANDARDS) | plan_tables(*DOCUMENTS) | {"customer_lifecycle": [LIFECYCLE]}
    warehouse.prepare(file, benchmark_rows.mapped(company), config)
    assert straight.build(file) == []
    with duckdb.connect(str(file), read_only=True) as connection:
        yield connection


@pytest.mark.parametrize(
    ("fact", "event_date", "expected"),
    [
        ("fct_sales_credit", "booked_date", "credited_sales"),
        ("fct_billing_credit", "billed_date", "credited_billings"),
        ("fct_collection_credit", "collected_date", "credited_collections"),
    ],
)
def test_every_credited_amount_equals_the_truth(
    built: duckdb.DuckDBPyConnection, truth: reference.Reference, fact: str, event_date: str, expected: str
) -> None:
    rows = built.execute(
        f"select source_key, employee_id, {event_date}, credit_share, credited_amount, credit_rule from core.{fact}"
    ).fetchall()

    wanted = [
        (one.document_key, one.employee_id, one.day, one.share, one.amount, one.rule)
        for one in getattr(truth, expected)()
    ]

    assert sorted(rows) == sorted(wanted)


def test_every_kpi_equals_the_truth(built: duckdb.DuckDBPyConnection, truth: reference.Reference) -> None:
    assert differing_kpis(built, truth.kpis()) == {}


def test_the_hard_cases_are_among_what_is_compared(company: BenchmarkCompany, truth: reference.Reference) -> None:
    found, compared = cases(company, truth), truth.kpis().keys()

    assert {name: (case.times, len(case.touched)) for name, case in found.items()} == {
        "transfer in mid-quarter": (1, 6),
        "region split": (1, 4),
        "return after period end": (12, 126),
        "foreign currency": (103, 256),
        "split deal": (26, 268),
        "late record": (5, 30),
        "corrected record": (3, 90),
        "target changed in mid-period": (2, 4),
        "leaver with open pipeline": (1, 9),
    }
    assert {name: case.touched - compared for name, case in found.items() if not case.touched <= compared} == {}


@pytest.mark.parametrize("metric", ["bookings", "billings", "collections"])
def test_people_and_units_and_company_add_up_to_the_source_in_every_period(
    built: duckdb.DuckDBPyConnection, company: BenchmarkCompany, truth: reference.Reference, metric: str
) -> None:
    found = built.execute(
        """
        select period_type, period_start, org_view,
            coalesce(sum(value) filter (subject_type = 'company'), 0),
            coalesce(sum(value) filter (subject_type = 'employee'), 0),
            coalesce(sum(value) filter (subject_type = 'org_unit' and list_contains($tops, subject_id)), 0)
        from marts.kpi_value where metric = $metric group by 1, 2, 3
        """,
        {"metric": metric, "tops": [*{unit.code for unit in company.units if unit.parent_code is None}, "unassigned"]},
    ).fetchall()

    source: dict[tuple[str, date], Decimal] = defaultdict(Decimal)
    for day, currency, amount in _documents(company, metric):
        for period_type in ("month", "quarter", "year"):
            converted = reference.half_up(amount * truth.rate(currency, day), 6)
            source[period_type, reference.period_of(period_type, day)] += converted
    assert len(found) == 2 * 17 and len(source) > 15  # nobody has paid in the first month
    assert [row for row in found if set(row[3:]) != {source[row[:2]]}] == []


def _documents(company: BenchmarkCompany, metric: str) -> Iterator[tuple[date, str, Decimal]]:
    """Day, currency and amount of every line or payment that counts."""
    if metric == "collections":
        posted = (one for one in company.payments if one.status == "posted")
        yield from ((one.payment_date, one.currency, one.amount) for one in posted)
    elif metric == "billings":
        for invoice in company.invoices:
            if invoice.status == "posted":
                yield from ((invoice.invoice_date, invoice.currency, line.net_amount) for line in invoice.lines)
    else:
        for order in company.orders:
            if order.status == "confirmed":
                yield from ((order.order_date, order.currency, line.net_amount) for line in order.lines)


def test_every_score_with_its_parts_and_components_equals_the_truth(
    built: duckdb.DuckDBPyConnection, truth: reference.Reference
) -> None:
    wanted = truth.scores(STANDARDS, truth.kpis())

    assert differing_scores(built, wanted) == {}
    assert {one.standard_id for one in wanted.values()} == {one.id for one in STANDARDS}
    assert any(len(one.parts) > 1 for one in wanted.values())
    assert any(one.reasons and one.score != one.uncapped for one in wanted.values())


def test_every_rating_and_rater_equals_the_truth_as_far_as_it_may_show(
    built: duckdb.DuckDBPyConnection, company: BenchmarkCompany, truth: reference.Reference
) -> None:
    wanted = truth.scores(STANDARDS, truth.kpis())

    assert differing_ratings(built, Ratings(company), wanted) == {}
    statuses = {row[0] for row in built.execute("select rating_status from marts.appraisal_rating").fetchall()}
    assert statuses == {"ok", "missing", "below_anonymity_floor", "too_few_raters"}


def test_the_parts_of_a_score_add_up_to_it(built: duckdb.DuckDBPyConnection) -> None:
    differing = built.execute(
        """
        select employee_id, period_start, score, sum(weighted_points)
        from marts.appraisal_score join marts.appraisal_component using (employee_id, period_type, period_start)
        group by all having score is distinct from sum(weighted_points)
        """
    ).fetchall()

    assert differing == []


def test_every_score_opens_down_to_the_truths_own_documents(
    built: duckdb.DuckDBPyConnection, truth: reference.Reference
) -> None:
    listed = built.execute(
        """
        select metric, employee_id, days_from, days_to, source_key, numerator
        from marts.appraisal_contribution join marts.appraisal_part
            using (employee_id, period_type, period_start, part_number)
        where fact_kind = 'record' and metric in ('bookings', 'collections')
        """
    ).fetchall()
    judged = {row[:4] for row in listed}
    documents: dict[tuple, Decimal] = defaultdict(Decimal)
    for metric, parts in (("bookings", truth.credited_sales()), ("collections", truth.credited_collections())):
        for part in parts:
            for key in judged:
                if key[:2] == (metric, part.employee_id) and key[2] <= part.day < key[3]:
                    documents[*key, part.document_key] += part.amount

    assert len(listed) > 300
    assert {row[:5]: row[5] for row in listed} == documents


def test_facts_add_up_to_component_and_score_and_stand_in_landing(built: duckdb.DuckDBPyConnection) -> None:
    scores, differing = built.execute(
        """
        select count(*), count(*) filter (where points is distinct from score) from marts.appraisal_score
        left join (select employee_id, period_type, period_start, sum(points) as points
            from marts.appraisal_contribution group by all) using (employee_id, period_type, period_start)
        """
    ).fetchall()[0]
    components = built.execute(
        """
        select metric from marts.appraisal_component left join marts.appraisal_contribution
            using (employee_id, period_type, period_start, metric)
        where weighted_points is not null group by employee_id, period_type, period_start, metric, weighted_points
        having sum(appraisal_contribution.points) is distinct from weighted_points
        """
    ).fetchall()
    missing = built.execute(
        """
        select source_entity, source_system, source_key, load_id from marts.appraisal_contribution
        where source_system is not null except select entity, source_system, source_key, load_id from core.landed_record
        """
    ).fetchall()

    assert (scores > 50, differing, components, missing) == (True, 0, [], [])


def test_every_commission_and_bonus_equals_the_truth(
    built: duckdb.DuckDBPyConnection, truth: reference.Reference
) -> None:
    kpis = truth.kpis()
    scores = truth.scores(STANDARDS, kpis)
    wanted = truth.statements(PLANS, kpis, scores)

    assert differing_statements(built, wanted) == {}
    assert differing_eligibility(built, truth.eligibility(PLANS, scores, wanted)) == {}
    assert {line.kind for one in wanted.values() for line in one.lines} == {
        *("sale", "return_in_period", "return", "bad_debt", "carried", "guarantee", "draw", "recovered", "bonus")
    }


def test_statements_pass_the_rules_of_the_gate(built: duckdb.DuckDBPyConnection) -> None:
    for make in (incentive.incentive_statement, incentive.incentive_line, incentive.incentive_eligibility):
        for rule in make([]).expectations:
            if isinstance(rule, FailingRows):
                assert built.execute(str(rule.unexpected_rows_query)).fetchall() == [], rule.meta


def test_customers_are_unified_as_the_truth_says(built: duckdb.DuckDBPyConnection, company: BenchmarkCompany) -> None:
    rows = built.execute("select customer_key, source_system, source_key from core.customer_source").fetchall()
    groups: dict[str, set[tuple[str, str]]] = {}
    for key, system, record in rows:
        groups.setdefault(key, set()).add((system, record))

    assert sorted(map(frozenset, groups.values()), key=sorted) == reference.same_customers(company)


def test_quotes_and_contracts_are_registered_with_owner_customer_and_standing(
    built: duckdb.DuckDBPyConnection, company: BenchmarkCompany
) -> None:
    rows = built.execute(
        "select source_key, contract_type, employee_id, customer_key, opportunity_key, status, amount, currency, "
        "valid_from, valid_to, is_in_force from marts.contract_register"
    ).fetchall()
    known = "select source_key, customer_key from core.customer_source where source_system = 'crm'"
    customers = dict(built.execute(known).fetchall())

    assert sorted(rows) == sorted(
        (
            one.key,
            one.contract_type,
            one.owner_number,
            customers[one.party_key],
            one.opportunity_key,
            one.status,
            one.amount,
            one.currency,
            one.valid_from,
            one.valid_to,
            one.status == {"quote": "open", "contract": "agreed"}[one.contract_type]
            and one.valid_from <= company.as_of
            and (one.valid_to is None or company.as_of < one.valid_to),
        )
        for one in company.contracts
    )
    assert {row[-1] for row in rows} == {True, False}


def test_every_stage_of_the_road_reconciles(built: duckdb.DuckDBPyConnection) -> None:
    rows = built.execute("select difference_count, difference_sum from marts.reconciliation").fetchall()

    assert len(rows) > 20
    assert all(count in (0, None) and total in (0, None) for count, total in rows)


def test_profile_and_lifecycle_tie_to_the_metrics(built: duckdb.DuckDBPyConnection, truth: reference.Reference) -> None:
    total, orders, repeat = built.execute(
        "select sum(net_amount), sum(order_count), count(*) filter (where is_repeat) from marts.customer_profile"
    ).fetchall()[0]
    states = dict(built.execute("select state, count(*) from marts.customer_lifecycle group by 1").fetchall())
    events = [event for event in truth.events() if event.day <= truth.company.as_of]
    counted = {
        metric: sum(event.numerator for event in events if event.metric == metric)
        for metric in ("bookings", "order_count", "new_customers", "churned_customers")
    }

    assert (total, orders) == (counted["bookings"], counted["order_count"])
    assert 0 < repeat <= states["new"] == counted["new_customers"]
    assert states["churned"] == counted["churned_customers"]
    assert 0 < states["won_back"] <= states["churned"]


def test_what_moved_bookings_adds_up_and_ties_to_the_metrics(
    built: duckdb.DuckDBPyConnection, truth: reference.Reference
) -> None:
    parts = "price + volume + mix + currency + customers_won + customers_lost + returns + other"
    broken = built.execute(f"select * from marts.sales_driver where change <> {parts}").fetchall()
    found = built.execute(
        "select subject_type, subject_id, period_type, period_start, 'bookings', 'as_was', bookings "
        "from marts.sales_driver where comparison = 'previous'"
    ).fetchall()
    # who sold nothing in a period may have no KPI of it, yet a change from the period before
    wanted = {key: kpi.numerator for key, kpi in truth.kpis().items()}

    assert broken == []
    assert len(found) > 100
    assert [row for row in found if row[6] != wanted.get(row[:6], 0)] == []


def test_open_deals_and_leads_are_foretold_and_levels_add_up(
    built: duckdb.DuckDBPyConnection, company: BenchmarkCompany
) -> None:
    deals = built.execute("select source_key, win_probability from marts.opportunity_forecast").fetchall()
    leads = built.execute("select lead_rank, source_key from marts.lead_ranking order by 1").fetchall()
    levels = built.execute(
        """
        select period_start,
            sum(value) filter (where subject_type = 'company'), sum(value) filter (where subject_id in
                (select org_unit_id from core.dim_org_unit where is_current and parent_org_unit_id is null))
        from marts.sales_forecast group by 1
        """
    ).fetchall()

    assert sorted(key for key, _ in deals) == sorted(one.key for one in company.opportunities if one.status == "open")
    assert all(0 < chance < 1 for _, chance in deals)
    assert {key for _, key in leads} == {lead.key for lead in company.leads if lead.status == "open"}
    assert [rank for rank, _ in leads] == list(range(1, len(leads) + 1))
    assert len(levels) == 6
    assert all(whole == parts for _, whole, parts in levels)


def test_every_target_by_days_posted_equals_the_truth(
    built: duckdb.DuckDBPyConnection, company: BenchmarkCompany
) -> None:
    rows = built.execute(
        "select subject_type, subject_id, period_type, period_start, metric, stated_value, pro_rated_value "
        "from core.int_target"
    ).fetchall()
    as_set, by_days = (reference.Reference(company, pro_rata=chosen).targets() for chosen in (False, True))

    assert {row[:5]: row[5] for row in rows} == as_set
    assert {row[:5]: row[6] for row in rows} == by_days
    assert 0 < sum(as_set[key] != by_days[key] for key in as_set) < len(as_set)


def test_target_marts_tie_to_the_targets(built: duckdb.DuckDBPyConnection) -> None:
    versions, in_force, too_late = built.execute(
        "select count(*), count(*) filter (where is_in_force), "
        "count(*) filter (where findings = 'effective_after_period') from marts.target_version"
    ).fetchall()[0]
    parts_differ = built.execute(
        "select employee_id from marts.target_share group by employee_id, metric, period_type, period_start, "
        "target_value having sum(amount) <> target_value or sum(share) <> 1"
    ).fetchall()
    moved = built.execute(
        "select count(*) from (select metric from marts.target_share group by employee_id, metric, period_type, "
        "period_start having count(*) > 1)"
    ).fetchall()
    people = built.execute(
        "select parts_value, (select sum(amount) from marts.target_share where metric = c.metric and "
        "period_type = c.period_type and period_start = c.period_start) from marts.target_cascade as c "
        "where subject_type = 'company' and level = 'employee'"
    ).fetchall()
    paced = built.execute(
        "select count(*) from marts.target_pace join marts.kpi_value using (subject_type, subject_id, metric, "
        "period_type, period_start) where org_view = 'as_was' and pace is distinct from attainment"
    ).fetchall()

    assert (versions - in_force, too_late) == (3, 1)
    assert parts_differ == [] and moved[0][0] > 0
    assert people and all(parts == whole for parts, whole in people)
    assert paced == [(0,)], "what is over is expected in full"
    assert built.execute("select count(*) from marts.target_check").fetchall() == [(in_force,)]


def test_the_calendar_works_the_days_the_state_council_announced(built: duckdb.DuckDBPyConnection) -> None:
    rows = built.execute("select date_day, working_days_before from core.int_working_day order by 1").fetchall()

    counted = {day: after - before for (day, before), (_, after) in pairwise(rows) if day.year in (2024, 2025)}
    assert len(counted) == 366 + 365
    assert [day for day, worked in counted.items() if worked != is_working_day(day)] == []


STRETCHES = st.lists(
    st.tuples(st.integers(1, 60), st.integers(0, 4)), min_size=1, max_size=12, unique_by=lambda pair: pair[0]
)
"""Days of the quarter on which a posting begins, and working days it has."""


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    stretches=STRETCHES,
    value=st.decimals(Decimal(0), Decimal(10**15), places=6, allow_nan=False),
    shuffle=st.randoms(use_true_random=False),
)
def test_parts_of_a_target_add_up_whatever_the_order(
    share_sql: str, stretches: list[tuple[int, int]], value: Decimal, shuffle: Random
) -> None:
    posted = sum(days for _, days in stretches)
    shuffled = shuffle.sample(stretches, len(stretches))
    parts, again = (_shares(share_sql, rows, value, posted) for rows in (stretches, shuffled))

    assert parts == again
    assert len(parts) == sum(days > 0 for _, days in stretches)
    if parts:
        assert (sum(amount for _, _, amount in parts), sum(share for _, share, _ in parts)) == (value, 1)
        rounding = Decimal("0.000001") * len(parts)
        days_of = {date(2025, 6, 30) + timedelta(days=day): days for day, days in stretches}
        assert all(abs(amount - value * days_of[start] / posted) <= rounding for start, _, amount in parts)


@pytest.fixture(scope="module")
def share_sql() -> str:
    """The SQL of `target_share` on the tables `int_target` and `int_posting_days` of the connection it runs on."""
    return re.sub(r'"warehouse"\."core"\."(\w+)"', r"\1", straight.sql_of("target_share"))


def _shares(
    sql: str, stretches: list[tuple[int, int]], value: Decimal, posted: int
) -> list[tuple[date, Decimal, Decimal]]:
    with duckdb.connect() as con:
        con.execute(
            "create table int_target as select 'employee' as subject_type, 'E1' as subject_id, 'bookings' as metric, "
            "'quarter' as period_type, date '2025-07-01' as period_start, $value::decimal(28, 6) as target_value, "
            "$value::decimal(28, 6) as stated_value, $value::decimal(28, 6) as pro_rated_value, true as is_additive, "
            "$posted::integer as posted_working_days, 65 as period_working_days",
            {"value": value, "posted": posted},
        )
        con.execute(
            "create table int_posting_days(employee_id varchar, period_type varchar, period_start date, "
            "posted_from date, posted_to date, org_unit_id varchar, role varchar, working_days integer)"
        )
        con.executemany(
            "insert into int_posting_days "
            "select 'E1', 'quarter', '2025-07-01', date '2025-06-30' + $day::integer, null, "
            "'T1', 'sales_rep', $days",
            [{"day": day, "days": days} for day, days in stretches],
        )
        return con.execute(f"select posted_from, share, amount from ({sql}) order by 1").fetchall()
