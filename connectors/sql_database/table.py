"""One stream's table or query as SQLAlchemy sees it: its columns, key and cursor, and the statements that read it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import sqlalchemy as sa

from connectors.base import ConfigurationError
from connectors.mapping.models import nearest
from connectors.sql_database.columns import SourceColumn, source_column
from connectors.sql_database.config import SqlStream

_POSTGRES_TYPES: dict[str, sa.types.TypeEngine[Any]] = {
    "int2": sa.SmallInteger(),
    "int4": sa.Integer(),
    "int8": sa.BigInteger(),
    "float4": sa.REAL(),
    "float8": sa.Double(),
    "bool": sa.Boolean(),
    "text": sa.Text(),
    "varchar": sa.String(),
    "bpchar": sa.CHAR(),
    "bytea": sa.LargeBinary(),
    "date": sa.Date(),
    "timestamp": sa.DateTime(),
    "timestamptz": sa.DateTime(timezone=True),
}
"""By the names psycopg gives the columns of a query."""


@dataclass(frozen=True)
class StreamTable:
    """A table or query of one stream with its columns (by source name), key and cursor (source names)."""

    stream: SqlStream
    relation: sa.FromClause
    columns: dict[str, SourceColumn]
    key: tuple[str, ...]
    cursor: str | None

    @property
    def where(self) -> str:
        """The stream in words, for errors."""
        return f"stream {self.stream.name}"

    def everything(self) -> sa.Select[Any]:
        """All records in any order."""
        return sa.select(*(column.selected for column in self.columns.values()))

    def without_cursor_value(self) -> sa.Select[Any]:
        """Records that no comparison of the cursor finds."""
        return self.everything().where(self._cursor_element.is_(None))

    def ordered(self, since: Any, until: Any) -> sa.Select[Any]:
        """Records with `since <= cursor < until` in order of cursor and key; None leaves that side open."""
        cursor = self._cursor_element
        statement = self.everything().where(cursor.is_not(None))
        if since is not None:
            statement = statement.where(cursor >= since)
        if until is not None:
            statement = statement.where(cursor < until)
        return statement.order_by(*self._order)

    def behind(self, statement: sa.Select[Any], values: Sequence[Any]) -> sa.Select[Any]:
        """The ordered statement from behind a record on; `values` are its cursor and key."""
        return statement.where(_behind(self._order, values))

    def place(self, row: sa.Row[Any]) -> list[Any]:
        """Cursor and key of a row that one of the statements gave."""
        names = list(self.columns)
        return [row[names.index(name)] for name in (str(self.cursor), *self.key)]

    def key_columns(self) -> list[SourceColumn]:
        """The key's columns."""
        return [self.columns[name] for name in self.key]

    def has_key(self, keys: Sequence[Any]) -> sa.ColumnElement[bool]:
        """The condition that a record has one of the keys."""
        columns = [column.compared for column in self.key_columns()]
        if len(columns) == 1:
            return columns[0].in_([key[0] if isinstance(key, tuple) else key for key in keys])
        return sa.or_(*(sa.and_(*(column == part for column, part in zip(columns, key, strict=True))) for key in keys))

    @property
    def _cursor_element(self) -> sa.ColumnElement[Any]:
        return self.relation.c[str(self.cursor)]

    @property
    def _order(self) -> list[sa.ColumnElement[Any]]:
        return [self._cursor_element, *(column.compared for column in self.key_columns())]


def _behind(columns: Sequence[sa.ColumnElement[Any]], values: Sequence[Any]) -> sa.ColumnElement[bool]:
    """(a, b, ...) > (x, y, ...) spelt out, as not every engine compares rows."""
    first: sa.ColumnElement[bool] = columns[0] > values[0]
    if len(columns) == 1:
        return first
    return sa.or_(first, sa.and_(columns[0] == values[0], _behind(columns[1:], values[1:])))


