"""The code location `dagster dev` loads: assets, checks, jobs and schedules of the company SCORELINE_COMPANY names.

Loads without any environment: without SCORELINE_COMPANY the graph holds the models and the published tables alone.
"""

import os

from pipelines.company import Company, load_company
from pipelines.graph import build_defs
from pipelines.manifest import ManifestError, dbt_environment
from pipelines.paths import Home, company_folder


def _configured_company() -> Company | None:
    folder = company_folder()
    return load_company(folder, os.environ, unset="defer") if folder else None


_HOME = Home.from_environment()
if not _HOME.manifest.exists():
    raise ManifestError(
        f"there is no dbt manifest in {_HOME.dbt}; make it with `scoreline prepare` (`make dev` and every run do so)"
    )
os.environ.update(dbt_environment(_HOME))
defs = build_defs(_configured_company(), _HOME.manifest)
