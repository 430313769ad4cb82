"""People's decisions in the company folder: read from YAML, CSV and Excel, and appended so that nothing is lost."""

import threading
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest

from pipelines.company import CompanyError, FiledDecision, append_decisions, lint, load_company, registry
from pipelines.company.decisions import DecisionsRefused, read_decisions
from pipelines.company.models import StewardDecision
from tests.pipelines.company_folder import ERP, STUB, write

HEADER = "decision,system_a,key_a,system_b,key_b,decided_by,decided_on,reason\n"
YAML = """\
- decision: same
  system_a: crm
  key_a: "0015"
  system_b: erp
  key_b: "42"
  decided_by: Ann
  decided_on: 2025-03-02
  reason: phoned them
"""
ROW = {
    "decision": "same",
    "system_a": "crm",
    "key_a": "0015",
    "system_b": "erp",
    "key_b": "42",
    "decided_by": "Ann",
    "decided_on": "2025-03-02",
    "reason": "phoned, twice",
}


@pytest.fixture(autouse=True)
def stub_type(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(registry.TYPES, "stub", STUB)


def read(folder: Path, files: dict[str, str]) -> list[tuple[str, str, str, str, int]]:
    for name, text in files.items():
        (folder / "stewardship").mkdir(exist_ok=True)
        (folder / "stewardship" / name).write_text(text, encoding="utf-8")
    decisions, problems = read_decisions(folder)
    assert problems == []
    return [(f.decision.decision, f.decision.key_a, f.decision.key_b, f.file, f.row) for f in decisions]


def problems(folder: Path, files: dict[str, str | bytes]) -> list[str]:
    with pytest.raises(CompanyError) as caught:
        load_company(
            write(folder, {f"stewardship/{name}": text for name, text in files.items()}), {"ERP_PASSWORD": "x"}
        )
    return [str(problem) for problem in caught.value.problems]


def test_decisions_of_all_files_count_by_date_then_file_then_row(tmp_path: Path) -> None:
    rows = HEADER + "undo,erp,42,crm,0015,Bob,2025/3/2,wrong\n\nparent,crm,1,crm,2,Bob,2025-03-01,branch\n"
    assert read(tmp_path, {"b.csv": rows, "a.yaml": YAML}) == [
        ("parent", "1", "2", "stewardship/b.csv", 3),
        ("same", "0015", "42", "stewardship/a.yaml", 1),
        ("undo", "42", "0015", "stewardship/b.csv", 2),
    ]


def test_an_excel_file_may_be_filled_in_in_chinese(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["裁定", "系统A", "编号A", "系统B", "编号B", "裁定人", "裁定日期", "理由"])
    book.active.append(["不同", "crm", "0015", "erp", 42, "王芳", datetime(2025, 3, 2), "电话确认"])
    (tmp_path / "stewardship").mkdir()
    book.save(tmp_path / "stewardship" / "复核.xlsx")
    (filed,), wrong = read_decisions(tmp_path)
    assert wrong == []
    assert (filed.file, filed.row, filed.decision.decision, filed.decision.key_b) == (
        "stewardship/复核.xlsx",
        2,
        "different",
        "42",
    )
    assert (filed.decision.decided_on, filed.decision.reason) == (date(2025, 3, 2), "电话确认")


def test_a_wrong_row_is_named_with_field_and_remedy_and_all_are_listed(tmp_path: Path) -> None:
    rows = (
        HEADER
        + "sane,crm,1,erp,2,Ann,2025-03-01,x\n"
        + "same,crm,1,erp,,Ann,yesterday,x\n"
        + "same,crm,1,crm,1,Ann,2025-03-01,x\n"
    )
    assert problems(tmp_path, {"a.csv": rows}) == [
        "stewardship/a.csv:2: decision: expected same, different, parent or undo, found 'sane'; did you mean 'same'?",
        "stewardship/a.csv:3: decided_on: expected a date (YYYY-MM-DD), found 'yesterday'; "
        "Day of the decision, YYYY-MM-DD",
        "stewardship/a.csv:3: key_b: is missing; Key of the second record at its source",
        "stewardship/a.csv:4: both records are crm 1; name two different records",
    ]


def test_a_wrong_entry_of_a_yaml_file_is_named_by_line(tmp_path: Path) -> None:
    text = YAML + YAML.replace('"42"', "42").replace("reason", "resaon")
    assert problems(tmp_path, {"a.yaml": text}) == [
        "stewardship/a.yaml:9: [1].reason: is missing; Why",
        "stewardship/a.yaml:13: [1].key_b: expected text, found 42; put it in quotes",
        "stewardship/a.yaml:16: [1].resaon: unknown field; did you mean 'reason'?",
    ]


def test_a_wrong_header_an_unreadable_file_and_an_ignored_one_are_problems(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "a.csv": "decision,system_a,key_a,system_b,key_b,decided_by,decided_at,reason\n"
        "same,crm,1,erp,2,Ann,2025-03-01,x\n",
        "b.csv": HEADER + 'same,crm,1,erp,2,Ann,2025-03-01,"never closed\nsame,crm,1,erp,3,Ann,2025-03-01,x\n',
        "c.xlsx": b"no workbook",
        "d.xls": b"",
        "e.csv.example": "anything",
        "~$c.xlsx": b"",
    }
    found = problems(tmp_path, files)
    assert found[:2] == [
        "stewardship/a.csv:1: decided_at: unknown column; did you mean 'decided_on'?",
        "stewardship/a.csv:1: decided_on: there is no such column; the header names the columns: decision, system_a, "
        "key_a, system_b, key_b, decided_by, decided_on, reason",
    ]
    assert found[2].startswith("stewardship/b.csv: line 2: a quotation mark opened in this record is never closed")
    assert found[3].startswith("stewardship/c.xlsx: is no readable Excel workbook (.xlsx)")
    assert found[4] == "stewardship/d.xls: would be ignored; decisions are read from .yaml, .csv and .xlsx files"
    assert len(found) == 5


def test_check_names_contradictions_idle_undos_and_unknown_sources(tmp_path: Path) -> None:
    rows = HEADER + "".join(
        f"{decision},{a[0]},{a[1]},{b[0]},{b[1]},Ann,2025-03-0{day},x\n"
        for day, (decision, a, b) in enumerate(
            [
                ("same", ("crm", 1), ("crm", 2)),
                ("same", ("crm", 2), ("erp", 3)),
                ("different", ("erp", 3), ("crm", 1)),
                ("undo", ("crm", 8), ("crm", 9)),
                ("same", ("crn", 1), ("crm", 5)),
            ],
            1,
        )
    )
    folder = write(tmp_path, {"sources/crm.yaml": ERP, "stewardship/a.csv": rows})
    found = lint(load_company(folder, {"ERP_PASSWORD": "x"}))
    assert [(finding.level, str(finding.problem)) for finding in found] == [
        (
            "error",
            "stewardship/a.csv:4: people say erp:3 ≠ crm:1 (Ann, 2025-03-03), and that the two are the same: "
            "crm:1 = crm:2 (Ann, 2025-03-01), crm:2 = erp:3 (Ann, 2025-03-02); undo one of these decisions",
        ),
        (
            "warning",
            "stewardship/a.csv:5: there is no decision on these two records to undo; check the two records and the "
            "date: decisions count in the order of their dates",
        ),
        ("warning", "stewardship/a.csv:6: system_a: there is no source 'crn'; did you mean 'crm'?"),
    ]


def test_appended_decisions_are_read_back(tmp_path: Path) -> None:
    assert append_decisions(tmp_path, [ROW, {**ROW, "key_b": "43", "reason": "两行\n理由"}]) == 2
    assert append_decisions(tmp_path, [{**ROW, "decision": "undo", "decided_on": date(2025, 3, 3)}]) == 1
    decisions, wrong = read_decisions(tmp_path)
    assert wrong == []
    assert [(f.decision.decision, f.decision.key_b, f.decision.reason, f.row) for f in decisions] == [
        ("same", "42", "phoned, twice", 2),
        ("same", "43", "两行\n理由", 3),
        ("undo", "42", "phoned, twice", 4),
    ]
    assert {path.name for path in (tmp_path / "stewardship").iterdir()} == {"decisions.csv", ".decisions.lock"}


def test_appending_the_same_again_changes_nothing_but_a_return_to_an_old_decision_is_kept(tmp_path: Path) -> None:
    assert append_decisions(tmp_path, [ROW, ROW]) == 1
    assert append_decisions(tmp_path, [ROW]) == 0
    assert append_decisions(tmp_path, [{**ROW, "decision": "undo"}, ROW]) == 2


def test_a_wrong_row_keeps_all_from_being_appended(tmp_path: Path) -> None:
    append_decisions(tmp_path, [ROW])
    before = (tmp_path / "stewardship" / "decisions.csv").read_bytes()
    with pytest.raises(DecisionsRefused) as caught:
        append_decisions(tmp_path, [{**ROW, "key_a": "9"}, {**ROW, "decision": "maybe", "decided_by": " "}])
    assert str(caught.value).splitlines() == [
        "rows to append:2: decision: expected same, different, parent or undo, found 'maybe'",
        "rows to append:2: decided_by: is missing; Who decided",
    ]
    assert (tmp_path / "stewardship" / "decisions.csv").read_bytes() == before


def test_a_file_of_another_shape_is_not_appended_to(tmp_path: Path) -> None:
    (tmp_path / "stewardship").mkdir()
    path = tmp_path / "stewardship" / "decisions.csv"
    path.write_text(HEADER.replace(",", ";"), encoding="utf-8")
    with pytest.raises(DecisionsRefused, match="cannot be appended to; its first line must be decision,system_a"):
        append_decisions(tmp_path, [ROW])
    path.write_bytes(b"\xef\xbb\xbf" + HEADER.removesuffix("\n").encode())
    assert append_decisions(tmp_path, [ROW]) == 1
    assert len(read_decisions(tmp_path)[0]) == 1


def test_two_programs_that_append_at_once_lose_nothing(tmp_path: Path) -> None:
    (tmp_path / "stewardship").mkdir()
    writers = [
        threading.Thread(target=append_decisions, args=(tmp_path, [{**ROW, "key_a": str(number)}]))
        for number in range(8)
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert sorted(filed.decision.key_a for filed in read_decisions(tmp_path)[0]) == [str(n) for n in range(8)]


def test_a_decision_says_what_the_matcher_needs() -> None:
    filed = FiledDecision(StewardDecision.model_validate(ROW), "stewardship/a.csv", 2)
    assert str(filed.numbered(7)) == "crm:0015 = erp:42 (Ann, 2025-03-02)"
