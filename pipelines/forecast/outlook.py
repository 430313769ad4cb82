"""What the current release says of the months to come for one unit or the company; reads published tables only."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import duckdb

Row = dict[str, Any]
NEEDED = (
    "dim_org_unit",
    "forecast_accuracy",
    "forecast_calibration",
    "lead_ranking",
    "opportunity_forecast",
    "sales_forecast",
)
"""Published tables that are read here."""


class UnknownUnit(LookupError):
    """No unit of today's tree has that id or name."""


class NoForecast(RuntimeError):
    """There is no release, or it was published before there were forecasts."""


@dataclass(frozen=True)
class Outlook:
    """subject_type, subject_id, name: whose. All else are rows of the published tables, as far as shown.

    open_deals, open_leads, expected_amount: of all, not only of those shown; None where no deal has an amount.
    """

    subject_type: str
    subject_id: str
    name: str
    months: Sequence[Row]
    accuracy: Sequence[Row]
    deals: Sequence[Row]
    open_deals: int
    expected_amount: Any
    calibration: Sequence[Row]
    leads: Sequence[Row]
    open_leads: int


def outlook(con: duckdb.DuckDBPyConnection, unit: str | None, limit: int) -> Outlook:
    """The outlook of a unit, by id or name, with all below it on today's tree; of the company without one.

    Deals come by expected amount, leads by rank, `limit` of each. Raises UnknownUnit, with names that look alike, and
    NoForecast where a table is missing.
    """
    _check(con)
    kind, subject, name = _subject(con, unit)
    below = _below(con, subject) if kind == "org_unit" else None
    where, values = ("true", []) if below is None else ("list_contains(?::varchar[], org_unit_id)", [below])
    ((open_deals, expected),) = _all(
        con, f"select count(*), sum(expected_amount) from opportunity_forecast where {where}", values
    )
    ((open_leads,),) = _all(con, f"select count(*) from lead_ranking where {where}", values)
    first = f"where {where} order by"
    of_subject = "where subject_type = ? and subject_id = ? order by"
    return Outlook(
        subject_type=kind,
        subject_id=subject,
        name=name,
        months=_rows(con, f"from sales_forecast {of_subject} period_start", [kind, subject]),
        accuracy=_rows(con, f"from forecast_accuracy {of_subject} horizon", [kind, subject]),
        deals=_rows(
            con,
            f"from opportunity_forecast {first} expected_amount desc nulls last, source_system, source_key "
            f"limit {limit}",
            values,
        ),
        open_deals=open_deals,
        expected_amount=expected,
        calibration=_rows(con, "from forecast_calibration where bin = 0 order by brier_score, method", []),
        leads=_rows(con, f"from lead_ranking {first} lead_rank limit {limit}", values),
        open_leads=open_leads,
    )


def _check(con: duckdb.DuckDBPyConnection) -> None:
    present = {name for (name,) in _all(con, "select table_name from information_schema.tables", [])}
    missing = sorted(set(NEEDED) - present)
    if missing:
        raise NoForecast(f"the current release has no {', '.join(missing)}; `scoreline run` publishes a new one")


def _subject(con: duckdb.DuckDBPyConnection, unit: str | None) -> tuple[str, str, str]:
    if unit is None:
        return "company", "company", "company"
    units = _all(
        con, "select org_unit_id, unit_name, unit_name_en from dim_org_unit where is_current order by org_unit_id", []
    )
    found = [row for row in units if unit == row[0]] or [row for row in units if unit in row[1:]]
    if len(found) == 1:
        names = dict.fromkeys(name for name in found[0][1:] if name)
        return "org_unit", found[0][0], " / ".join(names)
    if found:
        raise UnknownUnit(
            f"{len(found)} units are called {unit!r}; name one by its id: {', '.join(r[0] for r in found)}"
        )
    near = get_close_matches(unit, [name for row in units for name in row if name], 3, 0.4)
    hint = f"near: {', '.join(near)}" if near else f"there are {', '.join(row[0] for row in units[:10])}"
    raise UnknownUnit(f"no unit of today's tree is called {unit!r}; {hint}")


def _below(con: duckdb.DuckDBPyConnection, unit: str) -> list[str]:
    rows = _all(
        con,
        """with recursive below as (
            select ?::varchar as org_unit_id
            union
            select unit.org_unit_id from dim_org_unit as unit
            inner join below on unit.parent_org_unit_id = below.org_unit_id
            where unit.is_current
        )
        select org_unit_id from below order by org_unit_id""",
        [unit],
    )
    return [found for (found,) in rows]


def _rows(con: duckdb.DuckDBPyConnection, query: str, values: list[Any]) -> list[Row]:
    answer = con.execute(query, values)
    names = [column[0] for column in answer.description or ()]
    return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]


def _all(con: duckdb.DuckDBPyConnection, query: str, values: list[Any]) -> list[tuple[Any, ...]]:
    return con.execute(query, values).fetchall()
