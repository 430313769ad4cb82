"""A loopback Odoo over the benchmark company: /jsonrpc (14 to 19) and /json/2 (19 on), errors and quirks included.

`app.state.db` (OdooDatabase) is the live database: tests change, archive and delete records there.
"""

from collections.abc import Callable
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from connectors.sandbox.company import BenchmarkCompany
from connectors.sandbox.odoo_database import OdooDatabase, OdooError, access_error, missing_model
from connectors.sandbox.odoo_records import fill

LOGIN = "scoreline@bench.example"
API_KEY = "5f3c0d9e8b7a6f5e4d3c2b1a0f9e8d7c6b5a4f3e"
LIMITED_LOGIN, LIMITED_SECRET = "limited", "limited-pw"
"""A user that is refused on account.move, as on the team's real test server."""
DATABASE = "erp"

_READS: dict[str, tuple[str, ...]] = {
    "search": ("domain", "offset", "limit", "order"),
    "search_count": ("domain",),
    "read": ("fields", "load"),
    "search_read": ("domain", "fields", "offset", "limit", "order"),
    "fields_get": ("allfields", "attributes"),
    "context_get": (),
}
_RECORD_METHODS = {"read"}


def odoo_app(
    company: BenchmarkCompany, *, login: str = LOGIN, api_key: str = API_KEY, version: int = 14, crm: bool = False
) -> Starlette:
    """The ERP of the benchmark company as an Odoo server of the given major version, database `erp`.

    crm: also show opportunities, leads and activities here (by default they live in the other system). From version 20
    on /jsonrpc is gone, as in Odoo's development branch.
    """
    db = OdooDatabase(version)
    uids = fill(db, company, (login, LIMITED_LOGIN), crm=crm)
    db.refused[LIMITED_LOGIN] = {"account.move", "account.move.line", "account.payment"}
    server = _Server(db, {login: api_key, LIMITED_LOGIN: LIMITED_SECRET}, uids)
    routes = []
    if version < 20:
        routes.append(Route("/jsonrpc", server.jsonrpc, methods=["POST"]))
        routes.append(Route("/web/webclient/version_info", server.version_info, methods=["POST"]))
        routes.append(Route("/web/session/authenticate", server.session, methods=["POST"]))
    if version >= 19:
        routes.append(Route("/json/2/{model}/{method}", server.json2, methods=["POST"]))
        routes.append(Route("/web/version", server.web_version, methods=["GET"]))
    app = Starlette(routes=routes)
    app.state.db = db
    return app


