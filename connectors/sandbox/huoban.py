"""The loopback 伙伴云: tables, items and members of a workspace over HTTP.

It answers in the documented envelope (code 0 and a trace id), over the benchmark company. The vendor's error codes are
not published; here they are those of HTTP, said both ways. Tests reach items and switches through `app.state.db` (see
`HuobanDb`).
"""

import json
import secrets
from collections.abc import Awaitable, Callable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from connectors.sandbox.chinese import WORDS
from connectors.sandbox.company import BenchmarkCompany
from connectors.sandbox.demo_crm import DemoCrm
from connectors.sandbox.forms import Form, company_forms
from connectors.sandbox.huoban_db import CHINA, HuobanDb, Record, StoredTable, field_id, item_id, stamp

API_KEY = "sandbox-secret"
SPACE_ID = "4000000003442925"
LIMIT, MOST = 20, 500
_TYPES = {"text": "text", "number": "number", "date": "date", "moment": "date", "choice": "category", "user": "user"}
_SYSTEM = frozenset({"item_id", "created_by", "created_on", "updated_by", "updated_on"})


class HuobanError(Exception):
    """A refusal: HTTP status and code are the same number."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


def huoban_app(company: BenchmarkCompany, *, api_key: str = API_KEY) -> Starlette:
    """A Starlette application showing the company as one 伙伴云 workspace; its store is `app.state.db`."""
    db = HuobanDb()
    fill(db, company)
    space = _Space(db, api_key)
    root = "/openapi/v1"
    found = {
        "/table/list": space.tables,
        "/table/{table_id}": space.table,
        "/item/list": space.items,
        "/item/{item_id}": space.item,
        "/space/{space_id}/members": space.members,
    }
    app = Starlette(
        routes=[Route(root + path, space.guarded(answer), methods=["POST"]) for path, answer in found.items()]
    )
    app.state.db = db
    return app


def fill(db: HuobanDb, company: BenchmarkCompany) -> None:
    """Put the company's tables and people into the store."""
    for person in company.employees:
        db.members.append({"user_id": person.number, "name": person.name, "email": person.email, "mobile": ""})
    names = {person.number: person.name for person in company.employees}
    for form in company_forms(company):
        table = db.add_table(form.name, form.label, _fields(form))
        kinds = {field.label: field.kind for field in form.fields}
        for row in form.rows:
            values = {
                table.field(label)["field_id"]: _wrapped(table, label, kinds[label], value, names)
                for label, value in row.values.items()
            }
            user = {"user_id": "1024", "name": "接口", "avatar": ""}
            table.add(
                {
                    "item_id": item_id(form.label, row.key),
                    "title": str(row.values.get(form.title, "")),
                    "created_by": user,
                    "created_on": stamp(row.created),
                    "updated_by": user,
                    "updated_on": stamp(row.updated),
                    "fields": values,
                }
            )


def _fields(form: Form) -> list[Record]:
    found = []
    for field in form.fields:
        kind = _TYPES.get(field.kind, "relation")
        config: Record = {"options": []} if kind == "category" else {}
        found.append(
            {
                "field_id": field_id(form.name, field.label),
                "name": field.label,
                "alias": "",
                "type": kind,
                "config": config,
            }
        )
    return found


def _wrapped(table: StoredTable, label: str, kind: str, value: Any, names: Mapping[str, str]) -> Any:
    if kind == "choice":
        return [option(table, label, value)]
    if kind == "user":
        return [{"user_id": value, "name": names.get(value, "")}]
    if kind == "link":
        form, key = value
        return [{"item_id": item_id(_LABELS[form], key), "title": key}]
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, datetime):
        return stamp(value)
    return value.isoformat() if isinstance(value, date) else value


def option(table: StoredTable, label: str, name: str) -> Record:
    """The option of a category that has this name, made when there is none yet."""
    options = table.field(label)["config"]["options"]
    found = next((one for one in options if one["name"] == name), None)
    if found is None:
        found = {"id": str(len(options) + 1), "name": name}
        options.append(found)
    return dict(found)


