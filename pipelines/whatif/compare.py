"""The official result and the trial's, person by person: who moves, who changes grade."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

import duckdb

from pipelines.periods import Period
from pipelines.whatif.cost import Cost

OUTCOMES = """
    select score.employee_id, score.score, score.grade, score.status, score.standard_id, score.standard_version,
        band.position
    from {scores} as score
    left join {bands} as band
        on score.standard_id = band.standard_id and score.standard_version = band.standard_version
        and score.grade = band.grade
    where score.period_type = ? and score.period_start = ?
    order by score.employee_id
"""
_PEOPLE = """
    select posting.employee_id, employee.employee_name, unit.unit_name, unit.unit_name_en
    from (
        from dim_assignment where valid_from < $end and valid_to > $start
        qualify row_number() over (
            partition by employee_id order by is_primary desc, valid_from desc, org_unit_id
        ) = 1
    ) as posting
    left join dim_employee as employee on posting.employee_id = employee.employee_id
    left join dim_org_unit as unit
        on posting.org_unit_id = unit.org_unit_id and least(posting.valid_to, $end) - 1 >= unit.valid_from
        and least(posting.valid_to, $end) - 1 < unit.valid_to
"""
Direction = Literal["up", "down", "same", "joins", "leaves"]


@dataclass(frozen=True)
class Outcome:
    """What one person has under one set of rules. score and grade: null where there is too little data."""

    score: Decimal | None
    grade: str | None
    status: str
    standard_id: str
    standard_version: int
    position: int | None
    """Place of the grade in its standard, 1 the best."""


@dataclass(frozen=True)
class Person:
    """One person beside himself. official: as published; now: the official rules on today's data; tried: the trial.

    A missing outcome means that nobody judges the person under these rules.
    """

    employee_id: str
    name: str
    unit_zh: str
    unit_en: str
    official: Outcome | None
    now: Outcome | None
    tried: Outcome | None

    @property
    def change(self) -> Decimal | None:
        """Points the trial's rules bring or take on the same data; null where one of the two gives no score."""
        if self.now is None or self.tried is None or self.now.score is None or self.tried.score is None:
            return None
        return self.tried.score - self.now.score

    @property
    def grades(self) -> tuple[str | None, str | None]:
        """Grade under the official rules and under the trial's."""
        return tuple(one.grade if one else None for one in (self.now, self.tried))  # type: ignore[return-value]

    @property
    def direction(self) -> Direction:
        """Whether the grade rises or falls (by its place from the best), or the person joins or leaves the judged."""
        before, after = (one.position if one else None for one in (self.now, self.tried))
        if before is None or after is None:
            return "same" if before is after else "joins" if before is None else "leaves"
        return "up" if after < before else "down" if after > before else "same"

    @property
    def is_reproduced(self) -> bool:
        """Whether the official rules give on today's data what was published."""
        return _published(self.official) == _published(self.now)


@dataclass(frozen=True)
class WhatIf:
    """A past period under other rules. people: all judged officially or by the trial, by id. seconds: of computing."""

    period: Period
    release: str
    rules: tuple[str, ...]
    people: tuple[Person, ...]
    cost: Cost | None
    """Change of bonuses; null where the build knows no incentives, and where facts and not rules are tried."""
    seconds: float

    @property
    def moved(self) -> list[Person]:
        """Whose score or grade changes, the biggest change first."""
        moved = [one for one in self.people if one.change or one.direction != "same" or one.grades[0] != one.grades[1]]
        return sorted(moved, key=lambda one: (-abs(one.change or Decimal(0)), one.employee_id))

    @property
    def grade_changes(self) -> dict[tuple[str | None, str | None], int]:
        """How many people go from which grade to which, those who keep theirs included."""
        counted = Counter(one.grades for one in self.people)
        return dict(sorted(counted.items(), key=lambda item: tuple(grade or "~" for grade in item[0])))

    @property
    def not_reproduced(self) -> list[Person]:
        """Whose published result the official rules do not give on the data of the last build."""
        return [one for one in self.people if not one.is_reproduced]


def outcomes(con: duckdb.DuckDBPyConnection, scores: str, bands: str | None, period: Period) -> dict[str, Outcome]:
    """Outcomes by employee of one table of scores. bands: the table of grades; null: positions stay unknown."""
    grades = bands or "(select null as standard_id, null as standard_version, null as grade, null as position)"
    rows = con.execute(OUTCOMES.format(scores=scores, bands=grades), [period.period_type, period.start]).fetchall()
    return {row[0]: Outcome(*row[1:]) for row in rows}


def people(
    con: duckdb.DuckDBPyConnection,
    period: Period,
    official: Mapping[str, Outcome],
    now: Mapping[str, Outcome],
    tried: Mapping[str, Outcome],
) -> tuple[Person, ...]:
    """Everybody judged in one of the three, with name and unit as the release `con` knows them in the period."""
    known = _names(con, period.start, period.next_start)
    return tuple(
        Person(one, *known.get(one, (one, "", "")), official.get(one), now.get(one), tried.get(one))
        for one in sorted(official.keys() | now.keys() | tried.keys())
    )


def _names(con: duckdb.DuckDBPyConnection, start: date, end: date) -> dict[str, tuple[str, str, str]]:
    rows: Sequence[tuple[Any, ...]] = con.execute(_PEOPLE, {"start": start, "end": end}).fetchall()
    return {row[0]: (row[1] or row[0], row[2] or "", row[3] or row[2] or "") for row in rows}


def _published(outcome: Outcome | None) -> tuple[Any, ...] | None:
    if outcome is None:
        return None
    return (outcome.score, outcome.grade, outcome.status, outcome.standard_id, outcome.standard_version)
