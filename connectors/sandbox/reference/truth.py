"""All that the metrics of the reference ask: the company, its organisation, its credit and what follows from them."""

from collections import defaultdict
from datetime import date, timedelta
from functools import cached_property

from connectors.sandbox.company import BenchmarkCompany, Order, ProductCost
from connectors.sandbox.reference.credit import CreditBook, CreditedAmount
from connectors.sandbox.reference.organisation import Organisation
from connectors.sandbox.reference.receivable import Receivable, receivables
from connectors.sandbox.truth_calendar import is_working_day

CONTACTS = ("call", "visit", "meeting", "mail")
CHURNED_DAYS = 365
"""Days without an order after which a customer is lost, where the company says nothing else."""


class Truth:
    """One company, ready to be asked."""

    def __init__(self, company: BenchmarkCompany, churned_days: int = CHURNED_DAYS, *, pro_rata: bool = False) -> None:
        self.company = company
        self.pro_rata = pro_rata
        self.organisation = Organisation(company)
        self.credit = CreditBook(company)
        self.churned_after = timedelta(days=churned_days)

    def is_working_day(self, day: date) -> bool:
        """Whether the company works that day."""
        return is_working_day(day)

    @cached_property
    def sales(self) -> list[CreditedAmount]:
        """Every confirmed order line's parts."""
        return list(self.credit.credited_sales())

    @cached_property
    def order_of_line(self) -> dict[str, Order]:
        """Order by the key of a line of it."""
        return {line.key: order for order in self.company.orders for line in order.lines}

    @cached_property
    def cost_of(self) -> dict[str, ProductCost]:
        """What a product costs, by its code, where that is known."""
        return {cost.product_code: cost for cost in self.company.product_costs}

    @cached_property
    def contacts(self) -> dict[str | None, list[date]]:
        """Days of the calls, visits, meetings and mails done with a customer, in their order."""
        found: dict[str | None, list[date]] = defaultdict(list)
        for activity in self.company.activities:
            if activity.status == "done" and activity.activity_type in CONTACTS:
                found[activity.party_key].append(activity.activity_date)
        return {party: sorted(spoken) for party, spoken in found.items()}

    @cached_property
    def receivables(self) -> list[Receivable]:
        """Every invoice posted, with all that changes what is left of it."""
        return receivables(self.company)

    @cached_property
    def purchases(self) -> dict[str, list[Order]]:
        """Confirmed orders with a positive total by customer, in their order."""
        found: dict[str, list[Order]] = defaultdict(list)
        for order in sorted(self.company.orders, key=lambda one: (one.order_date, one.number)):
            if order.status == "confirmed" and sum(line.net_amount for line in order.lines) > 0:
                found[order.party_key].append(order)
        return found
