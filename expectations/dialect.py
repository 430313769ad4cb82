"""The DuckDB dialect that lets Great Expectations run its SQL inside the warehouse file.

`duckdb_engine` answers a query from the connection's own cursor, and Great Expectations reads results after it has
handed the connection back; by then another query has replaced them. Here every result is read in full before the
connection goes back. Results are small (counts and at most a few sample rows), so nothing of size is held.
"""

from pathlib import Path
from typing import Any

import duckdb_engine
from sqlalchemy import (
    BigInteger,
    Boolean,
    Connection,
    Date,
    DateTime,
    Integer,
    Numeric,
    String,
    text,
)
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.psycopg2 import PGExecutionContext_psycopg2
from sqlalchemy.engine.cursor import FullyBufferedCursorFetchStrategy
from sqlalchemy.engine.interfaces import ReflectedColumn, ReflectedPrimaryKeyConstraint
from sqlalchemy.exc import NoSuchTableError
from sqlalchemy.types import NullType

DIALECT = "duckdb.buffered"
_COLUMNS = """
    select column_name, data_type, is_nullable
    from duckdb_columns()
    where database_name = current_database() and schema_name = :schema and table_name = :table
    order by column_index
"""
_TYPES = {
    "VARCHAR": String,
    "DECIMAL": Numeric,
    "DATE": Date,
    "TIMESTAMP": DateTime,
    "BOOLEAN": Boolean,
    "INTEGER": Integer,
    "BIGINT": BigInteger,
}


def _column(name: str, kind: str, nullable: bool) -> ReflectedColumn:
    return {"name": name, "type": _TYPES.get(kind.partition("(")[0], NullType)(), "nullable": nullable, "default": None}


class BufferedContext(PGExecutionContext_psycopg2):
    """Reads each result to its end as soon as the statement has run."""

    def post_exec(self) -> None:
        """Replace the lazy cursor by its rows; statements without rows keep theirs."""
        if self.cursor is not None and self.cursor.description:
            rows = self.cursor.fetchall()
            self.cursor_fetch_strategy = FullyBufferedCursorFetchStrategy(
                self.cursor, initial_buffer=rows, alternate_description=self.cursor.description
            )


class BufferedDialect(duckdb_engine.Dialect):
    """`duckdb_engine` with results that outlive the connection."""

    execution_ctx_cls = BufferedContext
    supports_statement_cache = False

    def get_columns(
        self, connection: Connection, table_name: str, schema: str | None = None, **_: Any
    ) -> list[ReflectedColumn]:
        """Columns of a table or view; the inherited way asks PostgreSQL catalogs that DuckDB has only in part."""
        rows = connection.execute(text(_COLUMNS), {"table": table_name, "schema": schema or "main"}).all()
        if not rows:
            raise NoSuchTableError(f"{schema}.{table_name}" if schema else table_name)
        return [_column(str(name), str(kind), bool(nullable)) for name, kind, nullable in rows]

    def get_pk_constraint(
        self, connection: Connection, table_name: str, schema: str | None = None, **_: Any
    ) -> ReflectedPrimaryKeyConstraint:
        """None: dbt builds tables without key constraints; the uniqueness rules stand in for them."""
        return {"constrained_columns": [], "name": None}


registry.register(DIALECT, __name__, "BufferedDialect")


def url(warehouse: Path) -> str:
    """The SQLAlchemy address of a warehouse file."""
    return f"{DIALECT.replace('.', '+')}:///{warehouse}"
