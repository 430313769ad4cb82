"""After a build: closed values stand, what would change them is booked, what is approved moves.

Leaves in the warehouse the schema `official` with, for every table that closes, the relation that is published (a view
of the computed rows, with held rows in the place of those of closed periods), and the ledger in `marts.restatement`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa

from expectations.catalog import load
from expectations.closing import OFFICIAL, ClosingTable, closing_tables, difference_sql, values_sql
from pipelines.company.load import FiledApproval
from pipelines.publish.releases import Release
from pipelines.restatement.causes import Change
from pipelines.restatement.ledger import Entry, Movement, ValueKey, attribute

ClosedPeriod = tuple[str, date]
"""Type and first day."""
BuildAgain = Callable[[tuple[str, ...]], AbstractContextManager[Path]]
"""The warehouse as it would be with these causes taken back; it holds at least the tables that close."""
LEDGER = "marts.restatement"
_PENDING, _APPROVED, _REOPENED = "pending", "approved", "reopened"
_ENTRY = pa.schema(
    [
        ("table_name", pa.string()),
        ("period_type", pa.string()),
        ("period_start", pa.date32()),
        ("subject", pa.string()),
        ("row_key", pa.string()),
        ("column_name", pa.string()),
        ("cause", pa.string()),
        ("cause_no", pa.int32()),
        ("old_value", pa.string()),
        ("new_value", pa.string()),
        ("delta", pa.decimal128(38, 9)),
    ]
)
_APPROVAL = pa.schema(
    [
        ("approval_id", pa.string()),
        ("period_type", pa.string()),
        ("period_start", pa.date32()),
        ("subject", pa.string()),
        ("through_booking", pa.int32()),
        ("approved_by", pa.string()),
        ("approved_on", pa.date32()),
        ("approval_reason", pa.string()),
    ]
)
_HELD_PERIODS = f"(select (period_type, period_start) from {OFFICIAL}.held_period)"
_IN_HELD_PERIOD = f"(side.period_type, side.period_start) in {_HELD_PERIODS}"


@dataclass(frozen=True)
class Settlement:
    """What settling did. booked: entries of this build; builds: how often the models were built for it."""

    held_periods: int
    moved_values: int
    booked: int
    builds: int


def settle(
    warehouse: Path,
    release: Release | None,
    closing: Mapping[ClosedPeriod, Release],
    approvals: Sequence[FiledApproval],
    as_of_date: date,
    change: Callable[[], Change],
    build_again: BuildAgain,
) -> Settlement:
    """Settle the candidate in `warehouse`, which was built to follow `release` (None: the first).

    closing: the release that closed each period (see `closing`). change and build_again are called only when a value of
    a closed period differs from what the release shows or has booked. Repeating the call on the same build ends alike.
    """
    tables = closing_tables(load())
    builds = _Counter(build_again)
    with duckdb.connect(str(warehouse)) as con:
        con.execute("begin transaction")  # settled as a whole or not at all
        con.execute(f"delete from {LEDGER}; insert into {LEDGER} by name select * from config.restatement")
        _hold(con, tables, release, closing)
        movements = _movements(con, tables)
        entries = attribute(movements, change().causes, builds.lookup(con, tables, movements)) if movements else []
        _book(con, entries, as_of_date)
        _reopen(con)
        _approve(con, approvals)
        _publish(con, tables)
        held = con.execute(f"select count(*) from {OFFICIAL}.held_period").fetchall()[0][0]
        con.execute("commit")
    return Settlement(held, len(movements), len(entries), builds.count)


@dataclass
class _Counter:
    """Builds again on demand and reads the values that moved."""

    build_again: BuildAgain
    count: int = 0

    def lookup(
        self, con: duckdb.DuckDBPyConnection, tables: Sequence[ClosingTable], movements: Sequence[Movement]
    ) -> Callable[[tuple[str, ...]], Mapping[ValueKey, str]]:
        wanted = pa.table({"row_key": sorted({one.row_key for one in movements})})
        names = {one.table for one in movements}
        periods = con.sql(f"select period_type, period_start from {OFFICIAL}.held_period").to_arrow_table()

        def values(causes: tuple[str, ...]) -> Mapping[ValueKey, str]:
            self.count += 1
            with self.build_again(causes) as other, duckdb.connect(str(other), read_only=True) as there:
                there.register("wanted", wanted)
                there.register("held_period", periods)
                return _values(there, [table for table in tables if table.name in names])

        return values


def _values(con: duckdb.DuckDBPyConnection, tables: Iterable[ClosingTable]) -> dict[ValueKey, str]:
    found: dict[ValueKey, str] = {}
    for table in tables:
        where = (
            f"{table.closes('side')} and (side.period_type, side.period_start) in "
            "(select (period_type, period_start) from held_period)"
        )
        rows = con.execute(
            f"select * from ({values_sql(table, table.computed, where)}) where row_key in (select row_key from wanted)"
        ).fetchall()
        found |= {(name, key, column): value for name, key, column, value in rows}
    return found


def _hold(
    con: duckdb.DuckDBPyConnection,
    tables: Sequence[ClosingTable],
    release: Release | None,
    closing: Mapping[ClosedPeriod, Release],
) -> None:
    """The periods that are closed now and were for the release, and their rows as it shows them."""
    con.execute(f"drop schema if exists {OFFICIAL} cascade; create schema {OFFICIAL}")
    con.execute(
        f"create table {OFFICIAL}.held_period as select period_type, period_start from marts.closed_period "
        "intersect select period_type, period_start from config.closed_period"
    )
    for table in tables:
        con.execute(f"create table {table.held} as select * from {table.computed} limit 0")
        con.execute(f"create table {table.closing} as select * from {table.computed} limit 0")
        if release is not None:
            _insert(con, table, table.held, release, _IN_HELD_PERIOD, table.computed)
        for (period_type, period_start), closed_in in closing.items():
            period = f"side.period_type = '{period_type}' and side.period_start = date '{period_start}'"
            _insert(con, table, table.closing, closed_in, f"{period} and {_IN_HELD_PERIOD}", table.held)


def _insert(
    con: duckdb.DuckDBPyConnection, table: ClosingTable, into: str, release: Release, where: str, missing: str
) -> None:
    """Rows of a release. What its code did not know, columns or the whole table, stands as `missing` has it."""
    where = f"{table.closes('side')} and {where}"
    if table.name not in release.tables:
        con.execute(f"insert into {into} select * from {missing} as side where {where}")
        return
    there = {column["name"] for column in release.tables[table.name]["columns"]}
    columns = ", ".join(
        f"{'side' if column.name in there else 'today'}.{column.name}" for column in table.table.columns
    )
    same = " and ".join(f"side.{column} is not distinct from today.{column}" for column in table.table.grain)
    con.execute(
        f"insert into {into} by name select {columns} from read_parquet(?) as side "
        f"left join {missing} as today on {same} where {where}",
        [str(release.parquet(table.name))],
    )


def _movements(con: duckdb.DuckDBPyConnection, tables: Sequence[ClosingTable]) -> list[Movement]:
    """Values of held periods that are neither as they stand nor as they were last booked, in a fixed order."""
    differences = " union all ".join(
        difference_sql(table, table.held, table.computed, f"{table.closes('side')} and {_IN_HELD_PERIOD}")
        for table in tables
        if table.is_booked
    )
    rows = con.execute(
        f"""
        with booked as (
            select table_name, period_type, period_start, subject, row_key, column_name,
                first(old_value order by booking_no, cause_no desc) as held_value,
                last(new_value order by booking_no, cause_no desc) as booked_value
            from {LEDGER} where restatement_status = '{_PENDING}'
                and (period_type, period_start) in {_HELD_PERIODS}
            group by all
        ),
        difference as ({differences})
        select coalesce(d.table_name, b.table_name), coalesce(d.period_type, b.period_type),
            coalesce(d.period_start, b.period_start), coalesce(d.subject, b.subject), coalesce(d.row_key, b.row_key),
            coalesce(d.column_name, b.column_name),
            case when b.table_name is null then d.old_value else b.booked_value end as before,
            case when d.table_name is null then b.held_value else d.new_value end as after
        from difference as d
        full join booked as b using (table_name, row_key, column_name)
        where before is distinct from after
        order by all
        """
    ).fetchall()
    return [Movement(*row) for row in rows]


def _book(con: duckdb.DuckDBPyConnection, entries: Sequence[Entry], as_of_date: date) -> None:
    if not entries:
        return
    rows = [
        {
            "table_name": entry.movement.table,
            "period_type": entry.movement.period_type,
            "period_start": entry.movement.period_start,
            "subject": entry.movement.subject,
            "row_key": entry.movement.row_key,
            "column_name": entry.movement.column,
            "cause": entry.cause,
            "cause_no": entry.cause_no,
            "old_value": entry.old,
            "new_value": entry.new,
            "delta": entry.delta,
        }
        for entry in entries
    ]
    con.register("entry", pa.Table.from_pylist(rows, schema=_ENTRY))
    con.execute(
        f"insert into {LEDGER} by name select *, ?::date as booked_on, '{_PENDING}' as restatement_status, "
        f"(select coalesce(max(booking_no), 0) + 1 from {LEDGER}) as booking_no from entry",
        [as_of_date],
    )
    con.unregister("entry")


def _reopen(con: duckdb.DuckDBPyConnection) -> None:
    """A period that is open again shows what is computed; what was booked for it stays in the ledger."""
    con.execute(
        f"update {LEDGER} set restatement_status = '{_REOPENED}' where restatement_status = '{_PENDING}' "
        f"and (period_type, period_start) not in {_HELD_PERIODS}"
    )


def _approve(con: duckdb.DuckDBPyConnection, approvals: Sequence[FiledApproval]) -> None:
    """Mark what is approved: a subject moves in a period when nothing was booked there after what was looked at."""
    rows = [
        {
            "approval_id": filed.approval.id,
            "period_type": filed.approval.period_type,
            "period_start": filed.approval.period_start,
            "subject": subject,
            "through_booking": filed.approval.through_booking,
            "approved_by": filed.approval.approved_by,
            "approved_on": filed.approval.approved_on,
            "approval_reason": filed.approval.reason,
        }
        for filed in approvals
        for subject in _subjects(filed)
    ]
    con.register("approval", pa.Table.from_pylist(rows, schema=_APPROVAL))
    con.execute(
        f"""
        create table {OFFICIAL}.approved_subject as
        with pending as (
            select period_type, period_start, subject, max(booking_no) as last_booking from {LEDGER}
            where restatement_status = '{_PENDING}' group by all
        )
        select pending.period_type, pending.period_start, pending.subject, approval.approval_id, approval.approved_by,
            approval.approved_on, approval.approval_reason
        from pending inner join approval
            on pending.period_type = approval.period_type and pending.period_start = approval.period_start
            and (approval.subject is null or approval.subject = pending.subject)
            and pending.last_booking <= approval.through_booking
        qualify row_number() over (
            partition by pending.period_type, pending.period_start, pending.subject
            order by approval.approved_on, approval.approval_id
        ) = 1
        """
    )
    con.unregister("approval")
    con.execute(
        f"update {LEDGER} as booked set restatement_status = '{_APPROVED}', approval_id = approved.approval_id, "
        "approved_by = approved.approved_by, approved_on = approved.approved_on, "
        f"approval_reason = approved.approval_reason from {OFFICIAL}.approved_subject as approved "
        f"where booked.restatement_status = '{_PENDING}' and booked.period_type = approved.period_type "
        "and booked.period_start = approved.period_start and booked.subject = approved.subject"
    )


def _subjects(filed: FiledApproval) -> Sequence[str | None]:
    """None: everybody."""
    return filed.approval.subjects or [None]


def _publish(con: duckdb.DuckDBPyConnection, tables: Iterable[ClosingTable]) -> None:
    """The published views. Where nothing is held they are the computed tables, without a condition on every row."""
    is_held = bool(con.execute(f"select 1 from {OFFICIAL}.held_period limit 1").fetchall())
    for table in tables:
        if not is_held:
            con.execute(f"create view {table.official} as select * from {table.computed}")
            continue
        moves = f"(select (period_type, period_start, subject) from {OFFICIAL}.approved_subject)"
        of_subject = f"(side.period_type, side.period_start, side.{table.subject})"
        stands = f"{table.closes('side')} and {_IN_HELD_PERIOD} and {of_subject} not in {moves}"
        con.execute(
            f"create view {table.official} as "
            f"select * from {table.computed} as side where not coalesce({stands}, false) "
            f"union all select * from {table.held} as side where {stands}"
        )
