"""Suites of how the road itself went: reconciliation, freshness, quarantine."""

from datetime import UTC, datetime

import great_expectations as gx
from great_expectations.expectations.expectation import Expectation

from expectations.rules import failing_rows, suite
from expectations.shape import not_empty
from expectations.verdict import Severity

_MONEY_IMPACT = """
    case
        when column_name not in ('net_amount', 'total_amount', 'amount') then 'unknown: the row is left out'
        when regexp_full_match(trim(raw_value), '[-+]?([0-9]+|[0-9]{1,3}(,[0-9]{3})+)([.][0-9]+)?')
            then replace(trim(raw_value), ',', '')
        else 'unknown: ' || coalesce(raw_value, 'null')
    end
"""
"""The amount a quarantined row carries, only where its text can mean one number: `12,5` could be two."""


def reconciliation(shape: list[Expectation]) -> gx.ExpectationSuite:
    """Nothing is lost: every stage ties to the one before, to the cent. An unknown side (null) is not a difference."""
    return suite(
        "marts.reconciliation",
        *shape,
        not_empty(),
        failing_rows(
            "ties_to_the_cent",
            "select stage, entity, source_system, left_count, right_count, difference_count, left_sum, right_sum, "
            "difference_sum from {batch} where difference_count <> 0 or difference_sum <> 0",
            en="Counts and sums of every stage equal those of the stage before",
            zh="各环节的行数与金额与上一环节完全一致",
            do="Rows were lost or multiplied between the two stages named: open the model between them.",
        ),
    )


def source_freshness(shape: list[Expectation], now: datetime, severity: Severity) -> gx.ExpectationSuite:
    """Every configured source synced, recently enough as of `now`; `severity` says what staleness means."""
    moment = f"timestamptz '{now.astimezone(UTC).isoformat()}'"
    return suite(
        "marts.source_freshness",
        *shape,
        not_empty(),
        failing_rows(
            "fresh",
            "select source_system, stream, last_success_at::varchar as last_success_at, fresh_within_hours, last_error "
            f"from {{batch}} where last_success_at is null or stale_after < {moment}",
            en="Every stream synced within the hours its source's configuration allows",
            zh="每个数据流都在配置允许的小时数内成功同步过",
            do="Run `scoreline sync` for the source and read its error; or raise fresh_within_hours in its file.",
            severity=severity,
        ),
        failing_rows(
            "every_source_synced",
            "select source_system, fresh_within_hours from config.source as source where not exists "
            "(select 1 from {batch} as seen where seen.source_system = source.source_system)",
            en="Every configured source has synced at least once",
            zh="每个已配置的数据源都至少同步过一次",
            do="Run `scoreline sync` for the source, or take its file out of sources/.",
            severity=severity,
        ),
    )


def quarantine(max_rows: int | None) -> gx.ExpectationSuite:
    """Rows that could not be read are reported with the money in them; too many of them stop the release."""
    return suite(
        "landing.mapped__quarantine", _reported(), *([_within_limit(max_rows)] if max_rows is not None else [])
    )


def _reported() -> Expectation:
    return failing_rows(
        "quarantine_is_empty",
        "select source_system, stream, entity, source_key, column_name, raw_value, expected, "
        f"{_MONEY_IMPACT} as money_impact from {{batch}}",
        en="No row waits in quarantine; each one listed is missing from every number",
        zh="隔离区为空；所列每一行都未计入任何数字",
        do="Correct the value at the source, or the column's mapping; the row comes back with the next sync.",
        severity="warning",
    )


def _within_limit(max_rows: int) -> Expectation:
    return failing_rows(
        "quarantine_within_limit",
        f"select source_system, stream, entity, column_name, count(*) as quarantined from {{batch}} group by all "
        f"having (select count(*) from {{batch}}) > {max_rows}",
        en=f"At most {max_rows} rows are in quarantine",
        zh=f"隔离区不超过 {max_rows} 行",
        do="Correct the values at the source, or raise gate.max_quarantined_rows in company.yaml.",
    )
