"""Which records a night can have moved: the rest keep the cluster they had.

A cluster depends on the connected component of its records: on what they are, what joins or supports any two of them,
and what people said about them. Of those, a night can change

- what a record is or what was said about it: the records that are new, gone, changed or spoken of otherwise;
- whether a key of such a record, one it has or had, is a hub's or doubted: all records with that key;
- what joins records: a new edge has one of the former at one of its ends, or two records with one of these keys.

So a component of last time in which none of these records is, and that nothing joins to one of them, is the component
it was, and its clusters are what they were. All others are put together again, from all their records.
"""

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.customers.sure_keys import key_hashes

AFFECTED = "affected"
"""record_id: what is clustered anew."""


def record_states(con: duckdb.DuckDBPyConnection, versions: pa.Table, words: str, rules_version: str) -> pa.Table:
    """The version of each record, and the hash of all else its row of last time rests on (context_hash).

    versions: record_id, evidence_hash, model_id; the result has one row for each of these, in their order.
    """
    rows = con.execute(
        f"""with spoken as (
            select record_id, bit_xor(hash(decision_no, decision, record_id_l, record_id_r)) as words_hash
            from (select *, unnest([record_id_l, record_id_r]) as record_id from {words}) group by record_id
        )
        select record_id, hash('{rules_version}', words_hash) from spoken
        union all select null, hash('{rules_version}', null::ubigint)"""
    ).fetchall()
    hashes = dict(rows)
    context = np.full(versions.num_rows, hashes.pop(None), np.uint64)
    spoken = pc.index_in(versions["record_id"], value_set=pa.array(list(hashes), pa.string())).combine_chunks()
    is_spoken = pc.is_valid(spoken).to_numpy(zero_copy_only=False)
    context[is_spoken] = np.array(list(hashes.values()), np.uint64)[spoken.drop_null().to_numpy()]
    return versions.append_column("context_hash", pa.array(context))


def store_affected(con: duckdb.DuckDBPyConnection, records: str, pairs: str, words: str, before: str) -> None:
    """Temp tables: `affected`, the records to be clustered anew; `around`, `affected_pair`: what that takes.

    before: the resolution of last time; `record_state` is today's, `touched` the records that differ between the two.
    `around` (record_id) has besides the affected records all that share a key with one, because how many names share a
    key decides what it proves.
    """
    if not con.execute(f"select 1 from {before} limit 1").fetchall():
        _store_all(con, pairs)
        return
    _store_touched_keys(con, records, before)
    _store_components(con, pairs, words, before)
    con.execute(
        f"""create or replace temp table {AFFECTED} as
        select record_id from record_state semi join (
            select record_id from {before} semi join affected_component using (component_id)
            union select record_id from touched
        ) using (record_id)"""
    )
    _store_around(con, pairs, before)


def _store_all(con: duckdb.DuckDBPyConnection, pairs: str) -> None:
    con.execute(f"create or replace temp view {AFFECTED} as select record_id from record_state")
    con.execute("create or replace temp view around as select record_id from record_state")
    con.execute(f"create or replace temp view affected_pair as select * from {pairs}")


def _store_touched_keys(con: duckdb.DuckDBPyConnection, records: str, before: str) -> None:
    """`touched_key`: the keys that touched records have, and had."""
    con.execute(
        f"""create or replace temp table new_key as
        select record_id, unnest({key_hashes()}) as key from {records} semi join touched using (record_id)"""
    )
    con.execute(
        f"""create or replace temp table touched_key as
        select key from new_key union select unnest(sure_keys) from {before} semi join touched using (record_id)"""
    )


def _store_components(con: duckdb.DuckDBPyConnection, pairs: str, words: str, before: str) -> None:
    """`affected_component`: components of last time that the night can have changed, or that it joins to others."""
    con.execute(
        f"""create or replace temp table affected_component as
        with partner as (
            select record_id_l, record_id_r from {pairs} where band = 'same'
            union all select record_id_l, record_id_r from {words}
        ),
        reached as (
            select record_id from touched
            union all select record_id_r from partner semi join touched on record_id_l = touched.record_id
            union all select record_id_l from partner semi join touched on record_id_r = touched.record_id
            union all
            select record_id from (select record_id, unnest(sure_keys) as key from {before})
            semi join touched_key using (key)
        )
        select distinct component_id from {before} semi join reached using (record_id)"""
    )


def _store_around(con: duckdb.DuckDBPyConnection, pairs: str, before: str) -> None:
    con.execute(
        f"""create or replace temp table around as
        with held as (select record_id, unnest(sure_keys) as key from {before}),
        looked_into as (select key from held semi join {AFFECTED} using (record_id) union select key from new_key)
        select record_id from held semi join looked_into using (key) union select record_id from {AFFECTED}"""
    )
    con.execute(
        f"""create or replace temp table affected_pair as
        select * from {pairs} semi join {AFFECTED} as l on record_id_l = l.record_id
        semi join {AFFECTED} as r on record_id_r = r.record_id"""
    )
