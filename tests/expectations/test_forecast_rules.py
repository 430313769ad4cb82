"""The gate over forecasts and drivers: green as built, and each thing broken is named by one rule."""

from decimal import Decimal
from pathlib import Path

import great_expectations as gx
import pytest

from expectations.catalog import load
from expectations.runner import run
from expectations.suites import Parameters, all_suites
from tests.expectations import warehouse

COMPANY = {"subject_type": "company", "subject_id": "company"}
DEAL = {"source_system": "erp", "source_key": "2", "status": "open"}
LEAD = {"source_system": "erp", "load_id": "l1", "lead_name": "询价", "status": "open", "created_date": "2025-01-01"}
MODEL = {"method": "stage_rate", "method_reason_en": "few deals", "method_reason_zh": "商机过少", "model_id": "m1"}
ROWS = warehouse.ROWS | {
    "core.int_opportunity": [DEAL],
    "canonical.opportunity": [
        *warehouse.ROWS["canonical.opportunity"],
        DEAL | {"load_id": "l1", "amount": 100, "currency": "CNY"},
    ],
    "canonical.lead": [LEAD | {"source_key": key} for key in ("1", "2")],
    "marts.opportunity_forecast": [
        DEAL
        | MODEL
        | {"reporting_amount": 100, "win_probability": "0.25", "expected_amount": 25, "status": "ok"}
        | {"reasons_en": "1 of 4 closed deals were won", "reasons_zh": "4 个已结商机中赢单 1 个"}
    ],
    "marts.forecast_calibration": [
        {"method": "stage_rate", "bin": bin_, "snapshots": 4, "won": 1, "is_used": True}
        | {"brier_score": "0.1875", "base_rate_brier_score": "0.1875"}
        for bin_ in (0, 3)
    ],
    "core.int_bookings_month": [{"org_unit_id": "U2", "month_start": "2025-02-01", "amount": 100}],
    "core.int_unit_bookings_forecast": [
        {"org_unit_id": "U2", "origin_month": "2025-02-01", "horizon": 1, "forecast_month": "2025-03-01", "value": 100}
    ],
    "marts.sales_forecast": [
        COMPANY
        | {"period_start": "2025-03-01", "horizon": 1, "value": 100, "value_low": 90, "value_high": 110}
        | {"status": "ok", "range_status": "ok", "method": "bottom_up", "beats_seasonal_naive": True}
    ],
    "marts.forecast_accuracy": [
        COMPANY
        | {"horizon": 0, "mean_absolute_error": 10, "naive_mean_absolute_error": 20, "beats_seasonal_naive": True}
    ],
    "marts.lead_ranking": [
        {"source_system": "erp", "source_key": key, "lead_rank": rank, "score": score, "status": "ok"}
        for key, rank, score in (("1", 1, "0.6"), ("2", 2, "0.4"))
    ],
    "marts.sales_driver": [
        COMPANY
        | {"period_type": "month", "period_start": "2025-01-01", "comparison": "previous"}
        | {"bookings": 600, "reference_bookings": 0, "change": 600, "customers_won": 600}
        | dict.fromkeys(("price", "volume", "mix", "currency", "customers_lost", "returns", "other"), 0)
    ],
}
BREAKS = {
    "deal forgotten": (
        "delete from marts.opportunity_forecast",
        ("marts.opportunity_forecast", "every_open_deal_is_foretold"),
    ),
    "amount made up": (
        "update marts.opportunity_forecast set expected_amount = 26",
        ("marts.opportunity_forecast", "amount_is_probability_times_amount"),
    ),
    "certain beyond certainty": (
        "update marts.opportunity_forecast set win_probability = 1.5, expected_amount = 150",
        ("marts.opportunity_forecast", "win_probability_within_bounds"),
    ),
    "no reason given": (
        "update marts.opportunity_forecast set reasons_zh = ''",
        ("marts.opportunity_forecast", "probability_has_reasons"),
    ),
    "bin lost": (
        "delete from marts.forecast_calibration where bin = 3; "
        "update marts.forecast_calibration set snapshots = 5 where bin = 0",
        ("marts.forecast_calibration", "bins_hold_everything"),
    ),
    "worse than knowing nothing": (
        "update marts.forecast_calibration set brier_score = 0.2",
        ("marts.forecast_calibration", "no_worse_than_base_rate"),
    ),
    "levels apart": (
        "update marts.sales_forecast set value = 101",
        ("marts.sales_forecast", "units_add_up_to_company"),
    ),
    "range beside its value": (
        "update marts.sales_forecast set value_low = 105",
        ("marts.sales_forecast", "range_holds_value"),
    ),
    "smoothing that lost": (
        "update marts.sales_forecast set method = 'ets', beats_seasonal_naive = false",
        ("marts.sales_forecast", "who_lost_to_naive_uses_it"),
    ),
    "boast": (
        "update marts.forecast_accuracy set mean_absolute_error = 21",
        ("marts.forecast_accuracy", "beating_means_smaller_error"),
    ),
    "lead forgotten": (
        "delete from marts.lead_ranking where lead_rank = 2",
        ("marts.lead_ranking", "every_open_lead_is_ranked"),
    ),
    "worse lead first": (
        "update marts.lead_ranking set score = 0.7 where lead_rank = 2",
        ("marts.lead_ranking", "ranks_are_one_to_n_by_score"),
    ),
    "part missing": (
        "update marts.sales_driver set price = 1",
        ("marts.sales_driver", "parts_add_up_to_change"),
    ),
    "other bookings": (
        "update marts.sales_driver set bookings = 599, change = 599, customers_won = 599",
        ("marts.sales_driver", "bookings_are_those_of_the_facts"),
    ),
}


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return warehouse.build(tmp_path_factory.mktemp("good") / "warehouse.duckdb", ROWS)


@pytest.fixture(scope="module")
def suites() -> dict[str, gx.ExpectationSuite]:
    """The suites of these tables alone: the whole gate would ask hundreds of other things for each break."""
    parameters = Parameters({}, Decimal(50), None, warehouse.NOW)
    return {suite.name: suite for suite in all_suites(load(), parameters) if suite.name in ROWS}


def broken_rules(path: Path, chosen: list[gx.ExpectationSuite]) -> set[str]:
    """Rules that failed, warned or could not run."""
    return {rule.rule for ran in run(path, chosen) for rule in ran.results if rule.status != "passed"}


def test_the_good_forecasts_pass(good: Path, suites: dict[str, gx.ExpectationSuite]) -> None:
    assert broken_rules(good, [suites[table] for table in sorted({rule[0] for _, rule in BREAKS.values()})]) == set()


@pytest.mark.parametrize("name", BREAKS)
def test_each_break_is_named(good: Path, suites: dict[str, gx.ExpectationSuite], tmp_path: Path, name: str) -> None:
    sql, (table, rule) = BREAKS[name]
    copy = tmp_path / "warehouse.duckdb"
    copy.write_bytes(good.read_bytes())

    assert rule in broken_rules(warehouse.change(copy, sql), [suites[table]])
