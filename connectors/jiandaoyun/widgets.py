"""From a form's widgets to typed Arrow pages: one column per widget, and one per part of a compound value.

A widget's permanent id is `_widget_<digits>`; records carry its alias instead where one is set. Nothing, "" and [] are
one and the same here, as they are for the vendor.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from connectors import arrow
from connectors.base import ConfigurationError
from connectors.jiandaoyun.config import JiandaoyunStream

Record = Mapping[str, Any]
FINISHED = 1


Values = Sequence[Any]
Take = Callable[[Values], Values]
"""A widget's values, of one record each, made the values of a column: record by record costs a call for each."""


def _whole(values: Values) -> Values:
    return values


def _part(name: str) -> Take:
    return lambda values: [value.get(name) if isinstance(value, dict) else None for value in values]


def _each(name: str) -> Take:
    """One member or department per entry; lists keep their order."""
    return lambda values: [
        [item.get(name) for item in value if isinstance(item, dict)] if isinstance(value, list) else None
        for value in values
    ]


def _linked(values: Values) -> Values:
    """The id of a linked record, whether it comes bare or inside an object."""
    return [value.get("id") or value.get("_id") if isinstance(value, dict) else value for value in values]


def _phone(values: Values) -> Values:
    return [value.get("phone") if isinstance(value, dict) else value for value in values]


def _address() -> dict[str, Take]:
    return {part: _part(part) for part in ("province", "city", "district", "detail")}


_PARTS: dict[str, dict[str, Take]] = {
    "user": {"": _part("username"), "name": _part("name")},
    "usergroup": {"": _each("username"), "name": _each("name")},
    "dept": {"": _part("dept_no"), "name": _part("name")},
    "deptgroup": {"": _each("dept_no"), "name": _each("name")},
    "address": {"": _whole, **_address()},
    "location": {"": _whole, **_address(), "lnglat": _part("lnglatXY")},
    "phone": {"": _phone, "verified": _part("verified")},
    "linkdata": {"": _linked, "key": _part("key")},
    "lookup": {"": _linked, "key": _part("key")},
}
"""Widget type -> part of its value -> how it is taken out; '' is the column of the widget itself."""
_KINDS: dict[str, pa.DataType] = {"number": arrow.MONEY, "datetime": arrow.TIME}
_NOT_LANDED = frozenset({"image", "upload", "signature", "separator", "query"})
"""Files, whose addresses change with every answer, and what holds no value."""


@dataclass(frozen=True)
class Column:
    """One landed column: where its value stands in a record and how it is taken out."""

    name: str
    key: str
    kind: pa.DataType
    take: Take


_SYSTEM = (
    Column("id", "_id", pa.string(), _whole),
    Column("created_at", "createTime", arrow.TIME, _whole),
    Column("updated_at", "updateTime", arrow.TIME, _whole),
    Column("creator", "creator", pa.string(), _part("username")),
    Column("updater", "updater", pa.string(), _part("username")),
)
_FLOW = Column("flow_state", "flowState", pa.int64(), _whole)


@dataclass(frozen=True)
class Layout:
    """How one form lands. `key`: where the records carry the subform, when its rows are the records."""

    stream: JiandaoyunStream
    columns: tuple[Column, ...]
    key: str | None = None

    def page(self, records: Sequence[Record]) -> pa.Table:
        """The records (or a subform's rows) as one typed table. Raises SourceError naming stream, field and value."""
        rows = list(self.rows(records)) if self.key else records
        where = f"jiandaoyun stream {self.stream.name}"
        arrays = [_array(column, column.take([row.get(column.key) for row in rows]), where) for column in self.columns]
        return pa.table(arrays, names=[column.name for column in self.columns])

    def rows(self, records: Sequence[Record]) -> list[dict[str, Any]]:
        """The subform's rows of the records, each with its parent's id and times."""
        return [
            {
                **row,
                "parent_id": record["_id"],
                "createTime": record.get("createTime"),
                "updateTime": record.get("updateTime"),
            }
            for record in records
            for row in record.get(str(self.key)) or ()
        ]


def layout_of(stream: JiandaoyunStream, widgets: Sequence[Mapping[str, Any]], has_flow: bool) -> Layout:
    """The layout of a stream from its form's widgets. Raises ConfigurationError for a field that is not there."""
    if stream.subform is not None:
        return _subform_layout(stream, widgets)
    columns = [*_SYSTEM, *([_FLOW] if has_flow else []), *_columns(stream, widgets)]
    return Layout(stream, tuple(columns))


def _subform_layout(stream: JiandaoyunStream, widgets: Sequence[Mapping[str, Any]]) -> Layout:
    found = next((widget for widget in widgets if widget["widgetName"] == stream.subform), None)
    if found is None or found["type"] != "subform":
        raise ConfigurationError(
            f"stream {stream.name}: the form has no subform {stream.subform}; "
            "`scoreline sources describe` lists its fields"
        )
    system = [column for column in _SYSTEM if column.name in ("id", "created_at", "updated_at")]
    parent = Column("parent_id", "parent_id", pa.string(), _whole)
    return Layout(stream, (*system, parent, *_columns(stream, found.get("items") or ())), found["name"])


def _columns(stream: JiandaoyunStream, widgets: Sequence[Mapping[str, Any]]) -> list[Column]:
    named = {widget: name for name, widget in stream.fields.items()}
    missing = sorted(named.keys() - {widget["widgetName"] for widget in widgets})
    if missing:
        raise ConfigurationError(
            f"stream {stream.name}: the form has no field {', '.join(missing)}; it may have been deleted. "
            "`scoreline sources describe` lists its fields"
        )
    columns: list[Column] = []
    for widget in widgets:
        if widget["type"] not in _NOT_LANDED:
            columns += _of_widget(named.get(widget["widgetName"]), widget)
    return columns


def _of_widget(name: str | None, widget: Mapping[str, Any]) -> list[Column]:
    landed = arrow.snake_case(name or widget["widgetName"])
    kind = _KINDS.get(widget["type"], pa.string())
    parts = _PARTS.get(widget["type"], {"": _whole})
    return [
        Column(f"{landed}_{part}" if part else landed, widget["name"], kind if not part else _part_kind(part), take)
        for part, take in parts.items()
    ]


def _part_kind(part: str) -> pa.DataType:
    return pa.bool_() if part == "verified" else pa.string()


def _array(column: Column, values: Values, where: str) -> pa.Array:
    kind = column.kind
    try:
        if pa.types.is_decimal(kind):
            return _filled([None if value is None else str(value) for value in values]).cast(kind)
        if pa.types.is_timestamp(kind):
            return pc.cast(_filled(values), kind)
        return _filled(values) if pa.types.is_string(kind) else pa.array(values, kind)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, TypeError, ValueError, OverflowError):
        return arrow.column([arrow.known(value) for value in values], kind, where, column.name)


def _filled(values: Values) -> pa.Array:
    """As text, "" null. Raises ArrowTypeError where there is anything else."""
    text = pa.array(values, pa.string())
    return pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)
