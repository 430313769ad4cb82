"""The published marts of a release in words of the truth, so that releases fed by different vendors can be compared.

A vendor's ids become kind and key of the truth's record, a customer's key becomes the first of its records so named.
"""

import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

from connectors.sandbox.company import BenchmarkCompany
from connectors.sandbox.demo_crm import DemoCrm

TABLES = (
    "appraisal_component",
    "appraisal_score",
    "contract_register",
    "customer_lifecycle",
    "customer_profile",
    "customer_source",
    "dim_assignment",
    "dim_customer",
    "dim_employee",
    "dim_org_unit",
    "fct_billing_credit",
    "fct_collection_credit",
    "fct_overlay_credit",
    "fct_sales_credit",
    "kpi_value",
    "lead_ranking",
    "open_item",
    "opportunity_forecast",
    "process_kpi",
    "sales_driver",
    "sales_forecast",
    "stage_history",
    "target_share",
    "time_in_stage",
)
UNSTABLE = frozenset({"load_id", "model_id", "recorded_from", "recorded_to"})
"""Columns that name a load package, its moment or a trained model: no two runs share them."""
CUSTOMERS = frozenset({"customer_key", "parent_customer_key", "ultimate_parent_customer_key"})
RECORDS = frozenset({"source_key", "item_key", "opportunity_key"})

STAGES = frozenset({"source_stage", "stage", "reasons", "reasons_en", "reasons_zh"})
"""Columns that repeat the name of a stage as the vendor's salespeople call it, alone or within a sentence."""

Marts = Mapping[str, Counter[tuple]]


def published_marts(home: Path, truth: BenchmarkCompany, vendor: DemoCrm) -> Marts:
    """Table -> rows with how often each stands there; all columns but the unstable ones."""
    with duckdb.connect(str(home / "published.duckdb"), read_only=True) as con:
        words = _Words(con, truth, vendor)
        return {table: words.rows(con, table) for table in TABLES}


def differences(one: Marts, other: Marts) -> dict[str, tuple[list[tuple], list[tuple]]]:
    """Per table that differs: rows of the one side only, rows of the other side only (a few of each)."""
    return {
        table: (_some(one[table] - other[table]), _some(other[table] - one[table]))
        for table in TABLES
        if one[table] != other[table]
    }


def _some(rows: Counter[tuple]) -> list[tuple]:
    return sorted(rows.elements(), key=repr)[:3]


class _Words:
    def __init__(self, con: duckdb.DuckDBPyConnection, truth: BenchmarkCompany, vendor: DemoCrm) -> None:
        kinds: dict[str, Any] = {
            "account": truth.parties,
            "case": truth.cases,
            "contract": [one for one in truth.contracts if one.contract_type == "contract"],
            "lead": truth.leads,
            "opportunity": truth.opportunities,
            "quote": [one for one in truth.contracts if one.contract_type == "quote"],
        }
        self._stages = vendor.words
        self._records = {
            vendor.record_id(kind, one.key): f"{kind} {one.key}" for kind, records in kinds.items() for one in records
        }
        members: dict[str, list[str]] = {}
        for key, system, record in con.execute(
            "select customer_key, source_system, source_key from customer_source"
        ).fetchall():
            members.setdefault(key, []).append(f"{system} {self._record(system, record)}")
        self._customers = {key: min(records) for key, records in members.items()}

    def rows(self, con: duckdb.DuckDBPyConnection, table: str) -> Counter[tuple]:
        found = con.execute(f"from {table}")
        names = [column[0] for column in found.description or ()]
        return Counter(self._row(dict(zip(names, row, strict=True))) for row in found.fetchall())

    def _row(self, row: dict[str, Any]) -> tuple:
        return tuple((name, self._word(name, value, row)) for name, value in row.items() if name not in UNSTABLE)

    def _word(self, name: str, value: Any, row: dict[str, Any]) -> Any:
        if name in CUSTOMERS:
            return self._customers.get(value, value)
        if name in RECORDS:
            return self._record(row["source_system"], value)
        if name in STAGES and isinstance(value, str):
            return self._stage(value)
        if name == "twin_customer_keys":
            return tuple(sorted(self._customers[key] for key in (value or "").split(",") if key))
        return value

    def _stage(self, text: str) -> str:
        for word, truth in self._stages.items():
            text = re.sub(f'(?<![^ “"]){word}(?![^ ”"])', truth, text)
        return text

    def _record(self, system: str, record: str) -> str:
        return self._records.get(record, record) if system == "crm" else record
