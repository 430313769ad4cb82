"""What the ERP showed before it knew better: orders typed in after their quarter was over, amounts corrected later.

The company is what is known at last; `as_first_seen` is the same company as the first sync meets it. Late orders are
orders nothing follows from (yet), so that nothing else is missing without them.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from connectors.sandbox.company import BenchmarkCompany, Correction, LateOrder, Order
from connectors.sandbox.truth_sales import cents

RARITY = 40
"""One order in so many is corrected; of the orders nothing follows from, every third is late where its day allows."""


def late_orders(
    rng: Random, orders: Sequence[Order], followed: set[str], gone: Sequence[str], last_day: date
) -> tuple[LateOrder, ...]:
    """Confirmed sales entered 3 to 20 days after the end of their quarter; followed: orders something follows from."""
    found = (
        LateOrder(order.key, _quarter_end(order.order_date) + timedelta(days=rng.randrange(3, 21)))
        for order in _sales(orders, {*followed, *gone})[::3]
    )
    return tuple(late for late in found if late.entered <= last_day)


def corrections(
    rng: Random, orders: Sequence[Order], late: Sequence[LateOrder], gone: Sequence[str]
) -> tuple[Correction, ...]:
    """Lines of confirmed sales that first stood there with a fifth to four fifths of their amount too much."""
    sales = _sales(orders, {*(one.order_key for one in late), *gone})
    return tuple(
        Correction(order.key, line.key, line.net_amount + cents(line.net_amount * rng.randrange(20, 81) / 100))
        for order in sales[RARITY // 2 :: RARITY]
        for line in order.lines[:1]
    )


def as_first_seen(company: BenchmarkCompany) -> BenchmarkCompany:
    """The company as the first sync meets it: late orders missing, corrected lines with their first amount."""
    late = {one.order_key for one in company.late_orders}
    first = {one.line_key: one.first_amount for one in company.corrections}
    return replace(
        company, orders=tuple(_with_amounts(order, first) for order in company.orders if order.key not in late)
    )


def _with_amounts(order: Order, amounts: dict[str, Decimal]) -> Order:
    if not any(line.key in amounts for line in order.lines):
        return order
    lines = tuple(replace(line, net_amount=amounts.get(line.key, line.net_amount)) for line in order.lines)
    return replace(order, lines=lines)


def _sales(orders: Sequence[Order], without: set[str]) -> list[Order]:
    """Confirmed orders that are no returns."""
    return [
        order
        for order in orders
        if order.status == "confirmed" and order.key not in without and order.lines[0].returned_line_key is None
    ]


def _quarter_end(day: date) -> date:
    """First day of the next quarter."""
    month = (day.month - 1) // 3 * 3 + 4
    return date(day.year + month // 13, (month - 1) % 12 + 1, 1)
