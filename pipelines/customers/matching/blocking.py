"""Which pairs of records are looked at: those that share a blocking key which is not too common.

What is too common is decided once, when the model is trained, so that whether a pair is looked at depends on its two
records and the model alone. Works on the keys that `prepare` has stored.
"""

import duckdb
import pyarrow as pa

from pipelines.customers.matching.prepare import KEYS, RULE_SLOTS
from pipelines.customers.settings import PartySettings

STOP_KEYS = "matching_stop_key"


def common_keys(con: duckdb.DuckDBPyConnection, settings: PartySettings) -> tuple[int, ...]:
    """The stored keys that more records share than their rule allows, in ascending order."""
    limits = ", ".join(f"({number}, {rule.at_most})" for number, rule in enumerate(settings.blocking))
    rows = con.execute(
        f"""select key from {KEYS} join (values {limits}) as rule (number, at_most) on key % {RULE_SLOTS} = number
        group by key, at_most having count(*) > at_most order by key"""
    ).fetchall()
    return tuple(int(key) for (key,) in rows)


def store_pairs(
    con: duckdb.DuckDBPyConnection, stop_keys: tuple[int, ...], into: str, changed: str | None = None
) -> int:
    """Fill temp table `into` with every pair once, record_no_l < record_no_r; returns how many there are.

    `changed` names a table of record_no: then only pairs with at least one of these records, found from their side.
    """
    _store_stop_keys(con, stop_keys)
    first = KEYS if changed is None else f"(select * from {KEYS} semi join {changed} using (record_no))"
    order = "one.record_no < other.record_no" if changed is None else "one.record_no <> other.record_no"
    con.execute(
        f"""create or replace temp table {into} as
        with kept as materialized (select * from {first} anti join {STOP_KEYS} using (key))
        select distinct least(one.record_no, other.record_no) as record_no_l,
            greatest(one.record_no, other.record_no) as record_no_r
        from kept as one join {"kept" if changed is None else KEYS} as other using (key) where {order}"""
    )
    return int(con.execute(f"select count(*) from {into}").fetchall()[0][0])


def reached(con: duckdb.DuckDBPyConnection, keys: str, stop_keys: tuple[int, ...], changed: str) -> pa.ChunkedArray:
    """The ids of all records that share a key with one of `changed` (record_id); these among them."""
    _store_stop_keys(con, stop_keys)
    found = con.sql(
        f"""with wanted as materialized (
            select distinct key from (select unnest(keys) as key from {keys} semi join {changed} using (record_id))
            anti join {STOP_KEYS} using (key)
        )
        select distinct record_id from (select record_id, unnest(keys) as key from {keys}) semi join wanted using (key)
        union select record_id from {changed}"""
    )
    return found.to_arrow_table()["record_id"]


def _store_stop_keys(con: duckdb.DuckDBPyConnection, stop_keys: tuple[int, ...]) -> None:
    con.register("matching_arrow", pa.table({"key": pa.array(stop_keys, pa.uint64())}))
    con.execute(f"create or replace temp table {STOP_KEYS} as select * from matching_arrow")
    con.unregister("matching_arrow")
