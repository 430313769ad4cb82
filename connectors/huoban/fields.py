"""From a table's configuration to typed Arrow pages: one column per field, and one for the names that come with ids.

Values are wrapped by type: categories, users and relations are lists of objects even for one value. Days and times come
as text of the workspace's zone, in some tables as milliseconds; both land as the same text, which mappings read as a
day or a moment.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

from connectors import arrow
from connectors.base import ConfigurationError
from connectors.huoban.config import HuobanStream

Record = Mapping[str, Any]
NUMBERS = frozenset({"number", "calculation", "currency"})
_DATES = frozenset({"date", "datetime"})
_WRAPPED = {"category": ("name", "id"), "user": ("user_id", "name"), "relation": ("item_id", "title")}
"""Field type -> key of the value that lands under the field's own name, key of the part beside it (`_id`, `_name`)."""
_BESIDE = {"category": "id", "user": "name", "relation": "title"}
_NOT_LANDED = frozenset({"image", "file", "signature", "sig"})
"""Files."""
TIME = "%Y-%m-%d %H:%M:%S"
"""How the vendor writes a moment."""


@dataclass(frozen=True)
class Column:
    """One landed column of a field's values."""

    name: str
    field_id: str
    kind: pa.DataType
    take: Callable[[Any], Any]


@dataclass(frozen=True)
class Layout:
    """How one table lands."""

    stream: HuobanStream
    columns: tuple[Column, ...]
    zone: ZoneInfo

    def page(self, items: Sequence[Record]) -> pa.Table:
        """The items as one typed table. Raises SourceError naming stream, field and value."""
        where = f"huoban stream {self.stream.name}"
        landed: dict[str, pa.Array] = {
            "id": pa.array([str(item["item_id"]) for item in items], pa.string()),
            "title": arrow.column([arrow.known(item.get("title")) for item in items], pa.string(), where, "title"),
            "created_at": self._moments(items, "created_on", where),
            "updated_at": self._moments(items, "updated_on", where),
            "creator": arrow.column(
                [_user(item.get("created_by")) for item in items], pa.string(), where, "created_by"
            ),
        }
        values = [item.get("fields") or {} for item in items]
        for column in self.columns:
            taken = [column.take(fields.get(column.field_id)) for fields in values]
            landed[column.name] = _array(taken, column, where)
        return pa.table(landed)

    def _moments(self, items: Sequence[Record], name: str, where: str) -> pa.Array:
        """System times, which carry no zone, as moments."""
        written = [arrow.known(item.get(name)) for item in items]
        try:
            plain = pc.cast(pa.array(written, pa.string()), pa.timestamp("us"))
            return pc.assume_timezone(plain, self.zone.key, ambiguous="earliest", nonexistent="latest").cast(arrow.TIME)
        except (pa.ArrowInvalid, pa.ArrowTypeError):
            found = [moment_of(value, self.zone) for value in written]
            return arrow.column(found, arrow.TIME, where, name)


def layout_of(stream: HuobanStream, fields: Sequence[Mapping[str, Any]], zone: ZoneInfo) -> Layout:
    """The layout of a stream from its table's fields. Raises ConfigurationError for a field that is not there."""
    named = {field_id: name for name, field_id in stream.fields.items()}
    missing = sorted(named.keys() - {str(field["field_id"]) for field in fields})
    if missing:
        raise ConfigurationError(
            f"stream {stream.name}: the table has no field {', '.join(missing)}; it may have been deleted. "
            "`scoreline sources describe` lists its fields"
        )
    columns: list[Column] = []
    for field in fields:
        if field["type"] not in _NOT_LANDED:
            columns += _of_field(named.get(str(field["field_id"])), field, zone)
    return Layout(stream, tuple(columns), zone)


def moment_of(value: Any, zone: ZoneInfo) -> datetime | None:
    """A moment from text of the zone or from milliseconds."""
    if value in (None, ""):
        return None
    if isinstance(value, int):
        return datetime.fromtimestamp(value / 1000, UTC)
    return datetime.fromisoformat(str(value)).replace(tzinfo=zone).astimezone(UTC)


def _of_field(name: str | None, field: Mapping[str, Any], zone: ZoneInfo) -> list[Column]:
    field_id, kind = str(field["field_id"]), field["type"]
    landed = arrow.snake_case(name or f"f{field_id}")
    if kind in _WRAPPED:
        value, beside = _WRAPPED[kind]
        return [
            Column(landed, field_id, pa.string(), _unwrapped(value)),
            Column(f"{landed}_{_BESIDE[kind]}", field_id, pa.string(), _unwrapped(beside)),
        ]
    if kind in NUMBERS:
        return [Column(landed, field_id, arrow.MONEY, arrow.known)]
    if kind in _DATES:
        return [Column(landed, field_id, pa.string(), lambda value: _as_written(value, zone))]
    return [Column(landed, field_id, pa.string(), arrow.known)]


def _unwrapped(key: str) -> Callable[[Any], Any]:
    """The part out of one wrapped value, or a list of the parts of several; what is not wrapped stays."""

    def take(value: Any) -> Any:
        if type(value) is list and len(value) == 1 and type(value[0]) is dict and key in value[0]:
            return value[0][key]
        items = value if isinstance(value, list) else [] if value in (None, "") else [value]
        found = [_one(item, key) for item in items]
        return None if not found else found[0] if len(found) == 1 else found

    return take


def _one(item: Any, key: str) -> Any:
    if not isinstance(item, dict):
        return item
    return item.get(key, item.get("text") if key == "name" else None)


def _as_written(value: Any, zone: ZoneInfo) -> str | None:
    """A day or time as text of the zone, whichever way it came; midnight of milliseconds is a day."""
    if value in (None, "", []):
        return None
    if not isinstance(value, int):
        return str(value)
    moment = datetime.fromtimestamp(value / 1000, UTC).astimezone(zone)
    return moment.strftime(TIME).removesuffix(" 00:00:00")


def _user(value: Any) -> Any:
    return value.get("user_id") if isinstance(value, dict) else None


def _array(values: list[Any], column: Column, where: str) -> pa.Array:
    try:
        if pa.types.is_decimal(column.kind):
            return pa.array([None if value is None else str(value) for value in values], pa.string()).cast(column.kind)
        return pa.array(values, column.kind)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, TypeError, ValueError, OverflowError):
        return arrow.column(values, column.kind, where, column.name)
