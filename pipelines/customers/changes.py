"""What differs between two nights, and putting the few rows of tonight into the many of last night.

Done on Arrow tables in the order of their ids: to join, sort or only move millions of rows takes longer than all else a
night has to do.
"""

from bisect import bisect_left
from functools import reduce

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc


def changed_ids(now: pa.Table, before: pa.Table) -> pa.Array:
    """The record_ids that are new, gone, or differ in a column of `now`.

    One row per record on both sides, best in the order of record_id; `before` may have more columns. No value is null.
    """
    ids, ids_before = now["record_id"].combine_chunks(), before["record_id"].combine_chunks()
    if ids.equals(ids_before):
        return ids.filter(_differs(now, before))
    is_old = pc.is_in(ids, value_set=ids_before)
    is_there = pc.is_in(ids_before, value_set=ids)
    known, known_before = now.filter(is_old), before.select(now.column_names).filter(is_there)
    if not known["record_id"].equals(known_before["record_id"]):
        known, known_before = known.sort_by("record_id"), known_before.sort_by("record_id")
    differing = known["record_id"].combine_chunks().filter(_differs(known, known_before))
    return pa.concat_arrays([ids.filter(pc.invert(is_old)), ids_before.filter(pc.invert(is_there)), differing])


def _differs(now: pa.Table, before: pa.Table) -> pa.Array:
    """Row by row, whether a column differs."""
    columns = (pc.not_equal(now[name], before[name]) for name in now.column_names)
    return reduce(pc.or_, columns).combine_chunks()


def rows_of(records: pa.Table, ids: pa.Array | pa.ChunkedArray) -> pa.Table:
    """The records with these ids. Not left to DuckDB, which would read all columns of all records for it."""
    return records.filter(pc.is_in(records["record_id"], value_set=ids))


def renewed(before: pa.Table, outdated: pa.Array, made: pa.Table, *ids: str) -> pa.Table:
    """Rows of `before` that name no outdated record, and the rows `made` for those, ordered by the columns `ids`.

    before: in this order. Its rows are cut apart, not copied: to sort millions of them, or only to move them, takes
    longer than all the rest when a few thousand are put in.
    """
    order = [(name, "ascending") for name in ids]
    made = made.sort_by(order)
    is_kept = pc.invert(reduce(pc.or_, (pc.is_in(before[name], value_set=outdated) for name in ids)))
    if not pc.any(is_kept).as_py():
        return made
    if made.num_rows > before.num_rows * _FEW:
        return pa.concat_tables([before.filter(is_kept), made]).sort_by(order)
    left_out = [(at, at + 1, 0, 0) for at in np.flatnonzero(~is_kept.to_numpy()).tolist()]
    put_in = [(at, at, number, 1) for number, at in enumerate(_places(before.select(ids), made.select(ids)))]
    parts, start = [], 0
    for at, goes_on, number, length in sorted(left_out + put_in):
        parts += [before.slice(start, at - start), made.slice(number, length)]
        start = goes_on
    return pa.concat_tables([part for part in [*parts, before.slice(start)] if part.num_rows])


def _places(before: pa.Table, made: pa.Table) -> list[int]:
    """Before which row of `before` each row of `made` belongs; both in the order of their columns."""

    def values(at: int) -> tuple[str, ...]:
        return tuple(column[at].as_py() for column in before.columns)

    rows = range(before.num_rows)
    return [bisect_left(rows, tuple(row.values()), key=values) for row in made.to_pylist()]


_FEW = 0.05
"""Share of rows up to which they are put in one by one."""
