"""The two ways Odoo is called over HTTP, and what its errors mean.

JSON-RPC (14 to 18) answers every error with HTTP 200 and an envelope; JSON-2 (19 on) uses HTTP statuses. Both end in
the same few exceptions here, whose messages never hold the secret.
"""

from abc import ABC, abstractmethod
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import orjson
import requests

from connectors.base import ConfigurationError, SourceError
from connectors.http import HttpClient
from connectors.odoo.config import VENDOR_LIMITS, OdooConfig

PASSING = ("SerializationFailure", "LockNotAvailable", "DeadlockDetected", "QueryCanceled", "InFailedSqlTransaction")
"""Database errors that Odoo itself retries a few times before they surface; another try usually works."""


class ModelMissing(SourceError):
    """The server has no such model: the module that brings it is not installed."""


class AccessRefused(SourceError):
    """The reading user may not read the model."""


class RecordsMissing(SourceError):
    """Some of the records asked for by id were deleted meanwhile."""


class OdooClient(ABC):
    """Calls model methods; one subclass per protocol. `call` returns the parsed result, numbers as Odoo wrote them."""

    def __init__(self, config: OdooConfig) -> None:
        self.config = config
        self.http = HttpClient(
            config.url,
            secrets=(config.secret,),
            timeout_seconds=config.timeout_seconds,
            limits=config.limits.or_vendors(VENDOR_LIMITS),
        )

    @abstractmethod
    def call(self, model: str, method: str, /, **arguments: Any) -> Any:
        """The result of `model.method(**arguments)`; `ids` names the records of a record method."""

    @abstractmethod
    def login(self) -> str:
        """Contact the server and log in; a sentence saying as whom. Raises ConfigurationError when refused."""

    @abstractmethod
    def version_response(self) -> requests.Response:
        """The server's answer to the question for its version, which needs no login."""

    def clock(self) -> datetime:
        """The server's clock (whole seconds, UTC) as its HTTP answers state it."""
        stated = self.version_response().headers.get("Date")
        if not stated:
            raise SourceError(
                f"{self.config.url} sends no Date header, so its clock is unknown; let the proxy pass it on"
            )
        return parsedate_to_datetime(stated).astimezone(UTC)

    @property
    def context(self) -> dict[str, Any]:
        """The context of every call: archived records are records, too."""
        context: dict[str, Any] = {"active_test": False}
        if self.config.companies:
            context["allowed_company_ids"] = self.config.companies
        if self.config.lang:
            context["lang"] = self.config.lang
        return context

    def fail(self, model: str, name: str, message: str) -> SourceError:
        """What an error that Odoo names means for whoever configured the source."""
        text = self.http.redact(" ".join(message.split()))
        where = f"Odoo {self.config.url}, database {self.config.database}"
        if name.endswith("AccessDenied") or name.endswith("Unauthorized"):
            return ConfigurationError(f"{where}: {self._refused_login()}")
        if "database" in text and "does not exist" in text:
            return ConfigurationError(f"{where}: no such database; correct `database`")
        if "unauthorized or invalid companies" in text:
            return ConfigurationError(
                f"{where}: the reading user may not see all of `companies` {self.config.companies}; correct the list "
                "or allow the companies on the user"
            )
        if name.endswith("AccessError"):
            return AccessRefused(f"{where}: reading {model} is refused. Odoo says: {text}")
        if name.endswith("MissingError"):
            return RecordsMissing(f"{where}: records of {model} were deleted while they were read")
        return SourceError(f"{where}: {model} answered {name}: {text[:500]}")

    def _refused_login(self) -> str:
        if self.config.protocol == "json2":
            return (
                "the API key is refused; it may have expired (three months at most), make a new one and set `api_key`"
            )
        return (
            f"login {self.config.login!r} is refused; check `login` and the {self._secret_field()} and that the user "
            "is active (with two-factor login, only an API key works)"
        )

    def _secret_field(self) -> str:
        return "`api_key`" if self.config.api_key else "`password`"

    def parsed(self, response: requests.Response) -> Any:
        """The body; SourceError when it is not JSON. Floats are kept: Arrow turns their shortest text into decimals."""
        try:
            return orjson.loads(response.content)
        except ValueError:
            return self.http.parse(response)

    def _refuse_redirect(self, response: requests.Response) -> None:
        if 300 <= response.status_code < 400:
            target = response.headers.get("Location", "elsewhere")
            raise ConfigurationError(
                f"{self.config.url} redirects to {self.http.redact(target)}; put that address in `url`"
            )


