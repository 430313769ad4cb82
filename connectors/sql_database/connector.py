"""`SqlDatabaseConnector`: streams of tables and queries, each read from one consistent state of the database.

Records that change while they are read: engines with snapshots do not show the change; on the others the read ends at
the database's clock at its beginning, and the change comes with the next read. Late commits: the watermark is the start
of the oldest open transaction where the engine tells it, and every read starts `overlap` earlier still.
"""

import contextlib
import json
import random
import time
import urllib.parse
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import sqlalchemy as sa

from connectors.arrow import snake_case
from connectors.base import ConfigurationError, Health, SourceError, Stream, TransientError, Window
from connectors.mapping import Mapping
from connectors.sql_database.columns import SourceColumn
from connectors.sql_database.config import SqlDatabaseConfig, SqlStream
from connectors.sql_database.engines import SNAPSHOT_ISOLATION, is_passing, prepare_session, settled_until, who
from connectors.sql_database.table import StreamTable, look_up

_KEYS_AT_ONCE = 500
_ATTEMPTS = 4
_WRONG_SETTING = {
    "28P01": "the password is wrong",
    "28000": "the user may not connect",
    "3D000": "there is no such database",
    "42501": "the user may not read this",
    "42P01": "there is no such table",
    "42703": "there is no such column",
    "42601": "the SQL is wrong",
}
_WRONG_WORDS = {
    "password authentication failed": "the password is wrong",
    "does not exist": "there is no such database or role",
    "no pg_hba.conf entry": "the user may not connect from here",
}
"""While connecting, PostgreSQL's driver gives no code, only the server's words."""


