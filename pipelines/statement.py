"""What one person is paid for one period, read from a release: statements with their lines, and what grades mean.

Knows the published tables; printing is `statement_report`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from pipelines.periods import is_called, period_name

NEEDED = ("incentive_statement", "incentive_line", "incentive_eligibility", "dim_employee")
"""Tables of a release that a statement is read from."""
Row = Mapping[str, Any]


class NoStatement(Exception):
    """There is nothing to show; the text says what there is instead."""


@dataclass(frozen=True)
class PlanStatement:
    """What one plan pays: its row of `incentive_statement` and the lines that add up to it, in their order."""

    row: Row
    lines: tuple[Row, ...]


@dataclass(frozen=True)
class PersonStatement:
    """Everything one person is paid for one period."""

    employee_id: str
    name: str | None
    period: str
    plans: tuple[PlanStatement, ...]
    eligibility: tuple[Row, ...]

    def to_json(self) -> dict[str, Any]:
        """The same as data."""
        return {
            "employee_id": self.employee_id,
            "name": self.name,
            "period": self.period,
            "statements": [{**one.row, "lines": list(one.lines)} for one in self.plans],
            "eligibility": list(self.eligibility),
        }


def statement(con: duckdb.DuckDBPyConnection, employee: str, period: str) -> PersonStatement:
    """The statements of a person for a period of a release, or NoStatement.

    employee: id or name. period: 2025, 2025-Q3, 2025-07 or the first day of a period.
    """
    _check_release(con)
    employee_id, name = _person(con, employee)
    known = _rows(con, "from incentive_statement where employee_id = ? order by period_start, plan_id", [employee_id])
    rows = [row for row in known if is_called(period, row["period_type"], row["period_start"])]
    judged = _rows(con, "from incentive_eligibility where employee_id = ? order by all", [employee_id])
    own = [row for row in judged if is_called(period, row["period_type"], row["period_start"])]
    if not rows and not own:
        there = sorted({period_name(row["period_type"], row["period_start"]) for row in (*known, *judged)})
        what = f"there are statements for: {', '.join(there)}" if there else "no plan of incentives/ pays this person"
        raise NoStatement(f"{employee_id} has no statement for period {period!r}; {what}")
    return PersonStatement(employee_id, name, period, tuple(_plan(con, row) for row in rows), tuple(own))


def _plan(con: duckdb.DuckDBPyConnection, row: Row) -> PlanStatement:
    key = [row[column] for column in ("employee_id", "plan_id", "period_type", "period_start")]
    lines = _rows(
        con,
        "from incentive_line where employee_id = ? and plan_id = ? and period_type = ? and period_start = ? "
        "order by line_number",
        key,
    )
    return PlanStatement(row, tuple(lines))


def _person(con: duckdb.DuckDBPyConnection, asked: str) -> tuple[str, str | None]:
    """Id and latest name; an id wins over a name."""
    people = _rows(con, "select employee_id, employee_name from dim_employee order by employee_id, valid_from", [])
    wanted = asked.strip().casefold()
    for column in ("employee_id", "employee_name"):
        found = {row["employee_id"] for row in people if str(row[column]).casefold() == wanted}
        if len(found) > 1:
            raise NoStatement(f"{len(found)} people are called {asked!r}; name one by id: {', '.join(sorted(found))}")
        if found:
            (employee_id,) = found
            names = [row["employee_name"] for row in people if row["employee_id"] == employee_id]
            return employee_id, names[-1]
    raise NoStatement(f"nobody in dim_employee has the id or name {asked!r}")


def _check_release(con: duckdb.DuckDBPyConnection) -> None:
    present = {row["table_name"] for row in _rows(con, "select table_name from information_schema.tables", [])}
    if missing := [table for table in NEEDED if table not in present]:
        raise NoStatement(f"the current release has no {', '.join(missing)}; `scoreline run` makes one that has")


def _rows(con: duckdb.DuckDBPyConnection, query: str, values: Sequence[Any]) -> list[Row]:
    found = con.execute(query, list(values))
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
