"""What differs between database engines: the clock, the snapshot, and which errors pass by themselves."""

import contextlib
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

SNAPSHOT_ISOLATION = {"postgresql": "REPEATABLE READ", "mysql": "REPEATABLE READ", "mariadb": "REPEATABLE READ"}
"""Engines that show one transaction one state of the data; the others at least show it to one statement."""

_POSTGRES_SETTLED = """
select
    case when pg_is_in_recovery() then coalesce(pg_last_xact_replay_timestamp(), clock_timestamp())
        else clock_timestamp() end as clock,
    (select min(xact_start) from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid()) as oldest,
    (select min(prepared) from pg_prepared_xacts where database = current_database()) as prepared,
    (select count(*) from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid() and query = '<insufficient privilege>') as hidden
"""
_CLOCKS = {
    "mysql": "select utc_timestamp(6)",
    "mariadb": "select utc_timestamp(6)",
    "mssql": "select sysutcdatetime()",
    "oracle": "select sys_extract_utc(systimestamp) from dual",
    "sqlite": "select strftime('%Y-%m-%d %H:%M:%f', 'now')",
}
_UTC_SESSION = {
    "postgresql": "set time zone 'UTC'",
    "mysql": "set time_zone = '+00:00'",
    "mariadb": "set time_zone = '+00:00'",
}
_TIMEOUT = {
    "postgresql": "set statement_timeout = {milliseconds}",
    "mysql": "set session max_execution_time = {milliseconds}",
    "mariadb": "set session max_statement_time = {seconds}",
}
_PASSING = {
    "postgresql": {"40001", "40P01", "57014", "57P01", "57P02", "57P03", "53300", "55P03"},
    "mysql": {"1205", "1213", "2006", "2013", "3024"},
    "mariadb": {"1205", "1213", "1969", "2006", "2013"},
    "mssql": {"1205", "1222", "-2", "10054", "40613"},
    "oracle": {"60", "1555", "3113", "12541", "12514"},
}


def settled_until(connection: sa.Connection) -> tuple[datetime, bool]:
    """The moment before which nothing can still be committed with an earlier time, and whether that is certain.

    PostgreSQL: the start of the oldest open transaction; uncertain when other users' sessions are hidden from this one.
    Elsewhere: the database's clock; late commits are then covered by the overlap alone.
    """
    if connection.dialect.name != "postgresql":
        statement = _CLOCKS.get(connection.dialect.name, "select current_timestamp")
        return _utc(connection.exec_driver_sql(statement).scalar_one()), False
    row = connection.exec_driver_sql(_POSTGRES_SETTLED).one()
    return min(_utc(moment) for moment in (row.clock, row.oldest, row.prepared) if moment is not None), not row.hidden


def prepare_session(connection: Any, dialect: str, timeout_seconds: float) -> None:
    """Let a new connection of the driver speak UTC, so that moments mean the same wherever the server stands, and let
    the server give up a statement that takes longer than the timeout.
    """
    statements = [text for text in (_UTC_SESSION.get(dialect), _TIMEOUT.get(dialect)) if text]
    if statements:
        with contextlib.closing(connection.cursor()) as cursor:
            for statement in statements:
                cursor.execute(statement.format(milliseconds=int(timeout_seconds * 1000), seconds=timeout_seconds))
        connection.commit()


def who(connection: sa.Connection) -> str:
    """Server and user in words, for `check`."""
    name = connection.dialect.name
    version = ".".join(str(part) for part in connection.dialect.server_version_info or ())
    user = connection.exec_driver_sql("select current_user").scalar_one() if name == "postgresql" else None
    return f"{name} {version}" + (f" as {user}" if user else "")


def is_passing(error: sa.exc.DBAPIError, dialect: str) -> bool:
    """Whether another attempt may succeed: lost connections, deadlocks, timeouts, a server that is starting."""
    original = error.orig
    code = getattr(original, "sqlstate", None) or getattr(original, "number", None)
    if code is None and original is not None and original.args:
        code = getattr(original.args[0], "code", original.args[0])
    return error.connection_invalidated or str(code) in _PASSING.get(dialect, set())


def _utc(moment: Any) -> datetime:
    if isinstance(moment, str):
        moment = datetime.fromisoformat(moment)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
