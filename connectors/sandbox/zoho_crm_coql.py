"""A small COQL: what connectors use, refused honestly beyond that with the vendor's error codes.

    select field, ... from Module where cond [order by field [asc|desc], ...] [limit [offset,] n]

`cond` joins comparisons (=, !=, <, <=, >, >=, in, not in, is null, is not null) with `and` and `or`; from the third
comparison on there must be a bracket around every pair.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from connectors.sandbox.zoho_crm_db import Record, ZohoCrmDb
from connectors.sandbox.zoho_crm_modules import FieldSpec, ModuleSpec

MOST_COLUMNS, MOST_ROWS, MOST_LISTED, DEFAULT_ROWS = 50, 2_000, 50, 200
_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^'\\]|\\.)*')|(?P<number>-?\d+(?:\.\d+)?)|(?P<word>[A-Za-z_$][\w.$]*)|(?P<sign><=|>=|!=|[=<>(),]))"
)
_ID = FieldSpec("id", "bigint")
_NOT_SELECTED = frozenset({"subform", "fileupload", "imageupload", "profileimage", "multiselectlookup"})
Predicate = Callable[[Record], bool]


class CoqlError(Exception):
    """A query the vendor would refuse: HTTP 400 with this code and these details."""

    def __init__(self, code: str, message: str, **details: Any) -> None:
        super().__init__(message)
        self.code, self.message, self.details = code, message, details


@dataclass(frozen=True)
class Query:
    """A parsed query. `order` holds (field, descending)."""

    spec: ModuleSpec
    fields: tuple[str, ...]
    matches: Predicate
    order: tuple[tuple[str, bool], ...]
    offset: int
    limit: int

    def run(self, records: list[Record]) -> tuple[list[Record], bool]:
        """The records of this page, and whether there are more."""
        found = [record for record in records if self.matches(record)]
        for field, descending in reversed(self.order or (("id", True),)):
            found.sort(key=lambda record: _sortable(record[field]), reverse=descending)
        end = self.offset + self.limit
        return found[self.offset : end], len(found) > end


def parse(text: str, db: ZohoCrmDb) -> Query:
    """The query, its fields checked against what the profile may see. Raises CoqlError."""
    return _Parser(text, db).query()


def _sortable(value: Any) -> tuple[bool, Any]:
    return (value is not None, value if value is not None else 0)


class _Parser:
    def __init__(self, text: str, db: ZohoCrmDb) -> None:
        self._tokens = _tokens(text)
        self._at, self._db = 0, db
        self._spec = ModuleSpec("", "", {})
        self._hidden: frozenset[str] = frozenset()

    def query(self) -> Query:
        self._word("select")
        names = self._names()
        self._word("from")
        module = self._take("word")
        if module not in self._db.specs or "*" in self._db.hidden.get(module, ()):
            raise CoqlError("INVALID_QUERY", "The module name given seems to be invalid", module=module)
        self._spec, self._hidden = self._db.specs[module], self._db.hidden.get(module, frozenset())
        if len(names) > MOST_COLUMNS:
            raise CoqlError("LIMIT_EXCEEDED", "select columns limit exceeded", limit=MOST_COLUMNS)
        for name in names:
            if self._field(name).type in _NOT_SELECTED:
                raise CoqlError("INVALID_QUERY", "column given seems to be invalid", column_name=name)
        if not self._try("where"):
            raise _syntax("where")
        matches, _ = self._condition()
        order = self._order() if self._try("order") else ()
        offset, limit = self._limit() if self._try("limit") else (0, DEFAULT_ROWS)
        if self._at < len(self._tokens):
            raise _syntax(self._tokens[self._at][1])
        return Query(self._spec, tuple(dict.fromkeys(("id", *names))), matches, order, offset, limit)

    def _names(self) -> list[str]:
        names = [self._take("word")]
        while self._try(","):
            names.append(self._take("word"))
        return names

    def _field(self, name: str) -> FieldSpec:
        if name == "id":
            return _ID
        field = self._spec.fields.get(name)
        if field is None or name in self._hidden:
            raise CoqlError("INVALID_QUERY", "column given seems to be invalid", column_name=name)
        return field

    def _condition(self) -> tuple[Predicate, int]:
        """A comparison, a bracket, or two of them joined; and how many operands stand side by side."""
        found, operands = self._operand(), 1
        while (word := self._peek()) in ("and", "or"):
            self._at += 1
            found, operands = _joined(word, found, self._operand()), operands + 1
            if operands > 2:
                raise _syntax(word)
        return found, operands

    def _operand(self) -> Predicate:
        if self._try("("):
            found, _ = self._condition()
            self._need(")")
            return found
        field = self._field(self._take("word"))
        if field.type == "textarea":
            raise CoqlError("INVALID_QUERY", "the field is not supported in criteria", column_name=field.name)
        if self._try("is"):
            wanted = not self._try("not")
            self._word("null")
            return lambda record: (record[field.name] is None) == wanted
        if self._try("in"):
            return self._listed(field, True)
        if self._try("not"):
            self._word("in")
            return self._listed(field, False)
        return _compared(field.name, self._take("sign"), self._value(field))

    def _listed(self, field: FieldSpec, wanted: bool) -> Predicate:
        self._need("(")
        values = {self._value(field)}
        count = 1
        while self._try(","):
            values.add(self._value(field))
            count += 1
        self._need(")")
        if count > MOST_LISTED:
            raise CoqlError("LIMIT_EXCEEDED", "values of the in operator exceed the limit", limit=MOST_LISTED)
        return lambda record: (record[field.name] in values) == wanted

    def _order(self) -> tuple[tuple[str, bool], ...]:
        self._word("by")
        keys = []
        while True:
            name = self._field(self._take("word")).name
            descending = self._try("desc")
            if not descending:
                self._try("asc")
            keys.append((name, descending))
            if not self._try(","):
                return tuple(keys)

    def _limit(self) -> tuple[int, int]:
        first = int(self._take("number"))
        offset, limit = (first, int(self._take("number"))) if self._try(",") else (0, first)
        if limit > MOST_ROWS:
            raise CoqlError("LIMIT_EXCEEDED", "limit exceeds the maximum", limit=MOST_ROWS)
        return offset, limit

    def _value(self, field: FieldSpec) -> Any:
        kind, text = self._tokens[self._at] if self._at < len(self._tokens) else ("", "<end>")
        self._at += 1
        plain = text[1:-1] if kind == "text" else text
        if kind not in ("text", "number") and plain not in ("true", "false"):
            raise _syntax(text)
        try:
            return _literal(field, plain)
        except ValueError:
            raise CoqlError("INVALID_QUERY", "invalid value", column_name=field.name) from None

    def _take(self, kind: str) -> str:
        if self._at >= len(self._tokens) or self._tokens[self._at][0] != kind:
            raise _syntax(self._tokens[self._at][1] if self._at < len(self._tokens) else "<end>")
        self._at += 1
        return self._tokens[self._at - 1][1]

    def _peek(self) -> str:
        return self._tokens[self._at][1].lower() if self._at < len(self._tokens) else ""

    def _try(self, word: str) -> bool:
        found = self._peek() == word
        self._at += found
        return found

    def _word(self, word: str) -> None:
        if not self._try(word):
            raise _syntax(self._peek() or "<end>")

    _need = _word


def _tokens(text: str) -> list[tuple[str, str]]:
    found, at, text = [], 0, text.strip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            raise _syntax(text[at : at + 10])
        found.append((match.lastgroup, match.group(match.lastgroup)))
        at = match.end()
        while at < len(text) and text[at].isspace():
            at += 1
    return found


def _syntax(near: str) -> CoqlError:
    return CoqlError("SYNTAX_ERROR", "error occured while parsing the query", line=1, near=near)


def _literal(field: FieldSpec, text: str) -> Any:
    if field.type == "datetime":
        return datetime.fromisoformat(text).astimezone(UTC)
    if field.type in ("integer", "currency", "double", "percent"):
        return float(text)
    if field.type == "boolean":
        return text == "true"
    return text


def _joined(word: str, one: Predicate, other: Predicate) -> Predicate:
    if word == "and":
        return lambda record: one(record) and other(record)
    return lambda record: one(record) or other(record)


def _compared(name: str, sign: str, wanted: Any) -> Predicate:
    tests: dict[str, Callable[[Any], bool]] = {
        "=": lambda value: value == wanted,
        "!=": lambda value: value != wanted,
        "<": lambda value: value < wanted,
        "<=": lambda value: value <= wanted,
        ">": lambda value: value > wanted,
        ">=": lambda value: value >= wanted,
    }
    if sign not in tests:
        raise _syntax(sign)
    test = tests[sign]
    return lambda record: record[name] is not None and test(record[name])
