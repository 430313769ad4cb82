"""People.

Employment is told by events: a person is there from the day hired until the day gone, the first day no longer there;
without a `left` event the staff list's day counts, and nobody says whether the person wished to leave. Stocks are those
of the evening of a period's last day: whoever worked that day for the last time is not in them, but a leaver of that
day, in the unit of that day.

Of units and company alone: `headcount`; `joiners`; `leavers`, `leavers_voluntary`, `leavers_involuntary` (of the others
nobody says); `turnover_rate`, `voluntary_turnover_rate`: leavers / half of (headcount of the evening before the period,
in the units of its first day, + headcount of its last evening). `vacancy_rate`: posts planned in a unit that nobody
posted there fills, never less than 0 / posts planned, in units that stand on the last day and those above; `as_is` the
unit is looked up in today's tree.

Of everybody: `training_completed` by day; `training_completion_rate`: required courses due in the period, completed by
then, of people still there on the day; `coaching_talks` held, by manager; `span_of_control`: reports of the last day /
their managers.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from connectors.sandbox.reference.truth import Truth
from connectors.sandbox.reference.values import ORG_VIEWS, UNASSIGNED, Event, Metric, Period, SubjectValue

EVERYBODY = ("sales_director", "regional_manager", "sales_rep", "after_sales", "hr")
MANAGERS = ("sales_director", "regional_manager")
METRICS = {
    "headcount": Metric("stock", ()),
    "joiners": Metric("additive", (), known_by="turnover_rate"),
    "leavers": Metric("additive", (), known_by="turnover_rate", lower_is_better=True),
    "leavers_voluntary": Metric("additive", (), known_by="voluntary_turnover_rate", lower_is_better=True),
    "leavers_involuntary": Metric("additive", (), known_by="voluntary_turnover_rate", lower_is_better=True),
    "turnover_rate": Metric("ratio", (), lower_is_better=True),
    "voluntary_turnover_rate": Metric("ratio", (), lower_is_better=True),
    "vacancy_rate": Metric("ratio", (), lower_is_better=True),
    "training_completed": Metric("additive", EVERYBODY),
    "training_completion_rate": Metric("ratio", EVERYBODY),
    "coaching_talks": Metric("additive", MANAGERS),
    "span_of_control": Metric("ratio", MANAGERS),
}
ONE, HALF = Decimal(1), Decimal("0.5")
DAY = timedelta(days=1)
FOREVER = date.max


def period_events(truth: Truth, period: Period) -> Iterator[Event]:
    """What people learnt and how they were led."""
    gone = {number: end for number, _, end, _ in _employments(truth)}
    for training in truth.company.staff.trainings:
        if training.completed and period.start <= training.completed <= period.last:
            yield Event("training_completed", training.completed, training.employee_number, ONE)
        due = training.due
        if training.is_required and due and period.start <= due <= period.last and due < gone[training.employee_number]:
            done = Decimal(training.completed is not None and training.completed <= due)
            yield Event("training_completion_rate", due, training.employee_number, done, ONE)
    for talk in truth.company.staff.talks:
        if talk.status == "done" and period.start <= talk.day <= period.last:
            yield Event("coaching_talks", talk.day, talk.manager_number, ONE)
    for manager, reports in _reports(truth, period.last).items():
        yield Event("span_of_control", period.last, manager, Decimal(reports), ONE)


def subject_values(truth: Truth, period: Period) -> Iterator[SubjectValue]:
    """Staff and posts of units and company."""
    yield from _of_units(truth, list(_staff_events(truth, period)))
    yield from _vacancies(truth, period.last)


def _employments(truth: Truth) -> Iterator[tuple[str, date, date, bool | None]]:
    """Employee, first day, first day gone, and whether the person wished to leave."""
    left = {event.employee_number: event for event in truth.company.staff.events if event.event_type == "left"}
    for person in truth.company.employees:
        event = left.get(person.number)
        yield person.number, person.hired, person.left or FOREVER, event.is_voluntary if event else None


def _there(truth: Truth, evening: date) -> Iterator[str]:
    """Who is employed beyond that day."""
    for number, first, end, _ in _employments(truth):
        if first <= evening and evening + DAY < end:
            yield number


def _staff_events(truth: Truth, period: Period) -> Iterator[Event]:
    rates = ["turnover_rate"]
    if any(voluntary is not None for *_, voluntary in _employments(truth)):
        rates.append("voluntary_turnover_rate")
    for number in _there(truth, period.last):
        yield Event("headcount", period.last, number, ONE)
        yield from (Event(rate, period.last, number, Decimal(0), HALF) for rate in rates)
    for number in _there(truth, period.start - DAY):
        yield from (Event(rate, period.start, number, Decimal(0), HALF) for rate in rates)
    for number, first, end, voluntary in _employments(truth):
        if period.start <= first <= period.last:
            yield Event("joiners", first, number, ONE)
        if end < FOREVER and period.start <= end - DAY <= period.last:
            yield from (Event(metric, end - DAY, number, ONE) for metric in _leaving(voluntary))


def _leaving(voluntary: bool | None) -> list[str]:
    metrics = ["leavers", "turnover_rate"]
    if voluntary is not None:
        metrics.append("leavers_voluntary" if voluntary else "leavers_involuntary")
    return [*metrics, "voluntary_turnover_rate"] if voluntary else metrics


def _of_units(truth: Truth, events: list[Event]) -> Iterator[SubjectValue]:
    """Sums of events for units and company."""
    sums: dict[tuple[str, str, str, str], tuple[Decimal, Decimal]] = defaultdict(lambda: (Decimal(0), Decimal(0)))
    for event in events:
        for subject_type, subject_id, org_view in truth.organisation.subjects(event.employee_id, event.day):
            if subject_type != "employee":
                key = (subject_type, subject_id, org_view, event.metric)
                numerator, denominator = sums[key]
                sums[key] = numerator + event.numerator, denominator + event.denominator
    for (subject_type, subject_id, org_view, metric), (numerator, denominator) in sums.items():
        below = denominator if METRICS[metric].aggregation == "ratio" else None
        yield SubjectValue(subject_type, subject_id, org_view, metric, numerator, below)


def _vacancies(truth: Truth, day: date) -> Iterator[SubjectValue]:
    organisation, company = truth.organisation, truth.company
    seated = Counter(organisation.path(number, day, "as_was")[0] for number in _there(truth, day))
    sums: dict[tuple[str, str, str], tuple[int, int]] = defaultdict(lambda: (0, 0))
    for plan in company.staff.plans:
        if plan.valid_from <= day < plan.valid_to and organisation.line(plan.unit_code, day):
            for org_view in ORG_VIEWS:
                line = organisation.line(plan.unit_code, day if org_view == "as_was" else company.as_of)
                units = [("org_unit", unit) for unit in line or [UNASSIGNED]]
                for subject_type, subject_id in [*units, ("company", "company")]:
                    empty, posts = sums[subject_type, subject_id, org_view]
                    vacant = max(plan.posts - seated[plan.unit_code], 0)
                    sums[subject_type, subject_id, org_view] = empty + vacant, posts + plan.posts
    for subject, (empty, posts) in sums.items():
        yield SubjectValue(*subject, "vacancy_rate", Decimal(empty), Decimal(posts))


def _reports(truth: Truth, day: date) -> Counter[str]:
    """How many people report to each manager on the evening of a day."""
    there = set(_there(truth, day))
    return Counter(
        posting.manager_number
        for posting in truth.company.assignments
        if posting.valid_from <= day < posting.valid_to and posting.employee_number in there and posting.manager_number
    )
