"""Every landed record and what the canonical entities make of it: where the way down to raw records and fates begin.

Of the systems dbt has models for, `records.yaml` says which entities a stream's records become; of user-shaped sources
their mapping says it. Both end in one relation, `landing.record`, and in one table of where an entity's records stand.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from connectors.mapping.sql import RuleSql, literal, raw_view

DECLARED = Path(__file__).with_name("records.yaml")
COLUMNS = {
    "source_system": "varchar",
    "stream": "varchar",
    "record_key": "varchar",
    "version_seq": "bigint",
    "load_id": "varchar",
    "is_deleted": "boolean",
    "is_latest": "boolean",
    "entity": "varchar",
    "source_key": "varchar",
    "mapping_fate": "varchar",
    "is_read": "boolean",
    "left_out_en": "varchar",
    "left_out_zh": "varchar",
    "is_shared": "boolean",
    "records": "integer",
}
"""`landing.record`: one row per landed version and entity it makes; `records` adds up to the landed rows."""
ORIGIN_COLUMNS = ("source_system", "entity", "stream", "position", "key_sql")
"""Columns of `config.record_origin`: where an entity's records stand in landing, and the SQL that gives their key."""


@dataclass(frozen=True)
class Claim:
    """One entity that the records of a stream make.

    key: SQL over the landed row, the entity's source_key or a list of them. left_out: in English and Chinese, whom the
    staging model does not take; None where it takes all.
    """

    entity: str
    key: str = "_key"
    left_out: tuple[str, str] | None = None


@dataclass(frozen=True)
class VendorStream:
    """One stream of a system dbt has models for.

    relation: view of all landed versions over all sources of the system. claims: empty where other records only look
    its records up, or (is_read false) where nothing reads them. sources: those that landed it.
    """

    name: str
    relation: str
    claims: tuple[Claim, ...]
    sources: tuple[str, ...]
    is_read: bool = True


@dataclass(frozen=True)
class MappedStreams:
    """The landed streams of one user-shaped source and the rules over them."""

    source: str
    streams: tuple[str, ...]
    rules: tuple[RuleSql, ...]


def claims_of(system: str) -> Mapping[str, tuple[Claim, ...]]:
    """What the records of each stream of a system make; a stream that is not named makes nothing by itself."""
    return {stream: tuple(_claim(item) for item in items) for stream, items in _declared().get(system, {}).items()}


def record_view_sql(vendor: Iterable[VendorStream], mapped: Iterable[MappedStreams]) -> str:
    """The SELECT of `landing.record`."""
    parts = [part for stream in vendor for part in _vendor_parts(stream)]
    parts += [part for source in mapped for part in _mapped_parts(source)]
    nothing = ", ".join(f"cast(null as {kind}) as {name}" for name, kind in COLUMNS.items())
    return "\nunion all\n".join(parts) or f"select {nothing} where false"


def record_origins(vendor: Iterable[VendorStream], mapped: Iterable[MappedStreams]) -> list[tuple[Any, ...]]:
    """Rows of `config.record_origin`: source, entity, stream, position among the entity's origins, key."""
    found = [
        (source, claim.entity, stream.name, claim.key)
        for stream in vendor
        for source in stream.sources
        for claim in stream.claims
    ]
    found += [
        (source.source, rule.entity, rule.streams[0], rule.source_key_sql)
        for source in mapped
        for rule in source.rules
        if rule.source_key_sql is not None
    ]
    counted: dict[tuple[str, str], int] = {}
    rows = []
    for source_name, entity, stream_name, key in found:
        position = counted[source_name, entity] = counted.get((source_name, entity), 0) + 1
        rows.append((source_name, entity, stream_name, position, key))
    return rows


@cache
def _declared() -> Mapping[str, Any]:
    loaded: Mapping[str, Any] = yaml.safe_load(DECLARED.read_text(encoding="utf-8"))
    return loaded


def _claim(item: Mapping[str, Any]) -> Claim:
    left_out = item.get("left_out")
    return Claim(item["entity"], item.get("key", "_key"), (left_out["en"], left_out["zh"]) if left_out else None)


