"""People's decisions about customer records: the files of `stewardship/`, read into one list, and appended to.

YAML, CSV and Excel files hold the same fields, one decision an entry or row. What decisions mean together is
`pipelines.customers.stewardship`.
"""

import csv
import fcntl
import io
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from connectors.base import SourceError
from connectors.files.config import FileStream
from connectors.files.delimited import read_csv
from connectors.files.excel import read_excel
from connectors.files.values import ROW
from pipelines.company.documents import ConfigProblem, Document, read_document
from pipelines.company.explain import nearest, problems_of
from pipelines.company.models import StewardDecision, StewardDecisions
from pipelines.customers.stewardship import Decision, record_id

FOLDER = "stewardship"
APPENDED = "decisions.csv"
"""The file that programs append to; people may write there as well."""
FIELDS = tuple(StewardDecision.model_fields)
HEADERS_ZH = {
    "裁定": "decision",
    "系统A": "system_a",
    "编号A": "key_a",
    "系统B": "system_b",
    "编号B": "key_b",
    "裁定人": "decided_by",
    "裁定日期": "decided_on",
    "理由": "reason",
}
DECISIONS_ZH = {"相同": "same", "不同": "different", "上级": "parent", "撤销": "undo"}
"""Spreadsheets may say it in Chinese; `parent`: b is above a."""
_READERS = {".csv": read_csv, ".xlsx": read_excel}


class DecisionsRefused(ValueError):
    """Decisions that were to be appended are wrong or the file cannot take them; nothing was written."""

    def __init__(self, problems: Sequence[ConfigProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, problems)))


@dataclass(frozen=True)
class FiledDecision:
    """One decision and where it stands. row: row of a table with the header counted, line of a YAML file."""

    decision: StewardDecision
    file: str
    row: int

    def numbered(self, decision_no: int) -> Decision:
        """The same as the matcher takes it."""
        made = self.decision
        left, right = record_id(made.system_a, made.key_a), record_id(made.system_b, made.key_b)
        return Decision(
            decision_no, made.decision, left, right, made.decided_by, made.decided_on, made.reason, self.file, self.row
        )

    def problem(self, message: str, hint: str = "", field: str = "") -> ConfigProblem:
        """A problem with this decision."""
        return ConfigProblem(self.file, self.row, field, message, hint)


class _AnyColumns(FileStream):
    """Which columns a decision needs is said here, not by the reader of files."""

    @property
    def wanted_columns(self) -> list[str]:
        """None."""
        return []


_COLUMNS = _AnyColumns(name="decisions", glob="*", key=["decision"], aliases=HEADERS_ZH)


def read_decisions(root: Path) -> tuple[tuple[FiledDecision, ...], list[ConfigProblem]]:
    """All valid decisions of a company folder in the order they count (date, file, row), and what is wrong."""
    found: list[FiledDecision] = []
    problems: list[ConfigProblem] = []
    for path in _files(root):
        decisions, wrong = _read(root, path)
        found += decisions
        problems += wrong
    return tuple(sorted(found, key=lambda filed: (filed.decision.decided_on, filed.file, filed.row))), problems


def append_decisions(root: Path, rows: Sequence[Mapping[str, Any]]) -> int:
    """Appends decisions (fields of `StewardDecision`) to `stewardship/decisions.csv`; returns how many are new.

    root: the company folder. All or none are written, and they are on disk when this returns. A row equal to the last
    decision on its two records in that file is not written again, so repeating a call does no harm. Raises
    DecisionsRefused, with row 1 the first of `rows`, when a row is wrong or the file has another header.
    """
    decisions = _validated(rows)
    folder = root / FOLDER
    folder.mkdir(exist_ok=True)
    path = folder / APPENDED
    with _alone(folder):
        text, last = _present(root, path)
        new = []
        for decision in decisions:
            if last.get(_records(decision)) != decision:
                last[_records(decision)] = decision
                new.append(decision)
        if new:
            _replace(path, text + _csv(new))
    return len(new)


def _validated(rows: Sequence[Mapping[str, Any]]) -> list[StewardDecision]:
    read = [_decision("rows to append", number, dict(row)) for number, row in enumerate(rows, 1)]
    problems = [problem for _, wrong in read for problem in wrong]
    if problems:
        raise DecisionsRefused(problems)
    return [decision for decision, _ in read if decision]


