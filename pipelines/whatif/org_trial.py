"""Another organisation to be tried: who would have sat where, which unit would have belonged where."""

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
from pydantic import Field, ValidationError, model_validator

from pipelines.company.documents import ConfigProblem, Document, Location, read_document
from pipelines.company.explain import nearest, problems_of
from pipelines.company.load import CompanyError
from pipelines.company.models import Model, Text
from pipelines.company.standard_lint import OPEN_END
from pipelines.whatif.rebuilt import Change

ASSIGNMENTS, UNITS = "int_assignment", "dim_org_unit"


class _Stretch(Model):
    valid_from: date = Field(description="First day.")
    valid_to: date = Field(default=OPEN_END, description="First day it no longer holds; left out: for good.")

    @model_validator(mode="after")
    def _is_not_empty(self) -> "_Stretch":
        if self.valid_to <= self.valid_from:
            raise ValueError(f"valid_to ({self.valid_to}) must be after valid_from ({self.valid_from})")
        return self


class Posting(_Stretch):
    """A person in another unit: main postings of these days are moved there, role and share of time stay."""

    employee: Text = Field(description="Employee id.")
    unit: Text = Field(description="Org unit id.")
    manager: Text | None = Field(default=None, description="Employee id of the manager then; left out: as it was.")


class UnitParent(_Stretch):
    """A unit below another one."""

    unit: Text = Field(description="Org unit id.")
    parent: Text = Field(description="Org unit id it belongs to.")


class OrgTrial(Model):
    """The file of `scoreline whatif --org`: what would have been otherwise."""

    postings: list[Posting] = Field(default_factory=list, description="People in other units, applied in order.")
    units: list[UnitParent] = Field(default_factory=list, description="Units below others, applied in order.")

    @model_validator(mode="after")
    def _says_something(self) -> "OrgTrial":
        if not self.postings and not self.units:
            raise ValueError("names neither postings nor units, so there is nothing to try")
        return self


def read_org(path: Path, release: duckdb.DuckDBPyConnection) -> Change:
    """The change a file describes; CompanyError names line and field of what is wrong or unknown to the release."""
    path = path.absolute()
    document = read_document(path.parent, path)
    if document.data is None or document.problems:
        raise CompanyError(document.problems)
    try:
        trial = OrgTrial.model_validate(document.data)
    except ValidationError as error:
        raise CompanyError(problems_of(error, document, OrgTrial)) from None
    if unknown := list(_unknown(trial, document, release)):
        raise CompanyError(unknown)
    changed = [name for name, listed in ((ASSIGNMENTS, trial.postings), (UNITS, trial.units)) if listed]
    return Change(f"organisation {path.name}", tuple(changed), lambda con: _apply(con, trial))


def _unknown(trial: OrgTrial, document: Document, release: duckdb.DuckDBPyConnection) -> Iterator[ConfigProblem]:
    employees, units = (
        {row[0] for row in release.execute(f"select distinct {key} from {table}").fetchall()}
        for key, table in (("employee_id", "dim_employee"), ("org_unit_id", "dim_org_unit"))
    )
    for index, posting in enumerate(trial.postings):
        at: Location = ("postings", index)
        yield from _missing(document, (*at, "employee"), posting.employee, employees, "employee")
        yield from _missing(document, (*at, "unit"), posting.unit, units, "unit")
        if posting.manager is not None:
            yield from _missing(document, (*at, "manager"), posting.manager, employees, "employee")
    for index, one in enumerate(trial.units):
        yield from _missing(document, ("units", index, "unit"), one.unit, units, "unit")
        yield from _missing(document, ("units", index, "parent"), one.parent, units, "unit")


def _missing(document: Document, at: Location, name: str, known: set[str], kind: str) -> Iterator[ConfigProblem]:
    if name not in known:
        near = nearest(name, known)
        hint = near if near.startswith("did you mean") else f"ids of {kind}s are in the published tables dim_*"
        yield document.problem(at, f"the release knows no {kind} '{name}'", hint)


def _apply(con: duckdb.DuckDBPyConnection, trial: OrgTrial) -> None:
    for posting in trial.postings:
        others: dict[str, Any] = {"org_unit_id": posting.unit}
        if posting.manager is not None:
            others["manager_employee_id"] = posting.manager
        _overwrite(con, ASSIGNMENTS, "employee_id = ? and is_used and is_primary", posting.employee, posting, others)
    for one in trial.units:
        _overwrite(con, UNITS, "org_unit_id = ?", one.unit, one, {"parent_org_unit_id": one.parent})


def _overwrite(
    con: duckdb.DuckDBPyConnection, table: str, whose: str, key: str, stretch: _Stretch, others: dict[str, Any]
) -> None:
    """Rows of one subject get other values on these days; what they were before and after stays in rows of its own."""
    con.execute(
        f"create or replace temp table touched as select * from core.{table} "
        f"where {whose} and valid_from < ? and valid_to > ?",
        [key, stretch.valid_to, stretch.valid_from],
    )
    con.execute(
        f"delete from core.{table} where {whose} and valid_from < ? and valid_to > ?",
        [key, stretch.valid_to, stretch.valid_from],
    )
    set_ = "".join(f", ? as {column}" for column in others)
    days: Sequence[date] = (stretch.valid_from, stretch.valid_to)
    con.execute(
        f"insert into core.{table} by name "
        "select * replace (least(valid_to, ?) as valid_to) from touched where valid_from < ? union all by name "
        f"select * replace (greatest(valid_from, ?) as valid_from, least(valid_to, ?) as valid_to{set_}) from touched "
        "union all by name select * replace (greatest(valid_from, ?) as valid_from) from touched where valid_to > ?",
        [days[0], days[0], *days, *others.values(), days[1], days[1]],
    )
