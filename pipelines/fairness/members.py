"""Who is judged in a period under a standard that is tried, with the groups everybody belongs to."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import duckdb

from pipelines.fairness.decomposition import Piece, Scored
from pipelines.periods import Period
from pipelines.whatif import WhatIfError

TENURE_BANDS = ((6, "below 6 months"), (12, "6 to 11 months"), (36, "12 to 35 months"))
"""Completed months below which a band ends, and its name."""
OLDEST, UNKNOWN = "36 months and more", "unknown"
DIMENSIONS = ("tenure", "role", "region", "manager")
_REGION = "region"

_SCORES = """
    select score.employee_id, score.score, score.standard_id, score.role, coalesce(band.position, 1000),
        max_by(part.tenure_months, part.part_number), max_by(part.org_unit_id, part.part_number),
        max(part.posted_to) - 1
    from warehouse.marts.appraisal_score as score
    left join warehouse.config.grade_band as band
        on score.standard_id = band.standard_id and score.standard_version = band.standard_version
        and score.grade = band.grade
    inner join warehouse.marts.appraisal_part as part using (employee_id, period_type, period_start)
    where score.score is not null
    group by all
    order by score.employee_id
"""
_PIECES = """
    select component.employee_id, component.metric, component.weight, component.weighted_points,
        part.elapsed_working_days, part.scored_working_days, part.applicable_weight
    from warehouse.marts.appraisal_part_component as component
    inner join warehouse.core.int_appraisal_part_score as part
        using (employee_id, period_type, period_start, part_number)
    where component.is_applicable
    order by component.employee_id, component.metric, component.part_number
"""
_GATES = """
    select employee_id, weighted_points from warehouse.marts.appraisal_component
    where metric = 'gate' and component_status = 'capped'
"""
_UNITS = """
    select org_unit_id, unit_name, unit_type, parent_org_unit_id from dim_org_unit
    where valid_from <= $day and valid_to > $day
"""
_MANAGERS = """
    select posting.employee_id, posting.manager_employee_id, employee.employee_name
    from dim_assignment as posting
    left join dim_employee as employee on posting.manager_employee_id = employee.employee_id
    where posting.valid_from < $end and posting.valid_to > $start
    qualify row_number() over (
        partition by posting.employee_id order by posting.is_primary desc, posting.valid_from desc, posting.org_unit_id
    ) = 1
