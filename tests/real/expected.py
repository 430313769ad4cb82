"""What the published numbers must be, asked directly of the real data: pandas over the CSVs, SQL in the database.

Nothing here shares code with the pipeline. Money and ratios are exact (Decimal, Fraction); a rate without a denominator
is None.
"""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pandas as pd
import psycopg


@dataclass(frozen=True)
class DealFigures:
    """Figures of the deals one agent, manager or region closed (optionally within one period)."""

    won_amount: Decimal
    won: int
    lost: int
    cycle_days: int
    """Days from engagement to closing, summed over the deals won."""

    @property
    def win_rate(self) -> Fraction | None:
        """Won of those won or lost."""
        return Fraction(self.won, self.won + self.lost) if self.won + self.lost else None

    @property
    def average_cycle_days(self) -> Fraction | None:
        """Mean days from engagement to closing of the deals won."""
        return Fraction(self.cycle_days, self.won) if self.won else None


def deal_figures(folder: Path, by: str, period: str | None = None) -> dict[Any, DealFigures]:
    """Figures per value of `by`: sales_agent, manager or regional_office.

    period: pandas period alias (M, Q, Y) of the closing day; then keys are (value, first day of the period as date).
    """
    closed = _closed_deals(folder)
    keys = [by]
    if period:
        closed["period_start"] = closed["close_date"].dt.to_period(period).dt.start_time.dt.date
        keys = [by, "period_start"]
    return {name[0] if len(keys) == 1 else name: _figures(deals) for name, deals in closed.groupby(keys)}


def _closed_deals(folder: Path) -> pd.DataFrame:
    pipeline = pd.read_csv(folder / "sales_pipeline.csv", dtype=str, keep_default_na=False)
    teams = pd.read_csv(folder / "sales_teams.csv", dtype=str)
    closed = pipeline[pipeline["deal_stage"].isin(["Won", "Lost"])].merge(
        teams, on="sales_agent", how="left", validate="many_to_one"
    )
    for column in ("engage_date", "close_date"):
        closed[column] = pd.to_datetime(closed[column], format="%Y-%m-%d")
    return closed


def _figures(deals: pd.DataFrame) -> DealFigures:
    won = deals[deals["deal_stage"] == "Won"]
    days = (won["close_date"] - won["engage_date"]).dt.days
    return DealFigures(
        won_amount=sum((Decimal(value) for value in won["close_value"]), Decimal(0)),
        won=len(won),
        lost=len(deals) - len(won),
        cycle_days=int(days.sum()),
    )


REVENUE = "d.unit_price::numeric * d.quantity * (1 - d.discount::numeric)"


def revenue_per_employee(connection: psycopg.Connection[Any]) -> dict[int, Decimal]:
    """Revenue of the whole time per employee_id."""
    return dict(
        connection.execute(
            f"select o.employee_id, sum({REVENUE}) from orders o join order_details d using (order_id) group by 1"
        ).fetchall()
    )


def revenue_per_employee_and_quarter(connection: psycopg.Connection[Any]) -> dict[tuple[int, Any], Decimal]:
    """Revenue per (employee_id, first day of the quarter)."""
    rows = connection.execute(
        f"select o.employee_id, date_trunc('quarter', o.order_date)::date, sum({REVENUE}) "
        "from orders o join order_details d using (order_id) group by 1, 2"
    ).fetchall()
    return {(employee, quarter): revenue for employee, quarter, revenue in rows}


def revenue_per_subtree_and_quarter(connection: psycopg.Connection[Any]) -> dict[tuple[int, Any], Decimal]:
    """Revenue of an employee and everybody below, per (employee_id, first day of the quarter)."""
    rows = connection.execute(
        f"""
        with recursive below(manager, employee) as (
            select employee_id, employee_id from employees
            union all
            select below.manager, e.employee_id from employees e join below on e.reports_to = below.employee
        )
        select below.manager, date_trunc('quarter', o.order_date)::date, sum({REVENUE})
        from below join orders o on o.employee_id = below.employee join order_details d using (order_id)
        group by 1, 2
        """
    ).fetchall()
    return {(manager, quarter): revenue for manager, quarter, revenue in rows}
