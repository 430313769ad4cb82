"""Files and databases: what the connectors read here, and what one would write instead."""

import contextlib
import csv
import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.csv
import sqlalchemy as sa

from connectors.files import FilesConfig, FilesConnector
from connectors.sql_database import SqlDatabaseConfig, SqlDatabaseConnector
from tests.bench.loaders import Pages, write_parquet
from tests.postgres import Postgres, binaries, cluster

STREAM = "order_line"
SQL_PAGE = 10_000
DICT_PAGE = 2_000
_START = datetime(2024, 1, 1, 8, tzinfo=UTC)
_COLUMNS: dict[str, Any] = {
    "order_no": sa.Text,
    "line_no": sa.Integer,
    "customer": sa.Text,
    "product": sa.Text,
    "quantity": sa.Integer,
    "unit_price": sa.Numeric(18, 4),
    "net_amount": sa.Numeric(18, 2),
    "currency": sa.Text,
    "owner": sa.Text,
    "status": sa.Text,
    "ordered_on": sa.Date,
    "changed_at": sa.DateTime(timezone=True),
}


def order_lines(records: int) -> Iterator[tuple[Any, ...]]:
    """Made-up order lines, in the order of `_COLUMNS`."""
    for number in range(records):
        moment = _START + timedelta(minutes=number)
        quantity, price = number % 7 + 1, Decimal(number % 9_973) / 4
        yield (
            f"S{number // 4:07d}",
            number % 4 + 1,
            f"客户 {number % 900}",
            f"P-{number % 40:03d}",
            quantity,
            price,
            (quantity * price).quantize(Decimal("0.01")),
            "CNY",
            f"E{number % 60:03d}",
            "confirmed",
            moment.date(),
            moment,
        )


class CsvFolder:
    """A folder with one CSV file."""

    def __init__(self, folder: Path, records: int) -> None:
        self.folder, self.file = folder, folder / "order_lines.csv"
        with self.file.open("w", newline="", encoding="utf-8") as handle:
            writer = csv.writer(handle)
            writer.writerow(_COLUMNS)
            writer.writerows(order_lines(records))

    def connector(self) -> FilesConnector:
        """Scoreline's way."""
        stream = {"name": STREAM, "glob": "*.csv", "key": ["order_no", "line_no"]}
        return FilesConnector(FilesConfig.model_validate({"url": str(self.folder), "streams": [stream]}))

    def with_pandas(self, folder: Path) -> int:
        """The whole file as a frame of text, then Parquet."""
        frame = pd.read_csv(self.file, dtype="str")
        frame.to_parquet(folder / "bench.parquet")
        return len(frame)

    def with_arrow(self, folder: Path) -> int:
        """Arrow's own reader block by block, types inferred, then Parquet."""
        with pyarrow.csv.open_csv(self.file) as reader:
            return write_parquet((pa.Table.from_batches([block]) for block in reader), reader.schema, folder)

    def pages(self) -> Pages:
        """Pages of rows as dicts."""
        with self.file.open(newline="", encoding="utf-8") as handle:
            rows = csv.DictReader(handle)
            while page := list(itertools.islice(rows, DICT_PAGE)):
                yield page


class Database:
    """A database with one table."""

    def __init__(self, url: str, name: str, records: int) -> None:
        self.url, self.name = url, name
        metadata = sa.MetaData()
        columns = [
            sa.Column(column, kind, primary_key=column in ("order_no", "line_no")) for column, kind in _COLUMNS.items()
        ]
        self.table = sa.Table(STREAM, metadata, *columns)
        self.engine = sa.create_engine(url, poolclass=sa.NullPool)
        metadata.create_all(self.engine)
        with self.engine.begin() as connection:
            rows = order_lines(records)
            while some := list(itertools.islice(rows, SQL_PAGE)):
                connection.execute(sa.insert(self.table), [dict(zip(_COLUMNS, row, strict=True)) for row in some])

    def connector(self) -> SqlDatabaseConnector:
        """Scoreline's way."""
        stream = {"name": STREAM, "cursor": "changed_at"}
        return SqlDatabaseConnector(SqlDatabaseConfig.model_validate({"url": self.url, "streams": [stream]}))

    def bare(self, folder: Path) -> int:
        """`fetchmany` on a server-side cursor, columns to Arrow, then Parquet."""
        kinds = pa.schema([(name, _arrow_kind(kind)) for name, kind in _COLUMNS.items()])
        return write_parquet(self._tables(kinds), kinds, folder)

    def pages(self) -> Pages:
        """Pages of rows as dicts."""
        for rows in self._fetched():
            yield [dict(row._mapping) for row in rows]

    def _tables(self, kinds: pa.Schema) -> Iterator[pa.Table]:
        for rows in self._fetched():
            columns = zip(*rows, strict=True)
            arrays = [pa.array(values, field.type) for values, field in zip(columns, kinds, strict=True)]
            yield pa.Table.from_arrays(arrays, schema=kinds)

    def _fetched(self) -> Iterator[list[sa.Row[Any]]]:
        engine = self.engine.execution_options(stream_results=True)
        with engine.connect() as connection, connection.execute(sa.select(self.table)) as result:
            while rows := list(result.fetchmany(SQL_PAGE)):
                yield rows


@contextlib.contextmanager
def database(folder: Path, records: int) -> Iterator[Database]:
    """A filled table in a private PostgreSQL; in SQLite where the PostgreSQL server is not installed."""
    found = binaries()
    if found is None:
        yield Database(f"sqlite:///{folder / 'bench.sqlite'}", "SQLite, for want of a PostgreSQL server", records)
        return
    with cluster(found) as port:
        server = Postgres(port)
        yield Database(server.url(server.create_database()), "PostgreSQL", records)


def _arrow_kind(kind: Any) -> pa.DataType:
    if isinstance(kind, sa.Numeric):
        return pa.decimal128(kind.precision, kind.scale)
    if isinstance(kind, sa.DateTime):
        return pa.timestamp("us", tz="UTC")
    return {sa.Text: pa.string(), sa.Integer: pa.int64(), sa.Date: pa.date32()}[kind]
