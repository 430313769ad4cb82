"""Has every standard been audited for fairness before it takes effect? Refuses those that have not."""

from collections.abc import Iterator
from datetime import date

from pipelines.company.audits import Audit, audit_file, content_hash, read_audits
from pipelines.company.documents import Document, Location
from pipelines.company.findings import Finding, error, warning
from pipelines.company.load import Company
from pipelines.company.standards import Standard, StandardVersion


def audit_findings(company: Company) -> Iterator[Finding]:
    """Versions without audit, with an audit of another content, edited audits, failures without waiver."""
    read, problems = read_audits(company.path)
    yield from (Finding("error", problem) for problem in problems)
    audits = {document.file: (audit, document) for audit, document in read}
    broken = {problem.file for problem in problems}
    wanted = set()
    for standard, index, version in audited_versions(company):
        file = audit_file(standard.id, version.version)
        wanted.add(file)
        if file in audits:
            yield from _audit(company, standard, index, *audits[file])
        elif file not in broken:
            message = f"version {version.version} takes effect on {version.valid_from} without a fairness audit"
            yield error(_document(company, standard), _at(index), message, _how(standard, version))
    for file, (audit, document) in audits.items():
        yield from _file(document, audit)
        if file not in wanted:
            yield from _idle(company, audit, document)


def audited_versions(company: Company) -> Iterator[tuple[Standard, int, StandardVersion]]:
    """The versions that need an audit, with their place in the file.

    Those valid from `fairness.required_from` of company.yaml on, but for the first that ever judged a role by such
    periods: before it nobody had a score to audit it on.
    """
    for standard in company.standards:
        for index, version in enumerate(standard.versions):
            first = _first(company, standard.role, version.period_type)
            if version.valid_from >= company.settings.fairness.required_from and version.valid_from > first:
                yield standard, index, version


def _first(company: Company, role: str, period_type: str) -> date:
    return min(
        version.valid_from
        for standard in company.standards
        for version in standard.versions
        if (standard.role, version.period_type) == (role, period_type)
    )


def _audit(company: Company, standard: Standard, index: int, audit: Audit, document: Document) -> Iterator[Finding]:
    version = standard.versions[index]
    if audit.content != content_hash(standard, version):
        message = f"version {version.version} is not what {document.file} audited: it was changed since"
        yield error(_document(company, standard), _at(index), message, _how(standard, version))
    elif audit.result == "fail" and audit.waiver is None:
        failures = sum(one.level == "fail" for one in audit.findings)
        message = f"version {version.version} failed its fairness audit ({failures} findings, see {document.file})"
        hint = "change the standard, or write a waiver with by, reason and on into that file"
        yield error(_document(company, standard), _at(index), message, hint)
    elif audit.result == "too_few_people":
        message = f"version {version.version}: too few people to audit ({audit.people})"
        yield warning(_document(company, standard), _at(index), message, "look at the people one by one")


def _file(document: Document, audit: Audit) -> Iterator[Finding]:
    """What is wrong with one file, whatever the standard says now."""
    if document.file != audit.file:
        message = f"expected {audit.file} like standard and version, found {document.file}"
        yield error(document, (), message, "rename the file")
    if audit.seal != audit.expected_seal():
        message = "the figures were changed after the audit"
        yield error(document, ("seal",), message, "make the audit again with `scoreline fairness`")
    if audit.waiver is not None and audit.waiver.on < audit.made_on:
        message = f"the waiver is of {audit.waiver.on}, before the audit of {audit.made_on}"
        yield error(document, ("waiver", "on"), message, "a waiver answers what the audit found; write a new one")
    if audit.waiver is not None and audit.result != "fail":
        yield warning(document, ("waiver",), "there is nothing to waive", "leave the waiver out")


def _idle(company: Company, audit: Audit, document: Document) -> Iterator[Finding]:
    known = {(standard.id, version.version) for standard in company.standards for version in standard.versions}
    if (audit.standard, audit.version) not in known:
        message = f"there is no version {audit.version} of a standard '{audit.standard}'"
        yield warning(document, ("standard",), message, "add the version, or remove the audit")


def _document(company: Company, standard: Standard) -> Document:
    return company.documents[f"standards/{standard.id}.yaml"]


def _at(index: int) -> Location:
    return ("versions", index, "valid_from")


def _how(standard: Standard, version: StandardVersion) -> str:
    return (
        f"run `scoreline fairness --standard standards/{standard.id}.yaml --version {version.version} --period P` "
        f"with a past {version.period_type}"
    )
