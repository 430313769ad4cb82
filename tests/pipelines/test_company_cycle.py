"""`appraisal_cycle.yaml`: what dbt reads of it, and what is refused."""

from datetime import date
from pathlib import Path

import pytest

from pipelines.company import config_tables, load_company, registry
from pipelines.company.load import CompanyError
from tests.pipelines.company_folder import STUB, write

CYCLE = """
cycles:
  - {period_type: quarter, valid_from: 2025-07-01, approved_by: CEO, within: {reviewed: 10}}
  - period_type: quarter
    valid_from: 2025-01-01
    approved_by: CEO
    within: {ratings: 5, reviewed: 15, closed: 20}
    improvement_plan: {grades: [C, D], within: 25}
review_talks:
  - {valid_from: 2025-01-01, within: 5}
"""


@pytest.fixture(autouse=True)
def stub_type(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(registry.TYPES, "stub", STUB)


def test_each_step_is_due_from_the_day_its_cycle_holds_to_the_next_one(tmp_path: Path) -> None:
    company = load_company(write(tmp_path, {"appraisal_cycle.yaml": CYCLE}), {"ERP_PASSWORD": "x"})
    tables = config_tables(company, date(2025, 8, 1))

    first, second, end = date(2025, 1, 1), date(2025, 7, 1), date(9999, 12, 31)
    assert [tuple(row.values()) for row in tables["appraisal_deadline"].to_pylist()] == [
        ("quarter", "ratings", 1, 5, first, second),
        ("quarter", "reviewed", 3, 15, first, second),
        ("quarter", "closed", 5, 20, first, second),
        ("quarter", "improvement_plan", 6, 25, first, second),
        ("quarter", "reviewed", 3, 10, second, end),
        ("month", "review_talk", 7, 5, first, end),
    ]
    assert [tuple(row.values()) for row in tables["appraisal_plan_grade"].to_pylist()] == [
        ("quarter", "C", first, second),
        ("quarter", "D", first, second),
    ]
    assert "appraisal_cycle.yaml" in company.hashes


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (CYCLE.replace("closed: 20", "closed: 14"), "closed is due 14 working days after the period, before reviewed"),
        (CYCLE.replace("2025-07-01", "2025-01-01"), "two entries for quarter are valid from 2025-01-01"),
        (CYCLE.replace("{reviewed: 10}", "{}"), "no step has a date"),
        (CYCLE.replace("reviewed: 10", "talked: 10"), "talked"),
    ],
    ids=["out of order", "twice", "without a step", "unknown step"],
)
def test_what_cannot_be_a_cycle_is_refused_with_its_file(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(CompanyError) as refused:
        load_company(write(tmp_path, {"appraisal_cycle.yaml": text}), {"ERP_PASSWORD": "x"})
    assert told in str(refused.value) and "appraisal_cycle.yaml" in str(refused.value)
