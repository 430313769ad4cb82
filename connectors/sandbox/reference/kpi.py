"""Every expected row of `kpi_value`.

Periods are calendar months, quarters and years (fiscal year starts in January), from the first event's to the as_of
date's. A row is expected for every employee and metric that judges a role held in the period (a role that no metric
knows: every metric that judges anybody), for every unit that stands in it, for the company, and for every subject with
an event or a target in it. Target: the highest version in effect on the period's last day (the as_of date while it
runs, its first day before it begins); a version without an effective date is in effect from the period's first day.
Where the company counts targets pro rata, a person's target on an additive metric is target x working days posted /
working days of the period, rounded to 6 decimals. Attainment = value / target, None without a value, without a target
or with target zero. Growth compares the published values of complete periods: (value - earlier) / earlier, None without
an earlier value above zero.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from connectors.sandbox.reference import metric as metrics
from connectors.sandbox.reference import targets
from connectors.sandbox.reference.truth import Truth
from connectors.sandbox.reference.values import (
    ORG_VIEWS,
    PERIOD_MONTHS,
    Event,
    Key,
    Kpi,
    Period,
    Subject,
    half_up,
    period_end,
    period_of,
    periods,
)

Sums = dict[Key, tuple[Decimal, Decimal | None]]
Tally = dict[tuple[tuple[Subject, ...], str], tuple[Decimal, Decimal]]
"""Numerator and denominator by the subjects they count for, together, and by metric."""
NOTHING = (Decimal(0), Decimal(0))


def expected(truth: Truth) -> dict[Key, Kpi]:
    """Every row by its key."""
    monthly = _monthly(truth)
    found = list(_periods(min(monthly), truth.company.as_of))
    period_at = {(period.period_type, period.start): period for period in found}
    tallies: dict[tuple[str, date], Tally] = {asked: {} for asked in period_at}
    for month, tally in monthly.items():
        for period_type in PERIOD_MONTHS:
            _merge(tallies[period_type, period_of(period_type, month)], tally)
    sums: Sums = {}
    for period in found:
        tally = tallies.pop((period.period_type, period.start))
        for event in metrics.period_events(truth, period):
            _add(truth, tally, event)
        _share_out(sums, tally, period)
        for value in metrics.subject_values(truth, period):
            subject = (value.subject_type, value.subject_id, period.period_type, period.start)
            sums[*subject, value.metric, value.org_view] = (value.numerator, value.denominator)
    recorded = {key[4] for key in sums}
    asked = target_values(truth)
    keys = {key for period in found for key in _present(truth, period)} | set(sums)
    keys |= {(*key, view) for key in asked if key[2:4] in period_at for view in ORG_VIEWS}
    return _grown(truth, {key: _counted(key[4], sums.get(key), recorded) for key in keys}, asked)


def _periods(first_day: date, as_of: date) -> Iterator[Period]:
    for period_type, start in periods(first_day, as_of):
        yield Period(period_type, start, min(period_end(period_type, start) - timedelta(days=1), as_of))


def _monthly(truth: Truth) -> dict[date, Tally]:
    """What happened by the as_of date, by first day of the month: many events of one day count for the same people."""
    found: dict[date, Tally] = defaultdict(dict)
    for event in metrics.events(truth):
        if event.day <= truth.company.as_of:
            _add(truth, found[event.day.replace(day=1)], event)
    return found


def _add(truth: Truth, tally: Tally, event: Event) -> None:
    key = (truth.organisation.subjects(event.employee_id, event.day), event.metric)
    numerator, denominator = tally.get(key, NOTHING)
    tally[key] = numerator + event.numerator, denominator + event.denominator


def _merge(tally: Tally, more: Tally) -> None:
    for key, (numerator, denominator) in more.items():
        before = tally.get(key, NOTHING)
        tally[key] = before[0] + numerator, before[1] + denominator


def _share_out(sums: Sums, tally: Tally, period: Period) -> None:
    """Everybody's sums of one period; they are this period's first."""
    found: dict[tuple[Subject, str], tuple[Decimal, Decimal]] = {}
    for (subjects, metric), (numerator, denominator) in tally.items():
        for subject in subjects:
            before = found.get((subject, metric), NOTHING)
            found[subject, metric] = before[0] + numerator, before[1] + denominator
    for ((subject_type, subject_id, org_view), metric), both in found.items():
        sums[subject_type, subject_id, period.period_type, period.start, metric, org_view] = both


def _present(truth: Truth, period: Period) -> Iterator[Key]:
    """A key for every subject present in a period, metric and view, whether anything happened or not."""
    end = period_end(period.period_type, period.start)
    company = truth.company
    subjects = {("company", "company", metric) for metric in metrics.METRICS}
    for posting in company.assignments:
        if posting.valid_from < end and posting.valid_to > period.start:
            subjects |= {("employee", posting.employee_number, metric) for metric in _judging(posting.role)}
    for unit in company.units:
        if unit.valid_from < end and unit.valid_to > period.start:
            subjects |= {("org_unit", unit.code, metric) for metric in metrics.METRICS}
    for subject_type, subject_id, metric in subjects:
        for org_view in ORG_VIEWS:
            yield subject_type, subject_id, period.period_type, period.start, metric, org_view


def _judging(role: str) -> set[str]:
    found = {name for name, metric in metrics.METRICS.items() if role in metric.roles}
    return found or {name for name, metric in metrics.METRICS.items() if metric.roles}


def target_values(truth: Truth) -> dict[tuple[str, str, str, date, str], Decimal]:
    """What counts as target by subject type, subject, period type, period start and metric."""
    return {
        key: targets.counted(truth, target, additive=metrics.METRICS[target.metric].aggregation == "additive")
        for key, target in targets.in_effect(truth).items()
    }


Counted = tuple[Decimal | None, Decimal | None, Decimal | None]
"""Value, numerator and denominator; a value has Decimal's 28 digits."""


