"""Conditions, order and paging of the sandboxed tenant's query interface, with the vendor's refusals."""

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from connectors.sandbox.fxiaoke_db import FxiaokeDb, Record
from connectors.sandbox.fxiaoke_objects import ObjectSpec

LIMIT, MOST_CUSTOM, MOST_PRESET, DEEPEST = 20, 100, 1_000, 10_000
MISSING, WRONG, TOO_DEEP = 10001, 11001, 10013
_NUMBERS = frozenset({"currency", "number", "percentile", "date", "date_time"})


class FxError(Exception):
    """A business error: the code every answer of HTTP 200 carries, and a text that may change."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


@dataclass(frozen=True)
class Query:
    """A parsed `data` part of a query."""

    spec: ObjectSpec
    limit: int
    offset: int
    filters: tuple[Mapping[str, Any], ...]
    orders: tuple[Mapping[str, Any], ...]
    projection: tuple[str, ...]
    counts: bool

    def run(self, db: FxiaokeDb) -> tuple[int, list[Record]]:
        """How many records match (0 when not asked) and those of the page."""
        found = self._matching(db)
        in_id_order = all(order.get("fieldName") == "_id" and order.get("isAsc", True) for order in self.orders)
        if in_id_order and not self.counts:
            return 0, list(itertools.islice(found, self.offset, self.offset + self.limit))
        rows = list(found)
        for order in reversed(self.orders):
            name = order["fieldName"]
            rows.sort(key=lambda row: _sortable(row.get(name)), reverse=not order.get("isAsc", True))
        return len(rows), rows[self.offset : self.offset + self.limit]

    def _matching(self, db: FxiaokeDb) -> Iterator[Record]:
        tests = [_test(self.spec, one) for one in self.filters]
        asks_for_life = any(one.get("field_name") == "life_status" for one in self.filters)
        shows_all = db.shows_invalid or asks_for_life
        after = next(
            (one["field_values"][0] for one in self.filters if (one["field_name"], one["operator"]) == ("_id", "GT")),
            None,
        )
        return (
            row
            for row in db.rows(self.spec.name, after)
            if (shows_all or row["life_status"] != "invalid") and all(test(row) for test in tests)
        )


def parse(data: Mapping[str, Any], specs: Mapping[str, ObjectSpec], *, custom_path: bool) -> Query:
    """The query asked for. Raises FxError as the vendor would."""
    name = data.get("dataObjectApiName")
    if not name:
        raise FxError(MISSING, "the parameter dataObjectApiName is missing")
    if name not in specs or specs[name].is_custom != custom_path:
        raise FxError(WRONG, f"object {name} does not exist")
    search = data.get("search_query_info")
    if not isinstance(search, dict):
        raise FxError(MISSING, "the parameter search_query_info is missing")
    spec = specs[name]
    limit, offset = _paging(search, spec)
    return Query(
        spec,
        limit,
        offset,
        tuple(search.get("filters") or ()),
        tuple(_orders(spec, search.get("orders") or ())),
        tuple(search.get("fieldProjection") or ()),
        data.get("find_explicit_total_num", True) is not False,
    )


def _paging(search: Mapping[str, Any], spec: ObjectSpec) -> tuple[int, int]:
    limit, offset = search.get("limit", LIMIT), search.get("offset", 0)
    most = MOST_CUSTOM if spec.is_custom else MOST_PRESET
    if not isinstance(limit, int) or not 1 <= limit <= most:
        raise FxError(WRONG, f"limit must be between 1 and {most}")
    if not isinstance(offset, int) or offset < 0 or offset % limit:
        raise FxError(WRONG, "offset must be a multiple of limit")
    if offset > DEEPEST:
        raise FxError(TOO_DEEP, f"offset out of range {DEEPEST}")
    return limit, offset


def _orders(spec: ObjectSpec, orders: Any) -> Iterator[Mapping[str, Any]]:
    for order in orders:
        if order.get("fieldName") not in spec.fields:
            raise FxError(WRONG, f"unknown order field {order.get('fieldName')}")
        yield order


def _test(spec: ObjectSpec, asked: Mapping[str, Any]) -> Callable[[Record], bool]:
    name, operator, values = asked.get("field_name"), asked.get("operator"), asked.get("field_values")
    if name not in spec.fields:
        raise FxError(WRONG, f"unknown filter field {name}")
    if not isinstance(values, list):
        raise FxError(WRONG, "field_values must be a list")
    kind = spec.fields[str(name)].type
    try:
        wanted = [_typed(kind, value) for value in values]
        compare = _OPERATORS[str(operator)]
    except (ValueError, KeyError):
        raise FxError(WRONG, f"wrong filter {operator} {values}") from None
    return lambda row: compare(_cell(kind, row.get(str(name))), wanted)


def _cell(kind: str, value: Any) -> list[Any]:
    """The value as a list: none, one, or several."""
    if value is None or value == "" or value == []:
        return []
    return [_typed(kind, item) for item in value] if isinstance(value, list) else [_typed(kind, value)]


def _typed(kind: str, value: Any) -> Any:
    if kind in _NUMBERS:
        return float(value)
    return value if isinstance(value, bool) else str(value)


def _some(test: Callable[[Any, Any], bool]) -> Callable[[list[Any], list[Any]], bool]:
    return lambda cell, wanted: any(test(item, wanted[0]) for item in cell)


_OPERATORS: dict[str, Callable[[list[Any], list[Any]], bool]] = {
    "EQ": _some(lambda item, wanted: item == wanted),
    "N": lambda cell, wanted: wanted[0] not in cell,
    "GT": _some(lambda item, wanted: item > wanted),
    "GTE": _some(lambda item, wanted: item >= wanted),
    "LT": _some(lambda item, wanted: item < wanted),
    "LTE": _some(lambda item, wanted: item <= wanted),
    "LIKE": _some(lambda item, wanted: wanted in item),
    "NLIKE": lambda cell, wanted: all(wanted[0] not in item for item in cell),
    "IS": lambda cell, wanted: not cell,
    "ISN": lambda cell, wanted: bool(cell),
    "IN": lambda cell, wanted: any(item in wanted for item in cell),
    "NIN": lambda cell, wanted: not any(item in wanted for item in cell),
    "BETWEEN": lambda cell, wanted: any(wanted[0] <= item <= wanted[1] for item in cell),
    "NBETWEEN": lambda cell, wanted: not any(wanted[0] <= item <= wanted[1] for item in cell),
    "STARTWITH": _some(lambda item, wanted: item.startswith(wanted)),
    "ENDWITH": _some(lambda item, wanted: item.endswith(wanted)),
    "CONTAINS": lambda cell, wanted: all(item in cell for item in wanted),
}


def _sortable(value: Any) -> tuple[bool, Any]:
    return value is not None, value if isinstance(value, int | float) else str(value)