def _present(root: Path, path: Path) -> tuple[str, dict[frozenset[tuple[str, str]], StewardDecision]]:
    """Text of the file, ready to be continued, and the last decision per two records in it."""
    if not path.is_file():
        return ",".join(FIELDS) + "\n", {}
    decisions, problems = _read(root, path)
    text = path.read_bytes().decode("utf-8-sig", errors="replace")
    name = path.relative_to(root).as_posix()
    if text.splitlines()[:1] != [",".join(FIELDS)]:
        hint = f"its first line must be {','.join(FIELDS)} in UTF-8; rename the file, it stays valid under another name"
        problems = [*problems, ConfigProblem(name, 1, "", "cannot be appended to", hint)]
    if problems:
        raise DecisionsRefused(problems)
    return text if text.endswith("\n") else text + "\n", {_records(f.decision): f.decision for f in decisions}


def _records(decision: StewardDecision) -> frozenset[tuple[str, str]]:
    return frozenset({(decision.system_a, decision.key_a), (decision.system_b, decision.key_b)})


def _csv(decisions: Sequence[StewardDecision]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([str(getattr(decision, field)) for field in FIELDS] for decision in decisions)
    return text.getvalue()


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One process at a time appends; a killed one gives the lock back by dying."""
    with (folder / ".decisions.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _replace(path: Path, text: str) -> None:
    """In one step and durably: whoever reads, and whatever is killed, finds the old text or the new one."""
    temporary = path.with_name(f".{path.name}.new")
    with temporary.open("w", encoding="utf-8", newline="") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _files(root: Path) -> list[Path]:
    """What people put there; hidden files, examples, readmes and the locks of an open Excel are none of it."""
    if not (root / FOLDER).is_dir():
        return []
    return [
        path
        for path in sorted((root / FOLDER).iterdir())
        if path.is_file() and path.suffix != ".example" and not path.name.startswith((".", "~$", "README"))
    ]


def _read(root: Path, path: Path) -> tuple[list[FiledDecision], list[ConfigProblem]]:
    name = path.relative_to(root).as_posix()
    if path.suffix == ".yaml":
        return _from_yaml(read_document(root, path))
    if path.suffix in _READERS:
        return _from_table(path, name)
    hint = "decisions are read from .yaml, .csv and .xlsx files"
    return [], [ConfigProblem(name, 0, "", "would be ignored", hint)]


def _from_yaml(document: Document) -> tuple[list[FiledDecision], list[ConfigProblem]]:
    if document.data is None:
        return [], document.problems
    try:
        decisions = StewardDecisions.model_validate(document.data).root
    except ValidationError as error:
        return [], document.problems + problems_of(error, document, StewardDecisions)
    filed = [FiledDecision(made, document.file, document.line((index,))) for index, made in enumerate(decisions)]
    return filed, document.problems


def _from_table(path: Path, name: str) -> tuple[list[FiledDecision], list[ConfigProblem]]:
    """Rows of a CSV or Excel file (its first sheet)."""
    try:
        pages = list(_READERS[path.suffix](path, name, _COLUMNS))
    except SourceError as error:
        return [], [ConfigProblem(name, 0, "", str(error).removeprefix(name).lstrip(":, "))]
    header = _header_problems(name, [page.column_names for page in pages][:1])
    if header:
        return [], header
    read = [(row.pop(ROW), row) for page in pages for row in page.to_pylist()]
    filed, problems = [], []
    for number, row in read:
        decision, wrong = _decision(name, number, row)
        problems += wrong
        filed += [FiledDecision(decision, name, number)] if decision else []
    return filed, problems


def _header_problems(name: str, headers: list[list[str]]) -> list[ConfigProblem]:
    columns = [column for header in headers for column in header if column != ROW]
    if not columns:
        return []
    missing = [field for field in FIELDS if field not in columns]
    unknown = [column for column in columns if column not in FIELDS]
    hint = f"the header names the columns: {', '.join(FIELDS)}"
    return [
        *(ConfigProblem(name, 1, field, "there is no such column", hint) for field in missing),
        *(ConfigProblem(name, 1, column, "unknown column", nearest(column, FIELDS)) for column in unknown),
    ]


def _decision(name: str, row: int, fields: Mapping[str, Any]) -> tuple[StewardDecision | None, list[ConfigProblem]]:
    """The decision of one row; empty cells are missing fields, a row without any is skipped."""
    filled = {field: value for field, value in fields.items() if value is not None and str(value).strip()}
    if not filled:
        return None, []
    if "decision" in filled:
        word = str(filled["decision"]).strip()
        filled["decision"] = DECISIONS_ZH.get(word, word)
    try:
        return StewardDecision.model_validate(filled), []
    except ValidationError as error:
        document = Document(name, filled, {(): row, **{(field,): row for field in filled}})
        return None, problems_of(error, document, StewardDecision)
