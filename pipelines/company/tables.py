"""The company folder as the `config.*` tables that dbt reads: what dbt must know, and nothing that is secret."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa

from pipelines.company.calendar import calendar_days
from pipelines.company.cycle import CYCLE_SCHEMAS, cycle_rows
from pipelines.company.decisions import FiledDecision
from pipelines.company.incentive_tables import INCENTIVE_SCHEMAS, incentive_rows
from pipelines.company.load import Company
from pipelines.company.models import Overlay, Territory
from pipelines.company.periods import closed_periods
from pipelines.company.process import name_rows, stage_rows, step_rows
from pipelines.company.standard_tables import STANDARD_SCHEMAS, standard_rows

FIRST_DAY_EVER = date(1900, 1, 1)
OPEN_END = date(9999, 12, 31)
_SCORE = pa.decimal128(9, 4)

SCHEMAS: dict[str, pa.Schema] = {
    "company": pa.schema(
        [
            ("company_name", pa.string()),
            ("company_name_en", pa.string()),
            ("reporting_currency", pa.string()),
            ("time_zone", pa.string()),
            ("fiscal_year_start_month", pa.int32()),
            ("as_of_date", pa.date32()),
            ("missing_rate", pa.string()),
            ("rate_max_age_days", pa.int32()),
        ]
    ),
    "company_closed_period": pa.schema(
        [
            ("period_type", pa.string()),
            ("period_start", pa.date32()),
            ("period_end", pa.date32()),
            ("closed_by", pa.string()),
        ]
    ),
    "source": pa.schema(
        [
            ("source_system", pa.string()),
            ("system", pa.string()),
            ("org_priority", pa.int32()),
            ("customer_priority", pa.int32()),
            ("fresh_within_hours", pa.int32()),
        ]
    ),
    "customer_lifecycle": pa.schema(
        [("new_days", pa.int32()), ("at_risk_days", pa.int32()), ("churned_days", pa.int32())]
    ),
    "calendar_day": pa.schema(
        [
            ("date_day", pa.date32()),
            ("is_working_day", pa.bool_()),
            ("holiday_name", pa.string()),
            ("holiday_name_en", pa.string()),
            ("opening_minute", pa.int32()),
            ("closing_minute", pa.int32()),
        ]
    ),
    "target_rule": pa.schema(
        [
            ("pro_rata", pa.bool_()),
            ("max_reach", _SCORE),
            ("reach_periods", pa.int32()),
            ("forecast_months", pa.int32()),
            ("forecast_min_months", pa.int32()),
        ]
    ),
    "role_title": pa.schema([("title", pa.string()), ("role", pa.string())]),
    "credit_rule": pa.schema([("position", pa.int32()), ("rule", pa.string())]),
    "territory": pa.schema(
        [
            ("kind", pa.string()),
            ("position", pa.int32()),
            ("territory_id", pa.string()),
            ("name_zh", pa.string()),
            ("name_en", pa.string()),
            ("employee_ref", pa.string()),
            ("unit_ref", pa.string()),
            ("credit_share", pa.decimal128(18, 9)),
            ("valid_from", pa.date32()),
            ("valid_to", pa.date32()),
        ]
    ),
    "territory_condition": pa.schema(
        [("kind", pa.string()), ("territory_id", pa.string()), ("field", pa.string()), ("value", pa.string())]
    ),
    "process_stage": pa.schema(
        [
            ("process", pa.string()),
            ("stage", pa.string()),
            ("position", pa.int32()),
            ("name_zh", pa.string()),
            ("name_en", pa.string()),
            ("outcome", pa.string()),
            ("max_days", pa.int32()),
            ("win_share", pa.decimal128(9, 6)),
        ]
    ),
    "process_stage_name": pa.schema(
        [("process", pa.string()), ("scope", pa.string()), ("stage_name", pa.string()), ("stage", pa.string())]
    ),
    "process_step": pa.schema([("process", pa.string()), ("stage", pa.string()), ("next_stage", pa.string())]),
    **STANDARD_SCHEMAS,
    **CYCLE_SCHEMAS,
    **INCENTIVE_SCHEMAS,
    "steward_decision": pa.schema(
        [
            ("decision_no", pa.int32()),
            ("decision", pa.string()),
            ("source_system_l", pa.string()),
            ("source_key_l", pa.string()),
            ("source_system_r", pa.string()),
            ("source_key_r", pa.string()),
            ("decided_by", pa.string()),
            ("decided_on", pa.date32()),
            ("reason", pa.string()),
            ("file", pa.string()),
            ("row", pa.int32()),
        ]
    ),
    "last_release_counts": pa.schema([("table_name", pa.string()), ("row_count", pa.int64())]),
}
"""Columns of every `config` table, in order."""


def config_tables(
    company: Company, as_of_date: date, last_release_counts: Mapping[str, int] | None = None
) -> dict[str, pa.Table]:
    """Every `config` table by name.

    as_of_date: the day the candidate describes (see `Company.as_of_date`). last_release_counts: rows per table of the
    current release, empty before the first.
    """
    rows: dict[str, Iterable[tuple[Any, ...]]] = {
        "company": [_company(company, as_of_date)],
        "company_closed_period": [astuple(one) for one in closed_periods(company.settings, as_of_date)],
        "source": _sources(company),
        "customer_lifecycle": [_lifecycle(company)],
        "calendar_day": _calendar(company, as_of_date),
        "target_rule": [_target_rule(company)],
        "role_title": [(title, role) for role, titles in company.settings.roles.items() for title in titles],
        "credit_rule": [
            (position, item.rule) for position, item in enumerate(company.credit_rules, 1) if item.rule != "overlay"
        ],
        "territory": [_territory(kind, position, one) for kind, position, one in _territories(company)],
        "territory_condition": [
            (kind, one.id, field, value)
            for kind, _, one in _territories(company)
            for field, values in one.when.model_dump(exclude_none=True).items()
            for value in values
        ],
        "process_stage": [tuple(row.values()) for row in stage_rows(company.process)],
        "process_stage_name": [tuple(row.values()) for row in name_rows(company.process)],
        "process_step": [tuple(row.values()) for row in step_rows(company.process)],
        **standard_rows(company.standards),
        **cycle_rows(company.cycle),
        **incentive_rows(company.plans),
        "steward_decision": [_decision(number, filed) for number, filed in enumerate(company.decisions, 1)],
        "last_release_counts": sorted((last_release_counts or {}).items()),
    }
    return {name: _table(schema, rows[name]) for name, schema in SCHEMAS.items()}


def _table(schema: pa.Schema, rows: Iterable[tuple[Any, ...]]) -> pa.Table:
    return pa.Table.from_pylist([dict(zip(schema.names, row, strict=True)) for row in rows], schema=schema)


def _company(company: Company, as_of_date: date) -> tuple[Any, ...]:
    settings = company.settings
    return (
        settings.name.first(list(settings.languages)),
        settings.name.en,
        settings.reporting_currency,
        settings.time_zone,
        settings.fiscal_year_start_month,
        as_of_date,
        settings.missing_rate,
        settings.rate_max_age_days,
    )


def _calendar(company: Company, as_of_date: date) -> list[tuple[Any, ...]]:
    settings = company.settings
    return [astuple(day) for day in calendar_days(settings.calendar, settings.languages[0], as_of_date)]


def _territories(company: Company) -> Iterator[tuple[str, int, Territory | Overlay]]:
    """Territories and overlays with their kind and position, in the order they are tried."""
    for rule in company.credit_rules:
        yield from (("territory", position, one) for position, one in enumerate(rule.territories or (), 1))
        yield from (("overlay", position, one) for position, one in enumerate(rule.overlays or (), 1))


def _territory(kind: str, position: int, one: Territory | Overlay) -> tuple[Any, ...]:
    return (
        kind,
        position,
        one.id,
        one.name.zh,
        one.name.en,
        one.credit.employee,
        one.credit.unit,
        one.share_pct / 100 if isinstance(one, Overlay) else Decimal(1),
        one.valid_from or FIRST_DAY_EVER,
        one.valid_to or OPEN_END,
    )


def _lifecycle(company: Company) -> tuple[int, int, int]:
    limits = company.settings.customer_lifecycle
    return limits.new_days, limits.at_risk_days, limits.churned_days


def _target_rule(company: Company) -> tuple[Any, ...]:
    rules = company.settings.targets
    return (
        rules.pro_rata,
        rules.max_reach,
        rules.reach_periods,
        rules.forecast_months,
        rules.forecast_min_months,
    )


def _sources(company: Company) -> list[tuple[Any, ...]]:
    org, customers = (_positions(names) for names in (company.settings.org_sources, company.settings.customer_sources))
    return [(s.name, s.type, org.get(s.name), customers.get(s.name), s.fresh_within_hours) for s in company.sources]


def _positions(names: Sequence[str]) -> dict[str, int]:
    return {name: position for position, name in enumerate(names, 1)}


def _decision(number: int, filed: FiledDecision) -> tuple[Any, ...]:
    made = filed.decision
    records = (made.system_a, made.key_a, made.system_b, made.key_b)
    return (number, made.decision, *records, made.decided_by, made.decided_on, made.reason, filed.file, filed.row)
