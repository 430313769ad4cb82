"""Records and tables that dlt resources yield, as Arrow pages whose types are declared: by the source, or in the file.

What nobody declared lands as text, exactly as the source wrote it: a type guessed from values would change with them.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from connectors.arrow import MONEY, TIME, column, snake_case, text
from connectors.base import DELETED, ConfigurationError, SourceError
from connectors.dlt_source.config import DltStream
from connectors.dlt_source.loading import Declared
from connectors.files.values import float_text
from connectors.mapping.models import nearest

PAGE_ROWS = 10_000
_MISSING = {"NaTType", "NAType"}
"""What data frames put where a value is missing, beside the number that is none."""
KINDS: dict[str, pa.DataType] = {
    "text": pa.string(),
    "bigint": pa.int64(),
    "double": MONEY,
    "decimal": MONEY,
    "wei": pa.decimal128(38, 0),
    "timestamp": TIME,
    "date": pa.date32(),
    "bool": pa.bool_(),
    "json": pa.string(),
    "time": pa.string(),
    "binary": pa.string(),
}
"""dlt's data types as landing holds them."""


class Pages:
    """Pages of one stream.

    types: landed column -> dlt data type, of the file and, once the resource has declared them, also its own. key:
    the primary key it declares. checked: whether the columns that the stream names must be there.
    """

    def __init__(self, stream: DltStream, checked: bool = True) -> None:
        self.stream, self._checked = stream, checked
        self.types: dict[str, str] = dict(stream.columns)
        self.key: tuple[str, ...] = ()
        self._kinds: dict[str, pa.DataType] = {}
        self._columns: dict[str, str] = {}

    def of(self, items: Iterator[Declared | list[Any]]) -> Iterator[pa.Table]:
        """Pages of what `loading.items` gives; tables keep their own borders, records are put together.

        When the source fails, what it yielded before is handed on first.
        """
        held: list[dict[str, Any]] = []
        try:
            for some in items:
                if isinstance(some, Declared):
                    self._declare(some)
                    continue
                table = _as_table(some[-1])
                for item in some if table is None else some[:-1]:
                    held += self._records(item)
                if held and (table is not None or len(held) >= PAGE_ROWS):
                    page, held = self._of_records(held), []
                    yield page
                if table is not None and table.num_rows:
                    yield self._of_table(table)
        except Exception:
            if held:
                yield self._of_records(held)
            raise
        if held:
            yield self._of_records(held)

    def _declare(self, declared: Declared) -> None:
        self.types = {**{snake_case(name): kind for name, kind in declared.types.items()}, **self.stream.columns}
        self.key = tuple(snake_case(name) for name in declared.key)
        self._kinds = {name: KINDS[kind] for name, kind in self.types.items()}

    @property
    def _where(self) -> str:
        return f"stream {self.stream.name}"

    def _records(self, item: Any) -> list[dict[str, Any]]:
        """The records in anything but a table that dlt resources yield: dicts, pydantic models, data frames."""
        if isinstance(item, dict):
            return [item]
        if hasattr(item, "model_dump"):
            return [item.model_dump()]
        if hasattr(item, "to_dict") and hasattr(item, "columns"):
            # A frame's types come from the rows it happens to hold, so its values are taken and its types are not.
            return pa.Table.from_pandas(item, preserve_index=False).to_pylist()
        raise ConfigurationError(
            f"{self._where}: the resource yields {type(item).__name__}; expected records (dicts, models), Arrow tables "
            "or data frames. Name another resource, such as a reader of what this one finds"
        )

    def _of_records(self, records: Sequence[Mapping[str, Any]]) -> pa.Table:
        named = self._named({field: None for record in records for field in record})
        arrays = {name: self._array([record.get(field) for record in records], name) for name, field in named.items()}
        return self._finished(pa.table(arrays))

    def _of_table(self, table: pa.Table) -> pa.Table:
        there = dict.fromkeys(table.column_names)
        named = {name: field for name, field in self._named(there).items() if field in there}
        columns = {name: self._column(table.column(field), name) for name, field in named.items()}
        return self._finished(pa.table(columns))

    def _named(self, fields: Mapping[str, None]) -> dict[str, str]:
        """Landed name -> field, for the fields that land. Columns seen before stay, so that pages differ little."""
        found: dict[str, str] = {}
        for field in fields:
            name = snake_case(field)
            if name in self.stream.exclude_fields:
                continue
            if not name or name in found or self._columns.get(name, field) != field:
                other = found.get(name) or self._columns.get(name) or ""
                raise ConfigurationError(
                    f"{self._where}: fields {other!r} and {field!r} would both land as {name!r}; leave the stream out "
                    "or rename one in the source"
                )
            found[name] = field
        self._columns.update(found)
        return dict(self._columns)

    def _array(self, values: list[Any], name: str) -> pa.Array:
        kind = self._kinds.get(name, pa.string())
        types = set(map(type, values))
        if float in types or {each.__name__ for each in types} & _MISSING:
            values = [None if _is_missing(value) else value for value in values]
        if pa.types.is_string(kind):
            return _text_array(values)
        if pa.types.is_decimal(kind):
            values = [float_text(value) if isinstance(value, float) else value for value in values]
        return column(values, kind, self._where, name)

    def _column(self, values: pa.ChunkedArray, name: str) -> pa.Array | pa.ChunkedArray:
        """A table's column in the declared type, else in the landed form of its own."""
        kind = self._kinds.setdefault(name, _landed_kind(values.type))
        return values if values.type == kind else self._array(values.to_pylist(), name)

    def _finished(self, page: pa.Table) -> pa.Table:
        """With columns that only some records have, and the deletion mark.

        Raises SourceError when another column that the file names is not there.
        """
        if not self._checked:
            return page
        for name in self.stream.columns:
            if name not in (*page.column_names, *self.stream.key, *self.stream.exclude_fields):
                page = page.append_column(name, pa.nulls(page.num_rows, self._kinds[name]))
        for field, name in self.stream.needed_columns():
            if name not in page.column_names:
                raise ConfigurationError(
                    f"{self._where}: `{field}` names column {name!r}, which the records do not have; "
                    f"{nearest(name, page.column_names)} A column that only some records have is listed in `columns`"
                )
        self._refuse_unfit_keys(page)
        if self.stream.deleted is None:
            return page
        marks = [_means_deleted(value) for value in page.column(self.stream.deleted).to_pylist()]
        return page.append_column(DELETED, pa.array(marks, pa.bool_()))

    def _refuse_unfit_keys(self, page: pa.Table) -> None:
        for name in self.stream.key:
            is_text_part = len(self.stream.key) > 1 and pa.types.is_string(page.column(name).type)
            if is_text_part and pc.any(pc.match_substring(page.column(name), "|")).as_py():
                raise SourceError(
                    f"{self._where}: key column {name} holds a value with '|', which separates key parts; choose "
                    "another key"
                )
            if page.column(name).null_count:
                first = page.column(name).to_pylist().index(None)
                raise SourceError(
                    f"{self._where}: {page.column(name).null_count} of {page.num_rows} records have no {name}, which "
                    f"`key` names (one of them: {_excerpt(page.slice(first, 1))}); correct them at the source or "
                    "choose another key"
                )


