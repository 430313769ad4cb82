"""Periods as people name them: 2025-07, 2025-Q3, 2025; or by their first day, where the fiscal year is another."""

import re
from dataclasses import dataclass
from datetime import date

MONTHS = {"month": 1, "quarter": 3, "year": 12}
"""Length of each period type in months."""
EXPECTED = "expected a month, quarter or year: 2025-07, 2025-Q3, 2025, or one by its first day: quarter 2025-08-01"
_NAMED = re.compile(r"(?P<year>\d{4})(?:-?[Qq](?P<quarter>[1-4])|-(?P<month>0[1-9]|1[0-2]))?")
_BY_FIRST_DAY = re.compile(r"(?P<kind>month|quarter|year) (?P<day>\d{4}-\d{2}-\d{2})")


@dataclass(frozen=True)
class Period:
    """One month, quarter or year. `next_start` is the first day after it."""

    name: str
    period_type: str
    start: date
    next_start: date


def parse_period(text: str, fiscal_year_start_month: int = 1) -> Period:
    """The period of that name; ValueError says what names look like, or why none of the company's begins there.

    2025-Q3 begins on 2025-07-01 and 2025 on 2025-01-01 whatever the fiscal year is, as elsewhere in the commands.
    """
    period_type, start = _named(text.strip())
    if not starts_period(period_type, start, fiscal_year_start_month):
        raise ValueError(
            f"{text!r}: no {period_type} of a fiscal year from month {fiscal_year_start_month} begins on {start}; "
            f"{EXPECTED}"
        )
    return Period(period_name(period_type, start), period_type, start, add_months(start, MONTHS[period_type]))


def period_name(period_type: str, start: date) -> str:
    """What a period is called: 2025-07, 2025-Q3, 2025; `quarter 2025-08-01` where quarters or years are fiscal."""
    if period_type == "month":
        return f"{start:%Y-%m}"
    if period_type == "quarter" and start.month % 3 == 1:
        return f"{start.year}-Q{start.month // 3 + 1}"
    return f"{start.year}" if period_type == "year" and start.month == 1 else f"{period_type} {start}"


def is_called(asked: str, period_type: str, start: date) -> bool:
    """Whether somebody who says this means that period: its name, its first day alone, or type and first day."""
    asked = asked.strip()
    if asked == f"{start}":
        return True
    try:
        return _named(asked) == (period_type, start)
    except ValueError:
        return False


def starts_period(period_type: str, day: date, fiscal_year_start_month: int) -> bool:
    """Whether a fiscal period of that type begins on that day."""
    return day.day == 1 and (day.month - fiscal_year_start_month) % MONTHS[period_type] == 0


def add_months(first: date, months: int) -> date:
    """The first day of the month so many months later; `first` must be the first day of a month."""
    counted = first.year * 12 + first.month - 1 + months
    return date(counted // 12, counted % 12 + 1, 1)


def _named(text: str) -> tuple[str, date]:
    if by_day := _BY_FIRST_DAY.fullmatch(text):
        try:
            return by_day["kind"], date.fromisoformat(by_day["day"])
        except ValueError:
            raise ValueError(f"{text!r} names no day; {EXPECTED}") from None
    named = _NAMED.fullmatch(text)
    if named is None or named["year"] == "0000":
        raise ValueError(f"{text!r} names no period; {EXPECTED}")
    year = int(named["year"])
    if named["month"]:
        return "month", date(year, int(named["month"]), 1)
    if named["quarter"]:
        return "quarter", date(year, 3 * int(named["quarter"]) - 2, 1)
    return "year", date(year, 1, 1)
