"""The gate over a whole warehouse: green as built, and for each thing broken the one rule that must name it."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from expectations.catalog import load, published
from expectations.gate import Limits, PreviousRelease, run_gate
from expectations.verdict import RuleResult, Verdict, render
from tests.expectations.warehouse import NOW, build, change


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The warehouse that breaks no rule; tests copy it."""
    return build(tmp_path_factory.mktemp("good") / "warehouse.duckdb")


@pytest.fixture
def warehouse(good: Path, tmp_path: Path) -> Path:
    """A copy to break."""
    copy = tmp_path / "warehouse.duckdb"
    copy.write_bytes(good.read_bytes())
    return copy


def gate(warehouse: Path, previous: PreviousRelease | None = None, **more: Any) -> Verdict:
    """The verdict at the fixture's moment, without a report."""
    settings = {"now": NOW, "limits": Limits(stale_sources="critical"), "docs_dir": None} | more
    return run_gate(warehouse, previous, **settings)


@pytest.fixture(scope="module")
def verdict_on_good(good: Path) -> Verdict:
    """The whole gate over the warehouse that breaks no rule."""
    return gate(good)


def named(results: tuple[RuleResult, ...]) -> set[tuple[str, str]]:
    """Table and rule of each result."""
    return {(result.table, result.rule) for result in results}


def test_the_good_warehouse_passes_every_rule(verdict_on_good: Verdict) -> None:
    assert verdict_on_good.passed, render(verdict_on_good)
    rules = len(verdict_on_good.passed_rules)
    assert rules > 150
    assert render(verdict_on_good).startswith(f"GATE PASSED: {rules} of {rules} rules passed")


def test_units_are_not_summed_over_a_period_in_which_one_comes_to_stand_below_another(warehouse: Path) -> None:
    change(
        warehouse,
        "update core.int_unit_ancestor set valid_from = '2025-01-15' where depth = 1",
        "update marts.kpi_value set value = 50 where subject_id = 'U1' and org_view = 'as_was'",
    )
    verdict = gate(warehouse, only={"marts.kpi_value"})
    assert verdict.passed, render(verdict)


@dataclass(frozen=True)
class Break:
    """One thing broken, the rule that must name it, and texts its rows must show."""

    sql: str
    table: str
    rule: str
    shows: tuple[str, ...]
    count: int = 1
    also: tuple[tuple[str, str], ...] = ()
    """Rules of other tables that the same break breaks too."""


