"""Checking a company folder: sources are contacted side by side and none hides another."""

import json
from pathlib import Path

import pytest

from pipelines.company import check_company, registry
from tests.pipelines.company_folder import COMPANY, ERP, STANDARD, STUB, write

ENVIRONMENT = {"ERP_PASSWORD": "hunter2"}


@pytest.fixture(autouse=True)
def stub_type(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(registry.TYPES, "stub", STUB)


def printed(folder: Path, environ: dict[str, str] | None = None) -> str:
    return check_company(folder, ENVIRONMENT if environ is None else environ).render(color=False, width=160)


def test_a_good_folder_reports_the_streams_that_would_be_synced(tmp_path: Path) -> None:
    report = check_company(write(tmp_path, {"sources/erp.yaml": ERP + "streams: [invoice]\n"}), ENVIRONMENT)
    assert report.ok
    assert report.exit_code == 0
    assert (report.sources[0].message, report.sources[0].streams) == ("Stub 1.0 as reader", ("invoice",))
    assert "All well. Next: scoreline run" in printed(tmp_path)


def test_one_dead_source_does_not_stop_the_others(tmp_path: Path) -> None:
    folder = write(
        tmp_path,
        {
            "sources/a.yaml": ERP + "  answer: hang\n",
            "sources/b.yaml": ERP + "  answer: break\n",
            "sources/c.yaml": ERP + "  answer: refuse\n",
            "sources/d.yaml": ERP + "  answer: raise\n",
            "sources/e.yaml": ERP + "  answer: limited\n",
        },
    )
    report = check_company(folder, ENVIRONMENT, timeout_seconds=0.5)
    assert {source.name: (source.ok, source.message) for source in report.sources} == {
        "a": (False, "no answer within 0.5 s"),
        "b": (False, "unexpected RuntimeError in the connector"),
        "c": (False, "wrong password for reader at erp.example.com"),
        "d": (False, "erp.example.com cannot be reached"),
        "e": (False, "Stub 1.0"),
        "erp": (True, "Stub 1.0 as reader"),
    }
    assert report.sources[4].stream_problems == {"invoice": "not allowed"}
    assert report.exit_code == 1
    assert "hunter2" not in json.dumps(report.to_json())


def test_wrong_files_make_the_check_fail_and_valid_sources_are_still_contacted(tmp_path: Path) -> None:
    folder = write(tmp_path, {"sources/crm.yaml": "type: stub\n", "standards/rep.yaml": STANDARD.replace("60", "50")})
    report = check_company(folder, ENVIRONMENT)
    assert [str(problem) for problem in report.errors] == [
        "sources/crm.yaml:1: connection: is missing; How to reach the system",
        "standards/rep.yaml:9: versions[0].weights: the weights sum to 90, not to 100",
    ]
    assert report.exit_code == 2
    assert report.sources[0].streams == ("order", "invoice")
    text = printed(folder)
    assert "error    sources/crm.yaml:1: connection: is missing; How to reach the system" in text
    assert "2 errors in" in text


def test_the_report_is_plain_json(tmp_path: Path) -> None:
    folder = write(tmp_path, {"company.yaml": COMPANY + "colour: red\n"})
    assert check_company(folder, ENVIRONMENT).to_json() == {
        "company": str(folder),
        "ok": False,
        "errors": [
            {
                "file": "company.yaml",
                "line": 10,
                "field": "colour",
                "message": "unknown field",
                "hint": "valid here: as_of, calendar, closed_periods, customer_lifecycle, customer_sources, "
                "fairness, fiscal_year_start_month, gate, languages, missing_rate, name, org_sources, "
                "rate_max_age_days, reporting_currency, roles, targets, time_zone",
            }
        ],
        "warnings": [],
        "sources": [],
    }
