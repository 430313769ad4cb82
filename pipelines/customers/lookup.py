"""What the warehouse holds about customers, read-only: records as written, customers, money, filed decisions, models.

A person names a record as `source:key` and a customer by its key; both are found here, or refused with what is near.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from typing import Any

import duckdb
import pyarrow as pa

from pipelines.customers.keys import UnknownKey, resolve_key
from pipelines.customers.stewardship import Decision, read_decisions

FIELDS = (
    "party_type",
    "customer_name",
    "given_name",
    "family_name",
    "other_names",
    "birth_date",
    "tax_id",
    "registry_id",
    "email",
    "phone",
    "website",
    "street",
    "postal_code",
    "district",
    "city",
    "province",
    "country",
    "industry",
    "parent_record_key",
)
"""Columns of `canonical.customer_record` that people compare, in reading order."""

NEEDED = (
    "canonical.customer_record",
    "config.company",
    "config.steward_decision",
    "core.customer_key_event",
    "core.customer_match_model",
    "core.customer_source",
    "core.fct_sales_credit",
    "core.int_customer_normalised",
    "core.int_customer_pair",
    "core.int_customer_parent",
    "core.int_customer_resolution",
)
"""Tables of a complete candidate that are read here and by `review`, `why` and `show`."""


class NoCandidate(RuntimeError):
    """The warehouse does not hold a complete candidate."""


class UnknownRecord(LookupError):
    """No source has the record, or what was typed is no record."""


@dataclass(frozen=True)
class Record:
    """A customer record as its source wrote it. fields: the `FIELDS` it has, in their order."""

    source_system: str
    source_key: str
    customer_key: str
    fields: Mapping[str, str]

    @property
    def record_id(self) -> str:
        """How people and the matcher name it."""
        return f"{self.source_system}:{self.source_key}"

    @property
    def names(self) -> tuple[str, ...]:
        """All names it gives, the full one first; blanks beyond one between words are left out."""
        full = self.fields.get("customer_name") or " ".join(
            self.fields[part] for part in ("given_name", "family_name") if part in self.fields
        )
        others = self.fields.get("other_names", "").split(";")
        return tuple(name for name in (" ".join(written.split()) for written in (full, *others)) if name)


@dataclass(frozen=True)
class Parent:
    """A record that is a part of another one, of another customer. reason: steward, source or branch."""

    child: str
    parent: str
    reason: str


@dataclass(frozen=True)
class KeyEvent:
    """One entry of the book of keys, with all records it moved."""

    event_no: int
    event_date: str
    event_type: str
    customer_key: str
    previous_customer_key: str | None
    record_ids: tuple[str, ...]
    reason: str
    actor: str


def check_complete(con: duckdb.DuckDBPyConnection) -> None:
    """NoCandidate unless a build ran to its end and left every table that is needed."""
    present = {
        f"{schema}.{name}"
        for schema, name in con.execute("select table_schema, table_name from information_schema.tables").fetchall()
    }
    missing = [name for name in ("config.build", *NEEDED) if name not in present]
    if missing:
        raise NoCandidate(
            "the last build was cut short or is older than this version of Scoreline "
            f"({', '.join(missing[:3])} missing); run `scoreline run`"
        )


def both_names(names: Iterable[str]) -> str:
    """The first name in Chinese and the first in Latin letters, as far as there are: `宏达贸易 / Hongda Trading`."""
    first: dict[bool, str] = {}
    for name in names:
        first.setdefault(_is_han(name), name)
    return " / ".join(first[script] for script in (True, False) if script in first)


def _is_han(text: str) -> bool:
    return any("\u3400" <= letter <= "\u9fff" or "\uf900" <= letter <= "\ufaff" for letter in text)


def records(con: duckdb.DuckDBPyConnection, record_ids: Iterable[str]) -> dict[str, Record]:
    """The records among these that exist, by record id in its order."""
    con.register("asked_record", pa.table({"record_id": pa.array(sorted(set(record_ids)), pa.string())}))
    rows = con.execute(
        f"""select raw.source_system, raw.source_key, today.customer_key, {", ".join(f"raw.{name}" for name in FIELDS)}
        from canonical.customer_record as raw
        inner join core.customer_source as today
            on raw.source_system = today.source_system and raw.source_key = today.source_key
        where raw.source_system || ':' || raw.source_key in (select record_id from asked_record)
        order by raw.source_system || ':' || raw.source_key"""
    ).fetchall()
    con.unregister("asked_record")
    found = [Record(system, key, customer, _written(values)) for system, key, customer, *values in rows]
    return {record.record_id: record for record in found}


def _written(values: Sequence[str | None]) -> dict[str, str]:
    return {name: str(value) for name, value in zip(FIELDS, values, strict=True) if value not in (None, "")}


def find_record(con: duckdb.DuckDBPyConnection, text: str) -> Record:
    """The record named `source:key`; UnknownRecord, with names that look alike, when there is none."""
    found = records(con, [text])
    if not found:
        raise UnknownRecord(f"no source has the record {text!r}; {_hint(con, text)}")
    return found[text]


def _hint(con: duckdb.DuckDBPyConnection, text: str) -> str:
    system, colon, key = text.partition(":")
    systems = [name for (name,) in con.execute("select distinct source_system from core.customer_source").fetchall()]
    if not colon or system not in systems:
        return f"write source:key with one of the sources {', '.join(sorted(systems)) or '(none has landed)'}"
    alike = con.execute(
        "select source_key from core.customer_source where source_system = ? "
        "order by damerau_levenshtein(source_key, ?), source_key limit 3",
        [system, key],
    ).fetchall()
    return f"expected source:key; near: {', '.join(f'{system}:{near}' for (near,) in alike)}"


def members(con: duckdb.DuckDBPyConnection, customer_key: str) -> dict[str, Record]:
    """The records of a customer today, by record id; none for a key nobody has."""
    rows = con.execute(
        "select source_system || ':' || source_key from core.customer_source where customer_key = ?", [customer_key]
    ).fetchall()
    return records(con, (record_id for (record_id,) in rows))


def keys_today(con: duckdb.DuckDBPyConnection, customer_key: str) -> list[str]:
    """What a key that was ever issued became: itself, or what it was merged into; none when all its records left.

    UnknownKey, with keys that look alike, when it was never issued.
    """
    with duckdb.connect() as scratch:
        scratch.register("book", con.sql("select * from core.customer_key_event").to_arrow_table())
        try:
            return resolve_key(scratch, "book", customer_key)
        except UnknownKey:
            known = [
                key for (key,) in con.execute("select distinct customer_key from core.customer_key_event").fetchall()
            ]
    near = get_close_matches(customer_key, known, 3) if len(known) < 100_000 else []
    hint = f"near: {', '.join(near)}" if near else "a record is named source:key"
    raise UnknownKey(f"the customer key {customer_key!r} was never issued; {hint}")


def events(
    con: duckdb.DuckDBPyConnection, customer_keys: Iterable[str], record_ids: Iterable[str] = ()
) -> list[KeyEvent]:
    """The entries of the book about these keys (as new or previous key) and these records, in order."""
    keys, names = sorted(set(customer_keys)), sorted(set(record_ids))
    rows = con.execute(
        """select event_no, event_date::varchar, event_type, customer_key, previous_customer_key,
            list(source_system || ':' || source_key order by source_system, source_key), reason, actor
        from core.customer_key_event
        where list_contains(?::varchar[], customer_key) or list_contains(?::varchar[], previous_customer_key)
            or list_contains(?::varchar[], source_system || ':' || source_key)
        group by all order by event_no, customer_key, previous_customer_key""",
        [keys, keys, names],
    ).fetchall()
    return [
        KeyEvent(number, on, kind, key, previous, tuple(moved), why, who)
        for number, on, kind, key, previous, moved, why, who in rows
    ]


def parents_among(
    con: duckdb.DuckDBPyConnection, customer_keys: Iterable[str]
) -> dict[frozenset[str], tuple[Parent, ...]]:
    """Where a record of one of these customers is a part of another one of them; by the two keys."""
    keys = sorted(set(customer_keys))
    rows = con.execute(
        """with today as (
            select source_system || ':' || source_key as record_id, customer_key from core.customer_source
            where list_contains(?::varchar[], customer_key)
        )
        select child.customer_key, parent.customer_key, link.record_id, link.parent_record_id, link.reason
        from core.int_customer_parent as link
        inner join today as child on link.record_id = child.record_id
        inner join today as parent on link.parent_record_id = parent.record_id
        where child.customer_key <> parent.customer_key order by link.record_id""",
        [keys],
    ).fetchall()
    found: dict[frozenset[str], tuple[Parent, ...]] = {}
    for child_key, parent_key, *link in rows:
        pair = frozenset((child_key, parent_key))
        found[pair] = (*found.get(pair, ()), Parent(*link))
    return found


def bookings(con: duckdb.DuckDBPyConnection, customer_keys: Iterable[str]) -> dict[str, Decimal]:
    """Bookings (confirmed orders less returns, all time) in reporting currency; see `review` for what it leaves out."""
    rows = con.execute(
        "select customer_key, sum(credited_amount) from core.fct_sales_credit "
        "where list_contains(?::varchar[], customer_key) group by customer_key",
        [sorted(set(customer_keys))],
    ).fetchall()
    amounts = {key: amount or Decimal(0) for key, amount in rows}
    return {key: amounts.get(key, Decimal(0)) for key in sorted(set(customer_keys))}


def reporting_currency(con: duckdb.DuckDBPyConnection) -> str:
    """ISO 4217 code all amounts are in."""
    ((currency,),) = con.execute("select reporting_currency from config.company").fetchall()
    return str(currency)


def built_decisions(con: duckdb.DuckDBPyConnection) -> list[Decision]:
    """People's decisions as the candidate was built with them."""
    return read_decisions(con, "config.steward_decision")


def dictionaries(answer: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """The rows of a query just executed, by column name."""
    names = [column[0] for column in answer.description or ()]
    return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]


@contextmanager
def scratch(**tables: pa.Table) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database of its own that sees the tables by name: what an answer needs never touches the warehouse."""
    with duckdb.connect() as con:
        for name, table in tables.items():
            con.register(name, table)
        yield con


def record_ids(con: duckdb.DuckDBPyConnection) -> frozenset[str]:
    """All records of all sources."""
    return frozenset(
        name
        for (name,) in con.execute("select source_system || ':' || source_key from core.customer_source").fetchall()
    )
