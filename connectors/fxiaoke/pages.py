"""From what describe shows of an object to typed Arrow pages.

Fxiaoke writes a missing value as an absent key, null, "" or [], amounts as text, moments and days as milliseconds (a
day is its midnight in the tenant's zone), and people and departments as lists even where there is only one.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from connectors import arrow
from connectors.base import DELETED, ConfigurationError
from connectors.fxiaoke.config import FxiaokeConfig
from connectors.fxiaoke.objects import CURSOR, ID, FxObject, roles_of

Record = Mapping[str, Any]
_NUMBERS = frozenset({"currency", "number", "percentile", "count"})
_KINDS: dict[str, pa.DataType] = {
    **dict.fromkeys(_NUMBERS, arrow.MONEY),
    "date": pa.date32(),
    "date_time": arrow.TIME,
    "true_or_false": pa.bool_(),
}
"""Vendor field types that do not land as text."""
_COMPUTED = frozenset({"formula", "count", "quote"})
"""Their `return_type` says what they hold."""
_SINGLE = frozenset({"employee", "department", "out_employee", "out_department"})
_CHOICES = frozenset({"select_one", "record_type", "country", "province", "city", "district", "town"})
_NOT_LANDED = frozenset(
    {"group", "embedded_object_list", "image", "file_attachment", "signature", "big_file_attachment"}
)
"""Groups, whose parts are fields of their own; the sales team, which has an interface of its own; files."""
_SYSTEM = {
    ID: "text",
    "create_time": "date_time",
    CURSOR: "date_time",
    "life_status": "select_one",
    "is_deleted": "true_or_false",
}
"""Fields every record has, whether describe lists them or not."""
INVALID = "invalid"
KIND_OF = "type"
"""Role of the field that says what kind of activity a record is."""


@dataclass(frozen=True)
class Column:
    """One landed column, the vendor field it is read from, and that field's type as declared.

    options: label by value, where the column holds the label of a choice instead of its value.
    """

    name: str
    field: str
    vendor_type: str
    options: Mapping[str, str] | None = None

    @property
    def kind(self) -> pa.DataType:
        """Arrow type of the landed column."""
        return pa.string() if self.options is not None else _KINDS.get(self.vendor_type, pa.string())

    def values(self, records: Sequence[Record]) -> list[Any]:
        """The records' values, every way of writing nothing as None."""
        field = self.field
        if self.options is not None:
            return self._labels(records, self.options)
        if self.vendor_type in _SINGLE:
            return [_single(record.get(field)) for record in records]
        return [None if (value := record.get(field)) == "" or value == [] else value for record in records]

    def _labels(self, records: Sequence[Record], options: Mapping[str, str]) -> list[str | None]:
        """The label an answer brings, else the one describe lists."""
        field, shown_under = self.field, f"{self.field}__r"
        return [
            shown
            if type(shown := record.get(shown_under)) is str and shown
            else options.get(value)
            if type(value := record.get(field)) is str
            else None
            for record in records
        ]


