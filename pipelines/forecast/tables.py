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


def sorted_frame(table: pa.Table, keys: list[str], columns: list[str]) -> pd.DataFrame:
    """The columns in the order of the keys: dates as days since 1970 (float, nan for null), numbers as floats."""
    ordered = table.take(pc.sort_indices(table, sort_keys=[(key, "ascending") for key in keys]))
    return pd.DataFrame({name: _plain(ordered[name]) for name in columns})


def _plain(column: pa.ChunkedArray) -> Any:
    kind = column.type
    if pa.types.is_timestamp(kind):
        column, kind = column.cast(pa.date32()), pa.date32()
    if pa.types.is_date32(kind):
        return column.cast(pa.int32()).cast(pa.float64()).to_numpy()
    if pa.types.is_decimal(kind) or pa.types.is_integer(kind) or pa.types.is_floating(kind):
        return column.cast(pa.float64()).to_numpy()
    return np.array(column.to_pylist(), dtype=object)


def dates(days: Any) -> pa.Array:
    """Days since 1970 as dates; nan becomes null."""
    return pa.array([None if np.isnan(day) else int(day) for day in days], pa.int32()).cast(pa.date32())


def decimals(values: Any, kind: pa.Decimal128Type, places: int) -> pa.Array:
    """Floats rounded to so many places, as decimals; nan becomes null."""
    rounded = [None if np.isnan(value) else Decimal(f"{value:.{places}f}") for value in values]
    return pa.array(rounded, kind)


def arrow(columns: Mapping[str, Any], schema: pa.Schema) -> pa.Table:
    """A table of that schema; nan in a column of numbers becomes null."""
    arrays = [
        column if isinstance(column, pa.Array) else pa.array(column, field.type, from_pandas=True)
        for field, column in ((field, columns[field.name]) for field in schema)
    ]
    return pa.Table.from_arrays(arrays, schema=schema)


class Ledger:
    """Dated entries of groups, to be counted or added up as of any day in one go."""

    def __init__(self, groups: Any, days: Any, weights: Any | None = None) -> None:
        known = pd.Series(groups, dtype=object).notna().to_numpy() & ~np.isnan(days)
        self._codes = {group: code for code, group in enumerate(sorted(set(np.asarray(groups, object)[known])))}
        keys = self._keys(np.asarray(groups, object)[known], np.asarray(days)[known])
        order = np.argsort(keys, kind="stable")
        own = np.ones(len(keys)) if weights is None else np.asarray(weights, float)[known]
        self._sorted = keys[order]
        self._sums = np.concatenate([[0.0], np.cumsum(own[order])])

    def between(self, groups: Any, first: Any, last: Any) -> np.ndarray:
        """Sum of each group's entries with first <= day < last; 0 for a group without entries."""
        low = np.searchsorted(self._sorted, self._keys(groups, first), "left")
        high = np.searchsorted(self._sorted, self._keys(groups, last), "left")
        return self._sums[high] - self._sums[low]

    def _keys(self, groups: Any, days: Any) -> np.ndarray:
        codes = np.array([self._codes.get(group, -1) for group in groups], dtype=np.int64)
        return codes * _STRIDE + np.clip(np.asarray(days, float), -_STRIDE / 4, _STRIDE / 4).astype(np.int64)


_STRIDE = 1 << 32
