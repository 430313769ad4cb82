"""A database over SQLAlchemy (SQLite; `postgresql` has a server): the kit changes deals."""

import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from connectors.base import Connector
from connectors.sql_database import SqlDatabaseConfig, SqlDatabaseConnector
from tests.connectors.kit.peer import USUAL, Columns, Entry, Peer, Record, Settings, Truth

_TABLE = "create table {name} (id integer primary key, name text, note text, score {kind}, day date, changed timestamp)"


class SqlPeer(Peer):
    stream = "deal"
    columns = Columns(text="name", long_text="note", number="score", day="day")
    secret = "no-secret-in-a-local-file"
    page_sizes = (1, 50_000)

    def __init__(self, url: str, connection: sa.Connection) -> None:
        super().__init__()
        self.url, self.db = url, connection
        self._run("pragma journal_mode = wal")  # users write while we read
        self._run(_TABLE.format(name="deal", kind="numeric(18, 6)"))
        self._run("create table owner (id integer primary key, name text)")
        self._run("insert into owner values (1, '甲')")
        self.create(Record("the first"))

    def connector(self, settings: Settings = USUAL) -> Connector:
        streams: list[dict[str, Any]] = [{"name": "deal", "cursor": "changed"}, {"name": "owner"}]
        values = {"url": self.url, "streams": streams, "page_rows": settings.page_size or 1000}
        return SqlDatabaseConnector(SqlDatabaseConfig.model_validate(values), sleep=self.slept.append)

    def truth(self) -> Truth:
        rows = self.db.exec_driver_sql("select id, name, note from deal").all()
        return {
            "deal": {str(row.id): {"name": row.name, "note": row.note} for row in rows},
            "owner": {"1": {"name": "甲"}},
        }

    def create(self, record: Record, at: datetime | None = None) -> str:
        result = self._run("insert into deal (name, note, score, day, changed) values (?, ?, ?, ?, ?)", record, at)
        return str(result.lastrowid)

    def create_many(self, count: int, at: datetime | None = None) -> None:
        stamp = _stamp(at or self.now())
        rows = [(f"made {number}", stamp) for number in range(count)]
        self.db.exec_driver_sql("insert into deal (name, changed) values (?, ?)", rows)
        self.db.commit()

    def change(self, key: str, record: Record, at: datetime | None = None) -> None:
        self._run(f"update deal set name = ?, note = ?, score = ?, day = ?, changed = ? where id = {key}", record, at)

    def delete(self, key: str, at: datetime | None = None) -> None:
        self._run("create table if not exists bin as select * from deal where 1 = 0")
        self._run(f"insert into bin select * from deal where id = {key}")
        self._run(f"delete from deal where id = {key}")

    def undelete(self, key: str, at: datetime | None = None) -> None:
        self._run(f"insert into deal select * from bin where id = {key}")

    def merge(self, loser: str, survivor: str) -> None:
        self.delete(loser)

    def clear(self) -> None:
        self._run("delete from deal")

    def add_field(self, key: str, value: str) -> str:
        self._run("alter table deal add column segment text")
        self._run(f"update deal set segment = '{value}', changed = '{_stamp(self.now())}' where id = {key}")
        return "segment"

    def retype_number(self, key: str, value: str) -> None:
        self._run(_TABLE.format(name="retyped", kind="text"))
        self._run("insert into retyped select * from deal")
        self._run("drop table deal")
        self._run("alter table retyped rename to deal")
        self._run(f"update deal set score = '{value}', changed = '{_stamp(self.now())}' where id = {key}")

    def _run(self, sql: str, record: Record | None = None, at: datetime | None = None) -> sa.CursorResult[Any]:
        values: tuple[Any, ...] = ()
        if record is not None:
            number = float(Decimal(record.number)) if record.number is not None else None
            values = (record.text, record.long_text, number, record.day, _stamp(at or self.now()))
        result = self.db.exec_driver_sql(sql, values)
        self.db.commit()
        return result


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


@contextlib.contextmanager
def _start(folder: Path) -> Iterator[SqlPeer]:
    url = f"sqlite:///{folder / 'shop.db'}"
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        yield SqlPeer(url, connection)
    engine.dispose()


_LOCAL = "SQLite is a file: no server that answers slowly, wrongly or not at all; see sql_database-postgresql"
_TESTS = {
    "test_passing_trouble_is_retried_with_growing_random_waits": _LOCAL,
    "test_lasting_trouble_ends_loudly": _LOCAL,
    "test_a_throttle_signal_is_waited_for_as_long_as_it_says": _LOCAL,
    "test_an_error_inside_http_200_is_an_error": _LOCAL,
    "test_a_stream_that_breaks_off_loses_nothing": _LOCAL,
    "test_one_failing_stream_does_not_stop_the_others": _LOCAL,
    "test_the_budget_of_a_sync_is_kept_and_the_rest_comes_later": "a database counts no requests: one query per stream",
    "test_a_wrong_secret_is_said_at_once": "SQLite asks for no secret; see sql_database-postgresql",
    "test_the_secret_is_nowhere": "SQLite asks for no secret; see sql_database-postgresql",
    "test_a_token_that_expires_in_mid_stream_is_replaced": "a database session holds as long as its connection",
    "test_a_clock_ahead_or_behind_loses_nothing": "SQLite's clock is this machine's",
}
ENTRIES = [Entry("sql_database", _start, _TESTS)]
