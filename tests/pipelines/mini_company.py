"""A company of six people in CSV files, small enough to run the whole road in a test and easy to break in one place."""

import csv
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

COMPANY = """\
name: {zh: 小公司, en: Mini}
languages: [zh, en]
time_zone: Asia/Shanghai
reporting_currency: CNY
fiscal_year_start_month: 1
as_of: 2025-06-30
roles: {sales_rep: [Rep], regional_manager: [Manager]}
org_sources: [books]
"""

SOURCE = """\
type: files
connection:
  url: ${MINI_FILES}
  streams:
    - {name: unit, glob: unit.csv, key: [code], snapshot: true}
    - {name: staff, glob: staff.csv, key: [number], snapshot: true}
    - {name: posting, glob: posting.csv, key: [number, unit], snapshot: true}
    - {name: customer, glob: customer.csv, key: [id], snapshot: true}
    - {name: orders, glob: orders.csv, key: [order_no], snapshot: true, max_vanished_pct: 100}
    - {name: lines, glob: lines.csv, key: [line_id], snapshot: true, max_vanished_pct: 100}
    - {name: split, glob: split.csv, key: [order_no, number], snapshot: true}
    - {name: deal, glob: deal.csv, key: [id], snapshot: true}
    - {name: visit, glob: visit.csv, key: [id], snapshot: true}
    - {name: target, glob: target.csv, key: [subject, metric, start], snapshot: true}
mapping:
  org_unit:
    from: unit
    columns:
      unit_code: code
      unit_name: name
      unit_type: type
      parent_unit_key: parent
      valid_from: {const: 2020-01-01}
      valid_to: {const: 9999-12-31}
  employee:
    from: staff
    columns: {employee_number: number, employee_name: name, email: email, job_title: title, hired_date: hired}
  assignment:
    from: posting
    columns:
      employee_key: number
      unit_key: unit
      role: role
      manager_employee_key: manager
      is_primary: {const: true}
      valid_from: {const: 2020-01-01}
      valid_to: {const: 9999-12-31}
  customer_record:
    from: customer
    columns: {party_type: {const: organisation}, customer_name: name, tax_id: tax_id, owner_employee_key: owner}
  sales_order:
    from: orders
    columns:
      order_number: order_no
      customer_record_key: customer
      owner_employee_key: owner
      status: {const: confirmed}
      order_date: date
      currency: currency
  sales_order_line:
    from: lines
    columns: {order_key: order_no, quantity: quantity, net_amount: amount}
  credit_split:
    from: split
    columns: {order_key: order_no, employee_key: number, credit_share: share}
  opportunity:
    from: deal
    columns:
      customer_record_key: customer
      owner_employee_key: owner
      stage: status
      status: status
      amount: amount
      currency: {const: CNY}
      created_date: created
      closed_date: closed
  activity:
    from: visit
    columns:
      activity_type: {const: visit}
      employee_key: owner
      activity_date: date
      status: {const: done}
  target:
    from: target
    columns:
      subject_type: {const: employee}
      subject_ref: subject
      metric: metric
      period_type: {const: quarter}
      period_start: start
      target_value: value
      version: {const: 1}
"""

STANDARD = """\
id: rep
role: sales_rep
name: {zh: 销售代表, en: Representative}
versions:
  - version: 1
    valid_from: 2024-01-01
    approved_by: Board
    period_type: quarter
    weights:
      - {metric: bookings, weight: 80, curve: {type: linear, cap: 120}}
      - {metric: win_rate, weight: 20, curve: {type: linear, cap: 120}, reference_value: 0.5}
    grades:
      - {grade: A, min_score: 90}
      - {grade: B, min_score: 60}
      - {grade: C, min_score: 0}
"""

REPS = ("E3", "E4", "E5", "E6")
Rows = list[dict[str, object]]


