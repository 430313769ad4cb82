"""Open questions come with the most money first, are asked once, and go through an Excel sheet and back."""

from datetime import date
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from tests.pipelines.customers.small_warehouse import Desk

GREY = ("crm:1", "erp:10")


def sheet_of(path: Path) -> tuple[Workbook, Worksheet]:
    book = load_workbook(path)
    return book, book["review"]


def write(path: Path, answers: dict[int, dict[str, object]]) -> None:
    """Fill cells: row of the sheet -> column -> value."""
    book, sheet = sheet_of(path)
    columns = {cell.value: cell.column for cell in sheet[1]}
    for row, cells in answers.items():
        for name, value in cells.items():
            sheet.cell(row, columns[name]).value = value
    book.save(path)


@pytest.fixture
def sheet(desk: Desk) -> Path:
    """The open questions as a workbook: row 3 is Hongda, row 4 is Acme."""
    path = desk.root / "questions.xlsx"
    result = desk.scoreline("review", "--excel", str(path))
    assert result.exit_code == 0, result.output
    assert "2 questions written" in result.stdout
    return path


def test_the_smaller_sides_bookings_are_at_stake_and_rank_the_questions(desk: Desk) -> None:
    found = desk.ask("review")
    assert (found["currency"], found["count"], found["at_stake"]) == ("CNY", 2, "170.500000")
    asked = [
        (q["left"]["record"]["record_id"], q["right"]["record"]["record_id"], q["at_stake"]) for q in found["questions"]
    ]
    assert asked == [(*GREY, "120.500000"), ("crm:2", "erp:20", "50.000000")]
    hongda = found["questions"][0]
    assert (hongda["left"]["bookings"], hongda["right"]["bookings"]) == ("900.000000", "120.500000")


def test_several_grey_pairs_of_two_customers_are_one_question(desk: Desk) -> None:
    hongda, acme = desk.ask("review")["questions"]
    assert (hongda["more_pairs"], acme["more_pairs"]) == (1, 0)
    assert hongda["left"]["customer_records"] == 2


def test_evidence_adds_up_and_is_told_in_both_languages(desk: Desk) -> None:
    for question in desk.ask("review")["questions"]:
        assert sum(reason["weight"] for reason in question["reasons"]) == pytest.approx(question["match_weight"])
        assert all(reason["zh"] and reason["en"] for reason in question["reasons"])


def test_limit_shows_the_first_but_counts_all(desk: Desk) -> None:
    found = desk.ask("review", "--limit", "1")
    assert (len(found["questions"]), found["count"]) == (1, 2)


def test_the_screen_shows_both_records_with_chinese_and_english_names(desk: Desk) -> None:
    shown = desk.scoreline("review").stdout
    assert "上海宏达贸易有限公司 / Hongda Trading" in shown
    assert "120.50 CNY at stake / 涉及金额" in shown
    assert "scoreline customers decide same|different crm:1 erp:10" in shown


@pytest.mark.parametrize("kind", ["same", "different", "parent"])
def test_a_decided_question_is_not_asked_again_even_before_the_next_run(desk: Desk, kind: str) -> None:
    assert desk.scoreline("decide", kind, "erp:9", "erp:10", "--why", "asked them").exit_code == 0
    assert [q["left"]["record"]["record_id"] for q in desk.ask("review")["questions"]] == ["crm:2"]


def test_an_undone_decision_opens_the_question_again(desk: Desk) -> None:
    desk.scoreline("decide", "different", *GREY, "--why", "asked them")
    desk.scoreline("decide", "undo", *GREY, "--why", "asked the wrong firm")
    assert desk.ask("review")["count"] == 2


def test_the_sheet_has_a_drop_down_a_frozen_header_hidden_ids_and_both_languages(sheet: Path) -> None:
    book, page = sheet_of(sheet)
    (choice,) = page.data_validations.dataValidation
    assert (choice.formula1, choice.allow_blank, str(choice.sqref)) == ('"same,different,相同,不同"', True, "A3:A4")
    assert page.freeze_panes == "E3"
    assert page.row_dimensions[1].hidden
    columns = {cell.value: cell.column_letter for cell in page[1]}
    assert all(page.column_dimensions[columns[name]].hidden for name in ("system_a", "key_a", "system_b", "key_b"))
    assert page["A2"].value == "裁定\nDecision"
    assert page[f"{columns['at_stake']}2"].value == "涉及金额\nAt stake CNY"
    assert page[f"{columns['customer_name_b']}3"].value == "上海宏达商贸有限公司"
    assert "scoreline customers decide" in str(book["说明 how to"]["B10"].value)


def test_a_name_that_begins_with_a_sign_stays_text(tmp_path: Path) -> None:
    from decimal import Decimal

    from pipelines.customers.lookup import Record
    from pipelines.customers.review import Question, Review, Side
    from pipelines.customers.review_sheet import write_sheet

    sides = [Side(Record("crm", str(n), f"C{n}", {"customer_name": "=1+1\x07"}), "=1+1", 1, Decimal(0)) for n in (1, 2)]
    question = Question(sides[0], sides[1], Decimal(0), 0.0, 0.5, (), 0)
    write_sheet(Review((question,), 1, Decimal(0), "CNY"), tmp_path / "signs.xlsx")
    _, page = sheet_of(tmp_path / "signs.xlsx")
    columns = {cell.value: cell.column for cell in page[1]}
    cell = page.cell(3, columns["customer_name_a"])
    assert (cell.value, cell.data_type) == ("=1+1", "s")


