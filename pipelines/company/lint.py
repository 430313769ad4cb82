"""Questions that one file cannot answer alone: names that must exist elsewhere, weights that must sum to 100.

An error makes `scoreline check` fail; a warning does not. Loading accepts all of this on purpose: the gate judges the
numbers that go into a release, and a person asks here before it comes to that.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import SecretStr

from pipelines.company import explain, registry
from pipelines.company.calendar import idle_extras
from pipelines.company.documents import ConfigProblem, Document, Location
from pipelines.company.load import Company
from pipelines.company.models import VARIABLE, Standard, StandardVersion
from pipelines.company.process import ANY_SYSTEM, PROCESSES
from pipelines.company.sources import Source, source_model
from pipelines.customers.stewardship import contradictions, idle_undos

METRIC_REGISTRY = Path(__file__).parents[2] / "dbt_project" / "seeds" / "metric_registry.csv"
KNOWN_FOLDERS = ("incentives", "reviews", "sources", "standards", "stewardship", "targets")
KNOWN_FILES = ("company.yaml", "credit_rules.yaml", "process.yaml", "secrets.env")
COUNTED_STAGES = ("qualification", "proposal", "negotiation")
"""Stages of an opportunity that the conversion metrics look for."""


@dataclass(frozen=True)
class Finding:
    """One thing worth a person's attention; `level` "error" makes the check fail."""

    level: Literal["error", "warning"]
    problem: ConfigProblem


def lint(company: Company) -> list[Finding]:
    """Everything that is valid file by file and still wrong or doubtful as a whole, in file order."""
    found = [
        *_settings(company),
        *_layout(company),
        *(finding for standard in company.standards for finding in _standard(company, standard)),
        *(finding for source in company.sources for finding in _source(company, source)),
        *_process(company),
        *_decisions(company),
    ]
    return sorted(found, key=lambda finding: (finding.problem.file, finding.problem.line, finding.problem.field))


@cache
def known_metrics(registry: Path = METRIC_REGISTRY) -> frozenset[str]:
    """Metric ids of the dbt project's metric registry."""
    with registry.open(encoding="utf-8", newline="") as lines:
        return frozenset(row["metric"] for row in csv.DictReader(lines))


def _settings(company: Company) -> Iterator[Finding]:
    document = company.documents["company.yaml"]
    names = [source.name for source in company.sources]
    for field in ("org_sources", "customer_sources"):
        for index, name in enumerate(getattr(company.settings, field)):
            if name not in names:
                message = f"there is no source '{name}'"
                yield _error(document, (field, index), message, explain.nearest(name, names))
    if not names:
        yield _warning(document, (), "there is no source yet", "add a file to sources/")
    yield from _titles_of_two_roles(company, document)
    yield from _calendar(company, document)


def _calendar(company: Company, document: Document) -> Iterator[Finding]:
    for field, index, day in idle_extras(company.settings.calendar):
        message = f"{day} changes nothing: it is so without being named, or lies before the calendar begins"
        yield _warning(document, ("calendar", field, index), message, "correct the day or leave it out")


def _titles_of_two_roles(company: Company, document: Document) -> Iterator[Finding]:
    owner: dict[str, str] = {}
    for role, titles in company.settings.roles.items():
        for index, title in enumerate(titles):
            if owner.setdefault(title, role) != role:
                message = f"the title '{title}' already means {owner[title]}"
                yield _error(document, ("roles", role, index), message, "a title means one role; keep one of the two")


def _layout(company: Company) -> Iterator[Finding]:
    for path in sorted(company.path.iterdir()):
        known = KNOWN_FOLDERS if path.is_dir() else KNOWN_FILES
        if path.name in known or path.name.startswith((".", "README")) or path.suffix == ".example":
            continue
        hint = explain.nearest(path.name, known)
        problem = ConfigProblem(path.name, 0, "", "is not part of a company folder and is not read", hint)
        yield Finding("warning", problem)


def _standard(company: Company, standard: Standard) -> Iterator[Finding]:
    document = company.documents[f"standards/{standard.id}.yaml"]
    if standard.role not in company.settings.roles:
        message = f"company.yaml has no role '{standard.role}'"
        yield _error(document, ("role",), message, explain.nearest(standard.role, company.settings.roles))
    for index, version in enumerate(standard.versions):
        at: Location = ("versions", index)
        yield from _weights(document, at, version)
        yield from _grades(document, at, version)


def _weights(document: Document, at: Location, version: StandardVersion) -> Iterator[Finding]:
    total = sum((weight.weight for weight in version.weights), Decimal(0))
    if total != 100:
        yield _error(document, (*at, "weights"), f"the weights sum to {total}, not to 100")
    seen: set[str] = set()
    for index, weight in enumerate(version.weights):
        here = (*at, "weights", index)
        if weight.weight < 0:
            yield _error(document, (*here, "weight"), f"a weight cannot be negative, found {weight.weight}")
        if weight.metric in seen:
            yield _error(document, (*here, "metric"), f"'{weight.metric}' is weighed twice", "merge the two weights")
        if weight.metric not in known_metrics():
            hint = explain.nearest(weight.metric, known_metrics())
            yield _error(document, (*here, "metric"), f"unknown metric '{weight.metric}'", hint)
        seen.add(weight.metric)


def _grades(document: Document, at: Location, version: StandardVersion) -> Iterator[Finding]:
    borders = [grade.min_score for grade in version.grades]
    for index in range(1, len(borders)):
        if borders[index] >= borders[index - 1]:
            message = f"grades go from best to lowest, but {borders[index]} is not below {borders[index - 1]}"
            yield _error(document, (*at, "grades", index, "min_score"), message)
    if min(borders) > 0:
        message = f"a score below {min(borders)} earns no grade"
        yield _warning(document, (*at, "grades"), message, "give the lowest grade min_score 0")


def _source(company: Company, source: Source) -> Iterator[Finding]:
    document = company.documents[f"sources/{source.name}.yaml"]
    yield from _written_secrets(document, source)
    offered = source.system_streams()
    for index, name in enumerate(source.streams or ()):
        if name not in offered:
            message = f"the source has no stream '{name}'"
            yield _error(document, ("streams", index), message, explain.nearest(name, offered))
    for problem in source.mapping.stream_problems(offered) if source.mapping else ():
        yield _error(document, ("mapping",), problem)


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
                    yield _error(document, (process, index, "synonyms", scope), message, explain.nearest(scope, scopes))
    ids = [stage.stage for stage in company.process.stages("opportunity")]
    for name in COUNTED_STAGES:
        if name not in ids:
            message = f"there is no stage '{name}', so the metric {name}_conversion has no data"
            yield _warning(document, ("opportunity",), message, explain.nearest(name, ids))


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


def _written_secrets(document: Document, source: Source) -> Iterator[Finding]:
    """Secrets written into a file that people share; they belong into the environment or secrets.env."""
    for location, value in _texts(document.data.get("connection"), ("connection",)):
        kinds = explain.types_at(source_model(source.type), location)
        if not value or VARIABLE.search(value) or SecretStr not in kinds or _is_address_without_password(value):
            continue
        if _is_field(source, location) or explain.sounds_secret(str(location[-1])):
            hint = f"write ${{{source.name.upper()}_{str(location[-1]).upper()}}} here and its value into secrets.env"
            yield _error(document, location, "a secret is written into the file", hint)


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


def _error(document: Document, at: Location, message: str, hint: str = "") -> Finding:
    return Finding("error", document.problem(at, message, hint))


def _warning(document: Document, at: Location, message: str, hint: str = "") -> Finding:
    return Finding("warning", document.problem(at, message, hint))
