"""The benchmark company's targets per person, unit and company, by month, quarter and year.

Two change in mid-period, one is raised when its year is over, which comes too late. Company targets have an owner,
those of units have none.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from random import Random

from connectors.sandbox.company import Assignment, Order, Target, UnitVersion
from connectors.sandbox.truth_sales import PRICE_DIVISOR

THOUSAND = Decimal(1000)


def targets(
    rng: Random,
    assignments: Sequence[Assignment],
    units: Sequence[UnitVersion],
    orders: Sequence[Order],
    years: Sequence[int],
    approver: str,
) -> tuple[Target, ...]:
    """Targets around what the company really books, so that attainments spread around 100 %."""
    sellers = [posting for posting in assignments if posting.role in ("sales_rep", "regional_manager")]
    people = list(dict.fromkeys(posting.employee_number for posting in sellers))
    per_quarter = {year: _booked(orders, year) / len(people) / 4 for year in years}
    found = [target for year in years for target in _company(year, per_quarter[year] * len(people), approver)]
    found += [target for year in years for target in _units(rng, units, year, per_quarter[year])]
    for person in people:
        own = [posting for posting in sellers if posting.employee_number == person]
        found += [target for year in years for target in _person(rng, person, own, year, per_quarter[year])]
    return (*found, *_changed(found, approver))


def _booked(orders: Sequence[Order], year: int) -> Decimal:
    """Rough CNY value of a year's confirmed orders: only the size of targets hangs on it."""
    confirmed = [order for order in orders if order.status == "confirmed" and order.order_date.year == year]
    return sum(
        (line.net_amount * PRICE_DIVISOR[order.currency] for order in confirmed for line in order.lines), Decimal(0)
    )


def _rounded(amount: Decimal) -> Decimal:
    return max((amount / THOUSAND).quantize(Decimal(1), ROUND_HALF_UP), Decimal(1)) * THOUSAND


def _starts(period_type: str, year: int) -> list[date]:
    step = {"month": 1, "quarter": 3, "year": 12}[period_type]
    return [date(year, month, 1) for month in range(1, 13, step)]


def _company(year: int, per_quarter: Decimal, owner: str) -> Iterator[Target]:
    for metric, part in (("bookings", Decimal("1.0")), ("billings", Decimal("0.9")), ("collections", Decimal("0.8"))):
        for start in _starts("quarter", year):
            value = _rounded(per_quarter * part)
            yield Target("company", "company", metric, "quarter", start, value, owner=owner)
        value = _rounded(per_quarter * 4 * part)
        yield Target("company", "company", metric, "year", _starts("year", year)[0], value, owner=owner)


def _units(rng: Random, units: Sequence[UnitVersion], year: int, per_quarter: Decimal) -> Iterator[Target]:
    """Regions and teams, for quarters on whose first day the unit stands, and the years it begins in."""
    for code, unit_type in dict.fromkeys(
        (unit.code, unit.unit_type) for unit in units if unit.unit_type in ("region", "team")
    ):
        heads = Decimal(3 if unit_type == "team" else 9) * rng.randrange(70, 131) / 100
        for start in _starts("quarter", year):
            if _stands(units, code, start):
                yield Target("org_unit", code, "bookings", "quarter", start, _rounded(per_quarter * heads))
        if _stands(units, code, date(year, 1, 1)):
            yield Target("org_unit", code, "bookings", "year", date(year, 1, 1), _rounded(per_quarter * heads * 4))


def _stands(units: Sequence[UnitVersion], code: str, day: date) -> bool:
    return any(unit.code == code and unit.valid_from <= day < unit.valid_to for unit in units)


def _person(rng: Random, person: str, own: Sequence[Assignment], year: int, per_quarter: Decimal) -> Iterator[Target]:
    """Quarterly targets on five metrics, monthly and yearly on bookings, for periods begun while the person sells."""
    factor = Decimal(rng.randrange(60, 141)) / 100
    for start in _starts("quarter", year):
        if _posted(own, start):
            yield Target("employee", person, "bookings", "quarter", start, _rounded(per_quarter * factor))
            yield Target("employee", person, "collections", "quarter", start, _rounded(per_quarter * factor * 8 / 10))
            yield Target("employee", person, "visits", "quarter", start, Decimal(rng.randrange(4, 12)))
            yield Target("employee", person, "win_rate", "quarter", start, Decimal(rng.randrange(40, 66)) / 100)
            if rng.random() < 0.8:
                yield Target("employee", person, "new_customers", "quarter", start, Decimal(rng.randrange(1, 4)))
    for start in _starts("month", year):
        if _posted(own, start):
            yield Target("employee", person, "bookings", "month", start, _rounded(per_quarter * factor / 3))
    if _posted(own, date(year, 1, 1)):
        yield Target("employee", person, "bookings", "year", date(year, 1, 1), _rounded(per_quarter * factor * 4))


def _posted(own: Sequence[Assignment], day: date) -> bool:
    return any(posting.valid_from <= day < posting.valid_to for posting in own)


def _changed(found: Sequence[Target], approver: str) -> Iterator[Target]:
    """The second version of one salesperson's quarter, of the split region's and, too late, the company's year."""
    quarters = [
        t for t in found if t.subject_type == "employee" and (t.metric, t.period_type) == ("bookings", "quarter")
    ]
    person = next(target for target in quarters if target.period_start == date(2025, 7, 1))
    region = next(t for t in found if (t.subject_ref, t.period_type, t.period_start.year) == ("R01", "year", 2025))
    years = [t for t in found if (t.subject_type, t.metric, t.period_type) == ("company", "bookings", "year")]
    whole = next(target for target in years if target.period_start == date(2025, 1, 1))
    for target, part, reason, effective in (
        (person, Decimal("0.8"), "客户移交，目标下调", date(2025, 8, 18)),
        (region, Decimal("0.6"), "大区拆分，目标重分", date(2025, 7, 1)),
        (whole, Decimal("1.1"), "年后追加", date(2026, 1, 15)),
    ):
        value = _rounded(target.value * part)
        yield replace(target, value=value, version=2, reason=reason, approved_by=approver, effective=effective)