BREAKS = {
    "duplicate order line": Break(
        "insert into canonical.sales_order_line select * from canonical.sales_order_line where source_key = '2'",
        "canonical.sales_order_line",
        "unique_key",
        ("source_system=erp", "source_key=2"),
        count=2,
    ),
    "duplicate mart row": Break(
        "insert into marts.kpi_value select * from marts.kpi_value where subject_id = 'E1'",
        "marts.kpi_value",
        "unique_key",
        ("subject_id=E1", "metric=bookings"),
        count=2,
    ),
    "two targets at once": Break(
        "update marts.target_version set is_in_force = true",
        "marts.target_version",
        "one_version_in_force",
        ("subject_id=E1", "versions_in_force=2"),
    ),
    "a cent of a target lost": Break(
        "update marts.target_share set amount = 66.66 where posted_from = '2025-01-11'",
        "marts.target_share",
        "parts_add_up",
        ("employee_id=E1", "parts=99.993333"),
    ),
    "gap of nothing": Break(
        "update marts.target_cascade set parts_value = null",
        "marts.target_cascade",
        "gap_is_the_difference",
        ("subject_id=U2", "gap=50"),
    ),
    "half a target expected of a whole month": Break(
        "update marts.target_pace set expected_value = 50",
        "marts.target_pace",
        "closed_is_expected_in_full",
        ("subject_id=E1", "expected_value=50"),
    ),
    "forecast outside its range": Break(
        "update marts.target_pace set landing_high = 199",
        "marts.target_pace",
        "range_holds_the_landing",
        ("subject_id=E1", "landing_high=199"),
    ),
    "duplicate customer": Break(
        "insert into core.dim_customer select * from core.dim_customer",
        "core.dim_customer",
        "unique_key",
        ("customer_key=C1",),
        count=4,
    ),
    "day missing from the calendar": Break(
        "delete from core.dim_date where date_day = '2025-01-11'",
        "core.dim_date",
        "no_day_missing",
        ("date_day=2025-01-12", "day_before=2025-01-10"),
    ),
    "holiday counted as a working day": Break(
        "update core.dim_date set working_day_number = 2 where date_day = '2025-01-12'",
        "core.dim_date",
        "counts_grow_on_working_days",
        ("date_day=2025-01-12", "days_more=1"),
    ),
    "a cent of a commission lost": Break(
        "update marts.incentive_line set amount = 4.99 where line_number = 1",
        "marts.incentive_statement",
        "lines_add_up",
        ("employee_id=E1", "earned_amount=5.00", "earned_amount_lines=4.99"),
    ),
    "a statement that asks for money": Break(
        "update marts.incentive_statement set earned_amount = -13, cap_reduction = -20, payable_amount = -4;"
        "update marts.incentive_line set amount = -13 where line_number = 1",
        "marts.incentive_statement",
        "payable_adds_up",
        ("payable_amount=-4.00", "sum_of_parts=-4.00"),
        also=(("marts.incentive_line", "never_taken_back_twice"),),
    ),
    "lines of nobody's statement": Break(
        "insert into marts.incentive_line select * replace ('other' as plan_id) from marts.incentive_line "
        "where line_number = 3",
        "marts.incentive_statement",
        "lines_add_up",
        ("plan_id=other", "payable_lines=1.00"),
    ),
    "a debt forgotten": Break(
        "update marts.incentive_statement set owed_before = 3",
        "marts.incentive_statement",
        "owed_goes_on",
        ("owed_before=3.00", "owed_last=0.00"),
    ),
    "paid by a version that is gone": Break(
        "update config.incentive_plan set plan_version = 2",
        "marts.incentive_statement",
        "version_in_force",
        ("plan_id=pay", "plan_version=1"),
    ),
    "commission on a sale that is not credited": Break(
        "update marts.incentive_line set credited_amount = 99 where line_number = 1",
        "marts.incentive_line",
        "line_is_in_facts",
        ("source_key=1", "credited_amount=99.000000"),
    ),
    "commission on a record nobody landed": Break(
        "update marts.incentive_line set load_id = 'l9' where line_number = 1",
        "marts.incentive_line",
        "record_is_landed",
        ("source_key=1", "load_id=l9"),
    ),
    "more taken back than paid": Break(
        "update marts.incentive_line set amount = -6 where line_number = 2",
        "marts.incentive_line",
        "never_taken_back_twice",
        ("earned=5.00", "taken_back=-6.00"),
        also=(("marts.incentive_statement", "lines_add_up"),),
    ),
    "bonus beside the statement": Break(
        "update marts.incentive_eligibility set amount = 11",
        "marts.incentive_eligibility",
        "bonus_is_paid",
        ("amount=11.00", "bonus_amount=10.00"),
    ),
    "eligible by another score": Break(
        "update marts.incentive_eligibility set grade = 'B'",
        "marts.incentive_eligibility",
        "score_is_published",
        ("grade=B",),
    ),
    "credit nobody can read": Break(
        "update core.fct_billing_credit set credit_rule = 'magic'",
        "core.dim_credit_rule",
        "every_rule_explained",
        ("fact=fct_billing_credit", "credit_rule=magic"),
    ),
    "second credit nobody declared": Break(
        "update core.fct_overlay_credit set overlay_id = 'lasers'",
        "core.fct_overlay_credit",
        "overlay_declared",
        ("overlay_id=lasers", "employee_id=E2"),
    ),
    "conflict of an unknown kind": Break(
        "update marts.credit_conflict set conflict_type = 'quarrel'",
        "marts.credit_conflict",
        "conflict_type_known",
        ("quarrel",),
    ),
    "customer above itself": Break(
        "update core.dim_customer set parent_customer_key = 'C2' where customer_key = 'C1'",
        "core.dim_customer",
        "no_cycle",
        ("customer_key=C1", "customer_key=C2", "customers_in_cycle=2"),
        count=2,
    ),
    "parent nobody knows": Break(
        "update core.dim_customer set parent_customer_key = 'C9' where customer_key = 'C2'",
        "core.dim_customer",
        "parent_customer_key_exists",
        ("customer_key=C2", "parent_customer_key=C9"),
    ),
    "field from another customer's record": Break(
        "update core.dim_customer_field set source_key = '2' where customer_key = 'C1'",
        "core.dim_customer_field",
        "record_is_the_customers",
        ("customer_key=C1", "field=customer_name", "source_key=2"),
    ),
    "gap between two states": Break(
        "update marts.customer_lifecycle set valid_to = '2025-01-09' where valid_to = '2025-01-10'",
        "marts.customer_lifecycle",
        "periods_follow_each_other",
        ("customer_key=C1", "valid_to=2025-01-09", "next_from=2025-01-10"),
    ),
    "two states at once": Break(
        "update marts.customer_lifecycle set valid_to = '2025-01-11' where valid_to = '2025-01-10'",
        "marts.customer_lifecycle",
        "periods_follow_each_other",
        ("customer_key=C1", "valid_to=2025-01-11", "next_from=2025-01-10"),
    ),
    "history that ends": Break(
        "update marts.customer_lifecycle set valid_to = '2025-03-01' where customer_key = 'C2'",
        "marts.customer_lifecycle",
        "periods_follow_each_other",
        ("customer_key=C2", "valid_to=2025-03-01"),
    ),
    "customer without a state": Break(
        "delete from marts.customer_lifecycle where customer_key = 'C2'",
        "marts.customer_lifecycle",
        "every_customer_has_a_state",
        ("customer_key=C2",),
    ),
    "customer without a profile": Break(
        "delete from marts.customer_profile where customer_key = 'C2'",
        "marts.customer_profile",
        "every_customer_has_a_profile",
        ("customer_key=C2",),
    ),
    "profile off by a cent": Break(
        "update marts.customer_profile set net_amount = 600.01 where customer_key = 'C1'",
        "marts.customer_profile",
        "money_adds_up_to_bookings",
        ("customer_key=C1", "net_amount=600.010000", "booked_amount=600.000000"),
    ),
    "answer beyond its scale": Break(
        "update canonical.survey_response set score = 6",
        "canonical.survey_response",
        "score_on_its_scale",
        ("source_key=1", "score=6.000", "scale_max=5.000"),
    ),
    "event of a kind nobody knows": Break(
        "update canonical.employment_event set event_type = 'sacked' where source_key = '2'",
        "canonical.employment_event",
        "event_type_known",
        ("source_key=2", "event_type=sacked"),
    ),
    "fewer than no posts": Break(
        "update canonical.headcount_plan set planned_headcount = -1 where source_key = '2'",
        "canonical.headcount_plan",
        "posts_not_negative",
        ("source_key=2", "planned_headcount=-1"),
    ),
    "two plans of one unit at once": Break(
        "update canonical.headcount_plan set valid_to = '2025-02-01' where source_key = '1'",
        "canonical.headcount_plan",
        "periods_do_not_overlap",
        ("unit_key=U2", "previous_end=2025-02-01"),
    ),
    "course that gives hours back": Break(
        "update canonical.training_record set hours = -1",
        "canonical.training_record",
        "hours_not_negative",
        ("source_key=1", "hours=-1.00"),
    ),
    "review of two employees": Break(
        "update canonical.review_rating set employee_key = 'E2' where source_key = '2'",
        "canonical.review_rating",
        "one_subject_and_period",
        ("review_key=E1-202501", "employees=2", "periods=1"),
    ),
    "market of nothing": Break(
        "update canonical.market_size set amount = 0 where source_key = '1'",
        "canonical.market_size",
        "size_above_zero",
        ("source_key=1", "amount=0.000000"),
    ),
    "market measured twice": Break(
        "update canonical.market_size set industry = null",
        "canonical.market_size",
        "measured_once",
        ("market_key=自动化", "sizes=2"),
    ),
    "range without its value": Break(
        "update marts.kpi_value set value_low = 3 where metric = 'new_customers'",
        "marts.kpi_value",
        "range_holds_the_value",
        ("metric=new_customers", "value_low=3", "value_high=2"),
    ),
    "range where nothing is open": Break(
        "update marts.kpi_value set value_low = value, value_high = value where subject_id = 'E1'",
        "marts.kpi_value",
        "range_holds_the_value",
        ("subject_id=E1", "metric=bookings"),
    ),
    "stated share of 0.9": Break(
        "update canonical.credit_split set credit_share = 0.233333333 where source_key = '3|E1'",
        "canonical.credit_split",
        "shares_sum_to_one",
        ("order_key=3", "sum_of_shares=0.900000000"),
    ),
    "stated share beyond 1": Break(
        "update canonical.credit_split set credit_share = case source_key when '3|E1' then 1.5 else -0.5 end",
        "canonical.credit_split",
        "share_within_bounds",
        ("credit_share=1.5", "credit_share=-0.5"),
        count=2,
    ),
    "credited share short by a billionth": Break(
        "update core.fct_sales_credit set credit_share = 0.333333332 where source_key = '3' and employee_id = 'E1'",
        "core.fct_sales_credit",
        "shares_sum_to_one",
        ("source_key=3", "sum_of_shares=0.999999999"),
    ),
    "orphan unit": Break(
        "update core.dim_org_unit set parent_org_unit_id = 'U9' where org_unit_id = 'U2'",
        "core.dim_org_unit",
        "parent_exists_at_the_time",
        ("org_unit_id=U2", "parent_org_unit_id=U9"),
    ),
    "parent that ends before its child": Break(
        "update core.dim_org_unit set valid_to = '2025-01-01' where org_unit_id = 'U1'",
        "core.dim_org_unit",
        "parent_exists_at_the_time",
        ("org_unit_id=U2", "parent_org_unit_id=U1"),
    ),
    "units above each other": Break(
        "update core.dim_org_unit set parent_org_unit_id = 'U2' where org_unit_id = 'U1'",
        "core.dim_org_unit",
        "no_cycle",
        ("org_unit_id=U1", "org_unit_id=U2"),
        count=2,
    ),
    "overlapping versions of a unit": Break(
        "insert into core.dim_org_unit by name (select 'U2' as org_unit_id, 'x' as unit_name, "
        "date '2024-01-01' as valid_from, date '2025-01-01' as valid_to)",
        "core.dim_org_unit",
        "periods_do_not_overlap",
        ("org_unit_id=U2", "valid_from=2024-01-01", "previous_end=9999-12-31"),
    ),
    "two primary postings at once": Break(
        "update core.dim_assignment set valid_to = '2025-02-01' where source_key = '1'",
        "core.dim_assignment",
        "periods_do_not_overlap",
        ("employee_id=E1", "previous_end=2025-02-01"),
    ),
    "posting to no unit": Break(
        "update core.dim_assignment set org_unit_id = 'U7' where source_key = '2'",
        "core.dim_assignment",
        "unit_exists_at_the_time",
        ("employee_id=E1", "org_unit_id=U7"),
    ),
    "share of time above one": Break(
        "update core.dim_assignment set time_share = 1.5 where source_key = '2'",
        "core.dim_assignment",
        "time_share_is_a_share",
        ("employee_id=E1", "time_share=1.500000"),
    ),
    "manager nobody knows": Break(
        "update core.dim_assignment set manager_employee_id = 'E8' where source_key = '2'",
        "core.dim_assignment",
        "manager_exists",
        ("manager_employee_id=E8", "employee_id=E1"),
    ),
    "credited employee nobody knows": Break(
        "update core.fct_sales_credit set employee_id = 'E8' where source_key = '1'",
        "core.fct_sales_credit",
        "employee_exists",
        ("source_key=1", "employee_id=E8"),
    ),
    "credited unit nobody knows": Break(
        "update core.fct_billing_credit set org_unit_id = 'U8'",
        "core.fct_billing_credit",
        "unit_exists",
        ("source_key=1", "org_unit_id=U8"),
    ),
    "fact's customer nobody knows": Break(
        "update core.fct_collection_credit set customer_key = 'C8'",
        "core.fct_collection_credit",
        "customer_exists",
        ("source_key=1", "customer_key=C8"),
    ),
    "record of no customer": Break(
        "insert into canonical.customer_record by name (select 'erp' as source_system, '3' as source_key, "
        "'l1' as load_id, 'person' as party_type, '乙' as customer_name)",
        "core.customer_source",
        "no_record_lost",
        ("source_system=erp", "source_key=3"),
    ),
    "line without its order": Break(
        "update canonical.sales_order_line set order_key = '77' where source_key = '1'",
        "canonical.sales_order_line",
        "order_exists",
        ("source_key=1", "order_key=77"),
    ),
    "missing currency of an order": Break(
        "update canonical.sales_order set currency = null where source_key = '2'",
        "canonical.sales_order",
        "currency_present",
        ("source_key=2", "net_amount=200.000000", "currency=null"),
    ),
    "missing currency of an order known by its lines": Break(
        "update canonical.sales_order set currency = ' ', net_amount = null where source_key = '2'",
        "canonical.sales_order",
        "currency_present",
        ("source_key=2",),
    ),
    "missing currency of an invoice": Break(
        "update canonical.invoice set currency = null", "canonical.invoice", "currency_present", ("source_key=1",)
    ),
    "missing currency of a payment": Break(
        "update canonical.payment set currency = ''", "canonical.payment", "currency_present", ("source_key=1",)
    ),
    "missing currency of an opportunity": Break(
        "update canonical.opportunity set currency = null",
        "canonical.opportunity",
        "currency_present",
        ("source_key=1",),
    ),
    "missing currency of a contract": Break(
        "update canonical.contract set currency = null", "canonical.contract", "currency_present", ("source_key=1",)
    ),
    "neither quote nor contract": Break(
        "update canonical.contract set contract_type = 'order'",
        "canonical.contract",
        "contract_type_known",
        ("source_key=1", "contract_type=order"),
    ),
    "status nobody knows": Break(
        "update canonical.sales_order set status = 'done' where source_key = '3'",
        "canonical.sales_order",
        "status_known",
        ("source_key=3", "status=done"),
    ),
    "missing exchange rate": Break(
        "insert into core.missing_rate values ('fct_sales_credit', 'EUR', '2025-01-10', 1, 50)",
        "core.missing_rate",
        "exchange_rate_known",
        ("currency=EUR", "event_date=2025-01-10", "document_amount=50.000000"),
    ),
    "empty required column": Break(
        "update canonical.employee set employee_name = null where source_key = '2'",
        "canonical.employee",
        "required_columns",
        ("source_key=2", "empty_columns=employee_name"),
    ),
    "column of another type": Break(
        "alter table canonical.product alter product_code type integer",
        "canonical.product",
        "contract",
        ("column_name=product_code", "declared_type=VARCHAR", "actual_type=INTEGER"),
    ),
    "column that is gone": Break(
        "alter table marts.metric_registry drop column formula",
        "marts.metric_registry",
        "contract",
        ("column_name=formula", "actual_type=missing"),
    ),
    "negative weight of a standard": Break(
        "update config.appraisal_weight set weight = case metric when 'visits' then -40 else 140 end",
        "config.appraisal_weight",
        "weight_between_0_and_100",
        ("standard_id=rep", "metric=visits", "weight=-40.0000"),
        count=2,
    ),
    "weights that miss 100": Break(
        "update config.appraisal_weight set weight = 39 where metric = 'visits'",
        "config.appraisal_weight",
        "weights_sum_to_100",
        ("standard_id=rep", "sum_of_weights=99.0000"),
    ),
    "negative weight of a component": Break(
        "update marts.appraisal_component set weight = -40 where metric = 'visits'",
        "marts.appraisal_component",
        "weight_between_0_and_100",
        ("metric=visits", "weight=-40"),
    ),
    "score above the cap": Break(
        "update marts.appraisal_score set score = 120.5, uncapped_score = 120.5; "
        "update marts.appraisal_component set weighted_points = 101 where metric = 'bookings'; "
        "update marts.appraisal_part_component set weighted_points = 101 where metric = 'bookings'; "
        "update marts.appraisal_contribution set points = 95 where source_key = '3'",
        "marts.appraisal_score",
        "score_within_bounds",
        ("employee_id=E1", "score=120.5", "most=120.0000"),
    ),
    "score where there was too little data": Break(
        "update marts.appraisal_score set status = 'too_little_data'",
        "marts.appraisal_score",
        "null_is_not_zero",
        ("employee_id=E1", "status=too_little_data"),
    ),
    "score lowered by nothing": Break(
        "update marts.appraisal_score set uncapped_score = 90",
        "marts.appraisal_score",
        "cap_has_a_reason",
        ("employee_id=E1", "uncapped_score=90"),
    ),
    "grade for more people than its share": Break(
        "update config.grade_band set min_score = null, share_pct = 40; "
        "update config.appraisal_standard set ties = 'worse'",
        "marts.appraisal_score",
        "no_grade_above_its_share",
        ("standard_id=rep", "position=1", "holders=1", "people=1"),
    ),
    "parts that share a day": Break(
        "insert into marts.appraisal_part by name (select * replace (2 as part_number, date '2025-01-31' as days_from) "
        "from marts.appraisal_part)",
        "marts.appraisal_part",
        "parts_do_not_overlap",
        ("part_number=2", "previous_end=2025-02-01"),
    ),
    "version edited away": Break(
        "update config.appraisal_standard set valid_from = date '2025-01-02'",
        "marts.appraisal_part",
        "version_in_force",
        ("standard_id=rep", "standard_version=1"),
    ),
    "score of a part that does not count": Break(
        "update marts.appraisal_part set part_status = 'too_few_days'",
        "marts.appraisal_part",
        "score_is_there",
        ("part_status=too_few_days",),
    ),
    "part that its component does not hold": Break(
        "update marts.appraisal_part_component set weighted_points = 19.4 where metric = 'visits'",
        "marts.appraisal_part_component",
        "adds_to_the_component",
        ("metric=visits", "weighted_points=19.5", "sum_of_parts=19.4"),
    ),
    "component with another value than the KPI": Break(
        "update marts.appraisal_part_component set raw_value = 201 where metric = 'bookings'",
        "marts.appraisal_part_component",
        "undivided_is_the_kpi",
        ("metric=bookings", "raw_value=201", "value=200"),
    ),
    "anonymous raters that show": Break(
        "update marts.appraisal_rating set raters = 2",
        "marts.appraisal_rating",
        "anonymous_raters_do_not_show",
        ("rater_kind=peer", "raters=2", "anonymity_floor=3"),
    ),
    "rater below the floor who shows": Break(
        "update marts.appraisal_rater set rater_status = 'below_anonymity_floor'",
        "marts.appraisal_rater",
        "anonymous_raters_do_not_show",
        ("rater_employee_id=E2", "ratings=3"),
    ),
    "rating beyond its scale": Break(
        "update canonical.review_rating set score = 6, scale_max = 5 where source_key = '2'",
        "canonical.review_rating",
        "score_within_the_scale",
        ("source_key=2", "score=6", "scale_max=5"),
    ),
    "talk about a quarter": Break(
        "update canonical.appraisal_action set period_type = 'quarter'",
        "canonical.appraisal_action",
        "talks_are_about_months",
        ("source_key=1", "period_type=quarter"),
    ),
    "step done late that is called done": Break(
        "update marts.appraisal_calendar set done_date = '2025-02-15'",
        "marts.appraisal_calendar",
        "state_follows_from_dates",
        ("step=reviewed", "due_date=2025-02-14", "state=done"),
    ),
    "score without a state": Break(
        "delete from marts.appraisal_state",
        "marts.appraisal_state",
        "one_state_per_score",
        ("employee_id=E1",),
    ),
    "decision without an outcome": Break(
        "update canonical.dispute set outcome = null",
        "canonical.dispute",
        "decided_with_an_outcome",
        ("source_key=1", "decided_date=2025-02-10", "outcome=null"),
    ),
    "share of fifty": Break(
        "update canonical.dispute set claimed_share = 50",
        "canonical.dispute",
        "share_between_0_and_1",
        ("source_key=1", "claimed_share=50"),
    ),
    "dispute that is not listed": Break(
        "delete from marts.dispute_register",
        "marts.dispute_register",
        "every_dispute_listed",
        ("source_key=1",),
    ),
    "decided dispute that is called open": Break(
        "update marts.dispute_register set state = 'open'",
        "marts.dispute_register",
        "state_follows_from_dates",
        ("decided_date=2025-02-10", "state=open"),
    ),
    "claim that changes more than it does": Break(
        "update marts.dispute_register set score_change = 2",
        "marts.dispute_register",
        "change_is_the_difference",
        ("score_computed=85.50", "score_if_right=86.50", "score_change=2"),
    ),
    "fact that does not add up": Break(
        "update marts.appraisal_contribution set points = points + (case fact_number when 1 then 0.01 else -0.01 end)",
        "marts.appraisal_contribution",
        "adds_to_the_component",
        ("employee_id=E1", "metric=visits", "weighted_points=19.5", "points=19.51"),
    ),
    "value that its facts do not give": Break(
        "update marts.appraisal_part_component set numerator = 200 where metric = 'bookings'",
        "marts.appraisal_contribution",
        "facts_give_the_value",
        ("metric=bookings", "numerator=200"),
    ),
    "fact without a record": Break(
        "update marts.appraisal_contribution set load_id = null, source_system = null where source_key = '3'",
        "marts.appraisal_contribution",
        "record_is_named",
        ("fact_number=1", "source_key=3"),
    ),
    "record that was never landed": Break(
        "update core.landed_record set load_id = 'l2' where source_key = '3'",
        "marts.appraisal_contribution",
        "record_is_landed",
        ("source_system=erp", "source_key=3", "load_id=l1"),
    ),
    "score that cannot be found again": Break(
        "update marts.appraisal_flip set score_without = 85.4 where left_out_kind = 'nothing'",
        "marts.appraisal_flip",
        "nothing_left_out_is_the_score",
        ("employee_id=E1", "score=85.50", "score_without=85.40"),
    ),
    "landed record without a fate": Break(
        "delete from marts.record_fate_total where fate = 'superseded'",
        "marts.record_fate_total",
        "add_up_to_what_landed",
        ("stream=sale_order_line", "landed_rows=3", "records_with_a_fate=2"),
    ),
    "record with two fates": Break(
        "update marts.record_fate_total set records = 2 where fate = 'credited'",
        "marts.record_fate_total",
        "add_up_to_what_landed",
        ("landed_rows=3", "records_with_a_fate=4"),
    ),
    "record that no rule explains": Break(
        "update core.int_record_fate set fate = 'lost' where fate = 'credited'; "
        "update marts.record_fate_total set fate = 'lost' where fate = 'credited'",
        "marts.record_fate_total",
        "nothing_is_lost",
        ("record_key=1", "entity=sales_order_line", "load_id=l1"),
    ),
    "fate that is not listed": Break(
        "delete from marts.record_fate",
        "marts.record_fate",
        "lists_what_the_totals_say",
        ("fate=not_counted", "records=1"),
    ),
    "breach of no limit": Break(
        "update marts.appraisal_gate set is_breached = true",
        "marts.appraisal_gate",
        "breach_is_measured",
        ("gate_id=few", "value=200", "breach=below"),
    ),
    "score that its parts do not give": Break(
        "update marts.appraisal_component set weighted_points = 19.4 where metric = 'visits'; "
        "update marts.appraisal_part_component set weighted_points = 19.4 where metric = 'visits'; "
        "update marts.appraisal_contribution set points = 19.4 where metric = 'visits'",
        "marts.appraisal_score",
        "weighted_points_add_up",
        ("employee_id=E1", "score=85.5", "sum_of_weighted_points=85.4"),
    ),
    "grade of no standard": Break(
        "update marts.appraisal_score set grade = 'S', earned_grade = 'S'",
        "marts.appraisal_score",
        "grade_known",
        ("employee_id=E1", "grade=S"),
    ),
    "points beyond the cap": Break(
        "update marts.appraisal_part_component set points = 130 where metric = 'bookings'",
        "marts.appraisal_part_component",
        "points_within_cap",
        ("metric=bookings", "points=130", "cap=120.0000"),
    ),
    "component of no score": Break(
        "insert into marts.appraisal_component by name (select 'E2' as employee_id, 'month' as period_type, "
        "date '2025-01-01' as period_start, 'visits' as metric, 'rep' as standard_id, 1 as standard_version, "
        "40 as weight)",
        "marts.appraisal_component",
        "score_exists",
        ("employee_id=E2", "metric=visits"),
    ),
    "reconciliation off by a cent": Break(
        "update marts.reconciliation set difference_sum = 0.01 where entity = 'sales_order_line'",
        "marts.reconciliation",
        "ties_to_the_cent",
        ("stage=canonical_to_credit", "entity=sales_order_line", "difference_sum=0.010000"),
    ),
    "stream that never synced": Break(
        "update marts.source_freshness set last_success_at = null, stale_after = null, last_error = 'HTTP 401'",
        "marts.source_freshness",
        "fresh",
        ("source_system=erp", "last_success_at=null", "last_error=HTTP 401"),
    ),
    "source that never synced": Break(
        "insert into config.source values ('crm', 'salesforce', 2, 24)",
        "marts.source_freshness",
        "every_source_synced",
        ("source_system=crm",),
    ),
    "zero in place of no data": Break(
        "update marts.kpi_value set value = 0 where metric = 'visits'",
        "marts.kpi_value",
        "null_is_not_zero",
        ("metric=visits", "value=0", "value_status=no_data"),
    ),
    "rate without a denominator": Break(
        "update marts.kpi_value set denominator = 0 where subject_id = 'E1'",
        "marts.kpi_value",
        "no_rate_without_denominator",
        ("subject_id=E1", "denominator=0"),
    ),
    "an employee's cent that reaches no unit": Break(
        "update marts.kpi_value set value = value + 0.01 where subject_id = 'E2' and org_view = 'as_was'",
        "marts.kpi_value",
        "people_and_units_add_up_to_the_company",
        ("metric=collections", "org_view=as_was", "company=100.000000000", "employees=100.010000000"),
    ),
    "a unit's cent too much on today's tree": Break(
        "update marts.kpi_value set value = value - 0.01 where subject_id = 'U1' and org_view = 'as_is'",
        "marts.kpi_value",
        "people_and_units_add_up_to_the_company",
        ("org_view=as_is", "employees=100.000000000", "top_units=99.990000000"),
    ),
    "attainment without a target": Break(
        "update marts.kpi_value set attainment = 1 where subject_id = 'E1'",
        "marts.kpi_value",
        "attainment_needs_a_target",
        ("subject_id=E1", "target=null"),
    ),
    "metric nobody described": Break(
        "update marts.kpi_value set metric = 'luck' where subject_id = 'E1'",
        "marts.kpi_value",
        "metric_exists",
        ("subject_id=E1", "metric=luck"),
    ),
    "subject nobody knows": Break(
        "update marts.kpi_value set subject_id = 'U8' where subject_type = 'org_unit' and metric = 'bookings'",
        "marts.kpi_value",
        "subject_exists",
        ("subject_type=org_unit", "subject_id=U8"),
    ),
    "history of a key edited": Break(
        "update core.customer_key_event set reason = 'tidied up' where event_no = 1",
        "core.customer_key_event",
        "book_is_only_written_on",
        ("source_key=1", "reason=first seen"),
    ),
    "two keys for one customer": Break(
        "update core.int_customer_resolution set cluster_id = 'erp:1'",
        "core.customer_key_event",
        "one_key_per_cluster",
        ("cluster_id=erp:1", "keys=2"),
    ),
    "one key for two customers": Break(
        "update core.customer_source set customer_key = 'C1'; delete from core.customer_decision",
        "core.customer_key_event",
        "one_cluster_per_key",
        ("customer_key=C1", "clusters=2"),
        also=(
            ("core.dim_customer", "customer_has_a_record"),
            ("core.dim_customer_field", "record_is_the_customers"),
        ),
    ),
    "joined against a person's decision": Break(
        "update core.customer_source set customer_key = 'C1'; "
        "update core.int_customer_resolution set cluster_id = 'erp:1'",
        "core.customer_key_event",
        "kept_apart_as_decided",
        ("record_id_l=erp:1", "decided_by=李敏"),
        also=(
            ("core.dim_customer", "customer_has_a_record"),
            ("core.dim_customer_field", "record_is_the_customers"),
        ),
    ),
    "empty mart": Break(
        "delete from marts.kpi_value", "marts.kpi_value", "not_empty_when_fed", ("fact=sales",), count=4
    ),
    "facts lost on the way": Break(
        "delete from core.fct_collection_credit",
        "core.fct_collection_credit",
        "not_empty_when_fed",
        ("fed_by=canonical.payment", "rows_there=1"),
    ),
}


