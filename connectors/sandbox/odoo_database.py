"""A small Odoo database in memory: models, records, domains, and the quirks of the ORM that a client can see.

No HTTP here and nothing of the benchmark company; `odoo.py` serves it and `odoo_records.py` fills it.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

Row = dict[str, Any]
Predicate = Callable[[Row], bool]


class OdooError(Exception):
    """An error as Odoo names it; `status` is what JSON-2 answers with."""

    def __init__(self, name: str, message: str, status: int) -> None:
        super().__init__(message)
        self.name, self.status = name, status


def missing_model(model: str) -> OdooError:
    return OdooError("odoo.exceptions.UserError", f"Object {model} doesn't exist", 404)


def access_error(model: str) -> OdooError:
    text = (
        f"You are not allowed to access '{model}' ({model}) records.\n\n"
        "This operation is allowed for the following groups:\n\t- Invoicing/Billing\n\n"
        "Contact your administrator to request access if necessary."
    )
    return OdooError("odoo.exceptions.AccessError", text, 403)


def invalid_field(name: str, model: str) -> OdooError:
    return OdooError("builtins.ValueError", f"Invalid field '{name}' on model '{model}'", 500)


@dataclass
class Table:
    """One model: its fields (name -> type, or (type, related model)) and its records by id, nulls left out.

    Datetimes are text with microseconds (`2025-03-01 09:00:00.000123`), which sorts like the moment it names.
    """

    model: str
    fields: dict[str, tuple[str, str]]
    order: str = "id"
    rows: dict[int, Row] = field(default_factory=dict)
    last_id: int = 0

    def description(self) -> dict[str, dict[str, Any]]:
        """What `fields_get` answers."""
        return {
            name: {"type": kind, "string": name.replace("_", " ").title(), "store": True}
            | ({"relation": to} if to else {})
            for name, (kind, to) in self.fields.items()
        }


CASCADES = {"sale.order": ("sale.order.line", "order_id"), "account.move": ("account.move.line", "move_id")}
_LOG = {
    "create_date": ("datetime", ""),
    "create_uid": ("many2one", "res.users"),
    "write_date": ("datetime", ""),
    "write_uid": ("many2one", "res.users"),
}


class OdooDatabase:
    """Records of all models, changed by tests through `create`, `write`, `archive` and `unlink` as a user would.

    version: the Odoo version whose semantics to show. refused: login -> models that it may not read.
    """

    def __init__(self, version: int) -> None:
        self.version = version
        self.tables: dict[str, Table] = {}
        self.refused: dict[str, set[str]] = {}
        self.keys: dict[tuple[str, str], int] = {}

    def define(self, model: str, fields: str, order: str = "id") -> Table:
        """Make a model; a field is `name:type` or `name:type:related.model`, with blanks between fields."""
        parts = [(*field.split(":"), "") for field in fields.split()]
        split = {part[0]: (part[1], part[2]) for part in parts}
        split = {"id": ("integer", ""), "display_name": ("char", "")} | split | _LOG
        return self.tables.setdefault(model, Table(model, split, order))

    def table(self, model: str) -> Table:
        if model not in self.tables:
            raise missing_model(model)
        return self.tables[model]

    def id_of(self, model: str, key: str) -> int:
        """The id of the record that shows the benchmark company's record `key`."""
        return self.keys[model, key]

    def create(self, model: str, values: Row, moment: str | None = None, key: str | None = None) -> int:
        """A new record; `moment` (UTC text) is its create and write date, now when not given."""
        table = self.table(model)
        table.last_id += 1
        moment = moment or self.now()
        log = {"create_date": moment, "write_date": moment, "create_uid": 1, "write_uid": 1}
        defaults = {"active": True} if "active" in table.fields else {}
        row = {"id": table.last_id, **defaults, **log, **values}
        table.rows[table.last_id] = {name: value for name, value in row.items() if value is not None}
        if key is not None:
            self.keys[model, key] = table.last_id
        return table.last_id

    def write(self, model: str, id: int, values: Row) -> None:
        """Change a record and bump its write_date."""
        self.table(model).rows[id].update({"write_date": self.now(), **values})

    def archive(self, model: str, id: int) -> None:
        self.write(model, id, {"active": False})

    def unlink(self, model: str, id: int) -> None:
        """Delete a record for good, its lines with it."""
        del self.table(model).rows[id]
        if model in CASCADES:
            lines, reference = CASCADES[model]
            for line in [row["id"] for row in self.table(lines).rows.values() if row.get(reference) == id]:
                del self.table(lines).rows[line]

    @staticmethod
    def now() -> str:
        return datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")

    def search(
        self, model: str, domain: Sequence[Any], active_test: bool, order: str | None, offset: int, limit: int | None
    ) -> list[int]:
        """Ids of the records that match, in the asked order or the model's own."""
        table = self.table(model)
        matches = self._predicate(table, domain)
        hide = active_test and "active" in table.fields and not _mentions(domain, "active")
        rows = self._candidates(table, domain)
        found = (row for row in rows if (not hide or row.get("active")) and matches(row))
        ordered = self._ordered(table, found, order or table.order)
        stop = None if not limit else offset + limit
        if stop is None:
            return [row["id"] for row in ordered][offset:]
        return [row["id"] for row, _ in zip(ordered, range(stop), strict=False)][offset:]

    def read(self, model: str, ids: Sequence[int], fields: Sequence[str] | None, names: bool) -> list[Row]:
        """The records as the API shows them: false for null, whole seconds, names of references unless told not."""
        table = self.table(model)
        fields = [*dict.fromkeys(["id", *(fields or table.fields)])]
        for name in fields:
            if name not in table.fields:
                raise invalid_field(name, model)
        shows = [(name, self._show(table, name, names)) for name in fields]
        missing = [id for id in ids if id not in table.rows]
        if missing and self.version >= 17:
            raise OdooError("odoo.exceptions.MissingError", "Record does not exist or has been deleted.", 404)
        rows = (table.rows[id] for id in ids if id in table.rows)
        return [{name: show(row.get(name)) for name, show in shows} for row in rows]

    def _show(self, table: Table, name: str, names: bool) -> Callable[[Any], Any]:
        kind, related = table.fields[name]
        if kind in ("integer", "float", "monetary"):
            return lambda value: 0 if value is None else value
        if kind in ("one2many", "many2many"):
            return lambda value: value or []
        if kind == "datetime":
            return lambda value: value[:19] if value else False
        if kind == "many2one" and names:
            return lambda value: [value, self._name(related, value)] if value else False
        return lambda value: False if value is None else value

    def _name(self, model: str, id: int) -> str:
        row = self.tables[model].rows.get(id, {}) if model in self.tables else {}
        return str(row.get("name", f"{model},{id}"))

    @staticmethod
    def _candidates(table: Table, domain: Sequence[Any]) -> Iterable[Row]:
        """All rows, or only those after an id where the whole domain demands it (ids only ever grow)."""
        above = [term[2] for term in domain if isinstance(term, (list, tuple)) and term[:2] == ["id", ">"]]
        if not above or any(term in ("|", "!") for term in domain if isinstance(term, str)):
            return table.rows.values()
        ids = list(table.rows)
        return (table.rows[id] for id in ids[bisect_right(ids, max(above)) :])

    def _ordered(self, table: Table, rows: Iterable[Row], order: str) -> Iterable[Row]:
        if order.strip() in ("id", "id asc"):
            return rows
        result = list(rows)
        for part in reversed(order.split(",")):
            name, _, direction = part.strip().partition(" ")
            if name not in table.fields:
                raise invalid_field(name, table.model)
            # Null sorts last ascending, as PostgreSQL does.
            result.sort(
                key=lambda row, name=name: (row.get(name) is None, row.get(name) or 0),  # type: ignore[misc]
                reverse=direction.strip().lower() == "desc",
            )
        return result

    def _predicate(self, table: Table, domain: Sequence[Any]) -> Predicate:
        """The domain in prefix notation as one function; terms without an operator between them are joined by 'and'."""
        stack: list[Predicate] = []
        for term in reversed(list(domain)):
            if term == "!":
                stack.append(_negated(stack.pop()))
            elif term in ("|", "&"):
                stack.append(_joined(stack.pop(), stack.pop(), term))
            elif isinstance(term, (list, tuple)) and len(term) == 3:
                stack.append(self._leaf(table, *term))
            else:
                raise OdooError("builtins.ValueError", f"Invalid leaf {term!r}", 500)
        return lambda row: all(matches(row) for matches in stack)

    def _leaf(self, table: Table, path: str, operator: str, value: Any) -> Predicate:
        name, _, rest = path.partition(".")
        if name not in table.fields:
            raise invalid_field(name, table.model)
        kind, related = table.fields[name]
        if rest:
            there, inner = self.table(related), self._leaf(self.table(related), rest, operator, value)
            if kind != "many2one":
                return lambda row: any(inner(there.rows[id]) for id in row.get(name) or () if id in there.rows)
            return lambda row: row.get(name) in there.rows and inner(there.rows[row[name]])
        if kind in ("one2many", "many2many"):
            return _list_comparison(name, operator, value)
        if kind == "datetime":
            return self._moment_comparison(name, operator, value)
        return _comparison(name, operator, None if value is False and kind != "boolean" else value)

    def _moment_comparison(self, name: str, operator: str, value: Any) -> Predicate:
        """Up to 18 the stored microseconds are compared; 19 compares whole seconds."""
        if value in (False, None):
            return _comparison(name, operator, None)
        value = value if len(value) > 10 else f"{value} 00:00:00"
        if self.version >= 19:
            holds = _OPERATORS[operator]
            return lambda row: name in row and holds(row[name][:19], value[:19])
        return _comparison(name, operator, value if "." in value else f"{value}.000000")


