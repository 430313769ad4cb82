"""A warehouse of a dozen literal customer records, as a build leaves it, and the command line beside it.

Keys, pairs and clusters come from the steps of `unify`; which pairs are grey is said here, so that no test depends on
what a model learns from a dozen records.
"""

import functools
import json
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from click.testing import CliRunner, Result

from pipelines.cli import main
from pipelines.customers import unify as steps
from pipelines.customers.lookup import FIELDS
from pipelines.customers.unify import DECISIONS, PAIRS, Unified
from tests.pipelines.mini_company import write_mini_company

FIRST_NIGHT, SECOND_NIGHT = date(2025, 6, 30), date(2025, 7, 1)
AGENT_PHONE = "021-60000001"
RECORDS: dict[str, dict[str, str]] = {
    # one customer by the model; the third record may be the same firm or not
    "crm:1": {
        "customer_name": "上海宏达贸易有限公司",
        "other_names": "Hongda Trading",
        "phone": "021-55550001",
        "street": "南京西路100号",
        "city": "上海",
    },
    "erp:9": {
        "customer_name": "上海宏达贸易有限公司",
        "phone": "021-55550001",
        "street": "南京西路100号",
        "city": "上海",
    },
    "erp:10": {"customer_name": "上海宏达商贸有限公司", "street": "南京西路100号", "city": "上海"},
    # may be one firm
    "crm:2": {"customer_name": "Acme Industrial Pumps GmbH", "city": "Berlin", "country": "DE"},
    "erp:20": {"customer_name": "Acme Industrial Pumps Ltd", "city": "Berlin", "country": "DE"},
    # a chain: crm:3 and web:300 have nothing in common but erp:30
    "crm:3": {"customer_name": "青岛海天制冷设备有限公司", "tax_id": "91310000100001001H"},
    "erp:30": {
        "customer_name": "Qingdao Haitian Refrigeration Ltd",
        "tax_id": "91310000100001001H",
        "registry_id": "HWUPKR0MPOU8FGXBT394",
    },
    "web:300": {"customer_name": "Haitian Cooling Online", "registry_id": "HWUPKR0MPOU8FGXBT394"},
    # a branch and its head office
    "crm:4": {"customer_name": "北京远东电缆股份有限公司上海分公司", "city": "上海"},
    "erp:40": {"customer_name": "北京远东电缆股份有限公司", "city": "北京"},
    # two firms a person says are one, from the second night on
    "crm:8": {"customer_name": "广州蓝天物流有限公司", "city": "广州"},
    "erp:80": {"customer_name": "Skyway Logistics", "city": "Guangzhou"},
    # clients of one agent
    "erp:71": {"customer_name": "苏州春晓纺织有限公司", "phone": AGENT_PHONE},
    "erp:72": {"customer_name": "无锡金叶食品有限公司", "phone": AGENT_PHONE},
    "erp:73": {"customer_name": "常州长江机械有限公司", "phone": AGENT_PHONE},
    "erp:74": {"customer_name": "南通远洋船务有限公司", "phone": AGENT_PHONE},
    # a private person
    "crm:6": {"party_type": "person", "customer_name": "王小明", "birth_date": "1980-02-03"},
}
PAIR_BANDS = {
    ("crm:1", "erp:9"): "same",
    ("crm:1", "erp:10"): "grey",
    ("erp:10", "erp:9"): "grey",
    ("crm:2", "erp:20"): "grey",
    ("erp:71", "erp:72"): "same",
    ("crm:4", "erp:40"): "different",
}
"""What becomes of the pairs; all others are dropped."""
BOOKINGS = {"crm:1": "900.00", "erp:10": "120.50", "crm:2": "5000", "erp:20": "80.25", "erp:30": "700"}
"""Bookings of the customer of a record, reporting currency; erp:20 has a return, too."""
MERGED = ("same", "crm:8", "erp:80", "Ann", date(2025, 7, 1), "one owner, told by phone")


def raw_table(records: Mapping[str, Mapping[str, str]] = RECORDS) -> pa.Table:
    """`canonical.customer_record`, as far as matching and people look at it."""
    rows = [
        {"source_system": name.partition(":")[0], "source_key": name.partition(":")[2], **fields}
        for name, fields in records.items()
    ]
    names = ["source_system", "source_key", *FIELDS]
    schema = pa.schema([(name, pa.string()) for name in names])
    return pa.Table.from_pylist([{name: row.get(name) for name in names} for row in rows], schema=schema)


def decision_table(said: Iterable[tuple[Any, ...]]) -> pa.Table:
    """`config.steward_decision` from (decision, record, record, who, day, why)."""
    rows = [
        (number, kind, *a.split(":"), *b.split(":"), who, on, why, "stewardship/decisions.csv", number + 1)
        for number, (kind, a, b, who, on, why) in enumerate(said, 1)
    ]
    return pa.Table.from_pylist([dict(zip(DECISIONS.names, row, strict=True)) for row in rows], schema=DECISIONS)


@functools.cache
def two_nights() -> Unified:
    """The records after two nights; on the second a person's decision merges two customers."""
    raw = raw_table()
    first = steps.unify(raw, FIRST_NIGHT)
    evidence = _scored(first)
    before = _night(first, evidence, decision_table([]), FIRST_NIGHT)
    return _night(before, evidence, decision_table([MERGED]), SECOND_NIGHT, before)