class SqlDatabaseConnector:
    """One database as a source; holds no connection between calls."""

    system = "sql_database"

    def __init__(
        self,
        config: SqlDatabaseConfig,
        mapping: Mapping | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.config, self._sleep = config, sleep
        self._streams = {stream.name: stream for stream in config.streams}
        self.overlap = timedelta(minutes=config.overlap_minutes)
        self._tables: dict[str, StreamTable] = {}
        problems = mapping.stream_problems(self._streams) if mapping else []
        if problems:
            raise ConfigurationError("; ".join(problems))

    def check(self) -> Health:
        """Connect and look at every stream's columns; reads no records."""
        try:
            with self._connected() as connection:
                _, certain = settled_until(connection)
                message = who(connection)
        except SourceError as error:
            return Health(False, str(error))
        if not certain:
            message += (
                "; other sessions' transactions cannot be seen: changes committed more than "
                f"{self.config.overlap_minutes} minutes after they were made could be missed; if there are such, "
                "widen overlap_minutes"
            )
        problems = {}
        for name in self._streams:
            try:
                self._table(name)
            except SourceError as error:
                problems[name] = str(error)
        return Health(not problems, message, problems)

    def streams(self) -> Sequence[Stream]:
        """The configured streams; contacts the database only for keys that the configuration leaves out."""
        return [self._stream(stream) for stream in self.config.streams]

    def now(self) -> datetime:
        """The moment before which every record is committed and visible (UTC), by the database's clock."""
        with self._connected() as connection:
            return settled_until(connection)[0]

    def read(self, stream: Stream, window: Window) -> Iterator[pa.Table]:
        """Records changed since the window began, in order of cursor and key, then those without a cursor value."""
        table = self._table(stream.name)
        if table.cursor is None:
            yield from self._pages(table, [table.everything()])
            return
        since = self._lower_bound(table, window.since)
        until = None if self._has_snapshots else self._upper_bound(table)
        ordered = table.ordered(since, until)
        if window.after is not None:
            ordered = table.behind(ordered, _place_of(table, window.after))
        yield from self._pages(table, [ordered, table.without_cursor_value()])

    def position(self, stream: Stream, page: pa.Table) -> str | None:
        """Cursor and key of the page's last record; None without a cursor, as such a read has no order."""
        table = self._table(stream.name)
        if table.cursor is None or not page.num_rows:
            return None
        last = page.slice(page.num_rows - 1)
        names = (table.columns[table.cursor].landed, *(column.landed for column in table.key_columns()))
        values = [last[name][0].as_py() for name in names]
        return None if values[0] is None else json.dumps([_written(value) for value in values])

    def count(self, stream: Stream) -> int | None:
        """Records there now."""
        table = self._table(stream.name)
        with self._connected() as connection:
            return int(connection.execute(sa.select(sa.func.count()).select_from(table.relation)).scalar_one())

    def keys(self, stream: Stream) -> Iterator[Iterable[object]]:
        """All live keys from one consistent state, in chunks; a composite key is a tuple."""
        table = self._table(stream.name)
        columns = table.key_columns()
        for page in self._pages(table, [sa.select(*(column.selected for column in columns))], columns):
            parts = [page.column(position).to_pylist() for position in range(len(columns))]
            yield list(zip(*parts, strict=True)) if len(parts) > 1 else parts[0]

    def read_keys(self, stream: Stream, keys: Sequence[object]) -> Iterator[pa.Table]:
        """The records of the given keys, as `keys` gave them."""
        table = self._table(stream.name)
        for start in range(0, len(keys), _KEYS_AT_ONCE):
            wanted = table.has_key(keys[start : start + _KEYS_AT_ONCE])
            yield from self._pages(table, [table.everything().where(wanted)])

    def _stream(self, configured: SqlStream) -> Stream:
        cursor = snake_case(configured.cursor) if configured.cursor else None
        key = tuple(snake_case(part) for part in configured.key)
        if not key:
            key = tuple(column.landed for column in self._table(configured.name).key_columns())
        return Stream(configured.name, key=key, cursor=cursor, keys_listable=True)

    def _lower_bound(self, table: StreamTable, since: datetime | None) -> Any:
        """The window's beginning as the cursor column spells it, earlier by what this stream overlaps more."""
        if since is None:
            return None
        own = timedelta(minutes=table.stream.overlap_minutes or 0)
        since -= max(own - self.overlap, timedelta(0))
        if self.config.time_zone != "UTC":
            # Where clocks are put back an hour comes twice; its second pass must not hide behind the first.
            since -= timedelta(hours=1)
        return self._as_cursor(table, since)

    def _upper_bound(self, table: StreamTable) -> Any:
        """The database's clock as the read begins, frozen for the whole read."""
        with self._connected() as connection:
            return self._as_cursor(table, settled_until(connection)[0])

    def _as_cursor(self, table: StreamTable, moment: datetime) -> Any:
        kind = table.columns[str(table.cursor)].kind
        if pa.types.is_timestamp(kind) and kind.tz is not None:
            return moment
        local = moment.astimezone(ZoneInfo(self.config.time_zone)).replace(tzinfo=None)
        return local.date() if pa.types.is_date(kind) else local

    def _pages(
        self, table: StreamTable, statements: Sequence[sa.Select[Any]], columns: Sequence[SourceColumn] | None = None
    ) -> Iterator[pa.Table]:
        """Pages of the statements, streamed by the server, all from one snapshot.

        After a lost connection a read in order goes on behind the last row handed on; others start again.
        """
        columns = columns or list(table.columns.values())
        first, *others = statements
        resumed = first
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                for number, rows in self._partitions([resumed, *others]):
                    yield _page(rows, columns, table.where)
                    if others and number == 0:
                        resumed = table.behind(first, table.place(rows[-1]))
                return
            except TransientError:
                if attempt == _ATTEMPTS:
                    raise
                # random, so that many readers of one database do not all come back at once
                self._sleep(2.0**attempt * random.uniform(0.5, 1.0))  # noqa: S311

    def _partitions(self, statements: Sequence[sa.Select[Any]]) -> Iterator[tuple[int, Sequence[sa.Row[Any]]]]:
        with self._connected() as connection:
            streaming = connection.execution_options(yield_per=self.config.page_rows)
            for number, statement in enumerate(statements):
                for rows in streaming.execute(statement).partitions():
                    yield number, rows

    def _table(self, name: str) -> StreamTable:
        if name not in self._tables:
            with self._connected() as connection:
                self._tables[name] = look_up(connection, self._streams[name], self.config.schema_name)
        return self._tables[name]

    @cached_property
    def _url(self) -> sa.URL:
        try:
            return sa.make_url(self.config.url.get_secret_value())
        except (sa.exc.ArgumentError, ValueError):
            raise ConfigurationError(
                "the url is no SQLAlchemy URL; expected dialect+driver://user:password@host:port/database, special "
                "characters of the password percent-encoded"
            ) from None

    @property
    def _has_snapshots(self) -> bool:
        return self._url.get_backend_name() in SNAPSHOT_ISOLATION

    @cached_property
    def _engine(self) -> sa.Engine:
        backend = self._url.get_backend_name()
        options: dict[str, Any] = {}
        if backend in SNAPSHOT_ISOLATION:
            options["isolation_level"] = SNAPSHOT_ISOLATION[backend]
        try:
            engine = sa.create_engine(self._url, poolclass=sa.NullPool, hide_parameters=True, **options)
        except (ImportError, sa.exc.ArgumentError) as error:
            raise ConfigurationError(self._redacted(f"no driver for this url: {error}")) from None
        timeout = self.config.timeout_seconds
        sa.event.listen(engine, "connect", lambda connection, _: prepare_session(connection, backend, timeout))
        return engine.execution_options(postgresql_readonly=True) if backend == "postgresql" else engine

    @contextlib.contextmanager
    def _connected(self) -> Iterator[sa.Connection]:
        """A read-only transaction; errors of the database come out as SourceError in words, without the password."""
        try:
            with self._engine.connect() as connection:
                yield connection
        except sa.exc.DBAPIError as error:
            self._redact(error, error.orig)
            raise self._in_words(error) from None
        except sa.exc.SQLAlchemyError as error:
            self._redact(error)
            raise ConfigurationError(f"{self._place}: {error}") from None

    @property
    def _place(self) -> str:
        return f"database {self._url.database} at {self._url.host or 'this machine'}"

    def _in_words(self, error: sa.exc.DBAPIError) -> SourceError:
        detail = " ".join(str(error.orig).split())
        state = str(getattr(error.orig, "sqlstate", None) or "")
        hint = _WRONG_SETTING.get(state, "")
        if not state:
            hint = next((meaning for words, meaning in _WRONG_WORDS.items() if words in detail), "")
        message = self._redacted(f"{self._place}: {f'{hint}: ' if hint else ''}{detail}")
        if is_passing(error, self._url.get_backend_name()):
            return TransientError(message)
        if hint:
            return ConfigurationError(message)
        # A refused or unknown host has no code; it may be a server that restarts.
        unreachable = isinstance(error, sa.exc.OperationalError) and not state and self._url.host is not None
        return TransientError(message) if unreachable else SourceError(message)

    def _redact(self, *errors: BaseException | None) -> None:
        """Take the password out of the errors themselves: they stay reachable behind the one that is raised."""
        for error in errors:
            if error is not None:
                error.args = tuple(self._redacted(part) if isinstance(part, str) else part for part in error.args)

    def _redacted(self, message: str) -> str:
        """Without the password, as it is and as the url spells it."""
        password = str(self._url.password or "")
        for secret in (password, urllib.parse.quote(password, safe=""), urllib.parse.quote_plus(password)):
            message = message.replace(secret, "***") if secret else message
        return message


def _written(value: Any) -> Any:
    """A cursor or key value as JSON holds it."""
    return value if isinstance(value, int | str | bool) else str(value)


def _place_of(table: StreamTable, position: str) -> list[Any]:
    """The values of a position as the columns compare them."""
    columns = [table.columns[str(table.cursor)], *table.key_columns()]
    return [_read_back(value, column.kind) for value, column in zip(json.loads(position), columns, strict=True)]


def _read_back(value: Any, kind: pa.DataType) -> Any:
    if pa.types.is_timestamp(kind):
        return datetime.fromisoformat(value)
    if pa.types.is_date(kind):
        return date.fromisoformat(value)
    return Decimal(value) if pa.types.is_decimal(kind) else value


def _page(rows: Sequence[sa.Row[Any]], columns: Sequence[SourceColumn], where: str) -> pa.Table:
    values = list(zip(*rows, strict=True))
    arrays = [column.array(values[position], where) for position, column in enumerate(columns)]
    return pa.table(arrays, names=[column.landed for column in columns])
