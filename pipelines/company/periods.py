"""Which periods are closed: those a company names, and every shorter period that lies within one of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from pipelines.company.models import ClosedPeriod, CompanySettings
from pipelines.periods import MONTHS, add_months


@dataclass(frozen=True)
class Closed:
    """One closed period; period_end is its last day."""

    period_type: str
    period_start: date
    period_end: date
    closed_by: str | None


def closed_periods(settings: CompanySettings, as_of_date: date) -> list[Closed]:
    """Every closed period that is over on the as-of date, each once, in order of type and start.

    A quarter that is closed closes its months: a month that moved on would contradict the quarter it is part of. Where
    a period is named itself, that entry says who closed it.
    """
    found: dict[tuple[str, date], Closed] = {}
    for named in sorted(settings.closed_periods, key=lambda one: -MONTHS[one.period_type]):
        for closed in _within(named):
            if closed.period_end <= as_of_date:
                found[closed.period_type, closed.period_start] = closed
    return [found[key] for key in sorted(found)]


def _within(named: ClosedPeriod) -> Iterator[Closed]:
    whole = MONTHS[named.period_type]
    for period_type, months in MONTHS.items():
        if months <= whole:
            for offset in range(0, whole, months):
                start = add_months(named.period_start, offset)
                end = add_months(start, months) - timedelta(days=1)
                yield Closed(period_type, start, end, named.closed_by)
