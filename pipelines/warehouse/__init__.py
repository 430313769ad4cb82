"""The warehouse file before and around a build: its lock, its landing views, its configuration tables, its fingerprint.

Plain functions without Dagster. dbt does everything between the landing views and the candidate's marts.
"""

from pipelines.warehouse.lock import WarehouseBusy, warehouse_lock
from pipelines.warehouse.prepare import BuildInputs, gather_inputs, has_candidate, is_built, mark_built, prepare
from pipelines.warehouse.rebuild import build_options

__all__ = [
    "BuildInputs",
    "WarehouseBusy",
    "build_options",
    "gather_inputs",
    "has_candidate",
    "is_built",
    "mark_built",
    "prepare",
    "warehouse_lock",
]
