"""A small candidate for the tests of publishing: two marts, one with a volatile column, one wholly volatile."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from expectations.verdict import Verdict, fingerprint, judge
from pipelines.publish import CodeVersion, LoadFile, LoadPackage, Publication, ReleaseInputs, publish

MODELS_YAML = """
version: 2
models:
  - name: appraisal_score
    description: "One row per employee and period; it's the score people are paid by."
    data_tests: [{unique_together: {arguments: {columns: [employee_id, period_start]}}}]
    columns:
      - {name: employee_id, data_type: varchar, description: Employee.}
      - {name: period_start, data_type: date, description: First day of the period.}
      - {name: score, data_type: "decimal(28, 6)", description: Score in points.}
      - {name: grade, data_type: varchar, description: Grade.}
      - {name: load_id, data_type: varchar, description: Load package., config: {meta: {volatile: true}}}
  - name: source_freshness
    description: How old each source is.
    config: {meta: {volatile: true}}
    data_tests: [{unique_together: {arguments: {columns: [source_system]}}}]
    columns:
      - {name: source_system, data_type: varchar, description: Source.}
      - {name: age_hours, data_type: "decimal(9, 2)", description: Hours since the last sync.}
"""
SCORES = (("E1", "2025-01-01", "81.5", "A", "l1"), ("E2", "2025-01-01", "64", None, "l1"))
MONDAY = datetime(2025, 3, 3, 2, 0, tzinfo=UTC)


def models(folder: Path) -> Path:
    """The dbt YAML of the candidate."""
    (folder / "models" / "marts").mkdir(parents=True, exist_ok=True)
    (folder / "models" / "marts" / "_marts.yml").write_text(MODELS_YAML, encoding="utf-8")
    return folder / "models"


def warehouse(folder: Path, scores: Sequence[tuple[Any, ...]] = SCORES, age_hours: str = "3.5") -> Path:
    """A warehouse file with exactly these rows."""
    path = folder / "warehouse.duckdb"
    path.unlink(missing_ok=True)
    with duckdb.connect(str(path)) as con:
        con.execute("create schema marts; create schema config")
        con.execute(
            "create table marts.appraisal_score"
            "(employee_id varchar, period_start date, score decimal(28, 6), grade varchar, load_id varchar)"
        )
        if scores:
            con.executemany("insert into marts.appraisal_score values (?, ?, ?, ?, ?)", scores)
        con.execute(
            "create table marts.source_freshness as select 'erp' as source_system, "
            f"{age_hours}::decimal(9, 2) as age_hours"
        )
        con.execute("create table config.company as select date '2025-03-02' as as_of_date")
        con.execute(
            "create table config.appraisal_standard as select 'rep' as standard_id, 2 as standard_version, "
            "'sales_rep' as role, 'month' as period_type, date '2025-01-01' as valid_from, 'E9' as approved_by"
        )
    return path


def inputs(nights: int = 0) -> ReleaseInputs:
    """Inputs of the run of the n-th night after Monday."""
    package = LoadPackage("erp", "sale_order", "1741.5", (LoadFile("erp/sale_order/1741.5.a.parquet", 10, "ab" * 32),))
    return ReleaseInputs(
        (package,), "c0ffee", CodeVersion("319e5bd", "11" * 32, "22" * 32), MONDAY + timedelta(days=nights)
    )


def passed(path: Path) -> Verdict:
    """A green verdict on the warehouse as it is."""
    return judge((), fingerprint(path))


def publish_night(home: Path, nights: int = 0, scores: Sequence[tuple[Any, ...]] = SCORES, **more: Any) -> Publication:
    """Build a warehouse with these scores and publish it as the run of the n-th night."""
    path = warehouse(home, scores, **more)
    return publish(path, home, inputs(nights), passed(path), models(home))


def shown(home: Path) -> list[tuple[Any, ...]]:
    """What an analyst reads from published.duckdb, ordered."""
    with duckdb.connect(str(home / "published.duckdb"), read_only=True) as con:
        return con.execute("select * exclude (load_id) from appraisal_score order by all").fetchall()
