"""Customers.

The truth knows who is one customer (`Party.key`): the records of one party in ERP and CRM are, whatever they say; a
branch, a company of a group and a person are customers of their own. A purchase is a confirmed order whose lines sum
to more than zero.

`order_count`: shares of purchases. `new_customers`: shares of a customer's first purchase (earliest date, then lowest
number). `churned_customers`: shares of a purchase that none of the customer's follows within the days of churn, on
the day they have passed (an order on that very day still keeps the customer). `repeat_rate`: purchases that are not
the customer's first / all purchases. `churn_rate`, for each period on its own: customers who have a purchase before
its first day whose days of churn had not passed by the day before, each with the shares of its last purchase before
the period, on the period's first day; of them those whose days pass inside the period (by the as_of date) without
another purchase. Where there are purchases `churned_customers` and `churn_rate` are known. `customer_concentration`:
bookings of the subject's five biggest customers / of all whose bookings of the period are more than zero.
`customer_retention_rate`: those of `churn_rate` who are not lost / all of them. `won_back_customers`: shares of a
purchase that comes later than the days of churn after the customer's purchase before. `active_customers`, for each
period: customers with a purchase in it, with the shares of the last one in it, on its day.

`csat`: score / most the scale has, rounded to 9 decimals, over answers. `nps`: answers of nine tenths of the scale or
more less those of six tenths or less, over answers. An answer is the employee's it names, else the owner's of its
service case, else nobody's (answers of the truth that name neither name no customer either).
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from connectors.sandbox.company import Order
from connectors.sandbox.reference.truth import Truth
from connectors.sandbox.reference.values import SELLERS, UNASSIGNED, Event, Metric, Period, SubjectValue, half_up

METRICS = {
    "order_count": Metric("additive"),
    "new_customers": Metric("additive"),
    "churned_customers": Metric("additive", known_by="order_count", lower_is_better=True),
    "repeat_rate": Metric("ratio"),
    "churn_rate": Metric("ratio", known_by="order_count", lower_is_better=True),
    "active_customers": Metric("stock", known_by="order_count"),
    "won_back_customers": Metric("additive", known_by="order_count"),
    "customer_retention_rate": Metric("ratio", known_by="order_count"),
    "csat": Metric("ratio", roles=(*SELLERS, "after_sales")),
    "nps": Metric("ratio"),
    "customer_concentration": Metric("subject", known_by="bookings", lower_is_better=True),
}
BIGGEST = 5


def events(truth: Truth) -> Iterator[Event]:
    """A purchase or an answer each."""
    yield from _answers(truth)
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
                if rank and order.order_date > orders[rank - 1].order_date + truth.churned_after:
                    yield Event("won_back_customers", order.order_date, employee, share)


def period_events(truth: Truth, period: Period) -> Iterator[Event]:
    """The customers a period began with, on its first day, and which of them it lost; those who bought in it."""
    for orders in truth.purchases.values():
        bought = [order for order in orders if period.start <= order.order_date <= period.last]
        if bought:
            for employee, share in truth.credit.order_credit(bought[-1]).shares:
                yield Event("active_customers", bought[-1].order_date, employee, share)
    for orders in truth.purchases.values():
        before = [rank for rank, order in enumerate(orders) if order.order_date < period.start]
        if before and orders[before[-1]].order_date + truth.churned_after >= period.start:
            lapse = _lapse(truth, orders, before[-1])
            lost = Decimal(lapse is not None and lapse <= period.last)
            for employee, share in truth.credit.order_credit(orders[before[-1]]).shares:
                yield Event("churn_rate", period.start, employee, lost * share, share)
                yield Event("customer_retention_rate", period.start, employee, (1 - lost) * share, share)


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


def _answers(truth: Truth) -> Iterator[Event]:
    case_owner = {case.key: case.owner_number for case in truth.company.cases}
    for answer in truth.company.survey_answers:
        employee = answer.employee_number or case_owner.get(answer.case_key or "", UNASSIGNED)
        if answer.metric == "csat":
            yield Event("csat", answer.day, employee, half_up(answer.score / answer.scale_max, 9), Decimal(1))
        else:
            promotes, detracts = 10 * answer.score >= 9 * answer.scale_max, 10 * answer.score <= 6 * answer.scale_max
            yield Event("nps", answer.day, employee, Decimal(promotes - detracts), Decimal(1))


def _lapse(truth: Truth, orders: list[Order], rank: int) -> date | None:
    """The day a customer's purchase of this rank lapses; None when the next one comes by then."""
    day = orders[rank].order_date + truth.churned_after
    kept = rank + 1 < len(orders) and orders[rank + 1].order_date <= day
    return None if kept else day