@dataclass(frozen=True)
class Layout:
    """How one object of one tenant lands. can_be_invalid: whether the object knows a life status, so 作废 too."""

    item: FxObject
    columns: tuple[Column, ...]
    flags: Mapping[str, tuple[str, tuple[str, ...]]]
    constants: Mapping[str, pa.Scalar]
    config: FxiaokeConfig
    can_be_invalid: bool

    @property
    def vendor_fields(self) -> list[str]:
        """Vendor fields to ask for, each once."""
        return list(dict.fromkeys([*_SYSTEM, *(column.field for column in self.columns)]))

    def labels(self, role: str) -> Mapping[str, str]:
        """Label by value of a choice, as describe lists them; nothing where the role's field is no choice."""
        return next(
            (column.options for column in self.columns if column.name == f"{role}_label" and column.options), {}
        )

    def page(self, records: Sequence[Record]) -> pa.Table:
        """The records as one typed table. Raises SourceError naming object, field and value."""
        where = f"fxiaoke {self.item.name}"
        landed = {column.name: self._array(column, records, where) for column in self.columns}
        for name, (role, wanted) in self.flags.items():
            landed[name] = _one_of(landed, role, wanted)
        if KIND_OF in landed and self.item.has_kinds:
            landed["activity_kind"] = _kinds(landed, self.config.activity_types)
        landed |= {name: pa.repeat(value, len(records)) for name, value in self.constants.items()}
        landed[DELETED] = pa.array([is_gone(record) for record in records], pa.bool_())
        return pa.table(landed)

    def _array(self, column: Column, records: Sequence[Record], where: str) -> pa.Array:
        values = column.values(records)
        try:
            return self._quick(values, column.kind)
        except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, TypeError, ValueError, OverflowError):
            return arrow.column([_plain(value, column.kind) for value in values], column.kind, where, column.field)

    def _quick(self, values: list[Any], kind: pa.DataType) -> pa.Array:
        """The column without Python work per cell, for values that are what the vendor declares."""
        if pa.types.is_decimal(kind):
            return pa.array([None if value is None else str(value) for value in values], pa.string()).cast(kind)
        if pa.types.is_timestamp(kind):
            return pa.array(values, pa.int64()).cast(pa.timestamp("ms", tz="UTC")).cast(kind)
        if pa.types.is_date(kind):
            midnight = pa.array(values, pa.int64()).cast(pa.timestamp("ms", tz=self.config.time_zone))
            return pc.local_timestamp(midnight).cast(kind)
        return pa.array(values, kind)


def is_gone(record: Record) -> bool:
    """Whether the record was invalidated (作废), which people see as deleted."""
    return record.get("life_status") == INVALID or record.get("is_deleted") is True


def layout_of(item: FxObject, described: Mapping[str, Mapping[str, Any]], config: FxiaokeConfig) -> Layout:
    """The layout of one object from what describe shows (field name -> description).

    Raises ConfigurationError for a role without which the numbers would be wrong, for a field the configuration names
    that is not there, and for two fields that would land under one name.
    """
    fields = {**{name: {"type": kind} for name, kind in _SYSTEM.items()}, **_landable(item, described, config)}
    roles = {role: field for role, field in roles_of(item, config).items() if field is not None}
    _refuse_missing(item, roles, fields, config)
    columns: list[Column] = []
    for role, field in roles.items():
        if field in fields:
            columns += _columns(role, field, _meant(role, fields[field]))
    taken = {column.name for column in columns}
    for name, about in fields.items():
        if name in roles.values() and name != CURSOR:
            continue
        landed = _columns(arrow.snake_case(name), name, about)
        columns += [column for column in landed if column.name not in taken]
    _refuse_clash(item, columns)
    present = {column.name for column in columns}
    flags = {flag.column: (flag.role, tuple(flag.values(config))) for flag in item.flags if flag.role in present}
    return Layout(item, tuple(columns), flags, _constants(item, present, config), config, "life_status" in described)


def access_gaps(item: FxObject, described: Mapping[str, Mapping[str, Any]], config: FxiaokeConfig) -> str | None:
    """What a person should know about roles whose field this tenant does not show; None when nothing is missing."""
    fields = _landable(item, described, config)
    missing = {
        role: field for role, field in roles_of(item, config).items() if field and field not in {*fields, *_SYSTEM}
    }
    gaps = [_hidden(item, missing)] if missing else []
    if item.money and "currency" in missing and config.default_currency is None:
        gaps.append(f"{item.name} amounts have no currency: set default_currency in the source file")
    return "; ".join(gaps) or None


def _constants(item: FxObject, present: set[str], config: FxiaokeConfig) -> dict[str, pa.Scalar]:
    """Columns with the same value in every record, because the configuration knows what the records leave out."""
    found: dict[str, pa.Scalar] = {}
    if item.money and "currency" not in present and config.default_currency is not None:
        found["currency"] = pa.scalar(config.default_currency)
    if item.name == "PaymentObj":
        found["counts"] = pa.scalar(bool(config.confirmed_order_statuses))
    if "satisfaction" in present:
        found["satisfaction_scale"] = pa.scalar(config.satisfaction_scale, arrow.MONEY)
    return found