def test_a_decision_about_a_record_nobody_has_is_a_warning(warehouse: Path) -> None:
    change(warehouse, "update core.customer_decision set record_id_r = 'erp:99'")
    verdict = gate(warehouse, only={"core.customer_decision"})
    assert verdict.passed
    (warned,) = [result for result in verdict.warned if result.rule == "decides_on_known_records"]
    assert (warned.table, warned.failing_count) == ("core.customer_decision", 1)


@pytest.mark.slow
@pytest.mark.parametrize("name", BREAKS)
def test_one_thing_broken_breaks_one_rule_of_the_whole_gate(warehouse: Path, name: str) -> None:
    broken = BREAKS[name]
    verdict = gate(change(warehouse, broken.sql))
    assert verdict.errored == ()
    assert named(verdict.failed) == {(broken.table, broken.rule), *broken.also}


@pytest.mark.parametrize("name", BREAKS)
def test_one_thing_broken_is_named_by_rule_table_and_rows(warehouse: Path, name: str) -> None:
    broken = BREAKS[name]
    verdict = gate(change(warehouse, broken.sql), only={broken.table})
    assert not verdict.passed
    assert verdict.errored == ()
    assert named(verdict.failed) == {(broken.table, broken.rule)}
    assert verdict.failed[0].failing_count == broken.count
    message = render(verdict)
    assert f"{broken.table}: {broken.rule} - {broken.count} row(s)" in message
    for text in broken.shows:
        assert text in message
    assert "next: " in message