@dataclass(frozen=True)
class MiniCompany:
    """The company on disk: its folder, its CSV files, and the variables its folder refers to."""

    folder: Path
    files: Path

    @property
    def environment(self) -> dict[str, str]:
        """What `scoreline` needs to find beside SCORELINE_HOME."""
        return {"SCORELINE_COMPANY": str(self.folder), "MINI_FILES": str(self.files)}

    def read(self, name: str) -> Rows:
        """One file's rows."""
        with (self.files / f"{name}.csv").open(encoding="utf-8", newline="") as handle:
            return [dict(row) for row in csv.DictReader(handle)]

    def write(self, name: str, rows: Rows) -> None:
        """Replace one file."""
        self.files.mkdir(parents=True, exist_ok=True)
        with (self.files / f"{name}.csv").open("w", encoding="utf-8", newline="") as handle:
            writer = csv.DictWriter(handle, fieldnames=list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)


def write_mini_company(root: Path) -> MiniCompany:
    """The whole company below `root`: 40 orders of two lines, January to June 2025."""
    company = MiniCompany(root / "company", root / "files")
    for name, text in {
        "company.yaml": COMPANY,
        "sources/books.yaml": SOURCE,
        "standards/rep.yaml": STANDARD,
        "credit_rules.yaml": "- rule: explicit_split\n- rule: order_owner\n- rule: account_owner\n",
    }.items():
        path = company.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    for name, rows in _tables().items():
        company.write(name, rows)
    return company


def _tables() -> dict[str, Rows]:
    return {
        "unit": [
            {"code": "C", "name": "公司", "type": "company", "parent": ""},
            {"code": "N", "name": "北区", "type": "region", "parent": "C"},
            {"code": "S", "name": "南区", "type": "region", "parent": "C"},
        ],
        "staff": [_person(number) for number in ("E1", "E2", *REPS)],
        "posting": [
            {"number": "E1", "unit": "N", "role": "Manager", "manager": ""},
            {"number": "E2", "unit": "S", "role": "Manager", "manager": ""},
            *({"number": rep, "unit": _unit(rep), "role": "Rep", "manager": _manager(rep)} for rep in REPS),
        ],
        "customer": [
            {"id": f"K{n}", "name": f"客户{n}有限公司", "tax_id": f"91310000MA1K0{n:04d}", "owner": REPS[n % 4]}
            for n in range(12)
        ],
        "orders": [_order(n) for n in range(40)],
        "lines": [
            {"line_id": f"O{n:02d}-{part}", "order_no": f"O{n:02d}", "quantity": 1, "amount": f"{100 * (n + part)}.25"}
            for n in range(40)
            for part in (1, 2)
        ],
        "split": [
            {"order_no": "O01", "number": "E3", "share": "0.4"},
            {"order_no": "O01", "number": "E5", "share": "0.6"},
        ],
        "deal": [_deal(n) for n in range(24)],
        "visit": [{"id": f"V{n}", "owner": REPS[n % 4], "date": _day(n * 5)} for n in range(30)],
        "target": [
            {"subject": rep, "metric": "bookings", "start": start, "value": 20000}
            for rep in REPS
            for start in ("2025-01-01", "2025-04-01")
        ],
    }


def _person(number: str) -> dict[str, object]:
    title = "Manager" if number in ("E1", "E2") else "Rep"
    email = f"{number.lower()}@mini.example"
    return {"number": number, "name": f"员工{number}", "email": email, "title": title, "hired": "2020-01-01"}


def _unit(rep: str) -> str:
    return "N" if rep in ("E3", "E4") else "S"


def _manager(rep: str) -> str:
    return "E1" if _unit(rep) == "N" else "E2"


def _order(n: int) -> dict[str, object]:
    return {
        "order_no": f"O{n:02d}",
        "customer": f"K{n % 12}",
        "owner": REPS[n % 4],
        "date": _day(n * 4),
        "currency": "CNY",
    }


def _deal(n: int) -> dict[str, object]:
    status = ("won", "lost", "open")[n % 3]
    closed = "" if status == "open" else _day(n * 6 + 20)
    return {
        "id": f"D{n}",
        "customer": f"K{n % 12}",
        "owner": REPS[n % 4],
        "status": status,
        "amount": 500,
        "created": _day(n * 6),
        "closed": closed,
    }


def _day(offset: int) -> str:
    return (date(2025, 1, 2) + timedelta(days=offset)).isoformat()
