"""The mini company with its first quarter closed, night after night without dbt's and Dagster's own time.

A night lands what is new, builds the project's SQL straight in DuckDB, settles closed periods, lets the gate judge them
and publishes: the steps of `scoreline run`, called one by one.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from connectors.landing import sync
from expectations.gate import run_gate
from expectations.verdict import fingerprint, judge, render
from pipelines.company import Company, configuration_hash, load_company
from pipelines.paths import Home
from pipelines.publish import CodeVersion, Publication, ReleaseInputs, publish
from pipelines.publish.inputs import log_files, packages_of
from pipelines.publish.releases import current
from pipelines.restatement import night
from pipelines.restatement.settle import Settlement
from pipelines.warehouse import BuildInputs, gather_inputs, prepare
from tests.dbt_project import straight
from tests.pipelines.mini_company import COMPANY, MiniCompany, Rows, write_mini_company

CLOSED = "closed_periods: [{period_type: quarter, period_start: 2025-01-01, closed_by: CFO}]\n"
DAY_ONE = datetime(2025, 7, 1, 2, 0, tzinfo=UTC)


class StraightBuild:
    """Stands in the place of `ScratchBuild`: the same SQL, without dbt."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @contextmanager
    def built(self, inputs: BuildInputs, models: tuple[str, ...] = ()) -> Iterator[Path]:
        self.folder.mkdir(parents=True, exist_ok=True)
        file = self.folder / "warehouse.duckdb"
        file.unlink(missing_ok=True)
        prepare(file, inputs)
        straight.build(file, *models)
        yield file


@dataclass
class Night:
    """What one night did."""

    settlement: Settlement
    publication: Publication


@dataclass
class ClosedCompany:
    """Company folder, source files and data folder; `night` runs the road once."""

    company: MiniCompany
    home: Home
    patch: pytest.MonkeyPatch
    nights: int = field(default=0)
    code: str = "c1"

    def write(self, file: str, text: str) -> None:
        """One file of the company folder."""
        path = self.company.folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def change(self, table: str, change: Any) -> None:
        """Let a function change the rows of one source file (in place, or by returning others)."""
        rows: Rows = self.company.read(table)
        self.company.write(table, change(rows) or rows)

    def loaded(self) -> Company:
        """The company folder as it is."""
        return load_company(self.company.folder, {**os.environ, **self.company.environment})

    def land(self) -> None:
        """One sync of every source."""
        for source in self.loaded().sources:
            report = sync(source.connector(), source.name, self.home.root)
            assert not report.failed, report.failed

    def build(self) -> BuildInputs:
        """The candidate of what has landed, before it is settled."""
        company = self.loaded()
        inputs = gather_inputs(company, self.home.root, company.as_of_date(DAY_ONE), current(self.home.root))
        prepare(self.home.warehouse, inputs)
        straight.build(self.home.warehouse)
        return inputs

    def settle(self, inputs: BuildInputs) -> Settlement:
        """Settle the candidate as a run does."""
        self.patch.setattr(night, "ScratchBuild", StraightBuild)
        self.patch.setattr(night, "code_version", self.code_version)
        return night.settle_candidate(self.home, inputs, current(self.home.root))

    def code_version(self) -> CodeVersion:
        """The code the night runs, as far as releases are told."""
        return CodeVersion(None, self.code, self.code)

    def night(self) -> Night:
        """Land, build, settle, judge, publish."""
        self.land()
        inputs = self.build()
        return Night(self.settle(inputs), self.publish(inputs))

    def publish(self, inputs: BuildInputs) -> Publication:
        """Publish the settled candidate."""
        self.nights += 1
        with duckdb.connect(str(self.home.warehouse), read_only=True) as con:
            logs = set(con.execute("select source_system, file from config.sync_log_file").fetchall())
            configuration = dict(con.execute("select file, content from config.configuration_file").fetchall())
        root = self.home.root / "landing"
        told = ReleaseInputs(
            packages_of(inputs.files, root, {}),
            configuration_hash(inputs.company),
            self.code_version(),
            DAY_ONE + timedelta(days=self.nights),
            packages_of(log_files(self.home.root, logs), root, {}),
            configuration,
        )
        return publish(self.home.warehouse, self.home.root, told, judge((), fingerprint(self.home.warehouse)))

    def gate_on_closing(self) -> str:
        """What the gate finds wrong with the closed periods of the candidate; empty: nothing."""
        tables = {"marts.closed_period", "marts.restatement"}
        verdict = run_gate(self.home.warehouse, None, None, now=DAY_ONE, only=tables)
        return "" if verdict.passed else render(verdict)

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of the current release."""
        with duckdb.connect(str(self.home.published), read_only=True) as con:
            return con.execute(query).fetchall()


def write_closed_company(root: Path, patch: pytest.MonkeyPatch) -> ClosedCompany:
    """The mini company below `root`, its first quarter closed from its first night on."""
    company = write_mini_company(root)
    (company.folder / "company.yaml").write_text(COMPANY + CLOSED, encoding="utf-8")
    for name, value in company.environment.items():
        patch.setenv(name, value)
    return ClosedCompany(company, Home(root / "home"), patch)