def _vendor_parts(stream: VendorStream) -> Iterator[str]:
    ranked = f"(select *, {_latest('_source')} as _latest from {stream.relation})"
    version = {
        "source_system": "_source",
        "stream": literal(stream.name),
        "record_key": "cast(_key as varchar)",
        "version_seq": "_seq",
        "load_id": "_load_id",
        "is_deleted": "coalesce(_deleted, false)",
        "is_latest": "_latest",
    }
    if not stream.claims:
        yield _select(version | {"is_read": str(stream.is_read).lower(), "records": "1"}, ranked)
    for number, claim in enumerate(stream.claims):
        left_out = claim.left_out or (None, None)
        entity = {
            "entity": literal(claim.entity),
            "source_key": "_part.key",
            "is_read": "true",
            "left_out_en": literal(left_out[0]),
            "left_out_zh": literal(left_out[1]),
            "is_shared": str(len(stream.claims) > 1 or is_list(claim.key)).lower(),
            "records": "case when _part.number = 1 then 1 else 0 end" if number == 0 else "0",
        }
        if not is_list(claim.key):
            entity |= {"source_key": f"cast({claim.key} as varchar)", "records": "1" if number == 0 else "0"}
            yield _select(version | entity, ranked)
        else:
            yield _select(version | entity, f"(select *, {_parts(claim.key)} as _part from {ranked})")


def is_list(key: str) -> bool:
    """Does this key give several of the entity for one landed record?"""
    return key.startswith("list_")


def _parts(keys: str) -> str:
    """One row per key with its number; one without a key where there is none, so that the record is not lost."""
    listed = f"coalesce(nullif({keys}, []), [null])"
    numbered = f"list_transform({listed}, lambda key, number: {{'key': key, 'number': number}})"
    return f"unnest({numbered})"


def _mapped_parts(source: MappedStreams) -> Iterator[str]:
    for stream in source.streams:
        rules = [rule for rule in source.rules if rule.records is not None and rule.streams == (stream,)]
        version = {"source_system": literal(source.source), "stream": literal(stream)}
        if not rules:
            looked_up = any(stream in rule.streams for rule in source.rules)
            entity = {
                "record_key": "_key",
                "version_seq": "_seq",
                "load_id": "_load_id",
                "is_deleted": "coalesce(_deleted, false)",
                "is_latest": _latest(),
                "is_read": str(looked_up).lower(),
                "records": "1",
            }
            yield _select(version | entity, raw_view(source.source, stream))
        for number, rule in enumerate(rules):
            entity = {
                **{name: name for name in ("record_key", "version_seq", "load_id", "source_key")},
                "is_deleted": "coalesce(is_deleted, false)",
                "is_latest": "rank() over (partition by record_key order by version_seq desc) = 1",
                "entity": literal(rule.entity),
                "mapping_fate": "fate",
                "is_read": "true",
                "is_shared": str(len(rules) > 1).lower(),
                "records": "1" if number == 0 else "0",
            }
            yield _select(version | entity, f"({rule.records})")


def _latest(*more: str) -> str:
    keys = ", ".join((*more, "_key"))
    return f"rank() over (partition by {keys} order by _seq desc) = 1"


def _select(values: Mapping[str, str], relation: str) -> str:
    """All columns of the view, those not given null or false."""
    given = {"is_shared": "false", **values}
    columns = ", ".join(f"cast({given.get(name, 'null')} as {kind}) as {name}" for name, kind in COLUMNS.items())
    return f"select {columns} from {relation} as _record"


def vendor_streams(
    system: str, relations: Mapping[str, str], landed: Mapping[str, Sequence[str]], unread: Mapping[str, str]
) -> list[VendorStream]:
    """The streams of one system. relations: view by declared stream; landed: sources by stream; unread: view of streams
    that landed and that no model reads."""
    claims = claims_of(system)
    read = [
        VendorStream(name, relation, claims.get(name, ()), tuple(landed.get(name, ())))
        for name, relation in relations.items()
    ]
    return read + [VendorStream(name, relation, (), tuple(landed[name]), False) for name, relation in unread.items()]
