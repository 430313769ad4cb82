"""What a candidate takes over from the release that is shown: customers' keys and matching model, what is closed.

A key counts as issued once it is published. So the book of keys travels inside the releases: the next build reads it
from the current one, a refused candidate leaves no trace, and a rollback takes the keys back with everything else.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb
import yaml

from expectations.catalog import load
from pipelines.paths import DBT_PROJECT
from pipelines.publish.content import table_hash
from pipelines.publish.releases import Release

CARRIED = ("closed_period", "customer_decision", "customer_key_event", "customer_match_model", "restatement")
"""Published tables the next build starts from; dbt sees them as `config.<table>`."""
_DECLARED = DBT_PROJECT / "models" / "core" / "_config__sources.yml"


@dataclass(frozen=True)
class CarriedState:
    """The carried tables of one release: their files, and one hash over their rows ('' before the first release)."""

    files: Mapping[str, Path]
    hash: str


def carried_state(release: Release | None) -> CarriedState:
    """What the next candidate starts from. Tables a release does not have yet (made by older code) count as empty."""
    tables = release.tables if release else {}
    known = [name for name in CARRIED if name in tables]
    hashes = {name: str(tables[name]["content_hash"]) for name in known}
    return CarriedState({name: release.parquet(name) for name in known} if release else {}, _hash(hashes))


def candidates_state(con: duckdb.DuckDBPyConnection) -> str:
    """Hash over the carried tables as the candidate in the warehouse has them; comparable with `CarriedState.hash`."""
    tables = load()
    return _hash({name: table_hash(con, tables[name]) for name in CARRIED})


def create_carried_tables(con: duckdb.DuckDBPyConnection, state: CarriedState) -> None:
    """`config.<table>` for every carried table, with the declared columns; empty where nothing is taken over."""
    for name, columns in _declared().items():
        listed = ", ".join(f"{column} {kind}" for column, kind in columns.items())
        con.execute(f"create or replace table config.{name} ({listed})")
        if name in state.files:
            con.execute(
                f"insert into config.{name} by name select {', '.join(columns)} from read_parquet(?)",
                [str(state.files[name])],
            )


def _declared() -> dict[str, dict[str, str]]:
    """Columns and types per carried table, as dbt declares them."""
    sources = yaml.safe_load(_DECLARED.read_text(encoding="utf-8"))["sources"]
    return {
        table["name"]: {column["name"]: column["data_type"] for column in table["columns"]}
        for source in sources
        for table in source["tables"]
        if table["name"] in CARRIED
    }


def _hash(table_hashes: Mapping[str, str]) -> str:
    return hashlib.sha256(repr(sorted(table_hashes.items())).encode()).hexdigest() if table_hashes else ""
