"""Money and goods.

`bookings`, `billings`, `collections`: sums of credited amounts. A return is a line that returns another or has a
negative quantity. `returns_rate`: credited amounts of returns, sign turned / of all other lines. `units_sold`:
quantities. `discount_rate`: over lines that are no returns, (list value - net amount) / list value; the list value of
a line is net amount x 100 / (100 - discount), rounded to 9 and to 6 decimals, then converted. `gross_margin`: net
amount - cost of the lines of products with a cost; the cost of a line is quantity x unit cost, converted from its
currency. `gross_margin_rate`: the same / net amount of these lines. `cost_coverage`: net amounts without sign, of
these lines / of all. All of a line is converted at its order's date, rounded to 6 decimals and shared out like its
net amount.

`average_order_value`: credited amounts of the lines of purchases / their shares.

`overdue_receivables`, for each period: an invoice posted whose due date is before the period's last day, with what is
left of it after the posted credit notes and payments (of it or of its notes) dated by then, where that is more than
zero; converted at the invoice's date, rounded to 6 decimals and shared out like the invoice, on the last day. An
invoice that fell due in the period and of which nothing is left counts with 0. Payments are in the invoice's
currency.
"""

from collections.abc import Iterator
from decimal import Decimal

from connectors.sandbox.company import Order, OrderLine
from connectors.sandbox.reference.truth import Truth
from connectors.sandbox.reference.values import Event, Metric, Period, half_up

METRICS = {
    "bookings": Metric("additive"),
    "billings": Metric("additive"),
    "collections": Metric("additive"),
    "overdue_receivables": Metric("stock", lower_is_better=True),
    "returns_rate": Metric("ratio", lower_is_better=True),
    "gross_margin": Metric("additive"),
    "gross_margin_rate": Metric("ratio"),
    "cost_coverage": Metric("ratio", roles=()),
    "average_order_value": Metric("ratio"),
    "units_sold": Metric("additive"),
    "discount_rate": Metric("ratio", lower_is_better=True),
}
ZERO = Decimal(0)


def events(truth: Truth) -> Iterator[Event]:
    """A credited part of a line or payment each; for the average order value also a share of an order."""
    for metric, parts in (
        ("bookings", truth.sales),
        ("billings", truth.credit.credited_billings()),
        ("collections", truth.credit.credited_collections()),
    ):
        yield from (Event(metric, part.day, part.employee_id, part.amount) for part in parts)
    purchases = {order.key for orders in truth.purchases.values() for order in orders}
    for order in truth.company.orders:
        if order.status == "confirmed":
            for line in order.lines:
                yield from _line_events(truth, order, line, order.key in purchases)
        if order.key in purchases:
            for employee, share in truth.credit.order_credit(order).shares:
                yield Event("average_order_value", order.order_date, employee, ZERO, share)


def _line_events(truth: Truth, order: Order, line: OrderLine, is_purchase: bool) -> Iterator[Event]:
    day, is_return = order.order_date, line.returned_line_key is not None or line.quantity < 0
    net = _parts(truth, order, line, line.net_amount, order.currency)
    listed = half_up(half_up(line.net_amount * 100 / (100 - line.discount_pct), 9), 6)
    for employee, quantity in _parts(truth, order, line, line.quantity, truth.company.reporting_currency).items():
        yield Event("units_sold", day, employee, quantity)
    for employee, amount in net.items():
        yield Event("returns_rate", day, employee, -amount if is_return else ZERO, ZERO if is_return else amount)
        if is_purchase:
            yield Event("average_order_value", day, employee, amount)
    if not is_return:
        for employee, value in _parts(truth, order, line, listed, order.currency).items():
            yield Event("discount_rate", day, employee, value - net[employee], value)
    yield from _margin_events(truth, order, line, net)


def _margin_events(truth: Truth, order: Order, line: OrderLine, net: dict[str, Decimal]) -> Iterator[Event]:
    cost = truth.cost_of.get(line.product_code)
    costs = _parts(truth, order, line, line.quantity * cost.cost, cost.currency) if cost else {}
    for employee, amount in net.items():
        yield Event("cost_coverage", order.order_date, employee, abs(amount) if costs else ZERO, abs(amount))
        if costs:
            margin = amount - costs[employee]
            yield Event("gross_margin", order.order_date, employee, margin)
            yield Event("gross_margin_rate", order.order_date, employee, margin, amount)


def _parts(truth: Truth, order: Order, line: OrderLine, amount: Decimal, currency: str) -> dict[str, Decimal]:
    """An amount of a line by employee, as the line is credited."""
    parts = truth.credit.line_parts(order, line, amount, currency)
    return {part.employee_id: part.amount for part in parts}


def period_events(truth: Truth, period: Period) -> Iterator[Event]:
    """The invoices past their due date when the period ends."""
    for receivable in truth.receivables:
        invoice, rest = receivable.invoice, receivable.left_on(period.last)
        if invoice.due_date < period.last and (rest > 0 or invoice.due_date >= period.start):
            for part in truth.credit.invoice_parts(invoice, rest):
                yield Event("overdue_receivables", period.last, part.employee_id, part.amount)
