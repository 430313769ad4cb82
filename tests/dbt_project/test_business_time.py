"""Business minutes and working days between two moments, as the macros over `dim_date` give them."""

import json
from collections.abc import Iterator
from dataclasses import asdict

import pytest

from pipelines.company.calendar import calendar_days
from pipelines.company.models import Calendar
from tests.dbt_project import straight, warehouse

CASES = {
    # (from, to) in UTC, Shanghai is eight hours ahead; working days from 09:00 to 18:00
    "within a day": ("2025-03-03 02:00:00", "2025-03-03 04:30:00", 150, 0),
    "a minute counts from its start": ("2025-03-03 02:00:59", "2025-03-03 02:01:00", 1, 0),
    "over a night": ("2025-03-03 09:00:00", "2025-03-04 02:00:00", 120, 1),
    "asked at night, answered before opening": ("2025-03-03 14:00:00", "2025-03-03 23:00:00", 0, 1),
    "over a weekend": ("2025-03-07 09:00:00", "2025-03-10 02:00:00", 120, 1),
    # 26 January (a Sunday) and 27 January are worked, then nobody until 5 February
    "over the Spring Festival": ("2025-01-27 08:00:00", "2025-02-05 02:00:00", 180, 1),
    "into a working Sunday before it": ("2025-01-24 09:00:00", "2025-01-26 02:00:00", 120, 1),
    "inside the festival": ("2025-01-29 02:00:00", "2025-02-03 08:00:00", 0, 0),
    "on the working Saturday after it": ("2025-02-08 01:00:00", "2025-02-08 10:00:00", 540, 0),
    "over the working Saturday": ("2025-02-07 09:30:00", "2025-02-10 01:30:00", 600, 2),
    "the UTC day is not the company's": ("2025-03-02 17:00:00", "2025-03-03 02:00:00", 60, 0),
    "still open": ("2025-03-03 02:00:00", None, None, None),
    "closed before it was opened": ("2025-03-03 04:00:00", "2025-03-03 02:00:00", -120, 0),
}


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, tuple[int | None, int | None]]]:
    work = tmp_path_factory.mktemp("business-time")
    file = work / "warehouse.duckdb"
    china = calendar_days(Calendar(country="CN"), "zh", warehouse.COMPANY["as_of_date"])
    warehouse.prepare(file, {}, {"calendar_day": [asdict(day) for day in china]})
    assert straight.build(file, "dim_date") == []
    shown = warehouse.dbt("show", file, work, "--inline", _query(), "--output", "json", "--limit", "100", "--quiet")
    assert shown.returncode == 0, shown.stdout[-2000:]
    rows = json.loads(shown.stdout[shown.stdout.index("{") :])["show"]
    yield {row["name"]: (row["minutes"], row["days"]) for row in rows}


def _query() -> str:
    values = ", ".join(
        f"('{name.replace(chr(39), chr(39) * 2)}', timestamp '{start}', "
        + (f"timestamp '{end}'" if end else "cast(null as timestamp)")
        + ")"
        for name, (start, end, _, _) in CASES.items()
    )
    return (
        "select c.name, {{ business_minutes('c.start_at', 'c.end_at', 'first', 'last') }} as minutes, "
        "{{ working_days('first', 'last') }} as days "
        f"from (values {values}) as c(name, start_at, end_at) "
        "{{ join_day('c.start_at', 'first') }} {{ join_day('c.end_at', 'last') }}"
    )


@pytest.mark.parametrize("name", CASES)
def test_nights_weekends_and_holidays_do_not_count(
    measured: dict[str, tuple[int | None, int | None]], name: str
) -> None:
    assert measured[name] == CASES[name][2:]
