"""Names of periods, and which of the last build's SQL has to run again."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.whatif import parse_period
from pipelines.whatif.compiled import compiled_models, inputs, to_run_again

SQL = {
    "core/appraisal/int_part.sql": 'select * from "warehouse"."core"."int_period" join "warehouse"."config"."standard"',
    "core/metric/int_daily.sql": 'select * from "warehouse"."canonical"."activity"',
    "core/appraisal/int_points.sql": 'from "warehouse"."core"."int_part" join "warehouse"."core"."int_daily"',
    "marts/score.sql": 'from "warehouse"."core"."int_points" join "warehouse"."config"."company"',
    "marts/other.sql": 'from "warehouse"."core"."int_part"',
    "marts/_models.yml/not_null_score.sql": 'from "warehouse"."marts"."score"',
}


@pytest.fixture
def target(tmp_path: Path) -> Path:
    for name, text in SQL.items():
        path = tmp_path / "compiled" / "scoreline" / "models" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path


def test_only_what_reads_a_change_and_is_needed_runs_again(target: Path) -> None:
    models = compiled_models(target)
    again = to_run_again(models, ["config.standard"], ["marts.score", "marts.absent"])

    assert sorted(models) == ["core.int_daily", "core.int_part", "core.int_points", "marts.other", "marts.score"]
    assert [model.relation for model in again] == ["core.int_part", "core.int_points", "marts.score"]
    assert inputs(again) == ["config.company", "config.standard", "core.int_daily", "core.int_period"]
    assert to_run_again(models, ["config.unread"], ["marts.score"]) == []
    assert compiled_models(target / "nowhere") == {}


@pytest.mark.parametrize(
    ("name", "first_month", "period_type", "start", "next_start"),
    [
        ("2025-07", 4, "month", date(2025, 7, 1), date(2025, 8, 1)),
        ("2025-12", 1, "month", date(2025, 12, 1), date(2026, 1, 1)),
        ("2025-Q3", 1, "quarter", date(2025, 7, 1), date(2025, 10, 1)),
        ("2025q4", 4, "quarter", date(2026, 1, 1), date(2026, 4, 1)),
        ("2025", 1, "year", date(2025, 1, 1), date(2026, 1, 1)),
        ("2025", 10, "year", date(2025, 10, 1), date(2026, 10, 1)),
    ],
)
def test_periods_are_those_of_the_fiscal_year(
    name: str, first_month: int, period_type: str, start: date, next_start: date
) -> None:
    period = parse_period(name, first_month)
    assert (period.period_type, period.start, period.next_start) == (period_type, start, next_start)


@given(st.integers(1990, 2100), st.integers(1, 12))
def test_quarters_follow_each_other_and_fill_the_year(year: int, first_month: int) -> None:
    quarters = [parse_period(f"{year}-Q{number}", first_month) for number in range(1, 5)]
    whole = parse_period(str(year), first_month)

    assert [one.next_start for one in quarters[:-1]] == [one.start for one in quarters[1:]]
    assert (quarters[0].start, quarters[-1].next_start) == (whole.start, whole.next_start)


@pytest.mark.parametrize("name", ["Q3", "2025-13", "2025-Q5", "2025-07-01", "", "last"])
def test_other_names_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="expected a month, quarter or year: 2025-07, 2025-Q3, 2025"):
        parse_period(name)
