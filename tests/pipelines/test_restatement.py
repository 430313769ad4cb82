"""Closed periods, end to end: their numbers stand, a late record is booked as one, and an approval moves them."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.pipelines.closed_company import ClosedCompany, write_closed_company

Rows = list[dict[str, Any]]
Q1 = date(2025, 1, 1)
APPROVAL = """\
- id: late-order
  period_type: quarter
  period_start: 2025-01-01
  through_booking: 1
  subjects: [E3]
  reason: The customer's order form was lost for three months.
  approved_by: CFO
  approved_on: 2025-07-02
"""


def late_order(rows: Rows) -> None:
    rows.append({**rows[0], "order_no": "O99", "owner": "E3", "date": "2025-03-30"})


def late_line(rows: Rows) -> None:
    rows.append({"line_id": "O99-1", "order_no": "O99", "quantity": 1, "amount": "1000.50"})


def bookings(company: ClosedCompany, subject: str) -> Decimal:
    query = (
        "select value from kpi_value where metric = 'bookings' and period_type = 'quarter' and org_view = 'as_was' "
        f"and subject_id = '{subject}' and period_start = '2025-01-01'"
    )
    ((value,),) = company.ask(query)
    return Decimal(value)


def score(company: ClosedCompany, employee: str) -> Decimal:
    query = f"select score from appraisal_score where employee_id = '{employee}' and period_start = '2025-01-01'"
    ((value,),) = company.ask(query)
    return Decimal(value)


def booked(company: ClosedCompany, subject: str, metric: str = "bookings") -> list[tuple[Any, ...]]:
    """What the ledger says of a subject's quarter: cause, old, new, delta, status."""
    return company.ask(
        "select cause, old_value, new_value, delta, restatement_status from restatement where table_name = 'kpi_value' "
        f"and column_name = 'value' and period_type = 'quarter' and subject = '{subject}' "
        f"and row_key like '%\"{metric}\"%' order by booking_no, cause_no desc"
    )


@pytest.mark.slow  # five builds; test_settle has the same on a warehouse made by hand
def test_a_late_record_is_booked_and_moves_closed_values_only_with_an_approval(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    company = write_closed_company(tmp_path, monkeypatch)
    closed = company.night()
    assert (closed.settlement.held_periods, closed.settlement.moved_values) == (0, 0)
    as_closed = (bookings(company, "E3"), score(company, "E3"))
    assert as_closed == (Decimal("14003.2"), Decimal("76.01"))

    company.change("orders", late_order)
    company.change("lines", late_line)
    late = company.night()
    assert late.settlement.held_periods == 4  # the quarter and its three months
    assert late.settlement.builds == 1
    assert (bookings(company, "E3"), score(company, "E3")) == as_closed
    assert booked(company, "E3") == [
        ("late record", "14003.200000000", "15003.700000000", Decimal("1000.5"), "pending")
    ]
    assert {row[0] for row in company.ask("select distinct cause from restatement")} == {"late record"}
    assert company.gate_on_closing() == ""

    company.write("approvals/2025.yaml", APPROVAL)
    approved = company.night()
    assert (approved.settlement.moved_values, approved.settlement.builds) == (0, 0)
    assert (bookings(company, "E3"), score(company, "E3")) == (Decimal("15003.7"), Decimal("80.01"))
    assert bookings(company, "company") == Decimal("57511.5")  # nobody approved the company's number
    assert {row[-1] for row in booked(company, "E3")} == {"approved"}
    assert company.gate_on_closing() == ""
