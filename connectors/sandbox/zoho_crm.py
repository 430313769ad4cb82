"""The loopback Zoho CRM: tokens, list calls, COQL, deletions, timelines, users and settings over HTTP.

It answers as the vendor does (error envelopes, empty answers without a body, page tokens, credits), over the benchmark
company. Tests reach the records and switches through `app.state.db` (see `ZohoCrmDb`).
"""

import json
import secrets
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from connectors.sandbox.company import BenchmarkCompany
from connectors.sandbox.demo_crm import DemoCrm
from connectors.sandbox.zoho_crm_coql import CoqlError, parse
from connectors.sandbox.zoho_crm_db import Record, Token, ZohoCrmDb, zoho_id
from connectors.sandbox.zoho_crm_modules import ModuleSpec
from connectors.sandbox.zoho_crm_truth import fill

CLIENT_SECRET = "sandbox-secret"  # noqa: S105 - guards made-up records on loopback only
REFRESH_TOKEN = "1000.sandbox-refresh-token"  # noqa: S105
MOST_FIELDS, MOST_ROWS = 50, 200
Answer = Callable[[Request], Awaitable[Response]]


class _Refusal(Exception):
    """An error envelope."""

    def __init__(self, status: int, code: str, message: str, **details: Any) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.details = status, code, message, details


@dataclass(frozen=True)
class _Place:
    """Where a list goes on: after this row, with the same question; `read` rows were given out before."""

    asked: tuple
    after: tuple
    read: int


def zoho_crm_app(
    company: BenchmarkCompany,
    *,
    client_id: str = "scoreline",
    client_secret: str = CLIENT_SECRET,
    refresh_token: str = REFRESH_TOKEN,
) -> Starlette:
    """A Starlette application showing the company as one Zoho CRM account; its store is `app.state.db`."""
    db = ZohoCrmDb()
    fill(db, company)
    account = _Account(db, {"client_id": client_id, "client_secret": client_secret, "refresh_token": refresh_token})
    api = "/crm/v8"
    guarded: dict[str, Answer] = {
        "/org": account.org,
        "/users": account.users,
        "/users/actions/count": account.count_users,
        "/settings/roles": account.roles,
        "/settings/territories": account.territories,
        "/settings/territories/{id}/users": account.territory_users,
        "/settings/fields": account.fields,
        "/settings/modules": account.modules,
        "/{module}/deleted": account.deleted,
        "/{module}/actions/count": account.count,
        "/{module}/{id}/__timeline": account.timeline,
        "/{module}/{id}": account.record,
        "/{module}": account.records,
    }
    app = Starlette(
        routes=[
            Route("/oauth/v2/token", account.token, methods=["POST"]),
            Route(api + "/coql", account.guarded(account.coql), methods=["POST"]),
            *(Route(api + path, account.guarded(answer)) for path, answer in guarded.items()),
            Route("/{rest:path}", account.guarded(account.not_found)),
        ]
    )
    app.state.db = db
    return app


