"""Incentive plans for the benchmark company that use every part of a plan, and marts held against their truth.

Representatives are paid by the quarter on bookings (two versions) and on collections, by the month on billings, by the
year on margin.
"""

from collections.abc import Mapping
from datetime import date
from itertools import zip_longest
from typing import Any

import duckdb
import yaml

from connectors.sandbox import demo_company
from connectors.sandbox.reference import Plan, Statement
from connectors.sandbox.reference.incentive import Eligibility, Line
from pipelines.company import incentives
from pipelines.company.incentive_tables import INCENTIVE_SCHEMAS, incentive_rows

FILES = """
id: sales
name: {en: Sales commission}
period_type: quarter
versions:
  - version: 1
    valid_from: 2024-01-01
    approved_by: CEO
    roles: [sales_rep]
    commission:
      pays_on: bookings
      tiers: {steps: [{at_least: 0, rate_pct: 1.5}, {at_least: 20000, rate_pct: 2.25}, {at_least: 60000, rate_pct: 3}]}
      accelerators: {steps: [{at_least: 60, factor: 1.2}, {at_least: 100, factor: 1.5}]}
      guarantee: {amount: 300, below_months: 6}
      draw: {amount: 1000, recoverable: true}
    bonus: {grades: {A: 2000, B: 777.77}}
    promotion: {grades: [A, B], periods: 2, to_role: regional_manager}
  - version: 2
    valid_from: 2025-07-01
    approved_by: CEO
    roles: [sales_rep]
    commission:
      pays_on: bookings
      tiers:
        by: attainment
        method: retroactive
        steps: [{at_least: 0, rate_pct: 1}, {at_least: 50, rate_pct: 2}, {at_least: 90, rate_pct: 3.3333}]
      accelerators: {method: retroactive, steps: [{at_least: 110, factor: 1.1}]}
      cap: 2500
    bonus: {grades: {A: 2100}, pro_rata: false}
    promotion: {grades: [A], periods: 2}
    training:
      below_points: 80
      courses:
        - {metric: bookings, course: {en: Selling}}
        - {metric: collections, course: {en: Cash}}
        - {metric: rating, course: {en: Manners}}
---
id: billing
name: {en: Billing commission}
period_type: month
versions:
  - version: 1
    valid_from: 2024-01-01
    approved_by: CEO
    roles: [sales_rep, regional_manager]
    commission:
      pays_on: billings
      tiers: {method: retroactive, steps: [{at_least: 0, rate_pct: 0.5}, {at_least: 9000, rate_pct: 0.75}]}
      after_leaving: forfeited
      guarantee: {amount: 120}
      draw: {amount: 150.55, recoverable: false}
      clawback: {bad_debt_days: 20}
---
id: cash
name: {en: Collections}
period_type: quarter
versions:
  - version: 1
    valid_from: 2024-01-01
    approved_by: CEO
    roles: [sales_rep]
    commission:
      pays_on: collections
      tiers: {by: attainment, steps: [{at_least: 0, rate_pct: 0.8}, {at_least: 75.5, rate_pct: 1.6}]}
  - version: 2
    valid_from: 2025-07-01
    approved_by: CEO
    roles: [sales_rep]
    promotion: {grades: [A, B, C], periods: 2}
---
id: margin
name: {en: Margin}
period_type: year
versions:
  - version: 1
    valid_from: 2024-01-01
    approved_by: CEO
    roles: [sales_rep, sales_director]
    commission:
      pays_on: bookings
      basis: margin
      tiers: {steps: [{at_least: 0, rate_pct: 4}, {at_least: 1234.5678, rate_pct: 5.1}]}
      clawback: {returns: false}
"""
DOCUMENTS: tuple[dict[str, Any], ...] = tuple(yaml.safe_load_all(FILES))
PLANS: tuple[Plan, ...] = tuple(plan for one in DOCUMENTS for plan in demo_company.plan_versions(one))
SHOWN = 20
STATEMENT_COLUMNS = (
    "plan_version, status, working_days, calculated_amount, earned_amount, clawback_amount, carried_amount, "
    "guarantee_amount, draw_amount, recovered_amount, bonus_amount, payable_amount, owed_before, owed_after"
)
LINE_COLUMNS = (
    "line_kind, amount, source_key, event_date, credited_amount, counted_amount, calculated_amount, paid_source_key"
)


def plan_tables(*documents: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """The configuration tables of these plan files."""
    rows = incentive_rows([incentives.Plan.model_validate(document) for document in documents])
    return {
        name: [dict(zip(schema.names, row, strict=True)) for row in rows[name]]
        for name, schema in INCENTIVE_SCHEMAS.items()
    }


def differing_statements(
    con: duckdb.DuckDBPyConnection, wanted: Mapping[tuple[str, str, str, date], Statement]
) -> dict[Any, Any]:
    """Statements and lines of the marts that differ from the truth: key -> (found, wanted)."""
    key = "employee_id, plan_id, period_type, period_start"
    rows = con.execute(f"select {key}, {STATEMENT_COLUMNS} from marts.incentive_statement").fetchall()
    found = {row[:4]: row[4:] for row in rows}
    lines: dict[Any, list[tuple]] = {}
    for row in con.execute(f"select {key}, {LINE_COLUMNS} from marts.incentive_line").fetchall():
        lines.setdefault(row[:4], []).append(row[4:])
    print(f"{len(found):,} statements and {sum(map(len, lines.values())):,} lines compared")
    differing: dict[Any, Any] = {}
    for one in sorted(found.keys() | wanted.keys()):
        expected = wanted.get(one)
        if found.get(one) != (expected and _row(expected)):
            differing["statement", one] = (found.get(one), expected and _row(expected))
        own = sorted(lines.get(one, []), key=_place)
        listed = sorted(map(_line, expected.lines if expected else ()), key=_place)
        if own != listed:
            pairs = zip_longest(own, listed)
            differing["lines", one] = [(line, other) for line, other in pairs if line != other][:3]
    return dict(list(differing.items())[:SHOWN])


def differing_eligibility(con: duckdb.DuckDBPyConnection, wanted: Mapping[Any, Eligibility]) -> dict[Any, Any]:
    """Rows of `incentive_eligibility` that differ from the truth: key -> (found, wanted)."""
    rows = con.execute(
        "select employee_id, plan_id, period_type, period_start, kind, item, eligibility, amount, periods_reached, "
        "periods_needed, points from marts.incentive_eligibility"
    ).fetchall()
    found = {row[:6]: Eligibility(*row[6:]) for row in rows}
    print(f"{len(found):,} rows of eligibility compared")
    return {key: (found.get(key), wanted.get(key)) for key in found | wanted if found.get(key) != wanted.get(key)}


def _row(one: Statement) -> tuple[Any, ...]:
    return (
        one.plan_version,
        one.status,
        one.working_days,
        one.calculated,
        one.earned,
        one.clawback,
        one.carried,
        one.guarantee,
        one.draw,
        one.recovered,
        one.bonus,
        one.payable,
        one.owed_before,
        one.owed_after,
    )


def _line(one: Line) -> tuple[Any, ...]:
    return (
        one.kind,
        one.amount,
        one.source_key,
        one.day,
        one.credited,
        one.counted,
        one.calculated,
        one.paid_key,
    )


def _place(row: tuple[Any, ...]) -> tuple[str, ...]:
    """Lines of one statement in an order of their own: kind, record and the line it gives back."""
    return row[0], row[2] or "", row[7] or ""
