"""Incentive plans as files: what is refused and where, what is doubtful, and the tables dbt reads."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from pipelines.company import CompanyError, config_tables, lint, load_company, registry
from tests.pipelines.company_folder import STUB, write

PLAN = """\
id: pay
name: {en: Pay}
period_type: quarter
versions:
  - version: 1
    valid_from: 2025-01-01
    approved_by: CEO
    roles: [sales_rep]
    commission:
      pays_on: billings
      tiers: {steps: [{at_least: 0, rate_pct: 1.5}, {at_least: 1000, rate_pct: 2}]}
      accelerators: {method: retroactive, steps: [{at_least: 110, factor: 1.25}]}
      guarantee: {amount: 500, below_months: 6}
      clawback: {bad_debt_days: 60}
    bonus: {grades: {A: 800.50}}
  - version: 2
    valid_from: 2025-07-01
    approved_by: CEO
    review_by: 2030-06-30
    roles: [sales_rep, hr]
    promotion: {grades: [A], periods: 3, to_role: hr}
    training: {below_points: 60, courses: [{metric: win_rate, course: {en: Winning}}]}
"""
FILE = "incentives/pay.yaml"


@pytest.fixture(autouse=True)
def stub_type(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(registry.TYPES, "stub", STUB)


def problems(folder: Path) -> list[str]:
    with pytest.raises(CompanyError) as caught:
        load_company(folder, {"ERP_PASSWORD": "x"})
    return [str(problem).replace(str(folder), "") for problem in caught.value.problems]


def findings(folder: Path) -> list[str]:
    return [f"{one.level} {one.problem}" for one in lint(load_company(folder, {"ERP_PASSWORD": "x"}))]


def test_a_good_plan_gives_no_findings_and_becomes_tables(tmp_path: Path) -> None:
    folder = write(tmp_path, {FILE: PLAN})
    assert findings(folder) == []

    tables = config_tables(load_company(folder, {"ERP_PASSWORD": "x"}), date(2025, 8, 1))
    rows = {
        name: [tuple(row.values()) for row in table.to_pylist()]
        for name, table in tables.items()
        if name.startswith("incentive_")
    }
    first = ("pay", 1, "quarter", date(2025, 1, 1), date(2025, 7, 1), "CEO", None, None, "Pay")
    last = ("pay", 2, "quarter", date(2025, 7, 1), date(9999, 12, 31), "CEO", date(2030, 6, 30), None, "Pay")
    commission = ("billings", "amount", "billings", None, Decimal(500), 6, None, None, True, 60, True)
    assert rows == {
        "incentive_plan": [
            (*first, *commission, True, True, None, None, None, None),
            (*last, *(None,) * 11, False, None, 3, "hr", Decimal(60), 2),
        ],
        "incentive_role": [("pay", 1, "sales_rep"), ("pay", 2, "sales_rep"), ("pay", 2, "hr")],
        "incentive_step": [
            ("pay", 1, "tier", "marginal", "amount", 1, Decimal(0), Decimal("1.5")),
            ("pay", 1, "tier", "marginal", "amount", 2, Decimal(1000), Decimal(2)),
            ("pay", 1, "accelerator", "retroactive", "attainment", 1, Decimal(110), Decimal("1.25")),
        ],
        "incentive_grade": [("pay", 1, "bonus", "A", Decimal("800.50")), ("pay", 2, "promotion", "A", None)],
        "incentive_course": [("pay", 2, "win_rate", None, "Winning")],
    }


@pytest.mark.parametrize(
    ("was", "becomes", "told"),
    [
        ("id: pay", "id: paid", f"{FILE}:1: id: expected 'pay' like the file's name, found 'paid'"),
        (
            "pays_on: billings",
            "pays_on: billing",
            f"{FILE}:10: versions[0].commission.pays_on: expected bookings, billings or collections, found 'billing'; "
            "did you mean 'billings'?",
        ),
        (
            "pays_on: billings",
            "pays_on: collections",
            f"{FILE}:9: versions[0].commission: bad_debt_days takes back what was paid for invoices; "
            "a plan on collections pays for none",
        ),
        (
            "pays_on: billings",
            "pays_on: billings\n      basis: margin",
            f"{FILE}:9: versions[0].commission: margin is known of order lines: pay on bookings, not on billings",
        ),
        (
            "at_least: 0, rate",
            "at_least: 10, rate",
            f"{FILE}:11: versions[0].commission.tiers: the first tier must begin at 0, but begins at 10",
        ),
        (
            "at_least: 1000",
            "at_least: 0",
            f"{FILE}:11: versions[0].commission.tiers: at_least must rise from step to step, but 0 follows 0",
        ),
        (
            "valid_from: 2025-07-01",
            "valid_from: 2024-07-01",
            f"{FILE}:1: version 2 starts on 2024-07-01, not after version 1 (2025-01-01)",
        ),
        (
            "    bonus: {grades: {A: 800.50}}",
            "    bonus: {grades: {A: 800.505}}",
            f"{FILE}:15: versions[0].bonus.grades.A: decimal input should have no more than 2 decimal places, "
            "found 800.505",
        ),
        (
            "    promotion: {grades: [A], periods: 3, to_role: hr}\n"
            "    training: {below_points: 60, courses: [{metric: win_rate, course: {en: Winning}}]}\n",
            "",
            f"{FILE}:16: versions[1]: say what there is to earn: commission, bonus, promotion or training",
        ),
    ],
)
def test_a_wrong_plan_is_refused_with_file_line_and_field(tmp_path: Path, was: str, becomes: str, told: str) -> None:
    assert was in PLAN
    assert problems(write(tmp_path, {FILE: PLAN.replace(was, becomes)})) == [told]


def test_what_a_plan_must_agree_on_with_the_other_files(tmp_path: Path) -> None:
    text = PLAN.replace("roles: [sales_rep]", "roles: [sale_rep, sales_rep]").replace("to_role: hr", "to_role: boss")
    text = text.replace("valid_from: 2025-07-01", "valid_from: 2025-08-01").replace("{A: 800.50}", "{A: 1, AA: 2}")
    text = text.replace("2030-06-30", "2025-06-30").replace("metric: win_rate", "metric: winrate")
    assert findings(write(tmp_path, {FILE: text})) == [
        f"error {FILE}:8: versions[0].roles[0]: company.yaml has no role 'sale_rep'; did you mean 'sales_rep'?",
        f"error {FILE}:15: versions[0].bonus.grades: no standard grades these roles by the quarter with 'AA'; "
        "did you mean 'A'?",
        f"error {FILE}:17: versions[1].valid_from: 2025-08-01 is not the first day of a quarter; "
        "periods are paid by the version in force on their first day; begin with a period",
        f"warning {FILE}:19: versions[1].review_by: version 2 was to be looked at again by 2025-06-30; "
        "add the version that follows it, or set a later day",
        f"error {FILE}:21: versions[1].promotion.to_role: company.yaml has no role 'boss'; valid here: hr, sales_rep",
        f"error {FILE}:22: versions[1].training.courses[0].metric: unknown metric 'winrate'; did you mean 'win_rate'?",
    ]