def look_up(connection: sa.Connection, stream: SqlStream, schema: str | None) -> StreamTable:
    """The stream's columns as the database declares them; raises ConfigurationError naming what is not there."""
    where = f"stream {stream.name}"
    relation, primary = _query(connection, stream) if stream.query else _reflected(connection, stream, schema)
    found = {column.name: source_column(column, connection.dialect.name) for column in relation.c}
    key = [_named(name, found, where, "key") for name in stream.key] or primary
    if not key:
        raise ConfigurationError(f"{where}: has no primary key; say which columns identify a record in `key`")
    cursor = _named(stream.cursor, found, where, "cursor") if stream.cursor else None
    if cursor is not None:
        _refuse_cursor_without_time(found[cursor], where)
    chosen = found
    if stream.columns is not None:
        wanted = {_named(name, found, where, "columns") for name in stream.columns} | {*key, cursor}
        chosen = {name: column for name, column in found.items() if name in wanted}
    _refuse_equal_names([column.landed for column in chosen.values()], where)
    return StreamTable(stream, relation, chosen, tuple(key), cursor)


def _refuse_cursor_without_time(cursor: SourceColumn, where: str) -> None:
    if not (pa.types.is_timestamp(cursor.kind) or pa.types.is_date(cursor.kind)):
        raise ConfigurationError(
            f"{where}: cursor {cursor.name} is {cursor.kind}; expected a date or timestamp column. Leave `cursor` out "
            "to read all records each time"
        )


def _refuse_equal_names(landed: list[str], where: str) -> None:
    repeated = sorted({name for name in landed if landed.count(name) > 1 or not name})
    if repeated:
        raise ConfigurationError(f"{where}: several columns would land as {repeated[0]!r}; rename one in a `query`")


def _named(name: str, found: dict[str, SourceColumn], where: str, field: str) -> str:
    """The column as the database spells it; letter case is forgiven, as engines fold it differently."""
    folded = {column.lower(): column for column in found}
    if name not in found and name.lower() not in folded:
        raise ConfigurationError(f"{where}: {field} names column {name!r}, which is not there; {nearest(name, found)}")
    return name if name in found else folded[name.lower()]


def _reflected(connection: sa.Connection, stream: SqlStream, schema: str | None) -> tuple[sa.FromClause, list[str]]:
    name = stream.table or stream.name
    try:
        table = sa.Table(name, sa.MetaData(), schema=schema, autoload_with=connection, resolve_fks=False)
    except sa.exc.NoSuchTableError:
        place = f"schema {schema}" if schema else "the default schema"
        raise ConfigurationError(f"stream {stream.name}: there is no table {name!r} in {place}") from None
    return table, [column.name for column in table.primary_key.columns]


def _query(connection: sa.Connection, stream: SqlStream) -> tuple[sa.FromClause, list[str]]:
    """The query as a relation; its column types come from a reading of no rows."""
    # A colon is a bind parameter to SQLAlchemy; here it is the user's own SQL (casts, times).
    text = (stream.query or "").strip().rstrip(";").replace(":", r"\:")
    result = connection.execute(sa.text(f"select * from ({text}\n) stream_query where 1 = 0"))
    description = result.cursor.description if result.cursor is not None else ()
    columns = [sa.column(item[0], _described_type(connection, item)) for item in description]
    result.close()
    return sa.text(text).columns(*columns).subquery("stream_query"), []


def _described_type(connection: sa.Connection, item: Any) -> sa.types.TypeEngine[Any]:
    """The type of a query's column; only psycopg tells it in a form known here, elsewhere it is read as text."""
    if connection.dialect.name != "postgresql" or not hasattr(item, "type_display"):
        return sa.types.NullType()
    name = item.type_display.split("(")[0]
    if name == "numeric" and not item.type_display.endswith("]"):
        return sa.Numeric(item.precision, item.scale)
    return _POSTGRES_TYPES.get(item.type_display.partition("(")[0], sa.types.NullType())
