"""What people do.

`visits`, `calls`, `meetings`: activities of that type that are done. `accepted_market_feedback`: accepted reports.
`daily_log_completeness`: of the working days on which somebody is posted in a selling role, from the company's first
activity done on, those with an activity, report or coaching talk done by that person. `key_account_contact_gap`, for
each period: for each of a person's key accounts the days from the last call, visit, meeting or mail done with that
customer, by anybody, to the period's last day, at most 365 and 365 where there was none. Key accounts are the five
customers with most bookings credited to the person (not to nobody) in the four quarters before the quarter of that
last day, as far as above zero.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from connectors.sandbox.reference.truth import Truth
from connectors.sandbox.reference.values import SELLERS, UNASSIGNED, Event, Metric, Period, period_of
from connectors.sandbox.reference.working import days
from connectors.sandbox.truth_calendar import is_working_day

METRICS = {
    "visits": Metric("additive"),
    "calls": Metric("additive"),
    "meetings": Metric("additive"),
    "accepted_market_feedback": Metric("additive"),
    "daily_log_completeness": Metric("ratio"),
    "key_account_contact_gap": Metric("ratio", lower_is_better=True),
}
_COUNTED = {"visit": "visits", "call": "calls", "meeting": "meetings"}
KEY_ACCOUNTS = 5
LONGEST_GAP = 365


def events(truth: Truth) -> Iterator[Event]:
    """An activity or accepted report each."""
    for activity in truth.company.activities:
        if activity.activity_type in _COUNTED and activity.status == "done":
            metric = _COUNTED[activity.activity_type]
            yield Event(metric, activity.activity_date, activity.employee_number, Decimal(1))
    for report in truth.company.feedback:
        if report.outcome == "accepted":
            yield Event("accepted_market_feedback", report.feedback_date, report.employee_number, Decimal(1))

    yield from _logs(truth)


def _logs(truth: Truth) -> Iterator[Event]:
    logged = _logged_days(truth)
    first_log = min((day for done in logged.values() for day in done), default=truth.company.as_of)
    for posting in truth.company.assignments:
        if posting.role in SELLERS:
            first = max(posting.valid_from, first_log)
            for day in days(first, min(truth.company.as_of, posting.valid_to - timedelta(days=1))):
                if is_working_day(day):
                    done = Decimal(day in logged[posting.employee_number])
                    yield Event("daily_log_completeness", day, posting.employee_number, done, Decimal(1))


def _logged_days(truth: Truth) -> dict[str, set[date]]:
    found: dict[str, set[date]] = defaultdict(set)
    for activity in truth.company.activities:
        if activity.status == "done" and activity.activity_date <= truth.company.as_of:
            found[activity.employee_number].add(activity.activity_date)
    for report in truth.company.feedback:
        found[report.employee_number].add(report.feedback_date)
    for talk in truth.company.staff.talks:
        if talk.status == "done" and talk.day <= truth.company.as_of:
            found[talk.manager_number].add(talk.day)
    return found


def period_events(truth: Truth, period: Period) -> Iterator[Event]:
    """Key accounts and how long ago they were spoken to."""
    quarter = period_of("quarter", period.last)
    booked: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for part in truth.sales:
        if quarter.replace(year=quarter.year - 1) <= part.day < quarter:
            booked[part.employee_id][truth.order_of_line[part.document_key].party_key] += part.amount
    booked.pop(UNASSIGNED, None)
    for employee, amounts in booked.items():
        keys = sorted((key for key, amount in amounts.items() if amount > 0), key=lambda key: -amounts[key])
        for key in keys[:KEY_ACCOUNTS]:
            spoken = truth.contacts.get(key, [])
            last = bisect_right(spoken, period.last)
            gap = min((period.last - spoken[last - 1]).days, LONGEST_GAP) if last else LONGEST_GAP
            yield Event("key_account_contact_gap", period.last, employee, Decimal(gap), Decimal(1))
