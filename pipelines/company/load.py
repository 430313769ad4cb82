"""A company folder in, one validated `Company` out, or every problem at once with file, line and field.

Reads files and variables only; contacting the sources is `check`, questions between files are `lint`.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Literal, TypeVar
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ValidationError

from pipelines.company.cycle import AppraisalCycle
from pipelines.company.decisions import FiledDecision, read_decisions
from pipelines.company.documents import ConfigProblem, Document, read_document, read_secrets
from pipelines.company.explain import problems_of
from pipelines.company.incentives import Plan
from pipelines.company.models import (
    DEFAULT_CREDIT_RULES,
    CompanySettings,
    CreditRule,
    CreditRules,
    RestatementApproval,
    RestatementApprovals,
)
from pipelines.company.process import ProcessSettings, default_process
from pipelines.company.sources import COMPANY_VARIABLE, Source, read_source
from pipelines.company.standards import Standard

HASHED_FOLDERS = ("sources", "standards", "incentives", "stewardship", "approvals")
"""Folders that decide results; targets/ and reviews/ are data and land like any other file."""
UNHASHED = "standards/audits/"
"""What is written about standards moves no number."""

AnyModel = TypeVar("AnyModel", bound=BaseModel)
NamedModel = TypeVar("NamedModel", Standard, Plan)
Unset = Literal["error", "defer"]

_SOURCE_NAME = re.compile(r"[a-z][a-z0-9_]*")
_NAME_HINT = "use lower-case letters, digits and underscores, starting with a letter: the name is used in every table"


class CompanyError(Exception):
    """The company folder cannot be used; the text lists every problem, one per line."""

    def __init__(self, problems: Iterable[ConfigProblem]) -> None:
        self.problems = sorted(
            problems, key=lambda problem: (problem.file, problem.line, problem.field, problem.message)
        )
        super().__init__("\n".join(str(problem) for problem in self.problems))


@dataclass(frozen=True)
class FiledApproval:
    """One approved restatement and where it stands: file in the folder, line."""

    approval: RestatementApproval
    file: str
    line: int


@dataclass(frozen=True)
class Company:
    """Everything one company configures, validated file by file. Tuples and mappings are in the files' order."""

    path: Path
    settings: CompanySettings
    sources: tuple[Source, ...]
    credit_rules: tuple[CreditRule, ...]
    process: ProcessSettings
    standards: tuple[Standard, ...]
    cycle: AppraisalCycle | None
    """By when what is done in an appraisal; None where the folder has no appraisal_cycle.yaml."""
    plans: tuple[Plan, ...]
    decisions: tuple[FiledDecision, ...]
    """People's decisions about customer records in the order they count: by date, then file, then row."""
    approvals: tuple[FiledApproval, ...]
    """Approved restatements, by file and place in it."""
    hashes: Mapping[str, str] = field(repr=False)
    """SHA-256 of every file that decides results, by path in the folder."""
    documents: Mapping[str, Document] = field(repr=False)
    """The parsed files by path, so that later findings can name lines; values of variables are not in here."""

    def source(self, name: str) -> Source:
        """The source of that name; KeyError with the known names otherwise."""
        for source in self.sources:
            if source.name == name:
                return source
        raise KeyError(f"no source {name!r} in {self.path / 'sources'}; there are: {[s.name for s in self.sources]}")

    def as_of_date(self, now: datetime) -> date:
        """The day results describe: `as_of` of company.yaml, else the date of `now` in the company's time zone."""
        return self.settings.as_of or now.astimezone(ZoneInfo(self.settings.time_zone)).date()


def load_company(path: Path, environ: Mapping[str, str], unset: Unset = "error") -> Company:
    """The company folder at `path`, or CompanyError with all its problems.

    environ: where `${NAME}` is looked up before `secrets.env`. unset: "error" makes a variable without a value a
    problem; "defer" loads anyway and only `Source.connector` of that source refuses, so that one source without its
    password does not stop the others.
    """
    company, problems = read_company(path, environ, unset)
    if problems or company is None:
        raise CompanyError(problems)
    return company


def read_company(
    path: Path, environ: Mapping[str, str], unset: Unset = "error"
) -> tuple[Company | None, list[ConfigProblem]]:
    """What is valid of the folder, and everything that is not; no company when company.yaml itself is unusable."""
    reading = _Reading(path, environ, unset)
    return reading.company(), reading.problems


def configuration_hash(company: Company) -> str:
    """SHA-256 over the files that decide results, as loaded; secrets and the environment have no part in it."""
    digest = hashlib.sha256()
    for name in sorted(company.hashes):
        digest.update(f"{name}\0{company.hashes[name]}\n".encode())
    return digest.hexdigest()