def test_a_rule_that_cannot_run_is_errored_and_not_passed(warehouse: Path) -> None:
    verdict = gate(
        change(warehouse, "alter table marts.source_freshness drop column stale_after"), only={"marts.source_freshness"}
    )
    assert not verdict.passed
    assert ("marts.source_freshness", "fresh") in named(verdict.errored)
    assert ("marts.source_freshness", "fresh") not in named(verdict.passed_rules)
    assert "stale_after" in render(verdict)


def test_a_missing_table_errors_all_its_rules_and_those_that_look_into_it(warehouse: Path) -> None:
    change(warehouse, "drop table core.dim_employee")
    verdict = gate(warehouse, only={"core.dim_employee", "core.fct_sales_credit"})
    assert not verdict.passed and verdict.failed == ()
    assert {("core.dim_employee", "contract"), ("core.fct_sales_credit", "employee_exists")} <= named(verdict.errored)
    assert "there is no table core.dim_employee" in render(verdict)


def test_a_table_may_shrink_by_the_limit_and_not_by_more(warehouse: Path) -> None:
    before = PreviousRelease("r1", {"canonical.sales_order_line": 4, "canonical.payment": 1, "marts.reconciliation": 2})
    only = set(before.row_counts)
    verdict = gate(warehouse, before, only=only)
    assert named(verdict.failed) == {("canonical.sales_order_line", "volume")}
    assert "at least 4 rows (the last release had 4)" in render(verdict)
    assert "3 rows in the table" in render(verdict)
    assert gate(warehouse, before, only=only, limits=Limits(max_shrink_pct=Decimal(25))).passed


