"""From an object's description to typed Arrow pages: which fields are asked for, and how an answer becomes a table.

A page goes through Arrow's own JSON reader with the declared types. Only a page that reader refuses (a value that is
not what the vendor declares, or has more than 12 decimals) is read cell by cell, which rounds or names the culprit.
"""

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json as pj
from pyarrow import csv

from connectors import arrow
from connectors.base import DELETED, ConfigurationError, SourceError
from connectors.salesforce.config import SalesforceConfig
from connectors.salesforce.objects import SalesforceObject

_NOT_LANDED = frozenset({"address", "location", "base64", "complexvalue"})
"""Compound values, whose parts are fields of their own, and file contents."""
_KINDS: dict[str, pa.DataType] = {
    "currency": arrow.MONEY,
    "double": arrow.MONEY,
    "percent": arrow.MONEY,
    "int": pa.int64(),
    "long": pa.int64(),
    "boolean": pa.bool_(),
    "datetime": arrow.TIME,
    "date": pa.date32(),
}
"""Vendor field types that do not land as text."""
_ANY = "anyType"
"""History values: JSON numbers, booleans or text as the tracked field has it."""
_CURRENCY = "CurrencyIsoCode"


@dataclass(frozen=True)
class Described:
    """One field as describe shows it.

    kind: its vendor type. custom: the org's own, and no formula. compound: the address or position it is a part of.
    """

    kind: str
    custom: bool
    compound: str | None = None

    @classmethod
    def of(cls, field: dict[str, Any]) -> "Described":
        """From a field of the describe answer."""
        own = bool(field.get("custom")) and not field.get("calculated")
        return cls(field["type"], own, field.get("compoundFieldName"))


@dataclass(frozen=True)
class Column:
    """One landed column and the vendor field it is read from."""

    name: str
    field: str
    vendor_type: str

    @property
    def kind(self) -> pa.DataType:
        """Arrow type of the landed column."""
        return _KINDS.get(self.vendor_type, pa.string())

    @property
    def wire_kind(self) -> pa.DataType:
        """Arrow type of the JSON value: times and dates travel as text."""
        return pa.string() if self.vendor_type in ("datetime", "date") else self.kind


@dataclass(frozen=True)
class Page:
    """One answer of the query API. `next_path` is where the next page is; None once `done`."""

    table: pa.Table
    next_path: str | None