class _Account:
    """The endpoints of one account over one store."""

    def __init__(self, db: ZohoCrmDb, grant: dict[str, str]) -> None:
        self.db, self.grant = db, grant

    # -- tokens and admission ---------------------------------------------------------------------------

    async def token(self, request: Request) -> Response:
        """Parameters come in the address or as a form; refusals come with HTTP 200."""
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        asked = {**form, **request.query_params}
        if asked.get("grant_type") != "refresh_token" or "client_id" not in asked:
            return _json({"error": "invalid_request"})
        if any(asked.get(name) != self.grant[name] for name in ("client_id", "client_secret")):
            return _json({"error": "invalid_client"})
        if asked.get("refresh_token") != self.grant["refresh_token"]:
            return _json({"error": "invalid_code"})
        if not self.db.may_give_token():
            told = "You have made too many requests continuously. Please try again after some time."
            return _json({"error_description": told, "error": "Access Denied", "status": "failure"}, 400)
        token = f"1000.{secrets.token_hex(16)}.{secrets.token_hex(16)}"
        self.db.tokens[token] = Token(time.monotonic() + 3600)
        self.db.tokens_given.append(time.monotonic())
        scope = "ZohoCRM.modules.READ ZohoCRM.settings.READ ZohoCRM.users.READ ZohoCRM.org.READ ZohoCRM.coql.READ"
        api = f"{request.url.scheme}://{request.url.netloc}"
        return _json(
            {"access_token": token, "scope": scope, "api_domain": api, "token_type": "Bearer", "expires_in": 3600}
        )

    def guarded(self, answer: Answer) -> Answer:
        """The endpoint behind token, credits and error envelope; every answer tells the credits left."""

        async def guard(request: Request) -> Response:
            try:
                self._admit(request)
                response = await answer(request)
            except _Refusal as error:
                response = _envelope(error.status, error.code, error.message, error.details)
            except CoqlError as error:
                response = _envelope(400, error.code, error.message, error.details)
            response.headers["X-API-CREDITS-REMAINING"] = str(self.db.credits)
            return response

        return guard

    def _admit(self, request: Request) -> None:
        scheme, _, text = request.headers.get("Authorization", "").partition(" ")
        token = self.db.tokens.get(text) if scheme == "Zoho-oauthtoken" else None
        most = self.db.calls_per_token
        if token is None or time.monotonic() > token.ends or (most is not None and token.calls >= most):
            raise _Refusal(401, "INVALID_TOKEN", "invalid oauth token")
        if self.db.foreign:
            raise _Refusal(400, "INVALID_HOST", "the host name is invalid", expected_host="www.zohoapis.eu")
        if self.db.credits <= 0:
            raise _Refusal(429, "API_LIMIT_EXCEEDED", "the API credits of the last 24 hours are used up")
        token.calls += 1
        self.db.credits -= 1

    async def not_found(self, request: Request) -> Response:
        raise _Refusal(404, "INVALID_URL_PATTERN", "Please check if the URL trying to access is a correct one")

    # -- settings ---------------------------------------------------------------------------------------

    async def org(self, request: Request) -> Response:
        return _json({"org": [self.db.organisation]})

    async def users(self, request: Request) -> Response:
        kind = request.query_params.get("type", "AllUsers")
        rows = sorted(self.db.rows("Users"), key=lambda user: user["id"])
        if kind == "CurrentUser":
            rows = rows[:1]
        elif kind == "ActiveUsers":
            rows = [user for user in rows if user["status"] == "active"]
        since = _since(request)
        rows = [user for user in rows if since is None or user["Modified_Time"] >= since]
        return self._numbered(request, rows, lambda user: self._user(user), "users")

    async def count_users(self, request: Request) -> Response:
        return _json({"count": len(self.db.tables["Users"])})

    async def roles(self, request: Request) -> Response:
        return _json({"roles": [self._tree(role, "Roles", "__s") for role in self.db.rows("Roles")]})

    async def territories(self, request: Request) -> Response:
        rows = [self._tree(one, "Territories", "") for one in self.db.rows("Territories")]
        return _json({"territories": rows, "info": _info(1, MOST_ROWS, len(rows), False)}) if rows else _empty(204)

    async def territory_users(self, request: Request) -> Response:
        ids = self.db.territory_users.get(request.path_params["id"], [])
        rows = [self._user(self.db.tables["Users"][one]) for one in ids]
        return _json({"users": rows, "info": _info(1, MOST_ROWS, len(rows), False)}) if rows else _empty(204)

    async def fields(self, request: Request) -> Response:
        name = request.query_params.get("module", "")
        hidden = self.db.hidden.get(name, frozenset())
        if "*" in hidden:
            return _empty(204)
        shown = [field for field in self._spec(name).fields.values() if field.name not in hidden]
        rows = [field.described(number) for number, field in enumerate(shown)]
        for row in rows:
            if (name, row["api_name"]) == ("Deals", "Stage"):
                row["pick_list_values"] = self.db.stages
        return _json({"fields": rows})

    async def modules(self, request: Request) -> Response:
        shown = [name for name in self.db.specs if "*" not in self.db.hidden.get(name, ())]
        rows = [
            {"api_name": name, "module_name": name, "api_supported": True, "id": zoho_id("modules", name)}
            for name in shown
        ]
        return _json({"modules": rows})

    # -- records ----------------------------------------------------------------------------------------

    async def records(self, request: Request) -> Response:
        spec = self._spec(request.path_params["module"])
        asked = dict(request.query_params)
        fields = self._fields_of(spec, asked)
        size = _whole(asked.get("per_page", str(MOST_ROWS)), "per_page", MOST_ROWS)
        if "ids" in asked:
            found = [self.db.tables[spec.name].get(one) for one in asked["ids"].split(",")]
            rows = [row for row in found if row is not None]
            return self._list(rows[:size], fields, spec, _info(1, size, len(rows), False)) if rows else _empty(204)
        sort_by, sort_order = asked.get("sort_by", "id"), asked.get("sort_order", "desc")
        if sort_by not in ("id", "Created_Time", "Modified_Time"):
            raise _Refusal(400, "INVALID_DATA", "invalid sort_by", param_name="sort_by")
        since = _since(request)
        rows = sorted(
            (row for row in self._live(spec.name, asked) if since is None or row["Modified_Time"] >= since),
            key=lambda row: (row[sort_by], row["id"]),
            reverse=sort_order == "desc",
        )
        return self._paged(request, spec, rows, fields, size, (sort_by, sort_order))

    def _paged(
        self,
        request: Request,
        spec: ModuleSpec,
        rows: list[Record],
        fields: Sequence[str],
        size: int,
        order: tuple[str, str],
    ) -> Response:
        asked = dict(request.query_params)
        token = asked.pop("page_token", None)
        page = _whole(asked.pop("page", "1"), "page", None)
        question = (spec.name, tuple(sorted(asked.items())), request.headers.get("If-Modified-Since"))
        start, read = (page - 1) * size, (page - 1) * size
        if token is not None:
            place = self.db.places.get(token)
            if place is None or place.asked != question:
                raise _Refusal(400, "INVALID_PAGE_TOKEN", "the page token given is invalid", param_name="page_token")
            start, read = _following(rows, place, order), place.read
        elif start + size > self.db.page_reach and page > 1:
            raise _Refusal(400, "DISCRETE_PAGINATION_LIMIT_EXCEEDED", "use page_token to go on", param_name="page")
        if read >= self.db.list_reach:
            raise _Refusal(
                400, "DISCRETE_PAGINATION_LIMIT_EXCEEDED", "the list goes no further", param_name="page_token"
            )
        shown = rows[start : start + size]
        if not shown:
            return _empty(304 if "If-Modified-Since" in request.headers else 204)
        more = start + size < len(rows)
        info = _info(page, size, len(shown), more) | {"sort_by": order[0], "sort_order": order[1]}
        if more:
            last = shown[-1]
            info["next_page_token"] = secrets.token_hex(24)
            place = _Place(question, (last[order[0]], last["id"]), read + len(shown))
            self.db.places[info["next_page_token"]] = place
            info["page_token_expiry"] = self.db.stamp(datetime.now(UTC) + timedelta(hours=24))
        return self._list(shown, fields, spec, info)

    async def record(self, request: Request) -> Response:
        spec = self._spec(request.path_params["module"])
        row = self.db.tables[spec.name].get(request.path_params["id"])
        if row is None:
            return _envelope(400, "INVALID_DATA", "the id given seems to be invalid", {"resource_path_index": 1})
        fields = [name for name in spec.fields if name not in self.db.hidden.get(spec.name, ())]
        return _json({"data": [self._shown(row, fields, spec)]})

    async def coql(self, request: Request) -> Response:
        try:
            text = json.loads(await request.body())["select_query"]
        except (ValueError, KeyError, TypeError):
            raise _Refusal(400, "MANDATORY_NOT_FOUND", "required field not found", api_name="select_query") from None
        query = parse(text, self.db)
        rows, more = query.run(list(self.db.rows(query.spec.name)))
        if not rows:
            return _empty(204)
        shown = [self._shown(row, query.fields, query.spec, names=False) for row in rows]
        return _json({"data": shown, "info": {"count": len(shown), "more_records": more}})

    async def count(self, request: Request) -> Response:
        return _json({"count": len(self.db.tables[self._spec(request.path_params["module"]).name])})

    async def deleted(self, request: Request) -> Response:
        spec = self._spec(request.path_params["module"])
        kind, since = request.query_params.get("type", "all"), _since(request)
        rows = [
            {
                "id": record_id,
                "display_name": one.record[spec.label],
                "type": one.kind,
                "deleted_time": one.at,
                "deleted_by": self._named("Users", one.record["Owner"]),
                "created_by": self._named("Users", one.record["Created_By"]),
            }
            for record_id, one in self.db.deleted[spec.name].items()
            if (since is None or one.at >= since) and kind in ("all", one.kind)
        ]
        rows.sort(key=lambda row: (row["deleted_time"], row["id"]), reverse=True)
        return self._numbered(
            request, rows, lambda row: row | {"deleted_time": self.db.stamp(row["deleted_time"])}, "data"
        )

    async def timeline(self, request: Request) -> Response:
        module, record_id = request.path_params["module"], request.path_params["id"]
        row = self.db.tables[self._spec(module).name].get(record_id)
        if row is None:
            return _envelope(400, "INVALID_DATA", "the id given seems to be invalid", {"resource_path_index": 1})
        entries = list(reversed(self.db.timeline.get(record_id, [])))
        size = _whole(request.query_params.get("per_page", str(MOST_ROWS)), "per_page", MOST_ROWS)
        token = request.query_params.get("page_token")
        start = self.db.places.get(token) if token else 0
        if not isinstance(start, int):
            raise _Refusal(400, "INVALID_PAGE_TOKEN", "the page token given is invalid", param_name="page_token")
        shown, more = entries[start : start + size], start + size < len(entries)
        info = _info(1, size, len(shown), more)
        if more:
            info["next_page_token"] = secrets.token_hex(24)
            self.db.places[info["next_page_token"]] = start + size
        told = [
            entry
            | {
                "audited_time": self.db.stamp(entry["audited_time"]),
                "done_by": {"id": row["Owner"], "name": self.db.name_of("Users", row["Owner"])},
                "record": {"module": {"api_name": module}, "id": record_id, "name": row["Deal_Name"]},
                "source": "crm_ui",
                "type": None,
            }
            for entry in shown
        ]
        return _json({"__timeline": told, "info": info}) if told else _empty(204)

    # -- what a record looks like -----------------------------------------------------------------------

    def _spec(self, name: str) -> ModuleSpec:
        if name not in self.db.specs or "*" in self.db.hidden.get(name, ()):
            raise _Refusal(400, "INVALID_MODULE", "the module name given seems to be invalid", resource_path_index=0)
        return self.db.specs[name]

    def _fields_of(self, spec: ModuleSpec, asked: dict[str, str]) -> list[str]:
        """The fields asked for; unknown ones are left out without a word, as the vendor does."""
        if not asked.get("fields"):
            raise _Refusal(
                400, "REQUIRED_PARAM_MISSING", "One of the expected parameter is missing", param_name="fields"
            )
        names = asked["fields"].split(",")
        if len(names) > MOST_FIELDS:
            raise _Refusal(400, "LIMIT_EXCEEDED", "more fields than allowed", param_name="fields", limit=MOST_FIELDS)
        hidden = self.db.hidden.get(spec.name, frozenset())
        shown = [name for name in names if name in spec.fields and name not in hidden]
        return [name for name in shown if spec.fields[name].type != "subform"]

    def _live(self, module: str, asked: dict[str, str]) -> list[Record]:
        """Leads that were converted are shown only when asked for."""
        rows = list(self.db.rows(module))
        if module != "Leads" or asked.get("converted") == "both":
            return rows
        wanted = asked.get("converted", "false") == "true"
        return [row for row in rows if bool(row["Converted__s"]) == wanted]

    def _list(self, rows: list[Record], fields: Sequence[str], spec: ModuleSpec, info: Record) -> Response:
        return _json({"data": [self._shown(row, ["id", *fields], spec) for row in rows], "info": info})

    def _shown(self, row: Record, fields: Sequence[str], spec: ModuleSpec, *, names: bool = True) -> Record:
        shown: Record = {"id": row["id"]}
        for name in fields:
            field = spec.fields.get(name)
            value = row[name]
            if field is not None and value is not None:
                if field.type == "datetime":
                    value = self.db.stamp(value)
                elif field.module is not None:
                    value = self._named(field.module, value) if names else {"id": value}
            shown[name] = value
        return shown

    def _named(self, module: str, record_id: str | None) -> Record | None:
        if record_id is None:
            return None
        shown: Record = {"name": self.db.name_of(module, record_id), "id": record_id}
        if module == "Users":
            shown["email"] = self.db.tables["Users"].get(record_id, {}).get("email")
        return shown

    def _user(self, user: Record) -> Record:
        times = {name: self.db.stamp(user[name]) for name in ("Created_Time", "Modified_Time")}
        role = self.db.tables["Roles"].get(user["role"] or "")
        return {
            **user,
            **times,
            "created_time": times["Created_Time"],
            "role": {"id": role["id"], "name": role["name"]} if role else None,
            "Reporting_To": self._named("Users", user["Reporting_To"]),
        }

    def _tree(self, node: Record, table: str, suffix: str) -> Record:
        parent = self.db.tables[table].get(node["reporting_to"] or "")
        shown = {name: value for name, value in node.items() if name not in ("Created_Time", "Modified_Time")}
        return shown | {
            "reporting_to": {"id": parent["id"], "name": parent["name"]} if parent else None,
            f"created_time{suffix}": self.db.stamp(node["Created_Time"]),
            f"modified_time{suffix}": self.db.stamp(node["Modified_Time"]),
        }

    def _numbered(self, request: Request, rows: list[Record], shown: Callable[[Record], Record], key: str) -> Response:
        """A list that is paged by number alone."""
        size = _whole(request.query_params.get("per_page", str(MOST_ROWS)), "per_page", MOST_ROWS)
        page = _whole(request.query_params.get("page", "1"), "page", None)
        found = rows[(page - 1) * size : page * size]
        if not found:
            return _empty(304 if "If-Modified-Since" in request.headers else 204)
        return _json(
            {key: [shown(row) for row in found], "info": _info(page, size, len(found), page * size < len(rows))}
        )


