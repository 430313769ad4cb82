"""Money. `bookings`, `billings`, `collections`: sums of credited amounts."""

from collections.abc import Iterator

from connectors.sandbox.reference.truth import Truth
from connectors.sandbox.reference.values import Event, Metric

METRICS = {"bookings": Metric("additive"), "billings": Metric("additive"), "collections": Metric("additive")}


def events(truth: Truth) -> Iterator[Event]:
    """A credited part of a line or payment each."""
    for metric, parts in (
        ("bookings", truth.sales),
        ("billings", truth.credit.credited_billings()),
        ("collections", truth.credit.credited_collections()),
    ):
        yield from (Event(metric, part.day, part.employee_id, part.amount) for part in parts)
