"""The gate as Dagster sees it: one blocking check per checked table, all of them from one run of the suites."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import groupby
from pathlib import Path

import dagster as dg

from expectations.catalog import Table
from expectations.gate import Limits, PreviousRelease, run_gate
from expectations.verdict import RuleResult, Severity, Verdict, fingerprint, render
from pipelines.company import Company
from pipelines.paths import Home
from pipelines.publish.releases import current
from pipelines.resources import WAREHOUSE_POOL, Workspace
from pipelines.warehouse import warehouse_lock

CHECK = "gate"
"""Name of the check every gated table has."""


def table_key(table: Table) -> dg.AssetKey:
    """The asset of a dbt model."""
    return dg.AssetKey([table.schema, table.name])


def is_gated(table: Table) -> bool:
    """Whether a table has a check of its own: everything published and every canonical entity."""
    return table.published or table.schema == "canonical"


def judge(home: Home, company: Company) -> Verdict:
    """Run every rule on the candidate, with the company's own limits."""
    release = current(home.root)
    previous = PreviousRelease(release.release_id, release.row_counts) if release else None
    settings = company.settings.gate
    stale: Severity = "critical" if settings.stale_sources == "refuse" else "warning"
    limits = Limits(Decimal(settings.max_shrink_pct), settings.max_quarantined_rows, stale)
    state = (home.warehouse, fingerprint(home.warehouse), previous.release_id if previous else None, limits)
    if state not in _JUDGED:
        _JUDGED.clear()
        _JUDGED[state] = run_gate(home.warehouse, previous, home.gate_docs, limits)
    return _JUDGED[state]


_JUDGED: dict[tuple[Path, str, str | None, Limits], Verdict] = {}
"""The last verdict of this process: publishing judges again only what was not judged in exactly this state."""


def gate_checks(tables: Sequence[Table]) -> dg.AssetChecksDefinition:
    """One blocking check per table; a check whose rules errored has not passed."""
    specs = [
        dg.AssetCheckSpec(
            CHECK, asset=table_key(table), blocking=True, description=f"Every rule of the gate on {table.name}."
        )
        for table in tables
    ]

    @dg.multi_asset_check(name="gate", specs=specs, pool=WAREHOUSE_POOL)
    def gate(context: dg.AssetCheckExecutionContext, workspace: Workspace) -> Iterator[dg.AssetCheckResult]:
        with warehouse_lock(workspace.home.root):
            verdict = judge(workspace.home, workspace.company())
        context.log.info(render(verdict))
        yield from check_results(verdict, tables)

    return gate


def check_results(verdict: Verdict, tables: Sequence[Table]) -> Iterator[dg.AssetCheckResult]:
    """The verdict by table. A red rule on a table without a check of its own makes every check red."""
    by_table = {
        name: list(results)
        for name, results in groupby(
            sorted(verdict.results, key=lambda result: result.table), lambda result: result.table
        )
    }
    known = {table.relation for table in tables}
    stray = [result for name, results in by_table.items() if name not in known for result in results if _red(result)]
    for table in tables:
        results = by_table.get(table.relation, [])
        red = [result for result in results if _red(result)] + stray
        yield dg.AssetCheckResult(
            passed=bool(results) and not red,
            check_name=CHECK,
            asset_key=table_key(table),
            severity=dg.AssetCheckSeverity.ERROR,
            metadata={
                "rules": len(results),
                "broken": [_line(result) for result in red],
                "warnings": [_line(result) for result in results if result.status == "failed" and not _red(result)],
                **({"report": render(verdict)} if red else {}),
            },
        )


def _red(result: RuleResult) -> bool:
    return result.status == "errored" or (result.status == "failed" and result.severity == "critical")


def _line(result: RuleResult) -> str:
    return f"{result.table}: {result.rule}: {result.observed} ({result.failing_count} rows); expected {result.expected}"
