"""Talking to one Salesforce org: tokens, calls, and what its error codes mean."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import requests

from connectors.base import ConfigurationError, SourceError, TransientError
from connectors.http import HttpClient, pause
from connectors.limits import Usage
from connectors.salesforce.config import VENDOR_LIMITS, SalesforceConfig
from connectors.salesforce.login import secrets_of, token_form

_EDGE_FAILURES = (406, 420)
"""Statuses of the network edge in front of an org (empty or HTML bodies); another attempt cures them."""
_NOT_IN_BULK = (
    "not supported in Bulk Query",
    "not supported by the Bulk API",
    "does not support query",
    "Implementation r",
)
"""Words of refusals that are about the Bulk API and not about the query."""
_PASSING_LOGIN_ERRORS = frozenset({"rate_limit_exceeded", "login_rate_exceeded", "server_error"})
_CONFIGURATION_CODES = frozenset({"INVALID_FIELD", "INVALID_TYPE", "MALFORMED_QUERY"})


class LocatorLost(SourceError):
    """The server forgot the position in a result: expired after about two days, or pushed out by newer ones."""


class NotShown(ConfigurationError):
    """The org has no such object, or does not show it to the integration user."""


class BulkRefused(SourceError):
    """This query cannot go through the Bulk API; over REST it can."""


class SalesforceClient:
    """Authorised calls; a session that ends in mid-stream is replaced once per call."""

    def __init__(self, config: SalesforceConfig, sleep: Callable[[float], None] | None = None) -> None:
        self._config = config
        self._http = HttpClient(
            config.login_url,
            secrets=secrets_of(config),
            timeout_seconds=config.timeout_seconds,
            sleep=sleep,
            limits=config.limits.or_vendors(VENDOR_LIMITS),
        )
        self._session: tuple[str, str] | None = None
        self.identity = ""

    @property
    def root(self) -> str:
        """Path all REST resources of the configured version start with."""
        return f"/services/data/v{self._config.api_version}"

    def get(
        self, path: str, params: dict[str, str] | None = None, headers: dict[str, str] | None = None
    ) -> requests.Response:
        """The successful answer. Raises a SourceError that says what is wrong and what to do."""
        return self._call("GET", path, params=params, headers=headers)

    def post(self, path: str, body: dict[str, Any]) -> Any:
        """The parsed body of a successful answer to a body in JSON."""
        return self._http.parse(self._call("POST", path, json=body))

    def wait(self, seconds: float) -> None:
        """Let the org work for a while."""
        (self._http.sleep or pause)(seconds)

    def _call(self, method: str, path: str, **options: Any) -> requests.Response:
        response = self._send(method, path, **options)
        if response.status_code == 401:
            # Sessions end after the org's timeout (15 minutes to 24 hours), whatever is going on.
            self._session = None
            response = self._send(method, path, **options)
        if not response.ok:
            raise self._refusal(response)
        return response

    def usage(self) -> Usage:
        """Requests so far, the limits they keep, and the org's own count of its allowance."""
        return self._http.usage

    def json(self, path: str, params: dict[str, str] | None = None) -> Any:
        """The parsed body of a successful answer."""
        return self._http.parse(self.get(path, params))

    def clock(self) -> datetime:
        """The org's clock, from the Date header of an answer (whole seconds, UTC)."""
        stamp = self.get(f"{self.root}/limits").headers.get("Date")
        if not stamp:
            raise SourceError(f"{self._config.login_url} answers without a Date header, so its clock is unknown")
        return parsedate_to_datetime(stamp).astimezone(UTC)

    def _send(self, method: str, path: str, headers: dict[str, str] | None = None, **options: Any) -> requests.Response:
        token, instance = self._session or self._log_in()
        sent = {"Authorization": f"Bearer {token}", **(headers or {})}
        response = self._http.request(method, instance + path, retry_status=_EDGE_FAILURES, headers=sent, **options)
        self._http.meter.allowance = response.headers.get("Sforce-Limit-Info", self._http.meter.allowance)
        return response

    def _log_in(self) -> tuple[str, str]:
        response = self._http.request("POST", "/services/oauth2/token", data=token_form(self._config))
        answer = self._http.parse(response)
        if not response.ok or not isinstance(answer, dict) or "access_token" not in answer:
            raise self._no_token(response.status_code, answer)
        self._http.secrets = (*self._http.secrets, answer["access_token"])
        self.identity = str(answer.get("id", ""))
        self._session = (answer["access_token"], answer["instance_url"].rstrip("/"))
        return self._session

    def _no_token(self, status: int, answer: Any) -> SourceError:
        error = answer if isinstance(answer, dict) else {}
        reason = f"{error.get('error', f'HTTP {status}')} ({error.get('error_description', 'no description')})"
        told = self._http.redact(f"{self._config.login_url} gives no token: {reason}")
        if error.get("error") in _PASSING_LOGIN_ERRORS:
            return TransientError(f"{told}. Too many logins at once; try again later")
        if self._config.private_key is not None:
            return ConfigurationError(
                f"{told}. Check client_id, username and jwt_audience, that private_key belongs to the certificate of "
                "the app, and that the user is allowed to use the app (Permitted Users)"
            )
        return ConfigurationError(
            f"{told}. Check login_url (My Domain address), client_id and client_secret, "
            "and that the app allows the client credentials flow with a run-as user"
        )

    def _refusal(self, response: requests.Response) -> SourceError:
        code, message = _error_of(response)
        where = self._http.redact(response.url.split("?")[0])
        told = self._http.redact(f"{where} answered HTTP {response.status_code} {code}: {message}")
        if code == "REQUEST_LIMIT_EXCEEDED":
            used = response.headers.get("Sforce-Limit-Info", "unknown")
            return SourceError(
                f"{told} ({used}). The org's API allowance is used up; nothing was retried. Wait until the rolling 24 "
                "hours free requests, sync less often, or have the allowance raised (Setup, Company Information)"
            )
        if code == "INVALID_QUERY_LOCATOR":
            return LocatorLost(told)
        if any(words in message for words in _NOT_IN_BULK) or (code, response.status_code) == ("LIMIT_EXCEEDED", 400):
            return BulkRefused(told)
        if code == "QUERY_TIMEOUT":
            return TransientError(
                f"{told}. Lower page_size or list unneeded fields under exclude_fields in the source file"
            )
        if response.status_code == 414:
            return ConfigurationError(f"{told}. The list of fields is too long for one request: shorten extra_fields")
        if code == "NOT_FOUND":
            return NotShown(f"{told}. Check what the integration user may see and the fields in the source file")
        if code in _CONFIGURATION_CODES or response.status_code in (401, 403):
            return ConfigurationError(
                f"{told}. Check what the integration user may see and the fields in the source file"
            )
        return SourceError(told)


def _error_of(response: requests.Response) -> tuple[str, str]:
    """Error code and message of the envelope (an array of errors), or the start of a body that is none."""
    try:
        first = json.loads(response.content)[0]
        return str(first["errorCode"]), str(first["message"])
    except (ValueError, KeyError, IndexError, TypeError):
        return "without an error code", repr(response.text[:200])
