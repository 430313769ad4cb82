"""The tree of one day: units, who leads them, who is posted there, and what was found about them.

Reads published tables only (`dim_org_unit`, `dim_employee`, `dim_assignment`, `org_finding`), so it shows what
everybody else sees and never waits for a build.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from difflib import get_close_matches

import duckdb

NOBODY = "unassigned"
"""Id of the member that stands for no unit and for no person."""
_OPEN = date(9999, 12, 31)
_SEVERITIES = ("error", "warning", "info")
_STANDS = "valid_from <= $day and $day < valid_to"


class NotThere(Exception):
    """The unit or day that was asked for is not in the release; the message says what is."""


@dataclass(frozen=True)
class Person:
    """Somebody posted to a unit. manager: name of the manager in force that day, None where none is known."""

    employee_id: str
    name: str
    role: str | None
    manager_id: str | None
    manager: str | None
    is_primary: bool
    time_share: Decimal


@dataclass(frozen=True)
class Unit:
    """A unit as it stood that day. headcount: people posted here, or below, with their primary post.

    head: id and name of whoever leads it: the person posted here whom most people of the subtree name as manager; where
    nobody here manages, the manager whom most people posted here name. None where no posting names one.
    """

    org_unit_id: str
    name: str
    name_en: str | None
    unit_type: str | None
    parent_id: str | None
    head: tuple[str, str] | None
    people: tuple[Person, ...]
    children: tuple["Unit", ...]
    headcount: int

    def subtree(self) -> Iterator["Unit"]:
        """The unit and all below it."""
        yield self
        for child in self.children:
            yield from child.subtree()


@dataclass(frozen=True)
class Found:
    """How many findings of one type hold on that day."""

    finding_type: str
    severity: str
    count: int


@dataclass(frozen=True)
class Organisation:
    """Everything drawn of one day. unassigned: employed that day, with no post in a unit that stands.

    unit: the one asked for; None: the whole tree.
    """

    on: date
    release: str
    unit: str | None
    roots: tuple[Unit, ...]
    unassigned: tuple[Person, ...]
    findings: tuple[Found, ...]

    @property
    def unit_count(self) -> int:
        """Units drawn."""
        return sum(1 for root in self.roots for _ in root.subtree())

    @property
    def headcount(self) -> int:
        """People with a primary post in what is drawn."""
        return sum(root.headcount for root in self.roots)

    def is_stray(self, root: Unit) -> bool:
        """Does the root have a parent that it could not be drawn below?"""
        return self.unit is None and root.parent_id is not None


@dataclass(frozen=True)
class _Row:
    org_unit_id: str
    name: str
    name_en: str | None
    unit_type: str | None
    parent_id: str | None


def read(con: duckdb.DuckDBPyConnection, release: str, on: date, asked: str | None = None) -> Organisation:
    """The tree of the day, or what lies below the unit `asked` for by id or name. Raises NotThere.

    con: the published database. A unit whose parent does not stand that day is drawn as a root; of units that form a
    circle the first by id is. Whoever is unassigned is listed only with the whole tree.
    """
    rows = _units(con, on)
    people = _people(con, on, rows)
    top = _find(con, on, rows, asked) if asked is not None else None
    roots = tuple(_Builder(rows, people).roots()) if top is None else (_Builder(rows, people).unit(top),)
    if top is None:
        return Organisation(on, release, top, roots, _unassigned(con, on, people), _findings(con, on, None))
    below = [unit for root in roots for unit in root.subtree()]
    ids = {unit.org_unit_id for unit in below} | {person.employee_id for unit in below for person in unit.people}
    return Organisation(on, release, top, roots, (), _findings(con, on, sorted(ids)))


def _units(con: duckdb.DuckDBPyConnection, on: date) -> dict[str, _Row]:
    found = con.execute(
        "select org_unit_id, unit_name, unit_name_en, unit_type, parent_org_unit_id from dim_org_unit "
        f"where {_STANDS} and org_unit_id <> $nobody order by org_unit_id",
        {"day": on, "nobody": NOBODY},
    ).fetchall()
    if found:
        return {row[0]: _Row(*row) for row in found}
    first, last = con.execute(
        "select min(valid_from), max(valid_to) from dim_org_unit where org_unit_id <> $nobody", {"nobody": NOBODY}
    ).fetchall()[0]
    if first is None:
        raise NotThere("this release has no org unit; no source delivers `org_unit`")
    until = "" if last == _OPEN else f" and the last ends on {last}"
    raise NotThere(f"no org unit stands on {on}: the first begins on {first}{until}")


def _people(con: duckdb.DuckDBPyConnection, on: date, units: Mapping[str, _Row]) -> dict[str, list[Person]]:
    """Everybody posted that day by unit, primary posts first."""
    rows = con.execute(
        f"""with posted as (select * from dim_assignment where {_STANDS}),
        person as (
            select employee_id, employee_name, left_date from dim_employee
            qualify row_number() over (partition by employee_id order by {_STANDS} desc, valid_from desc) = 1
        )
        select org_unit_id, employee_id, person.employee_name, role, manager_employee_id, manager.employee_name,
            is_primary, time_share
        from posted inner join person using (employee_id)
        left join person as manager on manager.employee_id = posted.manager_employee_id
        order by not is_primary, employee_id, role, posted.valid_from""",
        {"day": on},
    ).fetchall()
    found: dict[str, list[Person]] = {}
    for unit_id, *person in rows:
        if unit_id in units:
            found.setdefault(unit_id, []).append(Person(*person))
    return found


def _find(con: duckdb.DuckDBPyConnection, on: date, units: Mapping[str, _Row], asked: str) -> str:
    """The unit meant by an id or a name, that day."""
    if asked in units:
        return asked
    named = [unit.org_unit_id for unit in units.values() if asked in (unit.name, unit.name_en)]
    if len(named) == 1:
        return named[0]
    if named:
        raise NotThere(f"{len(named)} units are called {asked!r} on {on}; give an id: {', '.join(named)}")
    periods = con.execute(
        "select org_unit_id, valid_from, valid_to from dim_org_unit where $asked in (org_unit_id, unit_name, "
        "unit_name_en) and org_unit_id <> $nobody order by valid_from",
        {"asked": asked, "nobody": NOBODY},
    ).fetchall()
    if periods:
        told = "; ".join(f"{name} from {begins} to {ends}" for name, begins, ends in periods)
        raise NotThere(f"the unit {asked!r} does not stand on {on}; it does as: {told}")
    names = sorted({name for unit in units.values() for name in (unit.org_unit_id, unit.name, unit.name_en) if name})
    near = get_close_matches(asked, names, 3, 0.5) or sorted(units)[:5]
    raise NotThere(f"there is no unit {asked!r} on {on}; expected an id or a name such as: {', '.join(near)}")


class _Builder:
    """Puts units below their parents, each exactly once."""

    def __init__(self, rows: Mapping[str, _Row], people: Mapping[str, Sequence[Person]]) -> None:
        self._rows = rows
        self._people = people
        self._drawn: set[str] = set()
        self._below: dict[str | None, list[str]] = {}
        for row in rows.values():
            self._below.setdefault(row.parent_id, []).append(row.org_unit_id)

    def roots(self) -> Iterator[Unit]:
        for row in self._rows.values():
            if row.parent_id is None or row.parent_id not in self._rows:
                yield self.unit(row.org_unit_id)
        for name in self._rows:
            if name not in self._drawn:
                yield self.unit(name)

    def unit(self, name: str) -> Unit:
        self._drawn.add(name)
        row = self._rows[name]
        children = tuple(self.unit(below) for below in self._below.get(name, ()) if below not in self._drawn)
        people = tuple(self._people.get(name, ()))
        own = {person.employee_id for person in people if person.is_primary}
        count = len(own) + sum(child.headcount for child in children)
        head = _head(people, children)
        return Unit(name, row.name, row.name_en, row.unit_type, row.parent_id, head, people, children, count)


def _head(people: Sequence[Person], children: Sequence[Unit]) -> tuple[str, str] | None:
    below = [person for child in children for unit in child.subtree() for person in unit.people]
    here = {person.employee_id: person.name for person in people}
    managers = _managers([*people, *below])
    own = [manager for manager in managers if manager[0] in here]
    return next(iter(own or _managers(people)), None)


def _managers(people: Sequence[Person]) -> list[tuple[str, str]]:
    """Managers these people name, whom most of them name first, then by id."""
    named = Counter(
        (person.manager_id, person.manager or person.manager_id) for person in people if person.manager_id is not None
    )
    return sorted(named, key=lambda manager: (-named[manager], manager))


def _unassigned(con: duckdb.DuckDBPyConnection, on: date, people: Mapping[str, Sequence[Person]]) -> tuple[Person, ...]:
    posted = {person.employee_id for here in people.values() for person in here}
    rows = con.execute(
        f"select distinct employee_id, employee_name from dim_employee where {_STANDS} and employee_id <> $nobody "
        "and coalesce(hired_date, date '1900-01-01') <= $day and $day < coalesce(left_date, date '9999-12-31') "
        "order by employee_id",
        {"day": on, "nobody": NOBODY},
    ).fetchall()
    return tuple(Person(name, text, None, None, None, False, Decimal(1)) for name, text in rows if name not in posted)


def _findings(con: duckdb.DuckDBPyConnection, on: date, subjects: Sequence[str] | None) -> tuple[Found, ...]:
    """Findings that hold that day, the gravest first; about these subjects, or about all (None)."""
    rows = con.execute(
        f"select finding_type, severity, count(*) from org_finding where {_STANDS} "
        "and ($subjects is null or list_contains($subjects::varchar[], subject_id)) group by finding_type, severity",
        {"day": on, "subjects": subjects},
    ).fetchall()
    found = (Found(*row) for row in rows)
    return tuple(sorted(found, key=lambda one: (_SEVERITIES.index(one.severity), one.finding_type)))
