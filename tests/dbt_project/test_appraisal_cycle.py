"""The micro company under an appraisal cycle: what is due when and of whom, what was done, what HR answers for."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import duckdb
import pytest

from tests.dbt_project import micro, straight, warehouse

FIRST, OPEN = date(2025, 1, 1), date(9999, 12, 31)
Q2, Q3, Q4 = date(2025, 4, 1), date(2025, 7, 1), date(2025, 10, 1)


def deadline(period_type: str, step: str, number: int, days: int) -> dict[str, Any]:
    named = {"period_type": period_type, "step": step, "step_no": number, "within_working_days": days}
    return named | {"valid_from": FIRST, "valid_to": OPEN}


def action(key: str, kind: str, actor: str, done: date, **more: Any) -> dict[str, Any]:
    given = {"source_key": key, "employee_key": "E1", "actor_key": actor, "action_type": kind, "done_date": done}
    return {"period_type": "quarter", "period_start": Q2} | given | more


def form(key: str, employee: str, submitted: date | None) -> dict[str, Any]:
    about = {"review_key": f"{employee}-Q2", "employee_key": employee, "period_type": "quarter", "period_start": Q2}
    return about | {"source_key": key, "rater_kind": "manager", "submitted_date": submitted}


MAPPED = {
    **micro.MAPPED,
    "review_rating": [
        form("f1", "E1", date(2025, 7, 7)),
        form("f2", "E1", date(2025, 7, 8)),
        form("f3", "E2", date(2025, 7, 1)),
        form("f4", "E2", None),
    ],
    "appraisal_action": [
        # nobody reviews himself, and the second talk changes nothing
        action("a1", "reviewed", "E1", date(2025, 7, 2)),
        action("a2", "reviewed", "E3", date(2025, 7, 14)),
        action("a3", "reviewed", "E3", date(2025, 7, 30)),
        action("a4", "acknowledged", "E1", date(2025, 7, 17), outcome="disagreed"),
        action("a5", "improvement_plan", "E3", date(2025, 7, 28), due_date=date(2025, 12, 31), outcome="reached"),
        action("a6", "review_talk", "E3", date(2025, 9, 5), period_type="month", period_start=date(2025, 8, 1)),
        # in the future of the as-of day
        action("a7", "reviewed", "E3", date(2026, 1, 5), period_start=Q4),
    ],
}
CONFIG = {
    **micro.CONFIG,
    "appraisal_deadline": [
        deadline("quarter", "ratings", 1, 5),
        deadline("quarter", "calculated", 2, 8),
        deadline("quarter", "reviewed", 3, 10),
        deadline("quarter", "acknowledged", 4, 12),
        deadline("quarter", "closed", 5, 15),
        deadline("quarter", "improvement_plan", 6, 20),
        deadline("month", "review_talk", 7, 5),
    ],
    "appraisal_plan_grade": [{"period_type": "quarter", "grade": "C", "valid_from": FIRST, "valid_to": OPEN}],
    "company_closed_period": [
        {"period_type": "quarter", "period_start": Q2, "period_end": date(2025, 6, 30), "closed_by": "CEO"}
    ],
}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    file = tmp_path_factory.mktemp("cycle") / "warehouse.duckdb"
    warehouse.prepare(file, MAPPED, CONFIG)
    assert straight.build(file, "appraisal_calendar", "appraisal_state", "int_metric_direct_appraisal") == []
    with duckdb.connect(str(file), read_only=True) as connection:
        yield connection


def test_each_step_says_by_when_who_and_whether_in_time(built: duckdb.DuckDBPyConnection) -> None:
    found = built.execute(
        """
        select step, due_date, done_date, state, responsible_employee_id, done_count || '/' || awaited_count, outcome,
            follow_up_date, source_key
        from marts.appraisal_calendar where employee_id = 'E1' and period_start = ? and period_type = 'quarter'
        order by step_no
        """,
        [Q2],
    ).fetchall()

    july = [date(2025, 7, day) for day in range(1, 32)]
    assert found == [
        ("ratings", july[6], july[7], "done_late", "E3", "2/2", None, None, None),
        ("calculated", july[9], None, "done", None, "1/1", "scored", None, None),
        ("reviewed", july[13], july[13], "done", "E3", "1/1", None, None, "a2"),
        ("acknowledged", july[15], july[16], "done_late", "E1", "1/1", "disagreed", None, "a4"),
        ("closed", july[20], None, "done", None, "1/1", "scored", None, None),
        ("improvement_plan", july[27], july[27], "done", "E3", "1/1", "reached", date(2025, 12, 31), "a5"),
    ]


def test_forms_that_are_missing_keep_the_step_open_and_nobody_waits_where_none_was_sent(
    built: duckdb.DuckDBPyConnection,
) -> None:
    found = built.execute(
        "select employee_id, period_start, state, done_count, awaited_count from marts.appraisal_calendar "
        "where step = 'ratings' order by all"
    ).fetchall()
    assert found == [("E1", Q2, "done_late", 2, 2), ("E2", Q2, "overdue", 1, 2)]


def test_talks_are_owed_about_every_month_by_the_manager_of_its_last_day(built: duckdb.DuckDBPyConnection) -> None:
    found = built.execute(
        "select period_start, due_date, state, responsible_employee_id from marts.appraisal_calendar "
        "where step = 'review_talk' and employee_id = 'E1' and period_start >= '2025-08-01' order by 1"
    ).fetchall()
    assert found == [
        (date(2025, 8, 1), date(2025, 9, 5), "done", "E3"),
        (date(2025, 9, 1), date(2025, 10, 7), "overdue", "E3"),
        (date(2025, 10, 1), date(2025, 11, 7), "overdue", "E3"),
        (date(2025, 11, 1), date(2025, 12, 5), "overdue", "E3"),
        (date(2025, 12, 1), date(2026, 1, 7), "due", "E3"),
    ]


def test_a_state_follows_what_has_happened_by_the_as_of_day(built: duckdb.DuckDBPyConnection) -> None:
    found = built.execute(
        """
        select period_start, state, assessor_employee_id, reviewed_date, acknowledgement, closed_by, next_step,
            next_due_date, overdue_steps
        from marts.appraisal_state where employee_id = 'E1' order by 1
        """
    ).fetchall()
    assert found == [
        (Q2, "closed", "E3", date(2025, 7, 14), "disagreed", "CEO", None, None, 0),
        (Q3, "calculated", "E3", None, None, None, "reviewed", date(2025, 10, 14), 3),
        (Q4, "calculated", "E3", None, None, None, "reviewed", date(2026, 1, 14), 0),
    ]


def test_hr_answers_for_talks_and_acknowledgements_too(built: duckdb.DuckDBPyConnection) -> None:
    found = built.execute(
        "select numerator, denominator from core.int_metric_direct_appraisal where metric = 'reviews_on_time' "
        "and subject_type = 'company' and period_type = 'quarter' and period_start = ? and org_view = 'as_was'",
        [Q3],
    ).fetchall()
    calendar = built.execute(
        "select count(*) filter (where state = 'done'), count(*) from marts.appraisal_calendar "
        "where step in ('reviewed', 'acknowledged', 'review_talk') and due_date between '2025-07-01' and '2025-09-30'"
    ).fetchall()

    # due in the third quarter: talk and acknowledgement of three people about the second, and 3 x 3 monthly talks
    assert found == [(2, 15)]
    assert calendar == [(2, 15)]
