"""credit_rules.yaml: territories and overlays, what they become for dbt and what makes them wrong."""

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from pipelines.company import CompanyError, config_tables, load_company, registry
from tests.pipelines.company_folder import COMPANY, STUB, write

SECOND_HALF = date(2025, 7, 1), date(2026, 1, 1)
ENVIRONMENT = {"ERP_PASSWORD": "x"}
RULES = """\
- rule: explicit_split
- rule: territory
  territories:
    - id: east-auto
      name: {zh: 华东汽车}
      when: {province: [上海市, 江苏省], industry: [汽车]}
      credit: {employee: E17}
    - id: house
      name: {en: House accounts}
      when: {account: ["91310000"]}
      credit: {unit: T1}
      valid_from: 2025-07-01
      valid_to: 2026-01-01
- rule: overlay
  overlays:
    - id: robots
      name: {en: Robots}
      when: {territory: [house], product_category: [Robots]}
      share_pct: 12.5
      credit: {employee: E9}
- rule: order_owner
"""


@pytest.fixture(autouse=True)
def stub_type(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(registry.TYPES, "stub", STUB)


def test_territories_and_overlays_become_tables(tmp_path: Path) -> None:
    company = load_company(write(tmp_path, {"credit_rules.yaml": RULES}), ENVIRONMENT)
    tables = config_tables(company, date(2025, 8, 1))
    rows = {
        name: [tuple(row.values()) for row in tables[name].to_pylist()]
        for name in ("credit_rule", "territory", "territory_condition")
    }
    always, never = date(1900, 1, 1), date(9999, 12, 31)
    assert rows == {
        # an overlay is no step of deciding
        "credit_rule": [(1, "explicit_split"), (2, "territory"), (4, "order_owner")],
        "territory": [
            ("territory", 1, "east-auto", "华东汽车", None, "E17", None, Decimal(1), always, never),
            (
                "territory",
                2,
                "house",
                None,
                "House accounts",
                None,
                "T1",
                Decimal(1),
                date(2025, 7, 1),
                date(2026, 1, 1),
            ),
            ("overlay", 1, "robots", None, "Robots", "E9", None, Decimal("0.125"), always, never),
        ],
        "territory_condition": [
            ("territory", "east-auto", "province", "上海市"),
            ("territory", "east-auto", "province", "江苏省"),
            ("territory", "east-auto", "industry", "汽车"),
            ("territory", "house", "account", "91310000"),
            ("overlay", "robots", "product_category", "Robots"),
            ("overlay", "robots", "territory", "house"),
        ],
    }


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        ('when: {account: ["91310000"]}', "when: {}", "6: [1].territories[1].when: name at least one of"),
        ("credit: {unit: T1}", "credit: {unit: T1, employee: E1}", "name either an employee or a unit"),
        ("credit: {unit: T1}", "credit: {}", "name either an employee or a unit"),
        ("id: house", "id: east-auto", "two territories have the id east-auto; give each its own"),
        ("territory: [house]", "territory: [hause]", "overlay robots: there is no territory 'hause'"),
        (
            "valid_to: 2026-01-01",
            "valid_to: 2025-01-01",
            "must come before valid_to (2025-01-01)",
        ),
        ("share_pct: 12.5", "share_pct: 120", "share_pct"),
        (
            "- rule: order_owner",
            "- rule: territory",
            "the rule territory has a list `territories`",
        ),
        ("province:", "provinz:", "unknown field; did you mean 'province'?"),
    ],
)
def test_a_rule_that_cannot_hold_is_named(tmp_path: Path, before: str, after: str, problem: str) -> None:
    folder = write(tmp_path, {"credit_rules.yaml": RULES.replace(before, after)})
    with pytest.raises(CompanyError) as caught:
        load_company(folder, ENVIRONMENT)
    assert problem.split(": ", 1)[-1] in str(caught.value)
    assert "credit_rules.yaml:" in str(caught.value)


@pytest.mark.parametrize("page", ["README.md", "README.zh-CN.md"])
def test_the_readmes_rules_and_settings_load(tmp_path: Path, page: str) -> None:
    blocks = re.findall(
        r"```yaml\n(.*?)```", (Path(__file__).parents[2] / page).read_text(encoding="utf-8"), flags=re.S
    )
    (rules,) = [block for block in blocks if block.startswith("- rule:")]
    (stated,) = [block for block in blocks if block.startswith("fiscal_year_start_month:")]
    company = load_company(write(tmp_path, {"credit_rules.yaml": rules, "company.yaml": COMPANY + stated}), ENVIRONMENT)
    assert [one.rule for one in company.credit_rules] == ["explicit_split", "territory", "order_owner", "overlay"]
    assert company.settings.rate_max_age_days == 35


def test_the_rule_for_missing_rates_reaches_dbt(tmp_path: Path) -> None:
    stated = "missing_rate: leave_out\nrate_max_age_days: 35\n"
    company = load_company(write(tmp_path, {"company.yaml": COMPANY + stated}), ENVIRONMENT)
    (row,) = config_tables(company, date(2025, 8, 1))["company"].to_pylist()
    assert (row["missing_rate"], row["rate_max_age_days"]) == ("leave_out", 35)