def _as_table(item: Any) -> pa.Table | None:
    if isinstance(item, pa.RecordBatch):
        return pa.Table.from_batches([item])
    return item if isinstance(item, pa.Table) else None


def _landed_kind(kind: pa.DataType) -> pa.DataType:
    """The type in which an Arrow column lands when nothing else is declared; nested and rare ones become text."""
    if pa.types.is_uint64(kind):
        return pa.decimal128(20, 0)
    if pa.types.is_integer(kind):
        return pa.int64()
    if pa.types.is_floating(kind) or pa.types.is_decimal256(kind):
        return MONEY
    if pa.types.is_timestamp(kind):
        return TIME if kind.tz else pa.timestamp("us")
    if pa.types.is_date(kind):
        return pa.date32()
    return kind if pa.types.is_decimal(kind) or pa.types.is_boolean(kind) else pa.string()


def _is_missing(value: Any) -> bool:
    return (isinstance(value, float) and value != value) or type(value).__name__ in _MISSING


def _text_array(values: list[Any]) -> pa.Array:
    if not set(map(type, values)) <= {str, type(None)}:
        values = [_text(value) for value in values]
    return pa.array(values, pa.string())


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return float_text(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    return text(value) if isinstance(value, dict | list | tuple) else str(value)


def _means_deleted(value: Any) -> bool:
    return str(value or "").strip().lower() not in ("", "false", "no", "n", "0")


def _excerpt(record: pa.Table) -> str:
    filled = {name: value for name, value in record.to_pylist()[0].items() if value is not None}
    return str(filled)[:120]
