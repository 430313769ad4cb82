"""The hard cases of paying people by numbers: how often the company has each, and the KPI rows each touches."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from connectors.sandbox import reference
from connectors.sandbox.company import Assignment, BenchmarkCompany, Order, Target
from connectors.sandbox.reference import Key, Reference, period_end, period_of

PERIODS = ("month", "quarter", "year")
VIEWS = ("as_was", "as_is")


@dataclass(frozen=True)
class Case:
    """How often something happens, and which rows of `kpi_value` it decides."""

    times: int
    touched: frozenset[Key]


def cases(company: BenchmarkCompany, truth: Reference) -> dict[str, Case]:
    """Every case by its name."""
    sales = [order for order in company.orders if order.status == "confirmed"]
    day_of = {line.key: order.order_date for order in sales for line in order.lines}
    late = {one.order_key for one in company.late_orders}
    corrected = {one.line_key for one in company.corrections}
    lines = {
        "return after period end": {
            line.key
            for order in sales
            for line in order.lines
            if line.returned_line_key and _quarter(day_of[line.returned_line_key]) < _quarter(order.order_date)
        },
        "foreign currency": _lines(order for order in sales if order.currency != company.reporting_currency),
        "split deal": _lines(order for order in sales if order.splits),
        "late record": _lines(order for order in sales if order.key in late),
        "corrected record": corrected,
    }
    booked = _booked(truth, set().union(*lines.values()))
    return {
        "transfer in mid-quarter": _transfers(company),
        "region split": _region_split(company),
        **{name: Case(len(keys), frozenset().union(*(booked[key] for key in keys))) for name, keys in lines.items()},
        "target changed in mid-period": _changed_targets(company),
        "leaver with open pipeline": _leavers(company),
    }


def _lines(orders: Iterable[Order]) -> set[str]:
    return {line.key for order in orders for line in order.lines}


def _booked(truth: Reference, lines: set[str]) -> dict[str, set[Key]]:
    """The rows of bookings in which a line counts, by the line's key."""
    found: dict[str, set[Key]] = {line: set() for line in lines}
    for part in truth.credited_sales():
        if part.document_key in lines:
            subjects = {("employee", part.employee_id, view) for view in VIEWS}
            subjects |= {("company", "company", view) for view in VIEWS}
            subjects |= {
                ("org_unit", unit, view) for view in VIEWS for unit in truth.path(part.employee_id, part.day, view)
            }
            found[part.document_key] |= {
                (kind, subject, period_type, period_of(period_type, part.day), "bookings", view)
                for kind, subject, view in subjects
                for period_type in PERIODS
            }
    return found


def _transfers(company: BenchmarkCompany) -> Case:
    moves = [(old, new) for old, new in _successive(company) if _is_transfer(company, old, new)]
    touched = {
        (kind, subject, "quarter", _quarter(new.valid_from), "bookings", view)
        for old, new in moves
        for kind, subject in (
            ("employee", new.employee_number),
            ("org_unit", old.unit_code),
            ("org_unit", new.unit_code),
        )
        for view in VIEWS
    }
    return Case(len(moves), frozenset(touched))


def _successive(company: BenchmarkCompany) -> Iterator[tuple[Assignment, Assignment]]:
    return pairwise(sorted(company.assignments, key=lambda one: (one.employee_number, one.valid_from)))


def _is_transfer(company: BenchmarkCompany, old: Assignment, new: Assignment) -> bool:
    same = old.employee_number == new.employee_number and old.role == new.role == "sales_rep"
    day = new.valid_from
    return same and old.unit_code != new.unit_code and day <= company.as_of and day != _quarter(day)


def _region_split(company: BenchmarkCompany) -> Case:
    """Teams that went from one region to another; both regions' year in both views."""
    teams = [unit for unit in company.units if unit.unit_type == "team"]
    versions = pairwise(sorted(teams, key=lambda unit: (unit.code, unit.valid_from)))
    moved = [(old, new) for old, new in versions if old.code == new.code and old.parent_code != new.parent_code]
    touched = {
        ("org_unit", str(region), "year", period_of("year", new.valid_from), "bookings", view)
        for old, new in moved
        for region in (old.parent_code, new.parent_code)
        for view in VIEWS
    }
    return Case(len(moved), frozenset(touched))


def _changed_targets(company: BenchmarkCompany) -> Case:
    changed = [target for target in company.targets if _changes_in_mid_period(company, target)]
    touched = {
        (one.subject_type, one.subject_ref, one.period_type, one.period_start, one.metric, view)
        for one in changed
        for view in VIEWS
    }
    return Case(len(changed), frozenset(touched))


def _changes_in_mid_period(company: BenchmarkCompany, target: Target) -> bool:
    end = period_end(target.period_type, target.period_start)
    day = target.effective
    return target.version > 1 and day is not None and target.period_start < day < min(end, company.as_of)


def _leavers(company: BenchmarkCompany) -> Case:
    """Deals still open on the as_of date of people who had left by then."""
    left = {person.number: person.left for person in company.employees if person.left}
    deals = [
        deal
        for deal in company.opportunities
        if deal.status == "open" and left.get(deal.owner_number, company.as_of) < company.as_of
    ]
    touched = {
        (kind, subject, period_type, period_of(period_type, company.as_of), "pipeline_amount", view)
        for deal in deals
        for kind, subject, view in (
            *(("employee", deal.owner_number, view) for view in VIEWS),
            ("org_unit", "unassigned", "as_was"),  # nobody's unit any more
        )
        for period_type in PERIODS
    }
    return Case(len(deals), frozenset(touched))


def _quarter(day: date) -> date:
    return reference.period_of("quarter", day)
