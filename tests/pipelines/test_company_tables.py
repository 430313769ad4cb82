"""The `config.*` tables dbt reads, value by value."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from pipelines.company import config_tables, load_company, registry
from pipelines.warehouse.carried import CARRIED
from pipelines.warehouse.rebuild import handed_on_tables
from tests.pipelines.company_folder import COMPANY, ERP, STUB, write

MADE_FROM_LANDING = ("record_origin", "load_package")
"""Configuration of a build that no company folder holds."""


@pytest.fixture(autouse=True)
def stub_type(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(registry.TYPES, "stub", STUB)


def test_every_config_table_holds_what_the_files_say(tmp_path: Path) -> None:
    decisions = (
        "decision,system_a,key_a,system_b,key_b,decided_by,decided_on,reason\n"
        "same,crm,7,erp,41,Bob,2025-03-02,phoned\n"
        "different,crm,7,erp,42,Ann,2025-03-01,rivals\n"
    )
    files = {"sources/crm.yaml": ERP + "fresh_within_hours: 12\n", "stewardship/a.csv": decisions}
    folder = write(tmp_path, files)
    company = load_company(folder, {"ERP_PASSWORD": "x"})
    tables = {
        name: [tuple(row.values()) for row in table.to_pylist()]
        for name, table in config_tables(company, date(2025, 8, 1), {"kpi_value": 12}).items()
        if not name.startswith("process_")  # see test_company_process
    }
    assert len(tables.pop("calendar_day")) == 365 * 28 + 7
    everybody = (0, None, "period_start", None, None, None, Decimal(0), 1, 1, "better", "销售考核", "Sales")
    plain = ("linear",)
    assert tables == {
        "company": [("示例公司", "Example", "CNY", "Asia/Shanghai", 1, date(2025, 8, 1), "refuse", None)],
        "company_closed_period": [],
        "source": [("crm", "stub", None, None, 12), ("erp", "stub", 1, None, 36)],
        "customer_lifecycle": [(90, 180, 365)],
        "target_rule": [(False, Decimal("1.5"), 4, 12, 3)],
        "role_title": [("Sales Rep", "sales_rep"), ("销售代表", "sales_rep"), ("HR", "hr")],
        "credit_rule": [(1, "explicit_split"), (2, "order_owner"), (3, "opportunity_owner"), (4, "account_owner")],
        "territory": [],
        "territory_condition": [],
        "appraisal_deadline": [],
        "appraisal_plan_grade": [],
        "appraisal_standard": [
            ("rep", 1, "sales_rep", "quarter", date(2025, 1, 1), date(2025, 7, 1), "CEO", None, *everybody),
            ("rep", 2, "sales_rep", "quarter", date(2025, 7, 1), date(9999, 12, 31), "CEO", None, *everybody),
        ],
        "appraisal_weight": [
            ("rep", 1, "bookings", "person", Decimal(60), Decimal(60), *plain, Decimal(120), None, None, None),
            (
                "rep",
                1,
                "win_rate",
                "person",
                Decimal(40),
                Decimal(40),
                *plain,
                Decimal(110),
                None,
                None,
                Decimal("0.3"),
            ),
            ("rep", 2, "bookings", "person", Decimal(100), Decimal(100), *plain, Decimal(120), None, None, None),
        ],
        "appraisal_step": [],
        "appraisal_gate": [],
        "appraisal_rating_kind": [],
        "incentive_plan": [],
        "incentive_role": [],
        "incentive_step": [],
        "incentive_grade": [],
        "incentive_course": [],
        "grade_band": [
            ("rep", 1, 1, "A", Decimal(90), None),
            ("rep", 1, 2, "B", Decimal(0), None),
            ("rep", 2, 1, "A", Decimal(0), None),
        ],
        "steward_decision": [
            (1, "different", "crm", "7", "erp", "42", "Ann", date(2025, 3, 1), "rivals", "stewardship/a.csv", 3),
            (2, "same", "crm", "7", "erp", "41", "Bob", date(2025, 3, 2), "phoned", "stewardship/a.csv", 2),
        ],
        "last_release_counts": [("kpi_value", 12)],
    }


STAGES = """\
id: rep
role: sales_rep
name: {en: Sales}
versions:
  - version: 1
    valid_from: 2025-01-01
    approved_by: CEO
    review_by: 2030-06-30
    period_type: quarter
    tenure: {from_months: 3, below_months: 24}
    tenure_on: period_end
    ramp: {to_months: 6, expectation_pct: 40}
    weights:
      - {metric: bookings, weight: 60, weight_at_start: 20, curve: {type: linear, zero_at: 50}}
      - {metric: visits, weight: 20, weight_at_start: 60, subject: unit, curve: {type: threshold, threshold: 80}}
      - metric: win_rate
        weight: 10
        curve: {type: stepped, steps: [{at_least: 80, points: 60}, {at_least: 100, points: 110}]}
      - metric: returns_rate
        weight: 10
        curve: {type: inverse, steps: [{up_to: 0, points: 100}, {up_to: 0.1, points: 40}]}
    grades: [{grade: A, share_pct: 30}, {grade: B, share_pct: 70}]
    ties: worse
    gates:
      - {id: late, metric: overdue_receivables, above: 1000, cap_score: 80, reason: {zh: 逾期, en: Overdue}}
      - {id: idle, metric: visits, below: 5, cap_grade: B, reason: {en: Idle}}
      - {id: rude, rating: peer, below: 60, cap_score: 50, reason: {en: Rude}}
    ratings: {kinds: [{kind: peer, weight: 70, min_raters: 2}, {kind: hr, weight: 30}], anonymity_floor: 4}
    minimum: {weight_pct: 50, components: 2, working_days: 20}
