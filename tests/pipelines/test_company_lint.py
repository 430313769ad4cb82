"""What files must agree on: weights, metrics, grades, roles, names of sources."""

from pathlib import Path

import pytest

from pipelines.company import lint, load_company, registry
from tests.pipelines.company_folder import COMPANY, ERP, STANDARD, STUB, write


@pytest.fixture(autouse=True)
def stub_type(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(registry.TYPES, "stub", STUB)


def findings(folder: Path) -> list[str]:
    return [f"{found.level} {found.problem}" for found in lint(load_company(folder, {"ERP_PASSWORD": "x"}))]


def test_a_good_folder_gives_no_findings(tmp_path: Path) -> None:
    assert findings(write(tmp_path, {"README.md": "ours", ".git/HEAD": "x", "targets/2025.csv": "a"})) == []


def test_weights_must_sum_to_100_and_be_known(tmp_path: Path) -> None:
    text = STANDARD.replace("weight: 60", "weight: 70.5").replace("weight: 40", "weight: -40")
    text = text.replace("metric: win_rate", "metric: bookings").replace(
        "weight: 100", "weight: 100, reference_value: 1"
    )
    assert findings(write(tmp_path, {"standards/rep.yaml": text})) == [
        "error standards/rep.yaml:9: versions[0].weights: the weights sum to 30.5, not to 100",
        "error standards/rep.yaml:11: versions[0].weights[1].metric: 'bookings' is weighed twice; "
        "merge the two weights",
        "error standards/rep.yaml:11: versions[0].weights[1].weight: a weight cannot be negative, found -40",
    ]


def test_an_unknown_metric_offers_the_nearest(tmp_path: Path) -> None:
    text = STANDARD.replace("metric: win_rate", "metric: winrate")
    assert findings(write(tmp_path, {"standards/rep.yaml": text})) == [
        "error standards/rep.yaml:11: versions[0].weights[1].metric: unknown metric 'winrate'; did you mean 'win_rate'?"
    ]


def test_grades_go_down_to_zero(tmp_path: Path) -> None:
    text = STANDARD.replace("{grade: B, min_score: 0}", "{grade: B, min_score: 95}")
    assert findings(write(tmp_path, {"standards/rep.yaml": text})) == [
        "warning standards/rep.yaml:12: versions[0].grades: a score below 90 earns no grade; "
        "give the lowest grade min_score 0",
        "error standards/rep.yaml:14: versions[0].grades[1].min_score: grades go from best to lowest, "
        "but 95 is not below 90",
    ]


def newcomer(text: str = STANDARD, tenure: str = "") -> str:
    """A second standard for the role with one version only."""
    one = text.split("  - version: 2")[0].replace("id: rep", "id: new")
    return one.replace("    weights:", f"{tenure}    weights:", 1)


def test_two_standards_of_a_role_part_people_by_tenure(tmp_path: Path) -> None:
    clash = "judges people of the role sales_rep whom"
    folder = write(tmp_path, {"standards/new.yaml": newcomer()})
    assert findings(folder) == [
        f"error standards/rep.yaml:5: versions[0].tenure: {clash} new version 1 judges at the same time; "
        "part the two by tenure, or end one of them",
        f"error standards/rep.yaml:15: versions[1].tenure: {clash} new version 1 judges at the same time; "
        "part the two by tenure, or end one of them",
    ]
    old = STANDARD.replace("period_type: quarter\n", "period_type: quarter\n    tenure: {from_months: 6}\n")
    young = newcomer(tenure="    tenure: {below_months: 3}\n    tenure_on: period_end\n")
    assert [
        one.split(": ", 1)[1]
        for one in findings(write(tmp_path, {"standards/new.yaml": young, "standards/rep.yaml": old}))
    ] == [
        "versions[0].tenure_on: counts months on the period_start, but new version 1 on the period_end; "
        "count on the same day, so that nobody is judged twice",
        "versions[1].tenure_on: counts months on the period_start, but new version 1 on the period_end; "
        "count on the same day, so that nobody is judged twice",
        "versions[1].tenure: nobody judges the role sales_rep from 3 to 6 months; "
        "let the bands of the role follow each other",
    ]


def test_shares_of_grades_ramps_gates_and_the_review_day(tmp_path: Path) -> None:
    text = STANDARD.split("  - version: 2")[0]
    text = text.replace("min_score: 90", "share_pct: 30").replace("min_score: 0", "share_pct: 60")
    text = text.replace("approved_by: CEO", "approved_by: CEO\n    review_by: 2025-01-31\n    ramp: {to_months: 6}")
    text = text.replace("weight: 60}", "weight: 60, weight_at_start: 50}")
    text += "    gates: [{id: a, metric: overdue_receivable, above: 1, cap_score: 80, reason: {en: a}}]\n"
    assert [
        one.replace("standards/rep.yaml", "") for one in findings(write(tmp_path, {"standards/rep.yaml": text}))
    ] == [
        "warning :8: versions[0].review_by: version 1 was to be looked at again by 2025-01-31; "
        "add the version that follows it, or set a later day",
        "error :11: versions[0].weights: the weights at the start of the ramp sum to 90, not to 100",
        "error :14: versions[0].grades: the shares of the grades sum to 90, not to 100",
        "error :17: versions[0].gates[0].metric: unknown metric 'overdue_receivable'; "
        "did you mean 'overdue_receivables'?",
    ]


def test_names_must_exist_in_the_other_files(tmp_path: Path) -> None:
    company = COMPANY.replace("[erp]", "[hr_files, erp]").replace("[HR]", "[HR, Sales Rep]")
    company += "customer_sources: [crm]\n"
    folder = write(
        tmp_path, {"company.yaml": company, "standards/rep.yaml": STANDARD.replace("role: sales_rep", "role: sale_rep")}
    )
    assert findings(folder) == [
        "error company.yaml:8: roles.hr[1]: the title 'Sales Rep' already means sales_rep; "
        "a title means one role; keep one of the two",
        "error company.yaml:9: org_sources[0]: there is no source 'hr_files'; valid here: erp",
        "error company.yaml:10: customer_sources[0]: there is no source 'crm'; valid here: erp",
        "error standards/rep.yaml:2: role: company.yaml has no role 'sale_rep'; did you mean 'sales_rep'?",
    ]


def test_a_secret_in_a_file_is_an_error_that_does_not_repeat_it(tmp_path: Path) -> None:
    assert findings(write(tmp_path, {"sources/erp.yaml": ERP.replace("${ERP_PASSWORD}", "hunter2")})) == [
        "error sources/erp.yaml:4: connection.password: a secret is written into the file; "
        "write ${ERP_PASSWORD} here and its value into secrets.env"
    ]


def test_an_unknown_stream_offers_the_nearest(tmp_path: Path) -> None:
    assert findings(write(tmp_path, {"sources/erp.yaml": ERP + "streams: [invoice, ordr]\n"})) == [
        "error sources/erp.yaml:6: streams[1]: the source has no stream 'ordr'; did you mean 'order'?"
    ]


FILES = """\
type: files
connection:
  url: ${SCORELINE_COMPANY}/targets
  options: {anon: "true", secret: abc}
  streams:
    - {name: target, glob: "*.csv", key: [id]}
mapping:
  customer_record:
    from: tarrget
    columns: {party_type: {const: organisation}, customer_name: name}
"""


def test_a_mapping_may_only_read_streams_there_are(tmp_path: Path) -> None:
    assert findings(write(tmp_path, {"sources/sheets.yaml": FILES})) == [
        "error sources/sheets.yaml:4: connection.options.secret: a secret is written into the file; "
        "write ${SHEETS_SECRET} here and its value into secrets.env",
        "error sources/sheets.yaml:7: mapping: mapping.customer_record.from: there is no stream 'tarrget'; "
        "did you mean target?",
    ]


def test_a_stray_file_is_pointed_at(tmp_path: Path) -> None:
    folder = write(tmp_path, {"standard/x.yaml": "id: x", "credit_rule.yaml": "[]"})
    assert findings(folder) == [
        "warning credit_rule.yaml: is not part of a company folder and is not read; did you mean 'credit_rules.yaml'?",
        "warning standard: is not part of a company folder and is not read; did you mean 'standards'?",
    ]
