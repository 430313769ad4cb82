"""The words of the reference: what an event, an expected value and a period are; rounding."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from functools import cache
from typing import Literal

UNASSIGNED = "unassigned"
PRECISE = Context(prec=60, rounding=ROUND_HALF_UP)
ORG_VIEWS = ("as_was", "as_is")
PERIOD_MONTHS = {"month": 1, "quarter": 3, "year": 12}
SELLERS = ("sales_director", "regional_manager", "sales_rep")

Key = tuple[str, str, str, date, str, str]
"""subject_type, subject_id, period_type, period_start, metric, org_view"""
Shares = tuple[tuple[str, Decimal], ...]
Subject = tuple[str, str, str]
"""subject_type, subject_id, org_view"""


@dataclass(frozen=True)
class Metric:
    """How a metric is read, and whom it judges; see the metric registry for the words.

    known_by: the metric whose events show that the company records this one; None: its own.
    """

    aggregation: Literal["additive", "stock", "ratio", "subject"]
    roles: tuple[str, ...] = SELLERS
    known_by: str | None = None
    lower_is_better: bool = False


@dataclass(frozen=True)
class Period:
    """A calendar period; `last` is its last day, the as_of date where it still runs."""

    period_type: str
    start: date
    last: date


@dataclass(frozen=True, slots=True)
class Kpi:
    """One expected `kpi_value` row; `value` and `attainment` have Decimal's 28 digits (the mart: 9 decimals)."""

    value: Decimal | None
    numerator: Decimal | None
    denominator: Decimal | None
    target: Decimal | None
    attainment: Decimal | None
    previous_value: Decimal | None = None
    previous_growth: Decimal | None = None
    year_ago_value: Decimal | None = None
    year_ago_growth: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """One addition to a metric: numerator and, for rates and averages, denominator."""

    metric: str
    day: date
    employee_id: str
    numerator: Decimal
    denominator: Decimal = Decimal(0)


@dataclass(frozen=True)
class SubjectValue:
    """What a metric that does not add up is for one subject and period."""

    subject_type: str
    subject_id: str
    org_view: str
    metric: str
    numerator: Decimal
    denominator: Decimal | None = None


def period_of(period_type: str, day: date) -> date:
    """First day of the calendar period that holds a day."""
    months = PERIOD_MONTHS[period_type]
    return date(day.year, (day.month - 1) // months * months + 1, 1)


def period_end(period_type: str, period_start: date) -> date:
    """First day after the period."""
    return period_of(period_type, period_start + timedelta(days=31 * PERIOD_MONTHS[period_type]))


def periods(first_day: date, last_day: date) -> Iterator[tuple[str, date]]:
    """All periods from the one that holds the first day to the one that holds the last."""
    for period_type in PERIOD_MONTHS:
        start = period_of(period_type, first_day)
        while start <= last_day:
            yield period_type, start
            start = period_end(period_type, start)


def half_up(value: Decimal, decimals: int) -> Decimal:
    """Rounded half away from zero."""
    return value.quantize(_unit(decimals), ROUND_HALF_UP)


@cache
def _unit(decimals: int) -> Decimal:
    return Decimal(1).scaleb(-decimals)


def rounded(value: Fraction, decimals: int) -> Decimal:
    """A non-negative fraction rounded half-up, without ever being a float."""
    scaled = value * 10**decimals
    return Decimal(int(scaled + Fraction(1, 2))).scaleb(-decimals)


def quotient(numerator: Decimal | int, denominator: Decimal | int) -> Decimal:
    """Exact, then rounded half away from zero to 9 decimals."""
    exact = Fraction(numerator) / Fraction(denominator)
    size = int(abs(exact) * 10**9 + Fraction(1, 2))
    return Decimal(size if exact >= 0 else -size).scaleb(-9, PRECISE)
