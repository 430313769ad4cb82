"""Who counts where: the truth's organisation, asked by day."""

from collections import defaultdict
from datetime import date

from connectors.sandbox.company import Assignment, BenchmarkCompany, UnitVersion
from connectors.sandbox.reference.values import ORG_VIEWS, UNASSIGNED, Subject, period_end


class Organisation:
    """Units and roles of employees.

    `as_was`: the unit of the credited employee's posting on the event's date, and all units above it on the tree of
    that date. `as_is`: the unit of the latest posting begun on or before the company's as_of date (whoever left: the
    last one), on the tree of the as_of date. Without a posting, or where the unit does not stand on that day, the
    unit is `unassigned`, which has no parent.
    """

    def __init__(self, company: BenchmarkCompany) -> None:
        self.company = company
        self.units: dict[str, list[UnitVersion]] = defaultdict(list)
        for unit in company.units:
            self.units[unit.code].append(unit)
        self.postings: dict[str, list[Assignment]] = defaultdict(list)
        for posting in sorted(company.assignments, key=lambda one: (one.employee_number, one.valid_from)):
            self.postings[posting.employee_number].append(posting)
        self._paths: dict[tuple[str, date, str], list[str]] = {}
        self._subjects: dict[tuple[str, date], tuple[Subject, ...]] = {}
        self._known: dict[tuple[Subject, ...], tuple[Subject, ...]] = {}

    def path(self, employee_id: str, day: date, org_view: str) -> list[str]:
        """The unit an employee counts in for an event of that day, and the units above it."""
        asked = (employee_id, day, org_view)
        if asked not in self._paths:
            self._paths[asked] = self._path(*asked)
        return self._paths[asked]

    def _path(self, employee_id: str, day: date, org_view: str) -> list[str]:
        tree_day = day if org_view == "as_was" else self.company.as_of
        return self.line(self._unit(employee_id, day, org_view), tree_day) or [UNASSIGNED]

    def line(self, unit: str | None, day: date) -> list[str]:
        """A unit and those above it on the tree of a day; empty where the unit does not stand."""
        found: list[str] = []
        while unit is not None and unit not in found and (version := self._version(unit, day)):
            found.append(unit)
            unit = version.parent_code
        return found

    def _unit(self, employee_id: str, day: date, org_view: str) -> str | None:
        postings = self.postings.get(employee_id, [])
        if org_view == "as_was":
            return next((one.unit_code for one in postings if one.valid_from <= day < one.valid_to), None)
        begun = [one.unit_code for one in postings if one.valid_from <= self.company.as_of]
        return begun[-1] if begun else None

    def _version(self, code: str, day: date) -> UnitVersion | None:
        return next((unit for unit in self.units.get(code, []) if unit.valid_from <= day < unit.valid_to), None)

    def role(self, employee_id: str, period_type: str, period_start: date) -> str | None:
        """The role on the last day posted inside the period; None when not posted in it."""
        end = period_end(period_type, period_start)
        known = [one for one in self.postings.get(employee_id, []) if one.valid_from <= self.company.as_of]
        inside = [one for one in known if one.valid_from < end and one.valid_to > period_start]
        return inside[-1].role if inside else None

    def subjects(self, employee_id: str, day: date) -> tuple[Subject, ...]:
        """Everybody for whom counts what the employee did that day; equal answers are one object."""
        asked = (employee_id, day)
        if asked not in self._subjects:
            found = tuple(self._counting(employee_id, day))
            self._subjects[asked] = self._known.setdefault(found, found)
        return self._subjects[asked]

    def _counting(self, employee_id: str, day: date) -> list[Subject]:
        found: list[Subject] = []
        for org_view in ORG_VIEWS:
            found += [("employee", employee_id, org_view), ("company", "company", org_view)]
            found += [("org_unit", unit, org_view) for unit in self.path(employee_id, day, org_view)]
        return found
