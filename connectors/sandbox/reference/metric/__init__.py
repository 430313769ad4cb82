"""The metrics, a module per family, each with the same parts as far as the family has them.

METRICS: id -> how it is read. `events(truth)`: additions to metrics on their day. `period_events(truth, period)`:
what is asked of a whole period; such an event counts in that period alone, in the unit of its day.
`subject_values(truth, period)`: what is worked out for each subject on its own.

Values. Additive metrics and stocks are 0 without events; a rate or average without denominator is None, and so is every
value of a metric of which the whole company records nothing. Events after the as_of date do not count.
"""

from collections.abc import Iterator

from connectors.sandbox.reference.metric import activity, appraisal, customer, market, people, sales, selling, service
from connectors.sandbox.reference.truth import Truth
from connectors.sandbox.reference.values import Event, Metric, Period, SubjectValue

FAMILIES = (sales, customer, selling, activity, service, people, appraisal, market)
METRICS: dict[str, Metric] = {name: metric for family in FAMILIES for name, metric in family.METRICS.items()}


def events(truth: Truth) -> Iterator[Event]:
    """All additions to metrics, of all families."""
    for family in (sales, customer, selling, activity, service):
        yield from family.events(truth)


def period_events(truth: Truth, period: Period) -> Iterator[Event]:
    """All that families ask of a whole period."""
    for family in (sales, customer, selling, activity, people):
        yield from family.period_events(truth, period)


def subject_values(truth: Truth, period: Period) -> Iterator[SubjectValue]:
    """All that families work out for each subject on its own."""
    for family in (customer, selling, people, appraisal, market):
        yield from family.subject_values(truth, period)
