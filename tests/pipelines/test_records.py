"""Every landed record and what it makes: `landing.record` over small landings, and what `records.yaml` declares."""

from pathlib import Path

import duckdb
import pytest
import yaml

from connectors.contracts import entities
from connectors.landing import Landing
from connectors.mapping import MappedSource, Mapping, create_mapped_views, mapped_view_sql
from pipelines.explain.raw import RawRecords
from pipelines.warehouse.records import (
    DECLARED,
    ORIGIN_COLUMNS,
    Claim,
    MappedStreams,
    VendorStream,
    claims_of,
    record_origins,
    record_view_sql,
)

STAGING = Path(__file__).parents[2] / "dbt_project/models/staging"
WITHOUT_A_CLAIM = {"assignment", "exchange_rate"}
"""Entities that staging composes of several records; those stand under another entity, or are looked up."""
NOTE = ("a note", "备注")


def rows(con: duckdb.DuckDBPyConnection, sql: str) -> list[tuple]:
    return con.execute(
        "select stream, record_key, version_seq, is_latest, entity, source_key, mapping_fate, is_read, left_out_en, "
        f"is_shared, records from ({sql}) order by all"
    ).fetchall()


def test_a_vendors_records_make_one_entity_several_or_none() -> None:
    with duckdb.connect() as con:
        con.execute(
            """
            create table line as select * from (values
                ('erp', '1', 1, 'l1', false, 1), ('erp', '1', 2, 'l2', false, 1), ('erp', '2', 1, 'l1', true, 2)
            ) as landed(_source, _key, _seq, _load_id, _deleted, id);
            create table lead as
                select 'erp' as _source, '5' as _key, 1 as _seq, 'l1' as _load_id, null as _deleted, 5 as id;
            create table lines as
                select 'erp' as _source, key as _key, 1 as _seq, 'l1' as _load_id, false as _deleted, lines
                from (values ('a', '[{"id": "x"}, {"id": "y"}]'), ('b', '[]'), ('c', null)) as document(key, lines);
            create table log as select 'erp' as _source, '9' as _key, 1 as _seq, 'l1' as _load_id, false as _deleted
            """
        )
        document = claims_of("zoho_crm")["sales_order_lines"]
        streams = [
            VendorStream("line", "line", (Claim("sales_order_line", left_out=NOTE),), ("erp",)),
            VendorStream("lead", "lead", (Claim("lead"), Claim("stage_event", "id || ':0'")), ("erp",)),
            VendorStream("lines", "lines", document, ("erp",)),
            VendorStream("currency", "log", (), ("erp",)),
            VendorStream("log", "log", (), ("erp",), is_read=False),
        ]

        left_out = "an order without lines"
        assert rows(con, record_view_sql(streams, [])) == [
            ("currency", "9", 1, True, None, None, None, True, None, False, 1),
            ("lead", "5", 1, True, "lead", "5", None, True, None, True, 1),
            ("lead", "5", 1, True, "stage_event", "5:0", None, True, None, True, 0),
            ("line", "1", 1, False, "sales_order_line", "1", None, True, "a note", False, 1),
            ("line", "1", 2, True, "sales_order_line", "1", None, True, "a note", False, 1),
            ("line", "2", 1, True, "sales_order_line", "2", None, True, "a note", False, 1),
            ("lines", "a", 1, True, "sales_order_line", "x", None, True, left_out, True, 1),
            ("lines", "a", 1, True, "sales_order_line", "y", None, True, left_out, True, 0),
            ("lines", "b", 1, True, "sales_order_line", None, None, True, left_out, True, 1),
            ("lines", "c", 1, True, "sales_order_line", None, None, True, left_out, True, 1),
            ("log", "9", 1, True, None, None, None, False, None, False, 1),
        ]
        assert [row[:4] for row in record_origins(streams[:2], [])] == [
            ("erp", "sales_order_line", "line", 1),
            ("erp", "lead", "lead", 1),
            ("erp", "stage_event", "lead", 1),
        ]


def test_a_mapping_says_what_its_records_make_and_where_they_stand(tmp_path: Path) -> None:
    mapping = Mapping.model_validate(
        {
            "product": {"from": "goods", "columns": {"source_key": {"sql": "'P' || code"}, "product_name": "name"}},
            "contact": {"from": "people", "where": "kind = 'c'", "columns": {"contact_name": "name"}},
        }
    )
    streams = ("goods", "people", "unused")
    with duckdb.connect() as con:
        con.execute("create schema landing")
        for stream, values in (
            ("goods", "('1', 'X1', 'n', 'l')"),
            ("people", "('7', '', 'Ann', 'c'), ('8', '', 'Bo', 'd')"),
        ):
            landed = "select key as _key, code, name, kind, 1 as _seq, 'l1' as _load_id, false as _deleted"
            given = f"(values {values}) as landed(key, code, name, kind)"
            con.execute(f"create table landing.raw__hr__{stream} as {landed} from {given}")
        con.execute(
            "create table landing.raw__hr__unused as select '1' as _key, 1 as _seq, 'l1' as _load_id, false as _deleted"
        )
        source = MappedSource("hr", mapping, streams)
        create_mapped_views(con, [source])
        rules = [MappedStreams("hr", streams, tuple(mapped_view_sql("hr", mapping, streams)))]

        assert rows(con, record_view_sql([], rules)) == [
            ("goods", "1", 1, True, "product", "PX1", "mapped", True, None, False, 1),
            ("people", "7", 1, True, "contact", "7", "mapped", True, None, False, 1),
            ("people", "8", 1, True, "contact", "8", "outside", True, None, False, 1),
            ("unused", "1", 1, True, None, None, None, False, None, False, 1),
        ]
        origins = [dict(zip(ORIGIN_COLUMNS, row, strict=True)) for row in record_origins([], rules)]
    assert [(row["entity"], row["stream"]) for row in origins] == [("product", "goods"), ("contact", "people")]

    folder = tmp_path / "landing/hr/goods"
    folder.mkdir(parents=True)
    (tmp_path / "landing/hr/_dlt_loads").mkdir()
    (tmp_path / "landing/hr/_dlt_loads/s__5.1.jsonl").touch()
    duckdb.execute(f"copy (select '1' as _key, 1 as _seq, 'X1' as code) to '{folder}/5.1.f.parquet'")
    raw = RawRecords(Landing(tmp_path), origins)
    fact = {
        "fact_kind": "record",
        "source_system": "hr",
        "source_entity": "product",
        "source_key": "PX1",
        "load_id": "5.1",
    }
    raw.load([fact])
    assert raw.find(fact) == {"stream": "goods", "record_key": "1", "load_id": "5.1", "values": {"code": "X1"}}
    gone = raw.find(fact | {"source_key": "PX2"})
    assert gone == {"stream": None, "record_key": None, "load_id": "5.1", "values": None}
    assert raw.entity_keys("hr", "goods", "1", "product", "5.1") == ["PX1"]


@pytest.mark.parametrize("system", yaml.safe_load(DECLARED.read_text(encoding="utf-8")))
def test_every_stream_and_entity_that_is_declared_exists_and_none_is_forgotten(system: str) -> None:
    (sources,) = yaml.safe_load((STAGING / system / f"_{system}__sources.yml").read_text(encoding="utf-8"))["sources"]
    streams = {table["name"] for table in sources["tables"]}
    made = {path.stem.removeprefix(f"stg_{system}__") for path in (STAGING / system).glob("stg_*.sql")} & set(
        entities()
    )
    claims = claims_of(system)

    assert set(claims) <= streams
    assert {claim.entity for listed in claims.values() for claim in listed} == made - WITHOUT_A_CLAIM