def _mentions(domain: Sequence[Any], name: str) -> bool:
    return any(isinstance(term, (list, tuple)) and term[0] == name for term in domain)


def _negated(inner: Predicate) -> Predicate:
    return lambda row: not inner(row)


def _joined(left: Predicate, right: Predicate, operator: str) -> Predicate:
    if operator == "|":
        return lambda row: left(row) or right(row)
    return lambda row: left(row) and right(row)


def _like(text: Any, pattern: Any) -> bool:
    return str(pattern) in str(text)


_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    "like": _like,
    "ilike": lambda a, b: _like(str(a).lower(), str(b).lower()),
}


def _comparison(name: str, operator: str, value: Any) -> Predicate:
    if operator in ("in", "not in"):
        wanted = {None if item is False else item for item in value} | (set(value) if False in value else set())
        if operator == "in":
            return lambda row: row.get(name) in wanted
        return lambda row: row.get(name) not in wanted
    if operator not in _OPERATORS:
        raise OdooError("builtins.ValueError", f"Invalid operator {operator!r} in domain term", 500)
    holds = _OPERATORS[operator]
    if value is None or operator in ("=", "!="):
        return lambda row: holds(row.get(name), value)
    return lambda row: name in row and holds(row[name], value)


def _list_comparison(name: str, operator: str, value: Any) -> Predicate:
    if value is False:
        return (lambda row: not row.get(name)) if operator == "=" else (lambda row: bool(row.get(name)))
    wanted = set(value) if isinstance(value, (list, tuple)) else {value}
    if operator in ("=", "in"):
        return lambda row: bool(wanted & set(row.get(name) or ()))
    return lambda row: not wanted & set(row.get(name) or ())
