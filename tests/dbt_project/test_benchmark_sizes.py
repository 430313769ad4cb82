"""The benchmark company at the sizes that take minutes: every KPI equals the reference, the hard cases among them."""

from pathlib import Path

import duckdb
import pytest

from connectors.sandbox import reference
from connectors.sandbox.generate import Size, generate
from tests.dbt_project import benchmark_rows, straight, warehouse
from tests.dbt_project.benchmark_cases import cases
from tests.dbt_project.kpi_truth import differing_kpis

CHURNED_DAYS = 60
"""Short enough for customers to be lost and won back within the years of orders."""


@pytest.mark.slow
@pytest.mark.timeout(2400)
@pytest.mark.parametrize("size", ["small", "mid"])
def test_every_kpi_equals_the_truth(size: Size, tmp_path: Path) -> None:
    company = generate(size)
    file = tmp_path / "warehouse.duckdb"
    lifecycle = {"new_days": 20, "at_risk_days": 30, "churned_days": CHURNED_DAYS}
    warehouse.prepare(
        file, benchmark_rows.mapped(company), benchmark_rows.config(company) | {"customer_lifecycle": [lifecycle]}
    )
    assert straight.build(file, "kpi_value") == []

    truth = reference.Reference(company, churned_days=CHURNED_DAYS)
    kpis = truth.kpis()
    with duckdb.connect(str(file), read_only=True) as con:
        assert differing_kpis(con, kpis) == {}
    for name, case in cases(company, truth).items():
        print(f"{name}: {case.times:,} times, {len(case.touched):,} rows")
        assert case.times and case.touched and case.touched <= kpis.keys(), name
