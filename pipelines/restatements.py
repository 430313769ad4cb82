"""The ledger of restatements as a release shows it: what is pending, what moved, why. Reads published tables only."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb

from pipelines.publish.releases import Release

HEADLINES = ("value", "score", "grade")
"""Columns people know by name; the others (numerator, points, places) follow from them."""


@dataclass(frozen=True)
class Step:
    """What one cause did to a value."""

    cause: str
    old: str | None
    new: str | None
    delta: Decimal | None


@dataclass(frozen=True)
class Restated:
    """One value of a closed period in one booking. `what`: metric of a KPI, else the column's name."""

    booking_no: int
    booked_on: date
    period_type: str
    period_start: date
    table: str
    subject: str
    what: str
    column: str
    status: str
    approval_id: str | None
    steps: tuple[Step, ...]

    @property
    def old(self) -> str | None:
        """Value before the booking."""
        return self.steps[0].old

    @property
    def new(self) -> str | None:
        """Value after it."""
        return self.steps[-1].new

    def to_json(self) -> dict[str, Any]:
        """Machine-readable form."""
        return {**vars(self), "old": self.old, "new": self.new, "steps": [vars(step) for step in self.steps]}


def restatements(
    con: duckdb.DuckDBPyConnection, status: str | None = None, subject: str | None = None, details: bool = False
) -> list[Restated]:
    """What the ledger holds, the latest booking first; con: a published database.

    status: only that. subject: only this employee, unit or `company`. details: all columns, not the headlines alone.
    """
    columns = "true" if details else f"column_name in {HEADLINES}"
    rows = con.execute(
        "select booking_no, booked_on, period_type, period_start, table_name, subject, row_key, column_name, "
        "restatement_status, approval_id, cause, old_value, new_value, delta from restatement "
        f"where {columns} and restatement_status = coalesce(?, restatement_status) and subject = coalesce(?, subject) "
        "order by booking_no desc, period_type, period_start, table_name, subject, row_key, column_name, cause_no desc",
        [status, subject],
    ).fetchall()
    return list(_values(rows))


def pending_values(release: Release) -> int:
    """How many values of closed periods differ from what is published and wait for an approval."""
    if "restatement" not in release.tables:
        return 0
    with duckdb.connect() as con:
        rows = con.execute(
            "select count(distinct (table_name, row_key, column_name)) from read_parquet(?) "
            "where restatement_status = 'pending'",
            [str(release.parquet("restatement"))],
        ).fetchall()
    return int(rows[0][0])


def _values(rows: list[tuple[Any, ...]]) -> Iterator[Restated]:
    """Rows of the ledger, in its order, put together by value."""
    found: dict[tuple[Any, ...], list[Step]] = {}
    for *value, cause, old, new, delta in rows:
        found.setdefault(tuple(value), []).append(Step(cause, old, new, delta))
    for (no, on, kind, start, table, subject, key, column, status, approval), steps in found.items():
        what = json.loads(key).get("metric") or column
        yield Restated(no, on, kind, start, table, subject, what, column, status, approval, tuple(steps))