def test_a_source_is_stale_only_after_its_hours(warehouse: Path) -> None:
    limit = NOW.replace(hour=14)
    only = {"marts.source_freshness"}
    assert gate(warehouse, now=limit, only=only).passed
    assert named(gate(warehouse, now=limit + timedelta(seconds=1), only=only).failed) == {
        ("marts.source_freshness", "fresh")
    }


def test_staleness_is_a_warning_unless_the_company_says_otherwise(warehouse: Path) -> None:
    verdict = gate(warehouse, now=NOW + timedelta(days=9), only={"marts.source_freshness"}, limits=Limits())
    assert verdict.passed
    assert named(verdict.warned) == {("marts.source_freshness", "fresh")}


QUARANTINED = (
    "insert into landing.mapped__quarantine values "
    "('crm', 'deals', 'opportunity', '6', 'amount', '1,250.5', 'decimal', 'l1'), "
    "('crm', 'deals', 'opportunity', '7', 'amount', '12,5', 'decimal', 'l1'), "
    "('crm', 'deals', 'opportunity', '9', 'closed_date', '31.2.2025', 'date', 'l1')"
)


def test_quarantined_rows_are_a_warning_with_their_money(warehouse: Path) -> None:
    verdict = gate(change(warehouse, QUARANTINED), only={"landing.mapped__quarantine"})
    assert verdict.passed
    assert named(verdict.warned) == {("landing.mapped__quarantine", "quarantine_is_empty")}
    message = render(verdict)
    assert "quarantine_is_empty - 3 row(s)" in message
    assert "raw_value=1,250.5, expected=decimal, money_impact=1250.5" in message
    assert "raw_value=12,5, expected=decimal, money_impact=unknown: 12,5" in message
    assert "column_name=closed_date, raw_value=31.2.2025, expected=date, money_impact=unknown" in message
    assert verdict.summary()["warned"][0]["failing_count"] == 3