@dataclass(frozen=True)
class Layout:
    """What is asked of one object and how its answers are typed."""

    item: SalesforceObject
    columns: tuple[Column, ...]
    flags: dict[str, tuple[str, tuple[str, ...]]]
    currency: str | None
    satisfaction_scale: Decimal | None = None

    @property
    def select(self) -> list[str]:
        """Vendor fields to ask for, each once."""
        return list(dict.fromkeys(column.field for column in self.columns))

    @property
    def has_deleted(self) -> bool:
        """Whether deleted records can be told from live ones."""
        return any(column.field == "IsDeleted" for column in self.columns)

    def page(self, body: bytes) -> Page:
        """The answer as a typed page. Raises SourceError when it is no query answer or a value is not of its type."""
        try:
            done, next_path, values = self._read_fast(body)
        except pa.ArrowInvalid:
            done, next_path, values = self._read_cells(body)
        if not done and not next_path:
            raise SourceError(f"salesforce {self.item.name}: the answer is neither done nor names a next page")
        return Page(self._table(values), None if done else next_path)

    def csv_page(self, body: bytes) -> pa.Table:
        """A page of a bulk result, typed like any other: empty is null, everything else is text until it is cast."""
        texts = {column.field: pa.string() for column in self._by_field()}
        read = csv.read_csv(
            io.BytesIO(body.replace(b"\0", b"")),
            read_options=csv.ReadOptions(use_threads=False, block_size=max(len(body), 1)),
            parse_options=csv.ParseOptions(newlines_in_values=True),
            convert_options=csv.ConvertOptions(
                column_types=texts,
                include_columns=list(texts),
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=True,
            ),
        ).combine_chunks()
        return self._table({column.field: self._wired(read[column.field], column) for column in self._by_field()})

    def _wired(self, texts: pa.ChunkedArray, column: Column) -> pa.Array:
        """Text of a CSV column as the JSON reader would have given it."""
        values = texts.combine_chunks() if texts.num_chunks != 1 else texts.chunk(0)
        if column.wire_kind == pa.string():
            return values
        try:
            return pc.cast(values, column.wire_kind)
        except pa.ArrowInvalid:
            where = f"salesforce {self.item.name}"
            cells = [_number(text) for text in values.to_pylist()]
            return arrow.column(cells, column.wire_kind, where, column.field)

    def _read_fast(self, body: bytes) -> tuple[bool, str | None, dict[str, pa.Array]]:
        if any(column.vendor_type == _ANY for column in self.columns):
            raise pa.ArrowInvalid("history values have no one type")
        record = pa.struct([(column.field, column.wire_kind) for column in self._by_field()])
        schema = pa.schema(
            [("done", pa.bool_()), ("nextRecordsUrl", pa.string()), ("records", pa.list_(pa.field("item", record)))]
        )
        answer = pj.read_json(
            io.BytesIO(body),
            read_options=pj.ReadOptions(use_threads=False, block_size=len(body) + 1),
            parse_options=pj.ParseOptions(
                explicit_schema=schema, newlines_in_values=True, unexpected_field_behavior="ignore"
            ),
        )
        if answer.num_rows != 1 or answer["done"][0].as_py() is None:
            raise pa.ArrowInvalid("not a query answer")
        rows = answer["records"].combine_chunks().flatten()
        values = {column.field: rows.field(column.field) for column in self._by_field()}
        return answer["done"][0].as_py(), answer["nextRecordsUrl"][0].as_py(), values

    def _read_cells(self, body: bytes) -> tuple[bool, str | None, dict[str, pa.Array]]:
        try:
            answer = json.loads(body, parse_float=Decimal)
            done, records = answer["done"], answer["records"]
        except (ValueError, KeyError, TypeError):
            raise SourceError(
                f"salesforce {self.item.name}: the answer is not a query result: {body[:200]!r}"
            ) from None
        values = {column.field: self._cells(records, column) for column in self._by_field()}
        return done, answer.get("nextRecordsUrl"), values

    def _cells(self, records: Sequence[dict[str, Any]], column: Column) -> pa.Array:
        cells = [record.get(column.field) for record in records]
        if column.vendor_type == _ANY:
            cells = [
                str(cell) if isinstance(cell, int | Decimal) and not isinstance(cell, bool) else cell for cell in cells
            ]
        return arrow.column(cells, column.wire_kind, f"salesforce {self.item.name}", column.field)

    def _by_field(self) -> list[Column]:
        return list({column.field: column for column in self.columns}.values())

    def _table(self, values: dict[str, pa.Array]) -> pa.Table:
        landed = {column.name: self._typed(values[column.field], column) for column in self.columns}
        for name, (field, wanted) in self.flags.items():
            found = pc.is_in(values[field], value_set=pa.array(wanted, pa.string()))
            # Without a value the answer is unknown, not no.
            landed[name] = pc.if_else(pc.is_valid(values[field]), found, None)
        rows = len(next(iter(values.values())))
        if self.currency is not None:
            landed[arrow.snake_case(_CURRENCY)] = pa.repeat(pa.scalar(self.currency), rows)
        if self.satisfaction_scale is not None:
            landed["satisfaction_scale"] = pa.repeat(pa.scalar(self.satisfaction_scale, arrow.MONEY), rows)
        if self.has_deleted:
            landed[DELETED] = pc.fill_null(values["IsDeleted"], False)
        return pa.table(landed)

    def _typed(self, values: pa.Array, column: Column) -> pa.Array:
        if values.type == column.kind:
            return values
        try:
            return pc.cast(values, column.kind)
        except pa.ArrowInvalid as error:
            raise SourceError(
                f"salesforce {self.item.name}: field {column.field} holds a value that is no "
                f"{column.vendor_type}: {error}"
            ) from None


def _number(text: str | None) -> Any:
    """The number a CSV cell writes; other text stays, to be named in the error."""
    try:
        return None if text is None else Decimal(text)
    except ArithmeticError:
        return text


