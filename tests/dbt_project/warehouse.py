"""A warehouse made by hand for the dbt project: what a build finds before it starts, from plain Python rows.

`prepare` writes the schemas `landing` and `config` of a new DuckDB file, `build` runs dbt on it. Entities nobody gives
rows for are empty; so is every vendor landing relation that a `_<system>__sources.yml` declares.
"""

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import yaml

from connectors.contracts import LINEAGE_COLUMNS, entities
from connectors.mapping.sql import VERSION_COLUMNS as MAPPED_VERSION_COLUMNS
from expectations.catalog import load
from pipelines.company.calendar import calendar_days
from pipelines.company.models import Calendar
from pipelines.company.process import default_process, name_rows, stage_rows, step_rows
from pipelines.warehouse.rebuild import hand_on_fingerprints

PROJECT = Path(__file__).parent.parent.parent / "dbt_project"
Row = Mapping[str, Any]
VERSION_COLUMNS = {
    "_source": "varchar",
    "_key": "varchar",
    "_seq": "bigint",
    "_deleted": "boolean",
    "_load_id": "varchar",
}
WAREHOUSE = "warehouse.duckdb"
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
SOURCE = "book"
"""The configured source rows come from when they name none."""

COMPANY = {
    "company_name": "测试公司",
    "company_name_en": "Test Company",
    "reporting_currency": "CNY",
    "time_zone": "Asia/Shanghai",
    "fiscal_year_start_month": 1,
    "as_of_date": date(2025, 12, 31),
}
CONFIG: Mapping[str, Sequence[Row]] = {
    "company": [COMPANY],
    "source": [{"source_system": SOURCE, "system": "files", "org_priority": 1, "fresh_within_hours": 36}],
    "calendar_day": [asdict(day) for day in calendar_days(Calendar(), "zh", date(2025, 12, 31))],
    "customer_lifecycle": [{"new_days": 90, "at_risk_days": 180, "churned_days": 365}],
    "target_rule": [
        {
            "pro_rata": False,
            "max_reach": Decimal("1.5"),
            "reach_periods": 4,
            "forecast_months": 12,
            "forecast_min_months": 3,
        }
    ],
    "process_stage": list(stage_rows(default_process())),
    "process_stage_name": list(name_rows(default_process())),
    "process_step": list(step_rows(default_process())),
    "credit_rule": [
        {"position": 1, "rule": "explicit_split"},
        {"position": 2, "rule": "order_owner"},
        {"position": 3, "rule": "opportunity_owner"},
        {"position": 4, "rule": "account_owner"},
    ],
}


def prepare(
    file: Path,
    mapped: Mapping[str, Sequence[Row]],
    config: Mapping[str, Sequence[Row]] | None = None,
    versions: Mapping[str, Sequence[Row]] | None = None,
) -> None:
    """A new warehouse file with the mapped entities' rows and the configuration (`CONFIG` where not overridden).

    versions: all landed versions of an entity's records; without them each record has landed once.
    """
    with duckdb.connect(str(file)) as connection:
        connection.execute("create schema if not exists landing; create schema if not exists config")
        for entity, columns in _mapped_tables().items():
            rows = [_with_lineage(row) for row in mapped.get(entity, ())]
            _fill(connection, f"landing.mapped__{entity}", columns, rows)
        for entity, columns in _version_tables().items():
            landed = (versions or {}).get(entity) or first_versions(mapped.get(entity, ()))
            _fill(connection, f"landing.mapped_version__{entity}", columns, [_with_lineage(row) for row in landed])
        for name, columns in _declared(PROJECT / "models/core/_config__sources.yml").items():
            configured = {**CONFIG, **(config or {})}.get(name.split(".")[1], ())
            _fill(connection, name, columns, configured)
        for file_ in sorted((PROJECT / "models/staging").glob("*/_*__sources.yml")):
            for name, columns in _declared(file_).items():
                _fill(connection, name, columns | VERSION_COLUMNS, ())


def refill(file: Path, mapped: Mapping[str, Sequence[Row]], config: Mapping[str, Sequence[Row]] | None = None) -> None:
    """Other rows and configuration for a warehouse that has been built, which the next build may keep parts of."""
    prepare(file, mapped, config)
    with duckdb.connect(str(file)) as connection:
        hand_on_fingerprints(connection, keep=True)


