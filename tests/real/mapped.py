"""From a company folder to mapped entities in an in-memory warehouse: the part of a run that a mapping decides."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

from connectors.landing import Landing, sync
from connectors.landing.packages import parquet_scan
from connectors.mapping import MappedSource, create_mapped_views
from pipelines.company import load_company

HERE = Path(__file__).parent


def mapped_warehouse(company: str, environ: Mapping[str, str], home: Path) -> duckdb.DuckDBPyConnection:
    """Sync the only source of `tests/real/<company>` and create its mapped views."""
    loaded = load_company(HERE / company, environ)
    (source,) = loaded.sources
    report = sync(source.connector(), source.name, home)
    assert [stream.error for stream in report.failed] == []
    landing = Landing(home)
    con = duckdb.connect()
    con.execute("create schema landing")
    streams = landing.streams(source.name)
    for stream in streams:
        scan = parquet_scan(landing.files(source.name, stream))
        con.execute(
            f"create view landing.raw__{source.name}__{stream} as select *, '{source.name}' as _source from {scan}"
        )
    create_mapped_views(con, [MappedSource(source.name, source.mapping, tuple(streams), loaded.settings.time_zone)])
    return con


def one(con: duckdb.DuckDBPyConnection, query: str) -> Any:
    """The only value of a query."""
    return con.execute(query).fetchall()[0][0]
