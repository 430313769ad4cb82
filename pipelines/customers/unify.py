"""The road from raw customer records to durable keys, step by step; each takes Arrow tables and gives one Arrow table.

A step is the body of one dbt model (`dbt_project/models/core/customer`), and `unify` walks all of them. A step may be
handed what it returned last time: it then redoes only what changed, and returns the rows it would return without.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

import duckdb
import pyarrow as pa

from pipelines.customers.clusters import ClusterRules, build_clusters
from pipelines.customers.hierarchy import find_parents
from pipelines.customers.keys import EVENT_COLUMNS, update_ledger
from pipelines.customers.matching import Model, score, train
from pipelines.customers.normalise import NORMALISED, evidence_hashes, normalise
from pipelines.customers.settings import PartySettings, Settings, load_settings
from pipelines.customers.stewardship import WORDS, settle_decisions

MATCH_MODEL = pa.schema(
    [
        ("party_type", pa.string()),
        ("model_id", pa.string()),
        ("settings_hash", pa.string()),
        ("trained_records", pa.int64()),
        ("parameters", pa.string()),
    ]
)
"""Grain: one row per party type. `parameters` is `Model.to_json()`, `model_id` its hash."""

PAIRS = pa.schema(
    [
        ("record_id_l", pa.string()),
        ("record_id_r", pa.string()),
        ("party_type", pa.string()),
        ("match_weight", pa.float64()),
        ("match_probability", pa.float64()),
        ("band", pa.string()),
        ("evidence", pa.string()),
        ("model_id", pa.string()),
    ]
)
"""Grain: one row per pair of records worth keeping, record_id_l < record_id_r. band: same, grey, different."""

DECISIONS = pa.schema(
    [
        ("decision_no", pa.int32()),
        ("decision", pa.string()),
        ("source_system_l", pa.string()),
        ("source_key_l", pa.string()),
        ("source_system_r", pa.string()),
        ("source_key_r", pa.string()),
        ("decided_by", pa.string()),
        ("decided_on", pa.date32()),
        ("reason", pa.string()),
        ("file", pa.string()),
        ("row", pa.int32()),
    ]
)
"""Grain: one row per decision people filed; `config.steward_decision`."""


@dataclass(frozen=True)
class Unified:
    """All that one walk through the steps gives; each table as the step of that name describes it."""

    records: pa.Table
    models: pa.Table
    pairs: pa.Table
    resolution: pa.Table
    parents: pa.Table
    decisions: pa.Table
    events: pa.Table


def unify(raw: pa.Table, event_date: date, decisions: pa.Table | None = None, before: Unified | None = None) -> Unified:
    """Raw customer records -> keys, the way the nightly build goes.

    raw: columns of `canonical.customer_record`. event_date: day the keys are booked under. decisions: `DECISIONS`.
    before: what the last walk gave; without it everything is new.
    """
    records = normalised(raw, before.records if before else None)
    return unify_normalised(records, raw, event_date, decisions, before)


def unify_normalised(
    records: pa.Table,
    raw: pa.Table,
    event_date: date,
    decisions: pa.Table | None = None,
    before: Unified | None = None,
) -> Unified:
    """The steps after normalisation; see `unify`."""
    words = settled(DECISIONS.empty_table() if decisions is None else decisions)
    models = match_models(records, before.models if before else None)
    scored = pairs(records, models, before.pairs if before else None, before.resolution if before else None)
    resolved = resolution(records, scored, models, words)
    below = parents(records, resolved, raw, words)
    book = key_events(
        resolved, words, event_date, before.events if before else None, before.decisions if before else None
    )
    return Unified(records, models, scored, resolved, below, words, book)


def normalised(raw: pa.Table, before: pa.Table | None = None) -> pa.Table:
    """Grain: one row per record, `NORMALISED`, by record_id. Rows of `before` with equal evidence are reused."""
    if before is None or not before.num_rows:
        return normalise(raw)
    with _scratch(raw=raw, hashes=evidence_hashes(raw), before=before) as con:
        con.execute(
            "create temp table known as select record_id from hashes semi join before using (record_id, evidence_hash)"
        )
        new = con.sql("select raw.* from raw anti join known on source_system || ':' || source_key = record_id")
        con.register("new", normalise(new.to_arrow_table()))
        columns = ", ".join(NORMALISED.names)
        return (
            con.sql(
                f"select {columns} from before semi join known using (record_id) union all select {columns} from new "
                "order by record_id"
            )
            .to_arrow_table()
            .cast(NORMALISED)
        )


def match_models(records: pa.Table, before: pa.Table | None = None, settings: Settings | None = None) -> pa.Table:
    """What is learnt from the records: `MATCH_MODEL`, a row per party type.

    A model of `before` goes on serving until its settings change or the records have doubled (`Model.needs_training`).
    """
    settings = settings or load_settings()
    known = {row["party_type"]: row for row in (before.to_pylist() if before else ())}
    with _scratch(records=records) as con:
        rows = [_model_row(con, part, known.get(part.party_type)) for part in (settings.organisation, settings.person)]
    return pa.Table.from_pylist(rows, schema=MATCH_MODEL)


def _model_row(con: duckdb.DuckDBPyConnection, settings: PartySettings, known: dict | None) -> dict:
    ((count,),) = con.execute(f"select count(*) from records where party_type = '{settings.party_type}'").fetchall()
    if known and not Model.from_json(known["parameters"]).needs_training(settings.hash, count):
        return known
    model = train(con, "records", settings)
    text = model.to_json()
    return {
        "party_type": settings.party_type,
        "model_id": hashlib.sha256(text.encode()).hexdigest()[:16],
        "settings_hash": settings.hash,
        "trained_records": model.records,
        "parameters": text,
    }


def settled(filed: pa.Table) -> pa.Table:
    """People's decisions in force: of `DECISIONS` the last word on each pair of records, `WORDS`."""
    with _scratch(filed=filed) as con:
        settle_decisions(con, "filed", "words")
        return con.sql("select * from words order by decision_no").to_arrow_table().cast(WORDS)


