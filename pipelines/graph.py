"""Assembles everything Dagster knows about one company; nothing is read or contacted but the company's own files."""

from pathlib import Path

import dagster as dg
from dagster_dbt import DbtCliResource

from expectations import catalog
from pipelines.assets.candidate import PROJECT, candidate_assets
from pipelines.assets.published import published_assets
from pipelines.assets.streams import sync_assets
from pipelines.company import Company
from pipelines.gate import gate_checks, is_gated
from pipelines.jobs import build_job, schedules, sync_jobs
from pipelines.manifest import dbt_executable
from pipelines.paths import DBT_PROJECT
from pipelines.resources import Workspace


def build_defs(company: Company | None, manifest: Path) -> dg.Definitions:
    """Everything Dagster knows about one company, or about none."""
    published = catalog.published(catalog.load())
    candidate = candidate_assets(manifest, company)
    checked = [table for table in catalog.load().values() if is_gated(table)]
    jobs = [*(sync_jobs(company) if company else []), build_job(candidate, published)]
    return dg.Definitions(
        assets=[*(sync_assets(company) if company else []), candidate, published_assets(published)],
        asset_checks=[gate_checks(checked)],
        jobs=jobs,
        schedules=schedules(company, jobs) if company else [],
        resources={
            "workspace": Workspace(),
            "dbt": DbtCliResource(project_dir=PROJECT, profiles_dir=str(DBT_PROJECT), dbt_executable=dbt_executable()),
        },
    )
