"""All suites of the gate, put together from what the dbt YAML declares and what the modules by table group add.

Everything published and every canonical entity has a suite: its shape always, its own rules where a module has them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import partial

import great_expectations as gx
from great_expectations.expectations.expectation import Expectation

from expectations import (
    appraisal,
    calendar,
    credit,
    customers,
    cycle,
    dispute,
    explain,
    forecast,
    incentive,
    operations,
    organisation,
    people,
    process,
    restatement,
    sales,
    steering,
    targets,
)
from expectations.catalog import Table
from expectations.closing import closing_tables
from expectations.rules import suite
from expectations.shape import shape
from expectations.verdict import Severity

Suite = Callable[[list[Expectation]], gx.ExpectationSuite]


@dataclass(frozen=True)
class Parameters:
    """What the rules compare with, as data: nothing here is read from a clock or a file."""

    rows_before: Mapping[str, int]
    """Rows by `schema.table` of the last release; empty when there was none."""
    max_shrink_pct: Decimal
    max_quarantined_rows: int | None
    """None: any number of quarantined rows is only reported."""
    now: datetime
    stale_sources: Severity = "warning"
    """How bad a source is that has not synced in time."""
    is_settled: bool = False
    """Whether the candidate's closed periods were settled after its build."""


def all_suites(tables: Mapping[str, Table], parameters: Parameters) -> list[gx.ExpectationSuite]:
    """Every suite, one per table."""
    own = _own(parameters)
    own["marts.restatement"] = restatement.restatement
    own["marts.closed_period"] = partial(
        restatement.closed_period, tables=closing_tables(tables), is_settled=parameters.is_settled
    )
    gated = [table for table in tables.values() if table.published or table.schema == "canonical"]
    suites = [_suite(table, own.pop(table.relation, None), parameters) for table in gated]
    declared = {table.relation: table for table in tables.values()}
    for relation, make in own.items():
        table = declared.get(relation)
        suites.append(_suite(table, make, parameters) if table else make([]))
    return [*suites, appraisal.appraisal_weight(), operations.quarantine(parameters.max_quarantined_rows)]


def _suite(table: Table, own: Suite | None, parameters: Parameters) -> gx.ExpectationSuite:
    rules = shape(table, parameters.rows_before.get(table.relation), float(parameters.max_shrink_pct))
    return own(rules) if own else suite(table.relation, *rules)


def _own(parameters: Parameters) -> dict[str, Suite]:
    """Suites with rules of their own, by table."""
    return {
        "canonical.sales_order": sales.sales_order,
        "canonical.sales_order_line": sales.sales_order_line,
        "canonical.credit_split": sales.credit_split,
        "canonical.invoice": sales.invoice,
        "canonical.invoice_line": sales.invoice_line,
        "canonical.payment": sales.payment,
        "canonical.opportunity": sales.opportunity,
        "canonical.contract": sales.contract,
        "core.dim_date": calendar.dim_date,
        "canonical.stage_event": process.stage_event,
        "marts.stage_history": process.stage_history,
        "marts.open_item": process.open_item,
        "marts.time_in_stage": process.time_in_stage,
        "marts.process_kpi": process.process_kpi,
        "core.dim_org_unit": organisation.dim_org_unit,
        "core.dim_employee": organisation.dim_employee,
        "core.dim_assignment": organisation.dim_assignment,
        "marts.org_finding": organisation.org_finding,
        "marts.org_correction": organisation.org_correction,
        "core.dim_customer": customers.dim_customer,
        "core.customer_source": customers.customer_source,
        "core.customer_decision": customers.customer_decision,
        "core.customer_key_event": customers.customer_key_event,
        "core.dim_customer_field": customers.dim_customer_field,
        "core.customer_hierarchy_conflict": customers.customer_hierarchy_conflict,
        "marts.customer_lifecycle": customers.customer_lifecycle,
        "marts.customer_profile": customers.customer_profile,
        "canonical.survey_response": customers.survey_response,
        "canonical.employment_event": people.employment_event,
        "canonical.headcount_plan": people.headcount_plan,
        "canonical.training_record": people.training_record,
        "canonical.review_rating": people.review_rating,
        "canonical.appraisal_action": people.appraisal_action,
        "canonical.dispute": dispute.dispute,
        "canonical.market_size": people.market_size,
        "core.fct_sales_credit": sales.fct_sales_credit,
        "core.fct_billing_credit": sales.fct_billing_credit,
        "core.fct_collection_credit": sales.fct_collection_credit,
        "core.fct_overlay_credit": credit.fct_overlay_credit,
        "core.dim_credit_rule": credit.dim_credit_rule,
        "marts.credit_conflict": credit.credit_conflict,
        "core.missing_rate": credit.missing_rate,
        "marts.appraisal_flip": explain.appraisal_flip,
        "marts.record_fate": explain.record_fate,
        "marts.record_fate_total": explain.record_fate_total,
        "core.unresolved_reference": sales.unresolved_reference,
        "marts.opportunity_forecast": forecast.opportunity_forecast,
        "marts.forecast_calibration": forecast.forecast_calibration,
        "marts.sales_forecast": forecast.sales_forecast,
        "marts.forecast_accuracy": forecast.forecast_accuracy,
        "marts.lead_ranking": forecast.lead_ranking,
        "marts.sales_driver": forecast.sales_driver,
        "marts.kpi_value": steering.kpi_value,
        "marts.metric_registry": steering.metric_registry,
        "canonical.target": targets.target,
        "marts.target_version": targets.target_version,
        "marts.target_share": targets.target_share,
        "marts.target_cascade": targets.target_cascade,
        "marts.target_pace": targets.target_pace,
        "marts.target_check": targets.target_check,
        "marts.appraisal_score": appraisal.appraisal_score,
        "marts.appraisal_component": appraisal.appraisal_component,
        "marts.appraisal_part": appraisal.appraisal_part,
        "marts.appraisal_part_component": appraisal.appraisal_part_component,
        "marts.appraisal_gate": appraisal.appraisal_gate,
        "marts.appraisal_contribution": appraisal.appraisal_contribution,
        "marts.appraisal_rating": appraisal.appraisal_rating,
        "marts.appraisal_rater": appraisal.appraisal_rater,
        "marts.appraisal_calendar": cycle.appraisal_calendar,
        "marts.appraisal_state": cycle.appraisal_state,
        "marts.incentive_statement": incentive.incentive_statement,
        "marts.incentive_line": incentive.incentive_line,
        "marts.incentive_eligibility": incentive.incentive_eligibility,
        "marts.dispute_register": dispute.dispute_register,
        "marts.reconciliation": operations.reconciliation,
        "marts.source_freshness": partial(
            operations.source_freshness, now=parameters.now, severity=parameters.stale_sources
        ),
    }