def test_a_filled_in_sheet_is_filed_once(desk: Desk, sheet: Path) -> None:
    write(sheet, {3: {"decision": "same", "reason": "同一法人", "decided_on": date(2025, 7, 2)}})
    first = desk.scoreline("decide", str(sheet), "--who", "Li Lei")
    assert first.exit_code == 0, first.output
    assert "1 decision filed" in first.stdout
    assert desk.filed()[1:] == ["same,crm,1,erp,10,Li Lei,2025-07-02,同一法人"]
    before = desk.decisions.read_bytes()
    again = desk.ask("decide", str(sheet), "--who", "Li Lei")
    assert again == {"new": 0, "known": 1, "overruled": []}
    assert desk.decisions.read_bytes() == before


def test_a_sheet_read_again_after_an_undo_changes_nothing(desk: Desk, sheet: Path) -> None:
    write(sheet, {3: {"decision": "相同", "reason": "同一法人"}})
    desk.scoreline("decide", str(sheet), "--who", "Li Lei")
    desk.scoreline("decide", "undo", *GREY, "--why", "wrong")
    before = desk.decisions.read_bytes()
    assert desk.scoreline("decide", str(sheet), "--who", "Li Lei").exit_code == 0
    assert desk.decisions.read_bytes() == before


def test_blank_rows_are_left_open(desk: Desk, sheet: Path) -> None:
    before = desk.decisions.read_bytes()
    assert desk.ask("decide", str(sheet), "--who", "Li Lei") == {"new": 0, "known": 0, "overruled": []}
    assert desk.decisions.read_bytes() == before


def test_rows_name_their_own_people_and_may_be_sorted_and_deleted(desk: Desk, sheet: Path) -> None:
    book, page = sheet_of(sheet)
    page.delete_rows(3)
    book.save(sheet)
    write(sheet, {3: {"decision": "不同", "decided_by": "Han Mei", "reason": "two firms", "decided_on": "2025/7/3"}})
    desk.scoreline("decide", str(sheet), "--who", "Li Lei")
    assert desk.filed()[1:] == ["different,crm,2,erp,20,Han Mei,2025-07-03,two firms"]


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ({"decision": "maybe", "reason": "x"}, "row 3, 裁定 Decision: 'maybe'; expected same or different"),
        ({"reason": "x"}, "row 3, 裁定 Decision: blank, but the row is filled in otherwise"),
        ({"decision": "same"}, "row 3, 理由 Why: blank; write why"),
        ({"decision": "same", "reason": "x", "decided_on": "soon"}, "row 3, 裁定日期 Decided on: 'soon' is no day"),
        ({"decision": "same", "reason": "x", "key_b": "999"}, "row 3, key_b: no source has the record erp:999"),
    ],
)
def test_a_wrong_row_is_named_and_nothing_is_filed(
    desk: Desk, sheet: Path, cells: dict[str, object], message: str
) -> None:
    write(sheet, {3: cells, 4: {"decision": "same", "reason": "right"}})
    before = desk.decisions.read_bytes()
    result = desk.scoreline("decide", str(sheet), "--who", "Li Lei")
    assert result.exit_code == 2
    assert message in result.stderr and "nothing was filed" in result.stderr
    assert desk.decisions.read_bytes() == before


def test_rows_that_disagree_about_one_pair_are_refused(desk: Desk, sheet: Path) -> None:
    ids = {"system_a": "erp", "key_a": "10", "system_b": "crm", "key_b": "1"}
    write(sheet, {3: {"decision": "same", "reason": "x"}, 4: {"decision": "different", "reason": "y", **ids}})
    result = desk.scoreline("decide", str(sheet), "--who", "Li Lei")
    assert result.exit_code == 2
    assert "rows 3 and 4 say same and different about the same two records" in result.stderr


def test_answers_that_contradict_earlier_ones_are_refused(desk: Desk, sheet: Path) -> None:
    desk.scoreline("decide", "same", "crm:1", "crm:2", "--why", "a")
    desk.scoreline("decide", "different", "crm:2", "erp:10", "--why", "b")
    write(sheet, {3: {"decision": "same", "reason": "c"}})
    before = desk.decisions.read_bytes()
    result = desk.scoreline("decide", str(sheet), "--who", "Li Lei")
    assert result.exit_code == 2
    assert "undo one of these decisions" in result.stderr
    assert desk.decisions.read_bytes() == before


@pytest.mark.parametrize("content", [b"", b"decision,who\n", None])
def test_a_file_that_is_no_such_workbook_is_refused_with_what_was_expected(desk: Desk, content: bytes | None) -> None:
    path = desk.root / "other.xlsx"
    if content is None:
        Workbook().save(path)
    else:
        path.write_bytes(content)
    result = desk.scoreline("decide", str(path), "--who", "Li Lei")
    assert result.exit_code == 2
    assert "scoreline customers review --excel FILE" in result.stderr


def test_a_workbook_with_answers_is_not_written_over(desk: Desk, sheet: Path) -> None:
    result = desk.scoreline("review", "--excel", str(sheet))
    assert result.exit_code == 2
    assert "choose another name" in result.stderr
