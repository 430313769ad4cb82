"""The benchmark company as a user meets it: an ERP and a CRM that answer on loopback, files, and a company folder."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from connectors.sandbox.company import BenchmarkCompany
from connectors.sandbox.demo_company import write_company_folder
from connectors.sandbox.odoo import API_KEY, odoo_app
from connectors.sandbox.odoo_database import OdooDatabase
from connectors.sandbox.salesforce import CLIENT_SECRET, salesforce_app
from connectors.sandbox.salesforce_db import SalesforceDb
from connectors.sandbox.server import Sandbox
from connectors.sandbox.workbooks import write_files


@dataclass(frozen=True)
class World:
    """A running benchmark company. `environment` is what its company folder expects to find.

    `erp_db` and `crm_db` are the live records behind the two servers: change them there, as a user would.
    """

    company: BenchmarkCompany
    company_folder: Path
    files: Path
    erp: Sandbox
    crm: Sandbox
    erp_db: OdooDatabase
    crm_db: SalesforceDb
    environment: dict[str, str]


@contextlib.contextmanager
def benchmark_world(company: BenchmarkCompany, folder: Path) -> Iterator[World]:
    """Write files and company folder below `folder`, start both sandboxes, stop them at the end."""
    files, company_folder = folder / "files", folder / "company"
    write_files(company, files)
    write_company_folder(company_folder)
    erp_app, crm_app = odoo_app(company), salesforce_app(company)
    with Sandbox(erp_app) as erp, Sandbox(crm_app) as crm:
        environment = {
            "SCORELINE_COMPANY": str(company_folder),
            "SCORELINE_DEMO_ERP_URL": erp.url,
            "SCORELINE_DEMO_ERP_KEY": API_KEY,
            "SCORELINE_DEMO_CRM_URL": crm.url,
            "SCORELINE_DEMO_CRM_SECRET": CLIENT_SECRET,
            "SCORELINE_DEMO_FILES": str(files),
        }
        yield World(company, company_folder, files, erp, crm, erp_app.state.db, crm_app.state.db, environment)