class _Server:
    """The endpoints over one database. `secrets`: login -> password or API key; `uids`: login -> user id."""

    def __init__(self, db: OdooDatabase, secrets: dict[str, str], uids: dict[str, int]) -> None:
        self.db, self.secrets, self.uids = db, secrets, uids

    async def jsonrpc(self, request: Request) -> Response:
        body = orjson.loads(await request.body())
        params = body["params"]
        handlers = {"common": self._common, "object": self._object, "db": lambda method, args: [DATABASE]}
        return _envelope(body.get("id"), lambda: handlers[params["service"]](params["method"], params["args"]))

    async def version_info(self, request: Request) -> Response:
        body = orjson.loads(await request.body())
        return _envelope(body.get("id"), self._version)

    async def session(self, request: Request) -> Response:
        """The session login that OdooRPC uses; its object calls then go to /jsonrpc."""
        body = orjson.loads(await request.body())
        params = body["params"]
        uid = self._authenticate(params["login"], params["password"])
        result = {"uid": uid or None, "user_context": {"lang": "en_US", "tz": "UTC", "uid": uid}}
        return _envelope(body.get("id"), lambda: result)

    async def web_version(self, request: Request) -> Response:
        return _json({"version_info": [self.db.version, 0, 0, "final", 0, ""], "version": f"{self.db.version}.0"})

    async def json2(self, request: Request) -> Response:
        scheme, _, key = request.headers.get("Authorization", "").partition(" ")
        login = next((name for name, secret in self.secrets.items() if secret == key), None)
        if scheme.lower() != "bearer" or login is None:
            return _error("werkzeug.exceptions.Unauthorized", "Invalid apikey", 401)
        try:
            arguments = orjson.loads(await request.body() or b"{}")
        except ValueError:
            return _error("werkzeug.exceptions.BadRequest", "could not parse the body as json", 400)
        model, method = request.path_params["model"], request.path_params["method"]
        try:
            return _json(self._call_by_name(login, model, method, arguments))
        except OdooError as error:
            return _error(error.name, str(error), error.status)

    def _call_by_name(self, login: str, model: str, method: str, arguments: dict[str, Any]) -> Any:
        if model not in self.db.tables:
            raise OdooError("werkzeug.exceptions.NotFound", f"the model {model!r} does not exist", 404)
        if method not in _READS:
            raise OdooError("werkzeug.exceptions.NotFound", f"the method '{model}.{method}' does not exist", 404)
        if "ids" in arguments and method not in _RECORD_METHODS:
            raise OdooError("werkzeug.exceptions.UnprocessableEntity", f"cannot call {model}.{method} with ids", 422)
        context, ids = arguments.pop("context", None) or {}, arguments.pop("ids", [])
        extra = {"load"} if method == "search_read" else set()
        unknown = set(arguments) - set(_READS[method]) - extra
        if unknown:
            message = f"got an unexpected keyword argument {min(unknown)!r}"
            raise OdooError("werkzeug.exceptions.UnprocessableEntity", message, 422)
        return self._run(login, model, method, {**arguments, "ids": ids}, context)

    def _common(self, method: str, args: list[Any]) -> Any:
        if method == "version":
            return self._version()
        if method in ("authenticate", "login"):
            self._known_database(args[0])
            return self._authenticate(args[1], args[2])
        raise OdooError("builtins.KeyError", f"Method not found: {method}", 500)

    def _version(self) -> dict[str, Any]:
        serie = f"{self.db.version}.0"
        info = [self.db.version, 0, 0, "final", 0, ""]
        return {"server_version": serie, "server_version_info": info, "server_serie": serie, "protocol_version": 1}

    def _authenticate(self, login: str, secret: str) -> int | bool:
        return self.uids[login] if self.secrets.get(login) == secret else False

    def _known_database(self, name: str) -> None:
        if name != DATABASE:
            raise OdooError("psycopg2.OperationalError", f'FATAL:  database "{name}" does not exist\n', 500)

    def _object(self, method: str, args: list[Any]) -> Any:
        database, uid, secret, model, name, *rest = args
        self._known_database(database)
        login = next((login for login, known in self.uids.items() if known == uid), "")
        if self.secrets.get(login) != secret:
            raise OdooError("odoo.exceptions.AccessDenied", "Access Denied", 403)
        positional, named = (rest[0], rest[1] if len(rest) > 1 else {}) if method == "execute_kw" else (rest, {})
        context = named.pop("context", None) or {}
        if model not in self.db.tables:
            raise missing_model(model)
        return self._run(login, model, name, self._bound(model, name, positional, named), context)

    def _bound(self, model: str, method: str, positional: list[Any], named: dict[str, Any]) -> dict[str, Any]:
        """Positional arguments by name; before 15 the first argument of `search` is not called `domain`."""
        if method not in _READS:
            text = f"type object '{model}' has no attribute '{method}'"
            raise OdooError("builtins.AttributeError", text, 500)
        names = (("ids",) if method in _RECORD_METHODS else ()) + _READS[method]
        old = self.db.version < 15 and method in ("search", "search_count") and "domain" in named
        unknown = ({"domain"} if old else set()) | set(named) - set(names)
        if unknown:
            text = f"{method}() got an unexpected keyword argument '{min(unknown)}'"
            raise OdooError("builtins.TypeError", text, 500)
        return dict(zip(names, positional, strict=False)) | named

    def _run(self, login: str, model: str, method: str, given: dict[str, Any], context: dict[str, Any]) -> Any:
        if method == "context_get":
            return {"lang": "en_US", "tz": "UTC", "uid": self.uids[login]}
        if method == "fields_get":
            return self._described(model, given.get("allfields"), given.get("attributes"))
        if model in self.db.refused.get(login, ()):
            raise access_error(model)
        if not set(context.get("allowed_company_ids") or ()) <= set(self.db.table("res.company").rows):
            text = "Access to unauthorized or invalid companies."
            raise OdooError("odoo.exceptions.AccessError", text, 403)
        if method == "read":
            return self._read(model, given["ids"], given)
        ids = self.db.search(
            model,
            given.get("domain") or [],
            bool(context.get("active_test", True)),
            given.get("order"),
            given.get("offset") or 0,
            given.get("limit"),
        )
        if method == "search_count":
            return len(ids)
        return ids if method == "search" else self._read(model, ids, given)

    def _read(self, model: str, ids: Any, given: dict[str, Any]) -> list[dict[str, Any]]:
        ids = [ids] if isinstance(ids, int) else ids
        return self.db.read(model, ids, given.get("fields"), given.get("load", "_classic_read") == "_classic_read")

    def _described(self, model: str, names: list[str] | None, attributes: list[str] | None) -> dict[str, Any]:
        described = self.db.table(model).description()
        return {
            name: {key: value for key, value in what.items() if not attributes or key in attributes}
            for name, what in described.items()
            if not names or name in names
        }


def _envelope(id: Any, answer: Callable[[], Any]) -> Response:
    """A JSON-RPC answer: HTTP 200 whatever happened; a result of None is left out."""
    try:
        result = answer()
        body = {"jsonrpc": "2.0", "id": id} | ({} if result is None else {"result": result})
    except OdooError as error:
        body = {
            "jsonrpc": "2.0",
            "id": id,
            "error": {"code": 200, "message": "Odoo Server Error", "data": _data(error)},
        }
    return _json(body)


def _data(error: OdooError) -> dict[str, Any]:
    text = str(error)
    debug = f"Traceback (most recent call last):\n  (sandbox)\n{error.name}: {text}\n"
    return {"name": error.name, "debug": debug, "message": text, "arguments": [text], "context": {}}


def _error(name: str, message: str, status: int) -> Response:
    return _json({"name": name, "message": message, "arguments": [message], "context": {}, "debug": ""}, status)


def _json(value: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(value), status, media_type="application/json")
