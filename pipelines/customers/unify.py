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
import pyarrow.compute as pc

from pipelines.customers.affected import record_states, store_affected
from pipelines.customers.changes import changed_ids, renewed, rows_of
from pipelines.customers.clusters import RULES_VERSION, ClusterRules, build_clusters
from pipelines.customers.hierarchy import find_parents
from pipelines.customers.keys import EVENT_COLUMNS, new_events
from pipelines.customers.matching import Model, reached, score, train
from pipelines.customers.matching import blocking_keys as write_blocking_keys
from pipelines.customers.normalise import NORMALISED, evidence_hashes, normalise
from pipelines.customers.settings import PartySettings, Settings, load_settings
from pipelines.customers.stewardship import WORDS, settle_decisions
from pipelines.customers.sure_keys import key_hashes

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

BLOCKING_KEYS = pa.schema(
    [
        ("record_id", pa.string()),
        ("evidence_hash", pa.string()),
        ("settings_hash", pa.string()),
        ("keys", pa.list_(pa.uint64())),
    ]
)
"""Grain: one row per record. keys: what it may meet others by; evidence_hash, settings_hash: made from."""

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
        ("versions_hash", pa.uint64()),
    ]
)
"""Grain: one row per pair of records worth keeping, record_id_l < record_id_r. band: same, grey, different.

versions_hash: the versions of all records, and the models, that were matched; equal in all rows.
"""

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
    keys: pa.Table
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
    keys = blocking_keys(records, models, before.keys if before else None)
    scored = pairs(records, models, keys, before.pairs if before else None, before.resolution if before else None)
    resolved = resolution(records, scored, models, words, before.resolution if before else None)
    below = parents(records, resolved, raw, words)
    book = key_events(
        resolved, words, event_date, before.events if before else None, before.decisions if before else None
    )
    return Unified(records, models, keys, scored, resolved, below, words, book)


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


def blocking_keys(records: pa.Table, models: pa.Table, before: pa.Table | None = None) -> pa.Table:
    """What each record may meet others by, `BLOCKING_KEYS`, by record_id.

    Rows of `before` with equal evidence and settings are reused.
    """
    before = BLOCKING_KEYS.empty_table() if before is None else before.cast(BLOCKING_KEYS)
    outdated = changed_ids(_modelled(records, models, "settings_hash"), before)
    with _scratch(fresh=rows_of(records, outdated)) as con:
        parts = [_blocking_keys_of(con, row) for row in models.to_pylist()]
    return renewed(before, outdated, pa.concat_tables(parts), "record_id")


def _modelled(records: pa.Table, models: pa.Table, column: str) -> pa.Table:
    """record_id, evidence_hash and this column of the model of the record's party type; records with a model only."""
    model = pc.index_in(records["party_type"], value_set=models["party_type"].combine_chunks())
    found = records.select(["record_id", "evidence_hash"]).append_column(column, models[column].take(model))
    return found.filter(pc.is_valid(model)) if model.null_count else found


def _blocking_keys_of(con: duckdb.DuckDBPyConnection, row: dict) -> pa.Table:
    write_blocking_keys(con, Model.from_json(row["parameters"]).settings, "fresh", "listed")
    found = con.sql(
        f"select record_id, evidence_hash, '{row['settings_hash']}' as settings_hash, keys "
        "from listed inner join fresh using (record_id)"
    )
    return found.to_arrow_table().cast(BLOCKING_KEYS)


