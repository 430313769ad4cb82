"""What the current release says of targets: what was asked, how far it is, what is missing. Read-only.

One target is one subject, metric and period. Nothing is worked out here; all of it stands in the published marts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

import duckdb

from pipelines.periods import MONTHS

PERIOD_TYPES = tuple(MONTHS)
Letter = Literal["specific", "measurable", "achievable", "relevant", "time_bound"]
LETTERS: tuple[Letter, ...] = ("specific", "measurable", "achievable", "relevant", "time_bound")
TABLES = ("target_version", "target_check", "target_pace", "target_cascade")

_TARGETS = """
    select
        version.subject_type, version.subject_id,
        coalesce(unit.unit_name, employee.employee_name) as name_zh,
        coalesce(unit.unit_name_en, unit.unit_name, employee.employee_name) as name_en,
        version.metric, metric.name_zh as metric_zh, metric.name_en as metric_en, metric.unit,
        version.period_type, version.period_start, version.version,
        coalesce(pace.target_value, version.target_value) as target_value, version.target_value as stated_value,
        version.reason, version.approved_by,
        kpi.subject_id is not null as has_begun, kpi.value as actual,
        pace.expected_value, pace.pace, pace.forecast_status,
        pace.landing_value, pace.landing_low, pace.landing_high,
        checked.verdict, {letters}
    from target_version as version
    inner join target_check as checked using (subject_type, subject_id, metric, period_type, period_start)
    left join target_pace as pace using (subject_type, subject_id, metric, period_type, period_start)
    left join kpi_value as kpi
        on version.subject_type = kpi.subject_type and version.subject_id = kpi.subject_id
        and version.metric = kpi.metric and version.period_type = kpi.period_type
        and version.period_start = kpi.period_start and kpi.org_view = 'as_was'
    left join metric_registry as metric on version.metric = metric.metric
    left join dim_employee as employee
        on version.subject_type = 'employee' and version.subject_id = employee.employee_id
    left join (
        from dim_org_unit qualify row_number() over (partition by org_unit_id order by valid_from desc) = 1
    ) as unit
        on version.subject_type = 'org_unit' and version.subject_id = unit.org_unit_id
    where version.is_in_force
    order by list_position(['company', 'org_unit', 'employee'], version.subject_type), version.subject_id,
        list_position(['year', 'quarter', 'month'], version.period_type), version.period_start, version.metric
"""
_KEY = "subject_type, subject_id, metric, period_type, period_start"
_LEVELS = f"""
    select {_KEY}, level, parts_value, part_count, missing_parts, gap, gap_share, status
    from target_cascade
    order by {_KEY}, list_position(['org_unit', 'employee', 'quarter', 'month'], level)
"""
_VERSIONS = f"""
    select {_KEY}, version, target_value, valid_from, valid_to, is_in_force, reason, approved_by, changed,
        findings_zh, findings_en
    from target_version
    order by {_KEY}, version
