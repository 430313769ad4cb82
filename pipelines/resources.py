"""What every asset needs to know: which company, which data folder. Read from the environment when a run starts."""

import os
from datetime import UTC, date, datetime
from functools import cached_property

import dagster as dg

from pipelines.company import Company, Source, load_company
from pipelines.paths import Home, company_folder

WAREHOUSE_POOL = "warehouse"
"""Steps that open the warehouse file; dagster.yaml limits every pool to one."""


def source_pool(source: str) -> str:
    """The pool that keeps two syncs of one source apart."""
    return f"source_{source}"


class Workspace(dg.ConfigurableResource):
    """The company folder and the data folder of this deployment."""

    @cached_property
    def home(self) -> Home:
        """Layout below SCORELINE_HOME."""
        return Home.from_environment()

    def company(self) -> Company:
        """The company folder, secrets filled in as far as they are set; a source without its secrets fails alone."""
        folder = company_folder()
        if folder is None:
            raise dg.Failure(
                "SCORELINE_COMPANY is not set; point it at a company folder (`scoreline init DIR` writes one)"
            )
        return load_company(folder, os.environ, unset="defer")

    def source(self, name: str) -> Source:
        """One configured source."""
        return self.company().source(name)

    def as_of(self, company: Company) -> date:
        """The calendar day results describe."""
        return company.as_of_date(datetime.now(UTC))