def test_too_many_quarantined_rows_refuse_the_release(warehouse: Path) -> None:
    change(warehouse, QUARANTINED)
    assert gate(warehouse, only={"landing.mapped__quarantine"}, limits=Limits(max_quarantined_rows=3)).passed
    refused = gate(warehouse, only={"landing.mapped__quarantine"}, limits=Limits(max_quarantined_rows=2))
    assert named(refused.failed) == {("landing.mapped__quarantine", "quarantine_within_limit")}


def test_references_that_lead_nowhere_are_a_warning(warehouse: Path) -> None:
    row = "insert into core.unresolved_reference values ('sales_order', 'erp', '1', 'owner_employee_key', '99')"
    verdict = gate(change(warehouse, row), only={"core.unresolved_reference"})
    assert verdict.passed and named(verdict.warned) == {("core.unresolved_reference", "references_resolved")}


def test_a_dispute_one_decides_about_oneself_is_a_warning(warehouse: Path) -> None:
    change(warehouse, "update marts.dispute_register set decided_by_employee_id = 'E1'")
    verdict = gate(warehouse, only={"marts.dispute_register"})
    assert verdict.passed and named(verdict.warned) == {("marts.dispute_register", "decided_by_somebody_else")}


def test_parents_that_contradict_each_other_are_a_warning(warehouse: Path) -> None:
    row = "insert into core.customer_hierarchy_conflict values ('C1', 'C2', 'circle', false, 'source')"
    verdict = gate(change(warehouse, row), only={"core.customer_hierarchy_conflict"})
    assert verdict.passed
    assert named(verdict.warned) == {("core.customer_hierarchy_conflict", "hierarchy_agrees")}
    assert "customer_key=C1, parent_customer_key=C2, conflict=circle" in render(verdict)


