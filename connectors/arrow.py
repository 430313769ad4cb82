"""Turning vendor records (dicts) into Arrow pages whose types come from what the vendor declares."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa

from connectors.base import SourceError

MONEY = pa.decimal128(38, 12)
"""Every fractional vendor number: exact for amounts, rates and quantities; staging casts to the contract's scale."""
TIME = pa.timestamp("us", tz="UTC")
_QUANTUM = Decimal(1).scaleb(-12)


def page(records: Sequence[Mapping[str, Any]], schema: pa.Schema, where: str) -> pa.Table:
    """One Arrow table of the given schema; fields absent from a record are null.

    Raises SourceError naming `where` (source and stream), the field and the offending value.
    """
    columns = [
        column([record.get(field.name) for record in records], field.type, where, field.name) for field in schema
    ]
    return pa.Table.from_arrays(columns, schema=schema)


def column(values: list[Any], kind: pa.DataType, where: str, name: str) -> pa.Array:
    """One Arrow array; decimals beyond 12 places (binary fractions of a vendor's float) are rounded to 12."""
    try:
        return pa.array(values, type=kind)
    except (pa.ArrowInvalid, pa.ArrowTypeError, TypeError, ValueError, OverflowError):
        return pa.array([_coerced(value, kind, where, name) for value in values], type=kind)


def _coerced(value: Any, kind: pa.DataType, where: str, name: str) -> Any:
    if value is None:
        return None
    try:
        if pa.types.is_decimal(kind):
            return Decimal(str(value)).quantize(_QUANTUM)
        if pa.types.is_string(kind):
            return text(value)
        if pa.types.is_timestamp(kind) and isinstance(value, str):
            return datetime.fromisoformat(value)
        if pa.types.is_date(kind) and isinstance(value, str):
            return date.fromisoformat(value[:10])
        return pa.scalar(value, type=kind).as_py()
    except (ArithmeticError, ValueError, TypeError, pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise SourceError(
            f"{where}: field {name!r} holds {str(value)[:80]!r}, which is no {kind}; the vendor declares that type. "
            "If the field changed its type at the source, exclude it in the source's `exclude_fields` and tell the team"
        ) from error


def text(value: Any) -> str:
    """Text as it is, anything nested as compact JSON (keys in the vendor's order)."""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)


def known(value: Any) -> Any:
    """The value; null where it is one of the ways a maker of forms says nothing: "", [] and {}."""
    return None if value in ("", None) or value == [] or value == {} else value


def snake_case(name: str) -> str:
    """A vendor field name as landing spells it: CamelCase and blanks to snake_case, letters of any script kept."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name.strip())
    return re.sub(r"_+", "_", re.sub(r"\W+", "_", spaced)).strip("_").lower()
