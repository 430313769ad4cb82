"""The gate's rules on processes: a defect of a model refuses, a neglected deal is only reported."""

from pathlib import Path

import pytest

from tests.expectations.test_gate import gate, named
from tests.expectations.warehouse import build, change

STAY = "insert into marts.stage_history select * replace (2 as stay_number) from marts.stage_history"


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    return build(tmp_path / "warehouse.duckdb")


@pytest.mark.parametrize(
    ("sql", "table", "rule"),
    [
        ("update marts.stage_history set days = -1", "marts.stage_history", "days_count_forward"),
        (STAY, "marts.stage_history", "one_stay_is_current"),
        ("update marts.stage_history set employee_id = 'E9'", "marts.stage_history", "employee_exists"),
        ("update marts.stage_history set process = 'sales'", "marts.stage_history", "process_known"),
        ("update marts.open_item set finding_zh = null", "marts.open_item", "findings_are_worded"),
        ("update marts.open_item set is_due_date_missing = false", "marts.open_item", "findings_are_worded"),
        ("update marts.open_item set process = 'sales'", "marts.open_item", "process_known"),
        ("update marts.time_in_stage set reopened_share = 1.1", "marts.time_in_stage", "shares_are_shares"),
        ("update marts.time_in_stage set subject_type = 'team'", "marts.time_in_stage", "subject_type_known"),
        ("update marts.quality_twin set quality_metric = 'speed'", "marts.process_kpi", "twins_are_metrics"),
    ],
)
def test_a_mart_that_contradicts_itself_is_refused(warehouse: Path, sql: str, table: str, rule: str) -> None:
    verdict = gate(change(warehouse, sql), only={table})
    assert verdict.errored == ()
    assert named(verdict.failed) == {(table, rule)}


@pytest.mark.parametrize(
    ("sql", "table", "rule"),
    [
        ("update canonical.stage_event set opportunity_key = null", "canonical.stage_event", "item_named"),
        ("update canonical.stage_event set process = 'contract'", "canonical.stage_event", "item_named"),
        ("update marts.stage_history set stage = 'unmapped'", "marts.stage_history", "stage_known"),
        ("update marts.open_item set is_owner_missing = true", "marts.open_item", "owner_named"),
        ("update canonical.opportunity set currency = 'XXX'", "marts.open_item", "deals_have_exchange_rates"),
    ],
)
def test_what_people_left_undone_is_a_warning(warehouse: Path, sql: str, table: str, rule: str) -> None:
    verdict = gate(change(warehouse, sql), only={table})
    assert verdict.passed
    assert named(verdict.warned) == {(table, rule)}
