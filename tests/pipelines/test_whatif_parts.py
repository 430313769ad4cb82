"""Names of periods, which of the last build's SQL has to run again, and outcomes beside each other."""

from datetime import date
from decimal import Decimal as D
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.periods import Period, parse_period
from pipelines.whatif import Person, WhatIf
from pipelines.whatif.compare import Outcome
from pipelines.whatif.compiled import compiled_models, inputs, to_run_again
from pipelines.whatif_report import render_what_if

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
    ("name", "first_month", "expected"),
    [
        ("2025-07", 4, ("2025-07", "month", date(2025, 7, 1), date(2025, 8, 1))),
        ("2025-12", 1, ("2025-12", "month", date(2025, 12, 1), date(2026, 1, 1))),
        ("2025q3", 4, ("2025-Q3", "quarter", date(2025, 7, 1), date(2025, 10, 1))),
        ("2025-Q4", 1, ("2025-Q4", "quarter", date(2025, 10, 1), date(2026, 1, 1))),
        ("quarter 2025-08-01", 2, ("quarter 2025-08-01", "quarter", date(2025, 8, 1), date(2025, 11, 1))),
        ("2025", 1, ("2025", "year", date(2025, 1, 1), date(2026, 1, 1))),
        ("year 2025-10-01", 10, ("year 2025-10-01", "year", date(2025, 10, 1), date(2026, 10, 1))),
    ],
)
def test_periods_have_names(name: str, first_month: int, expected: tuple[str, str, date, date]) -> None:
    assert parse_period(name, first_month) == Period(*expected)


@given(st.integers(1990, 2100), st.sampled_from([1, 4, 7, 10]), st.sampled_from(["month", "quarter", "year"]))
def test_a_name_leads_back_to_its_period(year: int, first_month: int, kind: str) -> None:
    period = parse_period(f"{kind} {year}-{first_month:02}-01", first_month)

    assert parse_period(period.name, first_month) == period
    assert parse_period(f"{kind} {period.next_start}", first_month).start == period.next_start


@pytest.mark.parametrize(
    ("name", "first_month"),
    [
        *((name, 1) for name in ("Q3", "2025-13", "2025-Q5", "2025-07-01", "", "last", "0000", "year 2025-02-30")),
        *(("2025", 4), ("2025-Q1", 2), ("quarter 2025-07-02", 1), ("quarter 2025-08-01", 1)),
    ],
)
def test_other_names_are_refused(name: str, first_month: int) -> None:
    with pytest.raises(ValueError, match="expected a month, quarter or year: 2025-07, 2025-Q3, 2025"):
        parse_period(name, first_month)


def outcome(score: str | None, grade: str | None, position: int | None) -> Outcome:
    return Outcome(score and D(score), grade, "scored" if score else "too_little_data", "rep", 1, position)  # type: ignore[arg-type]


def person(key: str, now: Outcome | None, tried: Outcome | None, official: Outcome | None = None) -> Person:
    return Person(key, f"name of {key}", "北区", "North", official or now, now, tried)


A90, B80, B81, NONE = outcome("90", "A", 1), outcome("80", "B", 2), outcome("81", "B", 2), outcome(None, None, None)
PEOPLE = (
    person("E1", A90, A90),
    person("E2", B80, B81),
    person("E3", B80, A90),
    person("E4", A90, B80),
    person("E5", None, B80),
    person("E6", B80, None),
    person("E7", NONE, B80),
    person("E8", B81, B81, official=B80),
    person("E9", NONE, NONE),
)


def test_who_moves_and_which_way() -> None:
    assert [(one.direction, one.change) for one in PEOPLE] == [
        ("same", 0),
        ("same", 1),
        ("up", 10),
        ("down", -10),
        ("joins", None),
        ("leaves", None),
        ("joins", None),
        ("same", 0),
        ("same", None),
    ]


def test_an_answer_lists_the_moved_and_counts_grades() -> None:
    period = Period("2025-Q3", "quarter", date(2025, 7, 1), date(2025, 10, 1))
    found = WhatIf(period, "r1", ("rep v2",), PEOPLE, None, 0.5)

    assert [one.employee_id for one in found.moved] == ["E3", "E4", "E2", "E5", "E6", "E7"]
    assert [one.employee_id for one in found.not_reproduced] == ["E8"]
    assert found.grade_changes == {
        ("A", "A"): 1,
        ("A", "B"): 1,
        ("B", "A"): 1,
        ("B", "B"): 2,
        ("B", None): 1,
        (None, "B"): 2,
        (None, None): 1,
    }
    text = render_what_if(found, 3, "en")
    assert "9 people judged, 6 move; better grade: 1; worse grade: 1; graded only by the trial: 2" in text
    assert "and 3 more; --limit shows them" in text and "* of 1 the official rules give something else" in text
    assert "共 9 人参评，6 人有变化" in render_what_if(found, 3, "zh")
