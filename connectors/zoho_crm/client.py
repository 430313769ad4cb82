"""Talking to one Zoho CRM account: tokens, calls, and what its error codes mean."""

import hashlib
import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import requests

from connectors.base import ConfigurationError, SourceError, TransientError
from connectors.http import HttpClient
from connectors.limits import Usage
from connectors.zoho_crm.config import VENDOR_LIMITS, ZohoCrmConfig

_EMPTY = (204, 304)
"""Nothing there, nothing changed: answers without a body."""
_THROTTLED = frozenset({"TOO_MANY_REQUESTS"})
_USED_UP = frozenset({"API_LIMIT_EXCEEDED", "CREDIT_LIMIT_EXCEEDED"})
_LOST_PLACE = frozenset({"DISCRETE_PAGINATION_LIMIT_EXCEEDED", "INVALID_PAGE_TOKEN", "PAGE_TOKEN_EXPIRED"})
_PASSING = frozenset({"INTERNAL_ERROR", "INTERNAL_SERVER_ERROR"})
_CONFIGURATION = {
    "INVALID_HOST": "The account lives in another data centre: correct data_center",
    "OAUTH_SCOPE_MISMATCH": "Make a new refresh token with the scopes that the setting refresh_token lists",
    "AUTHENTICATION_FAILURE": "Make a new refresh token with the scopes that the setting refresh_token lists",
    "NO_PERMISSION": "Give the profile of the token's user access to the module and to the API",
    "INVALID_MODULE": "The account has no such module (edition, or hidden): leave the stream out of `streams`",
    "INVALID_QUERY": "List the field it names under exclude_fields, or the stream under list_streams",
    "SYNTAX_ERROR": "List the field it names under exclude_fields, or the stream under list_streams",
    "REQUIRED_PARAM_MISSING": "The API version expects something else: correct api_version",
    "INVALID_URL_PATTERN": "The API version does not know this call: correct api_version",
    "INVALID_TOKEN": "The token was refused although it is new: check data_center and environment",
}
"""Codes that no other attempt cures, and what to do about them."""
_SMALL = 4_000
"""An error envelope is shorter than this; longer bodies with HTTP 200 are records."""


class PlaceLost(SourceError):
    """The list cannot go on from where it is: too deep, or its page token is no longer known."""


class VanishedRecord(SourceError):
    """The record asked for does not exist (any more)."""


@dataclass(frozen=True)
class _Token:
    access: str
    api: str
    expires: float


_tokens: dict[str, _Token] = {}
_tokens_lock = threading.Lock()
"""Tokens of this process: an account gives out ten per ten minutes, and every one lives an hour."""


