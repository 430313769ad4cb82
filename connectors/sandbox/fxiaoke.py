"""The loopback Fxiaoke: tokens of both conventions, query, describe, change log and address book over HTTP.

It answers as the vendor does (HTTP 200 with a business code for every outcome), over the benchmark company. Tests reach
the records and switches through `app.state.db` (see `FxiaokeDb`).
"""

import json
import secrets
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from connectors.sandbox.chinese import WORDS
from connectors.sandbox.company import BenchmarkCompany
from connectors.sandbox.demo_crm import DemoCrm
from connectors.sandbox.fxiaoke_db import SYSTEM_USER, FxiaokeDb, Person, Record, fxiaoke_id
from connectors.sandbox.fxiaoke_query import MISSING, WRONG, FxError, parse
from connectors.sandbox.fxiaoke_truth import ADMIN, fill

APP_ID, CORP_ID, ENTERPRISE = "FSAID_1317aaa", "FSCID_2C7B5A", "beichen"
APP_SECRET = "sandbox-secret"  # noqa: S105 - guards made-up records on loopback only
PERMANENT_CODE = "6FE4C0DE"
NO_SUCH_PATH, NO_TOKEN, DAY_IS_USED_UP, TOO_OFTEN = 10006, 10013, 30002, 30004
WRONG_SECRET, WRONG_CODE, NO_SUCH_USER, NO_SUCH_CORP = 20006, 20015, 20012, 20017
EXPIRED = {"legacy": 20016, "oauth": 20005}

Body = Mapping[str, Any]
Answer = Callable[[Body, bool], Record]
"""From the body and whether people are shown by their open id to what stands beside the code."""


def fxiaoke_app(company: BenchmarkCompany, *, app_secret: str = APP_SECRET) -> Starlette:
    """A Starlette application showing the company as one Fxiaoke tenant; its store is `app.state.db`."""
    db = FxiaokeDb()
    fill(db, company)
    tenant = _Tenant(db, app_secret)
    found: dict[str, Answer] = {
        "/cgi/crm/v2/data/query": tenant.query,
        "/cgi/crm/custom/v2/data/query": tenant.query_custom,
        "/cgi/crm/custom/data/query": tenant.query_custom,
        "/cgi/crm/v2/data/get": tenant.get,
        "/cgi/crm/custom/v2/data/get": tenant.get,
        "/cgi/crm/v2/object/list": tenant.objects,
        "/cgi/crm/v2/object/describe": tenant.describe,
        "/cgi/crm/v2/object/getNewLogInfoListForWeb": tenant.log,
        "/cgi/department/list": tenant.department_list,
        "/cgi/department/detail": tenant.department,
        "/cgi/user/list": tenant.user_list,
        "/cgi/user/simpleList": tenant.simple_user_list,
        "/cgi/user/get": tenant.user,
    }
    routes = [Route(path, tenant.guarded(path, answer), methods=["POST"]) for path, answer in found.items()]
    routes.append(Route("/cgi/corpAccessToken/get/V2", tenant.legacy_token, methods=["POST"]))
    routes.append(Route("/oauth2.0/token", tenant.oauth_token, methods=["POST"]))
    routes.append(Route("/{rest:path}", _no_such_path, methods=["GET", "POST"]))
    app = Starlette(routes=routes)
    app.state.db = db
    return app


_OBJECTS = {
    "account": "AccountObj",
    "case": "CasesObj",
    "contract": "ContractObj",
    "lead": "LeadsObj",
    "opportunity": "NewOpportunityObj",
    "quote": "QuoteObj",
}
DEMO_CRM = DemoCrm(
    fxiaoke_app,
    lambda kind, key: fxiaoke_id(_OBJECTS[kind], key),
    APP_SECRET,
    {"SCORELINE_DEMO_CRM_CODE": PERMANENT_CODE},
    WORDS,
)