class _Reading:
    """One pass over a folder that collects problems instead of stopping at the first."""

    def __init__(self, path: Path, environ: Mapping[str, str], unset: Unset) -> None:
        self.root = path.resolve()
        self.unset = unset
        self.problems: list[ConfigProblem] = []
        self.documents: dict[str, Document] = {}
        secrets, problems = read_secrets(self.root)
        self.problems += problems
        self.variables = {**secrets, **environ, COMPANY_VARIABLE: str(self.root)}

    def company(self) -> Company | None:
        if not self._is_company_folder():
            return None
        hashes = _hashes(self.root)
        settings = self._read(self.root / "company.yaml", CompanySettings)
        sources = [self._source(path) for path in self._files("sources")]
        standards = [self._named(path, Standard) for path in self._files("standards")]
        plans = [self._named(path, Plan) for path in self._files("incentives")]
        rules = self._credit_rules()
        process = self._process()
        cycle = self._cycle()
        decisions, problems = read_decisions(self.root)
        self.problems += problems
        approvals = [approval for path in self._files("approvals") for approval in self._approvals(path)]
        if settings is None:
            return None
        return Company(
            path=self.root,
            settings=settings,
            sources=tuple(source for source in sources if source),
            credit_rules=rules,
            process=process,
            standards=tuple(standard for standard in standards if standard),
            cycle=cycle,
            plans=tuple(plan for plan in plans if plan),
            decisions=decisions,
            approvals=tuple(approvals),
            hashes=hashes,
            documents=self.documents,
        )

    def _is_company_folder(self) -> bool:
        if (self.root / "company.yaml").is_file():
            return True
        message = "no such file" if self.root.is_dir() else f"there is no folder {self.root}"
        hint = "make one with `scoreline init DIR`, or point SCORELINE_COMPANY at an existing company folder"
        self.problems.append(ConfigProblem("company.yaml", 0, "", message, hint))
        return False

    def _files(self, folder: str) -> list[Path]:
        found = []
        for path in sorted((self.root / folder).glob("*")) if (self.root / folder).is_dir() else []:
            if path.suffix == ".yaml":
                found.append(path)
            elif path.suffix == ".yml":
                name = path.relative_to(self.root).as_posix()
                self.problems.append(ConfigProblem(name, 0, "", "would be ignored", f"rename it to {path.stem}.yaml"))
        return found

    def _document(self, path: Path) -> Document:
        document = read_document(self.root, path)
        self.documents[document.file] = document
        self.problems += document.problems
        return document

    def _read(self, path: Path, model: type[AnyModel]) -> AnyModel | None:
        document = self._document(path)
        if document.data is None:
            return None
        return self._validated(document, model)

    def _validated(self, document: Document, model: type[AnyModel]) -> AnyModel | None:
        try:
            return model.model_validate(document.data)
        except ValidationError as error:
            self.problems += problems_of(error, document, model)
            return None

    def _credit_rules(self) -> tuple[CreditRule, ...]:
        path = self.root / "credit_rules.yaml"
        if not path.is_file():
            return tuple(CreditRule(rule=rule) for rule in DEFAULT_CREDIT_RULES)
        rules = self._read(path, CreditRules)
        return tuple(rules.root) if rules else ()

    def _process(self) -> ProcessSettings:
        path = self.root / "process.yaml"
        read = self._read(path, ProcessSettings) if path.is_file() else None
        return read or default_process()

    def _cycle(self) -> AppraisalCycle | None:
        path = self.root / "appraisal_cycle.yaml"
        return self._read(path, AppraisalCycle) if path.is_file() else None

    def _named(self, path: Path, model: type[NamedModel]) -> NamedModel | None:
        """A standard or plan, whose id is its file's name."""
        read = self._read(path, model)
        if read and read.id != path.stem:
            document = self.documents[path.relative_to(self.root).as_posix()]
            message = f"expected '{path.stem}' like the file's name, found '{read.id}'"
            self.problems.append(document.problem(("id",), message))
        return read

    def _approvals(self, path: Path) -> list[FiledApproval]:
        read = self._read(path, RestatementApprovals)
        document = self.documents[path.relative_to(self.root).as_posix()]
        rows = enumerate(read.root if read else ())
        return [FiledApproval(approval, document.file, document.line((index,))) for index, approval in rows]

    def _source(self, path: Path) -> Source | None:
        document = self._document(path)
        if not _SOURCE_NAME.fullmatch(path.stem):
            self.problems.append(ConfigProblem(document.file, 0, "", f"'{path.stem}' cannot name a source", _NAME_HINT))
        elif document.data is not None:
            source, problems = read_source(document, path.stem, self.variables, self.unset == "defer")
            self.problems += problems
            return source
        return None


def _hashes(root: Path) -> dict[str, str]:
    paths = [root / name for name in ("appraisal_cycle.yaml", "company.yaml", "credit_rules.yaml", "process.yaml")]
    paths += [path for folder in HASHED_FOLDERS for path in sorted((root / folder).rglob("*"))]
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes().replace(b"\r\n", b"\n")).hexdigest()
        for path in paths
        if path.is_file()
        and not path.relative_to(root).as_posix().startswith(UNHASHED)
        and not any(part.startswith(".") for part in path.relative_to(root).parts)
    }