def pairs(
    records: pa.Table, models: pa.Table, before: pa.Table | None = None, resolved_before: pa.Table | None = None
) -> pa.Table:
    """Scored pairs, `PAIRS`, ordered by the two ids.

    resolved_before says which version of which record was matched under which model when `before` was made; a pair of
    `before` stays when both records and the model are the same.
    """
    before = PAIRS.empty_table() if before is None else before
    resolved_before = RESOLUTION.empty_table() if resolved_before is None else resolved_before
    with _scratch(records=records, before=before, resolved_before=resolved_before) as con:
        parts = [_pairs_of(con, row) for row in models.to_pylist()]
    return pa.concat_tables(parts).sort_by([("record_id_l", "ascending"), ("record_id_r", "ascending")])


def _pairs_of(con: duckdb.DuckDBPyConnection, row: dict) -> pa.Table:
    model = Model.from_json(row["parameters"])
    party_type, model_id = row["party_type"], row["model_id"]
    con.execute(
        "create or replace temp table unchanged as select record_id from records semi join resolved_before "
        f"using (record_id, evidence_hash, party_type) where party_type = '{party_type}' and record_id in "
        f"(select record_id from resolved_before where model_id = '{model_id}')"
    )
    con.execute(
        "create or replace temp table changed as select record_id from records anti join unchanged using (record_id) "
        f"where party_type = '{party_type}'"
    )
    ((unchanged,),) = con.execute("select count(*) from unchanged").fetchall()
    score(con, "records", model, "scored", changed="changed" if unchanged else None)
    bands = model.settings.thresholds
    return (
        con.sql(
            f"""select * from before
            semi join unchanged as l on record_id_l = l.record_id semi join unchanged as r on record_id_r = r.record_id
            where model_id = '{model_id}'
        union all
        select record_id_l, record_id_r, '{party_type}', match_weight, match_probability,
            case when match_probability >= {bands.same} then 'same'
                when match_probability >= {bands.grey} then 'grey' else 'different' end,
            evidence, '{model_id}'
        from scored"""
        )
        .to_arrow_table()
        .cast(PAIRS)
    )


LINK = pa.struct([("record_id", pa.string()), ("match_reason", pa.string()), ("match_probability", pa.float64())])

