"""A small SOQL: what connectors use, refused honestly beyond that with the vendor's error codes.

    SELECT field, ... | COUNT()  FROM Object  [WHERE cond]
        [ORDER BY field [ASC|DESC] [NULLS FIRST|LAST], ...]  [LIMIT n]

`cond` joins comparisons (=, !=, <>, <, <=, >, >=, IN, NOT IN) with AND, OR, NOT and parentheses.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from operator import itemgetter
from typing import Any

from connectors.sandbox.salesforce_objects import FieldSpec, ObjectSpec

Record = dict[str, Any]
Predicate = Callable[[Record], bool]

_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^'\\]|\\.)*')"
    r"|(?P<time>\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:?\d{2}))"
    r"|(?P<date>\d{4}-\d{2}-\d{2})"
    r"|(?P<number>-?\d+(?:\.\d+)?)"
    r"|(?P<word>[A-Za-z_][\w.]*)"
    r"|(?P<sign><=|>=|!=|<>|[=<>(),]))"
)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}


class SoqlError(Exception):
    """A query the vendor would refuse: HTTP 400 with this error code."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


@dataclass(frozen=True)
class Query:
    """A parsed query. `fields` is empty for COUNT(); `order` holds (field, descending, nulls last)."""

    spec: ObjectSpec
    fields: tuple[str, ...]
    matches: Predicate
    order: tuple[tuple[str, bool, bool], ...]
    limit: int | None

    @property
    def counts(self) -> bool:
        """Whether only the number of records is asked for."""
        return not self.fields

    @cached_property
    def compounds(self) -> tuple[str, ...]:
        """Selected fields that are objects made of other fields."""
        return tuple(name for name in self.fields if self.spec.fields[name].type == "address")

    @cached_property
    def times(self) -> tuple[str, ...]:
        """Selected fields that hold a moment."""
        return tuple(name for name in self.fields if self.spec.fields[name].type == "datetime")

    def run(self, records: list[Record]) -> list[Record]:
        """The matching records, in order, cut at the limit."""
        found = [record for record in records if self.matches(record)]
        for field, descending, nulls_last in reversed(self.order):
            empty = [record for record in found if record[field] is None]
            filled = [record for record in found if record[field] is not None] if empty else found
            filled.sort(key=itemgetter(field), reverse=descending)
            found = [*filled, *empty] if nulls_last else [*empty, *filled]
        return found if self.limit is None else found[: self.limit]


def parse(soql: str, specs: dict[str, ObjectSpec], hidden: dict[str, frozenset[str]]) -> Query:
    """The query, its fields checked against what the org has and the user may see. Raises SoqlError."""
    return _Parser(soql, specs, hidden).query()


class _Parser:
    def __init__(self, soql: str, specs: dict[str, ObjectSpec], hidden: dict[str, frozenset[str]]) -> None:
        self._tokens = _tokens(soql)
        self._at = 0
        self._specs, self._hidden = specs, hidden
        self._spec: ObjectSpec | None = None

    def query(self) -> Query:
        self._word("SELECT")
        names = self._select_list()
        self._word("FROM")
        self._spec = self._object()
        fields = tuple(self._field(name).name for name in names)
        repeated = [name for name in fields if fields.count(name) > 1]
        if repeated:
            raise SoqlError("INVALID_FIELD", f"duplicate field selected: {repeated[0]}")
        matches = self._condition() if self._try_word("WHERE") else lambda record: True
        order = self._order_by() if self._try_word("ORDER") else ()
        limit = int(self._take("number")) if self._try_word("LIMIT") else None
        if self._at < len(self._tokens):
            raise _malformed(f"unexpected token: '{self._tokens[self._at][1]}'")
        return Query(self._spec, fields, matches, order, limit)

    def _select_list(self) -> list[str]:
        first = self._take("word")
        if first.upper() == "COUNT" and self._try_sign("("):
            self._sign(")")
            return []
        names = [first]
        while self._try_sign(","):
            names.append(self._take("word"))
        return names

    def _object(self) -> ObjectSpec:
        name = self._take("word")
        found = next((spec for spec in self._specs.values() if spec.name.lower() == name.lower()), None)
        if found is None or "*" in self._hidden.get(found.name, ()):
            raise SoqlError("INVALID_TYPE", f"sObject type '{name}' is not supported.")
        return found

    def _field(self, name: str) -> FieldSpec:
        spec = self._known_spec()
        if "." in name:
            parent = name.split(".")[0]
            raise SoqlError("INVALID_FIELD", f"Didn't understand relationship '{parent}' in field path.")
        found = next((field for field in spec.fields.values() if field.name.lower() == name.lower()), None)
        if found is None or found.name in self._hidden.get(spec.name, ()):
            raise SoqlError("INVALID_FIELD", f"No such column '{name}' on entity '{spec.name}'.")
        return found

    def _known_spec(self) -> ObjectSpec:
        if self._spec is None:
            raise _malformed("FROM is missing")
        return self._spec

    def _condition(self) -> Predicate:
        first = self._comparison()
        if self._peek_word("AND"):
            return self._chain(first, "AND", "OR", all)
        if self._peek_word("OR"):
            return self._chain(first, "OR", "AND", any)
        return first

    def _chain(self, first: Predicate, word: str, other: str, join: Callable[[Any], bool]) -> Predicate:
        parts = [first]
        while self._try_word(word):
            parts.append(self._comparison())
        if self._peek_word(other):  # the vendor wants parentheses where AND and OR meet
            raise _malformed(f"unexpected token: {other}")
        return lambda record: join(part(record) for part in parts)

    def _comparison(self) -> Predicate:
        if self._try_sign("("):
            inner = self._condition()
            self._sign(")")
            return inner
        if self._try_word("NOT"):
            inner = self._comparison()
            return lambda record: not inner(record)
        field = self._field(self._take("word"))
        if field.type in ("address", "anyType", "textarea"):
            raise SoqlError("INVALID_FIELD", f"field '{field.name}' can not be filtered in a query call")
        if self._try_word("IN"):
            return _is_in(field, self._values(field), True)
        if self._try_word("NOT"):
            self._word("IN")
            return _is_in(field, self._values(field), False)
        return _compared(field, self._take("sign"), self._value(field))

    def _values(self, field: FieldSpec) -> list[Any]:
        self._sign("(")
        values = [self._value(field)]
        while self._try_sign(","):
            values.append(self._value(field))
        self._sign(")")
        return values

    def _value(self, field: FieldSpec) -> Any:
        if self._at >= len(self._tokens):
            raise _malformed("unexpected end of query")
        kind, text = self._tokens[self._at]
        self._at += 1
        return _literal(field, kind, text)

    def _order_by(self) -> tuple[tuple[str, bool, bool], ...]:
        self._word("BY")
        keys = [self._order_key()]
        while self._try_sign(","):
            keys.append(self._order_key())
        return tuple(keys)

    def _order_key(self) -> tuple[str, bool, bool]:
        field = self._field(self._take("word"))
        descending = self._try_word("DESC")
        if not descending:
            self._try_word("ASC")
        last = False
        if self._try_word("NULLS"):
            last = self._try_word("LAST")
            if not last:
                self._word("FIRST")
        return field.name, descending, last

    def _take(self, kind: str) -> str:
        if self._at >= len(self._tokens) or self._tokens[self._at][0] != kind:
            found = self._tokens[self._at][1] if self._at < len(self._tokens) else "<EOF>"
            raise _malformed(f"unexpected token: '{found}'")
        self._at += 1
        return self._tokens[self._at - 1][1]

    def _peek_word(self, word: str) -> bool:
        return (
            self._at < len(self._tokens)
            and self._tokens[self._at][0] == "word"
            and (self._tokens[self._at][1].upper() == word)
        )

    def _try_word(self, word: str) -> bool:
        found = self._peek_word(word)
        self._at += found
        return found

    def _word(self, word: str) -> None:
        if not self._try_word(word):
            raise _malformed(f"expecting '{word}'")

    def _try_sign(self, sign: str) -> bool:
        found = self._at < len(self._tokens) and self._tokens[self._at] == ("sign", sign)
        self._at += found
        return found

    def _sign(self, sign: str) -> None:
        if not self._try_sign(sign):
            raise _malformed(f"expecting '{sign}'")


