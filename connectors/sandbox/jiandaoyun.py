"""The loopback 简道云: applications, forms, widgets, records and the address book over HTTP.

It answers as the vendor does (POST only, HTTP 400 with a code for every error), over the benchmark company. Tests reach
the records and switches through `app.state.db` (see `JiandaoyunDb`).
"""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from connectors.sandbox.chinese import WORDS
from connectors.sandbox.company import BenchmarkCompany
from connectors.sandbox.demo_crm import DemoCrm
from connectors.sandbox.forms import Form, company_forms
from connectors.sandbox.jiandaoyun_db import JiandaoyunDb, Record, StoredForm, object_id, stamp, widget_id

API_KEY = "sandbox-secret"
APP_ID = "59264073a2a60c0c08e20bfb"
INVALID, WRONG_KEY, TOO_OFTEN, NO_FORM, NO_RECORD, BAD_FILTER = 1, 8301, 8303, 3000, 4001, 3005
LIMIT, MOST = 10, 100
_TYPES = {
    "text": "text",
    "number": "number",
    "date": "datetime",
    "moment": "datetime",
    "choice": "combo",
    "user": "user",
}
_ALWAYS = ("_id", "appId", "entryId")
_SYSTEM = ("creator", "updater", "deleter", "createTime", "updateTime", "deleteTime", "flowState")
_TIMES = frozenset({"createTime", "updateTime", "deleteTime"})


class JdyError(Exception):
    """A refusal: HTTP 400 with this code."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


def jiandaoyun_app(company: BenchmarkCompany, *, api_key: str = API_KEY) -> Starlette:
    """A Starlette application showing the company as one 简道云 account; its store is `app.state.db`."""
    db = JiandaoyunDb()
    fill(db, company)
    account = _Account(db, api_key)
    found = {
        "/v5/app/list": account.apps,
        "/v5/app/entry/list": account.forms,
        "/v5/app/entry/widget/list": account.widgets,
        "/v5/app/entry/data/list": account.data,
        "/v5/app/entry/data/get": account.record,
        "/v5/corp/department/list": account.departments,
        "/v5/corp/department/user/list": account.members,
        "/v5/corp/user/get": account.member,
    }
    app = Starlette(
        routes=[Route("/api" + path, account.guarded(path, answer), methods=["POST"]) for path, answer in found.items()]
    )
    app.state.db = db
    return app


def fill(db: JiandaoyunDb, company: BenchmarkCompany) -> None:
    """Put the company's forms and people into the store."""
    zone = ZoneInfo(company.time_zone)
    db.apps[APP_ID] = "CRM"
    _fill_people(db, company)
    members = {one["username"]: one for one in db.members}
    for form in company_forms(company):
        stored = db.add_form(APP_ID, form.name, form.label, _widgets(form))
        names = {field.label: (stored.widget(field.label)["name"], field.kind) for field in form.fields}
        for row in form.rows:
            record_id = object_id(form.label, row.key)
            values = {
                names[label][0]: _value(names[label][1], value, members, zone) for label, value in row.values.items()
            }
            stored.rows[record_id] = {
                "_id": record_id,
                "appId": APP_ID,
                "entryId": stored.entry_id,
                "creator": db.members[0],
                "updater": db.members[0],
                "deleter": None,
                "createTime": stamp(row.created),
                "updateTime": stamp(row.updated),
                "deleteTime": None,
                **values,
            }


def _fill_people(db: JiandaoyunDb, company: BenchmarkCompany) -> None:
    units = [unit for unit in company.units if unit.valid_from <= company.as_of < unit.valid_to]
    numbers = {unit.code: rank for rank, unit in enumerate(units, start=1)}
    for unit in units:
        parent = numbers.get(unit.parent_code or "")
        db.departments.append(
            {"dept_no": numbers[unit.code], "name": unit.name, "parent_no": parent, "type": 0, "status": 1}
        )
    seats = {one.employee_number: one for one in company.assignments if one.valid_from <= company.as_of < one.valid_to}
    for person in company.employees:
        seat = seats.get(person.number)
        gone = person.left is not None and person.left <= company.as_of
        departments = [numbers[seat.unit_code]] if seat and seat.unit_code in numbers else []
        db.members.append(
            {
                "username": person.number,
                "name": person.name,
                "departments": departments,
                "type": 0,
                "status": -1 if gone else 1,
            }
        )


def _widgets(form: Form) -> list[Record]:
    """The form's widgets; the first field of each form has an alias."""
    found = []
    for rank, field in enumerate(form.fields):
        widget = widget_id(form.name, field.label)
        kind = _TYPES.get(field.kind, "lookup")
        found.append(
            {
                "name": f"{form.name}_name" if rank == 0 else widget,
                "widgetName": widget,
                "label": field.label,
                "type": kind,
            }
        )
    return found


def _value(kind: str, value: Any, members: Mapping[str, Record], zone: ZoneInfo) -> Any:
    if kind == "user":
        return members.get(value)
    if kind == "link":
        form, key = value
        return {"id": object_id(_LABELS[form], key)}
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, datetime):
        return stamp(value)
    if isinstance(value, date):
        return stamp(datetime.combine(value, time(), zone).astimezone(UTC))
    return value


_LABELS = {"customer": "客户", "opportunity": "商机"}
_KINDS = {
    "account": "客户",
    "case": "售后工单",
    "contract": "合同",
    "lead": "线索",
    "opportunity": "商机",
    "quote": "报价单",
}
DEMO_CRM = DemoCrm(jiandaoyun_app, lambda kind, key: object_id(_KINDS[kind], key), API_KEY, words=WORDS)