def _counted(name: str, done: tuple[Decimal, Decimal | None] | None, recorded: set[str]) -> Counted:
    metric = metrics.METRICS[name]
    if metric.aggregation == "subject":
        numerator, denominator = done or (None, None)
    elif (metric.known_by or name) in recorded:
        numerator, denominator = done or NOTHING
        denominator = denominator if metric.aggregation == "ratio" else None
    else:
        numerator = denominator = None
    if numerator is None:
        return None, None, None
    value = numerator if denominator is None else numerator / denominator if denominator else None
    return value, numerator, denominator


def _grown(
    truth: Truth, counted: dict[Key, Counted], asked: dict[tuple[str, str, str, date, str], Decimal]
) -> dict[Key, Kpi]:
    """The rows with their targets and the values they are compared with."""
    earlier = {(key[2], key[3]): _compared_with(truth, key[2], key[3]) for key in counted}
    found = {}
    for key, (value, numerator, denominator) in counted.items():
        subject_type, subject_id, period_type, start, metric, org_view = key
        target = asked.get(key[:5])
        previous, year_ago = (
            counted.get((subject_type, subject_id, period_type, day, metric, org_view), (None,))[0] if day else None
            for day in earlier[period_type, start]
        )
        found[key] = Kpi(
            value,
            numerator,
            denominator,
            target,
            value / target if value is not None and target else None,
            previous,
            _growth(value, previous),
            year_ago,
            _growth(value, year_ago),
        )
    return found


def _compared_with(truth: Truth, period_type: str, start: date) -> tuple[date | None, date | None]:
    """First day of the period before and of the same one a year earlier; a period that still runs has neither."""
    if period_end(period_type, start) > truth.company.as_of + timedelta(days=1):
        return None, None
    return period_of(period_type, start - timedelta(days=1)), start.replace(year=start.year - 1)


def _growth(value: Decimal | None, earlier: Decimal | None) -> Decimal | None:
    if value is None or earlier is None:
        return None
    shown = half_up(earlier, 9)
    return (half_up(value, 9) - shown) / shown if shown > 0 else None
