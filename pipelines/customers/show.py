"""One customer: its records, where each field of its golden record comes from, and the history of its key."""

from dataclasses import dataclass
from decimal import Decimal

import duckdb

from pipelines.customers.lookup import (
    KeyEvent,
    Parent,
    Record,
    UnknownRecord,
    bookings,
    both_names,
    events,
    find_record,
    keys_today,
    members,
    reporting_currency,
)


@dataclass(frozen=True)
class Member:
    """A record of the customer; match_reason, match_probability: of the strongest link that holds it there."""

    record: Record
    match_reason: str
    match_probability: float


@dataclass(frozen=True)
class Golden:
    """A field of the golden record: its value, the record it comes from, the rule that chose it."""

    field: str
    value: str
    record_id: str
    rule: str


@dataclass(frozen=True)
class Customer:
    """What there is to know about one customer. became: what the key that was asked for leads to today.

    customer_key: None when all its records left their sources, or when it leads to several customers. golden: rows of
    `core.dim_customer_field`, empty where the candidate has none.
    """

    asked: str
    customer_key: str | None
    became: tuple[str, ...]
    names: str
    bookings: Decimal | None
    currency: str
    members: tuple[Member, ...]
    golden: tuple[Golden, ...]
    parents: tuple[Parent, ...]
    history: tuple[KeyEvent, ...]


def show(con: duckdb.DuckDBPyConnection, asked: str) -> Customer:
    """The customer that has the key, or the record `source:key`, today. Raises UnknownRecord, UnknownKey."""
    became = (find_record(con, asked).customer_key,) if ":" in asked else tuple(keys_today(con, asked))
    key = became[0] if len(became) == 1 else None
    held = members(con, key) if key else {}
    if key and not held:
        raise UnknownRecord(f"the customer {key} has no records in this candidate; run `scoreline run`")
    told = {asked, *became} if ":" not in asked else set(became)
    return Customer(
        asked,
        key,
        became,
        both_names(name for record in held.values() for name in record.names),
        bookings(con, [key])[key] if key else None,
        reporting_currency(con),
        _members(con, held),
        _golden(con, key) if key else (),
        _parents(con, list(held)),
        tuple(events(con, told)),
    )


def _members(con: duckdb.DuckDBPyConnection, held: dict[str, Record]) -> tuple[Member, ...]:
    rows = con.execute(
        "select record_id, match_reason, match_probability from core.int_customer_resolution "
        "where list_contains(?::varchar[], record_id) order by record_id",
        [list(held)],
    ).fetchall()
    return tuple(Member(held[name], reason, probability) for name, reason, probability in rows)


def _golden(con: duckdb.DuckDBPyConnection, customer_key: str) -> tuple[Golden, ...]:
    """Where each field comes from; the table is newer than the oldest candidates that can be shown."""
    known = con.execute(
        "select count(*) from information_schema.tables "
        "where table_schema = 'core' and table_name = 'dim_customer_field'"
    ).fetchall()
    if not known[0][0]:
        return ()
    rows = con.execute(
        "select field, value, source_system || ':' || source_key, survivorship_rule from core.dim_customer_field "
        "where customer_key = ? order by all",
        [customer_key],
    ).fetchall()
    return tuple(Golden(*row) for row in rows)


def _parents(con: duckdb.DuckDBPyConnection, record_ids: list[str]) -> tuple[Parent, ...]:
    rows = con.execute(
        "select record_id, parent_record_id, reason from core.int_customer_parent "
        "where list_contains(?::varchar[], record_id) or list_contains(?::varchar[], parent_record_id) "
        "order by record_id",
        [record_ids, record_ids],
    ).fetchall()
    return tuple(Parent(*row) for row in rows)
