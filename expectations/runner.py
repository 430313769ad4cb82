"""Runs suites inside the warehouse with Great Expectations and reads its answers.

Each suite runs once for yes or no; the rules that failed run again to count and fetch offending rows, so a green gate
never pays for samples. Nothing is pulled into memory but counts and at most a few rows a rule.
"""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import great_expectations as gx
from great_expectations.core import ExpectationSuiteValidationResult, ExpectationValidationResult
from great_expectations.core.batch_definition import BatchDefinition
from great_expectations.datasource.fluent import SQLDatasource
from great_expectations.datasource.fluent.sql_datasource import TableAsset

from expectations import dialect
from expectations.verdict import SAMPLE_ROWS, RuleResult, Status

_CANNOT_RUN = "Build the candidate completely (`dbt build` without failures), then run the gate again."
_COUNT_ONLY = {"result_format": "BOOLEAN_ONLY"}


@dataclass(frozen=True)
class SuiteRun:
    """One suite after it ran; `validation` is None when its table could not be opened."""

    suite: gx.ExpectationSuite
    results: tuple[RuleResult, ...]
    validation: ExpectationSuiteValidationResult | None


def run(warehouse: Path, suites: list[gx.ExpectationSuite]) -> list[SuiteRun]:
    """Every suite, in order, over one read-only connection that is closed at the end."""
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False, "metric_calculations": False}  # type: ignore[assignment]
    there = _relations(warehouse)
    # all tables at once: Great Expectations writes its whole configuration as YAML again for each one added later
    source = context.data_sources.add_sql(  # type: ignore[call-arg]
        "warehouse",
        connection_string=dialect.url(warehouse),
        kwargs={"connect_args": {"read_only": True}},
        assets=[_asset(suite.name) for suite in suites if suite.name in there],
    )
    try:
        return [_run(source, suite, suite.name in there) for suite in suites]
    finally:
        source.get_engine().dispose()
        source.get_execution_engine().engine.dispose()


def _relations(warehouse: Path) -> set[str]:
    """Every table and view in the warehouse, as `schema.name`."""
    with duckdb.connect(str(warehouse), read_only=True) as con:
        found = con.execute(
            "select table_schema || '.' || table_name from information_schema.tables "
            "where table_catalog = current_database()"
        ).fetchall()
    return {name for (name,) in found}


def _asset(relation: str) -> TableAsset:
    """The table as Great Expectations sees it, read whole."""
    schema, _, table = relation.partition(".")
    with warnings.catch_warnings():  # one schema per connection is what it would rather have; the warehouse has five
        warnings.simplefilter("ignore", DeprecationWarning)
        asset = TableAsset(name=relation, table_name=table, schema_name=schema)
    asset.batch_definitions = [BatchDefinition(name="all", partitioner=None)]
    return asset


def _run(source: SQLDatasource, suite: gx.ExpectationSuite, is_there: bool) -> SuiteRun:
    if not is_there:
        return _errored(suite, f"there is no table {suite.name} in the warehouse")
    try:
        batch = source.get_asset(suite.name).get_batch_definition("all")
        validation = batch.get_batch().validate(suite, result_format=_COUNT_ONLY)
        _fetch_samples(batch, suite, validation)
    except Exception as error:  # whatever it was, the suite did not run to its end, and that is what is reported
        return _errored(suite, f"{type(error).__name__}: {error}")
    return SuiteRun(suite, tuple(_result(suite.name, one) for one in validation.results), validation)


def _errored(suite: gx.ExpectationSuite, why: str) -> SuiteRun:
    return SuiteRun(suite, tuple(_unreachable(suite, expectation, why) for expectation in suite.expectations), None)


def _fetch_samples(
    batch: BatchDefinition, suite: gx.ExpectationSuite, validation: ExpectationSuiteValidationResult
) -> None:
    """Run failed rules again, now with rows; their results replace the bare ones."""
    rules = {_id(expectation.configuration): expectation for expectation in suite.expectations}
    for position, result in enumerate(validation.results):
        expectation = rules[_id(result.expectation_config)]
        if result.success or _error(result):
            continue
        wanted = {"result_format": "SUMMARY", "partial_unexpected_count": SAMPLE_ROWS, "include_unexpected_rows": True}
        again = batch.get_batch().validate(expectation, result_format=wanted)
        again.expectation_config = result.expectation_config
        validation.results[position] = again


def _result(table: str, result: ExpectationValidationResult) -> RuleResult:
    words = _words(result.expectation_config)
    found: Mapping[str, Any] = result.result or {}
    error = _error(result)
    status: Status = "errored" if error else "passed" if result.success else "failed"
    count, rows = (0, ()) if status != "failed" else _failing(found)
    return RuleResult(
        rule=words["rule"],
        table=table,
        description_en=words["en"],
        description_zh=words["zh"],
        severity=words["severity"],
        status=status,
        expected=words["expected"],
        observed=error or _observed(result, found, count),
        failing_count=count,
        sample_rows=rows,
        next_step=_CANNOT_RUN if error else words["do"],
    )


def _failing(found: Mapping[str, Any]) -> tuple[int, tuple[Mapping[str, Any], ...]]:
    """Count and sample of offending rows. A rule about the table as a whole has neither."""
    if "details" in found:
        return int(found["observed_value"]), tuple(found["details"]["unexpected_rows"])
    rows = found.get("unexpected_rows") or ()
    return int(found.get("unexpected_count") or 0), tuple(rows)[:SAMPLE_ROWS]


def _observed(result: ExpectationValidationResult, found: Mapping[str, Any], count: int) -> str:
    if result.success:
        return "as expected"
    if count == 0 and "observed_value" in found:
        return f"{found['observed_value']} rows in the table"
    return f"{count} offending row(s)"


def _unreachable(suite: gx.ExpectationSuite, expectation: Any, why: str) -> RuleResult:
    words = _words(expectation.configuration)
    return RuleResult(
        rule=words["rule"],
        table=suite.name,
        description_en=words["en"],
        description_zh=words["zh"],
        severity=words["severity"],
        status="errored",
        expected=words["expected"],
        observed=_message(why),
        next_step=_CANNOT_RUN,
    )


def _error(result: ExpectationValidationResult) -> str:
    """Message of the exception that kept the rule from running; empty when it ran."""
    told: Mapping[str, Any] = result.exception_info or {}
    nested = [told] if "raised_exception" in told else [one for one in told.values() if isinstance(one, Mapping)]
    raised = [one for one in nested if one.get("raised_exception")]
    return _message(raised[0].get("exception_message") or "no message") if raised else ""


def _message(error: object) -> str:
    """The message without the query that the database and SQLAlchemy repeat after it."""
    told = str(error).split("\n[SQL")[0].split("\nLINE ")[0]
    return " ".join(told.split())[:500]


def _words(configuration: Any) -> dict[str, Any]:
    words: dict[str, Any] = configuration.meta
    return words


def _id(configuration: Any) -> str:
    return str(configuration.meta["rule"])
