"""From the fields a module has to what is asked for and how it lands.

A lookup or user lands as its id in `<field>_id`, a multiple choice as JSON text, everything else under its own name.
Values made of other records (subforms, files, many-to-many) are not part of a record and are not landed.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pyarrow as pa

from connectors import arrow
from connectors.base import DELETED, ConfigurationError
from connectors.zoho_crm.config import ZohoCrmConfig
from connectors.zoho_crm.modules import Flag, ZohoModule

MOST_FIELDS = 50
"""Fields one call may name, the id included."""
_MODIFIED = "Modified_Time"
_CURRENCY = "Currency"
_NOT_LANDED = frozenset(
    {"subform", "fileupload", "imageupload", "profileimage", "multiselectlookup", "multiuserlookup", "event_reminder"}
    | {"multireminder", "rrule", "alarm", "consent_lookup"}
)
_LOOKUPS = frozenset({"lookup", "ownerlookup", "userlookup", "rolelookup"})
_KINDS: dict[str, pa.DataType] = {
    "currency": arrow.MONEY,
    "double": arrow.MONEY,
    "percent": arrow.MONEY,
    "integer": pa.int64(),
    "boolean": pa.bool_(),
    "datetime": arrow.TIME,
    "date": pa.date32(),
}
"""Vendor field types that do not land as text."""
_JSON_KINDS: dict[str, pa.DataType] = {"double": arrow.MONEY, "integer": arrow.MONEY, "boolean": pa.bool_()}
"""What a computed field (formula, roll-up) lands as, by the kind of its JSON value."""
_COMPUTED = frozenset({"formula", "rollup_summary"})


@dataclass(frozen=True)
class Column:
    """One landed column and the vendor field it is read from."""

    name: str
    field: str
    data_type: str
    json_type: str = "string"

    @property
    def kind(self) -> pa.DataType:
        """Arrow type of the landed column."""
        if self.data_type in _COMPUTED:
            return _JSON_KINDS.get(self.json_type, pa.string())
        return _KINDS.get(self.data_type, pa.string())

    @property
    def wire_kind(self) -> pa.DataType:
        """Arrow type of the JSON value."""
        if self.data_type in _LOOKUPS:
            return pa.struct([("id", pa.string())])
        if self.data_type == "multiselectpicklist":
            return pa.list_(pa.string())
        return pa.string() if self.data_type in ("datetime", "date") else self.kind


ID = Column("id", "id", "id")


@dataclass(frozen=True)
class Layout:
    """What is asked of one module and how its answers are typed."""

    module: ZohoModule
    columns: tuple[Column, ...]
    flags: Mapping[str, tuple[str, tuple[str, ...]]]
    currency: str | None = None
    satisfaction_scale: Decimal | None = None

    @property
    def fields(self) -> tuple[Column, ...]:
        """One column per vendor field but the id."""
        return tuple({column.field: column for column in self.columns if column.field != "id"}.values())

    def parts(self) -> Iterator[tuple[Column, ...]]:
        """The fields in portions that one call may name besides the id; the first holds the time of change."""
        for start in range(0, len(self.fields), MOST_FIELDS - 1):
            yield self.fields[start : start + MOST_FIELDS - 1]

    @property
    def schema(self) -> pa.Schema:
        """Schema of every page of this stream."""
        landed = [(column.name, column.kind) for column in self.columns]
        landed += [(name, pa.bool_()) for name in self.flags]
        landed += [("currency", pa.string())] if self.currency is not None else []
        landed += [("satisfaction_scale", arrow.MONEY)] if self.satisfaction_scale is not None else []
        return pa.schema([*landed, (DELETED, pa.bool_())])


def layout_of(
    module: ZohoModule, described: list[dict[str, Any]], config: ZohoCrmConfig, currency: str | None
) -> Layout:
    """The layout of one module from its fields as Zoho describes them. `currency`: the account's own.

    Raises ConfigurationError for a field without which the numbers would be wrong, for a configured field that is not
    there, and for two fields that would land under one name.
    """
    fields = {field["api_name"]: field for field in described if field["data_type"] not in _NOT_LANDED}
    excluded = set(config.exclude_fields.get(module.stream, ()))
    missing = missing_fields(module, fields.keys() | excluded, config)
    if missing:
        raise ConfigurationError(hidden(module, missing) + "; a sync without them would land wrong numbers")
    kept = [name for name in fields if name != "id" and (name not in excluded or name == _MODIFIED)]
    kept.sort(key=lambda name: name != _MODIFIED)
    columns = [ID, *(_column(_landed_name(name, fields[name]), fields[name]) for name in kept)]
    roles = config.roles(module.stream)
    columns += [_column(role, fields[name]) for role, name in roles.items() if name in fields]
    _refuse_clash(module, columns)
    columns = list({column.name: column for column in columns}.values())
    flags = dict(_flags(module, columns, config))
    fixed = (config.default_currency or currency) if module.money and _CURRENCY not in kept else None
    scale = config.satisfaction_scale if "satisfaction" in roles else None
    return Layout(module, tuple(columns), flags, fixed, scale)


def missing_fields(module: ZohoModule, shown: set[str], config: ZohoCrmConfig) -> list[str]:
    """Fields that must be there and are not."""
    wanted = (_MODIFIED, *module.essential, *config.roles(module.stream).values())
    return sorted({name for name in wanted if name not in shown})


def hidden(module: ZohoModule, missing: list[str]) -> str:
    """What a person is told about fields we cannot see."""
    return (
        f"{module.name} does not show {', '.join(missing)}: give the profile of the token's user read access to the "
        f"field, correct columns.{module.stream}, or list the field under exclude_fields.{module.stream}"
    )


def _landed_name(name: str, field: dict[str, Any]) -> str:
    landed = arrow.snake_case(name)
    is_id = field["data_type"] in _LOOKUPS and not landed.endswith("_id")
    return f"{landed}_id" if is_id else landed


def _column(name: str, field: dict[str, Any]) -> Column:
    return Column(name, field["api_name"], field["data_type"], field.get("json_type") or "string")


def _flags(
    module: ZohoModule, columns: list[Column], config: ZohoCrmConfig
) -> Iterator[tuple[str, tuple[str, tuple[str, ...]]]]:
    for flag in module.flags:
        source = _flagged(flag, columns)
        if source is not None:
            yield flag.column, (source.field, tuple(flag.values(config)))


def _flagged(flag: Flag, columns: list[Column]) -> Column | None:
    return next((column for column in columns if flag.field in (column.field, column.name)), None)


def _refuse_clash(module: ZohoModule, columns: list[Column]) -> None:
    taken: dict[str, str] = {}
    for column in columns:
        other = taken.setdefault(column.name, column.field)
        if other != column.field:
            raise ConfigurationError(
                f"{module.name}: fields {other} and {column.field} would both land as {column.name}; "
                f"put one of them under exclude_fields.{module.stream}"
            )
