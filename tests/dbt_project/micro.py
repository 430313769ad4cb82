"""A company small enough to compute in the head: a reorganisation, a transfer, a split, a return, foreign money.

Tree: CO over regions N and S over teams T1 and T2. T1 moves from N to S on 1 July 2025. Ann (E1) sells in T1; Bob (E2)
in T2 until 15 May and from then in T1; Cid (E3) leads N; Dan (E4) sold in T2 and left on 1 September.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

OPEN = date(9999, 12, 31)
START = date(2020, 1, 1)


def _unit(key: str, code: str, parent: str | None, valid_from: date = START, valid_to: date = OPEN) -> dict[str, Any]:
    return {
        "source_key": key,
        "unit_code": code,
        "unit_name": code,
        "unit_type": "team",
        "parent_unit_key": parent,
        "valid_from": valid_from,
        "valid_to": valid_to,
    }


def _posting(
    key: str, employee: str, unit: str, role: str, manager: str | None, valid_from: date = START, valid_to: date = OPEN
) -> dict[str, Any]:
    return {
        "source_key": key,
        "employee_key": employee,
        "unit_key": unit,
        "role": role,
        "manager_employee_key": manager,
        "is_primary": True,
        "valid_from": valid_from,
        "valid_to": valid_to,
    }


def _order(
    key: str, customer: str | None, owner: str | None, day: date, currency: str = "CNY", **more: Any
) -> dict[str, Any]:
    return {
        "source_key": key,
        "order_number": f"SO-{key}",
        "customer_record_key": customer,
        "owner_employee_key": owner,
        "status": "confirmed",
        "order_date": day,
        "currency": currency,
        **more,
    }


def _line(key: str, order: str, amount: str, returned: str | None = None) -> dict[str, Any]:
    return {"source_key": key, "order_key": order, "net_amount": Decimal(amount), "returned_line_key": returned}


def _target(key: str, kind: str, ref: str, metric: str, value: str, version: int = 1) -> dict[str, Any]:
    return {
        "source_key": key,
        "subject_type": kind,
        "subject_ref": ref,
        "metric": metric,
        "period_type": "quarter",
        "period_start": date(2025, 4, 1),
        "target_value": Decimal(value),
        "version": version,
    }


MAPPED: Mapping[str, Sequence[Mapping[str, Any]]] = {
    "org_unit": [
        _unit("u1", "CO", None),
        _unit("u2", "N", "CO"),
        _unit("u3", "S", "CO"),
        _unit("u4", "T1", "N", START, date(2025, 7, 1)),
        _unit("u5", "T1", "S", date(2025, 7, 1), OPEN),
        _unit("u6", "T2", "S"),
    ],
    "employee": [
        {"source_key": f"p{number}", "employee_number": f"E{number}", "employee_name": name, "email": f"{name}@co.cn"}
        for number, name in ((1, "ann"), (2, "bob"), (3, "cid"), (4, "dan"))
    ],
    "assignment": [
        _posting("a1", "E1", "T1", "Account Executive", "cid@co.cn"),
        _posting("a2", "p2", "T2", "sales_rep", None, START, date(2025, 5, 15)),
        _posting("a3", "E2", "T1", "sales_rep", "E3", date(2025, 5, 15)),
        _posting("a4", "E3", "N", "regional_manager", None),
        _posting("a5", "E4", "T2", "sales_rep", None, START, date(2025, 9, 1)),
    ],
    "customer_record": [
        {
            "source_key": "c1",
            "party_type": "organisation",
            "customer_name": "Acme GmbH",
            "tax_id": "DE 123-456",
            "email": "x@acme.de",
        },
        {"source_key": "c2", "party_type": "organisation", "customer_name": "ACME", "tax_id": "de123456"},
        {"source_key": "c3", "party_type": "organisation", "customer_name": "ACME Ltd.", "email": "y@acme.de"},
        {
            "source_key": "c4",
            "party_type": "organisation",
            "customer_name": "上海好运有限公司",
            "email": "a@qq.com",
            "tax_id": "00000000",
        },
        {
            "source_key": "c5",
            "party_type": "organisation",
            "customer_name": "苏州好运有限公司",
            "email": "b@qq.com",
            "tax_id": "00000000",
            "owner_employee_key": "E4",
        },
    ],
    "opportunity": [
        {
            "source_key": key,
            "owner_employee_key": "E1",
            "status": status,
            "created_date": date(2025, 4, 1),
            "closed_date": closed,
        }
        for key, status, closed in (
            ("d1", "won", date(2025, 4, 21)),
            ("d2", "lost", date(2025, 5, 1)),
            ("d3", "won", date(2025, 5, 11)),
            ("d4", "open", None),
        )
    ],
    "activity": [
        {
            "source_key": key,
            "activity_type": kind,
            "employee_key": "E1",
            "activity_date": date(2025, 4, 2),
            "status": status,
        }
        for key, kind, status in (("v1", "visit", "done"), ("v2", "visit", "planned"), ("v3", "call", "done"))
    ],
    "sales_order": [
        _order("o1", "c1", "E1", date(2025, 4, 10)),
        _order("o2", "c2", "E2", date(2025, 5, 14)),
        _order("o3", "c3", "E2", date(2025, 5, 15), "USD"),
        _order("o4", "c3", "E1", date(2025, 6, 30)),
        _order("o5", "c5", None, date(2025, 7, 1)),
        _order("o6", "c1", "E2", date(2025, 7, 20)),
        _order("o7", "c4", None, date(2025, 8, 1)),
        _order("o8", "c1", "E1", date(2025, 4, 11), status="draft"),
        _order("o9", "c4", "E4", date(2025, 10, 1), net_amount=Decimal("80")),
    ],
    "sales_order_line": [
        _line("l1", "o1", "100.00"),
        _line("l2", "o2", "50.00"),
        _line("l3", "o3", "10.00"),
        _line("l4", "o4", "100.00"),
        _line("l5", "o5", "30.00"),
        _line("l6", "o6", "-40.00", "l1"),
        _line("l7", "o7", "7.00"),
        _line("l8", "o8", "999.00"),
    ],
    "credit_split": [
        {"source_key": "s1", "order_key": "o1", "employee_key": "E1", "credit_share": Decimal("0.333333333")},
        {"source_key": "s2", "order_key": "SO-o1", "employee_key": "bob@co.cn", "credit_share": Decimal("0.333333333")},
        {"source_key": "s3", "order_key": "o1", "employee_key": "p3", "credit_share": Decimal("0.333333333")},
    ],
    "invoice": [
        {
            "source_key": key,
            "invoice_type": kind,
            "customer_record_key": "c1",
            "owner_employee_key": "E2",
            "order_key": order,
            "reversed_invoice_key": reversed_key,
            "status": "posted",
            "invoice_date": day,
            "currency": "CNY",
        }
        for key, kind, order, reversed_key, day in (
            ("i1", "invoice", "SO-o1", None, date(2025, 4, 20)),
            ("i2", "credit_note", None, "i1", date(2025, 7, 25)),
            ("i3", "invoice", None, None, date(2025, 5, 1)),
        )
    ],
    "invoice_line": [
        {"source_key": "il1", "invoice_key": "i1", "order_line_key": "l1", "net_amount": Decimal("100")},
        {"source_key": "il2", "invoice_key": "i2", "net_amount": Decimal("-40")},
        {"source_key": "il3", "invoice_key": "i3", "net_amount": Decimal("20")},
    ],
    "payment": [
        {
            "source_key": key,
            "invoice_key": invoice,
            "customer_record_key": customer,
            "status": status,
            "payment_date": date(2025, 6, 1),
            "currency": "CNY",
            "amount": Decimal(amount),
        }
        for key, invoice, customer, status, amount in (
            ("y1", "i1", "c1", "posted", "60"),
            ("y2", None, "c5", "posted", "5"),
            ("y3", None, "c4", "posted", "4"),
            ("y4", "i1", "c1", "draft", "40"),
        )
    ],
    "target": [
        _target("t1", "employee", "E1", "bookings", "500"),
        _target("t2", "employee", "E1", "bookings", "266.666666", 2),
        _target("t3", "org_unit", "N", "bookings", "0"),
        _target("t4", "company", "company", "win_rate", "0.5"),
    ],
    "exchange_rate": [
        {
            "source_key": "r1",
            "currency": "USD",
            "quote_currency": "CNY",
            "rate_date": date(2025, 5, 1),
            "rate": Decimal("7.25"),
        },
        {
            "source_key": "r2",
            "currency": "USD",
            "quote_currency": "CNY",
            "rate_date": date(2025, 5, 16),
            "rate": Decimal("9"),
        },
    ],
}

PAY = {"plan_id": "pay", "plan_version": 1}
CONFIG: Mapping[str, Sequence[Mapping[str, Any]]] = {
    "incentive_plan": [
        PAY
        | {"period_type": "quarter", "valid_from": date(2025, 4, 1), "valid_to": OPEN, "has_bonus": True}
        | {"pays_on": "bookings", "basis": "amount", "target_metric": "bookings", "claws_back_returns": True}
        | {"pays_after_leaving": False, "bonus_is_pro_rata": False}
    ],
    "incentive_role": [PAY | {"role": "sales_rep"}],
    "incentive_step": [
        PAY
        | {"part": part, "method": "marginal", "measured_by": by, "position": position}
        | {"at_least": Decimal(least), "step_value": Decimal(value)}
        for part, by, position, least, value in (
            ("tier", "amount", 1, 0, 10),
            ("tier", "amount", 2, 100, 20),
            ("accelerator", "attainment", 1, 50, 2),
        )
    ],
    "incentive_grade": [PAY | {"purpose": "bonus", "grade": "C", "amount": Decimal("55.50")}],
    "role_title": [{"title": "account executive", "role": "sales_rep"}],
    "appraisal_standard": [
        {
            "standard_id": "rep",
            "standard_version": version,
            "role": "sales_rep",
            "period_type": "quarter",
            "valid_from": valid_from,
            "valid_to": valid_to,
            "tenure_from_months": 0,
            "tenure_on": "period_start",
            "minimum_weight_pct": Decimal(0),
            "minimum_components": 1,
            "minimum_working_days": 1,
            "ties": "better",
        }
        for version, valid_from, valid_to in ((1, date(2025, 1, 1), date(2025, 7, 1)), (2, date(2025, 7, 1), OPEN))
    ],
    "appraisal_weight": [
        {
            "standard_id": "rep",
            "standard_version": version,
            "metric": metric,
            "subject": "person",
            "weight": Decimal(weight),
            "weight_at_start": Decimal(weight),
            "curve": "linear",
            "cap": Decimal(120),
            "reference_value": reference,
        }
        for version in (1, 2)
        for metric, weight, reference in (
            ("bookings", 60, None),
            ("win_rate", 25, Decimal("0.8")),
            ("sales_cycle_days", 15, Decimal("60")),
        )
    ],
    "grade_band": [
        {"standard_id": "rep", "standard_version": version, "position": position, "grade": grade}
        | {"min_score": Decimal(least)}
        for version in (1, 2)
        for position, (grade, least) in enumerate((("A", 90), ("B", 70), ("C", 0)), 1)
    ],
}
