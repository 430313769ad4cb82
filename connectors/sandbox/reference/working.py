"""Working time: 09:00 to 18:00 of working days, by the company's clocks; a moment counts from its minute's start."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from connectors.sandbox.truth_calendar import is_working_day

OPENS, CLOSES = time(9), time(18)


def days(first: date, last: date) -> Iterator[date]:
    """Every day from the first to the last."""
    while first <= last:
        yield first
        first += timedelta(days=1)


@cache
def local_date(moment: datetime, zone: str) -> date:
    """The date of a moment on the company's clocks."""
    return moment.astimezone(ZoneInfo(zone)).date()


def working_minutes(start: datetime, end: datetime, zone: str) -> int:
    """Whole minutes of business hours between two moments."""
    begins, ends = (
        moment.astimezone(ZoneInfo(zone)).replace(second=0, microsecond=0, tzinfo=None) for moment in (start, end)
    )
    found = timedelta()
    for day in days(begins.date(), ends.date()):
        opened = max(begins, datetime.combine(day, OPENS))
        closed = min(ends, datetime.combine(day, CLOSES))
        if is_working_day(day) and closed > opened:
            found += closed - opened
    return found // timedelta(minutes=1)