RESOLUTION = pa.schema(
    [
        ("record_id", pa.string()),
        ("source_system", pa.string()),
        ("source_key", pa.string()),
        ("party_type", pa.string()),
        ("cluster_id", pa.string()),
        ("match_reason", pa.string()),
        ("match_probability", pa.float64()),
        ("links", pa.list_(LINK)),
        ("evidence_hash", pa.string()),
        ("model_id", pa.string()),
    ]
)
"""Grain: one row per record. cluster_id: least record_id of the records that are one customer.

links: the later records of its cluster that it is joined to directly; each link stands at its earlier record only.
evidence_hash, model_id: the version of the record, and the model, that were matched; the next night compares with them.
"""


def resolution(records: pa.Table, scored: pa.Table, models: pa.Table, words: pa.Table) -> pa.Table:
    """The cluster of every record, `RESOLUTION`, ordered by record_id; the rules are in `clusters`."""
    with _scratch(records=records, pairs=scored, models=models, words=words) as con:
        build_clusters(con, "records", "pairs", "words", ClusterRules(), "clusters", "link")
        con.execute(
            "create temp table linked as select record_id_l as record_id, list(struct_pack(record_id := record_id_r, "
            "match_reason := match_reason, match_probability := match_probability) order by record_id_r) as links "
            "from link group by record_id_l"
        )
        resolved = con.sql(
            "select record_id, source_system, source_key, party_type, cluster_id, match_reason, match_probability, "
            "coalesce(links, []) as links, evidence_hash, model_id from clusters inner join records using (record_id) "
            "left join linked using (record_id) left join models using (party_type) order by record_id"
        )
        return resolved.to_arrow_table().cast(RESOLUTION)


def parents(records: pa.Table, resolved: pa.Table, raw: pa.Table, words: pa.Table) -> pa.Table:
    """Which record is a part of which (record_id, parent_record_id, reason); the rules are in `hierarchy`."""
    with _scratch(records=records, resolved=resolved, raw=raw, words=words) as con:
        con.execute(
            "create temp view named as "
            "select source_system || ':' || source_key as record_id, parent_record_key from raw"
        )
        con.execute("create temp view clusters as select record_id, cluster_id from resolved")
        find_parents(con, "records", "clusters", "words", "named", "parents")
        return con.sql("select * from parents order by record_id").to_arrow_table()


def key_events(
    resolved: pa.Table,
    words: pa.Table,
    event_date: date,
    before: pa.Table | None = None,
    words_before: pa.Table | None = None,
) -> pa.Table:
    """The ledger of keys after today (see `keys`), ordered by event and record.

    before, words_before: the ledger and people's decisions of the last night.
    """
    words_before = WORDS.empty_table() if words_before is None else words_before
    with _scratch(clusters=resolved, words=words, words_before=words_before) as con:
        con.execute(
            "create temp table link as select record_id_l, link.record_id as record_id_r, link.match_reason, "
            "link.match_probability from (select record_id as record_id_l, unnest(links) as link from clusters)"
        )
        columns = ", ".join(f"{name} {kind}" for name, kind in EVENT_COLUMNS.items())
        con.execute(f"create table previous ({columns})")
        if before is not None:
            con.register("incoming", before)
            con.execute("insert into previous by name select * from incoming")
        update_ledger(con, "clusters", "previous", event_date, "words", "events", "link", "words_before")
        return con.sql("select * from events order by event_no, source_system, source_key").to_arrow_table()


@contextmanager
def _scratch(**tables: pa.Table) -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB of its own that sees the tables by name: nothing of the work reaches the warehouse but its result."""
    with duckdb.connect() as con:
        for name, table in tables.items():
            con.register(name, table)
        yield con


def last_time(session: duckdb.DuckDBPyConnection, schema: str, name: str, columns: pa.Schema) -> pa.Table | None:
    """A step's own result of the last build, None where there is none or an older version of the code made it."""
    found = session.execute(
        "select column_name from duckdb_columns() where database_name = current_database() and schema_name = ? "
        "and table_name = ? order by column_index",
        [schema, name],
    ).fetchall()
    if [column for (column,) in found] != columns.names:
        return None
    return session.sql(f"select * from {schema}.{name}").to_arrow_table()
