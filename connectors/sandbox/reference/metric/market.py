"""The market. `market_share`: bookings of a period that is over / size of the subject's markets in it.

Segments (sizes of an industry) do not count. Sizes are converted at the rate of the period's last day and rounded
half-up to 6 decimals; where no size is published there is no share.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

from connectors.sandbox.reference.truth import Truth
from connectors.sandbox.reference.values import ORG_VIEWS, Metric, Period, SubjectValue, half_up, period_end

METRICS = {"market_share": Metric("subject", ())}


def subject_values(truth: Truth, period: Period) -> Iterator[SubjectValue]:
    """The subjects whose market somebody measured."""
    sizes: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    if period.last + timedelta(days=1) == period_end(period.period_type, period.start):
        for size in truth.company.market_sizes:
            if (size.period_type, size.period_start, size.industry) == (period.period_type, period.start, None):
                subject = ("org_unit", size.unit_code) if size.unit_code else ("company", "company")
                sizes[subject] += half_up(size.amount * truth.credit.rate(size.currency, period.last), 6)
    booked: dict[tuple[str, str, str], Decimal] = defaultdict(Decimal)
    if sizes:
        for part in truth.sales:
            if period.start <= part.day <= period.last:
                for subject_type, subject_id, org_view in truth.organisation.subjects(part.employee_id, part.day):
                    booked[subject_type, subject_id, org_view] += part.amount
    for (subject_type, subject_id), amount in sizes.items():
        for org_view in ORG_VIEWS:
            sold = booked[subject_type, subject_id, org_view]
            yield SubjectValue(subject_type, subject_id, org_view, "market_share", sold, amount)
