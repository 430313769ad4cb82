"""Odoo records as Arrow pages, typed by what `fields_get` declares.

Odoo writes null as false: by field type, never by value, since a boolean false is a false. Numbers are never
null there.
"""

from collections.abc import Sequence
from operator import itemgetter
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from connectors import arrow
from connectors.odoo.streams import Fields

_TYPES: dict[str, pa.DataType] = {
    "integer": pa.int64(),
    "many2one": pa.int64(),
    "many2one_reference": pa.int64(),
    "boolean": pa.bool_(),
    "float": arrow.MONEY,
    "monetary": arrow.MONEY,
    "date": pa.date32(),
    "datetime": arrow.TIME,
}
UNREADABLE = frozenset({"binary", "image"})


def schema_of(fields: Fields, names: Sequence[str]) -> pa.Schema:
    """The page schema of the named fields; what has no type of its own (text, selections, lists) is text."""
    return pa.schema([(name, _TYPES.get(fields[name]["type"], pa.string())) for name in names])


def page(records: Sequence[dict[str, Any]], schema: pa.Schema, where: str) -> pa.Table:
    """One Arrow table; every record holds every field of the schema. Raises SourceError naming `where` and field."""
    pick = itemgetter(*schema.names) if len(schema.names) > 1 else lambda record: (record[schema.names[0]],)
    columns = zip(*map(pick, records), strict=True)
    arrays = [_column(values, field, where) for values, field in zip(columns, schema, strict=True)]
    return pa.Table.from_arrays(arrays, schema=schema)


def _column(values: Sequence[Any], field: pa.Field, where: str) -> pa.Array:
    kind = field.type
    if pa.types.is_boolean(kind):
        return pa.array([bool(value) for value in values], kind)
    nulled = [None if value is False else value for value in values]
    try:
        return _quick(nulled, kind)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, TypeError, ValueError, OverflowError):
        return arrow.column(nulled, kind, where, field.name)


def _quick(values: list[Any], kind: pa.DataType) -> pa.Array:
    """The column without Python work per cell: a float's shortest text is exactly what Odoo wrote."""
    if pa.types.is_decimal(kind):
        return pa.array(values, pa.float64()).cast(pa.string()).cast(kind)
    if pa.types.is_timestamp(kind):
        return pc.assume_timezone(pa.array(values, pa.string()).cast(pa.timestamp("us")), "UTC")
    if pa.types.is_date(kind):
        return pa.array(values, pa.string()).cast(kind)
    return pa.array(values, kind)