def _meant(role: str, about: Mapping[str, Any]) -> Mapping[str, Any]:
    """The field as its role understands it: a moment or a day, whichever of the two the tenant's field is."""
    if about.get("type") not in ("date", "date_time"):
        return about
    return {**about, "type": "date_time" if role.endswith("_at") else "date"}


def _landable(
    item: FxObject, described: Mapping[str, Mapping[str, Any]], config: FxiaokeConfig
) -> dict[str, Mapping[str, Any]]:
    excluded = config.exclude_fields.get(item.stream, ())
    return {
        name: about
        for name, about in described.items()
        if about.get("is_active", True) and about.get("type") not in _NOT_LANDED and name not in excluded
    }


def _columns(name: str, field: str, about: Mapping[str, Any]) -> list[Column]:
    """The column of a field, and beside a choice's value its label."""
    declared = str(about.get("type", "text"))
    if declared in _COMPUTED and about.get("return_type"):
        declared = str(about["return_type"])
    columns = [Column(name, field, declared)]
    if declared in _CHOICES:
        options = {str(option["value"]): str(option["label"]) for option in about.get("options") or ()}
        columns.append(Column(f"{name}_label", field, declared, options))
    return columns


def _refuse_missing(item: FxObject, roles: Mapping[str, str], fields: Mapping[str, Any], config: FxiaokeConfig) -> None:
    named = config.roles.get(item.stream, {})
    missing = {
        role: field
        for role, field in roles.items()
        if field not in fields and (role in item.essential or role in named)
    }
    missing |= {role: "none" for role in item.essential if role not in roles}
    if missing:
        raise ConfigurationError(_hidden(item, missing) + "; a sync without them would land wrong numbers")


def _hidden(item: FxObject, missing: Mapping[str, str | None]) -> str:
    listed = ", ".join(f"{field} (for {role})" for role, field in missing.items())
    return (
        f"{item.name} does not show {listed}: give the reading user access to the field, or name the right one under "
        f"roles.{item.stream} in the source file (null: there is none)"
    )


def _refuse_clash(item: FxObject, columns: Sequence[Column]) -> None:
    taken: dict[str, str] = {}
    for column in columns:
        other = taken.setdefault(column.name, column.field)
        if other != column.field:
            raise ConfigurationError(
                f"{item.name}: fields {other} and {column.field} would both land as {column.name}; "
                f"put one of them under exclude_fields.{item.stream}"
            )


def _single(value: Any) -> Any:
    """A person or department out of its list; several stay a list."""
    if isinstance(value, list):
        return value[0] if len(value) == 1 else value or None
    return value or None


_READERS: Sequence[tuple[Callable[[pa.DataType], bool], Callable[[Any], Any]]] = (
    (pa.types.is_timestamp, lambda value: int(value) * 1000),
    (pa.types.is_string, arrow.text),
)


def _plain(value: Any, kind: pa.DataType) -> Any:
    """A value that the quick way did not take, made plainer; what stays wrong is named by `arrow.column`."""
    if value is None:
        return None
    for applies, read in _READERS:
        if applies(kind):
            try:
                return read(value)
            except (TypeError, ValueError):
                return value
    return value


def _kinds(landed: Mapping[str, pa.Array], kinds: Mapping[str, str]) -> pa.Array:
    """What kind of activity each record is, by label or value of its type; a task where the type is another one."""
    values = landed[KIND_OF].to_pylist()
    label = landed.get(f"{KIND_OF}_label")
    labels = label.to_pylist() if label is not None else values
    pairs = zip(values, labels, strict=True)
    return pa.array([kinds.get(label) or kinds.get(value) or "task" for value, label in pairs], pa.string())


def _one_of(landed: Mapping[str, pa.Array], role: str, wanted: Sequence[str]) -> pa.Array:
    """Whether value or label is one of those wanted; without a value the answer is unknown, not no."""
    values = pa.array(wanted, pa.string())
    found = pc.is_in(landed[role].cast(pa.string()), value_set=values)
    label = landed.get(f"{role}_label")
    if label is not None:
        found = pc.or_(found, pc.is_in(label, value_set=values))
    return pc.if_else(pc.is_valid(landed[role]), found, None)