"""


@dataclass(frozen=True)
class Member:
    """One person with a score. groups: by dimension.

    position: place of the grade in its standard, 1 the best, 1000 without a grade.
    """

    employee_id: str
    standard_id: str
    position: int
    scored: Scored
    groups: Mapping[str, str] = field(default_factory=dict)


def members(
    scores: duckdb.DuckDBPyConnection,
    release: duckdb.DuckDBPyConnection,
    period: Period,
    given: Mapping[str, Mapping[str, str]],
) -> list[Member]:
    """Everybody scored in the period, by id. scores: a scratch database; given: further groups by employee id."""
    pieces = _pieces(scores)
    gates = dict(scores.execute(_GATES).fetchall())
    managers = _managers(release, period)
    regions = _Regions(release)
    found = []
    for employee, score, standard, role, position, months, unit, last in scores.execute(_SCORES).fetchall():
        groups = {
            "tenure": tenure_band(months),
            "role": role,
            "region": regions.of(unit, min(last, period.next_start - timedelta(days=1))),
            "manager": managers.get(employee, UNKNOWN),
        }
        scored = Scored(score, tuple(pieces.get(employee, ())), gates.get(employee, Decimal(0)))
        found.append(Member(employee, standard, position, scored, groups | dict(given.get(employee, {}))))
    return found


def tenure_band(months: int | None) -> str:
    """The band of so many completed months."""
    if months is None:
        return UNKNOWN
    return next((name for limit, name in TENURE_BANDS if months < limit), OLDEST)


def given_groups(path: Path, release: duckdb.DuckDBPyConnection) -> dict[str, dict[str, str]]:
    """Groups from a CSV file, by employee id: the column `employee` (id or number), and one column per dimension.

    Read for one audit and kept nowhere, so that what is sensitive need not be landed. Empty cells are `unknown`.
    WhatIfError names the line of what is wrong.
    """
    with path.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.DictReader(lines)
        names = [name for name in reader.fieldnames or () if name != "employee"]
        if "employee" not in (reader.fieldnames or ()) or not names:
            raise WhatIfError(f"{path.name}:1: expected a column employee and at least one more, such as gender")
        if known := sorted(set(names) & set(DIMENSIONS)):
            raise WhatIfError(f"{path.name}:1: '{known[0]}' is known already; give the column another name")
        rows = [(reader.line_num, row) for row in reader]
    ids = _ids(release)
    found: dict[str, dict[str, str]] = {}
    for line, row in rows:
        employee = ids.get((row["employee"] or "").strip())
        if employee is None:
            raise WhatIfError(f"{path.name}:{line}: the release knows no employee '{row['employee']}'")
        if employee in found:
            raise WhatIfError(f"{path.name}:{line}: employee '{row['employee']}' is listed twice; keep one line")
        found[employee] = {name: (row[name] or "").strip() or UNKNOWN for name in names}
    return found


def with_unknown(people: Iterable[Member], names: Sequence[str]) -> list[Member]:
    """The people, those a given dimension does not list being `unknown` in it."""
    return [
        Member(
            one.employee_id,
            one.standard_id,
            one.position,
            one.scored,
            {**dict.fromkeys(names, UNKNOWN), **one.groups},
        )
        for one in people
    ]


def _pieces(scores: duckdb.DuckDBPyConnection) -> dict[str, list[Piece]]:
    found: dict[str, list[Piece]] = {}
    for employee, metric, weight, points, days, all_days, all_weight in scores.execute(_PIECES).fetchall():
        share = Fraction(weight) * days / (Fraction(all_weight) * all_days)
        found.setdefault(employee, []).append(Piece(metric, share, points))
    return found


def _managers(release: duckdb.DuckDBPyConnection, period: Period) -> dict[str, str]:
    """Name and id of each person's last manager of the period."""
    rows = release.execute(_MANAGERS, {"start": period.start, "end": period.next_start}).fetchall()
    return {
        employee: f"{name} ({manager})" if name and name != manager else manager
        for employee, manager, name in rows
        if manager
    }


def _ids(release: duckdb.DuckDBPyConnection) -> dict[str, str]:
    rows = release.execute("select distinct employee_id, employee_number from dim_employee").fetchall()
    numbers = {number: employee for employee, number in rows if number}
    return numbers | {employee: employee for employee, _ in rows}


class _Regions:
    """The region of a unit on a day: the nearest unit above it called so, else the one below the top."""

    def __init__(self, release: duckdb.DuckDBPyConnection) -> None:
        self.release = release
        self.trees: dict[date, dict[str, tuple[Any, ...]]] = {}

    def of(self, unit: str, day: date) -> str:
        """Its name and id."""
        tree = self._tree(day)
        path: list[tuple[str, str | None]] = []
        while unit in tree and unit not in [one for one, _ in path]:
            path.append((unit, tree[unit][1]))
            unit = tree[unit][2]
        region = next((one for one, kind in path if kind == _REGION), path[-2][0] if len(path) > 1 else None)
        if region is None:
            return path[0][0] if path else UNKNOWN
        name = tree[region][0]
        return f"{name} ({region})" if name and name != region else region

    def _tree(self, day: date) -> dict[str, tuple[Any, ...]]:
        if day not in self.trees:
            rows = self.release.execute(_UNITS, {"day": day}).fetchall()
            self.trees[day] = {row[0]: row[1:] for row in rows}
        return self.trees[day]
