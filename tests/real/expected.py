"""What the published numbers must be, asked directly of the real data: pandas over the CSVs, SQL in the database.

Nothing here shares code with the pipeline. Money and ratios are exact (Decimal, Fraction); a rate without a denominator
is None.
"""

import csv
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
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


@dataclass(frozen=True)
class Deal:
    """A line of the pipeline; days and amount are None where the export leaves them empty."""

    stage: str
    engaged: date | None
    closed: date | None
    amount: Decimal | None

    def is_closed_in(self, first: date, last: date, *stages: str) -> bool:
        """Won or lost (only so, where stages are given) between two days."""
        return self.stage in (stages or ("Won", "Lost")) and self.closed is not None and first <= self.closed <= last

    def is_open_on(self, day: date) -> bool:
        """Engaged by the evening of a day and not closed by then."""
        return self.engaged is not None and self.engaged <= day and (self.closed is None or self.closed > day)


def deals_by(folder: Path, by: str) -> dict[str, list[Deal]]:
    """The pipeline's deals per value of `by`: sales_agent, manager or regional_office."""
    teams = {row["sales_agent"]: row for row in _csv(folder / "sales_teams.csv")}
    found: dict[str, list[Deal]] = defaultdict(list)
    for row in _csv(folder / "sales_pipeline.csv"):
        engaged, closed = (
            date.fromisoformat(row[name]) if row[name] else None for name in ("engage_date", "close_date")
        )
        amount = Decimal(row["close_value"]) if row["close_value"] else None
        found[teams[row["sales_agent"]][by]].append(Deal(row["deal_stage"], engaged, closed, amount))
    return found


def selling_figures(deals: list[Deal], first: date, last: date) -> dict[str, tuple[Decimal, Decimal | None]]:
    """Numerator and denominator (None: a sum) by metric, of a period from its first day to its last one known."""
    closed = [deal for deal in deals if deal.is_closed_in(first, last)]
    won = [deal for deal in deals if deal.is_closed_in(first, last, "Won")]
    standing = [deal for deal in deals if deal.is_open_on(last)]
    cycle = sum((deal.closed - deal.engaged).days for deal in won if deal.closed and deal.engaged)
    age = sum((last - deal.engaged).days for deal in standing if deal.engaged)
    return {
        "win_rate": (Decimal(len(won)), Decimal(len(closed))),
        "win_rate_by_amount": (_amount(won), _amount(closed)),
        "sales_cycle_days": (Decimal(cycle), Decimal(len(won))),
        "open_opportunities": (Decimal(len(standing)), None),
        "pipeline_amount": (_amount(standing), None),
        "pipeline_age_days": (Decimal(age), Decimal(len(standing))),
    }


def _amount(deals: list[Deal]) -> Decimal:
    return sum((deal.amount for deal in deals if deal.amount is not None), Decimal(0))


def _csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


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


@dataclass(frozen=True)
class Total:
    """Sum of some documents, exact to the cent: in the documents' currency and in the company's."""

    document: Decimal
    company: Decimal


Totals = dict[tuple[str, Any], Total]
"""Totals per (currency, first day of the month)."""

# Odoo 14 writes moments in UTC; a day is the company's day. Rates are units of a currency for one of a common base.
ORDER_DAY = "(o.date_order at time zone 'UTC' at time zone 'Europe/Brussels')::date"
RATE = """
    (select r.rate from res_currency_rate r where r.currency_id = {currency} and r.name <= {day}
     order by r.name desc limit 1)
"""


def odoo_order_totals(connection: psycopg.Connection[Any]) -> Totals:
    """Net amounts of confirmed orders, in company currency at the rate of the order's day."""
    ours = RATE.format(currency="company.currency_id", day=ORDER_DAY)
    theirs = RATE.format(currency="o.currency_id", day=ORDER_DAY)
    return _totals(
        connection,
        f"""
        select c.name, date_trunc('month', {ORDER_DAY})::date, o.amount_untaxed,
            o.amount_untaxed * case when o.currency_id = company.currency_id then 1 else {ours} / {theirs} end
        from sale_order o
        join res_currency c on c.id = o.currency_id
        join res_company company on company.id = o.company_id
        where o.state in ('sale', 'done')
        """,
    )


def odoo_invoice_totals(connection: psycopg.Connection[Any]) -> Totals:
    """Net amounts of posted customer invoices less credit notes, in company currency as the ledger holds them."""
    return _totals(
        connection,
        """
        select c.name, date_trunc('month', m.invoice_date)::date,
            case m.move_type when 'out_refund' then -m.amount_untaxed else m.amount_untaxed end,
            m.amount_untaxed_signed
        from account_move m join res_currency c on c.id = m.currency_id
        where m.state = 'posted' and m.move_type in ('out_invoice', 'out_refund', 'out_receipt')
        """,
    )


def odoo_payment_totals(connection: psycopg.Connection[Any]) -> Totals:
    """Amounts of posted customer payments less what was paid back, in company currency as the ledger holds them."""
    return _totals(
        connection,
        """
        select c.name, date_trunc('month', m.date)::date,
            case p.payment_type when 'outbound' then -p.amount else p.amount end,
            -(select sum(l.balance) from account_move_line l join account_account a on a.id = l.account_id
              where l.move_id = m.id and a.internal_type = 'receivable')
        from account_payment p join account_move m on m.id = p.move_id
        join res_currency c on c.id = p.currency_id
        where m.state = 'posted' and p.partner_type = 'customer' and not p.is_internal_transfer
        """,
    )


def odoo_orders_per_salesperson(connection: psycopg.Connection[Any]) -> dict[tuple[str, str], Decimal]:
    """Net amounts of confirmed orders per (name of the salesperson, currency)."""
    rows = connection.execute(
        """
        select p.name, c.name, sum(o.amount_untaxed)
        from sale_order o join res_currency c on c.id = o.currency_id
        join res_users u on u.id = o.user_id join res_partner p on p.id = u.partner_id
        where o.state in ('sale', 'done') group by 1, 2
        """
    ).fetchall()
    return {(name, currency): amount for name, currency, amount in rows}


def _totals(connection: psycopg.Connection[Any], documents: str) -> Totals:
    rows = connection.execute(
        f"""
        select currency, month, sum(document), round(sum(company), 2)
        from ({documents}) as d(currency, month, document, company) group by 1, 2
        """
    ).fetchall()
    return {(currency, month): Total(document, company) for currency, month, document, company in rows}
