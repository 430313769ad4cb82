"""Closed periods, approvals and the folder that travels with a release: what is read, and what is found wrong."""

from datetime import date
from pathlib import Path

import pytest

from pipelines.company import CompanyError, configuration_hash, lint, load_company, registry
from pipelines.company.models import CompanySettings
from pipelines.company.periods import closed_periods
from pipelines.company.snapshot import WITHHELD, configuration_files, restore_files
from tests.pipelines.company_folder import COMPANY, ERP, STUB, write

ENVIRONMENT = {"ERP_PASSWORD": "hunter2"}
APPROVAL = """\
- id: q1
  period_type: quarter
  period_start: 2025-01-01
  through_booking: 3
  subjects: [E1]
  reason: lost order
  approved_by: CFO
  approved_on: 2025/5/2
"""


@pytest.fixture(autouse=True)
def stub_type(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(registry.TYPES, "stub", STUB)


def closed(day: date, *periods: tuple[str, str, str | None]) -> list[tuple[str, str, str, str | None]]:
    settings = CompanySettings.model_validate(
        {
            "name": {"en": "Example"},
            "time_zone": "Asia/Shanghai",
            "reporting_currency": "CNY",
            "fiscal_year_start_month": 4,
            "closed_periods": [
                {"period_type": kind, "period_start": start, "closed_by": who} for kind, start, who in periods
            ],
        }
    )
    found = closed_periods(settings, day)
    return [(one.period_type, f"{one.period_start}", f"{one.period_end}", one.closed_by) for one in found]


def test_a_closed_period_closes_the_shorter_ones_within_it() -> None:
    assert closed(date(2025, 12, 31), ("quarter", "2025-04-01", "CFO"), ("month", "2025-05-01", "Ann")) == [
        ("month", "2025-04-01", "2025-04-30", "CFO"),
        ("month", "2025-05-01", "2025-05-31", "Ann"),
        ("month", "2025-06-01", "2025-06-30", "CFO"),
        ("quarter", "2025-04-01", "2025-06-30", "CFO"),
    ]
    whole_year = closed(date(2026, 4, 1), ("year", "2025-04-01", None))
    assert len(whole_year) == 12 + 4 + 1
    assert whole_year[-1] == ("year", "2025-04-01", "2026-03-31", None)


def test_a_period_that_still_runs_does_not_stand() -> None:
    assert closed(date(2025, 5, 31), ("quarter", "2025-04-01", None)) == [
        ("month", "2025-04-01", "2025-04-30", None),
        ("month", "2025-05-01", "2025-05-31", None),
    ]


def test_approvals_are_read_with_their_place(tmp_path: Path) -> None:
    company = load_company(write(tmp_path, {"approvals/2025.yaml": APPROVAL}), ENVIRONMENT)
    (filed,) = company.approvals
    assert (filed.file, filed.line, filed.approval.approved_on) == ("approvals/2025.yaml", 1, date(2025, 5, 2))
    assert "approvals/2025.yaml" in company.hashes


def test_a_wrong_approval_is_named_with_file_and_field(tmp_path: Path) -> None:
    wrong = APPROVAL.replace("through_booking: 3", "through_booking: 0").replace("  reason: lost order\n", "")
    with pytest.raises(CompanyError) as caught:
        load_company(write(tmp_path, {"approvals/2025.yaml": wrong}), ENVIRONMENT)
    lines = str(caught.value).splitlines()
    assert [line.split(": ")[:2] for line in lines] == [
        ["approvals/2025.yaml:1", "[0].reason"],
        ["approvals/2025.yaml:4", "[0].through_booking"],
    ]


def test_an_approval_needs_an_id_of_its_own_and_a_closed_period(tmp_path: Path) -> None:
    text = APPROVAL + APPROVAL.replace("quarter", "month").replace("2025-01-01", "2025-02-01")
    folder = write(tmp_path, {"approvals/2025.yaml": text})
    found = [f"{one.level} {one.problem}" for one in lint(load_company(folder, ENVIRONMENT))]
    assert found == [
        "warning approvals/2025.yaml:1: period_start: no closed quarter starts on 2025-01-01, so it approves nothing; "
        "correct the period",
        "error approvals/2025.yaml:9: id: the id 'q1' is taken by approvals/2025.yaml:1; give each approval its own",
        "warning approvals/2025.yaml:9: period_start: no closed month starts on 2025-02-01, so it approves nothing; "
        "correct the period",
    ]
    period = "closed_periods: [{period_type: quarter, period_start: 2025-01-01}]\n"
    write(folder, {"company.yaml": COMPANY + period, "approvals/2025.yaml": APPROVAL})
    assert lint(load_company(folder, ENVIRONMENT)) == []


def test_the_folder_comes_back_as_it_was(tmp_path: Path) -> None:
    files = {
        "approvals/2025.yaml": APPROVAL,
        "credit_rules.yaml": b"- rule: order_owner\r\n",
        "incentives/x.bin": b"\xff\x00",
    }
    company = load_company(write(tmp_path / "a", files), ENVIRONMENT)
    kept = configuration_files(company)
    assert kept["incentives/x.bin"] == "base64:/wA="
    restore_files(kept, tmp_path / "b")
    again = load_company(tmp_path / "b", ENVIRONMENT)
    assert configuration_hash(again) == configuration_hash(company)
    assert (again.settings, again.standards, again.approvals) == (
        company.settings,
        company.standards,
        company.approvals,
    )


def test_a_secret_written_into_a_file_does_not_travel(tmp_path: Path) -> None:
    folder = write(tmp_path / "a", {"sources/erp.yaml": ERP.replace("${ERP_PASSWORD}", "hunter2")})
    kept = configuration_files(load_company(folder, {}))
    assert "hunter2" not in str(kept)
    assert f"password: {WITHHELD}" in kept["sources/erp.yaml"]
    restore_files(kept, tmp_path / "b")
    assert load_company(tmp_path / "b", {}, unset="defer").sources[0].name == "erp"
