"""A data folder as a run of the benchmark company leaves it, for questions about its scores: made without dbt's time.

The warehouse is built by the project's own SQL and published as the release that stands; dbt's target folder is the one
all tests compile once.
"""

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from click.testing import CliRunner, Result

from connectors.sandbox import demo_company
from connectors.sandbox.generate import Size, generate
from expectations.catalog import MODELS
from expectations.verdict import fingerprint, judge
from pipelines.cli import main
from pipelines.paths import Home
from pipelines.publish import ReleaseInputs, code_version, publish
from tests.dbt_project import benchmark_rows, straight, warehouse

MARTS = ("appraisal_score", "appraisal_part", "appraisal_part_component", "appraisal_component", "appraisal_rater")
PEOPLE = ("dim_employee", "dim_assignment", "dim_org_unit")
NOW = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Deployment:
    """A data folder and the company folder beside it."""

    home: Home
    company: Path

    def scoreline(self, *arguments: str) -> Result:
        """Type a command."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("SCORELINE_HOME", str(self.home.root))
            patch.setenv("SCORELINE_COMPANY", str(self.company))
            return CliRunner().invoke(main, list(arguments))

    def standard(self, name: str, *changes: tuple[str, str]) -> Path:
        """A copy of a standard of the company, with parts of its last version changed; each must be there once."""
        text = (self.company / "standards" / f"{name}.yaml").read_text(encoding="utf-8")
        place = text.rindex("\n  - version: ")
        before, last = text[:place], text[place:]
        for old, new in changes:
            assert last.count(old) == 1, old
            last = last.replace(old, new)
        path = self.company.parent / f"{name}.yaml"
        path.write_text(before + last, encoding="utf-8")
        return path

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """Ask the release."""
        with duckdb.connect(str(self.home.published), read_only=True) as con:
            return con.execute(query).fetchall()


def deploy(root: Path, size: Size) -> Deployment:
    """The benchmark company of that size, built and published below `root`."""
    company, home = generate(size), Home(root / "home")
    home.warehouse.parent.mkdir(parents=True)
    rows = benchmark_rows.config(company, *demo_company.standards())
    warehouse.prepare(home.warehouse, benchmark_rows.mapped(company), rows)
    assert straight.build(home.warehouse, *MARTS, *PEOPLE) == []
    with duckdb.connect(str(home.warehouse)) as con:
        con.execute("create table config.build as select 'done' as fingerprint")
    home.dbt.mkdir()
    (home.dbt / "compiled").symlink_to(warehouse.compiled_project() / "compiled")
    verdict = judge((), fingerprint(home.warehouse))
    inputs = ReleaseInputs((), "c0ffee", code_version(), NOW)
    publish(home.warehouse, home.root, inputs, verdict, _models(root / "models"))
    folder = root / "company"
    shutil.copytree(demo_company.TEMPLATE, folder)
    return Deployment(home, folder)


def _models(folder: Path) -> Path:
    """The declarations of the published tables that are looked at, and of no others."""
    wanted, seen = {*MARTS, *PEOPLE}, set()
    for path in sorted(MODELS.rglob("*.yml")):
        declared = yaml.safe_load(path.read_text(encoding="utf-8")).get("models", ())
        found = [model for model in declared if model["name"] in wanted]
        if found:
            copy = folder / path.relative_to(MODELS)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_text(yaml.safe_dump({"version": 2, "models": found}, allow_unicode=True), encoding="utf-8")
            seen |= {model["name"] for model in found}
    assert seen == wanted
    return folder