def pairs(
    records: pa.Table,
    models: pa.Table,
    keys: pa.Table,
    before: pa.Table | None = None,
    resolved_before: pa.Table | None = None,
) -> pa.Table:
    """Scored pairs, `PAIRS`, ordered by the two ids. keys: `BLOCKING_KEYS` of the records.

    resolved_before says which version of which record was matched under which model when `before` was made; a pair of
    `before` stays when both records and the model are the same. Where the two are not of one build, all is new.
    """
    before = PAIRS.empty_table() if before is None else before.cast(PAIRS)
    resolved_before = RESOLUTION.empty_table() if resolved_before is None else resolved_before
    matched = _modelled(records, models, "model_id")
    with _scratch(
        records=records, models=models, matched=matched, keys=keys, before=before, matched_before=resolved_before
    ) as con:
        if not _are_of_one_build(con):
            resolved_before, before = resolved_before.slice(0, 0), before.slice(0, 0)
        outdated = changed_ids(matched, resolved_before)
        con.register("changes", pa.table({"record_id": outdated}))
        ((versions,),) = con.execute(_VERSIONS.format("matched")).fetchall()
        parts = [_scored_anew(con, records, row, versions) for row in models.to_pylist()]
    stamp = pa.repeat(pa.scalar(versions, pa.uint64()), before.num_rows)
    before = before.set_column(PAIRS.get_field_index("versions_hash"), PAIRS.field("versions_hash"), stamp)
    return renewed(before, outdated, pa.concat_tables(parts), "record_id_l", "record_id_r")


_VERSIONS = "select coalesce(bit_xor(hash(record_id, evidence_hash, model_id)), 0) from {}"


def _are_of_one_build(con: duckdb.DuckDBPyConnection) -> bool:
    """Whether `before` holds the pairs of just those versions that `matched_before` names."""
    rows = con.execute(f"select 1 from before where versions_hash = ({_VERSIONS.format('matched_before')}) limit 1")
    return bool(rows.fetchall())


def _scored_anew(con: duckdb.DuckDBPyConnection, records: pa.Table, row: dict, versions: int) -> pa.Table:
    """The pairs of one party type that have a changed record; all of them when every record is new."""
    model = Model.from_json(row["parameters"])
    party_type, bands = row["party_type"], model.settings.thresholds
    con.execute(
        "create or replace temp table asked as select record_id from records semi join changes using (record_id) "
        f"where party_type = '{party_type}'"
    )
    con.execute(
        "create or replace temp view asked_keys as select record_id, keys from keys "
        f"where settings_hash = '{row['settings_hash']}'"
    )
    ((are_some_known,),) = con.execute(
        f"select count(*) > (select count(*) from asked) from records where party_type = '{party_type}'"
    ).fetchall()
    if are_some_known:
        con.register("met", rows_of(records, reached(con, "asked_keys", model.stop_keys, "asked")))
        score(con, "met", model, "scored", changed="asked", keys="asked_keys")
    else:
        score(con, "records", model, "scored", keys="asked_keys")
    found = con.sql(
        f"""select record_id_l, record_id_r, '{party_type}' as party_type, match_weight, match_probability,
            case when match_probability >= {bands.same} then 'same'
                when match_probability >= {bands.grey} then 'grey' else 'different' end as band,
            evidence, '{row["model_id"]}' as model_id, {versions}::ubigint as versions_hash
        from scored"""
    )
    return found.to_arrow_table().cast(PAIRS)


LINK = pa.struct([("record_id", pa.string()), ("match_reason", pa.string()), ("match_probability", pa.float64())])

RESOLUTION = pa.schema(
    [
        ("record_id", pa.string()),
        ("source_system", pa.string()),
        ("source_key", pa.string()),
        ("party_type", pa.string()),
        ("cluster_id", pa.string()),
        ("component_id", pa.string()),
        ("match_reason", pa.string()),
        ("match_probability", pa.float64()),
        ("links", pa.list_(LINK)),
        ("sure_keys", pa.list_(pa.uint64())),
        ("evidence_hash", pa.string()),
        ("model_id", pa.string()),
        ("context_hash", pa.uint64()),
    ]
)
"""Grain: one row per record. cluster_id: least record_id of the records that are one customer; component_id: of those
it is connected to.

links: the later records of its cluster that it is joined to directly; each link stands at its earlier record only.
sure_keys: `sure_keys.key_hashes`. evidence_hash, model_id, context_hash: the version of the record, the model, and the
hash of the cluster rules and of what people said of it; the next night compares with them.
"""