class _Account:
    """The interfaces of one account over one store."""

    def __init__(self, db: JiandaoyunDb, api_key: str) -> None:
        self.db, self.api_key = db, api_key

    def guarded(self, path: str, answer: Callable[[Mapping[str, Any]], Record]) -> Callable[[Request], Any]:
        """The interface behind key, pace and error envelope."""

        async def guard(request: Request) -> Response:
            try:
                if request.headers.get("Authorization") != f"Bearer {self.api_key}":
                    raise JdyError(WRONG_KEY, "密钥无效")
                if self.db.is_too_often(path):
                    raise JdyError(TOO_OFTEN, "超出请求频率限制")
                return _json(200, answer(_object(await request.body())))
            except JdyError as error:
                return _json(400, {"code": error.code, "msg": error.message})

        return guard

    def apps(self, body: Mapping[str, Any]) -> Record:
        return {"apps": _paged([{"app_id": app, "name": name} for app, name in self.db.apps.items()], body)}

    def forms(self, body: Mapping[str, Any]) -> Record:
        found = [
            {"app_id": form.app_id, "entry_id": form.entry_id, "name": form.name}
            for form in self.db.forms.values()
            if form.app_id == body.get("app_id")
        ]
        return {"forms": _paged(found, body)}

    def widgets(self, body: Mapping[str, Any]) -> Record:
        form = self._form(body)
        system = [{"name": name} for name in ("createTime", "updateTime", "flowState")]
        return {"widgets": form.widgets, "sysWidgets": system, "dataModifyTime": form.modified}

    def data(self, body: Mapping[str, Any]) -> Record:
        form = self._form(body)
        limit = body.get("limit", LIMIT)
        if not isinstance(limit, int) or not 1 <= limit <= MOST:
            raise JdyError(INVALID, "limit must be between 1 and 100")
        test = _filter(form, body.get("filter"))
        rows = (row for row in form.after(body.get("data_id") or None) if test(row))
        return {"data": [_shown(row, body.get("fields")) for row in islice(rows, limit)]}

    def record(self, body: Mapping[str, Any]) -> Record:
        form = self._form(body)
        found = form.rows.get(str(body.get("data_id")))
        if found is None:
            raise JdyError(NO_RECORD, "数据不存在")
        return {"data": _shown(found, None)}

    def departments(self, body: Mapping[str, Any]) -> Record:
        return {"departments": self.db.departments}

    def members(self, body: Mapping[str, Any]) -> Record:
        return {"users": self.db.members}

    def member(self, body: Mapping[str, Any]) -> Record:
        found = next((one for one in self.db.members if one["username"] == body.get("username")), None)
        if found is None:
            raise JdyError(1010, "成员不存在")
        return {"user": found}

    def _form(self, body: Mapping[str, Any]) -> StoredForm:
        form = self.db.forms.get(str(body.get("entry_id")))
        if form is None or form.app_id != body.get("app_id"):
            raise JdyError(NO_FORM, "表单不存在")
        return form


def _filter(form: StoredForm, asked: Any) -> Callable[[Record], bool]:
    if not asked:
        return lambda row: True
    tests = [_condition(form, one) for one in asked.get("cond") or ()]
    together = any if asked.get("rel") == "or" else all
    return lambda row: together(test(row) for test in tests)


def _condition(form: StoredForm, asked: Mapping[str, Any]) -> Callable[[Record], bool]:
    name, method = str(asked.get("field")), str(asked.get("method"))
    values = asked.get("value") or []
    widget = next((one for one in form.widgets if one["name"] == name), None)
    if widget is None and name not in (*_SYSTEM, "_id"):
        raise JdyError(BAD_FILTER, f"unknown field {name}")
    kind = widget["type"] if widget else "datetime" if name in _TIMES else "number"
    if kind == "subform":
        raise JdyError(BAD_FILTER, "a subform cannot be filtered")
    if (
        not isinstance(values, list)
        or method not in _METHODS
        or (method in _ORDERED and kind not in ("number", "datetime"))
    ):
        raise JdyError(BAD_FILTER, f"wrong condition {method}")
    return lambda row: _METHODS[method](row.get(name), values)


def _within(value: Any, bounds: list[Any]) -> bool:
    low, high = (*bounds, None, None)[:2]
    return not _empty(value) and (low is None or value >= low) and (high is None or value <= high)


def _empty(value: Any) -> bool:
    return value is None or value in ("", [], {})


_ORDERED = frozenset({"range", "gt", "lt"})
_METHODS: dict[str, Callable[[Any, list[Any]], bool]] = {
    "eq": lambda value, wanted: value == wanted[0],
    "ne": lambda value, wanted: value != wanted[0],
    "in": lambda value, wanted: value in wanted,
    "nin": lambda value, wanted: value not in wanted,
    "range": _within,
    "gt": lambda value, wanted: not _empty(value) and value > wanted[0],
    "lt": lambda value, wanted: not _empty(value) and value < wanted[0],
    "like": lambda value, wanted: isinstance(value, str) and wanted[0] in value,
    "all": lambda value, wanted: isinstance(value, list) and all(item in value for item in wanted),
    "empty": lambda value, wanted: _empty(value),
    "not_empty": lambda value, wanted: not _empty(value),
}


def _shown(row: Record, fields: Any) -> Record:
    if not fields:
        return row
    return {name: value for name, value in row.items() if name in fields or name in _ALWAYS}


def _paged(found: list[Record], body: Mapping[str, Any]) -> list[Record]:
    skip, limit = int(body.get("skip") or 0), int(body.get("limit") or MOST)
    return found[skip : skip + min(limit, MOST)]


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        asked = json.loads(body or b"{}")
    except ValueError:
        raise JdyError(INVALID, "请求参数不合法") from None
    return asked if isinstance(asked, dict) else {}


def _json(status: int, values: Record) -> Response:
    body = json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode()
    return Response(body, status, media_type="application/json; charset=utf-8")