_LABELS = {"customer": "客户", "opportunity": "商机"}
_KINDS = {
    "account": "客户",
    "case": "售后工单",
    "contract": "合同",
    "lead": "线索",
    "opportunity": "商机",
    "quote": "报价单",
}
DEMO_CRM = DemoCrm(huoban_app, lambda kind, key: item_id(_KINDS[kind], key), API_KEY, words=WORDS)

Answer = Callable[[Request, Mapping[str, Any]], Record]


class _Space:
    """The interfaces of one workspace over one store."""

    def __init__(self, db: HuobanDb, api_key: str) -> None:
        self.db, self.api_key = db, api_key

    def guarded(self, answer: Answer) -> Callable[[Request], Awaitable[Response]]:
        """The interface behind key, allowance and envelope."""

        async def guard(request: Request) -> Response:
            try:
                self._admit(request)
                return _json(
                    200, {"code": 0, "message": "success", "data": answer(request, _object(await request.body()))}
                )
            except HuobanError as error:
                status = 200 if error.code == 429 and self.db.throttle_in_200 else error.code
                return _json(status, {"code": error.code, "message": error.message, "data": {}})

        return guard

    def _admit(self, request: Request) -> None:
        given = request.headers.get("Open-Authorization", "")
        allowed = {f"Bearer {self.api_key}", *([self.api_key] if self.db.bare_key else [])}
        if given not in allowed:
            raise HuobanError(401, "API Key 无效")
        self.db.calls += 1
        if self.db.most_calls is not None and self.db.calls > self.db.most_calls and self.db.calls % 2:
            raise HuobanError(429, "请求过于频繁")

    def tables(self, request: Request, body: Mapping[str, Any]) -> Record:
        if str(body.get("space_id")) != SPACE_ID:
            raise HuobanError(404, "工作区不存在")
        shown = [
            {"table_id": one.table_id, "name": one.name, "alias": "", "space_id": SPACE_ID}
            for one in self.db.tables.values()
        ]
        return {"tables": shown}

    def table(self, request: Request, body: Mapping[str, Any]) -> Record:
        table = self._table(request.path_params["table_id"])
        if self.db.fields_at_top:
            return {"fields": table.fields}
        return {"table": {"table_id": table.table_id, "name": table.name, "space_id": SPACE_ID, "fields": table.fields}}

    def items(self, request: Request, body: Mapping[str, Any]) -> Record:
        table = self._table(body.get("table_id"))
        limit, offset = int(body.get("limit") or LIMIT), int(body.get("offset") or 0)
        if not 1 <= limit <= MOST or offset < 0:
            raise HuobanError(400, f"limit must be between 1 and {MOST}")
        keys = self._matching(table, body)
        shown = [self._shown(table, table.rows[key]) for key in keys[offset : offset + limit]]
        counts = {"total": len(table.rows), "filtered": len(keys), "has_more": offset + limit < len(keys)}
        return {**counts, "items": shown}

    def _matching(self, table: StoredTable, body: Mapping[str, Any]) -> list[str]:
        """Ids of the items asked for, in the order asked for."""
        if table.sorted is None:
            table.sorted = [key for _, key in table.order]
        keys = table.sorted
        if body.get("filter"):
            test = _test(table, body["filter"])
            keys = [key for key in keys if test(table.rows[key])]
        order = body.get("order") or {}
        name, descending = str(order.get("field_id") or "created_on"), order.get("type") == "desc"
        if name == "created_on" and not descending:
            return keys

        def value(key: str) -> str:
            row = table.rows[key]
            return str(row.get(name, row["fields"].get(name, "")))

        return sorted(keys, key=value, reverse=descending)

    def item(self, request: Request, body: Mapping[str, Any]) -> Record:
        for table in self.db.tables.values():
            if request.path_params["item_id"] in table.rows:
                return {"item": self._shown(table, table.rows[request.path_params["item_id"]])}
        raise HuobanError(404, "数据不存在")

    def members(self, request: Request, body: Mapping[str, Any]) -> Record:
        if request.path_params["space_id"] != SPACE_ID:
            raise HuobanError(404, "工作区不存在")
        return {"members": self.db.members}

    def _table(self, table_id: Any) -> StoredTable:
        table = self.db.tables.get(str(table_id))
        if table is None:
            raise HuobanError(404, "表格不存在")
        return table

    def _shown(self, table: StoredTable, row: Record) -> Record:
        fields = {name: value for name, value in row["fields"].items() if value is not None}
        if self.db.dates_in_milliseconds:
            dates = {field["field_id"] for field in table.fields if field["type"] == "date"}
            fields |= {name: _milliseconds(value) for name, value in fields.items() if name in dates}
        return {**row, "fields": fields}


