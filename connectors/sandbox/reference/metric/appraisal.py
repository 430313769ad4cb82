"""How the appraisal process runs: units by who is appraised (asked), HR staff by what the whole company does.

`reviews_on_time`: forms due in the period handed in by then / all due in it. `forms_complete`: complete forms / forms
handed in in the period. `appraisal_satisfaction`: points of 5 in the staff's answers of the period / answers; an answer
without a name counts in no unit.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from connectors.sandbox.reference.truth import Truth
from connectors.sandbox.reference.values import UNASSIGNED, Event, Metric, Period, SubjectValue, period_end

METRICS = {name: Metric("ratio", ("hr",)) for name in ("reviews_on_time", "forms_complete", "appraisal_satisfaction")}
FULL_MARKS = Decimal(5)
ONE = Decimal(1)


def subject_values(truth: Truth, period: Period) -> Iterator[SubjectValue]:
    """Units and company, and the company's for everybody posted as HR in the period."""
    sums: dict[tuple[str, str, str, str], tuple[Decimal, Decimal]] = defaultdict(lambda: (Decimal(0), Decimal(0)))
    for event in _events(truth):
        if period.start <= event.day <= period.last:
            for subject_type, subject_id, org_view in truth.organisation.subjects(event.employee_id, event.day):
                if subject_type != "employee":
                    key = (subject_type, subject_id, org_view, event.metric)
                    sums[key] = sums[key][0] + event.numerator, sums[key][1] + ONE
    officers = _officers(truth, period.start, period_end(period.period_type, period.start))
    for (subject_type, subject_id, org_view, metric), value in sums.items():
        yield SubjectValue(subject_type, subject_id, org_view, metric, *value)
        if subject_type == "company":
            yield from (SubjectValue("employee", officer, org_view, metric, *value) for officer in officers)


def _events(truth: Truth) -> Iterator[Event]:
    for review in truth.company.staff.reviews:
        if review.due is not None:
            on_time = review.submitted is not None and review.submitted <= review.due
            yield Event("reviews_on_time", review.due, review.employee_number, Decimal(on_time))
        if review.submitted and review.is_complete is not None:
            yield Event("forms_complete", review.submitted, review.employee_number, Decimal(review.is_complete))
    for answer in truth.company.staff.answers:
        asked = answer.employee_number or UNASSIGNED
        yield Event("appraisal_satisfaction", answer.day, asked, answer.score / FULL_MARKS)


def _officers(truth: Truth, start: date, end: date) -> set[str]:
    return {
        posting.employee_number
        for posting in truth.company.assignments
        if posting.role == "hr" and posting.valid_from < end and posting.valid_to > start
    }
