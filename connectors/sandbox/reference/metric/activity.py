"""What people do. `visits`: activities of type visit that are done."""

from collections.abc import Iterator
from decimal import Decimal

from connectors.sandbox.reference.truth import Truth
from connectors.sandbox.reference.values import Event, Metric

METRICS = {"visits": Metric("additive")}


def events(truth: Truth) -> Iterator[Event]:
    """An activity each."""
    for activity in truth.company.activities:
        if (activity.activity_type, activity.status) == ("visit", "done"):
            yield Event("visits", activity.activity_date, activity.employee_number, Decimal(1))
