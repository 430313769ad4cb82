"""The open questions as an Excel workbook that people fill in, and the filled-in workbook read back.

Sheet `review`: row 1 (hidden) names the columns for the reader, row 2 for people, in Chinese and English; then one row
per question, which may be sorted, filtered and deleted. The records' ids stand in hidden columns. Sheet `说明 how to`
says what to do. Nothing here writes decisions; `decisions_in` returns what the rows say.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from openpyxl import Workbook, load_workbook
from openpyxl.cell import Cell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from pipelines.customers.lookup import FIELDS
from pipelines.customers.review import Question, Review
from pipelines.customers.words import FIELD_WORDS, Language, both, parent_words, pick, times

SHEET = "review"
WORDS = {"same": "same", "different": "different", "相同": "same", "不同": "different"}
"""What may be written into the column of decisions, and what it means."""

_HEADER_ROW, _TITLE_ROW = 1, 2
_ID_COLUMNS = ("system_a", "key_a", "system_b", "key_b")
_INPUT = {
    "decision": ("裁定", "Decision"),
    "decided_by": ("裁定人", "Who"),
    "reason": ("理由", "Why"),
    "decided_on": ("裁定日期", "Decided on"),
}
_FACTS = {
    "at_stake": ("涉及金额", "At stake"),
    "match_probability": ("概率", "Probability"),
    "customer_a": ("客户A", "Customer A"),
    "customer_b": ("客户B", "Customer B"),
    "bookings_a": ("A签约额", "Bookings A"),
    "bookings_b": ("B签约额", "Bookings B"),
    "evidence_zh": ("证据", "Evidence (Chinese)"),
    "evidence_en": ("证据（英文）", "Evidence"),
}
_WIDTHS = {"decision": 12, "decided_by": 14, "reason": 30, "decided_on": 12, "evidence_zh": 44, "evidence_en": 52}
_DAY = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_MONEY, _SHARE, _DATE = "#,##0.00", "0.0%", "yyyy-mm-dd"
_INPUT_FILL = PatternFill("solid", fgColor="FFF4CC")
_TITLE_FILL = PatternFill("solid", fgColor="DDE6F0")
_EQUAL_FILL = PatternFill("solid", fgColor="E3F2E1")

_HOW_TO = (
    ("每一行是一个问题：客户A与客户B是否为同一客户？", "Each row is a question: are customers A and B one customer?"),
    (
        "在“裁定”列选择 same（相同）或 different（不同）；不确定请留空，下次还会再问。",
        "Choose same or different in the column Decision; leave it blank when in doubt: it will be asked again.",
    ),
    (
        "“理由”必填；“裁定人”留空时取命令行的 --who。",
        "Why is needed. Who may stay blank: then --who of the command counts.",
    ),
    (
        "“裁定日期”留空时取本文件最后保存的日期。",
        "Decided on may stay blank: then the day this file was last saved counts.",
    ),
    (
        "涉及金额：两个客户中签约额较小一方的签约额（已确认订单减退货，全部年份，报告货币），即合并后会改变归属的金额。",
        "At stake: the bookings of the smaller of the two customers (confirmed orders less returns, all years, "
        "reporting currency): what would belong to another customer if the two became one.",
    ),
    ("绿色单元格：双方写法完全相同。", "Green cells: both sides wrote exactly the same."),
    (
        "分支机构与总部请留空，改用 `scoreline customers decide parent A B`（A 为分支）：分开并记录隶属关系。",
        "Leave a branch and its head office blank and use `scoreline customers decide parent A B` (A is the branch): "
        "that keeps them apart and notes where it belongs.",
    ),
    (
        "可以排序、筛选、删行；请勿改动隐藏的行和列。",
        "Sort, filter and delete rows as you like; leave hidden rows and columns alone.",
    ),
    ("填好后运行：", "When done:"),
    ("scoreline customers decide FILE.xlsx --who NAME", "scoreline customers decide FILE.xlsx --who NAME"),
)


class SheetRefused(ValueError):
    """The workbook cannot be read back; every problem is a line: file, row, column, what was expected, what to do."""


@dataclass(frozen=True)
class SheetRow:
    """A decision as the sheet says it: the fields of a filed decision, and the row it stands in."""

    row: int
    fields: Mapping[str, Any]


def write_sheet(found: Review, path: Path) -> None:
    """Write the questions of a review to a new workbook at `path`; an existing file is replaced."""
    book = Workbook()
    sheet = book.active
    sheet.title = SHEET
    columns = _columns(found.questions)
    _write_head(sheet, columns, found.currency)
    for row, question in enumerate(found.questions, _TITLE_ROW + 1):
        _write_row(sheet, row, columns, _cells(question))
    _furnish(sheet, columns, len(found.questions))
    _write_how_to(book.create_sheet("说明 how to"))
    book.save(path)


def _columns(questions: Iterable[Question]) -> list[str]:
    """Names of the columns in order; a field of the records has two, if any record shown has it."""
    used = {name for question in questions for side in (question.left, question.right) for name in side.record.fields}
    fields = [f"{name}_{side}" for name in FIELDS if name in used for side in "ab"]
    return [*_INPUT, *_FACTS, "record_a", "record_b", *fields, *_ID_COLUMNS]


def _title(column: str, currency: str) -> str:
    if column in _INPUT | _FACTS:
        title = "\n".join({**_INPUT, **_FACTS}[column])
        return f"{title} {currency}" if column in ("at_stake", "bookings_a", "bookings_b") else title
    name, _, side = column.rpartition("_")
    words = ("来源记录", "record") if name == "record" else FIELD_WORDS.get(name, (name, name))
    return f"{side.upper()} {words[0]}\n{words[1]}"


def _write_head(sheet: Worksheet, columns: Sequence[str], currency: str) -> None:
    for number, column in enumerate(columns, 1):
        sheet.cell(_HEADER_ROW, number, column)
        title = sheet.cell(_TITLE_ROW, number, _title(column, currency))
        title.font, title.fill = Font(bold=True), _TITLE_FILL
        title.alignment = Alignment(wrap_text=True, vertical="top")
    sheet.row_dimensions[_HEADER_ROW].hidden = True
    sheet.row_dimensions[_TITLE_ROW].height = 32


def _cells(question: Question) -> dict[str, Any]:
    left, right = question.left, question.right
    cells: dict[str, Any] = {
        "at_stake": question.at_stake,
        "match_probability": question.match_probability,
        "bookings_a": left.bookings,
        "bookings_b": right.bookings,
        "evidence_zh": _evidence(question, "zh"),
        "evidence_en": _evidence(question, "en"),
    }
    for letter, side in (("a", left), ("b", right)):
        cells |= {f"{name}_{letter}": value for name, value in side.record.fields.items()}
        cells |= {
            f"customer_{letter}": f"{side.customer_names}\n{side.record.customer_key} ({side.customer_records})",
            f"record_{letter}": side.record.record_id,
            f"system_{letter}": side.record.source_system,
            f"key_{letter}": side.record.source_key,
        }
    return cells


def _evidence(question: Question, language: Language) -> str:
    form = "{}：{}（{}）" if language == "zh" else "{}: {} ({})"
    known = [parent_words(parent, language) for parent in question.parents]
    reasons = [
        form.format(
            pick((reason.comparison_zh, reason.comparison_en), language),
            pick((reason.zh, reason.en), language),
            times(reason.weight, language),
        )
        for reason in question.reasons
        if reason.comparison != "start"
    ]
    return "\n".join([*known, *reasons])


def _write_row(sheet: Worksheet, row: int, columns: Sequence[str], cells: Mapping[str, Any]) -> None:
    for number, column in enumerate(columns, 1):
        cell = sheet.cell(row, number)
        _set(cell, cells.get(column))
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        cell.number_format = _format(column)
        if column in _INPUT:
            cell.fill = _INPUT_FILL
        elif column.endswith("_b") and column[:-2] in FIELDS and _is_equal(cells, column[:-2]):
            cell.fill = sheet.cell(row, number - 1).fill = _EQUAL_FILL


def _is_equal(cells: Mapping[str, Any], field: str) -> bool:
    return cells.get(f"{field}_a") is not None and cells.get(f"{field}_a") == cells.get(f"{field}_b")


def _set(cell: Cell, value: Any) -> None:
    """Text stays text: a name that begins with = is no formula, and signs that a workbook cannot hold are left out."""
    if isinstance(value, str):
        cell.value = ILLEGAL_CHARACTERS_RE.sub("", value)
        cell.data_type = "s"
    else:
        cell.value = value


def _format(column: str) -> str:
    special = {"at_stake": _MONEY, "bookings_a": _MONEY, "bookings_b": _MONEY, "match_probability": _SHARE}
    return _DATE if column == "decided_on" else special.get(column, "@" if column not in _FACTS else "General")


def _furnish(sheet: Worksheet, columns: Sequence[str], rows: int) -> None:
    """Drop-down, frozen header, filter, widths; the ids out of sight."""
    last = _TITLE_ROW + rows
    choice = DataValidation(type="list", formula1=f'"{",".join(WORDS)}"', allow_blank=True, showErrorMessage=True)
    choice.error, choice.errorTitle = "same / different (相同 / 不同)", "裁定 Decision"
    letters = {column: get_column_letter(number) for number, column in enumerate(columns, 1)}
    if rows:
        choice.add(f"{letters['decision']}{_TITLE_ROW + 1}:{letters['decision']}{last}")
        sheet.add_data_validation(choice)
    sheet.freeze_panes = f"{get_column_letter(len(_INPUT) + 1)}{_TITLE_ROW + 1}"
    sheet.auto_filter.ref = f"A{_TITLE_ROW}:{get_column_letter(len(columns))}{max(last, _TITLE_ROW)}"
    for column, letter in letters.items():
        sheet.column_dimensions[letter].width = _WIDTHS.get(column, 20)
        sheet.column_dimensions[letter].hidden = column in _ID_COLUMNS


def _write_how_to(sheet: Worksheet) -> None:
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 70, 90
    for row, pair in enumerate(_HOW_TO, 1):
        for column, text in enumerate(pair, 1):
            sheet.cell(row, column, text).alignment = Alignment(wrap_text=True, vertical="top")


def decisions_in(path: Path, who: str | None, why: str | None, known: Iterable[str], zone: tzinfo) -> list[SheetRow]:
    """The filled-in rows of a workbook, with `who` and `why` where a row leaves them blank.

    known: record ids that exist. zone: the company's, for the day the file was saved. SheetRefused lists every row that
    cannot be taken; then none is.
    """
    book = _open(path)
    sheet = book[SHEET] if SHEET in book.sheetnames else None
    columns = _header(sheet) if sheet is not None else {}
    missing = [name for name in (*_INPUT, *_ID_COLUMNS) if name not in columns]
    if sheet is None or missing:
        what = (
            f"has no columns {', '.join(missing)} in row {_HEADER_ROW}"
            if sheet is not None
            else f"has no sheet {SHEET!r}"
        )
        raise SheetRefused(f"{path.name}: {what}; expected a workbook of `scoreline customers review --excel FILE`")
    saved = _saved_on(book.properties.modified, zone)
    ids, rows, problems = set(known), [], []
    for number, values in enumerate(sheet.iter_rows(min_row=_TITLE_ROW + 1, values_only=True), _TITLE_ROW + 1):
        cells = {name: values[index] for name, index in columns.items()}
        if any(not _is_blank(cells[name]) for name in _INPUT):
            fields, wrong = _decision(cells, who, why, saved, ids)
            problems += [f"{path.name}: row {number}, {_named(column)}: {text}" for column, text in wrong]
            rows.append(SheetRow(number, fields))
    problems += [f"{path.name}: {text}" for text in _twice(rows)]
    if problems:
        raise SheetRefused("\n".join([*problems, "nothing was filed; mend the rows and read the file again"]))
    return rows


def _open(path: Path) -> Workbook:
    try:
        return load_workbook(path, data_only=True)
    except (InvalidFileException, BadZipFile, KeyError, OSError) as error:
        raise SheetRefused(
            f"{path}: cannot be read as an Excel workbook ({type(error).__name__}); expected the .xlsx file that "
            "`scoreline customers review --excel FILE` wrote, saved and closed"
        ) from None


def _header(sheet: Worksheet) -> dict[str, int]:
    rows = next(sheet.iter_rows(min_row=_HEADER_ROW, max_row=_HEADER_ROW, values_only=True), ())
    return {str(name): index for index, name in enumerate(rows) if name}


def _saved_on(modified: datetime | None, zone: tzinfo) -> date:
    """The day the file was last saved: reading the same file tomorrow gives the same decisions."""
    moment = modified or datetime.now(UTC)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(zone).date()


def _named(column: str) -> str:
    return both(_INPUT[column]) if column in _INPUT else column


def _is_blank(value: Any) -> bool:
    return value is None or not str(value).strip()


def _decision(
    cells: Mapping[str, Any], who: str | None, why: str | None, saved: date, known: set[str]
) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """The decision of one row and what is wrong with it, by column."""
    word = "" if _is_blank(cells["decision"]) else str(cells["decision"]).strip()
    fields = {
        "decision": WORDS.get(word.lower(), ""),
        **{name: _text(cells[name]) for name in _ID_COLUMNS},
        "decided_by": _text(cells["decided_by"]) or (who or ""),
        "decided_on": saved if _is_blank(cells["decided_on"]) else _day(cells["decided_on"]),
        "reason": _text(cells["reason"]) or (why or ""),
    }
    wrong = [(column, text) for column, is_wrong, text in _rules(cells, fields, word, known) if is_wrong]
    return fields, wrong


def _rules(
    cells: Mapping[str, Any], fields: Mapping[str, Any], word: str, known: set[str]
) -> Iterable[tuple[str, bool, str]]:
    expected = "expected same or different (相同, 不同)"
    yield "decision", not word, f"blank, but the row is filled in otherwise; {expected}, or clear the row"
    yield "decision", bool(word) and not fields["decision"], f"{word!r}; {expected}, or clear the cell to leave it open"
    yield "decided_by", not fields["decided_by"], "blank; write who decided, or give --who"
    yield "reason", not fields["reason"], "blank; write why, so that others can follow the decision later"
    shown = cells["decided_on"]
    yield "decided_on", fields["decided_on"] is None, f"{shown!r} is no day; expected YYYY-MM-DD, or leave it blank"
    for side in "ab":
        name = f"{fields[f'system_{side}']}:{fields[f'key_{side}']}"
        hint = "the hidden columns were changed, or the record left its source: clear the decision of this row"
        yield f"key_{side}", name not in known, f"no source has the record {name}; {hint}"


def _text(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else str(value).strip()


def _day(value: Any) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    written = _DAY.fullmatch(str(value).strip())
    try:
        return date(*map(int, written.groups())) if written else None
    except ValueError:
        return None


def _twice(rows: Iterable[SheetRow]) -> Iterable[str]:
    """Rows that say different things about the same two records."""
    first: dict[frozenset[tuple[str, str]], SheetRow] = {}
    for row in rows:
        pair = frozenset((row.fields[f"system_{side}"], row.fields[f"key_{side}"]) for side in "ab")
        other = first.setdefault(pair, row)
        if other.fields["decision"] != row.fields["decision"]:
            yield (
                f"rows {other.row} and {row.row} say {other.fields['decision']} and {row.fields['decision']} about the "
                "same two records; keep one of them"
            )
