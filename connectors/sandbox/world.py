"""The benchmark company as a user meets it: an ERP and a CRM that answer on loopback, files, and a company folder."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from connectors.sandbox.company import BenchmarkCompany
from connectors.sandbox.demo_company import write_company_folder
from connectors.sandbox.demo_crm import DEFAULT_CRM, DemoCrm, demo_crm
from connectors.sandbox.odoo import API_KEY, odoo_app
from connectors.sandbox.odoo_database import OdooDatabase
from connectors.sandbox.server import Sandbox
from connectors.sandbox.workbooks import write_files


@dataclass(frozen=True)
class World:
    """A running benchmark company. `environment` is what its company folder expects to find.

    `erp_db` and `crm_db` are the live records behind the two servers: change them there, as a user would. What `crm_db`
    is depends on the vendor, which `vendor` describes.
    """

    company: BenchmarkCompany
    company_folder: Path
    files: Path
    erp: Sandbox
    crm: Sandbox
    erp_db: OdooDatabase
    vendor: DemoCrm
    crm_db: Any
    environment: dict[str, str]


@contextlib.contextmanager
def benchmark_world(company: BenchmarkCompany, folder: Path, crm_name: str = DEFAULT_CRM) -> Iterator[World]:
    """Write files and company folder below `folder`, start both sandboxes, stop them at the end.

    crm_name: the vendor that plays the CRM, one of `demo_crm.CRMS`.
    """
    files, company_folder = folder / "files", folder / "company"
    write_files(company, files)
    write_company_folder(company_folder, crm_name)
    vendor = demo_crm(crm_name)
    erp_app, crm_app = odoo_app(company), vendor.app(company)
    with Sandbox(erp_app) as erp, Sandbox(crm_app) as crm:
        environment = {
            "SCORELINE_COMPANY": str(company_folder),
            "SCORELINE_DEMO_ERP_URL": erp.url,
            "SCORELINE_DEMO_ERP_KEY": API_KEY,
            "SCORELINE_DEMO_CRM_URL": crm.url,
            "SCORELINE_DEMO_CRM_SECRET": vendor.secret,
            "SCORELINE_DEMO_FILES": str(files),
            **vendor.variables,
        }
        databases = erp_app.state.db, vendor, crm_app.state.db
        yield World(company, company_folder, files, erp, crm, *databases, environment)
