"""Customers.

The truth knows who is one customer (`Party.key`): the records of one party in ERP and CRM are, whatever they say; a
branch, a company of a group and a person are customers of their own. A purchase is a confirmed order whose lines sum to
more than zero.

`order_count`: shares of purchases. `new_customers`: shares of a customer's first purchase (earliest date, then lowest
number). `churned_customers`: shares of a purchase that none of the customer's follows within the days of churn, on
the day they have passed (an order on that very day still keeps the customer). `repeat_rate`: purchases that are not
the customer's first / all purchases. `churn_rate`, for each period on its own: customers who have a purchase before
its first day whose days of churn had not passed by the day before, each with the shares of its last purchase before
the period, on the period's first day; of them those whose days pass inside the period (by the as_of date) without
another purchase. Where there are purchases `churned_customers` and `churn_rate` are known. `customer_concentration`:
bookings of the subject's five biggest customers / of all whose bookings of the period are more than zero.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from connectors.sandbox.company import Order
from connectors.sandbox.reference.truth import Truth
from connectors.sandbox.reference.values import Event, Metric, Period, SubjectValue

METRICS = {
    "order_count": Metric("additive"),
    "new_customers": Metric("additive"),
    "churned_customers": Metric("additive", known_by="order_count", lower_is_better=True),
    "repeat_rate": Metric("ratio"),
    "churn_rate": Metric("ratio", known_by="order_count", lower_is_better=True),
    "customer_concentration": Metric("subject", known_by="bookings", lower_is_better=True),
}
BIGGEST = 5


def events(truth: Truth) -> Iterator[Event]:
    """A purchase each."""
    for orders in truth.purchases.values():
        for rank, order in enumerate(orders):
            lapse = _lapse(truth, orders, rank)
            for employee, share in truth.credit.order_credit(order).shares:
                yield Event("order_count", order.order_date, employee, share)
                yield Event("repeat_rate", order.order_date, employee, share if rank else Decimal(0), share)
                if rank == 0:
                    yield Event("new_customers", order.order_date, employee, share)
                if lapse is not None:
                    yield Event("churned_customers", lapse, employee, share)


def period_events(truth: Truth, period: Period) -> Iterator[Event]:
    """The customers a period began with, on its first day, and which of them it lost."""
    for orders in truth.purchases.values():
        before = [rank for rank, order in enumerate(orders) if order.order_date < period.start]
        if before and orders[before[-1]].order_date + truth.churned_after >= period.start:
            lapse = _lapse(truth, orders, before[-1])
            lost = Decimal(lapse is not None and lapse <= period.last)
            for employee, share in truth.credit.order_credit(orders[before[-1]]).shares:
                yield Event("churn_rate", period.start, employee, lost * share, share)


def subject_values(truth: Truth, period: Period) -> Iterator[SubjectValue]:
    """How much of the bookings of a period comes from the biggest customers, for every subject that has any."""
    booked: dict[tuple[str, str, str], dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for part in truth.sales:
        if period.start <= part.day <= period.last:
            for subject in truth.organisation.subjects(part.employee_id, part.day):
                booked[subject][truth.order_of_line[part.document_key].party_key] += part.amount
    for subject, amounts in booked.items():
        found = sorted((amount for amount in amounts.values() if amount > 0), reverse=True)
        if found:
            yield SubjectValue(
                *subject, "customer_concentration", sum(found[:BIGGEST], Decimal(0)), sum(found, Decimal(0))
            )


def _lapse(truth: Truth, orders: list[Order], rank: int) -> date | None:
    """The day a customer's purchase of this rank lapses; None when the next one comes by then."""
    day = orders[rank].order_date + truth.churned_after
    kept = rank + 1 < len(orders) and orders[rank + 1].order_date <= day
    return None if kept else day