def _following(rows: list[Record], place: _Place, order: tuple[str, str]) -> int:
    """Index of the first row after the place; rows that went or came meanwhile shift nothing."""
    name, direction = order
    for index, row in enumerate(rows):
        key = (row[name], row["id"])
        if (key > place.after) if direction == "asc" else (key < place.after):
            return index
    return len(rows)


def _since(request: Request) -> datetime | None:
    text = request.headers.get("If-Modified-Since")
    if text is None:
        return None
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        raise _Refusal(400, "INVALID_DATA", "invalid date", header="If-Modified-Since") from None


def _whole(text: str, name: str, most: int | None) -> int:
    if not text.isdigit() or int(text) < 1 or (most is not None and int(text) > most):
        raise _Refusal(400, "INVALID_DATA", f"invalid {name}", param_name=name, maximum=most)
    return int(text)


def _info(page: int, size: int, count: int, more: bool) -> Record:
    return {
        "per_page": size,
        "next_page_token": None,
        "count": count,
        "page": page,
        "previous_page_token": None,
        "page_token_expiry": None,
        "more_records": more,
    }


def _envelope(status: int, code: str, message: str, details: dict[str, Any]) -> Response:
    return _json({"code": code, "details": details, "message": message, "status": "error"}, status)


def _json(value: Any, status: int = 200) -> Response:
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    return Response(body, status, media_type="application/json;charset=UTF-8")


def _empty(status: int) -> Response:
    return Response(status_code=status)


_MODULES = {
    "account": "Accounts",
    "case": "Cases",
    "contract": "Contracts",
    "lead": "Leads",
    "opportunity": "Deals",
    "quote": "Quotes",
}
DEMO_CRM = DemoCrm(
    zoho_crm_app,
    lambda kind, key: zoho_id(_MODULES[kind], key),
    CLIENT_SECRET,
    {"SCORELINE_DEMO_CRM_REFRESH_TOKEN": REFRESH_TOKEN},
)
