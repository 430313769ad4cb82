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

from collections.abc import Iterator
from dataclasses import replace
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
    half_up,
    period_end,
    period_of,
    periods,
)

Sums = dict[Key, tuple[Decimal, Decimal | None]]


def expected(truth: Truth) -> dict[Key, Kpi]:
    """Every row by its key."""
    events = [event for event in metrics.events(truth) if event.day <= truth.company.as_of]
    found = list(_periods(min(event.day for event in events), truth.company.as_of))
    period_at = {(period.period_type, period.start): period for period in found}
    sums: Sums = {}
    for event in events:
        for period_type in PERIOD_MONTHS:
            _add(truth, sums, event, period_at[period_type, period_of(period_type, event.day)])
    for period in found:
        for event in metrics.period_events(truth, period):
            _add(truth, sums, event, period)
        for value in metrics.subject_values(truth, period):
            subject = (value.subject_type, value.subject_id, period.period_type, period.start)
            sums[*subject, value.metric, value.org_view] = (value.numerator, value.denominator)
    recorded = {key[4] for key in sums}
    asked = target_values(truth)
    keys = {key for period in found for key in _present(truth, period)} | set(sums)
    keys |= {(*key, view) for key in asked if key[2:4] in period_at for view in ORG_VIEWS}
    return _grown(truth, {key: _kpi(key, sums.get(key), asked, recorded) for key in sorted(keys)})


def _periods(first_day: date, as_of: date) -> Iterator[Period]:
    for period_type, start in periods(first_day, as_of):
        yield Period(period_type, start, min(period_end(period_type, start) - timedelta(days=1), as_of))


def _add(truth: Truth, sums: Sums, event: Event, period: Period) -> None:
    for subject_type, subject_id, org_view in truth.organisation.subjects(event.employee_id, event.day):
        key = (subject_type, subject_id, period.period_type, period.start, event.metric, org_view)
        numerator, denominator = sums.get(key, (Decimal(0), Decimal(0)))
        sums[key] = numerator + event.numerator, (denominator or Decimal(0)) + event.denominator


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


def _kpi(
    key: Key,
    done: tuple[Decimal, Decimal | None] | None,
    asked: dict[tuple[str, str, str, date, str], Decimal],
    recorded: set[str],
) -> Kpi:
    metric, target = metrics.METRICS[key[4]], asked.get(key[:5])
    if metric.aggregation == "subject":
        numerator, denominator = done or (None, None)
    elif (metric.known_by or key[4]) in recorded:
        numerator, denominator = done or (Decimal(0), Decimal(0))
        denominator = denominator if metric.aggregation == "ratio" else None
    else:
        numerator = denominator = None
    if numerator is None:
        return Kpi(None, None, None, target, None)
    value = numerator if denominator is None else numerator / denominator if denominator else None
    attainment = value / target if value is not None and target else None
    return Kpi(value, numerator, denominator, target, attainment)


def _grown(truth: Truth, kpis: dict[Key, Kpi]) -> dict[Key, Kpi]:
    """The rows with the values they are compared with."""
    return {key: _with_growth(truth, key, kpi, kpis) for key, kpi in kpis.items()}


def _with_growth(truth: Truth, key: Key, kpi: Kpi, kpis: dict[Key, Kpi]) -> Kpi:
    subject_type, subject_id, period_type, start, metric, org_view = key
    if period_end(period_type, start) > truth.company.as_of + timedelta(days=1):
        return kpi
    before = period_of(period_type, start - timedelta(days=1))
    year_ago = start.replace(year=start.year - 1)
    previous, year_ago_value = (
        kpis[found].value if (found := (subject_type, subject_id, period_type, day, metric, org_view)) in kpis else None
        for day in (before, year_ago)
    )
    return replace(
        kpi,
        previous_value=previous,
        previous_growth=_growth(kpi.value, previous),
        year_ago_value=year_ago_value,
        year_ago_growth=_growth(kpi.value, year_ago_value),
    )


def _growth(value: Decimal | None, earlier: Decimal | None) -> Decimal | None:
    if value is None or earlier is None or half_up(earlier, 9) <= 0:
        return None
    return (half_up(value, 9) - half_up(earlier, 9)) / half_up(earlier, 9)