"""


class NoTargets(LookupError):
    """There is no release with targets, or nothing in it is what was asked for."""


@dataclass(frozen=True)
class Check:
    """One letter of SMART: met, not_met or unknown, and why in both languages."""

    letter: Letter
    verdict: str
    zh: str
    en: str


@dataclass(frozen=True)
class Target:
    """One target in force with everything known about it; `row` has the columns of the query, the others are lists."""

    row: Mapping[str, Any]
    checks: tuple[Check, ...]
    levels: tuple[Mapping[str, Any], ...]
    versions: tuple[Mapping[str, Any], ...]

    @property
    def period(self) -> str:
        """2025 (a calendar year), 2025-07..2025-09 or 2025-07."""
        start: date = self.row["period_start"]
        if self.row["period_type"] == "year" and start.month == 1:
            return f"{start.year}"
        months = MONTHS[self.row["period_type"]]
        last = start.month - 1 + months - 1
        end = f"{start.year + last // 12}-{last % 12 + 1:02d}"
        return end if months == 1 else f"{start:%Y-%m}..{end}"

    def to_json(self) -> dict[str, Any]:
        """The target as data."""
        return {
            **self.row,
            "checks": [vars(check) for check in self.checks],
            "levels": [dict(level) for level in self.levels],
            "versions": [dict(version) for version in self.versions],
        }


def targets(con: duckdb.DuckDBPyConnection, subject: str | None = None, period: str | None = None) -> list[Target]:
    """Targets in force of a release, those of the latest begun periods unless a period is named.

    subject: id or name of a person or unit, or `company`. period: month, quarter or year for the latest of that type,
    or the beginning of a period's first day (2025, 2025-07, 2025-07-01). NoTargets where nothing is found.
    """
    _check_release(con)
    rows = _rows(con, _TARGETS.format(letters=", ".join(_letter_columns())))
    if subject is not None:
        rows = _of_subject(rows, subject)
    rows = _of_period(rows, period)
    levels, versions = (_by_target(_rows(con, query)) for query in (_LEVELS, _VERSIONS))
    return [_target(row, levels.get(_key(row), ()), versions.get(_key(row), ())) for row in rows]


def _letter_columns() -> list[str]:
    return [f"checked.{letter}{ending}" for letter in LETTERS for ending in ("", "_zh", "_en")]


def _check_release(con: duckdb.DuckDBPyConnection) -> None:
    present = {name for (name,) in con.execute("select table_name from information_schema.tables").fetchall()}
    if missing := [table for table in TABLES if table not in present]:
        raise NoTargets(f"the current release has no {', '.join(missing)}; `scoreline run` makes one that has")


def _of_subject(rows: Sequence[Mapping[str, Any]], subject: str) -> list[Mapping[str, Any]]:
    wanted = subject.strip().casefold()
    names = ("subject_id", "name_zh", "name_en")
    found = [row for row in rows if wanted in {str(row[name]).casefold() for name in names}]
    if not found:
        known = sorted({str(row["subject_id"]) for row in rows})
        raise NoTargets(
            f"nobody called {subject!r} has a target; expected an id or name of: {', '.join(known[:10])}"
            + (", ..." if len(known) > 10 else "")
        )
    return found


def _of_period(rows: Sequence[Mapping[str, Any]], period: str | None) -> list[Mapping[str, Any]]:
    if period is not None and period not in PERIOD_TYPES:
        found = [row for row in rows if row["period_start"].isoformat().startswith(period)]
    else:
        chosen = PERIOD_TYPES if period is None else (period,)
        last = {kind: _last_begun(rows, kind) for kind in chosen}
        found = [row for row in rows if row["period_start"] == last.get(row["period_type"], ())]
    if not found:
        starts = sorted({f"{row['period_start']:%Y-%m-%d}" for row in rows}, reverse=True)
        raise NoTargets(
            f"no target for a period {period!r}; expected month, quarter, year or the first day of one of: "
            f"{', '.join(starts[:8])}"
            if period
            else "there is no target for a period that has begun; name one with --period"
        )
    return found


def _last_begun(rows: Sequence[Mapping[str, Any]], kind: str) -> date | None:
    begun = (row for row in rows if row["period_type"] == kind and row["has_begun"])
    return max((row["period_start"] for row in begun), default=None)


def _target(
    row: Mapping[str, Any], levels: Sequence[Mapping[str, Any]], versions: Sequence[Mapping[str, Any]]
) -> Target:
    checks = tuple(Check(one, row[one], row[f"{one}_zh"], row[f"{one}_en"]) for one in LETTERS)
    kept = {name: value for name, value in row.items() if not name.startswith(LETTERS)}
    return Target(kept, checks, tuple(map(_without_key, levels)), tuple(map(_without_key, versions)))


def _by_target(rows: Sequence[Mapping[str, Any]]) -> dict[tuple[Any, ...], list[Mapping[str, Any]]]:
    found: dict[tuple[Any, ...], list[Mapping[str, Any]]] = {}
    for row in rows:
        found.setdefault(_key(row), []).append(row)
    return found


def _key(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in _KEY.split(", "))


def _without_key(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in _KEY.split(", ")}


def _rows(con: duckdb.DuckDBPyConnection, query: str) -> list[Mapping[str, Any]]:
    cursor = con.execute(query)
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def shown(unit: str | None, value: Decimal | None) -> str:
    """A figure as people read it: rates in percent, money and counts with separators; nothing for what is not known."""
    if value is None:
        return "–"
    if unit == "ratio":
        return f"{value * 100:,.1f} %"
    return f"{value:,.0f}" if value == value.to_integral_value() else f"{value:,.2f}"