def _tokens(soql: str) -> list[tuple[str, str]]:
    found, at, text = [], 0, soql.strip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            raise _malformed(f"unexpected char at position {at}")
        found.append((match.lastgroup, match.group(match.lastgroup)))
        at = match.end()
        while at < len(text) and text[at].isspace():
            at += 1
    return found


def _malformed(message: str) -> SoqlError:
    return SoqlError("MALFORMED_QUERY", message)


def _literal(field: FieldSpec, kind: str, text: str) -> Any:
    """The value as records hold it; a literal of another type than the field's is refused as the vendor does."""
    if kind == "word" and text.lower() == "null":
        return None
    if kind == "word" and text.lower() in ("true", "false") and field.type == "boolean":
        return text.lower() == "true"
    if kind == "time" and field.type == "datetime":
        return datetime.fromisoformat(text).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000")
    if kind == "date" and field.type == "date":
        return text
    if kind == "number" and field.type in ("int", "double", "currency", "percent"):
        return float(text)
    if kind == "text" and field.type not in ("int", "double", "currency", "percent", "boolean", "date", "datetime"):
        return re.sub(r"\\(.)", lambda match: _ESCAPES.get(match[1], match[1]), text[1:-1])
    wanted = "dateTime" if field.type == "datetime" else field.type
    quoted = " and should not be enclosed in quotes" if kind == "text" else ""
    raise SoqlError(
        "INVALID_FIELD", f"value of filter criterion for field '{field.name}' must be of type {wanted}{quoted}"
    )


def _folded(field: FieldSpec, value: Any) -> Any:
    """Text compares without case, ids by their 15 case-sensitive characters."""
    if not isinstance(value, str):
        return value
    return value[:15] if field.type in ("id", "reference") else value.casefold()


def _compared(field: FieldSpec, sign: str, wanted: Any) -> Predicate:
    name, target = field.name, _folded(field, wanted)
    if sign == "=":
        return lambda record: _folded(field, record[name]) == target
    if sign in ("!=", "<>"):
        return lambda record: _folded(field, record[name]) != target
    if target is None:
        raise _malformed("null can only be compared with = and !=")
    compare: dict[str, Callable[[Any, Any], bool]] = {
        "<": lambda value, other: value < other,
        "<=": lambda value, other: value <= other,
        ">": lambda value, other: value > other,
        ">=": lambda value, other: value >= other,
    }
    if sign not in compare:
        raise _malformed(f"unexpected token: '{sign}'")
    test = compare[sign]
    return lambda record: record[name] is not None and test(_folded(field, record[name]), target)


def _is_in(field: FieldSpec, wanted: list[Any], expected: bool) -> Predicate:
    targets = {_folded(field, value) for value in wanted}
    return lambda record: (_folded(field, record[field.name]) in targets) == expected