def _scored(found: Unified) -> pa.Table:
    """The pairs of `PAIR_BANDS` with their true evidence."""
    from pipelines.customers.matching import Model, compare

    (row,) = [row for row in found.models.to_pylist() if row["party_type"] == "organisation"]
    model = Model.from_json(row["parameters"])
    rows = []
    with duckdb.connect() as con:
        con.register("records", found.records)
        for pair, band in PAIR_BANDS.items():
            scored = compare(con, "records", model, pair)
            rows.append({**scored, "band": band, "party_type": "organisation", "model_id": row["model_id"]})
    return pa.Table.from_pylist(rows, schema=PAIRS)


def _night(found: Unified, scored: pa.Table, said: pa.Table, day: date, before: Unified | None = None) -> Unified:
    words = steps.settled(said)
    resolved = steps.resolution(found.records, scored, found.models, words)
    below = steps.parents(found.records, resolved, raw_table(), words)
    book = steps.key_events(
        resolved, words, day, before.events if before else None, before.decisions if before else None
    )
    return replace(found, pairs=scored, resolution=resolved, parents=below, decisions=words, events=book)


def write_warehouse(path: Path) -> None:
    """The warehouse file with the tables that the commands read."""
    found, raw = two_nights(), raw_table()
    tables = {
        "canonical.customer_record": raw,
        "config.steward_decision": decision_table([MERGED]),
        "core.int_customer_normalised": found.records,
        "core.customer_match_model": found.models,
        "core.int_customer_pair": found.pairs,
        "core.int_customer_resolution": found.resolution,
        "core.int_customer_parent": found.parents,
        "core.customer_key_event": found.events,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(path)) as con:
        for schema in ("canonical", "config", "core"):
            con.execute(f"create schema {schema}")
        for name, table in tables.items():
            con.register("incoming", table)
            con.execute(f"create table {name} as from incoming")
            con.unregister("incoming")
        con.execute("create table config.build as select 'f' as fingerprint")
        con.execute(
            f"create table config.company as select 'CNY' as reporting_currency, date '{SECOND_NIGHT}' as as_of_date"
        )
        con.execute(
            """create table core.customer_source as
            select source_system, source_key, customer_key, match_reason, match_probability
            from core.int_customer_resolution inner join (
                select source_system, source_key, arg_max(customer_key, event_no) as customer_key
                from core.customer_key_event group by all
            ) using (source_system, source_key)"""
        )
        con.execute("create table core.fct_sales_credit (customer_key varchar, credited_amount decimal(28, 6))")
        for record, amount in [*BOOKINGS.items(), ("erp:20", "-30.25")]:
            con.execute(
                "insert into core.fct_sales_credit select customer_key, ? from core.customer_source "
                "where source_system || ':' || source_key = ?",
                [Decimal(amount), record],
            )


@dataclass
class Desk:
    """A steward's desk: a company folder, a built warehouse, and the command line."""

    root: Path
    patch: pytest.MonkeyPatch

    @property
    def decisions(self) -> Path:
        return self.root / "company" / "stewardship" / "decisions.csv"

    @property
    def warehouse(self) -> Path:
        return self.root / "home" / "warehouse" / "warehouse.duckdb"

    def scoreline(self, *arguments: str) -> Result:
        """Types `scoreline customers ...`."""
        self.patch.setenv("SCORELINE_HOME", str(self.root / "home"))
        self.patch.setenv("SCORELINE_COMPANY", str(self.root / "company"))
        self.patch.setenv("COLUMNS", "160")
        self.patch.setenv("USER", "steward")
        return CliRunner().invoke(main, ["customers", *arguments])

    def ask(self, *arguments: str) -> Any:
        """The JSON a command prints."""
        result = self.scoreline(*arguments, "--json")
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    def filed(self) -> list[str]:
        """Rows of the file of decisions after its header."""
        return self.decisions.read_text(encoding="utf-8").splitlines()[1:] if self.decisions.exists() else []

    def key(self, record_id: str) -> str:
        """Today's key of a record."""
        with duckdb.connect(str(self.warehouse), read_only=True) as con:
            rows = con.execute(
                "select customer_key from core.customer_source where source_system || ':' || source_key = ?",
                [record_id],
            ).fetchall()
        return str(rows[0][0])


def set_up_desk(root: Path, kept: Path, patch: pytest.MonkeyPatch) -> Desk:
    """A fresh company folder and a copy of the warehouse `kept`; what merged the two firms is filed."""
    write_mini_company(root)
    desk = Desk(root, patch)
    desk.warehouse.parent.mkdir(parents=True)
    shutil.copyfile(kept, desk.warehouse)
    desk.decisions.parent.mkdir(exist_ok=True)
    kind, a, b, who, on, why = MERGED
    row = (kind, *a.split(":"), *b.split(":"), who, on, f'"{why}"')
    header = "decision,system_a,key_a,system_b,key_b,decided_by,decided_on,reason"
    desk.decisions.write_text(f"{header}\n{','.join(map(str, row))}\n", encoding="utf-8")
    return desk
