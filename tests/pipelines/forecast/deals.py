"""Opportunities as Arrow tables, from a few words each."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pyarrow as pa

DEAL = pa.schema(
    [
        ("source_system", pa.string()),
        ("source_key", pa.string()),
        ("status", pa.string()),
        ("created_date", pa.date32()),
        ("closed_date", pa.date32()),
        ("opening_amount", pa.decimal128(28, 6)),
        ("owner_employee_id", pa.string()),
        ("org_unit_id", pa.string()),
        ("customer_key", pa.string()),
        ("first_purchase_date", pa.date32()),
        ("stage", pa.string()),
    ]
)
STAY = pa.schema(
    [
        ("source_system", pa.string()),
        ("source_key", pa.string()),
        ("stay_number", pa.int32()),
        ("stage", pa.string()),
        ("entered_date", pa.date32()),
    ]
)
ACTIVITY = pa.schema(
    [
        ("source_system", pa.string()),
        ("source_key", pa.string()),
        ("status", pa.string()),
        ("customer_key", pa.string()),
        ("activity_date", pa.date32()),
    ]
)
TODAY = date(2025, 12, 31)


def deal(key: str, status: str, created: date, closed: date | None = None, **more: Any) -> dict[str, Any]:
    """A deal of owner E1 in unit T1 with customer C1, worth 100."""
    known = {"source_system": "crm", "source_key": key, "status": status, "created_date": created}
    usual = {"owner_employee_id": "E1", "org_unit_id": "T1", "customer_key": "C1", "opening_amount": Decimal(100)}
    return {**known, "closed_date": closed, **usual, **more}


def stays(key: str, *entered: tuple[str, date]) -> list[dict[str, Any]]:
    """A deal's stays, in order."""
    return [
        {"source_system": "crm", "source_key": key, "stay_number": number, "stage": stage, "entered_date": day}
        for number, (stage, day) in enumerate(entered, 1)
    ]


def table(rows: Sequence[dict[str, Any]], schema: pa.Schema) -> pa.Table:
    """Rows as a table; a column nobody names is null."""
    return pa.Table.from_pylist([{name: row.get(name) for name in schema.names} for row in rows], schema=schema)


def shuffled(given: pa.Table, seed: int = 1) -> pa.Table:
    """The same rows in another order."""
    order = list(range(given.num_rows))
    Random(seed).shuffle(order)
    return given.take(order)


def market(count: int, effect: float, seed: int = 7) -> tuple[pa.Table, pa.Table, pa.Table, dict[str, float]]:
    """Deals, stays, activities and the true chance of each deal.

    A deal of an existing customer is won with 0.5 + effect, of a new one with 0.5 - effect; one in eight is open.
    """
    rng = Random(seed)
    deals, all_stays, chances = [], [], {}
    for number in range(count):
        key, created = f"D{number:05d}", TODAY - timedelta(days=rng.randrange(60, 800))
        existing = rng.random() < 0.5
        chances[key] = 0.5 + (effect if existing else -effect)
        won, length = rng.random() < chances[key], rng.randrange(10, 90)
        is_open = number % 8 == 0
        closed = None if is_open else min(created + timedelta(days=length), TODAY)
        more = {"customer_key": f"C{number}", "owner_employee_id": f"E{rng.randrange(9)}"}
        if existing:
            more["first_purchase_date"] = created - timedelta(days=100)
        amount = Decimal(rng.randrange(50, 500))
        status = "open" if is_open else "won" if won else "lost"
        deals.append(deal(key, status, created, closed, opening_amount=amount, **more))
        end = () if closed is None else (("Won" if won else "Lost", closed),)
        all_stays += stays(key, ("New", created), ("Offer", created + timedelta(days=5)), *end)
    return table(deals, DEAL), table(all_stays, STAY), table([], ACTIVITY), chances
