"""Opportunities.

`win_rate`: won / (won + lost) by closed date and opportunity owner. `sales_cycle_days`: days from created to closed
over won opportunities.
"""

from collections.abc import Iterator
from decimal import Decimal

from connectors.sandbox.reference.truth import Truth
from connectors.sandbox.reference.values import Event, Metric

METRICS = {"win_rate": Metric("ratio"), "sales_cycle_days": Metric("ratio", lower_is_better=True)}


def events(truth: Truth) -> Iterator[Event]:
    """A closed opportunity each."""
    for deal in truth.company.opportunities:
        if deal.closed is not None and deal.status in ("won", "lost"):
            won = Decimal(deal.status == "won")
            yield Event("win_rate", deal.closed, deal.owner_number, won, Decimal(1))
            if won:
                days = Decimal((deal.closed - deal.created).days)
                yield Event("sales_cycle_days", deal.closed, deal.owner_number, days, Decimal(1))
