"""A customer register with a known truth: who is one customer in the records of five systems.

`register` makes any number of records of an ERP, a CRM, a service desk, a web shop and a finance system in the raw
columns of `canonical.customer_record`, with `true_key` (who it really is) and `true_parent` (of a branch its head
office, of a group company its holding). The matcher is measured on it; nothing of it is read by the pipeline. How
parties are made and written is in `connectors.sandbox.register`.
"""

from collections.abc import Iterator
from random import Random

import pyarrow as pa

from connectors.sandbox.register import words
from connectors.sandbox.register.firms import Firms
from connectors.sandbox.register.persons import household
from connectors.sandbox.register.systems import FIELDS, SYSTEMS, Record, make_decidable, plan, write
from connectors.sandbox.register.truth import Party
from connectors.sandbox.register.writing import chance

DEFAULT_SEED = 20250101
SCHEMA = pa.schema([(name, pa.string()) for name in (*FIELDS, "true_key", "true_parent")])
# how many records a customer has; 30 % of all records repeat another one
_RECORDS_OF_ONE = ((0.766, 1), (0.897, 2), (0.951, 3), (0.975, 4), (0.988, 5), (0.995, 6), (0.999, 7), (1.0, 8))
_FAMILY_KINDS = ((0.433, "chinese"), (0.446, "bank"), (0.748, "foreign"), (1.0, "person"))
_BANKS = words.BANKS.split(",")
_ROWS_PER_BATCH = 50_000


def register(records: int, seed: int = DEFAULT_SEED) -> pa.Table:
    """`records` customer records, all text, one row each; the first ones are the same for every number of records.

    About 45 % are of Chinese firms, 30 % of foreign ones, 25 % of private persons; about 30 % repeat another record
    (records less distinct `true_key`). Branches, banks' offices, group companies, members of a household and firms that
    share an agent's phone are different customers. `source_key` is unique within `source_system`. A repeat shares
    enough with another record of its customer for a person to decide, but for less than one in a hundred.
    """
    if records < 0:
        raise ValueError(f"records is {records}: a register has 0 or more")
    batches, rows = [], []
    for row in _rows(seed, records):
        rows.append(row)
        if len(rows) == _ROWS_PER_BATCH:
            batches.append(_batch(rows))
            rows = []
    return pa.Table.from_batches([*batches, _batch(rows)], SCHEMA)


def _batch(rows: list[tuple[str | None, ...]]) -> pa.RecordBatch:
    columns = zip(*rows, strict=True) if rows else ([] for _ in SCHEMA)
    return pa.record_batch([pa.array(column, pa.string()) for column in columns], schema=SCHEMA)


def _rows(seed: int, records: int) -> Iterator[tuple[str | None, ...]]:
    left, keys = records, {system.name: 0 for system in SYSTEMS}
    for family in _families(seed):
        for record in _written(family[0], family[1], keys):
            if left == 0:
                return
            left -= 1
            yield (*record.cells.values(), record.party.key, record.party.parent)


def _families(seed: int) -> Iterator[tuple[Random, list[Party]]]:
    """Families one after the other, first the banks; parties get their keys, children their parent's."""
    firms, number, customers = Firms(seed), 0, 0
    banks: list[tuple[str, str]] = []
    while True:
        rng = Random(seed * 1_000_000_007 + number)  # noqa: S311 - a made-up register, nothing to guess
        family, bank = _family(firms, rng, number, banks)
        for party in family:
            customers += 1
            party.key = f"T{customers:07d}"
            party.parent = bank or (family[0].key if party.parent else None)
        if number < len(_BANKS):
            banks.append((_BANKS[number], family[0].key))
        yield rng, family
        number += 1


def _family(firms: Firms, rng: Random, number: int, banks: list[tuple[str, str]]) -> tuple[list[Party], str | None]:
    """The family of that number, and for a bank's office the key of the bank."""
    if number < len(_BANKS):
        return [firms.bank(rng, _BANKS[number])], None
    kind = chance(rng, _FAMILY_KINDS)
    if kind == "bank":
        name, key = banks[int(rng.random() * len(banks))]
        return [firms.bank_office(rng, name)], key
    if kind == "person":
        return household(rng), None
    return (firms.chinese(rng, number) if kind == "chinese" else firms.foreign(rng)), None


def _written(rng: Random, family: list[Party], keys: dict[str, int]) -> list[Record]:
    """All records of a family, each customer's duplicates made decidable, branches pointing to their head office."""
    records: list[Record] = []
    for party in family:
        own: list[Record] = []
        for system in plan(rng, party, chance(rng, _RECORDS_OF_ONE)):
            record = write(rng, party, system)
            keys[system.name] += 1
            record.cells["source_key"] = system.key.format(keys[system.name])
            if own:
                make_decidable(rng, record, own)
            own.append(record)
        records += own
    _name_parents(rng, family, records)
    return records


def _name_parents(rng: Random, family: list[Party], records: list[Record]) -> None:
    """Some systems keep the head office's record on its branches and group companies."""
    if len(family) == 1 or family[1].parent is None:
        return
    shares = {system.name: system.fills["parent"] for system in SYSTEMS}
    heads = {
        record.cells["source_system"]: record.cells["source_key"]
        for record in reversed(records)
        if record.party is family[0]
    }
    for record in records:
        system = record.cells["source_system"]
        if record.party.parent and system in heads and rng.random() < shares[system or ""]:
            record.cells["parent_record_key"] = heads[system]
