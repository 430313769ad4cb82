"""The disputes of the current release: all of them, or the one that was asked for."""

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb

from pipelines.explain.release import NotFound, Row, check, near, rows

NEEDED = ("dispute_register", "dim_employee", "metric_registry")
"""Published tables that are read here."""
STATES = ("open", "overdue", "decided")


@dataclass(frozen=True)
class Register:
    """Disputes as published, the oldest first; names of the people they name; metrics by id."""

    disputes: tuple[Row, ...]
    names: Mapping[str, str]
    metrics: Mapping[str, Row]


def dispute_id(row: Row) -> str:
    """How people name a dispute: source and key."""
    return f"{row['source_system']}/{row['source_key']}"


def register(con: duckdb.DuckDBPyConnection, state: str | None = None, employee: str | None = None) -> Register:
    """state, employee (id or name): only those. Raises NotPublished where the release has no disputes yet."""
    check(con, NEEDED)
    people = rows(con, "select employee_id, employee_name from dim_employee order by valid_from")
    names = {row["employee_id"]: row["employee_name"] for row in people}
    found = rows(con, "from dispute_register order by raised_date, source_system, source_key")
    return Register(
        tuple(
            row
            for row in found
            if state in (None, row["state"]) and employee in (None, row["employee_id"], names.get(row["employee_id"]))
        ),
        names,
        {row["metric"]: row for row in rows(con, "select * from metric_registry")},
    )


def find(con: duckdb.DuckDBPyConnection, asked: str) -> tuple[Row, Register]:
    """The dispute of that id, `source/key`, or of that key where one source alone has it.

    Raises NotFound, naming what is near, and NotPublished.
    """
    everything = register(con)
    by_id = {dispute_id(row): row for row in everything.disputes}
    by_key = [row for row in everything.disputes if row["source_key"] == asked]
    if asked in by_id:
        return by_id[asked], everything
    if len(by_key) == 1:
        return by_key[0], everything
    if by_key:
        listed = ", ".join(dispute_id(row) for row in by_key)
        raise NotFound(f"{len(by_key)} disputes have the key {asked!r}; name one of: {listed}")
    raise NotFound(f"there is no dispute {asked!r} in the current release; {near(asked, by_id)}")
