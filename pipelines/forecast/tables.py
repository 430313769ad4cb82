"""Arrow in, numpy between, Arrow out: the few conversions that all forecasts share."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

PROBABILITY = pa.decimal128(9, 6)
MONEY = pa.decimal128(28, 6)


def in_order(table: pa.Table, keys: list[str]) -> pa.Table:
    """The rows in the order of the keys."""
    together = table.combine_chunks()
    if _is_in_order(together, keys):  # as what was stored in order mostly is: much cheaper than sorting it again
        return together
    return together.take(pc.sort_indices(together, sort_keys=[(key, "ascending") for key in keys]))


def _is_in_order(table: pa.Table, keys: list[str]) -> bool:
    """Does no row come before the one above it? Never said of keys with nulls."""
    tied = np.ones(max(table.num_rows - 1, 0), dtype=bool)
    for column in (table[key].combine_chunks() for key in keys):
        above, below = column[:-1], column[1:]
        if column.null_count or (tied & _bools(pc.less(below, above))).any():
            return False
        tied &= _bools(pc.equal(below, above))
    return True


def _bools(found: pa.Array) -> np.ndarray:
    return found.to_numpy(zero_copy_only=False)


def sorted_frame(table: pa.Table, keys: list[str], columns: list[str]) -> pd.DataFrame:
    """The columns in the order of the keys: dates and numbers as `floats`, the rest as objects."""
    ordered = in_order(table.select(list(dict.fromkeys([*keys, *columns]))), keys)
    return pd.DataFrame({name: _plain(ordered[name]) for name in columns})


def _plain(column: pa.ChunkedArray) -> np.ndarray:
    is_number = (pa.types.is_decimal, pa.types.is_integer, pa.types.is_floating, pa.types.is_temporal)
    return floats(column) if any(test(column.type) for test in is_number) else column.to_numpy()


def floats(column: pa.ChunkedArray) -> np.ndarray:
    """Numbers, or dates as days since 1970; nan for null."""
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.date32())
    if pa.types.is_date32(column.type):
        column = column.cast(pa.int32())
    return column.cast(pa.float64()).to_numpy()


def codes(column: pa.ChunkedArray, names: pa.Array) -> np.ndarray:
    """Each value's place in `names`; -1 for what is not there, and for null."""
    return pc.fill_null(pc.index_in(column, value_set=names, skip_nulls=True), -1).to_numpy().astype(np.int64)


def group_numbers(table: pa.Table, keys: list[str]) -> np.ndarray:
    """0 for the rows of the first key, 1 for those of the next and so on; the rows are in the order of the keys."""
    begins = np.zeros(table.num_rows, dtype=bool)
    for column in (table[key].combine_chunks() for key in keys):
        begins[1:] |= _bools(pc.not_equal(column[1:], column[:-1]))
    return np.cumsum(begins)


def first_rows(numbers: np.ndarray) -> np.ndarray:
    """Where a next number begins, in numbers that never fall."""
    return np.flatnonzero(np.diff(numbers, prepend=-1))


def dates(days: Any) -> pa.Array:
    """Days since 1970 as dates; nan becomes null."""
    return pa.array(np.asarray(days, dtype=float), from_pandas=True).cast(pa.int32()).cast(pa.date32())


def probabilities(values: Any) -> pa.Array:
    """Floats between 0 and 1 rounded to the digits of `PROBABILITY`; nan becomes null."""
    given = np.asarray(values, dtype=float)
    known = ~np.isnan(given)
    scaled = np.where(known, given, 0) * 10**PROBABILITY.scale
    units = np.rint(scaled).astype(np.int64)
    # so near to a half, the product is too coarse to tell which way the number itself is rounded
    for row in np.flatnonzero(np.abs(np.abs(scaled - units) - 0.5) < 1e-6):
        units[row] = int(Decimal(f"{given[row]:.{PROBABILITY.scale}f}").scaleb(PROBABILITY.scale))
    shares = pa.array(units, mask=~known).cast(pa.decimal128(19, 0))
    return pc.multiply(shares, pa.scalar(Decimal(1).scaleb(-PROBABILITY.scale), PROBABILITY)).cast(PROBABILITY)


def arrow(columns: Mapping[str, Any], schema: pa.Schema) -> pa.Table:
    """A table of that schema; nan in a column of numbers becomes null."""
    arrays = [
        column.cast(field.type)
        if isinstance(column, pa.Array | pa.ChunkedArray)
        else pa.array(column, field.type, from_pandas=True)
        for field, column in ((field, columns[field.name]) for field in schema)
    ]
    return pa.Table.from_arrays(arrays, schema=schema)


def left_by_last_build(session: Any, this: Any, handed_on: Any) -> pa.Table | None:
    """A model's own table as a complete build by the same code left it; None where nothing may be kept of it.

    handed_on: one of `config.last_*_fingerprint`; it is empty then.
    """
    query = "select 1 from information_schema.tables where table_schema = ? and table_name = ?"
    is_there = session.execute(query, (this.schema, this.identifier)).fetchall()
    return session.table(str(this)).to_arrow_table() if is_there and handed_on.limit(1).fetchall() else None