"""


def test_everything_a_standard_can_say_reaches_the_tables(tmp_path: Path) -> None:
    folder = write(tmp_path, {"standards/rep.yaml": STAGES})
    tables = config_tables(load_company(folder, {"ERP_PASSWORD": "x"}), date(2025, 8, 1))
    (standard,) = tables["appraisal_standard"].to_pylist()
    weights = {row["metric"]: row for row in tables["appraisal_weight"].to_pylist()}
    assert (standard["review_by"], standard["ties"], standard["tenure_on"]) == (
        date(2030, 6, 30),
        "worse",
        "period_end",
    )
    assert [standard[name] for name in ("tenure_from_months", "tenure_below_months")] == [3, 24]
    assert [standard[f"ramp_{name}"] for name in ("from_months", "to_months", "expectation_pct")] == [0, 6, 40]
    assert [standard[f"minimum_{name}"] for name in ("weight_pct", "components", "working_days")] == [50, 2, 20]
    assert [(row["curve"], row["cap"], row["zero_at"], row["threshold"]) for row in weights.values()] == [
        ("linear", 120, 50, None),
        ("threshold", 120, None, 80),
        ("stepped", 110, None, None),
        ("inverse", 100, None, None),
    ]
    assert (weights["visits"]["subject"], weights["bookings"]["weight_at_start"]) == ("unit", 20)
    assert [(row["metric"], row["boundary"], row["points"]) for row in tables["appraisal_step"].to_pylist()] == [
        ("win_rate", 80, 60),
        ("win_rate", 100, 110),
        ("returns_rate", 0, 100),
        ("returns_rate", Decimal("0.1"), 40),
    ]
    assert [tuple(row.values())[2:] for row in tables["appraisal_gate"].to_pylist()] == [
        ("late", "overdue_receivables", None, "above", 1000, 80, None, "逾期", "Overdue"),
        ("idle", "visits", None, "below", 5, None, "B", None, "Idle"),
        ("rude", "rating", "peer", "below", 60, 50, None, None, "Rude"),
    ]
    assert [tuple(row.values())[2:] for row in tables["appraisal_rating_kind"].to_pylist()] == [
        ("peer", 70, 2, True, 4, 1),
        ("hr", 30, 1, False, 4, 1),
    ]
    assert [tuple(row.values())[2:] for row in tables["grade_band"].to_pylist()] == [
        (1, "A", None, 30),
        (2, "B", None, 70),
    ]


def test_a_company_says_whom_it_trusts_on_customers_and_when_they_are_lost(tmp_path: Path) -> None:
    stated = "customer_sources: [erp]\ncustomer_lifecycle: {new_days: 30, at_risk_days: 60, churned_days: 120}\n"
    folder = write(tmp_path, {"company.yaml": COMPANY + stated})
    tables = config_tables(load_company(folder, {"ERP_PASSWORD": "x"}), date(2025, 8, 1))
    assert tables["source"].column("customer_priority").to_pylist() == [1]
    assert tables["customer_lifecycle"].to_pylist() == [{"new_days": 30, "at_risk_days": 60, "churned_days": 120}]


def test_the_first_language_names_the_company(tmp_path: Path) -> None:
    folder = write(tmp_path, {"company.yaml": COMPANY + "languages: [en, zh]\n"})
    tables = config_tables(load_company(folder, {"ERP_PASSWORD": "x"}), date(2025, 8, 1))
    assert tables["company"].column("company_name").to_pylist() == ["Example"]
    assert tables["last_release_counts"].num_rows == 0


def test_config_tables_have_the_columns_that_dbt_declares(tmp_path: Path) -> None:
    import yaml

    declared = Path(__file__).parents[2] / "dbt_project" / "models" / "core" / "_config__sources.yml"
    groups = {group["name"]: group for group in yaml.safe_load(declared.read_text(encoding="utf-8"))["sources"]}
    tables = config_tables(load_company(write(tmp_path, {}), {"ERP_PASSWORD": "x"}), date(2025, 8, 1))
    for table in groups["config"]["tables"]:
        if table["name"] in CARRIED or table["name"] in handed_on_tables() or table["name"] in MADE_FROM_LANDING:
            continue
        assert tables[table["name"]].column_names == [column["name"] for column in table["columns"]], table["name"]