def test_a_rule_broken_everywhere_counts_all_rows_and_shows_ten(warehouse: Path) -> None:
    verdict = gate(
        change(
            warehouse,
            "insert into core.missing_rate select 'f', 'EUR', date '2025-01-01' + i::int, 1, 1 from range(500) t(i)",
        ),
        only={"core.missing_rate"},
    )
    (broken,) = verdict.failed
    assert broken.failing_count == 500
    assert len(broken.sample_rows) == 10
    assert broken.sample_rows[0]["event_date"] == date(2025, 1, 1)
    assert "... and 490 more" in render(verdict)


def test_everything_published_and_every_entity_is_gated_and_told_in_two_languages(verdict_on_good: Verdict) -> None:
    results = verdict_on_good.results
    judged = {result.table for result in results}
    tables = load()
    assert {table.relation for table in published(tables)} <= judged
    assert {table.relation for table in tables.values() if table.schema == "canonical"} <= judged
    for result in results:
        assert result.description_en.isascii() and result.description_zh and not result.description_zh.isascii()
        assert result.next_step


def test_the_report_names_broken_rules_and_rows_and_escapes_them(warehouse: Path) -> None:
    verdict = gate(
        change(warehouse, "update canonical.sales_order set status = '<b>done' where source_key = '3'"),
        docs_dir=warehouse.parent / "docs",
        only={"canonical.sales_order"},
    )
    assert verdict.docs is not None
    page = verdict.docs.read_text(encoding="utf-8")
    assert "Gate refused" in page and "canonical.sales_order" in page and "status_known" in page
    assert "&lt;b&gt;done" in page and "<b>done" not in page
    assert "订单状态" in page
    assert (verdict.docs.parent / "great_expectations" / "index.html").is_file()


def test_the_gate_only_reads_the_warehouse(warehouse: Path) -> None:
    before = warehouse.read_bytes()
    gate(warehouse, only={"marts.kpi_value"})
    assert warehouse.read_bytes() == before
    with duckdb.connect(str(warehouse)) as con:  # nobody holds it any more
        con.execute("create table main.free as select 1")
