"""Closed periods, end to end: their numbers stand, each cause is found, and an approval moves them."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from expectations.catalog import load
from expectations.closing import closing_tables, difference_sql
from pipelines.restatement.ledger import CAUSES, difference
from tests.pipelines.closed_company import ClosedCompany, write_closed_company

# many builds; test_ledger, test_causes and test_settle hold the same piece by piece
pytestmark = [pytest.mark.slow, pytest.mark.timeout(2400)]
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


def test_a_late_record_is_booked_and_moves_closed_values_only_with_an_approval(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    company = write_closed_company(tmp_path, monkeypatch)
    closed = company.night()
    assert (closed.settlement.held_periods, closed.settlement.moved_values) == (0, 0)
    as_closed = (bookings(company, "E3"), score(company, "E3"))

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
    assert bookings(company, "company") == Decimal("65314.5")  # nobody approved the company's number
    assert {row[-1] for row in booked(company, "E3")} == {"approved"}
    assert company.gate_on_closing() == ""


DECISION = """\
- {decision: same, system_a: books, key_a: K0, system_b: books, key_b: K1, decided_by: Ann, decided_on: 2025-07-01,
   reason: one firm}
"""
NEW_CODE = "update marts.kpi_value set value = value + 1 where metric = 'visits' and value is not null"


def late_records(company: ClosedCompany) -> None:
    company.change("orders", late_order)
    company.change("lines", late_line)


def corrected_line(company: ClosedCompany) -> None:
    company.change("lines", lambda rows: rows[0].update(amount="150.25"))


def merged_customers(company: ClosedCompany) -> None:
    company.write("stewardship/decisions.yaml", DECISION)


def moved_person(company: ClosedCompany) -> None:
    company.change("posting", lambda rows: rows[2].update(unit="S"))


def changed_standard(company: ClosedCompany) -> None:
    text = (company.company.folder / "standards" / "rep.yaml").read_text(encoding="utf-8")
    company.write("standards/rep.yaml", text.replace("weight: 80", "weight: 70").replace("weight: 20", "weight: 30"))


def changed_rate(company: ClosedCompany) -> None:
    company.change("rate", lambda rows: rows[0].update(rate="7.1"))


def changed_code(company: ClosedCompany) -> None:
    company.code, company.edit = "c2", NEW_CODE


PROVOKED = dict(
    zip(
        CAUSES,
        (late_records, corrected_line, merged_customers, moved_person, changed_standard, changed_rate, changed_code),
        strict=True,
    )
)


def moved(company: ClosedCompany) -> dict[tuple[str, str, str], Decimal | None]:
    """(table, row, column) -> computed less published, of every closed value that differs."""
    held = "(side.period_type, side.period_start) in (select (period_type, period_start) from official.held_period)"
    rows = [
        row
        for table in closing_tables(load())
        if table.is_booked
        for row in company.candidate(
            difference_sql(table, table.official, table.computed, f"{table.closes('side')} and {held}")
        )
    ]
    return {(row[0], row[4], row[5]): difference(row[6], row[7]) for row in rows}


def assert_adds_up(company: ClosedCompany) -> None:
    """What is booked of a value is its whole difference, for every value."""
    rows = company.candidate("select table_name, row_key, column_name, sum(delta) from marts.restatement group by all")
    booked = {(table, key, column): total for table, key, column, total in rows}
    found = moved(company)
    assert {key: booked[key] for key in found} == found
    assert all(not total for key, total in booked.items() if key not in found)
    assert company.gate_on_closing() == ""


@pytest.fixture
def company(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ClosedCompany]:
    """The company on the evening its first quarter was closed."""
    company = write_closed_company(tmp_path, monkeypatch)
    company.night()
    yield company


def test_each_cause_is_found_alone(company: ClosedCompany) -> None:
    before = {subject: bookings(company, subject) for subject in ("E3", "company", "N", "S")}
    for number, (cause, provoke) in enumerate(PROVOKED.items(), 1):
        provoke(company)
        done = company.night()
        assert done.settlement.builds <= 1, cause
        causes = company.ask(f"select distinct cause from restatement where booking_no = {number}")
        assert causes == [(cause,)]
        assert_adds_up(company)
    assert {subject: bookings(company, subject) for subject in before} == before
    assert [(row[0], row[3]) for row in booked(company, "E3")] == [
        ("late record", Decimal("1000.5")),
        ("source correction", Decimal(50)),
    ]
    assert [(row[0], row[3]) for row in booked(company, "E4")] == [("rate change", Decimal("130.05"))]
    assert [(row[0], row[3]) for row in booked(company, "E3", "visits")] == [("code change", Decimal(1))]


def test_all_seven_causes_of_one_night_add_up_for_every_value(company: ClosedCompany) -> None:
    for provoke in PROVOKED.values():
        provoke(company)
    done = company.night()
    assert done.settlement.builds == 6
    assert {row[0] for row in company.ask("select distinct cause from restatement")} == set(CAUSES)
    assert_adds_up(company)