def build(file: Path, work: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """One `dbt build` of the whole project on the warehouse; dbt's logs go to `work`."""
    return dbt("build", file, work, *arguments)


def dbt(command: str, file: Path, work: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """One dbt command on the warehouse; dbt's logs go to `work`."""
    return _dbt(command, file, work / "logs", _own_target(), *arguments)


def compiled_project() -> Path:
    """dbt's target folder with every model, seed and data test compiled; made once per test run, for all processes."""
    shared = _shared()
    with (shared / "compile.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = shared / "target" / "run_results.json"
        if not done.exists():
            prepare(shared / "warehouse.duckdb", {})
            compiled = _dbt("compile", shared / "warehouse.duckdb", shared / "logs", done.parent, "--no-introspect")
            assert compiled.returncode == 0, compiled.stdout[-3000:] + compiled.stderr[-3000:]
    return done.parent


def _dbt(command: str, file: Path, logs: Path, target: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """dbt parses the project anew whenever the warehouse has another name, so all are seen under the same one."""
    assert file.name == WAREHOUSE, f"call the file {WAREHOUSE}"
    return subprocess.run(
        [str(Path(sys.executable).with_name("dbt")), command, *arguments],
        cwd=file.parent,
        env={
            **os.environ,
            "SCORELINE_WAREHOUSE": file.name,
            "DBT_PROJECT_DIR": str(PROJECT),
            "DBT_PROFILES_DIR": str(PROJECT),
            "DBT_TARGET_PATH": str(target),
            "DBT_LOG_PATH": str(logs),
        },
        capture_output=True,
        text=True,
        check=False,
    )


def create_declared(connection: duckdb.DuckDBPyConnection, names: Iterable[str]) -> None:
    """Empty tables of these configuration tables and models (`schema.name`) with the columns their YAML declares."""
    config = _declared(PROJECT / "models/core/_config__sources.yml")
    models = {table.relation: {column.name: column.data_type for column in table.columns} for table in load().values()}
    for name in names:
        _fill(connection, name, (config | models)[name], ())


def fill(connection: duckdb.DuckDBPyConnection, name: str, rows: Sequence[Row]) -> None:
    """Adds rows to a table by column name; columns a row does not name are null."""
    if rows:
        named = sorted({column for row in rows for column in row})
        connection.register(
            "incoming", pa.Table.from_pylist([{column: row.get(column) for column in named} for row in rows])
        )
        connection.execute(f"insert into {name} by name select * from incoming")
        connection.unregister("incoming")


@cache
def _own_target() -> Path:
    """This process's target folder, which begins with what dbt already parsed."""
    folder = _shared() / f"target-{os.getpid()}"
    folder.mkdir()
    shutil.copy(compiled_project() / "partial_parse.msgpack", folder)
    return folder


def _shared() -> Path:
    return Path(os.environ["SCORELINE_TEST_STAGE"])


def _mapped_tables() -> dict[str, dict[str, str]]:
    tables = {
        name: {column.name: column.data_type for column in entity.columns} | {"is_deleted": "boolean"}
        for name, entity in entities().items()
    }
    declared = _declared(PROJECT / "models/canonical/_mapped__sources.yml")
    return tables | {"quarantine": declared["landing.mapped__quarantine"]}


def _version_tables() -> dict[str, dict[str, str]]:
    """Columns and types of the relations of all versions, by entity."""
    return {
        name: {column.name: column.data_type for column in entity.columns} | MAPPED_VERSION_COLUMNS
        for name, entity in entities().items()
        if entity.versioned
    }


def first_versions(rows: Sequence[Row]) -> list[Row]:
    """The rows of one entity as versions, each record landed once."""
    return [{"record_key": f"0:book:{n}", "version_seq": 1, "is_deleted": False, **row} for n, row in enumerate(rows)]


@cache
def _declared(file: Path) -> dict[str, dict[str, str]]:
    """Columns and types per relation of a sources YAML, by schema and identifier."""
    return {
        f"{source['schema']}.{table.get('identifier', table['name'])}": {
            column["name"]: column.get("data_type", "varchar") for column in table.get("columns", ())
        }
        for source in yaml.load(file.read_text(encoding="utf-8"), _LOADER)["sources"]
        for table in source["tables"]
    }


def _with_lineage(row: Row) -> Row:
    assert "source_key" in row, f"a row needs a {LINEAGE_COLUMNS[1]}: {row}"
    return {"source_system": SOURCE, "load_id": "load-1", **row}


def _fill(connection: duckdb.DuckDBPyConnection, name: str, columns: Mapping[str, str], rows: Iterable[Row]) -> None:
    connection.execute(
        f"create or replace table {name} ({', '.join(f'{column} {kind}' for column, kind in columns.items())})"
    )
    fill(
        connection,
        name,
        [{column: row.get(column) for column in columns} for row in rows if _known(row, columns, name)],
    )


def _known(row: Row, columns: Mapping[str, str], name: str) -> bool:
    unknown = set(row) - set(columns)
    assert not unknown, f"{name} has no column {sorted(unknown)}"
    return True
