"""What the contenders share: the landing under test, a bare Parquet writer, and dlt's default path into DuckDB."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import dlt
import pyarrow as pa
import pyarrow.parquet as pq

from connectors.landing import SyncOptions, sync

Page = list[dict[str, Any]]
Pages = Iterator[Page]


def landing(connector: Callable[[], Any], stream: str) -> Callable[[Path], int]:
    """A first sync of one stream into an empty home, by a new connector, which knows nothing yet."""

    def run(folder: Path) -> int:
        report = sync(connector(), "bench", folder, SyncOptions(streams=(stream,)))
        if report.failed:
            raise RuntimeError(f"the sync failed: {report.failed[0].error}")
        return report.landed_rows

    return run


def bare_parquet(pages: Callable[[], Pages], schema: Callable[[], pa.Schema]) -> Callable[[Path], int]:
    """Every page of dicts made an Arrow table and written; no keys, no versions, no state, no retries."""

    def run(folder: Path) -> int:
        kinds = schema()
        return write_parquet((pa.Table.from_pylist(page, schema=kinds) for page in pages()), kinds, folder)

    return run


def write_parquet(tables: Iterable[pa.Table], schema: pa.Schema, folder: Path) -> int:
    """One Parquet file of all tables; the number of rows."""
    rows = 0
    with pq.ParquetWriter(folder / "bench.parquet", schema) as writer:
        for table in tables:
            writer.write_table(table)
            rows += table.num_rows
    return rows


def dlt_into_duckdb(pages: Callable[[], Pages]) -> Callable[[Path], int]:
    """dlt as its introduction shows it: dicts in (nulls left out), schema inferred, a DuckDB file out."""

    def run(folder: Path) -> int:
        # Landing sets this for itself; here dlt shall run on its own defaults.
        dlt.config["extract.next_item_mode"] = "round_robin"
        moved = 0

        def counted() -> Pages:
            nonlocal moved
            for page in pages():
                moved += len(page)
                yield [{name: value for name, value in record.items() if value is not None} for record in page]

        target = dlt.destinations.duckdb(str(folder / "target.duckdb"))
        pipeline = dlt.pipeline("bench", destination=target, dataset_name="records", pipelines_dir=str(folder / "dlt"))
        pipeline.run(dlt.resource(counted, name="record"))
        return moved

    return run


def first(pages: Pages, records: int) -> Pages:
    """Pages up to that many records."""
    left = records
    for page in pages:
        yield page[:left]
        left -= len(page)
        if left <= 0:
            return
