"""After-sales, by owner of the case.

`cases_opened`: cases by day opened. `first_response_hours`: business hours from opening to the first answer, by day of
the answer. `resolution_hours`: business hours from opening to closing, by day closed; both as minutes by 60 minutes a
case. `reopen_rate`: of the cases closed, those that were opened again, by day closed.
`complaint_rate`: cases opened, by the shares of the customer's latest purchase on or before the day opened (nobody's
where there is none) / shares of purchases by order date.
"""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from connectors.sandbox.reference.truth import Truth
from connectors.sandbox.reference.values import UNASSIGNED, Event, Metric
from connectors.sandbox.reference.working import local_date, working_minutes

_AFTER_SALES = ("after_sales",)
METRICS = {
    "cases_opened": Metric("additive", roles=_AFTER_SALES, lower_is_better=True),
    "first_response_hours": Metric("ratio", roles=_AFTER_SALES, lower_is_better=True),
    "resolution_hours": Metric("ratio", roles=_AFTER_SALES, lower_is_better=True),
    "reopen_rate": Metric("ratio", roles=_AFTER_SALES, lower_is_better=True),
    "complaint_rate": Metric("ratio", lower_is_better=True),
}


def events(truth: Truth) -> Iterator[Event]:
    """What happens to a case, each on its day."""
    zone, hour = truth.company.time_zone, Decimal(60)

    def minutes(start: datetime, end: datetime) -> Decimal:
        return Decimal(working_minutes(start, end, zone))

    for case in truth.company.cases:
        opened, owner, one = case.opened_at, case.owner_number, Decimal(1)
        yield Event("cases_opened", local_date(opened, zone), owner, one)
        if answered := case.first_response_at:
            yield Event("first_response_hours", local_date(answered, zone), owner, minutes(opened, answered), hour)
        if case.status == "closed" and case.closed_at:
            day = local_date(case.closed_at, zone)
            yield Event("resolution_hours", day, owner, minutes(opened, case.closed_at), hour)
            yield Event("reopen_rate", day, owner, Decimal(case.reopened_count > 0), one)
    yield from _complaints(truth)


def _complaints(truth: Truth) -> Iterator[Event]:
    for orders in truth.purchases.values():
        for order in orders:
            for employee, share in truth.credit.order_credit(order).shares:
                yield Event("complaint_rate", order.order_date, employee, Decimal(0), share)
    for case in truth.company.cases:
        day = local_date(case.opened_at, truth.company.time_zone)
        before = [order for order in truth.purchases.get(case.party_key, []) if order.order_date <= day]
        shares = truth.credit.order_credit(before[-1]).shares if before else ((UNASSIGNED, Decimal(1)),)
        for employee, share in shares:
            yield Event("complaint_rate", day, employee, share)
