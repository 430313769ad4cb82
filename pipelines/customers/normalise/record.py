"""Customer records as sources write them -> customer records as they are compared. One row in, one row out.

Every output row depends on its own input row and the rules alone, never on other rows: a record normalised tonight in a
batch of five equals the one of the full run.
"""

from collections.abc import Iterator, Sequence
from hashlib import md5
from typing import Any

import pyarrow as pa

from pipelines.customers.normalise.address import Address, address
from pipelines.customers.normalise.contact import calling_country, email, phone, website
from pipelines.customers.normalise.dates import birth_date
from pipelines.customers.normalise.identifiers import identifier, vat_country
from pipelines.customers.normalise.names import Name
from pipelines.customers.normalise.organisation import organisation_name
from pipelines.customers.normalise.party import PERSON, party_type
from pipelines.customers.normalise.person import person_name
from pipelines.customers.normalise.schema import EVIDENCE, NORMALISED, NORMALISER_VERSION

_KEYS = ("source_system", "source_key")
_BATCH = 50_000
_BETWEEN = "\x1f"


def normalise(raw: pa.Table) -> pa.Table:
    """Grain: one row per record, ordered by `record_id`; columns as in `NORMALISED`.

    `raw` has `source_system` and `source_key` and any of the columns in `EVIDENCE`; a missing column counts as empty,
    other columns are left aside. Raises ValueError where a key column is missing or empty.
    """
    _require_keys(raw)
    batches = [_batch(raw.slice(start, _BATCH)) for start in range(0, raw.num_rows, _BATCH)]
    if not batches:
        return NORMALISED.empty_table()
    return pa.concat_tables(batches).sort_by("record_id").combine_chunks()


def evidence_hashes(raw: pa.Table) -> pa.Table:
    """Grain: one row per record of `raw`: record_id and the evidence_hash its normalised row has or would have."""
    _require_keys(raw)
    systems, keys = (raw.column(key).cast(pa.string()).to_pylist() for key in _KEYS)
    evidence = zip(*(_texts(raw, column) for column in EVIDENCE), strict=True)
    ids = [f"{system}:{key}" for system, key in zip(systems, keys, strict=True)]
    hashes = [_hash(values) for values in evidence]
    return pa.table({"record_id": pa.array(ids, pa.string()), "evidence_hash": pa.array(hashes, pa.string())})


def _require_keys(raw: pa.Table) -> None:
    for key in _KEYS:
        if key not in raw.column_names:
            raise ValueError(f"customer records lack the column {key}; it is half of a record's key")
        if raw.column(key).null_count:
            raise ValueError(
                f"customer records: {raw.column(key).null_count} rows without {key}; every record needs it"
            )


def _texts(raw: pa.Table, column: str) -> list[str | None]:
    """The column as text; blank counts as empty."""
    if column not in raw.column_names:
        return [None] * raw.num_rows
    values = raw.column(column).cast(pa.string()).to_pylist()
    return [(value.strip() or None) if value else None for value in values]


def _batch(raw: pa.Table) -> pa.Table:
    systems, keys = (raw.column(key).cast(pa.string()).to_pylist() for key in _KEYS)
    evidence = zip(*(_texts(raw, column) for column in EVIDENCE), strict=True)
    rows = [_row(system, key, values) for system, key, values in zip(systems, keys, evidence, strict=True)]
    columns = zip(*rows, strict=True)
    return pa.table(
        [pa.array(values, field.type) for values, field in zip(columns, NORMALISED, strict=True)], schema=NORMALISED
    )


def _hash(values: Sequence[str | None]) -> str:
    text = _BETWEEN.join([value or "" for value in values])
    return md5(f"{NORMALISER_VERSION}{_BETWEEN}{text}".encode(), usedforsecurity=False).hexdigest()


def _row(system: str, key: str, values: Sequence[str | None]) -> tuple[Any, ...]:
    (kind, written, given, family, others, born, tax, registry, mail, telephone, site, *place) = values
    party = party_type(kind, written, given, family, born, site or registry, tax)
    where: Address = address(*place)
    name: Name = person_name(written, given, family, others) if party == PERSON else organisation_name(written, others)
    birth = birth_date(born, where.country)
    tax_id, registry_id = identifier(tax, "tax_id"), identifier(registry, "registry_id")
    post, line, web = email(mail), phone(telephone, where.country), website(site)
    if party != PERSON and where.country is None:
        where = where._replace(country=vat_country(tax_id) or calling_country(telephone, line))
    return (
        f"{system}:{key}",
        system,
        key,
        _hash(values),
        party,
        *name[:-1],
        birth.digits,
        *tax_id[:-1],
        *registry_id[:-1],
        *post[:-1],
        *line[:-1],
        web.domain,
        *where[:-1],
        _steps(part.steps for part in (name, birth, tax_id, registry_id, post, line, web, where)),
    )


def _steps(fragments: Iterator[str]) -> str:
    return "[" + ",".join(fragment for fragment in fragments if fragment) + "]"
