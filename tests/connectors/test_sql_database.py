"""Reading databases: nothing missed however late it was committed, nothing rounded, no password shown."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from pydantic import ValidationError

from connectors.base import ConfigurationError, Connector, SourceError, StatefulConnector, TransientError, Window
from connectors.landing import SyncOptions, sync
from connectors.mapping import Mapping
from connectors.sql_database import SqlDatabaseConfig, SqlDatabaseConnector
from tests.postgres import Postgres, postgres  # noqa: F401 - the fixture

ALL = Window(None, dt.datetime(2100, 1, 1, tzinfo=dt.UTC))


def connector_of(url: str, *streams: dict[str, Any], **settings: Any) -> SqlDatabaseConnector:
    config = SqlDatabaseConfig.model_validate({"url": url, "streams": streams, "overlap_minutes": 0, **settings})
    return SqlDatabaseConnector(config, sleep=lambda seconds: None)


def rows_of(connector: Connector, since: dt.datetime | None = None, stream: str | None = None) -> list[dict[str, Any]]:
    chosen = next(item for item in connector.streams() if stream in (None, item.name))
    window = Window(since, ALL.until)
    return [row for page in connector.read(chosen, window) for row in page.to_pylist()]


def utc(*parts: int) -> dt.datetime:
    return dt.datetime(*parts, tzinfo=dt.UTC)  # type: ignore[arg-type,misc]


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[tuple[str, sa.Connection]]:
    url = f"sqlite:///{tmp_path / 'shop.db'}"
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        yield url, connection
    engine.dispose()


def run(connection: sa.Connection, *statements: str) -> None:
    for statement in statements:
        connection.exec_driver_sql(statement)
    connection.commit()


ORDERS = "create table orders (id integer primary key, name text, amount numeric(12, 2), changed timestamp)"


def test_table_is_read_with_its_own_key_and_types(sqlite: tuple[str, sa.Connection]) -> None:
    url, connection = sqlite
    run(connection, ORDERS, "insert into orders values (1, '甲', 12.5, '2025-01-01 10:00:00'), (2, null, null, null)")
    connector = connector_of(url, {"name": "orders"})
    (stream,) = connector.streams()
    assert (stream.key, stream.cursor, stream.keys_listable) == (("id",), None, True)
    assert rows_of(connector) == [
        {"id": 1, "name": "甲", "amount": Decimal("12.50"), "changed": dt.datetime(2025, 1, 1, 10)},
        {"id": 2, "name": None, "amount": None, "changed": None},
    ]
    assert connector.count(stream) == 2
    assert [list(chunk) for chunk in connector.keys(stream)] == [[1, 2]]
    assert not isinstance(connector, StatefulConnector)


def test_window_includes_its_first_moment_and_records_without_a_cursor_value(sqlite: tuple[str, sa.Connection]) -> None:
    url, connection = sqlite
    times = ["'2025-01-01 09:59:59.999999'", "'2025-01-01 10:00:00.000000'", "'2025-01-01 10:00:00.000000'", "null"]
    run(connection, ORDERS, *(f"insert into orders values ({n}, 'x', 1, {at})" for n, at in enumerate(times, start=1)))
    connector = connector_of(url, {"name": "orders", "cursor": "changed"})
    assert [row["id"] for row in rows_of(connector, utc(2025, 1, 1, 10))] == [2, 3, 4]


def test_overlap_of_a_stream_reaches_further_back_than_the_sources(sqlite: tuple[str, sa.Connection]) -> None:
    url, connection = sqlite
    run(connection, ORDERS, "insert into orders values (1, 'x', 1, '2025-01-01 09:30:00.000000')")
    near = connector_of(url, {"name": "orders", "cursor": "changed"})
    far = connector_of(url, {"name": "orders", "cursor": "changed", "overlap_minutes": 30})
    assert rows_of(near, utc(2025, 1, 1, 10)) == []
    assert [row["id"] for row in rows_of(far, utc(2025, 1, 1, 10))] == [1]


def test_time_without_zone_is_read_in_the_configured_zone_with_an_hour_for_clock_changes(
    sqlite: tuple[str, sa.Connection],
) -> None:
    url, connection = sqlite
    times = ["'2025-01-01 16:59:59.000000'", "'2025-01-01 17:00:00.000000'", "'2025-01-01 18:30:00.000000'"]
    run(connection, ORDERS, *(f"insert into orders values ({n}, 'x', 1, {at})" for n, at in enumerate(times, start=1)))
    connector = connector_of(url, {"name": "orders", "cursor": "changed"}, time_zone="Asia/Shanghai")
    assert [row["id"] for row in rows_of(connector, utc(2025, 1, 1, 10))] == [2, 3]


def test_composite_keys_are_tuples_and_can_be_asked_for(sqlite: tuple[str, sa.Connection]) -> None:
    url, connection = sqlite
    run(
        connection,
        "create table lines (order_no text, pos integer, qty integer, primary key (order_no, pos))",
        "insert into lines values ('A', 1, 5), ('A', 2, 6), ('B', 1, 7)",
    )
    connector = connector_of(url, {"name": "order_line", "table": "lines"})
    (stream,) = connector.streams()
    assert stream.key == ("order_no", "pos")
    assert [list(chunk) for chunk in connector.keys(stream)] == [[("A", 1), ("A", 2), ("B", 1)]]
    (page,) = connector.read_keys(stream, [("A", 2), ("B", 1), ("C", 1)])
    assert page.column("qty").to_pylist() == [6, 7]


def test_columns_are_chosen_and_spelt_as_landing_spells_them(sqlite: tuple[str, sa.Connection]) -> None:
    url, connection = sqlite
    run(
        connection,
        'create table t ("OrderNo" integer primary key, "客户" text, secret text)',
        "insert into t values (1, '甲', 's')",
    )
    connector = connector_of(url, {"name": "t", "key": ["orderno"], "columns": ["客户"]})
    assert rows_of(connector) == [{"order_no": 1, "客户": "甲"}]


def test_key_spelt_in_other_letters_is_the_landed_column(sqlite: tuple[str, sa.Connection]) -> None:
    url, connection = sqlite
    run(connection, 'create table t ("OrderNo" integer primary key)', "insert into t values (1)")
    connector = connector_of(url, {"name": "t", "key": ["OrderNo"]})
    assert connector.streams()[0].key == ("order_no",)


def test_query_is_a_stream(sqlite: tuple[str, sa.Connection]) -> None:
    url, connection = sqlite
    run(connection, ORDERS, "insert into orders values (1, 'x', 2, null), (2, 'x', 3, null), (3, 'y', 4, null)")
    query = "select name, sum(amount) as total, '10:30' as at from orders group by name;"
    connector = connector_of(url, {"name": "totals", "query": query, "key": ["name"]})
    assert rows_of(connector) == [
        {"name": "x", "total": "5", "at": "10:30"},
        {"name": "y", "total": "4", "at": "10:30"},
    ]
    assert connector.count(connector.streams()[0]) == 2


def test_pages_hold_the_configured_number_of_records(sqlite: tuple[str, sa.Connection]) -> None:
    url, connection = sqlite
    run(connection, ORDERS, *(f"insert into orders values ({n}, 'x', 1, null)" for n in range(5)))
    connector = connector_of(url, {"name": "orders"}, page_rows=2)
    assert [page.num_rows for page in connector.read(connector.streams()[0], ALL)] == [2, 2, 1]


def test_mistakes_in_the_configuration_are_named(sqlite: tuple[str, sa.Connection]) -> None:
    url, connection = sqlite
    run(
        connection,
        ORDERS,
        "create table log (line text)",
        'create table twice (id integer primary key, a_b text, "a b" text)',
    )
    cases: dict[str, Any] = {
        "stream x: there is no table 'x' in the default schema": {"name": "x", "key": ["id"]},
        "stream log: has no primary key; say which columns identify a record in `key`": {"name": "log"},
        "stream orders: key names column 'idd', which is not there; did you mean id?": {
            "name": "orders",
            "key": ["idd"],
        },
        "stream orders: cursor name is string; expected a date or timestamp column": {
            "name": "orders",
            "cursor": "name",
        },
        "stream twice: several columns would land as 'a_b'": {"name": "twice"},
    }
    for message, stream in cases.items():
        problems = connector_of(url, stream).check().stream_problems
        assert problems[stream["name"]].startswith(message)


def test_a_query_needs_a_key_and_a_table_is_no_query() -> None:
    with pytest.raises(ValidationError, match="a query has no primary key"):
        connector_of("sqlite://", {"name": "x", "query": "select 1"})
    with pytest.raises(ValidationError, match="give table or query, not both"):
        connector_of("sqlite://", {"name": "x", "query": "select 1", "table": "y", "key": ["id"]})


def test_url_that_is_none_and_unknown_driver_do_not_show_the_password() -> None:
    for url in ("hunter2 is my password", "nosuchdb://u:hunter2@h/d"):
        health = connector_of(url, {"name": "x", "key": ["id"]}).check()
        assert not health.ok and "hunter2" not in health.message


def test_mapping_of_an_unknown_stream_is_refused_at_once() -> None:
    mapping = Mapping.model_validate({"employee": {"from": "peple", "columns": {"employee_name": "name"}}})
    config = SqlDatabaseConfig.model_validate({"url": "sqlite://", "streams": [{"name": "people", "key": ["id"]}]})
    with pytest.raises(
        ConfigurationError, match=r"mapping.employee.from: there is no stream 'peple'; did you mean people\?"
    ):
        SqlDatabaseConnector(config, mapping)


@pytest.fixture
def database(postgres: Postgres) -> str:  # noqa: F811
    return postgres.create_database()


TYPES = """
create type mood as enum ('sad', 'happy');
create table kinds (
    id uuid primary key, short char(5), num numeric(38, 10), free numeric, money8 double precision, money4 real,
    doc jsonb, tags int[], state mood, day date, local timestamp, moment timestamptz, flag boolean, raw bytea,
    small numeric(10, 0)
);
insert into kinds values
    ('00000000-0000-0000-0000-00000000000a', 'AB', 1234567890123456789012345678.0123456789, 0.1, 0.15, 9.8,
     '{"a": 1.10}', '{1,2}', 'happy', 'infinity', '-infinity', '2025-01-31 23:30:00+08', true, '\\x00ff', 42),
    ('00000000-0000-0000-0000-00000000000b', null, null, null, null, null,
     null, null, null, '2025-01-31', '2025-01-31 10:00:00.123456', 'infinity', null, null, null);
