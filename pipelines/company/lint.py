"""Questions that one file cannot answer alone: names that must exist elsewhere, weights that must sum to 100.

An error makes `scoreline check` fail; a warning does not. Loading accepts all of this on purpose: the gate judges the
numbers that go into a release, and a person asks here before it comes to that.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import SecretStr

from pipelines.company import explain, registry
from pipelines.company.audit_lint import audit_findings
from pipelines.company.calendar import idle_extras
from pipelines.company.documents import ConfigProblem, Document, Location
from pipelines.company.findings import Finding, error, warning
from pipelines.company.incentive_lint import incentive_findings
from pipelines.company.load import Company, FiledApproval
from pipelines.company.models import VARIABLE
from pipelines.company.periods import closed_periods
from pipelines.company.process import ANY_SYSTEM, PROCESSES
from pipelines.company.sources import Source, source_model
from pipelines.company.standard_lint import standard_findings
from pipelines.customers.stewardship import contradictions, idle_undos

KNOWN_FOLDERS = ("approvals", "incentives", "reviews", "sources", "standards", "stewardship", "targets")
KNOWN_FILES = ("appraisal_cycle.yaml", "company.yaml", "credit_rules.yaml", "process.yaml", "secrets.env")
COUNTED_STAGES = ("qualification", "proposal", "negotiation")
"""Stages of an opportunity that the conversion metrics look for."""


def lint(company: Company) -> list[Finding]:
    """Everything that is valid file by file and still wrong or doubtful as a whole, in file order."""
    found = [
        *_settings(company),
        *_layout(company),
        *standard_findings(company),
        *audit_findings(company),
        *incentive_findings(company),
        *(finding for source in company.sources for finding in _source(company, source)),
        *_process(company),
        *_decisions(company),
        *_approvals(company),
    ]
    return sorted(found, key=lambda finding: (finding.problem.file, finding.problem.line, finding.problem.field))


def _settings(company: Company) -> Iterator[Finding]:
    document = company.documents["company.yaml"]
    names = [source.name for source in company.sources]
    for field in ("org_sources", "customer_sources"):
        for index, name in enumerate(getattr(company.settings, field)):
            if name not in names:
                message = f"there is no source '{name}'"
                yield error(document, (field, index), message, explain.nearest(name, names))
    if not names:
        yield warning(document, (), "there is no source yet", "add a file to sources/")
    yield from _titles_of_two_roles(company, document)
    yield from _calendar(company, document)


def _calendar(company: Company, document: Document) -> Iterator[Finding]:
    for field, index, day in idle_extras(company.settings.calendar):
        message = f"{day} changes nothing: it is so without being named, or lies before the calendar begins"
        yield warning(document, ("calendar", field, index), message, "correct the day or leave it out")


def _titles_of_two_roles(company: Company, document: Document) -> Iterator[Finding]:
    owner: dict[str, str] = {}
    for role, titles in company.settings.roles.items():
        for index, title in enumerate(titles):
            if owner.setdefault(title, role) != role:
                message = f"the title '{title}' already means {owner[title]}"
                yield error(document, ("roles", role, index), message, "a title means one role; keep one of the two")


def _layout(company: Company) -> Iterator[Finding]:
    for path in sorted(company.path.iterdir()):
        known = KNOWN_FOLDERS if path.is_dir() else KNOWN_FILES
        if path.name in known or path.name.startswith((".", "README")) or path.suffix == ".example":
            continue
        hint = explain.nearest(path.name, known)
        problem = ConfigProblem(path.name, 0, "", "is not part of a company folder and is not read", hint)
        yield Finding("warning", problem)


def _source(company: Company, source: Source) -> Iterator[Finding]:
    document = company.documents[f"sources/{source.name}.yaml"]
    yield from _written_secrets(document, source)
    offered = source.system_streams()
    for index, name in enumerate(source.streams or ()):
        if name not in offered:
            message = f"the source has no stream '{name}'"
            yield error(document, ("streams", index), message, explain.nearest(name, offered))
    for problem in source.mapping.stream_problems(offered) if source.mapping else ():
        yield error(document, ("mapping",), problem)


def _process(company: Company) -> Iterator[Finding]:
    document = company.documents.get("process.yaml")
    if document is None:
        return
    scopes = [ANY_SYSTEM, *(source.name for source in company.sources), *registry.TYPES]
    for process in PROCESSES:
        for index, stage in enumerate(getattr(company.process, process) or ()):
            for scope in stage.synonyms:
                if scope not in scopes:
                    message = f"'{scope}' is neither a source nor a type of system"
                    yield error(document, (process, index, "synonyms", scope), message, explain.nearest(scope, scopes))
    ids = [stage.stage for stage in company.process.stages("opportunity")]
    for name in COUNTED_STAGES:
        if name not in ids:
            message = f"there is no stage '{name}', so the metric {name}_conversion has no data"
            yield warning(document, ("opportunity",), message, explain.nearest(name, ids))


def _decisions(company: Company) -> Iterator[Finding]:
    names = [source.name for source in company.sources]
    for filed in company.decisions:
        for field in ("system_a", "system_b"):
            name = getattr(filed.decision, field)
            if name not in names:
                hint = explain.nearest(name, names)
                yield Finding("warning", filed.problem(f"there is no source '{name}'", hint, field))
    decisions = [filed.numbered(number) for number, filed in enumerate(company.decisions, 1)]
    for problem in [*contradictions(decisions), *idle_undos(decisions)]:
        filed = company.decisions[problem.decision.decision_no - 1]
        level: Literal["error", "warning"] = "error" if problem.is_contradiction else "warning"
        yield Finding(level, filed.problem(problem.message, problem.hint))


def _approvals(company: Company) -> Iterator[Finding]:
    known: dict[str, FiledApproval] = {}
    closed = {(one.period_type, one.period_start) for one in closed_periods(company.settings, date.max)}
    for filed in company.approvals:
        approval = filed.approval
        if (first := known.setdefault(approval.id, filed)) is not filed:
            message = f"the id '{approval.id}' is taken by {first.file}:{first.line}"
            yield Finding("error", ConfigProblem(filed.file, filed.line, "id", message, "give each approval its own"))
        if (approval.period_type, approval.period_start) not in closed:
            message = f"no closed {approval.period_type} starts on {approval.period_start}, so it approves nothing"
            yield Finding(
                "warning", ConfigProblem(filed.file, filed.line, "period_start", message, "correct the period")
            )


def _written_secrets(document: Document, source: Source) -> Iterator[Finding]:
    """Secrets written into a file that people share; they belong into the environment or secrets.env."""
    for location in written_secrets(document, source):
        hint = f"write ${{{source.name.upper()}_{str(location[-1]).upper()}}} here and its value into secrets.env"
        yield error(document, location, "a secret is written into the file", hint)


def written_secrets(document: Document, source: Source) -> Iterator[Location]:
    """Where a source's file holds a secret as text instead of a reference to a variable."""
    for location, value in _texts(document.data.get("connection"), ("connection",)):
        kinds = explain.types_at(source_model(source.type), location)
        if not value or VARIABLE.search(value) or SecretStr not in kinds or _is_address_without_password(value):
            continue
        if _is_field(source, location) or explain.sounds_secret(str(location[-1])):
            yield location


def _is_address_without_password(value: str) -> bool:
    return "://" in value and urlsplit(value).password is None


def _is_field(source: Source, location: Location) -> bool:
    """Whether the place is a field of its own, and not one entry of a free list of options."""
    return str(location[-1]) in explain.field_names(source_model(source.type), location[:-1])


def _texts(value: Any, at: Location) -> Iterator[tuple[Location, str]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _texts(item, (*at, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _texts(item, (*at, index))
    elif value is not None:
        yield at, str(value)
