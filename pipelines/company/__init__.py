"""The company folder: all that one company configures, read from files it keeps in its own git.

Knows files and connectors; knows neither the orchestrator nor dbt. `load` reads, `decisions` also appends, `lint` asks
what files must agree on, `check` contacts the sources, `tables` is what dbt gets to see, `init` writes a new folder,
`schemas` serves editors.
"""

from pipelines.company.check import CheckReport, SourceReport, check_company
from pipelines.company.decisions import FiledDecision, append_decisions
from pipelines.company.documents import ConfigProblem
from pipelines.company.init import FolderNotEmpty, init_company
from pipelines.company.lint import Finding, lint
from pipelines.company.load import Company, CompanyError, configuration_hash, load_company
from pipelines.company.sources import Source
from pipelines.company.tables import config_tables

__all__ = [
    "CheckReport",
    "Company",
    "CompanyError",
    "ConfigProblem",
    "FiledDecision",
    "Finding",
    "FolderNotEmpty",
    "Source",
    "SourceReport",
    "append_decisions",
    "check_company",
    "config_tables",
    "configuration_hash",
    "init_company",
    "lint",
    "load_company",
]
