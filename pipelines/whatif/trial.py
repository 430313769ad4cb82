"""Which standard is tried: one version of a file, put in force for one period in place of the standard of its id."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import duckdb
from pydantic import ValidationError

from pipelines.company.documents import Document, read_document
from pipelines.company.explain import problems_of
from pipelines.company.load import Company, CompanyError
from pipelines.company.standard_lint import standard_findings, with_ends
from pipelines.company.standard_tables import standard_tables
from pipelines.company.standards import Standard, StandardVersion
from pipelines.periods import Period
from pipelines.whatif.scratch import WhatIfError


@dataclass(frozen=True)
class Trial:
    """One version to be tried. standard: the file with that version alone, in force from the period on."""

    standard: Standard
    document: Document

    @property
    def version(self) -> StandardVersion:
        """The version."""
        return self.standard.versions[0]

    @property
    def name(self) -> str:
        """`sales_rep v3`."""
        return f"{self.standard.id} v{self.version.version}"


def read_trials(
    files: Sequence[Path], company: Company, period: Period, version: int | None = None
) -> tuple[Trial, ...]:
    """What these files try in the period: their last version, or the one asked for, checked beside the others in force.

    CompanyError names line and field of what is wrong in a file; WhatIfError where a file has no such version, or one
    of another length of period.
    """
    trials = tuple(_trial(path, period, version) for path in files)
    names = [trial.standard.id for trial in trials]
    if repeated := {name for name in names if names.count(name) > 1}:
        raise WhatIfError(f"two files try the standard '{sorted(repeated)[0]}'; name one of them")
    _check(company, trials, period)
    return trials


def try_out(con: duckdb.DuckDBPyConnection, trials: Sequence[Trial]) -> None:
    """Put the trials into the scratch database in place of the standards of their ids."""
    for name, rows in standard_tables([trial.standard for trial in trials]).items():
        for trial in trials:
            con.execute(f"delete from warehouse.config.{name} where standard_id = ?", [trial.standard.id])
        con.register("tried", rows)
        con.execute(f"insert into warehouse.config.{name} by name select * from tried")
        con.unregister("tried")


def _trial(path: Path, period: Period, version: int | None) -> Trial:
    path = path.absolute()
    document = read_document(path.parent, path)
    try:
        standard = Standard.model_validate(document.data) if not document.problems else None
    except ValidationError as error:
        raise CompanyError(problems_of(error, document, Standard)) from None
    if standard is None:
        raise CompanyError(document.problems)
    chosen = [one for one in standard.versions if version in (None, one.version)]
    if not chosen:
        known = ", ".join(str(one.version) for one in standard.versions)
        raise WhatIfError(f"{path.name} has no version {version}; it has {known}")
    tried = chosen[-1]
    if tried.period_type != period.period_type:
        raise WhatIfError(
            f"{path.name} version {tried.version} judges by the {tried.period_type}, but {period.name} is a "
            f"{period.period_type}; name a {tried.period_type} with --period"
        )
    return Trial(_alone(standard, tried, period.start), document)


def _alone(standard: Standard, version: StandardVersion, start: date) -> Standard:
    """The standard with this version alone, in force on that day at the latest."""
    from_then = version.model_copy(update={"valid_from": min(version.valid_from, start)})
    return standard.model_copy(update={"versions": [from_then]})


def _check(company: Company, trials: Sequence[Trial], period: Period) -> None:
    """What `scoreline check` says of the trials among the versions in force in the period."""
    tried = {trial.standard.id for trial in trials}
    others = [
        _alone(standard, version, period.start)
        for standard in company.standards
        if standard.id not in tried
        for version, end in with_ends(standard)
        if version.valid_from <= period.start < end
    ]
    documents: Mapping[str, Document] = {
        **company.documents,
        **{f"standards/{trial.standard.id}.yaml": _at_first(trial) for trial in trials},
    }
    standards = (*others, *(trial.standard for trial in trials))
    found = standard_findings(replace(company, standards=standards, documents=documents))
    files = {trial.document.file for trial in trials}
    wrong = [finding.problem for finding in found if finding.level == "error" and finding.problem.file in files]
    if wrong:
        raise CompanyError(wrong)


def _at_first(trial: Trial) -> Document:
    """The document as if the tried version were its only one, so that findings name the lines of the file."""
    listed = [one["version"] for one in trial.document.data["versions"]]
    place = listed.index(trial.version.version)
    lines = {
        (("versions", 0, *at[2:]) if at[:2] == ("versions", place) else at): line
        for at, line in trial.document.lines.items()
        if at[:1] != ("versions",) or len(at) == 1 or at[1] == place
    }
    return replace(trial.document, lines=lines)