class ZohoClient:
    """Authorised calls; a token that ends in mid-stream is replaced once per call."""

    def __init__(self, config: ZohoCrmConfig, sleep: Callable[[float], None] | None = None) -> None:
        self._config = config
        self._grant = {
            "client_id": config.client_id,
            "client_secret": config.client_secret.get_secret_value(),
            "refresh_token": config.refresh_token.get_secret_value(),
            "grant_type": "refresh_token",
        }
        secrets = (self._grant["client_secret"], self._grant["refresh_token"])
        self._http = HttpClient(
            config.accounts,
            secrets=secrets,
            timeout_seconds=config.timeout_seconds,
            sleep=sleep,
            limits=config.limits.or_vendors(VENDOR_LIMITS),
        )
        self._account = hashlib.sha256(repr((config.accounts, *self._grant.values())).encode()).hexdigest()

    def get(
        self, path: str, params: dict[str, str] | None = None, headers: dict[str, str] | None = None
    ) -> requests.Response | None:
        """The answer with records, None where there is nothing (HTTP 204) or nothing changed (HTTP 304).

        `path` is relative to the version. Raises a SourceError that says what is wrong and what to do.
        """
        return self._call("GET", path, params=params, headers=headers)

    def query(self, coql: str) -> requests.Response | None:
        """The answer to a query, None where nothing matches."""
        return self._call("POST", "coql", json={"select_query": coql})

    def usage(self) -> Usage:
        """Requests so far, the limits they keep, and the credits the account has left."""
        return self._http.usage

    @property
    def concurrency(self) -> int:
        """How many calls may be made at once."""
        return self._http.limits.concurrency or 1

    def json(self, path: str, params: dict[str, str] | None = None, headers: dict[str, str] | None = None) -> Any:
        """The parsed body; None where there is nothing."""
        response = self.get(path, params, headers)
        return None if response is None else self._http.parse(response)

    def organisation(self) -> tuple[dict[str, Any], datetime]:
        """The account's own description, and its clock (Date header, whole seconds, UTC)."""
        response = self.get("org")
        stamp = response.headers.get("Date") if response is not None else None
        if response is None or not stamp:
            raise SourceError(f"{self._config.accounts}: the account does not describe itself or tell the time")
        return self._http.parse(response)["org"][0], parsedate_to_datetime(stamp).astimezone(UTC)

    def refusal(self, status: int, envelope: Any, where: str) -> SourceError:
        """The error that an envelope stands for."""
        code, message = str(envelope.get("code", "without a code")), str(envelope.get("message", ""))
        details = envelope.get("details") or ""
        told = self._http.redact(f"{where} answered HTTP {status} {code}: {message} {details}".rstrip())
        if code in _LOST_PLACE:
            return PlaceLost(told)
        if code in _USED_UP:
            return SourceError(
                f"{told}. The account's API credits are used up; nothing was retried. Wait until the rolling 24 hours "
                "free some, sync less often, set history_fields to [] or buy credits (Setup, Developer Hub, APIs)"
            )
        if code in _THROTTLED or code in _PASSING:
            return TransientError(f"{told}. Try again later")
        if code in _CONFIGURATION:
            return ConfigurationError(f"{told}. {_CONFIGURATION[code]}")
        if code == "INVALID_DATA" and status in (400, 404):
            return VanishedRecord(told)
        return ConfigurationError(told) if status in (401, 403) else SourceError(told)

    def _call(self, method: str, path: str, **options: Any) -> requests.Response | None:
        token = self._token()
        response = self._send(token, method, path, **options)
        if response.status_code == 401 and (envelope_of(response) or {}).get("code") == "INVALID_TOKEN":
            self._forget(token)
            response = self._send(self._token(), method, path, **options)
        if response.status_code in _EMPTY:
            return None
        envelope = envelope_of(response)
        if envelope is not None:
            raise self.refusal(response.status_code, envelope, response.url.split("?")[0])
        if not response.ok:
            start = self._http.redact(response.text[:200])
            raise SourceError(f"{response.url.split('?')[0]} answered HTTP {response.status_code}: {start!r}")
        return response

    def _send(
        self, token: _Token, method: str, path: str, *, headers: dict[str, str] | None = None, **options: Any
    ) -> requests.Response:
        sent = {"Authorization": f"Zoho-oauthtoken {token.access}", **(headers or {})}
        url = f"{token.api}/crm/{self._config.api_version}/{path}"
        response = self._http.request(method, url, retry_when=self._passing, headers=sent, **options)
        if left := response.headers.get("X-API-CREDITS-REMAINING"):
            self._http.meter.allowance = f"{left} credits left"
        return response

    def _passing(self, response: requests.Response) -> str | None:
        """Why to try again, for what Zoho puts into the body; credits that are used up fail at once instead."""
        code = str((envelope_of(response) or {}).get("code"))
        if code in _USED_UP:
            raise self.refusal(response.status_code, envelope_of(response), response.url.split("?")[0])
        if code in _THROTTLED or response.status_code == 429:
            # Zoho does not say how long to wait; our own rule stands in the place of its header.
            response.headers.setdefault("Retry-After", str(self._config.throttle_wait_seconds))
            return f"HTTP {response.status_code} {code}"
        return f"HTTP {response.status_code} {code}" if code in _PASSING else None

    def _token(self) -> _Token:
        with _tokens_lock:
            token = _tokens.get(self._account)
            if token is None or time.monotonic() >= token.expires:
                token = _tokens[self._account] = self._refreshed()
        if token.access not in self._http.secrets:
            self._http.secrets = (*self._http.secrets, token.access)
        return token

    def _forget(self, token: _Token) -> None:
        """The token is not used again; unless another thread has replaced it already."""
        with _tokens_lock:
            if _tokens.get(self._account) is token:
                del _tokens[self._account]

    def _refreshed(self) -> _Token:
        response = self._http.request("POST", "/oauth/v2/token", data=self._grant)
        answer = self._http.parse(response)
        # Refusals come with HTTP 200 as well, so only the token itself says that there is one.
        if not isinstance(answer, dict) or "access_token" not in answer:
            raise self._no_token(response.status_code, answer if isinstance(answer, dict) else {})
        asked = time.monotonic()
        lives = max(float(answer.get("expires_in", 3600)) - 60.0, 0.0)
        api = self._config.api_url or self._in_environment(str(answer.get("api_domain", "")))
        if not api:
            raise SourceError(f"{self._config.accounts} names no API address with its token: set api_url")
        return _Token(str(answer["access_token"]), api.rstrip("/"), asked + lives)

    def _in_environment(self, domain: str) -> str:
        environment = self._config.environment
        return domain if environment == "production" else domain.replace("//www.", f"//{environment}.", 1)

    def _no_token(self, status: int, answer: dict[str, Any]) -> SourceError:
        reason = f"{answer.get('error', f'HTTP {status}')} {answer.get('error_description', '')}".strip()
        told = self._http.redact(f"{self._config.accounts} gives no token: {reason}")
        if answer.get("error") == "Access Denied":
            return TransientError(f"{told}. An account gives out ten tokens per ten minutes; try again in ten minutes")
        return ConfigurationError(
            f"{told}. Check client_id, client_secret, refresh_token (revoked?) and data_center: a token of one data "
            "centre is unknown in the others"
        )


def envelope_of(response: requests.Response) -> dict[str, Any] | None:
    """The error envelope of an answer, at its top or around its first record; None for records and other bodies."""
    if response.ok and len(response.content) > _SMALL:
        return None
    try:
        body = json.loads(response.content)
    except ValueError:
        return None
    inner = body.get("data") if isinstance(body, dict) else None
    found = inner[0] if isinstance(inner, list) and inner else body
    is_error = isinstance(found, dict) and found.get("status") == "error" and "code" in found
    return found if is_error else None
