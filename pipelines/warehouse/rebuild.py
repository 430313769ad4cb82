"""What an incremental build may keep of the candidate that is in the warehouse.

Large models replace only the months and periods whose inputs are not what they were (dbt_project/macros/rebuild.sql).
That needs a complete candidate made by the same code under the same configuration: its fingerprints are handed on as
`config.last_<model>`, with what else of it a build looks back to. In any other case these are empty and
everything is made anew.
"""

from pathlib import Path

import duckdb
import yaml

from pipelines.paths import DBT_PROJECT

FULL_REFRESH = "--full-refresh"
"""dbt's option under which every model is made anew."""
_DECLARED = DBT_PROJECT / "models" / "core" / "_config__sources.yml"
_PREFIX = "last_"


def hand_on_fingerprints(con: duckdb.DuckDBPyConnection, keep: bool) -> None:
    """Create `config.last_*`: those of the candidate as it stands, or empty where nothing may be kept."""
    for name, columns in handed_on_tables().items():
        listed = ", ".join(f"{column} {kind}" for column, kind in columns.items())
        con.execute(f"create or replace table config.{name} ({listed})")
        if keep:
            con.execute(
                f"insert into config.{name} by name select {', '.join(columns)} from core.{name.removeprefix(_PREFIX)}"
            )


def build_options(warehouse: Path) -> tuple[str, ...]:
    """dbt's options for a prepared warehouse: a full refresh unless fingerprints were handed on."""
    with duckdb.connect(str(warehouse)) as con:
        kept = any(con.execute(f"select 1 from config.{name} limit 1").fetchall() for name in handed_on_tables())
    return () if kept else (FULL_REFRESH,)


def handed_on_tables() -> dict[str, dict[str, str]]:
    """Columns and types per handed-on fingerprint, as dbt declares them."""
    sources = yaml.safe_load(_DECLARED.read_text(encoding="utf-8"))["sources"]
    return {
        table["name"]: {column["name"]: column["data_type"] for column in table["columns"]}
        for source in sources
        for table in source["tables"]
        if table["name"].startswith(_PREFIX)
    }