def layout_of(item: SalesforceObject, described: dict[str, Described], config: SalesforceConfig) -> Layout:
    """The layout of one object from what describe shows.

    Raises ConfigurationError for a field without which the numbers would be wrong, for a configured extra field that is
    not there, and for two fields that would land under one name.
    """
    excluded = set(config.exclude_fields.get(item.stream, ()))
    extra = _parts_of_compounds(config.extra_fields.get(item.stream, []), described)
    # Without IsDeleted, what queryAll brings from the recycle bin would pass for live.
    system_fields = {"Id", item.cursor} | ({"IsDeleted"} & set(item.fields))
    missing = sorted(system_fields - described.keys())
    missing += [name for name in (*item.essential, *extra) if name not in described and name not in excluded]
    if missing:
        raise ConfigurationError(_hidden(item, missing) + "; a sync without them would land wrong numbers")
    wanted = [name for name in (*item.fields, *item.optional, *extra) if name in described]
    wanted += _custom_fields(item, described, config)
    kept = [name for name in wanted if name in system_fields or name not in excluded]
    columns = [Column(arrow.snake_case(name), name, described[name].kind) for name in dict.fromkeys(kept)]
    columns += [
        Column(role, field, described[field].kind) for role, field in _roles(item, config) if field in described
    ]
    columns = [column for column in columns if column.vendor_type not in _NOT_LANDED]
    _refuse_clash(item, columns)
    fields = {column.field for column in columns}
    flags = {flag.column: (flag.field, tuple(flag.values(config))) for flag in item.flags if flag.field in fields}
    fixed_currency = config.default_currency if item.money and _CURRENCY not in fields else None
    is_rated = any(column.name == "satisfaction" for column in columns)
    return Layout(item, tuple(columns), flags, fixed_currency, config.satisfaction_scale if is_rated else None)


def _parts_of_compounds(names: list[str], described: dict[str, Described]) -> list[str]:
    """The names, a compound field replaced by its parts: Bulk refuses compounds, and REST sends them as objects."""
    found: list[str] = []
    for name in names:
        parts = [part for part, field in described.items() if field.compound == name and part != name]
        found += parts if name in described and described[name].kind in _NOT_LANDED and parts else [name]
    return found


def _custom_fields(item: SalesforceObject, described: dict[str, Described], config: SalesforceConfig) -> list[str]:
    """The org's own fields, except those that a setting already lands under a name with a meaning."""
    if not config.custom_fields:
        return []
    named = {field for _, field in _roles(item, config)}
    return [name for name, field in described.items() if field.custom and name not in named]


def access_gaps(item: SalesforceObject, described: dict[str, Described], config: SalesforceConfig) -> str | None:
    """What a person should know about fields of this object that we cannot see; None when nothing is missing."""
    excluded = set(config.exclude_fields.get(item.stream, ()))
    wanted = (*item.fields, *config.extra_fields.get(item.stream, ()))
    missing = [name for name in wanted if name not in described and name not in excluded]
    gaps = [_hidden(item, missing)] if missing else []
    unmet = [f"{field} (configured for {role})" for role, field in _roles(item, config) if field not in described]
    if unmet:
        gaps.append(
            f"{item.name} has no field {', '.join(unmet)}; name the right one in the source file, or null for none"
        )
    if item.money and _CURRENCY not in described and config.default_currency is None:
        gaps.append(f"{item.name} amounts have no currency: set default_currency in the source file")
    return "; ".join(gaps) or None


def _hidden(item: SalesforceObject, missing: list[str]) -> str:
    return (
        f"{item.name} does not show {', '.join(missing)}: give the integration user read access to the field "
        f"(permission set, field-level security) or list it under exclude_fields.{item.stream} in the source file"
    )


def _roles(item: SalesforceObject, config: SalesforceConfig) -> list[tuple[str, str]]:
    named = [(role, field_of(config)) for role, field_of in item.roles.items()]
    return [(role, field) for role, field in named if field is not None]


def _refuse_clash(item: SalesforceObject, columns: list[Column]) -> None:
    taken: dict[str, str] = {}
    for column in columns:
        other = taken.setdefault(column.name, column.field)
        if other != column.field:
            raise ConfigurationError(
                f"{item.name}: fields {other} and {column.field} would both land as {column.name}; "
                f"put one of them under exclude_fields.{item.stream}"
            )
