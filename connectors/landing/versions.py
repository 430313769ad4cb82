"""The latest landed version of every key of one stream, in an in-memory DuckDB that spills to disk.

Used during a sync to land only what is new, and to tell vanished keys from missed ones.
"""

import contextlib
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from connectors.base import DELETED, SourceError, Stream
from connectors.landing.packages import KEY, ROW_HASH, SEQ, LandedFile, parquet_scan


@contextlib.contextmanager
def version_store(spill: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """An in-memory DuckDB for one sync, spilling to the folder `spill`: opening one costs more than an idle stream."""
    with duckdb.connect(config={"temp_directory": str(spill), "memory_limit": "512MB", "threads": 1}) as store:
        yield store


class LandedVersions:
    """Latest version per key: table `version(_key, _row_hash, _deleted, _seq)`. Close after use (context manager).

    `store` may be shared: everything here is temporary and seen by this object only.
    """

    def __init__(self, stream: Stream, files: list[LandedFile], store: duckdb.DuckDBPyConnection) -> None:
        self.stream = stream
        self._con = store.cursor()
        self._schema: pa.Schema | None = None
        select = "select ''::varchar, 0::ubigint, false, 0::bigint where false"
        if files:
            self._schema = _schema_of(files[-1])
            select = (
                f'select {KEY}, arg_max({ROW_HASH}, {SEQ}), arg_max("{DELETED}", {SEQ}), max({SEQ}) '
                f"from {parquet_scan(files)} group by {KEY}"
            )
        self._con.execute(f'create temp table version({KEY}, {ROW_HASH}, "{DELETED}", {SEQ}) as {select}')

    def __enter__(self) -> "LandedVersions":
        return self

    def __exit__(self, *_: object) -> None:
        self._con.close()

    def last_seq(self) -> int:
        """The highest version number landed so far, 0 for none."""
        return int(self._one(f"select coalesce(max({SEQ}), 0) from version"))

    def live_count(self) -> int:
        """Keys whose latest version is not a deletion."""
        return int(self._one(f'select count(*) from version where not "{DELETED}"'))

    def live_keys(self) -> set[str]:
        """The live keys as text, for streams small enough to hold them (snapshot files)."""
        return {row[0] for row in self._con.execute(f'select {KEY} from version where not "{DELETED}"').fetchall()}

    def settled(self, page: pa.Table, widened: Collection[str] = ()) -> pa.Table:
        """The page with the columns of `widened` as text.

        Raises SourceError for a column whose type is another than the one that landed last: two types under one name
        would reach the models as whatever the engine makes of both.
        """
        for field in page.schema:
            if field.name in widened and not pa.types.is_string(field.type):
                position = page.schema.get_field_index(field.name)
                page = page.set_column(position, field.name, as_text(page.column(position)))
        self._refuse_changed_types(page.schema, widened)
        return page

    def new_columns(self, page: pa.Table) -> list[str]:
        """Columns of the page that the stream has not landed before; none on a first load."""
        known = set(self._schema.names) if self._schema is not None else set(page.column_names)
        return [name for name in page.column_names if name not in known and not name.startswith("_")]

    def _refuse_changed_types(self, found: pa.Schema, widened: Collection[str]) -> None:
        for field in found if self._schema is not None else ():
            position = self._schema.get_field_index(field.name) if self._schema is not None else -1
            landed = self._schema.field(position).type if self._schema is not None and position >= 0 else field.type
            if _family(landed) != _family(field.type) and field.name not in widened:
                raise SourceError(
                    f"stream {self.stream.name}: field {field.name} landed as {landed} until now and is {field.type} "
                    f"at the source; nothing of it was landed. If the change is meant, list the field under "
                    f"`widen: {{{self.stream.name}: [{field.name}]}}` in the source file, and it lands as text from "
                    "now on; else exclude it"
                )

    def keyed(self, page: pa.Table, absent_is_null: bool = False) -> pa.Table:
        """The page with `_key`, `_row_hash` and `_deleted` added. Raises SourceError for a record without a key.

        absent_is_null: the hash does not change with columns that hold nothing, nor with the order of columns.
        """
        data = [name for name in page.column_names if not name.startswith("_")]
        deleted = f'coalesce("{DELETED}", false)' if DELETED in page.column_names else "false"
        kept = "* exclude (" + f'"{DELETED}")' if DELETED in page.column_names else "*"
        hashed = f"hash({', '.join(_quoted(name) for name in data)})"
        if absent_is_null:
            hashed = reduce("xor({}, {})".format, (_hash_if_filled(name) for name in data))
        keyed = self._select(
            "page",
            page,
            f'select {kept}, {self._key_sql()} as {KEY}, {hashed} as {ROW_HASH}, {deleted} as "{DELETED}" from page',
        )
        if keyed.column(KEY).null_count:
            raise SourceError(
                f"stream {self.stream.name}: {keyed.column(KEY).null_count} record(s) without a key "
                f"({', '.join(self.stream.key)} is empty); correct them at the source or choose another key"
            )
        return keyed

    def novel(self, keyed: pa.Table) -> pa.Table:
        """Only the rows whose content differs from the latest landed version of their key, each content once."""
        # Only key, hash and deletion are compared; whole rows would make the sorting below many times dearer.
        compared = keyed.select([KEY, ROW_HASH, DELETED])
        compared = compared.append_column("_position", pa.array(np.arange(keyed.num_rows)))
        kept = self._select(
            "compared",
            compared,
            f"""
            select min(compared._position) as _position from compared
            left join version on version.{KEY} = compared.{KEY} and version.{ROW_HASH} = compared.{ROW_HASH}
                and version."{DELETED}" = compared."{DELETED}"
            where version.{KEY} is null
            group by compared.{KEY}, compared.{ROW_HASH}, compared."{DELETED}"
            order by 1
            """,
        )
        return keyed if kept.num_rows == keyed.num_rows else keyed.take(kept.column("_position"))

    def add(self, landed: pa.Table) -> None:
        """Note rows that are being landed as the latest versions of their keys."""
        self._schema = landed.schema
        self._con.register("landed", landed)
        self._con.execute(f"delete from version where {KEY} in (select {KEY} from landed)")
        self._con.execute(
            f'insert into version select {KEY}, arg_max({ROW_HASH}, {SEQ}), arg_max("{DELETED}", {SEQ}), max({SEQ}) '
            f"from landed group by {KEY}"
        )
        self._con.unregister("landed")

    def compare(self, key_chunks: Iterable[Iterable[object]]) -> "KeyComparison":
        """Hold all live source keys against the live landed ones; the keys wait in the store, not in Python."""
        self._gather(key_chunks)
        originals = ", ".join(f"any_value({_quoted(name)})" for name in self.stream.key)
        missing = self._con.execute(
            f"select {originals} from source_key "
            f'where _source_key not in (select {KEY} from version where not "{DELETED}") '
            "group by _source_key order by min(rowid)"
        ).fetchall()
        vanished = self._con.execute(
            f'select {KEY} from version where not "{DELETED}" and {KEY} not in (select _source_key from source_key) '
            "order by 1"
        ).fetchall()
        count = int(self._one("select count(distinct _source_key) from source_key"))
        return KeyComparison(count, [row[0] if len(row) == 1 else row for row in missing], [row[0] for row in vanished])

    def _gather(self, key_chunks: Iterable[Iterable[object]]) -> None:
        """Temporary table `source_key`: every key as text and as the source gave it."""
        parts = ", ".join(_quoted(name) for name in self.stream.key)
        verb = "create or replace temp table source_key as"
        for chunk in key_chunks:
            if keys := list(chunk):
                self._con.register("chunk", self._key_table(keys))
                self._con.execute(f"{verb} select {self._key_sql()} as _source_key, {parts} from chunk")
                self._con.unregister("chunk")
                verb = "insert into source_key"
        if verb.startswith("create"):
            empty = ", ".join(f"null::varchar as {_quoted(name)}" for name in ("_source_key", *self.stream.key))
            self._con.execute(f"{verb} select {empty} where false")

    def tombstones(self, keys: list[str]) -> pa.Table:
        """One deletion row per key: the stream's columns null but for the key, ready to be numbered and landed."""
        if self._schema is None:
            raise SourceError(f"stream {self.stream.name}: a deletion was found before any record was landed")
        gone = pa.table({KEY: pa.array(keys, pa.string())})
        columns = ", ".join(self._tombstone_column(field) for field in self._schema if field.name != SEQ)
        rows = self._select("gone", gone, f"select {columns} from gone order by {KEY}")
        return rows.cast(pa.schema([field for field in self._schema if field.name != SEQ]))

    def _tombstone_column(self, field: pa.Field) -> str:
        name = _quoted(field.name)
        if field.name == KEY:
            return KEY
        if field.name == DELETED:
            return f"true as {name}"
        if field.name == ROW_HASH:
            return f"0::ubigint as {name}"
        if field.name in self.stream.key:
            part = self.stream.key.index(field.name) + 1
            text = KEY if len(self.stream.key) == 1 else f"split_part({KEY}, '|', {part})"
            return f"try_cast({text} as {_duckdb_type(field.type)}) as {name}"
        return f"null as {name}"

    def _key_sql(self) -> str:
        if len(self.stream.key) == 1:
            return f"cast({_quoted(self.stream.key[0])} as varchar)"
        return " || '|' || ".join(f"cast({_quoted(name)} as varchar)" for name in self.stream.key)

    def _key_table(self, keys: list[Any]) -> pa.Table:
        """Keys typed like the landed key columns, so that their text is spelt the same way."""
        rows = [key if isinstance(key, tuple) else (key,) for key in keys]
        columns: dict[str, pa.Array] = {}
        for position, name in enumerate(self.stream.key):
            kind = self._schema.field(name).type if self._schema is not None else None
            columns[name] = pa.array([row[position] for row in rows], type=kind)
        return pa.table(columns)

    def _select(self, name: str, table: pa.Table, query: str) -> pa.Table:
        """The query's result, with `table` visible to it under `name`."""
        self._con.register(name, table)
        result: Any = self._con.sql(query).to_arrow_table()
        self._con.unregister(name)
        return result

    def _one(self, query: str) -> Any:
        # fetchall, not fetchone: a half-read result blocks the connection for the next statement.
        return self._con.execute(query).fetchall()[0][0]


@dataclass(frozen=True)
class KeyComparison:
    """Source keys against landed keys.

    count: live keys at the source. missing: keys (as the source gave them) that are not landed. vanished: landed keys
    (as text) that the source no longer has.
    """

    count: int
    missing: list[Any]
    vanished: list[str]


def as_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """The column as text; decimals without trailing zeros, so that 5 stays 5 whatever the declared scale was."""
    if not pa.types.is_decimal(column.type):
        return column.cast(pa.string())
    values = [None if value is None else format(value.normalize(), "f") for value in column.to_pylist()]
    return pa.chunked_array([pa.array(values, pa.string())])


def _family(kind: pa.DataType) -> str:
    """Types that live together under one name without loss: whole numbers of any width, decimals of any precision.

    Parquet gives local times back as UTC ones, so the two cannot be told apart here.
    """
    families: dict[str, Callable[[pa.DataType], bool]] = {
        "whole number": pa.types.is_integer,
        "decimal": pa.types.is_decimal,
        "text": lambda kind: pa.types.is_string(kind) or pa.types.is_large_string(kind),
        "date": pa.types.is_date,
        "moment": pa.types.is_timestamp,
    }
    return next((name for name, holds in families.items() if holds(kind)), str(kind))


def _schema_of(file: LandedFile) -> pa.Schema:
    return pq.read_schema(file.path).remove_metadata()


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _hash_if_filled(name: str) -> str:
    literal = "'" + name.replace("'", "''") + "'"
    return f"if({_quoted(name)} is null, 0::ubigint, hash({literal}, {_quoted(name)}))"


def _duckdb_type(kind: pa.DataType) -> str:
    if pa.types.is_integer(kind):
        return "bigint"
    if pa.types.is_decimal(kind):
        return f"decimal({kind.precision}, {kind.scale})"
    if pa.types.is_timestamp(kind):
        return "timestamptz" if kind.tz else "timestamp"
    if pa.types.is_date(kind):
        return "date"
    return "varchar"
