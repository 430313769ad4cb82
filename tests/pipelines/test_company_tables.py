"""The `config.*` tables dbt reads, value by value."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from pipelines.company import config_tables, load_company, registry
from pipelines.warehouse.carried import CARRIED
from pipelines.warehouse.rebuild import handed_on_tables
from tests.pipelines.company_folder import COMPANY, ERP, STUB, write


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
    assert tables == {
        "company": [("示例公司", "Example", "CNY", "Asia/Shanghai", 1, date(2025, 8, 1), "refuse", None)],
        "source": [("crm", "stub", None, None, 12), ("erp", "stub", 1, None, 36)],
        "customer_lifecycle": [(90, 180, 365)],
        "target_rule": [(False, Decimal("1.5"), 4, 12, 3)],
        "role_title": [("Sales Rep", "sales_rep"), ("销售代表", "sales_rep"), ("HR", "hr")],
        "credit_rule": [(1, "explicit_split"), (2, "order_owner"), (3, "opportunity_owner"), (4, "account_owner")],
        "territory": [],
        "territory_condition": [],
        "appraisal_standard": [
            ("rep", 1, "sales_rep", "quarter", date(2025, 1, 1), date(2025, 7, 1), "CEO", "销售考核", "Sales"),
            ("rep", 2, "sales_rep", "quarter", date(2025, 7, 1), date(9999, 12, 31), "CEO", "销售考核", "Sales"),
        ],
        "appraisal_weight": [
            ("rep", 1, "bookings", Decimal(60), "linear", Decimal(120), None),
            ("rep", 1, "win_rate", Decimal(40), "linear", Decimal(110), Decimal("0.3")),
            ("rep", 2, "bookings", Decimal(100), "linear", Decimal(120), None),
        ],
        "grade_band": [("rep", 1, "A", Decimal(90)), ("rep", 1, "B", Decimal(0)), ("rep", 2, "A", Decimal(0))],
        "steward_decision": [
            (1, "different", "crm", "7", "erp", "42", "Ann", date(2025, 3, 1), "rivals", "stewardship/a.csv", 3),
            (2, "same", "crm", "7", "erp", "41", "Bob", date(2025, 3, 2), "phoned", "stewardship/a.csv", 2),
        ],
        "last_release_counts": [("kpi_value", 12)],
    }


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
        if table["name"] in CARRIED or table["name"] in handed_on_tables():
            continue
        assert tables[table["name"]].column_names == [column["name"] for column in table["columns"]], table["name"]
