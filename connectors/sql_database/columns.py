"""Columns of a stream: how each is selected, what Arrow type it lands as, and how its values get there exactly."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from connectors.arrow import MONEY, TIME, column, snake_case, text
from connectors.base import SourceError

_MAX_INTEGER_DIGITS = 18
_OPEN_ENDS = {
    "infinity": "infinity",
    "-infinity": "-infinity",
    "last": "9999-12-31 00:00:00",
    "first": "0001-01-01 00:00:00",
}


@dataclass(frozen=True)
class SourceColumn:
    """One column.

    name: at the source. landed: its name in landing. kind: Arrow type. selected: the expression that reads it.
    compared: the expression that a landed value can be compared with. is_text: its values are text already.
    is_char: the database pads them with blanks.
    """

    name: str
    landed: str
    kind: pa.DataType
    selected: sa.ColumnElement[Any]
    compared: sa.ColumnElement[Any]
    is_text: bool = False
    is_char: bool = False

    def array(self, values: Sequence[Any], where: str) -> pa.Array:
        """The values as one Arrow array; raises SourceError naming the column and the value that does not fit."""
        try:
            return self._as_they_are(values)
        except (pa.ArrowInvalid, pa.ArrowTypeError, TypeError, ValueError, OverflowError):
            converted = [None if value is None else self._converted(value, where) for value in values]
            return column(converted, self.kind, where, self.name)

    def _as_they_are(self, values: Sequence[Any]) -> pa.Array:
        """Whole columns at once, where nothing needs a closer look."""
        if pa.types.is_string(self.kind):
            if not self.is_text:
                raise TypeError
            array = pa.array(values, pa.string())
            return pc.utf8_rtrim(array, " ") if self.is_char else array
        if any(isinstance(value, float) for value in values):
            # A binary float means the shortest decimal that stands for it: 0.15, not 0.1499999999999999944.
            return pa.array([None if value is None else repr(value) for value in values], pa.string()).cast(self.kind)
        return pa.array(values, self.kind)

    def _converted(self, value: Any, where: str) -> Any:
        if pa.types.is_string(self.kind):
            return self._text(value)
        if isinstance(value, float | Decimal):
            exact = Decimal(repr(value)) if isinstance(value, float) else value
            if not exact.is_finite():
                raise SourceError(
                    f"{where}: column {self.name} holds {value}, which is no number; read it by a `query` with "
                    f"nullif({self.name}, 'NaN')"
                )
            return int(exact) if pa.types.is_integer(self.kind) and exact == exact.to_integral_value() else exact
        return value

    def _text(self, value: Any) -> str:
        if isinstance(value, bytes | memoryview):
            return bytes(value).hex()
        if isinstance(value, datetime | date):
            return value.isoformat()
        if isinstance(value, bool | int | float | Decimal):
            return "true" if value is True else "false" if value is False else str(value)
        return text(value).rstrip(" ") if self.is_char else text(value)


def source_column(element: Any, dialect: str) -> SourceColumn:
    """How one column of a table or query is read; what no Arrow type holds exactly is read as the database's text."""
    kind = _arrow_type(element.type)
    is_text = kind == pa.string()
    selected: sa.ColumnElement[Any] = element
    compared: sa.ColumnElement[Any] = element
    if kind is None:
        kind = pa.string()
        if dialect == "postgresql" and not isinstance(element.type, sa.LargeBinary):
            selected = compared = sa.cast(element, sa.Text)
            is_text = True
    elif dialect == "postgresql" and pa.types.is_temporal(kind) and not pa.types.is_time(kind):
        selected = _without_infinity(element, kind)
    is_char = isinstance(element.type, sa.CHAR | sa.NCHAR)
    name = element.name
    return SourceColumn(name, snake_case(name), kind, selected.label(name), compared, is_text, is_char)


def _without_infinity(element: Any, kind: pa.DataType) -> sa.ColumnElement[Any]:
    """PostgreSQL's infinite dates have no Python value; they mean an open end or beginning."""
    name = "date" if pa.types.is_date(kind) else "timestamp" if kind.tz is None else "timestamptz"
    literals: dict[str, sa.ColumnElement[Any]] = {
        side: sa.literal_column(f"{name} '{text}'") for side, text in _OPEN_ENDS.items()
    }
    forever, never = element == literals["infinity"], element == literals["-infinity"]
    return sa.case((forever, literals["last"]), (never, literals["first"]), else_=element)


def _arrow_type(kind: sa.types.TypeEngine[Any]) -> pa.DataType | None:
    """The Arrow type of a declared type, None where text is the only exact form."""
    if isinstance(kind, sa.Boolean):
        return pa.bool_()
    if isinstance(kind, sa.Integer):
        return pa.decimal128(20, 0) if getattr(kind, "unsigned", False) else pa.int64()
    if isinstance(kind, sa.Float):
        return MONEY
    if isinstance(kind, sa.Numeric):
        return _numeric_type(kind)
    if isinstance(kind, sa.DateTime):
        return TIME if getattr(kind, "timezone", False) else pa.timestamp("us")
    if isinstance(kind, sa.Date):
        return pa.date32()
    if isinstance(kind, sa.String) and not isinstance(kind, sa.Enum):
        return pa.string()
    return None


def _numeric_type(kind: sa.Numeric[Any]) -> pa.DataType:
    precision, scale = kind.precision, kind.scale
    if precision is None or scale is None:
        return MONEY
    if scale == 0 and precision <= _MAX_INTEGER_DIGITS:
        return pa.int64()
    return pa.decimal128(precision, scale) if 0 <= scale <= precision <= 38 else MONEY
