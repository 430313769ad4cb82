"""`scoreline targets` on a release of literal rows: figures, gaps, findings, both languages, and what it says when it
finds nothing.
"""

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest
from click.testing import CliRunner, Result

from expectations.catalog import load
from pipelines.cli import main
from tests.expectations.warehouse import insert

TABLES = ("target_version", "target_check", "target_pace", "target_cascade", "metric_registry", "kpi_value")
PEOPLE = ("dim_employee", "dim_org_unit")
QUARTER = {"metric": "bookings", "period_type": "quarter", "period_start": "2025-07-01"}
ANN = {"subject_type": "employee", "subject_id": "E1"} | QUARTER
TEAM = {"subject_type": "org_unit", "subject_id": "T1"} | QUARTER
EARLIER = TEAM | {"period_start": "2025-04-01"}
SMART = ("specific", "measurable", "achievable", "relevant", "time_bound")
FINE = {
    name: value
    for letter in SMART
    for name, value in ((letter, "met"), (f"{letter}_zh", "好"), (f"{letter}_en", "fine"))
} | {"verdict": "met"}
ROWS: dict[str, list[dict[str, Any]]] = {
    "metric_registry": [{"metric": "bookings", "name_zh": "签约额", "name_en": "Bookings", "unit": "currency"}],
    "dim_employee": [{"employee_id": "E1", "employee_name": "安娜"}],
    "dim_org_unit": [
        {"org_unit_id": "T1", "unit_name": "旧队", "valid_from": "2020-01-01", "valid_to": "2025-01-01"},
        {"org_unit_id": "T1", "unit_name": "一队", "unit_name_en": "Team One", "valid_from": "2025-01-01"},
    ],
    "target_version": [
        ANN | {"version": 1, "target_value": 100000, "valid_from": "2025-07-01", "is_in_force": False},
        ANN
        | {"version": 2, "target_value": 80000, "valid_from": "2025-08-18", "is_in_force": True, "reason": "客户移交"}
        | {"approved_by": "CFO"},
        ANN
        | {"version": 3, "target_value": 70000, "is_in_force": False}
        | {"findings_zh": "变更无批准人", "findings_en": "nobody approved the change"},
        TEAM | {"version": 1, "target_value": 300000, "valid_from": "2025-07-01", "is_in_force": True},
        EARLIER | {"version": 1, "target_value": 200000, "valid_from": "2025-04-01", "is_in_force": True},
    ],
    "target_check": [
        ANN
        | FINE
        | {"achievable": "not_met", "achievable_zh": "2.50 倍", "achievable_en": "2.50 times the best"}
        | {"verdict": "not_met"},
        TEAM | FINE | {"relevant": "unknown", "relevant_zh": "未知", "relevant_en": "who knows", "verdict": "unknown"},
        EARLIER | FINE,
    ],
    "target_pace": [
        ANN
        | {"is_complete": False, "target_value": 60000, "expected_value": 30000, "pace": "0.666666667"}
        | {"forecast_status": "ok", "landing_value": 40000, "landing_low": 38000, "landing_high": 45000.5},
        TEAM | {"is_complete": False, "target_value": 300000, "forecast_status": "too_little_history"},
        EARLIER | {"is_complete": True, "target_value": 200000, "forecast_status": "closed"},
    ],
    "kpi_value": [
        key | {"org_view": view, "value": value}
        for key, view, value in (
            (ANN, "as_was", 20000),
            (TEAM, "as_was", None),
            (TEAM, "as_is", 999),
            (EARLIER, "as_was", 210000),
        )
    ],
    "target_cascade": [
        TEAM
        | {"level": "employee", "parts_value": 60000, "part_count": 1, "gap": 240000, "gap_share": "0.8"}
        | {"status": "ok"},
        TEAM | {"level": "month", "part_count": 0, "missing_parts": 3, "status": "no_parts"},
    ],
}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    tables = load()
    with duckdb.connect(str(tmp_path / "published.duckdb")) as con:
        for name in (*TABLES, *PEOPLE):
            columns = ", ".join(f"{column.name} {column.data_type}" for column in tables[name].columns)
            con.execute(f"create table {name} ({columns})")
            for row in ROWS[name]:
                insert(con, name, row)
    return tmp_path


def ask(home: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["targets", *words], env={"SCORELINE_HOME": str(home), "COLUMNS": "160"})


def test_the_latest_targets_are_shown_with_pace_landing_gap_and_findings(home: Path) -> None:
    result = ask(home, "--lang", "en")
    assert result.exit_code == 0, result.output
    team, ann = result.stdout.split("E1 安娜")
    assert "T1 Team One" in team and "300,000" in team and "people: 240,000" in team
    assert "too little history" in team and "relevant ? who knows" in team
    assert "200,000" not in team, "the quarter before is not the latest"
    for words in (
        "2025-07..2025-09",
        "60,000",
        "20,000",
        "66.7 %",
        "40,000 (38,000..45,000.50)",
        "as set 80,000",
        "v2 80,000, 2025-08-18.., 客户移交, CFO",
        "v3 70,000, ✗ nobody approved the change",
        "achievable ✗ 2.50 times the best",
    ):
        assert words in ann, words


def test_chinese_readers_get_chinese(home: Path) -> None:
    text = ask(home, "--lang", "zh", "--subject", "安娜").stdout
    assert "签约额" in text and "进度" in text and "变更无批准人" in text and "2.50 倍" in text
    assert "T1" not in text


@pytest.mark.parametrize("period", ["2025-04", "2025-04-01"])
def test_a_period_is_named_by_its_beginning(home: Path, period: str) -> None:
    (found,) = json.loads(ask(home, "--period", period, "--json").stdout)
    assert (found["subject_id"], found["target_value"], found["levels"]) == ("T1", "200000.000000", [])


def test_data_hold_everything(home: Path) -> None:
    (found,) = json.loads(ask(home, "--subject", "e1", "--period", "quarter", "--json").stdout)
    assert (found["version"], found["stated_value"], found["target_value"]) == (2, "80000.000000", "60000.000000")
    assert [version["version"] for version in found["versions"]] == [1, 2, 3]
    assert [check["verdict"] for check in found["checks"]] == ["met", "met", "not_met", "met", "met"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--subject", "Nobody"), "nobody called 'Nobody' has a target; expected an id or name of: E1, T1"),
        (("--period", "2019"), "no target for a period '2019'; expected month, quarter, year or the first day of one"),
        (("--period", "year"), "no target for a period 'year'"),
    ],
)
def test_what_is_not_there_is_refused_with_what_is(home: Path, words: tuple[str, ...], message: str) -> None:
    result = ask(home, *words)
    assert result.exit_code == 2 and message in result.output


def test_without_a_release_it_says_what_to_do(tmp_path: Path) -> None:
    result = ask(tmp_path)
    assert result.exit_code == 1 and "`scoreline run` does" in result.output
    duckdb.connect(str(tmp_path / "published.duckdb")).close()
    result = ask(tmp_path)
    assert result.exit_code == 2 and "has no target_version" in result.output
