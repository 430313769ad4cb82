"""The code location `dagster dev` loads: assets, checks, jobs and schedules of the company SCORELINE_COMPANY names.

Loads without any environment: without SCORELINE_COMPANY the graph holds the models and the published tables alone.
"""

import os

from pipelines.assets.candidate import PROJECT
from pipelines.company import Company, load_company
from pipelines.graph import build_defs
from pipelines.paths import company_folder


def _configured_company() -> Company | None:
    folder = company_folder()
    return load_company(folder, os.environ, unset="defer") if folder else None


PROJECT.prepare_if_dev()
if not PROJECT.manifest_path.exists():
    raise RuntimeError("dbt's manifest is missing; make it with `scoreline prepare` (`make dev` and every run do so)")
defs = build_defs(_configured_company(), PROJECT.manifest_path)
