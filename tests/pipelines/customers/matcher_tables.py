"""Small tables for tests of what comes after scoring: normalised records, scored pairs, people's decisions."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import duckdb
import pyarrow as pa

from pipelines.customers.clusters import ClusterRules, build_clusters
from pipelines.customers.normalise.schema import NORMALISED
from pipelines.customers.stewardship import Decision, last_words, words_table

RULES = ClusterRules()
SAME, GREY = 0.95, 0.5
DAY = date(2025, 3, 1)

_PAIRS = pa.schema(
    [
        ("record_id_l", pa.string()),
        ("record_id_r", pa.string()),
        ("match_probability", pa.float64()),
        ("band", pa.string()),
    ]
)

Pair = tuple[str, str, float]
Said = tuple[str, str, str]


def record(record_id: str, name: str | None = None, **columns: Any) -> dict[str, Any]:
    """A normalised organisation; its name as given is its core, compact and only word, too."""
    system, _, key = record_id.partition(":")
    script = None if name is None else "latin" if name.isascii() else "han"
    words = name.lower().split() if name else None
    return {
        "record_id": record_id,
        "source_system": system,
        "source_key": key,
        "party_type": "organisation",
        "name_text": name,
        "name_core": name,
        "name_compact": name.lower().replace(" ", "") if name else None,
        "name_tokens": words,
        "name_script": script,
        **columns,
    }


def write_tables(
    con: duckdb.DuckDBPyConnection,
    records: Iterable[Mapping[str, Any]],
    pairs: Iterable[Pair] = (),
    said: Iterable[Said] = (),
) -> None:
    """The tables `records`, `pairs` and `decisions`; what was said was said by Ann, a day later each."""
    found = pa.Table.from_pylist([dict.fromkeys(NORMALISED.names) | dict(row) for row in records], schema=NORMALISED)
    con.register("given", found)
    con.execute("create or replace table records as from given")
    con.unregister("given")
    scored = [
        {
            "record_id_l": min(pair[:2]),
            "record_id_r": max(pair[:2]),
            "match_probability": pair[2],
            "band": _band(pair[2]),
        }
        for pair in pairs
    ]
    con.register("given", pa.Table.from_pylist(scored, schema=_PAIRS))
    con.execute("create or replace table pairs as from given")
    con.unregister("given")
    write_decisions(con, said)


def _band(probability: float) -> str:
    return "same" if probability >= SAME else "grey" if probability >= GREY else "different"


def write_decisions(con: duckdb.DuckDBPyConnection, said: Iterable[Said], table: str = "decisions") -> None:
    """The last words on what was said: (decision, record, record) in order."""
    con.register("given", words_table(last_words(decisions(said))))
    con.execute(f"create or replace table {table} as from given")
    con.unregister("given")


def decisions(said: Iterable[Said]) -> list[Decision]:
    """Decisions by Ann, in order, with the reason `<decision> <number>`."""
    return [
        Decision(number, kind, left, right, "Ann", DAY, f"{kind} {number}")
        for number, (kind, left, right) in enumerate(said, 1)
    ]


def clusters(
    records: Iterable[Mapping[str, Any]],
    pairs: Iterable[Pair] = (),
    said: Iterable[Said] = (),
    rules: ClusterRules = RULES,
) -> list[list[str]]:
    """The clusters of these records, each in order."""
    with duckdb.connect() as con:
        write_tables(con, records, pairs, said)
        build_clusters(con, "records", "pairs", "decisions", rules, "clusters")
        rows = con.execute("select list(record_id order by record_id) from clusters group by cluster_id").fetchall()
    return sorted(members for (members,) in rows)
