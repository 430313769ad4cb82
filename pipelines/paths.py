"""Where things are: the project's own folders, and the layout below SCORELINE_HOME."""

import os
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
DBT_PROJECT = PROJECT / "dbt_project"


@dataclass(frozen=True)
class Home:
    """One data folder: landing, warehouse, releases and run history of one company."""

    root: Path

    @classmethod
    def from_environment(cls) -> "Home":
        """SCORELINE_HOME, else `.scoreline` in the current folder."""
        return cls(Path(os.environ.get("SCORELINE_HOME", ".scoreline")).absolute())

    @property
    def warehouse(self) -> Path:
        """The DuckDB file only one process may open; analysts read `published` instead."""
        return self.root / "warehouse" / "warehouse.duckdb"

    @property
    def published(self) -> Path:
        """The analysts' database: read-only views on the current release."""
        return self.root / "published.duckdb"

    @property
    def dagster(self) -> Path:
        """DAGSTER_HOME: run history shared by the command line and the web UI."""
        return self.root / "dagster"

    @property
    def dbt(self) -> Path:
        """dbt's target folder: manifest, compiled SQL, docs."""
        return self.root / "dbt"

    @property
    def manifest(self) -> Path:
        """dbt's manifest, from which the asset graph is read."""
        return self.dbt / "manifest.json"

    @property
    def logs(self) -> Path:
        """What dbt and other libraries said during the last run of each job."""
        return self.root / "logs"

    @property
    def gate_docs(self) -> Path:
        """The gate's report for people."""
        return self.root / "gate"


def company_folder() -> Path | None:
    """The company folder named by SCORELINE_COMPANY, None when it is not set."""
    value = os.environ.get("SCORELINE_COMPANY")
    return Path(value).absolute() if value else None
