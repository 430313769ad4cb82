"""Periods as people name them: 2025-07, 2025-Q3, 2025."""

import re
from dataclasses import dataclass
from datetime import date

MONTHS = {"month": 1, "quarter": 3, "year": 12}
_NAMED = re.compile(r"(?P<year>\d{4})(?:-?[Qq](?P<quarter>[1-4])|-(?P<month>0[1-9]|1[0-2]))?")


@dataclass(frozen=True)
class Period:
    """One month, quarter or year. `next_start` is the first day after it."""

    name: str
    period_type: str
    start: date
    next_start: date


def parse_period(text: str, fiscal_year_start_month: int = 1) -> Period:
    """The period of that name; ValueError says what names look like.

    Quarters and years are the company's: with a fiscal year that starts in April, 2025-Q1 begins on 2025-04-01.
    """
    named = _NAMED.fullmatch(text.strip())
    if named is None:
        raise ValueError(f"{text!r} names no period; expected a month, quarter or year: 2025-07, 2025-Q3, 2025")
    year = int(named["year"])
    if named["month"]:
        return _period(text.strip(), "month", date(year, int(named["month"]), 1))
    first = date(year, fiscal_year_start_month, 1)
    if named["quarter"]:
        return _period(f"{year}-Q{named['quarter']}", "quarter", add_months(first, 3 * (int(named["quarter"]) - 1)))
    return _period(text.strip(), "year", first)


def add_months(first: date, months: int) -> date:
    """The first day of the month so many months later; `first` must be the first day of a month."""
    counted = first.year * 12 + first.month - 1 + months
    return date(counted // 12, counted % 12 + 1, 1)


def _period(name: str, period_type: str, start: date) -> Period:
    return Period(name, period_type, start, add_months(start, MONTHS[period_type]))
