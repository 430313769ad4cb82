"""What the dbt YAML says about tables, as the gate and publishing read it."""

from pathlib import Path

import pytest

from expectations.catalog import CatalogError, load, published

PROMISED = {
    "dim_customer",
    "customer_source",
    "dim_customer_field",
    "customer_hierarchy_conflict",
    "customer_profile",
    "customer_lifecycle",
    "dim_date",
    "dim_org_unit",
    "dim_employee",
    "dim_assignment",
    "fct_sales_credit",
    "fct_billing_credit",
    "fct_collection_credit",
    "fct_overlay_credit",
    "dim_credit_rule",
    "credit_conflict",
    "exchange_rate_status",
    "kpi_value",
    "target_version",
    "target_share",
    "target_cascade",
    "target_pace",
    "target_check",
    "appraisal_score",
    "appraisal_component",
    "appraisal_part",
    "appraisal_part_component",
    "appraisal_contribution",
    "appraisal_gate",
    "appraisal_rating",
    "appraisal_rater",
    "appraisal_calendar",
    "appraisal_state",
    "dispute_register",
    "incentive_statement",
    "incentive_line",
    "incentive_eligibility",
    "reconciliation",
    "source_freshness",
    "metric_registry",
    "stage_history",
    "open_item",
    "contract_register",
    "time_in_stage",
    "process_kpi",
}


def write(folder: Path, schema: str, text: str) -> Path:
    """A models folder with one YAML file."""
    (folder / "models" / schema).mkdir(parents=True)
    (folder / "models" / schema / "_it.yml").write_text(text, encoding="utf-8")
    return folder / "models"


def test_every_promised_mart_is_published_with_a_grain_and_described_columns() -> None:
    tables = {table.name: table for table in published(load())}
    assert set(tables) >= PROMISED
    for table in tables.values():
        assert table.grain and table.description
        assert [column.name for column in table.columns if not column.description] == []


def test_the_key_of_a_canonical_entity_is_its_source_and_key() -> None:
    assert load()["sales_order"].grain == ("source_system", "source_key")


def test_volatile_columns_are_no_content(tmp_path: Path) -> None:
    models = write(
        tmp_path,
        "marts",
        """
models:
  - name: score
    columns:
      - {name: employee_id, data_type: varchar, data_tests: [unique, not_null]}
      - {name: points, data_type: integer, constraints: [{type: not_null}]}
      - {name: load_id, data_type: varchar, config: {meta: {volatile: true}}}
""",
    )
    table = load(models)["score"]
    assert table.grain == ("employee_id",)
    assert table.content_columns == ("employee_id", "points")
    assert [column.name for column in table.columns if column.required] == ["employee_id", "points"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{name: m, columns: [{name: a, data_type: varchar}]}", "m is published but proves no grain"),
        (
            "{name: m, data_tests: [{unique_together: {arguments: {columns: [b]}}}], "
            "columns: [{name: a, data_type: date}]}",
            r"grain of m names undeclared columns \['b'\]",
        ),
        ("{name: m, columns: [{name: a, data_tests: [unique]}]}", "column a has no data_type"),
    ],
)
def test_a_published_table_that_says_too_little_is_named(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(CatalogError, match=message):
        load(write(tmp_path, "marts", f"models:\n  - {text}\n"))
