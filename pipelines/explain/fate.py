"""What became of one raw record, read from the current release and from landing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from pipelines.explain.raw import RawRecords
from pipelines.explain.release import NotFound, Row, check, near, rows

NEEDED = (
    "appraisal_contribution",
    "customer_source",
    "dim_credit_rule",
    "dim_customer",
    "dim_employee",
    "fct_billing_credit",
    "fct_collection_credit",
    "fct_sales_credit",
    "record_fate",
    "record_fate_total",
    "record_origin",
    "release",
)
"""Published tables that are read here."""
_FACTS = {
    "sales_order_line": ("fct_sales_credit", "booked_date"),
    "invoice_line": ("fct_billing_credit", "billed_date"),
    "payment": ("fct_collection_credit", "collected_date"),
}
NOT_PUBLISHED = "not_published"
"""Fate of a record that landed after the current release was made."""


@dataclass(frozen=True)
class Version:
    """One landed version of a record; fate is `superseded` for all but the last."""

    load_id: str
    version_seq: int
    is_deleted: bool
    fate: str


@dataclass(frozen=True)
class Record:
    """One raw record and its fate.

    entity, source_keys: what it makes in the canonical tables; None and empty where it makes nothing. detail: see
    `record_fate`. credits: whom it is credited to, under which rule. customer: the unified customer it was matched to,
    with the other records of it. scores: the scores it counts in.
    """

    source: str
    stream: str
    key: str
    fate: str
    entity: str | None
    source_keys: Sequence[str]
    detail: str | None
    versions: Sequence[Version]
    credits: Sequence[Row]
    customer: Row | None
    scores: Sequence[Row]


def fates(
    con: duckdb.DuckDBPyConnection,
    source: str,
    key: str,
    raw: RawRecords,
    stream: str | None = None,
    packages: Mapping[tuple[str, str], set[str]] | None = None,
) -> list[Record]:
    """The records of a source that have this key, one per stream that has one, by stream.

    packages: load packages of the release by source and stream; what landed later is not published yet. None: all that
    landed. Raises NotFound for an unknown source or stream, or a key no stream has; NotPublished where the release is
    too old.
    """
    check(con, NEEDED)
    totals = rows(con, "from record_fate_total order by all")
    streams = _streams(totals, source, stream)
    found = []
    for name in streams:
        versions = raw.versions(source, name, key)
        if versions:
            published = None if packages is None else packages.get((source, name), set())
            found.append(_record(con, raw, source, name, key, versions, published))
    if not found:
        raise NotFound(
            f"no record with key {key!r} has landed from {source} in: {', '.join(streams)}; "
            "keys are those of the source, as `_key` in landing has them"
        )
    return found


def _streams(totals: Sequence[Row], source: str, stream: str | None) -> list[str]:
    sources = sorted({row["source_system"] for row in totals})
    if source not in sources:
        raise NotFound(f"no source is called {source!r}; {near(source, sources)}")
    streams = sorted({row["stream"] for row in totals if row["source_system"] == source})
    if stream is not None and stream not in streams:
        raise NotFound(f"source {source} has no stream {stream!r}; {near(stream, streams)}")
    return streams if stream is None else [stream]


def _record(
    con: duckdb.DuckDBPyConnection,
    raw: RawRecords,
    source: str,
    stream: str,
    key: str,
    landed: Sequence[Row],
    packages: set[str] | None,
) -> Record:
    known = [row for row in landed if packages is None or row["load_id"] in packages]
    fate, entity, keys, detail = _fate(con, raw, source, stream, key, known)
    last = max((row["version_seq"] for row in known), default=None)
    versions = [
        Version(
            row["load_id"],
            row["version_seq"],
            row["is_deleted"],
            NOT_PUBLISHED if row not in known else fate if row["version_seq"] == last else "superseded",
        )
        for row in landed
    ]
    return Record(
        source,
        stream,
        key,
        fate,
        entity,
        keys,
        detail,
        versions,
        _credits(con, source, entity, keys),
        _customer(con, source, keys) if entity == "customer_record" and fate == "matched" else None,
        _scores(con, source, entity, keys),
    )


def _fate(
    con: duckdb.DuckDBPyConnection, raw: RawRecords, source: str, stream: str, key: str, known: Sequence[Row]
) -> tuple[str, str | None, list[str], str | None]:
    """Fate, entity, its keys and detail: as listed, else the one fate of the stream that is not written out."""
    if not known:
        return NOT_PUBLISHED, None, [], None
    listed = rows(
        con, "from record_fate where source_system = ? and stream = ? and record_key = ?", [source, stream, key]
    )
    if listed:
        row = listed[0]
    else:
        query = (
            "from record_fate_total where source_system = ? and stream = ? and not is_listed and fate <> 'superseded'"
        )
        row = {"source_key": None, "detail": None, **rows(con, query, [source, stream])[0]}
    entity = row["entity"] or None
    if entity is None:
        return row["fate"], None, [], row["detail"]
    keys = raw.entity_keys(source, stream, key, entity, known[-1]["load_id"])
    return row["fate"], entity, keys or [row["source_key"] or key], row["detail"]


def _credits(con: duckdb.DuckDBPyConnection, source: str, entity: str | None, keys: Sequence[str]) -> list[Row]:
    if entity not in _FACTS:
        return []
    fact, day = _FACTS[entity]
    return rows(
        con,
        f"""
        select fact.source_key, fact.employee_id, person.employee_name, fact.org_unit_id, fact.{day} as credited_on,
            fact.credit_share, fact.credited_amount, fact.credit_rule, rule.text_en as rule_en, rule.text_zh as rule_zh
        from {fact} as fact
        left join dim_employee as person on fact.employee_id = person.employee_id
            and fact.{day} >= person.valid_from and fact.{day} < person.valid_to
        left join (select distinct credit_rule, text_en, text_zh from dim_credit_rule) as rule
            on fact.credit_rule = rule.credit_rule
        where fact.source_system = ? and list_contains(?::varchar[], fact.source_key)
        order by fact.source_key, fact.credit_share desc, fact.employee_id
        """,
        [source, list(keys)],
    )


def _customer(con: duckdb.DuckDBPyConnection, source: str, keys: Sequence[str]) -> Row | None:
    found = rows(
        con,
        """
        select matched.customer_key, customer.customer_name, matched.match_reason, matched.match_probability
        from customer_source as matched
        left join dim_customer as customer on matched.customer_key = customer.customer_key
        where matched.source_system = ? and list_contains(?::varchar[], matched.source_key)
        """,
        [source, list(keys)],
    )
    if not found:
        return None
    others = rows(
        con,
        "select source_system, source_key, match_reason, match_probability from customer_source "
        "where customer_key = ? and not (source_system = ? and list_contains(?::varchar[], source_key)) order by all",
        [found[0]["customer_key"], source, list(keys)],
    )
    return found[0] | {"other_records": others}


def _scores(con: duckdb.DuckDBPyConnection, source: str, entity: str | None, keys: Sequence[str]) -> list[Row]:
    """The scores that list the record; forms of anonymous raters are listed nowhere."""
    if entity is None:
        return []
    return rows(
        con,
        """
        select employee_id, period_type, period_start, part_number, metric, points
        from appraisal_contribution
        where source_entity = ? and source_system = ? and list_contains(?::varchar[], source_key)
            and fact_kind <> 'person'
        order by period_start, period_type, employee_id, part_number, metric
        """,
        [entity, source, list(keys)],
    )


def as_json(release_id: str, found: Sequence[Record]) -> dict[str, Any]:
    """For machines; the names of keys are a promise."""
    return {
        "release": release_id,
        "records": [{**vars(record), "versions": [vars(version) for version in record.versions]} for record in found],
    }
