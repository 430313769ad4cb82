"""`scoreline statement`: what it prints of a release, in both languages, and how it refuses."""

import json
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner, Result

from expectations.catalog import load
from pipelines.cli import main
from pipelines.statement import NEEDED

KEY = "'E1' as employee_id, 'pay' as plan_id, 'quarter' as period_type, date '2025-07-01' as period_start"
ROWS = {
    "dim_employee": ["'E1' as employee_id, '安娜' as employee_name, date '2020-01-01' as valid_from"],
    "incentive_statement": [
        f"{KEY}, 2 as plan_version, 'final' as status, 1000 as target_amount, 1.25 as attainment, "
        "25.5 as calculated_amount, -5.5 as cap_reduction, -8 as clawback_amount, 100 as bonus_amount, "
        "112 as payable_amount, 3 as owed_before, 3 as owed_after, 'CNY' as currency"
    ],
    "incentive_line": [
        f"{KEY}, 1 as line_number, 'sale' as line_kind, 'ok' as line_status, 'erp' as source_system, "
        "'L7' as source_key, 'SO7' as document_number, date '2025-07-09' as event_date, 0.25 as credit_share, "
        "1250 as credited_amount, 1250 as counted_amount, 2.04 as rate_pct, 20 as amount",
        f"{KEY}, 2 as line_number, 'return' as line_kind, 'ok' as line_status, 'erp' as source_system, "
        "'R1' as source_key, 'SO9' as document_number, date '2025-08-01' as event_date, 1 as credit_share, "
        "-400 as credited_amount, -400 as counted_amount, 2 as rate_pct, -8 as amount, 'L3' as paid_source_key",
        f"{KEY}, 3 as line_number, 'bonus' as line_kind, 'ok' as line_status, 100 as amount",
    ],
    "incentive_eligibility": [
        f"{KEY}, 'training' as kind, 'win_rate' as item, 'eligible' as eligibility, '谈判' as course_zh, "
        "'Negotiating' as course_en, 'win_rate 得分 10.00，低于 60.00' as reason_zh, "
        "'win_rate has 10.00 points, fewer than 60.00' as reason_en"
    ],
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder whose release pays one person."""
    root = tmp_path_factory.mktemp("home")
    tables = load()
    with duckdb.connect(str(root / "published.duckdb")) as con:
        for name in NEEDED:
            columns = ", ".join(f"{column.name} {column.data_type}" for column in tables[name].columns)
            con.execute(f"create table {name} ({columns})")
            for row in ROWS[name]:
                con.execute(f"insert into {name} by name select {row}")
    return root


def statement(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["statement", *arguments], env={"SCORELINE_HOME": str(home), "COLUMNS": "160"})


def squeezed(text: str) -> list[str]:
    """The lines that say something, each with single blanks."""
    return [" ".join(line.split()) for line in text.splitlines() if line.strip(" ─")]


def test_a_statement_shows_its_sums_and_every_line(home: Path) -> None:
    found = statement(home, "e1", "2025q3", "--lang", "en")

    assert found.exit_code == 0, found.output
    assert squeezed(found.output) == [
        "Statement of 安娜 (E1), 2025q3",
        "Plan pay, version 2, CNY",
        "reached of the target 125.0 %",
        "commission by the rates 25.50",
        "cut by the cap -5.50",
        "taken back -8.00",
        "bonus 100.00",
        "payable 112.00",
        "Owed before 3.00, after 3.00",
        "line what document record day share credited counts rate amount",
        "1 sale SO7 erp:L7 2025-07-09 25.00 % 1,250.00 1,250.00 2.0400 % 20.00",
        "2 return, taken back SO9 erp:R1 ← L3 2025-08-01 100.0 % -400.00 -400.00 2.0000 % -8.00",
        "3 bonus 100.00",
        "What the grades mean",
        "what of eligible why",
        "training Negotiating (win_rate) yes win_rate has 10.00 points, fewer than 60.00",
    ]


def test_the_same_in_chinese_by_name(home: Path) -> None:
    found = statement(home, "安娜", "2025-07-01", "--lang", "zh")

    assert found.exit_code == 0, found.output
    texts = ("安娜 (E1) 2025-07-01 结算单", "方案 pay 第 2 版，CNY", "应付", "退货追回", "培训建议", "谈判 (win_rate)")
    assert [text for text in texts if text not in found.output] == []


def test_machines_get_every_column(home: Path) -> None:
    found = json.loads(statement(home, "E1", "2025-Q3", "--json").output)

    (plan,) = found["statements"]
    assert (plan["payable_amount"], [line["amount"] for line in plan["lines"]]) == (
        "112.00",
        ["20.00", "-8.00", "100.00"],
    )
    assert found["eligibility"][0]["course_en"] == "Negotiating"


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (("E2", "2025-Q3"), "nobody in dim_employee has the id or name 'E2'"),
        (("E1", "2025-Q4"), "E1 has no statement for period '2025-Q4'; there are statements for: 2025-Q3"),
    ],
)
def test_what_is_not_there_is_said(home: Path, asked: tuple[str, str], told: str) -> None:
    found = statement(home, *asked)

    assert (found.exit_code, found.output.strip()) == (1, told)


def test_without_a_release_it_says_what_makes_one(tmp_path: Path) -> None:
    found = statement(tmp_path, "E1", "2025-Q3")

    assert (found.exit_code, "nothing has been published" in found.output) == (1, True)