"""


@pytest.mark.real
def test_postgres_values_arrive_exactly(postgres: Postgres, database: str) -> None:  # noqa: F811
    with postgres.connect(database) as connection:
        connection.execute(TYPES)
    table = connector_of(postgres.url(database), {"name": "kinds"})
    query = connector_of(postgres.url(database), {"name": "kinds", "query": "select * from kinds", "key": ["id"]})
    expected = [
        {
            "id": "00000000-0000-0000-0000-00000000000a",
            "short": "AB",
            "num": Decimal("1234567890123456789012345678.0123456789"),
            "free": Decimal("0.100000000000"),
            "money8": Decimal("0.150000000000"),
            "money4": Decimal("9.800000000000"),
            "doc": '{"a": 1.10}',
            "tags": "{1,2}",
            "state": "happy",
            "day": dt.date(9999, 12, 31),
            "local": dt.datetime(1, 1, 1),
            "moment": utc(2025, 1, 31, 15, 30),
            "flag": True,
            "raw": "00ff",
            "small": 42,
        },
        dict.fromkeys(["short", "num", "free", "money8", "money4", "doc", "tags", "state", "flag", "raw", "small"])
        | {
            "id": "00000000-0000-0000-0000-00000000000b",
            "day": dt.date(2025, 1, 31),
            "local": dt.datetime(2025, 1, 31, 10, 0, 0, 123456),
            "moment": utc(9999, 12, 31),
        },
    ]
    assert rows_of(table) == expected
    assert rows_of(query) == expected
    for connector in (table, query):
        stream = connector.streams()[0]
        keys = [key for chunk in connector.keys(stream) for key in chunk]
        assert [page.num_rows for page in connector.read_keys(stream, keys)] == [2]


@pytest.mark.real
def test_value_that_is_no_number_is_named(postgres: Postgres, database: str) -> None:  # noqa: F811
    with postgres.connect(database) as connection:
        connection.execute("create table t (id int primary key, rate numeric); insert into t values (1, 'NaN')")
    with pytest.raises(SourceError, match=r"stream t: column rate holds NaN, which is no number; read it by a `query`"):
        rows_of(connector_of(postgres.url(database), {"name": "t"}))


CHANGES = "create table changes (id int primary key, name text, changed timestamptz)"


@pytest.mark.real
def test_late_commit_is_read_by_the_next_sync(postgres: Postgres, database: str) -> None:  # noqa: F811
    with postgres.connect(database) as other:
        other.execute(CHANGES)
        late = postgres.connect(database, autocommit=False)
        late.execute("insert into changes values (1, 'late', now())")
        other.execute("select pg_sleep(0.05)")
        other.execute("insert into changes values (2, 'early', now())")

        connector = connector_of(postgres.url(database), {"name": "changes", "cursor": "changed"})
        first = connector.now()
        assert [row["name"] for row in rows_of(connector)] == ["early"]

        late.commit()
        late.close()
        assert connector.now() > first
        assert {row["name"] for row in rows_of(connector, first)} == {"late", "early"}


@pytest.mark.real
def test_late_commit_lands_without_any_overlap(postgres: Postgres, database: str, tmp_path: Path) -> None:  # noqa: F811
    with postgres.connect(database) as other:
        other.execute(CHANGES)
        late = postgres.connect(database, autocommit=False)
        late.execute("insert into changes values (1, 'late', now())")
        other.execute("insert into changes values (2, 'early', now())")
        connector = connector_of(postgres.url(database), {"name": "changes", "cursor": "changed"})
        assert sync(connector, "shop", tmp_path).landed_rows == 1
        late.commit()
        late.close()
        assert sync(connector, "shop", tmp_path).landed_rows == 1
        assert sync(connector, "shop", tmp_path).landed_rows == 0


@pytest.mark.real
def test_user_who_cannot_see_other_sessions_is_told_so(postgres: Postgres, database: str) -> None:  # noqa: F811
    with postgres.connect(database) as other:
        other.execute(CHANGES)
        other.execute("create role plain login password 'plain'; grant select on changes to plain")
        health = connector_of(postgres.url(database, "plain", "plain"), {"name": "changes"}).check()
        assert health.ok and "as plain; other sessions' transactions cannot be seen" in health.message
        assert "cannot be seen" not in connector_of(postgres.url(database), {"name": "changes"}).check().message
        other.execute("drop owned by plain; drop role plain")


@pytest.mark.real
def test_equal_timestamps_over_many_pages_are_all_read(postgres: Postgres, database: str) -> None:  # noqa: F811
    with postgres.connect(database) as other:
        other.execute(CHANGES)
        other.execute("insert into changes select n, 'x', '2025-01-01 10:00+00' from generate_series(1, 250) n")
        other.execute("insert into changes values (0, 'none', null)")
    connector = connector_of(postgres.url(database), {"name": "changes", "cursor": "changed"}, page_rows=10)
    assert sorted(row["id"] for row in rows_of(connector, utc(2025, 1, 1, 10))) == list(range(251))


@pytest.mark.real
def test_future_dated_record_is_read_and_does_not_hide_others(postgres: Postgres, database: str) -> None:  # noqa: F811
    with postgres.connect(database) as other:
        other.execute(CHANGES)
        other.execute("insert into changes values (1, 'future', now() + interval '1 year')")
        connector = connector_of(postgres.url(database), {"name": "changes", "cursor": "changed"})
        watermark = connector.now()
        assert [row["name"] for row in rows_of(connector)] == ["future"]
        other.execute("insert into changes values (2, 'now', now())")
        assert {row["name"] for row in rows_of(connector, watermark)} == {"future", "now"}


@pytest.mark.real
def test_read_shows_one_state_although_records_move_meanwhile(postgres: Postgres, database: str) -> None:  # noqa: F811
    with postgres.connect(database) as other:
        other.execute(CHANGES)
        other.execute(
            "insert into changes "
            "select n, 'old', '2025-01-01'::timestamptz + n * interval '1s' from generate_series(1, 100) n"
        )
        connector = connector_of(postgres.url(database), {"name": "changes", "cursor": "changed"}, page_rows=10)
        pages = connector.read(connector.streams()[0], ALL)
        seen = next(pages).to_pylist()
        other.execute("update changes set name = 'new', changed = case when id % 2 = 0 then null else now() end")
        other.execute("delete from changes where id > 90")
        seen += [row for page in pages for row in page.to_pylist()]
    assert [row["id"] for row in seen] == list(range(1, 101))
    assert {row["name"] for row in seen} == {"old"}


@pytest.mark.real
def test_lost_connection_is_taken_up_behind_the_last_record(postgres: Postgres, database: str) -> None:  # noqa: F811
    with postgres.connect(database) as other:
        other.execute(CHANGES)
        # Records wide enough that the server is still sending when its backend is ended.
        other.execute(
            "insert into changes select n, repeat('x', 10000), '2025-01-01 10:00+00' from generate_series(1, 2000) n"
        )
        connector = connector_of(postgres.url(database), {"name": "changes", "cursor": "changed"}, page_rows=100)
        pages = connector.read(connector.streams()[0], ALL)
        ids = next(pages).column("id").to_pylist()
        other.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity "
            "where pid <> pg_backend_pid() and backend_type = 'client backend'"
        )
        ids += [key for page in pages for key in page.column("id").to_pylist()]
    assert ids == list(range(1, 2001))


@pytest.mark.real
def test_deleted_row_is_found_and_marked(postgres: Postgres, database: str, tmp_path: Path) -> None:  # noqa: F811
    with postgres.connect(database) as other:
        other.execute(CHANGES)
        other.execute("insert into changes select n, 'x', now() from generate_series(1, 30) n")
        connector = connector_of(postgres.url(database), {"name": "changes", "cursor": "changed"})
        assert sync(connector, "shop", tmp_path).landed_rows == 30
        other.execute("delete from changes where id = 7")
        (report,) = sync(connector, "shop", tmp_path).streams
        assert (report.error, report.deleted_rows, report.live_count, report.source_count) == (None, 1, 29, 29)
        assert sync(connector, "shop", tmp_path, SyncOptions(sweep=True)).landed_rows == 0


@pytest.mark.real
def test_table_without_cursor_lands_only_what_differs(postgres: Postgres, database: str, tmp_path: Path) -> None:  # noqa: F811
    with postgres.connect(database) as other:
        other.execute("create table master (id numeric(10, 0) primary key, price numeric(10, 2))")
        other.execute("insert into master values (1, 1.50), (2, 2.50)")
        connector = connector_of(postgres.url(database), {"name": "master"})
        assert sync(connector, "shop", tmp_path).landed_rows == 2
        other.execute("update master set price = 3 where id = 2")
        assert sync(connector, "shop", tmp_path).landed_rows == 1
        other.execute("update master set id = 3 where id = 2")
        (report,) = sync(connector, "shop", tmp_path).streams
        assert (report.landed_rows, report.deleted_rows, report.live_count) == (2, 1, 2)


@pytest.mark.real
def test_errors_say_what_to_do_and_never_show_the_password(postgres: Postgres, database: str) -> None:  # noqa: F811
    stream = {"name": "x", "key": ["id"]}
    wrong = connector_of(postgres.url(database, password="hunter%402"), stream).check()
    assert not wrong.ok and "the password is wrong" in wrong.message and "hunter" not in wrong.message
    absent = connector_of(postgres.url("nowhere"), stream).check()
    assert not absent.ok and "there is no such database" in absent.message
    with pytest.raises(ConfigurationError, match=r"there is no such database"):
        connector_of(postgres.url("nowhere"), stream).now()
    with pytest.raises(TransientError, match=r"database d at 127\.0\.0\.1"):
        connector_of("postgresql+psycopg://u:hunter2@127.0.0.1:1/d", stream).now()
    broken = connector_of(postgres.url(database), {"name": "q", "query": "select 1 as id from nowhere", "key": ["id"]})
    assert "there is no such table" in broken.check().stream_problems["q"]


@pytest.mark.real
def test_connector_cannot_write(postgres: Postgres, database: str) -> None:  # noqa: F811
    with postgres.connect(database) as other:
        other.execute(CHANGES)
        other.execute(
            "create function sneak() returns int language sql as 'insert into changes values (1) returning id'"
        )
        connector = connector_of(postgres.url(database), {"name": "q", "query": "select sneak() as id", "key": ["id"]})
        with pytest.raises(SourceError, match="read-only transaction"):
            rows_of(connector)
        assert other.execute("select count(*) from changes").fetchone() == (0,)