class _Tenant:
    """The interfaces of one tenant over one store."""

    def __init__(self, db: FxiaokeDb, app_secret: str) -> None:
        self.db, self.app_secret = db, app_secret

    async def legacy_token(self, request: Request) -> Response:
        body = await _body(request)
        try:
            self._check_app(body)
        except FxError as error:
            return _failed(error)
        token = self.db.issue_token(secrets.token_hex(16).upper())
        left = int(token.ends - self.db.clock())
        return _json(
            {"errorDescription": "success", "corpAccessToken": token.value, "corpId": CORP_ID, "expiresIn": left}
        )

    async def oauth_token(self, request: Request) -> Response:
        body = await _body(request)
        try:
            _traced(request)
            if body.get("grantType") != "app_secret":
                raise FxError(WRONG, "grantType is wrong")
            self._check_app(body)
        except FxError as error:
            return _failed(error)
        token = self.db.issue_token(secrets.token_hex(16))
        left = int(token.ends - self.db.clock())
        return _json(
            {"accessToken": token.value, "expiresIn": left, "ea": ENTERPRISE, "appId": APP_ID, "openUserId": ADMIN}
        )

    def _check_app(self, body: Body) -> None:
        if any(not body.get(name) for name in ("appId", "appSecret", "permanentCode")):
            raise FxError(MISSING, "a parameter is missing")
        if body["appId"] != APP_ID or body["appSecret"] != self.app_secret:
            raise FxError(WRONG_SECRET, "app secret is wrong")
        if body["permanentCode"] != PERMANENT_CODE:
            raise FxError(WRONG_CODE, "permanent code is wrong")

    def guarded(self, path: str, answer: Answer) -> Callable[[Request], Awaitable[Response]]:
        """The interface behind token, allowance and error envelope."""

        async def guard(request: Request) -> Response:
            try:
                body = await _body(request)
                shows_open_ids = self._admit(request, body)
                self._count(path)
                return _json(answer(body, shows_open_ids))
            except FxError as error:
                return _failed(error)

        return guard

    def _admit(self, request: Request, body: Body) -> bool:
        if "authorization" in request.headers:
            _traced(request)
            token = request.headers["authorization"].removeprefix("Bearer ")
            if request.headers.get("x-fs-ea") != ENTERPRISE:
                raise FxError(NO_SUCH_CORP, "the enterprise does not exist")
            convention, user = "oauth", request.headers.get("x-fs-userid", "")
        else:
            if not body.get("corpAccessToken"):
                raise FxError(NO_TOKEN, "corpAccessToken is missing")
            if body.get("corpId") != CORP_ID:
                raise FxError(NO_SUCH_CORP, "the enterprise does not exist")
            convention, token, user = "legacy", str(body["corpAccessToken"]), str(body.get("currentOpenUserId", ""))
        if not self.db.is_valid(token):
            raise FxError(EXPIRED[convention], "the token is missing or has expired")
        known = {person.employee_id if convention == "oauth" else person.open_id for person in self.db.people.values()}
        if user not in known:
            raise FxError(NO_SUCH_USER, "the user does not exist")
        return bool(body.get("convertUserId", convention == "legacy"))

    def _count(self, path: str) -> None:
        self.db.calls += 1
        if self.db.daily_limit is not None and self.db.calls > self.db.daily_limit:
            raise FxError(DAY_IS_USED_UP, "the day's calls are used up")
        if self.db.is_too_often(path):
            raise FxError(TOO_OFTEN, "calls come too often")

    def query(self, body: Body, shows_open_ids: bool, custom: bool = False) -> Record:
        query = parse(body.get("data") or {}, self._visible(), custom_path=custom)
        total, rows = query.run(self.db)
        names = not (query.projection and self.db.projection_drops_names)
        shown = [self._shown(query.spec.name, row, shows_open_ids, names, query.projection) for row in rows]
        page = {"total": total, "offset": query.offset, "limit": query.limit, "dataList": shown}
        return {"errorDescription": "success", "data": page}

    def query_custom(self, body: Body, shows_open_ids: bool) -> Record:
        return self.query(body, shows_open_ids, custom=True)

    def get(self, body: Body, shows_open_ids: bool) -> Record:
        data = body.get("data") or {}
        name, record_id = str(data.get("dataObjectApiName")), str(data.get("objectDataId"))
        if name not in self._visible() or record_id not in self.db.tables[name]:
            raise FxError(WRONG, "the record does not exist")
        return {"data": self._shown(name, self.db.tables[name][record_id], shows_open_ids, True, ())}

    def objects(self, body: Body, shows_open_ids: bool) -> Record:
        listed = [
            {
                "describeApiName": spec.name,
                "describeDisplayName": spec.label,
                "defineType": "custom" if spec.is_custom else "package",
                "isActive": True,
            }
            for spec in self._visible().values()
        ]
        return {"data": {"objects": listed}}

    def describe(self, body: Body, shows_open_ids: bool) -> Record:
        name = str(body.get("apiName"))
        if name not in self._visible():
            raise FxError(WRONG, f"object {name} does not exist")
        spec, hidden = self.db.specs[name], self.db.hidden.get(name, frozenset())
        fields = {}
        for field in spec.fields.values():
            if field.name in hidden:
                continue
            fields[field.name] = {"api_name": field.name, "label": field.name, "type": field.type, "is_active": True}
            if field.is_choice:
                options = self.db.options_of(name, field)
                fields[field.name]["options"] = [{"value": value, "label": label} for value, label in options.items()]
        return {"data": {"describe": {"api_name": name, "display_name": spec.label, "fields": fields}}}

    def log(self, body: Body, shows_open_ids: bool) -> Record:
        data = body.get("data") or {}
        missing = [name for name in ("apiName", "objectId", "pageNumber", "pageSize") if not data.get(name)]
        if missing:
            raise FxError(MISSING, f"the parameter {missing[0]} is missing")
        since, until = int(data.get("operationTimeFrom") or 0), int(data.get("operationTimeTo") or 2**62)
        entries = [
            entry for entry in self.db.logs.get(data["objectId"], ()) if since <= entry["operationTime"] <= until
        ]
        page, size = int(data["pageNumber"]), int(data["pageSize"])
        info = {"pageNumber": page, "pageSize": size, "pageCount": -(-len(entries) // size), "totalCount": len(entries)}
        newest_first = entries[::-1][(page - 1) * size : page * size]
        return {"data": {"modifyRecordList": newest_first, "pageInfo": info}}

    def department_list(self, body: Body, shows_open_ids: bool) -> Record:
        return {"departments": self.db.departments}

    def department(self, body: Body, shows_open_ids: bool) -> Record:
        found = [one for one in self.db.departments if str(one["id"]) == str(body.get("departmentId"))]
        if not found:
            raise FxError(30007, "the department does not exist")
        return {"department": {"name": found[0]["name"], "principalId": found[0].get("principalId")}}

    def user_list(self, body: Body, shows_open_ids: bool) -> Record:
        return {"userList": [person.values for person in self.db.people.values() if person.open_id != ADMIN]}

    def simple_user_list(self, body: Body, shows_open_ids: bool) -> Record:
        people = [person.values for person in self.db.people.values() if person.open_id != ADMIN]
        return {"userlist": [{name: one.get(name) for name in ("openUserId", "name", "nickName")} for one in people]}

    def user(self, body: Body, shows_open_ids: bool) -> Record:
        person = self.db.people.get(str(body.get("openUserId")))
        if person is None:
            raise FxError(30027, "the employee does not exist")
        return person.values

    def _visible(self) -> dict[str, Any]:
        return {name: spec for name, spec in self.db.specs.items() if "*" not in self.db.hidden.get(name, ())}

    def _shown(self, name: str, row: Record, shows_open_ids: bool, names: bool, projection: tuple[str, ...]) -> Record:
        spec, hidden = self.db.specs[name], self.db.hidden.get(name, frozenset())
        shown = {
            field: value
            for field, value in row.items()
            if field not in hidden and (not projection or field in projection or field == "_id")
        }
        for field in [field for field in shown if spec.fields.get(field) and spec.fields[field].type == "employee"]:
            ids = shown[field]
            if names and ids:
                shown[f"{field}__r"] = self._person(ids[0])
            if not shows_open_ids:
                shown[field] = [self.db.people[one].employee_id if one in self.db.people else one for one in ids]
        return shown | (self._names(name, shown) if names else {})

    def _names(self, name: str, shown: Record) -> Record:
        found = {}
        for field, value in shown.items():
            spec = self.db.specs[name].fields.get(field)
            if spec is not None and spec.is_choice and isinstance(value, str):
                label = self.db.options_of(name, spec).get(value)
                if label is not None:
                    found[f"{field}__r"] = label
        account = self.db.tables["AccountObj"].get(str(shown.get("account_id")))
        return found | ({"account_id__r": account.get("name")} if account else {})

    def _person(self, open_id: str) -> Record:
        person: Person | None = self.db.people.get(open_id)
        if person is None:
            return {"id": SYSTEM_USER, "name": "系统"}
        return {"id": person.employee_id, "name": person.values.get("name"), "status": 0}


async def _no_such_path(request: Request) -> Response:
    return _failed(FxError(NO_SUCH_PATH, f"the uri {request.url.path} does not exist"))


async def _body(request: Request) -> Body:
    try:
        body = json.loads(await request.body() or b"{}")
    except ValueError:
        raise FxError(WRONG, "the body is no JSON") from None
    return body if isinstance(body, dict) else {}


def _traced(request: Request) -> None:
    if not request.query_params.get("thirdTraceId"):
        raise FxError(MISSING, "the parameter thirdTraceId is missing")


def _json(values: Record) -> Response:
    trace = {"traceId": f"E-O.{ENTERPRISE}.1000-{secrets.token_hex(4)}", "errorCode": 0, "errorMessage": "OK"}
    body = json.dumps({**trace, **values}, ensure_ascii=False, separators=(",", ":")).encode()
    return Response(body, media_type="application/json; charset=utf-8")


def _failed(error: FxError) -> Response:
    return _json({"errorCode": error.code, "errorMessage": error.message, "errorDescription": error.message})
