"""The days the benchmark company works: Monday to Friday, but for public holidays and the weekends moved for them.

As China's State Council announced them for 2024 and 2025;
written out, so that the reference knows them from nobody else.
"""

from collections.abc import Iterator
from datetime import date, timedelta

_OFF = (
    (date(2024, 1, 1), date(2024, 1, 1)),
    (date(2024, 2, 10), date(2024, 2, 17)),
    (date(2024, 4, 4), date(2024, 4, 6)),
    (date(2024, 5, 1), date(2024, 5, 5)),
    (date(2024, 6, 10), date(2024, 6, 10)),
    (date(2024, 9, 15), date(2024, 9, 17)),
    (date(2024, 10, 1), date(2024, 10, 7)),
    (date(2025, 1, 1), date(2025, 1, 1)),
    (date(2025, 1, 28), date(2025, 2, 4)),
    (date(2025, 4, 4), date(2025, 4, 6)),
    (date(2025, 5, 1), date(2025, 5, 5)),
    (date(2025, 5, 31), date(2025, 6, 2)),
    (date(2025, 10, 1), date(2025, 10, 8)),
)
"""First and last day of each holiday."""
_WORKED = frozenset(
    {
        date(2024, 2, 4),
        date(2024, 2, 18),
        date(2024, 4, 7),
        date(2024, 4, 28),
        date(2024, 5, 11),
        date(2024, 9, 14),
        date(2024, 9, 29),
        date(2024, 10, 12),
        date(2025, 1, 26),
        date(2025, 2, 8),
        date(2025, 4, 27),
        date(2025, 9, 28),
        date(2025, 10, 11),
    }
)
"""Weekend days worked for a holiday."""


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=number) for number in range((last - first).days + 1))


_HOLIDAYS = frozenset(day for first, last in _OFF for day in _days(first, last))


def is_working_day(day: date) -> bool:
    """Whether the company works that day. Raises LookupError for years whose holidays are not written down."""
    if day.year not in (2024, 2025):
        raise LookupError(f"the holidays of {day.year} are not known here")
    return day in _WORKED or (day.weekday() < 5 and day not in _HOLIDAYS)
