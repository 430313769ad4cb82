"""`scoreline restatements`: the ledger of the current release, for people and machines."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from click.testing import CliRunner

from pipelines.cli import main
from tests.dbt_project.warehouse import create_declared, fill

KEY = '{"subject_type":"employee","subject_id":"E1","metric":"bookings"}'
BOOKED = {
    "booking_no": 2,
    "table_name": "kpi_value",
    "period_type": "quarter",
    "period_start": "2025-01-01",
    "subject": "E1",
    "row_key": KEY,
    "column_name": "value",
    "booked_on": "2025-07-01",
    "restatement_status": "pending",
}
LEDGER = [
    BOOKED | {"cause": "source correction", "cause_no": 2, "old_value": "100.000", "new_value": "90.5", "delta": -9.5},
    BOOKED | {"cause": "late record", "cause_no": 1, "old_value": "90.5", "new_value": "125", "delta": 34.5},
    BOOKED | {"cause": "late record", "cause_no": 1, "column_name": "numerator", "new_value": "125", "delta": 125},
    BOOKED
    | {"booking_no": 1, "table_name": "appraisal_score", "row_key": '{"employee_id":"E2"}', "subject": "E2"}
    | {"column_name": "grade", "cause": "org move", "cause_no": 4, "old_value": "B", "new_value": "A"}
    | {"restatement_status": "approved", "approval_id": "q1", "approved_by": "CFO"},
]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A data folder whose published database holds nothing but the ledger."""
    with duckdb.connect(str(tmp_path / "published.duckdb")) as con:
        con.execute("create schema marts")
        create_declared(con, ["marts.restatement"])
        fill(con, "marts.restatement", LEDGER)
        con.execute("create table restatement as from marts.restatement")
    monkeypatch.setenv("SCORELINE_HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "160")
    yield tmp_path


def scoreline(*arguments: str) -> Any:
    return CliRunner().invoke(main, ["restatements", *arguments])


def test_the_latest_booking_comes_first_with_its_causes_and_what_to_do(home: Path) -> None:
    shown = scoreline("--lang", "en")
    assert shown.exit_code == 0, shown.output
    rows = [" ".join(line.split()) for line in shown.output.splitlines()]
    assert (
        "2 (2025-07-01) quarter 2025-01-01 E1 bookings 100 125 late record +34.5, source correction -9.5 pending"
        in rows
    )
    assert "1 (2025-07-01) quarter 2025-01-01 E2 grade B A org move approved (q1)" in rows
    assert "approvals/" in rows[-2] + rows[-1]


def test_in_chinese_and_by_status(home: Path) -> None:
    shown = scoreline("--lang", "zh", "--status", "approved").output
    assert "组织变动" in shown and "已批准 (q1)" in shown and "bookings" not in shown
    assert scoreline("--lang", "zh", "--subject", "E9").output.startswith("没有重述记录")


def test_as_json_with_every_column(home: Path) -> None:
    found = json.loads(scoreline("--json", "--details", "--subject", "E1").output)
    assert [(one["column"], one["old"], one["new"]) for one in found] == [
        ("numerator", None, "125"),
        ("value", "100.000", "125"),
    ]
    assert [step["cause"] for step in found[1]["steps"]] == ["source correction", "late record"]


def test_before_the_first_release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCORELINE_HOME", str(tmp_path))
    shown = scoreline()
    assert (shown.exit_code, "nothing has been published" in shown.output) == (1, True)