def _milliseconds(text: str) -> int:
    moment = datetime.fromisoformat(text) if " " in text else datetime.combine(date.fromisoformat(text), time())
    return int(moment.replace(tzinfo=CHINA).timestamp() * 1000)


Predicate = Callable[[Record], bool]


def _test(table: StoredTable, asked: Mapping[str, Any]) -> Predicate:
    """A tree of `and` and `or` over leaves."""
    for word, together in (("and", all), ("or", any)):
        if word in asked:
            tests = [_test(table, one) for one in asked[word]]
            return lambda row: together(test(row) for test in tests)
    return _leaf(table, asked) if asked else lambda row: True


def _leaf(table: StoredTable, asked: Mapping[str, Any]) -> Predicate:
    name, query = str(asked.get("field")), asked.get("query")
    known = {one["field_id"] for one in table.fields}
    if (name not in _SYSTEM and name not in known) or not isinstance(query, dict):
        raise HuobanError(400, f"筛选条件错误: {name}")
    return lambda row: _matches(_cells(row.get(name) if name in _SYSTEM else row["fields"].get(name)), query)


def _cells(value: Any) -> list[Any]:
    """What a value is compared by: ids of what is wrapped, else the value itself."""
    items = value if isinstance(value, list) else [] if value in (None, "") else [value]
    return [
        next((item[key] for key in ("id", "user_id", "item_id") if key in item), None)
        if isinstance(item, dict)
        else item
        for item in items
    ]


def _matches(cells: list[Any], query: Mapping[str, Any]) -> bool:
    if "or" in query:
        return any(_matches(cells, one) for one in query["or"])
    for operator, wanted in query.items():
        if operator not in _OPERATORS:
            raise HuobanError(400, f"筛选条件错误: {operator}")
        if not _OPERATORS[operator](cells, wanted):
            return False
    return True


def _listed(wanted: Any) -> list[Any]:
    return wanted if isinstance(wanted, list) else [wanted]


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[list[Any], Any], bool]:
    return lambda cells, wanted: any(compare(*_alike(cell, wanted)) for cell in cells)


def _alike(cell: Any, wanted: Any) -> tuple[Any, Any]:
    """Numbers as numbers; a day is compared with a time by its midnight, as text."""
    if isinstance(cell, int | float):
        return cell, float(wanted)
    return str(cell), str(wanted)


_OPERATORS: dict[str, Callable[[list[Any], Any], bool]] = {
    "eq": lambda cells, wanted: any(cell in _listed(wanted) for cell in cells),
    "ne": lambda cells, wanted: not any(cell in _listed(wanted) for cell in cells),
    "in": lambda cells, wanted: any(cell in wanted for cell in cells),
    "nin": lambda cells, wanted: not any(cell in wanted for cell in cells),
    "em": lambda cells, wanted: (not cells) == bool(wanted),
    "gt": _ordered(lambda cell, wanted: cell > wanted),
    "gte": _ordered(lambda cell, wanted: cell >= wanted),
    "lt": _ordered(lambda cell, wanted: cell < wanted),
    "lte": _ordered(lambda cell, wanted: cell <= wanted),
}


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        asked = json.loads(body or b"{}")
    except ValueError:
        raise HuobanError(400, "参数错误") from None
    return asked if isinstance(asked, dict) else {}


def _json(status: int, values: Record) -> Response:
    body = {**values, "meta": {"trace_id": secrets.token_hex(16)}}
    return Response(json.dumps(body, ensure_ascii=False).encode(), status, media_type="application/json; charset=utf-8")
