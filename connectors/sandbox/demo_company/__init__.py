"""The company folder of the benchmark company: what its data engineer would have written to put it on Scoreline.

The YAML files under `template/` are copied as they are, and over them those under `crm/<vendor>/` when another vendor
than the template's plays the CRM; addresses and secrets come from the environment (`ENVIRONMENT`). `standards` reads
the appraisal standards from the same files for the reference.
"""

import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from connectors.sandbox.demo_crm import DEFAULT_CRM
from connectors.sandbox.reference import Standard, Weight

TEMPLATE = Path(__file__).parent / "template"
CRM_TEMPLATES = Path(__file__).parent / "crm"
"""What differs from the template, by vendor of the CRM; the template's own vendor has no folder here."""
ENVIRONMENT = (
    "SCORELINE_DEMO_ERP_URL",
    "SCORELINE_DEMO_ERP_KEY",
    "SCORELINE_DEMO_CRM_URL",
    "SCORELINE_DEMO_CRM_SECRET",
    "SCORELINE_DEMO_FILES",
)
"""Variables the folder refers to: address and secret of either sandbox, the folder `workbooks.write_files` wrote."""


def write_company_folder(folder: Path, crm_name: str = DEFAULT_CRM) -> Path:
    """Copies the demo's company folder; an existing folder is overwritten file by file. Returns it."""
    shutil.copytree(TEMPLATE, folder, dirs_exist_ok=True)
    if crm_name != DEFAULT_CRM:
        shutil.copytree(CRM_TEMPLATES / crm_name, folder, dirs_exist_ok=True)
    return folder


def standards(folder: Path = TEMPLATE) -> tuple[Standard, ...]:
    """Every version of every appraisal standard in a company folder, in the reference's shape."""
    documents = [
        yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted((folder / "standards").glob("*.yaml"))
    ]
    return tuple(_standard(document, version) for document in documents for version in document["versions"])


def _standard(document: dict[str, Any], version: dict[str, Any]) -> Standard:
    return Standard(
        id=document["id"],
        version=version["version"],
        role=document["role"],
        valid_from=_day(version["valid_from"]),
        weights=tuple(_weight(weight) for weight in version["weights"]),
        grades=tuple((grade["grade"], Decimal(str(grade["min_score"]))) for grade in version["grades"]),
        period_type=version["period_type"],
    )


def _weight(weight: dict[str, Any]) -> Weight:
    reference = weight.get("reference_value")
    return Weight(
        metric=weight["metric"],
        weight=Decimal(str(weight["weight"])),
        cap=Decimal(str(weight["curve"]["cap"])),
        reference_value=None if reference is None else Decimal(str(reference)),
    )


def _day(value: date | str) -> date:
    return value if isinstance(value, date) else date.fromisoformat(value)
