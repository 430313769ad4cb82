"""Quotes and contracts in forms a company made itself: the demo's mapping of both builders gives the truth."""

import duckdb
import pyarrow as pa
import pytest
import yaml

from connectors.base import Window
from connectors.mapping import MappedSource, Mapping, create_mapped_views
from connectors.sandbox import demo_company
from connectors.sandbox.demo_crm import demo_crm
from connectors.sandbox.generate import generate
from connectors.sandbox.server import Sandbox
from pipelines.company import registry
from tests.dbt_project import benchmark_rows

STREAMS = ("quote", "contract")


@pytest.mark.parametrize("kind", ["jiandaoyun", "huoban"])
def test_mapped_quotes_and_contracts_are_the_truth(kind: str) -> None:
    company, vendor = generate("tiny"), demo_crm(kind)
    text = (demo_company.CRM_TEMPLATES / kind / "sources" / "crm.yaml").read_text("utf-8")
    con = duckdb.connect()
    con.execute("create schema landing")
    with Sandbox(vendor.app(company)) as box:
        variables = {"${SCORELINE_DEMO_CRM_URL}": box.url, "${SCORELINE_DEMO_CRM_SECRET}": vendor.secret}
        for name, value in variables.items():
            text = text.replace(name, value)
        source = yaml.safe_load(text)
        connector = registry.TYPES[kind].connect(
            registry.TYPES[kind].config_class().model_validate(source["connection"])
        )
        for stream in connector.streams():
            if stream.name in STREAMS:
                found = pa.concat_tables(connector.read(stream, Window(None, connector.now())))  # noqa: F841 - DuckDB
                con.execute(
                    f"create table landing.raw__crm__{stream.name} as select *, id as _key, 1 as _seq, "
                    "false as _deleted, 'l1' as _load_id from found"
                )
    mapping = Mapping.model_validate({"contract": source["mapping"]["contract"]})
    create_mapped_views(con, [MappedSource("crm", mapping, STREAMS, company.time_zone)])

    assert con.execute("from landing.mapped__quarantine").fetchall() == []
    rows = con.execute(f"select {benchmark_rows.CONTRACT_COLUMNS} from landing.mapped__contract").fetchall()
    assert {row[0]: row[1:] for row in rows} == benchmark_rows.contracts(company, vendor.record_id)
    owners = con.execute("select contract_number, owner_employee_key from landing.mapped__contract").fetchall()
    assert dict(owners) == {one.number: one.owner_number for one in company.contracts}
