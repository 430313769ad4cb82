"""What a check of the whole company folder reports: errors and warnings that name file, line and field."""

from dataclasses import dataclass
from typing import Literal

from pipelines.company.documents import ConfigProblem, Document, Location


@dataclass(frozen=True)
class Finding:
    """One thing worth a person's attention; `level` "error" makes the check fail."""

    level: Literal["error", "warning"]
    problem: ConfigProblem


def error(document: Document, at: Location, message: str, hint: str = "") -> Finding:
    """A finding that makes the check fail."""
    return Finding("error", document.problem(at, message, hint))


def warning(document: Document, at: Location, message: str, hint: str = "") -> Finding:
    """A finding to think about."""
    return Finding("warning", document.problem(at, message, hint))