def resolution(
    records: pa.Table, scored: pa.Table, models: pa.Table, words: pa.Table, before: pa.Table | None = None
) -> pa.Table:
    """The cluster of every record, `RESOLUTION`, ordered by record_id; the rules are in `clusters`.

    Rows of `before` that the night cannot have changed are reused; which those are is in `affected`.
    """
    before = RESOLUTION.empty_table() if before is None else before.cast(RESOLUTION)
    with _scratch(records=records, pairs=scored, words=words, before=before) as con:
        rules = ClusterRules()
        states = record_states(
            con, _modelled(records, models, "model_id"), "words", f"{duckdb.__version__} {RULES_VERSION} {rules}"
        )
        con.register("record_state", states)
        con.register("touched", pa.table({"record_id": changed_ids(states, before)}))
        store_affected(con, "records", "pairs", "words", "before")
        con.register("affected_record", rows_of(records, con.sql("from around").to_arrow_table()["record_id"]))
        build_clusters(con, "affected_record", "affected_pair", "words", rules, "clusters", "link")
        con.execute(
            "create temp table linked as select record_id_l as record_id, list(struct_pack(record_id := record_id_r, "
            "match_reason := match_reason, match_probability := match_probability) order by record_id_r) as links "
            "from link group by record_id_l"
        )
        return con.sql(_KEPT_AND_RESOLVED).to_arrow_table().cast(RESOLUTION)


_KEPT_AND_RESOLVED = f"""
    select {", ".join(RESOLUTION.names)} from before
    anti join affected using (record_id) anti join touched using (record_id)
    union all
    select record_id, source_system, source_key, party_type, cluster_id, component_id, match_reason, match_probability,
        coalesce(links, []) as links, {key_hashes()} as sure_keys, evidence_hash, model_id, context_hash
    from clusters semi join affected using (record_id)
    inner join affected_record using (record_id)
    inner join record_state using (record_id, evidence_hash)
    left join linked using (record_id)
    order by record_id"""


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


_ARROW_TYPES = {"bigint": pa.int64(), "date": pa.date32(), "varchar": pa.string()}
EVENTS = pa.schema([(name, _ARROW_TYPES[kind]) for name, kind in EVENT_COLUMNS.items()])
"""Grain: one row per event and record concerned; see `keys`."""


def key_events(
    resolved: pa.Table,
    words: pa.Table,
    event_date: date,
    before: pa.Table | None = None,
    words_before: pa.Table | None = None,
) -> pa.Table:
    """The ledger of keys after today (see `keys`), ordered by event and record.

    before, words_before: the ledger, in this order, and people's decisions of the last night.
    """
    words_before = WORDS.empty_table() if words_before is None else words_before
    before = EVENTS.empty_table() if before is None else before.select(EVENTS.names).cast(EVENTS)
    with _scratch(clusters=resolved, words=words, words_before=words_before, previous=before) as con:
        con.execute(
            "create temp table link as select record_id_l, link.record_id as record_id_r, link.match_reason, "
            "link.match_probability from (select record_id as record_id_l, unnest(links) as link from clusters)"
        )
        new_events(con, "clusters", "previous", event_date, "words", "new_event", "link", "words_before")
        found = con.sql("from new_event order by event_no, source_system, source_key").to_arrow_table()
    return pa.concat_tables([before, found.cast(EVENTS)])


@contextmanager
def _scratch(**tables: pa.Table) -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB of its own that sees the tables by name: nothing of the work reaches the warehouse but its result."""
    with duckdb.connect() as con:
        for name, table in tables.items():
            con.register(name, table)
        yield con


def last_time(session: duckdb.DuckDBPyConnection, schema: str, name: str, columns: pa.Schema) -> pa.Table | None:
    """A step's own result of the last build, in its order; None where there is none or older code made it."""
    found = session.execute(
        "select column_name from duckdb_columns() where database_name = current_database() and schema_name = ? "
        "and table_name = ? order by column_index",
        [schema, name],
    ).fetchall()
    if [column for (column,) in found] != columns.names:
        return None
    return session.sql(f"select * from {schema}.{name} order by 1, 2").to_arrow_table()
