"""From an answer's bytes to a typed Arrow page.

A page goes through Arrow's own JSON reader with the declared types. Only a page that reader refuses (a value that is
not what the vendor declares, or has more than 12 decimals) is read cell by cell, which rounds or names the culprit.
"""

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json as pj

from connectors import arrow
from connectors.base import DELETED, SourceError
from connectors.zoho_crm.fields import ID, Column, Layout


@dataclass(frozen=True)
class Answer:
    """Records of one answer, one array per vendor field as it came; `token` is where the list goes on."""

    values: Mapping[str, pa.Array]
    more: bool
    token: str | None

    @property
    def ids(self) -> pa.Array:
        """The ids, in the order of the answer."""
        return self.values["id"]


def nothing(columns: Sequence[Column]) -> Answer:
    """The answer that holds no record."""
    return Answer({column.field: pa.array([], column.wire_kind) for column in (ID, *columns)}, False, None)


def read_answer(body: bytes, columns: Sequence[Column], where: str) -> Answer:
    """The answer of a query or list call. Raises SourceError when it is none or a value is not of its type."""
    wanted = (ID, *columns)
    try:
        found = _read_fast(body, wanted)
    except pa.ArrowInvalid:
        found = _read_cells(body, wanted, where)
    if found.ids.null_count:
        raise SourceError(f"zoho_crm {where}: the answer holds a record without an id: {body[:200]!r}")
    return found


def landed_page(layout: Layout, values: Mapping[str, pa.Array]) -> pa.Table:
    """The values of all fields as the stream lands them."""
    rows = len(values["id"])
    landed = {column.name: _typed(values[column.field], column, layout.module.name) for column in layout.columns}
    for name, (field, wanted) in layout.flags.items():
        found = pc.is_in(values[field], value_set=pa.array(wanted, pa.string()))
        # Without a value the answer is unknown, not no.
        landed[name] = pc.if_else(pc.is_valid(values[field]), found, pa.scalar(None, pa.bool_()))
    if layout.currency is not None:
        landed["currency"] = pa.repeat(pa.scalar(layout.currency), rows)
    if layout.satisfaction_scale is not None:
        landed["satisfaction_scale"] = pa.repeat(pa.scalar(layout.satisfaction_scale, arrow.MONEY), rows)
    landed[DELETED] = pa.repeat(pa.scalar(False), rows)
    return pa.table(landed, schema=layout.schema)


def deleted_page(layout: Layout, ids: Sequence[str]) -> pa.Table:
    """One deletion per id: Zoho tells nothing but the id of what was deleted."""
    landed = {field.name: pa.nulls(len(ids), field.type) for field in layout.schema}
    landed |= {"id": pa.array(ids, pa.string()), DELETED: pa.repeat(pa.scalar(True), len(ids))}
    return pa.table(landed, schema=layout.schema)


def joined(first: Answer, others: Sequence[Answer]) -> dict[str, pa.Array]:
    """The fields of several answers about the same records; who is not in all of them was deleted in between."""
    values = dict(first.values)
    for other in others:
        place = pc.index_in(values["id"], value_set=other.ids)
        there = pc.is_valid(place)
        values = {name: array.filter(there) for name, array in values.items()}
        kept = place.filter(there)
        values |= {name: array.take(kept) for name, array in other.values.items() if name != "id"}
    return values


def _read_fast(body: bytes, columns: Sequence[Column]) -> Answer:
    record = pa.struct([(column.field, column.wire_kind) for column in columns])
    info = pa.struct([("more_records", pa.bool_()), ("next_page_token", pa.string())])
    schema = pa.schema([("data", pa.list_(pa.field("item", record))), ("info", info)])
    answer = pj.read_json(
        io.BytesIO(body),
        read_options=pj.ReadOptions(use_threads=False, block_size=len(body) + 1),
        parse_options=pj.ParseOptions(
            explicit_schema=schema, newlines_in_values=True, unexpected_field_behavior="ignore"
        ),
    )
    if answer.num_rows != 1 or answer["data"].null_count or answer["info"].null_count:
        raise pa.ArrowInvalid("not a list of records")
    rows = answer["data"].combine_chunks().flatten()
    told = answer["info"][0].as_py()
    return Answer(
        {column.field: rows.field(column.field) for column in columns},
        bool(told["more_records"]),
        told["next_page_token"],
    )


def _read_cells(body: bytes, columns: Sequence[Column], where: str) -> Answer:
    try:
        answer = json.loads(body, parse_float=Decimal)
        records, info = answer["data"], answer["info"]
        values = {column.field: _cells(records, column, where) for column in columns}
        return Answer(values, bool(info["more_records"]), info.get("next_page_token"))
    except (ValueError, KeyError, TypeError, AttributeError):
        raise SourceError(f"zoho_crm {where}: the answer is no list of records: {body[:200]!r}") from None


def _cells(records: Sequence[dict[str, Any]], column: Column, where: str) -> pa.Array:
    cells = [record.get(column.field) for record in records]
    if pa.types.is_struct(column.wire_kind):
        ids = [cell.get("id") if isinstance(cell, dict) else cell for cell in cells]
        return pa.array([None if one is None else {"id": str(one)} for one in ids], column.wire_kind)
    if pa.types.is_list(column.wire_kind):
        lists = [cell if isinstance(cell, list) or cell is None else [cell] for cell in cells]
        return pa.array([one and [arrow.text(item) for item in one] for one in lists], column.wire_kind)
    return arrow.column(cells, column.wire_kind, f"zoho_crm {where}", column.field)


def _typed(values: pa.Array, column: Column, where: str) -> pa.Array:
    if pa.types.is_struct(values.type):
        return pc.struct_field(values, "id")
    if pa.types.is_list(values.type):
        return pa.array([None if one is None else arrow.text(one) for one in values.to_pylist()], pa.string())
    if values.type == column.kind:
        return values
    try:
        return pc.cast(values, column.kind)
    except pa.ArrowInvalid as error:
        raise SourceError(
            f"zoho_crm {where}: field {column.field} holds a value that is no {column.data_type}: {error}"
        ) from None
