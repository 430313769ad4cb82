"""`scoreline forecast`: what it prints of a release, in both languages, and how it refuses."""

import json
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner, Result

from expectations.catalog import load
from pipelines.cli import main
from pipelines.forecast.outlook import NEEDED

DEAL = (
    "insert into opportunity_forecast by name select 'crm' as source_system, '{key}' as source_key, '{key}' as "
    "opportunity_name, 'E1' as owner_employee_id, '{unit}' as org_unit_id, 'Offer' as stage, 1000 as reporting_amount, "
    "{chance} as win_probability, 1000 * {chance} as expected_amount, true as is_overdue, "
    "{old} as is_beyond_experience, "
    "date '2025-12-01' as expected_close_date, '+ existing customer' as reasons_en, '+ 老客户' as reasons_zh, "
    "'win rate of the stage' as method_reason_en, '所处阶段的赢单率' as method_reason_zh"
)


UNITS = (("R1", "华东", None), ("T1", "一组", "R1"), ("R2", "华南", None), ("T2", "一组", "R2"))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder whose release knows one region with one team."""
    root = tmp_path_factory.mktemp("home")
    tables = load()
    with duckdb.connect(str(root / "published.duckdb")) as con:
        for name in NEEDED:
            columns = ", ".join(f"{column.name} {column.data_type}" for column in tables[name].columns)
            con.execute(f"create table {name} ({columns})")
        for unit, name, parent in (
            ("R1", "华东", None),
            ("T1", "一组", "R1"),
            ("R2", "华南", None),
            ("T2", "一组", "R2"),
        ):
            con.execute(
                "insert into dim_org_unit by name select ? as org_unit_id, ? as unit_name, ? as parent_org_unit_id, "
                "true as is_current",
                [unit, name, parent],
            )
        con.execute(
            "insert into sales_forecast by name select 'org_unit' as subject_type, 'R1' as subject_id, "
            "date '2026-01-01' as period_start, 5000 as value, 4000 as value_low, 6000 as value_high, "
            "4500 as naive_value, 'bottom_up' as method"
        )
        con.execute(
            "insert into forecast_accuracy by name select 'org_unit' as subject_type, 'R1' as subject_id, "
            "0 as horizon, 12 as forecasts, 0.25 as wape, 0.2 as naive_wape, false as beats_seasonal_naive"
        )
        con.execute(DEAL.format(key="small", unit="T1", chance="0.2", old="false"))
        con.execute(DEAL.format(key="large", unit="T1", chance="0.6", old="true"))
        con.execute(DEAL.format(key="elsewhere", unit="R2", chance="0.9", old="false"))
        con.execute(
            "insert into lead_ranking by name select 'crm' as source_system, 'l' as source_key, 1 as lead_rank, "
            "'E1' as owner_employee_id, 'T1' as org_unit_id, '询价' as lead_name, 7 as age_days, 0.4 as score, "
            "'+ channel Web' as reasons_en, '+ 渠道“Web”' as reasons_zh"
        )
    return root


def forecast(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["forecast", *arguments], env={"SCORELINE_HOME": str(home), "COLUMNS": "160"})


def test_a_unit_shows_its_forecast_its_errors_its_deals_and_leads(home: Path) -> None:
    found = forecast(home, "--unit", "华东", "--lang", "en")

    assert found.exit_code == 0
    for text in (
        "Bookings expected, 华东",
        "4,000 … 6,000",
        "This forecast does not beat the seasonal naive one.",
        "2 open deals, expected amount 800; the largest 2",
        "60.0 %*",
        "2025-12-01 overdue",
        "+ existing customer",
        "1 open leads",
    ):
        assert text in found.output
    assert found.output.index("large") < found.output.index("small")
    assert "elsewhere" not in found.output


def test_the_same_in_chinese(home: Path) -> None:
    found = forecast(home, "--unit", "R1", "--lang", "zh", "--limit", "1")

    assert found.exit_code == 0
    for text in ("华东签约额预测", "该预测未优于季节性朴素预测。", "下级单位之和", "+ 老客户", "+ 渠道“Web”"):
        assert text in found.output
    assert "small" not in found.output


def test_machines_get_every_column(home: Path) -> None:
    found = json.loads(forecast(home, "--json").stdout)

    assert (found["subject_id"], found["open_deals"], found["months"]) == ("company", 3, [])
    assert found["deals"][0]["source_key"] == "elsewhere"


@pytest.mark.parametrize(
    ("unit", "says"),
    [("华北", "near: 华南, 华东"), ("一组", "2 units are called '一组'; name one by its id: T1, T2")],
)
def test_a_unit_that_is_not_one_is_refused_with_what_is_near(home: Path, unit: str, says: str) -> None:
    found = forecast(home, "--unit", unit)

    assert found.exit_code == 2
    assert says in found.output


def test_without_a_release_it_says_what_to_do(tmp_path: Path) -> None:
    found = forecast(tmp_path)

    assert found.exit_code == 1
    assert "`scoreline run` does" in found.output