class JsonRpcClient(OdooClient):
    """`POST /jsonrpc`, services `common` and `object`; user id and secret travel with every call."""

    def __init__(self, config: OdooConfig) -> None:
        super().__init__(config)
        self._uid: int | None = None

    def call(self, model: str, method: str, /, **arguments: Any) -> Any:
        # Records and domain go by position: 14 calls the domain `args`, later versions `domain`.
        positional = [arguments.pop(name) for name in ("ids", "domain") if name in arguments]
        arguments["context"] = self.context
        target = [self.config.database, self._user(), self.config.secret, model, method, positional, arguments]
        return self._result(self._post("object", "execute_kw", target), model)

    def login(self) -> str:
        version = self._result(self.parsed(self.version_response()), "common")
        return f"Odoo {version['server_version']} as {self.config.login} (user {self._user()})"

    def version_response(self) -> requests.Response:
        return self._send("common", "version", [])

    def _user(self) -> int:
        if self._uid is None:
            target = [self.config.database, self.config.login, self.config.secret, {}]
            uid = self._result(self._post("common", "authenticate", target), "common")
            if not uid:
                raise self.fail("common", "AccessDenied", "")
            self._uid = int(uid)
        return self._uid

    def _post(self, service: str, method: str, arguments: list[Any]) -> Any:
        return self.parsed(self._send(service, method, arguments))

    def _send(self, service: str, method: str, arguments: list[Any]) -> requests.Response:
        params = {"service": service, "method": method, "args": arguments}
        body = {"jsonrpc": "2.0", "method": "call", "id": 1, "params": params}
        response = self.http.request("POST", "jsonrpc", json=body, allow_redirects=False, retry_when=_passing_trouble)
        self._refuse_redirect(response)
        if response.status_code == 404:
            raise ConfigurationError(
                f"{self.config.url} has no /jsonrpc (Odoo 19 and later may switch it off); set `protocol: json2` "
                "and an `api_key`"
            )
        if response.status_code != 200:
            raise SourceError(
                f"{self.config.url}/jsonrpc answered HTTP {response.status_code}; is this an Odoo server?"
            )
        return response

    def _result(self, answer: Any, model: str) -> Any:
        error = answer.get("error") if isinstance(answer, dict) else {"message": "an answer that is no JSON-RPC"}
        if error is None:
            return answer.get("result")  # a result of None is left out of the envelope
        data = error.get("data") or {}
        name, message = str(data.get("name", "")), str(data.get("message") or error.get("message", ""))
        if "doesn't exist" in message and model in message:
            raise ModelMissing(f"{self.config.url}: no model {model}; its module is not installed")
        raise self.fail(model, name, message)


class Json2Client(OdooClient):
    """`POST /json/2/<model>/<method>` with a bearer key; arguments by name."""

    def __init__(self, config: OdooConfig) -> None:
        super().__init__(config)
        self.http.session.headers["Authorization"] = f"bearer {config.secret}"
        self.http.session.headers["X-Odoo-Database"] = config.database

    def call(self, model: str, method: str, /, **arguments: Any) -> Any:
        arguments["context"] = self.context
        path = f"json/2/{model}/{method}"
        response = self.http.request("POST", path, json=arguments, allow_redirects=False, retry_when=_server_error)
        self._refuse_redirect(response)
        answer = self.parsed(response) if response.content else None
        if response.status_code == 200:
            return answer
        raise self._failure(response, model, answer if isinstance(answer, dict) else {})

    def _failure(self, response: requests.Response, model: str, error: dict[str, Any]) -> SourceError:
        name, message = str(error.get("name", "")), str(error.get("message", ""))
        if response.status_code == 401:
            return self.fail(model, "Unauthorized", message)
        if response.status_code == 403:
            return self.fail(model, "AccessError", message)
        if response.status_code == 404 and not name.endswith("MissingError"):
            if not name:
                return ConfigurationError(f"{self.config.url} has no /json/2; before Odoo 19 set `protocol: jsonrpc`")
            return ModelMissing(f"{self.config.url}: no model {model}; its module is not installed")
        return self.fail(model, name or f"HTTP {response.status_code}", message)

    def login(self) -> str:
        version = self.parsed(self.version_response())
        user = self.call("res.users", "context_get")
        return f"Odoo {version['version']} as user {user.get('uid', 'of the API key')}"

    def version_response(self) -> requests.Response:
        response = self.http.request("GET", "web/version", allow_redirects=False)
        self._refuse_redirect(response)
        if response.status_code != 200:
            raise ConfigurationError(f"{self.config.url} has no /web/version; before Odoo 19 set `protocol: jsonrpc`")
        return response


def client_for(config: OdooConfig) -> OdooClient:
    """The client of the configured protocol."""
    return Json2Client(config) if config.protocol == "json2" else JsonRpcClient(config)


def _passing_trouble(response: requests.Response) -> str | None:
    """The name of a database error inside an HTTP 200 answer that another try may cure."""
    if b'"error"' not in response.content[:200]:
        return None
    return next((f"Odoo reports {name}" for name in PASSING if name.encode() in response.content), None) or (
        "Odoo reports could not serialize access" if b"could not serialize access" in response.content else None
    )


def _server_error(response: requests.Response) -> str | None:
    """HTTP 500 with the name Odoo gives the error, which the status alone does not tell."""
    if response.status_code != 500:
        return None
    try:
        return f"HTTP 500 ({orjson.loads(response.content)['name']})"
    except (ValueError, KeyError, TypeError):
        return "HTTP 500"
